//! A participant votes once, is uncertain until it learns the decision, and acknowledges it.

use super::coordinator::LAZY;
use super::{
    BOUND, COORDINATOR, Decision, Entry, Message, Named, Output, Scope, State, Timeout, Transaction,
    TwoPhase, Vote, wait,
};
use faultline_core::prelude::*;

const REFUSE: Rule = Rule::new(
    "BHG 7.4",
    "A participant may abort by itself until it has voted yes. It forces a record, so it refuses after a crash, too.",
);
const INTEND: Rule = Rule::new("BHG 7.3", "A participant may choose freely until it has voted yes.");
const YES: Rule = Rule::new(
    "BHG 7.4",
    "A participant forces its prepare record before it votes yes. From then on it is uncertain.",
);
const NO: Rule = Rule::new("BHG 7.4", "A participant that votes no has decided to abort and needs no reply.");
const READ: Rule = Rule::new(
    "R* 3",
    "A participant that only read votes read-only, writes nothing, and skips the second phase.",
);
const SETTLE: Rule =
    Rule::new("BHG 7.4, R* 2", "A participant forces the decision to disk before it acknowledges it.");
const INQUIRE: Rule = Rule::new(
    "BHG 7.4",
    "An uncertain participant must not decide by itself; it asks nodes that may know the decision.",
);
const BLOCKED: Rule = Rule::new(
    "BHG 7.4",
    "An uncertain participant is blocked while it cannot reach a node that knows the decision.",
);

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
                let refuses = vote == Vote::No;
                if refuses {
                    self.write(Entry::Refuse(transaction), true);
                }
                ctx.tell(if refuses { &REFUSE } else { &INTEND }, || {
                    format!("will vote {vote} on {transaction}")
                });
            }
            Some(State::Waiting { scope, .. }) => {
                let scope = scope.clone();
                ctx.note(&INTEND);
                self.lock(transaction, vote, &scope, ctx);
            }
            Some(_) => ctx.note(&BOUND),
        }
    }

    /// Whether the participant has lost its work on the transaction on which it is asked to vote: that began before the
    /// coordinator heard of the latest boot.
    pub(super) fn has_lost(&self, message: &Message, ctx: &Ctx<Self>) -> bool {
        let Message::Prepare(_, boot, _) = *message else { return false };
        boot != self.boot && !ctx.params().bugs.votes_without_work
    }

    pub(super) fn vote(&mut self, transaction: Transaction, vote: Vote, scope: Scope, ctx: &mut Ctx<Self>) {
        let rule = match vote {
            Vote::Yes => {
                let forced = !ctx.params().bugs.votes_unforced;
                self.write(Entry::Prepare(transaction, scope.clone()), forced);
                self.table.insert(transaction, State::Prepared { inquiries: 0, scope });
                wait(transaction, ctx);
                &YES
            }
            Vote::No => {
                let decision = Decision::Abort;
                let entry = Entry::Decided(transaction, decision, Named::default());
                self.write(entry, !ctx.params().presumes(decision));
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
        ctx.send(COORDINATOR, Message::Vote(transaction, vote, self.boot));
    }

    pub(super) fn settle(&mut self, transaction: Transaction, decision: Decision, ctx: &mut Ctx<Self>) {
        let presumed = ctx.params().presumes(decision);
        let forced = !presumed && !ctx.params().bugs.acks_unforced;
        self.write(Entry::Decided(transaction, decision, Named::default()), forced);
        self.table.insert(transaction, State::Decided(decision));
        let rule = if presumed { &LAZY } else { &SETTLE };
        ctx.tell(rule, || format!("{decision}s {transaction}"));
        ctx.output(Output::Decided(transaction, decision));
        ctx.cancel(Timeout(transaction));
        acknowledge(transaction, decision, ctx);
        self.grant(ctx);
        ctx.note(rule);
    }

    pub(super) fn inquire(&mut self, transaction: Transaction, ctx: &mut Ctx<Self>) {
        let Some(State::Prepared { inquiries, scope }) = self.table.get_mut(&transaction) else { return };
        match inquiries {
            0 => ctx.tell(&INQUIRE, || format!("asks for the decision on {transaction}")),
            1 => {
                ctx.tell(&BLOCKED, || format!("is blocked on {transaction} and asks again"));
                ctx.output(Output::InDoubt(transaction));
            }
            _ => ctx.note(&BLOCKED),
        }
        *inquiries = 2.min(*inquiries + 1);
        let inquire = Message::Inquire(transaction);
        match (ctx.params().cooperative, &scope.named) {
            (true, all) if *all == Named::default() => ctx.broadcast(inquire),
            (true, Named(some)) => {
                let me = ctx.me();
                let asked = [COORDINATOR].into_iter().chain(some.iter().filter(|node| *node != me));
                asked.for_each(|node| ctx.send(node, inquire.clone()));
            }
            (false, _) => ctx.send(COORDINATOR, inquire),
        }
        wait(transaction, ctx);
    }
}
