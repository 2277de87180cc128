//! A queue: what is ready, what is with a consumer, and what dies.

use super::topology::plan;
use super::{Amqp, Letter, Message, Output, Params, Reason, Stable, Timer};
use faultline_core::card::{Lane, LaneItem, LaneState, Pointer};
use faultline_core::prelude::*;

/// A message in a queue.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Entry {
    /// Its number in the order of arrival.
    number: u64,
    letter: Letter,
    /// Whether it was handed out before.
    redelivered: bool,
    /// Whether it is too old; it dies when it comes to the head.
    expired: bool,
    /// How often it was given back.
    returns: u64,
}

/// A queue.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Queue {
    pub(super) params: Params,
    /// The exchange to which its dead letters go.
    dead_letters: Option<NodeId>,
    /// Who wants what is in it; the next in turn first.
    consumers: Vec<NodeId>,
    ready: Vec<Entry>,
    /// What was handed out and not acknowledged: by which tag, and to whom.
    taken: Vec<(u64, NodeId, Entry)>,
    numbered: u64,
    tagged: u64,
}

const ENQUEUE: Rule = Rule::new(
    "3.1.2",
    "A queue keeps what it gets in the order of arrival, and accepts it when it is on disk.",
);
const CONSUME: Rule = Rule::new(
    "basic.consume",
    "A consumer is handed what is ready, in turn with others; what it had before and did not acknowledge is ready again.",
);
const CANCEL: Rule = Rule::new("basic.cancel", "Who cancels is handed nothing more.");
const ACK: Rule =
    Rule::new("basic.ack", "What is acknowledged leaves the queue, and there is room for more.");
const REJECT: Rule = Rule::new("basic.reject", "What is rejected is given back, to its old place, or dies.");
const LATE: Rule =
    Rule::new("basic.ack", "A tag that is not known was answered before, or its message was taken back.");
const BACK: Rule = Rule::new(
    "basic.recover, redelivered",
    "What was handed out and not acknowledged is ready again, in its old place, and marked.",
);
const DIE: Rule = Rule::new(
    "dead letter exchanges",
    "What dies in a queue goes on to the exchange for its dead letters, with the reason, if there is one.",
);
const EXPIRE: Rule = Rule::new(
    "time to live",
    "A message that has waited for too long dies when it comes to the head of its queue.",
);
const TIRED: Rule = Rule::new(
    "delivery acknowledgement timeout",
    "Who does not acknowledge in time is cancelled, and what it has is ready again.",
);

impl Queue {
    pub(super) fn start(stable: Stable, ctx: &mut Ctx<Amqp>) -> Self {
        let params = ctx.params().clone();
        let dead_letters = plan(params.topology).dead_letters.filter(|_| ctx.me().0 < 6);
        let (consumers, taken) = (Vec::new(), Vec::new());
        let mut queue =
            Queue { params, dead_letters, consumers, ready: Vec::new(), taken, numbered: 0, tagged: 0 };
        if let Stable::Queue { ready, taken, consumers, numbered, tagged } = stable {
            (queue.ready, queue.consumers, queue.numbered, queue.tagged) =
                (ready, consumers, numbered, tagged);
            for entry in &queue.ready {
                wait_for_age(entry, ctx);
            }
            for entry in taken {
                wait_for_age(&entry, ctx);
                queue.give_back(entry, ctx);
            }
            queue.hand_out(ctx);
        }
        queue
    }

    pub(super) fn stable(&self) -> Stable {
        Stable::Queue {
            ready: self.ready.clone(),
            taken: self.taken.iter().map(|(_, _, entry)| entry.clone()).collect(),
            consumers: self.consumers.clone(),
            numbered: self.numbered,
            tagged: self.tagged,
        }
    }

    pub(super) fn enqueue(&mut self, from: NodeId, letter: Letter, ctx: &mut Ctx<Amqp>) {
        self.numbered += 1;
        let (number, name) = (self.numbered, letter.name);
        ctx.note(&ENQUEUE);
        ctx.output(Output::Queued { number, name });
        if letter.deaths.is_empty() {
            ctx.send(from, Message::Accepted(name));
        }
        let entry = Entry { number, letter, redelivered: false, expired: false, returns: 0 };
        wait_for_age(&entry, ctx);
        self.ready.push(entry);
        self.hand_out(ctx);
        let most = self.params.max_length as usize;
        if most > 0 && self.ready.len() > most {
            let oldest = self.ready.remove(0);
            self.bury(oldest, Reason::Maxlen, ctx);
        }
    }

    pub(super) fn consume(&mut self, consumer: NodeId, ctx: &mut Ctx<Amqp>) {
        ctx.note(&CONSUME);
        if !self.consumers.contains(&consumer) {
            self.consumers.push(consumer);
        }
        ctx.send(consumer, Message::ConsumeOk);
        self.take_back(consumer, ctx);
        self.hand_out(ctx);
    }

    pub(super) fn cancel(&mut self, consumer: NodeId, ctx: &mut Ctx<Amqp>) {
        ctx.tell(&CANCEL, || format!("hands {consumer} nothing more"));
        self.consumers.retain(|known| *known != consumer);
    }

    pub(super) fn ack(&mut self, consumer: NodeId, tag: u64, ctx: &mut Ctx<Amqp>) {
        let Some(entry) = self.answered(consumer, tag, ctx) else { return ctx.note(&LATE) };
        ctx.note(&ACK);
        ctx.cancel(Timer::Expire(entry.number));
        ctx.output(Output::Acked(entry.number));
        self.hand_out(ctx);
    }

    pub(super) fn reject(&mut self, consumer: NodeId, tag: u64, requeue: bool, ctx: &mut Ctx<Amqp>) {
        let Some(entry) = self.answered(consumer, tag, ctx) else { return ctx.note(&LATE) };
        ctx.note(&REJECT);
        match requeue {
            true => self.give_back(entry, ctx),
            false => self.bury(entry, Reason::Rejected, ctx),
        }
        self.hand_out(ctx);
    }

    pub(super) fn expire(&mut self, number: u64, ctx: &mut Ctx<Amqp>) {
        let taken = self.taken.iter_mut().map(|(_, _, entry)| entry);
        if let Some(entry) = self.ready.iter_mut().chain(taken).find(|entry| entry.number == number) {
            entry.expired = true;
        }
        ctx.note(&EXPIRE);
        self.bury_expired(ctx);
    }

    pub(super) fn lose_patience(&mut self, consumer: NodeId, ctx: &mut Ctx<Amqp>) {
        ctx.tell(&TIRED, || format!("waits no longer for {consumer}"));
        self.consumers.retain(|known| *known != consumer);
        self.take_back(consumer, ctx);
        ctx.send(consumer, Message::Cancel);
        self.hand_out(ctx);
    }

    /// Takes what a consumer has answered for out of what was handed out.
    fn answered(&mut self, consumer: NodeId, tag: u64, ctx: &mut Ctx<Amqp>) -> Option<Entry> {
        let place = self.taken.iter().position(|(known, whose, _)| (*known, *whose) == (tag, consumer))?;
        let (_, _, entry) = self.taken.remove(place);
        match self.taken.iter().any(|(_, whose, _)| *whose == consumer) {
            true => ctx.set(Timer::Patience(consumer), self.params.ack_timeout),
            false => ctx.cancel(Timer::Patience(consumer)),
        }
        Some(entry)
    }

    /// Makes ready again all that a consumer has, as its connection is gone.
    fn take_back(&mut self, consumer: NodeId, ctx: &mut Ctx<Amqp>) {
        if self.params.bugs.keeps_unacked {
            return;
        }
        ctx.cancel(Timer::Patience(consumer));
        while let Some(place) = self.taken.iter().position(|(_, whose, _)| *whose == consumer) {
            let (_, _, entry) = self.taken.remove(place);
            self.give_back(entry, ctx);
        }
    }

    /// Puts a message back to its old place, unless that has happened too often.
    fn give_back(&mut self, mut entry: Entry, ctx: &mut Ctx<Amqp>) {
        let limit = self.params.delivery_limit;
        entry.redelivered = true;
        entry.returns += 1;
        if limit > 0 && entry.returns > limit {
            return self.bury(entry, Reason::DeliveryLimit, ctx);
        }
        ctx.tell(&BACK, || format!("takes {} back", entry.letter.name));
        ctx.output(Output::Requeued(entry.number));
        let place = match self.params.bugs.requeues_at_tail {
            true => self.ready.len(),
            false => self.ready.partition_point(|other| other.number < entry.number),
        };
        self.ready.insert(place, entry);
    }

    /// Lets a message die, and sends it on as a dead letter if there is somewhere to send it.
    fn bury(&mut self, entry: Entry, reason: Reason, ctx: &mut Ctx<Amqp>) {
        let Entry { number, mut letter, .. } = entry;
        let (name, buried) = (letter.name, self.dead_letters.is_some());
        ctx.cancel(Timer::Expire(number));
        ctx.tell(&DIE, || format!("lets {name} die: {reason}"));
        ctx.output(Output::Died { number, name, reason, buried });
        if let Some(exchange) = self.dead_letters {
            let death = (ctx.me(), reason);
            letter.deaths.retain(|known| *known != death);
            letter.deaths.insert(0, death);
            // It shall not die of old age again, and nobody wants it back.
            (letter.ttl, letter.mandatory) = (0, false);
            if self.params.bugs.loses_key {
                letter.key.clear();
            }
            ctx.send(exchange, Message::Publish(letter));
        }
    }

    /// Lets die what is too old at the head; nobody looks further.
    fn bury_expired(&mut self, ctx: &mut Ctx<Amqp>) {
        while self.ready.first().is_some_and(|entry| entry.expired) {
            let entry = self.ready.remove(0);
            self.bury(entry, Reason::Expired, ctx);
        }
    }

    /// Hands out what is ready while somebody has room for it.
    fn hand_out(&mut self, ctx: &mut Ctx<Amqp>) {
        loop {
            self.bury_expired(ctx);
            let Some(turn) = self.consumers.iter().position(|it| self.has_room(*it)) else { return };
            if self.ready.is_empty() {
                return;
            }
            let (consumer, entry) = (self.consumers.remove(turn), self.ready.remove(0));
            self.consumers.push(consumer);
            self.tagged += 1;
            let (tag, name, number) = (self.tagged, entry.letter.name, entry.number);
            let redelivered = entry.redelivered && !self.params.bugs.forgets_redelivery;
            ctx.output(Output::Handed { number, to: consumer, redelivered });
            ctx.send(consumer, Message::Deliver { tag, name, redelivered });
            ctx.set(Timer::Patience(consumer), self.params.ack_timeout);
            self.taken.push((tag, consumer, entry));
        }
    }

    /// The message of this number, if it is here, ready or handed out.
    pub(super) fn letter(&self, number: u64) -> Option<&Letter> {
        let taken = self.taken.iter().map(|(_, _, entry)| entry);
        self.ready.iter().chain(taken).find(|entry| entry.number == number).map(|entry| &entry.letter)
    }

    fn has_room(&self, consumer: NodeId) -> bool {
        let has = self.taken.iter().filter(|(_, whose, _)| *whose == consumer).count();
        has < self.params.prefetch as usize || self.params.bugs.ignores_prefetch
    }

    pub(super) fn card(&self) -> Card {
        let line = |entry: &Entry, note: String, state| LaneItem {
            text: format!("{} {}", entry.letter.name, entry.letter.key),
            note,
            state,
            changed: false,
        };
        let again = |entry: &Entry| if entry.redelivered { "again, " } else { "" };
        let taken = self
            .taken
            .iter()
            .map(|(_, whose, entry)| line(entry, format!("{}with {whose}", again(entry)), LaneState::Taken));
        let ready = self.ready.iter().map(|entry| match entry.expired {
            true => line(entry, "too old, behind the head".into(), LaneState::Waiting),
            false => line(entry, again(entry).trim_end_matches(", ").into(), LaneState::Ready),
        });
        let items: Vec<LaneItem> = taken.chain(ready).collect();
        let (held, waits) = (self.taken.len(), self.ready.len());
        let note = format!("{waits} ready, {held} unacknowledged");
        let mut pointers: Vec<Pointer> = self
            .consumers
            .iter()
            .map(|to| Pointer { name: "consumer".into(), to: *to, always: true })
            .collect();
        let buried = |to| Pointer { name: "dead letters".into(), to, always: true };
        pointers.extend(self.dead_letters.map(buried));
        let consumers: Vec<_> = self.consumers.iter().map(ToString::to_string).collect();
        Card {
            role: "queue",
            tone: if waits > 0 { Tone::Seeking } else { Tone::Plain },
            badge: format!("{waits} + {held}"),
            fields: vec![
                Field::new("ready", Meaning::Counter, waits),
                Field::new("unacknowledged", Meaning::Counter, held),
                Field::new("consumers", Meaning::Nodes, consumers.join(", ")),
            ],
            place: 2,
            lanes: vec![Lane { name: "queue".into(), note, items }],
            pointers,
            ..Card::default()
        }
    }
}

/// Sets the timer of a message that may get too old.
fn wait_for_age(entry: &Entry, ctx: &mut Ctx<Amqp>) {
    if entry.letter.ttl > 0 && !entry.expired {
        ctx.set(Timer::Expire(entry.number), entry.letter.ttl);
    }
}
