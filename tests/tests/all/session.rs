//! A session: branches, steps back, acts that are moved, rounds, the names of messages, charts.

#![allow(clippy::unwrap_used)] // What cannot be unwrapped has failed the test.

use faultline_core::NodeId;
use faultline_core::Session;
use faultline_core::card::Fact;
use faultline_core::session::{Branch, Found, MOST_BRANCHES, MOST_STEPS_BACK, Target};
use faultline_core::sim::Run;
use faultline_core::view::{MOST_WORDED, MessageView};
use faultline_probe::traces;
use faultline_tests::parse;

/// Five servers, and a crash and a restart that stay in the future of most tests.
pub(crate) const TEXT: &str =
    "faultline 2\nprotocol raft\nnodes 5\nseed 3\nask 100ms\nuntil 3s\nat 2s crash n1\nat 2.5s restart n1\n";

pub(crate) fn open(text: &str) -> Session {
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
            _ => session.edit("faultline 2\nprotocol two-phase-commit\n").unwrap(),
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
    assert_eq!(refused, "64 branches are open, which is the limit; close one first");
    assert_eq!(state(&session), before);
    for nth in 0..MOST_STEPS_BACK {
        session.rename(0, &format!("name {nth}")).unwrap();
    }
    assert_eq!((0..=MOST_STEPS_BACK).filter(|_| session.undo()).count(), MOST_STEPS_BACK);
    // With ten thousand acts a scenario is large, and only sixteen are kept.
    let acts: Vec<_> = (0..10_000).map(|nth| format!("at {nth}us heal\n")).collect();
    let mut session = open(&format!("faultline 2\nprotocol raft\nuntil 20ms\n{}", acts.concat()));
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
    assert_eq!(session.remove_act(3), Err("there is no act 4; the scenario has 3".into()));
    assert_eq!(session.move_act(7, 0), Err("there is no act 8; the scenario has 3".into()));
}

#[test]
fn the_text_can_be_rewritten_and_the_playhead_stays() {
    let mut session = open(TEXT);
    session.seek_time(2_200_000);
    session.edit(&TEXT.replace("at 2s crash n1", "at 1.7s crash n2")).unwrap();
    assert_eq!((session.branches().len(), session.time()), (1, 2_200_000));
    is_sound(&session);
    let before = state(&session);
    let complaint = session.edit("faultline 2\nprotocol raft\nat 1s fly n1\n").unwrap_err();
    assert_eq!((complaint.line, state(&session)), (3, before));
    session.edit(&TEXT.replace("seed 3", "seed 4")).unwrap();
    assert_eq!((session.branches().len(), session.time()), (2, 0));
    is_sound(&session);
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
        open("faultline 2\nprotocol raft\nnodes 3\nmanual\nat 0s fire n1 Election\nat 1ms hold n1>n2\n");
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
            "faultline 2\nprotocol raft\nnodes 5\nask {ask}\nuntil 1s\nat 500ms hold n1|n2|n3|n4|n5\n"
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

#[test]
fn what_is_not_in_the_run_is_offered_nothing_and_breaks_nothing() {
    let mut session = open(TEXT);
    session.seek_time(500_000);
    let (here, gone) = (NodeId(4), NodeId(6));
    let foreign = [
        Target::Node(gone),
        Target::Link(here, gone),
        Target::Link(gone, here),
        Target::Link(here, here),
        Target::Message(u64::MAX),
    ];
    for target in foreign {
        assert!(!session.has(target), "{target:?}");
        assert_eq!(session.offers(target), [], "{target:?}");
        let nothing = session.find("", Some(target), &[]);
        assert_eq!(nothing, Found::default(), "{target:?}");
    }
    assert!(session.has(Target::Node(here)) && session.has(Target::Link(here, NodeId(0))));
    assert_eq!(session.group_offers(&[here, gone]), session.group_offers(&[here]));
    assert_eq!(session.why(gone, Fact::Role), Ok(Vec::new()));
    assert_eq!(session.why_event(usize::MAX), []);
    assert_eq!(session.message(u64::MAX), None);
    session.focus(&[gone]);
    assert_eq!(session.view().nodes.len(), 5);
}
