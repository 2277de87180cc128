//! Quorums: sets of nodes any two of which share one.

use crate::name::NodeId;
use std::fmt::{self, Display};

/// The size of a majority of `count` nodes.
pub fn majority(count: usize) -> usize {
    count / 2 + 1
}

/// A set of nodes, kept in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeSet(Vec<NodeId>);

impl NodeSet {
    /// Adds a node; whether it is new.
    pub fn insert(&mut self, node: NodeId) -> bool {
        match self.0.binary_search(&node) {
            Ok(_) => false,
            Err(place) => {
                self.0.insert(place, node);
                true
            }
        }
    }

    /// Takes a node out; whether it was in.
    #[cfg_attr(target_arch = "wasm32", inline(never))]
    pub fn remove(&mut self, node: NodeId) -> bool {
        self.0.binary_search(&node).map(|place| self.0.remove(place)).is_ok()
    }

    /// Whether a node is in it.
    pub fn contains(&self, node: NodeId) -> bool {
        self.0.binary_search(&node).is_ok()
    }

    /// Its nodes, in order.
    pub fn iter(&self) -> impl Iterator<Item = NodeId> {
        self.0.iter().copied()
    }

    /// How many nodes are in it.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether no node is in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<NodeId> for NodeSet {
    fn from_iter<I: IntoIterator<Item = NodeId>>(nodes: I) -> Self {
        let mut set = NodeSet::default();
        for node in nodes {
            set.insert(node);
        }
        set
    }
}

impl Display for NodeSet {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, node) in self.0.iter().enumerate() {
            write!(out, "{}{node}", if place == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}
