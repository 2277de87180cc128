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
    /// The latest request that ended, where it was given up.
    failed: Option<Failed>,
    /// How many reads were answered.
    pub reads: u64,
    /// How many of them missed a write that was done before they began.
    pub stale: u64,
}

/// A request that was given up: whose it was, and how many answers it needed about which key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Failed {
    client: NodeId,
    at: Micros,
    key: Key,
    needed: usize,
}

/// A write that was begun.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Write {
    version: Version,
    operation: usize,
    begun: Micros,
    /// When a read first returned it.
    read: Option<u64>,
    /// Whether a home has taken it, or what supersedes it, and whether a hint of it has expired.
    at_home: bool,
    expired: bool,
}

impl Record {
    /// Adds a step.
    pub(super) fn remember(&mut self, step: &Step<'_, Quorum>) {
        let who = step.who;
        if step.node.is_none() {
            self.clients.leave(who);
        }
        for output in step.outputs {
            match output {
                Output::Begun { input, write } => {
                    let operation = self.clients.ask(who, input);
                    let (Input::Get(key) | Input::Put(key, _) | Input::Delete(key)) = input;
                    let writes = self.writes.or_default(*key);
                    let write = write.clone().map(|version| {
                        let (at_home, expired, begun) = (false, false, step.now);
                        Write { version, operation, begun, read: None, at_home, expired }
                    });
                    writes.extend(write);
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
                        at: step.now,
                        key: request.key,
                        needed: request.needed(quorums),
                    });
                }
                Output::Took { key, version } => {
                    self.held.or_default((who, *key)).add(version);
                    let writes = self.writes.or_default(*key).iter_mut();
                    writes.filter(|write| version.covers(&write.version)).for_each(|it| it.at_home = true);
                }
                Output::Expired { key, version, .. } => {
                    let writes = self.writes.or_default(*key).iter_mut();
                    writes.filter(|write| write.version == *version).for_each(|it| it.expired = true);
                }
                Output::Collected { key } => {
                    self.held.or_default((who, *key)).take_out(|version| version.value.is_none());
                }
                Output::HandedOff { .. } | Output::Compared { .. } => {}
            }
        }
    }

    fn read(&mut self, who: NodeId, key: Key, versions: &Versions) {
        self.reads += 1;
        self.stale += u64::from(self.missed(who, key, versions, Record::done).is_some());
        let finished = self.clients.answer(who, Some(versions.text()));
        let now = finished.and_then(|operation| self.clients.finished(operation));
        self.failed = None;
        let writes = self.writes.or_default(key).iter_mut();
        for write in writes.filter(|write| versions.iter().any(|version| *version == write.version)) {
            write.read = write.read.or(now);
        }
    }

    /// When a write was done.
    fn done(&self, write: &Write) -> Option<u64> {
        self.clients.finished(write.operation)
    }

    /// What replicas have told that they hold of a key.
    fn held_of(&self, key: Key) -> impl Iterator<Item = &Version> {
        self.held.iter().filter(move |((_, of), _)| *of == key).flat_map(|(_, versions)| versions.iter())
    }

    /// The first write that the open read of a client misses with this answer, of those that had come to pass before it
    /// began: the answer holds what that write supersedes, or nothing that covers it, though nobody has deleted it.
    fn missed(
        &self,
        who: NodeId,
        key: Key,
        versions: &Versions,
        came_to_pass: fn(&Record, &Write) -> Option<u64>,
    ) -> Option<&Version> {
        let (begun, writes) = (self.clients.begun(who)?, self.writes.get(&key)?);
        let before = |write: &&Write| came_to_pass(self, write).is_some_and(|at| at < begun);
        let is_deleted = |version: &Version| {
            writes.iter().any(|write| write.version.value.is_none() && write.version.covers(version))
        };
        let misses = |version: &&Version| {
            versions.iter().any(|answer| version.supersedes(answer))
                || !versions.iter().any(|answer| answer.covers(version)) && !is_deleted(version)
        };
        writes.iter().filter(before).map(|write| &write.version).find(misses)
    }
}

/// What quorums claim.
pub(super) const CLAIMS: &[Property<Quorum>] = &[
    always(
        "Regular",
        "Where R + W > N and quorums are strict, a read returns every write that was done before it began, \
         or what supersedes it. Tombstones must be kept for longer than replicas are down and messages under \
         way.",
        About::Outputs,
        regular,
    ),
    always(
        "Growth",
        "A replica replaces what it holds only by a version that supersedes it or that was new to the \
         replica.",
        About::Outputs,
        growth,
    ),
    always(
        "Later Is Newer",
        "With vector clocks, no write is superseded by one that was done before it began. Timestamps do not \
         promise this: where clocks differ, a write that was done may never be read.",
        About::Outputs,
        later_is_newer,
    ),
    eventually(
        "Convergence",
        "Where replicas compare trees, all homes of a key end up with the same versions, and their trees are \
         equal.",
        Despite::Nothing,
        |scene| match (scene.record.writes.is_empty(), scene.nodes().any(|(_, node)| node.compares)) {
            (true, _) => Err("nothing has been written yet"),
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
    scene.record.missed(scene.who, key, versions, Record::done).is_some()
}

fn inverted(scene: &Scene<'_, Quorum>, key: Key, versions: &Versions) -> bool {
    scene.record.missed(scene.who, key, versions, |_, write| write.read).is_some()
}

fn regular(scene: &Scene<'_, Quorum>) -> Result<(), String> {
    if !scene.node.is_some_and(|node| node.quorums.is_strict()) {
        return Ok(());
    }
    for (key, versions) in reads(scene) {
        if let Some(missed) = scene.record.missed(scene.who, key, versions, Record::done) {
            return Err(format!("{} reads {key}: {versions}, but {missed} was written before", scene.who));
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
    let vectors = scene.node.is_some_and(|node| node.vectors);
    match outdated(scene).filter(|_| vectors) {
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
        writes.iter().filter_map(move |Write { version, begun, .. }| {
            held.iter().find(|(_, held)| held.iter().any(|it| it == version))?;
            let (node, lacks) = held.iter().find(|(_, held)| !held.iter().any(|it| it.covers(version)))?;
            let buries = lacks.iter().any(|it| version.supersedes(it));
            let grace = if version.value.is_none() && !buries { node.grace } else { 0 };
            Some(begun.saturating_add(grace))
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

/// Whether a request has ended, and as many replicas are up as the latest needs that was given up.
fn asked_of_enough(scene: &Scene<'_, Quorum>) -> Result<(), &'static str> {
    let Some(Failed { key, needed, .. }) = scene.record.failed else {
        let any = scene.record.clients.history().operations.iter().any(|it| it.returned.is_some());
        return if any { Ok(()) } else { Err("no request has ended yet") };
    };
    let asked = |id: NodeId, node: &Quorum| {
        !node.is_client() && (node.quorums.sloppy || node.quorums.homes(key).any(|home| home == id))
    };
    let enough = scene.nodes().filter(|(id, node)| asked(*id, node)).count() >= needed;
    if enough { Ok(()) } else { Err("fewer replicas are up than the latest request needs") }
}

fn all_writes<'a>(scene: &'a Scene<'_, Quorum>) -> impl Iterator<Item = &'a Write> {
    scene.record.writes.values().flatten()
}

/// A write that is done and that no home has stored, the oldest.
fn lost<'a>(scene: &'a Scene<'_, Quorum>) -> Option<(Key, &'a Write)> {
    let nowhere = scene.record.writes.iter().flat_map(|(key, writes)| {
        let held = |version: &Version| scene.record.held_of(*key).any(|held| held.covers(version));
        let done = writes.iter().filter(|write| scene.record.done(write).is_some());
        let nowhere = done.filter(move |write| !write.at_home && !write.expired && !held(&write.version));
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
