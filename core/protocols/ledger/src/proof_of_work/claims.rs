//! What is claimed of proof of work. What must hold always is local: which blocks a node accepts and which chain it follows. That
//! two nodes have a common prefix, and that honest miners have a share in it, is only probable, and claimed of the end.
//!
//! The judge keeps a tree of all blocks of its own, and reckons work, difficulties and times from it.

use super::block::{AHEAD, Block, Chain, FIRST_DIFFICULTY, Holders, MEDIAN_OF};
use super::record::{Record, Tree};
use super::{Miner, Output};
use crate::{Book, Ledger, too_many};
use faultline_core::card::Fact;
use faultline_core::prelude::*;

/// How many blocks at the end of two chains may differ.
pub(super) const COMMON: u64 = 6;
/// Of how many blocks in a row one must be of a miner that follows the rules.
pub(super) const QUALITY: u64 = 20;
/// How many blocks a payment may take whose coin has come back to its payer.
const LATELY: u64 = 12;
/// After how many planned intervals without a block a chain has stopped.
const PATIENCE: u64 = 20;

pub(super) const CLAIMS: &[Property<Miner>] = &[
    always(
        "Most Work",
        "A node that follows the rules works on a chain with the most work of all whose blocks it has received.",
        About::Outputs,
        most_work,
    )
    .given(a_block_is_found),
    always(
        "Difficulty",
        "Each block on the chain of a node that follows the rules has the difficulty that the time of the last whole window demands.",
        About::Outputs,
        difficulty,
    )
    .given(a_block_is_found),
    always(
        "Timestamps",
        "A node that follows the rules accepts no block that is not later than the median of the eleven before it, or that is more \
         than twelve intervals ahead of its clock.",
        About::Outputs,
        timestamps,
    )
    .given(a_block_is_found),
    always(
        "Maturity",
        "On the chain of a node that follows the rules, no miner has spent the coin of a block before that block was deep enough.",
        About::Outputs,
        maturity,
    )
    .given(|scene| match scene.nodes().any(|(_, node)| !node.payments().is_empty()) {
        true => Ok(()),
        false => Err("no block has a payment yet"),
    }),
    eventually(
        "Common Prefix",
        "In the end, the chains of all nodes, but for as few as may be faulty, differ in their last six blocks at most. This is only \
         probable: it needs honest miners with more than half of the power, and blocks that spread much faster than they are found.",
        Despite::Few,
        |scene| {
            clocks_are_near(scene)?;
            // Two branches with the same work last until the next block, which may take very long then.
            match chains(scene).any(|(_, node)| node.is_slow()) {
                true => Err("blocks are twice as hard as planned"),
                false => Ok(()),
            }
        },
        common_prefix,
    ),
    eventually(
        "Chain Growth",
        "In the end, the chains of all nodes, but for as few as may be faulty, go on growing: none waits twenty planned intervals for a \
         block. This is only probable, and needs most of the power to be at work.",
        Despite::Few,
        clocks_are_near,
        chain_growth,
    ),
    eventually(
        "Chain Quality",
        "In the end, at least one of the last twenty blocks is of a miner that follows the rules, on the chains of all nodes but for as \
         few as may be faulty. This is only probable, and needs honest miners with more than half of the power.",
        Despite::Few,
        |scene| match chains(scene).any(|(_, node)| node.best.len() >= QUALITY) {
            true => Ok(()),
            false => Err("no chain has twenty blocks yet"),
        },
        chain_quality,
    ),
    sometimes(
        "Fork",
        "Two blocks are found behind the same number of blocks.",
        About::Outputs,
        |scene| match joined(scene).any(|output| forks(scene.record, output)) {
            true => Ok(()),
            false => Err(Contradiction::default()),
        },
    ),
];

/// Whether a block that is new has a rival of the same height.
fn forks(record: &Record, output: &Output) -> bool {
    let Output::Joined { block, height: at, .. } = output else { return false };
    !record.tree.contains_key(&block.hash) && record.tree.values().any(|known| known.height == *at)
}

/// The honest nodes that are up.
fn chains<'a>(scene: &'a Scene<'_, Miner>) -> impl Iterator<Item = (NodeId, &'a Miner)> {
    scene.nodes().filter(|(_, node)| node.follows_rules())
}

fn a_block_is_found(scene: &Scene<'_, Miner>) -> Result<(), &'static str> {
    match scene.record.tree.is_empty() {
        true => Err("no block is found yet"),
        false => Ok(()),
    }
}

fn clocks_are_near(scene: &Scene<'_, Miner>) -> Result<(), &'static str> {
    a_block_is_found(scene)?;
    let off = |(who, node): (NodeId, &Miner)| {
        let heard = scene.record.nodes.get(&who);
        heard.is_some_and(|heard| heard.off > AHEAD / 2 * node.params.interval)
    };
    match chains(scene).any(off) {
        true => Err("a clock is off by an hour or more, which is six intervals"),
        false => Ok(()),
    }
}

/// A node, with its latest block.
fn at_tip(node: NodeId) -> Side {
    Side::of(node).showing(Fact::Field("tip"))
}

/// The node that took the step, if it follows the rules.
fn honest<'a>(scene: &Scene<'a, Miner>) -> Option<&'a Miner> {
    scene.node.filter(|node| node.follows_rules())
}

/// The most work of a chain whose blocks the node has all received: those that it has taken up, and those that wait for nothing
/// any more.
fn most_received(scene: &Scene<'_, Miner>, tree: &Tree<'_>) -> u64 {
    let mut heard = scene.record.nodes.get(&scene.who).cloned().unwrap_or_default();
    for output in scene.outputs {
        match *output {
            Output::Joined { block, .. } => {
                heard.joined.insert(block.hash, ());
                heard.waits.remove(&block.hash);
                heard.most = heard.most.max(tree.work(block.hash));
            }
            Output::Waits { block, parent, difficulty } => {
                heard.waits.insert(block.hash, (parent.hash, difficulty));
            }
            Output::Refused(block) => {
                heard.waits.remove(&block.hash);
            }
            Output::GaveUp | Output::Payment(_) => {}
        }
    }
    let mut works: Map<u64, u64> = Map::default();
    loop {
        let work = |hash: &u64| match heard.joined.contains_key(hash) {
            true => Some(tree.work(*hash)),
            false => works.get(hash).copied(),
        };
        let open = heard.waits.iter().filter(|(hash, _)| !works.contains_key(hash));
        let mut ready =
            open.filter_map(|(hash, (parent, difficulty))| Some((*hash, work(parent)? + difficulty)));
        let Some((hash, work)) = ready.next() else { return heard.most };
        works.insert(hash, work);
        heard.most = heard.most.max(work);
    }
}

fn most_work(scene: &Scene<'_, Miner>) -> Result<(), Contradiction> {
    let Some(node) = honest(scene) else { return Ok(()) };
    let (who, tip, tree) = (scene.who, super::tip(&node.best), Tree::now(scene));
    let (work, most) = (tree.work(tip.hash), most_received(scene, &tree));
    match work < most {
        true => Err(Contradiction::between(
            format!(
                "{who} works behind {tip} with work {work}, but it has received a chain with work {most}"
            ),
            [at_tip(who)],
        )),
        false => Ok(()),
    }
}

/// The difficulty that the judge expects behind a block.
fn expected(tree: &Tree<'_>, parent: u64, node: &Miner) -> u64 {
    let window = node.params.window;
    let Some(last) = tree.get(parent) else { return FIRST_DIFFICULTY };
    if last.height % window != 0 {
        return last.difficulty;
    }
    let first = tree.back(parent).nth(window as usize).map_or(0, |known| known.time);
    let took = last.time.saturating_sub(first).max(1);
    let planned = u128::from(window * node.params.interval);
    let new = (u128::from(last.difficulty) * planned / u128::from(took)).min(1 << 40) as u64;
    new.max((last.difficulty / 4).max(1)).min(last.difficulty * 4).min(1 << 40)
}

/// The blocks that became part of a chain in this step.
fn joined<'a>(scene: &'a Scene<'_, Miner>) -> impl Iterator<Item = &'a Output> + 'a {
    scene.outputs.iter().filter(|output| matches!(output, Output::Joined { .. }))
}

fn difficulty(scene: &Scene<'_, Miner>) -> Result<(), Contradiction> {
    let Some(node) = honest(scene) else { return Ok(()) };
    let tree = Tree::now(scene);
    for output in joined(scene) {
        let &Output::Joined { block, parent, difficulty, .. } = output else { continue };
        let right = expected(&tree, parent.hash, node);
        if difficulty != right {
            return Err(Contradiction::between(
                format!(
                    "{} accepts {block} with difficulty {difficulty}, but its chain demands {right}",
                    scene.who
                ),
                [at_tip(scene.who).telling(output)],
            ));
        }
    }
    Ok(())
}

fn timestamps(scene: &Scene<'_, Miner>) -> Result<(), Contradiction> {
    let Some(node) = honest(scene) else { return Ok(()) };
    let tree = Tree::now(scene);
    for output in joined(scene) {
        let &Output::Joined { block, parent, time, clock, .. } = output else { continue };
        let mut times: Vec<Micros> =
            tree.back(parent.hash).take(MEDIAN_OF as usize).map(|known| known.time).collect();
        faultline_core::toolbox::order::by_number(&mut times, |time| u128::from(*time));
        let early = times.get(times.len() / 2).is_some_and(|median| time <= *median);
        if early || time > clock.saturating_add(AHEAD * node.params.interval) {
            let how =
                if early { "is not later than the median before it" } else { "is far ahead of its clock" };
            return Err(Contradiction::between(
                format!("{} accepts {block}, whose timestamp {how}", scene.who),
                [at_tip(scene.who).telling(output)],
            ));
        }
    }
    Ok(())
}

fn maturity(scene: &Scene<'_, Miner>) -> Result<(), Contradiction> {
    let Some(node) = honest(scene) else { return Ok(()) };
    let mut mined: Map<(NodeId, u64), u64> = Map::default();
    for link in node.best.after(0) {
        let Block { id, height, payments, .. } = &link.block;
        let young = |coin: crate::Coin| {
            mined.get(&(coin.of, coin.number)).is_some_and(|at| at + node.params.maturity > *height)
        };
        if let Some(payment) = payments.iter().find(|it| it.turn == 0 && it.coin.number > 0 && young(it.coin))
        {
            return Err(Contradiction::between(
                format!("{} accepts {id}, which spends the coin {} too early", scene.who, payment.coin),
                [at_tip(scene.who)],
            ));
        }
        mined.insert((id.miner, id.number), *height);
    }
    Ok(())
}

fn common_prefix(scene: &Scene<'_, Miner>) -> Result<(), Contradiction> {
    let differ = |mine: &Chain, theirs: &Chain| {
        let common = mine.len().min(theirs.len()).saturating_sub(COMMON);
        mine.len().abs_diff(theirs.len()) > COMMON || !mine.agrees_until(theirs, common)
    };
    let mut apart = None;
    for (one, mine) in chains(scene) {
        let Some(other) = too_many(scene, |_, it| differ(&mine.best, &it.best)) else { return Ok(()) };
        apart = Some((one, other));
    }
    let Some((one, other)) = apart else { return Ok(()) };
    Err(Contradiction::between(
        format!("the chains of {one} and {other} differ in more than their last {COMMON} blocks"),
        [at_tip(one), at_tip(other)],
    ))
}

fn chain_growth(scene: &Scene<'_, Miner>) -> Result<(), Contradiction> {
    let stands = |who: NodeId, node: &Miner| {
        let grown = scene.record.nodes.get(&who).map_or(0, |heard| heard.grown);
        scene.now.saturating_sub(grown) > PATIENCE * node.params.interval
    };
    match too_many(scene, stands) {
        Some(who) => Err(Contradiction::between(
            format!("{who} has had no new block for more than {PATIENCE} planned intervals"),
            [at_tip(who)],
        )),
        None => Ok(()),
    }
}

fn chain_quality(scene: &Scene<'_, Miner>) -> Result<(), Contradiction> {
    let honest = |miner: NodeId| {
        scene.is_honest(miner) && scene.node_of(miner).is_none_or(super::super::Ledger::follows_rules)
    };
    let captured = |_: NodeId, node: &Miner| {
        let latest = node.best.after(node.best.len().saturating_sub(QUALITY));
        latest.len() as u64 >= QUALITY && !latest.iter().any(|link| honest(link.block.id.miner))
    };
    match too_many(scene, captured) {
        Some(who) => Err(Contradiction::between(
            format!("the last {QUALITY} blocks on the chain of {who} are all of attackers"),
            [at_tip(who)],
        )),
        None => Ok(()),
    }
}

impl Ledger for Miner {
    fn told(output: &Output) -> Option<&crate::Told> {
        if let Output::Payment(told) = output { Some(told) } else { None }
    }

    fn book(record: &Record) -> &Book {
        &record.book
    }

    fn payments(&self) -> Vec<crate::Payment> {
        super::block::payments(&self.best).map(|(_, payment)| *payment).collect()
    }

    fn lacks(&self, payment: &crate::Payment) -> bool {
        let held = Holders::of(&self.best, &self.params).get(payment.coin);
        let owned = held.filter(|(turn, owner, _)| (*turn, *owner) == (payment.turn, payment.from));
        // With liars about, a coin may have come to the payer by another way than when it paid, and only just now.
        owned.is_some_and(|(.., from)| from == 0 || from + LATELY <= self.best.len())
    }

    /// Miners were lucky, or somebody let them find blocks, and the difficulty followed.
    fn is_slow(&self) -> bool {
        super::next_difficulty(&self.best, &self.params) > 2 * FIRST_DIFFICULTY
    }

    fn has_heard_of(&self, payment: &crate::Payment) -> bool {
        self.pool.contains(payment)
    }

    fn follows_rules(&self) -> bool {
        self.me != super::ATTACKER || self.params.strategy == super::Strategy::Honest
    }
}
