//! What is claimed of quorums.

use super::record::{Failed, Record, Write};
use super::version::{Version, Versions};
use super::{Input, Key, Output, Quorum};
use faultline_core::card::Fact;
use faultline_core::prelude::*;
use faultline_core::toolbox::merkle::MerkleTree;

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
        Record { strict: false, .. } => Err("quorums are sloppy, or R + W is not more than N or all votes"),
        Record { revived: true, .. } => Err(
            "a tombstone was collected while a home lacked it or an older version was under way, and a read \
                 returned what was deleted",
        ),
        Record { read_later: false, .. } => {
            Err("no read that began after a write was done has been answered yet")
        }
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
        Record { by_node: true, .. } => Err("coordinators give each write a new dot, which nothing covers"),
        Record { wrote_later: false, .. } => {
            Err("no write has begun after another write of its key was done")
        }
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
         the last one is not given up. With sloppy quorums, other replicas count as well; with weights, \
         votes count. The timeout must \
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

pub(super) fn reached(holds: bool) -> Result<(), Contradiction> {
    if holds { Ok(()) } else { Err(Contradiction::default()) }
}

/// What clients read in this step.
pub(super) fn reads<'a>(scene: &'a Scene<'_, Quorum>) -> impl Iterator<Item = (Key, &'a Versions)> {
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

/// The client that wrote a version, when that was done; where nodes coordinate, the coordinator, when it
/// stored that.
pub(super) fn writer(record: &Record, key: Key, version: &Version) -> Side {
    if record.by_node {
        let took = Output::Took { key, version: version.clone() };
        return Side::of(version.author).showing(key.row()).telling(&took);
    }
    let input = version.value.map_or(Input::Delete(key), |value| Input::Put(key, value));
    let begun = Output::Begun { input, write: Some(version.clone()) };
    Side::of(version.author).showing(Fact::Field("knows")).telling_after(&Output::Wrote { key }, &begun)
}

fn regular(scene: &Scene<'_, Quorum>) -> Result<(), Contradiction> {
    for (key, versions) in reads(scene).filter(|_| scene.record.strict) {
        let mut missed = scene.record.missed(scene.who, key, versions, Record::done);
        if let Some(Write { version, .. }) = missed.find(|write| !scene.record.was_forgotten(key, write)) {
            return Err(Contradiction::between(
                format!("{} reads {key}: {versions}, but {version} was written before", scene.who),
                [Side::of(scene.who).showing(Fact::Field("answers")), writer(scene.record, key, version)],
            ));
        }
    }
    Ok(())
}

fn growth(scene: &Scene<'_, Quorum>) -> Result<(), Contradiction> {
    for output in scene.outputs {
        if let Output::Took { key, version } = output
            && let Some(held) = scene.record.held.get(&(scene.who, *key))
            && let Some(newer) = held.iter().find(|held| held.covers(version))
        {
            let row = |side: Side| side.showing(key.row());
            let before = Output::Took { key: *key, version: newer.clone() };
            return Err(Contradiction::between(
                format!("{} stores {key}: {version}, although it had {newer}", scene.who),
                [row(Side::of(scene.who)), row(Side::of(scene.who)).telling(&before)],
            ));
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

fn later_is_newer(scene: &Scene<'_, Quorum>) -> Result<(), Contradiction> {
    match outdated(scene).filter(|_| scene.record.vectors) {
        Some((key, version, done)) => Err(Contradiction::between(
            format!("{} writes {key}: {version}, but the earlier {done} supersedes it", scene.who),
            [Side::of(scene.who).showing(Fact::Field("request")), writer(scene.record, key, done)],
        )),
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

fn convergence(scene: &Scene<'_, Quorum>) -> Result<(), Contradiction> {
    let replicas: Vec<_> = scene.nodes().filter(|(_, node)| !node.is_client() && node.compares).collect();
    for key in scene.record.writes.keys() {
        let mut homes = replicas.iter().filter(|(id, node)| node.quorums.homes(*key).any(|home| home == *id));
        let Some((one, first)) = homes.next() else { continue };
        let held = |node: &Quorum| node.held(*key).cloned().unwrap_or_default();
        if let Some((other, node)) = homes.find(|(_, node)| held(node) != held(first)) {
            return Err(Contradiction::between(
                format!("{one} holds {key}: {}, but {other} holds {}", held(first), held(node)),
                [one, other].map(|home| Side::of(*home).showing(key.row())),
            ));
        }
    }
    for (one, first) in &replicas {
        for (other, second) in &replicas {
            let root = |node: &Quorum, with| node.tree(with).hash(MerkleTree::ROOT);
            if one != other && root(first, *other) != root(second, *one) {
                return Err(Contradiction::between(
                    format!("{one} and {other} hold the same versions, but their trees differ"),
                    [one, other].map(|replica| Side::of(*replica)),
                ));
            }
        }
    }
    Ok(())
}

fn availability(scene: &Scene<'_, Quorum>) -> Result<(), Contradiction> {
    match scene.record.failed {
        Some(Failed { client, .. }) => Err(Contradiction::between(
            format!("{client} gave up, and no request was answered since"),
            [Side::of(client).showing(Fact::Field("request"))],
        )),
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
    if scene.record.failed.is_some_and(|failed| failed.may_wait) {
        return Err("a read of a session was given up, which may have waited for what the session has seen");
    }
    // Which home's votes a stand-in gets is not told here, so with weights only homes count.
    let worth = |(id, node): (NodeId, &Quorum)| match node.quorums.votes(key).find(|(home, _)| *home == id) {
        Some((_, votes)) => votes,
        None => usize::from(!node.is_client() && node.quorums.sloppy && !node.quorums.weighted),
    };
    match scene.nodes().map(worth).sum::<usize>() >= needed {
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

fn handover(scene: &Scene<'_, Quorum>) -> Result<(), Contradiction> {
    match lost(scene) {
        Some((key, write)) => Err(Contradiction::between(
            format!("{key}: {} is done, but no home has stored it", write.version),
            [writer(scene.record, key, &write.version)],
        )),
        None => Ok(()),
    }
}
