//! The title page of quorums: what they are, what they claim, and the curve.

use super::claims::CLAIMS;
use super::record::Record;
use super::session_claims;
use super::{Coordinator, Params, Quorum};
use faultline_core::prelude::*;

impl Protocol for Quorum {
    const INFO: Info = Info {
        slug: "quorum-kv",
        title: "Quorums without a leader",
        aka: "dynamo cassandra riak nwr eventual consistency key-value store leaderless",
        family: "Replication",
        source: "David Gifford: Weighted Voting for Replicated Data, SOSP 1979; Giuseppe DeCandia et al.: Dynamo: \
                 Amazon's Highly Available Key-value Store, SOSP 2007; Peter Bailis et al.: Probabilistically Bounded \
                 Staleness for Practical Partial Quorums, VLDB 2012; Douglas Terry et al.: Session \
                 Guarantees for Weakly Consistent Replicated Data, PDIS 1994",
        idea: "A write is done when W of a key's N replicas have stored it, a read when R have answered. If \
               R + W > N the two groups overlap, and a read sees every write done before it; that is less \
               than linearizable. Repair, hints and hash trees bring the other replicas up to date, and \
               versions tell newer values from conflicts.",
        left_out: "Virtual nodes, changing members, a failure detector, truncated vector clocks, conflicts \
                   merged by the store, the inquiry for version numbers before a read, sessions over several \
                   keys, and stand-ins where a node coordinates. Not promised: that a write with an earlier \
                   timestamp is ever read, that a deletion lasts if a replica or a message is away for \
                   longer than the grace, that every silent home gets its hint if the client crashes, and \
                   that a session can read what others deleted before its tombstone was collected.",
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
        nodes: (8, 2, 64),
        until: 3_000_000,
        latency: (5_000, 15_000),
        ask: 60_000,
        layout: Layout::Tiers,
        picture: &[Panel::Table, Panel::History],
        panels: &[Panel::Charts],
    };

    const PRESETS: &'static [Preset] = presets! { "quorum-kv":
        "first-steps" "default" "not-linearizable" "sloppy" "hinted-handoff" "strict" "siblings" "zombie" "anti-entropy"
        "how-eventual" "fresh-reads"
        "timestamps" "equal-timestamps" "late-tombstone" "hint-expires" "no-handoff" "impatient" "repair-overwrites" "counts-hints" "wall-clock" "no-tombstone" "drops-siblings"
        "unordered-tree"
        "weighted-votes" "counts-nodes"
        "coordinator-crash" "dotted-versions" "whole-context"
        "no-session" "session" "session-writes" "takes-first-answers" "stamps-by-clock"
        "now-you-see-it" "back-from-the-dead"
    };
    const LESSON: Option<Lesson> = Some(lesson!("quorum-kv"));
    const SEEDS: &'static [Vetted] = &[
        Vetted { seed: 5, sentence: "Two replicas compare their trees and find where they differ." },
        Vetted { seed: 128, sentence: "No two writes are concurrent, and no read returns siblings." },
    ];
    const WRITES: &'static [&'static str] = &["Put", "Repair", "Handoff", "Copy"];
    const PROPERTIES: &'static [&'static [Property<Self>]] = &[CLAIMS, session_claims::CLAIMS];

    const CHARTS: &'static [Chart<Self>] = &[
        Chart {
            name: "Stale reads",
            sentence: "How many of a thousand reads missed a write that was done before they began. Beside it \
                       stand the odds if no write ever reached more than the W replicas that acknowledged it: \
                       C(N−W, R) / C(N, R) (Bailis et al. 2012, §3.1).",
            axes: ("time, µs", "stale, ‰"),
            plot: Plot::OverTime(|scene| {
                (scene.record.stale * 1_000).checked_div(scene.record.reads).unwrap_or(0)
            }),
            theory: Some(odds),
        },
        Chart {
            name: "Fresh reads",
            sentence: "How many of a thousand reads missed no write, by how long before the read the last \
                       write of the key was done: the t-visibility of Bailis et al. 2012, §3.3. Reads before \
                       any write do not count.",
            axes: ("after the write, ms", "fresh, ‰"),
            plot: Plot::Now(|scene| scene.record.freshness.curve()),
            theory: None,
        },
    ];

    const FIGURES: &'static [Figure<Self>] = &[
        Figure {
            name: "stale reads",
            sentence: "The share of the answered reads that missed a write done before they began.",
            of: |scene, _| (scene.record.stale, scene.record.reads),
        },
        Figure {
            name: "unanswered",
            sentence: "The share of the operations whose client gave up, crashed, or still waits at the end.",
            of: |scene, _| {
                let (answered, all) = scene.record.clients.answered();
                (all - answered, all)
            },
        },
        Figure {
            name: "messages per read",
            sentence: "Reads sent to replicas and their answers, per answered read.",
            of: |scene, costs| (costs.sent(&["Get", "Held", "Fetch", "Fetched"]), scene.record.reads),
        },
        Figure {
            name: "messages per write",
            sentence: "Versions sent to replicas and their acknowledgements, per answered write.",
            of: |scene, costs| {
                let (answered, _) = scene.record.clients.answered();
                (costs.sent(&["Put", "Stored", "Copy", "Copied"]), answered - scene.record.reads)
            },
        },
        Figure {
            name: "repairs per read",
            sentence: "Repairs that clients sent to replicas with older answers, per answered read.",
            of: |scene, costs| (costs.sent(&["Repair"]), scene.record.reads),
        },
    ];

    type Record = Record;

    /// A client tries three times. Replicas compare with one drawn at random: within as many periods as this one of them has all but
    /// certainly compared with each other.
    fn settles(params: &Params, quiet: Quiet) -> Option<Micros> {
        // Where messages are lost, a comparison that goes down the whole tree seldom comes to its end.
        let luck = quiet.tries(params.depth + 2) / quiet.tries(2);
        let periods = (4 + 2 * u64::from(quiet.count)).saturating_mul(luck.max(1));
        let compares = params.anti_entropy.saturating_mul(periods);
        // Where nodes coordinate, a client turns to each home of the key, and waits for twice as long.
        let tries = if params.coordinator == Coordinator::Node { 2 * params.n.max(3) } else { 3 };
        let rest = params.timeout.saturating_mul(tries).saturating_add(params.handoff.saturating_mul(4));
        Some(compares.saturating_add(rest).saturating_add(quiet.way.saturating_mul(10)))
    }

    fn remember(record: &mut Record, step: &Step<'_, Self>) {
        record.remember(step);
    }

    fn history(record: &Record) -> Option<&Of<KeyValue>> {
        Some(record.clients.history())
    }
}

/// How many of a thousand reads miss the latest write where it is at W random homes of N and R random ones are asked.
/// The formula knows of homes, and not of votes.
fn odds(params: &Params, _: usize, span: Micros) -> Vec<(u64, u64)> {
    if params.votes > 0 {
        return Vec::new();
    }
    let (n, r, w) = (params.n, params.r.min(params.n), params.w.min(params.n));
    // C(N−W, R) / C(N, R), a factor at a time.
    let missing = (0..r).map(|nth| (n - w).saturating_sub(nth)).product::<u64>();
    let all = (0..r).map(|nth| n - nth).product::<u64>();
    let share = 1_000 * missing / all;
    vec![(0, share), (span, share)]
}
