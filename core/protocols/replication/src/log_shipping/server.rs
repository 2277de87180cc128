//! A server: what it holds, how it boots, and to whom it turns for what it is asked and told.

use super::wal::{Backup, Change, Entry, History, Page, Pages, redo};
use super::{AGAIN, Input, Level, LogShipping, Message, Output, Seat, Shipping, Stable, Target, Timer};
use crate::Key;
use faultline_core::prelude::*;
use faultline_core::toolbox::log::Log;
use std::rc::Rc;

const INITIAL: Rule =
    Rule::new("PG 25.3", "At first one server is the primary, all others are its standbys.");
const REDO: Rule = Rule::new(
    "ARIES 6, PG 28.3",
    "A server that boots replays its log from the checkpoint on: a record is applied where the page is older.",
);
const ROLES: Rule = Rule::new("PG 26", "What is asked fits another role than the one that the server has.");
const WARM: Rule = Rule::new("PG 26.4", "A warm standby answers no reads.");
const READ: Rule = Rule::new(
    "PG 26.4.1",
    "A hot standby reads its own pages, which may be older than those of the primary.",
);
const VISIBLE: Rule = Rule::new(
    "PG xact.c",
    "A primary reads its own pages without the commits that still wait for what their level asks for.",
);
pub(super) const OBSOLETE: Rule = Rule::new(
    "problem",
    "A message that answers no open question, or is of an older timeline, changes nothing.",
);
const IDLE: Rule = Rule::new("problem", "A timer of a role that the server has left changes nothing.");
const CHECKPOINT: Rule =
    Rule::new("ARIES 5.4, PG 28.5", "A checkpoint flushes the log first and then writes all changed pages.");
const CHECKPOINT_END: Rule =
    Rule::new("PG 28.5", "Once the pages are in the data files, redo may begin where the checkpoint began.");

/// What a server does.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub(super) enum Role {
    Primary,
    /// It was a primary, and asks whether it still is.
    Starting,
    Standby,
    /// It is to be promoted: it waits for the fence, or, once it claims the timeline after one, for that.
    Promoting {
        claims: Option<u32>,
        from: Seat,
    },
    Fenced,
    Diverged,
    Rewinding,
    Restoring(Restoring),
    Restored,
    Ended,
}

/// How far a restored server has come.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Restoring {
    pub(super) target: Target,
    /// The backup, once it is there.
    pub(super) backup: Option<Rc<Backup>>,
    /// The history that it follows, once it has heard of one.
    pub(super) history: Option<History>,
}

/// How far a standby has confirmed the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub(super) struct Confirmed {
    pub write: u64,
    pub flush: u64,
    pub replay: u64,
}

/// A server.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Server {
    pub(super) me: NodeId,
    /// How many servers there are. The archive comes after the last.
    pub(super) servers: u32,
    /// Of the settings: whom it waits for as a primary and for what, how it ships, and how long a segment is.
    pub(super) named: Vec<NodeId>,
    pub(super) level: Level,
    pub(super) shipping: Shipping,
    pub(super) segment: u64,
    pub(super) role: Role,
    /// What is on disk: the log up to the last flush, the data files, and the control file.
    pub(super) disk: Stable,
    pub(super) wal: Log<Entry>,
    pub(super) pages: Rc<Pages>,
    /// The LSN up to which its pages have the log.
    pub(super) replayed: u64,
    /// Whether its log is on the way to its disk.
    pub(super) flushing: bool,
    /// The LSN that the running checkpoint began with.
    pub(super) checkpoint: Option<u64>,
    // Of a standby.
    /// Up to where its log is known to be like the primary's.
    pub(super) matched: u64,
    // Of a primary.
    pub(super) heard: Map<NodeId, Confirmed>,
    pub(super) sent: Map<NodeId, u64>,
    /// The commits that nobody was told of yet.
    pub(super) waiting: Vec<u64>,
    /// The backup that it makes, or has made and not got rid of.
    pub(super) backup: Option<Rc<Backup>>,
    pub(super) copied: usize,
}

impl Server {
    pub(super) fn start(stable: Stable, ctx: &mut Ctx<LogShipping>) -> Self {
        let first = stable.requests == 0;
        let mut disk = stable;
        if first {
            let seat = if ctx.me().0 == 0 { Seat::Primary } else { Seat::Standby };
            (disk.seat, disk.timeline) = (seat, 1);
        }
        disk.requests += 1;
        let role = match disk.seat {
            Seat::Primary => Role::Starting,
            Seat::Standby => Role::Standby,
            Seat::Fenced => Role::Fenced,
            Seat::Diverged => Role::Diverged,
            Seat::Restored => Role::Restored,
            Seat::Ended => Role::Ended,
        };
        let mut server = Server {
            me: ctx.me(),
            servers: ctx.count() as u32 - 1,
            named: ctx.params().named(ctx.me(), ctx.count() as u32 - 1).collect(),
            level: ctx.params().level,
            shipping: ctx.params().shipping,
            segment: ctx.params().segment,
            role,
            wal: disk.wal.clone(),
            pages: disk.files.clone(),
            replayed: disk.redo,
            flushing: false,
            checkpoint: None,
            matched: 0,
            heard: Map::default(),
            sent: Map::default(),
            waiting: Vec::new(),
            backup: None,
            copied: 0,
            disk,
        };
        set_checkpoint(ctx);
        if first {
            ctx.note(&INITIAL);
        } else {
            ctx.tell(&REDO, || format!("replays its log from {}", server.replayed));
            server.replay(server.wal.len(), ctx);
            ctx.output(Output::Replayed(server.replayed));
        }
        match server.role {
            Role::Starting if first || !ctx.params().fencing => server.serve(ctx),
            Role::Starting => server.ask_newest(ctx),
            _ if !first || server.follows_by_file() => ctx.set(Timer::Ask, AGAIN),
            _ => {}
        }
        server
    }

    pub(super) fn stable(&self) -> Stable {
        let seat = match &self.role {
            Role::Primary | Role::Starting => Seat::Primary,
            Role::Standby => Seat::Standby,
            Role::Promoting { from, .. } => *from,
            Role::Fenced => Seat::Fenced,
            Role::Diverged | Role::Rewinding => Seat::Diverged,
            Role::Restoring(_) | Role::Ended => Seat::Ended,
            Role::Restored => Seat::Restored,
        };
        Stable { seat, ..self.disk.clone() }
    }

    pub(super) fn on_input(&mut self, input: Input, ctx: &mut Ctx<LogShipping>) {
        match (input, &self.role) {
            (Input::Add(key, amount), Role::Primary) => self.commit(key, amount, ctx),
            (Input::Read(key), Role::Primary | Role::Standby) => self.read(key, ctx),
            (Input::Backup, Role::Primary) => self.begin_backup(ctx),
            (Input::Promote, Role::Standby | Role::Fenced) => self.promote(ctx),
            (Input::Confirm, Role::Promoting { claims: None, .. }) => self.confirm(ctx),
            (
                Input::Rewind,
                Role::Fenced | Role::Diverged | Role::Restored | Role::Ended | Role::Restoring(_),
            ) => self.rewind(ctx),
            (
                Input::Restore(target),
                Role::Standby | Role::Fenced | Role::Diverged | Role::Restored | Role::Ended,
            ) => self.restore(target, ctx),
            _ => ctx.note(&ROLES),
        }
    }

    pub(super) fn on_message(&mut self, from: NodeId, message: Message, ctx: &mut Ctx<LogShipping>) {
        match message {
            // Replication.
            Message::Wal { timeline, began, after, before, entries } => {
                self.receive(from, (timeline, began), (after, before), entries, ctx);
            }
            Message::Status { timeline, write, flush, replay } => {
                self.hear(from, timeline, Confirmed { write, flush, replay }, ctx);
            }
            // The archive.
            Message::Archived { timeline, number } => self.archived(timeline, number, ctx),
            Message::Kept(start) => self.kept(start, ctx),
            Message::Files { request, number, history, files } if request == self.disk.requests => {
                self.take_segment(number, history, &files, ctx);
            }
            Message::Base { request, backup } if request == self.disk.requests => self.take_base(backup, ctx),
            // Failover.
            Message::Fence { timeline } => self.fence(from, timeline, ctx),
            Message::Fenced { timeline } => self.fenced(from, timeline, ctx),
            Message::Granted { request, timeline } if request == self.disk.requests => {
                self.granted(timeline, ctx);
            }
            Message::Newest { request, timeline, owner } if request == self.disk.requests => {
                self.hear_newest(timeline, owner, ctx);
            }
            Message::Rewind { request } => self.copy_to(from, request, ctx),
            Message::Copy { request, timeline, wal, pages, redo } if request == self.disk.requests => {
                self.take_copy(timeline, wal, pages, redo, ctx);
            }
            _ => ctx.note(&OBSOLETE),
        }
    }

    pub(super) fn on_timer(&mut self, timer: &Timer, ctx: &mut Ctx<LogShipping>) {
        match (timer, &self.role) {
            (Timer::Flush, _) => self.flushed(ctx),
            (Timer::Replay, Role::Standby | Role::Promoting { .. }) => self.replay_flushed(ctx),
            (Timer::Keepalive, Role::Primary) => self.keep_alive(ctx),
            (Timer::SwitchSegment, Role::Primary) => self.switch_segment(ctx),
            (Timer::Archive, Role::Primary) => self.offer(ctx),
            (Timer::CopyPage, Role::Primary) => self.copy_page(ctx),
            (Timer::Checkpoint, _) => self.begin_checkpoint(ctx),
            (Timer::CheckpointEnd, _) => self.end_checkpoint(ctx),
            (Timer::Ask, _) => self.ask_again(ctx),
            _ => ctx.note(&IDLE),
        }
    }

    pub(super) fn inputs(&self) -> Vec<Input> {
        let key = Key(0);
        let last = self.wal.last().map_or(0, |entry| entry.time);
        match &self.role {
            Role::Primary => {
                vec![Input::Add(key, 5), Input::Add(Key(1), 3), Input::Add(Key(2), 2), Input::Backup]
            }
            Role::Standby => vec![Input::Read(key), Input::Promote, Input::Restore(Target(last))],
            Role::Promoting { claims: None, .. } => vec![Input::Confirm],
            Role::Fenced => vec![Input::Promote, Input::Rewind],
            Role::Diverged | Role::Restored | Role::Ended => vec![Input::Rewind],
            Role::Starting | Role::Promoting { .. } | Role::Rewinding | Role::Restoring(_) => vec![],
        }
    }

    fn read(&mut self, key: Key, ctx: &mut Ctx<LogShipping>) {
        if self.role == Role::Standby && !ctx.params().hot {
            ctx.note(&WARM);
            return;
        }
        let Page { value, .. } = self.pages.get(&key).copied().unwrap_or_default();
        // Only a primary has commits that wait.
        let waiting = self.waiting.iter().filter_map(|lsn| match self.wal.get(*lsn)?.change {
            Change::Add(of, amount) if of == key => Some(u64::from(amount)),
            _ => None,
        });
        let value = value.saturating_sub(waiting.sum());
        let at = self.waiting.first().map_or(self.replayed, |lsn| lsn - 1);
        let rule = if self.role == Role::Primary { &VISIBLE } else { &READ };
        ctx.tell(rule, || format!("reads {key} = {value}"));
        ctx.output(Output::Read(key, value, at));
    }

    /// Applies the records up to an LSN that its pages do not have.
    pub(super) fn replay(&mut self, lsn: u64, ctx: &Ctx<LogShipping>) {
        let asks = !ctx.params().bugs.no_page_lsn;
        for (place, entry) in self.wal.between(self.replayed, lsn).into_iter().enumerate() {
            redo(Rc::make_mut(&mut self.pages), self.replayed + place as u64 + 1, entry, asks);
        }
        self.replayed = self.replayed.max(lsn.min(self.wal.len()));
    }

    pub(super) fn archive(&self) -> NodeId {
        NodeId(self.servers)
    }

    /// All servers but this one.
    pub(super) fn others(&self) -> impl Iterator<Item = NodeId> + use<> {
        let me = self.me;
        (0..self.servers).map(NodeId).filter(move |node| *node != me)
    }

    fn begin_checkpoint(&mut self, ctx: &mut Ctx<LogShipping>) {
        set_checkpoint(ctx);
        ctx.note(&CHECKPOINT);
        // A restored server has all that it will have on disk.
        if matches!(self.role, Role::Restoring(_) | Role::Rewinding) || self.replayed == self.disk.redo {
            return;
        }
        self.flush(ctx);
        self.disk.files = self.pages.clone();
        self.checkpoint = Some(self.replayed);
        ctx.set(Timer::CheckpointEnd, SPREAD);
    }

    fn end_checkpoint(&mut self, ctx: &mut Ctx<LogShipping>) {
        ctx.note(&CHECKPOINT_END);
        if let Some(lsn) = self.checkpoint.take() {
            self.disk.redo = lsn;
        }
    }

    /// Gives up all pages and the log, for others.
    pub(super) fn clear(&mut self, ctx: &mut Ctx<LogShipping>) {
        self.wal = Log::default();
        self.disk.wal = Log::default();
        self.install(Rc::default(), 0);
        self.matched = 0;
        for timer in [Timer::Flush, Timer::Replay, Timer::CheckpointEnd] {
            ctx.cancel(timer);
        }
        self.flushing = false;
    }

    /// Takes these pages for its own, with the records up to an LSN.
    pub(super) fn install(&mut self, pages: Rc<Pages>, lsn: u64) {
        (self.disk.files, self.pages) = (pages.clone(), pages);
        (self.disk.redo, self.replayed, self.checkpoint) = (lsn, lsn, None);
    }
}

/// How long it takes from the pages to the control file.
const SPREAD: Micros = 10_000;

fn set_checkpoint(ctx: &mut Ctx<LogShipping>) {
    let period = ctx.params().checkpoint;
    ctx.set(Timer::Checkpoint, period);
}
