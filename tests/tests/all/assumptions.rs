//! What breaks an assumption is said, with its event or setting, and what is broken is promised no more.
#![allow(clippy::unwrap_used)] // What cannot be unwrapped has failed the test.

use faultline_core::catalogue::Entry;
use faultline_core::sim::Run;
use faultline_core::title::{Assumption, Assumptions, Failures, Links, Timing};
use faultline_core::view::Standing;
use faultline_core::world::Breach;
use faultline_core::{Scenario, Session};
use faultline_protocols::consensus::raft::Raft;
use faultline_tests::{find, parse};

/// Raft, as if it assumed this.
fn assuming(links: Links, failures: Failures, timing: Timing) -> Scenario {
    let mut entry = Entry::of::<Raft>();
    entry.info.safety = Assumptions { links, failures, timing };
    entry.info.liveness = entry.info.safety;
    entry.info.ask = 20_000;
    let mut scenario = Scenario::of(Box::leak(Box::new(entry)));
    scenario.amend("seed 42").unwrap();
    scenario
}

/// What is broken once acts were done at 600 ms, when a leader sends entries; and the event of the last act.
fn broken(scenario: &Scenario, acts: &[&str]) -> (Vec<Breach>, usize) {
    let mut session = Session::new(scenario.clone());
    session.seek_time(600_000);
    let sent = |session: &Session, name: &str| session.view().messages.iter().any(|it| it.name == name);
    while !sent(&session, "n5>n2 Append") || !sent(&session, "n5>n3 Append") {
        session.step(true);
    }
    for act in acts {
        session.act(act).unwrap_or_else(|sentence| panic!("{act}: {sentence}"));
    }
    (session.view().broken, session.event() - 1)
}

#[test]
fn an_act_breaks_an_assumption_or_it_does_not() {
    use {Assumption as A, Failures as F, Links as L, Timing as T};
    let usual = (L::FairLoss, F::CrashRecovery, T::Asynchronous);
    let links = |links| (links, usual.1, usual.2);
    let nodes = |failures| (usual.0, failures, usual.2);
    let timing = |timing| (usual.0, usual.1, timing);
    let cases: &[(&[&str], _, Option<A>)] = &[
        (&["drop n5>n2 Append"], links(L::AtMostOnce), None),
        (&["drop n5>n2 Append"], links(L::Perfect), Some(A::Links)),
        (&["take over n5", "drop n5>n2 Append"], (L::Perfect, F::Byzantine, usual.2), None),
        (&["cut n1-n2"], links(L::AtMostOnce), None),
        (&["cut n1-n2"], links(L::Perfect), Some(A::Links)),
        (&["lose Append until 1s"], links(L::Perfect), Some(A::Links)),
        (&["link loss 1%"], links(L::Perfect), Some(A::Links)),
        (&["link loss 0%"], links(L::Perfect), None),
        (&["duplicate n5>n2 Append"], links(L::FairLoss), None),
        (&["duplicate n5>n2 Append"], links(L::AtMostOnce), Some(A::Links)),
        (&["link duplication 1%"], links(L::AtMostOnce), Some(A::Links)),
        (&["delay n5>n2 Append by 1s"], links(L::Perfect), None),
        (&["delay n5>n2 Append by 1s"], links(L::Fifo), Some(A::Links)),
        (&["hold n5>n2 Append"], links(L::Fifo), Some(A::Links)),
        (&["hold n5>n2"], links(L::Fifo), None),
        (&["deliver n5>n2 Append"], links(L::Fifo), None),
        (&["crash n1"], nodes(F::CrashStop), None),
        (&["crash n1"], nodes(F::None), Some(A::Failures)),
        (&["crash n1", "restart n1"], nodes(F::CrashRecovery), None),
        (&["crash n1", "restart n1"], nodes(F::CrashStop), Some(A::Failures)),
        (&["crash n2 losing-write"], nodes(F::CrashRecovery), Some(A::Failures)),
        (&["take over n1"], nodes(F::CrashRecovery), Some(A::Failures)),
        (&["take over n1"], nodes(F::Byzantine), None),
        (&["take over n1", "crash n1"], nodes(F::Byzantine), None),
        // Raft bears two of five, a number that it states itself.
        (&["take over n1", "take over n2"], nodes(F::Byzantine), None),
        (&["take over n1", "take over n2", "take over n3"], nodes(F::Byzantine), Some(A::Failures)),
        (&["take over n1", "take over n2", "crash n3"], nodes(F::Byzantine), Some(A::Failures)),
        (&["crash n1", "restart n1", "crash n1"], nodes(F::Byzantine), None),
        (&["crash n1", "restart n1", "take over n2", "crash n3"], nodes(F::Byzantine), Some(A::Failures)),
        (&["pause n1"], timing(T::PartiallySynchronous), None),
        (&["pause n1"], timing(T::Synchronous), Some(A::Timing)),
        (&["slow n1 2x"], timing(T::Synchronous), Some(A::Timing)),
        (&["slow n1 1x"], timing(T::Synchronous), None),
        (&["hold n1>n2"], timing(T::Synchronous), Some(A::Timing)),
        (&["delay n5>n2 Append by 1s"], timing(T::Synchronous), Some(A::Timing)),
        (&["fire n1 Election"], timing(T::Synchronous), Some(A::Timing)),
        (&["link latency 1us..2us"], timing(T::Synchronous), None),
        (&["link latency 1s..2s"], timing(T::Synchronous), Some(A::Timing)),
        (&["clock n1 drift +1ppm"], timing(T::Synchronous), Some(A::Timing)),
        (&["clock n1 jump +1s"], timing(T::PartiallySynchronous), None),
        (&["clock n1 normal"], timing(T::Synchronous), None),
    ];
    for (acts, (links, failures, timing), expected) in cases {
        let (broken, last) = broken(&assuming(*links, *failures, *timing), acts);
        let found: Vec<_> = broken.iter().map(|breach| (breach.assumption, breach.event)).collect();
        let expected: Vec<_> = expected.iter().map(|&assumption| (assumption, Some(last))).collect();
        assert_eq!(found, expected, "{acts:?}: {broken:?}");
    }
}

#[test]
fn a_message_that_overtakes_breaks_the_order() {
    let scenario = assuming(Links::Fifo, Failures::CrashRecovery, Timing::Asynchronous);
    assert!(!scenario.to_string().contains("fifo"), "links keep their order if nothing is said");
    let mut session = Session::new(scenario);
    session.seek_time(600_000);
    while session.view().messages.iter().all(|it| it.name != "n5>n2 Append#2") {
        session.step(true);
    }
    session.act("deliver n5>n2 Append#2").unwrap();
    assert_eq!(session.view().broken[0].assumption, Assumption::Links);
}

#[test]
fn a_setting_breaks_an_assumption_or_it_does_not() {
    use {Assumption as A, Links as L, Timing as T};
    for (words, links, timing, expected) in [
        ("loss 1%", L::AtMostOnce, T::Asynchronous, None),
        ("loss 1%", L::Perfect, T::Asynchronous, Some(A::Links)),
        ("duplication 1%", L::FairLoss, T::Asynchronous, None),
        ("duplication 1%", L::AtMostOnce, T::Asynchronous, Some(A::Links)),
        ("fifo off", L::Fifo, T::Asynchronous, Some(A::Links)),
        ("fifo off", L::Perfect, T::Asynchronous, None),
        ("latency 1s..2s", L::Perfect, T::Synchronous, Some(A::Timing)),
        ("latency 1s..2s", L::Perfect, T::PartiallySynchronous, None),
        ("latency 0s..1us", L::Perfect, T::Synchronous, None),
        ("skew 1ms", L::Perfect, T::Synchronous, Some(A::Timing)),
        ("skew 1ms", L::Perfect, T::PartiallySynchronous, None),
        ("manual", L::Perfect, T::Synchronous, Some(A::Timing)),
        ("manual", L::Fifo, T::Asynchronous, None),
    ] {
        let mut scenario = assuming(links, Failures::CrashRecovery, timing);
        scenario.amend(words).unwrap();
        let written = scenario.to_string().contains("fifo off");
        assert_eq!(written, words == "fifo off" && links == L::Fifo);
        let run = Run::new(scenario, 0);
        let found: Vec<_> = run.end().breaches().iter().map(|it| (it.assumption, it.event)).collect();
        assert_eq!(found, expected.map(|assumption| (assumption, None)).into_iter().collect::<Vec<_>>());
    }
}

/// The first breach of each sort counts, and what is violated before it was promised.
#[test]
fn what_is_broken_is_promised_no_more() {
    let entry = find("raft").unwrap();
    let text =
        entry.presets().iter().map(|preset| preset.text).find(|text| text.contains("twin forgets-vote"));
    let scenario = parse(text.unwrap()).unwrap();
    let horizon = scenario.until;
    let promises = |session: &Session| {
        let claims = session.view().claims.into_iter();
        claims.map(|it| (it.promised, matches!(it.standing, Standing::Violated { .. }))).collect::<Vec<_>>()
    };
    let mut session = Session::new(scenario);
    session.seek_time(horizon);
    assert!(session.view().broken.is_empty(), "{:?}", session.view().broken);
    assert!(promises(&session).iter().all(|(promised, _)| *promised));
    assert!(promises(&session).iter().any(|(_, violated)| *violated));
    // Broken at the end: only what was violated by then was promised, and what should come up assumes nothing.
    session.act("take over n1").unwrap();
    session.act("take over n2").unwrap();
    let claims = session.view().claims;
    let senses = entry.claims();
    for (claim, claimed) in claims.iter().zip(&senses) {
        let violated = matches!(claim.standing, Standing::Violated { .. });
        let sometimes = claimed.sense == faultline_core::property::Sense::Sometimes;
        assert_eq!(claim.promised, violated || sometimes, "{}", claim.name);
        let since = "n1 was taken over".to_owned();
        let expected = Standing::Unpromised { since };
        assert_eq!(claim.standing == expected, !claim.promised, "{}: {:?}", claim.name, claim.standing);
    }
    assert_eq!(session.view().broken.len(), 1);
    // Broken at the start: nothing was.
    session.seek_time(0);
    session.act("take over n3").unwrap();
    session.seek_time(horizon);
    let kept = session.view().claims.into_iter().zip(&senses).filter(|(claim, _)| claim.promised);
    assert!(
        kept.map(|(_, claimed)| claimed.sense)
            .all(|sense| sense == faultline_core::property::Sense::Sometimes)
    );
}

/// What was done is said of every sort of breach, and no claim about all moments keeps a sign that it holds.
#[test]
fn a_claim_says_since_when_it_is_not_promised() {
    let entry = find("amqp").unwrap();
    let preset = entry.presets().iter().find(|preset| preset.name == "died-before-ack").unwrap();
    let scenario = parse(preset.text).unwrap();
    let until = scenario.until;
    let mut session = Session::new(scenario);
    let unpromised = |session: &Session, deed: &str| {
        let claims = session.view().claims.into_iter();
        let since = Standing::Unpromised { since: deed.into() };
        claims.filter(|claim| claim.standing == since).map(|claim| claim.name).collect::<Vec<_>>()
    };
    let deed = "a message from n9 was dropped";
    session.seek_time(100_000);
    assert_eq!(unpromised(&session, deed), [""; 0]);
    session.seek_time(until);
    assert_eq!(session.view().broken[0].deed(), deed);
    assert_eq!(unpromised(&session, deed), ["Accounted For"]);
    let lossy = parse("faultline 2\nprotocol amqp\nloss 1%\n").unwrap();
    assert_eq!(Run::new(lossy, 0).end().breaches()[0].deed(), "the run was set up");
}
