//! # The problem of state machine replication (Lamport, CACM 1978; Schneider, ACM Computing Surveys 1990)
//!
//! Several nodes each hold a copy of one state machine, here a key-value store whose keys are single letters. They
//! agree on one sequence of commands and apply it in order, so all copies go through the same states. If some nodes fail,
//! the others still serve the clients. Agreeing on the next command is consensus; agreeing on the sequence is consensus
//! repeated.
//!
//! A client asks a node to put or to get. The node replies with the result or names another node to ask. A get may go
//! through the sequence as any command does, or bypass it. A get that bypasses it must still return the last write that
//! was acknowledged or read before the get was invoked, or a later one.
//!
//! This file states the problem once, in terms of clients' requests, the replies, and the commands that nodes apply; every
//! file beside it is a solution. An entry of the sequence may hold more than its command (a term, a ballot, an epoch): that
//! is up to the solution, and so are leaders. A solution may decide an entry before an earlier one, but it applies entries
//! in order.
//!
//! A client that gets no answer asks again, and its command may be applied twice. A solution may offer
//! sessions (Ongaro 2014, §6.3): a client numbers its commands within one, and the state machine passes over
//! what it has executed already.
//!
//! **What is left out:** no claim here covers a command that is repeated outside of a session.

use clients::Clients;
use faultline_core::card;
use faultline_core::node::Data;
use faultline_core::prelude::*;
use faultline_core::toolbox::configuration::Configuration;
use faultline_core::toolbox::hole::letter;
use faultline_core::toolbox::log::Log;
use std::fmt::{self, Display};
use std::str::FromStr;
use std::sync::Arc;

mod clients;
pub mod raft;

/// What a client asks for. A key is one letter.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
#[allow(missing_docs)]
pub enum Request {
    #[words("Put {key}={value}")]
    Put {
        key: char,
        value: u64,
    },
    Get {
        key: char,
    },
}

/// The name of a command in a session: `s2#1` is the first of session 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
#[words("s{session}#{number}")]
pub struct Serial {
    /// The session.
    pub session: u64,
    /// The number that the client gave the command, from 1.
    pub number: u64,
}

/// What an entry of the sequence does.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
pub enum Command {
    /// What a client asked for.
    #[words("{0}")]
    Client(Request),
    /// A session begins, whose name is the index of this entry.
    Register,
    /// What a client asked for in a session, by its number there.
    #[words("{serial} {request}")]
    Numbered {
        /// The session and the number.
        serial: Serial,
        /// What it asked for.
        request: Request,
    },
    /// Nothing: its index had to be filled.
    Nothing,
    /// A change of those who decide.
    Members(Arc<Configuration>),
}

/// What clients are told.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reply {
    /// The request is done; what it read. It is told in the step that applies the request, right after that.
    Answered {
        /// The request.
        request: Request,
        /// The value of the key afterwards.
        value: Option<u64>,
    },
    /// A session has begun.
    Registered {
        /// Its name.
        session: u64,
    },
    /// A command of a session is done, now or earlier; what it read then.
    Done {
        /// Its name.
        serial: Serial,
        /// The request.
        request: Request,
        /// The value of the key afterwards.
        value: Option<u64>,
    },
    /// There is no such session, or no longer, so nobody knows whether the command was executed.
    Expired {
        /// The name of the command.
        serial: Serial,
    },
    /// The client should ask another node, if one is known.
    Redirected {
        /// The leader, as far as this node knows.
        leader: Option<NodeId>,
    },
    /// A read has begun that does not go through the sequence.
    Reading {
        /// Its number, counted by the node that was asked.
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

/// The state machine: values by their keys.
pub type Store = Map<char, u64>;

impl Request {
    /// The key that it is about.
    pub fn key(&self) -> char {
        match self {
            Request::Put { key, .. } | Request::Get { key } => *key,
        }
    }

    /// Applies it.
    pub fn apply(&self, store: &mut Store) {
        if let Request::Put { key, value } = self {
            store.insert(*key, *value);
        }
    }
}

/// What an output means to the problem.
#[derive(Debug)]
pub enum Fact<'a, E> {
    /// This node has applied the entry at an index of the sequence, counted from 1.
    Applied(u64, &'a E),
    /// The entry at this index, which was applied in the same step, changed nothing: its command was executed
    /// earlier, or there is no such session.
    Skipped(u64),
    /// A client was told this.
    Told(&'a Reply),
}

/// A protocol that solves the problem.
pub trait StateMachineReplication: Protocol {
    /// An entry of the sequence.
    type Entry: Data;

    /// The command in an entry.
    fn command(entry: &Self::Entry) -> &Command;
    /// What an output means to the problem, if anything.
    fn fact(output: &Self::Output) -> Option<Fact<'_, Self::Entry>>;
    /// What a node tells when it applies the entry at an index.
    fn applying(index: u64, entry: &Self::Entry) -> Self::Output;
    /// What a client asks for with an input, if it does; other inputs are for the solution itself.
    fn request(input: &Self::Input) -> Option<&Request>;
    /// The name of the command that a client asks for with an input, if it has a session.
    fn serial(_input: &Self::Input) -> Option<Serial> {
        None
    }
    /// The problem's part of what the judge remembers.
    fn known(record: &Self::Record) -> &Record<Self::Entry>;
    /// A node that serves clients and that a majority goes along with, and the first entry which it has taken up for a client
    /// and that majority holds, and which it has not committed; and since when it has had something to commit and committed
    /// nothing.
    fn stuck(scene: &Scene<'_, Self>) -> Option<(NodeId, u64, Micros)>;
    /// Whether a majority goes along with a node that serves clients and has taken something up for one; otherwise what is
    /// missing.
    ///
    /// # Errors
    /// In words that go on after “not judged:”.
    fn asked(scene: &Scene<'_, Self>) -> Result<(), &'static str>;
    /// The log that the node applies, and up to which index it has done so, if it keeps one: logs are compared at once,
    /// and a node that boots again applies thousands of entries in one step.
    fn applied(&self) -> Option<(&Log<Self::Entry>, u64)> {
        None
    }
}

/// What the judge remembers of a run.
#[derive(Clone, Debug, Hash)]
pub struct Record<E> {
    /// The entries that anybody has applied, in order, and those beyond a gap.
    applied: Log<E>,
    ahead: Map<u64, E>,
    /// The indexes of entries that changed nothing, in order.
    skipped: Vec<u64>,
    /// By its key, up to which entry clients know what it held: one was told that it was written, or has read it.
    known: Map<char, u64>,
    /// The reads that have begun, by node and number: what was known then.
    reads: Map<(NodeId, u64), Map<char, u64>>,
    clients: Clients,
}

impl<E> Default for Record<E> {
    fn default() -> Self {
        Record {
            applied: Log::default(),
            ahead: Map::default(),
            skipped: Vec::new(),
            known: Map::default(),
            reads: Map::default(),
            clients: Clients::default(),
        }
    }
}

impl<E: Data> Record<E> {
    /// Adds a step; what a solution's `remember` does.
    pub fn remember<P: StateMachineReplication<Entry = E>>(&mut self, step: &Step<'_, P>) {
        let who = step.who;
        if step.node.is_none() {
            self.clients.leave(who);
            return self.reads.retain(|(node, _), _| *node != who);
        }
        if let Some(request) = step.input.and_then(P::request) {
            self.ask(step, request);
        }
        let mut latest = 0;
        for output in step.outputs {
            let reply = match P::fact(output) {
                Some(Fact::Applied(index, entry)) => {
                    latest = index;
                    self.keep(index, entry);
                    continue;
                }
                Some(Fact::Skipped(index)) => {
                    if let Err(place) = self.skipped.binary_search(&index) {
                        self.skipped.insert(place, index);
                    }
                    continue;
                }
                Some(Fact::Told(reply)) => reply,
                None => continue,
            };
            match reply {
                Reply::Answered { request, .. } | Reply::Done { request, .. } => {
                    self.know(request.key(), latest);
                }
                Reply::Read { number, key, .. } => {
                    let applied = step.node.and_then(P::applied).map_or(0, |(_, applied)| applied);
                    self.know(*key, applied);
                    self.reads.remove(&(who, *number));
                }
                Reply::Reading { number } => {
                    self.reads.insert((who, *number), self.known.clone());
                }
                Reply::Redirected { .. } | Reply::Registered { .. } | Reply::Expired { .. } => {}
            }
            self.clients.answer(who, reply);
        }
    }

    /// A client asks a node, which takes that up unless it sends the client elsewhere.
    fn ask<P: StateMachineReplication<Entry = E>>(&mut self, step: &Step<'_, P>, request: &Request) {
        let told = || step.outputs.iter().filter_map(P::fact);
        if told().any(|fact| matches!(fact, Fact::Told(Reply::Redirected { .. }))) {
            return;
        }
        let number = told().find_map(|fact| match fact {
            Fact::Told(Reply::Reading { number }) => Some(*number),
            _ => None,
        });
        let serial = step.input.and_then(P::serial);
        self.clients.ask(step.who, request, number, serial);
    }

    /// A client knows now what a key held after the entries up to an index.
    fn know(&mut self, key: char, until: u64) {
        let known = self.known.or_default(key);
        *known = until.max(*known);
    }

    /// What clients asked and were told.
    pub fn history(&self) -> &Of<KeyValue> {
        self.clients.history()
    }

    /// Keeps the entry that was applied first at an index.
    fn keep(&mut self, index: u64, entry: &E) {
        let next = self.applied.len() + 1;
        if index > next && !self.ahead.contains_key(&index) {
            self.ahead.insert(index, entry.clone());
        } else if index == next {
            self.applied.push(entry.clone());
            while let Some(entry) = self.ahead.remove(&(self.applied.len() + 1)) {
                self.applied.push(entry);
            }
        }
    }

    /// The entry that was applied first at an index.
    fn first(&self, index: u64) -> Option<&E> {
        self.applied.get(index).or_else(|| self.ahead.get(&index))
    }
}

/// What every solution claims: that copies do not differ, that reads are not old, and that commits do not cease.
///
/// A judge sees the nodes and not the links. So Progress takes for a connected majority one that goes along with the node
/// that serves the clients and holds what that was asked.
pub const fn claims<P: StateMachineReplication>() -> [Property<P>; 3] {
    use About::Outputs;
    [
        always(
            "State Machine Safety",
            "No two nodes apply different commands at the same index.",
            Outputs,
            same_commands,
        )
        .given(|scene: &Scene<'_, P>| {
            let record = P::known(scene.record);
            match record.applied.is_empty() && record.ahead.is_empty() {
                true => Err("no node has applied anything yet"),
                false => Ok(()),
            }
        }),
        always(
            "Fresh Reads",
            "Reads are linearizable. A read returns the last write that a client saw acknowledged or read before this read \
             was invoked, or a later one.",
            Outputs,
            fresh_reads,
        )
        .given(|scene: &Scene<'_, P>| match P::known(scene.record).clients.has_read() {
            true => Ok(()),
            false => Err("no read has been answered yet"),
        }),
        eventually(
            "Progress",
            "Eventually, a connected majority commits the requests that it receives.",
            Despite::Few,
            P::asked,
            progress,
        )
        .since(|scene| P::stuck(scene).map(|(.., since)| since)),
    ]
}

fn same_commands<P: StateMachineReplication>(scene: &Scene<'_, P>) -> Result<(), Contradiction> {
    let Some(node) = scene.node.filter(|_| !scene.outputs.is_empty()) else { return Ok(()) };
    let record = P::known(scene.record);
    // Who applies its log in order, and has the log that was applied before, applies the same.
    let is_same = |(log, applied): (&Log<P::Entry>, u64)| {
        log.agrees_until(&record.applied, applied.min(record.applied.len()))
    };
    if node.applied().is_some_and(is_same) {
        return Ok(());
    }
    for fact in scene.outputs.iter().filter_map(P::fact) {
        if let Fact::Applied(index, entry) = fact
            && let Some(first) = record.first(index).filter(|&first| first != entry)
        {
            let (who, command, other) = (scene.who, P::command(entry), P::command(first));
            let cell = card::Fact::Cell(index);
            return Err(Contradiction::between(
                format!("{who} applies {command} at index {index}, where another node applied {other}"),
                [Side::of(who).showing(cell), Side::first_to_tell(&P::applying(index, first)).showing(cell)],
            ));
        }
    }
    Ok(())
}

fn progress<P: StateMachineReplication>(scene: &Scene<'_, P>) -> Result<(), Contradiction> {
    P::stuck(scene).map_or(Ok(()), |(node, index, _)| {
        Err(Contradiction::between(
            format!("a majority follows {node} and holds entry {index}, but {node} does not commit it"),
            [Side::of(node).showing(card::Fact::Cell(index))],
        ))
    })
}

/// What an entry writes to a key when it is executed, if it does.
fn put<P: StateMachineReplication>(entry: &P::Entry, key: char) -> Option<u64> {
    match P::command(entry) {
        Command::Client(Request::Put { key: it, value })
        | Command::Numbered { request: Request::Put { key: it, value }, .. }
            if *it == key =>
        {
            Some(*value)
        }
        _ => None,
    }
}

/// Judged of reads beside the sequence; those that are entries of it are as fresh as it is safe.
fn fresh_reads<P: StateMachineReplication>(scene: &Scene<'_, P>) -> Result<(), Contradiction> {
    let record = P::known(scene.record);
    for fact in scene.outputs.iter().filter_map(P::fact) {
        let Fact::Told(Reply::Read { number, key, value }) = fact else { continue };
        // A read that is answered in the step in which it began was asked now.
        let known = record.reads.get(&(scene.who, *number)).unwrap_or(&record.known);
        let known = known.get(key).copied().unwrap_or(0);
        let is_executed = |index: &u64| record.skipped.binary_search(index).is_err();
        let written = |index: u64| {
            record.applied.get(index).filter(|_| is_executed(&index)).and_then(|entry| put::<P>(entry, *key))
        };
        let last = (1..=known).rev().find_map(written);
        let later = (known + 1..=record.applied.len()).filter_map(written);
        // What the same step applied is not in the record yet.
        let facts = || scene.outputs.iter().filter_map(P::fact);
        let now = facts().filter_map(|fact| match fact {
            Fact::Applied(index, entry) => put::<P>(entry, *key)
                .filter(|_| !facts().any(|other| matches!(other, Fact::Skipped(it) if it == index))),
            Fact::Skipped(_) | Fact::Told(_) => None,
        });
        if last != *value && !later.chain(now).any(|later| Some(later) == *value) {
            let (who, value, last) = (scene.who, shown(*value), shown(last));
            let sentence = format!(
                "{who} reads {key} as {value}, but a client knew of {last} before this read was invoked"
            );
            let mut sides = vec![Side::of(who).showing(card::Fact::Field("commit index"))];
            let missed = (1..=known).rev().find(|&index| written(index).is_some());
            let missed = missed.and_then(|index| Some((index, record.applied.get(index)?)));
            sides.extend(missed.map(|(index, entry)| {
                Side::first_to_tell(&P::applying(index, entry)).showing(card::Fact::Cell(index))
            }));
            return Err(Contradiction::between(sentence, sides));
        }
    }
    Ok(())
}

/// What a key holds, in words.
fn shown(value: Option<u64>) -> String {
    value.map_or("nothing".into(), |value| value.to_string())
}

impl Display for Reply {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reply::Answered { request: put @ Request::Put { .. }, .. } => write!(out, "Answered {put}"),
            Reply::Answered { request: get, value } => write!(out, "Answered {get}: {}", shown(*value)),
            Reply::Registered { session } => write!(out, "Registered s{session}"),
            Reply::Done { serial, request: put @ Request::Put { .. }, .. } => {
                write!(out, "Answered {serial} {put}")
            }
            Reply::Done { serial, request: get, value } => {
                write!(out, "Answered {serial} {get}: {}", shown(*value))
            }
            Reply::Expired { serial } => write!(out, "Expired {serial}"),
            Reply::Redirected { leader: Some(leader) } => write!(out, "Redirected to {leader}"),
            Reply::Redirected { leader: None } => write!(out, "Redirected to nobody known"),
            Reply::Reading { number } => write!(out, "Reading #{number}"),
            Reply::Read { number, key, value } => write!(out, "Read #{number} {key}: {}", shown(*value)),
        }
    }
}

impl FromStr for Serial {
    type Err = String;

    fn from_str(words: &str) -> Result<Self, String> {
        let numbers = words.strip_prefix('s').and_then(|rest| rest.split_once('#'));
        let numbers =
            numbers.and_then(|(session, number)| Some((session.parse().ok()?, number.parse().ok()?)));
        // A session that has executed nothing yet is at 0.
        numbers
            .filter(|(_, number)| *number > 0)
            .map(|(session, number)| Serial { session, number })
            .ok_or_else(|| "a command in a session has a name such as `s2#1`, the first of session 2".into())
    }
}

impl FromStr for Request {
    type Err = String;

    fn from_str(words: &str) -> Result<Self, String> {
        let key = |key| letter(key).ok_or("a key is one letter from a to z, as in `Put x=1`");
        match words.split_once(' ').unwrap_or((words, "")) {
            ("Put", what) => {
                let (name, value) =
                    what.split_once('=').ok_or("`Put` needs a key and a value, as in `Put x=1`")?;
                let value = value.parse().map_err(|_| "a value is a whole number from 0, as in `Put x=1`")?;
                Ok(Request::Put { key: key(name)?, value })
            }
            ("Get", name) => Ok(Request::Get { key: key(name)? }),
            _ => Err("a client can ask to `Put x=1` or to `Get x`".into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_of_a_session_have_names() {
        let serial = Serial { session: 12, number: 3 };
        assert_eq!(serial.to_string().parse(), Ok(serial));
        for wrong in ["s2#0", "s2", "2#1", "s#1", "s2#", "s2#-1", "s2#1#1"] {
            assert!(wrong.parse::<Serial>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_was_applied_first_counts_and_a_gap_may_be_filled_later() {
        let mut record = Record::default();
        for (index, entry) in [(1, 'a'), (3, 'c'), (3, 'd'), (4, 'e'), (1, 'f')] {
            record.keep(index, &entry);
        }
        assert_eq!((record.applied.len(), record.ahead.len()), (1, 2));
        assert_eq!(
            [1, 2, 3, 4].map(|index| record.first(index).copied()),
            [Some('a'), None, Some('c'), Some('e')]
        );
        record.keep(2, &'b');
        assert_eq!((record.applied.len(), record.ahead.len()), (4, 0));
        assert_eq!(record.applied.after(0), [&'a', &'b', &'c', &'e']);
    }
}
