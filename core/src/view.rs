//! The View: all that a front end draws, as plain data that compares by value.
//!
//! **Architecture invariant.** A front end never reaches behind the View: no fact about a protocol is computed
//! outside the core, and wording comes from here.

use crate::node::NodeId;
use crate::time::Micros;
use crate::title::{Assumption, Kind, Layout, LogWords, Panel};
use crate::toolbox::quorum::NodeSet;
use crate::trace::{Line, Record, What};
use std::fmt::Display;
use std::rc::Rc;

mod blocks;
pub use blocks::{Block, Blocks};

/// In a larger crowd of messages under way none bears words.
pub const MOST_WORDED: usize = 400;

/// More nodes than this are a crowd: nobody reads all their cards, and nobody keeps count of all their links.
pub const CROWD: u32 = 256;

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
    /// Which views of all nodes the protocol wants.
    pub panels: &'static [Panel],
    /// What is said of the entries of logs.
    pub log_words: LogWords,
    /// The nodes, in order; one that stays as it is is shared from moment to moment. Of a crowd, which is more than
    /// [`CROWD`], those that nobody looks at have neither timers nor inputs, and a card with tone, role and place only;
    /// see [`crate::Session::focus`].
    pub nodes: Vec<Rc<NodeView>>,
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

/// A title and a sentence or two that a scenario shows from some moment on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Caption {
    /// A few words.
    pub title: String,
    /// One or two sentences; may be empty.
    pub text: String,
}

/// A node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeView {
    /// Its name.
    pub id: NodeId,
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

/// What role a node plays, as far as a picture cares.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// The usual one.
    #[default]
    Plain,
    /// It leads.
    Leading,
    /// It wants to lead, or is between two states.
    Seeking,
}

/// What a node knows, as it wants to be shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Card {
    /// Its own name, where it has one beside its number: the name of a queue; may be empty.
    pub title: String,
    /// Its role in one word.
    pub role: &'static str,
    /// How that is drawn.
    pub tone: Tone,
    /// The one fact that stands inside the node on the stage: `term 4`.
    pub badge: String,
    /// Its facts, the important first.
    pub fields: Vec<Field>,
    /// What it waits to hear from several others; a row of pips in the node.
    pub poll: Option<Poll>,
    /// Its log, for the logs panel.
    pub log: Vec<LogCell>,
    /// Where it believes the logs of others to be, for the logs panel.
    pub marks: Vec<LogMark>,
    /// Up to which index its log has given up its entries, 0 where it has all; none where it keeps no log.
    pub log_base: Option<u64>,
    /// Its table, for the table panel: keys and values.
    pub table: Vec<(String, String)>,
    /// Where it stands, as its layout counts; see [`Layout`].
    pub place: u32,
    /// Its vector clock, for the clocks panel.
    pub clock: Vec<u64>,
    /// Whom it holds for a member, and how, for the members panel.
    pub members: Vec<Member>,
    /// Its queues, for the lanes panel.
    pub lanes: Vec<Lane>,
    /// The nodes that it points at, drawn as lines on the stage.
    pub pointers: Vec<Pointer>,
    /// The ways of the requests that it began, the latest last, for the paths panel.
    pub paths: Vec<Path>,
}

impl Card {
    /// What of it is seen at a glance: its tone and role, and its place.
    #[inline(never)]
    pub fn at_a_glance(self) -> Self {
        let Card { role, tone, place, .. } = self;
        Card { role, tone, place, ..Card::default() }
    }
}

/// What a node waits to hear from several others, and counts: votes, prepares, answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Poll {
    /// What is counted, in the plural: `votes`.
    pub name: String,
    /// From whom it may come, in order, and whether it has.
    pub asked: Vec<(NodeId, bool)>,
    /// How many are enough; `None` where no number says.
    pub enough: Option<usize>,
}

impl Poll {
    /// A poll of these nodes, and who of them has answered as is wished.
    #[inline(never)]
    pub fn new(
        name: String,
        asked: Vec<NodeId>,
        enough: Option<usize>,
        has: &dyn Fn(NodeId) -> bool,
    ) -> Self {
        Poll { name, asked: asked.into_iter().map(|node| (node, has(node))).collect(), enough }
    }

    /// How many it has.
    pub fn got(&self) -> usize {
        self.asked.iter().filter(|(_, has)| *has).count()
    }

    /// Those from whom it has it, or those from whom it has not.
    pub fn who(&self, has: bool) -> NodeSet {
        self.asked.iter().filter(|(_, it)| *it == has).map(|(node, _)| *node).collect()
    }
}

impl Display for Poll {
    /// `2 of 5 votes, needs 3`.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (got, all) = (self.got(), self.asked.len());
        write!(out, "{got} of {all} {}", self.name)?;
        match self.enough {
            Some(enough) if enough == all => write!(out, ", needs all"),
            Some(enough) => write!(out, ", needs {enough}"),
            None => Ok(()),
        }
    }
}

/// Where a node believes another one's log to be. It is drawn in that one's row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogMark {
    /// Whose log.
    pub on: NodeId,
    /// The place in it; 0 is before the first entry.
    pub index: u64,
    /// Which of [`LogWords::marks`].
    pub sort: usize,
}

/// What a node holds a node for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    /// Which node.
    pub node: NodeId,
    /// How that is drawn.
    pub part: Part,
    /// What it is, in a word or two: `voter`, `suspected`.
    pub word: &'static str,
}

/// How a node takes part, as far as a picture cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// It does.
    Full,
    /// It will.
    Coming,
    /// It will not for much longer.
    Going,
    /// Perhaps it does not any more.
    Doubtful,
    /// It does not any more.
    Gone,
}

/// A queue, with what waits in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lane {
    /// What it is called.
    pub name: String,
    /// What is to be said of the whole; may be empty.
    pub note: String,
    /// What is in it, what comes out next first.
    pub items: Vec<LaneItem>,
}

/// One thing in a queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaneItem {
    /// What it is: `m2 from n1`.
    pub text: String,
    /// Why it is as it is: `waits for the 3rd of n2`; may be empty.
    pub note: String,
    /// How it stands.
    pub state: LaneState,
    /// Whether the latest event changed it.
    pub changed: bool,
}

/// How something in a queue stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LaneState {
    /// It could come out.
    Ready,
    /// It waits for something else.
    Waiting,
    /// It was handed out, and nobody has said yet that it arrived.
    Taken,
    /// It came out.
    Done,
}

/// A node that a node points at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pointer {
    /// What it is to it: `successor`, `finger 3`, a binding's pattern.
    pub name: String,
    /// Whom it points at.
    pub to: NodeId,
    /// Whether it is always drawn; otherwise while the node is selected.
    pub always: bool,
}

/// The way of a request from node to node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// What is asked: `key 42`.
    pub name: String,
    /// The nodes that it has come to, in order.
    pub nodes: Vec<NodeId>,
    /// What came of it; empty while it is under way.
    pub outcome: String,
}

/// A chart as it is drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Curves {
    /// What it shows, in a few words.
    pub name: &'static str,
    /// What to see in it.
    pub sentence: &'static str,
    /// What is measured along it and upwards.
    pub axes: (&'static str, &'static str),
    /// What was measured, in order.
    pub measured: Vec<(u64, u64)>,
    /// What theory says, in order; may be empty.
    pub theory: Vec<(u64, u64)>,
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

/// One fact on a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// What the paper calls it.
    pub name: &'static str,
    /// Its value in words.
    pub value: String,
    /// What sort of fact it is.
    pub meaning: Meaning,
    /// Whether the latest event changed it.
    pub changed: bool,
}

/// What sort of fact a field states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// A logical time that only grows.
    Term,
    /// A number that counts something.
    Counter,
    /// One or more nodes.
    Nodes,
    /// Anything else.
    Value,
}

impl Field {
    /// A field that has not changed.
    pub fn new(name: &'static str, meaning: Meaning, value: impl Display) -> Self {
        Self::of(name, meaning, &value)
    }

    /// A call, which would otherwise be compiled again for every type.
    #[inline(never)]
    fn of(name: &'static str, meaning: Meaning, value: &dyn Display) -> Self {
        Field { name, value: value.to_string(), meaning, changed: false }
    }
}

/// One entry of a replicated log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogCell {
    /// Its place, from 1.
    pub index: u64,
    /// The term or epoch it was made in; it decides the colour.
    pub term: u64,
    /// What it says.
    pub text: String,
    /// Whether nothing can take it away: the node knows it to be committed or, in a log that is written lazily, has it
    /// on disk.
    pub committed: bool,
    /// Whether the latest event put it there.
    pub changed: bool,
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
    /// What should come up sometimes has, with this event.
    Reached {
        /// The event.
        event: usize,
    },
    /// What should come up sometimes has not yet.
    Open,
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

/// Something that the protocol assumes and that has been broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Breach {
    /// What sort of assumption it is.
    pub assumption: Assumption,
    /// By which event; by what is set before the run, without one.
    pub event: Option<usize>,
    /// The record of that event, once it has happened.
    pub by: Option<Record>,
    /// What is assumed, and what is so now.
    pub sentence: &'static str,
}

impl Breach {
    /// What was done, as it stands after `since`.
    pub fn deed(&self) -> String {
        let Some(record) = self.by else { return "it was set up".into() };
        let (node, from) = (NodeId(record.node), NodeId(record.peer));
        match record.what {
            What::Crash => format!("{node} crashed"),
            What::CrashLosing => format!("the disk of {node} lost something"),
            What::Restart => format!("{node} came back"),
            What::TakeOver => format!("{node} was taken over"),
            What::Pause => format!("{node} was paused"),
            What::Slow => format!("{node} runs at another speed"),
            What::Clock => format!("the clock of {node} was changed"),
            What::Fire => format!("a timer of {node} was fired"),
            What::Drop => format!("a message of {from} was dropped"),
            What::Delay => format!("a message of {from} was delayed"),
            What::Duplicate => format!("a message of {from} was copied"),
            What::Deliver => format!("a message of {from} overtook another"),
            What::Cut => "links were cut".into(),
            What::Hold => "something was held".into(),
            What::Stand => "messages of a sort were lost".into(),
            _ => "links were changed".into(),
        }
    }
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
    /// The event that it is; `None` beyond the horizon.
    pub event: Option<usize>,
    /// Why it changed nothing; `None` when it did what it says or is not known yet.
    pub refused: Option<String>,
}

/// A fact about a node that can be asked after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact<'a> {
    /// Its role.
    Role,
    /// A field of its card, by its name.
    Field(&'a str),
    /// The entry at a place of its log.
    Cell(u64),
    /// The value of a key in its table.
    Row(&'a str),
}

impl Fact<'_> {
    /// Its value on a card; `None` where there is none.
    pub fn of(&self, card: &Card) -> Option<String> {
        match self {
            Fact::Role => Some(card.role.to_owned()).filter(|role| !role.is_empty()),
            Fact::Field(name) => {
                card.fields.iter().find(|field| field.name == *name).map(|it| it.value.clone())
            }
            Fact::Cell(index) => {
                let cell = card.log.iter().find(|cell| cell.index == *index);
                cell.map(|cell| format!("{} of term {}", cell.text, cell.term))
            }
            Fact::Row(key) => card.table.iter().find(|(name, _)| name == key).map(|(_, value)| value.clone()),
        }
    }

    /// Whether a node can have it from another: a role is everyone's own.
    pub fn travels(&self) -> bool {
        *self != Fact::Role
    }
}

impl std::fmt::Display for Fact<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Fact::Role => write!(out, "role"),
            Fact::Field(name) => write!(out, "{name}"),
            Fact::Cell(index) => write!(out, "log {index}"),
            Fact::Row(key) => write!(out, "table {key}"),
        }
    }
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
}
