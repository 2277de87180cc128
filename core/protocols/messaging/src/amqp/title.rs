//! AMQP's title page: what it is and what it claims.

use super::claims::CLAIMS;
use super::record::Record;
use super::{Amqp, Params};
use faultline_core::prelude::*;

impl Protocol for Amqp {
    const INFO: Info = Info {
        slug: "amqp",
        title: "AMQP exchanges and queues",
        aka: "rabbitmq message queue broker",
        family: "Messages and middleware",
        source: "Advanced Message Queuing Protocol, version 0-9-1, AMQP Working Group, 2008, §3.1; RabbitMQ's documentation \
                 (4.1) of publisher confirms, alternate exchanges, exchange-to-exchange bindings, dead letters, time to \
                 live, length limits, priorities, prefetch, quorum queues and consistent hashing; John Lamping \
                 and Eric Veach: A Fast, Minimal Memory, Consistent Hash Algorithm, 2014",
        idea: "Publishers hand messages to exchanges, and bindings decide which queues receive them. A queue \
               keeps a message until its consumer acknowledges it. Bindings may change while messages flow. In the topology `declared` clients declare what they need.",
        left_out: "Virtual hosts, users, more than three declared queues and one declared exchange, passive declarations, queues \
                   that are not durable, two consumers of one client on the same queue, frames of all but a publish, get, transactions, headers beside the routing \
                   key, the replicas and the priorities of quorum queues, and reject-publish-dlx.",
        safety: Assumptions {
            links: Links::AtMostOnce,
            failures: Failures::CrashRecovery,
            timing: Timing::Asynchronous,
        },
        liveness: Assumptions {
            links: Links::Fifo,
            failures: Failures::CrashRecovery,
            timing: Timing::Asynchronous,
        },
        nodes: (10, 10, 10),
        until: 4_000_000,
        latency: (5_000, 15_000),
        ask: 700_000,
        layout: Layout::Tiers,
        picture: &[Panel::Lanes],
        panels: &[],
    };

    const PRESETS: &'static [Preset] = presets! { "amqp":
        "first-steps" "default" "topic" "silent-loss" "head-of-line" "poison" "died-before-ack"
        "alternate" "dead-letters" "circle" "hash" "headers" "bindings" "round-robin" "fair-dispatch"
        "reject-publish" "transient" "quorum-queue" "dead-letter-key" "lost-dead-letter" "retry"
        "priorities" "chain" "channel-close" "declare" "exclusive" "auto-delete" "channels" "frames"
        "hash-needs-word" "dot-not-optional" "copies-per-binding" "always-alternate"
        "requeues-at-tail" "loses-key" "confirms-early" "returns-overflow" "ignores-prefetch"
        "forgets-redelivery" "keeps-unacked" "goes-in-circles" "skips-turns" "confirms-refused"
        "loses-priority" "copies-per-way" "restarts-ttl" "ignores-arguments" "shares-exclusive"
        "deletes-early" "done-twice" "confirmed-and-lost" "silently-lost"
    };
    const LESSON: Option<Lesson> = Some(lesson!("amqp"));
    const SEEDS: &'static [Vetted] = &[
        Vetted { seed: 4, sentence: "No binding matches a message, and it is lost silently." },
        Vetted { seed: 26, sentence: "A queue is bound and later unbound." },
        Vetted { seed: 35, sentence: "A consumer rejects a message, and it leaves its queue." },
    ];
    const PROPERTIES: &'static [&'static [Property<Self>]] = &[CLAIMS];

    const FIGURES: &'static [Figure<Self>] = &[
        Figure {
            name: "copies per message",
            sentence: "Copies sent to queues, dead letters included, per published message.",
            of: |scene, costs| (costs.sent(&["Enqueue"]), scene.record.published()),
        },
        Figure {
            name: "deliveries per message",
            sentence: "Deliveries to consumers per published message.",
            of: |scene, costs| (costs.sent(&["Deliver"]), scene.record.published()),
        },
        Figure {
            name: "confirmed",
            sentence: "Confirms to publishers per published message.",
            of: |scene, costs| (costs.sent(&["Confirm"]), scene.record.published()),
        },
        Figure {
            name: "returned",
            sentence: "Messages returned because they reached no queue, per published message.",
            of: |scene, costs| (costs.sent(&["Return"]), scene.record.published()),
        },
        Figure {
            name: "dead",
            sentence: "The share of the published messages that had a copy die in a queue.",
            of: |scene, _| (scene.record.dead(), scene.record.published()),
        },
    ];

    type Record = Record;

    /// A queue takes back what its consumer does not acknowledge in time.
    fn settles(params: &Params, quiet: Quiet) -> Option<Micros> {
        Some(params.ack_timeout.saturating_mul(2).saturating_add(quiet.way.saturating_mul(10)))
    }

    fn remember(record: &mut Record, step: &Step<'_, Self>) {
        record.remember(step);
    }
}
