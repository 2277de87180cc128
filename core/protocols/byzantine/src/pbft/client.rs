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
    /// Whether it has asked for this as a read-only request (§5.1).
    pub(super) reading: bool,
    /// Who has answered it how, and in which view, if the answer is tentative.
    pub(super) answers: Map<NodeId, Answer>,
    pub(super) tentative: Map<NodeId, u64>,
    /// The last answer that it believed.
    pub(super) believed: Option<(Request, Answer)>,
}

/// What comes before a request is committed, or without that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Early {
    No,
    Tentative,
    Read,
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
const READ: Rule = Rule::new(
    "§5.1",
    "A client sends a request that only reads to all replicas at once, which answer without giving it a \
     number.",
);
const FALL_BACK: Rule = Rule::new(
    "§5.1",
    "Where 2f + 1 replicas do not send the same value in time, a client sends the request again as one that \
     writes.",
);
const EARLY: Rule = Rule::new(
    "§5.1",
    "A client accepts an answer to a read-only request, or a tentative one, only if 2f + 1 replicas give it, \
     tentatively in one view.",
);
const LATE: Rule = Rule::new("§4.1", "The client no longer waits for this answer.");

impl Client {
    pub(super) fn ask(&mut self, operation: Operation, ctx: &mut Ctx<Pbft>) {
        if self.open.is_some() {
            return ctx.note(&BUSY);
        }
        self.timestamp += 1;
        let request = Request { client: ctx.me(), timestamp: self.timestamp, operation };
        let signed = ctx.sign(request);
        self.reading = self.counts.read_only && matches!(operation, Operation::Get(_));
        if self.reading {
            ctx.tell(&READ, || format!("sends the read-only request {request}"));
            multicast(&Message::Read(signed.clone()), ctx);
        } else {
            ctx.tell(&ASK, || format!("sends the request {request}"));
            ctx.send(primary(self.view, ctx), Message::Request(signed.clone()));
        }
        ctx.output(Output::Asked(request));
        ctx.set(Timer::Retry, ctx.params().timeout);
        self.open = Some(signed);
    }

    pub(super) fn retry(&mut self, ctx: &mut Ctx<Pbft>) {
        let rule = if self.reading { &FALL_BACK } else { &RETRY };
        if std::mem::take(&mut self.reading) {
            self.answers = Map::default();
        }
        ctx.remark(rule, || "sends its request to all replicas".into());
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
        early: Early,
        (view, timestamp, answer): (u64, u64, Answer),
        ctx: &mut Ctx<Pbft>,
    ) {
        let open = self.open.as_ref().and_then(|signed| signed.verify(ctx.me())).copied();
        let open = open.filter(|open| open.timestamp == timestamp && from.index() < replicas(ctx));
        let Some(request) = open.filter(|_| self.reading == (early == Early::Read)) else {
            return ctx.note(&LATE);
        };
        let rule = match early {
            Early::No => &REPLY,
            Early::Read | Early::Tentative => &EARLY,
        };
        ctx.note(rule);
        if early == Early::Tentative {
            if self.answers.get(&from).is_some() && self.tentative.get(&from).is_none() {
                return ctx.note(&LATE);
            }
            self.tentative.insert(from, view);
        } else {
            self.tentative.remove(&from);
        }
        self.answers.insert(from, answer);
        let (poll, enough) = self.agreeing(answer);
        if poll.len() >= enough {
            ctx.agreed(|| self.poll());
            self.view = view;
            self.open = None;
            self.reading = false;
            (self.answers, self.tentative) = (Map::default(), Map::default());
            self.believed = Some((request, answer));
            ctx.cancel(Timer::Retry);
            ctx.tell(rule, || format!("accepts the answer to {request}"));
            ctx.output(Output::Accepted(request, answer));
        }
    }

    /// Who gives this answer so that it counts, and how many are enough. Of final answers it takes f + 1. Of
    /// others it takes a quorum, and those that are tentative must be of one view: then every later view
    /// begins with the request.
    pub(super) fn agreeing(&self, answer: Answer) -> (NodeSet, usize) {
        let Counts { alike, alike_early, .. } = self.counts;
        let alike_in = |view: Option<u64>| -> NodeSet {
            let of_view = |who| self.tentative.get(who).is_none_or(|other| Some(*other) == view);
            let same = self.answers.iter().filter(|(who, other)| **other == answer && of_view(who));
            same.map(|(who, _)| *who).collect()
        };
        let ordered = alike_in(None);
        if !self.reading && (self.tentative.is_empty() || ordered.len() >= alike) {
            return (ordered, alike);
        }
        let views = self.tentative.values().map(|view| alike_in(Some(*view)));
        let most = views.max_by_key(NodeSet::len).unwrap_or(ordered);
        (most, alike_early)
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
