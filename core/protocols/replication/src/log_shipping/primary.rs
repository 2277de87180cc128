//! The primary writes the log, ships it, acknowledges commits, archives segments, and makes base backups.

use super::server::{Confirmed, OBSOLETE, Role, Server};
use super::wal::{Backup, Change, Entry, Page, Pages, Segment, history, redo, timeline_at};
use super::{AGAIN, COPY, FLUSH, LAZY, Level, LogShipping, Message, Output, Params, Seat, Shipping, Timer};
use crate::Key;
use faultline_core::card::Poll;
use faultline_core::prelude::*;
use std::rc::Rc;

const SERVE: Rule = Rule::new("PG 26.2", "A primary takes commits, and ships its log to all other servers.");
const COMMIT: Rule = Rule::new(
    "PG 28.3, ARIES 1.1",
    "A change is in the log before it is on a page. The commit waits for what its level asks for.",
);
const FLUSHED: Rule =
    Rule::new("PG 26.2.5", "What is on its disk, and not before, the primary streams to the standbys.");
const ACKNOWLEDGE: Rule = Rule::new(
    "PG 26.2.8, 19.5",
    "A commit is acknowledged once it is where its level wants it: in memory, on the primary's disk, or also at the \
     synchronous standbys.",
);
const HEAR: Rule = Rule::new("PG 26.2.8", "The primary keeps how far each standby has confirmed its log.");
const KEEPALIVE: Rule = Rule::new(
    "PG 26.2.5",
    "A primary sends again what was not confirmed, and lets all servers know that it serves.",
);
const SWITCH: Rule = Rule::new(
    "PG 25.3.1",
    "A segment that has waited for archive-timeout is filled up and archived as a whole.",
);
const OFFER: Rule =
    Rule::new("PG 25.3.1", "The primary archives whole segments, in order, until each is confirmed.");
const ARCHIVED: Rule = Rule::new("PG 25.3.1", "A segment that the archive has confirmed is done.");
const BACKUP: Rule = Rule::new(
    "PG 25.3.4",
    "A base backup begins with a label: the LSN from which on the log must be replayed.",
);
const EMPTY: Rule = Rule::new("PG 25.3.4", "There is nothing to back up yet.");
const COPIES: Rule =
    Rule::new("PG 25.3.4", "Pages are copied one after the other while the primary goes on writing.");
const STOP_BACKUP: Rule =
    Rule::new("PG 25.3.4", "A base backup is consistent only with the log from its start to its stop.");
const COPY_TO: Rule =
    Rule::new("pg_rewind", "A primary lets a server that went another way have its pages and its log.");
const NO_PRIMARY: Rule = Rule::new("pg_rewind", "Only a primary can be copied.");

impl Level {
    /// Which position of a standby counts, where any does.
    fn of(self, confirmed: Confirmed) -> Option<u64> {
        match self {
            Level::Off | Level::Local => None,
            Level::RemoteWrite => Some(confirmed.write),
            Level::On => Some(confirmed.flush),
            Level::RemoteApply => Some(confirmed.replay),
        }
    }
}

impl Params {
    /// The servers that a primary waits for, of so many.
    pub(super) fn named(&self, primary: NodeId, servers: u32) -> impl Iterator<Item = NodeId> + use<> {
        let waits = self.level > Level::Local && self.shipping == Shipping::Stream;
        let count = if waits { self.synchronous.min(u64::from(servers) - 1) as u32 } else { 0 };
        (1..=count).map(move |next| NodeId((primary.0 + next) % servers))
    }
}

impl Server {
    /// Becomes a primary, of the timeline that its control file names.
    pub(super) fn serve(&mut self, ctx: &mut Ctx<LogShipping>) {
        self.role = Role::Primary;
        (self.heard, self.sent) = Default::default();
        self.waiting.clear();
        let (timeline, after) = (self.disk.timeline, self.wal.len());
        ctx.tell(&SERVE, || format!("serves timeline {timeline} after record {after}"));
        ctx.output(Output::Serves(timeline, after));
        ctx.cancel(Timer::Ask);
        ctx.cancel(Timer::Replay);
        let pause = ctx.params().archive_timeout;
        if pause > 0 {
            ctx.set(Timer::SwitchSegment, pause);
        }
        if after > 0 {
            self.send_all(ctx);
        }
        ctx.set(Timer::Keepalive, AGAIN);
        self.offer_next(ctx);
    }

    pub(super) fn commit(&mut self, key: Key, amount: u32, ctx: &mut Ctx<LogShipping>) {
        self.append(Change::Add(key, amount), ctx);
        let lsn = self.wal.len();
        ctx.tell(&COMMIT, || format!("writes record {lsn}: {key}+{amount}"));
        ctx.output(Output::Wrote(lsn));
        self.waiting.push(lsn);
        self.acknowledge(ctx);
    }

    fn append(&mut self, change: Change, ctx: &mut Ctx<LogShipping>) {
        let entry = Entry { timeline: self.disk.timeline, time: ctx.clock(), change };
        self.wal.push(entry);
        self.replayed = self.wal.len();
        redo(Rc::make_mut(&mut self.pages), self.replayed, &entry, true);
        self.flush_soon(ctx);
    }

    /// Begins to bring the log to the disk. Where nobody waits for that, the log writer takes its time.
    pub(super) fn flush_soon(&mut self, ctx: &mut Ctx<LogShipping>) {
        if !self.flushing {
            let lazy = self.role == Role::Primary && self.level == Level::Off;
            self.flushing = true;
            ctx.set(Timer::Flush, if lazy { LAZY } else { FLUSH });
        }
    }

    /// The disk is done.
    pub(super) fn flushed(&mut self, ctx: &mut Ctx<LogShipping>) {
        ctx.note(&FLUSHED);
        self.flush(ctx);
    }

    /// All of the log is on disk; what follows from that for a primary or a standby.
    pub(super) fn flush(&mut self, ctx: &mut Ctx<LogShipping>) {
        self.flushing = false;
        ctx.cancel(Timer::Flush);
        if self.disk.wal.is_same(&self.wal) {
            return;
        }
        self.disk.wal = self.wal.clone();
        ctx.output(Output::Flushed(self.wal.len()));
        match self.role {
            Role::Primary => {
                self.stream(ctx);
                self.acknowledge(ctx);
                self.offer_next(ctx);
            }
            Role::Standby | Role::Promoting { .. } => self.confirm_flush(ctx),
            _ => {}
        }
    }

    fn stream(&mut self, ctx: &mut Ctx<LogShipping>) {
        if self.shipping == Shipping::File {
            return;
        }
        for standby in self.others() {
            let from = self.sent.get(&standby).copied().unwrap_or(0);
            if from < self.disk.wal.len() {
                self.send_wal(standby, from, ctx);
            }
        }
    }

    fn send_wal(&mut self, standby: NodeId, after: u64, ctx: &mut Ctx<LogShipping>) {
        let log = &self.disk.wal;
        let (timeline, began) = (self.disk.timeline, self.disk.began);
        let entries = log.after(after).into_iter().copied().collect();
        let before = timeline_at(log, after);
        self.sent.insert(standby, log.len());
        ctx.send(standby, Message::Wal { timeline, began, after, before, entries });
    }

    /// Sends again what is not confirmed, or nothing, so that it is heard of. What a standby has only written it may have
    /// lost since, in a crash, so that is sent again, too.
    pub(super) fn keep_alive(&mut self, ctx: &mut Ctx<LogShipping>) {
        ctx.note(&KEEPALIVE);
        ctx.set(Timer::Keepalive, AGAIN);
        self.send_all(ctx);
    }

    fn send_all(&mut self, ctx: &mut Ctx<LogShipping>) {
        if self.shipping == Shipping::Stream {
            for standby in self.others() {
                let known = self.heard.get(&standby).copied();
                if known.is_none_or(|it| it.replay < self.disk.wal.len()) {
                    self.send_wal(standby, known.map_or(0, |it| it.flush), ctx);
                }
            }
        }
    }

    pub(super) fn hear(&mut self, from: NodeId, timeline: u32, said: Confirmed, ctx: &mut Ctx<LogShipping>) {
        if self.role != Role::Primary || timeline != self.disk.timeline {
            ctx.note(&OBSOLETE);
            return;
        }
        ctx.note(&HEAR);
        let known = self.heard.or_default(from);
        *known = Confirmed {
            write: known.write.max(said.write),
            flush: known.flush.max(said.flush),
            replay: known.replay.max(said.replay),
        };
        self.acknowledge(ctx);
    }

    /// Whether a commit is where its level wants it.
    fn is_settled(&self, lsn: u64) -> bool {
        let local = self.level == Level::Off || self.disk.wal.len() >= lsn;
        local && self.confirmations(lsn).is_none_or(|poll| poll.got() == self.named.len())
    }

    /// Tells clients what has committed, in the order of the log.
    fn acknowledge(&mut self, ctx: &mut Ctx<LogShipping>) {
        let waiting = std::mem::take(&mut self.waiting);
        let count = waiting.iter().take_while(|lsn| self.is_settled(**lsn)).count();
        if let Some(last) = count.checked_sub(1).map(|place| waiting[place]) {
            ctx.agreed(|| self.confirmations(last));
            let first = waiting[0];
            let which = if first == last { first.to_string() } else { format!("{first} to {last}") };
            ctx.tell(&ACKNOWLEDGE, || format!("acknowledges {which}"));
        }
        for lsn in &waiting[..count] {
            ctx.output(Output::Acknowledged(*lsn));
        }
        self.waiting = waiting[count..].to_vec();
    }

    /// Which of the synchronous standbys have confirmed a commit.
    pub(super) fn confirmations(&self, lsn: u64) -> Option<Poll> {
        let asked = self.named.clone();
        let has = |standby: NodeId| {
            let confirmed = self.heard.get(&standby).copied().unwrap_or_default();
            self.level.of(confirmed).is_some_and(|position| position >= lsn)
        };
        let enough = Some(asked.len());
        (!asked.is_empty()).then(|| Poll::new(format!("confirmations of {lsn}"), asked, enough, &has))
    }

    // The archive.

    pub(super) fn switch_segment(&mut self, ctx: &mut Ctx<LogShipping>) {
        let (pause, size) = (ctx.params().archive_timeout, self.segment);
        ctx.set(Timer::SwitchSegment, pause);
        ctx.note(&SWITCH);
        let missing = (size - self.wal.len() % size) % size;
        if missing > 0 && self.wal.len() > self.disk.archived * size {
            ctx.tell(&SWITCH, || format!("fills up its segment with {missing}"));
            (0..missing).for_each(|_| self.append(Change::Fill, ctx));
        }
    }

    pub(super) fn offer(&mut self, ctx: &mut Ctx<LogShipping>) {
        ctx.note(&OFFER);
        self.offer_next(ctx);
    }

    /// Offers the oldest whole segment that is not archived.
    fn offer_next(&mut self, ctx: &mut Ctx<LogShipping>) {
        let (number, size) = (self.disk.archived, self.segment);
        let (first, last) = (number * size, (number + 1) * size);
        if self.disk.wal.len() >= last {
            let (timeline, began) = (self.disk.timeline, self.disk.began);
            let entries = self.disk.wal.between(first, last).into_iter().copied().collect();
            let segment = Rc::new(Segment { history: history(&self.disk.wal, timeline, began), entries });
            ctx.send(self.archive(), Message::Archive { timeline, number, segment });
            ctx.set(Timer::Archive, AGAIN);
        }
        if let Some(backup) = self.backup.clone().filter(|backup| backup.stop > 0) {
            ctx.send(self.archive(), Message::Backup(backup));
            ctx.set(Timer::Archive, AGAIN);
        }
    }

    pub(super) fn archived(&mut self, timeline: u32, number: u64, ctx: &mut Ctx<LogShipping>) {
        if self.role != Role::Primary || (timeline, number) != (self.disk.timeline, self.disk.archived) {
            ctx.note(&OBSOLETE);
            return;
        }
        ctx.note(&ARCHIVED);
        self.disk.archived += 1;
        ctx.output(Output::Archived(timeline, number));
        self.offer_next(ctx);
    }

    // Base backups.

    pub(super) fn begin_backup(&mut self, ctx: &mut Ctx<LogShipping>) {
        self.flush(ctx);
        let start = self.wal.len();
        if start == 0 {
            ctx.note(&EMPTY);
            return;
        }
        ctx.tell(&BACKUP, || format!("begins a base backup at record {start}"));
        let mut log = self.wal.clone();
        log.compact(start);
        let (timeline, base) = (timeline_at(&self.wal, start), log.base());
        self.backup =
            Some(Rc::new(Backup { timeline, start, stop: 0, latest: 0, base, pages: Rc::default() }));
        self.copied = 0;
        ctx.set(Timer::CopyPage, COPY);
    }

    /// Copies the next page as it is now; after the last, the backup ends.
    pub(super) fn copy_page(&mut self, ctx: &mut Ctx<LogShipping>) {
        ctx.note(&COPIES);
        let Some(mut backup) = self.backup.clone().filter(|backup| backup.stop == 0) else { return };
        let next = self.pages.iter().nth(self.copied).map(|(key, page)| (*key, *page));
        let known = Rc::make_mut(&mut backup);
        if let Some((key, page)) = next {
            insert(&mut known.pages, key, page);
            self.copied += 1;
            ctx.set(Timer::CopyPage, COPY);
            self.backup = Some(backup);
            return;
        }
        // What the copied pages have must be in the log that is archived.
        self.flush(ctx);
        known.stop = self.wal.len();
        known.timeline = timeline_at(&self.wal, known.stop);
        let commits = self.wal.after(0).into_iter().filter(|entry| entry.change != Change::Fill);
        known.latest = commits.map(|entry| entry.time).max().unwrap_or(0);
        let (start, stop) = (known.start, known.stop);
        ctx.tell(&STOP_BACKUP, || format!("ends its backup: pages of records {start} to {stop}"));
        self.backup = Some(backup);
        self.offer_next(ctx);
    }

    pub(super) fn kept(&mut self, start: u64, ctx: &mut Ctx<LogShipping>) {
        ctx.note(&ARCHIVED);
        if let Some(backup) = self.backup.take_if(|backup| backup.start == start && backup.stop > 0) {
            ctx.output(Output::BackedUp(backup.start, backup.stop));
        }
    }

    /// Lets another server have all that is on disk.
    pub(super) fn copy_to(&mut self, to: NodeId, request: u64, ctx: &mut Ctx<LogShipping>) {
        if self.role != Role::Primary {
            ctx.note(&NO_PRIMARY);
            return;
        }
        ctx.tell(&COPY_TO, || format!("lets {to} have its pages and its log"));
        let (timeline, wal, pages, redo) =
            (self.disk.timeline, self.disk.wal.clone(), self.disk.files.clone(), self.disk.redo);
        ctx.send(to, Message::Copy { request, timeline, wal, pages, redo });
    }

    /// Stops to serve.
    pub(super) fn stop(&mut self, seat: Seat, ctx: &mut Ctx<LogShipping>) {
        self.flush(ctx);
        self.role = if seat == Seat::Fenced { Role::Fenced } else { Role::Standby };
        self.waiting.clear();
        self.backup = None;
        for timer in [Timer::Keepalive, Timer::SwitchSegment, Timer::Archive, Timer::CopyPage] {
            ctx.cancel(timer);
        }
    }
}

fn insert(pages: &mut Rc<Pages>, key: Key, page: Page) {
    Rc::make_mut(pages).insert(key, page);
}
