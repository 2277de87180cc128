//! Lookups (§4.3): from member to member, each time to the closest one before the key that the member knows.

use super::{Chord, Message, Output, Ring, Why};
use faultline_core::prelude::*;

/// How many lookups a node remembers.
const LOOKUPS: usize = 6;
/// The longest way of a lookup; one that is longer goes in circles.
const LONGEST_WAY: usize = 64;

const LOST: Rule = Rule::new("§5", "A member gives up a lookup that goes in circles.");
const OWNED: Rule = Rule::new("§4.3", "A key between a member and its successor belongs to the successor.");
const FORWARD: Rule = Rule::new("§4.3", "A member forwards a lookup to its closest finger before the key.");
const LOCATED: Rule = Rule::new("§4.3", "The node that asked learns which member owns the key.");
pub(super) const FIX: Rule =
    Rule::new("§5.1", "A member refreshes its fingers one after the other, with lookups.");

impl Chord {
    /// The application asks for a key.
    pub(super) fn look_up(&mut self, key: u32, why: Why, ctx: &mut Ctx<Self>) {
        let key = self.circle.distance(0, key);
        self.lookups.push((key, vec![self.me], None));
        if self.lookups.len() > LOOKUPS {
            self.lookups.remove(0);
        }
        self.find_successor(key, why, Vec::new(), ctx);
    }

    /// Answers the node that asked if the key lies between this member and its successor; otherwise forwards
    /// the lookup.
    pub(super) fn find_successor(&mut self, key: u32, why: Why, mut way: Vec<NodeId>, ctx: &mut Ctx<Self>) {
        if why.is_asked() || way.is_empty() {
            way.push(self.me);
        }
        if way.len() > LONGEST_WAY {
            return ctx.note(&LOST);
        }
        let (origin, successor) = (way[0], self.successors[0]);
        let open = ctx.params().bugs.excludes_end;
        let to_key = match self.circle.distance(self.identifier_of(self.me), key) {
            0 if !open => 1 << self.circle.bits,
            way => u64::from(way),
        };
        if to_key < self.ahead(successor) + u64::from(!open) || successor == self.me {
            ctx.note(&OWNED);
            return ctx.send(origin, Message::Found(key, why, successor, way));
        }
        ctx.note(&FORWARD);
        let closest = self.closest_preceding_node(to_key).unwrap_or(successor);
        ctx.send(closest, Message::Find(key, why, way));
    }

    /// The last before the key among all that it knows: fingers and, as the paper of 2003 says, successors.
    fn closest_preceding_node(&self, to_key: u64) -> Option<NodeId> {
        let (mut closest, mut farthest, mut latest) = (None, 0, self.me);
        for &node in self.fingers.iter().chain(&self.successors) {
            // Most of the near fingers are one node.
            if node == latest {
                continue;
            }
            latest = node;
            let ahead = self.ahead(node);
            if farthest <= ahead && ahead < to_key {
                (closest, farthest) = (Some(node), ahead);
            }
        }
        closest
    }

    /// The application's lookup is answered. It may have been meant to store or fetch the key.
    pub(super) fn located(
        &mut self,
        key: u32,
        why: Why,
        owner: NodeId,
        way: Vec<NodeId>,
        ctx: &mut Ctx<Self>,
    ) {
        match why {
            Why::Put => Self::found_owner(Message::Store(key), owner, ctx),
            Why::Get => Self::found_owner(Message::Fetch(key), owner, ctx),
            _ => {
                ctx.tell(&LOCATED, || format!("learns that key {key} is at {owner}"));
                ctx.output(Output::Located(key, owner, way.len() as u32 - 1));
            }
        }
        if let Some(lookup) = self.lookups.iter_mut().rev().find(|lookup| lookup.0 == key) {
            (lookup.1, lookup.2) = (way, Some(owner));
        }
    }

    /// Looks up where the next finger points.
    pub(super) fn fix_fingers(&mut self, ctx: &mut Ctx<Self>) {
        ctx.note(&FIX);
        let nth = self.next_finger;
        self.next_finger = (nth + 1) % self.circle.bits as u8;
        let goal = self.circle.goal(self.identifier_of(self.me), nth);
        self.find_successor(goal, Why::Finger(nth), Vec::new(), ctx);
    }
}
