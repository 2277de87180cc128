//! Hosts that run several members each (2001, §6.1; 2003, §VI-B): how even that makes what they are
//! responsible for.

use super::Chord;
use crate::Ring;
use faultline_core::prelude::*;

impl Chord {
    /// The host that a node runs on, counted from 1; only where hosts run several.
    pub(super) fn host(&self) -> Option<u32> {
        (self.host_size > 1).then(|| self.host_of(self.me) + 1)
    }

    fn host_of(&self, node: NodeId) -> u32 {
        node.0 / self.host_size
    }
}

/// How many places of the circle belong to each host that runs members, the least first.
fn loads(scene: &Scene<'_, Chord>) -> Vec<u64> {
    let members = scene.nodes().filter_map(|(who, node)| Some((node.identifier()?, node, node.host_of(who))));
    let mut members: Vec<_> = members.collect();
    members.sort_unstable_by_key(|(place, ..)| *place);
    let mut loads = Map::<u32, u64>::default();
    let before = members.iter().cycle().skip(members.len().saturating_sub(1));
    for ((place, node, host), (before, ..)) in members.iter().zip(before) {
        // A member alone owns the whole circle.
        let arc = match node.circle.distance(*before, *place) {
            0 => 1 << node.circle.bits,
            arc => arc.into(),
        };
        *loads.or_default(*host) += arc;
    }
    let mut loads: Vec<_> = loads.iter().map(|(_, load)| *load).collect();
    loads.sort_unstable();
    loads
}

/// By rank, the least first: the load of a host in thousandths of the mean.
pub(super) fn curve(scene: &Scene<'_, Chord>) -> Vec<(u64, u64)> {
    let loads = loads(scene);
    let (count, all) = (loads.len() as u64, loads.iter().sum::<u64>().max(1));
    (1..).zip(loads).map(|(rank, load)| (rank, load * 1_000 * count / all)).collect()
}

/// The greatest load of a host and the mean, as a quotient.
pub(super) fn greatest(scene: &Scene<'_, Chord>) -> (u64, u64) {
    let loads = loads(scene);
    (loads.last().copied().unwrap_or(0) * loads.len() as u64, loads.iter().sum())
}
