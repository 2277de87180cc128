//! Names: what a node is called, where a message goes, and which rule of the paper was applied. Everything else speaks of
//! these, so they know nothing else.

use std::fmt::{self, Debug, Display};

/// A node's name: `n1` is the one with index 0.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u32);

impl NodeId {
    /// Where this node stands in a list of all nodes.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl Display for NodeId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "n{}", self.0 + 1)
    }
}

impl Debug for NodeId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        Display::fmt(self, out)
    }
}

/// Where a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum To {
    /// To one node.
    One(NodeId),
    /// To every node but the sender.
    Others,
}

/// The rule of the paper that a handler applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Where the paper has it: `§5.4.2`.
    pub section: &'static str,
    /// What it says, in one sentence.
    pub sentence: &'static str,
}

impl Rule {
    /// A rule by the section that has it, and what it says.
    pub const fn new(section: &'static str, sentence: &'static str) -> Self {
        Rule { section, sentence }
    }
}
