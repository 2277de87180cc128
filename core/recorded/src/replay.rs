//! The protocol that a recorded run plays: each host repeats its part of a log.

use crate::flaws::shortened;
use crate::recording::{Carries, Recording};
use crate::shelf;
use faultline_core::card::{Card, Field, Meaning};
use faultline_core::catalogue;
use faultline_core::name::{NodeId, Rule};
use faultline_core::node::{Ctx, Node};
use faultline_core::property::Property;
use faultline_core::protocol::{Protocol, Quiet, Step};
use faultline_core::scenario::Scenario;
use faultline_core::text::several;
use faultline_core::time::Micros;
use faultline_core::title::{Assumptions, Failures, Info, Layout, Links, Panel, Setting, Timing, Twin, Unit};
use faultline_core::words::Settings;
use std::cmp::Ordering;
use std::fmt::{self, Display};
use std::hash::{Hash, Hasher};
use std::rc::Rc;

/// The setting that names the recording.
pub(crate) const LOG: &str = "log";
/// The longest piece of an event that a sentence bears, and a message, in letters.
const LONGEST_SENTENCE: usize = 240;
const LONGEST_MESSAGE: usize = 60;

const LOCAL: Rule = Rule::new("Program order", "The events of one host happen one after the other.");
const ARRIVES: Rule = Rule::new(
    "Happened before",
    "What the log says of this event shows that an earlier one at another host led to it; a message stands for that.",
);

/// A recording, by its number; two of the same number are the same.
#[derive(Clone, Debug, Default)]
pub(crate) struct Log(u64, Rc<Recording>);

impl PartialEq for Log {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl Eq for Log {}
impl PartialOrd for Log {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Log {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}
impl Hash for Log {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.0.hash(hasher);
    }
}

impl Settings for Log {
    const SETTINGS: &'static [Setting] = &[Setting {
        name: LOG,
        sentence: "The number of the log among those that were opened.",
        unit: Unit::Count,
        bounds: (0, u64::MAX),
        default: 0,
    }];
    const TWINS: &'static [Twin] = &[];
    fn set(&mut self, _: usize, number: u64) {
        *self = Log(number, shelf::find(number).map(|kept| kept.recording).unwrap_or_default());
    }
    fn turn(&mut self, _: usize) {}
}

/// A piece of a log as a sentence may bear it: a word that is the name of another node would be read as that.
fn said(log: &Recording, text: &str, most: usize) -> String {
    let hosts = &log.hosts;
    let is_other = |word: &str| {
        let node = word.strip_prefix('n').and_then(|number| number.parse::<usize>().ok());
        let host = node.and_then(|node| hosts.get(node.checked_sub(1)?));
        host.is_some_and(|host| host.name != word)
    };
    let text = shortened(text, most);
    let is_sign = |letter: char| !letter.is_ascii_alphanumeric();
    let pieces = text.split_inclusive(is_sign).map(|piece| {
        let word = piece.trim_end_matches(is_sign);
        // A word joiner is seen by nobody, and by no program as a part of a name.
        if is_other(word) { format!("n\u{2060}{}", &piece[1..]) } else { piece.to_owned() }
    });
    pieces.collect()
}

/// A message that the log proves: with which event it was sent.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Sent {
    log: Log,
    event: u32,
}

impl Display for Sent {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.log.1.events.get(self.event as usize).map_or("", |event| &event.text);
        write!(out, "“{}”", said(&self.log.1, text, LONGEST_MESSAGE))
    }
}

/// What is under way between hosts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(clippy::enum_variant_names)] // The stage calls it a message, too.
pub(crate) enum Message {
    /// Something that told of the event.
    Message(Sent),
    /// A span begins.
    Call(Sent),
    /// A span has ended.
    Answer(Sent),
    /// A later span is linked to this one.
    Link(Sent),
}

faultline_core::kinds! { Message {
    Message 'm': Self::Message(sent) => "{sent}" as "news of {sent}",
    Call 'C': Self::Call(sent) => "{sent}" as "a call from {sent}",
    Answer 'A' reply: Self::Answer(sent) => "{sent}" as "an answer at {sent}",
    Link 'L': Self::Link(sent) => "{sent}" as "a link from {sent}",
} }

/// The next event of a host for which no message has to arrive.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Timer {
    /// It happens.
    Next,
}

impl Display for Timer {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        // It has no name, because the host of the log had no such timer.
        Ok(())
    }
}

/// What can be asked of a host of a log, and what it tells: nothing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Nothing {}

impl Display for Nothing {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {}
    }
}

impl std::str::FromStr for Nothing {
    type Err = String;
    fn from_str(_: &str) -> Result<Self, String> {
        Err("a host of a recorded run can be asked nothing".into())
    }
}

/// A host, which repeats its part of the log.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Replayer {
    log: Log,
    me: NodeId,
    /// How many of its events have happened, and how many messages have arrived for the next.
    done: u32,
    arrived: u32,
}

impl Replayer {
    /// The host's event at a place among its own, by its place among all.
    fn nth(&self, place: u32) -> Option<u32> {
        self.log.1.hosts.get(self.me.index())?.events.get(place as usize).copied()
    }

    /// Waits for the next event: for its time, unless a message brings it.
    fn wait(&self, now: Micros, ctx: &mut Ctx<Self>) {
        let next = self.nth(self.done).map(|event| &self.log.1.events[event as usize]);
        if let Some(event) = next.filter(|event| event.awaits == 0) {
            ctx.set(Timer::Next, event.time.saturating_sub(now));
        }
    }

    /// The next event happens.
    fn happens(&mut self, rule: &'static Rule, ctx: &mut Ctx<Self>) {
        let Some(place) = self.nth(self.done) else { return };
        let log = self.log.clone();
        let Some(event) = log.1.events.get(place as usize) else { return };
        (self.done, self.arrived) = (self.done + 1, 0);
        for &(to, carries) in &event.sends {
            let Some(arrives) = log.1.events.get(to as usize) else { continue };
            let sent = Sent { log: self.log.clone(), event: place };
            let message = match carries {
                Carries::Knowledge => Message::Message(sent),
                Carries::Call => Message::Call(sent),
                Carries::Answer => Message::Answer(sent),
                Carries::Link => Message::Link(sent),
            };
            ctx.send_by(NodeId(arrives.host), message, arrives.time);
        }
        let sentence = || format!("logs “{}”", said(&log.1, &event.text, LONGEST_SENTENCE));
        if event.stands_out {
            ctx.tell(rule, sentence);
        } else {
            ctx.remark(rule, sentence);
        }
        self.wait(event.time, ctx);
    }
}

impl Node for Replayer {
    type Message = Message;
    type Timer = Timer;
    type Input = Nothing;
    type Output = Nothing;
    type Stable = u64;
    type Params = Log;

    fn start(_: u64, ctx: &mut Ctx<Self>) -> Self {
        let host = Replayer { log: ctx.params().clone(), me: ctx.me(), done: 0, arrived: 0 };
        let count = host.log.1.hosts.get(host.me.index()).map_or(0, |host| host.events.len());
        ctx.remark(&LOCAL, || format!("has {} in the log", several(count as u64, "event")));
        host.wait(0, ctx);
        host
    }

    fn stable(&self) -> u64 {
        0
    }

    fn on_message(&mut self, _: NodeId, _: Message, ctx: &mut Ctx<Self>) {
        self.arrived += 1;
        let awaits = self.nth(self.done).map(|event| self.log.1.events[event as usize].awaits);
        if awaits == Some(self.arrived) {
            self.happens(&ARRIVES, ctx);
        } else {
            // Others arrive at the same moment, and the event happens with the last.
            ctx.note(&ARRIVES);
        }
    }

    fn on_timer(&mut self, Timer::Next: Timer, ctx: &mut Ctx<Self>) {
        self.happens(&LOCAL, ctx);
    }

    fn on_input(&mut self, nothing: Nothing, _: &mut Ctx<Self>) {
        match nothing {}
    }

    fn inputs(&self) -> Vec<Nothing> {
        Vec::new()
    }

    fn card(&self) -> Card {
        let log = &self.log.1;
        let Some(host) = log.hosts.get(self.me.index()) else { return Card::default() };
        let mut fields = Vec::new();
        let latest = self.done.checked_sub(1).and_then(|done| self.nth(done));
        let mut card = Card { badge: format!("event {}", self.done), ..Card::default() };
        if let Some(whole) = &host.whole {
            fields.push(Field::new("host", Meaning::Value, said(log, whole, LONGEST_SENTENCE)));
        }
        let count = format!("{} of {}", self.done, host.events.len());
        fields.push(Field::new("events", Meaning::Counter, count));
        if let Some(place) = latest {
            let event = &log.events[place as usize];
            fields.insert(0, Field::new("event", Meaning::Value, said(log, &event.text, LONGEST_SENTENCE)));
            if event.line > 0 {
                fields.push(Field::new("line", Meaning::Counter, event.line));
            }
            let row = |(name, value): &(String, String)| (name.clone(), said(log, value, LONGEST_SENTENCE));
            card.table = event.fields.iter().map(row).collect();
            card.clock = log.clock(place).iter().map(|&entry| entry.into()).collect();
        } else if !log.clocks.is_empty() {
            card.clock = vec![0; log.hosts.len()];
        }
        card.fields = fields;
        card
    }
}

impl Protocol for Replayer {
    const INFO: Info = Info {
        slug: catalogue::RECORDED,
        title: "Recorded run",
        aka: "log, trace, vector clocks",
        family: "recorded",
        source: "A log of something that happened elsewhere",
        idea: "This run was not played: it was read from a log. Each host of the log is a node, each event a step of its host, and each \
               message stands for what one event shows to know of another.",
        left_out: "A message is drawn only where the log proves that one event led to another. One that was lost, or that brought nothing \
                   new, is not there.",
        safety: ANY,
        liveness: ANY,
        nodes: (1, 1, crate::MOST_HOSTS as u32),
        until: 1_000_000,
        latency: (1_000, 1_000),
        ask: 0,
        layout: Layout::Ring,
        picture: &[],
        panels: &[Panel::Clocks, Panel::Table],
    };
    const PROPERTIES: &'static [&'static [Property<Self>]] = &[];
    const RECORDED: Option<fn(u64) -> Option<Scenario>> = Some(crate::scenario);

    type Record = ();

    fn settles(_: &Log, _: Quiet) -> Option<Micros> {
        None
    }
    fn remember((): &mut (), _: &Step<'_, Self>) {}
}

/// Nothing is assumed of what was not played.
const ANY: Assumptions =
    Assumptions { links: Links::Any, failures: Failures::Byzantine, timing: Timing::Asynchronous };
