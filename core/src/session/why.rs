//! Why something is as it is: the event that last changed a fact, what caused that, and so on, back to what nobody in
//! the run caused: a boot, a question, an act.
//!
//! A value may change and change back, so the steps of a node are read backwards, stretch after stretch, until one is
//! found that changed it. A step that left the node's memory as it was is skipped unread, by its fingerprint.

use super::{Session, Target};
use crate::card::Card;
use crate::fingerprint::Fingerprint;
use crate::name::NodeId;
use crate::sim::{Cursor, Run};
use crate::trace::{Flags, Record, What};
use crate::view::{Change, Fact, WhyStep};
use crate::world::World;
use std::hash::Hasher;

/// The most events of a chain that are told; the first and the last are among them.
const MOST_STEPS: usize = 12;
/// How many facts are read at most to find who changed one; a long log is read whole each time.
const MOST_READ: usize = 8_000_000;
/// How many events are played at once while looking back: at first, and at most. Longer stretches are quicker where a
/// node knows little, and read far too much where it knows a lot.
const STRETCHES: (usize, usize) = (64, 2_048);
/// How many facts are read at one go: a millisecond or two.
const SLICE: usize = 4_096;

/// The event that changed a fact.
pub(super) struct Found {
    pub(super) event: usize,
    change: Change,
}

/// Looking for the reason of something, in slices, so that a page can do it without freezing.
pub struct Inquiry {
    /// The events found, the latest first, and those of them that changed the fact.
    chain: Vec<usize>,
    changes: Vec<Found>,
    /// The places of the chain that are told, and those that are told already.
    told: Vec<usize>,
    steps: Vec<WhyStep>,
    /// How many facts were read.
    read: usize,
    look: Option<Look>,
}

/// Looking back from an event for the one that changed a fact.
pub(super) struct Look {
    node: NodeId,
    /// From where, where the stretch that is looked through ends, and how long the next one is.
    until: usize,
    end: usize,
    stretch: usize,
    pass: Option<Pass>,
}

/// A stretch of a run that is played to see what changes.
struct Pass {
    /// The first event of it, and the next one.
    start: usize,
    next: usize,
    cursor: Cursor,
    /// The node's memory, and the fact.
    before: (u64, Option<String>),
    found: Option<Found>,
}

impl Session {
    /// Why a fact about a node is what it is at the playhead: the event that last changed it, what caused that, and so
    /// on. Where a message brought the value from a node that had it too, the chain goes on with how that one came by
    /// it.
    ///
    /// # Errors
    /// One sentence when it never changed, or not within what is looked through: a second or two where logs are long.
    pub fn why(&self, node: NodeId, fact: Fact<'_>) -> Result<Vec<WhyStep>, String> {
        let mut inquiry = Inquiry::of_fact(self, node);
        loop {
            if let Some(answer) = inquiry.step(self, fact) {
                return answer;
            }
        }
    }

    /// Why an event happened: the event itself, what caused it, and so on. Empty when there is no such event.
    pub fn why_event(&self, event: usize) -> Vec<WhyStep> {
        let mut inquiry = Inquiry::of_event(self, event);
        while inquiry.tell(self) {}
        inquiry.steps
    }
}

impl Inquiry {
    /// Asks why a fact about a node is what it is at the playhead.
    pub fn of_fact(session: &Session, node: NodeId) -> Self {
        let look = session.has(Target::Node(node)).then(|| Look::back(node, session.event()));
        Inquiry { chain: Vec::new(), changes: Vec::new(), told: Vec::new(), steps: Vec::new(), read: 0, look }
    }

    /// Asks why an event happened.
    pub fn of_event(session: &Session, event: usize) -> Self {
        let mut inquiry = Inquiry { look: None, ..Self::of_fact(session, NodeId(0)) };
        inquiry.chain.extend((event < session.run.records().len()).then_some(event));
        inquiry.follow(session);
        inquiry
    }

    /// Goes on for about a millisecond with the same session and fact (of an event, none is looked at); the answer,
    /// once it is known.
    pub fn step(&mut self, session: &Session, fact: Fact<'_>) -> Option<Result<Vec<WhyStep>, String>> {
        let Some(look) = &mut self.look else {
            return if self.tell(session) { None } else { Some(Ok(std::mem::take(&mut self.steps))) };
        };
        match look.step(session, fact, &mut self.read)? {
            Ok(found) => self.go_on_from(session, fact, found),
            Err(sentence) if self.chain.is_empty() => return Some(Err(sentence)),
            // How its sender came by it cannot be said.
            Err(_) => {
                self.look = None;
                self.follow(session);
            }
        }
        None
    }

    /// Goes on with where the value of a change came from, if a message brought it from a node that had it.
    fn go_on_from(&mut self, session: &Session, fact: Fact<'_>, found: Found) {
        let run = &session.run;
        let record = run.records()[found.event];
        let (cause, peer) = (record.cause as usize, NodeId(record.peer));
        let brought = fact.travels() && found.change.after.is_some() && peer.0 < run.scenario().nodes;
        let had = brought.then(|| value(&run.at(cause + 1).world, peer, fact, &mut self.read)).flatten();
        self.look = (brought && had == found.change.after).then(|| Look::back(peer, cause + 1));
        if self.chain.last() != Some(&found.event) {
            self.chain.push(found.event);
        }
        self.changes.push(found);
        match self.look {
            Some(_) => self.chain.push(cause),
            None => self.follow(session),
        }
    }

    /// Goes on from the last event of the chain to what caused it, back to what nobody caused: a timer that somebody
    /// fires was set by the protocol, but that is not why it fired.
    fn follow(&mut self, session: &Session) {
        let by_hand = |record: &&Record| record.what == What::Fire && record.flags.has(Flags::ACT);
        let record = |event: usize| session.run.records().get(event).filter(|record| !by_hand(record));
        // What somebody says to another node, too, is its own cause.
        let cause = |event: usize| record(event).map(|it| it.cause as usize).filter(|cause| *cause < event);
        while let Some(cause) = self.chain.last().and_then(|&last| cause(last)) {
            self.chain.push(cause);
        }
    }

    /// Tells the next event of the chain; `false` when all are told.
    fn tell(&mut self, session: &Session) -> bool {
        if self.told.is_empty() {
            self.told = chosen(&self.chain, session.run.records());
        }
        let nth = self.steps.len();
        let Some(&place) = self.told.get(nth) else { return false };
        let event = self.chain[place];
        let change = self.changes.iter().find(|found| found.event == event).map(|found| found.change.clone());
        let left_out = nth.checked_sub(1).map_or(0, |before| place - self.told[before] - 1);
        let skipped = match left_out {
            0 => None,
            1 => Some("and so on, through one earlier event, back to".to_owned()),
            many => Some(format!("and so on, through {many} earlier events, back to")),
        };
        let Some(line) = session.run.lines_from(event).next() else { return false };
        let mut absent = session.absences(event, "this timer");
        if absent.is_empty() {
            absent.extend(session.unheard(event, "this timer"));
        }
        self.steps.push(WhyStep { line, change, skipped, absent });
        true
    }
}

/// The places of a chain that are told: of a timer that set itself again and again the first time and the last, and
/// of what is left [`MOST_STEPS`] at most, the chain's beginning among them.
fn chosen(chain: &[usize], records: &[Record]) -> Vec<usize> {
    let fires = |place: usize| {
        let record = &records[*chain.get(place)?];
        (record.what == What::Fire).then_some((record.node, record.kind))
    };
    let repeats = |place: usize| {
        let here = fires(place);
        place > 0 && here.is_some() && here == fires(place - 1) && here == fires(place + 1)
    };
    let mut told: Vec<usize> = (0..chain.len()).filter(|&place| !repeats(place)).collect();
    if let Some(&last) = told.last().filter(|_| told.len() > MOST_STEPS) {
        told.truncate(MOST_STEPS - 1);
        told.push(last);
    }
    told
}

impl Look {
    pub(super) fn back(node: NodeId, until: usize) -> Self {
        Look { node, until, end: until, stretch: STRETCHES.0, pass: None }
    }

    /// Goes on a little; the last change before where it began, once it is found.
    pub(super) fn step(
        &mut self,
        session: &Session,
        fact: Fact<'_>,
        read: &mut usize,
    ) -> Option<Result<Found, String>> {
        let (run, node) = (&session.run, self.node);
        if let Some(pass) = &mut self.pass {
            if !pass.step(run, node, self.end, fact, read) {
                return None;
            }
            if let Some(found) = pass.found.take() {
                return Some(Ok(found));
            }
            self.end = pass.start;
            self.pass = None;
        }
        if self.end == 0 {
            return Some(Err(format!("{fact} of {node} has never changed")));
        }
        if self.end < self.until && *read > MOST_READ {
            let back = self.until - self.end;
            return Some(Err(format!(
                "{fact} of {node} has not changed in the last {back} events; earlier ones were not searched"
            )));
        }
        let start = self.end.saturating_sub(self.stretch);
        self.stretch = (2 * self.stretch).min(STRETCHES.1);
        match (start..self.end).find(|&event| is_step_of(run, node, event)) {
            Some(next) => {
                let cursor = run.at(next);
                let before = (memory(&cursor.world, node), value(&cursor.world, node, fact, read));
                self.pass = Some(Pass { start, next, cursor, before, found: None });
            }
            None => self.end = start,
        }
        None
    }
}

impl Pass {
    /// Plays on a little; whether it has come to the end.
    fn step(&mut self, run: &Run, node: NodeId, end: usize, fact: Fact<'_>, read: &mut usize) -> bool {
        let enough = *read + SLICE;
        while self.next < end && *read < enough {
            let event = self.next;
            self.next += 1;
            if !is_step_of(run, node, event) {
                continue;
            }
            run.move_to(&mut self.cursor, self.next);
            let world = &self.cursor.world;
            let memory = memory(world, node);
            if memory == self.before.0 {
                continue;
            }
            let after = value(world, node, fact, read);
            let before = std::mem::replace(&mut self.before, (memory, after.clone())).1;
            if after != before {
                self.found = Some(Found { event, change: Change { name: fact.to_string(), before, after } });
            }
        }
        self.next == end
    }
}

fn is_step_of(run: &Run, node: NodeId, event: usize) -> bool {
    let record = run.records()[event];
    record.node == node.0 && record.what.is_step()
}

/// A fact about a node, and that so much was read for it.
fn value(world: &World, node: NodeId, fact: Fact<'_>, read: &mut usize) -> Option<String> {
    let card: Card = world.card(node);
    *read += 1 + card.fields.len() + card.log.len() + card.table.len();
    fact.of(&card)
}

/// What a node has in memory, or on disk while it is down.
fn memory(world: &World, node: NodeId) -> u64 {
    let mut fingerprint = Fingerprint::default();
    world.shim().hash_slot(world.slot(node), &mut fingerprint);
    fingerprint.finish()
}
