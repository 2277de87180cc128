//! How soon reads hear of writes: what PBS calls t-visibility (Bailis et al. 2012, §3.3).

use faultline_core::prelude::*;

/// Of the reads that began so many milliseconds after the last write before them was done: how many there
/// were, and how many of them missed none of the writes before.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Freshness(Map<u64, (u64, u64)>);

impl Freshness {
    /// Adds a read that began so long after the last write before it was done.
    pub(super) fn add(&mut self, after: Micros, is_fresh: bool) {
        let milliseconds = after / 1_000;
        // One digit counts, so that there are few points for long waits as well.
        let unit = 10_u64.pow(milliseconds.checked_ilog10().unwrap_or(0));
        let (all, fresh) = self.0.or_default(milliseconds / unit * unit);
        *all += 1;
        *fresh += u64::from(is_fresh);
    }

    /// By milliseconds, how many of a thousand reads were fresh.
    pub(super) fn curve(&self) -> Vec<(u64, u64)> {
        self.0.iter().map(|(after, (all, fresh))| (*after, fresh * 1_000 / all)).collect()
    }
}
