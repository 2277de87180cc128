//! # The problem of election (Garcia-Molina 1982; Coulouris, Dollimore, Kindberg & Blair 2012, §15.3)
//!
//! Nodes have names in an order that all know, and one of those that are up must lead them. When a node believes that the leader
//! is gone, an election gives all of them a new one. Several nodes may believe so at once, and may be wrong.
//!
//! A node that leads knows it; every other node follows the node that it takes for the leader, or none while it does not know.
//! Which node is best is up to the solution's order: here the one with the greatest number among those that are up.
//!
//! This file states the problem once, in terms of the inputs and outputs of applications; every file beside it is a solution.

use faultline_core::card::Fact;
use faultline_core::prelude::*;

pub mod bully;

/// What the application asks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words, Read)]
#[words(otherwise = "a node can be asked to `Elect`")]
pub enum Input {
    /// Hold an election: the application has lost its trust in the leader, rightly or not.
    Elect,
}

/// What the application is told.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
pub enum Output {
    /// This node stands for election.
    Stands,
    /// This node leads from now on.
    Leads,
    /// This node follows another from now on.
    Follows(NodeId),
}

/// A protocol that solves the problem.
pub trait Election: Protocol<Input = Input, Output = Output, Record = Record> {
    /// The node that this one takes for the leader, itself if it leads; none while it does not know.
    fn leader(&self) -> Option<NodeId>;
    /// Whether a leader knows that it is deposed before another one leads.
    fn deposes_first(&self) -> bool;
}

/// What the judge remembers of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Record {
    /// The nodes that are down.
    down: NodeSet,
    /// By each node that has stood for election: those that have been down at some moment since it last did.
    missed: Map<NodeId, NodeSet>,
    /// When a node was last asked to hold an election.
    asked: Micros,
    /// How often nodes stood, and how often one became the leader.
    stood: u64,
    led: u64,
}

impl Record {
    /// Adds a step; what a solution's `remember` does.
    pub fn remember<P: Election>(&mut self, step: &Step<'_, P>) {
        if step.node.is_some() {
            self.down.remove(step.who);
        } else {
            self.down.insert(step.who);
            for missed in self.missed.values_mut() {
                missed.insert(step.who);
            }
        }
        if step.input.is_some() {
            self.asked = step.now;
        }
        for output in step.outputs {
            match output {
                Output::Stands => {
                    self.missed.insert(step.who, self.down.clone());
                    self.stood += 1;
                }
                Output::Leads => self.led += 1,
                Output::Follows(_) => {}
            }
        }
    }

    /// How often a node became the leader.
    pub fn led(&self) -> u64 {
        self.led
    }
}

/// What every solution claims.
pub const fn claims<P: Election>() -> [Property<P>; 2] {
    [
        always(
            "Highest Wins",
            "No node becomes the leader while a higher one is up that has been up since the new leader stood for election.",
            About::Outputs,
            highest_wins,
        )
        .given(somebody_led),
        eventually(
            "Elected",
            "Once nobody asks for an election any more, every node that is up takes the highest one for the leader in the end.",
            Despite::Crashes,
            |scene: &Scene<'_, P>| match scene.record.stood {
                0 => Err("no node has stood for election yet"),
                _ => Ok(()),
            },
            elected,
        )
        .since(|scene| Some(scene.record.asked)),
    ]
}

/// Where a leader knows that it is deposed before another one leads: no two lead at any time.
pub const fn one_leader<P: Election>() -> Property<P> {
    let sentence = "No two nodes lead at the same time. It is claimed where a leader is deposed before another one leads.";
    always("One Leader", sentence, About::Outputs, |scene| match deposes_first(scene) {
        true => one_leads(scene),
        false => Ok(()),
    })
    .given(|scene| match deposes_first(scene) {
        true => somebody_led(scene),
        false => Err("a leader is deposed only when the announcement of the next one arrives"),
    })
}

fn deposes_first<P: Election>(scene: &Scene<'_, P>) -> bool {
    scene.nodes().all(|(_, node)| node.deposes_first())
}

/// What may come up where leaders are deposed by a message.
pub const fn two_leaders<P: Election>() -> Property<P> {
    sometimes(
        "Two Leaders",
        "Two nodes lead at the same time, each by what it knows.",
        About::Outputs,
        |scene| match one_leads(scene) {
            Ok(()) => Err(Contradiction::default()),
            Err(_) => Ok(()),
        },
    )
}

fn somebody_led<P: Election>(scene: &Scene<'_, P>) -> Result<(), &'static str> {
    match scene.record.led {
        0 => Err("no election has made a node the leader yet"),
        _ => Ok(()),
    }
}

/// A node, with whom its card names as the leader.
fn taken(node: NodeId) -> Side {
    Side::of(node).showing(Fact::Field("leader"))
}

fn highest_wins<P: Election>(scene: &Scene<'_, P>) -> Result<(), Contradiction> {
    let who = scene.who;
    if !scene.outputs.contains(&Output::Leads) {
        return Ok(());
    }
    let now = scene.outputs.contains(&Output::Stands);
    let missed = if now { Some(&scene.record.down) } else { scene.record.missed.get(&who) };
    let Some(missed) = missed else { return Ok(()) };
    let higher = (who.0 + 1..scene.count() as u32).map(NodeId);
    match higher.into_iter().find(|node| !missed.contains(*node)) {
        Some(higher) => Err(Contradiction::between(
            format!("{who} becomes the leader, although {higher} has been up since {who} stood for election"),
            [taken(who).telling(&Output::Leads), taken(higher)],
        )),
        None => Ok(()),
    }
}

fn one_leads<P: Election>(scene: &Scene<'_, P>) -> Result<(), Contradiction> {
    let who = scene.who;
    if !scene.outputs.contains(&Output::Leads) {
        return Ok(());
    }
    let leads = |(node, it): &(NodeId, &P)| *node != who && it.leader() == Some(*node);
    match scene.nodes().find(leads) {
        Some((other, _)) => Err(Contradiction::between(
            format!("{who} becomes the leader while {other} leads"),
            [taken(who), taken(other).telling(&Output::Leads)],
        )),
        None => Ok(()),
    }
}

fn elected<P: Election>(scene: &Scene<'_, P>) -> Result<(), Contradiction> {
    let Some((highest, _)) = scene.nodes().last() else { return Ok(()) };
    match scene.nodes().find(|(_, it)| it.leader() != Some(highest)) {
        Some((node, it)) => {
            let leader = it.leader().map_or("no node".to_owned(), |leader| leader.to_string());
            Err(Contradiction::between(
                format!("{node} takes {leader} for the leader, and the highest node that is up is {highest}"),
                [taken(node), taken(highest)],
            ))
        }
        None => Ok(()),
    }
}
