//! What moves between two events: messages, the arcs of timers, the playhead. Yew draws these once; here they are
//! placed at every frame by typed transforms, which costs a sixth of rendering them again. Where a mark stands is a
//! function of virtual time alone.

use crate::picture::geometry::{Geometry, Point, px};
use faultline_core::time::Micros;
use faultline_core::view::{MessageView, Outlook};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, SvgGraphicsElement, SvgTransform};

/// Everything that moves, shared by those who draw it and the one who has the clock.
#[derive(Clone, Default)]
pub struct Motion(Rc<RefCell<Parts>>);

impl PartialEq for Motion {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

#[derive(Default)]
struct Parts {
    time: Micros,
    /// The first instant of the diagram's window, and its pixels per microsecond.
    window: (f64, f64),
    /// The marks of messages by their numbers, and the arcs of timers by their nodes' places.
    messages: Vec<(u64, Mover)>,
    arcs: Vec<(usize, Arc)>,
    /// The pixels at which the diagram's content begins to count, and at which its window begins on the page.
    origin: (f64, f64),
    painter: Option<Painter>,
    content: Vec<HtmlElement>,
    playhead: Option<HtmlElement>,
}

/// Paints what moves as it is at a time.
pub type Painter = Rc<dyn Fn(Micros)>;

/// A message's mark and its way.
pub struct Mover {
    transform: SvgTransform,
    way: (Point, Point),
    sent: Micros,
    until: Micros,
}

/// The arc of a timer.
struct Arc {
    element: Element,
    set: Micros,
    fires: Micros,
    /// In how many steps it goes: half a pixel each.
    steps: f64,
    shown: f64,
}

/// The transform of an element that was drawn with one.
fn transform(element: &Element) -> Option<SvgTransform> {
    element.dyn_ref::<SvgGraphicsElement>()?.transform().base_val().get_item(0).ok()
}

/// How much of a stretch is over, from 0 to 1.
pub fn share(time: Micros, from: Micros, until: Micros) -> f64 {
    let (gone, all) = (time.saturating_sub(from), until.saturating_sub(from).max(1));
    (gone as f64 / all as f64).min(1.0)
}

/// The point of a way at a share of it.
fn along((from, to): (Point, Point), share: f64) -> Point {
    (from.0 + (to.0 - from.0) * share, from.1 + (to.1 - from.1) * share)
}

/// How much of an arc is left, in a hundred parts of it, as its dashes say it.
fn left(share: f64) -> String {
    format!("{} 200", px(share * 100.0))
}

/// Where a message is at a time. One that the network loses gets half-way.
pub fn place_of(message: &MessageView, geometry: &Geometry, time: Micros) -> Point {
    let way = if message.outlook == Outlook::Lost { 0.5 } else { 1.0 };
    let share = share(time, message.sent, message.until) * way;
    along(geometry.lane(message.from.index(), message.to.index()), share)
}

impl Motion {
    /// For what stands still at a time.
    pub fn at(time: Micros) -> Self {
        Motion(Rc::new(RefCell::new(Parts { time, ..Parts::default() })))
    }

    /// Takes charge of a message's mark.
    pub fn add_message(&self, key: u64, element: &Element, way: (Point, Point), time: (Micros, Micros)) {
        let Some(transform) = transform(element) else { return };
        let mover = Mover { transform, way, sent: time.0, until: time.1 };
        let mut parts = self.0.borrow_mut();
        mover.place(parts.time);
        parts.messages.push((key, mover));
    }

    /// Where a message's mark begins, before it is in anybody's charge.
    pub fn start_of(&self, way: (Point, Point), (sent, until): (Micros, Micros)) -> Point {
        along(way, share(self.time(), sent, until))
    }

    /// The dashes of a timer's arc, before it is in anybody's charge.
    pub fn dashes_of(&self, (set, fires): (Micros, Micros)) -> String {
        left(1.0 - share(self.time(), set, fires))
    }

    /// Lets go of a message's mark.
    pub fn remove_message(&self, key: u64) {
        self.0.borrow_mut().messages.retain(|(other, _)| *other != key);
    }

    /// Puts a message at a share of its way, whatever the time is, until it is placed anew.
    pub fn haul(&self, key: u64, share: f64) {
        if let Some((_, mover)) = self.0.borrow().messages.iter().find(|(other, _)| *other == key) {
            mover.put(share);
        }
    }

    /// Takes charge of the arc of a node's timer, which is so many pixels around.
    pub fn add_arc(&self, key: usize, element: Element, around: f64, (set, fires): (Micros, Micros)) {
        let mut parts = self.0.borrow_mut();
        let mut arc = Arc { element, set, fires, steps: (2.0 * around).ceil(), shown: f64::NAN };
        arc.place(parts.time);
        parts.arcs.retain(|(other, _)| *other != key);
        parts.arcs.push((key, arc));
    }

    /// Lets go of an arc.
    pub fn remove_arc(&self, key: usize) {
        self.0.borrow_mut().arcs.retain(|(other, _)| *other != key);
    }

    /// Takes charge of a painted stage, or lets go of it.
    pub fn set_painter(&self, painter: Option<Painter>) {
        let time = self.time();
        if let Some(painter) = &painter {
            painter(time);
        }
        self.0.borrow_mut().painter = painter;
    }

    /// The time that everything is placed at.
    pub fn time(&self) -> Micros {
        self.0.borrow().time
    }

    /// Takes charge of the diagram: of all that moves with time, and of the playhead.
    pub fn set_diagram(&self, content: Vec<HtmlElement>, playhead: Option<HtmlElement>) {
        let mut parts = self.0.borrow_mut();
        (parts.content, parts.playhead) = (content, playhead);
        parts.place_diagram();
    }

    /// Where the content of the diagram begins to count, and how far its window is from the left edge, in pixels.
    pub fn set_origin(&self, content: f64, window: f64) {
        let mut parts = self.0.borrow_mut();
        parts.origin = (content, window);
        parts.place_diagram();
    }

    /// Moves the window of the diagram: its first instant, and its pixels per microsecond.
    pub fn set_window(&self, first: f64, scale: f64) {
        let mut parts = self.0.borrow_mut();
        parts.window = (first, scale);
        parts.place_diagram();
    }

    /// The first instant of the diagram's window, and its pixels per microsecond.
    pub fn window(&self) -> (f64, f64) {
        self.0.borrow().window
    }

    /// Places everything as it is at a time.
    pub fn place(&self, time: Micros) {
        let mut parts = self.0.borrow_mut();
        parts.time = time;
        for (_, mover) in &parts.messages {
            mover.place(time);
        }
        for (_, arc) in &mut parts.arcs {
            arc.place(time);
        }
        if let Some(painter) = &parts.painter {
            painter(time);
        }
        parts.place_diagram();
    }
}

impl Mover {
    fn place(&self, time: Micros) {
        self.put(share(time, self.sent, self.until));
    }

    fn put(&self, share: f64) {
        let (x, y) = along(self.way, share);
        // It fails only for a transform that is no longer in the document.
        let _ = self.transform.set_translate(x as f32, y as f32);
    }
}

impl Arc {
    fn place(&mut self, time: Micros) {
        let left = ((1.0 - share(time, self.set, self.fires)) * self.steps).round() / self.steps;
        if left.to_bits() != self.shown.to_bits() {
            self.shown = left;
            let _ = self.element.set_attribute("stroke-dasharray", &self::left(left));
        }
    }
}

impl Parts {
    fn place_diagram(&self) {
        let (first, scale) = self.window;
        let (content, window) = self.origin;
        let shift = |element: &HtmlElement, x: f64| {
            let _ = element.style().set_property("transform", &format!("translateX({}px)", px(x)));
        };
        // Content is on layers of its own that are moved by whole pixels, so that nothing of it is drawn again.
        let moved = (window + content - first * scale).round();
        self.content.iter().for_each(|element| shift(element, moved));
        if let Some(playhead) = &self.playhead {
            shift(playhead, window + (self.time as f64 - first) * scale);
        }
    }
}
