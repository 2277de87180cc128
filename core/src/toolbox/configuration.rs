//! Configurations: who takes part in deciding, and what a quorum of them is (Ongaro & Ousterhout 2014, §6).
//!
//! A plain configuration is a set of members, and a majority of them decides. A joint one, of the time between two
//! plain ones, asks for a majority of the old members and for one of the new, so that neither can decide alone. Learners
//! receive what the members decide and have no part in deciding it (Ongaro 2014, §4.2.1).

use super::quorum::{NodeSet, majority};
use crate::name::NodeId;
use std::fmt::{self, Display};

/// Who takes part.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Configuration {
    members: NodeSet,
    old: Option<NodeSet>,
    learners: NodeSet,
}

impl Configuration {
    /// These members, and nobody else.
    pub fn of(members: NodeSet) -> Self {
        Configuration { members, ..Configuration::default() }
    }

    /// On the way from `old` members to new ones.
    pub fn joint(old: NodeSet, members: NodeSet) -> Self {
        Configuration { members, old: Some(old), learners: NodeSet::default() }
    }

    /// The same, with these learners.
    pub fn with_learners(self, learners: NodeSet) -> Self {
        Configuration { learners, ..self }
    }

    /// The members or, of a joint configuration, those that will be.
    pub fn members(&self) -> &NodeSet {
        &self.members
    }

    /// The nodes that receive everything and decide nothing.
    pub fn learners(&self) -> &NodeSet {
        &self.learners
    }

    /// Whether old and new members decide together.
    pub fn is_joint(&self) -> bool {
        self.old.is_some()
    }

    /// Every node that takes part, on either side; those that will be members come first.
    pub fn nodes(&self) -> impl Iterator<Item = NodeId> {
        let leaving = self.old.iter().flat_map(NodeSet::iter).filter(|&node| !self.members.contains(node));
        self.members.iter().chain(leaving)
    }

    /// Every node that takes part, and then the learners.
    pub fn receivers(&self) -> impl Iterator<Item = NodeId> {
        self.nodes().chain(self.learners.iter())
    }

    /// Whether a node takes part before the change and after it.
    pub fn sides(&self, node: NodeId) -> (bool, bool) {
        let after = self.members.contains(node);
        (self.old.as_ref().map_or(after, |old| old.contains(node)), after)
    }

    /// Whether a node takes part, on either side.
    pub fn contains(&self, node: NodeId) -> bool {
        self.members.contains(node) || self.old.as_ref().is_some_and(|old| old.contains(node))
    }

    /// Whether those nodes for which `has` holds are a quorum: a majority of the members and, of a joint
    /// configuration, also of the old ones.
    pub fn is_quorum(&self, has: impl Fn(NodeId) -> bool) -> bool {
        let most = |side: &NodeSet| side.iter().filter(|&node| has(node)).count() >= majority(side.len());
        most(&self.members) && self.old.as_ref().is_none_or(most)
    }

    /// How many of its nodes may fail so that the others are still a quorum.
    pub fn tolerates(&self) -> u32 {
        let spare = |side: &NodeSet| (side.len() - majority(side.len()).min(side.len())) as u32;
        spare(&self.members).min(self.old.as_ref().map_or(u32::MAX, spare))
    }
}

impl Display for Configuration {
    /// `n1, n2, n3`; a joint one `n1, n2, n3 to n3, n4, n5`; with a learner `n1, n2, n3 and learner n4`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(old) = &self.old {
            write!(out, "{old} to ")?;
        }
        write!(out, "{}", self.members)?;
        match self.learners.len() {
            0 => Ok(()),
            1 => write!(out, " and learner {}", self.learners),
            _ => write!(out, " and learners {}", self.learners),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(nodes: &[u32]) -> NodeSet {
        nodes.iter().map(|&node| NodeId(node)).collect()
    }

    /// All pairs of quorums among six nodes: two of one configuration meet, and so do one of a joint configuration
    /// and one of either side.
    #[test]
    fn quorums_meet() {
        let (old, new) = (set(&[0, 1, 2]), set(&[2, 3, 4, 5]));
        let joint = Configuration::joint(old.clone(), new.clone());
        let sides = [joint, Configuration::of(old), Configuration::of(new)];
        let quorum = |side: &Configuration, mask: u32| side.is_quorum(|node| mask >> node.0 & 1 == 1);
        let mut apart = 0;
        for (one, two) in (0..64_u32).flat_map(|one| (0..64).map(move |two| (one, two))) {
            if one & two != 0 {
                continue;
            }
            for side in &sides {
                assert!(!(quorum(side, one) && quorum(side, two)), "{side}: {one:b} and {two:b}");
                assert!(!(quorum(&sides[0], one) && quorum(side, two)), "{side}: {one:b} and {two:b}");
            }
            apart += u32::from(quorum(&sides[1], one) && quorum(&sides[2], two));
        }
        assert!(apart > 0, "without the joint configuration both sides may decide apart");
    }

    #[test]
    fn a_joint_configuration_names_everybody_once() {
        let joint = Configuration::joint(set(&[0, 1, 2]), set(&[2, 3]));
        assert_eq!(joint.nodes().collect::<Vec<_>>(), [2, 3, 0, 1].map(NodeId));
        assert!(joint.contains(NodeId(0)) && !joint.contains(NodeId(4)));
        assert_eq!(joint.to_string(), "n1, n2, n3 to n3, n4");
    }

    #[test]
    fn learners_receive_and_do_not_decide() {
        let learning = Configuration::of(set(&[0, 1, 2])).with_learners(set(&[3]));
        assert_eq!(learning.receivers().collect::<Vec<_>>(), [0, 1, 2, 3].map(NodeId));
        assert!(!learning.contains(NodeId(3)) && !learning.is_quorum(|node| node.0 == 0 || node.0 == 3));
        assert!(learning.is_quorum(|node| node.0 < 2) && learning.tolerates() == 1);
        assert_eq!(learning.to_string(), "n1, n2, n3 and learner n4");
    }
}
