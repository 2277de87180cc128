//! What a request says of its transaction: its participants, and the items that it changes there.

use faultline_core::prelude::*;
use faultline_core::toolbox::hole::{numbered, wrong};
use std::fmt::{self, Display};

/// What a request says of its transaction: ` with n2,n4 on x`, or nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope {
    /// Its participants.
    pub named: Named,
    /// The items that it changes at each of them.
    pub items: Items,
}

/// The participants that a request names. One that names none means all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Named(pub NodeSet);

/// Something that a participant keeps, and a transaction locks: `x`. Each participant has its own of every
/// name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
#[words(kebab)]
#[allow(missing_docs)]
pub enum Item {
    X,
    Y,
}

/// Items, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Items(pub Vec<Item>);

impl Named {
    /// These of the nodes that could take part.
    pub fn among(&self, all: impl Iterator<Item = NodeId>) -> NodeSet {
        all.filter(|node| self.0.is_empty() || self.0.contains(*node)).collect()
    }
}

impl Items {
    /// The first item that is in both.
    pub fn shared(&self, other: &Items) -> Option<Item> {
        self.0.iter().copied().find(|item| other.0.contains(item))
    }
}

impl Display for Named {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        listed(" with ", self.0.iter(), out)
    }
}

impl Display for Items {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        listed(" on ", self.0.iter(), out)
    }
}

impl Display for Scope {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}{}", self.named, self.items)
    }
}

/// A word, then what it introduces; nothing, where there is nothing to introduce.
fn listed(
    word: &str,
    things: impl Iterator<Item = impl Display>,
    out: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    for (place, thing) in things.enumerate() {
        write!(out, "{}{thing}", if place == 0 { word } else { "," })?;
    }
    Ok(())
}

impl Hole for Item {
    fn read(word: &str) -> Result<Self, String> {
        match word {
            "x" => Ok(Item::X),
            "y" => Ok(Item::Y),
            "" => Err("an item is missing, `x` or `y`".into()),
            _ => Err(wrong(word, "an item, `x` or `y`")),
        }
    }
}

impl Hole for Scope {
    fn read(words: &str) -> Result<Self, String> {
        let (named, items) = match words.split_once(" on ") {
            Some((named, items)) => (named, items.split(',').map(Item::read).collect::<Result<Vec<_>, _>>()?),
            None => (words, Vec::new()),
        };
        let named = match named.strip_prefix(" with ") {
            Some(nodes) => nodes.split(',').map(participant).collect::<Result<NodeSet, _>>()?,
            None if named.is_empty() => NodeSet::default(),
            None => return Err(wrong(words, "participants and items, as in `Begin with n2,n4 on x`")),
        };
        let mut items = items;
        items.sort_unstable();
        items.dedup();
        Ok(Scope { named: Named(named), items: Items(items) })
    }
}

/// Any node but the coordinator, which has no vote.
fn participant(word: &str) -> Result<NodeId, String> {
    if word.is_empty() {
        return Err("a participant is missing, such as `n2`".into());
    }
    let number = numbered("n", word).filter(|number| *number > 1);
    let node = number.and_then(|_| NodeId::read(word).ok());
    node.ok_or_else(|| wrong(word, "a participant, from `n2` on"))
}
