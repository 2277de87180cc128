//! What a broker deletes: old records, or records whose key has a later value. Offsets never change.

use super::broker::Broker;
use super::partition::{Body, Entry, Replica};
use super::vocabulary::{Output, Timer};
use super::{CLEAN, Cleanup, Kafka};
use faultline_core::prelude::*;

const KEEP: Rule = Rule::new("docs, Log retention", "There is nothing to delete.");
const COMPACT: Rule = Rule::new(
    "docs, Log compaction",
    "Of the records before the active segment, the last of each key is kept. What is kept keeps its offset.",
);
const DELETE: Rule = Rule::new(
    "docs, log.retention",
    "Whole segments at the beginning of the log are deleted, whoever has read them.",
);
const RENUMBER: Rule =
    Rule::new("against docs, Log compaction", "This wrong twin moves what is kept together.");

/// The log after compaction of all before `end`. Tombstones before `before` have been kept for one compaction, and go.
pub fn compact(log: &[Entry], end: u64, before: u64) -> Vec<Entry> {
    let key = |entry: &Entry| match entry.body {
        Body::Value(key, _) => Some(key),
        _ => None,
    };
    let head = log.iter().take(end as usize);
    let mut last: Map<_, usize> = Map::default();
    for (place, entry) in head.enumerate() {
        if let Some(key) = key(entry) {
            last.insert(key, place);
        }
    }
    let clean = |(place, entry): (usize, &Entry)| {
        let Some(key) = key(entry).filter(|_| (place as u64) < end) else { return *entry };
        let gone = matches!(entry.body, Body::Value(_, None)) && (place as u64) < before;
        match last.get(&key) == Some(&place) && !gone {
            true => *entry,
            false => Entry { body: Body::Cleaned, ..*entry },
        }
    };
    log.iter().enumerate().map(clean).collect()
}

impl Replica {
    /// Where the active segment begins, up to the high watermark.
    fn inactive(&self, segment: u64) -> u64 {
        let last = self.end().saturating_sub(1);
        (last - last % segment.max(1)).min(self.now.high)
    }

    /// Compacts the log up to its active segment; whether that changed it.
    fn compact(&mut self, segment: u64, renumbers: bool) -> bool {
        let end = self.inactive(segment);
        let entries: Vec<Entry> = self.now.log.after(0).into_iter().copied().collect();
        let mut kept = compact(&entries, end, self.cleaned);
        if self.cleaned == end || kept == entries {
            self.cleaned = end;
            return false;
        }
        self.cleaned = end;
        if renumbers {
            kept.retain(|entry| entry.body != Body::Cleaned);
        }
        let flushed = self.flushed;
        self.now.log = kept.into_iter().collect();
        self.flushed = flushed.min(self.end());
        self.now.high = self.now.high.min(self.end());
        true
    }

    /// Deletes whole segments at the beginning, so that at least so many records are left; whether there were any.
    fn retain(&mut self, segment: u64, count: u64) -> bool {
        let segment = segment.max(1);
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
        let params = ctx.params();
        let (cleanup, segment, retention) = (params.cleanup, params.segment, params.retention);
        let renumbers = params.bugs.renumbers;
        let replicas = self.parts.values_mut().map(|part| &mut part.replica);
        let names: Vec<_> = self.image.partitions.keys().copied().collect();
        for (partition, replica) in
            names.into_iter().zip(replicas).filter(|(partition, _)| partition.is_read())
        {
            match cleanup {
                Cleanup::Compact if replica.compact(segment, renumbers) => {
                    let rule = if renumbers { &RENUMBER } else { &COMPACT };
                    ctx.tell(rule, || format!("compacts {partition}"));
                    ctx.output(Output::Compacted(partition, replica.cleaned));
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
    use super::super::vocabulary::Key;
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
