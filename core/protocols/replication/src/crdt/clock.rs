//! Who updated, and when: replicas, the dots of updates, the sets of updates that a replica includes, and timestamps.

use faultline_core::prelude::*;
use std::fmt::{self, Display};

/// A replica's identity: its node, and how often that was restored from a backup. `n1`, after a restore `n1.2`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Replica {
    /// The node.
    pub node: NodeId,
    /// How often the node was restored.
    pub restores: u32,
}

/// An update by its replica and its number there, from 1: `n1:3`. As the tag of an element it is unique.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
#[words("{0}:{1}")]
pub struct Dot(pub Replica, pub u64);

/// A Lamport timestamp. Of equal times, that of the greater replica is the later one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
#[words("{0}@{1}")]
pub struct Stamp(pub u64, pub Replica);

/// A set of updates, as a vector clock: of each replica, all up to a number.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seen(Map<Replica, u64>);

impl Seen {
    /// How many updates of a replica are in it.
    pub fn of(&self, replica: Replica) -> u64 {
        self.0.get(&replica).copied().unwrap_or(0)
    }

    /// Whether an update is in it.
    pub fn includes(&self, Dot(replica, number): Dot) -> bool {
        number <= self.of(replica)
    }

    /// Whether all updates of another set are in it.
    pub fn covers(&self, other: &Seen) -> bool {
        other.0.iter().all(|(replica, number)| *number <= self.of(*replica))
    }

    /// The first update of another set that is not in it.
    pub fn misses(&self, other: &Seen) -> Option<Dot> {
        let mut replicas = other.0.iter().filter(|(replica, number)| **number > self.of(**replica));
        replicas.next().map(|(replica, _)| Dot(*replica, self.of(*replica) + 1))
    }

    /// Puts an update in.
    pub fn add(&mut self, Dot(replica, number): Dot) {
        let known = self.0.or_default(replica);
        *known = number.max(*known);
    }

    /// Puts all updates of another set in.
    pub fn merge(&mut self, other: &Seen) {
        other.0.iter().for_each(|(replica, number)| self.add(Dot(*replica, *number)));
    }

    /// How many updates of each of so many nodes are in it, whatever its identity was: for a picture.
    pub fn by_node(&self, count: u32) -> Vec<u64> {
        let of = |node| self.0.iter().filter(move |(replica, _)| replica.node.0 == node);
        (0..count).map(|node| of(node).map(|(_, number)| number).sum()).collect()
    }

    /// Whether no update is in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Display for Replica {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.restores {
            0 => write!(out, "{}", self.node),
            restores => write!(out, "{}.{}", self.node, restores + 1),
        }
    }
}

impl Display for Seen {
    /// `n1:2 n2:1`
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, (replica, number)) in self.0.iter().enumerate() {
            write!(out, "{}{replica}:{number}", if place == 0 { "" } else { " " })?;
        }
        if self.is_empty() { out.write_str("none") } else { Ok(()) }
    }
}
