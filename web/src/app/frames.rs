//! Frame by frame: time goes on, and what moves is placed outside of Yew.

use super::{App, find};
use crate::browser;
use crate::kit::prose::clock;
use crate::wishes::Do;
use gloo::render::request_animation_frame;
use web_sys::HtmlInputElement;
use yew::prelude::*;

impl App {
    pub(super) fn request_frame(&mut self, ctx: &Context<Self>) {
        let link = ctx.link().clone();
        self.frame = Some(request_animation_frame(move |now| link.send_message(Do::Frame(now))));
    }

    /// A frame: time goes on, and what moves is placed. Yew draws only when an event has happened.
    pub(super) fn tick(&mut self, ctx: &Context<Self>, now: f64) -> bool {
        self.frame = None;
        let width = self.diagram.0 - crate::timeline::diagram::gutter(self.diagram.0);
        if self.home || !self.is_active() {
            return false;
        }
        let Some(lab) = &mut self.lab else { return false };
        let learnt = lab.session().is_crowd() && lab.learn();
        let happened = if !lab.playing {
            false
        } else if self.reduced {
            let due = now - self.stepped_at > 700.0;
            if due {
                self.stepped_at = now;
                lab.go(|session| session.step(true));
            }
            due
        } else {
            lab.frame(now)
        };
        let scrolled = lab.follow(width);
        let beside = self.beside.as_mut().is_some_and(|it| it.follow(lab, self.stage, self.diagram.0));
        let draw = happened || scrolled || beside || lab.reading || lab.seeking || learnt && !lab.playing;
        if draw {
            self.after(ctx);
        } else {
            self.motion.set_window(lab.window, lab.scale());
            self.show_time();
        }
        if self.frame.is_none() && self.is_active() {
            self.request_frame(ctx);
        }
        draw
    }

    /// Places everything that moves. None of it belongs to Yew, which would otherwise set it back.
    pub(super) fn show_time(&self) {
        let Some(lab) = self.lab.as_ref().filter(|_| !self.home) else { return };
        let time = lab.session().time();
        self.motion.place(time);
        if let Some(beside) = &self.beside {
            beside.place();
        }
        let Some(document) = browser::document() else { return };
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
