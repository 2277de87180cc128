//! Messages and middleware. These systems share little beyond senders and receivers, so each one states its
//! own problem.

use faultline_core::catalogue::Entry;

pub mod amqp;

/// The solutions that are there.
pub static ENTRIES: &[Entry] = &[Entry::of::<amqp::Amqp>()];
