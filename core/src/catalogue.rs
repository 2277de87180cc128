//! The catalogue: every protocol that is there, by its slug. The core knows none: their crates, a family each, lie below
//! `core/protocols` and build upon it, so a change of one compiles neither the core nor another family.

use crate::name::NodeId;
use crate::network::Network;
use crate::property::{Property, Sense, Terms};
use crate::protocol::Protocol;
use crate::shim::{self, Shim, Types};
use crate::title::{Failures, Info, Kind, Links, LogWords, Preset, Setting, Twin, Vetted};
use crate::words::{Kinds, Settings};
use crate::world::{Setup, World};
use std::sync::{PoisonError, RwLock};

/// What is there, in the order of the families.
static SHELF: RwLock<Vec<&'static Entry>> = RwLock::new(Vec::new());

/// Puts protocols on the shelf, unless they stand there already. A program does so once at its start, and a page whenever
/// one that it wants to show has arrived; nothing is ever taken away.
pub fn add(entries: &'static [Entry]) {
    let mut shelf = SHELF.write().unwrap_or_else(PoisonError::into_inner);
    for entry in entries {
        if shelf.iter().all(|known| known.info.slug != entry.info.slug) {
            shelf.push(entry);
        }
    }
}

/// Every entry that is there, in the order of the families.
pub fn all() -> Vec<&'static Entry> {
    SHELF.read().unwrap_or_else(PoisonError::into_inner).clone()
}

/// The entry of a slug.
pub fn find(slug: &str) -> Option<&'static Entry> {
    all().into_iter().find(|entry| entry.info.slug == slug)
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
    /// Seeds that are worth a look.
    pub seeds: &'static [Vetted],
    /// What may be set.
    pub settings: &'static [Setting],
    /// Its wrong twins.
    pub twins: &'static [Twin],
    /// A claim by its place. One at a time: a function that makes a list of them is unrolled, for every protocol.
    claim: fn(usize) -> Option<(Claimed, Terms)>,
    input: fn(&str) -> Result<(), String>,
    tolerated: fn(u32) -> u32,
    counts: fn(NodeId, u32) -> bool,
    clocked: Of<Option<(&'static str, &'static str)>>,
    steady: Of<u32>,
    make: Make,
}

/// What parameters make of a protocol: by their places, each with its value; wrong twins by theirs.
type Of<T> = fn(&[(usize, u64)], &[usize]) -> T;

/// Makes the types of a protocol: parameters by their places, each with its value; wrong twins by theirs; so many nodes; a
/// seed.
type Make = fn(&[(usize, u64)], &[usize], u32, u64) -> Box<dyn Types>;

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
    /// Names and values, in the order of the entry's settings.
    pub settings: Vec<(&'static str, u64)>,
    /// Names, in the order of the entry's twins.
    pub twins: Vec<&'static str>,
}

impl Entry {
    /// The entry of a protocol.
    pub const fn of<P: Protocol>() -> Self {
        Entry {
            info: P::INFO,
            kinds: P::Message::KINDS,
            presets: P::PRESETS,
            log_words: P::LOG_WORDS,
            seeds: P::SEEDS,
            settings: P::Params::SETTINGS,
            twins: P::Params::TWINS,
            claim: claim::<P>,
            input: |words| words.parse::<P::Input>().map(|_| ()),
            tolerated: P::tolerated,
            counts: P::counts,
            clocked: |settings, twins| P::clocked(&params::<P>(settings, twins)),
            steady: |settings, twins| P::steady(&params::<P>(settings, twins)),
            make: make::<P>,
        }
    }

    /// What it claims.
    pub fn claims(&self) -> Vec<Claimed> {
        (0..).map_while(self.claim).map(|(claimed, _)| claimed).collect()
    }

    /// Whether these are words that a node of this protocol can be asked.
    ///
    /// # Errors
    /// One sentence when they are not.
    pub fn check_input(&self, words: &str) -> Result<(), String> {
        (self.input)(words)
    }

    /// How many of `count` nodes may be faulty.
    pub fn tolerated(&self, count: u32) -> u32 {
        (self.tolerated)(count)
    }

    /// Whether one of `count` nodes counts among those of which so many may be faulty.
    pub fn counts(&self, node: NodeId, count: u32) -> bool {
        (self.counts)(node, count)
    }

    /// How many of `count` nodes may be Byzantine.
    pub fn liars(&self, count: u32) -> u32 {
        if self.info.safety.failures == Failures::Byzantine { self.tolerated(count) } else { 0 }
    }

    /// How links behave when nothing is said.
    pub fn network(&self) -> Network {
        let fifo = self.info.liveness.links == Links::Fifo;
        Network { latency: self.info.latency, loss_ppm: 0, duplicate_ppm: 0, fifo }
    }

    /// A world at time 0.
    pub fn world(&self, choices: &Choices, setup: Setup) -> World {
        let (values, chosen) = self.places(choices);
        let types = (self.make)(&values, &chosen, setup.count, setup.seed);
        let claims = (0..).map_while(self.claim).map(|(_, terms)| terms);
        World::new(setup, Shim::new(types, self.kinds, claims.collect()))
    }

    /// The claim that these choices make rest on clocks that run alike, and what is assumed of them.
    pub fn clocked(&self, choices: &Choices) -> Option<(&'static str, &'static str)> {
        let (values, chosen) = self.places(choices);
        (self.clocked)(&values, &chosen)
    }

    /// How many of the first nodes are assumed never to fail, with these choices.
    pub fn steady(&self, choices: &Choices) -> u32 {
        let (values, chosen) = self.places(choices);
        (self.steady)(&values, &chosen)
    }

    /// Parameters by their places, each with its value, and wrong twins by theirs.
    fn places(&self, choices: &Choices) -> (Vec<(usize, u64)>, Vec<usize>) {
        let value = |(name, value): &(&str, u64)| {
            self.settings.iter().position(|known| known.name == *name).map(|place| (place, *value))
        };
        let twin = |name: &&str| self.twins.iter().position(|known| known.name == *name);
        (choices.settings.iter().filter_map(value).collect(), choices.twins.iter().filter_map(twin).collect())
    }
}

fn claim<P: Protocol>(place: usize) -> Option<(Claimed, Terms)> {
    let Property { name, sentence, sense, about, despite, .. } = *shim::property::<P>(place)?;
    Some((Claimed { name, sentence, sense }, Terms { sense, about, despite }))
}

fn make<P: Protocol>(settings: &[(usize, u64)], twins: &[usize], count: u32, seed: u64) -> Box<dyn Types> {
    shim::types::<P>(params::<P>(settings, twins), count, seed)
}

fn params<P: Protocol>(settings: &[(usize, u64)], twins: &[usize]) -> P::Params {
    let mut params = P::Params::default();
    for (place, value) in settings {
        params.set(*place, *value);
    }
    for place in twins {
        params.turn(*place);
    }
    params
}
