//! A client of a broker in which nothing is declared at first: its connection, and the channel on which it
//! declares, binds, deletes and publishes. Each queue that it consumes has a channel of its own.

use super::methods::{Code, Method};
use super::topology::FIRST;
use super::{Amqp, Message, Timer};
use faultline_core::prelude::*;

/// A client.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Client {
    /// How many connections it has opened; the present one has this number.
    pub(super) connection: u64,
    channel: Channel,
}

/// How the first channel is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Channel {
    Open,
    /// The broker has not answered this.
    Asks(Method),
    /// The broker has closed it, for this reason. The next request opens another.
    Closed(Code),
}

/// How long a client waits until it opens its connection once more, in microseconds.
const AGAIN: Micros = 1_000_000;

const OPEN: Rule =
    Rule::new("connection.open", "A client opens its connection, and repeats that until n3 answers.");
const ASK: Rule =
    Rule::new("3.1", "A client asks for what it needs, and the broker answers or closes the channel.");
const CLOSED: Rule = Rule::new(
    "channel.close",
    "An error closes the channel on which it happened. The client opens another for its next request.",
);
const FIXED: Rule = Rule::new("3.1.1", "In this topology everything is declared already.");

impl Client {
    /// A client after so many connections, if this is a broker in which clients declare.
    pub(super) fn start(connections: u64, ctx: &mut Ctx<Amqp>) -> Option<Self> {
        if !ctx.params().declares() {
            return None;
        }
        let mut client = Client { connection: connections, channel: Channel::Open };
        client.reconnect(ctx);
        Some(client)
    }

    /// Opens the next connection. n3 knows the first by the first request on it.
    pub(super) fn reconnect(&mut self, ctx: &mut Ctx<Amqp>) {
        (self.connection, self.channel) = (self.connection + 1, Channel::Open);
        if self.connection > 1 {
            self.open(ctx);
        }
    }

    pub(super) fn open(&self, ctx: &mut Ctx<Amqp>) {
        ctx.tell(&OPEN, || format!("opens connection {}", self.connection));
        ctx.send(FIRST, Message::Open(self.connection));
        ctx.set(Timer::Open, AGAIN);
    }

    pub(super) fn opened(&self, connection: u64, ctx: &mut Ctx<Amqp>) {
        ctx.note(&OPEN);
        if connection == self.connection {
            ctx.cancel(Timer::Open);
        }
    }

    /// Asks for something on the first channel.
    pub(super) fn ask(&mut self, method: Method, ctx: &mut Ctx<Amqp>) {
        ctx.tell(&ASK, || format!("asks for `{method}`"));
        self.channel = Channel::Asks(method.clone());
        ctx.send(FIRST, Message::Method(method, self.connection));
    }

    /// What it asked for is done.
    pub(super) fn done(&mut self, method: &Method, ctx: &mut Ctx<Amqp>) {
        ctx.remark(&ASK, || format!("hears that `{method}` is done"));
        if self.channel == Channel::Asks(method.clone()) {
            self.channel = Channel::Open;
        }
    }

    /// The broker has closed the first channel.
    pub(super) fn closed(&mut self, code: Code, what: &str, ctx: &mut Ctx<Amqp>) {
        ctx.tell(&CLOSED, || format!("hears that its channel is closed: {code}, {what}"));
        self.channel = Channel::Closed(code);
    }

    /// What its card shows.
    pub(super) fn fields(&self) -> [Field; 2] {
        let channel = match &self.channel {
            Channel::Open => "open".into(),
            Channel::Asks(method) => format!("asks {method}"),
            Channel::Closed(code) => format!("closed {code}"),
        };
        [
            Field::new("connection", Meaning::Counter, self.connection),
            Field::new("channel", Meaning::Value, channel),
        ]
    }
}

/// Asks for something, where that is possible.
pub(super) fn ask(client: &mut Option<Client>, method: Method, ctx: &mut Ctx<Amqp>) {
    match client {
        Some(client) => client.ask(method, ctx),
        None => ctx.note(&FIXED),
    }
}
