//! A client: it sends requests at random times, whatever becomes of them.

use super::{Input, Layer, LoadBalancing, Message, Name, Outcome, Output, Request, Timer, Varies};
use crate::draw::exponential;
use crate::{PATHS, Path};
use faultline_core::prelude::*;

/// How many requests go over one connection.
const KEPT_ALIVE: u64 = 8;
/// Of so many requests, one writes.
const READS: u64 = 4;

/// A client.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Client {
    pub(super) balancer: NodeId,
    pub(super) numbered: u64,
    /// What is not answered.
    pub(super) open: Vec<u64>,
    /// The server whose name it keeps, and what waits for a name.
    pub(super) address: Option<NodeId>,
    resolves: bool,
    waiting: Vec<Request>,
}

const SEND: Rule = Rule::new(
    "arrivals",
    "A client sends requests independently of all before: the times between them are exponential.",
);
const ANSWERED: Rule =
    Rule::new("client", "A client takes every answer for good; the balancer sees to it that there is one.");
const GAVE_UP: Rule =
    Rule::new("client", "A request that a client has given up has timed out, whatever comes of it later.");
const RESOLVED: Rule =
    Rule::new("RFC 1034 3.6", "A client may use a name for its time to live without asking again.");
const EXPIRED: Rule =
    Rule::new("RFC 1034 3.6", "A name older than its time to live must not be used any more.");

impl Client {
    pub(super) fn start(numbered: u64, balancer: NodeId, ctx: &mut Ctx<LoadBalancing>) -> Self {
        let client = Client {
            balancer,
            numbered,
            open: Vec::new(),
            address: None,
            resolves: false,
            waiting: Vec::new(),
        };
        wait(ctx);
        client
    }

    pub(super) fn next(&mut self, ctx: &mut Ctx<LoadBalancing>) {
        wait(ctx);
        let (hot, drawn) = (ctx.random(0..=99) < ctx.params().hot, ctx.random(0..=PATHS - 1));
        let path = Path(if hot { 0 } else { drawn as u8 });
        let writes = ctx.random(1..=READS) == READS;
        self.ask(path, writes, ctx);
    }

    pub(super) fn ask(&mut self, path: Path, writes: bool, ctx: &mut Ctx<LoadBalancing>) {
        let mean = ctx.params().work;
        let drawn = exponential(mean, 1, ctx).max(1);
        let work = if ctx.params().varies == Varies::Never { mean } else { drawn };
        self.numbered += 1;
        let name = Name { client: ctx.me(), number: self.numbered };
        let request = Request { name, path, writes, work };
        ctx.note(&SEND);
        ctx.output(Output::Sent(name));
        self.open.push(name.number);
        match (ctx.params().layer, self.address) {
            (Layer::Request | Layer::Connection, _) => ctx.send(self.balancer, Message::Request(request)),
            (Layer::Name, Some(server)) => send(server, request, ctx),
            (Layer::Name, None) => {
                self.waiting.push(request);
                if !self.resolves {
                    self.resolves = true;
                    ctx.send(self.balancer, Message::Resolve);
                }
            }
        }
    }

    pub(super) fn resolved(&mut self, server: Option<NodeId>, ctx: &mut Ctx<LoadBalancing>) {
        ctx.note(&RESOLVED);
        (self.resolves, self.address) = (false, server);
        let waiting = std::mem::take(&mut self.waiting);
        match server {
            Some(server) => {
                ctx.set(Timer::Expire, ctx.params().ttl);
                for request in waiting {
                    send(server, request, ctx);
                }
            }
            None => {
                for request in waiting {
                    self.settle(request.name, Outcome::Refused, ctx);
                }
            }
        }
    }

    pub(super) fn forget(&mut self, ctx: &mut Ctx<LoadBalancing>) {
        ctx.note(&EXPIRED);
        self.address = None;
    }

    pub(super) fn answered(&mut self, name: Name, outcome: Outcome, ctx: &mut Ctx<LoadBalancing>) {
        let given_up = ctx.params().layer == Layer::Name && !self.open.contains(&name.number);
        if given_up {
            return ctx.note(&GAVE_UP);
        }
        ctx.note(&ANSWERED);
        ctx.cancel(Timer::Timeout(name));
        self.settle(name, outcome, ctx);
    }

    pub(super) fn give_up(&mut self, name: Name, ctx: &mut Ctx<LoadBalancing>) {
        ctx.tell(&GAVE_UP, || format!("gives {name} up"));
        self.settle(name, Outcome::TimedOut, ctx);
    }

    fn settle(&mut self, name: Name, outcome: Outcome, ctx: &mut Ctx<LoadBalancing>) {
        self.open.retain(|number| *number != name.number);
        ctx.output(Output::Settled(name, outcome));
        // The last answer on a connection ends it, once the requests go over a later one.
        let (connection, at_layer_4) = (connection(name), ctx.params().layer == Layer::Connection);
        let is_open = |number: &u64| connection == self::connection(Name { number: *number, ..name });
        if at_layer_4 && self.numbered >= (connection + 1) * KEPT_ALIVE && !self.open.iter().any(is_open) {
            ctx.send(self.balancer, Message::Close(connection));
        }
    }
}

/// The time to the next request is drawn whether or not the policy has been kind.
fn wait(ctx: &mut Ctx<LoadBalancing>) {
    let rate = ctx.params().rate;
    if rate > 0 {
        let gap = exponential(1_000_000, rate, ctx).max(1);
        ctx.set(Timer::Arrival, gap);
    }
}

/// Asks a server whose name it knows, without a balancer.
fn send(server: NodeId, request: Request, ctx: &mut Ctx<LoadBalancing>) {
    ctx.output(Output::Assigned(crate::Assigned { name: request.name, writes: request.writes, to: server }));
    ctx.send(server, Message::Request(request));
    let timeout = ctx.params().timeout;
    if timeout > 0 {
        ctx.set(Timer::Timeout(request.name), timeout);
    }
}

/// What a client can be asked.
pub(super) fn inputs() -> Vec<Input> {
    vec![Input::Get(Path(0)), Input::Post(Path(0))]
}

/// Over which of its client's connections a request goes.
pub(super) fn connection(name: Name) -> u64 {
    (name.number - 1) / KEPT_ALIVE
}
