//! What the judge of Kafka remembers of a run.

use super::broker::{Broker, Role};
use super::partition::{Entry, Origin};
use super::vocabulary::{Output, Partition};
use super::Kafka;
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
    /// How many records were sent, acknowledged, and lost.
    pub(super) sent: u64,
    pub(super) told: u64,
    pub(super) lost: u64,
    /// How often a leader was elected after a record was acknowledged.
    pub(super) tested: u64,
    /// Whether a follower had a record below its high watermark.
    pub(super) replicated: bool,
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

    pub(super) fn remember(&mut self, step: &Step<'_, Kafka>) {
        if step.node.is_none() {
            self.waiting.retain(|(_, origin), _| origin.producer != step.who);
        }
        for output in step.outputs {
            if let Some(Kafka::Broker(broker)) = step.node {
                self.take(step.who, broker, output);
            }
            match output {
                Output::Sent(partition, origin) => {
                    self.sent += 1;
                    self.waiting.insert((*partition, *origin), step.now);
                }
                Output::Acknowledged(partition, origin, offset) => {
                    self.told += 1;
                    self.waiting.remove(&(*partition, *origin));
                    self.acknowledged.insert((*partition, *offset), *origin);
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
                entries.into_iter().for_each(|entry| history.push((*entry, who)));
            }
            Output::Leads(partition, epoch, _) => {
                for (offset, _) in self.lost_by(broker, *partition) {
                    self.acknowledged.remove(&(*partition, offset));
                    self.lost += 1;
                }
                self.tested += u64::from(self.told > 0);
                if self.leaders.get(partition).is_none_or(|(known, _)| known < epoch) {
                    self.leaders.insert(*partition, (*epoch, who));
                }
            }
            _ => {}
        }
    }
}
