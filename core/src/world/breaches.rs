//! What a protocol assumes, and what of it somebody has broken: from there on its claims are not promised any more.
//!
//! The first breach of each sort of assumption is kept. What happens by itself, or what the nemesis does, breaks none.

use super::{Setup, World};
use crate::clock::Adjustment;
use crate::event::{Event, MessageId};
use crate::network::Behaviour;
use crate::node::NodeId;
use crate::title::{Assumption, Failures, Links, Timing};
use crate::view::Breach;

const LOSS: &str = "Links are assumed to lose nothing, and now they may.";
const TWICE: &str = "Links are assumed to deliver nothing twice, and now they may.";
const ORDER: &str = "Links are assumed to keep messages in order, and now they may not.";
const STOP: &str = "Nodes are assumed never to stop, and one has.";
const RETURN: &str = "A node that has stopped is assumed to stay so, and one has come back.";
const FORGET: &str = "Disks are assumed to keep what is written, and one has lost some of it.";
const LIE: &str = "Nodes are assumed to do as the protocol says, and one need not any more.";
const MANY: &str = "More nodes are faulty now than the protocol is made for.";
const TIME: &str = "Bounds on time are assumed to be known and to hold, and now they need not.";

/// What is broken by what is set before the run.
pub(super) fn at_first(setup: &Setup) -> Vec<Breach> {
    let (network, assumed) = (&setup.network, setup.assumptions);
    let links = if network.loss_ppm > 0 && assumed.links > Links::AtMostOnce {
        Some(LOSS)
    } else if network.duplicate_ppm > 0 && assumed.links > Links::FairLoss {
        Some(TWICE)
    } else if !network.fifo && assumed.links > Links::Perfect {
        Some(ORDER)
    } else {
        None
    };
    let late = network.latency.1 > setup.latency_known || setup.skew > 0 || setup.manual;
    let time = (assumed.timing == Timing::Synchronous && late).then_some(TIME);
    let breach = |assumption, sentence: Option<_>| {
        sentence.map(|sentence| Breach { assumption, event: None, by: None, sentence })
    };
    breach(Assumption::Links, links).into_iter().chain(breach(Assumption::Timing, time)).collect()
}

impl World {
    /// What has been broken of what the protocol assumes: the first breach of each sort of assumption.
    pub fn breaches(&self) -> &[Breach] {
        &self.breaches
    }

    /// What an event would break that somebody wants.
    pub(crate) fn breaches_by(&self, event: &Event) -> Vec<Breach> {
        let broken = [
            (Assumption::Links, self.breaks_links(event)),
            (Assumption::Failures, self.breaks_nodes(event)),
            (Assumption::Timing, self.breaks_time(event)),
        ];
        let new = |(assumption, _): &(Assumption, _)| {
            self.breaches.iter().all(|breach| breach.assumption != *assumption)
        };
        let breach = |(assumption, sentence): (Assumption, Option<&'static str>)| {
            sentence.map(|sentence| Breach {
                assumption,
                event: Some(self.events as usize),
                by: None,
                sentence,
            })
        };
        broken.into_iter().filter(new).filter_map(breach).collect()
    }

    fn breaks_links(&self, event: &Event) -> Option<&'static str> {
        // What a Byzantine node does not say, or says twice, is no fault of its links.
        let honest = |message: &MessageId| {
            self.message(*message).is_some_and(|envelope| !self.is_taken_over(envelope.from))
        };
        let (forbidden, sentence) = match event {
            Event::Drop(message) => (Links::Perfect, honest(message).then_some(LOSS)),
            Event::Cut(_) | Event::Stand(_) => (Links::Perfect, Some(LOSS)),
            Event::Duplicate(message) => (Links::AtMostOnce, honest(message).then_some(TWICE)),
            Event::Delay(message, _) | Event::HoldMessage(message) => {
                (Links::Fifo, honest(message).then_some(ORDER))
            }
            Event::Deliver(message) => (Links::Fifo, self.overtakes(*message).then_some(ORDER)),
            Event::Link(change) => match change.1 {
                Behaviour::Loss(1..) => (Links::Perfect, Some(LOSS)),
                Behaviour::Duplication(1..) => (Links::AtMostOnce, Some(TWICE)),
                _ => return None,
            },
            _ => return None,
        };
        sentence.filter(|_| self.setup.assumptions.links >= forbidden)
    }

    /// Whether a message that an honest node sent earlier is still on its way on the same link.
    fn overtakes(&self, message: MessageId) -> bool {
        let Some(this) = self.message(message).filter(|it| !self.is_taken_over(it.from)) else {
            return false;
        };
        let earlier = self.messages().into_iter().filter(|(id, _)| id.id < message.id);
        earlier.map(|(_, other)| (other.from, other.to)).any(|link| link == (this.from, this.to))
    }

    fn breaks_nodes(&self, event: &Event) -> Option<&'static str> {
        let assumed = self.setup.assumptions.failures;
        match (event, assumed) {
            (Event::Crash(node) | Event::CrashLosing(node) | Event::TakeOver(node), Failures::Byzantine) => {
                let faulty = |it: &NodeId| it == node || self.is_taken_over(*it) || !self.is_up(*it);
                let count = (0..self.setup.count).map(NodeId).filter(faulty).count();
                (count > self.setup.tolerated as usize).then_some(MANY)
            }
            (Event::TakeOver(_), _) => Some(LIE),
            (Event::Crash(_) | Event::CrashLosing(_), Failures::None) => Some(STOP),
            (Event::CrashLosing(_), _) => Some(FORGET),
            (Event::Restart(_), Failures::None | Failures::CrashStop) => Some(RETURN),
            _ => None,
        }
    }

    fn breaks_time(&self, event: &Event) -> Option<&'static str> {
        let breaks = match event {
            Event::Pause(_) | Event::Hold(_) | Event::HoldMessage(_) | Event::Delay(..) | Event::Fire(..) => {
                true
            }
            Event::Slow(_, permille) => *permille != 1_000,
            Event::Clock(_, adjustment) => *adjustment != Adjustment::Normal,
            Event::Link(change) => {
                matches!(change.1, Behaviour::Latency(_, most) if most > self.setup.latency_known)
            }
            _ => false,
        };
        (breaks && self.setup.assumptions.timing == Timing::Synchronous).then_some(TIME)
    }
}
