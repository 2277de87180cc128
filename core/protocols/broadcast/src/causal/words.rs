//! How causal broadcast's messages and disks are written, and what its cards show.

use super::{Causal, Message, Stable, Timer};
use faultline_core::view::{Field, Lane, LaneItem, LaneState, Meaning};
use std::fmt::{self, Display};

impl Display for Message {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Message { said, clock } = self;
        match said.answers {
            Some(question) => write!(out, "Answer {} to {question} {clock}", said.name),
            None => write!(out, "Broadcast {} {clock}", said.name),
        }
    }
}

impl Display for Timer {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {}
    }
}

impl Display for Stable {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("nothing")
    }
}

impl Causal {
    /// The facts on the card.
    pub(super) fn fields(&self) -> Vec<Field> {
        vec![
            Field::new("clock", Meaning::Value, &self.clock),
            Field::new("said", Meaning::Counter, self.clock.get(self.me)),
            Field::new("held back", Meaning::Counter, self.held.len()),
        ]
    }

    /// What is held back and why, and what was delivered last, the latest first.
    pub(super) fn lanes(&self) -> Vec<Lane> {
        let item = |text: String, note: String, state| LaneItem { text, note, state, changed: false };
        let held = self.held.iter().map(|message| {
            let note = self.waits_for(message).map(|missed| format!("waits for {missed}"));
            item(message.to_string(), note.unwrap_or_default(), LaneState::Waiting)
        });
        let latest = self.latest.iter().rev();
        let latest = latest.map(|said| item(said.to_string(), String::new(), LaneState::Done));
        let lane = |name: &str, items| Lane { name: name.into(), note: String::new(), items };
        vec![lane("held back", held.collect()), lane("delivered", latest.collect())]
    }
}
