//! The diagram's window: what of the run is in sight, at which scale, drawn and remembered by chunks.

use super::Lab;
use faultline_core::Session;
use faultline_core::time::Micros;
use faultline_core::toolbox::map::Map;
use faultline_core::view::{Diagram, Milestone};
use std::rc::Rc;

/// The distances of two ticks of the time axis, in microseconds.
pub const TICKS: [Micros; 12] =
    [500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000, 5_000_000];
/// How many ticks a window of the usual width shows.
const TICKS_IN_SIGHT: Micros = 10;
/// The pixels between two ticks.
pub const TICK_WIDTH: f64 = 96.0;
/// Ticks in a chunk: the diagram is drawn and remembered by chunks.
pub const CHUNK_TICKS: u64 = 5;
/// The share of the diagram's window that lies before the playhead while the run goes on.
const AHEAD: f64 = 0.7;
const BEHIND: f64 = 0.12;
/// Where the playhead stands in the window after a jump.
const JUMP: f64 = 0.55;
/// Pixels of the diagram before time 0.
const LEAD_IN: f64 = 12.0;

/// A chunk of the diagram.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// From when.
    pub from: Micros,
    /// Until when.
    pub until: Micros,
    /// What happened.
    pub diagram: Diagram,
    /// What is marked on the foot.
    pub marks: Vec<Milestone>,
    /// One of so many arrows, or dots, is in it: of a stretch in which more happened than can be told apart.
    pub thinned: usize,
}

/// So many arrows, and so many dots, are drawn of a chunk at most. It is 480 pixels wide.
const MOST_DRAWN: usize = 1_500;

/// Leaves one of so many, the same for all, that no more are left than can be drawn; of how many.
fn thin<T>(all: &mut Vec<T>) -> usize {
    let (nth, mut place) = (all.len().div_ceil(MOST_DRAWN).max(1), 0);
    all.retain(|_| {
        place += 1;
        place % nth == 0
    });
    nth
}

/// The ticks at which the slowest message is about a third of one long, or the whole run fills the window if that is shorter.
pub(super) fn usual_zoom(session: &Session) -> usize {
    let scenario = session.scenario();
    let last =
        session.run().records().last().filter(|_| !session.is_crowd()).map_or(scenario.until, |it| it.time);
    let tick = (scenario.network.latency.1 * 3).min(last / TICKS_IN_SIGHT);
    TICKS.iter().position(|&it| it >= tick).unwrap_or(TICKS.len() - 1)
}

impl Lab {
    /// Pixels per microsecond.
    pub fn scale(&self) -> f64 {
        TICK_WIDTH / TICKS[self.zoom] as f64
    }

    /// Where the window begins, in pixels from time 0, in steps: what follows from it is not drawn again for every pixel.
    pub fn edge(&self) -> f64 {
        const STEP: f64 = 8.0;
        (self.window * self.scale() / STEP).ceil() * STEP
    }

    fn chunk_length(&self) -> Micros {
        TICKS[self.zoom] * CHUNK_TICKS
    }

    /// Zooms, keeping the playhead where it is on the screen.
    pub fn zoom(&mut self, closer: bool) {
        let before = (self.session.time() as f64 - self.window) * self.scale();
        let zoom = if closer { self.zoom.saturating_sub(1) } else { (self.zoom + 1).min(TICKS.len() - 1) };
        if zoom != self.zoom {
            self.zoom = zoom;
            self.chunks = Map::default();
            self.window = self.session.time() as f64 - before / self.scale();
        }
    }

    /// Zooms and moves the window so that it shows all of a stretch; where no zoom does, its beginning.
    pub fn show_stretch(&mut self, from: Micros, until: Micros, width: f64) {
        let room = (width - 2.0 * LEAD_IN).max(1.0);
        let fits = |tick: &Micros| (until - from) as f64 * TICK_WIDTH / *tick as f64 <= room;
        let zoom = TICKS.iter().position(fits).unwrap_or(TICKS.len() - 1);
        if zoom != self.zoom {
            (self.zoom, self.chunks) = (zoom, Map::default());
        }
        self.window = from as f64 - LEAD_IN / self.scale();
    }

    /// Moves the window so that the playhead is in it; answers whether other chunks are in sight now.
    pub fn follow(&mut self, width: f64) -> bool {
        let seen = self.chunk_range(width);
        let (time, span) = (self.session.time() as f64, width / self.scale());
        let offset = (time - self.window) / span;
        let first = if self.dragged == Some(self.session.time()) {
            // What is under the pointer stays there; beyond the edge there is more to come.
            self.window.min(time).max(time - span)
        } else if (BEHIND - 0.05..=AHEAD + 0.05).contains(&offset) {
            self.window.min(time - BEHIND * span).max(time - AHEAD * span)
        } else {
            // A jump: the playhead stands where there is as much to see after it as before.
            time - JUMP * span
        };
        self.window = first.max(-LEAD_IN / self.scale());
        seen != self.chunk_range(width)
    }

    fn chunk_range(&self, width: f64) -> (u64, u64) {
        let length = self.chunk_length();
        let until = self.window + width / self.scale();
        ((self.window.max(0.0) as u64 / length).saturating_sub(1), until.max(0.0) as u64 / length)
    }

    /// The chunks in sight, each with its number.
    pub fn chunks(&mut self, width: f64) -> Vec<(u64, Rc<Chunk>)> {
        let (first, last) = self.chunk_range(width);
        let length = self.chunk_length();
        if self.chunks.len() > 64 {
            self.chunks = Map::default();
        }
        for number in first..=last {
            if !self.chunks.contains_key(&number) {
                let (from, until) = (number * length, (number + 1) * length);
                let shown = |node| self.lifelines.binary_search(&node).is_ok();
                let mut diagram = self.session.diagram_of(from, until - 1, shown);
                diagram.arrows.retain(|arrow| (from..until).contains(&arrow.sent));
                let within = |mark: &&Milestone| (from..until).contains(&mark.time);
                let marks = self.milestones.iter().filter(within).copied().collect();
                let thinned = thin(&mut diagram.arrows).max(thin(&mut diagram.dots));
                self.chunks.insert(number, Rc::new(Chunk { from, until, diagram, marks, thinned }));
            }
        }
        (first..=last).filter_map(|number| Some((number, self.chunks.get(&number)?.clone()))).collect()
    }
}
