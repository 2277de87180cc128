//! What is claimed: strong eventual consistency, and what each type promises of the updates that a replica includes. The record
//! keeps the updates alone, so a value is worked out here once more, in another way than replicas do it.

use super::clock::{Dot, Seen, Stamp};
use super::state::{Effect, Operation, State};
use super::{Crdt, Output, Type};
use crate::Key;
use faultline_core::card::Fact;
use faultline_core::prelude::*;
use std::sync::Arc;

/// What the judge remembers of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Record {
    updates: Vec<Arc<Known>>,
    /// When each node was last restored.
    restored: Map<NodeId, Micros>,
    /// Whether two replicas have ever included the same updates; until they have, what each includes.
    met: bool,
    seen: Map<NodeId, Seen>,
}

/// An update.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Known {
    at: Micros,
    operation: Operation,
    /// Of characters that are typed, the visible ones beside them.
    beside: [Option<Stamp>; 2],
}

impl Record {
    /// Adds a step.
    pub(super) fn remember(&mut self, step: &Step<'_, Crdt>) {
        self.meet(step);
        for output in step.outputs {
            match output {
                Output::Updated(operation) => {
                    let beside = step.node.map(|node| beside(node.state(), operation)).unwrap_or_default();
                    let operation = operation.clone();
                    self.updates.push(Arc::new(Known { at: step.now, operation, beside }));
                }
                Output::Restored => drop(self.restored.insert(step.who, step.now)),
                Output::Shows(_) | Output::HeldBack(_) => {}
            }
        }
    }

    fn meet(&mut self, step: &Step<'_, Crdt>) {
        self.seen.remove(&step.who);
        let Some(seen) = step.node.map(|node| &node.state().seen) else { return };
        if !self.met && !seen.is_empty() {
            self.met = self.seen.values().any(|other| other == seen);
            self.seen.insert(step.who, seen.clone());
        }
    }

    /// How many updates there were.
    pub(super) fn updates(&self) -> u64 {
        self.updates.len() as u64
    }
}

/// The visible characters to the left and to the right of those that an operation types.
fn beside(state: &State, operation: &Operation) -> [Option<Stamp>; 2] {
    let Effect::Type(letters) = &operation.effect else { return [None, None] };
    let is_new = |stamp: Stamp| letters.iter().any(|letter| letter.stamp == stamp);
    let shown: Vec<Stamp> = state.text.visible().map(|letter| letter.stamp).collect();
    let first = shown.iter().position(|stamp| is_new(*stamp)).unwrap_or(0);
    let last = shown.iter().rposition(|stamp| is_new(*stamp)).unwrap_or(0);
    let left = first.checked_sub(1).and_then(|place| shown.get(place));
    [left.copied(), shown.get(last + 1).copied()]
}

/// All claims.
pub(super) const CLAIMS: &[Property<Crdt>] = &[
    always(
        "Strong Convergence",
        "Replicas that include the same updates are in the same state.",
        About::Outputs,
        strong_convergence,
    )
    .given(|scene| match scene.record.met || twins(scene).next().is_some() {
        true => Ok(()),
        false => Err("no two replicas have included the same updates yet"),
    }),
    always(
        "No Lost Update",
        "Each update that a replica includes counts once: a counter is their sum, and a text shows every character that was \
         typed and not erased.",
        About::Outputs,
        no_lost_update,
    )
    .given(|scene| came_up(scene, &[Type::Counter, Type::Text], "no counter or text was updated yet")),
    always(
        "Last Write Wins",
        "Of the writes that it includes, a register shows the one with the greatest timestamp, which bears time and replica.",
        About::Outputs,
        last_write_wins,
    )
    .given(|scene| came_up(scene, &[Type::Register], "no register was written yet")),
    always(
        "Add Wins",
        "An element is there as long as one of its additions was not seen by a removal: what is added concurrently stays, what \
         was removed does not come back.",
        About::Outputs,
        add_wins,
    )
    .given(|scene| came_up(scene, &[Type::Set, Type::Map], "no set or map was updated yet")),
    always(
        "Kept in Order",
        "Characters stand in the order in which they were typed, and between the two beside which they were typed.",
        About::Outputs,
        kept_in_order,
    )
    .given(|scene| came_up(scene, &[Type::Text], "no text was typed yet")),
    always(
        "Kept Together",
        "Between the characters of one word stands only what was typed by somebody who had seen it.",
        About::Outputs,
        kept_together,
    )
    .given(|scene| came_up(scene, &[Type::Text], "no text was typed yet")),
    eventually(
        "Convergence",
        "Once nothing disturbs them, all replicas include the same updates and are in the same state.",
        Despite::Nothing,
        |scene| if scene.record.updates.is_empty() { Err("no replica was updated yet") } else { Ok(()) },
        convergence,
    )
    .since(missing_since),
    sometimes(
        "Concurrency",
        "Two updates take place of which neither replica had seen the other's.",
        About::Outputs,
        |scene| reached(updated(scene).any(|new| {
            scene.record.updates.iter().any(|known| !new.saw.includes(known.operation.dot))
        })),
    ),
    sometimes(
        "Held Back",
        "An operation arrives before one that its source had applied.",
        About::Outputs,
        |scene| reached(scene.outputs.iter().any(|output| matches!(output, Output::HeldBack(_)))),
    ),
];

fn reached(holds: bool) -> Result<(), Contradiction> {
    if holds { Ok(()) } else { Err(Contradiction::default()) }
}

/// The updates of this step.
fn updated<'a>(scene: &'a Scene<'_, Crdt>) -> impl Iterator<Item = &'a Operation> {
    scene.outputs.iter().filter_map(|output| match output {
        Output::Updated(operation) => Some(operation),
        _ => None,
    })
}

/// All updates that a state includes, those of this step as well.
fn included<'a>(scene: &'a Scene<'_, Crdt>, seen: &'a Seen) -> impl Iterator<Item = &'a Operation> {
    let known = scene.record.updates.iter().map(|known| &known.operation);
    known.chain(updated(scene)).filter(|operation| seen.includes(operation.dot))
}

/// Whether something has been updated, of one of these types.
fn came_up(scene: &Scene<'_, Crdt>, types: &[Type], otherwise: &'static str) -> Result<(), &'static str> {
    let is_asked = scene.nodes().any(|(_, node)| types.contains(&node.params.r#type));
    let is_updated = !scene.record.updates.is_empty() || updated(scene).next().is_some();
    if is_asked && is_updated { Ok(()) } else { Err(otherwise) }
}

/// Pairs of replicas that include the same updates, and some.
fn twins<'a>(scene: &'a Scene<'_, Crdt>) -> impl Iterator<Item = [(NodeId, &'a Crdt); 2]> {
    let nodes: Vec<_> = scene.nodes().filter(|(_, node)| !node.state().seen.is_empty()).collect();
    let pairs = (0..nodes.len()).flat_map(move |one| {
        let nodes = nodes.clone();
        (0..one).map(move |other| [nodes[one], nodes[other]])
    });
    pairs.filter(|[(_, one), (_, other)]| one.state().seen == other.state().seen)
}

/// Two replicas that show, or hold, different things.
fn differing([(one, first), (other, second)]: [(NodeId, &Crdt); 2]) -> Contradiction {
    let shown = |node: &Crdt| node.state().shown(node.params.r#type);
    let (mine, theirs) = (shown(first), shown(second));
    let sentence = match mine == theirs {
        true => format!("{one} and {other} both show {mine}, but their states differ"),
        false => format!("{one} shows {mine}, but {other} shows {theirs}"),
    };
    Contradiction::between(sentence, [one, other].map(|node| Side::of(node).showing(Fact::Field("shows"))))
}

fn strong_convergence(scene: &Scene<'_, Crdt>) -> Result<(), Contradiction> {
    let mut pairs = twins(scene).filter(|pair| pair.iter().any(|(id, _)| *id == scene.who));
    match pairs.find(|[(_, one), (_, other)]| one.state() != other.state()) {
        Some(pair) => Err(differing(pair)),
        None => Ok(()),
    }
}

/// A replica that shows something else than its updates come to.
fn wrong(scene: &Scene<'_, Crdt>, node: &Crdt, should: &str) -> Contradiction {
    let who = scene.who;
    let shown = node.state().shown(node.params.r#type);
    Contradiction::between(
        format!("{who} shows {shown}, but the updates that it includes come to {should}"),
        [Side::of(who).showing(Fact::Field("shows"))],
    )
}

fn no_lost_update(scene: &Scene<'_, Crdt>) -> Result<(), Contradiction> {
    let Some(node) = scene.node else { return Ok(()) };
    let state = node.state();
    match node.params.r#type {
        Type::Counter => {
            let count = |operation: &Operation| match operation.effect {
                Effect::Count { up } => {
                    if up {
                        1
                    } else {
                        -1
                    }
                }
                _ => 0,
            };
            let sum: i64 = included(scene, &state.seen).map(count).sum();
            if state.counter.value() == sum { Ok(()) } else { Err(wrong(scene, node, &sum.to_string())) }
        }
        Type::Text => {
            let operations: Vec<_> = included(scene, &state.seen).collect();
            let erased = |it: Stamp| {
                let erases = |effect: &Effect| matches!(effect, Effect::Erase { stamp, .. } if *stamp == it);
                operations.iter().any(|operation| erases(&operation.effect))
            };
            let typed = operations.iter().flat_map(|operation| match &operation.effect {
                Effect::Type(letters) => letters.as_slice(),
                _ => &[],
            });
            let mut should: Vec<_> =
                typed.filter(|it| !erased(it.stamp)).map(|it| (it.stamp, it.letter)).collect();
            let mut shown: Vec<_> = state.text.visible().map(|it| (it.stamp, it.letter)).collect();
            should.sort_unstable();
            shown.sort_unstable();
            let letters: String = should.iter().map(|(_, letter)| letter).collect();
            if shown == should {
                Ok(())
            } else {
                Err(wrong(scene, node, &format!("the characters {letters}")))
            }
        }
        Type::Register | Type::Set | Type::Map => Ok(()),
    }
}

fn last_write_wins(scene: &Scene<'_, Crdt>) -> Result<(), Contradiction> {
    let Some(node) = scene.node.filter(|node| node.params.r#type == Type::Register) else { return Ok(()) };
    let writes = included(scene, &node.state().seen).filter_map(|operation| match operation.effect {
        Effect::Write { stamp, value } => Some((stamp, value)),
        _ => None,
    });
    let last = writes.max();
    match last.filter(|_| node.state().register.written != last) {
        Some((_, value)) => Err(wrong(scene, node, &value.to_string())),
        None => Ok(()),
    }
}

/// The element that an update adds or removes.
fn element(operation: &Operation) -> Option<Key> {
    match &operation.effect {
        Effect::Put { entry, .. } => Some(entry.key),
        Effect::Remove { key, .. } => Some(*key),
        _ => None,
    }
}

fn add_wins(scene: &Scene<'_, Crdt>) -> Result<(), Contradiction> {
    let Some(node) = scene.node else { return Ok(()) };
    let state = node.state();
    let operations: Vec<_> = included(scene, &state.seen).collect();
    // What a later update of the same key had seen is replaced, or removed.
    let is_gone = |operation: &Operation| {
        let same = operations.iter().filter(|it| element(it) == element(operation));
        same.into_iter().any(|it| it.saw.includes(operation.dot))
    };
    let mut should: Map<Key, (Stamp, Option<u64>)> = Map::default();
    for operation in operations.iter().filter(|operation| !is_gone(operation)) {
        if let Effect::Put { entry, .. } = &operation.effect {
            let put = (entry.stamp, entry.value);
            let last = should.get(&entry.key).map_or(put, |last| put.max(*last));
            should.insert(entry.key, last);
        }
    }
    let shown = state.entries.keys().into_iter().map(|key| (key, state.entries.value(key)));
    if should.iter().map(|(key, (_, value))| (*key, *value)).eq(shown) {
        return Ok(());
    }
    let words = should.iter().map(|(key, (_, value))| match value {
        Some(value) => format!("{key}={value}"),
        None => key.to_string(),
    });
    let words: Vec<_> = words.collect();
    let words = if words.is_empty() { "nothing".to_owned() } else { words.join(" ") };
    Err(wrong(scene, node, &words))
}

/// The places of characters in a text; those that are not there have none.
fn places(state: &State, stamps: impl Iterator<Item = Stamp>) -> Vec<usize> {
    stamps.filter_map(|stamp| state.text.letters.iter().position(|it| it.stamp == stamp)).collect()
}

fn kept_in_order(scene: &Scene<'_, Crdt>) -> Result<(), Contradiction> {
    let Some(node) = scene.node else { return Ok(()) };
    let state = node.state();
    for known in scene.record.updates.iter().filter(|known| state.seen.includes(known.operation.dot)) {
        let Effect::Type(letters) = &known.operation.effect else { continue };
        let [left, right] = known.beside;
        let order = left.into_iter().chain(letters.iter().map(|it| it.stamp)).chain(right);
        if !places(state, order).is_sorted() {
            let word: String = letters.iter().map(|it| it.letter).collect();
            let who = scene.who;
            return Err(Contradiction::between(
                format!("{who} shows {}, where {word} is not where it was typed", state.shown(Type::Text)),
                [
                    Side::of(who).showing(Fact::Field("shows")),
                    Side::of(known.operation.dot.0.node).telling(&Output::Updated(known.operation.clone())),
                ],
            ));
        }
    }
    Ok(())
}

fn kept_together(scene: &Scene<'_, Crdt>) -> Result<(), Contradiction> {
    let Some(node) = scene.node else { return Ok(()) };
    let state = node.state();
    let saw =
        |dot: Dot| included(scene, &state.seen).find(|operation| operation.dot == dot).map(|it| &it.saw);
    for operation in included(scene, &state.seen) {
        let Effect::Type(letters) = &operation.effect else { continue };
        let places = places(state, letters.iter().map(|it| it.stamp));
        let (Some(first), Some(last)) = (places.iter().min(), places.iter().max()) else { continue };
        let between = &state.text.letters[*first..=*last];
        let foreign = between.iter().find(|it| {
            it.dot != operation.dot && saw(it.dot).is_some_and(|saw| !saw.includes(operation.dot))
        });
        if let Some(foreign) = foreign {
            let word: String = letters.iter().map(|it| it.letter).collect();
            let (who, letter) = (scene.who, foreign.letter);
            return Err(Contradiction::between(
                format!("{who} shows {}, where {letter} stands within {word}", state.shown(Type::Text)),
                [
                    Side::of(who).showing(Fact::Field("shows")),
                    Side::of(operation.dot.0.node).telling(&Output::Updated(operation.clone())),
                ],
            ));
        }
    }
    Ok(())
}

fn convergence(scene: &Scene<'_, Crdt>) -> Result<(), Contradiction> {
    let mut nodes = scene.nodes();
    let Some(first) = nodes.next() else { return Ok(()) };
    match nodes.find(|(_, node)| node.state() != first.1.state()) {
        Some(other) => Err(differing([other, first])),
        None => Ok(()),
    }
}

/// When the oldest update came up that one replica includes and another does not; a replica that was restored lacks what it
/// had from then on. If there is none, replicas differ otherwise, and no time changes that.
fn missing_since(scene: &Scene<'_, Crdt>) -> Option<Micros> {
    let restored = |node: NodeId| scene.record.restored.get(&node).copied().unwrap_or(0);
    let missing = scene.record.updates.iter().flat_map(|known| {
        let includes = |node: &Crdt| node.state().seen.includes(known.operation.dot);
        let is_there = scene.nodes().any(|(_, node)| includes(node));
        let lack = scene.nodes().filter(move |(_, node)| is_there && !includes(node));
        lack.map(|(id, _)| known.at.max(restored(id))).collect::<Vec<_>>()
    });
    missing.min()
}
