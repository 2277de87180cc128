//! SWIM against its literature (D4): how long detection takes, how often a ping fails, what a period costs, how long a round is, how
//! news spreads, and what becomes of members that are only slow.

#![allow(clippy::unwrap_used)] // What cannot be unwrapped has failed the test.

use faultline_core::Scenario;
use faultline_core::catalogue::Entry;
use faultline_core::check::{Bounds, Findings, Search};
use faultline_core::measure::{Measures, figures};
use faultline_core::nemesis::attack;
use faultline_core::property::Judgement;
use faultline_core::random::{Purpose, draw};
use faultline_core::sim::Run;
use faultline_core::title::{Assumptions, Failures, Links, Timing};
use faultline_core::trace::Line;
use faultline_protocols::membership::swim::Swim;
use faultline_tests::{fact, find, play, presets};
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

/// D4.1: where targets are drawn uniformly, the first ping to a crashed member comes after 1/(1 − (1 −
/// 1/m)^m) periods on average, m the others: trap T8, of the first detection by anyone. In the limit e/(e −
/// 1) = 1.582. Within four standard errors.
#[test]
fn d4_1_the_first_detection() {
    for (nodes, expected, runs) in [(10, 1.5301, 3_000), (50, 1.5726, 1_000)] {
        let periods = (1..=runs).map(|seed| {
            let crash = 400 + seed % 211;
            let run = run(nodes, seed, &format!("set order uniform\nuntil 4s\nat {crash}ms crash n3"));
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

/// The same in turn, as the whole protocol does it: as long as the formula for drawn targets says, and so it
/// hardly grows with the group either. Within four standard errors.
#[test]
fn d4_1_detection_does_not_grow_with_the_group() {
    let sizes = [5, 10, 20, 50, 100];
    let formula = sizes.map(|nodes| {
        let others = (nodes - 1) as f64;
        1.0 / (1.0 - (1.0 - 1.0 / others).powf(others))
    });
    let measured = sizes.map(|nodes| {
        let periods = (1..=400).map(|seed| {
            let crash = 400 + seed % 211;
            figure(&run(nodes, seed, &format!("until 4s\nat {crash}ms crash n3")), "first detection").0 as f64
        });
        mean(&periods.collect::<Vec<_>>())
    });
    for ((nodes, expected), (mean, error)) in sizes.iter().zip(formula).zip(measured) {
        assert!((mean - expected).abs() <= 4.0 * error, "n = {nodes}: {mean} ± {error}, not {expected}");
    }
    let words = |means: [f64; 5]| means.map(|mean| format!("{mean:.2}")).join(", ");
    let what = "periods until a member pings a crashed one, 5, 10, 20, 50, 100 members, in turn";
    let expected = format!("as where they are drawn: {}", words(formula));
    fact("D4.1", what, PAPER, expected, words(measured.map(|(mean, _)| mean)));
}

/// D4.2: a ping to a member that is up fails with probability (1 − q²)(1 − q⁴)^k where every message arrives
/// with q, and all members are up. Within four standard errors.
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

/// D4.3: two messages a member and period, however many members, if all answer; at most 2 + 4k if they do
/// not.
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

/// D4.4: in turn, a member pings each other again within 2n − 1 of its periods, n the length of its
/// membership list: the others. The bound is reached, so it is no lower. Where targets are drawn, there is
/// none.
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

/// How many of fifty members do not know of an announcement so long after it, where it is passed on λ·ln 50
/// times.
fn uninformed(seed: u64, lambda: u64, millis: u64) -> f64 {
    let text =
        format!("set order uniform\nset lambda {lambda}\nuntil {}ms\nat 1s n1 Announce", 1_000 + millis);
    let run = run(50, seed, &text);
    let knows = |line: &Line| line.outputs.iter().any(|it| it == "Learnt n1 alive@1");
    let informed = run.lines(0, run.records().len()).iter().filter(|line| knows(line)).count();
    49.0 - informed as f64
}

/// The same in a model of its own, of pings and acks alone, without the code of the protocol: each member pings another one in each
/// period, and news rides on all that is sent. Times in milliseconds, a message takes one.
fn uninformed_in_a_model(seed: u64, count: u64, millis: u64) -> f64 {
    let mut drawn = 0;
    let mut below = |bound: u64| {
        drawn += 1;
        draw(seed, Purpose::Node, (0, 0), drawn) % bound
    };
    let mut events = BTreeSet::new();
    for member in 0..count {
        // In microseconds, as periods begin at any time.
        let first = below(200_000);
        events.extend((0..).map(|nth| first + nth * 200_000).take_while(|at| *at <= millis * 1_000).map(
            |at| {
                let other = below(count - 1);
                (at, 0, member, if other < member { other } else { other + 1 }, false)
            },
        ));
    }
    let mut knows = vec![false; count as usize];
    knows[0] = true;
    while let Some((at, step, from, to, carries)) =
        events.pop_first().filter(|(at, ..)| *at <= millis * 1_000)
    {
        // The ping leaves, arrives, and its ack arrives.
        let learns = [None, Some(to), Some(from)][step];
        if let Some(member) = learns.filter(|_| carries) {
            knows[member as usize] = true;
        }
        let sender = [from, to, 0][step];
        if step < 2 {
            events.insert((at + 1_000, step + 1, from, to, knows[sender as usize]));
        }
    }
    knows.iter().filter(|it| !**it).count() as f64
}

/// D4.5: news that is told for λ·ln n periods misses n^−(2λ−2) members on average, if nobody stops telling it before. That is where
/// an equation for means leads. For λ = 1 it says one member, and members who draw whom to ping miss a little more: as many as in
/// a model of its own, within four standard errors. For λ = 2 it is 0.08 members in 200 runs, of which three are allowed (99.9 % of
/// Poisson's law has fewer). By default a member tells it 12 times and stops, and that is enough.
#[test]
fn d4_5_how_far_news_spreads() {
    // ln 50 periods of 200 ms are 782.4 ms.
    let missed = |millis: u64, runs: u64, sends: u64| -> Vec<f64> {
        (1..=runs).map(|seed| uninformed(seed, sends, millis)).collect()
    };
    let (one, error) = mean(&missed(783, 1_500, 20));
    let model: Vec<f64> = (1..=20_000).map(|seed| uninformed_in_a_model(seed, 50, 783)).collect();
    let (expected, inexact) = mean(&model);
    println!("λ = 1: {one:.3} ± {error:.3}, in the model {expected:.3} ± {inexact:.3}");
    assert!(
        (one - expected).abs() <= 4.0 * error.hypot(inexact),
        "{one} ± {error}, not {expected} ± {inexact}"
    );
    let what =
        "members of 50 that news misses, ln 50 periods (λ = 1): a model of pings and acks alone, and SWIM";
    fact("D4.5", what, "computed", format!("{expected:.2} ± {inexact:.2}"), format!("{one:.2} ± {error:.2}"));
    assert!((expected - 1.0).abs() <= 0.1, "the equation is nearly right: {expected}");
    let what = "members of 50 that news misses, ln 50 periods (λ = 1): the equation, and a model of pings and acks alone";
    fact("D4.5", what, PAPER, "n^0 = 1, within a tenth", format!("{expected:.2} ± {inexact:.2}"));
    let two: f64 = missed(1_565, 200, 20).iter().sum();
    assert!(two <= 3.0, "{two}");
    let what = "members of 50 that news misses in 200 runs, 2·ln 50 periods (λ = 2)";
    fact("D4.5", what, PAPER, "200·n^−2 = 0.08", two);
    let limited: f64 = missed(2_348, 200, 3).iter().sum();
    assert!(limited <= 3.0, "{limited}");
    let what = "the same after 3·ln 50 periods, each member passing it on 12 times at most";
    fact("D4.5", what, "computed", "0", limited);
}

/// A run that comes with the protocol, with another line at its end.
fn preset(name: &str, line: &str) -> Run {
    let preset = presets().find(|(slug, it)| *slug == "swim" && it.name == name).unwrap().1;
    play(&format!("{}\n{line}\n", preset.text))
}

/// How many steps of a run tell the application something that begins so.
fn told(run: &Run, begins: &str) -> usize {
    let lines = run.lines(0, run.records().len());
    lines.iter().flat_map(|line| &line.outputs).filter(|output| output.starts_with(begins)).count()
}

/// The claims that a run violates.
fn violated(run: &Run) -> BTreeSet<&'static str> {
    let claims = run.scenario().entry.claims();
    let verdicts = claims.iter().zip(run.verdicts());
    verdicts.filter(|(_, it)| matches!(it, Judgement::Violated { .. })).map(|(claim, _)| claim.name).collect()
}

/// D4, permalink 1: where only the link between two members is cut, others save them; without others to ask
/// both are suspected, again and again.
#[test]
fn d4_an_indirect_ping_saves_a_live_member() {
    let suspected = |run: &Run| run.lines(0, run.records().len()).iter().filter(|it| suspects(it)).count();
    let saved = preset("cut-link", "");
    assert!(told(&saved, "Reached n2 through") > 0 && told(&saved, "Reached n1 through") > 0);
    assert_eq!(suspected(&saved), 0);
    let alone = suspected(&preset("cut-link", "set relays 0"));
    assert!(alone > 2, "{alone}");
    let what = "suspicions of two members that do not reach each other, with k = 3 and with k = 0";
    fact("D4", what, PAPER, "0, many", format!("{}, {alone}", suspected(&saved)));
}

/// Whether a line has a suspicion that its node found itself.
fn suspects(line: &Line) -> bool {
    line.outputs.iter().any(|output| output.starts_with("Found") && output.contains("suspected@"))
}

/// D4, permalink 2: a member that is itself slow suspects every other one. All refute it; without suspicion,
/// many have failed.
#[test]
fn d4_a_slow_member_accuses_everybody() {
    let slow = preset("slow-member", "");
    let lines = slow.lines(0, slow.records().len());
    let mut accused = BTreeSet::new();
    for output in lines.iter().filter(|it| it.record.node == 0).flat_map(|line| &line.outputs) {
        if let Some((member, _)) =
            output.strip_prefix("Found ").and_then(|words| words.split_once(" suspected"))
        {
            accused.insert(member.to_owned());
        }
    }
    assert_eq!(accused.len(), 7, "{accused:?}");
    assert_eq!((figure(&slow, "wrongly failed").0, violated(&slow).len()), (0, 0));
    fact("D4", "members of 8 that a slow one suspects", LIFEGUARD, "all others: 7", accused.len());
    let basic = preset("no-suspicion", "");
    let (failed, all) = figure(&basic, "wrongly failed");
    assert!(failed > 3, "{failed}");
    let what = "members of 8 that are up and held for failed, with suspicion and without";
    fact("D4", what, PAPER, "0, some", format!("0, {failed} of {all}"));
}

/// D4, permalink 3: a refutation in the same incarnation is ignored, and the live member is confirmed as
/// failed.
#[test]
fn d4_a_refutation_needs_a_new_incarnation() {
    let confirmed = |name: &str| told(&preset(name, ""), "Found n3 failed");
    let (right, wrong) = (confirmed("refuted"), confirmed("refutes-unchanged"));
    assert!(right == 0 && wrong > 0, "{right}, {wrong}");
    let said = |count: usize| if count == 0 { "trusted" } else { "confirmed as failed" };
    let measured = format!("{}, {}", said(right), said(wrong));
    let what = "a member that pauses: refuted with a new incarnation, and with the same one";
    fact("D4", what, PAPER, "trusted, confirmed as failed", measured);
}

/// What suspicion is for (§4.2): with messages lost, fewer live members are held for failed.
#[test]
fn suspicion_makes_wrong_failures_rare() {
    let failed = |suspicion: u64| -> u64 {
        let settings = format!("loss 10%\nset relays 1\nset suspicion {suspicion}\nuntil 10s");
        (1..=100).map(|seed| figure(&run(8, seed, &settings), "wrongly failed").0).sum()
    };
    let (basic, suspecting) = (failed(0), failed(5));
    println!("{basic} without suspicion, {suspecting} with");
    assert!(suspecting * 20 < basic, "{suspecting} against {basic}");
    let what = "live members of 800 that are held for failed after 50 periods, loss 10 %, k = 1, suspicion of 0 and of 5 periods";
    fact("D4", what, PAPER, "far fewer with suspicion", format!("{basic}, {suspecting}"));
}

/// The protocol as if it promised everything under weaker assumptions.
fn assuming(links: Links, timing: Timing) -> Scenario {
    let mut entry = Entry::of::<Swim>();
    entry.info.liveness = Assumptions { links, failures: Failures::CrashStop, timing };
    Scenario::of(Box::leak(Box::new(entry)))
}

/// What safety is said to need is enough, and completeness needs no more than members that crash for good:
/// where messages are lost, copied and late and members slow, only accuracy breaks. It breaks where messages
/// may be lost, and where they may be late.
#[test]
fn only_accuracy_needs_the_assumptions() {
    for (links, timing) in [
        (Links::FairLoss, Timing::Asynchronous),
        (Links::AtMostOnce, Timing::Synchronous),
        (Links::Perfect, Timing::Asynchronous),
    ] {
        let mut broken = BTreeMap::new();
        let mut complete = 0;
        for order in ["round-robin", "uniform"] {
            for suspicion in [0, 5] {
                let mut base = assuming(links, timing);
                base.amend(&format!("set order {order}")).unwrap();
                base.amend(&format!("set suspicion {suspicion}")).unwrap();
                for attack in (1..=100).map(|seed| attack(&base, seed)) {
                    complete += usize::from(attack.judged.contains(&"Strong Completeness"));
                    if let Some(found) = attack.broken {
                        *broken.entry(found.claim).or_insert(0) += 1;
                    }
                }
            }
        }
        println!("{links:?}, {timing:?}: {broken:?}, completeness judged {complete} times");
        assert_eq!(broken.keys().collect::<Vec<_>>(), ["eventual-strong-accuracy"], "{links:?}, {timing:?}");
        assert!(complete > 50, "{links:?}, {timing:?}: {complete}");
    }
}

/// The same nemesis notices the twins whose rules matter only where messages are lost or late.
#[test]
fn the_nemesis_notices_the_twins_where_messages_are_lost_or_late() {
    for (twin, claim) in [
        ("others-refute", "own-incarnation"),
        ("credits-relay", "indirect-ping"),
        ("never-forgets", "bounded-news"),
        ("latest-wins", "forward-only"),
        ("keeps-old-deadline", "suspicion-first"),
        ("draws-with-replacement", "bounded-turn"),
    ] {
        let mut base = assuming(Links::FairLoss, Timing::Asynchronous);
        base.amend(&format!("twin {twin}")).unwrap();
        let of = |seed: &u64| attack(&base, *seed).broken.is_some_and(|broken| broken.claim == claim);
        let noticed = (1..=1_000).find(of);
        println!("{twin}: seed {noticed:?}");
        assert!(noticed.is_some(), "{twin}");
    }
}

/// All runs of two and three members within bounds. Times do not count there, so any ack may come too late,
/// as in the weakest assumptions of all: no claim breaks but accuracy, whoever crashes whenever.
#[test]
fn all_runs_of_two_and_three_members() {
    for (nodes, inputs, crashes, timers) in [(2, 0, 1, 5), (3, 0, 1, 3), (3, 1, 0, 3)] {
        let mut scenario = Scenario::of(find("swim").unwrap());
        for line in [&format!("nodes {nodes}"), "set suspicion 1", "set relays 1"] {
            scenario.amend(line).unwrap();
        }
        let bounds = Bounds { depth: u32::MAX, inputs, crashes, timers: Some(timers), ..Bounds::default() };
        let mut search = Search::new(&scenario, bounds);
        while !search.step(1_000) {}
        let found: Findings = search.findings().clone();
        println!("{nodes} members: {} states, {:?}", found.states, found.verdict());
        assert!(found.complete, "{:?}", found.verdict());
        assert!(found.broken.iter().all(|(claim, _)| claim == "eventual-strong-accuracy"), "{nodes} members");
        let what = format!(
            "complete search, {nodes} members, {inputs} requests, {crashes} crashes, {timers} timers, suspicion 1, k = 1"
        );
        let broken = found.broken.len();
        fact(
            "D4",
            &what,
            "computed",
            "nothing but accuracy breaks",
            format!("{} claims break, {} states", broken, found.states),
        );
    }
}
