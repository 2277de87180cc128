//! What is claimed of the generals. Agreement, and that both attack, need links that lose nothing: they are about the end, and no
//! protocol of a fixed length keeps them without that. The others need nothing of links.

use super::{Certainty, General, Night, Output, PROPOSER};
use faultline_core::card::Fact;
use faultline_core::prelude::*;

/// What the judge remembers of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Record {
    nights: Map<Night, Outcome>,
}

/// What is known of a night.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Outcome {
    /// When it was proposed to attack; nothing, if it was not.
    proposed: Option<Micros>,
    /// The number of the latest message that was received.
    received: u64,
    attackers: Map<NodeId, Certainty>,
}

impl Outcome {
    /// The general that attacks alone, so far.
    fn alone(&self) -> Option<(NodeId, Certainty)> {
        let mut attackers = self.attackers.iter();
        let (node, certainty) = attackers.next().filter(|_| self.attackers.len() == 1)?;
        Some((*node, *certainty))
    }
}

impl Record {
    /// Adds a step.
    pub(super) fn remember(&mut self, step: &Step<'_, General>) {
        for output in step.outputs {
            match *output {
                Output::Proposed(night) => self.nights.or_default(night).proposed = Some(step.now),
                Output::Received(night, number) => {
                    let outcome = self.nights.or_default(night);
                    outcome.received = outcome.received.max(number);
                }
                Output::Attacks(night, certainty) => {
                    self.nights.or_default(night).attackers.insert(step.who, certainty);
                }
            }
        }
    }

    /// In how many nights exactly one general attacked, in how many both did, and in how many it was proposed.
    pub(super) fn counted(&self) -> (u64, u64, u64) {
        let count = |holds: fn(&&Outcome) -> bool| self.nights.values().filter(holds).count() as u64;
        (
            count(|night| night.alone().is_some()),
            count(|night| night.attackers.len() == 2),
            count(|night| night.proposed.is_some()),
        )
    }
}

pub(super) const CLAIMS: &[Property<General>] = &[
    always(
        "Validity",
        "A general attacks only in a night for which n1 has proposed it.",
        About::Outputs,
        validity,
    )
    .given(somebody_attacks),
    always(
        "Only The Last",
        "No general attacks before all messages but the last have arrived, so only the loss of the last message divides the \
         generals.",
        About::Outputs,
        only_the_last,
    )
    .given(somebody_attacks),
    eventually(
        "Agreement",
        "In the end both generals attack in a night, or neither. No protocol of a fixed length can promise it if messengers may \
         be lost.",
        Despite::Nothing,
        somebody_proposes,
        agreement,
    )
    .since(|scene| nights(scene).find(|(_, night)| night.alone().is_some()).and_then(|(_, it)| it.proposed)),
    eventually(
        "Both Attack",
        "Once n1 has proposed an attack, both generals attack in the end.",
        Despite::Nothing,
        somebody_proposes,
        both_attack,
    )
    .since(|scene| waiting(scene).next().and_then(|(_, night)| night.proposed)),
    sometimes(
        "Uncertain Attack",
        "A general attacks without knowing whether its last message has arrived.",
        About::Outputs,
        |scene| match attacks(scene).any(|(_, certainty)| certainty == Certainty::Hopes) {
            true => Ok(()),
            false => Err(Contradiction::default()),
        },
    ),
];

/// All nights, in order.
fn nights<'a>(scene: &'a Scene<'_, General>) -> impl Iterator<Item = (Night, &'a Outcome)> {
    scene.record.nights.iter().map(|(night, outcome)| (*night, outcome))
}

/// The nights in which it was proposed to attack and not both have.
fn waiting<'a>(scene: &'a Scene<'_, General>) -> impl Iterator<Item = (Night, &'a Outcome)> {
    nights(scene).filter(|(_, night)| night.proposed.is_some() && night.attackers.len() < 2)
}

/// The attacks of this step.
fn attacks<'a>(scene: &'a Scene<'_, General>) -> impl Iterator<Item = (Night, Certainty)> + 'a {
    scene.outputs.iter().filter_map(|output| match *output {
        Output::Attacks(night, certainty) => Some((night, certainty)),
        Output::Proposed(_) | Output::Received(..) => None,
    })
}

fn somebody_attacks(scene: &Scene<'_, General>) -> Result<(), &'static str> {
    match nights(scene).any(|(_, night)| !night.attackers.is_empty()) {
        true => Ok(()),
        false => Err("no general has attacked yet"),
    }
}

fn somebody_proposes(scene: &Scene<'_, General>) -> Result<(), &'static str> {
    match nights(scene).any(|(_, night)| night.proposed.is_some()) {
        true => Ok(()),
        false => Err("nobody has proposed an attack yet"),
    }
}

/// A general, with whether its card says that it attacks.
fn general(node: NodeId) -> Side {
    Side::of(node).showing(Fact::Field("attacks"))
}

/// The other of the two.
fn other(node: NodeId) -> NodeId {
    NodeId(1 - node.0.min(1))
}

fn validity(scene: &Scene<'_, General>) -> Result<(), Contradiction> {
    for (night, _) in attacks(scene) {
        let before = scene.record.nights.get(&night).is_some_and(|it| it.proposed.is_some());
        if !before && !scene.outputs.contains(&Output::Proposed(night)) {
            let who = scene.who;
            return Err(Contradiction::between(
                format!("{who} attacks in {night}, but {PROPOSER} has not proposed that"),
                [general(who), Side::of(PROPOSER).showing(Fact::Field("night"))],
            ));
        }
    }
    Ok(())
}

fn only_the_last(scene: &Scene<'_, General>) -> Result<(), Contradiction> {
    let Some(length) = scene.node.map(|node| node.length) else { return Ok(()) };
    for (night, _) in attacks(scene) {
        let now = scene.outputs.iter().filter_map(|output| match *output {
            Output::Received(of, number) if of == night => Some(number),
            _ => None,
        });
        let before = scene.record.nights.get(&night).map(|it| it.received);
        let received = now.chain(before).max().unwrap_or(0);
        if received + 1 < length {
            let who = scene.who;
            let missing = received + 1;
            return Err(Contradiction::between(
                format!("{who} attacks in {night}, but message {missing} of {length} has not arrived"),
                [general(who), general(other(who))],
            ));
        }
    }
    Ok(())
}

fn agreement(scene: &Scene<'_, General>) -> Result<(), Contradiction> {
    for (night, outcome) in nights(scene) {
        if let Some((attacker, certainty)) = outcome.alone() {
            let silent = other(attacker);
            return Err(Contradiction::between(
                format!("{attacker} attacks in {night} alone, and {silent} does not"),
                [general(attacker).telling(&Output::Attacks(night, certainty)), general(silent)],
            ));
        }
    }
    Ok(())
}

fn both_attack(scene: &Scene<'_, General>) -> Result<(), Contradiction> {
    let Some((night, outcome)) = waiting(scene).next() else { return Ok(()) };
    let silent = (0..2).map(NodeId).filter(|node| !outcome.attackers.contains_key(node));
    let silent: NodeSet = silent.collect();
    let (words, verb) = if silent.len() == 2 {
        ("neither general".to_owned(), "attacks")
    } else {
        (silent.to_string(), "does not attack")
    };
    let sides: Vec<Side> = silent.iter().map(general).collect();
    Err(Contradiction::between(format!("{words} {verb} in {night}, for which {PROPOSER} proposed it"), sides))
}
