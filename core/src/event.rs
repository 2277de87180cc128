//! Events: everything that can happen to a world, each concrete enough to happen in one way only.

use crate::clock::Adjustment;
use crate::name::NodeId;
use crate::network::Behaviour;
use crate::slot::Payload;
use crate::time::Micros;
use crate::toolbox::order::by_number;
use std::fmt::{self, Display};

/// Everything that can happen.
#[derive(Clone)]
pub enum Event {
    /// A node starts for the first time.
    Boot(NodeId),
    /// A message reaches its receiver.
    Deliver(MessageId),
    /// The network loses a message.
    Lose(MessageId),
    /// A timer of a node fires, by its place in the node's list.
    Fire(NodeId, u32),
    /// The workload asks some node for something.
    Ask,
    /// Somebody takes a message away.
    Drop(MessageId),
    /// Somebody holds a message back for some time.
    Delay(MessageId, Micros),
    /// Somebody copies a message; the copy arrives right after it.
    Duplicate(MessageId),
    /// The application asks a node for something.
    Input(NodeId, Input),
    /// A node stops and forgets all but its disk.
    Crash(NodeId),
    /// A node that is down boots again.
    Restart(NodeId),
    /// Links lose from now on what is sent on them and what would arrive.
    Cut(LinkSet),
    /// Links carry messages again; without any named, all of them.
    Heal(Option<LinkSet>),
    /// A node takes no step from now on; what arrives and what fires waits.
    Pause(NodeId),
    /// A paused node goes on.
    Resume(NodeId),
    /// What would arrive over links waits from now on.
    Hold(LinkSet),
    /// What waits at links arrives; without any named, all that is held.
    Release(Option<LinkSet>),
    /// A message would arrive, and waits.
    HoldMessage(MessageId),
    /// A message that was held arrives.
    ReleaseMessage(MessageId),
    /// Links, or all of them, behave otherwise from now on. Boxed, because every event is as long as the longest.
    Link(Box<(Option<LinkSet>, Behaviour)>),
    /// Messages of a sort are lost for some time.
    Stand(Box<LossRule>),
    /// A node stops, and its disk forgets the last that was written.
    CrashLosing(NodeId),
    /// A node's timers take so many thousandths of their time from now on.
    Slow(NodeId, u32),
    /// Somebody does something to a node's clock.
    Clock(NodeId, Adjustment),
    /// Somebody takes a node over: from now on it may lie.
    TakeOver(NodeId),
    /// A message becomes one of its sender's lies, by its place among those that it could tell now.
    Forge(MessageId, u32),
    /// The sender of a message says it to somebody else, too.
    Inject(MessageId, NodeId),
    /// A node's next choices are these.
    Choose(NodeId, Box<[u64]>),
}

/// A standing rule: which messages are lost, and until when.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LossRule {
    /// On which links; all, without any.
    pub links: Option<LinkSet>,
    /// Of which kind, by its place among the protocol's; of any, without one.
    pub kind: Option<u8>,
    /// Until when, that moment excluded.
    pub until: Micros,
}

/// What an application asks of a node.
#[derive(Clone)]
pub struct Input(pub(crate) Payload);

/// A message in flight: its place among those in flight, and its number among all that were ever sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageId {
    pub(crate) place: u32,
    pub(crate) id: u64,
}

/// A message as people point at it: its link, its kind, and which of those in flight, the first sent counting 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageName {
    /// The sender.
    pub from: NodeId,
    /// The receiver.
    pub to: NodeId,
    /// The kind's name.
    pub kind: &'static str,
    /// Which one, from 1.
    pub ordinal: u32,
}

impl Display for MessageName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}>{} {}", self.from, self.to, self.kind)?;
        if self.ordinal > 1 { write!(out, "#{}", self.ordinal) } else { Ok(()) }
    }
}

/// Some links, in the words of a scenario.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum LinkSet {
    /// `n1>n2`: one way.
    OneWay(NodeId, NodeId),
    /// `n1-n2`: both ways.
    Both(NodeId, NodeId),
    /// `n1,n2|n3`: everything between groups. Nodes that no group names are a group of their own.
    Groups(Vec<Vec<NodeId>>),
}

impl LinkSet {
    /// Whether the link from one node to another is meant.
    pub fn include(&self, from: NodeId, to: NodeId) -> bool {
        match self {
            LinkSet::OneWay(one, other) => (from, to) == (*one, *other),
            LinkSet::Both(one, other) => (from, to) == (*one, *other) || (from, to) == (*other, *one),
            LinkSet::Groups(groups) => {
                let side = |node| groups.iter().position(|group| group.contains(node));
                side(&from) != side(&to)
            }
        }
    }

    /// Every directed link that is meant, among `count` nodes.
    pub fn pairs(&self, count: u32) -> Vec<(NodeId, NodeId)> {
        match self {
            LinkSet::OneWay(from, to) => vec![(*from, *to)],
            LinkSet::Both(one, other) => vec![(*one, *other), (*other, *one)],
            LinkSet::Groups(groups) => {
                let sides = sides(groups, count);
                let mut members = vec![Vec::new(); groups.len() + 1];
                (0..count).for_each(|node| members[sides[node as usize]].push(NodeId(node)));
                let mut pairs = Vec::new();
                for from in (0..count).map(NodeId) {
                    let start = pairs.len();
                    for (side, others) in members.iter().enumerate() {
                        if side != sides[from.index()] {
                            pairs.extend(others.iter().map(|&to| (from, to)));
                        }
                    }
                    by_number(&mut pairs[start..], |(_, to)| to.0.into());
                }
                pairs
            }
        }
    }

    /// How many directed links are meant, among `count` nodes.
    pub fn how_many(&self, count: u32) -> u64 {
        match self {
            LinkSet::OneWay(..) => 1,
            LinkSet::Both(..) => 2,
            LinkSet::Groups(groups) => {
                let mut sizes = vec![0_u64; groups.len() + 1];
                for side in sides(groups, count) {
                    sizes[side] += 1;
                }
                sizes.iter().map(|size| size * (u64::from(count) - size)).sum()
            }
        }
    }
}

impl Display for LinkSet {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LinkSet::OneWay(from, to) => write!(out, "{from}>{to}"),
            LinkSet::Both(one, other) => write!(out, "{one}-{other}"),
            LinkSet::Groups(groups) => {
                for (place, group) in groups.iter().enumerate() {
                    out.write_str(if place == 0 { "" } else { "|" })?;
                    for (place, node) in group.iter().enumerate() {
                        write!(out, "{}{node}", if place == 0 { "" } else { "," })?;
                    }
                }
                Ok(())
            }
        }
    }
}

/// To which group each of `count` nodes belongs; those that no group names belong to one more.
fn sides(groups: &[Vec<NodeId>], count: u32) -> Vec<usize> {
    let mut sides = vec![groups.len(); count as usize];
    for (side, group) in groups.iter().enumerate() {
        for node in group {
            sides[node.index()] = side;
        }
    }
    sides
}
