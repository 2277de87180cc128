//! Paxos against its literature (F3): messages, delays, quorums, the duel; the states of its published model; and every run
//! within bounds.
#![allow(clippy::unwrap_used)] // What cannot be unwrapped has failed the test.

use crate::oracle;
use faultline_core::check::{Bounds, Findings, Search};
use faultline_core::name::To;
use faultline_core::nemesis::attack;
use faultline_core::node::{Ctx, Node};
use faultline_core::property::Judgement;
use faultline_core::sim::Run;
use faultline_core::trace::{Line, What};
use faultline_core::view::Sign;
use faultline_core::{NodeId, Scenario, Session};
use faultline_protocols::agreement::paxos::{
    Arrangement, Bugs, Message, Output, Params, Paxos, Proposal, Stable, adopted,
};
use faultline_tests::{fact, find, play, presets};
use stateright::{Checker, Model};
use std::collections::BTreeSet;
use std::rc::Rc;

const SIMPLE: &str = "Lamport 2001";
/// The latency of every message, and when the first value is proposed, in microseconds.
const DELAY: u64 = 10_000;
const BEGIN: u64 = 100_000;

/// The messages of both phases.
const PHASES: [&str; 4] = ["Prepare", "Promise", "Accept", "Accepted"];

/// A run with equal latencies.
fn run(nodes: usize, text: &str) -> Run {
    play(&format!("faultline 2\nprotocol paxos\nnodes {nodes}\nlatency 10ms\n{text}\n"))
}

/// One proposal among acceptors and a remote proposer, which is their only learner.
fn remote(acceptors: usize) -> Run {
    run(acceptors + 1, "set proposers 1\nset learners 0\nuntil 300ms\nat 100ms n1 Propose 7")
}

/// One proposal among servers with all roles, of which only the proposer counts acceptances.
fn together(servers: usize) -> Run {
    run(servers, "set roles together\nset learning distinguished\nuntil 300ms\nat 100ms n1 Propose 7")
}

/// One proposal among three acceptors, a proposer and so many learners.
fn learners(learners: usize, learning: &str) -> Run {
    let text = format!(
        "set proposers 1\nset learners {learners}\nset learning {learning}\nuntil 300ms\nat 100ms n1 Propose 7"
    );
    run(4 + learners, &text)
}

/// How many messages of some kinds, of all without any, arrived at nodes from one on.
fn delivered(run: &Run, kinds: &[&str], from: u32) -> usize {
    let names = run.scenario().entry.kinds;
    let is = |kind: u8| kinds.is_empty() || kinds.contains(&names[usize::from(kind)].name);
    let all = run.records().iter().filter(|record| record.what == What::Deliver);
    all.filter(|record| is(record.kind) && record.node >= from).count()
}

/// When each node was first told this, in delays since the first proposal.
fn told(run: &Run, fact: &str) -> Vec<Option<u64>> {
    let lines = run.lines(0, run.records().len());
    let of = |node: u32| {
        let mut mine = lines.iter().filter(|line| line.record.node == node);
        let found = mine.find(|line| line.outputs.iter().any(|output| output == fact));
        found.map(|line| (line.record.time - BEGIN) / DELAY)
    };
    (0..run.scenario().nodes).map(of).collect()
}

/// All that was told so, each with its node, in order.
fn all_told(run: &Run, begins: &str) -> Vec<(u32, String)> {
    let lines = run.lines(0, run.records().len()).into_iter();
    let of = |line: Line| {
        let node = line.record.node;
        line.outputs.into_iter().map(move |output| (node, output))
    };
    lines.flat_map(of).filter(|(_, output)| output.starts_with(begins)).collect()
}

/// F3.1: 4n messages among n acceptors and a remote proposer that is the only learner, 4(n − 1) where the proposer is one of
/// the acceptors; four delays until it has learned.
#[test]
fn a_choice_costs_4n_messages_and_four_delays() {
    for n in [2, 3, 5, 24] {
        let run = remote(n);
        assert_eq!((delivered(&run, &[], 0), told(&run, "Learned 7")[0]), (4 * n, Some(4)), "{n}");
    }
    for n in [3, 5, 25] {
        let run = together(n);
        let phases = delivered(&run, &PHASES, 0);
        // The others have to be told as well, which costs a message each.
        assert_eq!((phases, delivered(&run, &[], 0)), (4 * (n - 1), 5 * (n - 1)), "{n}");
        assert_eq!(told(&run, "Learned 7")[0], Some(4), "{n}");
    }
    fact(
        "F3.1",
        "messages among n = 3 acceptors and a remote proposer",
        SIMPLE,
        "4n = 12",
        delivered(&remote(3), &[], 0),
    );
    let phases = delivered(&together(3), &PHASES, 0);
    fact("F3.1", "messages of both phases among n = 3 servers", SIMPLE, "4(n − 1) = 8", phases);
    fact(
        "F3.1",
        "delays until the proposer has learned",
        SIMPLE,
        4,
        told(&remote(3), "Learned 7")[0].unwrap(),
    );
}

/// F3.2: if all acceptors tell L learners, that takes n·L messages of phase 2b, and a remote learner learns one delay earlier than
/// from a distinguished learner (§2.3).
#[test]
fn telling_all_learners_costs_n_l_messages_and_saves_a_delay() {
    for l in [1, 2, 5] {
        let (all, one) = (learners(l, "all"), learners(l, "distinguished"));
        assert_eq!(delivered(&all, &["Accepted"], 4), 3 * l);
        assert_eq!((delivered(&one, &["Accepted"], 4), delivered(&one, &["Chosen"], 4)), (0, l));
        assert!(told(&all, "Learned 7")[4..].iter().all(|delays| *delays == Some(4)));
        assert!(told(&one, "Learned 7")[4..].iter().all(|delays| *delays == Some(5)));
    }
    let messages = delivered(&learners(3, "all"), &["Accepted"], 4);
    fact("F3.2", "phase 2b messages of n = 3 acceptors to L = 3 learners", SIMPLE, "n·L = 9", messages);
    let saved = told(&learners(3, "distinguished"), "Learned 7")[4].unwrap()
        - told(&learners(3, "all"), "Learned 7")[4].unwrap();
    fact("F3.2", "delays that a remote learner saves if all acceptors tell it", SIMPLE, 1, saved);
}

/// F3.3: n acceptors go on while f of them are down if and only if n ≥ 2f + 1, whichever they are.
#[test]
fn a_majority_of_acceptors_is_enough_and_needed() {
    let learns = |n: usize, down: &[usize]| {
        let crashes: Vec<_> = down.iter().map(|nth| format!("at 50ms crash n{}", nth + 2)).collect();
        let text = format!(
            "set proposers 1\nset learners 0\nuntil 3s\n{}\nat 100ms n1 Propose 7",
            crashes.join("\n")
        );
        let run = run(n + 1, &text);
        let chosen = !all_told(&run, "Learned").is_empty();
        // Nothing is wrong in either case, and nothing is promised without a majority.
        let place =
            run.scenario().entry.claims().iter().position(|claim| claim.name == "Termination").unwrap();
        assert!(!run.verdicts().iter().any(|verdict| matches!(verdict, Judgement::Violated { .. })));
        assert_eq!(matches!(run.verdicts()[place], Judgement::Unjudged { .. }), !chosen);
        chosen
    };
    let mut least = Vec::new();
    for f in 0..=3 {
        for n in f.max(2)..=8 {
            // The first f, the last f, and some between.
            for first in [0, (n - f) / 2, n - f] {
                let down: Vec<_> = (first..n).take(f).collect();
                assert_eq!(learns(n, &down), n > 2 * f, "{n} acceptors, {down:?} down");
            }
        }
        least.push((f.max(2)..=8).find(|n| learns(*n, &(0..f).collect::<Vec<_>>())).unwrap().to_string());
    }
    let (what, least) = ("acceptors that go on while f = 1, 2, 3 are down, at least", least[1..].join(", "));
    assert_eq!(least, "3, 5, 7");
    fact("F3.3", what, SIMPLE, "3, 5, 7", least);
}

/// The scenario of a name, with other lines at the end.
fn preset(name: &str, lines: &str) -> Run {
    let named = presets().find(|(slug, preset)| *slug == "paxos" && preset.name == name);
    play(&format!("{}\n{lines}\n", named.unwrap().1.text))
}

/// F3, permalink "duel", step by step as it stands there, and for a minute: no acceptor ever accepts anything.
#[test]
fn a_duel_never_ends() {
    let run = preset("duel", "until 60s");
    let lines = run.lines(0, run.records().len());
    let number = |line: &Line| line.sent.first()?.strip_prefix("Prepare ")?.split(' ').next()?.parse().ok();
    let asked = lines.iter().filter_map(|line| Some((line.record.node, number(line)?)));
    let asked: Vec<(u32, u32)> = asked.collect();
    let alternate = asked.iter().zip(1..).all(|(asked, number)| *asked == ((number + 1) % 2, number));
    assert!(alternate && asked.len() > 3_900, "{} numbers: {:?}", asked.len(), &asked[..6]);
    let ignored = all_told(&run, "Ignored");
    assert_eq!(ignored[0], (2, "Ignored 1 (7)".to_owned()));
    assert!(ignored.len() > 3 * 3_900);
    let accepted = all_told(&run, "Accepted").len();
    assert_eq!(accepted, 0);
    fact("F3", "duel: proposals accepted of those that two proposers issue in 60 s", SIMPLE, 0, accepted);
    fact(
        "F3",
        "duel: numbers that they try in turn, in 60 s",
        "computed",
        "2 every 30 ms: 4000",
        asked.len(),
    );
}

/// Random patience ends it: with a hundred seeds, each time, and soon.
#[test]
fn random_patience_ends_the_duel() {
    let mut most = 0;
    for seed in 1..=100 {
        let run = preset("duel-ended", &format!("seed {seed}\nuntil 10s"));
        let learned: BTreeSet<_> = all_told(&run, "Learned").into_iter().map(|(node, _)| node).collect();
        assert_eq!(learned, BTreeSet::from([0, 1, 5]), "seed {seed}");
        let ignored: BTreeSet<_> = all_told(&run, "Ignored").into_iter().collect();
        let ignored: BTreeSet<_> = ignored.into_iter().map(|(_, proposal)| proposal).collect();
        println!("seed {seed}: {} proposals ignored", ignored.len());
        most = ignored.len().max(most);
    }
    assert!((3..30).contains(&most), "{most}");
}

/// What becomes of Termination in a run.
fn termination(run: &Run) -> Judgement {
    let claims = run.scenario().entry.claims();
    let place = claims.iter().position(|claim| claim.name == "Termination").unwrap();
    run.verdicts()[place].clone()
}

/// Equally patient proposers may interrupt each other in turn for ever, as three do that wait for 50 ms. Termination is claimed
/// only where each waits for as long as all need one after the other, or at random for long enough.
#[test]
fn termination_is_not_claimed_of_equal_patience() {
    let three = |retry: u64, spread: u64, seed: u64| {
        let text = format!(
            "set proposers 3\nset retry {retry}ms\nset spread {spread}ms\nseed {seed}\nuntil 20s\n\
             at 10ms n1 Propose 7\nat 27ms n2 Propose 8\nat 44ms n3 Propose 9"
        );
        let run = run(7, &text);
        (all_told(&run, "Learned").len(), termination(&run))
    };
    let (learned, judged) = three(50, 0, 1);
    assert_eq!(learned, 0);
    assert!(matches!(judged, Judgement::Unjudged { .. }), "{judged:?}");
    for (retry, spread) in [(121, 0), (50, 20), (31, 20)] {
        for seed in 1..=20 {
            let (learned, judged) = three(retry, spread, seed);
            assert_eq!(learned, 4, "{retry} ms, {spread} ms, seed {seed}");
            assert!(
                matches!(judged, Judgement::Reached { .. }),
                "{retry} ms, {spread} ms, seed {seed}: {judged:?}"
            );
        }
    }
}

/// Where nobody refuses, P2 must go through as many numbers as P1 tried in vain. It has the time for that.
#[test]
fn termination_allows_for_numbers_that_lag_behind() {
    let begin = "set refusals off\nset retry 50ms\nset spread 20ms\nat 10ms n1 Propose 7\nat 5s n2 Propose 9";
    let cut = ["n3", "n4", "n5"].map(|node| format!("at 5ms cut {node}>n1\nat 4s heal {node}>n1"));
    let until = |until: &str| run(6, &format!("{begin}\n{}\nuntil {until}", cut.join("\n")));
    let judged = termination(&until("8s"));
    assert!(matches!(judged, Judgement::Unjudged { .. }), "{judged:?}");
    let whole = until("30s");
    let learned = all_told(&whole, "Learned 7");
    assert_eq!(learned.iter().filter(|(node, _)| *node == 1).count(), 1);
    assert!(matches!(termination(&whole), Judgement::Reached { .. }));
}

/// Which values a majority of acceptors has accepted under one number, with and without the twin of a scenario.
fn chosen(name: &str) -> [Vec<String>; 2] {
    let values = |run: &Run| {
        let accepted = all_told(run, "Accepted");
        let majority = |proposal: &&String| {
            let nodes: BTreeSet<_> =
                accepted.iter().filter(|(_, it)| it == *proposal).map(|(node, _)| node).collect();
            nodes.len() >= 2
        };
        let proposals: BTreeSet<_> = accepted.iter().map(|(_, proposal)| proposal).filter(majority).collect();
        let value = |proposal: &&String| proposal.split(['(', ')']).nth(1).unwrap().to_owned();
        proposals.iter().map(value).collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>()
    };
    let text = presets().find(|(slug, preset)| *slug == "paxos" && preset.name == name).unwrap().1.text;
    let right: Vec<_> = text.lines().filter(|line| !line.starts_with("twin ")).collect();
    [values(&play(text)), values(&play(&right.join("\n")))]
}

/// F3, permalinks 2 to 4: with the bug two values are chosen, and in the same run without it one.
#[test]
fn two_values_are_chosen_where_a_rule_is_missing() {
    for (name, what, number) in [
        ("forgotten-promise", "an acceptor forgets its promise", 2),
        ("wrong-adoption", "a proposer adopts the value of the lower number", 3),
        ("shared-ballots", "two proposers share a number", 4),
    ] {
        let [wrong, right] = chosen(name);
        assert_eq!((wrong.len(), right.len()), (2, 1), "{name}");
        let what = format!("permalink {number}: values chosen if {what}, and if not");
        fact("F3", &what, SIMPLE, "2, 1", format!("{}, {}", wrong.len(), right.len()));
    }
    for name in ["adopts-own", "accepts-below", "accepts-unbound"] {
        assert_eq!(chosen(name).map(|values| values.len()), [2, 1], "{name}");
    }
}

/// An acceptor of ours among the messages of Lamport's model (Paxos.tla): what was ever sent can be received at any time, again
/// and again, and anybody may begin a number. The proposer is the model's; how it finds its value is ours.
struct Published {
    acceptors: u32,
    values: u64,
    ballots: u64,
}

/// What was sent, by whom; of the model's messages to acceptors, that does not matter.
type Sent = BTreeSet<(NodeId, Message)>;

impl Published {
    /// The proposer, which has the first node's name.
    const PROPOSER: NodeId = NodeId(0);

    fn ctx(&self, who: NodeId) -> Ctx<Paxos> {
        let params = Params { proposers: 1, learners: 0, refusals: false, ..Params::default() };
        Ctx::new(who, self.acceptors + 1, 1, Rc::new(params))
    }

    /// Whether these reports of a majority allow a value.
    fn allows(&self, reports: &[(NodeId, Option<Proposal>)], value: u64) -> bool {
        let majority = self.acceptors / 2 + 1;
        let of = |set: u32| reports.iter().filter(move |(node, _)| set >> node.0 & 1 == 1);
        let sets = (0..2_u32 << self.acceptors).filter(|set| set.count_ones() == majority);
        // Of one acceptor there is one report a number.
        let whole = sets.filter(|set| of(*set).count() == majority as usize);
        whole
            .into_iter()
            .any(|set| adopted(of(set).map(|(_, report)| *report)).is_none_or(|found| found == value))
    }
}

impl Model for Published {
    type State = (Vec<Paxos>, Sent);
    type Action = (Option<NodeId>, Message);

    fn init_states(&self) -> Vec<Self::State> {
        let start = |node| Paxos::start(Stable::default(), &mut self.ctx(NodeId(node)));
        vec![((1..=self.acceptors).map(start).collect(), Sent::new())]
    }

    fn actions(&self, (_, sent): &Self::State, actions: &mut Vec<Self::Action>) {
        for ballot in 1..=self.ballots {
            actions.push((None, Message::Prepare(ballot)));
            let issued = |message: &Message| matches!(message, Message::Accept(it) if it.ballot == ballot);
            if sent.iter().any(|(_, message)| issued(message)) {
                continue;
            }
            let reports = sent.iter().filter_map(|(node, message)| match message {
                Message::Promise(number, accepted) if *number == ballot => Some((*node, *accepted)),
                _ => None,
            });
            let reports: Vec<_> = reports.collect();
            let values = (0..self.values).filter(|value| self.allows(&reports, *value));
            actions.extend(values.map(|value| (None, Message::Accept(Proposal { ballot, value }))));
        }
        let requests =
            sent.iter().filter(|(_, message)| matches!(message, Message::Prepare(_) | Message::Accept(_)));
        for (_, message) in requests {
            actions.extend((1..=self.acceptors).map(|node| (Some(NodeId(node)), message.clone())));
        }
    }

    fn next_state(&self, state: &Self::State, (to, message): Self::Action) -> Option<Self::State> {
        let (mut nodes, mut sent) = state.clone();
        match to {
            None => drop(sent.insert((Self::PROPOSER, message))),
            Some(to) => {
                let mut ctx = self.ctx(to);
                nodes[to.index() - 1].on_message(Self::PROPOSER, message, &mut ctx);
                for (whom, message) in ctx.collected().sends.drain(..) {
                    assert_eq!(whom, To::One(Self::PROPOSER));
                    sent.insert((to, message));
                }
            }
        }
        Some((nodes, sent))
    }

    fn properties(&self) -> Vec<stateright::Property<Self>> {
        // Without any, stateright would stop at once.
        vec![stateright::Property::always("one choice", |model: &Self, (_, sent): &Self::State| {
            let of = |value: u64, ballot| {
                (1..=model.acceptors).filter(move |node| {
                    let accepted = Message::Accepted(Proposal { ballot, value });
                    sent.contains(&(NodeId(*node), accepted))
                })
            };
            let is_chosen = |value| {
                (1..=model.ballots).any(|ballot| of(value, ballot).count() > model.acceptors as usize / 2)
            };
            (0..model.values).filter(|value| is_chosen(*value)).count() <= 1
        })]
    }
}

/// The acceptors are the model's: among its messages they have exactly its states, as TLC counts them; of three acceptors and
/// one value 41 for each further ballot.
#[test]
fn the_acceptors_have_the_states_of_the_published_model() {
    for (acceptors, values, ballots, states) in [
        (1, 1, 2, 25),
        (3, 1, 1, 41),
        (3, 1, 2, 41 * 41),
        (3, 1, 3, 41 * 41 * 41),
        (3, 2, 1, 73),
        (3, 2, 2, 3_921),
    ] {
        let found =
            Published { acceptors, values, ballots }.checker().spawn_bfs().join().unique_state_count();
        assert_eq!(found, states, "{acceptors} acceptors, {values} values, {ballots} ballots");
        let what = format!(
            "states of our acceptors in the model Paxos.tla: {acceptors} acceptors, values {values}, ballots {ballots}"
        );
        fact("F3.4", &what, "TLC", states, found);
    }
}

fn searched(text: &str, bounds: Bounds) -> Findings {
    let mut scenario = Scenario::of(find("paxos").unwrap());
    text.lines().for_each(|words| scenario.amend(words).unwrap());
    let mut search = Search::new(&scenario, bounds);
    while !search.step(100_000) {}
    search.findings().clone()
}

/// Bounds within which there are finitely many states.
fn finite(inputs: u8, timers: u8) -> Bounds {
    Bounds { depth: u32::MAX, states: 4_000_000, inputs, timers: Some(timers), ..Bounds::default() }
}

/// What nodes were told does not contradict itself: a judge of its own, beside the claims.
fn agree(told: &[(NodeId, Output)]) -> bool {
    let learned = told.iter().filter_map(|(_, output)| match output {
        Output::Learned(value) => Some(*value),
        _ => None,
    });
    let learned: BTreeSet<_> = learned.collect();
    let proposed = |value: &u64| told.iter().any(|(_, output)| *output == Output::Proposed(*value));
    learned.len() <= 1 && learned.iter().all(proposed)
}

/// Every order of events of three acceptors and two proposers that are asked once each, or of three servers of which one is
/// asked: no claim breaks, and stateright, with the same handlers, counts as many states.
#[test]
fn all_runs_within_bounds_and_as_many_states_as_stateright() {
    let apart = |refusals| Params { learners: 0, refusals, ..Params::default() };
    let together = Params { roles: Arrangement::Together, ..Params::default() };
    for (nodes, params, text, inputs, what) in [
        (4, apart(true), "set learners 0", 2, "2 acceptors, 2 proposers, 2 requests"),
        (5, apart(true), "set learners 0", 1, "3 acceptors, 2 proposers, 1 request"),
        (
            5,
            apart(false),
            "set learners 0\nset refusals off",
            2,
            "3 acceptors, 2 proposers, 2 requests, no refusals",
        ),
        (3, together, "set roles together", 1, "3 servers, 1 request"),
    ] {
        // To keep all that was told takes long where there are many states.
        let agrees = (nodes < 5 || inputs < 2).then_some(agree as oracle::Agrees<Paxos>);
        let adapter = oracle::Adapter::<Paxos> { nodes, inputs, timers: Some(0), params, agrees };
        let theirs = oracle::count(adapter, None);
        let found = searched(&format!("nodes {nodes}\n{text}"), finite(inputs, 0));
        assert!(found.complete && found.broken.is_empty(), "{what}: {}", found.verdict());
        assert_eq!(theirs, (found.states, None), "{what}");
        fact("F3.5", &format!("states of all runs of {what}"), "stateright 0.31", theirs.0, found.states);
    }
}

/// The same with refusals, which stateright takes too long for here.
#[test]
fn every_order_of_two_ballots_with_refusals() {
    let found = searched("nodes 5\nset learners 0", finite(2, 0));
    assert!(found.complete && found.broken.is_empty(), "{}", found.verdict());
    let what = "states of all runs of 3 acceptors, 2 proposers, 2 requests, with refusals";
    fact("F3.5", what, "computed", 665_409, found.states);
    assert_eq!(found.states, 665_409);
}

/// Both searches find that two values can be learned if promises are not kept, on runs of the same length.
#[test]
fn both_checkers_find_the_shortest_run_to_two_values() {
    let bugs = Bugs { accepts_below: true, ..Bugs::default() };
    let params = Params { learners: 0, refusals: false, bugs, ..Params::default() };
    let adapter =
        oracle::Adapter::<Paxos> { nodes: 3, inputs: 2, timers: Some(0), params, agrees: Some(agree) };
    let theirs = oracle::count(adapter, None).1;
    let ours = searched("nodes 3\nset learners 0\nset refusals off\ntwin accepts-below", finite(2, 0));
    let agreement = ours.broken.iter().find(|(claim, _)| claim == "agreement");
    assert_eq!(agreement.map(|(_, run)| run.acts.len()), theirs);
    assert!(theirs.is_some());
}

/// What holds by default holds in every arrangement, under lost messages, crashes and cuts.
#[test]
fn every_arrangement_survives_the_nemesis() {
    for lines in [
        "nodes 3\nset roles together",
        "nodes 5\nset roles together\nset learning distinguished",
        "nodes 4\nset roles together\nset refusals off",
        "nodes 7\nset learners 0",
        "nodes 9\nset proposers 3\nset learners 2\nset learning distinguished\nset refusals off",
    ] {
        let mut base = Scenario::of(find("paxos").unwrap());
        lines.lines().for_each(|line| base.amend(line).unwrap());
        let mut judged = 0;
        for seed in 1..=400 {
            let attack = attack(&base, seed);
            assert_eq!(attack.broken, None, "{lines}, seed {seed}:\n{}", attack.scenario);
            judged += usize::from(attack.judged.contains(&"Termination"));
        }
        assert!(judged > 200, "{lines}: termination was judged {judged} times");
    }
}

/// What the page shows of P2c: who has promised and accepted what, at the moment when a report binds P2.
#[test]
fn the_cards_show_what_binds_a_proposer() {
    let mut session = Session::new(preset("half-done", "").scenario().clone());
    session.seek_time(75_000);
    let view = session.view();
    let shown: Vec<_> = view.nodes.iter().map(|node| (node.card.role, node.card.sign)).collect();
    let acceptor = |sign| ("acceptor", sign);
    assert_eq!(
        shown[1..5],
        [("proposer", Sign::Seeking), acceptor(Sign::Uncertain), acceptor(Sign::Idle), acceptor(Sign::Idle)]
    );
    let row = |node: usize, key: &str| {
        let found = view.nodes[node].card.table.iter().find(|(name, _)| name == key);
        found.map(|(_, value)| value.clone())
    };
    assert_eq!([2, 3, 4].map(|node| row(node, "promised")), ["2", "2", "2"].map(|it| Some(it.to_owned())));
    assert_eq!([2, 3, 4].map(|node| row(node, "accepted")), [Some("1 (7)".to_owned()), None, None]);
    assert_eq!(view.nodes[2].card.voted, Some(NodeId(1)));
    assert_eq!(view.nodes[1].card.poll.as_ref().unwrap().to_string(), "0 of 3 promises for 2, needs 2");
    session.seek_time(145_000);
    let view = session.view();
    assert_eq!(view.nodes[5].card.sign, Sign::Committed);
    assert_eq!(view.nodes[5].card.poll.as_ref().unwrap().to_string(), "3 of 3 acceptances of 2, needs 2");
}
