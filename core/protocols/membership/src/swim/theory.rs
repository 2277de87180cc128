//! The theory of SWIM, in whole numbers of 2⁻³²: how often news is passed on, how long detection takes, and how news spreads.

use super::{Bugs, Order, Params};
use faultline_core::prelude::*;

/// All of it.
const ONE: u64 = 1 << 32;
/// 1/e.
const INVERSE_OF_E: u64 = 1_580_030_169;
/// Up to how many members the curve of detection goes, at least.
const MEMBERS: u64 = 64;

fn times(a: u64, b: u64) -> u64 {
    ((u128::from(a) * u128::from(b)) >> 32) as u64
}

/// λ·ln n, rounded up, and at least 1: ln n is the sum of ln (i/(i − 1)) = 2·artanh (1/(2i − 1)).
pub(super) fn ceiling_of_ln(lambda: u64, count: u64) -> u64 {
    let ln = (2..=count).fold(0, |sum, i| {
        let x = ONE / (2 * i - 1);
        let square = times(x, x);
        let (mut power, mut series) = (x, x);
        for nth in 1..=12 {
            power = times(power, square);
            series += power / (2 * nth + 1);
        }
        sum + 2 * series
    });
    (lambda * ln).div_ceil(ONE).max(1)
}

/// Of the first ping to a crashed member among so many: the thousandths of a period that it takes on average,
/// 1/(1 − (1 − 1/m)^m), m the others (§5; Gupta, Chandra & Goldszmidt 2001).
pub(super) fn first_ping(count: u64) -> u64 {
    let others = count.saturating_sub(1).max(1);
    let missed = (0..others).fold(ONE, |missed, _| times(missed, ONE - ONE / others));
    (1_000 * ONE + (ONE - missed) / 2) / (ONE - missed)
}

/// How long detection takes, over the number of members. The formula is about targets that are drawn
/// uniformly.
pub(super) fn detection(params: &Params, count: usize, _: Micros) -> Vec<(u64, u64)> {
    match params.order {
        Order::Uniform => (2..=MEMBERS.max(count as u64)).map(|count| (count, first_ping(count))).collect(),
        Order::RoundRobin => Vec::new(),
    }
}

/// How many of a thousand members know of news that came up at the very start, every half period: n/(1 + (n −
/// 1)·e^(−2t)) of n after t periods (§4.1, where a member tells one other and is told by one other in each).
pub(super) fn informed(params: &Params, count: usize, span: Micros) -> Vec<(u64, u64)> {
    if params.order == Order::RoundRobin || params.bugs != Bugs::default() {
        return Vec::new();
    }
    let (half, others) = (params.period / 2, count.saturating_sub(1) as u64);
    let mut decay = ONE;
    let mut curve = Vec::new();
    for step in 0..=(span / half).min(60) {
        curve.push((step * half, 1_000 * ONE / (ONE + others * decay)));
        decay = times(decay, INVERSE_OF_E);
    }
    curve
}

#[cfg(test)]
mod tests {
    use super::*;

    /// D4.1, and its limit e/(e − 1).
    #[test]
    fn the_first_ping_takes_as_long_as_the_literature_says() {
        let known = [(2, 1_000), (10, 1_530), (50, 1_573), (200, 1_580)];
        for (count, expected) in known {
            assert_eq!(first_ping(count), expected, "n = {count}");
        }
    }

    #[test]
    fn the_natural_logarithm_is_rounded_up() {
        let known = [(1, 1, 1), (1, 2, 1), (3, 8, 7), (3, 12, 8), (3, 50, 12), (1, 100, 5), (20, 200, 106)];
        for (lambda, count, expected) in known {
            assert_eq!(ceiling_of_ln(lambda, count), expected, "λ = {lambda}, n = {count}");
        }
    }
}
