//! What is beside the algorithm: several items, ways to compare them, anti-entropy as a backup of rumours, and death
//! certificates that are discarded and lie dormant.

use super::{REPLY, curves, held_at_the_end};
use faultline_core::nemesis::attack;
use faultline_core::property::Judgement;
use faultline_core::scenario::{Moment, Timed};
use faultline_core::sim::Run;
use faultline_core::trace::What;
use faultline_core::view::Standing;
use faultline_core::{Scenario, Session};
use faultline_tests::{find, parse};

/// A rumour that is dead is backed whatever a backup is of a cycle, and however two nodes compare: where it was a
/// whole number of cycles, every answer to a checksum came after the cycle that had begun at the same instant.
#[test]
fn a_backup_compares_whatever_it_is_of_a_cycle() {
    for compare in ["whole", "checksums", "recent"] {
        for backup in ["900ms", "1s", "2s", "10s", "12s"] {
            let text = format!(
                "faultline 2\nprotocol gossip\nnodes 12\nseed 1\nset k 1\nset backup {backup}\nset compare {compare}\n\
                 until 150s\nat 20ms n1 Update 7\n"
            );
            assert_eq!(held_at_the_end(&text), ["7 of 20ms@n1"; 12], "{compare}, {backup}");
        }
    }
}

/// How a claim stands in the end.
fn judged(run: &Run, name: &str) -> Judgement {
    let scenario = run.scenario();
    let place = scenario.entry.claims().iter().position(|claim| claim.name == name).unwrap();
    run.end().judgements_at(scenario.until)[place].clone()
}

/// An attack in which clients ask only this, in the war, and nothing after it. Where they go on asking, what has not
/// come is always covered by something newer, and nobody would notice that nodes do not compare.
fn quiet(base: &Scenario, seed: u64, asked: &[(u64, &str)]) -> Run {
    let mut scenario = attack(base, seed).scenario;
    scenario.ask = 0;
    for (time, words) in asked {
        let act = scenario.parse_act(words).unwrap();
        scenario.acts.push(Timed { at: Moment { time: *time, nth: None }, act });
    }
    scenario.acts.sort_by_key(|it| it.at.time);
    let until = scenario.until;
    Run::new(scenario, until)
}

/// In how many of so many quiet attacks Convergence is judged, and in how many some claim breaks.
fn besieged(settings: &str, seeds: u64, asked: &[(u64, &str)]) -> (u64, u64) {
    let mut base = Scenario::of(find("gossip").unwrap());
    base.amend("nodes 8").unwrap();
    settings.lines().for_each(|words| base.amend(words).unwrap());
    let (mut of_the_end, mut broken) = (0, 0);
    for seed in 1..=seeds {
        let run = quiet(&base, seed, asked);
        let convergence = judged(&run, "Convergence");
        of_the_end += u64::from(!matches!(convergence, Judgement::Unjudged { .. }));
        let always = run.end().judgements().iter().any(|it| matches!(it, Judgement::Violated { .. }));
        broken += u64::from(always || matches!(convergence, Judgement::Violated { .. }));
    }
    (of_the_end, broken)
}

/// Two nodes give an item the same value at nearly the same time, and others change.
const SET: [(u64, &str); 5] = [
    (500_000, "n1 Update a 7"),
    (3_000_000, "n4 Update b 1"),
    (9_000_000, "n2 Update a 8"),
    (9_000_500, "n6 Update a 8"),
    (12_000_000, "n3 Update c 5"),
];

/// Where everybody falls silent after a war, nodes that compare hold the same, and those that leave stamps out of their
/// checksums do not.
#[test]
fn a_quiet_peace_shows_who_does_not_compare() {
    let both = "set style anti-entropy\nset direction push-pull\nset items 3";
    let backed = "set k 1\nset items 3\nset backup";
    for settings in [
        format!("{both}\nset compare checksums"),
        format!("{both}\nset compare recent\nset recent 2s"),
        format!("{backed} 2s"),
        format!("{backed} 3s\nset compare recent\nset recent 2s"),
        format!("{backed} 2s\nset compare checksums"),
        format!("{backed} 10s\nset compare checksums"),
    ] {
        let (judged, broken) = besieged(&settings, 60, &SET);
        assert!(judged >= 15 && broken == 0, "{settings}: {judged} of 60 judged, {broken} broken");
    }
    let twin = format!("{both}\nset compare checksums\ntwin sums-values");
    let (judged, broken) = besieged(&twin, 60, &SET);
    assert!(broken > 0, "{twin}: {judged} of 60 judged, none broken");
}

/// Several items spread each for itself: what becomes of one does not depend on the others.
#[test]
fn each_of_several_items_is_the_newest_in_the_end() {
    let text = "faultline 2\nprotocol gossip\nnodes 9\nset style anti-entropy\nset direction push-pull\nset items 3\n\
                until 30s\nat 1s n2 Update a 5\nat 1s n3 Update b 6\nat 2s n4 Update b 7\nat 3s n5 Delete a\n";
    for compare in ["whole", "checksums", "recent"] {
        let held = held_at_the_end(&format!("{text}set compare {compare}\n"));
        assert_eq!(held, ["a=deleted of 3s@n5, b=7 of 2s@n4, c=nothing"; 9], "{compare}");
    }
}

/// Whatever else is set, the nemesis breaks nothing; and where something is compared for ever, that is
/// judged.
#[test]
fn databases_bear_attacks() {
    let both = "set style anti-entropy\nset direction push-pull";
    for settings in [
        "set items 3".to_owned(),
        "set direction push-pull\nset k 1\nset backup 2s\nset items 2".to_owned(),
        "set backup 3s\nset compare recent".to_owned(),
        "set items 3\nset backup 10s\nset compare checksums".to_owned(),
        format!("{both}\nset items 3"),
        format!("{both}\nset items 4\nset compare checksums"),
        format!("{both}\nset items 4\nset compare recent\nset recent 3s"),
        format!("{both}\nset certificates 4s"),
        format!("{both}\nset certificates 4s\nset items 2\nset compare recent"),
        "set direction push-pull\nset backup 2s\nset certificates 10s".to_owned(),
    ] {
        let mut base = Scenario::of(find("gossip").unwrap());
        base.amend("nodes 8").unwrap();
        settings.lines().for_each(|words| base.amend(words).unwrap());
        let mut judged = 0;
        for seed in 1..=60 {
            let attack = attack(&base, seed);
            assert_eq!(attack.broken, None, "{settings}, seed {seed}:\n{}", attack.scenario);
            judged += u32::from(attack.judged.contains(&"Convergence"));
        }
        let compares = settings != "set items 3";
        assert_eq!(judged > 2, compares, "{settings}: judged in {judged} of 60 runs");
    }
}

/// How a claim stands in the end of a run, in words.
fn stands(text: &str, name: &str) -> String {
    let scenario = parse(text).unwrap();
    let until = scenario.until;
    let mut session = Session::new(scenario);
    session.seek_time(until);
    match session.view().claims.into_iter().find(|claim| claim.name == name).unwrap().standing {
        Standing::Unjudged { why } => why,
        standing => format!("{standing:?}").split(' ').next().unwrap().to_owned(),
    }
}

/// A node that has discarded a deletion holds nothing. It lacks no value that is older, though the deletion itself has not
/// had its time yet.
#[test]
fn who_has_discarded_a_deletion_lacks_no_older_value() {
    for until in [110, 118, 140, 150, 220] {
        let text = format!(
            "faultline 2\nprotocol gossip\nnodes 12\nseed 4\nset style anti-entropy\nset direction push-pull\n\
             set certificates 8s\nuntil {until}s\nat 1s n1 Update 7\nat 100s n1 Delete\n"
        );
        assert_eq!(stands(&text, "Convergence"), "Holds", "until {until} s");
    }
}

/// The set of nodes that know of a deletion grows until one of them discards it.
#[test]
fn growth_says_nothing_after_a_certificate_is_discarded() {
    let text = |until: u64| {
        format!(
            "faultline 2\nprotocol gossip\nnodes 12\nseed 4\nset style anti-entropy\nset direction push-pull\n\
             set certificates 8s\nuntil {until}s\nat 0s n1 Update 7\nat 7s n1 Delete\n"
        )
    };
    assert_eq!(stands(&text(14), "Growth"), "Holds");
    let why = "a node has discarded a death certificate, so fewer nodes know of the deletion";
    assert_eq!(stands(&text(30), "Growth"), why);
}

/// No copy of the deleted item comes to a node at which the certificate lies dormant without awakening it, in a call or in
/// an answer, whatever is compared; and the step names the rule that it is about.
#[test]
fn every_older_copy_awakens_a_dormant_certificate() {
    let (mut by_calls, mut by_answers) = (0, 0);
    for direction in ["push", "pull", "push-pull"] {
        for (compare, seed) in
            ["whole", "recent"].into_iter().flat_map(|it| (1..=8).map(move |seed| (it, seed)))
        {
            let text = format!(
                "faultline 2\nprotocol gossip\nnodes 12\nseed {seed}\nset style anti-entropy\nset certificates 8s\n\
                 set direction {direction}\nset compare {compare}\nuntil 60s\n\
                 at 0s n1 Update 7\nat 10s crash n3\nat 11s n1 Delete\nat 28s restart n3\n"
            );
            let run = Run::new(parse(&text).unwrap(), 60_000_000);
            let mut sleeps = [false; 12];
            for line in run.lines_from(0) {
                let Some(sleeps) = sleeps.get_mut(line.record.node as usize) else { continue };
                let brings_it = line.record.what == What::Deliver && line.message.contains("1us@n1");
                if *sleeps && brings_it {
                    assert!(line.sentence.contains("awakens its death certificate"), "{text}{line:?}");
                    assert_eq!(line.rule.unwrap().section, "§2.2", "{text}{line:?}");
                    let is_answer = line.record.kind == REPLY;
                    *(if is_answer { &mut by_answers } else { &mut by_calls }) += 1;
                    *sleeps = false;
                }
                // A certificate that was awakened elsewhere is awake here, too, as soon as it comes.
                *sleeps &= !line.message.contains("awakened");
                *sleeps |= line.sentence.contains("lie dormant");
            }
        }
    }
    assert!(by_calls >= 5 && by_answers >= 5, "{by_calls} by calls, {by_answers} by answers");
}

/// Each of several items is a rumour of its own: one dies before n11 hears of it, though the newest reaches all.
#[test]
fn one_of_two_rumours_leaves_a_residue() {
    let text = "faultline 2\nprotocol gossip\nnodes 12\nseed 3\nset k 1\nset direction push-pull\nset items 2\nuntil 40s\n\
                at 20ms n1 Update a 7\nat 50ms n2 Update b 1\n";
    let held = held_at_the_end(text);
    assert_eq!(held[10], "a=nothing, b=1 of 50ms@n2");
    assert!(held.iter().all(|items| items.ends_with("b=1 of 50ms@n2")), "{held:?}");
    let run = Run::new(parse(text).unwrap(), 40_000_000);
    assert!(matches!(judged(&run, "Residue"), Judgement::Reached { .. }));
}

/// A node that has discarded a deletion has heard of it.
#[test]
fn a_discarded_deletion_was_heard() {
    let text = "faultline 2\nprotocol gossip\nnodes 12\nseed 4\nset style anti-entropy\nset direction push-pull\n\
                set certificates 8s\nuntil 30s\nat 0s n1 Update 7\nat 7s n1 Delete\n";
    assert_eq!(held_at_the_end(text).iter().filter(|item| *item == "nothing").count(), 10);
    let ends = curves(&Session::new(parse(text).unwrap()))
        .iter()
        .map(|it| it.measured.last().unwrap().1)
        .collect::<Vec<_>>();
    assert_eq!(ends, [1_000, 0], "informed of a thousand, ignorant of ten thousand");
}

/// Nothing is promised of the end where certificates are discarded sooner than they spread.
#[test]
fn certificates_must_outlive_their_way() {
    let text = |kept: &str| {
        format!(
            "faultline 2\nprotocol gossip\nnodes 12\nset style anti-entropy\nset direction push-pull\n\
             set certificates {kept}\nuntil 200s\nat 0s n1 Update 7\nat 7s n1 Delete\n"
        )
    };
    assert_eq!(stands(&text("4s"), "Convergence"), "Holds");
    for kept in ["1ms", "1s", "3s"] {
        assert_eq!(stands(&text(kept), "Convergence"), "no change has had its time yet", "{kept}");
    }
}

/// In a war a node is often down for so long that a certificate is dormant when it comes back: then a quiet peace shows whether
/// it awakens, and whether it deletes what is newer.
#[test]
fn a_quiet_peace_shows_how_certificates_awaken() {
    const DELETED: [(u64, &str); 3] =
        [(100_000, "n1 Update 7"), (6_000_000, "n1 Delete"), (15_000_000, "n5 Update 8")];
    let settings = "set style anti-entropy\nset direction push-pull\nset certificates 5s";
    for (twin, asked) in
        [("", &DELETED[..2]), ("sleeps-on", &DELETED[..2]), ("", &DELETED[..3]), ("restamps", &DELETED[..3])]
    {
        let lines = if twin.is_empty() { settings.to_owned() } else { format!("{settings}\ntwin {twin}") };
        let (judged, broken) = besieged(&lines, 200, asked);
        println!("{lines}: {judged} of 200 judged, {broken} broken");
        assert!(
            judged >= 20 && (broken > 0) != twin.is_empty(),
            "{lines}: {judged} of 200 judged, {broken} broken"
        );
    }
}
