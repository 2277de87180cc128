//! Why a timer fired: what would have set it again, and did not come. Each absence is tried, and told only where it is so: the
//! message that was lost is given to the node, or the run is played without the act that stopped its sender.

use super::Session;
use crate::event::{Event, MessageId};
use crate::name::NodeId;
use crate::sim::{Cursor, Run};
use crate::time::seconds;
use crate::trace::{Flags, NO_CAUSE, Record, What};
use crate::view::Absence;
use crate::world::World;

/// The most absences that are told of one timer, the most losses that are tried for it, and the most events that are played to try
/// what stopped.
const MOST: usize = 4;
const MOST_TRIED: usize = 16;
const MOST_PLAYED: usize = 4_096;

impl Session {
    /// What would have kept a timer from firing and did not come about: of each sender and sort the last message that was lost since
    /// the timer was set, and that its last sender stopped; the timer in the words that are given.
    pub(super) fn absences(&self, event: usize, words: &str) -> Vec<Absence> {
        let run = &self.run;
        let Some(fired) = run.records().get(event).copied().filter(is_awaited) else { return Vec::new() };
        let mut before = run.at(event);
        let Some((_, Event::Fire(node, timer))) = before.world.upcoming() else { return Vec::new() };
        let set = fired.cause as usize;
        let lost = |event: &usize| {
            let record = run.records()[*event];
            record.node == node.0 && matches!(record.what, What::Lose | What::Drop)
        };
        let mut absences: Vec<Absence> = Vec::new();
        let mut tried: Vec<(u32, u8)> = Vec::new();
        for lost in (set + 1..event).rev().filter(lost) {
            let Record { peer, kind, .. } = run.records()[lost];
            if absences.len() == MOST || tried.len() == MOST_TRIED {
                break;
            }
            if tried.contains(&(peer, kind)) {
                continue;
            }
            tried.push((peer, kind));
            absences.extend(self.lost_message(lost, (node, timer, words), fired));
        }
        absences.extend(self.stopped_sender(run.records()[set], event, words));
        absences
    }

    /// A message to the node that was lost with an event, if it would have set the timer again.
    fn lost_message(
        &self,
        event: usize,
        (node, timer, words): (NodeId, u32, &str),
        fired: Record,
    ) -> Option<Absence> {
        let (Cursor { world, .. }, message) = self.run.before_loss(event)?;
        let envelope = world.message(message)?;
        let (from, arrives) = (envelope.from, envelope.arrives);
        if arrives >= fired.time || !world.would_set(message, node, timer) {
            return None;
        }
        let record = self.run.records()[event];
        let kind = self.scenario().entry.kinds[record.kind as usize].name;
        let how = match record.what {
            What::Drop => "was dropped",
            _ if world.cuts().contains(&(from, node)) => "was lost on the cut link",
            _ => "was lost",
        };
        let sentence = format!("{kind} from {from} would have set {words} again, but it {how}");
        Some(Absence { sentence, event })
    }

    /// That the node whose message last set the timer was stopped by an act since, if the timer does not fire without that.
    fn stopped_sender(&self, set: Record, event: usize, words: &str) -> Option<Absence> {
        if set.what != What::Deliver {
            return None;
        }
        let records = self.run.records();
        let fired = records[event];
        // It may have stopped while its last message was under way.
        let first = set.cause as usize + 1;
        let stops = |record: &Record| record.what.is_crash() || record.what == What::Pause;
        let stopped = (first..event).rev().find(|&event| {
            let record = &records[event];
            record.node == set.peer && stops(record) && record.flags.has(Flags::ACT)
        })?;
        let same = |it: &Record| {
            (it.what, it.node, it.time, it.cause) == (fired.what, fired.node, fired.time, fired.cause)
        };
        if !self.makes(stopped, event, same) {
            return None;
        }
        let (sender, kind) = (NodeId(set.peer), self.scenario().entry.kinds[set.kind as usize].name);
        let (verb, time) = (
            if records[stopped].what == What::Pause { "was paused" } else { "crashed" },
            records[stopped].time,
        );
        let sentence =
            format!("{kind} from {sender} last set {words}, but {sender} {verb} at {} s", seconds(time, 3));
        Some(Absence { sentence, event: stopped })
    }

    /// That a node to which a message went as a timer was set that fired had been crashed by an act, if the timer does not fire
    /// without that: the node would have answered.
    pub(super) fn unheard(&self, event: usize, words: &str) -> Option<Absence> {
        let records = self.run.records();
        let fired = records.get(event).copied().filter(is_awaited)?;
        let set = fired.cause as usize;
        let unheard = |it: &&Record| it.what == What::Lose && it.cause as usize == set;
        records[set..event].iter().filter(unheard).take(MOST).find_map(|lost| {
            let turns =
                |it: &Record| it.node == lost.node && (it.what.is_crash() || it.what == What::Restart);
            let stopped = records[..event].iter().rposition(turns)?;
            let is_act = records[stopped].what.is_crash() && records[stopped].flags.has(Flags::ACT);
            // Without the act, what set the timer has another number.
            let same = |it: &Record| (it.what, it.node, it.time) == (fired.what, fired.node, fired.time);
            if !is_act || !self.makes(stopped, event, same) {
                return None;
            }
            let (node, asked) = (NodeId(fired.node), NodeId(lost.node));
            let kind = self.scenario().entry.kinds[lost.kind as usize].name;
            let at = seconds(records[stopped].time, 3);
            let sentence = format!(
                "{kind} to {asked} was sent when {node} set {words}, but {asked} had crashed at {at} s"
            );
            Some(Absence { sentence, event: stopped })
        })
    }

    /// Whether a deed of somebody makes what happens in an event happen: without the deed nothing such as that does.
    fn makes(&self, deed: usize, event: usize, same: impl Fn(&Record) -> bool) -> bool {
        if event - deed > MOST_PLAYED {
            return false;
        }
        let mut scenario = self.scenario().clone();
        scenario.acts.remove(self.run.act_of(deed));
        let mut other = self.run.stem(scenario, self.run.at(deed));
        other.extend(self.run.records()[event].time);
        !other.records().iter().skip(deed).any(same)
    }
}

impl Run {
    /// The run as it was before an event, and the message that was lost with that.
    pub(super) fn before_loss(&self, event: usize) -> Option<(Cursor, MessageId)> {
        let (before, left) = (self.at(event), self.at(event + 1).world);
        let mut sent = before.world.messages().into_iter().map(|(message, _)| message);
        let lost = sent.find(|message| left.message(*message).is_none())?;
        Some((before, lost))
    }

    /// The place of the act that an event carries out, among those of the scenario.
    pub(super) fn act_of(&self, event: usize) -> usize {
        self.records()[..event].iter().filter(|record| record.flags.has(Flags::ACT)).count()
    }
}

/// Whether this is a timer that fired by itself after something had set it.
fn is_awaited(record: &Record) -> bool {
    record.what == What::Fire && !record.flags.has(Flags::ACT) && record.cause != NO_CAUSE
}

impl World {
    /// Whether a message in flight, if it came now, would make its receiver set this timer again or give it up.
    fn would_set(&self, message: MessageId, node: NodeId, timer: u32) -> bool {
        let mut world = self.clone();
        let now = world.events();
        let fires = |world: &World| {
            world.slot(node).timers.get(timer as usize).filter(|it| it.is_set).map(|it| it.cause)
        };
        fires(&world).is_some()
            && world.give(message).is_ok()
            && fires(&world).is_none_or(|cause| cause == now)
    }
}
