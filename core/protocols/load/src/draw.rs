//! Exponential draws in whole numbers: times between the arrivals of a Poisson process, and times of service.

use faultline_core::prelude::*;

/// One, in the units of 2⁻³² in which shares and logarithms are counted.
pub const ONE: u64 = 1 << 32;
/// ln 2, in the same.
const LN_2: u64 = 2_977_044_472;
/// How many bits of a logarithm are worked out behind the point.
const BITS: u32 = 24;

/// −ln of a share, which is at least one unit and at most [`ONE`]; in units of 2⁻³².
///
/// The bits of the binary logarithm come one by one: squaring a number doubles its logarithm.
pub fn minus_ln(share: u64) -> u64 {
    if share >= ONE {
        return 0;
    }
    let shift = share.max(1).leading_zeros() - 32;
    let (mut rest, mut log) = (share.max(1) << shift, 0_u64);
    for _ in 0..BITS {
        rest = (rest * rest) >> 31;
        log <<= 1;
        if rest >= ONE {
            (rest, log) = (rest >> 1, log | 1);
        }
    }
    ((((u64::from(shift) + 1) << BITS) - log) * LN_2) >> BITS
}

/// An exponential time, rounded to a microsecond, whose mean is a time of at most a minute divided by a number.
pub fn exponential<N: Node>(time: Micros, by: u64, ctx: &mut Ctx<N>) -> Micros {
    (time * minus_ln(ctx.random(1..=ONE)) / by + ONE / 2) >> 32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// In units of 10⁻⁷, from a table.
    #[test]
    fn logarithms_are_right_to_seven_digits() {
        let known = [
            (1, 221_807_098),
            (2, 214_875_626),
            (1 << 16, 110_903_549),
            (1 << 31, 6_931_472),
            (3 << 30, 2_876_821),
            (ONE - ONE / 100, 100_503),
            (ONE, 0),
        ];
        for (share, expected) in known {
            let found =
                (minus_ln(share) * 1_000 / ONE) * 10_000 + (minus_ln(share) * 1_000 % ONE * 10_000 / ONE);
            assert!(found.abs_diff(expected) <= 2, "{share}: {found} for {expected}");
        }
    }
}
