//! The theory of gossip, in whole numbers of 2⁻³²: the mean field of synchronous cycles, and the residue.
//!
//! Let every node call one other, and a share i of the nodes push. Then a node receives no push with
//! probability e^(−i), and a node that pulls finds one that knows with probability i (Demers et al. 1987,
//! §1.3 and §1.4).

use super::{Bugs, Comparison, Direction, Judged, Params, Partners, Stop, Style};
use faultline_core::prelude::*;

/// All nodes.
const ONE: u64 = 1 << 32;
/// With fewer nodes chance makes more than the mean, and a share of them is no number to reckon with.
const FEWEST: usize = 30;
/// The most cycles that a curve has.
const MOST_CYCLES: u64 = 400;

fn times(a: u64, b: u64) -> u64 {
    ((u128::from(a) * u128::from(b)) >> 32) as u64
}

/// A share in so many parts of the whole.
fn part(share: u64, parts: u64) -> u64 {
    (share * parts) >> 32
}

/// e^(−x): the series for a sixty-fourth of x, squared six times.
fn exp_minus(x: u64) -> u64 {
    let x = x / 64;
    let (mut sum, mut term) = (ONE, ONE);
    for nth in 1..8 {
        term = times(term, x) / nth;
        sum = if nth % 2 == 1 { sum - term } else { sum + term };
    }
    for _ in 0..6 {
        sum = times(sum, sum);
    }
    sum
}

/// The share that never hears a rumour that is pushed with feedback: s = e^(−(k+1)(1−s)); the solution below
/// 1, which is approached from 0.
pub(super) fn residue(k: u64) -> u64 {
    let mut share = 0;
    for _ in 0..200 {
        share = exp_minus((k + 1) * (ONE - share));
    }
    share
}

/// Shares of the nodes: those that do not know, and the infective by what they have counted.
struct Shares {
    ignorant: u64,
    infective: Vec<u64>,
}

impl Shares {
    /// One cycle later.
    fn step(&mut self, params: &Params) {
        let infective: u64 = self.infective.iter().sum();
        let pushed = if params.direction == Direction::Pull { ONE } else { exp_minus(infective) };
        let pulled = if params.direction == Direction::Push { ONE } else { ONE - infective };
        let left = times(times(self.ignorant, pushed), pulled);
        let news = self.ignorant - left;
        if params.style != Style::AntiEntropy {
            let needed = match params.judged {
                Judged::AtCycleStart => self.ignorant,
                Judged::OnContact => (news << 32).checked_div(infective).unwrap_or(0).min(ONE),
            };
            let (useful, useless) = match (params.direction, params.feedback) {
                // Each infective node has one contact.
                (Direction::Push, true) => (needed, ONE - needed),
                (Direction::Push, false) => (0, ONE),
                // It is asked as often as chance has it: by nobody with probability 1/e, by none that needs
                // the answer with e^(−p), and all contacts of a cycle count as one.
                (_, true) => (ONE - exp_minus(self.ignorant), exp_minus(self.ignorant) - exp_minus(ONE)),
                (_, false) => (0, ONE - exp_minus(ONE)),
            };
            self.tire(params, useful, useless);
        }
        self.infective[0] += news;
        self.ignorant = left;
    }

    /// Such a share of the infective nodes has had a contact that was needed, and such a share one that was
    /// not.
    fn tire(&mut self, params: &Params, useful: u64, useless: u64) {
        let classes = self.infective.len();
        let mut after = vec![0; classes];
        for (class, share) in self.infective.iter().enumerate() {
            let (kept, counted) = (times(*share, useful), times(*share, useless));
            after[if params.resets { 0 } else { class }] += kept;
            after[class] += share - kept - counted;
            if params.stop == Stop::Coin {
                after[class] += counted - counted / params.k;
            } else if class + 1 < classes {
                after[class + 1] += counted;
            }
        }
        self.infective = after;
    }
}

/// Whether the equations speak of such a run: of one item and many nodes that draw their partners from all
/// alike, by all rules.
fn speaks_of(params: &Params, count: usize) -> bool {
    let plain = params.partners == Partners::Uniform && params.bugs == Bugs::default();
    plain && params.compare == Comparison::Whole && params.backup == 0 && params.items == 1 && count >= FEWEST
}

/// How many of a thousand nodes know, at every cycle after a change at the very start. Where nodes pull, the
/// equation is about what they knew when the cycle began; rumours by push-pull mix contacts of both sorts,
/// and it says nothing of them.
pub(super) fn informed(params: &Params, count: usize, span: Micros) -> Vec<(u64, u64)> {
    let mixed = params.style == Style::Rumour && params.direction == Direction::PushPull;
    let early = params.direction != Direction::Push && params.judged == Judged::OnContact;
    if mixed || early || !speaks_of(params, count) {
        return Vec::new();
    }
    let classes = match (params.style, params.stop) {
        (Style::AntiEntropy, _) | (_, Stop::Coin) => 1,
        (Style::Rumour, Stop::Counter) => params.k as usize,
    };
    let first = ONE / count.max(1) as u64;
    let mut shares = Shares { ignorant: ONE - first, infective: vec![0; classes] };
    shares.infective[0] = first;
    let mut curve = Vec::new();
    for cycle in 0..=(span / params.cycle).min(MOST_CYCLES) {
        curve.push((cycle * params.cycle, part(ONE - shares.ignorant, 1_000)));
        shares.step(params);
    }
    curve
}

/// How many of ten thousand nodes never know, for rumours that are pushed with feedback as the equation takes
/// them.
pub(super) fn residue_line(params: &Params, count: usize, span: Micros) -> Vec<(u64, u64)> {
    let literal = params.judged == Judged::OnContact && !params.resets;
    let pushed = params.style == Style::Rumour && params.direction == Direction::Push;
    if !(pushed && params.feedback && literal && speaks_of(params, count)) {
        return Vec::new();
    }
    let share = part(residue(params.k), 10_000);
    vec![(0, share), (span, share)]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// B2.1, and k = 20, where one share of e²¹ is left.
    #[test]
    fn the_residue_is_the_solution_of_its_equation() {
        let known = [(1, 203_188), (2, 59_520), (3, 19_827), (4, 6_977), (5, 2_516)];
        for (k, millionths) in known {
            let share = part(residue(k), 1_000_000);
            assert!(share.abs_diff(millionths) <= 1, "k = {k}: {share}");
        }
        assert_eq!(residue(20), 3);
    }
}
