//! How AMQP's messages, inputs, outputs and disks are written, and how inputs are read.

use super::{Answer, Binding, Letter, Output, Posting, Stable};
use faultline_core::prelude::*;
use faultline_core::time;
use std::fmt::{self, Display};

/// The longest routing key, in bytes: what fits into a short string.
const LONGEST_KEY: usize = 255;

/// Words that are there only where something holds.
pub(super) fn also(holds: bool, words: &'static str) -> &'static str {
    if holds { words } else { "" }
}

/// The name of a message and its key, if it has one: `n1.1 (error)`.
pub(super) fn keyed(letter: &Letter) -> String {
    match letter.key.as_str() {
        "" => letter.name.to_string(),
        key => format!("{} ({key})", letter.name),
    }
}

/// What is said of a message beside its key, a blank before each.
fn terms(ttl: Option<Micros>, mandatory: bool) -> String {
    let ttl = ttl.map(|ttl| format!(" ttl {}", time::exact(ttl))).unwrap_or_default();
    ttl + also(mandatory, " mandatory")
}

impl Display for Letter {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}{}", self.name, self.key, terms(self.ttl, self.mandatory))?;
        for (queue, reason) in &self.deaths {
            write!(out, " {reason} in {queue}")?;
        }
        Ok(())
    }
}

impl Display for Posting {
    /// All of it may be missing, so each part brings the blank before it.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}{}{}", also(!self.key.is_empty(), " "), self.key, terms(self.ttl, self.mandatory))
    }
}

impl Hole for Posting {
    fn read(words: &str) -> Result<Self, String> {
        let words = words.strip_prefix(' ').or(words.is_empty().then_some(""));
        let words = words.ok_or("a blank stands before the routing key, as in `Publish usd.stock`")?;
        let (words, mandatory) = match words.strip_suffix("mandatory") {
            Some(words) if words.is_empty() || words.ends_with(' ') => (words.trim_end(), true),
            _ => (words, false),
        };
        let (key, ttl) = match words.strip_prefix("ttl ").map(|ttl| ("", ttl)).or(words.split_once(" ttl ")) {
            Some((key, ttl)) => (key, Some(time::parse(ttl)?)),
            None => (words, None),
        };
        Ok(Posting { key: checked(key)?, ttl, mandatory })
    }
}

impl Display for Binding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}{}{}", self.queue, also(!self.key.is_empty(), " "), self.key)
    }
}

impl Hole for Binding {
    fn read(words: &str) -> Result<Self, String> {
        let (queue, key) = words.split_once(' ').unwrap_or((words, ""));
        let queue = (4..=6).map(NodeId).find(|known| known.to_string() == queue);
        let queue = queue.ok_or("a queue is n5, n6 or n7, as in `Bind n5 *.stock.#`")?;
        Ok(Binding { queue, key: checked(key)? })
    }
}

impl Hole for Answer {
    fn read(word: &str) -> Result<Self, String> {
        word.parse()
    }
}

/// A routing key, a pattern or arguments, if it is one word and not too long.
fn checked(key: &str) -> Result<String, String> {
    if key.len() > LONGEST_KEY || key.contains(char::is_whitespace) {
        return Err(format!("a routing key or pattern is one word of at most {LONGEST_KEY} bytes"));
    }
    Ok(key.to_owned())
}

impl Display for Output {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Output::Published { name, key } => write!(out, "Published {name} {key}"),
            Output::Confirmed(name) => write!(out, "Confirmed {name}"),
            Output::Returned(name) => write!(out, "Returned {name}"),
            Output::Bound(queue, key) => write!(out, "Bound {queue} {key}"),
            Output::Unbound(queue, key) => write!(out, "Unbound {queue} {key}"),
            Output::Routed { name, key, to, alternate, circles } => {
                write!(out, "Routed {name} {key} to")?;
                for node in to.iter().chain(alternate) {
                    write!(out, " {node}")?;
                }
                if to.is_empty() && alternate.is_none() {
                    out.write_str(" nobody")?;
                }
                for node in circles {
                    write!(out, ", in circles not to {node}")?;
                }
                Ok(())
            }
            Output::Unroutable { name, returned } => {
                write!(out, "Unroutable {name}{}", also(*returned, " returned"))
            }
            Output::Queued { number, name } => write!(out, "Queued {number} {name}"),
            Output::Handed { number, to, redelivered } => {
                write!(out, "Handed {number} to {to}{}", also(*redelivered, " redelivered"))
            }
            Output::Requeued(number) => write!(out, "Requeued {number}"),
            Output::Acked(number) => write!(out, "Acked {number}"),
            Output::Died { number, name, reason, buried } => {
                write!(out, "{} {number} {name} {reason}", if *buried { "DeadLettered" } else { "Dropped" })
            }
            Output::Processed { name, redelivered } => {
                write!(out, "Processed {name}{}", also(*redelivered, " redelivered"))
            }
        }
    }
}

impl Display for Stable {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Stable::Fresh => write!(out, "nothing"),
            Stable::Publisher(numbered) => write!(out, "{numbered} numbered"),
            Stable::Exchange(bindings) => write!(out, "{} bindings", bindings.len()),
            Stable::Queue { ready, taken, .. } => {
                write!(out, "{} ready, {} unacknowledged", ready.len(), taken.len())
            }
        }
    }
}
