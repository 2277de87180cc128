//! What the parts of a broker tell each other, themselves and the application.

use super::exchange::Binding;
use super::methods::{Called, Code, Declaration, Method, Target, Tenant, Which, Wish};
use super::names::{Post, Register};
use super::queue::{Entry, Tenancy};
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
    /// In which queues it died and of what, the latest first: each pair once, or each time where messages are tried
    /// again.
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
    /// Its queue was deleted.
    Deleted,
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
    /// Where queues are declared, a client asks n3 for something, on its connection of this number.
    Method(Method, u64),
    /// It is done.
    MethodOk(Method),
    /// It cannot be done, and the channel on which the client asked is closed.
    ChannelClose(Code, Method),
    /// A client opens a connection of this number; with that the one before has ended.
    Open(u64),
    /// n3 knows.
    OpenOk(u64),
    /// A message for the exchange of this name.
    PublishTo(Letter, String),
    /// There is no such exchange; the channel is closed.
    NotFound(Name, String),
    /// An exchange puts a message into a declared queue.
    Deposit(Letter, Tenant),
    /// n3 to a place: be this queue.
    Create(Tenant),
    /// n3 to a place: forget this queue.
    Delete(u64),
    /// The place has forgotten it.
    Deleted(u64),
    /// A queue has deleted itself.
    Gone(u64),
    /// n3 knows.
    GoneOk(u64),
    /// n3 to n4: be this exchange, with these bindings.
    Setup(Post),
    /// n4 is, by this version.
    SetupOk(u64),
    /// n3 to a place: this client wants to consume the queue.
    #[allow(missing_docs)]
    PassConsume { client: NodeId, connection: u64, limit: Option<u64>, tenant: Tenant },
    /// The queue of this name will deliver its messages.
    Consuming(String),
    /// The queue of this name was deleted.
    ConsumerGone(String),
    /// n3 to a place: this client has opened this connection, so the consumers of earlier ones have gone.
    Hangup(NodeId, u64),
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
    Method 'M': Self::Method(method, _) => "{method}" as "the request to {method}",
    MethodOk 'm' reply: Self::MethodOk(method) => "{method}" as "the answer that `{method}` is done",
    ChannelClose 'x' reply: Self::ChannelClose(code, method) => "{code} {method}"
        as "the end of its channel: {code}",
    Open 'O': Self::Open(connection) => "{connection}" as "connection {connection}",
    OpenOk 'u' reply: Self::OpenOk(connection) => "{connection}" as "the answer for connection {connection}",
    PublishTo 'p': Self::PublishTo(letter, exchange) => "{letter} to {exchange}"
        as ("message {} for exchange {exchange}", words::keyed(letter)),
    NotFound 'z' reply: Self::NotFound(name, exchange) => "404 NOT_FOUND {exchange} {name}"
        as "the end of its channel: 404 NOT_FOUND",
    Deposit 'N': Self::Deposit(letter, tenant) => ("{letter} in {}", tenant.name)
        as ("message {}", words::keyed(letter)),
    Create 'S': Self::Create(tenant) => "{tenant}" as "the queue `{tenant}`",
    Delete 'T': Self::Delete(life) => "queue {life}" as "the end of queue {life}",
    Deleted 't' reply: Self::Deleted(life) => "queue {life}" as "the answer that queue {life} is deleted",
    Gone 'G': Self::Gone(life) => "queue {life}" as "the word that queue {life} has deleted itself",
    GoneOk 'g' reply: Self::GoneOk(life) => "queue {life}" as "the answer for queue {life}",
    Setup 'U': Self::Setup(post) => "{post}" as "exchange and bindings",
    SetupOk 'y' reply: Self::SetupOk(version) => "version {version}" as "the answer for version {version}",
    PassConsume 'W': Self::PassConsume { client, limit, tenant, .. } =>
        ("{} for {client}{}", tenant.name, words::limited(*limit))
        as ("the wish of {client} to consume {}", tenant.name),
    Consuming 'i' reply: Self::Consuming(name) => "{name}" as "the answer that it consumes {name}",
    ConsumerGone 'w' reply: Self::ConsumerGone(name) => "{name}" as "the word that queue {name} is deleted",
    Hangup 'H': Self::Hangup(client, connection) => "{client} before connection {connection}"
        as "the end of the earlier connection of {client}",
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
    /// A client has not heard that its connection is open.
    Open,
    /// n3 has not heard from a place.
    Places,
    /// A queue that has deleted itself has not heard from n3.
    Gone,
}

/// What the application asks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words, Read)]
#[words(
    otherwise = "a publisher can be asked to `Publish usd.stock`, an exchange to `Bind n5 usd.#` or to `Unbind n5 \
                     usd.#`, a consumer to `Consume`, to `Cancel`, to `Close` or to `Answer ack`; in the topology `declared` \
                     clients can be asked to `Declare orders`, to `Bind orders logs error`, to `Consume \
                     orders`, to `Delete orders` or to `Reconnect`, and publishers to `Publish error to logs`"
)]
pub enum Input {
    /// Of a publisher: publish something with this routing key.
    #[words("Publish{0}")]
    Publish(Posting),
    /// Of an exchange: bind this queue. Of a client: bind these names.
    Bind(Target),
    /// The same, to take the binding away.
    Unbind(Target),
    /// Of a consumer: consume its queue, or one that it names.
    #[words("Consume{0}")]
    Consume(Wish),
    /// Of a consumer: consume no more.
    #[words("Cancel{0}")]
    Cancel(Which),
    /// Of a consumer: close the channel.
    #[words("Close{0}")]
    Close(Which),
    /// Of a consumer: answer so from now on.
    Answer(Answer),
    /// Of a client: declare a queue or an exchange.
    Declare(Declaration),
    /// Of a client: delete a queue or an exchange.
    Delete(Called),
    /// Of a client: end the connection and open another.
    Reconnect,
}

/// What is to be published, and how; see [`Letter`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Posting {
    pub(super) key: String,
    pub(super) terms: Terms,
    /// The exchange, where a client has declared one; otherwise n3.
    pub(super) exchange: Option<String>,
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
    /// By n3, where queues are declared: where a new queue is, and whose it is.
    Declared(NodeId, Tenant),
    Deleted(String),
    /// It does what this client asks, or closes the channel.
    Granted(NodeId, Method),
    Closed(NodeId, Code),
    /// By a queue: its last consumer has gone, and so does it.
    AutoDeleted(String),
    /// The message was for a queue that has gone.
    Missed(Name),
    /// By a publisher: no exchange has the name to which it published this message.
    Lost(Name),
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
    /// Where queues are declared: which queue is here, and what is in it.
    Place(Tenancy, Box<Stable>),
    /// What is declared.
    Names(Register),
    /// What n4 is.
    Post(Post),
    /// How many connections a client has opened, and messages numbered.
    #[allow(missing_docs)]
    Client { connections: u64, numbered: u64 },
}
