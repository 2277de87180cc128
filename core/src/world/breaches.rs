//! What a protocol assumes, and what of it somebody has broken: from there on its claims are not promised any more.
//!
//! The first breach of each sort of assumption is kept. What happens by itself, or what the nemesis does, breaks none.

use super::{Setup, World};
use crate::clock::Adjustment;
use crate::event::{Event, MessageId};
use crate::name::NodeId;
use crate::network::Behaviour;
use crate::property::Sense;
use crate::slot::Slot;
use crate::title::{Assumption, Assumptions, Failures, Links, Timing};
use crate::trace::{Record, What};

const LOSS: &str = "The protocol assumes that links lose no messages; now they may.";
const TWICE: &str = "The protocol assumes that links never deliver a message twice; now they may.";
const ORDER: &str = "The protocol assumes that links keep messages in order; now they may not.";
const STOP: &str = "The protocol assumes that no node crashes; now one has crashed.";
const RETURN: &str = "The protocol assumes that a crashed node stays down; now one has restarted.";
const FORGET: &str = "The protocol assumes that disks keep every write; now one has lost a write.";
const LIE: &str = "The protocol assumes that every node follows it; now one may deviate.";
const MANY: &str = "More nodes are faulty now than the protocol tolerates.";
const TIME: &str = "The protocol assumes that known bounds on time hold; now they may not.";

/// For which claims something is assumed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// What must hold always, or in the end.
    Sense(Sense),
    /// All but what comes up sometimes, which assumes nothing.
    All,
    /// The claim of this name.
    Claim(&'static str),
}

impl Scope {
    /// Whether something is assumed for a claim.
    pub fn includes(self, name: &str, sense: Sense) -> bool {
        match self {
            Scope::Sense(of) => of == sense,
            Scope::All => sense != Sense::Sometimes,
            Scope::Claim(of) => of == name,
        }
    }

    /// The claims, in words.
    pub fn words(self) -> String {
        match self {
            Scope::Sense(Sense::Eventually) => "Liveness claims".into(),
            Scope::Sense(_) => "Safety claims".into(),
            Scope::All => "Safety and liveness claims".into(),
            Scope::Claim(name) => name.into(),
        }
    }
}

/// Something that the protocol assumes and that has been broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Breach {
    /// Whose: safety's, of what must hold always; liveness', of what must hold in the end; or that of one claim.
    pub scope: Scope,
    /// What sort of assumption it is.
    pub assumption: Assumption,
    /// By which event; by what is set before the run, without one.
    pub event: Option<usize>,
    /// The record of that event, once it has happened.
    pub by: Option<Record>,
    /// What is assumed, and what is so now.
    pub sentence: &'static str,
}

impl Breach {
    /// What was done, as it stands after `since`.
    pub fn deed(&self) -> String {
        let Some(record) = self.by else { return "the run was set up".into() };
        let (node, from) = (NodeId(record.node), NodeId(record.peer));
        match record.what {
            What::Crash => format!("{node} crashed"),
            What::CrashLosing => format!("{node}'s disk lost a write"),
            What::Restart => format!("{node} restarted"),
            What::TakeOver => format!("{node} was taken over"),
            What::Pause => format!("{node} was paused"),
            What::Slow => format!("the speed of {node} was changed"),
            What::Clock => format!("the clock of {node} was changed"),
            What::Fire => format!("a timer of {node} was fired"),
            What::Drop => format!("a message from {from} was dropped"),
            What::Delay => format!("a message from {from} was delayed"),
            What::Duplicate => format!("a message from {from} was duplicated"),
            What::Deliver => format!("a message from {from} overtook another"),
            What::Cut => "links were cut".into(),
            What::Hold => "messages were held".into(),
            What::Stand => "a loss rule was set".into(),
            _ => "links were changed".into(),
        }
    }
}

/// What somebody broke: the sort of assumption, and what is assumed and is so now.
type Broken = (Assumption, &'static str);

/// What breaks an assumption, for which claims: what safety's and liveness' share is one breach.
fn scoped(setup: &Setup, breaks: impl Fn(Assumptions) -> [Option<Broken>; 2]) -> Vec<(Scope, Broken)> {
    let (safety, liveness) = (breaks(setup.safety), breaks(setup.liveness));
    let one = |(safety, liveness): (Option<Broken>, Option<Broken>)| match (safety, liveness) {
        (Some(broken), Some(same)) if broken == same => vec![(Scope::All, broken)],
        (safety, liveness) => {
            let [safety, liveness] = [(Sense::Always, safety), (Sense::Eventually, liveness)]
                .map(|(sense, broken)| broken.map(|broken| (Scope::Sense(sense), broken)));
            safety.into_iter().chain(liveness).collect()
        }
    };
    safety.into_iter().zip(liveness).flat_map(one).collect()
}

/// The claim that rests on clocks, once they do not run alike.
fn clocked(setup: &Setup, apart: bool) -> Option<(Scope, Broken)> {
    let (claim, sentence) = setup.clocked.filter(|_| apart)?;
    Some((Scope::Claim(claim), (Assumption::Timing, sentence)))
}

/// What is broken by what is set before the run.
pub(super) fn at_first(setup: &Setup) -> Vec<Breach> {
    let all = scoped(setup, |assumed| set_up(setup, assumed)).into_iter().chain(clocked(setup, setup.manual));
    let breach =
        |(scope, (assumption, sentence))| Breach { scope, assumption, event: None, by: None, sentence };
    all.map(breach).collect()
}

/// What of some assumptions is broken by what is set before the run.
fn set_up(setup: &Setup, assumed: Assumptions) -> [Option<Broken>; 2] {
    let network = &setup.network;
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
    [links.map(|it| (Assumption::Links, it)), time.map(|it| (Assumption::Timing, it))]
}

impl World {
    /// What has been broken of what the protocol assumes: the first breach of each sort of assumption, for claims for which
    /// none of that sort was broken before.
    pub fn breaches(&self) -> &[Breach] {
        &self.breaches
    }

    /// What an event would break that somebody wants.
    pub(crate) fn breaches_by(&self, event: &Event) -> Vec<Breach> {
        let new = |(scope, (assumption, _)): &(Scope, Broken)| {
            let known = |breach: &Breach| {
                breach.assumption == *assumption && (breach.scope == *scope || breach.scope == Scope::All)
            };
            !self.breaches.iter().any(known)
        };
        let breach = |(scope, (assumption, sentence))| {
            let event = Some(self.events as usize);
            Breach { scope, assumption, event, by: None, sentence }
        };
        let apart = match event {
            Event::Slow(_, permille) => *permille != 1_000,
            Event::Clock(_, adjustment) => matches!(adjustment, Adjustment::Drift(_)),
            _ => false,
        };
        let all = scoped(&self.setup, |assumed| self.breaks(event, assumed)).into_iter();
        all.chain(clocked(&self.setup, apart)).filter(new).map(breach).collect()
    }

    /// What of some assumptions an event would break, of at most two sorts.
    fn breaks(&self, event: &Event, assumed: Assumptions) -> [Option<Broken>; 2] {
        let Assumptions { links, failures, timing } = assumed;
        let of_links = |forbidden, sentence| (links >= forbidden).then_some((Assumption::Links, sentence));
        // What a Byzantine node does not say, or says twice, is no fault of its links.
        let of_message = |message: &MessageId, forbidden, sentence| {
            let from = self.message(*message).map(|envelope| envelope.from);
            let honest = from.is_some_and(|from| !self.is_taken_over(from));
            of_links(forbidden, sentence).filter(|_| honest)
        };
        let of_nodes = |broken: bool, sentence| broken.then_some((Assumption::Failures, sentence));
        let fails = |node: &NodeId, broken: bool, sentence| match failures {
            Failures::Byzantine => of_nodes(self.would_be_too_many(*node), MANY),
            _ => of_nodes(broken, sentence),
        };
        let of_time =
            |broken: bool| (broken && timing == Timing::Synchronous).then_some((Assumption::Timing, TIME));
        let never_stop = failures == Failures::None;
        match event {
            Event::Drop(message) => [of_message(message, Links::Perfect, LOSS), None],
            Event::Cut(_) | Event::Stand(_) => [of_links(Links::Perfect, LOSS), None],
            Event::Duplicate(message) => [of_message(message, Links::AtMostOnce, TWICE), None],
            Event::Delay(message, _) | Event::HoldMessage(message) => {
                [of_message(message, Links::Fifo, ORDER), of_time(true)]
            }
            Event::Deliver(message) => {
                [of_links(Links::Fifo, ORDER).filter(|_| self.overtakes(*message)), None]
            }
            Event::Link(change) => match change.1 {
                Behaviour::Loss(parts) => [of_links(Links::Perfect, LOSS).filter(|_| parts > 0), None],
                Behaviour::Duplication(parts) => {
                    [of_links(Links::AtMostOnce, TWICE).filter(|_| parts > 0), None]
                }
                Behaviour::Latency(_, most) => [of_time(most > self.setup.latency_known), None],
                Behaviour::Fitted(fitted) => [of_time(fitted.range().1 > self.setup.latency_known), None],
                Behaviour::Normal => [None, None],
            },
            Event::Crash(node) => [fails(node, never_stop, STOP), None],
            Event::CrashLosing(node) => [fails(node, true, if never_stop { STOP } else { FORGET }), None],
            Event::TakeOver(node) => [fails(node, true, LIE), None],
            Event::Restart(_) => [of_nodes(failures <= Failures::CrashStop, RETURN), None],
            Event::Pause(_) | Event::Hold(_) | Event::Fire(..) => [of_time(true), None],
            Event::Slow(_, permille) => [of_time(*permille != 1_000), None],
            Event::Clock(_, adjustment) => [of_time(*adjustment != Adjustment::Normal), None],
            Event::Boot(_)
            | Event::Lose(_)
            | Event::Ask
            | Event::Input(..)
            | Event::Heal(_)
            | Event::Resume(_)
            | Event::Release(_)
            | Event::ReleaseMessage(_)
            | Event::Forge(..)
            | Event::Inject(..)
            | Event::Choose(..) => [None, None],
        }
    }

    /// Whether more nodes would be faulty than the protocol is made for if this one were, too.
    pub(crate) fn would_be_too_many(&self, node: NodeId) -> bool {
        let counts = |it: &NodeId| self.setup.counts[it.index()];
        let is_faulty = |slot: &Slot| slot.taken || self.goes_on_counting(slot);
        let faulty = |it: &NodeId| *it == node || is_faulty(&self.slots[it.index()]);
        let count = (0..self.setup.count).map(NodeId).filter(counts).filter(faulty).count();
        let few = count <= self.setup.tolerated as usize;
        self.setup.safety.failures == Failures::Byzantine && counts(&node) && !few
    }

    /// Whether a node has crashed, be it up again or not, and counts as faulty from then on: where nodes may be Byzantine, what
    /// is on a disk is not relied on.
    pub(super) fn goes_on_counting(&self, slot: &Slot) -> bool {
        slot.crashed && self.setup.safety.failures == Failures::Byzantine
    }

    /// Whether a message that an honest node sent earlier is still on its way on the same link.
    fn overtakes(&self, message: MessageId) -> bool {
        let Some(this) = self.message(message).filter(|it| !self.is_taken_over(it.from)) else {
            return false;
        };
        let earlier = self.messages().into_iter().filter(|(id, _)| id.id < message.id);
        earlier.map(|(_, other)| (other.from, other.to)).any(|link| link == (this.from, this.to))
    }
}
