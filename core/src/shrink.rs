//! Shrinking: what is left of a scenario when everything is taken away that a violation can do without.
//!
//! Greedy, by replay: chunks of acts go first, then single ones, then what is set, then nodes; at last times are rounded.
//! Because draws do not depend on each other, what is left behaves as it did before.

use crate::nemesis::LOOKS;
use crate::property::{Judgement, Sense};
use crate::scenario::{Expectation, Scenario, slug};
use crate::sim::Cursor;
use crate::time::Micros;
use crate::trace::Flags;
use crate::world::{Unrest, World};
use std::ops::ControlFlow;

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
    /// All that comes after the violation.
    End(Micros),
    /// So many acts from this one on.
    Acts {
        chunk: usize,
        start: usize,
    },
    /// What is set of the network and the workload, one by one.
    Network(u8),
    /// The parameter before this one.
    Setting(usize),
    Node,
    /// The digits of times below a unit.
    Times {
        unit: Micros,
        act: usize,
    },
    Done,
}

impl Shrinker {
    /// Shrinks a scenario that breaks a claim (by its slug) or a belief.
    pub fn new(scenario: &Scenario, claim: &str) -> Self {
        let best = Scenario { show: None, expectations: Vec::new(), ..scenario.clone() };
        let place = best.entry.claims().iter().position(|known| slug(known.name) == claim);
        let trial = Some(Trial::of(best.clone()));
        let (claim, round) = (claim.to_owned(), String::new());
        Shrinker {
            claim,
            place,
            unrest: Vec::new(),
            best,
            breaks: false,
            tried: 1,
            stage: Stage::Whole,
            round,
            trial,
        }
    }

    /// Goes on for about so many events; whether it is done.
    pub fn step(&mut self, events: u32) -> bool {
        let mut left = events;
        while let Some(trial) = &mut self.trial {
            let ControlFlow::Break(mut end) = trial.play(&mut left, self.place, &self.claim) else {
                return false;
            };
            let world = &trial.cursor.world;
            if matches!(self.stage, Stage::Whole) {
                self.unrest = world.unrest();
            } else if trial.is_over && world.unrest().iter().any(|left| !self.unrest.contains(left)) {
                end = None;
            }
            let trial = self.trial.take();
            self.judge(end, trial.map(|trial| trial.scenario));
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

    /// Keeps what was tried if it breaks the claim, and moves on.
    fn judge(&mut self, end: Option<Micros>, scenario: Option<Scenario>) {
        let kept = end.is_some();
        let before = self.best.acts.len();
        if let (true, Some(scenario)) = (kept, scenario) {
            self.best = scenario;
        }
        self.stage = match self.stage {
            Stage::Whole => {
                self.breaks = kept;
                end.map_or(Stage::Done, Stage::End)
            }
            Stage::End(_) => self.another_round(),
            Stage::Acts { chunk, start } if kept => Stage::Acts { chunk, start },
            Stage::Acts { chunk, start } => Stage::Acts { chunk, start: (start + chunk).min(before) },
            Stage::Network(nth) => Stage::Network(nth + 1),
            Stage::Setting(place) => Stage::Setting(place - 1),
            Stage::Node if kept => Stage::Node,
            Stage::Node => self.end_round(),
            Stage::Times { unit, act } => Stage::Times { unit, act: act + 1 },
            Stage::Done => Stage::Done,
        };
    }

    fn another_round(&mut self) -> Stage {
        self.round = self.best.to_string();
        Stage::Acts { chunk: self.best.acts.len().div_ceil(2), start: 0 }
    }

    fn end_round(&mut self) -> Stage {
        if self.best.to_string() == self.round {
            Stage::Times { unit: 100_000, act: 0 }
        } else {
            self.another_round()
        }
    }

    /// The next scenario to try.
    fn next(&mut self) -> Option<Scenario> {
        let mut smaller = self.best.clone();
        loop {
            let acts = smaller.acts.len();
            self.stage = match self.stage {
                Stage::Whole | Stage::Done => return None,
                Stage::End(end) => {
                    smaller.until = end;
                    return Some(smaller);
                }
                Stage::Acts { chunk: 0, .. } => Stage::Network(0),
                Stage::Acts { chunk, start } if start < acts => {
                    smaller.acts.drain(start..(start + chunk).min(acts));
                    return Some(smaller);
                }
                Stage::Acts { chunk, .. } => Stage::Acts { chunk: chunk / 2, start: 0 },
                Stage::Network(SETTINGS) => Stage::Setting(smaller.choices.settings.len()),
                Stage::Network(nth) => {
                    simplify(&mut smaller, nth);
                    return Some(smaller);
                }
                Stage::Setting(0) => Stage::Node,
                Stage::Setting(place) => {
                    smaller.choices.settings.remove(place - 1);
                    return Some(smaller);
                }
                // The text, read again, would refuse an act that speaks of a node that is gone.
                Stage::Node => {
                    let least = smaller.entry.info.nodes.1;
                    let fewer = Scenario { nodes: smaller.nodes - 1, ..smaller.clone() };
                    if smaller.nodes > least && Scenario::parse(&fewer.to_string()).is_ok() {
                        return Some(fewer);
                    }
                    self.end_round()
                }
                Stage::Times { unit: 100, .. } => {
                    if self.place.is_some() {
                        self.best.expectations = vec![Expectation::Violated(self.claim.clone())];
                    }
                    Stage::Done
                }
                Stage::Times { unit, act } if act < acts => {
                    let earliest = act.checked_sub(1).map_or(0, |before| smaller.acts[before].at.time);
                    let time = &mut smaller.acts[act].at.time;
                    let rounder = *time / unit * unit;
                    if rounder != *time && rounder >= earliest {
                        *time = rounder;
                        return Some(smaller);
                    }
                    Stage::Times { unit, act: act + 1 }
                }
                Stage::Times { unit, .. } => Stage::Times { unit: unit / 10, act: 0 },
            };
        }
    }
}

/// How many things [`simplify`] knows.
const SETTINGS: u8 = 6;

/// One thing of the network, the workload and the clocks as it is when nothing is said.
fn simplify(smaller: &mut Scenario, nth: u8) {
    let usual = smaller.entry.network();
    match nth {
        0 => smaller.network = usual,
        1 => smaller.network.loss_ppm = 0,
        2 => smaller.network.duplicate_ppm = 0,
        3 => smaller.network.latency = usual.latency,
        4 => smaller.ask = smaller.entry.info.ask,
        _ => smaller.skew = 0,
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
