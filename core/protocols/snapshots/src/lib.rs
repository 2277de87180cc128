//! # The problem of a global state (Chandy & Lamport 1985)
//!
//! Processes compute together, and somebody wants to know the state of all of them and of all channels between them, to
//! detect that something has happened for good or to restart from there. Nobody can look everywhere at once: there is no
//! common clock. So each process records its own state at a moment of its own, and what was recorded must fit together.
//!
//! The computation here is money that processes transfer to each other. It makes three demands easy to see:
//!
//! * *The cut is consistent*: no recorded state knows of a transfer that its sender's recorded state has not sent.
//! * *Money is conserved*: the recorded balances and what is recorded on the channels are together all the money there is.
//! * *The recorded state is reachable*: the events before the cut, without those after it, are a computation by themselves, and
//!   lead to exactly what was recorded. The run need not have passed through that state.
//!
//! A restart from a recorded state undoes everything after it: every process takes back its recorded balance, then what was
//! recorded on its incoming channels.
//!
//! This file states the problem once, in terms of the inputs and outputs of applications; every file beside it is a solution.
//! What the judge remembers of a run is in `judge.rs`.

use faultline_core::prelude::*;
use judge::Judged;
use std::fmt::{self, Display};

mod judge;
pub mod snapshot;

pub use judge::Record;

/// Money on its way along a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
#[words("{from}.{number} of {amount}")]
pub struct Transfer {
    /// Who sent it.
    pub from: NodeId,
    /// Its number among all that this process has sent.
    pub number: u64,
    /// How much it is.
    pub amount: u64,
}

/// A stretch of the run: from a restart on, or from the beginning. Of two the later one counts, and of those that began at once
/// that of the later process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
#[words("{count} of {by}")]
pub struct Era {
    /// How many restarts came before it, as far as whoever was asked for it knew, it included; 0 is the beginning of the run.
    pub count: u64,
    /// Who was asked for it.
    pub by: NodeId,
}

impl Era {
    /// From the beginning of the run on.
    pub const FIRST: Self = Era { count: 0, by: NodeId(0) };
}

/// A snapshot: the era in which it was begun, and its number. Numbers count on from the snapshot that everyone went back to, so they
/// may come again in another era.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub struct Name {
    pub era: Era,
    pub number: u64,
}

impl Display for Name {
    /// `2`, or `2 after restart 1 of n3`
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Name { era, number } = self;
        if era.count == 0 { write!(out, "{number}") } else { write!(out, "{number} after restart {era}") }
    }
}

/// A restart: the era that it begins, and the snapshot that everyone goes back to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
#[words("{era} from snapshot {to}")]
#[allow(missing_docs)]
pub struct Restart {
    pub era: Era,
    pub to: Name,
}

/// A process's part of a snapshot: its own state, and those of its incoming channels by their senders.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub struct Part {
    pub state: u64,
    pub channels: Map<NodeId, Vec<Transfer>>,
}

impl Part {
    /// All the money that is recorded on channels.
    pub fn in_channels(&self) -> u64 {
        self.channels.values().map(|channel| sum(channel)).sum()
    }

    /// All the money in it.
    pub fn sum(&self) -> u64 {
        self.state + self.in_channels()
    }
}

/// The money of some transfers.
pub fn sum(transfers: &[Transfer]) -> u64 {
    transfers.iter().map(|transfer| transfer.amount).sum()
}

impl Display for Part {
    /// `95, from n2: n2.1 of 5`; channels without money are left out.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.state)?;
        for (from, channel) in self.channels.iter().filter(|(_, channel)| !channel.is_empty()) {
            let transfers: Vec<_> = channel.iter().map(ToString::to_string).collect();
            write!(out, ", from {from}: {}", transfers.join(" · "))?;
        }
        Ok(())
    }
}

/// What the application asks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words, Read)]
#[words(otherwise = "a process can be asked to `Transfer 5 to n2`, to begin a `Snapshot`, or to `Restore 1`")]
pub enum Input {
    /// Send so much money along the channel to that process, if there is so much.
    #[words("Transfer {0} to {1}")]
    Transfer(u64, NodeId),
    /// Record your state, as the first or one of the first to do so.
    Snapshot,
    /// Let everyone go back to the snapshot with this number, the latest of them that you know.
    Restore(u64),
}

/// What the application is told.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
pub enum Output {
    /// This process begins with so much money.
    Opened(u64),
    /// It has sent money to a process.
    #[words("Sent {1} to {0}")]
    Sent(NodeId, Transfer),
    /// It has received money.
    Received(Transfer),
    /// It has recorded its own state: its point of the cut.
    Recorded(Name),
    /// Its part of a snapshot is complete.
    #[words("Completed {0} with {1}")]
    Completed(Name, Part),
    /// It knows all parts of a snapshot, with so much money in all.
    #[words("Assembled {0}: {1} in all")]
    Assembled(Name, u64),
    /// It has gone back to what it had recorded, with so much money.
    #[words("Restored {1} in restart {0}")]
    Restored(Restart, u64),
}

/// A protocol that solves the problem.
pub trait GlobalState: Protocol<Input = Input, Output = Output, Record = Record> {}
impl<P: Protocol<Input = Input, Output = Output, Record = Record>> GlobalState for P {}

/// What every solution claims.
pub const fn claims<P: GlobalState>() -> [Property<P>; 6] {
    use About::Outputs;
    [
        always(
            "Conservation",
            "The balances and channels of a snapshot add up to all the money that there is.",
            Outputs,
            |scene| judged(scene, judge::conservation),
        )
        .given(completed),
        always(
            "Consistent Cut",
            "Equation (4): No process records the receipt of a message that its sender sends after recording its own state.",
            Outputs,
            |scene| judged(scene, judge::consistency),
        )
        .given(completed),
        always(
            "Reachability",
            "Theorem 1: The events before the cut, without those after it, lead to exactly the recorded states.",
            Outputs,
            |scene| judged(scene, judge::reachability),
        )
        .given(completed),
        always(
            "Restoration",
            "When every process has gone back to a snapshot, all the money is there again.",
            Outputs,
            |scene| judged(scene, judge::restoration),
        )
        .given(|scene: &Scene<'_, P>| match scene.record.is_restored() {
            true => Ok(()),
            false => Err("not every process has gone back to a snapshot yet"),
        }),
        eventually(
            "Termination",
            "Once a process records its state, every process records its own state and that of each incoming channel.",
            Despite::Nothing,
            |scene: &Scene<'_, P>| match scene.record.is_begun() {
                true => Ok(()),
                false => Err("no process has begun a snapshot yet"),
            },
            |scene| scene.record.termination(),
        )
        .since(|scene| scene.record.oldest_open()),
        eventually(
            "Recovery",
            "Once a process goes back to a snapshot, all processes do.",
            Despite::Nothing,
            |scene: &Scene<'_, P>| match scene.record.era().count {
                0 => Err("no process has gone back to a snapshot yet"),
                _ => Ok(()),
            },
            |scene| scene.record.recovery(),
        )
        .since(|scene| Some(scene.record.restarted())),
    ]
}

/// What should come up now and then: otherwise snapshots would be easy.
pub const fn possibilities<P: GlobalState>() -> [Property<P>; 2] {
    [
        sometimes(
            "Money In Transit",
            "A snapshot records money on a channel.",
            About::Outputs,
            |scene: &Scene<'_, P>| {
                let on_a_channel =
                    |output: &Output| matches!(output, Output::Completed(_, part) if part.in_channels() > 0);
                match scene.outputs.iter().any(on_a_channel) {
                    true => Ok(()),
                    false => Err(Contradiction::default()),
                }
            },
        ),
        sometimes(
            "Permuted Sequence",
            "An event after the cut comes before an event before the cut, so the run may never pass through the recorded state.",
            About::Outputs,
            |scene: &Scene<'_, P>| match scene.record.is_permuted_by(scene.who, scene.outputs) {
                true => Ok(()),
                false => Err(Contradiction::default()),
            },
        ),
    ]
}

fn completed<P: GlobalState>(scene: &Scene<'_, P>) -> Result<(), &'static str> {
    match scene.record.completed() {
        0 => Err("no snapshot is complete yet"),
        _ => Ok(()),
    }
}

/// Judges each output of a step by what is known of everything before it, earlier outputs of the same step among that.
fn judged<P: GlobalState>(
    scene: &Scene<'_, P>,
    judge: fn(&Judged<'_>) -> Result<(), Contradiction>,
) -> Result<(), Contradiction> {
    let decides = |output: &Output| {
        matches!(output, Output::Recorded(_) | Output::Completed(..) | Output::Restored(..))
    };
    if !scene.outputs.iter().any(decides) {
        return Ok(());
    }
    let (mut record, who) = (scene.record.clone(), scene.who);
    for output in scene.outputs {
        judge(&Judged { record: &record, who, output })?;
        record.add(who, output, scene.now);
    }
    Ok(())
}
