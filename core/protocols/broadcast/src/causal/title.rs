//! Causal broadcast's title page: what it is, what may be set, its wrong twins, the runs that come with it.

use super::{Causal, Message, ORDERS, Params};
use crate::{Record, causal_order, claims, concurrency, fifo_order};
use faultline_core::property::{About, Property, Scene, sometimes};
use faultline_core::protocol::{
    Assumptions, Bug, Failures, Info, Kind, Layout, Links, Panel, Parameter, Preset, Protocol, Step, Timing,
    Unit, presets,
};

impl Protocol for Causal {
    const INFO: Info = Info {
        slug: "causal-broadcast",
        title: "Causal broadcast",
        aka: "cbcast vector clocks happened-before",
        family: "Group communication",
        source: "Kenneth Birman, André Schiper and Pat Stephenson: Lightweight Causal and Atomic Group Multicast, ACM TOCS \
                 9(3), 1991; vector clocks: Colin Fidge, 1988, and Friedemann Mattern, 1989",
        idea: "Whatever is said carries a vector clock that counts what its sender knew. A receiver holds it back until it \
               has delivered all of that itself, so that no answer comes before its question.",
        left_out: "Groups that overlap, members that come and go, atomicity when a sender fails half-way, clocks sent in part, \
                   forgetting, and total order.",
        assumptions: Assumptions {
            links: Links::Perfect,
            failures: Failures::CrashStop,
            timing: Timing::Asynchronous,
        },
        nodes: (3, 2, 21),
        until: 2_000_000,
        latency: (5_000, 15_000),
        ask: 150_000,
        layout: Layout::Ring,
        panels: &[Panel::Lanes, Panel::Clocks],
    };

    const KINDS: &'static [Kind] = &[
        Kind { name: "Broadcast", letter: 'B', reply: false },
        Kind { name: "Answer", letter: 'A', reply: true },
    ];

    const PRESETS: &'static [Preset] = presets!(
        "causal-broadcast",
        [
            "question-and-answer",
            "no-order",
            "fifo-order",
            "chain",
            "concurrent",
            "lost-for-ever",
            "comes-back",
            "skips-ahead",
            "compares-as-lists",
            "merges-on-arrival",
            "stamps-first",
            "looks-once",
            "forgets-itself",
            "mistakes-sender"
        ]
    );

    const PARAMETERS: &'static [Parameter<Params>] = &[Parameter {
        name: "order",
        sentence: "What is delivered before what: anything, what one node says in order, or also whatever had happened \
                       before.",
        unit: Unit::Choice(ORDERS),
        bounds: (0, 2),
        field: |it| &mut it.order,
    }];

    const BUGS: &'static [Bug<Params>] = &[
        Bug::new("skips-ahead", "Any later message of a sender will do, not only the next one.", |it| {
            &mut it.bugs.skips_ahead
        }),
        Bug::new(
            "compares-as-lists",
            "Clocks are compared like words in a dictionary: the first entry that differs decides.",
            |it| &mut it.bugs.compares_as_lists,
        ),
        Bug::new(
            "merges-on-arrival",
            "The clock of a message is merged when it arrives and is held back.",
            |it| &mut it.bugs.merges_on_arrival,
        ),
        Bug::new("stamps-first", "A sender stamps its message before it counts it.", |it| {
            &mut it.bugs.stamps_first
        }),
        Bug::new(
            "looks-once",
            "Nobody looks again at what is held back when something is delivered.",
            |it| &mut it.bugs.looks_once,
        ),
        Bug::new("forgets-itself", "A sender does not deliver what it says itself.", |it| {
            &mut it.bugs.forgets_itself
        }),
        Bug::new(
            "mistakes-sender",
            "What was held back is put down to the sender of the message that set it free.",
            |it| &mut it.bugs.mistakes_sender,
        ),
    ];

    const PROPERTIES: &'static [&'static [Property<Self>]] = &[
        &claims(),
        &[fifo_order(), causal_order(), concurrency()],
        &[sometimes(
            "Hold-Back",
            "A node holds a message back that has arrived.",
            About::Everything,
            hold_back,
        )],
    ];

    type Record = Record;

    fn kind(message: &Message) -> usize {
        usize::from(message.said.answers.is_some())
    }

    fn remember(record: &mut Record, step: &Step<'_, Self>) {
        record.remember(step);
    }
}

fn hold_back(scene: &Scene<'_, Causal>) -> Result<(), String> {
    match scene.node {
        Some(node) if !node.held.is_empty() => Ok(()),
        _ => Err(String::new()),
    }
}
