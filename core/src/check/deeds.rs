//! What a search knows of what nodes do, so that none has to do the same twice.

use super::table::Table;
use crate::fingerprint;
use crate::slot::Payload;
use crate::world::{Deed, Still};

/// Deeds by the state of the node and what happened to it; and what the judge remembers after one, by what it
/// remembered before.
#[derive(Default)]
pub(super) struct Deeds {
    known: Vec<Deed>,
    places: Table<u32>,
    records: Vec<(Payload, u64)>,
    record_places: Table<u32>,
}

impl Deeds {
    /// What a node does with a step, and what the judge remembers then, if both are known.
    pub(super) fn known(&self, key: Option<u64>, from: &Still) -> Option<(&Deed, &(Payload, u64))> {
        let key = key?;
        let deed = self.places.get(key)?;
        let record = self.record_places.get(fingerprint::of(&(key, from.record_print())))?;
        Some((self.known.get(deed as usize)?, self.records.get(record as usize)?))
    }

    /// Keeps what a node did with a step, after which the world is as given.
    pub(super) fn learn(
        &mut self,
        key: u64,
        from: &Still,
        deed: impl FnOnce() -> Deed,
        record: (Payload, u64),
    ) {
        if self.places.get(key).is_none() {
            self.places.insert(key, self.known.len() as u32);
            self.known.push(deed());
        }
        self.record_places.insert(fingerprint::of(&(key, from.record_print())), self.records.len() as u32);
        self.records.push(record);
    }
}
