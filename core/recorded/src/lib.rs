//! # Recorded runs: logs of something that happened elsewhere
//!
//! A log says what happened at which host, and which event knew of which. Here such a log becomes a run that
//! the views of every other run can show: its hosts are the nodes, each of its events is a step of its host,
//! and wherever an event knows something new of another host, a message is drawn that arrives with it. A
//! [`Replayer`](replay::Replayer) at each host repeats the host's part of the log.
//!
//! | file | what it is |
//! |---|---|
//! | [`shiviz`] | logs with vector clocks, read by an expression, as `ShiViz` reads them |
//! | [`lines`] | our own plain format: JSON, a line an event |
//! | [`traces`] | spans of Jaeger and of OpenTelemetry (OTLP) in JSON |
//! | [`clocks`] | which messages there must have been, by the vector clocks |
//! | [`order`] | one order of all events in which nothing comes before what led to it |
//! | [`recording`] | the result, which is replayed |
//! | [`flaws`] | what a log contradicts itself in, or lacks: each is told with the place of the first |
//!
//! A log is data and never a run of a protocol: nothing is claimed of it, and nothing can be done to it.
//! **Left out:** hosts that restart under the same name are one host; what a host did at the same time in
//! several threads is drawn in one order, that of its own counter or of its times; a message is drawn only
//! where the log proves it, so one that was lost, or that told nothing new, is not there.

use faultline_core::catalogue::{self, Entry};
use faultline_core::name::{Names, NodeId};
use faultline_core::scenario::{Caption, Scenario};
use faultline_core::text::several;
use recording::Recording;
use std::rc::Rc;

mod clocks;
mod expression;
mod flaws;
mod lines;
mod order;
pub mod recording;
mod replay;
mod shelf;
mod shiviz;
mod spans;
mod traces;

pub use shiviz::KNOWN;

/// The longest log that is read, in bytes.
pub const LONGEST_LOG: usize = 16 << 20;
/// The most events that are read of one.
pub const MOST_EVENTS: usize = 200_000;
/// The most hosts that are drawn.
pub const MOST_HOSTS: usize = 64;

static ENTRIES: [Entry; 1] = [Entry::of::<replay::Replayer>()];

/// How a log is to be read, as far as somebody says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct How {
    /// The expression that an event matches, with groups named `event`, `host` and `clock`; without one,
    /// those that are known are tried.
    pub expression: Option<String>,
    /// The expression between two executions; its group `trace` names the one that follows.
    pub delimiter: Option<String>,
    /// Which execution, from 0.
    pub execution: usize,
}

/// A log that was read.
pub struct Opened {
    /// The run that repeats it.
    pub scenario: Scenario,
    /// The names of all its executions, in the order of the file.
    pub executions: Vec<String>,
    /// How it was read, where an expression was needed.
    pub how: How,
    /// What is wrong with it, a sentence each.
    pub flaws: Vec<String>,
}

/// Why a log could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// One sentence or two, with the line where there is one.
    pub sentence: String,
    /// Whether another expression may help.
    pub wants_expression: bool,
}

impl Refusal {
    pub(crate) fn new(sentence: impl Into<String>) -> Self {
        Refusal { sentence: sentence.into(), wants_expression: false }
    }
}

/// What a reader makes of a file: the chosen execution, and the names of all.
pub(crate) struct Read {
    pub(crate) events: order::Parsed,
    pub(crate) executions: Vec<String>,
    pub(crate) how: How,
    pub(crate) flaws: flaws::Flaws,
}

/// What a log says, before it becomes a run.
pub struct Found {
    /// What is repeated.
    pub recording: Recording,
    /// The names of all executions, in the order of the file.
    pub executions: Vec<String>,
    /// How it was read.
    pub how: How,
    /// What is wrong with it, a sentence each.
    pub flaws: Vec<String>,
}

/// Reads a log. The format is found out: JSON is spans or our own lines, everything else is read by an
/// expression.
///
/// # Errors
/// Why it cannot be read.
pub fn read(text: &str, how: &How) -> Result<Found, Refusal> {
    if text.len() > LONGEST_LOG {
        let (size, most) = (text.len() >> 20, LONGEST_LOG >> 20);
        return Err(Refusal::new(format!("This log is {size} MB long; the limit is {most} MB.")));
    }
    let tidy = text.strip_prefix('\u{feff}').unwrap_or(text);
    let tidy = if tidy.contains('\r') { &tidy.replace("\r\n", "\n") } else { tidy };
    let is_json = tidy.trim_start().starts_with('{') && how.expression.is_none();
    let read = if is_json { json(tidy, how)? } else { shiviz::read(tidy, how)? };
    let Read { events, executions, how, mut flaws } = read;
    let recording = order::recording(events, &mut flaws)?;
    Ok(Found { recording, executions, how, flaws: flaws.sentences() })
}

/// Reads a log as [`read`] does, and makes it a run.
///
/// # Errors
/// Why it cannot be read.
pub fn open(name: &str, text: &str, how: &How) -> Result<Opened, Refusal> {
    let Found { recording, executions, how, flaws } = read(text, how)?;
    let execution = executions.get(how.execution).filter(|_| executions.len() > 1);
    let title = execution.map_or_else(|| name.to_owned(), |execution| format!("{name}: {execution}"));
    catalogue::add(&ENTRIES);
    let caption = Caption { title: "Recorded run".into(), text: said(&recording, &flaws) };
    let log = shelf::keep(shelf::Kept { recording: Rc::new(recording), title, caption });
    let scenario = scenario(log).ok_or_else(|| Refusal::new("The log could not be kept."))?;
    Ok(Opened { scenario, executions, how, flaws })
}

fn json(text: &str, how: &How) -> Result<Read, Refusal> {
    if lines::are_meant(text) { lines::read(text) } else { traces::read(text, how) }
}

/// What is said over the run: how much there is, and what is wrong with it.
fn said(recording: &Recording, flaws: &[String]) -> String {
    let things = |count: usize, what: &str| several(count as u64, what);
    let (events, hosts) = (recording.events.len(), recording.hosts.len());
    let all = format!("{} of {}.", things(events, "event"), things(hosts, "host"));
    [&[all], flaws].concat().join(" ")
}

/// The run that repeats a log, by the log's number.
pub(crate) fn scenario(log: u64) -> Option<Scenario> {
    let shelf::Kept { recording, title, caption } = shelf::find(log)?;
    let own = |(node, host): (u32, &recording::Host)| {
        let node = NodeId(node);
        (host.name != node.to_string()).then(|| (node, host.name.clone()))
    };
    let mut scenario = Scenario::of(&ENTRIES[0]);
    scenario.names = Names::new((0..).zip(&recording.hosts).filter_map(own));
    scenario.nodes = recording.hosts.len() as u32;
    scenario.until = recording.events.last().map_or(0, |last| last.time) + order::STEP;
    scenario.choices.settings = vec![(replay::LOG, log)];
    scenario.captions = vec![(0, caption)];
    scenario.title = title;
    Some(scenario)
}

/// The recording that a run repeats, if it is one of a log.
pub fn recording_of(scenario: &Scenario) -> Option<Rc<Recording>> {
    let (_, log) = scenario.choices.settings.iter().find(|(name, _)| *name == replay::LOG)?;
    shelf::find(*log).filter(|_| scenario.is_recorded()).map(|kept| kept.recording)
}

/// How many events an expression matches in a log, and what it does not: for whoever writes one.
///
/// # Errors
/// What is wrong with the expression.
pub fn matches(text: &str, how: &How) -> Result<Matches, String> {
    shiviz::matches(text, how)
}

/// What an expression matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matches {
    /// How many events.
    pub events: usize,
    /// How many executions.
    pub executions: usize,
    /// How many lines with anything on them are no part of an event.
    pub unmatched: usize,
    /// The first of them, with its number.
    pub first: Option<(usize, String)>,
}
