//! What somebody did to nodes, links and clocks and has not taken back, and which of it keeps a claim about the end from
//! being judged.

use super::World;
use crate::name::NodeId;
use crate::property::Despite;
use crate::title::Timing;

/// A sort of thing that was done and is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Left {
    Down,
    Taken,
    /// It is up again, and its memory is gone for good.
    Forgetful,
    Paused,
    Slow,
    Clock,
    Cut,
    Held,
    Lossy,
    /// A link is late, or delivers twice.
    Altered,
    Message,
    Rule,
}

/// Something that was done and is left: what, and to which node, or to the link from which node to which.
pub(crate) type Unrest = (Left, NodeId, NodeId);

impl World {
    /// All that somebody did to nodes, links and clocks and that is left; nothing at peace.
    pub(crate) fn unrest(&self) -> Vec<Unrest> {
        let mut unrest = Vec::new();
        for (node, slot) in (0..).map(NodeId).zip(&self.slots) {
            let marks = [
                (Left::Down, slot.booted && slot.machine.is_none()),
                (Left::Taken, slot.taken),
                (Left::Forgetful, slot.machine.is_some() && self.goes_on_counting(slot)),
                (Left::Paused, slot.paused),
                (Left::Slow, slot.slowness.is_some()),
                (Left::Clock, self.is_clock_touched(node)),
            ];
            unrest.extend(marks.into_iter().filter(|(_, mark)| *mark).map(|(left, _)| (left, node, node)));
            let manners = slot.manners.iter();
            let altered = |loses| if loses { Left::Lossy } else { Left::Altered };
            unrest.extend(manners.map(|(to, manner)| (altered(manner.loses()), node, *to)));
        }
        for (left, links) in [(Left::Cut, self.cuts()), (Left::Held, self.held())] {
            unrest.extend(links.into_iter().map(|(from, to)| (left, from, to)));
        }
        let held = self.messages().into_iter().filter(|(_, envelope)| envelope.held);
        unrest.extend(held.map(|(_, envelope)| (Left::Message, envelope.from, envelope.to)));
        let standing = self.loss_rules.iter().filter(|rule| rule.until > self.now);
        unrest.extend(standing.map(|_| (Left::Rule, NodeId(0), NodeId(0))));
        unrest
    }

    /// A failure that is left and that a claim does not endure, in words. A clock that is only set wrong is none: delays are
    /// counted at its rate.
    pub(crate) fn unrepaired(&self, unrest: &[Unrest], despite: Despite, tolerated: u32) -> Option<String> {
        if self.setup.network.loss_ppm == 1_000_000 {
            return Some("every message is lost".into());
        }
        let patient = self.setup.liveness.timing == Timing::Asynchronous;
        let mut failures = unrest.to_vec();
        failures.retain(|&(left, node, _)| match left {
            Left::Down | Left::Taken | Left::Forgetful => self.setup.counts[node.index()],
            Left::Slow | Left::Altered => false,
            Left::Clock => !patient && self.clock(node).drifts(),
            _ => true,
        });
        match despite {
            Despite::Nothing => {}
            Despite::Crashes => failures.retain(|(left, ..)| *left != Left::Down),
            Despite::Few => self.excuse(&mut failures, tolerated),
        }
        failures.first().map(|&(left, node, to)| match left {
            Left::Down => format!("{node} is down"),
            Left::Taken => format!("{node} is taken over"),
            Left::Forgetful => format!("{node} restarted without its memory"),
            Left::Paused => format!("{node} is paused"),
            Left::Slow => format!("{node} is slow"),
            Left::Clock => format!("{node}'s clock runs too fast or too slow"),
            Left::Cut => format!("the link from {node} to {to} is cut"),
            Left::Held => format!("the link from {node} to {to} is held"),
            Left::Lossy => format!("the link from {node} to {to} loses messages"),
            Left::Altered => format!("the link from {node} to {to} is altered"),
            Left::Message => format!("a message from {node} to {to} is held"),
            Left::Rule => "a loss rule still stands".into(),
        })
    }

    /// Takes out what concerns as few nodes as may be faulty, those first that most concerns.
    fn excuse(&self, failures: &mut Vec<Unrest>, tolerated: u32) {
        for _ in 0..tolerated {
            let concerns = |node: NodeId| {
                move |&&(left, from, to): &&Unrest| left != Left::Rule && (from == node || to == node)
            };
            // What is wrong with a node itself is excused by that node only.
            let weight = |node: NodeId| {
                let concerned = || failures.iter().filter(concerns(node));
                (concerned().any(|(_, from, to)| from == to), concerned().count())
            };
            let counting = (0..self.setup.count).map(NodeId).filter(|node| self.setup.counts[node.index()]);
            let Some(worst) = counting.max_by_key(|&node| weight(node)) else { return };
            failures.retain(|failure| !concerns(worst)(&failure));
        }
    }
}
