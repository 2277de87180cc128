//! A session: branches, steps back, acts that are moved, why something is as it is, two runs side by side.

#![allow(clippy::unwrap_used)] // What cannot be unwrapped has failed the test.

use faultline_core::compare::{ClaimPair, Comparison, Outputs, compare, compare_outputs, play_both};
use faultline_core::session::{Branch, MOST_BRANCHES, MOST_STEPS_BACK};
use faultline_core::sim::Run;
use faultline_core::trace::{Flags, Line, NO_CAUSE, What};
use faultline_core::view::{Fact, MOST_WORDED, MessageView, WhyStep};
use faultline_core::{NodeId, Scenario, Session};
use faultline_probe::traces;
use faultline_tests::{find, parse};
use std::collections::BTreeSet;

/// Five servers, and a crash and a restart that stay in the future of most tests.
const TEXT: &str =
    "faultline 1\nprotocol raft\nnodes 5\nseed 3\nask 100ms\nuntil 3s\nat 2s crash n1\nat 2.5s restart n1\n";

fn open(text: &str) -> Session {
    Session::new(parse(text).unwrap())
}

/// What a session plays is what its branch says, from whatever it was made.
fn is_sound(session: &Session) {
    let branch = session.branches().iter().find(|branch| branch.id == session.branch()).unwrap();
    assert_eq!(branch.scenario.to_string(), session.scenario().to_string());
    let fresh = Run::new(session.scenario().clone(), session.run().horizon());
    assert!(fresh.records() == session.run().records(), "{}", session.scenario());
    let mut walked = Session::new(session.scenario().clone());
    walked.seek_event(session.event());
    let (mut here, there) = (session.view(), walked.view());
    (here.time, here.horizon, here.events) = (there.time, there.horizon, there.events);
    here.caption.clone_from(&there.caption);
    assert_eq!(here, there);
}

fn names(session: &Session) -> Vec<(&str, Option<u32>)> {
    session.branches().iter().map(|branch| (branch.name.as_str(), branch.parent)).collect()
}

#[test]
fn an_act_at_the_head_extends_and_one_in_the_past_opens_a_branch() {
    let mut session = open(TEXT);
    session.seek_time(2_700_000);
    session.act("crash n2").unwrap();
    assert_eq!(names(&session), [("as opened", None)]);
    session.seek_time(1_000_000);
    let (here, before) = (session.event(), session.scenario().to_string());
    session.act("crash n3").unwrap();
    assert_eq!(names(&session), [("as opened", None), ("crash n3 at 1s", Some(0))]);
    let Branch { left_at, left, scenario, .. } = &session.branches()[1];
    assert_eq!((*left_at, session.event(), session.branch()), (here, here + 1, 1));
    assert_eq!(*left, session.run().records()[here - 1].time);
    // What was to come stays to come, in both.
    assert_eq!(scenario.acts.len(), 4);
    assert_eq!(session.branches()[0].scenario.to_string(), before);
    is_sound(&session);
    // At the head of the branch it grows again.
    session.seek_time(2_800_000);
    session.act("restart n3").unwrap();
    assert_eq!(session.branches().len(), 2);
    is_sound(&session);
}

#[test]
fn switching_keeps_the_playhead_where_both_are_the_same() {
    let mut session = open(TEXT);
    session.seek_time(1_000_000);
    session.act("crash n3").unwrap();
    session.seek_time(700_000);
    let event = session.event();
    session.switch(0).unwrap();
    assert_eq!((session.branch(), session.time(), session.event()), (0, 700_000, event));
    is_sound(&session);
    session.seek_time(2_900_000);
    session.switch(1).unwrap();
    assert_eq!(session.time(), 2_900_000);
    is_sound(&session);
    assert!(session.undo());
    assert_eq!((session.branch(), session.time()), (0, 2_900_000));
    is_sound(&session);
    assert_eq!(session.switch(9), Err("there is no branch 9".into()));
}

#[test]
fn steps_back_go_back_through_everything_and_forth_again() {
    let mut session = open(TEXT);
    let mut seen = vec![state(&session)];
    for nth in 0..8 {
        session.seek_time(400_000 + 50_000 * nth);
        // The playhead is part of what a step back goes back to.
        *seen.last_mut().unwrap() = state(&session);
        match nth {
            0 => session.act("crash n4").unwrap(),
            1 => session.amend("seed 9").unwrap(),
            2 => session.switch(1).unwrap(),
            3 => session.rename(1, "  without n4 ").unwrap(),
            4 => session.remove_act(0).unwrap(),
            5 => drop(session.move_act(0, 1_200_000).unwrap()),
            6 => session.close(0).unwrap(),
            _ => session.edit("faultline 1\nprotocol two-phase-commit\n").unwrap(),
        }
        is_sound(&session);
        seen.push(state(&session));
    }
    assert_eq!(seen[4].0[1].1, "without n4");
    for earlier in seen[..8].iter().rev() {
        assert!(session.undo());
        assert_eq!(&state(&session), earlier);
        is_sound(&session);
    }
    assert!(!session.undo());
    for _ in 0..8 {
        assert!(session.redo());
    }
    assert!(!session.redo());
    assert_eq!(state(&session), seen[8]);
}

type State = (Vec<(u32, String, Option<u32>, usize, String)>, u32, u64, usize);

fn state(session: &Session) -> State {
    let branch = |it: &Branch| (it.id, it.name.clone(), it.parent, it.left_at, it.scenario.to_string());
    let branches = session.branches().iter().map(branch).collect();
    (branches, session.branch(), session.time(), session.event())
}

/// Settings in a row are one branch; something done in it makes it one to keep.
#[test]
fn settings_open_a_branch_once() {
    let mut session = open(TEXT);
    for words in ["seed 4", "seed 5", "loss 5%"] {
        session.amend(words).unwrap();
        is_sound(&session);
    }
    assert_eq!(names(&session), [("as opened", None), ("loss 5%", Some(0))]);
    session.seek_time(2_700_000);
    session.act("crash n2").unwrap();
    session.amend("seed 6").unwrap();
    assert_eq!(names(&session)[2], ("seed 6", Some(1)));
    // The length and the title are no setting of what happens.
    session.amend("until 4s").unwrap();
    assert_eq!((session.branches().len(), session.run().horizon()), (3, 4_000_000));
    is_sound(&session);
}

/// How many events two branches share stays true whatever is done to either.
#[test]
fn branches_share_what_they_say() {
    let mut session = open(TEXT);
    session.seek_time(1_500_000);
    session.act("crash n3").unwrap();
    session.seek_time(1_800_000);
    session.act("crash n4").unwrap();
    shares(&session);
    // The middle one goes: what left it now leaves the first, no later than it did.
    session.close(1).unwrap();
    assert_eq!(session.branches()[1].parent, Some(0));
    shares(&session);
    session.switch(0).unwrap();
    session.move_act(0, 600_000).unwrap();
    shares(&session);
    assert!(session.branches()[1].left <= 600_000);
    session.close(0).unwrap();
    assert_eq!(session.close(2), Err("this is the only branch".into()));
    is_sound(&session);
}

fn shares(session: &Session) {
    for branch in session.branches() {
        let Some(parent) = session.branches().iter().find(|it| Some(it.id) == branch.parent) else {
            continue;
        };
        let [one, other] = [branch, parent].map(|it| Run::new((*it.scenario).clone(), 3_000_000));
        assert_eq!(one.lines(0, branch.left_at), other.lines(0, branch.left_at), "{}", branch.name);
        assert!(branch.left_at > 0);
    }
}

#[test]
fn branches_and_steps_back_are_bounded() {
    let mut session = open(TEXT);
    for nth in 1..MOST_BRANCHES {
        session.seek_time(1_000_000 + nth as u64);
        session.act(if nth % 2 == 1 { "crash n3" } else { "restart n3" }).unwrap();
    }
    let before = state(&session);
    let refused = session.act("crash n4").unwrap_err();
    assert_eq!(refused, "64 branches are open, and more there cannot be; close one");
    assert_eq!(state(&session), before);
    for nth in 0..MOST_STEPS_BACK {
        session.rename(0, &format!("name {nth}")).unwrap();
    }
    assert_eq!((0..=MOST_STEPS_BACK).filter(|_| session.undo()).count(), MOST_STEPS_BACK);
    // With ten thousand acts a scenario is large, and only sixteen are kept.
    let acts: Vec<_> = (0..10_000).map(|nth| format!("at {nth}us heal\n")).collect();
    let mut session = open(&format!("faultline 1\nprotocol raft\nuntil 20ms\n{}", acts.concat()));
    for nth in 0..20 {
        session.remove_act(nth).unwrap();
    }
    assert_eq!((0..20).filter(|_| session.undo()).count(), 16);
}

#[test]
fn acts_are_marks_that_can_be_moved_and_taken_away() {
    let mut session = open(&(TEXT.to_owned() + "at 1s restart n2\nat 9s heal\nexpect holds log-matching\n"));
    let acts = session.acts();
    let told: Vec<_> =
        acts.iter().map(|act| (act.time, act.words.as_str(), act.refused.as_deref())).collect();
    assert_eq!(
        told,
        [
            (1_000_000, "restart n2", Some("n2 is up already")),
            (2_000_000, "crash n1", None),
            (2_500_000, "restart n1", None),
            (9_000_000, "heal", None),
        ]
    );
    assert_eq!(acts[3].event, None);
    let line = session.lines(acts[1].event.unwrap(), acts[1].event.unwrap() + 1);
    assert!(line[0].sentence.starts_with("n1 crashes"), "{}", line[0].sentence);
    session.seek_time(2_900_000);
    // The restart comes before the crash, and does nothing there.
    assert_eq!(session.move_act(2, 1_900_000), Ok(1));
    assert_eq!(session.acts()[1].refused.as_deref(), Some("n1 is up already"));
    assert_eq!((session.time(), session.scenario().expectations.len()), (2_900_000, 0));
    is_sound(&session);
    session.remove_act(2).unwrap();
    assert_eq!(session.acts().iter().filter(|act| act.words == "crash n1").count(), 0);
    is_sound(&session);
    assert_eq!(session.remove_act(3), Err("there is no act 4; there are 3".into()));
    assert_eq!(session.move_act(7, 0), Err("there is no act 8; there are 3".into()));
}

#[test]
fn the_text_can_be_rewritten_and_the_playhead_stays() {
    let mut session = open(TEXT);
    session.seek_time(2_200_000);
    session.edit(&TEXT.replace("at 2s crash n1", "at 1.7s crash n2")).unwrap();
    assert_eq!((session.branches().len(), session.time()), (1, 2_200_000));
    is_sound(&session);
    let before = state(&session);
    let complaint = session.edit("faultline 1\nprotocol raft\nat 1s fly n1\n").unwrap_err();
    assert_eq!((complaint.line, state(&session)), (3, before));
    session.edit(&TEXT.replace("seed 3", "seed 4")).unwrap();
    assert_eq!((session.branches().len(), session.time()), (2, 0));
    is_sound(&session);
}

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
    let text = "faultline 1\nprotocol raft\nnodes 3\nseed 2\nask 0s\nuntil 2s\n";
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
        for twin in one.entry.twins() {
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
    let of = |name| entry.presets.iter().find(|preset| preset.name == name).unwrap();
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
        .map(|slug| parse(&format!("faultline 1\nprotocol {slug}\n{acts}")).unwrap());
    let (comparison, _) = compared(&one, &other);
    let of = |side: usize| comparison.claims.iter().filter(|it| it.standings[side].is_some()).count();
    assert_eq!((of(0), of(1)), (one.entry.claims().len(), other.entry.claims().len()));
    assert!(comparison.first.is_some() && !comparison.claims.iter().any(ClaimPair::differs));
    assert_eq!(comparison.measures[1].messages.len(), other.entry.kinds.len());
}

fn why(session: &Session, node: u32, fact: Fact) -> Vec<WhyStep> {
    let steps = session.why(NodeId(node), fact).unwrap();
    let records = session.run().records();
    for pair in steps.windows(2) {
        assert!(pair[0].line.index > pair[1].line.index);
    }
    assert_eq!(records[steps.last().unwrap().line.index].cause, NO_CAUSE);
    steps
}

fn whats(steps: &[WhyStep]) -> Vec<(What, u32)> {
    steps.iter().map(|step| (step.line.record.what, step.line.record.node)).collect()
}

/// A leader leads because a vote arrived, because it was asked for, because nobody had been heard.
#[test]
fn a_leader_leads_because_of_votes_and_a_timer() {
    let mut session = open("faultline 1\nprotocol raft\nnodes 3\nseed 4\nuntil 2s\n");
    session.seek_time(2_000_000);
    let view = session.view();
    let leader = view.nodes.iter().position(|node| node.card.role == "leader").unwrap() as u32;
    let steps = why(&session, leader, Fact::Role);
    let voter = steps[1].line.record.node;
    assert_ne!(voter, leader);
    assert_eq!(
        whats(&steps),
        [(What::Deliver, leader), (What::Deliver, voter), (What::Fire, leader), (What::Boot, leader)]
    );
    let change = steps[0].change.as_ref().unwrap();
    assert_eq!((change.before.as_deref(), change.after.as_deref()), (Some("candidate"), Some("leader")));
    assert!(steps[0].line.occasion.starts_with("Vote"), "{}", steps[0].line.occasion);
    assert!(steps[..3].iter().all(|step| step.line.rule.is_some()));
    // The follower's term comes from the leader, whose own timer raised it.
    let steps = why(&session, voter, Fact::Field("term"));
    assert_eq!(whats(&steps), [(What::Deliver, voter), (What::Fire, leader), (What::Boot, leader)]);
    assert!(steps[0].change.is_some() && steps[1].change == steps[0].change && steps[2].change.is_none());
    assert_eq!(session.why(NodeId(0), Fact::Field("colour")), Err("colour of n1 has never changed".into()));
}

/// A log's entry exists because somebody asked for it, also where a heartbeat brought it after a loss.
#[test]
fn an_entry_is_there_because_somebody_asked() {
    let mut session = open("faultline 1\nprotocol raft\nnodes 3\nseed 4\nask 0s\nuntil 3s\n");
    session.seek_time(1_500_000);
    let leader = session.view().nodes.iter().position(|node| node.card.role == "leader").unwrap() as u32;
    let follower = (leader + 1) % 3;
    let name = |node: u32| NodeId(node).to_string();
    for lost in [false, true] {
        session.act(&format!("{} Put x=7", name(leader))).unwrap();
        let asked = session.event() - 1;
        if lost {
            let mut sent = session.view().messages.into_iter();
            let to = |it: &MessageView| it.cause == asked && it.to == NodeId(follower);
            session.act(&format!("drop {}", sent.find(to).unwrap().name)).unwrap();
        }
        session.seek_time(session.time() + 500_000);
        let index = session.view().nodes[follower as usize].card.log.len() as u64;
        assert_eq!(index, 1 + u64::from(lost));
        let steps = why(&session, follower, Fact::Cell(index));
        let put = steps.last().unwrap();
        assert_eq!((put.line.index, put.line.record.what), (asked, What::Input));
        assert!(put.line.record.flags.has(Flags::ACT));
        assert_eq!(steps.iter().filter(|step| step.change.is_some()).count(), 2);
        // What was lost came again, with an event of its own between.
        assert_eq!(steps.len() > 2, lost, "{:?}", whats(&steps));
        assert!(why(&session, follower, Fact::Row("x")).len() > 1);
    }
}

/// A chain that is long is told from both ends, a timer that sets itself again and again by its first and last time, and
/// it is said how much is between.
#[test]
fn a_long_chain_says_what_it_leaves_out() {
    let mut session = open("faultline 1\nprotocol raft\nnodes 3\nseed 4\nuntil 60s\n");
    session.seek_time(60_000_000);
    let last = session.event() - 1;
    let records = session.run().records();
    let chain: Vec<usize> = std::iter::successors(Some(last), |&event| {
        (records[event].cause != NO_CAUSE).then_some(records[event].cause as usize)
    })
    .collect();
    assert!(chain.len() > 500, "{} events", chain.len());
    let steps = session.why_event(last);
    // The chain leads through all of a leader's heartbeats; two are told, and how many are between.
    let beats = chain.iter().filter(|&&event| records[event].what == What::Fire).count() - 1;
    let said = format!("and so on, through {} earlier events, back to", beats - 2);
    let skipped: Vec<_> = steps.iter().filter_map(|step| step.skipped.clone()).collect();
    assert_eq!(skipped, [said]);
    assert_eq!(steps.len(), chain.len() - (beats - 2));
    let last_step = steps.last().unwrap();
    assert_eq!((steps[0].line.index, last_step.line.record.cause), (last, NO_CAUSE));
    assert!(session.why_event(usize::MAX).is_empty());
}

/// A timer that somebody fired leads no further back: that it was set once is not why it fired.
#[test]
fn a_chain_ends_at_what_somebody_did() {
    let mut session =
        open("faultline 2\nprotocol raft\nnodes 3\nseed 4\nuntil 2s\nat 10ms fire n2 Election\n");
    session.seek_time(1_000_000);
    let steps = session.why(NodeId(1), Fact::Role).unwrap();
    let begin = steps.last().unwrap().line.record;
    assert_eq!((begin.what, begin.node, begin.time), (What::Fire, 1, 10_000));
    assert!(begin.flags.has(Flags::ACT));
}

/// Looking back finds the event that walking forward saw change the fact last, whatever the fact and the moment.
#[test]
fn looking_back_finds_what_walking_forward_saw() {
    let mut asked = 0;
    for (slug, seed) in [("raft", 1), ("raft", 2), ("raft", 3), ("two-phase-commit", 4)] {
        let mut session = open(&traces::faulty(slug, seed));
        let names: BTreeSet<&str> = (0..session.run().records().len())
            .step_by(50)
            .flat_map(|event| {
                session.seek_event(event);
                session
                    .view()
                    .nodes
                    .into_iter()
                    .flat_map(|node| node.card.fields.clone())
                    .map(|field| field.name)
            })
            .collect();
        let facts: Vec<Fact> = names
            .iter()
            .map(|name| Fact::Field(name))
            .chain([Fact::Role, Fact::Cell(1), Fact::Cell(3), Fact::Row("x")])
            .collect();
        session.seek_event(0);
        let mut seen: Vec<_> =
            facts.iter().flat_map(|&fact| (0..5).map(move |node| (node, fact, None, None))).collect();
        for event in 0..session.run().records().len() {
            session.seek_event(event + 1);
            let view = session.view();
            for (node, fact, value, changed) in &mut seen {
                let now = fact.of(&view.nodes[*node as usize].card);
                if now != *value {
                    (*value, *changed) = (now, Some(event));
                }
                if event % 61 == 0 {
                    let found = session.why(NodeId(*node), *fact).ok().map(|steps| steps[0].line.index);
                    assert_eq!(found, *changed, "{fact} of n{} after {event}", *node + 1);
                    asked += usize::from(found.is_some());
                }
            }
        }
    }
    assert!(asked > 500, "{asked}");
}

/// A round ends with the last message that was in flight when it began, and no event earlier.
#[test]
fn a_round_ends_what_was_in_flight() {
    let mut session = open(&traces::faulty("raft", 5));
    let mut lengths = Vec::new();
    for _ in 0..60 {
        let (here, before) = (session.event(), session.view().messages);
        session.step_round(true);
        let (there, after) = (session.event(), session.view().messages);
        assert!(there > here && after.iter().all(|it| before.iter().all(|known| known.id != it.id)));
        if before.is_empty() {
            assert_eq!(there, here + 1);
        } else {
            session.seek_event(there - 1);
            let last = session.view().messages;
            assert!(last.iter().any(|it| before.iter().any(|known| known.id == it.id)));
            session.seek_event(there);
        }
        lengths.push(there - here);
        // Back is to where the oldest message now in flight was not sent yet, and a round from there is over by now.
        session.step_round(false);
        let back = session.event();
        assert!(back < there && after.iter().all(|it| it.cause >= back));
        session.step_round(true);
        assert!(session.event() <= there);
        session.seek_event(there);
    }
    assert!(lengths.iter().any(|&length| length > 4), "{lengths:?}");
    // What is held is not waited for, and nothing is for ever.
    let mut session =
        open("faultline 1\nprotocol raft\nnodes 3\nmanual\nat 0s fire n1 Election\nat 1ms hold n1>n2\n");
    session.seek_time(1_000);
    for _ in 0..5 {
        session.step_round(true);
    }
    assert_eq!(session.event(), session.run().records().len());
    assert!(session.view().messages.iter().any(|it| it.held));
}

/// Of messages that are alike the first sent is the first, and a name means the message that bears it.
#[test]
fn names_of_messages_count_what_is_alike() {
    for (ask, is_crowd) in [("2ms", false), ("1ms", true)] {
        let mut session = open(&format!(
            "faultline 1\nprotocol raft\nnodes 5\nask {ask}\nuntil 1s\nat 500ms hold n1|n2|n3|n4|n5\n"
        ));
        session.seek_time(1_000_000);
        let messages = session.view().messages;
        assert!(messages.len() > 200 && (messages.len() > MOST_WORDED) == is_crowd, "{}", messages.len());
        for (place, message) in messages.iter().enumerate() {
            let link = |it: &MessageView| (it.from, it.to, it.kind);
            let nth = messages[..place].iter().filter(|it| link(it) == link(message)).count() + 1;
            let name = format!("{}>{} {}", message.from, message.to, message.kind.name);
            let name = if nth > 1 { format!("{name}#{nth}") } else { name };
            assert_eq!(session.message(message.id).unwrap().name, name);
            // In a crowd a message bears its name only when it is asked for.
            assert_eq!(message.name, if is_crowd { "" } else { &name });
        }
        let (last, count) = (messages.last().unwrap(), messages.len());
        session.act(&format!("drop {}", session.message(last.id).unwrap().name)).unwrap();
        let left = session.view().messages;
        assert!(left.len() == count - 1 && left.iter().all(|it| it.id != last.id));
    }
}

/// A chart counts every message once, and those in flight as a view does.
#[test]
fn charts_count_every_message() {
    for seed in 1..=10 {
        let mut session = open(&traces::faulty("raft", seed));
        let series = session.traffic(40);
        let kinds = session.scenario().entry.kinds.len();
        assert_eq!((series.len(), series[0].measured.len()), (kinds + 1, 40));
        let horizon = session.run().horizon();
        session.seek_time(horizon);
        let ended = session.run().records().iter().filter(|record| record.what.ends_message()).count();
        let sent: u64 = series[..kinds].iter().flat_map(|it| &it.measured).map(|point| point.1).sum();
        assert_eq!(sent as usize, ended + session.view().messages.len());
        for pair in series[kinds].measured.windows(2) {
            session.seek_time(pair[1].0 - 1);
            assert_eq!(session.view().messages.len() as u64, pair[0].1);
        }
    }
}
