//! How neighbours are written, and what Chord's cards show.

use super::keys::listed;
use super::{Chord, Input, Message, Ring};
use faultline_core::card::{Path, Pointer};
use faultline_core::prelude::*;
use faultline_core::sign::{Age, Held};
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

/// `, n2 before`: the predecessor of a member that leaves, if it has one.
pub(super) fn departing(before: Option<NodeId>) -> String {
    before.map_or_else(String::new, |node| format!(", {node} before"))
}

/// What the owner of a key answers.
pub(super) fn fetched(key: u32, holds: bool) -> String {
    if holds { format!("key {key}") } else { format!("the answer that key {key} is missing") }
}

/// Nodes one after the other.
pub(super) fn names(nodes: &[NodeId]) -> String {
    nodes.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// The way of a lookup that an application asked for.
pub(super) fn way(message: &Message) -> Option<Path> {
    let (key, way, owner) = match message {
        Message::Find(key, why, way) if why.is_asked() => (key, way, None),
        Message::Found(key, why, owner, way) if why.is_asked() => (key, way, Some(*owner)),
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
        let mut fields = vec![
            Field::new("predecessor", Meaning::Nodes, predecessor),
            Field::new("successors", Meaning::Nodes, names(&self.successors)),
            Field::new("fingers", Meaning::Nodes, names(&self.different_fingers())),
        ];
        if let Some(host) = self.host() {
            fields.push(Field::new("host", Meaning::Value, host.to_string()));
        }
        if self.store.on {
            let keys = if self.store.keys.is_empty() { "none".into() } else { listed(&self.store.keys) };
            fields.push(Field::new("keys", Meaning::Value, keys));
        }
        fields
    }

    /// The keys that it holds, as labels beside it. All are of one age, because a key has no value that
    /// changes.
    pub(super) fn held(&self) -> Vec<Held> {
        let held = |key: &u32| Held {
            key: "key".into(),
            value: key.to_string(),
            age: Age::Stamp(Vec::new()),
            home: None,
            newest: false,
        };
        self.store.keys.iter().map(held).collect()
    }

    /// What an application may ask of a member that stores keys. A member of the stable base is not offered
    /// to leave, since that breaks what is assumed as a crash does, and nobody is offered to leave twice: a
    /// ring that somebody leaves again and again is never at rest.
    pub(super) fn offer_keys(&self, inputs: &mut Vec<Input>) {
        if !self.store.on || self.store.leaves {
            return;
        }
        let key =
            self.identifier_of(self.me).wrapping_mul(5).wrapping_add(3 * self.store.keys.len() as u32 + 1);
        let key = self.circle.distance(0, key);
        inputs.extend([Input::Put(key), Input::Get(key)]);
        if !self.store.has_left && self.base.is_none_or(|base| self.me.0 >= base) {
            inputs.push(Input::Leave);
        }
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
