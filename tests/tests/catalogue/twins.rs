//! Wrong twins and claims hold each other to account: each twin is noticed by a claim and only in the twin, each claim
//! that must hold always notices one, and what should come up sometimes does.

use crate::shown::{Presets, Shown};
use crate::trial;
use faultline_core::Scenario;
use faultline_core::catalogue::{Claimed, Entry};
use faultline_core::nemesis::{Peace, attack_until};
use faultline_core::property::Sense;
use faultline_core::scenario::{Expectation, slug};
use faultline_core::title::Twin;
use libtest_mimic::Trial;

/// As many seeds as the page tries.
const SEEDS: u64 = 2_000;

/// Claims that must hold always and that no twin breaks, with the scenario that does and the reason.
const NOT_OF_TWINS: &[(&str, &str, &str, &str)] = &[];

pub(crate) fn trials(entry: &'static Entry) -> Vec<Trial> {
    let presets = Presets::of(entry);
    let name = |sort, name: &str, what| format!("{}/{sort}/{name}{what}", entry.info.slug);
    let mut trials = Vec::new();
    for twin in entry.twins {
        let (of, with) = (presets.clone(), *twin);
        trials.push(trial(name("twin", twin.name, "/declared"), move || shows(entry, twin)));
        trials.push(trial(name("twin", with.name, "/noticed"), move || is_noticed(&of, with.name)));
    }
    for claim in entry.claims() {
        let of = presets.clone();
        trials.push(trial(name("claim", &slug(claim.name), ""), move || earns_its_place(&of, &claim)));
    }
    let right = |text: &str| !text.lines().any(|line| line.starts_with("twin"));
    for (place, preset) in entry.presets().iter().enumerate().filter(|(_, it)| right(it.text)) {
        let of = presets.clone();
        let check = move || breaks_nothing_without_a_twin(of.entry, &of.shown()[place]);
        trials.push(trial(name("preset", preset.name, "/claims"), check));
    }
    trials
}

/// Its scenarios break something that the same run of the protocol as it should be does not break, and with few acts.
fn is_noticed(presets: &Presets, twin: &str) {
    // A challenge breaks nothing until it is solved. Then it does, and only in the twin: see the tests of lessons.
    let is_run = |shown: &&Shown| shown.twins == [twin] && shown.scenario().challenge.is_none();
    let with: Vec<_> = presets.shown().iter().filter(is_run).collect();
    assert!(!with.is_empty(), "no scenario has this twin");
    for shown in with {
        let (name, right) = (shown.name, &shown.violated_without_twin);
        assert!(!shown.blamed().is_empty(), "{name}: {:?} against {right:?}", shown.violated);
        let scenario = shown.scenario();
        assert!(scenario.acts.len() <= 25, "{name} takes more than 25 acts");
        for expectation in scenario.expectations {
            if let Expectation::Violated(claim) = expectation {
                assert!(!right.contains(&claim), "{name}: {claim} breaks without the twin");
            }
        }
    }
}

/// With what its declaration says, and nothing else, a twin is noticed: by random faults, of as many seeds as the page
/// tries, or by a run that comes with the protocol. What is declared is needed: none of it is as it is by default.
fn shows(entry: &'static Entry, twin: &Twin) {
    let mut base = Scenario::of(entry);
    assert_eq!(base.wanted_by(twin), twin.shows_with);
    twin.shows_with.iter().for_each(|words| base.amend(words).unwrap());
    assert!(base.wanted_by(twin).is_empty());
    base.amend(&format!("twin {}", twin.name)).unwrap();
    let alike = |text: &str| {
        let scenario = faultline_tests::parse(text).unwrap();
        let expected = |it: &Expectation| matches!(it, Expectation::Violated(_));
        scenario.choices == base.choices && scenario.expectations.iter().any(expected)
    };
    let told = entry.presets().iter().any(|preset| alike(preset.text));
    let found = told || (0..SEEDS).any(|seed| attack_until(&base, seed, Peace::All).broken.is_some());
    assert!(found, "it shows nowhere with what it declares");
}

/// Unless the scenario itself says so: a parameter may give a claim up, and so may leaving the assumptions.
fn breaks_nothing_without_a_twin(entry: &'static Entry, shown: &Shown) {
    let expectations = shown.scenario().expectations;
    let given_up = |name| expectations.contains(&Expectation::Violated(slug(name)));
    let claims = entry.claims();
    let always = claims.iter().filter(|claim| claim.sense == Sense::Always && !given_up(claim.name));
    let broken = always.filter(|claim| shown.violated.contains(&slug(claim.name)));
    let broken: Vec<_> = broken.map(|claim| claim.name).collect();
    assert!(shown.twins.is_empty() && broken.is_empty(), "{broken:?}");
}

/// What must hold always is broken by a twin, what must hold eventually by some run, and what should come up sometimes does:
/// a claim that nothing breaks or reaches would hold as well if it said nothing.
fn earns_its_place(presets: &Presets, claim: &Claimed) {
    let name = slug(claim.name);
    let some = |shows: &dyn Fn(&Shown) -> bool| presets.shown().iter().any(shows);
    let right = |it: &Shown| it.twins.is_empty() && !it.violated.contains(&name);
    assert!(
        some(&|it| right(it) && !it.unjudged.contains(&name)),
        "it holds in no run in which it is judged"
    );
    match claim.sense {
        Sense::Sometimes => assert!(some(&|it| it.reached.contains(&name)), "no scenario reaches it"),
        Sense::Eventually => assert!(some(&|it| it.violated.contains(&name)), "no scenario breaks it"),
        Sense::Always => {
            let slug = presets.entry.info.slug;
            let listed = NOT_OF_TWINS.iter().find(|(of, claim, ..)| (*of, *claim) == (slug, claim));
            let killed = some(&|it| !it.twins.is_empty() && it.blamed().contains(&name));
            let Some((.., preset, reason)) = listed.filter(|(_, claim, ..)| *claim == name) else {
                assert!(killed, "no twin breaks it, and NOT_OF_TWINS does not say why");
                return;
            };
            assert!(!killed, "a twin breaks it, though NOT_OF_TWINS says: {reason}");
            assert!(
                some(&|it| it.name == *preset && it.violated.contains(&name)),
                "{preset} does not break it"
            );
        }
    }
}
