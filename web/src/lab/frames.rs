//! Frame by frame: how time goes on, with motion or without.

use super::Lab;
use crate::browser::{document, find, media};
use crate::kit::prose::clock;
use crate::wishes::Do;
use faultline_core::time::Micros;
use gloo::render::{AnimationFrame, request_animation_frame};
use web_sys::HtmlInputElement;
use yew::Callback;

/// Milliseconds between two steps where nothing is to move.
const STEPPED: f64 = 700.0;

/// The frames that the browser draws.
pub struct Frames {
    /// The one that is asked for.
    pub next: Option<AnimationFrame>,
    /// Whether somebody wants nothing to move: then time goes on event by event.
    pub reduced: bool,
    /// When a step was made without motion.
    stepped_at: f64,
}

impl Frames {
    /// None is asked for yet.
    pub fn new() -> Self {
        Frames { next: None, reduced: media("(prefers-reduced-motion: reduce)"), stepped_at: 0.0 }
    }

    /// Asks for the next frame, unless that has been done.
    pub fn ask(&mut self, dispatch: &Callback<Do>) {
        if self.next.is_none() {
            let dispatch = dispatch.clone();
            self.next = Some(request_animation_frame(move |now| dispatch.emit(Do::Frame(now))));
        }
    }

    /// Lets time go on in a frame; whether an event has happened.
    pub fn advance(&mut self, lab: &mut Lab, now: f64) -> bool {
        if !lab.playing {
            return false;
        }
        if !self.reduced {
            return lab.frame(now);
        }
        let due = now - self.stepped_at > STEPPED;
        if due {
            self.stepped_at = now;
            lab.go(|session| session.step(true));
        }
        due
    }
}

impl Default for Frames {
    fn default() -> Self {
        Frames::new()
    }
}

/// Writes the time into the clock, the slider and the element of the page with this name.
pub fn show_time(page: &str, time: Micros) {
    let Some(document) = document() else { return };
    if let Some(element) = document.get_element_by_id("clock") {
        element.set_text_content(Some(&clock(time)));
    }
    if let Some(element) = document.get_element_by_id(page) {
        let _ = element.set_attribute("data-time", &time.to_string());
    }
    if let Some(slider) = find::<HtmlInputElement>("#slider") {
        slider.set_value(&time.to_string());
    }
}
