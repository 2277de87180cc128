//! Timers: a node has one of each value, and each keeps its place in the node's list and on the agenda.

use super::World;
use crate::agenda::Pending;
use crate::name::NodeId;
use crate::shim::{Payload, Stimulus};
use crate::time::{LATEST, Micros};
use crate::trace::{NO_CAUSE, Record, What};
use std::rc::Rc;

/// What a handler wants of a timer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish {
    Nothing,
    Set(Micros),
    Cancel,
}

/// A timer of a node.
#[derive(Clone)]
pub(crate) struct Armed {
    pub(crate) what: Payload,
    /// What the handler that just ran wants of it.
    pub(super) wish: Wish,
    pub(crate) set: Micros,
    pub(crate) fires: Micros,
    pub(crate) cause: u32,
    /// Its place on the agenda, once it has one.
    on_agenda: Option<u32>,
    is_set: bool,
}

impl Armed {
    fn new(what: Payload, wish: Wish) -> Self {
        Armed { what, wish, set: 0, fires: 0, cause: NO_CAUSE, on_agenda: None, is_set: false }
    }

    /// Whether its place may be given to another timer.
    fn is_idle(&self) -> bool {
        !self.is_set && self.wish == Wish::Nothing
    }

    pub(crate) fn is_set(&self) -> bool {
        self.is_set
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

impl World {
    /// The timers that a node has set, by their names.
    pub(crate) fn timer_names(&self, node: NodeId) -> Vec<String> {
        let set = self.slots[node.index()].timers.iter().filter(|timer| timer.is_set);
        set.map(|timer| self.timer_name(timer)).collect()
    }

    pub(crate) fn timer_name(&self, timer: &Armed) -> String {
        self.shim.timer_text(&timer.what)
    }

    pub(super) fn fire(&mut self, node: NodeId, place: u32) -> Result<Record, String> {
        self.must_be_awake(node)?;
        let slot = Rc::make_mut(&mut self.slots[node.index()]);
        let Some(timer) = slot.timers.get_mut(place as usize).filter(|timer| timer.is_set) else {
            return Err(format!("{node} has not set that timer"));
        };
        timer.is_set = false;
        let (what, cause) = (timer.what.clone(), timer.cause);
        if let Some(place) = timer.on_agenda {
            self.agenda.reschedule(place, None);
        }
        let name = if self.telling { self.shim.timer_text(&what) } else { String::new() };
        let record = Record { cause, ..Record::new(What::Fire, self.now, node) };
        let words = || (format!("hears its {name} timer"), format!("its {name} timer"));
        Ok(self.step(record, Stimulus::Timer(what), words))
    }

    /// Does what the handler that just ran wished of its node's timers.
    pub(super) fn settle_timers(&mut self, node: NodeId) {
        for place in 0..self.slots[node.index()].timers.len() {
            if self.slots[node.index()].timers[place].wish != Wish::Nothing {
                self.settle_timer(node, place);
            }
        }
    }

    fn settle_timer(&mut self, node: NodeId, place: usize) {
        let drift = if self.clocks_matter { self.clocks.get(&node) } else { None };
        let slot = Rc::make_mut(&mut self.slots[node.index()]);
        let (timer, slowness) = (&mut slot.timers[place], slot.slowness);
        let delay = match std::mem::replace(&mut timer.wish, Wish::Nothing) {
            Wish::Set(delay) => Some(delay),
            Wish::Cancel | Wish::Nothing => None,
        };
        timer.is_set = delay.is_some();
        if let Some(delay) = delay {
            let delay = slowness.map_or(delay, |permille| delay.saturating_mul(permille.into()) / 1_000);
            let delay = drift.map_or(delay, |clock| clock.true_time_of(delay));
            let fires = self.now.saturating_add(delay).min(LATEST);
            (timer.set, timer.fires, timer.cause) = (self.now, fires, self.events);
        }
        let (fires, known) = (delay.map(|_| timer.fires), timer.on_agenda);
        match (known, fires) {
            (Some(on_agenda), fires) => self.agenda.reschedule(on_agenda, fires),
            (None, Some(fires)) if !self.setup.manual => {
                let on_agenda = self.agenda.add(fires, Pending::Timer { node, place: place as u32 });
                Rc::make_mut(&mut self.slots[node.index()]).timers[place].on_agenda = Some(on_agenda);
            }
            // In manual mode a timer is never due; it waits at its node until somebody lets it fire.
            (None, _) => {}
        }
    }
}
