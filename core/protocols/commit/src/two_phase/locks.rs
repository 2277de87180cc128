//! Locks: why it matters that a participant is blocked.
//!
//! A transaction locks the items that it names, at each of its participants, from the yes vote to the
//! decision. Another one that needs such an item waits, as BHG has it (3.2), or its participant votes no at
//! once, where the setting says so. A transaction of a participant's own, which concerns no other node, must
//! wait just as long: it suffers from a coordinator that it has never heard of.
//!
//! All locks of a transaction at one participant are taken in one step, so two transactions wait for each
//! other only across participants. A participant that has waited for longer than the timeout votes no, which
//! ends such a deadlock (3.4). What waits is lost in a crash; the locks of uncertain transactions are in
//! their prepare records and are taken again.
//!
//! **What this file leaves out:** locks before the vote, which the work would take (3.5), and shared locks: a
//! transaction that only reads needs the same lock, but only until it has voted. Of several that wait, those
//! of the participant's own go first.

use super::{
    Input, Item, Items, Locks, Named, Output, Scope, State, Timeout, Transaction, TwoPhase, Vote, wait,
};
use faultline_core::prelude::*;

const WAIT: Rule = Rule::new("BHG 3.2", "A transaction that finds a lock held waits until it is free.");
const REFUSE: Rule = Rule::new(
    "setting",
    "With `locks` set to refuse, a participant refuses a transaction that finds a lock held.",
);
const FREE: Rule =
    Rule::new("BHG 3.5", "A transaction of one participant commits as soon as it has its lock.");
const DEADLOCK: Rule = Rule::new(
    "BHG 3.4",
    "A participant that has waited too long for a lock votes no, as there may be a deadlock.",
);

impl TwoPhase {
    /// The first of these items on which an uncertain transaction holds the lock here, and that transaction.
    fn held(&self, items: &Items) -> Option<(Item, Transaction)> {
        let holds = |(transaction, state): (&Transaction, &State)| match state {
            State::Prepared { scope, .. } => Some((items.shared(&scope.items)?, *transaction)),
            _ => None,
        };
        self.table.iter().find_map(holds).filter(|_| self.locks)
    }

    /// Votes, once the transaction has its locks.
    pub(super) fn lock(&mut self, transaction: Transaction, vote: Vote, scope: &Scope, ctx: &mut Ctx<Self>) {
        let scope = scope.clone();
        let Some((item, holder)) = self.held(&scope.items).filter(|_| vote != Vote::No) else {
            return self.vote(transaction, vote, scope, ctx);
        };
        ctx.output(Output::Locked(item, holder));
        if ctx.params().locks == Locks::Refuse {
            ctx.tell(&REFUSE, || format!("finds {item} locked by {holder}"));
            return self.vote(transaction, Vote::No, scope, ctx);
        }
        ctx.tell(&WAIT, || format!("lets {transaction} wait, as {holder} has locked {item}"));
        self.table.insert(transaction, State::Waiting { vote, scope });
        wait(transaction, ctx);
    }

    /// Carries out a transaction of its own, once that has its lock.
    pub(super) fn write_own(&mut self, item: Item, ctx: &mut Ctx<Self>) {
        let Some((_, holder)) = self.held(&Items(vec![item])) else {
            ctx.tell(&FREE, || format!("writes {item}"));
            return ctx.output(Output::Wrote(item));
        };
        ctx.output(Output::Locked(item, holder));
        if ctx.params().locks == Locks::Refuse {
            return ctx.tell(&REFUSE, || format!("does not write {item}, which {holder} has locked"));
        }
        ctx.tell(&WAIT, || format!("waits to write {item}, which {holder} has locked"));
        self.own.push(item);
    }

    /// Locks have become free: what waited for them goes on.
    pub(super) fn grant(&mut self, ctx: &mut Ctx<Self>) {
        for item in std::mem::take(&mut self.own) {
            if self.held(&Items(vec![item])).is_some() {
                self.own.push(item);
            } else {
                ctx.tell(&FREE, || format!("writes {item}"));
                ctx.output(Output::Wrote(item));
            }
        }
        for transaction in self.waiting() {
            let Some(State::Waiting { vote, scope }) = self.table.get(&transaction) else { continue };
            if self.held(&scope.items).is_none() {
                let (vote, scope) = (*vote, scope.clone());
                ctx.cancel(Timeout(transaction));
                self.vote(transaction, vote, scope, ctx);
            }
        }
    }

    pub(super) fn stop_waiting(&mut self, transaction: Transaction, ctx: &mut Ctx<Self>) {
        ctx.tell(&DEADLOCK, || format!("stops waiting for the locks of {transaction}"));
        self.vote(transaction, Vote::No, Scope::default(), ctx);
    }

    /// The transactions that wait for locks here, the oldest first.
    pub(super) fn waiting(&self) -> Vec<Transaction> {
        let waits = |(_, state): &(&Transaction, &State)| matches!(state, State::Waiting { .. });
        self.table.iter().filter(waits).map(|(transaction, _)| *transaction).collect()
    }

    /// What may be asked of the coordinator: where there are locks, transactions of some participants that
    /// change something.
    pub(super) fn requests(&self) -> Vec<Input> {
        let mut scopes = vec![Scope::default()];
        if self.locks {
            let all: Vec<NodeId> = self.participants.iter().collect();
            let some = |count: usize| {
                let from = self.numbered as usize % all.len().max(1);
                Named(all.iter().cycle().skip(from).take(count).copied().collect())
            };
            scopes.extend([
                Scope { named: Named::default(), items: Items(vec![Item::X]) },
                Scope { named: some(2), items: Items(vec![Item::X]) },
                Scope { named: some(2), items: Items(vec![Item::Y]) },
                Scope { named: some(1), items: Items(vec![Item::X, Item::Y]) },
            ]);
        }
        scopes.into_iter().map(Input::Begin).collect()
    }
}
