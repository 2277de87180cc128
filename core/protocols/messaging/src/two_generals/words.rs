//! The words of a general's card: how far the chain has come, and what that tells it.

use super::{Certainty, Chain, General, PROPOSER};
use faultline_core::prelude::*;

impl General {
    /// What the page shows of a general: the latest night.
    pub(super) fn described(&self) -> Card {
        let latest = self.nights.iter().next_back();
        let (role, sign) = match latest {
            None => ("encamped", Sign::Idle),
            Some((_, Chain { attacks: None, .. })) => ("waiting", Sign::Seeking),
            Some((_, Chain { attacks: Some(Certainty::Hopes), .. })) => ("uncertain", Sign::Uncertain),
            Some((_, Chain { attacks: Some(Certainty::Knows), .. })) => ("certain", Sign::Committed),
        };
        let badge = match latest {
            None => "no plan".to_owned(),
            Some((_, Chain { attacks: None, .. })) => "waits".to_owned(),
            Some((_, Chain { attacks: Some(_), .. })) => "attacks".to_owned(),
        };
        let (night, chain) = latest
            .map_or(("none".to_owned(), Chain::default()), |(night, chain)| (night.0.to_string(), *chain));
        let attacks = if chain.attacks.is_some() { "yes" } else { "no" };
        let fields = vec![
            Field::new("night", Meaning::Counter, night),
            Field::new("attacks", Meaning::Value, attacks),
            Field::new("knows", Meaning::Value, knowledge(latest.is_some(), chain.received)),
            Field::new("messengers sent", Meaning::Counter, self.sent),
            Field::new("messengers received", Meaning::Counter, self.came),
        ];
        let table = latest.map(|_| self.rows(chain)).unwrap_or_default();
        Card { role, sign, badge, fields, table, ..Card::default() }
    }

    /// The messages of the chain, as far as this general sent or received them, and whether it attacks.
    fn rows(&self, chain: Chain) -> Vec<(String, String)> {
        let name = |number: u64| match number {
            1 => "1 proposal".to_owned(),
            number => format!("{number} ack of {}", number - 1),
        };
        let row = |number: u64| {
            let own = number.is_multiple_of(2) != self.proposes;
            let said = match (own, number) {
                (true, number) if number <= chain.sent => "sent",
                (false, number) if number <= chain.received => "received",
                (true, _) => "not sent",
                (false, _) => "not received",
            };
            (name(number), said.to_owned())
        };
        let attacks = match chain.attacks {
            None => "no",
            Some(Certainty::Hopes) => "yes, uncertain",
            Some(Certainty::Knows) => "yes, certain",
        };
        (1..=self.length).map(row).chain([("attacks".to_owned(), attacks.to_owned())]).collect()
    }
}

/// What the latest message that it received tells a general: each adds a level. The second tells A that B has the plan, the third
/// tells B that A knows this, and so on (HM).
fn knowledge(has_plan: bool, received: u64) -> String {
    let (a, b) = (PROPOSER, NodeId(1));
    let levels = (3..=received).rev().map(|number| {
        let knower = if number.is_multiple_of(2) { b } else { a };
        format!("{knower} knows that ")
    });
    match received {
        0 | 1 if has_plan => "the plan".into(),
        0 | 1 => "nothing".into(),
        _ => format!("{}{b} has the plan", levels.collect::<String>()),
    }
}
