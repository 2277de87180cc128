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
//! so they are never stale. A leader appends no empty entry at the start of its term.

use crate::node::{Ctx, Node, NodeId, Rule};
use crate::toolbox::log::Log;
use crate::toolbox::map::Map;
use crate::toolbox::quorum::{NodeSet, majority};
use crate::view::{Card, Field, LogCell, Meaning, Tone};

mod claims;
mod title;
mod words;
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
    /// The most entries that one `Append` carries.
    pub batch: u64,
    /// Whether a refusal lets the leader go back a whole term at once (end of §5.3); 0 or 1.
    pub shortcut: u64,
    /// Rules taken away.
    pub bugs: Bugs,
}

/// The wrong twins; the title page says what each does.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, clippy::struct_excessive_bools)]
pub struct Bugs {
    pub forgets_vote: bool,
    pub counts_old_terms: bool,
    pub votes_by_length: bool,
    pub truncates_always: bool,
    pub matches_whole_log: bool,
    pub commits_unchecked: bool,
    pub skips_check: bool,
    pub replaces_old_entries: bool,
    pub any_message_resets_timer: bool,
}

impl Default for Params {
    /// The timeouts that the paper recommends (§9.3).
    fn default() -> Self {
        let bugs = Bugs::default();
        Params {
            election_min: 150_000,
            election_max: 300_000,
            heartbeat: 50_000,
            batch: 100,
            shortcut: 0,
            bugs,
        }
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
    /// `index` is the last one up to which the logs are known to agree or, in a refusal, the one whose entry the
    /// follower does not have; `back` is from where the leader may then try again. The paper's reply leaves it to the
    /// leader to remember what it asked.
    Appended {
        term: u64,
        success: bool,
        index: u64,
        back: u64,
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
    store: Map<char, u64>,
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
            store: Map::default(),
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
                if ctx.params().bugs.replaces_old_entries && self.last_term() < self.term {
                    self.log.truncate(self.commit);
                }
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
            (Message::Append { term, previous_index, .. }, _) if term < self.term => {
                ctx.note(&STALE);
                ctx.send(from, refusal(self.term, previous_index, previous_index));
            }
            (Message::Append { previous_index, previous_term, entries, commit, .. }, _) => {
                self.follow(from, ctx);
                let success =
                    self.term_at(previous_index) == Some(previous_term) || ctx.params().bugs.skips_check;
                let index = previous_index + if success { entries.len() as u64 } else { 0 };
                ctx.note(if success { &ACCEPT } else { &CHECK });
                if success {
                    self.append_missing(previous_index, entries, ctx);
                    self.learn_commit(commit, index, ctx);
                }
                self.answer_leader(from, success, index, ctx);
            }
            (Message::Appended { term, success: true, index, .. }, Role::Leader { next, matched })
                if term == self.term =>
            {
                let (next, matched) = (&mut next[from.index()], &mut matched[from.index()]);
                let more = index == *matched + ctx.params().batch && index < self.log.len();
                *matched = index.max(*matched);
                *next = *matched + 1;
                ctx.note(&PROGRESS);
                self.advance_commit(index, ctx);
                if more {
                    self.send_append(from, ctx);
                }
            }
            (Message::Appended { term, success: false, index, back }, Role::Leader { next, matched })
                if term == self.term && index + 1 == next[from.index()] && index > matched[from.index()] =>
            {
                next[from.index()] = back.clamp(matched[from.index()] + 1, index);
                ctx.note(&BACK);
                self.send_append(from, ctx);
            }
            // Meant for a leader that this node no longer is, or an old refusal of what was asked differently since.
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
        Card { role, tone, badge: format!("term {}", self.term), fields, log, table, ..Card::default() }
    }
}

/// Waits for one more random election timeout.
fn await_leader(ctx: &mut Ctx<Raft>) {
    let (least, greatest) = (ctx.params().election_min, ctx.params().election_max);
    let timeout = ctx.random(least..=greatest.max(least));
    ctx.set(Timer::Election, timeout);
}

fn agreement(term: u64, index: u64) -> Message {
    Message::Appended { term, success: true, index, back: 0 }
}

fn refusal(term: u64, index: u64, back: u64) -> Message {
    Message::Appended { term, success: false, index, back }
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
        let last = previous_index + ctx.params().batch;
        let entries = self.log.between(previous_index, last).into_iter().cloned().collect();
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

    fn answer_leader(&mut self, leader: NodeId, success: bool, index: u64, ctx: &mut Ctx<Self>) {
        let answer = match success {
            true if ctx.params().bugs.matches_whole_log => agreement(self.term, self.log.len()),
            true => agreement(self.term, index),
            false if ctx.params().shortcut == 1 => refusal(self.term, index, self.first_of_term(index)),
            false => refusal(self.term, index, index),
        };
        ctx.send(leader, answer);
    }

    /// The first index of the term that this log has at `index`, or the end of the log where it is shorter.
    fn first_of_term(&self, index: u64) -> u64 {
        let Some(term) = self.term_at(index) else { return self.log.len() + 1 };
        (1..=index).rev().take_while(|&earlier| self.term_at(earlier) == Some(term)).last().unwrap_or(index)
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
