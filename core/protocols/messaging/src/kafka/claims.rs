//! What Kafka claims.

use super::broker::Broker;
use super::partition::{Entry, Origin};
use super::vocabulary::{Output, Partition};
use super::Kafka;
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
        "Replicas have the same records below their high watermarks. Promised with clean elections.",
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
    eventually(
        "Progress",
        "Every record is acknowledged, even if brokers are down. Not promised where fewer than min.insync.replicas are up, or with acks zero.",
        Despite::Crashes,
        |scene| given(scene.record.sent > 0, "no producer has sent a record yet"),
        progress,
    )
    .since(|scene| scene.record.waiting.values().min().copied()),
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
];

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
        let (partition, leader, told) = match output {
            Output::Leads(partition, ..) => (*partition, Some(scene.who), None),
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
                format!("{leader} leads {partition} without {origin}, which was acknowledged at offset {offset}"),
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

fn agreement(scene: Here<'_, '_>) -> Judged {
    for (broker, partition) in exposes(scene) {
        let (Some(part), Some(history)) = (broker.parts.get(&partition), scene.record.history.get(&partition))
        else {
            continue;
        };
        let upto = part.replica.now.high.min(history.len());
        let pairs = part.replica.now.log.between(0, upto).into_iter().zip(history.between(0, upto));
        let differs = |(_, (mine, (theirs, _))): &(u64, (&Entry, &(Entry, NodeId)))| {
            (mine.epoch, mine.origin) != (theirs.epoch, theirs.origin)
        };
        if let Some((offset, (mine, (theirs, by)))) = (0..).zip(pairs).find(differs) {
            let who = scene.who;
            return Err(Contradiction::between(
                format!("{who} has {mine} at offset {offset} of {partition}, where {by} had {theirs}"),
                [shown(who, partition, "high watermark of p0"), shown(*by, partition, "high watermark of p0")],
            ));
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
