//! A claim says nothing where nothing that it speaks of has come up or a failure is left that it does not endure; and what is
//! broken withdraws only the claims that assume it.
#![allow(clippy::unwrap_used)] // What cannot be unwrapped has failed the test.

use faultline_core::catalogue::Entry;
use faultline_core::nemesis::attack;
use faultline_core::property::Sense;
use faultline_core::scenario::slug;
use faultline_core::sim::Run;
use faultline_core::title::Links;
use faultline_core::view::Standing;
use faultline_core::{Scenario, Session};
use faultline_protocols::broadcast::causal::Causal;
use faultline_protocols::messaging::amqp::Amqp;
use faultline_tests::{entries, parse, presets};
use std::collections::BTreeSet;

/// A run of a protocol, as far as it is described.
fn session(slug: &str, text: &str) -> Session {
    let scenario = parse(&format!("faultline 2\nprotocol {slug}\n{text}")).unwrap();
    let until = scenario.until;
    let mut session = Session::new(scenario);
    session.seek_time(until);
    session
}

/// How a claim stands at the end, in words.
fn stands(slug: &str, text: &str, claim: &str) -> String {
    let claims = session(slug, text).view().claims;
    match claims.into_iter().find(|it| it.name == claim).unwrap().standing {
        Standing::Unjudged { why } => why,
        standing => format!("{standing:?}").split(' ').next().unwrap().to_owned(),
    }
}

/// With the very first execution of a run a request is executed that no client sent. Until then there is nothing to judge.
#[test]
fn what_there_was_nothing_to_judge_of_may_be_violated_at_once() {
    let (_, preset) = presets().find(|(_, it)| it.name == "checks-no-signature").unwrap();
    let mut session = Session::new(parse(preset.text).unwrap());
    session.seek_time(300_000);
    let stands = |session: &Session| {
        session.view().claims.into_iter().find(|claim| claim.name == "Validity").unwrap().standing
    };
    let Standing::Violated { event, .. } = stands(&session) else { panic!("{:?}", stands(&session)) };
    session.seek_event(event);
    assert!(matches!(stands(&session), Standing::Unjudged { .. }), "{:?}", stands(&session));
}

const BEGUN: &str = "latency 10ms\nuntil 2s\nat 10ms n1 Begin\n";
const RAFT: &str = "latency 10ms\nuntil 3s\nat 10ms fire n1 Election\nat 60ms n1 Put x=1\n";
const STORED: &str = "nodes 6\nlatency 10ms\nset sloppy off\nset anti-entropy 100ms\nask 0s\nuntil 3s\n";
const ASKED: &str = "latency 10ms\nuntil 3s\nat 10ms n5 Put x=1\n";
const RUMOUR: &str = "nodes 6\nset direction push-pull\nuntil 60s\n";

#[test]
fn a_claim_about_the_end_is_judged_or_says_why_not() {
    let unrepaired = |what: &str| format!("a failure remains: {what}");
    let cases = [
        ("two-phase-commit", BEGUN, "", "Termination", "Holds".to_owned()),
        ("two-phase-commit", "", "", "Termination", "no participant has voted yes yet".into()),
        (
            "two-phase-commit",
            BEGUN,
            "at 35ms cut n1-n2",
            "Termination",
            unrepaired("the link from n1 to n2 is cut"),
        ),
        ("two-phase-commit", BEGUN, "at 35ms crash n2", "Termination", unrepaired("n2 is down")),
        ("two-phase-commit", BEGUN, "at 35ms crash n2\nat 100ms restart n2", "Termination", "Holds".into()),
        ("two-phase-commit", BEGUN, "at 35ms pause n3", "Termination", unrepaired("n3 is paused")),
        (
            "two-phase-commit",
            BEGUN,
            "at 35ms hold n1>n3",
            "Termination",
            unrepaired("the link from n1 to n3 is held"),
        ),
        (
            "two-phase-commit",
            BEGUN,
            "at 1s link n1>n3 loss 1%",
            "Termination",
            unrepaired("the link from n1 to n3 loses messages"),
        ),
        (
            "two-phase-commit",
            BEGUN,
            "at 35ms lose Vote until 3s",
            "Termination",
            unrepaired("a loss rule still stands"),
        ),
        (
            "two-phase-commit",
            BEGUN,
            "at 1s lose Vote until 1500ms\nat 1600ms n1 Begin",
            "Termination",
            "Holds".into(),
        ),
        // A minority, however it is away.
        ("raft", RAFT, "", "Progress", "Holds".into()),
        ("raft", "", "", "Progress", "no client has requested anything yet".into()),
        ("raft", RAFT, "at 1s crash n4\nat 1s cut n5|n1,n2,n3,n4", "Progress", "Holds".into()),
        ("raft", RAFT, "at 1s crash n4\nat 1s cut n5|n1,n2,n3,n4", "Leadership", "Holds".into()),
        ("raft", RAFT, "at 1s pause n4\nat 1s clock n5 drift +10000ppm", "Leadership", "Holds".into()),
        (
            "raft",
            RAFT,
            "at 1s crash n3\nat 1s crash n4\nat 1s crash n5",
            "Leadership",
            "no majority of the members is up".into(),
        ),
        ("raft", RAFT, "at 1s cut n1,n2|n3,n4|n5", "Leadership", unrepaired("the link from n1 to n3 is cut")),
        ("quorum-kv", STORED, "", "Convergence", "no replica has stored anything yet".into()),
        ("quorum-kv", STORED, "at 10ms n1 Put a 7", "Convergence", "Holds".into()),
        ("quorum-kv", STORED, "at 10ms n1 Put a 7\nat 1s crash n5", "Convergence", unrepaired("n5 is down")),
        ("quorum-kv", STORED, "at 10ms n1 Put a 7\nat 1s crash n5", "Availability", "Holds".into()),
        (
            "quorum-kv",
            STORED,
            "set anti-entropy 0s\nat 10ms n1 Put a 7",
            "Convergence",
            "replicas do not compare trees".into(),
        ),
        ("gossip", RUMOUR, "set style anti-entropy\nat 1s n1 Update 7", "Convergence", "Holds".into()),
        (
            "gossip",
            RUMOUR,
            "set style anti-entropy\nat 1s n1 Update 7\nat 20s crash n2",
            "Convergence",
            "Holds".into(),
        ),
        ("gossip", RUMOUR, "set style anti-entropy\nat 20s n1 Update 7", "Convergence", "Holds".into()),
        (
            "gossip",
            RUMOUR,
            "set style anti-entropy",
            "Convergence",
            "no node has changed the item yet".into(),
        ),
        (
            "gossip",
            RUMOUR,
            "at 1s n1 Update 7",
            "Convergence",
            "no node compares for ever, and rumours do not promise this".into(),
        ),
        ("pbft", "", "", "Liveness", "no honest client waits for an answer or has received one".into()),
        // A replica may be down, and any client; a second replica may not.
        ("pbft", ASKED, "at 200ms crash n6\nat 300ms crash n3", "Liveness", "Holds".into()),
        ("pbft", ASKED, "at 200ms crash n6\nat 300ms cut n3|n1,n2,n4,n5,n6", "Liveness", "Holds".into()),
        (
            "pbft",
            ASKED,
            "at 200ms cut n5-n3\nat 300ms cut n5-n4",
            "Liveness",
            unrepaired("the link from n3 to n5 is cut"),
        ),
        (
            "causal-broadcast",
            "ask 0s\n",
            "at 10ms n1 Broadcast\nat 500ms crash n2",
            "Agreement",
            "Holds".into(),
        ),
        (
            "causal-broadcast",
            "ask 0s\n",
            "",
            "Agreement",
            "no node that is up has broadcast anything yet".into(),
        ),
        (
            "amqp",
            "ask 0s\nset topology direct\n",
            "",
            "Accounted For",
            "no message has reached a queue yet".into(),
        ),
        ("chord", "nodes 1\n", "", "One Ring", "fewer than two members are up".into()),
    ];
    for (slug, text, more, claim, expected) in cases {
        assert_eq!(
            stands(slug, &format!("{text}{more}\n"), claim),
            expected,
            "{slug}: {text}{more}: {claim}"
        );
    }
}

/// What does not hold yet is violated only after the time that it may take, from the last act, what came up last, or the last
/// loss: by the slowest message of the run.
#[test]
fn what_still_has_time_is_not_violated() {
    let cases = [
        ("two-phase-commit", "nodes 3\nuntil 515ms\nat 500ms n1 Begin\n", "Termination", "0.500", "0.015"),
        ("causal-broadcast", "nodes 3\nuntil 105ms\nat 100ms n1 Broadcast\n", "Agreement", "0.100", "0.005"),
        ("raft", "nodes 3\nuntil 50ms\n", "Leadership", "2.480", "0.050"),
        ("pbft", "latency 120ms\nuntil 700ms\nat 10ms n5 Put x=1\n", "Liveness", "6.400", "0.400"),
        (
            "quorum-kv",
            "nodes 6\nlatency 5ms..15ms\nuntil 110ms\nat 100ms n1 Put a 7\n",
            "Convergence",
            "9.100",
            "0.010",
        ),
    ];
    for (slug, text, claim, takes, had) in cases {
        let expected = format!("it has had {had} of the {takes} s that it may take");
        assert_eq!(stands(slug, &format!("latency 10ms\nask 0s\n{text}"), claim), expected, "{slug}");
    }
    let slow = "nodes 3\nlatency 200ms\nuntil 60s\n";
    assert_eq!(stands("raft", slow, "Leadership"), "messages take too long for the timeouts that are set");
}

/// What is wrong and stays so is violated; what an ended loss rule, a message of the past, a late tombstone or a queue that takes back a
/// delivery keeps from its end is not, and neither is what the settings or slow links make impossible.
#[test]
fn what_has_had_its_time_is_violated() {
    let slow = "messages take too long for the timeouts that are set";
    let gossip = "nodes 4\nset style anti-entropy\nset direction push-pull\ntwin drops-certificates\n\
                  at 1s n1 Update 7\nat 5s crash n3\nat 6s n1 Delete\nat 22s restart n3\n";
    let late = "nodes 6\nset sloppy off\nset gc-grace 10s\nset anti-entropy 100ms\nat 5ms cut n1,n4,n5|n6\n\
                at 10ms n1 Delete a\nat 9s heal\n";
    let unacked =
        "set topology direct\ntwin keeps-unacked\nuntil 20s\nat 60ms n1 Publish info\nat 85ms crash n9\n";
    let hub = "nodes 30\nset style anti-entropy\nset direction push\nset partners two-site-hub\nuntil 45s\nat 1s n1 Update 7\n";
    let links = "nodes 2\nuntil 10s\nat 1ms link n1>n2 latency 200ms..200ms\nat 1ms link n2>n1 latency 200ms..200ms\n";
    let rule = "nodes 2\nuntil 5020ms\nat 5ms n1 Begin\nat 18ms lose n1>n2 until 5s\n";
    let same = "set election-min 150ms\nset election-max 150ms\nuntil 20s\n";
    let cases = [
        ("gossip", format!("{gossip}until 90s\n"), "Convergence", "Unmet"),
        (
            "gossip",
            format!("{gossip}until 300s\nat 40s link n1>n2 latency 5s..5s\nat 50s link n1>n2 normal\n"),
            "Convergence",
            "Unmet",
        ),
        ("gossip", hub.to_owned(), "Convergence", "no change has had its time yet"),
        ("amqp", unacked.to_owned(), "Accounted For", "Unmet"),
        (
            "two-phase-commit",
            rule.to_owned(),
            "Termination",
            "it has had 0.020 of the 0.500 s that it may take",
        ),
        ("two-phase-commit", rule.replace("5020ms", "6s"), "Termination", "Holds"),
        (
            "quorum-kv",
            format!("{late}until 15s\n"),
            "Convergence",
            "it has had 0.000 of the 2.650 s that it may take",
        ),
        ("quorum-kv", format!("{late}until 25s\n"), "Convergence", "Holds"),
        ("raft", links.to_owned(), "Leadership", slow),
        ("raft", same.to_owned(), "Leadership", slow),
    ];
    for (slug, text, claim, expected) in cases {
        assert_eq!(stands(slug, &format!("latency 10ms\nask 0s\n{text}"), claim), expected, "{slug}: {text}");
    }
}

/// What is expected to hold and says nothing is not as it was expected.
#[test]
fn an_expectation_of_what_is_not_judged_is_not_met() {
    let text = "faultline 2\nprotocol two-phase-commit\nexpect holds termination\n";
    let run = Run::new(parse(text).unwrap(), 1_000_000);
    let said = run.verify().remove(0).1;
    assert_eq!(said, Err("termination is not judged: no participant has voted yes yet".into()));
}

/// The claims that are not promised at the end.
fn withdrawn(slug: &str, text: &str) -> Vec<String> {
    let claims = session(slug, text).view().claims.into_iter();
    claims.filter(|claim| !claim.promised).map(|claim| claim.name).collect()
}

#[test]
fn a_breach_withdraws_the_claims_that_assume_what_is_broken() {
    let said = "latency 10ms\nask 0s\nuntil 300ms\nat 10ms n1 Broadcast\n";
    let drop = "at 15ms drop n1>n3 Broadcast\n";
    assert_eq!(withdrawn("causal-broadcast", &format!("{said}{drop}")), ["Validity", "Agreement"]);
    assert_eq!(withdrawn("pbft", &format!("{ASKED}at 20ms drop n1>n4 PrePrepare\n")), [""; 0]);
    let crashes =
        |second: &str| withdrawn("pbft", &format!("{ASKED}at 200ms crash {second}\nat 300ms crash n3\n"));
    assert_eq!(crashes("n6"), [""; 0], "a client is no replica");
    assert!(crashes("n2").contains(&"Agreement".to_owned()));
    let back = "at 200ms crash n2\nat 300ms restart n2\nat 400ms crash n3\n";
    assert!(
        withdrawn("pbft", &format!("{ASKED}{back}")).contains(&"Agreement".to_owned()),
        "n2 has no memory"
    );
    let leased = |clock: &str| withdrawn("raft", &format!("{RAFT}set reads lease\nat 1s {clock}\n"));
    assert_eq!(leased("clock n1 drift -10000ppm"), ["Fresh Reads"]);
    assert_eq!(leased("slow n2 2x"), ["Fresh Reads"]);
    assert_eq!(leased("clock n1 jump +1s"), [""; 0], "timers do not look at what a clock reads");
    assert_eq!(withdrawn("raft", &format!("{RAFT}at 1s clock n1 drift -10000ppm\n")), [""; 0]);
}

/// No agreement that must hold always rests on links that lose nothing.
#[test]
fn a_lost_message_withdraws_no_agreement() {
    let claims_it = |entry: &&'static Entry| {
        entry.claims().iter().any(|claim| claim.name == "Agreement" && claim.sense == Sense::Always)
    };
    let agreeing: Vec<_> = entries().into_iter().filter(claims_it).collect();
    assert_eq!(agreeing.len(), 4);
    assert!(agreeing.iter().all(|entry| entry.info.safety.links <= Links::AtMostOnce));
}

/// What safety is said to need is enough: where links do anything at all, causal broadcast still breaks nothing that must hold
/// always, but what a weaker order gives up. What must hold in the end it does break.
#[test]
fn the_safety_of_causal_broadcast_needs_no_links() {
    let mut entry = Entry::of::<Causal>();
    entry.info.liveness = entry.info.safety;
    let entry: &'static Entry = Box::leak(Box::new(entry));
    let sense = |slug_of: &str| entry.claims().into_iter().find(|it| slug(it.name) == slug_of).unwrap().sense;
    let weaker: [(&str, &[&str]); 3] =
        [("none", &["fifo-order", "causal-order"]), ("fifo", &["causal-order"]), ("causal", &[])];
    for (order, given_up) in weaker {
        let mut base = Scenario::of(entry);
        base.amend(&format!("set order {order}")).unwrap();
        let broken: Vec<_> = (1..=100).filter_map(|seed| attack(&base, seed).broken).collect();
        assert!(broken.len() > 10, "{order}: {}", broken.len());
        let promised = |claim: &str| sense(claim) == Sense::Always && !given_up.contains(&claim);
        let wrong = broken.iter().find(|it| promised(&it.claim));
        assert_eq!(wrong, None, "{order}");
    }
}

/// AMQP's safety needs links that deliver nothing twice, as a connection does, and no more: where a second
/// copy of a message may come to an exchange, its queues get two. That a lost acknowledgement strands its
/// message only the claim about the end knows.
#[test]
fn the_safety_of_amqp_needs_no_order_and_no_delivery() {
    let broken = |links: Links| {
        let mut entry = Entry::of::<Amqp>();
        (entry.info.safety.links, entry.info.liveness.links) = (links, links);
        let entry: &'static Entry = Box::leak(Box::new(entry));
        let mut broken = BTreeSet::new();
        for topology in ["default", "topic", "headers", "hash", "fanout", "alternate", "dead-letter", "cycle"]
        {
            let mut base = Scenario::of(entry);
            for line in [&format!("set topology {topology}"), "ask 50ms", "set ack-timeout 100ms"] {
                base.amend(line).unwrap();
            }
            broken.extend((1..=60).filter_map(|seed| attack(&base, seed).broken).map(|broken| broken.claim));
        }
        broken
    };
    assert_eq!(Entry::of::<Amqp>().info.safety.links, Links::AtMostOnce);
    let claims = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(broken(Links::AtMostOnce), claims(&["accounted-for"]));
    assert_eq!(broken(Links::FairLoss), claims(&["accounted-for", "one-copy"]));
    let lost = "latency 10ms\nask 0s\nset topology direct\nuntil 1s\nat 10ms n1 Publish info\nat 60ms drop n9>n6 Ack\n";
    assert_eq!(withdrawn("amqp", lost), ["Accounted For"]);
}
