//! How long leaders of Raft last behind a deaf server or a broken link, and what the claim Leadership says.

use super::{preset, with};
use faultline_core::Scenario;
use faultline_core::nemesis::attack;
use faultline_core::property::Judgement;
use faultline_core::sim::Run;
use faultline_tests::{parse, play};

/// How Leadership stands at the end of a run.
fn leadership(run: &Run) -> Judgement {
    let claims = run.scenario().entry.claims();
    let place = claims.iter().position(|claim| claim.name == "Leadership").unwrap();
    run.verdicts()[place].clone()
}

fn to_its_end(scenario: Scenario) -> Run {
    let until = scenario.until;
    Run::new(scenario, until)
}

/// How many leaders a run elects.
fn leaders(run: &Run) -> usize {
    let lines = run.lines(0, run.records().len());
    lines.iter().flat_map(|line| &line.outputs).filter(|told| told.starts_with("Elected")).count()
}

/// In the run of this seed, n3 is removed while it is cut off, and stands among members that no longer decide.
/// n5, the only one that decides, adds it again and depends on its vote (thesis §4.2.3).
#[test]
fn leadership_is_not_judged_while_a_member_asks_too_few() {
    let settings = ["nodes 5", "set membership single", "set members 3"];
    let found = attack(&with(&settings), 956);
    assert_eq!(found.broken, None);
    let Judgement::Unjudged { why } = leadership(&to_its_end(found.scenario)) else {
        panic!("Leadership is judged")
    };
    assert_eq!(&*why, "a member stands with an earlier set of members, which `pre-vote` prevents");

    let found = attack(&with(&[&settings[..], &["set pre-vote on"]].concat()), 956);
    assert_eq!(found.broken, None);
    // Clients go on to change the members, so at one end or the other an election is going on.
    let until = found.scenario.until;
    let at = |time| leadership(&Run::new(found.scenario.clone(), time));
    let judged: Vec<_> = (0..10).map(|tenths| at(until - tenths * 100_000)).collect();
    assert!(judged.iter().any(|it| matches!(it, Judgement::Reached { .. })), "{judged:?}");
    let is_of_members = |it: &&Judgement| matches!(it, Judgement::Unjudged { why } if why.contains("member"));
    assert_eq!(judged.iter().find(is_of_members), None);
}

/// It is judged where members change and no server asks first, and a twin breaks it there.
#[test]
fn leadership_can_fail_where_members_change() {
    let text = |twin: &str| {
        format!(
            "faultline 2\nprotocol raft\nseed 3\nlatency 10ms\nset membership single\n{twin}until 4s\n\
             at 10ms fire n1 Election\nat 60ms cut n2>n1\nat 60ms cut n3>n1\nat 60ms cut n4>n1\n\
             at 60ms cut n5>n1\nat 95ms fire n3 Trust\nat 95ms fire n4 Trust\nat 95ms fire n5 Trust\n\
             at 100ms fire n2 Election\nat 200ms crash n2\n"
        )
    };
    let (right, wrong) = (play(&text("")), play(&text("twin any-message-resets-timer\n")));
    assert!(matches!(leadership(&right), Judgement::Reached { .. }), "{:?}", leadership(&right));
    assert!(matches!(leadership(&wrong), Judgement::Violated { .. }), "{:?}", leadership(&wrong));
}

/// A deaf leader that steps down stands again and again. As in etcd, the servers that hear from the next
/// leader withhold their votes, so that one lasts.
#[test]
fn check_quorum_alone_makes_a_leader_last() {
    for (name, most) in [("deaf-leader", 2), ("partial-partition", 1)] {
        let mut scenario = preset(name, 0).run().scenario().clone();
        scenario.amend("until 20s").unwrap();
        scenario.amend("set check-quorum on").unwrap();
        let run = to_its_end(scenario);
        assert_eq!(leaders(&run), most, "{name}");
        assert!(matches!(leadership(&run), Judgement::Reached { .. }), "{name}: {:?}", leadership(&run));
    }
}

/// Leadership asks for some leader in the end, and not for one that lasts, as the caption of the run says.
#[test]
fn leadership_does_not_see_that_no_leader_lasts() {
    let entry = preset("partial-partition", 0).run().scenario().to_string();
    for until in ["10s", "10.1s", "10.2s", "20s"] {
        let mut scenario = parse(&entry).unwrap();
        scenario.amend(&format!("until {until}")).unwrap();
        let run = to_its_end(scenario);
        assert!(leaders(&run) > 20, "{} leaders", leaders(&run));
        assert!(!matches!(leadership(&run), Judgement::Violated { .. }), "until {until}");
    }
}
