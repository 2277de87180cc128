//! Properties: what is claimed of every run, as a name, one sentence, and a function that judges it.
//!
//! A property is judged after every step, by what that step added: the record holds what the judge remembers of
//! all earlier steps, the scene the nodes and outputs of this one. So judging costs the same however long the run is.

use crate::card::Fact;
use crate::name::NodeId;
use crate::protocol::Protocol;
use crate::slot::{Held, Slot};
use crate::time::Micros;
use std::fmt::Display;
use std::rc::Rc;

/// How a run contradicts a property: in one sentence, and by what two nodes, or one at two times, hold or did. No run depends on
/// it, and no record has to keep when something happened: whoever explains the contradiction looks for that in the run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contradiction {
    /// Who saw what; empty where nobody reads it.
    pub sentence: String,
    /// The sides, that of the latest step first; none where there is no more to show than the step.
    pub sides: Vec<Side>,
}

impl Contradiction {
    /// A contradiction between these sides, that of the latest step first.
    pub fn between(sentence: String, sides: impl Into<Vec<Side>>) -> Self {
        Contradiction { sentence, sides: sides.into() }
    }
}

impl From<String> for Contradiction {
    fn from(sentence: String) -> Self {
        Contradiction { sentence, sides: Vec::new() }
    }
}

/// One side of a contradiction: a node, what it holds, and the step that made it so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Side {
    /// The node; `None` for whichever was the first to tell it.
    pub node: Option<NodeId>,
    /// What it holds, as its card shows it, where that is to be seen.
    pub fact: Option<Fact<'static>>,
    /// The step that made it so.
    pub made: Made,
}

/// The step that made a side of a contradiction so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Made {
    /// The latest step of the node that changed the fact; without a fact, its latest step.
    Lately,
    /// The first step in which the node told the application one of these, in its words.
    Telling {
        /// What it told.
        words: Vec<String>,
        /// What it told before, where only later steps count.
        after: Option<String>,
    },
    /// The latest crash of the node.
    Crashing,
}

impl Side {
    /// What this node holds, or did in its latest step.
    pub fn of(node: NodeId) -> Self {
        Side { node: Some(node), fact: None, made: Made::Lately }
    }

    /// What a node was the first to tell the application, whichever it was.
    pub fn first_to_tell(output: &impl Display) -> Self {
        let side = Side { node: None, fact: None, made: Made::Lately };
        side.telling(output)
    }

    /// It was made so when the node first told the application this.
    #[must_use]
    pub fn telling(self, output: &impl Display) -> Self {
        self.telling_one_of([output])
    }

    /// It was made so when the node first told the application one of these.
    #[must_use]
    pub fn telling_one_of(self, outputs: impl IntoIterator<Item = impl Display>) -> Self {
        let words = outputs.into_iter().map(|output| output.to_string()).collect();
        Side { made: Made::Telling { words, after: None }, ..self }
    }

    /// It was made so when the node first told the application this after it had told that.
    #[must_use]
    pub fn telling_after(self, output: &impl Display, before: &impl Display) -> Self {
        let (words, after) = (vec![output.to_string()], Some(before.to_string()));
        Side { made: Made::Telling { words, after }, ..self }
    }

    /// It was made so when the node last crashed.
    #[must_use]
    pub fn crashing(self) -> Self {
        Side { made: Made::Crashing, ..self }
    }

    /// What its card shows of it.
    #[must_use]
    pub fn showing(self, fact: Fact<'static>) -> Self {
        Side { fact: Some(fact), ..self }
    }
}

/// In which sense a property holds of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sense {
    /// After every step.
    Always,
    /// After some step of some run: it shows that what `Always` forbids could have come up.
    Sometimes,
    /// At the end of every run that was left alone for long enough: for as long as [`Protocol::settles`] says.
    Eventually,
}

/// What a property is about: a step that touches nothing of it need not be judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// Anything: it is judged after every step.
    Everything,
    /// What applications are told.
    Outputs,
    /// What is on the disks.
    Disks,
}

/// Which failures that nobody has repaired leave a claim about the end to be judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Despite {
    /// None: all nodes must be up and links whole.
    Nothing,
    /// Nodes that are down, however many; all else must be repaired.
    Crashes,
    /// Whatever concerns no more nodes than [`Protocol::tolerated`] says: they may be down, paused or cut off.
    Few,
}

/// One claim about a protocol.
pub struct Property<P: Protocol> {
    /// The name the paper gives it.
    pub name: &'static str,
    /// What it says, in one sentence of the reader's.
    pub sentence: &'static str,
    /// In which sense it is claimed.
    pub sense: Sense,
    /// What it is about.
    pub about: About,
    /// Which failures it endures, if it is claimed of the end.
    pub despite: Despite,
    /// Whether there is anything to judge: what it speaks of has come up, and what it is claimed under is so. Otherwise what is
    /// missing, in words that go on after “not judged:”.
    pub asked: fn(&Scene<'_, P>) -> Result<(), &'static str>,
    /// When that came up of which a claim about the end does not hold yet: the oldest, where there are several. `None` if nothing
    /// can change it any more.
    pub since: fn(&Scene<'_, P>) -> Option<Micros>,
    /// Whether the latest step is as the property says; otherwise what contradicts it, which is read only where the
    /// property should hold.
    pub holds: fn(&Scene<'_, P>) -> Result<(), Contradiction>,
}

/// A property that holds after every step.
pub const fn always<P: Protocol>(
    name: &'static str,
    sentence: &'static str,
    about: About,
    holds: fn(&Scene<'_, P>) -> Result<(), Contradiction>,
) -> Property<P> {
    of_steps(name, sentence, Sense::Always, about, holds)
}

/// A property that holds in the end, once nothing disturbs the nodes any more: no failure is left but those that it endures,
/// and what it speaks of has come up. Its scene has no step: it looks at the nodes and the record.
pub const fn eventually<P: Protocol>(
    name: &'static str,
    sentence: &'static str,
    despite: Despite,
    asked: fn(&Scene<'_, P>) -> Result<(), &'static str>,
    holds: fn(&Scene<'_, P>) -> Result<(), Contradiction>,
) -> Property<P> {
    let (sense, about) = (Sense::Eventually, About::Everything);
    Property { name, sentence, sense, about, despite, asked, since: |_| Some(0), holds }
}

/// A property that is reached by some step.
pub const fn sometimes<P: Protocol>(
    name: &'static str,
    sentence: &'static str,
    about: About,
    holds: fn(&Scene<'_, P>) -> Result<(), Contradiction>,
) -> Property<P> {
    of_steps(name, sentence, Sense::Sometimes, about, holds)
}

/// A property that is judged of steps.
const fn of_steps<P: Protocol>(
    name: &'static str,
    sentence: &'static str,
    sense: Sense,
    about: About,
    holds: fn(&Scene<'_, P>) -> Result<(), Contradiction>,
) -> Property<P> {
    let despite = Despite::Nothing;
    Property { name, sentence, sense, about, despite, asked: |_| Ok(()), since: |_| Some(0), holds }
}

impl<P: Protocol> Property<P> {
    /// The same, judged only where this is so; otherwise what is not, in words that go on after “not judged:”. It holds back no
    /// violation of what must hold always: where that breaks, there was something to judge, if only in the step that broke it,
    /// which the record does not have yet.
    #[must_use]
    pub const fn given(self, asked: fn(&Scene<'_, P>) -> Result<(), &'static str>) -> Self {
        Property { asked, ..self }
    }

    /// The same, violated only once that which came up then has had time, too, or at once if nothing can change it any more.
    #[must_use]
    pub const fn since(self, since: fn(&Scene<'_, P>) -> Option<Micros>) -> Self {
        Property { since, ..self }
    }
}

/// A claim without its types: what the engine has to know to judge it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// In which sense it is claimed.
    pub sense: Sense,
    /// What it is about.
    pub about: About,
    /// Which failures it endures.
    pub despite: Despite,
}

/// What is known of a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// Neither violated nor reached so far.
    Open,
    /// Something that must hold always did not after this event; or what must hold in the end does not.
    Violated {
        /// The event.
        at: u32,
        /// What contradicts it.
        contradiction: Rc<Contradiction>,
    },
    /// Something that should come up did, with this event.
    Reached {
        /// The event.
        at: u32,
    },
    /// There is nothing to judge: what it speaks of has not come up, a failure is left that it does not endure, or it has not
    /// had the time that it may take.
    Unjudged {
        /// Why, in words that go on after “not judged:”.
        why: Rc<str>,
    },
}

/// What a property may look at: the latest step, the nodes as it left them, and the record of what came before. What a node
/// is or tells that is taken over is not seen: claims are made of correct nodes.
pub struct Scene<'a, P: Protocol> {
    /// What the judge remembers of all steps before this one.
    pub record: &'a P::Record,
    /// The node that took the step.
    pub who: NodeId,
    /// Its state now; `None` when the step was its crash, or it is taken over.
    pub node: Option<&'a P>,
    /// What it told the application in this step.
    pub outputs: &'a [P::Output],
    /// The time of the step, or at which a claim about the end is judged; 0 in a search.
    pub now: Micros,
    /// When the last disturbance ended, where a claim about the end is judged; see [`crate::protocol::Quiet::from`].
    pub peace: Micros,
    /// Where a claim about the end is judged, the time before which all that came up has had its time.
    pub due: Micros,
    pub(crate) slots: &'a [Rc<Slot>],
}

impl<P: Protocol> Scene<'_, P> {
    /// A node's state; `None` while it is down.
    pub fn node_of(&self, id: NodeId) -> Option<&P> {
        node_of(self.slots, id)
    }

    /// How many nodes there are, up or down.
    pub fn count(&self) -> usize {
        self.slots.len()
    }

    /// Whether nobody has taken this node over. What it told before that is in the record, and should not count.
    pub fn is_honest(&self, id: NodeId) -> bool {
        self.slots.get(id.index()).is_some_and(|slot| !slot.taken)
    }

    /// Every honest node that is up, with its name.
    pub fn nodes(&self) -> impl Iterator<Item = (NodeId, &P)> {
        (0..self.slots.len() as u32)
            .map(NodeId)
            .filter_map(|id| node_of(self.slots, id).map(|node| (id, node)))
    }
}

/// A node's state with its type; `None` while it is down or taken over.
pub(crate) fn node_of<P: Protocol>(slots: &[Rc<Slot>], id: NodeId) -> Option<&P> {
    let machine = slots.get(id.index()).filter(|slot| !slot.taken)?.machine.as_ref()?;
    machine.downcast_ref::<Held<P>>().map(|held| &held.node)
}
