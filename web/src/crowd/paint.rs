//! The stage on a canvas: the same picture from the same shapes, where there is too much of it to draw, and where it is
//! too small to take hold of.

use crate::browser;
use crate::crowd::plate::Plate;
use crate::kit::prose::fixed;
use crate::picture::connects::{Hull, hop};
use crate::picture::geometry::{Geometry, Point, within};
use crate::picture::links::{links, parted};
use crate::picture::motion::{place_of, share};
use crate::picture::shapes::{self, LEGIBLE};
use crate::picture::signs::{self, Colour, Figure, Part, REACH, TOKENS};
use faultline_core::NodeId;
use faultline_core::session::Target;
use faultline_core::time::Micros;
use faultline_core::view::{Face, MessageView, NodeView, Outlook, View};
use std::f64::consts::{FRAC_PI_2, TAU};
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, Path2d};

/// The colours of the stylesheet as they are now, and that of plain links.
#[derive(Clone, Default)]
struct Colours {
    all: Vec<String>,
    thread: String,
}

impl Colours {
    fn of(&self, colour: Colour) -> &str {
        self.all.get(colour as usize).map_or("", |it| it)
    }
}

/// What draws on a canvas.
pub struct Pen {
    /// The canvas.
    pub context: CanvasRenderingContext2d,
}

/// A canvas to paint on.
pub struct Brush {
    canvas: HtmlCanvasElement,
    pen: Pen,
    plate: Plate,
    colours: Colours,
    /// What the colours follow from.
    scheme: Option<(bool, Option<String>)>,
    /// The width and the height of the picture, the pixels of the screen to one of it, and the radius of its nodes.
    size: (f64, f64, f64, f64),
    /// The letters of messages that stamps were cut for.
    letters: Vec<char>,
}

/// What is selected on the stage.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Selected {
    /// One thing.
    pub target: Option<Target>,
    /// Nodes together.
    pub group: Vec<NodeId>,
}

impl Selected {
    /// The node, if it is one.
    pub fn node(&self) -> Option<NodeId> {
        self.target.and_then(Target::node)
    }
}

impl Brush {
    /// A brush for a canvas; none where the browser has no such thing.
    pub fn new(canvas: HtmlCanvasElement) -> Option<Self> {
        let pen = Pen { context: canvas.get_context("2d").ok().flatten()?.dyn_into().ok()? };
        let (plate, colours) = (Plate::new()?, Colours::default());
        let size = (0.0, 0.0, 0.0, 0.0);
        Some(Brush { canvas, pen, plate, colours, scheme: None, size, letters: Vec::new() })
    }

    /// Makes ready for a picture with this geometry, and wipes the canvas.
    pub fn begin(&mut self, geometry: &Geometry) {
        let (width, height) = (geometry.width, geometry.height);
        let ratio = browser::window().map_or(1.0, |window| window.device_pixel_ratio());
        if self.size != (width, height, ratio, geometry.radius) {
            self.size = (width, height, ratio, geometry.radius);
            self.canvas.set_width((width * ratio) as u32);
            self.canvas.set_height((height * ratio) as u32);
            self.plate.fit(&self.canvas, ratio);
        }
        // Neither fails with numbers that are finite.
        let _ = self.pen.context.set_transform(ratio, 0.0, 0.0, ratio, 0.0, 0.0);
        self.pen.context.clear_rect(0.0, 0.0, width, height);
        self.read_colours();
    }

    fn read_colours(&mut self) {
        let theme = browser::document().and_then(|it| it.document_element()?.get_attribute("data-theme"));
        let scheme = (browser::media("(prefers-color-scheme: dark)"), theme);
        if self.scheme.as_ref() == Some(&scheme) {
            return;
        }
        self.scheme = Some(scheme);
        self.plate.forget();
        let style = self.canvas.style();
        let read = |token: &str| {
            let _ = style.set_property("color", &format!("var(--{token})"));
            let found = browser::window()?.get_computed_style(&self.canvas).ok().flatten()?;
            found.get_property_value("color").ok()
        };
        let all = TOKENS.iter().map(|token| read(token).unwrap_or_default()).collect();
        self.colours = Colours { all, thread: read("thread").unwrap_or_default() };
    }

    /// Paints what stays as it is between two events: links and nodes.
    pub fn still(&mut self, view: &View, geometry: &Geometry, selected: &Selected) {
        self.grounds(view, geometry);
        if let Some((centre, radii)) = geometry.circle() {
            self.pen.context.begin_path();
            let _ = self.pen.context.ellipse(centre.0, centre.1, radii.0, radii.1, 0.0, 0.0, TAU);
            self.pen.stroke(&self.colours.thread, 1.0);
        }
        for link in links(view, geometry) {
            let thread = geometry.link_width(link.a, link.b);
            for (class, path) in shapes::link(geometry, &link) {
                let (colour, width) = match class {
                    "thread" => (self.colours.thread.as_str(), thread),
                    "wave" => (self.colours.of(Colour::Line), 1.4),
                    "gate" => (self.colours.of(Colour::Ink), 2.0),
                    _ => (self.colours.of(Colour::Fault), 1.8),
                };
                self.pen.path(&path, (0.0, 0.0), colour, width);
            }
        }
        self.pointers(view, geometry, selected);
        self.connects(view, geometry, selected);
        self.nodes(view, geometry);
        self.halos(view, geometry, selected);
    }

    fn grounds(&self, view: &View, geometry: &Geometry) {
        let context = &self.pen.context;
        context.set_line_join("round");
        context.set_line_cap("round");
        for (nth, group) in parted(view).into_iter().enumerate() {
            let points = group.iter().filter_map(|&node| geometry.places.get(node).copied()).collect();
            let Ok(path) = Path2d::new_with_path_string(&shapes::ground(points)) else { continue };
            let colour =
                if nth == 0 { self.colours.of(Colour::Line) } else { self.colours.of(Colour::Fault) };
            context.set_global_alpha(0.12);
            context.set_stroke_style_str(colour);
            context.set_line_width(2.0 * (geometry.radius + geometry.radius.min(15.0)));
            context.stroke_with_path(&path);
            context.set_global_alpha(1.0);
        }
        context.set_line_cap("butt");
    }

    fn pointers(&self, view: &View, geometry: &Geometry, selected: &Selected) {
        for node in &view.nodes {
            let chosen = selected.target == Some(Target::Node(node.id));
            for pointer in node.card.pointers.iter().filter(|pointer| pointer.always || chosen) {
                if let Some(path) = shapes::pointer(geometry, node.id.index(), pointer.to.index()) {
                    let colour =
                        if chosen { self.colours.of(Colour::Accent) } else { self.colours.of(Colour::Line) };
                    self.pen.path(&path, (0.0, 0.0), colour, 1.0);
                }
            }
        }
    }

    /// The hulls of quorums, and the hops of a way.
    fn connects(&self, view: &View, geometry: &Geometry, selected: &Selected) {
        const HERE: Point = (0.0, 0.0);
        let (pen, chosen) = (&self.pen, selected.node());
        for (nth, quorum) in view.quorums(chosen).iter().enumerate() {
            let members: Vec<usize> = quorum.members.iter().map(|node| node.index()).collect();
            let outline = Hull::of(geometry, &members, nth).outline();
            let colour = self.colours.of(if nth == 0 { Colour::Accent } else { Colour::Good });
            if quorum.enough {
                pen.context.set_global_alpha(0.09);
                pen.filled(&outline, HERE, Some(colour), None);
                pen.context.set_global_alpha(1.0);
            } else {
                pen.dashed(&[9.0, 7.0]);
            }
            pen.path(&outline, HERE, colour, 2.0);
            pen.dashed(&[]);
        }
        let colour = self.colours.of(Colour::Accent);
        let hops = view.way(chosen).into_iter().flat_map(|path| path.nodes.windows(2));
        for ends in hops {
            if let Some([shaft, head]) = hop(geometry, ends[0].index(), ends[1].index()) {
                pen.path(&shaft, HERE, colour, 3.4);
                pen.filled(&head, HERE, Some(colour), Some((colour, 1.2)));
            }
        }
    }

    /// Nodes, and their names where there is room for them.
    fn nodes(&mut self, view: &View, geometry: &Geometry) {
        let (radius, colours) = (geometry.radius, &self.colours);
        // All of a sort look alike.
        let mut figures: Vec<Option<Figure>> = vec![None; SORTS];
        for (node, &place) in view.nodes.iter().zip(&geometry.places) {
            let sort = sort_of(node);
            let figure = figures[sort].get_or_insert_with(|| signs::figure(node, radius));
            let reach = REACH * radius + 2.0;
            self.plate.stamp(sort, place, reach, |pen| node_sign(pen, colours, figure));
        }
        self.plate.show(&self.pen.context);
        if radius < LEGIBLE {
            return;
        }
        for (node, &(x, y)) in view.nodes.iter().zip(&geometry.places) {
            let voted = node.card.voted.filter(|_| node.up && !node.paused);
            if let Some(part) = voted.and_then(|to| signs::pennant(geometry, node.id.index(), to.index())) {
                self.pen.part(&part, (x, y), colours);
            }
            let figure = figures[sort_of(node)].as_ref();
            let Some(colour) = figure.and_then(|figure| figure.name) else { continue };
            let poll = node.card.poll.as_ref().filter(|_| !geometry.is_small() && !node.taken);
            let pips = poll.map(|poll| shapes::pips(poll, radius));
            let lift = pips.as_ref().map_or(0.0, |pips| pips.lift);
            self.pen.word(&geometry.name(node.id), (x, y - lift), radius * 0.72, colours.of(colour));
            if let Some(pips) = pips {
                let (on, off) = if colour == Colour::Paper {
                    (Colour::Paper, Colour::Ink)
                } else {
                    (Colour::Ink, Colour::Card)
                };
                self.pen.pips(&pips, (x, y), colours.of(on), colours.of(off));
            }
        }
    }

    fn halos(&self, view: &View, geometry: &Geometry, selected: &Selected) {
        for id in selected.node().iter().chain(&selected.group).filter(|id| id.index() < view.nodes.len()) {
            if let Some(&place) = geometry.places.get(id.index()) {
                let rim = (self.colours.of(Colour::Accent), 2.0);
                self.pen.disc(place, (geometry.radius + 4.0).max(6.0), None, Some(rim));
            }
        }
    }

    /// Paints the arcs of timers.
    pub fn arcs(&self, view: &View, geometry: &Geometry, time: Micros) {
        let context = &self.pen.context;
        let reach = geometry.radius + if geometry.radius < 24.0 { 3.0 } else { 6.0 };
        let awake = view.nodes.iter().zip(&geometry.places);
        for (node, &(x, y)) in awake.filter(|(node, _)| node.up && geometry.radius > 3.0) {
            let Some(timer) = node.timers.first() else { continue };
            let left = 1.0 - share(time, timer.set, timer.fires);
            context.begin_path();
            let _ = context.arc(x, y, reach, -FRAC_PI_2, left * TAU - FRAC_PI_2);
            self.pen.stroke(self.colours.of(Colour::Line), if geometry.radius < 24.0 { 1.2 } else { 2.4 });
        }
    }

    /// Paints messages.
    pub fn messages(&mut self, view: &View, geometry: &Geometry, time: Micros, selected: &Selected) {
        let (radius, colours, letters) = (geometry.mark, &self.colours, &mut self.letters);
        for message in &view.messages {
            let (kind, lost) = (message.kind, message.outlook == Outlook::Lost);
            let letter = if radius > 6.0 { kind.letter } else { ' ' };
            let known = letters.iter().position(|&other| other == letter);
            let nth = known.unwrap_or_else(|| {
                letters.push(letter);
                letters.len() - 1
            });
            let state = usize::from(kind.reply) | usize::from(lost) << 1 | usize::from(message.held) << 2;
            let face = message.story.as_ref().and_then(|story| story.face);
            let state = state | face.map_or(0, |face| 1 + face as usize) << 3;
            let (state, reach) = match message.proofs {
                0 => (state, radius + 5.0),
                _ => (state | 1 << 5, radius + 15.0),
            };
            let place = place_of(message, geometry, time);
            // Behind the sorts of nodes.
            self.plate.stamp(SORTS + (nth << 6 | state), place, reach, |pen| {
                message_sign(pen, colours, message, radius);
            });
        }
        self.plate.show(&self.pen.context);
        if let Some(Target::Message(id)) = selected.target
            && let Some(message) = view.messages.iter().find(|message| message.id == id)
        {
            let rim = Some((colours.of(Colour::Accent), 2.0));
            self.pen.disc(place_of(message, geometry, time), radius + 5.0, None, rim);
        }
    }
}

/// How many sorts of nodes there may be.
const SORTS: usize = 256;

/// The sort of a node: all of a sort look alike.
fn sort_of(node: &NodeView) -> usize {
    let state = usize::from(node.up) | usize::from(node.booted) << 1;
    let state = state | usize::from(node.paused) << 2 | usize::from(node.taken) << 3;
    state << 4 | node.card.sign as usize
}

/// A node around the origin, without its name.
fn node_sign(pen: &Pen, colours: &Colours, figure: &Figure) {
    for part in std::iter::once(&figure.body).chain(&figure.parts) {
        pen.part(part, (0.0, 0.0), colours);
    }
}

/// A message around the origin.
fn message_sign(pen: &Pen, colours: &Colours, message: &MessageView, radius: f64) {
    let (accent, here, lost) = (colours.of(Colour::Accent), (0.0, 0.0), message.outlook == Outlook::Lost);
    let face = message.story.as_ref().and_then(|story| story.face);
    pen.context.set_global_alpha(if lost { 0.45 } else { 1.0 });
    if let Some(face) = face {
        let hue = if face == Face::One { Colour::StoryA } else { Colour::StoryB };
        let rim = within(radius * 0.15, 0.5, 1.0);
        let body = shapes::message(radius, Some(face));
        pen.filled(&body, here, Some(colours.of(hue)), Some((colours.of(Colour::Ink), rim)));
    } else if message.kind.reply {
        let radius = (radius - 1.0).max(1.0);
        pen.disc(
            here,
            radius,
            Some(colours.of(Colour::Paper)),
            Some((accent, within(radius * 0.3, 0.8, 2.0))),
        );
    } else {
        pen.disc(here, radius, Some(accent), None);
    }
    pen.context.set_global_alpha(1.0);
    if radius > 6.0 {
        let colour = match face {
            Some(Face::Other) => colours.of(Colour::OnHue),
            None if message.kind.reply => accent,
            _ => colours.of(Colour::Paper),
        };
        pen.word(message.kind.letter.encode_utf8(&mut [0; 4]), here, radius * 1.2, colour);
    }
    if message.proofs > 0 && radius > 6.0 {
        let rim = Some((colours.of(Colour::Ink), 1.0));
        pen.filled(&shapes::bundle(radius).0, here, Some(colours.of(Colour::Card)), rim);
    }
    if lost {
        pen.path(&shapes::cross(radius + 1.0), here, colours.of(Colour::Fault), 1.2);
    }
    if message.held {
        pen.path(&shapes::bars(2.0 * radius + 5.0, 2.0 * radius), here, colours.of(Colour::Ink), 1.6);
    }
}

impl Pen {
    fn disc(&self, (x, y): Point, radius: f64, fill: Option<&str>, rim: Option<(&str, f64)>) {
        self.context.begin_path();
        let _ = self.context.arc(x, y, radius, 0.0, TAU);
        if let Some(fill) = fill {
            self.context.set_fill_style_str(fill);
            self.context.fill();
        }
        if let Some((colour, width)) = rim {
            self.stroke(colour, width);
        }
    }

    fn stroke(&self, colour: &str, width: f64) {
        self.context.set_stroke_style_str(colour);
        self.context.set_line_width(width);
        self.context.stroke();
    }

    fn pips(&self, pips: &shapes::Pips, place: Point, ink: &str, open: &str) {
        for (path, fill) in [(&pips.open, open), (&pips.given, ink), (&pips.enough, ink)] {
            self.filled(path, place, Some(fill), Some((ink, 1.2)));
        }
    }

    fn part(&self, part: &Part, place: Point, colours: &Colours) {
        if let Some((stroke, gap)) = part.broken {
            self.dashed(&[stroke, gap]);
        }
        self.context.set_line_cap("round");
        self.context.set_line_join("round");
        let rim = part.rim.map(|(colour, width)| (colours.of(colour), width));
        self.filled(&part.d, place, part.fill.map(|fill| colours.of(fill)), rim);
        self.context.set_line_cap("butt");
        self.context.set_line_join("miter");
        self.dashed(&[]);
    }

    fn path(&self, path: &str, place: Point, colour: &str, width: f64) {
        self.filled(path, place, None, Some((colour, width)));
    }

    fn filled(&self, path: &str, (x, y): Point, fill: Option<&str>, rim: Option<(&str, f64)>) {
        let Ok(path) = Path2d::new_with_path_string(path) else { return };
        let _ = self.context.translate(x, y);
        if let Some(fill) = fill {
            self.context.set_fill_style_str(fill);
            self.context.fill_with_path_2d(&path);
        }
        if let Some((colour, width)) = rim {
            self.context.set_stroke_style_str(colour);
            self.context.set_line_width(width);
            self.context.stroke_with_path(&path);
        }
        let _ = self.context.translate(-x, -y);
    }

    fn word(&self, word: &str, (x, y): Point, size: f64, colour: &str) {
        self.context.set_font(&format!("700 {}px system-ui, sans-serif", fixed(size, 1)));
        self.context.set_text_align("center");
        self.context.set_fill_style_str(colour);
        let _ = self.context.fill_text(word, x, y + size * 0.36);
    }

    fn dashed(&self, dashes: &[f64]) {
        let dashes: js_sys::Array = dashes.iter().copied().map(wasm_bindgen::JsValue::from).collect();
        let _ = self.context.set_line_dash(&dashes);
    }
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
