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
    /// How long the protocol may take to do what it claims of the end after an act at a time, where messages take so long; `None`
    /// where it claims nothing. What it does takes several exchanges, and not all of them are as unlucky as one may be.
    pub(crate) fn settles(&self, from: Micros, way: Micros) -> Option<Micros> {
        let latency = self.setup.network.latency.1;
        let takes = self.shim.settles(Quiet { count: self.setup.count, latency, way, from })?;
        let slowest = self.slots.iter().filter_map(|slot| slot.slowness).fold(1_000, u32::max);
        let unlucky = takes.saturating_mul(2 + tries(self.setup.network.loss_ppm)) / 3;
        Some(unlucky.saturating_mul(slowest.into()) / 1_000)
    }

    /// Why something that came up then may still come about, in words; nothing once it has had its time, or where nothing happens
    /// any more.
    pub(super) fn too_soon(&self, since: Micros, now: Micros) -> Option<String> {
        let timers = self.slots.iter().filter(|slot| !slot.paused).flat_map(|slot| &slot.timers);
        let messages = self.messages();
        if !timers.into_iter().any(|timer| timer.is_set)
            && messages.iter().all(|(_, it)| self.has_to_wait(it))
        {
            return None;
        }
        if self.setup.manual {
            return Some("messages are in flight or timers are set".into());
        }
        let Some(takes) = self.settles(self.disturbed, self.longest_way) else {
            return Some("messages take too long for the timeouts that are set".into());
        };
        let has_had = now.saturating_sub(since.max(self.disturbed));
        (has_had < takes).then(|| {
            let [takes, has_had] = [takes, has_had].map(|time| exact(time / 1_000 * 1_000));
            format!("it may take {takes} without a disturbance, and has had {has_had}")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A fifth of the exchanges fails where a tenth of the messages is lost: 0.19⁸ is below 10⁻⁵, 0.19⁹ below 10⁻⁶.
    #[test]
    fn losses_cost_tries() {
        assert_eq!([0, 1, 100_000, 500_000, 999_999].map(tries), [1, 2, 8, 45, 1_000]);
    }
}
