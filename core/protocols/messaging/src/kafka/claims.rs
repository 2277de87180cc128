//! What Kafka claims.

use super::broker::{Broker, Part, Role};
use super::partition::{Body, Entry, Origin};
use super::vocabulary::{OUT, Output, Partition};
use super::{Guarantee, Kafka};
use faultline_core::card::Fact;
use faultline_core::prelude::*;

type Here<'a, 'b> = &'a Scene<'b, Kafka>;
type Judged = Result<(), Contradiction>;

pub(super) const CLAIMS: &[Property<Kafka>] = &[
    always(
        "No Lost Record",
        "A leader has every record that was acknowledged. Promised with acks all, clean elections and no flush delay.",
        About::Outputs,
        no_lost_record,
    )
    .given(|scene| given(scene.record.tested, "no leader was elected since a record was acknowledged")),
    always(
        "Agreement",
        "Replicas in the same epoch have the same records below their high watermarks.",
        About::Outputs,
        agreement,
    )
    .given(|scene| given(scene.record.replicated, "no follower has a high watermark yet")),
    always(
        "Sequence",
        "Each record of a producer is below the high watermark once, under whatever numbers it was sent, and in the order of sending. Promised with idempotence, but not of a record that was numbered anew while a message with its old number was still under way.",
        About::Outputs,
        sequence,
    )
    .given(|scene| given(!scene.record.history.is_empty(), "no record has been committed yet")),
    always(
        "One Owner",
        "In a generation of the group, a partition has one owner at most.",
        About::Outputs,
        one_owner,
    )
    .given(|scene| given(!scene.record.owners.is_empty(), "no consumer owns a partition yet")),
    always(
        "At Most Once",
        "With at-most-once, no record is processed twice.",
        About::Outputs,
        at_most_once,
    )
    .given(|scene| promised(scene, Guarantee::AtMostOnce)),
    always(
        "At Least Once",
        "With at-least-once and processed-once, every record below a committed offset was processed. Not promised of a record that took the place of a lost one, or whose result was lost.",
        About::Outputs,
        at_least_once,
    )
    .given(|scene| {
        given(scene.record.guarantee != Some(Guarantee::AtMostOnce), "at-most-once does not promise it")?;
        given(scene.record.committed, "no offset has been committed yet")
    }),
    always(
        "Processed Once",
        "With processed-once, readers of committed results see at most one result for each record. Not promised once committed results are lost.",
        About::Outputs,
        processed_once,
    )
    .given(|scene| {
        promised(scene, Guarantee::ProcessedOnce)?;
        given(!scene.record.has_lost(OUT), "committed results are lost")
    }),
    always(
        "Compaction",
        "Compaction keeps the last value of each key that was not deleted, at its offset. Promised with clean elections and no flush delay.",
        About::Outputs,
        compaction,
    )
    .given(|scene| given(scene.record.compacted, "no log was compacted yet")),
    eventually(
        "Every Record Processed",
        "In the end, every committed record is processed. Not promised with at-most-once, nor of a record that took the place of a lost one, or whose result was lost.",
        Despite::Nothing,
        |scene| {
            given(scene.record.guarantee.is_some(), "there is no consumer")?;
            given(scene.record.guarantee != Some(Guarantee::AtMostOnce), "at-most-once does not promise it")?;
            given(scene.record.exposed_at.is_some(), "no record has been committed yet")
        },
        every_record_processed,
    )
    .since(|scene| scene.record.exposed_at),
    eventually(
        "Progress",
        "Every record is acknowledged, even if brokers are down. Not promised where fewer than min.insync.replicas in-sync replicas are up, or with acks zero.",
        Despite::Crashes,
        |scene| given(scene.record.sent, "no producer has sent a record yet"),
        progress,
    )
    .since(|scene| scene.record.waits_since()),
    sometimes(
        "ISR Shrinks",
        "A replica that lags or is down is taken out of the in-sync replicas.",
        About::Outputs,
        |scene| reached(scene, |output| matches!(output, Output::InSync(_, _, true))),
    ),
    sometimes(
        "Truncation",
        "A follower cuts off records that its new leader does not have.",
        About::Outputs,
        |scene| reached(scene, |output| matches!(output, Output::Truncated(..))),
    ),
    sometimes(
        "Repeated",
        "A record is processed again, which at-least-once does not rule out.",
        About::Outputs,
        |scene| reached(scene, |output| processed_before(scene, output).is_some()),
    ),
];

fn promised(scene: Here<'_, '_>, guarantee: Guarantee) -> Result<(), &'static str> {
    given(scene.record.guarantee == Some(guarantee), "only the guarantee of this name promises it")?;
    given(!scene.record.processed.is_empty(), "no record has been processed yet")
}

fn given(holds: bool, otherwise: &'static str) -> Result<(), &'static str> {
    if holds { Ok(()) } else { Err(otherwise) }
}

fn reached(scene: Here<'_, '_>, what: impl Fn(&Output) -> bool) -> Judged {
    if scene.outputs.iter().any(what) { Ok(()) } else { Err(Contradiction::default()) }
}

/// Which consumer has processed before what one processes now.
fn processed_before(scene: Here<'_, '_>, output: &Output) -> Option<NodeId> {
    let Output::Processed(partition, offset, origin) = output else { return None };
    scene.record.processed.get(&(*partition, *offset, *origin)).copied()
}

/// The broker that took the step.
fn broker<'a>(scene: Here<'a, '_>) -> Option<&'a Broker> {
    match scene.node? {
        Kafka::Broker(broker) => Some(broker),
        _ => None,
    }
}

/// A partition on its newest leader, while that is up.
fn leading<'a>(scene: Here<'a, '_>, partition: Partition) -> Option<(NodeId, &'a Part)> {
    let (_, leader) = scene.record.leaders.get(&partition)?;
    match scene.node_of(*leader)? {
        Kafka::Broker(broker) => Some((*leader, broker.parts.get(&partition)?)),
        _ => None,
    }
}

/// The lane of a partition is not a fact that can be asked after, but the fields of partition 0 are.
fn shown(node: NodeId, partition: Partition, field: &'static str) -> Side {
    let side = Side::of(node);
    if partition == Partition(0) { side.showing(Fact::Field(field)) } else { side }
}

fn no_lost_record(scene: Here<'_, '_>) -> Judged {
    for output in scene.outputs {
        let (partition, leader, lost) = match output {
            // One that hears late that it was elected is deposed already.
            Output::Leads(partition, epoch, _) if scene.record.is_newest(*partition, *epoch) => {
                let Some(part) = broker(scene).and_then(|it| it.parts.get(partition)) else { continue };
                (*partition, scene.who, scene.record.lost_by(part).min_by_key(|(_, offset)| *offset))
            }
            // A leader may have been elected before the producer was told.
            Output::Acknowledged(partition, origin, offset) => {
                let Some((leader, part)) = leading(scene, *partition) else { continue };
                let has = part.replica.at(*offset).is_some_and(|entry| entry.origin == *origin);
                (*partition, leader, (!has).then_some((*origin, *offset)))
            }
            _ => continue,
        };
        if let Some((origin, offset)) = lost {
            let told = Output::Acknowledged(partition, origin, offset);
            return Err(Contradiction::between(
                format!(
                    "{leader} leads {partition} without {origin}, which was acknowledged at offset {offset}"
                ),
                [shown(leader, partition, "end of p0"), Side::of(origin.producer).telling(&told)],
            ));
        }
    }
    Ok(())
}

/// The partitions of which this step raised a high watermark.
fn exposes<'a>(scene: Here<'a, '_>) -> impl Iterator<Item = &'a Part> {
    scene.outputs.iter().filter_map(move |output| match output {
        Output::Exposed(partition, _) => broker(scene)?.parts.get(partition),
        _ => None,
    })
}

/// Whether a replica leads or follows. One that is still cutting off its log is not yet in its epoch.
fn is_in_epoch(part: &Part) -> bool {
    matches!(part.role, Role::Leader(_) | Role::Following(_))
}

fn agreement(scene: Here<'_, '_>) -> Judged {
    for mine in exposes(scene).filter(|part| is_in_epoch(part)) {
        let others = scene.nodes().filter_map(|(node, it)| match it {
            Kafka::Broker(other) if node != scene.who => Some((node, other.parts.get(&mine.name)?)),
            _ => None,
        });
        for (node, theirs) in others.filter(|(_, it)| is_in_epoch(it) && it.epoch == mine.epoch) {
            let upto = mine.replica.now.high.min(theirs.replica.now.high);
            let pairs = mine.replica.between(0, upto).into_iter().zip(theirs.replica.between(0, upto));
            let differs = |((_, one), (_, two)): &((u64, Entry), (u64, Entry))| {
                (one.epoch, one.origin) != (two.epoch, two.origin)
            };
            if let Some(((offset, one), (_, two))) = pairs.into_iter().find(differs) {
                let (who, partition) = (scene.who, mine.name);
                return Err(Contradiction::between(
                    format!("{who} has {one} at offset {offset} of {partition}, and {node} has {two}"),
                    [who, node].map(|it| shown(it, partition, "high watermark of p0")),
                ));
            }
        }
    }
    Ok(())
}

fn sequence(scene: Here<'_, '_>) -> Judged {
    for part in exposes(scene) {
        let (partition, (from, entries)) = (part.name, scene.record.exposed(part));
        let known = scene.record.known(partition);
        let mut all: Vec<Origin> = known.between(0, from).iter().map(|(entry, _)| entry.origin).collect();
        let mut last: Map<NodeId, Origin> = Map::default();
        for origin in &all {
            last.insert(origin.producer, *origin);
        }
        for (offset, Entry { origin, .. }) in (from..).zip(entries) {
            let late = last.insert(origin.producer, *origin).filter(|before| before >= origin);
            let twice = scene.record.other_number(partition, *origin, &all);
            all.push(*origin);
            if let Some(before) = late.or(twice) {
                let again = if before == *origin || twice.is_some() { "again" } else { "too late" };
                return Err(Contradiction::between(
                    format!("{origin} is at offset {offset} of {partition} {again}: {before} came before"),
                    [shown(scene.who, partition, "high watermark of p0")],
                ));
            }
        }
    }
    Ok(())
}

fn progress(scene: Here<'_, '_>) -> Judged {
    match scene.record.waiting.iter().min_by_key(|(_, since)| **since) {
        None => Ok(()),
        Some(((partition, origin), _)) => {
            let told = Output::Sent(*partition, *origin);
            Err(Contradiction::between(
                format!("{} still waits for the acknowledgement of {origin}", origin.producer),
                [Side::of(origin.producer).showing(Fact::Field("not acknowledged")).telling(&told)],
            ))
        }
    }
}

fn one_owner(scene: Here<'_, '_>) -> Judged {
    for output in scene.outputs {
        let Output::Owns(generation, partition) = output else { continue };
        let other = scene.record.owners.get(&(*generation, *partition)).filter(|other| **other != scene.who);
        if let Some(other) = other {
            let who = scene.who;
            return Err(Contradiction::between(
                format!("{who} owns {partition} in generation {generation}, and so does {other}"),
                [Side::of(who).showing(Fact::Field("reads")), Side::of(*other).telling(output)],
            ));
        }
    }
    Ok(())
}

fn at_most_once(scene: Here<'_, '_>) -> Judged {
    let Some(Kafka::Consumer(consumer)) = scene.node else { return Ok(()) };
    for output in scene.outputs.iter().filter(|_| consumer.guarantee == Some(Guarantee::AtMostOnce)) {
        if let (Output::Processed(partition, offset, _), Some(first)) =
            (output, processed_before(scene, output))
        {
            let who = scene.who;
            return Err(Contradiction::between(
                format!(
                    "{who} processes the record at offset {offset} of {partition}, which {first} has processed"
                ),
                [Side::of(who).showing(Fact::Field("processed")), Side::of(first).telling(output)],
            ));
        }
    }
    Ok(())
}

fn at_least_once(scene: Here<'_, '_>) -> Judged {
    for output in scene.outputs.iter().filter(|_| scene.record.guarantee != Some(Guarantee::AtMostOnce)) {
        let Output::Committed(partition, end) = output else { continue };
        if let Some(offset) = scene.record.skipped(*partition, *end) {
            return Err(Contradiction::between(
                format!(
                    "the committed offset of {partition} is {end}, but nobody has processed offset {offset}"
                ),
                [Side::of(scene.who).telling(output)],
            ));
        }
    }
    Ok(())
}

fn processed_once(scene: Here<'_, '_>) -> Judged {
    let Some(broker) = broker(scene).filter(|_| !scene.record.has_lost(OUT)) else { return Ok(()) };
    let mut seen = scene.record.processed.clone();
    for (source, by) in scene.record.becomes_visible(broker) {
        if let Some(first) = seen.insert(source, by) {
            let (partition, offset, _) = source;
            return Err(Contradiction::between(
                format!(
                    "the results of {first} and of {by} for offset {offset} of {partition} are both committed"
                ),
                [by, first].map(|it| Side::of(it).showing(Fact::Field("processed"))),
            ));
        }
    }
    Ok(())
}

fn compaction(scene: Here<'_, '_>) -> Judged {
    for output in scene.outputs {
        let Output::Compacted(partition, _) = output else { continue };
        let Some(part) = broker(scene).and_then(|it| it.parts.get(partition)) else { continue };
        // What a replica of an earlier epoch has may have been lost to the others.
        if !is_in_epoch(part) || !scene.record.is_newest(*partition, part.epoch) {
            continue;
        }
        let mut last = Map::default();
        for (offset, (entry, _)) in (0..).zip(scene.record.known(*partition).after(0)) {
            if let Body::Value(key, value) = entry.body {
                last.insert(key, (offset, value));
            }
        }
        let high = part.replica.now.high;
        for (key, (offset, value)) in last.iter().filter(|(_, (offset, _))| *offset < high) {
            let Some(value) = value else { continue };
            if part.replica.at(*offset).map(|it| it.body) != Some(Body::Value(*key, Some(*value))) {
                let who = scene.who;
                return Err(Contradiction::between(
                    format!(
                        "{who} does not have {key}={value}, the last value of its key, at offset {offset} of {partition}"
                    ),
                    [shown(who, *partition, "end of p0")],
                ));
            }
        }
    }
    Ok(())
}

fn every_record_processed(scene: Here<'_, '_>) -> Judged {
    for (partition, history) in scene.record.history.iter() {
        // What an earlier leader alone has committed is lost.
        let leader = leading(scene, *partition);
        let end =
            leader.map_or(history.len(), |(_, part)| scene.record.agrees_until(*partition, &part.replica));
        if let Some(offset) = scene.record.skipped(*partition, end) {
            let by = history.get(offset + 1).map_or(scene.who, |(_, by)| *by);
            return Err(Contradiction::between(
                format!("nobody has processed the record at offset {offset} of {partition}"),
                [shown(by, *partition, "high watermark of p0")],
            ));
        }
    }
    Ok(())
}
