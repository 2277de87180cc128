//! # The problem of Load
//!
//! What every protocol of this family solves: what applications ask, what they are told, and what must hold. State it here
//! once, as vocabulary and claims over what nodes tell, as soon as two protocols share it.

pub mod load_balancing;
