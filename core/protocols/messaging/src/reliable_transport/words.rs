//! The words of both cards: the windows side by side, a segment a tile.

use super::receiver::Receiver;
use super::rto::NANOS;
use super::sender::Sender;
use super::{Letter, Scheme};
use faultline_core::card::{Lane, LaneItem, LaneState};
use faultline_core::prelude::*;

/// How many segments are shown that are behind the window, and how many that are ahead of it.
const BEHIND: u64 = 2;
const AHEAD: u64 = 3;

/// Nanoseconds as milliseconds, exactly.
fn millis(nanos: u64) -> String {
    let million = 1_000 * NANOS;
    let text = format!("{}.{:06}", nanos / million, nanos % million);
    format!("{}ms", text.trim_end_matches('0').trim_end_matches('.'))
}

/// A segment as a tile: its number and its letter.
fn tile(number: u64, letter: Letter, state: LaneState, note: &str) -> LaneItem {
    LaneItem { text: format!("{number} {letter}"), note: note.into(), state, changed: false }
}

impl Sender {
    /// What the page shows of the sender.
    pub(super) fn described(&self) -> Card {
        let in_flight = self.top - self.una;
        let (role, sign) = if self.is_blocked() {
            ("blocked", Sign::Blocked)
        } else if in_flight > 0 || self.written > self.top {
            ("sending", Sign::Telling)
        } else if self.written == 0 {
            ("idle", Sign::Idle)
        } else if self.scheme == Scheme::Datagrams {
            ("sent", Sign::Uncertain)
        } else {
            ("acknowledged", Sign::Committed)
        };
        let (oldest, rto) = (self.counter.of(self.una), millis(self.rto.nanos()));
        let mut fields = vec![
            Field::new("in flight", Meaning::Counter, in_flight),
            Field::new("oldest unacknowledged", Meaning::Counter, oldest),
            Field::new("next number", Meaning::Counter, self.counter.of(self.next)),
            Field::new("window", Meaning::Counter, self.window.min(self.edge.saturating_sub(self.una))),
            Field::new("to be sent", Meaning::Counter, self.written - self.top),
            Field::new("RTO", Meaning::Value, &rto),
        ];
        if let Some(trip) = self.trip {
            fields.push(Field::new("last round trip", Meaning::Value, trip));
        }
        if let Some((average, deviation)) = self.rto.measured() {
            fields.push(Field::new("SRTT", Meaning::Value, millis(average)));
            fields.push(Field::new("RTTVAR", Meaning::Value, millis(deviation)));
        }
        if self.scheme == Scheme::Datagrams {
            fields = vec![
                Field::new("sent", Meaning::Counter, self.top),
                Field::new("to be sent", Meaning::Counter, self.written - self.top),
            ];
        }
        let badge = match self.scheme {
            Scheme::Datagrams => format!("sent {}", self.top),
            _ => format!("from {oldest}"),
        };
        Card { role, sign, badge, fields, lanes: vec![self.lane()], ..Card::default() }
    }

    fn lane(&self) -> Lane {
        let limit = self.edge.min(self.una.saturating_add(self.window));
        let shown =
            self.una.saturating_sub(BEHIND)..self.written.min(limit.max(self.top).saturating_add(AHEAD));
        let tile = |index: u64| {
            let flight = self.flight.get(&index);
            let (state, note) = match flight {
                _ if self.scheme == Scheme::Datagrams && index < self.top => (LaneState::Done, "sent"),
                _ if index < self.una => (LaneState::Done, "acknowledged"),
                Some(flight) if flight.is_held => (LaneState::Done, "acknowledged early"),
                Some(flight) if flight.copies > 1 => (LaneState::Taken, "sent again"),
                Some(_) => (LaneState::Taken, "sent"),
                None if index < limit => (LaneState::Ready, "may be sent"),
                None => (LaneState::Waiting, "beyond the window"),
            };
            tile(self.counter.of(index), Letter(index), state, note)
        };
        let note = match self.scheme {
            Scheme::Datagrams => "no window".to_owned(),
            _ => format!("window {}", limit.saturating_sub(self.una)),
        };
        Lane { name: "to send".into(), note, items: shown.map(tile).collect() }
    }
}

impl Receiver {
    /// What the page shows of the receiver.
    pub(super) fn described(&self) -> Card {
        let role = match () {
            () if !self.is_reading => "not reading",
            () if self.held.keys().next().is_some() => "missing",
            () => "receiving",
        };
        let delivered: String = self.tail.iter().map(Letter::to_string).collect();
        let before = self.next - self.unread.len() as u64 - self.tail.len() as u64;
        let delivered = if before > 0 { format!("…{delivered}") } else { delivered };
        let shown = if delivered.is_empty() { "nothing" } else { &delivered };
        let mut fields = vec![
            Field::new("delivered", Meaning::Value, shown),
            Field::new("next expected", Meaning::Counter, self.counter.of(self.next)),
            Field::new("window", Meaning::Counter, self.advertised()),
            Field::new("unread", Meaning::Counter, self.unread.len()),
        ];
        if self.scheme == Scheme::Datagrams {
            fields.remove(1);
        }
        Card { role, badge: delivered, fields, lanes: vec![self.lane()], ..Card::default() }
    }

    fn lane(&self) -> Lane {
        let first = self.next - self.unread.len() as u64;
        let seen = self.tail.iter().rev().take(BEHIND as usize).rev();
        let before = first - (BEHIND.min(self.tail.len() as u64));
        let read = (before..)
            .zip(seen)
            .map(|(index, letter)| tile(self.counter.of(index), *letter, LaneState::Done, "delivered"));
        let unread = (first..)
            .zip(&self.unread)
            .map(|(index, letter)| tile(self.counter.of(index), *letter, LaneState::Ready, "not read yet"));
        let end = self.next + self.window.min(self.advertised());
        let ahead = (self.next..end).map(|index| {
            let number = self.counter.of(index);
            if let Some(letter) = self.held.get(&index) {
                return tile(number, *letter, LaneState::Waiting, "arrived early");
            }
            let (text, note) = (number.to_string(), "accepted".into());
            LaneItem { text, note, state: LaneState::Taken, changed: false }
        });
        let items = if self.scheme == Scheme::Datagrams {
            read.chain(unread).collect()
        } else {
            read.chain(unread).chain(ahead).collect()
        };
        Lane { name: "received".into(), note: format!("room for {}", self.advertised()), items }
    }
}
