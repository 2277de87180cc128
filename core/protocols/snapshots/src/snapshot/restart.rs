//! A restart from a snapshot: everyone goes back to what it recorded, and what was sent since is undone.

use super::{Restart, Says, Snapshot};
use crate::{Era, Name, Output};
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

impl Snapshot {
    /// Whether it knows all parts of a snapshot.
    pub(super) fn knows(&self, name: Name) -> bool {
        self.reports.get(&name).is_some_and(|parts| parts.len() == self.count)
    }

    /// The snapshots that it knows, the latest first.
    fn known(&self) -> impl Iterator<Item = Name> {
        self.reports.keys().rev().copied().filter(|name| self.knows(*name))
    }

    /// The number of the latest snapshot that it knows, unless everyone has just gone back to it.
    pub(super) fn restorable(&self) -> Option<u64> {
        let latest =
            self.known().next().filter(|name| self.restart.is_none_or(|restart| restart.to != *name));
        latest.map(|name| name.number)
    }

    pub(super) fn restore(&mut self, number: u64, ctx: &mut Ctx<Self>) {
        let Some(to) = self.known().find(|name| name.number == number) else { return ctx.note(&UNKNOWN) };
        let count = self.restart.map_or(0, |restart| restart.era.count) + 1;
        self.go_back(Restart { era: Era { count, by: self.me }, to }, ctx);
        ctx.note(&RESTORE);
    }

    /// Goes back, and tells the others before anything else. What is complete stays on disk, even of a run that is undone: another
    /// restart that began at the same time may be from there.
    pub(super) fn go_back(&mut self, restart: Restart, ctx: &mut Ctx<Self>) {
        let Some(part) = self.recordings.get(&restart.to).map(|it| &it.part) else {
            return ctx.note(&UNKNOWN);
        };
        let money = part.sum();
        (self.balance, self.restart, self.latest) = (Some(money), Some(restart), restart.to.number);
        self.recordings.retain(|_, recording| recording.missing.is_empty());
        ctx.tell(&GO_BACK, || format!("goes back to snapshot {}, with {money}", restart.to));
        ctx.output(Output::Restored(restart, money));
        self.send(&Says::Restore(restart.to), ctx);
    }
}
