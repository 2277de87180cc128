//! Why something is as it is: the event that last changed a fact, what caused that, and so on, back to what nobody in
//! the run caused: a boot, a question, an act.
//!
//! A value may change and change back, so the steps of a node are read backwards, stretch after stretch, until one is
//! found that changed it. A step that left the node's memory as it was is skipped unread, by its fingerprint.

use super::Session;
use super::look::card;
use crate::fingerprint::Fingerprint;
use crate::node::NodeId;
use crate::trace::NO_CAUSE;
use crate::view::{Card, Change, Fact, WhyStep};
use crate::world::World;
use std::hash::Hasher;

/// The most events of a chain that are told; the first and the last are among them.
const MOST_STEPS: usize = 12;
/// How many facts are read at most to find who changed one; a long log is read whole each time.
const MOST_READ: usize = 8_000_000;
/// How many events are played at once while looking back: at first, and at most. Longer stretches are quicker where a
/// node knows little, and read far too much where it knows a lot.
const STRETCHES: (usize, usize) = (64, 2_048);

/// The event that changed a fact.
struct Found {
    event: usize,
    change: Change,
}

/// Looking back from an event for the one that changed a fact.
struct Search<'a> {
    session: &'a Session,
    fact: Fact<'a>,
    read: usize,
}

impl Session {
    /// Why a fact about a node is what it is at the playhead: the event that last changed it, what caused that, and so
    /// on. Where a message brought the value from a node that had it too, the chain goes on with how that one came by
    /// it.
    ///
    /// # Errors
    /// One sentence when it never changed, or not within what is looked through: a second or two where logs are long.
    pub fn why(&self, node: NodeId, fact: Fact<'_>) -> Result<Vec<WhyStep>, String> {
        let mut search = Search { session: self, fact, read: 0 };
        let mut found = search.last_change(node, self.event())?;
        let mut chain = vec![found.event];
        let mut changes = Vec::new();
        while let Some((cause, earlier)) = search.origin(&found) {
            changes.push(std::mem::replace(&mut found, earlier));
            if cause != found.event {
                chain.push(cause);
            }
            chain.push(found.event);
        }
        changes.push(found);
        self.follow(&mut chain);
        Ok(self.tell(&chain, &changes))
    }

    /// Why an event happened: the event itself, what caused it, and so on. Empty when there is no such event.
    pub fn why_event(&self, event: usize) -> Vec<WhyStep> {
        if event >= self.run.records().len() {
            return Vec::new();
        }
        let mut chain = vec![event];
        self.follow(&mut chain);
        self.tell(&chain, &[])
    }

    /// Goes on from the last event of a chain to what caused it, back to what nobody caused.
    fn follow(&self, chain: &mut Vec<usize>) {
        let cause = |event: usize| self.run.records().get(event).map(|record| record.cause);
        while let Some(cause) = chain.last().and_then(|&last| cause(last)).filter(|it| *it != NO_CAUSE) {
            chain.push(cause as usize);
        }
    }

    fn tell(&self, chain: &[usize], changes: &[Found]) -> Vec<WhyStep> {
        let step = |event: usize| {
            let line = self.run.lines_from(event).next()?;
            let change = changes.iter().find(|found| found.event == event).map(|found| found.change.clone());
            Some(WhyStep { line, change, skipped: None })
        };
        let skipped = chain.len().saturating_sub(MOST_STEPS);
        let told =
            chain.iter().take(MOST_STEPS - 1).chain(chain.last().filter(|_| chain.len() >= MOST_STEPS));
        let mut steps: Vec<WhyStep> = told.filter_map(|&event| step(event)).collect();
        if let (Some(last), true) = (steps.last_mut(), skipped > 0) {
            let events =
                if skipped == 1 { "one earlier event" } else { &format!("{skipped} earlier events") };
            last.skipped = Some(format!("and so on, through {events}, back to"));
        }
        steps
    }
}

impl Search<'_> {
    /// Where the value of a change came from, if a message brought it from a node that had it: the event that sent it,
    /// and the one that changed it there.
    fn origin(&mut self, found: &Found) -> Option<(usize, Found)> {
        let run = &self.session.run;
        let cause = run.records()[found.event].cause as usize;
        let peer = NodeId(run.records()[found.event].peer);
        if !self.fact.travels() || found.change.after.is_none() || peer.0 >= run.scenario().nodes {
            return None;
        }
        let had = self.value(&run.at(cause + 1).world, peer);
        let earlier = if had == found.change.after { self.last_change(peer, cause + 1).ok() } else { None };
        earlier.map(|earlier| (cause, earlier))
    }

    /// The last of the first `until` events that changed the fact at a node.
    fn last_change(&mut self, node: NodeId, until: usize) -> Result<Found, String> {
        let (mut end, mut stretch) = (until, STRETCHES.0);
        while end > 0 {
            let start = end.saturating_sub(stretch);
            if let Some(found) = self.last_change_between(node, start, end) {
                return Ok(found);
            }
            (end, stretch) = (start, (2 * stretch).min(STRETCHES.1));
            if end > 0 && self.read > MOST_READ {
                let back = until - end;
                return Err(format!(
                    "{} of {node} has not changed in {back} events; before, nobody looked",
                    self.fact
                ));
            }
        }
        Err(format!("{} of {node} has never changed", self.fact))
    }

    fn last_change_between(&mut self, node: NodeId, start: usize, end: usize) -> Option<Found> {
        let run = &self.session.run;
        let is_own = |event: &usize| {
            let record = run.records()[*event];
            record.node == node.0 && record.what.is_step()
        };
        let mut own = (start..end).filter(is_own).peekable();
        let mut cursor = run.at(*own.peek()?);
        let mut before = (memory(&cursor.world, node), self.value(&cursor.world, node));
        let mut found = None;
        for event in own {
            run.move_to(&mut cursor, event + 1);
            let memory = memory(&cursor.world, node);
            if memory != before.0 {
                let after = self.value(&cursor.world, node);
                if after != before.1 {
                    let name = self.fact.to_string();
                    found = Some(Found {
                        event,
                        change: Change { name, before: before.1, after: after.clone() },
                    });
                }
                before = (memory, after);
            }
        }
        found
    }

    fn value(&mut self, world: &World, node: NodeId) -> Option<String> {
        let card: Card = card(world, node);
        self.read += 1 + card.fields.len() + card.log.len() + card.table.len();
        self.fact.of(&card)
    }
}

/// What a node has in memory, or on disk while it is down.
fn memory(world: &World, node: NodeId) -> u64 {
    let mut fingerprint = Fingerprint::default();
    world.shim().hash_slot(world.slot(node), &mut fingerprint);
    fingerprint.finish()
}
