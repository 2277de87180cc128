//! Sessions, and coordinators that are nodes: what they promise under random faults, and how many siblings
//! come of writing in turn.

use super::{asked, history, preset, read};
use faultline_core::Scenario;
use faultline_core::nemesis::attack;
use faultline_core::sim::Run;
use faultline_tests::{find, play};

/// In sessions no client goes behind what it knows, though quorums do not overlap and clocks are wrong;
/// without them, some do.
#[test]
fn sessions_keep_what_quorums_do_not_promise() {
    for settings in [
        vec!["set r 1", "set w 1", "set sloppy off"],
        vec!["set r 1", "set w 1"],
        vec!["set versions timestamps", "set sloppy off"],
        vec!["set versions timestamps", "set r 1", "set w 1", "set repair off"],
        vec!["set r 1", "set w 1", "set coordinator node"],
        vec!["set versions timestamps", "set coordinator node"],
    ] {
        let mut anomalies = [0, 0];
        for (place, session) in ["set session off", "set session on"].into_iter().enumerate() {
            let mut base = Scenario::of(find("quorum-kv").unwrap());
            for line in settings.iter().chain([&session]) {
                base.amend(line).unwrap();
            }
            for seed in 1..=150 {
                let attack = attack(&base, seed);
                assert_eq!(attack.broken, None, "{settings:?}, {session}, seed {seed}");
                anomalies[place] += u64::from(attack.reached.contains(&"Session Anomaly"));
            }
        }
        assert!(anomalies[0] > 0 && anomalies[1] == 0, "{settings:?}: {anomalies:?}");
    }
}

/// The price of a session: while only a home that is down holds what it has seen, it cannot read, and the
/// store is not to blame.
#[test]
fn a_session_waits_for_what_it_has_seen() {
    let text = "set sloppy off\nset r 1\nset w 1\nset session on\nuntil 1s\nat 10ms n1 Put a 7\n\
        at 10ms drop n1>n5 Put\nat 10ms drop n1>n6 Put\nat 50ms crash n4\nat 100ms n1 Get a\n";
    let run = asked(6, &format!("{text}expect holds availability\n"));
    assert!(history(&run).operations[1].returned.is_none());
    let said = run.verify().remove(0).1.unwrap_err();
    assert!(said.contains("a read of a session was given up"), "{said}");
    let back = asked(6, &format!("{text}at 120ms restart n4\n"));
    assert_eq!(read(&back), "7");
}

/// What is claimed holds under faults where nodes coordinate, too, and their quorums are strict whatever is
/// set.
#[test]
fn claims_hold_where_nodes_coordinate() {
    for settings in [
        vec![],
        vec!["set versions timestamps"],
        vec!["set repair off", "set anti-entropy 0s"],
        vec!["set n 5", "set r 3", "set w 3"],
        vec!["set votes 211", "set r 2", "set w 3"],
        vec!["set gc-grace 300ms"],
    ] {
        let mut base = Scenario::of(find("quorum-kv").unwrap());
        for line in settings.iter().chain([&"set coordinator node"]) {
            base.amend(line).unwrap();
        }
        for seed in 1..=150 {
            let attack = attack(&base, seed);
            assert_eq!(attack.broken, None, "{settings:?}, seed {seed}");
            let stale = attack.reached.contains(&"Stale Read") && !attack.reached.contains(&"Resurrection");
            assert!(!stale, "{settings:?}, seed {seed}: a stale read");
        }
    }
}

/// How many siblings a home holds after so many writes of two clients in turn.
fn siblings(twin: &str, writes: u64) -> usize {
    let acts = (0..writes).map(|nth| format!("at {}ms n{} Put a {}\n", 10 + 70 * nth, nth % 2 + 1, nth + 1));
    let run = asked(
        6,
        &format!("set coordinator node\n{twin}until 5s\n{}at 4s n3 Get a\n", acts.collect::<String>()),
    );
    read(&run).split(" | ").count()
}

/// Two clients that write in turn make two siblings, however often they write; where one vector stands for
/// all siblings, each write makes one more.
#[test]
fn siblings_stay_or_explode() {
    for writes in [2, 6, 20, 40] {
        assert_eq!(siblings("", writes), 2);
        assert_eq!(siblings("twin whole-context\n", writes) as u64, writes);
    }
}

/// A client that gets no answer turns to the next home. If the first one had begun, the write stands there
/// twice; if not, once.
#[test]
fn a_request_that_is_repeated_elsewhere_is_its_own_sibling() {
    let read_at_end = |run: &Run| read(run).to_owned();
    assert_eq!(read_at_end(&play(preset("coordinator-crash"))), "8");
    let crash = |at: &str| {
        let acts = "at 10ms n1 Put a 7\nat 200ms n2 Get a\n";
        read_at_end(&asked(
            6,
            &format!("set coordinator node\nuntil 1s\nat {at} crash n4\nat 150ms restart n4\n{acts}"),
        ))
    };
    assert_eq!(crash("15ms"), "7");
    assert_eq!(crash("25ms"), "7 | 7");
}

/// A home that hears of a request late carries it out a second time. In a session it does so under the first
/// stamp, so the write supersedes nothing that its client has written since. Without one it does, and the
/// judge sees that, although both values are the client's own.
#[test]
fn a_late_request_does_not_overtake_a_later_write() {
    let run = |more: &str| {
        let acts = "at 10ms n1 Put a 7\nat 10ms delay n1>n4 Forward by 750ms\nat 100ms cut n1>n4\n\
            at 300ms n1 Put a 8\nat 455ms n1 Get a\nat 650ms heal\nat 900ms n1 Get a\n";
        let sets = "set coordinator node\nset versions timestamps\nuntil 1s\n";
        let run = asked(6, &format!("{sets}{acts}{more}"));
        for (expectation, met) in run.verify() {
            assert_eq!(met, Ok(()), "{expectation:?}");
        }
        read(&run).to_owned()
    };
    let kept = "expect holds monotonic-writes\nexpect holds monotonic-reads\nexpect holds read-your-writes\n";
    assert_eq!(run(&format!("set session on\n{kept}")), "8");
    assert_eq!(run("expect reached session-anomaly\n"), "7");
    // The clock of n4 is ahead, and so is the stamp that it gives without a session.
    let ahead = "at 5ms clock n4 jump +10s\n";
    assert_eq!(run(&format!("{ahead}set session on\n{kept}")), "8");
}
