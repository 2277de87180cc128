//! # Log shipping (`PostgreSQL`; Mohan and others 1992)
//!
//! A primary writes every change to its log before it writes the page: the write-ahead log (WAL). Whoever has the same log can
//! repeat the changes and has the same pages. So the log is shipped: by file, in segments through an archive, or by stream,
//! record by record. A standby writes what it receives, flushes it to disk, and replays it. When the primary is gone, a standby
//! is promoted and goes on with the log.
//!
//! Why it is right: a log has one writer, and records are only added at its end, so what a standby holds is a prefix. A record
//! may be replayed twice, because each page carries the LSN of the last record that changed it (redo, ARIES). A promoted standby
//! opens a new *timeline*: its records can be told from those that the old primary wrote after the fork. With
//! `level on` a commit is acknowledged once the synchronous standbys have it on disk, so it survives a failover to one of them.
//!
//! Where it hurts: with less than `on`, a failover loses the last acknowledged commits, and with `file` all that was in no
//! archived segment. With `on`, a synchronous standby that is down stops all commits. And a standby that is promoted while the
//! old primary still runs makes two primaries. Something outside must *fence* the old one, which `PostgreSQL` leaves to others.
//! Here a standby that is promoted has the owner of the newest timeline fenced and waits for its answer. Where that
//! server is down, the operator vouches (`Confirm`) that it stays off until the standby serves, and a primary that
//! boots asks the archive for a newer timeline before it serves. Without `fencing` none of this is done.
//!
//! The archive also keeps a base backup. With that and the log, a server can be *restored* to a point in time: to the
//! last commit up to then. Pages are copied while the primary writes, so they fit together only once the log was replayed from
//! where the backup began to where it ended. At a fork the restored server follows the history of the newest timeline.
//!
//! | level | acknowledged once | lost with the primary's memory | lost at a failover |
//! |---|---|---|---|
//! | off | it is in the memory of the primary | what was not flushed | what was not received |
//! | local | it is on the primary's disk | nothing | what was not received |
//! | remote-write | and in the memory of the standbys | nothing | what a standby that crashed had not flushed |
//! | on | and on their disks | nothing | nothing |
//! | remote-apply | and in their pages | nothing | nothing, and a standby reads it |
//!
//! **Liberties:** timelines are numbered by the archive, which gives no number twice; `PostgreSQL` looks for
//! history files there and can collide. So here nobody is promoted while the archive is down, and with `fencing` no primary that
//! boots serves before the archive has answered; `PostgreSQL` needs it for neither. A rewound server receives all pages and the
//! log, not only the blocks that changed.
//! **What this file leaves out:** transactions of several records and their rollback (ARIES' undo); torn pages and full-page images;
//! removing old log, so slots; cascades; priorities and quorums (`FIRST`, `ANY`) of standbys; queries that replay must cancel;
//! promotion of a restored server; clients that move to a new primary: an application asks whom it likes.

use faultline_core::prelude::*;
use faultline_core::toolbox::log::Log;
use std::rc::Rc;
use wal::{Backup, Entry, History, Pages, Segment};

mod archive;
mod claims;
mod failover;
mod primary;
mod record;
mod recovery;
mod server;
mod standby;
mod title;
mod vocabulary;
mod wal;
mod words;
use archive::Archive;
use server::Server;
pub use vocabulary::{Input, Output, Target};

/// What is set before a run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Settings)]
pub struct Params {
    /// When a commit is acknowledged: `synchronous_commit`.
    #[setting(default = Level::On)]
    pub level: Level,
    /// How many of the other servers, counted on from the primary, must confirm a commit; at most all.
    #[setting(default = 5, bounds = 0..=5)]
    pub synchronous: u64,
    /// How standbys receive the log. By file, a commit waits for no standby, whatever the level.
    pub shipping: Shipping,
    /// Whether standbys answer reads.
    #[setting(default = true)]
    pub hot: bool,
    /// Whether a promoted standby waits until the old primary is fenced, and a primary that boots asks the archive.
    #[setting(default = true)]
    pub fencing: bool,
    /// How many records a segment has.
    #[setting(default = 4, bounds = 1..=64)]
    pub segment: u64,
    /// How long a segment that is not full may wait before it is filled up and archived; 0 means for ever.
    #[setting(default = 0s, bounds = 0s..=60s)]
    pub archive_timeout: Micros,
    /// How long a standby waits before it replays a record that it has flushed.
    #[setting(default = 20ms, bounds = 0s..=60s)]
    pub apply_delay: Micros,
    /// How often a server writes all changed pages to its data files.
    #[setting(default = 200ms, bounds = 20ms..=600s)]
    pub checkpoint: Micros,
    /// Rules taken away.
    #[setting(twins)]
    pub bugs: Bugs,
}

/// When a commit is acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Choice)]
#[allow(missing_docs)]
pub enum Level {
    Off,
    Local,
    RemoteWrite,
    On,
    RemoteApply,
}

/// How standbys receive the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Choice)]
#[allow(missing_docs)]
pub enum Shipping {
    Stream,
    File,
}

/// The wrong twins.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Twins)]
pub struct Bugs {
    /// A standby confirms that it has flushed a record when it has only written it.
    pub confirms_unflushed: bool,
    /// The archive says that it has a segment before the segment is on disk.
    pub archives_unsynced: bool,
    /// A restored server replays the log from where its backup ended, as if it had no backup label.
    pub no_backup_label: bool,
    /// A restored server takes segments by their numbers and ignores timelines.
    pub restores_by_number: bool,
    /// A server with records that the new primary does not have keeps them, and appends what it receives.
    pub follows_blindly: bool,
    /// Redo does not look at the LSN of a page.
    pub no_page_lsn: bool,
    /// A standby is promoted as soon as it has asked the old primary to stop.
    pub fences_late: bool,
}

/// What nodes tell each other. A server numbers its requests; answers carry the number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum Message {
    /// These records follow a record of yours that is of the timeline `before`; my timeline began after record `began`.
    Wal { timeline: u32, began: u64, after: u64, before: u32, entries: Vec<Entry> },
    /// So far my log is known to be like yours: in memory, on disk, in pages.
    Status { timeline: u32, write: u64, flush: u64, replay: u64 },
    /// Keep this segment.
    Archive { timeline: u32, number: u64, segment: Rc<Segment> },
    /// The segment is on my disk.
    Archived { timeline: u32, number: u64 },
    /// Keep this base backup.
    Backup(Rc<Backup>),
    /// The base backup that began there is on my disk.
    Kept(u64),
    /// Which files have you of this segment?
    Fetch { request: u64, number: u64 },
    /// These, and the newest timeline that has any has this history.
    Files { request: u64, number: u64, history: History, files: Vec<(u32, Rc<Segment>)> },
    /// Which base backup have you?
    FetchBackup { request: u64 },
    /// This one.
    Base { request: u64, backup: Option<Rc<Backup>> },
    /// Do not serve this timeline any more, nor an older one.
    Fence { timeline: u32 },
    /// I never shall.
    Fenced { timeline: u32 },
    /// Give me the next timeline after this one.
    Claim { request: u64, after: u32 },
    /// It is yours.
    Granted { request: u64, timeline: u32 },
    /// Which timeline is the newest?
    Ask { request: u64 },
    /// This one, and this server has it.
    Newest { request: u64, timeline: u32, owner: NodeId },
    /// Give me your pages and your log; mine went another way.
    Rewind { request: u64 },
    /// My log, and my pages as of the record `redo` or later.
    Copy { request: u64, timeline: u32, wal: Log<Entry>, pages: Rc<Pages>, redo: u64 },
}

kinds! { Message {
    Wal 'W': Self::Wal { timeline, after, entries, .. } if !entries.is_empty() =>
        ("timeline {timeline}, {}", words::records(*after, entries))
        as ("{} of timeline {timeline}", words::records(*after, entries)),
    Keepalive 'k': Self::Wal { timeline, after, .. } => "timeline {timeline}, up to {after}"
        as "a keepalive of timeline {timeline}",
    Status 's' reply: Self::Status { timeline, write, flush, replay } =>
        "timeline {timeline}, wrote {write}, flushed {flush}, replayed {replay}"
        as "its positions: wrote {write}, flushed {flush}, replayed {replay}",
    Archive 'S': Self::Archive { timeline, number, segment } =>
        ("segment {number} of timeline {timeline}, {}", words::several(segment.entries.len() as u64, "record"))
        as "segment {number} of timeline {timeline}",
    Archived 'S' reply: Self::Archived { timeline, number } => "segment {number} of timeline {timeline}",
    Backup 'B': Self::Backup(backup) => ("from {} to {}", backup.start, backup.stop)
        as ("a base backup from {} to {}", backup.start, backup.stop),
    Kept 'B' reply: Self::Kept(start) => "from {start}",
    Fetch 'F': Self::Fetch { request, number } => "segment {number}, request {request}" as "a request for segment {number}",
    Files 'F' reply: Self::Files { request, number, files, .. } =>
        ("segment {number} of {}, request {request}", words::timelines(files))
        as ("segment {number} of {}", words::timelines(files)),
    FetchBackup 'b': Self::FetchBackup { request } => "request {request}" as "a request for the base backup",
    Base 'b' reply: Self::Base { request, backup } => ("{}, request {request}", words::backup(backup.as_deref()))
        as ("{}", words::backup(backup.as_deref())),
    Fence 'X': Self::Fence { timeline } => "timeline {timeline}" as "the order to stop timeline {timeline}",
    Fenced 'X' reply: Self::Fenced { timeline } => "timeline {timeline}" as "the promise not to serve timeline {timeline}",
    Claim 'C': Self::Claim { request, after } => "after {after}, request {request}" as "a claim to the timeline after {after}",
    Granted 'C' reply: Self::Granted { request, timeline } => "timeline {timeline}, request {request}" as "timeline {timeline}",
    Ask '?': Self::Ask { request } => "request {request}" as "a question for the newest timeline",
    Newest '?' reply: Self::Newest { request, timeline, owner } => "timeline {timeline} of {owner}, request {request}"
        as "the answer that the newest timeline is {timeline} of {owner}",
    Rewind 'R': Self::Rewind { request } => "request {request}" as "a request for its pages and log",
    Copy 'R' reply: Self::Copy { request, timeline, wal, .. } =>
        ("timeline {timeline}, log up to {}, request {request}", wal.len()) as ("pages and the log up to {}", wal.len()),
} }

/// What nodes remind themselves of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
pub enum Timer {
    /// The log is on disk.
    Flush,
    /// It is time to replay what is on disk.
    Replay,
    /// A primary sends again what standbys have not confirmed.
    Keepalive,
    /// A primary fills up its segment.
    SwitchSegment,
    /// A primary sends again what the archive has not confirmed.
    Archive,
    /// Changed pages go to the data files.
    Checkpoint,
    /// They are there, so redo may begin later.
    CheckpointEnd,
    /// The backup copies one more page.
    CopyPage,
    /// A server that waits for an answer asks again, and one that follows by file asks for the next segment.
    Ask,
    /// What the archive has received is on its disk.
    Sync,
}

/// What a server is, on disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum Seat {
    Primary,
    #[default]
    Standby,
    Fenced,
    Diverged,
    Restored,
    Ended,
}

/// A timeline, and the server that has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Newest(pub u32, pub NodeId);

impl Default for Newest {
    /// What is so at first.
    fn default() -> Self {
        Newest(1, NodeId(0))
    }
}

/// What is on a disk: the log, the data files and the control file of a server, or the files of the archive.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stable {
    seat: Seat,
    /// The timeline that it writes or follows, and the LSN after which that began.
    timeline: u32,
    began: u64,
    wal: Log<Entry>,
    files: Rc<Pages>,
    /// The LSN after which redo begins: the checkpoint.
    redo: u64,
    /// It serves no timeline up to this one.
    fenced: u32,
    /// The number of its latest request.
    requests: u64,
    /// The newest timeline that it knows, and whose it is.
    newest: Newest,
    /// How many segments are archived, by what the primary was told.
    archived: u64,
    vault: archive::Vault,
}

/// A node: a server, or the archive, which is the last of all.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(clippy::large_enum_variant)] // There is one of each a run, and no list of them.
pub enum LogShipping {
    /// A server of the database.
    Server(Server),
    /// The archive.
    Archive(Archive),
}

/// How long a disk takes to flush a log, and how long the log writer waits where nobody waits for it.
const FLUSH: Micros = 2_000;
const LAZY: Micros = 30_000;
/// How long a node waits before it sends again, or asks again.
const AGAIN: Micros = 100_000;
/// How long the archive takes to bring a segment to its disk, and a backup to copy a page.
const SYNC: Micros = 10_000;
const COPY: Micros = 10_000;

impl Node for LogShipping {
    type Message = Message;
    type Timer = Timer;
    type Input = Input;
    type Output = Output;
    type Stable = Stable;
    type Params = Params;

    fn start(stable: Stable, ctx: &mut Ctx<Self>) -> Self {
        match ctx.me().index() + 1 == ctx.count() {
            true => LogShipping::Archive(Archive::start(stable.vault, ctx)),
            false => LogShipping::Server(Server::start(stable, ctx)),
        }
    }

    fn stable(&self) -> Stable {
        match self {
            LogShipping::Server(server) => server.stable(),
            LogShipping::Archive(archive) => Stable { vault: archive.disk.clone(), ..Stable::default() },
        }
    }

    fn on_input(&mut self, input: Input, ctx: &mut Ctx<Self>) {
        match self {
            LogShipping::Server(server) => server.on_input(input, ctx),
            LogShipping::Archive(_) => ctx.note(&archive::PASSIVE),
        }
    }

    fn on_message(&mut self, from: NodeId, message: Message, ctx: &mut Ctx<Self>) {
        match self {
            LogShipping::Server(server) => server.on_message(from, message, ctx),
            LogShipping::Archive(archive) => archive.on_message(from, message, ctx),
        }
    }

    fn on_timer(&mut self, timer: Timer, ctx: &mut Ctx<Self>) {
        match self {
            LogShipping::Server(server) => server.on_timer(&timer, ctx),
            LogShipping::Archive(archive) => archive.on_timer(ctx),
        }
    }

    fn inputs(&self) -> Vec<Input> {
        match self {
            LogShipping::Server(server) => server.inputs(),
            LogShipping::Archive(_) => Vec::new(),
        }
    }

    fn card(&self) -> Card {
        words::card(self)
    }
}
