//! A learner counts who has accepted which proposal. A proposer is a learner of its own proposals.

use super::{KNOWN, Learning, Message, Output, Paxos, Proposal, Timer, Value};
use faultline_core::prelude::*;

/// What a learner knows; nothing of it is on disk.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Learner {
    /// By proposal, the acceptors that are known to have accepted it.
    pub(super) accepted: Map<Proposal, NodeSet>,
    /// The value that it knows to be chosen.
    pub(super) learned: Option<Value>,
    /// Whether it wants to know it now, and which proposer it asks next.
    pub(super) asks: bool,
    asked: u32,
}

const COUNT: Rule = Rule::new(
    "§2.3",
    "A learner knows that a value is chosen when a majority of acceptors has accepted one and the same proposal.",
);
const MIX: Rule = Rule::new(
    "against §2.3",
    "This wrong twin counts acceptances of the same value together, whatever the numbers.",
);
pub(super) const TOLD: Rule =
    Rule::new("§2.3", "A distinguished learner tells the other learners what is chosen.");
const ASK: Rule = Rule::new(
    "§2.3",
    "A learner that may have missed messages has a proposer issue a proposal, and asks another one if that takes too long.",
);

impl Learner {
    /// The acceptors that count for a proposal.
    pub(super) fn supporters(&self, proposal: Proposal, mixes: bool) -> NodeSet {
        let counts = |other: &Proposal| *other == proposal || mixes && other.value == proposal.value;
        let sets = self.accepted.iter().filter(|(other, _)| counts(other)).map(|(_, nodes)| nodes);
        sets.flat_map(NodeSet::iter).collect()
    }
}

impl Paxos {
    pub(super) fn count_acceptance(&mut self, from: NodeId, proposal: Proposal, ctx: &mut Ctx<Self>) {
        self.learner.accepted.or_default(proposal).insert(from);
        let mixes = ctx.params().bugs.mixes_ballots;
        let supporters = self.learner.supporters(proposal, mixes);
        let rule = if mixes { &MIX } else { &COUNT };
        // Of what it has accepted itself it hears in the step in which it accepts.
        if from != self.me {
            ctx.note(rule);
        }
        if supporters.len() < self.roles.majority() {
            return;
        }
        ctx.agreed(|| Some(self.acceptances(proposal.ballot, &supporters)));
        let news = self.learner.learned != Some(proposal.value);
        self.learn(proposal.value, rule, ctx);
        if news && ctx.params().learning == Learning::Distinguished {
            let me = self.me;
            let others = self.roles.learners().filter(|node| *node != me);
            self.tell(others, &Message::Chosen(proposal.value), ctx);
        }
    }

    /// The node knows now that this value is chosen. That it should have known another one before is for the claims to say.
    pub(super) fn learn(&mut self, value: Value, rule: &'static Rule, ctx: &mut Ctx<Self>) {
        if self.learner.learned == Some(value) {
            return;
        }
        self.learner.learned = Some(value);
        self.learner.asks = false;
        ctx.tell(rule, || format!("learns that {value} is chosen"));
        ctx.output(Output::Learned(value));
        ctx.cancel(Timer::Ask);
        self.rest(ctx);
    }

    /// The application wants this learner to find out what is chosen.
    pub(super) fn ask(&mut self, ctx: &mut Ctx<Self>) {
        if self.learner.asks {
            ctx.note(&ASK);
            return;
        }
        self.learner.asks = true;
        ctx.output(Output::Asked);
        self.ask_another(ctx);
    }

    /// Asks the next proposer in turn.
    pub(super) fn ask_another(&mut self, ctx: &mut Ctx<Self>) {
        if !self.learner.asks {
            ctx.note(&KNOWN);
            return;
        }
        let proposer = NodeId(self.learner.asked % self.roles.proposers);
        self.learner.asked = (self.learner.asked + 1) % self.roles.proposers;
        ctx.tell(&ASK, || format!("asks {proposer} to find out what is chosen"));
        ctx.send(proposer, Message::Ask);
        let (retry, spread) = (ctx.params().retry, ctx.params().spread);
        let delay = ctx.random(retry..=retry.saturating_add(spread));
        ctx.set(Timer::Ask, delay);
    }
}
