//! The observed-remove set, and the map that is made of it (Bieniusa et al. 2012): elements with unique tags and no tombstones.

use super::clock::{Dot, Seen, Stamp};
use crate::Key;
use faultline_core::prelude::*;

/// An element of the set, or a key of the map with its value. An element of the set has none.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub struct Entry {
    pub key: Key,
    pub value: Option<u64>,
    pub stamp: Stamp,
}

/// Elements by their tags: each addition has one of its own, the dot of that update. An element is there as long as one of
/// its tags is.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Entries {
    pub(super) tags: Map<Dot, Entry>,
}

impl Entries {
    /// The tags of an element that can be observed here.
    pub(super) fn observed(&self, key: Key) -> Vec<Dot> {
        self.tags.iter().filter(|(_, entry)| entry.key == key).map(|(dot, _)| *dot).collect()
    }

    /// Adds an element under a new tag, which takes the place of those that were observed.
    pub(super) fn put(&mut self, dot: Dot, entry: Entry, observed: &[Dot]) {
        self.remove(observed);
        self.tags.insert(dot, entry);
    }

    /// Removes the tags that were observed. What was added concurrently has another one, and stays.
    pub(super) fn remove(&mut self, observed: &[Dot]) {
        self.tags.retain(|dot, _| !observed.contains(dot));
    }

    /// The least upper bound. A tag that only one side has stays if the other side has not seen its addition; otherwise the
    /// other side has seen its removal, too.
    pub(super) fn merge(&mut self, seen: &Seen, other: &Entries, theirs: &Seen) {
        self.tags.retain(|dot, _| other.tags.contains_key(dot) || !theirs.includes(*dot));
        for (dot, entry) in other.tags.iter().filter(|(dot, _)| !seen.includes(**dot)) {
            self.tags.insert(*dot, entry.clone());
        }
    }

    /// The elements, each once, in order.
    pub(super) fn keys(&self) -> Vec<Key> {
        let mut keys: Vec<Key> = self.tags.values().map(|entry| entry.key).collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    /// The value of a key: of concurrent ones the last.
    pub(super) fn value(&self, key: Key) -> Option<u64> {
        let values = self.tags.values().filter(|entry| entry.key == key);
        values.max_by_key(|entry| entry.stamp).and_then(|entry| entry.value)
    }
}
