//! Chord's title page: what it is, what may be set, its wrong twins, its curve, the runs that come with it.

use super::{Chord, IDENTIFIERS, Message, Params, SPREAD};
use crate::{Record, claims};
use faultline_core::property::Property;
use faultline_core::protocol::{
    Assumptions, Bug, Chart, Failures, Info, Kind, Layout, Links, Panel, Parameter, Plot, Preset, Protocol,
    Step, Timing, Unit, presets,
};

impl Protocol for Chord {
    const INFO: Info = Info {
        slug: "chord",
        title: "Chord",
        aka: "dht consistent hashing ring",
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

    const KINDS: &'static [Kind] = &[
        Kind { name: "Find", letter: 'F', reply: false },
        Kind { name: "Found", letter: 'f', reply: true },
        Kind { name: "Ask", letter: '?', reply: false },
        Kind { name: "Neighbours", letter: 'n', reply: true },
        Kind { name: "Notify", letter: 'N', reply: false },
        Kind { name: "Ping", letter: 'P', reply: false },
        Kind { name: "Pong", letter: 'p', reply: true },
    ];

    const PRESETS: &'static [Preset] = presets!(
        "chord",
        [
            "first-steps",
            "join",
            "dead-predecessor",
            "original-2001",
            "found-by-search",
            "never-mends",
            "two-rings",
            "excludes-end",
            "ignores-first-notify",
            "keeps-itself",
            "finger-as-successor"
        ]
    );

    const PARAMETERS: &'static [Parameter<Params>] = &[
        Parameter::count(
            "bits",
            "How many bits identifiers have; the circle has two to that many places.",
            (2, 32),
            |it| &mut it.bits,
        ),
        Parameter {
            name: "identifiers",
            sentence: "Whether identifiers are drawn as a hash would be, or spread evenly; that needs as many places \
                           as nodes.",
            unit: Unit::Choice(IDENTIFIERS),
            bounds: (0, 1),
            field: |it| &mut it.identifiers,
        },
        Parameter::count(
            "ring",
            "How many of the first nodes are an ideal ring at the start.",
            (1, 10_000),
            |it| &mut it.ring,
        ),
        Parameter::count("successors", "How many members that follow it a member keeps.", (1, 32), |it| {
            &mut it.successors
        }),
        Parameter {
            name: "period",
            sentence: "How often each chore is done; who does not answer within it has failed.",
            unit: Unit::Time,
            bounds: (1_000, 3_600_000_000),
            field: |it| &mut it.period,
        },
    ];

    const ALSO_CALLED: &'static str = "dht distributed hash table";

    const BUGS: &'static [Bug<Params>] = &[
        Bug::new(
            "original-2001",
            "As published: a member adopts whom its successor names, dead or alive, and copies lists as they are.",
            |it| &mut it.bugs.original_2001,
        ),
        Bug::with(
            "excludes-end",
            "The interval between a member and its successor is taken without its end, where the successor's own key is.",
            &["nodes 8", "set bits 3", "set ring 8"],
            |it| &mut it.bugs.excludes_end,
        ),
        Bug::new("ignores-first-notify", "Who has no predecessor accepts none.", |it| {
            &mut it.bugs.ignores_first_notify
        }),
        Bug::new("keeps-itself", "A list of successors that is copied may hold its own owner.", |it| {
            &mut it.bugs.keeps_itself
        }),
        Bug::new(
            "finger-as-successor",
            "Where a successor has failed, the nearest finger takes its place.",
            |it| &mut it.bugs.finger_as_successor,
        ),
    ];

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

    fn kind(message: &Message) -> usize {
        match message {
            Message::Find(..) => 0,
            Message::Found(..) => 1,
            Message::Ask => 2,
            Message::Neighbours(..) => 3,
            Message::Notify => 4,
            Message::Ping => 5,
            Message::Pong => 6,
        }
    }

    fn remember(record: &mut Record, step: &Step<'_, Self>) {
        record.remember(step);
    }
}

/// Of a thousand lookups in a ring that has a member at every place, how many take so many hops: each bit of the distance
/// is one, or none.
fn binomial(params: &Params) -> Vec<(u64, u64)> {
    let bits = params.bits;
    if params.identifiers != SPREAD || params.ring < 1 << bits {
        return Vec::new();
    }
    let (mut ways, mut curve) = (1_u128, Vec::new());
    for hops in 0..=bits {
        curve.push((hops, ((ways * 1_000) >> bits) as u64));
        ways = ways * u128::from(bits - hops) / u128::from(hops + 1);
    }
    curve
}
