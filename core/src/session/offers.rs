//! What may be done now to a message, a node or a link, in the words of a scenario.

use super::look::timers;
use super::{Offer, Session, Target};
use crate::node::NodeId;
use crate::sim::resolve;
use crate::time::exact;
use crate::world::World;

fn offer(verb: &'static str, label: &str, words: String) -> Offer {
    Offer { verb, label: label.to_owned(), words, breaks: None }
}

impl Session {
    /// What may be done to something now.
    pub fn offers(&self, target: Target) -> Vec<Offer> {
        let mut offers = match target {
            Target::Message(id) => self.message_offers(id),
            Target::Node(node) => self.node_offers(node),
            Target::Link(one, other) => self.link_offers(one, other),
        };
        for offer in &mut offers {
            offer.breaks = self.broken_by(&offer.words);
        }
        offers
    }

    /// What is assumed and would be broken by an act.
    fn broken_by(&self, words: &str) -> Option<&'static str> {
        let world = &self.cursor.world;
        let event = self.scenario().parse_act(words).and_then(|act| resolve(&act, world)).ok()?;
        world.breaches_by(&event).first().map(|breach| breach.sentence)
    }

    fn message_offers(&self, id: u64) -> Vec<Offer> {
        let world = &self.cursor.world;
        let named = world.message_names().into_iter().find(|(message, _)| message.id == id);
        let Some((message, name)) = named else { return Vec::new() };
        let held = world.message(message).is_some_and(|envelope| envelope.held);
        let mut offers = vec![offer("drop", "Drop", format!("drop {name}"))];
        if !world.is_paused(name.to) {
            offers.push(offer("deliver", "Deliver", format!("deliver {name}")));
        }
        offers.push(offer("delay", "Delay", format!("delay {name} by 20ms")));
        offers.push(offer("duplicate", "Copy", format!("duplicate {name}")));
        offers.push(if held {
            offer("release", "Release", format!("release {name}"))
        } else {
            offer("hold", "Hold", format!("hold {name}"))
        });
        for lie in world.lie_texts(message) {
            offers.push(offer("forge", &format!("Say {lie} instead"), format!("forge {name} as {lie}")));
        }
        if world.is_taken_over(name.from) {
            let nodes = (0..self.scenario().nodes).map(NodeId);
            for to in nodes.filter(|&to| to != name.from && to != name.to) {
                offers.push(offer(
                    "inject",
                    &format!("Say it to {to}, too"),
                    format!("inject {name} to {to}"),
                ));
            }
        }
        offers
    }

    fn node_offers(&self, node: NodeId) -> Vec<Offer> {
        let world = &self.cursor.world;
        if !world.is_up(node) {
            return vec![offer("restart", &format!("Restart {node}"), format!("restart {node}"))];
        }
        let mut offers = vec![offer("crash", &format!("Crash {node}"), format!("crash {node}"))];
        if world.is_paused(node) {
            offers.insert(0, offer("resume", &format!("Resume {node}"), format!("resume {node}")));
        } else {
            for words in self.inputs(node) {
                offers.push(offer("ask", &words, format!("{node} {words}")));
            }
            for timer in timers(world, node) {
                let label = format!("Fire {}", timer.name);
                offers.push(offer("fire", &label, format!("fire {node} {}", timer.name)));
            }
            offers.push(offer("pause", &format!("Pause {node}"), format!("pause {node}")));
        }
        offers.push(offer("cut", &format!("Cut off {node}"), format!("cut {node}|{}", self.others(node))));
        if !world.cuts().is_empty() {
            offers.push(offer("heal", "Heal all", "heal".into()));
        }
        if world.may_lose_write(node) {
            let label = format!("Crash {node}, losing its last write");
            offers.push(offer("crash-losing-write", &label, format!("crash {node} losing-write")));
        }
        offers.push(match world.slot(node).slowness {
            None => offer("slow", &format!("Slow {node} down"), format!("slow {node} 3x")),
            Some(_) => offer("slow", &format!("Let {node} be as fast as others"), format!("slow {node} 1x")),
        });
        offers.push(if world.is_clock_touched(node) {
            offer("clock", &format!("Set {node}'s clock right"), format!("clock {node} normal"))
        } else {
            offer("clock", &format!("Skew {node}'s clock"), format!("clock {node} jump +50ms"))
        });
        if !world.is_taken_over(node) {
            offers.push(offer("take-over", &format!("Take {node} over"), format!("take over {node}")));
        }
        offers
    }

    fn link_offers(&self, one: NodeId, other: NodeId) -> Vec<Offer> {
        let world = &self.cursor.world;
        let both = |links: Vec<(NodeId, NodeId)>| [(one, other), (other, one)].map(|it| links.contains(&it));
        let (cut, held, altered) = (both(world.cuts()), both(world.held()), both(world.altered()));
        let mut offers = Vec::new();
        if cut != [true, true] {
            offers.push(offer("cut", "Cut", format!("cut {one}-{other}")));
        }
        for ((from, to), cut) in [(one, other), (other, one)].into_iter().zip(cut) {
            if !cut {
                let label = format!("Cut {from} to {to}");
                offers.push(offer("cut-one-way", &label, format!("cut {from}>{to}")));
            }
        }
        if cut != [false, false] {
            offers.push(offer("heal", "Heal", format!("heal {one}-{other}")));
        }
        if held != [true, true] {
            offers.push(offer("hold", "Hold", format!("hold {one}-{other}")));
        }
        if held != [false, false] {
            offers.push(offer("release", "Release", format!("release {one}-{other}")));
        }
        if altered == [false, false] {
            offers.push(offer("link", "Slow down", slower(world, one, other)));
            offers.push(offer("lose", "Lose half", format!("link {one}-{other} loss 50%")));
        } else {
            offers.push(offer("link", "Make normal", format!("link {one}-{other} normal")));
        }
        offers
    }

    fn others(&self, node: NodeId) -> String {
        let others = (0..self.scenario().nodes).map(NodeId).filter(|&other| other != node);
        others.map(|other| other.to_string()).collect::<Vec<_>>().join(",")
    }
}

/// A link that takes five times as long as others.
fn slower(world: &World, one: NodeId, other: NodeId) -> String {
    let (least, greatest) = world.setup().network.latency;
    format!("link {one}-{other} latency {}..{}", exact(5 * least), exact(5 * greatest))
}
