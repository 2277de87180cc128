//! Clocks under somebody's hands. Only those that are not right are kept, so a run in which all are pays next to nothing.

use super::{Setup, World, rule};
use crate::clock::{Adjustment, Clock};
use crate::name::NodeId;
use crate::random::{Purpose, draw, within};
use crate::time::Micros;
use crate::toolbox::map::Map;
use crate::trace::{Record, What};

/// A node's clock as it is when nobody has touched it: right, or off by what was drawn within the run's skew.
fn untouched(setup: &Setup, node: NodeId) -> Clock {
    let drawn = draw(setup.seed, Purpose::Skew, (node.0, node.0), 0);
    Clock::off_by(within(drawn, &(0..=2 * setup.skew)).cast_signed() - setup.skew.cast_signed())
}

/// The clocks that are not right when a run starts.
pub(super) fn at_first(setup: &Setup) -> Map<NodeId, Clock> {
    let mut clocks = Map::default();
    let nodes = (0..if setup.skew == 0 { 0 } else { setup.count }).map(NodeId);
    for (node, clock) in nodes.map(|node| (node, untouched(setup, node))) {
        if clock != Clock::default() {
            clocks.insert(node, clock);
        }
    }
    clocks
}

impl World {
    /// True time as clocks count it. In manual mode times do not count, and clocks stand still.
    fn clock_time(&self, now: Micros) -> Micros {
        if self.setup.manual { 0 } else { now }
    }

    pub(super) fn clock(&self, node: NodeId) -> Clock {
        self.clocks.get(&node).copied().unwrap_or_default()
    }

    /// What a node's clock reads now.
    pub(super) fn reading(&self, node: NodeId) -> Micros {
        if self.clocks_matter { self.own_reading(node) } else { self.now }
    }

    #[cold]
    fn own_reading(&self, node: NodeId) -> Micros {
        self.clock(node).reads(self.clock_time(self.now))
    }

    /// How far a node's clock is from true time at a time when nothing has happened since the latest event.
    pub(crate) fn clock_offset(&self, node: NodeId, time: Micros) -> i64 {
        self.clock(node).offset(self.clock_time(time))
    }

    /// Whether somebody has touched a node's clock and not set it back.
    pub fn is_clock_touched(&self, node: NodeId) -> bool {
        self.clock(node) != untouched(&self.setup, node)
    }

    pub(super) fn adjust_clock(&mut self, node: NodeId, adjustment: Adjustment) -> Record {
        let now = self.clock_time(self.now);
        let clock = self.clock(node).adjusted(now, adjustment, untouched(&self.setup, node));
        if clock == Clock::default() {
            self.clocks.remove(&node);
        } else {
            self.clocks.insert(node, clock);
        }
        self.clocks_matter = true;
        let record = Record::new(What::Clock, self.now, node);
        self.close(record, &rule::CLOCK, || match adjustment {
            Adjustment::Normal => format!("{node}'s clock returns to its initial setting"),
            _ => format!("{node}'s clock changes: {adjustment}"),
        })
    }
}
