//! What may be done now to a message, a node, a link, several nodes or everything, in the words of a scenario.

use super::look::timers;
use super::{Offer, Session, Target};
use crate::event::{LinkSet, MessageId, MessageName};
use crate::name::NodeId;
use crate::network::link;
use crate::resolve::resolve;
use crate::text::times;
use crate::time::{Micros, exact};
use std::fmt::Display;

/// For how long a rule stands when nobody says until when.
const STANDS: Micros = 1_000_000;

fn offer(verb: &'static str, label: impl Into<String>, words: String) -> Offer {
    Offer { verb, label: label.into(), words, amount: None, breaks: None }
}

/// An offer whose last word is an amount.
fn amount(verb: &'static str, label: impl Into<String>, words: &str, usual: &str) -> Offer {
    let (before, words) = (words.len() + 1, format!("{words} {usual}"));
    Offer { verb, label: label.into(), amount: Some(before..words.len()), words, breaks: None }
}

impl Offer {
    /// The amount in its words.
    pub fn amount(&self) -> Option<&str> {
        self.words.get(self.amount.clone()?)
    }

    /// Its words with another amount.
    pub fn with(&self, amount: &str) -> String {
        let mut words = self.words.clone();
        if let Some(place) = self.amount.clone() {
            words.replace_range(place, amount);
        }
        words
    }
}

impl Session {
    /// What may be done to something now.
    pub fn offers(&self, target: Target) -> Vec<Offer> {
        let offers = match target {
            Target::Message(id) => {
                let mut under_way = self.cursor.world.message_names().into_iter();
                let found = under_way.find(|(message, _)| message.id == id);
                found.map(|(message, name)| self.message_offers(message, &name)).unwrap_or_default()
            }
            Target::Node(node) => self.node_offers(node),
            Target::Link(one, other) => {
                let mut offers = self.link_offers(&LinkSet::Both(one, other));
                let one_way = [(one, other), (other, one)].into_iter();
                let one_way = one_way.filter(|&(from, to)| !self.is(from, to)[0]);
                let cut = |(from, to)| {
                    offer("cut-one-way", format!("Cut {from} to {to}"), format!("cut {from}>{to}"))
                };
                let place = offers.iter().take_while(|offer| offer.verb == "cut").count();
                offers.splice(place..place, one_way.map(cut));
                offers
            }
        };
        self.judged(offers)
    }

    /// What may be done now to several nodes together. Where that takes an act for each of them, an offer's words are a
    /// line for each.
    pub fn group_offers(&self, group: &[NodeId]) -> Vec<Offer> {
        let world = &self.cursor.world;
        let outside = self.all().filter(|node| !group.contains(node));
        let (inside, outside) = (named(group.iter(), ","), named(outside, ","));
        let mut offers = Vec::new();
        if !outside.is_empty() {
            offers.push(offer("cut", "Cut off", format!("cut {inside}|{outside}")));
        }
        if group.len() > 1 && group.len() + usize::from(!outside.is_empty()) > 2 {
            let rest = if outside.is_empty() { outside } else { format!("|{outside}") };
            offers.push(offer("cut-apart", "Cut apart", format!("cut {}{rest}", named(group.iter(), "|"))));
        }
        if !world.cuts().is_empty() {
            offers.push(offer("heal", "Heal all", "heal".into()));
        }
        let each = |verb, label: &str, words: &str, may: &dyn Fn(NodeId) -> bool| {
            let lines: Vec<_> =
                group.iter().filter(|node| may(**node)).map(|node| format!("{words} {node}")).collect();
            (!lines.is_empty()).then(|| offer(verb, label, lines.join("\n")))
        };
        let (up, paused) = (|node| world.is_up(node), |node| world.is_paused(node));
        offers.extend(each("crash", "Crash them", "crash", &up));
        offers.extend(each("restart", "Restart them", "restart", &|node| !up(node)));
        offers.extend(each("pause", "Pause them", "pause", &|node| up(node) && !paused(node)));
        offers.extend(each("resume", "Resume them", "resume", &|node| up(node) && paused(node)));
        let honest = |node| up(node) && !world.is_taken_over(node);
        offers.extend(each("take-over", "Take them over", "take over", &honest));
        self.judged(offers)
    }

    /// What may be done now to all links at once.
    pub(super) fn world_offers(&self) -> Vec<Offer> {
        let world = &self.cursor.world;
        let nodes: Vec<_> = self.all().collect();
        let mut offers = Vec::new();
        for (parts, label) in [(2, "Cut the network in two"), (3, "Cut the network in three")] {
            if nodes.len() >= parts {
                let groups = (0..parts).map(|nth| {
                    named(&nodes[nth * nodes.len() / parts..(nth + 1) * nodes.len() / parts], ",")
                });
                offers.push(offer("cut", label, format!("cut {}", groups.collect::<Vec<_>>().join("|"))));
            }
        }
        if !world.cuts().is_empty() {
            offers.push(offer("heal", "Heal all that is cut", "heal".into()));
        }
        if !world.held().is_empty() {
            offers.push(offer("release", "Release all that is held", "release".into()));
        }
        offers.extend(self.manners("all links", ""));
        if !world.altered().is_empty() {
            offers.push(offer("normal", "Make all links normal", "link normal".into()));
        }
        let until = exact(self.time() + STANDS);
        offers.push(amount("lose", "Lose everything until", "lose until", &until));
        for kind in world.shim().kinds() {
            let label = format!("Lose every {} until", kind.name);
            offers.push(amount("lose", label, &format!("lose {} until", kind.name), &until));
        }
        offers
    }

    /// The offers with what each of them would break of what is assumed.
    fn judged(&self, mut offers: Vec<Offer>) -> Vec<Offer> {
        for offer in &mut offers {
            offer.breaks = offer.words.lines().find_map(|words| self.broken_by(words));
        }
        offers
    }

    /// What is assumed and would be broken by an act.
    fn broken_by(&self, words: &str) -> Option<&'static str> {
        let world = &self.cursor.world;
        let event = self.scenario().parse_act(words).and_then(|act| resolve(&act, world)).ok()?;
        world.breaches_by(&event).first().map(|breach| breach.sentence)
    }

    pub(super) fn message_offers(&self, message: MessageId, name: &MessageName) -> Vec<Offer> {
        let world = &self.cursor.world;
        let held = world.message(message).is_some_and(|envelope| envelope.held);
        let mut offers = vec![offer("drop", "Drop", format!("drop {name}"))];
        if !world.is_paused(name.to) {
            offers.push(offer("deliver", "Deliver", format!("deliver {name}")));
        }
        offers.push(amount("delay", "Delay", &format!("delay {name} by"), "20ms"));
        offers.push(offer("duplicate", "Copy", format!("duplicate {name}")));
        offers.push(if held {
            offer("release", "Release", format!("release {name}"))
        } else {
            offer("hold", "Hold", format!("hold {name}"))
        });
        let rule = format!("lose {}>{} {} until", name.from, name.to, name.kind);
        offers.push(amount("lose", "Lose all such until", &rule, &exact(self.time() + STANDS)));
        for lie in world.lie_texts(message) {
            offers.push(offer("forge", format!("Say {lie} instead"), format!("forge {name} as {lie}")));
        }
        if world.is_taken_over(name.from) {
            for to in self.all().filter(|&to| to != name.from && to != name.to) {
                let label = format!("Say it to {to}, too");
                offers.push(offer("inject", label, format!("inject {name} to {to}")));
            }
        }
        offers
    }

    pub(super) fn node_offers(&self, node: NodeId) -> Vec<Offer> {
        let world = &self.cursor.world;
        if !world.is_up(node) {
            return vec![offer("restart", format!("Restart {node}"), format!("restart {node}"))];
        }
        let mut offers = vec![offer("crash", format!("Crash {node}"), format!("crash {node}"))];
        if world.is_paused(node) {
            offers.insert(0, offer("resume", format!("Resume {node}"), format!("resume {node}")));
        } else {
            for words in self.inputs(node) {
                let asked = format!("{node} {words}");
                offers.push(offer("ask", words, asked));
            }
            for timer in timers(world, node) {
                let label = format!("Fire {}", timer.name);
                offers.push(offer("fire", label, format!("fire {node} {}", timer.name)));
            }
            offers.push(offer("pause", format!("Pause {node}"), format!("pause {node}")));
        }
        let others = named(self.all().filter(|&other| other != node), ",");
        offers.push(offer("cut", format!("Cut off {node}"), format!("cut {node}|{others}")));
        if !world.cuts().is_empty() {
            offers.push(offer("heal", "Heal all", "heal".into()));
        }
        if world.may_lose_write(node) {
            let label = format!("Crash {node}, losing its last write");
            offers.push(offer("crash-losing-write", label, format!("crash {node} losing-write")));
        }
        if !world.is_taken_over(node) {
            offers.push(offer("take-over", format!("Take {node} over"), format!("take over {node}")));
        }
        let slowness = world.slot(node).slowness;
        if slowness.is_some() {
            let label = format!("Let {node} be as fast as others");
            offers.push(offer("slow", label, format!("slow {node} 1x")));
        }
        let usual = slowness.map_or("3x".to_owned(), times);
        offers.push(amount("slow", "Slow", &format!("slow {node}"), &usual));
        if world.is_clock_touched(node) {
            let label = format!("Set {node}'s clock right");
            offers.push(offer("clock", label, format!("clock {node} normal")));
        }
        for (verb, label, what, usual) in [
            ("clock", "Clock jump", "jump", "+50ms"),
            ("clock-set", "Offset", "offset", "+50ms"),
            ("clock-rate", "Drift", "drift", "+1000ppm"),
        ] {
            offers.push(amount(verb, label, &format!("clock {node} {what}"), usual));
        }
        offers
    }

    /// What may be done to the link between two nodes, both ways or one way.
    pub(super) fn link_offers(&self, links: &LinkSet) -> Vec<Offer> {
        let ways: Vec<_> =
            links.pairs(self.scenario().nodes).iter().map(|&(from, to)| self.is(from, to)).collect();
        let (every, any) =
            (|sort: usize| ways.iter().all(|way| way[sort]), |sort: usize| ways.iter().any(|way| way[sort]));
        let mut offers = Vec::new();
        let mut add = |wanted: bool, verb, label: &str, words: String| {
            if wanted {
                offers.push(offer(verb, label, words));
            }
        };
        add(!every(0), "cut", "Cut", format!("cut {links}"));
        add(any(0), "heal", "Heal", format!("heal {links}"));
        add(!every(1), "hold", "Hold", format!("hold {links}"));
        add(any(1), "release", "Release", format!("release {links}"));
        add(any(2), "normal", "Make normal", format!("link {links} normal"));
        offers.extend(self.manners("", &format!("{links} ")));
        let rule = format!("lose {links} until");
        offers.push(amount("lose", "Lose all until", &rule, &exact(self.time() + STANDS)));
        offers
    }

    /// How links may be let behave: of those in the words, or of all.
    fn manners(&self, whose: &str, links: &str) -> Vec<Offer> {
        let (least, greatest) = self.cursor.world.setup().network.latency;
        let five_times = format!("{}..{}", exact(5 * least), exact(5 * greatest));
        let manner = |(verb, label, usual): (&'static str, &str, &str)| {
            let label = if whose.is_empty() { label.to_owned() } else { format!("{label} of {whose}") };
            amount(verb, label, &format!("link {links}{verb}"), usual)
        };
        [("latency", "Latency", &five_times[..]), ("loss", "Loss", "50%"), ("duplication", "Copies", "10%")]
            .map(manner)
            .into()
    }

    /// Whether the link from one node to another is cut, held, and behaves otherwise than all do.
    fn is(&self, from: NodeId, to: NodeId) -> [bool; 3] {
        let slot = self.cursor.world.slot(from);
        let link = link(&slot.links, to);
        [
            link.is_some_and(|link| link.cut),
            link.is_some_and(|link| link.held),
            slot.manners.contains_key(&to),
        ]
    }

    pub(super) fn all(&self) -> impl Iterator<Item = NodeId> + use<> {
        (0..self.scenario().nodes).map(NodeId)
    }
}

/// Nodes by their names.
pub(super) fn named(nodes: impl IntoIterator<Item = impl Display>, between: &str) -> String {
    nodes.into_iter().map(|node| node.to_string()).collect::<Vec<_>>().join(between)
}
