//! What may be set before a run, and what somebody does at a replica.

use super::text::Word;
use crate::Key;
use faultline_core::prelude::*;

/// What is set before a run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Settings)]
pub struct Params {
    /// What is replicated.
    pub r#type: Type,
    /// What replicas send: each operation, or their whole state.
    pub way: Way,
    /// How long a replica waits before it repeats what others have not acknowledged.
    #[setting(default = 100ms, bounds = 1ms..=60s)]
    pub repeat: Micros,
    /// Rules taken away.
    #[setting(twins)]
    pub bugs: Bugs,
}

/// What is replicated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Choice)]
#[allow(missing_docs)]
pub enum Type {
    Text,
    Counter,
    Register,
    Set,
    Map,
}

/// What replicas send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Choice)]
#[allow(missing_docs)]
pub enum Way {
    Operations,
    States,
}

/// The wrong twins.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Twins)]
pub struct Bugs {
    /// All replicas count in one entry, and merging takes the greater number.
    #[twin(shows_with = ["set type counter", "set way states"])]
    pub plain_counter: bool,
    /// Of two writes with equal times, a replica keeps the one that it has.
    #[twin(shows_with = ["set type register"])]
    pub unbroken_ties: bool,
    /// A merge adds each new element again, under a tag of the replica that merges.
    #[twin(shows_with = ["set type set", "set way states"])]
    pub new_tags: bool,
    /// A replica keeps its identity when it is restored from a backup.
    pub reuses_identity: bool,
    /// An erased character leaves no tombstone.
    pub no_tombstones: bool,
    /// A replica applies an operation each time that it arrives.
    #[twin(shows_with = ["set type counter"])]
    pub applies_copies: bool,
    /// A replica applies an operation when it arrives, although it has not applied what its source had seen.
    #[twin(shows_with = ["set type set"])]
    pub ignores_causes: bool,
    /// Characters have positions between those of their neighbours, as in Logoot, which keep words in order and not apart.
    pub logoot_positions: bool,
}

/// What somebody does at a replica.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words, Read)]
#[words(
    otherwise = "a replica can be asked to `Type abc at 0` or to `Erase 1`; a counter to `Increment` or `Decrement`, a register \
                 to `Write 7`, a set to `Add x`, a map to `Put x 7`, both to `Remove x`; each to `Restore`"
)]
pub enum Input {
    /// The counter: one more.
    Increment,
    /// The counter: one less.
    Decrement,
    /// The register: this value.
    Write(u64),
    /// The set: add an element.
    Add(Key),
    /// The map: give a key a value.
    Put(Key, u64),
    /// The set or the map: remove an element or a key.
    Remove(Key),
    /// The text: type letters behind so many characters.
    #[words("Type {0} at {1}")]
    Type(Word, u64),
    /// The text: erase the character at this place, from 1.
    Erase(u64),
    /// Go back to the backup that was made when the replica last started.
    Restore,
}
