//! What theory says of gossip, in whole numbers of 2⁻³²: the mean field of synchronous cycles, and the residue.
//!
//! Where everybody calls one other and a share i of the nodes pushes, a node is missed by all with probability e^(−i),
//! and a node that pulls finds one that knows with probability i (Demers et al. 1987, §1.3 and §1.4).

use super::{Direction, Judged, Params, Stop, Style};
use faultline_core::prelude::*;

/// All nodes.
const ONE: u64 = 1 << 32;
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

/// The share that never hears a rumour that is pushed with feedback: s = e^(−(k+1)(1−s)); the solution below 1, which
/// is approached from 0.
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
        let needed = match params.judged {
            Judged::AtCycleStart => self.ignorant,
            Judged::OnContact => (news << 32).checked_div(infective).unwrap_or(0).min(ONE),
        };
        if params.style != Style::AntiEntropy {
            self.tire(params, if params.feedback { needed } else { 0 });
        }
        self.infective[0] += news;
        self.ignorant = left;
    }

    /// Every infective node has had one contact, of which a share was needed.
    fn tire(&mut self, params: &Params, needed: u64) {
        let classes = self.infective.len();
        let mut after = vec![0; classes];
        for (class, share) in self.infective.iter().enumerate() {
            let kept = times(*share, needed);
            after[if params.resets { 0 } else { class }] += kept;
            if params.stop == Stop::Coin {
                after[class] += (share - kept) - (share - kept) / params.k;
            } else if class + 1 < classes {
                after[class + 1] += share - kept;
            }
        }
        self.infective = after;
    }
}

/// How many of a thousand nodes know, at every cycle after a change at the very start. Of rumours that are pulled it
/// says nothing: how often a node is asked within a cycle varies, and the mean is not enough.
pub(super) fn informed(params: &Params, count: usize, span: Micros) -> Vec<(u64, u64)> {
    if params.style == Style::Rumour && params.direction != Direction::Push {
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

/// How many of ten thousand nodes never know, for rumours that are pushed with feedback as the equation takes them.
pub(super) fn residue_line(params: &Params, _: usize, span: Micros) -> Vec<(u64, u64)> {
    let literal = params.judged == Judged::OnContact && !params.resets;
    let pushed = params.style == Style::Rumour && params.direction == Direction::Push;
    if !(pushed && params.feedback && literal) {
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
