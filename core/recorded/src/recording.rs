//! A recording: the hosts of a log and its events in an order in which they may have happened, ready to be
//! repeated.

use faultline_core::time::Micros;

/// A log, ready to be repeated.
#[derive(Debug, Default)]
pub struct Recording {
    /// The hosts, in the order in which they are drawn.
    pub hosts: Vec<Host>,
    /// The events: none comes before one that led to it.
    pub events: Vec<Event>,
    /// The vector clock of every event, one behind the other, an entry a host; empty where that would take
    /// too much memory.
    pub(crate) clocks: Vec<u32>,
}

/// A host.
#[derive(Debug, Default)]
pub struct Host {
    /// Its name, as short as the stage wants it.
    pub name: String,
    /// Its whole name, where that is longer.
    pub whole: Option<String>,
    /// Its events in order, by their places among all.
    pub events: Vec<u32>,
}

/// What is known of one event.
#[derive(Debug)]
pub struct Event {
    /// Its host, by its place.
    pub host: u32,
    /// When it is shown.
    pub time: Micros,
    /// What the log says of it.
    pub text: Box<str>,
    /// What else the log says, by names.
    pub fields: Vec<(String, String)>,
    /// The line of the log with which it begins, from 1; 0 where the format has no lines.
    pub line: u32,
    /// The events, by their places, that messages lead to that were sent with this one.
    pub sends: Vec<(u32, Carries)>,
    /// How many messages arrive with it.
    pub awaits: u32,
    /// Whether a reader may want to stop at it: it is an error.
    pub stands_out: bool,
}

/// What a message of a log is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Carries {
    /// The clock of the event with which it arrives knows of the one with which it was sent.
    Knowledge,
    /// A span began at its parent's wish.
    Call,
    /// It ended, and its parent goes on.
    Answer,
    /// A span is linked to an earlier one.
    Link,
}

impl Recording {
    /// The vector clock of an event: of every host, how many of its events it knows, itself included.
    pub fn clock(&self, event: u32) -> &[u32] {
        let hosts = self.hosts.len();
        self.clocks.get(event as usize * hosts..).and_then(|rest| rest.get(..hosts)).unwrap_or_default()
    }
}
