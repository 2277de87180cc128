//! Two runs side by side: what they share, where they part, what tells them apart.
#![allow(clippy::unwrap_used)] // What cannot be unwrapped has failed the test.

use crate::session::{TEXT, open};
use faultline_core::compare::{ClaimPair, Comparison, Outputs, compare, compare_outputs, play_both};
use faultline_core::sim::Run;
use faultline_core::trace::Line;
use faultline_core::{NodeId, Scenario};
use faultline_probe::traces;
use faultline_tests::{find, parse};

/// Shared events are those of a scenario that begins alike, also where acts fall into one microsecond.
#[test]
fn what_two_scenarios_share_is_known_before_the_second_is_played() {
    for seed in 1..=60 {
        let one = parse(&traces::faulty("raft", seed)).unwrap();
        let run = Run::new(one.clone(), one.until);
        let words = run.transcript();
        for (nth, record) in run.records().iter().enumerate().step_by(29) {
            let after = record.time.saturating_sub(u64::from(nth % 3 == 0));
            let nth = if nth % 2 == 0 { "/1" } else { "" };
            let text = one.to_string() + &format!("at {after}us{nth} cut n1-n2\n");
            let other = parse(&text).unwrap();
            let shared = run.shared_with(&other).unwrap();
            let other = Run::new(other, one.until);
            // The words tell, too: two cuts at one moment leave equal records.
            let other_words = other.transcript();
            let mut pairs = words.lines().zip(other_words.lines());
            let differ = pairs.position(|(one, other)| one != other);
            assert_eq!(shared, differ.unwrap_or(run.records().len()), "seed {seed}, {text}");
            assert_eq!(other.shared_with(&one), Some(shared));
        }
    }
}

fn compared(one: &Scenario, other: &Scenario) -> (Comparison, [Outputs; 2]) {
    let runs = play_both(one, other);
    (compare([&runs[0], &runs[1]]), compare_outputs([&runs[0], &runs[1]]))
}

/// Two runs are called the same only if they are, also where only what messages say differs.
#[test]
fn the_first_difference_is_exact() {
    let text = "faultline 2\nprotocol raft\nnodes 3\nseed 6\nask 0s\nuntil 2s\n";
    let first = parse(&format!("{text}at 1s n1 Put x=1\nat 1s n2 Put x=1\nat 1s n3 Put x=1\n")).unwrap();
    let other = parse(&first.to_string().replace("n3 Put x=1", "n3 Put x=2")).unwrap();
    let [one, two] = play_both(&first, &other);
    assert!(one.records() == two.records(), "the records alone do not tell these runs apart");
    let (comparison, outputs) = compared(&first, &other);
    let parting = comparison.first.unwrap();
    let sentences = parting.lines.map(|line| line.unwrap().sentence);
    assert_eq!(sentences.map(|it| it.contains("x=2")), [false, true]);
    assert_eq!(one.records()[parting.event].time, 1_000_000);
    assert!(outputs.iter().all(|it| it.count >= 3), "{outputs:?}");
    assert!(outputs[1].first.iter().all(|told| told.text.contains("x=2")), "{outputs:?}");

    // With itself everything is the same, and whatever has the same checksum and words is.
    let (same, outputs) = compared(&first, &first);
    assert_eq!((same.first, same.ends, outputs), (None, Vec::new(), Default::default()));
    let mut parted = 0;
    for seed in 1..=30 {
        let one = parse(&traces::faulty("raft", seed)).unwrap();
        for twin in one.entry.twins {
            let mut other = one.clone();
            other.choices.twins = vec![twin.name];
            let runs = play_both(&one, &other);
            let first = compare([&runs[0], &runs[1]]).first;
            let lines = runs.map(|run| run.lines(0, run.records().len()));
            let told = |line: &Line| (line.transcript(), line.record.kind);
            let differ = |&place: &usize| lines[0].get(place).map(told) != lines[1].get(place).map(told);
            let place = (0..lines[0].len().max(lines[1].len())).find(differ);
            assert_eq!(first.map(|it| it.event), place, "seed {seed}, {}", twin.name);
            parted += usize::from(place.is_some());
        }
    }
    assert!(parted > 50, "{parted} twins ever did anything else");
}

#[test]
fn branches_compare() {
    let mut session = open(TEXT);
    session.seek_time(1_000_000);
    let here = session.event();
    session.act("crash n3").unwrap();
    let comparison = session.compare(0).unwrap();
    let first = comparison.first.unwrap();
    assert_eq!(first.event, here);
    assert!(first.lines[0].as_ref().unwrap().sentence.starts_with("n3 crashes"));
    assert!(!first.lines[1].as_ref().unwrap().sentence.starts_with("n3 crashes"));
    let state = comparison.ends.iter().find(|it| it.node == NodeId(2) && it.name == "state").unwrap();
    assert_eq!(state.values, [Some("down".into()), Some("up".into())]);
    assert_eq!(session.compare(7), Err("there is no branch 7".into()));
}

/// Of Figure 8 and its wrong twin: the claims that tell them apart.
#[test]
fn claims_tell_a_twin_apart() {
    let entry = find("raft").unwrap();
    let of = |name| entry.presets().iter().find(|preset| preset.name == name).unwrap();
    let [one, other] = ["figure-8", "figure-8-unsafe"].map(|name| parse(of(name).text).unwrap());
    let (comparison, outputs) = compared(&one, &other);
    let differ: Vec<_> =
        comparison.claims.iter().filter(|it| it.differs()).map(|it| it.name.as_str()).collect();
    assert_eq!(differ, ["Leader Completeness", "State Machine Safety"]);
    assert!(outputs[1].first.iter().any(|told| told.text == "Applied 2@2: Put x=2"), "{outputs:?}");
}

/// Two protocols under the same acts: every claim of either stands there once.
#[test]
fn what_is_done_to_one_protocol_is_done_to_another() {
    let raft = parse(
        "faultline 2\nprotocol raft\nnodes 9\nseed 3\nloss 1%\nset election-min 200ms\nuntil 3s\n\
         at 1s/2 crash n2\nat 1.5s fire n1 Election\nat 2s cut n1|n2,n3\nat 2.5s n1 Put x=1\n",
    )
    .unwrap();
    let (commit, left_out) = raft.under(find("two-phase-commit").unwrap());
    assert_eq!(left_out, ["n1 Put x=1"]);
    assert_eq!(
        commit.to_string(),
        "faultline 2\nprotocol two-phase-commit\nnodes 9\nseed 3\nloss 1%\nuntil 3s\n\
         at 1s crash n2\nat 1.5s fire n1 Election\nat 2s cut n1|n2,n3\n"
    );
    // Where there may not be as many nodes, there are as many as there may be.
    let many = Scenario { nodes: 51, ..raft.clone() };
    let most = find("two-phase-commit").unwrap().info.nodes.2;
    assert_eq!(many.under(find("two-phase-commit").unwrap()).0.nodes, most);
    // To itself everything is done.
    let (again, left_out) = raft.under(raft.entry);
    assert_eq!((again.acts.len(), left_out.len()), (4, 0));
}

#[test]
fn protocols_compare() {
    let acts = "nodes 4\nuntil 1s\nat 500ms crash n2\n";
    let [one, other] = ["raft", "two-phase-commit"]
        .map(|slug| parse(&format!("faultline 2\nprotocol {slug}\n{acts}")).unwrap());
    let (comparison, _) = compared(&one, &other);
    let of = |side: usize| comparison.claims.iter().filter(|it| it.standings[side].is_some()).count();
    assert_eq!((of(0), of(1)), (one.entry.claims().len(), other.entry.claims().len()));
    assert!(comparison.first.is_some() && !comparison.claims.iter().any(ClaimPair::differs));
    assert_eq!(comparison.measures[1].messages.len(), other.entry.kinds.len());
}
