//! A node's place in the world, without the protocol's types: its memory, its disk, its timers, its links.
//!
//! The world keeps slots, the shim lets nodes take their steps in them, and claims look into them.

use crate::name::NodeId;
use crate::network::{Link, Manner};
use crate::node::Node;
use crate::time::Micros;
use crate::toolbox::map::Map;
use crate::trace::NO_CAUSE;
use std::any::Any;
use std::rc::Rc;

/// A value of one of a protocol's types.
pub(crate) type Payload = Rc<dyn Any>;

/// A node's place in the world: its memory while it is up, its disk while it is down, its timers, its links.
#[derive(Clone, Default)]
pub(crate) struct Slot {
    pub(crate) machine: Option<Payload>,
    pub(crate) disk: Option<Payload>,
    pub(crate) timers: Vec<Armed>,
    pub(crate) links: Vec<Link>,
    /// What of its links is not as in the network at large. It is kept apart from the links, because few runs have
    /// any, and links of 24 bytes are faster than links of 32.
    pub(crate) manners: Map<NodeId, Manner>,
    pub(crate) draws: u64,
    /// How many messages it has sent; counted in a crowd only.
    pub(crate) sent: u64,
    /// How many thousandths of their time its timers take, where that is not a thousand.
    pub(crate) slowness: Option<u32>,
    pub(crate) paused: bool,
    /// Whether somebody has taken it over.
    pub(crate) taken: bool,
    /// Whether it has crashed at some time.
    pub(crate) crashed: bool,
    /// What its next choices shall be.
    pub(crate) script: Vec<u64>,
    /// Whether it has started.
    pub(crate) booted: bool,
}

/// A node in memory, beside what it last had on disk.
#[derive(Clone)]
pub(crate) struct Held<N: Node> {
    pub(crate) node: N,
    pub(crate) stable: Rc<N::Stable>,
    /// What was on disk before it was last written, since the node booted.
    pub(crate) before: Option<Rc<N::Stable>>,
}

/// What a handler wants of a timer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wish {
    Nothing,
    Set(Micros),
    Cancel,
}

/// A timer of a node.
#[derive(Clone)]
pub(crate) struct Armed {
    pub(crate) what: Payload,
    /// What the handler that just ran wants of it.
    pub(crate) wish: Wish,
    pub(crate) set: Micros,
    pub(crate) fires: Micros,
    pub(crate) cause: u32,
    /// Its place on the agenda, once it has one.
    pub(crate) on_agenda: Option<u32>,
    pub(crate) is_set: bool,
}

impl Armed {
    fn new(what: Payload, wish: Wish) -> Self {
        Armed { what, wish, set: 0, fires: 0, cause: NO_CAUSE, on_agenda: None, is_set: false }
    }

    /// Whether its place may be given to another timer.
    fn is_idle(&self) -> bool {
        !self.is_set && self.wish == Wish::Nothing
    }
}

/// Sets or cancels a timer of a node, in whose list every value keeps its place: the one at a place, or else a new one.
pub(crate) fn arm(
    timers: &mut Vec<Armed>,
    known: Option<usize>,
    delay: Option<Micros>,
    what: impl FnOnce() -> Payload,
) {
    let wish = delay.map_or(Wish::Cancel, Wish::Set);
    match known {
        Some(place) => timers[place].wish = wish,
        None => add(timers, what(), wish),
    }
}

#[inline(never)]
fn add(timers: &mut Vec<Armed>, what: Payload, wish: Wish) {
    match timers.iter_mut().find(|armed| armed.is_idle()) {
        Some(idle) => (idle.what, idle.wish) = (what, wish),
        None => timers.push(Armed::new(what, wish)),
    }
}
