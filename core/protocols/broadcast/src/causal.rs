//! # Causal broadcast (Birman, Schiper & Stephenson 1991)
//!
//! Every node counts the messages of every sender in a vector clock, and each message that it sends carries that clock. So
//! a receiver sees from the clock alone what happened before the message. It delivers the message once it is the next from
//! its sender and everything else that the sender knew of has been delivered here, too. Until then it holds the message back.
//!
//! Why it is right: the clock of a message counts exactly what happened before it, because clocks are merged when a
//! message is delivered and not when it arrives. A message waits only for messages that happened before it, and no message
//! happened before itself. So among all messages that are held back or on their way, at least one waits for nothing.
//!
//! Where it hurts: one message that is lost or late holds back every message that came after it, and soon those may be
//! the messages of all nodes. Every message carries a number for every node. And different nodes deliver concurrent
//! messages in different orders.
//!
//! Two weaker orders use the same clocks, for comparison: FIFO order looks only at the sender's own entry, and no order
//! looks at none.
//!
//! Links must lose nothing. They are also assumed to deliver every message once, which is more than the protocol needs: a
//! node recognises a copy of a message that it has delivered, because its clock counts it, or that it holds back. Without
//! any order the clock does not show which messages of a sender were delivered, so the node keeps their numbers. The paper
//! has no such order; this file takes "deliver at most once" as a promise of every order.
//!
//! **A sender that dies half-way.** A step is atomic, so by default a message leaves for all nodes or for
//! none. With `gap`, its copies leave one after another, and a sender that crashes in between has sent some
//! of them only. Then some nodes deliver a message that the others never receive, and the others hold back
//! for ever all that came after it. With `relay`, every node passes on each message that it receives for the
//! first time, which is eager reliable broadcast (Cachin, Guerraoui & Rodrigues, Algorithm 3.3): a message
//! reaches all nodes that stay up, or none of them. A node that delivers a message and then crashes may
//! still be alone with it (agreement is not uniform). The paper saves the messages of a relay: its members
//! learn of a crash together, and only then pass on the messages that may not have reached all.
//!
//! **What this file leaves out:** groups that overlap; members that join and leave, and with them the
//! paper's way to complete the messages of a sender that has crashed; clocks that are sent only in part;
//! forgetting; total order. A node that recovers from a crash counts from 1 again, and the others do not see
//! that it is new: the paper would give it a clock entry of its own.

use super::{Input, Name, Numbers, Output, Said};
use faultline_core::card::{Lane, LaneItem, LaneState};
use faultline_core::prelude::*;
use faultline_core::toolbox::clocks::VectorClock;

mod title;

/// What is set before a run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Settings)]
pub struct Params {
    /// The order of delivery: none, each sender's messages in order, or everything that happened before a message
    /// first.
    #[setting(default = Order::Causal)]
    pub order: Order,
    /// The time between the copies of a message. With 0s they leave for all nodes at once; otherwise a sender
    /// that crashes in between has sent some of them only.
    #[setting(default = 0s, bounds = 0s..=1s)]
    pub gap: Micros,
    /// A node passes on every message that it receives for the first time, so that it reaches all nodes that
    /// stay up or none of them.
    pub relay: bool,
    /// Rules taken away.
    #[setting(twins)]
    pub bugs: Bugs,
}

/// The order of delivery.
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
    /// A node accepts any later message of a sender, not only the next one.
    pub skips_ahead: bool,
    /// Clocks are compared like words in a dictionary: the first entry that differs decides.
    pub compares_as_lists: bool,
    /// A node merges the clock of a message that it holds back when it arrives, not when it is delivered.
    pub merges_on_arrival: bool,
    /// A sender stamps its message with its clock before it counts the message.
    pub stamps_first: bool,
    /// After a delivery, a node does not look again at the messages that it holds back.
    pub looks_once: bool,
    /// A sender does not deliver its own messages.
    pub forgets_itself: bool,
    /// A node attributes a held-back message to the sender of the message that released it.
    pub mistakes_sender: bool,
    /// A node counts a delivery in its own clock entry, as if it had sent something.
    pub ticks_on_delivery: bool,
}

/// What is said, with the clock of its sender, its own number counted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Message {
    said: Said,
    clock: VectorClock,
}

kinds! { Message {
    Broadcast 'B': Self { said: Said { name, answers: None }, clock } => "{name} {clock}" as "message {name}",
    Answer 'A' reply: Self { said: Said { name, answers: Some(question) }, clock } =>
        "{name} to {question} {clock}" as "answer {name} to {question}",
} }

/// What a node reminds itself of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
pub enum Timer {
    /// The next copy of this message leaves.
    #[words("Copy-{0}")]
    Copy(Name),
}

/// A message of which not all copies have left, and the nodes that they are for, the next one last.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Leaving {
    message: Message,
    to: Vec<NodeId>,
}

/// Nothing survives a crash: a node that crashes has left.
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
    /// What it is sending, one copy after another.
    leaving: Vec<Leaving>,
    /// What it delivered last, the oldest first.
    latest: Vec<Said>,
}

/// How many of the messages that it has delivered a node keeps in mind.
const KEPT: usize = 3;

const START: Rule =
    Rule::new("§4.3", "A node starts with no messages counted: all entries of its clock are 0.");
const SEND: Rule = Rule::new(
    "§5.1 (1)",
    "A sender counts a message in its own clock entry, stamps it with the clock, and delivers it to itself at once.",
);
const DELIVER: Rule = Rule::new(
    "§5.1 (2), (3)",
    "A message is delivered once it is the next from its sender and all else that its clock counts has been \
     delivered. Then the clocks are merged.",
);
const HOLD: Rule = Rule::new(
    "§5.1 (2)",
    "A message is held back until everything that happened before it has been delivered.",
);
const DELIVER_NEXT: Rule =
    Rule::new("problem", "Under FIFO order, a message is delivered once it is the next from its sender.");
const HOLD_NEXT: Rule =
    Rule::new("problem", "Under FIFO order, a message is held back until it is the next from its sender.");
const DELIVER_ANY: Rule = Rule::new("problem", "Without an order, a message is delivered when it arrives.");
const COPY: Rule = Rule::new(
    "§5.1 (2)",
    "A message that was delivered or that is already held back is a copy and changes nothing.",
);
const ONE_BY_ONE: Rule = Rule::new(
    "CGR Alg. 3.1",
    "A message goes to one node after another; a node that crashes in between leaves the others without it.",
);
const RELAY: Rule = Rule::new(
    "CGR Alg. 3.3",
    "A node passes on to all every message that it receives for the first time, since its sender may crash.",
);
const UNHEARD: Rule = Rule::new("problem", "A node answers only a message that it has delivered.");

impl Node for Causal {
    type Message = Message;
    type Timer = Timer;
    type Input = Input;
    type Output = Output;
    type Stable = Stable;
    type Params = Params;

    fn start(_: Stable, ctx: &mut Ctx<Self>) -> Self {
        ctx.note(&START);
        let (params, clock) = (ctx.params().clone(), VectorClock::new(ctx.count()));
        let (held, leaving, latest) = (Vec::new(), Vec::new(), Vec::new());
        Causal { me: ctx.me(), params, clock, delivered: Map::default(), held, leaving, latest }
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
            return ctx.tell(&COPY, || format!("ignores {} as a copy", message.said.name));
        }
        if self.params.relay {
            ctx.note(&RELAY);
            self.multicast(message.clone(), ctx);
        }
        if let Some(missed) = self.waits_for(&message) {
            let rule = if self.params.order == Order::Fifo { &HOLD_NEXT } else { &HOLD };
            ctx.tell(rule, || format!("holds back {} until it has delivered {missed}", message.said.name));
            if self.params.bugs.merges_on_arrival {
                self.clock.merge(&message.clock);
            }
            self.held.push(message);
        } else {
            self.deliver(message, from, ctx);
            self.release(from, ctx);
        }
    }

    fn on_timer(&mut self, Timer::Copy(name): Timer, ctx: &mut Ctx<Self>) {
        let (rule, sends) =
            if name.sender == self.me { (&ONE_BY_ONE, "sends") } else { (&RELAY, "passes on") };
        ctx.remark(rule, || format!("{sends} another copy of {name}"));
        self.send_copy(name, ctx);
    }

    fn inputs(&self) -> Vec<Input> {
        let others = self.latest.iter().rev().find(|said| said.name.sender != self.me);
        let answer = others.map(|said| Input::Answer(said.name));
        [Input::Broadcast].into_iter().chain(answer).collect()
    }

    fn card(&self) -> Card {
        let role = if self.held.is_empty() { "up to date" } else { "holding back" };
        let badge = match self.clock.entries() {
            [_, _, _, _, _, _, ..] => format!("{} held", self.held.len()),
            _ => self.clock.to_string(),
        };
        let clock = self.clock.entries().to_vec();
        Card { role, badge, clock, fields: self.fields(), lanes: self.lanes(), ..Card::default() }
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
        self.multicast(Message { said, clock }, ctx);
    }

    /// Sends a message to all others, at once or one after another.
    fn multicast(&mut self, message: Message, ctx: &mut Ctx<Self>) {
        if self.params.gap == 0 {
            return ctx.broadcast(message);
        }
        let (name, mut to) = (message.said.name, ctx.others().collect::<Vec<_>>());
        to.reverse();
        self.leaving.push(Leaving { message, to });
        self.send_copy(name, ctx);
    }

    /// Sends the next copy of a message, and waits before the one after it.
    fn send_copy(&mut self, name: Name, ctx: &mut Ctx<Self>) {
        let Some(place) = self.leaving.iter().position(|it| it.message.said.name == name) else { return };
        let Leaving { message, to } = &mut self.leaving[place];
        if let Some(next) = to.pop() {
            ctx.send(next, message.clone());
        }
        if to.is_empty() {
            self.leaving.remove(place);
        } else {
            ctx.set(Timer::Copy(name), self.params.gap);
        }
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
        let Params { order, bugs, .. } = &self.params;
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
        // This is all that merging the clocks does: everything else in the message's clock is counted here already. Under a
        // weaker order, the clock still counts only what was delivered.
        self.clock.raise(sender, clock.get(sender));
        if self.params.bugs.ticks_on_delivery {
            self.clock.tick(self.me);
        }
        if self.params.bugs.mistakes_sender {
            said.name.sender = from;
        }
        let rule = match self.params.order {
            Order::None => &DELIVER_ANY,
            Order::Fifo => &DELIVER_NEXT,
            Order::Causal => &DELIVER,
        };
        ctx.tell(rule, || format!("delivers {}", said.name));
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

    /// What is held back and why, what was delivered last, the latest first, and what has not left for all.
    fn lanes(&self) -> Vec<Lane> {
        let item = |text: String, note: String, state| LaneItem { text, note, state, changed: false };
        let held = self.held.iter().map(|message| {
            let note = self.waits_for(message).map(|missed| format!("waits for {missed}"));
            item(message.to_string(), note.unwrap_or_default(), LaneState::Waiting)
        });
        let latest = self.latest.iter().rev();
        let latest = latest.map(|said| item(said.to_string(), String::new(), LaneState::Done));
        let lane = |name: &str, items| Lane { name: name.into(), note: String::new(), items };
        let mut lanes = vec![lane("held back", held.collect()), lane("delivered", latest.collect())];
        if self.params.gap > 0 {
            let leaving = self.leaving.iter().map(|Leaving { message, to }| {
                let to: Vec<_> = to.iter().rev().map(NodeId::to_string).collect();
                item(message.to_string(), format!("still to {}", to.join(", ")), LaneState::Waiting)
            });
            lanes.push(lane("leaving", leaving.collect()));
        }
        lanes
    }
}
