//! The title page of causal broadcast, with its claims.

use super::{Causal, Params};
use crate::{Record, causal_order, claims, concurrency, fifo_order};
use faultline_core::prelude::*;

impl Protocol for Causal {
    const INFO: Info = Info {
        slug: "causal-broadcast",
        title: "Causal broadcast",
        aka: "cbcast vector clocks happened-before",
        family: "Group communication",
        source: "Kenneth Birman, André Schiper and Pat Stephenson: Lightweight Causal and Atomic Group Multicast, ACM TOCS \
                 9(3), 1991; vector clocks: Colin Fidge, 1988, and Friedemann Mattern, 1989; relays: \
                 Christian Cachin, Rachid Guerraoui and Luís Rodrigues: Introduction to Reliable and Secure \
                 Distributed Programming (CGR), 2011",
        idea: "Every message carries a vector clock that counts the messages its sender knew of. A receiver holds the message back \
               until it has delivered all of those itself, so no answer comes before its question.",
        left_out: "Groups that overlap, members that join and leave and together complete the messages of one \
                   that has crashed, uniform agreement, clocks sent in part, forgetting, and total order.",
        safety: Assumptions {
            links: Links::Any,
            failures: Failures::CrashStop,
            timing: Timing::Asynchronous,
        },
        liveness: Assumptions {
            links: Links::Perfect,
            failures: Failures::CrashStop,
            timing: Timing::Asynchronous,
        },
        nodes: (3, 2, 21),
        until: 2_000_000,
        latency: (5_000, 15_000),
        ask: 150_000,
        layout: Layout::Ring,
        picture: &[Panel::Lanes, Panel::Clocks],
        panels: &[],
    };

    const PRESETS: &'static [Preset] = presets! { "causal-broadcast":
        "question-and-answer" "no-order" "fifo-order" "chain" "concurrent" "copies"
        "half-way" "relayed" "not-uniform" "lost-for-ever" "comes-back"
        "skips-ahead" "compares-as-lists" "merges-on-arrival" "stamps-first" "looks-once" "forgets-itself"
        "mistakes-sender" "ticks-on-delivery"
        "hold-up" "neither-first"
    };
    const LESSON: Option<Lesson> = Some(lesson!("causal-broadcast"));
    const PROPERTIES: &'static [&'static [Property<Self>]] = &[
        &claims(),
        &[fifo_order(), causal_order(), concurrency()],
        &[sometimes(
            "Hold-Back",
            "A node holds back a message that has arrived.",
            About::Everything,
            hold_back,
        )],
    ];

    const FIGURES: &'static [Figure<Self>] = &[
        Figure {
            name: "messages per broadcast",
            sentence: "Messages, divided by the number of broadcasts.",
            of: |scene, costs| (costs.sent_in_all(), scene.record.said()),
        },
        Figure {
            name: "clock entries per message",
            sentence: "Entries of the clock that each message carries: the clock entries of all nodes that are up, divided by the number of these nodes.",
            of: |scene, _| {
                let clocks = scene.nodes().map(|(_, node)| node.clock.entries().len() as u64);
                (clocks.sum(), scene.nodes().count() as u64)
            },
        },
        Figure {
            name: "deliveries",
            sentence: "Deliveries, including those by the sender itself, divided by the number of broadcasts.",
            of: |scene, _| (scene.record.deliveries(), scene.record.said()),
        },
        Figure {
            name: "concurrent pairs",
            sentence: "The share of all pairs of messages in which neither happened before the other.",
            of: |scene, _| scene.record.concurrent(),
        },
    ];

    type Record = Record;

    /// Every copy has left when as many gaps are over as there are nodes, and a relay takes as long again.
    fn settles(params: &Params, quiet: Quiet) -> Option<Micros> {
        let copies = params.gap.saturating_mul(u64::from(quiet.count) * 2);
        Some(quiet.way.saturating_mul(10).saturating_add(copies))
    }

    fn remember(record: &mut Record, step: &Step<'_, Self>) {
        record.remember(step);
    }
}

fn hold_back(scene: &Scene<'_, Causal>) -> Result<(), Contradiction> {
    match scene.node {
        Some(node) if !node.held.is_empty() => Ok(()),
        _ => Err(Contradiction::default()),
    }
}
