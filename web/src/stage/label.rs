//! What stands beside a node: its role, what is the matter with it, the end of its log, and the versions that it holds.

use crate::kit::hue::hue;
use crate::kit::prose::{node_name, renamed, span};
use crate::picture::geometry::{Detail, Geometry, Point, Side, px, within};
use crate::picture::signs::ROOMY;
use crate::stage::node::{has_room, short};
use faultline_core::view::{Held, LaneItem, LaneState, LogCell, NodeView, Sign};
use queue::beads;
use yew::prelude::*;

mod queue;

/// The width of an entry, and of the number of those that are left out; the height of a line of text, and the width of a
/// letter.
const CELL: f64 = 20.0;
const MORE: f64 = 26.0;
const LINE: f64 = 15.0;
const LETTER: f64 = 7.0;
/// How much wider a tile is than its words.
const PADDING: f64 = 9.0;
/// The height of a tag, and how far apart tags stand.
const TAG: f64 = 19.0;
const TAGS: f64 = 22.0;
/// A tag underneath a node is no wider.
const WIDEST: f64 = 130.0;
/// How far a line and what is held reach underneath a node.
const TALL: f64 = 45.0;
/// A role and a badge that are no longer stand in one line, where that has room; the width of a bold letter.
const SHORT: usize = 16;
const BOLD: f64 = 7.4;

/// What stands beside a node. It goes outwards, away from the links.
pub(super) fn label(node: &NodeView, geometry: &Geometry, place: usize) -> Html {
    if geometry.detail == Detail::Bare {
        return Html::default();
    }
    let side = geometry.sides.get(place).copied().unwrap_or(Side::Right);
    let (radius, log) = (geometry.radius, &node.card.log);
    let centred = matches!(side, Side::Below | Side::Above);
    // What stands around a node wants room of its own.
    let outer = if node.up && matches!(node.card.sign, Sign::Blocked | Sign::Telling) { 6.0 } else { 0.0 };
    let reach = radius + 16.0 + outer;
    let at = geometry.places.get(place).copied().unwrap_or_default();
    // How far a label may go to the left and to the right of its node.
    let (left, right) = (at.0 - 4.0, next(geometry, at) - at.0 - 4.0);
    let room = match side {
        Side::Right | Side::Foot => right - reach,
        Side::Left => left - reach,
        Side::Below | Side::Above => (2.0 * left.min(right)).min(pitch(geometry, at) - 6.0),
    };
    let named = log.iter().any(|cell| cell.named);
    // Above and underneath, a tag may be pushed aside.
    let tag_room = if centred { (left + right).min(WIDEST) } else { room };
    let tags = tags(&node.card.holds, geometry.detail, tag_room);
    let waiting = node.card.lanes.iter().flat_map(|lane| &lane.items);
    let waiting: Vec<&LaneItem> = waiting.filter(|item| item.state != LaneState::Done).collect();
    let cells = match (geometry.detail, named) {
        // What it holds, or what waits, stands where its log would.
        _ if !tags.is_empty() || !waiting.is_empty() => 0,
        (Detail::Full, false) => geometry.cells.min(((room - MORE) / (CELL + 2.0)).max(0.0) as usize),
        // Records with words stand below each other.
        (Detail::Full, true) if centred => 1,
        (Detail::Full, true) => 2,
        _ => 0,
    };
    let shown = &log[log.len().saturating_sub(cells)..];
    let hidden = if cells == 0 { 0 } else { log.len() - shown.len() };
    let wide = match named {
        true => shown.iter().map(|cell| width(cell, room)).fold(0.0, f64::max),
        false => shown.len() as f64 * (CELL + 2.0) - 2.0,
    };
    let more = if hidden > 0 { MORE } else { 0.0 };
    let mut lines = lines(node, geometry, centred, room);
    // Where there is a line for one of them, what it holds is more.
    let is_held = !tags.is_empty() || !waiting.is_empty();
    if is_held && side == Side::Below && geometry.rows().is_some() && under(geometry, at) < TALL {
        lines.clear();
    }
    let both = !shown.is_empty() || !tags.is_empty() || !waiting.is_empty();
    let (x, anchor, start) = match side {
        Side::Right | Side::Foot => (reach, "start", reach + more),
        Side::Left => (-reach, "end", -reach - wide),
        Side::Below | Side::Above => {
            let longest = lines.iter().map(|line| line.chars().count()).max().unwrap_or(0);
            let half = longest as f64 * LETTER / 2.0;
            (f64::min(0.0, right - half).max(half - left), "middle", (more - wide) / 2.0)
        }
    };
    // Where rows are close to each other, what stands underneath is close to its node.
    let nearer = if geometry.detail == Detail::Brief && geometry.rows().is_some() { 2.0 } else { 0.0 };
    // The last line stands above what is held or, without that, all are centred beside the node.
    let above = lines.len().saturating_sub(1) as f64 * LINE;
    let top = match side {
        Side::Below => radius + 20.0 + outer - nearer,
        Side::Above => -radius - 12.0 - outer - above,
        // Two tags end above what is said at the foot of the stage.
        Side::Foot if tags.len() > 1 => -6.0,
        Side::Foot => 10.0,
        _ if both => -5.0 - above,
        _ => 4.0 - above / 2.0,
    };
    let y = match side {
        Side::Above => {
            let said = if lines.is_empty() { 0.0 } else { LINE };
            top - said - tags.len().max(1) as f64 * TAGS + 7.0
        }
        Side::Below if lines.is_empty() => radius + 10.0 + outer - nearer,
        _ => top + above + 6.0,
    };
    let (more_x, more_anchor) = if anchor == "start" { (x, anchor) } else { (start - 4.0, "end") };
    let cell = |(nth, cell): (usize, &LogCell)| {
        let nth = nth as f64;
        match (named, side) {
            (false, _) => log_cell(cell, (start + nth * (CELL + 2.0), y), room),
            (true, Side::Left) => log_cell(cell, (-reach - width(cell, room), y + nth * TAGS), room),
            (true, _) => log_cell(cell, (start, y + nth * TAGS), room),
        }
    };
    html! {
        <g class="label">
            { for lines.into_iter().enumerate().map(|(nth, line)| text("role", (x, top + nth as f64 * LINE), anchor, line)) }
            if hidden > 0 {
                { text("more", (more_x, y + 13.5), more_anchor, format!("+{hidden}")) }
            }
            { for shown.iter().enumerate().map(cell) }
            { beads(&waiting, side, reach, room, y) }
            { for tags.iter().enumerate().map(|(nth, it)| {
                let x = match side {
                    Side::Left => 8.0 - reach - it.wide(),
                    Side::Below | Side::Above => (-it.all() / 2.0).min(right - it.all()).max(-left),
                    Side::Right | Side::Foot => reach - 8.0,
                };
                tag(it, side == Side::Left, x, y + nth as f64 * TAGS)
            }) }
        </g>
    }
}

/// Words at a place. Elements with many attributes are much code, so all words of labels are made here.
fn text(class: &'static str, (x, y): (f64, f64), anchor: &'static str, words: String) -> Html {
    html! { <text {class} x={px(x)} y={px(y)} text-anchor={anchor}>{ words }</text> }
}

/// Where the next node to the right stands in the way of a label, or the stage ends.
fn next(geometry: &Geometry, at: Point) -> f64 {
    let beside = |other: &&Point| other.0 > at.0 && (other.1 - at.1).abs() < geometry.radius;
    let edges = geometry.places.iter().filter(beside).map(|other| other.0 - geometry.radius - 8.0);
    edges.fold(geometry.width, f64::min)
}

/// How far it is to the nearest other node of the same row, under which something may stand as well.
fn pitch(geometry: &Geometry, at: Point) -> f64 {
    let others =
        geometry.places.iter().filter(|other| **other != at && (other.1 - at.1).abs() < geometry.radius);
    others.map(|other| (other.0 - at.0).abs()).fold(geometry.width, f64::min)
}

/// How much room there is under a node: to the next one below it, or to what is said at the foot of the stage.
fn under(geometry: &Geometry, at: Point) -> f64 {
    const HINTS: f64 = 42.0;
    let below = |other: &&Point| other.1 > at.1 + geometry.radius && (other.0 - at.0).abs() < WIDEST / 2.0;
    let edges = geometry.places.iter().filter(below).map(|other| other.1 - geometry.radius - 4.0);
    edges.fold(geometry.height - HINTS, f64::min) - at.1 - geometry.radius
}

/// What a tile with words bears: what it says, as far as there is room beside its node. The panel says the rest.
fn tile(cell: &LogCell, room: f64) -> String {
    const MOST: f64 = 14.0;
    const LEAST: f64 = 5.0;
    let text = renamed(&cell.text);
    let most = within((room - PADDING) / LETTER, LEAST, MOST) as usize;
    // The last letter makes room for the ellipsis.
    let end = if text.chars().count() > most { most - 1 } else { most };
    match text.char_indices().nth(end) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None => text,
    }
}

/// The width of an entry.
fn width(cell: &LogCell, room: f64) -> f64 {
    if cell.named { letters(&tile(cell, room)) * LETTER + PADDING } else { CELL }
}

fn letters(text: &str) -> f64 {
    text.chars().count() as f64
}

/// A version that is held, as it is written.
struct Tag {
    words: String,
    version: String,
    /// What stands behind it: the node that it is for, and how many more there are.
    behind: String,
    class: &'static str,
}

impl Tag {
    fn of(held: &Held) -> Self {
        let class = match (held.newest, held.home.is_some()) {
            (_, true) => "hint",
            (true, false) => "newest",
            (false, false) => "older",
        };
        let behind = held.home.map_or(String::new(), |home| format!("for {}", node_name(home)));
        Tag { words: held.to_string(), version: held.age.to_string(), behind, class }
    }

    /// The width of its words, which are bold: letters are wider than spaces.
    fn words_wide(&self) -> f64 {
        let spaces = self.words.matches(' ').count() as f64;
        (letters(&self.words) - spaces) * 8.0 + spaces * 4.5
    }

    /// The width of the tag itself, without what stands behind it.
    fn wide(&self) -> f64 {
        let version = if self.version.is_empty() { 0.0 } else { letters(&self.version) * LETTER + 9.0 };
        20.0 + self.words_wide() + version
    }

    fn all(&self) -> f64 {
        self.wide() + if self.behind.is_empty() { 0.0 } else { letters(&self.behind) * LETTER + 9.0 }
    }
}

/// The versions that have room, each with its clock and with whom it is for if these have room, too; and how many more there
/// are.
fn tags(holds: &[Held], detail: Detail, room: f64) -> Vec<Tag> {
    let most = if detail == Detail::Full { 2 } else { 1 };
    let mut tags: Vec<Tag> = holds.iter().take(most).map(Tag::of).collect();
    for tag in &mut tags {
        if detail != Detail::Full || tag.all() > room {
            tag.version.clear();
        }
        if tag.all() > room {
            tag.words = tag.words.replace(' ', "");
        }
        if tag.all() > room {
            tag.behind.clear();
        }
    }
    tags.retain(|tag| tag.all() <= room);
    if let (Some(last), more @ 1..) = (tags.last_mut(), holds.len() - holds.len().min(most)) {
        let space = if last.behind.is_empty() { "" } else { " " };
        last.behind += &format!("{space}+{more}");
    }
    tags
}

/// A tag that points at its node.
fn tag(tag: &Tag, left: bool, x: f64, y: f64) -> Html {
    const POINT: f64 = 8.0;
    let wide = tag.wide();
    let (tip, edge, far, hole) =
        if left { (wide, wide - POINT, 0.0, wide - POINT) } else { (0.0, POINT, wide, POINT) };
    let shape =
        format!("M{} {}L{} 0H{}V{}H{}Z", px(tip), px(TAG / 2.0), px(edge), px(far), px(TAG), px(edge));
    let start = if left { 6.0 } else { POINT + 6.0 };
    let split = start + tag.words_wide() + 4.0;
    let (behind, anchor) = if left { (-5.0, "end") } else { (wide + 5.0, "start") };
    html! {
        <g class={classes!("tag", tag.class)} transform={format!("translate({} {})", px(x), px(y))}>
            <path d={shape} />
            <circle cx={px(hole)} cy={px(TAG / 2.0)} r="1.6" />
            { text("value", (start, 13.5), "start", tag.words.clone()) }
            if !tag.version.is_empty() {
                <path class="split" d={format!("M{} 4V15", px(split))} />
                { text("version", (split + 5.0, 13.5), "start", tag.version.clone()) }
            }
            if !tag.behind.is_empty() {
                { text("behind", (behind, 13.5), anchor, tag.behind.clone()) }
            }
        </g>
    }
}

/// What a label says, a line each: what the node is and, where that has no room in it, its badge; and what is the matter
/// with it. Where there is little room, the sign of the node says what it is.
fn lines(node: &NodeView, geometry: &Geometry, centred: bool, room: f64) -> Vec<String> {
    let (card, name) = (&node.card, &node.called);
    let (outside, brief) = (geometry.radius < ROOMY, geometry.detail == Detail::Brief);
    let in_rows = geometry.rows().is_some();
    let crowded = outside && centred && brief && !in_rows;
    let mut lines = vec![match (node.up, node.paused) {
        (false, _) if !node.booted => String::new(),
        // Its sign says what is the matter with it.
        (false, _) | (true, true) if crowded => name.clone(),
        (false, _) => format!("{name} crashed"),
        (true, true) => format!("{name} paused"),
        (true, false) if crowded => String::new(),
        (true, false) => card.role.to_owned(),
    }];
    // Under a node of a low row there is one line.
    let single = brief && in_rows && centred;
    if !card.title.is_empty() {
        let long = format!("{} · {}", card.title, lines[0]);
        match lines[0].is_empty() {
            true => lines[0].clone_from(&card.title),
            false if letters(&long) * LETTER <= room => lines[0] = long,
            false if single => {}
            false if in_rows && centred && node.up && !node.paused => lines[0].clone_from(&card.title),
            false if in_rows && centred => {}
            false => lines.insert(0, card.title.clone()),
        }
    }
    // A node with two faces has no room for it between them.
    let no_room = node.taken && !outside && !brief;
    // What it holds stands on a tag.
    let said = outside && centred && !card.holds.is_empty();
    // A dash says that it holds nothing.
    let no_room = no_room || !outside && !has_room(&card.badge, geometry.radius);
    let is_out = outside && !(brief && in_rows || crowded && node.paused) || no_room;
    if is_out && card.badge.contains(char::is_alphanumeric) && node.up && !said {
        let last = lines.len() - 1;
        let long = format!("{} · {}", lines[last], card.badge);
        let short = lines[last].len() + card.badge.len() <= SHORT && letters(&long) * BOLD <= room;
        if short && !lines[last].is_empty() {
            lines[last] = long;
        } else {
            lines.push(card.badge.clone());
        }
    }
    // A long name has no room in the node. Where there is one line, the sign says the rest.
    if node.up && !node.paused && short(node) != *name {
        if single {
            lines.clear();
        }
        lines.insert(0, name.clone());
    }
    if node.taken && node.up && geometry.detail == Detail::Full {
        lines.push("taken over".to_owned());
    }
    if node.clock != 0 {
        let sign = if node.clock > 0 { "+" } else { "−" };
        lines.push(format!("clock {sign}{}", span(node.clock.unsigned_abs())));
    }
    lines.retain(|line| !line.is_empty());
    lines
}

/// An entry of a log as a small tile: what it says or, where that is its number, its term, which is its colour, too.
fn log_cell(cell: &LogCell, (x, y): Point, room: f64) -> Html {
    let state = if cell.committed { "committed" } else { "open" };
    let wide = width(cell, room);
    html! {
        <g class={classes!("cell", hue(cell.term), state)}>
            <title>{ format!("{}: {}", cell.index, cell.text) }</title>
            <rect x={px(x + 0.5)} y={px(y + 0.5)} width={px(wide - 1.0)} height="18" rx="4" />
            <text x={px(x + wide / 2.0)} y={px(y + 13.5)}>if cell.named { { tile(cell, room) } } else { { cell.term } }</text>
        </g>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use faultline_core::NodeId;
    use faultline_core::title::Layout;
    use faultline_core::view::{Age, Card};

    #[test]
    fn a_hint_says_as_much_as_has_room() {
        let age = Age::Clock(vec![1]);
        let hint = Held { key: "a".into(), value: "7".into(), age, home: Some(NodeId(5)), newest: false };
        let said = |room: f64| {
            let tags = tags(std::slice::from_ref(&hint), Detail::Full, room);
            tags.iter().map(|tag| format!("{} {}", tag.words, tag.behind)).collect::<Vec<_>>()
        };
        assert_eq!(said(110.0), ["a = 7 for n6"]);
        assert_eq!(said(99.0), ["a=7 for n6"]);
        assert_eq!(said(60.0), ["a=7 "]);
        assert_eq!(said(30.0), [""; 0]);
    }

    /// On a telephone: rows of ten nodes, and a ring of eight.
    #[test]
    fn a_node_of_a_low_row_or_a_close_ring_says_one_thing() {
        let rows = Geometry::new(Layout::Tiers, &[0, 0, 0, 1, 1, 1, 2, 2, 2, 2], 360.0, 289.0);
        assert_eq!(rows.detail, Detail::Brief);
        let card = |title: &str, role, badge: &str| Card {
            title: title.into(),
            role,
            badge: badge.into(),
            ..Card::default()
        };
        let mut node = NodeView::plain(NodeId(1), card("broker", "leader", "leads p0"));
        assert_eq!(lines(&node, &rows, true, 76.0), ["leader"]);
        assert_eq!(lines(&node, &rows, true, 130.0), ["broker · leader"], "where both have room");
        node.called = "KRaft".into();
        assert_eq!(lines(&node, &rows, true, 76.0), ["KRaft"], "its number stands in it");

        let ring = Geometry::new(Layout::Ring, &[0; 8], 360.0, 289.0);
        let mut node = NodeView::plain(NodeId(2), card("", "member", "@0"));
        assert_eq!(lines(&node, &ring, true, 76.0), ["@0"]);
        node.paused = true;
        assert_eq!(lines(&node, &ring, true, 76.0), ["n3"], "its sign says that it is paused");
    }

    #[test]
    fn a_badge_that_is_wider_than_its_node_stands_beside_it() {
        let geometry = Geometry::new(Layout::Ring, &[0; 5], 664.0, 490.0);
        assert!(geometry.radius >= ROOMY);
        let said = |badge: &str| {
            let card = Card { role: "leader", badge: badge.into(), ..Card::default() };
            lines(&NodeView::plain(NodeId(0), card), &geometry, false, 130.0)
        };
        assert_eq!(said("term 5"), ["leader"]);
        assert_eq!(said("leads p0 p1"), ["leader", "leads p0 p1"]);
    }

    #[test]
    fn a_label_stays_on_the_stage() {
        let geometry = Geometry::new(Layout::Tiers, &[1, 1, 1, 1, 0, 0], 664.0, 535.0);
        let card = Card { role: "primary", badge: "view 0".into(), ..Card::default() };
        let node = NodeView { taken: true, ..NodeView::plain(NodeId(0), card) };
        let said = |room: f64| lines(&node, &geometry, false, room);
        assert_eq!(said(130.0), ["primary · view 0", "taken over"]);
        assert_eq!(said(104.0), ["primary", "view 0", "taken over"]);
    }

    #[test]
    fn a_tile_is_as_short_as_its_room() {
        let cell = LogCell {
            index: 1,
            term: 1,
            text: "prepare t1 with n2,n3".into(),
            named: true,
            committed: true,
            changed: false,
        };
        assert_eq!(tile(&cell, 300.0), "prepare t1 wi…");
        assert_eq!(tile(&cell, 90.0), "prepare t1…");
        assert!(width(&cell, 90.0) <= 90.0);
        assert_eq!(tile(&LogCell { text: "commit t1".into(), ..cell }, 90.0), "commit t1");
    }

    /// Neighbours in a full row have no room for both words, and the sign of a node says what it is.
    #[test]
    fn a_label_in_a_row_is_as_short_as_its_room() {
        let geometry = Geometry::new(Layout::Tiers, &[1, 1, 1, 1, 1, 1, 0, 2], 664.0, 535.0);
        let card = Card { title: "broker".into(), role: "leader", ..Card::default() };
        let node = NodeView::plain(NodeId(0), card);
        let said = |node: &NodeView, room: f64| lines(node, &geometry, true, room);
        assert_eq!(said(&node, 110.0), ["broker · leader"]);
        assert_eq!(said(&node, 95.0), ["broker"]);
        assert_eq!(said(&NodeView { up: false, ..node }, 95.0), ["n1 crashed"]);
    }
}
