//! How neighbours are written, and what Chord's cards show.

use super::{Chord, Message, Why};
use faultline_core::card::{Path, Pointer};
use faultline_core::prelude::*;
use std::fmt::{Display, from_fn};

/// The member before another and those after it: `n3 before, after n5 n2`.
pub(super) fn neighbours(before: Option<NodeId>, after: &[NodeId]) -> impl Display {
    from_fn(move |out| {
        match before {
            Some(node) => write!(out, "{node} before, after")?,
            None => write!(out, "nobody before, after")?,
        }
        after.iter().try_for_each(|node| write!(out, " {node}"))
    })
}

/// The same in words: `predecessor n3 and successors n5, n2`.
pub(super) fn known(before: Option<NodeId>, after: &[NodeId]) -> String {
    let before = before.map_or_else(|| "no predecessor".into(), |node| format!("predecessor {node}"));
    format!("{before} and successors {}", names(after))
}

fn names(nodes: &[NodeId]) -> String {
    nodes.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// The way of a lookup that an application asked for.
pub(super) fn way(message: &Message) -> Option<Path> {
    let (key, way, owner) = match message {
        Message::Find(key, Why::Lookup, way) => (key, way, None),
        Message::Found(key, Why::Lookup, owner, way) => (key, way, Some(*owner)),
        _ => return None,
    };
    Some(path(*key, way, owner))
}

fn path(key: u32, way: &[NodeId], owner: Option<NodeId>) -> Path {
    Path {
        name: format!("key {key}"),
        nodes: way.iter().copied().chain(owner).collect(),
        hops: way.len().saturating_sub(1),
        outcome: owner.map_or_else(String::new, |owner| format!("at {owner}")),
    }
}

impl Chord {
    /// The facts on the card.
    pub(super) fn fields(&self) -> Vec<Field> {
        let predecessor = self.predecessor.map_or("none".into(), |node| node.to_string());
        vec![
            Field::new("predecessor", Meaning::Nodes, predecessor),
            Field::new("successors", Meaning::Nodes, names(&self.successors)),
            Field::new("fingers", Meaning::Nodes, names(&self.different_fingers())),
        ]
    }

    /// The arrows on the stage.
    pub(super) fn pointers(&self) -> Vec<Pointer> {
        if !self.member {
            return Vec::new();
        }
        let pointer = |name: &str, to, always| Pointer { name: name.into(), to, always };
        let mut pointers = vec![pointer("successor", self.successors[0], true)];
        pointers.extend(self.predecessor.map(|to| pointer("predecessor", to, false)));
        pointers.extend(self.different_fingers().into_iter().map(|to| pointer("finger", to, false)));
        pointers
    }

    /// The ways of its latest lookups.
    pub(super) fn paths(&self) -> Vec<Path> {
        self.lookups.iter().map(|(key, way, owner)| path(*key, way, *owner)).collect()
    }

    fn different_fingers(&self) -> Vec<NodeId> {
        let mut fingers = self.fingers.clone();
        fingers.dedup();
        fingers
    }
}
