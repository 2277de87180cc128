//! What has been seen of a protocol's own signs, for the legend.

use faultline_core::view::{NodeView, Tone};

/// The signs of nodes that a protocol gives a meaning of its own, as far as any was seen in a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signs {
    /// The roles of nodes that lead, and of those between two states.
    pub roles: [Vec<&'static str>; 2],
    /// Whether a node had a timer.
    pub timer: bool,
    /// Whether one had a log.
    pub log: bool,
    /// Whether one counted what others said.
    pub poll: bool,
}

impl Signs {
    pub(super) fn see(&mut self, node: &NodeView) {
        self.timer |= !node.timers.is_empty();
        self.log |= !node.card.log.is_empty();
        self.poll |= node.card.poll.is_some();
        let place = match node.card.tone {
            Tone::Leading => 0,
            Tone::Seeking => 1,
            Tone::Plain => return,
        };
        if node.up && !self.roles[place].contains(&node.card.role) {
            self.roles[place].push(node.card.role);
        }
    }
}
