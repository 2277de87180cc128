//! The checker: all runs within bounds, by breadth-first search over what may be chosen to happen next, or some runs
//! beyond them, by random walks.
//!
//! It checks the code that is shown on the stage: a state is a [`World`], a step is [`World::apply`]. Times do not count:
//! any message in flight may be the next to arrive, any timer that is set the next to fire. States that differ only in
//! times are one. A search runs in slices, so that a page can run it without freezing.

use crate::catalogue::Claimed;
use crate::event::Event;
use crate::node::NodeId;
use crate::property::Sense;
use crate::random::{Purpose, draw, within};
use crate::scenario::{Expectation, Moment, Scenario, Timed, slug};
use crate::time::Micros;
use crate::world::{Verdict, World};
use std::collections::VecDeque;

/// How far a search goes. Faults are counted along a run; a bound of 0 excludes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// The most events of a run after the boots.
    pub depth: u32,
    /// The most states that are visited.
    pub states: usize,
    /// The most inputs of a run.
    pub inputs: u8,
    /// The most crashes of a run; every crashed node may restart.
    pub crashes: u8,
    /// The most messages that a run loses.
    pub drops: u8,
    /// The most messages that a run duplicates.
    pub copies: u8,
}

impl Default for Bounds {
    fn default() -> Self {
        Bounds { depth: 12, states: 1_000_000, inputs: 1, crashes: 0, drops: 0, copies: 0 }
    }
}

/// What a search has found so far.
#[derive(Clone)]
pub struct Findings {
    /// How many different states were visited.
    pub states: usize,
    /// How many steps were taken, those to known states included.
    pub steps: u64,
    /// The longest run visited, in events after the boots.
    pub depth: u32,
    /// Whether all states within the bounds on faults and inputs were visited, and neither the bound on depth nor the one
    /// on states left any out.
    pub complete: bool,
    /// What should come up sometimes and did.
    pub reached: Vec<&'static str>,
    /// The first claim or belief that broke, on a shortest run, as a scenario.
    pub broken: Option<(String, Scenario)>,
}

/// What a run has spent of its bounds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Spent {
    inputs: u8,
    crashes: u8,
    drops: u8,
    copies: u8,
}

struct Visit {
    world: World,
    spent: Spent,
    depth: u32,
    /// Its place among all visited states.
    place: u32,
}

/// A breadth-first search under way.
pub struct Search {
    scenario: Scenario,
    bounds: Bounds,
    claims: Vec<Claimed>,
    seen: Seen,
    /// Of every state visited, the one it was first reached from, and by which of the choices there.
    origins: Vec<(u32, u32)>,
    frontier: VecDeque<Visit>,
    findings: Findings,
    cut_off: bool,
}

impl Search {
    /// A search from the moment when all nodes have booted.
    pub fn new(scenario: &Scenario, bounds: Bounds) -> Self {
        let scenario = Scenario { manual: true, acts: Vec::new(), ..scenario.clone() };
        let world = booted(&scenario);
        let mut seen = Seen::default();
        seen.insert(state(&world, Spent::default()));
        let first = Visit { world, spent: Spent::default(), depth: 0, place: 0 };
        let findings =
            Findings { states: 1, steps: 0, depth: 0, complete: false, reached: Vec::new(), broken: None };
        let claims = scenario.entry.claims();
        let (origins, frontier) = (vec![(0, 0)], VecDeque::from([first]));
        Search { scenario, bounds, claims, seen, origins, frontier, findings, cut_off: false }
    }

    /// Goes on for some steps; whether the search is over.
    pub fn step(&mut self, budget: u64) -> bool {
        let until = self.findings.steps + budget;
        while self.findings.steps < until {
            let Some(visit) = self.frontier.pop_front() else {
                self.findings.complete = !self.cut_off;
                return true;
            };
            if visit.depth == self.bounds.depth {
                self.cut_off |= !self.choices(&visit).is_empty();
                continue;
            }
            for (choice, (event, spent)) in self.choices(&visit).into_iter().enumerate() {
                if self.visit(&visit, choice as u32, event, spent) {
                    return true;
                }
            }
        }
        false
    }

    /// What has been found so far.
    pub fn findings(&self) -> &Findings {
        &self.findings
    }

    /// Takes one step from a state; whether that ends the search.
    fn visit(&mut self, from: &Visit, choice: u32, event: Event, spent: Spent) -> bool {
        let mut world = from.world.clone();
        self.findings.steps += 1;
        if world.apply(0, event).is_err() || !self.seen.insert(state(&world, spent)) {
            return false;
        }
        let (place, depth) = (self.origins.len() as u32, from.depth + 1);
        self.origins.push((from.place, choice));
        self.findings.states += 1;
        self.findings.depth = self.findings.depth.max(depth);
        if let Some(claim) = self.judge(&world) {
            let scenario = self.retell(place, &claim);
            self.findings.broken = Some((claim, scenario));
            return true;
        }
        if self.findings.states >= self.bounds.states {
            self.cut_off = true;
            return true;
        }
        self.frontier.push_back(Visit { world, spent, depth, place });
        false
    }

    /// The claim or belief that a state breaks; notes what it reaches.
    fn judge(&mut self, world: &World) -> Option<String> {
        for (claim, verdict) in self.claims.iter().zip(world.verdicts()) {
            match verdict {
                Verdict::Violated { .. } => return Some(slug(claim.name)),
                Verdict::Reached { .. } if !self.findings.reached.contains(&claim.name) => {
                    self.findings.reached.push(claim.name);
                }
                _ => {}
            }
        }
        world.broken_beliefs().first().map(|(_, _, belief)| (*belief).to_owned())
    }

    fn choices(&self, visit: &Visit) -> Vec<(Event, Spent)> {
        choices(&visit.world, &self.bounds, visit.spent)
    }

    /// The run to a state as a scenario: in manual mode, an act every ten milliseconds.
    fn retell(&self, place: u32, claim: &str) -> Scenario {
        let mut path = Vec::new();
        let mut here = place;
        while here != 0 {
            let (from, choice) = self.origins[here as usize];
            path.push(choice);
            here = from;
        }
        let (mut world, mut spent) = (booted(&self.scenario), Spent::default());
        let mut events = Vec::new();
        for choice in path.into_iter().rev() {
            let Some((event, after)) = choices(&world, &self.bounds, spent).into_iter().nth(choice as usize)
            else {
                break;
            };
            events.extend(world.words_of(&event));
            // It could be applied before.
            let _ = world.apply(0, event);
            spent = after;
        }
        told(&self.scenario, &events, claim)
    }
}

/// A random walk: one run of up to `bounds.depth` events, each drawn from what may be chosen.
pub fn walk(scenario: &Scenario, bounds: Bounds, seed: u64) -> Option<(String, Scenario)> {
    let scenario = Scenario { manual: true, acts: Vec::new(), ..scenario.clone() };
    let (mut world, mut spent) = (booted(&scenario), Spent::default());
    let claims = scenario.entry.claims();
    let mut events = Vec::new();
    for nth in 0..bounds.depth {
        let mut offered = choices(&world, &bounds, spent);
        if offered.is_empty() {
            return None;
        }
        let drawn = draw(seed, Purpose::Nemesis, (1, 0), nth.into());
        let place = within(drawn, &(0..=offered.len() as u64 - 1)) as usize;
        let (event, after) = offered.swap_remove(place);
        events.extend(world.words_of(&event));
        let _ = world.apply(0, event);
        spent = after;
        let broken = claims.iter().zip(world.verdicts()).find(|(claim, verdict)| {
            claim.sense == Sense::Always && matches!(verdict, Verdict::Violated { .. })
        });
        if let Some((claim, _)) = broken {
            let claim = slug(claim.name);
            let scenario = told(&scenario, &events, &claim);
            return Some((claim, scenario));
        }
    }
    None
}

/// The world of a scenario when all nodes have booted.
fn booted(scenario: &Scenario) -> World {
    let mut world = scenario.entry.world(&scenario.choices, scenario.setup());
    while let Some((time, event)) = world.upcoming() {
        // Boots can always happen.
        let _ = world.apply(time, event);
    }
    world
}

fn state(world: &World, spent: Spent) -> u64 {
    crate::fingerprint::of(&(world.fingerprint(), spent))
}

/// What may happen next, with what will have been spent then.
fn choices(world: &World, bounds: &Bounds, spent: Spent) -> Vec<(Event, Spent)> {
    let mut choices: Vec<_> = world.choices().into_iter().map(|event| (event, spent)).collect();
    if spent.inputs < bounds.inputs {
        let after = Spent { inputs: spent.inputs + 1, ..spent };
        choices.extend(world.input_choices().into_iter().map(|event| (event, after)));
    }
    let nodes = (0..world.setup().count).map(NodeId);
    for node in nodes {
        match world.is_up(node) {
            true if spent.crashes < bounds.crashes => {
                choices.push((Event::Crash(node), Spent { crashes: spent.crashes + 1, ..spent }));
            }
            true => {}
            false => choices.push((Event::Restart(node), spent)),
        }
    }
    if spent.drops < bounds.drops {
        let after = Spent { drops: spent.drops + 1, ..spent };
        choices.extend(world.in_flight().into_iter().map(|message| (Event::Drop(message), after)));
    }
    if spent.copies < bounds.copies {
        let after = Spent { copies: spent.copies + 1, ..spent };
        choices.extend(world.in_flight().into_iter().map(|message| (Event::Duplicate(message), after)));
    }
    choices
}

/// Events in words as a scenario in manual mode that is expected to break a claim.
fn told(scenario: &Scenario, events: &[String], claim: &str) -> Scenario {
    const STEP: Micros = 10_000;
    let mut told = scenario.clone();
    for (nth, words) in (1..).zip(events) {
        // The words are the world's own, so they can be read.
        if let Ok(act) = scenario.parse_act(words) {
            told.acts.push(Timed { at: Moment { time: nth * STEP, nth: None }, act });
        }
    }
    told.until = (events.len() as Micros + 1) * STEP;
    if scenario.entry.claims().iter().any(|known| slug(known.name) == claim) {
        told.expectations = vec![Expectation::Violated(claim.to_owned())];
    }
    told
}

/// A set of fingerprints: open addressing in a power of two of places, at most half of them taken. A `BTreeSet` took
/// more time than the steps themselves.
#[derive(Default)]
struct Seen {
    places: Vec<u64>,
    taken: usize,
    /// Whether the fingerprint 0, which marks free places, is in the set.
    zero: bool,
}

impl Seen {
    /// Adds a fingerprint; whether it is new.
    fn insert(&mut self, fingerprint: u64) -> bool {
        if fingerprint == 0 {
            return !std::mem::replace(&mut self.zero, true);
        }
        if self.taken * 2 >= self.places.len() {
            let old = std::mem::take(&mut self.places);
            self.places = vec![0; (old.len() * 2).max(1 << 10)];
            for known in old.into_iter().filter(|&known| known != 0) {
                self.place(known);
            }
        }
        let new = self.place(fingerprint);
        self.taken += usize::from(new);
        new
    }

    fn place(&mut self, fingerprint: u64) -> bool {
        let mask = self.places.len() - 1;
        let mut place = fingerprint as usize & mask;
        while self.places[place] != 0 && self.places[place] != fingerprint {
            place = (place + 1) & mask;
        }
        let new = self.places[place] == 0;
        self.places[place] = fingerprint;
        new
    }
}
