//! What a node holds of one item, and how far it has come with spreading it.

use super::{Gossip, Item, Stamp};
use crate::Key;
use faultline_core::prelude::*;
use std::iter::once;

/// What a node holds of one item.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Holding {
    pub(super) item: Item,
    /// Whether the node spreads it: under anti-entropy always.
    pub(super) infective: bool,
    /// Whether it is a death certificate that nobody is told of any more.
    pub(super) dormant: bool,
    /// In which cycle the node learnt it.
    pub(super) learnt: u32,
    /// What the node held when that cycle began, as the judge of needed contacts counts it.
    pub(super) earlier: Stamp,
    /// How many contacts it has had over the item, and how many of them count.
    pub(super) contacts: u32,
    pub(super) counter: u32,
    /// The node that it pushed to in this cycle and that has not answered.
    pub(super) awaits: Option<NodeId>,
    /// The latest contact of this cycle that counts at its end, and whether any of them was needed.
    pub(super) had: Option<(NodeId, bool)>,
}

impl Holding {
    /// The holding of what is on the disk.
    pub(super) fn of(item: Item, infective: bool) -> Self {
        Holding {
            item,
            infective,
            dormant: false,
            learnt: 0,
            earlier: item.stamp,
            contacts: 0,
            counter: 0,
            awaits: None,
            had: None,
        }
    }

    /// Whether others are told of it.
    pub(super) fn is_told(&self) -> bool {
        self.infective && self.item.stamp.time > 0 && !self.dormant
    }

    /// The item as others are told of it: a dormant death certificate is kept secret.
    pub(super) fn offered(&self) -> Item {
        if self.dormant { Item::nothing(self.item.key) } else { self.item }
    }

    /// Has a contact that counts at the end of the cycle, as one with all others of that cycle.
    pub(super) fn has_contact(&mut self, partner: NodeId, needed: bool) {
        let earlier = self.had.is_some_and(|(_, needed)| needed);
        self.had = Some((partner, needed || earlier));
    }

    /// From now on, in this cycle, the node holds this and finds it hot.
    pub(super) fn take(&mut self, item: Item, cycle: u32) {
        if self.learnt < cycle {
            self.earlier = self.item.stamp;
        }
        (self.item, self.learnt, self.infective, self.dormant) = (item, cycle, true, false);
        (self.contacts, self.counter, self.awaits, self.had) = (0, 0, None, None);
    }
}

impl Gossip {
    /// How many items there are.
    pub(super) fn count(&self) -> usize {
        1 + self.others.len()
    }

    /// What it holds of all items, in order.
    pub(super) fn holdings(&self) -> impl Iterator<Item = &Holding> {
        once(&self.first).chain(&self.others)
    }

    pub(super) fn holdings_mut(&mut self) -> impl Iterator<Item = &mut Holding> {
        once(&mut self.first).chain(&mut self.others)
    }

    /// The place of an item, if there is such an item.
    pub(super) fn place(&self, key: Key) -> Option<usize> {
        self.holdings().position(|holding| holding.item.key == key)
    }

    /// What it holds of the item at a place.
    pub(super) fn holding(&self, place: usize) -> &Holding {
        if place == 0 { &self.first } else { &self.others[place - 1] }
    }

    pub(super) fn holding_mut(&mut self, place: usize) -> &mut Holding {
        if place == 0 { &mut self.first } else { &mut self.others[place - 1] }
    }
}
