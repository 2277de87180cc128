//! The title page of Raft, with its scenarios and claims.

use super::{Params, Raft, ReadBy, Record, claims};
use faultline_core::prelude::*;

impl Protocol for Raft {
    const INFO: Info = Info {
        slug: "raft",
        title: "Raft",
        aka: "replicated log state machine leader election etcd",
        family: "Commit and consensus",
        source: "Diego Ongaro and John Ousterhout: In Search of an Understandable Consensus Algorithm (extended \
                 version), USENIX ATC 2014; Diego Ongaro: Consensus: Bridging Theory and Practice (thesis), Stanford \
                 University, 2014",
        idea: "One node, the leader, decides the next entry of every node's log. A node leads a term if it wins the votes of a \
               majority. An entry that a majority holds survives every leader.",
        left_out: "Catch-up rounds that decide by themselves when a learner becomes a member, snapshots in chunks, and \
                   several commands of one client at a time.",
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
        nodes: (5, 1, 51),
        until: 3_000_000,
        latency: (5_000, 15_000),
        ask: 0,
        layout: Layout::Ring,
        picture: &[Panel::Logs],
        panels: &[Panel::Blocks, Panel::Members, Panel::Table, Panel::History],
    };

    const LOG_WORDS: LogWords = LogWords {
        number: "term",
        settled: "known to be committed",
        marks: &[
            ("next index", "the next entry that the leader sends it"),
            ("match index", "the last entry that the leader knows it to hold"),
        ],
    };
    const PRESETS: &'static [Preset] = presets! { "raft":
        "first-steps" "figure-7" "figure-8" "figure-8-unsafe" "figure-8-e" "sleeping-leader" "held-votes"
        "disruptive-server" "pre-vote" "adding-a-server" "no-learner" "learner" "joint-change"
        "snapshot" "read-index" "lease" "lease-drift" "deaf-leader" "check-quorum"
        "partial-partition" "partial-partition-pre-vote" "quorum-loss"
        "quorum-loss-check-quorum" "constrained-election" "transfer" "transfer-given-up"
        "no-session" "session" "session-ends"
        // The wrong twins one by one, and each again as the machine found it.
        "forgets-vote" "votes-by-length" "truncates-always" "matches-whole-log" "commits-unchecked"
        "skips-check" "replaces-old-entries" "any-message-resets-timer" "changes-too-early" "stale-read"
        "reads-too-early" "acknowledges-unwritten" "forgets-term" "counts-old-votes" "uses-members-late"
        "keeps-conflicting-log" "keeps-lease" "counts-learners" "keeps-sessions-at-leader"
        "expires-by-own-clock"
        "found-forgets-vote" "found-counts-old-terms" "found-votes-by-length" "found-truncates-always"
        "found-matches-whole-log" "found-commits-unchecked" "found-skips-check" "found-replaces-old-entries"
        "found-any-message-resets-timer" "found-changes-too-early" "found-skips-joint"
        "found-forgets-snapshot-term" "found-reads-unconfirmed"
        "found-reads-too-early" "found-acknowledges-unwritten" "found-forgets-term" "found-counts-old-votes"
        "found-uses-members-late" "found-keeps-conflicting-log" "found-keeps-lease"
        "found-counts-learners" "found-keeps-sessions-at-leader" "found-expires-by-own-clock"
        "overwrite" "rivals" "old-answer" "one-term"
    };
    const LESSON: Option<Lesson> = Some(lesson!("raft"));

    const SEEDS: &'static [Vetted] = &[
        Vetted { seed: 121, sentence: "The votes of term 1 are split, and term 2 has the first leader." },
        Vetted { seed: 136, sentence: "Three nodes stand in term 1, and the first of them still wins." },
        Vetted { seed: 153, sentence: "All five nodes stand in term 1, and each gets only its own vote." },
    ];

    const PROPERTIES: &'static [&'static [Property<Self>]] =
        &[claims::LEMMAS, &crate::claims(), claims::SESSIONS, claims::COURSE];

    const FIGURES: &'static [Figure<Self>] = &[
        Figure {
            name: "messages per entry",
            sentence: "Append messages and their replies, including heartbeats, divided by the number of committed entries.",
            of: |scene, costs| (costs.sent(&["Append", "Appended"]), scene.record.committed()),
        },
        Figure {
            name: "messages per election",
            sentence: "Vote requests and votes, including any pre-votes, divided by the number of elected leaders.",
            of: |scene, costs| {
                let messages = costs.sent(&["RequestVote", "Vote", "PreVote", "PreVoted"]);
                (messages, scene.record.elected())
            },
        },
        Figure {
            name: "terms per leader",
            sentence: "Terms that were begun, divided by the number of elected leaders. It is more than 1 if votes were split.",
            of: |scene, _| {
                let terms = scene.nodes().map(|(_, node)| node.term).max();
                (terms.unwrap_or(0), scene.record.elected())
            },
        },
        Figure {
            name: "forced writes per entry",
            sentence: "Forced disk writes at all nodes, divided by the number of committed entries.",
            of: |scene, costs| (costs.writes(), scene.record.committed()),
        },
    ];

    type Record = Record;

    fn clocked(params: &Params) -> Option<(&'static str, &'static str)> {
        let assumed =
            "A lease assumes a bound on how far clocks drift apart (thesis §6.4.1). Now there is none.";
        (params.reads == ReadBy::Lease).then_some(("Fresh Reads", assumed))
    }

    fn clash(params: &Params) -> Option<String> {
        in_order(("election-min", params.election_min), ("election-max", params.election_max))
    }

    fn tolerates(scene: &Scene<'_, Self>) -> u32 {
        let spared = scene.nodes().map(|(_, node)| node.members.latest().tolerates());
        spared.min().unwrap_or(0)
    }

    /// Eight elections hardly ever all end without a winner, if timeouts are drawn from a range (§5.2). Messages and their answers
    /// must take less time than a timeout (§5.6).
    fn settles(params: &Params, quiet: Quiet) -> Option<Micros> {
        let in_time = quiet.latency.saturating_mul(2) < params.election_min
            && params.election_max.saturating_sub(params.election_min) >= quiet.latency;
        in_time.then(|| params.election_max.saturating_add(quiet.way).saturating_mul(8))
    }

    fn remember(record: &mut Record, step: &Step<'_, Self>) {
        record.remember(step);
    }

    fn history(record: &Record) -> Option<&Of<KeyValue>> {
        Some(record.history())
    }
}
