//! How two-phase commit's messages, timers, records and disks are written.

use super::{Decision, Entry, Message, Stable, Timeout};
use std::fmt::{self, Display};

impl Display for Message {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Message::Prepare(transaction) => write!(out, "Prepare {transaction}"),
            Message::Vote(transaction, vote) => write!(out, "Vote {transaction} {vote}"),
            Message::Decide(transaction, Decision::Commit) => write!(out, "Commit {transaction}"),
            Message::Decide(transaction, Decision::Abort) => write!(out, "Abort {transaction}"),
            Message::Ack(transaction) => write!(out, "Ack {transaction}"),
            Message::Inquire(transaction) => write!(out, "Inquire {transaction}"),
        }
    }
}

impl Display for Timeout {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Timeout-{}", self.0)
    }
}

impl Display for Entry {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Entry::Collecting(transaction) => write!(out, "collecting {transaction}"),
            Entry::Prepare(transaction) => write!(out, "prepare {transaction}"),
            Entry::Decided(transaction, decision) => write!(out, "{decision} {transaction}"),
            Entry::End(transaction) => write!(out, "end {transaction}"),
        }
    }
}

impl Display for Stable {
    /// The last records stand for the log: `numbers to t100, log …prepare t1·commit t1`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.reserved > 0 {
            write!(out, "numbers to t{}, ", self.reserved)?;
        }
        let start = self.log.len().saturating_sub(6);
        let entries: Vec<_> = self.log.after(start).iter().map(ToString::to_string).collect();
        let (more, entries) = (if start > 0 { "…" } else { "" }, entries.join("·"));
        write!(out, "log {more}{}", if entries.is_empty() { "empty" } else { &entries })
    }
}
