//! The end that sends the stream. It counts segments from the first of the stream, and only what it sends and receives is a number
//! that wraps.

use super::letters::Counter;
use super::rto::Rto;
use super::{Letter, Message, Numbers, Output, Params, RECEIVER, Scheme, Timer, Transport, Trip, Written};
use faultline_core::prelude::*;

/// A segment that is not acknowledged yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Flight {
    /// When it was last sent, and how often it was.
    sent_at: Micros,
    pub(super) copies: u64,
    /// Selective repeat: it arrived early, or it is to be sent again as soon as the line is free.
    pub(super) is_held: bool,
    is_due: bool,
}

/// The end that sends.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sender {
    pub(super) scheme: Scheme,
    pub(super) counter: Counter,
    /// The window N, at most.
    pub(super) window: u64,
    /// How many letters it keeps that are not acknowledged.
    buffer: u64,
    /// How many letters the application has written.
    pub(super) written: u64,
    /// SND.UNA, the oldest segment that is not acknowledged; SND.NXT, the next to be sent; and the next that was never sent.
    pub(super) una: u64,
    pub(super) next: u64,
    pub(super) top: u64,
    /// The first segment for which the receiver has no room, as far as it has said.
    pub(super) edge: u64,
    /// What is sent and not acknowledged, from `una` to `top`.
    pub(super) flight: Map<u64, Flight>,
    pub(super) rto: Rto,
    /// The latest round trip.
    pub(super) trip: Option<Trip>,
    /// Whether the one timer of go back N runs, and whether the line is busy.
    is_timed: bool,
    is_busy: bool,
    /// How long the line is busy with a segment.
    pub(super) transmission: Micros,
    /// The time until the next probe, while the window is closed.
    persist: Option<Micros>,
}

const WRITE: Rule =
    Rule::new("RFC 9293 §3.9.1", "The application's data is queued, and sent as the window allows.");
const NO_ROOM: Rule = Rule::new("RFC 9293 §3.9.1", "With a full send buffer the application has to wait.");
const CUMULATIVE: Rule =
    Rule::new("RFC 9293 §3.4", "An acknowledgement of number X says that all before X have arrived.");
const AGAIN: Rule =
    Rule::new("RFC 9293 §3.10.7.4", "An acknowledgement of nothing new may still tell a new window.");
const OLD: Rule = Rule::new("RFC 9293 §3.10.7.4", "An acknowledgement of what is not in flight is ignored.");
const TIMEOUT: Rule = Rule::new(
    "RFC 6298 §5.4-5.6",
    "After a timeout the sender goes back to the oldest segment that is not acknowledged, and doubles RTO.",
);
const REPEAT: Rule = Rule::new(
    "selective repeat",
    "After its timeout only the segment that is not acknowledged is sent again.",
);
const LINE: Rule = Rule::new("problem", "A line sends one segment after the other.");
const PERSIST: Rule =
    Rule::new("RFC 9293 §3.8.6.1", "The sender probes a closed window, because its opening may be lost.");
const ANSWERED: Rule = Rule::new("RFC 6298 §5", "A timer for what has been acknowledged does nothing.");

impl Sender {
    pub(super) fn new(params: &Params) -> Self {
        Sender {
            scheme: params.scheme,
            counter: Counter { numbers: params.numbers },
            window: params.send_window(),
            buffer: params.send_buffer(),
            written: 0,
            una: 0,
            next: 0,
            top: 0,
            edge: params.buffer,
            flight: Map::default(),
            rto: Rto::new(params),
            trip: None,
            is_timed: false,
            is_busy: false,
            persist: None,
            transmission: params.transmission,
        }
    }

    /// Whether the application may write.
    pub(super) fn has_room(&self) -> bool {
        self.written - self.una < self.buffer
    }

    /// Whether it has something to send and the window is closed.
    pub(super) fn is_blocked(&self) -> bool {
        let is_limited = self.scheme != Scheme::Datagrams && self.edge <= self.top;
        is_limited && self.una == self.top && self.written > self.top
    }

    /// The application writes.
    pub(super) fn take(&mut self, letters: u64, ctx: &mut Ctx<Transport>) {
        let from = self.written;
        self.written += letters.min(self.buffer - (from - self.una));
        if self.written == from {
            return ctx.note(&NO_ROOM);
        }
        let taken = Written { from, to: self.written };
        ctx.remark(&WRITE, || format!("is to send “{taken}”"));
        ctx.output(Output::Took(taken));
        self.go_on(ctx);
    }

    /// Sends what may be sent now, and sees to it that a closed window is probed.
    fn go_on(&mut self, ctx: &mut Ctx<Transport>) {
        while let Some(index) = self.following(ctx.params()).filter(|_| !self.is_busy) {
            self.transmit(index, ctx);
        }
        if !self.is_blocked() {
            self.persist = None;
            ctx.cancel(Timer::Persist);
        } else if self.persist.is_none() && !ctx.params().bugs.no_persist_timer {
            self.persist = Some(self.rto.wait());
            ctx.set(Timer::Persist, self.rto.wait());
        }
    }

    /// The segment that is sent next, if one may be.
    fn following(&self, params: &Params) -> Option<u64> {
        if let Some((index, _)) = self.flight.iter().find(|(_, it)| it.is_due) {
            return Some(*index);
        }
        // No window limits datagrams.
        let is_free = params.bugs.ignores_window || self.scheme == Scheme::Datagrams;
        let edge = if is_free { self.written } else { self.edge };
        let limit = self.written.min(edge).min(self.una.saturating_add(self.window));
        Some(self.next).filter(|next| *next < limit)
    }

    fn transmit(&mut self, index: u64, ctx: &mut Ctx<Transport>) {
        self.next = self.next.max(index + 1);
        self.top = self.top.max(self.next);
        if self.scheme == Scheme::Datagrams {
            self.una = self.next;
            ctx.send(RECEIVER, Message::Datagram(Letter(index)));
        } else {
            let copies = self.flight.get(&index).map_or(0, |it| it.copies) + 1;
            let flight = Flight { sent_at: ctx.clock(), copies, is_held: false, is_due: false };
            self.flight.insert(index, flight);
            ctx.send(RECEIVER, Message::Data(self.counter.of(index), Letter(index)));
            if self.scheme == Scheme::SelectiveRepeat {
                ctx.set(Timer::Segment(index), self.rto.wait());
            } else if !self.is_timed {
                // RFC 6298 §5.1.
                self.is_timed = true;
                ctx.set(Timer::Retransmit, self.rto.wait());
            }
        }
        if self.transmission > 0 {
            self.is_busy = true;
            ctx.set(Timer::Line, self.transmission);
        }
    }

    pub(super) fn on_free_line(&mut self, ctx: &mut Ctx<Transport>) {
        ctx.note(&LINE);
        self.is_busy = false;
        self.go_on(ctx);
    }

    pub(super) fn on_ack(&mut self, next: u64, window: u64, held: &Numbers, ctx: &mut Ctx<Transport>) {
        let advance = self.counter.ahead(next, self.una);
        let plainly = ctx.params().bugs.compares_plainly && advance > 0;
        if advance > self.top - self.una || plainly && next < self.counter.of(self.una) {
            return ctx.note(&OLD);
        }
        let before = self.una;
        self.una += advance;
        self.edge = self.edge.max(self.una + window);
        let held = held.0.iter().map(|number| self.una + self.counter.ahead(*number, self.una));
        let news = self.acknowledged(before, &held.collect::<Vec<_>>());
        ctx.note(if news.is_empty() { &AGAIN } else { &CUMULATIVE });
        self.sample(&news, ctx);
        for (index, _) in news {
            if self.scheme == Scheme::SelectiveRepeat {
                ctx.cancel(Timer::Segment(index));
            }
        }
        self.next = self.next.max(self.una);
        if advance > 0 && self.scheme != Scheme::SelectiveRepeat {
            self.time_again(ctx);
        }
        self.go_on(ctx);
    }

    /// What is acknowledged by this and was not before: all up to `una`, and what the receiver holds.
    fn acknowledged(&mut self, before: u64, held: &[u64]) -> Vec<(u64, Flight)> {
        let mut news = Vec::new();
        for index in before..self.una {
            news.extend(self.flight.remove(&index).filter(|it| !it.is_held).map(|it| (index, it)));
        }
        for index in held {
            if let Some(flight) = self.flight.get_mut(index).filter(|it| !it.is_held) {
                news.push((*index, *flight));
                (flight.is_held, flight.is_due) = (true, false);
            }
        }
        news
    }

    /// Samples the round trip of the latest segment that is acknowledged, unless one of them was sent twice (Karn, RFC 6298 §3).
    fn sample(&mut self, news: &[(u64, Flight)], ctx: &mut Ctx<Transport>) {
        let is_ambiguous = news.iter().any(|(_, it)| it.copies > 1);
        let Some((index, flight)) = news.last() else { return };
        if is_ambiguous && !ctx.params().bugs.samples_retransmissions {
            return;
        }
        let trip = ctx.clock().saturating_sub(flight.sent_at);
        let bugs = &ctx.params().bugs;
        self.rto.sample(trip, bugs);
        self.trip = Some(Trip(trip));
        ctx.output(Output::Measured(*index, Trip(trip)));
    }

    /// New data is acknowledged: the timer stops if nothing is in flight (RFC 6298 §5.2), otherwise it starts again (§5.3). A fixed
    /// one runs from when the segment that is now the oldest was sent.
    fn time_again(&mut self, ctx: &mut Ctx<Transport>) {
        let oldest = self.flight.get(&self.una).filter(|_| self.una < self.next);
        self.is_timed = oldest.is_some();
        match oldest {
            None => ctx.cancel(Timer::Retransmit),
            Some(_) if self.rto.is_adaptive() => ctx.set(Timer::Retransmit, self.rto.wait()),
            Some(oldest) => {
                let passed = ctx.clock().saturating_sub(oldest.sent_at);
                ctx.set(Timer::Retransmit, self.rto.wait().saturating_sub(passed));
            }
        }
    }

    /// Stop and wait, go back N: a timeout.
    pub(super) fn go_back(&mut self, ctx: &mut Ctx<Transport>) {
        let (from, number) = (self.una, self.counter.of(self.una));
        ctx.tell(&TIMEOUT, || format!("times out and goes back to segment {number}"));
        self.rto.back_off();
        self.is_timed = false;
        self.next = from;
        self.go_on(ctx);
    }

    /// Selective repeat: the timeout of one segment. The oldest one tells that RTO is too short.
    pub(super) fn repeat(&mut self, index: u64, ctx: &mut Ctx<Transport>) {
        let number = self.counter.of(index);
        let Some(flight) = self.flight.get_mut(&index).filter(|it| !it.is_held) else {
            return ctx.note(&ANSWERED);
        };
        flight.is_due = true;
        ctx.tell(&REPEAT, || format!("times out and repeats segment {number}"));
        if index == self.una {
            self.rto.back_off();
        }
        self.go_on(ctx);
    }

    /// The window has been closed for long: asks what it is now, and waits twice as long for the next time.
    pub(super) fn probe(&mut self, ctx: &mut Ctx<Transport>) {
        ctx.tell(&PERSIST, || "probes the closed window".into());
        ctx.send(RECEIVER, Message::Probe(self.counter.of(self.top)));
        let longest = self.rto.longest();
        let wait = self.persist.map_or(self.rto.wait(), |wait| (2 * wait).min(longest));
        self.persist = Some(wait);
        ctx.set(Timer::Persist, wait);
    }
}
