//! How replicas of PBFT make up for lost messages, as the library of its authors does. A replica that waits
//! and sees no progress reports how far it has come, and each of the others resends what it lacks. So no
//! message is sent twice unless a replica asks for it, and no message is acknowledged.

use super::{Message, Pbft, Replica, Timer, multicast, said};
use faultline_core::prelude::*;

/// How far a replica has come: its view, whether that has begun there, its last stable checkpoint, and up to
/// which number all are committed in this view. It may have to commit again what it executed in an earlier
/// view, so that others can.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Standing {
    pub(super) view: u64,
    pub(super) active: bool,
    pub(super) stable: u64,
    pub(super) committed: u64,
}

const ASK: Rule = Rule::new(
    "the authors' library",
    "A replica that waits and sees no progress reports its state to the others, because messages may have \
     been lost.",
);
const RESEND: Rule = Rule::new(
    "the authors' library",
    "A replica that receives a progress report resends those of its own messages that the other replica \
     lacks.",
);

impl Replica {
    pub(super) fn standing(&self) -> Standing {
        let Replica { view, active, stable, .. } = *self;
        let is_committed = |number: &u64| self.log.get(number).is_some_and(|slot| slot.committed);
        let committed = (stable + 1..=self.high).take_while(is_committed).last().unwrap_or(stable);
        Standing { view, active, stable, committed }
    }

    /// Whether it waits for something that others have sent or will send.
    pub(super) fn lacks(&self) -> bool {
        let committed = self.standing().committed;
        let unfinished = self.log.keys().next_back().is_some_and(|last| *last > committed);
        !self.active || self.refused || unfinished || !self.waiting.is_empty() || !self.checkpoints.is_empty()
    }

    /// After a step: time runs while it lacks something, and begins anew with every progress.
    pub(super) fn look_for_progress(&mut self, before: (Standing, bool), ctx: &mut Ctx<Pbft>) {
        let now = (self.standing(), self.lacks());
        if !now.1 && before.1 {
            ctx.cancel(Timer::Status);
        } else if now.1 && now != before {
            ctx.set(Timer::Status, pause(ctx));
        }
    }

    pub(super) fn see_no_progress(&self, ctx: &mut Ctx<Pbft>) {
        ctx.remark(&ASK, || "sees no progress and reports how far it has come".into());
        self.ask_for_missing(ctx);
    }

    /// Reports to all others how far it has come.
    fn ask_for_missing(&self, ctx: &mut Ctx<Pbft>) {
        multicast(&Message::Status(self.standing()), ctx);
        ctx.set(Timer::Status, pause(ctx));
    }

    /// Asks for what it rejected as too early.
    pub(super) fn ask_for_refused(&mut self, ctx: &mut Ctx<Pbft>) {
        if std::mem::take(&mut self.refused) {
            self.ask_for_missing(ctx);
        }
    }

    pub(super) fn on_status(&mut self, from: NodeId, theirs: Standing, ctx: &mut Ctx<Pbft>) {
        ctx.note(&RESEND);
        let Standing { view, active, stable, committed } = theirs;
        self.send_checkpoints(from, stable, ctx);
        let waits = view == self.view && !active;
        let behind = view < self.view || waits;
        if view > self.view || waits && !self.active && !self.has_wish_of(from, view) {
            // It may have sent what is missing here.
            ctx.send(from, Message::Status(self.standing()));
        }
        if behind {
            self.send_view(from, theirs, ctx);
        } else if view == self.view && self.active {
            self.send_phases(from, committed, ctx);
        }
    }

    fn has_wish_of(&self, node: NodeId, view: u64) -> bool {
        self.changes.get(&node).and_then(said).is_some_and(|change| change.view >= view)
    }

    /// The proof of its stable checkpoint, and the checkpoints that it has taken since.
    fn send_checkpoints(&self, to: NodeId, stable: u64, ctx: &mut Ctx<Pbft>) {
        let own = self.checkpoints.iter().filter(|signed| signed.by() == ctx.me());
        let later = self.checkpoint.iter().chain(own);
        let later: Vec<_> =
            later.filter(|signed| said(signed).is_some_and(|it| it.sequence > stable)).cloned().collect();
        for signed in later {
            ctx.send(to, Message::Checkpoint(signed));
        }
    }

    /// What it has said of its view: that it wants it and, as its primary, that it begins.
    fn send_view(&self, to: NodeId, theirs: Standing, ctx: &mut Ctx<Pbft>) {
        let news = |view| view >= theirs.view + u64::from(theirs.active);
        if let Some(signed) =
            self.changes.get(&ctx.me()).filter(|it| said(it).is_some_and(|it| news(it.view)))
        {
            ctx.send(to, Message::ViewChange(signed.clone()));
        }
        if self.active
            && self.leads
            && let Some((changes, proposals)) = &self.begun
        {
            ctx.send(to, Message::NewView(self.view, changes.clone(), proposals.clone()));
        }
    }

    /// What it has said in the three phases of this view about numbers that are not committed at the other.
    fn send_phases(&self, to: NodeId, committed: u64, ctx: &mut Ctx<Pbft>) {
        for (_, slot) in self.log.iter().filter(|(sequence, _)| **sequence > committed) {
            if let Some(signed) = slot.proposal.as_ref().filter(|_| self.leads) {
                ctx.send(to, Message::PrePrepare(signed.clone()));
            }
            let of_view = |view| view == self.view;
            let mut prepares = slot.prepares.iter().filter(|it| said(it).is_some_and(|it| of_view(it.view)));
            if let Some(signed) = prepares.find(|signed| signed.by() == ctx.me()) {
                ctx.send(to, Message::Prepare(signed.clone()));
            }
            let mut commits = slot.commits.iter().filter(|(_, it)| of_view(it.view));
            if let Some((_, proposal)) = commits.find(|(who, _)| *who == ctx.me()) {
                ctx.send(to, Message::Commit(proposal.clone()));
            }
        }
    }
}

/// How long a replica waits for progress. It is half of the first view's time, so that it asks before it wants another primary,
/// and does not double: the more time a view has, the more often lost messages can be sent again.
fn pause(ctx: &Ctx<Pbft>) -> Micros {
    (ctx.params().timeout / 2).max(1)
}
