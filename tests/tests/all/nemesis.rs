//! The nemesis has many means and makes peace, its attacks repeat, and what it finds is shrunk. That no protocol breaks inside its
//! assumptions is a trial of the catalogue.
#![allow(clippy::unwrap_used)] // What cannot be unwrapped has failed the test.

use faultline_core::NodeId;
use faultline_core::nemesis::attack;
use faultline_core::scenario::{Scenario, slug};
use faultline_core::session::told;
use faultline_core::shrink::shrink;
use faultline_tests::{find, play};
use std::collections::BTreeSet;

/// What stops or slows only for a while is within the assumptions of whoever has no bound on time, and peace ends it.
#[test]
fn the_nemesis_pauses_holds_and_slows_down() {
    let base = Scenario::of(find("raft").unwrap());
    let mut verbs = BTreeSet::new();
    for seed in 1..=40 {
        let attack = attack(&base, seed);
        let words = attack.scenario.acts.iter().map(|timed| timed.act.to_string());
        verbs.extend(words.filter_map(|words| words.split(' ').next().map(str::to_owned)));
        let end = play(&attack.scenario.to_string());
        let end = end.end();
        assert!(end.cuts().is_empty() && end.held().is_empty() && end.altered().is_empty(), "seed {seed}");
        assert!((0..5).all(|node| end.is_up(NodeId(node)) && !end.is_paused(NodeId(node))), "seed {seed}");
        assert!((0..5).all(|node| !end.is_clock_touched(NodeId(node))), "seed {seed}");
    }
    for verb in ["pause", "resume", "hold", "release", "link", "crash", "cut", "delay", "clock"] {
        assert!(verbs.contains(verb), "no attack did `{verb}`");
    }
}

#[test]
fn an_attack_is_a_scenario_that_repeats_it() {
    let base = Scenario::of(find("raft").unwrap());
    for seed in 1..=20 {
        let (one, two) = (attack(&base, seed), attack(&base, seed));
        assert_eq!(one.scenario.to_string(), two.scenario.to_string());
        let run = play(&one.scenario.to_string());
        assert_eq!(run.records().len(), one.events as usize, "seed {seed}");
    }
}

/// What the machine finds without help, and what is left of it.
#[test]
fn raft_s_twins_are_found_and_shrunk() {
    for (twin, seed) in [
        ("forgets-vote", 416),
        ("votes-by-length", 184),
        ("truncates-always", 4),
        ("matches-whole-log", 228),
        ("skips-check", 1),
        ("replaces-old-entries", 1),
        // Figure 8 itself; about one seed in four thousand.
        ("counts-old-terms", 3_957),
    ] {
        let mut base = Scenario::of(find("raft").unwrap());
        base.amend(&format!("twin {twin}")).unwrap();
        let attack = attack(&base, seed);
        let broken = attack.broken.unwrap_or_else(|| panic!("{twin} was not noticed with seed {seed}"));
        let (smallest, _) = shrink(&attack.scenario, &broken.claim).unwrap();
        assert!(smallest.acts.len() <= 25 && smallest.acts.len() <= attack.scenario.acts.len());
        for (expectation, met) in play(&smallest.to_string()).verify() {
            assert_eq!(met, Ok(()), "{twin}: {expectation}\n{smallest}");
        }
        assert_eq!(smallest.expectations.len(), 1);
    }
}

/// Nodes and time that nothing needs go, too, even a node that acts name; and what is left tells how the claim breaks.
#[test]
fn what_is_shrunk_is_small_in_every_way_and_tells_itself() {
    for (protocol, twin, nodes, acts) in
        [("raft", "replaces-old-entries", 3, 1), ("raft", "skips-check", 3, 3)]
    {
        let mut base = Scenario::of(find(protocol).unwrap());
        base.amend(&format!("twin {twin}")).unwrap();
        let attack = (1..=40).map(|seed| attack(&base, seed)).find(|attack| attack.broken.is_some()).unwrap();
        let (whole, claim) = (&attack.scenario, attack.broken.unwrap().claim);
        let (smallest, _) = shrink(whole, &claim).unwrap();
        assert!(smallest.nodes <= nodes && smallest.nodes < whole.nodes, "{smallest}");
        assert!(smallest.acts.len() <= acts, "{smallest}");
        assert!(smallest.until * 3 < whole.until && smallest.until % 10_000 == 0, "{smallest}");
        assert!(smallest.captions.is_empty(), "what was said of the whole is not said of this: {smallest}");

        let telling = told(&smallest, &claim);
        let run = play(&telling.to_string());
        assert_eq!(run.checksum(), play(&smallest.to_string()).checksum(), "captions change nothing");
        for (expectation, met) in run.verify() {
            assert_eq!(met, Ok(()), "{expectation}\n{telling}");
        }
        let claims = telling.entry.claims();
        let name = claims.iter().find(|known| slug(known.name) == claim).unwrap().name;
        let titles: Vec<_> = telling.captions.iter().map(|(_, caption)| caption.title.clone()).collect();
        assert_eq!(titles.first(), Some(&format!("How {name} breaks")), "{telling}");
        assert_eq!(titles.last(), Some(&format!("{name} breaks")), "{telling}");
        assert!(telling.captions.len() > 2 && telling.captions.iter().all(|(_, it)| !it.text.is_empty()));
        assert!(telling.captions.windows(2).all(|pair| pair[0].0 < pair[1].0), "{telling}");
    }
}
