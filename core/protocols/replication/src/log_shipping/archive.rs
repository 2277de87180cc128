//! The archive: it keeps segments and a base backup, and knows which timelines were given out.

use super::wal::{Backup, History, Segment};
use super::{LogShipping, Message, Newest, Output, SYNC, Timer};
use crate::Key;
use faultline_core::prelude::*;
use std::rc::Rc;

pub(super) const PASSIVE: Rule = Rule::new("PG 25.3", "An archive only keeps files. It is asked by servers.");
const BOOT: Rule = Rule::new("PG 25.3", "The archive has what is on its disk.");
const KEEP: Rule = Rule::new(
    "PG 25.3.1",
    "The archive says that it has a segment only once the segment is on disk, as the primary may then remove it.",
);
const KNOWN: Rule =
    Rule::new("PG 25.3.1", "An archive never overwrites a file; of one that it has already it says so.");
const EARLY: Rule =
    Rule::new("against PG 25.3.1", "This wrong twin has not brought the segment to its disk yet.");
const SYNCED: Rule = Rule::new("PG 25.3.1", "What has reached the disk is archived.");
const ANSWER: Rule = Rule::new("PG 25.3.5", "The archive hands out what is on its disk.");
const GRANT: Rule = Rule::new(
    "PG 25.3.6",
    "Every timeline has a number of its own. Here the archive gives it out, to one server.",
);
const REFUSE: Rule = Rule::new(
    "PG 25.3.6",
    "A timeline is given out only to a server that knows the newest one, so that it has had its owner fenced.",
);
const STRAY: Rule = Rule::new("PG 25.3", "The archive takes no part in replication.");

/// The files of the archive, by timeline and number.
pub(super) type Shelf = Map<(u32, u64), Rc<Segment>>;

/// What is on the disk of the archive.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Vault {
    pub(super) files: Rc<Shelf>,
    pub(super) backup: Option<Rc<Backup>>,
    pub(super) newest: Newest,
}

/// The archive.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Archive {
    pub(super) disk: Vault,
    /// Files with those that are not on disk yet, and who waits for which.
    pub(super) files: Rc<Shelf>,
    waiting: Vec<(NodeId, u32, u64)>,
}

impl Archive {
    pub(super) fn start(disk: Vault, ctx: &mut Ctx<LogShipping>) -> Self {
        ctx.note(&BOOT);
        ctx.output(Output::Synced);
        Archive { files: disk.files.clone(), disk, waiting: Vec::new() }
    }

    pub(super) fn on_message(&mut self, from: NodeId, message: Message, ctx: &mut Ctx<LogShipping>) {
        match message {
            Message::Archive { timeline, number, segment } => {
                self.keep(from, (timeline, number), segment, ctx);
            }
            Message::Backup(backup) => {
                ctx.tell(&KEEP, || format!("keeps the base backup from {}", backup.start));
                ctx.send(from, Message::Kept(backup.start));
                let is_newer =
                    |known: &Rc<Backup>| (known.timeline, known.stop) < (backup.timeline, backup.stop);
                if self.disk.backup.as_ref().is_none_or(is_newer) {
                    self.disk.backup = Some(backup);
                }
            }
            Message::Fetch { request, number } => {
                ctx.note(&ANSWER);
                let files = self.disk.files.iter().filter(|((_, it), _)| *it == number);
                let files = files.map(|((timeline, _), file)| (*timeline, file.clone())).collect();
                ctx.send(from, Message::Files { request, number, history: self.history(), files });
            }
            Message::FetchBackup { request } => {
                ctx.note(&ANSWER);
                ctx.send(from, Message::Base { request, backup: self.disk.backup.clone() });
            }
            Message::Claim { request, after } => {
                let Newest(newest, owner) = self.disk.newest;
                if newest == after || (newest == after + 1 && owner == from) {
                    let timeline = after + 1;
                    self.disk.newest = Newest(timeline, from);
                    ctx.tell(&GRANT, || format!("gives timeline {timeline} to {from}"));
                    ctx.send(from, Message::Granted { request, timeline });
                } else {
                    ctx.tell(&REFUSE, || format!("refuses {from}: timeline {newest} is {owner}’s"));
                    ctx.send(from, Message::Newest { request, timeline: newest, owner });
                }
            }
            Message::Ask { request } => {
                ctx.note(&ANSWER);
                let Newest(timeline, owner) = self.disk.newest;
                ctx.send(from, Message::Newest { request, timeline, owner });
            }
            _ => ctx.note(&STRAY),
        }
    }

    fn keep(&mut self, from: NodeId, name: (u32, u64), segment: Rc<Segment>, ctx: &mut Ctx<LogShipping>) {
        let (timeline, number) = name;
        if self.disk.files.contains_key(&name) {
            ctx.note(&KNOWN);
            ctx.send(from, Message::Archived { timeline, number });
            return;
        }
        if !self.files.contains_key(&name) {
            Rc::make_mut(&mut self.files).insert(name, segment);
            ctx.set(Timer::Sync, SYNC);
        }
        if ctx.params().bugs.archives_unsynced {
            ctx.note(&EARLY);
            ctx.send(from, Message::Archived { timeline, number });
        } else {
            ctx.note(&KEEP);
            self.waiting.push((from, timeline, number));
        }
    }

    /// The only timer: the disk is done.
    pub(super) fn on_timer(&mut self, ctx: &mut Ctx<LogShipping>) {
        self.disk.files = self.files.clone();
        ctx.tell(&SYNCED, || "has its files on disk".into());
        ctx.output(Output::Synced);
        for (server, timeline, number) in self.waiting.drain(..) {
            ctx.send(server, Message::Archived { timeline, number });
        }
    }

    /// The history of the newest timeline of which it has a file.
    fn history(&self) -> History {
        let newest = self.disk.files.iter().next_back();
        newest.map_or(History::new(), |(_, file)| file.history.clone())
    }

    /// The pages that a backup brings, for its card.
    pub(super) fn backed_up(&self) -> Vec<(Key, u64)> {
        let pages = self.disk.backup.iter().flat_map(|backup| backup.pages.iter());
        pages.map(|(key, page)| (*key, page.value)).collect()
    }
}
