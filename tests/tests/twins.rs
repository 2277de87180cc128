//! Wrong twins and claims hold each other to account: each twin is noticed by a claim and only in the twin, each claim
//! that must hold always notices one, and what should come up sometimes does.

use faultline_core::Scenario;
use faultline_core::catalogue::CATALOGUE;
use faultline_core::property::Sense;
use faultline_core::scenario::{Expectation, slug};
use faultline_core::world::Verdict;
use faultline_tests::{play, presets};
use std::collections::BTreeSet;

/// The claims that a run has violated, by their slugs.
fn violated(text: &str) -> BTreeSet<String> {
    let run = play(text);
    let claims = run.scenario().entry.claims();
    let verdicts = run.end().verdicts_at_rest();
    let broken =
        claims.iter().zip(verdicts).filter(|(_, verdict)| matches!(verdict, Verdict::Violated { .. }));
    broken.map(|(claim, _)| slug(claim.name)).collect()
}

#[test]
fn every_twin_is_noticed_where_the_protocol_is_right() {
    for entry in CATALOGUE {
        for twin in entry.twins() {
            let with = |text: &&str| Scenario::parse(text).unwrap().choices.twins == [twin.name];
            let text = entry.presets.iter().map(|preset| preset.text).find(with);
            let text = text
                .unwrap_or_else(|| panic!("{} has no scenario with the twin {}", entry.info.slug, twin.name));
            let wrong = violated(text);
            let right = violated(
                &text
                    .lines()
                    .filter(|line| !line.starts_with("twin"))
                    .collect::<Vec<_>>()
                    .join("\n")
                    .replace("expect", "# expect"),
            );
            assert!(wrong.difference(&right).count() > 0, "{}: {wrong:?} against {right:?}", twin.name);
            assert!(Scenario::parse(text).unwrap().acts.len() <= 25, "{} takes more than 25 acts", twin.name);
        }
    }
}

/// Unless the scenario itself says so: a parameter may give a claim up, and so may leaving the assumptions.
#[test]
fn without_a_twin_nothing_that_must_hold_always_breaks() {
    for (protocol, preset) in presets() {
        let scenario = Scenario::parse(preset.text).unwrap();
        if scenario.choices.twins.is_empty() {
            let claims = scenario.entry.claims();
            let broken = violated(preset.text);
            let given_up = |name| scenario.expectations.contains(&Expectation::Violated(slug(name)));
            let always = claims.iter().filter(|claim| claim.sense == Sense::Always && !given_up(claim.name));
            let bad: Vec<_> =
                always.filter(|claim| broken.contains(&slug(claim.name))).map(|claim| claim.name).collect();
            assert!(bad.is_empty(), "{protocol}/{}: {bad:?}", preset.name);
        }
    }
}

#[test]
fn every_claim_earns_its_place() {
    for entry in CATALOGUE {
        let (mut broken, mut reached) = (BTreeSet::new(), BTreeSet::new());
        for preset in entry.presets {
            let run = play(preset.text);
            for (claim, verdict) in entry.claims().iter().zip(run.end().verdicts_at_rest()) {
                match verdict {
                    Verdict::Violated { .. } => broken.insert(claim.name),
                    Verdict::Reached { .. } => reached.insert(claim.name),
                    Verdict::Open => false,
                };
            }
        }
        for claim in entry.claims() {
            let seen = if claim.sense == Sense::Sometimes { &reached } else { &broken };
            assert!(seen.contains(claim.name), "{}: no scenario shows `{}`", entry.info.slug, claim.name);
        }
    }
}
