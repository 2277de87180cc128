//! What may be chosen to happen next.

use super::{Still, World, rule};
use crate::event::{Event, Input, MessageId};
use crate::name::NodeId;
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

    /// What the application may ask of a node, in words; nothing while it is down.
    pub(crate) fn input_texts(&self, node: NodeId) -> Vec<String> {
        let machine = self.slots[node.index()].machine.as_ref();
        let inputs = machine.map(|machine| self.shim.inputs(machine)).unwrap_or_default();
        inputs.iter().map(|input| self.shim.input_text(input)).collect()
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
            Event::Boot(_)
            | Event::Lose(_)
            | Event::Ask
            | Event::Drop(_)
            | Event::Delay(..)
            | Event::Duplicate(_)
            | Event::Crash(_)
            | Event::Cut(_)
            | Event::Heal(_)
            | Event::Pause(_)
            | Event::Resume(_)
            | Event::Hold(_)
            | Event::Release(_)
            | Event::HoldMessage(_)
            | Event::ReleaseMessage(_)
            | Event::Link(_)
            | Event::Stand(_)
            | Event::CrashLosing(_)
            | Event::Slow(..)
            | Event::Clock(..)
            | Event::TakeOver(_)
            | Event::Forge(..)
            | Event::Inject(..)
            | Event::Choose(..) => None,
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
            format!("{node}'s next random choices will be {}", words.join(", "))
        })
    }
}
