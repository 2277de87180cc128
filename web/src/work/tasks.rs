//! What is under way for longer than a frame: a protocol that arrives, a run that opens, an attack, a search, a shrinking; and
//! what is said about it.

use super::{Report, Task, USUAL_BOUNDS, Work};
use crate::wishes::{Do, later};
use faultline_core::Session;
use faultline_core::catalogue::Leaf;
use faultline_core::check::Bounds;
use faultline_core::link::RunKey;
use faultline_core::scenario::Scenario;
use faultline_core::sim::Run;
use gloo::timers::callback::Timeout;
use yew::Callback;

/// How often progress is drawn, in milliseconds.
const DRAWN: f64 = 90.0;

/// What waits for a protocol to arrive.
pub struct Awaited {
    /// The protocol.
    pub leaf: &'static Leaf,
    /// What is to be done then.
    pub wish: Do,
    /// Whether it could not be had.
    pub failed: bool,
}

impl Awaited {
    /// What is said while it is fetched, and where it could not be had.
    pub fn sentence(&self) -> String {
        let title = self.leaf.title;
        if self.failed {
            format!(
                "{title} could not be loaded. Check your connection and try again. If Faultline has been updated meanwhile, reload the page."
            )
        } else {
            format!("Loading {title}…")
        }
    }
}

/// A run that is to be opened, as far as it is played.
pub struct Opening {
    /// The run.
    pub session: Session,
    /// Which run its link was made for.
    pub run: Option<RunKey>,
    /// Whether it becomes a branch of the session at hand.
    pub joins: bool,
}

/// What came of a slice of work.
pub enum Step {
    /// Nothing that has to be drawn.
    Quiet,
    /// There is progress to draw.
    Reported,
    /// It is over, with what was found: what a branch with it is called, and the run.
    Over(Option<Box<(String, Run)>>),
}

/// What is under way.
pub struct Tasks {
    /// What waits for a protocol.
    pub awaited: Option<Awaited>,
    /// What is to be opened.
    pub opening: Option<Opening>,
    work: Option<Work>,
    slice: Option<Timeout>,
    drawn_at: f64,
    /// What is said about the work under way, or about what came of the latest.
    pub report: Option<Report>,
    /// Which version of the run the report is about.
    reported: u32,
    /// The bounds of the latest search.
    pub bounds: Bounds,
}

impl Default for Tasks {
    fn default() -> Self {
        Tasks {
            awaited: None,
            opening: None,
            work: None,
            slice: None,
            drawn_at: 0.0,
            report: None,
            reported: 0,
            bounds: USUAL_BOUNDS,
        }
    }
}

impl Tasks {
    /// Begins to work on something.
    pub fn begin(&mut self, task: Task, scenario: &Scenario, dispatch: &Callback<Do>) {
        let work = Work::begin(task, scenario, &dispatch.reform(|()| Do::Work));
        self.report = Some(work.report().clone());
        self.work = Some(work);
    }

    /// Stops the work, and lets go of what was said about it.
    pub fn cancel(&mut self) {
        (self.work, self.report) = (None, None);
    }

    /// The report is about a version of the run.
    pub fn report_on(&mut self, version: u32) {
        self.reported = version;
    }

    /// Lets go of what was said about a run that has changed since.
    pub fn forget(&mut self, version: Option<u32>) {
        let found = self.report.as_ref().is_some_and(|report| report.claim.is_some());
        if found && version != Some(self.reported) {
            self.report = None;
        }
    }

    /// Sees to it that the next slice comes; at once where somebody waits for an answer.
    pub fn go_on(&mut self, asked: bool, dispatch: &Callback<Do>) {
        let here = (asked || self.opening.is_some()).then_some(0);
        let pause = here.or_else(|| self.work.as_ref().map(Work::pause));
        if let (Some(pause), None) = (pause, &self.slice) {
            self.slice = Some(later(pause, Do::Work, dispatch));
        }
    }

    /// The slice that was to come is there.
    pub fn arrive(&mut self) {
        self.slice = None;
    }

    /// Works for a slice.
    pub fn step(&mut self, session: &Session) -> Step {
        let Some(work) = &mut self.work else { return Step::Quiet };
        let now = js_sys::Date::now();
        if !work.slice(session) {
            if now - self.drawn_at <= DRAWN {
                return Step::Quiet;
            }
            self.drawn_at = now;
            self.report = Some(work.report().clone());
            return Step::Reported;
        }
        let Some((outcome, found)) = self.work.take().map(Work::end) else { return Step::Quiet };
        self.report = Some(outcome);
        Step::Over(found.map(Box::new))
    }
}
