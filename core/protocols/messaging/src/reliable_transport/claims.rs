//! What is claimed of a reliable transport: of the stream, of flow control, and of the timeout.

use super::rto::{GRANULARITY, NANOS};
use super::sender::Sender;
use super::{Letter, Output, RECEIVER, SENDER, Scheme, Transport};
use faultline_core::card::Fact;
use faultline_core::prelude::*;

/// What the judge remembers of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Record {
    /// How many letters were written, and how many were delivered, from when to when.
    written: u64,
    delivered: u64,
    first: Micros,
    last: Micros,
    /// When those letters were written that were never delivered, and those that the sender does not know to have arrived.
    missing: Map<u64, Micros>,
    unacknowledged: Map<u64, Micros>,
    /// When the first letter was written.
    begun: Option<Micros>,
    /// From when to when the application did not read, and since when it does not.
    stops: Map<Micros, Micros>,
    stopped: Option<Micros>,
    /// How often the sender had sent each segment in flight, by its latest step.
    copies: Map<u64, u64>,
    has_measured: bool,
    estimate: Estimate,
}

/// SRTT and RTTVAR in parts of a nanosecond, computed as Jacobson writes them: by the error of the estimate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Estimate(Option<(i128, i128)>);

/// Parts of a nanosecond: enough that rounding stays far below one in any run.
const PARTS: i128 = 1 << 20;

impl Estimate {
    fn after(self, trip: Micros) -> Self {
        let trip = i128::from(trip * NANOS) * PARTS;
        Estimate(Some(self.0.map_or((trip, trip / 2), |(average, deviation)| {
            let error = trip - average;
            (average + error / 8, deviation + (error.abs() - deviation) / 4)
        })))
    }

    /// RTO in nanoseconds, if it may be no longer than this.
    fn timeout(self, longest: Micros) -> Option<i128> {
        let most = i128::from(longest * NANOS);
        self.0.map(|(average, deviation)| {
            (average / PARTS + (4 * deviation / PARTS).max(GRANULARITY.into())).min(most)
        })
    }
}

/// The round trips that were measured in a step.
fn measured(outputs: &[Output]) -> impl Iterator<Item = (u64, Micros)> + '_ {
    outputs.iter().filter_map(|output| match output {
        Output::Measured(index, trip) => Some((*index, trip.0)),
        Output::Took(_) | Output::Delivered(_) | Output::Discarded(_) => None,
    })
}

/// The letters that were delivered in a step.
fn delivered(outputs: &[Output]) -> impl Iterator<Item = Letter> + '_ {
    outputs.iter().filter_map(|output| match output {
        Output::Delivered(letter) => Some(*letter),
        Output::Took(_) | Output::Measured(..) | Output::Discarded(_) => None,
    })
}

impl Record {
    /// Adds a step.
    pub(super) fn remember(&mut self, step: &Step<'_, Transport>) {
        for output in step.outputs {
            if let Output::Took(written) = output {
                self.begun.get_or_insert(step.now);
                self.written = written.to;
                for letter in written.from..written.to {
                    self.missing.insert(letter, step.now);
                    self.unacknowledged.insert(letter, step.now);
                }
            }
        }
        for letter in delivered(step.outputs) {
            if self.delivered == 0 {
                self.first = step.now;
            }
            self.last = step.now;
            self.delivered += 1;
            self.missing.remove(&letter.0);
        }
        for (_, trip) in measured(step.outputs) {
            self.has_measured = true;
            self.estimate = self.estimate.after(trip);
        }
        match step.node {
            Some(Transport::Sender(sender)) => {
                self.unacknowledged.retain(|letter, _| *letter >= sender.una);
                self.copies = Map::default();
                for (index, flight) in sender.flight.iter() {
                    self.copies.insert(*index, flight.copies);
                }
            }
            Some(Transport::Receiver(receiver)) => {
                if !receiver.is_reading {
                    self.stopped.get_or_insert(step.now);
                } else if let Some(since) = self.stopped.take() {
                    self.stops.insert(since, step.now);
                }
            }
            None => {}
        }
    }

    /// For how long the application has read between two times.
    fn read(&self, from: Micros, to: Micros) -> Micros {
        let stops = self.stops.iter().map(|(begin, end)| (*begin, *end));
        let stops = stops.chain(self.stopped.map(|since| (since, to)));
        let idle = stops.map(|(begin, end)| end.min(to).saturating_sub(begin.max(from)));
        to.saturating_sub(from).saturating_sub(idle.sum())
    }

    /// How many letters were delivered.
    pub(super) fn delivered(&self) -> u64 {
        self.delivered
    }

    /// How many letters came after the first that was delivered, and how long after it the last.
    pub(super) fn delivery(&self) -> (u64, Micros) {
        (self.delivered.saturating_sub(1), self.last - self.first)
    }
}

pub(super) const CLAIMS: &[Property<Transport>] = &[
    always(
        "Prefix",
        "What n2 delivers is a prefix of what n1 was asked to send: no letter is lost, delivered twice, or out of order.",
        About::Outputs,
        prefix,
    )
    .given(something_written),
    always(
        "Flow Control",
        "n1 sends no segment for which n2 has no room.",
        About::Everything,
        flow_control,
    )
    .given(|scene| {
        not_datagrams(scene, "no window limits datagrams")?;
        something_written(scene)
    }),
    always(
        "Unambiguous Samples",
        "n1 measures the round trip only of segments that it has sent once (Karn).",
        About::Outputs,
        unambiguous,
    )
    .given(something_measured),
    always(
        "Timeout As Measured",
        "After each measurement, RTO is SRTT + max(G, 4·RTTVAR) of all that was measured, to a microsecond (RFC 6298 §2).",
        About::Outputs,
        as_measured,
    )
    .given(|scene| match scene.node_of(SENDER) {
        Some(Transport::Sender(sender)) if !sender.rto.is_adaptive() => Err("the timeout is fixed"),
        _ => something_measured(scene),
    }),
    eventually(
        "All Delivered",
        "Every letter that n1 was asked to send is delivered in the end, if the application of n2 reads.",
        Despite::Nothing,
        |scene| in_time(scene, &scene.record.missing),
        all_delivered,
    ),
    eventually(
        "All Acknowledged",
        "In the end n1 knows that every letter has arrived, and sends nothing any more.",
        Despite::Nothing,
        |scene| {
            not_datagrams(scene, "datagrams are not acknowledged")?;
            in_time(scene, &scene.record.unacknowledged)
        },
        all_acknowledged,
    ),
    sometimes(
        "Copy Discarded",
        "n2 discards a copy of a segment that it has already.",
        About::Outputs,
        |scene| {
            let is_copy = |output: &Output| matches!(output, Output::Discarded(_));
            reached(scene.outputs.iter().any(is_copy))
        },
    ),
    sometimes("Window Closed", "n1 has something to send, and n2 has no room for it.", About::Everything, |scene| {
        reached(matches!(scene.node, Some(Transport::Sender(sender)) if sender.is_blocked()))
    }),
];

fn reached(is_so: bool) -> Result<(), Contradiction> {
    if is_so { Ok(()) } else { Err(Contradiction::default()) }
}

fn something_written(scene: &Scene<'_, Transport>) -> Result<(), &'static str> {
    match scene.record.written > 0 {
        true => Ok(()),
        false => Err("n1 has nothing to send yet"),
    }
}

fn not_datagrams(scene: &Scene<'_, Transport>, why: &'static str) -> Result<(), &'static str> {
    match scene.node_of(SENDER) {
        Some(Transport::Sender(sender)) if sender.scheme == Scheme::Datagrams => Err(why),
        _ => Ok(()),
    }
}

/// Whether what was written at a time has had its time since then. Time in which the application does not read does not count:
/// what it leaves unread takes the room away, and an application may leave everything unread for ever.
fn has_had_its_time(scene: &Scene<'_, Transport>, written: Micros) -> bool {
    match scene.due {
        // Nothing happens any more by itself.
        Micros::MAX => scene.record.stopped.is_none(),
        0 => false,
        due => scene.record.read(written.max(scene.peace), scene.now) >= scene.now - due,
    }
}

/// While letters are written again and again, some are always open. Those that have had their time are judged, if there are any.
fn in_time(scene: &Scene<'_, Transport>, open: &Map<u64, Micros>) -> Result<(), &'static str> {
    something_written(scene)?;
    let begun = scene.record.begun.is_some_and(|begun| has_had_its_time(scene, begun));
    match (open.is_empty() || begun, scene.record.stopped) {
        (true, _) => Ok(()),
        (false, Some(_)) => Err("the application of n2 does not read"),
        (false, None) => Err("no letter has had its time yet"),
    }
}

/// The first of these letters, which was also written first, if it has had its time.
fn overdue(scene: &Scene<'_, Transport>, open: &Map<u64, Micros>) -> Option<u64> {
    let (letter, written) = open.iter().next()?;
    has_had_its_time(scene, *written).then_some(*letter)
}

fn something_measured(scene: &Scene<'_, Transport>) -> Result<(), &'static str> {
    match scene.record.has_measured {
        true => Ok(()),
        false => Err("n1 has not measured a round trip yet"),
    }
}

/// The sender, with a fact about it.
fn sender(field: &'static str) -> Side {
    Side::of(SENDER).showing(Fact::Field(field))
}

fn prefix(scene: &Scene<'_, Transport>) -> Result<(), Contradiction> {
    let record = scene.record;
    for (place, letter) in (record.delivered..).zip(delivered(scene.outputs)) {
        if letter != Letter(place) || place >= record.written {
            let (now, at) = (place + 1, letter.0 + 1);
            let sentence = format!(
                "{RECEIVER} delivers letter {at} ({letter}) in place of letter {now} ({})",
                Letter(place)
            );
            let receiver = Side::of(RECEIVER).showing(Fact::Field("delivered"));
            return Err(Contradiction::between(sentence, [receiver, sender("oldest unacknowledged")]));
        }
    }
    Ok(())
}

fn flow_control(scene: &Scene<'_, Transport>) -> Result<(), Contradiction> {
    let (Some(Transport::Sender(from)), Some(Transport::Receiver(to))) =
        (scene.node_of(SENDER), scene.node_of(RECEIVER))
    else {
        return Ok(());
    };
    let edge = to.next + to.advertised();
    if from.scheme == Scheme::Datagrams || from.top <= edge {
        return Ok(());
    }
    let sentence = format!("{SENDER} has sent {} letters, but {RECEIVER} has room for {edge} only", from.top);
    let receiver = Side::of(RECEIVER).showing(Fact::Field("window"));
    Err(Contradiction::between(sentence, [sender("in flight"), receiver]))
}

fn unambiguous(scene: &Scene<'_, Transport>) -> Result<(), Contradiction> {
    for (index, trip) in measured(scene.outputs) {
        let copies = scene.record.copies.get(&index).copied().unwrap_or(0);
        if copies != 1 {
            let trip = super::Trip(trip);
            let sentence = format!("{SENDER} measures {trip} by a segment that it has sent {copies} times");
            return Err(Contradiction::between(sentence, [sender("last round trip")]));
        }
    }
    Ok(())
}

fn as_measured(scene: &Scene<'_, Transport>) -> Result<(), Contradiction> {
    let Some(Transport::Sender(Sender { rto, .. })) = scene.node else { return Ok(()) };
    let Some((_, trip)) = measured(scene.outputs).last().filter(|_| rto.is_adaptive()) else {
        return Ok(());
    };
    let Some(expected) = scene.record.estimate.after(trip).timeout(rto.longest()) else { return Ok(()) };
    if (expected - i128::from(rto.nanos())).abs() <= i128::from(NANOS) {
        return Ok(());
    }
    let micros = |nanos: i128| super::Trip(Micros::try_from(nanos / i128::from(NANOS)).unwrap_or(0));
    let (has, should) = (micros(rto.nanos().into()), micros(expected));
    let sentence = format!("{SENDER} has a timeout of {has}, but what it measured makes {should}");
    Err(Contradiction::between(sentence, [sender("RTO")]))
}

fn all_delivered(scene: &Scene<'_, Transport>) -> Result<(), Contradiction> {
    let Some(letter) = overdue(scene, &scene.record.missing) else { return Ok(()) };
    let (place, letter) = (letter + 1, Letter(letter));
    let sentence =
        format!("{RECEIVER} has not delivered letter {place} ({letter}) of {}", scene.record.written);
    let receiver = Side::of(RECEIVER).showing(Fact::Field("delivered"));
    Err(Contradiction::between(sentence, [receiver, sender("to be sent")]))
}

fn all_acknowledged(scene: &Scene<'_, Transport>) -> Result<(), Contradiction> {
    let Some(letter) = overdue(scene, &scene.record.unacknowledged) else { return Ok(()) };
    let (place, letter) = (letter + 1, Letter(letter));
    let sentence = format!(
        "{SENDER} does not know that letter {place} ({letter}) of {} has arrived",
        scene.record.written
    );
    Err(Contradiction::between(sentence, [sender("in flight")]))
}
