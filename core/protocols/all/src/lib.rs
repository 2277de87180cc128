//! The protocols, a crate a family; each family states its problem, each of its files is one solution.

use faultline_core::catalogue;

pub use faultline_broadcast as broadcast;
pub use faultline_byzantine as byzantine;
pub use faultline_commit as commit;
pub use faultline_consensus as consensus;
pub use faultline_epidemic as epidemic;
pub use faultline_messaging as messaging;
pub use faultline_overlay as overlay;
pub use faultline_replication as replication;

/// Puts every protocol into the catalogue: the first thing that a program does. To do it again changes nothing.
pub fn install() {
    let families = [
        messaging::ENTRIES,
        broadcast::ENTRIES,
        epidemic::ENTRIES,
        overlay::ENTRIES,
        commit::ENTRIES,
        consensus::ENTRIES,
        byzantine::ENTRIES,
        replication::ENTRIES,
    ];
    families.into_iter().for_each(catalogue::add);
}
