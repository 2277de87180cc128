//! The title page of the bully algorithm, with its claims and its scenarios.

use super::{Bully, Params};
use crate::{Record, claims, one_leader, two_leaders};
use faultline_core::prelude::*;

impl Protocol for Bully {
    const INFO: Info = Info {
        slug: "bully",
        title: "Bully election",
        aka: "leader election coordinator garcia-molina",
        family: "Election and mutual exclusion",
        source: "Hector Garcia-Molina: Elections in a Distributed Computing System (GM), IEEE Transactions on Computers C-31(1), \
                 1982; George Coulouris, Jean Dollimore, Tim Kindberg and Gordon Blair: Distributed Systems, 5th edition (CDKB), \
                 2012, §15.3.2",
        idea: "A node that finds the coordinator gone asks all higher nodes whether they are up. Any that is answers and takes \
               over the election; one that hears none leads, and tells all lower nodes. A node that returns stands at once, and \
               takes the office from any lower one. All rests on known bounds on time: a node that is only slow is passed over, \
               and then two nodes lead.",
        left_out: "The work that a coordinator hands out, and its announcement in two steps; the coordinator's search for nodes that an \
                   election left behind; merging partitions that each have a coordinator (the paper's Invitation algorithm). A lease, \
                   a quorum or a number for each election would keep two coordinators apart, and none of them is here.",
        safety: Assumptions {
            links: Links::Perfect,
            failures: Failures::CrashRecovery,
            timing: Timing::Synchronous,
        },
        liveness: Assumptions {
            links: Links::Perfect,
            failures: Failures::CrashRecovery,
            timing: Timing::Synchronous,
        },
        nodes: (5, 2, 12),
        until: 1_000_000,
        latency: (5_000, 15_000),
        ask: 0,
        layout: Layout::Ring,
        picture: &[Panel::Members],
        panels: &[],
    };

    const PRESETS: &'static [Preset] = presets! { "bully":
        "first-steps" "default" "lowest-notices" "highest-notices" "all-at-once" "crash-mid-election" "returns" "halted-first"
        "paused" "slow-link" "partition" "hasty" "answers-once" "skips-suspect" "asks-everybody" "waits-for-ever" "returns-in-office"
        "one-pause" "one-at-a-time"
    };
    const LESSON: Option<Lesson> = Some(lesson!("bully"));
    const PROPERTIES: &'static [&'static [Property<Self>]] = &[&claims(), &[one_leader(), two_leaders()]];

    const FIGURES: &'static [Figure<Self>] = &[
        Figure {
            name: "messages per election",
            sentence: "Messages of elections, without questions to the coordinator, divided by how often a node became the coordinator.",
            of: |scene, costs| {
                (costs.sent(&["Election", "Ok", "Coordinator", "Halt", "Halted"]), scene.record.led())
            },
        },
        Figure {
            name: "messages per check",
            sentence: "Questions whether the coordinator is up and answers to them, divided by the number of questions.",
            of: |_, costs| (costs.sent(&["AreYouUp", "Up"]), costs.sent(&["AreYouUp"])),
        },
    ];

    type Record = Record;

    /// The coordinator may crash just after it was asked, and so may the one that takes over.
    fn settles(params: &Params, quiet: Quiet) -> Option<Micros> {
        let answers = params.timeout >= quiet.way.saturating_mul(2);
        let check = params.check.saturating_mul(2).saturating_add(params.timeout);
        let election = params.timeout.saturating_mul(10);
        answers.then(|| check.saturating_add(election).saturating_mul(2))
    }

    fn remember(record: &mut Record, step: &Step<'_, Self>) {
        record.remember(step);
    }

    /// One node that is up leads itself.
    fn tolerated(count: u32) -> u32 {
        count.saturating_sub(1)
    }
}
