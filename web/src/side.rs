//! What is known at the moment that is shown: the claims, the report of an attack, what is picked, the log, the text.

pub mod claims;
pub mod completion;
pub mod editor;
pub mod inspector;
pub mod log;
pub mod tools;
