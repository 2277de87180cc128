//! Nouns of the literature that several protocols share; all of them pure.

pub mod clocks;
pub mod log;
pub mod map;
pub mod quorum;
pub mod signed;
