//! How gossip's messages and timers are written.

use super::{Cycle, Message};
use std::fmt::{self, Display};

impl Display for Message {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Message::Push(item) => write!(out, "Push {item}"),
            Message::Pull(stamp) => write!(out, "Pull after {stamp}"),
            Message::Reply(item) => write!(out, "Reply {item}"),
            Message::Feedback(true) => write!(out, "Feedback needed"),
            Message::Feedback(false) => write!(out, "Feedback known"),
        }
    }
}

impl Display for Cycle {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Cycle")
    }
}
