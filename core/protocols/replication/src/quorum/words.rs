//! How versions, outputs and disks of quorums are written, and what their cards show.

use super::version::{Version, Versions};
use super::{Context, Key, Output, Quorum, Quorums, Request, Stable};
use faultline_core::card::Poll;
use faultline_core::prelude::*;
use faultline_core::sign::{Age, Held};
use faultline_core::time::exact;
use faultline_core::toolbox::clocks::VectorClock;
use std::fmt::{self, Display};

impl Display for Version {
    /// `7 [2 1]`, with a coordinator that is a node `7 n4:2 after n4:1`, with timestamps `7 of 1.5s by n1`; a
    /// tombstone begins with a cross.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.value {
            Some(value) => write!(out, "{value} ")?,
            None => out.write_str("✝ ")?,
        }
        if self.is_dotted() {
            write!(out, "{}", self.age())
        } else if self.clock.entries().is_empty() {
            write!(out, "of {} by {}", exact(self.time), self.author)
        } else {
            write!(out, "{}", self.clock)
        }
    }
}

impl Version {
    fn held(&self, key: Key, home: Option<NodeId>) -> Held {
        let value = self.value.map_or("✝".to_owned(), |value| value.to_string());
        Held { key: key.to_string(), value, age: self.age(), home, newest: false }
    }

    fn age(&self) -> Age {
        match self.clock.entries() {
            [] => Age::Stamp(vec![self.time, self.author.0.into(), self.count.into()]),
            after if self.is_dotted() => {
                Age::Dotted { dot: (self.author, self.count.into()), after: after.to_vec() }
            }
            clock => Age::Clock(clock.to_vec()),
        }
    }
}

impl Display for Context {
    /// `, after n4:2 n5:1`, and in a session `, stamped 1.5s`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seen = dots(&self.clock);
        if !seen.is_empty() {
            write!(out, ", after {seen}")?;
        }
        if self.stamp > 0 { write!(out, ", stamped {}", exact(self.stamp)) } else { Ok(()) }
    }
}

/// The entries of a clock of coordinators: `n4:2 n5:1`.
fn dots(clock: &VectorClock) -> String {
    let seen = clock.iter().filter(|(_, count)| *count > 0);
    seen.map(|(node, count)| format!("{node}:{count}")).collect::<Vec<_>>().join(" ")
}

impl Display for Versions {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, version) in self.iter().enumerate() {
            write!(out, "{}{version}", if place == 0 { "" } else { " | " })?;
        }
        if self.is_empty() { out.write_str("nothing") } else { Ok(()) }
    }
}

/// A number of things: `1 leaf`, `3 leaves`.
pub(super) fn number(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// Nodes of a hash tree with the first digits of their hashes: `2:a03f 3:77c1`.
pub(super) fn hashes(nodes: &[(u32, u64)]) -> String {
    let words = nodes.iter().map(|(number, hash)| format!("{number}:{:04x}", hash >> 48));
    words.collect::<Vec<_>>().join(" ")
}

/// Leaves of a hash tree, and what is held in them: `2 3, a = 7 [1], b = nothing`.
pub(super) fn exchanged(leaves: &[u32], entries: &[(Key, Versions)]) -> String {
    let leaves = leaves.iter().map(u32::to_string).collect::<Vec<_>>().join(" ");
    entries.iter().fold(leaves, |all, (key, versions)| format!("{all}, {key} = {versions}"))
}

impl Display for Output {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Output::Begun { input, write: None } => write!(out, "Begun {input}"),
            Output::Begun { input, write: Some(version) } => write!(out, "Begun {input} as {version}"),
            Output::Read { key, versions } => write!(out, "Read {key} = {versions}"),
            Output::Wrote { key } => write!(out, "Wrote {key}"),
            Output::GaveUp => out.write_str("GaveUp"),
            Output::Took { key, version } => write!(out, "Took {key} = {version}"),
            Output::Collected { key } => write!(out, "Collected {key}"),
            Output::HandedOff { key, home } => write!(out, "HandedOff {key} to {home}"),
            Output::Expired { key, version, home } => write!(out, "Expired {key} = {version} for {home}"),
            Output::Compared { with, hashes, differing } => {
                write!(out, "Compared {hashes} with {with}, {differing} differ")
            }
            Output::Coordinated { client, request, key, version } => {
                write!(out, "Coordinated {key} = {version}, request {request} of {client}")
            }
        }
    }
}

impl Display for Stable {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.requests > 0 {
            write!(out, "{} requests, {} writes", self.requests, self.writes)?;
            self.known.iter().try_for_each(|(key, clock)| write!(out, ", knows {key} {clock}"))?;
            return self
                .seen
                .iter()
                .try_for_each(|(key, versions)| write!(out, ", has seen {key} = {versions}"));
        }
        let held = self.store.0.iter().filter(|(_, versions)| !versions.is_empty());
        let held = held.map(|(key, versions)| format!("{key} = {versions}"));
        let hints =
            self.hints.iter().map(|hint| format!("{} = {} for {}", hint.key, hint.version, hint.home));
        let all: Vec<String> = held.chain(hints).collect();
        out.write_str(if all.is_empty() { "nothing".into() } else { all.join(", ") }.as_str())
    }
}

impl Request {
    fn words(&self) -> String {
        match &self.write {
            Some(version) => format!("{} = {version}", self.key),
            None => format!("get {}", self.key),
        }
    }

    /// The answers to it, of homes and of stand-ins.
    pub(super) fn poll(&self, quorums: Quorums) -> Poll {
        let name = if self.write.is_some() { "writes" } else { "reads" };
        let (name, enough) = (format!("{name} of {}", self.key), self.needed(quorums));
        let asked = if quorums.weighted { self.voters(quorums) } else { self.asked.clone() };
        Poll::new(name, asked, Some(enough), &|node| self.replies.contains_key(&node))
    }

    /// The replicas that it has asked, each once for every vote; a stand-in has the votes of its home.
    fn voters(&self, quorums: Quorums) -> Vec<NodeId> {
        let counted = self.counted(quorums);
        let of_home =
            |node: NodeId| quorums.votes(self.key).find(|(home, _)| *home == node).map(|(_, votes)| votes);
        let votes_of = |node: &NodeId| match (counted.get(node), of_home(*node)) {
            (Some(counted), _) => *counted,
            (None, Some(votes)) => quorums.counted(votes),
            // A stand-in that has not answered, or whose home has.
            (None, None) => 0,
        };
        self.asked.iter().flat_map(|node| std::iter::repeat_n(*node, votes_of(node))).collect()
    }
}

impl Quorum {
    /// The card.
    pub(super) fn described(&self) -> Card {
        if self.is_client() { self.client_card() } else { self.replica_card() }
    }

    fn client_card(&self) -> Card {
        let (mut asks, mut answers, mut badge) = ("nothing".to_owned(), "none".to_owned(), "–".to_owned());
        if let Some(request) = &self.request {
            asks = request.words();
            let replies = request.replies.iter();
            let replies = replies.map(|(node, versions)| match &request.write {
                Some(_) => node.to_string(),
                None => format!("{node}: {versions}"),
            });
            answers = replies.collect::<Vec<_>>().join("; ");
            badge = if request.open { format!("{} …", request.key) } else { request.key.to_string() };
        }
        if let Some(forwarded) = &self.forwarded {
            let (key, open) = (forwarded.input.key(), forwarded.open);
            asks = forwarded.input.to_string();
            answers = if open { "none".into() } else { forwarded.versions.to_string() };
            badge = if open { format!("{key} …") } else { key.to_string() };
        }
        let by_node = self.quorums.by_node;
        let known = self.disk.known.iter().map(|(key, clock)| match by_node {
            true => format!("{key} {}", dots(clock)),
            false => format!("{key} {clock}"),
        });
        let Quorums { r, w, all, .. } = self.quorums;
        let of = if self.quorums.weighted { format!(" of {all} votes") } else { String::new() };
        let mut fields = vec![
            Field::new("request", Meaning::Value, asks),
            Field::new("answers", Meaning::Nodes, answers),
            Field::new("needs", Meaning::Counter, format!("R = {r}, W = {w}{of}")),
            Field::new("knows", Meaning::Value, known.collect::<Vec<_>>().join("; ")),
        ];
        if self.in_session {
            let seen = self.disk.seen.iter().map(|(key, versions)| format!("{key} {versions}"));
            fields.push(Field::new("session", Meaning::Value, or_nothing(&seen.collect::<Vec<_>>())));
        }
        let sign = if self.is_waiting() { Sign::Seeking } else { Sign::Idle };
        Card { role: "client", sign, badge, fields, poll: self.poll(), ..Card::default() }
    }

    /// The answers to its request; they stay when they are enough.
    fn poll(&self) -> Option<Poll> {
        let request = self.request.as_ref()?;
        let poll = request.poll(self.quorums);
        (request.open || poll.is_enough()).then_some(poll)
    }

    fn replica_card(&self) -> Card {
        let store = || self.disk.store.0.iter().filter(|(_, versions)| !versions.is_empty());
        let hints = self.disk.hints.iter();
        let hints: Vec<_> =
            hints.map(|hint| format!("{} for {}: {}", hint.key, hint.home, hint.version)).collect();
        let mut fields = vec![
            Field::new("keys", Meaning::Counter, store().count()),
            Field::new(
                "hints",
                Meaning::Nodes,
                if hints.is_empty() { "none".into() } else { hints.join("; ") },
            ),
        ];
        if self.quorums.weighted {
            fields.push(Field::new("votes", Meaning::Counter, self.own_votes()));
        }
        let mut table: Vec<_> =
            store().map(|(key, versions)| (key.to_string(), versions.to_string())).collect();
        let kept = self.disk.hints.iter();
        table.extend(kept.map(|hint| (format!("{} for {}", hint.key, hint.home), hint.version.to_string())));
        let mut of_a: Vec<String> = store().map(|(key, versions)| shown(*key, versions)).collect();
        of_a.truncate(2);
        let badge = if of_a.is_empty() { "–".into() } else { of_a.join(" ") };
        let open: Vec<_> = self.coordinates.iter().filter(|(_, request)| request.open).collect();
        if self.quorums.by_node {
            let open = open.iter().map(|(client, request)| format!("{client}: {}", request.words()));
            fields.push(Field::new("coordinates", Meaning::Value, or_nothing(&open.collect::<Vec<_>>())));
        }
        let poll = open.first().map(|(_, request)| request.poll(self.quorums));
        let (role, holds) = ("replica", self.holds());
        Card { role, badge, fields, holds, table, poll, place: 1, ..Card::default() }
    }

    /// How many votes it has for each key that it is a home of: `a 2; b 1`.
    fn own_votes(&self) -> String {
        let of =
            |key| self.quorums.votes(key).find(|(home, _)| *home == self.me).map(|(_, votes)| (key, votes));
        let votes = (0..self.keys).map(Key).filter_map(of).map(|(key, votes)| format!("{key} {votes}"));
        or_nothing(&votes.collect::<Vec<_>>())
    }

    /// What it holds as a home, and then what it keeps for others.
    fn holds(&self) -> Vec<Held> {
        let own = self.disk.store.0.iter();
        let own = own.flat_map(|(key, versions)| versions.iter().map(|version| version.held(*key, None)));
        let kept = self.disk.hints.iter().map(|hint| hint.version.held(hint.key, Some(hint.home)));
        own.chain(kept).collect()
    }
}

/// A list as the value of a field.
fn or_nothing(list: &[String]) -> String {
    if list.is_empty() { "nothing".into() } else { list.join("; ") }
}

/// A key and its values, as short as can be: `a7`.
fn shown(key: Key, versions: &Versions) -> String {
    let text = versions.text();
    if text.is_empty() { format!("{key}✝") } else { format!("{key} {text}") }
}
