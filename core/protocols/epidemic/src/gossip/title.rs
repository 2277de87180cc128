//! The title page of gossip, with its claims, its curves and its scenarios.

use super::{Comparison, Gossip, Params, Partners, Style, theory};
use crate::{Output, Record, claims};
use faultline_core::card::Fact;
use faultline_core::prelude::*;

impl Protocol for Gossip {
    const INFO: Info = Info {
        slug: "gossip",
        title: "Gossip",
        aka: "epidemic rumour rumor mongering anti-entropy",
        family: "Group communication",
        source: "Alan Demers, Dan Greene, Carl Hauser, Wes Irish, John Larson, Scott Shenker, Howard Sturgis, Dan \
                 Swinehart and Doug Terry: Epidemic Algorithms for Replicated Database Maintenance, PODC 1987",
        idea: "A node tells a change to nodes drawn at random, and these tell others, as a rumour or a disease spreads. The \
               change reaches ten thousand nodes in some twenty cycles, and once many nodes spread it, a few crashes do not \
               stop it. A rumour may die out before the last nodes have heard it, or with the only node that spreads it. \
               Nodes that compare for ever reach every node that is up again.",
        left_out: "Hunting for another partner, connection limits, comparing items in the order of their age, and an end of \
                   dormant death certificates. The later of two changes does not always \
                   win: stamps are clock readings, so a change is lost if its author's clock is behind.",
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
        nodes: (40, 2, 100_000),
        until: 20_000_000,
        latency: (60_000, 140_000),
        ask: 0,
        layout: Layout::Grid,
        picture: &[Panel::Charts],
        panels: &[],
    };

    const PRESETS: &'static [Preset] = presets! { "gossip":
        "first-steps" "default" "dies-early" "anti-entropy" "two-site-hub" "death-certificate" "no-certificate"
        "drops-certificates" "wall-clock" "picks-itself" "counts-twice" "pull-as-push"
        "several-items" "backup" "checksums" "recent-changes" "dormant" "no-retention" "sleeps-on" "restamps"
        "sums-values"
        "silence" "deleted-and-back"
    };
    const LESSON: Option<Lesson> = Some(lesson!("gossip"));

    const PROPERTIES: &'static [&'static [Property<Self>]] = &[
        &claims(),
        &[always(
            "Patience",
            "No node loses interest before its k-th contact (with a coin, its first), or by contacting itself.",
            About::Outputs,
            patience,
        )
        .given(|scene| match scene.record.lost_interest() {
            true => Ok(()),
            false => Err("no node has lost interest yet"),
        })],
    ];

    /// Anti-entropy reaches everybody within a few cycles more than the logarithm of their number; twice
    /// that, and twenty, leaves room. Of two sites that are close together each draws another in one cycle
    /// out of as many as there are. Where messages are slow, so are contacts: a call, its answer and what is
    /// sent in return.
    ///
    /// A comparison that backs rumours goes both ways in any direction, and both nodes have what either had
    /// before. Of 150 000 synchronous runs of eight nodes none took more than six such rounds, and of 30 000
    /// of forty nodes none more than eight; the five that are allowed beyond that are for restarts out of
    /// step.
    fn settles(params: &Params, quiet: Quiet) -> Option<Micros> {
        let nodes = u64::from(quiet.count.max(1));
        let leaves = if params.partners == Partners::TwoSiteHub { 14 * nodes } else { 0 };
        // A checksum, another one, an item, a newer one.
        let ways = if params.compare == Comparison::Whole { 3 } else { 5 };
        let contact = quiet.way.saturating_mul(ways);
        let doublings = u64::from(nodes.ilog2());
        let (round, rounds) = match (params.style, params.backup) {
            (Style::Rumour, 1..) => (params.backup.max(contact), 8 + doublings),
            _ => (params.cycle.saturating_add(contact), 20 + 2 * doublings),
        };
        // What is discarded sooner than it spreads is not promised to reach anybody: in a round, about twice
        // as many nodes hear of it.
        let backup = if params.style == Style::Rumour { params.backup } else { 0 };
        let spreads = params.cycle.max(backup).saturating_mul(1 + doublings);
        if params.certificates > 0 && params.certificates < spreads {
            return None;
        }
        // A deleted item that is back spreads first, and then the certificate that it has awakened.
        let times = if params.certificates > 0 { 2 } else { 1 };
        Some(round.saturating_mul(times * (rounds + leaves)))
    }

    const CHARTS: &'static [Chart<Self>] = &[
        Chart {
            name: "Informed",
            sentence: "Informed nodes per thousand, with the mean field of synchronous cycles without faults (Demers et \
                           al. 1987) for one change at the very start. The theory assumes 30 nodes or more that follow all \
                           rules and draw partners uniformly. If nodes pull, it also assumes contacts judged at the cycle's \
                           start. It does not cover rumours by push-pull.",
            axes: ("time, µs", "informed, ‰"),
            plot: Plot::OverTime(|scene| share(scene, scene.record.informed().into(), 1_000)),
            theory: Some(theory::informed),
        },
        Chart {
            name: "Residue",
            sentence: "Uninformed nodes per ten thousand, with the share that never hears a rumour pushed with feedback: \
                           s = e^(−(k+1)(1−s)). The equation assumes contacts judged on arrival, a counter that is never \
                           reset, and partners drawn uniformly from 30 nodes or more. It is not drawn for other settings.",
            axes: ("time, µs", "ignorant, of 10 000"),
            plot: Plot::OverTime(|scene| {
                share(scene, scene.count() as u64 - u64::from(scene.record.informed()), 10_000)
            }),
            theory: Some(theory::residue_line),
        },
    ];

    const FIGURES: &'static [Figure<Self>] = &[
        Figure {
            name: "residue",
            sentence: "The share of nodes that have not heard the newest change.",
            of: |scene, _| {
                let all = scene.count() as u64;
                (all - u64::from(scene.record.informed()), all)
            },
        },
        Figure {
            name: "traffic",
            sentence: "Messages that carry an item, requested or not, divided by the number of nodes. A list of recent \
                       changes counts once.",
            of: |scene, costs| {
                (costs.sent(&["Push", "Reply", "Offer", "Recent", "News"]), scene.count() as u64)
            },
        },
        Figure {
            name: "last cycle",
            sentence: "The cycle in which the last node heard the newest change that any node holds.",
            of: |scene, _| (last_cycle(scene), 1),
        },
        Figure {
            name: "reaches all",
            sentence: "The share of runs in which all nodes have heard the newest change.",
            of: |scene, _| (u64::from(scene.record.informed() as usize == scene.count()), 1),
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

/// The latest cycle in which a node learnt what it holds, of those that hold the newest item.
fn last_cycle(scene: &Scene<'_, Gossip>) -> u64 {
    let held = scene.nodes().flat_map(|(_, node)| node.holdings());
    let latest = held.map(|holding| (holding.item.stamp, holding.learnt)).max();
    latest.map_or(0, |(_, learnt)| learnt.into())
}

/// A node, with the contacts that its card counts.
fn counter(node: NodeId) -> Side {
    Side::of(node).showing(Fact::Field("contacts"))
}

fn patience(scene: &Scene<'_, Gossip>) -> Result<(), Contradiction> {
    for output in scene.outputs {
        if let Output::LostInterest { contacts, patience, last, .. } = *output {
            if contacts < patience {
                let who = scene.who;
                return Err(Contradiction::between(
                    format!("{who} loses interest after {contacts} of {patience} contacts"),
                    [counter(who)],
                ));
            }
            if last == scene.who {
                return Err(Contradiction::between(
                    format!("{last} loses interest over a contact with itself"),
                    [counter(last)],
                ));
            }
        }
    }
    Ok(())
}
