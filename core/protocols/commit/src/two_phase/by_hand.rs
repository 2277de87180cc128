//! Decisions by hand: an operator does not wait any longer and decides for an uncertain participant.
//!
//! Databases call this a *heuristic decision*. It frees the locks, and it is a guess: the true decision may
//! be the other one. So the participant writes down what it did, and goes on asking the coordinator. When it
//! learns the true decision and that contradicts its own, the transaction is half done for good. This is
//! *heuristic damage*: nothing in the protocol can repair it, but the participant tells its application, and
//! it reports the damage with its acknowledgement.
//!
//! A decision by hand is never told to others, because they would take it for the true one.
//!
//! **What this file leaves out:** a coordinator that has forgotten the transaction hears of the damage, but
//! is not asked to acknowledge the report, so a report that is lost then stays lost.

use super::{
    COORDINATOR, Decision, Entry, Input, Message, Output, State, Timeout, Transaction, TwoPhase, wait,
};
use faultline_core::prelude::*;

const BY_HAND: Rule = Rule::new(
    "XA+ 2.3.3",
    "An operator may decide for an uncertain participant. It forces a record of that, and frees its locks.",
);
const NOT_BY_HAND: Rule = Rule::new(
    "XA+ 2.3.3",
    "An operator decides only where heuristic decisions are allowed, and only for an uncertain participant.",
);
const STILL_ASKS: Rule = Rule::new(
    "R* 2",
    "A participant for which an operator has decided asks the coordinator until it knows the true decision.",
);
const DAMAGE: Rule = Rule::new(
    "XA+ 2.3.3",
    "If the true decision contradicts the one by hand, the participant reports the damage. It cannot repair it.",
);

/// It does not know the true decision, and goes on asking.
pub(super) fn ask_after_deciding(transaction: Transaction, ctx: &mut Ctx<TwoPhase>) {
    ctx.note(&STILL_ASKS);
    ctx.send(COORDINATOR, Message::Inquire(transaction));
    wait(transaction, ctx);
}

/// The coordinator hears of damage.
pub(super) fn hear_of_damage(
    from: NodeId,
    transaction: Transaction,
    decision: Decision,
    ctx: &mut Ctx<TwoPhase>,
) {
    ctx.tell(&DAMAGE, || format!("hears of damage: {from} chose {decision} for {transaction} by hand"));
    ctx.output(Output::Damaged(transaction, decision));
}

impl TwoPhase {
    pub(super) fn decide_by_hand(
        &mut self,
        transaction: Transaction,
        decision: Decision,
        ctx: &mut Ctx<Self>,
    ) {
        if !self.heuristics || !matches!(self.table.get(&transaction), Some(State::Prepared { .. })) {
            return ctx.note(&NOT_BY_HAND);
        }
        self.write(Entry::ByHand(transaction, decision), true);
        self.table.insert(transaction, State::ByHand(decision));
        ctx.tell(&BY_HAND, || format!("{decision}s {transaction} by hand"));
        ctx.output(Output::ByHand(transaction, decision));
        self.grant(ctx);
        ctx.note(&BY_HAND);
    }

    /// What an operator may decide now.
    pub(super) fn decisions_by_hand(&self) -> Vec<Input> {
        let is_uncertain = |(_, state): &(&Transaction, &State)| matches!(state, State::Prepared { .. });
        match self.table.iter().find(is_uncertain).filter(|_| self.heuristics) {
            Some((transaction, _)) => {
                let input = |decision| Input::Decide(*transaction, decision);
                vec![input(Decision::Commit), input(Decision::Abort)]
            }
            None => Vec::new(),
        }
    }

    /// Learns the true decision, after one by hand.
    pub(super) fn learn(&mut self, transaction: Transaction, truth: Decision, ctx: &mut Ctx<Self>) {
        let decided = match self.table.get(&transaction) {
            Some(State::ByHand(decision)) if *decision == truth => {
                return self.settle(transaction, truth, ctx);
            }
            Some(&State::ByHand(decision)) => {
                self.write(Entry::Damage(transaction, decision), true);
                self.table.insert(transaction, State::Damaged(decision));
                ctx.tell(&DAMAGE, || {
                    format!("learns that {transaction} was to {truth}, but its operator chose {decision}")
                });
                ctx.output(Output::Damaged(transaction, decision));
                ctx.cancel(Timeout(transaction));
                decision
            }
            Some(&State::Damaged(decision)) => {
                ctx.note(&DAMAGE);
                decision
            }
            _ => return,
        };
        ctx.send(COORDINATOR, Message::Damage(transaction, decided));
    }
}
