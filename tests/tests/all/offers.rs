//! What may be done is offered, can be done, and is found by what somebody types: every act on every node, link, message
//! and clock, with any amount, whatever is picked.
#![allow(clippy::unwrap_used)] // What cannot be unwrapped has failed the test.

use faultline_core::session::{Found, Offer, Target};
use faultline_core::{NodeId, Session};
use faultline_tests::parse;

/// Raft at a moment at which messages of two kinds are under way.
fn raft() -> Session {
    let mut session = Session::new(parse("faultline 2\nprotocol raft\nseed 42\n").unwrap());
    while session.view().messages.len() < 4 {
        session.step(true);
    }
    session
}

fn found(session: &Session, text: &str) -> Found {
    session.find(text, None, &[])
}

/// The words of what is found first.
fn first(session: &Session, text: &str) -> String {
    let found = found(session, text);
    found.finds.first().map(|find| find.offer.words.clone()).unwrap_or_default()
}

/// Everything that can be pointed at, each with a name that is typed for it.
fn targets(session: &Session) -> Vec<(Target, String)> {
    let view = session.view();
    let nodes = view.nodes.iter().map(|node| (Target::Node(node.id), node.id.to_string()));
    let messages = view.messages.iter().map(|it| (Target::Message(it.id), it.name.clone()));
    let ids: Vec<_> = view.nodes.iter().map(|node| node.id).collect();
    let pairs = ids.iter().flat_map(|one| ids.iter().map(move |other| (*one, *other)));
    let links = pairs.filter(|(one, other)| one < other);
    let links = links.map(|(one, other)| (Target::Link(one, other), format!("{one}-{other}")));
    nodes.chain(messages).chain(links).collect()
}

#[test]
fn every_offer_can_be_done_and_is_found_with_nothing_picked() {
    let mut session = raft();
    for words in ["take over n2", "pause n3", "cut n1>n4", "hold n2-n5", "link n1-n2 loss 5%", "crash n4"] {
        session.act(words).unwrap();
    }
    let mut count = 0;
    for (target, name) in targets(&session) {
        for offer in session.offers(target) {
            session.act(&offer.words).unwrap_or_else(|sentence| panic!("{}: {sentence}", offer.words));
            assert!(session.undo());
            let text = format!("{} {name}", offer.label);
            let found = found(&session, &text);
            let there = found.finds.iter().any(|find| find.offer.words == offer.words);
            assert!(there, "`{text}` does not find `{}` but {:?}", offer.words, found.finds);
            count += 1;
        }
    }
    assert!(count >= 150, "{count}");
}

#[test]
fn words_find_nodes_links_and_messages_with_the_amount_that_is_typed() {
    let session = raft();
    let message = &session.view().messages[0];
    let (from, to, kind) = (message.from, message.to, message.kind.name);
    let typed = format!("delay {} {from} {to}", kind.to_lowercase());
    assert_eq!(first(&session, &typed), format!("delay {} by 20ms", message.name));
    assert_eq!(first(&session, &format!("{typed} 35ms")), format!("delay {} by 35ms", message.name));
    for (text, words) in [
        ("crash n3", "crash n3"),
        ("kill n3", "crash n3"),
        ("cut n1-n2", "cut n1-n2"),
        ("n2 n1 cut", "cut n1-n2"),
        ("cut n2>n1", "cut n2>n1"),
        ("slow n1 5x", "slow n1 5x"),
        ("slow n1 5", "slow n1 5x"),
        ("loss n1-n2 20%", "link n1-n2 loss 20%"),
        ("loss from n2 to n1 20", "link n1-n2 loss 20%"),
        ("loss n2>n1 20%", "link n2>n1 loss 20%"),
        ("latency n1-n2 30ms..40ms", "link n1-n2 latency 30ms..40ms"),
        ("link n1>n2 duplication 3%", "link n1>n2 duplication 3%"),
        ("copies all links 3%", "link duplication 3%"),
        ("clock n2 +1s", "clock n2 jump +1s"),
        ("clock n2 drift -200ppm", "clock n2 drift -200ppm"),
        ("offset n2 -1s", "clock n2 offset -1s"),
        ("lose append until 2s", "lose Append until 2s"),
        ("lose n1-n2 2.5s", "lose n1-n2 until 2.5s"),
        ("crash n1 n2", "crash n1\ncrash n2"),
        ("take over n1,n2", "take over n1\ntake over n2"),
        ("cut network three", "cut n1|n2,n3|n4,n5"),
        ("cut n1,n2|n3,n4|n5", "cut n1,n2|n3,n4|n5"),
        ("n1 Put x=7", "n1 Put x=7"),
    ] {
        assert_eq!(first(&session, text), words, "{text}");
        assert!(words.lines().all(|line| session.scenario().parse_act(line).is_ok()), "{words}");
    }
    for nothing in ["crash n99", "slow n1 5%", "no such thing", "drop n1-n2 nothing"] {
        assert_eq!(found(&session, nothing).finds.len(), 0, "{nothing}");
    }
    // Every message under way, and nothing else, is dropped by that word.
    let drops = found(&session, "drop n");
    assert_eq!(drops.finds.len(), session.view().messages.len());
}

#[test]
fn what_is_picked_comes_first_and_only_once() {
    let session = raft();
    let picked = Some(Target::Node(NodeId(3)));
    assert_eq!(session.find("", picked, &[]).finds.len(), session.offers(Target::Node(NodeId(3))).len());
    let found = session.find("crash", picked, &[]);
    assert_eq!((&found.finds[0].offer.words[..], found.finds[0].own), ("crash n4", true));
    let crashes = |find: &&faultline_core::session::Find| find.offer.words == "crash n4";
    assert_eq!(found.finds.iter().filter(crashes).count(), 1);
    assert!(found.finds[1..].iter().any(|find| find.offer.words == "crash n1" && !find.own));
    let group = [NodeId(1), NodeId(3)];
    assert_eq!(session.find("pause", None, &group).finds[0].offer.words, "pause n2\npause n4");
}

#[test]
fn several_acts_are_done_together_or_not_at_all_and_are_one_step_back() {
    let mut session = raft();
    let group = [NodeId(0), NodeId(1), NodeId(4)];
    let of = |session: &Session, verb: &str| -> Offer {
        let offers = session.group_offers(&group);
        offers.into_iter().find(|offer| offer.verb == verb).unwrap_or_else(|| panic!("no {verb}"))
    };
    let before = session.here().to_string();
    for (verb, number) in [("crash", 3), ("pause", 3), ("take-over", 3), ("cut", 1), ("cut-apart", 1)] {
        session.act(&of(&session, verb).words).unwrap();
        assert_eq!(session.scenario().acts.len(), number, "{verb}");
        assert!(session.undo());
        assert_eq!(session.here().to_string(), before);
    }
    session.act("crash n2").unwrap();
    let before = session.here().to_string();
    assert_eq!(session.act("crash n1\ncrash n2").unwrap_err(), "n2 is down already");
    assert_eq!(session.here().to_string(), before);
    session.act(&of(&session, "crash").words).unwrap();
    session.act(&of(&session, "restart").words).unwrap();
    assert!(session.view().nodes.iter().all(|node| node.up));
    // Apart, none of them reaches any other; the rest does.
    session.act(&of(&session, "cut-apart").words).unwrap();
    assert_eq!(session.view().cuts.len(), 3 * 4 + 2 * 3);
}

#[test]
fn amounts_are_whatever_somebody_writes() {
    let session = raft();
    let mut amounts = 0;
    for (target, _) in targets(&session) {
        for offer in session.offers(target) {
            let Some(usual) = offer.amount() else { continue };
            assert_eq!(offer.with(usual), offer.words);
            assert!(session.scenario().parse_act(&offer.with("nonsense")).is_err());
            amounts += 1;
        }
    }
    assert!(amounts > 50, "{amounts}");
}

/// The search asks only some of ten thousand nodes what may be done to them, says so, and finds the one that is named.
#[test]
fn a_crowd_is_searched_by_name_and_says_that_there_is_more() {
    let text = "faultline 2\nprotocol gossip\nnodes 10000\nuntil 100ms\n";
    let mut session = Session::begin(parse(text).unwrap());
    while session.learn(100_000) {}
    session.seek_time(50_000);
    let all = found(&session, "crash");
    assert!(all.cut_short && !all.finds.is_empty());
    assert_eq!(first(&session, "crash n9876"), "crash n9876");
    assert_eq!(first(&session, "cut n17-n9876"), "cut n17-n9876");
}

#[test]
fn a_challenge_that_allows_crashes_does_not_mean_those_that_lose_a_write() {
    let challenge =
        "faultline 2\nprotocol raft\nseed 42\ngoal violated election-safety\nbudget 2\nallow crash";
    let after_votes = |text: &str| {
        let mut session = Session::new(parse(text).unwrap());
        session.seek_time(300_000);
        session
    };
    let mut session = after_votes(challenge);
    assert!(session.act("crash n3 losing-write").unwrap_err().contains("allows only crash"));
    session.act("crash n3").unwrap();
    let mut session = after_votes(&format!("{challenge}, losing-write"));
    session.act("crash n3 losing-write").unwrap();
}
