//! # The problem of broadcast (Hadzilacos & Toueg 1993; Cachin, Guerraoui & Rodrigues 2011, chapter 3)
//!
//! A node sends a message to all nodes, itself included, and every node delivers it to its application: once, and only
//! if it was broadcast. Beyond that, broadcasts differ in which nodes a crash may leave out and in the order of delivery.
//!
//! * *FIFO order*: the messages of one sender are delivered in the order in which it sent them.
//! * *Causal order*: everything that happened before a message, because its sender had sent or delivered it, is delivered
//!   before the message: no answer before its question.
//!
//! Neither order constrains concurrent messages, where neither happened before the other.
//!
//! This file states the problem once, in terms of the inputs and outputs of applications; every file beside it is a
//! solution and says which of the claims it makes. A node is asked to broadcast a message, or to answer one that it has
//! delivered. An answer differs from other messages only in that a reader sees at once what happened before it.

use faultline_core::card::Fact;
use faultline_core::prelude::*;
use faultline_core::toolbox::clocks::VectorClock;
use faultline_core::toolbox::hole::numbered;
use std::fmt::{self, Display};

pub mod causal;

/// What was said, by its sender and its number there: `n1.2` is the second that n1 said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
#[words("{sender}.{number}")]
pub struct Name {
    /// The node that said it.
    pub sender: NodeId,
    /// Its place among the messages of this sender, from 1.
    pub number: u64,
}

/// Something said: its name, and what it answers, if anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub struct Said {
    pub name: Name,
    pub answers: Option<Name>,
}

/// What the application asks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words, Read)]
#[words(otherwise = "a node can be asked to `Broadcast`, or to `Answer n1.2`")]
pub enum Input {
    /// Say something to all.
    Broadcast,
    /// Answer what was said, to all, if it has been delivered here.
    Answer(Name),
}

/// What the application is told.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
pub enum Output {
    /// This node has said it.
    Sent(Said),
    /// Here it is.
    Delivered(Said),
}

/// A protocol that solves the problem.
pub trait Broadcast: Protocol<Input = Input, Output = Output, Record = Record> {}
impl<P: Protocol<Input = Input, Output = Output, Record = Record>> Broadcast for P {}

/// What the judge remembers of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Record {
    /// Every message that was broadcast.
    said: Map<Name, Sent>,
    nodes: Map<NodeId, Known>,
}

/// A message that was broadcast.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Sent {
    /// When it was said.
    at: Micros,
    answers: Option<Name>,
    /// What had happened before: how much of every sender.
    past: VectorClock,
}

/// What is known of a node.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Known {
    /// What has happened before whatever it says next: how much of every sender. What a node says later comes after what
    /// it said before, so the latest of a sender stands for all.
    past: VectorClock,
    /// Of every sender, what has been delivered here.
    delivered: Map<NodeId, Numbers>,
}

/// A set of numbers, nearly all of which come in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Numbers {
    /// All from 1 to this one are in it,
    through: u64,
    /// and some beyond, with a gap before the least.
    beyond: Vec<u64>,
}

impl Numbers {
    fn contains(&self, number: u64) -> bool {
        (1..=self.through).contains(&number) || self.beyond.contains(&number)
    }

    fn insert(&mut self, number: u64) {
        if !self.contains(number) {
            let place = self.beyond.partition_point(|it| *it < number);
            self.beyond.insert(place, number);
        }
        while self.beyond.first() == Some(&(self.through + 1)) {
            self.beyond.remove(0);
            self.through += 1;
        }
    }
}

impl Known {
    fn has_delivered(&self, name: Name) -> bool {
        self.delivered.get(&name.sender).is_some_and(|numbers| numbers.contains(name.number))
    }
}

impl Record {
    /// Adds a step; what a solution's `remember` does.
    pub fn remember<P: Broadcast>(&mut self, step: &Step<'_, P>) {
        for output in step.outputs {
            let known = self.nodes.or_default(step.who);
            match output {
                Output::Sent(Said { name, answers }) => {
                    let (at, answers, past) = (step.now, *answers, known.past.clone());
                    self.said.insert(*name, Sent { at, answers, past });
                    known.past.raise(name.sender, name.number);
                }
                Output::Delivered(Said { name, .. }) => {
                    if let Some(sent) = self.said.get(name) {
                        known.past.merge(&sent.past);
                    }
                    known.past.raise(name.sender, name.number);
                    known.delivered.or_default(name.sender).insert(name.number);
                }
            }
        }
    }

    /// How many messages were said.
    pub fn said(&self) -> u64 {
        self.said.len() as u64
    }

    /// How often something was delivered.
    pub fn deliveries(&self) -> u64 {
        let numbers = self.nodes.values().flat_map(|known| known.delivered.values());
        numbers.map(|numbers| numbers.through + numbers.beyond.len() as u64).sum()
    }

    /// Of how many pairs of messages neither happened before the other, and how many pairs there are.
    pub fn concurrent(&self) -> (u64, u64) {
        let all = self.said();
        let past = |sent: &Sent| sent.past.iter().map(|(_, number)| number).sum::<u64>();
        let ordered: u64 = self.said.values().map(past).sum();
        let pairs = all * all.saturating_sub(1) / 2;
        (pairs.saturating_sub(ordered), pairs)
    }

    /// A message as it was said.
    fn said_as(&self, name: Name) -> Said {
        Said { name, answers: self.said.get(&name).and_then(|sent| sent.answers) }
    }

    fn has_delivered(&self, node: NodeId, name: Name) -> bool {
        self.nodes.get(&node).is_some_and(|known| known.has_delivered(name))
    }
}

/// The claims of every broadcast that reaches all nodes that do not crash.
pub const fn claims<P: Broadcast>() -> [Property<P>; 4] {
    use About::Outputs;
    [
        always(
            "No Creation",
            "A node delivers only messages that were broadcast, and delivers them unchanged.",
            Outputs,
            no_creation,
        )
        .given(has_deliveries),
        always("No Duplication", "No node delivers a message twice.", Outputs, no_duplication)
            .given(has_deliveries),
        eventually(
            "Validity",
            "A node that broadcasts a message and stays up delivers it.",
            Despite::Crashes,
            |scene: &Scene<'_, P>| said(scene, |scene, name| scene.node_of(name.sender).is_some()),
            validity,
        )
        .since(|scene| kept_back(scene).map(|(_, at)| at)),
        eventually(
            "Agreement",
            "If one node that stays up delivers a message, every node that stays up delivers it.",
            Despite::Crashes,
            |scene: &Scene<'_, P>| {
                said(scene, |scene, name| scene.nodes().any(|(it, _)| scene.record.has_delivered(it, name)))
            },
            agreement,
        )
        .since(|scene| missed(scene).map(|(_, at, _)| at)),
    ]
}

/// The claim of FIFO order.
pub const fn fifo_order<P: Broadcast>() -> Property<P> {
    let sentence =
        "The messages of each sender are delivered in the order in which it sent them, without a gap.";
    always("FIFO Order", sentence, About::Outputs, |scene: &Scene<'_, P>| {
        for (said, before) in delivered(scene) {
            let Name { sender, number } = said.name;
            let previous = Name { sender, number: number.saturating_sub(1) };
            // A number that no message has leaves no gap.
            if scene.record.said.contains_key(&previous) && !has_delivered(scene, previous, before) {
                return Err(too_early(scene, said, previous));
            }
        }
        Ok(())
    })
    .given(|scene: &Scene<'_, P>| {
        let delivered = scene.record.nodes.values().flat_map(|known| known.delivered.values());
        match delivered.into_iter().any(|numbers| numbers.through > 1 || !numbers.beyond.is_empty()) {
            true => Ok(()),
            false => Err("no node has delivered a second message of a sender yet"),
        }
    })
}

/// The claim of causal order.
pub const fn causal_order<P: Broadcast>() -> Property<P> {
    let sentence =
        "Everything that happened before a message is delivered before it: no answer before its question.";
    always("Causal Order", sentence, About::Outputs, |scene: &Scene<'_, P>| {
        let known = scene.record.nodes.get(&scene.who);
        for (said, before) in delivered(scene) {
            // What is said in this very step has for its past what its sender knows.
            let past = scene.record.said.get(&said.name).map(|sent| &sent.past);
            let past = past.or(known.map(|known| &known.past));
            for (sender, last) in past.into_iter().flat_map(VectorClock::iter) {
                let through = known.and_then(|known| known.delivered.get(&sender)).map_or(0, |it| it.through);
                let names = (through + 1..=last).map(|number| Name { sender, number });
                let mut names = names.filter(|name| scene.record.said.contains_key(name));
                if let Some(missed) = names.find(|name| !has_delivered(scene, *name, before)) {
                    return Err(too_early(scene, said, missed));
                }
            }
        }
        Ok(())
    })
    .given(|scene: &Scene<'_, P>| {
        let Record { said, nodes } = scene.record;
        let mut later = said.iter().filter(|(_, sent)| !sent.past.entries().is_empty());
        match later.any(|(name, _)| nodes.values().any(|known| known.has_delivered(*name))) {
            true => Ok(()),
            false => Err("no node has delivered a message before which another happened"),
        }
    })
}

/// What shows that causal order leaves something open.
pub const fn concurrency<P: Broadcast>() -> Property<P> {
    let sentence = "Two messages are broadcast, and neither happened before the other.";
    sometimes("Concurrency", sentence, About::Outputs, |scene| {
        let says = scene.outputs.iter().any(|output| matches!(output, Output::Sent(_)));
        let past = scene.record.nodes.get(&scene.who).map(|known| &known.past);
        let unknown = |name: &Name| past.is_none_or(|past| past.get(name.sender) < name.number);
        if says && scene.record.said.keys().any(unknown) { Ok(()) } else { Err(Contradiction::default()) }
    })
}

fn has_deliveries<P: Broadcast>(scene: &Scene<'_, P>) -> Result<(), &'static str> {
    if scene.record.deliveries() > 0 { Ok(()) } else { Err("no node has delivered a message yet") }
}

/// What this step delivered, each with all that the same step told before it.
fn delivered<'a, P: Broadcast>(scene: &'a Scene<'_, P>) -> impl Iterator<Item = (Said, &'a [Output])> {
    scene.outputs.iter().enumerate().filter_map(|(place, output)| match output {
        Output::Delivered(said) => Some((*said, &scene.outputs[..place])),
        Output::Sent(_) => None,
    })
}

/// A node, with what its card shows of what it has delivered.
fn knower(node: NodeId) -> Side {
    Side::of(node).showing(Fact::Field("clock"))
}

/// That this step delivers something before something else that its sender broadcast earlier.
fn too_early<P: Broadcast>(scene: &Scene<'_, P>, said: Said, missed: Name) -> Contradiction {
    Contradiction::between(
        format!("{} delivers {said} before {missed}", scene.who),
        [knower(scene.who), knower(missed.sender).telling(&Output::Sent(scene.record.said_as(missed)))],
    )
}

fn no_creation<P: Broadcast>(scene: &Scene<'_, P>) -> Result<(), Contradiction> {
    for (said, before) in delivered(scene) {
        let known = scene.record.said.get(&said.name).is_some_and(|sent| sent.answers == said.answers);
        if !known && !before.contains(&Output::Sent(said)) {
            return Err(Contradiction::between(
                format!("{} delivers {said}, which {} never broadcast", scene.who, said.name.sender),
                [knower(scene.who), knower(said.name.sender)],
            ));
        }
    }
    Ok(())
}

fn no_duplication<P: Broadcast>(scene: &Scene<'_, P>) -> Result<(), Contradiction> {
    for (said, before) in delivered(scene) {
        if has_delivered(scene, said.name, before) {
            return Err(Contradiction::between(
                format!("{} delivers {} a second time", scene.who, said.name),
                [knower(scene.who), knower(scene.who).telling(&Output::Delivered(said))],
            ));
        }
    }
    Ok(())
}

/// Whether the node of this step has delivered something, earlier or before in this step.
fn has_delivered<P: Broadcast>(scene: &Scene<'_, P>, name: Name, before: &[Output]) -> bool {
    let now = |output: &Output| matches!(output, Output::Delivered(said) if said.name == name);
    scene.record.has_delivered(scene.who, name) || before.iter().any(now)
}

/// Whether something was said that a claim speaks of.
fn said<P: Broadcast>(
    scene: &Scene<'_, P>,
    speaks_of: fn(&Scene<'_, P>, Name) -> bool,
) -> Result<(), &'static str> {
    let found = scene.record.said.keys().any(|name| speaks_of(scene, *name));
    if found { Ok(()) } else { Err("no node that is up has broadcast anything yet") }
}

/// A message that its sender, which is up, has not delivered, the oldest.
fn kept_back<P: Broadcast>(scene: &Scene<'_, P>) -> Option<(Name, Micros)> {
    let undelivered = scene.record.said.iter().filter(|(name, _)| {
        scene.node_of(name.sender).is_some() && !scene.record.has_delivered(name.sender, **name)
    });
    undelivered.map(|(name, sent)| (*name, sent.at)).min_by_key(|(_, at)| *at)
}

fn validity<P: Broadcast>(scene: &Scene<'_, P>) -> Result<(), Contradiction> {
    match kept_back(scene) {
        Some((name, _)) => Err(Contradiction::between(
            format!("{} broadcast {name} but has not delivered it", name.sender),
            [knower(name.sender).telling(&Output::Sent(scene.record.said_as(name)))],
        )),
        None => Ok(()),
    }
}

/// A message that one node that is up has delivered and another has not, the oldest, with both.
fn missed<P: Broadcast>(scene: &Scene<'_, P>) -> Option<(Name, Micros, [NodeId; 2])> {
    let missed = scene.record.said.iter().filter_map(|(name, sent)| {
        let has = |(node, _): &(NodeId, &P)| scene.record.has_delivered(*node, *name);
        let one = scene.nodes().find(has)?.0;
        let other = scene.nodes().find(|node| !has(node))?.0;
        Some((*name, sent.at, [one, other]))
    });
    missed.min_by_key(|(_, at, _)| *at)
}

fn agreement<P: Broadcast>(scene: &Scene<'_, P>) -> Result<(), Contradiction> {
    match missed(scene) {
        Some((name, _, [one, other])) => Err(Contradiction::between(
            format!("{one} has delivered {name}, but {other} has not"),
            [knower(other), knower(one).telling(&Output::Delivered(scene.record.said_as(name)))],
        )),
        None => Ok(()),
    }
}

impl Display for Said {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.answers {
            Some(question) => write!(out, "{} answering {question}", self.name),
            None => write!(out, "{}", self.name),
        }
    }
}

impl Hole for Name {
    fn read(word: &str) -> Result<Self, String> {
        // A number beyond 32 bits names nothing that any run gets to.
        let part = |prefix, word| numbered(prefix, word).and_then(|number| u32::try_from(number).ok());
        let name = word.split_once('.').and_then(|(sender, number)| {
            Some(Name { sender: NodeId(part("n", sender)? - 1), number: part("", number)?.into() })
        });
        name.ok_or("a message is named by its sender and its number, as in `Answer n1.2`".into())
    }
}
