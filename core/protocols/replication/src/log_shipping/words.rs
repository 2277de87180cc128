//! The words and cards of log shipping.

use super::archive::Archive;
use super::server::{Role, Server};
use super::wal::{Backup, Entry, Page, Segment};
use super::{LogShipping, Newest, Stable, Target};
use faultline_core::card::{LogCell, LogMark};
use faultline_core::prelude::*;
use faultline_core::sign::{Age, Held};
pub(super) use faultline_core::text::several;
use faultline_core::time;
use std::fmt::{self, Display};
use std::rc::Rc;

/// Records that follow a record: `record 5 (a+5)`, or `records 5 to 7`.
pub(super) fn records(after: u64, entries: &[Entry]) -> String {
    match entries {
        [entry] => format!("record {} ({})", after + 1, entry.change),
        _ => format!("records {} to {}", after + 1, after + entries.len() as u64),
    }
}

/// The timelines of which there are files: `timelines 1, 2`.
pub(super) fn timelines(files: &[(u32, Rc<Segment>)]) -> String {
    let names: Vec<_> = files.iter().map(|(timeline, _)| timeline.to_string()).collect();
    match names.as_slice() {
        [] => "no timeline".into(),
        [one] => format!("timeline {one}"),
        _ => format!("timelines {}", names.join(", ")),
    }
}

pub(super) fn backup(backup: Option<&Backup>) -> String {
    let words = |it: &Backup| format!("the base backup from {} to {}", it.start, it.stop);
    backup.map_or("no base backup".into(), words)
}

impl Display for Target {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&time::exact(self.0))
    }
}

impl Hole for Target {
    fn read(word: &str) -> Result<Self, String> {
        time::parse(word).map(Target)
    }
}

impl Display for Stable {
    /// `primary of timeline 2, log …1·1·2, redo after 4, requests 3`, or `4 segments, timelines up to 2`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.requests == 0 {
            let (files, Newest(newest, _)) = (self.vault.files.len(), self.vault.newest);
            let stop = self.vault.backup.as_ref().map_or(0, |backup| backup.stop);
            let files = several(files as u64, "segment");
            return write!(out, "{files}, backup up to {stop}, timelines up to {newest}");
        }
        let start = self.wal.len().saturating_sub(12).max(self.wal.base().index);
        let terms: Vec<_> = self.wal.after(start).iter().map(|entry| entry.timeline.to_string()).collect();
        let seat = format!("{:?}", self.seat).to_lowercase();
        let more = if start > 0 { "…" } else { "" };
        let log = if terms.is_empty() { "empty".to_owned() } else { terms.join("·") };
        write!(out, "{seat} of timeline {}, log {more}{log}", self.timeline)?;
        if !self.files.is_empty() {
            write!(out, ", pages {}, redo after {}", pages(self.files.values()), self.redo)?;
        }
        if self.archived > 0 {
            write!(out, ", archived {}", self.archived)?;
        }
        if self.fenced > 0 {
            write!(out, ", fenced off {}", self.fenced)?;
        }
        let Newest(newest, owner) = self.newest;
        write!(out, ", newest {newest} of {owner}, requests {}", self.requests)
    }
}

fn pages<'a>(pages: impl Iterator<Item = &'a Page>) -> String {
    let words: Vec<_> = pages.map(|page| format!("{}@{}", page.value, page.lsn)).collect();
    words.join(" ")
}

/// What the page shows of a node.
pub(super) fn card(node: &LogShipping) -> Card {
    match node {
        LogShipping::Server(server) => server.described(),
        LogShipping::Archive(archive) => archive.described(),
    }
}

impl Server {
    fn look(&self) -> (&'static str, Sign) {
        match &self.role {
            Role::Primary => ("primary", Sign::Leading),
            Role::Starting => ("starting", Sign::Seeking),
            Role::Standby => ("standby", Sign::Idle),
            Role::Promoting { claims: None, .. } => ("fencing", Sign::Seeking),
            Role::Promoting { .. } => ("promoting", Sign::Seeking),
            Role::Fenced => ("fenced", Sign::Stopped),
            Role::Diverged => ("diverged", Sign::Blocked),
            Role::Rewinding => ("rewinding", Sign::Seeking),
            Role::Restoring(_) => ("restoring", Sign::Seeking),
            Role::Restored => ("restored", Sign::Committed),
            Role::Ended => ("stranded", Sign::Aborted),
        }
    }

    fn described(&self) -> Card {
        let (role, sign) = self.look();
        let on_disk = self.disk.wal.len();
        let base = self.wal.base().index;
        let cell = |(index, entry): (u64, &Entry)| LogCell {
            index,
            term: entry.timeline.into(),
            text: entry.change.to_string(),
            named: false,
            committed: index <= on_disk,
            changed: false,
        };
        let log = (base + 1..).zip(self.wal.after(base)).map(cell).collect();
        let held = |(key, page): (&crate::Key, &Page)| Held {
            key: key.to_string(),
            value: page.value.to_string(),
            age: Age::Stamp(vec![page.lsn]),
            home: None,
            newest: false,
        };
        let row = |(key, page): (&crate::Key, &Page)| (key.to_string(), page.value.to_string());
        let mut fields = vec![
            Field::new("timeline", Meaning::Term, self.disk.timeline),
            Field::new("written", Meaning::Counter, self.wal.len()),
            Field::new("flushed", Meaning::Counter, on_disk),
            Field::new("replayed", Meaning::Counter, self.replayed),
            Field::new("redo after", Meaning::Counter, self.disk.redo),
        ];
        if self.role == Role::Primary {
            let first = self.waiting.first().map_or("none".to_owned(), ToString::to_string);
            fields.push(Field::new("first waiting commit", Meaning::Value, first));
            fields.push(Field::new("archived segments", Meaning::Counter, self.disk.archived));
        }
        Card {
            role,
            sign,
            badge: format!("TL {}", self.disk.timeline),
            fields,
            poll: self.waiting.first().and_then(|lsn| self.confirmations(*lsn)),
            holds: self.pages.iter().map(held).collect(),
            log,
            log_base: Some(base),
            marks: self.marks(),
            table: self.pages.iter().map(row).collect(),
            ..Card::default()
        }
    }

    /// How far standbys have confirmed the log, according to their primary.
    fn marks(&self) -> Vec<LogMark> {
        let shown = self.heard.iter().filter(|_| self.role == Role::Primary);
        let both = |(on, it): (&NodeId, &super::server::Confirmed)| {
            let mark = |index, sort| LogMark { on: *on, index, sort };
            [mark(it.flush, 0), mark(it.replay, 1)]
        };
        shown.flat_map(both).collect()
    }
}

impl Archive {
    /// Its log is what its segments hold, of the newest timeline that has each.
    fn described(&self) -> Card {
        let mut log: Map<u64, LogCell> = Map::default();
        for ((timeline, number), file) in self.files.iter() {
            let first = number * file.entries.len() as u64 + 1;
            let committed = self.disk.files.contains_key(&(*timeline, *number));
            for (index, entry) in (first..).zip(&file.entries) {
                let (term, text) = (entry.timeline.into(), entry.change.to_string());
                log.insert(index, LogCell { index, term, text, named: false, committed, changed: false });
            }
        }
        let Newest(newest, owner) = self.disk.newest;
        let stop =
            self.disk.backup.as_ref().map_or("none".to_owned(), |it| format!("{} to {}", it.start, it.stop));
        let fields = vec![
            Field::new("segments", Meaning::Counter, self.disk.files.len()),
            Field::new("base backup", Meaning::Value, stop),
            Field::new("newest timeline", Meaning::Term, format!("{newest} of {owner}")),
        ];
        Card {
            role: "archive",
            badge: several(self.disk.files.len() as u64, "file"),
            fields,
            log: log.values().cloned().collect(),
            log_base: Some(0),
            place: 1,
            table: self.backed_up().iter().map(|(key, value)| (key.to_string(), value.to_string())).collect(),
            ..Card::default()
        }
    }
}
