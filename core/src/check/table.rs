//! A table of fingerprints: open addressing in a power of two of places, at most half of them taken.
//!
//! A `BTreeSet` took more time than the steps themselves.

/// What is kept of some fingerprints; of a set it is nothing.
#[derive(Default)]
pub(super) struct Table<T> {
    places: Vec<(u64, T)>,
    taken: usize,
}

impl<T: Copy + Default> Table<T> {
    /// What is kept of a fingerprint.
    pub(super) fn get(&self, fingerprint: u64) -> Option<T> {
        let place = self.places.get(self.place(fingerprint))?;
        (place.0 == fingerprint.max(1)).then_some(place.1)
    }

    /// Keeps something of a fingerprint; whether there was nothing before.
    pub(super) fn insert(&mut self, fingerprint: u64, value: T) -> bool {
        if self.taken * 2 >= self.places.len() {
            let old = std::mem::take(&mut self.places);
            self.places = vec![(0, T::default()); (old.len() * 2).max(1 << 10)];
            for (known, value) in old.into_iter().filter(|(known, _)| *known != 0) {
                let place = self.place(known);
                self.places[place] = (known, value);
            }
        }
        let place = self.place(fingerprint);
        let new = self.places[place].0 == 0;
        self.places[place] = (fingerprint.max(1), value);
        self.taken += usize::from(new);
        new
    }

    /// Where a fingerprint is, or would be. 0 marks free places, so that 0 and 1 are one fingerprint.
    fn place(&self, fingerprint: u64) -> usize {
        let (wanted, mask) = (fingerprint.max(1), self.places.len().wrapping_sub(1));
        let mut place = wanted as usize & mask;
        while self.places.get(place).is_some_and(|(known, _)| *known != 0 && *known != wanted) {
            place = (place + 1) & mask;
        }
        place
    }
}
