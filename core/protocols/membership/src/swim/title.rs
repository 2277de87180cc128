//! The title page of SWIM, with its claims, its curves and its scenarios.

use super::claims::MECHANISM;
use super::{Order, Params, Record, Standing, Swim, theory};
use crate::{Membership, claims, hearsay};
use faultline_core::prelude::*;

impl Protocol for Swim {
    const INFO: Info = Info {
        slug: "swim",
        title: "SWIM",
        aka: "gossip membership failure detector memberlist serf consul lifeguard suspicion",
        family: "Failure detection and membership",
        source: "Abhinandan Das, Indranil Gupta and Ashish Motivala: SWIM: Scalable Weakly-consistent Infection-style Process \
                 Group Membership Protocol, DSN 2002; its slow members: Armon Dadgar, James Phillips and Jon Currey: Lifeguard: Local \
                 Health Awareness for More Accurate Failure Detection, 2018",
        idea: "Once in a period each member pings one other, first directly and then through k others. One that does not ack is \
               suspected, and may refute that by raising its incarnation before it is confirmed as failed. News rides on pings and \
               acks. So each member's load, and the time until a crash is noticed, do not grow with the group.",
        left_out: "Joining and leaving; a failed member that returns; merging the sides of a partition, which hold each other for failed; \
                   Lifeguard's remedies for slow members. The paper also lets a member that pings a suspected one spread that it is alive, \
                   which its own order of incarnations makes void, and which is not here.",
        safety: Assumptions {
            links: Links::Any,
            failures: Failures::CrashStop,
            timing: Timing::Asynchronous,
        },
        liveness: Assumptions {
            links: Links::Perfect,
            failures: Failures::CrashStop,
            timing: Timing::Synchronous,
        },
        nodes: (8, 2, 200),
        until: 4_000_000,
        latency: (5_000, 15_000),
        ask: 0,
        layout: Layout::Ring,
        picture: &[Panel::Members],
        panels: &[Panel::Charts],
    };

    const PRESETS: &'static [Preset] = presets! { "swim":
        "first-steps" "default" "cut-link" "refuted" "twelve" "slow-member" "no-suspicion" "partition" "detection-time" "announcement"
        "refutes-unchanged" "others-refute" "credits-relay" "vouches" "draws-with-replacement" "never-forgets" "latest-wins"
        "keeps-old-deadline" "expel-a-live-member" "one-loss"
    };
    const LESSON: Option<Lesson> = Some(lesson!("swim"));
    const PROPERTIES: &'static [&'static [Property<Self>]] = &[&claims(), &MECHANISM, &[hearsay()]];

    const CHARTS: &'static [Chart<Self>] = &[
        Chart {
            name: "Detection time",
            sentence: "Thousandths of a period from a crash to the first ping to the crashed member, over the number of members: the mean of \
                       this run, and 1/(1 − (1 − 1/m)^m) for m others, which hardly grows (Gupta, Chandra & Goldszmidt 2001). The formula \
                       is drawn where members draw whom to ping uniformly.",
            axes: ("members", "periods, ‰"),
            plot: Plot::Now(|scene| match scene.record.detection() {
                (_, 0) => Vec::new(),
                (periods, crashes) => vec![(scene.count() as u64, 1_000 * periods / crashes)],
            }),
            theory: Some(theory::detection),
        },
        Chart {
            name: "Informed",
            sentence: "Members per thousand that know the latest announcement, and n/(1 + (n − 1)·e^(−2t)) after t periods (§4.1) for one \
                       announcement at the very start, drawn where members draw whom to ping uniformly.",
            axes: ("time, µs", "informed, ‰"),
            plot: Plot::OverTime(informed),
            theory: Some(theory::informed),
        },
    ];

    const FIGURES: &'static [Figure<Self>] = &[
        Figure {
            name: "first detection",
            sentence: "Periods from a crash to the first ping to the crashed member, rounded up, divided by the number of such crashes.",
            of: |scene, _| scene.record.detection(),
        },
        Figure {
            name: "messages per period",
            sentence: "Messages of all kinds, divided by the number of periods that members began.",
            of: |scene, costs| (costs.sent_in_all(), scene.record.begun()),
        },
        Figure {
            name: "unacked pings",
            sentence: "The share of pings that were acked neither directly nor through others in their period.",
            of: |scene, _| scene.record.unacked(),
        },
        Figure {
            name: "wrongly failed",
            sentence: "The share of members that are up but held for failed by another that is up.",
            of: |scene, _| {
                let failed = |member: NodeId| {
                    let holds = |it: &Swim| matches!(it.standing(member), Some(Standing::Failed(_)));
                    scene.nodes().any(|(_, it)| holds(it))
                };
                let up = scene.nodes().count() as u64;
                (scene.nodes().filter(|(member, _)| failed(*member)).count() as u64, up)
            },
        },
    ];

    type Record = Record;

    /// In turn a member is pinged within two rounds; where it is drawn, within fourteen times as many periods
    /// as there are others, but in one case of a million. Then the period must end, and the suspicion last.
    fn settles(params: &Params, quiet: Quiet) -> Option<Micros> {
        let others = u64::from(quiet.count.max(2)) - 1;
        let rounds = if params.order == Order::Uniform { 14 } else { 2 };
        let periods = others.saturating_mul(rounds).saturating_add(params.suspicion + 3);
        let in_time = quiet.way.saturating_mul(2) < params.period;
        in_time.then(|| params.period.saturating_mul(periods))
    }

    fn remember(record: &mut Record, step: &Step<'_, Self>) {
        record.remember(step);
    }

    /// One member that is up finds out about all others.
    fn tolerated(count: u32) -> u32 {
        count.saturating_sub(1)
    }
}

/// Of a thousand members, how many know the latest incarnation that any member has raised itself to.
fn informed(scene: &Scene<'_, Swim>) -> u64 {
    let Some((member, incarnation)) = scene.record.announced() else { return 0 };
    let knows = |(node, it): &(NodeId, &Swim)| {
        *node == member || it.standing(member).is_some_and(|standing| standing.incarnation() >= incarnation)
    };
    1_000 * scene.nodes().filter(knows).count() as u64 / scene.count().max(1) as u64
}
