//! What is claimed of quorums, and what the judge remembers for it.

use super::version::{Version, Versions};
use super::{Input, Key, Output, Quorum};
use crate::Clients;
use faultline_core::prelude::*;
use faultline_core::toolbox::merkle::MerkleTree;

/// What the judge remembers of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Record {
    /// What clients asked and were told.
    pub clients: Clients,
    writes: Map<Key, Vec<Write>>,
    /// What each replica has told that it holds.
    held: Map<(NodeId, Key), Versions>,
    /// What is set: whether every read quorum meets every write quorum, and whether vector clocks decide.
    strict: bool,
    vectors: bool,
    /// When each client began its latest request, and of all the latest that ended, where it was given up.
    begun: Map<NodeId, Micros>,
    failed: Option<Failed>,
    /// Whether a read that was answered, and a write that was begun, came after a write of the same key that was done, and
    /// whether a read missed a deletion whose tombstone was collected too early.
    read_later: bool,
    wrote_later: bool,
    revived: bool,
    /// Whether a replica has replaced what it held.
    replaced: bool,
    /// How many reads were answered.
    pub reads: u64,
    /// How many of them missed a write that was done before they began.
    pub stale: u64,
}

/// A request that was given up: whose it was, when it was begun, and how many answers it needed about which key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Failed {
    client: NodeId,
    begun: Micros,
    key: Key,
    needed: usize,
}

/// A write that was begun.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Write {
    version: Version,
    operation: usize,
    /// When it was begun, and when a home last took it.
    begun: Micros,
    taken: Micros,
    /// When a read first returned it.
    read: Option<u64>,
    /// The homes that have ever taken it, or what supersedes it, and whether a hint of it has expired.
    homes: NodeSet,
    expired: bool,
    /// Of a tombstone: the homes that have collected it, and whether that was too early.
    collected: NodeSet,
    too_early: bool,
}

impl Record {
    /// Adds a step.
    pub(super) fn remember(&mut self, step: &Step<'_, Quorum>) {
        let who = step.who;
        match step.node {
            Some(node) => (self.strict, self.vectors) = (node.quorums.is_strict(), node.vectors),
            None => self.clients.leave(who),
        }
        for output in step.outputs {
            match output {
                Output::Begun { input, write } => {
                    let operation = self.clients.ask(who, input);
                    self.begun.insert(who, step.now);
                    let (Input::Get(key) | Input::Put(key, _) | Input::Delete(key)) = input;
                    if let Some(version) = write {
                        self.begin(*key, version, operation, step.now);
                    }
                }
                Output::Read { key, versions } => self.read(who, *key, versions),
                Output::Wrote { .. } => {
                    self.clients.answer(who, None);
                    self.failed = None;
                }
                Output::GaveUp => {
                    self.clients.leave(who);
                    let request = step.node.and_then(|node| Some((node.quorums, node.request.as_ref()?)));
                    self.failed = request.map(|(quorums, request)| Failed {
                        client: who,
                        begun: self.begun.get(&who).copied().unwrap_or(0),
                        key: request.key,
                        needed: request.needed(quorums),
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
                Output::HandedOff { .. } | Output::Compared { .. } => {}
            }
        }
    }

    /// A client begins a write. What is there already may supersede it, so its homes may have more than it from its start.
    fn begin(&mut self, key: Key, version: &Version, operation: usize, begun: Micros) {
        let known = self.writes.get(&key).into_iter().flatten();
        self.wrote_later |= known.clone().any(|write| self.done(write).is_some());
        let homes = known.filter(|write| write.version.covers(version)).flat_map(|write| write.homes.iter());
        let (homes, version) = (homes.collect(), version.clone());
        let (read, expired, collected, too_early) = (None, false, NodeSet::default(), false);
        let write =
            Write { version, operation, begun, taken: begun, read, homes, expired, collected, too_early };
        self.writes.or_default(key).push(write);
    }

    /// A home takes a version. Where it has collected a tombstone of that, the version was under way for longer than the grace.
    fn take(&mut self, home: NodeId, key: Key, version: &Version) {
        self.held.or_default((home, key)).add(version);
        for write in self.writes.or_default(key) {
            if version.covers(&write.version) {
                write.homes.insert(home);
            }
            write.too_early |= write.collected.contains(home) && write.version.supersedes(version);
        }
    }

    /// A home has collected tombstones: too early, where another home has not stored them yet, or what supersedes them.
    fn collect(&mut self, home: NodeId, key: Key, node: Option<&Quorum>) {
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

    fn read(&mut self, who: NodeId, key: Key, versions: &Versions) {
        self.reads += 1;
        let has_earlier = self.before(who, key, Record::done).next().is_some();
        let missed = self.missed(who, key, versions, Record::done);
        let missed: Vec<_> = missed.map(|write| self.was_forgotten(key, write)).collect();
        self.read_later |= has_earlier;
        self.revived |= missed.contains(&true);
        self.stale += u64::from(!missed.is_empty());
        let finished = self.clients.answer(who, Some(versions.text()));
        let now = finished.and_then(|operation| self.clients.finished(operation));
        self.failed = None;
        let writes = self.writes.or_default(key).iter_mut();
        for write in writes.filter(|write| versions.iter().any(|version| *version == write.version)) {
            write.read = write.read.or(now);
        }
    }

    /// Whether a tombstone was collected too early that is this write or supersedes it.
    fn was_forgotten(&self, key: Key, write: &Write) -> bool {
        let mut writes = self.writes.get(&key).into_iter().flatten();
        writes.any(|other| other.too_early && other.version.covers(&write.version))
    }

    /// When a write was done.
    fn done(&self, write: &Write) -> Option<u64> {
        self.clients.finished(write.operation)
    }

    /// The writes of a key that had come to pass before the open request of a client began.
    fn before(
        &self,
        who: NodeId,
        key: Key,
        came_to_pass: fn(&Record, &Write) -> Option<u64>,
    ) -> impl Iterator<Item = &Write> {
        let begun = self.clients.begun(who).unwrap_or(0);
        let writes = self.writes.get(&key).into_iter().flatten();
        writes.filter(move |write| came_to_pass(self, write).is_some_and(|at| at < begun))
    }

    /// The writes that the open read of a client misses with this answer, of those that had come to pass before it began: the
    /// answer holds what such a write supersedes, or nothing that covers it, though nobody has deleted it.
    fn missed<'a>(
        &'a self,
        who: NodeId,
        key: Key,
        versions: &'a Versions,
        came_to_pass: fn(&Record, &Write) -> Option<u64>,
    ) -> impl Iterator<Item = &'a Write> {
        let writes = self.writes.get(&key).into_iter().flatten();
        let is_deleted = move |version: &Version| {
            writes.clone().any(|write| write.version.value.is_none() && write.version.covers(version))
        };
        self.before(who, key, came_to_pass).filter(move |Write { version, .. }| {
            versions.iter().any(|answer| version.supersedes(answer))
                || !versions.iter().any(|answer| answer.covers(version)) && !is_deleted(version)
        })
    }
}

/// What quorums claim.
pub(super) const CLAIMS: &[Property<Quorum>] = &[
    always(
        "Regular",
        "Where R + W > N and quorums are strict, a read returns every write that was done before it began, \
         or what supersedes it. This assumes that all homes store a deletion before one of them collects its tombstone, and \
         that no older version arrives there later.",
        About::Outputs,
        regular,
    )
    .given(|scene| match scene.record {
        Record { strict: false, .. } => Err("quorums are sloppy, or R + W is not greater than N"),
        Record { revived: true, .. } => {
            Err("a tombstone was collected while a home lacked it or an older version was under way, and a read \
                 returned what was deleted")
        }
        Record { read_later: false, .. } => Err("no read that began after a write was done has been answered yet"),
        _ => Ok(()),
    }),
    always(
        "Growth",
        "A replica replaces what it holds only by a version that supersedes it or that was new to the \
         replica.",
        About::Outputs,
        growth,
    )
    .given(|scene| match scene.record.replaced {
        true => Ok(()),
        false => Err("no replica has replaced anything yet"),
    }),
    always(
        "Later Is Newer",
        "With vector clocks, no write is superseded by one that was done before it began. Timestamps do not \
         promise this: where clocks differ, a write that was done may never be read.",
        About::Outputs,
        later_is_newer,
    )
    .given(|scene| match scene.record {
        Record { vectors: false, .. } => Err("timestamps decide, and they do not promise this"),
        Record { wrote_later: false, .. } => Err("no write has begun after another write of its key was done"),
        _ => Ok(()),
    }),
    eventually(
        "Convergence",
        "Where replicas compare trees, all homes of a key end up with the same versions, and their trees are \
         equal.",
        Despite::Nothing,
        |scene| match (scene.record.held.is_empty(), scene.nodes().any(|(_, node)| node.compares)) {
            (true, _) => Err("no replica has stored anything yet"),
            (false, false) => Err("replicas do not compare trees"),
            (false, true) => Ok(()),
        },
        convergence,
    )
    .since(|scene| Some(missing(scene).min().unwrap_or(0))),
    eventually(
        "Availability",
        "Once links are repaired and as many homes are up as a request needs, requests are answered again: \
         the last one is not given up. With sloppy quorums, other replicas count as well. The timeout must \
         be longer than a round trip.",
        Despite::Crashes,
        asked_of_enough,
        availability,
    ),
    eventually(
        "Handover",
        "A write that was done, or what supersedes it, reaches a home of its key. It may travel as a hint, \
         and is lost only if the hint expires first. Setting handoff to 0s gives this up.",
        Despite::Nothing,
        |scene| match all_writes(scene).any(|write| scene.record.done(write).is_some()) {
            true => Ok(()),
            false => Err("no write has been done yet"),
        },
        handover,
    )
    .since(|scene| lost(scene).map(|(_, write)| write.begun)),
    sometimes(
        "Stale Read",
        "A read misses a write that was done before it began.",
        About::Outputs,
        |scene| reached(reads(scene).any(|(key, versions)| stale(scene, key, versions))),
    ),
    sometimes(
        "Resurrection",
        "A read returns what was deleted before it began. Its tombstone was collected while a home had not stored it \
         or an older version was still under way.",
        About::Outputs,
        |scene| reached(reads(scene).any(|(key, versions)| revived(scene, key, versions))),
    ),
    sometimes(
        "Inversion",
        "A read misses a version that an earlier read returned.",
        About::Outputs,
        |scene| reached(reads(scene).any(|(key, versions)| inverted(scene, key, versions))),
    ),
    sometimes(
        "Lost Write",
        "A write is superseded from its start by one that was done before. So it is lost, although its \
         client receives W acknowledgements. Timestamps of differing clocks do this; vector clocks never do.",
        About::Outputs,
        |scene| reached(outdated(scene).is_some()),
    ),
    sometimes(
        "Siblings",
        "A read returns several versions, none of which supersedes another.",
        About::Outputs,
        |scene| reached(reads(scene).any(|(_, versions)| versions.len() > 1)),
    ),
    sometimes("Handoff", "A home stores a version that a stand-in kept for it.", About::Outputs, |scene| {
        reached(scene.outputs.iter().any(|output| matches!(output, Output::HandedOff { .. })))
    }),
];

fn reached(holds: bool) -> Result<(), String> {
    if holds { Ok(()) } else { Err(String::new()) }
}

/// What clients read in this step.
fn reads<'a>(scene: &'a Scene<'_, Quorum>) -> impl Iterator<Item = (Key, &'a Versions)> {
    scene.outputs.iter().filter_map(|output| match output {
        Output::Read { key, versions } => Some((*key, versions)),
        _ => None,
    })
}

fn stale(scene: &Scene<'_, Quorum>, key: Key, versions: &Versions) -> bool {
    scene.record.missed(scene.who, key, versions, Record::done).next().is_some()
}

fn revived(scene: &Scene<'_, Quorum>, key: Key, versions: &Versions) -> bool {
    scene
        .record
        .missed(scene.who, key, versions, Record::done)
        .any(|write| scene.record.was_forgotten(key, write))
}

fn inverted(scene: &Scene<'_, Quorum>, key: Key, versions: &Versions) -> bool {
    scene.record.missed(scene.who, key, versions, |_, write| write.read).next().is_some()
}

fn regular(scene: &Scene<'_, Quorum>) -> Result<(), String> {
    for (key, versions) in reads(scene).filter(|_| scene.record.strict) {
        let mut missed = scene.record.missed(scene.who, key, versions, Record::done);
        if let Some(Write { version, .. }) = missed.find(|write| !scene.record.was_forgotten(key, write)) {
            return Err(format!("{} reads {key}: {versions}, but {version} was written before", scene.who));
        }
    }
    Ok(())
}

fn growth(scene: &Scene<'_, Quorum>) -> Result<(), String> {
    for output in scene.outputs {
        if let Output::Took { key, version } = output
            && let Some(held) = scene.record.held.get(&(scene.who, *key))
            && let Some(newer) = held.iter().find(|held| held.covers(version))
        {
            return Err(format!("{} stores {key}: {version}, although it had {newer}", scene.who));
        }
    }
    Ok(())
}

/// A write that begins in this step and is already superseded by one that was done before.
fn outdated<'a>(scene: &'a Scene<'_, Quorum>) -> Option<(Key, &'a Version, &'a Version)> {
    scene.outputs.iter().find_map(|output| {
        let Output::Begun { input: Input::Put(key, _) | Input::Delete(key), write: Some(version) } = output
        else {
            return None;
        };
        let mut writes = scene.record.writes.get(key).into_iter().flatten();
        let wins = |write: &&Write| write.version.covers(version) && scene.record.done(write).is_some();
        Some((*key, version, &writes.find(wins)?.version))
    })
}

fn later_is_newer(scene: &Scene<'_, Quorum>) -> Result<(), String> {
    match outdated(scene).filter(|_| scene.record.vectors) {
        Some((key, version, done)) => {
            Err(format!("{} writes {key}: {version}, but the earlier {done} supersedes it", scene.who))
        }
        None => Ok(()),
    }
}

/// When those writes were begun that one home of their key holds and another has neither them nor what supersedes them. A tombstone
/// that would delete nothing there is not sent once its grace has passed; then the others collect it.
fn missing<'a>(scene: &'a Scene<'_, Quorum>) -> impl Iterator<Item = Micros> + 'a {
    scene.record.writes.iter().flat_map(move |(key, writes)| {
        let homes = scene.nodes().filter(|(id, node)| node.quorums.homes(*key).any(|home| home == *id));
        let held: Vec<_> =
            homes.map(|(_, node)| (node, node.held(*key).cloned().unwrap_or_default())).collect();
        writes.iter().filter_map(move |Write { version, begun, taken, .. }| {
            held.iter().find(|(_, held)| held.iter().any(|it| it == version))?;
            let (node, lacks) = held.iter().find(|(_, held)| !held.iter().any(|it| it.covers(version)))?;
            let buries = lacks.iter().any(|it| version.supersedes(it));
            // It is collected where it is, by the grace of the home that took it last.
            let is_left = version.value.is_none() && !buries;
            Some(if is_left { taken.saturating_add(node.grace) } else { *begun })
        })
    })
}

fn convergence(scene: &Scene<'_, Quorum>) -> Result<(), String> {
    let replicas: Vec<_> = scene.nodes().filter(|(_, node)| !node.is_client() && node.compares).collect();
    for key in scene.record.writes.keys() {
        let mut homes = replicas.iter().filter(|(id, node)| node.quorums.homes(*key).any(|home| home == *id));
        let Some((one, first)) = homes.next() else { continue };
        let held = |node: &Quorum| node.held(*key).cloned().unwrap_or_default();
        if let Some((other, node)) = homes.find(|(_, node)| held(node) != held(first)) {
            return Err(format!("{one} holds {key}: {}, but {other} holds {}", held(first), held(node)));
        }
    }
    for (one, first) in &replicas {
        for (other, second) in &replicas {
            let root = |node: &Quorum, with| node.tree(with).hash(MerkleTree::ROOT);
            if one != other && root(first, *other) != root(second, *one) {
                return Err(format!("{one} and {other} hold the same versions, but their trees differ"));
            }
        }
    }
    Ok(())
}

fn availability(scene: &Scene<'_, Quorum>) -> Result<(), String> {
    match scene.record.failed {
        Some(Failed { client, .. }) => Err(format!("{client} gave up, and no request was answered since")),
        None => Ok(()),
    }
}

/// Whether a request has ended; where the latest was given up, whether it was begun since the last disturbance, and as many
/// replicas are up as it needs.
fn asked_of_enough(scene: &Scene<'_, Quorum>) -> Result<(), &'static str> {
    let Some(Failed { begun, key, needed, .. }) = scene.record.failed else {
        let any = scene.record.clients.history().operations.iter().any(|it| it.returned.is_some());
        return if any { Ok(()) } else { Err("no request has ended yet") };
    };
    let asked = |id: NodeId, node: &Quorum| {
        !node.is_client() && (node.quorums.sloppy || node.quorums.homes(key).any(|home| home == id))
    };
    match scene.nodes().filter(|(id, node)| asked(*id, node)).count() >= needed {
        false => Err("fewer replicas are up than the latest request needs"),
        true if begun < scene.peace => {
            Err("the latest request was given up, and none was made since the last act")
        }
        true => Ok(()),
    }
}

fn all_writes<'a>(scene: &'a Scene<'_, Quorum>) -> impl Iterator<Item = &'a Write> {
    scene.record.writes.values().flatten()
}

/// A write that is done and that no home has stored, the oldest.
fn lost<'a>(scene: &'a Scene<'_, Quorum>) -> Option<(Key, &'a Write)> {
    let nowhere = scene.record.writes.iter().flat_map(|(key, writes)| {
        let done = writes.iter().filter(|write| scene.record.done(write).is_some());
        let nowhere = done.filter(|write| write.homes.is_empty() && !write.expired);
        nowhere.map(|write| (*key, write))
    });
    nowhere.min_by_key(|(_, write)| write.begun)
}

fn handover(scene: &Scene<'_, Quorum>) -> Result<(), String> {
    match lost(scene) {
        Some((key, write)) => Err(format!("{key}: {} is done, but no home has stored it", write.version)),
        None => Ok(()),
    }
}
