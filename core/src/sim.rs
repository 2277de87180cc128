//! Runs: a scenario played from its start, remembered well enough to stand at any of its events at once.
//!
//! A run keeps a small record of every event and a copy of the world every few thousand events. To stand at an
//! event is to take the nearest copy before it and to play on from there.

use crate::fingerprint::Fingerprint;
use crate::name::NodeId;
use crate::property::Judgement;
use crate::resolve::resolve;
use crate::scenario::{Act, Moment, Scenario};
use crate::time::Micros;
use crate::trace::{Flags, Line, Record};
use crate::view::Frontier;
use crate::world::World;
use copies::Copies;
use frontiers::Frontiers;
use std::hash::{Hash, Hasher};
use std::ops::Range;
use std::rc::Rc;
use stretches::Stretches;

mod copies;
mod frontiers;
mod stretches;

/// The most events of a run; one that has more ends before its horizon.
pub const MOST_EVENTS: usize = 4_000_000;
/// The most that a world may weigh ([`World::weight`]); a run in which it weighs more ends before its horizon.
pub const MOST_WEIGHT: u64 = 2 << 20;
/// After how many events each it is weighed, wherever it was played from.
const WEIGHED: usize = 1 << 15;

/// A world, and how far its scenario has been played.
#[derive(Clone)]
pub struct Cursor {
    /// The world after the events played so far.
    pub world: World,
    acts_done: usize,
    /// How many things have happened by themselves at the world's very time.
    naturals: (Micros, u32),
}

impl Cursor {
    /// The start of a scenario.
    pub fn new(scenario: &Scenario) -> Self {
        let world = scenario.entry.world(&scenario.choices, scenario.setup());
        Cursor { world, acts_done: 0, naturals: (0, 0) }
    }

    /// Plays one more event of the scenario, if one happens up to `until`.
    pub fn step(&mut self, scenario: &Scenario, until: Micros) -> Option<Record> {
        if let Some(timed) = scenario.acts.get(self.acts_done) {
            let next = self.world.next_time();
            let time = timed.at.time;
            let done = self.naturals_at(time);
            let due = next.is_none_or(|next| {
                next > time || next == time && timed.at.nth.is_some_and(|nth| done >= nth)
            });
            if due {
                return (time <= until).then(|| self.act(time, &timed.act));
            }
        }
        let (time, event) = self.world.upcoming().filter(|(time, _)| *time <= until)?;
        self.naturals = (time, self.naturals_at(time) + 1);
        // What happens by itself can always happen.
        self.world.apply(time, event).ok()
    }

    fn act(&mut self, time: Micros, act: &Act) -> Record {
        self.acts_done += 1;
        let applied = resolve(act, &self.world).and_then(|event| self.world.apply_act(time, event));
        applied.unwrap_or_else(|sentence| self.world.refuse(time, &format!("{act}: {sentence}")))
    }

    /// Why the next act of the scenario, if it were done now, could not apply.
    pub fn refusal(&self, scenario: &Scenario) -> Option<String> {
        let timed = scenario.acts.get(self.acts_done)?;
        let event = resolve(&timed.act, &self.world);
        event.and_then(|event| self.world.clone().apply_act(timed.at.time, event)).err()
    }

    /// How many of the scenario's acts have been done.
    pub fn acts_done(&self) -> usize {
        self.acts_done
    }

    /// How many things have happened by themselves at this very time.
    pub fn naturals_at(&self, time: Micros) -> u32 {
        if self.naturals.0 == time { self.naturals.1 } else { 0 }
    }
}

/// The checksum of a run, as far as it is worked out.
pub struct Checksum {
    cursor: Cursor,
    fingerprint: Fingerprint,
}

impl Checksum {
    /// Nothing is summed yet.
    pub fn new(run: &Run) -> Self {
        Checksum { cursor: run.at(0), fingerprint: Fingerprint::default() }
    }

    /// Sums so many more events of the same run at most; the checksum, once all are in it.
    pub fn step(&mut self, run: &Run, most: usize) -> Option<u64> {
        let end = run.events_until(run.scenario.until);
        for _ in 0..most {
            let here = self.cursor.world.events() as usize;
            let Some(line) = (here < end).then(|| run.tell(&mut self.cursor, here)).flatten() else {
                return Some(self.fingerprint.finish());
            };
            let Record { time, cause, node, peer, what, .. } = line.record;
            (time, cause, node, peer, what as u8).hash(&mut self.fingerprint);
            (line.sent, line.disk, line.outputs).hash(&mut self.fingerprint);
        }
        None
    }
}

/// A scenario played up to its horizon.
pub struct Run {
    scenario: Scenario,
    records: Vec<Record>,
    stretches: Stretches,
    frontiers: Frontiers,
    copies: Copies,
    head: Cursor,
    horizon: Micros,
    ended: Option<&'static str>,
}

impl Run {
    /// Plays a scenario up to a time.
    pub fn new(scenario: Scenario, horizon: Micros) -> Self {
        let mut run = Run::begin(scenario);
        run.extend(horizon);
        run
    }

    /// A run of which nothing has been played.
    pub fn begin(scenario: Scenario) -> Self {
        let head = Cursor::new(&scenario);
        let copies = Copies::new(scenario.nodes);
        let (records, stretches, frontiers) = (Vec::new(), Stretches::default(), Frontiers::default());
        Run { scenario, records, stretches, frontiers, copies, head, horizon: 0, ended: None }
    }

    /// What is played.
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// A record of every event so far.
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// Until when everything is known.
    pub fn horizon(&self) -> Micros {
        self.horizon
    }

    /// Why the run has ended before the time up to which it should be known, in one sentence; `None` where it has not.
    pub fn ended(&self) -> Option<&'static str> {
        self.ended
    }

    /// The place up to which it is played.
    pub fn head(&self) -> &Cursor {
        &self.head
    }

    /// The world after the last event before the horizon.
    pub fn end(&self) -> &World {
        &self.head.world
    }

    /// What is known of each claim at the horizon, in the order in which the protocol claims them.
    pub fn verdicts(&self) -> Vec<Judgement> {
        self.end().judgements_at(self.horizon)
    }

    /// Plays on up to a later time.
    pub fn extend(&mut self, horizon: Micros) {
        self.extend_by(horizon, usize::MAX);
    }

    /// Plays on towards a later time, by so many events at most; whether it has come there.
    pub fn extend_by(&mut self, horizon: Micros, most: usize) -> bool {
        let horizon = self.horizon.max(horizon);
        for _ in 0..most {
            self.ended = self.end_here();
            if self.ended.is_some() {
                self.horizon = self.head.world.now();
                return true;
            }
            let copy = self.copies.want(self.records.len()).then(|| self.head.clone());
            let Some(record) = self.head.step(&self.scenario, horizon) else {
                self.horizon = horizon;
                return true;
            };
            if let Some(copy) = copy {
                self.copies.keep(copy);
            }
            self.stretches.add(self.records.len(), &record);
            self.records.push(record);
            if let Some(name) = self.head.world.take_cut() {
                self.frontiers.add(name, &self.records);
            }
        }
        // At the very time of the latest event more may happen.
        self.horizon = self.horizon.max(self.head.world.now().saturating_sub(1));
        false
    }

    fn end_here(&self) -> Option<&'static str> {
        let events = self.records.len();
        if events == MOST_EVENTS {
            return Some("The run ends here: it has four million events, and no run has more.");
        }
        let is_heavy = events > 0 && events.is_multiple_of(WEIGHED) && self.head.world.weight() > MOST_WEIGHT;
        is_heavy.then_some("The run ends here: its nodes, their clients and its claims remember as much as is kept of a run.")
    }

    /// How many events happen up to a time, that time included.
    pub fn events_until(&self, time: Micros) -> usize {
        self.records.partition_point(|record| record.time <= time)
    }

    /// How many events happen up to a moment.
    pub fn events_at(&self, moment: Moment) -> usize {
        let before = self.records.partition_point(|record| record.time < moment.time);
        let all = self.events_until(moment.time);
        moment.nth.map_or(all, |nth| all.min(before + nth as usize))
    }

    /// The ends of all messages that were under way during some events: those that ended with one of them, or later but
    /// sent by one of them or before.
    pub fn ends(&self, during: Range<usize>) -> impl Iterator<Item = (usize, &Record)> {
        let stretches = self.stretches.with_ends(during.start, during.end);
        let events = stretches.flat_map(|stretch| stretch.start..stretch.end.min(self.records.len()));
        let ended = events.map(|event| (event, &self.records[event]));
        ended.filter(move |&(event, record)| {
            event >= during.start && record.what.ends_message() && (record.cause as usize) < during.end
        })
    }

    /// The cuts through the run that its nodes have named, in the order in which they began.
    pub fn frontiers(&self) -> Rc<Vec<Frontier>> {
        self.frontiers.all()
    }

    /// The events with which a node went down or came up, in order.
    pub fn turns(&self) -> impl Iterator<Item = &Record> {
        self.stretches.turns.iter().map(|&event| &self.records[event as usize])
    }

    /// The nodes that were asked for something before an event, the latest first.
    pub fn asked_before(&self, event: usize) -> impl Iterator<Item = NodeId> {
        let inputs = &self.stretches.inputs;
        let before = inputs.partition_point(|&input| (input as usize) < event);
        inputs[..before].iter().rev().map(|&input| NodeId(self.records[input as usize].node))
    }

    /// The run after its first `event` events.
    pub fn at(&self, event: usize) -> Cursor {
        // Without a copy nothing has been played.
        let mut cursor = self.copies.before(event).unwrap_or(&self.head).clone();
        self.play_on(&mut cursor, event);
        cursor
    }

    /// Moves a place in this run to after its first `event` events: on from where it is, or from a copy that is nearer.
    pub fn move_to(&self, cursor: &mut Cursor, event: usize) {
        self.approach(cursor, event, usize::MAX);
    }

    /// The same, by playing so many events at most; whether it is there.
    pub fn approach(&self, cursor: &mut Cursor, event: usize, most: usize) -> bool {
        let here = cursor.world.events() as usize;
        match self.copies.before(event) {
            Some(near) if event < here || near.world.events() as usize > here => *cursor = near.clone(),
            _ => {}
        }
        let here = cursor.world.events() as usize;
        self.play_on(cursor, event.min(here.saturating_add(most)));
        event.saturating_sub(here) <= most
    }

    fn play_on(&self, cursor: &mut Cursor, event: usize) {
        while (cursor.world.events() as usize) < event && cursor.step(&self.scenario, self.horizon).is_some()
        {
        }
    }

    /// How many events come before what is done at a moment, after the first so many acts of the scenario.
    pub fn place_of(&self, acts: usize, at: Moment) -> usize {
        let done = self.scenario.acts[..acts].iter().rev();
        let mut left = done.take_while(|timed| timed.at.time == at.time).count();
        let (mut naturals, start) = (0, self.records.partition_point(|record| record.time < at.time));
        for (event, record) in self.records.iter().enumerate().skip(start) {
            let is_act = record.flags.has(Flags::ACT);
            let is_due = left == 0 && (is_act || at.nth.is_some_and(|nth| naturals >= nth));
            if record.time > at.time || is_due {
                return event;
            }
            if is_act { left -= 1 } else { naturals += 1 }
        }
        self.records.len()
    }

    /// How many of its first events this run shares with another scenario's, to the bit, because nothing differs before;
    /// `None` when they do not begin alike.
    pub fn shared_with(&self, other: &Scenario) -> Option<usize> {
        let mine = &self.scenario;
        let alike = mine.acts.iter().zip(&other.acts).take_while(|(one, other)| one == other).count();
        let parting = [mine, other].into_iter().filter_map(|scenario| scenario.acts.get(alike));
        let place = parting.map(|timed| self.place_of(alike, timed.at)).min();
        mine.begins_like(other).then(|| place.unwrap_or(self.records.len()))
    }

    /// The events from one to another (exclusive) in words.
    pub fn lines(&self, from: usize, to: usize) -> Vec<Line> {
        self.lines_from(from).take(to.saturating_sub(from)).collect()
    }

    /// The events known from one on in words, each made when it is asked for.
    pub fn lines_from(&self, from: usize) -> impl Iterator<Item = Line> {
        let mut cursor = self.at(from);
        cursor.world.tell(true);
        std::iter::from_fn(move || {
            cursor.step(&self.scenario, self.horizon)?;
            cursor.world.take_line()
        })
    }

    /// A run of another scenario, up to the same time, made from where it parts from this one.
    pub fn branch(&self, scenario: &Scenario) -> Self {
        match self.shared_with(scenario) {
            Some(event) => self.fork(scenario.clone(), event),
            None => Run::new(scenario.clone(), self.horizon),
        }
    }

    /// The event at a place of this run in words, which moves there.
    pub fn tell(&self, cursor: &mut Cursor, event: usize) -> Option<Line> {
        self.move_to(cursor, event);
        cursor.world.tell(true);
        cursor.step(&self.scenario, self.horizon);
        cursor.world.tell(false);
        cursor.world.take_line()
    }

    /// The same run with another scenario that agrees with this one in its first `event` events.
    pub fn fork(&self, scenario: Scenario, event: usize) -> Self {
        let mut run = self.stem(scenario, self.at(event));
        run.extend(self.horizon);
        run
    }

    /// The same run with another scenario, up to a place in this one up to which both agree.
    pub fn stem(&self, scenario: Scenario, head: Cursor) -> Self {
        let event = head.world.events() as usize;
        let records = self.records[..event.min(self.records.len())].to_vec();
        let (stretches, frontiers) = (Stretches::of(&records), self.frontiers.up_to(&records));
        let copies = self.copies.up_to(event);
        Run { scenario, records, stretches, frontiers, copies, head, horizon: 0, ended: None }
    }

    /// The transcript: a line of text for every event up to the scenario's end.
    pub fn transcript(&self) -> String {
        let lines = self.lines(0, self.events_until(self.scenario.until));
        lines.iter().map(|line| line.transcript() + "\n").collect()
    }

    /// A checksum of what happened up to the scenario's end: when, to whom and why, what was sent, written and told.
    /// It covers the protocols' data and none of our sentences, so a link keeps its checksum when those improve.
    pub fn checksum(&self) -> u64 {
        let mut sum = Checksum::new(self);
        sum.step(self, usize::MAX);
        sum.fingerprint.finish()
    }

    /// The events that may have influenced an event: earlier steps of its node, what caused them, and so on.
    pub fn past(&self, event: usize) -> Vec<bool> {
        let mut included = vec![false; self.records.len()];
        let mut nodes = vec![false; self.scenario.nodes as usize];
        for place in (0..=event.min(self.records.len().saturating_sub(1))).rev() {
            let Some(record) = self.records.get(place) else { break };
            let node = nodes.get_mut(record.node as usize).filter(|_| record.what.is_step());
            included[place] |= place == event || node.as_deref() == Some(&true);
            if included[place] {
                if let Some(node) = node {
                    *node = true;
                }
                if let Some(cause) = included.get_mut(record.cause as usize) {
                    *cause = true;
                }
            }
        }
        included
    }

    /// The events that may have been influenced by an event: later steps of its node, what those sent, and so on.
    pub fn future(&self, event: usize) -> Vec<bool> {
        let mut tainted = vec![false; self.records.len()];
        let mut nodes = vec![false; self.scenario.nodes as usize];
        for (place, record) in self.records.iter().enumerate().skip(event) {
            let caused = tainted.get(record.cause as usize) == Some(&true);
            let node = nodes.get_mut(record.node as usize).filter(|_| record.what.is_step());
            let hit = place == event || caused || node.as_deref() == Some(&true);
            tainted[place] = hit;
            if let (true, Some(node)) = (hit, node) {
                *node = true;
            }
        }
        tainted
    }

    /// Whether an event is one that a reader may want to stop at.
    pub fn is_interesting(record: &Record) -> bool {
        record.flags.has(Flags::MILESTONE)
            || record.flags.has(Flags::VIOLATION)
            || record.flags.has(Flags::ACT)
    }
}
