//! What waits: at a paused node everything, on a held link what would arrive, and a message that somebody holds.
//!
//! An item that has to wait is taken off the queue when it comes up, and queued again when nothing keeps it any longer.
//! So the path of a run without pauses and holds pays for them with one comparison an event.

use super::{World, rule};
use crate::agenda::{Envelope, Pending};
use crate::event::MessageId;
use crate::name::NodeId;
use crate::network::link;
use crate::slot::Slot;
use crate::text::times;
use crate::trace::{Record, What};
use std::rc::Rc;

/// Whether something has to wait.
fn waits(slots: &[Rc<Slot>], pending: &Pending) -> bool {
    match pending {
        Pending::Timer { node, .. } => slots[node.index()].paused,
        // What the network loses on its way never comes to where it could wait.
        Pending::Message(envelope) => !envelope.lost && message_waits(slots, envelope),
        Pending::Free | Pending::Boot(_) | Pending::Ask => false,
    }
}

fn message_waits(slots: &[Rc<Slot>], envelope: &Envelope) -> bool {
    slots[envelope.to.index()].paused || is_held(slots, envelope)
}

/// Whether somebody holds a message, or its link.
fn is_held(slots: &[Rc<Slot>], envelope: &Envelope) -> bool {
    let links = &slots[envelope.from.index()].links;
    envelope.held || link(links, envelope.to).is_some_and(|link| link.held)
}

#[cold]
fn refusal(node: NodeId) -> String {
    format!("{node} is paused")
}

impl World {
    /// Takes what has to wait from the front of the queue.
    pub(super) fn let_wait(&mut self) {
        if self.someone_waits {
            self.park_what_waits();
        }
    }

    #[cold]
    fn park_what_waits(&mut self) {
        while self.agenda.first().is_some_and(|(.., pending)| waits(&self.slots, pending)) {
            self.agenda.park();
        }
    }

    /// Changes who or what has to wait, and lets happen what no longer has to.
    pub(super) fn changing_who_waits(&mut self, change: impl FnOnce(&mut Self)) {
        let waiting = |world: &Self| {
            let places = (0..).zip(world.agenda.all());
            let found = places.filter(|(_, pending)| waits(&world.slots, pending));
            found.map(|(place, _)| place).collect::<Vec<u32>>()
        };
        let before = waiting(self);
        change(self);
        let after = waiting(self);
        self.agenda.unpark(self.now, before.into_iter().filter(|place| after.binary_search(place).is_err()));
        let keeps = |slot: &Rc<Slot>| slot.paused || slot.links.iter().any(|link| link.held);
        self.someone_waits = !after.is_empty() || self.slots.iter().any(keeps);
    }

    /// Whether a node is up and paused.
    pub fn is_paused(&self, node: NodeId) -> bool {
        self.slots.get(node.index()).is_some_and(|slot| slot.paused)
    }

    pub(super) fn must_be_awake(&self, node: NodeId) -> Result<(), String> {
        if self.is_paused(node) { Err(refusal(node)) } else { Ok(()) }
    }

    pub(super) fn pause(&mut self, node: NodeId) -> Result<Record, String> {
        if !self.is_up(node) {
            return Err(format!("{node} is down"));
        }
        if self.is_paused(node) {
            return Err(format!("{node} is paused already"));
        }
        self.changing_who_waits(|world| Rc::make_mut(&mut world.slots[node.index()]).paused = true);
        let record = Record::new(What::Pause, self.now, node);
        Ok(self.close(record, &rule::PAUSE, || format!("{node} pauses")))
    }

    pub(super) fn resume(&mut self, node: NodeId) -> Result<Record, String> {
        if !self.is_paused(node) {
            return Err(format!("{node} is not paused"));
        }
        self.wake(node);
        let record = Record::new(What::Resume, self.now, node);
        Ok(self.close(record, &rule::RESUME, || format!("{node} resumes")))
    }

    pub(super) fn wake(&mut self, node: NodeId) {
        self.changing_who_waits(|world| Rc::make_mut(&mut world.slots[node.index()]).paused = false);
    }

    pub(super) fn hold_message(&mut self, message: MessageId) -> Result<Record, String> {
        if self.message(message).is_some_and(|envelope| envelope.held) {
            return Err("that message is held already".into());
        }
        self.set_message_held(message, true)
    }

    pub(super) fn release_message(&mut self, message: MessageId) -> Result<Record, String> {
        if self.message(message).is_some_and(|envelope| !envelope.held) {
            return Err("that message is not held".into());
        }
        self.set_message_held(message, false)
    }

    fn set_message_held(&mut self, message: MessageId, held: bool) -> Result<Record, String> {
        let Some(envelope) = self.message(message).cloned() else {
            return Err("that message is not in flight".into());
        };
        self.changing_who_waits(|world| world.agenda.hold_message(message.place, held));
        let (what, rule, verb) = if held {
            (What::Hold, &rule::HOLD, "is held")
        } else {
            (What::Release, &rule::RELEASE, "is released")
        };
        Ok(self.close_message(&envelope, what, rule, verb))
    }

    pub(super) fn slow(&mut self, node: NodeId, permille: u32) -> Record {
        Rc::make_mut(&mut self.slots[node.index()]).slowness = (permille != 1_000).then_some(permille);
        let record = Record::new(What::Slow, self.now, node);
        self.close(record, &rule::SLOW, || {
            format!("{node}'s timers now take {} their normal time", times(permille))
        })
    }

    /// Whether somebody holds a message, or its link.
    pub(crate) fn is_held(&self, envelope: &Envelope) -> bool {
        is_held(&self.slots, envelope)
    }

    /// Whether a message that would arrive has to wait.
    pub(crate) fn has_to_wait(&self, envelope: &Envelope) -> bool {
        message_waits(&self.slots, envelope)
    }
}
