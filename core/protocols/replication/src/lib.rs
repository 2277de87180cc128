//! # The problem of a replicated store
//!
//! Clients read, write and delete the values of keys. Several nodes hold copies of them, so a write outlives
//! a crash. A store is *linearizable* when its clients cannot tell it from one copy that answers them one by
//! one (Herlihy and Wing 1990). Each solution says what it promises instead. This file keeps the answers that
//! clients received, in the same way for all solutions, and the promises are checked against them.

use faultline_core::card::Fact;
use faultline_core::history::model::{KeyValueAct, KeyValueInput, KeyValueOutput};
use faultline_core::prelude::*;
use faultline_core::toolbox::hole::{letter, wrong};
use std::fmt::{self, Display};

pub mod crdt;
pub mod log_shipping;
pub mod quorum;

/// A key: `a` to `z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(pub u8);

/// What the application asks of a client.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words, Read)]
#[words(otherwise = "a client can be asked to `Get a`, to `Put a 7` or to `Delete a`")]
pub enum Input {
    /// Read the value of a key.
    Get(Key),
    /// Give a key a value.
    Put(Key, u32),
    /// Take the value of a key away.
    Delete(Key),
}

impl Input {
    /// The key that it is about.
    pub fn key(&self) -> Key {
        let (Input::Get(key) | Input::Put(key, _) | Input::Delete(key)) = self;
        *key
    }
}

/// What clients asked and were told, as a history.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Clients {
    history: Of<KeyValue>,
    /// The open operation of each client that has one.
    open: Map<NodeId, usize>,
    /// How often a client was left without an answer. After that the client counts as another process: the
    /// operation stays open, since it may still take effect.
    lives: Map<NodeId, u64>,
}

impl Clients {
    /// A client asks for something; the number of the operation.
    pub fn ask(&mut self, who: NodeId, input: &Input) -> usize {
        let (key, act) = match input {
            Input::Get(key) => (key, KeyValueAct::Get),
            Input::Put(key, value) => (key, KeyValueAct::Put(value.to_string())),
            // A key without a value reads as the empty text, as one that was never written.
            Input::Delete(key) => (key, KeyValueAct::Put(String::new())),
        };
        let process = u64::from(who.0) + 1 + 100 * self.lives.get(&who).copied().unwrap_or(0);
        let operation = self.history.invoke(process, KeyValueInput { key: key.to_string(), act });
        self.open.insert(who, operation);
        operation
    }

    /// A client is told that it was done, or what a key holds: the number of the operation, where one is open.
    pub fn answer(&mut self, who: NodeId, holds: Option<String>) -> Option<usize> {
        let operation = self.open.remove(&who)?;
        let output = holds.map_or(KeyValueOutput::Done, KeyValueOutput::Holds);
        self.history.answer(operation, output);
        Some(operation)
    }

    /// A client will receive no answer any more: it has given up, or has crashed.
    pub fn leave(&mut self, who: NodeId) {
        if self.open.remove(&who).is_some() {
            *self.lives.or_default(who) += 1;
        }
    }

    /// When a client's open operation was asked for, as the history counts.
    pub fn begun(&self, who: NodeId) -> Option<u64> {
        self.open.get(&who).map(|operation| self.history.operations[*operation].invoked)
    }

    /// When an operation was answered.
    pub fn finished(&self, operation: usize) -> Option<u64> {
        self.history.operations[operation].returned.as_ref().map(|(at, _)| *at)
    }

    /// How many operations were answered, and how many were begun.
    pub fn answered(&self) -> (u64, u64) {
        let operations = &self.history.operations;
        let answered = operations.iter().filter(|operation| operation.returned.is_some());
        (answered.count() as u64, operations.len() as u64)
    }

    /// The history.
    pub fn history(&self) -> &Of<KeyValue> {
        &self.history
    }
}

impl Key {
    /// Its row on the cards of replicas.
    pub(crate) fn row(self) -> Fact<'static> {
        const LETTERS: &str = "abcdefghijklmnopqrstuvwxyz";
        let place = usize::from(self.0);
        Fact::Row(LETTERS.get(place..=place).unwrap_or_default())
    }
}

impl Display for Key {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", char::from(b'a' + self.0))
    }
}

impl Hole for Key {
    fn read(word: &str) -> Result<Self, String> {
        let key = letter(word).map(|letter| Key(letter as u8 - b'a'));
        key.ok_or_else(|| wrong(word, "a key, one letter from a to z, as in `Get a`"))
    }
}
