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

/// What nodes are called beside `n1` and so on: the names that they have in the paper, for one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names(Vec<(NodeId, String)>);

impl Names {
    /// These names, in the order of the nodes.
    pub fn new(names: impl IntoIterator<Item = (NodeId, String)>) -> Self {
        Names(names.into_iter().collect())
    }

    /// What a node is called; without a name of its own, `n1` and so on.
    pub fn called(&self, node: NodeId) -> String {
        let named = self.0.iter().find(|(named, _)| *named == node);
        named.map_or_else(|| node.to_string(), |(_, name)| name.clone())
    }

    /// The node that has a name, if it is not `n1` and so on.
    pub fn node(&self, name: &str) -> Option<NodeId> {
        self.0.iter().find(|(_, known)| known == name).map(|(node, _)| *node)
    }

    /// A sentence in which every node bears the name that it is called by.
    pub fn renamed(&self, sentence: &str) -> String {
        if self.is_empty() {
            return sentence.to_owned();
        }
        let is_sign = |letter: char| !letter.is_ascii_alphanumeric();
        let pieces = sentence.split_inclusive(is_sign);
        let words = pieces.map(|piece| piece.split_at(piece.trim_end_matches(is_sign).len()));
        let named = |word: &str| {
            let node = self.0.iter().find(|(node, _)| node.to_string() == word);
            node.map_or_else(|| word.to_owned(), |(_, name)| name.clone())
        };
        words.map(|(word, sign)| named(word) + sign).collect()
    }

    /// Whether no node has a name of its own.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many nodes have names, up to the last one that has its own.
    pub fn len(&self) -> usize {
        self.0.last().map_or(0, |(last, _)| last.index() + 1)
    }

    /// The same where nodes are others, or gone.
    pub fn moved(&self, to: impl Fn(NodeId) -> Option<NodeId>) -> Self {
        Names::new(self.0.iter().filter_map(|(node, name)| Some((to(*node)?, name.clone()))))
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
