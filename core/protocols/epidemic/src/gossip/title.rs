//! Gossip's title page: what it is and what it claims, its curves, the runs that come with it.

use super::{Gossip, theory};
use crate::{Output, Record, claims};
use faultline_core::prelude::*;

impl Protocol for Gossip {
    const INFO: Info = Info {
        slug: "gossip",
        title: "Gossip",
        aka: "epidemic rumour rumor mongering anti-entropy",
        family: "Group communication",
        source: "Alan Demers, Dan Greene, Carl Hauser, Wes Irish, John Larson, Scott Shenker, Howard Sturgis, Dan \
                 Swinehart and Doug Terry: Epidemic Algorithms for Replicated Database Maintenance, PODC 1987",
        idea: "A change is told to nodes drawn at random, who tell others, as a rumour or a disease spreads. It reaches \
               ten thousand nodes in some twenty cycles, whoever fails; a rumour is forgotten before the last few have \
               heard it, and comparing for ever reaches those, too.",
        left_out: "All items but one, hunting for another partner, connection limits, checksums and recent lists, dormant \
                   death certificates, and rumours that fall back on anti-entropy; a question that the network \
                   delivers twice counts as two contacts.",
        assumptions: Assumptions {
            links: Links::FairLoss,
            failures: Failures::CrashRecovery,
            timing: Timing::Asynchronous,
        },
        nodes: (40, 2, 100_000),
        until: 20_000_000,
        latency: (60_000, 140_000),
        ask: 0,
        layout: Layout::Grid,
        panels: &[Panel::Charts],
    };

    const PRESETS: &'static [Preset] = presets! { "gossip":
        "first-steps" "default" "dies-early" "anti-entropy" "two-site-hub" "death-certificate" "no-certificate"
        "drops-certificates" "wall-clock" "picks-itself" "counts-twice" "pull-as-push"
    };

    const PROPERTIES: &'static [&'static [Property<Self>]] = &[
        &claims(),
        &[always(
            "Patience",
            "Nobody loses interest before its k-th contact (with a coin, its first), nor by talking to itself.",
            About::Outputs,
            patience,
        )],
    ];

    const CHARTS: &'static [Chart<Self>] = &[
        Chart {
            name: "Informed",
            sentence: "How many of a thousand nodes hold the newest change, beside the mean field of synchronous \
                           cycles (Demers et al. 1987) for a change at the very start.",
            axes: ("time, µs", "informed, ‰"),
            plot: Plot::OverTime(|scene| share(scene, scene.record.informed().into(), 1_000)),
            theory: Some(theory::informed),
        },
        Chart {
            name: "Residue",
            sentence: "How many of ten thousand have not heard, beside those that never will where rumours are \
                           pushed with feedback: s = e^(−(k+1)(1−s)).",
            axes: ("time, µs", "ignorant, of 10 000"),
            plot: Plot::OverTime(|scene| {
                share(scene, scene.count() as u64 - u64::from(scene.record.informed()), 10_000)
            }),
            theory: Some(theory::residue_line),
        },
    ];

    type Record = Record;

    fn remember(record: &mut Record, step: &Step<'_, Self>) {
        record.remember(step);
    }
}

fn share(scene: &Scene<'_, Gossip>, of: u64, parts: u64) -> u64 {
    of * parts / scene.count().max(1) as u64
}

fn patience(scene: &Scene<'_, Gossip>) -> Result<(), String> {
    for output in scene.outputs {
        if let Output::LostInterest { contacts, patience, last } = *output {
            if contacts < patience {
                let who = scene.who;
                return Err(format!("{who} loses interest after {contacts} of {patience} contacts"));
            }
            if last == scene.who {
                return Err(format!("{last} loses interest over a contact with itself"));
            }
        }
    }
    Ok(())
}
