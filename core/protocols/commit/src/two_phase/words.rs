//! The words for the disks, states and cards of two-phase commit.

use super::{Decision, Entry, Item, Message, Named, Stable, State, Transaction, TwoPhase};
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
            Message::Prepare(transaction, ..)
            | Message::Damage(transaction, _)
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
            Entry::Collecting(transaction, _)
            | Entry::Refuse(transaction)
            | Entry::Prepare(transaction, _)
            | Entry::Decided(transaction, ..)
            | Entry::ByHand(transaction, _)
            | Entry::Damage(transaction, _)
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
        let latest = Transaction(self.numbered);
        let named = |entry: &&Entry| match entry {
            Entry::Decided(transaction, Decision::Commit, named) if *transaction == latest => {
                Some(named.clone())
            }
            _ => None,
        };
        let committed = || {
            let named = self.log.after(0).iter().find_map(named).filter(|_| self.coordinates);
            named.map(|named| self.votes(latest, &named, &|_| true))
        };
        self.table.keys().rev().find_map(|transaction| self.votes_on(*transaction)).or_else(committed)
    }

    /// The votes on a transaction, while they are counted.
    pub(super) fn votes_on(&self, transaction: Transaction) -> Option<Poll> {
        let State::Collecting { named, missing, .. } = self.table.get(&transaction)? else { return None };
        Some(self.votes(transaction, named, &|node| !missing.contains(node)))
    }

    /// All participants of a transaction, with those that have voted yes on it.
    fn votes(&self, transaction: Transaction, named: &Named, has: &dyn Fn(NodeId) -> bool) -> Poll {
        let all: Vec<NodeId> = named.among(self.participants.iter()).iter().collect();
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
            State::Prepared { inquiries, .. } => Some(format!("{name}, asked {inquiries} times")),
            _ => None,
        });
        let decided = list(|name, state| match state {
            State::Decided(decision) => Some(format!("{decision} {name}")),
            _ => None,
        });
        let mut fields = vec![
            Field::new("uncertain about", Meaning::Value, uncertain),
            Field::new("decided", Meaning::Value, decided),
        ];
        if self.locks {
            let locked = list(|name, state| match state {
                State::Prepared { scope, .. } => {
                    let locks = scope.items.0.iter().map(|item| format!("{item} by {name}"));
                    Some(locks.collect::<Vec<_>>().join("; ")).filter(|words| !words.is_empty())
                }
                _ => None,
            });
            fields.push(Field::new("locked", Meaning::Value, locked));
            fields.push(Field::new("waiting for locks", Meaning::Value, self.waiting_in_words()));
        }
        if self.heuristics {
            let by_hand = list(|name, state| match state {
                State::ByHand(decision) => Some(format!("{decision} {name}")),
                State::Damaged(decision) => Some(format!("{decision} {name}, which is damage")),
                _ => None,
            });
            fields.push(Field::new("by hand", Meaning::Value, by_hand));
        }
        fields
    }

    /// The transactions that wait for locks here, the participant's own first.
    fn waiting_in_words(&self) -> String {
        let own = self.own.iter().map(|item: &Item| format!("its own, for {item}"));
        let others = self.table.iter().filter_map(|(name, state)| match state {
            State::Waiting { scope, .. } => {
                let items: Vec<_> = scope.items.0.iter().map(ToString::to_string).collect();
                Some(format!("{name}, for {}", items.join(" and ")))
            }
            _ => None,
        });
        let words: Vec<_> = own.chain(others).collect();
        if words.is_empty() { "none".to_owned() } else { words.join("; ") }
    }
}

impl State {
    /// All of these are asked for their votes.
    pub(super) fn collecting(named: Named, asked: NodeSet) -> Self {
        State::Collecting { named, missing: asked.clone(), bound: asked }
    }

    /// In one word, for the stage.
    fn word(&self) -> &'static str {
        match self {
            State::Collecting { .. } => "voting",
            State::Telling { decision: Decision::Commit, .. } => "committing",
            State::Telling { decision: Decision::Abort, .. } => "aborting",
            State::Working(_) => "working",
            State::Waiting { .. } => "waiting",
            State::Prepared { inquiries: 0 | 1, .. } => "uncertain",
            State::Prepared { .. } => "blocked",
            State::ByHand(_) => "heuristic",
            State::Damaged(_) => "damaged",
            State::Released => "read",
            State::Decided(Decision::Commit) => "committed",
            State::Decided(Decision::Abort) => "aborted",
        }
    }

    /// How that is drawn.
    fn sign(&self) -> Sign {
        match self {
            State::Waiting { .. } => Sign::Seeking,
            State::Prepared { inquiries: 0 | 1, .. } => Sign::Uncertain,
            State::Prepared { .. } => Sign::Blocked,
            State::Decided(Decision::Commit) | State::ByHand(Decision::Commit) => Sign::Committed,
            State::Decided(Decision::Abort) | State::ByHand(Decision::Abort) => Sign::Aborted,
            State::Damaged(_) => Sign::Stopped,
            State::Collecting { .. } | State::Telling { .. } | State::Working(_) | State::Released => {
                Sign::Idle
            }
        }
    }
}
