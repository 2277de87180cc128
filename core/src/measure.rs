//! Measures: what a run cost, counted from its records, event by event, so that a page can go on counting.
//!
//! A run has no bytes: what a node sends is a value that is never encoded, and any encoding that we made up for the
//! sake of counting would compare our choices, not protocols. So messages are counted, and what they carry is not.

pub use crate::costs::{Counts, Figured, Measures};
use crate::curves::Curves;
use crate::sim::Run;
use crate::time::Micros;
use crate::trace::{Flags, NO_CAUSE, Record, What};
use crate::world::World;

/// The most messages that are followed back from an answer to what it answers.
const MOST_HOPS: usize = 64;

impl Measures {
    /// Counts a run up to its scenario's end.
    pub fn of(run: &Run) -> Self {
        let end = run.events_until(run.scenario().until);
        let mut measuring = Measuring::of(run);
        measuring.step(run, end, usize::MAX);
        measuring.measures(&run.at(end).world)
    }
}

/// What a protocol's own figures are at the end of a run, of which these are the costs. A page shows none, and carries none.
#[cfg(not(target_family = "wasm"))]
pub fn figures(run: &Run, measures: &Measures) -> Vec<Figured> {
    run.end().figures(measures)
}

/// The value that `percent` of them do not exceed; 0 without any. Byte by byte, as a radix sort would: a page asks this
/// of hundreds of thousands between two frames.
pub fn percentile(values: &[u32], percent: usize) -> Micros {
    let mut place = (values.len() * percent).div_ceil(100).saturating_sub(1);
    let mut found: u32 = 0;
    for shift in [24, 16, 8, 0] {
        let mut counts = [0_usize; 256];
        // What the higher bytes say is known by now.
        let alike = |value: &&u32| shift == 24 || **value >> (shift + 8) == found;
        values.iter().filter(alike).for_each(|value| counts[(value >> shift & 255) as usize] += 1);
        let mut byte = 0;
        while byte < 255 && place >= counts[byte] {
            place -= counts[byte];
            byte += 1;
        }
        found = found << 8 | if values.is_empty() { 0 } else { byte as u32 };
    }
    found.into()
}

/// A run that is being counted.
#[derive(Clone, Debug)]
pub struct Measuring {
    measures: Measures,
    /// Of every event counted, and of every node by now, how many messages in a row led to it.
    led_by: Vec<u32>,
    nodes: Vec<u32>,
}

impl Measuring {
    /// Begins to count a run.
    pub fn of(run: &Run) -> Self {
        let messages = run.scenario().entry.kinds.iter().map(|kind| Counts::new(kind.name)).collect();
        let nodes = vec![0; run.scenario().nodes as usize];
        Measuring { measures: Measures { messages, ..Measures::default() }, led_by: Vec::new(), nodes }
    }

    /// How many events are counted.
    pub fn counted(&self) -> usize {
        self.led_by.len()
    }

    /// Counts on up to an event (exclusive), by so many events at most; whether it has come there.
    pub fn step(&mut self, run: &Run, until: usize, most: usize) -> bool {
        let records = run.records();
        let here = self.counted();
        let end = until.min(records.len());
        for record in &records[here.min(end)..end.min(here.saturating_add(most))] {
            self.count(record, records);
        }
        self.counted() >= end
    }

    /// What is counted, at the moment when a world is as this one: it knows what is under way.
    pub fn measures(&self, world: &World) -> Measures {
        let mut measures = self.measures.clone();
        measures.events = self.led_by.len() as u64;
        measures.rounds = self.nodes.iter().copied().max().unwrap_or(0).into();
        for counts in &mut measures.messages {
            counts.sent = counts.delivered + counts.lost;
        }
        for (_, envelope) in world.messages() {
            measures.messages[envelope.kind as usize].sent += 1;
        }
        measures
    }

    fn count(&mut self, record: &Record, records: &[Record]) {
        let cause = records.get(record.cause as usize);
        let before = self.nodes.get(record.node as usize).copied().unwrap_or(0);
        let mut led_by = before;
        let local = match record.what {
            What::Fire => 0,
            What::Input => 1,
            _ => 2,
        };
        let wrote = u64::from(record.flags.has(Flags::WROTE));
        if record.what.ends_message() {
            let counts = &mut self.measures.messages[record.kind as usize];
            if record.what == What::Deliver {
                counts.delivered += 1;
                counts.writes += wrote;
                let sent = cause.map_or(record.time, |cause| cause.time);
                self.measures.delays.push(short(record.time - sent));
                led_by = before.max(self.led_by.get(record.cause as usize).map_or(0, |it| it + 1));
                if record.flags.has(Flags::REPLY) {
                    self.measures.waits.extend(waited(record, records));
                }
            } else {
                counts.lost += 1;
            }
        } else {
            self.measures.local_writes[local] += wrote;
        }
        self.led_by.push(led_by);
        if let Some(node) = self.nodes.get_mut(record.node as usize) {
            *node = led_by;
        }
    }
}

/// How long the receiver of a reply had waited for it: what caused it, step by step back to a step of its own.
fn waited(reply: &Record, records: &[Record]) -> Option<u32> {
    let mut cause = reply.cause;
    for _ in 0..MOST_HOPS {
        let record = records.get(cause as usize).filter(|_| cause != NO_CAUSE)?;
        if record.node == reply.node {
            return Some(short(reply.time - record.time));
        }
        cause = record.cause;
    }
    None
}

/// Microseconds in four bytes: more than an hour is an hour and some.
fn short(time: Micros) -> u32 {
    u32::try_from(time).unwrap_or(u32::MAX)
}

/// Of every kind of message how many were sent in each of so many stretches of a run, from its start to its horizon; at
/// last how many were in flight at the end of each.
pub fn traffic(run: &Run, stretches: u64) -> Vec<Curves> {
    let length = (run.horizon() / stretches.max(1)) + 1;
    let points: Vec<_> = (0..=run.horizon() / length).map(|place| (place * length, 0)).collect();
    let of = |name, sentence| {
        let (axes, measured) = (("time", "messages"), points.clone());
        Curves { name, sentence, axes, measured, theory: Vec::new() }
    };
    let sent = "Each point counts the messages of this kind that are sent until the next point.";
    let mut sent: Vec<_> = run.scenario().entry.kinds.iter().map(|kind| of(kind.name, sent)).collect();
    let mut flying =
        of("in flight", "Each point counts the messages that are in flight when the next point comes.");
    let mut ended = points.clone();
    let mut add = |kind: u8, time: Micros| {
        sent[kind as usize].measured[(time / length) as usize].1 += 1;
        flying.measured[(time / length) as usize].1 += 1;
    };
    for record in run.records().iter().filter(|record| record.what.ends_message()) {
        let cause = run.records().get(record.cause as usize);
        add(record.kind, cause.map_or(record.time, |cause| cause.time));
        ended[(record.time / length) as usize].1 += 1;
    }
    for (_, envelope) in run.end().messages() {
        add(envelope.kind, envelope.sent);
    }
    let mut count = 0;
    for (point, (_, ended)) in flying.measured.iter_mut().zip(ended) {
        count = count + point.1 - ended;
        point.1 = count;
    }
    sent.push(flying);
    sent
}
