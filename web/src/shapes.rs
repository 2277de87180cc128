//! The shapes of the stage as paths: what is drawn and what is painted are the same. A state is told by its shape; the
//! colour only goes with it.

use crate::geometry::{Geometry, Point, px};
use crate::links::Link;
use faultline_core::view::Tone;
use std::f64::consts::TAU;
use std::fmt::Write;

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

/// How much of a node is filled where it is too small for rims to tell its role: nothing, its middle, all of it.
pub fn core(tone: Tone) -> Option<f64> {
    match tone {
        Tone::Plain => None,
        Tone::Seeking => Some(0.62),
        Tone::Leading => Some(1.15),
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
        let _ = write!(path, "{letter}{} {} ", px(reach * angle.sin()), px(-reach * angle.cos()));
    }
    path + "Z"
}

/// A point of a way: `share` of it, and so far to its right.
fn along((from, to): (Point, Point), share: f64, right: f64) -> Point {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let length = (dx * dx + dy * dy).sqrt().max(1.0);
    (from.0 + dx * share - dy / length * right, from.1 + dy * share + dx / length * right)
}

fn line(points: &[Point]) -> String {
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
            along(way, share, 3.2 * (share * length / 18.0 * TAU).sin())
        })
        .collect();
    line(&points)
}

/// A link: each part with its class.
pub fn link(geometry: &Geometry, link: &Link) -> Vec<(&'static str, String)> {
    let Link { a, b, .. } = *link;
    let whole = geometry.link(a, b, 0.0);
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

fn distance((from, to): (Point, Point)) -> f64 {
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
pub fn ground(mut points: Vec<Point>) -> String {
    points.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.total_cmp(&other.1)));
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
    // A single place is a line of no length, which a round pen draws as a disc.
    let alone = points.first().filter(|_| hull.is_empty());
    line(&hull) + &alone.map(|&(x, y)| line(&[(x, y), (x, y)])).unwrap_or_default() + "Z"
}
