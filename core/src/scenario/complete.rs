//! What may be written next into the text of a scenario, from the tables by which it is read.

use super::cue::CUES;
use super::form::{Form, Slot};
use super::observation::STANDS;
use super::read::{EVENTS, SETTINGS, WORDS, setting};
use super::read_act::{ACTS, ASKED, looks_like_links, names_node, node};
use super::{Scenario, slug, value_text};
use crate::catalogue;
use crate::fitted::Fitted;
use crate::name::NodeId;
use crate::property::Sense;
use crate::text::percent;
use crate::time::{self, LATEST, Micros, exact};
use crate::title::Unit;
use crate::verify::sights_of;
use crate::view::MOST_WORDED;
use crate::world::World;

/// The most that is offered at one place.
const MOST: usize = 60;
/// How long what ends at a later time lasts when nobody says how long.
const LASTS: Micros = 1_000_000;
/// The line with which a text begins.
const VERSION: &str = "faultline 2";
/// The word with which its second line does.
const PROTOCOL: &str = "protocol";

/// Something that may stand at a place of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// From which byte on it takes the place of what is written there, up to the cursor.
    pub start: usize,
    /// What it writes; a space behind it where a word must follow.
    pub text: String,
    /// What that means, in one sentence or a few words; may be empty.
    pub help: String,
    /// Whether the line must go on behind it.
    pub more: bool,
}

/// The known facts of the run that a text describes.
pub struct Known<'a> {
    /// The moment that is shown.
    pub now: Micros,
    /// The world right before what is done at a time, where that is known.
    pub world: &'a dyn Fn(Micros) -> Option<World>,
}

/// What may be written at a byte of a text, where a word ends or may begin; nothing elsewhere.
pub fn complete(text: &str, cursor: usize, known: &Known<'_>) -> Vec<Completion> {
    let Some((before, after)) = text.split_at_checked(cursor) else { return Vec::new() };
    if after.starts_with(|letter: char| !letter.is_whitespace()) {
        return Vec::new();
    }
    let (done, line) = before.rsplit_once('\n').unwrap_or(("", before));
    let line = line.trim_start();
    if line.starts_with('#') {
        return Vec::new();
    }
    let done: Vec<&str> =
        done.lines().map(str::trim).filter(|it| !it.is_empty() && !it.starts_with('#')).collect();
    let Some((_, done)) = done.split_first() else {
        return offered(line, cursor, [(VERSION.to_owned(), "Begins a scenario.".to_owned(), false)]);
    };
    let Some((second, statements)) = done.split_first() else {
        let Some((PROTOCOL, name)) = line.split_once(char::is_whitespace) else {
            let help = "Names the protocol that runs.".to_owned();
            return offered(line, cursor, [(PROTOCOL.to_owned(), help, true)]);
        };
        let leaves = catalogue::index().iter().map(|it| (it.slug.to_owned(), it.title.to_owned(), false));
        return offered(name.trim_start(), cursor, leaves);
    };
    let entry = second.strip_prefix(PROTOCOL).and_then(|name| catalogue::find(name.trim()));
    let Some(mut scenario) = entry.map(Scenario::of) else { return Vec::new() };
    for statement in statements {
        // What cannot be read is marked elsewhere.
        let _ = setting(&mut scenario, statement);
    }
    Line { scenario, cursor, now: known.now, at: 0, world: None }.statement(line, known)
}

/// What begins like what is written, and goes on.
fn offered(
    prefix: &str,
    cursor: usize,
    words: impl IntoIterator<Item = (String, String, bool)>,
) -> Vec<Completion> {
    let begins = |text: &str| {
        text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix)) && text != prefix
    };
    let start = cursor - prefix.len();
    let words = words.into_iter().filter(|(text, ..)| begins(text)).take(MOST);
    let completion = |(mut text, help, more): (String, String, bool)| {
        if more && !text.ends_with('>') {
            text.push(' ');
        }
        Completion { start, text, help, more }
    };
    words.map(completion).collect()
}

/// A line that is being written.
struct Line {
    /// The settings before it.
    scenario: Scenario,
    cursor: usize,
    now: Micros,
    /// The time of its act, and the world then.
    at: Micros,
    world: Option<World>,
}

impl Line {
    fn statement(&mut self, line: &str, known: &Known<'_>) -> Vec<Completion> {
        let Some((word, rest)) = line.split_once(char::is_whitespace) else {
            let words = EVENTS.iter().chain(&SETTINGS).map(begun);
            return offered(line, self.cursor, words);
        };
        let Some(form) = EVENTS.iter().chain(&SETTINGS).find(|form| form.word == word) else {
            return Vec::new();
        };
        if let Some(way) = form.ways.iter().find(|way| matches!(way.last(), Some(Slot::Act | Slot::Timed))) {
            let place = way.iter().position(|slot| *slot == Slot::Moment).unwrap_or_default();
            let when = rest.split_whitespace().nth(place).unwrap_or_default();
            if let Ok(at) = time::parse(when.split('/').next().unwrap_or_default()) {
                (self.at, self.world) = (at, (known.world)(at));
            }
        }
        self.follow(form.ways, &[], rest)
    }

    /// What may stand next, on each of these ways, behind what is written.
    fn follow(&self, ways: &[&[Slot]], before: &[&str], written: &str) -> Vec<Completion> {
        let mut all: Vec<Completion> = Vec::new();
        for way in ways {
            for next in self.follow_one(way, before, written) {
                match all.iter_mut().find(|other| other.text.trim_end() == next.text.trim_end()) {
                    Some(other) if other.more => *other = next,
                    Some(_) => {}
                    None => all.push(next),
                }
            }
        }
        all
    }

    fn follow_one(&self, way: &[Slot], before: &[&str], written: &str) -> Vec<Completion> {
        let (mut before, mut rest) = (before.to_vec(), written.trim_start());
        for (nth, &slot) in way.iter().enumerate() {
            let last = nth + 1 == way.len();
            let takes_all = matches!(
                slot,
                Slot::Timer | Slot::Input | Slot::Lie | Slot::Sight | Slot::Free | Slot::Act | Slot::Timed
            );
            match rest.split_once(char::is_whitespace).filter(|_| !takes_all) {
                Some((word, _)) if !self.fits(slot, word) => return Vec::new(),
                Some((word, after)) => {
                    before.push(word);
                    rest = after.trim_start();
                }
                None if slot == Slot::Act => return self.act::<()>(rest, &[]),
                None if slot == Slot::Timed => return self.act(rest, &[&WORDS, &CUES]),
                None if slot == Slot::Pair => {
                    let goes_on = nth + 2 < way.len();
                    let messages =
                        self.messages().into_iter().map(|it| (it, "In flight then.".into(), goes_on));
                    let pairs = self.pairs(rest).into_iter().map(|(pair, help)| (pair, help, true));
                    return offered(rest, self.cursor, messages.chain(pairs));
                }
                None => {
                    let words = self.words(slot, &before, rest).into_iter();
                    // What ends with a space has to go on behind it.
                    let words = words.map(|(text, help)| match text.strip_suffix(' ') {
                        Some(begun) => (begun.to_owned(), help, true),
                        None => (text, help, !last),
                    });
                    return offered(rest, self.cursor, words);
                }
            }
        }
        Vec::new()
    }

    /// Whether a whole word can be what stands there, where the ways part.
    fn fits(&self, slot: Slot, word: &str) -> bool {
        match slot {
            Slot::Word(this, _) => this == word,
            Slot::Links => looks_like_links(word),
            Slot::Pair => word
                .split_once('>')
                .is_some_and(|(from, to)| names_node(&self.scenario, from) && names_node(&self.scenario, to)),
            Slot::Kind => {
                let name = word.split('#').next();
                self.scenario.entry.kinds.iter().any(|kind| Some(kind.name) == name)
            }
            _ => true,
        }
    }

    /// What continues an act, or one of these other forms in its place.
    fn act<R>(&self, written: &str, others: &[&[Form<R>]]) -> Vec<Completion> {
        let others = || others.iter().copied().flatten();
        let Some((word, rest)) = written.split_once(char::is_whitespace) else {
            let nodes = self.names(written).into_iter();
            let nodes = nodes.map(|node| (node, "Asks the node for something.".to_owned(), true));
            let words = ACTS.iter().map(begun).chain(others().map(begun)).chain(nodes);
            return offered(written, self.cursor, words);
        };
        let ways = ACTS.iter().map(|form| (form.word, form.ways));
        match ways.chain(others().map(|form| (form.word, form.ways))).find(|(known, _)| *known == word) {
            Some((_, ways)) => self.follow(ways, &[], rest),
            None if names_node(&self.scenario, word) => self.follow(ASKED, &[word], rest),
            None => Vec::new(),
        }
    }

    /// Whether a parameter, whose name is the last of these words, may have a value together with what is set.
    fn may_be_set(&self, before: &[&str], value: &str) -> bool {
        let mut with = self.scenario.clone();
        let name = before.last().unwrap_or(&"");
        setting(&mut with, &format!("set {name} {value}")).is_ok() && with.clash().is_none()
    }

    /// What may stand in a slot behind these words, and what each means.
    fn words(&self, slot: Slot, before: &[&str], written: &str) -> Vec<(String, String)> {
        let Scenario { entry, .. } = self.scenario;
        let info = &entry.info;
        let plain = |text: String| vec![(text, String::new())];
        let usual = |text: String| vec![(text, "The default.".to_owned())];
        let here = before.last().and_then(|word| node(&self.scenario, word).ok());
        let machine = || self.world.as_ref().zip(here).filter(|(world, node)| world.is_up(*node));
        let named = |texts: Vec<String>| texts.into_iter().map(|text| (text, String::new())).collect();
        match slot {
            Slot::Word(word, help) => vec![(word.to_owned(), help.to_owned())],
            Slot::Nodes => {
                let (usual, least, most) = info.nodes;
                let about = |nodes, what: &str| (format!("{nodes}"), what.to_owned());
                vec![about(usual, "The default."), about(least, "The minimum."), about(most, "The maximum.")]
            }
            Slot::Seed if entry.seeds.is_empty() => plain("42".into()),
            Slot::Seed => {
                entry.seeds.iter().map(|it| (it.seed.to_string(), it.sentence.to_owned())).collect()
            }
            Slot::Latency => {
                let range = usual(format!("{}..{}", exact(info.latency.0), exact(info.latency.1)));
                let fitted = Fitted::ALL.map(|(name, it)| (name.to_owned(), it.about().to_owned()));
                range.into_iter().chain(fitted).collect()
            }
            Slot::Share => [10_000, 100_000].map(|ppm| (percent(ppm), String::new())).into(),
            Slot::Switch => ["on", "off"].map(|word| (word.to_owned(), String::new())).into(),
            Slot::Time(sample) | Slot::Sample(sample) => plain(sample.into()),
            Slot::Ask => usual(exact(info.ask)),
            Slot::Length => usual(exact(info.until)),
            Slot::Moment => vec![(exact(self.now), "The moment that is shown.".into())],
            Slot::Later => plain(exact((self.at + LASTS).min(LATEST))),
            Slot::Parameter => {
                entry.settings.iter().map(|it| (it.name.to_owned(), it.sentence.to_owned())).collect()
            }
            Slot::Value => {
                let setting = entry.settings.iter().find(|it| Some(&it.name) == before.last());
                let mut values = setting.map_or_else(Vec::new, |it| values(it.unit, it.default, it.bounds));
                values.retain(|(value, _)| self.may_be_set(before, value));
                values
            }
            Slot::Twin => entry.twins.iter().map(|it| (it.name.to_owned(), it.sentence.to_owned())).collect(),
            Slot::Claim | Slot::Chance => {
                let is_chance = |sense| (sense == Sense::Sometimes) == (slot == Slot::Chance);
                let mut claims = entry.claims();
                // A protocol may have nothing that should come up sometimes.
                if claims.iter().any(|claim| is_chance(claim.sense)) {
                    claims.retain(|claim| is_chance(claim.sense));
                }
                claims.into_iter().map(|claim| (slug(claim.name), claim.sentence.to_owned())).collect()
            }
            Slot::Node => self.names(written).into_iter().map(|it| (it.clone(), self.role(&it))).collect(),
            Slot::Links => self.links(written),
            Slot::Kind => self.kinds(before),
            Slot::Timer => machine().map_or_else(Vec::new, |(world, node)| named(world.timer_names(node))),
            Slot::Input => machine().map_or_else(Vec::new, |(world, node)| named(world.input_texts(node))),
            Slot::Lie => named(self.lies(before)),
            Slot::Sight => self.sights(written),
            Slot::Pair | Slot::Free | Slot::Act | Slot::Timed => Vec::new(),
        }
    }

    /// The messages in flight at the time of the act.
    fn messages(&self) -> Vec<String> {
        let Some(world) = self.world.as_ref().filter(|it| it.messages().len() <= MOST_WORDED) else {
            return Vec::new();
        };
        let is_here = |node: NodeId| node.0 < self.scenario.nodes;
        let names = world.message_names().into_iter().filter(|(_, it)| is_here(it.from) && is_here(it.to));
        names.map(|(_, name)| name.to_string()).collect()
    }

    /// What can be seen at the time of the line, of a node once it is named.
    fn sights(&self, written: &str) -> Vec<(String, String)> {
        let Some((first, _)) = written.split_once(' ') else {
            let nodes = self.names(written).into_iter().map(|node| (format!("{node} "), self.role(&node)));
            let stands = STANDS.iter().map(|(word, help)| (format!("{word} "), (*help).to_owned()));
            let flying = self.world.is_none() || !self.messages().is_empty();
            let messages = flying.then(|| ("under way ".to_owned(), "A message is.".to_owned()));
            return nodes.chain(stands).chain(messages).collect();
        };
        let plain = |texts: Vec<String>| {
            texts.into_iter().map(|text| (format!("{first} {text}"), String::new())).collect()
        };
        if STANDS.iter().any(|(word, _)| *word == first) {
            return plain(self.scenario.entry.claims().iter().map(|claim| slug(claim.name)).collect());
        }
        if first == "under" {
            return plain(self.messages().into_iter().map(|name| format!("way {name}")).collect());
        }
        let node = node(&self.scenario, first).ok().filter(|node| node.0 < self.scenario.nodes);
        let known = self.world.as_ref().zip(node);
        plain(known.map_or_else(Vec::new, |(world, node)| sights_of(world, node)))
    }

    fn lies(&self, before: &[&str]) -> Vec<String> {
        let [pair, kind, ..] = before else { return Vec::new() };
        let (Some(world), name) = (&self.world, format!("{pair} {kind}")) else { return Vec::new() };
        let found = world.message_names().into_iter().find(|(_, known)| known.to_string() == name);
        found.map_or_else(Vec::new, |(message, _)| world.lie_texts(message))
    }

    /// The kinds of messages, those in flight between these two nodes first.
    fn kinds(&self, before: &[&str]) -> Vec<(String, String)> {
        let pair = before.last().map(|pair| format!("{pair} ")).unwrap_or_default();
        let there = self.messages().into_iter();
        let there = there
            .filter_map(|name| name.strip_prefix(&pair).filter(|_| pair.contains('>')).map(str::to_owned));
        let mut kinds: Vec<_> = there.map(|kind| (kind, "In flight then.".to_owned())).collect();
        for kind in self.scenario.entry.kinds {
            if kinds.iter().all(|(other, _)| other != kind.name) {
                kinds.push((kind.name.to_owned(), String::new()));
            }
        }
        kinds
    }

    /// The nodes whose names begin like this; not more than are offered.
    fn names(&self, written: &str) -> Vec<String> {
        let names = (0..self.scenario.nodes).map(|node| self.scenario.names.called(NodeId(node)));
        names.filter(|name| name.starts_with(written)).take(MOST).collect()
    }

    /// What a node is at the time of the act.
    fn role(&self, name: &str) -> String {
        let node = node(&self.scenario, name).ok();
        let Some((world, node)) = self.world.as_ref().zip(node) else { return String::new() };
        match world.setup().count {
            count if node.0 >= count => String::new(),
            _ if world.is_up(node) => world.card(node).role.to_string(),
            _ => "crashed".into(),
        }
    }

    /// Pairs of nodes that may be the sender and the receiver of a message.
    fn pairs(&self, written: &str) -> Vec<(String, String)> {
        match written.split_once('>') {
            Some((from, to)) => self.ends(from, ">", to),
            None => self
                .names(written)
                .into_iter()
                .map(|from| (format!("{from}>"), "Messages of the node.".into()))
                .collect(),
        }
    }

    /// A node, a sign, and each other node; nothing where no node has the name.
    fn ends(&self, from: &str, sign: &str, to: &str) -> Vec<(String, String)> {
        if node(&self.scenario, from).is_err() {
            return Vec::new();
        }
        let others = self.names(to).into_iter().filter(|other| other != from);
        others.map(|other| (format!("{from}{sign}{other}"), String::new())).collect()
    }

    /// Links that begin like this: of one way, of both, and between groups of nodes.
    fn links(&self, written: &str) -> Vec<(String, String)> {
        for (sign, way) in [(">", "One way."), ("-", "Both ways.")] {
            if let Some((from, to)) = written.split_once(sign) {
                let ends = self.ends(from, sign, to).into_iter();
                return ends.map(|(links, _)| (links, way.to_owned())).collect();
            }
        }
        let (stem, last) = match written.rfind(['|', ',']) {
            Some(place) => written.split_at(place + 1),
            None => ("", written),
        };
        let used: Vec<&str> = stem.split(['|', ',']).collect();
        let unused =
            |written: &str| self.names(written).into_iter().filter(|it| !used.contains(&it.as_str()));
        let mut all = Vec::new();
        let rest: Vec<_> = unused("").collect();
        if stem.ends_with('|') && rest.len() < MOST {
            all.push((format!("{stem}{}", rest.join(",")), "All other nodes.".to_owned()));
        }
        for node in unused(last) {
            let others: Vec<_> = rest.iter().filter(|other| **other != node).cloned().collect();
            if stem.contains('|') {
                all.push((format!("{stem}{node}"), self.role(&node)));
            } else if !others.is_empty() && others.len() < MOST {
                let help =
                    if stem.is_empty() { "Between the node and all others." } else { "Between two groups." };
                all.push((format!("{stem}{node}|{}", others.join(",")), help.to_owned()));
            }
            if stem.is_empty() && node == last {
                all.extend(
                    self.ends(&node, "-", "").into_iter().map(|(links, _)| (links, "Both ways.".into())),
                );
                all.extend(
                    self.ends(&node, ">", "").into_iter().map(|(links, _)| (links, "One way.".into())),
                );
            }
        }
        all
    }
}

/// The first word of a form, what it does, and whether more must follow it.
fn begun<Read>(form: &Form<Read>) -> (String, String, bool) {
    (form.word.to_owned(), form.help.to_owned(), form.ways.iter().all(|way| !way.is_empty()))
}

/// Values of a parameter: each choice, or the default and the bounds.
fn values(unit: Unit, default: u64, (least, most): (u64, u64)) -> Vec<(String, String)> {
    match unit {
        Unit::Choice(words) => words.iter().map(|word| ((*word).to_owned(), String::new())).collect(),
        Unit::Switch => ["on", "off"].map(|word| (word.to_owned(), String::new())).into(),
        Unit::Time | Unit::Count => {
            let about = |value, what: &str| (value_text(unit, value), what.to_owned());
            vec![about(default, "The default."), about(least, "The minimum."), about(most, "The maximum.")]
        }
    }
}
