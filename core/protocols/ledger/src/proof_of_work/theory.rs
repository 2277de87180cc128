//! What theory says, in whole numbers: the attacker's chance by the calculator of Nakamoto's §11 and by the race itself (Rosenfeld
//! 2014; Grunspan and Pérez-Marco 2018), and a selfish miner's share of the blocks (Eyal and Sirer 2014).

use super::{Params, Strategy, Ties};
use faultline_core::prelude::*;

/// In how many parts a chance is told.
pub const PARTS: u64 = 10_000_000;

/// A number that is not negative, as a mantissa whose first bit is set and an exponent of two; 0 has no mantissa. The chances of
/// long races are far below what whole numbers hold.
#[derive(Clone, Copy, Debug)]
struct Real {
    mantissa: u64,
    exponent: i32,
}

impl Real {
    const ZERO: Real = Real { mantissa: 0, exponent: 0 };

    fn of(number: u128) -> Self {
        if number == 0 {
            return Real::ZERO;
        }
        let shift = 64 - number.leading_zeros().cast_signed();
        let mantissa = if shift > 0 { number >> shift } else { number << -shift };
        Real { mantissa: mantissa as u64, exponent: shift }
    }

    fn ratio(one: u64, other: u64) -> Self {
        let quotient = (u128::from(one) << 64) / u128::from(other.max(1));
        Real::of(quotient).shifted(-64)
    }

    fn shifted(self, by: i32) -> Self {
        Real { exponent: self.exponent + by, ..self }
    }

    fn times(self, other: Real) -> Self {
        let product = Real::of(u128::from(self.mantissa) * u128::from(other.mantissa));
        product.shifted(self.exponent + other.exponent)
    }

    /// The mantissas of two numbers with a common exponent, shifted up to keep what is small.
    fn aligned(self, other: Real) -> (u128, u128, i32) {
        let most = match (self.mantissa, other.mantissa) {
            (0, _) => other.exponent,
            (_, 0) => self.exponent,
            _ => self.exponent.max(other.exponent),
        };
        let part = |it: Real| match most - it.exponent {
            apart @ 0..=126 => (u128::from(it.mantissa) << 62) >> apart,
            _ => 0,
        };
        (part(self), part(other), most - 62)
    }

    fn plus(self, other: Real) -> Self {
        let (one, two, exponent) = self.aligned(other);
        Real::of(one + two).shifted(exponent)
    }

    fn minus(self, other: Real) -> Self {
        let (one, two, exponent) = self.aligned(other);
        Real::of(one.saturating_sub(two)).shifted(exponent)
    }

    fn power(self, exponent: u64) -> Self {
        (0..exponent).fold(Real::of(1), |all, _| all.times(self))
    }

    /// e^(−self): the series for a part of 2⁻¹⁰, squared ten times.
    fn exp_minus(self) -> Self {
        let part = self.shifted(-10);
        let (mut plus, mut minus, mut term) = (Real::of(1), Real::ZERO, Real::of(1));
        for nth in 1..24 {
            term = term.times(part).times(Real::ratio(1, nth));
            if nth % 2 == 1 { minus = minus.plus(term) } else { plus = plus.plus(term) }
        }
        (0..10).fold(plus.minus(minus), |all, _| all.times(all))
    }

    /// So many parts of the whole, rounded.
    fn parts(self, of: u64) -> u64 {
        let all = self.times(Real::of(u128::from(of) * 2));
        let doubled = match all.exponent {
            0.. => u64::MAX,
            down @ -63..0 => all.mantissa >> -down,
            _ => 0,
        };
        doubled.div_ceil(2)
    }
}

/// The chance of an attacker with `q` thousandths of the power to catch up when its payee waits for `z` blocks, by the calculator of
/// the paper: its progress is taken for a Poisson variable with mean zq/p. In parts of [`PARTS`].
pub fn nakamoto(q: u64, z: u64) -> u64 {
    if 2 * q >= 1_000 {
        return PARTS;
    }
    let ratio = Real::ratio(q, 1_000 - q);
    let mean = ratio.times(Real::of(z.into()));
    let (mut chance, mut poisson) = (Real::of(1), mean.exp_minus());
    for found in 0..=z {
        if found > 0 {
            poisson = poisson.times(mean).times(Real::ratio(1, found));
        }
        chance = chance.minus(poisson.times(Real::of(1).minus(ratio.power(z - found))));
    }
    chance.parts(PARTS)
}

/// The same chance as the race itself gives it: 1 − Σ C(z+m−1, m)(p^z q^m − q^z p^m) for m from 0 to z (Rosenfeld 2014). In parts of
/// [`PARTS`].
pub fn rosenfeld(q: u64, z: u64) -> u64 {
    if 2 * q >= 1_000 || z == 0 {
        return PARTS;
    }
    let (p, q) = (Real::ratio(1_000 - q, 1_000), Real::ratio(q, 1_000));
    // C(z+m−1, m) p^z q^m, and the same with p and q exchanged.
    let (mut honest, mut attacker) = (p.power(z), q.power(z));
    let mut chance = Real::of(1).minus(honest).plus(attacker);
    for found in 1..=z {
        let step = Real::ratio(z + found - 1, found);
        honest = honest.times(q).times(step);
        attacker = attacker.times(p).times(step);
        chance = chance.minus(honest).plus(attacker);
    }
    chance.parts(PARTS)
}

/// A selfish miner's share of the blocks in the chain, in millionths, of its share of the power in thousandths and of the
/// thousandths of the others that join its branch in a tie (Eyal and Sirer 2014, equation 8).
pub fn selfish(power: u64, joins: u64) -> u64 {
    // All in thousandths, so products of five are in parts of 10¹⁵.
    let one = 1_000_i128;
    let (a, g) = (i128::from(power.min(500)), i128::from(joins));
    let gain = a * (one - a) * (one - a) * (4 * a * one + g * (one - 2 * a)) - a * a * a * one * one;
    let all = one * one * one * one * one - a * one * one * (one * one + (2 * one - a) * a);
    u64::try_from((gain * 1_000_000 / all.max(1)).clamp(0, 1_000_000)).unwrap_or_default()
}

/// The attacker's chance by the race, by the blocks that a payee waits for.
pub(super) fn race(params: &Params, _: usize, _: Micros) -> Vec<(u64, u64)> {
    (0..=12).map(|z| (z, rosenfeld(params.power, z) / 1_000)).collect()
}

/// The share of n1 in the blocks of the chain, in thousandths: as large as its share of the power, or as selfish mining makes it.
pub(super) fn revenue(params: &Params, _: usize, span: Micros) -> Vec<(u64, u64)> {
    let joins = if params.ties == Ties::Random { 500 } else { 0 };
    let share = match params.strategy {
        Strategy::Honest => params.power,
        Strategy::Selfish if params.power < 500 => selfish(params.power, joins) / 1_000,
        Strategy::Selfish | Strategy::DoubleSpend => return Vec::new(),
    };
    vec![(0, share), (span, share)]
}
