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
    /// What identifiers are drawn with, a key a round; `None` where they are spread.
    keys: Option<[u32; ROUNDS as usize]>,
}

/// So many rounds of a permutation leave no order that one sees in names that are numbers.
const ROUNDS: u64 = 4;

impl Circle {
    /// A circle of so many bits, on which identifiers are drawn with a seed, or spread.
    pub(super) fn new(bits: u32, seed: Option<u64>) -> Self {
        let key = |seed, nth| (draw(seed, Purpose::Choice, (u32::MAX, u32::MAX), nth) >> 32) as u32;
        let keys = seed.map(|seed| std::array::from_fn(|round| key(seed, round as u64)));
        Circle { bits, keys }
    }

    /// Whether a node has an identifier of its own: there are as many as places.
    pub(super) fn has_place(self, node: NodeId) -> bool {
        u64::from(node.0) < 1 << self.bits
    }

    /// Different for all nodes that have a place; each round multiplies by an odd number, folds and adds, and so loses
    /// nothing.
    pub(super) fn identifier(self, node: NodeId) -> u32 {
        let mask = u32::MAX >> (32 - self.bits);
        let Some(keys) = self.keys else { return node.0.reverse_bits() >> (32 - self.bits) };
        keys.iter().fold(node.0 & mask, |place, key| {
            let place = place.wrapping_mul(key | 1) & mask;
            (place ^ place >> self.bits.div_ceil(2)).wrapping_add(key.rotate_left(16)) & mask
        })
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

    /// The members that follow one of them, the next first.
    pub(super) fn after(&self, me: NodeId) -> impl DoubleEndedIterator<Item = NodeId> {
        let clockwise = self.clockwise(u64::from(self.circle.identifier(me)) + 1);
        clockwise.map(|(_, node)| node).filter(move |node| *node != me)
    }

    /// The finger of a member: the first other one that is so far ahead, or itself.
    pub(super) fn finger(&self, me: NodeId, nth: u8) -> NodeId {
        let place = self.circle.identifier(me);
        let mut clockwise = self.clockwise(self.circle.goal(place, nth).into());
        clockwise.next().map_or(me, |(_, node)| node)
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

    /// All different, as many as there are places.
    #[test]
    fn identifiers_are_all_different() {
        for (bits, seed) in (1..=10).flat_map(|bits| (0..20).map(move |seed| (bits, seed))) {
            for circle in [Circle::new(bits, None), Circle::new(bits, Some(seed))] {
                let mut places: Vec<_> = (0..1 << bits).map(|node| circle.identifier(NodeId(node))).collect();
                places.sort_unstable();
                assert!(places.iter().copied().eq(0..1 << bits), "{circle:?}: {places:?}");
            }
        }
    }

    /// By looking at all members.
    #[test]
    fn the_ideal_ring_is_what_each_member_would_find() {
        for (bits, count, seed) in (1..=5).flat_map(|bits| {
            (1..=1 << bits)
                .flat_map(move |count| [(bits, count, None), (bits, count, Some(u64::from(count)))])
        }) {
            let circle = Circle::new(bits, seed);
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
