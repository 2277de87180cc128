//! An acceptor promises, accepts what its promises allow, and tells who must know it.

use super::{Ballot, Learning, Message, Output, Paxos, Proposal};
use faultline_core::prelude::*;

/// What an acceptor remembers: all of it is on disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Acceptor {
    /// The highest number that it has promised; 0 is none.
    pub(super) promised: Ballot,
    /// What it has accepted last, which is the highest-numbered proposal that it has ever accepted.
    pub(super) accepted: Option<Proposal>,
    /// Of the wrong twin: nothing of this is on disk.
    pub(super) forgetful: bool,
}

const PROMISE: Rule = Rule::new(
    "§2.2, 1(b)",
    "An acceptor promises a number that is higher than all that it has promised, reports the highest-numbered proposal that \
     it has accepted, and forces both to disk.",
);
const ANSWERED: Rule =
    Rule::new("§2.2, 1(b)", "An acceptor answers a prepare request with a number once only.");
const IGNORE: Rule = Rule::new(
    "§2.2, P1a",
    "An acceptor ignores a number lower than one that it has promised. It may refuse it, so that the proposer gives up.",
);
const ACCEPT: Rule = Rule::new(
    "§2.2, 2(b), P1a",
    "An acceptor accepts a proposal unless it has promised a higher number, forces it to disk, and tells the learners.",
);
const WRONG: Rule = Rule::new("against §2.2, P1a", "This wrong twin accepts what it has promised to ignore.");

impl Paxos {
    /// Phase 1(b).
    pub(super) fn promise(&mut self, from: NodeId, ballot: Ballot, ctx: &mut Ctx<Self>) {
        let Acceptor { promised, accepted, .. } = self.acceptor;
        let again = ballot == promised && ctx.params().bugs.shares_ballots;
        if ballot > promised || again {
            self.acceptor.promised = ballot;
            ctx.remark(&PROMISE, || format!("promises {ballot}"));
            ctx.output(Output::Promised(ballot));
            self.tell([from].into_iter(), &Message::Promise(ballot, accepted), ctx);
        } else if ballot == promised {
            ctx.note(&ANSWERED);
        } else {
            self.refuse(from, ballot, ctx);
        }
    }

    /// Phase 2(b).
    pub(super) fn accept(&mut self, from: NodeId, proposal: Proposal, ctx: &mut Ctx<Self>) {
        let bugs = &ctx.params().bugs;
        let (below, unbound) = (bugs.accepts_below, bugs.accepts_unbound);
        let promised = self.acceptor.promised;
        if proposal.ballot < promised && !below {
            self.refuse(from, proposal.ballot, ctx);
            ctx.output(Output::Ignored(proposal));
            return;
        }
        if !unbound {
            // What it accepts without having been asked for a promise binds it as a promise does.
            self.acceptor.promised = promised.max(proposal.ballot);
        }
        let repeated = self.acceptor.accepted == Some(proposal);
        self.acceptor.accepted = Some(proposal);
        let rule = if proposal.ballot < promised { &WRONG } else { &ACCEPT };
        ctx.remark(rule, || format!("accepts {proposal}"));
        if !repeated {
            ctx.output(Output::Accepted(proposal));
        }
        let all = ctx.params().learning == Learning::All;
        let learners = self.roles.learners().filter(|node| all && *node != from);
        self.tell(learners.chain([from]), &Message::Accepted(proposal), ctx);
    }

    fn refuse(&mut self, from: NodeId, ballot: Ballot, ctx: &mut Ctx<Self>) {
        let promised = self.acceptor.promised;
        ctx.remark(&IGNORE, || format!("has promised {promised} and ignores {ballot}"));
        if ctx.params().refusals {
            self.tell([from].into_iter(), &Message::Refuse(ballot, promised), ctx);
        }
    }
}
