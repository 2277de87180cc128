//! The protocols, a crate a family; each family states its problem, each of its files is one solution.

use faultline_core::catalogue::{self, Entry, Leaf, Summary, run_list, run_list_length};
use faultline_core::protocol::Protocol;

pub mod lectures;

pub use faultline_agreement as agreement;
pub use faultline_broadcast as broadcast;
pub use faultline_byzantine as byzantine;
pub use faultline_commit as commit;
pub use faultline_consensus as consensus;
pub use faultline_election as election;
pub use faultline_epidemic as epidemic;
pub use faultline_ledger as ledger;
pub use faultline_load as load;
pub use faultline_membership as membership;
pub use faultline_messaging as messaging;
pub use faultline_overlay as overlay;
pub use faultline_replication as replication;
pub use faultline_snapshots as snapshots;

/// Hands the list of all protocols to a macro: for each its slug, with `_` for `-`, and its type. A family stands together.
#[macro_export]
macro_rules! protocols {
    ($to:ident) => {
        $to! {
            amqp: $crate::messaging::amqp::Amqp,
            kafka: $crate::messaging::kafka::Kafka,
            rpc: $crate::messaging::rpc::Rpc,
            reliable_transport: $crate::messaging::reliable_transport::Transport,
            two_generals: $crate::messaging::two_generals::General,
            causal_broadcast: $crate::broadcast::causal::Causal,
            gossip: $crate::epidemic::gossip::Gossip,
            chord: $crate::overlay::chord::Chord,
            two_phase_commit: $crate::commit::two_phase::TwoPhase,
            raft: $crate::consensus::raft::Raft,
            paxos: $crate::agreement::paxos::Paxos,
            pbft: $crate::byzantine::pbft::Pbft,
            proof_of_work: $crate::ledger::proof_of_work::Miner,
            bully: $crate::election::bully::Bully,
            quorum_kv: $crate::replication::quorum::Quorum,
            crdt: $crate::replication::crdt::Crdt,
            log_shipping: $crate::replication::log_shipping::LogShipping,
            snapshot: $crate::snapshots::snapshot::Snapshot,
            swim: $crate::membership::swim::Swim,
            load_balancing: $crate::load::load_balancing::LoadBalancing,
        }
    };
}

macro_rules! index {
    ($($slug:ident: $type:path,)+) => {
        /// A leaf for each protocol, which needs nothing else of it.
        static INDEX: &[Leaf] = &[$(Leaf::of::<$type>()),+];

        /// What is said of each protocol where people look for one. It needs nothing else of it, and only what reads it
        /// brings it along.
        pub static SUMMARIES: &[Summary] = &[$({
            static LIST: [u8; run_list_length(<$type as Protocol>::PRESETS)] =
                run_list(<$type as Protocol>::PRESETS);
            Summary::of::<$type>(&LIST)
        }),+];
    };
}
protocols!(index);

macro_rules! entries {
    ($($slug:ident: $type:path,)+) => {
        static ENTRIES: &[Entry] = &[$(Entry::of::<$type>()),+];
    };
}
protocols!(entries);

/// Says which protocols there are, for a program that fetches each when it is wanted.
pub fn announce() {
    catalogue::announce(INDEX);
}

/// Puts every protocol into the catalogue: the first thing that a program does. To do it again changes nothing.
pub fn install() {
    announce();
    catalogue::add(ENTRIES);
}
