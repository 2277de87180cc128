//! Frame by frame: time goes on, and what moves is placed outside of Yew.

use super::{App, around};
use crate::browser::{document, find};
use crate::kit::prose::clock;
use crate::lab::Lab;
use crate::page::beside::Beside;
use crate::wishes::Do;
use gloo::render::request_animation_frame;
use web_sys::HtmlInputElement;

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
        if self.frames.next.is_none() && self.is_active() {
            let dispatch = self.dispatch.clone();
            self.frames.next = Some(request_animation_frame(move |now| dispatch.emit(Do::Frame(now))));
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
        let Some(document) = document() else { return };
        if let Some(element) = document.get_element_by_id("clock") {
            element.set_text_content(Some(&clock(time)));
        }
        if let Some(element) = document.get_element_by_id("lab") {
            let _ = element.set_attribute("data-time", &time.to_string());
        }
        if let Some(slider) = find::<HtmlInputElement>("#slider") {
            slider.set_value(&time.to_string());
        }
    }
}
