//! Replication (§5.3), commitment (§5.4.2), and the state machine.

use super::{Bugs, Entry, Message, Output, Raft, Role, Timer, await_leader, card};
use crate::{Command, Reply};
use faultline_core::prelude::*;

const COMMIT: Rule = Rule::new(
    "§5.3, §5.4.2",
    "An entry of the leader's own term is committed once a majority holds it. So are all entries before it.",
);
const STALE: Rule = Rule::new("§5.1", "A server refuses a request of an old term.");

fn agreement(term: u64, index: u64, round: u64) -> Message {
    Message::Appended { term, success: true, index, back: 0, round }
}

fn refusal(term: u64, index: u64, back: u64, round: u64) -> Message {
    Message::Appended { term, success: false, index, back, round }
}

impl Raft {
    // The leader's side.

    /// Appends a command to the own log and sends it to all.
    pub(super) fn append(&mut self, command: Command, rule: &'static Rule, ctx: &mut Ctx<Self>) {
        if ctx.params().bugs.replaces_old_entries && self.last_term() < self.term {
            self.truncate(self.commit);
        }
        self.push(Entry { term: self.term, command }, ctx);
        ctx.note(rule);
        self.replicate(ctx);
        self.advance_commit(ctx);
    }

    /// Sends every follower what it is missing, or a heartbeat where nothing is.
    pub(super) fn replicate(&mut self, ctx: &mut Ctx<Self>) {
        self.begin_round(ctx);
        let me = ctx.me();
        for follower in self.members.latest().receivers().filter(|&node| node != me) {
            self.send_append(follower, ctx);
        }
        let period = ctx.params().heartbeat;
        ctx.set(Timer::Heartbeat, period);
    }

    pub(super) fn send_append(&self, follower: NodeId, ctx: &mut Ctx<Self>) {
        let Role::Leader { next, .. } = &self.role else { return };
        let previous_index = next[follower.index()] - 1;
        let (term, commit, round) = (self.term, self.commit, self.reads.round);
        if let Some(snapshot) = self.snapshot.as_ref().filter(|snapshot| previous_index < snapshot.index) {
            return ctx.send(follower, Message::InstallSnapshot { term, snapshot: snapshot.clone(), round });
        }
        let previous_term = self.term_at(previous_index).unwrap_or(0);
        let last = previous_index + ctx.params().batch;
        let entries = self.log.between(previous_index, last).into_iter().cloned().collect();
        ctx.send(follower, Message::Append { term, previous_index, previous_term, entries, commit, round });
    }

    /// Commits up to the greatest N above the commit index that a majority's match indexes reach, if entry N is of this
    /// term (Figure 2; §5.4.2, Figure 8). A reply may complete a majority for an earlier entry than the one that it
    /// acknowledges, and so may a change of members.
    pub(super) fn advance_commit(&mut self, ctx: &mut Ctx<Self>) {
        if let Some(index) = self.committable(ctx.me(), &ctx.params().bugs) {
            ctx.tell(&COMMIT, || format!("commits up to entry {index}"));
            ctx.agreed(|| card::copies(self, index));
            self.commit = index;
            self.apply_committed(ctx);
            self.settle_members(ctx);
        }
        // The index that a read waits for may be applied now, or fewer members may have to confirm it.
        self.answer_reads(ctx);
    }

    /// That N. Terms never fall along a log, so where the greatest index that a majority reaches is of an earlier term, all
    /// before it are.
    pub(super) fn committable(&self, me: NodeId, bugs: &Bugs) -> Option<u64> {
        let Role::Leader { matched, .. } = &self.role else { return None };
        let last = self.log.len();
        let holds = |node: NodeId| if node == me { last } else { last.min(matched[node.index()]) };
        let index = match bugs.counts_learners {
            true => self.members.reached_with_learners(self.commit, holds),
            false => self.members.reached_beyond(self.commit, holds),
        }?;
        (self.term_at(index) == Some(self.term) || bugs.counts_old_terms).then_some(index)
    }

    // The follower's side.

    /// Recognises the leader of the term, and waits for its next word.
    pub(super) fn follow(&mut self, leader: NodeId, ctx: &mut Ctx<Self>) {
        ctx.ensure("No other server leads my term.", !self.leads());
        self.role = Role::Follower;
        self.leader = Some(leader);
        await_leader(ctx);
        if ctx.params().is_loyal() {
            self.trust(ctx);
        }
    }

    pub(super) fn refuse_old_term(&self, from: NodeId, index: u64, round: u64, ctx: &mut Ctx<Self>) {
        ctx.note(&STALE);
        ctx.send(from, refusal(self.term, index, index, round));
    }

    /// Receiver's steps 3 and 4 of `AppendEntries`. What agrees is left alone: an old message must not delete
    /// what a newer one brought. What a snapshot replaced was committed, so it agrees.
    pub(super) fn append_missing(&mut self, previous_index: u64, entries: Vec<Entry>, ctx: &mut Ctx<Self>) {
        if ctx.params().bugs.truncates_always {
            self.truncate(previous_index);
        }
        let base = self.log.base().index;
        let indexed = (previous_index + 1..).zip(entries).filter(|(index, _)| *index > base);
        for (index, entry) in indexed {
            match self.term_at(index) {
                Some(term) if term == entry.term => continue,
                Some(_) => {
                    self.truncate(index - 1);
                    self.push(entry, ctx);
                }
                None => self.push(entry, ctx),
            }
            self.unwritten += u64::from(ctx.params().bugs.acknowledges_unwritten);
        }
    }

    /// Receiver's step 5: no further than the last entry that is known to agree with the leader's.
    pub(super) fn known_commit(&self, commit: u64, matched: u64, ctx: &Ctx<Self>) -> u64 {
        let known = if ctx.params().bugs.commits_unchecked { self.log.len() } else { matched };
        self.commit.max(commit.min(known))
    }

    pub(super) fn answer_leader(
        &mut self,
        leader: NodeId,
        success: bool,
        index: u64,
        round: u64,
        ctx: &mut Ctx<Self>,
    ) {
        let answer = match success {
            true if ctx.params().bugs.matches_whole_log => agreement(self.term, self.log.len(), round),
            true => agreement(self.term, index, round),
            false if ctx.params().shortcut => refusal(self.term, index, self.first_of_term(index), round),
            false => refusal(self.term, index, index, round),
        };
        ctx.send(leader, answer);
    }

    /// The first index of the term that this log has at `index`, or the end of the log where it is shorter.
    fn first_of_term(&self, index: u64) -> u64 {
        let Some(term) = self.term_at(index) else { return self.log.len() + 1 };
        (1..=index).rev().take_while(|&earlier| self.term_at(earlier) == Some(term)).last().unwrap_or(index)
    }

    // The log and the state machine.

    /// Adds an entry to the log. Members that it names hold from now on (§6).
    fn push(&mut self, entry: Entry, ctx: &Ctx<Self>) {
        if let Command::Members(configuration) = &entry.command
            && !ctx.params().bugs.uses_members_late
        {
            self.members.take_up(self.log.len() + 1, configuration.clone());
        }
        self.log.push(entry);
    }

    /// Takes back entries, and with them the members that they name.
    fn truncate(&mut self, length: u64) {
        self.log.truncate(length);
        self.members.fall_back(length);
    }

    /// Executes what is committed and not yet applied; the leader answers the clients of its own term.
    pub(super) fn apply_committed(&mut self, ctx: &mut Ctx<Self>) {
        if self.applied == self.commit {
            return;
        }
        let committed: Vec<Entry> =
            self.log.between(self.applied, self.commit).into_iter().cloned().collect();
        for entry in committed {
            self.applied += 1;
            ctx.output(Output::Applied { index: self.applied, entry: entry.clone() });
            let reply = match entry.command {
                Command::Client(request) => {
                    request.apply(&mut self.store);
                    let value = self.store.get(&request.key()).copied();
                    Some(Reply::Answered { request, value })
                }
                Command::Register => Some(self.register(ctx)),
                Command::Numbered { serial, request } => self.execute(serial, request, ctx),
                Command::Members(configuration) => {
                    if ctx.params().bugs.uses_members_late {
                        self.members.take_up(self.applied, configuration);
                    }
                    None
                }
                Command::Nothing => None,
            };
            if let Some(reply) = reply.filter(|_| self.leads() && entry.term == self.term) {
                ctx.output(Output::Client(reply));
            }
        }
        self.compact(ctx);
    }
}
