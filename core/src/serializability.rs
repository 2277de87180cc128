//! # Serializability of transactions over lists (Adya, 1999; Kingsbury and Alvaro, 2020)
//!
//! Transactions append to lists and read them. They are **serializable** when some order of them, one after
//! the other, explains every read; **strong session serializable** when some such order keeps the order of
//! each process; **strict serializable** when some such order keeps time: a transaction that was answered
//! before another began comes first.
//!
//! To decide that is NP-complete for registers (Papadimitriou, 1979). Lists in which no element is appended
//! twice give the answer away, which is the idea of Elle (Kingsbury and Alvaro, Elle: inferring isolation
//! anomalies from experimental observations, VLDB 2020): a read shows all appends to its list so far and
//! their order. The longest read of a list is therefore its order of versions, and who depends on whom
//! follows:
//!
//! * **ww**: a transaction appended an element, another one the next;
//! * **wr**: a transaction read a list that ends with an element of another;
//! * **rw**: a transaction read a list without an element that another appended.
//!
//! An element of a committed transaction that no read shows comes after all that are shown, so its
//! transaction comes after the transaction of the longest read. Each edge says which transaction comes first
//! in every order; a cycle is a contradiction, and Adya names it by its edges: [`Kind`]. Without a cycle
//! every order along the edges explains all reads, once each read has been checked on its own (the kinds
//! before [`Kind::WriteCycle`]).
//!
//! **What is decided.** Where no element is appended to a list twice, everything, in both directions: a
//! history fails exactly if no order explains it. Where one is, the verdict is that nobody knows. A
//! transaction that was never answered has happened if a read shows an element of it, and otherwise may as
//! well not have happened. One that is aborted must not be seen.
//!
//! **What is left out.** Only one cycle is told, a shortest one of the worst kind, and of the other kinds one
//! case each with their number; Elle tells more of them. Looking for a shorter cycle ends after
//! [`MOST_STEPS`] steps. Weaker promises (snapshot isolation, read committed) are not judged, but
//! [`Kind::rules_out`] says which of them a cycle breaks. Registers that transactions overwrite show no order
//! of versions: Elle's `rw-register` infers some of it; here they are
//! [`MultiRegister`](crate::history::MultiRegister), and judged by search.
//!
//! Everything takes time in proportion to the text, but for sorting: strongly connected components are
//! Tarjan's (1972), without recursion, and edges that would be as many as the pairs of transactions go by way
//! of points in between, see `graph.rs`.

mod graph;
mod told;
mod versions;

use crate::history::model::ListAppend;
use crate::history::{Of, words};
use graph::{Graph, PROCESS, RW, TIME, WR, WW};
use versions::Versions;

/// How many edges are looked at to find a shorter cycle.
pub const MOST_STEPS: usize = 20_000_000;

/// What is promised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Promise {
    /// Some order explains all.
    Serializable,
    /// Some order explains all and keeps the order of each process.
    StrongSession,
    /// Some order explains all and keeps time.
    Strict,
}

/// What became of a history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// The promise is kept.
    Holds {
        /// An order that explains the history, by numbers of operations. Transactions that are not in it did
        /// not happen.
        order: Vec<usize>,
    },
    /// The promise is broken: each kind of anomaly that was found, in the order of the kinds.
    Fails(Vec<Anomaly>),
    /// It is not known.
    Unknown {
        /// Why, in a sentence.
        sentence: String,
    },
}

/// Why a promise is broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anomaly {
    /// Which one it is.
    pub kind: Kind,
    /// How many of this kind there are; of cycles the first is told and no other counted.
    pub count: usize,
    /// The transactions that make it up: of a cycle in its order.
    pub transactions: Vec<usize>,
    /// For a cycle a sentence for every edge of it; otherwise one.
    pub sentences: Vec<String>,
}

/// The kinds of anomalies, by their names in the literature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A read contradicts the reads and appends of its own transaction.
    Internal,
    /// A read shows an element that nobody appended.
    Garbage,
    /// A read shows an element twice.
    Duplicate,
    /// Two reads of a list of which neither begins with the other, or one that shows a transaction's elements
    /// in another order than it appended them.
    IncompatibleOrder,
    /// A read shows an element of an aborted transaction.
    AbortedRead,
    /// A read ends with an element after which the same transaction appended another to the list.
    IntermediateRead,
    /// A cycle of ww edges.
    WriteCycle(Along),
    /// A cycle of ww and wr edges.
    InformationCycle(Along),
    /// A cycle with exactly one rw edge.
    SingleAntiDependency(Along),
    /// A cycle with more than one rw edge, and none with one.
    AntiDependencyCycle(Along),
}

/// What else a cycle needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Along {
    /// Nothing.
    Data,
    /// The order of a process.
    Process,
    /// Time.
    Time,
}

impl Kind {
    /// Its name in the literature.
    pub fn name(self) -> String {
        let (name, along) = match self {
            Kind::Internal => ("internal", Along::Data),
            Kind::Garbage => ("garbage read", Along::Data),
            Kind::Duplicate => ("duplicate element", Along::Data),
            Kind::IncompatibleOrder => ("incompatible order", Along::Data),
            Kind::AbortedRead => ("G1a", Along::Data),
            Kind::IntermediateRead => ("G1b", Along::Data),
            Kind::WriteCycle(along) => ("G0", along),
            Kind::InformationCycle(along) => ("G1c", along),
            Kind::SingleAntiDependency(along) => ("G-single", along),
            Kind::AntiDependencyCycle(along) => ("G2", along),
        };
        let end = match along {
            Along::Data => "",
            Along::Process => "-process",
            Along::Time => "-realtime",
        };
        format!("{name}{end}")
    }

    /// Which weaker promise it breaks as well; none for what depends on processes or time.
    pub fn rules_out(self) -> Option<&'static str> {
        match self {
            Kind::WriteCycle(Along::Data) => Some("read uncommitted"),
            Kind::AbortedRead | Kind::IntermediateRead | Kind::InformationCycle(Along::Data) => {
                Some("read committed")
            }
            Kind::SingleAntiDependency(Along::Data) => Some("snapshot isolation"),
            Kind::AntiDependencyCycle(Along::Data) => Some("repeatable read"),
            _ => None,
        }
    }
}

/// Judges transactions over lists.
pub fn judge(history: &Of<ListAppend>, promise: Promise) -> Judgement {
    let mut versions = match Versions::of(history) {
        Ok(versions) => versions,
        Err(sentence) => return Judgement::Unknown { sentence },
    };
    let mut anomalies = std::mem::take(&mut versions.anomalies);
    let graph = Graph::of(history, &versions, promise);
    match (cycle(&graph, promise), anomalies.is_empty()) {
        (None, true) => return Judgement::Holds { order: graph.order() },
        (None, false) => {}
        (Some((kind, steps)), _) => anomalies.push(told::cycle(history, &versions, kind, &steps)),
    }
    Judgement::Fails(anomalies)
}

/// A shortest cycle of the first kind of which there is one.
fn cycle(graph: &Graph, promise: Promise) -> Option<(Kind, Vec<graph::Step>)> {
    // Most histories have none, and one look says so.
    graph.components(u8::MAX).has_cycle().then_some(())?;
    let along = [(Along::Data, 0, Promise::Serializable), (Along::Process, PROCESS, Promise::StrongSession)];
    for (along, more, from) in along.into_iter().chain([(Along::Time, TIME, Promise::Strict)]) {
        if from != Promise::Serializable && from != promise {
            continue;
        }
        let found = graph.shortest(WW | more).map(|steps| (Kind::WriteCycle(along), steps));
        let found = found.or_else(|| Some((Kind::InformationCycle(along), graph.shortest(WW | WR | more)?)));
        let all = WW | WR | RW | more;
        let found =
            found.or_else(|| Some((Kind::SingleAntiDependency(along), graph.shortest_with_one_rw(all)?)));
        let found = found.or_else(|| Some((Kind::AntiDependencyCycle(along), graph.shortest(all)?)));
        if found.is_some() {
            return found;
        }
    }
    None
}

/// A transaction in words, as in a list of them.
pub fn transaction(history: &Of<ListAppend>, number: usize) -> String {
    history.operations.get(number).map(words::<ListAppend>).unwrap_or_default()
}
