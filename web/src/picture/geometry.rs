//! Where things stand on the stage. Coordinates are CSS pixels; nothing here knows a fact of the run.

use crate::kit::prose::fixed;
use crate::picture::connects::apart;
use crate::picture::signs::ROOMY;
use arrange::{even, facing, free, grid, shares};
use faultline_core::NodeId;
use faultline_core::title::Layout;
use faultline_core::view::View;

mod arrange;

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
    /// Above.
    Above,
}

/// What a stage leaves free for its caption.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caption {
    /// It stands at the upper left.
    Stands,
    /// For a moment something is told over the stage instead. Nodes in rows stay where they are.
    Told,
    /// There never is one, because the words stand beside the stage.
    Beside,
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
    /// What it leaves free for its caption.
    caption: Caption,
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
/// How far apart nodes of neighbouring rows are between which a word stands, with the timer of the lower one.
const WORD: f64 = 31.0;

impl Default for Geometry {
    fn default() -> Self {
        Geometry::new(Layout::Ring, &[], 0.0, 0.0)
    }
}

/// Below this width the caption runs across the top of the stage; the stylesheet has the same bound for the page.
const CROWDED: f64 = 858.0;
/// Below this height only the title of the caption stands there; the stylesheet has the same bound for the stage.
pub const LOW: f64 = 320.0;
/// From this height on nodes are large, if the stage is not crowded; the stylesheet has the same bound for their names.
const TALL: f64 = 600.0;
/// A node does not get smaller than this for the sake of messages that would run over it.
const LEAST: f64 = 13.0;
/// More nodes, and more messages, are painted instead of drawn.
const MOST_DRAWN: (usize, usize) = (120, 64);

impl Geometry {
    /// The places of the nodes of a view on a stage of this size.
    pub fn of(view: &View, width: f64, height: f64) -> Self {
        Geometry::with(view, (width, height), Caption::Stands)
    }

    /// The same, on a stage with another caption, or without one.
    pub fn with(view: &View, size: (f64, f64), caption: Caption) -> Self {
        let places: Vec<u32> = view.nodes.iter().map(|node| node.card.place).collect();
        Geometry::fitted(view.layout, &places, size, caption)
    }

    /// The places of nodes on a stage of this size; `places` are the nodes' own, as their layout counts.
    pub fn new(layout: Layout, places: &[u32], width: f64, height: f64) -> Self {
        Geometry::fitted(layout, places, (width, height), Caption::Stands)
    }

    fn fitted(layout: Layout, places: &[u32], (width, height): (f64, f64), caption: Caption) -> Self {
        let (width, height) = (width.max(120.0), height.max(80.0));
        let mut radius = radius(layout, places, (width, height), caption);
        loop {
            let geometry = Geometry::arranged(layout, places, (width, height), (radius, caption));
            if radius <= LEAST || geometry.is_clear() {
                return geometry;
            }
            radius = (radius - 1.0).max(LEAST);
        }
    }

    fn arranged(
        layout: Layout,
        places: &[u32],
        (width, height): (f64, f64),
        (radius, caption): (f64, Caption),
    ) -> Self {
        let (narrow, count) = (width < NARROW, places.len());
        let detail = match count {
            0..=5 => Detail::Full,
            6..=9 if narrow => Detail::Brief,
            6..=9 => Detail::Full,
            // Rows leave room below nodes or between them.
            10..=15 if !narrow || height >= SMALL && rows(layout, places).is_some() => Detail::Brief,
            _ => Detail::Bare,
        };
        let mut geometry = Geometry {
            width,
            height,
            radius,
            mark: if radius < 8.0 { (radius * 0.6).max(1.5) } else { (radius * 0.34).clamp(4.0, 9.0) },
            caption,
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
        geometry.dodge();
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

    /// The name of a node, without its letter where there is no room.
    pub fn name(&self, node: NodeId) -> String {
        let name = node.to_string();
        if self.radius < 14.0 { name.trim_start_matches('n').to_owned() } else { name }
    }

    /// Whether it is a thumbnail.
    pub fn is_small(&self) -> bool {
        self.height < SMALL
    }

    /// In how many rows nodes stand, where they do.
    pub fn rows(&self) -> Option<u32> {
        rows(self.layout, &self.ranks)
    }

    /// Whether no message on its way along the ring would run over a node that is not its end, and nodes have something between
    /// them. Of many nodes nobody asks that.
    fn is_clear(&self) -> bool {
        let round =
            matches!(self.layout, Layout::Ring | Layout::Circle | Layout::Tiers) && self.rows().is_none();
        let room = self.radius + 1.85 * self.mark;
        let places = || self.places.iter().enumerate();
        let crossed = |c: usize, third: Point| {
            let others = || places().filter(|&(node, _)| node != c);
            others().any(|(a, &from)| others().any(|(b, &to)| a < b && apart((from, to), third) < room))
        };
        let near = |(a, from): (usize, &Point)| {
            places().any(|(b, to)| a < b && (from.0 - to.0).hypot(from.1 - to.1) < 2.4 * self.radius)
        };
        !round
            || self.places.len() > 15
            || !places().any(|(c, &third)| crossed(c, third)) && !places().any(near)
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
            // Clients have nothing to tell each other.
            Layout::Tiers => !self.is_client(a) || !self.is_client(b),
            Layout::Tree => {
                let under = |a: usize, b: usize| self.ranks.get(a).is_some_and(|&above| above as usize == b);
                under(a, b) || under(b, a)
            }
            _ => true,
        }
    }

    /// Whether a node stands in the first of two tiers, and so is a client of the others.
    fn is_client(&self, node: usize) -> bool {
        self.layout == Layout::Tiers && self.rows().is_none() && self.ranks.get(node) == Some(&0)
    }

    /// How wide the link of two nodes is drawn: a client's is thinner than those over which the protocol runs.
    pub fn link_width(&self, a: usize, b: usize) -> f64 {
        match self.is_client(a) || self.is_client(b) {
            _ if self.radius < ROOMY => 1.0,
            true => 1.4,
            false => 2.0,
        }
    }

    /// The middle and the radii of the circle that nodes stand on, where it means something.
    pub fn circle(&self) -> Option<(Point, Point)> {
        let centre = (self.layout == Layout::Circle).then_some(self.centre)?;
        Some((centre, self.radii))
    }

    /// The middle of what nodes stand around.
    pub fn centre(&self) -> Point {
        self.centre
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

/// The radius of a node, by how close nodes stand.
fn radius(layout: Layout, places: &[u32], (width, height): (f64, f64), caption: Caption) -> f64 {
    let (count, least) = (places.len().max(1) as f64, width.min(height));
    let roomy = if width < NARROW {
        22.0
    } else if width >= CROWDED && height >= TALL {
        // On a projector their signs are seen from afar.
        40.0
    } else {
        30.0
    };
    if layout == Layout::Grid {
        let (_, (width, height)) = free((width, height), places.len(), caption);
        return within(grid(places.len(), width, height).1 * 0.32, 1.5, roomy);
    }
    if let Some(rows) = rows(layout, places) {
        let those_in = |row: u32| places.iter().filter(|&&place| rows == 1 || place == row).count();
        let widest = (0..rows).map(those_in).max().unwrap_or(1).max(1) as f64;
        let most = (width / widest * 0.22).min(height / f64::from(rows) * 0.2);
        // On a telephone a word, or what is held, has room under each of many nodes, if they need not be tiny for that. Fewer
        // are larger instead: what they count and have settled is seen in them.
        let (_, (_, tall)) = free((width, height), places.len(), caption);
        let worded = (tall / f64::from(rows) - WORD) / 2.0;
        let is_worded = width < NARROW && height >= SMALL && places.len() > 9 && worded >= LEAST;
        return within(if is_worded { most.min(worded) } else { most }, 2.0, roomy);
    }
    let close = (1.2 * least / count).clamp(1.5, 8.0);
    within(2.4 * least / 2.0 / (count + 3.0) * 0.62, close, roomy)
}

/// A number for an attribute: short, and without a sign for nothing.
pub fn px(value: f64) -> String {
    fixed(value, 1)
}

/// A number between two others. The library's `clamp` prints bounds that are wrong, and what prints them would be five
/// kilobytes of the page.
pub fn within(value: f64, least: f64, most: f64) -> f64 {
    value.max(least).min(most)
}

/// The sine of an angle; a browser has it, and the library's would be eight kilobytes of the page.
pub fn sin(angle: f64) -> f64 {
    if cfg!(target_family = "wasm") { js_sys::Math::sin(angle) } else { angle.sin() }
}

/// The cosine of an angle.
pub fn cos(angle: f64) -> f64 {
    if cfg!(target_family = "wasm") { js_sys::Math::cos(angle) } else { angle.cos() }
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

    /// In a lesson and in a lecture the words stand beside the stage.
    #[test]
    fn a_stage_without_a_caption_has_its_nodes_in_the_middle() {
        let size = (864.0, 790.0);
        for layout in [Layout::Ring, Layout::Row, Layout::Tiers, Layout::Grid] {
            let places = &arrangements(layout, 9).pop().unwrap_or_default();
            let geometry = Geometry::fitted(layout, places, size, Caption::Beside);
            let across = || geometry.places.iter().map(|place| place.0);
            let (left, right) = (across().fold(f64::MAX, f64::min), across().fold(0.0, f64::max));
            assert!((left + right - size.0).abs() < 1.0, "{layout:?} from {left} to {right}");
            let told = Geometry::fitted(layout, places, size, Caption::Told);
            let stands = Geometry::fitted(layout, places, size, Caption::Stands);
            assert_eq!(told.places, stands.places, "{layout:?} stays where it is");
        }
    }

    /// Balancers with their servers have a word under each node; four rows as AMQP's have no room for that, and the few nodes of
    /// Paxos and Kafka are larger instead.
    #[test]
    fn rows_on_a_telephone_leave_room_for_a_word_where_they_can() {
        let room = |places: &[u32]| {
            let geometry = Geometry::new(Layout::Tiers, places, 360.0, 289.0);
            let row = |tier: u32| places.iter().position(|it| *it == tier).unwrap();
            let pitch = geometry.places[row(1)].1 - geometry.places[row(0)].1;
            (geometry.detail, pitch - 2.0 * geometry.radius >= WORD - 0.1)
        };
        assert_eq!(room(&[0, 0, 0, 1, 1, 1, 2, 2, 2, 2]), (Detail::Brief, true));
        for places in [&[0, 0, 1, 1, 2, 2, 2, 3, 3, 3][..], &[0, 0, 1, 1, 1, 2], &[0, 1, 1, 1, 1, 2, 2]] {
            assert_eq!(room(places), (Detail::Bare, false), "{places:?}");
        }
    }

    #[test]
    fn in_two_tiers_all_are_linked_but_clients_with_each_other() {
        let geometry = Geometry::new(Layout::Tiers, &[0, 0, 1, 1, 1], 1064.0, 490.0);
        let linked = |a: usize| (a + 1..5).filter(|&b| geometry.links(a, b)).collect::<Vec<_>>();
        let expected = [vec![2, 3, 4], vec![2, 3, 4], vec![3, 4], vec![4], vec![]];
        assert_eq!((0..5).map(linked).collect::<Vec<_>>(), expected);
        assert_eq!([geometry.link_width(0, 2), geometry.link_width(2, 3)].map(px), ["1.4", "2"]);
        let ring = Geometry::new(Layout::Ring, &[0; 5], 1064.0, 490.0);
        assert_eq!(px(ring.link_width(0, 1)), "2", "where all are peers");
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
}
