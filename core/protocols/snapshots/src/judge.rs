//! What the judge remembers of a run, and how it judges a snapshot.
//!
//! For each snapshot under way it plays the run once more, without the events after the cut: whatever a process does before it
//! records its state. That is the sequence of Theorem 1, with all prerecording events in front. If a receipt comes up whose
//! transfer was not sent there, the cut is not consistent. When all is recorded, the state that was played must be the recorded
//! one. The theorem's other half, that the end of the recording is reachable from there, needs no judge of its own: whatever is
//! received after the cut is on a channel in the recorded state or is sent after the cut.

use super::{Era, Name, Output, Part, Restart, Transfer};
use faultline_core::prelude::*;

/// What the judge remembers of a run: only of the latest restart, since all before it is undone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Record {
    /// How many processes there are, and how much money in all.
    processes: usize,
    total: u64,
    /// The latest restart that any process has taken part in, when it began, and the processes that have gone back since, each
    /// with its money then.
    restart: Option<Restart>,
    restarted: Micros,
    restored: Map<NodeId, u64>,
    /// Whether all processes ever went back to one snapshot.
    is_restored: bool,
    now: Global,
    /// The snapshots that are not complete everywhere.
    open: Map<u64, Open>,
    /// Whether a process ever began a snapshot, and how many were complete everywhere.
    is_begun: bool,
    completed: u64,
}

/// A global state: balances, and the transfers on each channel in the order of sending.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Global {
    balances: Map<NodeId, u64>,
    channels: Map<(NodeId, NodeId), Vec<Transfer>>,
}

/// A snapshot that is not complete everywhere.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Open {
    begun: Micros,
    recorded: NodeSet,
    parts: Map<NodeId, Part>,
    /// The run without the events after the cut.
    before: Global,
    /// What was received before the cut and sent after it, each with its receiver; and what was received before it, but was not on
    /// its channel at all.
    strays: Vec<(NodeId, Transfer)>,
    copies: Vec<(NodeId, Transfer)>,
    /// Whether an event after the cut has come up.
    goes_on: bool,
}

impl Global {
    fn send(&mut self, from: NodeId, to: NodeId, transfer: Transfer) {
        let balance = self.balances.or_default(from);
        *balance = balance.saturating_sub(transfer.amount);
        self.channels.or_default((from, to)).push(transfer);
    }

    /// Takes a transfer from its channel; whether it was there.
    fn receive(&mut self, to: NodeId, transfer: Transfer) -> bool {
        *self.balances.or_default(to) += transfer.amount;
        let key = (transfer.from, to);
        let channel = self.channels.or_default(key);
        let place = channel.iter().position(|other| *other == transfer);
        let found = place.map(|place| channel.remove(place)).is_some();
        if channel.is_empty() {
            self.channels.remove(&key);
        }
        found
    }

    fn act(&mut self, who: NodeId, output: &Output) -> bool {
        match output {
            Output::Sent(to, transfer) => {
                self.send(who, *to, *transfer);
                true
            }
            Output::Received(transfer) => self.receive(who, *transfer),
            _ => true,
        }
    }
}

impl Record {
    /// Adds a step; what a solution's `remember` does.
    pub fn remember<P: super::GlobalState>(&mut self, step: &Step<'_, P>) {
        for output in step.outputs {
            self.add(step.who, output, step.now);
        }
    }

    pub(super) fn add(&mut self, who: NodeId, output: &Output, now: Micros) {
        match output {
            Output::Opened(balance) => {
                self.processes += 1;
                self.total += balance;
                self.now.balances.insert(who, *balance);
            }
            Output::Sent(..) | Output::Received(_) if self.takes_part(who) => {
                let was_there = self.now.act(who, output);
                self.open.values_mut().for_each(|open| open.act(who, output, was_there));
            }
            Output::Recorded(name) if name.era == self.era() => {
                self.is_begun = true;
                if !self.open.contains_key(&name.number) {
                    let before = self.now.clone();
                    self.open.insert(name.number, Open { begun: now, before, ..Open::default() });
                }
                self.open.or_default(name.number).recorded.insert(who);
            }
            Output::Completed(name, part) if name.era == self.era() => {
                let open = self.open.or_default(name.number);
                open.parts.insert(who, part.clone());
                if open.parts.len() == self.processes {
                    self.open.remove(&name.number);
                    self.completed += 1;
                }
            }
            Output::Restored(restart, money) if restart.era >= self.era() => {
                if restart.era > self.era() {
                    self.restart = Some(*restart);
                    (self.restarted, self.restored) = (now, Map::default());
                    (self.now, self.open) = (Global::default(), Map::default());
                }
                self.restored.insert(who, *money);
                self.now.balances.insert(who, *money);
                for open in self.open.values_mut() {
                    open.before.balances.insert(who, *money);
                }
                self.is_restored |= self.restored.len() == self.processes;
            }
            // Of a part of the run that is undone, or no matter of the judge's.
            _ => {}
        }
    }

    fn everyone(&self) -> impl Iterator<Item = NodeId> + use<> {
        (0..self.processes as u32).map(NodeId)
    }

    /// Whether a process has gone back to where the others have.
    fn takes_part(&self, who: NodeId) -> bool {
        self.restart.is_none() || self.restored.contains_key(&who)
    }

    pub(super) fn era(&self) -> Era {
        self.restart.map_or(Era::FIRST, |restart| restart.era)
    }

    pub(super) fn restarted(&self) -> Micros {
        self.restarted
    }

    pub(super) fn is_restored(&self) -> bool {
        self.is_restored
    }

    pub(super) fn is_begun(&self) -> bool {
        self.is_begun
    }

    /// How many snapshots were complete everywhere.
    pub fn completed(&self) -> u64 {
        self.completed
    }

    /// When the oldest snapshot was begun that is not complete everywhere.
    pub(super) fn oldest_open(&self) -> Option<Micros> {
        self.open.values().map(|open| open.begun).min()
    }

    /// Whether a process that has yet to record a state acts, after another has acted that has recorded its own.
    pub(super) fn is_permuted_by(&self, who: NodeId, outputs: &[Output]) -> bool {
        let acts = outputs.iter().any(|output| matches!(output, Output::Sent(..) | Output::Received(_)));
        let permutes = |open: &Open| open.goes_on && !open.recorded.contains(who);
        acts && self.takes_part(who) && self.open.values().any(permutes)
    }

    pub(super) fn termination(&self) -> Result<(), Contradiction> {
        let Some((number, open)) = self.open.iter().next() else { return Ok(()) };
        let Some(node) = self.everyone().find(|node| !open.parts.contains_key(node)) else { return Ok(()) };
        let lacks = if open.recorded.contains(node) { "its incoming channels" } else { "its state" };
        let name = Name { era: self.era(), number: *number };
        Err(Contradiction::between(
            format!("{node} has not recorded {lacks} for snapshot {name}"),
            [Side::of(node), Side::first_to_tell(&Output::Recorded(name))],
        ))
    }

    pub(super) fn recovery(&self) -> Result<(), Contradiction> {
        let Some(node) = self.everyone().find(|node| !self.takes_part(*node)) else { return Ok(()) };
        let to = self.restart.map_or(String::new(), |restart| restart.to.to_string());
        Err(Contradiction::between(format!("{node} has not gone back to snapshot {to}"), [Side::of(node)]))
    }
}

impl Open {
    /// Plays an event if it comes before the cut. What was received was on its channel in the run, or not.
    fn act(&mut self, who: NodeId, output: &Output, was_there: bool) {
        if self.recorded.contains(who) {
            self.goes_on = true;
        } else if !self.before.act(who, output)
            && let Output::Received(transfer) = output
        {
            let list = if was_there { &mut self.strays } else { &mut self.copies };
            list.push((who, *transfer));
        }
    }
}

/// An output, and what is known of everything before it.
pub(super) struct Judged<'a> {
    pub(super) record: &'a Record,
    pub(super) who: NodeId,
    pub(super) output: &'a Output,
}

impl Judged<'_> {
    /// The snapshot that this output completes, with all its parts.
    fn completes(&self) -> Option<(Name, &Open, Map<NodeId, Part>)> {
        let Output::Completed(name, part) = self.output else { return None };
        let open = self.record.open.get(&name.number).filter(|_| name.era == self.record.era())?;
        let mut parts = open.parts.clone();
        parts.insert(self.who, part.clone());
        (parts.len() == self.record.processes).then_some((*name, open, parts))
    }
}

pub(super) fn conservation(judged: &Judged<'_>) -> Result<(), Contradiction> {
    let Some((name, _, parts)) = judged.completes() else { return Ok(()) };
    let (recorded, total) = (parts.values().map(Part::sum).sum::<u64>(), judged.record.total);
    if recorded == total {
        return Ok(());
    }
    Err(Contradiction::between(
        format!("{} completes snapshot {name}, which holds {recorded} of {total} in all", judged.who),
        [Side::of(judged.who).telling(judged.output), Side::first_to_tell(&Output::Recorded(name))],
    ))
}

pub(super) fn consistency(judged: &Judged<'_>) -> Result<(), Contradiction> {
    let Output::Recorded(name) = judged.output else { return Ok(()) };
    let open = judged.record.open.get(&name.number).filter(|_| name.era == judged.record.era());
    let Some(open) = open else { return Ok(()) };
    let Some((who, transfer)) = open.strays.iter().find(|(who, _)| *who == judged.who) else { return Ok(()) };
    let from = transfer.from;
    Err(Contradiction::between(
        format!(
            "{who} records snapshot {name} after it received {transfer}, which {from} sent after it had recorded"
        ),
        [Side::of(*who).telling(judged.output), Side::of(from).telling(&Output::Sent(*who, *transfer))],
    ))
}

pub(super) fn reachability(judged: &Judged<'_>) -> Result<(), Contradiction> {
    let Some((name, open, parts)) = judged.completes() else { return Ok(()) };
    if let Some((node, transfer)) = open.strays.iter().chain(&open.copies).next() {
        return Err(Contradiction::between(
            format!(
                "snapshot {name} needs that {node} receives {transfer}, which the events before the cut do not send"
            ),
            [Side::of(*node).telling(&Output::Received(*transfer))],
        ));
    }
    for (node, part) in parts.iter() {
        let side = || [Side::of(*node).telling(&Output::Completed(name, part.clone()))];
        let balance = open.before.balances.get(node).copied().unwrap_or_default();
        if part.state != balance {
            let sentence = format!(
                "{node} recorded a balance of {} for snapshot {name}, but the events before the cut lead to {balance}",
                part.state
            );
            return Err(Contradiction::between(sentence, side()));
        }
        for (from, channel) in part.channels.iter() {
            let there = open.before.channels.get(&(*from, *node)).map_or(&[][..], Vec::as_slice);
            if channel != there {
                let (recorded, there) = (super::sum(channel), super::sum(there));
                let sentence = format!(
                    "{node} recorded {recorded} on the channel from {from} for snapshot {name}, but the events before the \
                     cut leave {there} there"
                );
                return Err(Contradiction::between(sentence, side()));
            }
        }
    }
    Ok(())
}

pub(super) fn restoration(judged: &Judged<'_>) -> Result<(), Contradiction> {
    let Output::Restored(restart, money) = judged.output else { return Ok(()) };
    let mut restored = match restart.era == judged.record.era() {
        true => judged.record.restored.clone(),
        false => Map::default(),
    };
    restored.insert(judged.who, *money);
    let (sum, total) = (restored.values().sum::<u64>(), judged.record.total);
    if restored.len() < judged.record.processes || sum == total {
        return Ok(());
    }
    Err(Contradiction::between(
        format!(
            "{} is the last to go back to snapshot {}, with {sum} of {total} in all",
            judged.who, restart.to
        ),
        [Side::of(judged.who).telling(judged.output)],
    ))
}
