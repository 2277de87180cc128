//! What is claimed of a balancer. Each claim goes by what balancers told, and not by what they count.

use super::balancer::{Backend, Balancer, FALL, RISE};
use super::{Layer, Load, LoadBalancing, Output, Params, Policy};
use crate::{Assigned, Desk, Opened};
use faultline_core::card::Fact;
use faultline_core::prelude::*;
use std::borrow::Cow;

/// What is claimed beside what every solution claims.
pub(super) const CLAIMS: &[Property<LoadBalancing>] = &[
    always(
        "Healthy Only",
        "A balancer chooses only servers that its health checks have not taken out of rotation.",
        About::Outputs,
        healthy_only,
    )
    .given(|scene| {
        let chosen = scene.record.desks().any(|desk| desk.turns() > 0 || desk.named > 0);
        given(chosen, "no balancer has chosen a server yet")
    }),
    always(
        "One Retry",
        "A request that only reads goes to two servers at most, one that writes to one.",
        About::Outputs,
        one_retry,
    )
    .given(|scene| {
        given(scene.record.desks().any(|desk| desk.turns() > 0), "no server has received a request yet")
    }),
    always(
        "Hysteresis",
        "A server leaves the rotation after three failed checks in a row, and returns after two good ones.",
        About::Outputs,
        hysteresis,
    )
    .given(|scene| {
        given(scene.record.desks().any(|desk| desk.changes > 0), "no server has left the rotation yet")
    }),
    always(
        "Work Conserving",
        "No request waits at a balancer while a server in rotation has room for it.",
        About::Outputs,
        work_conserving,
    )
    .given(|scene| {
        given(with(scene, |params| params.connections > 0), "any number of connections is allowed")?;
        given(scene.record.desks().any(|desk| desk.turns() > 0), "no server has received a request yet")
    }),
    always(
        "Least Load",
        "Least connections: no server in rotation has fewer open connections for its weight than the chosen one.",
        About::Outputs,
        least_load,
    )
    .given(has_counted),
    always(
        "Fair Ties",
        "Least connections: of equally loaded servers, that one is chosen whose turn is longest ago.",
        About::Outputs,
        fair_ties,
    )
    .given(has_counted),
    always(
        "Choices",
        "Two choices: the chosen server is the least loaded of as many different ones as there are choices.",
        About::Outputs,
        choices,
    )
    .given(|scene| {
        given(with(scene, compares), "the policy is another one")?;
        given(scene.record.desks().any(|desk| desk.turns() > 0), "no server has received a request yet")
    }),
    always(
        "Second Chance",
        "Least time: a server in rotation that was idle long enough to forget its answer time is the next to be asked.",
        About::Outputs,
        second_chance,
    )
    .given(|scene| {
        given(with(scene, times), "the policy is another one")?;
        given(scene.record.desks().any(|desk| desk.turns() > 0), "no server has received a request yet")
    }),
    sometimes(
        "Dead Server Asked",
        "A request goes to a server that has crashed, because nobody has noticed yet.",
        About::Outputs,
        |scene| {
            let asked = |it: &Output| matches!(it, Output::Assigned(it) if scene.record.is_down(it.to));
            if scene.outputs.iter().any(asked) { Ok(()) } else { Err(Contradiction::default()) }
        },
    ),
];

fn given(is_so: bool, missing: &'static str) -> Result<(), &'static str> {
    if is_so { Ok(()) } else { Err(missing) }
}

/// Whether the settings are so; only balancers keep them.
fn with(scene: &Scene<'_, LoadBalancing>, wanted: fn(&Params) -> bool) -> bool {
    let balancer = |node: &LoadBalancing| matches!(node, LoadBalancing::Balancer(it) if wanted(&it.params));
    scene.nodes().any(|(_, node)| balancer(node))
}

/// Whether least connections goes by the balancer's own count.
fn counts(params: &Params) -> bool {
    params.policy == Policy::LeastConnections && params.load == Load::Counted
}

fn compares(params: &Params) -> bool {
    params.policy == Policy::TwoChoices
}

fn times(params: &Params) -> bool {
    params.policy == Policy::LeastTime
}

/// Whether least connections does, and has chosen.
fn has_counted(scene: &Scene<'_, LoadBalancing>) -> Result<(), &'static str> {
    given(with(scene, counts), "the policy is another one, or goes by reports")?;
    given(scene.record.desks().any(|desk| desk.turns() > 0), "no server has received a request yet")
}

/// A choice that a balancer makes in a step, and what it knew.
struct Choice<'a> {
    who: NodeId,
    balancer: &'a Balancer,
    /// What it had done by then.
    desk: &'a Desk,
    opened: &'a Opened,
    /// The servers that might have been chosen: in rotation, with room, and not asked for the same request before.
    fit: Vec<&'a Backend>,
}

impl Choice<'_> {
    /// The load of a server for its weight, as least connections compares it.
    fn score(&self, backend: &Backend) -> u64 {
        self.desk.load(backend.node) * 256 / self.balancer.weight(backend)
    }

    fn score_of(&self, node: NodeId) -> u64 {
        self.fit.iter().find(|it| it.node == node).map_or(0, |backend| self.score(backend))
    }

    fn against(&self, sentence: String, other: NodeId) -> Contradiction {
        Contradiction::between(
            sentence,
            [Side::of(self.who).showing(Fact::Field("connections")), Side::of(other)],
        )
    }
}

/// Judges every choice that a balancer made in this step, under such settings.
fn each_choice(
    scene: &Scene<'_, LoadBalancing>,
    under: fn(&Params) -> bool,
    judge: impl Fn(&Choice<'_>) -> Result<(), Contradiction>,
) -> Result<(), Contradiction> {
    let Some(LoadBalancing::Balancer(balancer)) = scene.node else { return Ok(()) };
    if !under(&balancer.params) {
        return Ok(());
    }
    let nothing = Desk::default();
    // Copied only where something was done before a choice in the same step.
    let mut desk = Cow::Borrowed(scene.record.desk(scene.who).unwrap_or(&nothing));
    let mut added = 0;
    for (place, output) in scene.outputs.iter().enumerate() {
        let Output::Opened(opened) = output else { continue };
        scene.outputs[added..place].iter().for_each(|before| desk.to_mut().add(before));
        added = place;
        let named = |it: &Output| if let Output::Assigned(it) = it { Some(it.name) } else { None };
        let name = scene.outputs[place..].iter().find_map(named);
        let tried = name.map_or(&[][..], |name| scene.record.tried(name));
        let limit = balancer.params.connections;
        let fits = |it: &&Backend| {
            let has_room = limit == 0 || desk.load(it.node) < limit;
            has_room && !desk.out.contains(it.node) && !tried.contains(&it.node)
        };
        let fit = balancer.backends.iter().filter(fits).collect();
        judge(&Choice { who: scene.who, balancer, desk: &desk, opened, fit })?;
    }
    Ok(())
}

fn healthy_only(scene: &Scene<'_, LoadBalancing>) -> Result<(), Contradiction> {
    let mut out = scene.record.desk(scene.who).map(|desk| desk.out.clone()).unwrap_or_default();
    for output in scene.outputs {
        match output {
            Output::TakenOut(server, _) => drop(out.insert(*server)),
            Output::PutBack(server, _) => drop(out.remove(*server)),
            Output::Opened(Opened { to, .. }) | Output::Named(to) if out.contains(*to) => {
                let sentence = format!("{} chooses {to}, which it has taken out of rotation", scene.who);
                let balancer = Side::of(scene.who).showing(Fact::Field("in rotation"));
                return Err(Contradiction::between(sentence, [balancer, Side::of(*to)]));
            }
            _ => {}
        }
    }
    Ok(())
}

fn one_retry(scene: &Scene<'_, LoadBalancing>) -> Result<(), Contradiction> {
    for output in scene.outputs {
        let Output::Assigned(Assigned { name, writes, to }) = output else { continue };
        let tried = scene.record.tried(*name);
        if tried.len() > usize::from(!*writes) {
            let what = if *writes { "writes" } else { "was sent twice before" };
            let before = Output::Assigned(Assigned { name: *name, writes: *writes, to: tried[0] });
            return Err(Contradiction::between(
                format!("{} sends {name}, which {what}, to {to} after {}", scene.who, tried[0]),
                [Side::of(scene.who).telling(output), Side::of(scene.who).telling(&before)],
            ));
        }
    }
    Ok(())
}

fn hysteresis(scene: &Scene<'_, LoadBalancing>) -> Result<(), Contradiction> {
    for output in scene.outputs {
        let (server, checks, least, what) = match output {
            Output::TakenOut(server, checks) => (server, *checks, FALL, "takes out"),
            Output::PutBack(server, checks) => (server, *checks, RISE, "puts back"),
            _ => continue,
        };
        if checks < least {
            return Err(Contradiction::between(
                format!("{} {what} {server} after {checks} of {least} checks", scene.who),
                [Side::of(scene.who).telling(output), Side::of(*server)],
            ));
        }
    }
    Ok(())
}

fn work_conserving(scene: &Scene<'_, LoadBalancing>) -> Result<(), Contradiction> {
    let Some(LoadBalancing::Balancer(balancer)) = scene.node else { return Ok(()) };
    if balancer.params.connections == 0 {
        return Ok(());
    }
    let waits = |output: &Output| matches!(output, Output::Waits(_));
    let waited = scene.record.desk(scene.who).is_some_and(|desk| desk.waiting > 0);
    if !waited && !scene.outputs.iter().any(waits) {
        return Ok(());
    }
    let mut desk = scene.record.desk(scene.who).cloned().unwrap_or_default();
    scene.outputs.iter().for_each(|output| desk.add(output));
    let has_room =
        |it: &&Backend| !desk.out.contains(it.node) && desk.load(it.node) < balancer.params.connections;
    match balancer.backends.iter().find(has_room) {
        Some(backend) if desk.waiting > 0 => Err(Contradiction::between(
            format!("{} keeps {} waiting although {} has room", scene.who, desk.waiting, backend.node),
            [Side::of(scene.who).showing(Fact::Field("waiting")), Side::of(backend.node)],
        )),
        _ => Ok(()),
    }
}

fn least_load(scene: &Scene<'_, LoadBalancing>) -> Result<(), Contradiction> {
    each_choice(scene, counts, |choice| {
        let to = choice.opened.to;
        let chosen = choice.score_of(to);
        match choice.fit.iter().find(|other| choice.score(other) < chosen) {
            Some(other) => {
                let (node, desk) = (other.node, choice.desk);
                let sentence = format!(
                    "{} chooses {to} with {} open connections, although {node} has {}",
                    choice.who,
                    desk.load(to),
                    desk.load(node)
                );
                Err(choice.against(sentence, node))
            }
            None => Ok(()),
        }
    })
}

fn fair_ties(scene: &Scene<'_, LoadBalancing>) -> Result<(), Contradiction> {
    each_choice(scene, counts, |choice| {
        let to = choice.opened.to;
        let (chosen, turn) = (choice.score_of(to), choice.desk.turn_of(to));
        let earlier = |it: &&&Backend| choice.score(it) == chosen && choice.desk.turn_of(it.node) < turn;
        match choice.fit.iter().find(earlier) {
            Some(other) => {
                let node = other.node;
                let sentence = format!(
                    "{} chooses {to} again, although {node} is as little loaded and has waited for longer",
                    choice.who
                );
                Err(choice.against(sentence, node))
            }
            None => Ok(()),
        }
    })
}

fn choices(scene: &Scene<'_, LoadBalancing>) -> Result<(), Contradiction> {
    each_choice(scene, compares, |choice| {
        let Opened { to, among } = choice.opened;
        let wanted = choice.fit.len().min(choice.balancer.params.choices as usize);
        let different: NodeSet = among.iter().copied().collect();
        if different.len() != wanted {
            let sentence = format!("{} compares {} servers and not {wanted}", choice.who, different.len());
            return Err(choice.against(sentence, *to));
        }
        let counts = choice.balancer.params.load == Load::Counted;
        let less = |node: &&NodeId| counts && choice.score_of(**node) < choice.score_of(*to);
        match among.iter().find(less) {
            Some(node) => {
                let sentence = format!("{} chooses {to}, although {node} is less loaded", choice.who);
                Err(choice.against(sentence, *node))
            }
            None => Ok(()),
        }
    })
}

/// After how many halvings nothing is left of an answer time.
fn forgotten(params: &Params) -> u64 {
    u64::from(params.timeout.checked_ilog2().unwrap_or(u64::BITS)) + 2
}

fn second_chance(scene: &Scene<'_, LoadBalancing>) -> Result<(), Contradiction> {
    each_choice(scene, times, |choice| {
        let to = choice.opened.to;
        let (turn, enough) = (choice.desk.turn_of(to), forgotten(&choice.balancer.params));
        let waits = |it: &&&Backend| {
            it.node != to
                && it.idle > enough
                && choice.desk.load(it.node) == 0
                && choice.desk.turn_of(it.node) < turn
                && choice.balancer.params.layer != Layer::Name
        };
        match choice.fit.iter().find(waits) {
            Some(other) => {
                let (node, checks) = (other.node, other.idle);
                let sentence =
                    format!("{} chooses {to}, although {node} was idle for {checks} checks", choice.who);
                Err(choice.against(sentence, node))
            }
            None => Ok(()),
        }
    })
}
