//! What the card of a queue shows: its messages in order, who has them, and who consumes.

use super::{Entry, Queue};
use crate::amqp::Reason;
use faultline_core::card::{Lane, LaneItem, LaneState, Pointer};
use faultline_core::prelude::*;

impl Queue {
    pub(in super::super) fn card(&self) -> Card {
        let rank = |entry: &Entry| match entry.priority {
            0 => String::new(),
            priority => format!(" priority {priority}"),
        };
        let rejections = |entry: &Entry| {
            let rejected =
                entry.letter.deaths.iter().filter(|(_, reason)| *reason == Reason::Rejected).count();
            match rejected {
                1 if self.params.counts_deaths() => ", 1 rejection".into(),
                2.. if self.params.counts_deaths() => format!(", {rejected} rejections"),
                _ => String::new(),
            }
        };
        // Of a message that a restart takes away, a reader must see that it will.
        let kept =
            |entry: &Entry| if self.params.forgets(entry.letter.terms.transient) { " transient" } else { "" };
        let line = |entry: &Entry, note: String, state| LaneItem {
            text: format!(
                "{} {}{}{}{}",
                entry.letter.name,
                entry.letter.key,
                rank(entry),
                kept(entry),
                rejections(entry)
            ),
            note,
            state,
            changed: false,
        };
        let again = |entry: &Entry| if entry.redelivered { "again, " } else { "" };
        let taken = self
            .taken
            .iter()
            .map(|(_, whose, entry)| line(entry, format!("{}with {whose}", again(entry)), LaneState::Taken));
        let ready = self.ready.iter().map(|entry| match entry.expired {
            true => line(entry, "expired, behind the head".into(), LaneState::Waiting),
            false => line(entry, again(entry).trim_end_matches(", ").into(), LaneState::Ready),
        });
        let items: Vec<LaneItem> = taken.chain(ready).collect();
        let (held, waits) = (self.taken.len(), self.ready.len());
        let note = format!("{waits} ready, {held} unacknowledged");
        let mut pointers: Vec<Pointer> = self
            .consumers
            .iter()
            .map(|it| Pointer { name: "consumer".into(), to: it.node, always: true })
            .collect();
        let buried = |to| Pointer { name: "dead letters".into(), to, always: true };
        pointers.extend(self.dead_letters.map(buried));
        let consumers: Vec<_> = self.consumers.iter().map(|it| it.node.to_string()).collect();
        // A field without words could not be asked for in a scenario.
        let consumers = if consumers.is_empty() { "none".into() } else { consumers.join(", ") };
        let mut fields = vec![
            Field::new("ready", Meaning::Counter, waits),
            Field::new("unacknowledged", Meaning::Counter, held),
            Field::new("consumers", Meaning::Nodes, consumers),
        ];
        if self.tenancy.is_some() {
            let tenant = self.tenant().map_or("nothing".into(), ToString::to_string);
            fields.push(Field::new("declared", Meaning::Value, tenant));
        }
        let title = match (self.tenant(), &self.tenancy) {
            (Some(tenant), _) => tenant.name.clone(),
            (None, Some(_)) => "free".into(),
            (None, None) => String::new(),
        };
        Card {
            title,
            role: "queue",
            badge: format!("{waits} + {held}"),
            fields,
            place: 2,
            lanes: vec![Lane { name: "queue".into(), note, items }],
            pointers,
            ..Card::default()
        }
    }
}
