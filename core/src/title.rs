//! The title page of a protocol, without its types: what it is, what it assumes, how it is drawn, what may be set.

/// What links may do to messages. Each allows everything that the next one allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Links {
    /// Lose, delay, duplicate and reorder without bounds.
    Any,
    /// Lose, delay, duplicate and reorder, but not lose for ever what is sent again and again.
    FairLoss,
    /// The same, but deliver nothing twice: what a session gives that numbers its messages.
    AtMostOnce,
    /// Delay and reorder only.
    Perfect,
    /// Delay only.
    Fifo,
}

/// What nodes may do. Each allows everything that the one before allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Failures {
    /// Nothing.
    None,
    /// Stop for ever.
    CrashStop,
    /// Stop, and come back with what was on disk.
    CrashRecovery,
    /// Anything.
    Byzantine,
}

/// What is known about time. Each promises everything that the one before promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timing {
    /// Nothing.
    Asynchronous,
    /// Bounds that hold from some unknown moment on.
    PartiallySynchronous,
    /// Bounds that always hold.
    Synchronous,
}

/// Under which circumstances properties are promised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Assumptions {
    /// Of links.
    pub links: Links,
    /// Of nodes.
    pub failures: Failures,
    /// Of time.
    pub timing: Timing,
}

impl Assumptions {
    /// Of links, of nodes and of time, a sentence each.
    pub fn sentences(&self) -> [&'static str; 3] {
        let links = match self.links {
            Links::Any => {
                "Links may lose, delay, duplicate and reorder messages; they guarantee no delivery."
            }
            Links::FairLoss => {
                "Links may lose, delay, duplicate and reorder messages, but a message that is sent again and again arrives."
            }
            Links::AtMostOnce => "Links may lose, delay and reorder messages; no message arrives twice.",
            Links::Perfect => "Links may delay and reorder messages; each message arrives exactly once.",
            Links::Fifo => {
                "Links may delay messages; each message arrives exactly once, in the order of sending."
            }
        };
        let nodes = match self.failures {
            Failures::None => "Nodes do not fail.",
            Failures::CrashStop => "Nodes may crash; a crashed node never recovers.",
            Failures::CrashRecovery => "Nodes may crash, and recover with what is on their disks.",
            Failures::Byzantine => "Nodes may behave arbitrarily, and may even lie.",
        };
        let time = match self.timing {
            Timing::Asynchronous => "Delays have no bound: a message or a step may take any amount of time.",
            Timing::PartiallySynchronous => {
                "From some unknown moment on, messages and steps take no longer than a bound."
            }
            Timing::Synchronous => "Messages and steps never take longer than a known bound.",
        };
        [links, nodes, time]
    }
}

/// A sort of assumption.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assumption {
    /// What links may do.
    Links,
    /// What nodes may do.
    Failures,
    /// What is known about time.
    Timing,
}

/// How the stage arranges the nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// All alike, on a ring.
    Ring,
    /// In one row, in order.
    Row,
    /// In rows by what they are: clients, proxies, servers. A card's place is its row, the topmost 0.
    Tiers,
    /// In a square, for a crowd.
    Grid,
    /// The first in the middle, all others around it.
    Hub,
    /// On a circle of identifiers, clockwise from the top. A card's place is its share of the circle in 2⁻³².
    Circle,
    /// In levels from the top, each under its parent. A card's place is the number of its parent, from 0; the root's is its
    /// own.
    Tree,
    /// Wherever they say. A card's place is how far to the right it stands and how far down, each a share of the stage in
    /// 16 bits, the first in the upper half.
    Free,
}

/// A view of all nodes together that a protocol chooses from the fixed set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Panel {
    /// The replicated logs, a row a node, a column an index; a node's card carries its log.
    Logs,
    /// The records of all logs by what they say, a row a node; a node's card carries its log.
    Records,
    /// The replicated logs as a tree that branches where they disagree; a node's card carries its log.
    Blocks,
    /// Key-value tables, a row a key, a column a node; a node's card carries its pairs.
    Table,
    /// Vector clocks, a row a node, a column an entry; a node's card carries its clock.
    Clocks,
    /// Who holds whom for a member, a row a node, a column a node; a node's card carries its members. Where no card has
    /// any, nothing is shown.
    Members,
    /// Queues and partitions, a row each, in the order of waiting; a node's card carries its lanes.
    Lanes,
    /// The ways of requests from node to node; a node's card carries those that it began.
    Paths,
    /// What clients asked and were told, each operation a bar, with the verdict on the whole: [`Protocol::history`].
    History,
    /// Measured curves, theory's beside them: [`Protocol::charts`].
    Charts,
}

/// What is said of an entry of a node's log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogWords {
    /// What its number is, and its colour with it.
    pub number: &'static str,
    /// What it is when nothing can take it away.
    pub settled: &'static str,
    /// What one node may mark in another's log: the name of each sort, and what it means.
    pub marks: &'static [(&'static str, &'static str)],
}

/// What the lanes of a node's card are called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LaneWords {
    /// All of them, as the heading of their panel.
    pub all: &'static str,
    /// One of them.
    pub one: &'static str,
}

/// What does not depend on parameters.
#[derive(Debug)]
pub struct Info {
    /// Its name in links and files; it never changes.
    pub slug: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// By what else people search for it: abbreviations, relatives, words of the trade.
    pub aka: &'static str,
    /// The family it belongs to.
    pub family: &'static str,
    /// Who published it, where and when.
    pub source: &'static str,
    /// What it is for and how it works, in two or three sentences.
    pub idea: &'static str,
    /// What this implementation leaves out, in one sentence.
    pub left_out: &'static str,
    /// What is assumed for what must hold always: that nothing bad happens.
    pub safety: Assumptions,
    /// What is assumed for what must hold in the end, which is seldom less: that something good does.
    pub liveness: Assumptions,
    /// How many nodes it starts with, and the bounds within which that may be set.
    pub nodes: (u32, u32, u32),
    /// How long a run is when nothing is said about it, in microseconds.
    pub until: u64,
    /// Latency of a message when nothing is said about it, in microseconds: at least, at most.
    pub latency: (u64, u64),
    /// How often the workload asks something when nothing is said about it, in microseconds; 0 is never.
    pub ask: u64,
    /// How the stage arranges the nodes.
    pub layout: Layout,
    /// What it is about, as views of all nodes that stand beside the stage from the first moment: one, or two that are read
    /// together.
    pub picture: &'static [Panel],
    /// Which views of all nodes it wants besides.
    pub panels: &'static [Panel],
}

/// A kind of message: how it is named, and how it is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// The word with which such a message begins when printed.
    pub name: &'static str,
    /// One letter for the mark on the stage.
    pub letter: char,
    /// Whether it answers another message; replies are drawn hollow.
    pub reply: bool,
}

/// What a parameter counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Microseconds, written as a time.
    Time,
    /// Things.
    Count,
    /// Off (0) or on (1).
    Switch,
    /// One of some words; the value is its place in the list.
    Choice(&'static [&'static str]),
}

/// A setting: what may be chosen before a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Its name in scenarios: words joined by hyphens.
    pub name: &'static str,
    /// What it decides, in one sentence.
    pub sentence: &'static str,
    /// What it counts.
    pub unit: Unit,
    /// The least and the greatest value allowed.
    pub bounds: (u64, u64),
    /// Its value when nothing is said.
    pub default: u64,
}

/// A wrong twin: the protocol with one rule taken away or bent, as people have got it wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Twin {
    /// Its name in scenarios: words joined by hyphens.
    pub name: &'static str,
    /// What the twin does, in one sentence.
    pub sentence: &'static str,
    /// What has to be set for random faults to notice it, in the words of a scenario; nothing, where it shows in the
    /// protocol as it is by default.
    pub shows_with: &'static [&'static str],
}

/// A seed that is worth a look: something comes of it that not every seed brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vetted {
    /// The seed, of the protocol as it is by default.
    pub seed: u64,
    /// What happens, in one sentence.
    pub sentence: &'static str,
}

/// A run worth looking at that comes with the protocol.
#[derive(Clone, Copy, Debug)]
pub struct Preset {
    /// Its name in links and on the command line.
    pub name: &'static str,
    /// The scenario, as text.
    pub text: &'static str,
}

/// The presets of a protocol in the order of its gallery: its slug, then their names, each that of a text in its family's
/// `scenarios`.
#[macro_export]
macro_rules! presets {
    ($slug:literal: $($name:literal)+) => { $crate::presets!($slug, [$($name),+]) };
    ($slug:literal, [$($name:literal),+ $(,)?]) => {
        &[$($crate::title::Preset {
            name: $name,
            text: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/", $slug, "/", $name, ".txt")),
        }),+]
    };
}
pub use presets;
