//! # The problem of atomic commit (Bernstein, Hadzilacos & Goodman 1987, chapter 7)
//!
//! A transaction has changed data at several nodes. Each of these nodes, the participants, votes on whether the change
//! may stay, and all must reach the same decision: commit everywhere or abort everywhere. One missing yes means abort,
//! and a participant that has voted yes must accept the outcome.
//!
//! One node is the coordinator and has no vote; all others are participants, in every transaction that names
//! no others. The work before the vote is not part of the problem. An application can ask a participant to
//! refuse a transaction, or declare that it only reads there; otherwise the participant is willing to commit.
//! A crash undoes that work: a participant that has crashed since a transaction began, and has not promised
//! to commit it, must vote no. One that restarted before is as willing as any.
//!
//! A request may also name the items that its transaction changes at each participant, which matters where a
//! solution locks them. And an operator may decide for a participant by hand: no solution can promise that
//! such a decision is the true one.
//!
//! This file states the problem once, in terms of the inputs and outputs of applications; every file beside it is a
//! solution.

use faultline_core::card::Fact;
use faultline_core::prelude::*;
use faultline_core::toolbox::hole::{numbered, wrong};

mod scope;
pub mod two_phase;

pub use scope::{Item, Items, Named, Scope};

/// The node that requests the votes.
pub const COORDINATOR: NodeId = NodeId(0);

/// A transaction, by the number that the coordinator gave it: `t1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
#[words("t{0}")]
pub struct Transaction(pub u64);

/// A participant's answer to the request for its vote on a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
#[words(kebab)]
pub enum Vote {
    /// It can commit, whatever happens, and can still abort.
    Yes,
    /// It cannot commit.
    No,
    /// It changed nothing: either decision suits it, and it need not hear of it.
    ReadOnly,
}

/// The outcome of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
#[words(kebab)]
#[allow(missing_docs)]
pub enum Decision {
    Commit,
    Abort,
}

impl Decision {
    /// The other one.
    fn other(self) -> Self {
        match self {
            Decision::Commit => Decision::Abort,
            Decision::Abort => Decision::Commit,
        }
    }
}

/// What the application asks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words, Read)]
#[words(
    otherwise = "the coordinator can be asked to `Begin` or to `Begin with n2,n3 on x`, a participant to \
                 `Refuse t1`, to `Read t1`, to `Write x` or to `Decide t1 commit`"
)]
pub enum Input {
    /// Of the coordinator: settle one more transaction.
    #[words("Begin{0}")]
    Begin(Scope),
    /// Of a participant: vote no on this transaction, because its changes must not stay.
    Refuse(Transaction),
    /// Of a participant: this transaction only reads here.
    Read(Transaction),
    /// Of a participant: carry out a transaction of its own that changes this item and concerns no other
    /// node.
    Write(Item),
    /// Of a participant: an operator decides for it, by hand.
    Decide(Transaction, Decision),
}

/// What the application is told.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
pub enum Output {
    /// The coordinator has given the transaction its number and asks for votes.
    Begun(Transaction),
    /// This participant has voted.
    #[words("Voted {1} on {0}")]
    Voted(Transaction, Vote),
    /// The coordinator has given up waiting for a vote.
    TimedOut(Transaction),
    /// This participant has voted yes, has asked for the decision in vain, and must go on waiting.
    InDoubt(Transaction),
    /// For this node the transaction is settled.
    #[words("Decided {1} {0}")]
    Decided(Transaction, Decision),
    /// At this participant a transaction needs a lock on this item, and that one holds it.
    #[words("Found {0} locked by {1}")]
    Locked(Item, Transaction),
    /// This participant has carried out a transaction of its own that changes this item.
    Wrote(Item),
    /// An operator has decided for this participant.
    #[words("By hand {1} {0}")]
    ByHand(Transaction, Decision),
    /// The decision by hand, which this is, contradicts the true one.
    #[words("Damaged {0}, {1} by hand")]
    Damaged(Transaction, Decision),
}

/// A protocol that solves the problem.
pub trait AtomicCommit: Protocol<Input = Input, Output = Output, Record = Record> {}
impl<P: Protocol<Input = Input, Output = Output, Record = Record>> AtomicCommit for P {}

/// What the judge remembers of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Record {
    transactions: Map<Transaction, Tally>,
}

/// What is known of a transaction.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Tally {
    begun: Micros,
    /// What its request said of it.
    scope: Scope,
    votes: Map<NodeId, Vote>,
    decisions: Map<NodeId, Decision>,
    /// What operators have decided, and the participants that have told that this was not the true decision.
    by_hand: Map<NodeId, Decision>,
    damaged: NodeSet,
    /// The participants that have crashed since it was begun and before they voted.
    lost: NodeSet,
    /// Whether a node has crashed since it was begun, or the coordinator has given up waiting.
    failed: bool,
}

impl Tally {
    /// Whether a participant has voted yes.
    fn binds(&self) -> bool {
        self.votes.values().any(|vote| *vote == Vote::Yes)
    }

    /// Whether a node has decided to commit.
    fn is_committed(&self) -> bool {
        self.decisions.values().any(|decision| *decision == Decision::Commit)
    }

    /// Its participants, of so many nodes.
    fn participants(&self, count: usize) -> NodeSet {
        self.scope.named.among((1..count as u32).map(NodeId))
    }

    /// Whether all participants, of so many nodes, have voted and none voted no.
    fn is_unanimous(&self, count: usize) -> bool {
        self.votes.values().filter(|vote| **vote != Vote::No).count() == self.participants(count).len()
    }

    /// Which of these items a participant has locked for this transaction: it has voted yes, and for all that
    /// it told it has no decision.
    fn locks(&self, node: NodeId, items: &Items) -> Option<Item> {
        let is_bound = self.votes.get(&node) == Some(&Vote::Yes);
        let is_settled = self.decisions.contains_key(&node) || self.by_hand.contains_key(&node);
        if is_bound && !is_settled { self.scope.items.shared(items) } else { None }
    }
}

impl Record {
    /// Adds a step; what a solution's `remember` does.
    pub fn remember<P: AtomicCommit>(&mut self, step: &Step<'_, P>) {
        if step.node.is_none() {
            for tally in self.transactions.values_mut() {
                tally.failed = true;
                if step.who != COORDINATOR && !tally.votes.contains_key(&step.who) {
                    tally.lost.insert(step.who);
                }
            }
        }
        for output in step.outputs {
            let Some(transaction) = output.transaction() else { continue };
            let tally = self.transactions.or_default(transaction);
            match output {
                Output::Voted(_, vote) => drop(tally.votes.insert(step.who, *vote)),
                Output::Decided(_, decision) => drop(tally.decisions.insert(step.who, *decision)),
                Output::TimedOut(_) => tally.failed = true,
                Output::Begun(_) => {
                    tally.begun = step.now;
                    if let Some(Input::Begin(scope)) = step.input {
                        tally.scope = scope.clone();
                    }
                }
                Output::ByHand(_, decision) => drop(tally.by_hand.insert(step.who, *decision)),
                Output::Damaged(..) => drop(tally.damaged.insert(step.who)),
                Output::InDoubt(_) | Output::Locked(..) | Output::Wrote(_) => {}
            }
        }
    }
}

impl Record {
    /// How many transactions were aborted, and how many were decided, by whichever node was first to.
    pub fn decided(&self) -> (u64, u64) {
        let decisions = self.transactions.values().map(|tally| &tally.decisions);
        let decided = decisions.filter(|decisions| decisions.values().next().is_some());
        decided.fold((0, 0), |(aborted, all), decisions| {
            let aborts = decisions.values().any(|decision| *decision == Decision::Abort);
            (aborted + u64::from(aborts), all + 1)
        })
    }
}

/// AC1 to AC5 of the book's §7.3, which every solution claims.
pub const fn claims<P: AtomicCommit>() -> [Property<P>; 5] {
    use About::Outputs;
    [
        always("Agreement", "AC1: No two nodes reach different decisions. What an operator decides by hand is not the protocol's decision.", Outputs, agreement).given(
            |scene: &Scene<'_, P>| match tallies(scene).any(|tally| tally.decisions.len() > 1) {
                true => Ok(()),
                false => Err("no two nodes have decided the same transaction yet"),
            },
        ),
        always("No Reversal", "AC2: No node reverses its decision.", Outputs, no_reversal).given(
            |scene: &Scene<'_, P>| match tallies(scene).any(|tally| !tally.decisions.is_empty()) {
                true => Ok(()),
                false => Err("no node has decided yet"),
            },
        ),
        always(
            "All Voted Yes",
            "AC3: A node commits only if every participant voted yes and none crashed before it voted.",
            Outputs,
            all_yes,
        )
        .given(|scene: &Scene<'_, P>| match tallies(scene).any(Tally::is_committed) {
            true => Ok(()),
            false => Err("no node has decided to commit yet"),
        }),
        always(
            "Non-Triviality",
            "AC4: If all participants vote yes and nothing fails, no node aborts.",
            Outputs,
            non_triviality,
        )
        .given(|scene: &Scene<'_, P>| {
            let asks = |tally: &Tally| {
                tally.is_unanimous(scene.count()) && !tally.failed && !tally.decisions.is_empty()
            };
            match tallies(scene).any(asks) {
                true => Ok(()),
                false => Err("no transaction has been decided on which all participants voted yes in time"),
            }
        }),
        eventually(
            "Termination",
            "AC5: Once every node has recovered and stays up, every participant that voted yes reaches a decision.",
            Despite::Nothing,
            |scene: &Scene<'_, P>| match scene.record.transactions.values().any(Tally::binds) {
                true => Ok(()),
                false => Err("no participant has voted yes yet"),
            },
            termination,
        )
        .since(|scene| in_doubt(scene).next().map(|(_, tally, _)| tally.begun)),
    ]
}

/// What a solution must admit that blocks. Where links may fail, every solution does.
pub const fn blocking<P: AtomicCommit>() -> Property<P> {
    sometimes(
        "Blocking",
        "A participant that voted yes must wait and cannot decide.",
        About::Outputs,
        |scene| match scene.outputs.iter().any(|output| matches!(output, Output::InDoubt(_))) {
            true => Ok(()),
            false => Err(Contradiction::default()),
        },
    )
}

/// What is known of each transaction.
fn tallies<'a, P: AtomicCommit>(scene: &'a Scene<'_, P>) -> impl Iterator<Item = &'a Tally> {
    scene.record.transactions.values()
}

/// What this step decided, each with what was known of the transaction before.
fn decided<'a, P: AtomicCommit>(
    scene: &'a Scene<'_, P>,
) -> impl Iterator<Item = (Transaction, Decision, &'a Tally)> {
    scene.outputs.iter().filter_map(|output| match output {
        Output::Decided(transaction, decision) => {
            Some((*transaction, *decision, scene.record.transactions.get(transaction)?))
        }
        _ => None,
    })
}

/// A node that has decided, with what its card shows of that: a coordinator's, whom it has told.
fn decider(node: NodeId) -> Side {
    let field = if node == COORDINATOR { "acks missing" } else { "decided" };
    Side::of(node).showing(Fact::Field(field))
}

fn agreement<P: AtomicCommit>(scene: &Scene<'_, P>) -> Result<(), Contradiction> {
    for (transaction, decision, tally) in decided(scene) {
        let differs = |(node, other): &(&NodeId, &Decision)| **node != scene.who && **other != decision;
        if let Some((node, other)) = tally.decisions.iter().find(differs) {
            let who = scene.who;
            let decided = Output::Decided(transaction, *other);
            return Err(Contradiction::between(
                format!("{who} decides to {decision} {transaction}, but {node} decided to {other} it"),
                [decider(who), decider(*node).telling(&decided)],
            ));
        }
    }
    Ok(())
}

fn no_reversal<P: AtomicCommit>(scene: &Scene<'_, P>) -> Result<(), Contradiction> {
    for (transaction, decision, tally) in decided(scene) {
        if let Some(before) = tally.decisions.get(&scene.who).filter(|before| **before != decision) {
            let who = scene.who;
            let decided = Output::Decided(transaction, *before);
            return Err(Contradiction::between(
                format!("{who} decides to {decision} {transaction}, although it had decided to {before} it"),
                [decider(who), decider(who).telling(&decided)],
            ));
        }
    }
    Ok(())
}

fn all_yes<P: AtomicCommit>(scene: &Scene<'_, P>) -> Result<(), Contradiction> {
    for (transaction, _, tally) in decided(scene).filter(|(_, decision, _)| *decision == Decision::Commit) {
        let vote = |node: &NodeId| tally.votes.get(node);
        let participants = tally.participants(scene.count());
        if let Some(node) = participants.iter().find(|node| vote(node).is_none_or(|vote| *vote == Vote::No)) {
            let said = vote(&node).map_or("has not voted", |_| "voted no");
            let voter = Side::of(node);
            let voter = match vote(&node) {
                Some(vote) => voter.telling(&Output::Voted(transaction, *vote)),
                None => voter,
            };
            return Err(Contradiction::between(
                format!("{} decides to commit {transaction}, but {node} {said}", scene.who),
                [decider(scene.who), voter],
            ));
        }
        if let Some(node) = tally.lost.iter().find(|node| participants.contains(*node)) {
            return Err(Contradiction::between(
                format!("{} decides to commit {transaction}, but {node} crashed before it voted", scene.who),
                [decider(scene.who), Side::of(node).crashing()],
            ));
        }
    }
    Ok(())
}

fn non_triviality<P: AtomicCommit>(scene: &Scene<'_, P>) -> Result<(), Contradiction> {
    for (transaction, _, tally) in decided(scene).filter(|(_, decision, _)| *decision == Decision::Abort) {
        let gave_up = scene.outputs.contains(&Output::TimedOut(transaction));
        if tally.is_unanimous(scene.count()) && !tally.failed && !gave_up {
            let who = scene.who;
            let last = tally.participants(scene.count()).iter().last().unwrap_or(who);
            let vote = tally.votes.get(&last).copied().unwrap_or(Vote::Yes);
            return Err(Contradiction::between(
                format!("{who} decides to abort {transaction}, although every participant voted yes in time"),
                [decider(who), Side::of(last).telling(&Output::Voted(transaction, vote))],
            ));
        }
    }
    Ok(())
}

/// The participants that are bound and have not decided, the oldest transaction first.
fn in_doubt<'a, P: AtomicCommit>(
    scene: &'a Scene<'_, P>,
) -> impl Iterator<Item = (Transaction, &'a Tally, NodeId)> {
    scene.record.transactions.iter().flat_map(|(transaction, tally)| {
        let bound = tally.votes.iter().filter(|(_, vote)| **vote == Vote::Yes).map(|(node, _)| *node);
        let undecided =
            bound.filter(|node| !tally.decisions.contains_key(node) && !tally.damaged.contains(*node));
        undecided.map(move |node| (*transaction, tally, node))
    })
}

fn termination<P: AtomicCommit>(scene: &Scene<'_, P>) -> Result<(), Contradiction> {
    match in_doubt(scene).next() {
        Some((transaction, _, node)) => Err(Contradiction::between(
            format!("{node} voted yes on {transaction} but has not decided"),
            [Side::of(node)
                .showing(Fact::Field("uncertain about"))
                .telling(&Output::Voted(transaction, Vote::Yes))],
        )),
        None => Ok(()),
    }
}

impl Output {
    /// The transaction that it is about, unless that is one that concerns a single node.
    fn transaction(&self) -> Option<Transaction> {
        match self {
            Output::Begun(transaction)
            | Output::Voted(transaction, _)
            | Output::TimedOut(transaction)
            | Output::InDoubt(transaction)
            | Output::Decided(transaction, _)
            | Output::Locked(_, transaction)
            | Output::ByHand(transaction, _)
            | Output::Damaged(transaction, _) => Some(*transaction),
            Output::Wrote(_) => None,
        }
    }
}

impl Hole for Transaction {
    fn read(word: &str) -> Result<Self, String> {
        let number = numbered("t", word).map(Transaction);
        number.ok_or("a transaction is written as `t` and its number, as in `Refuse t1`".into())
    }
}

impl Hole for Decision {
    fn read(word: &str) -> Result<Self, String> {
        match word {
            "commit" => Ok(Decision::Commit),
            "abort" => Ok(Decision::Abort),
            _ => Err(wrong(word, "`commit` or `abort`")),
        }
    }
}
