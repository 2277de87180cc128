//! Which node plays which role, who is a majority, and to whom a number belongs.

use super::{Arrangement, Ballot, Params};
use faultline_core::prelude::*;
use faultline_core::toolbox::quorum::majority;

/// Which nodes play which role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Roles {
    together: bool,
    /// Of the wrong twin: a number belongs to nobody.
    shared: bool,
    count: u32,
    pub(super) proposers: u32,
    learners: u32,
}

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum Role {
    Proposer,
    Acceptor,
    Learner,
    /// All three.
    Server,
}

impl Roles {
    /// What is set, as far as there are nodes enough: one acceptor there must be, and a proposer if there is another node.
    pub(super) fn new(params: &Params, count: u32) -> Self {
        let (together, shared) = (params.roles == Arrangement::Together, params.bugs.shares_ballots);
        if together {
            return Roles { together, shared, count, proposers: count, learners: count };
        }
        let proposers = (params.proposers as u32).min(count - 1);
        let learners = (params.learners as u32).min(count - 1 - proposers);
        Roles { together, shared, count, proposers, learners }
    }

    pub(super) fn of(self, node: NodeId) -> Role {
        match node.0 {
            _ if self.together => Role::Server,
            place if place < self.proposers => Role::Proposer,
            place if place < self.count - self.learners => Role::Acceptor,
            _ => Role::Learner,
        }
    }

    /// The acceptors, in order.
    pub(super) fn acceptors(self) -> impl Iterator<Item = NodeId> {
        let all = if self.together { 0..self.count } else { self.proposers..self.count - self.learners };
        all.map(NodeId)
    }

    /// The learners, in order.
    pub(super) fn learners(self) -> impl Iterator<Item = NodeId> {
        (self.count - self.learners..self.count).map(NodeId)
    }

    /// How many acceptors are a majority.
    pub(super) fn majority(self) -> usize {
        majority(self.acceptors().count())
    }

    /// The proposer that a number belongs to.
    pub(super) fn owner(self, ballot: Ballot) -> Option<NodeId> {
        let place = ballot.checked_sub(1)? % u64::from(self.proposers);
        (!self.shared).then_some(NodeId(place as u32))
    }

    /// The least number of a proposer above another number.
    pub(super) fn number(self, proposer: NodeId, above: Ballot) -> Ballot {
        if self.shared {
            return above + 1;
        }
        let (own, all) = (u64::from(proposer.0) + 1, u64::from(self.proposers));
        let rounds = (above + all - own) / all;
        own + rounds * all
    }
}

impl Role {
    pub(super) fn word(self) -> &'static str {
        match self {
            Role::Proposer => "proposer",
            Role::Acceptor => "acceptor",
            Role::Learner => "learner",
            Role::Server => "server",
        }
    }

    pub(super) fn proposes(self) -> bool {
        matches!(self, Role::Proposer | Role::Server)
    }

    pub(super) fn accepts(self) -> bool {
        matches!(self, Role::Acceptor | Role::Server)
    }
}
