//! The write-ahead log: records, pages, redo, segments, and the history of timelines.

use crate::Key;
use faultline_core::prelude::*;
use faultline_core::toolbox::log::Log;
use std::rc::Rc;

/// A record of the log: a transaction of one change, which commits with it. Its LSN is its place in the log, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Entry {
    /// The timeline of the primary that wrote it.
    pub timeline: u32,
    /// When it committed, by the clock of that primary.
    pub time: Micros,
    /// What it did.
    pub change: Change,
}

/// What a record says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
pub enum Change {
    /// So much is added to a page. Done twice, it is wrong.
    #[words("{0}+{1}")]
    Add(Key, u32),
    /// Nothing: it fills a segment that is archived before it is full.
    #[words("fill")]
    Fill,
}

/// A page of the data files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Page {
    /// The sum of what was added to it.
    pub value: u64,
    /// The LSN of the last record that changed it.
    pub lsn: u64,
}

/// The pages of a server.
pub(super) type Pages = Map<Key, Page>;

/// Applies a record to its page, if the page does not have it yet; a twin does not ask.
pub(super) fn redo(pages: &mut Pages, lsn: u64, entry: &Entry, asks: bool) {
    let Change::Add(key, amount) = entry.change else { return };
    let page = pages.or_default(key);
    if page.lsn < lsn || !asks {
        *page = Page { value: page.value + u64::from(amount), lsn: lsn.max(page.lsn) };
    }
}

/// The pages after the first records of a log, each applied once.
pub(super) fn state(wal: &Log<Entry>, lsn: u64) -> Pages {
    let mut pages = Pages::default();
    for (place, entry) in wal.between(0, lsn).into_iter().enumerate() {
        redo(&mut pages, place as u64 + 1, entry, true);
    }
    pages
}

/// The timeline of a record; 0 before the first.
pub(super) fn timeline_at(wal: &Log<Entry>, lsn: u64) -> u32 {
    wal.get(lsn).map_or(0, |entry| entry.timeline)
}

/// The timelines that led to one, each with the LSN after which it began: a history file.
pub(super) type History = Vec<(u32, u64)>;

/// The history of a timeline, from the log of its primary.
pub(super) fn history(wal: &Log<Entry>, timeline: u32, began: u64) -> History {
    let mut spans = History::new();
    for (place, entry) in wal.between(0, began).into_iter().enumerate() {
        if spans.last().is_none_or(|(last, _)| *last != entry.timeline) {
            spans.push((entry.timeline, place as u64));
        }
    }
    spans.push((timeline, began));
    spans
}

/// The timeline to which a record belongs in a history.
pub(super) fn owner(history: &[(u32, u64)], lsn: u64) -> u32 {
    history.iter().rev().find(|(_, began)| *began < lsn).map_or(0, |(timeline, _)| *timeline)
}

/// A segment of the log in the archive.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Segment {
    /// The history of the timeline on which it was archived.
    pub history: History,
    /// Its records.
    pub entries: Vec<Entry>,
}

/// The records from an LSN on that a segment brings to whoever follows a history: the file of the newest timeline in the
/// history, up to where that timeline ends. The twin takes the file of the oldest timeline and believes all of it.
pub(super) fn pick(
    files: &[(u32, Rc<Segment>)],
    history: &[(u32, u64)],
    first: u64,
    from: u64,
    checks: bool,
) -> Vec<Entry> {
    let wanted = |timeline: u32| !checks || history.iter().any(|(known, _)| *known == timeline);
    let mut found: Vec<_> = files.iter().filter(|(timeline, _)| wanted(*timeline)).collect();
    found.sort_by_key(|(timeline, _)| if checks { u32::MAX - *timeline } else { *timeline });
    for (_, file) in found {
        let numbered = file.entries.iter().enumerate().map(|(place, entry)| (first + place as u64, *entry));
        let new = numbered.filter(|(lsn, _)| *lsn >= from);
        let belongs = |(lsn, entry): &(u64, Entry)| !checks || owner(history, *lsn) == entry.timeline;
        let entries: Vec<_> = new.take_while(belongs).map(|(_, entry)| entry).collect();
        if !entries.is_empty() {
            return entries;
        }
    }
    Vec::new()
}

/// A base backup: pages that were copied one after the other while the primary went on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Backup {
    /// The timeline of the record at its stop.
    pub timeline: u32,
    /// The LSN from which on the log must be replayed: the backup label.
    pub start: u64,
    /// The LSN up to which it must be, before the pages fit together.
    pub stop: u64,
    /// The latest time of a commit up to there: it cannot bring back anything earlier.
    pub latest: Micros,
    /// What stands for the log up to its start.
    pub base: faultline_core::toolbox::log::Base,
    /// The pages, each as it was when it was copied.
    pub pages: Rc<Pages>,
}
