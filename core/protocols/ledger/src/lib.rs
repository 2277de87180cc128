//! # The problem of a public ledger (Nakamoto 2008; Garay, Kiayias & Leonardos 2015)
//!
//! A ledger is a list of payments that grows. Everybody may read it, everybody may ask for a payment, and nobody is in charge.
//! All who keep the ledger must come to have the same payments in the same order, although some of them lie.
//!
//! What makes this hard is the **double spend**: the owner of a coin pays it to a shop, and later makes the ledger say that it
//! was paid to somebody else. Signatures do not help, for the owner signs both payments. What helps is an order in which one of
//! the two comes first, and which nobody can change later.
//!
//! A coin has an owner and moves as a whole; the paper's coins may be split and joined. Every node has one coin at the start, and
//! a protocol may make more. A payment names the coin, how often the coin had moved before, its payer and its payee, and is signed
//! by the payer: what a liar may say instead (`Node::lies`) holds payments of its own coins only.
//!
//! A payee that waits for the ledger takes a payment as **settled** at some point, and hands over the goods. Where the order
//! is only probable, a settled payment can be **undone**. A solution says how probable that is; this file only says what the
//! words mean.

use faultline_core::card::Fact;
use faultline_core::prelude::*;
use std::fmt::{self, Display};

pub mod proof_of_work;

/// A coin, by whose it was at first and which of that node's coins it is: 0 is the one that the node has at the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Coin {
    /// Its first owner.
    pub of: NodeId,
    /// Its number among the coins of that node.
    pub number: u64,
}

/// A payment of a coin, signed by the payer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Payment {
    /// The coin that moves.
    pub coin: Coin,
    /// How often it had moved before.
    pub turn: u64,
    /// The node that pays.
    pub from: NodeId,
    /// The node that is paid.
    pub to: NodeId,
}

impl Payment {
    /// Whether both spend the same coin at the same turn and only one can be right.
    pub fn is_rival_of(&self, other: &Payment) -> bool {
        self != other && (self.coin, self.turn) == (other.coin, other.turn)
    }
}

/// What the application asks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words, Read)]
#[words(otherwise = "a node can be asked to `Pay n4`, with the node that is paid")]
pub enum Input {
    /// Pay a coin to this node.
    Pay(NodeId),
}

/// What the application is told of payments.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
pub enum Told {
    /// The payer has signed a payment and sent it.
    Paid(Payment),
    /// The payee takes a payment to itself as settled.
    Settled(Payment),
    /// A payment that the payee took as settled is no longer in its ledger.
    Undone(Payment),
}

/// A protocol that solves the problem.
pub trait Ledger: Protocol<Input = Input> {
    /// What an output says of payments, if it does.
    fn told(output: &Self::Output) -> Option<&Told>;
    /// What the judge remembers of payments.
    fn book(record: &Self::Record) -> &Book;
    /// The payments in the node's ledger, in order.
    fn payments(&self) -> Vec<Payment>;
    /// Whether its ledger lacks a payment though the payer has owned the coin there for some time.
    fn lacks(&self, payment: &Payment) -> bool;
    /// Whether chance has made its ledger grow much more slowly than planned, for the time being.
    fn is_slow(&self) -> bool;
    /// Whether it has received a payment that is not in its ledger.
    fn has_heard_of(&self, payment: &Payment) -> bool;
    /// Whether the node follows the rules: a setting may make an attacker of it.
    fn follows_rules(&self) -> bool;
}

/// What the judge remembers of payments.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Book {
    /// Every payment that was made, and what came of it.
    made: Map<Payment, Fate>,
}

/// What came of a payment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Fate {
    /// When it was made; nothing, where only its payee told of it.
    made: Option<Micros>,
    /// Whether the payee has ever taken it as settled, and whether it does now.
    delivered: bool,
    settled: bool,
}

impl Book {
    /// Adds a step; what a solution's `remember` does.
    pub fn remember<P: Ledger>(&mut self, step: &Step<'_, P>) {
        for told in step.outputs.iter().filter_map(P::told) {
            let (payment, fate) = match told {
                Told::Paid(payment) => (payment, Fate { made: Some(step.now), ..self.fate(payment) }),
                Told::Settled(payment) => {
                    (payment, Fate { delivered: true, settled: true, ..self.fate(payment) })
                }
                Told::Undone(payment) => (payment, Fate { settled: false, ..self.fate(payment) }),
            };
            self.made.insert(*payment, fate);
        }
    }

    fn fate(&self, payment: &Payment) -> Fate {
        self.made.get(payment).copied().unwrap_or_default()
    }

    /// How many payments were taken as settled at some time, and how many of these are undone.
    pub fn delivered(&self) -> (u64, u64) {
        let delivered = self.made.values().filter(|fate| fate.delivered);
        delivered.fold((0, 0), |(all, undone), fate| (all + 1, undone + u64::from(!fate.settled)))
    }

    /// How many payments were made.
    pub fn made(&self) -> u64 {
        self.made.values().filter(|fate| fate.made.is_some()).count() as u64
    }
}

/// What every solution claims.
pub const fn claims<P: Ledger>() -> [Property<P>; 3] {
    [
        always(
            "No Double Spend",
            "In the ledger of a node that follows the rules, a coin moves only from its owner, and never twice from the same turn.",
            About::Outputs,
            no_double_spend,
        )
        .given(somebody_pays),
        eventually(
            "Liveness",
            "In the end, a payment of an honest payer of which another honest node has heard is in the ledgers of all nodes, but for \
             as few as may be faulty. A ledger in which its coin came to the payer not at all, or only lately, is excused.",
            Despite::Few,
            |scene: &Scene<'_, P>| match due(scene).next() {
                Some(_) if scene.nodes().any(|(_, node)| node.is_slow()) => Err("blocks are twice as hard as planned"),
                Some(_) => Ok(()),
                None => somebody_pays(scene).and(Err("no payment of an honest payer has had its time yet")),
            },
            liveness,
        ),
        sometimes(
            "Undone",
            "A payment that its payee took as settled is no longer in the payee's ledger.",
            About::Outputs,
            |scene: &Scene<'_, P>| {
                let undone = |told: &Told| matches!(told, Told::Undone(_));
                match scene.outputs.iter().filter_map(P::told).any(undone) {
                    true => Ok(()),
                    false => Err(Contradiction::default()),
                }
            },
        ),
    ]
}

fn somebody_pays<P: Ledger>(scene: &Scene<'_, P>) -> Result<(), &'static str> {
    match P::book(scene.record).made.is_empty() {
        false => Ok(()),
        true => Err("nobody has paid yet"),
    }
}

/// A node, with its latest block or whatever its ledger ends with.
fn keeper(node: NodeId) -> Side {
    Side::of(node).showing(Fact::Field("tip"))
}

fn no_double_spend<P: Ledger>(scene: &Scene<'_, P>) -> Result<(), Contradiction> {
    let Some(node) = scene.node.filter(|node| node.follows_rules()) else { return Ok(()) };
    let mut moved: Map<Coin, (u64, NodeId)> = Map::default();
    for payment in node.payments() {
        let (turn, owner) = moved.get(&payment.coin).copied().unwrap_or((0, payment.coin.of));
        if (payment.turn, payment.from) != (turn, owner) {
            let (who, coin) = (scene.who, payment.coin);
            return Err(Contradiction::between(
                format!(
                    "the ledger of {who} has {payment}, but there {coin} belongs to {owner} after move {turn}"
                ),
                [keeper(who)],
            ));
        }
        moved.insert(payment.coin, (turn + 1, payment.to));
    }
    Ok(())
}

/// The payments of honest payers that are up which have had their time.
fn due<'a, P: Ledger>(scene: &'a Scene<'_, P>) -> impl Iterator<Item = Payment> + 'a {
    let made = P::book(scene.record).made.iter();
    made.filter(|(payment, fate)| {
        let honest = scene.node_of(payment.from).is_some_and(P::follows_rules);
        honest && fate.made.is_some_and(|at| at < scene.due)
    })
    .map(|(payment, _)| *payment)
}

fn liveness<P: Ledger>(scene: &Scene<'_, P>) -> Result<(), Contradiction> {
    for payment in due(scene) {
        let heard = |(who, node): (NodeId, &P)| who != payment.from && node.has_heard_of(&payment);
        if !scene.nodes().any(heard) {
            continue;
        }
        if let Some(who) = too_many(scene, |_, node| node.lacks(&payment)) {
            return Err(Contradiction::between(
                format!("{payment} is not in the ledger of {who}"),
                [keeper(who), Side::of(payment.from).telling(&Told::Paid(payment))],
            ));
        }
    }
    Ok(())
}

/// The first of the honest nodes of which something bad is so, if that makes more than may be faulty, together with those that
/// are down, taken over, or attackers.
pub fn too_many<P: Ledger>(scene: &Scene<'_, P>, bad: impl Fn(NodeId, &P) -> bool) -> Option<NodeId> {
    let honest: Vec<_> = scene.nodes().filter(|(_, node)| node.follows_rules()).collect();
    let faulty = scene.count() - honest.len();
    let mut bad = honest.into_iter().filter(|(who, node)| bad(*who, node)).map(|(who, _)| who);
    let first = bad.next()?;
    (faulty + 1 + bad.count() > P::tolerated(scene.count() as u32) as usize).then_some(first)
}

impl Display for Coin {
    /// `c1` for the coin that n1 has at the start, `c3.2` for its second one after that.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "c{}", self.of.0 + 1)?;
        if self.number > 0 { write!(out, ".{}", self.number) } else { Ok(()) }
    }
}

impl Display for Payment {
    /// `c1 from n1 to n4`; of a coin that has moved before, `c1 from n4 to n2 (move 2)`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} from {} to {}", self.coin, self.from, self.to)?;
        if self.turn > 0 { write!(out, " (move {})", self.turn + 1) } else { Ok(()) }
    }
}
