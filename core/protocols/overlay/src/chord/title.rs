//! Chord's title page: what it is and what it claims, its curve, the runs that come with it.

use super::hosts::{curve, greatest};
use super::{Bugs, Chord, Params};
use crate::{Record, Ring, claims};
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
        idea: "Nodes and keys lie on one circle, and a key belongs to the next node. Each node knows a few \
               others at doubling distances, so a lookup among a thousand nodes takes about five hops. \
               Periodic checks repair the ring when nodes join or fail.",
        left_out: "Copies of keys, hosts that fail with all their virtual nodes, lookups that route around \
                   failed members, repeated joins and requests, and choosing fingers by latency. A key is lost with the member that holds it if that \
                   member crashes. A client that asks for a key while it moves may be told that it is \
                   missing. The claims assume a stable base \
                   (`base`), as the proof does: one member more than a list holds successors, all there from \
                   the start, which never fail. They also assume a period longer than a question and its \
                   answer. Once a member of the base has failed or left, those on the ring are no longer judged.",
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
        nodes: (16, 1, 10_000),
        until: 10_000_000,
        latency: (20_000, 60_000),
        ask: 0,
        layout: Layout::Circle,
        picture: &[Panel::Paths],
        panels: &[Panel::Charts],
    };

    const PRESETS: &'static [Preset] = presets! { "chord":
        "first-steps" "default" "join" "dead-predecessor" "below-the-base" "original-2001" "found-by-search" "never-mends" "two-rings" "excludes-end"
        "ignores-first-notify" "keeps-itself" "finger-as-successor"
        "keys-move" "leaves-in-order" "neighbours-leave" "hands-over-blindly" "keeps-keys"
        "virtual-nodes"
        "last-successor" "join-by-hand"
    };
    const LESSON: Option<Lesson> = Some(lesson!("chord"));

    const PROPERTIES: &'static [&'static [Property<Self>]] = &[&claims()];

    const CHARTS: &'static [Chart<Self>] = &[
        Chart {
            name: "Promised",
            sentence: "The value is 1 while the claims are judged. It drops to 0 when a member of the stable \
                       base fails, or a failure leaves some member without a live successor.",
            axes: ("time, µs", "promised"),
            plot: Plot::OverTime(|scene| u64::from(scene.record.is_promised())),
            theory: None,
        },
        Chart {
            name: "Hops",
            sentence: "How many of a thousand lookups took each number of hops to the member before the key. \
                       Beside it stands the mean over all keys in an undisturbed ring with a member at every \
                       place: the binomial law with one successor (Stoica et al. 2003), fewer hops with \
                       more. It is not drawn where places are empty or a rule is taken away, since it then \
                       depends on more than the settings.",
            axes: ("hops", "lookups, ‰"),
            plot: Plot::Now(|scene| {
                let hops = scene.record.hops();
                let all = hops.iter().sum::<u64>().max(1);
                (0..).zip(hops).map(|(place, count)| (place, count * 1_000 / all)).collect()
            }),
            theory: Some(|params, count, _| full_ring(params, count)),
        },
        Chart {
            name: "Load of hosts",
            sentence: "The share of the circle that each host is responsible for, the least first, in \
                       thousandths of the mean. With one member on each host it varies widely; with \
                       `virtual-nodes` near log N it is almost even (Stoica et al. 2001, §6.1).",
            axes: ("host", "load, ‰ of the mean"),
            plot: Plot::Now(curve),
            theory: None,
        },
    ];

    const FIGURES: &'static [Figure<Self>] = &[
        Figure {
            name: "hops",
            sentence: "Hops to the member before the key, per answered lookup.",
            of: |scene, _| hops(scene, 0),
        },
        Figure {
            name: "hops to the owner",
            sentence: "Hops to the owner of the key, per answered lookup: one more than to the member before \
                       it.",
            of: |scene, _| hops(scene, 1),
        },
        Figure {
            name: "maximum hops",
            sentence: "The most hops that any lookup of a run took to the member before the key.",
            of: |scene, _| (scene.record.hops().len().saturating_sub(1) as u64, 1),
        },
        Figure {
            name: "messages per lookup",
            sentence: "Forwarded lookups and their answers, including those that repair fingers, per \
                       answered lookup.",
            of: |scene, costs| (costs.sent(&["Find", "Found"]), hops(scene, 0).1),
        },
        Figure {
            name: "maximum load",
            sentence: "The share of the circle that the host with most of it is responsible for at the end, \
                       by the mean of all hosts.",
            of: |scene, _| greatest(scene),
        },
        Figure {
            name: "moved keys",
            sentence: "Keys that members have given up to others, per node that has joined or left.",
            of: |scene, _| scene.record.moved(),
        },
    ];

    type Record = Record;

    fn steady(params: &Params) -> u32 {
        stable_base(params)
    }

    /// A list grows by a member with every chore, and what one learns the one before it learns next. A member
    /// counts as failed if it does not answer within a period. A key at the wrong member goes from there to
    /// the one before it, and so on round the ring.
    fn settles(params: &Params, quiet: Quiet) -> Option<Micros> {
        let chore = params.period.saturating_add(quiet.way.saturating_mul(4));
        let in_time = quiet.latency.saturating_mul(2) < params.period;
        let chores = u64::from(quiet.count) + params.successors;
        in_time.then(|| chore.saturating_mul(if params.keys { 2 * chores } else { chores }))
    }

    fn remember(record: &mut Record, step: &Step<'_, Self>) {
        record.remember(step);
    }
}

/// How many hops all lookups took, each so many more than to the member before the key, and how many lookups
/// there were.
fn hops(scene: &Scene<'_, Chord>, more: u64) -> (u64, u64) {
    let hops = scene.record.hops();
    ((more..).zip(hops).map(|(hops, count)| hops * count).sum(), hops.iter().sum())
}

/// Of a thousand lookups in a ring that has a member at every place, how many take so many hops: from each
/// distance to the key, of which all are equally many, a lookup goes as far as a finger or a successor leads
/// without reaching the key.
fn full_ring(params: &Params, count: usize) -> Vec<(u64, u64)> {
    let places = 1_usize << params.bits;
    if params.ring.min(count as u64) < places as u64 || params.bugs != Bugs::default() {
        return Vec::new();
    }
    // By distance to the key: how many hops it takes to the member before it.
    let (mut hops, mut curve) = (vec![0, 0], vec![(0, 0)]);
    for distance in 1..=places {
        if distance > 1 {
            let finger = 1 << (distance - 1).ilog2();
            let successor = (params.successors as usize).min(distance - 1);
            hops.push(hops[distance - finger.max(successor)] + 1);
        }
        let most = hops[distance];
        for more in curve.len()..=most {
            curve.push((more as u64, 0));
        }
        curve[most].1 += 1;
    }
    for (_, count) in &mut curve {
        *count = *count * 1_000 / places as u64;
    }
    curve
}

impl Ring for Chord {
    fn identifier(&self) -> Option<u32> {
        self.member.then(|| self.identifier_of(self.me))
    }

    fn successors(&self) -> &[NodeId] {
        &self.successors
    }

    fn asked(&self) -> Option<NodeId> {
        self.asked
    }

    fn keys(&self) -> &[u32] {
        &self.store.keys
    }

    fn identifier_of(&self, node: NodeId) -> u32 {
        self.circle.identifier(node)
    }

    fn base(&self) -> Option<u32> {
        self.base
    }

    fn distance(&self, from: u32, to: u32) -> u32 {
        self.circle.distance(from, to)
    }
}

/// How many members the stable base has: no more than the proof asks for.
pub(super) fn stable_base(params: &Params) -> u32 {
    params.base.min(params.successors + 1) as u32
}
