//! # The problem of serving requests (Kleinrock 1975, chapter 3)
//!
//! Clients send requests, and servers work on them. A request carries the work that it takes; a server works on one
//! request at a time, in the order of arrival, and whatever cannot be worked on at once waits in its queue. Somebody
//! between the two decides which server receives a request. The client wants one answer, soon; the operator wants no
//! server idle while requests wait elsewhere.
//!
//! A client draws when it sends and how much work it sends from its own source of randomness, and from nothing else. So
//! two solutions see the same arrivals and the same work, request by request, and differ only in where they send them.
//!
//! This file states the problem in terms of requests, their outcomes and the outputs of clients and servers; every file
//! beside it is a solution.

use faultline_core::prelude::*;

pub mod draw;
pub mod load_balancing;
mod record;

pub use record::{Desk, Record};

/// A request, by its client and its number there: `n1.3`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
#[words("{client}.{number}")]
pub struct Name {
    /// The client that sent it.
    pub client: NodeId,
    /// Its place among the requests of that client, from 1.
    pub number: u64,
}

/// What a request asks for: `/a` to `/h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path(pub u8);

/// How many paths there are.
pub const PATHS: u64 = 8;

/// A request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Request {
    /// Its name.
    pub name: Name,
    /// What it asks for.
    pub path: Path,
    /// Whether it changes something, so that to carry it out twice would do harm.
    pub writes: bool,
    /// How long a healthy server works on it, in microseconds; nobody between client and server may look at it.
    pub work: Micros,
}

/// What came of a request, for its client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
#[words(kebab)]
pub enum Outcome {
    /// A server has carried it out (200).
    Ok,
    /// A server has answered that it could not carry it out (500).
    Error,
    /// No server was asked, since none was free or healthy (503).
    Refused,
    /// A server was asked and did not answer in time: it may have carried the request out (504).
    TimedOut,
}

/// What the application asks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words, Read)]
#[words(
    otherwise = "a client can be asked to `Get /a` or to `Post /a`, a server to `Slow 5`, to `Fail` or to `Recover`"
)]
pub enum Input {
    /// Of a client: send a request that only reads.
    Get(Path),
    /// Of a client: send a request that writes.
    Post(Path),
    /// Of a server: take so many times as long for everything from now on.
    Slow(u64),
    /// Of a server: answer every request at once with an error.
    Fail,
    /// Of a server: be as fast and as right again as at first.
    Recover,
}

/// What the application is told.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
pub enum Output {
    /// By a client: it has sent a request.
    Sent(Name),
    /// By a client: it has an answer, or has given up.
    #[words("Settled {0} {1}")]
    Settled(Name, Outcome),
    /// By whoever decides: this server receives the request.
    Assigned(Assigned),
    /// By a balancer: a connection to this server is open.
    Opened(Opened),
    /// By a balancer: that connection is closed.
    Closed(NodeId),
    /// By a balancer: the request waits until a server has room.
    Waits(Name),
    /// By a balancer: the request waits no longer.
    Leaves(Name),
    /// By a name server: it has named this server to a client.
    Named(NodeId),
    /// By a balancer: it takes a server out of rotation after so many failed checks in a row.
    #[words("TakenOut {0} after {1}")]
    TakenOut(NodeId, u64),
    /// By a balancer: it puts a server back into rotation after so many good checks in a row.
    #[words("PutBack {0} after {1}")]
    PutBack(NodeId, u64),
    /// By a server: the request is in its queue.
    Queued(Name),
    /// By a server: it has carried the request out.
    Served(Name),
}

/// Which server receives which request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Assigned {
    /// The request.
    pub name: Name,
    /// Whether it writes.
    pub writes: bool,
    /// The server.
    pub to: NodeId,
}

/// A connection to a server.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Opened {
    /// The server.
    pub to: NodeId,
    /// Those among which it was the least loaded, where only some were looked at.
    pub among: Vec<NodeId>,
}

/// A protocol that solves the problem.
pub trait Serving: Protocol<Input = Input, Output = Output, Record = Record> {
    /// How many requests a node that is a server has in hand; `None` of any other node.
    fn in_hand(&self) -> Option<u64>;
}

/// What every solution claims.
pub const fn claims<P: Serving>() -> [Property<P>; 2] {
    [
        always(
            "Answered Once",
            "A client receives at most one answer to a request.",
            About::Outputs,
            |scene: &Scene<'_, P>| {
                for output in scene.outputs {
                    let Output::Settled(name, _) = output else { continue };
                    if !scene.record.is_open(*name) {
                        let again = Side::of(name.client).telling(output);
                        let sentence = format!("{} receives a second answer to {name}", name.client);
                        return Err(Contradiction::between(sentence, [again]));
                    }
                }
                Ok(())
            },
        )
        .given(|scene| match scene.record.settled() > 0 {
            true => Ok(()),
            false => Err("no client has received an answer yet"),
        }),
        eventually(
            "Every Request Ends",
            "Every request is answered, refused or given up in the end: none is forgotten.",
            Despite::Crashes,
            |scene: &Scene<'_, P>| match (scene.record.first(), scene.record.oldest()) {
                (None, _) => Err("no client has sent a request yet"),
                _ if scene.record.has_forgotten() => Err("a client or a balancer has crashed"),
                // Requests that are open may be too young to be judged; then there is none that is not.
                (Some(sent), Some(_)) if sent >= scene.due => Err("no request has had its time yet"),
                _ => Ok(()),
            },
            |scene| match scene.record.oldest().filter(|(_, sent)| *sent < scene.due) {
                Some((name, _)) => Err(Contradiction::between(
                    format!("{} still waits for an answer to {name}", name.client),
                    [Side::of(name.client).telling(&Output::Sent(name))],
                )),
                None => Ok(()),
            },
        )
        .since(|scene| scene.record.oldest().map(|(_, sent)| sent)),
    ]
}

impl Hole for Path {
    fn read(word: &str) -> Result<Self, String> {
        let letter = word.strip_prefix('/').and_then(|rest| rest.bytes().next().filter(|_| rest.len() == 1));
        let letter = letter.filter(|it| (b'a'..b'a' + PATHS as u8).contains(it));
        letter.map(|it| Path(it - b'a')).ok_or("a path is one of `/a` to `/h`, as in `Get /a`".into())
    }
}

impl std::fmt::Display for Path {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "/{}", char::from(b'a' + self.0))
    }
}

impl std::fmt::Display for Assigned {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{} to {}", self.name, self.to)
    }
}

impl std::fmt::Display for Opened {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}", self.to)?;
        for (place, node) in self.among.iter().enumerate() {
            write!(out, "{} {node}", if place == 0 { " of" } else { "," })?;
        }
        Ok(())
    }
}
