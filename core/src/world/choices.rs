//! What may be chosen to happen next.

use super::{Still, World, rule};
use crate::event::{Event, Input, MessageId};
use crate::name::NodeId;
use crate::scenario::Act;
use crate::trace::{Record, What};
use std::rc::Rc;

impl World {
    /// Every message that may be delivered and every timer that may fire, in a fixed order. Times do not
    /// count: anything in flight may arrive, in any order, unless links keep theirs. Of messages that are the
    /// same it is the first. The world must be at its still.
    pub(crate) fn choices(&self, still: &Still) -> Vec<Event> {
        let mut choices = Vec::new();
        let mut first_of = Vec::new();
        for (message, envelope) in self.messages().into_iter().filter(|it| still.is_first(it.0.place)) {
            let link = (envelope.from, envelope.to);
            if !self.setup.network.fifo || !first_of.contains(&link) {
                if self.setup.network.fifo {
                    first_of.push(link);
                }
                if !self.has_to_wait(envelope) {
                    choices.push(Event::Deliver(message));
                }
            }
        }
        let awake = (0..).map(NodeId).zip(&self.slots).filter(|(_, slot)| !slot.paused);
        for (node, slot) in awake {
            let set = slot.timers.iter().enumerate().filter(|(_, timer)| timer.is_set);
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

    /// The messages in flight, for whoever may lose or copy them; of those that are the same, the first.
    pub(crate) fn in_flight(&self, still: &Still) -> Vec<MessageId> {
        let messages = self.messages().into_iter().map(|(message, _)| message);
        messages.filter(|message| still.is_first(message.place)).collect()
    }

    /// The node that takes a step with an event, if one does.
    pub(crate) fn subject(&self, event: &Event) -> Option<NodeId> {
        match event {
            Event::Deliver(message) => self.message(*message).map(|envelope| envelope.to),
            Event::Fire(node, _) | Event::Input(node, _) | Event::Restart(node) => Some(*node),
            _ => None,
        }
    }

    /// Below which bounds the choices had to be that the latest step made.
    pub(crate) fn choices_asked(&self) -> &[u64] {
        &self.fx.asked
    }

    pub(super) fn choose(&mut self, node: NodeId, choices: &[u64]) -> Record {
        Rc::make_mut(&mut self.slots[node.index()]).script = choices.into();
        let record = Record::new(What::Choose, self.now, node);
        self.close(record, &rule::CHOOSE, || {
            let words: Vec<_> = choices.iter().map(u64::to_string).collect();
            format!("{node} is going to choose {}", words.join(", "))
        })
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
            Event::Choose(node, choices) => Act::Choose(*node, choices.to_vec()).to_string(),
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::LinkSet;
    use crate::scenario::Scenario;

    /// What waits is no choice, and two worlds in which other things wait are not the same.
    #[test]
    fn what_waits_is_not_chosen() {
        let text = "faultline 2\nprotocol raft\nnodes 3\nmanual";
        let Ok(scenario) = Scenario::parse(text) else { unreachable!("this text can be read") };
        let mut world = crate::sim::Cursor::new(&scenario).world;
        while let Some((time, event)) = world.upcoming() {
            assert!(world.apply(time, event).is_ok());
        }
        assert!(world.apply(0, Event::Fire(NodeId(0), 0)).is_ok());
        let look = |world: &World| {
            let (still, mut world) = (world.still(), world.clone());
            world.become_of(&still);
            let print = still.sum(false).finish();
            let choices = world.choices(&still);
            let fires = choices.iter().filter(|event| matches!(event, Event::Fire(..))).count();
            (choices.len() - fires, fires, print)
        };
        let (delivers, fires, before) = look(&world);
        let second = world.messages()[1].0;
        assert_eq!((delivers, fires), (2, 3));
        let (one, all) = (LinkSet::OneWay(NodeId(0), NodeId(1)), None);
        let mut seen = vec![before];
        for (event, left) in [
            (Event::Pause(NodeId(1)), (1, 2)),
            (Event::Hold(one), (1, 2)),
            (Event::Resume(NodeId(1)), (1, 3)),
            (Event::HoldMessage(second), (0, 3)),
        ] {
            assert!(world.apply(0, event).is_ok());
            let (delivers, fires, print) = look(&world);
            assert_eq!((delivers, fires), left);
            assert!(!seen.contains(&print));
            seen.push(print);
        }
        assert!(world.apply(0, Event::Release(all)).is_ok());
        let (delivers, fires, print) = look(&world);
        assert_eq!((delivers, fires, print), (2, 3, before));
    }
}
