//! What the judge remembers of a run with a broker.

use super::exchange::is_queue;
use super::{Amqp, Input, Name, Output};
use faultline_core::prelude::*;

/// What the judge remembers of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Record {
    /// With which key each message was published.
    pub(super) keys: Map<Name, String>,
    /// Of each message that a publisher may hear of, the queues that have not got it yet.
    pub(super) owed: Map<Name, NodeSet>,
    /// The messages of which a copy died in a queue.
    pub(super) dead: Map<Name, ()>,
    /// Whose, to which queue, and by what.
    pub(super) bindings: Vec<(NodeId, NodeId, String)>,
    pub(super) queues: Map<NodeId, Shadow>,
    pub(super) seen: Seen,
    /// When a consumer last began or ceased to consume, or a queue took back what one held.
    pub(super) turned: Micros,
}

/// The premises of claims, and whether each has come up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Seen {
    /// An exchange has routed a message, has forwarded one to its alternate exchange.
    pub(super) routed: bool,
    pub(super) forwarded: bool,
    /// A publisher has got a confirm.
    pub(super) confirmed: bool,
    /// A message has got into a queue, was handed to a consumer, and was so again.
    pub(super) queued: bool,
    pub(super) handed: bool,
    pub(super) handed_again: bool,
    /// A queue had several to choose from.
    pub(super) chosen: bool,
}

impl Seen {
    pub(super) fn apply(&mut self, output: &Output) {
        match output {
            Output::Routed { alternate, .. } => {
                self.routed = true;
                self.forwarded |= alternate.is_some();
            }
            Output::Confirmed(_) => self.confirmed = true,
            Output::Queued { .. } => self.queued = true,
            Output::Handed { .. } => self.handed = true,
            _ => {}
        }
    }
}

/// A queue, as what it tells makes it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Shadow {
    /// Numbers in order, and what was handed out before.
    pub(super) ready: Vec<u64>,
    pub(super) again: Vec<u64>,
    /// Numbers, who has them, and since when.
    pub(super) taken: Vec<(u64, NodeId, Micros)>,
}

impl Shadow {
    pub(super) fn apply(&mut self, output: &Output, now: Micros) {
        match output {
            Output::Queued { number, .. } => self.ready.push(*number),
            Output::Handed { number, to, .. } => {
                self.ready.retain(|it| it != number);
                self.taken.push((*number, *to, now));
                if !self.again.contains(number) {
                    self.again.push(*number);
                }
            }
            Output::Requeued(number) => {
                self.taken.retain(|(it, ..)| it != number);
                let place = self.ready.partition_point(|it| it < number);
                self.ready.insert(place, *number);
            }
            Output::Acked(number) | Output::Died { number, .. } => {
                self.ready.retain(|it| it != number);
                self.again.retain(|it| it != number);
                self.taken.retain(|(it, ..)| it != number);
            }
            _ => {}
        }
    }
}

impl Record {
    pub(super) fn remember(&mut self, step: &Step<'_, Amqp>) {
        let who = step.who;
        if matches!(step.input, Some(Input::Consume | Input::Cancel)) {
            self.turned = step.now;
        }
        for output in step.outputs {
            match output {
                Output::Published { name, key } => drop(self.keys.insert(*name, key.clone())),
                Output::Bound(queue, key) => self.bindings.push((who, *queue, key.clone())),
                Output::Unbound(queue, key) => {
                    self.bindings.retain(|it| (it.0, it.1, &it.2) != (who, *queue, key));
                }
                Output::Routed { name, to, .. } if !self.dead.contains_key(name) => {
                    self.owed.insert(*name, to.iter().copied().collect());
                }
                Output::Queued { name, .. } => {
                    if let Some(owed) = self.owed.get_mut(name) {
                        owed.remove(who);
                    }
                }
                Output::Confirmed(name) => drop(self.owed.remove(name)),
                Output::Died { name, .. } => drop(self.dead.insert(*name, ())),
                Output::Requeued(_) => self.turned = step.now,
                _ => {}
            }
            self.seen.apply(output);
            if is_queue(who) {
                let queue = self.queues.or_default(who);
                self.seen.handed_again |=
                    matches!(output, Output::Handed { number, .. } if queue.again.contains(number));
                self.seen.chosen |= matches!(output, Output::Handed { .. } if queue.ready.len() > 1);
                queue.apply(output, step.now);
            }
        }
    }
}

impl Record {
    /// How many messages were published.
    pub(super) fn published(&self) -> u64 {
        self.keys.len() as u64
    }

    /// Of how many of them a copy died in a queue.
    pub(super) fn dead(&self) -> u64 {
        self.dead.len() as u64
    }
}
