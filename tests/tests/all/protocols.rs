//! What the literature says of each protocol, a file a protocol, named after its slug.

mod amqp;
mod bully;
mod causal_broadcast;
mod chord;
mod crdt;
mod gossip;
mod kafka;
mod load_balancing;
mod log_shipping;
mod paxos;
mod pbft;
mod proof_of_work;
mod quorum_kv;
mod raft;
mod reliable_transport;
mod rpc;
mod snapshot;
mod swim;
mod two_generals;
mod two_phase_commit;
