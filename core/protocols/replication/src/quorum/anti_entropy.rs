//! Anti-entropy (§4.7): two replicas compare hash trees, from the root down to the leaves that differ.

use super::ring::place;
use super::{EXCHANGE, Key, Message, Output, Quorum, Timer, Versions, set_every};
use faultline_core::fingerprint;
use faultline_core::prelude::*;
use faultline_core::toolbox::merkle::MerkleTree;

const COMPARE: Rule =
    Rule::new("§4.7", "Two replicas compare the roots of their hash trees over the keys that they share.");
const DESCEND: Rule = Rule::new("§4.7", "Where hashes differ, the replicas compare the children.");
const SAME: Rule = Rule::new("§4.7", "Where hashes are equal, replicas exchange nothing.");

impl Quorum {
    /// Sends another replica, drawn at random, the root of the tree over what both are homes of.
    pub(super) fn begin_to_compare(&self, ctx: &mut Ctx<Self>) {
        ctx.note(&COMPARE);
        set_every(Timer::AntiEntropy, ctx.params().anti_entropy, ctx);
        let peers = self.quorums.peers(self.me);
        let drawn = ctx.choose(peers.len() as u64) as usize;
        if let Some(peer) = peers.get(drawn) {
            ctx.remark(&COMPARE, || format!("compares its hash tree with that of {peer}"));
            let root = self.tree(*peer).hash(MerkleTree::ROOT);
            ctx.send(*peer, Message::Compare { nodes: vec![(MerkleTree::ROOT, root)] });
        }
    }

    /// The hash tree over the keys that another replica is a home of, too. A leaf is a stretch of the ring.
    pub(super) fn tree(&self, with: NodeId) -> MerkleTree {
        MerkleTree::new(self.depth, |leaf| {
            let entries: Vec<_> = self.shared(with).filter(|(key, _)| self.leaf(*key) == leaf).collect();
            fingerprint::of(&entries)
        })
    }

    /// What it holds of keys that another replica is a home of, too.
    pub(super) fn shared(&self, with: NodeId) -> impl Iterator<Item = &(Key, Versions)> {
        let homes = move |key: Key| self.quorums.homes(key);
        let both = move |key| homes(key).any(|home| home == with) && homes(key).any(|home| home == self.me);
        self.disk.store.0.iter().filter(move |(key, versions)| !versions.is_empty() && both(*key))
    }

    pub(super) fn leaf(&self, key: Key) -> u32 {
        (u64::from(place(key)) << self.depth >> 32) as u32
    }

    /// Compares nodes of another replica's tree with mine, and goes on with the children of those that differ.
    pub(super) fn compare(&mut self, with: NodeId, nodes: &[(u32, u64)], ctx: &mut Ctx<Self>) {
        let tree = self.tree(with);
        let differing = tree.differing(nodes);
        let leaves: Vec<u32> = differing.iter().filter_map(|number| tree.leaf(*number)).collect();
        let (hashes, differ) = (nodes.len() as u32, differing.len() as u32);
        let rule = match (differing.is_empty(), leaves.is_empty()) {
            (true, _) => &SAME,
            (false, true) => &DESCEND,
            (false, false) => &EXCHANGE,
        };
        ctx.remark(rule, || format!("finds that {differ} of {hashes} hashes of {with} differ"));
        ctx.output(Output::Compared { with, hashes, differing: differ });
        if !leaves.is_empty() {
            self.exchange(with, leaves, false, ctx);
        } else if !differing.is_empty() {
            ctx.send(with, Message::Compare { nodes: tree.children(&differing) });
        }
    }

    /// Sends all that it holds in some leaves.
    pub(super) fn exchange(&self, with: NodeId, leaves: Vec<u32>, answer: bool, ctx: &mut Ctx<Self>) {
        let entries =
            self.shared(with).filter(|(key, _)| leaves.contains(&self.leaf(*key))).cloned().collect();
        ctx.send(with, Message::Exchange { leaves, entries, answer });
    }
}
