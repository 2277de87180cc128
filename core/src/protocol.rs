//! A protocol: a node with its title page, its claims and its curves.

use crate::history::{KeyValue, Of};
use crate::node::{Node, NodeId};
use crate::property::{Property, Scene};
use crate::time::Micros;
use crate::words::Settings;

pub use crate::title::*;

/// Until all are ported.
pub struct Parameter<P> {
    /// Its name in scenario texts: words joined by hyphens.
    pub name: &'static str,
    /// What it decides, in one sentence.
    pub sentence: &'static str,
    /// What it counts.
    pub unit: Unit,
    /// The least and the greatest value allowed.
    pub bounds: (u64, u64),
    /// Where it is kept.
    pub field: fn(&mut P) -> &mut u64,
}

impl<P> Parameter<P> {
    /// A number of things.
    pub const fn count(
        name: &'static str,
        sentence: &'static str,
        bounds: (u64, u64),
        field: fn(&mut P) -> &mut u64,
    ) -> Self {
        Parameter { name, sentence, unit: Unit::Count, bounds, field }
    }

    /// A time, in microseconds.
    pub const fn time(
        name: &'static str,
        sentence: &'static str,
        bounds: (u64, u64),
        field: fn(&mut P) -> &mut u64,
    ) -> Self {
        Parameter { name, sentence, unit: Unit::Time, bounds, field }
    }

    /// Off or on: 0 or 1.
    pub const fn switch(name: &'static str, sentence: &'static str, field: fn(&mut P) -> &mut u64) -> Self {
        Parameter { name, sentence, unit: Unit::Switch, bounds: (0, 1), field }
    }

    /// One of these words, by its place.
    pub const fn choice(
        name: &'static str,
        sentence: &'static str,
        words: &'static [&'static str],
        field: fn(&mut P) -> &mut u64,
    ) -> Self {
        Parameter { name, sentence, unit: Unit::Choice(words), bounds: (0, words.len() as u64 - 1), field }
    }
}

/// A wrong twin: the protocol with one rule taken away or bent, as people have got it wrong.
pub struct Bug<P> {
    /// Its name in scenario texts: words joined by hyphens.
    pub name: &'static str,
    /// What the twin does, in one sentence.
    pub sentence: &'static str,
    /// The switch that turns it on.
    pub switch: fn(&mut P) -> &mut bool,
    /// What has to be set for random faults to notice it, in the words of a scenario; nothing, where it shows in the
    /// protocol as it is by default.
    pub shows_with: &'static [&'static str],
}

impl<P> Bug<P> {
    /// A wrong twin by its name.
    pub const fn new(name: &'static str, sentence: &'static str, switch: fn(&mut P) -> &mut bool) -> Self {
        Bug { name, sentence, switch, shows_with: &[] }
    }

    /// One that shows only once something is set.
    pub const fn with(
        name: &'static str,
        sentence: &'static str,
        shows_with: &'static [&'static str],
        switch: fn(&mut P) -> &mut bool,
    ) -> Self {
        Bug { name, sentence, switch, shows_with }
    }
}

/// Parameters that carry their own words; until all are ported.
pub struct Declared<P> {
    /// What may be set.
    pub settings: &'static [Setting],
    /// The wrong twins.
    pub twins: &'static [Twin],
    /// Sets what has a place.
    pub set: fn(&mut P, usize, u64),
    /// Turns on the wrong twin that has a place.
    pub turn: fn(&mut P, usize),
}

impl<P: Settings> Declared<P> {
    /// What is declared.
    #[allow(clippy::new_without_default)]
    pub const fn new() -> Self {
        Declared { settings: P::SETTINGS, twins: P::TWINS, set: P::set, turn: P::turn }
    }
}

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

/// A protocol: a node, and what is to be said about all nodes together.
pub trait Protocol: Node {
    /// The title page.
    const INFO: Info;
    /// The kinds of its messages.
    const KINDS: &'static [Kind];
    /// The runs that come with it, the happy path first.
    const PRESETS: &'static [Preset];
    /// Parameters that carry their own words, instead of the next two.
    const DECLARED: Option<Declared<Self::Params>> = None;
    /// What may be set.
    const PARAMETERS: &'static [Parameter<Self::Params>] = &[];
    /// Its wrong twins.
    const BUGS: &'static [Bug<Self::Params>] = &[];
    /// What is claimed: what every solution of the problem claims, then what this one does.
    const PROPERTIES: &'static [&'static [Property<Self>]];
    /// Its curves, for the charts panel.
    const CHARTS: &'static [Chart<Self>] = &[];

    /// Seeds that are worth a look.
    const SEEDS: &'static [Vetted] = &[];

    /// What else people call it: words that a search finds it by.
    const ALSO_CALLED: &'static str = "";

    /// What is said of the entries of its logs.
    const LOG_WORDS: LogWords = LogWords { number: "term", settled: "known to be committed", marks: &[] };

    /// What the judge remembers of a run; what is long shares its structure.
    type Record: Clone + Default + std::hash::Hash + 'static;

    /// Which of [`Protocol::KINDS`] a message is, by its place there.
    fn kind(message: &Self::Message) -> usize;
    /// How many of `count` nodes may be Byzantine, where [`Failures::Byzantine`] is assumed: fewer than a third, as
    /// agreement without signatures or synchrony needs (Lamport, Shostak, Pease: The Byzantine Generals Problem, 1982).
    fn tolerated(count: u32) -> u32 {
        count.saturating_sub(1) / 3
    }
    /// Adds a judged step to the record.
    fn remember(record: &mut Self::Record, step: &Step<'_, Self>);
    /// What clients have asked and been told, for the history panel, where the record keeps that.
    fn history(_record: &Self::Record) -> Option<&Of<KeyValue>> {
        None
    }
}

/// A step as it is remembered. Of a node that is taken over nothing is seen but that it took a step.
pub struct Step<'a, P: Protocol> {
    /// The node that took the step.
    pub who: NodeId,
    /// Its state now; `None` when the step was its crash, or it is taken over.
    pub node: Option<&'a P>,
    /// What it told the application.
    pub outputs: &'a [P::Output],
}
