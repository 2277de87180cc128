//! # Raft (Ongaro & Ousterhout, USENIX ATC 2014, extended version; Ongaro's thesis, Stanford 2014)
//!
//! A cluster keeps one log by letting one node, the leader, choose the next entry. Time is divided into terms; in each
//! term at most one node wins the votes of a majority and leads. The leader appends the clients' commands to its log
//! and replicates its log to the others; an entry that a majority holds is committed and may be applied.
//!
//! Why it is right: any two majorities share a node. So among the voters of a new leader is a node that holds every
//! committed entry. No node votes for a log that is behind its own (§5.4.1). One exception is easy to miss: an entry of an
//! *earlier* term may be overwritten even though a majority holds it (Figure 8). So a leader counts copies only of entries
//! of its own term; the earlier ones are committed along with these (§5.4.2).
//!
//! Where it hurts: without a leader the cluster makes no progress, and similar timeouts make elections collide. Where a
//! round of messages does not take much less time than the election timeout, no leader lasts (§5.6). A follower
//! that was cut off comes back with a high term and deposes a healthy leader, unless servers first ask
//! whether they could win (`pre-vote`). And a leader that can send but not receive keeps its followers and
//! commits nothing, unless it steps down when no majority answers it (`check-quorum`). It then stands again in ever
//! higher terms. So, where leaders step down like that, servers withhold their votes while they hear from a
//! leader, as in etcd.
//!
//! This file is the paper's Figure 2; its words are in `raft/vocabulary.rs`. Beside it lie `raft/election.rs`
//! (§5.2, §5.4.1, and pre-vote), `replication.rs` (§5.3), `membership.rs` (§6, thesis ch. 4), `snapshot.rs`
//! (§7), `reads.rs` (thesis §6.4) and `transfer.rs` (thesis §3.10); the last four are off by default.
//!
//! **What is left out:** no leader decides by itself when a new server has caught up (the rounds of thesis
//! §4.2.1): somebody asks it to make a learner a member, and it refuses while the learner lacks committed
//! entries; a snapshot travels in one message; a client without a session (§8, thesis §6.3;
//! `raft/sessions.rs`, off by default) may have a repeated request applied twice. A leader appends an empty
//! entry at the start of its term only if reads or changes of members need one.

use crate::{Command, Reply, Request, Store};
use faultline_core::prelude::*;
use faultline_core::toolbox::log::Log;
use std::sync::Arc;

mod card;
mod claims;
mod election;
mod membership;
mod reads;
mod record;
mod replication;
mod sessions;
mod snapshot;
#[cfg(test)]
mod tests;
mod title;
mod transfer;
mod vocabulary;
pub use record::Record;
pub use sessions::{Session, Sessions};
pub use snapshot::Snapshot;
pub use vocabulary::{Bugs, Entry, Input, Membership, Message, Output, Params, ReadBy, Timer};

/// Persistent state on all servers (Figure 2), and the latest snapshot (§7).
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stable {
    term: u64,
    voted_for: Option<NodeId>,
    log: Log<Entry>,
    snapshot: Option<Arc<Snapshot>>,
}

/// A server.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Raft {
    // Persistent state on all servers.
    term: u64,
    voted_for: Option<NodeId>,
    log: Log<Entry>,
    snapshot: Option<Arc<Snapshot>>,
    // Volatile state on all servers.
    role: Role,
    leader: Option<NodeId>,
    commit: u64,
    applied: u64,
    store: Store,
    /// The sessions of clients: a part of the state machine, as the values are.
    sessions: Sessions,
    /// The latest members in the log, committed or not, and those before.
    members: membership::Members,
    /// Whether a leader was heard of within the least election timeout; kept where that matters.
    trusts: bool,
    /// A leader's reads beside the log.
    reads: reads::Reads,
    /// A leader's transfer of its leadership.
    transfer: transfer::Transfer,
    /// How many of its last entries are not yet on disk; only a wrong twin ever has any after a step.
    unwritten: u64,
    /// Whether this twin writes its vote and its term to disk, how its members change, and whether there are
    /// learners and sessions: what is asked of it without a context.
    keeps_vote: bool,
    keeps_term: bool,
    changes: Membership,
    has_learners: bool,
    has_sessions: bool,
    /// Its own name, by which its card tells a learner, and whether it asks before it stands, which a claim
    /// needs.
    me: NodeId,
    asks_first: bool,
}

/// What a server is in its term (Figure 4), with the volatile state that only this role has.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Role {
    Follower,
    Candidate {
        votes: NodeSet,
    },
    Leader {
        next: Vec<u64>,
        matched: Vec<u64>,
        /// Those that have answered since the leader last checked that a majority does; kept where it does.
        heard: NodeSet,
    },
    /// Asks around whether it could win the next term.
    PreCandidate {
        votes: NodeSet,
    },
}

const START: Rule = Rule::new("§5.2", "Servers start as followers.");
const REDIRECT: Rule =
    Rule::new("§8", "A server that is not the leader redirects the client to the leader that it knows of.");
const REPLICATE: Rule =
    Rule::new("§5.3", "The leader appends the command to its log and sends it to all followers.");
const WITHHOLD: Rule = Rule::new(
    "thesis §4.2.3",
    "A server that heard from a leader within the minimum election timeout denies its vote and ignores the new term.",
);
const COUNTED: Rule = Rule::new("§5.2", "A candidate counts the votes of its term.");
const DENIED: Rule =
    Rule::new("§5.2", "A denied vote counts for nothing; the candidate needs the votes of a majority.");
const LATE: Rule =
    Rule::new("§5.1", "A message or timer that comes too late for the term or the role changes nothing.");
const ACCEPT: Rule = Rule::new(
    "§5.3",
    "A follower appends the leader's entries that it lacks. It first deletes any entry that conflicts with one of them.",
);
const HEAR: Rule = Rule::new("§5.2", "A follower that hears from the leader restarts its election timer.");
const LEARN: Rule =
    Rule::new("§5.3", "A follower applies an entry once it learns that the entry is committed.");
const CHECK: Rule =
    Rule::new("§5.3", "A follower refuses an Append if its log lacks the entry before the new ones.");
const PROGRESS: Rule =
    Rule::new("§5.3", "The leader tracks how far each follower's log is known to match its own.");
const BACK: Rule = Rule::new("§5.3", "After a refusal, the leader tries again from an earlier entry.");
const HEARTBEAT: Rule =
    Rule::new("§5.2", "A leader sends heartbeats to keep other servers from standing for election.");
const TRUST_ENDS: Rule = Rule::new(
    "thesis §4.2.3",
    "A server that has heard from no leader for the minimum election timeout may vote again.",
);
const LEASE_ENDS: Rule =
    Rule::new("thesis §6.4.1", "A lease expires one election timeout after its round of messages was sent.");
const NEWER: Rule = Rule::new("§5.1", "A server that sees a higher term adopts it and becomes a follower.");

impl Node for Raft {
    type Message = Message;
    type Timer = Timer;
    type Input = Input;
    type Output = Output;
    type Stable = Stable;
    type Params = Params;

    fn start(stable: Stable, ctx: &mut Ctx<Self>) -> Self {
        let Stable { term, voted_for, log, snapshot } = stable;
        let base = log.base().index;
        let mut node = Raft {
            term,
            voted_for,
            members: membership::Members::of(&log, snapshot.as_deref(), ctx),
            log,
            role: Role::Follower,
            leader: None,
            commit: base,
            applied: base,
            store: snapshot.as_ref().map_or_else(Store::default, |snapshot| snapshot.store.clone()),
            sessions: snapshot.as_ref().map_or_else(Sessions::default, |snapshot| snapshot.sessions.clone()),
            snapshot,
            trusts: false,
            reads: reads::Reads::default(),
            transfer: transfer::Transfer::offered(ctx.params().transfer),
            unwritten: 0,
            keeps_vote: !ctx.params().bugs.forgets_vote,
            keeps_term: !ctx.params().bugs.forgets_term,
            changes: ctx.params().membership,
            has_learners: ctx.params().learners,
            has_sessions: ctx.params().sessions > 0,
            me: ctx.me(),
            asks_first: ctx.params().pre_vote,
        };
        ctx.note(&START);
        await_leader(ctx);
        if ctx.params().reads == ReadBy::Lease {
            // It may have followed somebody just before it crashed, who counts on that.
            node.trust(ctx);
        }
        node
    }

    fn stable(&self) -> Stable {
        let voted_for = self.voted_for.filter(|_| self.keeps_vote);
        let term = if self.keeps_term { self.term } else { self.last_term() };
        let mut log = self.log.clone();
        log.truncate(log.len() - self.unwritten);
        Stable { term, voted_for, log, snapshot: self.snapshot.clone() }
    }

    fn on_input(&mut self, input: Input, ctx: &mut Ctx<Self>) {
        self.unwritten = 0;
        if !self.leads() {
            ctx.remark(&REDIRECT, || match self.leader {
                Some(leader) => format!("redirects the client to {leader}, the leader that it knows of"),
                None => "turns the client away: it knows of no leader".into(),
            });
            ctx.output(Output::Client(Reply::Redirected { leader: self.leader }));
            return;
        }
        match input {
            Input::Client(Request::Get { key }) if ctx.params().reads != ReadBy::Log => self.read(key, ctx),
            _ if self.transfer.to.is_some() => self.answer_meanwhile(input, ctx),
            Input::Client(request) => self.append(Command::Client(request), &REPLICATE, ctx),
            Input::Register | Input::Numbered { .. } => self.ask_in_session(input, ctx),
            Input::Add(_) | Input::Learn(_) | Input::Remove(_) | Input::Reconfigure(_) => {
                self.change_members(input, ctx);
            }
            Input::Transfer(target) => self.transfer(target, ctx),
        }
    }

    fn on_message(&mut self, from: NodeId, message: Message, ctx: &mut Ctx<Self>) {
        self.unwritten = 0;
        let is_newer = message.term() > self.term && !self.disregards(&message, ctx);
        if is_newer {
            self.step_down(message.term(), ctx);
        }
        if ctx.params().bugs.any_message_resets_timer && !self.leads() {
            await_leader(ctx);
        }
        if let (Message::Appended { term, .. }, Role::Leader { heard, .. }) = (&message, &mut self.role)
            && *term == self.term
            && ctx.params().check_quorum
        {
            heard.insert(from);
        }
        match (message, &mut self.role) {
            // Leader election (§5.2).
            (Message::RequestVote { term, .. }, _) if term > self.term => {
                ctx.note(&WITHHOLD);
                ctx.send(from, Message::Vote { term: self.term, granted: false });
            }
            (Message::RequestVote { term, last_index, last_term, .. }, _) => {
                let up_to_date = self.is_up_to_date(last_index, last_term, ctx);
                let free = self.voted_for.is_none_or(|candidate| candidate == from);
                self.answer_candidate(from, term == self.term && free && up_to_date, ctx);
            }
            (Message::Vote { term, granted: true }, Role::Candidate { votes })
                if term == self.term || ctx.params().bugs.counts_old_votes =>
            {
                votes.insert(from);
                ctx.note(&COUNTED);
                self.lead_with_majority(ctx);
            }
            (Message::PreVote { term, last_index, last_term }, _) => {
                let up_to_date = self.is_up_to_date(last_index, last_term, ctx);
                self.answer_asker(from, term, up_to_date, ctx);
            }
            (Message::PreVoted { term, granted: true }, Role::PreCandidate { votes })
                if term == self.term + 1 =>
            {
                votes.insert(from);
                ctx.note(&COUNTED);
                self.stand_with_majority(ctx);
            }
            (Message::Vote { term, granted: false }, Role::Candidate { .. }) if term == self.term => {
                ctx.note(&DENIED);
            }
            (Message::PreVoted { granted: false, .. }, Role::PreCandidate { .. }) => ctx.note(&DENIED),
            // Leadership transfer (thesis §3.10).
            (Message::TimeoutNow { term }, Role::Follower | Role::PreCandidate { .. })
                if term == self.term =>
            {
                self.stand_at_once(ctx);
            }
            (Message::TimeoutNow { .. }, _) => ctx.note(&LATE),
            // It brought a higher term, and was meant for the role that this node has just given up.
            (Message::Vote { .. } | Message::PreVoted { .. } | Message::Appended { .. }, _) if is_newer => {}
            // A vote of an earlier term, or for an election that has been won or lost.
            (Message::Vote { .. } | Message::PreVoted { .. }, _) => ctx.note(&LATE),
            // Log replication (§5.3).
            (Message::Append { term, previous_index, round, .. }, _) if term < self.term => {
                self.refuse_old_term(from, previous_index, round, ctx);
            }
            (Message::Append { previous_index, previous_term, entries, commit, round, .. }, _) => {
                self.follow(from, ctx);
                let agrees = previous_index < self.log.base().index
                    || self.term_at(previous_index) == Some(previous_term);
                let success = agrees || ctx.params().bugs.skips_check;
                let index = previous_index + if success { entries.len() as u64 } else { 0 };
                let known = self.known_commit(commit, index, ctx);
                match success {
                    true if !entries.is_empty() => ctx.note(&ACCEPT),
                    true if known > self.commit => {
                        ctx.remark(&LEARN, || format!("learns that entries up to {known} are committed"));
                    }
                    true => ctx.remark(&HEAR, || {
                        format!("hears from leader {from} and restarts its election timer")
                    }),
                    false => ctx.note(&CHECK),
                }
                if success {
                    self.append_missing(previous_index, entries, ctx);
                    self.commit = self.known_commit(commit, index, ctx);
                    self.apply_committed(ctx);
                }
                self.answer_leader(from, success, index, round, ctx);
            }
            // Snapshots (§7).
            (Message::InstallSnapshot { term, snapshot, round }, _) if term < self.term => {
                self.refuse_old_term(from, snapshot.index, round, ctx);
            }
            (Message::InstallSnapshot { snapshot, round, .. }, _) => {
                self.follow(from, ctx);
                let index = snapshot.index;
                self.install(snapshot, ctx);
                self.answer_leader(from, true, index, round, ctx);
            }
            (
                Message::Appended { term, success: true, index, round, .. },
                Role::Leader { next, matched, .. },
            ) if term == self.term => {
                let (next, matched) = (&mut next[from.index()], &mut matched[from.index()]);
                let more = index == *matched + ctx.params().batch && index < self.log.len();
                *matched = index.max(*matched);
                *next = *matched + 1;
                ctx.note(&PROGRESS);
                self.advance_commit(ctx);
                self.hear(from, round, ctx);
                if more {
                    self.send_append(from, ctx);
                }
                self.tell_to_stand(from, ctx);
            }
            (
                Message::Appended { term, success: false, index, back, round },
                Role::Leader { next, matched, .. },
            ) if term == self.term && index + 1 == next[from.index()] && index > matched[from.index()] => {
                next[from.index()] = back.clamp(matched[from.index()] + 1, index);
                ctx.note(&BACK);
                self.hear(from, round, ctx);
                self.send_append(from, ctx);
            }
            // This node no longer leads, or the refusal answers an older request.
            (Message::Appended { .. }, _) => ctx.note(&LATE),
        }
    }

    fn on_timer(&mut self, timer: Timer, ctx: &mut Ctx<Self>) {
        self.unwritten = 0;
        match (timer, &self.role) {
            (Timer::Election, Role::Follower | Role::Candidate { .. } | Role::PreCandidate { .. }) => {
                self.lose_patience(ctx);
            }
            (Timer::Heartbeat, Role::Leader { .. }) => {
                ctx.remark(&HEARTBEAT, || "sends heartbeats".into());
                self.replicate(ctx);
            }
            (Timer::Trust, _) => {
                ctx.note(&TRUST_ENDS);
                self.trusts = false;
            }
            (Timer::Lease(round), Role::Leader { .. }) => {
                ctx.note(&LEASE_ENDS);
                self.reads.expire(round);
            }
            (Timer::Quorum, Role::Leader { .. }) => self.check_quorum(ctx),
            (Timer::Transfer, Role::Leader { .. }) if self.transfer.to.is_some() => {
                self.give_transfer_up(ctx);
            }
            // The node has left the role that set the timer.
            (Timer::Election, Role::Leader { .. })
            | (Timer::Heartbeat | Timer::Lease(_) | Timer::Quorum | Timer::Transfer, _) => {
                ctx.note(&LATE);
            }
        }
    }

    fn inputs(&self) -> Vec<Input> {
        let put = Request::Put { key: 'x', value: self.log.len() + 1 };
        let mut inputs = vec![Input::Client(put), Input::Client(Request::Get { key: 'x' })];
        self.offer_sessions(&mut inputs);
        self.offer_changes(&mut inputs);
        self.offer_transfers(&mut inputs);
        inputs
    }

    fn card(&self) -> Card {
        card::of(self)
    }
}

/// Waits for one more random election timeout.
fn await_leader(ctx: &mut Ctx<Raft>) {
    let (least, greatest) = (ctx.params().election_min, ctx.params().election_max);
    let timeout = ctx.random(least..=greatest);
    ctx.set(Timer::Election, timeout);
}

impl Raft {
    fn leads(&self) -> bool {
        matches!(self.role, Role::Leader { .. })
    }

    /// The term of the entry at an index, where that is known; the place before the first entry has term 0.
    fn term_at(&self, index: u64) -> Option<u64> {
        if index == self.log.base().index {
            Some(self.base_term())
        } else {
            self.log.get(index).map(|entry| entry.term)
        }
    }

    /// The term of the last entry that a snapshot replaced.
    fn base_term(&self) -> u64 {
        self.snapshot.as_ref().map_or(0, |snapshot| snapshot.term)
    }

    fn last_term(&self) -> u64 {
        self.log.last().map_or_else(|| self.base_term(), |entry| entry.term)
    }

    /// Adopts a higher term and gives up the role of the old one.
    fn step_down(&mut self, term: u64, ctx: &mut Ctx<Self>) {
        ctx.note(&NEWER);
        if self.leads() {
            ctx.tell(&NEWER, || format!("steps down: term {term} has begun"));
            ctx.cancel(Timer::Heartbeat);
            await_leader(ctx);
            self.reads.give_up();
            self.transfer.to = None;
        }
        (self.term, self.voted_for, self.leader) = (term, None, None);
        self.role = Role::Follower;
    }
}
