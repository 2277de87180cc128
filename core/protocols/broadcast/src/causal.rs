//! # Causal broadcast (Birman, Schiper & Stephenson 1991)
//!
//! Every node counts what everybody has said, in a vector clock, and whatever it says carries that clock. So a receiver
//! sees from the clock alone what had happened before: it delivers a message when it is the next of its sender and when
//! whatever else the sender knew of has been delivered here, too. Until then it holds the message back.
//!
//! Why it is right: the clock of a message counts exactly what happened before it, as clocks are merged when a
//! message is delivered and not when it arrives. A message waits only for what happened before it, and nothing
//! happened before itself; so among all that is held back and on its way, some message waits for nothing.
//!
//! Where it hurts: one message that is lost, or only late, holds back all that came after it, and by then that may
//! be what everybody says. Every message carries a number for every node. And messages of which none happened before
//! the other are delivered in different orders at different nodes.
//!
//! Two weaker orders stand beside it, for comparison, with the same clocks: FIFO order looks at the sender's own entry
//! only, and no order at none.
//!
//! Links must lose nothing. They are assumed to deliver every message once, too, which is more than is needed: a node
//! recognises a copy of what it has delivered, which its clock counts, and of what it holds back. Without any order the clock does not tell which messages of a sender were
//! delivered, so the node keeps their numbers; the paper, which has no such order, does not say, and "deliver at most once" is
//! read as a promise of every order.
//!
//! **What this file leaves out:** groups that overlap; members that come and go, and the failure atomicity that comes
//! with knowing who is a member: here a step is atomic, so that what is said leaves for all or for nobody; clocks that are sent in part only; forgetting; total order. A node that comes back after a crash
//! starts to count anew, and nobody takes it for new: the paper would give it a place of its own.

use super::{Input, Name, Numbers, Output, Said};
use faultline_core::card::{Lane, LaneItem, LaneState};
use faultline_core::prelude::*;
use faultline_core::toolbox::clocks::VectorClock;
use std::convert::Infallible;

mod title;

/// What is set before a run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Settings)]
pub struct Params {
    /// What is delivered before what: anything, what one node says in order, or also whatever had
    /// happened before.
    #[setting(default = Order::Causal)]
    pub order: Order,
    /// Rules taken away.
    #[setting(twins)]
    pub bugs: Bugs,
}

/// What is delivered before what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Choice)]
#[allow(missing_docs)]
pub enum Order {
    None,
    Fifo,
    Causal,
}

/// The wrong twins.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Twins)]
pub struct Bugs {
    /// Any later message of a sender will do, not only the next one.
    pub skips_ahead: bool,
    /// Clocks are compared like words in a dictionary: the first entry that differs decides.
    pub compares_as_lists: bool,
    /// The clock of a message is merged when it arrives and is held back.
    pub merges_on_arrival: bool,
    /// A sender stamps its message before it counts it.
    pub stamps_first: bool,
    /// Nobody looks again at what is held back when something is delivered.
    pub looks_once: bool,
    /// A sender does not deliver what it says itself.
    pub forgets_itself: bool,
    /// What was held back is put down to the sender of the message that set it free.
    pub mistakes_sender: bool,
}

/// What is said, with the clock of its sender, its own number counted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Message {
    said: Said,
    clock: VectorClock,
}

kinds! { Message {
    Broadcast 'B': Self { said: Said { name, answers: None }, clock } => "{name} {clock}",
    Answer 'A' reply: Self { said: Said { name, answers: Some(question) }, clock } =>
        "{name} to {question} {clock}",
} }

/// Nothing survives a crash: who crashes has left.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
#[words("nothing")]
pub struct Stable;

/// A node. Its clock counts what it has said and, of all others, what it has delivered.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Causal {
    me: NodeId,
    params: Params,
    clock: VectorClock,
    /// Of every sender, the messages delivered here. In order they are those that the clock counts.
    delivered: Map<NodeId, Numbers>,
    /// The paper's delay queue, in the order of arrival.
    held: Vec<Message>,
    /// What it delivered last, the oldest first.
    latest: Vec<Said>,
}

/// How many of the messages that it has delivered a node keeps in mind.
const KEPT: usize = 3;

const START: Rule = Rule::new("§4.3", "At first a node knows of nothing: all entries of its clock are 0.");
const SEND: Rule = Rule::new(
    "§5.1 (1)",
    "A sender counts its message in its own entry and stamps it with its clock; it delivers it itself at once.",
);
const DELIVER: Rule = Rule::new(
    "§5.1 (2), (3)",
    "A message is delivered when it is the next of its sender and all else that its clock counts has been \
     delivered; then the clocks are merged.",
);
const HOLD: Rule =
    Rule::new("§5.1 (2)", "A message is held back until whatever happened before it has been delivered.");
const COPY: Rule = Rule::new(
    "§5.1 (2)",
    "A message that has been delivered, as the clock tells, or that is held back already is a copy, and changes nothing.",
);
const UNHEARD: Rule = Rule::new("problem", "Nobody answers what has not been delivered to them.");

impl Node for Causal {
    type Message = Message;
    /// Nothing waits for time to pass.
    type Timer = Infallible;
    type Input = Input;
    type Output = Output;
    type Stable = Stable;
    type Params = Params;

    fn start(_: Stable, ctx: &mut Ctx<Self>) -> Self {
        ctx.note(&START);
        let (params, clock) = (ctx.params().clone(), VectorClock::new(ctx.count()));
        let (delivered, held, latest) = (Map::default(), Vec::new(), Vec::new());
        Causal { me: ctx.me(), params, clock, delivered, held, latest }
    }

    fn stable(&self) -> Stable {
        Stable
    }

    fn on_input(&mut self, input: Input, ctx: &mut Ctx<Self>) {
        match input {
            Input::Broadcast => self.say(None, ctx),
            Input::Answer(name) if self.has_delivered(name) => self.say(Some(name), ctx),
            Input::Answer(_) => ctx.note(&UNHEARD),
        }
    }

    fn on_message(&mut self, from: NodeId, message: Message, ctx: &mut Ctx<Self>) {
        if self.is_copy(&message) {
            return ctx.tell(&COPY, || format!("takes {} for a copy", message.said.name));
        }
        if let Some(missed) = self.waits_for(&message) {
            ctx.tell(&HOLD, || format!("holds {} back until it has {missed}", message.said.name));
            if self.params.bugs.merges_on_arrival {
                self.clock.merge(&message.clock);
            }
            self.held.push(message);
        } else {
            self.deliver(message, from, ctx);
            self.release(from, ctx);
        }
    }

    fn on_timer(&mut self, timer: Infallible, _: &mut Ctx<Self>) {
        match timer {}
    }

    fn inputs(&self) -> Vec<Input> {
        let others = self.latest.iter().rev().find(|said| said.name.sender != self.me);
        let answer = others.map(|said| Input::Answer(said.name));
        [Input::Broadcast].into_iter().chain(answer).collect()
    }

    fn card(&self) -> Card {
        let (role, tone) = match self.held.is_empty() {
            true => ("up to date", Tone::Plain),
            false => ("holding back", Tone::Seeking),
        };
        let badge = match self.clock.entries() {
            [_, _, _, _, _, _, ..] => format!("{} held", self.held.len()),
            _ => self.clock.to_string(),
        };
        let clock = self.clock.entries().to_vec();
        Card { role, tone, badge, clock, fields: self.fields(), lanes: self.lanes(), ..Card::default() }
    }
}

impl Causal {
    /// Says something to all.
    fn say(&mut self, answers: Option<Name>, ctx: &mut Ctx<Self>) {
        let before = self.clock.clone();
        let name = Name { sender: self.me, number: self.clock.tick(self.me) };
        let said = Said { name, answers };
        ctx.tell(&SEND, || match answers {
            Some(question) => format!("answers {question} with {name}"),
            None => format!("broadcasts {name}"),
        });
        ctx.output(Output::Sent(said));
        if !self.params.bugs.forgets_itself {
            self.delivered.or_default(self.me).insert(name.number);
            self.hand_over(said, ctx);
        }
        let clock = if self.params.bugs.stamps_first { before } else { self.clock.clone() };
        ctx.broadcast(Message { said, clock });
    }

    /// Whether a message has arrived before: whatever the clock counts has been delivered, if there is an order.
    fn is_copy(&self, message: &Message) -> bool {
        let name = message.said.name;
        let delivered = match self.params.order {
            Order::None => self.has_delivered(name),
            Order::Fifo | Order::Causal => message.clock.get(name.sender) <= self.clock.get(name.sender),
        };
        delivered || self.held.iter().any(|held| held.said.name == name)
    }

    fn has_delivered(&self, name: Name) -> bool {
        self.delivered.get(&name.sender).is_some_and(|numbers| numbers.contains(name.number))
    }

    /// The delivery rule: of its sender s a message needs `VT(m)[s] = VT(p)[s] + 1`, of all others `VT(m)[k] ≤ VT(p)[k]`. The
    /// first of what it still waits for, or nothing.
    fn waits_for(&self, message: &Message) -> Option<Name> {
        let Params { order, bugs } = &self.params;
        let Name { sender, .. } = message.said.name;
        let (stamp, next) = (message.clock.get(sender), self.clock.get(sender) + 1);
        let missing = |sender| Some(Name { sender, number: self.clock.get(sender) + 1 });
        let is_next = stamp == next || bugs.skips_ahead && stamp > next;
        match order {
            Order::None => None,
            Order::Fifo | Order::Causal if !is_next => missing(sender),
            Order::Fifo => None,
            Order::Causal => {
                let mut after = self.clock.clone();
                after.raise(sender, stamp);
                if bugs.compares_as_lists && message.clock <= after {
                    return None;
                }
                let ahead = message.clock.iter().find(|(node, number)| *number > after.get(*node));
                ahead.and_then(|(node, _)| missing(node))
            }
        }
    }

    /// Delivers a message; `from` sent the one that has just arrived.
    fn deliver(&mut self, message: Message, from: NodeId, ctx: &mut Ctx<Self>) {
        let Message { mut said, clock } = message;
        let Name { sender, number } = said.name;
        self.delivered.or_default(sender).insert(number);
        // To merge the clocks comes to this: all else that the message's clock counts is counted here, too. Where an order
        // is weaker, the clock goes on to count what was delivered, and no more.
        self.clock.raise(sender, clock.get(sender));
        if self.params.bugs.mistakes_sender {
            said.name.sender = from;
        }
        ctx.tell(&DELIVER, || format!("delivers {}", said.name));
        self.hand_over(said, ctx);
    }

    /// Delivers whatever was held back and waits no longer, the first to arrive first.
    fn release(&mut self, from: NodeId, ctx: &mut Ctx<Self>) {
        let free = |node: &Self| node.held.iter().position(|message| node.waits_for(message).is_none());
        while !self.params.bugs.looks_once
            && let Some(place) = free(self)
        {
            let message = self.held.remove(place);
            self.deliver(message, from, ctx);
        }
    }

    fn hand_over(&mut self, said: Said, ctx: &mut Ctx<Self>) {
        ctx.output(Output::Delivered(said));
        if self.latest.len() == KEPT {
            self.latest.remove(0);
        }
        self.latest.push(said);
    }

    /// The facts on the card.
    fn fields(&self) -> Vec<Field> {
        vec![
            Field::new("clock", Meaning::Value, &self.clock),
            Field::new("said", Meaning::Counter, self.clock.get(self.me)),
            Field::new("held back", Meaning::Counter, self.held.len()),
        ]
    }

    /// What is held back and why, and what was delivered last, the latest first.
    fn lanes(&self) -> Vec<Lane> {
        let item = |text: String, note: String, state| LaneItem { text, note, state, changed: false };
        let held = self.held.iter().map(|message| {
            let note = self.waits_for(message).map(|missed| format!("waits for {missed}"));
            item(message.to_string(), note.unwrap_or_default(), LaneState::Waiting)
        });
        let latest = self.latest.iter().rev();
        let latest = latest.map(|said| item(said.to_string(), String::new(), LaneState::Done));
        let lane = |name: &str, items| Lane { name: name.into(), note: String::new(), items };
        vec![lane("held back", held.collect()), lane("delivered", latest.collect())]
    }
}
