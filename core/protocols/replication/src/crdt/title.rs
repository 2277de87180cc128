//! The title page of CRDTs.

use super::claims::{CLAIMS, Record};
use super::{Crdt, Params};
use faultline_core::prelude::*;

impl Protocol for Crdt {
    const INFO: Info = Info {
        slug: "crdt",
        title: "CRDTs",
        aka: "conflict-free replicated data types counter register or-set rga text map local-first collaborative editing",
        family: "Replication",
        source: "Marc Shapiro, Nuno Preguiça, Carlos Baquero and Marek Zawirski: Conflict-free Replicated Data Types (SSS), \
                 2011, and A Comprehensive Study of Convergent and Commutative Replicated Data Types (RR-7506), 2011; \
                 the set: Annette Bieniusa and others: An Optimized Conflict-free Replicated Set, 2012; the text: Hyun-Gul \
                 Roh and others: Replicated Abstract Data Types (RGA), 2011; interleaving: Martin Kleppmann and others, PaPoC \
                 2019",
        idea: "Every replica takes updates at once, online or not, and sends them to the others later. The data type says what \
               concurrent updates come to, so replicas that include the same updates are in the same state, in whatever order they \
               received them.",
        left_out: "Sets in which a removal wins or is final, deltas, maps of CRDTs, bounded counters, moves, collecting tombstones, and \
                   members that come and go. Nothing that must hold between values is promised: two replicas can spend the same \
                   rest.",
        safety: Assumptions {
            links: Links::Any,
            failures: Failures::CrashRecovery,
            timing: Timing::Asynchronous,
        },
        liveness: Assumptions {
            links: Links::FairLoss,
            failures: Failures::CrashRecovery,
            timing: Timing::Asynchronous,
        },
        nodes: (3, 2, 9),
        until: 1_000_000,
        latency: (5_000, 15_000),
        ask: 0,
        layout: Layout::Ring,
        picture: &[Panel::Table],
        panels: &[Panel::Clocks, Panel::Lanes],
    };

    const PRESETS: &'static [Preset] = presets! { "crdt":
        "first-steps" "default" "offline" "counter" "register" "set" "map" "remove-before-add" "interleaving" "restored"
        "plain-counter" "unbroken-ties" "new-tags" "reuses-identity" "no-tombstones" "applies-copies" "ignores-causes"
        "lost-anchor" "bring-it-back"
    };
    const LESSON: Option<Lesson> = Some(lesson!("crdt"));
    const PROPERTIES: &'static [&'static [Property<Self>]] = &[CLAIMS];

    const FIGURES: &'static [Figure<Self>] = &[Figure {
        name: "messages per update",
        sentence: "Messages of all kinds, divided by the number of updates.",
        of: |scene, costs| (costs.sent_in_all(), scene.record.updates()),
    }];

    type Record = Record;

    /// A replica repeats what another lacks, learns what it lacks itself, and what was held back follows.
    fn settles(params: &Params, quiet: Quiet) -> Option<Micros> {
        Some(params.repeat.saturating_mul(4).saturating_add(quiet.way.saturating_mul(10)))
    }

    fn remember(record: &mut Record, step: &Step<'_, Self>) {
        record.remember(step);
    }
}
