//! What nodes did, kept to be done again: a node in the same state to which the same happens does the same.
//!
//! A search comes to the same step of one node in very many states of the others. It lets the node take it
//! once, with `World::apply`, and keeps the [`Deed`]. What a deed comes to elsewhere is put together from
//! parts that are there.

use super::World;
use super::still::{Still, Sum};
use crate::agenda::Envelope;
use crate::event::Event;
use crate::fingerprint;
use crate::name::NodeId;
use crate::shim::Stimulus;
use crate::slot::{Payload, Slot};
use std::rc::Rc;

/// What a node did in one step.
pub(crate) struct Deed {
    who: NodeId,
    slot: (Rc<Slot>, u64),
    sends: Vec<(Rc<Envelope>, u64)>,
    wrote: bool,
    outputs: Option<Payload>,
    /// Below which bounds its choices had to be.
    pub(crate) asked: Vec<u64>,
}

impl World {
    /// What a deed depends on: the state of the node and what happens to it. `None` of events that are no
    /// step of a node that is up, and where links keep the order of messages.
    pub(crate) fn deed_key(&self, event: &Event, still: &Still, script: &[u64]) -> Option<u64> {
        let node = self.subject(event).filter(|&node| self.is_up(node) && !self.setup.network.fifo)?;
        let what = if let Event::Deliver(message) = event {
            still.messages[message.place as usize].1
        } else if let Event::Fire(node, place) = event {
            let timer = self.slots[node.index()].timers.get(*place as usize)?;
            self.shim.fingerprint_of(&Stimulus::Timer(timer.what.clone()))
        } else if let Event::Input(_, input) = event {
            self.shim.fingerprint_of(&Stimulus::Input(input.0.clone()))
        } else {
            return None;
        };
        Some(fingerprint::of(&(node, still.slots[node.index()].1, what, script)))
    }

    /// What a node did with the latest event, before which so many messages were in flight.
    pub(crate) fn deed(&self, who: NodeId, before: &Still, wrote: bool) -> Deed {
        let slot = self.slots[who.index()].clone();
        let slot_print = self.slot_print(&slot);
        let new =
            self.messages().into_iter().filter(|(message, _)| message.id >= before.messages.len() as u64);
        let sends = new.map(|(_, it)| (Rc::new(it.clone()), self.message_print(it))).collect();
        let (outputs, asked) = (self.shim.outputs(), self.fx.asked.clone());
        Deed { who, slot: (slot, slot_print), sends, wrote, outputs, asked }
    }

    /// Which claims, by their places, a deed breaks or reaches here.
    pub(crate) fn foresee(&mut self, deed: &Deed) -> Vec<usize> {
        let place = deed.who.index();
        let before = std::mem::replace(&mut self.slots[place], deed.slot.0.clone());
        let told = self.shim.foresee(deed.who, &self.slots, deed.wrote, deed.outputs.as_ref());
        self.slots[place] = before;
        told
    }

    /// What the judge remembers, and its fingerprint.
    pub(crate) fn record(&self) -> (Payload, u64) {
        self.shim.record()
    }
}

impl Still {
    /// The fingerprint after a deed on the occasion of an event, where this one's is `sum` and the judge then
    /// remembers what has this fingerprint.
    pub(crate) fn print_after(&self, mut sum: Sum, event: &Event, deed: &Deed, record: u64) -> u64 {
        let place = deed.who.index();
        sum.replace_slot(place, self.slots[place].1, deed.slot.1);
        if let Event::Deliver(message) = event {
            sum.take_message(self.messages[message.place as usize].1);
        }
        deed.sends.iter().for_each(|(_, print)| sum.add_message(*print));
        sum.record = record;
        sum.finish()
    }

    /// The still after a deed.
    pub(crate) fn after(&self, event: &Event, deed: &Deed, record: &(Payload, u64)) -> Still {
        let mut slots = self.slots.clone();
        slots[deed.who.index()] = deed.slot.clone();
        let gone =
            if let Event::Deliver(message) = event { message.place as usize } else { self.messages.len() };
        let mut messages = Vec::with_capacity(self.messages.len() + deed.sends.len());
        messages.extend_from_slice(&self.messages[..gone]);
        messages.extend_from_slice(self.messages.get(gone + 1..).unwrap_or_default());
        messages.extend_from_slice(&deed.sends);
        Still { slots, messages, record: record.clone() }
    }
}
