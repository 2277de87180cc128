//! Whether a run was left alone for long enough that what a protocol promises of the end must have come about.

use super::World;
use crate::protocol::Quiet;
use crate::time::{Micros, exact};

/// How often an exchange, a message and its answer, must be tried until it has failed every time in one run of a million only.
fn tries(loss_ppm: u32) -> u64 {
    let parts = 1_000_000;
    let arrives = parts - u64::from(loss_ppm);
    let fails = parts - arrives * arrives / parts;
    let (mut tries, mut unlucky) = (1, fails);
    while unlucky > 1 && tries < 1_000 {
        (tries, unlucky) = (tries + 1, unlucky * fails / parts);
    }
    tries
}

impl World {
    /// Why something that came up then may still come about, in words; nothing once it has had its time.
    pub(super) fn too_soon(&self, since: Micros) -> Option<String> {
        if self.setup.manual {
            let waits =
                self.slots.iter().any(|slot| !slot.paused && slot.timers.iter().any(|timer| timer.is_set));
            let goes_on = waits || self.messages().iter().any(|(_, it)| !self.has_to_wait(it));
            return goes_on.then(|| "messages are in flight or timers are set".into());
        }
        let quiet = Quiet {
            count: self.setup.count,
            latency: self.setup.network.latency.1,
            way: self.longest_way,
            from: self.disturbed,
        };
        let slowest = self.slots.iter().filter_map(|slot| slot.slowness).fold(1_000, u32::max);
        let tries = tries(self.setup.network.loss_ppm);
        let Some(takes) = self.shim.settles(quiet) else {
            return Some("messages take too long for the timeouts that are set".into());
        };
        let takes = takes.saturating_mul(tries).saturating_mul(slowest.into()) / 1_000;
        let has_had = self.now.saturating_sub(since.max(self.disturbed));
        (has_had < takes).then(|| {
            let [takes, has_had] = [takes, has_had].map(|time| exact(time / 1_000 * 1_000));
            format!("it may take {takes} without a disturbance, and has had {has_had}")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn losses_cost_tries() {
        assert_eq!([0, 1, 100_000, 500_000, 999_999].map(tries), [1, 2, 9, 49, 1_000]);
    }
}
