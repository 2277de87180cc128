//! Where each message of a queue is, for the claim that none disappears.

use super::Queue;
use faultline_core::prelude::*;

impl Queue {
    /// What is wrong with how it treats this message, which must be here: what holds after every step of a
    /// queue, and of its consumer but for what is on its way between them.
    pub(in super::super) fn neglects(&self, number: u64, relies: impl Fn(NodeId) -> bool) -> Option<String> {
        if let Some((tag, whose, _)) = self.taken.iter().find(|(_, _, entry)| entry.number == number) {
            let anew = self.consumers.iter().any(|it| it.node == *whose && *tag <= it.since);
            return anew.then(|| format!("is still with {whose}, which has opened a new channel since"));
        }
        let Some(place) = self.ready.iter().position(|entry| entry.number == number) else {
            return Some("is lost".into());
        };
        if place == 0 && self.ready[0].expired {
            return Some("waits at the head although it has expired".into());
        }
        let idle = self.consumers.iter().find(|it| self.has_room(it.node));
        if let Some(idle) = idle {
            return Some(format!("waits while {} has room", idle.node));
        }
        let served = |node| self.consumers.iter().any(|it| it.node == node);
        let forgotten = (7..=9).map(NodeId).find(|node| relies(*node) && !served(*node))?;
        Some(format!("waits, but the queue has forgotten {forgotten}"))
    }
}
