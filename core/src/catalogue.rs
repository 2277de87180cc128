//! The catalogue: every protocol there is, by its slug.

use crate::network::Network;
use crate::property::Sense;
use crate::protocol::{Failures, Info, Kind, Links, LogWords, Preset, Protocol, Unit};
use crate::protocols::broadcast::causal::Causal;
use crate::protocols::byzantine::pbft::Pbft;
use crate::protocols::commit::two_phase::TwoPhase;
use crate::protocols::consensus::raft::Raft;
use crate::protocols::epidemic::gossip::Gossip;
use crate::protocols::messaging::amqp::Amqp;
use crate::protocols::overlay::chord::Chord;
use crate::protocols::replication::quorum::Quorum;
use crate::random::Seed;
use crate::shim::{self, Shim};
use crate::world::{Setup, World};

/// Every entry, in the order of the families. A static and no constant: whoever names a constant compiles its own copy
/// of all that it points at, which was every protocol's shim, sixteen kilobytes each, once more in the page.
pub static CATALOGUE: &[Entry] = &[
    Entry::of::<Amqp>(),
    Entry::of::<Causal>(),
    Entry::of::<Gossip>(),
    Entry::of::<Chord>(),
    Entry::of::<TwoPhase>(),
    Entry::of::<Raft>(),
    Entry::of::<Pbft>(),
    Entry::of::<Quorum>(),
];

/// The entry of a slug.
pub fn find(slug: &str) -> Option<&'static Entry> {
    CATALOGUE.iter().find(|entry| entry.info.slug == slug)
}

/// One protocol, without its types.
pub struct Entry {
    /// Its title page.
    pub info: Info,
    /// The kinds of its messages.
    pub kinds: &'static [Kind],
    /// The runs that come with it.
    pub presets: &'static [Preset],
    /// What is said of the entries of its logs.
    pub log_words: LogWords,
    settings: fn() -> Vec<Setting>,
    twins: fn() -> Vec<Twin>,
    claims: fn() -> Vec<Claimed>,
    input: fn(&str) -> Result<(), String>,
    tolerated: fn(u32) -> u32,
    make: Make,
}

/// Makes the shim for so many nodes and a seed.
type Make = fn(&Choices, u32, Seed) -> Shim;

/// A parameter, without its type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Its name in scenarios.
    pub name: &'static str,
    /// What it decides.
    pub sentence: &'static str,
    /// What it counts.
    pub unit: Unit,
    /// The least and the greatest value.
    pub bounds: (u64, u64),
    /// Its value when nothing is said.
    pub default: u64,
}

/// A wrong twin, without its type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Twin {
    /// Its name in scenarios.
    pub name: &'static str,
    /// What it does.
    pub sentence: &'static str,
}

/// A property, without its type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimed {
    /// Its name.
    pub name: &'static str,
    /// What it says.
    pub sentence: &'static str,
    /// In which sense.
    pub sense: Sense,
}

/// What a scenario sets of a protocol: parameters that differ from their defaults, and wrong twins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choices {
    /// Names and values, in the order of [`Entry::settings`].
    pub settings: Vec<(&'static str, u64)>,
    /// Names, in the order of [`Entry::twins`].
    pub twins: Vec<&'static str>,
}

impl Choices {
    /// What a parameter is set to. A call, as the next one is, for every protocol has a place where it is asked.
    #[inline(never)]
    fn value(&self, name: &str) -> Option<u64> {
        self.settings.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
    }

    /// Whether a wrong twin is chosen.
    #[inline(never)]
    fn has(&self, name: &str) -> bool {
        self.twins.contains(&name)
    }
}

impl Entry {
    /// The entry of a protocol.
    pub const fn of<P: Protocol>() -> Self {
        Entry {
            info: P::INFO,
            kinds: P::KINDS,
            presets: P::PRESETS,
            log_words: P::LOG_WORDS,
            settings: settings::<P>,
            twins: twins::<P>,
            claims: claims::<P>,
            input: |words| words.parse::<P::Input>().map(|_| ()),
            tolerated: P::tolerated,
            make: make::<P>,
        }
    }

    /// What may be set.
    pub fn settings(&self) -> Vec<Setting> {
        (self.settings)()
    }

    /// Its wrong twins.
    pub fn twins(&self) -> Vec<Twin> {
        (self.twins)()
    }

    /// What it claims.
    pub fn claims(&self) -> Vec<Claimed> {
        (self.claims)()
    }

    /// Whether these are words that a node of this protocol can be asked.
    ///
    /// # Errors
    /// One sentence when they are not.
    pub fn check_input(&self, words: &str) -> Result<(), String> {
        (self.input)(words)
    }

    /// How many of `count` nodes may be Byzantine.
    pub fn tolerated(&self, count: u32) -> u32 {
        if self.info.assumptions.failures == Failures::Byzantine { (self.tolerated)(count) } else { 0 }
    }

    /// How links behave when nothing is said.
    pub fn network(&self) -> Network {
        let fifo = self.info.assumptions.links == Links::Fifo;
        Network { latency: self.info.latency, loss_ppm: 0, duplicate_ppm: 0, fifo }
    }

    /// A world at time 0.
    pub fn world(&self, choices: &Choices, setup: Setup) -> World {
        let shim = (self.make)(choices, setup.count, setup.seed);
        World::new(setup, shim)
    }
}

fn settings<P: Protocol>() -> Vec<Setting> {
    let mut defaults = P::Params::default();
    let setting = |parameter: &crate::protocol::Parameter<P::Params>| Setting {
        name: parameter.name,
        sentence: parameter.sentence,
        unit: parameter.unit,
        bounds: parameter.bounds,
        default: *(parameter.field)(&mut defaults),
    };
    P::PARAMETERS.iter().map(setting).collect()
}

fn twins<P: Protocol>() -> Vec<Twin> {
    P::BUGS.iter().map(|bug| Twin { name: bug.name, sentence: bug.sentence }).collect()
}

fn claims<P: Protocol>() -> Vec<Claimed> {
    let claimed = |property: &crate::property::Property<P>| Claimed {
        name: property.name,
        sentence: property.sentence,
        sense: property.sense,
    };
    P::PROPERTIES.iter().copied().flatten().map(claimed).collect()
}

fn make<P: Protocol>(choices: &Choices, count: u32, seed: Seed) -> Shim {
    let mut params = P::Params::default();
    for parameter in P::PARAMETERS {
        if let Some(value) = choices.value(parameter.name) {
            *(parameter.field)(&mut params) = value;
        }
    }
    for bug in P::BUGS {
        *(bug.switch)(&mut params) = choices.has(bug.name);
    }
    shim::of::<P>(params, count, seed)
}
