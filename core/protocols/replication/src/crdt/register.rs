//! The last-write-wins register (RR-7506, specifications 8 and 9): of two writes the one with the greater timestamp stays.

use super::Bugs;
use super::clock::Stamp;

/// A value with the timestamp of its write, once there was one.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Register {
    pub(super) written: Option<(Stamp, u64)>,
}

impl Register {
    /// Takes a write, if it is later than the one that it holds.
    pub(super) fn apply(&mut self, stamp: Stamp, value: u64, bugs: &Bugs) {
        let is_later = self.written.is_none_or(|(held, _)| match bugs.unbroken_ties {
            true => stamp.0 > held.0,
            false => stamp > held,
        });
        if is_later {
            self.written = Some((stamp, value));
        }
    }

    /// The least upper bound: the later of both writes.
    pub(super) fn merge(&mut self, other: &Register, bugs: &Bugs) {
        if let Some((stamp, value)) = other.written {
            self.apply(stamp, value, bugs);
        }
    }
}
