//! The words for what messages and disks of Paxos carry, and what its cards show.

use super::{Acceptor, Attempt, Ballot, Paxos, Proposal, Role, Stable};
use faultline_core::card::Poll;
use faultline_core::prelude::*;
use faultline_core::sign::{Age, Held};
use std::fmt::{self, Display};

/// What a promise reports: nothing, or ` after 1 (7)`.
pub(super) fn after(accepted: Option<Proposal>) -> impl Display {
    fmt::from_fn(move |out| match accepted {
        Some(proposal) => write!(out, " after {proposal}"),
        None => Ok(()),
    })
}

impl Display for Stable {
    /// `tried 1, promised 2, accepted 1 (7)`, as much of it as there is.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Stable { tried, promised, accepted } = self;
        let numbers = [("tried", *tried), ("promised", *promised)].into_iter();
        let numbers =
            numbers.filter(|(_, number)| *number > 0).map(|(name, number)| format!("{name} {number}"));
        let all: Vec<_> = numbers.chain(accepted.map(|proposal| format!("accepted {proposal}"))).collect();
        out.write_str(if all.is_empty() { "nothing".into() } else { all.join(", ") }.as_str())
    }
}

/// What there is of something, or `none`.
fn some(what: Option<impl Display>) -> String {
    what.map_or_else(|| "none".to_owned(), |what| what.to_string())
}

/// A number, where there is one.
fn number(ballot: Ballot) -> Option<Ballot> {
    Some(ballot).filter(|ballot| *ballot > 0)
}

impl Paxos {
    /// What the page shows of it.
    pub(super) fn described(&self) -> Card {
        let Acceptor { promised, accepted, .. } = self.acceptor;
        let highest = promised.max(self.proposer.tried);
        let badge = match (self.learner.learned, number(highest)) {
            (Some(value), _) => value.to_string(),
            (None, Some(highest)) => format!("#{highest}"),
            (None, None) => "–".into(),
        };
        let held = accepted.map(|Proposal { ballot, value }| Held {
            key: "v".into(),
            value: value.to_string(),
            age: Age::Clock(vec![ballot]),
            home: None,
            newest: false,
        });
        Card {
            role: self.role.word(),
            sign: self.sign(),
            voted: self.roles.owner(promised).filter(|_| self.learner.learned.is_none()),
            badge,
            fields: self.fields(),
            poll: self.poll(),
            holds: held.into_iter().collect(),
            table: self.table(),
            place: match self.role {
                Role::Proposer | Role::Server => 0,
                Role::Acceptor => 1,
                Role::Learner => 2,
            },
            ..Card::default()
        }
    }

    fn sign(&self) -> Sign {
        match (self.learner.learned, &self.proposer.attempt) {
            (Some(_), _) => Sign::Committed,
            (None, Attempt::Preparing(_) | Attempt::Issued(_)) => Sign::Seeking,
            (None, _) if self.learner.asks => Sign::Seeking,
            (None, _) if self.acceptor.accepted.is_some() => Sign::Uncertain,
            (None, Attempt::None | Attempt::Abandoned) => Sign::Idle,
        }
    }

    fn fields(&self) -> Vec<Field> {
        let mut fields = Vec::new();
        if self.role != Role::Acceptor {
            fields.push(Field::new("learned", Meaning::Value, some(self.learner.learned)));
        }
        if self.role.accepts() {
            fields.push(Field::new("promised", Meaning::Term, some(number(self.acceptor.promised))));
            fields.push(Field::new("accepted", Meaning::Value, some(self.acceptor.accepted)));
        }
        if self.role.proposes() {
            let (phase, proposal) = match &self.proposer.attempt {
                Attempt::None => ("idle", None),
                Attempt::Preparing(_) => ("1, promises", None),
                Attempt::Issued(proposal) => ("2, acceptances", Some(*proposal)),
                Attempt::Abandoned => ("abandoned", None),
            };
            fields.push(Field::new("own value", Meaning::Value, some(self.proposer.value)));
            fields.push(Field::new("phase", Meaning::Value, phase));
            fields.push(Field::new("proposal", Meaning::Value, some(proposal)));
            fields.push(Field::new("tried", Meaning::Term, some(number(self.proposer.tried))));
        }
        fields
    }

    /// The acceptors' disks, and what the others know of them.
    fn table(&self) -> Vec<(String, String)> {
        let rows = [
            ("accepted", self.acceptor.accepted.map(|proposal| proposal.to_string())),
            ("learned", self.learner.learned.map(|value| value.to_string())),
            ("promised", number(self.acceptor.promised).map(|ballot| ballot.to_string())),
            ("tried", number(self.proposer.tried).map(|ballot| ballot.to_string())),
        ];
        rows.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
    }

    /// What it counts, or has counted to the end.
    fn poll(&self) -> Option<Poll> {
        self.promises().or_else(|| {
            let issued = match self.proposer.attempt {
                Attempt::Issued(proposal) => Some(proposal),
                _ => None,
            };
            let latest = || self.learner.accepted.keys().next_back().copied();
            let proposal = issued.or_else(latest)?;
            Some(self.acceptances(proposal.ballot, &self.learner.supporters(proposal, false)))
        })
    }

    /// Those who have promised the number that it tries.
    pub(super) fn promises(&self) -> Option<Poll> {
        let Attempt::Preparing(promises) = &self.proposer.attempt else { return None };
        let name = format!("promises for {}", self.proposer.tried);
        Some(self.count(name, &|node| promises.contains_key(&node)))
    }

    /// Those who have accepted a proposal, as far as is known.
    pub(super) fn acceptances(&self, ballot: Ballot, supporters: &NodeSet) -> Poll {
        self.count(format!("acceptances of {ballot}"), &|node| supporters.contains(node))
    }

    fn count(&self, name: String, has: &dyn Fn(NodeId) -> bool) -> Poll {
        Poll::new(name, self.roles.acceptors().collect(), Some(self.roles.majority()), has)
    }
}
