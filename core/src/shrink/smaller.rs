//! The ways in which a scenario becomes smaller.

use crate::clock::Adjustment;
use crate::event::{LinkSet, MessageName};
use crate::name::NodeId;
use crate::network::Behaviour;
use crate::scenario::{Act, Moment, Scenario, Timed};
use crate::time::Micros;

/// How many things [`simplify`] knows.
pub(super) const SETTINGS: u8 = 6;

/// One thing of the network, the workload and the clocks as it is when nothing is said.
pub(super) fn simplify(smaller: &mut Scenario, nth: u8) {
    let usual = smaller.entry.network();
    match nth {
        0 => smaller.network = usual,
        1 => smaller.network.loss_ppm = 0,
        2 => smaller.network.duplicate_ppm = 0,
        3 => {
            let (least, greatest) = usual.latency;
            smaller.network = smaller.network.changed(Behaviour::Latency(least, greatest));
        }
        4 => smaller.ask = smaller.entry.info.ask,
        _ => smaller.skew = 0,
    }
}

/// The scenario without a node and without the acts that are only about it; those behind it move up. `None` where the
/// protocol needs as many nodes as there are, or somebody is asked for something that its text does not allow then.
pub(super) fn without_node(scenario: &Scenario, gone: NodeId) -> Option<Scenario> {
    if scenario.nodes <= scenario.entry.info.nodes.1 {
        return None;
    }
    let acts = scenario.acts.iter().filter_map(|timed| {
        let act = act_without(&timed.act, gone)?;
        Some(Timed { act, ..timed.clone() })
    });
    let names = scenario.names.moved(|node| node_without(node, gone));
    let fewer = Scenario { nodes: scenario.nodes - 1, names, acts: acts.collect(), ..scenario.clone() };
    Scenario::parse(&fewer.to_string()).is_ok().then_some(fewer)
}

/// The name of a node once another is gone.
pub(super) fn node_without(node: NodeId, gone: NodeId) -> Option<NodeId> {
    (node != gone).then(|| NodeId(node.0 - u32::from(node.0 > gone.0)))
}

fn act_without(act: &Act, gone: NodeId) -> Option<Act> {
    let node = |node: &NodeId| node_without(*node, gone);
    let message = |name: &MessageName| {
        Some(MessageName { from: node(&name.from)?, to: node(&name.to)?, ..name.clone() })
    };
    let links = |links: &LinkSet| links_without(links, gone);
    // Of all links, all that are left are meant; of some, none may be left.
    let some = |some: &Option<LinkSet>| match some {
        Some(these) => links(these).map(Some),
        None => Some(None),
    };
    Some(match act {
        Act::Deliver(it) => Act::Deliver(message(it)?),
        Act::Drop(it) => Act::Drop(message(it)?),
        Act::Delay(it, by) => Act::Delay(message(it)?, *by),
        Act::Duplicate(it) => Act::Duplicate(message(it)?),
        Act::Crash(it) => Act::Crash(node(it)?),
        Act::Restart(it) => Act::Restart(node(it)?),
        Act::Fire(it, timer) => Act::Fire(node(it)?, timer.clone()),
        Act::Cut(it) => Act::Cut(links(it)?),
        Act::Heal(it) => Act::Heal(some(it)?),
        Act::Pause(it) => Act::Pause(node(it)?),
        Act::Resume(it) => Act::Resume(node(it)?),
        Act::Hold(it) => Act::Hold(links(it)?),
        Act::Release(it) => Act::Release(some(it)?),
        Act::HoldMessage(it) => Act::HoldMessage(message(it)?),
        Act::ReleaseMessage(it) => Act::ReleaseMessage(message(it)?),
        Act::Link(it, behaviour) => Act::Link(some(it)?, *behaviour),
        Act::Lose(it, kind, until) => Act::Lose(some(it)?, *kind, *until),
        Act::CrashLosing(it) => Act::CrashLosing(node(it)?),
        Act::Slow(it, factor) => Act::Slow(node(it)?, *factor),
        Act::Clock(it, adjustment) => Act::Clock(node(it)?, *adjustment),
        Act::TakeOver(it) => Act::TakeOver(node(it)?),
        Act::Forge(it, lie) => Act::Forge(message(it)?, lie.clone()),
        Act::Inject(it, to) => Act::Inject(message(it)?, node(to)?),
        Act::Choose(it, choices) => Act::Choose(node(it)?, choices.clone()),
        Act::Ask(it, words) => Act::Ask(node(it)?, words.clone()),
    })
}

fn links_without(links: &LinkSet, gone: NodeId) -> Option<LinkSet> {
    let node = |node: &NodeId| node_without(*node, gone);
    match links {
        LinkSet::OneWay(from, to) => Some(LinkSet::OneWay(node(from)?, node(to)?)),
        LinkSet::Both(one, other) => Some(LinkSet::Both(node(one)?, node(other)?)),
        LinkSet::Groups(groups) => {
            let left = groups.iter().map(|group| group.iter().filter_map(node).collect::<Vec<_>>());
            let left: Vec<_> = left.filter(|group| !group.is_empty()).collect();
            (left.len() > 1).then_some(LinkSet::Groups(left))
        }
    }
}

/// The scenario with less time before an act, or before the end behind the last one: half of it, or less so that it is a
/// round time. `None` where there is hardly any.
pub(super) fn sooner(scenario: &Scenario, act: usize) -> Option<Scenario> {
    let before = act.checked_sub(1).map_or(0, |before| scenario.acts[before].at.time);
    let then = scenario.acts.get(act).map_or(scenario.until, |timed| timed.at.time);
    let gap = then.saturating_sub(before);
    let unit = [1_000_000, 100_000, 10_000].into_iter().find(|unit| gap / 2 >= *unit)?;
    let by = gap - gap / 2 / unit * unit;
    let mut sooner = scenario.clone();
    for timed in &mut sooner.acts[act..] {
        timed.at = Moment { time: timed.at.time - by, nth: None };
        if let Act::Lose(.., until) = &mut timed.act {
            *until -= by;
        }
    }
    sooner.until -= by;
    Some(sooner)
}

/// The scenario with an act at a time without digits below a unit; `None` where it has none, or would come before the act
/// before it.
pub(super) fn rounder(scenario: &Scenario, act: usize, unit: Micros) -> Option<Scenario> {
    let earliest = act.checked_sub(1).map_or(0, |before| scenario.acts[before].at.time);
    let time = scenario.acts[act].at.time / unit * unit;
    let mut rounder = scenario.clone();
    rounder.acts[act].at = Moment { time, nth: None };
    (time != scenario.acts[act].at.time && time >= earliest).then_some(rounder)
}

/// The same with the amount of an act; `None` where it has no such digits, or no others.
pub(super) fn rounder_amount(scenario: &Scenario, act: usize, unit: Micros) -> Option<Scenario> {
    let mut rounder = scenario.clone();
    let round = |time: &mut Micros| *time = *time / unit * unit;
    match &mut rounder.acts[act].act {
        Act::Delay(_, time) | Act::Lose(.., time) => round(time),
        Act::Link(_, Behaviour::Latency(least, most)) => {
            round(least);
            round(most);
        }
        Act::Clock(_, Adjustment::Offset(by) | Adjustment::Jump(by)) => {
            let size = by.unsigned_abs() / unit * unit;
            *by = size.cast_signed() * by.signum();
        }
        _ => return None,
    }
    let is_nothing = match &rounder.acts[act].act {
        Act::Delay(_, time) | Act::Link(_, Behaviour::Latency(_, time)) => *time == 0,
        Act::Clock(_, Adjustment::Offset(by) | Adjustment::Jump(by)) => *by == 0,
        _ => false,
    };
    (!is_nothing && rounder.acts[act] != scenario.acts[act]).then_some(rounder)
}
