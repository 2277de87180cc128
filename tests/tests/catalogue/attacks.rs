//! Random faults inside what a protocol assumes: nothing breaks, hardly an act does nothing, what should come up sometimes
//! does, and no assumption is broken.

use crate::trial;
use faultline_core::Scenario;
use faultline_core::catalogue::Entry;
use faultline_core::nemesis::attack;
use faultline_core::property::Sense;
use faultline_core::shrink::shrink;
use faultline_core::sim::Run;
use faultline_core::title::{Assumptions, Failures, Links, Timing};
use libtest_mimic::Trial;
use std::collections::BTreeSet;

const SEEDS: u64 = 300;

/// What should come up sometimes and does not within the seeds that are tried: with which line of a scenario, if any, and with
/// which seed it does.
const RARE: &[(&str, &str, Option<&str>, u64)] = &[
    ("gossip", "Residue", None, 3_126),
    ("quorum-kv", "Lost Write", Some("set versions timestamps"), 1),
    ("quorum-kv", "Resurrection", Some("set gc-grace 300ms"), 2),
    ("two-phase-commit", "Locked Out", Some("set locks wait"), 2),
    ("two-phase-commit", "Heuristic Damage", Some("set heuristics on"), 3),
    ("rpc", "Double Debit", Some("set semantics at-least-once"), 1),
];

pub(crate) fn trials(entry: &'static Entry) -> [Trial; 2] {
    let slug = entry.info.slug;
    [
        trial(format!("{slug}/seeds"), move || nothing_breaks_inside_the_assumptions(entry)),
        trial(format!("{slug}/nemesis"), move || the_nemesis_breaks_no_assumption(entry)),
    ]
}

fn nothing_breaks_inside_the_assumptions(entry: &'static Entry) {
    let (base, mut reached, mut acts, mut idle) = (Scenario::of(entry), BTreeSet::new(), 0, 0);
    for seed in 1..=SEEDS {
        let attack = attack(&base, seed);
        if let Some(broken) = attack.broken {
            let smallest = shrink(&attack.scenario, &broken.claim);
            let smallest = smallest.map_or(attack.scenario, |(smallest, _)| smallest);
            panic!("seed {seed}: {broken:?}\n{smallest}");
        }
        reached.extend(attack.reached);
        acts += attack.scenario.acts.len();
        idle += attack.idle as usize;
    }
    let rare = |claim| RARE.iter().find(|(slug, what, ..)| (*slug, *what) == (entry.info.slug, claim));
    let later = |claim| {
        rare(claim).is_some_and(|(.., line, seed)| {
            let mut base = base.clone();
            if let Some(line) = line {
                assert_eq!(base.amend(line), Ok(()));
            }
            attack(&base, *seed).reached.contains(&claim)
        })
    };
    let claims = entry.claims().into_iter().filter(|claim| claim.sense == Sense::Sometimes);
    let names = claims.map(|claim| claim.name);
    let missing: Vec<_> = names.filter(|name| !reached.contains(name) && !later(name)).collect();
    assert!(missing.is_empty(), "no attack reached {missing:?}");
    // Where nodes do not fail and nothing is late, hardly more is left to do than to drop a message; where nothing is lost or late
    // and no node returns, than to crash a minority.
    let Assumptions { failures, timing, links } = entry.info.liveness;
    let is_mild = failures == Failures::None || failures == Failures::CrashStop && links >= Links::Perfect;
    let least = if is_mild && timing == Timing::Synchronous { 1 } else { 10 };
    assert!(
        acts > SEEDS as usize * least,
        "the nemesis found {acts} acts in {SEEDS} attacks, which test nearly nothing: it may do what `liveness` in `INFO` \
         allows"
    );
    assert!(
        idle * 20 < acts,
        "{idle} of {acts} acts of the nemesis did nothing: what they name was not there any more"
    );
}

fn the_nemesis_breaks_no_assumption(entry: &'static Entry) {
    for seed in 1..=60 {
        let scenario = attack(&Scenario::of(entry), seed).scenario;
        let until = scenario.until;
        let run = Run::new(scenario, until);
        assert_eq!(run.end().breaches(), [], "{}", run.scenario());
    }
}
