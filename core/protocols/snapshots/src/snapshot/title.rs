//! The title page of distributed snapshots, with its claims.

use super::{Params, Snapshot};
use crate::{Record, claims, possibilities};
use faultline_core::prelude::*;

impl Protocol for Snapshot {
    const INFO: Info = Info {
        slug: "snapshot",
        title: "Distributed snapshots",
        aka: "chandy-lamport global state marker consistent cut checkpoint",
        family: "Time and global states",
        source: "K. Mani Chandy and Leslie Lamport: Distributed Snapshots: Determining Global States of Distributed Systems, ACM \
                 TOCS 3(1), 1985",
        idea: "Each process records its own state at a moment of its own and sends a marker along each channel. What arrives between \
               the record and the marker is the state of the channel. All parts together are a state that the run could have been in.",
        left_out: "Channels that do not keep their order; detecting stable properties; forgetting old snapshots; processes and channels \
                   that come and go. A crashed process waits for a restart from a snapshot, which the paper only mentions.",
        safety: Assumptions { links: Links::Fifo, failures: Failures::None, timing: Timing::Asynchronous },
        liveness: Assumptions { links: Links::Fifo, failures: Failures::None, timing: Timing::Asynchronous },
        nodes: (3, 2, 9),
        until: 1_000_000,
        latency: (5_000, 15_000),
        ask: 0,
        layout: Layout::Ring,
        picture: &[Panel::Table],
        panels: &[Panel::Lanes],
    };

    const PRESETS: &'static [Preset] = presets! { "snapshot":
        "first-steps" "default" "never-happened" "several-initiators" "ring" "overtaken" "lost" "restart" "two-tokens" "no-token"
        "one-marker-ends-all" "records-past-marker" "records-at-last-marker" "keeps-no-copy" "accepts-undone" "wrong-sum"
        "never-was"
    };
    const LESSON: Option<Lesson> = Some(lesson!("snapshot"));
    const PROPERTIES: &'static [&'static [Property<Self>]] = &[&claims(), &possibilities()];

    const FIGURES: &'static [Figure<Self>] = &[Figure {
        name: "markers per snapshot",
        sentence: "Markers that were sent, divided by the number of snapshots that were complete everywhere.",
        of: |scene, costs| (costs.sent(&["Marker"]), scene.record.completed()),
    }];

    type Record = Record;

    /// A marker goes from process to process, in a ring once around, and a restart does, too.
    fn settles(_: &Params, quiet: Quiet) -> Option<Micros> {
        Some(quiet.way.saturating_mul(2 * u64::from(quiet.count) + 2))
    }

    fn remember(record: &mut Record, step: &Step<'_, Self>) {
        record.remember(step);
    }
}
