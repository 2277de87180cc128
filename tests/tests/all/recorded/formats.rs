//! The readers beside that of `ShiViz`' own logs: what each makes of a small text, and what they say of one
//! that is none.

use super::{compare_all_pairs, opened, played, refused};
use faultline_core::export::{Kind, Part, export};
use faultline_core::trace::Flags;
use faultline_core::{NodeId, Scenario};
use faultline_recorded::{How, MOST_HOSTS, matches};
use faultline_tests::{parse, presets};

/// The sentences of a log, boots aside.
fn told(text: &str) -> Vec<String> {
    let opened = opened(text, &How::default());
    assert_eq!(opened.flaws, [""; 0]);
    let (run, recording) = played(&opened);
    let lines = run.lines(recording.hosts.len(), run.records().len());
    lines.iter().map(|line| opened.scenario.names.renamed(&line.sentence)).collect()
}

#[test]
fn lines_of_json_with_what_comes_after_what() {
    let text = "{\"host\": \"a\", \"event\": \"asks\", \"id\": 1}\n\
        {\"host\": \"b\", \"event\": \"answers\", \"id\": \"x\", \"after\": [1], \"key\": [2]}\n\n\
        {\"host\": \"a\", \"event\": \"is told\", \"after\": [\"x\"]}\n";
    assert_eq!(told(text), ["a logs “asks”", "b logs “answers”", "a logs “is told”"]);
    let (run, recording) = played(&opened(text, &How::default()));
    assert_eq!(recording.events[1].fields, [("key".to_owned(), "[2]".to_owned())]);
    assert_eq!(run.past(4), [true; 5]);
    assert_eq!((recording.clock(2), recording.clock(0)), (&[2, 1][..], &[1, 0][..]));
}

#[test]
fn lines_of_json_with_clocks_are_those_clocks() {
    let text = "{\"host\": \"b\", \"event\": \"answers\", \"clock\": {\"b\": 1, \"a\": 1}}\n\
        {\"host\": \"c\", \"event\": \"sleeps\", \"clock\": {\"c\": 1}}\n\
        {\"host\": \"a\", \"event\": \"asks\", \"clock\": {\"a\": 1}}\n";
    assert_eq!(told(text), ["c logs “sleeps”", "a logs “asks”", "b logs “answers”"]);
    let lines = |text: &str| text.replace("\"clock\": ", "\"clock\":");
    let (text, opened) = (lines(text), opened(&lines(text), &How::default()));
    // The clock is the second brace of such a line.
    let plain: Vec<_> = text.lines().map(|line| &line[line.rfind('{').unwrap_or(0)..]).collect();
    let plain = plain.join("\n") + "\n";
    assert_eq!(compare_all_pairs("lines", &plain, &opened), 6);
}

#[test]
fn times_of_a_log_are_those_of_the_run_and_nothing_comes_before_its_cause() {
    let line = |host: &str, time: u64, rest: &str| {
        format!("{{\"host\": \"{host}\", \"event\": \"e\", \"time\": {time}{rest}}}\n")
    };
    let text = line("a", 1_000_000, ", \"id\": 1")
        + &line("b", 999_000, ", \"after\": [1], \"id\": 2")
        + &line("a", 1_004_000, ", \"after\": [2]");
    let opened = opened(&text, &How::default());
    let late = "1 event is shown later than dated, so that nothing comes before its cause; it is line 2, by 1001 us.";
    assert_eq!(opened.flaws, [late]);
    let times: Vec<_> = played(&opened).1.events.iter().map(|event| event.time).collect();
    assert_eq!(times, [1_001, 1_002, 5_001]);
}

const JAEGER: &str = r#"{"data": [{"traceID": "t", "spans": [
    {"traceID": "t", "spanID": "1", "operationName": "GET /", "references": [], "startTime": 1000, "duration": 500,
     "tags": [{"key": "http.status", "type": "int64", "value": 200}], "processID": "p1"},
    {"traceID": "t", "spanID": "2", "operationName": "query", "startTime": 1100, "duration": 200, "processID": "p2",
     "references": [{"refType": "CHILD_OF", "traceID": "t", "spanID": "1"}],
     "tags": [{"key": "error", "type": "bool", "value": true}]},
    {"traceID": "t", "spanID": "3", "operationName": "mail", "startTime": 1400, "duration": 900, "processID": "p2",
     "references": [{"refType": "FOLLOWS_FROM", "traceID": "t", "spanID": "1"}], "tags": []}
  ], "processes": {"p1": {"serviceName": "web"}, "p2": {"serviceName": "db"}}}]}"#;

const OTLP: &str = r#"{"resourceSpans": [
  {"resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "web"}}]}, "scopeSpans": [{"spans": [
    {"traceId": "t", "spanId": "1", "name": "GET /", "startTimeUnixNano": "1000000", "endTimeUnixNano": "1500000",
     "attributes": [{"key": "http.status", "value": {"intValue": "200"}}]}]}]},
  {"resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "db"}}]}, "scopeSpans": [{"spans": [
    {"traceId": "t", "spanId": "2", "parentSpanId": "1", "name": "query", "startTimeUnixNano": "1100000",
     "endTimeUnixNano": "1300000", "status": {"code": 2}},
    {"traceId": "t", "spanId": "3", "name": "mail", "startTimeUnixNano": 1400000, "endTimeUnixNano": 2300000,
     "links": [{"traceId": "t", "spanId": "1"}]}]}]}]}"#;

#[test]
fn spans_of_jaeger_and_of_otlp_are_the_same_run() {
    let sentences = [
        "web logs “begins GET /”",
        "db logs “begins query”",
        "db logs “fails in query”",
        "db logs “begins mail”",
        "web logs “ends GET /”",
        "db logs “ends mail”",
    ];
    for text in [JAEGER, OTLP, &OTLP.replace('\n', "")] {
        assert_eq!(told(text), sentences);
        let opened = opened(text, &How::default());
        let (run, recording) = played(&opened);
        let times: Vec<_> = recording.events.iter().map(|event| event.time).collect();
        assert_eq!(times, [1, 101, 301, 401, 501, 1_301]);
        assert_eq!(recording.events[0].fields, [("http.status".to_owned(), "200".to_owned())]);
        let lines = run.lines(0, run.records().len());
        let came: Vec<_> = lines.iter().filter(|line| !line.message.is_empty()).collect();
        let kinds: Vec<_> =
            came.iter().map(|line| line.message.split(' ').next().unwrap_or_default()).collect();
        assert_eq!(kinds, ["Call", "Link", "Answer"]);
        let marked: Vec<_> = lines.iter().filter(|line| line.record.flags.has(Flags::MILESTONE)).collect();
        assert!(matches!(marked[..], [only] if only.sentence.ends_with("fails in query”")));
    }
}

#[test]
fn each_trace_of_a_file_is_an_execution() {
    let two = format!("{OTLP}\n{}", OTLP.replace("\"t\"", "\"u\"").replace("query", "other"));
    let how = How { execution: 1, ..How::default() };
    let opened = opened(&two, &how);
    assert_eq!(opened.executions, ["trace t", "trace u"]);
    assert_eq!(opened.scenario.title, "test: trace u");
    assert!(played(&opened).1.events.iter().any(|event| &*event.text == "begins other"));
}

#[test]
fn what_is_no_json_of_ours_says_where() {
    for (text, why) in [
        ("{\"host\": 1}\n", "Line 1: an event says what happens"),
        ("{\"host\": \"a\", \"event\": \"x\"}\n[1]\n", "Line 2: an event is an object"),
        ("{\"host\": \"a\", \"event\": \"x\"}\n{\"host\"\n", "Line 2: this is no JSON"),
        ("{\"host\": \"a\", \"event\": \"x\", \"after\": 1}\n", "Line 1: `after` is a list of ids"),
        ("{\"host\": \"a\", \"event\": \"x\", \"clock\": [1]}\n", "Line 1: `clock` is an object"),
        ("{\"host\": \"a\", \"event\": \"x\", \"time\": -1}\n", "Line 1: `time` is a whole number"),
        ("{\"spans\": []}", "This JSON is no log that is known"),
        ("{\"data\": []}", "There is no span in this file."),
        ("{\"data\":\n[", "Line 2: this is no JSON"),
        (&"{\"data\":".repeat(100_000), "Line 1: this is no JSON (recursion limit exceeded"),
    ] {
        assert!(refused(text).starts_with(why), "{}: {why}", refused(text));
    }
}

#[test]
fn of_too_many_hosts_those_with_the_most_events_are_drawn_and_their_order_is_kept() {
    let hosts = MOST_HOSTS + 6;
    let mut text = String::new();
    let mut clock = String::new();
    // A ring in which each host hears from the one before: the first six have one event, the others two.
    for host in 0..hosts {
        clock += &format!("{}\"h{host}\":1", if host == 0 { "" } else { ", " });
        text += &format!("passes on\nh{host} {{{clock}}}\n");
    }
    for host in 6..hosts {
        let rests = clock.replace(&format!("\"h{host}\":1"), &format!("\"h{host}\":2"));
        text += &format!("rests\nh{host} {{{rests}}}\n");
    }
    let opened = opened(&text, &How::default());
    assert_eq!(
        opened.flaws,
        ["6 hosts are not drawn, because only the 64 hosts with the most events are; the first is “h0”."]
    );
    let count = 2 * MOST_HOSTS;
    assert_eq!(compare_all_pairs("ring", &text, &opened), count * (count - 1));
}

#[test]
fn our_own_export_for_shiviz_is_read_back_with_the_same_past() {
    let raft = presets().find(|(slug, preset)| *slug == "raft" && preset.name == "first-steps");
    let scenario: Scenario =
        raft.and_then(|(_, preset)| parse(preset.text).ok()).unwrap_or_else(|| panic!("there is such a run"));
    let text = export(&scenario, Kind::ShiViz, &Part::default(), None);
    let opened = opened(&text, &How::default());
    assert_eq!(opened.flaws, [""; 0]);
    let (run, recording) = played(&opened);
    // Names stay with their nodes, so that a sentence of the one run is a sentence of the other.
    assert_eq!(
        recording.hosts.iter().map(|host| &*host.name).collect::<Vec<_>>(),
        ["n1", "n2", "n3", "n4", "n5"]
    );
    assert!(run.records().len() >= recording.events.len() + 5);
    let count = recording.events.len();
    assert_eq!(compare_all_pairs("raft", &text, &opened), count * (count - 1));
}

#[test]
fn words_of_a_log_that_look_like_nodes_stay_words() {
    let text = "n2 is down\nalice {\"alice\":1}\nhears of n1\nbob {\"bob\":1, \"alice\":1}\n";
    let opened = opened(text, &How::default());
    let (run, _) = played(&opened);
    let sentence = opened.scenario.names.renamed(&run.lines(2, 3)[0].sentence);
    assert_eq!(sentence.replace('\u{2060}', ""), "alice logs “n2 is down”");
    assert_eq!(opened.scenario.names.called(NodeId(1)), "bob");
}

#[test]
fn an_expression_is_counted_as_it_is_written() {
    let text = "# a comment\na {\"a\":1} starts\nnothing\n=== two ===\na {\"a\":1} starts\n";
    let how = |expression: &str, delimiter: Option<&str>| How {
        expression: Some(expression.to_owned()),
        delimiter: delimiter.map(str::to_owned),
        execution: 0,
    };
    let expression = r"(?<host>\w+) (?<clock>{.*}) (?<event>.*)";
    let counted = matches(text, &how(expression, Some("^=== (?<trace>.*) ===$")));
    let counted = counted.unwrap_or_else(|sentence| panic!("{sentence}"));
    assert_eq!((counted.events, counted.executions, counted.unmatched), (2, 2, 1));
    assert_eq!(counted.first, Some((3, "nothing".to_owned())));
    assert!(matches(text, &how("(?<host>", None)).is_err());
}
