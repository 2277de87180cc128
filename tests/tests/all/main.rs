//! The tests that are written by hand, one program: those of the engine, a module an area, and in `protocols` the facts of
//! each protocol. What every protocol is held to alike is in the other program, `catalogue`.

mod assumptions;
mod bounds;
mod byzantine;
mod check;
mod choices;
mod clocks;
mod compare;
mod complete;
mod crowd;
mod determinism;
mod diagram;
mod explain;
mod export;
mod faults;
mod fuzz;
mod histories;
mod index;
mod input;
mod judged;
mod linearizability;
mod links;
mod measure;
mod nemesis;
mod offers;
mod oracle;
mod polls;
mod protocols;
mod purity;
mod reached;
mod recorded;
mod registry;
mod rooms;
mod session;
mod signs;
mod why;
