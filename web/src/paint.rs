//! The stage on a canvas: the same picture from the same shapes, where there is too much of it to draw, and where it is
//! too small to take hold of.

use crate::address;
use crate::geometry::{Geometry, Point};
use crate::links::{links, parted};
use crate::motion::share;
use crate::shapes;
use faultline_core::NodeId;
use faultline_core::session::Target;
use faultline_core::time::Micros;
use faultline_core::view::{MessageView, NodeView, Outlook, Tone, View};
use std::f64::consts::{FRAC_PI_2, TAU};
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, Path2d};

/// The custom properties of the stylesheet that are painted with, in the order of [`Colours`].
const TOKENS: [&str; 7] = ["--ink", "--line", "--thread", "--card", "--paper", "--accent", "--fault"];
/// Marks in one path: with more the browser's fill takes longer than the calls that are saved.
const BATCH: usize = 48;
/// Smaller nodes and messages bear no words.
const LEGIBLE: f64 = 8.0;

/// The colours of [`TOKENS`] as they are now.
#[derive(Clone, Default)]
struct Colours {
    ink: String,
    line: String,
    thread: String,
    card: String,
    paper: String,
    accent: String,
    fault: String,
}

/// A canvas to paint on.
pub struct Brush {
    canvas: HtmlCanvasElement,
    context: CanvasRenderingContext2d,
    colours: Colours,
    /// What the colours follow from.
    scheme: Option<(bool, Option<String>)>,
    size: (f64, f64, f64),
}

/// What is selected on the stage.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Selected {
    /// One thing.
    pub target: Option<Target>,
    /// Nodes together.
    pub group: Vec<NodeId>,
}

impl Brush {
    /// A brush for a canvas; none where the browser has no such thing.
    pub fn new(canvas: HtmlCanvasElement) -> Option<Self> {
        let context = canvas.get_context("2d").ok().flatten()?.dyn_into().ok()?;
        Some(Brush { canvas, context, colours: Colours::default(), scheme: None, size: (0.0, 0.0, 0.0) })
    }

    /// Makes ready for a picture of this size in CSS pixels, and wipes the canvas.
    pub fn begin(&mut self, width: f64, height: f64) {
        let ratio = address::window().map_or(1.0, |window| window.device_pixel_ratio());
        if self.size != (width, height, ratio) {
            self.size = (width, height, ratio);
            self.canvas.set_width((width * ratio) as u32);
            self.canvas.set_height((height * ratio) as u32);
        }
        // Neither fails with numbers that are finite.
        let _ = self.context.set_transform(ratio, 0.0, 0.0, ratio, 0.0, 0.0);
        self.context.clear_rect(0.0, 0.0, width, height);
        self.read_colours();
    }

    fn read_colours(&mut self) {
        let theme = address::document().and_then(|it| it.document_element()?.get_attribute("data-theme"));
        let scheme = (address::media("(prefers-color-scheme: dark)"), theme);
        if self.scheme.as_ref() == Some(&scheme) {
            return;
        }
        self.scheme = Some(scheme);
        let style = self.canvas.style();
        let read = |token: &str| {
            let _ = style.set_property("color", &format!("var({token})"));
            let found = address::window()?.get_computed_style(&self.canvas).ok().flatten()?;
            found.get_property_value("color").ok()
        };
        let [ink, line, thread, card, paper, accent, fault] =
            TOKENS.map(|token| read(token).unwrap_or_default());
        self.colours = Colours { ink, line, thread, card, paper, accent, fault };
    }

    /// Paints what stays as it is between two events: links and nodes.
    pub fn still(&self, view: &View, geometry: &Geometry, selected: &Selected) {
        self.grounds(view, geometry);
        if let Some((centre, radii)) = geometry.circle() {
            self.context.begin_path();
            let _ = self.context.ellipse(centre.0, centre.1, radii.0, radii.1, 0.0, 0.0, TAU);
            self.stroke(&self.colours.thread, 1.0);
        }
        for link in links(view, geometry) {
            for (class, path) in shapes::link(geometry, &link) {
                let (colour, width) = match class {
                    "thread" => (&self.colours.thread, 1.0),
                    "wave" => (&self.colours.line, 1.4),
                    "gate" => (&self.colours.ink, 2.0),
                    _ => (&self.colours.fault, 1.8),
                };
                self.path(&path, (0.0, 0.0), colour, width);
            }
        }
        self.pointers(view, geometry, selected);
        for (tone, colour, width) in [
            (Tone::Plain, &self.colours.ink, 1.2),
            (Tone::Seeking, &self.colours.ink, 2.4),
            (Tone::Leading, &self.colours.ink, 3.6),
        ] {
            let alike = |node: &&NodeView| node.up && node.card.tone == tone;
            self.dashed(if tone == Tone::Seeking { &[2.0, 3.0] } else { &[] });
            let width = if geometry.radius < LEGIBLE { f64::max(width * 0.5, 0.7) } else { width };
            let places = &mut places(view, geometry, alike);
            self.discs(places, geometry.radius, Some(&self.colours.card), Some((colour, width)));
        }
        self.dashed(&[3.0, 2.5]);
        let down = &mut places(view, geometry, |node| !node.up);
        self.discs(down, geometry.radius, Some(&self.colours.paper), Some((&self.colours.line, 1.0)));
        self.dashed(&[]);
        self.signs(view, geometry, selected);
    }

    fn grounds(&self, view: &View, geometry: &Geometry) {
        self.context.set_line_join("round");
        self.context.set_line_cap("round");
        for (nth, group) in parted(view).into_iter().enumerate() {
            let points = group.iter().filter_map(|&node| geometry.places.get(node).copied()).collect();
            let Ok(path) = Path2d::new_with_path_string(&shapes::ground(points)) else { continue };
            let colour = if nth == 0 { &self.colours.line } else { &self.colours.fault };
            self.context.set_global_alpha(0.12);
            self.context.set_stroke_style_str(colour);
            self.context.set_line_width(2.0 * (geometry.radius + geometry.radius.min(15.0)));
            self.context.stroke_with_path(&path);
            self.context.set_global_alpha(1.0);
        }
        self.context.set_line_cap("butt");
    }

    fn pointers(&self, view: &View, geometry: &Geometry, selected: &Selected) {
        for node in &view.nodes {
            let chosen = selected.target == Some(Target::Node(node.id));
            for pointer in node.card.pointers.iter().filter(|pointer| pointer.always || chosen) {
                if let Some(path) = shapes::pointer(geometry, node.id.index(), pointer.to.index()) {
                    let colour = if chosen { &self.colours.accent } else { &self.colours.line };
                    self.path(&path, (0.0, 0.0), colour, 1.0);
                }
            }
        }
    }

    /// What stands in and at nodes: names, crosses, bars, halos.
    fn signs(&self, view: &View, geometry: &Geometry, selected: &Selected) {
        let radius = geometry.radius;
        for node in &view.nodes {
            let Some(&place) = geometry.places.get(node.id.index()) else { continue };
            if !node.up {
                self.path(&shapes::cross(radius * 0.36), place, &self.colours.line, 1.2);
            } else if node.paused {
                self.path(&shapes::bars(radius * 0.6, radius * 0.9), place, &self.colours.ink, radius * 0.24);
            } else if radius >= LEGIBLE {
                let name = crate::stage::name_of(node, geometry);
                self.word(&name, place, radius * 0.72, &self.colours.ink);
            }
            if selected.target == Some(Target::Node(node.id)) || selected.group.contains(&node.id) {
                let rim = Some((&self.colours.accent, 2.0));
                self.discs(&mut std::iter::once(place), radius + 4.0, None, rim);
            }
        }
    }

    /// Paints what moves: the arcs of timers, and messages.
    pub fn moving(&self, view: &View, geometry: &Geometry, time: Micros, selected: &Selected) {
        self.arcs(view, geometry, time);
        let place = |message: &MessageView| place_of(message, geometry, time);
        let (radius, accent) = (geometry.mark, &self.colours.accent);
        let kinds: [(bool, Option<&String>, f64); 2] =
            [(false, Some(accent), radius), (true, Some(&self.colours.paper), (radius - 1.0).max(1.0))];
        for (reply, fill, radius) in kinds {
            let alike = view.messages.iter().filter(|it| it.kind.reply == reply);
            let rim = if reply { Some((accent, (radius * 0.3).clamp(0.8, 2.0))) } else { None };
            self.discs(&mut alike.map(place), radius, fill, rim);
        }
        let odd = |it: &&MessageView| it.held || it.outlook == Outlook::Lost;
        for message in view.messages.iter().filter(odd) {
            if message.outlook == Outlook::Lost {
                self.path(&shapes::cross(radius + 1.0), place(message), &self.colours.fault, 1.2);
            }
            if message.held {
                let bars = shapes::bars(2.0 * radius + 5.0, 2.0 * radius);
                self.path(&bars, place(message), &self.colours.ink, 1.6);
            }
        }
        if radius > 6.0 {
            for message in &view.messages {
                let colour = if message.kind.reply { accent } else { &self.colours.paper };
                self.word(message.kind.letter.encode_utf8(&mut [0; 4]), place(message), radius * 1.2, colour);
            }
        }
        if let Some(Target::Message(id)) = selected.target
            && let Some(message) = view.messages.iter().find(|message| message.id == id)
        {
            let rim = Some((accent, 2.0));
            self.discs(&mut std::iter::once(place(message)), radius + 5.0, None, rim);
        }
    }

    fn arcs(&self, view: &View, geometry: &Geometry, time: Micros) {
        let reach = geometry.radius + if geometry.radius < 24.0 { 3.0 } else { 6.0 };
        let awake = view.nodes.iter().filter(|node| node.up && geometry.radius > 3.0);
        for nodes in awake.collect::<Vec<_>>().chunks(BATCH) {
            self.context.begin_path();
            for node in nodes {
                let (Some(timer), Some(&(x, y))) =
                    (node.timers.first(), geometry.places.get(node.id.index()))
                else {
                    continue;
                };
                let left = 1.0 - share(time, timer.set, timer.fires);
                self.context.move_to(x, y - reach);
                let _ = self.context.arc(x, y, reach, -FRAC_PI_2, left * TAU - FRAC_PI_2);
            }
            self.stroke(&self.colours.line, if geometry.radius < 24.0 { 1.2 } else { 2.4 });
        }
    }

    /// Discs of one sort.
    fn discs(
        &self,
        places: &mut dyn Iterator<Item = Point>,
        radius: f64,
        fill: Option<&String>,
        rim: Option<(&String, f64)>,
    ) {
        let mut open = 0;
        let finish = || {
            if let Some(fill) = fill {
                self.context.set_fill_style_str(fill);
                self.context.fill();
            }
            if let Some((colour, width)) = rim {
                self.stroke(colour, width);
            }
        };
        for (x, y) in places {
            if open == 0 {
                self.context.begin_path();
            }
            self.context.move_to(x + radius, y);
            let _ = self.context.arc(x, y, radius, 0.0, TAU);
            open += 1;
            if open == BATCH {
                finish();
                open = 0;
            }
        }
        if open > 0 {
            finish();
        }
    }

    fn stroke(&self, colour: &str, width: f64) {
        self.context.set_stroke_style_str(colour);
        self.context.set_line_width(width);
        self.context.stroke();
    }

    fn path(&self, path: &str, (x, y): Point, colour: &str, width: f64) {
        let Ok(path) = Path2d::new_with_path_string(path) else { return };
        let _ = self.context.translate(x, y);
        self.context.set_stroke_style_str(colour);
        self.context.set_line_width(width);
        self.context.stroke_with_path(&path);
        let _ = self.context.translate(-x, -y);
    }

    fn word(&self, word: &str, (x, y): Point, size: f64, colour: &str) {
        self.context.set_font(&format!("700 {size:.1}px system-ui, sans-serif"));
        self.context.set_text_align("center");
        self.context.set_fill_style_str(colour);
        let _ = self.context.fill_text(word, x, y + size * 0.36);
    }

    fn dashed(&self, dashes: &[f64]) {
        let dashes: js_sys::Array = dashes.iter().copied().map(wasm_bindgen::JsValue::from).collect();
        let _ = self.context.set_line_dash(&dashes);
    }
}

/// Where some of the nodes stand.
fn places<'a>(
    view: &'a View,
    geometry: &'a Geometry,
    wanted: impl Fn(&&NodeView) -> bool + 'a,
) -> impl Iterator<Item = Point> + 'a {
    let place = |node: &NodeView| geometry.places.get(node.id.index()).copied();
    view.nodes.iter().filter(wanted).filter_map(place)
}

/// Where a message is at a time. One that the network loses gets half-way.
pub fn place_of(message: &MessageView, geometry: &Geometry, time: Micros) -> Point {
    let (from, to) = geometry.lane(message.from.index(), message.to.index());
    let way = if message.outlook == Outlook::Lost { 0.5 } else { 1.0 };
    let share = share(time, message.sent, message.until) * way;
    (from.0 + (to.0 - from.0) * share, from.1 + (to.1 - from.1) * share)
}

/// What is at a place of a painted stage: the message or the node that is nearest, within a finger's reach.
pub fn hit(view: &View, geometry: &Geometry, time: Micros, (x, y): Point) -> Option<Target> {
    const REACH: f64 = 12.0;
    let square = |(a, b): Point| (a - x).powi(2) + (b - y).powi(2);
    let nearest = |one: &(f64, Target), other: &(f64, Target)| one.0.total_cmp(&other.0);
    let messages = view
        .messages
        .iter()
        .map(|message| (square(place_of(message, geometry, time)), Target::Message(message.id)));
    let within = |reach: f64| move |found: &(f64, Target)| found.0 <= reach * reach;
    let message = messages.filter(within(geometry.mark.max(REACH * 0.5))).min_by(nearest);
    let nodes = geometry.places.iter().enumerate();
    let nodes = nodes.map(|(node, &place)| (square(place), Target::Node(NodeId(node as u32))));
    let node = nodes.filter(within(geometry.radius.max(REACH))).min_by(nearest);
    message.or(node).map(|(_, target)| target)
}
