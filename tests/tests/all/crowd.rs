//! More nodes than anybody looks at: the View is a glance, full where somebody looks, and no act changes millions of links.

#![allow(clippy::unwrap_used)] // What cannot be unwrapped has failed the test.

use faultline_core::Session;
use faultline_core::name::NodeId;
use faultline_core::view::{Card, Sign};
use faultline_core::world::CROWD;
use faultline_tests::parse;

fn session(nodes: u32, time: u64) -> Session {
    let text = format!(
        "faultline 2\nprotocol gossip\nnodes {nodes}\nset style anti-entropy\nset direction push-pull\nuntil 9s\n\
         at 0s n1 Update 7\n"
    );
    let mut session = Session::new(parse(&text).unwrap());
    session.seek_time(time);
    session
}

#[test]
fn a_crowd_is_seen_at_a_glance() {
    let mut session = session(CROWD + 1, 4_010_000);
    let full = session.view();
    assert!(full.nodes.iter().all(|node| node.card.fields.len() == 4 && node.timers.len() == 1));

    session.focus(&[NodeId(0)]);
    let view = session.view();
    assert_eq!(view.nodes[0], full.nodes[0]);
    let glance = Card { role: "infective", sign: Sign::Telling, ..Card::default() };
    for (seen, known) in view.nodes.iter().zip(&full.nodes).skip(1) {
        assert_eq!((seen.up, seen.card.sign, seen.card.role), (true, known.card.sign, known.card.role));
        assert!(seen.timers.is_empty() && seen.inputs.is_empty() && seen.card.fields.is_empty());
    }
    assert!(view.nodes[1..].iter().any(|node| node.card == glance));

    session.focus(&[NodeId(1)]);
    assert_eq!(session.view().nodes[1], full.nodes[1]);
    assert_eq!(session.view().nodes[0].card, glance);
}

#[test]
fn fewer_are_no_crowd() {
    let mut session = session(CROWD, 4_010_000);
    let full = session.view();
    session.focus(&[]);
    assert_eq!(session.view(), full);
}

#[test]
fn an_act_changes_a_million_links_at_most() {
    let mut session = session(2_000, 10_000);
    let half: Vec<_> = (1..=1_000).map(|node| format!("n{node}")).collect();
    for act in [format!("cut {}|n1001", half.join(",")), "link loss 5%".into()] {
        assert!(session.act(&act).unwrap_err().contains("more than a million links"), "{act}");
    }
    // One against all others is few enough, and what is cut stays cut.
    session.act("cut n1|n2").unwrap();
    assert_eq!(session.view().cuts.len(), 2 * 1_999 + 2 * 1_998);
    session.seek_time(9_000_000);
    session.focus(&[]);
    assert!(session.view().nodes[1..].iter().all(|node| node.card.sign == Sign::Idle));
    session.act("heal").unwrap();
    session.act("link normal").unwrap();
    assert!(session.view().cuts.is_empty());
}

#[test]
fn a_crowd_is_learnt_in_slices() {
    let scenario = session(2_000, 0).scenario().clone();
    let whole = Session::new(scenario.clone());
    let mut sliced = Session::begin(scenario);
    assert_eq!((sliced.run().records().len(), sliced.run().horizon()), (0, 0));
    // A few nodes have booted: that many are seen, and what is done now is done when all have.
    assert!(sliced.learn(10));
    sliced.play_to(0);
    assert_eq!(sliced.view().nodes.iter().filter(|node| node.up).count(), 10);
    let early = sliced.scenario().to_string();
    sliced.act("crash n7").unwrap();
    assert_eq!(sliced.event(), 11);
    assert_eq!(sliced.view().nodes.iter().filter(|node| node.up).count(), 9);
    sliced.undo();
    assert_eq!(sliced.scenario().to_string(), early);

    while sliced.learn(1_000) {}
    let until = whole.scenario().until;
    let known = |session: &Session| session.run().records()[..session.run().events_until(until)].to_vec();
    assert_eq!(known(&sliced), known(&whole));
    sliced.seek_time(until);
    let mut whole = whole;
    whole.seek_time(until);
    assert_eq!(sliced.view().nodes, whole.view().nodes);
}

#[test]
fn lines_are_read_in_slices() {
    let mut session = session(2_000, 0);
    let (early, late) = (2_010, 9_000);
    let told = |session: &Session, event| session.run().lines(event, event + 1).remove(0);
    assert_eq!(session.line_at(late, 1_000), None);
    let tries = (0..).find_map(|tries| session.line_at(late, 1_000).map(|line| (tries, line)));
    assert_eq!(tries, Some((7, told(&session, late))));
    assert_eq!(session.line_at(early, 5_000), Some(told(&session, early)));
}

#[test]
fn curves_are_sampled_in_slices() {
    let session = session(2_000, 0);
    let sampled = |most: usize| {
        let mut samples = session.samples();
        while !session.sample(&mut samples, most) {}
        session.curves(&samples)
    };
    let curves = sampled(100);
    assert_eq!(curves, sampled(usize::MAX));
    assert!(curves.iter().any(|curves| curves.measured.len() > 100));
}
