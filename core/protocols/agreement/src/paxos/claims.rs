//! What Paxos claims beside what every solution does: the requirements from which its paper derives it.

use super::{Ballot, Output, Paxos, Proposal};
use crate::Value;
use faultline_core::card::Fact;
use faultline_core::prelude::*;

/// What the judge remembers of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Record {
    /// Of the problem.
    pub(super) agreement: crate::Record,
    /// How many acceptors are a majority.
    majority: usize,
    /// The highest number that each acceptor has ever promised.
    promised: Map<NodeId, Ballot>,
    /// Who has issued a proposal first, and which acceptors have ever accepted it.
    issued: Map<Proposal, NodeId>,
    accepted: Map<Proposal, NodeSet>,
}

impl Record {
    pub(super) fn remember(&mut self, step: &Step<'_, Paxos>) {
        self.agreement.remember(step);
        if let Some(node) = step.node {
            self.majority = node.roles.majority();
        }
        for output in step.outputs {
            match output {
                Output::Promised(ballot) => {
                    let promised = self.promised.or_default(step.who);
                    *promised = (*promised).max(*ballot);
                }
                Output::Issued(proposal) | Output::Adopted(proposal) => {
                    if !self.issued.contains_key(proposal) {
                        self.issued.insert(*proposal, step.who);
                    }
                }
                Output::Accepted(proposal) => drop(self.accepted.or_default(*proposal).insert(step.who)),
                Output::Proposed(_)
                | Output::Asked
                | Output::Ignored(_)
                | Output::FoundNothing
                | Output::Learned(_) => {}
            }
        }
    }

    /// How many proposals were issued.
    pub(super) fn proposals(&self) -> u64 {
        self.issued.len() as u64
    }

    /// The proposals that a majority has accepted.
    fn chosen(&self) -> impl Iterator<Item = Proposal> {
        let chosen = |(_, nodes): &(&Proposal, &NodeSet)| nodes.len() >= self.majority;
        self.accepted.iter().filter(chosen).map(|(proposal, _)| *proposal)
    }

    /// Some acceptor that has accepted a proposal, other than this node if there is one.
    fn acceptor(&self, proposal: Proposal, but: NodeId) -> Option<Side> {
        let nodes = self.accepted.get(&proposal)?;
        let other = nodes.iter().find(|node| *node != but).or(nodes.iter().next())?;
        Some(Side::of(other).showing(ACCEPTED).telling(&Output::Accepted(proposal)))
    }

    /// The highest-numbered proposal below a number that each acceptor has accepted; none of those that have accepted none.
    fn highest_below(&self, ballot: Ballot) -> Map<NodeId, Proposal> {
        let mut highest = Map::default();
        for (proposal, nodes) in self.accepted.iter().filter(|(proposal, _)| proposal.ballot < ballot) {
            for node in nodes.iter() {
                // They come in the order of their numbers.
                highest.insert(node, *proposal);
            }
        }
        highest
    }
}

const ACCEPTED: Fact<'static> = Fact::Field("accepted");
const PROPOSAL: Fact<'static> = Fact::Field("proposal");

/// The requirements, as the paper names them.
pub(super) const REQUIREMENTS: &[Property<Paxos>] = &[
    always(
        "Kept Promises",
        "P1a: An acceptor accepts a proposal only if it has not answered a prepare request with a higher number.",
        About::Outputs,
        kept_promises,
    )
    .given(|scene| match scene.record.accepted.is_empty() {
        true => Err("no acceptor has accepted anything yet"),
        false => Ok(()),
    }),
    always(
        "Safe Proposals",
        "P2c: When a proposal is issued, some majority of acceptors has accepted nothing numbered lower, or has its value in \
         the highest-numbered proposal below it that any of them has accepted.",
        About::Outputs,
        safe_proposals,
    )
    .given(|scene| match scene.record.issued.is_empty() {
        true => Err("no proposal has been issued yet"),
        false => Ok(()),
    }),
    always(
        "Lasting Choice",
        "P2b: If a proposal is chosen, every higher-numbered proposal that is issued has its value.",
        About::Outputs,
        lasting_choice,
    )
    .given(|scene| {
        let first = scene.record.chosen().next();
        let above = |first: Proposal| scene.record.issued.keys().any(|it| it.ballot > first.ballot);
        match first.is_some_and(above) {
            true => Ok(()),
            false => Err("no proposal has been issued above one that is chosen"),
        }
    }),
    always("One Choice", "P2: All proposals that are chosen have the same value.", About::Outputs, one_choice).given(
        |scene| match scene.record.chosen().nth(1) {
            Some(_) => Ok(()),
            None => Err("no two proposals have been chosen yet"),
        },
    ),
    always(
        "Learned Is Chosen",
        "A node learns that a value is chosen only if it is chosen (§2.1).",
        About::Outputs,
        learned_is_chosen,
    )
    .given(|scene| match scene.record.agreement.decisions() {
        0 => Err("no node has learned anything yet"),
        _ => Ok(()),
    }),
    sometimes("Adoption", "A proposer issues a value that is not its own.", About::Outputs, |scene| {
        comes_up(scene, |output| matches!(output, Output::Adopted(_)))
    }),
    sometimes("Interruption", "An acceptor has promised a higher number and ignores a proposal.", About::Outputs, |scene| {
        comes_up(scene, |output| matches!(output, Output::Ignored(_)))
    }),
];

fn comes_up(scene: &Scene<'_, Paxos>, is: fn(&Output) -> bool) -> Result<(), Contradiction> {
    if scene.outputs.iter().any(is) { Ok(()) } else { Err(Contradiction::default()) }
}

/// What this step accepted.
fn accepted(scene: &Scene<'_, Paxos>) -> impl Iterator<Item = Proposal> {
    scene.outputs.iter().filter_map(|output| match output {
        Output::Accepted(proposal) => Some(*proposal),
        _ => None,
    })
}

/// What this step issued.
fn issued(scene: &Scene<'_, Paxos>) -> impl Iterator<Item = Proposal> {
    scene.outputs.iter().filter_map(|output| match output {
        Output::Issued(proposal) | Output::Adopted(proposal) => Some(*proposal),
        _ => None,
    })
}

/// What this step has made chosen.
fn newly_chosen(scene: &Scene<'_, Paxos>) -> impl Iterator<Item = Proposal> {
    let record = scene.record;
    accepted(scene).filter(|proposal| {
        let before = record.accepted.get(proposal);
        let others = before.map_or(0, NodeSet::len);
        others + 1 == record.majority && before.is_none_or(|nodes| !nodes.contains(scene.who))
    })
}

fn kept_promises(scene: &Scene<'_, Paxos>) -> Result<(), Contradiction> {
    let promised = scene.record.promised.get(&scene.who).copied().unwrap_or(0);
    match accepted(scene).find(|proposal| proposal.ballot < promised) {
        Some(proposal) => Err(Contradiction::between(
            format!("{} accepts {proposal}, although it has promised {promised}", scene.who),
            [
                Side::of(scene.who).showing(ACCEPTED),
                Side::of(scene.who).showing(Fact::Field("promised")).telling(&Output::Promised(promised)),
            ],
        )),
        None => Ok(()),
    }
}

/// Whether some majority is as P2c says, given the highest-numbered proposal below it that each acceptor has accepted: all
/// of a majority have accepted none, or none above one with that value.
fn is_safe(value: Value, highest: &Map<NodeId, Proposal>, acceptors: usize, majority: usize) -> bool {
    let fresh = acceptors - highest.len();
    let up_to = |ballot| fresh + highest.values().filter(|other| other.ballot <= ballot).count();
    let mut same = highest.values().filter(|proposal| proposal.value == value);
    fresh >= majority || same.any(|proposal| up_to(proposal.ballot) >= majority)
}

fn safe_proposals(scene: &Scene<'_, Paxos>) -> Result<(), Contradiction> {
    let Some(node) = scene.node else { return Ok(()) };
    for proposal in issued(scene) {
        let highest = scene.record.highest_below(proposal.ballot);
        let acceptors = node.roles.acceptors().count();
        if !is_safe(proposal.value, &highest, acceptors, node.roles.majority()) {
            let latest = highest.values().filter(|other| other.value != proposal.value).max();
            let latest = latest.copied().unwrap_or(proposal);
            let mut sides = vec![Side::of(scene.who).showing(PROPOSAL)];
            sides.extend(scene.record.acceptor(latest, scene.who));
            return Err(Contradiction::between(
                format!("{} issues {proposal}, although {latest} may be chosen or will be", scene.who),
                sides,
            ));
        }
    }
    Ok(())
}

fn lasting_choice(scene: &Scene<'_, Paxos>) -> Result<(), Contradiction> {
    let record = scene.record;
    let breaks =
        |chosen: &Proposal, other: &Proposal| other.ballot > chosen.ballot && other.value != chosen.value;
    for proposal in issued(scene) {
        if let Some(chosen) = record.chosen().find(|chosen| breaks(chosen, &proposal)) {
            let mut sides = vec![Side::of(scene.who).showing(PROPOSAL)];
            sides.extend(record.acceptor(chosen, scene.who));
            let sentence = format!("{} issues {proposal}, although {chosen} is chosen", scene.who);
            return Err(Contradiction::between(sentence, sides));
        }
    }
    for chosen in newly_chosen(scene) {
        if let Some((proposal, proposer)) = record.issued.iter().find(|(other, _)| breaks(&chosen, other)) {
            let issuing = [Output::Issued(*proposal), Output::Adopted(*proposal)];
            return Err(Contradiction::between(
                format!(
                    "{chosen} is chosen now that {} accepts it, but {proposer} has issued {proposal}",
                    scene.who
                ),
                [
                    Side::of(scene.who).showing(ACCEPTED),
                    Side::of(*proposer).showing(PROPOSAL).telling_one_of(issuing),
                ],
            ));
        }
    }
    Ok(())
}

fn one_choice(scene: &Scene<'_, Paxos>) -> Result<(), Contradiction> {
    for chosen in newly_chosen(scene) {
        if let Some(other) = scene.record.chosen().find(|other| other.value != chosen.value) {
            let mut sides = vec![Side::of(scene.who).showing(ACCEPTED)];
            sides.extend(scene.record.acceptor(other, scene.who));
            return Err(Contradiction::between(
                format!("{chosen} is chosen now that {} accepts it, but {other} is chosen, too", scene.who),
                sides,
            ));
        }
    }
    Ok(())
}

fn learned_is_chosen(scene: &Scene<'_, Paxos>) -> Result<(), Contradiction> {
    for output in scene.outputs {
        let Output::Learned(value) = output else { continue };
        let chosen = || scene.record.chosen().chain(newly_chosen(scene));
        if !chosen().any(|chosen| chosen.value == *value) {
            let latest = scene.record.accepted.keys().rfind(|proposal| proposal.value == *value);
            let mut sides = vec![Side::of(scene.who).showing(Fact::Field("learned"))];
            sides.extend(latest.and_then(|proposal| scene.record.acceptor(*proposal, scene.who)));
            let sentence = format!(
                "{} learns {value}, but no majority of acceptors has accepted one proposal with it",
                scene.who
            );
            return Err(Contradiction::between(sentence, sides));
        }
    }
    Ok(())
}
