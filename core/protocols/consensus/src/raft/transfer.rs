//! Leadership transfer (thesis §3.10): a leader hands over to a server of its choice, before maintenance for example.
//!
//! The leader takes no more commands and brings the target's log up to date. Then it tells the target to stand at once, as if
//! the target's election timeout were over; that is safe, because Raft does not rely on time for safety. If the leader still
//! leads after an election timeout, it gives up and takes commands again. Meanwhile it also refuses to change
//! the members and to hand over to another server; that is our rule, and in etcd a later transfer replaces
//! the earlier one. As in etcd, reads that bypass the log go on meanwhile; the thesis stops all requests.
//!
//! Two rules that do rely on time need an exception. A server that hears from a leader withholds its vote (thesis §4.2.3), but
//! not from the target, whose request says that the leader told it to stand. And a lease relies on withheld votes. The target
//! may be told long after the leader has given up, because messages may be late. So a leader that has told a server to stand
//! answers no read under a lease for the rest of its term (thesis §6.4.1: it must “expire its lease”; issue 234 of raft-rs).

use super::election::OUTSIDE;
use super::{Input, Message, Output, Raft, Role, Timer};
use crate::Reply;
use faultline_core::prelude::*;

const TRANSFER: Rule = Rule::new(
    "thesis §3.10",
    "A leader that hands over takes no more commands and first brings the target's log up to date.",
);
const REFUSE: Rule = Rule::new(
    "problem",
    "The leader refuses to hand over to itself, to a server that is not a member, or at all.",
);
const SEND_ON: Rule =
    Rule::new("thesis §3.10", "A leader that hands over redirects its clients to the server that will lead.");
const BUSY: Rule = Rule::new(
    "problem",
    "A leader that hands over refuses to change the members and to hand over to another server.",
);
const TELL: Rule = Rule::new(
    "thesis §3.10",
    "Once the target's log is as long as its own, the leader tells the target to stand for election at once.",
);
pub(super) const STAND: Rule = Rule::new(
    "thesis §3.10",
    "A server that its leader tells to stand does so without waiting for its election timeout.",
);
const GIVE_UP: Rule = Rule::new(
    "thesis §3.10",
    "A leader that still leads after an election timeout gives the transfer up and takes commands again.",
);

/// What a server knows of a transfer of its leadership.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Transfer {
    /// Whether a leader is offered to hand over.
    offered: bool,
    /// The target, while there is one, and whether it was told to stand.
    pub(super) to: Option<NodeId>,
    told: bool,
    /// The latest term in which this server, as its leader, told another to stand.
    told_in: Option<u64>,
}

impl Transfer {
    /// None yet.
    pub(super) fn offered(offered: bool) -> Self {
        Transfer { offered, ..Transfer::default() }
    }
}

impl Raft {
    /// Begins to hand over.
    pub(super) fn transfer(&mut self, target: NodeId, ctx: &mut Ctx<Self>) {
        if !ctx.params().transfer || target == ctx.me() || !self.members.latest().contains(target) {
            ctx.note(&REFUSE);
            return ctx.output(Output::Refused { input: Input::Transfer(target) });
        }
        ctx.tell(&TRANSFER, || format!("begins to hand over to {target}"));
        (self.transfer.to, self.transfer.told) = (Some(target), false);
        let time = ctx.params().election_max;
        ctx.set(Timer::Transfer, time);
        self.send_append(target, ctx);
        self.tell_to_stand(target, ctx);
    }

    /// What a leader answers meanwhile. Only clients are sent to the target, because it may never lead.
    pub(super) fn answer_meanwhile(&mut self, input: Input, ctx: &mut Ctx<Self>) {
        if matches!(input, Input::Client(_) | Input::Register | Input::Numbered { .. }) {
            let leader = self.transfer.to;
            ctx.note(&SEND_ON);
            ctx.output(Output::Client(Reply::Redirected { leader }));
        } else {
            ctx.note(&BUSY);
            ctx.output(Output::Refused { input });
        }
    }

    /// Tells the target to stand, once it holds all entries.
    pub(super) fn tell_to_stand(&mut self, from: NodeId, ctx: &mut Ctx<Self>) {
        let Role::Leader { matched, .. } = &self.role else { return };
        let ready = matched[from.index()] == self.log.len() && !self.transfer.told;
        if self.transfer.to == Some(from) && ready {
            ctx.tell(&TELL, || format!("tells {from} to stand for election"));
            (self.transfer.told, self.transfer.told_in) = (true, Some(self.term));
            ctx.send(from, Message::TimeoutNow { term: self.term });
        }
    }

    /// The leader tells this server to stand.
    pub(super) fn stand_at_once(&mut self, ctx: &mut Ctx<Self>) {
        if self.may_stand(ctx.me()) {
            self.stand(true, ctx);
        } else {
            ctx.note(&OUTSIDE);
        }
    }

    /// The target has not won in time.
    pub(super) fn give_transfer_up(&mut self, ctx: &mut Ctx<Self>) {
        ctx.tell(&GIVE_UP, || "gives the transfer up and takes commands again".into());
        self.transfer.to = None;
    }

    /// Whether another server may have been told to stand in this term, so that votes may not be withheld from it.
    pub(super) fn has_told_to_stand(&self, ctx: &Ctx<Self>) -> bool {
        self.transfer.told_in == Some(self.term) && !ctx.params().bugs.keeps_lease
    }

    /// Each other member, to whom a leader may be asked to hand over.
    pub(super) fn offer_transfers(&self, inputs: &mut Vec<Input>) {
        if self.transfer.offered && self.leads() {
            let others = self.members.latest().nodes().filter(|&node| self.leader != Some(node));
            inputs.extend(others.map(Input::Transfer));
        }
    }
}
