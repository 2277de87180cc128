//! The bully algorithm against its literature (E1): what elections cost, who leads after them, and when two do.

#![allow(clippy::unwrap_used)] // What cannot be unwrapped has failed the test.

use faultline_core::check::{Bounds, Findings, Search};
use faultline_core::nemesis::{Attack, attack};
use faultline_core::property::Judgement;
use faultline_core::sim::Run;
use faultline_core::trace::What;
use faultline_core::view::Sign::{Idle, Leading, Seeking, Uncertain};
use faultline_core::{Scenario, Session};
use faultline_tests::{fact, find, parse, play, presets};
use std::collections::BTreeSet;

const BOOK: &str = "Coulouris et al. 2012, §15.3.2";
const PAPER: &str = "Garcia-Molina 1982";

/// A run in which nobody checks the coordinator; the highest node is down from 10 ms on, if that is said.
fn run(nodes: u32, is_down: bool, seed: u64, text: &str) -> Run {
    let crash = if is_down { format!("at 10ms crash n{nodes}\n") } else { String::new() };
    play(&format!(
        "faultline 2\nprotocol bully\nnodes {nodes}\nseed {seed}\nset check 10s\nuntil 1s\n{crash}{text}\n"
    ))
}

/// How many messages of these kinds were sent: those that arrived, and those that nodes that were down lost.
fn sent(run: &Run, kinds: &[&str]) -> u32 {
    let known = run.scenario().entry.kinds;
    let count = |record: &&faultline_core::trace::Record| {
        matches!(record.what, What::Deliver | What::Lose)
            && kinds.contains(&known[usize::from(record.kind)].name)
    };
    run.records().iter().filter(count).count() as u32
}

/// Questions, answers and announcements of an election.
fn costs(run: &Run) -> [u32; 3] {
    ["Election", "Ok", "Coordinator"].map(|kind| sent(run, &[kind]))
}

/// Whom each node that is up takes for the leader at the end.
fn leaders(run: &Run) -> Vec<String> {
    let mut session = Session::new(run.scenario().clone());
    session.seek_time(run.scenario().until);
    let view = session.view();
    view.nodes.iter().filter(|node| node.up).map(|node| node.card.fields[0].value.clone()).collect()
}

/// E1.1: where the highest node that is left notices, one question and an announcement to each lower node, n − 1 messages; and
/// n − 2 where it does not ask the coordinator that it found down. That is safe where nodes that crash stay down; here they return,
/// and it is a twin.
#[test]
fn e1_1_the_highest_that_is_left_notices() {
    for nodes in 3..=9 {
        let highest = nodes - 1;
        for seed in 1..=5 {
            let asked = run(nodes, true, seed, &format!("at 50ms n{highest} Elect"));
            assert_eq!(costs(&asked), [1, 0, nodes - 2], "n = {nodes}");
            let skipped =
                run(nodes, true, seed, &format!("twin skips-suspect\nat 50ms fire n{highest} Check"));
            assert_eq!(costs(&skipped), [0, 0, nodes - 2], "n = {nodes}");
            for run in [asked, skipped] {
                assert!(leaders(&run).iter().all(|leader| *leader == format!("n{highest}")), "n = {nodes}");
            }
        }
    }
    let total = |text: &str| costs(&run(5, true, 1, text)).iter().sum::<u32>();
    fact(
        "E1.1",
        "messages where the highest that is left of 5 notices",
        BOOK,
        "n − 1 = 4",
        total("at 50ms n4 Elect"),
    );
    let skipped = total("twin skips-suspect\nat 50ms fire n4 Check");
    fact("E1.1", "messages where it announces itself at once", BOOK, "n − 2 = 3", skipped);
}

/// E1.2: where the lowest notices, every node asks all above it, and all but the highest that is left are answered: n² − n − 1
/// messages, whatever the delays. It costs as much where all notice at once.
#[test]
fn e1_2_the_lowest_notices() {
    for nodes in 3..=9 {
        for seed in 1..=20 {
            let lowest = run(nodes, true, seed, "at 50ms n1 Elect");
            let expected = [nodes * (nodes - 1) / 2, (nodes - 1) * (nodes - 2) / 2, nodes - 2];
            assert_eq!(costs(&lowest), expected, "n = {nodes}, seed {seed}");
            assert_eq!(expected.iter().sum::<u32>(), nodes * nodes - nodes - 1);
            let all = (1..nodes).fold(String::new(), |text, node| text + &format!("at 50ms n{node} Elect\n"));
            let all = run(nodes, true, seed, &all);
            assert_eq!(costs(&all), expected, "n = {nodes}, seed {seed}, all at once");
            for run in [lowest, all] {
                assert!(leaders(&run).iter().all(|leader| *leader == format!("n{}", nodes - 1)));
            }
        }
    }
    let [questions, answers, announcements] = costs(&run(5, true, 1, "at 50ms n1 Elect"));
    fact(
        "E1.2",
        "questions, answers, announcements where the lowest of 5 notices",
        BOOK,
        "10, 6, 3",
        format!("{questions}, {answers}, {announcements}"),
    );
    fact(
        "E1.2",
        "messages where the lowest of 5 notices",
        BOOK,
        "n² − n − 1 = 19",
        questions + answers + announcements,
    );
}

/// Where nobody is down and the lowest only suspects it, all above it stand, and the highest announces itself to all whenever it
/// is asked: n(n−1) questions and answers, and (n−1)² announcements, where all messages take the same time.
#[test]
fn a_wrong_suspicion_costs_more_than_a_crash() {
    for nodes in 2..=9 {
        let suspected = run(nodes, false, 1, "latency 10ms\nat 50ms n1 Elect");
        let pairs = nodes * (nodes - 1) / 2;
        assert_eq!(costs(&suspected), [pairs, pairs, (nodes - 1) * (nodes - 1)], "n = {nodes}");
        assert!(leaders(&suspected).iter().all(|leader| *leader == format!("n{nodes}")));
    }
    let total: u32 = costs(&run(5, false, 1, "latency 10ms\nat 50ms n1 Elect")).iter().sum();
    let what = "messages where the lowest of 5 wrongly suspects the highest, equal delays";
    fact("E1", what, "computed", "(n − 1)(2n − 1) = 36", total);
}

/// Where delays differ, an announcement ends elections while questions are under way that begin others, and a wrong suspicion costs
/// more the more nodes there are. It ends all the same, and changes nothing.
#[test]
fn a_wrong_suspicion_sets_off_a_cascade() {
    let mean = |nodes: u32| {
        let runs: Vec<_> = (1..=20).map(|seed| run(nodes, false, seed, "at 50ms n1 Elect")).collect();
        for run in &runs {
            assert!(leaders(run).iter().all(|leader| *leader == format!("n{nodes}")), "n = {nodes}");
            assert!(run.records().last().unwrap().time < 500_000, "n = {nodes}");
        }
        runs.iter().flat_map(costs).sum::<u32>() / 20
    };
    for nodes in [5, 8, 12] {
        let (least, mean) = ((nodes - 1) * (2 * nodes - 1), mean(nodes));
        assert!(mean > least, "n = {nodes}: {mean}");
        let what = format!("messages of a wrong suspicion, delays of 5 to 15 ms, n = {nodes}, mean of 20");
        fact("E1", &what, "computed", format!("more than (n − 1)(2n − 1) = {least}"), mean);
    }
}

/// What halting the others first costs: a message and an answer for each lower node, and no second leader.
#[test]
fn halting_first_costs_a_round() {
    for nodes in 3..=9 {
        let text = format!("set halt on\nat 50ms n{} Elect", nodes - 1);
        let halted = run(nodes, true, 1, &text);
        assert_eq!(costs(&halted), [1, 0, nodes - 2], "n = {nodes}");
        assert_eq!(sent(&halted, &["Halt"]), nodes - 2, "n = {nodes}");
        assert_eq!(sent(&halted, &["Halted"]), nodes - 2, "n = {nodes}");
    }
    let halted = run(5, true, 1, "set halt on\nat 50ms n4 Elect");
    let all = sent(&halted, &["Election", "Ok", "Coordinator", "Halt", "Halted"]);
    let what = "messages where the highest that is left of 5 notices and halts the others first";
    fact("E1", what, "computed", "3n − 5 = 10", all);
}

/// The claims that a run that comes with the protocol violates, and those that it reaches, with other lines at its end.
fn judged(name: &str, lines: &str) -> (BTreeSet<&'static str>, BTreeSet<&'static str>) {
    let preset = presets().find(|(slug, it)| *slug == "bully" && it.name == name).unwrap().1;
    let run = play(&format!("{}\n{lines}\n", preset.text));
    let claims = run.scenario().entry.claims();
    let of = |holds: fn(&Judgement) -> bool| {
        let verdicts = claims.iter().zip(run.verdicts());
        verdicts.filter(|(_, it)| holds(it)).map(|(claim, _)| claim.name).collect()
    };
    (of(|it| matches!(it, Judgement::Violated { .. })), of(|it| matches!(it, Judgement::Reached { .. })))
}

/// E1, permalinks 1 to 3: two coordinators where the highest is slow, where the network is split, and where the highest returns.
/// Halting the others first prevents the last of them, and neither of the others.
#[test]
fn e1_when_two_nodes_lead() {
    let leads = |name: &str| judged(name, "").1.contains("Two Leaders");
    assert!(leads("paused") && leads("partition") && leads("returns"));
    let halted = |name: &str| judged(name, "set halt on").0.contains("One Leader");
    assert!(halted("paused") && halted("partition") && !halted("returns"));
    fact(
        "E1",
        "the highest is slow: two coordinators",
        BOOK,
        "yes",
        if leads("paused") { "yes" } else { "no" },
    );
    fact("E1", "a partition: two coordinators", BOOK, "yes", if leads("partition") { "yes" } else { "no" });
    fact(
        "E1",
        "the highest returns: two coordinators for a while",
        BOOK,
        "yes",
        if leads("returns") { "yes" } else { "no" },
    );
    let prevented = if halted("returns") { "no" } else { "yes" };
    fact(
        "E1",
        "the highest returns and halts the others first: one coordinator at any time",
        PAPER,
        "yes",
        prevented,
    );
}

/// An attack, with one seed. Where nobody asks for elections, only crashes and returns bring them about, and in the end all can be
/// held to whom they take for the leader.
fn attacked(lines: &[&str], seed: u64) -> Attack {
    let mut base = Scenario::of(find("bully").unwrap());
    for line in lines.iter().copied().chain([&*format!("nodes {}", 2 + seed % 6), "set check 60ms"]) {
        base.amend(line).unwrap();
    }
    attack(&base, seed)
}

/// Where bounds on time hold, halting the others first keeps the promise that textbooks cannot make: no two lead at any time.
#[test]
fn both_algorithms_survive_the_nemesis() {
    for (halt, ask) in [("off", "3600s"), ("on", "3600s"), ("on", "0s")] {
        let (mut judged, mut two) = (0, 0);
        for seed in 1..=1_000 {
            let attack = attacked(&[&format!("set halt {halt}"), &format!("ask {ask}")], seed);
            assert_eq!(attack.broken, None, "halt {halt}, ask {ask}, seed {seed}:\n{}", attack.scenario);
            two += usize::from(attack.reached.contains(&"Two Leaders"));
            judged += usize::from(attack.judged.contains(&"Elected"));
        }
        println!("halt {halt}, ask {ask}: {judged} judged, {two} with two leaders");
        // In the others no node crashes, and so none stands.
        assert!(judged > 600, "halt {halt}, ask {ask}: {judged}");
        assert_eq!(two > 0, halt == "off", "halt {halt}, ask {ask}: {two}");
    }
}

/// The same nemesis notices the wrong twins; some only where nobody asks for another election, which would mend what they do. The one
/// that waits for ever is noticed in its own run only: the nemesis ends with all nodes restarting, which begins an election.
#[test]
fn the_nemesis_notices_the_wrong_twins() {
    for (twin, lines) in [
        ("hasty", ["ask 0s", "set halt off"]),
        ("answers-once", ["ask 0s", "set halt off"]),
        ("skips-suspect", ["ask 3600s", "set halt off"]),
        ("asks-everybody", ["ask 3600s", "set halt off"]),
        ("returns-in-office", ["ask 3600s", "set halt off"]),
        ("returns-in-office", ["ask 0s", "set halt on"]),
    ] {
        let twin = format!("twin {twin}");
        let noticed = (1..=2_000).find(|seed| attacked(&[&twin, lines[0], lines[1]], *seed).broken.is_some());
        println!("{twin}, {lines:?}: seed {noticed:?}");
        assert!(noticed.is_some(), "{twin}, {lines:?}");
    }
}

fn searched(lines: &[&str], bounds: Bounds) -> Findings {
    let mut scenario = Scenario::of(find("bully").unwrap());
    for line in lines {
        scenario.amend(line).unwrap();
    }
    let mut search = Search::new(&scenario, bounds);
    while !search.step(1_000) {}
    search.findings().clone()
}

/// All runs within bounds, with crashes and returns. Without the halting two nodes lead at times, and with it never.
#[test]
fn all_runs_of_two_and_three_nodes() {
    for (halt, nodes, crashes, timers) in [("off", 3, 1, 2), ("off", 2, 2, 4), ("on", 2, 2, 4)] {
        let bounds =
            Bounds { depth: u32::MAX, inputs: 1, crashes, timers: Some(timers), ..Bounds::default() };
        let found = searched(&[&format!("nodes {nodes}"), &format!("set halt {halt}")], bounds);
        assert!(found.complete, "{:?}", found.verdict());
        assert_eq!(found.broken.iter().map(|(claim, _)| claim).collect::<Vec<_>>(), [""; 0], "halt {halt}");
        let two = found.reached.contains(&"Two Leaders");
        assert_eq!(two, halt == "off", "halt {halt}");
        let what = format!(
            "complete search, {nodes} nodes, 1 request, {crashes} crashes, {timers} timers, halt {halt}"
        );
        let (expected, measured) =
            if two { ("two leaders at times", "two leaders") } else { ("one leader", "one leader") };
        fact("E1", &what, "computed", expected, format!("{measured}, {} states", found.states));
    }
}

/// The picture: everybody points at the coordinator, and a candidate seeks.
#[test]
fn the_cards_show_the_coordinator() {
    let preset = presets().find(|(slug, it)| *slug == "bully" && it.name == "first-steps").unwrap().1;
    let mut session = Session::new(parse(preset.text).unwrap());
    let signs = |session: &Session| {
        let view = session.view();
        view.nodes.iter().map(|node| node.card.sign).collect::<Vec<_>>()
    };
    session.seek_time(10_000);
    assert_eq!(signs(&session), [Idle, Idle, Idle, Idle, Leading]);
    let view = session.view();
    let to =
        |node: usize| view.nodes[node].card.pointers.iter().map(|it| it.to.to_string()).collect::<Vec<_>>();
    assert_eq!([to(0), to(3), to(4)], [vec!["n5"], vec!["n5"], vec![]]);
    session.seek_time(85_000);
    assert_eq!(signs(&session)[..4], [Idle, Idle, Uncertain, Seeking]);
    session.seek_time(150_000);
    assert_eq!(signs(&session)[..4], [Idle, Idle, Idle, Leading]);
}
