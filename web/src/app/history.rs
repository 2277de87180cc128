//! What was done to the run: acts that are picked, moved and taken away, and branches.

use super::App;
use crate::dialogs::answer::Asking;
use crate::page::beside::Beside;
use crate::recorded;
use crate::timeline::acts::SHIFT;
use crate::wishes::question::Question;
use crate::wishes::{Dialog, Do};
use faultline_core::catalogue::find;
use faultline_core::time::Micros;

impl App {
    pub(super) fn pick_act(&mut self, index: Option<usize>) {
        let Some(lab) = &mut self.lab else { return };
        lab.selection = None;
        lab.group.clear();
        lab.act = index.filter(|&index| index < lab.acts().len());
        if let Some(act) = lab.act.and_then(|index| lab.acts().get(index).cloned()) {
            lab.play(false);
            lab.go(|session| match act.event {
                Some(event) => session.seek_event(event + 1),
                None => session.seek_time(act.time),
            });
            self.shown.turn_to_selected();
        }
    }

    /// Picks the next act; without one that is picked, the first from the playhead on.
    pub(super) fn next_act(&mut self, forwards: bool) -> bool {
        let Some(lab) = &self.lab else { return false };
        let (acts, now) = (lab.acts(), lab.session().time());
        if acts.is_empty() {
            return false;
        }
        let ahead = acts.partition_point(|act| act.time < now);
        let next = match (lab.act, forwards) {
            (Some(here), true) => (here + 1) % acts.len(),
            (Some(here), false) => (here + acts.len() - 1) % acts.len(),
            (None, true) => ahead % acts.len(),
            (None, false) => (ahead + acts.len() - 1) % acts.len(),
        };
        self.pick_act(Some(next));
        true
    }

    pub(super) fn move_act(&mut self, later: bool) -> bool {
        let Some(lab) = &self.lab else { return false };
        let Some(act) = lab.act.and_then(|index| lab.acts().get(index).cloned()) else { return false };
        let time = if later { act.time + SHIFT } else { act.time.saturating_sub(SHIFT) };
        self.shift_act(act.index, time);
        true
    }

    /// Moves an act to a time, and goes there; on a narrow page what was in sight stays.
    pub(super) fn shift_act(&mut self, index: usize, time: Micros) {
        let Some(lab) = &mut self.lab else { return };
        match lab.attempt(|session| session.move_act(index, time)) {
            Ok(place) => {
                let tab = self.shown.tab;
                self.pick_act(Some(place));
                self.shown.tab = tab;
            }
            Err(sentence) => self.shown.banner = Some(sentence),
        }
    }

    pub(super) fn take_act(&mut self) -> bool {
        let Some(lab) = &mut self.lab else { return false };
        let Some(index) = lab.act else { return false };
        if let Err(sentence) = lab.attempt(|session| session.remove_act(index)) {
            self.shown.banner = Some(sentence);
        }
        true
    }

    pub(super) fn ask_why(&mut self, question: Question) {
        let Some(lab) = &self.lab else { return };
        self.asked.question = question.title();
        let (version, asking) = (lab.version, Asking::why(lab.session(), question));
        self.show_dialog(Some(Dialog::Why));
        self.asked.ask(version, asking);
    }

    pub(super) fn compare(&mut self, id: u32) {
        let Some(lab) = &self.lab else { return };
        match Asking::compare(lab.session(), id) {
            Ok(asking) => {
                let version = lab.version;
                self.show_dialog(Some(Dialog::Compare));
                self.asked.ask(version, asking);
            }
            Err(sentence) => self.shown.banner = Some(sentence),
        }
    }

    /// Sets a branch beside the one that is played, or lets go of it.
    pub(super) fn set_beside(&mut self, id: Option<u32>) {
        let Some(lab) = &self.lab else { return };
        let branch = lab.session().branches().iter().find(|it| Some(it.id) == id);
        self.beside = branch.map(|branch| Beside::new(branch, lab));
        self.shown.rearrange();
        self.show_dialog(None);
    }

    /// Does the same to another protocol in a branch of its own, and sets it beside the run that is played; says what of
    /// the acts means nothing to it.
    pub(super) fn set_under(&mut self, slug: &'static str) {
        let scenario = self.lab.as_ref().map(|lab| lab.session().scenario());
        if scenario.is_some_and(|scenario| scenario.entry.recorded.is_some()) {
            self.shown.banner = Some(recorded::sentence());
            return;
        }
        if self.waits(slug, Do::Under(slug)) {
            return;
        }
        let (Some(lab), Some(entry)) = (&mut self.lab, find(slug)) else { return };
        let (scenario, left_out) = lab.session().scenario().under(entry);
        let played = lab.session().branch();
        let done = lab.attempt(|session| {
            session.open_branch(entry.info.title, &scenario)?;
            let opened = session.branch();
            session.switch(played).map(|()| opened)
        });
        match done {
            Ok(opened) => {
                self.set_beside(Some(opened));
                self.shown.banner = (!left_out.is_empty()).then(|| {
                    format!(
                        "{} has no equivalent for: {}. All other acts apply to it, too.",
                        entry.info.title,
                        left_out.join(", ")
                    )
                });
            }
            Err(sentence) => self.shown.banner = Some(sentence),
        }
    }

    /// Plays another branch.
    pub(super) fn switch_to(&mut self, id: u32) {
        let Some(lab) = &mut self.lab else { return };
        lab.selection = None;
        let (time, played) = (lab.session().time(), lab.session().branch());
        let done = lab.attempt(|session| session.switch(id));
        // Of two that are watched side by side, the other one is played now; the moment stays.
        if self.beside.as_ref().is_some_and(|beside| beside.id == id) {
            lab.go(|session| session.seek_time(time));
            self.set_beside(Some(played));
        }
        self.shown.banner = done.err();
    }
}
