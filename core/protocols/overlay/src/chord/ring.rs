//! Keeping the ring (2001, §5): joining, stabilising, checking; what Zave corrected is said where it stands.

use super::{Chord, Chore, Message, Output, Params, Ring, STALE, Why};
use faultline_core::prelude::*;

const JOIN: Rule = Rule::new("§5.1", "A node joins by looking up its own identifier: that is its successor.");
const JOINED: Rule =
    Rule::new("Zave", "A new member takes its successor's list, and is unknown until it notifies.");
const STABILISE: Rule =
    Rule::new("§5.1", "A member asks its successor who is before it, and who is after it.");
const FAILED: Rule =
    Rule::new("§5.2", "A successor that does not answer has failed; the next in the list follows.");
pub(super) const ANSWER: Rule = Rule::new("§5.1", "Who is asked tells its neighbours.");
const ADOPT: Rule =
    Rule::new("§5.1", "Who has come between a member and its successor becomes its successor.");
const PROBE: Rule = Rule::new("Zave", "Nobody is adopted as a successor before it has answered itself.");
const RECONCILE: Rule =
    Rule::new("§5.2", "A member's list is its successor, and that one's list without its last.");
const NOTIFIED: Rule =
    Rule::new("§5.1", "Who notifies becomes predecessor if there is none, or it is closer.");
pub(super) const CHECK: Rule = Rule::new("2003, §IV-E", "A predecessor that does not answer is forgotten.");

/// Begins the chores, each some time within the first period.
pub(super) fn begin_chores(ctx: &mut Ctx<Chord>) {
    let period = ctx.params().period;
    for chore in [Chore::Stabilise, Chore::FixFinger, Chore::CheckPredecessor] {
        let first = ctx.random(1..=period);
        ctx.set(chore, first);
    }
}

impl Chord {
    /// What it would know after long enough in a ring of the first so many nodes.
    pub(super) fn become_ideal(&mut self, count: u32, ctx: &Ctx<Self>) {
        let Params { successors, ring_at_start, .. } = ctx.params();
        let ring = ring_at_start.of(self.circle, count);
        if let Some(last) = ring.after(self.me).next_back() {
            self.successors = ring.after(self.me).take(*successors as usize).collect();
            self.predecessor = Some(last);
        }
        for (nth, finger) in (0..).zip(&mut self.fingers) {
            *finger = ring.finger(self.me, nth);
        }
    }

    // Joining.

    /// Looks up its own identifier, with the help of a member.
    pub(super) fn join(&mut self, helper: NodeId, ctx: &mut Ctx<Self>) {
        ctx.note(&JOIN);
        ctx.send(helper, Message::Find(self.identifier_of(self.me), Why::Join, vec![self.me]));
    }

    /// It has learnt its successor, and asks that one for its list.
    pub(super) fn join_before(&mut self, successor: NodeId, ctx: &mut Ctx<Self>) {
        ctx.note(&JOINED);
        self.asked = Some(successor);
        ctx.send(successor, Message::Ask);
    }

    /// It has a successor and a list, and so is a member.
    pub(super) fn joined(&mut self, successor: NodeId, list: &[NodeId], ctx: &mut Ctx<Self>) {
        self.asked = None;
        self.member = true;
        self.take_list(successor, list, ctx);
        self.fingers.fill(successor);
        ctx.tell(&JOINED, || format!("joins before {successor}"));
        ctx.output(Output::Joined);
        begin_chores(ctx);
    }

    // Stabilising.

    /// Asks its successor who is before it; the next in the list, if this one has not answered since the last time.
    pub(super) fn stabilize(&mut self, ctx: &mut Ctx<Self>) {
        ctx.note(&STABILISE);
        if let Some(failed) = self.asked.take()
            && let Some(place) = self.successors.iter().position(|&node| node == failed)
        {
            ctx.tell(&FAILED, || format!("takes {failed} for failed"));
            self.successors.remove(place);
            self.fingers.iter_mut().filter(|finger| **finger == failed).for_each(|finger| *finger = self.me);
            if ctx.params().bugs.finger_as_successor {
                self.successors.clear();
                self.successors.extend(self.fingers.iter().find(|&&finger| finger != self.me));
            }
            if self.successors.is_empty() {
                self.successors.push(self.me);
            }
        }
        // Alone, whoever has notified is both before and after; as published, dead or alive.
        let alone = self.successors[0] == self.me;
        if alone && ctx.params().bugs.original_2001 {
            self.successors[0] = self.predecessor.unwrap_or(self.me);
            return;
        }
        let successor = if alone { self.predecessor } else { Some(self.successors[0]) };
        if let Some(node) = successor {
            self.asked = Some(node);
            ctx.send(node, Message::Ask);
        }
    }

    /// Tells its neighbours to whoever asks.
    pub(super) fn answer(&self, from: NodeId, ctx: &mut Ctx<Self>) {
        ctx.note(&ANSWER);
        ctx.send(from, Message::Neighbours(self.predecessor, self.successors.clone()));
    }

    /// The answer of the successor (Zave's stabilizeFromSuccessor) or of who was named by it as the one before it
    /// (stabilizeFromPredecessor); as published the second is adopted without being asked.
    pub(super) fn stabilize_from(
        &mut self,
        from: NodeId,
        between: Option<NodeId>,
        list: &[NodeId],
        ctx: &mut Ctx<Self>,
    ) {
        self.asked = None;
        let (original, is_successor) = (ctx.params().bugs.original_2001, self.successors[0] == from);
        let closer = between.filter(|&node| node != self.me && self.ahead(node) < self.ahead(from));
        match closer {
            Some(node) if original => {
                ctx.tell(&ADOPT, || format!("adopts {node} as its successor"));
                self.successors[0] = node;
            }
            Some(node) if is_successor => {
                ctx.note(&PROBE);
                self.take_list(from, list, ctx);
                self.asked = Some(node);
                ctx.send(node, Message::Ask);
                // This question, too, has a whole period for its answer.
                let period = ctx.params().period;
                ctx.set(Chore::Stabilise, period);
            }
            _ if is_successor || self.ahead(from) < self.ahead(self.successors[0]) => {
                ctx.note(if is_successor { &RECONCILE } else { &ADOPT });
                self.take_list(from, list, ctx);
            }
            _ => ctx.note(&STALE),
        }
        ctx.send(self.successors[0], Message::Notify);
    }

    /// Its successor, and that one's list without its last; corrected, not beyond its own place.
    fn take_list(&mut self, successor: NodeId, list: &[NodeId], ctx: &Ctx<Self>) {
        let Params { successors, bugs, .. } = ctx.params();
        let as_it_is = bugs.keeps_itself || bugs.original_2001;
        let (mut all, mut ahead) = (vec![successor], self.ahead(successor));
        for &node in list {
            let comes_round = node == self.me || self.ahead(node) <= ahead;
            if all.contains(&node) || comes_round && !as_it_is {
                break;
            }
            ahead = self.ahead(node);
            all.push(node);
        }
        all.truncate(*successors as usize);
        self.successors = all;
    }

    /// Somebody may be before it (Zave's rectify, but for asking a predecessor whether it is alive: that is a chore).
    pub(super) fn notified(&mut self, from: NodeId, ctx: &mut Ctx<Self>) {
        ctx.note(&NOTIFIED);
        let closer = match self.predecessor {
            None => !ctx.params().bugs.ignores_first_notify,
            Some(known) => self.ahead(from) > self.ahead(known),
        };
        if closer {
            self.predecessor = Some(from);
        }
    }

    // Checking.

    /// Forgets a predecessor that has not answered since the last time, and asks again.
    pub(super) fn check_predecessor(&mut self, ctx: &mut Ctx<Self>) {
        ctx.note(&CHECK);
        if self.pinged.is_some() && self.pinged == self.predecessor {
            self.predecessor = None;
        }
        self.pinged = self.predecessor.filter(|&node| node != self.me);
        if let Some(node) = self.pinged {
            ctx.send(node, Message::Ping);
        }
    }
}
