//! The coordinator of transactions, on the controller: KIP-98, with the group's generation of KIP-447, and with the epoch of
//! KIP-890 that grows at the end of every transaction.

use super::controller::Controller;
use super::partition::{Body, Entry, Origin};
use super::vocabulary::{GroupError, Message, OUT, Partition, Request, Timer};
use super::{Kafka, RETRY, TRANSACTION};
use faultline_core::prelude::*;
use std::cmp::Ordering;

const INIT: Rule = Rule::new(
    "KIP-98",
    "A producer that starts gets a new epoch, which fences its earlier lives. An open transaction of those is aborted first.",
);
const BEGIN: Rule =
    Rule::new("KIP-98", "The coordinator notes that the transaction writes to the topic out.");
const OFFSETS: Rule =
    Rule::new("KIP-447", "Offsets join the transaction, if their sender belongs to the present generation.");
const ZOMBIE: Rule = Rule::new("KIP-447", "A member of an earlier generation may not commit offsets.");
const FENCED: Rule = Rule::new("KIP-98", "A producer with an old epoch is fenced.");
const PREPARE: Rule = Rule::new(
    "KIP-98",
    "Once the coordinator has the outcome in its log, it cannot change. A marker tells it to the partition.",
);
const DONE: Rule =
    Rule::new("KIP-98", "The marker is written, so the transaction is complete, its offsets included.");
const TIMEOUT: Rule =
    Rule::new("KIP-98", "A transaction that takes too long is aborted, and its producer fenced.");
const AGAIN: Rule = Rule::new("KIP-98", "The marker is sent until it is written.");
const OBSOLETE: Rule = Rule::new("KIP-98", "This is of a transaction that has ended.");

/// A transaction of a producer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Phase {
    #[default]
    Empty,
    Ongoing,
    /// The outcome is decided, its markers are not written yet.
    Ending {
        commits: bool,
    },
}

/// What the coordinator knows of a producer.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Transaction {
    pub epoch: u32,
    pub phase: Phase,
    /// The life and request for which the epoch was given.
    owner: Request,
    /// The request for a new epoch that waits until the transaction has ended.
    asks: Option<Request>,
    /// The offset that commits with it.
    pub offset: Option<(Partition, u64)>,
    /// Whether the last transaction has committed.
    committed: bool,
}

fn fence(producer: NodeId, epoch: u32, ctx: &mut Ctx<Kafka>) {
    ctx.note(&FENCED);
    ctx.send(producer, Message::Fenced { epoch });
}

impl Controller {
    /// Whether a transaction may still change the offset of a partition.
    pub(super) fn is_unstable(&self, partition: Partition) -> bool {
        self.transactions.values().any(|it| it.offset.is_some_and(|(of, _)| of == partition))
    }

    pub(super) fn init_producer(&mut self, from: NodeId, request: Request, ctx: &mut Ctx<Kafka>) {
        let it = self.transactions.or_default(from);
        match request.cmp(&it.owner) {
            Ordering::Less => ctx.note(&OBSOLETE),
            Ordering::Equal => {
                let epoch = it.epoch;
                ctx.note(&INIT);
                ctx.send(from, Message::ProducerEpoch { request, epoch });
            }
            Ordering::Greater => {
                it.asks = Some(request);
                match it.phase {
                    Phase::Ongoing => self.end(from, false, ctx),
                    Phase::Empty => self.give_epoch(from, ctx),
                    Phase::Ending { .. } => ctx.note(&INIT),
                }
            }
        }
    }

    fn give_epoch(&mut self, to: NodeId, ctx: &mut Ctx<Kafka>) {
        let it = self.transactions.or_default(to);
        let Some(request) = it.asks.take() else { return };
        it.epoch += 1;
        it.owner = request;
        it.committed = false;
        let epoch = it.epoch;
        ctx.tell(&INIT, || format!("gives {to} the producer epoch {epoch}"));
        ctx.send(to, Message::ProducerEpoch { request, epoch });
    }

    pub(super) fn begin(&mut self, from: NodeId, epoch: u32, ctx: &mut Ctx<Kafka>) {
        let it = self.transactions.or_default(from);
        if epoch != it.epoch || matches!(it.phase, Phase::Ending { .. }) {
            return fence(from, epoch, ctx);
        }
        it.phase = Phase::Ongoing;
        ctx.note(&BEGIN);
        ctx.set(Timer::Transaction(from), TRANSACTION);
        ctx.send(from, Message::Added { epoch });
    }

    pub(super) fn add_offset(
        &mut self,
        from: NodeId,
        (epoch, generation): (u32, u32),
        (partition, offset): (Partition, u64),
        ctx: &mut Ctx<Kafka>,
    ) {
        let checks = !ctx.params().bugs.trusts_zombies;
        let error = self.group.refuses(from, generation).filter(|_| checks);
        let it = self.transactions.or_default(from);
        if epoch != it.epoch || it.phase != Phase::Ongoing {
            return fence(from, epoch, ctx);
        }
        match error {
            Some(GroupError::IllegalGeneration) => {
                ctx.tell(&ZOMBIE, || format!("refuses the offset {offset} of {partition} from {from}"));
            }
            Some(GroupError::RebalanceInProgress) => ctx.note(&OFFSETS),
            None => {
                it.offset = Some((partition, offset));
                ctx.note(&OFFSETS);
            }
        }
        ctx.send(from, Message::OffsetAdded { epoch, error });
    }

    pub(super) fn end_transaction(&mut self, from: NodeId, epoch: u32, commits: bool, ctx: &mut Ctx<Kafka>) {
        let it = self.transactions.or_default(from);
        match it.phase {
            Phase::Ongoing if epoch == it.epoch => self.end(from, commits, ctx),
            Phase::Empty if epoch + 1 == it.epoch && commits == it.committed => {
                let (epoch, committed) = (it.epoch, it.committed);
                ctx.note(&OBSOLETE);
                ctx.send(from, Message::Ended { epoch, committed });
            }
            Phase::Ending { .. } if epoch + 1 == it.epoch => ctx.note(&AGAIN),
            _ => fence(from, epoch, ctx),
        }
    }

    /// Decides the outcome. The epoch grows, so nothing that is late can join the transaction.
    fn end(&mut self, producer: NodeId, commits: bool, ctx: &mut Ctx<Kafka>) {
        let it = self.transactions.or_default(producer);
        it.epoch += 1;
        it.phase = Phase::Ending { commits };
        let how = if commits { "commits" } else { "aborts" };
        ctx.tell(&PREPARE, || format!("{how} the transaction of {producer}"));
        ctx.cancel(Timer::Transaction(producer));
        self.send_marker(producer, ctx);
    }

    fn send_marker(&self, producer: NodeId, ctx: &mut Ctx<Kafka>) {
        let Some(&Transaction { phase, epoch, .. }) = self.transactions.get(&producer) else { return };
        let Phase::Ending { commits } = phase else { return };
        let body = if commits { Body::Commit } else { Body::Abort };
        if let Some(leader) = self.image.partitions.get(&OUT).and_then(|it| it.leader) {
            let entry = Entry { epoch: 0, origin: Origin { producer, epoch, sequence: 0 }, body };
            ctx.send(leader, Message::Produce { partition: OUT, entry, request: Some((epoch, 0)) });
        }
        ctx.set(Timer::Marker(producer), RETRY);
    }

    pub(super) fn marked(&mut self, origin: Origin, written: bool, ctx: &mut Ctx<Kafka>) {
        let producer = origin.producer;
        let it = self.transactions.or_default(producer);
        let Phase::Ending { commits } = it.phase else { return ctx.note(&OBSOLETE) };
        if it.epoch != origin.epoch || !written {
            return ctx.note(&AGAIN);
        }
        it.phase = Phase::Empty;
        it.committed = commits;
        let (offset, epoch) = (it.offset.take(), it.epoch);
        ctx.cancel(Timer::Marker(producer));
        ctx.note(&DONE);
        if let Some((partition, offset)) = offset.filter(|_| commits) {
            self.store_offset(partition, offset, &DONE, ctx);
        }
        if self.transactions.or_default(producer).asks.is_some() {
            self.give_epoch(producer, ctx);
        } else {
            ctx.send(producer, Message::Ended { epoch, committed: commits });
        }
    }

    pub(super) fn mark_again(&self, producer: NodeId, ctx: &mut Ctx<Kafka>) {
        ctx.note(&AGAIN);
        self.send_marker(producer, ctx);
    }

    pub(super) fn time_out(&mut self, producer: NodeId, ctx: &mut Ctx<Kafka>) {
        ctx.note(&TIMEOUT);
        if self.transactions.or_default(producer).phase == Phase::Ongoing {
            self.end(producer, false, ctx);
        }
    }
}
