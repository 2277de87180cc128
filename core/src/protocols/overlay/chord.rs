//! # Chord (Stoica, Morris, Karger, Kaashoek & Balakrishnan 2001; Stoica et al. 2003; corrected by Zave 2012, 2017)
//!
//! Every member knows some members that follow it on the circle, the one before it, and for each power of two a *finger*:
//! the first member at least that far ahead. A lookup goes from member to member, each time to the finger that is the
//! last before the key, and so halves the way; the member before the key answers with its successor. Of N members it
//! takes about ½ log₂ N hops to get there, and one more to the owner; the list of successors shortens the end of it.
//!
//! The ring is kept by three periodic chores. A member *stabilises*: it asks its successor for the one before that, which
//! may have come between, and notifies the successor of itself. It *fixes* one finger after the other by looking it
//! up. And it *checks* whether its predecessor still answers. Who does not answer within a period has failed.
//!
//! As published this does not work: none of the invariants claimed for it holds. Zave's correction, which is what is here,
//! adopts nobody before it has been seen alive, takes a successor's list with it, and never holds itself in its list. The
//! original is the wrong twin `original-2001`.
//!
//! **What this file leaves out:** moving keys, virtual nodes, lookups that go round a failed member (they are lost until
//! the tables are mended), leaving in good order, and choosing fingers by latency. Detecting failures is perfect as long as
//! a question and its answer take less than a period. In the correction's proof r + 1 members never fail; here any may,
//! so it promises only what it can while every failure leaves each member a live successor.

use super::{Input, Output, Ring};
use crate::node::{Ctx, Node, NodeId, Rule};
use crate::random::{Purpose, draw};
use crate::view::{Card, Field, Meaning, Path, Pointer, Tone};

mod title;
mod words;

/// What is set before a run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Params {
    /// How long identifiers are.
    pub bits: u64,
    /// A place in [`IDENTIFIERS`].
    pub identifiers: u64,
    /// How many of the first nodes are an ideal ring at the start.
    pub ring: u64,
    /// How many successors a member keeps.
    pub successors: u64,
    /// How often each chore is done, in microseconds.
    pub period: u64,
    /// Rules taken away.
    pub bugs: Bugs,
}

/// Where identifiers come from: drawn as a hash would, or spread so that the first nodes are as even as can be.
pub const IDENTIFIERS: &[&str] = &["hashed", "spread"];
const SPREAD: u64 = 1;

impl Default for Params {
    fn default() -> Self {
        Params {
            bits: 6,
            identifiers: SPREAD,
            ring: 12,
            successors: 3,
            period: 500_000,
            bugs: Bugs::default(),
        }
    }
}

/// The wrong twins; the title page says what each does.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, clippy::struct_excessive_bools)]
pub struct Bugs {
    pub original_2001: bool,
    pub excludes_end: bool,
    pub ignores_first_notify: bool,
    pub keeps_itself: bool,
    pub finger_as_successor: bool,
}

/// What nodes tell each other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Message {
    /// A lookup on its way, and the nodes that it has come by; the first of them asked.
    Find(u32, Why, Vec<NodeId>),
    /// The answer: whom the key belongs to.
    Found(u32, Why, NodeId, Vec<NodeId>),
    /// A question for neighbours, and whether the receiver is there.
    Ask,
    /// The answer: the node before me and those after me.
    Neighbours(Option<NodeId>, Vec<NodeId>),
    /// I may be before you.
    Notify,
    /// Are you there?
    Ping,
    /// I am.
    Pong,
}

/// What a lookup is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Why {
    /// The application asked.
    Lookup,
    /// Somebody wants to become a member.
    Join,
    /// A finger is fixed.
    Finger(u8),
}

/// A chore.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Chore {
    /// Ask the successor.
    Stabilise,
    /// Look up the next finger.
    FixFinger,
    /// Ask the predecessor.
    CheckPredecessor,
}

/// Where identifiers are: enough to know that of any node from its name, as a hash of its address is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Circle {
    bits: u32,
    spread: bool,
    seed: u64,
}

impl Circle {
    fn identifier(self, node: NodeId) -> u32 {
        let full = if self.spread {
            node.0.reverse_bits()
        } else {
            (draw(self.seed, Purpose::Choice, (node.0, u32::MAX), 0) >> 32) as u32
        };
        full >> (32 - self.bits)
    }

    /// How far it is clockwise.
    fn distance(self, from: u32, to: u32) -> u32 {
        to.wrapping_sub(from) & (u32::MAX >> (32 - self.bits))
    }

    /// How far a node is from an identifier, the node that has it counting as a whole turn.
    fn way(self, from: u32, node: NodeId) -> u64 {
        match self.distance(from, self.identifier(node)) {
            0 => 1 << self.bits,
            way => way.into(),
        }
    }
}

/// A node.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Chord {
    circle: Circle,
    me: NodeId,
    member: bool,
    predecessor: Option<NodeId>,
    /// The next member first; alone, it is itself.
    successors: Vec<NodeId>,
    fingers: Vec<NodeId>,
    next_finger: u8,
    /// Whom it asked for neighbours and has not heard from, and whom it pinged.
    asked: Option<NodeId>,
    pinged: Option<NodeId>,
    /// Its latest lookups: the key, the way, and whom it belongs to.
    lookups: Vec<(u32, Vec<NodeId>, Option<NodeId>)>,
}

/// How many lookups a node remembers.
const LOOKUPS: usize = 6;
/// The longest way of a lookup; one that is longer goes in circles.
const LONGEST_WAY: usize = 64;

const START: Rule =
    Rule { section: "§4", sentence: "A node begins outside; the first ones can be given an ideal ring." };
const JOIN: Rule = Rule {
    section: "§4.4",
    sentence: "A node joins by looking up its own identifier: that is its successor.",
};
const JOINED: Rule = Rule {
    section: "Zave",
    sentence: "A new member takes its successor's list, and is unknown until it notifies.",
};
const OUTSIDE: Rule = Rule { section: "§4", sentence: "Who is no member answers nobody." };
const FORWARD: Rule =
    Rule { section: "§4.3", sentence: "A lookup goes on to the closest finger before the key." };
const OWNED: Rule =
    Rule { section: "§4.3", sentence: "A key between a member and its successor belongs to the successor." };
const LOST: Rule = Rule { section: "§5", sentence: "A lookup that goes in circles is given up." };
const LOCATED: Rule = Rule { section: "§4.3", sentence: "Whoever asked is told whom the key belongs to." };
const FIX: Rule =
    Rule { section: "§4.4", sentence: "Fingers are refreshed one after the other by lookups." };
const STABILISE: Rule =
    Rule { section: "§4.4", sentence: "A member asks its successor who is before it, and who is after it." };
const FAILED: Rule = Rule {
    section: "§5.2",
    sentence: "A successor that does not answer has failed; the next in the list follows.",
};
const ANSWER: Rule = Rule { section: "§4.4", sentence: "Who is asked tells its neighbours." };
const ADOPT: Rule = Rule {
    section: "§4.4",
    sentence: "Who has come between a member and its successor becomes its successor.",
};
const RECONCILE: Rule = Rule {
    section: "§5.2",
    sentence: "A member's list is its successor, and that one's list without its last.",
};
const PROBE: Rule =
    Rule { section: "Zave", sentence: "Nobody is adopted as a successor before it has answered itself." };
const NOTIFIED: Rule = Rule {
    section: "§4.4",
    sentence: "Who notifies becomes predecessor if there is none, or it is closer.",
};
const CHECK: Rule = Rule { section: "§4.4", sentence: "A predecessor that does not answer is forgotten." };
const STALE: Rule = Rule { section: "§4.4", sentence: "An answer that nobody waits for changes nothing." };

impl Node for Chord {
    type Message = Message;
    type Timer = Chore;
    type Input = Input;
    type Output = Output;
    type Stable = words::Left;
    type Params = Params;

    fn start(stable: words::Left, ctx: &mut Ctx<Self>) -> Self {
        ctx.note(&START);
        let Params { bits, identifiers, ring, .. } = *ctx.params();
        let circle = Circle { bits: bits as u32, spread: identifiers == SPREAD, seed: ctx.seed() };
        let me = ctx.me();
        let fingers = vec![me; bits as usize];
        let mut node = Chord {
            circle,
            me,
            member: !stable.0 && u64::from(me.0) < ring,
            predecessor: None,
            successors: vec![me],
            fingers,
            next_finger: 0,
            asked: None,
            pinged: None,
            lookups: Vec::new(),
        };
        if node.member {
            node.know_all(ring.min(ctx.count() as u64) as u32, ctx);
            begin_chores(ctx);
        }
        node
    }

    /// Whether it has booted: whoever comes back begins outside.
    fn stable(&self) -> words::Left {
        words::Left(true)
    }

    fn on_input(&mut self, input: Input, ctx: &mut Ctx<Self>) {
        match (input, self.member) {
            (Input::Lookup(key), true) => {
                let key = self.circle.distance(0, key);
                self.lookups.push((key, vec![self.me], None));
                if self.lookups.len() > LOOKUPS {
                    self.lookups.remove(0);
                }
                self.find(key, Why::Lookup, Vec::new(), ctx);
            }
            (Input::Join(node), false) if node != self.me => {
                ctx.note(&JOIN);
                ctx.send(node, Message::Find(self.identifier_of(self.me), Why::Join, vec![self.me]));
            }
            (Input::Lookup(_) | Input::Join(_), _) => ctx.note(&OUTSIDE),
        }
    }

    fn on_message(&mut self, from: NodeId, message: Message, ctx: &mut Ctx<Self>) {
        match message {
            Message::Found(_, Why::Join, owner, _) if !self.member && owner != self.me => {
                ctx.note(&JOINED);
                self.asked = Some(owner);
                ctx.send(owner, Message::Ask);
            }
            Message::Neighbours(_, list) if !self.member && self.asked == Some(from) => {
                self.join(from, &list, ctx);
            }
            _ if !self.member => ctx.note(&OUTSIDE),
            // Lookups.
            Message::Find(key, why, way) => self.find(key, why, way, ctx),
            Message::Found(key, Why::Lookup, owner, way) => {
                ctx.tell(&LOCATED, || format!("is told that key {key} is at {owner}"));
                ctx.output(Output::Located(key, owner, way.len() as u32 - 1));
                if let Some(lookup) = self.lookups.iter_mut().rev().find(|lookup| lookup.0 == key) {
                    (lookup.1, lookup.2) = (way, Some(owner));
                }
            }
            Message::Found(_, Why::Finger(nth), owner, _) => {
                ctx.note(&FIX);
                self.fingers[nth as usize] = owner;
            }
            Message::Found(_, Why::Join, ..) => ctx.note(&STALE),
            // Stabilising.
            Message::Ask => {
                ctx.note(&ANSWER);
                ctx.send(from, Message::Neighbours(self.predecessor, self.successors.clone()));
            }
            Message::Neighbours(between, list) if self.asked == Some(from) => {
                self.asked = None;
                self.hear_of(from, between, &list, ctx);
            }
            Message::Neighbours(..) => ctx.note(&STALE),
            Message::Notify => self.be_notified(from, ctx),
            // Checking.
            Message::Ping => {
                ctx.note(&ANSWER);
                ctx.send(from, Message::Pong);
            }
            Message::Pong => {
                ctx.note(&CHECK);
                self.pinged = self.pinged.filter(|&pinged| pinged != from);
            }
        }
    }

    fn on_timer(&mut self, chore: Chore, ctx: &mut Ctx<Self>) {
        let period = ctx.params().period;
        ctx.set(chore.clone(), period);
        match chore {
            Chore::Stabilise => self.stabilise(ctx),
            Chore::FixFinger => {
                ctx.note(&FIX);
                let nth = self.next_finger;
                self.next_finger = (nth + 1) % self.circle.bits as u8;
                let goal = self.circle.distance(0, self.identifier_of(self.me).wrapping_add(1 << nth));
                self.find(goal, Why::Finger(nth), Vec::new(), ctx);
            }
            Chore::CheckPredecessor => {
                ctx.note(&CHECK);
                if self.pinged.is_some() && self.pinged == self.predecessor {
                    self.predecessor = None;
                }
                self.pinged = self.predecessor.filter(|&node| node != self.me);
                if let Some(node) = self.pinged {
                    ctx.send(node, Message::Ping);
                }
            }
        }
    }

    fn inputs(&self) -> Vec<Input> {
        match self.member {
            true => vec![Input::Lookup(self.circle.distance(0, self.identifier_of(self.me) / 2 + 7))],
            false => vec![Input::Join(NodeId(u32::from(self.me.0 == 0)))],
        }
    }

    fn card(&self) -> Card {
        let names = |nodes: &[NodeId]| nodes.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let mut distinct = self.fingers.clone();
        distinct.dedup();
        let badge = self.identifier_of(self.me).to_string();
        let fields = vec![
            Field::new(
                "predecessor",
                Meaning::Nodes,
                self.predecessor.map_or("none".into(), |it| it.to_string()),
            ),
            Field::new("successors", Meaning::Nodes, names(&self.successors)),
            Field::new("fingers", Meaning::Nodes, names(&distinct)),
        ];
        let pointer = |name: &str, to, always| Pointer { name: name.into(), to, always };
        let mut pointers = Vec::new();
        if self.member {
            pointers.push(pointer("successor", self.successors[0], true));
            pointers.extend(self.predecessor.map(|to| pointer("predecessor", to, false)));
            pointers.extend(distinct.into_iter().map(|to| pointer("finger", to, false)));
        }
        let path = |(key, way, owner): &(u32, Vec<NodeId>, Option<NodeId>)| Path {
            name: format!("key {key}"),
            nodes: way.iter().chain(owner).copied().collect(),
            outcome: owner.map_or_else(String::new, |owner| format!("at {owner}")),
        };
        let paths = self.lookups.iter().map(path).collect();
        Card { badge, fields, pointers, paths, ..self.glance() }
    }

    fn glance(&self) -> Card {
        let (role, tone) = if self.member { ("member", Tone::Leading) } else { ("outside", Tone::Plain) };
        let place = self.identifier_of(self.me) << (32 - self.circle.bits);
        Card { role, tone, place, ..Card::default() }
    }
}

/// Begins the chores, each some time within the first period.
fn begin_chores(ctx: &mut Ctx<Chord>) {
    let period = ctx.params().period;
    for chore in [Chore::Stabilise, Chore::FixFinger, Chore::CheckPredecessor] {
        let first = ctx.random(1..=period);
        ctx.set(chore, first);
    }
}

impl Chord {
    fn identifier_of(&self, node: NodeId) -> u32 {
        self.circle.identifier(node)
    }

    /// How far a node is ahead.
    fn ahead(&self, node: NodeId) -> u64 {
        self.circle.way(self.identifier_of(self.me), node)
    }

    /// Knows what it would after long enough in a ring of the first so many nodes.
    fn know_all(&mut self, ring: u32, ctx: &Ctx<Self>) {
        let keep = ctx.params().successors as usize;
        let mut nearest = vec![(u64::MAX, self.me); self.circle.bits as usize];
        let (mut next, mut last) = (Vec::<(u64, NodeId)>::new(), (0, self.me));
        for node in (0..ring).map(NodeId).filter(|&node| node != self.me) {
            let way = self.ahead(node);
            let finger = &mut nearest[way.ilog2().min(self.circle.bits - 1) as usize];
            *finger = (*finger).min((way, node));
            last = last.max((way, node));
            if next.len() < keep || next.last().is_some_and(|&farthest| (way, node) < farthest) {
                let place = next.partition_point(|&known| known < (way, node));
                next.insert(place, (way, node));
                next.truncate(keep);
            }
        }
        let mut finger = (u64::MAX, self.me);
        for (place, best) in nearest.into_iter().enumerate().rev() {
            finger = finger.min(best);
            self.fingers[place] = finger.1;
        }
        if !next.is_empty() {
            self.successors = next.into_iter().map(|(_, node)| node).collect();
            self.predecessor = Some(last.1);
        }
    }

    // Lookups.

    fn find(&mut self, key: u32, why: Why, mut way: Vec<NodeId>, ctx: &mut Ctx<Self>) {
        if why == Why::Lookup || way.is_empty() {
            way.push(self.me);
        }
        let origin = way[0];
        let (me, next) = (self.identifier_of(self.me), self.successors[0]);
        let open = ctx.params().bugs.excludes_end;
        let to_key = match self.circle.distance(me, key) {
            0 if !open => 1 << self.circle.bits,
            way => u64::from(way),
        };
        let finds = to_key < self.ahead(next) + u64::from(!open);
        if way.len() > LONGEST_WAY {
            return ctx.note(&LOST);
        }
        if finds || next == self.me {
            ctx.note(&OWNED);
            return ctx.send(origin, Message::Found(key, why, next, way));
        }
        ctx.note(&FORWARD);
        let before = |&node: &NodeId| node != self.me && self.ahead(node) < to_key;
        let known = self.fingers.iter().chain(&self.successors).copied().filter(|node| before(node));
        let closest = known.max_by_key(|&node| self.ahead(node)).unwrap_or(next);
        ctx.send(closest, Message::Find(key, why, way));
    }

    // The ring.

    fn join(&mut self, owner: NodeId, list: &[NodeId], ctx: &mut Ctx<Self>) {
        self.asked = None;
        self.member = true;
        self.take_list(owner, list, ctx);
        self.fingers.fill(owner);
        ctx.tell(&JOINED, || format!("joins before {owner}"));
        ctx.output(Output::Joined);
        begin_chores(ctx);
    }

    fn stabilise(&mut self, ctx: &mut Ctx<Self>) {
        ctx.note(&STABILISE);
        if let Some(failed) = self.asked.take()
            && let Some(place) = self.successors.iter().position(|&node| node == failed)
        {
            ctx.tell(&FAILED, || format!("takes {failed} for failed"));
            self.successors.remove(place);
            self.fingers.iter_mut().filter(|finger| **finger == failed).for_each(|finger| *finger = self.me);
            if ctx.params().bugs.finger_as_successor {
                self.successors.clear();
                self.successors.extend(self.fingers.iter().find(|&&finger| finger != self.me));
            }
            if self.successors.is_empty() {
                self.successors.push(self.me);
            }
        }
        let next = self.successors[0];
        if next == self.me {
            // Alone, whoever has notified is both before and after.
            self.successors[0] = self.predecessor.unwrap_or(self.me);
        } else {
            self.asked = Some(next);
            ctx.send(next, Message::Ask);
        }
    }

    /// The successor, or one that may be closer, has told its neighbours.
    fn hear_of(&mut self, from: NodeId, between: Option<NodeId>, list: &[NodeId], ctx: &mut Ctx<Self>) {
        let bugs = &ctx.params().bugs;
        let (original, is_next) = (bugs.original_2001, self.successors[0] == from);
        let closer = between.filter(|&node| node != self.me && self.ahead(node) < self.ahead(from));
        match closer {
            Some(node) if original => {
                ctx.tell(&ADOPT, || format!("adopts {node} as its successor"));
                self.successors[0] = node;
            }
            Some(node) if is_next => {
                ctx.note(&PROBE);
                self.take_list(from, list, ctx);
                self.asked = Some(node);
                ctx.send(node, Message::Ask);
            }
            _ if is_next || self.ahead(from) < self.ahead(self.successors[0]) => {
                ctx.note(if is_next { &RECONCILE } else { &ADOPT });
                self.take_list(from, list, ctx);
            }
            _ => ctx.note(&STALE),
        }
        ctx.send(self.successors[0], Message::Notify);
    }

    /// Its successor, and that one's list without its last.
    fn take_list(&mut self, successor: NodeId, list: &[NodeId], ctx: &Ctx<Self>) {
        let Params { successors, bugs, .. } = ctx.params();
        let mut all = vec![successor];
        for &node in list {
            let own_place = node == self.me && !bugs.keeps_itself && !bugs.original_2001;
            if own_place || all.contains(&node) {
                break;
            }
            all.push(node);
        }
        all.truncate(*successors as usize);
        self.successors = all;
    }

    fn be_notified(&mut self, from: NodeId, ctx: &mut Ctx<Self>) {
        ctx.note(&NOTIFIED);
        let first = !ctx.params().bugs.ignores_first_notify;
        let closer = match self.predecessor {
            None => first,
            Some(known) => self.ahead(from) > self.ahead(known),
        };
        if closer {
            self.predecessor = Some(from);
        }
    }
}

impl Ring for Chord {
    fn identifier(&self) -> Option<u32> {
        self.member.then(|| self.identifier_of(self.me))
    }

    fn successors(&self) -> &[NodeId] {
        &self.successors
    }

    fn asked(&self) -> Option<NodeId> {
        self.asked
    }

    fn distance(&self, from: u32, to: u32) -> u32 {
        self.circle.distance(from, to)
    }
}
