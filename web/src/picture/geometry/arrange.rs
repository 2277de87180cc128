//! How nodes are arranged: on a ring, around a hub, in rows, in a square, as a tree, or where each wants to stand.

use super::{CROWDED, Caption, Detail, Geometry, LOW, MOST_DRAWN, NARROW, Point, SMALL, Side, cos, sin};
use faultline_core::title::Layout;
use std::f64::consts::TAU;

/// Of more nodes on a ring the distances are not looked at: they are dots.
const MOST_ON_A_RING: usize = 256;
/// The topmost of so few nodes has room at its side on a telephone.
const FEW: usize = 4;
/// How far the caption of a wide stage reaches from the upper left corner, with two lines of text.
const CAPTION: Point = (352.0, 108.0);

impl Geometry {
    /// Nodes at these angles, clockwise from the top, on an ellipse at most so much wider than tall.
    pub(super) fn ring(&mut self, angles: &[f64], flat: f64) {
        // Where the stage has no room for the caption at the upper left, it stands above the ring.
        let is_above = self.caption == Caption::Stands && self.width < CROWDED;
        self.ellipse(angles, flat, if is_above { 100.0 } else { 26.0 });
        // Nor has it room there if a node or its label is in the way. Nodes stay there while something is told instead.
        if self.caption != Caption::Beside && self.width >= CROWDED && self.is_captioned() {
            self.places.clear();
            self.sides.clear();
            self.ellipse(angles, flat, CAPTION.1 + 8.0);
        }
    }

    /// Whether a node or its label stands where a wide stage has its caption.
    fn is_captioned(&self) -> bool {
        self.places.iter().zip(&self.sides).any(|(&(x, y), &side)| {
            let is_in = |reach: f64, rise: f64| x - self.radius - reach < CAPTION.0 && y - rise < CAPTION.1;
            is_in(16.0, self.radius + 10.0) || side == Side::Left && is_in(80.0, 12.0)
        })
    }

    /// Such nodes, with so much free above them on a stage that has room for it.
    fn ellipse(&mut self, angles: &[f64], flat: f64, caption: f64) {
        let below = self.width < NARROW && self.detail != Detail::Bare;
        let beside = match (self.detail, below) {
            (Detail::Bare, _) => 26.0,
            (_, true) => 30.0,
            (_, false) => 120.0,
        };
        let small = self.is_small();
        // On a telephone a name of many stands away from the links: above a node of the upper half.
        let outside = below && self.detail == Detail::Brief;
        let foot = match (small, below) {
            (true, _) => 8.0,
            (_, true) if !outside => 82.0,
            _ => 56.0,
        };
        // How low a node stands; the middle one of a hub, too.
        let least = if self.layout == Layout::Hub { 0.0 } else { -1.0 };
        let lowest = angles.iter().map(|angle| -cos(*angle)).fold(least, f64::max);
        let is_folded = self.width < NARROW || self.width < CROWDED && self.height < LOW;
        let above = match is_folded {
            true if outside => 54.0,
            // A flat ring keeps its messages off the nodes with larger ones.
            true if self.caption != Caption::Told => 40.0,
            true => 16.0,
            false => caption,
        };
        let top = self.radius + if small { 8.0 } else { above };
        let bottom = self.height - self.radius - foot;
        let tall = (bottom - top).max(20.0) / (1.0 + lowest).max(1.0);
        let wide = (self.width / 2.0 - self.radius - if small { 8.0 } else { beside }).max(20.0);
        let flat = match self.detail {
            _ if flat < 1.1 => flat,
            Detail::Bare => 1.5,
            _ if self.width < CROWDED => 1.75,
            _ => flat,
        };
        let wide = wide.min(tall * flat);
        let tall = tall.min(wide * if flat < 1.1 { 1.0 } else { 1.25 });
        let height = tall * (1.0 + lowest);
        let centre_y = top + (bottom - top - height).max(0.0) / 2.0 + tall;
        // The caption stands at the upper left: a wide stage gives it room.
        let is_central = self.width < CROWDED || self.caption == Caption::Beside;
        let free = if is_central { 0.0 } else { self.width / 2.0 - self.radius - beside - wide };
        let centre_x = self.width / 2.0 + free.clamp(0.0, 110.0);
        (self.centre, self.radii) = ((centre_x, centre_y), (wide, tall));
        for angle in angles {
            let (x, y) = (centre_x + wide * sin(*angle), centre_y - tall * cos(*angle));
            self.places.push((x, y));
            self.sides.push(match below {
                true if outside && cos(*angle) > -0.1 => Side::Above,
                // Underneath, it would stand on the links to the few others.
                true if angles.len() <= FEW && cos(*angle) > 0.99 => Side::Right,
                true => Side::Below,
                // Between close neighbours at the foot.
                false if angles.len() > 6 && cos(*angle) < -0.97 => Side::Foot,
                false if sin(*angle) > -0.01 => Side::Right,
                false => Side::Left,
            });
        }
        if self.places.len() > 15 {
            self.leave_room();
        }
    }

    /// Makes nodes so small that neighbours leave each other room.
    fn leave_room(&mut self) {
        let near = |&a: &Point| {
            let others = self.places.iter().filter(move |&&b| b != a);
            others.map(move |b| (a.0 - b.0).hypot(a.1 - b.1)).fold(f64::MAX, f64::min)
        };
        if self.places.len() <= MOST_ON_A_RING {
            let nearest = self.places.iter().map(near).fold(f64::MAX, f64::min);
            self.radius = self.radius.min((nearest / 2.0 - 1.2).max(1.5));
        }
    }

    /// The first in the middle, the others around it.
    pub(super) fn hub(&mut self, count: usize) {
        self.ring(&even(count.saturating_sub(1)), 1.5);
        if count > 0 {
            self.places.insert(0, self.centre);
            self.sides.insert(0, Side::Below);
        }
    }

    /// Rows from the top; in each the nodes in order, evenly.
    pub(super) fn tiers(&mut self, tiers: &[u32]) {
        let rows = tiers.iter().max().map_or(1, |last| last + 1);
        let ((left, top), (wide, tall)) = match self.layout {
            Layout::Tiers => self.free(tiers.len()),
            _ if self.height < SMALL => ((0.0, 0.0), (self.width, self.height)),
            _ if self.caption == Caption::Beside => ((24.0, 24.0), (self.width - 48.0, self.height - 64.0)),
            _ => ((24.0, 72.0), (self.width - 48.0, self.height - 112.0)),
        };
        let tall = tall / f64::from(rows);
        // What stands under the last row needs more room than there is to be above the first.
        let top = top - (tall / 2.0 - self.radius - 24.0).clamp(0.0, 8.0);
        for (node, &tier) in tiers.iter().enumerate() {
            let count = tiers.iter().filter(|&&other| other == tier).count() as f64;
            let before = tiers[..node].iter().filter(|&&other| other == tier).count() as f64;
            let x = left + wide * (before + 0.5) / count;
            self.places.push((x, top + tall * (f64::from(tier) + 0.5)));
            let pitch = wide / count;
            // A word needs less room, but the last of a row all of it.
            let full = self.detail == Detail::Full;
            let words = if full { 130.0 } else { 100.0 };
            let is_inside = left + wide - pitch / 2.0 + self.radius + 80.0 < self.width;
            let roomy = pitch > 2.0 * self.radius + words && (full || is_inside);
            // In a single row messages go from each to the next, so words stand outside or, all of them, below.
            let in_row = self.layout == Layout::Row;
            let has_outside = left + pitch / 2.0 > self.radius + words;
            // The first of a row has room on the side to which no arrow goes.
            let first = before < 1.0 && count > 1.0 && x > self.radius + words;
            self.sides.push(match (roomy, in_row) {
                (false, _) => Side::Below,
                (true, false) if first => Side::Left,
                (true, false) => Side::Right,
                (true, true) if has_outside && first => Side::Left,
                (true, true) if has_outside && before + 1.0 >= count => Side::Right,
                (true, true) => Side::Below,
            });
            let under = tall - 2.0 * self.radius;
            self.detail = match self.detail {
                _ if !roomy && under < 22.0 => Detail::Bare,
                Detail::Full if !roomy && under < 40.0 => Detail::Brief,
                detail => detail,
            };
        }
    }

    /// Moves a label above its node where it would run into another node below.
    pub(super) fn dodge(&mut self) {
        const LABEL: Point = (44.0, 44.0);
        let is_free = |at: usize, from: f64, to: f64| {
            let (x, y) = self.places[at];
            let reach = self.radius + 2.0;
            let covers = |other: &Point| {
                (other.0 - x).abs() < LABEL.0 + reach
                    && other.1 + reach > y + from
                    && other.1 - reach < y + to
            };
            y + from > 0.0 && !self.places.iter().enumerate().any(|(nth, other)| nth != at && covers(other))
        };
        let near = self.radius + 8.0;
        let moves = |at: &usize| {
            self.sides.get(*at) == Some(&Side::Below)
                && !is_free(*at, near, near + LABEL.1)
                && is_free(*at, -near - LABEL.1, -near)
        };
        if self.detail == Detail::Full && self.rows().is_none() {
            let above: Vec<usize> = (0..self.places.len()).filter(moves).collect();
            for at in above {
                self.sides[at] = Side::Above;
            }
        }
    }

    /// As square as the stage allows, beside the caption or below it.
    pub(super) fn grid(&mut self, count: usize) {
        let ((left, top), (width, height)) = self.free(count);
        let (columns, pitch) = grid(count, width, height);
        let rows = count.div_ceil(columns);
        let left = left + (width - pitch * columns as f64) / 2.0;
        let top = top + (height - pitch * rows as f64) / 2.0;
        for node in 0..count {
            let (column, row) = ((node % columns) as f64, (node / columns) as f64);
            self.places.push((left + pitch * (column + 0.5), top + pitch * (row + 0.5)));
            self.sides.push(Side::Below);
        }
    }

    /// Levels from the top, each node in the middle above those under it, whose label it leaves room.
    pub(super) fn tree(&mut self, parents: &[u32]) {
        let ((left, top), (wide, tall)) = self.free(parents.len());
        let (tree, leaves) = branches(parents);
        let levels = tree.iter().map(|branch| branch.level + 1).max().unwrap_or(1);
        let (wide, tall) = (wide / leaves, tall / f64::from(levels));
        for Branch { across, level, inner } in tree {
            self.places.push((left + wide * across, top + tall * (f64::from(level) + 0.5)));
            self.sides.push(if inner { Side::Right } else { Side::Below });
        }
        self.leave_room();
        if tall < 2.0 * self.radius + 40.0 {
            self.detail = Detail::Bare;
        }
    }

    /// Where each wants to stand.
    pub(super) fn scatter(&mut self, places: &[u32]) {
        let ((left, top), (wide, tall)) = self.free(places.len());
        let (left, top) = (left + self.radius, top + self.radius);
        let (wide, tall) = (wide - 2.0 * self.radius, tall - 2.0 * self.radius);
        let share = |place: u32| f64::from(place & 0xffff) / 65_535.0;
        for &place in places {
            self.places.push((left + wide * share(place >> 16), top + tall * share(place)));
            self.sides.push(Side::Below);
        }
        self.leave_room();
    }

    /// The corner and the size of what is free to so many nodes.
    fn free(&self, count: usize) -> (Point, Point) {
        free((self.width, self.height), count, self.caption)
    }
}

/// So many angles, evenly around.
pub(super) fn even(count: usize) -> Vec<f64> {
    (0..count).map(|place| place as f64 / count.max(1) as f64 * TAU).collect()
}

/// Angles of two tiers that face each other, evenly around: the first across the top, the second below it, both from left
/// to right.
pub(super) fn facing(tiers: &[u32]) -> Vec<f64> {
    let step = TAU / tiers.len().max(1) as f64;
    let first = tiers.iter().filter(|&&tier| tier == 0).count();
    let mut before = [0.0; 2];
    let angle = |&tier: &u32| {
        let nth = &mut before[usize::from(tier > 0)];
        *nth += 1.0;
        let (middle, right) = ((first + 1) as f64 / 2.0, *nth);
        if tier == 0 { (right - middle) * step } else { (1.0 - middle - right) * step }
    };
    tiers.iter().map(angle).collect()
}

/// Angles of places on a circle that are shares of it in 2⁻³².
pub(super) fn shares(places: &[u32]) -> Vec<f64> {
    places.iter().map(|&place| f64::from(place) / 4_294_967_296.0 * TAU).collect()
}

/// A node of a tree: how far across it stands, on which level, and whether others stand under it.
#[derive(Clone, Copy, Default)]
struct Branch {
    across: f64,
    level: u32,
    inner: bool,
}

/// The nodes of a tree, a leaf one wide, and how wide all of it is. Who is its own parent is a root, as is the first of a
/// circle of parents.
fn branches(parents: &[u32]) -> (Vec<Branch>, f64) {
    let count = parents.len();
    let above = |node: usize| Some(parents[node] as usize).filter(|&above| above != node && above < count);
    let mut under = vec![Vec::new(); count];
    (0..count).rev().for_each(|node| above(node).into_iter().for_each(|above| under[above].push(node)));
    let (mut tree, mut seen) = (vec![Branch::default(); count], vec![false; count]);
    let (mut order, mut leaves) = (Vec::new(), 0.0);
    for root in (0..count).filter(|&node| above(node).is_none()).chain(0..count) {
        let mut waiting = vec![root];
        while let Some(node) = waiting.pop().filter(|&node| !seen[node]) {
            seen[node] = true;
            under[node].retain(|&child| !seen[child]);
            under[node].iter().for_each(|&child| tree[child].level = tree[node].level + 1);
            waiting.extend(&under[node]);
            tree[node].inner = !under[node].is_empty();
            if !tree[node].inner {
                (tree[node].across, leaves) = (leaves + 0.5, leaves + 1.0);
            }
            order.push(node);
        }
    }
    for &node in order.iter().rev() {
        if let (Some(&last), Some(&first)) = (under[node].first(), under[node].last()) {
            tree[node].across = f64::midpoint(tree[first].across, tree[last].across);
        }
    }
    (tree, leaves)
}

/// The corner and the size of what the caption and the hints leave free to so many nodes.
pub(super) fn free((width, height): Point, count: usize, caption: Caption) -> (Point, Point) {
    match (width, height) {
        // More has to be said of a crowd.
        (..NARROW, SMALL..) if count > MOST_DRAWN.0 => ((16.0, 48.0), (width - 32.0, height - 136.0)),
        (_, ..SMALL) => ((8.0, 8.0), (width - 16.0, height - 16.0)),
        _ if caption == Caption::Beside => ((16.0, 16.0), (width - 32.0, height - 48.0)),
        (CROWDED.., _) => ((376.0, 16.0), (width - 392.0, height - 72.0)),
        _ => ((16.0, 72.0), (width - 32.0, height - 112.0)),
    }
}

/// How many columns a grid of this size has, and how far apart they are.
pub(super) fn grid(count: usize, width: f64, height: f64) -> (usize, f64) {
    let columns = (count as f64 * width / height).sqrt().ceil().max(1.0);
    let rows = (count as f64 / columns).ceil().max(1.0);
    (columns as usize, (width / columns).min(height / rows))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_has_its_leaves_side_by_side() {
        let stands = |parents: &[u32]| -> Vec<(f64, u32)> {
            branches(parents).0.iter().map(|branch| (branch.across, branch.level)).collect()
        };
        assert_eq!(stands(&[0, 0, 0, 1, 1]), [(1.75, 0), (1.0, 1), (2.5, 1), (0.5, 2), (1.5, 2)]);
        assert_eq!(stands(&[0, 1, 1]), [(0.5, 0), (1.5, 0), (1.5, 1)], "two roots");
        assert_eq!(
            stands(&[1, 2, 0, 9]),
            [(1.5, 0), (1.5, 2), (1.5, 1), (0.5, 0)],
            "a circle, and nobody's child"
        );
        let geometry = Geometry::new(Layout::Tree, &[0, 0, 0, 1, 1], 1064.0, 490.0);
        let linked = |a: usize| (0..a).filter(|&b| geometry.links(a, b)).collect::<Vec<_>>();
        assert_eq!((1..5).map(linked).collect::<Vec<_>>(), [[0], [0], [1], [1]]);
    }
}
