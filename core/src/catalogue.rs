//! The catalogue: every protocol that is there, by its slug, and the index of those that may come. The core knows none:
//! their crates, a family each, lie below `core/protocols` and build upon it, so a change of one compiles neither the core
//! nor another family.

use crate::lesson::Lesson;
use crate::name::NodeId;
use crate::network::Network;
use crate::property::{Property, Sense, Terms};
use crate::protocol::Protocol;
use crate::scenario::Scenario;
use crate::shim::{self, Shim, Types};
use crate::title::{Failures, Info, Kind, LaneWords, Links, LogWords, Preset, Setting, Twin, Vetted};
use crate::words::{Kinds, Settings};
use crate::world::{Setup, World};
use std::sync::{PoisonError, RwLock};

mod texts;

pub use texts::{DEFAULT, add_text, add_texts, all_texts};

/// The slug of runs that repeat logs. No link holds one, and a text names only the number of its log.
pub const RECORDED: &str = "recorded";

/// What may come, in the order of the families.
static INDEX: RwLock<&[Leaf]> = RwLock::new(&[]);

/// The entries that are there, in the order in which they came.
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

/// Says which protocols there are, here or still to come: the first thing that a program does.
pub fn announce(leaves: &'static [Leaf]) {
    *INDEX.write().unwrap_or_else(PoisonError::into_inner) = leaves;
}

/// Every protocol that was announced, in the order of the families.
pub fn index() -> &'static [Leaf] {
    *INDEX.read().unwrap_or_else(PoisonError::into_inner)
}

/// The leaf of a slug, whether or not its protocol is there.
pub fn known(slug: &str) -> Option<&'static Leaf> {
    index().iter().find(|leaf| leaf.slug == slug)
}

/// The entry of every protocol that is there, in the order in which it came.
pub fn all() -> Vec<&'static Entry> {
    shelf().into_iter().filter(|entry| entry.recorded.is_none()).collect()
}

/// The entry of a slug, also of one whose runs repeat logs.
pub fn find(slug: &str) -> Option<&'static Entry> {
    shelf().into_iter().find(|entry| entry.info.slug == slug)
}

fn shelf() -> Vec<&'static Entry> {
    SHELF.read().unwrap_or_else(PoisonError::into_inner).clone()
}

/// A protocol that may not be there yet: enough to name it. Every page has the leaves of all protocols.
pub struct Leaf {
    /// Its name in links and files.
    pub slug: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// What its lesson is called.
    pub lesson: Option<&'static str>,
    /// Whether it opens with nothing set, and not with one of its runs.
    pub opens_plain: bool,
}

/// What is said of a protocol that may not be there yet, where people look for one: enough to search for it and to list its runs.
pub struct Summary {
    /// Its names.
    pub leaf: Leaf,
    /// By what else people search for it.
    pub aka: &'static str,
    /// The family it belongs to.
    pub family: &'static str,
    /// Who published it, where and when.
    pub source: &'static str,
    /// What it is for and how it works, in two or three sentences.
    pub idea: &'static str,
    /// Its runs, a line each, as [`run_list`] writes them.
    list: &'static str,
}

/// A run that comes with a protocol, as the index knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its name in links.
    pub name: &'static str,
    /// Its title.
    pub title: &'static str,
    /// Whether it is a challenge.
    pub is_challenge: bool,
}

impl Leaf {
    /// The leaf of a protocol.
    pub const fn of<P: Protocol>() -> Self {
        let Info { slug, title, .. } = P::INFO;
        let lesson = match &P::LESSON {
            Some(lesson) => Some(lesson.title),
            None => None,
        };
        Leaf { slug, title, lesson, opens_plain: opens_plain(P::PRESETS) }
    }
}

impl Summary {
    /// The summary of a protocol, with the list of its runs.
    pub const fn of<P: Protocol>(list: &'static [u8]) -> Self {
        let Info { aka, family, source, idea, .. } = P::INFO;
        // Texts that are joined are a text.
        let list = if let Ok(list) = str::from_utf8(list) { list } else { "" };
        Summary { leaf: Leaf::of::<P>(), aka, family, source, idea, list }
    }

    /// The runs that come with it, in the order of its gallery.
    pub fn runs(&self) -> impl Iterator<Item = Listed> {
        self.list.lines().map(|line| {
            let (name, rest) = line.split_once(' ').unwrap_or((line, line));
            let goal = rest.strip_prefix(GOAL);
            Listed { name, title: goal.unwrap_or(rest), is_challenge: goal.is_some() }
        })
    }
}

/// What stands before the title of a challenge in a list of runs.
const GOAL: &str = "! ";

/// How long the list of these runs is.
pub const fn run_list_length(presets: &[Preset]) -> usize {
    let (mut length, mut place) = (0, 0);
    while place < presets.len() {
        let [name, sign, title] = listed(&presets[place]);
        length += name.len() + sign.len() + title.len() + 2;
        place += 1;
    }
    length
}

/// The list of these runs, a line each: its name, a space, the sign of a challenge, and its title. It is made when the program
/// is compiled, so that whoever lists runs does not keep their texts.
pub const fn run_list<const LENGTH: usize>(presets: &[Preset]) -> [u8; LENGTH] {
    let (mut list, mut end, mut place) = ([0; LENGTH], 0, 0);
    while place < presets.len() {
        let [name, sign, title] = listed(&presets[place]);
        let parts = [name, b" ", sign, title, b"\n"];
        let mut part = 0;
        while part < parts.len() {
            list.split_at_mut(end).1.split_at_mut(parts[part].len()).0.copy_from_slice(parts[part]);
            end += parts[part].len();
            part += 1;
        }
        place += 1;
    }
    list
}

/// What the list says of a run.
const fn listed(preset: &Preset) -> [&'static [u8]; 3] {
    let text = preset.text.as_bytes();
    let sign = if line(text, b"\ngoal ").is_some() { GOAL.as_bytes() } else { b"" };
    match line(text, b"\ntitle ") {
        Some(title) => [preset.name.as_bytes(), sign, title],
        None => panic!("a run that comes with a protocol has a title"),
    }
}

/// Whether a protocol opens with none of these.
const fn opens_plain(presets: &[Preset]) -> bool {
    let mut place = 0;
    while place < presets.len() {
        let (mut name, mut default) = (presets[place].name.as_bytes(), DEFAULT.as_bytes());
        while let ([one, rest @ ..], [other, others @ ..]) = (name, default)
            && *one == *other
        {
            (name, default) = (rest, others);
        }
        if name.is_empty() && default.is_empty() {
            return false;
        }
        place += 1;
    }
    true
}

/// What stands behind a word, with which a line of a text begins.
const fn line<'a>(text: &'a [u8], word: &[u8]) -> Option<&'a [u8]> {
    let mut rest = text;
    while let Some((_, after)) = rest.split_first() {
        let mut same = 0;
        while same < word.len() && same < rest.len() && rest[same] == word[same] {
            same += 1;
        }
        if same == word.len() {
            let mut end = same;
            while end < rest.len() && rest[end] != b'\n' {
                end += 1;
            }
            return Some(rest.split_at(end).0.split_at(same).1);
        }
        rest = after;
    }
    None
}

/// One protocol, without its types.
pub struct Entry {
    /// Its title page.
    pub info: Info,
    /// The kinds of its messages.
    pub kinds: &'static [Kind],
    /// The runs that come with it, where their texts are part of the program.
    own: Option<&'static [Preset]>,
    /// Whether it opens with nothing set, and not with one of its runs.
    opens_plain: bool,
    /// Where its runs repeat logs, and so can be looked at and not changed: how one is found by the number of its log.
    pub recorded: Option<fn(u64) -> Option<Scenario>>,
    /// The lesson about it.
    pub lesson: Option<Lesson>,
    /// What is said of the entries of its logs.
    pub log_words: LogWords,
    /// What its lanes are called.
    pub lane_words: LaneWords,
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
    /// The kinds of messages that carry writes.
    pub(crate) writes: &'static [&'static str],
    clocked: Of<Option<(&'static str, &'static str)>>,
    steady: Of<u32>,
    clash: Of<Option<String>>,
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
    /// The entry of a protocol, with the texts of its runs.
    pub const fn of<P: Protocol>() -> Self {
        Entry { own: Some(P::PRESETS), ..Entry::without_texts::<P>() }
    }

    /// The entry of a protocol, for a program that fetches the texts of its runs when they are wanted.
    pub const fn without_texts<P: Protocol>() -> Self {
        Entry {
            info: P::INFO,
            kinds: P::Message::KINDS,
            own: None,
            opens_plain: opens_plain(P::PRESETS),
            recorded: P::RECORDED,
            lesson: P::LESSON,
            log_words: P::LOG_WORDS,
            lane_words: P::LANE_WORDS,
            seeds: P::SEEDS,
            settings: P::Params::SETTINGS,
            twins: P::Params::TWINS,
            claim: claim::<P>,
            input: |words| words.parse::<P::Input>().map(|_| ()),
            tolerated: P::tolerated,
            counts: P::counts,
            writes: P::WRITES,
            clocked: |settings, twins| P::clocked(&params::<P>(settings, twins)),
            steady: |settings, twins| P::steady(&params::<P>(settings, twins)),
            clash: |settings, twins| P::clash(&params::<P>(settings, twins)),
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
        Network { latency: self.info.latency, fitted: None, loss_ppm: 0, duplicate_ppm: 0, fifo }
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

    /// What of these choices cannot work together, in a sentence.
    pub(crate) fn clash(&self, choices: &Choices) -> Option<String> {
        let (values, chosen) = self.places(choices);
        (self.clash)(&values, &chosen)
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
