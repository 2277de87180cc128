//! What is claimed of SWIM beyond what every solution claims, all of it about the mechanism: none of it needs bounds on time or links
//! that lose nothing.

use super::{Output, Standing, Swim};
use faultline_core::card::Fact;
use faultline_core::prelude::*;

/// What the judge remembers of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Record {
    problem: crate::Record,
    /// Of each node: the number of its period, its ping and whether it was acked.
    latest: Map<NodeId, Latest>,
    /// In which of its periods a node last pinged a member.
    pinged: Map<(NodeId, NodeId), u32>,
    /// In which of its periods a node last reached a member through another one.
    reached: Map<(NodeId, NodeId), u32>,
    /// Since which of its periods a node suspects a member.
    suspected: Map<(NodeId, NodeId), u32>,
    /// Of a crashed member: after how many periods, rounded up, somebody first pinged it.
    first_ping: Map<NodeId, u64>,
    /// How many periods began, how many pings were concluded, and how many of these nobody had acked.
    begun: u64,
    concluded: u64,
    unacked: u64,
    /// Who last raised its incarnation, and to which.
    announced: Option<(NodeId, u32)>,
}

/// What is known of a node's present period.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Latest {
    period: u32,
    target: Option<NodeId>,
    answered: bool,
}

impl Latest {
    fn of(node: &Swim) -> Self {
        let ping = node.pinged.as_ref();
        Latest {
            period: node.period,
            target: ping.map(|it| it.target),
            answered: ping.is_some_and(|it| it.answered),
        }
    }
}

impl Record {
    /// What every solution's record has.
    pub(super) fn problem(&self) -> &crate::Record {
        &self.problem
    }

    /// Adds a step.
    pub(super) fn remember(&mut self, step: &Step<'_, Swim>) {
        let who = step.who;
        let before = self.latest(who);
        self.hear(step, before.period);
        let Some(node) = step.node else {
            self.forget(who);
            return self.problem.remember(step);
        };
        let now = Latest::of(node);
        if now.period != before.period {
            self.begun += 1;
            self.concluded += u64::from(before.target.is_some());
            self.unacked += u64::from(before.target.is_some() && !before.answered);
            if let Some(target) = now.target {
                self.pinged.insert((who, target), now.period);
                self.pings(step.now, target, node.limits.period);
            }
        }
        self.latest.insert(who, now);
        self.problem.remember(step);
    }

    /// What a node tells in a step that it began in such a period.
    fn hear(&mut self, step: &Step<'_, Swim>, period: u32) {
        for output in step.outputs {
            match *output {
                Output::Found(member, standing) | Output::Learnt(member, standing) => match standing {
                    Standing::Suspected(_) => drop(self.suspected.insert((step.who, member), period)),
                    Standing::Alive(_) => drop(self.suspected.remove(&(step.who, member))),
                    Standing::Failed(_) => {}
                },
                Output::Reached(member, _) => drop(self.reached.insert((step.who, member), period)),
                Output::Raised(incarnation) => self.announced = Some((step.who, incarnation)),
                Output::Expelled => {}
            }
        }
    }

    fn pings(&mut self, now: Micros, target: NodeId, period: Micros) {
        if let Some(crashed) = self.problem.down().get(&target)
            && !self.first_ping.contains_key(&target)
        {
            self.first_ping.insert(target, (now - crashed).div_ceil(period));
        }
    }

    /// A node that crashes begins anew, should it return.
    fn forget(&mut self, who: NodeId) {
        self.latest.remove(&who);
        for of in [&mut self.pinged, &mut self.reached, &mut self.suspected] {
            of.retain(|(node, _), _| *node != who);
        }
    }

    fn latest(&self, node: NodeId) -> Latest {
        self.latest.get(&node).copied().unwrap_or_default()
    }

    /// After how many periods crashed members were first pinged, added up, and of how many.
    pub(super) fn detection(&self) -> (u64, u64) {
        (self.first_ping.values().sum(), self.first_ping.len() as u64)
    }

    /// How many pings nobody acked, and how many were concluded.
    pub(super) fn unacked(&self) -> (u64, u64) {
        (self.unacked, self.concluded)
    }

    /// Who last raised its incarnation, and to which.
    pub(super) fn announced(&self) -> Option<(NodeId, u32)> {
        self.announced
    }

    /// How many periods began.
    pub(super) fn begun(&self) -> u64 {
        self.begun
    }
}

/// Claims about the mechanism.
pub(super) const MECHANISM: [Property<Swim>; 4] = [
    always(
        "Indirect Ping",
        "No node suspects a member for a ping whose ack has come through another member.",
        About::Outputs,
        indirect_ping,
    )
    .given(|scene| match scene.record.reached.is_empty() {
        true => Err("no ack has come through another member yet"),
        false => Ok(()),
    }),
    always(
        "Suspicion First",
        "A node that confirms a failure by itself has suspected the member, in the same incarnation, for as many periods as are set.",
        About::Outputs,
        suspicion_first,
    )
    .given(|scene| match scene.record.problem.doubted {
        true => Ok(()),
        false => Err("no member has been suspected yet"),
    }),
    always(
        "Bounded Turn",
        "Where members are pinged in turn, a node pings each member that it does not hold for failed again within 2m − 1 of its periods, \
         m the number of others.",
        About::Everything,
        bounded_turn,
    )
    .given(|scene| match scene.nodes().any(|(_, node)| node.limits.in_turn && node.period > 1) {
        true => Ok(()),
        false => Err("no member has pinged two others in turn yet"),
    }),
    always(
        "Bounded News",
        "A node passes a piece of news on at most λ·ln n times, rounded up.",
        About::Everything,
        bounded_news,
    )
    .given(|scene| match scene.record.problem.told.is_empty() {
        true => Err("no news has reached anybody yet"),
        false => Ok(()),
    }),
];

fn indirect_ping(scene: &Scene<'_, Swim>) -> Result<(), Contradiction> {
    let who = scene.who;
    let period = scene.record.latest(who).period;
    let is_basic = scene.node.is_some_and(|node| node.limits.suspicion == 0);
    for output in scene.outputs {
        if let Output::Found(member, standing) = *output
            && (matches!(standing, Standing::Suspected(_))
                || is_basic && matches!(standing, Standing::Failed(_)))
            && scene.record.reached.get(&(who, member)) == Some(&period)
        {
            return Err(Contradiction::between(
                format!("{who} suspects {member}, whose ack has come through another member in time"),
                [Side::of(who).showing(Fact::Field("suspects")).telling(output), Side::of(member)],
            ));
        }
    }
    Ok(())
}

fn suspicion_first(scene: &Scene<'_, Swim>) -> Result<(), Contradiction> {
    let (who, Some(node)) = (scene.who, scene.node) else { return Ok(()) };
    let period = scene.record.latest(who).period;
    for output in scene.outputs {
        let Output::Found(member, standing @ Standing::Failed(_)) = *output else { continue };
        let before = scene.record.problem.told.get(&(who, member));
        let same = before.is_some_and(|it| it.incarnation() == standing.incarnation());
        let since = scene.record.suspected.get(&(who, member)).filter(|_| same);
        let suspicion = node.limits.suspicion;
        let had = since.map_or(0, |since| period - since);
        if had < suspicion {
            return Err(Contradiction::between(
                format!("{who} confirms {member} as failed after {had} of {suspicion} periods of suspicion"),
                [Side::of(who).showing(Fact::Field("holds for failed")).telling(output), Side::of(member)],
            ));
        }
    }
    Ok(())
}

fn bounded_turn(scene: &Scene<'_, Swim>) -> Result<(), Contradiction> {
    let who = scene.who;
    let Some(node) = scene.node.filter(|node| node.limits.in_turn) else { return Ok(()) };
    if node.period == scene.record.latest(who).period {
        return Ok(());
    }
    let target = node.pinged.as_ref().map(|it| it.target);
    let bound = (2 * scene.count() as u32).saturating_sub(3);
    for member in node.candidates().into_iter().filter(|member| Some(*member) != target) {
        let last = scene.record.pinged.get(&(who, member)).copied().unwrap_or(0);
        if node.period - last >= bound {
            return Err(Contradiction::between(
                format!(
                    "{who} has not pinged {member} for {} periods, and does not in the next",
                    node.period - last
                ),
                [Side::of(who).showing(Fact::Field("pings")), Side::of(member)],
            ));
        }
    }
    Ok(())
}

fn bounded_news(scene: &Scene<'_, Swim>) -> Result<(), Contradiction> {
    let Some(node) = scene.node else { return Ok(()) };
    match node.news.iter().find(|news| news.sent > node.limits.sends) {
        Some(news) => Err(Contradiction::between(
            format!("{} has passed on {} times that {}", scene.who, news.sent, news.update),
            [Side::of(scene.who).showing(Fact::Field("spreads"))],
        )),
        None => Ok(()),
    }
}
