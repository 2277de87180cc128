//! Shrinking: what is left of a scenario when everything is taken away that a violation can do without.
//!
//! Greedy, by replay: chunks of acts go first, then single ones, then what is set, then nodes; at last times are rounded.
//! Because draws do not depend on each other, what is left behaves as it did before.

use crate::scenario::{Expectation, Scenario, slug};
use crate::sim::Cursor;
use crate::time::Micros;
use crate::world::Verdict;

/// The smallest scenario found that still breaks a claim (by its slug) or a belief, and how many were tried. `None`
/// when the scenario does not break it.
pub fn shrink(scenario: &Scenario, claim: &str) -> Option<(Scenario, u32)> {
    let mut shrinker = Shrinker { claim, tried: 0 };
    let mut best = Scenario { show: None, expectations: Vec::new(), ..scenario.clone() };
    let end = shrinker.breaks(&best)?;
    shrinker.keep(&mut best, |smaller| smaller.until = end);
    loop {
        let before = best.to_string();
        shrinker.fewer_acts(&mut best);
        shrinker.simpler_settings(&mut best);
        shrinker.fewer_nodes(&mut best);
        if best.to_string() == before {
            break;
        }
    }
    shrinker.rounder_times(&mut best);
    if best.entry.claims().iter().any(|known| slug(known.name) == claim) {
        best.expectations = vec![Expectation::Violated(claim.to_owned())];
    }
    Some((best, shrinker.tried))
}

struct Shrinker<'a> {
    claim: &'a str,
    tried: u32,
}

impl Shrinker<'_> {
    /// When a scenario breaks the claim, if it does.
    fn breaks(&mut self, scenario: &Scenario) -> Option<Micros> {
        self.tried += 1;
        let claims = scenario.entry.claims();
        let place = claims.iter().position(|claim| slug(claim.name) == self.claim);
        let is_broken = |verdicts: &[Verdict]| {
            place.is_some_and(|place| matches!(verdicts[place], Verdict::Violated { .. }))
        };
        let mut cursor = Cursor::new(scenario);
        while let Some(record) = cursor.step(scenario, scenario.until) {
            let world = &cursor.world;
            let believed = || world.broken_beliefs().iter().any(|(_, _, belief)| *belief == self.claim);
            if record.flags.has(crate::trace::Flags::VIOLATION) && (is_broken(world.verdicts()) || believed())
            {
                return Some(record.time);
            }
        }
        // What must hold eventually need not hold among nodes that stay down, cut off, paused or held.
        let world = &cursor.world;
        (world.is_at_peace() && is_broken(&world.verdicts_at_rest())).then_some(scenario.until)
    }

    /// Keeps a change if the claim still breaks.
    fn keep(&mut self, best: &mut Scenario, change: impl FnOnce(&mut Scenario)) -> bool {
        let mut smaller = best.clone();
        change(&mut smaller);
        let kept = self.breaks(&smaller).is_some();
        if kept {
            *best = smaller;
        }
        kept
    }

    fn fewer_acts(&mut self, best: &mut Scenario) {
        let mut chunk = best.acts.len().div_ceil(2);
        while chunk > 0 {
            let mut start = 0;
            while start < best.acts.len() {
                let end = (start + chunk).min(best.acts.len());
                let kept = self.keep(best, |smaller| drop(smaller.acts.drain(start..end)));
                start = if kept { start } else { end };
            }
            chunk /= 2;
        }
    }

    fn simpler_settings(&mut self, best: &mut Scenario) {
        let usual = best.entry.network();
        self.keep(best, |smaller| smaller.network = usual);
        self.keep(best, |smaller| smaller.network.loss_ppm = 0);
        self.keep(best, |smaller| smaller.network.duplicate_ppm = 0);
        self.keep(best, |smaller| smaller.network.latency = usual.latency);
        self.keep(best, |smaller| smaller.ask = smaller.entry.info.ask);
        self.keep(best, |smaller| smaller.skew = 0);
        for place in (0..best.choices.settings.len()).rev() {
            self.keep(best, |smaller| {
                smaller.choices.settings.remove(place);
            });
        }
    }

    /// Fewer nodes, as long as no act speaks of one that goes: the text, read again, would refuse it.
    fn fewer_nodes(&mut self, best: &mut Scenario) {
        while best.nodes > best.entry.info.nodes.1 {
            let fewer = Scenario { nodes: best.nodes - 1, ..best.clone() };
            let readable = Scenario::parse(&fewer.to_string()).is_ok();
            if !readable || !self.keep(best, |smaller| smaller.nodes -= 1) {
                return;
            }
        }
    }

    fn rounder_times(&mut self, best: &mut Scenario) {
        for unit in [100_000, 10_000, 1_000] {
            for place in 0..best.acts.len() {
                let earliest = place.checked_sub(1).map_or(0, |before| best.acts[before].at.time);
                let time = best.acts[place].at.time;
                let rounder = time / unit * unit;
                if rounder != time && rounder >= earliest {
                    self.keep(best, |smaller| smaller.acts[place].at.time = rounder);
                }
            }
        }
    }
}
