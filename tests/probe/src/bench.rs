//! What the benches run: each workload plays the same protocol for about as many events, in another way.

use crate::plain::{self, Plan};
use faultline_core::Scenario;
use faultline_core::random::{Purpose, draw};
use faultline_core::sim::{Cursor, Run};
use faultline_protocols::consensus::raft::{Params, Raft};

/// The names of the workloads; the first is what the others are compared with.
pub(crate) const WORKLOADS: &[&str] = &[
    "plain-5",
    "world-5",
    "run-5",
    "plain-51",
    "world-51",
    "run-51",
    "seek",
    "seek-worst",
    "gossip-1000",
    "gossip-10000",
    "gossip-100000",
    "gossip-run",
    "chord-256",
    "chord-1024",
    "chord-4096",
];

/// Raft with lost messages, requests and crashes.
pub fn plan(nodes: u32, until: u64) -> Plan {
    Plan {
        nodes,
        seed: 7,
        latency: (5_000, 15_000),
        loss_ppm: 10_000,
        ask: 50_000,
        crash: 100_000_000,
        until,
    }
}

/// The same as a scenario.
///
/// # Panics
/// Never: the text is ours.
pub fn scenario(plan: &Plan) -> Scenario {
    let mut text = format!(
        "faultline 2\nprotocol raft\nnodes {}\nseed {}\nlatency {}us..{}us\nloss {}\nask {}us\nuntil {}us\n",
        plan.nodes,
        plan.seed,
        plan.latency.0,
        plan.latency.1,
        faultline_core::text::percent(plan.loss_ppm),
        plan.ask,
        plan.until
    );
    for (at, node, up) in plan.crashes() {
        text += &format!("at {at}us {} {node}\n", if up { "restart" } else { "crash" });
    }
    read(&text)
}

/// Reads a scenario of ours, whoever asks first.
fn read(text: &str) -> Scenario {
    faultline_protocols::install();
    Scenario::parse(text).unwrap_or_else(|complaint| panic!("{complaint}"))
}

/// How many seeks a workload makes, in a run of a million events.
const SEEKS: u64 = 200;

thread_local! {
    /// The run of a million events, made once: what is timed is to stand at some of them.
    static LONG: Run = recorded(&plan(5, 5_400_000_000));
}

/// Stands at events of the long run, drawn evenly or as far from a copy of the world as can be.
fn seek(worst: bool) -> u64 {
    LONG.with(|run| {
        let count = run.records().len() as u64;
        for nth in 0..SEEKS {
            let drawn = draw(1, Purpose::Nemesis, (0, 0), nth) % count;
            let event = if worst { drawn / 4_096 * 4_096 + 4_095 } else { drawn };
            run.at(event.min(count - 1) as usize);
        }
    });
    SEEKS
}

/// Runs a workload; how many events, or seeks, there were.
pub(crate) fn run(workload: &str) -> Option<u64> {
    let small = plan(5, 2_000_000_000);
    let large = plan(51, 60_000_000);
    Some(match workload {
        "plain-5" => plain::play::<Raft>(small, Params::default()).0,
        "world-5" => world(&small),
        "run-5" => recorded(&small).records().len() as u64,
        "plain-51" => plain::play::<Raft>(large, Params::default()).0,
        "world-51" => world(&large),
        "run-51" => recorded(&large).records().len() as u64,
        "gossip-1000" => crowd(1_000, 200),
        "gossip-10000" => crowd(10_000, 30),
        "gossip-100000" => crowd(100_000, 10),
        "chord-256" => alone(&chord(256), 100 * CYCLE),
        "chord-1024" => alone(&chord(1_024), 50 * CYCLE),
        "chord-4096" => alone(&chord(4_096), 20 * CYCLE),
        "gossip-run" => Run::new(gossip(10_000), 30 * CYCLE).records().len() as u64,
        "seek" => seek(false),
        "seek-worst" => seek(true),
        _ => return None,
    })
}

/// The world alone, stepped to its end.
fn world(plan: &Plan) -> u64 {
    alone(&scenario(plan), plan.until)
}

/// A cycle of gossip in microseconds.
const CYCLE: u64 = 1_000_000;

/// Nodes that compare what they hold for ever, once a cycle.
fn gossip(nodes: u32) -> Scenario {
    let text = format!(
        "faultline 2\nprotocol gossip\nnodes {nodes}\nset style anti-entropy\nset direction push-pull\n\
         at 0s n1 Update 7"
    );
    read(&text)
}

/// So many nodes for so many cycles, the world alone.
fn crowd(nodes: u32, cycles: u64) -> u64 {
    alone(&gossip(nodes), cycles * CYCLE)
}

/// An ideal ring that goes on mending itself, while keys are looked up.
fn chord(nodes: u32) -> Scenario {
    let text = format!(
        "faultline 2\nprotocol chord\nnodes {nodes}\nset ring {nodes}\nset bits 32\nset identifiers hashed\n\
         set period 2s\nask 1ms"
    );
    read(&text)
}

/// The world alone, up to a time.
fn alone(scenario: &Scenario, until: u64) -> u64 {
    let mut cursor = Cursor::new(scenario);
    while cursor.step(scenario, until).is_some() {}
    cursor.world.events().into()
}

/// With a record of every event and copies of the world to come back to.
fn recorded(plan: &Plan) -> Run {
    Run::new(scenario(plan), plan.until)
}
