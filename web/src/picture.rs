//! What the stage has in common whether it is drawn or painted: where things stand, what they look like, how they move,
//! and the ground under them.

pub mod connects;
pub mod drawn;
pub mod geometry;
pub mod ground;
pub mod links;
pub mod motion;
pub mod shapes;
pub mod signs;
