//! The title page of log shipping.

use super::claims::CLAIMS;
use super::record::Record;
use super::{AGAIN, LogShipping, Params};
use faultline_core::prelude::*;

impl Protocol for LogShipping {
    const INFO: Info = Info {
        slug: "log-shipping",
        title: "Log shipping",
        aka: "wal write-ahead log streaming replication warm hot standby failover pitr point-in-time recovery timeline postgresql \
              archive split brain fencing aries",
        family: "Replication",
        source: "The PostgreSQL Global Development Group: PostgreSQL Documentation (PG), 2024, version 17, chapters 25 to 28; C. Mohan \
                 et al.: ARIES: A Transaction Recovery Method Supporting Fine-Granularity Locking and Partial Rollbacks Using \
                 Write-Ahead Logging, ACM TODS 17(1), 1992",
        idea: "A primary writes each change to its log first, and ships the log to standbys and to an archive. Whoever has the log can \
               repeat the changes. How long a commit waits for standbys decides what a failover loses.",
        left_out: "Transactions of several records and undo; torn pages; removing old log; cascades; priorities and quorums of standbys; \
                   queries that replay must cancel; promotion of a restored server; clients that move to a new primary; failover while \
                   the archive is down, which numbers the timelines here.",
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
        nodes: (4, 3, 7),
        until: 1_000_000,
        latency: (5_000, 15_000),
        ask: 0,
        layout: Layout::Tiers,
        picture: &[Panel::Logs],
        panels: &[Panel::Table, Panel::Charts],
    };

    const PRESETS: &'static [Preset] = presets! { "log-shipping":
        "first-steps" "default" "lost-suffix" "synchronous" "sync-standby-down" "by-file" "point-in-time" "missing-segment"
        "dead-branch" "split-brain" "fenced" "stale-read"
        "confirms-unflushed" "archives-unsynced" "no-backup-label" "restores-by-number" "follows-blindly" "no-page-lsn" "fences-late"
        "lose-a-commit" "lose-nothing"
    };
    const LESSON: Option<Lesson> = Some(lesson!("log-shipping"));
    const LOG_WORDS: LogWords = LogWords {
        number: "timeline",
        settled: "on disk",
        marks: &[
            ("flushed", "the last record that the primary knows to be on its disk"),
            ("replayed", "the last record that the primary knows to be on its pages"),
        ],
    };
    const PROPERTIES: &'static [&'static [Property<Self>]] = &[CLAIMS];

    const CHARTS: &'static [Chart<Self>] = &[Chart {
        name: "Lost commits",
        sentence: "How many commits were lost that had been acknowledged.",
        axes: ("time, µs", "commits"),
        plot: Plot::OverTime(|scene| scene.record.losses().0),
        theory: None,
    }];

    const FIGURES: &'static [Figure<Self>] = &[
        Figure {
            name: "lost commits",
            sentence: "The share of the acknowledged commits that were lost.",
            of: |scene, _| scene.record.losses(),
        },
        Figure {
            name: "messages per commit",
            sentence: "Records sent to standbys and their confirmations, per acknowledged commit.",
            of: |scene, costs| (costs.sent(&["Wal", "Status"]), scene.record.losses().1),
        },
    ];

    type Record = Record;

    /// A primary sends again what was not confirmed; the archive, and a standby by file, take a round each.
    fn settles(params: &Params, quiet: Quiet) -> Option<Micros> {
        let rounds = 6u64.saturating_mul(quiet.tries(2)).saturating_mul(AGAIN.saturating_add(quiet.way));
        Some(rounds.saturating_add(params.apply_delay).saturating_add(quiet.way.saturating_mul(10)))
    }

    fn remember(record: &mut Record, step: &Step<'_, Self>) {
        record.remember(step);
    }
}
