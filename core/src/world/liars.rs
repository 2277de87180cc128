//! Byzantine nodes. A node that is taken over runs its handlers as before, and whoever has taken it over may replace what
//! it has said by one of its lies, or say it to somebody else. To the judge it is as good as crashed.
//!
//! A message that a link garbles is either found out, and then lost, or not, and then as good as a lie of its sender: so
//! there is no third thing, and only what a node says that is taken over can be forged.

use super::{World, rule};
use crate::agenda::{Envelope, Pending};
use crate::event::{Event, MessageId};
use crate::name::NodeId;
use crate::slot::Payload;
use crate::trace::{Record, What};
use std::rc::Rc;

impl World {
    /// Whether somebody has taken a node over.
    pub fn is_taken_over(&self, node: NodeId) -> bool {
        self.slots.get(node.index()).is_some_and(|slot| slot.taken)
    }

    /// What the sender of a message, if it is up, could say instead, each with its kind.
    fn lies(&self, message: MessageId) -> Vec<(Payload, u8)> {
        let said = self.message(message).and_then(|envelope| {
            let machine = self.slots[envelope.from.index()].machine.as_ref()?;
            Some(self.shim.lies(envelope.from, machine, envelope.to, &envelope.message))
        });
        said.unwrap_or_default()
    }

    /// The same in words; nothing, unless the sender is taken over.
    pub(crate) fn lie_texts(&self, message: MessageId) -> Vec<String> {
        let taken = self.message(message).is_some_and(|envelope| self.is_taken_over(envelope.from));
        let lies = if taken { self.lies(message) } else { Vec::new() };
        lies.iter().map(|(lie, _)| self.shim.message_text(lie)).collect()
    }

    /// The event in which a message becomes the lie of these words.
    pub(crate) fn forgery(&self, message: MessageId, words: &str) -> Result<Event, String> {
        let from = self.must_be_liars(message)?.from;
        if !self.is_up(from) {
            return Err(format!("{from} is down"));
        }
        let texts = self.lie_texts(message);
        match texts.iter().position(|text| text == words) {
            Some(place) => Ok(Event::Forge(message, place as u32)),
            None if texts.is_empty() => Err(format!("{from} has no lie to tell instead")),
            None => Err(format!("{from} could send instead: {}", texts.join("; "))),
        }
    }

    /// The message, if its sender is taken over.
    fn must_be_liars(&self, message: MessageId) -> Result<&Envelope, String> {
        match self.message(message) {
            Some(envelope) if self.is_taken_over(envelope.from) => Ok(envelope),
            Some(envelope) => Err(format!("{} cannot lie; take it over first", envelope.from)),
            None => Err("that message is not in flight".into()),
        }
    }

    pub(super) fn take_over(&mut self, node: NodeId) -> Result<Record, String> {
        if self.is_taken_over(node) {
            return Err(format!("{node} is taken over already"));
        }
        Rc::make_mut(&mut self.slots[node.index()]).taken = true;
        let mut record = Record::new(What::TakeOver, self.now, node);
        self.judge(&mut record, false);
        Ok(self.close(record, &rule::TAKE_OVER, || format!("{node} is taken over")))
    }

    /// A message becomes one of its sender's lies, by its place among them.
    pub(super) fn forge(&mut self, message: MessageId, lie: u32) -> Result<Record, String> {
        self.must_be_liars(message)?;
        let lie = self.lies(message).into_iter().nth(lie as usize);
        let (lie, kind) = lie.ok_or("its sender has no such lie to tell")?;
        let truth = self.message(message).cloned().ok_or("that message is not in flight")?;
        self.agenda.replace_message(message.place, &lie, kind);
        let forged = Envelope { message: lie, kind, ..truth.clone() };
        let record = self.close_message(&truth, What::Forge, &rule::FORGE, "is forged");
        Ok(self.saying(Record { kind, ..record }, &forged))
    }

    /// Who sent a message says it to somebody else as well.
    pub(super) fn inject(&mut self, message: MessageId, to: NodeId) -> Result<Record, String> {
        let said = self.must_be_liars(message)?;
        if to == said.from || to == said.to {
            return Err(format!("{to} is the message's sender or receiver; `duplicate` sends it twice"));
        }
        let (id, arrives) = (self.agenda.sequence(), said.arrives.max(self.now));
        let (cause, sent, lost, held) = (self.events, self.now, false, false);
        let copy = Envelope { id, to, cause, sent, arrives, lost, held, ..said.clone() };
        let record = self.close_message(&copy, What::Inject, &rule::INJECT, "is injected");
        self.agenda.add(arrives, Pending::Message(copy.clone()));
        Ok(self.saying(record, &copy))
    }

    /// The record of an event that was just closed, whose line says what was sent with it.
    fn saying(&mut self, record: Record, envelope: &Envelope) -> Record {
        let text = self.text_of(envelope);
        if let Some(line) = &mut self.line {
            line.record = record;
            line.sent = vec![format!("{text} to {}", envelope.to)];
        }
        record
    }
}
