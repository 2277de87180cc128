//! Logical clocks. A vector clock (Fidge 1988; Mattern 1989) says of every node how many of its events are known.
//!
//! What happened before something else is known to it and does not know of it; where neither of two clocks knows the
//! other, the two are concurrent. Fewer entries than nodes cannot tell that (Charron-Bost 1991).

use crate::name::NodeId;
use std::fmt::{self, Display};

/// How many events of every node are known; of a node without an entry none. The derived order is one for lists and says
/// nothing about causes: compare with [`VectorClock::knows`].
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VectorClock(Vec<u64>);

impl VectorClock {
    /// A clock of so many nodes that knows nothing yet.
    pub fn new(count: usize) -> Self {
        VectorClock(vec![0; count])
    }

    /// How many events of a node are known.
    pub fn get(&self, node: NodeId) -> u64 {
        self.0.get(node.index()).copied().unwrap_or(0)
    }

    /// Makes known the events of a node up to this one.
    #[cfg_attr(target_arch = "wasm32", inline(never))]
    pub fn raise(&mut self, node: NodeId, to: u64) {
        if self.0.len() <= node.index() {
            self.0.resize(node.index() + 1, 0);
        }
        let entry = &mut self.0[node.index()];
        *entry = to.max(*entry);
    }

    /// Counts one more event of a node; returns its number.
    pub fn tick(&mut self, node: NodeId) -> u64 {
        let number = self.get(node) + 1;
        self.raise(node, number);
        number
    }

    /// Makes known whatever the other clock knows.
    pub fn merge(&mut self, other: &VectorClock) {
        for (node, number) in other.iter() {
            self.raise(node, number);
        }
    }

    /// Whether everything that the other clock knows is known to this one.
    pub fn knows(&self, other: &VectorClock) -> bool {
        other.iter().all(|(node, number)| number <= self.get(node))
    }

    /// Whether neither clock knows the other.
    pub fn is_concurrent_with(&self, other: &VectorClock) -> bool {
        !self.knows(other) && !other.knows(self)
    }

    /// The nodes that have an entry, each with its own.
    pub fn iter(&self) -> impl Iterator<Item = (NodeId, u64)> {
        (0..).map(NodeId).zip(self.0.iter().copied())
    }

    /// The entries, in the order of the nodes.
    pub fn entries(&self) -> &[u64] {
        &self.0
    }
}

impl Display for VectorClock {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("[")?;
        for (place, entry) in self.0.iter().enumerate() {
            write!(out, "{}{entry}", if place == 0 { "" } else { " " })?;
        }
        out.write_str("]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(entries: &[u64]) -> VectorClock {
        VectorClock(entries.to_vec())
    }

    #[test]
    fn clocks_compare_by_what_they_know() {
        let (early, late, aside) = (clock(&[1, 0, 0]), clock(&[1, 1, 0]), clock(&[0, 0, 1]));
        assert!(late.knows(&early) && !early.knows(&late) && late.knows(&late));
        assert!(aside.is_concurrent_with(&late) && !early.is_concurrent_with(&late));
        // The order of lists would say that this one is before.
        assert!(aside < late && !late.knows(&aside));
        assert!(clock(&[1]).knows(&early) && !clock(&[]).is_concurrent_with(&aside));
    }

    #[test]
    fn clocks_grow_by_what_they_learn() {
        let mut one = VectorClock::default();
        assert_eq!((one.tick(NodeId(1)), one.tick(NodeId(1)), one.to_string().as_str()), (1, 2, "[0 2]"));
        one.merge(&clock(&[3, 1, 1]));
        assert_eq!((one.entries(), one.get(NodeId(7))), ([3, 2, 1].as_slice(), 0));
        one.raise(NodeId(0), 2);
        assert_eq!(one, clock(&[3, 2, 1]));
    }
}
