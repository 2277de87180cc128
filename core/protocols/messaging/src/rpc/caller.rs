//! A caller: a client, or a server that executes a call by calling the next server.

use super::marshal::fragments;
use super::{
    CALL, CallId, GIVE_UP, Message, NEWS, OLD, Open, Outcome, Output, RECOVER, REFUSAL, RETRY, Request, Rpc,
    Semantics, Timer,
};
use faultline_core::prelude::*;

impl Rpc {
    /// Goes on with the calls that were open on disk.
    pub(super) fn resume(&mut self, ctx: &mut Ctx<Self>) {
        let open: Vec<_> = self.open.keys().copied().collect();
        for number in open {
            ctx.note(&RECOVER);
            self.send(number, ctx);
        }
    }

    /// Makes a call.
    pub(super) fn call(&mut self, open: Open, ctx: &mut Ctx<Self>) {
        self.number += 1;
        self.open.insert(self.number, open);
        self.send(self.number, ctx);
    }

    /// Sends an open call, once more if it was sent before.
    fn send(&mut self, number: u64, ctx: &mut Ctx<Self>) {
        let first_open = self.open.keys().next().copied().unwrap_or(number);
        let (Some(open), Some(callee)) = (self.open.get_mut(&number), self.callee) else { return };
        open.attempts += 1;
        let (order, most) = (ctx.params().byte_order, ctx.params().fragment);
        let fragments = fragments(&order.marshal(open.amount), most);
        let (parts, call) = (fragments.len() as u64, CallId { caller: ctx.me(), number });
        for (part, bytes) in (1..).zip(fragments) {
            let Open { origin, attempts, boot, .. } = *open;
            let request =
                Request { call, origin, attempt: attempts, boot, first_open, order, part, parts, bytes };
            ctx.send(callee, Message::Request(request));
        }
        let (timeout, jitter) = (ctx.params().timeout, ctx.params().jitter);
        let delay = timeout + if jitter > 0 { ctx.random(0..=jitter) } else { 0 };
        ctx.set(Timer::Retry(number), delay);
    }

    /// The reply has not come in time.
    pub(super) fn retry(&mut self, number: u64, ctx: &mut Ctx<Self>) {
        let Some(open) = self.open.get(&number).copied() else { return ctx.note(&OLD) };
        let call = CallId { caller: ctx.me(), number };
        if ctx.params().limit().is_some_and(|limit| open.attempts >= limit) {
            let says_failed = ctx.params().bugs.says_failed;
            let outcome = if says_failed { Outcome::Failed } else { Outcome::Unknown };
            return self.end(call, outcome, &GIVE_UP, ctx);
        }
        ctx.tell(&RETRY, || format!("has no reply to {call} and sends it again"));
        if ctx.params().bugs.renumbers_retries {
            self.open.remove(&number);
            ctx.note(&CALL);
            return self.call(open, ctx);
        }
        self.send(number, ctx);
    }

    /// The server has refused a call in this attempt.
    pub(super) fn refused(&mut self, call: CallId, attempt: u64, ctx: &mut Ctx<Self>) {
        let last = self.open.get(&call.number).is_some_and(|open| {
            open.attempts == attempt && ctx.params().limit().is_some_and(|limit| open.attempts >= limit)
        });
        // Without a table a server keeps no promise: another copy of the call may still be executed.
        if call.caller == ctx.me() && last && self.semantics == Semantics::AtMostOnce {
            self.end(call, Outcome::Failed, &REFUSAL, ctx);
        } else {
            ctx.note(&NEWS);
        }
    }

    /// Ends a call, if it is open: tells the client's application, or answers the call from above.
    pub(super) fn end(&mut self, call: CallId, outcome: Outcome, rule: &'static Rule, ctx: &mut Ctx<Self>) {
        let mine = call.caller == ctx.me();
        let Some(open) = mine.then(|| self.open.remove(&call.number)).flatten() else {
            return ctx.note(&OLD);
        };
        ctx.cancel(Timer::Retry(call.number));
        let origin = open.origin;
        if let Some(job) = open.job {
            ctx.note(rule);
            self.answer(job, outcome, ctx);
            return self.next(ctx);
        }
        self.ended.insert(origin, (outcome, open.attempts));
        match outcome {
            Outcome::Returned(balance) => {
                ctx.output(Output::Returned(origin, balance));
                ctx.tell(rule, || format!("has the reply to {origin}: the balance is {balance}"));
            }
            Outcome::Failed => {
                ctx.output(Output::Failed(origin));
                ctx.tell(rule, || format!("says that {origin} has failed"));
            }
            Outcome::Unknown => {
                ctx.output(Output::Unknown(origin));
                ctx.tell(rule, || format!("does not know whether {origin} was executed"));
            }
        }
    }
}
