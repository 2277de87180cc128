//! # The problem of consensus on one value (Fischer, Lynch & Paterson 1985; Lamport 2001, §2.1)
//!
//! Nodes propose values, and one of the proposed values must be decided. Nobody may decide anything else, no two nodes may
//! decide differently, and a node that has proposed a value must come to know the decision. A node that did not propose may
//! ask what was decided.
//!
//! Nodes crash and come back, and messages are lost. A solution may let all nodes do the same, or give them roles. Which
//! nodes must be up before anybody can decide is the solution's to say: [`Consensus::premise`].
//!
//! In an asynchronous system in which one node may crash no deterministic solution always ends (Fischer, Lynch & Paterson
//! 1985). So three of the four claims hold always, and the fourth needs more than they do.
//!
//! This file states the problem once; every file beside it is a solution.

use faultline_core::card::Fact;
use faultline_core::prelude::*;

pub mod paxos;

/// What is decided.
pub type Value = u64;

/// What the application asks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words, Read)]
#[words(otherwise = "a node can be asked to `Propose 7` or to `Learn` what was decided")]
pub enum Input {
    /// Have this value decided, or find out which other one is.
    Propose(Value),
    /// Find out what was decided, without a value of one's own.
    Learn,
}

/// What of all that a solution tells concerns the problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// This node has begun to propose a value.
    Proposed(Value),
    /// This node has begun to find out what was decided.
    Asked,
    /// This node has found that nothing was decided so far; if it only asked, that is its answer.
    Nothing,
    /// This node has decided; in other words, it has learned what was chosen.
    Decided(Value),
}

/// A protocol that solves the problem.
pub trait Consensus: Protocol<Input = Input> {
    /// The field of a card that shows what the node has decided.
    const DECIDED: &'static str;

    /// What an output says of the problem, if anything.
    fn told(output: &Self::Output) -> Option<Told>;
    /// The output by which a node tells that it has decided.
    fn decision(value: Value) -> Self::Output;
    /// The output by which a node tells that it proposes, or asks.
    fn wish(proposed: Option<Value>) -> Self::Output;
    /// What the judge remembers of the problem.
    fn record(record: &Self::Record) -> &Record;
    /// Whether the nodes are up without which nobody can decide; otherwise what is missing.
    fn premise(scene: &Scene<'_, Self>) -> Result<(), &'static str>;
}

/// What the judge remembers of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Record {
    /// What was proposed, and by whom first.
    proposed: Map<Value, NodeId>,
    /// The nodes that want to know the decision, have not crashed since they said so, and do not know it.
    wants: Map<NodeId, Want>,
    /// What each node was first to decide, and when the first of all did.
    decided: Map<NodeId, Value>,
    first: Option<Micros>,
}

/// What a node wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Want {
    since: Micros,
    /// Its own value, if it has one.
    proposes: Option<Value>,
}

impl Record {
    /// Adds a step; what a solution's `remember` does.
    pub fn remember<P: Consensus>(&mut self, step: &Step<'_, P>) {
        if step.node.is_none() {
            self.wants.remove(&step.who);
        }
        for told in step.outputs.iter().filter_map(P::told) {
            let want = |proposes| Want { since: step.now, proposes };
            match told {
                Told::Proposed(value) => {
                    if !self.proposed.contains_key(&value) {
                        self.proposed.insert(value, step.who);
                    }
                    self.wants.insert(step.who, want(Some(value)));
                }
                Told::Asked => {
                    if !self.wants.contains_key(&step.who) {
                        self.wants.insert(step.who, want(None));
                    }
                }
                Told::Nothing => self.wants.retain(|node, want| *node != step.who || want.proposes.is_some()),
                Told::Decided(value) => {
                    self.wants.remove(&step.who);
                    if !self.decided.contains_key(&step.who) {
                        self.decided.insert(step.who, value);
                    }
                    self.first.get_or_insert(step.now);
                }
            }
        }
    }

    /// How many nodes have decided.
    pub fn decisions(&self) -> u64 {
        self.decided.len() as u64
    }

    /// Who waits for a decision that can be waited for, and since when: whoever proposes, and, once somebody has decided,
    /// whoever asks.
    fn waiting(&self) -> impl Iterator<Item = (NodeId, Want)> {
        self.wants.iter().filter_map(|(node, want)| match (want.proposes, self.first) {
            (Some(_), _) => Some((*node, *want)),
            (None, Some(first)) => Some((*node, Want { since: want.since.max(first), ..*want })),
            (None, None) => None,
        })
    }
}

/// What every solution claims.
pub const fn claims<P: Consensus>() -> [Property<P>; 4] {
    use About::Outputs;
    [
        always("Validity", "A node decides only a value that was proposed.", Outputs, validity).given(has_decided),
        always("Agreement", "No two nodes decide different values.", Outputs, agreement).given(
            |scene: &Scene<'_, P>| match P::record(scene.record).decided.len() > 1 {
                true => Ok(()),
                false => Err("no two nodes have decided yet"),
            },
        ),
        always(
            "Integrity",
            "A node that has decided never decides anything else, not even after a crash.",
            Outputs,
            integrity,
        )
        .given(has_decided),
        eventually(
            "Termination",
            "While enough nodes stay up and messages arrive in time, every node that has proposed a value decides. Once \
             one has decided, so does every node that asks.",
            Despite::Crashes,
            |scene: &Scene<'_, P>| {
                let record = P::record(scene.record);
                match record.waiting().next().is_some() || !record.decided.is_empty() {
                    true => P::premise(scene),
                    false => Err("no node that is up has proposed a value"),
                }
            },
            termination,
        )
        .since(|scene| P::record(scene.record).waiting().map(|(_, want)| want.since).min()),
    ]
}

fn has_decided<P: Consensus>(scene: &Scene<'_, P>) -> Result<(), &'static str> {
    match P::record(scene.record).decided.is_empty() {
        true => Err("no node has decided yet"),
        false => Ok(()),
    }
}

/// What this step decided.
fn decided<P: Consensus>(scene: &Scene<'_, P>) -> impl Iterator<Item = Value> {
    scene.outputs.iter().filter_map(|output| match P::told(output) {
        Some(Told::Decided(value)) => Some(value),
        _ => None,
    })
}

/// A node that has decided, with what its card shows of that.
fn decider<P: Consensus>(node: NodeId) -> Side {
    Side::of(node).showing(Fact::Field(P::DECIDED))
}

fn validity<P: Consensus>(scene: &Scene<'_, P>) -> Result<(), Contradiction> {
    let record = P::record(scene.record);
    match decided(scene).find(|value| !record.proposed.contains_key(value)) {
        Some(value) => Err(Contradiction::between(
            format!("{} decides {value}, which nobody has proposed", scene.who),
            [decider::<P>(scene.who)],
        )),
        None => Ok(()),
    }
}

fn agreement<P: Consensus>(scene: &Scene<'_, P>) -> Result<(), Contradiction> {
    for value in decided(scene) {
        let differs = |(node, other): &(&NodeId, &Value)| **node != scene.who && **other != value;
        if let Some((node, other)) = P::record(scene.record).decided.iter().find(differs) {
            return Err(Contradiction::between(
                format!("{} decides {value}, but {node} has decided {other}", scene.who),
                [decider::<P>(scene.who), decider::<P>(*node).telling(&P::decision(*other))],
            ));
        }
    }
    Ok(())
}

fn integrity<P: Consensus>(scene: &Scene<'_, P>) -> Result<(), Contradiction> {
    let before = P::record(scene.record).decided.get(&scene.who);
    match (before, decided(scene).find(|value| before.is_some_and(|before| before != value))) {
        (Some(before), Some(value)) => Err(Contradiction::between(
            format!("{} decides {value}, although it had decided {before}", scene.who),
            [decider::<P>(scene.who), decider::<P>(scene.who).telling(&P::decision(*before))],
        )),
        _ => Ok(()),
    }
}

fn termination<P: Consensus>(scene: &Scene<'_, P>) -> Result<(), Contradiction> {
    match P::record(scene.record).waiting().next() {
        Some((node, want)) => {
            let wish = want.proposes.map_or("has asked".to_owned(), |value| format!("has proposed {value}"));
            Err(Contradiction::between(
                format!("{node} {wish} but has not decided"),
                [decider::<P>(node).telling(&P::wish(want.proposes))],
            ))
        }
        None => Ok(()),
    }
}
