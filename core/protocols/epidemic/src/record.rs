//! What the judge remembers of a run.

use crate::{Epidemic, Item, Key, Output, Stamp, claims::holder};
use faultline_core::prelude::*;

/// What the judge remembers of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Record {
    /// Every change: its item with its value, and when it was made.
    pub(crate) changes: Map<Stamp, (Key, Option<u32>, Micros)>,
    /// By the item's place, then by node.
    pub(crate) known: Vec<Vec<Known>>,
    /// The latest stamp that each author gave, superseded changes included.
    pub(crate) stamped: Map<u32, Stamp>,
    /// Whether a node has learnt a change, has changed the item again, or has lost interest.
    pub(crate) learnt: bool,
    pub(crate) changed_again: bool,
    pub(crate) lost_interest: bool,
    /// Whether a node has discarded a death certificate, and what it knew with it.
    pub(crate) discarded: bool,
    /// How many nodes hold the newest item, and how many spread a rumour.
    pub(crate) informed: u32,
    pub(crate) infective: u32,
}

/// What the judge knows of a node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Known {
    /// The newest that it was told.
    pub(crate) stamp: Stamp,
    pub(crate) infective: bool,
}

impl Record {
    /// Adds a step; what a solution's `remember` does.
    pub fn remember<P: Epidemic>(&mut self, step: &Step<'_, P>) {
        if step.node.is_none() {
            (0..self.known.len()).for_each(|place| self.set_infective(place, step.who, false));
        }
        for output in step.outputs {
            match output {
                Output::Superseded(item) => self.stamps(item.stamp),
                Output::Changed(item) => {
                    self.stamps(item.stamp);
                    let newer = item.stamp > self.newest();
                    self.changes.insert(item.stamp, (item.key, item.value, step.now));
                    if newer {
                        self.informed = 0;
                    }
                    self.learns(step, item.key, item.stamp);
                }
                Output::Learnt(item) => {
                    self.learnt = true;
                    self.learns(step, item.key, item.stamp);
                }
                Output::Awakened(item) => self.learns(step, item.key, item.stamp),
                Output::LostInterest { key, .. } => {
                    self.lost_interest = true;
                    self.set_infective(key.place(), step.who, false);
                }
                Output::Discarded(item) => {
                    self.discarded = true;
                    self.set_infective(item.key.place(), step.who, false);
                    self.informed -=
                        u32::from(self.knows(step.who, item.key, Stamp::default()) == self.newest());
                }
            }
        }
    }

    fn stamps(&mut self, stamp: Stamp) {
        self.changed_again |= self.stamped.insert(stamp.author, stamp).is_some();
    }

    fn newest(&self) -> Stamp {
        self.changes.keys().next_back().copied().unwrap_or_default()
    }

    pub(crate) fn known(&self, key: Key, node: NodeId) -> Known {
        self.known.get(key.place()).and_then(|known| known.get(node.index())).copied().unwrap_or_default()
    }

    /// On how many items a node spreads a rumour.
    pub(crate) fn told_by(&self, node: NodeId) -> u32 {
        self.known.iter().filter(|known| known.get(node.index()).is_some_and(|it| it.infective)).count()
            as u32
    }

    fn learns<P: Epidemic>(&mut self, step: &Step<'_, P>, key: Key, stamp: Stamp) {
        let (node, newest) = (step.who, self.newest());
        self.set_infective(key.place(), node, step.node.is_some_and(P::tells_rumours));
        let before = self.knows(node, key, stamp);
        self.informed -= u32::from(before == newest);
        self.informed += u32::from(stamp == newest);
    }

    /// From now on the node knows this of an item, whose place there is; what it knew before.
    fn knows(&mut self, node: NodeId, key: Key, stamp: Stamp) -> Stamp {
        std::mem::replace(&mut self.known[key.place()][node.index()].stamp, stamp)
    }

    fn set_infective(&mut self, place: usize, node: NodeId, infective: bool) {
        if self.known.len() <= place {
            self.known.resize(place + 1, Vec::new());
        }
        let known = &mut self.known[place];
        if known.len() <= node.index() {
            known.resize(node.index() + 1, Known::default());
        }
        let before = std::mem::replace(&mut known[node.index()].infective, infective);
        self.infective = self.infective + u32::from(infective) - u32::from(before);
    }

    /// A node that was told of a change, or made it itself, which may have been superseded at once.
    pub(crate) fn holder_of(&self, node: NodeId, stamp: Stamp) -> Side {
        let change = self.changes.get(&stamp);
        let (key, value, _) = change.copied().unwrap_or_default();
        let item = Item { key, stamp, value, awakened: 0 };
        match (NodeId(stamp.author) == node, self.changes.contains_key(&stamp)) {
            (true, true) => holder(node).telling(&Output::Changed(item)),
            (true, false) => holder(node).telling(&Output::Superseded(item)),
            (false, _) => holder(node).telling(&Output::Learnt(item)),
        }
    }

    /// How many nodes have been told of the newest change.
    pub fn informed(&self) -> u32 {
        self.informed
    }

    /// Whether a node has stopped spreading a rumour.
    pub fn lost_interest(&self) -> bool {
        self.lost_interest
    }

    /// How many nodes spread a rumour.
    pub fn infective(&self) -> u32 {
        self.infective
    }
}
