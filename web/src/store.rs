//! What is open: a session, and how it is looked at. The one owner of the run. What is read of it piece by piece, and
//! what the diagram shows, are in files of their own.

use crate::causality::Causality;
use crate::log::Filter;
use crate::pace::Pace;
use faultline_core::measure::Measuring;
use faultline_core::session::{Found, Offer, Samples, Target};
use faultline_core::time::Micros;
use faultline_core::title::Info;
use faultline_core::toolbox::map::Map;
use faultline_core::trace::{Line, Record};
use faultline_core::view::{ActView, MessageView, Milestone, NodeView, Operations, Standing, Tone, View};
use faultline_core::{NodeId, Session};
use std::rc::Rc;

mod learning;
mod reading;
mod window;

pub use reading::MOST_ROWS;
pub use window::{CHUNK_TICKS, Chunk, TICK_WIDTH, TICKS};

use reading::FoundRows;
use window::usual_zoom;

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
/// With more nodes the diagram shows so many of their lifelines.
const LIFELINES: (usize, usize) = (64, 12);
/// Events between two looks at the clock while a run is played, known or read piece by piece.
pub const STRIDE: usize = 500;
/// The most events that a frame plays, but for those of one instant: time goes slower where there are more.
const MOST_PLAYED: usize = 8_000;

/// A speed slow enough to see messages under way, and to take hold of one: the slowest take a second or two.
pub fn usual_speed(info: &Info) -> usize {
    let bound = info.latency.1 as f64 / 1_000_000.0;
    SPEEDS.iter().rposition(|(speed, _)| *speed <= bound).unwrap_or(0)
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
}
