//! The names of a broker in which nothing is declared at first. The default exchange keeps them, because
//! every queue is bound to it by its name.
//!
//! In `RabbitMQ` a queue is a process that the broker starts. Here a queue is a node, so that its crash can
//! be shown; a declared queue gets one of the places n5 to n7, and a declared exchange the place n4. n3 tells
//! a place what it is. What n3 sends to a place says which queue it is meant for, so that a place never
//! mistakes a message for an earlier queue as one for the present queue.

use super::exchange::Exchange;
use super::methods::{Code, Method, Tenant, Tie};
use super::topology::{SECOND, Sort};
use super::{Amqp, Message, Output, Params, Timer};
use faultline_core::prelude::*;

/// What is declared, on disk.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Register {
    /// The queues and their places.
    pub(super) queues: Vec<(NodeId, Tenant)>,
    /// The exchange in n4.
    exchange: Option<(String, Sort)>,
    ties: Vec<Tie>,
    /// How many queues were declared so far.
    lives: u64,
    /// How often the exchange or its bindings changed.
    version: u64,
    /// Whether n4 has not yet answered for that.
    unset: bool,
    /// The present connection of each client.
    connections: Map<NodeId, u64>,
    /// The deleted queues whose places have not yet answered.
    going: Vec<(NodeId, u64)>,
}

/// What n4 is to be.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Post {
    pub(super) version: u64,
    pub(super) exchange: Option<(String, Sort)>,
    /// Which queues are bound, where, and by what.
    pub(super) ties: Vec<(NodeId, Tenant, String)>,
}

/// The names, and who waits for n4.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Names {
    pub(super) register: Register,
    waiting: Vec<(NodeId, Method)>,
}

/// How long n3 waits for a place to answer, in microseconds.
const AGAIN: Micros = 200_000;

const DECLARE: Rule = Rule::new(
    "queue.declare, exchange.declare",
    "A client declares what it needs. Declaring the same again changes nothing.",
);
const GRANT: Rule = Rule::new("3.1", "The broker does what a client asks, and answers on the same channel.");
const REFUSE: Rule = Rule::new(
    "channel.close",
    "A request that cannot be carried out closes its channel, with a code that says why.",
);
const STALE: Rule =
    Rule::new("connection.close", "A request of a connection that has ended since is not carried out.");
const OPEN: Rule = Rule::new(
    "connection.open, exclusive",
    "A client has one connection. When it opens another, the exclusive queues and the consumers of the earlier \
     one go.",
);
const PLACE: Rule = Rule::new("3.1", "n3 repeats what it tells a place until the place answers.");

impl Register {
    /// The place of a queue, and what was declared.
    pub(super) fn find(&self, name: &str) -> Option<&(NodeId, Tenant)> {
        self.queues.iter().find(|(_, tenant)| tenant.name == name)
    }

    /// Whether a client may do this, and if not, why.
    fn judge(&self, client: NodeId, method: &Method, params: &Params) -> Result<(), Code> {
        let queue = method.queue().and_then(|name| self.find(name)).map(|(_, tenant)| tenant);
        let is_locked = queue.and_then(|it| it.owner).is_some_and(|owner| owner != client);
        if is_locked && !params.bugs.shares_exclusive {
            return Err(Code::Locked);
        }
        let exchange = |name: &String| self.exchange.as_ref().filter(|(known, _)| known == name);
        match (method, queue) {
            (Method::Queue(_, arguments), Some(queue)) if queue.arguments != *arguments => {
                if params.bugs.ignores_arguments { Ok(()) } else { Err(Code::Precondition) }
            }
            (Method::Queue(name, _), None) if exchange(name).is_some() => Err(Code::Precondition),
            (Method::Queue(..), None) if self.free().is_none() => Err(Code::NoPlace),
            (Method::Exchange(name, _), _) if self.find(name).is_some() => Err(Code::Precondition),
            (Method::Exchange(name, sort), _) => match &self.exchange {
                Some((known, _)) if known != name => Err(Code::NoPlace),
                Some((_, known)) if known != sort => Err(Code::Precondition),
                _ => Ok(()),
            },
            (Method::Bind(tie), _) if exchange(&tie.exchange).is_none() => Err(Code::NotFound),
            (Method::Bind(_) | Method::Consume(..), None) => Err(Code::NotFound),
            // What is to be taken away may be missing already.
            _ => Ok(()),
        }
    }

    /// The place for the next queue: each in turn, so that a place has forgotten as much as possible.
    fn free(&self) -> Option<NodeId> {
        let mut places = (0..3).map(|step| NodeId(4 + (self.lives as u32 + step) % 3));
        places.find(|place| self.queues.iter().all(|(taken, _)| taken != place))
    }

    fn post(&self) -> Post {
        let bound = |tie: &Tie| self.find(&tie.queue).map(|(at, it)| (*at, it.clone(), tie.key.clone()));
        let (version, exchange) = (self.version, self.exchange.clone());
        Post { version, exchange, ties: self.ties.iter().filter_map(bound).collect() }
    }
}

impl Names {
    pub(super) fn start(register: Register, ctx: &mut Ctx<Amqp>) -> Self {
        let names = Names { register, waiting: Vec::new() };
        names.repeat(ctx);
        names
    }

    /// Tells the places once more what they have not answered for.
    fn repeat(&self, ctx: &mut Ctx<Amqp>) {
        if self.register.unset {
            ctx.send(SECOND, Message::Setup(self.register.post()));
        }
        for (place, life) in &self.register.going {
            ctx.send(*place, Message::Delete(*life));
        }
        if self.register.unset || !self.register.going.is_empty() {
            ctx.set(Timer::Places, AGAIN);
        }
    }

    fn set_exchange(&mut self, ctx: &mut Ctx<Amqp>) {
        (self.register.version, self.register.unset) = (self.register.version + 1, true);
        ctx.send(SECOND, Message::Setup(self.register.post()));
        ctx.set(Timer::Places, AGAIN);
    }

    /// Takes the name of a queue away, and its bindings.
    fn forget(&mut self, name: &str, ctx: &mut Ctx<Amqp>) -> Option<(NodeId, u64)> {
        let place = self.register.queues.iter().position(|(_, tenant)| tenant.name == name)?;
        let (node, tenant) = self.register.queues.remove(place);
        ctx.output(Output::Deleted(name.to_owned()));
        let before = self.register.ties.len();
        self.register.ties.retain(|tie| tie.queue != name);
        if self.register.ties.len() < before {
            self.set_exchange(ctx);
        }
        Some((node, tenant.life))
    }

    /// Deletes a queue, and its place will hear of it.
    fn delete(&mut self, name: &str, ctx: &mut Ctx<Amqp>) {
        let Some((place, life)) = self.forget(name, ctx) else { return };
        self.register.going.push((place, life));
        ctx.send(place, Message::Delete(life));
        ctx.set(Timer::Places, AGAIN);
    }

    /// Makes this the client's connection, unless a later one has begun.
    fn connects(&mut self, client: NodeId, connection: u64, ctx: &mut Ctx<Amqp>) -> bool {
        let known = self.register.connections.or_default(client);
        if *known >= connection {
            return *known == connection;
        }
        *known = connection;
        let owned = self.register.queues.iter().filter(|(_, tenant)| tenant.owner == Some(client));
        let owned: Vec<String> = owned.map(|(_, tenant)| tenant.name.clone()).collect();
        for name in owned {
            self.delete(&name, ctx);
        }
        // On its first connection a client has no consumers yet.
        for (place, _) in self.register.queues.iter().filter(|_| connection > 1) {
            ctx.send(*place, Message::Hangup(client, connection));
        }
        true
    }

    /// Carries out what was found to be right.
    fn carry_out(&mut self, client: NodeId, method: Method, connection: u64, ctx: &mut Ctx<Amqp>) {
        let known = |register: &Register, name: &str| register.find(name).is_some();
        match &method {
            Method::Queue(name, arguments) if !known(&self.register, name) => {
                let Some(place) = self.register.free() else { return };
                self.register.lives += 1;
                let (life, owner) = (self.register.lives, Some(client).filter(|_| arguments.exclusive));
                let tenant = Tenant { life, name: name.clone(), arguments: arguments.clone(), owner };
                ctx.output(Output::Declared(place, tenant.clone()));
                ctx.send(place, Message::Create(tenant.clone()));
                self.register.queues.push((place, tenant));
            }
            Method::Exchange(name, sort) if self.register.exchange.is_none() => {
                self.register.exchange = Some((name.clone(), *sort));
                return self.wait(client, method, ctx);
            }
            Method::Bind(tie) if !self.register.ties.contains(tie) => {
                self.register.ties.push(tie.clone());
                return self.wait(client, method, ctx);
            }
            Method::Unbind(tie) if self.register.ties.contains(tie) => {
                self.register.ties.retain(|known| known != tie);
                return self.wait(client, method, ctx);
            }
            Method::Delete(name) if known(&self.register, name) => self.delete(name, ctx),
            Method::Delete(name) if self.register.exchange.as_ref().is_some_and(|(it, _)| it == name) => {
                self.register.exchange = None;
                self.register.ties.clear();
                return self.wait(client, method, ctx);
            }
            Method::Consume(name, limit) => {
                let Some((place, tenant)) = self.register.find(name).cloned() else { return };
                // The queue itself answers.
                return ctx.send(place, Message::PassConsume { client, connection, limit: *limit, tenant });
            }
            // It is so already.
            _ => {}
        }
        ctx.send(client, Message::MethodOk(method));
    }

    /// The client gets its answer when n4 knows.
    fn wait(&mut self, client: NodeId, method: Method, ctx: &mut Ctx<Amqp>) {
        self.waiting.push((client, method));
        self.set_exchange(ctx);
    }
}

impl Exchange {
    /// A client asks for something.
    pub(super) fn asked(&mut self, client: NodeId, method: Method, connection: u64, ctx: &mut Ctx<Amqp>) {
        let Some(names) = &mut self.names else { return ctx.note(&GRANT) };
        if !names.connects(client, connection, ctx) {
            return ctx.note(&STALE);
        }
        match names.register.judge(client, &method, &self.params) {
            Ok(()) => {
                let rule = if matches!(method, Method::Queue(..) | Method::Exchange(..)) {
                    &DECLARE
                } else {
                    &GRANT
                };
                ctx.tell(rule, || format!("grants {client} `{method}`"));
                ctx.output(Output::Granted(client, method.clone()));
                names.carry_out(client, method, connection, ctx);
            }
            Err(code) => {
                ctx.tell(&REFUSE, || format!("refuses {client} `{method}` and closes its channel: {code}"));
                ctx.output(Output::Closed(client, code));
                ctx.send(client, Message::ChannelClose(code, method));
            }
        }
    }

    /// A client has opened a connection.
    pub(super) fn opened(&mut self, client: NodeId, connection: u64, ctx: &mut Ctx<Amqp>) {
        let Some(names) = &mut self.names else { return ctx.note(&OPEN) };
        names.connects(client, connection, ctx);
        ctx.tell(&OPEN, || format!("hears that {client} has opened connection {connection}"));
        ctx.send(client, Message::OpenOk(connection));
    }

    /// A place has forgotten a queue, as it was told.
    pub(super) fn deleted(&mut self, place: NodeId, life: u64, ctx: &mut Ctx<Amqp>) {
        ctx.note(&PLACE);
        if let Some(names) = &mut self.names {
            names.register.going.retain(|known| *known != (place, life));
        }
    }

    /// A queue has deleted itself.
    pub(super) fn gone(&mut self, place: NodeId, life: u64, ctx: &mut Ctx<Amqp>) {
        ctx.note(&PLACE);
        let Some(names) = &mut self.names else { return };
        let queues = names.register.queues.iter();
        let name =
            queues.filter(|(at, it)| (*at, it.life) == (place, life)).map(|(_, it)| it.name.clone()).next();
        if let Some(name) = name {
            names.forget(&name, ctx);
        }
        ctx.send(place, Message::GoneOk(life));
    }

    /// n4 knows of the last change.
    pub(super) fn set_up(&mut self, version: u64, ctx: &mut Ctx<Amqp>) {
        ctx.note(&PLACE);
        let Some(names) = &mut self.names else { return };
        if version == names.register.version {
            names.register.unset = false;
            for (client, method) in std::mem::take(&mut names.waiting) {
                ctx.send(client, Message::MethodOk(method));
            }
        }
    }

    pub(super) fn repeat(&self, ctx: &mut Ctx<Amqp>) {
        ctx.note(&PLACE);
        if let Some(names) = &self.names {
            names.repeat(ctx);
        }
    }
}
