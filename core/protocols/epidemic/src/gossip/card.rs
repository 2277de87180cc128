//! What gossip's cards show.

use super::{Gossip, Item, Stamp};
use faultline_core::prelude::*;
use faultline_core::sign::{Age, Held};

impl Gossip {
    /// In Demers' words, which are those of epidemiology.
    pub(super) fn role(&self) -> (&'static str, Sign) {
        match self.item.stamp.time {
            0 => ("susceptible", Sign::Idle),
            _ if self.infective => ("infective", Sign::Telling),
            _ => ("removed", Sign::Stopped),
        }
    }

    /// What the page shows of the node.
    pub(super) fn described(&self) -> Card {
        let (role, sign) = self.role();
        let badge = match self.item {
            Item { value: Some(value), .. } => value.to_string(),
            Item { stamp: Stamp { time: 0, .. }, .. } => "–".into(),
            Item { value: None, .. } => "✝".into(),
        };
        let Stamp { time, author } = self.item.stamp;
        let holds = (time > 0).then(|| Held {
            key: "item".into(),
            value: badge.clone(),
            age: Age::Stamp(vec![time, author.into()]),
            home: None,
            newest: false,
        });
        let fields = vec![
            Field::new("item", Meaning::Value, self.item),
            Field::new("contacts", Meaning::Counter, self.contacts),
            Field::new("counted contacts", Meaning::Counter, self.counter),
            Field::new("cycle", Meaning::Term, self.cycle),
        ];
        Card { role, sign, badge, fields, holds: holds.into_iter().collect(), ..Card::default() }
    }
}
