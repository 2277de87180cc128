//! A protocol: a node with its title page, its claims, its curves and its figures.

use crate::costs::Measures;
use crate::history::{KeyValue, Of};
use crate::lesson::Lesson;
use crate::name::NodeId;
use crate::node::Node;
use crate::property::{Property, Scene};
use crate::scenario::Scenario;
use crate::time::Micros;
use crate::title::{Failures, Info, LaneWords, LogWords, Preset, Vetted};

/// A curve that is the point of a protocol, and what theory says it should be.
pub struct Chart<P: Protocol> {
    /// What it shows, in a few words.
    pub name: &'static str,
    /// What to see in it, in one sentence, with the source of the theory.
    pub sentence: &'static str,
    /// What is measured along it and upwards, each with its unit.
    pub axes: (&'static str, &'static str),
    /// What is measured.
    pub plot: Plot<P>,
    /// What theory says for these parameters, so many nodes, and a run as long as the one that is measured: points in
    /// order.
    pub theory: Option<Theory<P>>,
}

/// What theory says: of parameters, so many nodes and a time, points in order.
pub type Theory<P> = fn(&<P as Node>::Params, usize, Micros) -> Vec<(u64, u64)>;

/// What a chart measures.
pub enum Plot<P: Protocol> {
    /// One number, over the time of the run in microseconds.
    OverTime(fn(&Scene<'_, P>) -> u64),
    /// Points in order, at the moment that is shown.
    Now(fn(&Scene<'_, P>) -> Vec<(u64, u64)>),
}

/// A number that the literature knows a protocol by: what is counted of a run, over what it is counted in. Runs are added
/// up, both parts for themselves, so of many runs it is a mean.
pub struct Figure<P: Protocol> {
    /// What it is, in a few words.
    pub name: &'static str,
    /// The quotient in one sentence: the thing that is counted, and what it is divided by.
    pub sentence: &'static str,
    /// Both, at the end of a run, from what the judge knows of it and what it cost.
    pub of: fn(&Scene<'_, P>, &Measures) -> (u64, u64),
}

/// A protocol: a node, and what is to be said about all nodes together.
pub trait Protocol: Node {
    /// The title page.
    const INFO: Info;
    /// The runs that come with it, the happy path first.
    const PRESETS: &'static [Preset] = &[];
    /// The lesson about it.
    const LESSON: Option<Lesson> = None;
    /// What is claimed: what every solution of the problem claims, then what this one does.
    const PROPERTIES: &'static [&'static [Property<Self>]];
    /// Its curves, for the charts panel.
    const CHARTS: &'static [Chart<Self>] = &[];

    /// Its figures, for the command line.
    const FIGURES: &'static [Figure<Self>] = &[];

    /// Seeds that are worth a look.
    const SEEDS: &'static [Vetted] = &[];

    /// What is said of the entries of its logs.
    const LOG_WORDS: LogWords = LogWords { number: "term", settled: "known to be committed", marks: &[] };
    /// The kinds of messages, by their names, that carry what their receiver writes to its disk before it answers. Measured
    /// latencies ([`crate::fitted`]) have a law of their own for these.
    const WRITES: &'static [&'static str] = &[];
    /// What its lanes are called.
    const LANE_WORDS: LaneWords = LaneWords { all: "Queues", one: "queue" };

    /// Where its runs repeat logs of what happened elsewhere, how a run is found again by the number of its log, as long as that is
    /// open: such runs can be looked at, not changed.
    const RECORDED: Option<fn(u64) -> Option<Scenario>> = None;

    /// What the judge remembers of a run; what is long shares its structure.
    type Record: Clone + Default + std::hash::Hash + 'static;

    /// How many of `count` nodes may be faulty: fewer than a third, where they may be Byzantine, as agreement without signatures
    /// or synchrony needs (Lamport, Shostak, Pease: The Byzantine Generals Problem, 1982), and otherwise fewer than half.
    fn tolerated(count: u32) -> u32 {
        count.saturating_sub(1) / if Self::INFO.safety.failures == Failures::Byzantine { 3 } else { 2 }
    }
    /// Whether a node counts among those of which so many may be faulty; a client does not.
    fn counts(_node: NodeId, _count: u32) -> bool {
        true
    }
    /// The claim, by its name, that these parameters make rest on clocks that run alike, and what is assumed of them. Elsewhere
    /// clocks matter as little as [`crate::title::Timing`] says.
    fn clocked(_params: &Self::Params) -> Option<(&'static str, &'static str)> {
        None
    }
    /// How many of the first nodes these parameters assume never to fail. Random faults leave them alone.
    fn steady(_params: &Self::Params) -> u32 {
        0
    }
    /// What of these parameters cannot work together, in a sentence without a full stop: it is refused wherever it is set.
    fn clash(_params: &Self::Params) -> Option<String> {
        None
    }
    /// How many nodes may be faulty as things stand, if not as many as at first: members may have left.
    fn tolerates(scene: &Scene<'_, Self>) -> u32 {
        Self::tolerated(scene.count() as u32)
    }
    /// How long it may take to do what it claims of the end, in a quiet run without loss; the engine allows for the tries that
    /// losses cost. `None` if it claims nothing of the end where messages take as long as here. By default, ten messages one
    /// after the other.
    fn settles(_params: &Self::Params, quiet: Quiet) -> Option<Micros> {
        Some(quiet.way.saturating_mul(10))
    }
    /// Adds a judged step to the record.
    fn remember(record: &mut Self::Record, step: &Step<'_, Self>);
    /// What clients have asked and been told, for the history panel, where the record keeps that.
    fn history(_record: &Self::Record) -> Option<&Of<KeyValue>> {
        None
    }
}

/// What is known of a run since somebody last disturbed it.
#[derive(Clone, Copy, Debug)]
pub struct Quiet {
    /// How many nodes there are.
    pub count: u32,
    /// The longest that a message takes by what is set of links now.
    pub latency: Micros,
    /// The longest that a message was under way since, which is no less.
    pub way: Micros,
    /// The part of messages that the network loses, in millionths.
    pub loss_ppm: u32,
    /// When the last disturbance ended: the last act that is no request was done, the messages that were in flight then had arrived,
    /// and no loss rule stood.
    pub from: Micros,
}

impl Quiet {
    /// How often an exchange of so many messages, one after the other, must be tried until it has failed every time in one run of
    /// a million only; at most a hundred thousand times.
    pub fn tries(self, messages: u64) -> u64 {
        const PARTS: u64 = 1_000_000;
        let arrives = PARTS.saturating_sub(self.loss_ppm.into());
        let succeeds = (0..messages).fold(PARTS, |all, _| all * arrives / PARTS);
        let fails = PARTS - succeeds;
        let (mut tries, mut unlucky) = (1, fails);
        while unlucky > 1 && tries < 100_000 {
            (tries, unlucky) = (tries + 1, unlucky * fails / PARTS);
        }
        tries
    }
}

/// A step as it is remembered. Of a node that is taken over nothing is seen but that it took a step.
pub struct Step<'a, P: Protocol> {
    /// The node that took the step.
    pub who: NodeId,
    /// When; 0 in a search, where time does not count.
    pub now: Micros,
    /// Its state now; `None` when the step was its crash, or it is taken over.
    pub node: Option<&'a P>,
    /// What a client asked it for, when that was the step.
    pub input: Option<&'a P::Input>,
    /// What it told the application.
    pub outputs: &'a [P::Output],
}
