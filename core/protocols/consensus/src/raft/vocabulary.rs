//! Raft's settings and wrong twins, and the messages, timers, inputs and outputs of its servers.

use super::Snapshot;
use crate::{Command, Reply, Request, Serial};
use faultline_core::prelude::*;
use std::fmt::{self, Display};
use std::str::FromStr;
use std::sync::Arc;

/// What is set before a run; the timeouts are those that the paper recommends (§9.3).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Settings)]
pub struct Params {
    /// The minimum time that a follower waits for a leader.
    #[setting(default = 150ms, bounds = 1ms..=60s)]
    pub election_min: Micros,
    /// The maximum time that a follower waits for a leader.
    #[setting(default = 300ms, bounds = 1ms..=60s)]
    pub election_max: Micros,
    /// The time between two heartbeats of a leader.
    #[setting(default = 50ms, bounds = 1ms..=60s)]
    pub heartbeat: Micros,
    /// The maximum number of entries in one Append.
    #[setting(default = 100, bounds = 1..=1000)]
    pub batch: u64,
    /// After a refusal, the leader goes back a whole term at once.
    // (End of §5.3.)
    pub shortcut: bool,
    /// Before a server stands for election, it asks whether it could win.
    // (Thesis §9.6.)
    pub pre_vote: bool,
    /// A leader steps down if no majority answers it for the maximum election timeout. A server that hears
    /// from a leader withholds its vote.
    // (Thesis §6.2; the votes as in etcd, or a deaf server would depose each later leader.)
    pub check_quorum: bool,
    /// How the members change: never, one server at a time, or through a joint configuration.
    pub membership: Membership,
    /// The number of nodes that are members at first; 0 means all.
    // They are counted from `n1`.
    #[setting(default = 0, bounds = 0..=51)]
    pub members: u64,
    /// A server can join as a learner, which receives entries and has no vote. It needs `membership single`.
    // (Thesis §4.2.1.)
    pub learners: bool,
    /// The number of applied entries after which a snapshot replaces them; 0 means never.
    #[setting(default = 0, bounds = 0..=1000)]
    pub snapshot: u64,
    /// How a Get is answered: through the log, by read index, or under a lease.
    pub reads: ReadBy,
    /// The number of client sessions that the servers keep; 0 means that clients have none.
    // (Thesis §6.3.)
    #[setting(default = 0, bounds = 0..=100)]
    pub sessions: u64,
    /// A leader can be asked to hand over to another server.
    // (Thesis §3.10.)
    pub transfer: bool,
    /// Rules taken away.
    #[setting(twins)]
    pub bugs: Bugs,
}

/// How members change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Choice)]
pub enum Membership {
    /// Never.
    Fixed,
    /// One server joins or leaves at a time (thesis ch. 4).
    Single,
    /// Old and new members decide together during the change (§6).
    Joint,
}

/// How a `Get` is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Choice)]
pub enum ReadBy {
    /// The Get is an entry of the log.
    Log,
    /// The Get waits for a round of heartbeats that confirms the leader (thesis §6.4).
    Index,
    /// The Get relies on the latest such round for an election timeout (thesis §6.4.1).
    Lease,
}

impl Params {
    /// Whether a server that hears from a leader withholds its vote (thesis §4.2.3): if removed servers must
    /// not disturb, nor those that stepped down because they are deaf, and if a lease relies on it.
    pub(super) fn is_loyal(&self) -> bool {
        self.pre_vote
            || self.check_quorum
            || self.membership != Membership::Fixed
            || self.reads == ReadBy::Lease
    }

    /// Whether a leader begins its term with an empty entry, which reads and changes of members wait for.
    pub(super) fn opens_terms(&self) -> bool {
        self.membership != Membership::Fixed || self.reads != ReadBy::Log
    }
}

/// The wrong twins.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Twins)]
#[allow(clippy::struct_excessive_bools)]
pub struct Bugs {
    /// A node does not write its vote to disk, so it votes again after a crash.
    pub forgets_vote: bool,
    /// A leader commits an entry of an earlier term by counting its copies.
    pub counts_old_terms: bool,
    /// A node votes for the longer log, regardless of the term of its last entry.
    pub votes_by_length: bool,
    /// A follower truncates its log at every Append, even at an old one.
    pub truncates_always: bool,
    /// A follower reports its whole log as matching, not only the part that was checked.
    pub matches_whole_log: bool,
    /// A follower commits up to the leader's commit index, beyond the entries that it was sent.
    #[twin(shows_with = ["nodes 3", "set batch 1", "set shortcut on"])]
    pub commits_unchecked: bool,
    /// A follower appends entries without comparing the entry before them.
    pub skips_check: bool,
    /// A leader replaces old entries that are not yet committed with a new command.
    pub replaces_old_entries: bool,
    /// Any message restarts a follower's election timer, not only one from a leader.
    pub any_message_resets_timer: bool,
    /// A leader changes the members before it has committed an entry of its own term.
    #[twin(shows_with = ["set membership single", "set members 4"])]
    pub changes_too_early: bool,
    /// A leader replaces the members at once, without the joint configuration in between.
    #[twin(shows_with = ["set membership joint"])]
    pub skips_joint: bool,
    /// A snapshot does not record the term of its last entry, which then counts as term 0.
    #[twin(shows_with = ["nodes 3", "set snapshot 2"])]
    pub forgets_snapshot_term: bool,
    /// A leader answers a read from memory without checking that it still leads.
    #[twin(shows_with = ["nodes 3", "set reads index"])]
    pub reads_unconfirmed: bool,
    /// A new leader answers a read before it has committed an entry of its own term.
    #[twin(shows_with = ["nodes 3", "set reads index"])]
    pub reads_too_early: bool,
    /// A follower acknowledges entries before it has written them to disk.
    #[twin(shows_with = ["nodes 3"])]
    pub acknowledges_unwritten: bool,
    /// A node does not write its term to disk; after a crash it takes the term of its last entry for it.
    pub forgets_term: bool,
    /// A candidate also counts the votes that it gets for an earlier term.
    pub counts_old_votes: bool,
    /// A server uses new members only once it knows that their entry is committed.
    #[twin(shows_with = ["nodes 3", "set membership single"])]
    pub uses_members_late: bool,
    /// A follower keeps the entries after a snapshot even if its log conflicts with the snapshot.
    #[twin(shows_with = ["set snapshot 2"])]
    pub keeps_conflicting_log: bool,
    /// A leader goes on to read under its lease after it has told another server to stand for election.
    #[twin(shows_with = ["nodes 3", "set reads lease", "set transfer on"])]
    pub keeps_lease: bool,
    /// A leader counts the copy of a learner like that of a member.
    // (As ra did: rabbitmq/ra, pull request 427.)
    #[twin(shows_with = ["nodes 4", "set membership single", "set members 3", "set learners on"])]
    pub counts_learners: bool,
    /// Only the leader knows which commands it has executed; the state machine executes whatever is in the log.
    #[twin(shows_with = ["nodes 3", "set sessions 2"])]
    pub keeps_sessions_at_leader: bool,
    /// A server ends a session that its own clock shows to be unused for the maximum election timeout.
    #[twin(shows_with = ["nodes 3", "set sessions 2"])]
    pub expires_by_own_clock: bool,
}

/// What nodes tell each other (Figures 2 and 13; thesis §9.6).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum Message {
    /// `told` says that the leader told the sender to stand (thesis §3.10, §4.2.3).
    RequestVote {
        term: u64,
        last_index: u64,
        last_term: u64,
        told: bool,
    },
    Vote {
        term: u64,
        granted: bool,
    },
    /// `round` numbers what a leader sends to all, for reads to wait for (thesis §6.4); 0 where reads go through the log.
    Append {
        term: u64,
        previous_index: u64,
        previous_term: u64,
        entries: Vec<Entry>,
        commit: u64,
        round: u64,
    },
    /// `index` is the last one up to which the logs are known to agree or, in a refusal, the one whose entry the
    /// follower does not have; `back` is from where the leader may then try again. The paper's reply leaves it to the
    /// leader to remember what it asked. `round` is the one that is answered.
    Appended {
        term: u64,
        success: bool,
        index: u64,
        back: u64,
        round: u64,
    },
    /// `term` is the one in which the sender would stand; it has not taken it.
    PreVote {
        term: u64,
        last_index: u64,
        last_term: u64,
    },
    /// `term` is the one asked about or, in a denial, that of the sender.
    PreVoted {
        term: u64,
        granted: bool,
    },
    /// Answered as an `Append` is that ends with the last entry of the snapshot.
    InstallSnapshot {
        term: u64,
        snapshot: Arc<Snapshot>,
        round: u64,
    },
    /// Stand for election, as if your timeout were over (thesis §3.10).
    TimeoutNow {
        term: u64,
    },
}

kinds! { Message {
    RequestVote 'R': Self::RequestVote { term, last_index, last_term, told }
        => ("term {term}, last {last_index}@{last_term}{}", if *told { ", told by the leader" } else { "" })
        as "a request for its vote in term {term}",
    Vote 'V' reply: Self::Vote { term, granted }
        => ("term {term}, {}", if *granted { "granted" } else { "denied" })
        as ("{} in term {term}", if *granted { "a vote" } else { "a refusal to vote" }),
    Append 'A': Self::Append { term, previous_index, previous_term, entries, commit, round }
        => ("term {term}, after {previous_index}@{previous_term}{}, commit {commit}{}",
            indexed(*previous_index, entries), numbered(*round))
        as ("{}", brought(*previous_index, entries)),
    Appended 'a' reply: Self::Appended { term, success, index, back, round }
        => ("term {term}, {}{}", outcome(*success, *index, *back), numbered(*round))
        as ("{}", answered(*success, *index)),
    PreVote 'P': Self::PreVote { term, last_index, last_term }
        => "term {term}, last {last_index}@{last_term}" as "a question whether it would vote in term {term}",
    PreVoted 'p' reply: Self::PreVoted { term, granted }
        => ("term {term}, {}", if *granted { "promised" } else { "denied" })
        as ("{} in term {term}", if *granted { "a promise to vote" } else { "a refusal to vote" }),
    InstallSnapshot 'S': Self::InstallSnapshot { term, snapshot, round }
        => ("term {term}, to {}{}", snapshot, numbered(*round)) as ("a snapshot up to entry {}", snapshot.index),
    TimeoutNow 'T': Self::TimeoutNow { term } => "term {term}" as "the word of its leader to stand for election",
} }

/// What a follower receives: a heartbeat, where there are no entries.
fn brought(previous_index: u64, entries: &[Entry]) -> impl Display {
    fmt::from_fn(move |out| match entries {
        [] => out.write_str("a heartbeat"),
        [entry] => write!(out, "entry {} ({})", previous_index + 1, entry.command),
        _ => write!(out, "entries {} to {}", previous_index + 1, previous_index + entries.len() as u64),
    })
}

/// Entries with their places: ` [7@2: Put x=1]`.
fn indexed(previous_index: u64, entries: &[Entry]) -> impl Display {
    fmt::from_fn(move |out| {
        let mut indexed = (previous_index + 1..).zip(entries);
        indexed.try_for_each(|(index, entry)| write!(out, " [{index}@{entry}]"))
    })
}

/// What a leader receives.
fn answered(success: bool, index: u64) -> impl Display {
    fmt::from_fn(move |out| match (success, index) {
        (true, 0) => out.write_str("an acknowledgement"),
        (true, _) => write!(out, "an acknowledgement up to entry {index}"),
        (false, _) => write!(out, "a refusal at entry {index}"),
    })
}

/// The number of a round, where rounds are numbered.
fn numbered(round: u64) -> impl Display {
    fmt::from_fn(move |out| if round == 0 { Ok(()) } else { write!(out, ", round {round}") })
}

/// What a follower answers.
fn outcome(success: bool, index: u64, back: u64) -> impl Display {
    fmt::from_fn(move |out| match success {
        true => write!(out, "to {index}"),
        false if index == back => write!(out, "refused after {index}"),
        false => write!(out, "refused after {index}, back to {back}"),
    })
}

/// What a node reminds itself of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
pub enum Timer {
    /// Nothing was heard of a leader for too long.
    Election,
    /// A leader's followers are about to lose patience.
    Heartbeat,
    /// A leader checks that a majority has answered it (thesis §6.2).
    Quorum,
    /// A leader waits no longer for the server that it hands over to (thesis §3.10).
    Transfer,
    /// A leader was heard of too long ago to withhold votes for its sake (thesis §4.2.3).
    Trust,
    /// A round of this number no longer vouches for a leader's lease (thesis §6.4.1).
    #[words("Lease{0}")]
    Lease(u64),
}

/// What is asked of a server.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum Input {
    Client(Request),
    Register,
    Numbered { serial: Serial, request: Request },
    Add(NodeId),
    Learn(NodeId),
    Remove(NodeId),
    Reconfigure(NodeSet),
    Transfer(NodeId),
}

/// What the application is told.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
pub enum Output {
    /// This node leads the term.
    #[words("Elected term {term}")]
    Elected {
        /// The term.
        term: u64,
    },
    /// This node's state machine executed the entry at an index.
    #[words("Applied {index}@{entry}")]
    Applied {
        /// The index.
        index: u64,
        /// The entry.
        entry: Entry,
    },
    /// The command in the entry at an index was not executed: it had been executed before, or there is no
    /// such session.
    #[words("Skipped {index}: {serial}")]
    Skipped {
        /// The index.
        index: u64,
        /// The name of the command.
        serial: Serial,
    },
    /// What a client is told.
    #[words("{0}")]
    Client(Reply),
    /// A change of members that cannot be made, or not now; a transfer that cannot.
    Refused {
        /// What was asked.
        input: Input,
    },
}

/// An entry of the log.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
#[words("{term}: {command}")]
pub struct Entry {
    /// The term in which a leader received it.
    pub term: u64,
    /// What to do.
    pub command: Command,
}

impl Message {
    /// The term in which it was sent, for whoever is behind to take; 0 where nobody has taken it yet.
    pub(super) fn term(&self) -> u64 {
        match self {
            Message::RequestVote { term, .. }
            | Message::Vote { term, .. }
            | Message::Append { term, .. }
            | Message::Appended { term, .. }
            | Message::PreVoted { term, granted: false }
            | Message::InstallSnapshot { term, .. }
            | Message::TimeoutNow { term } => *term,
            Message::PreVote { .. } | Message::PreVoted { granted: true, .. } => 0,
        }
    }
}

impl Display for Input {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Input::Client(request) => write!(out, "{request}"),
            Input::Register => write!(out, "Register"),
            Input::Numbered { serial, request } => write!(out, "{serial} {request}"),
            Input::Add(node) => write!(out, "Add {node}"),
            Input::Learn(node) => write!(out, "Learn {node}"),
            Input::Remove(node) => write!(out, "Remove {node}"),
            Input::Transfer(node) => write!(out, "Transfer {node}"),
            Input::Reconfigure(nodes) => write!(out, "Reconfigure {}", nodes.to_string().replace(", ", ",")),
        }
    }
}

impl FromStr for Input {
    type Err = String;

    fn from_str(words: &str) -> Result<Self, String> {
        let node = |text: &str| {
            let number = text.trim().strip_prefix('n').and_then(|digits| digits.parse::<u32>().ok());
            let node = number.and_then(|number| number.checked_sub(1)).map(NodeId);
            node.ok_or("members are nodes, as in `Add n4` or `Reconfigure n1,n2,n3`")
        };
        match words.split_once(' ').unwrap_or((words, "")) {
            ("Put" | "Get", _) => words.parse().map(Input::Client),
            ("Register", "") => Ok(Input::Register),
            (name, what) if name.contains('#') => {
                Ok(Input::Numbered { serial: name.parse()?, request: what.parse()? })
            }
            ("Add", what) => Ok(Input::Add(node(what)?)),
            ("Learn", what) => Ok(Input::Learn(node(what)?)),
            ("Remove", what) => Ok(Input::Remove(node(what)?)),
            ("Transfer", what) => Ok(Input::Transfer(node(what)?)),
            ("Reconfigure", what) => {
                Ok(Input::Reconfigure(what.split(',').map(node).collect::<Result<_, _>>()?))
            }
            _ => Err(
                "Raft can be asked to `Put x=1`, to `Get x`, to `Add n4`, to `Learn n4`, to `Remove n1`, to \
                      `Reconfigure n1,n2,n3`, to `Transfer n2`, to `Register`, or to `s2#1 Put x=1`"
                    .into(),
            ),
        }
    }
}
