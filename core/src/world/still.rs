//! Stills: worlds as a search keeps them, and what makes two of them the same to whoever chooses what happens
//! next.

use super::World;
use crate::agenda::{Envelope, Pending};
use crate::fingerprint::{self, Fingerprint};
use crate::random::mix;
use crate::shim::Stimulus;
use crate::slot::{Payload, Slot};
use crate::toolbox::order::by_number;
use std::hash::{Hash, Hasher};
use std::rc::Rc;

/// All of a world in manual mode that decides what can still happen and what is claimed of it, each part with
/// its fingerprint. Parts are shared between stills, so one takes little more room than the list of them.
#[derive(Clone)]
pub(crate) struct Still {
    pub(super) slots: Vec<(Rc<Slot>, u64)>,
    /// The messages in flight, the first sent first.
    pub(super) messages: Vec<(Rc<Envelope>, u64)>,
    /// What the judge remembers.
    pub(super) record: (Payload, u64),
}

/// The fingerprint of a still: of its nodes, their disks, the timers that are set, what was done to links,
/// who is paused, the messages in flight, and the judge's record. It is a sum, so that what one step changes
/// can be taken out and added; and so the order of sending does not count, unless links keep it. Times and
/// counters do not count either.
#[derive(Clone, Copy)]
pub(crate) struct Sum {
    things: u64,
    pub(super) record: u64,
    order: u64,
}

impl Sum {
    pub(super) fn replace_slot(&mut self, place: usize, old: u64, new: u64) {
        self.things = self.things.wrapping_sub(share(place, old)).wrapping_add(share(place, new));
    }

    pub(super) fn add_message(&mut self, print: u64) {
        self.things = self.things.wrapping_add(print);
    }

    pub(super) fn take_message(&mut self, print: u64) {
        self.things = self.things.wrapping_sub(print);
    }

    /// The fingerprint.
    pub(crate) fn finish(self) -> u64 {
        mix(mix(self.things, self.record), self.order)
    }
}

/// What a node contributes.
fn share(place: usize, print: u64) -> u64 {
    mix(print, 0x9e37_79b9_7f4a_7c15 ^ place as u64)
}

impl Still {
    /// The fingerprint of all of it.
    pub(crate) fn sum(&self, fifo: bool) -> Sum {
        let slots = self.slots.iter().enumerate().map(|(place, (_, print))| share(place, *print));
        let things = slots.chain(self.messages.iter().map(|(_, print)| *print)).fold(0, u64::wrapping_add);
        let mut order = Vec::new();
        if fifo {
            order.extend(self.messages.iter().map(|(envelope, print)| (envelope.from, envelope.to, *print)));
            by_number(&mut order, |(from, to, _)| u128::from(from.0) << 32 | u128::from(to.0));
        }
        Sum { things, record: self.record.1, order: fingerprint::of(&order) }
    }

    /// The fingerprint of what the judge remembers.
    pub(crate) fn record_print(&self) -> u64 {
        self.record.1
    }

    /// Whether a message is the first one in flight of those that are the same.
    pub(super) fn is_first(&self, place: u32) -> bool {
        let (before, rest) = self.messages.split_at(place as usize);
        rest.first().is_none_or(|(_, print)| before.iter().all(|(_, other)| other != print))
    }
}

impl World {
    /// What a search keeps of the world.
    pub(crate) fn still(&self) -> Still {
        let slots = self.slots.iter().map(|slot| (slot.clone(), self.slot_print(slot))).collect();
        let messages = self.messages().into_iter();
        let messages = messages.map(|(_, it)| (Rc::new(it.clone()), self.message_print(it))).collect();
        Still { slots, messages, record: self.shim.record() }
    }

    /// Becomes the world of a still, of which it has been a world before. Messages are at their places there.
    pub(crate) fn become_of(&mut self, still: &Still) {
        self.slots.clear();
        self.slots.extend(still.slots.iter().map(|(slot, _)| slot.clone()));
        self.agenda.clear();
        for (envelope, _) in &still.messages {
            let envelope = Envelope { id: self.agenda.sequence(), ..(**envelope).clone() };
            self.agenda.add(envelope.arrives, Pending::Message(envelope));
        }
        self.shim.set_record(&still.record.0);
        self.fx.asked.clear();
    }

    pub(super) fn slot_print(&self, slot: &Slot) -> u64 {
        let mut fingerprint = Fingerprint::default();
        self.shim.hash_slot(slot, &mut fingerprint);
        let (mut timers, mut count) = (0_u64, 0);
        for timer in slot.timers.iter().filter(|timer| timer.is_set) {
            timers = timers.wrapping_add(self.shim.fingerprint_of(&Stimulus::Timer(timer.what.clone())));
            count += 1;
        }
        (timers, count).hash(&mut fingerprint);
        for link in slot.links.iter().filter(|link| link.cut || link.held) {
            (link.to, link.cut, link.held).hash(&mut fingerprint);
        }
        (slot.paused, slot.taken, self.goes_on_counting(slot), slot.slowness, &slot.manners, &slot.script)
            .hash(&mut fingerprint);
        fingerprint.finish()
    }

    pub(super) fn message_print(&self, envelope: &Envelope) -> u64 {
        let stimulus = Stimulus::Message(envelope.from, envelope.message.clone());
        let mut fingerprint = Fingerprint::default();
        (envelope.to, envelope.held, self.shim.fingerprint_of(&stimulus)).hash(&mut fingerprint);
        fingerprint.finish()
    }
}
