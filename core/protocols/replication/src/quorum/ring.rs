//! The roles of nodes: clients, and on the ring the replicas that are homes of a key.

use super::Params;
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
}

/// Where a key is on the ring, in 2⁻³² of it.
pub(super) fn place(key: Key) -> u32 {
    (fingerprint::of(&key) >> 32) as u32
}

impl Quorums {
    pub(super) fn new(params: &Params, count: usize) -> Self {
        let clients = (params.clients as u32).min(count as u32 - 1);
        let replicas = count as u32 - clients;
        let n = (params.n as u32).min(replicas);
        let (r, w) = ((params.r as u32).min(n), (params.w as u32).min(n));
        Quorums { clients, replicas, n, r, w, sloppy: params.sloppy }
    }

    /// All replicas in the order of the ring, from a key's place on. The first N are its homes.
    pub(super) fn ring(self, key: Key) -> impl Iterator<Item = NodeId> {
        let first = ((u64::from(place(key)) * u64::from(self.replicas)) >> 32) as u32;
        (first..first + self.replicas).map(move |nth| NodeId(self.clients + nth % self.replicas))
    }

    pub(super) fn homes(self, key: Key) -> impl Iterator<Item = NodeId> {
        self.ring(key).take(self.n as usize)
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
        self.r + self.w > self.n && !self.sloppy
    }
}
