//! # AMQP exchanges and queues (AMQP 0-9-1, 2008, §3.1; `RabbitMQ`'s extensions)
//!
//! Publishers know no queue and consumers no exchange. A publisher hands a message with a routing key to an exchange; the
//! exchange looks at its bindings and puts a copy into every queue that one of them names and whose pattern matches;
//! a queue hands what it has, in order, to its consumers, keeps it until they acknowledge it, and hands it out again if they
//! do not. Bindings may be changed while messages flow.
//!
//! Why nothing is lost: a queue accepts a message on disk, and then only is it confirmed to the publisher; and a message
//! leaves a queue only when it is acknowledged, or with a reason: rejected, expired, pushed out, or returned too often.
//! A queue that has somewhere to send its dead letters sends them there.
//!
//! Where it hurts: a message that no binding matches is gone, and is confirmed all the same. Whoever dies between the
//! work and the acknowledgement leaves the work to be done twice. A message is looked at for its age only at the head of its
//! queue. And a message that every consumer gives back goes round for ever.
//!
//! The ten nodes are the parts of one broker and those who use it: n1 and n2 publish to n3; n3 and n4 are exchanges, n4
//! an alternate one or the one for dead letters; n5 to n7 are queues, each named as its node; n8 to n10 consume one queue each.
//! Which sort of exchange n3 is, and what is bound where at first, is the parameter `topology`.
//!
//! **What this file leaves out:** declaring and deleting, as all parts are there from the start; channels, virtual hosts,
//! users; the frames in which all this travels (type, channel, size, payload, end byte); `get`, transactions, priorities,
//! messages that do not survive a crash; headers beside the routing key: a headers exchange reads the key as a list of them;
//! another routing key for dead letters. Parts of a broker do not crash one by one in the real world, and where they do
//! here, a message between them may be lost, but none that was confirmed; a dead letter is not confirmed. The age of a message begins
//! anew when its queue restarts, and a queue remembers its consumers, which would connect again.

use faultline_core::node::{Ctx, Node, NodeId, Rule};
use faultline_core::time::Micros;
use faultline_core::view::Card;

mod claims;
mod ends;
mod exchange;
mod queue;
mod title;
pub mod topic;
mod topology;
mod words;

use ends::{Consumer, Publisher};
use exchange::{Binding, Exchange};
use queue::{Entry, Queue};
pub use topology::TOPOLOGIES;

/// What is set before a run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Params {
    /// What n3 is and what is bound where at first: a place in [`TOPOLOGIES`].
    pub topology: u64,
    /// The most messages that a consumer holds unacknowledged.
    pub prefetch: u64,
    /// How long a consumer works on a message, in microseconds.
    pub work: Micros,
    /// How long a queue waits for an acknowledgement, in microseconds.
    pub ack_timeout: Micros,
    /// The most messages that are ready in a queue; 0 is any number.
    pub max_length: u64,
    /// How often a message may be given back to its queue; 0 is for ever.
    pub delivery_limit: u64,
    /// Rules taken away.
    pub bugs: Bugs,
}

impl Default for Params {
    fn default() -> Self {
        Params {
            topology: topology::TOPIC,
            prefetch: 2,
            work: 20_000,
            ack_timeout: 1_000_000,
            max_length: 0,
            delivery_limit: 0,
            bugs: Bugs::default(),
        }
    }
}

/// The wrong twins; the title page says what each does.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, clippy::struct_excessive_bools)]
pub struct Bugs {
    pub hash_needs_word: bool,
    pub dot_not_optional: bool,
    pub copies_per_binding: bool,
    pub always_alternate: bool,
    pub requeues_at_tail: bool,
    pub loses_key: bool,
    pub confirms_early: bool,
    pub ignores_prefetch: bool,
    pub forgets_redelivery: bool,
    pub keeps_unacked: bool,
    pub goes_in_circles: bool,
}

/// A message of the application, by its publisher and its number there: `n1.3`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name {
    /// Who published it.
    pub publisher: NodeId,
    /// The how many-eth that was, from 1.
    pub number: u64,
}

/// What is published, and what has become of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Letter {
    name: Name,
    /// The routing key.
    key: String,
    /// How long it may wait in a queue, in microseconds; 0 is for ever.
    ttl: Micros,
    /// Whether the publisher wants it back if no queue gets it.
    mandatory: bool,
    /// In which queues it died and of what, the latest first, each pair once.
    deaths: Vec<(NodeId, Reason)>,
}

/// Why a message left a queue without having been acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// A consumer did not want it.
    Rejected,
    /// It had waited for too long.
    Expired,
    /// The queue was too long.
    Maxlen,
    /// It was given back too often.
    DeliveryLimit,
}

/// What a consumer does with a message when it has worked on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Answer {
    /// It acknowledges it.
    Ack,
    /// It does not want it, and nobody else shall have it.
    Reject,
    /// It gives it back.
    Requeue,
    /// Nothing at all.
    Nothing,
}

/// What nodes tell each other. Names are the specification's, where it has them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Message {
    /// To an exchange: from a publisher, from another exchange, or as a dead letter from a queue.
    Publish(Letter),
    /// An exchange puts it into a queue.
    Enqueue(Letter),
    /// The queue has it on disk.
    Accepted(Name),
    /// To the publisher: whatever should become of it here is safe.
    Confirm(Name),
    /// To the publisher: no queue gets it.
    Return(Name),
    /// A consumer wants what is in the queue.
    Consume,
    /// It will get it.
    ConsumeOk,
    /// A consumer wants no more, or a queue has lost patience with it.
    Cancel,
    /// A queue hands out a message, to be acknowledged by its tag.
    #[allow(missing_docs)]
    Deliver { tag: u64, name: Name, redelivered: bool },
    /// The consumer is done with it.
    Ack(u64),
    /// The consumer is not, and gives it back or not.
    #[allow(missing_docs)]
    Reject { tag: u64, requeue: bool },
}

/// What nodes remind themselves of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Timer {
    /// A queue: the message of this number is too old.
    Expire(u64),
    /// A queue: this consumer has not acknowledged for too long.
    Patience(NodeId),
    /// A consumer is done with the message that it works on.
    Work,
    /// A consumer has not heard from its queue.
    Again,
}

/// What the application asks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Input {
    /// Of a publisher: publish something with this routing key.
    #[allow(missing_docs)]
    Publish { key: String, ttl: Micros, mandatory: bool },
    /// Of an exchange: bind this queue.
    Bind(NodeId, String),
    /// Of an exchange: take this binding away.
    Unbind(NodeId, String),
    /// Of a consumer: consume its queue.
    Consume,
    /// Of a consumer: consume no more.
    Cancel,
    /// Of a consumer: answer so from now on.
    Answer(Answer),
}

/// What the application is told. Queues number what they get, from 1.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum Output {
    /// By a publisher.
    Published {
        name: Name,
        key: String,
    },
    Confirmed(Name),
    Returned(Name),
    /// By an exchange.
    Bound(NodeId, String),
    Unbound(NodeId, String),
    /// It goes to these queues, and to another exchange if one is named; nobody is left out but those where it would go
    /// in circles.
    Routed {
        name: Name,
        key: String,
        to: Vec<NodeId>,
        alternate: Option<NodeId>,
        circles: Vec<NodeId>,
    },
    /// No queue gets it; whether the publisher is told.
    Unroutable {
        name: Name,
        returned: bool,
    },
    /// By a queue.
    Queued {
        number: u64,
        name: Name,
    },
    Handed {
        number: u64,
        to: NodeId,
        redelivered: bool,
    },
    Requeued(u64),
    Acked(u64),
    /// It left the queue for this reason, and went on as a dead letter or not.
    Died {
        number: u64,
        name: Name,
        reason: Reason,
        buried: bool,
    },
    /// By a consumer.
    Processed {
        name: Name,
        redelivered: bool,
    },
}

/// What is on disk.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stable {
    /// Nothing yet.
    #[default]
    Fresh,
    /// How many messages the publisher has numbered.
    Publisher(u64),
    /// The bindings.
    Exchange(Vec<Binding>),
    /// What is in the queue.
    #[allow(missing_docs)]
    Queue { ready: Vec<Entry>, taken: Vec<Entry>, consumers: Vec<NodeId>, numbered: u64, tagged: u64 },
}

/// A part of the broker, or one who uses it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum Amqp {
    Publisher(Publisher),
    Exchange(Exchange),
    Queue(Queue),
    Consumer(Consumer),
}

const START: Rule = Rule {
    section: "3.1.1",
    sentence: "Publishers, exchanges, queues and consumers are what they are from the start; what is durable survives a crash.",
};
const STRAY: Rule = Rule {
    section: "3.1",
    sentence: "What is meant for another part of the system, or comes too late, changes nothing.",
};

impl Node for Amqp {
    type Message = Message;
    type Timer = Timer;
    type Input = Input;
    type Output = Output;
    type Stable = Stable;
    type Params = Params;

    fn start(stable: Stable, ctx: &mut Ctx<Self>) -> Self {
        ctx.note(&START);
        match ctx.me().0 {
            0 | 1 => Amqp::Publisher(Publisher::start(&stable, ctx)),
            2 | 3 => Amqp::Exchange(Exchange::start(stable, ctx)),
            4..=6 => Amqp::Queue(Queue::start(stable, ctx)),
            _ => Amqp::Consumer(Consumer::start(ctx)),
        }
    }

    fn stable(&self) -> Stable {
        match self {
            Amqp::Publisher(publisher) => publisher.stable(),
            Amqp::Exchange(exchange) => exchange.stable(),
            Amqp::Queue(queue) => queue.stable(),
            // What a consumer has not acknowledged, its queue still has.
            Amqp::Consumer(_) => Stable::Fresh,
        }
    }

    fn on_input(&mut self, input: Input, ctx: &mut Ctx<Self>) {
        match (self, input) {
            (Amqp::Publisher(publisher), Input::Publish { key, ttl, mandatory }) => {
                publisher.publish(key, ttl, mandatory, ctx);
            }
            (Amqp::Exchange(exchange), Input::Bind(queue, key)) => exchange.bind(queue, key, ctx),
            (Amqp::Exchange(exchange), Input::Unbind(queue, key)) => exchange.unbind(queue, &key, ctx),
            (Amqp::Consumer(consumer), Input::Consume) => consumer.consume(ctx),
            (Amqp::Consumer(consumer), Input::Cancel) => consumer.cancel(ctx),
            (Amqp::Consumer(consumer), Input::Answer(answer)) => consumer.change(answer, ctx),
            // Another part is asked for that.
            _ => ctx.note(&STRAY),
        }
    }

    fn on_message(&mut self, from: NodeId, message: Message, ctx: &mut Ctx<Self>) {
        match (self, message) {
            (Amqp::Exchange(exchange), Message::Publish(letter)) => exchange.route(&letter, ctx),
            (Amqp::Exchange(exchange), Message::Accepted(name)) => exchange.accepted(from, name, ctx),
            (Amqp::Queue(queue), Message::Enqueue(letter)) => queue.enqueue(from, letter, ctx),
            (Amqp::Queue(queue), Message::Consume) => queue.consume(from, ctx),
            (Amqp::Queue(queue), Message::Cancel) => queue.cancel(from, ctx),
            (Amqp::Queue(queue), Message::Ack(tag)) => queue.ack(from, tag, ctx),
            (Amqp::Queue(queue), Message::Reject { tag, requeue }) => queue.reject(from, tag, requeue, ctx),
            (Amqp::Publisher(publisher), Message::Confirm(name)) => publisher.confirmed(name, ctx),
            (Amqp::Publisher(publisher), Message::Return(name)) => publisher.returned(name, ctx),
            (Amqp::Consumer(_), Message::ConsumeOk) => Consumer::consumes(ctx),
            (Amqp::Consumer(consumer), Message::Cancel) => consumer.cancelled(ctx),
            (Amqp::Consumer(consumer), Message::Deliver { tag, name, redelivered }) => {
                consumer.take(tag, name, redelivered, ctx);
            }
            // Nobody sends such a message to such a part.
            _ => ctx.note(&STRAY),
        }
    }

    fn on_timer(&mut self, timer: Timer, ctx: &mut Ctx<Self>) {
        match (self, timer) {
            (Amqp::Queue(queue), Timer::Expire(number)) => queue.expire(number, ctx),
            (Amqp::Queue(queue), Timer::Patience(consumer)) => queue.lose_patience(consumer, ctx),
            (Amqp::Consumer(consumer), Timer::Work) => consumer.work_done(ctx),
            (Amqp::Consumer(consumer), Timer::Again) => consumer.consume(ctx),
            // Nobody else sets such a timer.
            _ => ctx.note(&STRAY),
        }
    }

    fn inputs(&self) -> Vec<Input> {
        match self {
            Amqp::Publisher(publisher) => publisher.inputs(),
            Amqp::Exchange(exchange) => exchange.inputs(),
            Amqp::Queue(_) => Vec::new(),
            Amqp::Consumer(_) => vec![Input::Answer(Answer::Ack), Input::Answer(Answer::Reject)],
        }
    }

    fn card(&self) -> Card {
        match self {
            Amqp::Publisher(publisher) => publisher.card(),
            Amqp::Exchange(exchange) => exchange.card(),
            Amqp::Queue(queue) => queue.card(),
            Amqp::Consumer(consumer) => consumer.card(),
        }
    }
}
