//! Claims beside those of the problem, about the options of two-phase commit: locks, and decisions by hand.

use super::{Items, Output, TwoPhase, Vote};
use crate::{COORDINATOR, Tally};
use faultline_core::prelude::*;

/// They say nothing in a run without these options.
pub(super) const fn of_options() -> [Property<TwoPhase>; 3] {
    [
        always(
            "Exclusive Locks",
            "Where items are locked, no transaction gets an item that an uncertain one has locked at the same \
             participant.",
            About::Outputs,
            exclusive_locks,
        )
        .given(|scene| {
            let locks = |tally: &Tally| tally.binds() && tally.scope.items != Items::default();
            let is_on = scene.nodes().any(|(_, node)| node.locks);
            match is_on && scene.record.transactions.values().any(locks) {
                true => Ok(()),
                false => Err("no transaction has locked an item yet"),
            }
        }),
        sometimes(
            "Locked Out",
            "A transaction finds an item locked by one that is uncertain.",
            About::Outputs,
            |scene| told(scene, |output| matches!(output, Output::Locked(..))),
        ),
        sometimes(
            "Heuristic Damage",
            "A participant learns that the decision by hand contradicts the true one.",
            About::Outputs,
            |scene| {
                told(scene, |output| matches!(output, Output::Damaged(..)) && scene.who != COORDINATOR)
            },
        ),
    ]
}

fn told(scene: &Scene<'_, TwoPhase>, wanted: impl Fn(&Output) -> bool) -> Result<(), Contradiction> {
    match scene.outputs.iter().any(wanted) {
        true => Ok(()),
        false => Err(Contradiction::default()),
    }
}

fn exclusive_locks(scene: &Scene<'_, TwoPhase>) -> Result<(), Contradiction> {
    let who = scene.who;
    if !scene.node.is_some_and(|node| node.locks) {
        return Ok(());
    }
    for output in scene.outputs {
        let (taker, items) = match output {
            Output::Wrote(item) => (None, Items(vec![*item])),
            Output::Voted(transaction, Vote::Yes | Vote::ReadOnly) => {
                let tally = scene.record.transactions.get(transaction);
                (Some(*transaction), tally.map(|tally| tally.scope.items.clone()).unwrap_or_default())
            }
            _ => continue,
        };
        for (holder, tally) in scene.record.transactions.iter() {
            // What is settled in this very step has freed its locks first.
            let is_settled = |output: &Output| match output {
                Output::Decided(transaction, _) | Output::ByHand(transaction, _) => transaction == holder,
                _ => false,
            };
            let is_other = taker != Some(*holder) && !scene.outputs.iter().any(is_settled);
            if let Some(item) = tally.locks(who, &items).filter(|_| is_other) {
                let gets = taker.map_or("a transaction of its own".into(), |taker| taker.to_string());
                let voted = Output::Voted(*holder, Vote::Yes);
                return Err(Contradiction::between(
                    format!("{gets} gets {item} at {who}, but the uncertain {holder} has locked it"),
                    [Side::of(who).telling(output), Side::of(who).telling(&voted)],
                ));
            }
        }
    }
    Ok(())
}
