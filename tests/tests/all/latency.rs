//! Latencies that were measured: the world's whole numbers against the formulas, how texts name them, and
//! which messages take the time of writes.

#![allow(clippy::unwrap_used)] // What cannot be unwrapped has failed the test.

use faultline_core::fitted::Fitted;
use faultline_core::random::{Purpose, draw};
use faultline_core::trace::What;
use faultline_tests::{parse, play};

/// The published mixtures (Bailis et al. 2012, table 3), in microseconds: the least Pareto time, its
/// exponent, how often it is taken, and the mean of the exponential times.
const PUBLISHED: [(Fitted, bool, [f64; 4]); 6] = [
    (Fitted::LnkdSsd, true, [235.0, 10.0, 0.9122, 1_000.0 / 1.66]),
    (Fitted::LnkdSsd, false, [235.0, 10.0, 0.9122, 1_000.0 / 1.66]),
    (Fitted::LnkdDisk, true, [1_050.0, 1.51, 0.38, 1_000.0 / 0.183]),
    (Fitted::LnkdDisk, false, [235.0, 10.0, 0.9122, 1_000.0 / 1.66]),
    (Fitted::Ymmr, true, [3_000.0, 3.35, 0.939, 1_000.0 / 0.0028]),
    (Fitted::Ymmr, false, [1_500.0, 3.8, 0.982, 1_000.0 / 0.0217]),
];

/// Each of the two laws at every share of the messages that take longer: within a thousandth, half a
/// microsecond, and a fifty-thousandth of the mean, since the logarithm has 16 digits behind the point.
#[test]
fn whole_numbers_give_the_quantiles_of_the_formulas() {
    let mut shares: Vec<u64> =
        (0..32).flat_map(|octave| [1 << octave, (1 << octave) + (1 << octave) / 3]).collect();
    shares.extend((1..=1_000).map(|nth| draw(1, Purpose::Choice, (0, 0), nth) >> 32));
    for (fitted, is_write, [least, exponent, _, mean]) in PUBLISHED {
        for share in shares.iter().map(|share| share.saturating_sub(1)) {
            let longer = ((share + 1) as f64 / 2_f64.powi(32)).max(2_f64.powi(-20));
            for (upper, expected) in [
                (0, least * longer.powf(-1.0 / exponent)),
                (u64::from(u32::MAX), (-mean * longer.ln()).max(1.0)),
            ] {
                let found = fitted.latency(is_write, upper << 32 | share) as f64;
                let within = 0.5 + expected / 1_000.0 + mean / 50_000.0;
                assert!(
                    (found - expected).abs() <= within,
                    "{fitted:?}, {is_write}, {longer}: {found}, {expected}"
                );
            }
        }
    }
}

/// Of half a million draws, as many take longer than each of some times as the mixture says: within four
/// standard errors, and a thousandth of the share for what is rounded.
#[test]
fn draws_are_spread_as_the_mixtures_are() {
    const DRAWS: u64 = 500_000;
    for (fitted, is_write, [least, exponent, often, mean]) in PUBLISHED {
        let drawn: Vec<_> = (0..DRAWS)
            .map(|nth| fitted.latency(is_write, draw(7, Purpose::Latency, (1, 2), nth)) as f64)
            .collect();
        let (shortest, longest) = fitted.range();
        assert!(drawn.iter().all(|it| (shortest as f64..=longest as f64).contains(it)), "{fitted:?}");
        for time in [0.5, 0.9, 1.1, 1.5, 3.0, 10.0, 30.0].map(|times| least * times) {
            let pareto = if time > least { (least / time).powf(exponent) } else { 1.0 };
            let expected = often * pareto + (1.0 - often) * (-time / mean).exp();
            let found = drawn.iter().filter(|it| **it > time).count() as f64 / DRAWS as f64;
            let error = (expected * (1.0 - expected) / DRAWS as f64).sqrt();
            assert!(
                (found - expected).abs() <= 4.0 * error + expected / 1_000.0,
                "{fitted:?}, {is_write}, longer than {time}: {found}, expected {expected}"
            );
        }
    }
}

/// A name is written as it was read, in front of a run and for links, and gives way to a range.
#[test]
fn texts_name_latencies() {
    for (name, fitted) in Fitted::ALL {
        let text = format!("faultline 2\nprotocol raft\nlatency {name}\nat 10ms link n1>n2 latency {name}\n");
        let mut scenario = parse(&text).unwrap();
        assert_eq!(scenario.to_string(), text);
        assert_eq!((scenario.network.fitted, scenario.network.latency), (Some(fitted), fitted.range()));
        scenario.amend("latency 5ms..15ms").unwrap();
        assert_eq!(scenario.network, scenario.entry.network());
    }
    let complaint = parse("faultline 2\nprotocol raft\nlatency lnkd\n").err().unwrap().to_string();
    assert!(
        complaint.ends_with("no measured latency `lnkd`; there is `lnkd-ssd`, `lnkd-disk`, `ymmr`"),
        "{complaint}"
    );
}

/// The ways of the messages of a run, in microseconds: those of writes, and the others.
fn ways(line: &str) -> [Vec<u64>; 2] {
    let run = play(&format!(
        "faultline 2\nprotocol quorum-kv\nset anti-entropy 0s\nset repair off\nset sloppy off\nset timeout 60s\n\
         ask 5ms\nuntil 20s\n{line}\n"
    ));
    let kinds = run.scenario().entry.kinds;
    let mut ways = [Vec::new(), Vec::new()];
    for record in run.records().iter().filter(|it| it.what == What::Deliver) {
        let way = record.time - run.records()[record.cause as usize].time;
        ways[usize::from(kinds[record.kind as usize].name != "Put")].push(way);
    }
    for ways in &mut ways {
        ways.sort_unstable();
    }
    ways
}

/// Writes take the time of writes and other messages theirs, in the whole network and on links of which a
/// range or a name takes the place.
#[test]
fn writes_have_latencies_of_their_own() {
    let median = |ways: &[u64]| ways[ways.len() / 2];
    let [writes, others] = ways("latency lnkd-disk");
    assert!(writes.len() > 1_000 && others.len() > 1_000);
    // Half of the writes take longer than 2.5 ms, half of all else longer than 0.25 ms.
    assert!((2_300..2_700).contains(&median(&writes)), "{}", median(&writes));
    assert!((245..260).contains(&median(&others)), "{}", median(&others));
    let [writes, others] = ways("latency lnkd-ssd");
    assert!(median(&writes).abs_diff(median(&others)) < 10);
    let [writes, others] = ways("latency 3ms\nat 0s link latency lnkd-disk");
    assert!((2_300..2_700).contains(&median(&writes)) && (245..260).contains(&median(&others)));
    let [writes, others] = ways("latency lnkd-disk\nat 0s link latency 3ms..3ms");
    assert!(writes.iter().chain(&others).all(|way| *way == 3_000));
    let [writes, others] = ways("latency lnkd-disk\nat 0s link latency 3ms..3ms\nat 0s link normal");
    assert!((2_300..2_700).contains(&median(&writes)) && (245..260).contains(&median(&others)));
}
