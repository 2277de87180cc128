//! # The problem of epidemic dissemination (Demers et al. 1987)
//!
//! A database is replicated at many nodes. An application changes an item at one of them, and the change must
//! reach all others, though no node knows which of them have it already. Each change is stamped with its
//! author's clock, and of two items the one with the greater stamp is newer: a node that receives a newer
//! item adopts it. That merge is commutative, associative and idempotent, so the order, the path and the
//! number of arrivals of a change do not matter.
//!
//! A deletion is a change, too: it leaves a death certificate, which spreads like any other value. Without
//! the certificate, old copies at other nodes would look like news.
//!
//! Items do not influence each other, so there is one item unless several are asked for. With rumours, no
//! node ever knows that all have heard one: delivery is only probable. Anti-entropy, which never stops
//! comparing, guarantees it.

use faultline_core::card::Fact;
use faultline_core::prelude::*;
use faultline_core::time::exact;
use faultline_core::toolbox::hole::{letter, wrong};
use std::fmt::{self, Display};

pub mod gossip;

/// Which of two changes is the newer: the one that its author's clock puts later; of equal ones that of the
/// later node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp {
    /// What the author's clock read, or just past its latest change; 0 where nothing is known.
    pub time: Micros,
    /// The index of the node that made the change.
    pub author: u32,
}

/// Which item: the only one, or one of several, `a` to `z`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(pub Option<char>);

impl Key {
    /// Its place among all items.
    pub fn place(self) -> usize {
        self.0.map_or(0, |letter| letter as usize - 'a' as usize)
    }
}

/// One of several items, as a request names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(pub char);

impl Hole for Name {
    fn read(word: &str) -> Result<Self, String> {
        letter(word).map(Name).ok_or_else(|| wrong(word, "a letter from `a` to `z`"))
    }
}

impl Display for Name {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.0)
    }
}

/// The item as a node holds it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Item {
    /// Which item it is.
    pub key: Key,
    /// When it was changed, in the order of changes.
    pub stamp: Stamp,
    /// Its value; `None` in a death certificate, and where nothing is known.
    pub value: Option<u32>,
    /// When a death certificate that lay dormant was last awakened; 0 if it never was.
    pub awakened: Micros,
}

impl Item {
    /// What a node holds that knows nothing of an item.
    pub fn nothing(key: Key) -> Self {
        Item { key, ..Item::default() }
    }
}

/// What is on a node's disk.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Disk {
    /// What it holds: of the first item, and of the others if there are several.
    pub item: Item,
    /// See [`Disk::item`].
    pub others: Vec<Item>,
    /// The time of the latest stamp that it gave to a change of its own.
    pub stamped: Micros,
}

/// What the application asks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words, Read)]
#[words(
    otherwise = "a node can be asked to `Update 7`, with a whole number, or to `Delete`; where there are several items, to \
                 `Update b 7` or to `Delete b`"
)]
pub enum Input {
    /// Give one of several items this value.
    #[words("Update {0} {1}")]
    UpdateOf(Name, u32),
    /// Give the item, or the first of several, this value.
    #[words("Update {0}")]
    Update(u32),
    /// Delete one of several items.
    #[words("Delete {0}")]
    DeleteOf(Name),
    /// Delete the item, or the first of several.
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
    #[words("LostInterest{key} after {contacts} contacts, the last with {last}")]
    LostInterest {
        /// In which item.
        key: Key,
        /// How many contacts it has had over it.
        contacts: u32,
        /// How many it must have had.
        patience: u32,
        /// With whom the last was.
        last: NodeId,
    },
    /// This node has discarded a death certificate that is old enough.
    Discarded(Item),
    /// An older copy of a deleted item has awakened the dormant death certificate here.
    Awakened(Item),
}

/// A protocol that solves the problem.
pub trait Epidemic: Protocol<Input = Input, Output = Output, Record = Record> {
    /// What the node holds of each item, in order.
    fn items(&self) -> impl Iterator<Item = Item>;
    /// Whether it goes on comparing for ever, and so promises delivery.
    fn never_stops(&self) -> bool;
    /// Whether it spreads changes as rumours.
    fn tells_rumours(&self) -> bool;
    /// Whether it discards death certificates that are old enough, and so may hold nothing of a deleted item.
    fn discards(&self) -> bool;
}

/// What the judge remembers of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Record {
    /// Every change: its item with its value, and when it was made.
    changes: Map<Stamp, (Key, Option<u32>, Micros)>,
    /// By the item's place, then by node.
    known: Vec<Vec<Known>>,
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
            (0..self.known.len()).for_each(|place| self.set_infective(place, step.who, false));
        }
        for output in step.outputs {
            match output {
                Output::Superseded(item) => self.stamps(item.stamp),
                Output::Changed(item) => {
                    self.stamps(item.stamp);
                    let newer = item.stamp > self.newest();
                    self.changes.insert(item.stamp, (item.key, item.value, step.now));
                    if newer {
                        self.informed = 0;
                    }
                    self.learns(step, item.key, item.stamp);
                }
                Output::Learnt(item) => {
                    self.learnt = true;
                    self.learns(step, item.key, item.stamp);
                }
                Output::Awakened(item) => self.learns(step, item.key, item.stamp),
                Output::LostInterest { key, .. } => {
                    self.lost_interest = true;
                    self.set_infective(key.place(), step.who, false);
                }
                Output::Discarded(item) => {
                    self.set_infective(item.key.place(), step.who, false);
                    self.informed -=
                        u32::from(self.knows(step.who, item.key, Stamp::default()) == self.newest());
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

    fn known(&self, key: Key, node: NodeId) -> Known {
        self.known.get(key.place()).and_then(|known| known.get(node.index())).copied().unwrap_or_default()
    }

    /// On how many items a node spreads a rumour.
    fn told_by(&self, node: NodeId) -> u32 {
        self.known.iter().filter(|known| known.get(node.index()).is_some_and(|it| it.infective)).count()
            as u32
    }

    fn learns<P: Epidemic>(&mut self, step: &Step<'_, P>, key: Key, stamp: Stamp) {
        let (node, newest) = (step.who, self.newest());
        self.set_infective(key.place(), node, step.node.is_some_and(P::tells_rumours));
        let before = self.knows(node, key, stamp);
        self.informed -= u32::from(before == newest);
        self.informed += u32::from(stamp == newest);
    }

    /// From now on the node knows this of an item, whose place there is; what it knew before.
    fn knows(&mut self, node: NodeId, key: Key, stamp: Stamp) -> Stamp {
        std::mem::replace(&mut self.known[key.place()][node.index()].stamp, stamp)
    }

    fn set_infective(&mut self, place: usize, node: NodeId, infective: bool) {
        if self.known.len() <= place {
            self.known.resize(place + 1, Vec::new());
        }
        let known = &mut self.known[place];
        if known.len() <= node.index() {
            known.resize(node.index() + 1, Known::default());
        }
        let before = std::mem::replace(&mut known[node.index()].infective, infective);
        self.infective = self.infective + u32::from(infective) - u32::from(before);
    }

    /// A node that was told of a change, or made it itself, which may have been superseded at once.
    fn holder_of(&self, node: NodeId, stamp: Stamp) -> Side {
        let change = self.changes.get(&stamp);
        let (key, value, _) = change.copied().unwrap_or_default();
        let item = Item { key, stamp, value, awakened: 0 };
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
            && scene.record.changes.get(&item.stamp).is_none_or(|it| (it.0, it.1) != (item.key, item.value))
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
            let before = scene.record.known(item.key, scene.who).stamp;
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

/// The changes that have had their time and whose author is up, so that it has them and compares; the newest
/// first.
fn due<'a, P: Epidemic>(scene: &'a Scene<'_, P>) -> impl Iterator<Item = (Key, Stamp, bool)> + 'a {
    let compares = |stamp: &Stamp| scene.node_of(NodeId(stamp.author)).is_some_and(P::never_stops);
    let changes = scene.record.changes.iter().rev();
    let due = changes.filter(move |(stamp, (.., at))| *at < scene.due && compares(stamp));
    due.map(|(stamp, (key, value, _))| (*key, *stamp, value.is_none()))
}

fn convergence<P: Epidemic>(scene: &Scene<'_, P>) -> Result<(), Contradiction> {
    let mut seen = Vec::new();
    for (key, due, is_deletion) in due(scene) {
        // The newest of each item.
        if seen.contains(&key) {
            continue;
        }
        seen.push(key);
        let lacks = |(id, node): (NodeId, &P)| {
            let item = node.items().nth(key.place())?;
            let is_gone = is_deletion && node.discards() && item.stamp == Stamp::default();
            (item.stamp < due && !is_gone).then_some((id, item))
        };
        if let Some((id, item)) = scene.nodes().find_map(lacks) {
            return Err(Contradiction::between(
                format!("{id} holds {item}, and neither the change {due} nor a newer one"),
                [holder(id), scene.record.holder_of(NodeId(due.author), due)],
            ));
        }
    }
    Ok(())
}

fn residue<P: Epidemic>(scene: &Scene<'_, P>) -> Result<(), Contradiction> {
    let record = scene.record;
    let lost =
        scene.outputs.iter().filter(|output| matches!(output, Output::LostInterest { .. })).count() as u32;
    let told = record.told_by(scene.who);
    // A node that has lost interest in one of several rumours may go on with the others.
    let ends = if scene.node.is_none() { told } else { lost.min(told) };
    let dead = (lost > 0 || ends > 0) && record.infective == ends;
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

impl Display for Key {
    /// ` of b`, and nothing where there is one item.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |letter| write!(out, " of {letter}"))
    }
}

impl Display for Disk {
    /// The items, and up to when the node has stamped its changes.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.item)?;
        self.others.iter().try_for_each(|item| write!(out, ", {item}"))?;
        match self.stamped {
            0 => Ok(()),
            latest => write!(out, ", own stamps up to {}", exact(latest)),
        }
    }
}

impl Display for Item {
    /// `7 of 500ms@n1`, a death certificate `deleted of 7s@n2`; of one of several items `b=7 of 500ms@n1`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.key.0.map_or(Ok(()), |letter| write!(out, "{letter}="))?;
        match self.value {
            Some(value) => write!(out, "{value} of {}", self.stamp),
            None if self.stamp.time == 0 => out.write_str("nothing"),
            None => write!(out, "deleted of {}", self.stamp),
        }?;
        match self.awakened {
            0 => Ok(()),
            time => write!(out, ", awakened {}", exact(time)),
        }
    }
}
