//! Nouns of the literature that several protocols share; all of them pure.

pub mod clocks;
pub mod configuration;
pub mod hole;
pub mod log;
pub mod map;
pub mod merkle;
pub mod order;
pub mod quorum;
pub mod signed;
