//! # The problem of epidemic dissemination (Demers et al. 1987)
//!
//! A database is replicated at many nodes. An application changes an item at one of them, and the change must reach all
//! others, though no node knows which of them have it already. Each change is stamped with its author's clock, and of two
//! items the one with the greater stamp is newer: a node that receives a newer item adopts it. That merge is commutative,
//! associative and idempotent, so the order, the path and the number of arrivals of a change do not matter.
//!
//! A deletion is a change, too: it leaves a death certificate, which spreads like any other value. Without the
//! certificate, old copies at other nodes would look like news.
//!
//! Items do not influence each other, so there is one item here. With rumours, no node ever knows that all have heard one:
//! delivery is only probable. Anti-entropy, which never stops comparing, guarantees it.

use faultline_core::card::Fact;
use faultline_core::prelude::*;
use faultline_core::time::exact;
use std::fmt::{self, Display};

pub mod gossip;

/// Which of two changes is the newer: the one that its author's clock puts later; of equal ones that of the later node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp {
    /// What the author's clock read, or just past its latest change; 0 where nothing is known.
    pub time: Micros,
    /// The index of the node that made the change.
    pub author: u32,
}

/// The item as a node holds it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Item {
    /// When it was changed, in the order of changes.
    pub stamp: Stamp,
    /// Its value; `None` in a death certificate, and where nothing is known.
    pub value: Option<u32>,
}

/// What is on a node's disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Disk {
    /// What it holds.
    pub item: Item,
    /// The time of the latest stamp that it gave to a change of its own.
    pub stamped: Micros,
}

/// What the application asks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words, Read)]
#[words(otherwise = "a node can be asked to `Update 7`, with a whole number, or to `Delete`")]
pub enum Input {
    /// Give the item this value.
    Update(u32),
    /// Delete the item.
    Delete,
}

/// What the application is told.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
pub enum Output {
    /// The item was changed here.
    #[words("Changed to {0}")]
    Changed(Item),
    /// The change was made here and is lost already: the node holds something newer.
    #[words("Superseded {0}")]
    Superseded(Item),
    /// A newer item has come from another node.
    Learnt(Item),
    /// This node no longer spreads what it holds.
    #[words("LostInterest after {contacts} contacts, the last with {last}")]
    LostInterest {
        /// How many contacts it has had over it.
        contacts: u32,
        /// How many it must have had.
        patience: u32,
        /// With whom the last was.
        last: NodeId,
    },
}

/// A protocol that solves the problem.
pub trait Epidemic: Protocol<Input = Input, Output = Output, Record = Record> {
    /// What the node holds.
    fn item(&self) -> Item;
    /// Whether it goes on comparing for ever, and so promises delivery.
    fn never_stops(&self) -> bool;
}

/// What the judge remembers of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Record {
    /// Every change: its value, and when it was made.
    changes: Map<Stamp, (Option<u32>, Micros)>,
    known: Vec<Known>,
    /// The latest stamp that each author gave, superseded changes included.
    stamped: Map<u32, Stamp>,
    /// Whether a node has learnt a change, has changed the item again, or has lost interest.
    learnt: bool,
    changed_again: bool,
    lost_interest: bool,
    /// How many nodes hold the newest item, and how many spread a rumour.
    informed: u32,
    infective: u32,
}

/// What the judge knows of a node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Known {
    /// The newest that it was told.
    stamp: Stamp,
    infective: bool,
}

impl Record {
    /// Adds a step; what a solution's `remember` does.
    pub fn remember<P: Epidemic>(&mut self, step: &Step<'_, P>) {
        if step.node.is_none() {
            self.set_infective(step.who, false);
        }
        for output in step.outputs {
            match output {
                Output::Superseded(item) => self.stamps(item.stamp),
                Output::Changed(item) => {
                    self.stamps(item.stamp);
                    let newer = item.stamp > self.newest();
                    self.changes.insert(item.stamp, (item.value, step.now));
                    if newer {
                        self.informed = 0;
                    }
                    self.learns(step, item.stamp);
                }
                Output::Learnt(item) => {
                    self.learnt = true;
                    self.learns(step, item.stamp);
                }
                Output::LostInterest { .. } => {
                    self.lost_interest = true;
                    self.set_infective(step.who, false);
                }
            }
        }
    }

    fn stamps(&mut self, stamp: Stamp) {
        self.changed_again |= self.stamped.insert(stamp.author, stamp).is_some();
    }

    fn newest(&self) -> Stamp {
        self.changes.keys().next_back().copied().unwrap_or_default()
    }

    fn known(&self, node: NodeId) -> Known {
        self.known.get(node.index()).copied().unwrap_or_default()
    }

    fn learns<P: Epidemic>(&mut self, step: &Step<'_, P>, stamp: Stamp) {
        let (node, newest) = (step.who, self.newest());
        self.set_infective(node, step.node.is_some_and(|node| !node.never_stops()));
        let known = &mut self.known[node.index()].stamp;
        let before = std::mem::replace(known, stamp);
        self.informed -= u32::from(before == newest);
        self.informed += u32::from(stamp == newest);
    }

    fn set_infective(&mut self, node: NodeId, infective: bool) {
        if self.known.len() <= node.index() {
            self.known.resize(node.index() + 1, Known::default());
        }
        let before = std::mem::replace(&mut self.known[node.index()].infective, infective);
        self.infective = self.infective + u32::from(infective) - u32::from(before);
    }

    /// A node that was told of a change, or made it itself, which may have been superseded at once.
    fn holder_of(&self, node: NodeId, stamp: Stamp) -> Side {
        let value = self.changes.get(&stamp).and_then(|(value, _)| *value);
        let item = Item { stamp, value };
        match (NodeId(stamp.author) == node, self.changes.contains_key(&stamp)) {
            (true, true) => holder(node).telling(&Output::Changed(item)),
            (true, false) => holder(node).telling(&Output::Superseded(item)),
            (false, _) => holder(node).telling(&Output::Learnt(item)),
        }
    }

    /// How many nodes have been told of the newest change.
    pub fn informed(&self) -> u32 {
        self.informed
    }

    /// Whether a node has stopped spreading a rumour.
    pub fn lost_interest(&self) -> bool {
        self.lost_interest
    }

    /// How many nodes spread a rumour.
    pub fn infective(&self) -> u32 {
        self.infective
    }
}

/// What every solution claims.
pub const fn claims<P: Epidemic>() -> [Property<P>; 5] {
    use About::Outputs;
    [
        always(
            "No Creation",
            "A node learns only changes that some node has made before.",
            Outputs,
            no_creation,
        )
        .given(|scene: &Scene<'_, P>| match scene.record.learnt {
            true => Ok(()),
            false => Err("no node has learnt a change yet"),
        }),
        always(
            "Growth",
            "A node replaces its item only with a newer one, so the set of nodes that know a change only grows.",
            Outputs,
            growth,
        )
        .given(|scene: &Scene<'_, P>| match scene.record.changes.is_empty() {
            true => Err("no node has changed the item yet"),
            false => Ok(()),
        }),
        always(
            "Own Order",
            "Of two changes by one node, the later has the greater stamp, even if the clock was set back in between.",
            Outputs,
            own_order,
        )
        .given(|scene: &Scene<'_, P>| match scene.record.changed_again {
            true => Ok(()),
            false => Err("no node has changed the item twice yet"),
        }),
        eventually(
            "Convergence",
            "If no node stops comparing, every change whose author is up reaches every node that is up, unless a newer \
             one comes first. Rumours do not promise this.",
            Despite::Crashes,
            |scene: &Scene<'_, P>| match (scene.record.changes.is_empty(), scene.nodes().any(|(_, node)| node.never_stops()))
            {
                (true, _) => Err("no node has changed the item yet"),
                (false, false) => Err("no node compares for ever, and rumours do not promise this"),
                (false, true) if due(scene).next().is_none() => Err("no change has had its time yet"),
                (false, true) => Ok(()),
            },
            convergence,
        ),
        sometimes(
            "Residue",
            "The last node that spreads a rumour loses interest or crashes, but some node has not heard the rumour.",
            About::Everything,
            residue,
        ),
    ]
}

/// A node, with what its card shows of what it holds.
fn holder(node: NodeId) -> Side {
    Side::of(node).showing(Fact::Field("item"))
}

fn no_creation<P: Epidemic>(scene: &Scene<'_, P>) -> Result<(), Contradiction> {
    for output in scene.outputs {
        if let Output::Learnt(item) = output
            && scene.record.changes.get(&item.stamp).is_none_or(|(value, _)| *value != item.value)
        {
            let author = NodeId(item.stamp.author);
            return Err(Contradiction::between(
                format!("{} learns {item}, but no node made that change", scene.who),
                [holder(scene.who), holder(author)],
            ));
        }
    }
    Ok(())
}

fn growth<P: Epidemic>(scene: &Scene<'_, P>) -> Result<(), Contradiction> {
    for output in scene.outputs {
        if let Output::Changed(item) | Output::Learnt(item) = output {
            let before = scene.record.known(scene.who).stamp;
            if item.stamp <= before {
                return Err(Contradiction::between(
                    format!("{} adopts {item}, although it knew of {before}", scene.who),
                    [holder(scene.who), scene.record.holder_of(scene.who, before)],
                ));
            }
        }
    }
    Ok(())
}

fn own_order<P: Epidemic>(scene: &Scene<'_, P>) -> Result<(), Contradiction> {
    for output in scene.outputs {
        if let Output::Changed(Item { stamp, .. }) | Output::Superseded(Item { stamp, .. }) = output
            && let Some(before) = scene.record.stamped.get(&stamp.author)
            && stamp <= before
        {
            return Err(Contradiction::between(
                format!("{} stamps a change {stamp}, although it stamped an earlier one {before}", scene.who),
                [holder(scene.who), scene.record.holder_of(scene.who, *before)],
            ));
        }
    }
    Ok(())
}

/// The changes that have had their time and whose author is up, so that it has them and compares; the newest first.
fn due<'a, P: Epidemic>(scene: &'a Scene<'_, P>) -> impl Iterator<Item = Stamp> + 'a {
    let compares = |stamp: &Stamp| scene.node_of(NodeId(stamp.author)).is_some_and(P::never_stops);
    let due =
        scene.record.changes.iter().rev().filter(move |(stamp, (_, at))| *at < scene.due && compares(stamp));
    due.map(|(stamp, _)| *stamp)
}

fn convergence<P: Epidemic>(scene: &Scene<'_, P>) -> Result<(), Contradiction> {
    let Some(due) = due(scene).next() else { return Ok(()) };
    match scene.nodes().find(|(_, node)| node.item().stamp < due) {
        Some((id, node)) => Err(Contradiction::between(
            format!("{id} holds {}, and neither the change {due} nor a newer one", node.item()),
            [holder(id), scene.record.holder_of(NodeId(due.author), due)],
        )),
        None => Ok(()),
    }
}

fn residue<P: Epidemic>(scene: &Scene<'_, P>) -> Result<(), Contradiction> {
    let record = scene.record;
    let lost = scene.outputs.iter().any(|output| matches!(output, Output::LostInterest { .. }));
    let crashed = scene.node.is_none() && record.known(scene.who).infective;
    let dead = (lost || crashed) && record.infective == u32::from(record.known(scene.who).infective);
    if dead && (record.informed as usize) < scene.count() { Ok(()) } else { Err(Contradiction::default()) }
}

impl Display for Stamp {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.time == 0 {
            return out.write_str("nothing");
        }
        write!(out, "{}@{}", exact(self.time), NodeId(self.author))
    }
}

impl Display for Disk {
    /// The item, and up to when the node has stamped its changes.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.stamped {
            0 => write!(out, "{}", self.item),
            latest => write!(out, "{}, own stamps up to {}", self.item, exact(latest)),
        }
    }
}

impl Display for Item {
    /// `7 of 500ms@n1`, a death certificate `deleted of 7s@n2`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.value {
            Some(value) => write!(out, "{value} of {}", self.stamp),
            None if self.stamp.time == 0 => out.write_str("nothing"),
            None => write!(out, "deleted of {}", self.stamp),
        }
    }
}
