//! The runs that come with Raft: first steps, the paper's figures, what else it does, its wrong twins one by one, and each
//! twin again as the machine found it.

use crate::protocol::Preset;

pub(super) const PRESETS: &[Preset] = &[
    Preset { name: "first-steps", text: include_str!("../../../../scenarios/raft/first-steps.txt") },
    Preset { name: "figure-7", text: include_str!("../../../../scenarios/raft/figure-7.txt") },
    Preset { name: "figure-8", text: include_str!("../../../../scenarios/raft/figure-8.txt") },
    Preset { name: "figure-8-unsafe", text: include_str!("../../../../scenarios/raft/figure-8-unsafe.txt") },
    Preset { name: "figure-8-e", text: include_str!("../../../../scenarios/raft/figure-8-e.txt") },
    Preset { name: "sleeping-leader", text: include_str!("../../../../scenarios/raft/sleeping-leader.txt") },
    Preset { name: "held-votes", text: include_str!("../../../../scenarios/raft/held-votes.txt") },
    Preset {
        name: "disruptive-server",
        text: include_str!("../../../../scenarios/raft/disruptive-server.txt"),
    },
    Preset { name: "pre-vote", text: include_str!("../../../../scenarios/raft/pre-vote.txt") },
    Preset { name: "adding-a-server", text: include_str!("../../../../scenarios/raft/adding-a-server.txt") },
    Preset { name: "joint-change", text: include_str!("../../../../scenarios/raft/joint-change.txt") },
    Preset { name: "snapshot", text: include_str!("../../../../scenarios/raft/snapshot.txt") },
    Preset { name: "read-index", text: include_str!("../../../../scenarios/raft/read-index.txt") },
    Preset { name: "lease", text: include_str!("../../../../scenarios/raft/lease.txt") },
    Preset { name: "lease-drift", text: include_str!("../../../../scenarios/raft/lease-drift.txt") },
    Preset { name: "forgets-vote", text: include_str!("../../../../scenarios/raft/forgets-vote.txt") },
    Preset { name: "votes-by-length", text: include_str!("../../../../scenarios/raft/votes-by-length.txt") },
    Preset {
        name: "truncates-always",
        text: include_str!("../../../../scenarios/raft/truncates-always.txt"),
    },
    Preset {
        name: "matches-whole-log",
        text: include_str!("../../../../scenarios/raft/matches-whole-log.txt"),
    },
    Preset {
        name: "commits-unchecked",
        text: include_str!("../../../../scenarios/raft/commits-unchecked.txt"),
    },
    Preset { name: "skips-check", text: include_str!("../../../../scenarios/raft/skips-check.txt") },
    Preset {
        name: "replaces-old-entries",
        text: include_str!("../../../../scenarios/raft/replaces-old-entries.txt"),
    },
    Preset {
        name: "any-message-resets-timer",
        text: include_str!("../../../../scenarios/raft/any-message-resets-timer.txt"),
    },
    Preset {
        name: "changes-too-early",
        text: include_str!("../../../../scenarios/raft/changes-too-early.txt"),
    },
    Preset { name: "stale-read", text: include_str!("../../../../scenarios/raft/stale-read.txt") },
    Preset {
        name: "found-forgets-vote",
        text: include_str!("../../../../scenarios/raft/found-forgets-vote.txt"),
    },
    Preset {
        name: "found-counts-old-terms",
        text: include_str!("../../../../scenarios/raft/found-counts-old-terms.txt"),
    },
    Preset {
        name: "found-votes-by-length",
        text: include_str!("../../../../scenarios/raft/found-votes-by-length.txt"),
    },
    Preset {
        name: "found-truncates-always",
        text: include_str!("../../../../scenarios/raft/found-truncates-always.txt"),
    },
    Preset {
        name: "found-matches-whole-log",
        text: include_str!("../../../../scenarios/raft/found-matches-whole-log.txt"),
    },
    Preset {
        name: "found-commits-unchecked",
        text: include_str!("../../../../scenarios/raft/found-commits-unchecked.txt"),
    },
    Preset {
        name: "found-skips-check",
        text: include_str!("../../../../scenarios/raft/found-skips-check.txt"),
    },
    Preset {
        name: "found-replaces-old-entries",
        text: include_str!("../../../../scenarios/raft/found-replaces-old-entries.txt"),
    },
    Preset {
        name: "found-any-message-resets-timer",
        text: include_str!("../../../../scenarios/raft/found-any-message-resets-timer.txt"),
    },
    Preset {
        name: "found-changes-too-early",
        text: include_str!("../../../../scenarios/raft/found-changes-too-early.txt"),
    },
    Preset {
        name: "found-skips-joint",
        text: include_str!("../../../../scenarios/raft/found-skips-joint.txt"),
    },
    Preset {
        name: "found-forgets-snapshot-term",
        text: include_str!("../../../../scenarios/raft/found-forgets-snapshot-term.txt"),
    },
    Preset {
        name: "found-reads-unconfirmed",
        text: include_str!("../../../../scenarios/raft/found-reads-unconfirmed.txt"),
    },
];
