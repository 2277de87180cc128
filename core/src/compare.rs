//! Two runs side by side: where they part, what was told in one only, how claims and nodes stand at the end.
//!
//! Records say when what happened to whom, and not what was in a message. So two runs are the same as far as their lines
//! are, and lines are made by playing again, both runs in step. What two scenarios share because nothing differs before
//! need not be played for that: of two branches everything up to where they part.

use crate::card::{Card, LogCell};
use crate::claims::claims;
use crate::measure::{Measures, Measuring};
use crate::name::NodeId;
use crate::scenario::Scenario;
use crate::sim::{Cursor, Run};
use crate::time::Micros;
use crate::toolbox::order::{self, by_number};
use crate::trace::{Line, Record};
use crate::view::{Claim, Standing};
use crate::world::World;
use std::cmp::Ordering;

/// The most outputs of one run that are listed; how many there are is counted all the same.
pub const MOST_OUTPUTS: usize = 100;

/// What differs between two runs; of each pair the first is of the first run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// The first event that is not the same; `None` when all are.
    pub first: Option<Divergence>,
    /// Every claim of either protocol, and how it stands at the end.
    pub claims: Vec<ClaimPair>,
    /// What the nodes know at the end, where it differs.
    pub ends: Vec<EndPair>,
    /// What the runs cost.
    pub measures: [Measures; 2],
}

/// Where two runs part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Divergence {
    /// The number of the event, the same in both.
    pub event: usize,
    /// When the earlier of both happens.
    pub time: Micros,
    /// The event in words; `None` where a run has ended.
    pub lines: [Option<Line>; 2],
}

/// What was told in one run only.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outputs {
    /// How many there are.
    pub count: usize,
    /// The first of them, at most [`MOST_OUTPUTS`].
    pub first: Vec<Told>,
}

/// Something that a node told the application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// With which event.
    pub event: usize,
    /// When.
    pub time: Micros,
    /// Who.
    pub node: NodeId,
    /// What.
    pub text: String,
}

/// A claim and how it stands in two runs; `None` where the protocol does not claim it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimPair {
    /// The name the paper gives it.
    pub name: String,
    /// How it stands at the end.
    pub standings: [Option<Standing>; 2],
}

impl ClaimPair {
    /// Whether both claim it and it stands otherwise in the one than in the other, whenever it came to that.
    pub fn differs(&self) -> bool {
        let sort = |standing: &Standing| std::mem::discriminant(standing);
        matches!(&self.standings, [Some(one), Some(other)] if sort(one) != sort(other))
    }
}

/// A fact about a node that is not the same at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndPair {
    /// Whose.
    pub node: NodeId,
    /// What the paper calls it.
    pub name: String,
    /// Its values; `None` where there is no such fact.
    pub values: [Option<String>; 2],
}

/// Two scenarios played, both up to the later of their ends.
pub fn play_both(one: &Scenario, other: &Scenario) -> [Run; 2] {
    let run = Run::new(one.clone(), one.until.max(other.until));
    let other = run.branch(other);
    [run, other]
}

/// Compares two runs up to the same time, as far as both know.
pub fn compare(runs: [&Run; 2]) -> Comparison {
    let mut comparing = Comparing::of(runs);
    loop {
        if let Some(comparison) = comparing.step(runs, usize::MAX) {
            return comparison;
        }
    }
}

/// A comparison that is made in slices, so that a page can do it without freezing.
pub struct Comparing {
    until: Micros,
    cursors: [Cursor; 2],
    /// Whether it is known where they part, and where that is; from then on what they cost is counted.
    parted: bool,
    first: Option<Divergence>,
    measuring: [Measuring; 2],
}

impl Comparing {
    /// Begins where two runs may part.
    pub fn of(runs: [&Run; 2]) -> Self {
        let until = runs[0].horizon().min(runs[1].horizon());
        let start = runs[0].shared_with(runs[1].scenario()).unwrap_or(0);
        let (cursors, measuring) = (runs.map(|run| run.at(start)), runs.map(Measuring::of));
        Comparing { until, cursors, parted: false, first: None, measuring }
    }

    /// Goes on for some events of the same runs; what differs, once it is known.
    pub fn step(&mut self, runs: [&Run; 2], events: usize) -> Option<Comparison> {
        if self.parted {
            let until = self.until;
            let count =
                |side: usize| self.measuring[side].step(runs[side], runs[side].events_until(until), events);
            let counted = [0, 1].map(count);
            return (counted == [true, true]).then(|| self.told(runs));
        }
        let alike = runs[0].scenario().entry.info.slug == runs[1].scenario().entry.info.slug;
        for _ in 0..events {
            let lines = [0, 1].map(|side| self.line(side, runs[side]));
            match &lines {
                [Some(one), Some(other)] if is_same(one, other, alike) => {}
                _ => {
                    (self.parted, self.first) = (true, parting(lines));
                    break;
                }
            }
        }
        None
    }

    fn line(&mut self, side: usize, run: &Run) -> Option<Line> {
        let here = self.cursors[side].world.events() as usize;
        let is_over = here >= run.events_until(self.until);
        if is_over { None } else { run.tell(&mut self.cursors[side], here) }
    }

    /// What differs between two runs of which it is known where they part.
    fn told(&mut self, runs: [&Run; 2]) -> Comparison {
        let worlds = runs.map(|run| run.at(run.events_until(self.until)).world);
        Comparison {
            first: self.first.take(),
            claims: claim_pairs([0, 1].map(|side| claims(runs[side].scenario(), &worlds[side], self.until))),
            ends: end_pairs([&worlds[0], &worlds[1]]),
            measures: [0, 1].map(|side| self.measuring[side].measures(&worlds[side])),
        }
    }
}

/// The first events that are not the same.
fn parting(lines: [Option<Line>; 2]) -> Option<Divergence> {
    let of = |value: fn(&Line) -> u64| lines.iter().flatten().map(value).min();
    let (event, time) = (of(|line| line.index as u64)? as usize, of(|line| line.record.time)?);
    Some(Divergence { event, time, lines })
}

/// What was told in one of two runs only, or more often. This reads every line after the runs part, so it takes longer
/// than all the rest of a comparison.
pub fn compare_outputs(runs: [&Run; 2]) -> [Outputs; 2] {
    let until = runs[0].horizon().min(runs[1].horizon());
    let start = runs[0].shared_with(runs[1].scenario()).unwrap_or(0);
    let lines = |run: &Run| run.lines(start, run.events_until(until));
    only_in_one(runs.map(|run| lines(run).into_iter().flat_map(told_by).collect()))
}

/// Whether the same happened: when, to whom and why, what was sent, written and told. The words for it count where both
/// are of one protocol.
fn is_same(one: &Line, other: &Line, alike: bool) -> bool {
    let brief = |Record { time, cause, node, peer, what, .. }: Record| (time, cause, node, peer, what);
    brief(one.record) == brief(other.record)
        && (&one.sent, &one.disk, &one.outputs) == (&other.sent, &other.disk, &other.outputs)
        && (!alike || (&one.sentence, &one.occasion) == (&other.sentence, &other.occasion))
}

fn told_by(line: Line) -> impl Iterator<Item = Told> {
    let Record { time, node, .. } = line.record;
    let told = move |text| Told { event: line.index, time, node: NodeId(node), text };
    line.outputs.into_iter().map(told)
}

/// Of what was told in two runs that which has no like in the other.
fn only_in_one(mut told: [Vec<Told>; 2]) -> [Outputs; 2] {
    fn key(told: &Told) -> (NodeId, &str) {
        (told.node, &told.text)
    }
    for told in &mut told {
        // The order among equals is that of the run, so that of several the last ones are left over.
        order::by(told, |one, other| key(one).cmp(&key(other)));
    }
    let mut left = [Vec::new(), Vec::new()];
    let [mut one, mut other] = told.map(|told| told.into_iter().peekable());
    loop {
        let order = match (one.peek(), other.peek()) {
            (None, None) => break,
            (Some(one), Some(other)) => key(one).cmp(&key(other)),
            (one, _) => {
                if one.is_some() {
                    Ordering::Less
                } else {
                    Ordering::Greater
                }
            }
        };
        match order {
            Ordering::Less => left[0].extend(one.next()),
            Ordering::Greater => left[1].extend(other.next()),
            Ordering::Equal => drop((one.next(), other.next())),
        }
    }
    left.map(|mut first| {
        let count = first.len();
        by_number(&mut first, |told| told.event as u128);
        first.truncate(MOST_OUTPUTS);
        Outputs { count, first }
    })
}

fn claim_pairs([one, mut other]: [Vec<Claim>; 2]) -> Vec<ClaimPair> {
    let mut pairs = Vec::new();
    for claim in one {
        let same = other.iter().position(|it| it.name == claim.name && it.sentence == claim.sentence);
        let standing = same.map(|place| other.remove(place).standing);
        pairs.push(ClaimPair { name: claim.name, standings: [Some(claim.standing), standing] });
    }
    pairs.extend(
        other.into_iter().map(|it| ClaimPair { name: it.name, standings: [None, Some(it.standing)] }),
    );
    pairs
}

/// What the nodes know, where it differs between two worlds.
pub(crate) fn end_pairs(worlds: [&World; 2]) -> Vec<EndPair> {
    let [one, other] = worlds.map(World::cards);
    let none = Card::default();
    let mut pairs = Vec::new();
    for (place, node) in (0..one.len().max(other.len())).zip((0..).map(NodeId)) {
        let both = [&one, &other].map(|cards| cards.get(place).unwrap_or(&none));
        let facts = [0, 1].map(|side| facts(worlds[side], node, both[side]));
        let new = facts[1].iter().filter(|(name, _)| facts[0].iter().all(|(known, _)| known != name));
        for (name, _) in facts[0].iter().chain(new) {
            let value = |facts: &Facts| facts.iter().find(|it| it.0 == *name).map(|it| it.1.clone());
            pairs.push(EndPair { node, name: (*name).to_owned(), values: facts.each_ref().map(value) });
        }
        // Of a log the first entry that differs, for the others may all do.
        let cell = |side: usize, place: usize| both[side].log.get(place);
        let said = |cell: &LogCell| format!("{} of term {}", cell.text, cell.term);
        let length = both[0].log.len().max(both[1].log.len());
        let differ = |&place: &usize| cell(0, place).map(said) != cell(1, place).map(said);
        pairs.extend((0..length).find(differ).map(|place| EndPair {
            node,
            name: format!("log {}", place + 1),
            values: [0, 1].map(|side| cell(side, place).map(said)),
        }));
    }
    pairs.retain(|pair| pair.values[0] != pair.values[1]);
    pairs
}

type Facts<'a> = Vec<(&'a str, String)>;

/// What a node knows but for its log, and whether it is up.
fn facts<'a>(world: &World, node: NodeId, card: &'a Card) -> Facts<'a> {
    if node.0 >= world.setup().count {
        return Vec::new();
    }
    let state = match (world.is_up(node), world.is_paused(node)) {
        (false, _) => "down",
        (true, true) => "paused",
        (true, false) => "up",
    };
    let mut facts = vec![("state", state.to_owned()), ("role", card.role.to_owned())];
    facts.extend(card.fields.iter().map(|field| (field.name, field.value.clone())));
    facts.extend(card.table.iter().map(|(key, value)| (key.as_str(), value.clone())));
    facts
}
