//! Chord's title page: what it is and what it claims, its curve, the runs that come with it.

use super::{Chord, Identifiers, Params};
use crate::{Record, claims};
use faultline_core::prelude::*;

impl Protocol for Chord {
    const INFO: Info = Info {
        slug: "chord",
        title: "Chord",
        aka: "dht distributed hash table consistent hashing ring",
        family: "Peer-to-peer",
        source: "Ion Stoica, Robert Morris, David Karger, Frans Kaashoek and Hari Balakrishnan: Chord, SIGCOMM 2001 and \
                 ACM ToN 11(1), 2003; Pamela Zave: Using Lightweight Modeling to Understand Chord, CCR 42(2), 2012, and \
                 Reasoning about Identifier Spaces, IEEE TSE 43(12), 2017",
        idea: "Nodes and keys lie on one circle, and a key belongs to the next node. Each node knows a few others at \
               doubling distances, so a lookup among a thousand nodes takes some five hops; periodic questions mend the \
               ring when nodes join and fail.",
        left_out: "Moving keys, virtual nodes, lookups that go round failed members, leaving in good order, and choosing \
                   fingers by latency.",
        assumptions: Assumptions {
            links: Links::Perfect,
            failures: Failures::CrashRecovery,
            timing: Timing::Synchronous,
        },
        nodes: (16, 1, 10_000),
        until: 10_000_000,
        latency: (20_000, 60_000),
        ask: 0,
        layout: Layout::Circle,
        panels: &[Panel::Paths, Panel::Charts],
    };

    const PRESETS: &'static [Preset] = presets! { "chord":
        "first-steps" "join" "dead-predecessor" "original-2001" "found-by-search" "never-mends" "two-rings" "excludes-end"
        "ignores-first-notify" "keeps-itself" "finger-as-successor"
    };

    const PROPERTIES: &'static [&'static [Property<Self>]] = &[&claims()];

    const CHARTS: &'static [Chart<Self>] = &[Chart {
        name: "Hops",
        sentence: "Of a thousand lookups, how many took so many hops to the member before the key, beside the \
                       binomial law of a ring without gaps (Stoica et al. 2003, theorem 2).",
        axes: ("hops", "lookups, ‰"),
        plot: Plot::Now(|scene| {
            let hops = scene.record.hops();
            let all = hops.iter().sum::<u64>().max(1);
            (0..).zip(hops).map(|(place, count)| (place, count * 1_000 / all)).collect()
        }),
        theory: Some(|params, _, _| binomial(params)),
    }];

    type Record = Record;

    fn remember(record: &mut Record, step: &Step<'_, Self>) {
        record.remember(step);
    }
}

/// Of a thousand lookups in a ring that has a member at every place, how many take so many hops: each bit of the distance
/// is one, or none.
fn binomial(params: &Params) -> Vec<(u64, u64)> {
    let bits = params.bits;
    if params.identifiers != Identifiers::Spread || params.ring < 1 << bits {
        return Vec::new();
    }
    let (mut ways, mut curve) = (1_u128, Vec::new());
    for hops in 0..=bits {
        curve.push((hops, ((ways * 1_000) >> bits) as u64));
        ways = ways * u128::from(bits - hops) / u128::from(hops + 1);
    }
    curve
}
