//! A table that finds the number of a thing by the thing's fingerprint: open addressing, linear probing.
//!
//! The things themselves stay with the caller. It is written by hand because it is the hot spot of the
//! search: with a `BTreeSet` of the same keys the recorded histories took 1.5 times as long.

/// See the module.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Table {
    /// The number of a thing plus one, or 0; a power of two of them, at least half of them 0.
    slots: Vec<u32>,
    /// The fingerprint of each thing.
    fingerprints: Vec<u64>,
}

impl Table {
    /// The number of the thing that has this fingerprint and is the one meant.
    pub(super) fn find(&self, fingerprint: u64, is_it: impl Fn(usize) -> bool) -> Option<usize> {
        let mask = self.slots.len().checked_sub(1)?;
        let mut slot = fingerprint as usize & mask;
        loop {
            let number = self.slots[slot].checked_sub(1)? as usize;
            if self.fingerprints[number] == fingerprint && is_it(number) {
                return Some(number);
            }
            slot = (slot + 1) & mask;
        }
    }

    /// Takes in a thing that is not there yet; the things are numbered from 0 as they come.
    pub(super) fn insert(&mut self, fingerprint: u64) -> usize {
        let number = self.fingerprints.len();
        self.fingerprints.push(fingerprint);
        if self.fingerprints.len() * 2 > self.slots.len() {
            self.slots = vec![0; (self.slots.len() * 2).max(64)];
            for number in 0..self.fingerprints.len() {
                self.place(number);
            }
        } else {
            self.place(number);
        }
        number
    }

    fn place(&mut self, number: usize) {
        let mask = self.slots.len() - 1;
        let mut slot = self.fingerprints[number] as usize & mask;
        while self.slots[slot] != 0 {
            slot = (slot + 1) & mask;
        }
        self.slots[slot] = number as u32 + 1;
    }

    /// How many bytes it takes.
    pub(super) fn bytes(&self) -> usize {
        self.slots.len() * size_of::<u32>() + self.fingerprints.len() * size_of::<u64>()
    }
}
