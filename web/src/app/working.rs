//! What takes longer than a frame, slice by slice; and what it finds, opened in place of the run, which undo brings back.

use super::App;
use crate::lab::Lab;
use crate::side::claims::name_of;
use crate::wishes::OpenClaim;
use crate::work::Task;
use crate::work::tasks::Step;
use faultline_core::check::Bounds;
use faultline_core::scenario::Scenario;
use faultline_core::sim::Run;
use faultline_core::trace::Flags;
use faultline_core::view::Standing;

impl App {
    pub(super) fn attack(&mut self) {
        if let Some(lab) = &self.lab {
            let scenario = lab.session().scenario().clone();
            self.begin(Task::Attack, &scenario);
        }
    }

    pub(super) fn search(&mut self, bounds: Bounds) {
        self.show_dialog(None);
        self.tasks.bounds = Some(bounds);
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
        let first = violated.map(name_of).next();
        first.or_else(|| self.tasks.report.as_ref()?.claim.clone())
    }

    fn begin(&mut self, task: Task, scenario: &Scenario) {
        if let Some(lab) = &mut self.lab {
            lab.play(false);
        }
        self.tasks.begin(task, scenario, &self.dispatch);
        self.shown.turn_to_selected();
    }

    /// Sees to it that the next slice comes.
    pub(super) fn go_on_working(&mut self) {
        self.tasks.go_on(self.asked.is_asking() || self.moment.is_working(), &self.dispatch);
    }

    /// A slice of the work; answers whether there is something to draw.
    pub(super) fn go_on_with_work(&mut self) -> bool {
        let Some(lab) = &mut self.lab else { return false };
        let mut answered = self.asked.look_into(lab.version, lab.session());
        if self.moment.look_into(lab) {
            // What is said takes from the stage.
            self.shown.rearrange();
            answered = true;
        }
        match self.tasks.step(lab.session()) {
            Step::Found(found) => {
                let (name, run) = *found;
                self.shown.banner = open_in_place(lab, &name, run).err();
                self.tasks.report_on(lab.version);
                // The claim that breaks there opens.
                self.shown.claim = OpenClaim::Violated;
                self.scene.outdate();
                self.after();
            }
            Step::Over => {
                self.tasks.report_on(lab.version);
                if let Some(outcome) = &self.tasks.report {
                    self.voice.hear(&format!("{}. {}", outcome.title, outcome.facts));
                }
                self.after();
            }
            step => {
                self.go_on_working();
                return answered || matches!(step, Step::Reported);
            }
        }
        self.go_on_working();
        true
    }

    /// Shows one of the runs that a search has found.
    pub(super) fn show_found(&mut self, place: usize) {
        if let Some(lab) = &self.lab {
            self.tasks.show(place, lab.session());
        }
        self.go_on_working();
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
