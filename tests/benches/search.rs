//! States per second of our search and of stateright's, over the same handlers, in one process, on one
//! thread.
#![allow(missing_docs, clippy::unwrap_used)]

#[path = "../tests/all/oracle.rs"]
mod oracle;

use faultline_core::check::{Bounds, Search};
use faultline_core::protocol::Protocol;
use faultline_core::scenario::Scenario;
use faultline_protocols::commit::two_phase::TwoPhase;
use faultline_protocols::consensus::raft::Raft;
use faultline_tests::find;
use oracle::Adapter;
use std::time::Instant;

/// How often each search is made; the quickest counts, for the others were disturbed.
const ROUNDS: usize = 3;

fn main() {
    // The test runner asks every target; a bench is made when `cargo bench` asks.
    if !std::env::args().any(|word| word == "--bench") {
        return;
    }
    println!(
        "{:<18}{:>6}  {:<24}{:>9}{:>11}{:>13}{:>7}",
        "", "nodes", "bounds", "states", "ours, k/s", "theirs, k/s", "ratio"
    );
    row::<TwoPhase>(3, down_to(14));
    row::<TwoPhase>(4, down_to(9));
    row::<TwoPhase>(3, finite(3, 1));
    row::<TwoPhase>(2, finite(2, 2));
    row::<Raft>(2, down_to(10));
    row::<Raft>(3, down_to(6));
    row::<Raft>(2, finite(3, 1));
    row::<Raft>(3, finite(2, 0));
}

fn down_to(depth: u32) -> Bounds {
    Bounds { depth, ..Bounds::default() }
}

fn finite(timers: u8, inputs: u8) -> Bounds {
    Bounds { depth: u32::MAX, timers: Some(timers), inputs, ..Bounds::default() }
}

fn row<P: Protocol + Send + Sync>(nodes: u32, bounds: Bounds)
where
    P::Params: Send + Sync,
    P::Message: Send + Sync,
    P::Timer: Send + Sync,
    P::Input: Send + Sync,
    P::Output: Send + Sync,
    P::Record: Send + Sync,
{
    let (mut best, mut counts) = ([f64::MAX; 2], [0; 2]);
    let mut scenario = Scenario::of(find(P::INFO.slug).unwrap());
    scenario.amend(&format!("nodes {nodes}")).unwrap();
    let Bounds { depth, inputs, timers, .. } = bounds;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        let mut search = Search::new(&scenario, bounds);
        while !search.step(100_000) {}
        counts[0] = search.findings().states;
        best[0] = best[0].min(start.elapsed().as_secs_f64());
        drop(search);
        let start = Instant::now();
        let adapter = Adapter::<P> { nodes, inputs, timers, params: P::Params::default(), agrees: None };
        counts[1] = oracle::count(adapter, Some(depth).filter(|depth| *depth != u32::MAX)).0;
        best[1] = best[1].min(start.elapsed().as_secs_f64());
    }
    assert_eq!(counts[0], counts[1], "the same states");
    let [ours, theirs] = best.map(|seconds| counts[0] as f64 / seconds / 1e3);
    let bounds = match timers {
        Some(timers) => format!("{timers} timers, {inputs} inputs"),
        None => format!("depth {depth}, {inputs} inputs"),
    };
    let (slug, states, ratio) = (P::INFO.slug, counts[0], ours / theirs);
    println!("{slug:<18}{nodes:>6}  {bounds:<24}{states:>9}{ours:>11.0}{theirs:>13.0}{ratio:>7.2}");
}
