//! Who bears a name that a text uses: the nodes and messages of a moment that it speaks of.

use super::{NodeView, View};
use crate::name::NodeId;
use crate::scenario::{sights, state};

/// Whom a name speaks of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bearers {
    /// Nodes: by what they are called, by their role, or else by something that their cards show.
    pub nodes: Vec<NodeId>,
    /// Messages under way, by their kind; each by its place.
    pub messages: Vec<usize>,
    /// Whether it is the name of a claim.
    pub claim: bool,
}

impl Bearers {
    /// Whether nobody bears the name.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty() && self.messages.is_empty() && !self.claim
    }
}

impl View {
    /// Who bears a name at this moment.
    pub fn bearers(&self, name: &str) -> Bearers {
        let called = |it: &str, called: &str| it == name || called == name;
        let one = self.nodes.iter().find(|node| called(&node.id.to_string(), &node.called));
        if let Some(node) = one {
            return Bearers { nodes: vec![node.id], ..Bearers::default() };
        }
        let messages = self.messages.iter().enumerate().filter(|(_, message)| message.kind.name == name);
        let messages: Vec<usize> = messages.map(|(place, _)| place).collect();
        let (padded, is) = (format!(" {name} "), format!("is {name}"));
        let bear = |shows: &dyn Fn(&String) -> bool| -> Vec<NodeId> {
            let shown = |node: &NodeView| sights(state(node.up, node.paused, node.taken), &node.card);
            self.nodes.iter().filter(|node| shown(node).iter().any(shows)).map(|node| node.id).collect()
        };
        // A role or a kind of message is not also what other nodes know of it: `leader` is not who follows one.
        let mut nodes = bear(&|text| *text == is);
        if nodes.is_empty() && messages.is_empty() {
            nodes = bear(&|text| format!(" {text} ").contains(&padded));
        }
        Bearers { nodes, messages, claim: self.claims.iter().any(|claim| claim.name == name) }
    }
}
