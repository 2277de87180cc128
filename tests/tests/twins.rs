//! Wrong twins and claims hold each other to account: each twin is noticed by a claim and only in the twin, each claim
//! that must hold always notices one, and what should come up sometimes does.

use faultline_core::Scenario;
use faultline_core::nemesis::{Peace, attack_until};
use faultline_core::property::{Judgement, Sense};
use faultline_core::scenario::{Expectation, slug};
use faultline_tests::{entries, find, parse, play, presets};
use std::collections::BTreeSet;

/// The claims that a run has violated, by their slugs.
fn violated(text: &str) -> BTreeSet<String> {
    let run = play(text);
    let claims = run.scenario().entry.claims();
    let verdicts = run.end().judgements_at_rest();
    let broken =
        claims.iter().zip(verdicts).filter(|(_, verdict)| matches!(verdict, Judgement::Violated { .. }));
    broken.map(|(claim, _)| slug(claim.name)).collect()
}

/// The same run of the protocol as it should be.
fn without_twins(text: &str) -> String {
    let lines: Vec<_> = text.lines().filter(|line| !line.starts_with("twin")).collect();
    lines.join("\n").replace("expect", "# expect")
}

#[test]
fn every_twin_is_noticed_where_the_protocol_is_right() {
    for entry in entries() {
        for twin in entry.twins() {
            let with = |text: &&str| parse(text).unwrap().choices.twins == [twin.name];
            let texts: Vec<_> = entry.presets.iter().map(|preset| preset.text).filter(with).collect();
            assert!(!texts.is_empty(), "{} has no scenario with the twin {}", entry.info.slug, twin.name);
            for text in texts {
                let (wrong, right) = (violated(text), violated(&without_twins(text)));
                assert!(wrong.difference(&right).count() > 0, "{}: {wrong:?} against {right:?}", twin.name);
                let scenario = parse(text).unwrap();
                assert!(scenario.acts.len() <= 25, "{} takes more than 25 acts", twin.name);
                for expectation in scenario.expectations {
                    if let Expectation::Violated(claim) = expectation {
                        assert!(
                            !right.contains(&claim),
                            "{}: {claim} breaks without the twin",
                            scenario.title
                        );
                    }
                }
            }
        }
    }
}

/// What random faults found by themselves and shrank stands beside what we thought of, and says how it was found: the
/// command that it names breaks the same claim.
#[test]
fn every_twin_of_raft_was_found_by_the_machine() {
    let entry = find("raft").unwrap();
    for twin in entry.twins() {
        let name = format!("found-{}", twin.name);
        let preset = entry.presets.iter().find(|preset| preset.name == name);
        let found = parse(preset.unwrap_or_else(|| panic!("there is no {name}")).text).unwrap();
        assert_eq!(found.choices.twins, [twin.name]);
        let caption = &found.captions[0].1.text;
        let (command, _) = caption.split_once(": ").unwrap();
        let options: Vec<_> = command.strip_prefix("faultline attack raft ").unwrap().split(' ').collect();
        let (mut base, mut peace, mut seed) = (Scenario::of(entry), Peace::All, 0);
        for option in options.chunks(2) {
            match option {
                ["--bug", name] => base.amend(&format!("twin {name}")).unwrap(),
                ["--nodes", count] => base.amend(&format!("nodes {count}")).unwrap(),
                ["--param", setting] => {
                    base.amend(&format!("set {}", setting.replacen('=', " ", 1))).unwrap();
                }
                ["--peace", "all-but-one"] => peace = Peace::AllButOne,
                ["--first", first] => seed = first.parse().unwrap(),
                other => panic!("{name}: {other:?}"),
            }
        }
        let broken =
            attack_until(&base, seed, peace).broken.unwrap_or_else(|| panic!("{command} finds nothing"));
        assert_eq!(found.expectations, [Expectation::Violated(broken.claim)], "{command}");
    }
}

/// With what its declaration says, and nothing else, each twin is noticed: by random faults, of as many seeds as the page
/// tries, or by a run that comes with the protocol. What is declared is needed: none of it is as it is by default.
#[test]
fn every_twin_shows_with_what_it_declares() {
    for entry in entries() {
        for twin in entry.twins() {
            let mut base = Scenario::of(entry);
            assert_eq!(base.wanted_by(&twin), twin.shows_with, "{}", twin.name);
            twin.shows_with.iter().for_each(|words| base.amend(words).unwrap());
            assert!(base.wanted_by(&twin).is_empty(), "{}", twin.name);
            base.amend(&format!("twin {}", twin.name)).unwrap();
            let alike = |text: &&str| {
                let scenario = parse(text).unwrap();
                let expected = |it: &Expectation| matches!(it, Expectation::Violated(_));
                scenario.choices == base.choices && scenario.expectations.iter().any(expected)
            };
            let told = entry.presets.iter().map(|preset| preset.text).any(|text| alike(&text));
            let found = told || (0..2_000).any(|seed| attack_until(&base, seed, Peace::All).broken.is_some());
            assert!(found, "{} of {} shows nowhere with what it declares", twin.name, entry.info.slug);
        }
    }
}

/// Unless the scenario itself says so: a parameter may give a claim up, and so may leaving the assumptions.
#[test]
fn without_a_twin_nothing_that_must_hold_always_breaks() {
    for (protocol, preset) in presets() {
        let scenario = parse(preset.text).unwrap();
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
    for entry in entries() {
        let (mut broken, mut reached) = (BTreeSet::new(), BTreeSet::new());
        for preset in entry.presets {
            let run = play(preset.text);
            for (claim, verdict) in entry.claims().iter().zip(run.end().judgements_at_rest()) {
                match verdict {
                    Judgement::Violated { .. } => broken.insert(claim.name),
                    Judgement::Reached { .. } => reached.insert(claim.name),
                    Judgement::Open => false,
                };
            }
        }
        for claim in entry.claims() {
            let seen = if claim.sense == Sense::Sometimes { &reached } else { &broken };
            assert!(seen.contains(claim.name), "{}: no scenario shows `{}`", entry.info.slug, claim.name);
        }
    }
}
