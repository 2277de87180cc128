//! The title page of the two generals: its claims, its curve and its figures.

use super::claims::{CLAIMS, Record};
use super::{General, Params};
use faultline_core::prelude::*;

impl Protocol for General {
    const INFO: Info = Info {
        slug: "two-generals",
        title: "Two generals",
        aka: "coordinated attack generals paradox impossibility acknowledgement common knowledge",
        family: "Messages and middleware",
        source: "E. A. Akkoyunlu, K. Ekanadham and R. V. Huber: Some Constraints and Tradeoffs in the Design of Network \
                 Communications, SOSP 1975; Jim Gray: Notes on Data Base Operating Systems, 1978, §5.8.3.3.1; Joseph Halpern \
                 and Yoram Moses: Knowledge and Common Knowledge in a Distributed Environment (HM), JACM 37(3), 1990",
        idea: "Two generals must attack together or not at all, and can only send messengers through a valley where any of them \
               may be caught. They acknowledge each other's acknowledgements up to a last message, and whoever sends that one \
               attacks without knowing whether it arrives. Longer chains and more messengers make a divided attack rare. No \
               fixed number of messages makes it impossible.",
        left_out: "The hour of the attack: nights do not end here, and messengers may be late. Messengers that are sent again \
                   until they are answered: without a deadline, over links that do not lose everything, they lead to agreement. \
                   Generals who toss coins, and generals who lie.",
        safety: Assumptions { links: Links::Any, failures: Failures::None, timing: Timing::Asynchronous },
        liveness: Assumptions {
            links: Links::Perfect,
            failures: Failures::None,
            timing: Timing::Asynchronous,
        },
        nodes: (2, 2, 2),
        until: 1_000_000,
        latency: (20_000, 40_000),
        ask: 0,
        layout: Layout::Row,
        picture: &[Panel::Table],
        panels: &[Panel::Charts],
    };

    const PRESETS: &'static [Preset] = presets! { "two-generals":
        "first-steps" "default" "last-lost-1" "last-lost-2" "ack-of-ack" "last-lost-5" "first-lost" "copies" "all-copies-lost"
        "late" "enemy" "attacks-on-timeout" "assumes-delivery" "trusts-ack-of-ack" "waits-for-last-ack"
        "takes-copies-for-new" "one-messenger" "without-loss"
    };
    const LESSON: Option<Lesson> = Some(lesson!("two-generals"));
    const PROPERTIES: &'static [&'static [Property<Self>]] = &[CLAIMS];

    const CHARTS: &'static [Chart<Self>] = &[Chart {
        name: "Divided nights",
        sentence: "Nights per thousand in which exactly one general attacks, against messengers lost per thousand. The bar is \
                   this run so far. The theory, computed for independent losses, is q(1−q)^(k−1) for a chain of k messages, \
                   each lost with q = pⁿ, where p is the loss of one of its n messengers.",
        axes: ("messengers lost, ‰", "divided, ‰"),
        plot: Plot::Now(measured),
        theory: Some(theory),
    }];

    const FIGURES: &'static [Figure<Self>] = &[
        Figure {
            name: "divided",
            sentence: "The share of nights in which exactly one general attacks.",
            of: |scene, _| {
                let (divided, _, nights) = scene.record.counted();
                (divided, nights)
            },
        },
        Figure {
            name: "both attack",
            sentence: "The share of nights in which both generals attack.",
            of: |scene, _| {
                let (_, both, nights) = scene.record.counted();
                (both, nights)
            },
        },
        Figure {
            name: "messengers per night",
            sentence: "Messengers sent, divided by the number of nights.",
            of: |scene, costs| (costs.sent_in_all(), scene.record.counted().2),
        },
    ];

    type Record = Record;

    /// The messages of the chain come one after the other.
    fn settles(params: &Params, quiet: Quiet) -> Option<Micros> {
        Some(quiet.way.saturating_mul(params.chain + 1))
    }

    fn remember(record: &mut Record, step: &Step<'_, Self>) {
        record.remember(step);
    }
}

/// A bar at the share of messengers that are lost, or still under way, as high as the share of divided nights.
fn measured(scene: &Scene<'_, General>) -> Vec<(u64, u64)> {
    let (sent, came) = scene.nodes().fold((0, 0), |(sent, came), (_, it)| (sent + it.sent, came + it.came));
    let (divided, _, nights) = scene.record.counted();
    match (sent, nights) {
        (0, _) | (_, 0) => Vec::new(),
        _ => {
            let lost = sent.saturating_sub(came) * 1_000 / sent;
            vec![(lost, 0), (lost, divided * 1_000 / nights)]
        }
    }
}

/// The chance of a divided night, in thousandths, by the chance that a messenger is lost, in thousandths.
fn theory(params: &Params, _: usize, _: Micros) -> Vec<(u64, u64)> {
    const PARTS: u64 = 1_000_000_000;
    let times = |share: u64, by: u64| (u128::from(share) * u128::from(by) / u128::from(PARTS)) as u64;
    let power = |base: u64, exponent: u64| (0..exponent).fold(PARTS, |all, _| times(all, base));
    let divided = |lost: u64| {
        let message = power(lost * (PARTS / 1_000), params.copies);
        times(message, power(PARTS - message, params.chain - 1))
    };
    (0..=50).map(|step| step * 20).map(|lost| (lost, divided(lost) * 1_000 / PARTS)).collect()
}
