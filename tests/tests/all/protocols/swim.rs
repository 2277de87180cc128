//! SWIM against its literature (D4): how long detection takes, how often a ping fails, what a period costs, how long a round is, how
//! news spreads, and what becomes of members that are only slow.

#![allow(clippy::unwrap_used)] // What cannot be unwrapped has failed the test.

use faultline_core::Scenario;
use faultline_core::catalogue::Entry;
use faultline_core::check::{Bounds, Findings, Search};
use faultline_core::measure::{Measures, figures};
use faultline_core::nemesis::attack;
use faultline_core::property::Judgement;
use faultline_core::sim::Run;
use faultline_core::title::{Assumptions, Failures, Links, Timing};
use faultline_protocols::membership::swim::Swim;
use faultline_tests::{fact, find, parse, play, presets};
use std::collections::{BTreeMap, BTreeSet};

const PAPER: &str = "Das et al. 2002";
const EARLIER: &str = "Gupta et al. 2001";
const LIFEGUARD: &str = "Dadgar et al. 2018";

/// A run of so many members.
fn run(nodes: u64, seed: u64, text: &str) -> Run {
    play(&format!("faultline 2\nprotocol swim\nnodes {nodes}\nseed {seed}\nlatency 1ms\n{text}\n"))
}

/// A figure of a run: what was counted, and over how much.
fn figure(run: &Run, name: &str) -> (u64, u64) {
    let figured = figures(run, &Measures::of(run));
    let found = figured.iter().find(|it| it.name == name).unwrap();
    (found.counted, found.over)
}

/// A mean, and its standard error.
fn mean(values: &[f64]) -> (f64, f64) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1.0);
    (mean, (variance / count).sqrt())
}

/// D4.1: where targets are drawn uniformly, the first ping to a crashed member comes after 1/(1 − (1 − 1/m)^m) periods on average, m
/// the others: trap T8, of the first detection by anyone. In the limit e/(e − 1) = 1.582. Within four standard errors.
#[test]
fn d4_1_the_first_detection() {
    for (nodes, expected, runs) in [(10, 1.5301, 3_000), (50, 1.5726, 1_000)] {
        let periods = (1..=runs).map(|seed| {
            let crash = 400 + seed % 211;
            let run = run(nodes, seed, &format!("set order uniform\nuntil 6s\nat {crash}ms crash n3"));
            let (counted, over) = figure(&run, "first detection");
            assert_eq!(over, 1, "n = {nodes}, seed {seed}");
            counted as f64
        });
        let (mean, error) = mean(&periods.collect::<Vec<_>>());
        println!("n = {nodes}: {mean:.4} ± {error:.4}, expected {expected}");
        assert!((mean - expected).abs() <= 4.0 * error, "n = {nodes}: {mean} ± {error}");
        let what = format!("periods until a member pings a crashed one, {nodes} members, drawn uniformly");
        fact("D4.1", &what, EARLIER, expected, format!("{mean:.3} ± {error:.3}"));
    }
}

/// The same in turn, as the whole protocol does it: about as long, and it hardly grows with the group either.
#[test]
fn d4_1_detection_does_not_grow_with_the_group() {
    let measured = [5, 10, 20, 50, 100].map(|nodes| {
        let periods = (1..=400).map(|seed| {
            let crash = 400 + seed % 211;
            figure(&run(nodes, seed, &format!("until 4s\nat {crash}ms crash n3")), "first detection").0 as f64
        });
        mean(&periods.collect::<Vec<_>>()).0
    });
    assert!(measured.iter().all(|mean| (1.3..1.7).contains(mean)), "{measured:?}");
    let measured: Vec<_> = measured.iter().map(|mean| format!("{mean:.2}")).collect();
    let what = "periods until a member pings a crashed one, 5, 10, 20, 50, 100 members, in turn";
    fact("D4.1", what, PAPER, "as good as uniform: below 1.58", measured.join(", "));
}

/// D4.2: a ping to a member that is up fails with probability (1 − q²)(1 − q⁴)^k where every message arrives with q, and all
/// members are up. Within four standard errors.
#[test]
fn d4_2_a_ping_to_a_live_member_fails() {
    for (loss, relays, seeds, expected) in [
        (5, 0, 20, 0.0975),
        (5, 1, 40, 0.018_09),
        (5, 3, 200, 6.2e-4),
        (15, 0, 20, 0.2775),
        (15, 1, 20, 0.1326),
        (15, 3, 40, 0.0303),
    ] {
        let settings = format!("loss {loss}%\nset relays {relays}\nset suspicion 1000\nuntil 20s");
        let all = (1..=seeds).map(|seed| figure(&run(8, seed, &settings), "unacked pings"));
        let (failed, pings) = all.fold((0, 0), |sum, run| (sum.0 + run.0, sum.1 + run.1));
        let (failed, pings) = (failed as f64, pings as f64);
        let share = failed / pings;
        let error = (expected * (1.0 - expected) / pings).sqrt();
        println!("loss {loss} %, k = {relays}: {share:.5} of {pings}, expected {expected}");
        assert!((share - expected).abs() <= 4.0 * error, "loss {loss} %, k = {relays}: {share}");
        let what = format!("share of pings to live members that nobody acks, loss {loss} %, k = {relays}");
        fact("D4.2", &what, PAPER, expected, format!("{share:.5}"));
    }
}

/// How many messages each ping of a run took, whoever sent them, by its name.
fn per_ping(run: &Run) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for line in run.lines(0, run.records().len()) {
        let transcript = line.transcript();
        for sent in transcript.split(" | ").filter_map(|part| part.strip_prefix("sends ")) {
            let (message, receivers) = sent.rsplit_once(" to ").unwrap();
            let name = message.split(' ').nth(1).unwrap().to_owned();
            *counts.entry(name).or_default() += receivers.split(", ").count();
        }
    }
    counts
}

/// D4.3: two messages a member and period, however many members, if all answer; at most 2 + 4k if they do not.
#[test]
fn d4_3_the_load_of_a_member() {
    for nodes in [2, 8, 32, 100] {
        for order in ["uniform", "round-robin"] {
            // Of a message that takes a microsecond none is under way at the end.
            let run = run(nodes, 3, &format!("latency 1us\nset order {order}\nuntil 4s"));
            let (messages, periods) = figure(&run, "messages per period");
            assert!(periods >= 19 * nodes, "{periods}");
            assert_eq!(messages, 2 * periods, "n = {nodes}, {order}");
        }
        if nodes > 2 {
            let what = format!("messages a member and period where all answer, {nodes} members");
            fact("D4.3", &what, PAPER, 2, 2);
        }
    }
    for relays in [1, 3] {
        let mut most = 0;
        for seed in 1..=20 {
            let text = format!("loss 20%\nset relays {relays}\nset timeout 1ms\nuntil 4s\nat 1s crash n4");
            most = per_ping(&run(8, seed, &text)).into_values().max().unwrap().max(most);
        }
        let what = format!("messages for one ping where some are lost, k = {relays}, at most");
        fact("D4.3", &what, PAPER, format!("2 + 4k = {}", 2 + 4 * relays), most);
        assert_eq!(most, 2 + 4 * relays);
    }
}

/// The longest that one member went without pinging another, in its periods.
fn longest_gap(run: &Run) -> u32 {
    let mut last: BTreeMap<(u32, String), u32> = BTreeMap::new();
    let mut longest = 0;
    for line in run.lines(0, run.records().len()) {
        let (node, transcript) = (line.record.node, line.transcript());
        let own = format!("sends Ping n{}/", node + 1);
        let Some((_, rest)) = transcript.split_once(&own) else { continue };
        let message = rest.split(" | ").next().unwrap();
        let (period, target) = (message.split(' ').next().unwrap(), message.rsplit(' ').next().unwrap());
        let period: u32 = period.parse().unwrap();
        let before = last.insert((node, target.to_owned()), period).unwrap_or(0);
        longest = longest.max(period - before);
    }
    longest
}

/// D4.4: in turn, a member pings each other again within 2n − 1 of its periods, n the length of its membership list: the others. The
/// bound is reached, so it is no lower. Where targets are drawn, there is none.
#[test]
fn d4_4_the_longest_turn() {
    for nodes in [3, 4, 6, 10] {
        let others = nodes as u32 - 1;
        let gap = |order: &str, seeds| {
            let of = |seed| {
                longest_gap(&run(nodes, seed, &format!("set period 31ms\nset order {order}\nuntil 4s")))
            };
            (1..=seeds).map(of).max().unwrap()
        };
        let (turns, drawn) = (gap("round-robin", 30), gap("uniform", 5));
        assert_eq!(turns, 2 * others - 1, "n = {nodes}");
        assert!(drawn > 2 * nodes as u32 - 1, "n = {nodes}: {drawn}");
        let what = format!("periods between two pings to the same of {others} others, in turn, at most");
        fact("D4.4", &what, PAPER, format!("2·{others} − 1 = {}", 2 * others - 1), turns);
    }
}

/// How many of fifty members do not know of an announcement so many periods after it.
fn uninformed(seed: u64, lambda: u64, millis: u64) -> f64 {
    let text = format!("set order uniform\nset lambda {lambda}\nuntil {}ms\nat 1s n1 Announce", 1_000 + millis);
    let run = run(50, seed, &text);
    let knows = |line: &faultline_core::trace::Line| line.outputs.iter().any(|it| it == "Learnt n1 alive@1");
    let informed = run.lines(0, run.records().len()).iter().filter(|line| knows(line)).count();
    49.0 - informed as f64
}

/// D4.5: news that is told for λ·ln n periods misses n^−(2λ−2) members on average.
#[test]
fn d4_5_how_far_news_spreads() {
    for (lambda, runs) in [(1, 200), (2, 200), (3, 200)] {
        let after = (f64::from(lambda) * 50_f64.ln() * 200.0).ceil() as u64;
        let missed: Vec<_> = (1..=runs).map(|seed| uninformed(seed, 20, after)).collect();
        let (mean, error) = mean(&missed);
        println!("λ = {lambda}: {mean} ± {error} after {after} ms, bound {}", 50_f64.powi(-(2 * lambda - 2)));
    }
}
