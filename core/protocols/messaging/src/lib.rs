//! Messages and middleware. Its systems have little more in common than that somebody sends and somebody receives, so each
//! states its own problem.

use faultline_core::catalogue::Entry;

pub mod amqp;

/// The solutions that are there.
pub static ENTRIES: &[Entry] = &[Entry::of::<amqp::Amqp>()];
