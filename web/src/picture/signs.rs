//! The signs of nodes as parts, each a path with its colours: what is drawn and what is painted are the same. A sign is told by
//! its shape and by what is filled; the colour only goes with it. `docs/visual-language.md` shows them all.

use crate::picture::geometry::{Geometry, Point, within};
use crate::picture::shapes::{LEGIBLE, cross, disc, jagged, line, on_circle, px2};
use faultline_core::view::{NodeView, Sign};
use std::f64::consts::{FRAC_1_SQRT_2, TAU};

/// A colour of the stylesheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Colour {
    Ink,
    Card,
    Paper,
    Wash,
    Soft,
    Faint,
    Line,
    Accent,
    Good,
    Fault,
    Doubt,
    Still,
    StoryA,
    StoryB,
    OnHue,
}

/// The names of their custom properties, without the dashes, in the same order.
pub const TOKENS: [&str; 15] = [
    "ink", "card", "paper", "wash", "soft", "faint", "line", "accent", "good", "fault", "doubt", "still",
    "story-a", "story-b", "on-hue",
];

impl Colour {
    /// The name of its custom property, without the dashes.
    pub fn token(self) -> &'static str {
        TOKENS[self as usize]
    }
}

/// A part of a sign, around the middle of the node.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// Its path.
    pub d: String,
    /// What fills it.
    pub fill: Option<Colour>,
    /// Its line, and how wide that is.
    pub rim: Option<(Colour, f64)>,
    /// The length of the strokes and of the gaps of a line that is broken; the ends of the strokes are round.
    pub broken: Option<(f64, f64)>,
}

impl Part {
    fn new(d: String, fill: Option<Colour>, rim: Option<(Colour, f64)>) -> Self {
        Part { d, fill, rim, broken: None }
    }

    fn full(d: String, fill: Colour) -> Self {
        Part::new(d, Some(fill), None)
    }

    fn stroke(d: String, colour: Colour, width: f64) -> Self {
        Part::new(d, None, Some((colour, width)))
    }
}

/// How a node looks, without its words.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// Its body: what is hit, and lit.
    pub body: Part,
    /// What is drawn on the body, in order. Its name comes above.
    pub parts: Vec<Part>,
    /// The colour of its name; none where it bears none.
    pub name: Option<Colour>,
}

/// How far beyond its radius a figure may reach, as a share of it.
pub const REACH: f64 = 1.6;
/// In a node that is at least so large there is room for a name and something below it.
pub const ROOMY: f64 = 24.0;
/// Of smaller nodes a mark at the shoulder is not legible.
const MARKED: f64 = 10.0;
/// The rays of smaller nodes would touch each other in a crowd.
const RAYED: f64 = 6.0;
/// Smaller nodes are told by what fills them alone.
const SPECK: f64 = 4.5;

/// A circle around the middle.
pub fn circle(radius: f64) -> String {
    disc((0.0, 0.0), radius)
}

fn octagon(radius: f64) -> String {
    let corner = |nth: u32| on_circle((f64::from(nth) + 0.5) / 8.0 * TAU, radius);
    line(&[0, 1, 2, 3, 4, 5, 6, 7].map(corner)) + "Z"
}

fn square(half: f64) -> String {
    let (bend, side) = (half * 0.3, 2.0 * (half - half * 0.3));
    let (edge, bend, side) = (px2(half - bend), px2(bend), px2(side));
    let half = px2(half);
    format!(
        "M-{edge} -{half}h{side}a{bend} {bend} 0 0 1 {bend} {bend}v{side}a{bend} {bend} 0 0 1 -{bend} {bend}\
         h-{side}a{bend} {bend} 0 0 1 -{bend} -{bend}v-{side}a{bend} {bend} 0 0 1 {bend} -{bend}Z"
    )
}

/// The lower half of a disc.
fn half(radius: f64) -> String {
    let radius = px2(radius);
    format!("M-{radius} 0A{radius} {radius} 0 0 0 {radius} 0Z")
}

/// The left or the right half of a disc.
fn side(radius: f64, right: bool) -> String {
    let radius = px2(radius);
    format!("M0 -{radius}A{radius} {radius} 0 0 {} 0 {radius}Z", u8::from(right))
}

fn brackets(radius: f64) -> String {
    let (near, far, tall) = (px2(radius * 1.02), px2(radius * 1.3), px2(radius * 1.16));
    format!("M-{near} -{tall}H-{far}V{tall}H-{near}M{near} -{tall}H{far}V{tall}H{near}")
}

/// A wedge above a node: it puts up its hand.
fn wedge(radius: f64) -> String {
    let (foot, tip, half) = (px2(radius * 1.18 + 1.0), px2(radius * 1.52 + 1.5), px2(radius * 0.3));
    format!("M-{half} -{foot}H{half}L0 -{tip}Z")
}

/// Strokes away from a node in eight directions.
fn rays(radius: f64) -> String {
    let ray = |nth: u32| {
        let angle = (f64::from(nth) + 0.5) / 8.0 * TAU;
        line(&[on_circle(angle, radius * 1.16 + 1.0), on_circle(angle, radius * 1.42 + 1.0)])
    };
    (0..8).map(ray).collect()
}

/// A mark at the upper right of a node: its disc, and what is in it.
fn mark(radius: f64, ground: Colour, ink: (Colour, Colour), sign: impl Fn(f64) -> String) -> [Part; 2] {
    let size = within(radius * 0.3, 4.2, 9.0);
    let at = radius * FRAC_1_SQRT_2;
    let shifted = shift(&sign(size), (at, -at));
    [
        Part::new(disc((at, -at), size), Some(ground), Some((ink.0, 1.2))),
        Part::stroke(shifted, ink.1, within(size * 0.26, 1.4, 2.2)),
    ]
}

/// A path that begins at its own places with `m`, moved.
fn shift(path: &str, (x, y): Point) -> String {
    format!("M{} {}{path}", px2(x), px2(y))
}

/// From the middle of a mark: a question mark, a tick, a bar.
fn question(size: f64) -> String {
    let at = |share: f64| px2(share * size);
    format!(
        "m{} {}a{} {} 0 1 1 {} {}q{} {} {} {}m0 {}v.01",
        at(-0.32),
        at(-0.28),
        at(0.34),
        at(0.34),
        at(0.52),
        at(0.28),
        at(-0.2),
        at(0.1),
        at(-0.2),
        at(0.26),
        at(0.34)
    )
}

fn tick(size: f64) -> String {
    let at = |share: f64| px2(share * size);
    format!("m{} {}l{} {}l{} {}", at(-0.46), at(0.04), at(0.32), at(0.34), at(0.62), at(-0.7))
}

fn bar(size: f64) -> String {
    format!("m{} 0h{}", px2(-0.48 * size), px2(0.96 * size))
}

/// A figure of a node.
pub fn figure(node: &NodeView, radius: f64) -> Figure {
    if node.booted && !node.up {
        return crashed(radius);
    }
    if node.paused {
        return paused(radius, node.taken);
    }
    let mut figure = if node.taken { two_faced(radius) } else { of(node.card.sign, radius) };
    if !node.booted {
        figure.body.rim = Some((Colour::Line, rim_of(radius)));
    }
    if node.taken && node.card.sign == Sign::Leading {
        // Its ring goes around the teeth.
        figure.parts.extend(of(Sign::Leading, radius * 1.13).parts);
    }
    figure
}

/// The width of a plain rim.
fn rim_of(radius: f64) -> f64 {
    within(radius * 0.1, 0.8, 1.5)
}

/// Two bars: alone in a small node, below the name in a large one.
pub fn paused(radius: f64, taken: bool) -> Figure {
    let small = radius < ROOMY;
    let (x, tall, at) = if small { (0.3 * radius, 0.45 * radius, 0.0) } else { (4.5, 6.5, 11.0) };
    let bars = [-x, x].map(|x| line(&[(x, at - tall), (x, at + tall)])).concat();
    let body = if taken { jagged(radius) } else { circle(radius) };
    Figure {
        body: Part::new(body, Some(Colour::Wash), Some((Colour::Soft, rim_of(radius)))),
        parts: vec![Part::stroke(bars, Colour::Ink, if small { radius * 0.27 } else { 4.0 })],
        name: (!small).then_some(Colour::Ink),
    }
}

/// A dashed rim with a cross.
pub fn crashed(radius: f64) -> Figure {
    let small = radius < LEGIBLE;
    let arm = radius * if small { 0.62 } else { 0.36 };
    let dashes = if small { (1.6, 1.6) } else { (3.0, 4.0) };
    let body = Part::new(circle(radius), Some(Colour::Paper), Some((Colour::Faint, rim_of(radius))));
    let sign = Part::stroke(cross(arm), Colour::Faint, within(radius * 0.06, 1.2, 1.8));
    Figure { body: Part { broken: Some(dashes), ..body }, parts: vec![sign], name: None }
}

/// Teeth, and a half for each of two stories.
pub fn two_faced(radius: f64) -> Figure {
    let halves = |outer: f64| {
        [(false, Colour::StoryA), (true, Colour::StoryB)]
            .map(|(right, hue)| Part::full(side(outer, right), hue))
    };
    let teeth = Part::new(jagged(radius), Some(Colour::Ink), Some((Colour::Ink, 0.8)));
    if radius < MARKED + 2.0 {
        let named = radius >= LEGIBLE;
        let body = Part {
            fill: Some(if named { Colour::Card } else { Colour::Ink }),
            rim: Some((Colour::Ink, 1.4)),
            ..teeth
        };
        let parts = if named || radius < SPECK { Vec::new() } else { halves(radius * 0.75).to_vec() };
        return Figure { body, parts, name: named.then_some(Colour::Ink) };
    }
    let mut parts = halves(radius * 0.88).to_vec();
    parts.push(Part::full(circle(radius * 0.6), Colour::Card));
    Figure { body: teeth, parts, name: Some(Colour::Ink) }
}

/// The figure of a sign.
pub fn of(sign: Sign, radius: f64) -> Figure {
    let rim = rim_of(radius);
    let named = radius >= LEGIBLE;
    let (ink, marked) = (Some((Colour::Ink, rim)), radius >= MARKED);
    let empty = |d: String| Part::new(d, Some(Colour::Card), ink);
    let filled = |d: String, hue: Colour| Part::new(d, Some(hue), Some((hue, rim)));
    let figure =
        |body: Part, parts: Vec<Part>, name: Colour| Figure { body, parts, name: named.then_some(name) };
    match sign {
        Sign::Idle if radius < SPECK => figure(
            Part::new(circle(radius), Some(Colour::Card), Some((Colour::Line, rim))),
            Vec::new(),
            Colour::Ink,
        ),
        Sign::Idle => figure(empty(circle(radius)), Vec::new(), Colour::Ink),
        Sign::Outside => {
            let body = Part::new(circle(radius * 0.74), Some(Colour::Paper), Some((Colour::Line, rim * 0.8)));
            figure(body, Vec::new(), Colour::Soft)
        }
        Sign::Seeking if radius < SPECK => {
            figure(empty(circle(radius)), vec![Part::full(circle(radius * 0.6), Colour::Ink)], Colour::Ink)
        }
        Sign::Seeking => {
            let width = within(radius * 0.15, 1.5, 4.4);
            let length = radius * TAU;
            let gap = length / (length / (width * 1.75)).floor().max(6.0);
            let body = Part {
                rim: Some((Colour::Ink, width)),
                broken: Some((0.01, gap - 0.01)),
                ..empty(circle(radius))
            };
            figure(body, vec![Part::full(wedge(radius), Colour::Ink)], Colour::Ink)
        }
        Sign::Leading if !named => {
            figure(filled(circle(radius * 1.15), Colour::Ink), Vec::new(), Colour::Paper)
        }
        Sign::Leading => {
            let gap = within(radius * 0.07, 1.2, 2.0);
            let ring = Part::stroke(circle(radius + gap), Colour::Ink, within(radius * 0.06, 1.0, 1.8));
            figure(filled(circle(radius - gap), Colour::Ink), vec![ring], Colour::Paper)
        }
        Sign::Uncertain | Sign::Blocked => {
            let mut parts = vec![Part::new(
                half(radius - rim / 2.0),
                Some(Colour::Doubt),
                Some((Colour::Ink, rim * 0.6)),
            )];
            if sign == Sign::Blocked {
                parts.push(Part::stroke(brackets(radius), Colour::Ink, within(radius * 0.15, 1.2, 5.0)));
            } else if marked {
                parts.extend(mark(radius, Colour::Card, (Colour::Ink, Colour::Ink), question));
            }
            figure(empty(circle(radius)), parts, Colour::Ink)
        }
        Sign::Committed => {
            let body = filled(circle(radius), Colour::Good);
            let parts = match named {
                true => mark(radius, Colour::Card, (Colour::Good, Colour::Good), tick).to_vec(),
                false if radius < SPECK => Vec::new(),
                false => vec![Part::stroke(shift(&tick(radius), (0.0, 0.0)), Colour::Paper, radius * 0.24)],
            };
            figure(body, parts, Colour::Paper)
        }
        Sign::Aborted => {
            let width = within(radius * 0.13, 1.2, 4.0);
            let body = Part::new(octagon(radius), Some(Colour::Card), Some((Colour::Fault, width)));
            let parts = match named {
                true => mark(radius, Colour::Fault, (Colour::Card, Colour::Card), bar).to_vec(),
                false if radius < SPECK => Vec::new(),
                false => vec![Part::stroke(shift(&bar(radius), (0.0, 0.0)), Colour::Fault, radius * 0.26)],
            };
            figure(body, parts, Colour::Ink)
        }
        Sign::Telling => {
            let width = within(radius * 0.09, 0.9, 2.6);
            let rays = (radius >= RAYED).then(|| Part::stroke(rays(radius), Colour::Accent, width));
            figure(filled(circle(radius), Colour::Accent), rays.into_iter().collect(), Colour::Paper)
        }
        Sign::Stopped => {
            let body = filled(square(radius * 0.88), Colour::Still);
            let (size, at) = if named { (radius * 0.6, radius * 0.6) } else { (radius * 0.9, 0.0) };
            let bar =
                Part::stroke(shift(&bar(size), (0.0, at)), Colour::Paper, within(radius * 0.11, 1.1, 2.2));
            figure(body, if radius < SPECK { Vec::new() } else { vec![bar] }, Colour::Paper)
        }
    }
}

/// A pennant on the rim of a node that points at another: it has voted for that one. None where it is too small to be told.
pub fn pennant(geometry: &Geometry, from: usize, to: usize) -> Option<Part> {
    let (here, there) = (*geometry.places.get(from)?, *geometry.places.get(to)?);
    let (x, y) = (there.0 - here.0, there.1 - here.1);
    let (radius, away) = (geometry.radius, x.hypot(y));
    if radius < MARKED || away < 1.0 {
        return None;
    }
    let place = |far: f64, aside: f64| ((x * far - y * aside) / away, (y * far + x * aside) / away);
    let (foot, tip, half) = (radius + 0.7, radius * 1.62, radius * 0.38);
    let d = line(&[place(foot, -half), place(tip, 0.0), place(foot, half)]) + "Z";
    Some(Part::full(d, Colour::Ink))
}

#[cfg(test)]
mod tests {
    use super::*;
    use faultline_core::view::SIGNS;

    /// Down to a radius of 6 pixels every sign is told in one colour: by its lines, and by what is filled.
    #[test]
    fn no_two_signs_look_alike_without_their_colours() {
        let empty = |colour: Colour| matches!(colour, Colour::Card | Colour::Paper | Colour::Wash);
        let part = |part: &Part| (part.d.clone(), part.fill.map(empty), part.broken.is_some());
        let look = |figure: &Figure| -> Vec<_> {
            std::iter::once(&figure.body).chain(&figure.parts).map(part).collect()
        };
        for radius in [30.0, 24.0, 12.0, 8.0, 6.0] {
            let signs = SIGNS.map(|sign| of(sign, radius));
            let others = [crashed(radius), paused(radius, false), two_faced(radius)];
            let looks: Vec<_> = signs.iter().chain(&others).map(look).collect();
            for (place, one) in looks.iter().enumerate() {
                assert!(!looks[..place].contains(one), "at {radius}: {one:?}");
            }
        }
    }
}
