//! No claim holds because nobody asked: what must hold always is not judged before what it speaks of has come up, and in some
//! run of the gallery it is.

use crate::trial;
use faultline_core::catalogue::Entry;
use faultline_core::property::{Judgement, Sense};
use faultline_core::scenario::slug;
use faultline_core::sim::Run;
use faultline_tests::play;
use libtest_mimic::Trial;

/// The claims that have something to speak of as soon as nodes are up: a ring is there from the start.
const FROM_THE_START: &[(&str, &[&str])] =
    &[("chord", &["Live Successor", "Ordered List", "Valid Ring", "Base Not Skipped"])];

pub(crate) fn trials(entry: &'static Entry) -> impl Iterator<Item = Trial> {
    let always = entry.claims().into_iter().enumerate().filter(|(_, claim)| claim.sense == Sense::Always);
    always.map(move |(place, claim)| {
        let name = format!("{}/judged/{}", entry.info.slug, slug(claim.name));
        trial(name, move || is_judged_once_it_is_asked(entry, place, claim.name))
    })
}

fn is_judged_once_it_is_asked(entry: &'static Entry, place: usize, name: &str) {
    let judgement = |run: &Run| run.end().judgements_at(run.scenario().until)[place].clone();
    let unasked = play(&format!("faultline 2\nprotocol {}\nask 0s\nuntil 1ms\n", entry.info.slug));
    let (_, known) = FROM_THE_START.iter().find(|(slug, _)| *slug == entry.info.slug).unwrap_or(&("", &[]));
    match judgement(&unasked) {
        Judgement::Open => assert!(known.contains(&name), "it holds though nothing was asked"),
        Judgement::Unjudged { .. } => assert!(!known.contains(&name), "it is judged only later"),
        other => panic!("{other:?}"),
    }
    let is_judged = |text| matches!(judgement(&play(text)), Judgement::Open | Judgement::Violated { .. });
    assert!(entry.presets().iter().any(|preset| is_judged(preset.text)), "no run of the gallery asks for it");
}
