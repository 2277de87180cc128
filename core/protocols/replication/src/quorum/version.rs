//! Versions of a value, and which of two supersedes the other.

use faultline_core::prelude::*;
use faultline_core::toolbox::clocks::VectorClock;

/// One write of a key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// The client that wrote it, or its coordinator, where that is a node.
    pub author: NodeId,
    /// Which of its writes it was.
    pub count: u32,
    /// How many writes of each author it supersedes. Where the author is a client, it is among them itself.
    /// Empty where timestamps decide.
    pub clock: VectorClock,
    /// What the author's clock read; in a session, later than what that had seen.
    pub time: Micros,
    /// The value; `None` in a tombstone.
    pub value: Option<u32>,
}

impl Version {
    /// Whether this is the other one, or supersedes it. A client that writes knows what it has written
    /// itself, so a version that supersedes a write supersedes all earlier ones of that client: one entry of
    /// the clock tells. Of a coordinator, homes exchange all versions of a key at once, so a client that has
    /// read a write has read what became of earlier ones.
    pub fn covers(&self, other: &Version) -> bool {
        if self.clock.entries().is_empty() {
            return (self.time, self.author, self.count) >= (other.time, other.author, other.count);
        }
        self.dot() == other.dot() || self.clock.get(other.author) >= u64::from(other.count)
    }

    /// Whether this supersedes the other one.
    pub fn supersedes(&self, other: &Version) -> bool {
        self.covers(other) && self.dot() != other.dot()
    }

    /// Which write it is.
    pub fn dot(&self) -> (NodeId, u32) {
        (self.author, self.count)
    }

    /// Whether it stands apart from the writes that its clock counts, as that of a coordinator does.
    pub fn is_dotted(&self) -> bool {
        !self.clock.entries().is_empty() && self.clock.get(self.author) < u64::from(self.count)
    }
}

/// Versions none of which supersedes another, in the order of their authors. More than one are siblings.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Versions(Vec<Version>);

impl Versions {
    /// Adds a version, which puts those out that it supersedes; whether it is news.
    pub fn add(&mut self, version: &Version) -> bool {
        if self.0.iter().any(|known| known.covers(version)) {
            return false;
        }
        self.0.retain(|known| !version.covers(known));
        let place =
            self.0.partition_point(|known| (known.author, known.count) < (version.author, version.count));
        self.0.insert(place, version.clone());
        true
    }

    /// Adds all that another holds.
    pub fn merge(&mut self, other: &Versions) {
        for version in other.iter() {
            self.add(version);
        }
    }

    /// Only this one.
    pub fn only(version: &Version) -> Self {
        Versions(vec![version.clone()])
    }

    /// Takes out what meets a condition; whether there was such.
    pub fn take_out(&mut self, condition: impl Fn(&Version) -> bool) -> bool {
        let before = self.0.len();
        self.0.retain(|version| !condition(version));
        self.0.len() < before
    }

    /// The versions, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Version> {
        self.0.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The values, without tombstones: `7`, with siblings `7 | 9`, and nothing where there is no value.
    pub fn text(&self) -> String {
        let values = self.iter().filter_map(|version| version.value);
        values.map(|value| value.to_string()).collect::<Vec<_>>().join(" | ")
    }
}
