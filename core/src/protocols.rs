//! The protocols, a file a family; each family states its problem, each of its files is one solution.

pub mod broadcast;
pub mod byzantine;
pub mod commit;
pub mod consensus;
pub mod epidemic;
pub mod messaging;
pub mod overlay;
pub mod replication;
