//! The copies of the world that a run keeps, at events of equal distances, so that every place of it is near one.

use super::Cursor;

/// Events between two copies at the start of a run.
const SPACING: usize = 4_096;
/// The same for each node of a crowd: what copies take then grows with the events, however many nodes there are.
const SPACING_OF_A_NODE: usize = 8;
/// When there are more copies than this, every other one is let go and the spacing doubles.
const MOST: usize = 512;
/// The same when they weigh more than this together, as [`World::weight`](crate::world::World::weight) has it. With what a
/// word takes in memory, that is about half a gigabyte.
const MOST_WEIGHT: u64 = 24 << 20;

/// The copies, from the start of the run on.
#[derive(Clone)]
pub(super) struct Copies {
    kept: Vec<(Cursor, u64)>,
    spacing: usize,
    weight: u64,
}

impl Copies {
    /// None yet, of a run of so many nodes.
    pub(super) fn new(nodes: u32) -> Self {
        let spacing = SPACING.max(nodes as usize * SPACING_OF_A_NODE);
        Copies { kept: Vec::new(), spacing, weight: 0 }
    }

    /// Whether one is to be kept of the world after so many events.
    pub(super) fn want(&self, events: usize) -> bool {
        events == self.kept.len() * self.spacing
    }

    /// Keeps one, which is wanted.
    pub(super) fn keep(&mut self, cursor: Cursor) {
        let weight = cursor.world.weight();
        self.kept.push((cursor, weight));
        self.weight += weight;
        while self.kept.len() > MOST || self.weight > MOST_WEIGHT && self.kept.len() > 1 {
            let mut place = 0;
            self.kept.retain(|_| (place % 2 == 0, place += 1).0);
            self.spacing *= 2;
            self.weight = self.kept.iter().map(|(_, weight)| weight).sum();
        }
    }

    /// The last one that is not after an event.
    pub(super) fn before(&self, event: usize) -> Option<&Cursor> {
        let place = (event / self.spacing).min(self.kept.len().saturating_sub(1));
        self.kept.get(place).map(|(cursor, _)| cursor)
    }

    /// Those before an event.
    pub(super) fn up_to(&self, event: usize) -> Self {
        let kept: Vec<_> = self.kept.iter().take(event.div_ceil(self.spacing)).cloned().collect();
        Copies { weight: kept.iter().map(|(_, weight)| weight).sum(), kept, ..*self }
    }
}
