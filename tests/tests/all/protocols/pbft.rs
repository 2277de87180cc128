//! PBFT against its literature (F7): messages, delays, what a client believes, view changes and their growing timeouts;
//! liars under the nemesis, what they forge for a new view, and what clients saw of it.

#![allow(clippy::unwrap_used)] // What cannot be unwrapped has failed the test.

use faultline_core::check::{Bounds, walk};
use faultline_core::history::KeyValue;
use faultline_core::linearizability::{Verdict, check};
use faultline_core::nemesis::attack;
use faultline_core::scenario::Act;
use faultline_core::sim::Run;
use faultline_core::trace::{Line, What};
use faultline_core::{NodeId, Scenario, Session};
use faultline_tests::{fact, find, play, presets};

const OSDI: &str = "Castro & Liskov 1999";
const COMPUTED: &str = "computed";
/// The latency of every message, and when the first request is made, in microseconds.
const DELAY: u64 = 10_000;
const ASK: u64 = 10_000;

/// One request among so many replicas, and what is done besides.
fn request(replicas: usize, besides: &str) -> Run {
    let client = replicas + 1;
    play(&format!(
        "faultline 2\nprotocol pbft\nnodes {}\nlatency 10ms\nuntil 600ms\nat 10ms n{client} Put \
         x=1\n{besides}",
        replicas + 2
    ))
}

fn lines(run: &Run) -> Vec<Line> {
    run.lines(0, run.records().len())
}

/// How many messages of a kind were sent.
fn sent(run: &Run, kind: &str) -> usize {
    let of_line = |line: &Line| -> usize {
        let of_kind = line.sent.iter().filter(|text| text.starts_with(&format!("{kind} ")));
        of_kind.map(|text| text.rsplit_once(" to ").unwrap().1.split(", ").count()).sum()
    };
    lines(run).iter().map(of_line).sum()
}

/// When a node was told a fact first.
fn told(run: &Run, node: usize, fact: &str) -> Option<u64> {
    let mine = |line: &&Line| line.record.node as usize == node && line.outputs.iter().any(|it| it == fact);
    lines(run).iter().find(mine).map(|line| line.record.time)
}

/// F7.1: 2n² − n + 1 messages, the client's request and the answers to it counted.
#[test]
fn f7_1_a_request_costs_2n2_minus_n_plus_1_messages() {
    for n in [4, 5, 7, 10, 13] {
        let run = request(n, "");
        let delivered = run.records().iter().filter(|record| record.what == What::Deliver).count();
        assert_eq!(delivered, 2 * n * n - n + 1, "n = {n}");
        let phases = ["Request", "PrePrepare", "Prepare", "Commit", "Reply"].map(|kind| sent(&run, kind));
        assert_eq!(phases, [1, n - 1, (n - 1) * (n - 1), n * (n - 1), n], "n = {n}");
        if [4, 7].contains(&n) {
            let (what, expected) =
                (format!("messages of a request among n = {n}, client included"), 2 * n * n - n + 1);
            fact("F7.1", &what, OSDI, format!("2n² − n + 1 = {expected}"), delivered);
        }
    }
}

/// F7.2: five delays, four with tentative execution, two for what only reads.
#[test]
fn f7_2_an_answer_takes_five_delays_four_or_two() {
    for n in [4, 7, 10] {
        let (put, get) = (format!("n{}.1 Put x=1", n + 1), format!("n{}.2 Get x", n + 1));
        for (settings, delays) in
            [("", [5, 5]), ("tentative", [4, 4]), ("read-only", [5, 2]), ("read-only tentative", [4, 2])]
        {
            let set: Vec<String> =
                settings.split_whitespace().map(|name| format!("set {name} on\n")).collect();
            let set = set.concat();
            let run = request(n, &format!("{set}at 200ms n{} Get x\n", n + 1));
            let accepted = |what: &str, asked: u64| {
                (told(&run, n, &format!("Accepted {what}")).unwrap() - asked) / DELAY
            };
            let taken = [accepted(&put, ASK), accepted(&format!("{get} is 1"), 200_000)];
            assert_eq!(taken, delays, "n = {n}, {settings}");
        }
    }
    let delays = |set: &str, what: &str, asked: u64| {
        let run = request(4, &format!("{set}at 200ms n5 Get x\n"));
        (told(&run, 4, &format!("Accepted {what}")).unwrap() - asked) / DELAY
    };
    let (put, get) = ("n5.1 Put x=1", "n5.2 Get x is 1");
    fact("F7.2", "delays from a request to the answer", OSDI, 5, delays("", put, ASK));
    fact("F7.2", "delays with tentative execution", OSDI, 4, delays("set tentative on\n", put, ASK));
    let read = delays("set read-only on\n", get, 200_000);
    fact("F7.2", "delays of a read-only request in one round trip", OSDI, 2, read);
}

/// F7.3: a client believes f + 1 equal answers, and one that differs from them does not count.
#[test]
fn f7_3_a_client_waits_for_f_plus_1_equal_answers() {
    let answers = |run: &Run, client: usize| {
        let accepted = told(run, client, &format!("Accepted n{}.1 Put x=1", client + 1)).map(|_| ());
        accepted.unwrap();
        let lines = lines(run);
        let to_client = lines.iter().filter(|line| line.record.node as usize == client);
        let until = to_client.take_while(|line| line.outputs.iter().all(|it| !it.starts_with("Accepted")));
        // The one that it was accepted with is not among those before.
        until.filter(|line| line.record.what == What::Deliver).count() + 1
    };
    for (n, f) in [(4, 1), (5, 1), (7, 2), (10, 3), (13, 4)] {
        assert_eq!(answers(&request(n, ""), n), f + 1, "n = {n}");
    }
    fact(
        "F7.3",
        "equal answers that a client waits for, f = 1",
        OSDI,
        "f + 1 = 2",
        answers(&request(4, ""), 4),
    );
    fact(
        "F7.3",
        "equal answers that a client waits for, f = 2",
        OSDI,
        "f + 1 = 3",
        answers(&request(7, ""), 7),
    );
    let early = |n| answers(&request(n, "set tentative on\n"), n);
    assert_eq!([4, 5, 7, 10].map(early), [3, 4, 5, 7]);
    let what = "equal answers that a client waits for, f = 1, where they are tentative";
    fact("F7.3", what, OSDI, "2f + 1 = 3", early(4));
    let lie = "at 50ms take over n1\nat 50ms forge n1>n5 Reply as Reply 1 in view 0, 0\n";
    let run = request(4, lie);
    assert_eq!(answers(&run, 4), 3);
    fact(
        "F7.3",
        "answers until a client believes, the first of them a lie",
        OSDI,
        "f + 2 = 3",
        answers(&run, 4),
    );
}

/// F7.4: a view change costs (n − 1)² messages and n − 1 for the new view. The old primary has crashed.
#[test]
fn f7_4_a_view_change_costs_n_minus_1_squared_messages_and_the_new_view_n_minus_1() {
    for n in [4, 7, 10] {
        let run = request(n, "at 15ms crash n1\n");
        assert_eq!((sent(&run, "ViewChange"), sent(&run, "NewView")), ((n - 1) * (n - 1), n - 1), "n = {n}");
        assert!(told(&run, n, &format!("Accepted n{}.1 Put x=1", n + 1)).is_some());
    }
    let run = request(4, "at 15ms crash n1\n");
    fact("F7.4", "view-change messages, n = 4", OSDI, "(n − 1)² = 9", sent(&run, "ViewChange"));
    fact("F7.4", "new-view messages, n = 4", OSDI, "n − 1 = 3", sent(&run, "NewView"));
}

/// The scenario of a name.
fn preset(name: &str) -> Run {
    play(presets().find(|(slug, preset)| *slug == "pbft" && preset.name == name).unwrap().1.text)
}

/// F7, permalink 4: the time for a view doubles with each that brings nothing.
#[test]
fn f7_permalink_4_timeouts_double() {
    let run = preset("silent-primary");
    let wanted = |view: u64| {
        let wants =
            |line: &&Line| line.record.node == 3 && line.sentence.contains(&format!("asks for view {view}"));
        lines(&run).iter().find(wants).unwrap().record.time
    };
    // A wish takes a delay of 80 ms to become one of a quorum; from then on time runs.
    let given: Vec<_> =
        [(1, 2), (2, 3)].map(|(one, next)| (wanted(next) - wanted(one) - 80_000) / 1_000).into();
    assert_eq!(given, [100, 200]);
    fact(
        "F7",
        "permalink 4: the time that views 1 and 2 have, in ms",
        OSDI,
        "100, doubled",
        format!("{given:?}"),
    );
}

/// The timeout doubles without a limit (§4.5.2), so a service whose messages take twenty times as long as its first timeout still
/// answers. Until then nothing is said of it, and nothing either while a timeout lasts that has grown because timers were fired, as with this seed.
#[test]
fn however_slow_messages_are_a_view_has_time_enough() {
    let stands = |latency: &str, until: &str| {
        let text = format!(
            "faultline 2\nprotocol pbft\nlatency {latency}\nuntil {until}\nat 10ms n5 Put x=1\nexpect holds liveness\n"
        );
        play(&text).verify().remove(0).1
    };
    for latency in ["15ms", "100ms", "400ms", "2s"] {
        assert_eq!(stands(latency, "100s"), Ok(()), "{latency}");
    }
    let unjudged = stands("400ms", "4s").unwrap_err();
    assert!(unjudged.contains("it may take"), "{unjudged}");
    assert_eq!(attack(&Scenario::of(find("pbft").unwrap()), 1_052).broken, None);
}

/// F7, permalinks 1 to 3: who executed what as number 1.
#[test]
fn f7_permalinks_1_to_3_end_as_the_literature_has_them() {
    let first = |run: &Run| {
        let mut first = Vec::new();
        for line in lines(run) {
            for output in line.outputs {
                if let Some(what) = output.strip_prefix("Executed 1: ") {
                    first.push((line.record.node + 1, what.to_owned()));
                }
            }
        }
        first.sort();
        first.into_iter().map(|(node, what)| format!("n{node} {what}")).collect::<Vec<_>>().join(", ")
    };
    let run = preset("equivocation");
    let safe = "n1 n6.1 Put x=2, n2 n6.1 Put x=2, n3 n6.1 Put x=2, n4 n6.1 Put x=2";
    assert_eq!(first(&run), safe);
    fact("F7", "permalink 1, equivocating primary: number 1", OSDI, "the same everywhere", first(&run));
    let run = preset("three-replicas");
    assert_eq!(first(&run), "n1 n4.1 Put x=1, n2 n4.1 Put x=1, n3 n5.1 Put x=2");
    fact("F7", "permalink 2, n = 3f: number 1", COMPUTED, "two values", first(&run));
    let run = preset("prepared");
    assert_eq!(first(&run), "n2 n6.1 Put x=1, n3 n6.1 Put x=1, n4 n6.1 Put x=1");
    fact("F7", "permalink 3, committed at n4 only: number 1", OSDI, "proposed again", first(&run));
    let run = preset("omits-prepared");
    assert_eq!(first(&run), "n2 n5.1 Put x=2, n3 n5.1 Put x=2, n4 n6.1 Put x=1");
    fact(
        "F7",
        "permalink 3 without the P-set: number 1",
        COMPUTED,
        "a committed request is lost",
        first(&run),
    );
}

/// What the page shows: phases in the log, roles, and a log that a checkpoint empties.
#[test]
fn the_cards_show_the_phases() {
    let mut session = Session::new(preset("first-steps").scenario().clone());
    let mut cell = |time: u64, node: usize| {
        session.seek_time(time);
        let card = session.view().nodes[node].card.clone();
        card.log.first().map(|cell| (cell.index, cell.term, cell.text.clone(), cell.committed))
    };
    let shown = |phase: &str, committed| Some((1, 0, format!("n5.1 Put x=1, {phase}"), committed));
    assert_eq!(cell(35_000, 1), shown("pre-prepared", false));
    assert_eq!(cell(45_000, 1), shown("prepared", false));
    assert_eq!(cell(55_000, 1), shown("executed", true));
    let mut session = Session::new(preset("checkpoints").scenario().clone());
    session.seek_time(100_000);
    for node in &session.view().nodes[..4] {
        let cells: Vec<_> =
            node.card.log.iter().map(|it| (it.index, it.text.as_str(), it.committed)).collect();
        assert_eq!((cells, node.card.table.len()), (vec![(2, "checkpoint", true)], 2), "{}", node.id);
    }
    let roles: Vec<_> = session.view().nodes.iter().map(|node| node.card.role).collect();
    assert_eq!(roles, ["primary", "backup", "backup", "backup", "client", "client"]);
}

/// Two liars among seven, clients among them; one among four is attacked with every protocol in `nemesis.rs`.
#[test]
fn two_liars_among_seven_break_nothing() {
    let mut base = Scenario::of(find("pbft").unwrap());
    base.amend("nodes 9").unwrap();
    let (mut liars, mut lies) = (0, 0);
    for seed in 1..=200 {
        let attack = attack(&base, seed);
        assert_eq!(attack.broken, None, "seed {seed}:\n{}", attack.scenario);
        let acts = attack.scenario.acts.iter().map(|timed| &timed.act);
        let taken = acts.clone().filter(|act| matches!(act, Act::TakeOver(_))).count();
        assert!(taken <= 2);
        liars = liars.max(taken);
        lies += acts.filter(|act| matches!(act, Act::Forge(..))).count();
    }
    assert!(liars == 2 && lies > 1_000, "{liars} liars, {lies} lies");
}

/// What clients are told is linearizable, whatever a liar among the replicas or the clients says. Where they
/// may read in one round trip that is not promised, but all claims hold.
#[test]
fn histories_are_linearizable_with_a_liar() {
    for (settings, linearizable) in
        [("", true), ("tentative", true), ("read-only", false), ("read-only tentative", false)]
    {
        let mut base = Scenario::of(find("pbft").unwrap());
        settings.split_whitespace().for_each(|name| base.amend(&format!("set {name} on")).unwrap());
        let (mut answered, mut taken) = (0, 0);
        for seed in 1..=100 {
            let attack = attack(&base, seed);
            assert_eq!(attack.broken, None, "{settings}, seed {seed}:\n{}", attack.scenario);
            let run = play(&attack.scenario.to_string());
            let history = run.end().history().unwrap();
            let holds = || matches!(check::<KeyValue>(history, 10_000_000), Verdict::Holds { .. });
            assert!(!linearizable || holds(), "{settings}, seed {seed}");
            answered += history.operations.iter().filter(|it| it.returned.is_some()).count();
            taken += usize::from((0..6).any(|node| run.end().is_taken_over(NodeId(node))));
        }
        assert!(answered > 1_000 && taken > 50, "{settings}: {answered} answers, {taken} runs with a liar");
    }
}

/// A write is done when f + 1 replicas have answered it, and 2f + 1 others that read at once may not have
/// executed it.
#[test]
fn a_read_in_one_round_trip_may_be_stale() {
    for (name, stale) in [("read-only", false), ("stale-read", true)] {
        let run = preset(name);
        let verdict = check::<KeyValue>(run.end().history().unwrap(), 10_000_000);
        assert_eq!(matches!(verdict, Verdict::Fails(_)), stale, "{name}");
    }
    let ordered = preset("stale-read").scenario().to_string().replace("set read-only on\n", "");
    let ordered = ordered.lines().filter(|line| !line.contains("forge")).collect::<Vec<_>>().join("\n");
    let run = play(&ordered);
    let verdict = check::<KeyValue>(run.end().history().unwrap(), 10_000_000);
    assert!(matches!(verdict, Verdict::Holds { .. }));
    assert!(told(&run, 5, "Accepted n6.1 Get x is 1").is_some());
}

/// §4.2: a backup refuses a number above its high watermark, and does not turn to it later, unless it is told again.
#[test]
fn numbers_above_the_high_watermark_are_refused() {
    let run = request(
        4,
        "set checkpoint 1\nset window 1\nat 20ms take over n1\n\
        at 20ms forge n1>n4 PrePrepare as PrePrepare 2 in view 0, n5.1 Put x=1\n",
    );
    assert!(told(&run, 4, "Accepted n5.1 Put x=1").is_some());
    assert!(lines(&run).iter().any(|line| {
        line.sentence.contains("n4 has proof that checkpoint 1 is stable, and takes its data from it")
    }));
    let prepares = |line: &Line| line.sent.iter().any(|text| text.starts_with("Prepare 2 "));
    assert!(!lines(&run).iter().any(prepares));
}

/// What was refused because it came too early is asked for when its time has come: n4 hears of checkpoints late.
#[test]
fn what_came_too_early_is_asked_for_in_time() {
    let late = [1, 2, 3].map(|node| format!("at 55ms delay n{node}>n4 Checkpoint by 35ms\n")).concat();
    let besides = format!("set checkpoint 1\nset window 1\n{late}at 62ms n6 Put y=2\n");
    let run = request(4, &besides);
    let refuses = |line: &Line| {
        line.record.node == 3
            && line.rule.is_some_and(|rule| rule.sentence.contains("above the high watermark"))
    };
    assert!(lines(&run).iter().any(refuses));
    let asks = |line: &Line| {
        line.sentence.contains("n4 has proof that checkpoint 1 is stable")
            && line.sent.iter().any(|it| it.starts_with("Status "))
    };
    let again = |line: &Line| line.sent.iter().any(|it| it == "PrePrepare 2 in view 0, n6.1 Put y=2 to n4");
    assert!(lines(&run).iter().any(asks) && lines(&run).iter().any(again));
    // It has the outcome of number 2, by a stable checkpoint.
    assert!(lines(&run).iter().any(|line| {
        line.sentence.contains("n4 has proof that checkpoint 2 is stable, and takes its data from it")
    }));
    assert_eq!(sent(&run, "ViewChange"), 0);
}

/// Links may lose whatever they like for a while. The replicas are cut off from each other at every moment of a request,
/// of a view change and of a checkpoint, all of them up or the first primary down: all requests are answered afterwards.
#[test]
fn a_partition_at_any_moment_ends_nothing() {
    for crash in ["", "at 15ms crash n1\n"] {
        for begins in (5..400).step_by(9) {
            let heals = begins + 300;
            let asks = format!("at {}ms n6 Put y=2\nat {}ms n5 Get y\n", heals + 10, heals + 900);
            let run = play(&format!(
                "faultline 2\nprotocol pbft\nlatency 10ms\nset checkpoint 1\nuntil 4s\nat 10ms n5 Put x=1\n{crash}\
                 at {begins}ms cut n1|n2,n5|n3|n4,n6\nat {heals}ms heal\n{asks}"
            ));
            for (client, fact) in
                [(4, "Accepted n5.1 Put x=1"), (5, "Accepted n6.1 Put y=2"), (4, "Accepted n5.2 Get y is 2")]
            {
                assert!(told(&run, client, fact).is_some(), "cut at {begins} ms, {crash:?}: {fact}");
            }
        }
    }
}

/// A lost message costs no view: the replica that lacks it asks before it loses patience.
#[test]
fn a_lost_message_is_sent_again_within_the_view() {
    for (lost, at) in [
        (vec!["n1>n4 PrePrepare"], 25),
        (vec!["n2>n4 Prepare", "n3>n4 Prepare"], 35),
        (vec!["n1>n4 Commit", "n2>n4 Commit"], 45),
        (vec!["n1>n2 Commit", "n3>n2 Commit", "n4>n3 Commit", "n1>n3 Commit"], 45),
    ] {
        let drops = lost.iter().map(|name| format!("at {at}ms drop {name}\n")).collect::<Vec<_>>().concat();
        let run = request(4, &drops);
        for node in 0..4 {
            assert!(told(&run, node, "Executed 1: n5.1 Put x=1").is_some(), "n{}, {lost:?}", node + 1);
        }
        assert_eq!(sent(&run, "ViewChange"), 0, "{lost:?}");
    }
}

/// What n1 and n2 say of what a liar sends them when another view is to begin: the acts before it, the lie,
/// and the reason.
const REFUSED: &[(&str, &str, &str)] = &[
    // n4 has seen both requests prepared.
    (
        "n4>n2",
        "ViewChange 1, stable 0, prepared 1 in view 0, n6.1 Put x=2 (n4 alone), prepared 2 in view 0, n6.1 Put x=2",
        "its certificate for number 1 has no pre-prepare of the primary",
    ),
    ("n4>n2", "ViewChange 1, stable 4 (n4 alone)", "too few replicas have signed its checkpoint 4"),
    // n1 was the primary, and so its word is a pre-prepare.
    (
        "n1>n2",
        "ViewChange 1, stable 0, prepared 1 in view 0, n6.1 Put x=2 (n1 alone), prepared 2 in view 0, n6.1 Put x=2",
        "only 1 replica has signed its certificate for number 1",
    ),
    (
        "n1>n2",
        "ViewChange 1, stable 0, prepared 1 in view 0, nothing (n1; of something else n2, n3), prepared 2 in view 0, n6.1 Put x=2",
        "the prepares in its certificate for number 1 are of something else",
    ),
];

/// §4.4: a view-change message counts only with valid proofs, and a new view begins only with what follows
/// from such messages.
#[test]
fn what_proves_nothing_is_refused_with_its_reason() {
    let held: String =
        ["n3>n1", "n3>n2", "n4>n1", "n4>n2"].map(|link| format!("at 41ms hold {link}\n")).concat();
    let begins = format!("at 10ms n6 Put x=2\n{held}");
    for (link, lie, reason) in REFUSED {
        let (liar, at) = (&link[..2], if link.starts_with("n4") { 141 } else { 121 });
        let run = request(
            4,
            &format!(
                "{begins}at {at}ms take over {liar}\nat {at}ms forge {link} ViewChange as {lie}\nat 145ms release\n"
            ),
        );
        let refuses = format!("n2 refuses the view-change message of {liar} for view 1: {reason}");
        assert!(lines(&run).iter().any(|line| line.sentence.contains(&refuses)), "{lie}: {reason}");
    }
    // Only n4 and n1 have accepted the request, so the liar counts twice.
    let lone = "at 20ms drop n1>n2 PrePrepare\nat 20ms drop n1>n3 PrePrepare\nat 20ms hold n1>n2\nat 20ms hold n1>n3\n\
                at 131ms take over n4\nat 131ms release\n\
                at 131ms forge n4>n1 ViewChange as ViewChange 1, stable 0, prepared 1 in view 0, n5.1 Put x=1 (n1, n4, n4)\n";
    let reason = "n1 refuses the view-change message of n4 for view 1: only 2 replicas have signed its certificate for number 1";
    let run = request(4, lone);
    assert!(lines(&run).iter().any(|line| line.sentence.contains(reason)), "{}", run.transcript());
    for (lie, reason) in [
        ("n1, n2, n3", "it does not propose number 1, which V proves"),
        ("n1, n2, n3, 1 in view 1, nothing", "what it proposes as number 1 does not follow from V"),
        ("n1, n2, 1 in view 1, n5.1 Put x=1", "only 2 replicas ask for it"),
        (
            "n1, n2 (1, stable 0, prepared 1 in view 0, nothing (n2 alone)), n3, 1 in view 1, n5.1 Put x=1",
            "in the view-change message of n2, its certificate for number 1 has no pre-prepare of the primary",
        ),
    ] {
        let held: String =
            ["n2>n1", "n2>n3", "n4>n1", "n4>n3"].map(|link| format!("at 41ms hold {link}\n")).concat();
        let run = request(
            4,
            &format!(
                "{held}at 135ms release\nat 141ms take over n2\nat 141ms forge n2>n3 NewView as NewView 1 wanted by {lie}\n"
            ),
        );
        let refuses = format!("n3 refuses the new-view message of n2 for view 1: {reason}");
        assert!(lines(&run).iter().any(|line| line.sentence.contains(&refuses)), "{lie}: {reason}");
    }
}

/// A client that has lost its memory is not told that it is a replica.
#[test]
fn a_client_that_comes_back_is_still_a_client() {
    let run = request(4, "at 100ms crash n6\nat 200ms restart n6\nat 250ms n6 Put y=1\n");
    let rules: Vec<_> = lines(&run)
        .iter()
        .filter(|line| line.record.node == 5 && line.record.time >= 200_000)
        .filter_map(|line| line.rule.map(|rule| rule.sentence))
        .collect();
    assert!(!rules.is_empty() && rules.iter().all(|rule| rule.contains("client")), "{rules:?}");
    let mut session = Session::new(run.scenario().clone());
    session.seek_time(400_000);
    let places: Vec<_> = session.view().nodes.iter().map(|node| node.card.place).collect();
    assert_eq!(places, [1, 1, 1, 1, 0, 0]);
}

/// The nemesis notices these twins; the others need more luck than that, and have their scenarios.
#[test]
fn the_nemesis_notices_most_twins() {
    for (twin, seed, claim) in [
        ("counts-primary-twice", 210, "agreement"),
        ("no-watermarks", 1, "bounded-log"),
        ("executes-prepared", 163, "agreement"),
        ("believes-first", 1, "true-answers"),
        ("omits-prepared", 1, "agreement"),
        ("forgets-timestamps", 1, "no-duplication"),
        ("checks-no-signature", 41, "validity"),
        ("believes-certificates", 1, "no-duplication"),
        ("hurries-views", 2, "in-step"),
    ] {
        let mut base = Scenario::of(find("pbft").unwrap());
        base.amend(&format!("twin {twin}")).unwrap();
        let broken = attack(&base, seed).broken.map(|broken| broken.claim);
        assert_eq!(broken.as_deref(), Some(claim), "{twin}");
    }
}

/// Random walks, without a liar: any message next, any timer. With two timers a walk, which is what a change of view takes, one
/// of the first thousand comes upon the twin; without a bound most steps of a walk are replicas that ask what they lack.
#[test]
fn walks_find_nothing_but_a_twin() {
    let bounds = Bounds { depth: 60, inputs: 2, ..Bounds::default() };
    let mut scenario = Scenario::of(find("pbft").unwrap());
    assert!((1..=300).all(|seed| walk(&scenario, bounds, seed).is_none()));
    scenario.amend("twin executes-prepared").unwrap();
    let bounds = Bounds { timers: Some(2), ..bounds };
    let found = (1..=3_000).find_map(|seed| walk(&scenario, bounds, seed)).unwrap();
    assert_eq!(found.0, "agreement");
}
