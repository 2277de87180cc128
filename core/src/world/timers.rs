//! Timers: a node has one of each value, and each keeps its place in the node's list and on the agenda.

use super::{Happening, World};
use crate::agenda::Pending;
use crate::name::NodeId;
use crate::shim::Stimulus;
use crate::slot::{Armed, Wish};
use crate::time::LATEST;
use crate::trace::{Record, What};
use std::rc::Rc;

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
        let words = || {
            let timer = spoken(&name);
            // One without a name is no timer of the protocol: a recorded run waits by it for what is next in its log.
            let occasion = if name.is_empty() { String::new() } else { format!("its {timer} timer") };
            Happening::new(format!("{node}'s {timer} timer fires"), occasion)
        };
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

/// The name of a timer within a sentence: `AntiEntropy` is the anti-entropy timer.
fn spoken(name: &str) -> String {
    let (first, rest) =
        name.split_once(' ').map_or((name, String::new()), |(first, rest)| (first, format!(" {rest}")));
    let mut spoken = String::new();
    for letter in first.chars() {
        if letter.is_ascii_uppercase() && !spoken.is_empty() {
            spoken.push('-');
        }
        spoken.push(letter.to_ascii_lowercase());
    }
    spoken + &rest
}
