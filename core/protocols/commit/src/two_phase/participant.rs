//! A participant: votes once, is uncertain until it knows, and acknowledges.

use super::rules::{BLOCKED, BOUND, INQUIRE, INTEND, LAZY, NO, READ, SETTLE, YES};
use super::{
    COORDINATOR, Decision, Entry, Message, Output, State, Timeout, Transaction, TwoPhase, Vote, wait,
};
use faultline_core::node::Ctx;

/// Lets the coordinator forget, unless it has done so already by presuming this.
pub(super) fn acknowledge(transaction: Transaction, decision: Decision, ctx: &mut Ctx<TwoPhase>) {
    if !ctx.params().presumes(decision) {
        ctx.send(COORDINATOR, Message::Ack(transaction));
    }
}

impl TwoPhase {
    /// Settles how the participant will vote, if it may still choose.
    pub(super) fn intend(&mut self, transaction: Transaction, vote: Vote, ctx: &mut Ctx<Self>) {
        match self.table.get(&transaction) {
            None | Some(State::Working(_)) => {
                self.table.insert(transaction, State::Working(vote));
                ctx.tell(&INTEND, || format!("will vote {vote} on {transaction}"));
            }
            Some(_) => ctx.note(&BOUND),
        }
    }

    pub(super) fn vote(&mut self, transaction: Transaction, vote: Vote, ctx: &mut Ctx<Self>) {
        let rule = match vote {
            Vote::Yes => {
                self.write(Entry::Prepare(transaction), !ctx.params().bugs.votes_unforced);
                self.table.insert(transaction, State::Prepared { inquiries: 0 });
                wait(transaction, ctx);
                &YES
            }
            Vote::No => {
                let decision = Decision::Abort;
                self.write(Entry::Decided(transaction, decision), !ctx.params().presumes(decision));
                self.table.insert(transaction, State::Decided(decision));
                &NO
            }
            Vote::ReadOnly => {
                self.table.insert(transaction, State::Released);
                &READ
            }
        };
        ctx.tell(rule, || format!("votes {vote} on {transaction}"));
        ctx.output(Output::Voted(transaction, vote));
        if vote == Vote::No {
            ctx.output(Output::Decided(transaction, Decision::Abort));
        }
        ctx.send(COORDINATOR, Message::Vote(transaction, vote));
    }

    pub(super) fn settle(&mut self, transaction: Transaction, decision: Decision, ctx: &mut Ctx<Self>) {
        let presumed = ctx.params().presumes(decision);
        self.write(Entry::Decided(transaction, decision), !presumed);
        self.table.insert(transaction, State::Decided(decision));
        ctx.tell(if presumed { &LAZY } else { &SETTLE }, || format!("{decision}s {transaction}"));
        ctx.output(Output::Decided(transaction, decision));
        ctx.cancel(Timeout(transaction));
        acknowledge(transaction, decision, ctx);
    }

    pub(super) fn inquire(&mut self, transaction: Transaction, ctx: &mut Ctx<Self>) {
        let Some(State::Prepared { inquiries }) = self.table.get_mut(&transaction) else { return };
        match inquiries {
            0 => ctx.tell(&INQUIRE, || format!("asks what was decided about {transaction}")),
            1 => {
                ctx.tell(&BLOCKED, || format!("is blocked in {transaction}, and asks again"));
                ctx.output(Output::InDoubt(transaction));
            }
            _ => ctx.note(&BLOCKED),
        }
        *inquiries = 2.min(*inquiries + 1);
        match ctx.params().cooperative {
            1 => ctx.broadcast(Message::Inquire(transaction)),
            _ => ctx.send(COORDINATOR, Message::Inquire(transaction)),
        }
        wait(transaction, ctx);
    }
}
