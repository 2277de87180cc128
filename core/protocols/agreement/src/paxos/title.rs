//! The title page of Paxos, with its claims.

use super::claims::{REQUIREMENTS, Record};
use super::{Output, Params, Paxos, Roles};
use crate::{Consensus, Told, Value, claims};
use faultline_core::prelude::*;

impl Protocol for Paxos {
    const INFO: Info = Info {
        slug: "paxos",
        title: "Paxos",
        aka: "single-decree synod consensus part-time parliament lamport agreement basic paxos proposer acceptor learner",
        family: "Commit and consensus",
        source: "Leslie Lamport: Paxos Made Simple, ACM SIGACT News 32(4), 2001; The Part-Time Parliament, ACM TOCS 16(2), \
                 1998",
        idea: "A value is chosen when a majority of acceptors has accepted the same proposal. A proposer first has a \
               majority promise to accept nothing numbered lower. If one of them reports an accepted value, the proposer \
               must propose that one. So what may be chosen stays chosen, and two proposers can keep each other from \
               choosing anything.",
        left_out: "The election of a distinguished proposer: proposers wait for random times instead. Sequences of decisions \
                   (Multi-Paxos), changing the set of acceptors, requests to a bare majority only, and forgetting what is \
                   decided. Learners keep nothing on disk.",
        safety: Assumptions {
            links: Links::Any,
            failures: Failures::CrashRecovery,
            timing: Timing::Asynchronous,
        },
        liveness: Assumptions {
            links: Links::FairLoss,
            failures: Failures::CrashRecovery,
            timing: Timing::PartiallySynchronous,
        },
        nodes: (6, 3, 25),
        until: 1_000_000,
        latency: (5_000, 15_000),
        ask: 0,
        layout: Layout::Tiers,
        picture: &[Panel::Table],
        panels: &[],
    };

    const PRESETS: &'static [Preset] = presets! { "paxos":
        "first-steps" "default" "together" "half-done" "highest-number" "duel"
        "duel-ended" "learner-misses" "distinguished-learner" "minority-crash" "majority-crash" "remembers"
        "forgotten-promise" "adopts-own" "wrong-adoption" "adopts-nothing" "shared-ballots" "accepts-below"
        "accepts-unbound" "mixes-ballots" "keeps-ballot" "two-values" "go-on"
    };
    const LESSON: Option<Lesson> = Some(lesson!("paxos"));
    const PROPERTIES: &'static [&'static [Property<Self>]] = &[&claims(), REQUIREMENTS];

    const FIGURES: &'static [Figure<Self>] = &[
        Figure {
            name: "messages of both phases",
            sentence: "Requests of both phases and their answers, divided by the number of runs in which some node learned \
                       what was chosen.",
            of: |scene, costs| {
                let messages = costs.sent(&["Prepare", "Promise", "Accept", "Accepted"]);
                (messages, scene.record.agreement.decisions().min(1))
            },
        },
        Figure {
            name: "proposals per run",
            sentence: "Proposals that were issued, divided by the number of runs in which some node learned what was chosen.",
            of: |scene, _| (scene.record.proposals(), scene.record.agreement.decisions().min(1)),
        },
        Figure {
            name: "phase 2b messages per learner",
            sentence: "Acceptances that acceptors sent, divided by the number of nodes that learned what was chosen.",
            of: |scene, costs| (costs.sent(&["Accepted"]), scene.record.agreement.decisions()),
        },
    ];

    type Record = Record;

    /// A number needs four messages one after the other, and half of the times that a proposer may wait must be longer than
    /// that. Another one's request for promises interrupts it if it comes within two messages. If proposers wait at random
    /// over as long a time, each try succeeds with some chance, however many others try, and this many hardly ever all fail.
    /// If they wait almost equally long, their tries may interrupt each other in turn for ever, unless each waits for as
    /// long as all of them need one after the other.
    ///
    /// Where nobody refuses, a proposer does not hear how far its numbers lag behind. It then goes through about as many as
    /// others tried before, which takes about as long again.
    fn settles(params: &Params, quiet: Quiet) -> Option<Micros> {
        let usual = params.retry.saturating_add(params.spread / 2);
        let longest = params.retry.saturating_add(params.spread).saturating_add(quiet.way);
        let proposers = u64::from(Roles::new(params, quiet.count).proposers);
        let number = quiet.way.saturating_mul(4);
        let in_turn =
            params.spread < quiet.way.saturating_mul(2) && params.retry <= number.saturating_mul(proposers);
        let tries = quiet.tries(4).saturating_add(4 * proposers + 4);
        let lag = if params.refusals { 0 } else { quiet.from.saturating_mul(2) };
        (usual > number && !in_turn).then(|| longest.saturating_mul(tries).saturating_add(lag))
    }

    fn remember(record: &mut Record, step: &Step<'_, Self>) {
        record.remember(step);
    }
}

impl Consensus for Paxos {
    const DECIDED: &'static str = "learned";

    fn told(output: &Output) -> Option<Told> {
        match output {
            Output::Proposed(value) => Some(Told::Proposed(*value)),
            Output::Asked => Some(Told::Asked),
            Output::FoundNothing => Some(Told::Nothing),
            Output::Learned(value) => Some(Told::Decided(*value)),
            Output::Promised(_)
            | Output::Issued(_)
            | Output::Adopted(_)
            | Output::Accepted(_)
            | Output::Ignored(_) => None,
        }
    }

    fn decision(value: Value) -> Output {
        Output::Learned(value)
    }

    fn wish(proposed: Option<Value>) -> Output {
        proposed.map_or(Output::Asked, Output::Proposed)
    }

    fn record(record: &Record) -> &crate::Record {
        &record.agreement
    }

    fn premise(scene: &Scene<'_, Self>) -> Result<(), &'static str> {
        let up = |is: fn(&Paxos) -> bool| scene.nodes().filter(|(_, node)| is(node)).count();
        let majority = scene.nodes().next().map_or(1, |(_, node)| node.roles.majority());
        match (up(|node| node.role.accepts()), up(|node| node.role.proposes())) {
            (acceptors, _) if acceptors < majority => Err("no majority of acceptors is up"),
            (_, 0) => Err("no proposer is up"),
            _ => Ok(()),
        }
    }
}
