//! How updates get to everybody: a replica knows what the others include, repeats what they lack, and asks when it has forgotten.

use super::clock::Seen;
use super::{Crdt, Disk, Message, Output, Timer, Way};
use faultline_core::prelude::*;
use std::sync::Arc;

pub(super) const INCLUDE: Rule =
    Rule::new("SSS 2011", "A replica that knows what another one includes sends only what that one lacks.");
pub(super) const REPEAT: Rule =
    Rule::new("SSS 2011", "Eventual delivery: a replica repeats what another one has not acknowledged.");
const RESTORE: Rule = Rule::new(
    "RR-7506",
    "Tags and timestamps must be unique. A replica that lost updates could use numbers twice, so it takes a new identity.",
);

impl Crdt {
    /// Takes note of what another replica includes. What it said in an earlier boot may not be so any more. What it says before it
    /// has welcomed this boot may be older than its latest boot, of which this replica has forgotten, so only the boot counts.
    pub(super) fn know(&mut self, node: NodeId, boot: u32, seen: &Seen) {
        let is_recent = self.welcomed.contains(node);
        let (known, all) = self.known.or_default(node);
        if *known < boot {
            (*known, *all) = (boot, Seen::default());
        }
        if *known == boot && is_recent {
            all.merge(seen);
        }
    }

    /// What another replica is known to include; nothing, as long as it has not welcomed this boot.
    fn known_of(&self, node: NodeId) -> Option<&Seen> {
        self.known.get(&node).map(|(_, seen)| seen).filter(|_| self.welcomed.contains(node))
    }

    /// The replicas that are not known to include everything that is included here.
    pub(super) fn behind(&self) -> impl Iterator<Item = NodeId> {
        let others = (0..self.count).map(NodeId).filter(|node| *node != self.me);
        others.filter(|node| self.known_of(*node).is_none_or(|theirs| !theirs.covers(&self.disk.state.seen)))
    }

    /// Sends a replica what it is not known to include; to one of which nothing is known, a question.
    pub(super) fn send_what_it_lacks(&self, node: NodeId, ctx: &mut Ctx<Self>) {
        let boot = self.disk.boots;
        let Some(theirs) = self.known_of(node) else {
            return ctx.send(node, Message::Hello { boot, seen: self.disk.state.seen.clone() });
        };
        match self.params.way {
            Way::States if theirs.covers(&self.disk.state.seen) => {}
            Way::States => ctx.send(node, self.whole_state()),
            Way::Operations => {
                for operation in self.disk.log.iter().filter(|operation| !theirs.includes(operation.dot)) {
                    ctx.send(node, Message::Apply { boot, operation: operation.clone() });
                }
            }
        }
    }

    pub(super) fn whole_state(&self) -> Message {
        let state = self.disk.state.clone();
        let shown = state.shown(self.params.r#type);
        Message::Merge { boot: self.disk.boots, state: Arc::new(state), shown }
    }

    pub(super) fn acknowledge(&self, to: NodeId, ctx: &mut Ctx<Self>) {
        ctx.send(to, Message::Include { boot: self.disk.boots, seen: self.disk.state.seen.clone() });
    }

    /// Answers a replica that has started for this time.
    pub(super) fn welcome(&self, node: NodeId, to: u32, ctx: &mut Ctx<Self>) {
        let (boot, seen) = (self.disk.boots, self.disk.state.seen.clone());
        ctx.send(node, Message::Welcome { boot, to, seen });
    }

    pub(super) fn acknowledge_to_all(&self, ctx: &mut Ctx<Self>) {
        ctx.broadcast(Message::Include { boot: self.disk.boots, seen: self.disk.state.seen.clone() });
    }

    /// Asks all others what they include, and lets them send what is missing here.
    pub(super) fn ask_all(&mut self, ctx: &mut Ctx<Self>) {
        ctx.broadcast(Message::Hello { boot: self.disk.boots, seen: self.disk.state.seen.clone() });
        self.repeat_or_rest(ctx);
    }

    /// Sees to it that it repeats what others lack, as long as any lacks something.
    pub(super) fn repeat_or_rest(&mut self, ctx: &mut Ctx<Self>) {
        let lags = self.behind().next().is_some();
        match (self.repeats, lags) {
            (false, true) => ctx.set(Timer::Repeat, self.params.repeat),
            (true, false) => ctx.cancel(Timer::Repeat),
            (true, true) | (false, false) => {}
        }
        self.repeats = lags;
    }

    /// Goes back to the backup, under a new identity and knowing nothing of the others.
    pub(super) fn restore(&mut self, ctx: &mut Ctx<Self>) {
        let Disk { boots, restores, .. } = *self.disk;
        let restores = if self.params.bugs.reuses_identity { restores } else { restores + 1 };
        let Disk { state, log, .. } = (*self.backup).clone();
        self.disk = Arc::new(Disk { boots: boots + 1, restores, state, log });
        (self.known, self.welcomed, self.held) = (Map::default(), NodeSet::default(), Vec::new());
        ctx.tell(&RESTORE, || format!("is restored from its backup and goes on as {}", self.replica()));
        ctx.output(Output::Restored);
        ctx.output(Output::Shows(self.disk.state.shown(self.params.r#type)));
        self.ask_all(ctx);
    }
}
