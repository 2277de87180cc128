//! # Proof of work (Nakamoto 2008)
//!
//! Payments are collected in blocks, and each block names the one before it. To make a block takes **work**: a miner tries one
//! number after another until the hash of the block is small enough. Who finds a block sends it to its peers, they check it and
//! send it on, and everybody goes on mining behind it.
//!
//! Two miners may find a block at about the same time. Then the chain **forks**, and each node goes on behind the block that it
//! received first. The next block decides: a node follows the valid chain with the **most work**. What stood only in the other
//! branch is undone, and its payments wait for a block again.
//!
//! Why it is right: the order is whatever most work was spent on. Who wants to change it must do that work once more and overtake
//! all others. With a share q < 1/2 of the computing power, the chance to catch up from d blocks behind is (q/p)^d. So a payee waits
//! until a payment is a few blocks deep, and is then *probably* safe.
//!
//! Where it hurts: nothing is ever final. The calculator of the paper's §11 takes the attacker's progress for a Poisson variable,
//! although the time of z blocks is itself random. The race gives Rosenfeld's (2014) and Grunspan and
//! Pérez-Marco's (2018) numbers: for q = 0.1 and z = 6, 0.00059 in place of 0.00024. From two confirmations on the calculator
//! promises too much, unless the attacker is strong: up to q = 0.23 for z = 2, and up to 0.38 for z = 6. Beyond that, and for
//! z = 1, it promises a little too little. Blocks that are found while another
//! one spreads are wasted, a share of about 1 − e^(−Δ/T) (Decker and Wattenhofer 2013), so blocks must not come too
//! fast. A miner that keeps its blocks secret for a while earns more than its share (Eyal and Sirer 2014). And all miners compute
//! all the time: the energy per payment depends on how much power there is, not on how many payments there are.
//!
//! **Difficulty.** After each window of blocks, the difficulty becomes what would have made the window take the planned time, at
//! most four times more or less. Bitcoin's own code measures 2015 intervals and takes them for 2016; here that is a wrong twin. A
//! timestamp must exceed the median of the last eleven and lie at most twelve planned intervals (Bitcoin's two hours) ahead
//! of the clock of the node that checks it. These rules are Bitcoin's; the paper leaves them open.
//!
//! **Scale.** By default a block takes 100 ms and a message 5 to 15 ms. That stands for ten minutes and for a minute: forks
//! are some five times as frequent as in Decker and Wattenhofer's measurement, so that there is something to see.
//!
//! **Attackers.** n1 may be one, by the setting `strategy`. A *double spender* pays and mines in secret behind the block before its
//! payment, where the same coin goes back to itself. As Rosenfeld assumes, it sends the payment once it has one secret block. When it has
//! the goods and its branch has more work, it publishes all. It gives up when it is twenty blocks behind. A *selfish miner* follows
//! Eyal and Sirer's algorithm 1. How many miners join its branch in a tie (their γ) follows from who hears which block first, or
//! from `ties`, which is one half if all toss a coin.
//!
//! **What this file leaves out:** scripts, fees, change, and coins that are split or joined; limits on the size of a block; the
//! hashing itself, which is a timer with an exponential time; inventories, since blocks are sent whole; Merkle trees and light
//! clients; how peers are found, and that they compare their chains when they meet again: a node learns what it has missed only with
//! the next block. Miners' power does not change but by crashes, and only n1 attacks.

use crate::{Coin, Input, Payment, Told};
use attack::Secret;
use block::{
    Block, Chain, Holders, Id, check, fitting, fork, height_of, longer, median_time, next_difficulty, tip,
    work,
};
use faultline_core::prelude::*;
use faultline_core::sign::Story;
use std::fmt::{self, Display};

mod attack;
pub mod block;
mod chance;
mod claims;
mod ledger;
mod network;
mod record;
pub mod theory;
mod title;
mod words;

/// The node that may be an attacker.
pub const ATTACKER: NodeId = NodeId(0);

/// What is set before a run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Settings)]
pub struct Params {
    /// The planned time between two blocks. By default it stands for ten minutes.
    #[setting(default = 100ms, bounds = 1ms..=600s)]
    pub interval: Micros,
    /// After how many blocks the difficulty changes: 2016 in Bitcoin.
    #[setting(default = 16, bounds = 2..=2016)]
    pub window: u64,
    /// The share of n1 in all computing power, in thousandths. The other nodes have equal parts of the rest.
    #[setting(default = 200, bounds = 0..=999)]
    pub power: u64,
    /// What n1 does: it follows the rules, spends a coin twice, or keeps its blocks secret to waste the work of others.
    pub strategy: Strategy,
    /// How many blocks deep a payment must be before its payee takes it as settled; its own block is the first.
    #[setting(default = 2, bounds = 0..=40)]
    pub confirmations: u64,
    /// How many blocks after a block its miner's new coin may be spent: 1 is the next block, and Bitcoin has 100.
    #[setting(default = 4, bounds = 1..=100)]
    pub maturity: u64,
    /// Which of two chains with the same work a node follows: the one it received first, or any of them by chance.
    pub ties: Ties,
    /// With how many neighbours on each side a node exchanges blocks. All nodes stand on a ring.
    #[setting(default = 2, bounds = 2..=20)]
    pub peers: u64,
    /// Rules taken away.
    #[setting(twins)]
    pub bugs: Bugs,
}

/// What n1 does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Choice)]
#[allow(missing_docs)]
pub enum Strategy {
    Honest,
    DoubleSpend,
    Selfish,
}

/// Which of two chains with the same work a node follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Choice)]
#[allow(missing_docs)]
pub enum Ties {
    FirstSeen,
    Random,
}

/// The wrong twins.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Twins)]
pub struct Bugs {
    /// A node follows the chain with the most blocks, however little work they took.
    pub counts_blocks: bool,
    /// The difficulty is measured over one interval less than the window has, as in Bitcoin's code.
    pub counts_one_interval_less: bool,
    /// A miner stamps its blocks with its clock as it is, and no node checks timestamps.
    pub believes_any_time: bool,
    /// When a missing block comes, a node takes up the blocks that waited for it and drops all that wait for these.
    pub drops_grandchildren: bool,
    /// A miner may spend the coin of its block in the very next block.
    pub spends_at_once: bool,
    /// A node does not notice that two payments in one block spend the same coin.
    pub misses_rivals_in_a_block: bool,
}

/// What nodes tell each other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Message {
    /// A payment, from its payer or passed on.
    Payment(Payment),
    /// A block, from its miner or passed on.
    Block(Block),
    /// The sender lacks this block, of this height.
    Get(Id, u64),
    /// Blocks in a row: those that somebody lacks, or some that were secret.
    Blocks(Vec<Block>),
    /// The payee takes the payment as settled and hands over the goods.
    Goods(Payment),
}

kinds! { Message {
    Payment 'P': Self::Payment(payment) => "{payment}" as "the payment {payment}",
    Block 'B': Self::Block(block) => "{block}" as ("block {}", block.id),
    Get '?': Self::Get(id, height) => "{id} ({height})" as "a question for block {id}",
    Blocks 'C' reply: Self::Blocks(blocks) => ("{}", words::in_a_row(blocks)) as ("the blocks {}", words::in_a_row(blocks)),
    Goods 'G' reply: Self::Goods(payment) => "for {payment}" as "the goods for {payment}",
} }

/// What a node waits for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
pub enum Timer {
    /// It finds a block.
    Mine,
}

/// What the application, and the judge, are told.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
pub enum Output {
    /// Something about a payment.
    #[words("{0}")]
    Payment(Told),
    /// A block has become part of a chain that the node knows.
    #[words("Joined {block} after {parent}")]
    Joined {
        /// Which block.
        block: Id,
        /// The one before it.
        parent: Id,
        /// Its place, difficulty and timestamp.
        height: u64,
        /// How many hashes it takes on average.
        difficulty: u64,
        /// Its timestamp.
        time: Micros,
        /// What the node's clock read.
        clock: Micros,
    },
    /// A block has come whose parent the node does not know.
    #[words("Waits {block} for {parent}")]
    Waits {
        /// Which block.
        block: Id,
        /// The one before it.
        parent: Id,
        /// How many hashes it takes on average.
        difficulty: u64,
    },
    /// A block broke a rule.
    Refused(Id),
    /// The attacker is too far behind.
    GaveUp,
}

/// What is on disk: the chains, and what the node has promised or taken as promised.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stable {
    best: Chain,
    others: Vec<Chain>,
    mined: u64,
    own: Vec<Payment>,
    received: Map<Payment, bool>,
}

/// A node, which keeps the ledger and mines.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Miner {
    me: NodeId,
    count: u32,
    params: Params,
    /// The chain that it follows, and the other branches that it knows.
    best: Chain,
    others: Vec<Chain>,
    /// Blocks whose parents it does not know.
    waiting: Vec<Block>,
    /// Payments that are not in its chain and may come next.
    pool: Vec<Payment>,
    /// How many blocks it has found, and the difficulty of the one that it searches for.
    mined: u64,
    difficulty: u64,
    /// The payments that it has made.
    own: Vec<Payment>,
    /// The payments to it that it has taken as settled at some time, and whether it does now.
    received: Map<Payment, bool>,
    /// What an attacker keeps to itself.
    secret: Option<Secret>,
}

/// How many blocks an answer holds at most.
const MOST_BLOCKS: u64 = 10;

// The rules, with where Nakamoto's paper has them. The paper says "longest chain" and means the one with most work (§4).
const START: Rule = Rule::new("§5", "A node works on the chain with the most work that it has on disk.");
const PAY: Rule = Rule::new("§5.1", "A new payment is broadcast to all nodes.");
const NO_PAYEE: Rule = Rule::new("§2", "A coin is paid to another node.");
const NO_COIN: Rule = Rule::new("§2", "Who has no coin that may be spent cannot pay.");
const COLLECT: Rule = Rule::new("§5.2", "Each node collects payments whose coins are not spent.");
const NOT_NEW: Rule = Rule::new("§5", "What a node knows already it does not send on.");
const SPENT: Rule = Rule::new("§2", "Of two payments of a coin the first counts, and the other is ignored.");
const FOUND: Rule = Rule::new("§5.4", "A node that finds a proof of work broadcasts the block.");
const ACCEPT: Rule = Rule::new("§5.5", "A node accepts a block if it is valid and its coins are not spent.");
const FOLLOW: Rule = Rule::new("§5.6", "A node works behind the last block of the chain with the most work.");
const SAVE: Rule =
    Rule::new("§5", "A node works on the branch that it received first, and keeps the other one.");
const MISSED: Rule =
    Rule::new("§5", "A node that receives a block without its parent keeps it and requests the parent.");
const PROVIDE: Rule = Rule::new("§5", "A node sends a block that it is asked for, with a few before it.");
const UNKNOWN: Rule = Rule::new("§5", "A node that does not know a block cannot send it.");
const FORGED: Rule = Rule::new("§4", "A block without its proof of work is ignored.");
const GOODS: Rule = Rule::new("§11", "A payee hands over the goods once a payment is deep enough.");
const TOO_EARLY: Rule = Rule::new("Bitcoin", "A timestamp must exceed the median of the last eleven.");
const TOO_LATE: Rule =
    Rule::new("Bitcoin", "A timestamp must not be far ahead of the clock of who checks it.");
const WRONG_DIFFICULTY: Rule = Rule::new("§4", "A block must have the difficulty that its chain demands.");
const WRONG_COINS: Rule =
    Rule::new("§5.5", "A block in which a coin is not the payer's, or is too young, is refused.");

impl Node for Miner {
    type Message = Message;
    type Timer = Timer;
    type Input = Input;
    type Output = Output;
    type Stable = Stable;
    type Params = Params;

    fn start(stable: Stable, ctx: &mut Ctx<Self>) -> Self {
        ctx.note(&START);
        let Stable { best, others, mined, own, received } = stable;
        let mut miner = Miner {
            me: ctx.me(),
            count: ctx.count() as u32,
            params: ctx.params().clone(),
            best,
            others,
            waiting: Vec::new(),
            pool: Vec::new(),
            mined,
            difficulty: 0,
            own,
            received,
            secret: None,
        };
        miner.begin_selfish_mining();
        miner.mine_on(ctx);
        miner
    }

    fn stable(&self) -> Stable {
        let Miner { best, others, mined, own, received, .. } = self;
        Stable {
            best: best.clone(),
            others: others.clone(),
            mined: *mined,
            own: own.clone(),
            received: received.clone(),
        }
    }

    fn on_input(&mut self, Input::Pay(to): Input, ctx: &mut Ctx<Self>) {
        if to == self.me || to.0 >= self.count {
            return ctx.note(&NO_PAYEE);
        }
        let Some((coin, turn)) = self.purse() else { return ctx.note(&NO_COIN) };
        let payment = Payment { coin, turn, from: self.me, to };
        if self.params.strategy == Strategy::DoubleSpend && self.me == ATTACKER {
            return self.begin_double_spend(payment, ctx);
        }
        ctx.tell(&PAY, || format!("pays {coin} to {to}"));
        ctx.output(Output::Payment(Told::Paid(payment)));
        self.own.push(payment);
        self.pool.push(payment);
        self.send_peers(&[], &Message::Payment(payment), ctx);
    }

    fn on_message(&mut self, from: NodeId, message: Message, ctx: &mut Ctx<Self>) {
        let before = self.best.clone();
        match message {
            Message::Payment(payment) => self.collect(from, payment, ctx),
            Message::Block(block) => self.receive(from, block, ctx),
            Message::Blocks(blocks) => blocks.into_iter().for_each(|block| self.receive(from, block, ctx)),
            Message::Get(id, height) => self.provide(from, id, height, ctx),
            Message::Goods(payment) => self.delivered(payment, ctx),
        }
        self.follow(&before, ctx);
    }

    fn on_timer(&mut self, Timer::Mine: Timer, ctx: &mut Ctx<Self>) {
        let before = self.best.clone();
        let chain = self.target().clone();
        let clock = ctx.clock();
        let time =
            if self.params.bugs.believes_any_time { clock } else { clock.max(median_time(&chain) + 1) };
        self.mined += 1;
        let id = Id { miner: self.me, number: self.mined, hash: 0 };
        let mut block = Block {
            id,
            parent: tip(&chain),
            height: chain.len() + 1,
            difficulty: next_difficulty(&chain, &self.params),
            time,
            payments: fitting(&chain, &self.wanted(), &self.params),
        };
        block.id.hash = block.hash();
        // By a clock that is far behind, the median of the others lies too far ahead.
        if let Err(broken) = check(&chain, &block, clock, &self.params) {
            ctx.tell(broken, || format!("finds block {}, which it refuses itself", block.id));
            self.difficulty = 0;
            return self.mine_on(ctx);
        }
        ctx.tell(&FOUND, || format!("finds block {} behind {}", block.id, block.parent));
        Miner::joined(&block, ctx);
        if self.secret.is_some() {
            self.keep_secret(block, ctx);
        } else {
            self.send_peers(&[], &Message::Block(block.clone()), ctx);
            self.take_up(longer(&chain, block), ctx);
        }
        self.follow(&before, ctx);
        self.difficulty = 0;
        self.mine_on(ctx);
    }

    fn inputs(&self) -> Vec<Input> {
        let others = (0..self.count).map(NodeId).filter(|&node| node != self.me);
        if self.purse().is_some() { others.map(Input::Pay).collect() } else { Vec::new() }
    }

    /// A liar can sign payments of its own coins only, and has no proof of work for a block that it changes.
    fn lies(&self, _: NodeId, truth: &Message, _: &Ctx<Self>) -> Vec<Message> {
        match truth {
            Message::Payment(payment) if payment.from == self.me => {
                let payees = (0..self.count).map(NodeId).filter(|to| *to != payment.to);
                payees.map(|to| Message::Payment(Payment { to, ..*payment })).collect()
            }
            Message::Block(block) => {
                let difficulty = block.difficulty * 2;
                vec![Message::Block(Block { difficulty, payments: Vec::new(), ..block.clone() })]
            }
            _ => Vec::new(),
        }
    }

    fn story(message: &Message) -> Option<Story> {
        let Message::Payment(payment) = message else { return None };
        Some(words::story(payment))
    }

    fn card(&self) -> Card {
        self.described()
    }
}

impl Miner {
    /// The chain that it mines on.
    fn target(&self) -> &Chain {
        self.secret.as_ref().map_or(&self.best, |secret| &secret.chain)
    }
}
