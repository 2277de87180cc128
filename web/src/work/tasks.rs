//! What is under way for longer than a frame: a protocol that arrives, a run that opens, an attack, a search, a shrinking; and
//! what is said about it.

use super::{Found, Report, STRIDE, Task, Work, slice};
use crate::browser::{memory, now};
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
/// How much memory a search may take, in megabytes for each gigabyte that the device has.
const MEMORY: usize = 64;

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
    /// A run that was found is played, to be shown: what a branch with it is called, and the run.
    Found(Box<(String, Run)>),
    /// It is over.
    Over,
}

/// What is under way.
#[derive(Default)]
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
    /// The runs that were found by the work that is reported, which of them is shown, and that one while it is played.
    found: Vec<Found>,
    shown: Option<usize>,
    showing: Option<Box<(String, Run)>>,
    /// The bounds of the latest search.
    pub bounds: Option<Bounds>,
}

impl Tasks {
    /// The bounds of the latest search, or those that fit a run and the memory of the device.
    pub fn bounds_for(&self, scenario: &Scenario) -> Bounds {
        self.bounds.unwrap_or_else(|| Bounds::fitting(scenario, memory() * MEMORY))
    }

    /// Begins to work on something.
    pub fn begin(&mut self, task: Task, scenario: &Scenario, dispatch: &Callback<Do>) {
        self.cancel();
        let work = Work::begin(task, scenario, &dispatch.reform(|()| Do::Work));
        self.report = Some(work.report().clone());
        self.work = Some(work);
    }

    /// Stops the work. What a search knows by then stays to be said.
    pub fn stop(&mut self) {
        match (&self.work, &mut self.report) {
            (Some(work), Some(report)) if work.is_search() => {
                report.share = None;
                (report.title, report.facts) =
                    ("Stopped".into(), "The search was stopped; it is not complete.".into());
                self.work = None;
            }
            _ => self.cancel(),
        }
    }

    /// Stops the work, and lets go of what was said about it.
    pub fn cancel(&mut self) {
        (self.work, self.report, self.shown, self.showing) = (None, None, None, None);
        self.found.clear();
    }

    /// Begins to play one of the runs that were found, to be shown.
    pub fn show(&mut self, place: usize, session: &Session) {
        if let Some(found) = self.found.get(place) {
            self.shown = Some(place);
            self.showing = Some(Box::new((found.name.clone(), session.stem(&found.scenario))));
        }
    }

    /// The report is about a version of the run.
    pub fn report_on(&mut self, version: u32) {
        self.reported = version;
    }

    /// Lets go of what was said about a run that has changed since.
    pub fn forget(&mut self, version: Option<u32>) {
        let over = |report: &Report| report.claim.is_some() && report.share.is_none();
        let is_over = self.showing.is_none() && self.report.as_ref().is_some_and(over);
        if is_over && version != Some(self.reported) {
            self.cancel();
        }
    }

    /// Sees to it that the next slice comes; at once where somebody waits for an answer.
    pub fn go_on(&mut self, asked: bool, dispatch: &Callback<Do>) {
        let here = (asked || self.opening.is_some() || self.showing.is_some()).then_some(0);
        let pause = here.or_else(|| self.work.as_ref().map(Work::pause));
        if let (Some(pause), None) = (pause, &self.slice) {
            self.slice = Some(later(pause, Do::Work, dispatch));
        }
    }

    /// The slice that was to come is there.
    pub fn arrive(&mut self) {
        self.slice = None;
    }

    /// Works for a slice. What was found first is played to be shown at once; the work goes on meanwhile in its worker.
    pub fn step(&mut self, session: &Session) -> Step {
        if let Some(mut showing) = self.showing.take() {
            let run = &mut showing.1;
            let horizon = run.scenario().until.max(session.run().horizon());
            if slice(|| run.extend_by(horizon, STRIDE as usize).then_some(())).is_some() {
                return Step::Found(showing);
            }
            self.showing = Some(showing);
            return Step::Quiet;
        }
        let Some(work) = &mut self.work else { return Step::Quiet };
        let is_over = work.slice();
        // Every word says all of it.
        let mut found = work.take_found();
        found.retain(|found| self.found.iter().all(|known| known.claim != found.claim));
        self.found.append(&mut found);
        if self.shown.is_none() && !self.found.is_empty() {
            self.show(0, session);
            return Step::Quiet;
        }
        let now = now();
        if !is_over && now - self.drawn_at <= DRAWN {
            return Step::Quiet;
        }
        self.drawn_at = now;
        let claim = self.shown.and_then(|place| self.found.get(place)).map(|found| found.claim.clone());
        self.report = self.work.as_ref().map(|work| Report { claim, ..work.report().clone() });
        if !is_over {
            return Step::Reported;
        }
        self.work = None;
        Step::Over
    }
}
