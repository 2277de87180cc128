//! The title page of load balancing: what it is, its claims, its curves and its figures.

use super::claims::CLAIMS;
use super::{LoadBalancing, Params, theory};
use crate::{Outcome, Record, claims};
use faultline_core::prelude::*;

impl Protocol for LoadBalancing {
    const INFO: Info = Info {
        slug: "load-balancing",
        title: "Load balancing",
        aka: "load balancer round robin least connections two choices power of two supermarket nginx haproxy dns layer 4 7",
        family: "Load and queues",
        source: "Wayne Winston: Optimality of the Shortest Line Discipline, Journal of Applied Probability 14, 1977; Yossi Azar, \
                 Andrei Broder, Anna Karlin and Eli Upfal: Balanced Allocations, SICOMP 29(1), 1999; Michael Mitzenmacher: The \
                 Power of Two Choices in Randomized Load Balancing, IEEE TPDS 12(10), 2001; Leonard Kleinrock: Queueing Systems, \
                 volume 1, 1975; the documentation of nginx and HAProxy",
        idea: "A balancer chooses a server for each request without knowing how much work it is. Who looks at two queues and takes \
               the shorter one does nearly as well as who looks at all. What the balancer knows is old, and a server that fails \
               fast looks idle.",
        left_out: "Sticky cookies, TLS, panic mode, draining, retries on an error, hedged requests, hash rings with bounded loads, \
                   and a second balancer for the case that the first one dies: clients and balancers are assumed never to fail. Servers do \
                   not notice that a request was given up.",
        safety: Assumptions {
            links: Links::AtMostOnce,
            failures: Failures::CrashRecovery,
            timing: Timing::Asynchronous,
        },
        liveness: Assumptions {
            links: Links::Perfect,
            failures: Failures::CrashRecovery,
            timing: Timing::Asynchronous,
        },
        nodes: (7, 3, 20_000),
        until: 2_000_000,
        latency: (3_000, 6_000),
        ask: 0,
        layout: Layout::Tiers,
        picture: &[Panel::Lanes, Panel::Charts],
        panels: &[Panel::Members],
    };

    const PRESETS: &'static [Preset] = presets! { "load-balancing":
        "default" "random" "two-choices" "least-connections" "least-time" "central-queue" "hot-key" "slow-server"
        "slow-server-seen" "dead-server" "herd" "own-counts" "black-hole" "deep-check" "cold-start"
        "slow-start" "layer-4" "names" "overload" "same-hash" "ties-to-first" "keeps-count"
        "leaks-all" "never-decays" "flaps" "retries-writes" "hashes-all" "passes-late"
        "lost-checks" "pay-twice"
    };

    const LESSON: Option<Lesson> = Some(lesson!("load-balancing"));
    const PROPERTIES: &'static [&'static [Property<Self>]] = &[&claims(), CLAIMS];

    const CHARTS: &'static [Chart<Self>] = &[
        Chart {
            name: "Queues",
            sentence: "Of a thousand servers, how many have at least so many requests in hand, on average over the run; with the \
                       limit for many servers where each is drawn at random, or is the least loaded of some (Mitzenmacher \
                       2001). The theory assumes one balancer at layer 7, exponential work and no failures.",
            axes: ("at least in hand", "servers, ‰"),
            plot: Plot::Now(|scene| {
                let servers = scene.record.servers();
                let all = (scene.record.now() * servers).max(1);
                let tails = scene.record.tails().into_iter().map(|time| time * 1_000 / all);
                (1..).zip(tails).take_while(|(_, share)| *share > 0).collect()
            }),
            theory: Some(theory::tails),
        },
        Chart {
            name: "In servers",
            sentence: "How many requests all servers have in hand; with the mean of theory, and where more work comes than servers \
                       can do and nobody gives up, the line along which queues grow.",
            axes: ("time, µs", "requests"),
            plot: Plot::OverTime(|scene| scene.record.in_servers()),
            theory: Some(theory::in_servers),
        },
        Chart {
            name: "Response times",
            sentence: "The time that so many percent of the answered requests did not exceed; with that of independent M/M/1 queues \
                       where the policy is random (Kleinrock 1975), which does not count the links.",
            axes: ("percent", "time, µs"),
            plot: Plot::Now(|scene| match scene.record.took() {
                (_, 0) => Vec::new(),
                _ => (1..100).map(|percent| (percent, scene.record.percentile(percent * 10))).collect(),
            }),
            theory: Some(theory::percentiles),
        },
    ];

    const FIGURES: &'static [Figure<Self>] = &[
        Figure {
            name: "response time",
            sentence: "Microseconds from sending a request to its answer, divided by the number of requests that were carried out.",
            of: |scene, _| scene.record.took(),
        },
        Figure {
            name: "median",
            sentence: "The response time that half of the requests did not exceed, in microseconds, a run.",
            of: |scene, _| (scene.record.percentile(500), 1),
        },
        Figure {
            name: "99th percentile",
            sentence: "The response time that 99 in a hundred requests did not exceed, in microseconds, a run.",
            of: |scene, _| (scene.record.percentile(990), 1),
        },
        Figure {
            name: "in servers",
            sentence: "The requests that all servers had in hand, summed over the time, divided by the time.",
            of: |scene, _| (scene.record.tails().iter().sum(), scene.record.now()),
        },
        Figure {
            name: "fullest server",
            sentence: "The requests that the fullest server has in hand at the end, a run.",
            of: |scene, _| (scene.record.fullest(), 1),
        },
        Figure {
            name: "sent",
            sentence: "The requests that clients have sent, a run.",
            of: |scene, _| (scene.record.sent(), 1),
        },
        Figure {
            name: "waited",
            sentence: "The share of the requests that had to wait at a balancer until a server had room.",
            of: |scene, _| (scene.record.waited(), scene.record.sent()),
        },
        Figure {
            name: "carried out",
            sentence: "The share of the settled requests that a server has carried out.",
            of: |scene, _| (scene.record.with(Outcome::Ok), scene.record.settled()),
        },
        Figure {
            name: "refused",
            sentence: "The share of the settled requests that were refused because no server was free or healthy.",
            of: |scene, _| (scene.record.with(Outcome::Refused), scene.record.settled()),
        },
    ];

    type Record = Record;

    /// Clients and balancers do not fail: of one balancer there is only one.
    fn steady(params: &Params) -> u32 {
        (params.clients + params.balancers) as u32
    }

    /// A request waits for room until those before it have ended, each within two timeouts, and then takes as long itself.
    fn settles(params: &Params, quiet: Quiet) -> Option<Micros> {
        let before = if params.connections > 0 { params.backlog } else { 0 };
        let patience = params.timeout.saturating_mul(2).saturating_add(quiet.way.saturating_mul(8));
        (params.timeout > 0).then(|| patience.saturating_mul(before + 1))
    }

    fn remember(record: &mut Record, step: &Step<'_, Self>) {
        record.remember(step);
    }
}
