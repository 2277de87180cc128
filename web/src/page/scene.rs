//! What is worked out from the run once for every change of it, for the page to be drawn from.

use super::shown::Shown;
use crate::browser::now;
use crate::lab::causality::Causality;
use crate::lab::{Chunk, Lab};
use crate::picture::geometry::{Caption, Geometry};
use crate::picture::motion::Motion;
use crate::wishes::Tab;
use faultline_core::curves::Curves;
use faultline_core::measure::Measures;
use faultline_core::session::Offer;
use faultline_core::title::Panel;
use faultline_core::trace::Line;
use faultline_core::view::Operations;
use std::rc::Rc;

/// Milliseconds between two looks into the log while time goes on.
const READ: f64 = 150.0;

/// What the page is drawn from.
#[derive(Default)]
pub(crate) struct Scene {
    pub(crate) motion: Motion,
    pub(crate) geometry: Rc<Geometry>,
    pub(crate) rows: Vec<Rc<Line>>,
    pub(crate) headline: Option<Rc<Line>>,
    /// What the panels show beyond the cards, read only while they are in sight.
    pub(crate) curves: Rc<Vec<Curves>>,
    pub(crate) operations: Option<Rc<Operations>>,
    pub(crate) measures: Option<Rc<Measures>>,
    pub(crate) chunks: Vec<(u64, Rc<Chunk>)>,
    pub(crate) causality: Option<Rc<Causality>>,
    pub(crate) offers: Rc<Vec<Offer>>,
    pub(crate) shortcuts: Vec<Offer>,
    /// When the log was read.
    read_at: f64,
}

impl Scene {
    /// Has the log read at the next change, however soon that is.
    pub(crate) fn outdate(&mut self) {
        self.read_at = f64::NEG_INFINITY;
    }

    /// Works out again what the stage is drawn from; `told`: whether what happens is told over the stage and not on it.
    pub(crate) fn renew(&mut self, lab: &mut Lab, shown: &Shown, told: bool) {
        lab.attend();
        lab.follow(shown.lifelines());
        let caption = if told { Caption::Told } else { Caption::Stands };
        let geometry = Geometry::with(&lab.view, shown.stage, caption);
        if *self.geometry != geometry {
            self.geometry = Rc::new(geometry);
        }
    }

    /// Works out again what all the rest is drawn from.
    pub(crate) fn renew_around(&mut self, lab: &mut Lab, shown: &Shown) {
        lab.referee();
        let now = now();
        let due = !lab.playing || now - self.read_at > READ;
        if due || lab.reading || lab.seeking {
            let read = lab.read();
            if read {
                (self.rows, self.headline) = (lab.rows(), lab.headline());
            }
            // One thing after the other: each takes a slice of the frame.
            if read && shows(lab, shown, Panel::Charts) {
                let curves = lab.curves();
                if *self.curves != curves {
                    self.curves = Rc::new(curves);
                }
            }
            if read && shown.tab == Tab::State {
                self.measures = lab.measure();
            }
        }
        if due {
            if shows(lab, shown, Panel::History) {
                self.operations = lab.operations();
            }
            let offers = lab.offers();
            if *self.offers != offers {
                self.offers = Rc::new(offers);
            }
            self.shortcuts = lab.shortcuts();
            self.read_at = now;
        }
        self.chunks = lab.chunks(shown.lifelines());
        self.causality = lab.causality();
    }
}

/// Whether a panel is in sight.
fn shows(lab: &Lab, shown: &Shown, panel: Panel) -> bool {
    lab.view.picture.contains(&panel) || shown.tab == Tab::State && lab.view.panels.contains(&panel)
}
