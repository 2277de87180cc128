//! How AMQP's messages, inputs, outputs and disks are written, and how inputs are read.

use super::methods::named;
use super::names::Post;
use super::{Answer, Binding, Letter, Output, Posting, Stable, Terms};
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

/// Nodes, as they stand in a row: `n3 n5`.
pub(super) fn list(nodes: &[NodeId]) -> String {
    nodes.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

/// How long the work on a message takes, where that is said, a blank before it.
pub(super) fn taking(takes: Option<Micros>) -> String {
    takes.map(|takes| format!(" takes {}", time::exact(takes))).unwrap_or_default()
}

/// A limit of unacknowledged messages, where one is said, a blank before it.
pub(super) fn limited(limit: Option<u64>) -> String {
    limit.map(|limit| format!(" prefetch {limit}")).unwrap_or_default()
}

/// A priority that counts, a blank before it.
fn ranked(priority: u8) -> String {
    if priority > 0 { format!(" priority {priority}") } else { String::new() }
}

impl Display for Terms {
    /// All of it may be missing, so each part brings the blank before it.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ttl = self.ttl.map(|ttl| format!(" ttl {}", time::exact(ttl))).unwrap_or_default();
        let (takes, priority) = (taking(self.takes), ranked(self.priority));
        let (transient, mandatory) = (also(self.transient, " transient"), also(self.mandatory, " mandatory"));
        write!(out, "{ttl}{takes}{priority}{transient}{mandatory}")
    }
}

impl Display for Letter {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}{}", self.name, self.key, self.terms)?;
        for (place, death) in self.deaths.iter().enumerate() {
            let (queue, reason) = death;
            let count = self.deaths.iter().filter(|other| *other == death).count();
            if self.deaths[..place].contains(death) {
                continue;
            }
            match count {
                1 => write!(out, " {reason} in {queue}")?,
                _ => write!(out, " {reason} {count} times in {queue}")?,
            }
        }
        Ok(())
    }
}

impl Display for Posting {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}{}{}", also(!self.key.is_empty(), " "), self.key, self.terms)?;
        self.exchange.as_ref().map_or(Ok(()), |exchange| write!(out, " to {exchange}"))
    }
}

/// Whether a word marks a message by itself.
fn is_mark(word: &str) -> bool {
    matches!(word, "transient" | "mandatory")
}

/// Words for example as a publisher reads them: a blank before the key, if there is one.
pub(super) fn blank_before(words: &str) -> String {
    format!("{}{words}", also(!words.is_empty(), " "))
}

impl Hole for Posting {
    fn read(words: &str) -> Result<Self, String> {
        let words = words.strip_prefix(' ').or(words.is_empty().then_some(""));
        let words = words.ok_or("a blank stands before the routing key, as in `Publish usd.stock`")?;
        let all: Vec<&str> = words.split(' ').collect();
        // The key may be empty, so the first word may be one that says something of the message.
        let valued = matches!(all[0], "ttl" | "takes" | "priority" | "to")
            && all.get(1).is_some_and(|value| !is_mark(value));
        let keyed = usize::from(words.is_empty() || !(valued || is_mark(all[0])));
        let (mut terms, mut exchange) = (Terms::default(), None);
        let mut rest = all[keyed..].iter();
        while let Some(word) = rest.next() {
            match *word {
                "transient" => terms.transient = true,
                "mandatory" => terms.mandatory = true,
                "ttl" => terms.ttl = Some(time::parse(valued_by(rest.next())?)?),
                "takes" => terms.takes = Some(time::parse(valued_by(rest.next())?)?),
                "priority" => {
                    let number = valued_by(rest.next())?.parse();
                    terms.priority = number.map_err(|_| "a priority is a number from 0 to 255")?;
                }
                "to" => exchange = Some(named(valued_by(rest.next())?)?),
                // Another word belongs to no key.
                _ => drop(checked(words)?),
            }
        }
        Ok(Posting { key: checked(if keyed == 1 { all[0] } else { "" })?, terms, exchange })
    }
}

/// The value after a word that needs one.
fn valued_by<'a>(word: Option<&&'a str>) -> Result<&'a str, String> {
    word.copied().ok_or_else(|| {
        "`ttl` and `takes` need a time, `priority` a number, and `to` the name of an exchange".into()
    })
}

impl Display for Binding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}{}{}", self.queue, also(!self.key.is_empty(), " "), self.key)
    }
}

impl Hole for Binding {
    fn read(words: &str) -> Result<Self, String> {
        let (queue, key) = words.split_once(' ').unwrap_or((words, ""));
        let queue = (2..=6).map(NodeId).find(|known| known.to_string() == queue);
        let queue =
            queue.ok_or("a queue is n5, n6 or n7, as in `Bind n5 *.stock.#`; an exchange is n3 or n4")?;
        Ok(Binding { queue, key: checked(key)? })
    }
}

impl Hole for Answer {
    fn read(word: &str) -> Result<Self, String> {
        word.parse()
    }
}

/// A routing key, a pattern or arguments, if it is one word and not too long.
pub(super) fn checked(key: &str) -> Result<String, String> {
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
            Output::Nacked(name) => write!(out, "Nacked {name}"),
            Output::Returned(name) => write!(out, "Returned {name}"),
            Output::Bound(queue, key) => write!(out, "Bound {queue} {key}"),
            Output::Unbound(queue, key) => write!(out, "Unbound {queue} {key}"),
            Output::Routed { name, key, to, alternate, circles, passed } => {
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
                for node in passed {
                    write!(out, ", not again to {node}")?;
                }
                Ok(())
            }
            Output::Unroutable { name, returned } => {
                write!(out, "Unroutable {name}{}", also(*returned, " returned"))
            }
            Output::Queued { number, name, priority, transient } => {
                write!(out, "Queued {number} {name}{}{}", ranked(*priority), also(*transient, " transient"))
            }
            Output::Refused(name) => write!(out, "Refused {name}"),
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
            Output::Declared(place, tenant) => write!(out, "Declared {tenant} in {place}"),
            Output::Deleted(queue) => write!(out, "Deleted {queue}"),
            Output::Granted(client, method) => write!(out, "Granted {client} {method}"),
            Output::Closed(client, code) => write!(out, "Closed the channel of {client} {code}"),
            Output::AutoDeleted(queue) => write!(out, "AutoDeleted {queue}"),
            Output::Missed(name) => write!(out, "Missed {name}"),
            Output::Lost(name) => write!(out, "Lost {name}"),
        }
    }
}

impl Display for Post {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.exchange {
            Some((name, sort)) => write!(out, "{name} {sort}")?,
            None => out.write_str("no exchange")?,
        }
        for (queue, _, key) in &self.ties {
            write!(out, ", {queue}{}{key}", also(!key.is_empty(), " "))?;
        }
        Ok(())
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
            Stable::Place(tenancy, queue) => match &tenancy.tenant {
                Some(tenant) => write!(out, "queue {tenant}: {queue}"),
                None => write!(out, "no queue"),
            },
            Stable::Names(register) if register.queues.is_empty() => write!(out, "no queue"),
            Stable::Names(register) => {
                let names: Vec<_> = register.queues.iter().map(|(_, it)| it.name.as_str()).collect();
                write!(out, "queues {}", names.join(", "))
            }
            Stable::Post(post) => write!(out, "{post}"),
            Stable::Client { connections, numbered } => {
                write!(out, "connection {connections}, {numbered} numbered")
            }
        }
    }
}
