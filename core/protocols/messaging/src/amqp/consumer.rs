//! A consumer: its channels, each of which consumes a queue, and the work that it does on what they deliver.
//!
//! In a fixed topology a consumer has one channel. Where queues are declared it may have several, each for
//! another queue and with a limit of its own.

use super::client::Client;
use super::examples;
use super::methods::{Code, Method, Which, Wish};
use super::topology::{FIRST, Topology, consumed};
use super::{Amqp, Answer, Input, Message, Name, Output, Stable, Timer};
use faultline_core::card::{Lane, LaneItem, LaneState};
use faultline_core::prelude::*;
use std::fmt;

/// A consumer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Consumer {
    channels: Vec<Channel>,
    answer: Answer,
    /// What it was handed and has not worked on, the next first.
    inbox: Vec<Task>,
    processed: u64,
    work: Micros,
    /// Whether it shares its queue with other consumers.
    shares: bool,
    /// Its connection, where clients declare what they need.
    pub(super) client: Option<Client>,
}

/// A channel on which a consumer consumes a queue.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Channel {
    /// The queue's name, where it has one.
    name: String,
    /// How many unacknowledged messages may be on it, where it has a limit of its own.
    limit: Option<u64>,
    /// Where the queue is; unknown until it has answered.
    queue: Option<NodeId>,
    stance: Stance,
    /// Why the broker has closed it, if it has.
    code: Option<Code>,
}

/// A message that a consumer was handed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Task {
    tag: u64,
    /// The queue that delivered it.
    queue: NodeId,
    name: Name,
    /// Whether somebody had it before.
    redelivered: bool,
    /// How long the work on it takes, in microseconds.
    takes: Micros,
}

/// How a consumer stands to its queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Stance {
    /// It has cancelled. It may still answer for what it was handed before.
    Away,
    /// It has closed its channel, and drops what still comes.
    Closed,
    /// It has asked its queue, which has not answered.
    Asks,
    /// It consumes.
    Consumes,
}

/// How long a consumer waits for its queue to answer, in microseconds.
const AGAIN: Micros = 1_000_000;

const CONSUME: Rule = Rule::new(
    "basic.consume",
    "A consumer asks its queue for messages, and repeats the request until the queue answers.",
);
const CANCEL: Rule = Rule::new("basic.cancel", "A consumer that cancels receives no more messages.");
const CLOSED: Rule = Rule::new(
    "basic.cancel",
    "When its queue closes the channel, a consumer that has cancelled drops the messages that it still held \
     and asks for no more.",
);
const CLOSE: Rule = Rule::new(
    "channel.close",
    "A consumer that closes its channel drops what it holds. The queue will deliver that again.",
);
const GONE: Rule = Rule::new(
    "consumer cancel notification",
    "When a queue is deleted, its consumers hear of it. What they hold of it has gone with it.",
);
const REFUSED: Rule = Rule::new(
    "channel.close",
    "A consumer cannot consume a queue that does not exist or belongs to another connection.",
);
const NAMED: Rule = Rule::new(
    "basic.consume",
    "A consumer consumes the queue of a fixed topology, or else one that it names.",
);
const TAKE: Rule = Rule::new("basic.deliver", "A consumer works on its messages one after the other.");
const ANSWER: Rule = Rule::new(
    "basic.ack, basic.reject",
    "A consumer acknowledges or rejects a message when the work is done, and not before.",
);

impl Consumer {
    pub(super) fn start(stable: &Stable, ctx: &mut Ctx<Amqp>) -> Self {
        let connections = if let Stable::Client { connections, .. } = stable { *connections } else { 0 };
        let client = Client::start(connections, ctx);
        let (work, shares) = (ctx.params().work, ctx.params().topology == Topology::WorkQueue);
        let (channels, inbox) = (Vec::new(), Vec::new());
        let mut consumer =
            Consumer { channels, answer: Answer::Ack, inbox, processed: 0, work, shares, client };
        if consumer.client.is_none() {
            let queue = Some(consumed(ctx.params().topology, ctx.me()));
            let (name, stance) = (String::new(), Stance::Asks);
            consumer.channels.push(Channel { name, limit: None, queue, stance, code: None });
            consumer.ask(0, ctx);
        }
        consumer
    }

    /// What a consumer has not acknowledged, its queue still has.
    pub(super) fn stable(&self) -> Stable {
        match &self.client {
            Some(client) => Stable::Client { connections: client.connection, numbered: 0 },
            None => Stable::Fresh,
        }
    }

    pub(super) fn consume(&mut self, wish: Wish, ctx: &mut Ctx<Amqp>) {
        match (&self.client, wish.queue) {
            (None, None) => self.ask(0, ctx),
            (Some(_), Some(name)) => {
                let place = self.named(&name).unwrap_or(self.channels.len());
                if place == self.channels.len() {
                    let (stance, limit) = (Stance::Asks, wish.prefetch);
                    self.channels.push(Channel { name, limit, queue: None, stance, code: None });
                }
                self.channels[place].limit = wish.prefetch;
                self.ask(place, ctx);
            }
            _ => ctx.note(&NAMED),
        }
    }

    /// Asks once more on each channel that has no answer.
    pub(super) fn again(&mut self, ctx: &mut Ctx<Amqp>) {
        ctx.note(&CONSUME);
        for place in 0..self.channels.len() {
            if self.channels[place].stance == Stance::Asks {
                self.ask(place, ctx);
            }
        }
    }

    /// Asks for the messages of a channel's queue.
    fn ask(&mut self, place: usize, ctx: &mut Ctx<Amqp>) {
        ctx.note(&CONSUME);
        if let Some(queue) = self.channels[place].queue {
            self.stop(queue, ctx);
        }
        let channel = &mut self.channels[place];
        (channel.stance, channel.code) = (Stance::Asks, None);
        match (&self.client, channel.queue) {
            (None, Some(queue)) => ctx.send(queue, Message::Consume),
            (Some(client), _) => {
                channel.queue = None;
                let method = Method::Consume(channel.name.clone(), channel.limit);
                ctx.send(FIRST, Message::Method(method, client.connection));
            }
            // The channel of a fixed topology knows its queue.
            (None, None) => {}
        }
        ctx.set(Timer::Again, AGAIN);
    }

    fn named(&self, name: &str) -> Option<usize> {
        self.channels.iter().position(|it| it.name == name)
    }

    fn of(&self, queue: NodeId) -> Option<usize> {
        self.channels.iter().position(|it| it.queue == Some(queue))
    }

    /// The channels that a user means.
    fn meant(&self, which: &Which) -> Vec<usize> {
        let is_meant = |it: &Channel| which.0.as_ref().is_none_or(|name| *name == it.name);
        (0..self.channels.len()).filter(|place| is_meant(&self.channels[*place])).collect()
    }

    /// Stops asking, unless another channel still has no answer.
    fn rest(&self, place: usize, ctx: &mut Ctx<Amqp>) {
        let mut others = self.channels.iter().enumerate().filter(|(other, _)| *other != place);
        if others.all(|(_, it)| it.stance != Stance::Asks) {
            ctx.cancel(Timer::Again);
        }
    }

    pub(super) fn cancel(&mut self, which: &Which, ctx: &mut Ctx<Amqp>) {
        ctx.note(&CANCEL);
        for place in self.meant(which) {
            let called = self.called(place);
            ctx.tell(&CANCEL, || format!("stops consuming {called}"));
            self.rest(place, ctx);
            self.channels[place].stance = Stance::Away;
            if let Some(queue) = self.channels[place].queue {
                ctx.send(queue, Message::Cancel);
            }
        }
    }

    pub(super) fn close(&mut self, which: &Which, ctx: &mut Ctx<Amqp>) {
        ctx.note(&CLOSE);
        for place in self.meant(which) {
            let called = self.called(place);
            ctx.tell(&CLOSE, || format!("closes its channel to {called}"));
            self.shut(place, None, ctx);
            if let Some(queue) = self.channels[place].queue {
                ctx.send(queue, Message::Close);
            }
        }
    }

    /// The name of a channel's queue, or of its node.
    fn called(&self, place: usize) -> String {
        match (&self.channels[place].name, self.channels[place].queue) {
            (name, Some(queue)) if name.is_empty() => queue.to_string(),
            (name, _) => name.clone(),
        }
    }

    /// A channel is closed, and what it held is dropped.
    fn shut(&mut self, place: usize, code: Option<Code>, ctx: &mut Ctx<Amqp>) {
        self.rest(place, ctx);
        if let Some(queue) = self.channels[place].queue {
            self.stop(queue, ctx);
        }
        (self.channels[place].stance, self.channels[place].code) = (Stance::Closed, code);
    }

    /// A queue has heard.
    pub(super) fn consumes(&mut self, from: NodeId, name: &str, ctx: &mut Ctx<Amqp>) {
        let Some(place) = self.named(name) else {
            // It asked on a connection that has ended.
            ctx.note(&CONSUME);
            return ctx.send(from, Message::Close);
        };
        for other in self.channels.iter_mut().filter(|it| it.queue == Some(from)) {
            other.queue = None;
        }
        self.channels[place].queue = Some(from);
        let called = self.called(place);
        ctx.remark(&CONSUME, || format!("now consumes {called}"));
        self.rest(place, ctx);
        match self.channels[place].stance {
            Stance::Asks => self.channels[place].stance = Stance::Consumes,
            Stance::Consumes => {}
            // It has cancelled or closed meanwhile. In a fixed topology the queue hears of that, too.
            Stance::Away if self.client.is_some() => ctx.send(from, Message::Cancel),
            Stance::Closed if self.client.is_some() => ctx.send(from, Message::Close),
            Stance::Away | Stance::Closed => {}
        }
    }

    /// The queue has closed the channel, and what it had handed out is no longer here. A consumer that wants
    /// more begins anew; one that has cancelled does not.
    pub(super) fn cancelled(&mut self, from: NodeId, ctx: &mut Ctx<Amqp>) {
        let Some(place) = self.of(from) else { return ctx.note(&CLOSED) };
        if !matches!(self.channels[place].stance, Stance::Away | Stance::Closed) {
            let called = self.called(place);
            self.ask(place, ctx);
            return ctx
                .remark(&CONSUME, || format!("drops what it held and asks {called} for messages again"));
        }
        ctx.remark(&CLOSED, || "drops the messages that it still held".into());
        self.stop(from, ctx);
    }

    /// The queue of this name was deleted.
    pub(super) fn gone(&mut self, from: NodeId, name: &str, ctx: &mut Ctx<Amqp>) {
        ctx.note(&GONE);
        if let Some(place) = self.named(name).filter(|place| self.channels[*place].queue == Some(from)) {
            ctx.tell(&GONE, || format!("hears that queue `{name}` is deleted"));
            self.shut(place, None, ctx);
            self.channels[place].queue = None;
        }
    }

    /// The broker has closed a channel: that of a queue, or the one on which it declares.
    pub(super) fn refused(&mut self, code: Code, method: &Method, ctx: &mut Ctx<Amqp>) {
        match (method, &mut self.client) {
            (Method::Consume(name, _), _) => {
                ctx.tell(&REFUSED, || format!("cannot consume `{name}`: {code}"));
                if let Some(place) = self.named(name) {
                    self.shut(place, Some(code), ctx);
                }
            }
            (_, Some(client)) => client.closed(code, &method.to_string(), ctx),
            // In a fixed topology nobody asks.
            (_, None) => ctx.note(&REFUSED),
        }
    }

    /// Ends the connection, and with it all channels, and opens another.
    pub(super) fn reconnect(&mut self, ctx: &mut Ctx<Amqp>) {
        let Some(client) = &mut self.client else { return ctx.note(&NAMED) };
        client.reconnect(ctx);
        self.channels.clear();
        self.inbox.clear();
        ctx.cancel(Timer::Work);
        ctx.cancel(Timer::Again);
    }

    /// Forgets what this queue handed it: the queue will hand it out again.
    fn stop(&mut self, queue: NodeId, ctx: &mut Ctx<Amqp>) {
        let at_work = self.inbox.first().map(|task| task.queue);
        self.inbox.retain(|task| task.queue != queue);
        if at_work.is_none_or(|at_work| at_work == queue) {
            ctx.cancel(Timer::Work);
            self.begin(ctx);
        }
    }

    pub(super) fn change(&mut self, answer: Answer, ctx: &mut Ctx<Amqp>) {
        ctx.tell(&ANSWER, || format!("will answer each message with {answer}"));
        self.answer = answer;
    }

    pub(super) fn take(
        &mut self,
        (queue, tag): (NodeId, u64),
        name: Name,
        redelivered: bool,
        takes: Option<Micros>,
        ctx: &mut Ctx<Amqp>,
    ) {
        let is_asking = || self.channels.iter().any(|it| it.stance == Stance::Asks);
        // A delivery may overtake the answer of its queue.
        let is_wanted =
            self.of(queue).map_or_else(is_asking, |place| self.channels[place].stance != Stance::Closed);
        if !is_wanted {
            return ctx.note(&CLOSE);
        }
        ctx.note(&TAKE);
        self.inbox.push(Task { tag, queue, name, redelivered, takes: takes.unwrap_or(self.work) });
        if self.inbox.len() == 1 {
            self.begin(ctx);
        }
    }

    /// Begins to work on the next message, if there is one.
    fn begin(&self, ctx: &mut Ctx<Amqp>) {
        if let Some(task) = self.inbox.first() {
            ctx.set(Timer::Work, task.takes);
        }
    }

    pub(super) fn work_done(&mut self, ctx: &mut Ctx<Amqp>) {
        if self.inbox.is_empty() {
            return ctx.note(&TAKE);
        }
        let Task { tag, queue, name, redelivered, .. } = self.inbox.remove(0);
        self.processed += 1;
        ctx.tell(&ANSWER, || {
            format!("finishes {name}{}", if redelivered { ", which was delivered before" } else { "" })
        });
        ctx.output(Output::Processed { name, redelivered });
        match self.answer {
            Answer::Ack => ctx.send(queue, Message::Ack(tag)),
            Answer::Reject => ctx.send(queue, Message::Reject { tag, requeue: false }),
            Answer::Requeue => ctx.send(queue, Message::Reject { tag, requeue: true }),
            Answer::Nothing => {}
        }
        self.begin(ctx);
    }

    /// Whether its queue has told it that it consumes.
    pub(super) fn relies_on(&self, queue: NodeId) -> bool {
        self.of(queue).is_some_and(|place| self.channels[place].stance == Stance::Consumes)
    }

    pub(super) fn inputs(&self) -> Vec<Input> {
        match &self.client {
            Some(_) => examples::of_a_consumer(),
            None if self.shares => {
                let consumes = |it: &Channel| matches!(it.stance, Stance::Asks | Stance::Consumes);
                examples::of_a_sharing_consumer(self.channels.iter().any(consumes))
            }
            None => vec![Input::Answer(Answer::Ack), Input::Answer(Answer::Reject)],
        }
    }

    pub(super) fn card(&self) -> Card {
        let item = |task: &Task| LaneItem {
            text: task.name.to_string(),
            note: if task.redelivered { "again".into() } else { String::new() },
            state: LaneState::Taken,
            changed: false,
        };
        let items = self.inbox.iter().map(item).collect();
        let is_on = |it: &&Channel| matches!(it.stance, Stance::Asks | Stance::Consumes);
        let queues =
            self.channels.iter().filter(is_on).filter_map(|it| it.queue).map(|queue| queue.to_string());
        let queues: Vec<String> = queues.collect();
        let mut fields = vec![
            Field::new("processed", Meaning::Counter, self.processed),
            Field::new("answers", Meaning::Value, self.answer),
            Field::new(
                "consumes",
                Meaning::Nodes,
                if queues.is_empty() { "none".into() } else { queues.join(", ") },
            ),
        ];
        if let Some(client) = &self.client {
            fields.extend(client.fields());
            let channels: Vec<String> = self.channels.iter().map(ToString::to_string).collect();
            let channels = if channels.is_empty() { "none".into() } else { channels.join("; ") };
            fields.push(Field::new("channels", Meaning::Value, channels));
        }
        Card {
            role: "consumer",
            badge: format!("{} done", self.processed),
            fields,
            place: 3,
            lanes: vec![Lane { name: "at work".into(), note: String::new(), items }],
            ..Card::default()
        }
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stance = match self.stance {
            Stance::Away => "cancelled",
            Stance::Closed => "closed",
            Stance::Asks => "asked for",
            Stance::Consumes => "open",
        };
        write!(out, "{} {stance}", self.name)?;
        self.code.map_or(Ok(()), |code| write!(out, " {code}"))
    }
}
