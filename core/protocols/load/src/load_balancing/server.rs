//! A server: one queue, one request at a time.

use super::{Input, LoadBalancing, Message, Outcome, Output, Request, Timer};
use faultline_core::prelude::*;

/// A server.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Server {
    /// Which of the servers it is, from 0.
    pub(super) place: u32,
    /// What it has in hand and whom it answers; it works on the first.
    pub(super) queue: Vec<(NodeId, Request)>,
    /// How many times as long everything takes.
    pub(super) times: u64,
    pub(super) fails: bool,
}

const QUEUE: Rule =
    Rule::new("Kleinrock 3.2", "A server works on one request at a time, in the order of arrival.");
const FAILS: Rule = Rule::new("500", "A failing server answers at once, and wrongly.");
const DONE: Rule =
    Rule::new("Kleinrock 3.2", "A server that has carried out a request answers and takes the next.");
const REPORT: Rule = Rule::new(
    "health check",
    "A server that is up accepts a connection, says how much it has in hand, and whether it fails.",
);
const PACE: Rule =
    Rule::new("fault", "A server becomes slow, fails or recovers. What it has begun goes on as it began.");

impl Server {
    pub(super) fn new(place: u32) -> Self {
        Server { place, queue: Vec::new(), times: 1, fails: false }
    }

    pub(super) fn in_hand(&self) -> u64 {
        self.queue.len() as u64
    }

    pub(super) fn receive(&mut self, from: NodeId, request: Request, ctx: &mut Ctx<LoadBalancing>) {
        if self.fails {
            ctx.note(&FAILS);
            return ctx.send(from, Message::Answer(request.name, Outcome::Error));
        }
        ctx.note(&QUEUE);
        ctx.output(Output::Queued(request.name));
        self.queue.push((from, request));
        if self.queue.len() == 1 {
            self.begin(ctx);
        }
    }

    /// Begins to work on the first in the queue.
    fn begin(&self, ctx: &mut Ctx<LoadBalancing>) {
        if let Some((_, request)) = self.queue.first() {
            ctx.set(Timer::Done, request.work.saturating_mul(self.times));
        }
    }

    pub(super) fn done(&mut self, ctx: &mut Ctx<LoadBalancing>) {
        ctx.note(&DONE);
        if self.queue.is_empty() {
            return;
        }
        let (from, request) = self.queue.remove(0);
        ctx.output(Output::Served(request.name));
        ctx.send(from, Message::Answer(request.name, Outcome::Ok));
        self.begin(ctx);
    }

    pub(super) fn checked(&self, from: NodeId, ctx: &mut Ctx<LoadBalancing>) {
        ctx.note(&REPORT);
        ctx.send(from, Message::Report(self.in_hand(), !self.fails));
    }

    pub(super) fn slow_down(&mut self, times: u64, ctx: &mut Ctx<LoadBalancing>) {
        self.times = times.clamp(1, 1_000);
        ctx.tell(&PACE, || format!("takes {} times as long", self.times));
    }

    pub(super) fn fail(&mut self, ctx: &mut Ctx<LoadBalancing>) {
        self.fails = true;
        ctx.tell(&PACE, || "answers every new request with an error".into());
    }

    pub(super) fn recover(&mut self, ctx: &mut Ctx<LoadBalancing>) {
        (self.times, self.fails) = (1, false);
        ctx.tell(&PACE, || "is as fast and as right as at first".into());
    }

    pub(super) fn inputs(&self) -> Vec<Input> {
        match self.fails || self.times > 1 {
            true => vec![Input::Recover],
            false => vec![Input::Slow(5), Input::Fail],
        }
    }
}
