//! What may be done, found by what somebody types: to every node, every link, every message under way, to several nodes, to
//! all links; with the amount that was typed.
//!
//! Acts are made from what is typed and from a bounded number of things, so that a crowd costs no more than a room.

use super::{Offer, Session, Target};
use crate::event::LinkSet;
use crate::name::NodeId;
use crate::toolbox::order;

/// The most acts that are shown at once.
const MOST: usize = 24;
/// Of how many nodes, messages and links each it is asked what may be done to them; of a crowd's, since there an act may
/// name every node.
const ASKED: (usize, usize) = (200, 32);
/// Words that a person writes between those that say something.
const BETWEEN: [&str; 6] = ["from", "to", "between", "and", "by", "→"];
/// What a number may be that is still being written.
const UNITS: [&str; 6] = ["", "ms", "s", "x", "%", "ppm"];

/// Something that may be done, and to what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Find {
    /// What may be done.
    pub offer: Offer,
    /// To what, where the label does not say so.
    pub about: String,
    /// Whether it is done to what is picked.
    pub own: bool,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The first of it.
    pub finds: Vec<Find>,
    /// How many there are beyond that.
    pub more: usize,
    /// Whether there was more to look at than was looked at.
    pub cut_short: bool,
}

/// A word that was typed.
enum Word {
    /// A node.
    Node(NodeId),
    /// From one node to another, and not back.
    Way(NodeId, NodeId),
    /// Anything else; a number fits the amount of an offer, too.
    Plain(String),
}

impl Session {
    /// What may be done that all the words of a text are found in, those acts first that are done to what is picked. Nodes
    /// are found by their names, links and messages by their nodes; a number takes the place of an act's amount. A
    /// whole act in the words of scenarios is found as it is.
    pub fn find(&self, text: &str, picked: Option<Target>, group: &[NodeId]) -> Found {
        if self.is_alive().is_err() {
            return Found::default();
        }
        let words = self.words(text);
        let mut finder = Finder { session: self, words, found: Found::default() };
        let picked = picked.filter(|target| self.has(*target));
        match picked {
            Some(target) => finder.look(self.offers(target), &self.ends(target), "", true),
            None if !group.is_empty() => finder.look(self.group_offers(group), group, "", true),
            None => {}
        }
        if !text.trim().is_empty() {
            finder.as_written(text.trim());
            finder.look_around(picked, group);
        }
        finder.found
    }

    fn words(&self, text: &str) -> Vec<Word> {
        let mut words = Vec::new();
        for word in text.to_ascii_lowercase().split_whitespace() {
            let nodes = |between: &[char]| {
                word.split(between).map(|name| self.named_node(name)).collect::<Option<Vec<_>>>()
            };
            match (nodes(&['>', '→']).as_deref(), nodes(&['-', '–', ',', '|'])) {
                _ if BETWEEN.contains(&word) => {}
                (Some([from, to]), _) => words.push(Word::Way(*from, *to)),
                (_, Some(nodes)) => words.extend(nodes.into_iter().map(Word::Node)),
                _ => words.push(Word::Plain(word.to_owned())),
            }
        }
        words
    }

    /// The nodes that something belongs to.
    fn ends(&self, target: Target) -> Vec<NodeId> {
        match target {
            Target::Node(node) => vec![node],
            Target::Link(one, other) => vec![one, other],
            Target::Message(id) => {
                let messages = self.cursor.world.messages().into_iter();
                messages.filter(|(it, _)| it.id == id).flat_map(|(_, it)| [it.from, it.to]).collect()
            }
        }
    }

    fn named_node(&self, name: &str) -> Option<NodeId> {
        let number: u32 = name.strip_prefix('n')?.parse().ok()?;
        (1..=self.scenario().nodes).contains(&number).then(|| NodeId(number - 1))
    }
}

/// Collects what fits.
struct Finder<'a> {
    session: &'a Session,
    words: Vec<Word>,
    found: Found,
}

impl Finder<'_> {
    /// The text itself, where it is an act.
    fn as_written(&mut self, text: &str) {
        if let Ok(act) = self.session.scenario().parse_act(text) {
            let (acts, label, words) = (vec![act], text.to_owned(), text.to_owned());
            let offer = Offer { verb: "as-written", label, acts, words, amount: None, breaks: None };
            self.keep(offer, "", false);
        }
    }

    /// Whatever there is but what is picked, as far as it may be meant.
    fn look_around(&mut self, picked: Option<Target>, group: &[NodeId]) {
        let (session, nodes) = (self.session, self.nodes());
        let is = |target: Target| picked == Some(target);
        if nodes.len() < 2 {
            for node in self.some(session.all().filter(|node| nodes.is_empty() || nodes.contains(node))) {
                if !is(Target::Node(node)) {
                    self.look(session.node_offers(node), &[node], &node.to_string(), false);
                }
            }
        }
        if nodes.is_empty() {
            self.look(session.world_offers(), &[], "", false);
        }
        let meant = |ends: &[NodeId]| nodes.iter().all(|node| ends.contains(node)) || nodes.len() > 2;
        let messages = session.cursor.world.message_names().into_iter();
        for (message, name) in self.some(messages.filter(|(_, name)| meant(&[name.from, name.to]))) {
            if !is(Target::Message(message.id)) {
                let offers = session.message_offers(message, &name);
                self.look(offers, &[name.from, name.to], &name.to_string(), false);
            }
        }
        let first = |node: &NodeId| nodes.is_empty() || nodes.contains(node);
        let pairs = session.all().filter(first).flat_map(|one| {
            let twice = move |other: NodeId| first(&other) && other < one;
            session.all().filter(move |&other| other != one && !twice(other)).map(move |other| (one, other))
        });
        let pairs = pairs.map(|(one, other)| (one.min(other), one.max(other)));
        for (one, other) in self.some(pairs.filter(|&(one, other)| meant(&[one, other]))) {
            let both = !is(Target::Link(one, other)) && !is(Target::Link(other, one));
            for links in [LinkSet::Both(one, other), LinkSet::OneWay(one, other), LinkSet::OneWay(other, one)]
            {
                if both || matches!(links, LinkSet::OneWay(..)) {
                    let about = links.to_string().replace('>', " → ").replace('-', "–");
                    self.look(session.link_offers(&links), &[one, other], &about, false);
                }
            }
        }
        if nodes.len() > 1 && nodes != group {
            self.look(session.group_offers(&nodes), &nodes, &super::offers::named(&nodes, ", "), false);
        }
    }

    /// The nodes that are named, each once.
    fn nodes(&self) -> Vec<NodeId> {
        let mut nodes = Vec::new();
        for word in &self.words {
            match *word {
                Word::Node(node) => nodes.push(node),
                Word::Way(from, to) => nodes.extend([from, to]),
                Word::Plain(_) => {}
            }
        }
        order::by(&mut nodes, Ord::cmp);
        nodes.dedup();
        nodes
    }

    /// As many of these things as are asked.
    fn some<T>(&mut self, things: impl Iterator<Item = T>) -> Vec<T> {
        let most = if self.session.is_crowd() { ASKED.1 } else { ASKED.0 };
        let mut some: Vec<T> = things.take(most + 1).collect();
        if some.len() > most {
            self.found.cut_short = true;
            some.truncate(most);
        }
        some
    }

    /// Keeps of these offers what fits.
    fn look(&mut self, offers: Vec<Offer>, ends: &[NodeId], about: &str, own: bool) {
        for mut offer in offers {
            if self.fits(&mut offer, ends) {
                self.keep(offer, about, own);
            }
        }
    }

    fn keep(&mut self, offer: Offer, about: &str, own: bool) {
        let known = |find: &Find| find.offer.words == offer.words;
        if self.found.finds.iter().any(known) {
        } else if self.found.finds.len() < MOST {
            let about = if offer.label.contains(about) { "" } else { about }.to_owned();
            self.found.finds.push(Find { offer, about, own });
        } else {
            self.found.more += 1;
        }
    }

    /// Whether all words are found in an offer to something with these nodes; a number becomes its amount.
    fn fits(&self, offer: &mut Offer, ends: &[NodeId]) -> bool {
        let text = format!("{} {} {}", offer.label, offer.words, also(offer.verb)).to_ascii_lowercase();
        let mut changed = false;
        self.words.iter().all(|word| match word {
            Word::Node(node) => {
                let name = node.to_string();
                ends.contains(node) || offer.label.split([' ', ',']).any(|word| word == name)
            }
            Word::Way(from, to) => {
                let way = format!("{from}>{to}");
                offer.words.split_whitespace().any(|word| word == way)
            }
            Word::Plain(word) if !changed && word.contains(|it: char| it.is_ascii_digit()) => {
                changed = self.becomes(offer, word);
                changed || text.contains(word)
            }
            Word::Plain(word) => text.contains(word),
        })
    }

    /// Gives an offer the amount that was typed, or that was begun; `false` when it is none for it.
    fn becomes(&self, offer: &mut Offer, amount: &str) -> bool {
        let Some(place) = offer.amount.clone() else { return false };
        let read = |unit: &&str| {
            let words = offer.with(&format!("{amount}{unit}"));
            self.session.scenario().parse_act(&words).ok().map(|act| (act, words))
        };
        let Some((act, words)) = UNITS.iter().find_map(read) else { return false };
        (offer.acts, offer.words) = (vec![act], words);
        offer.amount = Some(place.start..offer.words.len());
        true
    }
}

/// What else people call what is done.
fn also(verb: &str) -> &'static str {
    match verb {
        "cut" | "cut-apart" | "cut-one-way" => "partition isolate",
        "drop" => "lose",
        "crash" | "crash-losing-write" => "kill stop",
        "pause" => "freeze sleep",
        "take-over" => "byzantine liar",
        "forge" => "forge lie corrupt say",
        "latency" | "slow" => "slow delay",
        "duplicate" | "duplication" => "copy copies duplicate twice",
        "clock" | "clock-set" | "clock-rate" => "skew drift time",
        _ => "",
    }
}
