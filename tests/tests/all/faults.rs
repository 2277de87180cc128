//! Faults: each act does what it says, leaves alone what it does not speak of, and is refused where it cannot apply.
#![allow(clippy::unwrap_used)] // What cannot be unwrapped has failed the test.

use faultline_core::session::Target;
use faultline_core::sim::Run;
use faultline_core::trace::{Record, What};
use faultline_core::{NodeId, Session};
use faultline_probe::traces;
use faultline_protocols::consensus::raft::Raft;
use faultline_tests::{parse, play};

const HEAD: &str = "faultline 2\nprotocol raft\nseed 42\nask 20ms\nuntil 2s\n";

fn raft(acts: &str) -> Run {
    play(&format!("{HEAD}{acts}"))
}

/// The records of what a node did between two times.
fn steps(run: &Run, node: u32, from: u64, to: u64) -> Vec<Record> {
    let its = |record: &&Record| record.node == node && (from..to).contains(&record.time);
    let step = |record: &&Record| matches!(record.what, What::Deliver | What::Fire | What::Input);
    run.records().iter().filter(its).filter(step).copied().collect()
}

fn deliveries(run: &Run, from: u32, to: u32, since: u64, until: u64) -> usize {
    steps(run, to, since, until)
        .iter()
        .filter(|record| record.what == What::Deliver && record.peer == from)
        .count()
}

#[test]
fn every_act_is_written_as_it_is_read() {
    let scenario = parse(HEAD).unwrap();
    for words in [
        "pause n1",
        "resume n1",
        "hold n1>n2",
        "hold n1-n2",
        "hold n1,n2|n3,n4,n5",
        "hold n1>n2 Append#2",
        "release",
        "release n1>n2",
        "release n1>n2 Append",
        "link n1>n2 latency 50ms..80ms",
        "link n1-n2 loss 20%",
        "link n1,n2|n3 duplication 0.5%",
        "link n1>n2 normal",
        "link normal",
        "link loss 10%",
        "lose n1>n3 Append until 2s",
        "lose n1>n3 until 2s",
        "lose Vote until 2s",
        "lose until 1.5s",
        "crash n1 losing-write",
        "slow n1 3x",
        "slow n1 0.5x",
        "clock n1 offset +20ms",
        "clock n1 offset -1.5s",
        "clock n1 jump -7us",
        "clock n1 drift +200ppm",
        "clock n1 drift -500000ppm",
        "clock n1 normal",
    ] {
        assert_eq!(scenario.parse_act(words).map(|act| act.to_string()), Ok(words.to_owned()));
    }
}

#[test]
fn a_paused_node_takes_no_step_and_catches_up_at_once() {
    let run = raft("at 500ms pause n2\nat 1s resume n2");
    assert!(steps(&run, 1, 500_001, 1_000_000).is_empty());
    let late = steps(&run, 1, 1_000_000, 1_000_001);
    assert!(late.len() > 5, "only {} steps waited", late.len());
    // In the order in which they would have come: what was sent on one link with one latency keeps its order.
    let fifo = raft("fifo\nat 500ms pause n2\nat 1s resume n2");
    let late = steps(&fifo, 1, 1_000_000, 1_000_001);
    for peer in 0..5 {
        let causes: Vec<_> = late.iter().filter(|it| it.peer == peer).map(|it| it.cause).collect();
        assert!(causes.is_sorted(), "{causes:?}");
    }
    // What is not yet due when the node resumes comes when it would have come anyway.
    let (short, none) = (raft("at 500ms pause n2\nat 500ms resume n2"), raft(""));
    assert_eq!(short.end().disks::<Raft>(), none.end().disks::<Raft>());
    assert_eq!(short.records().len(), none.records().len() + 2);
}

#[test]
fn a_crash_ends_a_pause() {
    let run = raft("at 500ms pause n2\nat 700ms crash n2\nat 900ms restart n2");
    let lost_at_once = |it: &&Record| it.what == What::Lose && it.node == 1 && it.time == 700_000;
    assert!(run.records().iter().filter(lost_at_once).count() > 3);
    assert!(!run.end().is_paused(NodeId(1)) && !steps(&run, 1, 900_001, 2_000_000).is_empty());
}

#[test]
fn what_is_held_waits_and_what_is_released_comes() {
    let run = raft("at 500ms hold n5>n2\nat 1s release n5>n2");
    assert_eq!(deliveries(&run, 4, 1, 500_001, 1_000_000), 0);
    assert!(deliveries(&run, 4, 1, 1_000_000, 1_000_001) > 5);
    assert!(deliveries(&run, 1, 4, 500_001, 1_000_000) > 0, "the other way is not held");
    let groups = raft("at 500ms hold n1,n2|n3,n4,n5\nat 1s release");
    assert_eq!(deliveries(&groups, 4, 1, 500_001, 1_000_000), 0);
    assert!(deliveries(&groups, 4, 1, 1_000_000, 1_000_001) > 5 && groups.end().held().is_empty());
}

#[test]
fn one_message_is_held_and_released_by_its_name() {
    let mut session = Session::new(parse(HEAD).unwrap());
    session.seek_time(500_000);
    while session.view().messages.iter().all(|it| it.kind.name != "Append") {
        session.step(true);
    }
    let message = session.view().messages.into_iter().find(|it| it.kind.name == "Append").unwrap();
    let offered = |session: &Session, verb: &str| {
        let offers = session.offers(Target::Message(message.id));
        offers.into_iter().find(|offer| offer.verb == verb).map(|offer| offer.words)
    };
    session.act(&offered(&session, "hold").unwrap()).unwrap();
    let still_there =
        |session: &Session| session.view().messages.iter().any(|it| it.id == message.id && it.held);
    session.seek_time(900_000);
    assert!(still_there(&session) && offered(&session, "hold").is_none());
    session.act(&offered(&session, "release").unwrap()).unwrap();
    session.seek_time(900_000);
    assert!(!still_there(&session));
}

#[test]
fn a_changed_link_changes_nothing_on_others() {
    let arrivals = |run: &Run| {
        let other = |it: &&Record| it.what == What::Deliver && (it.peer, it.node) != (0, 1);
        let early = |it: &&Record| it.time < 330_000;
        let key = |it: &Record| (it.time, it.peer, it.node, it.kind);
        run.records().iter().filter(other).filter(early).map(key).collect::<Vec<_>>()
    };
    // n1 and n2 follow: between them nothing is said before somebody notices.
    let (plain, changed) = (raft("at 200ms heal"), raft("at 200ms link n1>n2 latency 900ms..950ms"));
    assert_eq!(arrivals(&plain), arrivals(&changed));

    let slow = raft("at 300ms link n5>n2 latency 300ms..310ms\nat 1s link normal");
    let mut seen = [0, 0];
    for record in slow.records().iter().filter(|it| it.what == What::Deliver && (it.peer, it.node) == (4, 1))
    {
        let sent = slow.records()[record.cause as usize].time;
        let took = record.time - sent;
        let was_slow = sent > 300_000 && sent < 1_000_000;
        assert_eq!(was_slow, (300_000..=310_000).contains(&took), "{sent}: {took}");
        seen[usize::from(was_slow)] += 1;
    }
    assert!(seen[0] > 3 && seen[1] > 3, "{seen:?}");
    let lost = |run: &Run| run.records().iter().filter(|it| it.what == What::Lose).count();
    assert_eq!(lost(&raft("")), 0);
    let lossy = raft("at 300ms link n5>n2 loss 100%\nat 900ms link n5>n2 normal");
    assert!(lossy.records().iter().all(|it| it.what != What::Lose || (it.peer, it.node) == (4, 1)));
    assert!(lost(&lossy) > 5 && lossy.end().altered().is_empty());
    let twice = raft("at 300ms link duplication 100%");
    assert!(twice.records().len() > raft("").records().len() * 3 / 2);
}

#[test]
fn a_rule_stands_until_its_time() {
    let run = raft("at 500ms lose n5>n2 Append until 1s");
    let appends = |from, to| {
        let all = steps(&run, 1, from, to);
        all.iter().filter(|it| (it.what, it.peer, it.kind) == (What::Deliver, 4, 2)).count()
    };
    assert_eq!(appends(500_001, 1_000_000), 0);
    let lost: Vec<_> = run.records().iter().filter(|it| it.what == What::Lose).collect();
    assert!(lost.len() > 3 && lost.iter().all(|it| (it.peer, it.node, it.kind) == (4, 1, 2)));
    assert!(appends(400_000, 500_000) > 0);
    let votes = raft("at 0s lose Vote until 1.5s");
    let vote = |what, from, until| {
        let its = |it: &&Record| (it.what, it.kind) == (what, 1) && (from..until).contains(&it.time);
        votes.records().iter().filter(its).count()
    };
    assert_eq!(vote(What::Deliver, 0, 1_500_000), 0);
    assert!(vote(What::Lose, 0, 1_500_000) > 3 && vote(What::Deliver, 1_500_000, 2_000_000) > 0);
}

#[test]
fn a_crash_that_loses_a_write_brings_back_the_disk_before_it() {
    let mut session = Session::new(parse(HEAD).unwrap());
    session.seek_time(600_000);
    let disks = |session: &Session| session.run().at(session.event()).world.disks::<Raft>()[4].to_string();
    // Back to the event before the leader's latest write.
    while !session.run().records()[session.event() - 1].flags.has(faultline_core::trace::Flags::WROTE)
        || session.run().records()[session.event() - 1].node != 4
    {
        session.step(false);
    }
    let after = disks(&session);
    session.step(false);
    let before = disks(&session);
    session.step(true);
    session.act("crash n5 losing-write").unwrap();
    assert_ne!(before, after);
    assert_eq!(disks(&session), before);
    assert!(session.act("crash n5 losing-write").unwrap_err().contains("down already"));
    let mut idle = Session::new(parse(HEAD).unwrap());
    assert!(idle.act("crash n1 losing-write").unwrap_err().contains("written nothing"));
}

#[test]
fn a_slow_node_has_slow_timers() {
    let waits = |acts: &str| {
        let run = raft(acts);
        let beats =
            run.records().iter().filter(|it| it.what == What::Fire && it.node == 4 && it.time > 500_000);
        beats.map(|it| it.time - run.records()[it.cause as usize].time).collect::<Vec<_>>()
    };
    let (usual, slow) = (waits(""), waits("at 400ms slow n5 2.5x"));
    assert!(!slow.is_empty());
    assert_eq!(slow[0], usual[0] * 5 / 2);
}

/// How far clocks are from true time, at a time.
fn clocks(acts: &str, time: u64) -> Vec<i64> {
    let mut session = Session::new(parse(&format!("{HEAD}{acts}")).unwrap());
    session.seek_time(time);
    session.view().nodes.iter().map(|node| node.clock).collect()
}

#[test]
fn a_clock_is_set_and_drifts_and_is_set_right() {
    let acts = "at 100ms clock n1 offset -20ms\nat 200ms clock n1 jump +5ms\nat 300ms clock n2 drift +1000ppm\n\
                at 500ms clock n2 offset +0s\nat 600ms clock n2 normal\nat 700ms clock n1 normal";
    for (time, n1, n2) in [
        (99_999, 0, 0),
        (100_000, -20_000, 0),
        (250_000, -15_000, 0),
        (400_000, -15_000, 100),
        (499_999, -15_000, 199),
        (500_000, -15_000, 0),
        (550_000, -15_000, 50),
        (650_000, -15_000, 0),
        (700_000, 0, 0),
    ] {
        assert_eq!(clocks(acts, time), [n1, n2, 0, 0, 0], "at {time}");
    }
    // Nothing reads less than 0.
    assert_eq!(clocks("at 100ms clock n1 offset -20s", 1_000_000)[0], -1_000_000);
}

#[test]
fn clocks_are_off_at_first_within_the_skew() {
    let (plain, skewed) = (clocks("", 1_000_000), clocks("skew 10ms", 1_000_000));
    assert_eq!(plain, [0; 5]);
    assert!(skewed.iter().all(|clock| clock.abs() <= 10_000));
    let different: std::collections::BTreeSet<_> = skewed.iter().collect();
    assert_eq!(different.len(), 5);
    let touched = clocks("skew 10ms\nat 100ms clock n1 jump +1s\nat 200ms clock n1 normal", 1_000_000);
    assert_eq!(touched, skewed);
    let scenario = parse(&format!("{HEAD}skew 10ms")).unwrap();
    assert!(scenario.to_string().contains("\nskew 10ms\n"));
    assert_eq!(scenario.bare().skew, 10_000);
    let mut session = Session::new(parse(HEAD).unwrap());
    session.amend("skew 10ms").unwrap();
    session.seek_time(1_000_000);
    assert_eq!(session.view().nodes.iter().map(|node| node.clock).collect::<Vec<_>>(), skewed);
    // Who never looks at a clock does not notice.
    assert_eq!(raft("skew 10ms").checksum(), raft("").checksum());
}

#[test]
fn timers_go_as_fast_as_the_clock_and_do_not_notice_its_jumps() {
    let beats = |acts: &str| {
        let run = raft(acts);
        let its = |it: &&Record| it.what == What::Fire && it.node == 4 && it.time > 500_000;
        let took = |it: &Record| it.time - run.records()[it.cause as usize].time;
        run.records().iter().filter(its).map(took).collect::<Vec<_>>()
    };
    let usual = beats("");
    assert_eq!(beats("at 400ms clock n5 jump +5s"), usual);
    assert_eq!(beats("at 400ms clock n5 drift -500000ppm")[0], 2 * usual[0]);
    assert_eq!(beats("at 400ms clock n5 drift +250000ppm")[0], usual[0] * 4 / 5);
}

#[test]
fn a_clock_is_offered_to_be_skewed_and_to_be_set_right() {
    let mut session = Session::new(parse(HEAD).unwrap());
    session.seek_time(500_000);
    for clock in [50_000, 0] {
        let offers = session.offers(Target::Node(NodeId(1)));
        let offer = offers.into_iter().find(|offer| offer.verb == "clock").unwrap();
        session.act(&offer.words).unwrap();
        assert_eq!(session.view().nodes[1].clock, clock);
    }
}

#[test]
fn acts_that_cannot_apply_are_refused_and_change_nothing() {
    let mut session = Session::new(parse(&format!("{HEAD}at 200ms pause n1\nat 200ms crash n2")).unwrap());
    session.seek_time(300_000);
    let before = (session.view(), session.here().to_string());
    for (words, sentence) in [
        ("pause n1", "n1 is paused already"),
        ("pause n2", "n2 is down"),
        ("resume n3", "n3 is not paused"),
        ("n1 Put x=1", "n1 is paused"),
        ("fire n1 Election", "n1 is paused"),
        ("hold n1>n2 Vote#9", "no Vote from n1 to n2 is in flight"),
        ("hold n1", "names no links"),
        ("lose Append until 100ms", "100ms has passed already"),
        ("lose Append", "needs `until` and a time"),
        ("lose n1>n2 Apend until 2s", "no kind of message `Apend`"),
        ("link n1>n2", "needs a behaviour"),
        ("link n1>n2 latency 9ms..3ms", "ends before it begins"),
        ("slow n1 3", "no factor"),
        ("slow n1 9999x", "no factor"),
        ("crash n3 losing-everything", "is no node"),
        ("clock n1", "needs a node and a change"),
        ("clock n1 offset 20ms", "no time with a sign"),
        ("clock n1 jump +99999999999999s", "later than the last instant"),
        ("clock n1 drift +500001ppm", "no drift"),
        ("clock n1 drift 200ppm", "no drift"),
        ("clock n1 normal 5", "does not change a clock"),
    ] {
        let said = session.act(words).unwrap_err();
        assert!(said.contains(sentence), "{words}: {said}");
        assert_eq!((session.view(), session.here().to_string()), before);
    }
}

/// The state of what waits does not depend on how one came to look at it.
#[test]
fn standing_anywhere_equals_walking_there() {
    for seed in 1..=10 {
        let acts = "at 310ms pause n5\nat 400ms hold n1,n2|n3\nat 600ms lose n3>n4 until 900ms\nat 700ms release n1>n3\n\
                    at 800ms resume n5\nat 900ms link n1-n4 latency 1ms..90ms\nat 1s release\nat 1.2s slow n1 3x\n\
                    at 1.3s clock n3 drift -90000ppm\nat 1.4s clock n3 jump +5s\n";
        let text = format!("{}{acts}", traces::faulty("raft", seed).replace("expect", "# expect"));
        let run = play(&text);
        let lines = run.lines(0, run.records().len());
        for event in (0..run.records().len()).step_by(17) {
            let mut session = Session::new(run.scenario().clone());
            session.seek_event(event);
            session.step(true);
            assert_eq!(session.view().latest.as_ref(), lines.get(event));
        }
    }
}
