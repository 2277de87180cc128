//! The title page of proof of work.

use super::claims::CLAIMS;
use super::record::Record;
use super::{ATTACKER, Miner, Params, Strategy, theory};
use crate::{Ledger, claims};
use faultline_core::prelude::*;

impl Protocol for Miner {
    const INFO: Info = Info {
        slug: "proof-of-work",
        title: "Proof of work",
        aka: "bitcoin blockchain nakamoto consensus mining double spend selfish fork difficulty longest chain",
        family: "Commit and consensus",
        source: "Satoshi Nakamoto: Bitcoin: A Peer-to-Peer Electronic Cash System, 2008; Meni Rosenfeld: Analysis of Hashrate-Based \
                 Double Spending, 2014; Ittay Eyal and Emin Gün Sirer: Majority Is Not Enough: Bitcoin Mining Is Vulnerable, FC 2014",
        idea: "Payments are collected in blocks, each of which names the one before it and costs a lot of computing. Where the \
               chain forks, nodes follow the branch with the most work. To change an old payment, an attacker must do the work of \
               all later blocks again and overtake everybody else. So a payment becomes safer with each block, and never final.",
        left_out: "Scripts, fees, change, coins that are split or joined, limits on the size of a block, the hashing itself, \
                   inventories, Merkle trees, light clients and the discovery of peers. Only n1 attacks on its own, and all other \
                   miners have the same power.",
        safety: Assumptions {
            links: Links::Any,
            failures: Failures::Byzantine,
            timing: Timing::Asynchronous,
        },
        liveness: Assumptions {
            links: Links::FairLoss,
            failures: Failures::Byzantine,
            timing: Timing::PartiallySynchronous,
        },
        nodes: (6, 2, 40),
        until: 3_000_000,
        latency: (5_000, 15_000),
        ask: 0,
        layout: Layout::Ring,
        picture: &[Panel::Blocks],
        panels: &[Panel::Table, Panel::Lanes, Panel::Charts],
    };

    const PRESETS: &'static [Preset] = presets! { "proof-of-work":
        "first-steps" "default" "fork" "halves" "double-spend" "six-confirmations" "two-stories" "most-work" "missed-blocks"
        "wrong-clock" "selfish" "selfish-pays" "majority" "too-fast" "power-gone" "counts-blocks" "one-interval-less"
        "believes-any-time" "drops-grandchildren" "spends-at-once" "misses-rivals" "undo-a-payment" "make-a-fork"
    };
    const LESSON: Option<Lesson> = Some(lesson!("proof-of-work"));
    const LOG_WORDS: LogWords = LogWords { number: "miner", settled: "final", marks: &[] };
    const PROPERTIES: &'static [&'static [Property<Self>]] = &[&claims(), CLAIMS];

    const CHARTS: &'static [Chart<Self>] = &[
        Chart {
            name: "Double spend",
            sentence: "The chance that n1, with its share of the power, undoes a payment, by the blocks that the payee waits for: the \
                       race between n1 and all others (Rosenfeld 2014). The point is the share of the double spends of this run that \
                       have succeeded, of those that are decided.",
            axes: ("confirmations", "chance, of 10 000"),
            plot: Plot::Now(|scene| match (attacks(scene), scene.nodes().next()) {
                ((undone, decided), Some((_, node)))
                    if decided > 0 && node.params.strategy == Strategy::DoubleSpend =>
                {
                    vec![(node.params.confirmations, 10_000 * undone / decided)]
                }
                _ => Vec::new(),
            }),
            theory: Some(theory::race),
        },
        Chart {
            name: "Revenue of n1",
            sentence: "Blocks of n1 per thousand blocks of the chain that most nodes follow. The line is its share of the power or, of \
                       a selfish miner with less than half, equation 8 of Eyal and Sirer (2014), with γ = 0, or γ = 1/2 for random ties.",
            axes: ("time, µs", "blocks of n1, ‰"),
            plot: Plot::OverTime(|scene| {
                let (mine, all) = revenue(scene);
                mine * 1_000 / all.max(1)
            }),
            theory: Some(theory::revenue),
        },
    ];

    const FIGURES: &'static [Figure<Self>] = &[
        Figure {
            name: "undone",
            sentence: "Payments that were taken as settled and are in no block now, divided by all that were taken as settled.",
            of: |scene, _| {
                let (delivered, undone) = scene.record.book.delivered();
                (undone, delivered)
            },
        },
        Figure {
            name: "attacks that succeed",
            sentence: "Double spends after which the payee has neither the coin nor the goods, divided by all that were decided.",
            of: |scene, _| attacks(scene),
        },
        Figure {
            name: "stale blocks",
            sentence: "Blocks that are not in the longest chain, divided by those that are.",
            of: |scene, _| {
                let height = scene.nodes().map(|(_, node)| node.best.len()).max().unwrap_or(0);
                let (_, stale) = scene.record.stale(height);
                (stale, height)
            },
        },
        Figure {
            name: "revenue of n1",
            sentence: "Blocks of n1 in the chain of the last node, divided by all blocks there.",
            of: |scene, _| revenue(scene),
        },
        Figure {
            name: "chain growth",
            sentence: "Blocks in the chain of the last node, divided by the number of planned intervals that have passed.",
            of: |scene, _| {
                let last = scene.nodes().last();
                last.map_or((0, 0), |(_, node)| (node.best.len(), scene.now / node.params.interval))
            },
        },
        Figure {
            name: "energy per payment",
            sentence: "The hashes that all miners have computed, in a thousand, divided by the payments in the chain of the last node. \
                       The planned interval costs a thousand hashes, whether there are payments or not.",
            of: |scene, _| {
                let last = scene.nodes().last();
                last.map_or((0, 0), |(_, node)| {
                    (scene.now / node.params.interval, node.payments().len() as u64)
                })
            },
        },
    ];

    type Record = Record;

    /// Fewer than half, as long as what the others send goes around them: with two neighbours on each side, any three may be silent.
    fn tolerated(count: u32) -> u32 {
        (count.saturating_sub(1) / 2).min(3)
    }

    /// A fork is over with the first block that nobody rivals, and who has missed blocks asks for them when the next one comes. Some of
    /// the power may be gone, and a window that was disturbed makes blocks come four times too slowly.
    fn settles(params: &Params, quiet: Quiet) -> Option<Micros> {
        Some(params.interval.saturating_mul(60).saturating_add(quiet.way.saturating_mul(20)))
    }

    fn remember(record: &mut Record, step: &Step<'_, Self>) {
        record.remember(step);
    }
}

/// How many double spends have succeeded, and how many are decided.
fn attacks(scene: &Scene<'_, Miner>) -> (u64, u64) {
    let undone = scene.record.book.delivered().1;
    (undone, undone + scene.record.given_up)
}

/// The blocks of n1 in the chain of the last node that is up, and all blocks there.
fn revenue(scene: &Scene<'_, Miner>) -> (u64, u64) {
    let Some((_, node)) = scene.nodes().last() else { return (0, 0) };
    let links = node.best.after(0);
    let mine = links.iter().filter(|link| link.block.id.miner == ATTACKER).count();
    (mine as u64, links.len() as u64)
}
