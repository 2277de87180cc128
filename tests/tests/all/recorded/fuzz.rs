//! Logs that are nearly right, or not at all: no reader panics, and what is read can be repeated.

use faultline_recorded::recording::Recording;
use faultline_recorded::{How, matches, read};
use faultline_tests::fuzz::{Text, cases, each, nearly_right, noise};
use std::cell::Cell;

const LETTERS: &[u8] = b"{}[]()\":,.*+?<>\\|^$= \n0123456789abhost";

const CLOCKS: &str = "asks\na {\"a\":1}\nhears\nb {\"b\":1, \"a\":1}\nanswers\nb {\"b\":2, \"a\":1}\nis told\na {\"a\":2, \"b\":2}\n";
const PARTED: &str = "=== one ===\nx\na {\"a\":1}\n=== two ===\ny\nb {\"b\":1,\"a\":1}\nz\na {\"a\":1}\n";
const LINES: &str = "{\"host\":\"a\",\"event\":\"x\",\"id\":1,\"time\":5}\n{\"host\":\"b\",\"event\":\"y\",\"id\":2,\"after\":[1],\"time\":3}\n\
    {\"host\":\"a\",\"event\":\"z\",\"after\":[2,1],\"time\":9,\"k\":{\"v\":[]}}\n{\"host\":\"c\",\"event\":\"w\",\"clock\":{\"c\":1,\"a\":1}}\n";
const JAEGER: &str = r#"{"data":[{"spans":[{"traceID":"t","spanID":"1","operationName":"a","startTime":5,"duration":9,"processID":"p"},
{"traceID":"t","spanID":"2","operationName":"b","startTime":6,"duration":2,"processID":"q","references":[{"refType":"CHILD_OF","traceID":"t","spanID":"1"}]}],
"processes":{"p":{"serviceName":"a"},"q":{"serviceName":"b"}}}]}"#;
const OTLP: &str = r#"{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"a"}}]},"scopeSpans":[{"spans":[
{"traceId":"t","spanId":"1","name":"a","startTimeUnixNano":"5000","endTimeUnixNano":"9000"}]}]},{"resource":{"attributes":[]},"scopeSpans":[{"spans":[
{"traceId":"t","spanId":"2","parentSpanId":"1","name":"b","startTimeUnixNano":"6000","endTimeUnixNano":"7000","links":[{"traceId":"t","spanId":"1"}],"status":{"code":2}}]}]}]}"#;
const EXPRESSIONS: [&str; 3] = [
    r"(?<event>.*)\n(?<host>\S*) (?<clock>{.*})",
    r"(?<host>[^ ]{1,9}) (?<clock>{.*})\n(?<event>.*)",
    r"\[(?<date>[^\]]+)\] (?<host>\w+) (?<clock>\{[^}]*\}) (?<event>(a|b)*.*)",
];

/// What is repeated has an order in which it can be: every cause before its effect, and each host's events
/// one after the other.
fn can_be_repeated(recording: &Recording) {
    let mut arriving = vec![0; recording.events.len()];
    for event in &recording.events {
        for (to, _) in &event.sends {
            arriving[*to as usize] += 1;
            assert!(recording.events[*to as usize].time > event.time);
        }
    }
    for (event, arriving) in recording.events.iter().zip(arriving) {
        assert_eq!(event.awaits, arriving);
    }
    let mut seen = 0;
    for (place, host) in recording.hosts.iter().enumerate() {
        for pair in host.events.windows(2) {
            let [one, other] = [pair[0], pair[1]].map(|event| &recording.events[event as usize]);
            assert!(one.time < other.time && one.host as usize == place);
        }
        seen += host.events.len();
    }
    assert_eq!(seen, recording.events.len());
}

/// Reads texts, of which at least one of so many can be read.
fn all_are_read_or_refused(seeds: &[&str], least: u32) {
    let (count, good) = (cases(5_000), Cell::new(0));
    let seeds = seeds.iter().map(|seed| seed.as_bytes().to_vec()).collect();
    each(count, &nearly_right(seeds, LETTERS), |Text(bytes)| {
        let Ok(text) = str::from_utf8(&bytes) else { return };
        match read(text, &How::default()) {
            Ok(found) => {
                good.set(good.get() + 1);
                can_be_repeated(&found.recording);
            }
            Err(refusal) => assert!(refusal.sentence.chars().count() < 600, "{}", refusal.sentence),
        }
    });
    assert!(good.get() > count / least, "only {} of {count} could be read", good.get());
}

#[test]
fn logs_with_clocks() {
    all_are_read_or_refused(&[CLOCKS, PARTED], 4);
}

#[test]
fn lines() {
    all_are_read_or_refused(&[LINES, &LINES.lines().take(3).collect::<Vec<_>>().join("\n")], 20);
}

#[test]
fn spans() {
    all_are_read_or_refused(&[JAEGER, OTLP], 10);
}

#[test]
fn expressions() {
    let seeds = EXPRESSIONS.map(|expression| expression.as_bytes().to_vec()).to_vec();
    let good = Cell::new(0);
    each(cases(5_000), &nearly_right(seeds, LETTERS), |Text(bytes)| {
        let Ok(expression) = String::from_utf8(bytes) else { return };
        let how = How { expression: Some(expression.clone()), delimiter: Some("^=".into()), execution: 0 };
        if matches(PARTED, &how).is_ok() {
            good.set(good.get() + 1);
        }
        if let Ok(found) = read(CLOCKS, &How { delimiter: Some(expression), ..how }) {
            can_be_repeated(&found.recording);
        }
    });
    assert!(good.get() > 0);
}

#[test]
fn what_is_no_log_at_all() {
    each(cases(5_000), &noise(LETTERS), |Text(bytes)| {
        if let Ok(text) = str::from_utf8(&bytes)
            && let Ok(found) = read(text, &How::default())
        {
            assert!(!found.recording.events.is_empty());
            can_be_repeated(&found.recording);
        }
    });
}
