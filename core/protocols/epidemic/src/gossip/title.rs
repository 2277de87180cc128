//! Gossip's title page: what it is, what may be set, its wrong twins, its curves, the runs that come with it.

use super::theory;
use super::{DIRECTIONS, Gossip, JUDGED, Message, PARTNERS, Params, STOPS, STYLES};
use crate::{Output, Record, claims};
use faultline_core::property::{About, Property, Scene, always};
use faultline_core::protocol::{
    Assumptions, Bug, Chart, Failures, Info, Kind, Layout, Links, Panel, Parameter, Plot, Preset, Protocol,
    Step, Timing, Unit, presets,
};

impl Protocol for Gossip {
    const INFO: Info = Info {
        slug: "gossip",
        title: "Gossip",
        aka: "epidemic rumor rumour anti-entropy",
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

    const KINDS: &'static [Kind] = &[
        Kind { name: "Push", letter: 'P', reply: false },
        Kind { name: "Pull", letter: '?', reply: false },
        Kind { name: "Reply", letter: 'R', reply: true },
        Kind { name: "Feedback", letter: 'f', reply: true },
    ];

    const PRESETS: &'static [Preset] = presets!(
        "gossip",
        [
            "first-steps",
            "default",
            "dies-early",
            "anti-entropy",
            "two-site-hub",
            "death-certificate",
            "no-certificate",
            "drops-certificates",
            "wall-clock",
            "picks-itself",
            "counts-twice",
            "pull-as-push"
        ]
    );

    const PARAMETERS: &'static [Parameter<Params>] = &[
        Parameter::choice(
            "style",
            "Whether a change is spread while it is hot, or compared for ever.",
            STYLES,
            |it| &mut it.style,
        ),
        Parameter::choice(
            "direction",
            "Whether a caller tells what it holds, asks for what is newer, or both.",
            DIRECTIONS,
            |it| &mut it.direction,
        ),
        Parameter::switch(
            "feedback",
            "Only contacts with nodes that knew already count; else every contact does.",
            |it| &mut it.feedback,
        ),
        Parameter::choice(
            "stop",
            "Whether interest is lost at the k-th contact that counts, or at each with probability 1/k.",
            STOPS,
            |it| &mut it.stop,
        ),
        Parameter {
            name: "k",
            sentence: "How patient a node is: the counter's limit, and one over the coin's probability.",
            unit: Unit::Count,
            bounds: (1, 20),
            field: |it| &mut it.k,
        },
        Parameter::choice(
            "judged",
            "As of when a node counts as knowing: the call's arrival, or the beginning of its cycle.",
            JUDGED,
            |it| &mut it.judged,
        ),
        Parameter::switch("resets", "A contact that was needed sets the counter back to none.", |it| {
            &mut it.resets
        }),
        Parameter::choice(
            "partners",
            "Among whom partners are drawn: all alike, or by distance, with n1 and n2 close together and all \
                 others far.",
            PARTNERS,
            |it| &mut it.partners,
        ),
        Parameter {
            name: "cycle",
            sentence: "How long a cycle is. Longer than a call with its answer, so that cycles stay in step.",
            unit: Unit::Time,
            bounds: (1_000, 3_600_000_000),
            field: |it| &mut it.cycle,
        },
    ];

    const ALSO_CALLED: &'static str = "rumour rumor mongering anti-entropy";

    const BUGS: &'static [Bug<Params>] = &[
        Bug::new("no-certificate", "A deletion removes the item and leaves nothing behind.", |it| {
            &mut it.bugs.no_certificate
        }),
        Bug::new("drops-certificates", "Every tenth cycle all death certificates are thrown away.", |it| {
            &mut it.bugs.drops_certificates
        }),
        Bug::new(
            "wall-clock",
            "A change is stamped with its author's clock, which begins when the node boots.",
            |it| &mut it.bugs.wall_clock,
        ),
        Bug::new("picks-itself", "A node draws its partner among all nodes, itself included.", |it| {
            &mut it.bugs.picks_itself
        }),
        Bug::new("counts-twice", "An answer that arrives twice counts as two contacts.", |it| {
            &mut it.bugs.counts_twice
        }),
        Bug::with(
            "pull-as-push",
            "Who is asked what is newer than a stamp takes the question for news.",
            &["set style anti-entropy", "set direction pull"],
            |it| &mut it.bugs.pull_as_push,
        ),
    ];

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

    fn kind(message: &Message) -> usize {
        match message {
            Message::Push(_) => 0,
            Message::Pull(_) => 1,
            Message::Reply(_) => 2,
            Message::Feedback(_) => 3,
        }
    }

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
