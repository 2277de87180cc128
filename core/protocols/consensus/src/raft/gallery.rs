//! The runs that come with Raft: first steps, the paper's figures, what else it does, its wrong twins one by one, and each
//! twin again as the machine found it.

use faultline_core::protocol::{Preset, presets};

pub(super) const PRESETS: &[Preset] = presets!(
    "raft",
    [
        "first-steps",
        "figure-7",
        "figure-8",
        "figure-8-unsafe",
        "figure-8-e",
        "sleeping-leader",
        "held-votes",
        "disruptive-server",
        "pre-vote",
        "adding-a-server",
        "joint-change",
        "snapshot",
        "read-index",
        "lease",
        "lease-drift",
        "forgets-vote",
        "votes-by-length",
        "truncates-always",
        "matches-whole-log",
        "commits-unchecked",
        "skips-check",
        "replaces-old-entries",
        "any-message-resets-timer",
        "changes-too-early",
        "stale-read",
        "found-forgets-vote",
        "found-counts-old-terms",
        "found-votes-by-length",
        "found-truncates-always",
        "found-matches-whole-log",
        "found-commits-unchecked",
        "found-skips-check",
        "found-replaces-old-entries",
        "found-any-message-resets-timer",
        "found-changes-too-early",
        "found-skips-joint",
        "found-forgets-snapshot-term",
        "found-reads-unconfirmed"
    ]
);
