//! What the judge remembers of proof of work: a tree of all blocks, and what each node has heard of.

use super::{Miner, Output};
use crate::Book;
use faultline_core::prelude::*;

/// What the judge remembers of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Record {
    pub(super) book: Book,
    /// All blocks that have become part of some node's chain.
    pub(super) tree: Map<u64, Known>,
    pub(super) nodes: Map<NodeId, Heard>,
    /// How many attacks were given up.
    pub(super) given_up: u64,
}

/// A block, as the judge knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Known {
    pub(super) hash: u64,
    pub(super) parent: u64,
    pub(super) height: u64,
    pub(super) difficulty: u64,
    pub(super) time: Micros,
    /// The work of the chain up to it.
    pub(super) work: u64,
}

/// What a node has heard of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Heard {
    /// The blocks that it has taken up, and the most work of a chain of them.
    pub(super) joined: Map<u64, ()>,
    pub(super) most: u64,
    /// Blocks that came without their parents: each with its parent and its difficulty.
    pub(super) waits: Map<u64, (u64, u64)>,
    /// When its chain was last extended, and how far its clock was off then.
    pub(super) grown: Micros,
    pub(super) off: Micros,
}

impl Record {
    /// Adds a step.
    pub(super) fn remember(&mut self, step: &Step<'_, Miner>) {
        self.book.remember(step);
        if step.node.is_none() {
            // What waited was in memory.
            self.nodes.or_default(step.who).waits = Map::default();
        }
        for output in step.outputs {
            self.hear(step.who, output);
            if let Output::Joined { clock, .. } = output {
                let heard = self.nodes.or_default(step.who);
                (heard.grown, heard.off) = (step.now, clock.abs_diff(step.now));
            }
        }
    }

    fn hear(&mut self, who: NodeId, output: &Output) {
        match *output {
            Output::Joined { block, parent, height, difficulty, time, .. } => {
                let before = self.tree.get(&parent.hash).map_or(0, |known| known.work);
                let work = before.saturating_add(difficulty);
                if !self.tree.contains_key(&block.hash) {
                    let (hash, parent) = (block.hash, parent.hash);
                    self.tree.insert(hash, Known { hash, parent, height, difficulty, time, work });
                }
                let heard = self.nodes.or_default(who);
                heard.joined.insert(block.hash, ());
                heard.waits.remove(&block.hash);
                heard.most = heard.most.max(work);
            }
            Output::Waits { block, parent, difficulty } => {
                self.nodes.or_default(who).waits.insert(block.hash, (parent.hash, difficulty));
            }
            Output::Refused(block) => {
                self.nodes.or_default(who).waits.remove(&block.hash);
            }
            Output::GaveUp => self.given_up += 1,
            Output::Payment(_) => {}
        }
    }

    /// How many blocks there are, and how many of them are not in a chain of this height.
    pub(super) fn stale(&self, height: u64) -> (u64, u64) {
        let all = self.tree.len() as u64;
        (all, all.saturating_sub(height))
    }
}

/// The judge's tree with the blocks of this step.
pub(super) struct Tree<'a> {
    before: &'a Map<u64, Known>,
    new: Vec<Known>,
}

impl<'a> Tree<'a> {
    pub(super) fn now(scene: &Scene<'a, Miner>) -> Self {
        let mut tree = Tree { before: &scene.record.tree, new: Vec::new() };
        for output in scene.outputs {
            if let Output::Joined { block, parent, height, difficulty, time, .. } = *output {
                let work = tree.work(parent.hash).saturating_add(difficulty);
                let (hash, parent) = (block.hash, parent.hash);
                tree.new.push(Known { hash, parent, height, difficulty, time, work });
            }
        }
        tree
    }

    pub(super) fn get(&self, hash: u64) -> Option<&Known> {
        self.new.iter().find(|known| known.hash == hash).or_else(|| self.before.get(&hash))
    }

    pub(super) fn work(&self, hash: u64) -> u64 {
        self.get(hash).map_or(0, |known| known.work)
    }

    /// A block and those before it, the latest first.
    pub(super) fn back(&self, hash: u64) -> impl Iterator<Item = &Known> {
        std::iter::successors(self.get(hash), move |known| self.get(known.parent))
    }
}
