//! What is open: a session, and how it is looked at. The one owner of the run.

use crate::causality::Causality;
use crate::log::Filter;
use crate::pace::Pace;
use crate::work::slice;
use faultline_core::measure::{Measures, Measuring};
use faultline_core::protocol::Info;
use faultline_core::session::{Found, Offer, Samples, Target};
use faultline_core::time::Micros;
use faultline_core::toolbox::map::Map;
use faultline_core::trace::{Line, Record};
use faultline_core::view::{
    ActView, Curves, Diagram, MessageView, Milestone, NodeView, Operations, Standing, Tone, View,
};
use faultline_core::{NodeId, Session};
use std::rc::Rc;

/// The speeds: real time is multiplied by these.
pub const SPEEDS: [(f64, &str); 14] = [
    (0.001, "1/1000×"),
    (0.002, "1/500×"),
    (0.005, "1/200×"),
    (0.01, "1/100×"),
    (0.02, "1/50×"),
    (0.05, "1/20×"),
    (0.1, "1/10×"),
    (0.2, "1/5×"),
    (0.5, "1/2×"),
    (1.0, "1×"),
    (2.0, "2×"),
    (5.0, "5×"),
    (10.0, "10×"),
    (50.0, "50×"),
];
/// How much faster quiet stretches pass when the run slows down for messages.
const QUIET: f64 = 12.0;
/// The distances of two ticks of the time axis, in microseconds.
pub const TICKS: [Micros; 12] =
    [500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000, 5_000_000];
/// How many ticks a window of the usual width shows.
const TICKS_IN_SIGHT: Micros = 10;
/// The pixels between two ticks.
pub const TICK_WIDTH: f64 = 96.0;
/// Ticks in a chunk: the diagram is drawn and remembered by chunks.
pub const CHUNK_TICKS: u64 = 5;
/// The share of the diagram's window that lies before the playhead while the run goes on.
const AHEAD: f64 = 0.7;
const BEHIND: f64 = 0.12;
/// Where the playhead stands in the window after a jump.
const JUMP: f64 = 0.55;
/// Pixels of the diagram before time 0.
const LEAD_IN: f64 = 12.0;
/// The most rows of the log that are drawn.
pub const MOST_ROWS: usize = 60;
/// With more nodes the diagram shows so many of their lifelines.
const LIFELINES: (usize, usize) = (64, 12);
/// Events between two looks at the clock while a run is played, known or read piece by piece.
pub const STRIDE: usize = 500;
/// The most events that a frame plays, but for those of one instant: time goes slower where there are more.
const MOST_PLAYED: usize = 8_000;

/// The ticks at which the slowest message is about a third of one long, or the whole run fills the window if that is shorter.
fn usual_zoom(session: &Session) -> usize {
    let scenario = session.scenario();
    let last =
        session.run().records().last().filter(|_| !session.is_crowd()).map_or(scenario.until, |it| it.time);
    let tick = (scenario.network.latency.1 * 3).min(last / TICKS_IN_SIGHT);
    TICKS.iter().position(|&it| it >= tick).unwrap_or(TICKS.len() - 1)
}

/// A speed slow enough to see messages under way, and to take hold of one: the slowest take a second or two.
pub fn usual_speed(info: &Info) -> usize {
    let bound = info.latency.1 as f64 / 1_000_000.0;
    SPEEDS.iter().rposition(|(speed, _)| *speed <= bound).unwrap_or(0)
}

/// A chunk of the diagram.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// From when.
    pub from: Micros,
    /// Until when.
    pub until: Micros,
    /// What happened.
    pub diagram: Diagram,
    /// What is marked on the foot.
    pub marks: Vec<Milestone>,
}

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
    fn see(&mut self, node: &NodeView) {
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

/// Where some words are found.
struct FoundRows {
    /// Which words, in which version of the run, in every event or what matters, with what picked.
    about: (Filter, u32, bool, Option<Target>),
    /// The event that is looked at next.
    next: usize,
    /// Those that have them.
    events: Vec<usize>,
}

/// The run that is open.
pub struct Lab {
    session: Session,
    /// The moment at the playhead.
    pub view: Rc<View>,
    /// Whether time goes on.
    pub playing: bool,
    /// Which of [`SPEEDS`].
    pub speed: usize,
    /// How fast time really goes.
    pub pace: Pace,
    /// Whether quiet stretches pass faster.
    pub auto_slow: bool,
    /// What is selected.
    pub selection: Option<Target>,
    /// The nodes that are selected together, in order: none, or at least two.
    pub group: Vec<NodeId>,
    /// The nodes whose lifelines the diagram shows, in order.
    pub lifelines: Rc<Vec<NodeId>>,
    /// Whom these were chosen for, of which version of the run, and until when that was known.
    chosen: Option<(Vec<NodeId>, u32, Micros)>,
    /// Whether the run is a crowd's of which not all is known yet.
    pub learning: bool,
    /// Whether the moment that the scenario wants shown has yet to be learnt.
    arriving: bool,
    /// Whether lines of the log or samples of the curves are still being read.
    pub reading: bool,
    /// The events of the log's rows, and that of the headline.
    wanted: (Vec<usize>, Option<usize>),
    /// The act of the scenario that is picked, by its place.
    pub act: Option<usize>,
    /// Whether the log shows every event.
    pub all_lines: bool,
    /// Which of them.
    pub filter: Filter,
    /// Whether the run is still searched for the filter's words.
    pub seeking: bool,
    /// What was found of them.
    found: Option<FoundRows>,
    /// What the run cost up to the playhead, as far as it is counted, and of which version of the run.
    measuring: Option<(u32, Measuring)>,
    /// Which of [`TICKS`].
    pub zoom: usize,
    /// The first instant in the diagram's window, in microseconds.
    pub window: f64,
    /// Where the playhead was dragged to: as long as it stands there the window stays, too.
    dragged: Option<Micros>,
    /// Counts the changes of the run itself.
    pub version: u32,
    /// What has been seen of the protocol's own signs.
    pub signs: Rc<Signs>,
    milestones: Rc<Vec<Milestone>>,
    acts: Rc<Vec<ActView>>,
    lines: Map<usize, Rc<Line>>,
    chunks: Map<u64, Rc<Chunk>>,
    horizon: Micros,
    /// The time of the latest frame, and the part of a microsecond that it left over.
    clock: (Option<f64>, f64),
    causality: Option<Rc<Causality>>,
    /// What curves over time show, and of which version of the run and until when.
    samples: Option<((u32, Micros), Samples)>,
    /// What clients asked and were told, and of which version of the run and up to which event.
    operations: Option<((u32, usize), Rc<Operations>)>,
}

impl Lab {
    /// Looks at a run: all of it is known, or it is a crowd's.
    pub fn new(mut session: Session) -> Self {
        let arriving = session.is_crowd() && session.scenario().show.is_some();
        if session.is_crowd() {
            session.focus(&[]);
        }
        let (speed, zoom) = (usual_speed(session.info()), usual_zoom(&session));
        let mut lab = Lab {
            view: Rc::new(session.view()),
            arriving,
            reading: false,
            wanted: (Vec::new(), None),
            session,
            playing: false,
            speed,
            pace: Pace::default(),
            auto_slow: true,
            selection: None,
            group: Vec::new(),
            lifelines: Rc::default(),
            chosen: None,
            learning: false,
            act: None,
            all_lines: false,
            filter: Filter::default(),
            seeking: false,
            found: None,
            measuring: None,
            zoom,
            window: 0.0,
            dragged: None,
            version: 0,
            signs: Rc::default(),
            milestones: Rc::default(),
            acts: Rc::default(),
            lines: Map::default(),
            chunks: Map::default(),
            horizon: 0,
            clock: (None, 0.0),
            causality: None,
            samples: None,
            operations: None,
        };
        lab.renew(lab.session.info().slug);
        lab
    }

    /// The session, to read.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Keeps how a run is looked at when another one is opened in its place.
    pub fn like(mut self, other: &Lab) -> Self {
        if self.session.info().slug == other.session.info().slug {
            self.speed = other.speed;
        }
        (self.auto_slow, self.all_lines) = (other.auto_slow, other.all_lines);
        self.filter = other.filter.clone();
        self.version = other.version + 1;
        self
    }

    /// Changes the session by hand, and reads again what follows from it.
    pub fn change<T>(&mut self, change: impl FnOnce(&mut Session) -> T) -> T {
        let before = self.session.info().slug;
        let done = change(&mut self.session);
        self.version += 1;
        self.renew(before);
        done
    }

    /// Tries to change the session by hand; what is refused changes nothing.
    ///
    /// # Errors
    /// As the change.
    pub fn attempt<T, E>(&mut self, change: impl FnOnce(&mut Session) -> Result<T, E>) -> Result<T, E> {
        let before = self.session.info().slug;
        let done = change(&mut self.session);
        if done.is_ok() {
            self.version += 1;
            self.renew(before);
        }
        done
    }

    /// Moves the playhead.
    pub fn go(&mut self, go: impl FnOnce(&mut Session)) {
        go(&mut self.session);
        self.clock.1 = 0.0;
        self.look();
    }

    /// Goes to a time that somebody else keeps, or to right after so many events if that is known better; whether
    /// something has happened.
    pub fn keep_time(&mut self, time: Micros, event: Option<usize>) -> bool {
        let before = (self.session.event(), self.session.time());
        match event {
            Some(event) if event < self.session.run().events_until(time) => self.session.seek_event(event),
            _ if time >= before.1 => self.session.play_to(time),
            _ => self.session.seek_time(time),
        }
        let happened = self.session.event() != before.0;
        if happened {
            self.look();
        }
        happened
    }

    /// What the branch that is played is called.
    pub fn branch_name(&self) -> &str {
        let branches = self.session.branches().iter();
        branches
            .filter(|it| it.id == self.session.branch())
            .map(|it| it.name.as_str())
            .next()
            .unwrap_or_default()
    }

    /// The nodes whose lifelines are shown, and whether each is up.
    pub fn lives(&self) -> Vec<(NodeId, bool)> {
        let up = |id: &NodeId| (*id, self.view.nodes.get(id.index()).is_some_and(|node| node.up));
        self.lifelines.iter().map(up).collect()
    }

    /// Moves the playhead to where it is dragged on the diagram.
    pub fn drag(&mut self, time: Micros) {
        self.play(false);
        self.go(|session| session.seek_time(time));
        self.dragged = Some(self.session.time());
    }

    /// Forgets everything that was remembered about the run, which was one of the protocol with this slug.
    fn renew(&mut self, slug: &str) {
        let info = self.session.info();
        if info.slug != slug {
            (self.speed, self.zoom) = (usual_speed(info), usual_zoom(&self.session));
            self.signs = Rc::default();
        }
        let kept = self.session.kept();
        self.lines.retain(|event, _| *event < kept);
        self.chunks = Map::default();
        self.act = None;
        self.horizon = 0;
        self.learning = self.session.is_crowd();
        self.look();
    }

    /// Whether something goes on from frame to frame.
    pub fn is_active(&self) -> bool {
        self.playing || self.learning || self.reading || self.seeking
    }

    /// Learns more of a crowd's run for a part of a frame; whether that is something new.
    pub fn learn(&mut self) -> bool {
        let (before, booting) = (self.session.run().records().len(), self.is_booting());
        self.learning = slice(|| (!self.session.learn(STRIDE)).then_some(())).is_none();
        let learnt = self.session.run().records().len() > before;
        if booting && !self.playing {
            self.session.play_to(0);
            self.look();
        }
        if learnt && !self.learning {
            if std::mem::take(&mut self.arriving) {
                self.session.arrive();
            }
            self.look();
        }
        learnt
    }

    /// Whether not even all nodes of a crowd have started.
    fn is_booting(&self) -> bool {
        self.session.run().horizon() == 0
    }

    /// How much of the scenario is known, from 0 to 1.
    pub fn known(&self) -> f64 {
        let until = self.session.scenario().until.max(1);
        (self.session.run().horizon() as f64 / until as f64).min(1.0)
    }

    /// Looks closely at what is picked; whether something else was, or more is known now.
    fn focus(&mut self) -> bool {
        let mut picked = self.group.clone();
        if let Some(Target::Node(id)) = self.selection {
            picked.push(id);
        }
        if self.chosen.as_ref() == Some(&(picked.clone(), self.version, self.horizon)) {
            return false;
        }
        if self.session.is_crowd() {
            self.session.focus(&picked);
        }
        let lines = self.choose(&picked);
        if lines != *self.lifelines {
            self.lifelines = Rc::new(lines);
            self.chunks = Map::default();
        }
        self.chosen = Some((picked, self.version, self.horizon));
        true
    }

    /// The lifelines that the diagram shows: all, or those of the picked nodes, of whom the first of them speaks with, and
    /// of the first nodes of all.
    fn choose(&self, picked: &[NodeId]) -> Vec<NodeId> {
        let all = (0..self.session.scenario().nodes).map(NodeId);
        if all.len() <= LIFELINES.0 {
            return all.collect();
        }
        let mut lines: Vec<NodeId> = picked.iter().copied().take(LIFELINES.1).collect();
        let about = lines.first().copied().unwrap_or(NodeId(0));
        let with = |record: &Record| match (NodeId(record.node), NodeId(record.peer)) {
            _ if !record.what.ends_message() => None,
            (to, from) if to == about => Some(from),
            (to, from) if from == about => Some(to),
            _ => None,
        };
        let others = self.session.run().records().iter().filter_map(with);
        for node in std::iter::once(about).chain(others).chain(all) {
            if lines.len() >= LIFELINES.1 {
                break;
            }
            if !lines.contains(&node) {
                lines.push(node);
            }
        }
        lines.sort_unstable();
        lines
    }

    /// Follows what is picked.
    pub fn attend(&mut self) {
        if self.focus() {
            self.look();
        }
    }

    fn look(&mut self) {
        self.focus();
        self.view = Rc::new(self.session.view());
        // What is still being learnt is worked out when it is known, but for the first of it.
        let settled = self.view.horizon >= self.session.scenario().until || self.horizon == 0;
        if self.view.horizon != self.horizon && settled {
            let known = self.horizon;
            self.chunks.retain(|_, chunk| chunk.until < known);
            self.milestones = Rc::new(self.session.milestones());
            self.acts = Rc::new(self.session.acts());
            self.causality = None;
            self.horizon = self.view.horizon;
        }
        let mut signs = (*self.signs).clone();
        self.view.nodes.iter().for_each(|node| signs.see(node));
        if *self.signs != signs {
            self.signs = Rc::new(signs);
        }
        let count = self.view.nodes.len();
        self.group.retain(|node| node.index() < count);
        if let Some(Target::Message(id)) = self.selection
            && !self.view.messages.iter().any(|message| message.id == id)
        {
            self.selection = None;
        }
        self.word_selected();
    }

    /// In a crowd only the selected message bears words.
    fn word_selected(&mut self) {
        let Some(Target::Message(id)) = self.selection else { return };
        let view = Rc::make_mut(&mut self.view);
        if let Some(message) = view.messages.iter_mut().find(|it| it.id == id && it.name.is_empty())
            && let Some(worded) = self.session.message(id)
        {
            *message = worded;
        }
    }

    /// Lets real time pass, `now` in milliseconds; answers whether an event happened.
    pub fn frame(&mut self, now: f64) -> bool {
        // A hidden page gets no frames: time does not catch up.
        let passed = self.clock.0.map_or(0.0, |then| (now - then).clamp(0.0, 50.0));
        self.clock.0 = Some(now);
        let quiet = self.auto_slow && self.view.messages.is_empty();
        let factor = SPEEDS[self.speed].0 * if quiet { QUIET } else { 1.0 };
        let exact = self.clock.1 + passed * 1_000.0 * factor;
        let mut time = self.session.time() + exact.max(0.0) as Micros;
        if quiet {
            let next = self.session.next_time().unwrap_or(time);
            time = time.min(next.max(self.session.time()));
        }
        let ahead = self.session.run().records().get(self.session.event() + MOST_PLAYED);
        time = ahead.map_or(time, |record| time.min(record.time));
        self.clock.1 = exact.fract();
        let violated = self.violated();
        let before = self.session.time();
        self.session.play_to(time);
        self.pace.advance(now, SPEEDS[self.speed].0, self.session.time() - before);
        if self.session.event() == self.view.event {
            return false;
        }
        self.look();
        if self.violated() > violated
            && let Some(event) = self.latest_violation()
        {
            self.playing = false;
            self.go(|session| session.seek_event(event + 1));
        }
        true
    }

    /// Starts or stops time.
    pub fn play(&mut self, playing: bool) {
        self.playing = playing;
        (self.clock.0, self.pace) = (None, Pace::default());
        if !playing {
            self.look();
        }
    }

    fn violations(&self) -> impl Iterator<Item = usize> {
        self.view.claims.iter().filter_map(|claim| match claim.standing {
            Standing::Violated { event, .. } => Some(event),
            _ => None,
        })
    }

    fn violated(&self) -> usize {
        self.violations().count()
    }

    fn latest_violation(&self) -> Option<usize> {
        self.violations().max()
    }

    /// The selected message.
    pub fn message(&self) -> Option<&MessageView> {
        match self.selection {
            Some(Target::Message(id)) => self.view.messages.iter().find(|message| message.id == id),
            _ => None,
        }
    }

    /// The node that is picked, else the one that leads.
    pub fn leader(&self) -> Option<&Rc<NodeView>> {
        let nodes = &self.view.nodes;
        if let Some(Target::Node(id)) = self.selection {
            return nodes.get(id.index());
        }
        nodes.iter().rev().find(|node| node.up && node.card.tone == Tone::Leading)
    }

    /// Who may be asked something: the node that is picked, else the one that leads, else the first.
    pub fn subject(&self) -> Option<&Rc<NodeView>> {
        let nodes = &self.view.nodes;
        self.leader().or_else(|| nodes.iter().find(|node| node.up)).or_else(|| nodes.first())
    }

    /// What the buttons in the bar do to the node that is picked, or that leads: one of each verb. Where nobody leads and
    /// nobody will, any node may be asked.
    pub fn shortcuts(&self) -> Vec<Offer> {
        let wanted: &[&str] = match self.leader() {
            Some(_) => &["ask", "crash", "restart", "cut", "heal"],
            None if self.session.has_leader() => &["heal"],
            None => &["ask", "heal"],
        };
        let subject = self.subject().map(|node| Target::Node(node.id));
        let about = subject.map(|target| self.session.offers(target)).unwrap_or_default();
        let of = |verb: &&str| about.iter().find(|offer| offer.verb == *verb).cloned();
        wanted.iter().filter_map(of).collect()
    }

    /// The past and the future of what is looked at while time stands still: of the selected message's sending, or else
    /// of the latest event.
    pub fn causality(&mut self) -> Option<Rc<Causality>> {
        if self.playing {
            return None;
        }
        let event = self.message().map(|message| message.cause).or_else(|| self.view.event.checked_sub(1))?;
        if self.causality.as_ref().is_none_or(|known| known.event != event) {
            self.causality = Some(Rc::new(Causality::of(&self.session, event)));
        }
        self.causality.clone()
    }

    /// The protocol's curves as they are now; those over time as far as they are sampled.
    pub fn curves(&mut self) -> Vec<Curves> {
        let about = (self.version, self.session.span());
        // While more and more gets known, what is begun is not begun again.
        let fits = |known: (u32, Micros)| known == about || known.0 == about.0 && self.learning;
        if !self.samples.as_ref().is_some_and(|(known, _)| fits(*known)) {
            self.samples = Some((about, self.session.samples()));
        }
        let Some((_, samples)) = &mut self.samples else { return Vec::new() };
        self.reading |= slice(|| self.session.sample(samples, STRIDE).then_some(())).is_none();
        self.session.curves(samples)
    }

    /// What clients have asked and been told by now, judged once for a moment: that may take as long as a frame.
    pub fn operations(&mut self) -> Option<Rc<Operations>> {
        let about = (self.version, self.view.event);
        if self.operations.as_ref().is_none_or(|(known, _)| *known != about) {
            self.operations = self.session.operations().map(|made| (about, Rc::new(made)));
        }
        self.operations.as_ref().map(|(_, made)| made.clone())
    }

    /// Selects nodes together; one alone is selected as ever.
    pub fn gather(&mut self, mut nodes: Vec<NodeId>) {
        nodes.sort_unstable();
        self.selection = None;
        match nodes[..] {
            [one] => self.selection = Some(Target::Node(one)),
            _ => self.group = nodes,
        }
    }

    /// What may be done to what is selected.
    pub fn offers(&self) -> Vec<Offer> {
        match self.selection {
            Some(target) => self.session.offers(target),
            None if self.group.is_empty() => Vec::new(),
            None => self.session.group_offers(&self.group),
        }
    }

    /// What may be done that somebody means by a text.
    pub fn find(&self, text: &str) -> Found {
        self.session.find(text, self.selection, &self.group)
    }

    /// What may be jumped to.
    pub fn milestones(&self) -> Rc<Vec<Milestone>> {
        self.milestones.clone()
    }

    /// The acts of the scenario.
    pub fn acts(&self) -> Rc<Vec<ActView>> {
        self.acts.clone()
    }

    /// Reads for a slice of a frame the rows of the log around the playhead and the headline; whether all are read. While
    /// time goes on, what is begun is read to its end before what is in sight by then.
    pub fn read(&mut self) -> bool {
        self.seek();
        if !(self.playing && self.reading) {
            let told = self.milestones.partition_point(|mark| mark.event < self.view.event);
            self.wanted = (self.listed(told), self.milestones[..told].last().map(|mark| mark.event));
        }
        if self.lines.len() > 4_000 {
            self.lines = Map::default();
        }
        let (rows, headline) = &self.wanted;
        let known = self.session.run().records().len();
        let (session, lines) = (&mut self.session, &mut self.lines);
        let missing = rows.iter().chain(headline).copied();
        let mut missing: Vec<_> =
            missing.filter(|event| *event < known && !lines.contains_key(event)).collect();
        missing.sort_unstable();
        missing.dedup();
        let mut missing = missing.into_iter().peekable();
        self.reading = slice(|| {
            let Some(&event) = missing.peek() else { return Some(()) };
            if let Some(line) = session.line_at(event, STRIDE) {
                lines.insert(event, Rc::new(line));
                missing.next();
            }
            None
        })
        .is_none();
        !self.reading
    }

    /// The rows that were read last.
    pub fn rows(&self) -> Vec<Rc<Line>> {
        self.wanted.0.iter().filter_map(|event| self.lines.get(event).cloned()).collect()
    }

    /// The latest event that the protocol told in its own words, or that somebody caused, as it was read last.
    pub fn headline(&self) -> Option<Rc<Line>> {
        self.lines.get(&self.wanted.1?).cloned()
    }

    /// The events of the log's rows, where so many milestones lie behind.
    fn listed(&self, told: usize) -> Vec<usize> {
        let here = self.view.event;
        let (past, future) = (MOST_ROWS * 2 / 3, MOST_ROWS / 3);
        if let Some(found) = self.found.as_ref().filter(|_| !self.filter.words.is_empty()) {
            let behind = found.events.partition_point(|event| *event < here);
            return found.events[behind.saturating_sub(past)..].iter().copied().take(MOST_ROWS).collect();
        }
        if !self.filter.is_idle() {
            let marks = &self.milestones;
            let mut rows: Vec<usize> = if self.all_lines {
                (0..here).rev().filter(|event| self.admits(*event)).take(past).collect()
            } else {
                marks[..told]
                    .iter()
                    .rev()
                    .map(|it| it.event)
                    .filter(|it| self.admits(*it))
                    .take(past)
                    .collect()
            };
            rows.reverse();
            if self.all_lines {
                rows.extend((here..self.view.events).filter(|event| self.admits(*event)).take(future));
            } else {
                rows.extend(
                    marks[told..].iter().map(|it| it.event).filter(|it| self.admits(*it)).take(future),
                );
            }
            return rows;
        }
        if self.all_lines {
            return (here.saturating_sub(past)..(here + future).min(self.view.events)).collect();
        }
        let rows = self.milestones[told.saturating_sub(past)..].iter().map(|mark| mark.event);
        let mut rows: Vec<usize> = rows.take(MOST_ROWS).collect();
        // The latest event is always among them.
        if let Some(latest) = here.checked_sub(1)
            && !rows.contains(&latest)
        {
            rows.push(latest);
            rows.sort_unstable();
        }
        rows
    }

    /// Whether the filter lets an event pass, but for its words.
    fn admits(&self, event: usize) -> bool {
        let picked = match self.selection {
            Some(Target::Node(id)) => Some(id),
            _ => None,
        };
        self.session.run().records().get(event).is_some_and(|record| self.filter.admits(record, picked))
    }

    /// Looks for the filter's words for a slice of a frame, event by event from the start of the run.
    fn seek(&mut self) {
        self.seeking = false;
        if self.filter.words.is_empty() {
            self.found = None;
            return;
        }
        let about = (self.filter.clone(), self.version, self.all_lines, self.selection);
        let known = self.found.take().filter(|found| found.about == about);
        let mut found = known.unwrap_or(FoundRows { about, next: 0, events: Vec::new() });
        let events = self.session.run().records().len();
        self.seeking = slice(|| {
            while found.next < events
                && !(self.admits(found.next) && (self.all_lines || self.is_milestone(found.next)))
            {
                found.next += 1;
                if found.next.is_multiple_of(STRIDE) {
                    return None;
                }
            }
            if found.next >= events {
                return Some(());
            }
            let line = self.session.line_at(found.next, STRIDE)?;
            if self.filter.finds(&line) {
                found.events.push(found.next);
                self.lines.insert(found.next, Rc::new(line));
            }
            found.next += 1;
            None
        })
        .is_none();
        self.found = Some(found);
    }

    fn is_milestone(&self, event: usize) -> bool {
        self.milestones.binary_search_by_key(&event, |mark| mark.event).is_ok()
    }

    /// How much of the run is searched for the filter's words, while it is.
    pub fn searched(&self) -> Option<f64> {
        let found = self.found.as_ref().filter(|_| self.seeking)?;
        Some(found.next as f64 / self.session.run().records().len().max(1) as f64)
    }

    /// What the run cost up to the playhead; none until all of that is counted, a slice of a frame after the other.
    pub fn measure(&mut self) -> Option<Rc<Measures>> {
        let (version, here) = (self.version, self.view.event);
        let fits = |known: &(u32, Measuring)| known.0 == version && known.1.counted() <= here;
        let mut measuring = match self.measuring.take().filter(fits) {
            Some((_, measuring)) => measuring,
            None => Measuring::of(self.session.run()),
        };
        let run = self.session.run();
        let counted = slice(|| measuring.step(run, here, STRIDE * 16).then_some(())).is_some();
        let measures = counted.then(|| Rc::new(self.session.measures(&measuring)));
        self.reading |= !counted;
        self.measuring = Some((version, measuring));
        measures
    }

    // The diagram.

    /// Pixels per microsecond.
    pub fn scale(&self) -> f64 {
        TICK_WIDTH / TICKS[self.zoom] as f64
    }

    fn chunk_length(&self) -> Micros {
        TICKS[self.zoom] * CHUNK_TICKS
    }

    /// Zooms, keeping the playhead where it is on the screen.
    pub fn zoom(&mut self, closer: bool) {
        let before = (self.session.time() as f64 - self.window) * self.scale();
        let zoom = if closer { self.zoom.saturating_sub(1) } else { (self.zoom + 1).min(TICKS.len() - 1) };
        if zoom != self.zoom {
            self.zoom = zoom;
            self.chunks = Map::default();
            self.window = self.session.time() as f64 - before / self.scale();
        }
    }

    /// Moves the window so that the playhead is in it; answers whether other chunks are in sight now.
    pub fn follow(&mut self, width: f64) -> bool {
        let seen = self.chunk_range(width);
        let (time, span) = (self.session.time() as f64, width / self.scale());
        let offset = (time - self.window) / span;
        let first = if self.dragged == Some(self.session.time()) {
            // What is under the pointer stays there; beyond the edge there is more to come.
            self.window.min(time).max(time - span)
        } else if (BEHIND - 0.05..=AHEAD + 0.05).contains(&offset) {
            self.window.min(time - BEHIND * span).max(time - AHEAD * span)
        } else {
            // A jump: the playhead stands where there is as much to see after it as before.
            time - JUMP * span
        };
        self.window = first.max(-LEAD_IN / self.scale());
        seen != self.chunk_range(width)
    }

    fn chunk_range(&self, width: f64) -> (u64, u64) {
        let length = self.chunk_length();
        let until = self.window + width / self.scale();
        ((self.window.max(0.0) as u64 / length).saturating_sub(1), until.max(0.0) as u64 / length)
    }

    /// The chunks in sight, each with its number.
    pub fn chunks(&mut self, width: f64) -> Vec<(u64, Rc<Chunk>)> {
        let (first, last) = self.chunk_range(width);
        let length = self.chunk_length();
        if self.chunks.len() > 64 {
            self.chunks = Map::default();
        }
        for number in first..=last {
            if !self.chunks.contains_key(&number) {
                let (from, until) = (number * length, (number + 1) * length);
                let shown = |node| self.lifelines.binary_search(&node).is_ok();
                let mut diagram = self.session.diagram_of(from, until - 1, shown);
                diagram.arrows.retain(|arrow| (from..until).contains(&arrow.sent));
                let within = |mark: &&Milestone| (from..until).contains(&mark.time);
                let marks = self.milestones.iter().filter(within).copied().collect();
                self.chunks.insert(number, Rc::new(Chunk { from, until, diagram, marks }));
            }
        }
        (first..=last).filter_map(|number| Some((number, self.chunks.get(&number)?.clone()))).collect()
    }
}
