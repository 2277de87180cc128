//! How operations, outputs and disks of replicas are written, and what their cards show.

use super::clock::Dot;
use super::state::{Effect, Operation, State};
use super::{Crdt, Output, Stable, Type};
use faultline_core::card::{Lane, LaneItem, LaneState};
use faultline_core::prelude::*;
use faultline_core::sign::{Age, Held};
use std::fmt::{self, Display};

impl Display for Effect {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Effect::Count { up: true } => out.write_str("adds 1"),
            Effect::Count { up: false } => out.write_str("takes 1"),
            Effect::Write { stamp, value } => write!(out, "writes {value} at {stamp}"),
            Effect::Put { entry, .. } => match entry.value {
                Some(value) => write!(out, "puts {}={value}", entry.key),
                None => write!(out, "adds {}", entry.key),
            },
            Effect::Remove { key, observed } => write!(out, "removes {key} {}", tags(observed)),
            Effect::Type(letters) => {
                out.write_str("types ")?;
                letters.iter().try_for_each(|it| write!(out, "{}", it.letter))?;
                match letters.first().and_then(|letter| letter.after) {
                    Some(after) => write!(out, " after {after}"),
                    None => out.write_str(" at the beginning"),
                }
            }
            Effect::Erase { letter, stamp } => write!(out, "erases {letter} of {stamp}"),
        }
    }
}

impl Display for Operation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}", self.dot, self.effect)
    }
}

/// Tags in brackets: `[n1:1 n2:3]`.
fn tags(dots: &[Dot]) -> String {
    let words: Vec<_> = dots.iter().map(ToString::to_string).collect();
    format!("[{}]", words.join(" "))
}

impl Display for Output {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Output::Updated(operation) => write!(out, "Updated {operation}"),
            Output::Shows(value) => write!(out, "Shows {value}"),
            Output::HeldBack(dot) => write!(out, "HeldBack {dot}"),
            Output::Restored => out.write_str("Restored"),
        }
    }
}

impl Display for Stable {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let disk = &self.0;
        write!(out, "updates {}", disk.state.seen)?;
        if disk.boots > 1 {
            write!(out, ", boot {}", disk.boots)?;
        }
        Ok(())
    }
}

impl State {
    /// What it shows: `+3`, `7`, `a b`, `a=7 b=1`, `abc`; `–` where there is nothing.
    pub(super) fn shown(&self, kind: Type) -> String {
        let keys = || self.entries.keys().into_iter();
        let text = match kind {
            Type::Counter => return self.counter.value().to_string(),
            Type::Register => self.register.written.map(|(_, value)| value.to_string()).unwrap_or_default(),
            Type::Set => keys().map(|key| key.to_string()).collect::<Vec<_>>().join(" "),
            Type::Map => {
                let pair = |key| format!("{key}={}", self.entries.value(key).unwrap_or_default());
                keys().map(pair).collect::<Vec<_>>().join(" ")
            }
            Type::Text => self.text.shown(),
        };
        if text.is_empty() { "–".into() } else { text }
    }

    /// What there is to compare with other replicas, row by row.
    fn rows(&self, kind: Type) -> Vec<(String, String)> {
        let row = |name: &str, value: String| (name.to_owned(), value);
        let mut rows = vec![row("shown", self.shown(kind))];
        match kind {
            Type::Counter => rows.extend(self.counter.rows()),
            Type::Register => {
                rows.extend(self.register.written.map(|(stamp, _)| row("timestamp", stamp.to_string())));
            }
            Type::Set => {
                let tagged = |key| (key, tags(&self.entries.observed(key)));
                rows.extend(
                    self.entries.keys().into_iter().map(tagged).map(|(key, it)| row(&key.to_string(), it)),
                );
            }
            Type::Map => {
                let values = |key| {
                    let value = |dot: &Dot| self.entries.tags.get(dot).and_then(|entry| entry.value);
                    let tagged = |dot: Dot| value(&dot).map(|value| format!("{value} [{dot}]"));
                    let all: Vec<_> = self.entries.observed(key).into_iter().filter_map(tagged).collect();
                    all.join(", ")
                };
                rows.extend(self.entries.keys().into_iter().map(|key| row(&key.to_string(), values(key))));
            }
            Type::Text => rows.push(row("with tombstones", self.text.with_tombstones())),
        }
        rows.push(row("updates", self.seen.to_string()));
        rows
    }
}

impl Type {
    fn word(self) -> &'static str {
        match self {
            Type::Text => "text",
            Type::Counter => "counter",
            Type::Register => "register",
            Type::Set => "set",
            Type::Map => "map",
        }
    }
}

impl Crdt {
    /// The card.
    pub(super) fn described(&self) -> Card {
        let state = &self.disk.state;
        let behind: NodeSet = self.behind().collect();
        let (role, sign) = match (self.held.is_empty(), state.seen.is_empty(), behind.is_empty()) {
            (false, ..) => ("holding back", Sign::Idle),
            (true, true, _) => ("replica", Sign::Idle),
            (true, false, false) => ("ahead", Sign::Telling),
            (true, false, true) => ("in step", Sign::Committed),
        };
        let shown = state.shown(self.params.r#type);
        let clock = state.seen.by_node(self.count);
        let held = Held {
            key: self.params.r#type.word().into(),
            value: shown.clone(),
            age: Age::Clock(clock.clone()),
            home: None,
            newest: false,
        };
        let holds = if state.seen.is_empty() { vec![] } else { vec![held] };
        let behind = if behind.is_empty() { "none".to_owned() } else { behind.to_string() };
        let fields = vec![
            Field::new("shows", Meaning::Value, &shown),
            Field::new("updates", Meaning::Value, &state.seen),
            Field::new("behind", Meaning::Nodes, behind),
            Field::new("identity", Meaning::Value, self.replica()),
            Field::new("held back", Meaning::Counter, self.held.len()),
        ];
        let (table, lanes) = (state.rows(self.params.r#type), self.lanes());
        Card { role, sign, badge: shown, fields, holds, clock, table, lanes, ..Card::default() }
    }

    /// The operations that it holds back, and what they wait for.
    fn lanes(&self) -> Vec<Lane> {
        let item = |operation: &Operation| {
            let missed = self.disk.state.seen.misses(&operation.saw);
            let note = missed.map(|dot| format!("waits for {dot}")).unwrap_or_default();
            LaneItem { text: operation.to_string(), note, state: LaneState::Waiting, changed: false }
        };
        let items: Vec<_> = self.held.iter().map(item).collect();
        let lane = Lane { name: "held back".into(), note: String::new(), items };
        if lane.items.is_empty() { vec![] } else { vec![lane] }
    }
}
