//! Point-in-time recovery: a base backup, and the log from the archive up to the target.

use super::server::{OBSOLETE, Restoring, Role, Server};
use super::wal::{Backup, Change, History, Segment, owner, pick, redo};
use super::{AGAIN, LogShipping, Message, Output, Target, Timer};
use faultline_core::prelude::*;
use faultline_core::toolbox::log::Log;
use std::rc::Rc;

const RESTORE: Rule =
    Rule::new("PG 25.3.5", "A server that is restored gives up what it has and asks for a base backup.");
const NO_BACKUP: Rule =
    Rule::new("PG 25.3.5", "Without a base backup there is nothing to replay the log on.");
const LABEL: Rule = Rule::new(
    "PG 25.3.5",
    "The log is replayed from the backup label on, where the copying of the pages began.",
);
const REPLAYS: Rule = Rule::new(
    "PG 25.3.5",
    "Restored records are replayed in order, up to the last commit at or before the target.",
);
const REACHED: Rule =
    Rule::new("PG 25.3.5", "The next commit is later than the target, so recovery ends here.");
const ENDED: Rule = Rule::new(
    "PG 25.3.5",
    "A segment is missing or not there yet: recovery ends before its target, at the last record that it has.",
);
const TOO_EARLY: Rule =
    Rule::new("PG 25.3.5", "The target lies before the end of the backup, whose pages are from later.");
const NO_CHILD: Rule = Rule::new(
    "PG 25.3.6",
    "The backup is of a timeline that had left the history of the target before the backup ended.",
);

impl Server {
    pub(super) fn restore(&mut self, target: Target, ctx: &mut Ctx<LogShipping>) {
        self.clear(ctx);
        self.disk.requests += 1;
        self.role = Role::Restoring(Restoring { target, backup: None, history: None });
        ctx.tell(&RESTORE, || format!("is to be restored to {target}"));
        self.ask_archive(ctx);
        ctx.set(Timer::Ask, AGAIN);
    }

    /// Asks for what it needs next: the backup, then one segment after the other.
    pub(super) fn ask_archive(&mut self, ctx: &mut Ctx<LogShipping>) {
        let Role::Restoring(restoring) = &self.role else { return };
        if restoring.backup.is_some() {
            self.fetch(self.wal.len(), ctx);
        } else {
            let request = self.disk.requests;
            ctx.send(self.archive(), Message::FetchBackup { request });
        }
    }

    pub(super) fn take_base(&mut self, backup: Option<Rc<Backup>>, ctx: &mut Ctx<LogShipping>) {
        let Role::Restoring(restoring) = &mut self.role else {
            ctx.note(&OBSOLETE);
            return;
        };
        let Some(backup) = backup else {
            self.end(&NO_BACKUP, ctx);
            return;
        };
        if restoring.backup.is_some() {
            ctx.note(&OBSOLETE);
            return;
        }
        if backup.latest > restoring.target.0 {
            self.end(&TOO_EARLY, ctx);
            return;
        }
        restoring.backup = Some(backup.clone());
        ctx.tell(&LABEL, || format!("has the backup and replays from {}", backup.start));
        self.wal = Log::based_on(backup.base);
        // None of it is on disk before recovery has ended.
        (self.pages, self.replayed) = (backup.pages.clone(), backup.start);
        self.next_segment(ctx);
    }

    fn next_segment(&mut self, ctx: &mut Ctx<LogShipping>) {
        self.disk.requests += 1;
        self.fetch(self.wal.len(), ctx);
        ctx.set(Timer::Ask, AGAIN);
    }

    /// Takes a segment from the archive, to follow or to be restored.
    pub(super) fn take_segment(
        &mut self,
        number: u64,
        history: History,
        files: &[(u32, Rc<Segment>)],
        ctx: &mut Ctx<LogShipping>,
    ) {
        let first = number * self.segment + 1;
        if self.follows_by_file() {
            self.follow_segment(first, &history, files, ctx);
            return;
        }
        let Role::Restoring(Restoring { target, backup: Some(backup), history: follows }) = &mut self.role
        else {
            ctx.note(&OBSOLETE);
            return;
        };
        let (target, backup) = (*target, backup.clone());
        let history = follows.get_or_insert(history).clone();
        let checks = !ctx.params().bugs.restores_by_number;
        let is_child = owner(&history, backup.stop) == backup.timeline;
        if checks && !history.is_empty() && !is_child {
            self.end(&NO_CHILD, ctx);
            return;
        }
        let entries = pick(files, &history, first, self.wal.len() + 1, checks);
        if entries.is_empty() {
            self.end(&ENDED, ctx);
            return;
        }
        ctx.note(&REPLAYS);
        // Without its label, the backup would begin where it ended.
        let (label, asks) = (ctx.params().bugs.no_backup_label, !ctx.params().bugs.no_page_lsn);
        let begins = if label { backup.stop } else { backup.start };
        for entry in entries {
            let commits = entry.change != Change::Fill;
            if commits && entry.time > target.0 {
                self.reach(target, &history, ctx);
                return;
            }
            self.wal.push(entry);
            self.replayed = self.wal.len();
            if self.replayed > begins {
                redo(Rc::make_mut(&mut self.pages), self.replayed, &entry, asks);
            }
        }
        self.next_segment(ctx);
    }

    fn reach(&mut self, target: Target, history: &History, ctx: &mut Ctx<LogShipping>) {
        let lsn = self.wal.len();
        self.settle(ctx);
        self.role = Role::Restored;
        let timeline = history.last().map_or(0, |(timeline, _)| *timeline);
        ctx.tell(&REACHED, || format!("is restored to {target}: record {lsn}"));
        ctx.output(Output::Restored(target, timeline, lsn));
    }

    /// Recovery ends before its target.
    fn end(&mut self, rule: &'static Rule, ctx: &mut Ctx<LogShipping>) {
        let Role::Restoring(Restoring { target, .. }) = self.role else { return };
        self.settle(ctx);
        self.role = Role::Ended;
        let lsn = self.wal.len();
        ctx.tell(rule, || format!("cannot be restored to {target}: it ends at record {lsn}"));
        ctx.output(Output::Ended(target, lsn));
    }

    /// What it has reached is on its disk.
    fn settle(&mut self, ctx: &mut Ctx<LogShipping>) {
        self.disk.wal = self.wal.clone();
        self.install(self.pages.clone(), self.wal.len());
        ctx.cancel(Timer::Ask);
    }
}
