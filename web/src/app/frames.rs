//! Frame by frame: time goes on, and what moves is placed outside of Yew.

use super::{App, around};
use crate::lab::Lab;
use crate::lab::frames::show_time;
use crate::page::beside::Beside;

impl App {
    /// Whether something goes on from frame to frame.
    fn is_active(&self) -> bool {
        self.lab.as_ref().is_some_and(Lab::is_active) || self.beside.as_ref().is_some_and(Beside::is_learning)
    }

    /// Asks for the next frame, as long as something goes on; and for what surrounds the stage, once something has moved or
    /// nothing will.
    pub(super) fn go_on_moving(&mut self) {
        if around::here().is_none()
            && self.lab.as_ref().is_some_and(|lab| !lab.playing || lab.session().time() > 0)
        {
            around::ask(&self.entered());
        }
        if self.is_active() {
            self.frames.ask(&self.dispatch);
        }
    }

    /// A frame: time goes on, and what moves is placed. Yew draws only when an event has happened.
    pub(super) fn tick(&mut self, now: f64) -> bool {
        self.frames.next = None;
        if self.shown.home || !self.is_active() {
            return false;
        }
        let Some(lab) = &mut self.lab else { return false };
        let learnt = lab.session().is_crowd() && lab.learn();
        let happened = self.frames.advance(lab, now);
        if let Some(sentence) = lab.session().ended().filter(|_| lab.playing) {
            lab.play(false);
            self.shown.banner = Some(sentence.to_owned());
        }
        let scrolled = lab.follow(self.shown.lifelines());
        let draw = happened || scrolled || lab.reading || lab.seeking || learnt && !lab.playing;
        let beside = around::here().is_some_and(|around| (around.follow)(self));
        let draw = draw || beside;
        if draw {
            self.after();
            self.go_on_working();
        } else if let Some(lab) = &self.lab {
            self.scene.motion.set_window(lab.window, lab.scale());
            self.show_time();
        }
        self.go_on_moving();
        draw
    }

    /// Places everything that moves. None of it belongs to Yew, which would otherwise set it back.
    pub(super) fn show_time(&self) {
        let Some(lab) = self.lab.as_ref().filter(|_| !self.shown.home) else { return };
        let time = lab.session().time();
        self.scene.motion.place(time);
        if let Some(beside) = &self.beside {
            beside.place();
        }
        show_time("lab", time);
    }
}
