//! Frame by frame: how time goes on, with motion or without.

use super::Lab;
use crate::browser::media;
use gloo::render::AnimationFrame;

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
