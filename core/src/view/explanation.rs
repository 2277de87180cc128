//! Why a claim does not hold, or how something came about, as plain data: what contradicts each other, or who agreed, and the few
//! steps that led there.

use super::{Fact, Poll};
use crate::name::{NodeId, Rule};
use crate::time::seconds;
use crate::title::Twin;
use crate::trace::Line;
use std::fmt::{self, Display};

/// The most steps of an explanation.
pub const MOST_TOLD: usize = 6;

/// Why a claim does not hold, or how something came about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The name of the claim, or what the application was told.
    pub name: String,
    /// The matter that is explained.
    pub matter: Matter,
    /// What is now the case, in words that begin with a node.
    pub now: String,
    /// What contradicts each other, that of the violating step first: one or two sides. None where nothing is contradicted.
    pub sides: Vec<SideView>,
    /// The nodes that agreed to the decision, if the node that decided counts them.
    pub agreed: Option<Agreed>,
    /// How it came to this: at most [`MOST_TOLD`] steps, in the order of time.
    pub steps: Vec<ExplainStep>,
    /// How the protocol without its wrong twins goes on instead, where the scenario has any.
    pub twin: Option<TwinView>,
    /// What was looked for in vain, in one sentence, where nothing is known to have kept from coming about what was promised.
    pub remark: Option<String>,
}

/// A matter that can be explained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Matter {
    /// That a promise does not hold, which is one sentence.
    Promised(String),
    /// That something came up that a claim says should come up sometimes, in one sentence.
    Reached(String),
    /// A step, with the rule that it applied.
    Step(Option<&'static Rule>),
}

/// Those who agreed to what a node decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreed {
    /// The answers that were counted, and how many were enough.
    pub poll: Poll,
    /// Those who agreed, each with the step in which it did, where that is known.
    pub since: Vec<(NodeId, Option<usize>)>,
}

/// One side of a contradiction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SideView {
    /// The node.
    pub node: NodeId,
    /// What its card shows of it, to be marked there; `None` where nothing on it does.
    pub fact: Option<Fact<'static>>,
    /// The value that contradicts the other side: after the event that made it so, or, where it lacks something that was promised,
    /// at the moment that is explained. `None` where there is none: the log without an entry.
    pub value: Option<String>,
    /// The other nodes whose logs or tables hold the same at the moment that is explained.
    pub also: Vec<NodeId>,
    /// The event that made it so; `None` where no event did.
    pub event: Option<usize>,
}

/// Why a step is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Because {
    /// Both sides descend from it.
    Shared,
    /// It made this side so, by its place, or led to that.
    Side(usize),
    /// Somebody did this to a node, or to a message, that led to it.
    Fault,
    /// The right protocol takes this step otherwise than the wrong twin.
    Twin,
    /// It kept something from coming about.
    Absence,
    /// It is what is explained: nothing is contradicted.
    Reached,
    /// In it a node agreed.
    Agreed,
    /// It led to what is explained.
    Led,
}

/// One step of an explanation: an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExplainStep {
    /// The event in words, with its message or timer and its rule.
    pub line: Line,
    /// What is told of it, in a sentence or two.
    pub sentence: String,
    /// Why it is told.
    pub because: Because,
}

/// What the right protocol does in place of its wrong twins, played to the same time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TwinView {
    /// The wrong twins that the scenario has.
    pub twins: Vec<&'static Twin>,
    /// Of the steps that led to the contradiction, the first that the right protocol takes otherwise; `None` where none is found.
    pub first: Option<Divides>,
    /// Those that are told: the steps that made the sides so, where it says something else on the same occasion; or else the first
    /// of all, and the last of which that is true.
    pub told: Vec<Divides>,
    /// Whether the claim does not hold without the twins, either.
    pub breaks_too: bool,
    /// What comes of the claim without the twins, in one sentence.
    pub sentence: String,
}

/// A step that the right protocol takes otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Divides {
    /// The event.
    pub event: usize,
    /// What the right protocol does instead: the same node's step after the same past; `None` where it takes none.
    pub right: Option<Line>,
    /// What it does instead, in one sentence.
    pub sentence: String,
    /// The rule that the twin applies there, and the one that the right protocol applies; often they are the same, and what comes of
    /// it is not.
    pub rules: [Option<&'static Rule>; 2],
}

impl Display for Explanation {
    /// All of it as lines of text: what was promised, what is the case, both sides, and the steps with their events.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "{}", self.name)?;
        match &self.matter {
            Matter::Promised(sentence) => writeln!(out, "Promised: {sentence}")?,
            Matter::Reached(sentence) => writeln!(out, "Reached: {sentence}")?,
            Matter::Step(Some(rule)) => writeln!(out, "Rule {}: {}", rule.section, rule.sentence)?,
            Matter::Step(None) => {}
        }
        writeln!(out, "Now: {}.", self.now)?;
        self.agreed.iter().try_for_each(|agreed| writeln!(out, "Counted: {agreed}"))?;
        self.sides.iter().try_for_each(|side| writeln!(out, "Side: {side}"))?;
        for step in &self.steps {
            let (event, time) = (step.line.index, seconds(step.line.record.time, 6));
            writeln!(out, "{event:>5} {time:>10}  {:<7} {}", step.because.word(), step.sentence)?;
        }
        if let Some(twin) = &self.twin {
            twin.twins.iter().try_for_each(|it| writeln!(out, "Twin {}: {}", it.name, it.sentence))?;
            let mut rules: Vec<&Rule> = Vec::new();
            for rule in twin.told.iter().flat_map(|told| told.rules).flatten() {
                if !rules.contains(&rule) {
                    writeln!(out, "Rule {}: {}", rule.section, rule.sentence)?;
                    rules.push(rule);
                }
            }
            writeln!(out, "{}", twin.sentence)?;
        }
        self.remark.iter().try_for_each(|remark| writeln!(out, "{remark}"))
    }
}

impl Display for Agreed {
    /// `2 of 3 votes, needs 2: n1 with event 4, n2 with event 7`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.poll)?;
        for (place, (node, event)) in self.since.iter().enumerate() {
            write!(out, "{}{node}", if place == 0 { ": " } else { ", " })?;
            event.map_or(Ok(()), |event| write!(out, " with event {event}"))?;
        }
        Ok(())
    }
}

impl Display for SideView {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.node)?;
        if let Some(fact) = self.fact {
            write!(out, ", {fact}: {}", self.value.as_deref().unwrap_or("nothing"))?;
        }
        for (place, node) in self.also.iter().enumerate() {
            write!(out, "{}{node}", if place == 0 { ", as at " } else { ", " })?;
        }
        self.event.map_or(Ok(()), |event| write!(out, ", since event {event}"))
    }
}

impl Because {
    /// The reason in a word.
    fn word(self) -> &'static str {
        match self {
            Because::Shared => "shared",
            Because::Side(0) => "side 1",
            Because::Side(_) => "side 2",
            Because::Fault => "fault",
            Because::Twin => "twin",
            Because::Absence => "missing",
            Because::Reached => "reached",
            Because::Agreed => "agreed",
            Because::Led => "led",
        }
    }
}
