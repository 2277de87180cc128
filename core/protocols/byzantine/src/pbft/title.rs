//! PBFT's title page: what it is, what may be set, its wrong twins, the runs that come with it.

use super::{Message, Params, Pbft, RESILIENCE};
use crate::{CLIENTS, Record, claims};
use faultline_core::history::{KeyValue, Of};
use faultline_core::property::{About, Property, Scene, always};
use faultline_core::protocol::{
    Assumptions, Bug, Failures, Info, Kind, Layout, Links, LogWords, Panel, Parameter, Preset, Protocol,
    Step, Timing, Unit, presets,
};

impl Protocol for Pbft {
    const INFO: Info = Info {
        slug: "pbft",
        title: "Practical Byzantine fault tolerance",
        aka: "pbft bft castro liskov generals",
        family: "Commit and consensus",
        source: "Miguel Castro and Barbara Liskov: Practical Byzantine Fault Tolerance, OSDI 1999; Practical \
                 Byzantine Fault Tolerance and Proactive Recovery, ACM TOCS 20(4), 2002",
        idea: "A primary gives requests their order, and all replicas tell each other what they were told, twice, before \
               they act on it. So f liars among 3f + 1 can neither make two that are honest act differently nor stop \
               them for good: a primary that does not get things done is replaced.",
        left_out: "Authenticators, digests (the thing itself is sent), tentative execution, read-only requests in one round \
                   trip, a designated replier, batches, several open requests of a client, sending lost messages again, and \
                   proactive recovery: a node that crashes says nothing any more. The primary waits for requests, too.",
        assumptions: Assumptions {
            links: Links::Perfect,
            failures: Failures::Byzantine,
            timing: Timing::PartiallySynchronous,
        },
        nodes: (4 + CLIENTS, 3 + CLIENTS, 13 + CLIENTS),
        until: 2_000_000,
        latency: (5_000, 15_000),
        ask: 0,
        layout: Layout::Tiers,
        panels: &[Panel::Logs, Panel::Table, Panel::History],
    };

    const KINDS: &'static [Kind] = &[
        Kind { name: "Request", letter: 'R', reply: false },
        Kind { name: "PrePrepare", letter: 'p', reply: false },
        Kind { name: "Prepare", letter: 'P', reply: false },
        Kind { name: "Commit", letter: 'C', reply: false },
        Kind { name: "Reply", letter: 'r', reply: true },
        Kind { name: "Checkpoint", letter: 'K', reply: false },
        Kind { name: "ViewChange", letter: 'V', reply: false },
        Kind { name: "NewView", letter: 'N', reply: true },
    ];

    const LOG_WORDS: LogWords = LogWords { number: "view", settled: "known to be committed", marks: &[] };
    const PRESETS: &'static [Preset] = presets!(
        "pbft",
        [
            "first-steps",
            "default",
            "equivocation",
            "three-replicas",
            "prepared",
            "silent-primary",
            "checkpoints",
            "mixes-views",
            "counts-primary-twice",
            "no-watermarks",
            "executes-prepared",
            "believes-first",
            "omits-prepared",
            "fixed-timeout",
            "forgets-timestamps",
            "checks-no-signature"
        ]
    );

    const PARAMETERS: &'static [Parameter<Params>] = &[
        Parameter {
            name: "replicas",
            sentence: "Of how many replicas f may be Byzantine. 3f is one too few.",
            unit: Unit::Choice(RESILIENCE),
            bounds: (0, 1),
            field: |it| &mut it.resilience,
        },
        Parameter {
            name: "timeout",
            sentence: "How long a client waits for answers before it asks all replicas, and a backup for a request \
                           to be executed before it wants another primary.",
            unit: Unit::Time,
            bounds: (1_000, 60_000_000),
            field: |it| &mut it.timeout,
        },
        Parameter {
            name: "longest",
            sentence: "The longest that a backup waits, where that time doubles with every view that brings nothing.",
            unit: Unit::Time,
            bounds: (1_000, 3_600_000_000),
            field: |it| &mut it.longest,
        },
        Parameter {
            name: "checkpoint",
            sentence: "After how many requests a checkpoint is taken.",
            unit: Unit::Count,
            bounds: (1, 1_000),
            field: |it| &mut it.interval,
        },
        Parameter {
            name: "window",
            sentence: "How many checkpoints may be taken after the last stable one: the distance of the watermarks.",
            unit: Unit::Count,
            bounds: (1, 10),
            field: |it| &mut it.window,
        },
    ];

    const ALSO_CALLED: &'static str = "practical byzantine fault tolerance";

    const BUGS: &'static [Bug<Params>] = &[
        Bug::new("mixes-views", "Prepares and commits count in whatever view they were said.", |it| {
            &mut it.bugs.mixes_views
        }),
        Bug::new(
            "counts-primary-twice",
            "The primary's pre-prepare counts as its prepare, too: two thirds are taken for enough.",
            |it| &mut it.bugs.counts_primary_twice,
        ),
        Bug::new("no-watermarks", "Any number may be proposed, however high.", |it| {
            &mut it.bugs.no_watermarks
        }),
        Bug::new("executes-prepared", "What is prepared is executed, without waiting for commits.", |it| {
            &mut it.bugs.executes_prepared
        }),
        Bug::new("believes-first", "A client believes the first answer.", |it| &mut it.bugs.believes_first),
        Bug::new("omits-prepared", "Who wants another view does not show what it has prepared.", |it| {
            &mut it.bugs.omits_prepared
        }),
        Bug::new("fixed-timeout", "The time that a view has to bring something never grows.", |it| {
            &mut it.bugs.fixed_timeout
        }),
        Bug::new("forgets-timestamps", "A request that is asked again is executed again.", |it| {
            &mut it.bugs.forgets_timestamps
        }),
        Bug::new("checks-no-signature", "Nobody looks who has signed a request.", |it| {
            &mut it.bugs.checks_no_signature
        }),
    ];

    const PROPERTIES: &'static [&'static [Property<Self>]] = &[
        &claims(),
        &[always(
            "Bounded Log",
            "An honest replica keeps nothing about a number above its high watermark (§4.2).",
            About::Everything,
            bounded_log,
        )],
    ];

    type Record = Record;

    fn kind(message: &Message) -> usize {
        match message {
            Message::Request(_) => 0,
            Message::PrePrepare(_) => 1,
            Message::Prepare(_) => 2,
            Message::Commit(_) => 3,
            Message::Reply(..) => 4,
            Message::Checkpoint(_) => 5,
            Message::ViewChange(_) => 6,
            Message::NewView(..) => 7,
        }
    }

    /// Fewer than a third of the replicas; a client that lies is counted with them.
    fn tolerated(count: u32) -> u32 {
        count.saturating_sub(CLIENTS + 1) / 3
    }

    fn remember(record: &mut Record, step: &Step<'_, Self>) {
        record.remember(step);
    }

    fn history(record: &Record) -> Option<&Of<KeyValue>> {
        Some(record.history())
    }
}

fn bounded_log(scene: &Scene<'_, Pbft>) -> Result<(), String> {
    match scene.node {
        Some(Pbft::Replica(replica)) => match replica.log.keys().next_back() {
            Some(last) if *last > replica.high => {
                Err(format!("{} has number {last}, and its high watermark is {}", scene.who, replica.high))
            }
            _ => Ok(()),
        },
        _ => Ok(()),
    }
}
