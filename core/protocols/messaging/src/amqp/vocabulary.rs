//! What the parts of a broker tell each other, themselves and the application.

use super::exchange::Binding;
use super::queue::Entry;
use super::words::{self, also};
use faultline_core::prelude::*;

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
    pub(super) name: Name,
    /// The routing key.
    pub(super) key: String,
    pub(super) terms: Terms,
    /// In which queues it died and of what, the latest first, each pair once.
    pub(super) deaths: Vec<(NodeId, Reason)>,
}

/// What a publisher says of a message beside its key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Terms {
    /// How long it may wait in a queue, in microseconds; without one, for ever.
    pub(super) ttl: Option<Micros>,
    /// How long a consumer works on it, in microseconds; without one, as long as on any other.
    pub(super) takes: Option<Micros>,
    /// Its priority; a higher one is more urgent.
    pub(super) priority: u8,
    /// Whether a classic queue may lose it in a restart.
    pub(super) transient: bool,
    /// Whether the publisher wants it back if no queue gets it.
    pub(super) mandatory: bool,
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
    /// An exchange passes it to an exchange that is bound to it, with all that have it already.
    Forward(Letter, Vec<NodeId>),
    /// An exchange puts it into a queue.
    Enqueue(Letter),
    /// The queue has it; or an exchange to which it was passed has the word of all its queues.
    Accepted(Name),
    /// The queue is full and does not take it.
    Refused(Name),
    /// To the publisher: every queue that it goes to has accepted it.
    Confirm(Name),
    /// To the publisher: a queue has refused it.
    Nack(Name),
    /// To the publisher: no queue gets it.
    Return(Name),
    /// A consumer asks for the messages of the queue.
    Consume,
    /// The queue will deliver them.
    ConsumeOk,
    /// A consumer cancels; or its queue closes the channel, after a timeout or a restart.
    Cancel,
    /// A consumer closes its channel.
    Close,
    /// A queue delivers a message, to be acknowledged by its tag.
    #[allow(missing_docs)]
    Deliver { tag: u64, name: Name, redelivered: bool, takes: Option<Micros> },
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
    Forward 'F': Self::Forward(letter, passed) => ("{letter} passed {}", words::list(passed))
        as ("message {}, not again for {}", words::keyed(letter), words::list(passed)),
    Enqueue 'E': Self::Enqueue(letter) => "{letter}" as ("message {}", words::keyed(letter)),
    Accepted 'e' reply: Self::Accepted(name) => "{name}" as "the acceptance of {name}",
    Refused 'f' reply: Self::Refused(name) => "{name}" as "the refusal of {name}",
    Confirm 'c' reply: Self::Confirm(name) => "{name}" as "the confirm of {name}",
    Nack 'n' reply: Self::Nack(name) => "{name}" as "the negative acknowledgement of {name}",
    Return 'r' reply: Self::Return(name) => "{name} NO_ROUTE" as "the unroutable message {name} back",
    Consume 'C': Self::Consume,
    ConsumeOk 'o' reply: Self::ConsumeOk,
    Cancel 'Z': Self::Cancel,
    Close 'L': Self::Close,
    Deliver 'D': Self::Deliver { tag, name, redelivered, takes } =>
        ("{name} tag {tag}{}{}", also(*redelivered, " redelivered"), words::taking(*takes))
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
                     usd.#`, a consumer to `Consume`, to `Cancel`, to `Close` or to `Answer ack`"
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
    /// Of a consumer: close the channel.
    Close,
    /// Of a consumer: answer so from now on.
    Answer(Answer),
}

/// What is to be published, and how; see [`Letter`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Posting {
    pub(super) key: String,
    pub(super) terms: Terms,
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
    Nacked(Name),
    Returned(Name),
    /// By an exchange.
    Bound(NodeId, String),
    Unbound(NodeId, String),
    /// It goes to these queues and bound exchanges, and to another exchange if one is named; nobody is left out but
    /// those where it would go in circles, and those that another exchange has passed it to.
    Routed {
        name: Name,
        key: String,
        to: Vec<NodeId>,
        alternate: Option<NodeId>,
        circles: Vec<NodeId>,
        passed: Vec<NodeId>,
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
        priority: u8,
        transient: bool,
    },
    /// It is full, and has not taken the message.
    Refused(Name),
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
