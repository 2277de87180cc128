//! # The problem of membership (Chandra & Toueg 1996; Das, Gupta & Motivala 2002)
//!
//! A group of processes must know which of its members are up and which have failed. Nobody tells a process
//! that another one has crashed. It can only wait for signs of life, and in silence a crashed member, a slow
//! one and a lost message look alike. So every solution makes mistakes, and the question is which: a crashed
//! member that somebody never notices (completeness), or a live member that somebody takes for failed
//! (accuracy).
//!
//! Each node keeps a view: what it holds every other member for, *alive*, *suspected* or *failed*. A
//! suspicion may be withdrawn. Whether a failure may be withdrawn is up to the solution. A member counts its
//! lives by an *incarnation*, which nobody else may raise, so that news of an earlier life can be told from
//! news of the present one. A detector without incarnations leaves it at 0, and one that never declares a
//! failure for good, such as a detector of heartbeats, only suspects and trusts.
//!
//! This file states the problem once, in terms of the inputs and outputs of applications; every file beside
//! it is a solution.

use faultline_core::card::Fact;
use faultline_core::prelude::*;

pub mod swim;

/// What a node holds a member for, each with the incarnation of the member that it speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
pub enum Standing {
    /// It is up.
    #[words("alive@{0}")]
    Alive(u32),
    /// Perhaps it is not.
    #[words("suspected@{0}")]
    Suspected(u32),
    /// It is not, and is no member any more.
    #[words("failed@{0}")]
    Failed(u32),
}

impl Standing {
    /// Whether this replaces that in a view: a failure replaces all else, a later incarnation an earlier one,
    /// and in one incarnation a suspicion replaces trust.
    pub fn overrides(self, other: Standing) -> bool {
        self.rank() > other.rank()
    }

    /// The order of preference as one number after the other. It is total: of any two different standings
    /// that are no failures one overrides the other.
    fn rank(self) -> (bool, u32, bool) {
        match self {
            Standing::Alive(incarnation) => (false, incarnation, false),
            Standing::Suspected(incarnation) => (false, incarnation, true),
            Standing::Failed(_) => (true, 0, false),
        }
    }

    /// Of which incarnation it speaks.
    pub fn incarnation(self) -> u32 {
        let (Standing::Alive(incarnation) | Standing::Suspected(incarnation) | Standing::Failed(incarnation)) =
            self;
        incarnation
    }
}

/// What the application asks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words, Read)]
#[words(otherwise = "a member can be asked to `Announce`")]
pub enum Input {
    /// Tell all others anew that this member is alive: what they must know of it has changed.
    Announce,
}

/// What the application is told.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
pub enum Output {
    /// This node holds a member for that from now on, by its own observation.
    #[words("Found {0} {1}")]
    Found(NodeId, Standing),
    /// This node holds a member for that from now on, because another one says so.
    #[words("Learnt {0} {1}")]
    Learnt(NodeId, Standing),
    /// A member has answered, by way of another one.
    #[words("Reached {0} through {1}")]
    Reached(NodeId, NodeId),
    /// This node has raised its own incarnation.
    #[words("Raised its incarnation to {0}")]
    Raised(u32),
    /// This node has learnt that the others hold it for failed, and stops.
    Expelled,
}

/// A protocol that solves the problem.
pub trait Membership: Protocol<Input = Input, Output = Output> {
    /// What it holds a member for; itself, and a node that it has never heard of, for nothing.
    fn standing(&self, member: NodeId) -> Option<Standing>;
    /// Whether it takes part: a node that was expelled does not.
    fn takes_part(&self) -> bool;
    /// What the judge remembers for the claims of the problem.
    fn record(record: &Self::Record) -> &Record;
}

/// What the judge remembers of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Record {
    /// The nodes that are down, and since when.
    down: Map<NodeId, Micros>,
    /// What a node was last told of a member.
    told: Map<(NodeId, NodeId), Standing>,
    /// How far each member has raised its incarnation.
    raised: Map<NodeId, u32>,
    /// Whether a node has suspected a member, or held it for failed.
    doubted: bool,
}

impl Record {
    /// Adds a step; what a solution's `remember` does.
    pub fn remember<P: Membership>(&mut self, step: &Step<'_, P>) {
        if step.node.is_none() {
            self.down.insert(step.who, step.now);
            self.told.retain(|(who, _), _| *who != step.who);
        } else {
            self.down.remove(&step.who);
        }
        for output in step.outputs {
            match *output {
                Output::Found(member, standing) | Output::Learnt(member, standing) => {
                    self.told.insert((step.who, member), standing);
                    self.doubted |= !matches!(standing, Standing::Alive(_));
                }
                Output::Raised(incarnation) => drop(self.raised.insert(step.who, incarnation)),
                Output::Reached(..) | Output::Expelled => {}
            }
        }
    }

    /// The nodes that are down, and since when.
    pub fn down(&self) -> &Map<NodeId, Micros> {
        &self.down
    }

    /// How far a member has raised its incarnation.
    pub fn raised(&self, member: NodeId) -> u32 {
        self.raised.get(&member).copied().unwrap_or(0)
    }
}

/// What every solution claims.
pub const fn claims<P: Membership>() -> [Property<P>; 4] {
    [
        eventually(
            "Strong Completeness",
            "Every member that crashes is held for failed by every member that stays up. This needs neither bounds on time \
             nor links that lose nothing.",
            Despite::Crashes,
            |scene: &Scene<'_, P>| match P::record(scene.record).down.is_empty() {
                true => Err("no member has crashed yet"),
                false => Ok(()),
            },
            completeness,
        )
        .since(|scene: &Scene<'_, P>| P::record(scene.record).down.values().max().copied()),
        eventually(
            "Eventual Strong Accuracy",
            "In the end no member that is up is suspected or held for failed by another. This needs messages that come in time, \
             and members that are not slow.",
            Despite::Crashes,
            |scene: &Scene<'_, P>| match P::record(scene.record).doubted {
                true => Ok(()),
                false => Err("no member has been suspected yet"),
            },
            accuracy,
        ),
        always(
            "Forward Only",
            "What a node holds a member for is replaced only by what overrides it: a failure, a later incarnation, or a suspicion \
             in the same one.",
            About::Outputs,
            forward_only,
        )
        .given(somebody_told),
        always(
            "Own Incarnation",
            "No node holds a member for alive, suspected or failed in an incarnation to which the member has not raised itself.",
            About::Outputs,
            own_incarnation,
        )
        .given(somebody_told),
    ]
}

/// What must come up where news spreads.
pub const fn hearsay<P: Membership>() -> Property<P> {
    sometimes(
        "Hearsay",
        "A node learns from another that a member is suspected or has failed.",
        About::Outputs,
        |scene| {
            let heard = |output: &Output| {
                matches!(output, Output::Learnt(_, Standing::Suspected(_) | Standing::Failed(_)))
            };
            if scene.outputs.iter().any(heard) { Ok(()) } else { Err(Contradiction::default()) }
        },
    )
}

fn somebody_told<P: Membership>(scene: &Scene<'_, P>) -> Result<(), &'static str> {
    match P::record(scene.record).told.is_empty() {
        true => Err("no node has changed its view yet"),
        false => Ok(()),
    }
}

/// What this step told of members.
fn told<'a, P: Membership>(scene: &'a Scene<'_, P>) -> impl Iterator<Item = (NodeId, Standing)> + use<'a, P> {
    scene.outputs.iter().filter_map(|output| match *output {
        Output::Found(member, standing) | Output::Learnt(member, standing) => Some((member, standing)),
        Output::Reached(..) | Output::Raised(_) | Output::Expelled => None,
    })
}

/// A node that holds a member for something.
fn holder(node: NodeId, member: NodeId, standing: Standing) -> Side {
    Side::of(node).telling_one_of([Output::Found(member, standing), Output::Learnt(member, standing)])
}

/// A member, with the incarnation that its card shows.
fn member_itself(member: NodeId) -> Side {
    Side::of(member).showing(Fact::Field("incarnation"))
}

fn completeness<P: Membership>(scene: &Scene<'_, P>) -> Result<(), Contradiction> {
    for member in P::record(scene.record).down.keys() {
        for (node, it) in scene.nodes().filter(|(_, it)| it.takes_part()) {
            let held = it.standing(*member);
            if !matches!(held, Some(Standing::Failed(_)) | None) {
                return Err(Contradiction::between(
                    format!("{member} has crashed, but {node} does not hold it for failed"),
                    [Side::of(node), Side::of(*member).crashing()],
                ));
            }
        }
    }
    Ok(())
}

fn accuracy<P: Membership>(scene: &Scene<'_, P>) -> Result<(), Contradiction> {
    for (node, it) in scene.nodes() {
        for (member, _) in scene.nodes() {
            if let Some(held @ (Standing::Suspected(_) | Standing::Failed(_))) = it.standing(member) {
                return Err(Contradiction::between(
                    format!("{node} holds {member} for {held}, although {member} is up"),
                    [holder(node, member, held), member_itself(member)],
                ));
            }
        }
    }
    Ok(())
}

fn forward_only<P: Membership>(scene: &Scene<'_, P>) -> Result<(), Contradiction> {
    for (member, standing) in told(scene) {
        let who = scene.who;
        if let Some(before) = P::record(scene.record).told.get(&(who, member))
            && !standing.overrides(*before)
        {
            return Err(Contradiction::between(
                format!("{who} held {member} for {before}, which {standing} does not override"),
                [holder(who, member, standing), holder(who, member, *before)],
            ));
        }
    }
    Ok(())
}

fn own_incarnation<P: Membership>(scene: &Scene<'_, P>) -> Result<(), Contradiction> {
    for (member, standing) in told(scene) {
        let own = P::record(scene.record).raised(member);
        if standing.incarnation() > own {
            return Err(Contradiction::between(
                format!(
                    "{} holds {member} for {standing}, but {member} has raised its incarnation only to {own}",
                    scene.who
                ),
                [holder(scene.who, member, standing), member_itself(member)],
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::Standing::{self, Alive, Failed, Suspected};

    /// The table of the paper's §4.2, entry by entry.
    #[test]
    fn the_order_of_preference_is_that_of_the_paper() {
        for (i, j) in (0..4).flat_map(|i| (0..4).map(move |j| (i, j))) {
            let cases: [(Standing, Standing, bool); 9] = [
                (Alive(i), Suspected(j), i > j),
                (Alive(i), Alive(j), i > j),
                (Suspected(i), Suspected(j), i > j),
                (Suspected(i), Alive(j), i >= j),
                (Failed(i), Alive(j), true),
                (Failed(i), Suspected(j), true),
                (Failed(i), Failed(j), false),
                (Alive(i), Failed(j), false),
                (Suspected(i), Failed(j), false),
            ];
            for (one, other, expected) in cases {
                assert_eq!(one.overrides(other), expected, "{one} against {other}");
            }
        }
    }
}
