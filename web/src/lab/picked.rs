//! What is picked: how closely it is looked at, what may be done to it, and which node is meant where none is picked.

use super::Lab;
use faultline_core::NodeId;
use faultline_core::session::{Found, Offer, Target};
use faultline_core::title::Layout;
use faultline_core::toolbox::map::Map;
use faultline_core::toolbox::order;
use faultline_core::trace::Record;
use faultline_core::view::{MessageView, NodeView};
use std::rc::Rc;

/// With more nodes the diagram shows so many of their lifelines.
const LIFELINES: (usize, usize) = (64, 12);

impl Lab {
    /// Looks closely at what is picked; whether something else was, or more is known now.
    pub(super) fn focus(&mut self) -> bool {
        let mut picked = self.group.clone();
        if let Some(Target::Node(id)) = self.selection {
            picked.push(id);
        }
        if self.chosen.as_ref() == Some(&(picked.clone(), self.version, self.horizon)) {
            return false;
        }
        if self.session.is_crowd() {
            self.session.focus(&picked);
        }
        let lines = self.choose(&picked);
        if lines != *self.lifelines {
            self.lifelines = Rc::new(lines);
            self.chunks = Map::default();
        }
        self.chosen = Some((picked, self.version, self.horizon));
        true
    }

    /// The lifelines that the diagram shows: all, or those of the picked nodes, of whom the first of them speaks with, and
    /// of the first nodes of all.
    fn choose(&self, picked: &[NodeId]) -> Vec<NodeId> {
        let all = (0..self.session.scenario().nodes).map(NodeId);
        if all.len() <= LIFELINES.0 {
            return all.collect();
        }
        let mut lines: Vec<NodeId> = picked.iter().copied().take(LIFELINES.1).collect();
        let about = lines.first().copied().unwrap_or(NodeId(0));
        let with = |record: &Record| match (NodeId(record.node), NodeId(record.peer)) {
            _ if !record.what.ends_message() => None,
            (to, from) if to == about => Some(from),
            (to, from) if from == about => Some(to),
            _ => None,
        };
        let others = self.session.run().records().iter().filter_map(with);
        for node in std::iter::once(about).chain(others).chain(all) {
            if lines.len() >= LIFELINES.1 {
                break;
            }
            if !lines.contains(&node) {
                lines.push(node);
            }
        }
        order::by(&mut lines, Ord::cmp);
        lines
    }

    /// Follows what is picked.
    pub fn attend(&mut self) {
        if self.focus() {
            self.look();
        }
    }

    /// In a crowd only the selected message bears words.
    pub(super) fn word_selected(&mut self) {
        let Some(Target::Message(id)) = self.selection else { return };
        let view = Rc::make_mut(&mut self.view);
        if let Some(message) = view.messages.iter_mut().find(|it| it.id == id && it.name.is_empty())
            && let Some(worded) = self.session.message(id)
        {
            *message = worded;
        }
    }

    /// The selected message.
    pub fn message(&self) -> Option<&MessageView> {
        match self.selection {
            Some(Target::Message(id)) => self.view.messages.iter().find(|message| message.id == id),
            _ => None,
        }
    }

    /// The node that is picked, else the one that leads.
    pub fn leader(&self) -> Option<&Rc<NodeView>> {
        let nodes = &self.view.nodes;
        if let Some(Target::Node(id)) = self.selection {
            return nodes.get(id.index());
        }
        nodes.iter().rev().find(|node| node.leads())
    }

    /// Who may be asked something: the node that is picked, else the one that leads, else the first.
    pub fn subject(&self) -> Option<&Rc<NodeView>> {
        let nodes = &self.view.nodes;
        self.leader().or_else(|| nodes.iter().find(|node| node.up)).or_else(|| nodes.first())
    }

    /// What the buttons in the bar do to the node that is picked, or that leads: one of each verb. Where nobody leads and
    /// nobody will, any node may be asked.
    pub fn shortcuts(&self) -> Vec<Offer> {
        let wanted: &[&str] = match self.leader() {
            Some(_) => &["ask", "crash", "restart", "cut", "heal"],
            None if self.session.has_leader() => &["heal"],
            None => &["ask", "heal"],
        };
        let subject = self.subject().map(|node| Target::Node(node.id));
        let about = subject.map(|target| self.session.offers(target)).unwrap_or_default();
        let of = |verb: &&str| about.iter().find(|offer| offer.verb == *verb).cloned();
        wanted.iter().filter_map(of).collect()
    }

    /// The nodes whose lifelines are shown, from the top, and whether each is up. Where the stage has tiers, the lifelines
    /// stand in their order: clients above the replicas, as papers draw them.
    pub fn lives(&self) -> Vec<(NodeId, bool)> {
        let node = |id: &NodeId| self.view.nodes.get(id.index());
        let up = |id: &NodeId| (*id, node(id).is_some_and(|node| node.up));
        let mut lives: Vec<_> = self.lifelines.iter().map(up).collect();
        if self.view.layout == Layout::Tiers {
            let tier = |life: &(NodeId, bool)| node(&life.0).map(|node| node.card.place);
            order::by(&mut lives, |one, other| tier(one).cmp(&tier(other)));
        }
        lives
    }

    /// Selects nodes together; one alone is selected as ever.
    pub fn gather(&mut self, mut nodes: Vec<NodeId>) {
        order::by(&mut nodes, Ord::cmp);
        self.selection = None;
        match nodes[..] {
            [one] => self.selection = Some(Target::Node(one)),
            _ => self.group = nodes,
        }
    }

    /// What may be done to what is selected.
    pub fn offers(&self) -> Vec<Offer> {
        match self.selection {
            Some(target) => self.session.offers(target),
            None if self.group.is_empty() => Vec::new(),
            None => self.session.group_offers(&self.group),
        }
    }

    /// What may be done that somebody means by a text.
    pub fn find(&self, text: &str) -> Found {
        self.session.find(text, self.selection, &self.group)
    }
}
