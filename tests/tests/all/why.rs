//! Why something is as it is: the chain of events that made it so.
#![allow(clippy::unwrap_used)] // What cannot be unwrapped has failed the test.

use crate::session::open;
use faultline_core::trace::{Flags, NO_CAUSE, Record, What};
use faultline_core::view::{Absence, Fact, MessageView, WhyStep};
use faultline_core::{NodeId, Session};
use faultline_probe::traces;
use std::collections::BTreeSet;

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
    let mut session = open("faultline 2\nprotocol raft\nnodes 3\nseed 4\nuntil 2s\n");
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
    let mut session = open("faultline 2\nprotocol raft\nnodes 3\nseed 4\nask 0s\nuntil 3s\n");
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
    let mut session = open("faultline 2\nprotocol raft\nnodes 3\nseed 4\nuntil 60s\n");
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

/// The first timer that fired in place of something that did not come, and what that is.
fn missed(session: &Session) -> Option<(Record, Vec<Absence>)> {
    let fires = session.run().records().iter().enumerate().filter(|(_, it)| it.what == What::Fire);
    let absent = |event| session.why_event(event).remove(0).absent;
    fires.map(|(event, fired)| (*fired, absent(event))).find(|(_, absent)| !absent.is_empty())
}

/// Whether the same timer fires at the same time in another run, after the same cause.
fn fires(session: &Session, fired: Record) -> bool {
    let same = |it: &Record| {
        (it.what, it.node, it.time, it.cause) == (What::Fire, fired.node, fired.time, fired.cause)
    };
    session.run().records().iter().any(same)
}

const ELECTED: &str =
    "faultline 2\nprotocol raft\nnodes 3\nlatency 10ms\nask 0s\nuntil 2s\nat 10ms fire n1 Election\n";

/// A follower stands for election because the leader stopped, or because its heartbeats were lost; and it does not where they were
/// not.
#[test]
fn a_timer_fires_because_something_did_not_come() {
    let lost = |how: &str| format!("Append from n1 would have set this timer again, but it was lost{how}");
    let cases = [
        ("crash n1", "Append from n1 last set this timer, but n1 crashed at 0.500 s".to_owned()),
        ("pause n1", "Append from n1 last set this timer, but n1 was paused at 0.500 s".to_owned()),
        ("cut n1|n2,n3", lost(" on the cut link")),
        ("lose n1>n2 Append until 2s", lost("")),
    ];
    let mut right = open(ELECTED);
    right.seek_time(2_000_000);
    assert!(missed(&right).is_none());
    for (act, expected) in cases {
        let mut session = open(&format!("{ELECTED}at 500ms {act}\n"));
        session.seek_time(2_000_000);
        let (fired, absent) = missed(&session).unwrap();
        assert!(absent.iter().any(|it| it.sentence == expected), "{act}: {absent:?}");
        assert!(!fires(&right, fired), "{act}: the timer fires all the same");
    }
}

/// What is named is a cause, whatever the run: without the act that it names the timer does not fire then. Only the stop of a leader
/// is named, not that of a follower.
#[test]
fn what_did_not_come_would_have_kept_the_timer() {
    let mut named = [0; 2];
    for (seed, node, verb) in
        (1..=20).flat_map(|seed| (1..=5).flat_map(move |node| [(seed, node, "crash"), (seed, node, "pause")]))
    {
        let text =
            format!("faultline 2\nprotocol raft\nseed {seed}\nuntil 1500ms\nat 10ms fire n2 Election\n");
        let mut session = open(&format!("{text}at {}ms {verb} n{node}\n", 600 + 7 * seed));
        session.seek_time(1_500_000);
        let missed = missed(&session);
        named[usize::from(node == 2)] += usize::from(missed.is_some());
        let Some((fired, absent)) = missed else { continue };
        assert!(
            absent.iter().all(|it| session.run().records()[it.event].flags.has(Flags::ACT)),
            "{absent:?}"
        );
        let mut without = open(&text);
        without.seek_time(1_500_000);
        assert!(!fires(&without, fired), "seed {seed}, {verb} n{node}: {absent:?}");
    }
    assert_eq!(named, [0, 40]);
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
