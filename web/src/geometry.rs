//! Where things stand on the stage. Coordinates are CSS pixels; nothing here knows a fact of the run.

use faultline_core::title::Layout;
use faultline_core::view::View;
use std::f64::consts::TAU;

/// A point on the stage.
pub type Point = (f64, f64);

/// How much stands beside a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Role and log.
    Full,
    /// The role.
    Brief,
    /// Only the name.
    Bare,
}

/// On which side of a node its label stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// To the right.
    Right,
    /// To the right and lower, at the foot of a ring.
    Foot,
    /// To the left.
    Left,
    /// Underneath.
    Below,
}

/// The places of all nodes.
#[derive(Clone, Debug, PartialEq)]
pub struct Geometry {
    /// The width of the stage.
    pub width: f64,
    /// The height of the stage.
    pub height: f64,
    /// The radius of a node.
    pub radius: f64,
    /// The radius of a message.
    pub mark: f64,
    /// How the nodes are arranged.
    layout: Layout,
    /// Where each stands as the layout counts.
    ranks: Vec<u32>,
    /// The middle and the radii of what they stand around.
    centre: Point,
    radii: Point,
    /// The centres of the nodes.
    pub places: Vec<Point>,
    /// On which side the labels stand.
    pub sides: Vec<Side>,
    /// How much stands in the labels.
    pub detail: Detail,
    /// How many entries of a log fit into a label.
    pub cells: usize,
}

/// Below this width the stage is drawn as on a telephone.
const NARROW: f64 = 560.0;
/// Below this height it is a thumbnail, on which nothing else stands.
const SMALL: f64 = 220.0;

impl Default for Geometry {
    fn default() -> Self {
        Geometry::new(Layout::Ring, &[], 0.0, 0.0)
    }
}

/// Below this width the caption runs across the top of the stage; the stylesheet has the same bound for the page.
const CROWDED: f64 = 858.0;
/// A node does not get smaller than this for the sake of messages that would run over it.
const LEAST: f64 = 13.0;
/// Of more nodes on a ring the distances are not looked at: they are dots.
const MOST_ON_A_RING: usize = 256;
/// More nodes, and more messages, are painted instead of drawn.
const MOST_DRAWN: (usize, usize) = (120, 64);

impl Geometry {
    /// The places of the nodes of a view on a stage of this size.
    pub fn of(view: &View, width: f64, height: f64) -> Self {
        let places: Vec<u32> = view.nodes.iter().map(|node| node.card.place).collect();
        Geometry::new(view.layout, &places, width, height)
    }

    /// The places of nodes on a stage of this size; `places` are the nodes' own, as their layout counts.
    pub fn new(layout: Layout, places: &[u32], width: f64, height: f64) -> Self {
        let (width, height) = (width.max(120.0), height.max(80.0));
        let mut radius = radius(layout, places, width, height);
        loop {
            let geometry = Geometry::arranged(layout, places, (width, height), radius);
            if radius <= LEAST || geometry.is_clear() {
                return geometry;
            }
            radius = (radius - 1.0).max(LEAST);
        }
    }

    fn arranged(layout: Layout, places: &[u32], (width, height): (f64, f64), radius: f64) -> Self {
        let (narrow, count) = (width < NARROW, places.len());
        let detail = match count {
            0..=6 => Detail::Full,
            7..=9 if narrow => Detail::Brief,
            7..=9 => Detail::Full,
            10..=15 if !narrow => Detail::Brief,
            _ => Detail::Bare,
        };
        let mut geometry = Geometry {
            width,
            height,
            radius,
            mark: if radius < 8.0 { (radius * 0.6).max(1.5) } else { (radius * 0.34).clamp(4.0, 9.0) },
            layout,
            ranks: places.to_vec(),
            centre: (width / 2.0, height / 2.0),
            radii: (0.0, 0.0),
            places: Vec::new(),
            sides: Vec::new(),
            detail,
            cells: if narrow {
                3
            } else if count > 5 && width < CROWDED {
                2
            } else if count > 5 {
                4
            } else {
                6
            },
        };
        match layout {
            Layout::Ring => geometry.ring(&even(count), 1.32),
            Layout::Hub => geometry.hub(count),
            Layout::Circle => geometry.ring(&shares(places), 1.0),
            Layout::Row => geometry.tiers(&vec![0; count]),
            Layout::Tiers if geometry.rows().is_some() => geometry.tiers(places),
            Layout::Tiers => geometry.ring(&facing(places), 1.32),
            Layout::Grid => geometry.grid(count),
            Layout::Tree => geometry.tree(places),
            Layout::Free => geometry.scatter(places),
        }
        geometry
    }

    /// Whether there are so many nodes that all is painted.
    pub fn paints_nodes(view: &View) -> bool {
        view.nodes.len() > MOST_DRAWN.0
    }

    /// Whether there are so many messages that they are painted.
    pub fn paints_messages(view: &View) -> bool {
        view.messages.len() > MOST_DRAWN.1
    }

    /// Whether it is a thumbnail.
    pub fn is_small(&self) -> bool {
        self.height < SMALL
    }

    fn rows(&self) -> Option<u32> {
        rows(self.layout, &self.ranks)
    }

    /// Whether no message on its way along the ring would run over a node that is not its end. Of many nodes nobody asks
    /// that.
    fn is_clear(&self) -> bool {
        let round =
            matches!(self.layout, Layout::Ring | Layout::Circle | Layout::Tiers) && self.rows().is_none();
        let room = self.radius + 1.85 * self.mark;
        let apart = |a: Point, b: Point, c: Point| {
            let (along, beside) = ((b.0 - a.0, b.1 - a.1), (c.0 - a.0, c.1 - a.1));
            let length = along.0.hypot(along.1).max(1.0);
            let share = (along.0 * beside.0 + along.1 * beside.1) / (length * length);
            let share = share.clamp(0.0, 1.0);
            (beside.0 - share * along.0).hypot(beside.1 - share * along.1)
        };
        let places = || self.places.iter().enumerate();
        let crossed = |c: usize, third: Point| {
            let others = || places().filter(|&(node, _)| node != c);
            others().any(|(a, &from)| others().any(|(b, &to)| a < b && apart(from, to, third) < room))
        };
        !round || self.places.len() > 15 || !places().any(|(c, &third)| crossed(c, third))
    }

    /// Whether links are drawn with which nothing is the matter. Among more than two tiers few of them are ever used,
    /// and what nodes point at says which.
    pub fn draws_links(&self) -> bool {
        let many = self.layout == Layout::Tiers && self.rows().is_some();
        self.detail != Detail::Bare && !many && !matches!(self.layout, Layout::Grid | Layout::Circle)
    }

    /// Whether the link of two nodes is drawn when nothing is the matter with it.
    pub fn links(&self, a: usize, b: usize) -> bool {
        match self.layout {
            _ if !self.draws_links() => false,
            Layout::Hub => a == 0 || b == 0,
            Layout::Tiers => self.ranks.get(a) != self.ranks.get(b),
            Layout::Tree => {
                let under = |a: usize, b: usize| self.ranks.get(a).is_some_and(|&above| above as usize == b);
                under(a, b) || under(b, a)
            }
            _ => true,
        }
    }

    /// The middle and the radii of the circle that nodes stand on, where it means something.
    pub fn circle(&self) -> Option<(Point, Point)> {
        let centre = (self.layout == Layout::Circle).then_some(self.centre)?;
        Some((centre, self.radii))
    }

    /// Nodes at these angles, clockwise from the top, on an ellipse at most so much wider than tall.
    fn ring(&mut self, angles: &[f64], flat: f64) {
        let below = self.width < NARROW && self.detail != Detail::Bare;
        let beside = match (self.detail, below) {
            (Detail::Bare, _) => 26.0,
            (_, true) => 30.0,
            (_, false) => 120.0,
        };
        let small = self.is_small();
        let foot = if small {
            8.0
        } else if below {
            82.0
        } else {
            56.0
        };
        // How low a node stands; the middle one of a hub, too.
        let least = if self.layout == Layout::Hub { 0.0 } else { -1.0 };
        let lowest = angles.iter().map(|angle| -angle.cos()).fold(least, f64::max);
        // Where the stage has no room for the caption at the upper left, it stands above the ring.
        let caption = if self.width < CROWDED { 100.0 } else { 26.0 };
        let above = if self.width < NARROW { 40.0 } else { caption };
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
        let free = if self.width < CROWDED { 0.0 } else { self.width / 2.0 - self.radius - beside - wide };
        let centre_x = self.width / 2.0 + free.clamp(0.0, 110.0);
        (self.centre, self.radii) = ((centre_x, centre_y), (wide, tall));
        for angle in angles {
            let (x, y) = (centre_x + wide * angle.sin(), centre_y - tall * angle.cos());
            self.places.push((x, y));
            self.sides.push(match below {
                true => Side::Below,
                // Between close neighbours at the foot.
                false if angles.len() > 6 && angle.cos() < -0.97 => Side::Foot,
                false if angle.sin() > -0.01 => Side::Right,
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
    fn hub(&mut self, count: usize) {
        self.ring(&even(count.saturating_sub(1)), 1.5);
        if count > 0 {
            self.places.insert(0, self.centre);
            self.sides.insert(0, Side::Below);
        }
    }

    /// Rows from the top; in each the nodes in order, evenly.
    fn tiers(&mut self, tiers: &[u32]) {
        let rows = tiers.iter().max().map_or(1, |last| last + 1);
        let ((left, top), (wide, tall)) = match self.layout {
            Layout::Tiers => free(self.width, self.height, tiers.len()),
            _ if self.height < SMALL => ((0.0, 0.0), (self.width, self.height)),
            _ => ((24.0, 72.0), (self.width - 48.0, self.height - 112.0)),
        };
        let tall = tall / f64::from(rows);
        for (node, &tier) in tiers.iter().enumerate() {
            let count = tiers.iter().filter(|&&other| other == tier).count() as f64;
            let before = tiers[..node].iter().filter(|&&other| other == tier).count() as f64;
            let x = left + wide * (before + 0.5) / count;
            self.places.push((x, top + tall * (f64::from(tier) + 0.5)));
            let roomy = wide / count > 2.0 * self.radius + 130.0;
            self.sides.push(if roomy { Side::Right } else { Side::Below });
            if !roomy && tall < 2.0 * self.radius + 40.0 {
                self.detail = Detail::Bare;
            }
        }
    }

    /// As square as the stage allows, beside the caption or below it.
    fn grid(&mut self, count: usize) {
        let ((left, top), (width, height)) = free(self.width, self.height, count);
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
    fn tree(&mut self, parents: &[u32]) {
        let ((left, top), (wide, tall)) = free(self.width, self.height, parents.len());
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
    fn scatter(&mut self, places: &[u32]) {
        let ((left, top), (wide, tall)) = free(self.width, self.height, places.len());
        let (left, top) = (left + self.radius, top + self.radius);
        let (wide, tall) = (wide - 2.0 * self.radius, tall - 2.0 * self.radius);
        let share = |place: u32| f64::from(place & 0xffff) / 65_535.0;
        for &place in places {
            self.places.push((left + wide * share(place >> 16), top + tall * share(place)));
            self.sides.push(Side::Below);
        }
        self.leave_room();
    }

    /// Where a message leaves and arrives: just off the rims, on the right-hand side of the link.
    pub fn lane(&self, from: usize, to: usize) -> (Point, Point) {
        match self.places.get(from) {
            // What a node tells itself waits at its shoulder.
            Some(&(x, y)) if from == to => {
                let shoulder = (x - self.radius * 0.8, y - self.radius * 0.8);
                (shoulder, shoulder)
            }
            _ => self.way(from, to, self.mark * 0.4, self.mark * 0.85),
        }
    }

    /// A link's ends, rim to rim.
    pub fn link(&self, from: usize, to: usize) -> (Point, Point) {
        self.way(from, to, 0.0, 0.0)
    }

    /// From so far off a node's rim to as far off another's, and so far to the right of that.
    fn way(&self, from: usize, to: usize, off: f64, right: f64) -> (Point, Point) {
        let (Some(&a), Some(&b)) = (self.places.get(from), self.places.get(to)) else {
            return ((0.0, 0.0), (0.0, 0.0));
        };
        let (dx, dy) = (b.0 - a.0, b.1 - a.1);
        let length = (dx * dx + dy * dy).sqrt().max(1.0);
        let (ux, uy) = (dx / length, dy / length);
        let gap = (self.radius + off).min(length / 2.0);
        let (px, py) = (-uy * right, ux * right);
        ((a.0 + ux * gap + px, a.1 + uy * gap + py), (b.0 - ux * gap + px, b.1 - uy * gap + py))
    }
}

/// How many rows nodes stand in, where they do. Two tiers face each other on a ring instead, so that what nodes tell each
/// other runs over none of them.
fn rows(layout: Layout, places: &[u32]) -> Option<u32> {
    match layout {
        Layout::Row => Some(1),
        Layout::Tiers => places.iter().max().filter(|&&last| last > 1).map(|last| last + 1),
        _ => None,
    }
}

/// So many angles, evenly around.
fn even(count: usize) -> Vec<f64> {
    (0..count).map(|place| place as f64 / count.max(1) as f64 * TAU).collect()
}

/// Angles of two tiers that face each other, evenly around: the first across the top, the second below it, both from left
/// to right.
fn facing(tiers: &[u32]) -> Vec<f64> {
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
fn shares(places: &[u32]) -> Vec<f64> {
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
fn free(width: f64, height: f64, count: usize) -> (Point, Point) {
    match (width, height) {
        // More has to be said of a crowd.
        (..NARROW, SMALL..) if count > MOST_DRAWN.0 => ((16.0, 48.0), (width - 32.0, height - 136.0)),
        (_, ..SMALL) => ((8.0, 8.0), (width - 16.0, height - 16.0)),
        (CROWDED.., _) => ((376.0, 16.0), (width - 392.0, height - 72.0)),
        _ => ((16.0, 72.0), (width - 32.0, height - 112.0)),
    }
}

/// How many columns a grid of this size has, and how far apart they are.
fn grid(count: usize, width: f64, height: f64) -> (usize, f64) {
    let columns = (count as f64 * width / height).sqrt().ceil().max(1.0);
    let rows = (count as f64 / columns).ceil().max(1.0);
    (columns as usize, (width / columns).min(height / rows))
}

/// The radius of a node, by how close nodes stand.
fn radius(layout: Layout, places: &[u32], width: f64, height: f64) -> f64 {
    let (count, least) = (places.len().max(1) as f64, width.min(height));
    let roomy = if width < NARROW { 22.0 } else { 30.0 };
    if layout == Layout::Grid {
        let (_, (width, height)) = free(width, height, places.len());
        return (grid(places.len(), width, height).1 * 0.32).clamp(1.5, roomy);
    }
    if let Some(rows) = rows(layout, places) {
        let within = |row: u32| places.iter().filter(|&&place| rows == 1 || place == row).count();
        let widest = (0..rows).map(within).max().unwrap_or(1).max(1) as f64;
        return (width / widest * 0.22).min(height / f64::from(rows) * 0.2).clamp(2.0, roomy);
    }
    let close = (1.2 * least / count).clamp(1.5, 8.0);
    (2.4 * least / 2.0 / (count + 3.0) * 0.62).clamp(close, roomy)
}

/// A number for an attribute: short, and without a sign for nothing.
pub fn px(value: f64) -> String {
    let rounded = (value * 10.0).round() / 10.0;
    if rounded == 0.0 { "0".into() } else { rounded.to_string() }
}

/// A translation as an attribute.
pub fn translate((x, y): Point) -> String {
    format!("translate({} {})", px(x), px(y))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The stage in windows of 1440, 1024, 768 and 360 pixels.
    const STAGES: [(f64, f64); 4] = [(1064.0, 490.0), (696.0, 400.0), (768.0, 470.0), (360.0, 330.0)];

    const ALL: [Layout; 8] = [
        Layout::Ring,
        Layout::Row,
        Layout::Tiers,
        Layout::Grid,
        Layout::Hub,
        Layout::Circle,
        Layout::Tree,
        Layout::Free,
    ];

    /// Places for so many nodes, of each sort that a protocol may choose in this layout.
    fn arrangements(layout: Layout, count: u32) -> Vec<Vec<u32>> {
        let all = |place: &dyn Fn(u32) -> u32| (0..count).map(place).collect();
        match layout {
            Layout::Ring | Layout::Row | Layout::Grid | Layout::Hub => vec![all(&|_| 0)],
            // Some clients before their servers; proxies between them.
            Layout::Tiers => vec![
                all(&|node| u32::from(node > 0)),
                all(&|node| u32::from(node >= count / 3)),
                all(&|node| node * 3 / count),
            ],
            Layout::Circle => vec![all(&|node| u32::MAX / count * node)],
            // A binary tree, one of three levels, and a chain.
            Layout::Tree => vec![
                all(&|node| node.saturating_sub(1) / 2),
                all(&|node| node.saturating_sub(1) / 8),
                all(&|node| node.saturating_sub(1)),
            ],
            // In a square, and on a diagonal.
            Layout::Free => vec![
                all(&|node| (node % 8 * 9_362) << 16 | (node / 8 * 9_362)),
                all(&|node| (node * 1_040) << 16 | (node * 1_040)),
            ],
        }
    }

    /// The places of so many nodes on all stages, however they may be arranged.
    fn each(layout: Layout, count: u32) -> Vec<Geometry> {
        let stages = |places: &Vec<u32>| STAGES.map(|(wide, tall)| Geometry::new(layout, places, wide, tall));
        arrangements(layout, count).iter().flat_map(stages).collect()
    }

    #[test]
    fn nodes_stand_on_the_stage_and_apart() {
        let mut wrong = Vec::new();
        for (layout, count) in ALL.iter().flat_map(|&layout| (1..=64).map(move |count| (layout, count))) {
            for geometry in each(layout, count) {
                let Geometry { width, height, radius, places, .. } = &geometry;
                assert_eq!(places.len(), count as usize);
                let inside = |at: f64, size: f64| (*radius..=size - radius).contains(&at);
                if !places.iter().all(|&(x, y)| inside(x, *width) && inside(y, *height)) {
                    wrong.push(format!("{layout:?} of {count} leaves a stage {width} wide"));
                }
                let apart = |a: &Point, b: &Point| (a.0 - b.0).hypot(a.1 - b.1) > 2.0 * radius;
                let pairs = |(at, a)| places[..at].iter().all(|b| apart(a, b));
                if !places.iter().enumerate().all(pairs) {
                    wrong.push(format!("{layout:?} of {count} overlap on a stage {width} wide"));
                }
            }
        }
        assert_eq!(wrong, [""; 0]);
    }

    /// How many nodes a stage has room for in this way: they get no smaller than [`LEAST`].
    #[test]
    fn no_message_runs_over_a_node_among_so_many() {
        for layout in [Layout::Ring, Layout::Tiers] {
            let two = |places: &&Vec<u32>| rows(layout, places).is_none();
            let clear = |(width, height): (f64, f64), count: &u32| {
                let all = arrangements(layout, *count);
                let new = |places: &Vec<u32>| Geometry::new(layout, places, width, height).is_clear();
                let clear: Vec<bool> = all.iter().filter(two).map(new).collect();
                assert_eq!(clear, vec![clear[0]; clear.len()], "all alike");
                clear[0]
            };
            let clear = STAGES.map(|stage| (1..=15).filter(|count| clear(stage, count)).collect::<Vec<_>>());
            let up_to = [13, 9, 11, 9].map(|most| (1..=most).collect::<Vec<_>>());
            assert_eq!(clear, up_to, "{layout:?}");
        }
    }

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
