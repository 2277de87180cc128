//! What may be done now to a message, a node, a link, several nodes or everything, as acts of a scenario.

use super::look::timers;
use super::{Offer, Session, Target};
use crate::clock::Adjustment;
use crate::event::{LinkSet, MessageId, MessageName};
use crate::name::NodeId;
use crate::network::{Behaviour, link};
use crate::resolve::resolve;
use crate::scenario::Act;
use crate::time::Micros;
use std::fmt::Display;

/// For how long a rule stands when nobody says until when.
const STANDS: Micros = 1_000_000;
/// By how much a message is delayed when nobody says by how much.
const DELAY: Micros = 20_000;
/// How many thousandths of their time a slow node's timers take when nobody says how many.
const SLOWNESS: u32 = 3_000;

fn offer(verb: &'static str, label: impl Into<String>, act: Act) -> Offer {
    together(verb, label, vec![act])
}

/// An offer that takes an act for each of several nodes.
fn together(verb: &'static str, label: impl Into<String>, acts: Vec<Act>) -> Offer {
    let words = acts.iter().map(Act::to_string).collect::<Vec<_>>().join("\n");
    Offer { verb, label: label.into(), acts, words, amount: None, breaks: None }
}

/// An offer whose last word is an amount.
fn amount(verb: &'static str, label: impl Into<String>, act: Act) -> Offer {
    let mut offer = offer(verb, label, act);
    let last = offer.words.rfind(' ').map_or(0, |space| space + 1);
    offer.amount = Some(last..offer.words.len());
    offer
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
    /// Whether there is such a node, link or message now: what was picked in another run, or earlier, need not be there.
    pub fn has(&self, target: Target) -> bool {
        let is_node = |node: NodeId| node.0 < self.scenario().nodes;
        match target {
            Target::Message(id) => self.cursor.world.messages().iter().any(|(message, _)| message.id == id),
            Target::Node(node) => is_node(node),
            Target::Link(one, other) => is_node(one) && is_node(other) && one != other,
        }
    }

    /// What may be done to something now; nothing, where it is not there.
    pub fn offers(&self, target: Target) -> Vec<Offer> {
        let offers = match target {
            _ if !self.has(target) || self.is_alive().is_err() => Vec::new(),
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
                    let act = Act::Cut(LinkSet::OneWay(from, to));
                    offer("cut-one-way", format!("Cut {from} to {to}"), act)
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
        if self.is_alive().is_err() {
            return Vec::new();
        }
        let group: Vec<NodeId> = group.iter().copied().filter(|node| self.has(Target::Node(*node))).collect();
        let world = &self.cursor.world;
        let outside: Vec<_> = self.all().filter(|node| !group.contains(node)).collect();
        let mut offers = Vec::new();
        if !outside.is_empty() {
            offers.push(offer(
                "cut",
                "Cut off",
                Act::Cut(LinkSet::Groups(vec![group.clone(), outside.clone()])),
            ));
        }
        if group.len() > 1 && group.len() + usize::from(!outside.is_empty()) > 2 {
            let mut apart: Vec<_> = group.iter().map(|&node| vec![node]).collect();
            apart.extend(Some(outside).filter(|outside| !outside.is_empty()));
            offers.push(offer("cut-apart", "Cut apart", Act::Cut(LinkSet::Groups(apart))));
        }
        if !world.cuts().is_empty() {
            offers.push(offer("heal", "Heal all", Act::Heal(None)));
        }
        let each = |verb, label: &str, act: fn(NodeId) -> Act, may: &dyn Fn(NodeId) -> bool| {
            let acts: Vec<_> = group.iter().copied().filter(|&node| may(node)).map(act).collect();
            (!acts.is_empty()).then(|| together(verb, label, acts))
        };
        let (up, paused) = (|node| world.is_up(node), |node| world.is_paused(node));
        offers.extend(each("crash", "Crash them", Act::Crash, &up));
        offers.extend(each("restart", "Restart them", Act::Restart, &|node| !up(node)));
        offers.extend(each("pause", "Pause them", Act::Pause, &|node| up(node) && !paused(node)));
        offers.extend(each("resume", "Resume them", Act::Resume, &|node| up(node) && paused(node)));
        let honest = |node| up(node) && !world.is_taken_over(node);
        offers.extend(each("take-over", "Take them over", Act::TakeOver, &honest));
        self.judged(offers)
    }

    /// What may be done now to all links at once.
    pub(super) fn world_offers(&self) -> Vec<Offer> {
        let world = &self.cursor.world;
        let nodes: Vec<_> = self.all().collect();
        let mut offers = Vec::new();
        for (parts, label) in [(2, "Cut the network in two"), (3, "Cut the network in three")] {
            if nodes.len() >= parts {
                let group = |nth| nodes[nth * nodes.len() / parts..(nth + 1) * nodes.len() / parts].to_vec();
                let groups = LinkSet::Groups((0..parts).map(group).collect());
                offers.push(offer("cut", label, Act::Cut(groups)));
            }
        }
        if !world.cuts().is_empty() {
            offers.push(offer("heal", "Heal all cut links", Act::Heal(None)));
        }
        if !world.held().is_empty() {
            offers.push(offer("release", "Release all held messages", Act::Release(None)));
        }
        offers.extend(self.manners(None));
        if !world.altered().is_empty() {
            offers.push(offer("normal", "Reset all links", Act::Link(None, Behaviour::Normal)));
        }
        let until = self.time() + STANDS;
        offers.push(amount("lose", "Lose all messages until", Act::Lose(None, None, until)));
        for kind in world.shim().kinds() {
            let label = format!("Lose every {} until", kind.name);
            offers.push(amount("lose", label, Act::Lose(None, Some(kind.name), until)));
        }
        offers
    }

    /// The offers with what each of them would break of what is assumed.
    fn judged(&self, mut offers: Vec<Offer>) -> Vec<Offer> {
        for offer in &mut offers {
            offer.breaks = offer.acts.iter().find_map(|act| self.broken_by(act));
        }
        offers
    }

    /// What is assumed and would be broken by an act.
    fn broken_by(&self, act: &Act) -> Option<&'static str> {
        let world = &self.cursor.world;
        let event = resolve(act, world).ok()?;
        world.breaches_by(&event).first().map(|breach| breach.sentence)
    }

    pub(super) fn message_offers(&self, message: MessageId, name: &MessageName) -> Vec<Offer> {
        let world = &self.cursor.world;
        let held = world.message(message).is_some_and(|envelope| envelope.held);
        let this = || name.clone();
        let mut offers = vec![offer("drop", "Drop", Act::Drop(this()))];
        if !world.is_paused(name.to) {
            offers.push(offer("deliver", "Deliver", Act::Deliver(this())));
        }
        offers.push(amount("delay", "Delay", Act::Delay(this(), DELAY)));
        offers.push(offer("duplicate", "Duplicate", Act::Duplicate(this())));
        offers.push(if held {
            offer("release", "Release", Act::ReleaseMessage(this()))
        } else {
            offer("hold", "Hold", Act::HoldMessage(this()))
        });
        let link = LinkSet::OneWay(name.from, name.to);
        let rule = Act::Lose(Some(link), Some(name.kind), self.time() + STANDS);
        offers.push(amount("lose", "Lose all of this kind until", rule));
        for lie in world.lie_texts(message) {
            offers.push(offer("forge", format!("Send {lie} instead"), Act::Forge(this(), lie)));
        }
        if world.is_taken_over(name.from) {
            for to in self.all().filter(|&to| to != name.from && to != name.to) {
                offers.push(offer("inject", format!("Also send it to {to}"), Act::Inject(this(), to)));
            }
        }
        offers
    }

    pub(super) fn node_offers(&self, node: NodeId) -> Vec<Offer> {
        let world = &self.cursor.world;
        if !world.is_up(node) {
            return vec![offer("restart", format!("Restart {node}"), Act::Restart(node))];
        }
        let mut offers = vec![offer("crash", format!("Crash {node}"), Act::Crash(node))];
        if world.is_paused(node) {
            offers.insert(0, offer("resume", format!("Resume {node}"), Act::Resume(node)));
        } else {
            for words in world.input_texts(node) {
                offers.push(offer("ask", words.clone(), Act::Ask(node, words)));
            }
            for timer in timers(world, node) {
                let label = format!("Fire {}", timer.name);
                offers.push(offer("fire", label, Act::Fire(node, timer.name)));
            }
            offers.push(offer("pause", format!("Pause {node}"), Act::Pause(node)));
        }
        let others = self.all().filter(|&other| other != node).collect();
        offers.push(offer(
            "cut",
            format!("Cut off {node}"),
            Act::Cut(LinkSet::Groups(vec![vec![node], others])),
        ));
        if !world.cuts().is_empty() {
            offers.push(offer("heal", "Heal all", Act::Heal(None)));
        }
        if world.may_lose_write(node) {
            let label = format!("Crash {node}, losing its last write");
            offers.push(offer("crash-losing-write", label, Act::CrashLosing(node)));
        }
        if !world.is_taken_over(node) {
            offers.push(offer("take-over", format!("Take {node} over"), Act::TakeOver(node)));
        }
        let slowness = world.slot(node).slowness;
        if slowness.is_some() {
            let label = format!("Run {node} at normal speed");
            offers.push(offer("slow", label, Act::Slow(node, 1_000)));
        }
        offers.push(amount("slow", "Slow", Act::Slow(node, slowness.unwrap_or(SLOWNESS))));
        if world.is_clock_touched(node) {
            let label = format!("Reset {node}'s clock");
            offers.push(offer("clock", label, Act::Clock(node, Adjustment::Normal)));
        }
        for (verb, label, adjustment) in [
            ("clock", "Clock jump", Adjustment::Jump(50_000)),
            ("clock-set", "Offset", Adjustment::Offset(50_000)),
            ("clock-rate", "Drift", Adjustment::Drift(1_000)),
        ] {
            offers.push(amount(verb, label, Act::Clock(node, adjustment)));
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
        let mut add = |wanted: bool, verb, label: &str, act: Act| {
            if wanted {
                offers.push(offer(verb, label, act));
            }
        };
        let these = || links.clone();
        add(!every(0), "cut", "Cut", Act::Cut(these()));
        add(any(0), "heal", "Heal", Act::Heal(Some(these())));
        add(!every(1), "hold", "Hold", Act::Hold(these()));
        add(any(1), "release", "Release", Act::Release(Some(these())));
        add(any(2), "normal", "Reset", Act::Link(Some(these()), Behaviour::Normal));
        offers.extend(self.manners(Some(links)));
        let rule = Act::Lose(Some(these()), None, self.time() + STANDS);
        offers.push(amount("lose", "Lose all until", rule));
        offers
    }

    /// How these links may be let behave, or all.
    fn manners(&self, links: Option<&LinkSet>) -> Vec<Offer> {
        let network = &self.cursor.world.setup().network;
        // What was measured has a long tail, which is no measure for more.
        let usual = self.scenario().entry.info.latency;
        let (least, greatest) = if network.fitted.is_some() { usual } else { network.latency };
        let manner = |(verb, label, behaviour): (&'static str, &str, Behaviour)| {
            let label = if links.is_some() { label.to_owned() } else { format!("{label} of all links") };
            amount(verb, label, Act::Link(links.cloned(), behaviour))
        };
        [
            ("latency", "Latency", Behaviour::Latency(5 * least, 5 * greatest)),
            ("loss", "Loss", Behaviour::Loss(500_000)),
            ("duplication", "Duplication", Behaviour::Duplication(100_000)),
        ]
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
