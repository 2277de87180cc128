//! What takes longer than a frame, slice by slice; and what it finds, opened in place of the run, which undo brings back.

use super::App;
use crate::lab::Lab;
use crate::wishes::{Do, Tab};
use crate::work::{self, Task, Work};
use faultline_core::check::Bounds;
use faultline_core::scenario::Scenario;
use faultline_core::sim::Run;
use faultline_core::trace::Flags;
use faultline_core::view::Standing;
use gloo::timers::callback::Timeout;
use yew::prelude::*;

/// How often progress is drawn, in milliseconds.
const DRAWN: f64 = 90.0;

impl App {
    pub(super) fn attack(&mut self) {
        if let Some(lab) = &self.lab {
            let scenario = lab.session().scenario().clone();
            self.begin(Task::Attack, &scenario);
        }
    }

    pub(super) fn search(&mut self, bounds: Bounds) {
        self.show_dialog(None);
        self.bounds = bounds;
        if let Some(lab) = &self.lab {
            let scenario = lab.session().scenario().clone();
            self.begin(Task::Search(bounds), &scenario);
        }
    }

    pub(super) fn shrink(&mut self, claim: String) {
        let Some(lab) = &self.lab else { return };
        let scenario = lab.session().scenario();
        // Who watches longer than the run was to be may see a claim break after its end.
        let broke = lab.session().run().records().iter().find(|record| record.flags.has(Flags::VIOLATION));
        let until = broke.map_or(scenario.until, |record| scenario.until.max(record.time));
        let scenario = Scenario { until, ..scenario.clone() };
        self.begin(Task::Shrink(claim), &scenario);
    }

    /// The first claim that is violated in sight, or else the one that was reported to break.
    pub(super) fn broken_claim(&self) -> Option<String> {
        let claims = self.lab.as_ref()?.view.claims.iter();
        let violated = claims.filter(|claim| matches!(claim.standing, Standing::Violated { .. }));
        let first = violated.map(crate::side::claims::name_of).next();
        first.or_else(|| self.report.as_ref()?.claim.clone())
    }

    fn begin(&mut self, task: Task, scenario: &Scenario) {
        if let Some(lab) = &mut self.lab {
            lab.play(false);
        }
        let work = Work::begin(task, scenario, &self.dispatch.reform(|()| Do::Work));
        self.report = Some(work.report().clone());
        self.work = Some(work);
        if self.narrow {
            self.tab = Tab::Claims;
        }
    }

    pub(super) fn cancel(&mut self) {
        (self.work, self.report) = (None, None);
    }

    /// Lets go of what was said about a run that has changed since.
    pub(super) fn forget_report(&mut self) {
        let version = self.lab.as_ref().map(|lab| lab.version);
        let found = self.report.as_ref().is_some_and(|report| report.claim.is_some());
        if found && version != Some(self.reported) {
            self.report = None;
        }
    }

    /// Sees to it that the next slice comes.
    pub(super) fn go_on_working(&mut self, ctx: &Context<Self>) {
        let here = (self.asking.is_some() || self.opening.is_some()).then_some(0);
        let pause = here.or_else(|| self.work.as_ref().map(Work::pause));
        if let (Some(pause), None) = (pause, &self.slice) {
            let link = ctx.link().clone();
            self.slice = Some(Timeout::new(pause, move || link.send_message(Do::Work)));
        }
    }

    /// A slice; answers whether there is something to draw.
    pub(super) fn work(&mut self, ctx: &Context<Self>) -> bool {
        self.slice = None;
        if self.opening.is_some() {
            let opened = self.go_on_opening();
            if opened {
                self.after(ctx);
            }
            self.go_on_working(ctx);
            return opened;
        }
        let answered = self.look_into();
        let (Some(work), Some(lab)) = (&mut self.work, &self.lab) else {
            self.go_on_working(ctx);
            return answered;
        };
        let now = js_sys::Date::now();
        if !work.slice(lab.session()) {
            let due = now - self.worked_at > DRAWN;
            if due {
                self.worked_at = now;
                self.report = Some(work.report().clone());
            }
            self.go_on_working(ctx);
            return due || answered;
        }
        let Some((outcome, found)) = self.work.take().map(Work::end) else { return answered };
        self.speech.hear(&format!("{}. {}", outcome.title, outcome.facts), true);
        self.report = Some(outcome);
        if let (Some((name, run)), Some(lab)) = (found, &mut self.lab) {
            self.banner = open_in_place(lab, &name, run).err();
            self.reported = lab.version;
            self.read_at = 0.0;
        }
        self.after(ctx);
        self.go_on_working(ctx);
        true
    }

    /// A slice of what somebody asked; whether there is an answer.
    fn look_into(&mut self) -> bool {
        let (Some((version, asking)), Some(lab)) = (&mut self.asking, &self.lab) else { return false };
        if *version != lab.version {
            // What it was about has been replaced by what an attack found.
            self.show_dialog(None);
            return true;
        }
        self.answer = work::slice(|| asking.step(lab.session()));
        if self.answer.is_some() {
            self.asking = None;
        }
        self.answer.is_some()
    }
}

/// Opens what was found as a branch, at the moment when it breaks.
fn open_in_place(lab: &mut Lab, name: &str, run: Run) -> Result<(), String> {
    lab.selection = None;
    lab.attempt(|session| session.open_run(name, run))?;
    let session = lab.session();
    let broken = session.run().records().iter().position(|record| record.flags.has(Flags::VIOLATION));
    let until = session.scenario().until;
    lab.go(|session| match broken {
        Some(event) => session.seek_event(event + 1),
        // What must hold eventually is known to break only at the end.
        None => session.seek_time(until),
    });
    Ok(())
}
