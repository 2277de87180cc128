//! What is open: a session, and how it is looked at. The one owner of the run. What is read of it piece by piece, and
//! what the diagram shows, are in files of their own.

use crate::lab::causality::Causality;
use crate::lab::pace::Pace;
use crate::wishes::filter::Filter;
use faultline_core::measure::Measuring;
use faultline_core::session::{Progress, Samples, Target};
use faultline_core::time::Micros;
use faultline_core::toolbox::map::Map;
use faultline_core::trace::Line;
use faultline_core::view::{ActView, Milestone, Operations, View};
use faultline_core::{NodeId, Session};
use std::rc::Rc;

pub mod causality;
pub mod frames;
mod learning;
pub mod pace;
mod picked;
mod reading;
pub mod reel;
mod signs;
mod time;
mod window;

pub use reading::MOST_ROWS;
pub use signs::Signs;
pub use time::{QUIET, SPEEDS, begin, usual_speed};
pub use window::{CHUNK_TICKS, Chunk, TICK_WIDTH, TICKS};

use reading::FoundRows;
use window::usual_zoom;

/// Events between two looks at the clock while a run is played, known or read piece by piece.
pub const STRIDE: usize = 500;
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
    /// How far the reader has come, where the run is a challenge, and of which version of the run.
    progress: Option<(u32, Option<Rc<Progress>>)>,
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
            progress: None,
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

    /// What the branch that is played is called.
    pub fn branch_name(&self) -> &str {
        let branches = self.session.branches().iter();
        branches
            .filter(|it| it.id == self.session.branch())
            .map(|it| it.name.as_str())
            .next()
            .unwrap_or_default()
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

    fn look(&mut self) {
        // What was picked in another run need not be in this one.
        self.group.retain(|node| self.session.has(Target::Node(*node)));
        self.selection = self.selection.filter(|target| self.session.has(*target));
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
        signs.see(&self.view);
        if *self.signs != signs {
            self.signs = Rc::new(signs);
        }
        self.word_selected();
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

    /// What may be jumped to.
    pub fn milestones(&self) -> Rc<Vec<Milestone>> {
        self.milestones.clone()
    }

    /// How far the reader has come, where the run is a challenge.
    pub fn progress(&self) -> Option<Rc<Progress>> {
        self.progress.as_ref().filter(|(version, _)| *version == self.version)?.1.clone()
    }

    /// Works that out, unless the run is the same.
    pub fn referee(&mut self) {
        if self.progress.as_ref().is_none_or(|(version, _)| *version != self.version) {
            self.progress = Some((self.version, self.session.progress().map(Rc::new)));
        }
    }

    /// The acts of the scenario.
    pub fn acts(&self) -> Rc<Vec<ActView>> {
        self.acts.clone()
    }
}
