//! The run of an attack: what is done to it becomes an act of its scenario.

use super::temper::Dice;
use super::{Attack, Broken, Seen};
use crate::clock::Adjustment;
use crate::event::MessageName;
use crate::name::NodeId;
use crate::network::Behaviour;
use crate::property::{Judgement, Sense};
use crate::scenario::{Act, MOST_ACTS, Moment, Scenario, Timed, slug};
use crate::sim::Cursor;
use crate::time::Micros;
use crate::title::{Assumptions, Failures, Links};
use crate::trace::{Flags, What};
use crate::world::World;

/// The run of an attack.
pub(super) struct Play {
    pub(super) scenario: Scenario,
    pub(super) cursor: Cursor,
    /// Who did something remarkable last.
    pub(super) notable: Option<NodeId>,
    pub(super) idle: u32,
}

impl Play {
    pub(super) fn world(&self) -> &World {
        &self.cursor.world
    }

    pub(super) fn nodes(&self, up: bool) -> Vec<NodeId> {
        let all = (0..self.scenario.nodes).map(NodeId);
        all.filter(|&node| self.world().is_up(node) == up).collect()
    }

    pub(super) fn awake(&self) -> Vec<NodeId> {
        self.nodes(true).into_iter().filter(|&node| !self.world().is_paused(node)).collect()
    }

    pub(super) fn paused(&self) -> Vec<NodeId> {
        (0..self.scenario.nodes).map(NodeId).filter(|&node| self.world().is_paused(node)).collect()
    }

    pub(super) fn touched_clocks(&self) -> Vec<NodeId> {
        (0..self.scenario.nodes).map(NodeId).filter(|&node| self.world().is_clock_touched(node)).collect()
    }

    pub(super) fn is_broken(&self) -> bool {
        let broken = |judgement: &Judgement| matches!(judgement, Judgement::Violated { .. });
        self.world().judgements().iter().any(broken) || !self.world().broken_beliefs().is_empty()
    }

    /// Plays on up to a time, or until something breaks.
    pub(super) fn on(&mut self, time: Micros) {
        while self.on_to_a_liar(time) {}
    }

    /// The same, or until a node takes a step that is taken over; whether it did.
    pub(super) fn on_to_a_liar(&mut self, time: Micros) -> bool {
        while let Some(record) = self.cursor.step(&self.scenario, time) {
            if record.flags.has(Flags::MILESTONE) {
                self.notable = Some(NodeId(record.node));
            }
            self.idle += u32::from(record.what == What::Refused);
            if record.flags.has(Flags::VIOLATION) {
                return false;
            }
            if record.what.is_step() && self.world().is_taken_over(NodeId(record.node)) {
                return true;
            }
        }
        false
    }

    /// Lets the node that just took a step say something else to some, and nothing to others.
    pub(super) fn lie(&mut self, dice: &mut Dice) {
        let (time, cause) = (self.world().now(), self.world().events() - 1);
        let said = self.world().message_names().into_iter();
        let fresh = said.filter(|(id, _)| self.world().message(*id).is_some_and(|it| it.cause == cause));
        // From the last to the first: so those that are left keep their names.
        for (message, name) in fresh.collect::<Vec<_>>().into_iter().rev() {
            let lies = self.world().lie_texts(message);
            let act = match dice.below(6) {
                0 => Some(Act::Drop(name)),
                1..=3 => dice.one_of(&lies).map(|lie| Act::Forge(name, lie.clone())),
                _ => None,
            };
            if let Some(act) = act.filter(|_| self.scenario.acts.len() < MOST_ACTS / 2) {
                self.act(time, act);
            }
        }
    }

    pub(super) fn liars(&self) -> Vec<NodeId> {
        (0..self.scenario.nodes).map(NodeId).filter(|&node| self.world().is_taken_over(node)).collect()
    }

    pub(super) fn act(&mut self, time: Micros, act: Act) {
        self.scenario.acts.push(Timed { at: Moment { time, nth: None }, act });
        self.on(time);
    }

    /// Repairs everything that may be repaired.
    pub(super) fn make_peace(&mut self, war: Micros, assumptions: Assumptions) {
        let world = self.world();
        let (cut, held, altered) = (world.cuts(), world.held(), world.altered());
        let repairs = [
            (cut, Act::Heal(None)),
            (held, Act::Release(None)),
            (altered, Act::Link(None, Behaviour::Normal)),
        ];
        for (_, repair) in repairs.into_iter().filter(|(links, _)| !links.is_empty()) {
            self.act(war, repair);
        }
        for node in self.paused() {
            self.act(war, Act::Resume(node));
        }
        for node in self.touched_clocks() {
            self.act(war, Act::Clock(node, Adjustment::Normal));
        }
        if assumptions.failures >= Failures::CrashRecovery {
            for node in self.nodes(false) {
                self.act(war, Act::Restart(node));
            }
        }
        // Where links lose nothing, nobody sends again what was delayed beyond all peace.
        while let Some(message) = self.late(war + (self.scenario.until - war) / 2)
            && assumptions.links >= Links::Perfect
        {
            self.act(war, Act::Deliver(message));
        }
    }

    /// The first message that arrives only after this time.
    fn late(&self, time: Micros) -> Option<MessageName> {
        let arrives = |id| self.world().message(id).map_or(0, |envelope| envelope.arrives);
        let mut names = self.world().message_names().into_iter();
        names.find(|(id, _)| arrives(*id) > time).map(|(_, name)| name)
    }

    pub(super) fn outcome(self, seen: &Seen) -> Attack {
        let world = self.world();
        let mut broken = world.broken_beliefs().first().map(|(_, node, belief)| Broken {
            claim: (*belief).into(),
            sentence: format!("{node} found it to be false"),
            time: world.now(),
        });
        let mut reached = Vec::new();
        let claims = self.scenario.entry.claims();
        let judgements = world.judgements_at(self.scenario.until);
        for (place, (claim, judgement)) in claims.iter().zip(judgements).enumerate() {
            let counts = claim.sense != Sense::Eventually || seen.unmet.contains(&place);
            match judgement {
                Judgement::Violated { contradiction, .. } if counts && broken.is_none() => {
                    let (claim, sentence) = (slug(claim.name), contradiction.sentence.clone());
                    broken = Some(Broken { claim, sentence, time: world.now() });
                }
                Judgement::Reached { .. } if claim.sense == Sense::Sometimes => reached.push(claim.name),
                _ => {}
            }
        }
        let (events, idle) = (world.events(), self.idle);
        let end = claims.iter().enumerate().filter(|(_, claim)| claim.sense == Sense::Eventually);
        let judged =
            end.filter(|(place, _)| seen.judged.contains(place)).map(|(_, claim)| claim.name).collect();
        Attack { scenario: self.scenario, broken, events, idle, reached, judged }
    }
}
