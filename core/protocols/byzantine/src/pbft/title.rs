//! PBFT's title page: what it is and what it claims.

use super::{Params, Pbft, words};
use crate::{CLIENTS, Record, Replication, claims};
use faultline_core::card::Fact;
use faultline_core::prelude::*;

impl Protocol for Pbft {
    const INFO: Info = Info {
        slug: "pbft",
        title: "Practical Byzantine fault tolerance",
        aka: "pbft bft castro liskov generals practical byzantine fault tolerance",
        family: "Commit and consensus",
        source: "Miguel Castro and Barbara Liskov: Practical Byzantine Fault Tolerance, OSDI 1999; Practical \
                 Byzantine Fault Tolerance and Proactive Recovery, ACM TOCS 20(4), 2002",
        idea: "A primary orders the requests. All replicas tell each other what they received, twice, before \
               they act on it. Then f liars among 3f + 1 replicas can neither make two honest ones act \
               differently nor stop them for good: a primary that makes no progress is replaced.",
        left_out: "Authenticators, digests (the thing itself is sent), a designated replier, batches, \
                   several open requests of a client, and proactive recovery: a node that crashes stays silent. Of \
                   what is tentative there is at most one request. The primary waits for requests, too.",
        safety: Assumptions {
            links: Links::Any,
            failures: Failures::Byzantine,
            timing: Timing::Asynchronous,
        },
        liveness: Assumptions {
            links: Links::FairLoss,
            failures: Failures::Byzantine,
            timing: Timing::PartiallySynchronous,
        },
        nodes: (4 + CLIENTS, 3 + CLIENTS, 13 + CLIENTS),
        until: 2_000_000,
        latency: (5_000, 15_000),
        ask: 0,
        layout: Layout::Tiers,
        picture: &[Panel::Logs],
        panels: &[Panel::Table, Panel::History],
    };

    const PRESETS: &'static [Preset] = presets! { "pbft":
        "first-steps" "default" "figure-1" "equivocation" "three-replicas" "prepared" "silent-primary" "checkpoints" "lost-messages"
        "mixes-views" "counts-primary-twice" "no-watermarks" "executes-prepared" "believes-first"
        "omits-prepared" "fixed-timeout" "forgets-timestamps" "checks-no-signature"
        "forged-certificate" "new-view-omits" "tentative" "read-only" "stale-read"
        "believes-certificates" "never-joins" "hurries-views"
        "fool-the-client" "new-primary" "two-stories"
    };
    const LESSON: Option<Lesson> = Some(lesson!("pbft"));
    const LOG_WORDS: LogWords = LogWords { number: "view", settled: "known to be committed", marks: &[] };
    const PROPERTIES: &'static [&'static [Property<Self>]] = &[
        &claims(),
        &[always(
            "Bounded Log",
            "Above its high watermark, an honest replica keeps nothing but the latest checkpoint of each \
             other replica (§4.2).",
            About::Everything,
            bounded_log,
        )
        .given(|scene| match scene.record.has_requests() {
            true => Ok(()),
            false => Err("no client has sent a request yet"),
        })],
        &[always(
            "In Step",
            "When an honest replica asks for view v + 1, at least f + 1 honest replicas have asked for view \
             v (§4.5.2).",
            About::Everything,
            in_step,
        )
        .given(|scene| match views(scene) > 1 {
            true => Ok(()),
            false => Err("no replica has asked for view 2 yet"),
        })],
    ];

    const FIGURES: &'static [Figure<Self>] = &[
        Figure {
            name: "messages per request",
            sentence: "Messages of all kinds per request whose client accepted an answer.",
            of: |scene, costs| (costs.sent_in_all(), scene.record.answered()),
        },
        Figure {
            name: "view changes",
            sentence: "The latest view of any honest replica, which says how often the primary was replaced \
                       in a run.",
            of: |scene, _| (views(scene), 1),
        },
        Figure {
            name: "view-change messages",
            sentence: "View-change messages per view that followed the first.",
            of: |scene, costs| (costs.sent(&["ViewChange"]), views(scene)),
        },
        Figure {
            name: "new-view messages",
            sentence: "New-view messages per view that followed the first.",
            of: |scene, costs| (costs.sent(&["NewView"]), views(scene)),
        },
        Figure {
            name: "retransmissions per request",
            sentence: "Retransmissions by clients per request whose client accepted an answer.",
            of: |scene, _| (scene.record.repeated(), scene.record.answered()),
        },
    ];

    type Record = Record;

    /// Fewer than a third of the replicas.
    fn tolerated(count: u32) -> u32 {
        count.saturating_sub(CLIENTS + 1) / 3
    }

    /// Any number of clients may be faulty (OSDI 1999, §2).
    fn counts(node: NodeId, count: u32) -> bool {
        node.0 + CLIENTS < count
    }

    /// A view does when its timeout exceeds the few messages that an order takes one after the other. Until then timeouts have
    /// doubled, and before it every faulty primary has had one. A timeout that was running when the disturbance ended can be as long as that
    /// lasted.
    fn settles(params: &Params, quiet: Quiet) -> Option<Micros> {
        let views =
            params.timeout.saturating_mul(8).saturating_mul(u64::from(Self::tolerated(quiet.count)) + 1);
        Some(views.saturating_add(quiet.way.saturating_mul(40)).saturating_add(quiet.from.saturating_mul(2)))
    }

    fn remember(record: &mut Record, step: &Step<'_, Self>) {
        record.remember(step);
    }

    fn history(record: &Record) -> Option<&Of<KeyValue>> {
        Some(record.history())
    }
}

impl Replication for Pbft {
    fn patience(&self) -> Micros {
        match self {
            Pbft::Replica(replica) => replica.timeout(),
            Pbft::Client(_) | Pbft::Forgetful { .. } => 0,
        }
    }
}

/// How many views have followed the first, at the replica that is farthest.
fn views(scene: &Scene<'_, Pbft>) -> u64 {
    let view = |(_, node): (NodeId, &Pbft)| match node {
        Pbft::Replica(replica) => replica.view,
        Pbft::Client(_) | Pbft::Forgetful { .. } => 0,
    };
    scene.nodes().map(view).max().unwrap_or(0)
}

/// Whether a replica that asks for a view after the first change is not alone: without it the timers of a
/// few, which may be too slow or cut off, would depose primaries that all others are content with.
fn in_step(scene: &Scene<'_, Pbft>) -> Result<(), Contradiction> {
    let Some(Pbft::Replica(replica)) = scene.node else { return Ok(()) };
    let honest = || {
        scene.nodes().filter_map(|(who, node)| match node {
            Pbft::Replica(other) => Some((who, other.view)),
            Pbft::Client(_) | Pbft::Forgetful { .. } => None,
        })
    };
    let (view, is_near) = (replica.view, |other: u64| other + 1 >= replica.view);
    let near: Vec<_> =
        honest().filter(|(_, other)| is_near(*other)).map(|(who, _)| who.to_string()).collect();
    if view < 2 || near.len() > Pbft::tolerated(scene.count() as u32) as usize {
        return Ok(());
    }
    let behind = honest().find(|(_, other)| !is_near(*other)).map(|(who, _)| who);
    let sides = [Some(scene.who), behind].into_iter().flatten();
    let sides: Vec<_> = sides.map(|who| Side::of(who).showing(Fact::Field("view"))).collect();
    let (who, before, near) = (scene.who, view - 1, near.join(", "));
    let sentence =
        format!("{who} asks for view {view}, but of the honest replicas only {near} asked for view {before}");
    Err(Contradiction::between(sentence, sides))
}

fn bounded_log(scene: &Scene<'_, Pbft>) -> Result<(), Contradiction> {
    let Some(Pbft::Replica(replica)) = scene.node else { return Ok(()) };
    if let Some(last) = replica.log.keys().next_back().filter(|last| **last > replica.high) {
        return Err(Contradiction::between(
            format!("{} keeps number {last} above its high watermark {}", scene.who, replica.high),
            [Side::of(scene.who).showing(Fact::Cell(*last)), stable(scene.who)],
        ));
    }
    let above = || replica.checkpoints.iter().filter(|it| words::sequence(it) > replica.high);
    match above().find(|one| above().filter(|other| other.by() == one.by()).count() > 1) {
        Some(one) => Err(Contradiction::between(
            format!(
                "{} keeps several checkpoints of {} above its high watermark {}",
                scene.who,
                one.by(),
                replica.high
            ),
            [Side::of(scene.who), stable(scene.who)],
        )),
        None => Ok(()),
    }
}

/// The checkpoint of a replica, from which its watermarks are counted.
fn stable(replica: NodeId) -> Side {
    Side::of(replica).showing(Fact::Field("stable checkpoint"))
}
