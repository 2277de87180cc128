//! Causal broadcast against its literature (B1, B4, C6): the question and the answer, the cost of a
//! broadcast, vector order against happened-before, a sender that dies half-way; every order under the
//! nemesis, and all of its runs within bounds.
#![allow(clippy::unwrap_used)] // What cannot be unwrapped has failed the test.

use crate::oracle;
use faultline_core::check::{Bounds, Search};
use faultline_core::name::NodeId;
use faultline_core::nemesis::{Attack, attack};
use faultline_core::sim::Run;
use faultline_core::title::Preset;
use faultline_core::toolbox::clocks::VectorClock;
use faultline_core::trace::What;
use faultline_core::view::{LaneState, Sign};
use faultline_core::{Scenario, Session};
use faultline_protocols::broadcast::causal::{Causal, Params};
use faultline_tests::{fact, find, parse, play, presets};
use std::collections::{BTreeMap, BTreeSet};

const ORDERS: [&str; 3] = ["none", "fifo", "causal"];
const BSS: &str = "Birman, Schiper & Stephenson 1991";
const CGR: &str = "Cachin, Guerraoui & Rodrigues 2011";
const CLOCKS: &str = "Fidge 1988; Mattern 1989";

/// A run with the workload: somebody says or answers something every few milliseconds while messages overtake each other.
fn talk(nodes: u32, order: &str, seed: u64) -> Run {
    play(&format!(
        "faultline 2\nprotocol causal-broadcast\nnodes {nodes}\nseed {seed}\nset order {order}\nlatency 1ms..60ms\n\
         ask 7ms\nuntil 500ms"
    ))
}

/// What the application was told at a node, in order: whether it was sent or delivered, and which message.
fn told(run: &Run) -> Vec<(u32, bool, String)> {
    let lines = run.lines(0, run.records().len());
    let facts = lines.iter().flat_map(|line| {
        line.outputs.iter().map(|output| {
            let mut words = output.split(' ');
            (line.record.node, words.next() == Some("Sent"), words.next().unwrap().to_owned())
        })
    });
    facts.collect()
}

/// The clock that each message carries, read off what was sent.
fn stamps(run: &Run) -> BTreeMap<String, VectorClock> {
    let lines = run.lines(0, run.records().len());
    let stamp = |sent: &String| {
        let (said, rest) = sent.split_once(" [").unwrap();
        let (entries, _) = rest.split_once(']').unwrap();
        let mut clock = VectorClock::default();
        for (node, entry) in (0..).map(NodeId).zip(entries.split(' ')) {
            clock.raise(node, entry.parse().unwrap());
        }
        (said.split(' ').nth(1).unwrap().to_owned(), clock)
    };
    lines.iter().flat_map(|line| line.sent.iter().map(stamp)).collect()
}

/// All pairs of messages of which the first happened before the second: the transitive closure of "its sender had said
/// or delivered it", computed without any clock.
fn happened_before(run: &Run) -> BTreeSet<(String, String)> {
    let mut past: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut known: BTreeMap<u32, BTreeSet<String>> = BTreeMap::new();
    for (node, sent, name) in told(run) {
        let known = known.entry(node).or_default();
        if sent {
            past.insert(name.clone(), known.clone());
        }
        known.extend(past[&name].clone());
        known.insert(name);
    }
    past.iter().flat_map(|(after, all)| all.iter().map(|before| (before.clone(), after.clone()))).collect()
}

/// C6.1 and C6.2 (Fidge 1988; Mattern 1989), exact: of two messages the first happened before the second if and only if
/// its clock is known to the other's and the other's not to it; so as many pairs are concurrent by clocks as by closure.
#[test]
fn c6_1_vector_order_is_happened_before_on_all_pairs() {
    let (mut pairs, mut concurrent, mut unordered) = (0, 0, 0);
    for (nodes, seed) in [(2, 1), (3, 1), (3, 2), (5, 1), (5, 2), (8, 1), (21, 1)] {
        let run = talk(nodes, "causal", seed);
        let (stamps, before) = (stamps(&run), happened_before(&run));
        let mut by_clocks = 0;
        for (one, mine) in &stamps {
            for (other, yours) in stamps.iter().filter(|(other, _)| *other != one) {
                let earlier = yours.knows(mine) && !mine.knows(yours);
                assert_eq!(earlier, before.contains(&(one.clone(), other.clone())), "{one} and {other}");
                by_clocks += usize::from(one < other && mine.is_concurrent_with(yours));
            }
        }
        let all = stamps.len() * (stamps.len() - 1) / 2;
        assert_eq!(by_clocks, all - before.len(), "{nodes} nodes, seed {seed}");
        (pairs, concurrent) = (pairs + all, concurrent + by_clocks);
        unordered += all - before.len();
    }
    let agree = format!("{pairs} of {pairs} pairs");
    fact("C6.1", "pairs on which the clocks' order is happened-before", CLOCKS, "all", agree);
    fact("C6.2", "concurrent pairs by clocks, against the closure's", "computed", unordered, concurrent);
    assert!(concurrent > 1_000 && pairs > 2 * concurrent);
}

/// C6, bugs: the derived order of clocks, as lists, orders pairs of which neither happened before the other.
#[test]
fn c6_lexicographic_order_is_not_causal_order() {
    let run = talk(5, "causal", 1);
    let (stamps, before) = (stamps(&run), happened_before(&run));
    let wrong = stamps.iter().flat_map(|(one, mine)| {
        let before = &before;
        let later = stamps.iter().filter(move |(_, yours)| mine < yours);
        later.filter(move |(other, _)| !before.contains(&(one.clone(), (*other).clone())))
    });
    assert!(wrong.count() > 100);
}

/// B4.2 (Birman, Schiper & Stephenson 1991), exact: a broadcast is n − 1 messages, each carries n integers, and one that
/// nothing overtakes is delivered after one delay.
#[test]
fn b4_2_a_broadcast_costs_n_less_1_messages_of_n_integers() {
    for n in [2_usize, 3, 4, 7, 21] {
        let run = play(&format!(
            "faultline 2\nprotocol causal-broadcast\nnodes {n}\nlatency 10ms\nask 0s\nuntil 1s\nat 100ms n1 Broadcast\n"
        ));
        let arrived: Vec<_> = run.records().iter().filter(|record| record.what == What::Deliver).collect();
        assert_eq!(arrived.len(), n - 1);
        assert!(arrived.iter().all(|record| record.time == 110_000));
        assert_eq!(told(&run).len(), n + 1, "one was sent, and {n} delivered it");
        assert_eq!(stamps(&run)["n1.1"].entries().len(), n);
        if n == 7 {
            fact("B4.2", "messages of a broadcast among n = 7", BSS, "n − 1 = 6", arrived.len());
            let carried = stamps(&run)["n1.1"].entries().len();
            fact("B4.2", "integers that each carries, n = 7", BSS, "n = 7", carried);
        }
    }
}

/// B4.2, the rule itself: a node delivers a message exactly when it is the next of its sender and all that had happened
/// before has been delivered. Every delivery of many runs is held against the closure, and every message is delivered no
/// later than the step that delivers the last of its past, or its own arrival.
#[test]
fn b4_2_a_message_waits_for_its_past_and_for_nothing_else() {
    let mut waited = 0;
    for seed in 1..=20 {
        let run = talk(4, "causal", seed);
        let before = happened_before(&run);
        let mut delivered: Vec<BTreeSet<String>> = vec![BTreeSet::new(); 4];
        let mut arrived = delivered.clone();
        for line in run.lines(0, run.records().len()) {
            let here = line.record.node as usize;
            if line.record.what == What::Deliver {
                let words = if line.occasion.is_empty() { &line.sentence } else { &line.occasion };
                let at = words.find("Broadcast ").or(words.find("Answer ")).unwrap();
                arrived[here].insert(words[at..].split(' ').nth(1).unwrap().to_owned());
            }
            for output in &line.outputs {
                let name = output.split(' ').nth(1).unwrap();
                let mut past = before.iter().filter(|(_, after)| after == name).map(|(before, _)| before);
                if output.starts_with("Delivered") {
                    assert!(past.all(|it| delivered[here].contains(it)), "{output}");
                    delivered[here].insert(name.to_owned());
                }
            }
            for name in arrived[here].difference(&delivered[here]) {
                let mut past = before.iter().filter(|(_, after)| after == name).map(|(before, _)| before);
                assert!(past.any(|it| !delivered[here].contains(it)), "{name} waits for nothing");
                waited += 1;
            }
        }
    }
    assert!(waited > 100, "{waited}");
    let measured = format!("{waited} of {waited}");
    fact(
        "B4.2",
        "looks at a message that is held back: something of its past is missing",
        BSS,
        "all",
        measured,
    );
}

/// Copies, in every order: what the network delivers again is recognised, whether the first was delivered, in turn or
/// ahead of its turn, or is held back. Nothing is delivered twice or held twice, and everything arrives.
#[test]
fn copies_are_recognised_in_every_order() {
    for order in ORDERS {
        let (mut copies, mut of_held) = (0, 0);
        for seed in 1..=10 {
            let run = play(&format!(
                "faultline 2\nprotocol causal-broadcast\nnodes 4\nseed {seed}\nset order {order}\n\
                 latency 1ms..60ms\nduplication 40%\nask 7ms\nuntil 500ms"
            ));
            let mut once = BTreeSet::new();
            for (node, sent, name) in told(&run) {
                assert!(
                    sent || once.insert((node, name.clone())),
                    "{order}, seed {seed}: {name} twice at {node}"
                );
            }
            let mut held = BTreeSet::new();
            for line in run.lines(0, run.records().len()) {
                let (node, words) = (line.record.node, line.sentence.clone());
                let name = |text: &str| text.split(' ').next().unwrap_or_default().to_owned();
                if let Some((_, rest)) = words.split_once(" holds back ") {
                    assert!(held.insert((node, name(rest))), "{order}, seed {seed}: {words}");
                } else if let Some((_, rest)) = words.split_once(" ignores ") {
                    let of = (node, name(rest));
                    let delivered = line.record.time > 0 && once.contains(&of);
                    copies += 1;
                    of_held += usize::from(held.contains(&of) && delivered);
                }
            }
        }
        assert!(copies > 300 && (of_held > 20) == (order != "none"), "{order}: {copies}, {of_held}");
    }
}

/// A copy of what is held back, alone: the card shows it once, and it is delivered once, when its past is there.
#[test]
fn a_copy_of_what_is_held_back_is_not_held_twice() {
    for order in ["fifo", "causal"] {
        let text = format!(
            "faultline 2\nprotocol causal-broadcast\nlatency 10ms\nask 0s\nset order {order}\nuntil 200ms\n\
             at 5ms n2 Broadcast\nat 20ms n1 Broadcast\nat 25ms delay n1>n3 Broadcast by 60ms\n\
             at 30ms n1 Answer n2.1\nat 35ms duplicate n1>n3 Answer\nat 35ms duplicate n1>n3 Answer\nshow 60ms"
        );
        let scenario = parse(&text).unwrap();
        let view = Session::new(scenario).view();
        assert_eq!(view.nodes[2].card.lanes[0].items.len(), 1, "{order}");
        assert_eq!(third(&text), ["n2.1", "n1.1", "n1.2"], "{order}");
    }
}

/// All runs within bounds in which the network delivers up to two messages again: nothing breaks. Where an order promises
/// less than causal order, there are as few nodes or messages as break none of what it gives up.
#[test]
fn no_copy_breaks_anything_in_all_runs_within_bounds() {
    for (order, nodes, inputs) in [("causal", 3, 3), ("fifo", 2, 4), ("none", 3, 1)] {
        let mut scenario = Scenario::of(find("causal-broadcast").unwrap());
        scenario.amend(&format!("set order {order}")).unwrap();
        scenario.amend(&format!("nodes {nodes}")).unwrap();
        let bounds = Bounds { depth: 100, inputs, copies: 2, ..Bounds::default() };
        let mut search = Search::new(&scenario, bounds);
        while !search.step(100_000) {}
        let found = search.findings();
        assert!(found.complete && found.broken.is_empty(), "{order}: {} states", found.states);
    }
}

/// An answer needs its question, also where nothing is in order: to have heard something later of the same sender is not enough.
#[test]
fn nobody_answers_what_has_not_been_delivered() {
    let text = "faultline 2\nprotocol causal-broadcast\nlatency 10ms\nask 0s\nset order none\nuntil 200ms\n\
                at 10ms n1 Broadcast\nat 15ms delay n1>n3 Broadcast by 60ms\nat 30ms n1 Broadcast\n\
                at 50ms n3 Answer n1.1\nat 90ms n3 Answer n1.1";
    assert_eq!(third(text), ["n1.2", "n1.1", "n3.1"]);
}

/// The scenario of a name.
fn preset(name: &str) -> &'static str {
    let named = |(slug, preset): &(_, &Preset)| *slug == "causal-broadcast" && preset.name == name;
    presets().find(named).map_or("", |(_, preset)| preset.text)
}

/// In which order the third node delivers in a scenario of question and answer.
fn third(text: &str) -> Vec<String> {
    let here = |(node, sent, name): (u32, bool, String)| (node == 2 && !sent).then_some(name);
    told(&play(text)).into_iter().filter_map(here).collect()
}

/// B4, permalink 1: p1 asks, p2 answers, p3 gets the answer first, and must hold it back until it has the question. With a
/// weaker order it does not.
#[test]
fn b4_permalink_1_the_answer_waits_for_the_question() {
    assert_eq!(third(preset("question-and-answer"))[..2], ["n1.1", "n2.1"]);
    assert_eq!(third(preset("fifo-order")), ["n2.1", "n1.1", "n1.2"]);
    assert_eq!(third(preset("no-order")), ["n2.1", "n1.2", "n1.1"]);
    let what = "permalink 1: what p3 delivers, that gets the answer first";
    let delivered = third(preset("question-and-answer"))[..2].join(", ");
    fact("B4", what, BSS, "the question, then the answer", delivered);
}

/// What the page shows while the answer waits.
#[test]
fn the_card_shows_what_is_held_and_why() {
    let view = Session::new(parse(preset("question-and-answer")).unwrap()).view();
    let card = &view.nodes[2].card;
    assert_eq!(
        (view.time, card.role, card.sign, card.badge.as_str()),
        (60_000, "holding back", Sign::Idle, "[0 0 0]")
    );
    let held = &card.lanes[0].items;
    let shown: Vec<_> = held.iter().map(|it| (it.text.as_str(), it.note.as_str(), it.state)).collect();
    assert_eq!(shown, [("Answer n2.1 to n1.1 [1 1 0]", "waits for n1.1", LaneState::Waiting)]);
    assert_eq!(
        view.nodes.iter().map(|node| node.card.clock.clone()).collect::<Vec<_>>(),
        [[1, 1, 0], [1, 1, 0], [0, 0, 0]]
    );
    assert!(card.lanes[1].items.is_empty() && view.nodes[1].card.lanes[1].items.len() == 2);
}

/// What the nemesis breaks of an order and a wrong twin with one seed, inside the assumptions.
fn attacked(order: &str, twin: Option<&str>, seed: u64) -> Attack {
    let mut base = Scenario::of(find("causal-broadcast").unwrap());
    base.amend(&format!("set order {order}")).unwrap();
    base.amend(&format!("nodes {}", 3 + seed % 4)).unwrap();
    if let Some(twin) = twin {
        base.amend(&format!("twin {twin}")).unwrap();
    }
    attack(&base, seed)
}

/// Causal order breaks nothing; FIFO order nothing but causal order; no order both, and nothing else.
#[test]
fn every_order_keeps_what_it_promises_under_the_nemesis() {
    for order in ORDERS {
        let mut broken = BTreeSet::new();
        for seed in 1..=1_000 {
            let attack = attacked(order, None, seed);
            broken.extend(attack.broken.map(|broken| broken.claim));
        }
        let given_up: &[&str] = match order {
            "none" => &["causal-order", "fifo-order"],
            "fifo" => &["causal-order"],
            _ => &[],
        };
        assert!(broken.iter().eq(given_up), "{order}: {broken:?}");
    }
}

/// The same nemesis notices every wrong twin.
#[test]
fn the_nemesis_notices_every_wrong_twin() {
    for twin in find("causal-broadcast").unwrap().twins {
        let noticed = (1..=300).find(|seed| attacked("causal", Some(twin.name), *seed).broken.is_some());
        println!("{}: seed {noticed:?}", twin.name);
        assert!(noticed.is_some(), "{}", twin.name);
    }
}

/// All runs of two and three nodes with up to four messages, each of them a new one or an answer, sent at any moment: no
/// claim breaks, and stateright, with the same handlers, counts as many states.
#[test]
fn all_runs_within_bounds_and_as_many_states_as_stateright() {
    for (nodes, inputs) in [(2, 4), (3, 3), (3, 4)] {
        let adapter = oracle::Adapter::<Causal> {
            nodes,
            inputs,
            timers: None,
            params: Params::default(),
            agrees: None,
        };
        let theirs = oracle::count(adapter, None).0;
        let mut scenario = Scenario::of(find("causal-broadcast").unwrap());
        scenario.amend(&format!("nodes {nodes}")).unwrap();
        let mut search = Search::new(&scenario, Bounds { depth: 100, inputs, ..Bounds::default() });
        while !search.step(100_000) {}
        let found = search.findings();
        assert!(found.complete && found.broken.is_empty());
        assert_eq!(theirs, found.states, "{nodes} nodes, {inputs} messages");
        let what = format!("states of all runs of {nodes} nodes with up to {inputs} messages");
        fact("B4.2", &what, "stateright 0.31", theirs, found.states);
    }
}

/// B1.1, exact: a message that its sender alone sends costs n − 1 messages, one that every node passes on
/// n(n − 1), and both are delivered after one delay.
#[test]
fn b1_1_relays_cost_n_times_n_less_1_messages() {
    for n in [2_usize, 3, 4, 7, 21] {
        for (relay, expected) in [("off", n - 1), ("on", n * (n - 1))] {
            let run = play(&format!(
                "faultline 2\nprotocol causal-broadcast\nnodes {n}\nset relay {relay}\nlatency 10ms\nask 0s\nuntil 1s\n\
                 at 100ms n1 Broadcast\n"
            ));
            let arrived = run.records().iter().filter(|record| record.what == What::Deliver).count();
            assert_eq!(arrived, expected, "{n} nodes, relay {relay}");
            let lines = run.lines(0, run.records().len());
            let delivers =
                lines.iter().filter(|line| line.outputs.iter().any(|it| it.starts_with("Delivered")));
            let times: Vec<_> =
                delivers.map(|line| line.record.time).filter(|time| *time > 100_000).collect();
            assert_eq!(times, vec![110_000; n - 1], "{n} nodes, relay {relay}");
            if n == 4 {
                let formula = if relay == "on" { "n(n − 1) = 12" } else { "n − 1 = 3" };
                fact(
                    "B1.1",
                    &format!("messages of a broadcast among n = 4, relay {relay}"),
                    CGR,
                    formula,
                    arrived,
                );
            }
        }
    }
}

/// Which nodes deliver the first message of n1 in a scenario.
fn deliverers(text: &str) -> String {
    let told = told(&play(text)).into_iter();
    let nodes =
        told.filter(|(_, sent, name)| !sent && name == "n1.1").map(|(node, ..)| NodeId(node).to_string());
    nodes.collect::<Vec<_>>().join(", ")
}

/// B1, permalinks 1 and 2: the sender reaches p2 and crashes before p3. Without relays p3 never delivers
/// its message; with relays it does, unless all that have it crash: agreement among nodes that stay up is
/// not uniform.
#[test]
fn b1_permalinks_1_and_2_a_sender_dies_half_way() {
    for (name, what, expected, nodes) in [
        ("half-way", "permalink 1: who delivers, without relays", "p1, p2", "n1, n2"),
        ("relayed", "permalink 1: who delivers, with relays", "all", "n1, n2, n3"),
        (
            "not-uniform",
            "permalink 2: who delivers where relays crash, too",
            "only those that crash",
            "n1, n2",
        ),
    ] {
        let delivered = deliverers(preset(name));
        assert_eq!(delivered, nodes, "{name}");
        fact("B1", what, CGR, expected, delivered);
    }
}

/// What the nemesis breaks, with crashes between the copies of a message: without relays agreement and
/// nothing else; with relays nothing, in the same runs, and of weaker orders what they give up.
#[test]
fn relays_restore_agreement_under_the_nemesis() {
    let broken = |relay: &str, order: &str, seed: u64| {
        let mut base = Scenario::of(find("causal-broadcast").unwrap());
        let nodes = 3 + seed % 4;
        for words in [
            &format!("nodes {nodes}"),
            "set gap 100ms",
            &format!("set relay {relay}"),
            &format!("set order {order}"),
        ] {
            base.amend(words).unwrap();
        }
        attack(&base, seed).broken.map(|broken| broken.claim)
    };
    let without: Vec<_> = (1..=500).filter_map(|seed| broken("off", "causal", seed)).collect();
    assert!(without.len() > 20 && without.iter().all(|claim| claim == "agreement"), "{without:?}");
    for (order, given_up) in
        [("none", &["causal-order", "fifo-order"][..]), ("fifo", &["causal-order"]), ("causal", &[])]
    {
        let found: BTreeSet<_> = (1..=500).filter_map(|seed| broken("on", order, seed)).collect();
        assert!(found.iter().eq(given_up), "{order}: {found:?}");
    }
}

/// All runs of three nodes in which one message is broadcast and up to two nodes crash at any moment: without
/// relays some leave a node that is up without what another has delivered, and with relays none.
#[test]
fn all_runs_with_crashes_between_copies() {
    for (relay, breaks) in [("off", &["agreement"][..]), ("on", &[])] {
        let mut scenario = Scenario::of(find("causal-broadcast").unwrap());
        scenario.amend("set gap 10ms").unwrap();
        scenario.amend(&format!("set relay {relay}")).unwrap();
        let bounds = Bounds { depth: 100, inputs: 1, crashes: 2, ..Bounds::default() };
        let mut search = Search::new(&scenario, bounds);
        while !search.step(100_000) {}
        let found = search.findings();
        let broken: Vec<_> = found.broken.iter().map(|(claim, _)| claim.as_str()).collect();
        assert!(found.complete && found.judged.contains(&"Agreement"), "relay {relay}: {}", found.verdict());
        assert_eq!(broken, breaks, "relay {relay}");
        let what = format!("all runs of 3 nodes, 1 message, 2 crashes, relay {relay}: claims that break");
        let expected = if relay == "on" { "none" } else { "agreement" };
        let broken = broken.first().unwrap_or(&"none");
        fact("B1", &what, CGR, expected, format!("{broken}, {} states", found.states));
    }
}
