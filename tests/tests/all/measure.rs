//! What a run cost, known to the microsecond; and percentiles are those of a sorted list. That the sums hold in every preset
//! is a trial of the catalogue.
#![allow(clippy::unwrap_used)] // What cannot be unwrapped has failed the test.

use faultline_core::measure::{Measures, percentile};
use faultline_core::sim::Run;
use faultline_tests::parse;

/// One request and its answer over links of 10 ms: known to the microsecond.
#[test]
fn an_answer_takes_as_long_as_both_ways() {
    let text = "faultline 2\nprotocol two-phase-commit\nnodes 3\nlatency 10ms\nask 0s\nuntil 1s\nat 100ms n1 Begin\n";
    let scenario = parse(text).unwrap();
    let run = Run::new(scenario, 1_000_000);
    let measures = Measures::of(&run);
    assert!(!measures.waits.is_empty());
    assert!(measures.waits.iter().all(|wait| *wait == 20_000), "{:?}", measures.waits);
    assert_eq!(measures.rounds, 4, "prepare, vote, decision, acknowledgement");
}

#[test]
fn percentiles_are_those_of_a_sorted_list() {
    assert_eq!(percentile(&[], 50), 0);
    assert_eq!(percentile(&[7], 99), 7);
    let mut seed: u64 = 1;
    for length in [1_usize, 2, 3, 10, 99, 100, 101, 1_000] {
        let mut next = || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) as u32 >> (seed % 31)
        };
        let values: Vec<u32> = (0..length).map(|_| next()).collect();
        let mut sorted = values.clone();
        sorted.sort_unstable();
        for percent in [1, 50, 95, 99, 100] {
            let place = (length * percent).div_ceil(100).saturating_sub(1);
            assert_eq!(percentile(&values, percent), u64::from(sorted[place]), "{length}, {percent} %");
        }
    }
}
