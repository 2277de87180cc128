//! A replica of a partition: its log, its high watermark, and what it knows of producers.

use super::vocabulary::{Key, Partition, Refusal};
use faultline_core::prelude::*;
use faultline_core::toolbox::log::Log;

/// Who wrote a record: a producer, its epoch, and the sequence number that the record has in its partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    /// Which node.
    pub producer: NodeId,
    /// Its producer epoch. Of a producer without transactions it counts its lives.
    pub epoch: u32,
    /// The sequence number, from 0.
    pub sequence: u64,
}

/// What a record says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Body {
    /// A key's value; without one it is a tombstone.
    Value(Key, Option<u32>),
    /// The result for the record at an offset of a partition, and which one that was.
    Result(Partition, u64, Origin),
    /// The transaction of the producer that ends here has committed, or was aborted.
    Commit,
    #[allow(missing_docs)]
    Abort,
    /// The compacted rest of a record, which keeps its offset and its sequence number.
    Cleaned,
}

/// A record in a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Entry {
    /// The epoch of the leader that appended it; 0 until it is appended.
    pub epoch: u32,
    /// Who wrote it.
    pub origin: Origin,
    /// What it says.
    pub body: Body,
}

/// What is known of a producer: its epoch, the next sequence number, and the offsets of its latest records.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Known {
    epoch: u32,
    next: u64,
    latest: Vec<(u64, u64)>,
}

/// For how many of a producer's records a broker remembers the offset: as many as may be in flight. The results of a transaction
/// are one batch, which is remembered by its first.
const REMEMBERED: usize = 5;

/// What comes of a record that a producer sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is new.
    Append,
    /// It is in the log already, at this offset.
    Duplicate(u64),
    /// It is refused.
    Refuse(Refusal),
}

/// What of a replica is on disk.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Disk {
    /// The records; the log counts from 1, offsets from 0.
    pub log: Log<Entry>,
    /// The high watermark: every in-sync replica has the records below it.
    pub high: u64,
    /// The newest leader epoch of the partition that the broker has heard of.
    pub epoch: u32,
    /// The offset of the first record that retention has left.
    pub start: u64,
}

/// A replica.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Replica {
    /// Log and high watermark; some of it may not have reached the disk.
    pub now: Disk,
    /// How many records are on disk.
    pub flushed: u64,
    /// Up to which offset it was compacted.
    pub cleaned: u64,
    producers: Map<NodeId, Known>,
}

impl Replica {
    /// What a broker finds on its disk when it boots.
    pub(super) fn boot(disk: Disk) -> Self {
        let mut replica = Replica { flushed: disk.log.len(), now: disk, ..Replica::default() };
        replica.now.high = replica.now.high.min(replica.end());
        replica.recover();
        replica
    }

    /// What is on disk.
    pub(super) fn disk(&self) -> Disk {
        let mut disk = self.now.clone();
        disk.log.truncate(self.flushed);
        disk
    }

    /// The log end offset: that of the next record.
    pub(super) fn end(&self) -> u64 {
        self.now.log.len()
    }

    /// The record at an offset.
    pub(super) fn at(&self, offset: u64) -> Option<&Entry> {
        self.now.log.get(offset + 1)
    }

    /// The records from an offset on and before another.
    pub(super) fn between(&self, from: u64, end: u64) -> Vec<(u64, Entry)> {
        let from = from.max(self.now.log.base().index);
        (from..).zip(self.now.log.between(from, end)).map(|(offset, entry)| (offset, *entry)).collect()
    }

    /// The leader epoch of the last record; 0 where there is none.
    pub(super) fn last_epoch(&self) -> u32 {
        self.now.log.last().map_or(0, |entry| entry.epoch)
    }

    /// KIP-101 and KIP-279: the last epoch up to this one, and the offset after its last record.
    pub(super) fn end_of(&self, epoch: u32) -> (u32, u64) {
        let base = self.now.log.base().index;
        let (mut low, mut high) = (base, self.end());
        while low < high {
            let middle = low + (high - low) / 2;
            match self.at(middle).is_some_and(|entry| entry.epoch <= epoch) {
                true => low = middle + 1,
                false => high = middle,
            }
        }
        let last = low.checked_sub(1).and_then(|offset| self.at(offset)).map_or(0, |entry| entry.epoch);
        (last, low)
    }

    /// What a leader does about a record of an idempotent producer. In a transaction the numbers begin with 1, after the marker
    /// of the one before. Where nothing is known of a producer, a broker that forgets takes any number.
    pub(super) fn judge(&self, entry: &Entry, forgets: bool) -> Verdict {
        let (origin, first) = (entry.origin, u64::from(matches!(entry.body, Body::Result(..))));
        let known = match self.producers.get(&origin.producer) {
            None if forgets => return Verdict::Append,
            known => known.cloned().unwrap_or_default(),
        };
        if origin.epoch < known.epoch {
            return Verdict::Refuse(Refusal::InvalidProducerEpoch);
        }
        let next = if origin.epoch > known.epoch { first } else { known.next };
        if origin.sequence == next {
            return Verdict::Append;
        }
        let offset = known.latest.iter().find(|(sequence, _)| *sequence == origin.sequence).map(|it| it.1);
        match offset {
            Some(offset) if origin.epoch == known.epoch => Verdict::Duplicate(offset),
            _ => Verdict::Refuse(Refusal::OutOfOrderSequence),
        }
    }

    /// Appends a record.
    pub(super) fn append(&mut self, entry: Entry) {
        let offset = self.end();
        self.now.log.push(entry);
        self.learn(&entry, offset);
    }

    fn learn(&mut self, &Entry { origin, body, .. }: &Entry, offset: u64) {
        let known = self.producers.or_default(origin.producer);
        if origin.epoch > known.epoch {
            *known = Known { epoch: origin.epoch, next: 0, latest: Vec::new() };
        }
        known.next = origin.sequence + 1;
        if !matches!(body, Body::Result(..)) || origin.sequence == 1 {
            known.latest.push((origin.sequence, offset));
        }
        if known.latest.len() > REMEMBERED {
            known.latest.remove(0);
        }
    }

    /// Works out from the log what it knows of producers.
    fn recover(&mut self) {
        self.producers = Map::default();
        for (offset, entry) in self.between(0, self.end()) {
            self.learn(&entry, offset);
        }
    }

    /// Forgets what it knows of producers, as a wrong twin does.
    pub(super) fn forget_producers(&mut self) {
        self.producers = Map::default();
    }

    /// Cuts off the log.
    pub(super) fn truncate(&mut self, end: u64) {
        self.now.log.truncate(end);
        self.flushed = self.flushed.min(end);
        self.cleaned = self.cleaned.min(end);
        self.now.high = self.now.high.min(end);
        self.recover();
    }

    /// The last stable offset: nothing before it belongs to an open transaction, and all is committed.
    pub(super) fn last_stable(&self) -> u64 {
        let mut open: Map<NodeId, u64> = Map::default();
        for (offset, entry) in self.between(0, self.now.high) {
            match entry.body {
                Body::Result(..) if !open.contains_key(&entry.origin.producer) => {
                    open.insert(entry.origin.producer, offset);
                }
                Body::Commit | Body::Abort => drop(open.remove(&entry.origin.producer)),
                _ => {}
            }
        }
        open.values().copied().min().unwrap_or(self.now.high)
    }

    /// Raises the high watermark; whether it has grown.
    pub(super) fn raise(&mut self, high: u64) -> bool {
        let high = high.min(self.end());
        let grows = high > self.now.high;
        self.now.high = self.now.high.max(high);
        grows
    }
}

impl Partition {
    /// Whether consumers read it.
    pub(super) fn is_read(self) -> bool {
        self != super::vocabulary::OUT
    }
}
