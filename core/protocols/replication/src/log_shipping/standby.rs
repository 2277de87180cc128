//! A standby writes, flushes and replays what it receives, by stream or by file.

use super::server::{OBSOLETE, Role, Server};
use super::wal::{Entry, History, Segment, owner, pick, timeline_at};
use super::words::several;
use super::{AGAIN, Level, LogShipping, Message, Newest, Output, Shipping, Timer};
use faultline_core::prelude::*;
use std::rc::Rc;

const WRITE: Rule = Rule::new("PG 26.2.5", "A standby appends what follows its log, and flushes it.");
const GAP: Rule =
    Rule::new("PG 26.2.5", "What does not follow its log a standby cannot use; it says how far it has come.");
const CONFIRM: Rule = Rule::new("PG 26.2.8", "A standby confirms what it has written, flushed and replayed.");
const REPLAY: Rule = Rule::new("PG 26.2.2", "A standby replays what it has flushed.");
const FOLLOW: Rule =
    Rule::new("PG 25.3.6", "A standby follows the newest timeline if its log is a prefix of that one's.");
const DIVERGED: Rule = Rule::new(
    "PG 25.3.6",
    "A server with records of an older timeline from after the fork cannot follow. It must be rewound.",
);
const BLIND: Rule =
    Rule::new("against PG 25.3.6", "This wrong twin keeps its own records and appends the others.");
const ALONE: Rule = Rule::new("PG 26.2", "A server that does not follow takes no records.");
const POLL: Rule =
    Rule::new("PG 26.2.2", "A standby that follows by file asks the archive for the next segment.");
const NOTHING: Rule = Rule::new("PG 26.2.2", "Where the archive has nothing new, the standby asks again.");

impl Server {
    pub(super) fn follows_by_file(&self) -> bool {
        self.shipping == Shipping::File && self.role == Role::Standby
    }

    /// Takes records of a timeline, which began after a record, that follow a record of their sender.
    pub(super) fn receive(
        &mut self,
        from: NodeId,
        (timeline, began): (u32, u64),
        (after, before): (u64, u32),
        entries: Vec<Entry>,
        ctx: &mut Ctx<LogShipping>,
    ) {
        if timeline < self.disk.timeline {
            ctx.note(&OBSOLETE);
            return;
        }
        if timeline > self.disk.newest.0 {
            self.disk.newest = Newest(timeline, from);
        }
        match self.role {
            Role::Standby | Role::Fenced => {}
            Role::Promoting { claims: None, .. } if timeline == self.disk.timeline => {}
            _ => {
                ctx.note(&ALONE);
                return;
            }
        }
        if timeline == self.disk.timeline && self.role == Role::Fenced {
            ctx.note(&OBSOLETE);
            return;
        }
        if after > self.wal.len() {
            self.follow(timeline, began, ctx);
            ctx.note(&GAP);
            self.report(self.disk.wal.len(), ctx);
            return;
        }
        let other = self.first_difference(timeline, began, (after, before), &entries);
        match other {
            Some(lsn) if !ctx.params().bugs.follows_blindly => {
                self.diverge(lsn, ctx);
                return;
            }
            Some(_) => ctx.note(&BLIND),
            None => ctx.note(&WRITE),
        }
        self.follow(timeline, began, ctx);
        let last = after + entries.len() as u64;
        for (lsn, entry) in (after + 1..).zip(entries) {
            if lsn > self.wal.len() {
                self.wal.push(entry);
            }
        }
        self.matched = self.matched.max(last);
        let bugs = ctx.params().bugs.confirms_unflushed;
        if self.wal.len() > self.disk.wal.len() {
            self.flush_soon(ctx);
            // A confirmation before the flush helps only where the primary waits for no more.
            if self.level != Level::RemoteWrite && !bugs {
                return;
            }
        }
        self.report(if bugs { self.wal.len() } else { self.disk.wal.len() }, ctx);
    }

    fn follow(&mut self, timeline: u32, began: u64, ctx: &mut Ctx<LogShipping>) {
        if timeline > self.disk.timeline {
            ctx.tell(&FOLLOW, || format!("follows timeline {timeline}"));
            (self.disk.timeline, self.disk.began, self.matched) = (timeline, began, 0);
            self.role = Role::Standby;
        }
    }

    /// The first record of its own that is not in the log of the sender.
    fn first_difference(
        &self,
        timeline: u32,
        began: u64,
        (after, before): (u64, u32),
        entries: &[Entry],
    ) -> Option<u64> {
        if timeline_at(&self.wal, after) != before {
            return Some(after);
        }
        let differs = |(lsn, entry): &(u64, &Entry)| {
            *lsn <= self.wal.len() && timeline_at(&self.wal, *lsn) != entry.timeline
        };
        let among = (after + 1..).zip(entries).find(differs).map(|(lsn, _)| lsn);
        let beyond = self.wal.len() > began && timeline_at(&self.wal, began + 1) < timeline;
        among.or(beyond.then_some(began + 1))
    }

    fn diverge(&mut self, lsn: u64, ctx: &mut Ctx<LogShipping>) {
        self.flush(ctx);
        self.role = Role::Diverged;
        ctx.tell(&DIVERGED, || format!("cannot follow: its record {lsn} is not in that history"));
        ctx.output(Output::Diverged(lsn));
    }

    /// Tells the primary how far its log is known to be like the primary's.
    fn report(&self, flushed: u64, ctx: &mut Ctx<LogShipping>) {
        let matched = self.matched;
        let (write, flush) = (matched.min(self.wal.len()), matched.min(flushed));
        let (timeline, replay) = (self.disk.timeline, matched.min(self.replayed));
        let Newest(_, primary) = self.disk.newest;
        if self.shipping == Shipping::Stream && primary != self.me {
            ctx.send(primary, Message::Status { timeline, write, flush, replay });
        }
    }

    pub(super) fn confirm_flush(&mut self, ctx: &mut Ctx<LogShipping>) {
        ctx.note(&CONFIRM);
        self.report(self.disk.wal.len(), ctx);
        let pause = ctx.params().apply_delay;
        ctx.set(Timer::Replay, pause);
    }

    pub(super) fn replay_flushed(&mut self, ctx: &mut Ctx<LogShipping>) {
        let lsn = self.disk.wal.len();
        self.replay(lsn, ctx);
        ctx.remark(&REPLAY, || format!("has replayed its log up to {lsn}"));
        ctx.output(Output::Replayed(lsn));
        self.report(lsn, ctx);
    }

    // By file.

    pub(super) fn poll(&mut self, ctx: &mut Ctx<LogShipping>) {
        ctx.note(&POLL);
        self.disk.requests += 1;
        self.fetch(self.wal.len(), ctx);
        ctx.set(Timer::Ask, AGAIN);
    }

    /// Asks for the segment with the record after this one.
    pub(super) fn fetch(&self, after: u64, ctx: &mut Ctx<LogShipping>) {
        let (request, number) = (self.disk.requests, after / self.segment);
        ctx.send(self.archive(), Message::Fetch { request, number });
    }

    pub(super) fn follow_segment(
        &mut self,
        first: u64,
        history: &History,
        files: &[(u32, Rc<Segment>)],
        ctx: &mut Ctx<LogShipping>,
    ) {
        let timeline = history.last().map_or(0, |(timeline, _)| *timeline);
        // The archive has nothing of its timeline yet, and what it has of older ones goes on another way.
        if timeline < self.disk.timeline {
            ctx.note(&NOTHING);
            return;
        }
        if owner(history, self.wal.len()) != timeline_at(&self.wal, self.wal.len()) {
            self.diverge(self.wal.len(), ctx);
            return;
        }
        let entries = pick(files, history, first, self.wal.len() + 1, true);
        if entries.is_empty() {
            ctx.note(&NOTHING);
            return;
        }
        if timeline > self.disk.timeline {
            (self.disk.timeline, self.disk.began) = history.last().copied().unwrap_or_default();
        }
        ctx.tell(&WRITE, || format!("takes {} from the archive", several(entries.len() as u64, "record")));
        for entry in entries {
            self.wal.push(entry);
        }
        self.flush_soon(ctx);
        // The next one may be there already.
        self.disk.requests += 1;
        self.fetch(self.wal.len(), ctx);
    }
}
