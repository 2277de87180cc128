//! The counter that goes up and down (RR-7506, specifications 5 and 7): of every replica its increments and its
//! decrements.

use super::Bugs;
use super::clock::Replica;
use faultline_core::prelude::*;

/// What each replica has added and taken away. Only that replica changes its entries, and they only grow.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Counter {
    entries: Map<Replica, [u64; 2]>,
}

impl Counter {
    /// One more or one less, by this replica.
    pub(super) fn apply(&mut self, by: Replica, up: bool, bugs: &Bugs) {
        // A plain counter is one that all replicas share.
        let by = if bugs.plain_counter { Replica { node: NodeId(0), restores: 0 } } else { by };
        self.entries.or_default(by)[usize::from(!up)] += 1;
    }

    /// The least upper bound: of each entry the greater number.
    pub(super) fn merge(&mut self, other: &Counter) {
        for (replica, theirs) in other.entries.iter() {
            let ours = self.entries.or_default(*replica);
            *ours = [ours[0].max(theirs[0]), ours[1].max(theirs[1])];
        }
    }

    /// The sum of all increments less that of all decrements.
    pub fn value(&self) -> i64 {
        self.entries.values().map(|[up, down]| up.cast_signed() - down.cast_signed()).sum()
    }

    /// Each entry in words: `n1`, `+2 −1`.
    pub(super) fn rows(&self) -> impl Iterator<Item = (String, String)> {
        self.entries.iter().map(|(replica, [up, down])| (replica.to_string(), format!("+{up} −{down}")))
    }
}
