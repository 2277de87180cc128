//! Where the messages that end in a stretch of the run were sent: what is drawn of a window of time is found without
//! reading the whole run.

use crate::trace::{Record, What};
use std::ops::Range;

/// Events in a stretch. A query looks at one number a stretch, and at the events of those that matter.
const STRETCH: usize = 512;

/// Of every stretch of events the earliest one that sent a message that ends in it, all events with which a node goes down or
/// comes up, and all with which one is asked for something.
#[derive(Clone, Default)]
pub(super) struct Stretches {
    earliest: Vec<u32>,
    pub(super) turns: Vec<u32>,
    pub(super) inputs: Vec<u32>,
}

impl Stretches {
    /// Those of a run.
    pub(super) fn of(records: &[Record]) -> Self {
        let mut stretches = Stretches::default();
        for (event, record) in records.iter().enumerate() {
            stretches.add(event, record);
        }
        stretches
    }

    /// Adds the next event of the run.
    pub(super) fn add(&mut self, event: usize, record: &Record) {
        if event.is_multiple_of(STRETCH) {
            self.earliest.push(u32::MAX);
        }
        if record.what.ends_message()
            && let Some(earliest) = self.earliest.last_mut()
        {
            *earliest = record.cause.min(*earliest);
        }
        if record.what.is_crash() || record.what == What::Restart {
            self.turns.push(event as u32);
        }
        if record.what == What::Input {
            self.inputs.push(event as u32);
        }
    }

    /// Stretches of events, from the one with `from` on, that hold every end of a message sent before event `sent`.
    pub(super) fn with_ends(&self, from: usize, sent: usize) -> impl Iterator<Item = Range<usize>> {
        let stretch = |place: usize| place * STRETCH..(place + 1) * STRETCH;
        let places = from / STRETCH..self.earliest.len();
        places.filter(move |&place| (self.earliest[place] as usize) < sent).map(stretch)
    }
}
