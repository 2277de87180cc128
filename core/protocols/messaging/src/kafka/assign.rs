//! Assignors: which member of a group reads which partition, as pure functions of the members and what they have read before.

use super::vocabulary::{Assignment, Membership, Partition};
use faultline_core::prelude::*;

/// How the partitions are divided among the members.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Choice)]
#[allow(missing_docs)]
pub enum Assignor {
    Range,
    RoundRobin,
    Sticky,
    Cooperative,
}

/// `RangeAssignor`: of each topic, given by its number of partitions, every member gets a range; the first members get one more
/// where it does not come out even. A pair is a topic and a partition.
pub fn range(members: usize, topics: &[u32]) -> Vec<Vec<(usize, u32)>> {
    let mut all = vec![Vec::new(); members];
    let count = members.max(1) as u32;
    for (topic, partitions) in topics.iter().enumerate() {
        let mut next = 0;
        for (place, mine) in all.iter_mut().enumerate() {
            let share = partitions / count + u32::from((place as u32) < partitions % count);
            mine.extend((next..next + share).map(|partition| (topic, partition)));
            next += share;
        }
    }
    all
}

/// `RoundRobinAssignor`: all partitions of all topics in order, one after the other to each member.
pub fn round_robin(members: usize, topics: &[u32]) -> Vec<Vec<(usize, u32)>> {
    let mut all = vec![Vec::new(); members];
    let every = topics.iter().enumerate().flat_map(|(topic, count)| (0..*count).map(move |it| (topic, it)));
    for (place, pair) in every.enumerate() {
        if let Some(mine) = all.get_mut(place % members.max(1)) {
            mine.push(pair);
        }
    }
    all
}

/// The idea of `StickyAssignor`: the shares differ by one at most, and as few partitions as possible move.
pub fn sticky(members: &[Membership], partitions: u32) -> Assignment {
    let count = members.len().max(1);
    let (least, more) = (partitions as usize / count, partitions as usize % count);
    let mut order: Vec<&Membership> = members.iter().collect();
    // The member that had most keeps most; among equals the first.
    order.sort_by_key(|it| std::cmp::Reverse(it.kept.len()));
    let quota = |place: usize| least + usize::from(place < more);
    let mut assignment = Assignment::default();
    let mut free: Vec<Partition> = (0..partitions).map(Partition).collect();
    for (place, it) in order.iter().enumerate() {
        let keeps = it.kept.iter().filter(|partition| free.contains(partition));
        let keeps: Vec<_> = keeps.take(quota(place)).copied().collect();
        free.retain(|partition| !keeps.contains(partition));
        assignment.insert(it.member, keeps);
    }
    let mut free = free.into_iter();
    for (place, it) in order.iter().enumerate() {
        let mine = assignment.or_default(it.member);
        while mine.len() < quota(place)
            && let Some(partition) = free.next()
        {
            mine.push(partition);
        }
        mine.sort_unstable();
    }
    assignment
}

/// KIP-429: a partition that another member still owns is given to nobody in this generation.
pub fn withhold(members: &[Membership], assignment: &mut Assignment) {
    for it in members {
        for other in members.iter().filter(|other| other.member != it.member) {
            let mine = assignment.or_default(it.member);
            mine.retain(|partition| !other.owned.contains(partition));
        }
    }
}

/// What the leader of a group hands out.
pub fn assign(assignor: Assignor, members: &[Membership], partitions: u32, at_once: bool) -> Assignment {
    let of_pairs = |pairs: Vec<Vec<(usize, u32)>>| {
        let mut assignment = Assignment::default();
        for (it, pairs) in members.iter().zip(pairs) {
            let partitions = pairs.into_iter().map(|(_, partition)| Partition(partition)).collect();
            assignment.insert(it.member, partitions);
        }
        assignment
    };
    match assignor {
        Assignor::Range => of_pairs(range(members.len(), &[partitions])),
        Assignor::RoundRobin => of_pairs(round_robin(members.len(), &[partitions])),
        Assignor::Sticky => sticky(members, partitions),
        Assignor::Cooperative => {
            let mut assignment = sticky(members, partitions);
            if !at_once {
                withhold(members, &mut assignment);
            }
            assignment
        }
    }
}
