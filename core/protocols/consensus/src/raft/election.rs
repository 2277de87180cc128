//! Election (§5.2, §5.4.1), with two rules that keep a server from disturbing a healthy leader: a server asks whether it
//! could win before it stands (pre-vote, thesis §9.6), and one that hears from a leader withholds its vote (thesis §4.2.3).

use super::transfer::STAND;
use super::{Message, Output, Raft, Role, Timer, await_leader, card};
use faultline_core::prelude::*;

pub(super) const OUTSIDE: Rule = Rule::new(
    "thesis §4.2.2",
    "A server that is not a member stands for election only while the change that removed it is not committed.",
);
const TIMEOUT: Rule =
    Rule::new("§5.2", "A follower that hears from no leader for an election timeout starts an election.");
const ASK_AROUND: Rule = Rule::new(
    "thesis §9.6",
    "Before a server raises its term, it asks whether the others would vote for it.",
);
const GRANT: Rule = Rule::new(
    "§5.2, §5.4.1",
    "One vote per term, first come first served, and only for a log at least as up to date as the voter's.",
);
const DENY: Rule = Rule::new(
    "§5.1, §5.2, §5.4.1",
    "A server denies its vote to an old term, to a second candidate, and to a log that is behind its own.",
);
const PRE_GRANT: Rule = Rule::new(
    "thesis §9.6",
    "A server promises its vote to a log at least as up to date as its own, unless it has heard from a leader lately.",
);
const PRE_DENY: Rule = Rule::new(
    "thesis §9.6",
    "A server promises no vote to an old term or to a log behind its own, nor while it hears from a leader.",
);
const ANSWERED: Rule = Rule::new(
    "thesis §6.2",
    "A leader stays leader if a majority has answered it within an election timeout.",
);
const UNANSWERED: Rule =
    Rule::new("thesis §6.2", "A leader steps down if no majority answers it for an election timeout.");
pub(super) const WIN: Rule =
    Rule::new("§5.2", "A candidate with the votes of a majority becomes the leader of the term.");

/// A leader waits for an election timeout for the answers of a majority.
fn await_answers(ctx: &mut Ctx<Raft>) {
    let time = ctx.params().election_max;
    ctx.set(Timer::Quorum, time);
}

impl Raft {
    /// The election timeout is over: stands, or asks around first.
    pub(super) fn lose_patience(&mut self, ctx: &mut Ctx<Self>) {
        self.trusts = false;
        if !self.may_stand(ctx.me()) {
            ctx.note(&OUTSIDE);
        } else if ctx.params().pre_vote {
            self.ask_around(ctx);
        } else {
            self.stand(false, ctx);
        }
    }

    /// Stands for election; `told` says that the leader told it to.
    pub(super) fn stand(&mut self, told: bool, ctx: &mut Ctx<Self>) {
        let votes = [ctx.me()].into_iter().collect();
        self.term += 1;
        (self.voted_for, self.leader, self.role) = (Some(ctx.me()), None, Role::Candidate { votes });
        let rule = if told { &STAND } else { &TIMEOUT };
        ctx.tell(rule, || format!("stands for election in term {}", self.term));
        await_leader(ctx);
        let (last_index, last_term) = (self.log.len(), self.last_term());
        self.tell_members(Message::RequestVote { term: self.term, last_index, last_term, told }, ctx);
        self.lead_with_majority(ctx);
    }

    /// Pre-vote: would you vote for me, if I stood in the next term?
    fn ask_around(&mut self, ctx: &mut Ctx<Self>) {
        let votes = [ctx.me()].into_iter().collect();
        (self.leader, self.role) = (None, Role::PreCandidate { votes });
        let term = self.term + 1;
        ctx.tell(&ASK_AROUND, || format!("asks whether it could win term {term}"));
        await_leader(ctx);
        let (last_index, last_term) = (self.log.len(), self.last_term());
        self.tell_members(Message::PreVote { term, last_index, last_term }, ctx);
        self.stand_with_majority(ctx);
    }

    /// §5.4.1: the later term of the last entry wins, then the longer log.
    pub(super) fn is_up_to_date(&self, last_index: u64, last_term: u64, ctx: &Ctx<Self>) -> bool {
        if ctx.params().bugs.votes_by_length {
            return last_index >= self.log.len();
        }
        (last_term, last_index) >= (self.last_term(), self.log.len())
    }

    pub(super) fn answer_candidate(&mut self, candidate: NodeId, granted: bool, ctx: &mut Ctx<Self>) {
        if granted {
            self.voted_for = Some(candidate);
            await_leader(ctx);
            ctx.tell(&GRANT, || format!("votes for {candidate} in term {}", self.term));
        } else {
            ctx.remark(&DENY, || format!("denies {candidate} its vote in term {}", self.term));
        }
        ctx.send(candidate, Message::Vote { term: self.term, granted });
    }

    /// Promises a vote in a later term; a promise changes nothing here.
    pub(super) fn answer_asker(&self, asker: NodeId, term: u64, up_to_date: bool, ctx: &mut Ctx<Self>) {
        let granted = term > self.term && up_to_date && !self.hears_leader();
        ctx.note(if granted { &PRE_GRANT } else { &PRE_DENY });
        let term = if granted { term } else { self.term };
        ctx.send(asker, Message::PreVoted { term, granted });
    }

    pub(super) fn stand_with_majority(&mut self, ctx: &mut Ctx<Self>) {
        if let Role::PreCandidate { votes } = &self.role
            && self.is_quorum(votes)
        {
            self.stand(false, ctx);
        }
    }

    pub(super) fn lead_with_majority(&mut self, ctx: &mut Ctx<Self>) {
        let Role::Candidate { votes } = &self.role else { return };
        if !self.is_quorum(votes) {
            return;
        }
        ctx.agreed(|| card::poll(self));
        let next = vec![self.log.len() + 1; ctx.count()];
        self.role = Role::Leader { next, matched: vec![0; ctx.count()], heard: NodeSet::default() };
        self.leader = Some(ctx.me());
        ctx.tell(&WIN, || format!("becomes leader of term {}", self.term));
        ctx.output(Output::Elected { term: self.term });
        ctx.cancel(Timer::Election);
        if ctx.params().check_quorum {
            await_answers(ctx);
        }
        if ctx.params().opens_terms() {
            self.open_term(ctx);
        } else {
            self.replicate(ctx);
        }
    }

    fn is_quorum(&self, votes: &NodeSet) -> bool {
        self.members.latest().is_quorum(|node| votes.contains(node))
    }

    /// Steps down where no majority has answered since the last look, so that the clients try another server.
    pub(super) fn check_quorum(&mut self, ctx: &mut Ctx<Self>) {
        let Role::Leader { heard, .. } = &mut self.role else { return };
        let (heard, me) = (std::mem::take(heard), ctx.me());
        if self.members.latest().is_quorum(|node| node == me || heard.contains(node)) {
            ctx.note(&ANSWERED);
            return await_answers(ctx);
        }
        ctx.tell(&UNANSWERED, || "steps down: no majority answers it".into());
        ctx.cancel(Timer::Heartbeat);
        await_leader(ctx);
        self.reads.give_up();
        self.transfer.to = None;
        (self.role, self.leader) = (Role::Follower, None);
    }

    // Loyalty to a leader that is heard of.

    /// Believes for the least election timeout that there is a leader.
    pub(super) fn trust(&mut self, ctx: &mut Ctx<Self>) {
        self.trusts = true;
        let time = ctx.params().election_min;
        ctx.set(Timer::Trust, time);
    }

    fn hears_leader(&self) -> bool {
        self.trusts || self.leads()
    }

    /// Whether a message of a higher term changes nothing, because its sender disturbs a leader that is heard of.
    pub(super) fn disregards(&self, message: &Message, ctx: &Ctx<Self>) -> bool {
        matches!(message, Message::RequestVote { told: false, .. })
            && ctx.params().is_loyal()
            && self.hears_leader()
    }
}
