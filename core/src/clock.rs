//! Clocks: what a node's own clock reads, and what somebody may do to it.
//!
//! A clock has a reading and a rate. Changing the rate keeps the reading, so a clock goes back only where somebody sets it.

use crate::time::{LATEST, Micros, exact};
use std::fmt::{self, Display};

/// How many parts a rate is counted in.
const PARTS: i128 = 1_000_000;
/// The most that a clock may drift either way, in parts per million: it goes at half to one and a half of its rate.
pub const MOST_DRIFT_PPM: i32 = 500_000;

/// What somebody does to a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Adjustment {
    /// Now it reads true time and so many microseconds.
    Offset(i64),
    /// Now it reads so many microseconds more than it did.
    Jump(i64),
    /// From now on it goes so many millionths faster than time.
    Drift(i32),
    /// It reads what it would if nobody had touched it, and goes as fast as time.
    Normal,
}

/// A clock that is not right: what it read at some true time, and how fast it goes from there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Clock {
    since: Micros,
    reading: i64,
    drift_ppm: i32,
}

impl Clock {
    /// A clock that goes as fast as time and is so far from it.
    pub(crate) fn off_by(offset: i64) -> Self {
        Clock { since: 0, reading: offset, drift_ppm: 0 }
    }

    /// What is added to true time to get what it reads. Clocks read nothing below 0 and nothing beyond [`LATEST`].
    pub(crate) fn offset(self, now: Micros) -> i64 {
        self.reads(now).cast_signed() - now.cast_signed()
    }

    pub(crate) fn reads(self, now: Micros) -> Micros {
        self.exactly(now).max(0).cast_unsigned().min(LATEST)
    }

    fn exactly(self, now: Micros) -> i64 {
        let passed = i128::from(now.saturating_sub(self.since));
        let counted = passed * (PARTS + i128::from(self.drift_ppm)) / PARTS;
        self.reading.saturating_add(counted as i64)
    }

    /// Whether it goes faster or slower than time.
    pub(crate) fn drifts(self) -> bool {
        self.drift_ppm != 0
    }

    /// How much time passes while it counts `delay`.
    pub(crate) fn true_time_of(self, delay: Micros) -> Micros {
        let rate = (PARTS + i128::from(self.drift_ppm)).cast_unsigned();
        (u128::from(delay) * PARTS.cast_unsigned()).div_ceil(rate).min(u128::from(LATEST)) as Micros
    }

    /// The clock after an adjustment; `untouched` is what it would be if nobody had touched it.
    pub(crate) fn adjusted(self, now: Micros, adjustment: Adjustment, untouched: Clock) -> Self {
        let from = |reading: i64, drift_ppm| match drift_ppm {
            0 => Clock::off_by(reading.saturating_sub(now.cast_signed())),
            _ => Clock { since: now, reading, drift_ppm },
        };
        match adjustment {
            Adjustment::Offset(by) => from((now.cast_signed()).saturating_add(by), self.drift_ppm),
            Adjustment::Jump(by) => from(self.exactly(now).saturating_add(by), self.drift_ppm),
            Adjustment::Drift(drift_ppm) => from(self.exactly(now), drift_ppm),
            Adjustment::Normal => untouched,
        }
    }
}

/// A difference of times as scenarios write it: `+20ms`, `-5s`.
pub fn signed(difference: i64) -> String {
    let sign = if difference < 0 { '-' } else { '+' };
    format!("{sign}{}", exact(difference.unsigned_abs()))
}

impl Display for Adjustment {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Adjustment::Offset(by) => write!(out, "offset {}", signed(*by)),
            Adjustment::Jump(by) => write!(out, "jump {}", signed(*by)),
            Adjustment::Drift(parts) => write!(out, "drift {parts:+}ppm"),
            Adjustment::Normal => out.write_str("normal"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whatever rates follow each other, the reading never steps and never goes back.
    #[test]
    fn a_clock_that_is_not_set_never_goes_back() {
        let (mut clock, mut last) = (Clock::default(), 0);
        for (nth, drift) in [-500_000, 500_000, 3, -200, 0, 499_999, -7, 0].into_iter().enumerate() {
            let now = nth as Micros * 1_000_003;
            let before = clock.reads(now);
            clock = clock.adjusted(now, Adjustment::Drift(drift), Clock::default());
            assert_eq!(clock.reads(now), before);
            for later in (now..now + 1_000_003).step_by(333_331) {
                assert!(clock.reads(later) >= last);
                last = clock.reads(later);
            }
        }
        let (early, late) = (Clock::off_by(-20_000), Clock::off_by(i64::MAX));
        assert_eq!((early.reads(5_000), early.reads(30_000), late.reads(LATEST)), (0, 10_000, LATEST));
    }

    #[test]
    fn a_drifting_clock_counts_a_delay_in_another_time() {
        let drifting = |parts| Clock::default().adjusted(7, Adjustment::Drift(parts), Clock::default());
        assert_eq!(drifting(0), Clock::default());
        for (parts, time) in [(500_000, 66_667), (-500_000, 200_000), (200, 99_981)] {
            assert_eq!(drifting(parts).true_time_of(100_000), time);
            assert!(drifting(parts).reads(7 + time) >= 7 + 100_000);
        }
    }
}
