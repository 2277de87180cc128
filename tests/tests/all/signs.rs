//! What the view works out of signs by comparing nodes: which versions are the newest, and where two stories are told.

#![allow(clippy::unwrap_used)] // What cannot be unwrapped has failed the test.

use faultline_core::Session;
use faultline_core::view::{Face, NodeView, View};
use faultline_tests::{find, parse};

fn preset(slug: &str, name: &str) -> Session {
    let preset = find(slug).unwrap().presets().iter().find(|preset| preset.name == name).unwrap();
    Session::new(parse(preset.text).unwrap())
}

/// The tags of a view: node, what it holds, for whom, and whether it is the newest.
fn tags(view: &View) -> Vec<String> {
    let of = |node: &NodeView| {
        let id = node.id;
        node.card.holds.iter().map(move |held| format!("{id} {}", held.in_words())).collect::<Vec<_>>()
    };
    view.nodes.iter().flat_map(|node| of(node)).collect()
}

/// n1 writes twice, then n2 and n3 write without knowing of each other.
#[test]
fn a_version_is_the_newest_until_a_node_that_is_up_holds_a_newer_one() {
    let mut session = preset("quorum-kv", "siblings");
    session.seek_time(69_999);
    assert_eq!(
        tags(&session.view()),
        ["n5 a = 1 [1], the newest", "n6 a = 1 [1], the newest", "n7 a = 1 [1], the newest"]
    );
    // The second write arrives at one home after the other.
    session.step(true);
    let first = tags(&session.view());
    assert_eq!(first.iter().filter(|tag| tag.ends_with("a = 2 [2], the newest")).count(), 1, "{first:?}");
    assert_eq!(first.iter().filter(|tag| tag.ends_with("a = 1 [1], older")).count(), 2, "{first:?}");
    let newest = first.iter().find(|tag| tag.ends_with("the newest")).unwrap();
    let holder = newest.split(' ').next().unwrap();
    session.act(&format!("crash {holder}")).unwrap();
    let crashed = tags(&session.view());
    assert!(crashed.contains(&format!("{holder} a = 2 [2], older")), "it is down: {crashed:?}");
    assert_eq!(crashed.iter().filter(|tag| tag.ends_with("a = 1 [1], the newest")).count(), 2, "{crashed:?}");

    // Neither sibling is older than the other.
    session = preset("quorum-kv", "siblings");
    session.seek_time(330_000);
    let siblings = tags(&session.view());
    assert_eq!(siblings.len(), 6, "{siblings:?}");
    assert!(siblings.iter().all(|tag| tag.ends_with("the newest")), "{siblings:?}");
}

#[test]
fn a_hint_says_for_whom_it_is_kept() {
    let session = preset("quorum-kv", "sloppy");
    assert_eq!(tags(&session.view())[0], "n4 a = 7 [1] for n6, the newest");
}

/// The primary tells n2 the order that it goes by, and n3 and n4 the opposite one.
#[test]
fn two_stories_are_told_apart_as_long_as_nodes_go_by_them() {
    let faces = |session: &Session| -> Vec<String> {
        let view = session.view();
        let told = view.messages.iter().filter(|message| message.story.is_some());
        told.map(|message| {
            let story = message.story.as_ref().unwrap();
            format!("{} {} {:?}", message.name, story.says, story.face)
        })
        .collect()
    };
    let mut session = preset("pbft", "equivocation");
    session.seek_time(25_000);
    assert_eq!(
        faces(&session),
        [
            "n1>n2 PrePrepare 1 is n5’s x=1 Some(One)",
            "n1>n3 PrePrepare 1 is n6’s x=2 Some(Other)",
            "n1>n4 PrePrepare 1 is n6’s x=2 Some(Other)",
            "n1>n2 PrePrepare#2 2 is n6’s x=2 Some(One)",
            "n1>n3 PrePrepare#2 2 is n5’s x=1 Some(Other)",
            "n1>n4 PrePrepare#2 2 is n5’s x=1 Some(Other)",
        ]
    );
    // Of the commits there is only one story on its way, but n2 goes by the other.
    session.seek_time(45_000);
    let commits = session.view().messages;
    assert!(!commits.is_empty());
    assert!(commits.iter().all(|it| it.story.as_ref().unwrap().face == Some(Face::Other)));

    // Where nobody lies, nothing contradicts anything.
    let mut honest = preset("pbft", "first-steps");
    let mut stories = 0;
    while honest.time() < honest.scenario().until {
        let before = honest.event();
        honest.step(true);
        if honest.event() == before {
            break;
        }
        let told = faces(&honest);
        stories += told.len();
        assert!(told.iter().all(|words| words.ends_with("None")), "{told:?}");
    }
    assert!(stories > 0);
}
