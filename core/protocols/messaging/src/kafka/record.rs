//! What the judge of Kafka remembers of a run.

use super::broker::{Broker, Role};
use super::partition::{Body, Entry, Origin};
use super::vocabulary::{OUT, Output, Partition};
use super::{Guarantee, Kafka};
use faultline_core::prelude::*;
use faultline_core::toolbox::log::Log;

/// What is remembered of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Record {
    /// Of every partition, the records that were below a high watermark: who had the first one there, and the record.
    pub(super) history: Map<Partition, Log<(Entry, NodeId)>>,
    /// The newest leader of each partition, and its epoch.
    pub(super) leaders: Map<Partition, (u32, NodeId)>,
    /// The records that producers were told of, and by their offsets where they are.
    pub(super) acknowledged: Map<(Partition, u64), Origin>,
    /// The records that wait to be acknowledged, and when they were sent.
    pub(super) waiting: Map<(Partition, Origin), Micros>,
    /// When a record of a partition was last acknowledged: while some are, the others wait for their turn.
    told_at: Map<Partition, Micros>,
    /// How many records were sent, acknowledged, and lost.
    pub(super) sent: u64,
    pub(super) told: u64,
    pub(super) lost: u64,
    /// How often a leader was elected after a record was acknowledged.
    pub(super) tested: u64,
    /// Whether a follower had a record below its high watermark.
    pub(super) replicated: bool,
    /// What consumers do about their offsets.
    pub(super) guarantee: Option<Guarantee>,
    /// Who owns which partition in which generation.
    pub(super) owners: Map<(u32, Partition), NodeId>,
    /// Which records were processed last by whom, and how many were processed again.
    pub(super) processed: Map<(Partition, u64), NodeId>,
    pub(super) repeated: u64,
    /// Which records nobody has to process, because they were deleted.
    pub(super) deleted: Map<(Partition, u64), ()>,
    /// The committed offset of each partition.
    pub(super) committed: Map<Partition, u64>,
    /// The results of open transactions, by their producer.
    open: Map<NodeId, Vec<(Partition, u64)>>,
    /// When a record was last committed, or read anew.
    pub(super) exposed_at: Option<Micros>,
    /// Whether a log was compacted.
    pub(super) compacted: bool,
}

impl Record {
    /// The acknowledged records that a broker that leads does not have.
    pub(super) fn lost_by(&self, broker: &Broker, partition: Partition) -> Vec<(u64, Origin)> {
        let Some(part) = broker.parts.get(&partition) else { return Vec::new() };
        let here = self.acknowledged.iter().filter(|((of, _), _)| *of == partition);
        let has = |offset, origin: Origin| part.replica.at(offset).is_some_and(|it| it.origin == origin);
        here.filter(|((_, offset), origin)| !has(*offset, **origin)).map(|((_, at), it)| (*at, *it)).collect()
    }

    /// What this step adds to what is below the high watermark of a partition: from which offset on, and the records.
    pub(super) fn exposed<'a>(&self, broker: &'a Broker, partition: Partition) -> (u64, Vec<&'a Entry>) {
        let known = self.history.get(&partition).map_or(0, Log::len);
        let Some(part) = broker.parts.get(&partition) else { return (known, Vec::new()) };
        (known, part.replica.now.log.between(known, part.replica.now.high))
    }

    /// Since when the record that waits longest has had to be acknowledged.
    pub(super) fn waits_since(&self) -> Option<Micros> {
        let since = |((partition, _), sent): (&(Partition, Origin), &Micros)| {
            self.told_at.get(partition).map_or(*sent, |told| *sent.max(told))
        };
        self.waiting.iter().map(since).min()
    }

    fn process(&mut self, record: (Partition, u64), who: NodeId) {
        self.repeated += u64::from(self.processed.insert(record, who).is_some());
    }

    /// The results that are seen by who reads committed ones only, once these records are below the high watermark; and who
    /// wrote each. What is still open is kept.
    fn visible(
        open: &mut Map<NodeId, Vec<(Partition, u64)>>,
        partition: Partition,
        entries: &[&Entry],
    ) -> Vec<((Partition, u64), NodeId)> {
        let mut seen = Vec::new();
        for entry in entries.iter().filter(|_| partition == OUT) {
            let producer = entry.origin.producer;
            match entry.body {
                Body::Result(partition, offset) => open.or_default(producer).push((partition, offset)),
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
    pub(super) fn becomes_visible(&self, broker: &Broker) -> Vec<((Partition, u64), NodeId)> {
        let (_, entries) = self.exposed(broker, OUT);
        Self::visible(&mut self.open.clone(), OUT, &entries)
    }

    /// The first record of a partition up to an offset that should have been processed and was not.
    pub(super) fn skipped(&self, partition: Partition, end: u64) -> Option<u64> {
        let history = self.history.get(&partition)?;
        let records = (0..).zip(history.between(0, end.min(history.len())));
        let counts = |offset: &u64, entry: &Entry| {
            let name = (partition, *offset);
            matches!(entry.body, Body::Value(..))
                && !self.processed.contains_key(&name)
                && !self.deleted.contains_key(&name)
        };
        records.into_iter().find(|(offset, (entry, _))| counts(offset, entry)).map(|(offset, _)| offset)
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
                    self.sent += 1;
                    self.waiting.insert((*partition, *origin), step.now);
                }
                Output::Renumbered(partition, old, new) => {
                    if let Some(since) = self.waiting.remove(&(*partition, *old)) {
                        self.waiting.insert((*partition, *new), since);
                    }
                }
                Output::Acknowledged(partition, origin, offset) => {
                    self.told += 1;
                    self.told_at.insert(*partition, step.now);
                    self.waiting.remove(&(*partition, *origin));
                    self.acknowledged.insert((*partition, *offset), *origin);
                }
                Output::Owns(generation, partition) => {
                    self.owners.retain(|(of, _), _| of + 2 > *generation);
                    self.owners.insert((*generation, *partition), step.who);
                }
                Output::Processed(partition, offset) => self.process((*partition, *offset), step.who),
                Output::Committed(partition, offset) => drop(self.committed.insert(*partition, *offset)),
                Output::Reset(partition, from, to) => {
                    for offset in *from..*to {
                        self.deleted.insert((*partition, offset), ());
                    }
                }
                _ => {}
            }
        }
    }

    fn take(&mut self, who: NodeId, broker: &Broker, output: &Output) {
        match output {
            Output::Exposed(partition, _) => {
                let (_, entries) = self.exposed(broker, *partition);
                let leads =
                    broker.parts.get(partition).is_some_and(|part| matches!(part.role, Role::Leader(_)));
                self.replicated |= !leads;
                let history = self.history.or_default(*partition);
                for entry in &entries {
                    history.push((**entry, who));
                }
                for (source, reader) in Self::visible(&mut self.open, *partition, &entries) {
                    self.process(source, reader);
                }
            }
            Output::Compacted(partition, _) => {
                self.compacted = true;
                let Some(part) = broker.parts.get(partition) else { return };
                for (offset, entry) in part.replica.between(0, part.replica.end()) {
                    if entry.body == Body::Cleaned {
                        self.deleted.insert((*partition, offset), ());
                    }
                }
            }
            Output::Leads(partition, epoch, _)
                if self.leaders.get(partition).is_none_or(|(known, _)| known <= epoch) =>
            {
                for (offset, _) in self.lost_by(broker, *partition) {
                    self.acknowledged.remove(&(*partition, offset));
                    self.lost += 1;
                }
                self.tested += u64::from(self.told > 0);
                self.leaders.insert(*partition, (*epoch, who));
            }
            _ => {}
        }
    }
}
