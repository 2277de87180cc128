//! How gossip's messages and timers are written, and what its cards show.

use super::{Cycle, Gossip, Item, Message, Stamp};
use faultline_core::view::{Card, Field, Meaning, Tone};
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

impl Gossip {
    /// In Demers' words, which are those of epidemiology.
    pub(super) fn role(&self) -> (&'static str, Tone) {
        match self.item.stamp.count {
            0 => ("susceptible", Tone::Plain),
            _ if self.infective => ("infective", Tone::Seeking),
            _ => ("removed", Tone::Leading),
        }
    }

    /// What the page shows of the node.
    pub(super) fn described(&self) -> Card {
        let (role, tone) = self.role();
        let badge = match self.item {
            Item { value: Some(value), .. } => value.to_string(),
            Item { stamp: Stamp { count: 0, .. }, .. } => "–".into(),
            Item { value: None, .. } => "✝".into(),
        };
        let fields = vec![
            Field::new("item", Meaning::Value, self.item),
            Field::new("contacts", Meaning::Counter, self.contacts),
            Field::new("of these counted", Meaning::Counter, self.counter),
            Field::new("cycle", Meaning::Term, self.cycle),
        ];
        Card { role, tone, badge, fields, ..Card::default() }
    }
}
