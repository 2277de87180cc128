//! Traces in JSON: what Jaeger's page saves, and what OpenTelemetry's protocol (OTLP) sends, as one text or a
//! line each.

use crate::flaws::Flaws;
use crate::lines::text_of;
use crate::spans::{self, Span};
use crate::{How, MOST_EVENTS, Read, Refusal};
use serde_json::Value;

/// Reads one of the traces of a text.
pub(crate) fn read(text: &str, how: &How) -> Result<Read, Refusal> {
    let mut spans = Vec::new();
    for value in values(text)? {
        if value.get("resourceSpans").is_some() {
            otlp(&value, &mut spans);
        } else if value.get("data").is_some() {
            jaeger(&value, &mut spans);
        } else {
            return Err(Refusal::new(
                "This JSON is no log that is known: events have `host` and `event`, OTLP has `resourceSpans`, and Jaeger has `data`.",
            ));
        }
    }
    let traces = spans::traces(&spans);
    let Some(chosen) = traces.get(how.execution) else {
        let count = traces.len();
        return Err(Refusal::new(match count {
            0 => "There is no span in this file.".into(),
            _ => format!("There is no trace {}; the file has {count}.", how.execution + 1),
        }));
    };
    spans.retain(|span| span.trace == *chosen);
    if spans.len() > MOST_EVENTS / 2 {
        return Err(Refusal::new(format!(
            "This trace has {} spans; the limit is {}.",
            spans.len(),
            MOST_EVENTS / 2
        )));
    }
    let mut flaws = Flaws::default();
    let events = spans::events(spans, &mut flaws);
    let executions = traces.iter().map(|trace| format!("trace {trace}")).collect();
    let how = How { execution: how.execution, ..How::default() };
    Ok(Read { events, executions, how, flaws })
}

/// The values of a text: one, or one a line.
fn values(text: &str) -> Result<Vec<Value>, Refusal> {
    let mut values = Vec::new();
    for value in serde_json::Deserializer::from_str(text).into_iter() {
        let complain = |error: serde_json::Error| {
            Refusal::new(format!("Line {}: this is no JSON ({error}).", error.line()))
        };
        values.push(value.map_err(complain)?);
    }
    Ok(values)
}

/// A list within a value; an empty one where there is none.
fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// A text within a value; an empty one where there is none.
fn word(value: &Value, name: &str) -> String {
    value.get(name).map(text_of).unwrap_or_default()
}

/// A number within a value, which may be written as a text, as JSON has no large ones.
fn number(value: &Value, name: &str) -> u64 {
    let number = value.get(name);
    let written = || number.and_then(Value::as_str).and_then(|text| text.parse().ok());
    number.and_then(Value::as_u64).or_else(written).unwrap_or_default()
}

/// Jaeger: `data` holds traces, each with its spans and processes; times are in microseconds.
fn jaeger(value: &Value, spans: &mut Vec<Span>) {
    for trace in list(value, "data") {
        for span in list(trace, "spans") {
            let (begin, tags) = (number(span, "startTime"), list(span, "tags"));
            let process = trace.get("processes").and_then(|all| all.get(word(span, "processID")));
            let references = || list(span, "references").iter();
            let is_child = |reference: &&Value| word(reference, "refType") == "CHILD_OF";
            let field = |tag: &Value| (word(tag, "key"), word(tag, "value"));
            let is_error = |tag: &Value| word(tag, "key") == "error" && word(tag, "value") == "true";
            spans.push(Span {
                trace: word(span, "traceID"),
                id: word(span, "spanID"),
                parent: references().find(is_child).map(|parent| word(parent, "spanID")),
                links: references()
                    .filter(|reference| !is_child(reference))
                    .map(|link| (word(link, "traceID"), word(link, "spanID")))
                    .collect(),
                service: process.map(|process| word(process, "serviceName")).unwrap_or_default(),
                name: word(span, "operationName"),
                time: (begin, begin.saturating_add(number(span, "duration"))),
                fields: tags.iter().map(field).collect(),
                is_error: tags.iter().any(is_error),
            });
        }
    }
}

/// OTLP: `resourceSpans` holds spans by their resources; times are in nanoseconds.
fn otlp(value: &Value, spans: &mut Vec<Span>) {
    for resource in list(value, "resourceSpans") {
        let attributes = resource.get("resource").map_or(&[][..], |it| list(it, "attributes"));
        let service = attributes.iter().find(|it| word(it, "key") == "service.name").map(attribute);
        let service = service.map(|(_, name)| name).unwrap_or_default();
        for span in list(resource, "scopeSpans").iter().flat_map(|scope| list(scope, "spans")) {
            let parent = word(span, "parentSpanId");
            let code = span.get("status").map(|status| word(status, "code")).unwrap_or_default();
            let time = |name| number(span, name) / 1_000;
            spans.push(Span {
                trace: word(span, "traceId"),
                id: word(span, "spanId"),
                parent: Some(parent).filter(|parent| !parent.is_empty()),
                links: list(span, "links")
                    .iter()
                    .map(|it| (word(it, "traceId"), word(it, "spanId")))
                    .collect(),
                service: service.clone(),
                name: word(span, "name"),
                time: (time("startTimeUnixNano"), time("endTimeUnixNano")),
                fields: list(span, "attributes").iter().map(attribute).collect(),
                is_error: matches!(code.as_str(), "2" | "STATUS_CODE_ERROR"),
            });
        }
    }
}

/// An attribute: its key, and its value, which says its type: `{"stringValue": "a"}`.
fn attribute(attribute: &Value) -> (String, String) {
    let value = attribute.get("value").and_then(Value::as_object).and_then(|value| value.values().next());
    (word(attribute, "key"), value.map(text_of).unwrap_or_default())
}
