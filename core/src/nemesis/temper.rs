//! What a nemesis is like in one run, and what it then chooses to do: draws, and nothing that is done to a run.

use super::play::Play;
use crate::clock::Adjustment;
use crate::event::{LinkSet, MessageName};
use crate::name::NodeId;
use crate::network::Behaviour;
use crate::random::{Purpose, draw, within};
use crate::scenario::{Act, Scenario};
use crate::time::Micros;
use crate::title::{Assumptions, Failures, Links, Timing};

/// The draws of one attack.
pub(super) struct Dice {
    seed: u64,
    /// Which of the dice of this seed: what was taught to the nemesis later has dice of its own, so that attacks
    /// without it stay what they were.
    which: u32,
    drawn: u64,
}

impl Dice {
    pub(super) fn new(seed: u64, which: u32) -> Self {
        Dice { seed, which, drawn: 0 }
    }

    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.drawn += 1;
        within(draw(self.seed, Purpose::Nemesis, (self.which, 0), self.drawn), &(0..=bound.max(1) - 1))
    }

    pub(super) fn one_in(&mut self, odds: u64) -> bool {
        self.below(odds) == 0
    }

    pub(super) fn one_of<'a, T>(&mut self, things: &'a [T]) -> Option<&'a T> {
        let place = self.below(things.len() as u64) as usize;
        things.get(place)
    }
}

/// What the nemesis may do in one run.
pub(super) struct Temper {
    crashes: bool,
    cuts: bool,
    drops: bool,
    delays: bool,
    copies: bool,
    fires: bool,
    /// Whether it goes for whoever did something remarkable last.
    stalks: bool,
    /// The longest pause between two acts.
    pub(super) pace: Micros,
    pauses: bool,
    /// Whether it holds links and makes them slower.
    links: bool,
    clocks: bool,
    /// How many nodes it may take over.
    liars: usize,
}

impl Temper {
    pub(super) fn drawn(dice: &mut Dice, late: &mut Dice, newest: &mut Dice, base: &Scenario) -> Self {
        let assumptions = base.entry.info.liveness;
        let lossy = assumptions.links <= Links::AtMostOnce;
        let patient = assumptions.timing != Timing::Synchronous;
        Temper {
            crashes: assumptions.failures >= Failures::CrashStop && !dice.one_in(4),
            cuts: lossy && patient && !dice.one_in(3),
            drops: lossy && dice.one_in(2),
            delays: patient && dice.one_in(2) && assumptions.links < Links::Fifo,
            copies: assumptions.links == Links::FairLoss && dice.one_in(2),
            fires: patient && dice.one_in(2),
            stalks: dice.one_in(2),
            pace: *dice.one_of(&[5_000, 20_000, 80_000, 300_000]).unwrap_or(&50_000),
            pauses: patient && late.one_in(4),
            links: patient && late.one_in(4),
            clocks: patient && newest.one_in(4),
            liars: base.entry.liars(base.nodes) as usize,
        }
    }
}

/// Lets the network lose, copy and be late, as far as is assumed, and sees to it that something is asked.
pub(super) fn disturb_network(scenario: &mut Scenario, dice: &mut Dice, assumptions: Assumptions) {
    let network = &mut scenario.network;
    if assumptions.links <= Links::AtMostOnce {
        network.loss_ppm = *dice.one_of(&[0, 0, 10_000, 100_000]).unwrap_or(&0);
    }
    if assumptions.links == Links::FairLoss {
        network.duplicate_ppm = *dice.one_of(&[0, 0, 10_000, 100_000]).unwrap_or(&0);
    }
    if assumptions.timing != Timing::Synchronous {
        let (least, greatest) = network.latency;
        let wider = Behaviour::Latency(least / (1 + dice.below(5)), greatest * (1 + dice.below(4)));
        // What was measured is wide enough, and would not be that any more.
        if network.fitted.is_none() {
            *network = network.changed(wider);
        }
    }
    if scenario.ask == 0 {
        scenario.ask = 5_000 + dice.below(100_000);
    }
}

/// What to do now; nothing, if the die falls on what this nemesis does not do or what cannot be done.
pub(super) fn choose(dice: &mut Dice, temper: &Temper, play: &Play, assumptions: Assumptions) -> Option<Act> {
    match dice.below(8) {
        0 | 1 if temper.crashes => crash(dice, temper, play, assumptions),
        2 | 3 if assumptions.failures >= Failures::CrashRecovery => {
            dice.one_of(&play.nodes(false)).copied().map(Act::Restart)
        }
        4 if temper.cuts => cut(dice, play),
        4 if temper.fires => fire(dice, play),
        5 if temper.cuts && !play.world().cuts().is_empty() => Some(Act::Heal(None)),
        5 if temper.copies => message(dice, play).map(Act::Duplicate),
        6 if temper.drops => message(dice, play).map(Act::Drop),
        6 if temper.copies => message(dice, play).map(Act::Duplicate),
        7 if temper.delays => {
            let by = 1_000 << dice.below(9);
            message(dice, play).map(|message| Act::Delay(message, by))
        }
        7 if temper.fires => fire(dice, play),
        _ => None,
    }
}

fn crash(dice: &mut Dice, temper: &Temper, play: &Play, assumptions: Assumptions) -> Option<Act> {
    let (mut up, down) = (play.nodes(true), play.nodes(false));
    up.retain(|node| node.0 >= play.world().setup().steady);
    if assumptions.failures == Failures::Byzantine {
        // A node that crashes is one of the few that may be faulty.
        up.retain(|&node| play.world().is_taken_over(node));
    }
    // Whoever stops for ever must stay a minority; whoever comes back may come back later.
    let minority = (play.scenario.nodes as usize - 1) / 2;
    if assumptions.failures == Failures::CrashStop && down.len() >= minority {
        return None;
    }
    let notable = play.notable.filter(|node| temper.stalks && up.contains(node));
    notable.or_else(|| dice.one_of(&up).copied()).map(Act::Crash)
}

fn cut(dice: &mut Dice, play: &Play) -> Option<Act> {
    let count = u64::from(play.scenario.nodes);
    let some = |dice: &mut Dice| NodeId(dice.below(count) as u32);
    let (one, other) = (some(dice), some(dice));
    if one != other && dice.one_in(3) {
        return Some(Act::Cut(LinkSet::OneWay(one, other)));
    }
    let side: Vec<NodeId> =
        (0..count as u32).map(NodeId).filter(|&node| node == one || dice.one_in(3)).collect();
    let rest: Vec<NodeId> = (0..count as u32).map(NodeId).filter(|node| !side.contains(node)).collect();
    (!rest.is_empty()).then(|| Act::Cut(LinkSet::Groups(vec![side, rest])))
}

fn message(dice: &mut Dice, play: &Play) -> Option<MessageName> {
    let names = play.world().message_names();
    dice.one_of(&names).map(|(_, name)| name.clone())
}

fn pause_or_resume(dice: &mut Dice, temper: &Temper, play: &Play) -> Option<Act> {
    let resume = !dice.one_in(3);
    if let (Some(node), true) = (dice.one_of(&play.paused()), resume) {
        return Some(Act::Resume(*node));
    }
    let awake = play.awake();
    let notable = play.notable.filter(|node| temper.stalks && awake.contains(node));
    notable.or_else(|| dice.one_of(&awake).copied()).map(Act::Pause)
}

fn fire(dice: &mut Dice, play: &Play) -> Option<Act> {
    let node = dice.one_of(&play.awake()).copied()?;
    let names = play.world().timer_names(node);
    dice.one_of(&names).map(|name| Act::Fire(node, name.clone()))
}

/// Pauses a node or lets it go on; holds links, makes them slower, or gives them back.
pub(super) fn slow_down(dice: &mut Dice, temper: &Temper, play: &Play) -> Option<Act> {
    if temper.pauses && dice.one_in(6) {
        return pause_or_resume(dice, temper, play);
    }
    if !temper.links || !dice.one_in(6) {
        return None;
    }
    let count = u64::from(play.scenario.nodes);
    let (one, other) = (NodeId(dice.below(count) as u32), NodeId(dice.below(count) as u32));
    let (_, usual) = play.scenario.network.latency;
    match dice.below(4) {
        0 if !play.world().held().is_empty() => Some(Act::Release(None)),
        1 if !play.world().altered().is_empty() => Some(Act::Link(None, Behaviour::Normal)),
        0 | 1 => None,
        _ if one == other => None,
        2 => Some(Act::Hold(LinkSet::OneWay(one, other))),
        _ => {
            let slower = Behaviour::Latency(usual, usual * (2 + dice.below(9)));
            Some(Act::Link(Some(LinkSet::OneWay(one, other)), slower))
        }
    }
}

/// Sets a clock forward or back, makes it go faster or slower, or sets one right again.
pub(super) fn touch_clock(dice: &mut Dice, temper: &Temper, play: &Play) -> Option<Act> {
    if !temper.clocks || !dice.one_in(6) {
        return None;
    }
    let node = NodeId(dice.below(play.scenario.nodes.into()) as u32);
    let ahead = dice.one_in(2);
    let either_way = |amount: u64| amount.cast_signed() * if ahead { 1 } else { -1 };
    match dice.below(4) {
        0 => dice.one_of(&play.touched_clocks()).map(|&node| Act::Clock(node, Adjustment::Normal)),
        1 => {
            let drift = Adjustment::Drift(either_way(dice.below(200_000)) as i32);
            Some(Act::Clock(node, drift)).filter(|_| play.world().setup().clocked.is_none())
        }
        _ => Some(Act::Clock(node, Adjustment::Jump(either_way(1_000 << dice.below(10))))),
    }
}

/// Takes a node over, as long as no more would lie than may.
pub(super) fn take_over(dice: &mut Dice, temper: &Temper, play: &Play) -> Option<Act> {
    let liars = play.liars();
    if liars.len() >= temper.liars || !dice.one_in(2) {
        return None;
    }
    let honest = (0..play.scenario.nodes).map(NodeId).filter(|node| !liars.contains(node));
    let few: Vec<_> = honest.filter(|&node| !play.world().would_be_too_many(node)).collect();
    dice.one_of(&few).copied().map(Act::TakeOver)
}
