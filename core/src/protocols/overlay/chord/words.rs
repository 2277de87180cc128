//! How Chord's messages, chores and disk are written.

use super::{Chore, Message, Why};
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
