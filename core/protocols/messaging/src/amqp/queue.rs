//! A queue: which messages are ready, which are with a consumer, and which die.
//!
//! A message becomes ready in a queue in five ways: it is published, it is a dead letter of another queue,
//! its consumer returns it, its consumer's channel closes, or the queue restarts. Each way ends in
//! [`Queue::serve`], so every policy holds on all of them:
//!
//! | policy | published | dead letter | given back | channel closed | restart |
//! |---|---|---|---|---|---|
//! | its own time to live | runs from here; 0: now or never | is taken away | runs on | runs on | runs on |
//! | the queue's time to live | runs from here | runs from here | runs on | runs on | runs on |
//! | length, drop-head | the head of those ready dies | the same | the same, maybe the returned one | the same | the same |
//! | length, reject-publish | is refused and nacked | is refused and lost | comes back | comes back | comes back |
//! | delivery limit | counts from 0 | counts from 0 | counts | counts | counts |
//! | acknowledgement timeout | from each delivery | from each delivery | from the next one | the same | the same |
//! | prefetch | unacknowledged deliveries | the same | makes room | makes room | makes room |
//! | priority | its own, at most the queue's | the same | keeps it | keeps it | keeps it |
//! | transient, classic queue | in memory | in memory | in memory | in memory | is lost |
//! | redelivered | no | no | yes | yes | yes |
//!
//! The ways out are an acknowledgement, the four [`Reason`]s, and for a transient message the restart. A
//! message that is not with a consumer expires only at the head of the queue. The tests
//! `protocols::amqp::table` hold every cell to a document.

mod account;
mod age;
mod card;
mod tenancy;

use super::settings::DEAD_KEY;
use super::topology::{FIRST, plan};
use super::{Amqp, Letter, Message, Output, Overflow, Params, Reason, Stable, Timer};
use faultline_core::prelude::*;
use std::cmp::Reverse;
pub use tenancy::Tenancy;

/// A message in a queue.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Entry {
    /// Its number in the order of arrival.
    number: u64,
    letter: Letter,
    /// Its priority in this queue.
    priority: u8,
    /// Whether it was handed out before.
    redelivered: bool,
    /// What the queue's clock reads when it will be too old, if it ever is.
    expires: Option<Micros>,
    /// Whether it is too old; it dies when it comes to the head.
    expired: bool,
    /// How often it was given back.
    returns: u64,
}

impl Entry {
    /// Its place among the ready messages: the highest priority first, and of those the oldest.
    fn place(&self) -> (Reverse<u8>, u64) {
        (Reverse(self.priority), self.number)
    }
}

/// A consumer of a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Subscriber {
    node: NodeId,
    /// The last tag before it consumed: what bears this tag or an earlier one was handed to it on another channel.
    since: u64,
    /// The connection on which it consumes, where clients have numbered ones.
    connection: u64,
    /// How many unacknowledged messages it may hold; where it has not said, as many as any consumer.
    limit: Option<u64>,
}

/// A queue.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Queue {
    pub(super) params: Params,
    /// The exchange to which its dead letters go.
    dead_letters: Option<NodeId>,
    /// The consumers that want what is in it; the next in turn first.
    consumers: Vec<Subscriber>,
    ready: Vec<Entry>,
    /// What was handed out and not acknowledged: by which tag, and to whom.
    taken: Vec<(u64, NodeId, Entry)>,
    numbered: u64,
    tagged: u64,
    /// Which queue this is, where queues are declared.
    tenancy: Option<Tenancy>,
}

const ENQUEUE: Rule = Rule::new(
    "3.1.2",
    "A queue keeps messages in the order of arrival. It accepts a persistent message once that is on disk, \
     and a transient one at once.",
);
const CONSUME: Rule = Rule::new(
    "basic.consume",
    "A queue delivers its ready messages to a consumer. Those that the consumer left unacknowledged become \
     ready again.",
);
const CANCEL: Rule = Rule::new(
    "basic.cancel",
    "A queue delivers nothing more to a consumer that cancels. The consumer may still acknowledge what it \
     holds.",
);
const CLOSE: Rule = Rule::new(
    "channel.close",
    "When a channel closes, its consumer is gone, and all that it left unacknowledged becomes ready again.",
);
const ACK: Rule = Rule::new(
    "basic.ack",
    "An acknowledged message leaves the queue, and its consumer has room for another.",
);
const REJECT: Rule =
    Rule::new("basic.reject", "A rejected message returns to its old place in the queue, or dies.");
const LATE: Rule =
    Rule::new("basic.ack", "An unknown tag was answered before, or the queue has taken its message back.");
const BACK: Rule = Rule::new(
    "basic.recover, redelivered",
    "A message that was delivered and not acknowledged becomes ready again in its old place, marked as \
     redelivered.",
);
const FULL: Rule = Rule::new(
    "queue length limit, reject-publish",
    "A full queue that refuses messages takes no new one. What is returned to it may exceed the limit.",
);
const DIE: Rule = Rule::new(
    "dead letter exchanges",
    "A message that dies in a queue goes to the queue's dead letter exchange, if there is one, with the \
     reason.",
);
const TIRED: Rule = Rule::new(
    "delivery acknowledgement timeout",
    "A queue cancels a consumer that leaves a delivery unacknowledged for too long. All that the consumer \
     holds becomes ready again.",
);

impl Queue {
    pub(super) fn start(stable: Stable, ctx: &mut Ctx<Amqp>) -> Self {
        let (tenancy, stable) = match stable {
            Stable::Place(tenancy, queue) => (Some(tenancy.restarted()), *queue),
            stable => (ctx.params().declares().then(Tenancy::default), stable),
        };
        let params = ctx.params().clone();
        let dead_letters = plan(params.topology).dead_letters[usize::from(ctx.me().0 == 6)];
        let (subscribers, taken) = (Vec::new(), Vec::new());
        let mut queue = Queue {
            params,
            dead_letters,
            consumers: subscribers,
            ready: Vec::new(),
            taken,
            numbered: 0,
            tagged: 0,
            tenancy,
        };
        if let Stable::Queue { ready, taken, consumers, numbered, tagged } = stable {
            (queue.ready, queue.numbered, queue.tagged) = (ready, numbered, tagged);
            for entry in &mut queue.ready {
                age::wait(entry, ctx);
            }
            for mut entry in taken {
                age::wait(&mut entry, ctx);
                queue.give_back(entry, ctx);
            }
            // Their channels are closed; those that still want something will say so.
            for consumer in consumers {
                ctx.send(consumer, Message::Cancel);
            }
            queue.serve(ctx);
            queue.tell_gone(ctx);
        }
        queue
    }

    pub(super) fn stable(&self) -> Stable {
        let is_kept = |entry: &&Entry| !self.params.forgets(entry.letter.terms.transient);
        let queue = Stable::Queue {
            ready: self.ready.iter().filter(is_kept).cloned().collect(),
            taken: self.taken.iter().map(|(_, _, entry)| entry).filter(is_kept).cloned().collect(),
            consumers: self.consumers.iter().map(|it| it.node).collect(),
            numbered: self.numbered,
            tagged: self.tagged,
        };
        match &self.tenancy {
            Some(tenancy) => Stable::Place(tenancy.clone(), Box::new(queue)),
            None => queue,
        }
    }

    pub(super) fn enqueue(&mut self, from: NodeId, letter: Letter, ctx: &mut Ctx<Amqp>) {
        if self.params.overflow == Overflow::RejectPublish && self.params.is_at_length(self.ready.len()) {
            return refuse(from, &letter, ctx);
        }
        self.numbered += 1;
        let (number, name) = (self.numbered, letter.name);
        ctx.note(&ENQUEUE);
        ctx.output(self.told(number, &letter));
        if letter.deaths.is_empty() {
            ctx.send(from, Message::Accepted(name));
        }
        // The shorter one counts, the message's own or the queue's.
        let ttl = letter.terms.ttl.into_iter().chain(self.lives(ctx.me())).min();
        let priority = self.params.ranks(letter.terms.priority);
        let expires = ttl.map(|ttl| ctx.clock().saturating_add(ttl));
        let entry =
            Entry { number, letter, priority, redelivered: false, expires, expired: false, returns: 0 };
        self.insert(entry);
        self.shorten(ctx);
        self.serve(ctx);
        match ttl.filter(|_| self.letter(number).is_some()) {
            // What no consumer took at once is too old, and what one took is too old to come back.
            Some(0) => self.expire(number, ctx),
            Some(ttl) => ctx.set(Timer::Expire(number), ttl),
            None => {}
        }
    }

    /// What is told of a message that gets into this queue.
    fn told(&self, number: u64, letter: &Letter) -> Output {
        let (priority, transient) =
            (self.params.ranks(letter.terms.priority), self.params.forgets(letter.terms.transient));
        Output::Queued { number, name: letter.name, priority, transient }
    }

    /// The same of a message that is here.
    pub(super) fn arrived(&self, number: u64) -> Option<Output> {
        self.letter(number).map(|letter| self.told(number, letter))
    }

    /// Puts a message to its place among those that are ready.
    fn insert(&mut self, entry: Entry) {
        let place = self.ready.partition_point(|other| other.place() < entry.place());
        self.ready.insert(place, entry);
    }

    pub(super) fn consume(&mut self, consumer: NodeId, ctx: &mut Ctx<Amqp>) {
        self.subscribe(consumer, 0, None, ctx);
    }

    /// Takes a consumer on, anew if it was one already.
    fn subscribe(&mut self, consumer: NodeId, connection: u64, limit: Option<u64>, ctx: &mut Ctx<Amqp>) {
        ctx.remark(&CONSUME, || format!("accepts {consumer} as a consumer"));
        let since = self.tagged;
        self.consumers.retain(|known| known.node != consumer);
        self.consumers.push(Subscriber { node: consumer, since, connection, limit });
        let name = self.tenant().map(|tenant| tenant.name.clone());
        ctx.send(consumer, name.map_or(Message::ConsumeOk, Message::Consuming));
        self.take_back(consumer, ctx);
        self.serve(ctx);
    }

    pub(super) fn cancel(&mut self, consumer: NodeId, ctx: &mut Ctx<Amqp>) {
        ctx.tell(&CANCEL, || format!("stops delivering to {consumer}"));
        self.consumers.retain(|known| known.node != consumer);
        self.left(ctx);
    }

    pub(super) fn close(&mut self, consumer: NodeId, ctx: &mut Ctx<Amqp>) {
        ctx.tell(&CLOSE, || format!("closes the channel of {consumer}"));
        self.consumers.retain(|known| known.node != consumer);
        self.take_back(consumer, ctx);
        self.left(ctx);
        self.serve(ctx);
    }

    pub(super) fn ack(&mut self, consumer: NodeId, tag: u64, ctx: &mut Ctx<Amqp>) {
        let Some(entry) = self.answered(consumer, tag, ctx) else { return ctx.note(&LATE) };
        ctx.note(&ACK);
        ctx.cancel(Timer::Expire(entry.number));
        ctx.output(Output::Acked(entry.number));
        self.serve(ctx);
    }

    pub(super) fn reject(&mut self, consumer: NodeId, tag: u64, requeue: bool, ctx: &mut Ctx<Amqp>) {
        let Some(entry) = self.answered(consumer, tag, ctx) else { return ctx.note(&LATE) };
        ctx.note(&REJECT);
        match requeue {
            true => self.give_back(entry, ctx),
            false => self.bury(entry, Reason::Rejected, ctx),
        }
        self.serve(ctx);
    }

    pub(super) fn lose_patience(&mut self, tag: u64, ctx: &mut Ctx<Amqp>) {
        let delivery = self.taken.iter().find(|(known, ..)| *known == tag);
        let Some(&(_, consumer, _)) = delivery else { return ctx.note(&LATE) };
        ctx.tell(&TIRED, || format!("stops waiting for {consumer}"));
        self.consumers.retain(|known| known.node != consumer);
        self.take_back(consumer, ctx);
        ctx.send(consumer, Message::Cancel);
        self.left(ctx);
        self.serve(ctx);
    }

    /// Takes the message that a consumer answers for out of those that were delivered.
    fn answered(&mut self, consumer: NodeId, tag: u64, ctx: &mut Ctx<Amqp>) -> Option<Entry> {
        let place = self.taken.iter().position(|(known, whose, _)| (*known, *whose) == (tag, consumer))?;
        let (_, _, entry) = self.taken.remove(place);
        ctx.cancel(Timer::Patience(tag));
        Some(entry)
    }

    /// Makes everything ready again that a consumer holds, because its channel is closed.
    fn take_back(&mut self, consumer: NodeId, ctx: &mut Ctx<Amqp>) {
        if self.params.bugs.keeps_unacked {
            return;
        }
        while let Some(place) = self.taken.iter().position(|(_, whose, _)| *whose == consumer) {
            let (tag, _, entry) = self.taken.remove(place);
            ctx.cancel(Timer::Patience(tag));
            self.give_back(entry, ctx);
        }
    }

    /// Puts a message back to its old place, unless that has happened too often.
    fn give_back(&mut self, mut entry: Entry, ctx: &mut Ctx<Amqp>) {
        entry.redelivered = true;
        entry.returns += 1;
        if self.params.returns().is_some_and(|limit| entry.returns > limit) {
            return self.bury(entry, Reason::DeliveryLimit, ctx);
        }
        ctx.tell(&BACK, || format!("takes {} back", entry.letter.name));
        ctx.output(Output::Requeued(entry.number));
        if self.params.bugs.restarts_ttl {
            self.restart_age(&mut entry, ctx);
        }
        if self.params.bugs.loses_priority {
            entry.priority = 0;
        }
        match self.params.bugs.requeues_at_tail {
            true => self.ready.push(entry),
            false => self.insert(entry),
        }
    }

    /// Removes a message, and sends it on as a dead letter if there is an exchange for those.
    fn bury(&mut self, entry: Entry, reason: Reason, ctx: &mut Ctx<Amqp>) {
        let Entry { number, mut letter, .. } = entry;
        // A declared queue names the queue to which its dead letters go.
        let named = self.tenant().and_then(|tenant| tenant.arguments.dead.clone());
        let exchange = named.as_ref().map(|_| FIRST).or(self.dead_letters);
        let (name, buried) = (letter.name, exchange.is_some());
        ctx.cancel(Timer::Expire(number));
        ctx.tell(&DIE, || format!("{} {name} ({reason})", if buried { "dead-letters" } else { "drops" }));
        ctx.output(Output::Died { number, name, reason, buried });
        if let Some(exchange) = exchange {
            let death = (ctx.me(), reason);
            if !self.params.counts_deaths() {
                letter.deaths.retain(|known| *known != death);
            }
            letter.deaths.insert(0, death);
            // It shall not die of old age again, and nobody wants it back.
            (letter.terms.ttl, letter.terms.mandatory) = (None, false);
            if self.params.bugs.loses_key {
                letter.key.clear();
            } else if let Some(queue) = named {
                letter.key = queue;
            } else if self.params.dead_letter_key {
                letter.key = DEAD_KEY.into();
            }
            ctx.send(exchange, Message::Publish(letter));
        }
    }

    /// Removes the message at the head while more are ready than may be, even if it was returned just now. A queue
    /// that refuses messages keeps what it has.
    fn shorten(&mut self, ctx: &mut Ctx<Amqp>) {
        while self.overflows() {
            let oldest = self.ready.remove(0);
            self.bury(oldest, Reason::Maxlen, ctx);
        }
    }

    /// Removes what is too much, then what has expired, and delivers ready messages while a consumer has
    /// room.
    fn serve(&mut self, ctx: &mut Ctx<Amqp>) {
        if !self.params.bugs.returns_overflow {
            self.shorten(ctx);
        }
        loop {
            self.bury_expired(ctx);
            let Some(turn) = self.consumers.iter().position(|it| self.has_room(it.node)) else { return };
            if self.ready.is_empty() {
                return;
            }
            let (subscriber, entry) = (self.consumers.remove(turn), self.ready.remove(0));
            let consumer = subscriber.node;
            let last = if self.params.bugs.skips_turns { turn } else { self.consumers.len() };
            self.consumers.insert(last, subscriber);
            self.tagged += 1;
            let (tag, name, number) = (self.tagged, entry.letter.name, entry.number);
            let takes = entry.letter.terms.takes;
            let redelivered = entry.redelivered && !self.params.bugs.forgets_redelivery;
            ctx.output(Output::Handed { number, to: consumer, redelivered });
            ctx.send(consumer, Message::Deliver { tag, name, redelivered, takes });
            ctx.set(Timer::Patience(tag), self.params.ack_timeout);
            self.taken.push((tag, consumer, entry));
        }
    }

    /// The message of this number, if it is here, ready or handed out.
    pub(super) fn letter(&self, number: u64) -> Option<&Letter> {
        let taken = self.taken.iter().map(|(_, _, entry)| entry);
        self.ready.iter().chain(taken).find(|entry| entry.number == number).map(|entry| &entry.letter)
    }

    /// Whether more is ready than may be.
    pub(super) fn overflows(&self) -> bool {
        let most = self.params.max_length as usize;
        self.params.overflow == Overflow::DropHead && most > 0 && self.ready.len() > most
    }

    fn has_room(&self, consumer: NodeId) -> bool {
        let held = self.taken.iter().filter(|(_, whose, _)| *whose == consumer).count();
        !self.is_full(consumer, held) || self.params.bugs.ignores_prefetch
    }

    /// Whether so many unacknowledged messages are as many as this consumer may hold.
    pub(super) fn is_full(&self, consumer: NodeId, held: usize) -> bool {
        let own = self.consumers.iter().find(|it| it.node == consumer).and_then(|it| it.limit);
        let most = own.unwrap_or(self.params.prefetch) as usize;
        most > 0 && held >= most
    }

    /// Its consumers, the next in turn first, and the last delivery before each began to consume.
    pub(super) fn turns(&self) -> impl Iterator<Item = (NodeId, u64)> {
        self.consumers.iter().map(|it| (it.node, it.since))
    }
}

/// Takes no further message. Nobody waits for the word of a dead letter.
fn refuse(from: NodeId, letter: &Letter, ctx: &mut Ctx<Amqp>) {
    let name = letter.name;
    ctx.tell(&FULL, || format!("refuses {name}, because it is full"));
    ctx.output(Output::Refused(name));
    if letter.deaths.is_empty() {
        ctx.send(from, Message::Refused(name));
    }
}
