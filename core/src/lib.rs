//! Faultline's core: distributed protocols as step-wise state machines, the world they live in, and everything
//! that can be done with a run of it.
//!
//! There is one value, [`World`], and one function that changes it, [`World::apply`]. A simulation
//! applies the earliest event, a user the one clicked, a scenario the one written; each run is repeated to the byte
//! by its [`Scenario`].
//!
//! **Architecture invariant.** Nothing here reads a clock, a file, the network or the machine's entropy; nothing
//! uses floating point or a hash map; nothing panics on input. The same scenario makes the same transcript on
//! every target.

mod agenda;
pub mod card;
pub mod catalogue;
pub mod check;
mod claims;
pub mod clock;
pub mod compare;
mod costs;
pub mod curves;
pub mod event;
pub mod export;
pub mod fingerprint;
pub mod fitted;
pub mod history;
pub mod lecture;
pub mod lesson;
pub mod linearizability;
pub mod link;
pub mod measure;
pub mod name;
pub mod nemesis;
pub mod network;
pub mod node;
pub mod prelude;
pub mod property;
pub mod protocol;
pub mod random;
mod resolve;
pub mod scenario;
pub mod serializability;
pub mod session;
mod shim;
pub mod shrink;
pub mod sign;
pub mod sim;
mod slot;
pub mod text;
pub mod time;
pub mod title;
pub mod toolbox;
#[cfg(test)]
mod toy;
pub mod trace;
pub mod verify;
pub mod view;
pub mod words;
pub mod world;

pub use name::NodeId;
pub use node::{Ctx, Node};
pub use protocol::Protocol;
pub use scenario::Scenario;
pub use session::Session;
pub use time::Micros;
pub use world::World;
