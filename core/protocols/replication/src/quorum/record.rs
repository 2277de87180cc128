//! What the judge remembers of a run with quorums.

use super::freshness::Freshness;
use super::session_claims::Sessions;
use super::version::{Version, Versions};
use super::{Input, Key, Output, Quorum};
use crate::Clients;
use faultline_core::prelude::*;

/// What the judge remembers of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Record {
    /// What clients asked and were told.
    pub clients: Clients,
    pub(super) writes: Map<Key, Vec<Write>>,
    /// What each replica has told that it holds.
    pub(super) held: Map<(NodeId, Key), Versions>,
    /// The settings: whether every read quorum meets every write quorum, and whether vector clocks decide.
    pub(super) strict: bool,
    pub(super) vectors: bool,
    /// When each client began its latest request, and of all the latest that ended, where it was given up.
    pub(super) begun: Map<NodeId, Micros>,
    pub(super) failed: Option<Failed>,
    /// Whether a read that was answered, and a write that was begun, came after a write of the same key that was done, and
    /// whether a read missed a deletion whose tombstone was collected too early.
    pub(super) read_later: bool,
    pub(super) wrote_later: bool,
    pub(super) revived: bool,
    pub(super) sessions: Sessions,
    /// Whether a node coordinates requests, and by client and number the writes that one may coordinate.
    pub(super) by_node: bool,
    pub(super) asked: Map<(NodeId, u32), Asked>,
    /// Whether a replica has replaced what it held.
    pub(super) replaced: bool,
    /// How many reads were answered.
    pub reads: u64,
    /// How many of them missed a write that was done before they began.
    pub stale: u64,
    /// When each write that is done was done, by its operation, and how soon reads hear of it.
    done_at: Map<usize, Micros>,
    pub(super) freshness: Freshness,
}

/// A request that was given up: whose it was, when it was begun, how many answers it needed about which key,
/// and whether it was a read of a session, which may have to wait for what others do not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Failed {
    pub(super) client: NodeId,
    pub(super) begun: Micros,
    pub(super) key: Key,
    pub(super) needed: usize,
    pub(super) may_wait: bool,
}

/// A write that a client has asked a coordinator for: the operation, and what the client had written and read
/// of the key then.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Asked {
    pub(super) operation: usize,
    pub(super) wrote: Versions,
    pub(super) read: Versions,
}

/// A write that was begun.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Write {
    pub(super) version: Version,
    pub(super) operation: usize,
    /// Whether it is what its client was or will be told of. Of a request that several nodes have
    /// coordinated, only one is.
    pub(super) is_told: bool,
    /// When it was begun, and when a home last took it.
    pub(super) begun: Micros,
    pub(super) taken: Micros,
    /// When a read first returned it.
    pub(super) read: Option<u64>,
    /// The homes that have ever taken it, or what supersedes it, and whether a hint of it has expired.
    pub(super) homes: NodeSet,
    pub(super) expired: bool,
    /// Of a tombstone: the homes that have collected it, and whether that was too early.
    pub(super) collected: NodeSet,
    pub(super) too_early: bool,
}

impl Record {
    /// Adds a step.
    pub(super) fn remember(&mut self, step: &Step<'_, Quorum>) {
        let who = step.who;
        match step.node {
            Some(node) => {
                (self.strict, self.vectors) = (node.quorums.is_strict(), node.vectors);
                (self.sessions.on, self.sessions.vectors) = (node.in_session, node.vectors);
                self.by_node = node.quorums.by_node;
            }
            None => self.clients.leave(who),
        }
        for output in step.outputs {
            match output {
                Output::Begun { input, write } => {
                    let operation = self.clients.ask(who, input);
                    self.begun.insert(who, step.now);
                    let (Input::Get(key) | Input::Put(key, _) | Input::Delete(key)) = input;
                    if let Some(version) = write {
                        self.sessions.begins(who, *key);
                        self.begin(*key, version, (operation, true), step.now);
                    } else if let (Some(node), Input::Put(..) | Input::Delete(_)) = (step.node, input) {
                        self.sessions.begins(who, *key);
                        let of =
                            |known: &Map<_, Versions>| known.get(&(who, *key)).cloned().unwrap_or_default();
                        let (wrote, read) = (of(&self.sessions.wrote), of(&self.sessions.read));
                        self.asked.insert((who, node.disk.requests), Asked { operation, wrote, read });
                    }
                }
                Output::Read { key, versions } => self.read(who, *key, versions),
                Output::Wrote { key } => {
                    let done = self.clients.answer(who, None);
                    if let Some(operation) = done {
                        self.done_at.insert(operation, step.now);
                    }
                    let forwarded = step.node.and_then(|node| node.forwarded.as_ref()?.write.as_ref());
                    for write in self.writes.or_default(*key) {
                        write.is_told |= forwarded == Some(&write.version);
                        if Some(write.operation) == done && write.is_told {
                            self.sessions.wrote.or_default((who, *key)).add(&write.version);
                        }
                    }
                    self.failed = None;
                }
                Output::GaveUp => {
                    self.clients.leave(who);
                    self.failed = step.node.and_then(Quorum::latest).map(|(key, is_read, needed)| Failed {
                        client: who,
                        begun: self.begun.get(&who).copied().unwrap_or(0),
                        key,
                        needed,
                        may_wait: self.sessions.on && is_read,
                    });
                }
                Output::Took { key, version } => {
                    self.replaced |= self.held.contains_key(&(who, *key));
                    self.take(who, *key, version);
                    let writes = self.writes.or_default(*key).iter_mut();
                    writes.filter(|write| write.version == *version).for_each(|it| it.taken = step.now);
                }
                Output::Expired { key, version, .. } => {
                    let writes = self.writes.or_default(*key).iter_mut();
                    writes.filter(|write| write.version == *version).for_each(|it| it.expired = true);
                }
                Output::Collected { key } => self.collect(who, *key, step.node),
                Output::Coordinated { client, request, key, version } => {
                    let asked = self.asked.get(&(*client, *request)).map(|asked| asked.operation);
                    if let Some(operation) = asked {
                        self.begin(*key, version, (operation, false), step.now);
                    }
                }
                Output::HandedOff { .. } | Output::Compared { .. } => {}
            }
        }
    }

    /// A client begins a write, or its coordinator does. What is there already may supersede it, so its homes
    /// may have more than it from its start.
    pub(super) fn begin(
        &mut self,
        key: Key,
        version: &Version,
        (operation, is_told): (usize, bool),
        begun: Micros,
    ) {
        let known = self.writes.get(&key).into_iter().flatten();
        self.wrote_later |= known.clone().any(|write| self.done(write).is_some());
        let homes = known.filter(|write| write.version.covers(version)).flat_map(|write| write.homes.iter());
        let (homes, version) = (homes.collect(), version.clone());
        let (read, expired, collected, too_early) = (None, false, NodeSet::default(), false);
        let taken = begun;
        let write =
            Write { version, operation, is_told, begun, taken, read, homes, expired, collected, too_early };
        self.writes.or_default(key).push(write);
    }

    /// A home takes a version. Where it has collected a tombstone of that, the version was under way for longer than the grace.
    pub(super) fn take(&mut self, home: NodeId, key: Key, version: &Version) {
        self.held.or_default((home, key)).add(version);
        for write in self.writes.or_default(key) {
            if version.covers(&write.version) {
                write.homes.insert(home);
            }
            write.too_early |= write.collected.contains(home) && write.version.supersedes(version);
        }
    }

    /// A home has collected tombstones: too early, where another home has not stored them yet, or what supersedes them.
    pub(super) fn collect(&mut self, home: NodeId, key: Key, node: Option<&Quorum>) {
        let Some(node) = node else { return };
        let kept = node.held(key).cloned().unwrap_or_default();
        let gone = |version: &Version| kept.iter().all(|it| it != version);
        let held = self.held.or_default((home, key));
        for write in self.writes.or_default(key).iter_mut() {
            if held.iter().any(|version| *version == write.version && gone(version)) {
                write.collected.insert(home);
                write.too_early |= node.quorums.homes(key).any(|other| !write.homes.contains(other));
            }
        }
        held.take_out(gone);
    }

    pub(super) fn read(&mut self, who: NodeId, key: Key, versions: &Versions) {
        self.reads += 1;
        self.sessions.reads(who, key, versions);
        let has_earlier = self.before(who, key, Record::done).next().is_some();
        let earlier = self.before(who, key, Record::done);
        let last = earlier.filter_map(|write| self.done_at.get(&write.operation)).max().copied();
        let missed = self.missed(who, key, versions, Record::done);
        let missed: Vec<_> = missed.map(|write| self.was_forgotten(key, write)).collect();
        self.read_later |= has_earlier;
        self.revived |= missed.contains(&true);
        self.stale += u64::from(!missed.is_empty());
        if let Some((done, begun)) = last.zip(self.begun.get(&who)) {
            self.freshness.add(begun.saturating_sub(done), missed.is_empty());
        }
        let finished = self.clients.answer(who, Some(versions.text()));
        let now = finished.and_then(|operation| self.clients.finished(operation));
        self.failed = None;
        let writes = self.writes.or_default(key).iter_mut();
        for write in writes.filter(|write| versions.iter().any(|version| *version == write.version)) {
            write.read = write.read.or(now);
        }
    }

    /// Whether a tombstone was collected too early that is this write or supersedes it.
    pub(super) fn was_forgotten(&self, key: Key, write: &Write) -> bool {
        let mut writes = self.writes.get(&key).into_iter().flatten();
        writes.any(|other| other.too_early && other.version.covers(&write.version))
    }

    /// When a write was done.
    pub(super) fn done(&self, write: &Write) -> Option<u64> {
        self.clients.finished(write.operation).filter(|_| write.is_told)
    }

    /// A version of another write of the same client that is in the wrong order with this one, which carries
    /// out a request: that of the earlier write, which was done, supersedes that of the later one. A request
    /// may be carried out more than once, so the versions of a client need not come in the order of its
    /// writes.
    pub(super) fn misordered(
        &self,
        (client, request): (NodeId, u32),
        key: Key,
        version: &Version,
    ) -> Option<&Write> {
        let operation = self.asked.get(&(client, request))?.operation;
        let asked = self.asked.iter().filter(|((who, _), _)| *who == client);
        let of_client: Vec<usize> = asked.map(|(_, asked)| asked.operation).collect();
        let is_done = |operation| self.clients.finished(operation).is_some();
        let mut others = self.writes.get(&key)?.iter().filter(|it| of_client.contains(&it.operation));
        others.find(|other| match other.operation {
            earlier if earlier < operation => is_done(earlier) && other.version.supersedes(version),
            later if later > operation => is_done(operation) && version.supersedes(&other.version),
            _ => false,
        })
    }

    /// The writes of a key that had come to pass before the open request of a client began.
    pub(super) fn before(
        &self,
        who: NodeId,
        key: Key,
        came_to_pass: fn(&Record, &Write) -> Option<u64>,
    ) -> impl Iterator<Item = &Write> {
        let begun = self.clients.begun(who).unwrap_or(0);
        let writes = self.writes.get(&key).into_iter().flatten();
        writes.filter(move |write| came_to_pass(self, write).is_some_and(|at| at < begun))
    }

    /// The writes that the open read of a client misses with this answer, of those that had come to pass
    /// before it began.
    pub(super) fn missed<'a>(
        &'a self,
        who: NodeId,
        key: Key,
        versions: &'a Versions,
        came_to_pass: fn(&Record, &Write) -> Option<u64>,
    ) -> impl Iterator<Item = &'a Write> {
        let before = self.before(who, key, came_to_pass);
        before.filter(move |write| self.misses(key, &write.version, versions))
    }

    /// Whether an answer misses a version: it holds what that supersedes, or nothing that covers it, though
    /// nobody has deleted it.
    pub(super) fn misses(&self, key: Key, version: &Version, versions: &Versions) -> bool {
        let mut deletions = self.writes.get(&key).into_iter().flatten().map(|write| &write.version);
        versions.iter().any(|answer| version.supersedes(answer))
            || !versions.iter().any(|answer| answer.covers(version))
                && !deletions.any(|it| it.value.is_none() && it.covers(version))
    }
}
