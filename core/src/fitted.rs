//! Latencies of production systems, as Bailis et al. fitted them: *Probabilistically Bounded Staleness for
//! Practical Partial Quorums*, VLDB 2012, table 3.
//!
//! Each is a mixture: some messages take a Pareto time, whose tail is long, and the others an exponential
//! one. A draw is one word, as for a range: its upper half chooses between the two, its lower half is the
//! share of messages that take longer. Both laws need only the binary logarithm of that share, and it is
//! worked out in whole numbers, so that every target draws the same. A test compares what comes out with the
//! formulas in floating point.
//!
//! **What this leaves out:** the paper's fourth set, WAN, which is LNKD-DISK and 75 ms more between data
//! centres. And a tail has an end here: of either law, no message takes longer than the one that takes the
//! longest of 2²⁰.

use crate::time::Micros;

/// Measured latencies that have a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fitted {
    /// `LinkedIn`'s Voldemort with solid-state disks.
    LnkdSsd,
    /// The same with spinning disks, which make writes slower.
    LnkdDisk,
    /// Yammer's Riak.
    Ymmr,
}

/// Some messages take a Pareto time, the others an exponential one.
struct Mixture {
    /// How many of a million messages take a Pareto time.
    pareto_ppm: u64,
    /// The least Pareto time, in microseconds.
    least_us: u64,
    /// The exponent of the Pareto law, in thousandths.
    exponent_milli: u64,
    /// The mean exponential time, in microseconds.
    mean_us: u64,
}

const SSD: Mixture = Mixture { pareto_ppm: 912_200, least_us: 235, exponent_milli: 10_000, mean_us: 602 };
const DISK_WRITE: Mixture =
    Mixture { pareto_ppm: 380_000, least_us: 1_050, exponent_milli: 1_510, mean_us: 5_464 };
const YMMR_WRITE: Mixture =
    Mixture { pareto_ppm: 939_000, least_us: 3_000, exponent_milli: 3_350, mean_us: 357_143 };
const YMMR: Mixture =
    Mixture { pareto_ppm: 982_000, least_us: 1_500, exponent_milli: 3_800, mean_us: 46_083 };

/// How many binary digits of a logarithm stand behind the point.
const DIGITS: u32 = 16;
/// One, where so many digits stand behind the point.
const ONE: u64 = 1 << DIGITS;
/// The rarest message is the longest of two to this power.
const RAREST: u64 = 20 * ONE;
/// ln 2, with 32 digits behind the point.
const LN_2: u64 = 2_977_044_472;
/// The square root of 2, the root of that and so on, with 30 digits behind the point.
const ROOTS: [u64; DIGITS as usize] = {
    let (mut roots, mut nth, mut root) = ([0; DIGITS as usize], 0, 2_u64 << 30);
    while nth < roots.len() {
        root = (root << 30).isqrt();
        roots[nth] = root;
        nth += 1;
    }
    roots
};

impl Fitted {
    /// All of them, by the words that name them in scenarios.
    pub const ALL: [(&'static str, Fitted); 3] =
        [("lnkd-ssd", Fitted::LnkdSsd), ("lnkd-disk", Fitted::LnkdDisk), ("ymmr", Fitted::Ymmr)];

    /// The word that names it.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, it)| *it == self).map_or("", |(name, _)| name)
    }

    /// Where it was measured, in a sentence.
    pub fn about(self) -> &'static str {
        match self {
            Fitted::LnkdSsd => "LinkedIn's store with solid-state disks (Bailis et al. 2012).",
            Fitted::LnkdDisk => "The same with spinning disks, on which writes are slower.",
            Fitted::Ymmr => "Yammer's store, with a long tail (Bailis et al. 2012).",
        }
    }

    /// How long a message takes, from a draw. A write reaches the disk before its receiver answers, which
    /// counts as a part of its way.
    pub fn latency(self, is_write: bool, draw: u64) -> Micros {
        let (upper, lower) = (draw >> 32, draw & u64::from(u32::MAX));
        let mixture = self.mixture(is_write);
        let octaves = octaves(lower + 1).min(RAREST);
        let is_pareto = (upper * 1_000_000) >> 32 < mixture.pareto_ppm;
        if is_pareto { mixture.pareto(octaves) } else { mixture.exponential(octaves) }
    }

    /// The least and the greatest latency of any message.
    pub fn range(self) -> (Micros, Micros) {
        let greatest = |mixture: &Mixture| mixture.pareto(RAREST).max(mixture.exponential(RAREST));
        (1, greatest(self.mixture(true)).max(greatest(self.mixture(false))))
    }

    fn mixture(self, is_write: bool) -> &'static Mixture {
        match (self, is_write) {
            (Fitted::LnkdDisk, true) => &DISK_WRITE,
            (Fitted::LnkdSsd | Fitted::LnkdDisk, _) => &SSD,
            (Fitted::Ymmr, true) => &YMMR_WRITE,
            (Fitted::Ymmr, false) => &YMMR,
        }
    }
}

impl Mixture {
    /// The Pareto time that a message exceeds as often as so many coins in a row show heads.
    fn pareto(&self, octaves: u64) -> Micros {
        let exponent = octaves * 1_000 / self.exponent_milli;
        let (whole, part) = (exponent / ONE, exponent % ONE);
        let digits = (0..DIGITS).zip(ROOTS).filter(|(nth, _)| part >> (DIGITS - 1 - nth) & 1 == 1);
        let power = digits.fold(1_u64 << 30, |power, (_, root)| (power * root) >> 30);
        rounded((self.least_us * power) << whole, 30)
    }

    /// The exponential time that a message exceeds as often as so many coins in a row show heads.
    fn exponential(&self, octaves: u64) -> Micros {
        // Eight digits less on the way, so that the product fits into a word.
        let mean_times = (octaves * (LN_2 >> 8)) >> 8;
        rounded(self.mean_us * mean_times, 32).max(1)
    }
}

/// How many coins in a row show heads as seldom as a number out of 2³² is drawn that is at most this one.
fn octaves(number: u64) -> u64 {
    let whole = number.ilog2();
    // The rest is between 1 and 2; its square is at least 2 where the next digit of its logarithm is 1.
    let mut rest = (number << 31) >> whole;
    let mut logarithm = u64::from(whole);
    for _ in 0..DIGITS {
        rest = (rest * rest) >> 31;
        let digit = rest >> 32;
        rest >>= digit;
        logarithm = logarithm << 1 | digit;
    }
    32 * ONE - logarithm
}

/// A number without so many digits behind the point.
fn rounded(number: u64, digits: u32) -> u64 {
    (number + (1 << (digits - 1))) >> digits
}
