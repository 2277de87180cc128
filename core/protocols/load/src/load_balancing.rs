//! # Load balancing (Winston 1977; Azar, Broder, Karlin & Upfal 1999; Mitzenmacher 2001; nginx and `HAProxy`)
//!
//! A balancer stands between clients and servers and chooses a server for each request. It does not know how much work
//! a request is. What it may know is whose turn it is, how many connections it has open to each server, and how long
//! each took to answer; every policy is a use of that.
//!
//! | policy | it chooses | it knows |
//! |---|---|---|
//! | round robin | each in turn, in proportion to weights | whose turn it is |
//! | random | any | nothing |
//! | hash | always the same for the same path or client | the request |
//! | two choices | the least loaded of two drawn at random | the load of two |
//! | least connections | the least loaded of all; of equal ones, that which has waited longest | the load of all |
//! | least time | the least product of answer time and load | the load and the recent answer times of all |
//!
//! Why it works: queues grow where chance sends several requests one after the other. Drawn at random, a server has at
//! least i requests with probability ρ^i. With the choice of two it is ρ^(2^i − 1), which falls doubly exponentially: a
//! second look is worth nearly as much as looking at all. Mitzenmacher draws with replacement; here the servers that are
//! compared are different ones, which matters only where there are few. Least connections makes the mean delay the least
//! that any policy without a central queue can, where service is exponential and servers are alike (Winston).
//!
//! Where it hurts: a balancer acts on what it knew. Reports of load that are a little old send all balancers to the same
//! server, the herd. A server that fails fast looks idle and attracts every request, the black hole. A dead server is
//! asked until the health checks notice, which takes three of them. A hash sends one hot path to one server. And a
//! request that timed out may have been carried out: only what writes nothing is sent again, and only once.
//!
//! At **layer 7** the balancer reads each request and chooses for each. At **layer 4** it sees connections only: all
//! requests of a connection go to one server, and load is the number of connections. As a **name server** it only
//! names a server; the client keeps the name for its time to live and asks that server itself, even a dead one.
//!
//! Health checks are `HAProxy`'s: three failures in a row take a server out of rotation, two successes in a row put it back. A check
//! that only connects finds a server healthy that answers every request with an error; a check that sends a request does not. With a
//! limit of connections the balancer keeps what no server has room for in a queue of its own: with a limit of one, that is
//! the central queue M/M/n.
//!
//! Everybody draws from a source of its own, so the same seed gives every policy the same arrivals and the same work.
//!
//! **What this file leaves out:** sticky cookies, TLS, and weights that servers report; retries on an error (nginx passes
//! a 500 on, as this does) and hedged requests; the panic mode that asks unhealthy servers when too few are healthy;
//! draining a server before it stops; a second balancer that takes over a dead one's address, so clients and balancers are assumed
//! never to fail: a client waits for its balancer for ever. A server does not notice
//! that a balancer has given up a request, and works on it all the same. At layer 4 the balancer still gives up single requests,
//! where a real one would close the connection. A check has no timeout of its own: it has failed if it is not answered when the
//! next one is sent, and an answer that comes later counts as a good check. The hash is rendezvous hashing; rings and bounded
//! loads are not here. A server works on one request at a time. A weight counts for round robin, two choices, least connections and least time.

use super::{Input, Name, Outcome, Output, Request, Serving};
use balancer::Balancer;
use client::Client;
use faultline_core::prelude::*;
use server::Server;
use std::fmt;

mod balancer;
mod card;
mod claims;
mod client;
mod policy;
mod server;
mod theory;
mod title;

/// What is set before a run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Settings)]
pub struct Params {
    /// How the balancer chooses a server.
    pub policy: Policy,
    /// What the balancer chooses a server for: each request (layer 7), each connection (layer 4), or each question for
    /// a name.
    pub layer: Layer,
    /// How many nodes are clients. They come first.
    #[setting(default = 2, bounds = 1..=20)]
    pub clients: u64,
    /// How many nodes are balancers. They come after the clients, which are spread over them.
    #[setting(default = 1, bounds = 1..=10)]
    pub balancers: u64,
    /// How many requests each client sends by itself in a second, on average; 0 is none.
    #[setting(default = 40, bounds = 0..=100_000)]
    pub rate: u64,
    /// How long a server works on a request, on average.
    #[setting(default = 40ms, bounds = 1us..=60s)]
    pub work: Micros,
    /// How the work of requests varies.
    pub varies: Varies,
    /// The share of requests that ask for `/a`, in percent; the others ask for any path.
    #[setting(default = 0, bounds = 0..=100)]
    pub hot: u64,
    /// How many servers the policy two-choices draws to compare.
    #[setting(default = 2, bounds = 1..=10)]
    pub choices: u64,
    /// What load is to the balancer: its own open connections, or what each server reported with the latest check.
    pub load: Load,
    /// The weight of the first server, where all others have 1.
    #[setting(default = 1, bounds = 1..=10)]
    pub first_weight: u64,
    /// How many connections a server may have from one balancer; 0 is any number. What finds no room waits at the balancer.
    #[setting(default = 0, bounds = 0..=1_000)]
    pub connections: u64,
    /// How many requests may wait at a balancer; it refuses any more.
    #[setting(default = 1_000, bounds = 0..=1_000_000)]
    pub backlog: u64,
    /// What a health check asks of a server: to accept a connection, or to answer a request as well.
    pub checks: Checks,
    /// The time between two checks of a server.
    #[setting(default = 100ms, bounds = 1ms..=60s)]
    pub check_every: Micros,
    /// How long a balancer waits for a server's answer, and a client that knows a server's name for its own; 0 is for ever.
    #[setting(default = 500ms, bounds = 0s..=60s)]
    pub timeout: Micros,
    /// For how long a server that was put back into rotation receives less than its share, growing evenly.
    #[setting(default = 0s, bounds = 0s..=60s)]
    pub slow_start: Micros,
    /// For how long a client keeps a name.
    #[setting(default = 1s, bounds = 1ms..=60s)]
    pub ttl: Micros,
    /// Rules taken away.
    #[setting(twins)]
    pub bugs: Bugs,
}

/// How a server is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Choice)]
#[allow(missing_docs)]
pub enum Policy {
    RoundRobin,
    Random,
    Hash,
    TwoChoices,
    LeastConnections,
    LeastTime,
}

/// For what a server is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Choice)]
#[allow(missing_docs)]
pub enum Layer {
    Request,
    Connection,
    Name,
}

/// How the work of requests varies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Choice)]
#[allow(missing_docs)]
pub enum Varies {
    Exponentially,
    Never,
}

/// What load is to the balancer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Choice)]
#[allow(missing_docs)]
pub enum Load {
    Counted,
    Reported,
}

/// What a health check asks of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Choice)]
#[allow(missing_docs)]
pub enum Checks {
    Connect,
    Request,
    Off,
}

/// The wrong twins.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Twins)]
pub struct Bugs {
    /// The policy two-choices takes all its choices from one hash, so they are one server.
    #[twin(shows_with = ["set policy two-choices"])]
    pub same_hash: bool,
    /// Of servers with equal loads, the balancer always chooses the first.
    #[twin(shows_with = ["set policy least-connections"])]
    pub ties_to_first: bool,
    /// The balancer does not count a connection off that it gives up.
    #[twin(shows_with = ["set policy least-connections"])]
    pub keeps_count: bool,
    /// The answer time of a server that is not asked is never forgotten.
    #[twin(shows_with = ["set policy least-time"])]
    pub never_decays: bool,
    /// One check decides whether a server is healthy.
    pub flaps: bool,
    /// The balancer sends a request that writes again after a timeout, too.
    pub retries_writes: bool,
    /// A hash is taken over all servers, healthy or not.
    #[twin(shows_with = ["set policy hash"])]
    pub hashes_all: bool,
    /// The balancer passes on an answer that comes after it has given up its server.
    pub passes_late: bool,
}

/// What nodes tell each other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Message {
    /// `Get` or `Post`: a request, from a client or from a balancer.
    Request(Request),
    /// What came of it.
    Answer(Name, Outcome),
    /// A client needs this connection no longer.
    Close(u64),
    /// A client asks for the name of a server.
    Resolve,
    /// This one, if any is healthy.
    Address(Option<NodeId>),
    /// A balancer checks a server.
    Check,
    /// The server has so many requests in hand, and would answer one as it should.
    Report(u64, bool),
}

kinds! { Message {
    Get 'G': Self::Request(request) if !request.writes => ("{} {}", request.name, request.path)
        as ("{}, a request for {}", request.name, request.path),
    Post 'P': Self::Request(request) => ("{} {}", request.name, request.path)
        as ("{}, a request that writes {}", request.name, request.path),
    Ok 'o' reply: Self::Answer(name, Outcome::Ok) => "{name}" as "the answer to {name}",
    Error 'e' reply: Self::Answer(name, outcome) => "{name} {outcome}" as "`{outcome}` for {name}",
    Close 'X': Self::Close(number) => "{number}" as "the end of connection {number}",
    Resolve 'R': Self::Resolve,
    Address 'a' reply: Self::Address(Some(server)) => "{server}" as "the name of {server}",
    NoAddress 'z' reply: Self::Address(None),
    Check 'C': Self::Check,
    Report 'c' reply: Self::Report(load, well) => ("{load}{}", if *well { "" } else { ", failing" })
        as ("a report of {load} in hand{}", if *well { "" } else { ", failing" }),
} }

/// What nodes remind themselves of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
pub enum Timer {
    /// A client: the next request is due.
    Arrival,
    /// A client: the name that it keeps is too old.
    Expire,
    /// Whoever waits for a server: it has not answered this request in time.
    #[words("Timeout-{0}")]
    Timeout(Name),
    /// A balancer: the next checks are due.
    Check,
    /// A server: it has carried out the request at the head of its queue.
    Done,
}

/// What is on disk: how many requests a client has numbered, so that no two bear one name.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stable {
    numbered: u64,
}

/// A client, a balancer or a server.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum LoadBalancing {
    Client(Client),
    Balancer(Balancer),
    Server(Server),
}

const START: Rule = Rule::new(
    "roles",
    "Every node is a client, a balancer or a server from the start, and all servers are held to be healthy.",
);
const STRAY: Rule = Rule::new(
    "roles",
    "A message or request meant for a node of another role, or for an earlier life of this one, changes nothing.",
);

/// How many of so many nodes are clients, and how many are balancers: at least one of each, and one is left for a server.
fn shape(params: &Params, count: usize) -> (u32, u32) {
    let balancers = params.balancers.min(count.saturating_sub(2) as u64).max(1) as u32;
    let clients = params.clients.min((count as u64).saturating_sub(u64::from(balancers) + 1)).max(1) as u32;
    (clients, balancers)
}

impl Node for LoadBalancing {
    type Message = Message;
    type Timer = Timer;
    type Input = Input;
    type Output = Output;
    type Stable = Stable;
    type Params = Params;

    fn start(stable: Stable, ctx: &mut Ctx<Self>) -> Self {
        ctx.note(&START);
        let (clients, balancers) = shape(ctx.params(), ctx.count());
        match ctx.me().0 {
            me if me < clients => {
                LoadBalancing::Client(Client::start(stable.numbered, NodeId(clients + me % balancers), ctx))
            }
            me if me < clients + balancers => {
                LoadBalancing::Balancer(Balancer::start(clients + balancers, ctx))
            }
            me => LoadBalancing::Server(Server::new(me - clients - balancers)),
        }
    }

    fn stable(&self) -> Stable {
        let numbered = if let LoadBalancing::Client(client) = self { client.numbered } else { 0 };
        Stable { numbered }
    }

    fn on_input(&mut self, input: Input, ctx: &mut Ctx<Self>) {
        match (self, input) {
            (LoadBalancing::Client(client), Input::Get(path)) => client.ask(path, false, ctx),
            (LoadBalancing::Client(client), Input::Post(path)) => client.ask(path, true, ctx),
            (LoadBalancing::Server(server), Input::Slow(times)) => server.slow_down(times, ctx),
            (LoadBalancing::Server(server), Input::Fail) => server.fail(ctx),
            (LoadBalancing::Server(server), Input::Recover) => server.recover(ctx),
            // Another role is asked for that.
            _ => ctx.note(&STRAY),
        }
    }

    fn on_message(&mut self, from: NodeId, message: Message, ctx: &mut Ctx<Self>) {
        match (self, message) {
            (LoadBalancing::Client(client), Message::Answer(name, outcome)) => {
                client.answered(name, outcome, ctx);
            }
            (LoadBalancing::Client(client), Message::Address(server)) => client.resolved(server, ctx),
            (LoadBalancing::Balancer(balancer), Message::Request(request)) => {
                balancer.receive(from, request, ctx);
            }
            (LoadBalancing::Balancer(balancer), Message::Answer(name, outcome)) => {
                balancer.answered(from, name, outcome, ctx);
            }
            (LoadBalancing::Balancer(balancer), Message::Close(number)) => balancer.close(from, number, ctx),
            (LoadBalancing::Balancer(balancer), Message::Resolve) => balancer.resolve(from, ctx),
            (LoadBalancing::Balancer(balancer), Message::Report(load, well)) => {
                balancer.reported(from, load, well, ctx);
            }
            (LoadBalancing::Server(server), Message::Request(request)) => server.receive(from, request, ctx),
            (LoadBalancing::Server(server), Message::Check) => server.checked(from, ctx),
            // Nobody sends such a message to such a node.
            _ => ctx.note(&STRAY),
        }
    }

    fn on_timer(&mut self, timer: Timer, ctx: &mut Ctx<Self>) {
        match (self, timer) {
            (LoadBalancing::Client(client), Timer::Arrival) => client.next(ctx),
            (LoadBalancing::Client(client), Timer::Expire) => client.forget(ctx),
            (LoadBalancing::Client(client), Timer::Timeout(name)) => client.give_up(name, ctx),
            (LoadBalancing::Balancer(balancer), Timer::Timeout(name)) => balancer.time_out(name, ctx),
            (LoadBalancing::Balancer(balancer), Timer::Check) => balancer.check(ctx),
            (LoadBalancing::Server(server), Timer::Done) => server.done(ctx),
            // Nobody else sets such a timer.
            _ => ctx.note(&STRAY),
        }
    }

    fn inputs(&self) -> Vec<Input> {
        match self {
            LoadBalancing::Client(_) => client::inputs(),
            LoadBalancing::Balancer(_) => Vec::new(),
            LoadBalancing::Server(server) => server.inputs(),
        }
    }

    fn card(&self) -> Card {
        match self {
            LoadBalancing::Client(client) => client.card(),
            LoadBalancing::Balancer(balancer) => balancer.card(),
            LoadBalancing::Server(server) => server.card(),
        }
    }
}

impl Serving for LoadBalancing {
    fn in_hand(&self) -> Option<u64> {
        if let LoadBalancing::Server(server) = self { Some(server.in_hand()) } else { None }
    }
}

impl fmt::Display for Stable {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.numbered {
            0 => write!(out, "nothing"),
            numbered => write!(out, "{numbered} numbered"),
        }
    }
}
