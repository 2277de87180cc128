//! A log that shares its structure: cloning it, comparing it with an earlier self and asking for its last entry cost
//! the same however long it is; any entry is found in logarithmic time.
//!
//! (Counts are atomic so that states may travel between threads; in wasm that costs nothing.)
//!
//! It is the applicative random-access stack of E. W. Myers (Information Processing Letters 17, 1983): a list from
//! the last entry backwards, in which each cell also points to one much further back. Beside its entry each cell
//! holds a fingerprint of the whole prefix, so that two logs can be compared up to any place at once.
//!
//! The beginning of a log may be given up for a snapshot ([`Log::compact`]). What is left of it is the *base*: an index,
//! and the fingerprint of all entries up to there, which still tells whether two logs agree.

use crate::fingerprint;
use std::cmp::Ordering;
use std::fmt::{self, Debug};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// A sequence of entries, counted from 1.
#[derive(Clone)]
pub struct Log<T> {
    tip: Option<Arc<Cell<T>>>,
    base: Base,
}

/// What stands for the entries that were given up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Base {
    /// The index of the last of them; 0 when nothing was given up.
    pub index: u64,
    /// The fingerprint of them all.
    prefix: u64,
}

struct Cell<T> {
    entry: T,
    index: u64,
    prefix: u64,
    previous: Option<Arc<Cell<T>>>,
    jump: Option<Arc<Cell<T>>>,
}

impl<T> Default for Log<T> {
    fn default() -> Self {
        Log { tip: None, base: Base::default() }
    }
}

impl<T> Log<T> {
    /// A log that goes on where a snapshot ends.
    pub fn based_on(base: Base) -> Self {
        Log { tip: None, base }
    }

    /// What stands for the entries that were given up.
    pub fn base(&self) -> Base {
        self.base
    }

    /// How many entries there are, those given up included: the index of the last one.
    pub fn len(&self) -> u64 {
        self.index_of(self.tip.as_ref())
    }

    /// Whether there never were any.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn index_of(&self, cell: Option<&Arc<Cell<T>>>) -> u64 {
        cell.map_or(self.base.index, |cell| cell.index)
    }

    /// The last entry, unless it was given up.
    pub fn last(&self) -> Option<&T> {
        self.tip.as_ref().map(|cell| &cell.entry)
    }

    /// The entry at an index, unless it was given up.
    pub fn get(&self, index: u64) -> Option<&T> {
        self.cell(index).map(|cell| &cell.entry)
    }

    fn cell(&self, index: u64) -> Option<&Arc<Cell<T>>> {
        let mut cell = self.tip.as_ref().filter(|tip| self.base.index < index && index <= tip.index)?;
        while cell.index > index {
            cell = match &cell.jump {
                Some(jump) if jump.index >= index => jump,
                _ => cell.previous.as_ref()?,
            };
        }
        Some(cell)
    }

    /// Keeps the entries up to `length` and forgets those after it; what was given up stays so.
    pub fn truncate(&mut self, length: u64) {
        if length < self.len() {
            self.tip = self.cell(length).cloned();
        }
    }

    /// The fingerprint of the entries up to an index, where it is known.
    fn prefix(&self, index: u64) -> Option<u64> {
        if index == self.base.index {
            Some(self.base.prefix)
        } else {
            self.cell(index).map(|cell| cell.prefix)
        }
    }

    /// The entries after `index`, the first of them first.
    pub fn after(&self, index: u64) -> Vec<&T> {
        self.between(index, self.len())
    }

    /// The entries after `index` up to `last`, the first of them first.
    #[inline]
    pub fn between(&self, index: u64, last: u64) -> Vec<&T> {
        let mut entries = Vec::new();
        let last = last.min(self.len());
        // Most heartbeats carry nothing: this is asked for an empty range more often than for any other.
        if index >= last {
            return entries;
        }
        let mut cell = self.cell(last);
        while let Some(here) = cell.filter(|here| here.index > index) {
            entries.push(&here.entry);
            cell = here.previous.as_ref();
        }
        entries.reverse();
        entries
    }

    /// Whether both hold the same entries up to `index`, which both must reach. What one of them gave up beyond `index`
    /// cannot be compared, and counts as the same.
    pub fn agrees_until(&self, other: &Self, index: u64) -> bool {
        match (self.prefix(index), other.prefix(index)) {
            (Some(mine), Some(theirs)) => mine == theirs,
            _ => index < self.base.index.max(other.base.index),
        }
    }

    /// Whether this is the very same log as another, by identity: quick, and never wrong when it says yes.
    pub fn is_same(&self, other: &Self) -> bool {
        match (&self.tip, &other.tip) {
            (None, None) => self.base == other.base,
            (Some(mine), Some(theirs)) => self.base == other.base && Arc::ptr_eq(mine, theirs),
            _ => false,
        }
    }
}

impl<T: Hash> Log<T> {
    /// Adds an entry at the end.
    pub fn push(&mut self, entry: T) {
        let previous = self.tip.take();
        let Base { index, prefix } = self.base;
        let (last, before) = previous.as_ref().map_or((index, prefix), |cell| (cell.index, cell.prefix));
        let index = last + 1;
        let prefix = fingerprint::of(&(before, &entry));
        // Two jumps of one length in a row are bridged by one that is longer by both: Myers' rule.
        let jump = previous.as_ref().and_then(|cell| {
            let far = cell.jump.as_ref();
            let (near, next) = (self.index_of(far), self.index_of(far.and_then(|far| far.jump.as_ref())));
            if far.is_some() && cell.index - near == near - next {
                far.and_then(|far| far.jump.clone())
            } else {
                Some(cell.clone())
            }
        });
        self.tip = Some(Arc::new(Cell { entry, index, prefix, previous, jump }));
    }

    /// Gives up the entries up to `index`, which it must reach. The few after it are written anew, so that the memory of
    /// the others is free as soon as nobody shares them.
    pub fn compact(&mut self, index: u64)
    where
        T: Clone,
    {
        let Some(prefix) = self.prefix(index) else { return };
        let mut compacted = Log::based_on(Base { index, prefix });
        for entry in self.after(index) {
            compacted.push(entry.clone());
        }
        *self = compacted;
    }
}

impl<T> Drop for Cell<T> {
    /// Lets go of a long chain in a loop: the recursion that the compiler would make overflows the stack.
    fn drop(&mut self) {
        self.jump = None;
        let mut next = self.previous.take();
        while let Some(mut cell) = next {
            let Some(only) = Arc::get_mut(&mut cell) else { break };
            only.jump = None;
            next = only.previous.take();
        }
    }
}

impl<T: PartialEq> PartialEq for Log<T> {
    fn eq(&self, other: &Self) -> bool {
        if self.base != other.base {
            return false;
        }
        let (mut mine, mut theirs) = (self.tip.as_ref(), other.tip.as_ref());
        while let (Some(one), Some(two)) = (mine, theirs) {
            if Arc::ptr_eq(one, two) {
                return true;
            }
            if one.index != two.index || one.prefix != two.prefix || one.entry != two.entry {
                return false;
            }
            (mine, theirs) = (one.previous.as_ref(), two.previous.as_ref());
        }
        mine.is_none() && theirs.is_none()
    }
}

impl<T: Eq> Eq for Log<T> {}

impl<T> Hash for Log<T> {
    /// The prefix fingerprint stands for all entries, and so for all that equality compares beside the base.
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.tip.as_ref().map(|cell| (cell.index, cell.prefix)).hash(state);
        if self.base.index > 0 {
            self.base.hash(state);
        }
    }
}

impl<T: Ord> PartialOrd for Log<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T: Ord> Ord for Log<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.base, self.after(0)).cmp(&(other.base, other.after(0)))
    }
}

impl<T: Debug> Debug for Log<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_list().entries(self.after(0)).finish()
    }
}

impl<T: Hash> FromIterator<T> for Log<T> {
    fn from_iter<I: IntoIterator<Item = T>>(entries: I) -> Self {
        let mut log = Log::default();
        for entry in entries {
            log.push(entry);
        }
        log
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, draw};

    /// The dumb version: a vector.
    #[test]
    fn it_does_what_a_vector_does() {
        let (mut log, mut plain) = (Log::default(), Vec::new());
        let mut kept: Vec<(Log<u64>, Vec<u64>)> = Vec::new();
        for step in 0..4_000 {
            let drawn = draw(1, Purpose::Node, (0, 0), step);
            match drawn % 8 {
                0 => {
                    let length = drawn / 8 % (plain.len() as u64 + 2);
                    log.truncate(length);
                    plain.truncate(length as usize);
                }
                1 => kept.push((log.clone(), plain.clone())),
                _ => {
                    log.push(drawn % 5);
                    plain.push(drawn % 5);
                }
            }
            assert_eq!(log.len(), plain.len() as u64);
            assert_eq!(log.last(), plain.last());
            let index = drawn / 64 % (plain.len() as u64 + 2);
            assert_eq!(log.get(index), index.checked_sub(1).and_then(|index| plain.get(index as usize)));
        }
        for (one, plain_one) in &kept {
            assert_eq!(one.after(0), plain_one.iter().collect::<Vec<_>>());
            let (two, plain_two) = &kept[kept.len() / 2];
            assert_eq!(one == two, plain_one == plain_two);
            assert_eq!(one.cmp(two), plain_one.cmp(plain_two));
            assert_eq!(fingerprint::of(one) == fingerprint::of(two), plain_one == plain_two);
            let both = one.len().min(two.len());
            for index in 0..=both {
                let same = plain_one[..index as usize] == plain_two[..index as usize];
                assert_eq!(one.agrees_until(two, index), same);
            }
        }
        assert!(kept.len() > 100);
    }

    /// What is left after compaction is what was there; pushes and cuts go on as before, and so do comparisons.
    #[test]
    fn giving_up_the_beginning_changes_nothing_of_the_rest() {
        let whole: Log<u64> = (1..=40).map(|number| number % 7).collect();
        for base in 0..=40 {
            let mut log = whole.clone();
            log.compact(base);
            assert_eq!((log.len(), log.base().index, log.after(0)), (40, base, whole.after(base)));
            assert!((0..=41).all(|index| log.get(index) == whole.get(index).filter(|_| index > base)));
            assert!((base..=40).all(|index| log.agrees_until(&whole, index)));
            assert_eq!(log.is_same(&whole) || log == whole, base == 0);
            let mut other = Log::based_on(log.base());
            whole.after(base).into_iter().for_each(|entry| other.push(*entry));
            assert!(other == log && fingerprint::of(&other) == fingerprint::of(&log));
            other.truncate(base + 1);
            other.push(99);
            assert_eq!(other.agrees_until(&whole, other.len().min(40)), base >= 39);
            other.truncate(0);
            assert_eq!(other.len(), base);
        }
    }

    #[test]
    fn entries_are_found_in_logarithmic_steps_and_a_long_log_is_let_go() {
        let log: Log<u64> = (1..=100_000).collect();
        for index in [1, 2, 777, 65_535, 65_536, 99_999, 100_000] {
            assert_eq!(log.get(index), Some(&index));
            let (mut cell, mut steps) = (log.tip.as_ref().unwrap(), 0);
            while cell.index > index {
                let jump = cell.jump.as_ref().filter(|jump| jump.index >= index);
                cell = jump.or(cell.previous.as_ref()).unwrap();
                steps += 1;
            }
            assert!(steps <= 3 * 17, "{steps} steps to {index}");
        }
        assert_eq!((log.get(0), log.get(100_001)), (None, None));
    }
}
