//! The stream, a letter a segment, and the sequence numbers that wrap.

use faultline_core::prelude::*;
use faultline_core::time::exact;
use std::fmt::{self, Display};

/// What the sender's application writes, again and again.
const TEXT: &[u8] = b"the_quick_brown_fox_jumps_over_the_lazy_dog_";

/// A letter of the stream, by its place. No rule looks at the place: only the judge does, because a stream has many letters
/// that read alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Letter(pub u64);

impl Display for Letter {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = self.0 % TEXT.len() as u64;
        write!(out, "{}", char::from(TEXT[place as usize]))
    }
}

/// Letters that the application has written, from one place up to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Written {
    /// The first.
    pub from: u64,
    /// The one after the last.
    pub to: u64,
}

impl Display for Written {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        (self.from..self.to).try_for_each(|place| write!(out, "{}", Letter(place)))
    }
}

/// How long a round trip took.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Trip(pub Micros);

impl Display for Trip {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&exact(self.0))
    }
}

/// Sequence numbers that an acknowledgement names besides.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Numbers(pub Vec<u64>);

impl Display for Numbers {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut before = " and ";
        self.0.iter().try_for_each(|number| {
            write!(out, "{before}{number}")?;
            before = ", ";
            Ok(())
        })
    }
}

/// The counter of sequence numbers: the segments of the stream, modulo how many numbers there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Counter {
    pub(super) numbers: u64,
}

impl Counter {
    /// The number of a segment.
    pub(super) fn of(self, index: u64) -> u64 {
        index % self.numbers
    }

    /// How far a number is ahead of that of a segment.
    pub(super) fn ahead(self, number: u64, index: u64) -> u64 {
        (number + self.numbers - self.of(index)) % self.numbers
    }
}
