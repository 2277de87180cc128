//! Links between nodes: what is the matter with each, and which nodes are parted from which.

use crate::picture::geometry::Geometry;
use faultline_core::NodeId;
use faultline_core::toolbox::order;
use faultline_core::view::View;

/// With more nodes nothing is said about who is parted from whom.
const MOST_PARTED: usize = 200;
/// More links that have something the matter with them are not drawn one by one.
const MOST_LINKS: usize = 400;

/// A link that is drawn: the two nodes, the first one before the other, and what is the matter with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// The node that comes first.
    pub a: usize,
    /// The other one.
    pub b: usize,
    /// Cut, held, altered: a bit for each way of each.
    state: u8,
}

impl Link {
    /// A link with which nothing is the matter.
    pub fn whole(a: usize, b: usize) -> Self {
        Link { a, b, state: 0 }
    }

    fn pair(self, shift: u8) -> [bool; 2] {
        [self.state >> shift & 1 == 1, self.state >> shift & 2 == 2]
    }

    /// Whether it is cut there, and back.
    pub fn cut(self) -> [bool; 2] {
        self.pair(0)
    }

    /// Whether what comes waits there, and back.
    pub fn held(self) -> [bool; 2] {
        self.pair(2)
    }

    /// Whether it behaves in its own way there, and back.
    pub fn altered(self) -> [bool; 2] {
        self.pair(4)
    }

    /// Both ways, each with whether it is cut and whether it is held.
    pub fn ways(self) -> [((usize, usize), [bool; 2]); 2] {
        let ([cut, cut_back], [held, held_back]) = (self.cut(), self.held());
        [((self.a, self.b), [cut, held]), ((self.b, self.a), [cut_back, held_back])]
    }

    /// What is the matter with it, in words.
    pub fn words(self) -> String {
        let part = |[there, back]: [bool; 2], word: &str| match (there, back) {
            (true, true) => format!(", {word}"),
            (false, false) => String::new(),
            _ => format!(", {word} one way"),
        };
        part(self.cut(), "cut") + &part(self.held(), "held") + &part(self.altered(), "altered")
    }
}

/// A link and what is the matter with it, in words.
pub fn words(view: &View, one: NodeId, other: NodeId) -> String {
    let pair = |ways: &[(NodeId, NodeId)]| {
        u8::from(ways.contains(&(one, other))) | u8::from(ways.contains(&(other, one))) << 1
    };
    let state = pair(&view.cuts) | pair(&view.held) << 2 | pair(&view.altered) << 4;
    format!("link {one}–{other}{}", Link { a: one.index(), b: other.index(), state }.words())
}

/// The links that are drawn, in order.
pub fn links(view: &View, geometry: &Geometry) -> Vec<Link> {
    let count = view.nodes.len();
    let mut known: Vec<u64> = Vec::new();
    let number = |a: usize, b: usize, state: u64| (a as u64) << 40 | (b as u64) << 16 | state;
    for (ways, shift) in [(&view.cuts, 0), (&view.held, 2), (&view.altered, 4)] {
        for (from, to) in ways {
            let (from, to) = (from.index(), to.index());
            known.push(number(from.min(to), from.max(to), if from < to { 1 } else { 2 } << shift));
        }
    }
    if known.len() > MOST_LINKS {
        return Vec::new();
    }
    for a in 0..if geometry.draws_links() { count } else { 0 } {
        known.extend((a + 1..count).filter(|&b| geometry.links(a, b)).map(|b| number(a, b, 0)));
    }
    order::by(&mut known, Ord::cmp);
    let merged = known.chunk_by(|one, other| one >> 16 == other >> 16).map(|alike| Link {
        a: (alike[0] >> 40) as usize,
        b: (alike[0] >> 16 & 0xff_ffff) as usize,
        state: alike.iter().fold(0, |state, number| state | *number as u8),
    });
    merged.collect()
}

/// Which nodes are parted from which by links that are cut both ways: groups that reach each other, the largest first;
/// none where nobody is.
pub fn parted(view: &View) -> Vec<Vec<usize>> {
    let count = view.nodes.len();
    if view.cuts.is_empty() || count > MOST_PARTED {
        return Vec::new();
    }
    let mut cut = vec![false; count * count];
    for (from, to) in &view.cuts {
        cut[from.index() * count + to.index()] = true;
    }
    let apart = |a: usize, b: usize| cut[a * count + b] && cut[b * count + a];
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut left: Vec<usize> = (0..count).collect();
    while let Some(first) = left.first().copied() {
        let mut group = vec![first];
        left.remove(0);
        let mut next = 0;
        while let Some(&node) = group.get(next) {
            let (with, without): (Vec<_>, Vec<_>) = left.iter().partition(|&&other| !apart(node, other));
            group.extend(with);
            left = without;
            next += 1;
        }
        groups.push(group);
    }
    order::by(&mut groups, |one, other| other.len().cmp(&one.len()));
    if groups.len() < 2 { Vec::new() } else { groups }
}
