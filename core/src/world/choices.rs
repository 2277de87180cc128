//! What may be chosen to happen next, and what makes two worlds the same to whoever chooses.

use super::World;
use crate::agenda::Pending;
use crate::event::{Event, Input, MessageId};
use crate::fingerprint::Fingerprint;
use crate::node::NodeId;
use std::hash::{Hash, Hasher};

impl World {
    /// Every message that may be delivered and every timer that may fire, in a fixed order. Times do not count: anything
    /// in flight may arrive, in any order, unless links keep theirs.
    pub(crate) fn choices(&self) -> Vec<Event> {
        let mut choices = Vec::new();
        let mut first_of = Vec::new();
        for (message, envelope) in self.messages() {
            let link = (envelope.from, envelope.to);
            if !self.setup.network.fifo || !first_of.contains(&link) {
                first_of.push(link);
                if !self.has_to_wait(envelope) {
                    choices.push(Event::Deliver(message));
                }
            }
        }
        let awake = (0..).map(NodeId).zip(&self.slots).filter(|(_, slot)| !slot.paused);
        for (node, slot) in awake {
            let set = slot.timers.iter().enumerate().filter(|(_, timer)| timer.is_set());
            choices.extend(set.map(|(place, _)| Event::Fire(node, place as u32)));
        }
        choices
    }

    /// Everything that the application may ask of nodes that are up and awake.
    pub(crate) fn input_choices(&self) -> Vec<Event> {
        let up = (0..).map(NodeId).zip(&self.slots).filter(|(_, slot)| !slot.paused);
        let inputs = up.filter_map(|(node, slot)| slot.machine.as_ref().map(|machine| (node, machine)));
        let of = |(node, machine)| {
            let inputs = self.shim.inputs(machine);
            inputs.into_iter().map(move |input| Event::Input(node, Input(input)))
        };
        inputs.flat_map(of).collect()
    }

    /// The messages in flight, for whoever may lose or copy them.
    pub(crate) fn in_flight(&self) -> Vec<MessageId> {
        self.messages().into_iter().map(|(message, _)| message).collect()
    }

    /// A fingerprint of all that decides what can still happen and what is claimed of it: nodes, disks, timers that are
    /// set, what was done to links, who is paused, messages in flight in whatever order, and the judge's record. Times, counters and the order of
    /// sending do not decide anything here.
    pub(crate) fn fingerprint(&self) -> u64 {
        let mut fingerprint = Fingerprint::default();
        for slot in &self.slots {
            self.shim.hash_slot(slot, &mut fingerprint);
            let mut timers: Vec<u64> = Vec::new();
            for timer in slot.timers.iter().filter(|timer| timer.is_set()) {
                timers.push(self.shim.fingerprint_timer(&timer.what));
            }
            timers.sort_unstable();
            timers.hash(&mut fingerprint);
            for link in slot.links.iter().filter(|link| link.cut) {
                link.to.hash(&mut fingerprint);
            }
            for link in slot.links.iter().filter(|link| link.held) {
                (link.to, true).hash(&mut fingerprint);
            }
            (slot.paused, slot.taken, slot.slowness, &slot.manners).hash(&mut fingerprint);
        }
        // A sum does not depend on the order.
        let mut flight = (0_u64, 0_u64);
        for pending in self.agenda.all() {
            if let Pending::Message(envelope) = pending {
                let mut one = Fingerprint::default();
                (envelope.from, envelope.to, envelope.held).hash(&mut one);
                self.shim.hash_message(&envelope.message, &mut one);
                flight = (flight.0.wrapping_add(one.finish()), flight.1 + 1);
            }
        }
        flight.hash(&mut fingerprint);
        self.standing.hash(&mut fingerprint);
        if !self.clocks.is_empty() {
            self.clocks.hash(&mut fingerprint);
        }
        self.shim.hash_record(&mut fingerprint);
        fingerprint.finish()
    }

    /// An event in the words of a scenario, before it is applied; `None` for what no scenario can say.
    pub(crate) fn words_of(&self, event: &Event) -> Option<String> {
        let name = |message: &MessageId| {
            let names = self.message_names().into_iter();
            names.clone().find(|(known, _)| known == message).map(|(_, name)| name)
        };
        Some(match event {
            Event::Deliver(message) => format!("deliver {}", name(message)?),
            Event::Drop(message) => format!("drop {}", name(message)?),
            Event::Duplicate(message) => format!("duplicate {}", name(message)?),
            Event::Fire(node, place) => {
                let timer = self.slots[node.index()].timers.get(*place as usize)?;
                format!("fire {node} {}", self.timer_name(timer))
            }
            Event::Input(node, input) => format!("{node} {}", self.shim.input_text(&input.0)),
            Event::Crash(node) => format!("crash {node}"),
            Event::Restart(node) => format!("restart {node}"),
            Event::TakeOver(node) => format!("take over {node}"),
            Event::Forge(message, lie) => {
                let lie = self.lie_texts(*message).into_iter().nth(*lie as usize)?;
                format!("forge {} as {lie}", name(message)?)
            }
            Event::Inject(message, to) => format!("inject {} to {to}", name(message)?),
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Links;
    use crate::scenario::Scenario;

    /// What waits is no choice, and two worlds in which other things wait are not the same.
    #[test]
    fn what_waits_is_not_chosen() {
        let text = "faultline 1\nprotocol raft\nnodes 3\nmanual";
        let Ok(scenario) = Scenario::parse(text) else { unreachable!("this text can be read") };
        let mut world = crate::sim::Cursor::new(&scenario).world;
        while let Some((time, event)) = world.upcoming() {
            assert!(world.apply(time, event).is_ok());
        }
        assert!(world.apply(0, Event::Fire(NodeId(0), 0)).is_ok());
        let chosen = |world: &World| {
            let choices = world.choices();
            let fires = choices.iter().filter(|event| matches!(event, Event::Fire(..))).count();
            (choices.len() - fires, fires)
        };
        assert_eq!(chosen(&world), (2, 3));
        let before = world.fingerprint();
        let (one, all) = (Links::OneWay(NodeId(0), NodeId(1)), None);
        let mut seen = vec![before];
        for (event, left) in [
            (Event::Pause(NodeId(1)), (1, 2)),
            (Event::Hold(one), (1, 2)),
            (Event::Resume(NodeId(1)), (1, 3)),
            (Event::HoldMessage(world.in_flight()[1]), (0, 3)),
        ] {
            assert!(world.apply(0, event).is_ok());
            assert_eq!(chosen(&world), left);
            assert!(!seen.contains(&world.fingerprint()));
            seen.push(world.fingerprint());
        }
        assert!(world.apply(0, Event::Release(all)).is_ok());
        assert_eq!((chosen(&world), world.fingerprint()), ((2, 3), before));
    }
}
