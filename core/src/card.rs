//! What the author of a protocol fills in for the page: a node's [`Card`], with all that panels and the stage show of it.

use crate::name::NodeId;
use crate::sign::{Held, Sign, Story};
use crate::toolbox::quorum::NodeSet;
use std::fmt::{self, Display};

/// What a node knows, as it wants to be shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Card {
    /// Its own name, where it has one beside its number: the name of a queue; may be empty.
    pub title: String,
    /// Its role in one word.
    pub role: &'static str,
    /// How its state is drawn.
    pub sign: Sign,
    /// The node to which it has given its vote in an election that it does not know to be over: a pennant that points there.
    pub voted: Option<NodeId>,
    /// The one fact that stands inside the node on the stage: `term 4`.
    pub badge: String,
    /// Its facts, the important first.
    pub fields: Vec<Field>,
    /// What it waits to hear from several others or, as long as that tells something, has heard; a row of pips in the node.
    pub poll: Option<Poll>,
    /// The versions that it holds, as labels beside it.
    pub holds: Vec<Held>,
    /// The stories that it has been told and goes by; it tells its own, too.
    pub told: Vec<Story>,
    /// Its log, for the logs panel.
    pub log: Vec<LogCell>,
    /// Where it believes the logs of others to be, for the logs panel.
    pub marks: Vec<LogMark>,
    /// Up to which index its log has given up its entries, 0 where it has all; none where it keeps no log.
    pub log_base: Option<u64>,
    /// What it knows beside its log: branches that it does not follow, each from the first entry on, for the tree of logs.
    pub branches: Vec<Vec<LogCell>>,
    /// Its table, for the table panel: keys and values.
    pub table: Vec<(String, String)>,
    /// Where it stands, as its layout counts.
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
    /// What of it is seen at a glance: its sign and role, and its place.
    #[inline(never)]
    pub fn at_a_glance(self) -> Self {
        let Card { role, sign, place, .. } = self;
        Card { role, sign, place, ..Card::default() }
    }
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

impl Display for Fact<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fact::Role => write!(out, "role"),
            Fact::Field(name) => write!(out, "{name}"),
            Fact::Cell(index) => write!(out, "log {index}"),
            Fact::Row(key) => write!(out, "table {key}"),
        }
    }
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

/// One entry of a replicated log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogCell {
    /// Its place, from 1.
    pub index: u64,
    /// The term or epoch it was made in; it decides the colour.
    pub term: u64,
    /// What it says.
    pub text: String,
    /// Whether its tile on the stage bears what it says; otherwise it bears the term.
    pub named: bool,
    /// Whether nothing can take it away: the node knows it to be committed or, in a log that is written lazily, has it
    /// on disk.
    pub committed: bool,
    /// Whether the latest event put it there.
    pub changed: bool,
}

/// Where a node believes another one's log to be. It is drawn in that one's row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogMark {
    /// Whose log.
    pub on: NodeId,
    /// The place in it; 0 is before the first entry.
    pub index: u64,
    /// Which of the protocol's marks, by its place.
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
    /// The nodes that it has come to, in order, and last the one that was looked for, once that is known.
    pub nodes: Vec<NodeId>,
    /// Over how many hops it was passed on. Where the last node before the one that was looked for answers, none leads
    /// to that one.
    pub hops: usize,
    /// What came of it; empty while it is under way.
    pub outcome: String,
}
