//! Where things stand on the stage. Coordinates are CSS pixels; nothing here knows a fact of the run.

use faultline_core::protocol::Layout;

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

impl Default for Geometry {
    fn default() -> Self {
        Geometry::new(Layout::Ring, 0, 0.0, 0.0)
    }
}

/// Below this width the caption runs across the top of the stage; the stylesheet has the same bound for the page.
const CROWDED: f64 = 858.0;

impl Geometry {
    /// The places of `count` nodes on a stage of this size.
    pub fn new(layout: Layout, count: usize, width: f64, height: f64) -> Self {
        let (width, height) = (width.max(200.0), height.max(160.0));
        let narrow = width < NARROW;
        let detail = match count {
            0..=9 => Detail::Full,
            10..=15 => Detail::Brief,
            _ => Detail::Bare,
        };
        let roomy = if narrow { 22.0 } else { 30.0 };
        let radius = match (layout, count as f64) {
            (Layout::Ring, n) => (2.4 * height.min(width) / 2.0 / (n + 3.0) * 0.62).clamp(8.0, roomy),
            (_, n) => (width / n * 0.22).clamp(8.0, roomy),
        };
        let below = narrow && detail != Detail::Bare;
        let mut geometry = Geometry {
            width,
            height,
            radius,
            mark: (radius * 0.34).clamp(4.0, 9.0),
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
            Layout::Ring => geometry.ring(count, below),
            _ => geometry.row(count),
        }
        geometry
    }

    fn ring(&mut self, count: usize, below: bool) {
        let beside = match (self.detail, below) {
            (Detail::Bare, _) => 26.0,
            (_, true) => 30.0,
            (_, false) => 120.0,
        };
        let foot = if below { 76.0 } else { 56.0 };
        let angles: Vec<f64> =
            (0..count).map(|place| place as f64 / count.max(1) as f64 * std::f64::consts::TAU).collect();
        let lowest = angles.iter().map(|angle| -angle.cos()).fold(-1.0_f64, f64::max);
        // Where the stage has no room for the caption at the upper left, it stands above the ring.
        let caption = if self.width < CROWDED { 70.0 } else { 20.0 };
        let top = self.radius + if below { 34.0 } else { caption };
        let bottom = self.height - self.radius - foot;
        let tall = (bottom - top).max(40.0) / (1.0 + lowest).max(1.0);
        let wide = (self.width / 2.0 - self.radius - beside).max(40.0);
        let flat = match self.detail {
            Detail::Bare => 1.5,
            _ if self.width < CROWDED => 1.75,
            _ => 1.32,
        };
        let wide = wide.min(tall * flat);
        let tall = tall.min(wide * 1.25);
        let height = tall * (1.0 + lowest);
        let centre_y = top + (bottom - top - height).max(0.0) / 2.0 + tall;
        // The caption stands at the upper left: a wide stage gives it room.
        let centre_x = self.width / 2.0 + ((self.width - 860.0) / 4.0).clamp(0.0, 56.0);
        for angle in angles {
            let (x, y) = (centre_x + wide * angle.sin(), centre_y - tall * angle.cos());
            self.places.push((x, y));
            self.sides.push(match below {
                true => Side::Below,
                false if angle.sin() > -0.01 => Side::Right,
                false => Side::Left,
            });
        }
    }

    fn row(&mut self, count: usize) {
        let margin = self.radius + 40.0;
        let step = if count > 1 { (self.width - 2.0 * margin) / (count - 1) as f64 } else { 0.0 };
        for place in 0..count {
            self.places.push((margin + step * place as f64, self.height * 0.45));
            self.sides.push(Side::Below);
        }
    }

    /// Where a message leaves and arrives: rim to rim, on the right-hand side of the link.
    pub fn lane(&self, from: usize, to: usize) -> (Point, Point) {
        let (Some(&a), Some(&b)) = (self.places.get(from), self.places.get(to)) else {
            return ((0.0, 0.0), (0.0, 0.0));
        };
        let (dx, dy) = (b.0 - a.0, b.1 - a.1);
        let length = (dx * dx + dy * dy).sqrt().max(1.0);
        let (ux, uy) = (dx / length, dy / length);
        let gap = (self.radius + self.mark * 0.4).min(length / 2.0);
        let lane = self.mark * 0.85;
        let (px, py) = (-uy * lane, ux * lane);
        ((a.0 + ux * gap + px, a.1 + uy * gap + py), (b.0 - ux * gap + px, b.1 - uy * gap + py))
    }

    /// A link's ends, rim to rim, shifted by `lane` to the right of its direction.
    pub fn link(&self, from: usize, to: usize, lane: f64) -> (Point, Point) {
        let (Some(&a), Some(&b)) = (self.places.get(from), self.places.get(to)) else {
            return ((0.0, 0.0), (0.0, 0.0));
        };
        let (dx, dy) = (b.0 - a.0, b.1 - a.1);
        let length = (dx * dx + dy * dy).sqrt().max(1.0);
        let (ux, uy) = (dx / length, dy / length);
        let gap = self.radius.min(length / 2.0);
        let (px, py) = (-uy * lane, ux * lane);
        ((a.0 + ux * gap + px, a.1 + uy * gap + py), (b.0 - ux * gap + px, b.1 - uy * gap + py))
    }
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
