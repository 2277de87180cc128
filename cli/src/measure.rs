//! `faultline measure`: what runs of a protocol cost, over some seeds.

use crate::arguments::{Setup, number};
use crate::watch::{INTERRUPTED, Watch, interrupted};
use crate::{Failure, print, to_json};
use faultline_core::measure::{Counts, Measures, percentile};
use faultline_core::scenario::Scenario;
use faultline_core::sim::Run;
use faultline_core::time::exact;
use serde::Serialize;

/// Measure what runs cost: messages by kind, forced writes, latencies
///
/// Plays one run per seed on the protocol's usual network and adds up the costs. A protocol without a
/// workload of its own is asked for something every 100 ms.
#[derive(clap::Args)]
#[command(
    allow_negative_numbers = true,
    after_help = "\
Examples:
  faultline measure two-phase-commit
  faultline measure raft --nodes 7 --seeds 20 --json"
)]
pub(crate) struct Options {
    #[command(flatten)]
    setup: Setup,
    /// The number of runs, with seeds from 1
    #[arg(long, value_name = "N", value_parser = number, default_value = "10")]
    seeds: u64,
    /// Print JSON instead of a table, with times in microseconds
    #[arg(long)]
    json: bool,
}

pub(crate) fn measure_command(options: &Options) -> Result<(), Failure> {
    let mut scenario = options.setup.scenario()?;
    if scenario.ask == 0 {
        scenario.ask = 100_000;
    }
    let seeds = options.seeds;
    let (mut sum, mut done, mut watch) = (Measures::default(), 0, Watch::start(Some(seeds)));
    while done < seeds && !interrupted() {
        done += 1;
        scenario.seed = done;
        sum.add(&Measures::of(&Run::new(scenario.clone(), scenario.until)));
        watch.tell(done, || format!("{done} of {seeds} seeds"));
    }
    drop(watch);
    let text = if options.json { as_json(&scenario, done, &sum)? } else { as_text(&scenario, done, &sum) };
    print(&text)?;
    if done == seeds {
        Ok(())
    } else {
        Err(Failure(INTERRUPTED, "interrupted; that is what was known".into()))
    }
}

fn as_text(scenario: &Scenario, seeds: u64, sum: &Measures) -> String {
    let mut text = format!(
        "{}, {} nodes, {seeds} seeds of {} each, something asked every {}\n\n{:<20}{:>12}{:>12}{:>8}{:>16}\n",
        scenario.entry.info.title,
        scenario.nodes,
        exact(scenario.until),
        exact(scenario.ask),
        "messages",
        "sent",
        "delivered",
        "lost",
        "forced writes"
    );
    for Counts { name, sent, delivered, lost, writes } in &sum.messages {
        text += &format!("{name:<20}{sent:>12}{delivered:>12}{lost:>8}{writes:>16}\n");
    }
    for (name, writes) in ["timers", "requests", "starts"].into_iter().zip(sum.local_writes) {
        text += &format!("{name:<52}{writes:>16}\n");
    }
    let (writes, rounds) = (sum.writes(), sum.rounds.checked_div(seeds).unwrap_or(0));
    text += &format!("\nforced writes {writes}, events {}, rounds a run {rounds}\n", sum.events);
    for (name, values) in [("latency", &sum.delays), ("answered in", &sum.waits)] {
        let [half, most, nearly] = [50, 95, 99].map(|percent| exact(percentile(values, percent)));
        text += &format!("{name}: median {half}, 95 % {most}, 99 % {nearly}, of {}\n", values.len());
    }
    text
}

/// What `--json` prints.
#[derive(Serialize)]
struct Measured<'a> {
    protocol: &'a str,
    nodes: u32,
    seeds: u64,
    until_us: u64,
    ask_us: u64,
    messages: Vec<Message<'a>>,
    forced_writes: u64,
    events: u64,
    rounds: u64,
    latency_us: Spread,
    answered_us: Spread,
}

/// All messages of one kind.
#[derive(Serialize)]
struct Message<'a> {
    kind: &'a str,
    sent: u64,
    delivered: u64,
    lost: u64,
    forced_writes: u64,
}

/// Percentiles of times.
#[derive(Serialize)]
struct Spread {
    p50: u64,
    p95: u64,
    p99: u64,
}

impl Spread {
    fn of(values: &[u32]) -> Self {
        let [p50, p95, p99] = [50, 95, 99].map(|percent| percentile(values, percent));
        Spread { p50, p95, p99 }
    }
}

fn as_json(scenario: &Scenario, seeds: u64, sum: &Measures) -> Result<String, Failure> {
    let message = |&Counts { name: kind, sent, delivered, lost, writes: forced_writes }: &Counts| Message {
        kind,
        sent,
        delivered,
        lost,
        forced_writes,
    };
    let measured = Measured {
        protocol: scenario.entry.info.slug,
        nodes: scenario.nodes,
        seeds,
        until_us: scenario.until,
        ask_us: scenario.ask,
        messages: sum.messages.iter().map(message).collect(),
        forced_writes: sum.writes(),
        events: sum.events,
        rounds: sum.rounds,
        latency_us: Spread::of(&sum.delays),
        answered_us: Spread::of(&sum.waits),
    };
    to_json(serde_json::to_string(&measured))
}
