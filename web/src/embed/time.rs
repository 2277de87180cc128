//! Time in an embed: where it begins and ends, and how it goes on from frame to frame.

use super::Embed;
use crate::lab::Lab;
use faultline_core::Session;
use faultline_core::time::Micros;

/// The name of the element that bears the time.
pub(super) const NAME: &str = "embed";
/// Milliseconds for which it stands still at its end before it begins again.
const REST: f64 = 1_500.0;

impl Embed {
    /// Where it begins, and where it ends.
    pub(super) fn bounds(&self, lab: &Lab) -> (Micros, Micros) {
        let (scenario, options) = (lab.session().scenario(), &self.options);
        let start = options.start.or(scenario.show.map(|show| show.time)).unwrap_or(0);
        let end = options.end.unwrap_or(scenario.until);
        (start, end.max(start))
    }

    /// Starts or stops time. From its end it begins anew.
    pub(super) fn play(&mut self, playing: bool) {
        self.rests = None;
        let Some(lab) = &self.reel.lab else { return };
        let (start, end) = self.bounds(lab);
        if let Some(lab) = &mut self.reel.lab {
            if playing && lab.session().time() >= end {
                lab.go(|session| session.seek_time(start));
            }
            lab.play(playing);
        }
    }

    /// Moves the playhead by hand.
    pub(super) fn go(&mut self, go: impl FnOnce(&mut Session)) {
        self.rests = None;
        self.reel.go(go);
    }

    /// A frame; whether an event has happened, which has to be drawn.
    pub(super) fn tick(&mut self, now: f64) -> bool {
        self.reel.frames.next = None;
        let Some(lab) = &self.reel.lab else { return false };
        let (start, end) = self.bounds(lab);
        let Some(lab) = &mut self.reel.lab else { return false };
        let mut draw = lab.session().is_crowd() && lab.learn() && !lab.playing;
        if let Some(since) = self.rests {
            if now - since > REST {
                self.rests = None;
                lab.go(|session| session.seek_time(start));
                draw = true;
            }
        } else {
            draw |= self.reel.frames.advance(lab, now);
            if lab.playing && (lab.session().time() >= end || lab.session().ended().is_some()) {
                if self.options.again {
                    self.rests = Some(now);
                } else {
                    lab.play(false);
                    draw = true;
                }
            }
        }
        draw |= self.extra.follow(&mut self.reel);
        if draw {
            self.after();
        } else {
            self.reel.show_time(NAME);
            self.reel.go_on(self.in_sight, &self.dispatch);
        }
        draw
    }
}
