//! The title page of Kafka.

use super::claims::CLAIMS;
use super::record::Record;
use super::{Kafka, Params, RETRY};
use faultline_core::prelude::*;

impl Protocol for Kafka {
    const INFO: Info = Info {
        slug: "kafka",
        title: "Kafka",
        aka: "apache kafka event streaming log partition offset consumer group rebalance isr in-sync replicas acks high watermark \
              leader epoch idempotent producer transactions exactly once compaction retention murmur2",
        family: "Messages and middleware",
        source: "Jay Kreps, Neha Narkhede and Jun Rao: Kafka: a Distributed Messaging System for Log Processing, NetDB 2011; Apache \
                 Kafka Documentation (docs), version 3.7, 2024; Kafka Improvement Proposals (KIP) 98, 101, 279, 320, 360, 429, 447, 497, \
                 631, 792 and 890; KAFKA-5494",
        idea: "A topic is a set of partitions, each a replicated log. Records are appended and keep their offsets; consumers remember \
               an offset each. Which replicas must have a record, and whether an offset is committed before or after its record is \
               processed, decides what a crash loses or repeats.",
        left_out: "Batches of producers, and compression; several topics and groups; reassignment; retention by time; keyless records; transactions over \
                   several partitions; reads from followers; KIP-848; KIP-903; delete.retention.ms, in place of which a tombstone is kept for one compaction. The controller stands for a quorum, does not fail, and coordinates \
                   group and transactions.",
        safety: Assumptions {
            links: Links::Any,
            failures: Failures::CrashRecovery,
            timing: Timing::Asynchronous,
        },
        liveness: Assumptions {
            links: Links::FairLoss,
            failures: Failures::CrashRecovery,
            timing: Timing::PartiallySynchronous,
        },
        nodes: (7, 3, 12),
        until: 1_000_000,
        latency: (2_000, 6_000),
        ask: 0,
        layout: Layout::Tiers,
        picture: &[Panel::Lanes],
        panels: &[Panel::Logs, Panel::Table],
    };

    const PRESETS: &'static [Preset] = presets! { "kafka":
        "default" "skew" "acks-one" "kip-101-loss" "kip-101-kept" "kip-101-divergence" "kip-101-repaired" "unclean" "clean" "min-isr"
        "reordered" "in-order" "idempotent" "at-most-once" "at-least-once" "processed-once" "zombie" "zombie-fenced" "late-result"
        "rebalance" "cooperative" "compaction" "retention"
        "elects-any-replica" "forgets-producers" "assigns-at-once" "auto-commits" "commits-in-passing" "trusts-zombies"
        "renumbers" "sends-ahead" "lose-a-record" "repeat-a-record"
    };
    const LESSON: Option<Lesson> = Some(lesson!("kafka"));
    const LOG_WORDS: LogWords = LogWords {
        number: "leader epoch",
        settled: "below the high watermark",
        marks: &[("fetched", "the log end of a follower, as its leader knows it")],
    };
    const LANE_WORDS: LaneWords = LaneWords { all: "Partitions", one: "partition" };
    const PROPERTIES: &'static [&'static [Property<Self>]] = &[CLAIMS];

    type Record = Record;

    fn steady(_: &Params) -> u32 {
        1
    }

    /// A broker is given up, a leader elected, and lagging followers taken out; then producers send again.
    fn settles(params: &Params, quiet: Quiet) -> Option<Micros> {
        let patience = params.session.max(params.lag).saturating_add(RETRY).saturating_add(quiet.way);
        let work = params.work.saturating_mul(40);
        Some(patience.saturating_mul(4 * quiet.tries(2)).saturating_add(quiet.way.saturating_mul(20) + work))
    }

    fn remember(record: &mut Record, step: &Step<'_, Self>) {
        record.remember(step);
    }
}
