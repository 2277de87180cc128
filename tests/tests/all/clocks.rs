//! Clocks: a node reads its own, whatever the time is; nobody else's; and in manual mode they stand still.
#![allow(clippy::unwrap_used)] // What cannot be unwrapped has failed the test.

use faultline_core::catalogue::Entry;
use faultline_core::prelude::*;
use faultline_core::scenario::{Moment, Scenario, Timed};
use faultline_core::sim::Run;
use std::str::FromStr;

/// A node that says what its clock reads when it is asked, and when its timer of 100 ms fires.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Reader;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Read;

kinds! { Read { Read 'R': Self } }

impl FromStr for Read {
    type Err = String;
    fn from_str(words: &str) -> Result<Self, String> {
        if words == "Read" { Ok(Read) } else { Err(format!("`{words}` is not `Read`")) }
    }
}

impl Node for Reader {
    type Message = Read;
    type Timer = Read;
    type Input = Read;
    type Output = u64;
    type Stable = u64;
    type Params = ();

    fn start(_: u64, ctx: &mut Ctx<Self>) -> Self {
        ctx.set(Read, 100_000);
        Reader
    }
    fn stable(&self) -> u64 {
        0
    }
    fn on_message(&mut self, _: NodeId, _: Read, _: &mut Ctx<Self>) {}
    fn on_timer(&mut self, _: Read, ctx: &mut Ctx<Self>) {
        ctx.output(ctx.clock());
    }
    fn on_input(&mut self, _: Read, ctx: &mut Ctx<Self>) {
        ctx.output(ctx.clock());
    }
    fn inputs(&self) -> Vec<Read> {
        vec![Read]
    }
    fn card(&self) -> Card {
        Card::default()
    }
}

impl Protocol for Reader {
    const INFO: Info = Info {
        slug: "reader",
        title: "Reader",
        aka: "",
        family: "tests",
        source: "none",
        idea: "It says what its clock reads.",
        left_out: "Everything else.",
        safety: Assumptions {
            links: Links::FairLoss,
            failures: Failures::CrashRecovery,
            timing: Timing::Asynchronous,
        },
        liveness: Assumptions {
            links: Links::FairLoss,
            failures: Failures::CrashRecovery,
            timing: Timing::Asynchronous,
        },
        nodes: (2, 1, 9),
        until: 1_000_000,
        latency: (1_000, 1_000),
        ask: 0,
        layout: Layout::Ring,
        picture: &[],
        panels: &[],
    };
    const PROPERTIES: &'static [&'static [Property<Self>]] = &[];
    type Record = u64;
    fn remember(_: &mut u64, _: &Step<'_, Self>) {}
}

static READER: Entry = Entry::of::<Reader>();

/// What the nodes said in a run with these settings and acts: when, who, and what the clock read.
fn readings(settings: &[&str], acts: &[(u64, &str)]) -> Vec<(u64, u32, u64)> {
    let mut scenario = Scenario::of(&READER);
    for words in settings {
        scenario.amend(words).unwrap();
    }
    for &(time, words) in acts {
        let act = scenario.parse_act(words).unwrap();
        scenario.acts.push(Timed { at: Moment { time, nth: None }, act });
    }
    let run = Run::new(scenario, 1_000_000);
    let lines = run.lines(0, run.records().len());
    let said = lines.iter().flat_map(|line| line.outputs.iter().map(move |said| (line.record, said)));
    said.map(|(record, said)| (record.time, record.node, said.parse().unwrap())).collect()
}

#[test]
fn a_node_reads_its_own_clock() {
    assert_eq!(readings(&[], &[]), [(100_000, 0, 100_000), (100_000, 1, 100_000)]);
    let acts = [(50_000, "clock n2 offset -20ms"), (200_000, "n1 Read"), (200_000, "n2 Read")];
    let later = [(200_000, 0, 200_000), (200_000, 1, 180_000)];
    assert_eq!(readings(&[], &acts)[2..], later);
    // The clock goes on while the node is down.
    let crash = [(60_000, "crash n2"), (150_000, "restart n2")];
    assert_eq!(readings(&[], &[&acts[..1], &crash, &acts[1..]].concat())[1..3], later);
}

/// A timer of 100 ms takes 100 ms by the node's own clock.
#[test]
fn a_timer_and_the_clock_agree() {
    for drift in ["-500000ppm", "-333ppm", "+200ppm", "+500000ppm"] {
        let drift = format!("clock n1 drift {drift}");
        let acts = [(0, drift.as_str()), (0, "crash n1"), (10_000, "restart n1"), (10_000, "n1 Read")];
        let said = readings(&["nodes 1"], &acts);
        let [(_, _, set), (_, _, fired)] = said[..] else { panic!("{said:?}") };
        assert!((100_000..=100_001).contains(&(fired - set)), "{drift}: {said:?}");
    }
}

#[test]
fn in_manual_mode_a_clock_only_jumps() {
    let acts = [
        (10_000, "n1 Read"),
        (20_000, "clock n1 jump +5s"),
        (30_000, "n1 Read"),
        (40_000, "clock n1 drift +500000ppm"),
        (90_000, "n1 Read"),
    ];
    assert_eq!(
        readings(&["manual"], &acts),
        [(10_000, 0, 0), (30_000, 0, 5_000_000), (90_000, 0, 5_000_000)]
    );
}

#[test]
fn skew_is_drawn_for_each_node_from_the_seed() {
    let off = |seed: &str| {
        let said = readings(&["skew 10ms", seed], &[]);
        said.iter().map(|(time, _, clock)| clock.cast_signed() - time.cast_signed()).collect::<Vec<_>>()
    };
    let (one, two) = (off("seed 1"), off("seed 2"));
    assert_eq!(one, off("seed 1"));
    assert!(one != two && one[0] != one[1] && one.iter().chain(&two).all(|off| off.abs() <= 10_000));
}
