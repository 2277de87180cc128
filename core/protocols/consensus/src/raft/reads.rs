//! Reads that bypass the log (thesis §6.4): by read index, or under a lease.
//!
//! A leader may have been deposed without knowing it, so its memory may be stale. A read therefore waits until a majority
//! has answered a round of messages sent after the read began: then no other server led a later term at that moment. The
//! read also waits until the state machine has applied the entries that were committed then. A lease saves the round: a
//! majority that has answered one denies its votes for the minimum election timeout, so until then the leader need not ask
//! again. Only the lease relies on clocks that run alike; the rest of Raft does not.

use super::{Output, Raft, ReadBy, Timer};
use crate::Reply;
use faultline_core::prelude::*;

const LEASED: Rule = Rule::new(
    "thesis §6.4.1",
    "The leader answers reads at once while a majority has promised to follow it.",
);
const UNCONFIRMED: Rule = Rule::new(
    "against thesis §6.4",
    "This wrong twin answers from memory without checking that it still leads, so its read may be stale.",
);
const UNOPENED: Rule = Rule::new(
    "against thesis §6.4",
    "This wrong twin does not wait until an entry of its term is committed, so it may not know the latest committed entry.",
);
const ASK_FOLLOWERS: Rule = Rule::new(
    "thesis §6.4",
    "A read waits until a majority has answered a round of messages sent after it, and until its index is applied.",
);

/// A leader's reads, and the rounds of messages that they wait for.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Reads {
    /// The number of the latest round; rounds are counted for as long as the server is up.
    pub(super) round: u64,
    /// The index of the first entry of the leader's own term.
    pub(super) opening: u64,
    /// The latest round that each node has answered.
    answered: Vec<u64>,
    /// The latest round that a majority has answered, and the latest that was sent too long ago to vouch for a lease.
    pub(super) confirmed: u64,
    expired: u64,
    asked: u64,
    pending: Vec<Read>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Read {
    number: u64,
    key: char,
    /// What must be applied first.
    index: u64,
    /// What must be answered first.
    round: u64,
}

impl Reads {
    /// A deposed leader forgets what it was asked; the clients will ask another.
    pub(super) fn give_up(&mut self) {
        self.pending.clear();
        self.answered.clear();
        self.confirmed = 0;
    }

    /// A round was sent an election timeout ago.
    pub(super) fn expire(&mut self, round: u64) {
        self.expired = round.max(self.expired);
    }
}

impl Raft {
    /// Numbers what is sent to all.
    pub(super) fn begin_round(&mut self, ctx: &mut Ctx<Self>) {
        if ctx.params().reads == ReadBy::Log {
            return;
        }
        self.reads.round += 1;
        if ctx.params().reads == ReadBy::Lease {
            let time = ctx.params().election_min;
            ctx.set(Timer::Lease(self.reads.round), time);
        }
    }

    /// Begins a read. What was committed when it was asked is at most the own commit index or, as long as the leader
    /// does not know that, its own first entry.
    pub(super) fn read(&mut self, key: char, ctx: &mut Ctx<Self>) {
        self.reads.asked += 1;
        let opening = if ctx.params().bugs.reads_too_early { 0 } else { self.reads.opening };
        let (number, index) = (self.reads.asked, self.commit.max(opening));
        ctx.output(Output::Client(Reply::Reading { number }));
        let leased = self.reads.confirmed > self.reads.expired && !self.has_told_to_stand(ctx);
        let at_once = leased || ctx.params().bugs.reads_unconfirmed;
        let round = if at_once { 0 } else { self.reads.round + 1 };
        self.reads.pending.push(Read { number, key, index, round });
        if at_once {
            ctx.note(if leased { &LEASED } else { &UNCONFIRMED });
        } else {
            ctx.note(if index < self.reads.opening { &UNOPENED } else { &ASK_FOLLOWERS });
            self.replicate(ctx);
        }
        self.answer_reads(ctx);
    }

    /// A follower has answered a round: it follows, and so it did when that was sent.
    pub(super) fn hear(&mut self, from: NodeId, round: u64, ctx: &mut Ctx<Self>) {
        if round == 0 || !self.leads() {
            return;
        }
        self.reads.answered.resize(ctx.count(), 0);
        let answered = &mut self.reads.answered[from.index()];
        *answered = round.max(*answered);
        if ctx.params().reads == ReadBy::Lease {
            self.renew_lease(ctx.me());
        }
        self.answer_reads(ctx);
    }

    /// The lease rests on the latest round that a majority has answered; an answer to a later one counts for it, too.
    fn renew_lease(&mut self, me: NodeId) {
        let Reads { answered, round, confirmed, .. } = &self.reads;
        let has_answered =
            |node: NodeId| if node == me { *round } else { answered.get(node.index()).copied().unwrap_or(0) };
        if let Some(round) = self.members.reached_beyond(*confirmed, has_answered) {
            self.reads.confirmed = round;
        }
    }

    fn is_confirmed(&self, round: u64, me: NodeId) -> bool {
        let answered = |node: NodeId| self.reads.answered.get(node.index()).is_some_and(|&it| it >= round);
        round == 0 || self.members.latest().is_quorum(|node| node == me || answered(node))
    }

    /// Answers the reads whose round is answered and whose index is applied, in the order in which they were asked.
    pub(super) fn answer_reads(&mut self, ctx: &mut Ctx<Self>) {
        while let Some(Read { number, key, index, round }) = self.reads.pending.first().cloned()
            && index <= self.applied
            && self.is_confirmed(round, ctx.me())
        {
            self.reads.pending.remove(0);
            let value = self.store.get(&key).copied();
            ctx.output(Output::Client(Reply::Read { number, key, value }));
        }
    }
}
