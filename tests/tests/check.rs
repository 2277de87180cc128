//! The checker against an independent one: stateright explores the same handlers through an adapter that knows nothing
//! of our world, and both must count the same states.
#![allow(clippy::unwrap_used)] // What cannot be unwrapped has failed the test.

use faultline_core::catalogue::find;
use faultline_core::check::{Bounds, Search, walk};
use faultline_core::node::{Ctx, To};
use faultline_core::protocol::{Protocol, Step};
use faultline_core::protocols::commit::two_phase::TwoPhase;
use faultline_core::protocols::consensus::raft::Raft;
use faultline_core::scenario::Scenario;
use faultline_core::{NodeId, fingerprint};
use faultline_tests::play;
use stateright::{Checker, Model};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Debug};
use std::hash::{Hash, Hasher};
use std::rc::Rc;

/// A protocol as stateright sees it: nodes that are up, a bag of messages, sets of timers, and what the judge remembers.
struct Adapter<P: Protocol> {
    nodes: u32,
    inputs: u8,
    params: P::Params,
}

struct State<P: Protocol> {
    nodes: Vec<P>,
    flight: BTreeMap<(NodeId, NodeId, P::Message), u32>,
    /// Timers are kept by owner: stateright's own actor model hashes them without, and counts too few states.
    timers: Vec<BTreeSet<P::Timer>>,
    inputs: u8,
    record: P::Record,
}

#[derive(Clone, Debug, PartialEq)]
enum Action<P: Protocol> {
    Deliver(NodeId, NodeId, P::Message),
    Fire(NodeId, P::Timer),
    Ask(NodeId, P::Input),
}

impl<P: Protocol> Clone for State<P> {
    fn clone(&self) -> Self {
        let State { nodes, flight, timers, inputs, record } = self;
        State {
            nodes: nodes.clone(),
            flight: flight.clone(),
            timers: timers.clone(),
            inputs: *inputs,
            record: record.clone(),
        }
    }
}

impl<P: Protocol> Hash for State<P> {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        (&self.nodes, &self.flight, &self.timers, self.inputs, &self.record).hash(hasher);
    }
}

impl<P: Protocol> PartialEq for State<P> {
    fn eq(&self, other: &Self) -> bool {
        fingerprint::of(self) == fingerprint::of(other)
    }
}

impl<P: Protocol> Debug for State<P> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        (&self.nodes, &self.flight, &self.timers).fmt(out)
    }
}

impl<P: Protocol> Adapter<P> {
    fn ctx(&self, who: NodeId) -> Ctx<P> {
        Ctx::new(who, self.nodes, 1, Rc::new(self.params.clone()))
    }

    /// Does what a handler asked for, and lets the judge remember the step.
    fn collect(&self, state: &mut State<P>, who: NodeId, mut ctx: Ctx<P>) {
        let collected = ctx.collected();
        for (to, message) in collected.sends.drain(..) {
            let whom = match to {
                To::One(to) => vec![to],
                To::Others => (0..self.nodes).map(NodeId).filter(|&other| other != who).collect(),
            };
            for to in whom {
                *state.flight.entry((who, to, message.clone())).or_default() += 1;
            }
        }
        for (timer, delay) in collected.timers.drain(..) {
            let timers = &mut state.timers[who.index()];
            if delay.is_some() {
                timers.insert(timer)
            } else {
                timers.remove(&timer)
            };
        }
        let step = Step { who, node: state.nodes.get(who.index()), outputs: collected.outputs };
        P::remember(&mut state.record, &step);
    }
}

impl<P: Protocol> Model for Adapter<P> {
    type State = State<P>;
    type Action = Action<P>;

    fn init_states(&self) -> Vec<State<P>> {
        let timers = vec![BTreeSet::new(); self.nodes as usize];
        let (nodes, flight) = (Vec::new(), BTreeMap::new());
        let mut state = State { nodes, flight, timers, inputs: 0, record: P::Record::default() };
        for who in (0..self.nodes).map(NodeId) {
            let mut ctx = self.ctx(who);
            state.nodes.push(P::start(P::Stable::default(), &mut ctx));
            self.collect(&mut state, who, ctx);
        }
        vec![state]
    }

    fn actions(&self, state: &State<P>, actions: &mut Vec<Action<P>>) {
        actions.extend(state.flight.keys().map(|(from, to, it)| Action::Deliver(*from, *to, it.clone())));
        for (who, timers) in (0..).map(NodeId).zip(&state.timers) {
            actions.extend(timers.iter().map(|timer| Action::Fire(who, timer.clone())));
        }
        for (who, node) in (0..).map(NodeId).zip(&state.nodes).filter(|_| state.inputs < self.inputs) {
            actions.extend(node.inputs().into_iter().map(|input| Action::Ask(who, input)));
        }
    }

    fn next_state(&self, state: &State<P>, action: Action<P>) -> Option<State<P>> {
        let mut state = state.clone();
        let (Action::Deliver(_, who, _) | Action::Fire(who, _) | Action::Ask(who, _)) = action;
        let mut ctx = self.ctx(who);
        let node = &mut state.nodes[who.index()];
        match action {
            Action::Deliver(from, to, message) => {
                let key = (from, to, message);
                let left = state.flight.get_mut(&key).map_or(0, |count| {
                    *count -= 1;
                    *count
                });
                if left == 0 {
                    state.flight.remove(&key);
                }
                node.on_message(from, key.2, &mut ctx);
            }
            Action::Fire(_, timer) => {
                state.timers[who.index()].remove(&timer);
                node.on_timer(timer, &mut ctx);
            }
            Action::Ask(_, input) => {
                state.inputs += 1;
                node.on_input(input, &mut ctx);
            }
        }
        self.collect(&mut state, who, ctx);
        Some(state)
    }

    fn properties(&self) -> Vec<stateright::Property<Self>> {
        // A property that never ends the search: stateright stops when all have their discoveries.
        vec![stateright::Property::always("goes on", |_, _| true)]
    }
}

/// How many states stateright and our search count within a depth.
fn counts<P: Protocol + Send + Sync>(nodes: u32, inputs: u8, depth: u32) -> (usize, usize)
where
    P::Params: Send + Sync,
    P::Message: Send + Sync,
    P::Timer: Send + Sync,
    P::Input: Send + Sync,
    P::Record: Send + Sync,
{
    let adapter = Adapter::<P> { nodes, inputs, params: P::Params::default() };
    // Stateright counts the first state as depth 1.
    let theirs =
        adapter.checker().target_max_depth(depth as usize + 1).spawn_bfs().join().unique_state_count();
    let mut scenario = Scenario::of(find(P::INFO.slug).unwrap());
    scenario.amend(&format!("nodes {nodes}")).unwrap();
    let mut search = Search::new(&scenario, Bounds { depth, inputs, ..Bounds::default() });
    while !search.step(1_000) {}
    (theirs, search.findings().states)
}

#[test]
fn both_checkers_count_the_same_states_of_raft() {
    for (nodes, inputs, depth) in [(2, 1, 7), (3, 0, 5), (3, 1, 4)] {
        let (theirs, ours) = counts::<Raft>(nodes, inputs, depth);
        println!("{nodes} nodes, {inputs} inputs, depth {depth}: {ours} states");
        assert_eq!(theirs, ours, "{nodes} nodes, {inputs} inputs, depth {depth}");
        assert!(ours > 300);
    }
}

#[test]
fn both_checkers_count_the_same_states_of_two_phase_commit() {
    for (nodes, inputs, depth) in [(2, 1, 12), (3, 1, 7), (3, 2, 6), (4, 1, 6)] {
        let (theirs, ours) = counts::<TwoPhase>(nodes, inputs, depth);
        println!("{nodes} nodes, {inputs} inputs, depth {depth}: {ours} states");
        assert_eq!(theirs, ours, "{nodes} nodes, {inputs} inputs, depth {depth}");
        assert!(ours > 200);
    }
}

#[test]
fn a_search_does_not_depend_on_its_slices() {
    let mut scenario = Scenario::of(find("raft").unwrap());
    scenario.amend("nodes 3").unwrap();
    let count = |slice| {
        let mut search = Search::new(&scenario, Bounds { depth: 5, ..Bounds::default() });
        while !search.step(slice) {}
        (search.findings().states, search.findings().steps, search.findings().complete)
    };
    assert_eq!(count(1), count(1_000_000));
    assert!(!count(1).2, "there is more below this depth");
}

#[test]
fn the_search_finds_the_forgotten_vote_on_a_shortest_run() {
    let mut scenario = Scenario::of(find("raft").unwrap());
    scenario.amend("nodes 3").unwrap();
    let bounds = Bounds { depth: 8, inputs: 0, crashes: 1, ..Bounds::default() };
    for (twin, found) in [("off", false), ("on", true)] {
        scenario.amend(&format!("twin forgets-vote {twin}")).unwrap();
        let mut search = Search::new(&scenario, bounds);
        while !search.step(10_000) {}
        let broken = search.findings().broken.clone();
        assert_eq!(broken.is_some(), found);
        if let Some((claim, run)) = broken {
            assert_eq!((claim.as_str(), run.acts.len()), ("election-safety", 8), "{run}");
            for (expectation, met) in play(&run.to_string()).verify() {
                assert_eq!(met, Ok(()), "{expectation}");
            }
        }
    }
}

#[test]
fn walks_reach_what_lies_deep() {
    let mut scenario = Scenario::of(find("raft").unwrap());
    scenario.amend("nodes 3").unwrap();
    let bounds = Bounds { depth: 60, inputs: 3, crashes: 1, ..Bounds::default() };
    assert!((1..=1_000).all(|seed| walk(&scenario, bounds, seed).is_none()));
    scenario.amend("twin forgets-vote").unwrap();
    let (claim, run) = (1..=1_000).find_map(|seed| walk(&scenario, bounds, seed)).unwrap();
    let met = play(&run.to_string()).verify();
    assert!(met.iter().all(|(_, met)| met.is_ok()), "{claim}: {met:?}\n{run}");
}
