//! A session: one run under somebody's hands. This is the whole boundary between the core and a front end, which
//! reads [`View`]s and speaks the words of scenarios.

use crate::agenda::Envelope;
use crate::card::Card;
use crate::compare::{Comparison, compare};
use crate::curves::Curves;
use crate::measure::traffic;
use crate::name::NodeId;
use crate::resolve::resolve;
use crate::scenario::{Act, MOST_ACTS, Moment, Scenario};
use crate::sim::{Cursor, Run};
use crate::time::{LATEST, Micros, exact};
use crate::title::Info;
use crate::trace::{Line, NOBODY, Record};
use crate::view::NodeView;
use crate::world::CROWD;
use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;
use tree::{Step, Tree};

mod absent;
mod challenge;
mod edit;
mod explain;
mod found;
mod look;
mod offers;
mod panels;
mod told;
mod tree;
mod why;

pub use challenge::Progress;
pub use explain::Explaining;
pub use found::{Find, Found};
pub use panels::Samples;
pub use told::{Telling, told};
pub use tree::{Branch, MOST_BRANCHES, MOST_STEPS_BACK};
pub use why::Inquiry;

/// Why nothing can be done to a run that repeats a log.
pub const RECORDED: &str = "this is a recorded run: it can be looked at, not changed";
/// How far beyond the playhead a run is known at least.
const LOOKAHEAD: Micros = 1_000_000;
/// What a front end may point at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// A message in flight, by its number.
    Message(u64),
    /// A node.
    Node(NodeId),
    /// The link between two nodes.
    Link(NodeId, NodeId),
}

impl Target {
    /// The node, if it is one.
    pub fn node(self) -> Option<NodeId> {
        match self {
            Target::Node(id) => Some(id),
            Target::Message(_) | Target::Link(..) => None,
        }
    }
}

/// Something that may be done to a target now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The verb, the same for all of a sort: a front end binds its keys to these.
    pub verb: &'static str,
    /// What it is called.
    pub label: String,
    /// What is done, in order.
    pub acts: Vec<Act>,
    /// The same in the words of a scenario, a line each, for [`Session::act`]; what somebody typed stays as typed.
    pub words: String,
    /// Where in the words an amount stands that may as well be another: see [`Offer::with`].
    pub amount: Option<Range<usize>>,
    /// What is assumed and would be broken by it: the claims are not promised any more then.
    pub breaks: Option<&'static str>,
}

/// A run, and the moment of it that is looked at.
pub struct Session {
    run: Run,
    /// The run after the events up to the playhead.
    cursor: Cursor,
    time: Micros,
    /// The node to which the latest event happened, and its card one event earlier, to mark what has changed.
    before: Option<(NodeId, Card)>,
    latest: Option<Line>,
    /// The nodes as they were drawn up last, and after how many events that was.
    drawn: RefCell<(usize, Vec<Rc<NodeView>>)>,
    /// Of a crowd, the nodes that somebody looks at; without it, all are looked at.
    focus: Option<Vec<NodeId>>,
    /// Where in the run lines were read last: the next ones are often not far behind.
    reader: Option<Cursor>,
    /// How many events have stayed as they were since somebody asked.
    kept: usize,
    tree: Tree,
    undo: Vec<Step>,
    redo: Vec<Step>,
}

impl Session {
    /// Opens a scenario at the moment that it wants shown, or at its start.
    pub fn new(scenario: Scenario) -> Self {
        let mut session = Session::begin(scenario);
        session.run.extend(session.wanted());
        session.arrive();
        session
    }

    /// Opens a scenario at its start, and knows no more of it: what is long is then learnt piece by piece. Not even a
    /// crowd's nodes have booted.
    pub fn begin(scenario: Scenario) -> Self {
        let tree = Tree::new(scenario.clone());
        let run = if scenario.nodes > CROWD { Run::begin(scenario) } else { Run::new(scenario, 0) };
        let cursor = run.at(0);
        let mut session = Session {
            run,
            cursor,
            time: 0,
            before: None,
            latest: None,
            drawn: RefCell::default(),
            focus: None,
            reader: None,
            kept: 0,
            tree,
            undo: Vec::new(),
            redo: Vec::new(),
        };
        session.seek_time(0);
        session
    }

    /// Moves to the moment that the scenario wants shown, or to its start.
    pub fn arrive(&mut self) {
        match self.scenario().show {
            Some(show) => self.seek(show),
            None => self.seek_time(0),
        }
    }

    /// Plays a run on to its end, a crowd's also beyond the playhead, by so many events at most; whether there is more to
    /// be known of it.
    pub fn learn(&mut self, events: usize) -> bool {
        let ahead = if self.is_crowd() { (self.time / LOOKAHEAD + 2) * LOOKAHEAD } else { 0 };
        let wanted = self.wanted().max(ahead);
        let unknown = wanted > self.run.horizon() && self.run.ended().is_none();
        unknown && !self.run.extend_by(wanted, events)
    }

    /// Why nothing comes after this place, in one sentence; `None` where something may.
    pub fn ended(&self) -> Option<&'static str> {
        self.run.ended().filter(|_| self.event() == self.run.records().len())
    }

    /// Whether there are so many nodes that the run is learnt piece by piece.
    pub fn is_crowd(&self) -> bool {
        self.scenario().nodes > CROWD
    }

    /// Until when a run is to be known at least.
    fn wanted(&self) -> Micros {
        let scenario = self.scenario();
        scenario.until.max(scenario.show.map_or(0, |show| show.time))
    }

    /// What is played.
    pub fn scenario(&self) -> &Scenario {
        self.run.scenario()
    }

    /// The title page of its protocol.
    pub fn info(&self) -> &'static Info {
        &self.scenario().entry.info
    }

    /// The run itself.
    pub fn run(&self) -> &Run {
        &self.run
    }

    /// The playhead.
    pub fn time(&self) -> Micros {
        self.time
    }

    /// When the next event happens, as far as the run is known.
    pub fn next_time(&self) -> Option<Micros> {
        self.run.records().get(self.event()).map(|record| record.time)
    }

    /// How many events at the start of the run have stayed as they were, whatever was done to it since this was asked last.
    pub fn kept(&mut self) -> usize {
        std::mem::replace(&mut self.kept, usize::MAX)
    }

    /// How many events have happened at the playhead.
    pub fn event(&self) -> usize {
        self.cursor.world.events() as usize
    }

    /// Looks at some nodes of a crowd, and from now on at no others: of those, views show a glance. Until then they show
    /// all that every node knows, which in a crowd costs more than anybody reads.
    pub fn focus(&mut self, nodes: &[NodeId]) {
        if self.focus.as_deref() != Some(nodes) {
            self.focus = Some(nodes.to_vec());
            self.drawn.borrow_mut().1.clear();
        }
    }

    // Moving in time.

    /// Moves to a time, after all its events.
    pub fn seek_time(&mut self, time: Micros) {
        let time = time.min(LATEST);
        self.know(time);
        self.go(self.run.events_until(time), time);
    }

    /// Moves to right after the first `event` events.
    pub fn seek_event(&mut self, event: usize) {
        let event = event.min(self.run.records().len());
        let time = event.checked_sub(1).map_or(0, |last| self.run.records()[last].time);
        self.go(event, time);
    }

    /// Moves on in time while playing, a crowd as far as it is known; of other runs the known part grows ahead of the
    /// playhead.
    pub fn play_to(&mut self, time: Micros) {
        if !self.is_crowd() && time + LOOKAHEAD > self.run.horizon() {
            self.know(self.run.horizon().max(time) + LOOKAHEAD);
        }
        if time >= self.time {
            self.go(self.run.events_until(time.min(self.run.horizon())), time.min(self.run.horizon()));
        }
    }

    /// Steps over one event.
    pub fn step(&mut self, forwards: bool) {
        if forwards {
            if self.event() == self.run.records().len() {
                self.know(self.run.horizon() + LOOKAHEAD);
            }
            self.seek_event(self.event() + 1);
        } else {
            self.seek_event(self.event().saturating_sub(1));
        }
    }

    /// Steps to the next or the previous event that a reader may want to stop at; `false` when there is none.
    pub fn step_interesting(&mut self, forwards: bool) -> bool {
        let (records, here) = (self.run.records(), self.event());
        let found = if forwards {
            records.iter().skip(here).position(Run::is_interesting).map(|ahead| here + ahead + 1)
        } else {
            records[..here.saturating_sub(1)].iter().rposition(Run::is_interesting).map(|place| place + 1)
        };
        if let Some(event) = found {
            self.seek_event(event);
        }
        found.is_some()
    }

    /// Steps over one round: forwards until every message that is in flight now has ended, those that wait for a node
    /// or a link aside; backwards to the latest moment from which a round would be over by now. Where nothing is in
    /// flight a round is one event.
    pub fn step_round(&mut self, forwards: bool) {
        let (here, world) = (self.event(), &self.cursor.world);
        let waits = |it: &Envelope| world.has_to_wait(it);
        let in_flight = world.messages().into_iter().map(|(_, envelope)| envelope).filter(|it| !waits(it));
        if forwards {
            let until = in_flight.map(|envelope| envelope.arrives).max();
            self.know(until.unwrap_or(0));
            let until = until.map_or(here, |until| self.run.events_until(until));
            let ends = |record: &Record| record.what.ends_message() && (record.cause as usize) < here;
            match self.run.records()[here..until.max(here)].iter().rposition(ends) {
                Some(place) => self.seek_event(here + place + 1),
                None => self.step(true),
            }
        } else {
            let oldest = in_flight.map(|envelope| envelope.cause as usize).min();
            self.seek_event(here.saturating_sub(1).min(oldest.unwrap_or(here)));
        }
    }

    /// The messages of the run up to its horizon, in so many stretches of equal length; see [`traffic`].
    pub fn traffic(&self, stretches: u64) -> Vec<Curves> {
        traffic(&self.run, stretches)
    }

    /// Moves to a moment.
    pub fn seek(&mut self, moment: Moment) {
        self.know(moment.time);
        let event = self.run.events_at(moment);
        self.go(event, moment.time);
    }

    fn know(&mut self, time: Micros) {
        if time > self.run.horizon() && self.run.ended().is_none() {
            self.run.extend(time);
        }
    }

    /// Stands after `event` events, at `time`, which is not earlier than the last of them.
    fn go(&mut self, event: usize, time: Micros) {
        self.time = time;
        if event == self.event() && (event == 0 || self.latest.is_some()) {
            return;
        }
        let earlier = event.saturating_sub(1);
        self.run.move_to(&mut self.cursor, earlier);
        let about = self.run.records().get(earlier).map(|record| record.node).filter(|&node| node != NOBODY);
        self.before = about.map(|node| (NodeId(node), self.cursor.world.card(NodeId(node))));
        self.latest = None;
        if event > earlier {
            self.latest = self.run.tell(&mut self.cursor, earlier);
        }
    }

    // Acting.

    /// Does something at the playhead, in the words of a scenario: `crash n1`. Several acts, a line each, are done together
    /// or not at all. Where acts come later in the scenario, they stay, and a branch is opened; [`Session::undo`] takes
    /// this one back.
    ///
    /// # Errors
    /// One sentence when it cannot be done; then nothing has changed.
    pub fn act(&mut self, words: &str) -> Result<(), String> {
        let acts =
            words.lines().map(|line| self.scenario().parse_act(line)).collect::<Result<Vec<_>, _>>()?;
        self.allowed(words.lines())?;
        let count = acts.len();
        if self.scenario().acts.len() + count > MOST_ACTS {
            return Err(format!("a scenario holds at most {MOST_ACTS} acts"));
        }
        // Of a crowd that still boots, not even all of this very moment is known.
        self.run.extend(self.time);
        let mut trial = self.cursor.world.clone();
        for act in &acts {
            let event = resolve(act, &trial)?;
            trial.apply_act(self.time, event)?;
        }
        let (here, place) = (self.event(), self.cursor.acts_done());
        let scenario = self.scenario().with_acts(place, self.moment(place), acts);
        if place < self.scenario().acts.len() {
            let name = words.lines().collect::<Vec<_>>().join(", ");
            self.open_branch(&format!("{name} at {}", exact(self.time)), &scenario)?;
        } else {
            self.change_branch(scenario);
        }
        self.go(here + count, self.time);
        Ok(())
    }

    /// The moment of an act that is done now, as one of its scenario, before the act at `place`.
    fn moment(&self, place: usize) -> Moment {
        let (time, acts) = (self.time, &self.scenario().acts);
        let more_now = self.run.records().get(self.event()).is_some_and(|record| record.time == time);
        let now = Moment { time, nth: more_now.then(|| self.cursor.naturals_at(time)) };
        let last = place.checked_sub(1).map_or(now, |place| acts[place].at);
        if last.number() > now.number() { last } else { now }
    }

    /// Changes something that is set before the run, in the words of a scenario: `seed 7`; or several things, a line each.
    /// The run starts anew, in a branch of its own; several settings in a row are one branch.
    ///
    /// # Errors
    /// One sentence when it cannot be set so; then nothing has changed.
    pub fn amend(&mut self, words: &str) -> Result<(), String> {
        self.is_alive()?;
        if self.scenario().challenge.is_some() {
            return Err("a challenge keeps its settings".into());
        }
        let mut scenario = self.scenario().clone();
        words.lines().try_for_each(|line| scenario.amend(line))?;
        // What was done before may point at nodes that there no longer are; reading the text again finds out.
        let scenario = Scenario::parse(&scenario.to_string()).map_err(|complaint| complaint.sentence)?;
        let name = words.lines().collect::<Vec<_>>().join(", ");
        self.put(&name, Scenario { show: None, expectations: Vec::new(), ..scenario })
    }

    /// A scenario as a run of its own, up to where it parts from the run at hand; [`Run::extend_by`] plays on from there.
    pub fn stem(&self, scenario: &Scenario) -> Run {
        let Some(event) = self.run.shared_with(scenario) else { return Run::begin(scenario.clone()) };
        let mut head = self.cursor.clone();
        // One event before: who goes on to look at the parting wants the event that led there in words.
        self.run.move_to(&mut head, event.saturating_sub(1));
        self.run.stem(scenario.clone(), head)
    }

    /// Lets another run take the place of the one at hand, plays it as far as that is known (a crowd's up to the playhead,
    /// and not at all when it begins otherwise), and returns how many events of that are the same; `None` when it begins
    /// otherwise. The playhead has to be set after that.
    fn play_instead(&mut self, run: Run) -> Option<usize> {
        let (shared, known) = (self.run.shared_with(run.scenario()), self.run.horizon());
        // Up to where both runs are the same, a place in the one is a place in the other.
        if shared.is_none_or(|shared| self.event() > shared) {
            self.cursor = run.head().clone();
            self.latest = None;
        }
        self.run = run;
        let until = self.scenario().until;
        match shared {
            _ if !self.is_crowd() => self.run.extend(if shared.is_some() { known.max(until) } else { until }),
            Some(_) => self.run.extend(self.time),
            None => {}
        }
        self.kept = self.kept.min(shared.unwrap_or(0));
        self.reader.take_if(|reader| shared.is_none_or(|shared| reader.world.events() as usize > shared));
        self.drawn.take();
        shared
    }

    /// The scenario with the playhead as the moment to show. At its start that is none, unless it was opened at one.
    pub fn here(&self) -> Scenario {
        let before = self.run.records().partition_point(|record| record.time < self.time);
        let (here, all) = (self.event(), self.run.events_until(self.time));
        let nth = (here < all).then(|| here.saturating_sub(before) as u32);
        let is_moved = self.time > 0 || nth.is_some() || self.scenario().show.is_some();
        let show = is_moved.then_some(Moment { time: self.time, nth });
        Scenario { show, ..self.scenario().clone() }
    }

    /// Another branch as a run of its own, up to where it parts from this one; [`crate::compare`] wants it played up to
    /// this one's horizon.
    ///
    /// # Errors
    /// One sentence when there is none with this number.
    pub fn stem_of(&self, id: u32) -> Result<Run, String> {
        self.tree.scenario_of(id).map(|scenario| self.stem(scenario))
    }

    /// Compares this branch with another: where they part, and what is different in the end.
    ///
    /// # Errors
    /// As [`Session::stem_of`].
    pub fn compare(&self, id: u32) -> Result<Comparison, String> {
        let mut other = self.stem_of(id)?;
        other.extend(self.run.horizon());
        Ok(compare([&self.run, &other]))
    }
}
