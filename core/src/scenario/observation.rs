//! Observations: what a scenario or a lesson says can be seen at a moment of a run, in the words of the page.
//!
//! ```text
//! n3 is uncertain                 its role; or up, down, paused, byzantine
//! n1 commit index 1               a field of its card
//! n1 has 2 votes                  what it counts
//! n2 log 2 Put x=3                an entry of its log
//! n4 holds a 7                    a version beside it
//! n4 table x 3                    a row of its table
//! n5 queue m2                     what waits in one of its queues
//! n2 clock 2 1 0                  its vector clock
//! n2 sees n3 suspected            whom it holds for what
//! under way n1>n3 Commit          a message
//! reached blocking                a claim: also `holds` and `violated`
//! not n3 is uncertain             none of these
//! ```

use super::Scenario;
use super::read::{split, unknown};
use super::read_act::{message, node};
use super::slug;
use crate::card::{Card, LaneState};
use crate::catalogue::Entry;
use crate::event::MessageName;
use crate::name::NodeId;
use crate::text::is_no;
use std::fmt::{self, Display};

/// Something that can be seen at a moment, or that cannot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    /// Whether it is said that it can *not* be seen.
    pub is_not: bool,
    /// What is seen.
    pub sight: Sight,
}

/// What is seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sight {
    /// Of a node, one of [`sights`].
    Node(NodeId, String),
    /// A message is under way.
    UnderWay(MessageName),
    /// The claim stands so: `reached`, `holds` or `violated`, and its slug.
    Claim(&'static str, String),
}

/// The words that say how a claim stands.
pub(super) const STANDS: [(&str, &str); 3] = [
    ("holds", "The claim has held so far, and is promised."),
    ("violated", "The claim is broken by then."),
    ("reached", "What should come up sometimes has come up by then."),
];

impl Observation {
    /// Reads an observation in the words of a scenario's protocol.
    ///
    /// # Errors
    /// One sentence when these are no such words.
    pub fn parse(scenario: &Scenario, text: &str) -> Result<Self, String> {
        let (is_not, text) = match split(text) {
            ("not", rest) => (true, rest),
            _ => (false, text),
        };
        Ok(Observation { is_not, sight: sight(scenario, text)? })
    }

    /// The same as a sentence for people, with the claims' names.
    pub fn sentence(&self, entry: &Entry) -> String {
        let not = if self.is_not { " not" } else { "" };
        match &self.sight {
            Sight::Node(node, what) => match what.strip_prefix("is ") {
                Some(what) => format!("{node} is{not} {what}"),
                None if self.is_not => format!("{node} does not show: {what}"),
                None => format!("{node}: {what}"),
            },
            Sight::UnderWay(message) => format!("{message} is{not} under way"),
            Sight::Claim(stands, wanted) => {
                let claim = entry.claims().into_iter().find(|claim| slug(claim.name) == *wanted);
                let name = claim.map_or(wanted.as_str(), |claim| claim.name);
                match *stands {
                    "holds" if self.is_not => format!("{name} does not hold"),
                    "holds" => format!("{name} holds"),
                    stands => format!("{name} is{not} {stands}"),
                }
            }
        }
    }
}

fn sight(scenario: &Scenario, text: &str) -> Result<Sight, String> {
    let (first, rest) = split(text);
    if let Some((word, _)) = STANDS.iter().find(|(word, _)| *word == first) {
        return Ok(Sight::Claim(word, claim(scenario, rest)?));
    }
    if let Some(name) = text.strip_prefix("under way ") {
        return Ok(Sight::UnderWay(message(scenario, name.trim())?));
    }
    if rest.is_empty() {
        return Err(format!(
            "{}; write for example `n1 is up`, `under way n1>n2` and a kind, or `holds` and a claim",
            is_no("sight", text)
        ));
    }
    Ok(Sight::Node(node(scenario, first)?, rest.into()))
}

/// The slug of a claim of the protocol.
pub(super) fn claim(scenario: &Scenario, text: &str) -> Result<String, String> {
    let slugs: Vec<_> = scenario.entry.claims().iter().map(|claim| slug(claim.name)).collect();
    let found = slugs.iter().find(|slug| *slug == text).cloned();
    found.ok_or_else(|| unknown("claim", text, slugs.iter().map(String::as_str)))
}

/// How a node is above its protocol, in the words of observations.
pub(crate) fn state(up: bool, paused: bool, taken_over: bool) -> &'static [&'static str] {
    match (up, paused, taken_over) {
        (false, ..) => &["down"],
        (true, true, _) => &["up", "paused"],
        (true, false, true) => &["up", "byzantine"],
        (true, false, false) => &["up"],
    }
}

/// What can be said of a node: how it is, by these words, and what its card shows.
pub(crate) fn sights(state: &[&str], card: &Card) -> Vec<String> {
    let mut all: Vec<String> = state.iter().map(|word| format!("is {word}")).collect();
    if !card.role.is_empty() {
        all.push(format!("is {}", card.role));
    }
    all.extend(card.fields.iter().map(|field| format!("{} {}", field.name, field.value)));
    all.extend(card.poll.iter().map(|poll| format!("has {} {}", poll.got(), poll.name)));
    all.extend(card.holds.iter().map(|held| format!("holds {} {}", held.key, held.value)));
    all.extend(card.table.iter().map(|(key, value)| format!("table {key} {value}")));
    all.extend(card.log.iter().map(|cell| format!("log {} {}", cell.index, cell.text)));
    let waiting = card.lanes.iter().flat_map(|lane| &lane.items).filter(|item| item.state != LaneState::Done);
    all.extend(waiting.map(|item| format!("queue {}", item.text)));
    if !card.clock.is_empty() {
        let clock: Vec<_> = card.clock.iter().map(u64::to_string).collect();
        all.push(format!("clock {}", clock.join(" ")));
    }
    all.extend(card.members.iter().map(|member| format!("sees {} {}", member.node, member.word)));
    // What has no value cannot be written down.
    all.retain(|sight| !sight.ends_with(' '));
    all
}

impl Display for Observation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_not {
            out.write_str("not ")?;
        }
        match &self.sight {
            Sight::Node(node, what) => write!(out, "{node} {what}"),
            Sight::UnderWay(message) => write!(out, "under way {message}"),
            Sight::Claim(stands, claim) => write!(out, "{stands} {claim}"),
        }
    }
}
