//! The shapes of what connects nodes: the hull of a quorum, and the hops of a way.

use crate::picture::geometry::{Geometry, Point, px};
use crate::picture::shapes::{along, corners, disc, distance, line};

/// The ground of a quorum: the corners of what it spans, and how far its outline is from them.
#[derive(Clone, Debug, PartialEq)]
pub struct Hull {
    /// The corners of one ground or, where that would cover another node, of one for each member.
    pub grounds: Vec<Vec<Point>>,
    /// How far the outline is off the corners.
    pub reach: f64,
}

impl Hull {
    /// The hull of some nodes. One that is drawn around another is a little wider.
    pub fn of(geometry: &Geometry, members: &[usize], nth: usize) -> Self {
        let place = |node: &usize| geometry.places.get(*node).copied();
        let reach = geometry.radius + (geometry.radius * 0.5).min(12.0) + 5.0 * nth as f64;
        let whole = Hull { grounds: vec![corners(members.iter().filter_map(place).collect())], reach };
        let others = geometry.places.iter().enumerate().filter(|(node, _)| !members.contains(node));
        let covers = |at: Point| whole.distance(at) < reach + geometry.radius;
        if others.map(|(_, at)| *at).any(covers) {
            let grounds = members.iter().filter_map(place).map(|at| vec![at]).collect();
            return Hull { grounds, reach };
        }
        whole
    }

    /// How far a point is off what the corners span; 0 inside.
    pub fn distance(&self, at: Point) -> f64 {
        let off = |corners: &Vec<Point>| {
            let sides = || corners.iter().zip(corners.iter().cycle().skip(1));
            let right =
                |(a, b): (&Point, &Point)| (b.0 - a.0) * (at.1 - a.1) - (b.1 - a.1) * (at.0 - a.0) >= 0.0;
            let nearest = sides().map(|(a, b)| apart((*a, *b), at)).fold(f64::MAX, f64::min);
            if corners.len() > 2 && sides().all(right) { 0.0 } else { nearest }
        };
        self.grounds.iter().map(off).fold(f64::MAX, f64::min)
    }

    /// Its outline, round at the corners.
    pub fn outline(&self) -> String {
        let reach = px(self.reach);
        let around = |corners: &Vec<Point>| {
            if let [(x, y)] = corners.as_slice() {
                return disc((*x, *y), self.reach);
            }
            let sides = corners.iter().zip(corners.iter().cycle().skip(1)).enumerate();
            let side = |(nth, (a, b)): (usize, (&Point, &Point))| {
                let [(x, y), end] = [0.0, 1.0].map(|share| along((*a, *b), share, -self.reach));
                let (x, y) = (px(x), px(y));
                let corner =
                    if nth == 0 { format!("M{x} {y}") } else { format!("A{reach} {reach} 0 0 1 {x} {y}") };
                format!("{corner}L{} {}", px(end.0), px(end.1))
            };
            let first = corners
                .first()
                .zip(corners.get(1))
                .map_or((0.0, 0.0), |(a, b)| along((*a, *b), 0.0, -self.reach));
            sides.map(side).collect::<String>()
                + &format!("A{reach} {reach} 0 0 1 {} {}Z", px(first.0), px(first.1))
        };
        self.grounds.iter().map(around).collect()
    }
}

/// How far a point is off a line between two others.
pub fn apart((a, b): (Point, Point), at: Point) -> f64 {
    let (along, beside) = ((b.0 - a.0, b.1 - a.1), (at.0 - a.0, at.1 - a.1));
    let length = along.0.hypot(along.1).max(1.0);
    let share = ((along.0 * beside.0 + along.1 * beside.1) / (length * length)).clamp(0.0, 1.0);
    (beside.0 - share * along.0).hypot(beside.1 - share * along.1)
}

/// A hop of a way from node to node: the shaft and the head. A short one bends inwards, so that it misses the ring.
pub fn hop(geometry: &Geometry, from: usize, to: usize) -> Option<[String; 2]> {
    let (a, b) = (*geometry.places.get(from)?, *geometry.places.get(to)?);
    let length = distance((a, b));
    if length < 1.0 {
        return None;
    }
    let (middle, inner) = (along((a, b), 0.5, 0.0), geometry.centre());
    let inwards = distance((middle, inner));
    let short = (1.0 - length / (0.45 * geometry.width.min(geometry.height))).max(0.0);
    let depth = (0.9 * length * short).min(inwards);
    let bend = along((middle, inner), depth / inwards.max(1.0), 0.0);
    let at = |way: (Point, Point), off: f64, right: f64| along(way, off / distance(way).max(1.0), right);
    let rim = (geometry.radius + 3.0).min(length * 0.3);
    let head = (length * 0.25).min(12.0);
    let start = at((a, bend), rim, 0.0);
    let (tip, base) = (at((b, bend), rim, 0.0), at((b, bend), rim + head, 0.0));
    let [left, right] = [-0.5, 0.5].map(|side| at((b, bend), rim + head, head * side));
    let points = [start, bend, base].map(|(x, y)| format!("{} {}", px(x), px(y)));
    let [start, bend, base] = points;
    Some([format!("M{start}Q{bend} {base}"), line(&[left, tip, right]) + "Z"])
}

#[cfg(test)]
mod tests {
    use super::*;
    use faultline_core::title::Layout;

    const LAYOUTS: [Layout; 6] =
        [Layout::Ring, Layout::Row, Layout::Tiers, Layout::Hub, Layout::Circle, Layout::Tree];

    /// All sets of some nodes.
    fn sets(count: usize) -> impl Iterator<Item = Vec<usize>> {
        (1..1_u32 << count).map(move |set| (0..count).filter(|node| set >> node & 1 == 1).collect())
    }

    #[test]
    fn a_hull_holds_its_members_and_nobody_else() {
        for (layout, count) in
            LAYOUTS.into_iter().flat_map(|layout| (2..=8).map(move |count| (layout, count)))
        {
            let places: Vec<u32> = (0..count as u32)
                .map(|node| match layout {
                    Layout::Circle => u32::MAX / count as u32 * node,
                    Layout::Tree => node.saturating_sub(1) / 2,
                    _ => u32::from(node > 1),
                })
                .collect();
            let geometry = Geometry::new(layout, &places, 720.0, 540.0);
            for members in sets(count) {
                let hull = Hull::of(&geometry, &members, 0);
                for (node, &place) in geometry.places.iter().enumerate() {
                    let off = hull.distance(place);
                    let fits = if members.contains(&node) {
                        off <= hull.reach - geometry.radius
                    } else {
                        off >= hull.reach
                    };
                    assert!(fits, "{layout:?} {members:?}: {node}");
                }
            }
        }
    }

    #[test]
    fn the_outline_turns_outwards_at_every_corner() {
        let geometry = Geometry::new(Layout::Ring, &[0; 7], 720.0, 540.0);
        for members in sets(7) {
            let hull = Hull::of(&geometry, &members, 0);
            for corners in &hull.grounds {
                let count = corners.len();
                let turns = (0..count).filter(|_| count > 2).map(|nth| {
                    let [a, b, c] = [0, 1, 2].map(|step| corners[(nth + step) % count]);
                    (b.0 - a.0) * (c.1 - b.1) - (b.1 - a.1) * (c.0 - b.0)
                });
                assert!(turns.into_iter().all(|turn| turn > 0.0), "{members:?}");
            }
            let arcs = hull.outline().matches(['A', 'a']).count();
            let wanted = |corners: &Vec<Point>| corners.len().max(2);
            assert_eq!(arcs, hull.grounds.iter().map(wanted).sum::<usize>(), "{members:?}: one round each");
        }
    }

    #[test]
    fn a_hop_to_a_neighbour_goes_inside_the_ring_and_one_across_is_straight() {
        let geometry = Geometry::new(Layout::Circle, &[0, 1 << 28, 1 << 31], 720.0, 540.0);
        let middle = |to: usize| {
            let [shaft, _] = hop(&geometry, 0, to).unwrap();
            let numbers: Vec<f64> =
                shaft.split(['M', 'Q', ' ']).filter_map(|number| number.parse().ok()).collect();
            let bend = (numbers[2], numbers[3]);
            apart((geometry.places[0], geometry.places[to]), bend)
        };
        assert!(middle(1) > geometry.radius, "it bends");
        assert!(middle(2) < 1.0, "it does not");
    }
}
