//! Scenarios: a whole run as a few lines of text, the one format of files, links, lessons, tests and counterexamples.
//!
//! ```text
//! faultline 2
//! protocol raft
//! seed 42
//! at 1.2s crash n1
//! at 1.5s drop n2>n3 Append
//! at 1.6s n2 Put x=1
//! at 1.7s expect n2 is leader
//! expect holds election-safety
//! ```
//!
//! The first line says the version of the language. A text that begins `faultline 1` is read like one that begins
//! `faultline 2`, since the language is the same, and is played with the same draws; version 1 once had draws of its own.
//!
//! One statement a line; a line that begins with `#` is a comment. What equals the protocol's default is left out when a scenario is
//! written. An act happens after everything that happens by itself up to its time, or, written `at 1.5s/2`, after
//! the first two things that happen by themselves at that very microsecond.

use crate::catalogue::{Choices, Entry};
use crate::name::{Names, NodeId};
use crate::network::Network;
use crate::text::{Complaint, percent};
use crate::time::{Micros, exact};
use crate::title::{Links, Timing, Twin, Unit};
use crate::toolbox::order::by_number;
use crate::world::Setup;
use std::fmt::{self, Display};

mod act;
mod challenge;
mod complete;
mod cue;
mod form;
mod observation;
mod read;
mod read_act;

pub use act::Act;
pub use challenge::Challenge;
pub use complete::{Completion, Known, complete};
pub use cue::{Cue, Seen};
pub use observation::{Observation, Sight};
pub(crate) use observation::{sights, state};

/// The longest text that is read, in bytes.
pub const LONGEST_TEXT: usize = 256 * 1024;
/// The most acts that a scenario may hold.
pub const MOST_ACTS: usize = 10_000;

/// A run: everything it depends on.
#[derive(Clone)]
pub struct Scenario {
    /// The protocol.
    pub entry: &'static Entry,
    /// A few words for people; may be empty.
    pub title: String,
    /// How many nodes.
    pub nodes: u32,
    /// What they are called, in texts that are read and on the page; what is written of a run keeps to `n1`.
    pub names: Names,
    /// What every draw depends on.
    pub seed: u64,
    /// How links behave.
    pub network: Network,
    /// How often the workload asks something; 0 is never.
    pub ask: Micros,
    /// How far each node's clock may be off at first, either way; 0 is not at all.
    pub skew: Micros,
    /// Parameters and wrong twins.
    pub choices: Choices,
    /// Whether nothing but the boots happens by itself: every event is an act.
    pub manual: bool,
    /// How long the run is.
    pub until: Micros,
    /// What is done to it, in order.
    pub acts: Vec<Timed>,
    /// What is said about it, in order of time.
    pub captions: Vec<(Micros, Caption)>,
    /// What is asked and noted in a lecture, in order of time.
    pub cues: Vec<(Micros, Cue)>,
    /// The moment to show first.
    pub show: Option<Moment>,
    /// What must come of it.
    pub expectations: Vec<Expectation>,
    /// What its reader is to bring about, where it is a challenge.
    pub challenge: Option<Challenge>,
}

/// A place between two events: a time, and how many events of that very microsecond come before; all, without one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The time.
    pub time: Micros,
    /// How many events of that time come before.
    pub nth: Option<u32>,
}

impl Moment {
    /// Reads what is written of a moment: `1.5s`, `1.5s/2`.
    ///
    /// # Errors
    /// One sentence when this is no moment.
    pub fn parse(text: &str) -> Result<Self, String> {
        read::moment(text)
    }

    /// What moments are ordered by.
    pub(crate) fn number(self) -> u128 {
        u128::from(self.time) << 32 | u128::from(self.nth.unwrap_or(u32::MAX))
    }
}

/// An act and its moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timed {
    /// When; its number counts what happens by itself.
    pub at: Moment,
    /// What.
    pub act: Act,
}

/// A title and a sentence or two that a scenario shows from some moment on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Caption {
    /// A few words.
    pub title: String,
    /// One or two sentences; may be empty.
    pub text: String,
}

/// What a scenario says must come of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expectation {
    /// The property, by its slug, is violated within the run.
    Violated(String),
    /// The property, by its slug, holds throughout.
    Holds(String),
    /// What should come up sometimes does.
    Reached(String),
    /// The trace has this checksum.
    Checksum(u64),
    /// This can be seen at a moment.
    Seen(Moment, Observation),
}

impl Expectation {
    /// The line of a scenario that states it.
    pub(crate) fn line(&self) -> String {
        match self {
            Expectation::Seen(at, seen) => format!("at {at} expect {seen}"),
            other => format!("expect {other}"),
        }
    }
}

/// A name as scenarios write it: `State Machine Safety` is `state-machine-safety`.
pub fn slug(name: &str) -> String {
    let letter =
        |letter: char| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '-' };
    name.chars().map(letter).collect()
}

/// What a protocol assumes, and whether what is set keeps to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assumed {
    /// One word.
    pub name: &'static str,
    /// What is assumed.
    pub sentence: &'static str,
    /// Whether it holds.
    pub holds: bool,
    /// What to set, in the words of a scenario, so that it holds no more, or again.
    pub flip: String,
}

/// How many times as long as is known a message may take where that is given up.
const LATE: Micros = 50;

impl Scenario {
    /// A run of a protocol with nothing set and nothing done.
    pub fn of(entry: &'static Entry) -> Self {
        Scenario {
            entry,
            title: String::new(),
            nodes: entry.info.nodes.0,
            names: Names::default(),
            seed: 1,
            network: entry.network(),
            ask: entry.info.ask,
            skew: 0,
            choices: Choices::default(),
            manual: false,
            until: entry.info.until,
            acts: Vec::new(),
            captions: Vec::new(),
            cues: Vec::new(),
            show: None,
            expectations: Vec::new(),
            challenge: None,
        }
    }

    /// Reads a text.
    ///
    /// # Errors
    /// The first line that cannot be read, and why.
    pub fn parse(text: &str) -> Result<Self, Complaint> {
        read::scenario(text)
    }

    /// Whether it repeats a log, and so can be looked at and not changed.
    pub fn is_recorded(&self) -> bool {
        self.entry.recorded.is_some()
    }

    /// Whether a text begins as a scenario does.
    pub fn is_meant(text: &str) -> bool {
        read::first_line(text).is_some_and(|line| line.starts_with("faultline"))
    }

    /// The slug of the protocol that a text names, which may have to arrive before the text can be read.
    pub fn protocol_of(text: &str) -> Option<&str> {
        read::protocol_of(text)
    }

    /// The line of a text, counted from 1, with the latest act or caption up to a time.
    pub fn line_at(text: &str, time: Micros) -> Option<usize> {
        read::line_at(text, time)
    }

    /// Reads a text of which nobody has looked at the bytes yet.
    ///
    /// # Errors
    /// As [`Scenario::parse`], and when the bytes are no text.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Complaint> {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self::parse(text),
            Err(error) => {
                let before = &bytes[..error.valid_up_to()];
                let line = before.iter().filter(|&&byte| byte == b'\n').count() + 1;
                Err(Complaint { line, sentence: "this is not text: its bytes are not UTF-8".into() })
            }
        }
    }

    /// Adds statements, each with the number of its line in the text that it stands in.
    ///
    /// # Errors
    /// The first line that cannot be read, and why.
    pub fn add<'a>(&mut self, lines: impl Iterator<Item = (usize, &'a str)>) -> Result<(), Complaint> {
        read::add(self, lines)
    }

    /// What is set and cannot work together, in a sentence.
    pub fn clash(&self) -> Option<String> {
        self.entry.clash(&self.choices)
    }

    /// Changes one thing that is set before the run, in the words of a scenario: `seed 7`, `twin forgets-vote`.
    ///
    /// # Errors
    /// One sentence when these are no such words.
    pub fn amend(&mut self, words: &str) -> Result<(), String> {
        read::setting(self, words)
    }

    /// Reads an act in the words of this scenario's protocol.
    ///
    /// # Errors
    /// One sentence when these are no such words.
    pub fn parse_act(&self, words: &str) -> Result<Act, String> {
        read_act::act(self, words)
    }

    /// Reads a node, by its number or by what it is called.
    ///
    /// # Errors
    /// One sentence when there is no such node.
    pub fn node(&self, word: &str) -> Result<NodeId, String> {
        read_act::node(self, word)
    }

    /// What the world needs to know.
    pub fn setup(&self) -> Setup {
        Setup {
            count: self.nodes,
            seed: self.seed,
            network: self.network,
            ask: self.ask,
            skew: self.skew,
            manual: self.manual,
            safety: self.entry.info.safety,
            liveness: self.entry.info.liveness,
            clocked: self.entry.clocked(&self.choices),
            steady: self.entry.steady(&self.choices),
            tolerated: self.entry.tolerated(self.nodes),
            counts: (0..self.nodes).map(|node| self.entry.counts(NodeId(node), self.nodes)).collect(),
            latency_known: self.entry.info.latency.1,
            writes: self.entry.writes,
        }
    }

    /// What is not set yet of what a wrong twin needs to be noticed, in the words of scenarios.
    pub fn wanted_by(&self, twin: &Twin) -> Vec<&'static str> {
        let is_set = |words: &&&str| {
            let mut with = self.clone();
            with.amend(words).is_ok() && with.to_string() == self.to_string()
        };
        twin.shows_with.iter().filter(|words| !is_set(words)).copied().collect()
    }

    /// What the protocol assumes that a setting may break.
    pub fn assumed(&self) -> Vec<Assumed> {
        let (network, usual, assumed) = (&self.network, self.entry.network(), self.entry.info.liveness);
        let mut all = Vec::new();
        let mut switch = |there: bool, name, sentence, holds: bool, [keep, give_up]: [String; 2]| {
            if there {
                all.push(Assumed { name, sentence, holds, flip: if holds { give_up } else { keep } });
            }
        };
        let links = assumed.links;
        switch(
            links >= Links::Perfect,
            "lossless",
            "Links lose no messages.",
            network.loss_ppm == 0,
            ["loss 0%", "loss 10%"].map(String::from),
        );
        switch(
            links >= Links::AtMostOnce,
            "once",
            "Links deliver no message twice.",
            network.duplicate_ppm == 0,
            ["duplication 0%", "duplication 10%"].map(String::from),
        );
        switch(
            links == Links::Fifo,
            "in-order",
            "Links keep messages in order.",
            network.fifo,
            ["fifo on", "fifo off"].map(String::from),
        );
        let (least, most) = usual.latency;
        switch(
            assumed.timing == Timing::Synchronous,
            "in-time",
            "No message takes longer than the known bound.",
            network.latency.1 <= most,
            [most, LATE * most].map(|most| format!("latency {}..{}", exact(least), exact(most))),
        );
        all
    }

    /// Whether nothing that is set before the run differs from another's.
    pub fn begins_like(&self, other: &Scenario) -> bool {
        let set = |it: &Scenario| (it.nodes, it.seed, it.network, it.ask, it.skew, it.manual);
        self.entry.info.slug == other.entry.info.slug
            && set(self) == set(other)
            && self.choices == other.choices
    }

    /// The same with more acts at one moment, at a place among the acts that keeps them in order. Later acts stay: what can
    /// no longer apply will do nothing and say so. What was expected of the run is no longer.
    pub fn with_acts(&self, place: usize, at: Moment, acts: Vec<Act>) -> Self {
        let mut branch = self.clone();
        branch.acts.splice(place..place, acts.into_iter().map(|act| Timed { at, act }));
        branch.expectations.clear();
        branch
    }

    /// What is set before the run, without what is done to it, said about it or expected of it. Things happen by themselves.
    pub fn bare(&self) -> Self {
        Scenario {
            choices: self.choices.clone(),
            nodes: self.nodes,
            names: self.names.clone(),
            seed: self.seed,
            network: self.network,
            ask: self.ask,
            skew: self.skew,
            until: self.until,
            ..Scenario::of(self.entry)
        }
    }

    /// The same done to another protocol: as many nodes as it may have, the same seed and network, and those acts that
    /// mean something to it; and the words of the others. What is the protocol's own stays as that has it by default.
    pub fn under(&self, entry: &'static Entry) -> (Self, Vec<String>) {
        let (_, least, most) = entry.info.nodes;
        let mut scenario = Scenario {
            title: self.title.clone(),
            nodes: self.nodes.clamp(least, most),
            seed: self.seed,
            network: self.network,
            skew: self.skew,
            manual: self.manual,
            until: self.until,
            ..Scenario::of(entry)
        };
        let mut left_out = Vec::new();
        for timed in &self.acts {
            let words = timed.act.to_string();
            match scenario.parse_act(&words) {
                // How many events come before in that very microsecond is of the one run only.
                Ok(act) => scenario.acts.push(Timed { at: Moment { nth: None, ..timed.at }, act }),
                Err(_) => left_out.push(words),
            }
        }
        (scenario, left_out)
    }

    /// The caption that is shown at a time.
    pub fn caption(&self, time: Micros) -> Option<&Caption> {
        self.captions.iter().rev().find(|(from, _)| *from <= time).map(|(_, caption)| caption)
    }

    /// The text without its first two lines: what is not as the protocol has it by default.
    pub(crate) fn body(&self) -> Vec<String> {
        let (mut lines, fresh) = (Vec::new(), Scenario::of(self.entry));
        let mut line = |differs: bool, text: String| {
            if differs {
                lines.push(text);
            }
        };
        line(!self.title.is_empty(), format!("title {}", self.title));
        line(self.nodes != fresh.nodes, format!("nodes {}", self.nodes));
        let names = (0..self.names.len() as u32).map(|node| self.names.called(NodeId(node)));
        line(!self.names.is_empty(), format!("names {}", names.collect::<Vec<_>>().join(" ")));
        line(self.seed != fresh.seed, format!("seed {}", self.seed));
        let network = &self.network;
        let (least, greatest) = network.latency;
        line(
            (network.latency, network.fitted) != (fresh.network.latency, None),
            match network.fitted {
                Some(fitted) => format!("latency {}", fitted.name()),
                None => format!("latency {}..{}", exact(least), exact(greatest)),
            },
        );
        line(network.loss_ppm != 0, format!("loss {}", percent(network.loss_ppm)));
        line(network.duplicate_ppm != 0, format!("duplication {}", percent(network.duplicate_ppm)));
        line(network.fifo != fresh.network.fifo, if network.fifo { "fifo" } else { "fifo off" }.into());
        line(self.ask != fresh.ask, format!("ask {}", exact(self.ask)));
        line(self.skew != 0, format!("skew {}", exact(self.skew)));
        for setting in self.entry.settings {
            if let Some((name, value)) = self.choices.settings.iter().find(|(name, _)| *name == setting.name)
            {
                line(true, format!("set {name} {}", value_text(setting.unit, *value)));
            }
        }
        for twin in &self.choices.twins {
            line(true, format!("twin {twin}"));
        }
        line(self.manual, "manual".into());
        line(self.until != fresh.until, format!("until {}", exact(self.until)));
        let mut said: Vec<(Micros, String)> =
            self.captions.iter().map(|(time, caption)| (*time, say(*time, caption))).collect();
        said.extend(self.cues.iter().map(|(time, cue)| (*time, cue.line(*time))));
        by_number(&mut said, |(time, _)| (*time).into());
        let mut said = said.into_iter().peekable();
        for timed in &self.acts {
            while let Some((_, text)) = said.next_if(|(time, _)| *time <= timed.at.time) {
                line(true, text);
            }
            line(true, format!("at {} {}", timed.at, timed.act));
        }
        for (_, text) in said {
            line(true, text);
        }
        if let Some(show) = self.show {
            line(true, format!("show {show}"));
        }
        for expectation in &self.expectations {
            line(true, expectation.line());
        }
        for text in self.challenge.iter().flat_map(Challenge::lines) {
            line(true, text);
        }
        lines
    }
}

fn say(time: Micros, caption: &Caption) -> String {
    let (title, text) = (&caption.title, &caption.text);
    let separator = if text.is_empty() { "" } else { " | " };
    format!("at {} say {title}{separator}{text}", exact(time))
}

/// A value of a parameter as scenarios write it.
pub fn value_text(unit: Unit, value: u64) -> String {
    match unit {
        Unit::Time => exact(value),
        Unit::Count => value.to_string(),
        Unit::Switch => if value == 0 { "off" } else { "on" }.into(),
        Unit::Choice(words) => words.get(value as usize).copied().unwrap_or_default().into(),
    }
}

impl Display for Scenario {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "faultline 2\nprotocol {}", self.entry.info.slug)?;
        for line in self.body() {
            writeln!(out, "{line}")?;
        }
        Ok(())
    }
}

impl Display for Moment {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&exact(self.time))?;
        self.nth.map_or(Ok(()), |nth| write!(out, "/{nth}"))
    }
}

impl Display for Expectation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Expectation::Violated(claim) => write!(out, "violated {claim}"),
            Expectation::Holds(claim) => write!(out, "holds {claim}"),
            Expectation::Reached(claim) => write!(out, "reached {claim}"),
            Expectation::Checksum(checksum) => write!(out, "checksum {checksum:016x}"),
            Expectation::Seen(at, seen) => write!(out, "{seen} at {at}"),
        }
    }
}
