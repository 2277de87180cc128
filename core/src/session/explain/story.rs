//! Which steps are told: the ends of both sides, what both descend from, and what mattered most on the way from there to each.

use crate::name::NodeId;
use crate::sim::Run;
use crate::toolbox::order;
use crate::trace::{Flags, Record, What};
use crate::view::{Absence, Because, MOST_TOLD};

/// The event that ends a side of the story, and the side by its place.
#[derive(Clone, Copy)]
pub(super) struct End {
    pub(super) event: usize,
    pub(super) side: usize,
}

/// A step that may be told.
pub(super) struct Candidate {
    pub(super) event: usize,
    pub(super) because: Because,
    /// What did not come about with it, or what would be without it.
    pub(super) absence: Option<Absence>,
}

impl Candidate {
    pub(super) fn new(event: usize, because: Because) -> Self {
        Candidate { event, because, absence: None }
    }
}

/// The past of every end.
struct Story<'a> {
    records: &'a [Record],
    ends: &'a [End],
    pasts: Vec<Vec<bool>>,
}

/// The steps that may be told, the most important first.
pub(super) fn candidates(run: &Run, ends: &[End], divides: impl Iterator<Item = usize>) -> Vec<Candidate> {
    let pasts = ends.iter().map(|end| run.past(end.event)).collect();
    let story = Story { records: run.records(), ends, pasts };
    let all = || 0..ends.len();
    let side = |at: usize| Because::Side(ends[at].side);
    let shared = story.shared();
    let ways: Vec<Vec<usize>> = all().map(|at| story.way(at)).collect();
    let remarkable = |at: usize, nth: usize| {
        let mut own = ways[at].iter().filter(|&&event| Run::is_interesting(&story.records[event]));
        own.nth(nth).map(|&event| (event, side(at)))
    };
    let mut told: Vec<(usize, Because)> = all().map(|at| (ends[at].event, side(at))).collect();
    told.extend(divides.map(|event| (event, Because::Twin)));
    told.extend(shared.first().map(|&event| (event, Because::Shared)));
    told.extend(all().filter_map(|at| remarkable(at, 0)));
    let fault = all().filter_map(|at| story.fault(at)).max();
    told.extend(fault.map(|event| (event, Because::Fault)));
    told.extend(all().filter_map(|at| remarkable(at, 1)));
    told.extend(shared.get(1).map(|&event| (event, Because::Shared)));
    told.extend(all().filter_map(|at| Some((*ways[at].first()?, side(at)))));
    // A boot explains nothing.
    told.retain(|(event, _)| story.records[*event].what != What::Boot);
    told.into_iter().map(|(event, because)| Candidate::new(event, because)).collect()
}

impl Story<'_> {
    /// Whether an event led to an end and to no other that does not come after that one.
    fn is_own(&self, at: usize, event: usize) -> bool {
        let end = self.ends[at].event;
        let others = (0..self.ends.len()).filter(|&other| other != at && !self.pasts[other][end]);
        self.pasts[at][event] && !others.into_iter().any(|other| self.pasts[other][event])
    }

    /// What caused an end, what caused that, and so on, as far as it led to this end only; the latest first.
    fn way(&self, at: usize) -> Vec<usize> {
        chain(self.records, self.ends[at].event).filter(|&event| self.is_own(at, event)).collect()
    }

    /// The latest events from which two ends descend, neither of which descends from the other: those first that happened to a node
    /// on the way to both, of these what the protocol told in its own words, and of these the latest. A boot explains nothing.
    fn shared(&self) -> Vec<usize> {
        let apart = |one: usize, other: usize| {
            let past = |of: usize, end: usize| self.pasts[of][self.ends[end].event];
            !past(one, other) && !past(other, one)
        };
        let pairs = (0..self.ends.len()).flat_map(|one| (0..one).map(move |other| (other, one)));
        let Some((one, other)) = pairs.into_iter().find(|&(one, other)| apart(one, other)) else {
            return Vec::new();
        };
        let is_shared = |event: &usize| self.pasts[one][*event] && self.pasts[other][*event];
        // What is shared and led to something that is shared, too, and the nodes of which a later step is shared.
        let mut led = vec![false; self.records.len()];
        let mut nodes: Vec<u32> = Vec::new();
        let mut latest: Vec<usize> = Vec::new();
        for event in (0..self.records.len()).rev().filter(is_shared) {
            let record = self.records[event];
            let has_later = record.what.is_step() && nodes.contains(&record.node);
            if !has_later && !led[event] {
                latest.push(event);
            }
            if record.what.is_step() && !has_later {
                nodes.push(record.node);
            }
            if let Some(cause) = led.get_mut(record.cause as usize) {
                *cause = true;
            }
        }
        let met = |at: usize| {
            let way = chain(self.records, self.ends[at].event);
            way.map(|event| self.records[event].node).collect::<Vec<_>>()
        };
        let (one, other) = (met(one), met(other));
        let rank = |event: &usize| {
            let record = self.records[*event];
            let is_met = one.contains(&record.node) && other.contains(&record.node);
            (is_met, record.flags.has(Flags::MILESTONE), *event)
        };
        order::by(&mut latest, |one, other| rank(other).cmp(&rank(one)));
        latest
    }

    /// The latest thing that somebody did to a node on the way to an end, or to a message that came to it on the way.
    fn fault(&self, at: usize) -> Option<usize> {
        let end = self.ends[at].event;
        let way: Vec<usize> = std::iter::once(end).chain(self.way(at)).collect();
        let is_on_way = |node: u32| way.iter().any(|&event| self.records[event].node == node);
        let forged = |event: usize, it: &Record| {
            let forges = |&way: &usize| {
                let came = self.records[way];
                let between = (came.cause as usize..way).contains(&event);
                came.what == What::Deliver && between && (came.peer, came.node) == (it.peer, it.node)
            };
            it.what == What::Forge && way.iter().any(forges)
        };
        let mut before = self.records[..end].iter().enumerate().rev();
        let found = before.find(|&(event, record)| {
            let touched = self.is_own(at, event) && is_on_way(record.node) && is_deed(record.what);
            touched || forged(event, record)
        });
        found.map(|(event, _)| event)
    }
}

/// The steps that may be told of how a step came about, the most important first: that itself, those with which others agreed, and
/// what led to all these. That is what a protocol told on the way or, where it told nothing there, last before; or else where the
/// way began.
pub(super) fn led(run: &Run, event: usize, agreed: &[usize]) -> Vec<Candidate> {
    let records = run.records();
    let first = agreed.iter().min().copied().unwrap_or(event);
    let way: Vec<usize> = chain(records, event).filter(|&event| event <= first).collect();
    let mut origin: Vec<usize> = Vec::new();
    // Where the first who agreed began it all, that is told already.
    if way.first() != Some(&first) {
        let remarkable = |event: &usize| Run::is_interesting(&records[*event]);
        origin.extend(way.iter().copied().filter(remarkable).take(2));
        if origin.is_empty() {
            let past = run.past(event);
            origin.extend((0..first).rev().filter(|event| past[*event] && remarkable(event)).take(2));
        }
        if origin.is_empty() {
            origin.extend(way.last());
        }
    }
    let mut told = vec![(event, Because::Reached)];
    told.extend(agreed.iter().take(MOST_TOLD - 2).map(|&agreed| (agreed, Because::Agreed)));
    told.extend(origin.into_iter().map(|event| (event, Because::Led)));
    // A boot explains nothing.
    told.retain(|(event, _)| records[*event].what != What::Boot);
    told.into_iter().map(|(event, because)| Candidate::new(event, because)).collect()
}

/// Whether somebody's message came with an event.
pub(super) fn is_message_from(node: NodeId, record: &Record) -> bool {
    record.what == What::Deliver && record.peer == node.0
}

/// What caused an event, what caused that, and so on; the latest first.
pub(super) fn chain(records: &[Record], event: usize) -> impl Iterator<Item = usize> {
    let cause = |event: usize| {
        let cause = records.get(event)?.cause as usize;
        (cause < event).then_some(cause)
    };
    std::iter::successors(cause(event), move |&event| cause(event))
}

/// What somebody does to a node that its later steps depend on.
fn is_deed(what: What) -> bool {
    matches!(what, What::Restart | What::Pause | What::Clock | What::TakeOver) || what.is_crash()
}
