//! A stretch that plays by itself: one SVG in which what is seen at some moments only appears and disappears, and what moves,
//! moves. Between two events everything is straight in time, so that the key frames are the events. It is made from what the
//! page draws at each of them, needs no script, and shows its beginning where nothing moves.

use super::reel::Reel;
use super::sheet::Shot;
use super::style::{Style, Theme};
use super::tree::{Element, Node};
use super::whole;
use crate::kit::prose::{fixed, number};
use crate::picture::geometry::{Geometry, translate};
use crate::picture::motion::{place_of, share};
use faultline_core::time::Micros;
use faultline_core::view::View;

/// The most nodes, and the most bytes of the file.
const MOST_NODES: usize = 64;
/// The longest file, in bytes.
pub const LONGEST: usize = 600_000;

/// What lies over what.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Layer {
    Sheet,
    Links,
    Arcs,
    Nodes,
    Messages,
}

/// Something that looks the same whenever it is seen.
struct Unit {
    layer: Layer,
    /// What it is, where two that look the same are not the same.
    key: String,
    element: Element,
    /// In which of the intervals it is seen.
    seen: Vec<usize>,
    /// Of what moves: where it is, at which share of all.
    keys: Vec<(f64, f64, f64)>,
}

/// A picture that plays by itself, as it is made.
pub struct Playing {
    reel: Reel,
    style: Style,
    units: Vec<Unit>,
    /// The sheet, and the stage on it, without anything.
    frames: Option<(Element, Element)>,
}

impl Playing {
    /// Nothing has been drawn yet.
    pub fn new(reel: Reel, theme: Theme) -> Self {
        Playing { reel, style: Style::of(theme), units: Vec::new(), frames: None }
    }

    /// Takes what was drawn at the nth moment.
    ///
    /// # Errors
    /// One sentence where there is too much, or what was drawn cannot be read.
    pub fn add(&mut self, nth: usize, shot: &Shot, drawn: &str) -> Result<(), String> {
        let Some(geometry) = shot.stage.as_ref().filter(|_| shot.diagram.is_none()) else {
            return Err("Only the stage plays as SVG; a GIF or an APNG shows the diagram, too.".to_owned());
        };
        if shot.view.nodes.len() > MOST_NODES {
            return Err(format!(
                "A picture plays with at most {MOST_NODES} nodes, and this run has {}.",
                shot.view.nodes.len()
            ));
        }
        let mut root = self.style.apply(&Element::read(drawn)?);
        let (children, mut stage) = (std::mem::take(&mut root.children), None);
        for child in elements(children) {
            if child.name == "g" && child.elements().next().is_some_and(|inner| inner.name == "svg") {
                stage = Some(child);
            } else {
                self.see(nth, Layer::Sheet, String::new(), child);
            }
        }
        let Some(mut holder) = stage else { return Err("The stage was not drawn.".to_owned()) };
        let mut below = Layer::Links;
        for group in holder.elements_mut().flat_map(|svg| elements(std::mem::take(&mut svg.children))) {
            let inner = group.elements().next();
            if inner.is_some_and(|it| it.get("data-node").is_some()) {
                below = Layer::Nodes;
                elements(group.children).for_each(|node| self.node(nth, node, &shot.view));
            } else if inner.is_some_and(|it| it.get("data-id").is_some()) {
                elements(group.children).for_each(|message| self.message(nth, message, &shot.view, geometry));
            } else {
                self.parts(nth, below, group);
            }
        }
        self.frames.get_or_insert((root, holder));
        Ok(())
    }

    /// Whatever is in a group, each for itself.
    fn parts(&mut self, nth: usize, layer: Layer, mut group: Element) {
        if group.name != "g" {
            return self.see(nth, layer, String::new(), group);
        }
        for child in elements(std::mem::take(&mut group.children)) {
            let mut part = group.clone();
            part.push(child);
            let part = if part.attributes.is_empty() { elements(part.children).next() } else { Some(part) };
            if let Some(part) = part {
                self.see(nth, layer, String::new(), part);
            }
        }
    }

    /// A node; the arc of its timer goes on between two events.
    fn node(&mut self, nth: usize, mut node: Element, view: &View) {
        let name = node.take("data-node").unwrap_or_default();
        let timer = view.nodes.iter().find(|it| it.id.to_string() == name).and_then(|it| it.timers.first());
        if let (Some(mut arc), Some(timer)) = (without_arc(&mut node), timer) {
            arc.take("stroke-dasharray");
            let mut place = Element::new("g", &[("transform", node.get("transform").unwrap_or_default())]);
            place.push(arc);
            let left = |time: Micros| 100.0 * (1.0 - share(time, timer.set, timer.fires));
            let ends = self.ends(nth, |time| (left(time), 0.0));
            self.moves(nth, Layer::Arcs, name.clone(), place, ends);
        }
        self.see(nth, Layer::Nodes, name, node);
    }

    /// A message, which moves.
    fn message(&mut self, nth: usize, mut mark: Element, view: &View, geometry: &Geometry) {
        mark.take("transform");
        let id = mark.take("data-id").unwrap_or_default();
        let Some(message) = view.messages.iter().find(|it| it.id.to_string() == id) else { return };
        let ends = self.ends(nth, |time| place_of(message, geometry, time));
        self.moves(nth, Layer::Messages, id, mark, ends);
    }

    /// Where something is at the beginning and at the end of an interval.
    fn ends(&self, nth: usize, at: impl Fn(Micros) -> (f64, f64)) -> [(f64, f64, f64); 2] {
        [nth, (nth + 1).min(self.reel.times.len() - 1)].map(|nth| {
            let (x, y) = at(self.reel.times[nth]);
            (self.reel.share(nth), x, y)
        })
    }

    fn see(&mut self, nth: usize, layer: Layer, key: String, element: Element) {
        self.moves(nth, layer, key, element, []);
    }

    fn moves<const N: usize>(
        &mut self,
        nth: usize,
        layer: Layer,
        key: String,
        element: Element,
        keys: [(f64, f64, f64); N],
    ) {
        let same = |unit: &&mut Unit| unit.layer == layer && unit.key == key && unit.element == element;
        match self.units.iter_mut().find(same) {
            Some(unit) => {
                unit.seen.push(nth);
                unit.keys.extend(keys);
            }
            None => self.units.push(Unit { layer, key, element, seen: vec![nth], keys: keys.to_vec() }),
        }
    }

    /// The file.
    ///
    /// # Errors
    /// One sentence when it is too long.
    pub fn finish(mut self, about: &(String, String)) -> Result<String, String> {
        let Some((mut root, mut holder)) = self.frames.take() else {
            return Err("Nothing was drawn.".to_owned());
        };
        faultline_core::toolbox::order::by(&mut self.units, |a, b| a.layer.cmp(&b.layer));
        let mut on_stage = Vec::new();
        for unit in std::mem::take(&mut self.units) {
            let of_sheet = unit.layer == Layer::Sheet;
            let element = Node::Element(self.animated(unit));
            if of_sheet { root.children.push(element) } else { on_stage.push(element) }
        }
        if let Some(svg) = holder.elements_mut().next() {
            svg.children = on_stage;
        }
        let progress = self.progress(&root);
        root.push(holder);
        root.push(progress);
        let text = whole(root, about).write();
        if text.len() > LONGEST {
            return Err(format!(
                "This stretch would be a file of {} kB, and one that plays has at most {} kB; choose a shorter stretch.",
                text.len() / 1_000,
                LONGEST / 1_000
            ));
        }
        Ok(text)
    }

    /// A unit with when it is seen, and how it moves.
    fn animated(&self, unit: Unit) -> Element {
        let Unit { layer, mut element, seen, keys, .. } = unit;
        let mut added = self.seen(&seen, &mut element);
        if layer == Layer::Messages {
            element.set("transform", keys.first().map(|&(_, x, y)| translate((x, y))).unwrap_or_default());
            let values = |&(_, x, y): &(f64, f64, f64)| format!("{} {}", fixed(x, 1), fixed(y, 1));
            added.extend(self.moving(
                "animateTransform",
                &[("attributeName", "transform"), ("type", "translate")],
                &keys,
                values,
            ));
        }
        if let Some(arc) = element.elements_mut().next().filter(|_| layer == Layer::Arcs) {
            let values = |&(_, left, _): &(f64, f64, f64)| format!("{} 200", fixed(left, 1));
            arc.set("stroke-dasharray", keys.first().map(values).unwrap_or_default());
            let moving = self.moving("animate", &[("attributeName", "stroke-dasharray")], &keys, values);
            arc.children.extend(moving.map(Node::Element));
        }
        element.children.splice(0..0, added.into_iter().map(Node::Element));
        element
    }

    /// What shows an element in some intervals and hides it in all others; nothing where it is always seen.
    fn seen(&self, seen: &[usize], element: &mut Element) -> Vec<Element> {
        let last = self.reel.times.len();
        let mut changes: Vec<(usize, bool)> = Vec::new();
        for nth in 0..last {
            let is_seen = seen.contains(&nth);
            if changes.last().is_none_or(|(_, before)| *before != is_seen) {
                changes.push((nth, is_seen));
            }
        }
        if changes.first().is_some_and(|(_, is_seen)| !is_seen) {
            element.set("display", "none".to_owned());
        }
        if changes.len() < 2 {
            return Vec::new();
        }
        let times = changes.iter().map(|(nth, _)| fixed(self.reel.share(*nth), 4));
        let values = changes.iter().map(|(_, is_seen)| if *is_seen { "inline" } else { "none" });
        let (times, values) = (times.collect::<Vec<_>>().join(";"), values.collect::<Vec<_>>().join(";"));
        let of = [
            ("attributeName", "display"),
            ("calcMode", "discrete"),
            ("keyTimes", &times),
            ("values", &values),
        ];
        vec![self.for_ever("animate", &of)]
    }

    /// What moves an element along its key frames; nothing where it stands still.
    fn moving(
        &self,
        name: &str,
        of: &[(&str, &str)],
        keys: &[(f64, f64, f64)],
        value: impl Fn(&(f64, f64, f64)) -> String,
    ) -> Option<Element> {
        let keys = straightened(keys);
        let (&first, &last) = keys.first().zip(keys.last())?;
        let all = [(0.0, first.1, first.2)].into_iter().filter(|_| first.0 > 0.0).chain(keys.iter().copied());
        let all: Vec<_> = all.chain([(1.0, last.1, last.2)].into_iter().filter(|_| last.0 < 1.0)).collect();
        let values: Vec<String> = all.iter().map(value).collect();
        if values.iter().all(|value| *value == values[0]) {
            return None;
        }
        let times: Vec<String> = all.iter().map(|key| fixed(key.0, 4)).collect();
        let (times, values) = (times.join(";"), values.join(";"));
        let of: Vec<_> = of.iter().copied().chain([("keyTimes", &*times), ("values", &*values)]).collect();
        Some(self.for_ever(name, &of))
    }

    fn for_ever(&self, name: &str, of: &[(&str, &str)]) -> Element {
        let length = format!("{}s", fixed(self.reel.length, 2));
        let all: Vec<_> =
            of.iter().copied().chain([("dur", &*length), ("repeatCount", "indefinite")]).collect();
        Element::new(name, &all)
    }

    /// How far the stretch has gone, as a line under the head.
    fn progress(&self, root: &Element) -> Element {
        let width = root.get("width").and_then(number).unwrap_or_default();
        let (from, until) = (self.reel.times[0], self.reel.times[self.reel.times.len() - 1]);
        let keys: Vec<_> = (0..self.reel.times.len())
            .map(|nth| (self.reel.share(nth), share(self.reel.times[nth], from, until) * width, 0.0))
            .collect();
        let mut line = Element::new("rect", &[("y", "0"), ("height", "3"), ("width", "0")]);
        line.set("fill", self.style.colour("accent"));
        let moving = self.moving("animate", &[("attributeName", "width")], &keys, |&(_, x, _)| fixed(x, 1));
        line.children.extend(moving.map(Node::Element));
        line
    }
}

fn elements(children: Vec<Node>) -> impl Iterator<Item = Element> {
    children.into_iter().filter_map(|node| match node {
        Node::Element(element) => Some(element),
        Node::Text(_) => None,
    })
}

/// Takes the arc of its timer out of a node.
fn without_arc(node: &mut Element) -> Option<Element> {
    for child in node.elements_mut() {
        let place = child.children.iter().position(
            |it| matches!(it, Node::Element(it) if it.name == "circle" && it.get("pathLength").is_some()),
        );
        if let Some(Node::Element(arc)) = place.map(|place| child.children.remove(place)) {
            return Some(arc);
        }
    }
    None
}

/// Key frames without those between two others that lie on the straight line between these, where the motion does not jump.
fn straightened(keys: &[(f64, f64, f64)]) -> Vec<(f64, f64, f64)> {
    const NEAR: f64 = 0.06;
    let mut left: Vec<(f64, f64, f64)> = Vec::new();
    for &key in keys {
        while let [.., a, b] = left[..] {
            let whole = key.0 - a.0;
            let way = if whole > 0.0 { (b.0 - a.0) / whole } else { 0.0 };
            let on = |from: f64, to: f64, at: f64| (from + (to - from) * way - at).abs() < NEAR;
            let straight = whole > 0.0 && on(a.1, key.1, b.1) && on(a.2, key.2, b.2) || a == b;
            if !straight {
                break;
            }
            left.pop();
        }
        if left.last() != Some(&key) {
            left.push(key);
        }
    }
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_straight_needs_two_key_frames_and_a_jump_needs_two_at_one_time() {
        let line: Vec<_> = (0..10).map(|nth| (f64::from(nth) / 10.0, f64::from(nth) * 7.0, 3.0)).collect();
        assert_eq!(straightened(&line), [line[0], line[9]]);
        let jump = [(0.0, 100.0, 0.0), (0.5, 50.0, 0.0), (0.5, 100.0, 0.0), (1.0, 50.0, 0.0)];
        assert_eq!(straightened(&jump), jump);
        assert_eq!(straightened(&[(0.0, 1.0, 1.0), (0.0, 1.0, 1.0)]), [(0.0, 1.0, 1.0)]);
    }
}
