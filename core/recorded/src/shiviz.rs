//! Logs with vector clocks, as `ShiViz` reads them (Beschastnikh, Wang, Brun, Ernst: Debugging Distributed
//! Systems, CACM 2016): an expression says what of the text is an event, with groups named `event`, `host`
//! and `clock`; other named groups are fields. A clock is JSON, hosts and counters. A second expression parts
//! several executions.
//!
//! A file may say its expression itself, in its first line, and the delimiter in the second, as those do that
//! `ShiViz` and we export.

use crate::clocks::Clock;
use crate::expression::compiled;
use crate::flaws::{Flaw, Flaws, quoted};
use crate::order::{Order, Parsed, Raw};
use crate::{How, Matches, Read, Refusal};
use regex_lite::{Captures, Regex};
use serde_json::Value;
use std::collections::BTreeMap;

/// Expressions that are tried where nobody says one: what the logs that come with `ShiViz` are read by, the
/// strictest first, and one for each way in which its libraries for Go, Java and C write.
pub const KNOWN: [&str; 4] = [
    r"\[\w+\] \[(?<date>([^ ]+ [^ ]+))\] [^ ]+ \[akka://\w+/user/(?<host>\w+)\] (?<clock>.*\}) (?<event>.*)",
    r"(?<ip>(\d{1,3}\.){3}\d{1,3}) (?<date>(\d{1,2}/){2}\d{4} (\d{2}:){2}\d{2} (AM|PM)) (?<action>(INFO|GET|POST)) (?<event>.*)\n(?<host>\w*) (?<clock>.*)",
    r"(?<event>.*)\n(?<host>\S*) (?<clock>{.*})",
    r"(?<host>\S*) (?<clock>{.*})\n(?<event>.*)",
];
/// The delimiter that is tried with them.
const PARTED: &str = r"^=== (?<trace>.*) ===$";
/// How much of a log is read to choose among them, in bytes.
const SAMPLE: usize = 64 << 10;

/// A log with what it is read by.
struct Log<'a> {
    text: &'a str,
    /// How many lines stand before it in its file.
    skipped: usize,
    how: How,
    event: Regex,
    delimiter: Option<Regex>,
}

/// An execution: its name, and where it begins and ends.
type Execution = (String, usize, usize);

/// Reads an execution of a log.
pub(crate) fn read(text: &str, how: &How) -> Result<Read, Refusal> {
    let log = prepared(text, how)?;
    let executions = log.executions();
    let Some(&(_, start, end)) = executions.get(log.how.execution) else {
        let count = executions.len();
        return Err(Refusal::new(format!(
            "There is no execution {}; the log has {count}.",
            how.execution + 1
        )));
    };
    let mut reader = Reader::default();
    let mut last = start;
    let lines = Lines::of(&log);
    for found in log.event.captures_iter(&text_until(log.text, end)[start..]) {
        let Some(whole) = found.get(0).filter(|whole| !whole.is_empty()) else { continue };
        let at = start + whole.start();
        reader.unmatched(&lines, last, at);
        last = start + whole.end();
        reader.event(&found, &log.event, lines.number(at));
    }
    reader.unmatched(&lines, last, end);
    if reader.events.is_empty() {
        let sentence = match reader.flaws.sentences().first() {
            Some(first) => format!("The expression matches no event. {first}"),
            None => "The expression matches no event.".into(),
        };
        return Err(Refusal { sentence, wants_expression: true });
    }
    let Reader { hosts, events, clocks, flaws, .. } = reader;
    let events = Parsed { hosts, events, order: Order::Clocks(clocks) };
    let executions = executions.into_iter().map(|(name, ..)| name).collect();
    Ok(Read { events, executions, how: log.how, flaws })
}

/// What an expression matches in a log.
pub(crate) fn matches(text: &str, how: &How) -> Result<Matches, String> {
    let log = prepared(text, how).map_err(|refusal| refusal.sentence)?;
    let executions = log.executions();
    let lines = Lines::of(&log);
    let mut matches = Matches { events: 0, executions: executions.len(), unmatched: 0, first: None };
    for (_, start, end) in executions {
        let mut last = start;
        let mut between = |last: usize, at: usize| {
            for (line, words) in lines.between(last, at) {
                matches.unmatched += 1;
                matches.first.get_or_insert_with(|| (line, words.trim().to_owned()));
            }
        };
        for found in log.event.find_iter(&text_until(log.text, end)[start..]).filter(|it| !it.is_empty()) {
            between(last, start + found.start());
            last = start + found.end();
            matches.events += 1;
        }
        between(last, end);
    }
    Ok(matches)
}

fn text_until(text: &str, end: usize) -> &str {
    text.get(..end).unwrap_or(text)
}

/// The log with what it is to be read by: what somebody says, what the file says itself, or one of those that
/// are known.
fn prepared<'a>(text: &'a str, how: &How) -> Result<Log<'a>, Refusal> {
    let wrong = |sentence| Refusal { sentence, wants_expression: true };
    let of = |text: &'a str, skipped, expression: &str, delimiter: Option<&str>| {
        let event = compiled(expression)?;
        let names: Vec<&str> = event.capture_names().flatten().collect();
        if let Some(missing) = ["event", "host", "clock"].iter().find(|name| !names.contains(name)) {
            return Err(format!("The expression has no group named `{missing}`, as in (?<{missing}>.*)."));
        }
        let delimiter = delimiter.filter(|delimiter| !delimiter.trim().is_empty());
        let compiled = delimiter.map(compiled).transpose()?;
        let how = How {
            expression: Some(expression.to_owned()),
            delimiter: delimiter.map(str::to_owned),
            execution: how.execution,
        };
        Ok(Log { text, skipped, how, event, delimiter: compiled })
    };
    let said = how.delimiter.as_deref();
    if let Some(expression) = &how.expression {
        return of(text, 0, expression, said).map_err(wrong);
    }
    let mut lines = text.splitn(3, '\n');
    let (first, second, rest) = (lines.next(), lines.next(), lines.next());
    if let (Some(first), Some(second), Some(rest)) = (first, second, rest)
        && ["(?<event>", "(?<host>", "(?<clock>"].iter().all(|group| first.contains(group))
    {
        return of(rest, 2, first, Some(said.unwrap_or(second))).map_err(wrong);
    }
    let sample = text.get(..text.floor_char_boundary(SAMPLE)).unwrap_or(text);
    let parted = said.or_else(|| compiled(PARTED).ok().filter(|it| it.is_match(sample)).map(|_| PARTED));
    let mut best: Option<(usize, usize, Log<'a>)> = None;
    for expression in KNOWN {
        let log = of(text, 0, expression, parted).map_err(wrong)?;
        let part = Matched::of(sample, &log.event);
        if part.events > 0 && best.as_ref().is_none_or(|(unmatched, ..)| part.unmatched < *unmatched) {
            best = Some((part.unmatched, part.events, log));
        }
    }
    match best {
        // More that does not fit than fits is no log of this form.
        Some((unmatched, events, log)) if unmatched <= events => Ok(log),
        _ => Err(wrong(
            "None of the expressions that are known fits this file. Write the one that fits.".into(),
        )),
    }
}

/// How well an expression fits a sample.
struct Matched {
    events: usize,
    unmatched: usize,
}

impl Matched {
    fn of(text: &str, expression: &Regex) -> Self {
        let (mut matched, mut last) = (Matched { events: 0, unmatched: 0 }, 0);
        let written = |text: &str| text.lines().filter(|line| !line.trim().is_empty()).count();
        for found in expression.captures_iter(text) {
            let Some(whole) = found.get(0).filter(|whole| !whole.is_empty()) else { continue };
            let clock = found.name("clock").map_or("", |clock| clock.as_str());
            if serde_json::from_str::<Value>(clock).is_ok_and(|clock| clock.is_object()) {
                matched.events += 1;
                matched.unmatched += written(&text[last..whole.start()]);
                last = whole.end();
            }
        }
        matched.unmatched += written(&text[last..]);
        matched
    }
}

impl Log<'_> {
    /// The executions, in order; one without a name where nothing parts them.
    fn executions(&self) -> Vec<Execution> {
        let mut executions: Vec<Execution> = Vec::new();
        let (mut name, mut start) = (String::new(), 0);
        let mut end_at = |name: String, start: usize, end: usize| {
            // What stands before the first delimiter is an execution only if there is anything.
            if !self.text[start..end].trim().is_empty() {
                let name =
                    if name.trim().is_empty() { format!("execution {}", executions.len() + 1) } else { name };
                executions.push((name, start, end));
            }
        };
        for found in self.delimiter.iter().flat_map(|delimiter| delimiter.captures_iter(self.text)) {
            let Some(whole) = found.get(0).filter(|whole| !whole.is_empty()) else { continue };
            end_at(std::mem::take(&mut name), start, whole.start());
            name = found.name("trace").map_or(String::new(), |name| name.as_str().to_owned());
            start = whole.end();
        }
        end_at(name, start, self.text.len());
        if executions.is_empty() {
            executions.push((String::new(), 0, self.text.len()));
        }
        executions
    }
}

/// The lines of a log.
struct Lines<'a> {
    text: &'a str,
    skipped: usize,
    starts: Vec<u32>,
}

impl<'a> Lines<'a> {
    fn of(log: &Log<'a>) -> Self {
        let ends = log.text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let starts = std::iter::once(0).chain(ends.map(|(place, _)| place as u32 + 1)).collect();
        Lines { text: log.text, skipped: log.skipped, starts }
    }

    /// The number of the line in which a byte stands, from 1.
    fn number(&self, byte: usize) -> usize {
        self.skipped + self.starts.partition_point(|start| *start as usize <= byte)
    }

    /// The lines between two places that have anything on them and are no comment.
    fn between(&self, from: usize, to: usize) -> impl Iterator<Item = (usize, &'a str)> {
        let first = self.number(from);
        let text = self.text.get(from..to).unwrap_or_default();
        let numbered = (first..).zip(text.split('\n'));
        numbered.filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'))
    }
}

/// What is read of a log, so far.
#[derive(Default)]
struct Reader {
    hosts: Vec<String>,
    places: BTreeMap<String, u32>,
    events: Vec<Raw>,
    clocks: Vec<Clock>,
    flaws: Flaws,
}

impl Reader {
    fn host(&mut self, name: &str) -> u32 {
        if let Some(place) = self.places.get(name) {
            return *place;
        }
        let place = self.hosts.len() as u32;
        self.hosts.push(name.to_owned());
        self.places.insert(name.to_owned(), place);
        place
    }

    fn unmatched(&mut self, lines: &Lines<'_>, from: usize, to: usize) {
        for (line, words) in lines.between(from, to) {
            self.flaws.add(Flaw::Unmatched, || format!("line {line}, {}", quoted(words)));
        }
    }

    fn event(&mut self, found: &Captures<'_>, expression: &Regex, line: usize) {
        let group = |name: &str| found.name(name).map_or("", |group| group.as_str()).trim();
        let name = group("host");
        if name.is_empty() {
            self.flaws.add(Flaw::NoHost, || format!("line {line}"));
            return;
        }
        let host = self.host(name);
        let Some(clock) = clock(group("clock"), |name| self.host(name)) else {
            self.flaws.add(Flaw::NoClock, || format!("line {line}, {}", quoted(group("clock"))));
            return;
        };
        if crate::clocks::entry(&clock, host) == 0 {
            self.flaws.add(Flaw::NoOwnEntry, || format!("line {line}"));
            return;
        }
        let others = expression.capture_names().flatten();
        let others = others.filter(|name| !["event", "host", "clock"].contains(name));
        let fields = others.map(|name| (name.to_owned(), group(name).to_owned())).collect();
        self.clocks.push(clock);
        self.events.push(Raw { host, text: group("event").to_owned(), fields, line, ..Raw::default() });
    }
}

/// Reads a clock: JSON, hosts and counters.
pub(crate) fn clock(text: &str, host: impl FnMut(&str) -> u32) -> Option<Clock> {
    clock_of(&serde_json::from_str(text).ok()?, host)
}

/// The clock that a value of JSON is.
pub(crate) fn clock_of(value: &Value, mut host: impl FnMut(&str) -> u32) -> Option<Clock> {
    let mut clock = Clock::new();
    for (name, count) in value.as_object()? {
        clock.push((host(name), count.as_u64()?));
    }
    faultline_core::toolbox::order::by_number(&mut clock, |(host, _)| u128::from(*host));
    Some(clock)
}
