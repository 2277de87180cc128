//! Which events made the sides of a contradiction so: the run is read again for what nodes told, and looked through for the rest.

use super::Session;
use crate::card::{Card, Fact};
use crate::fingerprint;
use crate::name::NodeId;
use crate::property::{Made, Side};
use crate::scenario::Scenario;
use crate::sim::Cursor;
use crate::time::Micros;
use crate::trace::{Line, Record};
use crate::view::SideView;
use crate::world::World;

/// Reads a run from its start: who first told what, and what its steps were like.
pub(super) struct Reading {
    cursor: Cursor,
    sides: Vec<Side>,
    /// The events with which that was told first.
    pub(super) told: Vec<Option<usize>>,
    /// What each event was like.
    pub(super) prints: Vec<Print>,
    closely: bool,
}

/// What a step was like, but for its number and that of its cause, which other steps may shift.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Print {
    /// When what happened to whom, what was said of it, and all that came of it; looked at closely, also what the node's card shows.
    pub(super) whole: u64,
    /// What was said of it, and what the application was told.
    pub(super) said: u64,
    pub(super) told: u64,
    /// What was sent.
    pub(super) sent: u64,
}

impl Reading {
    /// Reads a run; closely, where what is not to be seen in its lines counts, too.
    pub(super) fn of(scenario: &Scenario, sides: &[(Side, Option<usize>)], closely: bool) -> Self {
        Reading {
            cursor: talking(scenario),
            sides: sides.iter().map(|(side, _)| side.clone()).collect(),
            told: vec![None; sides.len()],
            prints: Vec::new(),
            closely,
        }
    }

    /// Reads on for so many events; whether the first `until` have been read.
    pub(super) fn step(&mut self, scenario: &Scenario, until: usize, events: usize) -> bool {
        for _ in 0..events {
            if self.prints.len() == until {
                return true;
            }
            let Some(line) = next_line(&mut self.cursor, scenario, Micros::MAX) else { return true };
            for (side, told) in self.sides.iter_mut().zip(&mut self.told) {
                let by = told.is_none() && side.node.is_none_or(|node| node.0 == line.record.node);
                let Made::Telling { words, after } = &mut side.made else { continue };
                if let Some(before) = after.as_ref().filter(|_| by) {
                    if line.outputs.contains(before) {
                        *after = None;
                    }
                } else if by && line.outputs.iter().any(|output| words.contains(output)) {
                    *told = Some(line.index);
                }
            }
            let world = Some(&self.cursor.world).filter(|_| self.closely);
            self.prints.push(Print::of(&line, world));
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

impl Print {
    /// Of a step in words; with the world after it, where its node's card counts.
    pub(super) fn of(line: &Line, world: Option<&World>) -> Self {
        let Record { time, node, peer, what, .. } = line.record;
        let card = world.filter(|world| node < world.setup().count).map(|world| world.card(NodeId(node)));
        let card = card.map(|card| format!("{card:?}"));
        let came = (&line.sent, &line.disk, &line.outputs, card);
        Print {
            whole: fingerprint::of(&(time, node, peer, what as u8, &line.sentence, &line.occasion, came)),
            said: fingerprint::of(&line.sentence),
            told: fingerprint::of(&line.outputs),
            sent: fingerprint::of(&line.sent),
        }
    }
}

/// The event that made a side so, as far as records alone tell: the latest step of its node, or its latest crash.
pub(super) fn latest(side: &Side, records: &[Record]) -> Option<usize> {
    let node = side.node?.0;
    let crashes = side.made == Made::Crashing;
    records.iter().rposition(|record| {
        record.node == node && if crashes { record.what.is_crash() } else { record.what.is_step() }
    })
}

/// A side as a front end marks it, explained after so many events: made so by an event, and as it is after that or, where it lacks
/// something that was promised, now. `None` if nobody is on it.
pub(super) fn view(
    (side, event): &(Side, Option<usize>),
    lacks: bool,
    session: &Session,
    until: usize,
) -> Option<SideView> {
    let node = side.node.or_else(|| Some(NodeId(session.run.records().get((*event)?)?.node)))?;
    let now = session.run.at(until).world.cards();
    let then = event.filter(|_| !lacks).map(|event| session.run.at(event + 1).world.card(node));
    let card = then.as_ref().or(now.get(node.index()))?;
    // An entry that a log or a table does not have can be marked; a field that a card does not have cannot.
    let is_place = |fact: &Fact<'_>| matches!(fact, Fact::Cell(_) | Fact::Row(_));
    let fact = side.fact.filter(|fact| is_place(fact) || fact.of(card).is_some());
    let value = fact.and_then(|fact| fact.of(card));
    let held = fact.filter(|fact| is_place(fact) && value.is_some());
    let same = |(_, card): &(NodeId, &Card)| held.is_some_and(|fact| fact.of(card) == value);
    let others = (0..).map(NodeId).zip(&now).filter(|(other, _)| *other != node);
    let also = others.filter(same).map(|(other, _)| other).collect();
    Some(SideView { node, fact, value, also, event: *event })
}
