//! A server: it puts calls together, recognises those that it has seen, and has the workers of its pool execute them.

use super::{
    ATOMIC, COMPLETED, CallId, Debit, EXECUTE, FORWARD, FRAGMENT, FULL, IGNORED, Job, LATE, Message, OPENING,
    Open, Outcome, Output, POOL, REBIND, RUNNING, Record, Request, Rpc, STALE, Semantics, Timer,
};
use crate::rpc::Assembly;
use faultline_core::prelude::*;

impl Rpc {
    /// A fragment of a call arrives.
    pub(super) fn receive(&mut self, from: NodeId, request: &Request, ctx: &mut Ctx<Self>) {
        let Request { call, origin, attempt, boot, first_open, order, part, parts, .. } = *request;
        if self.semantics == Semantics::AtMostOnce && boot != self.boot && !ctx.params().bugs.forgets_table {
            ctx.tell(&REBIND, || {
                format!("has restarted and rejects {call}, which it may have executed before")
            });
            return ctx.send(from, Message::Rebind(call, self.boot));
        }
        if self.semantics.dedupes() {
            self.acknowledged(from, first_open);
        }
        if call.number < self.first_open.get(&from).copied().unwrap_or(1) {
            return ctx.note(&STALE);
        }
        let Some(bytes) = self.assembled(call, attempt, (part, parts), &request.bytes) else {
            return ctx.note(&FRAGMENT);
        };
        // The stub reads the arguments in the order in which they were written.
        let order = if ctx.params().bugs.reads_other_order { order.other() } else { order };
        let Some(amount) = order.unmarshal(&bytes) else { return ctx.note(&FRAGMENT) };
        self.accept(Job { call, origin, attempt, amount }, ctx);
    }

    /// All calls before this one have ended for the caller, by a reply or without, so their records can go.
    fn acknowledged(&mut self, caller: NodeId, first: u64) {
        if first > self.first_open.get(&caller).copied().unwrap_or(1) {
            self.first_open.insert(caller, first);
            let wanted = |call: &CallId| call.caller != caller || call.number >= first;
            self.table.retain(|call, _| wanted(call));
            self.assembly.retain(|call, _| wanted(call));
        }
    }

    /// Adds a fragment; the bytes of the call, if this makes it whole. A new attempt starts afresh.
    fn assembled(
        &mut self,
        call: CallId,
        attempt: u64,
        (part, parts): (u64, u64),
        bytes: &[u8],
    ) -> Option<Vec<u8>> {
        let assembly = self.assembly.or_default(call);
        if attempt > assembly.attempt {
            *assembly = Assembly { attempt, parts, got: Map::default() };
        }
        if attempt == assembly.attempt {
            assembly.got.insert(part, bytes.to_vec());
        }
        let whole = assembly.got.len() as u64 == parts;
        whole
            .then(|| self.assembly.remove(&call))
            .flatten()
            .map(|it| it.got.values().flatten().copied().collect())
    }

    /// A call has arrived whole. Whoever keeps a table looks whether it is new, in progress, or completed.
    fn accept(&mut self, job: Job, ctx: &mut Ctx<Self>) {
        let Job { call, attempt, .. } = job;
        let bugs = ctx.params().bugs.clone();
        let record = self.table.get(&key(&job, ctx)).copied().filter(|_| self.semantics.dedupes());
        let running = self.semantics.dedupes() && self.is_running(call) && !bugs.runs_concurrently;
        match record {
            _ if running => ctx.note(&RUNNING),
            Some(Record::Executed(_)) if bugs.ignores_executed => ctx.note(&IGNORED),
            Some(Record::Executed(balance)) => {
                let balance = if bugs.recomputes_replies { self.balance() } else { balance };
                ctx.tell(&COMPLETED, || format!("recognises {call} and sends its reply again"));
                ctx.send(call.caller, Message::Reply(call, balance));
            }
            Some(Record::Refused(until)) if attempt <= until => {
                ctx.note(&COMPLETED);
                ctx.send(call.caller, Message::Refused(call, until));
            }
            Some(Record::Unknown) => {
                ctx.note(&COMPLETED);
                ctx.send(call.caller, Message::NoAnswer(call));
            }
            Some(Record::Refused(_)) | None => self.admit(job, ctx),
        }
    }

    /// Whether a worker executes a call, or the call waits for one.
    fn is_running(&self, call: CallId) -> bool {
        let below = self.open.values().filter_map(|open| open.job.as_ref());
        let mut jobs = self.waiting.iter().chain(self.workers.values()).chain(below);
        jobs.any(|job| job.call == call) || self.unrecorded.contains_key(&call)
    }

    /// How many workers are busy.
    fn busy(&self) -> u64 {
        (self.workers.len() + self.open.len()) as u64
    }

    /// Hands a call to a worker, lets it wait for one, or refuses it.
    fn admit(&mut self, job: Job, ctx: &mut Ctx<Self>) {
        let (workers, queue) = (ctx.params().workers, ctx.params().queue);
        if self.busy() < workers {
            return self.begin(job, ctx);
        }
        if (self.waiting.len() as u64) < queue {
            ctx.note(&POOL);
            return self.waiting.push(job);
        }
        ctx.tell(&FULL, || format!("refuses {}, as its pool is full", job.call));
        self.answer(job, Outcome::Failed, ctx);
    }

    /// A worker that has become free takes the call that has waited longest.
    pub(super) fn next(&mut self, ctx: &mut Ctx<Self>) {
        if !self.waiting.is_empty() && self.busy() < ctx.params().workers {
            let job = self.waiting.remove(0);
            self.begin(job, ctx);
        }
    }

    /// A worker begins to execute a call.
    fn begin(&mut self, job: Job, ctx: &mut Ctx<Self>) {
        if self.callee.is_some() {
            ctx.note(&FORWARD);
            let Job { origin, amount, .. } = job;
            return self.call(Open { origin, amount, attempts: 0, boot: self.bound, job: Some(job) }, ctx);
        }
        let service = ctx.params().service;
        if service == 0 {
            return self.execute(job, ctx);
        }
        ctx.note(&POOL);
        let is_free = |worker: &u64| !self.workers.contains_key(worker);
        let free = (1..=ctx.params().workers).find(is_free).unwrap_or(1);
        self.workers.insert(free, job);
        ctx.set(Timer::Worker(free), service);
    }

    /// Debits the account. The record of the call is written in the same step, and so in the same write.
    pub(super) fn execute(&mut self, job: Job, ctx: &mut Ctx<Self>) {
        let Job { origin, amount, .. } = job;
        let balance = self.balance() - i64::from(amount);
        self.statement.push(Debit { origin, amount, balance });
        ctx.output(Output::Executed(origin, amount, balance));
        let rule = if self.semantics == Semantics::ExactlyOnce { &ATOMIC } else { &EXECUTE };
        ctx.tell(rule, || format!("debits {amount} for {origin}; the balance is {balance}"));
        self.answer(job, Outcome::Returned(balance), ctx);
    }

    /// Answers a call, and keeps the answer.
    pub(super) fn answer(&mut self, job: Job, outcome: Outcome, ctx: &mut Ctx<Self>) {
        let call = job.call;
        let (record, message) = match outcome {
            Outcome::Returned(balance) => (Record::Executed(balance), Message::Reply(call, balance)),
            Outcome::Failed => (Record::Refused(job.attempt), Message::Refused(call, job.attempt)),
            Outcome::Unknown => (Record::Unknown, Message::NoAnswer(call)),
        };
        if self.semantics.dedupes() {
            self.keep(&job, record, ctx);
        }
        ctx.send(call.caller, message);
    }

    fn keep(&mut self, job: &Job, record: Record, ctx: &mut Ctx<Self>) {
        if ctx.params().bugs.records_late {
            self.unrecorded.insert(job.call, record);
            return ctx.set(Timer::Record, LATE);
        }
        if ctx.params().bugs.evicts_early {
            self.table = Map::default();
        }
        self.table.insert(key(job, ctx), record);
    }

    /// What is in the account.
    pub(super) fn balance(&self) -> i64 {
        self.statement.last().map_or(OPENING, |debit| debit.balance)
    }
}

/// By what a table recognises a call: its identifier, never its contents.
fn key(job: &Job, ctx: &Ctx<Rpc>) -> CallId {
    match ctx.params().bugs.keys_by_arguments {
        true => CallId { number: job.amount.into(), ..job.call },
        false => job.call,
    }
}
