//! Whether a run was left alone for long enough that what a protocol promises of the end must have come about.

use super::World;
use crate::protocol::Quiet;
use crate::time::{Micros, seconds};

impl World {
    /// How long the protocol may take to do what it claims of the end after an act at a time, where messages take so long; `None`
    /// where it claims nothing. What it does takes several exchanges, and not all of them are as unlucky as one may be.
    pub(crate) fn settles(&self, from: Micros, way: Micros) -> Option<Micros> {
        let network = self.setup.network;
        let manners = self.slots.iter().flat_map(|slot| slot.manners.iter());
        let latency = manners
            .map(|(_, manner)| manner.in_network(network).latency.1)
            .fold(network.latency.1, Micros::max);
        let (count, way, loss_ppm) = (self.setup.count, way.max(latency), network.loss_ppm);
        let quiet = Quiet { count, latency, way, loss_ppm, from };
        let takes = self.shim.settles(quiet)?;
        let slowest = self.slots.iter().filter_map(|slot| slot.slowness).fold(1_000, u32::max);
        let unlucky = takes.saturating_mul(2 + quiet.tries(2)) / 3;
        Some(unlucky.saturating_mul(slowest.into()) / 1_000)
    }

    /// Whether nothing happens any more by itself but requests: no message is in flight and no timer is set.
    fn is_over(&self) -> bool {
        let mut timers = self.slots.iter().filter(|slot| !slot.paused).flat_map(|slot| &slot.timers);
        !timers.any(|timer| timer.is_set) && self.messages().iter().all(|(_, it)| self.has_to_wait(it))
    }

    /// What came up before this time has had its time.
    pub(super) fn due(&self, now: Micros) -> Micros {
        match self.settles(self.disturbed, self.longest_way) {
            _ if self.is_over() => Micros::MAX,
            Some(takes) if !self.setup.manual && self.disturbed.saturating_add(takes) <= now => now - takes,
            _ => 0,
        }
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
            let [takes, has_had] = [takes, has_had].map(|time| seconds(time, 3));
            format!("it has had {has_had} of the {takes} s that it may take")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A fifth of the exchanges fails where a tenth of the messages is lost: 0.19⁸ is about 10⁻⁶.
    #[test]
    fn losses_cost_tries() {
        let tries =
            |loss_ppm, messages| Quiet { count: 1, latency: 0, way: 0, loss_ppm, from: 0 }.tries(messages);
        assert_eq!([0, 1, 100_000, 500_000].map(|loss| tries(loss, 2)), [1, 2, 8, 45]);
        assert_eq!([tries(500_000, 1), tries(0, 100), tries(1_000_000, 1)], [19, 1, 100_000]);
    }
}
