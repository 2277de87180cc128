//! A replica of PBFT: which message means what to it, and the requests that it waits for (§4.1).

use super::{Counts, Message, NOT_MINE, Pbft, Proposal, Replica, Timer, asked, primary, replicas};
use crate::Request;
use faultline_core::prelude::*;
use faultline_core::time::LATEST;
use faultline_core::toolbox::signed::Signed;

const REQUEST: Rule = Rule::new(
    "§4.1, §4.4",
    "A backup forwards a client's request to the primary and waits for it to be executed.",
);
const NUMBER: Rule = Rule::new(
    "§4.2",
    "The primary gives each request one number, when its view and the watermarks allow it.",
);
const ANSWER: Rule = Rule::new(
    "§4.1",
    "A replica that receives an executed request again resends its last answer to the client.",
);
const OLD: Rule =
    Rule::new("§4.1", "Requests with an earlier timestamp than the client's last executed one are obsolete.");
pub(super) const UNSIGNED: Rule =
    Rule::new("§4.2", "A replica ignores a message without the signature that it needs.");
const EARLY: Rule = Rule::new(
    "§4.2",
    "A replica rejects messages for a view that it has not entered, or for numbers above the high watermark. \
     It asks for them when it can use them.",
);
pub(super) const LATE: Rule = Rule::new(
    "§4.2",
    "Messages for an earlier view, or for numbers that a stable checkpoint covers, are obsolete.",
);

impl Replica {
    pub(super) fn on_message(&mut self, from: NodeId, message: &Message, ctx: &mut Ctx<Pbft>) {
        match message {
            Message::Request(request) => self.on_request(from, request, ctx),
            Message::Read(request) => self.on_read(from, request, ctx),
            // Only Byzantine clients send anything else, and only Byzantine nodes answer replicas.
            _ if from.index() >= replicas(ctx) => ctx.note(&NOT_MINE),
            Message::Reply(..) | Message::Value(..) | Message::Tentative(..) => ctx.note(&NOT_MINE),
            // The three phases.
            Message::PrePrepare(signed) | Message::Prepare(signed) => match signed.verify(from) {
                Some(proposal) => match self.when(proposal, ctx) {
                    Some(rule) => self.refuse(rule, ctx),
                    None if matches!(message, Message::PrePrepare(_)) => self.on_pre_prepare(signed, ctx),
                    None => self.on_prepare(signed, ctx),
                },
                None => ctx.note(&UNSIGNED),
            },
            Message::Commit(proposal) => match self.when(proposal, ctx) {
                Some(rule) => self.refuse(rule, ctx),
                None => self.on_commit(from, proposal, ctx),
            },
            Message::Checkpoint(signed) => self.on_checkpoint(signed, ctx),
            // View changes.
            Message::ViewChange(signed) => self.on_view_change(from, signed, ctx),
            Message::NewView(view, changes, proposals) => {
                self.on_new_view(from, *view, changes, proposals, ctx);
            }
            Message::Status(standing) => self.on_status(from, *standing, ctx),
        }
    }

    /// Whether it is not the time for this proposal, and why.
    fn when(&self, proposal: &Proposal, ctx: &Ctx<Pbft>) -> Option<&'static Rule> {
        let bugs = &ctx.params().bugs;
        if proposal.sequence <= self.stable || proposal.view < self.view && !bugs.mixes_views {
            Some(&LATE)
        } else if proposal.view > self.view
            || !self.active
            || proposal.sequence > self.high && !bugs.no_watermarks
        {
            Some(&EARLY)
        } else {
            None
        }
    }

    fn refuse(&mut self, rule: &'static Rule, ctx: &mut Ctx<Pbft>) {
        ctx.note(rule);
        self.refused |= rule == &EARLY;
    }

    // Requests (§4.1).

    fn on_request(&mut self, from: NodeId, signed: &Signed<Request>, ctx: &mut Ctx<Pbft>) {
        let Some(request) = asked(signed, ctx) else { return ctx.note(&UNSIGNED) };
        match self.state.last.get(&request.client) {
            _ if ctx.params().bugs.forgets_timestamps => {}
            Some((last, _)) if request.timestamp < *last => return ctx.note(&OLD),
            Some((last, answer)) if request.timestamp == *last => {
                ctx.note(&ANSWER);
                if from == request.client {
                    ctx.send(from, Message::Reply(self.view, *last, *answer));
                }
                return;
            }
            _ => {}
        }
        ctx.note(if self.leads { &NUMBER } else { &REQUEST });
        self.wait_for(signed, ctx);
        if self.leads {
            self.give_numbers(ctx);
        } else if from == request.client {
            ctx.send(primary(self.view, ctx), Message::Request(signed.clone()));
        }
    }

    /// Begins to wait for a request.
    pub(super) fn wait_for(&mut self, signed: &Signed<Request>, ctx: &mut Ctx<Pbft>) {
        if !self.waiting.contains(signed) {
            self.waiting.push(signed.clone());
            if self.waiting.len() == 1 {
                self.be_patient(ctx);
            }
        }
    }

    /// Sets the timer, or stops it if no request waits. In the paper only backups have one.
    pub(super) fn be_patient(&mut self, ctx: &mut Ctx<Pbft>) {
        if self.waiting.is_empty() {
            ctx.cancel(Timer::Patience);
        } else if self.active {
            ctx.set(Timer::Patience, self.timeout());
        }
    }

    /// It doubles with every unsuccessful view after the first, up to the longest time that there is (§4.5.2).
    pub(super) fn timeout(&self) -> Micros {
        let Counts { timeout, fixed_timeout, .. } = self.counts;
        let times = if fixed_timeout { 1 } else { 1 << self.attempts.saturating_sub(1).min(63) };
        timeout.saturating_mul(times).min(LATEST)
    }
}
