//! What Kafka claims.

use super::broker::{Broker, Role};
use super::partition::{Body, Entry, Origin, Replica};
use super::vocabulary::{Output, Partition};
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
    .given(|scene| given(scene.record.tested > 0, "no leader was elected since a record was acknowledged")),
    always(
        "Agreement",
        "Replicas in the same epoch have the same records below their high watermarks.",
        About::Outputs,
        agreement,
    )
    .given(|scene| given(scene.record.replicated, "no follower has a high watermark yet")),
    always(
        "Sequence",
        "Each record of a producer is below the high watermark once, and in the order of sending. Promised with idempotence.",
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
        "With at-least-once and processed-once, every record below a committed offset was processed.",
        About::Outputs,
        at_least_once,
    )
    .given(|scene| {
        given(scene.record.guarantee != Some(Guarantee::AtMostOnce), "at-most-once does not promise it")?;
        given(!scene.record.committed.is_empty(), "no offset has been committed yet")
    }),
    always(
        "Processed Once",
        "With processed-once, readers of committed results see at most one result for each record.",
        About::Outputs,
        processed_once,
    )
    .given(|scene| promised(scene, Guarantee::ProcessedOnce)),
    always(
        "Compaction",
        "Compaction keeps the last value of each key, at its offset.",
        About::Outputs,
        compaction,
    )
    .given(|scene| given(scene.record.compacted, "no log was compacted yet")),
    eventually(
        "Every Record Processed",
        "In the end, every committed record is processed. At-most-once does not promise it.",
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
        "Every record is acknowledged, even if brokers are down. Not promised where fewer than min.insync.replicas are up, or with acks zero.",
        Despite::Crashes,
        |scene| given(scene.record.sent > 0, "no producer has sent a record yet"),
        progress,
    )
    .since(|scene| scene.record.waits_since()),
    sometimes(
        "ISR Shrinks",
        "A replica that lags or is down is taken out of the in-sync replicas.",
        About::Outputs,
        |scene| {
            let shrinks = |output: &Output| matches!(output, Output::InSync(_, 1 | 2));
            given(scene.outputs.iter().any(shrinks), "").map_err(|_| Contradiction::default())
        },
    ),
    sometimes(
        "Truncation",
        "A follower cuts off records that its new leader does not have.",
        About::Outputs,
        |scene| {
            let cuts = |output: &Output| matches!(output, Output::Truncated(..));
            given(scene.outputs.iter().any(cuts), "").map_err(|_| Contradiction::default())
        },
    ),
    sometimes(
        "Repeated",
        "A record is processed again, which at-least-once does not rule out.",
        About::Outputs,
        |scene| {
            let again = |output: &Output| match output {
                Output::Processed(partition, offset) => {
                    scene.record.processed.contains_key(&(*partition, *offset))
                }
                _ => false,
            };
            given(scene.outputs.iter().any(again), "").map_err(|_| Contradiction::default())
        },
    ),
];

fn promised(scene: Here<'_, '_>, guarantee: Guarantee) -> Result<(), &'static str> {
    given(scene.record.guarantee == Some(guarantee), "only the guarantee of this name promises it")?;
    given(!scene.record.processed.is_empty(), "no record has been processed yet")
}

fn given(holds: bool, otherwise: &'static str) -> Result<(), &'static str> {
    if holds { Ok(()) } else { Err(otherwise) }
}

/// The broker that took the step.
fn broker<'a>(scene: Here<'a, '_>) -> Option<&'a Broker> {
    match scene.node? {
        Kafka::Broker(broker) => Some(broker),
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
        let newest = |partition: &Partition, epoch: &u32| {
            scene.record.leaders.get(partition).is_none_or(|(known, _)| known <= epoch)
        };
        let (partition, leader, told) = match output {
            // One that hears late that it was elected is deposed already.
            Output::Leads(partition, epoch, _) if newest(partition, epoch) => {
                (*partition, Some(scene.who), None)
            }
            // A leader may have been elected before the producer was told.
            Output::Acknowledged(partition, origin, offset) => {
                let leader = scene.record.leaders.get(partition).map(|(_, leader)| *leader);
                (*partition, leader, Some((*offset, *origin)))
            }
            _ => continue,
        };
        let Some((leader, Kafka::Broker(it))) = leader.and_then(|it| Some((it, scene.node_of(it)?))) else {
            continue;
        };
        let lost = match told {
            None => scene.record.lost_by(it, partition).first().copied(),
            Some((offset, origin)) => {
                let part = it.parts.get(&partition).map(|part| &part.replica);
                let has = part.and_then(|it| it.at(offset)).is_some_and(|entry| entry.origin == origin);
                (!has).then_some((offset, origin))
            }
        };
        if let Some((offset, origin)) = lost {
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
fn exposes<'a>(scene: Here<'a, '_>) -> impl Iterator<Item = (&'a Broker, Partition)> {
    let partitions = scene.outputs.iter().filter_map(|output| match output {
        Output::Exposed(partition, _) => Some(*partition),
        _ => None,
    });
    let it = broker(scene);
    partitions.filter_map(move |partition| Some((it?, partition)))
}

/// A replica that leads or follows, in an epoch. One that is still cutting off its log is not yet in it.
fn in_epoch(broker: &Broker, partition: Partition) -> Option<(u32, &Replica)> {
    let part = broker.parts.get(&partition)?;
    matches!(part.role, Role::Leader(_) | Role::Following(_)).then_some((part.epoch, &part.replica))
}

fn agreement(scene: Here<'_, '_>) -> Judged {
    for (broker, partition) in exposes(scene) {
        let Some((epoch, mine)) = in_epoch(broker, partition) else { continue };
        let others = scene.nodes().filter_map(|(node, it)| match it {
            Kafka::Broker(other) if node != scene.who => Some((node, in_epoch(other, partition)?)),
            _ => None,
        });
        for (node, (_, theirs)) in others.filter(|(_, (of, _))| *of == epoch) {
            let upto = mine.now.high.min(theirs.now.high);
            let pairs = mine.between(0, upto).into_iter().zip(theirs.between(0, upto));
            let differs = |(one, two): &((u64, Entry), (u64, Entry))| {
                (one.1.epoch, one.1.origin) != (two.1.epoch, two.1.origin)
            };
            if let Some(((offset, mine), (_, theirs))) = pairs.into_iter().find(differs) {
                let who = scene.who;
                return Err(Contradiction::between(
                    format!("{who} has {mine} at offset {offset} of {partition}, and {node} has {theirs}"),
                    [
                        shown(who, partition, "high watermark of p0"),
                        shown(node, partition, "high watermark of p0"),
                    ],
                ));
            }
        }
    }
    Ok(())
}

fn sequence(scene: Here<'_, '_>) -> Judged {
    for (broker, partition) in exposes(scene) {
        let (known, entries) = scene.record.exposed(broker, partition);
        let history = scene.record.history.get(&partition);
        let earlier = history.map_or(Vec::new(), |it| it.after(0));
        let mut last: Map<NodeId, Origin> = Map::default();
        for (entry, _) in earlier {
            last.insert(entry.origin.producer, entry.origin);
        }
        for (offset, entry) in (known..).zip(entries) {
            let origin = entry.origin;
            if let Some(before) = last.get(&origin.producer).filter(|before| **before >= origin) {
                let who = scene.who;
                let again = if *before == origin { "again" } else { "too late" };
                return Err(Contradiction::between(
                    format!("{origin} is at offset {offset} of {partition} {again}: {before} came before"),
                    [shown(who, partition, "high watermark of p0")],
                ));
            }
            last.insert(origin.producer, origin);
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
        let Output::Processed(partition, offset) = output else { continue };
        if let Some(first) = scene.record.processed.get(&(*partition, *offset)) {
            let who = scene.who;
            return Err(Contradiction::between(
                format!(
                    "{who} processes the record at offset {offset} of {partition}, which {first} has processed"
                ),
                [Side::of(who).showing(Fact::Field("processed")), Side::of(*first).telling(output)],
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
    let Some(broker) = broker(scene) else { return Ok(()) };
    let mut seen = scene.record.processed.clone();
    for ((partition, offset), by) in scene.record.becomes_visible(broker) {
        if let Some(first) = seen.insert((partition, offset), by) {
            return Err(Contradiction::between(
                format!(
                    "the results of {first} and of {by} for offset {offset} of {partition} are both committed"
                ),
                [
                    Side::of(by).showing(Fact::Field("processed")),
                    Side::of(first).showing(Fact::Field("processed")),
                ],
            ));
        }
    }
    Ok(())
}

fn compaction(scene: Here<'_, '_>) -> Judged {
    let Some(broker) = broker(scene) else { return Ok(()) };
    for output in scene.outputs {
        let Output::Compacted(partition, _) = output else { continue };
        let (Some(part), Some(history)) = (broker.parts.get(partition), scene.record.history.get(partition))
        else {
            continue;
        };
        let mut last = Map::default();
        for (offset, (entry, _)) in (0..).zip(history.after(0)) {
            if let Body::Value(key, value) = entry.body {
                last.insert(key, (offset, value));
            }
        }
        let high = part.replica.now.high;
        for (key, (offset, value)) in
            last.iter().filter(|(_, (offset, value))| *offset < high && value.is_some())
        {
            let has = part.replica.at(*offset).map(|entry| entry.body);
            if has != Some(Body::Value(*key, *value)) {
                let (who, value) = (scene.who, value.unwrap_or(0));
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
        if let Some(offset) = scene.record.skipped(*partition, history.len()) {
            let by = history.get(offset + 1).map_or(scene.who, |(_, by)| *by);
            return Err(Contradiction::between(
                format!("nobody has processed the record at offset {offset} of {partition}"),
                [shown(by, *partition, "high watermark of p0")],
            ));
        }
    }
    Ok(())
}
