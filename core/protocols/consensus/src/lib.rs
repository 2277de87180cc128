//! Consensus and state machine replication: nodes that fail agree on one sequence of commands.

use faultline_core::catalogue::Entry;

pub mod raft;

/// The solutions that are there.
pub static ENTRIES: &[Entry] = &[Entry::of::<raft::Raft>()];
