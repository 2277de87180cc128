//! # Raft (Ongaro & Ousterhout, USENIX ATC 2014, extended version)
//!
//! A cluster keeps one log by letting one node, the leader, decide what comes next. Time is cut into terms; in each
//! term at most one node wins the votes of a majority and leads. The leader appends the clients' commands to its log
//! and copies its log to the others; an entry that a majority holds is committed and may be applied.
//!
//! Why it is right: two majorities share a node, so a candidate that a majority votes for has asked somebody who
//! holds every committed entry, and nobody votes for a log that is behind their own (§5.4.1). The exception that is
//! easy to miss is an entry of an *earlier* term: a majority may hold it and it may still be overwritten (Figure 8),
//! so a leader only counts copies of entries of its own term; the earlier ones are committed along with these
//! (§5.4.2).
//!
//! Where it hurts: without a leader nothing moves, and elections collide when timeouts are alike; a follower that
//! was cut off comes back with a high term and deposes a healthy leader.
//!
//! **What this file leaves out:** membership changes (§6), snapshots (§7), pre-vote and leases (thesis §9.6, §6.4),
//! and the clients' serial numbers of §8: a client that asks twice may be served twice. Reads go through the log,
//! so they are never stale. A leader appends no empty entry at the start of its term. When a follower refuses an
//! `Append`, the leader goes back one entry at a time, without the shortcut at the end of §5.3.

use crate::node::{Ctx, Node, NodeId, Rule};
use crate::property::Property;
use crate::protocol::{
    Assumptions, Bug, Failures, Info, Kind, Layout, Links, Panel, Parameter, Preset, Protocol,
};
use crate::protocol::{Step, Timing, Unit};
use crate::toolbox::log::Log;
use crate::toolbox::quorum::{NodeSet, majority};
use crate::view::{Card, Field, LogCell, Meaning, Tone};
use std::collections::BTreeMap;
use std::fmt::{self, Display};
use std::str::FromStr;

mod claims;
pub use claims::Record;

/// What is set before a run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Params {
    /// Least election timeout, in microseconds.
    pub election_min: u64,
    /// Greatest election timeout, in microseconds.
    pub election_max: u64,
    /// Time between a leader's heartbeats, in microseconds.
    pub heartbeat: u64,
    /// Rules taken away.
    pub bugs: Bugs,
}

/// The wrong twins; see [`Protocol::bugs`] for what each does.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, clippy::struct_excessive_bools)]
pub struct Bugs {
    pub forgets_vote: bool,
    pub counts_old_terms: bool,
    pub votes_by_length: bool,
    pub truncates_always: bool,
    pub matches_whole_log: bool,
    pub commits_unchecked: bool,
    pub any_message_resets_timer: bool,
}

impl Default for Params {
    /// The timeouts that the paper recommends (§9.3).
    fn default() -> Self {
        Params { election_min: 150_000, election_max: 300_000, heartbeat: 50_000, bugs: Bugs::default() }
    }
}

/// What nodes tell each other (Figure 2).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum Message {
    RequestVote {
        term: u64,
        last_index: u64,
        last_term: u64,
    },
    Vote {
        term: u64,
        granted: bool,
    },
    Append {
        term: u64,
        previous_index: u64,
        previous_term: u64,
        entries: Vec<Entry>,
        commit: u64,
    },
    /// `matched` is the last index up to which the logs are known to agree; 0 in a refusal. The paper's reply leaves
    /// it to the leader to remember what was asked, which needs a reply for every request.
    Appended {
        term: u64,
        success: bool,
        matched: u64,
    },
}

/// What a node reminds itself of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Timer {
    /// Nothing was heard of a leader for too long.
    Election,
    /// A leader's followers are about to lose patience.
    Heartbeat,
}

/// A command of the key-value store that is replicated. A key is one letter.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum Input {
    Put { key: char, value: u64 },
    Get { key: char },
}

/// What the application is told.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Output {
    /// This node leads the term.
    Elected {
        /// The term.
        term: u64,
    },
    /// This node's state machine executed the entry at an index.
    Applied {
        /// The index.
        index: u64,
        /// The entry.
        entry: Entry,
    },
    /// The client's command is done; what it read.
    Answered {
        /// The command.
        command: Input,
        /// The value of the key afterwards.
        value: Option<u64>,
    },
    /// The client should ask another node, if one is known.
    Redirected {
        /// The leader, as far as this node knows.
        leader: Option<NodeId>,
    },
}

/// An entry of the log.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Entry {
    /// The term in which a leader received it.
    pub term: u64,
    /// What to do.
    pub command: Input,
}

/// Persistent state on all servers (Figure 2).
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stable {
    term: u64,
    voted_for: Option<NodeId>,
    log: Log<Entry>,
}

/// A server.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Raft {
    // Persistent state on all servers.
    term: u64,
    voted_for: Option<NodeId>,
    log: Log<Entry>,
    // Volatile state on all servers.
    role: Role,
    leader: Option<NodeId>,
    commit: u64,
    applied: u64,
    store: BTreeMap<char, u64>,
    /// Whether this twin writes its vote to disk.
    keeps_vote: bool,
}

/// What a server is in its term (Figure 4), with the volatile state that only this role has.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Role {
    Follower,
    Candidate { votes: NodeSet },
    Leader { next: Vec<u64>, matched: Vec<u64> },
}

const START: Rule = Rule { section: "§5.2", sentence: "Servers start as followers." };
const TIMEOUT: Rule = Rule {
    section: "§5.2",
    sentence: "A follower that hears nothing for an election timeout starts an election.",
};
const GRANT: Rule = Rule {
    section: "§5.2, §5.4.1",
    sentence: "Vote once a term, first come first served, for a log at least as up to date as the own.",
};
const DENY: Rule = Rule {
    section: "§5.4.1",
    sentence: "Deny the vote to an old term, to a second candidate, and to a log that is behind the own.",
};
const WIN: Rule =
    Rule { section: "§5.2", sentence: "A candidate with the votes of a majority leads the term." };
const NEWER: Rule =
    Rule { section: "§5.1", sentence: "Whoever sees a higher term takes it and becomes a follower." };
const STALE: Rule = Rule { section: "§5.1", sentence: "A request with an old term is refused." };
const REPLICATE: Rule =
    Rule { section: "§5.3", sentence: "The leader appends the command and sends it to all." };
const CHECK: Rule =
    Rule { section: "§5.3", sentence: "A follower refuses entries whose predecessor it does not have." };
const ACCEPT: Rule = Rule {
    section: "§5.3",
    sentence: "A follower deletes what conflicts with the leader's entries, and appends what it does not have.",
};
const BACK: Rule =
    Rule { section: "§5.3", sentence: "After a refusal the leader tries again one entry earlier." };
const COMMIT: Rule = Rule {
    section: "§5.3, §5.4.2",
    sentence: "An entry of the leader's own term is committed once a majority holds it, and with it all before it.",
};
const HEARTBEAT: Rule =
    Rule { section: "§5.2", sentence: "A leader sends heartbeats so that nobody stands against it." };
const REDIRECT: Rule =
    Rule { section: "§8", sentence: "A server that does not lead names the leader that it knows." };
const COUNTED: Rule = Rule { section: "§5.2", sentence: "A candidate counts the votes of its term." };
const LATE: Rule =
    Rule { section: "§5.1", sentence: "What comes too late for the term or the role changes nothing." };
const PROGRESS: Rule = Rule {
    section: "§5.3",
    sentence: "The leader keeps how far each follower's log is known to match its own.",
};

impl Node for Raft {
    type Message = Message;
    type Timer = Timer;
    type Input = Input;
    type Output = Output;
    type Stable = Stable;
    type Params = Params;

    fn start(stable: Stable, ctx: &mut Ctx<Self>) -> Self {
        let node = Raft {
            term: stable.term,
            voted_for: stable.voted_for,
            log: stable.log,
            role: Role::Follower,
            leader: None,
            commit: 0,
            applied: 0,
            store: BTreeMap::new(),
            keeps_vote: !ctx.params().bugs.forgets_vote,
        };
        ctx.note(&START);
        await_leader(ctx);
        node
    }

    fn stable(&self) -> Stable {
        let voted_for = self.voted_for.filter(|_| self.keeps_vote);
        Stable { term: self.term, voted_for, log: self.log.clone() }
    }

    fn on_input(&mut self, command: Input, ctx: &mut Ctx<Self>) {
        match &mut self.role {
            Role::Leader { .. } => {
                self.log.push(Entry { term: self.term, command });
                ctx.note(&REPLICATE);
                self.replicate(ctx);
                self.advance_commit(self.log.len(), ctx);
            }
            Role::Follower | Role::Candidate { .. } => {
                ctx.note(&REDIRECT);
                ctx.output(Output::Redirected { leader: self.leader });
            }
        }
    }

    fn on_message(&mut self, from: NodeId, message: Message, ctx: &mut Ctx<Self>) {
        if message.term() > self.term {
            self.step_down(message.term(), ctx);
        }
        if ctx.params().bugs.any_message_resets_timer && !self.leads() {
            await_leader(ctx);
        }
        match (message, &mut self.role) {
            // Leader election (§5.2).
            (Message::RequestVote { term, last_index, last_term }, _) => {
                let up_to_date = self.is_up_to_date(last_index, last_term, ctx);
                let free = self.voted_for.is_none_or(|candidate| candidate == from);
                self.answer_candidate(from, term == self.term && free && up_to_date, ctx);
            }
            (Message::Vote { term, granted: true }, Role::Candidate { votes }) if term == self.term => {
                votes.insert(from);
                ctx.note(&COUNTED);
                self.lead_with_majority(ctx);
            }
            // A refusal, a vote of an earlier term, or one more than were needed.
            (Message::Vote { .. }, _) => ctx.note(&LATE),
            // Log replication (§5.3).
            (Message::Append { term, .. }, _) if term < self.term => {
                ctx.note(&STALE);
                ctx.send(from, Message::Appended { term: self.term, success: false, matched: 0 });
            }
            (Message::Append { previous_index, previous_term, entries, commit, .. }, _) => {
                self.follow(from, ctx);
                let success = self.term_at(previous_index) == Some(previous_term);
                let matched = if success { previous_index + entries.len() as u64 } else { 0 };
                ctx.note(if success { &ACCEPT } else { &CHECK });
                if success {
                    self.append_missing(previous_index, entries, ctx);
                    self.learn_commit(commit, matched, ctx);
                }
                self.answer_leader(from, success, matched, ctx);
            }
            (Message::Appended { term, success: true, matched }, Role::Leader { next, matched: known })
                if term == self.term =>
            {
                let known = &mut known[from.index()];
                *known = matched.max(*known);
                next[from.index()] = *known + 1;
                ctx.note(&PROGRESS);
                self.advance_commit(matched, ctx);
            }
            (Message::Appended { term, success: false, .. }, Role::Leader { next, matched })
                if term == self.term =>
            {
                let next = &mut next[from.index()];
                *next = (*next - 1).max(matched[from.index()] + 1);
                ctx.note(&BACK);
                self.send_append(from, ctx);
            }
            // Meant for a leader that this node no longer is.
            (Message::Appended { .. }, _) => ctx.note(&LATE),
        }
    }

    fn on_timer(&mut self, timer: Timer, ctx: &mut Ctx<Self>) {
        match (timer, &self.role) {
            (Timer::Election, Role::Follower | Role::Candidate { .. }) => self.stand(ctx),
            (Timer::Heartbeat, Role::Leader { .. }) => {
                ctx.note(&HEARTBEAT);
                self.replicate(ctx);
            }
            // The role that set it is over, and its timer with it.
            (Timer::Election, Role::Leader { .. }) | (Timer::Heartbeat, _) => ctx.note(&LATE),
        }
    }

    fn inputs(&self) -> Vec<Input> {
        vec![Input::Put { key: 'x', value: self.log.len() + 1 }, Input::Get { key: 'x' }]
    }

    fn card(&self) -> Card {
        let (role, tone) = match self.role {
            Role::Follower => ("follower", Tone::Plain),
            Role::Candidate { .. } => ("candidate", Tone::Seeking),
            Role::Leader { .. } => ("leader", Tone::Leading),
        };
        let name = |node: Option<NodeId>| node.map_or("nobody".to_owned(), |node| node.to_string());
        let mut fields = vec![
            Field::new("term", Meaning::Term, self.term),
            Field::new("voted for", Meaning::Nodes, name(self.voted_for)),
            Field::new("leader", Meaning::Nodes, name(self.leader)),
            Field::new("commit index", Meaning::Counter, self.commit),
        ];
        match &self.role {
            Role::Follower => {}
            Role::Candidate { votes } => fields.push(Field::new("votes from", Meaning::Nodes, votes)),
            Role::Leader { next, matched } => {
                let list = |numbers: &[u64]| {
                    let words: Vec<_> = numbers.iter().map(ToString::to_string).collect();
                    words.join(" ")
                };
                fields.push(Field::new("next index", Meaning::Counter, list(next)));
                fields.push(Field::new("match index", Meaning::Counter, list(matched)));
            }
        }
        let cell = |(place, entry): (usize, &Entry)| {
            let index = place as u64 + 1;
            let text = entry.command.to_string();
            LogCell { index, term: entry.term, text, committed: index <= self.commit, changed: false }
        };
        let log = self.log.after(0).into_iter().enumerate().map(cell).collect();
        let table = self.store.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect();
        Card { role, tone, badge: format!("term {}", self.term), fields, log, table }
    }
}

/// Waits for one more random election timeout.
fn await_leader(ctx: &mut Ctx<Raft>) {
    let (least, greatest) = (ctx.params().election_min, ctx.params().election_max);
    let timeout = ctx.random(least..=greatest.max(least));
    ctx.set(Timer::Election, timeout);
}

impl Raft {
    fn leads(&self) -> bool {
        matches!(self.role, Role::Leader { .. })
    }

    /// The term of the entry at an index; the place before the first entry has term 0.
    fn term_at(&self, index: u64) -> Option<u64> {
        if index == 0 { Some(0) } else { self.log.get(index).map(|entry| entry.term) }
    }

    fn last_term(&self) -> u64 {
        self.log.last().map_or(0, |entry| entry.term)
    }

    /// Takes a higher term, and gives up whatever role the old one gave.
    fn step_down(&mut self, term: u64, ctx: &mut Ctx<Self>) {
        if self.leads() {
            ctx.tell(&NEWER, || format!("steps down: there is a term {term}"));
            ctx.cancel(Timer::Heartbeat);
            await_leader(ctx);
        }
        (self.term, self.voted_for, self.leader) = (term, None, None);
        self.role = Role::Follower;
    }

    // Election.

    fn stand(&mut self, ctx: &mut Ctx<Self>) {
        let mut votes = NodeSet::default();
        votes.insert(ctx.me());
        self.term += 1;
        (self.voted_for, self.leader, self.role) = (Some(ctx.me()), None, Role::Candidate { votes });
        ctx.tell(&TIMEOUT, || format!("stands for election in term {}", self.term));
        await_leader(ctx);
        let (last_index, last_term) = (self.log.len(), self.last_term());
        ctx.broadcast(Message::RequestVote { term: self.term, last_index, last_term });
        self.lead_with_majority(ctx);
    }

    /// §5.4.1: the later term of the last entry wins, then the longer log.
    fn is_up_to_date(&self, last_index: u64, last_term: u64, ctx: &Ctx<Self>) -> bool {
        if ctx.params().bugs.votes_by_length {
            return last_index >= self.log.len();
        }
        (last_term, last_index) >= (self.last_term(), self.log.len())
    }

    fn answer_candidate(&mut self, candidate: NodeId, granted: bool, ctx: &mut Ctx<Self>) {
        if granted {
            self.voted_for = Some(candidate);
            await_leader(ctx);
            ctx.tell(&GRANT, || format!("votes for {candidate} in term {}", self.term));
        } else {
            ctx.note(&DENY);
        }
        ctx.send(candidate, Message::Vote { term: self.term, granted });
    }

    fn lead_with_majority(&mut self, ctx: &mut Ctx<Self>) {
        let Role::Candidate { votes } = &self.role else { return };
        if votes.len() < majority(ctx.count()) {
            return;
        }
        let next = vec![self.log.len() + 1; ctx.count()];
        self.role = Role::Leader { next, matched: vec![0; ctx.count()] };
        self.leader = Some(ctx.me());
        ctx.tell(&WIN, || format!("becomes leader of term {}", self.term));
        ctx.output(Output::Elected { term: self.term });
        ctx.cancel(Timer::Election);
        self.replicate(ctx);
    }

    // Replication, the leader's side.

    /// Sends every follower what it is missing, or a heartbeat where nothing is.
    fn replicate(&mut self, ctx: &mut Ctx<Self>) {
        for follower in ctx.others() {
            self.send_append(follower, ctx);
        }
        let period = ctx.params().heartbeat;
        ctx.set(Timer::Heartbeat, period);
    }

    fn send_append(&self, follower: NodeId, ctx: &mut Ctx<Self>) {
        let Role::Leader { next, .. } = &self.role else { return };
        let previous_index = next[follower.index()] - 1;
        let previous_term = self.term_at(previous_index).unwrap_or(0);
        let entries = self.log.after(previous_index).into_iter().cloned().collect();
        let (term, commit) = (self.term, self.commit);
        ctx.send(follower, Message::Append { term, previous_index, previous_term, entries, commit });
    }

    /// Commits up to `index` if a majority holds that entry and it is of this term (§5.4.2, Figure 8).
    fn advance_commit(&mut self, index: u64, ctx: &mut Ctx<Self>) {
        let Role::Leader { matched, .. } = &self.role else { return };
        let own_term = self.term_at(index) == Some(self.term) || ctx.params().bugs.counts_old_terms;
        if index <= self.commit || index > self.log.len() || !own_term {
            return;
        }
        let holders = 1 + matched.iter().filter(|&&held| held >= index).count();
        if holders >= majority(ctx.count()) {
            ctx.tell(&COMMIT, || format!("commits up to entry {index}"));
            self.commit = index;
            self.apply_committed(ctx);
        }
    }

    // Replication, the follower's side.

    /// Recognises the leader of the term, and waits for its next word.
    fn follow(&mut self, leader: NodeId, ctx: &mut Ctx<Self>) {
        ctx.ensure("Nobody but me leads my term.", !self.leads());
        self.role = Role::Follower;
        self.leader = Some(leader);
        await_leader(ctx);
    }

    /// Receiver's steps 3 and 4 of `AppendEntries`. What agrees is left alone: an old message must not delete
    /// what a newer one brought.
    fn append_missing(&mut self, previous_index: u64, entries: Vec<Entry>, ctx: &mut Ctx<Self>) {
        if ctx.params().bugs.truncates_always {
            self.log.truncate(previous_index);
        }
        for (index, entry) in (previous_index + 1..).zip(entries) {
            match self.term_at(index) {
                Some(term) if term == entry.term => {}
                Some(_) => {
                    self.log.truncate(index - 1);
                    self.log.push(entry);
                }
                None => self.log.push(entry),
            }
        }
    }

    /// Receiver's step 5: no further than the last entry that is known to agree with the leader's.
    fn learn_commit(&mut self, commit: u64, matched: u64, ctx: &mut Ctx<Self>) {
        let known = if ctx.params().bugs.commits_unchecked { self.log.len() } else { matched };
        self.commit = self.commit.max(commit.min(known));
        self.apply_committed(ctx);
    }

    fn answer_leader(&mut self, leader: NodeId, success: bool, matched: u64, ctx: &mut Ctx<Self>) {
        let whole = success && ctx.params().bugs.matches_whole_log;
        let matched = if whole { self.log.len() } else { matched };
        ctx.send(leader, Message::Appended { term: self.term, success, matched });
    }

    // The state machine.

    /// Executes what is committed and not yet applied; the leader answers the clients of its own term.
    fn apply_committed(&mut self, ctx: &mut Ctx<Self>) {
        for entry in self.log.between(self.applied, self.commit).into_iter().cloned() {
            self.applied += 1;
            if let Input::Put { key, value } = entry.command {
                self.store.insert(key, value);
            }
            ctx.output(Output::Applied { index: self.applied, entry: entry.clone() });
            if matches!(self.role, Role::Leader { .. }) && entry.term == self.term {
                let (Input::Put { key, .. } | Input::Get { key }) = entry.command;
                let value = self.store.get(&key).copied();
                ctx.output(Output::Answered { command: entry.command, value });
            }
        }
    }
}

impl Message {
    fn term(&self) -> u64 {
        match self {
            Message::RequestVote { term, .. }
            | Message::Vote { term, .. }
            | Message::Append { term, .. }
            | Message::Appended { term, .. } => *term,
        }
    }
}

impl Protocol for Raft {
    const INFO: Info = Info {
        slug: "raft",
        title: "Raft",
        family: "Commit and consensus",
        source: "Diego Ongaro and John Ousterhout: In Search of an Understandable Consensus Algorithm (extended \
                 version), USENIX ATC 2014",
        idea: "One node leads and decides what comes next in everybody's log; whoever wins a majority of votes leads a \
               term. What a majority holds survives every leader.",
        left_out: "Membership changes, snapshots, pre-vote, leases, and the clients' serial numbers.",
        assumptions: Assumptions {
            links: Links::FairLoss,
            failures: Failures::CrashRecovery,
            timing: Timing::PartiallySynchronous,
        },
        nodes: (5, 1, 51),
        until: 3_000_000,
        latency: (5_000, 15_000),
        ask: 0,
        layout: Layout::Ring,
        panels: &[Panel::Logs, Panel::Table],
    };

    const KINDS: &'static [Kind] = &[
        Kind { name: "RequestVote", letter: 'R', reply: false },
        Kind { name: "Vote", letter: 'V', reply: true },
        Kind { name: "Append", letter: 'A', reply: false },
        Kind { name: "Appended", letter: 'a', reply: true },
    ];

    const PRESETS: &'static [Preset] = &[
        Preset { name: "first-steps", text: include_str!("../../../scenarios/raft/first-steps.txt") },
        Preset { name: "figure-7", text: include_str!("../../../scenarios/raft/figure-7.txt") },
        Preset { name: "figure-8", text: include_str!("../../../scenarios/raft/figure-8.txt") },
        Preset { name: "figure-8-unsafe", text: include_str!("../../../scenarios/raft/figure-8-unsafe.txt") },
        Preset { name: "figure-8-e", text: include_str!("../../../scenarios/raft/figure-8-e.txt") },
    ];

    type Record = Record;

    fn kind(message: &Message) -> usize {
        match message {
            Message::RequestVote { .. } => 0,
            Message::Vote { .. } => 1,
            Message::Append { .. } => 2,
            Message::Appended { .. } => 3,
        }
    }

    fn parameters() -> Vec<Parameter<Params>> {
        let time = |name, sentence, field| Parameter {
            name,
            sentence,
            unit: Unit::Time,
            bounds: (1_000, 60_000_000),
            field,
        };
        vec![
            time("election-min", "The least time a follower waits for a leader.", |it| &mut it.election_min),
            time("election-max", "The greatest time a follower waits for a leader.", |it| {
                &mut it.election_max
            }),
            time("heartbeat", "The time between two heartbeats of a leader.", |it| &mut it.heartbeat),
        ]
    }

    fn bugs() -> Vec<Bug<Params>> {
        let bug = |name, sentence, switch| Bug { name, sentence, switch };
        vec![
            bug("forgets-vote", "A vote is not written to disk: after a crash a node votes again.", |it| {
                &mut it.bugs.forgets_vote
            }),
            bug(
                "counts-old-terms",
                "A leader commits an entry of an earlier term by counting its copies.",
                |it| &mut it.bugs.counts_old_terms,
            ),
            bug(
                "votes-by-length",
                "Votes go to the longer log, whatever the term of its last entry.",
                |it| &mut it.bugs.votes_by_length,
            ),
            bug("truncates-always", "A follower cuts its log at every Append, even one that is old.", |it| {
                &mut it.bugs.truncates_always
            }),
            bug(
                "matches-whole-log",
                "A follower reports its whole log as matching, not what was checked.",
                |it| &mut it.bugs.matches_whole_log,
            ),
            bug(
                "commits-unchecked",
                "A follower commits what the leader has, past what it was sent.",
                |it| &mut it.bugs.commits_unchecked,
            ),
            bug(
                "any-message-resets-timer",
                "Any message postpones a follower's election, not only a leader's.",
                |it| &mut it.bugs.any_message_resets_timer,
            ),
        ]
    }

    fn properties() -> Vec<Property<Self>> {
        claims::all()
    }

    fn remember(record: &mut Record, step: &Step<'_, Self>) {
        record.remember(step);
    }
}

impl Display for Message {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Message::RequestVote { term, last_index, last_term } => {
                write!(out, "RequestVote term {term}, last {last_index}@{last_term}")
            }
            Message::Vote { term, granted } => {
                write!(out, "Vote term {term}, {}", if *granted { "granted" } else { "denied" })
            }
            Message::Append { term, previous_index, previous_term, entries, commit } => {
                write!(out, "Append term {term}, after {previous_index}@{previous_term}")?;
                for (index, entry) in (previous_index + 1..).zip(entries) {
                    write!(out, " [{index}@{}: {}]", entry.term, entry.command)?;
                }
                write!(out, ", commit {commit}")
            }
            Message::Appended { term, success: true, matched } => {
                write!(out, "Appended term {term}, to {matched}")
            }
            Message::Appended { term, success: false, .. } => write!(out, "Appended term {term}, refused"),
        }
    }
}

impl Display for Timer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Timer::Election => "Election",
            Timer::Heartbeat => "Heartbeat",
        })
    }
}

impl Display for Input {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Input::Put { key, value } => write!(out, "Put {key}={value}"),
            Input::Get { key } => write!(out, "Get {key}"),
        }
    }
}

impl FromStr for Input {
    type Err = String;

    fn from_str(words: &str) -> Result<Self, String> {
        let key = |text: &str| match text.as_bytes() {
            [letter] if letter.is_ascii_lowercase() => Ok(char::from(*letter)),
            _ => Err("a key is one letter from a to z, as in `Put x=1`".to_owned()),
        };
        match words.split_once(' ') {
            Some(("Put", pair)) => {
                let (name, value) =
                    pair.split_once('=').ok_or("`Put` needs a key and a value, as in `Put x=1`")?;
                let value =
                    value.parse().map_err(|_| "a value is a whole number, as in `Put x=1`".to_owned())?;
                Ok(Input::Put { key: key(name)?, value })
            }
            Some(("Get", name)) => Ok(Input::Get { key: key(name)? }),
            _ => Err("Raft can be asked to `Put x=1` or to `Get x`".into()),
        }
    }
}

impl Display for Output {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Output::Elected { term } => write!(out, "Elected term {term}"),
            Output::Applied { index, entry } => {
                write!(out, "Applied {index}@{}: {}", entry.term, entry.command)
            }
            Output::Answered { command: command @ Input::Put { .. }, .. } => {
                write!(out, "Answered {command}")
            }
            Output::Answered { command, value: Some(value) } => write!(out, "Answered {command}: {value}"),
            Output::Answered { command, value: None } => write!(out, "Answered {command}: nothing"),
            Output::Redirected { leader: Some(leader) } => write!(out, "Redirected to {leader}"),
            Output::Redirected { leader: None } => write!(out, "Redirected to nobody known"),
        }
    }
}

impl Display for Stable {
    /// The terms of the last entries stand for the log: `term 4, voted n1, log …1·1·4`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "term {}, ", self.term)?;
        match self.voted_for {
            Some(candidate) => write!(out, "voted {candidate}, log ")?,
            None => write!(out, "no vote, log ")?,
        }
        let start = self.log.len().saturating_sub(12);
        let terms: Vec<_> = self.log.after(start).iter().map(|entry| entry.term.to_string()).collect();
        let (more, terms) = (if start > 0 { "…" } else { "" }, terms.join("·"));
        write!(out, "{more}{}", if terms.is_empty() { "empty" } else { &terms })
    }
}
