//! However long somebody watches, a run takes no more memory than is kept of one.
#![allow(clippy::unwrap_used)] // What cannot be unwrapped has failed the test.

use faultline_core::sim::{MOST_EVENTS, Run};
use faultline_tests::parse;

/// Longer than any run is.
const FOREVER: u64 = 1_000_000_000_000;

/// A run of gossip in which sites are told something new a thousand times a second, and keep all of it.
fn piling_up(acts: &str) -> Run {
    Run::new(parse(&format!("faultline 2\nprotocol gossip\nask 1ms\n{acts}")).unwrap(), FOREVER)
}

#[test]
fn a_run_that_remembers_ever_more_ends_and_says_so() {
    let run = piling_up("");
    assert!(run.records().len() < MOST_EVENTS);
    assert!(run.ended().is_some_and(|sentence| sentence.contains("remember")), "{:?}", run.ended());
    assert_eq!(run.horizon(), run.end().now());
    // It ends where it ends, also for somebody who comes there in pieces or from another run.
    let mut slow = Run::begin(run.scenario().clone());
    while !slow.extend_by(FOREVER, 100_003) {}
    let acted = piling_up("at 300s crash n1\n");
    let mut forked = run.branch(acted.scenario());
    forked.extend(FOREVER);
    assert_eq!(slow.records().len(), run.records().len());
    assert_eq!(forked.records().len(), acted.records().len());
    assert_eq!((forked.ended(), slow.ended()), (run.ended(), run.ended()));
    // Every place of it can still be stood at.
    let middle = run.records().len() / 2;
    assert_eq!(run.at(middle).world.events() as usize, middle);
}
