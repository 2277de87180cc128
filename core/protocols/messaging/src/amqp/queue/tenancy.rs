//! A node as the place of declared queues, one after the other.

use super::Queue;
use crate::amqp::methods::{Code, Method, Tenant};
use crate::amqp::topology::FIRST;
use crate::amqp::{Amqp, Letter, Message, Output, Reason, Timer};
use faultline_core::prelude::*;

/// Which queue is here.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tenancy {
    /// The latest queue that this place has heard of.
    life: u64,
    /// That queue, unless it has gone.
    pub(in super::super) tenant: Option<Tenant>,
    /// Whether it has had a consumer since the place started.
    used: bool,
    /// Whether it has deleted itself, and n3 has not yet answered.
    untold: bool,
}

/// How long a place waits for n3 to answer, in microseconds.
const AGAIN: Micros = 200_000;

const CREATE: Rule = Rule::new("queue.declare", "A place is the queue that n3 has declared there last.");
const DELETE: Rule = Rule::new(
    "queue.delete",
    "A deleted queue takes its messages with it; they are no dead letters. Its consumers are told.",
);
const AUTO_DELETE: Rule = Rule::new(
    "queue.declare, auto-delete",
    "An auto-delete queue goes when its last consumer has gone. One that never had a consumer stays.",
);
const MISSED: Rule = Rule::new(
    "queue.delete",
    "A message or a request for a queue that has gone meanwhile finds nothing. The message goes where the queue \
     has gone.",
);
const HANGUP: Rule = Rule::new(
    "connection.close",
    "When a connection ends, its consumers are gone, and all that they left unacknowledged becomes ready again.",
);
const TELL: Rule = Rule::new("3.1", "A queue that has deleted itself tells n3 until n3 answers.");

impl Tenancy {
    /// The tenancy on disk; after a restart an auto-delete queue waits for its consumers to come back.
    pub(super) fn restarted(self) -> Self {
        Tenancy { used: false, ..self }
    }
}

impl Queue {
    /// What was declared here, if anything is.
    pub(in super::super) fn tenant(&self) -> Option<&Tenant> {
        self.tenancy.as_ref().and_then(|it| it.tenant.as_ref())
    }

    /// Whether this queue is here. A later one than that which is here takes its place.
    fn houses(&mut self, tenant: Tenant, ctx: &mut Ctx<Amqp>) -> bool {
        let Some(tenancy) = &self.tenancy else { return false };
        if tenant.life > tenancy.life {
            self.end(ctx);
            ctx.tell(&CREATE, || format!("is now the queue `{tenant}`"));
            self.tenancy =
                Some(Tenancy { life: tenant.life, tenant: Some(tenant), used: false, untold: false });
            ctx.cancel(Timer::Gone);
            return true;
        }
        tenant.life == tenancy.life && tenancy.tenant.is_some()
    }

    pub(in super::super) fn create(&mut self, tenant: Tenant, ctx: &mut Ctx<Amqp>) {
        ctx.note(&CREATE);
        self.houses(tenant, ctx);
    }

    pub(in super::super) fn deposit(
        &mut self,
        from: NodeId,
        letter: Letter,
        tenant: Tenant,
        ctx: &mut Ctx<Amqp>,
    ) {
        let name = tenant.name.clone();
        if self.houses(tenant, ctx) {
            return self.enqueue(from, letter, ctx);
        }
        ctx.tell(&MISSED, || format!("drops {}, because queue `{name}` has gone", letter.name));
        ctx.output(Output::Missed(letter.name));
        if letter.deaths.is_empty() {
            ctx.send(from, Message::Accepted(letter.name));
        }
    }

    pub(in super::super) fn pass_consume(
        &mut self,
        (client, connection): (NodeId, u64),
        limit: Option<u64>,
        tenant: Tenant,
        ctx: &mut Ctx<Amqp>,
    ) {
        let name = tenant.name.clone();
        if !self.houses(tenant, ctx) {
            ctx.note(&MISSED);
            return ctx.send(client, Message::ChannelClose(Code::NotFound, Method::Consume(name, limit)));
        }
        // A connection that has ended meanwhile has no consumers.
        if self.consumers.iter().any(|it| it.node == client && it.connection > connection) {
            return ctx.note(&HANGUP);
        }
        if let Some(tenancy) = &mut self.tenancy {
            tenancy.used = true;
        }
        self.subscribe(client, connection, limit, ctx);
    }

    /// n3 has deleted a queue that is or was here.
    pub(in super::super) fn delete(&mut self, from: NodeId, life: u64, ctx: &mut Ctx<Amqp>) {
        ctx.note(&DELETE);
        let Some(tenancy) = &mut self.tenancy else { return };
        if life >= tenancy.life {
            tenancy.life = life;
            self.end(ctx);
        }
        ctx.send(from, Message::Deleted(life));
    }

    /// The queue that is here goes, with all that is in it.
    fn end(&mut self, ctx: &mut Ctx<Amqp>) {
        let Some(tenant) = self.tenancy.as_mut().and_then(|it| it.tenant.take()) else { return };
        ctx.tell(&DELETE, || format!("is no longer the queue `{}`", tenant.name));
        let taken = std::mem::take(&mut self.taken).into_iter().map(|(tag, _, entry)| (Some(tag), entry));
        let ready = std::mem::take(&mut self.ready).into_iter().map(|entry| (None, entry));
        for (tag, entry) in taken.chain(ready) {
            ctx.cancel(Timer::Expire(entry.number));
            if let Some(tag) = tag {
                ctx.cancel(Timer::Patience(tag));
            }
            let (number, name) = (entry.number, entry.letter.name);
            ctx.output(Output::Died { number, name, reason: Reason::Deleted, buried: false });
        }
        for consumer in std::mem::take(&mut self.consumers) {
            ctx.send(consumer.node, Message::ConsumerGone(tenant.name.clone()));
        }
    }

    /// A consumer has gone: an auto-delete queue may go, too.
    pub(super) fn left(&mut self, ctx: &mut Ctx<Amqp>) {
        let (alone, early) = (self.consumers.is_empty(), self.params.bugs.deletes_early);
        let Some(tenancy) = self.tenancy.as_mut().filter(|it| it.used && (alone || early)) else { return };
        let Some(name) =
            tenancy.tenant.as_ref().filter(|it| it.arguments.auto_delete).map(|it| it.name.clone())
        else {
            return;
        };
        tenancy.untold = true;
        ctx.output(Output::AutoDeleted(name));
        self.end(ctx);
        self.tell_gone(ctx);
        ctx.tell(&AUTO_DELETE, || "deletes itself, because a consumer has gone".into());
    }

    /// Tells n3 that the queue which was here has deleted itself, until n3 answers.
    pub(in super::super) fn tell_gone(&self, ctx: &mut Ctx<Amqp>) {
        if let Some(tenancy) = self.tenancy.as_ref().filter(|it| it.untold) {
            ctx.note(&TELL);
            ctx.send(FIRST, Message::Gone(tenancy.life));
            ctx.set(Timer::Gone, AGAIN);
        }
    }

    pub(in super::super) fn told_gone(&mut self, life: u64, ctx: &mut Ctx<Amqp>) {
        ctx.note(&TELL);
        if let Some(tenancy) = self.tenancy.as_mut().filter(|it| it.life == life) {
            tenancy.untold = false;
            ctx.cancel(Timer::Gone);
        }
    }

    /// A client has opened this connection, and with the earlier one its consumer has gone.
    pub(in super::super) fn hang_up(&mut self, client: NodeId, connection: u64, ctx: &mut Ctx<Amqp>) {
        ctx.note(&HANGUP);
        let place = self.consumers.iter().position(|it| it.node == client);
        if place.is_some_and(|place| self.consumers[place].connection >= connection) {
            return;
        }
        self.take_back(client, ctx);
        if let Some(place) = place {
            self.consumers.remove(place);
            self.left(ctx);
        }
        self.serve(ctx);
    }
}
