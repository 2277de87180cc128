//! Our own plain format: JSON, a line an event, for programs that have no library of vector clocks.
//!
//! ```text
//! {"host": "a", "event": "asks", "id": 1}
//! {"host": "b", "event": "answers", "id": 2, "after": [1]}
//! {"host": "a", "event": "is told", "id": 3, "after": [2], "time": 1500, "key": "x"}
//! ```
//!
//! `host` and `event` are needed. What led to an event at other hosts is either said by a `clock` (of every
//! event, hosts and counters) or by `after`, a list of the `id`s of events. `time` is in microseconds.
//! Everything else is a field.

use crate::flaws::{Flaw, Flaws};
use crate::order::{Edge, Order, Parsed, Raw};
use crate::recording::Carries;
use crate::shiviz::clock_of;
use crate::{How, Read, Refusal};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Whether a text is in this format: its first line is an event.
pub(crate) fn are_meant(text: &str) -> bool {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    serde_json::from_str::<Value>(first).is_ok_and(|value| value.get("host").is_some())
}

/// What is read, so far.
#[derive(Default)]
struct Reader {
    hosts: Vec<String>,
    places: BTreeMap<String, u32>,
    events: Vec<Raw>,
    clocks: Vec<Option<crate::clocks::Clock>>,
    /// The events by their ids, and what each comes after.
    ids: BTreeMap<String, usize>,
    after: Vec<(usize, String)>,
}

/// Reads a text.
pub(crate) fn read(text: &str) -> Result<Read, Refusal> {
    let (mut reader, mut flaws) = (Reader::default(), Flaws::default());
    for (line, words) in (1..).zip(text.lines()).filter(|(_, words)| !words.trim().is_empty()) {
        let complain = |sentence: String| Refusal::new(format!("Line {line}: {sentence}"));
        let value: Value = serde_json::from_str(words).map_err(|error| {
            complain(format!("this is no JSON ({error}); every line is one event, such as {{\"host\": \"a\", \"event\": \"starts\"}}."))
        })?;
        let Value::Object(object) = value else {
            return Err(complain(
                "an event is an object, such as {\"host\": \"a\", \"event\": \"starts\"}.".into(),
            ));
        };
        reader.event(line, object).map_err(complain)?;
    }
    let Reader { hosts, mut events, clocks, ids, after, .. } = reader;
    if clocks.iter().any(Option::is_some) {
        let mut kept = Vec::new();
        let mut read = clocks.into_iter();
        events.retain(|event| {
            let clock = read.next().flatten();
            let own = clock.as_ref().map_or(0, |clock| crate::clocks::entry(clock, event.host));
            if own == 0 {
                let flaw = if clock.is_some() { Flaw::NoOwnEntry } else { Flaw::NoClock };
                flaws.add(flaw, || format!("line {}", event.line));
            } else {
                kept.extend(clock);
            }
            own > 0
        });
        return Ok(read_of(hosts, events, Order::Clocks(kept), flaws));
    }
    let mut edges = Vec::new();
    for (to, id) in after {
        match ids.get(&id) {
            Some(&from) if events[from].host == events[to].host => {}
            Some(&from) => edges.push(Edge { from, to, carries: Carries::Knowledge }),
            None => flaws.add(Flaw::NoTarget, || format!("line {}, after {id}", events[to].line)),
        }
    }
    Ok(read_of(hosts, events, Order::Messages(edges), flaws))
}

fn read_of(hosts: Vec<String>, events: Vec<Raw>, order: Order, flaws: Flaws) -> Read {
    let events = Parsed { hosts, events, order };
    Read { events, executions: vec![String::new()], how: How::default(), flaws }
}

impl Reader {
    fn host(hosts: &mut Vec<String>, places: &mut BTreeMap<String, u32>, name: &str) -> u32 {
        *places.entry(name.to_owned()).or_insert_with(|| {
            hosts.push(name.to_owned());
            hosts.len() as u32 - 1
        })
    }

    fn event(&mut self, line: usize, object: Map<String, Value>) -> Result<(), String> {
        let place = self.events.len();
        let mut event = Raw { line, ..Raw::default() };
        let (mut has_host, mut has_text, mut clock) = (false, false, None);
        for (name, value) in object {
            match name.as_str() {
                "host" => {
                    let name = text_of(&value);
                    has_host = !name.trim().is_empty();
                    event.host = Self::host(&mut self.hosts, &mut self.places, name.trim());
                }
                "event" => (event.text, has_text) = (text_of(&value), true),
                "clock" => {
                    let read = clock_of(&value, |name| Self::host(&mut self.hosts, &mut self.places, name));
                    clock = Some(read.ok_or(
                        "`clock` is an object of hosts and counters, such as {\"a\": 2, \"b\": 1}.",
                    )?);
                }
                "id" => {
                    let id = text_of(&value);
                    if self.ids.insert(id.clone(), place).is_some() {
                        return Err(format!(
                            "the id {id} is that of an earlier event; each event has its own."
                        ));
                    }
                }
                "after" => {
                    let ids = value.as_array().ok_or("`after` is a list of ids, such as [1, 2].")?;
                    self.after.extend(ids.iter().map(|id| (place, text_of(id))));
                }
                "time" => {
                    event.time = Some(value.as_u64().ok_or("`time` is a whole number of microseconds.")?);
                }
                _ => event.fields.push((name, text_of(&value))),
            }
        }
        if !has_host {
            return Err("an event names its host, as in \"host\": \"a\".".into());
        }
        if !has_text {
            return Err("an event says what happens, as in \"event\": \"starts\".".into());
        }
        self.events.push(event);
        self.clocks.push(clock);
        Ok(())
    }
}

/// A value in words.
pub(crate) fn text_of(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
