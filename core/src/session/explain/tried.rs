//! What kept a promise of the end from being met: messages that were lost and deeds of somebody are taken back one by one, and
//! one is told only if the claim holds in the run without it.

use super::story::Candidate;
use super::{Moment, Session};
use crate::name::NodeId;
use crate::property::Judgement;
use crate::scenario::Scenario;
use crate::sim::Cursor;
use crate::trace::{Flags, Record, What};
use crate::view::{Absence, Because};
use std::ops::ControlFlow;

/// What is said where nothing was found.
pub(super) const IN_VAIN: &str =
    "No single lost message, crash, pause or cut that was tried accounts for it.";

/// The most losses and the most moments of deeds that are tried, and the most events that are played for all.
const MOST: usize = 12;
const MOST_PLAYED: usize = 400_000;

/// Runs without something that happened, one after the other.
pub(super) struct Trying {
    /// What is still to be taken back, the next last: a loss, or the deeds of a moment.
    left: Vec<Vec<usize>>,
    trial: Option<Trial>,
    played: usize,
}

struct Trial {
    without: Vec<usize>,
    scenario: Scenario,
    cursor: Cursor,
}

impl Trying {
    /// Tries what somebody did, and losses of messages from or to these nodes; of both the latest first.
    pub(super) fn of(records: &[Record], nodes: &[NodeId]) -> Self {
        let concerns = |node: u32| nodes.contains(&NodeId(node));
        let mut deeds: Vec<Vec<usize>> = Vec::new();
        let mut losses: Vec<Vec<usize>> = Vec::new();
        for (event, record) in records.iter().enumerate() {
            let is_act = record.flags.has(Flags::ACT);
            let is_deed =
                record.what.is_crash() || matches!(record.what, What::Pause | What::Cut | What::Stand);
            match deeds.last_mut() {
                Some(last) if is_act && is_deed && records[last[0]].time == record.time => last.push(event),
                _ if is_act && is_deed => deeds.push(vec![event]),
                _ => {}
            }
            let is_loss = matches!(record.what, What::Lose | What::Drop);
            if is_loss && (concerns(record.node) || concerns(record.peer)) {
                losses.push(vec![event]);
            }
        }
        let latest = |of: Vec<Vec<usize>>| of.into_iter().rev().take(MOST);
        let mut left: Vec<_> = latest(losses).chain(latest(deeds)).collect();
        left.reverse();
        Trying { left, trial: None, played: 0 }
    }

    /// Plays on for so many events; what was found, or nothing, once that is known.
    pub(super) fn step(
        &mut self,
        session: &Session,
        moment: Moment,
        events: usize,
    ) -> ControlFlow<Option<Candidate>> {
        let Some(trial) = &mut self.trial else {
            let without = self.left.pop().filter(|_| self.played < MOST_PLAYED);
            let Some(without) = without else { return ControlFlow::Break(None) };
            self.trial = Trial::without(session, without);
            return ControlFlow::Continue(());
        };
        self.played += events;
        for _ in 0..events {
            if trial.cursor.step(&trial.scenario, moment.time).is_none() {
                let judgements = trial.cursor.world.judgements_at(moment.time);
                let holds = matches!(judgements.get(moment.claim), Some(Judgement::Reached { .. }));
                let without = std::mem::take(&mut trial.without);
                self.trial = None;
                return match holds {
                    true => ControlFlow::Break(Some(told(session, &without))),
                    false => ControlFlow::Continue(()),
                };
            }
        }
        ControlFlow::Continue(())
    }
}

impl Trial {
    /// The run without some events: deeds are not done, and a message that the network loses arrives.
    fn without(session: &Session, without: Vec<usize>) -> Option<Self> {
        let (run, first) = (&session.run, *without.first()?);
        let mut scenario = run.scenario().clone();
        let cursor = if run.records()[first].flags.has(Flags::ACT) {
            for &event in without.iter().rev() {
                scenario.acts.remove(run.act_of(event));
            }
            run.at(first)
        } else {
            let (mut cursor, lost) = run.before_loss(first)?;
            cursor.world.give(lost).ok()?;
            cursor
        };
        Some(Trial { without, scenario, cursor })
    }
}

/// What would be so without these events.
fn told(session: &Session, without: &[usize]) -> Candidate {
    let event = without[0];
    let record = session.run.records()[event];
    let sentence = match without.len() - 1 {
        _ if !record.flags.has(Flags::ACT) => {
            let kind = session.scenario().entry.kinds[record.kind as usize].name;
            let (from, to) = (NodeId(record.peer), NodeId(record.node));
            format!("Had {kind} from {from} to {to} arrived, the claim would hold")
        }
        0 => "Without this, the claim would hold".to_owned(),
        1 => "Without this and the other fault of that moment, the claim would hold".to_owned(),
        more => format!("Without this and the other {more} faults of that moment, the claim would hold"),
    };
    Candidate { absence: Some(Absence { sentence, event }), ..Candidate::new(event, Because::Absence) }
}
