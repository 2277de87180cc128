//! Fingerprints: 64-bit hashes that are the same on every target and in every version.
//!
//! Lengths are hashed before contents (the standard library's derives do so for sequences, strings end in a byte
//! that no string holds), so no value is a prefix of another. Words of the machine's size count as 64 bits.

use crate::random::mix;
use std::hash::{Hash, Hasher};

/// The fingerprint of one value.
pub fn of<T: Hash + ?Sized>(value: &T) -> u64 {
    let mut fingerprint = Fingerprint::default();
    value.hash(&mut fingerprint);
    fingerprint.finish()
}

/// A hasher with a fixed function; see the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint {
    state: u64,
    words: u64,
}

impl Default for Fingerprint {
    fn default() -> Self {
        Fingerprint { state: 0x517c_c1b7_2722_0a95, words: 0 }
    }
}

impl Fingerprint {
    /// How many words of 64 bits have been hashed: about how much memory a value takes. What keeps its own fingerprint, as a
    /// shared log does, counts as little.
    pub fn words(&self) -> u64 {
        self.words
    }
}

impl Hasher for Fingerprint {
    fn finish(&self) -> u64 {
        mix(self.state, 0xa076_1d64_78bd_642f)
    }

    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.write_u64(u64::from_le_bytes(word));
        }
        self.write_u64(bytes.len() as u64);
    }

    fn write_u8(&mut self, value: u8) {
        self.write_u64(value.into());
    }
    fn write_u16(&mut self, value: u16) {
        self.write_u64(value.into());
    }
    fn write_u32(&mut self, value: u32) {
        self.write_u64(value.into());
    }
    /// In wasm not inlined: a hash of many fields would be this many times over.
    #[cfg_attr(target_arch = "wasm32", inline(never))]
    fn write_u64(&mut self, value: u64) {
        self.words += 1;
        self.state = mix(self.state ^ value, 0xe703_7ed1_a0b4_28db);
    }
    fn write_usize(&mut self, value: usize) {
        self.write_u64(value as u64);
    }
    fn write_isize(&mut self, value: isize) {
        self.write_u64((value as i64).cast_unsigned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprints_never_change() {
        assert_eq!(of(&(1_u64, "x", [Some(2_u32), None])), 198_246_734_740_579_561);
    }

    #[test]
    fn no_value_is_a_prefix_of_another() {
        assert_ne!(of(&(vec![1_u8], vec![2_u8, 3])), of(&(vec![1_u8, 2], vec![3_u8])));
        assert_ne!(of(&("ab", "c")), of(&("a", "bc")));
        assert_ne!(of(&vec![0_u64; 3]), of(&vec![0_u64; 4]));
    }
}
