//! Where the labels of messages stand, so that none covers a node, another mark or another label.

use crate::picture::geometry::{Geometry, Side};
use crate::picture::motion::place_of;
use crate::stage::message::caption;
use faultline_core::view::{MessageView, View};

/// A box: left, top, right, bottom.
type Area = (f64, f64, f64, f64);

fn meet(a: Area, b: Area) -> bool {
    a.0 < b.2 && b.0 < a.2 && a.1 < b.3 && b.1 < a.3
}

/// For every message the place of its label relative to its mark, and the anchor; `None` where there is no room.
pub fn place(geometry: &Geometry, view: &View) -> Vec<Option<(f64, f64, &'static str)>> {
    let radius = geometry.mark;
    let marks: Vec<_> = view.messages.iter().map(|message| place_of(message, geometry, view.time)).collect();
    let mut taken: Vec<Area> = Vec::new();
    for (place, &(x, y)) in geometry.places.iter().enumerate() {
        let reach = geometry.radius + 3.0;
        taken.push((x - reach, y - reach, x + reach, y + reach));
        let outer = geometry.radius + 12.0;
        // What is held goes farther than a role does.
        let card = view.nodes.get(place).map(|node| &node.card);
        let wide = match card {
            Some(card) if !card.holds.is_empty() => 150.0,
            Some(card) if card.log.iter().any(|cell| cell.named) => 100.0,
            _ => 84.0,
        };
        let tall = if wide > 84.0 { 22.0 } else { 0.0 };
        taken.push(match geometry.sides.get(place) {
            Some(Side::Right) | None => (x + outer, y - 18.0, x + outer + wide, y + 22.0 + tall),
            Some(Side::Foot) => (x + outer, y - 4.0, x + outer + wide, y + 36.0 + tall),
            Some(Side::Left) => (x - outer - wide, y - 18.0, x - outer, y + 22.0 + tall),
            Some(Side::Below) => (x - 48.0, y + outer - 4.0, x + 48.0, y + outer + 34.0),
        });
    }
    taken.extend(marks.iter().map(|&(x, y)| (x - radius, y - radius, x + radius, y + radius)));
    let label = |(message, &(x, y)): (&MessageView, &(f64, f64))| {
        let wide = caption(message).chars().count() as f64 * 6.6 + 4.0;
        let gap = radius + 5.0;
        let choices = [
            (gap, 4.0, "start"),
            (-gap, 4.0, "end"),
            (gap - 4.0, -radius - 2.0, "start"),
            (gap - 4.0, radius + 10.0, "start"),
            (4.0 - gap, -radius - 2.0, "end"),
            (4.0 - gap, radius + 10.0, "end"),
        ];
        let found = choices.into_iter().find_map(|choice| {
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
