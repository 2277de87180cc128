//! The run over time: the diagram, the acts, and what moves the playhead.

pub mod acts;
pub mod diagram;
pub mod table;
pub mod transport;
