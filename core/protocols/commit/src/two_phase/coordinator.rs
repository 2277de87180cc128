//! The coordinator requests votes, decides, announces the decision, and forgets it when all have acknowledged.

use super::{
    Decision, END, Entry, Message, Named, Output, STOCK, Scope, State, Timeout, Transaction, TwoPhase,
    Variant, Vote, wait,
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
const PRESUME: Rule = Rule::new(
    "R* 2, R* 3, R* 4",
    "The coordinator answers abort for a transaction that it has no record of, or commit if commit is \
     presumed.",
);
const NOBODY: Rule = Rule::new("BHG 7.4", "A transaction has at least one participant.");
const STRANGER: Rule =
    Rule::new("BHG 7.4", "A request that names a node which is no participant begins nothing.");
const EARLY: Rule =
    Rule::new("against R* 3", "This wrong twin answers by its presumption before it has counted the votes.");
pub(super) const LAZY: Rule = Rule::new(
    "R* 3, R* 4",
    "A decision need not be forced if recovery would reach the same decision without its record.",
);

impl TwoPhase {
    pub(super) fn begin(&mut self, scope: &Scope, ctx: &mut Ctx<Self>) {
        let asked = scope.named.among(ctx.others());
        if asked.is_empty() {
            return ctx.note(&NOBODY);
        }
        if scope.named != Named::default() && scope.named != Named(asked.clone()) {
            return ctx.note(&STRANGER);
        }
        self.numbered += 1;
        if self.numbered > self.reserved {
            self.reserved += STOCK;
        }
        let transaction = Transaction(self.numbered);
        if ctx.params().variant == Variant::PresumedCommit {
            let forced = !ctx.params().bugs.collects_unforced;
            self.write(Entry::Collecting(transaction, scope.named.clone()), forced);
        }
        self.table.insert(transaction, State::collecting(scope.named.clone(), asked.clone()));
        let rule = if ctx.params().variant == Variant::PresumedCommit { &COLLECT } else { &BEGIN };
        ctx.tell(rule, || format!("requests votes on {transaction}"));
        ctx.output(Output::Begun(transaction));
        for participant in asked.iter() {
            let boot = self.known_boot(participant);
            ctx.send(participant, Message::Prepare(transaction, boot, scope.clone()));
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
        let Some(State::Collecting { named, bound, .. }) = self.table.remove(&transaction) else { return };
        let variant = ctx.params().variant;
        let forced = decision == Decision::Commit || variant == Variant::PresumedNothing;
        // With nobody to tell, nothing need be remembered, unless a record says that votes are being collected.
        if !bound.is_empty() || variant == Variant::PresumedCommit {
            let forced = forced && !ctx.params().bugs.decides_unforced;
            self.write(Entry::Decided(transaction, decision, named), forced);
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

    /// Answers about a transaction of which it has no record.
    pub(super) fn presume(&mut self, transaction: Transaction, to: NodeId, ctx: &mut Ctx<Self>) {
        let decision = ctx.params().presumption();
        if self.table.contains_key(&transaction) {
            ctx.tell(&EARLY, || {
                format!("is still counting the votes on {transaction} and presumes {decision}")
            });
        } else {
            ctx.tell(&PRESUME, || format!("has no record of {transaction} and presumes {decision}"));
        }
        ctx.send(to, Message::Decide(transaction, decision));
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
