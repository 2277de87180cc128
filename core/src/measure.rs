//! Measures: what a run cost, counted from its records.

use crate::sim::Run;
use crate::time::Micros;
use crate::trace::{Flags, What};
use crate::view::Curves;

/// What one run cost.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Measures {
    /// Of every kind of message, by its name: how many were delivered, and how many lost or dropped.
    pub messages: Vec<(&'static str, u64, u64)>,
    /// How often something was forced to a disk.
    pub writes: u64,
    /// How many events there were.
    pub events: u64,
    /// How long each delivered message was under way, in order.
    pub latencies: Vec<Micros>,
}

impl Measures {
    /// Counts a run up to its scenario's end.
    pub fn of(run: &Run) -> Self {
        Self::until(run, run.scenario().until)
    }

    /// Counts a run up to a time.
    pub fn until(run: &Run, time: Micros) -> Self {
        let end = run.events_until(time);
        let mut messages: Vec<_> = run.scenario().entry.kinds.iter().map(|kind| (kind.name, 0, 0)).collect();
        let (mut writes, mut latencies) = (0, Vec::new());
        for record in &run.records()[..end] {
            writes += u64::from(record.flags.has(Flags::WROTE));
            if record.what.ends_message() {
                let (_, delivered, lost) = &mut messages[record.kind as usize];
                match record.what {
                    What::Deliver => {
                        *delivered += 1;
                        let sent =
                            run.records().get(record.cause as usize).map_or(record.time, |cause| cause.time);
                        latencies.push(record.time - sent);
                    }
                    _ => *lost += 1,
                }
            }
        }
        latencies.sort_unstable();
        Measures { messages, writes, events: end as u64, latencies }
    }

    /// Adds another run's counts.
    pub fn add(&mut self, other: &Measures) {
        if self.messages.is_empty() {
            self.messages = other.messages.iter().map(|(name, ..)| (*name, 0, 0)).collect();
        }
        for (mine, theirs) in self.messages.iter_mut().zip(&other.messages) {
            mine.1 += theirs.1;
            mine.2 += theirs.2;
        }
        self.writes += other.writes;
        self.events += other.events;
        self.latencies.extend(&other.latencies);
        self.latencies.sort_unstable();
    }

    /// The latency that `percent` of the messages did not exceed; 0 without messages.
    pub fn percentile(&self, percent: usize) -> Micros {
        let place = (self.latencies.len() * percent).div_ceil(100).saturating_sub(1);
        self.latencies.get(place).copied().unwrap_or(0)
    }
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
    let sent = "How many messages of this kind are sent, from each point to the next.";
    let mut sent: Vec<_> = run.scenario().entry.kinds.iter().map(|kind| of(kind.name, sent)).collect();
    let mut flying = of("in flight", "How many messages are in flight when the next point comes.");
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
