//! The balancer: what it does with requests, answers, timeouts and checks. Whom it chooses is in `policy.rs`.

use super::client::connection;
use super::{Checks, Layer, LoadBalancing, Message, Name, Outcome, Output, Params, Request, Timer};
use crate::{Assigned, Opened};
use faultline_core::prelude::*;

/// So many failed checks in a row take a server out of rotation, and so many good ones put it back: `fall` and `rise`.
pub(super) const FALL: u64 = 3;
pub(super) const RISE: u64 = 2;

/// A balancer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Balancer {
    pub(super) params: Params,
    pub(super) backends: Vec<Backend>,
    /// The first server's number.
    pub(super) first: u32,
    /// The requests that servers work on.
    pub(super) open: Map<Name, Open>,
    /// Those that wait for room, in order.
    pub(super) waiting: Vec<Request>,
    /// Layer 4: to which server each connection of a client goes.
    pub(super) flows: Map<(NodeId, u64), NodeId>,
    /// How many turns there were.
    pub(super) turns: u64,
}

/// What a balancer knows of a server.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Backend {
    pub(super) node: NodeId,
    pub(super) weight: u64,
    pub(super) is_healthy: bool,
    /// Whether the latest check is unanswered.
    pub(super) is_asked: bool,
    /// How many checks in a row have said that it is not as it is held to be.
    pub(super) streak: u64,
    /// How many checks ago it was put back into rotation.
    pub(super) age: u64,
    /// How many connections to it are open, by the balancer's count.
    pub(super) connections: u64,
    /// How many requests it had in hand at the latest check.
    pub(super) reported: u64,
    /// When it had its latest turn.
    pub(super) turn: u64,
    /// Of round robin: its credit.
    pub(super) credit: i64,
    /// Its answer time, as a moving average, and how many checks ago it last had a request in hand.
    pub(super) estimate: Micros,
    pub(super) idle: u64,
}

/// A request that a server works on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Open {
    pub(super) request: Request,
    pub(super) server: NodeId,
    since: Micros,
    /// Whether another server had it before.
    again: bool,
}

const ASSIGN: Rule = Rule::new(
    "policy",
    "The balancer chooses a server by its policy, among those in rotation that have room.",
);
const ANSWER: Rule =
    Rule::new("proxy", "The balancer passes the answer on, right or wrong, and counts the connection off.");
const LATE: Rule = Rule::new("proxy", "An answer from a server that was given up goes to nobody.");
const NO_ANSWER: Rule = Rule::new(
    "RFC 9110 9.2.2",
    "A request that only reads is sent once more, to another server. One that writes is not: it may have been carried out.",
);
const CHECK: Rule = Rule::new(
    "health check",
    "Three failed checks in a row take a server out of rotation; two good ones in a row put it back.",
);
const CLOSE: Rule = Rule::new("layer 4", "The balancer forgets a connection that its client has closed.");
const NAME: Rule = Rule::new(
    "RFC 1794",
    "A name server names a server in rotation, and does not learn what is asked there.",
);

impl Balancer {
    pub(super) fn start(first: u32, ctx: &mut Ctx<LoadBalancing>) -> Self {
        let params = ctx.params().clone();
        let servers = (first..ctx.count() as u32).map(NodeId);
        let backends = servers.map(|node| Backend {
            node,
            weight: if node.0 == first { params.first_weight } else { 1 },
            is_healthy: true,
            is_asked: false,
            streak: 0,
            age: u64::MAX,
            connections: 0,
            reported: 0,
            turn: 0,
            credit: 0,
            estimate: 0,
            idle: 0,
        });
        let backends = backends.collect();
        if params.checks != Checks::Off {
            ctx.set(Timer::Check, params.check_every);
        }
        let (open, waiting, flows) = (Map::default(), Vec::new(), Map::default());
        Balancer { params, backends, first, open, waiting, flows, turns: 0 }
    }

    /// What it knows of a server.
    pub(super) fn backend(&mut self, node: NodeId) -> Option<&mut Backend> {
        self.backends.get_mut((node.0.checked_sub(self.first)?) as usize)
    }

    pub(super) fn receive(&mut self, from: NodeId, request: Request, ctx: &mut Ctx<LoadBalancing>) {
        ctx.note(&ASSIGN);
        let flow = (from, connection(request.name));
        if let Some(server) = self.flows.get(&flow).copied() {
            return self.assign(request, server, false, ctx);
        }
        match self.choose(&request, None, ctx) {
            Some((server, among)) => self.connect(request, server, among, false, ctx),
            None if self.has_healthy() && (self.waiting.len() as u64) < self.params.backlog => {
                ctx.output(Output::Waits(request.name));
                self.waiting.push(request);
            }
            None => ctx.send(from, Message::Answer(request.name, Outcome::Refused)),
        }
    }

    /// Opens a connection to a server for a request, at layer 4 for all that come over the same one.
    fn connect(
        &mut self,
        request: Request,
        server: NodeId,
        among: Vec<NodeId>,
        again: bool,
        ctx: &mut Ctx<LoadBalancing>,
    ) {
        self.turns += 1;
        let turn = self.turns;
        if let Some(backend) = self.backend(server) {
            (backend.turn, backend.idle) = (turn, 0);
            backend.connections += 1;
        }
        if self.params.layer == Layer::Connection {
            self.flows.insert((request.name.client, connection(request.name)), server);
        }
        ctx.output(Output::Opened(Opened { to: server, among }));
        self.assign(request, server, again, ctx);
    }

    fn assign(&mut self, request: Request, server: NodeId, again: bool, ctx: &mut Ctx<LoadBalancing>) {
        let (name, since) = (request.name, ctx.clock());
        ctx.output(Output::Assigned(Assigned { name, writes: request.writes, to: server }));
        ctx.send(server, Message::Request(request));
        if self.params.timeout > 0 {
            ctx.set(Timer::Timeout(name), self.params.timeout);
        }
        self.open.insert(name, Open { request, server, since, again });
    }

    pub(super) fn answered(
        &mut self,
        from: NodeId,
        name: Name,
        outcome: Outcome,
        ctx: &mut Ctx<LoadBalancing>,
    ) {
        let Some(open) = self.open.get(&name).filter(|open| open.server == from).cloned() else {
            ctx.note(&LATE);
            if self.params.bugs.passes_late {
                ctx.send(name.client, Message::Answer(name, outcome));
            }
            return;
        };
        ctx.note(&ANSWER);
        ctx.cancel(Timer::Timeout(name));
        self.open.remove(&name);
        self.took(from, ctx.clock().saturating_sub(open.since));
        if self.params.layer == Layer::Request {
            self.count_off(from, false, ctx);
        }
        ctx.send(name.client, Message::Answer(name, outcome));
        self.serve(ctx);
    }

    /// One connection to this server less.
    fn count_off(&mut self, server: NodeId, gives_up: bool, ctx: &mut Ctx<LoadBalancing>) {
        ctx.output(Output::Closed(server));
        if gives_up && self.params.bugs.keeps_count {
            return;
        }
        if let Some(backend) = self.backend(server) {
            backend.connections = backend.connections.saturating_sub(1);
        }
    }

    /// Gives waiting requests to servers while any has room, or refuses them all where none is healthy.
    fn serve(&mut self, ctx: &mut Ctx<LoadBalancing>) {
        while let Some(request) = self.waiting.first().copied() {
            let choice = self.choose(&request, None, ctx);
            if choice.is_none() && self.has_healthy() {
                return;
            }
            self.waiting.remove(0);
            ctx.output(Output::Leaves(request.name));
            match choice {
                Some((server, among)) => {
                    self.connect(request, server, among, false, ctx);
                    self.follow(request.name, server, ctx);
                }
                None => ctx.send(request.name.client, Message::Answer(request.name, Outcome::Refused)),
            }
        }
    }

    /// Layer 4: what waits and comes over the connection that a request has just opened goes to the same server.
    fn follow(&mut self, opener: Name, server: NodeId, ctx: &mut Ctx<LoadBalancing>) {
        let flow = |name: Name| (name.client, connection(name));
        let at_layer_4 = self.params.layer == Layer::Connection;
        let follows = |it: &Request| at_layer_4 && flow(it.name) == flow(opener);
        while let Some(place) = self.waiting.iter().position(follows) {
            let request = self.waiting.remove(place);
            ctx.output(Output::Leaves(request.name));
            self.assign(request, server, false, ctx);
        }
    }

    pub(super) fn time_out(&mut self, name: Name, ctx: &mut Ctx<LoadBalancing>) {
        ctx.note(&NO_ANSWER);
        if let Some(open) = self.open.get(&name).cloned() {
            self.took(open.server, self.params.timeout);
            ctx.tell(&NO_ANSWER, || format!("gives up waiting for {} to answer {name}", open.server));
            if self.params.layer == Layer::Request {
                self.count_off(open.server, true, ctx);
            }
            self.repeat(&open, ctx);
            self.serve(ctx);
        }
    }

    /// Sends a request that its server has not answered to another one, if that does no harm; otherwise it has timed out.
    fn repeat(&mut self, open: &Open, ctx: &mut Ctx<LoadBalancing>) {
        let Open { request, server, again, .. } = *open;
        let name = request.name;
        self.open.remove(&name);
        let harmless = !request.writes || self.params.bugs.retries_writes;
        // At layer 4 nobody knows what a connection carries.
        let repeats = self.params.layer == Layer::Request && harmless && !again;
        let other = if repeats { self.choose(&request, Some(server), ctx) } else { None };
        if let Some((other, among)) = other {
            ctx.tell(&NO_ANSWER, || format!("sends {name} to {other}"));
            return self.connect(request, other, among, true, ctx);
        }
        ctx.cancel(Timer::Timeout(name));
        ctx.send(name.client, Message::Answer(name, Outcome::TimedOut));
    }

    pub(super) fn close(&mut self, from: NodeId, number: u64, ctx: &mut Ctx<LoadBalancing>) {
        ctx.note(&CLOSE);
        if let Some(server) = self.flows.remove(&(from, number)) {
            self.count_off(server, false, ctx);
            self.serve(ctx);
        }
    }

    pub(super) fn resolve(&mut self, from: NodeId, ctx: &mut Ctx<LoadBalancing>) {
        ctx.note(&NAME);
        let named = self.choose_for(u64::from(from.0), None, ctx).map(|(server, _)| server);
        if let Some(server) = named {
            self.turns += 1;
            let turn = self.turns;
            self.backend(server).into_iter().for_each(|backend| backend.turn = turn);
            ctx.output(Output::Named(server));
        }
        ctx.send(from, Message::Address(named));
    }

    pub(super) fn check(&mut self, ctx: &mut Ctx<LoadBalancing>) {
        ctx.note(&CHECK);
        ctx.set(Timer::Check, self.params.check_every);
        let decays = !self.params.bugs.never_decays;
        // All weights grow before anybody is chosen by them.
        for backend in &mut self.backends {
            backend.age = backend.age.saturating_add(1);
            if backend.connections == 0 {
                backend.idle += 1;
                backend.estimate = if decays { backend.estimate / 2 } else { backend.estimate };
            }
        }
        for place in 0..self.backends.len() {
            let backend = &mut self.backends[place];
            let (node, was_asked) = (backend.node, std::mem::replace(&mut backend.is_asked, true));
            ctx.send(node, Message::Check);
            if was_asked {
                self.found(place, false, ctx);
            }
        }
        self.serve(ctx);
    }

    pub(super) fn reported(&mut self, from: NodeId, load: u64, well: bool, ctx: &mut Ctx<LoadBalancing>) {
        ctx.note(&CHECK);
        let enough = well || self.params.checks == Checks::Connect;
        let Some(backend) = self.backend(from) else { return };
        (backend.reported, backend.is_asked) = (load, false);
        let place = (from.0 - self.first) as usize;
        self.found(place, enough, ctx);
        self.serve(ctx);
    }

    /// A check has found a server healthy or not.
    fn found(&mut self, place: usize, well: bool, ctx: &mut Ctx<LoadBalancing>) {
        let (fall, rise) = if self.params.bugs.flaps { (1, 1) } else { (FALL, RISE) };
        let turn = self.turns + 1;
        let backend = &mut self.backends[place];
        if backend.is_healthy == well {
            backend.streak = 0;
            return;
        }
        backend.streak += 1;
        let (node, streak) = (backend.node, backend.streak);
        if streak < if well { rise } else { fall } {
            return;
        }
        (backend.is_healthy, backend.streak) = (well, 0);
        if well {
            (backend.age, backend.turn) = (0, turn);
            self.turns = turn;
            ctx.tell(&CHECK, || format!("puts {node} back into rotation"));
            return ctx.output(Output::PutBack(node, streak));
        }
        ctx.tell(&CHECK, || format!("takes {node} out of rotation"));
        ctx.output(Output::TakenOut(node, streak));
        self.abandon(node, ctx);
    }

    /// Closes all connections to a server, and gives up what it had in hand.
    fn abandon(&mut self, server: NodeId, ctx: &mut Ctx<LoadBalancing>) {
        let at_layer_4 = self.params.layer == Layer::Connection;
        let flows = self.flows.values().filter(|to| **to == server).count();
        self.flows.retain(|_, to| *to != server);
        let lost: Vec<Open> = self.open.values().filter(|open| open.server == server).cloned().collect();
        for _ in 0..if at_layer_4 { flows } else { lost.len() } {
            self.count_off(server, true, ctx);
        }
        for open in &lost {
            self.repeat(open, ctx);
        }
    }

    fn has_healthy(&self) -> bool {
        self.backends.iter().any(|backend| backend.is_healthy)
    }
}
