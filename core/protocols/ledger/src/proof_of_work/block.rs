//! Blocks, chains of them, and the rules by which a block may follow a chain.

use super::{Params, TOO_EARLY, TOO_LATE, WRONG_COINS, WRONG_DIFFICULTY};
use crate::{Coin, Payment};
use faultline_core::fingerprint;
use faultline_core::prelude::*;
use faultline_core::toolbox::log::Log;
use faultline_core::toolbox::order::by_number;
use std::fmt::{self, Display};

/// The difficulty of the first blocks: so many hashes does a block take on average. All miners together compute as many in the
/// planned time of a block.
pub const FIRST_DIFFICULTY: u64 = 1_000;
/// A difficulty beyond which none rises: in manual mode clocks stand still, and every window would seem to take no time.
const MOST_DIFFICULTY: u64 = 1 << 40;
/// By which factor a difficulty may change at once.
const MOST_CHANGE: u64 = 4;
/// Of how many earlier blocks a timestamp must exceed the median.
pub const MEDIAN_OF: u64 = 11;
/// How many planned intervals a timestamp may lie ahead of a node's clock: two hours, at ten minutes a block.
pub const AHEAD: u64 = 12;

/// A block, by its miner and its number among that miner's blocks: a name for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id {
    /// The miner of it.
    pub miner: NodeId,
    /// Its number among the blocks of that miner, from 1; 0 is the genesis block.
    pub number: u64,
    /// The hash of all that it holds, its parent's included.
    pub hash: u64,
}

/// The place before all blocks.
pub const GENESIS: Id = Id { miner: NodeId(0), number: 0, hash: 0 };

/// A block.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Block {
    /// Its name, with the hash that was searched for.
    pub id: Id,
    /// The block before it.
    pub parent: Id,
    /// How many blocks lead to it, itself included.
    pub height: u64,
    /// How many hashes such a block takes on average.
    pub difficulty: u64,
    /// When it was mined, by its miner's clock.
    pub time: Micros,
    /// What it makes part of the ledger, beside the miner's new coin.
    pub payments: Vec<Payment>,
}

impl Block {
    /// The hash of what it holds. A block whose hash is another one has no proof of work.
    pub(super) fn hash(&self) -> u64 {
        let Block { id, parent, height, difficulty, time, payments } = self;
        fingerprint::of(&(id.miner, id.number, parent.hash, height, difficulty, time, payments))
    }

    /// The coin that it makes for its miner.
    fn coinbase(&self) -> Coin {
        Coin { of: self.id.miner, number: self.id.number }
    }
}

/// A block of a chain, with the work of the chain up to it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Link {
    /// The block.
    pub block: Block,
    /// The sum of the difficulties up to here.
    pub work: u64,
}

/// A chain from the genesis block, which is not in it. Chains share what they have in common.
pub type Chain = Log<Link>;

/// The block that a chain ends with.
pub(super) fn tip(chain: &Chain) -> Id {
    chain.last().map_or(GENESIS, |link| link.block.id)
}

/// The work of a chain.
pub(super) fn work(chain: &Chain) -> u64 {
    chain.last().map_or(0, |link| link.work)
}

/// The chain with one more block.
pub(super) fn longer(chain: &Chain, block: Block) -> Chain {
    let mut longer = chain.clone();
    let work = work(chain).saturating_add(block.difficulty);
    longer.push(Link { block, work });
    longer
}

/// Up to which height two chains are the same.
pub(super) fn fork(one: &Chain, other: &Chain) -> u64 {
    let mut height = one.len().min(other.len());
    while !one.agrees_until(other, height) {
        height -= 1;
    }
    height
}

/// The payments of a chain, in order, each with the height of its block.
pub(super) fn payments(chain: &Chain) -> impl Iterator<Item = (u64, &Payment)> {
    let links = chain.after(0).into_iter();
    links.flat_map(|link| link.block.payments.iter().map(|payment| (link.block.height, payment)))
}

/// The height of the block that holds a payment.
pub(super) fn height_of(chain: &Chain, payment: &Payment) -> Option<u64> {
    payments(chain).find(|(_, it)| *it == payment).map(|(height, _)| height)
}

/// When a block was mined; the genesis block at 0.
fn time(chain: &Chain, height: u64) -> Micros {
    chain.get(height).map_or(0, |link| link.block.time)
}

/// What the timestamp of the next block must exceed: the median of the latest blocks' timestamps.
pub(super) fn median_time(chain: &Chain) -> Micros {
    let mut times: Vec<Micros> =
        chain.after(chain.len().saturating_sub(MEDIAN_OF)).iter().map(|link| link.block.time).collect();
    by_number(&mut times, |time| u128::from(*time));
    times.get(times.len() / 2).copied().unwrap_or(0)
}

/// The difficulty of the block after a chain. After each window it becomes what it would have had to be for the window to take
/// the planned time.
pub(super) fn next_difficulty(chain: &Chain, params: &Params) -> u64 {
    let (height, window) = (chain.len(), params.window);
    let old = chain.last().map_or(FIRST_DIFFICULTY, |link| link.block.difficulty);
    if height == 0 || !height.is_multiple_of(window) {
        return old;
    }
    // So many blocks have so many intervals only with the block before them.
    let first = height - window + u64::from(params.bugs.counts_one_interval_less);
    let took = time(chain, height).saturating_sub(time(chain, first)).max(1);
    let planned = u128::from(window * params.interval);
    let new = (u128::from(old) * planned / u128::from(took)).min(u128::from(MOST_DIFFICULTY)) as u64;
    new.clamp((old / MOST_CHANGE).max(1), old * MOST_CHANGE).min(MOST_DIFFICULTY)
}

/// Whose the coins are behind a chain: for each coin that the chain has made or moved how often it has moved, its owner, and from
/// which height on a block may spend it.
pub(super) struct Holders {
    coins: Map<Coin, (u64, NodeId, u64)>,
    next: u64,
}

impl Holders {
    pub(super) fn of(chain: &Chain, params: &Params) -> Self {
        let young = if params.bugs.spends_at_once { 1 } else { params.maturity };
        let mut coins = Map::default();
        for Link { block, .. } in chain.after(0) {
            coins.insert(block.coinbase(), (0, block.id.miner, block.height + young));
            for payment in &block.payments {
                coins.insert(payment.coin, (payment.turn + 1, payment.to, block.height + 1));
            }
        }
        Holders { coins, next: chain.len() + 1 }
    }

    /// Of one coin. That which each node has at the start is its own as long as it has not moved.
    pub(super) fn get(&self, coin: Coin) -> Option<(u64, NodeId, u64)> {
        self.coins.get(&coin).copied().or((coin.number == 0).then_some((0, coin.of, 0)))
    }

    /// Whether a payment may stand in the next block.
    pub(super) fn allow(&self, payment: &Payment) -> bool {
        self.get(payment.coin).is_some_and(|(turn, owner, from)| {
            (turn, owner) == (payment.turn, payment.from) && from <= self.next
        })
    }

    /// The coins that a node may spend in the next block, each with how often it has moved.
    pub(super) fn of_node(&self, node: NodeId) -> impl Iterator<Item = (Coin, u64)> {
        let first = Coin { of: node, number: 0 };
        let unmoved = (!self.coins.contains_key(&first)).then_some((first, 0));
        let held =
            self.coins.iter().filter(move |(_, (_, owner, from))| *owner == node && *from <= self.next);
        unmoved.into_iter().chain(held.map(|(coin, (turn, ..))| (*coin, *turn)))
    }
}

/// Those of some payments that may stand together in the block after a chain, in this order; of rivals the first.
pub(super) fn fitting(chain: &Chain, payments: &[Payment], params: &Params) -> Vec<Payment> {
    if payments.is_empty() {
        return Vec::new();
    }
    let (holders, mut fitting) = (Holders::of(chain, params), Vec::<Payment>::new());
    for payment in payments.iter().filter(|payment| holders.allow(payment)) {
        let rivalled = fitting.iter().any(|it| it.is_rival_of(payment));
        if !fitting.contains(payment) && (!rivalled || params.bugs.misses_rivals_in_a_block) {
            fitting.push(*payment);
        }
    }
    fitting
}

/// Whether a block may follow a chain, at what the node's clock reads; otherwise the rule that forbids it.
pub(super) fn check(
    chain: &Chain,
    block: &Block,
    clock: Micros,
    params: &Params,
) -> Result<(), &'static Rule> {
    if block.height != chain.len() + 1 || block.difficulty != next_difficulty(chain, params) {
        return Err(&WRONG_DIFFICULTY);
    }
    if !params.bugs.believes_any_time {
        if block.time <= median_time(chain) && !chain.is_empty() {
            return Err(&TOO_EARLY);
        }
        if block.time > clock.saturating_add(AHEAD * params.interval) {
            return Err(&TOO_LATE);
        }
    }
    match fitting(chain, &block.payments, params) == block.payments {
        true => Ok(()),
        false => Err(&WRONG_COINS),
    }
}

impl Display for Id {
    /// `n3.2`, the second block that n3 mined.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.number {
            0 => out.write_str("genesis"),
            number => write!(out, "{}.{number}", self.miner),
        }
    }
}

impl Display for Block {
    /// `n3.2 after n1.4 (5): c1 from n1 to n4`
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} after {} ({})", self.id, self.parent, self.height)?;
        for (place, payment) in self.payments.iter().enumerate() {
            write!(out, "{}{payment}", if place == 0 { ": " } else { ", " })?;
        }
        if self.hash() == self.id.hash { Ok(()) } else { out.write_str(", without proof") }
    }
}
