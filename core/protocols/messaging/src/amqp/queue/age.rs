//! How old a message may become in a queue: its own time to live, or the queue's, whichever is shorter.

use super::{Entry, Queue};
use crate::amqp::{Amqp, Reason, Timer};
use faultline_core::prelude::*;

const EXPIRE: Rule = Rule::new(
    "time to live",
    "A message that has waited too long dies when it reaches the head of its queue.",
);

impl Queue {
    pub(in super::super) fn expire(&mut self, number: u64, ctx: &mut Ctx<Amqp>) {
        let taken = self.taken.iter_mut().map(|(_, _, entry)| entry);
        if let Some(entry) = self.ready.iter_mut().chain(taken).find(|entry| entry.number == number) {
            entry.expired = true;
        }
        ctx.note(&EXPIRE);
        self.bury_expired(ctx);
    }

    /// Removes expired messages at the head, and looks no further.
    pub(super) fn bury_expired(&mut self, ctx: &mut Ctx<Amqp>) {
        while self.ready.first().is_some_and(|entry| entry.expired) {
            let entry = self.ready.remove(0);
            self.bury(entry, Reason::Expired, ctx);
        }
    }

    /// How long any message may wait here, if there is a limit.
    pub(super) fn lives(&self, me: NodeId) -> Option<Micros> {
        self.tenant().map_or(self.params.lives(me), |tenant| tenant.arguments.ttl)
    }

    /// The wrong twin: a message that comes back has all its time before it again.
    pub(super) fn restart_age(&self, entry: &mut Entry, ctx: &mut Ctx<Amqp>) {
        let ttl = entry.letter.terms.ttl.into_iter().chain(self.lives(ctx.me())).min();
        entry.expires = ttl.map(|ttl| ctx.clock().saturating_add(ttl));
        entry.expired = false;
        wait(entry, ctx);
    }

    /// What this queue's clock reads when a message that is here will be too old, and whether it is.
    pub(in super::super) fn age(&self, number: u64) -> Option<(Option<Micros>, bool)> {
        let taken = self.taken.iter().map(|(_, _, entry)| entry);
        let entry = self.ready.iter().chain(taken).find(|entry| entry.number == number)?;
        Some((entry.expires, entry.expired))
    }
}

/// Sets the timer of a message again for the rest of its time, if it may get too old.
pub(super) fn wait(entry: &mut Entry, ctx: &mut Ctx<Amqp>) {
    let Some(rest) = entry.expires.map(|expires| expires.saturating_sub(ctx.clock())) else { return };
    entry.expired |= rest == 0;
    if !entry.expired {
        ctx.set(Timer::Expire(entry.number), rest);
    }
}
