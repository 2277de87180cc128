//! Spans, whoever wrote them: the beginning and the end of each are events of its service, and what leads
//! from one service to another is a message.

use crate::flaws::{Flaw, Flaws, quoted};
use crate::order::{Edge, Order, Parsed, Raw};
use crate::recording::Carries;
use std::collections::{BTreeMap, BTreeSet};

/// A span.
#[derive(Debug, Default)]
pub(crate) struct Span {
    pub(crate) trace: String,
    pub(crate) id: String,
    /// The span that wanted it.
    pub(crate) parent: Option<String>,
    /// Spans that it follows from, each with its trace.
    pub(crate) links: Vec<(String, String)>,
    pub(crate) service: String,
    pub(crate) name: String,
    /// When it began and ended, in microseconds.
    pub(crate) time: (u64, u64),
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) is_error: bool,
}

/// The traces of some spans, in the order of their first spans.
pub(crate) fn traces(spans: &[Span]) -> Vec<String> {
    let mut known = BTreeSet::new();
    let mut traces = Vec::new();
    for span in spans {
        if known.insert(&*span.trace) {
            traces.push(span.trace.clone());
        }
    }
    traces
}

/// The events of a trace: of its span with place `i` the beginning has place `2 i` and the end `2 i + 1`.
pub(crate) fn events(spans: Vec<Span>, flaws: &mut Flaws) -> Parsed {
    let (mut hosts, mut places) = (Vec::new(), BTreeMap::new());
    let ids: BTreeMap<String, usize> =
        (0..).zip(&spans).map(|(place, span)| (span.id.clone(), place)).collect();
    let services: Vec<u32> = spans.iter().map(|span| host(&mut hosts, &mut places, &span.service)).collect();
    let mut edges = Vec::new();
    for (place, span) in spans.iter().enumerate() {
        let mut edge = |from: usize, to: usize, carries| {
            if services[from / 2] != services[to / 2] {
                edges.push(Edge { from, to, carries });
            }
        };
        if let Some(parent) = &span.parent {
            match ids.get(parent) {
                Some(&parent) => {
                    edge(2 * parent, 2 * place, Carries::Call);
                    // A span that outlives its parent has not been waited for.
                    if span.time.1 <= spans[parent].time.1 {
                        edge(2 * place + 1, 2 * parent + 1, Carries::Answer);
                    }
                }
                None => flaws.add(Flaw::NoParent, || quoted(&span.name)),
            }
        }
        for (trace, id) in &span.links {
            match ids.get(id).filter(|_| trace.is_empty() || *trace == span.trace) {
                Some(&linked) => edge(2 * linked, 2 * place, Carries::Link),
                None => flaws.add(Flaw::NoTarget, || quoted(&span.name)),
            }
        }
    }
    let mut events = Vec::with_capacity(2 * spans.len());
    for (span, service) in spans.into_iter().zip(services) {
        let Span { name, time: (begin, end), fields, is_error, .. } = span;
        let raw = |verb: &str, time, fields, stands_out| Raw {
            host: service,
            text: format!("{verb} {name}"),
            fields,
            line: 0,
            time: Some(time),
            stands_out,
        };
        events.push(raw("begins", begin, fields, false));
        let verb = if is_error { "fails in" } else { "ends" };
        events.push(raw(verb, end.max(begin), Vec::new(), is_error));
    }
    Parsed { hosts, events, order: Order::Messages(edges) }
}

fn host(hosts: &mut Vec<String>, places: &mut BTreeMap<String, u32>, name: &str) -> u32 {
    let name = if name.trim().is_empty() { "unknown service" } else { name.trim() };
    *places.entry(name.to_owned()).or_insert_with(|| {
        hosts.push(name.to_owned());
        hosts.len() as u32 - 1
    })
}
