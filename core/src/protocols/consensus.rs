//! Consensus and state machine replication: nodes that fail agree on one sequence of commands.

pub mod raft;
