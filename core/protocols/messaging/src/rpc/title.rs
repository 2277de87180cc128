//! The title page of remote procedure calls: their claims, their curves and their figures.

use super::claims::{CLAIMS, Record};
use super::{Outcome, Params, Rpc, Semantics};
use faultline_core::prelude::*;

impl Protocol for Rpc {
    const INFO: Info = Info {
        slug: "rpc",
        title: "Remote procedure calls",
        aka: "RPC at-most-once at-least-once exactly-once idempotency key retry dedupe marshalling stub timeout double charge \
              worker pool retry storm jitter",
        family: "Messages and middleware",
        source: "Andrew D. Birrell and Bruce Jay Nelson: Implementing Remote Procedure Calls (B&N), TOCS 2(1), 1984; Alfred Z. \
                 Spector: Performing Remote Operations Efficiently on a Local Computer Network, CACM 25(4), 1982; Collin Lee, Seo \
                 Jin Park, Ankita Kejriwal, Satoshi Matsushita and John Ousterhout: Implementing Linearizability at Large Scale and \
                 Low Latency (RIFL), SOSP 2015",
        idea: "A client calls a procedure on a server, here the debit of an account. If no reply comes, it cannot tell a lost \
               request from a lost reply. If it calls again, the account may be debited twice; if it does not, perhaps not at all. \
               Exactly once takes both: the client repeats the call under one identifier, and the server recognises it by a table \
               that survives crashes.",
        left_out: "The search for a server; fragments and bytes of replies; acknowledgements of packets, and probes; leases, and the \
                   migration of records; the killing of orphans; exceptions of the procedure.",
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
        nodes: (2, 2, 9),
        until: 1_000_000,
        latency: (5_000, 15_000),
        ask: 0,
        layout: Layout::Tiers,
        picture: &[Panel::Table, Panel::Logs],
        panels: &[Panel::Lanes, Panel::Charts],
    };

    const PRESETS: &'static [Preset] = presets! { "rpc":
        "first-steps" "default" "maybe" "double-charge" "at-most-once" "restarted" "exactly-once"
        "client-crash" "fragment-lost" "layered-retries" "absorbed" "in-step" "jitter"
        "renumbers-retries" "keys-by-arguments" "evicts-early" "forgets-table" "records-late"
        "runs-concurrently" "recomputes-replies" "ignores-executed" "says-failed" "reads-other-order"
        "charge-twice" "in-doubt" "not-twice"
    };
    const LESSON: Option<Lesson> = Some(lesson!("rpc"));
    const LOG_WORDS: LogWords = LogWords { number: "call", settled: "on disk", marks: &[] };
    const PROPERTIES: &'static [&'static [Property<Self>]] = &[CLAIMS];

    const CHARTS: &'static [Chart<Self>] = &[Chart {
        name: "Calls that return",
        sentence: "Calls per thousand that return, against attempts per thousand that get no reply. The bar is this run so far. The \
                   theory, computed for attempts that are lost independently, is 1−fᵏ for a call that is sent k times at most, where \
                   f = 1−(1−p)(1−q) is the loss of an attempt, p of its request and q of its reply.",
        axes: ("attempts without a reply, ‰", "calls that return, ‰"),
        plot: Plot::Now(measured),
        theory: Some(theory),
    }];

    const FIGURES: &'static [Figure<Self>] = &[
        Figure {
            name: "executions per call",
            sentence: "Debits of the account, divided by the number of clients' calls.",
            of: |scene, _| {
                let [calls, executions, ..] = scene.record.counted();
                (executions, calls)
            },
        },
        Figure {
            name: "requests per call",
            sentence: "Fragments sent by clients and servers, divided by the number of clients' calls.",
            of: |scene, costs| (costs.sent(&["Request"]), scene.record.counted()[0]),
        },
        Figure {
            name: "returned",
            sentence: "The share of clients' calls that returned.",
            of: |scene, _| {
                let [calls, _, returned, _] = scene.record.counted();
                (returned, calls)
            },
        },
        Figure {
            name: "unknown but executed",
            sentence: "The share of clients' calls that were executed and have an unknown outcome.",
            of: |scene, _| {
                let [calls, _, _, unknown] = scene.record.counted();
                (unknown, calls)
            },
        },
    ];

    type Record = Record;

    /// A caller makes all its attempts, in each layer; with no limit, one and another after what went before are enough.
    fn settles(params: &Params, quiet: Quiet) -> Option<Micros> {
        let tries = if params.semantics == Semantics::ExactlyOnce { 0 } else { params.attempts };
        let wait = params.timeout.saturating_add(params.jitter);
        let layer = wait.saturating_mul(tries.max(3) + 1).saturating_add(quiet.way.saturating_mul(4));
        Some(layer.saturating_add(params.service.saturating_mul(20)).saturating_mul(params.layers))
    }

    fn remember(record: &mut Record, step: &Step<'_, Self>) {
        record.remember(step);
    }
}

/// A bar at the share of attempts of ended calls that got no reply, as high as the share of those calls that returned.
fn measured(scene: &Scene<'_, Rpc>) -> Vec<(u64, u64)> {
    let (mut calls, mut returned, mut sent) = (0, 0, 0);
    for (outcome, attempts) in scene.nodes().flat_map(|(_, node)| node.ended.values()) {
        calls += 1;
        returned += u64::from(matches!(outcome, Outcome::Returned(_)));
        sent += attempts;
    }
    if calls == 0 {
        return Vec::new();
    }
    let unanswered = (sent - returned) * 1_000 / sent;
    vec![(unanswered, 0), (unanswered, returned * 1_000 / calls)]
}

/// The chance that a call returns, in thousandths, by the chance that an attempt gets no reply, in thousandths.
fn theory(params: &Params, _: usize, _: Micros) -> Vec<(u64, u64)> {
    const PARTS: u64 = 1_000_000_000;
    let times = |share: u64, by: u64| (u128::from(share) * u128::from(by) / u128::from(PARTS)) as u64;
    let returns = |unanswered: u64| match params.limit() {
        Some(limit) => PARTS - (0..limit).fold(PARTS, |all, _| times(all, unanswered * (PARTS / 1_000))),
        None if unanswered == 1_000 => 0,
        None => PARTS,
    };
    (0..=50).map(|step| step * 20).map(|share| (share, returns(share) * 1_000 / PARTS)).collect()
}
