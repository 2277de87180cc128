//! The retransmission timeout (RFC 6298), in integers: nanoseconds, SRTT eightfold and RTTVAR fourfold as in Jacobson's code (1988,
//! appendix A), so that nothing is rounded but one division by 8 and one by 4, downwards. A timer runs for whole microseconds,
//! rounded up: never too short.

use super::{Bugs, Params, Timeout};
use faultline_core::prelude::*;

/// Nanoseconds in a microsecond.
pub(super) const NANOS: u64 = 1_000;
/// The granularity G of the clock by which round trips are taken: a millisecond.
pub(super) const GRANULARITY: u64 = 1_000 * NANOS;

/// What the sender believes of the round trip, and how long it waits for an acknowledgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Rto {
    is_adaptive: bool,
    /// Nothing has been measured yet, or eight times SRTT and four times RTTVAR, in nanoseconds.
    measured: Option<(u64, u64)>,
    /// RTO in nanoseconds, and the most that it may be.
    now: u64,
    most: u64,
}

impl Rto {
    /// Before anything is measured (§2.1).
    pub(super) fn new(params: &Params) -> Self {
        let is_adaptive = params.timeout == Timeout::Adaptive;
        let (first, most) = (params.rto * NANOS, params.max_rto * NANOS);
        Rto { is_adaptive, measured: None, now: if is_adaptive { first.min(most) } else { first }, most }
    }

    /// Takes a round trip into account.
    pub(super) fn sample(&mut self, trip: Micros, bugs: &Bugs) {
        let trip = trip * NANOS;
        let (srtt8, rttvar4) = match self.measured {
            // §2.2: SRTT = R, RTTVAR = R/2.
            None => (8 * trip, 2 * trip),
            // §2.3: RTTVAR is updated before SRTT, from the old one.
            Some((srtt8, rttvar4)) => {
                let updated = srtt8 - srtt8 / 8 + trip;
                let compared = if bugs.srtt_first { updated } else { srtt8 };
                (updated, rttvar4 - rttvar4 / 4 + (compared / 8).abs_diff(trip))
            }
        };
        self.measured = Some((srtt8, rttvar4));
        if self.is_adaptive {
            self.now = (srtt8 / 8 + rttvar4.max(GRANULARITY)).min(self.most);
        }
    }

    /// After a timeout (§5.5).
    pub(super) fn back_off(&mut self) {
        if self.is_adaptive {
            self.now = (2 * self.now).min(self.most);
        }
    }

    /// Whether it follows what is measured.
    pub(super) fn is_adaptive(&self) -> bool {
        self.is_adaptive
    }

    /// How long to wait.
    pub(super) fn wait(&self) -> Micros {
        self.now.div_ceil(NANOS)
    }

    /// The longest wait.
    pub(super) fn longest(&self) -> Micros {
        self.most / NANOS
    }

    /// RTO in nanoseconds.
    pub(super) fn nanos(&self) -> u64 {
        self.now
    }

    /// SRTT and RTTVAR in nanoseconds, rounded down.
    pub(super) fn measured(&self) -> Option<(u64, u64)> {
        self.measured.map(|(srtt8, rttvar4)| (srtt8 / 8, rttvar4 / 4))
    }
}
