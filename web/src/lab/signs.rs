//! What has been seen of a protocol's own signs, for the legend.

use faultline_core::view::{NodeView, Sign, Story, View};

/// The signs of nodes that a protocol gives a meaning of its own, as far as any was seen in a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signs {
    /// The signs, each with the roles that were drawn so.
    pub roles: Vec<(Sign, Vec<&'static str>)>,
    /// Whether a node had voted for another.
    pub voted: bool,
    /// Whether one held a version of something, and whether one kept such for another.
    pub held: [bool; 2],
    /// Whether something waited in a queue.
    pub queue: bool,
    /// Whether two stories were told.
    pub stories: bool,
    /// Whether a message brought proofs along.
    pub proofs: bool,
    /// Whether a node had a timer.
    pub timer: bool,
    /// Whether one had a log.
    pub log: bool,
    /// Whether one counted what others said.
    pub poll: bool,
    /// Whether several others had said it, and whether they were enough.
    pub quorum: [bool; 2],
    /// Whether the way of a request was known.
    pub way: bool,
    /// Whether nodes named a cut through the run that is not consistent, and whether one that is.
    pub cut: [bool; 2],
}

impl Signs {
    pub(super) fn see(&mut self, view: &View) {
        let face = |story: &Story| story.face.is_some();
        self.stories |= view.messages.iter().filter_map(|it| it.story.as_ref()).any(face);
        self.proofs |= view.messages.iter().any(|message| message.proofs > 0);
        if self.quorum != [true; 2] {
            view.quorums(None).iter().for_each(|it| self.quorum[usize::from(it.enough)] = true);
        }
        self.way = self.way || view.way(None).is_some();
        view.frontiers.iter().for_each(|it| self.cut[usize::from(it.is_consistent())] = true);
        view.nodes.iter().for_each(|node| self.see_node(node));
    }

    fn see_node(&mut self, node: &NodeView) {
        let card = &node.card;
        self.timer |= !node.timers.is_empty();
        self.log |= !card.log.is_empty();
        self.poll |= card.poll.is_some();
        self.queue |= card.lanes.iter().any(|lane| !lane.items.is_empty());
        self.voted |= card.voted.is_some();
        for held in &card.holds {
            self.held[usize::from(held.home.is_some())] = true;
        }
        if !node.up {
            return;
        }
        let known = self.roles.iter().position(|(sign, _)| *sign == card.sign);
        let place = known.unwrap_or_else(|| {
            self.roles.push((card.sign, Vec::new()));
            self.roles.len() - 1
        });
        if !self.roles[place].1.contains(&card.role) {
            self.roles[place].1.push(card.role);
        }
    }
}
