//! How a consumer processes a batch of records: before or after its offset is committed, or with it in a transaction.

use super::consumer::{Consumer, Doing, Work};
use super::partition::{Body, Entry, Origin};
use super::vocabulary::{Batch, GroupError, Message, OUT, Output, Partition, Refusal, Timer};
use super::words::several;
use super::{CONTROLLER, Guarantee, Kafka, RETRY};
use faultline_core::prelude::*;

const FIRST: Rule = Rule::new(
    "docs, Semantics",
    "At most once: the offset is committed first, then the records are processed.",
);
const LAST: Rule = Rule::new(
    "docs, Semantics",
    "At least once: the records are processed first, then their offset is committed.",
);
const AUTO: Rule = Rule::new(
    "against docs, enable.auto.commit",
    "This wrong twin commits the offset of records that it has only polled.",
);
const PROCESS: Rule = Rule::new("docs, Semantics", "Processing a record has an effect outside of Kafka.");
const DONE: Rule = Rule::new("docs, Offsets", "The offset is committed, so the consumer goes on.");
const AGAIN: Rule = Rule::new("docs, Consumer", "What was not answered is sent again.");
const INIT: Rule =
    Rule::new("KIP-98", "A transactional producer asks for an epoch, which fences its earlier lives.");
const TRANSACTION: Rule =
    Rule::new("KIP-98", "Processed once: results and offsets are written in one transaction.");
const RESULTS: Rule =
    Rule::new("KIP-98", "The results are in the log, but no reader of committed results sees them yet.");
const OUTCOME: Rule = Rule::new("KIP-98", "The transaction has ended, so the consumer goes on.");
const FENCED: Rule =
    Rule::new("KIP-98", "The producer epoch of the consumer is old. What it has begun is aborted.");
const NOT_NOW: Rule =
    Rule::new("docs, Consumer", "The consumer does not wait for this answer, or has to try again later.");

impl Doing {
    /// Whether a transaction is under way.
    pub(super) fn is_transactional(&self) -> bool {
        matches!(self, Doing::Beginning | Doing::Writing | Doing::AddingOffset | Doing::Ending { .. })
    }
}

impl Consumer {
    /// It has received records, up to an offset.
    pub(super) fn begin(&mut self, partition: Partition, records: Batch, next: u64, ctx: &mut Ctx<Kafka>) {
        let params = ctx.params();
        let early = params.bugs.commits_in_passing || params.bugs.auto_commits;
        let step = match params.guarantee {
            Guarantee::AtMostOnce if !params.bugs.commits_in_passing => {
                ctx.tell(&FIRST, || format!("commits offset {next} of {partition} before it processes"));
                Doing::CommittingFirst
            }
            Guarantee::AtMostOnce | Guarantee::AtLeastOnce => {
                ctx.tell(&LAST, || format!("processes {} of {partition}", several(records.len(), "record")));
                Doing::Processing(0)
            }
            Guarantee::ProcessedOnce if self.epoch.is_none() => return ctx.note(&NOT_NOW),
            Guarantee::ProcessedOnce => {
                ctx.tell(&TRANSACTION, || format!("begins a transaction for {partition} up to {next}"));
                Doing::Beginning
            }
        };
        let processes = step == Doing::Processing(0);
        self.work = Some(Work { partition, records, next, step });
        if !processes {
            return self.retry(ctx);
        }
        if early {
            ctx.note(&AUTO);
            self.commit(ctx);
        }
        self.work_on(ctx);
    }

    /// Sends again what is not answered.
    pub(super) fn retry(&mut self, ctx: &mut Ctx<Kafka>) {
        let Some(work) = &self.work else {
            if self.epoch.is_none() && self.inits > 0 {
                self.send_init(ctx);
            }
            return ctx.note(&AGAIN);
        };
        let epoch = self.epoch.unwrap_or(0);
        let (generation, partition, offset) = (self.generation, work.partition, work.next);
        match &work.step {
            Doing::CommittingFirst | Doing::CommittingLast => self.commit(ctx),
            Doing::Processing(_) => return ctx.note(&NOT_NOW),
            Doing::Beginning => ctx.send(CONTROLLER, Message::AddPartitions { epoch }),
            Doing::Writing => self.write(work, epoch, ctx),
            Doing::AddingOffset => {
                ctx.send(CONTROLLER, Message::AddOffset { epoch, generation, partition, offset });
            }
            Doing::Ending { commits } => {
                ctx.send(CONTROLLER, Message::EndTransaction { epoch, commits: *commits });
            }
        }
        ctx.note(&AGAIN);
        ctx.set(Timer::Retry, RETRY);
    }

    /// Whether it waits for its results to be written.
    pub(super) fn is_writing(&self) -> bool {
        self.work.as_ref().is_some_and(|work| work.step == Doing::Writing)
    }

    fn commit(&self, ctx: &mut Ctx<Kafka>) {
        let Some(Work { partition, next, .. }) = self.work else { return };
        let generation = self.generation;
        ctx.send(CONTROLLER, Message::OffsetCommit { generation, partition, offset: next });
    }

    /// Starts with the next record, or ends.
    fn work_on(&mut self, ctx: &mut Ctx<Kafka>) {
        let Some(Work { step: Doing::Processing(done), records, .. }) = &mut self.work else { return };
        if *done < records.len() {
            let time = ctx.params().work;
            ctx.set(Timer::Work, time);
            return;
        }
        let params = ctx.params();
        if params.guarantee == Guarantee::AtMostOnce || params.bugs.auto_commits {
            self.finish(ctx);
        } else if let Some(work) = &mut self.work {
            work.step = Doing::CommittingLast;
            self.retry(ctx);
        }
    }

    pub(super) fn process(&mut self, ctx: &mut Ctx<Kafka>) {
        let Some(Work { step: Doing::Processing(done), records, partition, .. }) = &mut self.work else {
            return ctx.note(&NOT_NOW);
        };
        let partition = *partition;
        if let Some((offset, entry)) = records.get(*done) {
            ctx.tell(&PROCESS, || format!("processes {} at offset {offset} of {partition}", entry.body));
            ctx.output(Output::Processed(partition, *offset, entry.origin));
        }
        *done += 1;
        self.processed += 1;
        self.work_on(ctx);
    }

    pub(super) fn offset_committed(
        &mut self,
        generation: u32,
        (partition, offset): (Partition, u64),
        error: Option<GroupError>,
        ctx: &mut Ctx<Kafka>,
    ) {
        let waits = self.work.as_mut().filter(|work| {
            let commits = matches!(work.step, Doing::CommittingFirst | Doing::CommittingLast);
            commits && work.partition == partition && work.next == offset
        });
        match (waits, error) {
            (_, Some(GroupError::IllegalGeneration)) if generation == self.generation => self.lose(ctx),
            (Some(work), None) if work.step == Doing::CommittingFirst => {
                work.step = Doing::Processing(0);
                ctx.cancel(Timer::Retry);
                ctx.note(&DONE);
                self.work_on(ctx);
            }
            (Some(_), None) => {
                ctx.note(&DONE);
                self.finish(ctx);
            }
            _ => ctx.note(&NOT_NOW),
        }
    }

    // Transactions.

    pub(super) fn init(&mut self, ctx: &mut Ctx<Kafka>) {
        self.epoch = None;
        self.inits += 1;
        self.send_init(ctx);
    }

    fn send_init(&self, ctx: &mut Ctx<Kafka>) {
        ctx.note(&INIT);
        ctx.send(CONTROLLER, Message::InitProducer { request: (self.boot, self.inits) });
        ctx.set(Timer::Retry, RETRY);
    }

    /// Sends all results in one batch, in which they cannot overtake each other.
    fn write(&self, work: &Work, epoch: u32, ctx: &mut Ctx<Kafka>) {
        let result = |(sequence, (offset, source)): (u64, &(u64, Entry))| {
            let origin = Origin { producer: ctx.me(), epoch, sequence };
            Entry { epoch: 0, origin, body: Body::Result(work.partition, *offset, source.origin) }
        };
        let entries = (1..).zip(&work.records).map(result).collect();
        match self.image.partitions.get(&OUT).and_then(|it| it.leader) {
            Some(leader) => {
                let request = (self.boot, self.inits);
                ctx.send(leader, Message::ProduceResults { partition: OUT, entries, request });
            }
            None => ctx.send(CONTROLLER, Message::FetchMetadata),
        }
    }

    pub(super) fn on_transaction(&mut self, message: Message, ctx: &mut Ctx<Kafka>) {
        let Some(epoch) = self.epoch else {
            match message {
                Message::ProducerEpoch { request, epoch } if request == (self.boot, self.inits) => {
                    ctx.note(&INIT);
                    ctx.cancel(Timer::Retry);
                    self.epoch = Some(epoch);
                    self.poll(ctx);
                }
                _ => ctx.note(&NOT_NOW),
            }
            return;
        };
        let step = self.work.as_mut().map(|work| (&mut work.step, work.records.len()));
        match (message, step) {
            (Message::Added { epoch: of }, Some((step @ Doing::Beginning, count))) if of == epoch => {
                *step = if count == 0 { Doing::AddingOffset } else { Doing::Writing };
                self.retry(ctx);
                ctx.note(&TRANSACTION);
            }
            (Message::Produced { origin, result: Ok(_), .. }, Some((step @ Doing::Writing, _)))
                if origin.epoch == epoch =>
            {
                *step = Doing::AddingOffset;
                self.retry(ctx);
                ctx.note(&RESULTS);
            }
            (Message::Produced { origin, result: Err(Refusal::InvalidProducerEpoch), .. }, Some(_))
                if origin.epoch == epoch =>
            {
                self.fenced(ctx);
            }
            (Message::Produced { result: Err(Refusal::NotLeader), .. }, Some((Doing::Writing, _))) => {
                ctx.note(&NOT_NOW);
                ctx.send(CONTROLLER, Message::FetchMetadata);
            }
            (Message::OffsetAdded { epoch: of, error }, Some((step @ Doing::AddingOffset, _)))
                if of == epoch && error != Some(GroupError::RebalanceInProgress) =>
            {
                *step = Doing::Ending { commits: error.is_none() };
                self.retry(ctx);
                ctx.note(&TRANSACTION);
            }
            (Message::Ended { epoch: of, committed }, Some((Doing::Ending { commits }, _)))
                if of == epoch + 1 && committed == *commits =>
            {
                self.epoch = Some(of);
                let how = if committed { "committed" } else { "aborted" };
                ctx.tell(&OUTCOME, || format!("has {how} its transaction"));
                self.ended(committed, ctx);
            }
            // It took too long, and was aborted.
            (Message::Ended { epoch: of, .. }, Some((Doing::Ending { .. }, _))) if of == epoch + 1 => {
                self.fenced(ctx);
            }
            (Message::Fenced { epoch: of }, Some(_)) if of == epoch => self.fenced(ctx),
            _ => ctx.note(&NOT_NOW),
        }
    }

    fn ended(&mut self, commits: bool, ctx: &mut Ctx<Kafka>) {
        if commits {
            self.processed += self.work.as_ref().map_or(0, |work| work.records.len() as u64);
            self.finish(ctx);
        } else {
            self.work = None;
            ctx.cancel(Timer::Retry);
            self.lose(ctx);
        }
    }

    /// Another life of its, or the end of the time that a transaction may take, has fenced it.
    fn fenced(&mut self, ctx: &mut Ctx<Kafka>) {
        ctx.tell(&FENCED, || "is fenced, and drops what it has begun".into());
        let partition = self.work.as_ref().map(|work| work.partition);
        if let Some(position) = partition.and_then(|it| self.owned.get_mut(&it)) {
            *position = None;
        }
        self.drop_work(ctx);
    }
}
