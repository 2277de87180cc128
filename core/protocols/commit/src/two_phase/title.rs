//! The title page of two-phase commit, with its claims.

use super::{Locks, Params, TwoPhase, claims::of_options};
use crate::{Record, blocking, claims};
use faultline_core::prelude::*;

impl Protocol for TwoPhase {
    const INFO: Info = Info {
        slug: "two-phase-commit",
        title: "Two-phase commit",
        aka: "2pc xa atomic commit transaction",
        family: "Commit and consensus",
        source: "Jim Gray: Notes on Data Base Operating Systems, 1978; Philip Bernstein, Vassos Hadzilacos and Nathan \
                 Goodman: Concurrency Control and Recovery in Database Systems (BHG), 1987, chapter 7; C. Mohan, Bruce \
                 Lindsay and Ron Obermarck: Transaction Management in the R* Distributed Database Management System \
                 (R*), ACM TODS 11(4), 1986; X/Open: Distributed Transaction Processing: The XA+ \
                 Specification (XA+), 1994",
        idea: "A coordinator asks every participant for a vote and then announces the decision. A participant that has \
               voted yes must wait for the decision, through any crash. That is where the protocol blocks.",
        left_out: "The work before the vote, except that a crash undoes it, with the locks that it would \
                   take; shared locks; trees of coordinators; the coordinator's own data; the time that a \
                   disk takes; shrinking the logs; forgetting at participants. A participant that has not \
                   voted does not answer another's inquiry, though the book lets it abort.",
        safety: Assumptions {
            links: Links::AtMostOnce,
            failures: Failures::CrashRecovery,
            timing: Timing::Asynchronous,
        },
        liveness: Assumptions {
            links: Links::AtMostOnce,
            failures: Failures::CrashRecovery,
            timing: Timing::Asynchronous,
        },
        nodes: (4, 2, 21),
        until: 1_000_000,
        latency: (5_000, 15_000),
        ask: 0,
        layout: Layout::Ring,
        picture: &[Panel::Records],
        panels: &[],
    };

    const PRESETS: &'static [Preset] = presets! { "two-phase-commit":
        "first-steps" "default" "blocking" "cooperative" "presumed-abort" "presumed-commit"
        "named-participants" "locked-out" "deadlock" "by-hand" "votes-unforced" "decides-unforced"
        "acks-unforced" "collects-unforced" "aborts-uncertain" "commits-forgotten" "presumes-early"
        "reuses-numbers" "lost-work" "votes-without-work" "forgets-locks" "block-everybody"
    };
    const LESSON: Option<Lesson> = Some(lesson!("two-phase-commit"));
    const LOG_WORDS: LogWords = LogWords { number: "transaction", settled: "on disk", marks: &[] };
    const PROPERTIES: &'static [&'static [Property<Self>]] = &[&claims(), &[blocking()], &of_options()];

    const FIGURES: &'static [Figure<Self>] = &[
        Figure {
            name: "messages per transaction",
            sentence: "Messages of all kinds, divided by the number of transactions that any node decided.",
            of: |scene, costs| (costs.sent_in_all(), scene.record.decided().1),
        },
        Figure {
            name: "forced writes",
            sentence: "Writes forced to a disk, except when a node starts, divided by the number of transactions that any node decided.",
            of: |scene, costs| (costs.writes() - costs.local_writes[2], scene.record.decided().1),
        },
        Figure {
            name: "acknowledgements",
            sentence: "Acknowledgements of decisions, divided by the number of transactions that any node decided.",
            of: |scene, costs| (costs.sent(&["Ack"]), scene.record.decided().1),
        },
        Figure {
            name: "aborted",
            sentence: "The share of decided transactions that were aborted.",
            of: |scene, _| scene.record.decided(),
        },
    ];

    type Record = Record;

    /// A participant waits for the decision and then asks for it, a round after each timeout.
    fn settles(params: &Params, quiet: Quiet) -> Option<Micros> {
        // Where it waits for locks first, that takes a timeout at most, and so does what holds the lock.
        let timeouts = if params.locks == Locks::Wait { 6 } else { 4 };
        Some(params.timeout.saturating_mul(timeouts).saturating_add(quiet.way.saturating_mul(10)))
    }

    fn remember(record: &mut Record, step: &Step<'_, Self>) {
        record.remember(step);
    }
}
