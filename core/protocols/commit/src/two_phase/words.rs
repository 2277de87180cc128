//! The words for the disks, states and cards of two-phase commit.

use super::{Decision, Entry, Message, Stable, State, Transaction, TwoPhase};
use faultline_core::card::{LogCell, Poll};
use faultline_core::prelude::*;
use std::fmt::{self, Display};

impl Display for Stable {
    /// The last records stand for the log: `numbers to t100, log …commit t1`, or `boot 2, log …prepare t1·commit t1`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.reserved > 0 {
            write!(out, "numbers to t{}, ", self.reserved)?;
        }
        if self.boot > 0 {
            write!(out, "boot {}, ", self.boot)?;
        }
        for (participant, boot) in self.boots.iter() {
            write!(out, "{participant} at boot {boot}, ")?;
        }
        let start = self.log.len().saturating_sub(6);
        let entries: Vec<_> = self.log.after(start).iter().map(ToString::to_string).collect();
        let (more, entries) = (if start > 0 { "…" } else { "" }, entries.join("·"));
        write!(out, "log {more}{}", if entries.is_empty() { "empty" } else { &entries })
    }
}

/// The number of a boot, after the first.
pub(super) fn numbered(boot: u64) -> impl Display {
    fmt::from_fn(move |out| if boot <= 1 { Ok(()) } else { write!(out, ", boot {boot}") })
}

impl Message {
    pub(super) fn transaction(&self) -> Transaction {
        match self {
            Message::Prepare(transaction, _)
            | Message::Vote(transaction, ..)
            | Message::Decide(transaction, _)
            | Message::Ack(transaction)
            | Message::Inquire(transaction) => *transaction,
            // Of none, as numbers begin at 1.
            Message::Restarted(_) => Transaction(0),
        }
    }
}

impl Entry {
    pub(super) fn transaction(&self) -> Transaction {
        match self {
            Entry::Collecting(transaction)
            | Entry::Refuse(transaction)
            | Entry::Prepare(transaction)
            | Entry::Decided(transaction, _)
            | Entry::End(transaction) => *transaction,
        }
    }
}

impl TwoPhase {
    /// What the page shows of a self.
    pub(super) fn described(&self) -> Card {
        let uncertain = |(_, state): &(&Transaction, &State)| matches!(state, State::Prepared { .. });
        let latest = self.table.iter().rev().find(uncertain).or(self.table.iter().next_back());
        let badge = match (latest, self.log.last()) {
            (Some((transaction, _)), _) => transaction.to_string(),
            (None, Some(entry)) => entry.transaction().to_string(),
            (None, None) => "idle".into(),
        };
        let (role, sign) = match latest {
            _ if self.coordinates => ("coordinator", Sign::Leading),
            Some((_, state)) => (state.word(), state.sign()),
            None => ("participant", Sign::Idle),
        };
        let cell = |(place, entry): (usize, &Entry)| {
            let index = place as u64 + 1;
            let (term, text) = (entry.transaction().0, entry.to_string());
            LogCell { index, term, text, named: true, committed: index <= self.disk.len(), changed: false }
        };
        let log = self.log.after(0).into_iter().enumerate().map(cell).collect();
        let (fields, poll) = (self.fields(), self.poll());
        Card { role, sign, badge, fields, poll, log, log_base: Some(0), ..Card::default() }
    }

    /// The votes on the latest transaction on which some are missing; without any, those on the latest of all if it was
    /// committed, for which all have voted.
    fn poll(&self) -> Option<Poll> {
        let committed = || {
            let decided = Entry::Decided(Transaction(self.numbered), Decision::Commit);
            let is_known = self.coordinates && self.log.after(0).contains(&&decided);
            is_known.then(|| self.votes(Transaction(self.numbered), &|_| true))
        };
        self.table.keys().rev().find_map(|transaction| self.votes_on(*transaction)).or_else(committed)
    }

    /// The votes on a transaction, while they are counted.
    pub(super) fn votes_on(&self, transaction: Transaction) -> Option<Poll> {
        let State::Collecting { missing, .. } = self.table.get(&transaction)? else { return None };
        Some(self.votes(transaction, &|node| !missing.contains(node)))
    }

    /// All participants, with those that have voted yes on a transaction.
    fn votes(&self, transaction: Transaction, has: &dyn Fn(NodeId) -> bool) -> Poll {
        let all: Vec<NodeId> = self.participants.iter().collect();
        let enough = Some(all.len());
        Poll::new(format!("votes on {transaction}"), all, enough, has)
    }

    /// The facts on the card.
    fn fields(&self) -> Vec<Field> {
        let list = |pick: fn(&Transaction, &State) -> Option<String>| {
            let words: Vec<_> = self.table.iter().filter_map(|(name, state)| pick(name, state)).collect();
            if words.is_empty() { "none".to_owned() } else { words.join("; ") }
        };
        if self.coordinates {
            let missing = list(|name, state| match state {
                State::Collecting { missing, .. } => Some(format!("{name}: {missing}")),
                _ => None,
            });
            let telling = list(|name, state| match state {
                State::Telling { bound, decision } => Some(format!("{decision} {name}: {bound}")),
                _ => None,
            });
            return vec![
                Field::new("votes missing", Meaning::Nodes, missing),
                Field::new("acks missing", Meaning::Nodes, telling),
                Field::new("latest number", Meaning::Counter, self.numbered),
            ];
        }
        let uncertain = list(|name, state| match state {
            State::Prepared { inquiries } => Some(format!("{name}, asked {inquiries} times")),
            _ => None,
        });
        let decided = list(|name, state| match state {
            State::Decided(decision) => Some(format!("{decision} {name}")),
            _ => None,
        });
        vec![
            Field::new("uncertain about", Meaning::Value, uncertain),
            Field::new("decided", Meaning::Value, decided),
        ]
    }
}

impl State {
    /// All of these are asked for their votes.
    pub(super) fn collecting(asked: NodeSet) -> Self {
        State::Collecting { missing: asked.clone(), bound: asked }
    }

    /// In one word, for the stage.
    fn word(&self) -> &'static str {
        match self {
            State::Collecting { .. } => "voting",
            State::Telling { decision: Decision::Commit, .. } => "committing",
            State::Telling { decision: Decision::Abort, .. } => "aborting",
            State::Working(_) => "working",
            State::Prepared { inquiries: 0 | 1 } => "uncertain",
            State::Prepared { .. } => "blocked",
            State::Released => "read",
            State::Decided(Decision::Commit) => "committed",
            State::Decided(Decision::Abort) => "aborted",
        }
    }

    /// How that is drawn.
    fn sign(&self) -> Sign {
        match self {
            State::Prepared { inquiries: 0 | 1 } => Sign::Uncertain,
            State::Prepared { .. } => Sign::Blocked,
            State::Decided(Decision::Commit) => Sign::Committed,
            State::Decided(Decision::Abort) => Sign::Aborted,
            State::Collecting { .. } | State::Telling { .. } | State::Working(_) | State::Released => {
                Sign::Idle
            }
        }
    }
}
