//! The checker: all runs within bounds, by a search over what may be chosen to happen next, the short ones with few faults first, or
//! some runs beyond them, by random walks.
//!
//! It checks the code that is shown on the stage: a state is a [`World`], a step is `World::apply`. Times do
//! not count: any message in flight may be the next to arrive, any timer that is set the next to fire, and
//! what a node would draw with `Ctx::choose` may be anything below its bound (but for what it chooses when it
//! first boots: that is 0). States that differ only in times are one, and so are states whose fingerprints of
//! 64 bits are equal, which among a million different ones happens with a chance of one in forty million.
//!
//! Clocks stand still in a search, at the moment of the boots. Where bounds on time are known, no timer of a node fires while
//! something that it has sent, or is sent, is in flight: a period is longer than a question and its answer.
//!
//! Every step is judged, also one that leads to a known state. What must hold *eventually* is judged where a
//! run comes to rest: nothing is in flight, no timer is set, nobody is down who may come back. So it is not
//! judged of runs that never rest, such as those of a protocol with heartbeats.

use crate::event::Event;
use crate::name::NodeId;
use crate::resolve::act_of;
use crate::scenario::{Act, Expectation, Moment, Scenario, Timed, slug};
use crate::time::Micros;
use crate::title::{Failures, Links, Timing};
use crate::world::{Still, World};

mod deeds;
mod search;
mod table;
mod walk;

pub use search::{Bound, Findings, Search};
pub use walk::walk;

/// How far a search goes. Inputs, timers and faults are counted along a run; a bound of 0 excludes them. With
/// a bound on timers, most protocols have a finite number of states, and a search ends by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// The most events of a run after the boots.
    pub depth: u32,
    /// The most states that are visited.
    pub states: usize,
    /// The most inputs of a run.
    pub inputs: u8,
    /// The most timers that fire in a run; without a bound they are not counted.
    pub timers: Option<u8>,
    /// The most crashes of a run; where nodes may recover, every crashed node may restart.
    pub crashes: u8,
    /// The most messages that a run loses.
    pub drops: u8,
    /// The most messages that a run duplicates.
    pub copies: u8,
    /// The most messages that become lies in a run. With any, as many nodes may be taken over, before anything else
    /// happens, as the protocol tolerates.
    pub lies: u8,
}

impl Default for Bounds {
    fn default() -> Self {
        let (depth, states) = (12, 1_000_000);
        Bounds { depth, states, inputs: 1, timers: None, crashes: 0, drops: 0, copies: 0, lies: 0 }
    }
}

/// As how many further events each of what is done to a run counts, so that a search does little first. A node that is down takes no
/// steps; requests and second copies multiply the states. A lost message comes last: where times do not count, it leaves little that
/// one still under way does not. See docs/decisions/search.md.
const REQUEST: u32 = 2;
const CRASH: u32 = 1;
const COPY: u32 = 2;
const LIE: u32 = 1;
const LOSS: u32 = 4;

/// How many bytes a state takes, about: eight searches of six protocols with 3 to 12 nodes took 0.9 to 1.3 kB each.
const STATE_BYTES: usize = 1_300;

impl Bounds {
    /// Bounds that fit a protocol, for as many states as fit so much memory: no bound on the length of a run, one request, and
    /// one of each fault that the claims allow for.
    pub fn fitting(scenario: &Scenario, megabytes: usize) -> Self {
        let may = |fault| u8::from(fault);
        let allowed = scenario.entry.info.safety;
        Bounds {
            depth: u32::MAX,
            states: megabytes * 1_000_000 / STATE_BYTES,
            inputs: 1,
            timers: None,
            crashes: may(
                allowed.failures >= Failures::CrashStop && scenario.entry.tolerated(scenario.nodes) > 0
            ),
            drops: may(allowed.links <= Links::AtMostOnce),
            copies: may(allowed.links <= Links::FairLoss),
            lies: may(scenario.entry.liars(scenario.nodes) > 0),
        }
    }

    /// As how many further events all requests of a run count, with none of its faults, with any one, with any two, and so on.
    fn further(&self) -> Vec<u32> {
        let requests = u32::from(self.inputs) * REQUEST;
        let faults = [(self.drops, LOSS), (self.copies, COPY), (self.crashes, CRASH), (self.lies, LIE)];
        let faults = faults.into_iter().flat_map(|(most, further)| std::iter::repeat_n(further, most.into()));
        let sums = faults.scan(requests, |sum, further| {
            *sum += further;
            Some(*sum)
        });
        std::iter::once(requests).chain(sums).collect()
    }

    /// As how many further events each of what a run has left to spend counts, each number once.
    fn left(&self, spent: Spent) -> impl Iterator<Item = u32> + use<> {
        let left = [
            (spent.inputs < self.inputs, REQUEST),
            (spent.crashes < self.crashes, CRASH),
            (spent.drops < self.drops, LOSS),
            (spent.copies < self.copies, COPY),
            (spent.lies < self.lies, LIE),
        ];
        (1..=LOSS).filter(move |further| left.contains(&(true, *further)))
    }

    /// How many megabytes so many states take, about.
    pub fn megabytes(&self) -> usize {
        self.states * STATE_BYTES / 1_000_000
    }
}

/// What a run has spent of its bounds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Spent {
    inputs: u8,
    timers: u8,
    crashes: u8,
    drops: u8,
    copies: u8,
    lies: u8,
}

impl Spent {
    /// As how many further events it counts.
    fn further(self) -> u32 {
        let Spent { inputs, crashes, drops, copies, lies, .. } = self;
        let [inputs, crashes, drops, copies, lies] = [inputs, crashes, drops, copies, lies].map(u32::from);
        inputs * REQUEST + crashes * CRASH + drops * LOSS + copies * COPY + lies * LIE
    }
}

/// The world of a scenario when all nodes have booted.
fn booted(scenario: &Scenario) -> World {
    let mut world = scenario.entry.world(&scenario.choices, scenario.setup());
    while let Some((time, event)) = world.upcoming() {
        // Boots can always happen.
        let _ = world.apply(time, event);
    }
    world
}

/// The scenario with nothing done, in which nothing happens by itself.
fn bare(scenario: &Scenario) -> Scenario {
    Scenario { manual: true, acts: Vec::new(), ..scenario.clone() }
}

/// What may happen in a search.
#[derive(Clone, Copy)]
struct Reach {
    bounds: Bounds,
    /// Whether nodes that are down may come back.
    recover: bool,
    /// How many nodes may be taken over.
    liars: usize,
    /// Whether nodes rely on known bounds on time.
    synchronous: bool,
}

impl Reach {
    fn new(scenario: &Scenario, bounds: Bounds) -> Self {
        let recover = scenario.entry.info.safety.failures >= Failures::CrashRecovery;
        let liars = if bounds.lies > 0 { scenario.entry.liars(scenario.nodes) as usize } else { 0 };
        let synchronous = scenario.entry.info.safety.timing == Timing::Synchronous;
        Reach { bounds, recover, liars, synchronous }
    }

    /// What may happen next, with what will have been spent then. What comes to the same is one choice.
    fn choices(
        &self,
        world: &World,
        still: &Still,
        spent: Spent,
        by_itself: Vec<Event>,
    ) -> Vec<(Event, Spent)> {
        let bounds = &self.bounds;
        let mut choices: Vec<(Event, Spent)> = Vec::with_capacity(by_itself.len());
        for event in by_itself {
            match bounds.timers.filter(|_| matches!(event, Event::Fire(..))) {
                Some(most) if spent.timers == most => {}
                Some(_) => choices.push((event, Spent { timers: spent.timers + 1, ..spent })),
                None => choices.push((event, spent)),
            }
        }
        let mut offer = |after: Spent, events: Vec<Event>| {
            choices.extend(events.into_iter().map(|event| (event, after)));
        };
        if spent.inputs < bounds.inputs {
            offer(Spent { inputs: spent.inputs + 1, ..spent }, world.input_choices());
        }
        if spent.crashes < bounds.crashes {
            let up = nodes(world).filter(|&node| world.is_up(node) && !world.would_be_too_many(node));
            offer(Spent { crashes: spent.crashes + 1, ..spent }, up.map(Event::Crash).collect());
        }
        let in_flight = || world.in_flight(still).into_iter();
        if spent.drops < bounds.drops {
            offer(Spent { drops: spent.drops + 1, ..spent }, in_flight().map(Event::Drop).collect());
        }
        if spent.copies < bounds.copies {
            offer(Spent { copies: spent.copies + 1, ..spent }, in_flight().map(Event::Duplicate).collect());
        }
        let honest = || nodes(world).filter(|&node| !world.is_taken_over(node));
        if spent == Spent::default() && nodes(world).count() - honest().count() < self.liars {
            let few = honest().filter(|&node| !world.would_be_too_many(node));
            offer(spent, few.map(Event::TakeOver).collect());
        }
        if spent.lies < bounds.lies {
            let of = |message| (0..world.lie_texts(message).len() as u32).map(move |lie| (message, lie));
            let lies = in_flight().flat_map(of).map(|(message, lie)| Event::Forge(message, lie));
            offer(Spent { lies: spent.lies + 1, ..spent }, lies.collect());
        }
        choices
    }

    /// What may happen though nobody asks for anything or does any harm. When it is nothing, a run is at
    /// rest.
    fn by_itself(&self, world: &World, still: &Still) -> Vec<Event> {
        let mut events = world.choices(still);
        if self.synchronous {
            let is_waited_for =
                |node| world.messages().iter().any(|(_, it)| it.from == node || it.to == node);
            events.retain(|event| !matches!(event, Event::Fire(node, _) if is_waited_for(*node)));
        }
        let down = nodes(world).filter(|&node| self.recover && !world.is_up(node));
        events.extend(down.map(Event::Restart));
        events
    }
}

fn nodes(world: &World) -> impl Iterator<Item = NodeId> {
    (0..world.setup().count).map(NodeId)
}

/// Takes a step in which the node makes these choices, and 0 after them.
fn take(world: &mut World, event: Event, script: &[u64]) -> Result<crate::trace::Record, String> {
    if let (Some(node), false) = (world.subject(&event), script.is_empty()) {
        world.apply(0, Event::Choose(node, script.into()))?;
    }
    world.apply(0, event)
}

/// Takes a step and adds it, as the act of a scenario, to what was told.
fn tell(told: &mut Vec<Act>, world: &mut World, event: Event, script: &[u64]) {
    if let (Some(node), false) = (world.subject(&event), script.is_empty()) {
        told.push(Act::Choose(node, script.to_vec()));
    }
    told.extend(act_of(&event, world));
    // It could be applied before.
    let _ = take(world, event, script);
}

/// A run as a scenario in manual mode, an act every ten milliseconds, that is expected to break a claim.
fn retold(scenario: &Scenario, acts: Vec<Act>, claim: &str) -> Scenario {
    const STEP: Micros = 10_000;
    let at = |nth: Micros| Moment { time: nth * STEP, nth: None };
    let mut told = scenario.clone();
    told.until = (acts.len() as Micros + 1) * STEP;
    told.acts = (1..).zip(acts).map(|(nth, act)| Timed { at: at(nth), act }).collect();
    if scenario.entry.claims().iter().any(|known| slug(known.name) == claim) {
        told.expectations = vec![Expectation::Violated(claim.to_owned())];
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::LinkSet;
    use crate::toy::greeted;

    /// What waits is no choice, and two worlds in which other things wait are not the same.
    #[test]
    fn what_waits_is_not_chosen() {
        let (_, mut world) = greeted();
        let look = |world: &World| {
            let (still, mut world) = (world.still(), world.clone());
            world.become_of(&still);
            let print = still.sum(false).finish();
            let choices = world.choices(&still);
            let fires = choices.iter().filter(|event| matches!(event, Event::Fire(..))).count();
            (choices.len() - fires, fires, print)
        };
        let (delivers, fires, before) = look(&world);
        let second = world.messages()[1].0;
        assert_eq!((delivers, fires), (2, 3));
        let (one, all) = (LinkSet::OneWay(NodeId(0), NodeId(1)), None);
        let mut seen = vec![before];
        for (event, left) in [
            (Event::Pause(NodeId(1)), (1, 2)),
            (Event::Hold(one), (1, 2)),
            (Event::Resume(NodeId(1)), (1, 3)),
            (Event::HoldMessage(second), (0, 3)),
        ] {
            assert!(world.apply(0, event).is_ok());
            let (delivers, fires, print) = look(&world);
            assert_eq!((delivers, fires), left);
            assert!(!seen.contains(&print));
            seen.push(print);
        }
        assert!(world.apply(0, Event::Release(all)).is_ok());
        let (delivers, fires, print) = look(&world);
        assert_eq!((delivers, fires, print), (2, 3, before));
    }
}
