//! The agenda: everything that will happen by itself, in one total order of time and sequence.

use crate::name::NodeId;
use crate::slot::Payload;
use crate::time::Micros;
use crate::toolbox::order::by_number;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// A key in the queue: time, sequence, place on the agenda. So the order is total.
fn key(time: Micros, sequence: u64, place: u32) -> u128 {
    u128::from(time) << 78 | u128::from(sequence) << 32 | u128::from(place)
}

/// The key of what is not going to happen.
const NEVER: u128 = u128::MAX;

/// A message under way.
#[derive(Clone)]
pub(crate) struct Envelope {
    pub(crate) id: u64,
    pub(crate) from: NodeId,
    pub(crate) to: NodeId,
    pub(crate) message: Payload,
    pub(crate) kind: u8,
    /// The event that sent it.
    pub(crate) cause: u32,
    pub(crate) sent: Micros,
    /// When it would arrive, or, where the network loses it, when that shows.
    pub(crate) arrives: Micros,
    pub(crate) lost: bool,
    /// Whether somebody holds it.
    pub(crate) held: bool,
}

/// Something that will happen by itself.
#[derive(Clone)]
pub(crate) enum Pending {
    /// A place that is free.
    Free,
    Boot(NodeId),
    Ask,
    Message(Envelope),
    /// A node's timer, by its place in the node's list. It keeps its place here while the node has it.
    Timer {
        node: NodeId,
        place: u32,
    },
}

#[derive(Clone)]
struct Item {
    /// When it shall happen.
    wanted: u128,
    /// Where it waits in the queue: not later than wanted. What is moved to a later time stays where it waits, and
    /// is queued again when that comes up; so each item waits once, however often it is moved.
    queued: u128,
    pending: Pending,
}

/// Everything that will happen by itself.
#[derive(Clone, Default)]
pub(crate) struct Agenda {
    items: Vec<Item>,
    free: Vec<u32>,
    queue: BinaryHeap<Reverse<u128>>,
    sequence: u64,
    /// Whether nothing happens by itself any more: what is added is not queued.
    quiet: bool,
}

impl Agenda {
    /// The number that the next item will have; no two have the same.
    pub(crate) fn sequence(&self) -> u64 {
        self.sequence
    }

    /// From now on what is added only waits to be chosen.
    pub(crate) fn be_quiet(&mut self) {
        self.quiet = true;
    }

    /// Throws everything away. What is added next has the place 0, and the number 0.
    pub(crate) fn clear(&mut self) {
        self.items.clear();
        self.free.clear();
        self.queue.clear();
        self.sequence = 0;
    }

    /// How many items there are.
    pub(crate) fn len(&self) -> usize {
        self.items.len() - self.free.len()
    }

    /// Adds an item, and returns its place.
    pub(crate) fn add(&mut self, time: Micros, pending: Pending) -> u32 {
        let place = self.free.pop().unwrap_or(self.items.len() as u32);
        let wanted = key(time, self.sequence, place);
        self.sequence += 1;
        let item = Item { wanted, queued: wanted, pending };
        match self.items.get_mut(place as usize) {
            Some(free) => *free = item,
            None => self.items.push(item),
        }
        if !self.quiet {
            self.queue.push(Reverse(wanted));
        }
        place
    }

    /// Takes an item off.
    pub(crate) fn take(&mut self, place: u32) -> Pending {
        self.free.push(place);
        let item = &mut self.items[place as usize];
        item.wanted = NEVER;
        std::mem::replace(&mut item.pending, Pending::Free)
    }

    /// Moves an item to another time, behind all that is there already; without one it will not happen for now.
    pub(crate) fn reschedule(&mut self, place: u32, time: Option<Micros>) {
        let item = &mut self.items[place as usize];
        item.wanted = NEVER;
        if let Some(time) = time {
            item.wanted = key(time, self.sequence, place);
            self.sequence += 1;
            if item.wanted < item.queued && !self.quiet {
                item.queued = item.wanted;
                self.queue.push(Reverse(item.wanted));
            }
        }
    }

    /// Takes what happens first off the queue; it waits, and keeps the time when it was to happen.
    pub(crate) fn park(&mut self) {
        if let Some(front) = self.front() {
            self.queue.pop();
            self.items[front as u32 as usize].queued = NEVER;
        }
    }

    /// Lets items happen that waited: what is late happens now, in the order in which it would have.
    pub(crate) fn unpark(&mut self, now: Micros, places: impl Iterator<Item = u32>) {
        let mut waited: Vec<_> = places.map(|place| (self.items[place as usize].wanted, place)).collect();
        waited.retain(|(wanted, _)| *wanted != NEVER);
        by_number(&mut waited, |(wanted, _)| *wanted);
        for (wanted, place) in waited {
            let item = &mut self.items[place as usize];
            if (wanted >> 78) as Micros <= now {
                self.reschedule(place, Some(now));
            } else if item.queued == NEVER && !self.quiet {
                item.queued = wanted;
                self.queue.push(Reverse(wanted));
            }
        }
    }

    /// What happens first: when, its place, and what it is.
    pub(crate) fn first(&mut self) -> Option<(Micros, u32, &Pending)> {
        let key = self.front()?;
        Some(((key >> 78) as Micros, key as u32, &self.items[key as u32 as usize].pending))
    }

    /// The front of the queue, after what is stale there was thrown away or queued again.
    fn front(&mut self) -> Option<u128> {
        loop {
            let Reverse(front) = *self.queue.peek()?;
            let item = &mut self.items[front as u32 as usize];
            if item.wanted == front {
                return Some(front);
            }
            self.queue.pop();
            if item.queued == front {
                item.queued = item.wanted;
                if item.wanted != NEVER {
                    self.queue.push(Reverse(item.wanted));
                }
            }
        }
    }

    /// The item at a place.
    pub(crate) fn get(&self, place: u32) -> Option<&Pending> {
        self.items.get(place as usize).map(|item| &item.pending)
    }

    /// Lets a message say something else.
    pub(crate) fn replace_message(&mut self, place: u32, message: &Payload, kind: u8) {
        if let Some(Pending::Message(envelope)) =
            self.items.get_mut(place as usize).map(|item| &mut item.pending)
        {
            (envelope.message, envelope.kind) = (message.clone(), kind);
        }
    }

    /// Marks a message as held, or no longer.
    pub(crate) fn hold_message(&mut self, place: u32, held: bool) {
        if let Some(Pending::Message(envelope)) =
            self.items.get_mut(place as usize).map(|item| &mut item.pending)
        {
            envelope.held = held;
        }
    }

    /// Marks no message as held any longer.
    pub(crate) fn release_messages(&mut self) {
        for place in 0..self.items.len() as u32 {
            self.hold_message(place, false);
        }
    }

    /// All items, in the order of their places.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Pending> {
        self.items.iter().map(|item| &item.pending)
    }

    /// The place of an item of some sort; found at once where it is the first to happen.
    pub(crate) fn find(&mut self, wanted: impl Fn(&Pending) -> bool) -> Option<u32> {
        match self.first() {
            Some((_, place, pending)) if wanted(pending) => Some(place),
            _ => self.items.iter().position(|item| wanted(&item.pending)).map(|place| place as u32),
        }
    }

    /// All messages in flight with their places, the first sent first.
    pub(crate) fn messages(&self) -> Vec<(u32, &Envelope)> {
        let mut found = Vec::new();
        for (place, item) in self.items.iter().enumerate() {
            if let Pending::Message(envelope) = &item.pending {
                found.push((place as u32, envelope));
            }
        }
        by_number(&mut found, |(_, envelope)| envelope.id.into());
        found
    }
}
