//! A proposer finds a number for which a majority promises, issues a proposal with it, and tries again until it knows what is
//! chosen.

use super::{Ballot, KNOWN, Message, Output, Paxos, Proposal, STALE, Timer, Value};
use faultline_core::prelude::*;

/// What a proposer knows.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Proposer {
    /// The value that it wants to be chosen.
    pub(super) value: Option<Value>,
    /// Whether it tries to find out what is chosen, though it has no value.
    pub(super) curious: bool,
    /// The highest number that it has tried, and the highest that it knows to be promised.
    pub(super) tried: Ballot,
    pub(super) seen: Ballot,
    pub(super) attempt: Attempt,
}

/// How far a proposer has come with its latest number.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Attempt {
    /// It has none under way.
    #[default]
    None,
    /// Phase 1: these have promised, and report what they have accepted.
    Preparing(Map<NodeId, Option<Proposal>>),
    /// Phase 2: it has issued a proposal.
    Issued(Proposal),
    /// An acceptor has promised a higher number.
    Abandoned,
}

const PREPARE: Rule = Rule::new(
    "§2.2, 1(a)",
    "A proposer selects a number of its own that it has not used, and asks the acceptors for promises.",
);
const COUNT: Rule = Rule::new("§2.2, 2(a)", "A proposer waits for promises of a majority of acceptors.");
const FREE: Rule = Rule::new(
    "§2.2, 2(a), P2c (a)",
    "If no acceptor of a majority reports a proposal, the proposer may issue its number with any value.",
);
const ADOPT: Rule = Rule::new(
    "§2.2, 2(a), P2c (b)",
    "The proposer must issue its number with the value of the highest-numbered proposal that the acceptors report.",
);
const NOTHING: Rule = Rule::new(
    "§2.3",
    "If no acceptor of a majority reports a proposal, nothing was chosen so far, and a proposer without a value has none to \
     propose.",
);
const ABANDON: Rule = Rule::new(
    "§2.2",
    "A proposer abandons its number when it hears of a higher one. This optimization is not needed for correctness.",
);
const RETRY: Rule = Rule::new(
    "§2.4",
    "A proposer that has waited in vain tries a higher number. If others do the same, none may ever succeed.",
);
const FIND_OUT: Rule = Rule::new(
    "§2.3",
    "To find out what is chosen, a proposer issues a proposal; it begins with a prepare request.",
);

/// The value of the highest-numbered proposal among those that acceptors report (P2c).
pub fn adopted(reports: impl Iterator<Item = Option<Proposal>>) -> Option<Value> {
    reports.flatten().max_by_key(|proposal| proposal.ballot).map(|proposal| proposal.value)
}

impl Proposer {
    /// Whether it collects promises for this number.
    pub(super) fn is_preparing(&self, ballot: Ballot) -> bool {
        ballot == self.tried && matches!(self.attempt, Attempt::Preparing(_))
    }

    /// Whether it wants to know what is chosen.
    pub(super) fn wants(&self) -> bool {
        self.value.is_some() || self.curious
    }
}

impl Paxos {
    /// A value to propose that tells who proposes it, and when: 10 is the first proposer's, and 11 another one after a crash.
    pub(super) fn offer(&self) -> Value {
        let rounds = self.proposer.tried.div_ceil(u64::from(self.roles.proposers));
        u64::from(self.me.0 + 1) * 10 + rounds
    }

    pub(super) fn propose(&mut self, value: Value, ctx: &mut Ctx<Self>) {
        self.proposer.value = Some(value);
        ctx.output(Output::Proposed(value));
        self.prepare(&PREPARE, ctx);
    }

    /// Begins to find out what is chosen, unless the proposer is at it anyway.
    pub(super) fn find_out(&mut self, ctx: &mut Ctx<Self>) {
        let idle = !self.proposer.wants();
        self.proposer.curious = true;
        match idle {
            true => self.prepare(&FIND_OUT, ctx),
            false => ctx.note(&FIND_OUT),
        }
    }

    /// Phase 1(a), with a number above all that the proposer knows.
    fn prepare(&mut self, rule: &'static Rule, ctx: &mut Ctx<Self>) {
        let highest = self.proposer.tried.max(self.proposer.seen);
        let keeps = ctx.params().bugs.keeps_ballot && self.proposer.tried > 0;
        let ballot = if keeps { self.proposer.tried } else { self.roles.number(self.me, highest) };
        self.proposer.tried = ballot;
        self.proposer.attempt = Attempt::Preparing(Map::default());
        ctx.tell(rule, || format!("asks for promises for {ballot}"));
        let (retry, spread) = (ctx.params().retry, ctx.params().spread);
        let delay = ctx.random(retry..=retry.saturating_add(spread));
        ctx.set(Timer::Retry, delay);
        self.tell(self.roles.acceptors(), &Message::Prepare(ballot), ctx);
        if self.proposer.is_preparing(ballot) {
            ctx.note(rule);
        }
    }

    pub(super) fn count_promise(&mut self, from: NodeId, accepted: Option<Proposal>, ctx: &mut Ctx<Self>) {
        let Attempt::Preparing(promises) = &mut self.proposer.attempt else { return };
        promises.insert(from, accepted);
        let enough = promises.len() >= self.roles.majority();
        ctx.note(&COUNT);
        if enough {
            ctx.agreed(|| self.promises());
            self.issue(ctx);
        }
    }

    /// Phase 2(a).
    fn issue(&mut self, ctx: &mut Ctx<Self>) {
        let Attempt::Preparing(promises) = &self.proposer.attempt else { return };
        let (bugs, own) = (&ctx.params().bugs, self.proposer.value);
        let reports = || promises.values().copied();
        let adopted = match () {
            () if bugs.adopts_own && own.is_some() => None,
            () if bugs.adopts_any => reports().flatten().next().map(|proposal| proposal.value),
            () if bugs.adopts_nothing => Some(adopted(reports()).unwrap_or(0)),
            () => adopted(reports()),
        };
        let Some(value) = adopted.or(own) else {
            self.proposer.curious = false;
            self.proposer.attempt = Attempt::None;
            ctx.cancel(Timer::Retry);
            ctx.tell(&NOTHING, || "finds that nothing was chosen".into());
            ctx.output(Output::FoundNothing);
            return;
        };
        let proposal = Proposal { ballot: self.proposer.tried, value };
        self.proposer.attempt = Attempt::Issued(proposal);
        let (rule, whose) = if adopted.is_some() { (&ADOPT, "the reported") } else { (&FREE, "its own") };
        ctx.tell(rule, || format!("issues {proposal} with {whose} value"));
        ctx.output(match adopted.is_some_and(|adopted| own != Some(adopted)) {
            true => Output::Adopted(proposal),
            false => Output::Issued(proposal),
        });
        self.tell(self.roles.acceptors(), &Message::Accept(proposal), ctx);
        if self.learner.learned.is_none() {
            ctx.note(rule);
        }
    }

    pub(super) fn abandon(&mut self, ballot: Ballot, promised: Ballot, ctx: &mut Ctx<Self>) {
        self.proposer.seen = self.proposer.seen.max(promised);
        let open = matches!(self.proposer.attempt, Attempt::Preparing(_) | Attempt::Issued(_));
        if ballot != self.proposer.tried || !open {
            ctx.note(&STALE);
            return;
        }
        self.proposer.attempt = Attempt::Abandoned;
        ctx.tell(&ABANDON, || format!("abandons {ballot}, as {promised} is promised"));
    }

    pub(super) fn try_again(&mut self, ctx: &mut Ctx<Self>) {
        match self.learner.learned.is_none() && self.proposer.wants() {
            true => self.prepare(&RETRY, ctx),
            false => ctx.note(&KNOWN),
        }
    }

    /// A learner wants to know what is chosen.
    pub(super) fn answer(&mut self, learner: NodeId, ctx: &mut Ctx<Self>) {
        match self.learner.learned {
            Some(value) => {
                ctx.note(&KNOWN);
                ctx.send(learner, Message::Chosen(value));
            }
            None => self.find_out(ctx),
        }
    }

    /// The proposer has learned what is chosen.
    pub(super) fn rest(&mut self, ctx: &mut Ctx<Self>) {
        let Proposer { value, curious, attempt, .. } = &mut self.proposer;
        (*value, *curious, *attempt) = (None, false, Attempt::None);
        ctx.cancel(Timer::Retry);
    }
}
