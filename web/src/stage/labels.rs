//! Where the labels of messages and of what connects nodes stand, so that none covers a node, a mark or another label.

use crate::picture::connects::{Hull, apart};
use crate::picture::geometry::{Detail, Geometry, LOW, Point, Side, cos, sin};
use crate::picture::motion::place_of;
use crate::stage::message::caption;
use faultline_core::view::{MessageView, View};
use std::f64::consts::TAU;

/// A box: left, top, right, bottom.
pub(super) type Area = (f64, f64, f64, f64);

fn meet(a: Area, b: Area) -> bool {
    a.0 < b.2 && b.0 < a.2 && a.1 < b.3 && b.1 < a.3
}

/// The width of a letter in bold type of 13 pixels.
const LETTER: f64 = 7.4;

/// How far apart lines of labels stand, and how many lines a label may be off its message.
const LINE: f64 = 14.0;
const FAN: u32 = 2;

/// The place of a message's label relative to its mark, and its anchor.
pub(super) type Spot = (f64, f64, &'static str);

/// Words that stand somewhere.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Words {
    /// What they say.
    pub(super) text: String,
    /// Where they are anchored.
    pub(super) at: Point,
    /// Whether they start there, end there, or stand around it.
    pub(super) anchor: &'static str,
}

impl Words {
    /// What they cover.
    pub(super) fn area(&self) -> Area {
        let wide = self.text.chars().count() as f64 * LETTER;
        let left = match self.anchor {
            "start" => self.at.0,
            "end" => self.at.0 - wide,
            _ => self.at.0 - wide / 2.0,
        };
        (left, self.at.1 - 12.0, left + wide, self.at.1 + 4.0)
    }
}

/// Where words stand beside a hull: on its free side, away from the middle of the stage, off links where they can be, and off
/// what is taken; `None` where there is no room.
pub(super) fn beside(geometry: &Geometry, hull: &Hull, text: &str, taken: &[Area]) -> Option<Words> {
    const WAYS: u32 = 24;
    let count = geometry.places.len();
    let pairs = (0..count).flat_map(|a| (a + 1..count).map(move |b| (a, b)));
    let links: Vec<_> =
        pairs.filter(|&(a, b)| geometry.links(a, b)).map(|(a, b)| geometry.link(a, b)).collect();
    let corners = || hull.grounds.iter().flatten();
    let of_all = corners().count().max(1) as f64;
    let middle = corners().fold((0.0, 0.0), |sum, it| (sum.0 + it.0 / of_all, sum.1 + it.1 / of_all));
    let out = (middle.0 - geometry.centre().0, middle.1 - geometry.centre().1);
    let far = out.0.hypot(out.1).max(1.0);
    // What can be done is said at the foot of the stage.
    let foot = if geometry.height < LOW { 26.0 } else { 44.0 };
    let mut best: Option<(f64, Words)> = None;
    for nth in 0..WAYS {
        let angle = f64::from(nth) / f64::from(WAYS) * TAU;
        let (dx, dy) = (sin(angle), -cos(angle));
        let reaches = |at: &&Point| at.0 * dx + at.1 * dy;
        let (x, y) = *corners().max_by(|a, b| reaches(a).total_cmp(&reaches(b)))?;
        let anchor = match dx {
            0.3.. => "start",
            ..-0.3 => "end",
            _ => "middle",
        };
        let off = hull.reach + 8.0;
        let words = Words { text: text.to_owned(), at: (x + dx * off, y + dy * (off + 4.0) + 4.0), anchor };
        let (left, top, right, bottom) = words.area();
        let inside =
            left > 8.0 && top > 2.0 && right < geometry.width - 8.0 && bottom < geometry.height - foot;
        let points =
            [0.0, 0.25, 0.5, 0.75, 1.0].map(|it| (left + (right - left) * it, f64::midpoint(top, bottom)));
        let covers = points.iter().any(|&at| hull.distance(at) < hull.reach + 6.0);
        if !inside || covers || taken.iter().any(|&other| meet(words.area(), other)) {
            continue;
        }
        let crossed = links.iter().filter(|&&link| points.iter().any(|&at| apart(link, at) < 9.0)).count();
        let cost = 3.0 * crossed as f64 - (dx * out.0 + dy * out.1) / far;
        if best.as_ref().is_none_or(|(least, _)| cost < *least) {
            best = Some((cost, words));
        }
    }
    best.map(|(_, words)| words)
}

/// What nodes and their labels cover.
pub(super) fn occupied(geometry: &Geometry, view: &View) -> Vec<Area> {
    let mut taken: Vec<Area> = Vec::new();
    for (place, &(x, y)) in geometry.places.iter().enumerate() {
        let reach = geometry.radius + 3.0;
        taken.push((x - reach, y - reach, x + reach, y + reach));
        let outer = geometry.radius + 12.0;
        // What is held goes farther than a role does.
        let card = view.nodes.get(place).map(|node| &node.card);
        let wide = match card {
            Some(card) if !card.holds.is_empty() || !card.lanes.is_empty() => 150.0,
            Some(card) if card.log.iter().any(|cell| cell.named) => 100.0,
            _ => 84.0,
        };
        let tall = if wide > 84.0 { 22.0 } else { 0.0 };
        let words = card.map_or(0, |it| match geometry.rows() {
            Some(_) => it.role.len() + it.title.len(),
            None => it.badge.chars().count(),
        });
        // What is the matter with a node stands over the rest.
        let over = if view.nodes.get(place).is_some_and(|node| node.taken) { 48.0 } else { 18.0 };
        taken.push(match geometry.sides.get(place) {
            Some(Side::Right) | None => (x + outer, y - over, x + outer + wide, y + 22.0 + tall),
            Some(Side::Foot) => (x + outer, y - 4.0, x + outer + wide, y + 36.0 + tall),
            Some(Side::Left) => (x - outer - wide, y - over, x - outer, y + 22.0 + tall),
            Some(side @ (Side::Below | Side::Above)) => {
                let (half, far) = match geometry.detail {
                    _ if wide > 84.0 => (wide / 2.0, 34.0),
                    Detail::Brief => (words as f64 * 3.3 + 2.0, 14.0),
                    _ => (48.0, 34.0),
                };
                let (near, far) = (outer - 2.0, outer + far);
                let (top, bottom) = if *side == Side::Below { (near, far) } else { (-far, -near) };
                (x - half, y + top, x + half, y + bottom)
            }
        });
    }
    taken
}

/// For every message the place of its label; `None` where there is no room beside what is taken.
pub(super) fn place(geometry: &Geometry, view: &View, mut taken: Vec<Area>) -> Vec<Option<Spot>> {
    let radius = geometry.mark;
    let marks: Vec<_> = view.messages.iter().map(|message| place_of(message, geometry, view.time)).collect();
    taken.extend(marks.iter().map(|&(x, y)| (x - radius, y - radius, x + radius, y + radius)));
    let label = |(message, &(x, y)): (&MessageView, &(f64, f64))| {
        let wide = caption(message).chars().count() as f64 * 6.6 + 4.0;
        let gap = radius + if message.proofs > 0 { 14.0 } else { 5.0 };
        let choices = [
            (gap, 4.0, "start"),
            (-gap, 4.0, "end"),
            (gap - 4.0, -radius - 2.0, "start"),
            (gap - 4.0, radius + 10.0, "start"),
            (4.0 - gap, -radius - 2.0, "end"),
            (4.0 - gap, radius + 10.0, "end"),
        ];
        // Labels of several messages that are close to each other fan out, line by line.
        let lines = (1..=FAN).flat_map(|line| {
            let off = f64::from(line) * LINE;
            [
                (gap, 4.0 - off, "start"),
                (gap, 4.0 + off, "start"),
                (-gap, 4.0 - off, "end"),
                (-gap, 4.0 + off, "end"),
            ]
        });
        let found = choices.into_iter().chain(lines).find_map(|choice| {
            let left = if choice.2 == "start" { x + choice.0 } else { x + choice.0 - wide };
            let area = (left, y + choice.1 - 10.0, left + wide, y + choice.1 + 3.0);
            let inside = area.0 > 0.0 && area.2 < geometry.width;
            (inside && !taken.iter().any(|&other| meet(area, other))).then_some((choice, area))
        });
        found.map(|(choice, area)| {
            taken.push(area);
            choice
        })
    };
    view.messages.iter().zip(&marks).map(label).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::geometry::px;
    use faultline_core::Session;
    use faultline_core::scenario::Scenario;

    fn preset(slug: &str, name: &str) -> Session {
        faultline_protocols::install();
        let entry = faultline_core::catalogue::all().into_iter().find(|it| it.info.slug == slug).unwrap();
        let preset = entry.presets().iter().find(|it| it.name == name).unwrap();
        Session::new(Scenario::parse(preset.text).unwrap())
    }

    /// In windows of 1440 and 640 pixels, on a stage alone, and on a telephone.
    #[test]
    fn no_link_runs_through_the_label_of_a_node() {
        for (slug, name) in
            [("pbft", "first-steps"), ("pbft", "silent-primary"), ("quorum-kv", "first-steps")]
        {
            let view = preset(slug, name).view();
            for (width, height) in [(664.0, 535.0), (640.0, 310.0), (1064.0, 490.0), (360.0, 289.0)] {
                let geometry = Geometry::of(&view, width, height);
                // Of what a label may cover, its line of words.
                let line =
                    |it: Area| if it.3 - it.1 > 30.0 { (it.0, it.1 + 8.0, it.2, it.3 - 14.0) } else { it };
                let labels = occupied(&geometry, &view).into_iter().skip(1).step_by(2);
                let labels: Vec<Area> = labels.map(line).collect();
                let count = geometry.places.len();
                let pairs = (0..count).flat_map(|a| (a + 1..count).map(move |b| (a, b)));
                let mut links = pairs.filter(|&(a, b)| geometry.links(a, b)).peekable();
                assert!(links.peek().is_some(), "{slug} {width}");
                for (a, b) in links {
                    let ((ax, ay), (bx, by)) = geometry.link(a, b);
                    for share in (0..=100).map(|step| f64::from(step) / 100.0) {
                        let (x, y) = (ax + (bx - ax) * share, ay + (by - ay) * share);
                        let crossed = labels.iter().any(|it| it.0 < x && x < it.2 && it.1 < y && y < it.3);
                        assert!(!crossed, "{slug} {name} at {width}: {a}-{b} at {x} {y}");
                    }
                }
            }
        }
    }

    #[test]
    fn labels_of_messages_that_leave_one_sender_fan_out() {
        let mut session = preset("quorum-kv", "impatient");
        // It asks again before the first questions have arrived.
        while session.view().messages.len() < 6 && session.next_time().is_some() {
            session.step(true);
        }
        let view = session.view();
        assert_eq!(view.messages.iter().filter(|message| message.from.index() == 0).count(), 6);
        for (width, height) in [(1064.0, 490.0), (720.0, 540.0)] {
            let geometry = Geometry::of(&view, width, height);
            let labels = place(&geometry, &view, occupied(&geometry, &view));
            assert!(labels.iter().all(Option::is_some), "{width}: {labels:?}");
            let mut at: Vec<_> = labels
                .iter()
                .flatten()
                .zip(&view.messages)
                .map(|(label, message)| {
                    let (x, y) = place_of(message, &geometry, view.time);
                    (px(x + label.0), px(y + label.1))
                })
                .collect();
            at.dedup();
            assert_eq!(at.len(), labels.len(), "{width}");
        }
    }
}
