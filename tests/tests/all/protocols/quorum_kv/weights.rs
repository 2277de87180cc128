//! Votes with weights: the examples of Gifford's paper, and what quorums of votes promise.

use super::{gifford, history, run};
use faultline_core::Scenario;
use faultline_core::nemesis::attack;
use faultline_tests::find;

/// The settings of an example: votes of three copies, R and W.
fn settings((votes, r, w): (&str, u32, u32)) -> String {
    format!("set n 3\nset votes {votes}\nset r {r}\nset w {w}\n")
}

/// G8.5: the three examples of the paper's section on performance: how often a read or a write finds no
/// quorum where each copy is up with probability 0.99. Every set of copies is taken down in turn.
#[test]
fn g8_5_how_often_quorums_of_votes_are_blocked() {
    for (nth, example, read, write) in [
        (1, ("100", 1, 1), "0.01", "0.01"),
        (2, ("211", 2, 3), "0.0002", "0.0101"),
        (3, ("111", 1, 3), "0.000001", "0.03"),
    ] {
        let mut blocked = [0.0; 2];
        for down in 0..8_u32 {
            let crashes = (0..3).filter(|copy| down >> copy & 1 == 1);
            let crashes: Vec<_> = crashes.map(|copy| format!("at 1ms crash n{}\n", copy + 3)).collect();
            for (place, act) in ["n2 Get a", "n1 Put a 7"].into_iter().enumerate() {
                let run = run(3, 1, &format!("{}{}at 2ms {act}\n", settings(example), crashes.concat()));
                if history(&run).operations[0].returned.is_none() {
                    let failed = down.count_ones().cast_signed();
                    blocked[place] += 0.01_f64.powi(failed) * 0.99_f64.powi(3 - failed);
                }
            }
        }
        for (what, expected, measured) in [("read", read, blocked[0]), ("write", write, blocked[1])] {
            let places = expected.split('.').nth(1).map_or(0, str::len);
            let measured = format!("{measured:.places$}");
            // The paper rounds 0.0297.
            assert_eq!(measured.parse::<f64>(), expected.parse(), "example {nth}, {what}");
            let what = format!("example {nth}: probability that a {what} is blocked");
            gifford("G8.5", &what, expected, &measured);
        }
    }
}

/// G8.6: how long a read and a write take in the examples without weak representatives, in milliseconds,
/// where a round trip to the copies takes as long as the paper says.
#[test]
fn g8_6_how_long_quorums_of_votes_take() {
    for (nth, example, trips, read, write) in
        [(2, ("211", 2, 3), [75, 100, 750], 75, 100), (3, ("111", 1, 3), [75, 750, 750], 75, 750)]
    {
        let mut text = settings(example);
        for (replica, trip) in (3..).zip(trips) {
            for client in ["n1", "n2"] {
                let way = trip * 500;
                text += &format!("at 0s link {client}-n{replica} latency {way}us..{way}us\n");
            }
        }
        for (what, act, expected) in [("read", "n2 Get a", read), ("write", "n1 Put a 7", write)] {
            let run = run(3, 1, &format!("{text}at 1ms {act}\n"));
            let node = act.split(' ').next().unwrap_or_default();
            let done = run.lines(0, run.records().len()).into_iter().find(|line| {
                let told = line.outputs.iter().any(|it| it.starts_with("Read") || it.starts_with("Wrote"));
                told && line.sentence.starts_with(node)
            });
            let measured = done.map(|line| (line.record.time - 1_000) / 1_000);
            assert_eq!(measured, Some(expected), "example {nth}, {what}");
            let what = format!("example {nth}: milliseconds that a {what} takes");
            gifford("G8.6", &what, &expected.to_string(), &measured.unwrap_or(0).to_string());
        }
    }
}

/// Quorums of votes that are more than half in sum promise what quorums of nodes promise; with one vote less
/// they do not.
#[test]
fn quorums_of_votes_overlap_where_they_are_more_than_all() {
    for (votes, r, w, may_be_stale) in
        [(211, 2, 3, false), (100, 1, 1, false), (31, 2, 3, false), (211, 2, 2, true), (111, 1, 2, true)]
    {
        let mut base = Scenario::of(find("quorum-kv").unwrap());
        for line in [
            format!("set votes {votes}"),
            format!("set r {r}"),
            format!("set w {w}"),
            "set sloppy off".into(),
        ] {
            base.amend(&line).unwrap();
        }
        let mut stale = 0;
        for seed in 1..=200 {
            let attack = attack(&base, seed);
            assert_eq!(attack.broken, None, "{votes}, {r}, {w}, seed {seed}");
            stale += u64::from(attack.reached.contains(&"Stale Read"));
        }
        assert_eq!(stale > 0, may_be_stale, "{votes}, {r}, {w}: {stale} runs with stale reads");
    }
}
