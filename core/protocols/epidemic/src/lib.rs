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

use faultline_core::prelude::*;
use faultline_core::time::exact;
use faultline_core::toolbox::hole::{letter, wrong};
use std::fmt::{self, Display};

mod claims;
pub mod gossip;
mod record;
pub use claims::claims;
pub use record::Record;

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
