//! Take-aways: what each format says of a short run, that hostile labels stay labels, and that clocks are the run's causes.
#![allow(clippy::unwrap_used)] // What cannot be unwrapped has failed the test.

use faultline_core::NodeId;
use faultline_core::export::{Kind, Part, export};
use faultline_core::scenario::Scenario;
use faultline_core::sim::Run;
use faultline_tests::{folder, golden, parse, presets};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A key that a client of AMQP may choose, with letters that mean something to the readers of every format.
const HOSTILE: &str =
    r#"a;b#35;<br/>&lt;"q"'x'/'{%%{init}%%}$x$\end{}[y]^_~`|**b**//i//--x->>@enduml%date()style:#1;end"#;

fn scenario(name: &str) -> Scenario {
    let (slug, name) = name.split_once('/').unwrap();
    let (_, preset) = presets().find(|(of, it)| *of == slug && it.name == name).unwrap();
    parse(preset.text).unwrap()
}

fn hostile() -> Scenario {
    parse(&format!(
        "faultline 2\nprotocol amqp\ntitle {HOSTILE}\nuntil 400ms\nat 300ms n1 Publish {HOSTILE}\n"
    ))
    .unwrap()
}

fn whole(scenario: &Scenario, kind: Kind) -> String {
    export(scenario, kind, &Part::default(), None)
}

fn json(scenario: &Scenario, part: &Part) -> Value {
    serde_json::from_str(&export(scenario, Kind::Json, part, None)).unwrap()
}

/// The lines without the comment.
fn body<'a>(text: &'a str, sign: &'a str) -> impl Iterator<Item = &'a str> {
    text.lines().filter(move |line| !line.starts_with(sign))
}

#[test]
fn a_short_run_is_exported_as_it_was_read() {
    for name in ["two-generals/first-lost", "two-phase-commit/blocking"] {
        let scenario = scenario(name);
        let checksum = Run::new(scenario.clone(), scenario.until).checksum();
        for kind in Kind::ALL {
            let file = format!("exports/{}.{}", name.replace('/', "-"), kind.ending());
            golden(&file, &export(&scenario, kind, &Part::default(), Some(checksum)));
        }
    }
}

#[test]
fn mermaid_reads_every_label_as_a_label() {
    let text = whole(&hostile(), Kind::Mermaid);
    assert!(text.contains("a#59;b#35;35#59;#60;br/#62;"), "{text}");
    for line in body(&text, "%%") {
        let label = line.split_once(": ").map_or("", |(_, label)| label).replace("<br/>", " ");
        // A sign stands as `#59;` only.
        let mut pieces = label.split('#');
        let first = pieces.next().into_iter();
        let rest = pieces.map(|piece| {
            let (number, rest) = piece.split_once(';').unwrap();
            assert!(number.bytes().all(|it| it.is_ascii_digit()), "{line}");
            rest
        });
        let plain: String = first.chain(rest).collect();
        assert!(!plain.contains([';', '<', '>', '&', '%', '{', '}', '$', '"', ':', '`', '\\']), "{line}");
    }
    // A directive would be obeyed within a comment, too.
    assert!(!text.contains("%%{"), "{text}");
}

#[test]
fn plantuml_reads_every_label_as_a_label() {
    let text = whole(&hostile(), Kind::PlantUml);
    assert!(text.contains("a;b<U+0023>35;<U+003C>br<U+002F><U+003E>"), "{text}");
    assert_eq!(text.matches("@enduml\n").count(), 1, "{text}");
    for line in body(&text, "'").filter(|line| line.contains("Publish")) {
        let label = line.split_once(" : ").unwrap().1.replace("<U+", "").replace("\\n", "");
        assert!(
            !label.contains(['<', '&', '%', '"', '\'', '*', '/', '\\', '[', '~', '@', '$', '!']),
            "{line}"
        );
        assert!(!label.contains("--") && !label.contains("__"), "{line}");
    }
    assert!(!text.contains("/'"), "what follows would be a comment: {text}");
}

#[test]
fn latex_reads_every_label_as_a_label() {
    let text = whole(&hostile(), Kind::Tikz);
    assert!(text.contains(r"a;b\#35;\textless{}br/\textgreater{}\&lt;"), "{text}");
    for line in body(&text, "%") {
        let line = line.replace(r"\\{}", "");
        let open = line.matches('{').count() - line.matches("\\{").count();
        let closed = line.matches('}').count() - line.matches("\\}").count();
        assert!(open == closed || line.contains("note/") || line.contains("tikzpicture"), "{line}");
    }
    assert_eq!(text.matches("\\end{").count(), 1, "{text}");
}

#[test]
fn json_gives_back_what_went_in() {
    let scenario = hostile();
    let trace = json(&scenario, &Part::default());
    assert_eq!(trace["title"], HOSTILE);
    assert_eq!(parse(trace["scenario"].as_str().unwrap()).unwrap().to_string(), scenario.to_string());
    let events = trace["events"].as_array().unwrap();
    let messages = || events.iter().filter_map(|event| event["message"].as_str());
    assert!(messages().any(|message| message.contains(HOSTILE)), "{events:?}");
    let run = Run::new(scenario.clone(), scenario.until);
    let lines = run.lines(0, run.events_until(scenario.until));
    assert_eq!(events.len(), lines.len());
    for (event, line) in events.iter().zip(&lines) {
        assert_eq!(event["sentence"], line.sentence);
        assert_eq!(event["time_us"], line.record.time);
    }
}

/// The schema of the document: the names of its fields, and of those of an event.
fn schema() -> Value {
    let text = std::fs::read_to_string(folder().join("../docs/formats.md")).unwrap();
    let (_, rest) = text.split_once("```json\n").unwrap();
    serde_json::from_str(rest.split_once("```").unwrap().0).unwrap()
}

fn names(of: &Value) -> BTreeSet<&String> {
    of.as_object().unwrap().keys().collect()
}

#[test]
fn a_trace_has_the_fields_of_its_schema() {
    let schema = schema();
    let event = &schema["properties"]["events"]["items"];
    let sorts = event["properties"]["what"]["enum"].as_array().unwrap();
    let mut seen = BTreeSet::new();
    for (_, preset) in presets() {
        let scenario = parse(preset.text).unwrap();
        let trace = json(&scenario, &Part { until: Some(scenario.until.min(500_000)), nodes: Vec::new() });
        assert_eq!(names(&trace), names(&schema["properties"]), "{}", scenario.title);
        for it in trace["events"].as_array().unwrap() {
            assert_eq!(names(it), names(&event["properties"]), "{it}");
            assert!(sorts.contains(&it["what"]), "{it}");
            seen.insert(it["what"].as_str().unwrap().to_owned());
        }
    }
    assert!(seen.len() > 15, "too few sorts of events to tell: {seen:?}");
}

/// The events of a log, as its expression takes them apart: who, and the clock.
fn logged(text: &str) -> Vec<(String, BTreeMap<String, u64>)> {
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some(r"(?<host>\S+) (?<clock>\{[^}]*\}) (?<time>\S+) (?<event>.*)"));
    assert_eq!(lines.next(), Some(""), "ShiViz would take this for a delimiter");
    let event = |line: &str| {
        let (host, rest) = line.split_once(' ')?;
        let end = rest.strip_prefix('{').and_then(|rest| rest.find('}'))?;
        Some((host.to_owned(), serde_json::from_str(&rest[..end + 2]).unwrap()))
    };
    let (comments, events): (Vec<&str>, Vec<&str>) = lines.partition(|line| line.starts_with('#'));
    assert!(comments.iter().all(|line| !line.contains('{')), "it would be read as an event: {comments:?}");
    let read: Vec<_> = events.iter().filter_map(|line| event(line)).collect();
    assert_eq!(read.len(), events.len());
    read
}

/// An event is in the past of another if and only if its clock is known to that one's, and `ShiViz` wants every count.
#[test]
fn clocks_are_the_causes_of_the_run() {
    for (name, shown) in [
        ("two-phase-commit/blocking", None),
        ("raft/figure-8-unsafe", None),
        ("raft/figure-8-unsafe", Some([0, 2])),
        ("pbft/default", None),
    ] {
        let scenario = scenario(name);
        let run = Run::new(scenario.clone(), scenario.until);
        let nodes: Vec<NodeId> = shown.into_iter().flatten().map(NodeId).collect();
        let text = export(&scenario, Kind::ShiViz, &Part { until: None, nodes: nodes.clone() }, None);
        let logged = logged(&text);
        let is_shown =
            |node: u32| node < scenario.nodes && (nodes.is_empty() || nodes.contains(&NodeId(node)));
        let records = run.records().iter().enumerate();
        let steps: Vec<usize> = records
            .filter(|(_, record)| record.what.is_step() && is_shown(record.node))
            .map(|(event, _)| event)
            .take(300)
            .collect();
        assert!(steps.len() > 20 && logged.len() >= steps.len(), "{name}");
        let mut counts: BTreeMap<&String, u64> = BTreeMap::new();
        for (later, (host, clock)) in steps.iter().zip(&logged) {
            let count = counts.entry(host).or_default();
            *count += 1;
            assert_eq!(clock[host], *count, "{name}: {later}");
            let past = run.past(*later);
            for (earlier, (of, known)) in
                steps.iter().zip(&logged).take_while(|(earlier, _)| *earlier <= later)
            {
                let knows = clock.get(of).is_some_and(|count| *count >= known[of]);
                assert_eq!(knows, past[*earlier], "{name}: {earlier} before {later}");
            }
        }
    }
}

#[test]
fn a_long_run_is_cut_and_says_so() {
    let scenario = parse("faultline 2\nprotocol raft\nuntil 300s\n").unwrap();
    for kind in Kind::ALL {
        let text = whole(&scenario, kind);
        let most = kind.most();
        let says = format!("The limit of this format is {most} events.");
        assert!(text.contains("Cut after ") && text.contains(&says), "{}", kind.word());
        let early = export(&scenario, kind, &Part { until: Some(1_000), nodes: Vec::new() }, None);
        assert!(!early.contains("Cut after") && early.contains("Only until 1ms."), "{early}");
    }
}

/// Mermaid refuses longer texts.
#[test]
fn mermaid_takes_every_run_that_comes_with_a_protocol() {
    for (slug, preset) in presets() {
        let length = whole(&parse(preset.text).unwrap(), Kind::Mermaid).encode_utf16().count();
        assert!(length < 50_000, "{slug}/{}: {length}", preset.name);
    }
}

#[test]
fn what_other_nodes_send_is_left_out() {
    let scenario = scenario("two-phase-commit/blocking");
    let part = Part { until: None, nodes: vec![NodeId(0), NodeId(1)] };
    let text = export(&scenario, Kind::Mermaid, &part, None);
    assert!(text.contains("Only n1, n2; messages from and to other nodes are left out."), "{text}");
    assert!(body(&text, "%%").all(|line| !line.contains("n3-") && !line.contains("n3:")), "{text}");
    assert!(body(&text, "%%").any(|line| line.contains("n1->>n2")), "{text}");
}
