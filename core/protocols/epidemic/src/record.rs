//! What the judge remembers of a run.

use crate::{Epidemic, Item, Key, Output, Stamp, claims::holder};
use faultline_core::prelude::*;

/// What the judge remembers of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Record {
    /// Every change: its item with its value, and when it was made.
    pub(crate) changes: Map<Stamp, (Key, Option<u32>, Micros)>,
    /// How each item spreads, by its place.
    pub(crate) items: Vec<Spread>,
    /// The latest stamp that each author gave, superseded changes included.
    pub(crate) stamped: Map<u32, Stamp>,
    /// Whether a node has learnt a change, has changed the item again, or has lost interest.
    pub(crate) learnt: bool,
    pub(crate) changed_again: bool,
    pub(crate) lost_interest: bool,
    /// Whether a node has discarded a death certificate, and what it knew with it.
    pub(crate) discarded: bool,
}

/// How an item spreads.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Spread {
    /// Its newest change.
    newest: Stamp,
    /// By node.
    known: Vec<Known>,
    /// How many nodes have heard of its newest change, and how many spread it as a rumour.
    pub(crate) informed: u32,
    pub(crate) infective: u32,
}

/// What the judge knows of a node and an item.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Known {
    /// What it was told last, and has not discarded since.
    pub(crate) stamp: Stamp,
    /// The newest that it was ever told.
    heard: Stamp,
    pub(crate) infective: bool,
}

impl Spread {
    /// What is known of a node.
    pub(crate) fn known(&self, node: NodeId) -> Known {
        self.known.get(node.index()).copied().unwrap_or_default()
    }

    fn known_mut(&mut self, node: NodeId) -> &mut Known {
        if self.known.len() <= node.index() {
            self.known.resize(node.index() + 1, Known::default());
        }
        &mut self.known[node.index()]
    }

    /// The item was changed.
    fn changes(&mut self, stamp: Stamp) {
        if stamp > self.newest {
            (self.newest, self.informed) = (stamp, 0);
        }
    }

    /// From now on a node holds this, and may spread it as a rumour.
    fn learns(&mut self, node: NodeId, stamp: Stamp, infective: bool) {
        self.set_infective(node, infective);
        let newest = self.newest;
        let known = self.known_mut(node);
        let is_news = known.heard < newest && stamp == newest;
        (known.stamp, known.heard) = (stamp, known.heard.max(stamp));
        self.informed += u32::from(is_news);
    }

    fn set_infective(&mut self, node: NodeId, infective: bool) {
        let before = std::mem::replace(&mut self.known_mut(node).infective, infective);
        self.infective = self.infective + u32::from(infective) - u32::from(before);
    }
}

impl Record {
    /// Adds a step; what a solution's `remember` does.
    pub fn remember<P: Epidemic>(&mut self, step: &Step<'_, P>) {
        let (node, tells) = (step.who, step.node.is_some_and(P::tells_rumours));
        if step.node.is_none() {
            self.items.iter_mut().for_each(|spread| spread.set_infective(node, false));
        }
        for output in step.outputs {
            match output {
                Output::Superseded(item) => self.stamps(item.stamp),
                Output::Changed(item) => {
                    self.stamps(item.stamp);
                    self.changes.insert(item.stamp, (item.key, item.value, step.now));
                    let spread = self.spread(item.key);
                    spread.changes(item.stamp);
                    spread.learns(node, item.stamp, tells);
                }
                Output::Learnt(item) => {
                    self.learnt = true;
                    self.spread(item.key).learns(node, item.stamp, tells);
                }
                Output::Awakened(item) => self.spread(item.key).learns(node, item.stamp, tells),
                Output::LostInterest { key, .. } => {
                    self.lost_interest = true;
                    self.spread(*key).set_infective(node, false);
                }
                Output::Discarded(item) => {
                    self.discarded = true;
                    let spread = self.spread(item.key);
                    spread.set_infective(node, false);
                    // It has heard of the deletion all the same.
                    spread.known_mut(node).stamp = Stamp::default();
                }
            }
        }
    }

    fn stamps(&mut self, stamp: Stamp) {
        self.changed_again |= self.stamped.insert(stamp.author, stamp).is_some();
    }

    /// How an item spreads; from the first that is told of it there is a place for it.
    fn spread(&mut self, key: Key) -> &mut Spread {
        let place = key.place();
        if self.items.len() <= place {
            self.items.resize(place + 1, Spread::default());
        }
        &mut self.items[place]
    }

    /// What is known of a node and an item.
    pub(crate) fn known(&self, key: Key, node: NodeId) -> Known {
        self.items.get(key.place()).map(|spread| spread.known(node)).unwrap_or_default()
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

    /// How many nodes have heard of the newest change of all.
    pub fn informed(&self) -> u32 {
        self.items.iter().max_by_key(|spread| spread.newest).map_or(0, |spread| spread.informed)
    }

    /// Whether a node has stopped spreading a rumour.
    pub fn lost_interest(&self) -> bool {
        self.lost_interest
    }
}
