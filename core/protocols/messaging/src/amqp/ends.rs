//! The two ends: publishers and consumers.

use super::frame;
use super::topology::{FIRST, Sort, consumed, plan};
use super::words::blank_before;
use super::{Amqp, Answer, Input, Letter, Message, Name, Output, Overflow, Params, Posting, Stable, Timer};
use crate::rpc::marshal::hex;
use faultline_core::card::{Lane, LaneItem, LaneState, Pointer};
use faultline_core::prelude::*;

/// A publisher.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Publisher {
    numbered: u64,
    /// What was neither confirmed nor lost in a crash of its own.
    open: Vec<Name>,
    returned: u64,
    nacked: u64,
    /// What it published last, if its frames are shown.
    last: Option<Letter>,
    params: Params,
}

const PUBLISH: Rule = Rule::new(
    "basic.publish",
    "A publisher hands a message with a routing key to an exchange. It knows nothing of queues.",
);
const CONFIRMED: Rule = Rule::new(
    "publisher confirms",
    "Every queue that matches a confirmed message has accepted it. If none matches, no queue has it.",
);
const NACKED: Rule = Rule::new(
    "publisher confirms, basic.nack",
    "A message is nacked when a queue has refused it. Its publisher may publish it again.",
);
const RETURNED: Rule =
    Rule::new("basic.return", "A mandatory message that reaches no queue returns to its publisher.");

impl Publisher {
    pub(super) fn start(stable: &Stable, ctx: &mut Ctx<Amqp>) -> Self {
        let numbered = if let Stable::Publisher(numbered) = stable { *numbered } else { 0 };
        let params = ctx.params().clone();
        Publisher { numbered, open: Vec::new(), returned: 0, nacked: 0, last: None, params }
    }

    pub(super) fn stable(&self) -> Stable {
        Stable::Publisher(self.numbered)
    }

    pub(super) fn publish(&mut self, posting: Posting, ctx: &mut Ctx<Amqp>) {
        let Posting { key, terms } = posting;
        self.numbered += 1;
        let name = Name { publisher: ctx.me(), number: self.numbered };
        ctx.tell(&PUBLISH, || format!("publishes {name} with key `{key}`"));
        ctx.output(Output::Published { name, key: key.clone() });
        self.open.push(name);
        let letter = Letter { name, key, terms, deaths: Vec::new() };
        self.last = self.params.frames.then(|| letter.clone());
        ctx.send(FIRST, Message::Publish(letter));
    }

    pub(super) fn confirmed(&mut self, name: Name, ctx: &mut Ctx<Amqp>) {
        self.open.retain(|it| *it != name);
        ctx.note(&CONFIRMED);
        ctx.output(Output::Confirmed(name));
    }

    pub(super) fn nacked(&mut self, name: Name, ctx: &mut Ctx<Amqp>) {
        self.open.retain(|it| *it != name);
        self.nacked += 1;
        ctx.tell(&NACKED, || format!("hears that a queue has refused {name}"));
        ctx.output(Output::Nacked(name));
    }

    pub(super) fn returned(&mut self, name: Name, ctx: &mut Ctx<Amqp>) {
        self.returned += 1;
        ctx.tell(&RETURNED, || format!("receives {name} back"));
        ctx.output(Output::Returned(name));
    }

    pub(super) fn inputs(&self) -> Vec<Input> {
        let plan = plan(self.params.topology);
        let read = |words: &&str| Posting::read(&blank_before(words)).ok();
        let mut postings: Vec<Posting> = plan.keys.iter().filter_map(read).collect();
        // Where priorities count, the same messages are offered once more, with the highest.
        let highest = self.params.ranks(u8::MAX);
        if highest > 0 {
            let urgent = |it: &Posting| {
                let mut it = it.clone();
                it.terms.priority = highest;
                it
            };
            postings.extend(postings.iter().map(urgent).collect::<Vec<_>>());
        }
        postings.into_iter().map(Input::Publish).collect()
    }

    pub(super) fn card(&self) -> Card {
        let mut fields = vec![
            Field::new("published", Meaning::Counter, self.numbered),
            Field::new("unconfirmed", Meaning::Counter, self.open.len()),
            Field::new("returned", Meaning::Counter, self.returned),
        ];
        if self.params.overflow == Overflow::RejectPublish {
            fields.push(Field::new("nacked", Meaning::Counter, self.nacked));
        }
        if let Some(letter) = &self.last {
            // The default exchange has no name.
            let is_nameless = plan(self.params.topology).sorts[0] == Sort::Default;
            let exchange = if is_nameless { String::new() } else { FIRST.to_string() };
            let parts = ["method", "header", "body"].into_iter().zip(frame::publish(&exchange, letter));
            fields.extend(parts.map(|(part, bytes)| Field::new(part, Meaning::Value, hex(&bytes))));
        }
        Card {
            role: "publisher",
            badge: format!("{} open", self.open.len()),
            fields,
            pointers: vec![Pointer { name: "publishes".into(), to: FIRST, always: true }],
            ..Card::default()
        }
    }
}

/// A consumer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Consumer {
    queue: NodeId,
    stance: Stance,
    answer: Answer,
    /// What it was handed and has not worked on, the next first.
    inbox: Vec<Task>,
    processed: u64,
    work: Micros,
}

/// A message that a consumer was handed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Task {
    tag: u64,
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
const TAKE: Rule = Rule::new("basic.deliver", "A consumer works on its messages one after the other.");
const ANSWER: Rule = Rule::new(
    "basic.ack, basic.reject",
    "A consumer acknowledges or rejects a message when the work is done, and not before.",
);

impl Consumer {
    pub(super) fn start(ctx: &mut Ctx<Amqp>) -> Self {
        let queue = consumed(ctx.params().topology, ctx.me());
        let work = ctx.params().work;
        let (stance, inbox) = (Stance::Asks, Vec::new());
        let mut consumer = Consumer { queue, stance, answer: Answer::Ack, inbox, processed: 0, work };
        consumer.consume(ctx);
        consumer
    }

    pub(super) fn consume(&mut self, ctx: &mut Ctx<Amqp>) {
        ctx.note(&CONSUME);
        self.stop(ctx);
        self.stance = Stance::Asks;
        ctx.send(self.queue, Message::Consume);
        ctx.set(Timer::Again, AGAIN);
    }

    pub(super) fn cancel(&mut self, ctx: &mut Ctx<Amqp>) {
        ctx.tell(&CANCEL, || format!("stops consuming {}", self.queue));
        ctx.cancel(Timer::Again);
        self.stance = Stance::Away;
        ctx.send(self.queue, Message::Cancel);
    }

    pub(super) fn close(&mut self, ctx: &mut Ctx<Amqp>) {
        ctx.tell(&CLOSE, || format!("closes its channel to {}", self.queue));
        ctx.cancel(Timer::Again);
        self.stop(ctx);
        self.stance = Stance::Closed;
        ctx.send(self.queue, Message::Close);
    }

    /// The queue has heard.
    pub(super) fn consumes(&mut self, ctx: &mut Ctx<Amqp>) {
        ctx.remark(&CONSUME, || format!("now consumes {}", self.queue));
        ctx.cancel(Timer::Again);
        // If it has cancelled meanwhile, the queue will hear of that, too.
        if self.stance == Stance::Asks {
            self.stance = Stance::Consumes;
        }
    }

    /// The queue has closed the channel, and what it had handed out is no longer here. A consumer that wants more begins
    /// anew; one that has cancelled does not.
    pub(super) fn cancelled(&mut self, ctx: &mut Ctx<Amqp>) {
        if !matches!(self.stance, Stance::Away | Stance::Closed) {
            self.consume(ctx);
            return ctx.remark(&CONSUME, || {
                format!("drops what it held and asks {} for messages again", self.queue)
            });
        }
        ctx.remark(&CLOSED, || "drops the messages that it still held".into());
        self.stop(ctx);
    }

    /// Forgets what it was handed: the queue will hand it out again.
    fn stop(&mut self, ctx: &mut Ctx<Amqp>) {
        self.inbox.clear();
        ctx.cancel(Timer::Work);
    }

    pub(super) fn change(&mut self, answer: Answer, ctx: &mut Ctx<Amqp>) {
        ctx.tell(&ANSWER, || format!("will answer each message with {answer}"));
        self.answer = answer;
    }

    pub(super) fn take(
        &mut self,
        tag: u64,
        name: Name,
        redelivered: bool,
        takes: Option<Micros>,
        ctx: &mut Ctx<Amqp>,
    ) {
        if self.stance == Stance::Closed {
            return ctx.note(&CLOSE);
        }
        ctx.note(&TAKE);
        self.inbox.push(Task { tag, name, redelivered, takes: takes.unwrap_or(self.work) });
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
        let Task { tag, name, redelivered, .. } = self.inbox.remove(0);
        self.processed += 1;
        ctx.tell(&ANSWER, || {
            format!("finishes {name}{}", if redelivered { ", which was delivered before" } else { "" })
        });
        ctx.output(Output::Processed { name, redelivered });
        match self.answer {
            Answer::Ack => ctx.send(self.queue, Message::Ack(tag)),
            Answer::Reject => ctx.send(self.queue, Message::Reject { tag, requeue: false }),
            Answer::Requeue => ctx.send(self.queue, Message::Reject { tag, requeue: true }),
            Answer::Nothing => {}
        }
        self.begin(ctx);
    }

    /// Whether its queue has told it that it consumes.
    pub(super) fn relies_on(&self, queue: NodeId) -> bool {
        self.queue == queue && self.stance == Stance::Consumes
    }

    pub(super) fn card(&self) -> Card {
        let item = |task: &Task| LaneItem {
            text: task.name.to_string(),
            note: if task.redelivered { "again".into() } else { String::new() },
            state: LaneState::Taken,
            changed: false,
        };
        let items = self.inbox.iter().map(item).collect();
        Card {
            role: "consumer",
            badge: format!("{} done", self.processed),
            fields: vec![
                Field::new("processed", Meaning::Counter, self.processed),
                Field::new("answers", Meaning::Value, self.answer),
                Field::new(
                    "consumes",
                    Meaning::Nodes,
                    match self.stance {
                        Stance::Away | Stance::Closed => "none".into(),
                        Stance::Asks | Stance::Consumes => self.queue.to_string(),
                    },
                ),
            ],
            place: 3,
            lanes: vec![Lane { name: "at work".into(), note: String::new(), items }],
            ..Card::default()
        }
    }
}
