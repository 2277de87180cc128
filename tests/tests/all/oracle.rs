//! The oracle: stateright (0.31) explores the same handlers through an adapter that knows nothing of our
//! world.
//!
//! It is a `Model` and not stateright's own actor model, because that one hashes timers without their owner,
//! so that it counts too few states, and has neither inputs nor a judge's record. As there, the states of
//! nodes are shared between states until they change.

use faultline_core::name::To;
use faultline_core::node::{Ctx, Node};
use faultline_core::protocol::{Protocol, Step};
use faultline_core::{NodeId, fingerprint};
use stateright::{Checker, Model};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Debug};
use std::hash::{Hash, Hasher};
use std::rc::Rc;
use std::sync::Arc;

/// Judges what was told, by whom.
pub(crate) type Agrees<P> = fn(&[(NodeId, <P as Node>::Output)]) -> bool;

/// A protocol as stateright sees it: nodes that are up, a bag of messages, sets of timers, and what the judge
/// remembers.
pub(crate) struct Adapter<P: Protocol> {
    pub(crate) nodes: u32,
    /// The most inputs of a run, and the most timers that fire in it; without a bound they are not counted.
    pub(crate) inputs: u8,
    pub(crate) timers: Option<u8>,
    pub(crate) params: P::Params,
    /// Whether what nodes told in a run does not contradict itself: a judge of its own, beside the
    /// protocol's.
    pub(crate) agrees: Option<Agrees<P>>,
}

pub(crate) struct State<P: Protocol> {
    nodes: Vec<Arc<P>>,
    flight: BTreeMap<(NodeId, NodeId, P::Message), u32>,
    /// Timers are kept by owner: stateright's own actor model hashes them without, and counts too few states.
    timers: Vec<BTreeSet<P::Timer>>,
    inputs: u8,
    fired: u8,
    record: P::Record,
    /// What was told in the run. It is not part of the state, of which it would make many.
    told: Vec<(NodeId, P::Output)>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Action<P: Protocol> {
    Deliver(NodeId, NodeId, P::Message),
    Fire(NodeId, P::Timer),
    Ask(NodeId, P::Input),
}

impl<P: Protocol> Clone for State<P> {
    fn clone(&self) -> Self {
        let State { nodes, flight, timers, inputs, fired, record, told } = self;
        State {
            nodes: nodes.clone(),
            flight: flight.clone(),
            timers: timers.clone(),
            inputs: *inputs,
            fired: *fired,
            record: record.clone(),
            told: told.clone(),
        }
    }
}

impl<P: Protocol> Hash for State<P> {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        (&self.nodes, &self.flight, &self.timers, self.inputs, self.fired, &self.record).hash(hasher);
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
    fn collect(&self, state: &mut State<P>, who: NodeId, mut ctx: Ctx<P>, input: Option<&P::Input>) {
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
        if self.agrees.is_some() {
            state.told.extend(collected.outputs.iter().map(|output| (who, output.clone())));
        }
        let node = state.nodes.get(who.index()).map(|node| &**node);
        let step = Step { who, now: 0, node, input, outputs: collected.outputs };
        P::remember(&mut state.record, &step);
    }
}

impl<P: Protocol> Model for Adapter<P> {
    type State = State<P>;
    type Action = Action<P>;

    fn init_states(&self) -> Vec<State<P>> {
        let timers = vec![BTreeSet::new(); self.nodes as usize];
        let (nodes, flight) = (Vec::new(), BTreeMap::new());
        let mut state = State {
            nodes,
            flight,
            timers,
            inputs: 0,
            fired: 0,
            record: P::Record::default(),
            told: Vec::new(),
        };
        for who in (0..self.nodes).map(NodeId) {
            let mut ctx = self.ctx(who);
            state.nodes.push(Arc::new(P::start(P::Stable::default(), &mut ctx)));
            self.collect(&mut state, who, ctx, None);
        }
        vec![state]
    }

    fn actions(&self, state: &State<P>, actions: &mut Vec<Action<P>>) {
        actions.extend(state.flight.keys().map(|(from, to, it)| Action::Deliver(*from, *to, it.clone())));
        let may_fire = self.timers.is_none_or(|most| state.fired < most);
        for (who, timers) in (0..).map(NodeId).zip(&state.timers).filter(|_| may_fire) {
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
        let node = Arc::make_mut(&mut state.nodes[who.index()]);
        let mut asked = None;
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
                state.fired += u8::from(self.timers.is_some());
                state.timers[who.index()].remove(&timer);
                node.on_timer(timer, &mut ctx);
            }
            Action::Ask(_, input) => {
                state.inputs += 1;
                node.on_input(input.clone(), &mut ctx);
                asked = Some(input);
            }
        }
        self.collect(&mut state, who, ctx, asked.as_ref());
        Some(state)
    }

    fn properties(&self) -> Vec<stateright::Property<Self>> {
        vec![stateright::Property::always("agrees", |model: &Self, state: &State<P>| {
            model.agrees.is_none_or(|agrees| agrees(&state.told))
        })]
    }
}

/// How many states stateright counts within a depth, if there is one, and how many steps lead to the first
/// contradiction. With one it stops.
pub(crate) fn count<P: Protocol + Send + Sync>(
    adapter: Adapter<P>,
    depth: Option<u32>,
) -> (usize, Option<usize>)
where
    P::Params: Send + Sync,
    P::Message: Send + Sync,
    P::Timer: Send + Sync,
    P::Input: Send + Sync,
    P::Output: Send + Sync,
    P::Record: Send + Sync,
{
    let checker = match depth {
        // Stateright counts the first state as depth 1.
        Some(depth) => adapter.checker().target_max_depth(depth as usize + 1),
        None => adapter.checker(),
    };
    let done = checker.spawn_bfs().join();
    let contradiction = done.discovery("agrees").map(|path| path.into_actions().len());
    (done.unique_state_count(), contradiction)
}
