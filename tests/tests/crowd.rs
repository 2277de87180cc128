//! More nodes than anybody looks at: the View is a glance, full where somebody looks, and no act changes millions of links.

#![allow(clippy::unwrap_used)] // What cannot be unwrapped has failed the test.

use faultline_core::node::NodeId;
use faultline_core::view::{CROWD, Card, Tone};
use faultline_core::{Scenario, Session};

fn session(nodes: u32, time: u64) -> Session {
    let text = format!(
        "faultline 1\nprotocol gossip\nnodes {nodes}\nset style anti-entropy\nset direction push-pull\nuntil 9s\n\
         at 0s n1 Update 7\n"
    );
    let mut session = Session::new(Scenario::parse(&text).unwrap());
    session.seek_time(time);
    session
}

#[test]
fn a_crowd_is_seen_at_a_glance() {
    let mut session = session(CROWD + 1, 4_010_000);
    let view = session.view();
    let glance = Card { role: "infective", tone: Tone::Seeking, ..Card::default() };
    assert_eq!(view.nodes[0].card, glance);
    assert!(view.nodes.iter().all(|node| node.timers.is_empty() && node.inputs.is_empty()));
    assert!(
        view.messages.len() > 100 && view.messages.iter().all(|it| it.name.is_empty() && it.text.is_empty())
    );

    session.focus(&[NodeId(0)]);
    let focused = session.view();
    assert_eq!(focused.nodes[0].card.fields[0].value, "7 of 1@n1");
    assert_eq!((focused.nodes[0].timers.len(), focused.nodes[0].inputs.len()), (1, 2));
    assert_eq!(focused.nodes[1..], view.nodes[1..]);

    let one = &view.messages[0];
    let full = session.message(one.id).unwrap();
    assert_eq!((full.from, full.to, full.sent, full.until), (one.from, one.to, one.sent, one.until));
    assert!(full.name.starts_with(&format!("{}>{} P", one.from, one.to)) && full.text.starts_with('P'));
}

#[test]
fn fewer_are_no_crowd() {
    let view = session(CROWD, 4_010_000).view();
    assert!(view.nodes.iter().all(|node| node.card.fields.len() == 4 && node.timers.len() == 1));
    assert!(view.messages.iter().all(|it| !it.name.is_empty()));
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
    assert!(session.view().nodes[1..].iter().all(|node| node.card.tone == Tone::Plain));
    session.act("heal").unwrap();
    session.act("link normal").unwrap();
    assert!(session.view().cuts.is_empty());
}
