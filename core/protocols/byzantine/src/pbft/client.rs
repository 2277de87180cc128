//! The client of PBFT (§4.1).

use super::{Counts, Message, Pbft, Timer, multicast, primary, replicas};
use crate::{Answer, Operation, Output, Request};
use faultline_core::prelude::*;
use faultline_core::toolbox::signed::Signed;

/// A client.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Client {
    pub(super) counts: Counts,
    /// The latest view that an answer it believed came from.
    pub(super) view: u64,
    /// How many requests it has sent.
    pub(super) timestamp: u64,
    /// The one that it waits for.
    pub(super) open: Option<Signed<Request>>,
    /// Who has answered it how.
    pub(super) answers: Map<NodeId, Answer>,
    /// The last answer that it believed.
    pub(super) believed: Option<(Request, Answer)>,
}

const ASK: Rule = Rule::new(
    "§4.1",
    "A client signs its request, adds a timestamp of its own, and sends it to the primary that it knows.",
);
const BUSY: Rule = Rule::new("§4.1", "A client waits for the answer before it sends its next request.");
const RETRY: Rule = Rule::new(
    "§4.1",
    "A client that waits too long sends its request to all replicas. They resend their answers or make the \
     primary act.",
);
const REPLY: Rule =
    Rule::new("§4.1", "A client accepts an answer that f + 1 replicas give: at least one of them is honest.");
const LATE: Rule = Rule::new("§4.1", "The client no longer waits for this answer.");

impl Client {
    pub(super) fn ask(&mut self, operation: Operation, ctx: &mut Ctx<Pbft>) {
        if self.open.is_some() {
            return ctx.note(&BUSY);
        }
        self.timestamp += 1;
        let request = Request { client: ctx.me(), timestamp: self.timestamp, operation };
        let signed = ctx.sign(request);
        ctx.tell(&ASK, || format!("sends the request {request}"));
        ctx.output(Output::Asked(request));
        ctx.send(primary(self.view, ctx), Message::Request(signed.clone()));
        ctx.set(Timer::Retry, ctx.params().timeout);
        self.open = Some(signed);
    }

    pub(super) fn retry(&mut self, ctx: &mut Ctx<Pbft>) {
        ctx.remark(&RETRY, || "sends its request to all replicas".into());
        if let Some(signed) = self.open.clone() {
            if let Some(request) = signed.verify(ctx.me()) {
                ctx.output(Output::Repeated(*request));
            }
            multicast(&Message::Request(signed), ctx);
            ctx.set(Timer::Retry, ctx.params().timeout);
        }
    }

    pub(super) fn on_reply(
        &mut self,
        from: NodeId,
        view: u64,
        timestamp: u64,
        answer: Answer,
        ctx: &mut Ctx<Pbft>,
    ) {
        let open = self.open.as_ref().and_then(|signed| signed.verify(ctx.me())).copied();
        let Some(request) = open.filter(|open| open.timestamp == timestamp && from.index() < replicas(ctx))
        else {
            return ctx.note(&LATE);
        };
        ctx.note(&REPLY);
        self.answers.insert(from, answer);
        let equal = self.answers.values().filter(|other| **other == answer).count();
        if equal >= self.counts.alike {
            ctx.agreed(|| self.poll());
            self.view = view;
            self.open = None;
            self.answers = Map::default();
            self.believed = Some((request, answer));
            ctx.cancel(Timer::Retry);
            ctx.tell(&REPLY, || format!("accepts the answer to {request}"));
            ctx.output(Output::Accepted(request, answer));
        }
    }

    /// What it may be asked: two keys are enough.
    pub(super) fn inputs(&self) -> Vec<Operation> {
        let value = self.timestamp + 1;
        match self.open {
            None => vec![Operation::Put('x', value), Operation::Get('x'), Operation::Put('y', value)],
            Some(_) => Vec::new(),
        }
    }
}
