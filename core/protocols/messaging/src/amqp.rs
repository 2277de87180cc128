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
//! **What this file leaves out:** declaring and deleting, as all parts are there from the start; names that
//! a user chooses; virtual hosts, users; several channels or several consumers of one client; exclusive and
//! auto-delete queues; the frames of all but a publish, and of a body too long for one; `get`,
//! transactions; headers beside the routing key: a headers exchange reads the key as a list of them;
//! `reject-publish-dlx`. In the real world the parts of a broker do not crash
//! one by one. Where they do here, a message between them may be lost, but not a confirmed one; a dead
//! letter is not confirmed. A queue notices the crash of a consumer only when the consumer comes back or
//! when its deliveries have been unacknowledged for too long. A consumer restarts as it began, and consumes
//! even if it had cancelled.
//!
//! Of a quorum queue there is what its clients notice: it keeps transient messages through a restart, and
//! it has a delivery limit of 20 where no other is set. Its replicas, its own two priorities, and its
//! imprecise `reject-publish` are left out; it ignores priorities here. A classic queue has no delivery
//! limit in `RabbitMQ`; here it has one if it is set.
//!
//! Where `RabbitMQ`'s documentation (4.1) leaves something open, its classic queue decides: a full
//! queue drops the message at its head before it delivers anything, maybe the one that was just returned, and
//! with priorities the most urgent; a full queue that refuses messages takes returned ones all the same. Every
//! return counts for the delivery limit, whatever its cause. A delivery that is not acknowledged in time closes the channel, so everything
//! that its consumer holds becomes ready again. For the limits, 0 means no limit.

use faultline_core::prelude::*;

mod claims;
mod ends;
mod exchange;
mod frame;
mod queue;
mod record;
mod settings;
mod title;
pub mod topic;
mod topology;
mod vocabulary;
mod words;

use ends::{Consumer, Publisher};
use exchange::{Binding, Exchange};
use queue::Queue;
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
            (Amqp::Consumer(consumer), Input::Close) => consumer.close(ctx),
            (Amqp::Consumer(consumer), Input::Answer(answer)) => consumer.change(answer, ctx),
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
            (Amqp::Queue(queue), Message::Enqueue(letter)) => queue.enqueue(from, letter, ctx),
            (Amqp::Queue(queue), Message::Consume) => queue.consume(from, ctx),
            (Amqp::Queue(queue), Message::Cancel) => queue.cancel(from, ctx),
            (Amqp::Queue(queue), Message::Close) => queue.close(from, ctx),
            (Amqp::Queue(queue), Message::Ack(tag)) => queue.ack(from, tag, ctx),
            (Amqp::Queue(queue), Message::Reject { tag, requeue }) => queue.reject(from, tag, requeue, ctx),
            (Amqp::Publisher(publisher), Message::Confirm(name)) => publisher.confirmed(name, ctx),
            (Amqp::Publisher(publisher), Message::Nack(name)) => publisher.nacked(name, ctx),
            (Amqp::Publisher(publisher), Message::Return(name)) => publisher.returned(name, ctx),
            (Amqp::Consumer(consumer), Message::ConsumeOk) => consumer.consumes(ctx),
            (Amqp::Consumer(consumer), Message::Cancel) => consumer.cancelled(ctx),
            (Amqp::Consumer(consumer), Message::Deliver { tag, name, redelivered, takes }) => {
                consumer.take(tag, name, redelivered, takes, ctx);
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
