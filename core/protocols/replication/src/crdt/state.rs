//! A replica's state, for all five types alike, with the three things that are done to it: an update is prepared at its source,
//! an operation is applied, and another state is merged.

use super::clock::{Dot, Replica, Seen, Stamp};
use super::counter::Counter;
use super::entries::{Entries, Entry};
use super::register::Register;
use super::text::{Character, Text};
use super::{Bugs, Input, Params, Type};
use crate::Key;

/// An element of the semilattice: the updates that it includes, and what they come to. Of the types one is in use.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct State {
    /// The updates that it includes.
    pub seen: Seen,
    /// The latest time of any timestamp in them.
    pub time: u64,
    /// Up and down.
    pub counter: Counter,
    /// The last write.
    pub register: Register,
    /// The set, or the map.
    pub entries: Entries,
    /// The sequence.
    pub text: Text,
}

/// An update as its source has prepared it: what every replica applies.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Operation {
    /// Which update it is.
    pub dot: Dot,
    /// The updates that its source included: its causes.
    pub saw: Seen,
    /// What it does.
    pub effect: Effect,
}

/// What an operation does.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum Effect {
    /// The counter goes up, or down.
    Count { up: bool },
    /// The register is written.
    Write { stamp: Stamp, value: u64 },
    /// An element is added, or a key is put, in place of the tags that were observed.
    Put { entry: Entry, observed: Vec<Dot> },
    /// An element is removed: the tags that were observed.
    Remove { key: Key, observed: Vec<Dot> },
    /// Characters are typed.
    Type(Vec<Character>),
    /// A character is erased.
    Erase { letter: char, stamp: Stamp },
}

impl State {
    /// What an update does here and now; nothing, if it has nothing to change.
    pub(super) fn prepare(&self, input: Input, me: Replica, params: &Params) -> Option<Operation> {
        let dot = Dot(me, self.seen.of(me) + 1);
        let stamp = Stamp(self.time + 1, me);
        let effect = match (params.r#type, input) {
            (Type::Counter, Input::Increment) => Effect::Count { up: true },
            (Type::Counter, Input::Decrement) => Effect::Count { up: false },
            (Type::Register, Input::Write(value)) => Effect::Write { stamp, value },
            (Type::Set, Input::Add(key)) => {
                Effect::Put { entry: Entry { key, value: None, stamp }, observed: self.entries.observed(key) }
            }
            (Type::Map, Input::Put(key, value)) => Effect::Put {
                entry: Entry { key, value: Some(value), stamp },
                observed: self.entries.observed(key),
            },
            (Type::Set | Type::Map, Input::Remove(key)) => {
                let observed = self.entries.observed(key);
                (!observed.is_empty()).then_some(Effect::Remove { key, observed })?
            }
            (Type::Text, Input::Type(word, at)) => {
                let at = usize::try_from(at).unwrap_or(usize::MAX).min(self.text.visible().count());
                Effect::Type(self.text.typed(&word, at, dot, stamp.0, &params.bugs))
            }
            (Type::Text, Input::Erase(place)) => {
                let place = usize::try_from(place).ok()?.checked_sub(1)?;
                let Character { letter, stamp, .. } = *self.text.visible().nth(place)?;
                Effect::Erase { letter, stamp }
            }
            _ => return None,
        };
        Some(Operation { dot, saw: self.seen.clone(), effect })
    }

    /// Applies an operation: its effect, wherever and after whatever concurrent ones.
    pub(super) fn apply(&mut self, operation: &Operation, bugs: &Bugs) {
        let Operation { dot, effect, .. } = operation;
        self.seen.add(*dot);
        self.time = self.time.max(effect.time());
        match effect {
            Effect::Count { up } => self.counter.apply(dot.0, *up, bugs),
            Effect::Write { stamp, value } => self.register.apply(*stamp, *value, bugs),
            Effect::Put { entry, observed } => self.entries.put(*dot, entry.clone(), observed),
            Effect::Remove { observed, .. } => self.entries.remove(observed),
            Effect::Type(letters) => letters.iter().for_each(|letter| self.text.insert(letter)),
            Effect::Erase { stamp, .. } => self.text.erase(*stamp, bugs),
        }
    }

    /// Merges another state: the least upper bound of both.
    pub fn merge(&mut self, other: &State, me: Replica, bugs: &Bugs) {
        self.counter.merge(&other.counter);
        self.register.merge(&other.register, bugs);
        let before = self.entries.keys();
        self.entries.merge(&self.seen, &other.entries, &other.seen);
        self.text.merge(&other.text, bugs);
        self.seen.merge(&other.seen);
        self.time = self.time.max(other.time);
        if bugs.new_tags {
            self.add_again(&before, me);
        }
    }

    /// A twin's merge: it adds what is new here as if somebody had just added it.
    fn add_again(&mut self, before: &[Key], me: Replica) {
        for key in self.entries.keys().into_iter().filter(|key| !before.contains(key)) {
            let observed = self.entries.observed(key);
            let Some(entry) = observed.first().and_then(|dot| self.entries.tags.get(dot)).cloned() else {
                continue;
            };
            let dot = Dot(me, self.seen.of(me) + 1);
            self.entries.put(dot, entry, &observed);
            self.seen.add(dot);
        }
    }
}

impl Effect {
    /// The latest time in it; 0 without any.
    fn time(&self) -> u64 {
        match self {
            Effect::Write { stamp, .. } => stamp.0,
            Effect::Put { entry, .. } => entry.stamp.0,
            Effect::Type(letters) => letters.last().map_or(0, |letter| letter.stamp.0),
            Effect::Count { .. } | Effect::Remove { .. } | Effect::Erase { .. } => 0,
        }
    }
}
