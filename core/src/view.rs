//! The View: all that a front end draws, as plain data that compares by value.
//!
//! **Architecture invariant.** A front end never reaches behind the View: no fact about a protocol is computed
//! outside the core, and wording comes from here.

use crate::name::NodeId;
use crate::scenario::Caption;
use crate::time::Micros;
use crate::title::{Kind, LaneWords, Layout, LogWords, Panel};
use crate::trace::Line;
use crate::world::Breach;
use std::rc::Rc;

mod bearers;
mod blocks;
mod connects;
mod explanation;

// What a front end draws is complete here, the cards that protocols fill in among it.
pub use crate::card::{
    Card, Fact, Field, Lane, LaneItem, LaneState, LogCell, LogMark, Meaning, Member, Part, Path, Pointer,
    Poll,
};
pub use crate::sign::{Age, Face, Held, SIGNS, Sign, Story};

pub use bearers::Bearers;
pub use blocks::{Block, Blocks};
pub use connects::Quorum;
pub use explanation::{
    Agreed, Because, Divides, ExplainStep, Explanation, MOST_TOLD, Matter, SideView, TwinView,
};

/// In a larger crowd of messages under way none bears words.
pub const MOST_WORDED: usize = 400;

/// One moment of a run, complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// The moment that is shown.
    pub time: Micros,
    /// How many events have happened by then.
    pub event: usize,
    /// How many events are known, up to the horizon.
    pub events: usize,
    /// Until when the run is known.
    pub horizon: Micros,
    /// What the scenario says about this moment.
    pub caption: Option<Caption>,
    /// How to arrange the nodes.
    pub layout: Layout,
    /// Which views of all nodes stand beside the stage, because the protocol is about them.
    pub picture: &'static [Panel],
    /// Which others the protocol wants.
    pub panels: &'static [Panel],
    /// What is said of the entries of logs.
    pub log_words: LogWords,
    /// What lanes are called.
    pub lane_words: LaneWords,
    /// The nodes, in order; one that stays as it is is shared from moment to moment. Of a crowd, which is more than
    /// [`CROWD`](crate::world::CROWD), those that nobody looks at have neither timers nor inputs, and a card with sign,
    /// role and place only; see [`crate::Session::focus`].
    pub nodes: Vec<Rc<NodeView>>,
    /// Of the nodes that know ways of requests, the one that was asked last.
    pub asked: Option<NodeId>,
    /// The cuts through the run that nodes have named, as far as the run is known, in the order in which they began.
    pub frontiers: Rc<Vec<Frontier>>,
    /// The messages in flight, the first sent first.
    pub messages: Vec<MessageView>,
    /// The directed links that are cut.
    pub cuts: Vec<(NodeId, NodeId)>,
    /// The directed links on which what would arrive waits.
    pub held: Vec<(NodeId, NodeId)>,
    /// The directed links that do not behave as all do.
    pub altered: Vec<(NodeId, NodeId)>,
    /// What is claimed, and how it stands.
    pub claims: Vec<Claim>,
    /// What has been broken of what the claims assume.
    pub broken: Vec<Breach>,
    /// The latest event in words; `None` before the first.
    pub latest: Option<Line>,
}

/// A node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeView {
    /// Its name.
    pub id: NodeId,
    /// What it is called, where the scenario has a name for it; else the same.
    pub called: String,
    /// Whether it is up. Of a node that is down the card shows what is on its disk.
    pub up: bool,
    /// Whether it has started. One that has not is not up and has not crashed: the run is about to begin.
    pub booted: bool,
    /// Whether it is up and paused: it takes no step, and what comes to it waits.
    pub paused: bool,
    /// Whether somebody has taken it over: it is Byzantine, and may lie.
    pub taken: bool,
    /// What it knows.
    pub card: Card,
    /// How far its clock is from true time, in microseconds: more than 0 if it is ahead.
    pub clock: i64,
    /// Its timers, the first to fire first.
    pub timers: Vec<TimerView>,
    /// What it may be asked now, in the words of a scenario.
    pub inputs: Vec<String>,
}

impl View {
    /// The first moment of nothing: these nodes and messages, and no run.
    pub fn plain(layout: Layout, nodes: Vec<NodeView>, messages: Vec<MessageView>) -> Self {
        View {
            time: 0,
            event: 0,
            events: 0,
            horizon: 0,
            caption: None,
            layout,
            picture: &[],
            panels: &[],
            log_words: LogWords { number: "", settled: "", marks: &[] },
            lane_words: LaneWords { all: "", one: "" },
            nodes: nodes.into_iter().map(Rc::new).collect(),
            asked: None,
            frontiers: Rc::default(),
            messages,
            cuts: Vec::new(),
            held: Vec::new(),
            altered: Vec::new(),
            claims: Vec::new(),
            broken: Vec::new(),
            latest: None,
        }
    }
}

impl NodeView {
    /// Whether it is up and drawn as one that leads.
    pub fn leads(&self) -> bool {
        self.up && self.card.sign == Sign::Leading
    }

    /// A node that is up, with nothing out of the ordinary.
    pub fn plain(id: NodeId, card: Card) -> Self {
        NodeView {
            id,
            called: id.to_string(),
            up: true,
            booted: true,
            paused: false,
            taken: false,
            card,
            clock: 0,
            timers: Vec::new(),
            inputs: Vec::new(),
        }
    }
}

/// A timer that is set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimerView {
    /// Its name in scenarios.
    pub name: String,
    /// When it was set.
    pub set: Micros,
    /// When it will fire.
    pub fires: Micros,
}

/// What clients asked and were told, up to the moment that is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operations {
    /// The operations, in the order of their invocations.
    pub operations: Vec<OperationView>,
    /// Whether they could have happened one by one; `None` where that is not known.
    pub linearizable: Option<bool>,
    /// The verdict in a sentence.
    pub sentence: String,
}

/// What a client asked and was told. Times are ticks: every invocation and every answer is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperationView {
    /// The client.
    pub process: u64,
    /// What was asked and answered.
    pub text: String,
    /// When it was asked.
    pub invoked: u64,
    /// When it was answered; `None` while it is open.
    pub returned: Option<u64>,
    /// Whether it is the first that cannot be explained.
    pub impossible: bool,
}

/// What will become of a message if nobody touches it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outlook {
    /// It arrives.
    Arrives,
    /// The network loses it on the way.
    Lost,
}

/// A message in flight. Where it is at time `t` is `(t - sent) / (until - sent)` of its way; one that the network
/// loses gets only half-way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageView {
    /// A number that no other message of the run has.
    pub id: u64,
    /// Its name in scenarios at this moment: `n1>n3 Append`, with `#2` where it is the second such. It is empty, as is
    /// its text, in a crowd of more than [`MOST_WORDED`]; then a session is asked for one message.
    pub name: String,
    /// Its sender.
    pub from: NodeId,
    /// Its receiver.
    pub to: NodeId,
    /// Its kind.
    pub kind: Kind,
    /// All that it says.
    pub text: String,
    /// What it says of a matter of which everybody should be told the same; its face is set while two are told.
    pub story: Option<Story>,
    /// The way so far of the request that it carries on or answers.
    pub way: Option<Path>,
    /// How many signed statements of others it shows as a proof.
    pub proofs: usize,
    /// The event that sent it.
    pub cause: usize,
    /// When it was sent.
    pub sent: Micros,
    /// When it arrives or is lost. One that has to wait may be late.
    pub until: Micros,
    /// Whether it or its link is held.
    pub held: bool,
    /// Which of the two.
    pub outlook: Outlook,
}

/// How a claim stands at the moment that is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It has held so far.
    Holds,
    /// It was violated by this event; who saw what.
    Violated {
        /// The event.
        event: usize,
        /// Who saw what.
        sentence: String,
    },
    /// It is about the end, has had its time, and does not hold; who lacks what.
    Unmet {
        /// Who lacks what.
        sentence: String,
    },
    /// What should come up sometimes has, with this event.
    Reached {
        /// The event.
        event: usize,
    },
    /// What should come up sometimes has not yet.
    Open,
    /// It says nothing at this moment: nothing that it speaks of has come up, a failure is not repaired, or it still has time.
    Unjudged {
        /// Why, in words that go on after “not judged:”.
        why: String,
    },
    /// What it assumes was broken, and so far nothing has violated it: it can be promised no more.
    Unpromised {
        /// What was done by then: `n1 was taken over`; see [`Breach::deed`].
        since: String,
    },
}

/// A claim and how it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The name the paper gives it.
    pub name: String,
    /// What it says.
    pub sentence: String,
    /// How it stands.
    pub standing: Standing,
    /// Whether it is promised: nothing that it assumes has been broken, at least not before it was violated. What should
    /// come up sometimes assumes nothing. A violation of what is not promised is one all the same.
    pub promised: bool,
}

/// Everything that happened in a stretch of time, for the space–time diagram.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagram {
    /// Messages that were sent, arrived, or were lost in the stretch.
    pub arrows: Vec<Arrow>,
    /// What happened to nodes otherwise.
    pub dots: Vec<Dot>,
    /// Stretches in which a node was down: the node, from when, until when.
    pub gaps: Vec<(NodeId, Micros, Micros)>,
}

/// A message in the diagram.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrow {
    /// Who sent it.
    pub from: NodeId,
    /// To whom.
    pub to: NodeId,
    /// When it was sent.
    pub sent: Micros,
    /// When it arrived, was lost or was dropped.
    pub until: Micros,
    /// The event that sent it.
    pub cause: usize,
    /// The event with which it ended; `None` while it is still in flight at the horizon.
    pub end: Option<usize>,
    /// What became of it.
    pub ending: Ending,
    /// Its kind.
    pub kind: Kind,
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It arrived.
    Arrived,
    /// The network lost it half-way.
    LostOnTheWay,
    /// It came all the way and was lost there: the receiver was down, or the link cut.
    LostAtEnd,
    /// Somebody took it away.
    Dropped,
    /// It is still in flight at the horizon.
    Flying,
}

/// A cut through a run: of each node that has a point of it, what comes before the point lies before the cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frontier {
    /// Its name: `snapshot 1`.
    pub name: String,
    /// The points, a node each, in the order of the run.
    pub points: Vec<Point>,
    /// The messages that were received before the cut and sent after it.
    pub backwards: Vec<Backwards>,
}

impl Frontier {
    /// Whether what lies before the cut could have happened without what lies after it: no message crosses it backwards.
    pub fn is_consistent(&self) -> bool {
        self.backwards.is_empty()
    }

    /// Its name and whether it is consistent: `snapshot 1: consistent`.
    pub fn verdict(&self) -> String {
        format!("{}: {}", self.name, if self.is_consistent() { "consistent" } else { "not consistent" })
    }
}

/// A node's point of a cut: the step with which what lies after the cut begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// Whose.
    pub node: NodeId,
    /// Which event.
    pub event: usize,
    /// When.
    pub time: Micros,
}

/// A message that crosses a cut backwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backwards {
    /// Who sent it, after the cut.
    pub from: NodeId,
    /// Who received it, before the cut.
    pub to: NodeId,
    /// When it was sent.
    pub sent: Micros,
    /// When it arrived.
    pub arrived: Micros,
    /// The event with which it arrived.
    pub event: usize,
}

/// A local event in the diagram.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dot {
    /// Which event.
    pub event: usize,
    /// Whose.
    pub node: NodeId,
    /// When.
    pub time: Micros,
    /// What sort of mark.
    pub mark: Mark,
    /// A word or two to stand beside it, such as the role or the badge that it brought; empty for the unimportant.
    pub label: String,
}

/// A mark on the time line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// A timer fired, or the node was asked something.
    Local,
    /// The protocol told this step in its own words.
    Milestone,
    /// Something was done to the system: a crash, a drop, a cut.
    Fault,
    /// Something was repaired: a restart, a healed link.
    Repair,
    /// A claim broke.
    Violation,
}

/// An event that a reader may want to jump to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Milestone {
    /// Which event.
    pub event: usize,
    /// When.
    pub time: Micros,
    /// What sort.
    pub mark: Mark,
}

/// An act of the scenario, as a mark that can be moved or taken away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActView {
    /// Its place among the acts.
    pub index: usize,
    /// When it is done.
    pub time: Micros,
    /// What is done, in the words of scenarios.
    pub words: String,
    /// Whether it only asks a node for something; all others interfere.
    pub asks: bool,
    /// The event that it is; `None` beyond the horizon.
    pub event: Option<usize>,
    /// Why it changed nothing; `None` when it did what it says or is not known yet.
    pub refused: Option<String>,
}

/// A fact before and after an event; `None` where there was none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Which fact.
    pub name: String,
    /// Its value before.
    pub before: Option<String>,
    /// Its value after.
    pub after: Option<String>,
}

/// One step of an answer to why: an event. The one before it in the answer is what it led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhyStep {
    /// The event in words, with its message or timer and its rule.
    pub line: Line,
    /// What it changed of the fact that was asked after.
    pub change: Option<Change>,
    /// What to say before it, where events of the chain are left out.
    pub skipped: Option<String>,
    /// Of a timer that fired, what would have kept it from that.
    pub absent: Vec<Absence>,
}

/// Something that did not come about, and the event that saw to that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Absence {
    /// What did not come about, and why not.
    pub sentence: String,
    /// The event: a loss, or what stopped a node.
    pub event: usize,
}
