//! Randomness as a function, not a stream.
//!
//! Every draw is computed from what it is for: the run's seed, a purpose, whose it is, and how many of them there
//! were before. So taking one message away changes the draws of nobody else, which makes two runs comparable event
//! by event. The function is fixed for ever, because links depend on its values: the test holds some of them.

use std::ops::RangeInclusive;

/// What a draw is for; its number is part of the value, so the numbers never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// How long a message is under way.
    Latency = 1,
    /// Whether the network loses a message.
    Loss = 2,
    /// Whether the network delivers a message twice.
    Duplication = 3,
    /// When a node does something, with `Ctx::random`.
    Node = 4,
    /// Whom the workload asks, and what.
    Workload = 5,
    /// What the nemesis does.
    Nemesis = 6,
    /// How far a node's clock is off at first.
    Skew = 7,
    /// What a node chooses, with `Ctx::choose`.
    Choice = 8,
}

/// The `nth` draw of one purpose by one pair of owners (a link has two, a node repeats itself).
pub fn draw(seed: u64, purpose: Purpose, owners: (u32, u32), nth: u64) -> u64 {
    let owner = u64::from(owners.0) << 32 | u64::from(owners.1);
    let keyed = mix(seed ^ 0x9e37_79b9_7f4a_7c15, (purpose as u64) << 56 ^ 0xd1b5_4a32_d192_ed03);
    let drawn = mix(mix(keyed ^ owner, 0x8cb9_2ba7_2f3d_8dd7) ^ nth, keyed | 1);
    // Without this step neighbouring draws hang together: with some seeds and a loss of 10 %, a lost message was followed
    // by another three times in four.
    mix(drawn, 0xa076_1d64_78bd_642f)
}

/// Maps a draw evenly onto a range, bounds included.
pub fn within(draw: u64, range: &RangeInclusive<u64>) -> u64 {
    let (low, high) = (*range.start(), *range.end());
    let most = high.saturating_sub(low);
    // Of the whole range, every draw is itself.
    low + most.checked_add(1).map_or(draw, |width| product(draw, width).1)
}

/// Whether a draw falls under a chance given in parts per million.
pub fn happens(draw: u64, parts_per_million: u32) -> bool {
    within(draw, &(0..=999_999)) < u64::from(parts_per_million)
}

/// Folds the 128-bit product of two words: every bit of both moves every bit of the result.
pub(crate) fn mix(a: u64, b: u64) -> u64 {
    let (low, high) = product(a ^ 0x2d35_8dcc_aa6c_78a5, b ^ 0x8bb8_4b93_962e_acc9);
    low ^ high
}

/// The product of two words: its lower and its upper half.
#[cfg(not(target_arch = "wasm32"))]
fn product(a: u64, b: u64) -> (u64, u64) {
    let product = u128::from(a) * u128::from(b);
    (product as u64, (product >> 64) as u64)
}

#[cfg(target_arch = "wasm32")]
use by_halves as product;

/// The same from halves of words: wasm has no wide multiplication, and calls a function for one.
#[cfg(any(test, target_arch = "wasm32"))]
fn by_halves(a: u64, b: u64) -> (u64, u64) {
    let half = |word: u64| (word & 0xffff_ffff, word >> 32);
    let ((a0, a1), (b0, b1)) = (half(a), half(b));
    let (carried, over) = half(a1 * b0 + ((a0 * b0) >> 32));
    (a.wrapping_mul(b), a1 * b1 + over + ((a0 * b1 + carried) >> 32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_product_is_the_same_from_halves() {
        let corners = [0, 1, 0xffff_ffff, 0x1_0000_0000, u64::MAX - 1, u64::MAX];
        let drawn = (0..1_000).map(|nth| draw(5, Purpose::Node, (1, 2), nth));
        let words: Vec<u64> = corners.into_iter().chain(drawn).collect();
        for pair in words.iter().flat_map(|&a| words.iter().map(move |&b| (a, b))) {
            assert_eq!(by_halves(pair.0, pair.1), product(pair.0, pair.1), "{pair:?}");
        }
    }

    #[test]
    fn draws_never_change() {
        let values: Vec<u64> = (0..3).map(|nth| draw(42, Purpose::Latency, (0, 1), nth)).collect();
        assert_eq!(
            values,
            [15_953_912_988_998_399_424, 16_759_938_084_242_637_422, 11_250_598_595_599_386_077]
        );
        assert_eq!(draw(42, Purpose::Choice, (0, 0), 0), 1_378_148_644_680_940_816);
    }

    /// Neighbouring draws agree in their first bit half of the time, for every seed: within five standard deviations.
    #[test]
    fn neighbouring_draws_do_not_hang_together() {
        for (seed, purpose) in (0..50).flat_map(|seed| [Purpose::Loss, Purpose::Node].map(|it| (seed, it))) {
            let bit = |owner, nth| draw(seed, purpose, (owner, owner), nth) >> 63;
            for lag in 1..=4 {
                let pairs = (0..100).flat_map(|owner| (0..100).map(move |nth| (owner, nth)));
                let alike = pairs.filter(|&(owner, nth)| bit(owner, nth) == bit(owner, nth + lag)).count();
                assert!(
                    alike.abs_diff(5_000) < 250,
                    "seed {seed}, {purpose:?}, lag {lag}: {alike} of 10 000"
                );
            }
        }
    }

    /// After a lost message the next is lost as often as any: for every seed, within five standard deviations.
    #[test]
    fn losses_do_not_come_in_company() {
        for seed in 0..50 {
            let lost = |link, nth| happens(draw(seed, Purpose::Loss, (link, 0), nth), 100_000);
            let pairs = (0..100).flat_map(|link| (0..1_000).map(move |nth| (link, nth)));
            let after: Vec<bool> =
                pairs.filter(|&(link, nth)| lost(link, nth)).map(|(link, nth)| lost(link, nth + 1)).collect();
            let both = after.iter().filter(|&&lost| lost).count();
            let expected = after.len() / 10;
            assert!(both.abs_diff(expected) < 150, "seed {seed}: {both} of {}", after.len());
        }
    }

    #[test]
    fn draws_are_even_and_differ_by_every_key() {
        let mut buckets = [0_u32; 16];
        for nth in 0..16_000 {
            buckets[within(draw(7, Purpose::Node, (3, 3), nth), &(0..=15)) as usize] += 1;
        }
        // χ² with 15 degrees of freedom stays below 44.3 with probability 0.9999.
        let chi: u32 = buckets.iter().map(|&count| (count.abs_diff(1000)).pow(2)).sum::<u32>() / 1000;
        assert!(chi < 44, "{buckets:?}");
        let base = draw(7, Purpose::Loss, (1, 2), 0);
        for other in [
            draw(8, Purpose::Loss, (1, 2), 0),
            draw(7, Purpose::Latency, (1, 2), 0),
            draw(7, Purpose::Loss, (2, 1), 0),
            draw(7, Purpose::Loss, (1, 2), 1),
        ] {
            assert!((base ^ other).count_ones() > 12);
        }
    }

    #[test]
    fn a_range_keeps_its_bounds() {
        assert_eq!(within(u64::MAX, &(5..=9)), 9);
        assert_eq!(within(0, &(5..=9)), 5);
        assert_eq!(within(u64::MAX, &(0..=u64::MAX)), u64::MAX);
        assert!(happens(0, 1) && !happens(u64::MAX, 999_999) && !happens(0, 0));
    }
}
