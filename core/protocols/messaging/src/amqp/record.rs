//! What the judge remembers of a run with a broker.

use super::exchange::is_queue;
use super::methods::{Method, Tenant};
use super::{Amqp, Input, Name, Output};
use faultline_core::prelude::*;
use std::cmp::Reverse;

/// What the judge remembers of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Record {
    /// With which key each message was published.
    pub(super) keys: Map<Name, String>,
    /// Of each message that a publisher may hear of, the queues that have not got it yet.
    pub(super) owed: Map<Name, NodeSet>,
    /// Which exchange sent a message to which queues and exchanges, until a copy of it died.
    pub(super) ways: Map<Name, Vec<(NodeId, NodeId)>>,
    /// A queue that has refused a message.
    pub(super) refused: Map<Name, NodeId>,
    /// The messages of which a copy died in a queue.
    pub(super) dead: Map<Name, ()>,
    /// Whose, to which queue, and by what.
    pub(super) bindings: Vec<(NodeId, NodeId, String)>,
    pub(super) queues: Map<NodeId, Shadow>,
    pub(super) seen: Seen,
    /// What is declared: where, and how.
    pub(super) names: Map<String, (NodeId, Tenant)>,
    /// The queues to which dead letters may have gone by their names.
    pub(super) graves: Vec<String>,
    /// How many consumers each queue had after its last step.
    pub(super) consumers: Map<NodeId, usize>,
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
    /// A queue had several messages to choose from, had several of different priorities, had several consumers.
    pub(super) chosen: bool,
    pub(super) ranked: bool,
    pub(super) turns: bool,
    /// A message with a time to live has got into a queue.
    pub(super) limited: bool,
    /// A client was granted a queue that is there already, somebody has declared an exclusive queue, an auto-delete
    /// queue had a consumer.
    pub(super) declared_again: bool,
    pub(super) exclusive: bool,
    pub(super) auto_delete: bool,
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
    /// The priorities of messages that have one.
    ranks: Map<u64, u8>,
    /// What the queue's clock read when messages with a time to live were to expire, as they arrived.
    expires: Map<u64, Micros>,
    /// The numbers of messages that are in memory only.
    transient: Vec<u64>,
    /// How many deliveries there were, and how many when each consumer got its last.
    deliveries: u64,
    pub(super) served: Map<NodeId, u64>,
}

impl Shadow {
    pub(super) fn apply(&mut self, output: &Output, now: Micros) {
        match output {
            Output::Queued { number, priority, transient, .. } => {
                if *priority > 0 {
                    self.ranks.insert(*number, *priority);
                }
                if *transient {
                    self.transient.push(*number);
                }
                self.insert(*number);
            }
            Output::Handed { number, to, .. } => {
                self.deliveries += 1;
                self.served.insert(*to, self.deliveries);
                self.ready.retain(|it| it != number);
                self.taken.push((*number, *to, now));
                if !self.again.contains(number) {
                    self.again.push(*number);
                }
            }
            Output::Requeued(number) => {
                self.taken.retain(|(it, ..)| it != number);
                self.insert(*number);
            }
            Output::Acked(number) | Output::Died { number, .. } => self.forget(*number),
            _ => {}
        }
    }

    /// Puts a message to its place among those that are ready: the highest priority first, then the oldest.
    fn insert(&mut self, number: u64) {
        let place = |it: u64| (Reverse(self.rank(it)), it);
        let place = self.ready.partition_point(|it| place(*it) < place(number));
        self.ready.insert(place, number);
    }

    fn forget(&mut self, number: u64) {
        self.ready.retain(|it| *it != number);
        self.again.retain(|it| *it != number);
        self.taken.retain(|(it, ..)| *it != number);
        self.ranks.remove(&number);
        self.expires.remove(&number);
        self.transient.retain(|it| *it != number);
    }

    /// The queue has crashed, and what it had in memory only is lost.
    fn crash(&mut self) {
        for number in std::mem::take(&mut self.transient) {
            self.forget(number);
        }
    }

    /// The priority of a message.
    pub(super) fn rank(&self, number: u64) -> u8 {
        self.ranks.get(&number).copied().unwrap_or(0)
    }

    /// What the queue's clock reads when this message is to expire, as it was when the message arrived.
    pub(super) fn expires(&self, number: u64) -> Option<Micros> {
        self.expires.get(&number).copied()
    }

    /// How many messages a consumer holds.
    pub(super) fn holds(&self, consumer: NodeId) -> usize {
        self.taken.iter().filter(|(_, whose, _)| *whose == consumer).count()
    }
}

impl Record {
    /// Whether a message was passed to this exchange, which has not routed it yet.
    fn owes(&self, who: NodeId, name: &Name) -> bool {
        self.owed.get(name).is_some_and(|owed| owed.contains(who))
    }

    pub(super) fn remember(&mut self, step: &Step<'_, Amqp>) {
        let who = step.who;
        let consumers = match step.node {
            Some(Amqp::Queue(queue)) => queue.turns().count(),
            _ => 0,
        };
        if matches!(
            step.input,
            Some(Input::Consume(_) | Input::Cancel(_) | Input::Close(_) | Input::Reconnect)
        ) {
            self.turned = step.now;
        }
        // Only a crash takes a queue's state.
        if let (None, Some(queue)) = (step.node, self.queues.get_mut(&who)) {
            queue.crash();
        }
        if let Some(Amqp::Queue(queue)) = step.node {
            self.consumers.insert(who, consumers);
            self.seen.auto_delete |=
                consumers > 0 && queue.tenant().is_some_and(|it| it.arguments.auto_delete);
        }
        for output in step.outputs {
            match output {
                Output::Published { name, key } => drop(self.keys.insert(*name, key.clone())),
                Output::Bound(queue, key) => self.bindings.push((who, *queue, key.clone())),
                Output::Unbound(queue, key) => {
                    self.bindings.retain(|it| (it.0, it.1, &it.2) != (who, *queue, key));
                }
                // A copy may have died before another exchange gets the message.
                Output::Routed { name, to, alternate, .. }
                    if !self.dead.contains_key(name) || self.owes(who, name) =>
                {
                    let ways = self.ways.or_default(*name);
                    ways.extend(to.iter().chain(alternate).map(|node| (who, *node)));
                    // An exchange owes what its queues owe, as soon as it knows them.
                    let owed = self.owed.or_default(*name);
                    owed.remove(who);
                    for node in to {
                        owed.insert(*node);
                    }
                }
                Output::Refused(name) if !self.dead.contains_key(name) => {
                    self.refused.insert(*name, who);
                    self.owed.or_default(*name).remove(who);
                }
                Output::Queued { name, .. } => {
                    if let Some(owed) = self.owed.get_mut(name) {
                        owed.remove(who);
                    }
                }
                Output::Confirmed(name) => drop(self.owed.remove(name)),
                Output::Died { name, .. } => drop(self.dead.insert(*name, ())),
                Output::Requeued(_) => self.turned = step.now,
                Output::Missed(name) => {
                    if let Some(owed) = self.owed.get_mut(name) {
                        owed.remove(who);
                    }
                }
                Output::Granted(_, Method::Queue(name, _)) if self.names.contains_key(name) => {
                    self.seen.declared_again = true;
                }
                Output::Declared(place, tenant) => {
                    self.turned = step.now;
                    self.seen.exclusive |= tenant.owner.is_some();
                    self.graves.extend(tenant.arguments.dead.clone());
                    self.names.insert(tenant.name.clone(), (*place, tenant.clone()));
                }
                Output::Deleted(name) => {
                    self.turned = step.now;
                    drop(self.names.remove(name));
                }
                _ => {}
            }
            self.seen.apply(output);
            if is_queue(who) {
                let queue = self.queues.or_default(who);
                self.seen.handed_again |=
                    matches!(output, Output::Handed { number, .. } if queue.again.contains(number));
                let handed = matches!(output, Output::Handed { .. });
                self.seen.chosen |= handed && queue.ready.len() > 1;
                self.seen.ranked |= handed && !queue.ranks.is_empty() && queue.ready.len() > 1;
                self.seen.turns |= handed && consumers > 1;
                queue.apply(output, step.now);
                if let (Output::Queued { number, .. }, Some(Amqp::Queue(node))) = (output, step.node)
                    && let Some((Some(expires), _)) = node.age(*number)
                {
                    queue.expires.insert(*number, expires);
                    self.seen.limited = true;
                }
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
