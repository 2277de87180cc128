//! Atomic commit against its literature (F1): messages, delays, forced writes, uncertainty, blocking; and every variant
//! under the nemesis.

#![allow(clippy::unwrap_used)] // What cannot be unwrapped has failed the test.

use faultline_core::nemesis::{Attack, attack};
use faultline_core::property::Judgement;
use faultline_core::sim::Run;
use faultline_core::title::Preset;
use faultline_core::trace::{Flags, Record, What};
use faultline_core::view::Sign;
use faultline_core::{Scenario, Session};
use faultline_tests::{fact, find, play, presets};

mod options;

const VARIANTS: [&str; 3] = ["presumed-nothing", "presumed-abort", "presumed-commit"];
const BOOK: &str = "Bernstein, Hadzilacos & Goodman 1987, ch. 7";
const R_STAR: &str = "Mohan, Lindsay & Obermarck 1986";
/// The latency of every message, and when the first transaction is begun, in microseconds.
const DELAY: u64 = 10_000;
const BEGIN: u64 = 100_000;

/// One transaction without a failure among a coordinator and some participants, of whom some are asked something
/// before.
fn transaction(variant: &str, participants: usize, asked: &[String]) -> Run {
    let asked: Vec<_> = asked.iter().map(|words| format!("at 50ms {words}")).collect();
    play(&format!(
        "faultline 2\nprotocol two-phase-commit\nnodes {}\nlatency 10ms\nset variant {variant}\nuntil 1s\n{}\n\
         at 100ms n1 Begin\n",
        participants + 1,
        asked.join("\n")
    ))
}

fn delivered(run: &Run, holds: impl Fn(&Record) -> bool) -> usize {
    run.records().iter().filter(|record| record.what == What::Deliver && holds(record)).count()
}

/// Acknowledgements that arrived.
fn acks(run: &Run) -> usize {
    let kinds = run.scenario().entry.kinds;
    delivered(run, |record| kinds[usize::from(record.kind)].name == "Ack")
}

/// How often each node forced something to disk for the transaction, the coordinator first. What an application asks of a
/// participant comes before the protocol, and the papers do not count it.
fn forced(run: &Run) -> Vec<usize> {
    let of = |node: u32| {
        let wrote = |record: &&Record| record.node == node && record.flags.has(Flags::WROTE);
        let before = |record: &&Record| record.what == What::Boot || node > 0 && record.what == What::Input;
        run.records().iter().filter(wrote).filter(|record| !before(record)).count()
    };
    (0..run.scenario().nodes).map(of).collect()
}

/// When each node was told a fact first, the coordinator first.
fn told(run: &Run, fact: &str) -> Vec<Option<u64>> {
    let lines = run.lines(0, run.records().len());
    let of = |node: u32| {
        let mine = lines.iter().filter(|line| line.record.node == node);
        let mut found = mine.filter(|line| line.outputs.iter().any(|output| output == fact));
        found.next().map(|line| line.record.time)
    };
    (0..run.scenario().nodes).map(of).collect()
}

/// F1.1: 4N messages with acknowledgements and 3N without; the coordinator decides after two delays, the participants
/// after three.
#[test]
fn a_commit_costs_4n_or_3n_messages_and_two_or_three_delays() {
    for n in [1, 2, 3, 5, 20] {
        for (variant, messages, acknowledged) in
            [("presumed-nothing", 4 * n, n), ("presumed-abort", 4 * n, n), ("presumed-commit", 3 * n, 0)]
        {
            let run = transaction(variant, n, &[]);
            assert_eq!(
                (delivered(&run, |_| true), acks(&run)),
                (messages, acknowledged),
                "{variant}, N = {n}"
            );
            let decided = told(&run, "Decided commit t1");
            assert_eq!(decided[0], Some(BEGIN + 2 * DELAY), "{variant}, N = {n}");
            assert!(decided[1..].iter().all(|time| *time == Some(BEGIN + 3 * DELAY)), "{variant}, N = {n}");
        }
    }
    let messages = |variant| delivered(&transaction(variant, 5, &[]), |_| true);
    let (with, without) = (messages("presumed-nothing"), messages("presumed-commit"));
    fact("F1.1", "messages of a commit among N = 5, with acknowledgements", BOOK, "4N = 20", with);
    fact("F1.1", "messages of a commit among N = 5, without", BOOK, "3N = 15", without);
    let delays = |node: usize| {
        let decided = told(&transaction("presumed-nothing", 5, &[]), "Decided commit t1");
        (decided[node].unwrap() - BEGIN) / DELAY
    };
    fact("F1.1", "delays until the coordinator decides", BOOK, 2, delays(0));
    fact("F1.1", "delays until a participant decides", BOOK, 3, delays(1));
}

/// F1.2: a commit costs 2N + 1 forced writes, two a participant and one at the coordinator; with commit presumed one a
/// participant and two at the coordinator, and no acknowledgement.
#[test]
fn forced_writes_of_a_commit() {
    for n in [1, 3, 7] {
        for (variant, coordinator, participant) in
            [("presumed-nothing", 1, 2), ("presumed-abort", 1, 2), ("presumed-commit", 2, 1)]
        {
            let forced = forced(&transaction(variant, n, &[]));
            let mut expected = vec![participant; n + 1];
            expected[0] = coordinator;
            assert_eq!(forced, expected, "{variant}");
        }
    }
    for (variant, expected) in [("presumed-nothing", "2 × 3 + 1 = 7"), ("presumed-commit", "1 × 3 + 2 = 5")]
    {
        let sum: usize = forced(&transaction(variant, 3, &[])).iter().sum();
        fact("F1.2", &format!("forced writes of a commit among N = 3, {variant}"), R_STAR, expected, sum);
    }
}

/// F1.2: an abort, because the last participant refuses. With abort presumed the coordinator forces nothing, those who
/// voted yes force their promise only, and nobody acknowledges.
#[test]
fn forced_writes_of_an_abort() {
    for n in [2, 3, 7] {
        for (variant, coordinator, yes, no, acknowledged) in [
            ("presumed-nothing", 1, 2, 1, n - 1),
            ("presumed-abort", 0, 1, 0, 0),
            ("presumed-commit", 1, 2, 1, n - 1),
        ] {
            let run = transaction(variant, n, &[format!("n{} Refuse t1", n + 1)]);
            let mut expected = vec![yes; n + 1];
            (expected[0], expected[n]) = (coordinator, no);
            assert_eq!((forced(&run), acks(&run)), (expected, acknowledged), "{variant}, N = {n}");
            assert!(told(&run, "Decided abort t1").iter().all(Option::is_some), "{variant}, N = {n}");
        }
    }
    let run = transaction("presumed-abort", 3, &["n4 Refuse t1".into()]);
    fact("F1.2", "forced writes of the coordinator at an abort, presumed-abort", R_STAR, 0, forced(&run)[0]);
    fact("F1.2", "acknowledgements of an abort, presumed-abort", R_STAR, 0, acks(&run));
}

/// F1.3: a participant that only read gets one message and sends one, and forces nothing. Where all only read, the
/// coordinator forces nothing either, unless it had to say that it collects votes.
#[test]
fn a_reader_costs_two_messages_and_no_write() {
    for variant in VARIANTS {
        let run = transaction(variant, 3, &["n4 Read t1".into()]);
        assert_eq!(delivered(&run, |record| record.node == 3 || record.peer == 3), 2, "{variant}");
        assert_eq!(forced(&run)[3], 0, "{variant}");
        assert!(told(&run, "Decided commit t1")[..3].iter().all(Option::is_some), "{variant}");

        let readers: Vec<_> = (2..=4).map(|node| format!("n{node} Read t1")).collect();
        let run = transaction(variant, 3, &readers);
        let coordinator = if variant == "presumed-commit" { 2 } else { 0 };
        assert_eq!((delivered(&run, |_| true), forced(&run)), (6, vec![coordinator, 0, 0, 0]), "{variant}");
    }
    let run = transaction("presumed-nothing", 3, &["n4 Read t1".into()]);
    let messages = delivered(&run, |record| record.node == 3 || record.peer == 3);
    fact("F1.3", "messages of a participant that only read", R_STAR, 2, messages);
    fact("F1.3", "its forced writes", R_STAR, 0, forced(&run)[3]);
}

/// F1.4: who voted yes is uncertain for two delays at least, and for no more when all messages take the same time.
#[test]
fn uncertainty_lasts_two_delays_at_least() {
    let windows = |run: &Run| -> Vec<u64> {
        let (voted, decided) = (told(run, "Voted yes on t1"), told(run, "Decided commit t1"));
        voted.iter().zip(decided).skip(1).map(|(voted, decided)| decided.unwrap() - voted.unwrap()).collect()
    };
    let equal = windows(&transaction("presumed-nothing", 3, &[]));
    assert_eq!(equal, [2 * DELAY; 3]);
    fact("F1.4", "delays that a participant is uncertain, at least", "computed", 2, equal[0] / DELAY);
    let mut longest = 0;
    for seed in 1..=100 {
        let run = play(&format!(
            "faultline 2\nprotocol two-phase-commit\nseed {seed}\nlatency 5ms..15ms\nuntil 1s\nat 100ms n1 Begin\n"
        ));
        let windows = windows(&run);
        assert!(windows.iter().all(|window| *window >= 2 * 5_000), "seed {seed}: {windows:?}");
        longest = windows.into_iter().max().unwrap().max(longest);
    }
    assert!(longest > 2 * 15_000, "the slowest vote makes the others wait: {longest}");
}

/// States a fact of the book for the tests of the options: rows go by the file in which they are stated.
fn state(number: &str, what: &str, expected: &str, measured: &str) {
    fact(number, what, BOOK, expected, measured);
}

/// The scenario of a name, played with another line at the end.
fn preset(name: &str, line: &str) -> Run {
    let named = |(slug, preset): &(_, &Preset)| *slug == "two-phase-commit" && preset.name == name;
    let text = presets().find(named).map_or("", |(_, preset)| preset.text);
    play(&format!("{text}\n{line}\n"))
}

/// F1, permalink "blocking": who voted yes waits until somebody who knows is back. That may be a participant, if the
/// uncertain ask each other; else it is the coordinator alone.
#[test]
fn the_uncertain_wait_for_whoever_knows() {
    for (name, line, earliest) in [
        ("blocking", "", 500_000),
        ("cooperative", "", 300_000),
        ("cooperative", "set cooperative off", 600_000),
    ] {
        let decided = told(&preset(name, line), "Decided commit t1");
        for node in [2, 3] {
            let time = decided[node].unwrap();
            assert!((earliest..earliest + 60_000).contains(&time), "{name} {line}: {time}");
        }
    }
    let decided = told(&preset("blocking", ""), "Decided commit t1")[2].unwrap();
    let waited = format!("n3 decides after {} ms", decided / 1_000);
    fact("F1", "blocking: who knows is back after 500 ms", BOOK, "not before 500 ms", waited);
}

/// What the page shows of the blocking: who is stuck, what is on whose disk, and that a node keeps its role while it
/// is down.
#[test]
fn the_cards_show_who_is_blocked() {
    let session = Session::new(preset("blocking", "").scenario().clone());
    let view = session.view();
    assert_eq!(view.time, 330_000);
    let shown: Vec<_> =
        view.nodes.iter().map(|node| (node.up, node.card.role, node.card.badge.as_str())).collect();
    assert_eq!(
        shown,
        [
            (false, "coordinator", "t1"),
            (false, "committed", "t1"),
            (true, "blocked", "t1"),
            (true, "blocked", "t1"),
        ]
    );
    let log: Vec<_> =
        view.nodes[2].card.log.iter().map(|cell| (cell.text.as_str(), cell.committed)).collect();
    assert_eq!((log, view.nodes[2].card.sign), (vec![("prepare t1", true)], Sign::Blocked));
    // An end is lazy: it is in the log, and not on disk.
    let view = Session::new(preset("first-steps", "show 60ms").scenario().clone()).view();
    let coordinator = &view.nodes[0].card;
    let log: Vec<_> = coordinator.log.iter().map(|cell| (cell.text.as_str(), cell.committed)).collect();
    assert_eq!(log, [("commit t1", true), ("end t1", false)]);
}

/// What the nemesis breaks of a variant and a wrong twin with one seed, inside the assumptions.
fn attacked(variant: &str, twin: Option<&str>, seed: u64) -> Attack {
    let mut base = Scenario::of(find("two-phase-commit").unwrap());
    base.amend(&format!("set variant {variant}")).unwrap();
    base.amend(&format!("set cooperative {}", if seed.is_multiple_of(2) { "on" } else { "off" })).unwrap();
    if let Some(twin) = twin {
        base.amend(&format!("twin {twin}")).unwrap();
    }
    attack(&base, seed)
}

/// Every claim holds in every variant under lost messages, crashes and cuts, and some participants are blocked.
#[test]
fn every_variant_survives_the_nemesis() {
    for variant in VARIANTS {
        let mut blocked = 0;
        for seed in 1..=1_000 {
            let attack = attacked(variant, None, seed);
            assert_eq!(attack.broken, None, "{variant}, seed {seed}:\n{}", attack.scenario);
            blocked += usize::from(attack.reached.contains(&"Blocking"));
        }
        println!("{variant}: {blocked} runs of 1000 were blocked for a while");
        assert!(blocked > 100, "{variant}: only {blocked}");
    }
}

/// The same nemesis notices every wrong twin where its rule matters.
#[test]
fn the_nemesis_notices_every_wrong_twin() {
    for (twin, variant) in [
        ("votes-unforced", "presumed-nothing"),
        ("decides-unforced", "presumed-commit"),
        ("aborts-uncertain", "presumed-nothing"),
        ("commits-forgotten", "presumed-abort"),
        ("reuses-numbers", "presumed-abort"),
        ("votes-without-work", "presumed-nothing"),
        ("collects-unforced", "presumed-commit"),
        ("acks-unforced", "presumed-nothing"),
        ("presumes-early", "presumed-abort"),
    ] {
        let noticed = (1..=2_000).find(|seed| attacked(variant, Some(twin), *seed).broken.is_some());
        println!("{twin}: seed {noticed:?}");
        assert!(noticed.is_some(), "{twin}");
    }
}

/// What a node was told of a transaction, in the order of the events.
fn told_of(run: &Run, node: u32, transaction: &str) -> Vec<String> {
    let lines = run.lines(0, run.records().len());
    let mine = lines.into_iter().filter(|line| line.record.node == node).flat_map(|line| line.outputs);
    mine.filter(|output| output.ends_with(transaction)).collect()
}

/// BHG 7.4, recovery: a participant that has no promise on its disk aborts what had begun before its crash, be the crash before
/// the request for its vote arrives or, as far as the coordinator knows, before the transaction began; after a crash of the
/// coordinator as well. What the application refused stays refused, whenever it began.
#[test]
fn a_crash_before_the_vote_is_a_no() {
    for variant in VARIANTS {
        for asked in ["", "at 2ms n3 Refuse t1", "at 2ms n3 Read t1", "at 7ms n3 Read t1"] {
            for (crash, restart) in [("3ms", "6ms"), ("45ms", "48ms"), ("53ms", "54ms"), ("53ms", "58ms")] {
                for coordinator in ["", "at 20ms crash n1\nat 25ms restart n1"] {
                    let run = play(&format!(
                        "faultline 2\nprotocol two-phase-commit\nlatency 10ms\nset variant {variant}\nuntil 1s\n{asked}\n\
                         {coordinator}\nat {crash} crash n3\nat {restart} restart n3\nat 50ms n1 Begin\nat 300ms n1 Begin\n"
                    ));
                    let (first, second) =
                        if coordinator.is_empty() { ("t1", "t2") } else { ("t101", "t102") };
                    let refused = asked.contains("Refuse") && first == "t1";
                    let case = format!("{variant}, {asked}, {crash}, {coordinator}");
                    let expected = if crash == "3ms" && !refused { "commit" } else { "abort" };
                    // Who only reads there hears of no commit.
                    let reads = asked.starts_with("at 7ms");
                    let all = told(&run, &format!("Decided {expected} {first}"));
                    let settled = |(node, told): (usize, &Option<u64>)| told.is_some() || node == 2 && reads;
                    assert!(all.iter().enumerate().all(settled), "{case}: {all:?}");
                    if expected == "abort" {
                        let no = [format!("Voted no on {first}"), format!("Decided abort {first}")];
                        assert_eq!(told_of(&run, 2, first), no, "{case}");
                    }
                    // Of the next transaction nothing is lost.
                    let all = told(&run, &format!("Decided commit {second}"));
                    assert!(all.iter().all(Option::is_some), "{case}: {all:?}");
                }
            }
        }
    }
}

/// The same of several that are begun at once, and of one that the application refuses ahead. Once the coordinator has heard of
/// the restart, what it begins has lost nothing, also if it crashes itself in between; the news may be lost, and then the
/// next vote brings it.
#[test]
fn a_crash_undoes_the_work_on_all_that_were_begun_and_on_nothing_later() {
    for variant in VARIANTS {
        let run = |text: &str| {
            play(&format!(
                "faultline 2\nprotocol two-phase-commit\nlatency 10ms\nset variant {variant}\nuntil 2s\n{text}"
            ))
        };
        let votes = |run: &Run, expected: &[(&str, &str)]| {
            for (transaction, vote) in expected {
                let told = told_of(run, 3, transaction);
                assert_eq!(told[0], format!("Voted {vote} on {transaction}"), "{variant}");
            }
        };
        let begun = run(
            "at 5ms n4 Read t5\nat 6ms n4 Refuse t4\nat 10ms n1 Begin\nat 11ms n1 Begin\nat 12ms n1 Begin\n\
             at 15ms crash n4\nat 18ms restart n4\nat 300ms n1 Begin\nat 600ms n1 Begin\n",
        );
        votes(&begun, &[("t1", "no"), ("t2", "no"), ("t3", "no"), ("t4", "no"), ("t5", "yes")]);
        let later = "at 10ms crash n4\nat 20ms restart n4\nat 500ms n1 Begin\nat 501ms n1 Begin\n";
        votes(&run(later), &[("t1", "yes"), ("t2", "yes")]);
        let coordinator = format!("{later}at 100ms crash n1\nat 150ms restart n1\n");
        votes(&run(&coordinator), &[("t101", "yes"), ("t102", "yes")]);
        let unheard = format!("{later}at 20ms drop n4>n1 Restarted\nat 700ms n1 Begin\n");
        votes(&run(&unheard), &[("t1", "no"), ("t2", "no"), ("t3", "yes")]);
    }
}

/// Why links must deliver at most once: n4 only read and forgets that in a crash; a second copy of the question makes
/// it refuse what the others have committed.
#[test]
fn a_question_that_arrives_twice_with_a_crash_between_breaks_agreement() {
    let broken = |copy: &str| {
        let run = play(&format!(
            "faultline 2\nprotocol two-phase-commit\nlatency 10ms\nset variant presumed-abort\nset cooperative off\n\
             until 1s\nat 5ms n4 Read t1\nat 10ms n1 Begin\n{copy}at 100ms crash n4\nat 110ms restart n4\n"
        ));
        let claims = run.scenario().entry.claims();
        let verdicts = run.verdicts();
        let broken =
            claims.iter().zip(verdicts).filter(|(_, verdict)| matches!(verdict, Judgement::Violated { .. }));
        broken.map(|(claim, _)| claim.name).collect::<Vec<_>>()
    };
    let copied = "at 12ms duplicate n1>n4 Prepare\nat 12ms delay n1>n4 Prepare#2 by 200ms\n";
    assert_eq!((broken(""), broken(copied)), (vec![], vec!["Agreement"]));
}
