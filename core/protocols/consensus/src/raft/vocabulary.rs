//! What Raft's servers tell each other, remind themselves of, are asked for and tell the application.

use super::Snapshot;
use faultline_core::node::NodeId;
use faultline_core::toolbox::configuration::Configuration;
use faultline_core::toolbox::quorum::NodeSet;
use std::sync::Arc;

/// What nodes tell each other (Figures 2 and 13; thesis §9.6).
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
}

/// What a node reminds itself of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Timer {
    /// Nothing was heard of a leader for too long.
    Election,
    /// A leader's followers are about to lose patience.
    Heartbeat,
    /// A leader was heard of too long ago to withhold votes for its sake (thesis §4.2.3).
    Trust,
    /// A round of this number no longer vouches for a leader's lease (thesis §6.4.1).
    Lease(u64),
}

/// What a client asks for. A key is one letter.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum Input {
    Put { key: char, value: u64 },
    Get { key: char },
    Add(NodeId),
    Remove(NodeId),
    Reconfigure(NodeSet),
}

/// What an entry of the log does: a command of the replicated key-value store, or a change of members.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum Command {
    Put { key: char, value: u64 },
    Get { key: char },
    Nothing,
    Members(Arc<Configuration>),
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
        command: Command,
        /// The value of the key afterwards.
        value: Option<u64>,
    },
    /// The client should ask another node, if one is known.
    Redirected {
        /// The leader, as far as this node knows.
        leader: Option<NodeId>,
    },
    /// A change of members that cannot be made, or not now.
    Refused {
        /// What was asked.
        input: Input,
    },
    /// A read has begun that does not go through the log.
    Reading {
        /// Its number, counted by the leader.
        number: u64,
    },
    /// Such a read is done.
    Read {
        /// Its number.
        number: u64,
        /// The key.
        key: char,
        /// Its value.
        value: Option<u64>,
    },
}

/// An entry of the log.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
            | Message::InstallSnapshot { term, .. } => *term,
            Message::PreVote { .. } | Message::PreVoted { granted: true, .. } => 0,
        }
    }
}
