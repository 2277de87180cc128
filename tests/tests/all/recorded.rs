//! Recorded runs: what is drawn of a log is held to what the log says.

use faultline_core::session::{Found, RECORDED, Session, Target};
use faultline_core::sim::Run;
use faultline_core::trace::What;
use faultline_core::{NodeId, link};
use faultline_recorded::recording::Recording;
use faultline_recorded::{How, Opened, open, recording_of};
use serde_json::{Map, Value};
use std::rc::Rc;

mod formats;
mod fuzz;

/// The logs that come with `ShiViz`: the name, the text, and of each of its executions how many clocks stand
/// in it.
const SHIVIZ: [(&str, &str, &[usize]); 5] = [
    ("simple-reliable-broadcast", include_str!("../../logs/shiviz/simple-reliable-broadcast.log"), &[39]),
    ("reliable-broadcast", include_str!("../../logs/shiviz/reliable-broadcast.log"), &[116]),
    ("simpledb", include_str!("../../logs/shiviz/simpledb.log"), &[509]),
    ("facebook", include_str!("../../logs/shiviz/facebook.log"), &[47]),
    ("multiple-comparison", include_str!("../../logs/shiviz/multiple-comparison.log"), &[8, 8, 8, 8, 8]),
];

/// What the page says of the one of them that has lines of its library between its events.
const DEAD_LETTERS: &[&str] = &[
    "1 line is no part of an event; it is line 8, “[INFO] [10/13/2014 04:23:20.118] [Broadcast-akka.actor.defau…”.",
];

fn opened(text: &str, how: &How) -> Opened {
    open("test", text, how).unwrap_or_else(|refusal| panic!("{}", refusal.sentence))
}

/// The sentence with which a log is refused.
fn refused(text: &str) -> String {
    open("test", text, &How::default()).err().map_or_else(String::new, |refusal| refusal.sentence)
}

fn played(opened: &Opened) -> (Run, Rc<Recording>) {
    let scenario = opened.scenario.clone();
    let recording = recording_of(&scenario).unwrap_or_else(|| panic!("the recording is kept"));
    let until = scenario.until;
    (Run::new(scenario, until), recording)
}

/// The record of every event of a log: the last that its host has at its time, for messages arrive one by
/// one.
fn records(run: &Run, recording: &Recording) -> Vec<usize> {
    let place = |(place, event): (usize, &faultline_recorded::recording::Event)| {
        let is_its = |record: &faultline_core::trace::Record| {
            record.node == event.host && record.time == event.time && record.what != What::Boot
        };
        run.records().iter().rposition(is_its).unwrap_or_else(|| panic!("event {place} never happened"))
    };
    recording.events.iter().enumerate().map(place).collect()
}

/// The clock that stands in the line of an event or in the one behind it, read without what is tested.
fn clock_at(text: &str, line: usize) -> Map<String, Value> {
    let clock = |line: &str| {
        let from = line.find('{')?;
        let until = from + line[from..].find('}')? + 1;
        serde_json::from_str::<Map<String, Value>>(&line[from..until]).ok()
    };
    let found = text.lines().skip(line - 1).take(2).find_map(clock);
    found.unwrap_or_else(|| panic!("line {line} has no clock"))
}

/// Of all pairs of events of a log: past and future as they are drawn, against the vector clocks. Returns how
/// many pairs it compared.
fn compare_all_pairs(name: &str, text: &str, opened: &Opened) -> usize {
    let (run, recording) = played(opened);
    let records = records(&run, &recording);
    let host = |event: usize| &*recording.hosts[recording.events[event].host as usize].name;
    let clocks: Vec<_> = recording.events.iter().map(|event| clock_at(text, event.line as usize)).collect();
    let entry = |event: usize, host: &str| clocks[event].get(host).and_then(Value::as_u64).unwrap_or(0);
    let mut pairs = 0;
    for later in 0..records.len() {
        let (past, future) = (run.past(records[later]), run.future(records[later]));
        for other in (0..records.len()).filter(|other| *other != later) {
            let before = entry(later, host(other)) >= entry(other, host(other));
            let after = entry(other, host(later)) >= entry(later, host(later));
            let lines = (recording.events[other].line, recording.events[later].line);
            assert_eq!(past[records[other]], before, "{name}: is line {} before line {}?", lines.0, lines.1);
            assert_eq!(future[records[other]], after, "{name}: is line {} after line {}?", lines.0, lines.1);
            pairs += 1;
        }
    }
    pairs
}

#[test]
fn past_and_future_are_those_of_the_vector_clocks_for_all_pairs_of_all_logs() {
    for (name, text, counts) in SHIVIZ {
        for (execution, count) in counts.iter().enumerate() {
            let how = How { execution, ..How::default() };
            let opened = opened(text, &how);
            assert_eq!(opened.executions.len(), counts.len(), "{name}");
            let unmatched = if name == "reliable-broadcast" { DEAD_LETTERS } else { &[] };
            assert_eq!(opened.flaws, unmatched, "{name}");
            let pairs = compare_all_pairs(name, text, &opened);
            assert_eq!(pairs, count * (count - 1), "{name}: pairs of {count} events");
        }
    }
}

#[test]
fn a_step_back_leads_to_the_same_moment() {
    let (_, text, _) = SHIVIZ[2];
    let mut session = Session::new(opened(text, &How::default()).scenario);
    let end = session.run().records().len();
    session.seek_event(end);
    for event in (0..end).rev().step_by(7) {
        session.seek_event(event);
        let there = session.view();
        session.step(true);
        session.step(false);
        assert_eq!(session.view(), there, "after event {event}");
    }
}

#[test]
fn a_text_that_names_it_is_the_same_run_as_long_as_its_log_is_open() {
    let (_, text, _) = SHIVIZ[3];
    let opened = opened(text, &How::default());
    let written = format!("{}show 20ms\n", opened.scenario);
    let again = faultline_core::Scenario::parse(&written).unwrap_or_else(|complaint| panic!("{complaint}"));
    assert_eq!(again.to_string(), written);
    assert_eq!(Run::new(again.clone(), again.until).transcript(), played(&opened).0.transcript());
    let unknown = faultline_core::Scenario::parse("faultline 2\nprotocol recorded\nset log 4000\n");
    let why = unknown.err().map(|complaint| complaint.sentence).unwrap_or_default();
    assert!(why.contains("its log is not open here"), "{why}");
}

#[test]
fn nothing_can_be_done_to_it_and_each_way_says_why() {
    let (_, text, _) = SHIVIZ[0];
    let mut session = Session::new(opened(text, &How::default()).scenario);
    session.seek_event(20);
    let before = session.view();
    assert_eq!(session.act("crash n1"), Err(RECORDED.into()));
    assert_eq!(session.amend("seed 7"), Err(RECORDED.into()));
    assert_eq!(session.amend("nodes 2"), Err(RECORDED.into()));
    let same = session.scenario().to_string();
    assert_eq!(session.edit(&same).map_err(|complaint| complaint.sentence), Err(RECORDED.into()));
    assert_eq!(session.offers(Target::Node(NodeId(0))), []);
    assert_eq!(session.offers(Target::Link(NodeId(0), NodeId(1))), []);
    assert_eq!(session.group_offers(&[NodeId(0), NodeId(1)]), []);
    assert_eq!(session.find("crash n1", None, &[]), Found::default());
    assert_eq!(session.view(), before);
    let why = link::write(session.scenario(), None).err().unwrap_or_default();
    assert!(why.contains("has no link"), "{why}");
    for address in ["#/recorded", "/recorded?1.2s", "/recorded?3&seed+7&k=abcde"] {
        let why = link::read(address).err().map(|complaint| complaint.sentence);
        assert_eq!(why.as_deref(), Some(link::NO_LOG), "{address}");
    }
}

/// The first flaw of a log of events with clocks, a line each: host, then clock.
fn flaws(events: &[&str]) -> Vec<String> {
    let event = |event: &&str| {
        let (host, clock) = event.split_once(' ').unwrap_or_default();
        format!("something\n{host} {clock}\n")
    };
    opened(&events.iter().map(event).collect::<String>(), &How::default()).flaws
}

#[test]
fn clocks_that_contradict_each_other_or_miss_events_are_told_with_their_place() {
    for (events, told) in [
        (
            &[r#"a {"a":1}"#, r#"a {"a":3}"#][..],
            "1 event is missing in the log; it is event 2 of a, before line 3.",
        ),
        (
            &[r#"a {"a":1}"#, r#"a {"a":1}"#],
            "1 event has the number of another event of the same host; it is event 1 of a at line 3.",
        ),
        (
            &[r#"a {"a":1}"#, r#"b {"b":1,"a":4}"#],
            "1 clock entry has no event in the log; it is event 4 of a, which line 3 knows.",
        ),
        (
            &[r#"a {"a":1}"#, r#"b {"b":1,"a":1}"#, r#"b {"b":2}"#],
            "1 clock knows less than the event before; it is line 5, which knows nothing of a and not 1.",
        ),
        (
            &[r#"a {"a":1,"b":1}"#, r#"b {"b":1,"a":1}"#],
            "1 event comes before itself; it is line 1, which knows what comes after it.",
        ),
        (
            &[r#"a {"a":1}"#, r#"b {"b":1,"a":1}"#, r#"c {"c":1,"b":1}"#],
            "1 clock knows less than what a message brought; it is line 5, which lacks event 1 of a from line 3.",
        ),
        (
            &[r#"a {"a":1}"#, r#"b {"a":1}"#],
            "1 event is left out, with a clock that does not count its own host; it is line 3.",
        ),
        (
            &[r#"a {"a":1}"#, r#"b {"b":-1}"#],
            "1 event is left out, with a clock that cannot be read; it is line 3, “{\"b\":-1}”.",
        ),
    ] {
        assert_eq!(flaws(events), [told]);
    }
}

#[test]
fn a_log_out_of_order_is_put_in_order() {
    let text = "asked\nb {\"b\":1, \"a\":1}\nasks\na {\"a\":1}\n";
    let opened = opened(text, &How::default());
    assert_eq!(opened.flaws, [""; 0]);
    let (run, recording) = played(&opened);
    assert_eq!(recording.events.iter().map(|event| &*event.text).collect::<Vec<_>>(), ["asks", "asked"]);
    let told: Vec<String> = run.lines(2, 4).into_iter().map(|line| line.sentence).collect();
    assert_eq!(told, ["n2 logs “asks”", "n1 logs “asked”"]);
}

#[test]
fn what_is_no_log_is_refused_with_a_sentence() {
    assert!(refused("hello\nworld\n").starts_with("None of the expressions that are known fits"));
    let how = |expression: &str| How { expression: Some(expression.into()), ..How::default() };
    let why = |expression: &str| open("test", "a b c", &how(expression)).err().map(|it| it.sentence);
    assert_eq!(
        why("(?<event>.*)"),
        Some("The expression has no group named `host`, as in (?<host>.*).".into())
    );
    assert!(why("(").is_some_and(|sentence| sentence.starts_with("The expression cannot be read")));
    assert!(
        why("(?<event>x) (?<host>y) (?<clock>z)").is_some_and(
            |it| it.starts_with("The expression matches no event. 1 line is no part of an event")
        )
    );
}
