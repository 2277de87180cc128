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

/// What is said where nothing was found.
pub(super) const IN_VAIN: &str =
    "No single lost message, crash, pause or cut that was tried accounts for it.";

/// The most losses and the most deeds that are tried, and the most events that are played for all.
const MOST: usize = 12;
const MOST_PLAYED: usize = 400_000;

/// Runs without something that happened, one after the other.
pub(super) struct Trying {
    /// The events that are still to be taken back, the next one last.
    events: Vec<usize>,
    trial: Option<Trial>,
    played: usize,
}

struct Trial {
    event: usize,
    scenario: Scenario,
    cursor: Cursor,
}

impl Trying {
    /// Tries what happened to these nodes and to messages between them and others, the latest first.
    pub(super) fn of(records: &[Record], nodes: &[NodeId]) -> Self {
        let concerns = |record: &Record| {
            let is = |node: u32| nodes.contains(&NodeId(node));
            is(record.node) || is(record.peer)
        };
        let is_loss = |record: &Record| matches!(record.what, What::Lose | What::Drop) && concerns(record);
        let is_deed = |record: &Record| {
            let stops =
                record.what.is_crash() || matches!(record.what, What::Pause | What::Cut | What::Stand);
            stops && record.flags.has(Flags::ACT)
        };
        let latest = |of: &dyn Fn(&Record) -> bool| -> Vec<usize> {
            let found = records.iter().enumerate().rev().filter(|(_, record)| of(record));
            found.map(|(event, _)| event).take(MOST).collect()
        };
        let mut events = latest(&is_deed);
        events.extend(latest(&is_loss));
        events.reverse();
        Trying { events, trial: None, played: 0 }
    }

    /// Plays on for so many events; what was found, or nothing, once that is known.
    pub(super) fn step(
        &mut self,
        session: &Session,
        moment: Moment,
        events: usize,
    ) -> Option<Option<Candidate>> {
        let Some(trial) = &mut self.trial else {
            let Some(event) = self.events.pop().filter(|_| self.played < MOST_PLAYED) else {
                return Some(None);
            };
            self.trial = Trial::without(session, event);
            return None;
        };
        self.played += events;
        for _ in 0..events {
            if trial.cursor.step(&trial.scenario, moment.time).is_none() {
                let judgements = trial.cursor.world.judgements_at(moment.time);
                let holds = matches!(judgements.get(moment.claim), Some(Judgement::Reached { .. }));
                let event = trial.event;
                self.trial = None;
                return holds.then(|| Some(told(session, event)));
            }
        }
        None
    }
}

impl Trial {
    /// The run without an event: a deed is not done, and a message that the network loses arrives.
    fn without(session: &Session, event: usize) -> Option<Self> {
        let (run, record) = (&session.run, session.run.records()[event]);
        let (mut scenario, mut cursor) = (run.scenario().clone(), run.at(event));
        if record.flags.has(Flags::ACT) {
            scenario.acts.remove(cursor.acts_done());
        } else {
            let left = run.at(event + 1).world;
            let lost = cursor.world.messages().into_iter().map(|(message, _)| message);
            let lost = lost.into_iter().find(|message| left.message(*message).is_none())?;
            cursor.world.give(lost).ok()?;
        }
        Some(Trial { event, scenario, cursor })
    }
}

/// What would be so without an event.
fn told(session: &Session, event: usize) -> Candidate {
    let record = session.run.records()[event];
    let sentence = if record.flags.has(Flags::ACT) {
        "Without this, the claim would hold".to_owned()
    } else {
        let kind = session.scenario().entry.kinds[record.kind as usize].name;
        format!(
            "Had {kind} from {} to {} arrived, the claim would hold",
            NodeId(record.peer),
            NodeId(record.node)
        )
    };
    Candidate { absence: Some(Absence { sentence, event }), ..Candidate::new(event, Because::Absence) }
}
