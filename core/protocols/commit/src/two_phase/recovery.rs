//! Recovery: the log tells where a node stood in every transaction.

use super::by_hand::ask_after_deciding;
use super::{COORDINATOR, Decision, Entry, Items, Message, State, Transaction, TwoPhase, Vote};
use faultline_core::prelude::*;

const RECOVER: Rule = Rule::new(
    "BHG 7.4, R* 2",
    "A recovering node reads its log: it repeats a decision or a refusal, asks about a transaction that it promised to \
     commit, and has lost all else.",
);

impl TwoPhase {
    /// Takes up every transaction where the log has left it.
    pub(super) fn recover(&mut self, ctx: &mut Ctx<Self>) {
        let mut last: Map<Transaction, Entry> = Map::default();
        for entry in self.log.after(0) {
            last.insert(entry.transaction(), entry.clone());
        }
        if self.boot > 1 {
            ctx.send(COORDINATOR, Message::Restarted(self.boot));
        }
        if ctx.params().bugs.reuses_numbers {
            self.numbered = last.keys().next_back().map_or(0, |transaction| transaction.0);
        }
        if !last.is_empty() {
            ctx.tell(&RECOVER, || "recovers from its log".into());
        }
        for entry in last.values() {
            self.resume(entry.clone(), ctx);
        }
    }

    fn resume(&mut self, entry: Entry, ctx: &mut Ctx<Self>) {
        match entry {
            Entry::Collecting(transaction, named) => {
                let asked = named.among(ctx.others());
                self.table.insert(transaction, State::collecting(named, asked));
                self.decide(transaction, Decision::Abort, ctx);
            }
            Entry::Decided(transaction, decision, named)
                if self.coordinates && !ctx.params().presumes(decision) =>
            {
                ctx.tell(&RECOVER, || format!("repeats its decision to {decision} {transaction}"));
                self.announce(transaction, decision, named.among(ctx.others()), ctx);
            }
            Entry::Prepare(transaction, mut scope) => {
                if ctx.params().bugs.forgets_locks {
                    scope.items = Items::default();
                }
                self.table.insert(transaction, State::Prepared { inquiries: 0, scope });
                self.inquire(transaction, ctx);
            }
            Entry::ByHand(transaction, decision) => {
                self.table.insert(transaction, State::ByHand(decision));
                ask_after_deciding(transaction, ctx);
            }
            Entry::Damage(transaction, decision) => {
                self.table.insert(transaction, State::Damaged(decision));
            }
            Entry::Decided(transaction, decision, _) if !self.coordinates => {
                self.table.insert(transaction, State::Decided(decision));
            }
            Entry::Refuse(transaction) => {
                self.table.insert(transaction, State::Working(Vote::No));
            }
            // It may be forgotten, or would be presumed.
            Entry::Decided(..) | Entry::End(_) => {}
        }
    }
}
