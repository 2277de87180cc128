//! The end that receives the stream.

use super::letters::Counter;
use super::{Letter, Message, Numbers, Output, Params, SENDER, Scheme, Transport};
use faultline_core::prelude::*;

/// How many of the letters that were delivered last are shown.
const SHOWN: usize = 12;

/// The end that receives.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Receiver {
    pub(super) scheme: Scheme,
    pub(super) counter: Counter,
    /// How many numbers it accepts, and for how many letters it has room.
    pub(super) window: u64,
    pub(super) room: u64,
    /// RCV.NXT: the next segment that it expects.
    pub(super) next: u64,
    /// What is in order and not read yet, and what arrived early.
    pub(super) unread: Vec<Letter>,
    pub(super) held: Map<u64, Letter>,
    pub(super) is_reading: bool,
    /// The letters that were delivered last.
    pub(super) tail: Vec<Letter>,
}

const IN_ORDER: Rule =
    Rule::new("RFC 9293 §3.10.7.4", "Data is handed to the application in the order of its numbers.");
const EARLY: Rule = Rule::new("selective repeat", "A segment within the window that arrives early is kept.");
const DISCARDED: Rule = Rule::new(
    "go back N",
    "A segment that is not expected is discarded, and the expected number is told again.",
);
const COPY: Rule = Rule::new(
    "RFC 9293 §3.10.7.4",
    "A copy is discarded and acknowledged, because the first acknowledgement may be lost.",
);
const OVERRUN: Rule = Rule::new("RFC 9293 §3.10.7.4", "What lies beyond the window is discarded.");
const DATAGRAM: Rule = Rule::new("RFC 768", "A datagram is handed over as it comes.");
const PROBED: Rule = Rule::new("RFC 9293 §3.8.6.1", "A probe is answered with the window as it is.");
const STOP: Rule = Rule::new("RFC 9293 §3.8.6", "What the application does not read takes room away.");
const READ: Rule = Rule::new("RFC 9293 §3.8.6", "When there is room again, the receiver tells the sender.");

impl Receiver {
    pub(super) fn new(params: &Params) -> Self {
        Receiver {
            scheme: params.scheme,
            counter: Counter { numbers: params.numbers },
            window: params.receive_window(),
            room: params.buffer,
            next: 0,
            unread: Vec::new(),
            held: Map::default(),
            is_reading: true,
            tail: Vec::new(),
        }
    }

    /// How many letters it has room for from the next one on.
    pub(super) fn advertised(&self) -> u64 {
        self.room.saturating_sub(self.unread.len() as u64)
    }

    pub(super) fn on_data(&mut self, number: u64, letter: Letter, ctx: &mut Ctx<Transport>) {
        let ahead = self.counter.ahead(number, self.next);
        let bugs = ctx.params().bugs.clone();
        if ahead < self.window && ahead < self.advertised() {
            let is_new = self.held.insert(self.next + ahead, letter).is_none();
            if !is_new {
                ctx.note(&COPY);
                ctx.output(Output::Discarded(number));
            } else if ahead > 0 {
                ctx.note(&EARLY);
            } else {
                ctx.note(&IN_ORDER);
            }
            self.put_in_order(ctx);
        } else if self.is_copy(number) {
            ctx.note(&COPY);
            ctx.output(Output::Discarded(number));
            if bugs.silent_on_duplicates {
                return;
            }
        } else {
            ctx.note(if ahead < self.advertised() { &DISCARDED } else { &OVERRUN });
        }
        let last = bugs.acks_last_received.then_some((number + 1) % self.counter.numbers);
        self.acknowledge(last, ctx);
    }

    /// Whether a number is one of the last that were accepted.
    fn is_copy(&self, number: u64) -> bool {
        let behind = self.counter.numbers - self.counter.ahead(number, self.next);
        behind <= self.next && behind <= self.counter.numbers / 2
    }

    fn put_in_order(&mut self, ctx: &mut Ctx<Transport>) {
        while let Some(letter) = self.held.remove(&self.next) {
            self.unread.push(letter);
            self.next += 1;
        }
        if self.is_reading {
            self.deliver(ctx);
        }
    }

    /// The application reads all that is in order.
    fn deliver(&mut self, ctx: &mut Ctx<Transport>) {
        for letter in std::mem::take(&mut self.unread) {
            self.tail.push(letter);
            ctx.output(Output::Delivered(letter));
        }
        let hidden = self.tail.len().saturating_sub(SHOWN);
        self.tail.drain(..hidden);
    }

    fn acknowledge(&self, instead: Option<u64>, ctx: &mut Ctx<Transport>) {
        let next = instead.unwrap_or(self.counter.of(self.next));
        let held = Numbers(self.held.keys().map(|index| self.counter.of(*index)).collect());
        ctx.send(SENDER, Message::Ack { next, window: self.advertised(), held });
    }

    pub(super) fn on_datagram(&mut self, letter: Letter, ctx: &mut Ctx<Transport>) {
        if self.advertised() == 0 {
            return ctx.note(&OVERRUN);
        }
        ctx.note(&DATAGRAM);
        self.unread.push(letter);
        self.next += 1;
        if self.is_reading {
            self.deliver(ctx);
        }
    }

    pub(super) fn on_probe(&mut self, ctx: &mut Ctx<Transport>) {
        ctx.note(&PROBED);
        self.acknowledge(None, ctx);
    }

    pub(super) fn stop(&mut self, ctx: &mut Ctx<Transport>) {
        ctx.remark(&STOP, || "stops reading".into());
        self.is_reading = false;
    }

    pub(super) fn read_on(&mut self, ctx: &mut Ctx<Transport>) {
        let window = self.advertised();
        ctx.remark(&READ, || "reads on".into());
        self.is_reading = true;
        self.deliver(ctx);
        if self.advertised() > window && self.scheme != Scheme::Datagrams {
            self.acknowledge(None, ctx);
        }
    }
}
