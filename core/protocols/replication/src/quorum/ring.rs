//! The roles of nodes: clients, and on the ring the replicas that are homes of a key.

use super::{Coordinator, Params};
use crate::Key;
use faultline_core::fingerprint;
use faultline_core::prelude::*;

/// The roles of nodes, and the sizes of quorums, as the parameters and the number of nodes determine them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Quorums {
    pub(super) clients: u32,
    pub(super) replicas: u32,
    pub(super) n: u32,
    pub(super) r: u32,
    pub(super) w: u32,
    pub(super) sloppy: bool,
    /// The votes of the homes of a key, in the order of the ring; of fewer than nine homes, the rest are 0.
    votes: [u8; MOST],
    /// The votes of all homes together, with which quorums are compared.
    pub(super) all: u32,
    /// Whether votes are as they were set, and not one each.
    pub(super) weighted: bool,
    counts_nodes: bool,
    /// Whether a home coordinates requests, and not the client.
    pub(super) by_node: bool,
}

/// How many homes a key can have.
const MOST: usize = 9;

/// Where a key is on the ring, in 2⁻³² of it.
pub(super) fn place(key: Key) -> u32 {
    (fingerprint::of(&key) >> 32) as u32
}

impl Quorums {
    pub(super) fn new(params: &Params, count: usize) -> Self {
        let clients = (params.clients as u32).min(count as u32 - 1);
        let replicas = count as u32 - clients;
        let n = (params.n as u32).min(replicas);
        let weighted = params.votes > 0;
        let votes = votes(params.votes, n as usize);
        let all = votes.iter().map(|votes| u32::from(*votes)).sum();
        let (r, w) = ((params.r as u32).min(all), (params.w as u32).min(all));
        let counts_nodes = params.bugs.counts_nodes;
        let by_node = params.coordinator == Coordinator::Node;
        let sloppy = params.sloppy && !by_node;
        Quorums { clients, replicas, n, r, w, sloppy, votes, all, weighted, counts_nodes, by_node }
    }

    /// All replicas in the order of the ring, from a key's place on. The first N are its homes.
    pub(super) fn ring(self, key: Key) -> impl Iterator<Item = NodeId> {
        let first = ((u64::from(place(key)) * u64::from(self.replicas)) >> 32) as u32;
        (first..first + self.replicas).map(move |nth| NodeId(self.clients + nth % self.replicas))
    }

    pub(super) fn homes(self, key: Key) -> impl Iterator<Item = NodeId> {
        self.ring(key).take(self.n as usize)
    }

    /// The homes of a key, each with its votes.
    pub(super) fn votes(self, key: Key) -> impl Iterator<Item = (NodeId, usize)> {
        self.homes(key).zip(self.votes).map(|(home, votes)| (home, votes.into()))
    }

    /// What the answer of a home with so many votes counts.
    pub(super) fn counted(self, votes: usize) -> usize {
        if self.counts_nodes { 1 } else { votes }
    }

    /// The replicas that are homes of some keys of which this one is a home.
    pub(super) fn peers(self, me: NodeId) -> Vec<NodeId> {
        let others = (self.clients..self.clients + self.replicas).map(NodeId).filter(|node| *node != me);
        let near = |node: &NodeId| {
            let apart = node.0.abs_diff(me.0);
            apart.min(self.replicas - apart) < self.n
        };
        others.filter(near).collect()
    }

    /// Whether every read quorum meets every write quorum.
    pub(super) fn is_strict(self) -> bool {
        self.r + self.w > self.all && !self.sloppy
    }
}

/// The votes of so many homes: the digits of a number, the first first, or one each where it is 0. A number
/// begins with a digit that is not 0, so some home always has a vote.
fn votes(digits: u64, homes: usize) -> [u8; MOST] {
    let written = digits.to_string();
    let mut votes = [0; MOST];
    for (place, home) in votes.iter_mut().take(homes).enumerate() {
        let digit = written.as_bytes().get(place).map_or(0, |digit| digit - b'0');
        *home = if digits == 0 { 1 } else { digit };
    }
    votes
}
