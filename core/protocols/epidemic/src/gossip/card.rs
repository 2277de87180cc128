//! What gossip's cards show.

use super::{Gossip, Item, Stamp};
use faultline_core::prelude::*;

impl Gossip {
    /// In Demers' words, which are those of epidemiology.
    pub(super) fn role(&self) -> (&'static str, Tone) {
        match self.item.stamp.time {
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
            Item { stamp: Stamp { time: 0, .. }, .. } => "–".into(),
            Item { value: None, .. } => "✝".into(),
        };
        let fields = vec![
            Field::new("item", Meaning::Value, self.item),
            Field::new("contacts", Meaning::Counter, self.contacts),
            Field::new("counted contacts", Meaning::Counter, self.counter),
            Field::new("cycle", Meaning::Term, self.cycle),
        ];
        Card { role, tone, badge, fields, ..Card::default() }
    }
}
