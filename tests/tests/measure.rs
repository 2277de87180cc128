//! What a run cost: the sums hold, a count in slices is the count at once, and percentiles are those of a sorted list.
#![allow(clippy::unwrap_used)] // What cannot be unwrapped has failed the test.

use faultline_core::Session;
use faultline_core::measure::{Measures, Measuring, percentile};
use faultline_core::sim::Run;
use faultline_core::trace::{Flags, What};
use faultline_tests::{entries, parse};

fn runs() -> impl Iterator<Item = Run> {
    entries().into_iter().flat_map(|entry| entry.presets.iter().take(3)).map(|preset| {
        let scenario = parse(preset.text).unwrap();
        let until = scenario.until;
        Run::new(scenario, until)
    })
}

/// The run, looked at after so many events.
fn at(run: &Run, event: usize) -> Session {
    let mut session = Session::new(run.scenario().clone());
    session.seek_event(event);
    session
}

#[test]
fn what_is_sent_arrives_or_is_lost_or_is_under_way() {
    for run in runs() {
        let measures = Measures::of(&run);
        let end = run.events_until(run.scenario().until);
        let records = &run.records()[..end];
        let count = |wanted: fn(What) -> bool| records.iter().filter(|it| wanted(it.what)).count() as u64;
        let name = &run.scenario().title;
        assert_eq!(measures.sum(|it| it.delivered), count(|what| what == What::Deliver), "{name}");
        assert_eq!(
            measures.sum(|it| it.lost),
            count(|what| matches!(what, What::Lose | What::Drop)),
            "{name}"
        );
        let flying = at(&run, end).view().messages.len() as u64;
        let ended = measures.sum(|it| it.delivered) + measures.sum(|it| it.lost);
        assert_eq!(measures.sum(|it| it.sent), ended + flying, "{name}");
        let writes = records.iter().filter(|it| it.flags.has(Flags::WROTE)).count() as u64;
        assert_eq!(measures.writes(), writes, "{name}");
        assert_eq!(measures.delays.len() as u64, count(|what| what == What::Deliver), "{name}");
        // Who got a reply had waited at least as long as the reply was under way.
        assert!(measures.waits.len() <= measures.delays.len(), "{name}");
        assert!(measures.rounds <= count(|what| what == What::Deliver), "{name}");
    }
}

#[test]
fn a_run_is_counted_the_same_in_slices() {
    for run in runs() {
        let end = run.events_until(run.scenario().until);
        let mut slices = Measuring::of(&run);
        while !slices.step(&run, end, 7) {}
        assert_eq!(at(&run, end).measures(&slices), Measures::of(&run), "{}", run.scenario().title);
        // What was counted up to the middle is what a shorter run costs.
        let middle = end / 2;
        let mut half = Measuring::of(&run);
        assert!(half.step(&run, middle, usize::MAX));
        assert_eq!(half.counted(), middle);
        assert_eq!(at(&run, middle).measures(&half).events, middle as u64);
    }
}

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
