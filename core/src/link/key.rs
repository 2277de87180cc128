//! The key of a link: letters by which it knows that it is whole, from what it differs, and which run comes of it.

use crate::fingerprint;

const CHECK_LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// How many letters each part of the key has.
pub(super) const KEY_LETTERS: usize = 5;

/// The letters by which a link knows its run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunKey(String);

impl RunKey {
    /// The last part of a key, unless there is none.
    pub(super) fn of(letters: &str) -> Option<Self> {
        (!letters.is_empty()).then(|| RunKey(letters.to_owned()))
    }

    /// Whether they are of the run with this checksum.
    pub fn fits(&self, checksum: u64) -> bool {
        self.0 == letters(checksum)
    }
}

/// The letters of a link and of the other parts of its key, if it has them.
pub(super) fn check(link: &str, rest: &str) -> String {
    letters(if rest.is_empty() { fingerprint::of(link) } else { fingerprint::of(&(link, rest)) })
}

/// Letters for the lowest bits of a checksum. They cannot be read as one another, and end no address early.
pub(super) fn letters(mut bits: u64) -> String {
    let mut letter = || {
        let letter = CHECK_LETTERS[(bits % 32) as usize];
        bits /= 32;
        char::from(letter)
    };
    (0..KEY_LETTERS).map(|_| letter()).collect()
}
