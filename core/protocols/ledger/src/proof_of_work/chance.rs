//! When the next block is found: an exponential waiting time in whole microseconds, since the core uses no floats.
//!
//! Each hash succeeds or fails by itself, so mining makes no progress: however long a miner has tried in vain, the time that it
//! still needs has the same distribution. That is why a timer goes on when a block of others arrives.

use faultline_core::prelude::*;

/// The longest wait: thirty years.
const LONGEST: u128 = 1_000_000_000_000_000;
/// The natural logarithm of 2, in parts of 2⁻³².
const LN_2: u128 = 2_977_044_472;

/// A wait with this mean, from an even draw that is not 0: −ln(draw / 2⁶⁴) of the mean, at least a microsecond.
pub(super) fn exponential(mean: u128, draw: u64) -> Micros {
    let part = (u128::from(minus_log_2(draw)) * LN_2) >> 32;
    ((mean.min(LONGEST) * part) >> 32).clamp(1, LONGEST) as Micros
}

/// −log₂(draw / 2⁶⁴) in parts of 2⁻³²: the zeros before the first bit, then a bit of the logarithm at each squaring.
fn minus_log_2(draw: u64) -> u64 {
    let zeros = draw.max(1).leading_zeros();
    // From 1 to 2, in parts of 2⁻⁶³.
    let mut rest = draw.max(1) << zeros;
    let mut log = 0_u64;
    for _ in 0..32 {
        let square = u128::from(rest) * u128::from(rest);
        let doubled = square >> 127 == 1;
        log = log << 1 | u64::from(doubled);
        rest = (square >> if doubled { 64 } else { 63 }) as u64;
    }
    (u64::from(zeros + 1) << 32) - log
}

#[cfg(test)]
mod tests {
    use super::*;
    use faultline_core::random::{Purpose, draw};

    /// Powers of two, and what a calculator says of a third: log₂ 3 = 1.584962500721.
    #[test]
    fn logarithms_are_right_to_nine_digits() {
        assert_eq!(minus_log_2(1 << 63), 1 << 32);
        assert_eq!(minus_log_2(1 << 60), 4 << 32);
        assert_eq!(minus_log_2(1), 64 << 32);
        let third = minus_log_2(u64::MAX / 3);
        assert!(third.abs_diff(6_807_362_106) <= 4, "{third}");
    }

    /// The mean is the mean, and the share that waits longer than k means is e^(−k), within four standard errors.
    #[test]
    fn waits_are_exponential() {
        let waits: Vec<u64> =
            (0..40_000).map(|nth| exponential(100_000, draw(7, Purpose::Node, (1, 1), nth).max(1))).collect();
        let mean = waits.iter().sum::<u64>() / 40_000;
        assert!(mean.abs_diff(100_000) < 2_000, "{mean}");
        for (longer_than, of_40_000, error) in
            [(50_000, 24_261, 98), (100_000, 14_715, 97), (300_000, 1_991, 44)]
        {
            let longer = waits.iter().filter(|wait| **wait > longer_than).count() as u64;
            assert!(longer.abs_diff(of_40_000) < 4 * error, "{longer_than}: {longer}");
        }
    }
}
