//! What a broker deletes: old records, or records whose key has a later value. Offsets never change.

use super::broker::Broker;
use super::partition::{Body, Entry, Replica};
use super::vocabulary::{Key, Output, Timer};
use super::{Bugs, CLEAN, Cleanup, Kafka, Params};
use faultline_core::prelude::*;

const KEEP: Rule = Rule::new("docs, Log retention", "There is nothing to delete.");
const COMPACT: Rule = Rule::new(
    "docs, Log compaction",
    "Of the records before the active segment, the last of each key is kept, at its offset. A tombstone goes one compaction later.",
);
const DELETE: Rule = Rule::new(
    "docs, log.retention",
    "Whole segments at the beginning of the log are deleted, even if no consumer has read them.",
);
const RENUMBER: Rule =
    Rule::new("against docs, Log compaction", "This wrong twin moves what is kept together.");

/// The log after compaction of all before `end`. Tombstones before `before` have been kept for one compaction, and go.
pub fn compact(log: &[Entry], end: u64, before: u64) -> Vec<Entry> {
    let mut last: Map<Key, u64> = Map::default();
    for (place, entry) in (0..end).zip(log) {
        if let Body::Value(key, _) = entry.body {
            last.insert(key, place);
        }
    }
    let clean = |(place, entry): (u64, &Entry)| match entry.body {
        Body::Value(key, value)
            if place < end && (last.get(&key) != Some(&place) || (value.is_none() && place < before)) =>
        {
            Entry { body: Body::Cleaned, ..*entry }
        }
        _ => *entry,
    };
    (0..).zip(log).map(clean).collect()
}

impl Replica {
    /// Where the active segment begins, up to the high watermark.
    fn inactive(&self, segment: u64) -> u64 {
        let last = self.end().saturating_sub(1);
        (last - last % segment).min(self.now.high)
    }

    /// Compacts the log up to its active segment; whether that changed it.
    fn compact(&mut self, segment: u64, renumbers: bool) -> bool {
        let end = self.inactive(segment);
        let entries: Vec<Entry> = self.now.log.after(0).into_iter().copied().collect();
        let mut kept = compact(&entries, end, self.cleaned);
        let changes = self.cleaned != end && kept != entries;
        self.cleaned = end;
        if changes {
            kept.retain(|entry| !renumbers || entry.body != Body::Cleaned);
            self.now.log = kept.into_iter().collect();
            self.flushed = self.flushed.min(self.end());
            self.now.high = self.now.high.min(self.end());
        }
        changes
    }

    /// Deletes whole segments at the beginning, so that at least so many records are left; whether there were any.
    fn retain(&mut self, segment: u64, count: u64) -> bool {
        let start = self.inactive(segment).min(self.end().saturating_sub(count)) / segment * segment;
        let deletes = start > self.now.start;
        self.now.start = self.now.start.max(start);
        deletes
    }
}

impl Broker {
    pub(super) fn clean(&mut self, ctx: &mut Ctx<Kafka>) {
        ctx.set(Timer::Clean, CLEAN);
        ctx.note(&KEEP);
        let Params { cleanup, segment, retention, bugs: Bugs { renumbers, .. }, .. } = *ctx.params();
        for (partition, part) in self.parts.iter_mut().filter(|(partition, _)| partition.is_read()) {
            let replica = &mut part.replica;
            match cleanup {
                Cleanup::Compact if replica.compact(segment, renumbers) => {
                    let rule = if renumbers { &RENUMBER } else { &COMPACT };
                    ctx.tell(rule, || format!("compacts {partition}"));
                    ctx.output(Output::Compacted(*partition, replica.cleaned));
                }
                Cleanup::Delete if replica.retain(segment, retention) => {
                    let start = replica.now.start;
                    ctx.tell(&DELETE, || format!("deletes {partition} up to offset {start}"));
                }
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::partition::Origin;
    use super::*;

    fn record(sequence: u64, key: u8, value: Option<u32>) -> Entry {
        let origin = Origin { producer: NodeId(4), epoch: 1, sequence };
        Entry { epoch: 1, origin, body: Body::Value(Key(key), value) }
    }

    /// All logs of six records of two keys, a third of them tombstones, against the dumb version.
    #[test]
    fn it_keeps_the_last_of_each_key_in_its_place() {
        for number in 0..6_u64.pow(6) {
            let what = |place: u32| (number / 6_u64.pow(place)) % 6;
            let value = |it: u64| (!it.is_multiple_of(3)).then_some(it as u32);
            let log: Vec<Entry> = (0..6)
                .map(|place| record(place.into(), (what(place) / 3) as u8, value(what(place))))
                .collect();
            let (end, before) = (number % 7, number % 3);
            let kept = compact(&log, end, before.min(end));
            assert_eq!(kept.len(), log.len());
            for (place, (entry, was)) in (0..).zip(kept.iter().zip(&log)) {
                let Body::Value(key, value) = was.body else { continue };
                let same = |it: &Entry| matches!(it.body, Body::Value(other, _) if other == key);
                let later = log[place as usize + 1..].iter().zip(place + 1..end).any(|(it, _)| same(it));
                let gone = value.is_none() && place < before.min(end);
                let cleaned = place < end && (later || gone);
                assert_eq!(entry.body == Body::Cleaned, cleaned);
                assert_eq!((entry.origin, entry.epoch), (was.origin, was.epoch));
            }
        }
    }
}
