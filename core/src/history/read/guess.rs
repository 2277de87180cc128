//! Which model a history is of.

use super::events::{Event, Phase};
use super::{MOST_EVENTS, MOST_OPERATIONS};
use crate::history::edn::Form;
use crate::history::notation::keyed;
use crate::text::{Complaint, shown};
use std::collections::BTreeMap;

/// The verbs of each model, by which it is guessed; where two models have the same ones, the values decide.
const KNOWN: [(&str, &[&str]); 6] = [
    ("register", &["read", "write", "cas"]),
    ("multi-register", &["txn", "read", "write"]),
    ("kv", &["get", "put", "append"]),
    ("queue", &["enqueue", "dequeue", "drain"]),
    ("set", &["add", "remove", "contains", "read"]),
    ("mutex", &["acquire", "release"]),
];

/// What is seen of a history in going over it.
#[derive(Default)]
pub(super) struct Survey {
    pub(super) events: usize,
    /// The verbs, and the line in which each is found first.
    verbs: BTreeMap<String, usize>,
    /// How many invocations there are that are no compare-and-set, and how many of them have a value behind a
    /// key.
    plain: usize,
    keyed: usize,
    /// Whether registers are written or read in a map of several.
    maps: bool,
    /// Whether transactions append to lists.
    appends: bool,
}

impl Survey {
    pub(super) fn see(&mut self, event: &Event) -> Result<(), Complaint> {
        if self.events == MOST_EVENTS {
            let sentence = format!("a history holds at most {MOST_OPERATIONS} operations");
            return Err(Complaint { line: event.line, sentence });
        }
        self.events += 1;
        if !self.verbs.contains_key(&event.verb) {
            self.verbs.insert(event.verb.clone(), event.line);
        }
        if event.phase == Phase::Invoke && event.verb != "cas" {
            self.plain += 1;
            self.keyed += usize::from(keyed(&event.value).is_ok());
        }
        self.maps |= matches!(event.value, Form::Map(_)) && matches!(event.verb.as_str(), "read" | "write");
        if let ("txn", Form::List(acts)) = (event.verb.as_str(), &event.value) {
            self.appends |= acts.iter().any(is_append);
        }
        Ok(())
    }

    /// The model whose verbs these are.
    pub(super) fn model(&self) -> Result<&'static str, Complaint> {
        let verbs = &self.verbs;
        let fits = |(_, words): &&(&str, &[&str])| verbs.keys().all(|verb| words.contains(&verb.as_str()));
        match KNOWN.iter().find(fits) {
            Some(("register", _)) if self.maps => return Ok("multi-register"),
            Some(("register", _)) if self.plain > 0 && self.keyed == self.plain => return Ok("registers"),
            Some(("multi-register", _)) if self.appends => return Ok("list-append"),
            Some((name, _)) => return Ok(name),
            None => {}
        }
        let stranger =
            verbs.iter().find(|(verb, _)| !KNOWN.iter().any(|(_, words)| words.contains(&verb.as_str())));
        let (line, sentence) = stranger.map_or_else(
            || {
                let all: Vec<&str> = verbs.keys().map(String::as_str).collect();
                (1, format!("no model offers all of {}", all.join(", ")))
            },
            |(verb, line)| (*line, format!("no model offers `{}`", shown(verb))),
        );
        let known = KNOWN.map(|(name, words)| format!("{name} ({})", words.join(", ")));
        Err(Complaint { line, sentence: format!("{sentence}; the models are {}", known.join(", ")) })
    }
}

fn is_append(act: &Form) -> bool {
    matches!(act, Form::List(act) if act.first() == Some(&Form::Word(":append".into())))
}
