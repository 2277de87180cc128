//! Events: everything that can happen to a world, each concrete enough to happen in one way only.

use crate::node::NodeId;
use crate::shim::Payload;
use crate::time::Micros;

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
    Cut(Links),
    /// Links carry messages again; without any named, all of them.
    Heal(Option<Links>),
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

/// Some links, in the words of a scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Links {
    /// `n1>n2`: one way.
    OneWay(NodeId, NodeId),
    /// `n1-n2`: both ways.
    Both(NodeId, NodeId),
    /// `n1,n2|n3`: everything between groups. Nodes that no group names are a group of their own.
    Groups(Vec<Vec<NodeId>>),
}

impl Links {
    /// Every directed link that is meant, among `count` nodes.
    pub fn pairs(&self, count: u32) -> Vec<(NodeId, NodeId)> {
        match self {
            Links::OneWay(from, to) => vec![(*from, *to)],
            Links::Both(one, other) => vec![(*one, *other), (*other, *one)],
            Links::Groups(groups) => {
                let side = |node| groups.iter().position(|group| group.contains(&node));
                let sides: Vec<_> = (0..count).map(|node| side(NodeId(node))).collect();
                let all = (0..count).flat_map(|from| (0..count).map(move |to| (NodeId(from), NodeId(to))));
                all.filter(|(from, to)| sides[from.index()] != sides[to.index()]).collect()
            }
        }
    }
}
