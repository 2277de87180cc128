//! What is known of a run piece by piece: a crowd's events, curves over time, what clients were told, what it cost.

use super::{Lab, STRIDE};
use crate::work::slice;
use faultline_core::curves::Curves;
use faultline_core::measure::{Measures, Measuring};
use faultline_core::time::Micros;
use faultline_core::view::Operations;
use std::rc::Rc;

impl Lab {
    /// Learns more of a crowd's run for a part of a frame; whether that is something new.
    pub fn learn(&mut self) -> bool {
        let (before, booting) = (self.session.run().records().len(), self.is_booting());
        self.learning = slice(|| (!self.session.learn(STRIDE)).then_some(())).is_none();
        let learnt = self.session.run().records().len() > before;
        if booting && !self.playing {
            self.session.play_to(0);
            self.look();
        }
        if learnt && !self.learning {
            if std::mem::take(&mut self.arriving) {
                self.session.arrive();
            }
            self.look();
        }
        learnt
    }

    /// Whether not even all nodes of a crowd have started.
    fn is_booting(&self) -> bool {
        self.session.run().horizon() == 0
    }

    /// How much of the scenario is known, from 0 to 1.
    pub fn known(&self) -> f64 {
        let until = self.session.scenario().until.max(1);
        (self.session.run().horizon() as f64 / until as f64).min(1.0)
    }

    /// The protocol's curves as they are now; those over time as far as they are sampled.
    pub fn curves(&mut self) -> Vec<Curves> {
        let about = (self.version, self.session.span());
        // While more and more gets known, what is begun is not begun again.
        let fits = |known: (u32, Micros)| known == about || known.0 == about.0 && self.learning;
        if !self.samples.as_ref().is_some_and(|(known, _)| fits(*known)) {
            self.samples = Some((about, self.session.samples()));
        }
        let Some((_, samples)) = &mut self.samples else { return Vec::new() };
        self.reading |= slice(|| self.session.sample(samples, STRIDE).then_some(())).is_none();
        self.session.curves(samples)
    }

    /// What clients have asked and been told by now, judged once for a moment: that may take as long as a frame.
    pub fn operations(&mut self) -> Option<Rc<Operations>> {
        let about = (self.version, self.view.event);
        if self.operations.as_ref().is_none_or(|(known, _)| *known != about) {
            self.operations = self.session.operations().map(|made| (about, Rc::new(made)));
        }
        self.operations.as_ref().map(|(_, made)| made.clone())
    }

    /// What the run cost up to the playhead; none until all of that is counted, a slice of a frame after the other.
    pub fn measure(&mut self) -> Option<Rc<Measures>> {
        let (version, here) = (self.version, self.view.event);
        let fits = |known: &(u32, Measuring)| known.0 == version && known.1.counted() <= here;
        let mut measuring = match self.measuring.take().filter(fits) {
            Some((_, measuring)) => measuring,
            None => Measuring::of(self.session.run()),
        };
        let run = self.session.run();
        let counted = slice(|| measuring.step(run, here, STRIDE * 16).then_some(())).is_some();
        let measures = counted.then(|| Rc::new(self.session.measures(&measuring)));
        self.reading |= !counted;
        self.measuring = Some((version, measuring));
        measures
    }
}
