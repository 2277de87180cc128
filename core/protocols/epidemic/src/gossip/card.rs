//! What gossip's cards show.

use super::{Epidemic, Gossip, Holding, Item, Stamp, listed};
use faultline_core::prelude::*;
use faultline_core::sign::{Age, Held};

impl Gossip {
    /// In Demers' words, which are those of epidemiology; a certificate that nobody is told of is dormant.
    pub(super) fn role(&self) -> (&'static str, Sign) {
        match self.holdings().any(|it| it.item.stamp.time > 0) {
            false => ("susceptible", Sign::Idle),
            true if self.holdings().any(Holding::is_told) => ("infective", Sign::Telling),
            true if self.holdings().any(|it| it.dormant) => ("dormant", Sign::Stopped),
            true => ("removed", Sign::Stopped),
        }
    }

    /// What the page shows of the node.
    pub(super) fn described(&self) -> Card {
        let (role, sign) = self.role();
        let badges: Vec<String> = self.holdings().map(badge).collect();
        let sum = |of: fn(&Holding) -> u32| self.holdings().map(of).sum::<u32>();
        let items: Vec<Item> = self.items().collect();
        let mut fields = vec![
            Field::new("item", Meaning::Value, listed(&items)),
            Field::new("contacts", Meaning::Counter, sum(|it| it.contacts)),
            Field::new("counted contacts", Meaning::Counter, sum(|it| it.counter)),
            Field::new("cycle", Meaning::Term, self.cycle),
        ];
        if self.discards {
            let is_certificate = |it: &Holding| it.item.value.is_none() && it.item.stamp.time > 0;
            let kept = match self.holdings().find(|it| is_certificate(it)) {
                None => "none",
                Some(Holding { dormant: true, .. }) => "dormant",
                Some(_) => "active",
            };
            fields.push(Field::new("death certificate", Meaning::Value, kept));
        }
        let holds = self.holdings().filter_map(held).collect();
        Card { role, sign, badge: badges.join(" "), fields, holds, ..Card::default() }
    }
}

/// An item in the node on the stage; a dormant death certificate stands in brackets.
fn badge(holding: &Holding) -> String {
    match holding.item {
        Item { value: Some(value), .. } => value.to_string(),
        Item { stamp: Stamp { time: 0, .. }, .. } => "–".into(),
        Item { value: None, .. } if holding.dormant => "(✝)".into(),
        Item { value: None, .. } => "✝".into(),
    }
}

/// An item beside the node, unless it holds nothing of it.
fn held(holding: &Holding) -> Option<Held> {
    let item = holding.item;
    let Stamp { time, author } = item.stamp;
    (time > 0).then(|| Held {
        key: item.key.0.map_or("item".into(), String::from),
        value: badge(holding),
        age: Age::Stamp(vec![time, author.into()]),
        home: None,
        newest: false,
    })
}
