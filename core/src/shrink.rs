//! Shrinking: what is left of a scenario when everything is taken away that a violation can do without.
//!
//! Greedy, by replay: chunks of acts go first, then single ones and pairs, then what is set; again, until nothing of that goes
//! any more; then nodes, and time in which nothing has to happen; and all of it again. At last times are rounded. Because
//! draws do not depend on each other, what is left behaves as it did before, unless a node has another number.

use crate::name::NodeId;
use crate::nemesis::LOOKS;
use crate::property::{Judgement, Sense};
use crate::scenario::{Expectation, Scenario, slug};
use crate::sim::Cursor;
use crate::time::Micros;
use crate::trace::Flags;
use crate::world::{Unrest, World};
use smaller::{SETTINGS, node_without, rounder, rounder_amount, simplify, sooner, without_node};
use std::ops::ControlFlow;

mod smaller;

/// Pairs of acts are tried among so many at most.
const MOST_PAIRED: usize = 40;
/// The units below which times lose their digits, if they can.
const UNITS: [Micros; 3] = [100_000, 10_000, 1_000];
/// The unit of which the length of a run is a multiple, if it can be.
const ROUND: Micros = 10_000;

/// The smallest scenario found that still breaks a claim (by its slug) or a belief, and how many were tried. `None`
/// when the scenario does not break it.
pub fn shrink(scenario: &Scenario, claim: &str) -> Option<(Scenario, u32)> {
    let mut shrinker = Shrinker::new(scenario, claim);
    while !shrinker.step(u32::MAX) {}
    Some((shrinker.smallest()?.clone(), shrinker.tried()))
}

/// A shrinking under way, in slices, so that a page can run it without freezing.
pub struct Shrinker {
    claim: String,
    /// The place of the claim among the protocol's; none for a belief.
    place: Option<usize>,
    /// What was left of the faults at the end of the whole: a smaller scenario must leave no more, for what must hold
    /// eventually need not hold among nodes that stay down, cut off, paused or held.
    unrest: Vec<Unrest>,
    best: Scenario,
    breaks: bool,
    /// When it breaks the claim.
    end: Micros,
    tried: u32,
    stage: Stage,
    /// The best when the latest round began.
    round: String,
    trial: Option<Trial>,
}

/// A smaller scenario that is being tried.
struct Trial {
    scenario: Scenario,
    cursor: Cursor,
    /// How often it has looked, after its last act, whether what must hold eventually does.
    looks: u64,
    /// Whether it has come to its end, and nothing broke before.
    is_over: bool,
}

impl Trial {
    fn of(scenario: Scenario) -> Self {
        Trial { cursor: Cursor::new(&scenario), scenario, looks: 0, is_over: false }
    }

    /// When it looks next: what must hold eventually is broken only if it holds at no look between the last act and
    /// the end. What must hold always is judged with every event.
    fn next_look(&self, place: Option<usize>) -> Micros {
        let claims = self.scenario.entry.claims();
        let until = self.scenario.until;
        if place.is_none_or(|place| claims[place].sense != Sense::Eventually) {
            return until;
        }
        let quiet = self.scenario.acts.last().map_or(0, |timed| timed.at.time).min(until);
        until - (until - quiet) / LOOKS * (LOOKS - 1).saturating_sub(self.looks)
    }
}

/// What is tried to be taken away next.
#[derive(Clone, Copy)]
enum Stage {
    /// Nothing: whether it breaks at all.
    Whole,
    /// So many acts from this one on.
    Acts {
        chunk: usize,
        start: usize,
    },
    /// Two acts that are not neighbours: what one does, the other undoes.
    Pair(usize, usize),
    /// What is set of the network and the workload, one by one.
    Network(u8),
    /// The parameter before this one.
    Setting(usize),
    /// The node before this one.
    Node(u32),
    /// Time before this act, or before the end.
    Gap(usize),
    /// The digits of times below a unit.
    Times {
        unit: Micros,
        act: usize,
    },
    /// The same of amounts.
    Amounts {
        unit: Micros,
        act: usize,
    },
    /// What makes the length of the run no round time.
    Length,
    Done,
}

impl Shrinker {
    /// Shrinks a scenario that breaks a claim (by its slug) or a belief.
    pub fn new(scenario: &Scenario, claim: &str) -> Self {
        let best = Scenario {
            show: None,
            captions: Vec::new(),
            cues: Vec::new(),
            expectations: Vec::new(),
            challenge: None,
            ..scenario.clone()
        };
        let place = best.entry.claims().iter().position(|known| slug(known.name) == claim);
        let trial = Some(Trial::of(best.clone()));
        let (claim, round) = (claim.to_owned(), String::new());
        Shrinker {
            claim,
            place,
            unrest: Vec::new(),
            best,
            breaks: false,
            end: scenario.until,
            tried: 1,
            stage: Stage::Whole,
            round,
            trial,
        }
    }

    /// Goes on for about so many events; whether it is done.
    pub fn step(&mut self, events: u32) -> bool {
        let mut left = events;
        while let Some(mut trial) = self.trial.take() {
            let ControlFlow::Break(mut end) = trial.play(&mut left, self.place, &self.claim) else {
                self.trial = Some(trial);
                return false;
            };
            let (unrest, before) = (trial.cursor.world.unrest(), self.unrest_before());
            if matches!(self.stage, Stage::Whole) {
                self.unrest = unrest;
            } else if trial.is_over && unrest.iter().any(|left| !before.contains(left)) {
                end = None;
            }
            self.judge(end, trial.scenario);
            if let Some(scenario) = self.next() {
                self.tried += 1;
                self.trial = Some(Trial::of(scenario));
            }
        }
        true
    }

    /// The smallest scenario found so far; `None` while it is not known to break the claim.
    pub fn smallest(&self) -> Option<&Scenario> {
        self.breaks.then_some(&self.best)
    }

    /// How many scenarios were tried.
    pub fn tried(&self) -> u32 {
        self.tried
    }

    /// The faults that were left before, in the names that nodes have in what is being tried.
    fn unrest_before(&self) -> Vec<Unrest> {
        let Stage::Node(place) = self.stage else { return self.unrest.clone() };
        let node = |node| node_without(node, NodeId(place - 1));
        self.unrest.iter().filter_map(|&(left, from, to)| Some((left, node(from)?, node(to)?))).collect()
    }

    /// Keeps what was tried if it breaks the claim, and moves on.
    fn judge(&mut self, end: Option<Micros>, scenario: Scenario) {
        let kept = end.is_some();
        let before = self.best.acts.len();
        if let Some(end) = end {
            self.unrest = self.unrest_before();
            (self.best, self.end) = (scenario, end);
        }
        self.stage = match self.stage {
            Stage::Whole => {
                self.breaks = kept;
                if kept { self.another_round() } else { Stage::Done }
            }
            Stage::Acts { chunk, start } if kept => Stage::Acts { chunk, start },
            Stage::Acts { chunk, start } => Stage::Acts { chunk, start: (start + chunk).min(before) },
            Stage::Pair(one, _) if kept => Stage::Pair(one, one + 2),
            Stage::Pair(one, other) => Stage::Pair(one, other + 1),
            Stage::Network(nth) => Stage::Network(nth + 1),
            Stage::Setting(place) => Stage::Setting(place - 1),
            Stage::Node(place) => Stage::Node(place - 1),
            Stage::Gap(act) if kept => Stage::Gap(act),
            Stage::Gap(act) => Stage::Gap(act + 1),
            Stage::Times { unit, act } => Stage::Times { unit, act: act + 1 },
            Stage::Amounts { unit, act } => Stage::Amounts { unit, act: act + 1 },
            Stage::Length => self.finish(),
            Stage::Done => Stage::Done,
        };
    }

    fn another_round(&mut self) -> Stage {
        if self.round.is_empty() {
            self.end_there();
        }
        self.round = self.best.to_string();
        Stage::Acts { chunk: self.best.acts.len().div_ceil(2), start: 0 }
    }

    /// Nodes and time go after the acts: with less of them, less happens by itself, and more acts are needed.
    fn end_round(&mut self) -> Stage {
        if self.best.to_string() != self.round {
            return self.another_round();
        }
        self.end_there();
        self.round = self.best.to_string();
        Stage::Node(self.best.nodes)
    }

    /// Takes away all that comes after the violation.
    fn end_there(&mut self) {
        self.best.until = self.end;
        let end = self.end;
        self.best.acts.retain(|timed| timed.at.time <= end);
    }

    fn finish(&mut self) -> Stage {
        if self.place.is_some() {
            self.best.expectations = vec![Expectation::Violated(self.claim.clone())];
        }
        Stage::Done
    }

    /// The next scenario to try.
    fn next(&mut self) -> Option<Scenario> {
        let mut smaller = self.best.clone();
        let acts = smaller.acts.len();
        loop {
            self.stage = match self.stage {
                Stage::Whole | Stage::Done => return None,
                Stage::Acts { chunk: 0, .. } => Stage::Pair(0, 2),
                Stage::Acts { chunk, start } if start < acts => {
                    smaller.acts.drain(start..(start + chunk).min(acts));
                    return Some(smaller);
                }
                Stage::Acts { chunk, .. } => Stage::Acts { chunk: chunk / 2, start: 0 },
                Stage::Pair(one, other) if other < acts && acts <= MOST_PAIRED => {
                    smaller.acts.remove(other);
                    smaller.acts.remove(one);
                    return Some(smaller);
                }
                Stage::Pair(one, _) if one + 2 < acts && acts <= MOST_PAIRED => Stage::Pair(one + 1, one + 3),
                Stage::Pair(..) => Stage::Network(0),
                Stage::Network(SETTINGS) => Stage::Setting(smaller.choices.settings.len()),
                Stage::Network(nth) => {
                    let before = smaller.to_string();
                    simplify(&mut smaller, nth);
                    if smaller.to_string() != before {
                        return Some(smaller);
                    }
                    Stage::Network(nth + 1)
                }
                Stage::Setting(0) => self.end_round(),
                Stage::Setting(place) => {
                    let removed = smaller.choices.settings.remove(place - 1);
                    if smaller.clash().is_none() {
                        return Some(smaller);
                    }
                    smaller.choices.settings.insert(place - 1, removed);
                    Stage::Setting(place - 1)
                }
                Stage::Node(0) => Stage::Gap(0),
                Stage::Node(place) => match without_node(&smaller, NodeId(place - 1)) {
                    Some(fewer) => return Some(fewer),
                    None => Stage::Node(place - 1),
                },
                Stage::Gap(act) if act <= acts => match sooner(&smaller, act) {
                    Some(sooner) => return Some(sooner),
                    None => Stage::Gap(act + 1),
                },
                Stage::Gap(_) if self.best.to_string() == self.round => {
                    Stage::Times { unit: UNITS[0], act: 0 }
                }
                Stage::Gap(_) => self.another_round(),
                Stage::Times { unit, act } if act < acts => match rounder(&smaller, act, unit) {
                    Some(rounder) => return Some(rounder),
                    None => Stage::Times { unit, act: act + 1 },
                },
                Stage::Times { unit, .. } => match finer(unit) {
                    Some(unit) => Stage::Times { unit, act: 0 },
                    None => Stage::Amounts { unit: UNITS[0], act: 0 },
                },
                Stage::Amounts { unit, act } if act < acts => match rounder_amount(&smaller, act, unit) {
                    Some(rounder) => return Some(rounder),
                    None => Stage::Amounts { unit, act: act + 1 },
                },
                Stage::Amounts { unit, .. } => match finer(unit) {
                    Some(unit) => Stage::Amounts { unit, act: 0 },
                    None => Stage::Length,
                },
                Stage::Length => {
                    let until = self.end.div_ceil(ROUND) * ROUND;
                    if until != smaller.until {
                        smaller.until = until;
                        return Some(smaller);
                    }
                    self.finish()
                }
            };
        }
    }
}

impl Trial {
    /// Plays on while events are left, or until it is known whether and when the claim breaks.
    fn play(&mut self, left: &mut u32, place: Option<usize>, claim: &str) -> ControlFlow<Option<Micros>> {
        let is_broken = |judgements: &[Judgement]| {
            place.is_some_and(|place| matches!(judgements[place], Judgement::Violated { .. }))
        };
        let believed = |world: &World| world.broken_beliefs().iter().any(|(_, _, belief)| *belief == claim);
        let mut look = self.next_look(place);
        while *left > 0 {
            *left -= 1;
            let Some(record) = self.cursor.step(&self.scenario, look) else {
                self.looks += 1;
                self.is_over = look == self.scenario.until;
                let judgements = self.cursor.world.judgements_at(look);
                let holds = place.is_some_and(|place| matches!(judgements[place], Judgement::Reached { .. }));
                if self.is_over || holds {
                    return ControlFlow::Break(is_broken(&judgements).then_some(self.scenario.until));
                }
                look = self.next_look(place);
                continue;
            };
            let world = &self.cursor.world;
            if record.flags.has(Flags::VIOLATION) && (is_broken(world.judgements()) || believed(world)) {
                return ControlFlow::Break(Some(record.time));
            }
        }
        ControlFlow::Continue(())
    }
}

/// The next finer unit.
fn finer(unit: Micros) -> Option<Micros> {
    UNITS.into_iter().find(|other| *other < unit)
}
