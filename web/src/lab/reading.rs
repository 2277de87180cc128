//! The log: which rows it shows, and their lines, read for a slice of a frame at a time; words are searched so, too.

use super::{Lab, STRIDE};
use crate::wishes::filter::Filter;
use crate::work::slice;
use faultline_core::session::Target;
use faultline_core::toolbox::map::Map;
use faultline_core::toolbox::order;
use faultline_core::trace::Line;
use std::rc::Rc;

/// The most rows of the log that are drawn.
pub const MOST_ROWS: usize = 60;

/// Where some words are found.
pub(super) struct FoundRows {
    /// Which words, in which version of the run, in every event or what matters, with what picked.
    about: (Filter, u32, bool, Option<Target>),
    /// The event that is looked at next.
    next: usize,
    /// Those that have them.
    events: Vec<usize>,
}

impl Lab {
    /// Reads for a slice of a frame the rows of the log around the playhead and the headline; whether all are read. While
    /// time goes on, what is begun is read to its end before what is in sight by then.
    pub fn read(&mut self) -> bool {
        self.seek();
        if !(self.playing && self.reading) {
            let told = self.milestones.partition_point(|mark| mark.event < self.view.event);
            self.wanted = (self.listed(told), self.milestones[..told].last().map(|mark| mark.event));
        }
        if self.lines.len() > 4_000 {
            self.lines = Map::default();
        }
        let (rows, headline) = &self.wanted;
        let known = self.session.run().records().len();
        let (session, lines) = (&mut self.session, &mut self.lines);
        let missing = rows.iter().chain(headline).copied();
        let mut missing: Vec<_> =
            missing.filter(|event| *event < known && !lines.contains_key(event)).collect();
        order::by(&mut missing, Ord::cmp);
        missing.dedup();
        let mut missing = missing.into_iter().peekable();
        self.reading = slice(|| {
            let Some(&event) = missing.peek() else { return Some(()) };
            if let Some(line) = session.line_at(event, STRIDE) {
                lines.insert(event, Rc::new(line));
                missing.next();
            }
            None
        })
        .is_none();
        !self.reading
    }

    /// The rows that were read last.
    pub fn rows(&self) -> Vec<Rc<Line>> {
        self.wanted.0.iter().filter_map(|event| self.lines.get(event).cloned()).collect()
    }

    /// The latest event that the protocol told in its own words, or that somebody caused, as it was read last.
    pub fn headline(&self) -> Option<Rc<Line>> {
        self.lines.get(&self.wanted.1?).cloned()
    }

    /// The events of the log's rows, where so many milestones lie behind.
    fn listed(&self, told: usize) -> Vec<usize> {
        let here = self.view.event;
        let (past, future) = (MOST_ROWS * 2 / 3, MOST_ROWS / 3);
        if let Some(found) = self.found.as_ref().filter(|_| !self.filter.words.is_empty()) {
            let behind = found.events.partition_point(|event| *event < here);
            return found.events[behind.saturating_sub(past)..].iter().copied().take(MOST_ROWS).collect();
        }
        if !self.filter.is_idle() {
            let marks = &self.milestones;
            let mut rows: Vec<usize> = if self.all_lines {
                (0..here).rev().filter(|event| self.admits(*event)).take(past).collect()
            } else {
                marks[..told]
                    .iter()
                    .rev()
                    .map(|it| it.event)
                    .filter(|it| self.admits(*it))
                    .take(past)
                    .collect()
            };
            rows.reverse();
            if self.all_lines {
                rows.extend((here..self.view.events).filter(|event| self.admits(*event)).take(future));
            } else {
                rows.extend(
                    marks[told..].iter().map(|it| it.event).filter(|it| self.admits(*it)).take(future),
                );
            }
            return rows;
        }
        if self.all_lines {
            return (here.saturating_sub(past)..(here + future).min(self.view.events)).collect();
        }
        let rows = self.milestones[told.saturating_sub(past)..].iter().map(|mark| mark.event);
        let mut rows: Vec<usize> = rows.take(MOST_ROWS).collect();
        // The latest event is always among them.
        if let Some(latest) = here.checked_sub(1)
            && !rows.contains(&latest)
        {
            rows.push(latest);
            order::by(&mut rows, Ord::cmp);
        }
        rows
    }

    /// Whether the filter lets an event pass, but for its words.
    fn admits(&self, event: usize) -> bool {
        let picked = self.selection.and_then(Target::node);
        self.session.run().records().get(event).is_some_and(|record| self.filter.admits(record, picked))
    }

    /// Looks for the filter's words for a slice of a frame, event by event from the start of the run.
    fn seek(&mut self) {
        self.seeking = false;
        if self.filter.words.is_empty() {
            self.found = None;
            return;
        }
        let about = (self.filter.clone(), self.version, self.all_lines, self.selection);
        let known = self.found.take().filter(|found| found.about == about);
        let mut found = known.unwrap_or(FoundRows { about, next: 0, events: Vec::new() });
        let events = self.session.run().records().len();
        self.seeking = slice(|| {
            while found.next < events
                && !(self.admits(found.next) && (self.all_lines || self.is_milestone(found.next)))
            {
                found.next += 1;
                if found.next.is_multiple_of(STRIDE) {
                    return None;
                }
            }
            if found.next >= events {
                return Some(());
            }
            let line = self.session.line_at(found.next, STRIDE)?;
            if self.filter.finds(&line) {
                found.events.push(found.next);
                self.lines.insert(found.next, Rc::new(line));
            }
            found.next += 1;
            None
        })
        .is_none();
        self.found = Some(found);
    }

    fn is_milestone(&self, event: usize) -> bool {
        self.milestones.binary_search_by_key(&event, |mark| mark.event).is_ok()
    }

    /// How much of the run is searched for the filter's words, while it is.
    pub fn searched(&self) -> Option<f64> {
        let found = self.found.as_ref().filter(|_| self.seeking)?;
        Some(found.next as f64 / self.session.run().records().len().max(1) as f64)
    }
}
