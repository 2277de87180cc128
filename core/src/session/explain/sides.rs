//! Which events made the sides of a contradiction so: the run is read again for what nodes told, and looked through for the rest.

use super::Session;
use crate::card::{Card, Fact};
use crate::fingerprint::Fingerprint;
use crate::name::NodeId;
use crate::property::{Made, Side};
use crate::scenario::Scenario;
use crate::sim::Cursor;
use crate::time::Micros;
use crate::trace::{Line, Record};
use crate::view::SideView;
use std::hash::{Hash, Hasher};

/// Reads a run from its start: who first told what, and what its steps were like.
pub(super) struct Reading {
    cursor: Cursor,
    /// Of each side who has to tell what; nothing, where nobody tells it.
    wanted: Vec<(Option<NodeId>, Vec<String>)>,
    /// The events with which that was told first.
    pub(super) told: Vec<Option<usize>>,
    /// What each event was like.
    pub(super) prints: Vec<u64>,
}

impl Reading {
    pub(super) fn of(scenario: &Scenario, sides: &[(Side, Option<usize>)]) -> Self {
        let wanted = |(side, _): &(Side, Option<usize>)| match &side.made {
            Made::Telling(words) => (side.node, words.clone()),
            Made::Lately | Made::Crashing => (side.node, Vec::new()),
        };
        Reading {
            cursor: talking(scenario),
            wanted: sides.iter().map(wanted).collect(),
            told: vec![None; sides.len()],
            prints: Vec::new(),
        }
    }

    /// Reads on for so many events; whether the first `until` have been read.
    pub(super) fn step(&mut self, scenario: &Scenario, until: usize, events: usize) -> bool {
        for _ in 0..events {
            if self.prints.len() == until {
                return true;
            }
            let Some(line) = next_line(&mut self.cursor, scenario, Micros::MAX) else { return true };
            for ((node, words), told) in self.wanted.iter().zip(&mut self.told) {
                let by = node.is_none_or(|node| node.0 == line.record.node);
                if told.is_none() && by && line.outputs.iter().any(|output| words.contains(output)) {
                    *told = Some(line.index);
                }
            }
            self.prints.push(print_of(&line));
        }
        false
    }
}

/// The start of a scenario, of which every event is told in words.
pub(super) fn talking(scenario: &Scenario) -> Cursor {
    let mut cursor = Cursor::new(scenario);
    cursor.world.tell(true);
    cursor
}

/// The next event up to a time, in words.
pub(super) fn next_line(cursor: &mut Cursor, scenario: &Scenario, until: Micros) -> Option<Line> {
    cursor.step(scenario, until)?;
    cursor.world.take_line()
}

/// What a step was like, but for its number and that of its cause, which other steps may shift: when what happened to whom, what
/// was sent, written and told, and the words for it.
pub(super) fn print_of(line: &Line) -> u64 {
    let mut fingerprint = Fingerprint::default();
    let Record { time, node, peer, what, .. } = line.record;
    (time, node, peer, what as u8).hash(&mut fingerprint);
    (&line.sentence, &line.occasion, &line.sent, &line.disk, &line.outputs).hash(&mut fingerprint);
    fingerprint.finish()
}

/// The event that made a side so, as far as records alone tell: the latest step of its node, or its latest crash.
pub(super) fn latest(side: &Side, records: &[Record]) -> Option<usize> {
    let node = side.node?.0;
    let crashes = side.made == Made::Crashing;
    records.iter().rposition(|record| {
        record.node == node && if crashes { record.what.is_crash() } else { record.what.is_step() }
    })
}

/// A side as a front end marks it, by the cards of all nodes at the moment that is explained; `None` if nobody is on it.
pub(super) fn view(side: &Side, event: Option<usize>, session: &Session, cards: &[Card]) -> Option<SideView> {
    let node = side.node.or_else(|| Some(NodeId(session.run.records().get(event?)?.node)))?;
    let value = |fact: Fact<'static>| fact.of(cards.get(node.index())?);
    // An entry that a log or a table does not have can be marked; a field that a card does not have cannot.
    let is_place = |fact: &Fact<'_>| matches!(fact, Fact::Cell(_) | Fact::Row(_));
    let fact = side.fact.filter(|fact| is_place(fact) || value(*fact).is_some());
    let held = fact.and_then(value);
    let shared = fact.filter(|fact| is_place(fact) && held.is_some());
    let same = |(_, card): &(NodeId, &Card)| shared.is_some_and(|fact| fact.of(card) == held);
    let others = (0..).map(NodeId).zip(cards).filter(|(other, _)| *other != node);
    let also = others.filter(same).map(|(other, _)| other).collect();
    Some(SideView { node, fact, value: held, also, event })
}
