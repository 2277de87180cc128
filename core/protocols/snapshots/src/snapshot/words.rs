//! The words for the disk and the card of a process.

use super::{Part, Recording, Snapshot, Stable};
use crate::{Era, Name, sum};
use faultline_core::card::{Lane, LaneItem, LaneState, Poll};
use faultline_core::prelude::*;
use faultline_core::sign::{Age, Held};
use std::fmt::{self, Display};

/// How many snapshots the table shows, the latest.
const SHOWN: usize = 2;

impl Display for Stable {
    /// `snapshots 1: 95 · 2: 90, restart 1 from snapshot 2`
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<_> = self.parts.iter().map(|(name, part)| format!("{name}: {part}")).collect();
        write!(
            out,
            "{}",
            if parts.is_empty() {
                "no snapshot".to_owned()
            } else {
                format!("snapshots {}", parts.join(" · "))
            }
        )?;
        self.restart.map_or(Ok(()), |restart| write!(out, ", restart {restart}"))
    }
}

impl Snapshot {
    /// What the page shows of a process.
    pub(super) fn described(&self) -> Card {
        let latest = self.shown().next();
        let (role, sign) = match latest {
            _ if self.balance.is_none() => ("waiting for a restart", Sign::Outside),
            None => ("computing", Sign::Idle),
            Some((_, recording)) if !recording.missing.is_empty() => ("recording", Sign::Seeking),
            Some((name, _)) if self.knows(*name) => ("has a snapshot", Sign::Committed),
            Some(_) => ("has its part", Sign::Telling),
        };
        let badge = self.balance.map_or_else(|| "lost".to_owned(), |balance| balance.to_string());
        Card {
            role,
            sign,
            badge,
            fields: self.fields(),
            poll: latest.filter(|(_, it)| !it.missing.is_empty()).and_then(|(name, _)| self.markers(*name)),
            holds: latest
                .into_iter()
                .filter(|(_, it)| !it.is_late)
                .map(|(name, it)| tag(*name, it))
                .collect(),
            lanes: latest.into_iter().flat_map(|(_, recording)| lanes(recording)).collect(),
            table: self.table(),
            ..Card::default()
        }
    }

    /// The markers of a snapshot that have come.
    pub(super) fn markers(&self, name: Name) -> Option<Poll> {
        let recording = self.recordings.get(&name)?;
        let (all, has) = (self.incoming.iter().collect::<Vec<_>>(), |node| !recording.missing.contains(node));
        let enough = Some(all.len());
        Some(Poll::new(format!("markers of snapshot {}", name.number), all, enough, &has))
    }

    /// The snapshots of this era, the latest first, then the one that everyone went back to.
    fn shown(&self) -> impl Iterator<Item = (&Name, &Recording)> {
        let era = self.restart.map_or(Era::FIRST, |restart| restart.era);
        let of_it = self.recordings.iter().rev().filter(move |(name, _)| name.era == era);
        of_it.chain(self.recordings.iter().filter(|(name, _)| self.restart.is_some_and(|it| it.to == **name)))
    }

    /// The facts on the card.
    fn fields(&self) -> Vec<Field> {
        let latest = self.shown().next();
        let recorded = latest
            .map_or_else(|| "nothing".to_owned(), |(name, it)| format!("{} for snapshot {name}", it.part));
        let missing = latest.map(|(_, it)| it.missing.to_string()).filter(|missing| !missing.is_empty());
        let balance = self.balance.map_or_else(|| "lost".to_owned(), |balance| balance.to_string());
        let mut fields = vec![
            Field::new("balance", Meaning::Counter, balance),
            Field::new("recorded", Meaning::Value, recorded),
            Field::new("recording from", Meaning::Nodes, missing.unwrap_or_else(|| "none".into())),
        ];
        fields.extend(self.restart.map(|restart| Field::new("restart", Meaning::Value, restart)));
        fields
    }

    /// The latest snapshots as rows: its own state, each incoming channel, and the sum of all parts where it knows them.
    fn table(&self) -> Vec<(String, String)> {
        let mut rows =
            vec![("balance".to_owned(), self.balance.map_or_else(|| "lost".to_owned(), |it| it.to_string()))];
        for (name, recording) in self.shown().take(SHOWN) {
            let number = name.number;
            for (from, channel) in recording.part.channels.iter() {
                let more = if recording.missing.contains(*from) { "…" } else { "" };
                rows.push((format!("snapshot {number}: from {from}"), format!("{}{more}", sum(channel))));
            }
            if !recording.is_late {
                rows.push((format!("snapshot {number}: own state"), recording.part.state.to_string()));
            }
            if let Some(parts) = self.reports.get(name).filter(|_| self.knows(*name)) {
                let sum: u64 = parts.values().map(Part::sum).sum();
                rows.push((format!("snapshot {number}: sum of all"), sum.to_string()));
            }
        }
        rows
    }
}

/// What it has recorded, as a version that others have, too, or not yet.
fn tag(Name { era, number }: Name, recording: &Recording) -> Held {
    let age = Age::Stamp(vec![era.count, number]);
    Held { key: format!("S{number}"), value: shown(&recording.part), age, home: None, newest: false }
}

/// `95`, or `95 + 5`, the channels behind the state.
fn shown(part: &Part) -> String {
    match part.in_channels() {
        0 => part.state.to_string(),
        in_channels => format!("{} + {in_channels}", part.state),
    }
}

/// The channels of a recording, each with what is recorded on it.
fn lanes(recording: &Recording) -> impl Iterator<Item = Lane> {
    recording.part.channels.iter().map(|(from, channel)| {
        let is_open = recording.missing.contains(*from);
        let state = if is_open { LaneState::Waiting } else { LaneState::Done };
        let (note, seen) = (if is_open { "being recorded" } else { "recorded" }.to_owned(), String::new());
        let item = |text: String| LaneItem { text, note: seen.clone(), state, changed: false };
        let items = channel.iter().map(|transfer| item(transfer.amount.to_string())).collect();
        Lane { name: format!("from {from}"), note, items }
    })
}
