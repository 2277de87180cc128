//! A restart from a snapshot: everyone goes back to what it recorded, and what was sent since is undone.

use super::{Part, Recording, Restart, Says, Snapshot, Stable};
use crate::Output;
use faultline_core::prelude::*;

pub(super) const RESTORE: Rule =
    Rule::new("problem", "A process that knows all parts of a snapshot may let everyone go back to it.");
pub(super) const UNKNOWN: Rule = Rule::new(
    "problem",
    "A process that does not know all parts of a snapshot cannot know that all could go back to it.",
);
pub(super) const GO_BACK: Rule = Rule::new(
    "problem",
    "A process goes back to its recorded balance and receives again what it had recorded on its incoming channels.",
);
pub(super) const UNDONE: Rule = Rule::new(
    "problem",
    "A message that was sent before the latest restart is undone with its sender's state.",
);
pub(super) const LOST: Rule = Rule::new(
    "problem",
    "A process that has lost its balance in a crash does nothing until there is a restart.",
);

impl Default for Stable {
    fn default() -> Self {
        Stable { is_open: false, restart: Restart::NONE, parts: Map::default() }
    }
}

impl Snapshot {
    /// Whether it knows all parts of a snapshot.
    pub(super) fn knows(&self, number: u64) -> bool {
        self.reports.get(&number).is_some_and(|parts| parts.len() == self.count)
    }

    /// The latest snapshot that it knows, unless everyone has gone back to it before.
    pub(super) fn restorable(&self) -> Option<u64> {
        let latest = self.reports.keys().rev().copied().find(|number| self.knows(*number));
        latest.filter(|number| self.restart.count == 0 || self.restart.to != *number)
    }

    pub(super) fn restore(&mut self, to: u64, ctx: &mut Ctx<Self>) {
        if !self.knows(to) {
            return ctx.note(&UNKNOWN);
        }
        ctx.note(&RESTORE);
        self.go_back(Restart { count: self.restart.count + 1, by: self.me, to }, ctx);
    }

    /// Goes back, and tells the others before anything else.
    pub(super) fn go_back(&mut self, restart: Restart, ctx: &mut Ctx<Self>) {
        let number = restart.to;
        let Some(part) = self.recordings.get(&number).map(|it| &it.part) else { return ctx.note(&UNKNOWN) };
        let money = part.sum();
        self.balance = Some(money);
        self.restart = restart;
        self.latest = number;
        let is_complete = |recording: &Recording| recording.missing.is_empty();
        self.recordings.retain(|other, recording| *other <= number && is_complete(recording));
        self.reports.retain(|other, parts: &Map<NodeId, Part>| *other <= number && parts.len() == self.count);
        ctx.tell(&GO_BACK, || format!("goes back to snapshot {number}, with {money}"));
        ctx.output(Output::Restored(restart, money));
        self.send(&Says::Restore, ctx);
    }
}
