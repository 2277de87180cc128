//! How Chord's messages, chores and disk are written, and what its cards show.

use super::{Chord, Chore, Message, Why};
use faultline_core::node::NodeId;
use faultline_core::view::{Field, Meaning, Path, Pointer};
use std::fmt::{self, Display};

/// What is on disk: whether the node has booted before.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Left(pub(super) bool);

impl Display for Left {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(if self.0 { "has booted" } else { "nothing" })
    }
}

impl Display for Why {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Why::Lookup => Ok(()),
            Why::Join => write!(out, " to join"),
            Why::Finger(nth) => write!(out, " for finger {nth}"),
        }
    }
}

impl Display for Message {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Message::Find(key, why, way) => write!(out, "Find {key}{why} after {} hops", way.len() - 1),
            Message::Found(key, why, owner, _) => write!(out, "Found {key}{why} at {owner}"),
            Message::Ask => write!(out, "Ask"),
            Message::Neighbours(before, after) => {
                write!(out, "Neighbours ")?;
                match before {
                    Some(node) => write!(out, "{node}")?,
                    None => write!(out, "nobody")?,
                }
                write!(out, " before, after")?;
                after.iter().try_for_each(|node| write!(out, " {node}"))
            }
            Message::Notify => write!(out, "Notify"),
            Message::Ping => write!(out, "Ping"),
            Message::Pong => write!(out, "Pong"),
        }
    }
}

impl Display for Chore {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Chore::Stabilise => "Stabilise",
            Chore::FixFinger => "FixFinger",
            Chore::CheckPredecessor => "CheckPredecessor",
        })
    }
}

impl Chord {
    /// The facts on the card.
    pub(super) fn fields(&self) -> Vec<Field> {
        let names = |nodes: &[NodeId]| nodes.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
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
        let path = |(key, way, owner): &(u32, Vec<NodeId>, Option<NodeId>)| Path {
            name: format!("key {key}"),
            nodes: way.iter().chain(owner).copied().collect(),
            outcome: owner.map_or_else(String::new, |owner| format!("at {owner}")),
        };
        self.lookups.iter().map(path).collect()
    }

    fn different_fingers(&self) -> Vec<NodeId> {
        let mut fingers = self.fingers.clone();
        fingers.dedup();
        fingers
    }
}
