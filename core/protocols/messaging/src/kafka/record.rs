//! What the judge of Kafka remembers of a run.

use super::broker::{Broker, Part, Role};
use super::partition::{Body, Entry, Origin, Replica};
use super::vocabulary::{OUT, Output, Partition};
use super::{Guarantee, Kafka};
use faultline_core::prelude::*;
use faultline_core::toolbox::log::Log;

/// A record at an offset of a partition. After an unclean election another one may take its place.
pub(super) type Placed = (Partition, u64, Origin);

/// What is remembered of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Record {
    /// Of every partition, the records that were below a high watermark, as far as its newest leader has them: who had the first
    /// one there, and the record.
    pub(super) history: Map<Partition, Log<(Entry, NodeId)>>,
    /// The records that were below a high watermark, and that a newer leader does not have.
    lost: Vec<(Partition, u64, Entry)>,
    /// The newest leader of each partition, and its epoch.
    pub(super) leaders: Map<Partition, (u32, NodeId)>,
    /// The records that producers were told of, with their offsets.
    pub(super) acknowledged: Map<(Partition, Origin), u64>,
    /// The records that wait to be acknowledged, and when they were sent.
    pub(super) waiting: Map<(Partition, Origin), Micros>,
    /// The first number of each record that was numbered anew, by its newer ones.
    renumbered: Map<(Partition, Origin), Origin>,
    /// When a record of a partition was last acknowledged: while some are, the others wait for their turn.
    told_at: Map<Partition, Micros>,
    /// Whether a record was sent, whether a leader was elected after one was acknowledged, whether a follower had one below its
    /// high watermark, and whether a log was compacted.
    pub(super) sent: bool,
    pub(super) tested: bool,
    pub(super) replicated: bool,
    pub(super) compacted: bool,
    /// What consumers do about their offsets.
    pub(super) guarantee: Option<Guarantee>,
    /// Who owns which partition in which generation.
    pub(super) owners: Map<(u32, Partition), NodeId>,
    /// Which records were processed, and who did it last.
    pub(super) processed: Map<Placed, NodeId>,
    /// At which offsets nobody has to process a record, because it was deleted.
    deleted: Map<(Partition, u64), ()>,
    /// Whether an offset was committed.
    pub(super) committed: bool,
    /// The results of open transactions, by their producer.
    open: Map<NodeId, Vec<Placed>>,
    /// When a record was last committed, or read anew.
    pub(super) exposed_at: Option<Micros>,
}

impl Record {
    /// The acknowledged records that a broker that leads does not have, and their offsets.
    pub(super) fn lost_by(&self, part: &Part) -> impl Iterator<Item = (Origin, u64)> {
        let here = self.acknowledged.iter().filter(move |((of, _), _)| *of == part.name);
        let all = here.map(|((_, origin), offset)| (*origin, *offset));
        all.filter(move |(origin, at)| part.replica.at(*at).is_none_or(|it| it.origin != *origin))
    }

    /// Whether nobody has been elected for a partition since this epoch.
    pub(super) fn is_newest(&self, partition: Partition, epoch: u32) -> bool {
        self.leaders.get(&partition).is_none_or(|(known, _)| *known <= epoch)
    }

    /// What is known of a partition.
    pub(super) fn known(&self, partition: Partition) -> Log<(Entry, NodeId)> {
        self.history.get(&partition).cloned().unwrap_or_default()
    }

    /// Up to which offset a replica has what is known of its partition. Logs that have a record of the same epoch at the same
    /// offset agree on all before it.
    pub(super) fn agrees_until(&self, partition: Partition, replica: &Replica) -> u64 {
        let known = self.known(partition);
        let same = |offset: &u64| match (known.get(offset + 1), replica.at(*offset)) {
            (Some((one, _)), Some(two)) => (one.epoch, one.origin) == (two.epoch, two.origin),
            _ => false,
        };
        (0..known.len().min(replica.end())).rev().find(same).map_or(0, |offset| offset + 1)
    }

    /// What a high watermark that has grown adds to what is known of a partition: from which offset on, and the records. What is
    /// known from there on is lost; but where it was the high watermark of an earlier leader, its own records are.
    pub(super) fn exposed<'a>(&self, part: &'a Part) -> (u64, Vec<&'a Entry>) {
        let (known, high) = (self.known(part.name).len(), part.replica.now.high);
        let agreed = self.agrees_until(part.name, &part.replica);
        match agreed < known.min(high) {
            true if !self.is_newest(part.name, part.epoch) => (known, Vec::new()),
            true => (agreed, part.replica.now.log.between(agreed, high)),
            false => (known, part.replica.now.log.between(known, high)),
        }
    }

    /// Under which other number a record that was numbered anew is among these.
    pub(super) fn other_number(&self, partition: Partition, it: Origin, all: &[Origin]) -> Option<Origin> {
        let first = |origin: &Origin| self.renumbered.get(&(partition, *origin)).copied();
        let mine = first(&it)?;
        all.iter().find(|other| first(other).unwrap_or(**other) == mine).copied()
    }

    /// Whether records of a partition that were committed are lost.
    pub(super) fn has_lost(&self, partition: Partition) -> bool {
        self.lost.iter().any(|it| it.0 == partition && self.is_gone(it))
    }

    fn is_gone(&self, (partition, offset, entry): &(Partition, u64, Entry)) -> bool {
        let known = self.history.get(partition).and_then(|it| it.get(offset + 1));
        known.is_none_or(|(known, _)| known.origin != entry.origin)
    }

    /// Since when the record that waits longest has had to be acknowledged.
    pub(super) fn waits_since(&self) -> Option<Micros> {
        let since = |((partition, _), sent): (&(Partition, Origin), &Micros)| {
            self.told_at.get(partition).map_or(*sent, |told| *sent.max(told))
        };
        self.waiting.iter().map(since).min()
    }

    /// The results that become visible to readers of committed results, once these records are below the high watermark; and the
    /// writer of each. What is still open is kept.
    fn visible<'a>(
        open: &mut Map<NodeId, Vec<Placed>>,
        entries: impl IntoIterator<Item = &'a Entry>,
    ) -> Vec<(Placed, NodeId)> {
        let mut seen = Vec::new();
        for entry in entries {
            let producer = entry.origin.producer;
            match entry.body {
                Body::Result(partition, offset, origin) => {
                    open.or_default(producer).push((partition, offset, origin));
                }
                Body::Commit => {
                    let all = open.remove(&producer).unwrap_or_default();
                    seen.extend(all.into_iter().map(|source| (source, producer)));
                }
                Body::Abort => drop(open.remove(&producer)),
                _ => {}
            }
        }
        seen
    }

    /// The results that this step of a broker lets others see.
    pub(super) fn becomes_visible(&self, broker: &Broker) -> Vec<(Placed, NodeId)> {
        let entries = broker.parts.get(&OUT).map(|part| self.exposed(part).1);
        Self::visible(&mut self.open.clone(), entries.into_iter().flatten())
    }

    /// The first record of a partition up to an offset that should have been processed and was not. A record that took the place
    /// of a lost one may be skipped, for a consumer may be beyond it; and what was processed may be lost with its result.
    pub(super) fn skipped(&self, partition: Partition, end: u64) -> Option<u64> {
        let excused = |offset: u64, origin: Origin| {
            let mut lost = self.lost.iter().filter(|it| self.is_gone(it));
            self.deleted.contains_key(&(partition, offset))
                || lost.any(|(of, at, entry)| {
                    (*of, *at) == (partition, offset) || entry.body == Body::Result(partition, offset, origin)
                })
        };
        let known = self.known(partition);
        let records = (0..).zip(known.between(0, end.min(known.len())));
        let skips = |(offset, (entry, _)): &(u64, &(Entry, NodeId))| {
            matches!(entry.body, Body::Value(..))
                && !self.processed.contains_key(&(partition, *offset, entry.origin))
                && !excused(*offset, entry.origin)
        };
        records.into_iter().find(skips).map(|(offset, _)| offset)
    }

    pub(super) fn remember(&mut self, step: &Step<'_, Kafka>) {
        if step.node.is_none() {
            self.waiting.retain(|(_, origin), _| origin.producer != step.who);
        }
        if let Some(Kafka::Consumer(consumer)) = step.node {
            self.guarantee = consumer.guarantee;
        }
        for output in step.outputs {
            if let Some(Kafka::Broker(broker)) = step.node {
                self.take(step.who, broker, output);
            }
            if matches!(output, Output::Exposed(..) | Output::Owns(..) | Output::Processed(..)) {
                self.exposed_at = Some(step.now);
            }
            match output {
                Output::Sent(partition, origin) => {
                    self.sent = true;
                    self.waiting.insert((*partition, *origin), step.now);
                }
                Output::Renumbered(partition, old, new) => {
                    if let Some(since) = self.waiting.remove(&(*partition, *old)) {
                        self.waiting.insert((*partition, *new), since);
                    }
                    let first = self.renumbered.get(&(*partition, *old)).copied().unwrap_or(*old);
                    self.renumbered.insert((*partition, *new), first);
                }
                Output::Acknowledged(partition, origin, offset) => {
                    self.told_at.insert(*partition, step.now);
                    self.waiting.remove(&(*partition, *origin));
                    self.acknowledged.insert((*partition, *origin), *offset);
                }
                Output::Owns(generation, partition) => {
                    self.owners.retain(|(of, _), _| of + 2 > *generation);
                    self.owners.insert((*generation, *partition), step.who);
                }
                Output::Processed(partition, offset, origin) => {
                    self.processed.insert((*partition, *offset, *origin), step.who);
                }
                Output::Committed(..) => self.committed = true,
                Output::Reset(partition, from, to) => {
                    (*from..*to).for_each(|offset| _ = self.deleted.insert((*partition, offset), ()));
                }
                _ => {}
            }
        }
    }

    fn take(&mut self, who: NodeId, broker: &Broker, output: &Output) {
        let (Output::Exposed(partition, ..)
        | Output::Compacted(partition, ..)
        | Output::Leads(partition, ..)) = output
        else {
            return;
        };
        let Some(part) = broker.parts.get(partition) else { return };
        match output {
            Output::Exposed(..) => self.expose(who, part),
            Output::Compacted(..) => {
                self.compacted = true;
                for (offset, entry) in part.replica.between(0, part.replica.end()) {
                    if entry.body == Body::Cleaned {
                        self.deleted.insert((*partition, offset), ());
                    }
                }
            }
            Output::Leads(_, epoch, _) if self.is_newest(*partition, *epoch) => {
                self.tested |= !self.told_at.is_empty();
                for (origin, _) in self.lost_by(part).collect::<Vec<_>>() {
                    self.acknowledged.remove(&(*partition, origin));
                }
                self.leaders.insert(*partition, (*epoch, who));
                self.correct(*partition, self.agrees_until(*partition, &part.replica));
            }
            _ => {}
        }
    }

    fn expose(&mut self, who: NodeId, part: &Part) {
        let (partition, high) = (part.name, part.replica.now.high);
        self.replicated |= !matches!(part.role, Role::Leader(_));
        let agreed = self.agrees_until(partition, &part.replica);
        let (from, entries) = self.exposed(part);
        if agreed < from.min(high) {
            let all = part.replica.between(agreed, high).into_iter();
            self.lost.extend(all.map(|(offset, entry)| (partition, offset, entry)));
            return;
        }
        self.correct(partition, from);
        let history = self.history.or_default(partition);
        for entry in &entries {
            history.push((**entry, who));
        }
        if partition == OUT {
            for (source, writer) in Self::visible(&mut self.open, entries) {
                self.processed.insert(source, writer);
            }
        }
    }

    /// What was known of a partition from an offset on is lost.
    fn correct(&mut self, partition: Partition, end: u64) {
        let Some(known) = self.history.get_mut(&partition).filter(|known| end < known.len()) else { return };
        let gone = (end..).zip(known.after(end));
        self.lost.extend(gone.map(|(offset, (entry, _))| (partition, offset, *entry)));
        known.truncate(end);
        if partition == OUT {
            self.open = Map::default();
            Self::visible(&mut self.open, known.after(0).into_iter().map(|(entry, _)| entry));
        }
    }
}
