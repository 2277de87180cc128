//! What connects nodes, as a picture shows it: who is in a quorum, and the way of a request.

use super::{NodeView, Path, Poll, View};
use crate::name::NodeId;
use crate::toolbox::order::by_number;

/// More hulls at a time cannot be told apart.
const MOST_QUORUMS: usize = 2;

/// Those who have given a node what it counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quorum {
    /// The node that counts.
    pub of: NodeId,
    /// The nodes that have given it; the one that counts is among them where it counts itself. At least two, if one is not enough.
    pub members: Vec<NodeId>,
    /// Whether that is enough.
    pub enough: bool,
    /// How many of how many have given what: `2 of 5 votes`; with the node that counts before it if it is no member.
    pub words: String,
}

impl Quorum {
    fn of(node: &NodeView) -> Option<Self> {
        let poll = node.card.poll.as_ref().filter(|poll| node.up && poll.asked.len() > 1)?;
        let members: Vec<NodeId> = poll.who(true).iter().collect();
        let counted = format!("{} of {} {}", members.len(), poll.asked.len(), poll.name);
        let words = if members.contains(&node.id) { counted } else { format!("{}: {counted}", node.called) };
        let enough = poll.is_enough();
        (members.len() > usize::from(!enough)).then_some(Quorum { of: node.id, members, enough, words })
    }
}

impl Poll {
    /// Whether as many as are needed have answered.
    pub fn is_enough(&self) -> bool {
        self.enough.is_some_and(|enough| self.got() >= enough)
    }
}

impl View {
    /// The quorums that are drawn: that of the chosen node alone if it counts; otherwise of those with different members at
    /// most two, first those that are not yet enough.
    pub fn quorums(&self, chosen: Option<NodeId>) -> Vec<Quorum> {
        let mut all: Vec<Quorum> = self.nodes.iter().filter_map(|node| Quorum::of(node)).collect();
        if let Some(its) = all.iter().position(|quorum| Some(quorum.of) == chosen) {
            return vec![all.swap_remove(its)];
        }
        by_number(&mut all, |quorum| quorum.enough.into());
        let mut drawn: Vec<Quorum> = Vec::new();
        for quorum in all {
            if drawn.len() < MOST_QUORUMS && drawn.iter().all(|other| other.members != quorum.members) {
                drawn.push(quorum);
            }
        }
        drawn
    }

    /// The way that is drawn: of the request that the chosen node began, or otherwise of the latest that is under way or,
    /// without any, has come to its end.
    pub fn way(&self, chosen: Option<NodeId>) -> Option<&Path> {
        let leads_on = |path: &&Path| path.nodes.len() > 1;
        let under_way = || self.messages.iter().filter_map(|message| message.way.as_ref()).filter(leads_on);
        let ended = |node: NodeId| self.nodes.get(node.index()).and_then(|node| node.card.paths.last());
        if let Some((node, path)) = chosen.and_then(|node| Some((node, ended(node)?))) {
            let its = under_way().rfind(|path| path.nodes.first() == Some(&node));
            return its.or(Some(path).filter(leads_on));
        }
        under_way().next_back().or_else(|| self.asked.and_then(ended).filter(leads_on))
    }
}
