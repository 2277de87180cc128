//! # AMQP exchanges and queues (AMQP 0-9-1, 2008, §3.1; `RabbitMQ`'s extensions)
//!
//! Publishers know no queues, and consumers know no exchanges. A publisher hands a message with a routing
//! key to an exchange. The exchange puts a copy into every queue that has a matching binding. A queue
//! delivers its messages in order to its consumers, keeps each until a consumer acknowledges it, and
//! delivers it again if none does. Bindings may change while messages flow.
//!
//! Why nothing is lost: the publisher receives its confirm only when the queues have accepted the message, and
//! they accept a persistent one when it is on disk. A message leaves a queue only when a consumer acknowledges
//! it, or for a reason: it is rejected, expired, pushed out, or returned too often. A queue with a dead letter
//! exchange sends its dead letters there.
//!
//! Where it hurts: a message that matches no binding is lost, and is confirmed all the same. When a
//! consumer crashes between the work and the acknowledgement, the work is done twice. A queue checks the
//! age of a message only at its head. And a message that every consumer returns goes round for ever.
//!
//! The ten nodes are the parts of one broker and its clients. n1 and n2 publish to n3; n3 and n4 are
//! exchanges, and n4 is the alternate or the dead letter exchange, or is bound to n3; n5 to n7 are queues,
//! each named after its node; n8 to n10 consume one queue each, or share n5 as a work queue. The parameter
//! `topology` sets the kind of exchange that n3 is, and the initial bindings.
//!
//! In the topology `declared` nothing is there at first but the default exchange n3. Clients declare,
//! bind, consume and delete queues and an exchange by names that a user chooses; exclusive and
//! auto-delete queues go by themselves; and a consumer has a channel for each queue. There n5 to n7 are
//! places for queues, and n4 is the place for an exchange (`names.rs` says how). n3 keeps the names, and
//! every client asks n3.
//!
//! **What this file leaves out:** virtual hosts, users; more than one exchange beside the default one,
//! and more than three queues: a declaration that finds no place is refused with 506; bindings from a
//! declared exchange to another; names that the broker makes, passive declarations, queues that are not
//! durable, `if-unused` and `if-empty`; two consumers of one client on the same queue, and two queues on
//! one channel; a queue and an exchange of the same name; the frames of all but a publish, and of a body
//! too long for one; `get`, transactions; headers beside the routing key: a headers exchange reads the
//! key as a list of them; `reject-publish-dlx`. In the real world the parts of a broker do not crash one
//! by one. Where they do here, a message between them may be lost, but not a confirmed one; a dead
//! letter is not confirmed. A queue notices the crash of a consumer only when the consumer comes back or
//! when its deliveries have been unacknowledged for too long. A consumer restarts as it began, and
//! consumes even if it had cancelled; where queues are declared, it restarts without channels. n3
//! notices that a connection has ended when its client opens the next one. An exclusive queue survives a
//! crash of its place, and an auto-delete queue then waits for its consumers to come back.
//!
//! Of a quorum queue there is what its clients notice: it keeps transient messages through a restart,
//! and it has a delivery limit of 20 where no other is set. Its replicas, its own two priorities, and
//! its imprecise `reject-publish` are left out; it ignores priorities here. A classic queue has no
//! delivery limit in `RabbitMQ`; here it has one if it is set.
//!
//! Where `RabbitMQ`'s documentation (4.1) leaves something open, its classic queue decides: a full
//! queue drops the message at its head before it delivers anything, maybe the one that was just
//! returned, and with priorities the most urgent; a full queue that refuses messages takes returned ones
//! all the same. Every return counts for the delivery limit, whatever its cause. A delivery that is not
//! acknowledged in time closes the channel, so everything that its consumer holds becomes ready again.
//! For the limits, 0 means no limit.
//!
//! A message expires only at the head of its queue, as in a classic queue, whether the time to live is
//! its own or the queue's. In the topology `retry` a message that n5 or n6 rejects waits in n7 until it
//! expires, and goes back. There and where queues are declared it says how often it died of what;
//! elsewhere it says each death once. A place that is used again counts as the same queue for that.

use faultline_core::prelude::*;

mod claims;
mod client;
mod consumer;
mod ends;
mod examples;
mod exchange;
mod frame;
mod methods;
mod names;
mod post;
mod queue;
mod record;
mod settings;
mod title;
pub mod topic;
mod topology;
mod vocabulary;
mod words;

use consumer::Consumer;
use ends::Publisher;
use exchange::{Binding, Exchange};
pub use methods::{Called, Code, Declaration, Method, Target, Tenant, Which, Wish};
pub use names::{Post, Register};
use queue::Queue;
pub use queue::Tenancy;
pub use settings::{Bugs, Overflow, Params, QueueType};
pub use topology::Topology;
pub use vocabulary::{Answer, Input, Letter, Message, Name, Output, Posting, Reason, Stable, Terms, Timer};

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
            _ => Amqp::Consumer(Consumer::start(&stable, ctx)),
        }
    }

    fn stable(&self) -> Stable {
        match self {
            Amqp::Publisher(publisher) => publisher.stable(),
            Amqp::Exchange(exchange) => exchange.stable(),
            Amqp::Queue(queue) => queue.stable(),
            Amqp::Consumer(consumer) => consumer.stable(),
        }
    }

    fn on_input(&mut self, input: Input, ctx: &mut Ctx<Self>) {
        match (self, input) {
            (Amqp::Publisher(publisher), Input::Publish(posting)) => publisher.publish(posting, ctx),
            (Amqp::Publisher(Publisher { client: Some(client), .. }), Input::Reconnect) => {
                client.reconnect(ctx);
            }
            (Amqp::Exchange(exchange), Input::Bind(Target::Nodes(binding))) => exchange.bind(binding, ctx),
            (Amqp::Exchange(exchange), Input::Unbind(Target::Nodes(binding))) => {
                exchange.unbind(&binding, ctx);
            }
            (Amqp::Consumer(consumer), Input::Consume(wish)) => consumer.consume(wish, ctx),
            (Amqp::Consumer(consumer), Input::Cancel(which)) => consumer.cancel(&which, ctx),
            (Amqp::Consumer(consumer), Input::Close(which)) => consumer.close(&which, ctx),
            (Amqp::Consumer(consumer), Input::Answer(answer)) => consumer.change(answer, ctx),
            (Amqp::Consumer(consumer), Input::Reconnect) => consumer.reconnect(ctx),
            (Amqp::Publisher(Publisher { client, .. }) | Amqp::Consumer(Consumer { client, .. }), input) => {
                match input.method() {
                    Some(method) => client::ask(client, method, ctx),
                    None => ctx.note(&STRAY),
                }
            }
            // Another part is asked for that.
            _ => ctx.note(&STRAY),
        }
    }

    fn on_message(&mut self, from: NodeId, message: Message, ctx: &mut Ctx<Self>) {
        match (self, message) {
            (Amqp::Exchange(exchange), Message::Publish(letter)) => {
                let passed = exchange.passed_by(from);
                exchange.route(&letter, letter.name.publisher, passed.as_slice(), ctx);
            }
            (Amqp::Exchange(exchange), Message::Forward(letter, passed)) => {
                exchange.route(&letter, from, &passed, ctx);
            }
            (Amqp::Exchange(exchange), Message::Accepted(name)) => exchange.accepted(from, name, ctx),
            (Amqp::Exchange(exchange), Message::Refused(name)) => exchange.refused(from, name, ctx),
            (Amqp::Exchange(exchange), Message::PublishTo(letter, to)) => {
                exchange.publish_to(&letter, &to, ctx);
            }
            (Amqp::Exchange(exchange), Message::Method(method, connection)) => {
                exchange.asked(from, method, connection, ctx);
            }
            (Amqp::Exchange(exchange), Message::Open(connection)) => exchange.opened(from, connection, ctx),
            (Amqp::Exchange(exchange), Message::Deleted(life)) => exchange.deleted(from, life, ctx),
            (Amqp::Exchange(exchange), Message::Gone(life)) => exchange.gone(from, life, ctx),
            (Amqp::Exchange(exchange), Message::Setup(post)) => exchange.set_post(from, post, ctx),
            (Amqp::Exchange(exchange), Message::SetupOk(version)) => exchange.set_up(version, ctx),
            (Amqp::Queue(queue), Message::Enqueue(letter)) => queue.enqueue(from, letter, ctx),
            (Amqp::Queue(queue), Message::Consume) => queue.consume(from, ctx),
            (Amqp::Queue(queue), Message::Cancel) => queue.cancel(from, ctx),
            (Amqp::Queue(queue), Message::Close) => queue.close(from, ctx),
            (Amqp::Queue(queue), Message::Ack(tag)) => queue.ack(from, tag, ctx),
            (Amqp::Queue(queue), Message::Reject { tag, requeue }) => queue.reject(from, tag, requeue, ctx),
            (Amqp::Queue(queue), Message::Deposit(letter, tenant)) => {
                queue.deposit(from, letter, tenant, ctx);
            }
            (Amqp::Queue(queue), Message::Create(tenant)) => queue.create(tenant, ctx),
            (Amqp::Queue(queue), Message::Delete(life)) => queue.delete(from, life, ctx),
            (Amqp::Queue(queue), Message::GoneOk(life)) => queue.told_gone(life, ctx),
            (Amqp::Queue(queue), Message::Hangup(client, connection)) => {
                queue.hang_up(client, connection, ctx);
            }
            (Amqp::Queue(queue), Message::PassConsume { client, connection, limit, tenant }) => {
                queue.pass_consume((client, connection), limit, tenant, ctx);
            }
            (Amqp::Publisher(publisher), Message::NotFound(name, exchange)) => {
                publisher.not_found(name, &exchange, ctx);
            }
            (Amqp::Publisher(publisher), Message::Confirm(name)) => publisher.confirmed(name, ctx),
            (Amqp::Publisher(publisher), Message::Nack(name)) => publisher.nacked(name, ctx),
            (Amqp::Publisher(publisher), Message::Return(name)) => publisher.returned(name, ctx),
            (Amqp::Consumer(consumer), Message::ConsumeOk) => consumer.consumes(from, "", ctx),
            (Amqp::Consumer(consumer), Message::Consuming(name)) => consumer.consumes(from, &name, ctx),
            (Amqp::Consumer(consumer), Message::Cancel) => consumer.cancelled(from, ctx),
            (Amqp::Consumer(consumer), Message::ConsumerGone(name)) => consumer.gone(from, &name, ctx),
            (Amqp::Consumer(consumer), Message::Deliver { tag, name, redelivered, takes }) => {
                consumer.take((from, tag), name, redelivered, takes, ctx);
            }
            (Amqp::Consumer(consumer), Message::ChannelClose(code, method)) => {
                consumer.refused(code, &method, ctx);
            }
            (
                Amqp::Publisher(Publisher { client: Some(client), .. }),
                Message::ChannelClose(code, method),
            ) => {
                client.closed(code, &method.to_string(), ctx);
            }
            (
                Amqp::Publisher(Publisher { client: Some(client), .. })
                | Amqp::Consumer(Consumer { client: Some(client), .. }),
                Message::MethodOk(method),
            ) => client.done(&method, ctx),
            (
                Amqp::Publisher(Publisher { client: Some(client), .. })
                | Amqp::Consumer(Consumer { client: Some(client), .. }),
                Message::OpenOk(connection),
            ) => client.opened(connection, ctx),
            // Nobody sends such a message to such a part.
            _ => ctx.note(&STRAY),
        }
    }

    fn on_timer(&mut self, timer: Timer, ctx: &mut Ctx<Self>) {
        match (self, timer) {
            (Amqp::Queue(queue), Timer::Expire(number)) => queue.expire(number, ctx),
            (Amqp::Queue(queue), Timer::Patience(tag)) => queue.lose_patience(tag, ctx),
            (Amqp::Consumer(consumer), Timer::Work) => consumer.work_done(ctx),
            (Amqp::Consumer(consumer), Timer::Again) => consumer.again(ctx),
            (Amqp::Queue(queue), Timer::Gone) => queue.tell_gone(ctx),
            (Amqp::Exchange(exchange), Timer::Places) => exchange.repeat(ctx),
            (
                Amqp::Publisher(Publisher { client: Some(client), .. })
                | Amqp::Consumer(Consumer { client: Some(client), .. }),
                Timer::Open,
            ) => client.open(ctx),
            // Nobody else sets such a timer.
            _ => ctx.note(&STRAY),
        }
    }

    fn inputs(&self) -> Vec<Input> {
        match self {
            Amqp::Publisher(publisher) => publisher.inputs(),
            Amqp::Exchange(exchange) => exchange.inputs(),
            Amqp::Queue(_) => Vec::new(),
            Amqp::Consumer(consumer) => consumer.inputs(),
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
