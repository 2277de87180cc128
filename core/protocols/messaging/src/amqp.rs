//! # AMQP exchanges and queues (AMQP 0-9-1, 2008, §3.1; `RabbitMQ`'s extensions)
//!
//! Publishers know no queues, and consumers know no exchanges. A publisher hands a message with a routing key
//! to an exchange. The exchange puts a copy into every queue that has a matching binding. A queue delivers
//! its messages in order to its consumers, keeps each until a consumer acknowledges it, and delivers it again
//! if none does. Bindings may change while messages flow.
//!
//! Why nothing is lost: the publisher receives its confirm only when the queues have the message on disk. A
//! message leaves a queue only when a consumer acknowledges it, or for a reason: it is rejected, expired,
//! pushed out, or returned too often. A queue with a dead letter exchange sends its dead letters there.
//!
//! Where it hurts: a message that matches no binding is lost, and is confirmed all the same. When a consumer
//! crashes between the work and the acknowledgement, the work is done twice. A queue checks the age of a
//! message only at its head. And a message that every consumer returns goes round for ever.
//!
//! The ten nodes are the parts of one broker and its clients. n1 and n2 publish to n3; n3 and n4 are
//! exchanges, and n4 is the alternate or the dead letter exchange; n5 to n7 are queues, each named after its
//! node; n8 to n10 consume one queue each. The parameter `topology` sets the kind of exchange that n3 is, and
//! the initial bindings.
//!
//! **What this file leaves out:** declaring and deleting, as all parts are there from the start; channels,
//! virtual hosts, users; the frames in which all this travels (type, channel, size, payload, end byte);
//! `get`, transactions, priorities, messages that do not survive a crash; headers beside the routing key: a
//! headers exchange reads the key as a list of them; another routing key for dead letters. In the real world
//! the parts of a broker do not crash one by one. Where they do here, a message between them may be lost, but
//! not a confirmed one; a dead letter is not confirmed. A queue notices the crash of a consumer only when the
//! consumer comes back or when its deliveries have been unacknowledged for too long. A consumer restarts as
//! it began, and consumes even if it had cancelled.
//!
//! Where `RabbitMQ`'s documentation leaves something open, its classic queue decides: a message returned to a
//! full queue is its oldest, so the queue drops that before it delivers anything. The delivery limit is the
//! quorum queue's, and every return counts, whatever its cause. A delivery that is not acknowledged in time
//! closes the channel, so everything that its consumer holds becomes ready again. For both limits, 0 means no
//! limit.

use faultline_core::prelude::*;

mod claims;
mod ends;
mod exchange;
mod queue;
mod record;
mod title;
pub mod topic;
mod topology;
mod words;

use ends::{Consumer, Publisher};
use exchange::{Binding, Exchange};
use queue::{Entry, Queue};
pub use topology::Topology;
use words::also;

/// What is set before a run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Settings)]
pub struct Params {
    /// The kind of exchange that n3 is, with the initial bindings.
    #[setting(default = Topology::Topic)]
    pub topology: Topology,
    /// The maximum number of unacknowledged messages that a consumer holds.
    #[setting(default = 2, bounds = 1..=1_000)]
    pub prefetch: u64,
    /// How long a consumer works on a message.
    #[setting(default = 20ms, bounds = 0s..=3_600s)]
    pub work: Micros,
    /// How long a queue waits for the acknowledgement of a delivery before it takes back everything that its
    /// consumer holds.
    #[setting(default = 1s, bounds = 1ms..=3_600s)]
    pub ack_timeout: Micros,
    /// The maximum number of ready messages in a queue. When one more arrives, the oldest dies; 0 means no
    /// limit.
    #[setting(default = 0, bounds = 0..=1_000_000)]
    pub max_length: u64,
    /// How often a message may be returned before it dies; 0 means no limit.
    #[setting(default = 0, bounds = 0..=1_000)]
    pub delivery_limit: u64,
    /// Rules taken away.
    #[setting(twins)]
    pub bugs: Bugs,
}

/// The wrong twins.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Twins)]
pub struct Bugs {
    /// In a pattern, `#` stands for one word or more, never for none.
    pub hash_needs_word: bool,
    /// A `#` beside a dot stands for one word or more, because the dot is taken as required.
    pub dot_not_optional: bool,
    /// An exchange sends a copy for every matching binding.
    pub copies_per_binding: bool,
    /// The alternate exchange receives every message, not only those that match no binding.
    #[twin(shows_with = ["set topology alternate"])]
    pub always_alternate: bool,
    /// A returned message goes to the tail of the queue.
    #[twin(shows_with = ["set topology fanout", "set work 2s", "ask 50ms"])]
    pub requeues_at_tail: bool,
    /// A dead letter loses its routing key.
    #[twin(shows_with = ["set topology dead-letter"])]
    pub loses_key: bool,
    /// An exchange confirms a message as soon as it has sent it to the queues.
    pub confirms_early: bool,
    /// A queue checks its length only when a message is published, not when messages are returned.
    #[twin(shows_with = ["set topology fanout", "set max-length 1", "ask 50ms"])]
    pub returns_overflow: bool,
    /// A queue delivers all its messages at once, without regard to the prefetch limit.
    #[twin(shows_with = ["set topology fanout", "set prefetch 1", "ask 50ms"])]
    pub ignores_prefetch: bool,
    /// A queue delivers a message again without marking it as redelivered.
    pub forgets_redelivery: bool,
    /// A queue does not take back what a consumer holds when its channel closes.
    pub keeps_unacked: bool,
    /// Dead letters return to the queue in which they died, whatever the reason.
    #[twin(shows_with = ["set topology cycle", "set max-length 1", "ask 50ms"])]
    pub goes_in_circles: bool,
}

/// A message of the application, by its publisher and its number there: `n1.3`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
#[words("{publisher}.{number}")]
pub struct Name {
    /// Who published it.
    pub publisher: NodeId,
    /// The how many-eth that was, from 1.
    pub number: u64,
}

/// A published message, and what has become of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Letter {
    name: Name,
    /// The routing key.
    key: String,
    /// How long it may wait in a queue, in microseconds; without one, for ever.
    ttl: Option<Micros>,
    /// Whether the publisher wants it back if no queue gets it.
    mandatory: bool,
    /// In which queues it died and of what, the latest first, each pair once.
    deaths: Vec<(NodeId, Reason)>,
}

/// Why a message left a queue without having been acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
#[words(kebab)]
pub enum Reason {
    /// A consumer rejected it.
    Rejected,
    /// It had waited for too long.
    Expired,
    /// The queue was full.
    Maxlen,
    /// It was returned too often.
    DeliveryLimit,
}

/// What a consumer does with a message when it has worked on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words, Read)]
#[words(kebab, otherwise = "a consumer answers `ack`, `reject`, `requeue` or `nothing`")]
pub enum Answer {
    /// It acknowledges it.
    Ack,
    /// It rejects it, and no other consumer gets it.
    Reject,
    /// It returns it to the queue.
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
    /// To the publisher: every queue that it goes to has accepted it.
    Confirm(Name),
    /// To the publisher: no queue gets it.
    Return(Name),
    /// A consumer asks for the messages of the queue.
    Consume,
    /// The queue will deliver them.
    ConsumeOk,
    /// A consumer cancels; or its queue closes the channel, after a timeout or a restart.
    Cancel,
    /// A queue delivers a message, to be acknowledged by its tag.
    #[allow(missing_docs)]
    Deliver { tag: u64, name: Name, redelivered: bool },
    /// The consumer is done with it.
    Ack(u64),
    /// The consumer rejects it; the queue takes it back or not.
    #[allow(missing_docs)]
    Reject { tag: u64, requeue: bool },
}

kinds! { Message {
    Publish 'P': Self::Publish(letter) if letter.deaths.is_empty() => "{letter}"
        as ("message {}", words::keyed(letter)),
    DeadLetter 'X': Self::Publish(letter) => "{letter}" as ("dead letter {}", words::keyed(letter)),
    Enqueue 'E': Self::Enqueue(letter) => "{letter}" as ("message {}", words::keyed(letter)),
    Accepted 'e' reply: Self::Accepted(name) => "{name}" as "the acknowledgement that {name} is on disk",
    Confirm 'c' reply: Self::Confirm(name) => "{name}" as "the confirm of {name}",
    Return 'r' reply: Self::Return(name) => "{name} NO_ROUTE" as "the unroutable message {name} back",
    Consume 'C': Self::Consume,
    ConsumeOk 'o' reply: Self::ConsumeOk,
    Cancel 'Z': Self::Cancel,
    Deliver 'D': Self::Deliver { tag, name, redelivered } =>
        ("{name} tag {tag}{}", also(*redelivered, " redelivered"))
        as ("message {name} as delivery {tag}{}", also(*redelivered, ", redelivered")),
    Ack 'a' reply: Self::Ack(tag) => "tag {tag}" as "the acknowledgement of delivery {tag}",
    Reject 'R' reply: Self::Reject { tag, requeue } => ("tag {tag}{}", also(*requeue, " requeue"))
        as ("the rejection of delivery {tag}{}", also(*requeue, ", to be requeued")),
} }

/// What nodes remind themselves of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
pub enum Timer {
    /// A queue: the message of this number has expired.
    #[words("Expire-{0}")]
    Expire(u64),
    /// A queue: the delivery of this tag has not been acknowledged for too long.
    #[words("Patience-{0}")]
    Patience(u64),
    /// A consumer is done with the message that it works on.
    Work,
    /// A consumer has not heard from its queue.
    Again,
}

/// What the application asks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words, Read)]
#[words(
    otherwise = "a publisher can be asked to `Publish usd.stock`, an exchange to `Bind n5 usd.#` or to `Unbind n5 \
                     usd.#`, a consumer to `Consume`, to `Cancel` or to `Answer ack`"
)]
pub enum Input {
    /// Of a publisher: publish something with this routing key.
    #[words("Publish{0}")]
    Publish(Posting),
    /// Of an exchange: bind this queue.
    Bind(Binding),
    /// Of an exchange: take this binding away.
    Unbind(Binding),
    /// Of a consumer: consume its queue.
    Consume,
    /// Of a consumer: consume no more.
    Cancel,
    /// Of a consumer: answer so from now on.
    Answer(Answer),
}

/// What is to be published, and how; see [`Letter`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Posting {
    key: String,
    ttl: Option<Micros>,
    mandatory: bool,
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

/// A part of the broker, or one of its clients.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum Amqp {
    Publisher(Publisher),
    Exchange(Exchange),
    Queue(Queue),
    Consumer(Consumer),
}

const START: Rule = Rule::new(
    "3.1.1",
    "Every node is a publisher, an exchange, a queue or a consumer from the start. Durable state survives a \
     crash.",
);
const STRAY: Rule = Rule::new(
    "3.1",
    "A message meant for another part of the system, or one that comes too late, changes nothing.",
);

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
            (Amqp::Publisher(publisher), Input::Publish(posting)) => publisher.publish(posting, ctx),
            (Amqp::Exchange(exchange), Input::Bind(binding)) => exchange.bind(binding, ctx),
            (Amqp::Exchange(exchange), Input::Unbind(binding)) => exchange.unbind(&binding, ctx),
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
            (Amqp::Consumer(consumer), Message::ConsumeOk) => consumer.consumes(ctx),
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
            (Amqp::Queue(queue), Timer::Patience(tag)) => queue.lose_patience(tag, ctx),
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
