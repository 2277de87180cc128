//! Keeping the ring (2001, §5): joining, stabilising, checking. Comments mark what Zave corrected.

use super::{Chord, Chore, Message, Output, Params, Ring, STALE, Why};
use faultline_core::prelude::*;

const JOIN: Rule =
    Rule::new("§5.1", "A node joins by looking up its own identifier; the answer is its successor.");
const JOINED: Rule = Rule::new(
    "Zave",
    "A new member takes over its successor's list. No other member knows it until it notifies.",
);
const STABILISE: Rule =
    Rule::new("§5.1", "A member asks its successor for its predecessor and its successors.");
const FAILED: Rule = Rule::new(
    "§5.2",
    "A successor that does not answer has failed. The next one in the list takes its place.",
);
const ANSWER: Rule = Rule::new("§5.1", "A member answers with its predecessor and its successors.");
pub(super) const ALIVE: Rule =
    Rule::new("2003, §IV-E", "A live predecessor answers when its successor checks it.");
const ADOPT: Rule = Rule::new("§5.1", "A node between a member and its successor becomes the new successor.");
const PROBE: Rule =
    Rule::new("Zave", "A member adopts a new successor only after that node itself has answered.");
const RECONCILE: Rule = Rule::new(
    "§5.2",
    "A member's list is its successor, followed by that successor's list without the last entry.",
);
const NOTIFIED: Rule =
    Rule::new("§5.1", "A node that notifies becomes the predecessor if there is none, or if it is closer.");
pub(super) const CHECK: Rule =
    Rule::new("2003, §IV-E", "A member forgets a predecessor that does not answer.");

/// Begins the chores, each some time within the first period.
pub(super) fn begin_chores(ctx: &mut Ctx<Chord>) {
    let period = ctx.params().period;
    for chore in [Chore::Stabilise, Chore::FixFinger, Chore::CheckPredecessor] {
        let first = ctx.random(1..=period);
        ctx.set(chore, first);
    }
}

impl Chord {
    /// Gives it what it would know after long enough in a ring of the first `count` nodes.
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
        ctx.remark(&JOIN, || format!("looks up its own identifier through {helper}"));
        ctx.send(helper, Message::Find(self.identifier_of(self.me), Why::Join, vec![self.me]));
    }

    /// It has learnt its successor, and asks that one for its list.
    pub(super) fn join_before(&mut self, successor: NodeId, ctx: &mut Ctx<Self>) {
        ctx.remark(&JOINED, || format!("finds its successor {successor} and asks for its list"));
        self.asked = Some(successor);
        ctx.send(successor, Message::Ask);
    }

    /// It has a successor and a list, and so is a member.
    pub(super) fn joined(&mut self, successor: NodeId, list: &[NodeId], ctx: &mut Ctx<Self>) {
        self.asked = None;
        self.member = true;
        self.take_list(successor, list, ctx);
        self.fingers.fill(successor);
        ctx.tell(&JOINED, || format!("joins the ring before {successor}"));
        ctx.output(Output::Joined);
        begin_chores(ctx);
    }

    // Stabilising.

    /// Asks its successor for its neighbours, or the next in the list if the successor has not answered since
    /// the last time.
    pub(super) fn stabilize(&mut self, ctx: &mut Ctx<Self>) {
        ctx.note(&STABILISE);
        if let Some(failed) = self.asked.take()
            && let Some(place) = self.successors.iter().position(|&node| node == failed)
        {
            ctx.tell(&FAILED, || format!("considers {failed} failed"));
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
        // For a member alone, the node that has notified is both before and after it; as published, dead or
        // alive.
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

    /// Tells its neighbours to the node that asks.
    pub(super) fn answer(&self, from: NodeId, ctx: &mut Ctx<Self>) {
        ctx.remark(&ANSWER, || format!("tells {from} its neighbours"));
        ctx.send(from, Message::Neighbours(self.predecessor, self.successors.clone()));
    }

    /// The answer of the successor (Zave's stabilizeFromSuccessor), or of the node that the successor named
    /// as its predecessor (stabilizeFromPredecessor). As published, a member adopts the second without asking
    /// it.
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
                ctx.remark(&PROBE, || format!("asks {node} before it adopts it as its successor"));
                self.take_list(from, list, ctx);
                self.asked = Some(node);
                ctx.send(node, Message::Ask);
                // This question, too, has a whole period for its answer.
                let period = ctx.params().period;
                ctx.set(Chore::Stabilise, period);
            }
            _ if is_successor || self.ahead(from) < self.ahead(self.successors[0]) => {
                if is_successor {
                    ctx.note(&RECONCILE);
                } else {
                    ctx.remark(&ADOPT, || format!("adopts {from} as its successor"));
                }
                self.take_list(from, list, ctx);
            }
            _ => ctx.note(&STALE),
        }
        // A member that leaves is no longer anybody's predecessor.
        if !self.store.leaves {
            ctx.send(self.successors[0], Message::Notify);
        }
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

    /// Another node may be its predecessor (Zave's rectify, but the check whether a predecessor is alive is a
    /// chore here).
    pub(super) fn notified(&mut self, from: NodeId, ctx: &mut Ctx<Self>) {
        ctx.note(&NOTIFIED);
        let closer = match self.predecessor {
            None => !ctx.params().bugs.ignores_first_notify,
            Some(known) => self.ahead(from) > self.ahead(known),
        };
        if closer {
            ctx.remark(&NOTIFIED, || format!("takes {from} as its predecessor"));
            self.predecessor = Some(from);
            self.hand_over(ctx);
        }
    }

    // Checking.

    /// Forgets a predecessor that has not answered since the last time, and asks again.
    pub(super) fn check_predecessor(&mut self, ctx: &mut Ctx<Self>) {
        ctx.note(&CHECK);
        if self.pinged.is_some() && self.pinged == self.predecessor {
            ctx.remark(&CHECK, || "forgets its predecessor, which has not answered".into());
            self.predecessor = None;
        }
        self.pinged = self.predecessor.filter(|&node| node != self.me);
        if let Some(node) = self.pinged {
            ctx.send(node, Message::Ping);
        }
    }
}
