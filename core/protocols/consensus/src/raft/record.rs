//! What the judge of Raft's claims remembers of a run.

use super::{Entry, Output, Raft};
use crate::{Command, Serial};
use faultline_core::prelude::*;
use faultline_core::toolbox::log::Log;

/// What the judge remembers of a run.
#[derive(Clone, Debug, Default, Hash)]
pub struct Record {
    /// What it remembers of any solution.
    pub(super) replicated: crate::Record<Entry>,
    /// The term in which each entry was first applied.
    pub(super) committed_in: Log<u64>,
    /// The winner of each term.
    pub(super) leaders: Map<u64, NodeId>,
    /// Of every node that has taken a step, what it was after its last one.
    pub(super) servers: Vec<Server>,
    /// When a majority last followed a leader.
    pub(super) followed: Micros,
    /// The entry in which each command of a session was first executed, and whether one came up again.
    pub(super) executed: Map<Serial, u64>,
    pub(super) has_repeated: bool,
}

/// A server after its last step.
#[derive(Clone, Debug, Default, Hash)]
pub(super) struct Server {
    /// Its log, also while it is down.
    pub(super) log: Log<Entry>,
    /// The term that it leads, if it does, and whom it follows, in which term.
    pub(super) leads: Option<u64>,
    follows: Option<(u64, NodeId)>,
    /// How much of its log it knows to be committed, and when it last committed anything or had nothing to
    /// commit.
    commit: u64,
    pub(super) committed_at: Micros,
}

impl Record {
    pub(super) fn remember(&mut self, step: &Step<'_, Raft>) {
        let place = step.who.index();
        if self.servers.len() <= place {
            self.servers.resize(place + 1, Server::default());
        }
        let server = &mut self.servers[place];
        let leader = step.node.filter(|node| node.leads());
        let goes_on = leader.is_some_and(|node| {
            server.leads != Some(node.term)
                || server.commit == server.log.len()
                || server.commit < node.commit
        });
        if goes_on {
            server.committed_at = step.now;
        }
        server.commit = leader.map_or(0, |node| node.commit);
        server.leads = leader.map(|node| node.term);
        server.follows = step.node.and_then(|node| Some((node.term, node.leader?)));
        self.replicated.remember(step);
        let Some(node) = step.node else { return };
        if !server.log.is_same(&node.log) {
            server.log = node.log.clone();
        }
        while self.committed_in.len() < self.replicated.applied.len() {
            self.committed_in.push(node.term);
        }
        if let Some(leader) = leader {
            let follows = |id: NodeId| {
                self.servers.get(id.index()).is_some_and(|it| it.follows == Some((leader.term, step.who)))
            };
            if leader.members.latest().is_quorum(follows) {
                self.followed = step.now;
            }
        }
        for output in step.outputs {
            if let Output::Elected { term } = output
                && !self.leaders.contains_key(term)
            {
                self.leaders.insert(*term, step.who);
            }
        }
        for (index, serial, is_executed) in numbered(step.outputs) {
            match self.executed.get(&serial) {
                Some(first) => self.has_repeated |= *first != index,
                None if is_executed => {
                    self.executed.insert(serial, index);
                }
                None => {}
            }
        }
    }

    /// What clients asked and were told.
    pub(super) fn history(&self) -> &Of<KeyValue> {
        self.replicated.history()
    }

    /// How many entries are known to be committed.
    pub(super) fn committed(&self) -> u64 {
        self.committed_in.len()
    }

    /// How many terms had a leader.
    pub(super) fn elected(&self) -> u64 {
        self.leaders.len() as u64
    }

    /// A node's log after its last step; empty before the first.
    pub(super) fn log(&self, node: NodeId) -> Option<&Log<Entry>> {
        self.servers.get(node.index()).map(|server| &server.log)
    }

    /// Every other node's log.
    pub(super) fn other_logs(&self, node: NodeId) -> impl Iterator<Item = (NodeId, &Log<Entry>)> {
        let named = (0..).map(NodeId).zip(&self.servers);
        named.filter(move |(other, _)| *other != node).map(|(other, server)| (other, &server.log))
    }

    /// How many entries were committed in terms before `term`.
    pub(super) fn committed_before(&self, term: u64) -> u64 {
        let mut length = self.committed_in.len();
        while self.committed_in.get(length).is_some_and(|&committed_in| committed_in >= term) {
            length -= 1;
        }
        length
    }
}

/// The commands of sessions that a step applied: the index, the name, and whether it was executed.
pub(super) fn numbered(outputs: &[Output]) -> impl Iterator<Item = (u64, Serial, bool)> {
    let is_skipped = |at: u64| {
        outputs.iter().any(|output| matches!(output, Output::Skipped { index, .. } if *index == at))
    };
    outputs.iter().filter_map(move |output| match output {
        Output::Applied { index, entry: Entry { command: Command::Numbered { serial, .. }, .. } } => {
            Some((*index, *serial, !is_skipped(*index)))
        }
        _ => None,
    })
}
