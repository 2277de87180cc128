//! The shapes of the stage as paths: what is drawn and what is painted are the same. A state is told by its shape; the
//! colour only goes with it.

use crate::kit::prose::fixed;
use crate::picture::geometry::{Geometry, Point, cos, px, sin};
use crate::picture::links::Link;
use faultline_core::toolbox::order;
use faultline_core::view::{Face, Poll};
use std::f64::consts::TAU;
use std::fmt::Write;

/// Smaller nodes and messages bear no words.
pub const LEGIBLE: f64 = 8.0;

/// A number with two digits, for what is small.
pub(super) fn px2(value: f64) -> String {
    fixed(value, 2)
}

/// A circle around a place.
pub(super) fn disc((x, y): Point, radius: f64) -> String {
    let (left, radius, across) = (px2(x - radius), px2(radius), px2(2.0 * radius));
    format!("M{left} {}a{radius} {radius} 0 1 1 {across} 0a{radius} {radius} 0 1 1 -{across} 0Z", px2(y))
}

/// The body of a message: a circle or, of the other of two stories, a diamond.
pub fn message(radius: f64, face: Option<Face>) -> String {
    let reach = px(radius * 1.3);
    match face {
        Some(Face::Other) => format!("M0 -{reach}L{reach} 0L0 {reach}L-{reach} 0Z"),
        _ => disc((0.0, 0.0), radius),
    }
}

/// Two sheets at the shoulder of a message, and the middle of the upper one: the proofs that it brings along.
pub fn bundle(radius: f64) -> (String, Point) {
    let (x, y) = (radius * 0.7 + 6.0, -radius * 0.7 - 3.0);
    let (left, top) = (px(x - 6.0), px(y - 5.5));
    // Of the lower sheet only what the upper one leaves free.
    (format!("M{left} {top}h12v11h-12ZM{} {top}v-2.5h12v11h-2.5", px(x - 3.5)), (x, y))
}

/// A cross: crashed, lost.
pub fn cross(arm: f64) -> String {
    let arm = px(arm);
    format!("M-{arm} -{arm} L{arm} {arm} M{arm} -{arm} L-{arm} {arm}")
}

/// Two bars: paused, held.
pub fn bars(apart: f64, tall: f64) -> String {
    let (x, y) = (px(apart / 2.0), px(tall / 2.0));
    format!("M-{x} -{y} V{y} M{x} -{y} V{y}")
}

/// What a node counts: what it has, to be filled; what it waits for, to be outlined; and a stroke after as much as is enough.
pub struct Pips {
    /// What it has.
    pub given: String,
    /// What it waits for.
    pub open: String,
    /// The stroke; empty where no less than all is enough.
    pub enough: String,
    /// How far the name of the node makes room for them.
    pub lift: f64,
}

/// The least radius of a pip that is told from its neighbour.
const LEAST_PIP: f64 = 1.5;
/// Half the angle that pips may take at the foot of a node, below its name.
const FOOT: f64 = 1.0;

/// A poll as pips along the foot of a node, those that it has first; of too many for that, as a band along its rim.
pub fn pips(poll: &Poll, radius: f64) -> Pips {
    let (got, all) = (poll.got(), poll.asked.len());
    let enough = poll.enough.filter(|&enough| enough < all);
    let reach = radius * 0.75;
    let gap = if enough.is_some() { 0.5 } else { 0.0 };
    let steps = all.saturating_sub(1) as f64 + gap;
    let step = (radius * 0.32).min(2.0 * FOOT * reach / steps.max(1.0));
    let pip = (radius * 0.12).min((step - 1.8) / 2.0);
    if pip < LEAST_PIP {
        return band(got, all, enough, radius);
    }
    // From left to right, which at the foot is against the clock.
    let angle = |nth: f64| TAU / 2.0 + (steps / 2.0 - nth) * step / reach;
    let disc = |nth: usize| {
        let behind = if enough.is_some_and(|enough| nth >= enough) { gap } else { 0.0 };
        let (x, y) = on_circle(angle(nth as f64 + behind), reach);
        let (left, top, pip, across) = (px(x - pip), px(y), px(pip), px(2.0 * pip));
        format!("M{left} {top}a{pip} {pip} 0 1 0 {across} 0a{pip} {pip} 0 1 0 -{across} 0Z")
    };
    let stroke = |enough: usize| {
        let angle = angle(enough as f64 - 0.25);
        line(&[on_circle(angle, reach - pip - 1.5), on_circle(angle, reach + pip + 1.5)])
    };
    Pips {
        given: (0..got).map(disc).collect(),
        open: (got..all).map(disc).collect(),
        enough: enough.map(stroke).unwrap_or_default(),
        lift: radius * 0.25,
    }
}

/// A band around the middle, clockwise from the top: inside the rim or, of a node that is all name, around it.
fn band(got: usize, all: usize, enough: Option<usize>, radius: f64) -> Pips {
    let (inner, outer) =
        if radius < 12.0 { (radius + 2.0, radius + 5.0) } else { (radius - 5.5, radius - 2.5) };
    let angle = |count: usize| count as f64 / all.max(1) as f64 * TAU * 0.999;
    let sector = |from: usize, to: usize| {
        let (from, to, large) = (angle(from), angle(to), u8::from((to - from) * 2 > all));
        let [a, b] = [from, to].map(|angle| on_circle(angle, outer));
        let [c, d] = [to, from].map(|angle| on_circle(angle, inner));
        let point = |(x, y): Point| format!("{} {}", px(x), px(y));
        let (outer, inner) = (px(outer), px(inner));
        format!(
            "M{}A{outer} {outer} 0 {large} 1 {}L{}A{inner} {inner} 0 {large} 0 {}Z",
            point(a),
            point(b),
            point(c),
            point(d)
        )
    };
    let stroke =
        |enough: usize| line(&[on_circle(angle(enough), inner - 2.0), on_circle(angle(enough), outer + 2.0)]);
    Pips {
        given: if got > 0 { sector(0, got) } else { String::new() },
        open: if got < all { sector(got, all) } else { String::new() },
        enough: enough.map(stroke).unwrap_or_default(),
        lift: 0.0,
    }
}

/// A point around the origin, clockwise from the top.
pub(super) fn on_circle(angle: f64, radius: f64) -> Point {
    (radius * sin(angle), -radius * cos(angle))
}

/// What marks a place in a log: a node's next step there, a node's knowledge of it.
pub fn log_mark(sort: usize) -> &'static str {
    match sort {
        0 => "M0 -4L4 3.5H-4Z",
        _ => "M-3.5 -3.5H3.5V3.5H-3.5Z",
    }
}

/// A rim with teeth: taken over.
pub fn jagged(radius: f64) -> String {
    const TEETH: usize = 18;
    let mut path = String::new();
    for corner in 0..2 * TEETH {
        let reach = radius * if corner % 2 == 0 { 1.1 } else { 0.9 };
        let angle = corner as f64 / (2 * TEETH) as f64 * TAU;
        let letter = if corner == 0 { 'M' } else { 'L' };
        // Writing to a string cannot fail.
        let (x, y) = on_circle(angle, reach);
        let _ = write!(path, "{letter}{} {} ", px(x), px(y));
    }
    path + "Z"
}

/// A point of a way: `share` of it, and so far to its right.
pub(super) fn along((from, to): (Point, Point), share: f64, right: f64) -> Point {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let length = (dx * dx + dy * dy).sqrt().max(1.0);
    (from.0 + dx * share - dy / length * right, from.1 + dy * share + dx / length * right)
}

pub(super) fn line(points: &[Point]) -> String {
    let mut path = String::new();
    for (place, (x, y)) in points.iter().enumerate() {
        let letter = if place == 0 { 'M' } else { 'L' };
        let _ = write!(path, "{letter}{} {}", px(*x), px(*y));
    }
    path
}

/// A wave: a link that does not behave as all do.
fn wave(way: (Point, Point), from: f64, to: f64) -> String {
    let length = ((way.1.0 - way.0.0).powi(2) + (way.1.1 - way.0.1).powi(2)).sqrt();
    let steps = ((length * (to - from)) / 2.0) as usize + 1;
    let points: Vec<Point> = (0..=steps)
        .map(|step| {
            let share = from + (to - from) * step as f64 / steps as f64;
            along(way, share, 3.2 * sin(share * length / 18.0 * TAU))
        })
        .collect();
    line(&points)
}

/// A link: each part with its class.
pub fn link(geometry: &Geometry, link: &Link) -> Vec<(&'static str, String)> {
    let Link { a, b, .. } = *link;
    let whole = geometry.link(a, b);
    let mut parts = Vec::new();
    match (link.cut(), link.altered()) {
        ([true, true], _) => {
            // Two stubs, and between them the break.
            let stubs =
                [line(&[whole.0, along(whole, 0.42, 0.0)]), line(&[along(whole, 0.58, 0.0), whole.1])];
            parts.push(("stub", stubs.concat()));
            let stroke = |share: f64, lean: f64| {
                line(&[along(whole, share - lean, -7.0), along(whole, share + lean, 7.0)])
            };
            let lean = 4.0 / distance(whole).max(20.0);
            parts.push(("break", [stroke(0.45, lean), stroke(0.55, lean)].concat()));
        }
        (_, [false, false]) => parts.push(("thread", line(&[whole.0, whole.1]))),
        (_, [there, back]) => {
            parts.push(("thread", line(&[whole.0, whole.1])));
            let (from, to) = (if there { 0.0 } else { 0.5 }, if back { 1.0 } else { 0.5 });
            parts.push(("wave", wave(whole, from, to)));
        }
    }
    for (way, [cut, held]) in link.ways() {
        let lane = geometry.lane(way.0, way.1);
        if cut && link.cut() != [true, true] {
            // Half a lane: it ends at a wall.
            let wall = line(&[along(lane, 0.5, -7.0), along(lane, 0.5, 7.0)]);
            parts.push(("stub", line(&[lane.0, along(lane, 0.5, 0.0)])));
            parts.push(("break", wall));
        }
        if held {
            // Two bars before the receiver: what comes waits there.
            let (near, far) = (1.0 - 12.0 / distance(lane).max(24.0), 1.0 - 17.0 / distance(lane).max(24.0));
            let bar = |share: f64| line(&[along(lane, share, -8.0), along(lane, share, 8.0)]);
            parts.push(("gate", [bar(near), bar(far)].concat()));
        }
    }
    parts
}

/// The line of our logo between two places, from rim to rim: what they hold contradicts each other.
pub fn fault(way: (Point, Point), rim: f64) -> String {
    let length = distance(way).max(1.0);
    let (start, end) = (rim / length, 1.0 - rim / length);
    let at = |share: f64, right: f64| along(way, share, right);
    if start >= end {
        return String::new();
    }
    // The jag has one size, wherever it stands.
    let unit = f64::min(9.0 / length, (end - start) / 8.0);
    let jag = [(-2.4, 0.0), (-1.1, -13.0), (0.4, 15.0), (1.5, -8.0), (2.4, 0.0)];
    let jag = jag.map(|(steps, right)| at(0.5 + steps * unit, right));
    let mut points = vec![at(start, 0.0)];
    points.extend(jag);
    points.push(at(end, 0.0));
    line(&points)
}

pub(super) fn distance((from, to): (Point, Point)) -> f64 {
    ((to.0 - from.0).powi(2) + (to.1 - from.1).powi(2)).sqrt()
}

/// An arrow from node to node beside the link, bent so that it is not taken for one.
pub fn pointer(geometry: &Geometry, from: usize, to: usize) -> Option<String> {
    let (a, b) = (*geometry.places.get(from)?, *geometry.places.get(to)?);
    let whole = distance((a, b));
    if whole < 1.0 {
        return None;
    }
    let rim = (geometry.radius + 3.0) / whole;
    let bend = along((a, b), 0.5, -whole * 0.12);
    let start = along((a, bend), rim * 2.0, 0.0);
    let end = along((bend, b), 1.0 - rim * 2.0, 0.0);
    let head = |side: f64| along((bend, b), 1.0 - rim * 2.0 - 14.0 / whole, side);
    let (left, right) = (head(-4.0), head(4.0));
    Some(format!(
        "M{} {}Q{} {} {} {}{}",
        px(start.0),
        px(start.1),
        px(bend.0),
        px(bend.1),
        px(end.0),
        px(end.1),
        line(&[left, end, right])
    ))
}

/// The ground that some nodes stand on: their hull, to be drawn with a broad round pen.
pub fn ground(points: Vec<Point>) -> String {
    let mut corners = corners(points);
    // A single place is a line of no length, which a round pen draws as a disc.
    corners.extend(corners.first().copied().filter(|_| corners.len() == 1));
    line(&corners) + "Z"
}

/// The corners of what some places span, clockwise; one of a single place.
pub(super) fn corners(mut points: Vec<Point>) -> Vec<Point> {
    order::by(&mut points, |one, other| one.0.total_cmp(&other.0).then(one.1.total_cmp(&other.1)));
    let turn = |a: Point, b: Point, c: Point| (b.0 - a.0) * (c.1 - a.1) - (b.1 - a.1) * (c.0 - a.0);
    let mut hull: Vec<Point> = Vec::new();
    // The lower side from left to right, then the upper one back.
    for _ in 0..2 {
        let start = hull.len();
        for &point in &points {
            while hull.len() >= start + 2 && turn(hull[hull.len() - 2], hull[hull.len() - 1], point) <= 0.0 {
                hull.pop();
            }
            hull.push(point);
        }
        hull.pop();
        points.reverse();
    }
    if hull.is_empty() { points } else { hull }
}
