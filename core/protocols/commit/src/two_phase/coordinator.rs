//! The coordinator requests votes, decides, announces the decision, and forgets it when all have acknowledged.

use super::{
    Decision, END, Entry, Message, Output, STOCK, State, Timeout, Transaction, TwoPhase, Variant, Vote, wait,
};
use faultline_core::prelude::*;

const BEGIN: Rule = Rule::new("BHG 7.4", "The coordinator asks every participant to vote.");
const COLLECT: Rule = Rule::new(
    "R* 4",
    "If commit is presumed, the coordinator forces a collecting record first, so a crash during the vote leads to no commit.",
);
const DECIDE: Rule = Rule::new(
    "BHG 7.4",
    "The coordinator commits if all vote yes and aborts if one votes no. It forces the record before it announces the decision.",
);
pub(super) const LAZY: Rule = Rule::new(
    "R* 3, R* 4",
    "A decision need not be forced if recovery would reach the same decision without its record.",
);

impl TwoPhase {
    pub(super) fn begin(&mut self, ctx: &mut Ctx<Self>) {
        self.numbered += 1;
        if self.numbered > self.reserved {
            self.reserved += STOCK;
        }
        let transaction = Transaction(self.numbered);
        if ctx.params().variant == Variant::PresumedCommit {
            self.write(Entry::Collecting(transaction), true);
        }
        let all: NodeSet = ctx.others().collect();
        self.table.insert(transaction, State::collecting(all));
        let rule = if ctx.params().variant == Variant::PresumedCommit { &COLLECT } else { &BEGIN };
        ctx.tell(rule, || format!("requests votes on {transaction}"));
        ctx.output(Output::Begun(transaction));
        for participant in ctx.others() {
            ctx.send(participant, Message::Prepare(transaction, self.known_boot(participant)));
        }
        wait(transaction, ctx);
    }

    /// A participant's boot: what begins from now on rests on work that is done there and then.
    pub(super) fn hear_of(&mut self, participant: NodeId, boot: u64) {
        if boot > self.known_boot(participant) {
            self.boots.insert(participant, boot);
        }
    }

    fn known_boot(&self, participant: NodeId) -> u64 {
        self.boots.get(&participant).copied().unwrap_or(1)
    }

    pub(super) fn decide_when_counted(&mut self, transaction: Transaction, vote: Vote, ctx: &mut Ctx<Self>) {
        match self.table.get(&transaction) {
            _ if vote == Vote::No => self.decide(transaction, Decision::Abort, ctx),
            Some(State::Collecting { missing, .. }) if missing.is_empty() => {
                ctx.agreed(|| self.votes_on(transaction));
                self.decide(transaction, Decision::Commit, ctx);
            }
            _ => {}
        }
    }

    pub(super) fn decide(&mut self, transaction: Transaction, decision: Decision, ctx: &mut Ctx<Self>) {
        let Some(State::Collecting { bound, .. }) = self.table.remove(&transaction) else { return };
        let variant = ctx.params().variant;
        let forced = decision == Decision::Commit || variant == Variant::PresumedNothing;
        // With nobody to tell, nothing need be remembered, unless a record says that votes are being collected.
        if !bound.is_empty() || variant == Variant::PresumedCommit {
            self.write(Entry::Decided(transaction, decision), forced && !ctx.params().bugs.decides_unforced);
        }
        ctx.tell(if forced { &DECIDE } else { &LAZY }, || format!("decides to {decision} {transaction}"));
        ctx.output(Output::Decided(transaction, decision));
        ctx.cancel(Timeout(transaction));
        self.announce(transaction, decision, bound, ctx);
    }

    /// Tells the decision to those whom it binds, and remembers it while one of them must acknowledge it.
    pub(super) fn announce(
        &mut self,
        transaction: Transaction,
        decision: Decision,
        bound: NodeSet,
        ctx: &mut Ctx<Self>,
    ) {
        for participant in bound.iter() {
            ctx.send(participant, Message::Decide(transaction, decision));
        }
        if !bound.is_empty() && !ctx.params().presumes(decision) {
            self.table.insert(transaction, State::Telling { decision, bound });
            wait(transaction, ctx);
        }
    }

    pub(super) fn end_when_acknowledged(&mut self, transaction: Transaction, ctx: &mut Ctx<Self>) {
        let Some(State::Telling { bound, .. }) = self.table.get(&transaction) else { return };
        if bound.is_empty() {
            self.write(Entry::End(transaction), false);
            self.table.remove(&transaction);
            ctx.tell(&END, || format!("forgets {transaction}: all have acknowledged the decision"));
            ctx.cancel(Timeout(transaction));
        }
    }
}
