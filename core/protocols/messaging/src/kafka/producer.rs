//! A producer: it chooses the partition by the key, numbers its records, and sends again what is not acknowledged.

use super::murmur;
use super::partition::{Body, Entry, Origin};
use super::vocabulary::{Image, Input, Key, Message, Output, Partition, Refusal, Request, Timer};
use super::{Acks, CONTROLLER, Kafka, RETRY, Stable};
use faultline_core::prelude::*;
use std::rc::Rc;

const START: Rule = Rule::new("KIP-98", "A producer that starts has an epoch that it never had before.");
const SEND: Rule = Rule::new("docs, Producer", "Records with the same key go to the same partition.");
const AGAIN: Rule = Rule::new(
    "docs, retries",
    "A record that is not acknowledged is sent again, under the same sequence number.",
);
const DONE: Rule = Rule::new("docs, acks", "The record is in as many logs as acks asks for.");
const REFUSED: Rule = Rule::new("docs, retries", "The record was refused, and is sent again later.");
const RENUMBER: Rule = Rule::new(
    "KIP-360",
    "The leader has lost records that were acknowledged, so the rest is numbered anew, in a new epoch.",
);
const FATAL: Rule = Rule::new("KIP-98", "A producer with an old epoch is fenced, and stops.");
const REFRESH: Rule =
    Rule::new("docs, Metadata", "A client asks for the metadata when a broker does not lead.");
const STRAY: Rule = Rule::new("docs, Producer", "This concerns no record that waits.");

/// A record that is not acknowledged.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Pending {
    pub entry: Entry,
    pub sent: bool,
}

/// A producer.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Producer {
    pub(super) epoch: u32,
    /// The epoch with which this life has begun.
    first: u32,
    pub(super) image: Rc<Image>,
    /// For each partition the epoch in which its records are numbered, and the next sequence number.
    numbering: Map<Partition, (u32, u64)>,
    /// How many requests it has sent, and which was the latest at the last acknowledgement in each partition.
    requests: u64,
    settled: Map<Partition, Request>,
    pub(super) pending: Map<(Partition, u64), Pending>,
    pub(super) acknowledged: u64,
    pub(super) fenced: bool,
    /// Whether it will look after those that wait. Whatever else it sends meanwhile puts that off no further.
    looks: bool,
}

impl Producer {
    pub(super) fn start(stable: &Stable, ctx: &mut Ctx<Kafka>) -> Self {
        ctx.note(&START);
        let image = Rc::new(ctx.params().first_image());
        let epoch = stable.boot + 1;
        Producer { epoch, first: epoch, image, ..Producer::default() }
    }

    pub(super) fn inputs(&self) -> Vec<Input> {
        let value = (self.acknowledged + self.pending.len() as u64) as u32 + 1;
        let mut inputs: Vec<_> = (0..4).map(|key| Input::Send(Key(key), value)).collect();
        inputs.push(Input::Delete(Key(0)));
        if self.fenced { Vec::new() } else { inputs }
    }

    pub(super) fn send(&mut self, key: Key, value: Option<u32>, ctx: &mut Ctx<Kafka>) {
        let partitions = ctx.params().partitions as u32;
        let partition = Partition(murmur::partition(&[b'a' + key.0], partitions));
        let numbering = self.numbering.or_default(partition);
        let (epoch, sequence) = (numbering.0.max(self.first), numbering.1);
        *numbering = (epoch, sequence + 1);
        let origin = Origin { producer: ctx.me(), epoch, sequence };
        let entry = Entry { epoch: 0, origin, body: Body::Value(key, value) };
        self.pending.insert((partition, origin.sequence), Pending { entry, sent: false });
        ctx.tell(&SEND, || format!("sends {entry} to {partition}"));
        ctx.output(Output::Sent(partition, origin));
        self.pump(ctx);
    }

    pub(super) fn on_message(&mut self, from: NodeId, message: Message, ctx: &mut Ctx<Kafka>) {
        match message {
            Message::Metadata(image) if image.version > self.image.version => {
                self.image = image;
                self.send_again(ctx);
            }
            Message::Produced { partition, origin, request, result } => {
                self.produced(from, partition, (origin, request), result, ctx);
            }
            _ => ctx.note(&STRAY),
        }
    }

    fn produced(
        &mut self,
        from: NodeId,
        partition: Partition,
        (origin, request): (Origin, Request),
        result: Result<u64, Refusal>,
        ctx: &mut Ctx<Kafka>,
    ) {
        let name = (partition, origin.sequence);
        let waits = self.pending.get(&name).is_some_and(|it| it.entry.origin == origin);
        let first = self.pending.keys().find(|(of, _)| *of == partition) == Some(&name);
        let fresh = self.settled.get(&partition).is_none_or(|settled| request > *settled);
        match result {
            _ if !waits => ctx.note(&STRAY),
            Ok(offset) => {
                self.pending.remove(&name);
                self.settled.insert(partition, (self.first, self.requests));
                self.acknowledged += 1;
                ctx.tell(&DONE, || format!("knows that {origin} is in {partition} at offset {offset}"));
                ctx.output(Output::Acknowledged(partition, origin, offset));
                self.pump(ctx);
            }
            Err(Refusal::InvalidProducerEpoch) => {
                ctx.tell(&FATAL, || "is fenced and stops".into());
                self.fenced = true;
                self.pending = Map::default();
            }
            // All before it were acknowledged, and this was sent after that: the leader has lost what came before.
            Err(Refusal::OutOfOrderSequence) if first && fresh => self.renumber(partition, ctx),
            Err(why) => {
                ctx.note(&REFUSED);
                let leads = self.image.partitions.get(&partition).and_then(|it| it.leader) == Some(from);
                if why == Refusal::NotLeader && leads {
                    ctx.note(&REFRESH);
                    ctx.send(CONTROLLER, Message::FetchMetadata);
                }
            }
        }
    }

    /// Numbers the records of a partition that wait anew, in a new epoch.
    fn renumber(&mut self, partition: Partition, ctx: &mut Ctx<Kafka>) {
        self.epoch += 1;
        let (epoch, mut sequence) = (self.epoch, 0);
        ctx.tell(&RENUMBER, || format!("numbers its records for {partition} anew in epoch {epoch}"));
        for (mut name, mut it) in std::mem::take(&mut self.pending) {
            if name.0 == partition {
                let old = it.entry.origin;
                (name.1, it.sent) = (sequence, false);
                it.entry.origin = Origin { epoch, sequence, ..old };
                ctx.output(Output::Renumbered(partition, old, it.entry.origin));
                sequence += 1;
            }
            self.pending.insert(name, it);
        }
        self.numbering.insert(partition, (epoch, sequence));
        self.pump(ctx);
    }

    pub(super) fn retry(&mut self, ctx: &mut Ctx<Kafka>) {
        self.looks = false;
        if self.pending.is_empty() {
            return ctx.note(&STRAY);
        }
        ctx.send(CONTROLLER, Message::FetchMetadata);
        self.send_again(ctx);
    }

    fn send_again(&mut self, ctx: &mut Ctx<Kafka>) {
        ctx.note(&AGAIN);
        self.pending.values_mut().for_each(|it| it.sent = false);
        self.pump(ctx);
    }

    /// Sends what may be sent, in order. With idempotence, the numbers of what is in flight span no more than a broker remembers
    /// (KAFKA-5494). If an early record overtaken by others is sent again, its leader still knows its number.
    fn pump(&mut self, ctx: &mut Ctx<Kafka>) {
        let (level, most) = (ctx.params().acks, ctx.params().in_flight);
        let counts = !ctx.params().idempotent || ctx.params().bugs.sends_ahead;
        // Of each partition, the number of the first record that waits, and how many wait.
        let mut flying: Map<Partition, (u64, u64)> = Map::default();
        for (&(partition, sequence), pending) in self.pending.iter_mut() {
            let (first, before) = flying.get(&partition).copied().unwrap_or((sequence, 0));
            flying.insert(partition, (first, before + 1));
            let ahead = if counts { before } else { sequence - first };
            if ahead >= most || pending.sent {
                continue;
            }
            pending.sent = true;
            if let Some(leader) = self.image.partitions.get(&partition).and_then(|it| it.leader) {
                self.requests += 1;
                let request = (level != Acks::Zero).then_some((self.first, self.requests));
                ctx.send(leader, Message::Produce { partition, entry: pending.entry, request });
            }
        }
        if level == Acks::Zero {
            self.pending = Map::default();
        }
        if self.pending.is_empty() {
            ctx.cancel(Timer::Retry);
            self.looks = false;
        } else if !self.looks {
            ctx.set(Timer::Retry, RETRY);
            self.looks = true;
        }
    }
}
