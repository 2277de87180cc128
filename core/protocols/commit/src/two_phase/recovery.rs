//! Recovery: the log tells where a node stood in every transaction.

use super::{COORDINATOR, Decision, Entry, Message, State, Transaction, TwoPhase, Vote};
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
            last.insert(entry.transaction(), *entry);
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
            self.resume(*entry, ctx);
        }
    }

    fn resume(&mut self, entry: Entry, ctx: &mut Ctx<Self>) {
        let all: NodeSet = ctx.others().collect();
        match entry {
            Entry::Collecting(transaction) => {
                self.table.insert(transaction, State::collecting(all));
                self.decide(transaction, Decision::Abort, ctx);
            }
            Entry::Decided(transaction, decision) if self.coordinates && !ctx.params().presumes(decision) => {
                ctx.tell(&RECOVER, || format!("repeats its decision to {decision} {transaction}"));
                self.announce(transaction, decision, all, ctx);
            }
            Entry::Prepare(transaction) => {
                self.table.insert(transaction, State::Prepared { inquiries: 0 });
                self.inquire(transaction, ctx);
            }
            Entry::Decided(transaction, decision) if !self.coordinates => {
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
