//! The circle of identifiers, and the ring of its first members at the start.

use faultline_core::prelude::*;
use faultline_core::random::{Purpose, draw};
use faultline_core::toolbox::order::by_number;
use std::cell::RefCell;
use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::rc::Rc;

/// Where identifiers are: enough to know that of any node from its name, as a hash of its address is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Circle {
    pub(super) bits: u32,
    pub(super) spread: bool,
    pub(super) seed: u64,
}

impl Circle {
    pub(super) fn identifier(self, node: NodeId) -> u32 {
        let full = if self.spread {
            node.0.reverse_bits()
        } else {
            (draw(self.seed, Purpose::Choice, (node.0, u32::MAX), 0) >> 32) as u32
        };
        full >> (32 - self.bits)
    }

    /// How far it is clockwise.
    pub(super) fn distance(self, from: u32, to: u32) -> u32 {
        to.wrapping_sub(from) & (u32::MAX >> (32 - self.bits))
    }

    /// How far a node is from an identifier, the node that has it counting as a whole turn.
    pub(super) fn way(self, from: u32, node: NodeId) -> u64 {
        match self.distance(from, self.identifier(node)) {
            0 => 1 << self.bits,
            way => way.into(),
        }
    }

    /// Where the finger of this number points: so far ahead that the n-th bit counts.
    pub(super) fn goal(self, from: u32, nth: u8) -> u32 {
        self.distance(0, from.wrapping_add(1 << nth))
    }
}

/// Members in the order of their identifiers.
#[derive(Clone, Debug)]
pub(super) struct IdealRing {
    circle: Circle,
    members: Rc<[(u32, NodeId)]>,
}

impl IdealRing {
    fn new(circle: Circle, count: u32) -> Self {
        let mut members: Vec<_> =
            (0..count).map(NodeId).map(|node| (circle.identifier(node), node)).collect();
        by_number(&mut members, |(identifier, node)| u128::from(*identifier) << 32 | u128::from(node.0));
        IdealRing { circle, members: members.into() }
    }

    /// All members, clockwise, from the first that is at a place or after it.
    fn clockwise(&self, place: u64) -> impl DoubleEndedIterator<Item = (u32, NodeId)> {
        let first = self.members.partition_point(|(identifier, _)| u64::from(*identifier) < place);
        let (before, after) = self.members.split_at(first);
        after.iter().chain(before).copied()
    }

    /// The members that follow one of them, the next first. Who shares its identifier comes last.
    pub(super) fn after(&self, me: NodeId) -> impl DoubleEndedIterator<Item = NodeId> {
        let clockwise = self.clockwise(u64::from(self.circle.identifier(me)) + 1);
        clockwise.map(|(_, node)| node).filter(move |node| *node != me)
    }

    /// The finger of a member: the first other one that is so far ahead, or itself.
    pub(super) fn finger(&self, me: NodeId, nth: u8) -> NodeId {
        let place = self.circle.identifier(me);
        let mut clockwise = self.clockwise(self.circle.goal(place, nth).into());
        match clockwise.next() {
            Some((_, node)) if node != me => node,
            // It has come round, and nobody is ahead but who shares its identifier.
            _ => clockwise.next().filter(|(identifier, _)| *identifier == place).map_or(me, |(_, node)| node),
        }
    }
}

/// The ideal ring of a run. The first member that boots works it out for all, since N members that each looked at all
/// others would need N² steps. It follows from the other parameters and the seed, so it counts in no comparison.
#[derive(Clone, Debug, Default)]
pub struct Shared(RefCell<Option<IdealRing>>);

impl Shared {
    pub(super) fn of(&self, circle: Circle, count: u32) -> IdealRing {
        let mut known = self.0.borrow_mut();
        let fits = |ring: &IdealRing| ring.circle == circle && ring.members.len() == count as usize;
        match known.as_ref().filter(|ring| fits(ring)) {
            Some(ring) => ring.clone(),
            None => known.insert(IdealRing::new(circle, count)).clone(),
        }
    }
}

impl PartialEq for Shared {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Shared {}

impl PartialOrd for Shared {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Shared {
    fn cmp(&self, _: &Self) -> Ordering {
        Ordering::Equal
    }
}

impl Hash for Shared {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By looking at all members, also where places are so few that members share them.
    #[test]
    fn the_ideal_ring_is_what_each_member_would_find() {
        for (bits, count, spread, seed) in (1..=5).flat_map(|bits| {
            (1..=40).flat_map(move |count| [(bits, count, true, 0), (bits, count, false, u64::from(count))])
        }) {
            let circle = Circle { bits, spread, seed };
            let ring = IdealRing::new(circle, count);
            for me in (0..count).map(NodeId) {
                let way = |node| circle.way(circle.identifier(me), node);
                let mut others: Vec<_> = (0..count).map(NodeId).filter(|node| *node != me).collect();
                others.sort_by_key(|node| (way(*node), *node));
                assert_eq!(ring.after(me).collect::<Vec<_>>(), others);
                for nth in 0..bits as u8 {
                    let first = others.iter().find(|node| way(**node) >= 1 << nth);
                    assert_eq!(ring.finger(me, nth), *first.unwrap_or(&me), "{circle:?}, {me} of {count}");
                }
            }
        }
    }
}
