//! A participant: votes once, is uncertain until it knows, and acknowledges.

use super::coordinator::LAZY;
use super::{
    BOUND, COORDINATOR, Decision, Entry, Message, Output, State, Timeout, Transaction, TwoPhase, Vote, wait,
};
use faultline_core::prelude::*;

const INTEND: Rule = Rule::new("BHG 7.3", "Until it has voted yes, a participant may choose as it likes.");
const YES: Rule = Rule::new(
    "BHG 7.4",
    "A participant forces its prepare record before it votes yes, and is uncertain from then on.",
);
const NO: Rule =
    Rule::new("BHG 7.4", "A participant that votes no has decided to abort, and needs no answer.");
const READ: Rule = Rule::new(
    "R* 3",
    "A participant that only read votes so, writes nothing, and is spared the second phase.",
);
const SETTLE: Rule = Rule::new("BHG 7.4, R* 2", "A participant forces the decision before it acknowledges.");
const INQUIRE: Rule =
    Rule::new("BHG 7.4", "An uncertain participant must not decide by itself; it asks those who may know.");
const BLOCKED: Rule =
    Rule::new("BHG 7.4", "While nobody who knows can be reached, an uncertain participant is blocked.");

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
            true => ctx.broadcast(Message::Inquire(transaction)),
            false => ctx.send(COORDINATOR, Message::Inquire(transaction)),
        }
        wait(transaction, ctx);
    }
}
