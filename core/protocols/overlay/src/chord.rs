//! # Chord (Stoica, Morris, Karger, Kaashoek & Balakrishnan 2001; Stoica et al. 2003; corrected by Zave 2012, 2017)
//!
//! Every member knows some members that follow it on the circle, the one before it, and for each power of two
//! a *finger*: the first member at least that far ahead. A lookup goes from member to member, each time to
//! the last finger before the key, which halves the distance. The member before the key answers with its
//! successor. Among N members a lookup takes about ½ log₂ N hops to get there, and one more to the owner; the
//! list of successors shortens the end of it.
//!
//! Three periodic chores maintain the ring. A member *stabilises*: it asks its successor for its predecessor,
//! which may have joined in between, and notifies the successor of itself. It *fixes* one finger after the
//! other by looking it up. And it *checks* whether its predecessor still answers. A node that does not answer
//! within a period has failed.
//!
//! As published this does not work: none of the invariants claimed for it holds. This file follows Zave's
//! correction: a member adopts no node before that has answered, takes over a successor's list with the
//! successor, and never holds itself in its list. The original is the wrong twin `original-2001`.
//!
//! **Beside the papers.** Helpers have the names of the pseudocode of 2003. A call of another node becomes a
//! message: `Find` is `find_successor`, which members forward and answer to the node that asked (`Found`);
//! `Ask` is the read of `successor.predecessor`, and of the list of successors with it; `Notify` is `notify`;
//! `Ping` asks whether the predecessor has failed. Zave's correction stands in the same place, with the twin
//! beside it.
//!
//! **Keys** are stored only where `keys` is on (`chord/keys.rs`): then they move to nodes that join, and away
//! from members that leave.
//!
//! **Virtual nodes.** The arcs between members differ much, and so do the loads of those who own them. A host
//! that runs log N members with unrelated identifiers gets the sum of as many arcs, which is close to the mean.
//! To the protocol each of them is a member like any other, with tables, chores and lookups of its own: a node
//! here is a virtual node, and `virtual-nodes` says how many of them a host runs (`chord/hosts.rs`).
//!
//! **What this file leaves out:** copies of keys (they are lost with the member that crashes), hosts as things that
//! fail (a crash stops one virtual node; random faults do not know who runs with whom), lists of successors that
//! skip members of the same host, as those should whose members fail together,
//! lookups that route around a failed member (they are lost until the tables are repaired), joins and
//! requests that are repeated when a node on their way fails, and choosing fingers by latency. A request is
//! not repeated either when its key moves: the lookup may find a node that has just handed the key over, or
//! one that is about to get it, and then a client is told that the key is missing, though it is stored.
//! Failure detection is perfect as long as a question and its answer take less than a period.
//!
//! **The stable base.** Zave's proof requires r + 1 members that are there from the start and never fail,
//! where lists hold r successors. The first nodes are that base. `base` makes it smaller: then the ring may
//! stay in the wrong order for ever, as the scenario `below-the-base` shows. Once a member of the base has
//! failed, nothing is promised or judged.
//!
//! **Identifiers** are all different. Where they are drawn, a permutation that depends on the seed replaces
//! the hash, whose collisions the papers call improbable. Nodes beyond the number of places have no
//! identifier of their own and stay outside.

use super::{Input, Output, Ring};
use circle::{Circle, Shared};
use faultline_core::card::Path;
use faultline_core::prelude::*;
use keys::{NO_KEYS, acknowledged, brought, counted, listed};
use lookup::FIX;
use ring::{ALIVE, CHECK, begin_chores};
use title::stable_base;
use words::{departing, fetched, known, names, neighbours};

mod circle;
mod hosts;
mod keys;
mod lookup;
mod ring;
mod title;
mod words;

/// What is set before a run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Settings)]
pub struct Params {
    /// The number of bits of an identifier. The circle has two to that power places; nodes beyond them stay
    /// outside.
    #[setting(default = 6, bounds = 2..=32)]
    pub bits: u64,
    /// Whether identifiers are drawn at random, as by a hash, or spread evenly. All are different.
    #[setting(default = Identifiers::Spread)]
    pub identifiers: Identifiers,
    /// How many of the first nodes form an ideal ring at the start.
    #[setting(default = 12, bounds = 1..=10_000)]
    pub ring: u64,
    /// How many of the members that follow it a member keeps in its list.
    #[setting(default = 3, bounds = 1..=32)]
    pub successors: u64,
    /// How many of the first members never fail, at most one more than `successors`. The proof of the
    /// correction requires that many; with fewer the ring may break.
    #[setting(default = 33, bounds = 0..=33)]
    pub base: u64,
    /// The time between two runs of a chore. A member that does not answer within it has failed, so it must
    /// be longer than a question and its answer.
    #[setting(default = 500ms, bounds = 1ms..=3600s)]
    pub period: Micros,
    /// Members store keys. A node that joins takes over its keys, and a member can be asked to leave: it
    /// hands its keys over first.
    pub keys: bool,
    /// How many virtual nodes a host runs: so many of the first nodes run on host 1, as many of the next on
    /// host 2.
    #[setting(default = 1, bounds = 1..=64)]
    pub virtual_nodes: u64,
    /// Rules taken away.
    #[setting(twins)]
    pub bugs: Bugs,
    /// The ring that the first nodes are at the start.
    #[setting(memo)]
    pub ring_at_start: Shared,
}

/// Where identifiers come from: drawn as a hash would, or spread so that the first nodes are as even as can
/// be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Choice)]
#[allow(missing_docs)]
pub enum Identifiers {
    Hashed,
    Spread,
}

/// The wrong twins.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Twins)]
pub struct Bugs {
    /// As published: a member adopts the node that its successor names, dead or alive, and copies lists
    /// unchanged.
    pub original_2001: bool,
    /// The interval between a member and its successor excludes its end, where the successor's own key lies.
    #[twin(shows_with = ["nodes 8", "set bits 3", "set ring 8"])]
    pub excludes_end: bool,
    /// A member that has no predecessor accepts none.
    pub ignores_first_notify: bool,
    /// A member that copies a list of successors may keep itself in it.
    #[twin(shows_with = ["set ring 2", "set base 2"])]
    pub keeps_itself: bool,
    /// The nearest finger takes the place of a failed successor.
    pub finger_as_successor: bool,
    /// A member gives keys up as soon as it has sent them, and leaves without waiting for an acknowledgement.
    #[twin(shows_with = ["set keys on"])]
    pub hands_over_blindly: bool,
    /// A member hands no keys to a node that joins before it.
    #[twin(shows_with = ["set keys on"])]
    pub keeps_keys: bool,
}

/// What nodes tell each other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Message {
    /// A lookup on its way, with the nodes that it has passed; the first of them asked.
    Find(u32, Why, Vec<NodeId>),
    /// The answer: the node that owns the key.
    Found(u32, Why, NodeId, Vec<NodeId>),
    /// A question for the receiver's neighbours; an answer also shows that it is alive.
    Ask,
    /// The answer: my predecessor and my successors.
    Neighbours(Option<NodeId>, Vec<NodeId>),
    /// I may be your predecessor.
    Notify,
    /// Are you alive?
    Ping,
    /// I am alive.
    Pong,
    /// Store a key that you own.
    Store(u32),
    /// It is stored.
    Stored(u32),
    /// Do you hold this key?
    Fetch(u32),
    /// Whether I do.
    Fetched(u32, bool),
    /// Keys that I do not own any more, with the number of this hand-over.
    HandOver(u32, Vec<u32>),
    /// I leave: all my keys, with the number of this hand-over, and my predecessor, which will be yours.
    Depart(u32, Vec<u32>, Option<NodeId>),
    /// I have taken the keys of this hand-over.
    Taken(u32, Vec<u32>),
    /// I have left. These members follow me.
    Leave(Vec<NodeId>),
}

kinds! { Message {
    Find 'F': Self::Find(key, why, way) => ("{key}{why} after {} hops", way.len() - 1)
        as ("the lookup of key {key}{why} after {} hops", way.len() - 1),
    Found 'f' reply: Self::Found(key, why, owner, _) => "{key}{why} at {owner}"
        as "the answer that {owner} owns key {key}{why}",
    Ask '?': Self::Ask,
    Neighbours 'n' reply: Self::Neighbours(before, after) => ("{}", neighbours(*before, after))
        as ("{}", known(*before, after)),
    Notify 'N': Self::Notify,
    Ping 'P': Self::Ping,
    Pong 'p' reply: Self::Pong,
    Store 'S': Self::Store(key) => "{key}" as "the request to store key {key}",
    Stored 's' reply: Self::Stored(key) => "{key}" as "the answer that key {key} is stored",
    Fetch 'G': Self::Fetch(key) => "{key}" as "a question for key {key}",
    Fetched 'g' reply: Self::Fetched(key, holds) => ("{key} {}", if *holds { "here" } else { "missing" })
        as ("{}", fetched(*key, *holds)),
    HandOver 'H': Self::HandOver(number, keys) => ("{number}: {}", listed(keys)) as ("{}", counted(keys)),
    Depart 'D': Self::Depart(number, keys, before) => ("{number}: {}{}", counted(keys), departing(*before))
        as ("{}", brought(keys)),
    Taken 't' reply: Self::Taken(number, keys) => ("{number}: {}", counted(keys))
        as ("{}", acknowledged(keys)),
    Leave 'L': Self::Leave(after) => ("after {}", names(after))
        as ("the farewell of a member, with successors {}", names(after)),
} }

/// What a lookup is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
pub enum Why {
    /// The application asked.
    #[words("")]
    Lookup,
    /// Somebody wants to become a member.
    #[words(" to join")]
    Join,
    /// A finger is fixed.
    #[words(" for finger {0}")]
    Finger(u8),
    /// The application stores a key.
    #[words(" to store it")]
    Put,
    /// The application fetches a key.
    #[words(" to fetch it")]
    Get,
}

impl Why {
    /// Whether an application waits for the answer.
    fn is_asked(self) -> bool {
        matches!(self, Why::Lookup | Why::Put | Why::Get)
    }
}

/// A chore.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
pub enum Chore {
    /// Ask the successor for its neighbours.
    Stabilise,
    /// Look up the next finger.
    FixFinger,
    /// Ask the predecessor whether it is alive.
    CheckPredecessor,
}

/// What is on disk: whether the node has booted before.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
pub enum Disk {
    /// It has not.
    #[default]
    #[words("nothing")]
    Empty,
    /// It has: a node that restarts begins outside.
    #[words("has booted")]
    Booted,
}

/// A node.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Chord {
    circle: Circle,
    me: NodeId,
    /// How many virtual nodes a host runs.
    host_size: u32,
    /// How many of the first nodes never fail; `None` where not all of them were members at the start.
    base: Option<u32>,
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
    /// What it stores.
    store: keys::Store,
}

// The rules, with where the papers have them: sections are those of 2001, but for what came in 2003.
const START: Rule =
    Rule::new("§4", "A node starts outside the ring; the first nodes may start as an ideal ring.");
const OUTSIDE: Rule = Rule::new("§4", "Only members answer, and only a node outside the ring can join.");
const NO_PLACE: Rule =
    Rule::new("§4.2", "A node needs an identifier of its own to join, but all places are taken.");
const STALE: Rule = Rule::new("§5.1", "A node ignores an answer that it does not wait for.");

impl Node for Chord {
    type Message = Message;
    type Timer = Chore;
    type Input = Input;
    type Output = Output;
    type Stable = Disk;
    type Params = Params;

    fn start(stable: Disk, ctx: &mut Ctx<Self>) -> Self {
        ctx.note(&START);
        let Params { bits, identifiers, ring, .. } = *ctx.params();
        let circle = Circle::new(bits as u32, (identifiers == Identifiers::Hashed).then(|| ctx.seed()));
        let me = ctx.me();
        let ring = ring.min(ctx.count() as u64).min(1 << bits) as u32;
        let mut node = Chord {
            circle,
            me,
            host_size: ctx.params().virtual_nodes as u32,
            base: Some(stable_base(ctx.params())).filter(|base| *base <= ring),
            member: stable == Disk::Empty && me.0 < ring,
            predecessor: None,
            successors: vec![me],
            fingers: vec![me; bits as usize],
            next_finger: 0,
            asked: None,
            pinged: None,
            lookups: Vec::new(),
            store: keys::Store::new(ctx.params().keys),
        };
        if node.member {
            node.become_ideal(ring, ctx);
            begin_chores(ctx);
        }
        node
    }

    fn stable(&self) -> Disk {
        Disk::Booted
    }

    fn on_input(&mut self, input: Input, ctx: &mut Ctx<Self>) {
        match (input, self.member) {
            (Input::Put(_) | Input::Get(_) | Input::Leave, _) if !self.store.on => ctx.note(&NO_KEYS),
            (Input::Lookup(key), true) => self.look_up(key, Why::Lookup, ctx),
            (Input::Put(key), true) => self.look_up(key, Why::Put, ctx),
            (Input::Get(key), true) => self.look_up(key, Why::Get, ctx),
            (Input::Leave, true) => self.leave(ctx),
            (Input::Join(_), false) if !self.circle.has_place(self.me) => ctx.note(&NO_PLACE),
            (Input::Join(helper), false) if helper != self.me => self.join(helper, ctx),
            (_, _) => ctx.note(&OUTSIDE),
        }
    }

    fn on_message(&mut self, from: NodeId, message: Message, ctx: &mut Ctx<Self>) {
        match message {
            // Joining.
            Message::Found(_, Why::Join, owner, _) if !self.member && owner != self.me => {
                self.join_before(owner, ctx);
            }
            Message::Neighbours(_, list) if !self.member && self.asked == Some(from) => {
                self.joined(from, &list, ctx);
            }
            _ if !self.member => ctx.note(&OUTSIDE),
            // Lookups.
            Message::Find(key, why, way) => self.find_successor(key, why, way, ctx),
            Message::Found(key, why @ (Why::Lookup | Why::Put | Why::Get), owner, way) => {
                self.located(key, why, owner, way, ctx);
            }
            Message::Found(_, Why::Finger(nth), owner, _) => {
                ctx.note(&FIX);
                self.fingers[nth as usize] = owner;
            }
            // It has joined in the meantime.
            Message::Found(_, Why::Join, ..) => ctx.note(&STALE),
            // Stabilising.
            Message::Ask => self.answer(from, ctx),
            Message::Neighbours(between, list) if self.asked == Some(from) => {
                self.stabilize_from(from, between, &list, ctx);
            }
            // It was taken for failed, or asked before a restart.
            Message::Neighbours(..) => ctx.note(&STALE),
            Message::Notify => self.notified(from, ctx),
            // Checking.
            Message::Ping => {
                ctx.remark(&ALIVE, || format!("tells {from} that it is alive"));
                ctx.send(from, Message::Pong);
            }
            Message::Pong => {
                ctx.remark(&CHECK, || format!("learns that {from} is alive"));
                self.pinged = self.pinged.filter(|&pinged| pinged != from);
            }
            // Keys.
            Message::Store(key) => self.store_key(from, key, ctx),
            Message::Stored(key) => Self::stored(from, key, ctx),
            Message::Fetch(key) => self.fetch(from, key, ctx),
            Message::Fetched(key, holds) => Self::fetched(from, key, holds, ctx),
            Message::HandOver(number, keys) => {
                self.take_keys(from, number, keys, ctx);
                self.hand_over(ctx);
            }
            Message::Depart(number, keys, before) => {
                self.succeed(from, number, (keys, before), ctx);
                self.hand_over(ctx);
            }
            Message::Taken(number, keys) => self.taken(from, number, &keys, ctx),
            Message::Leave(after) => self.left(from, &after, ctx),
        }
    }

    fn on_timer(&mut self, chore: Chore, ctx: &mut Ctx<Self>) {
        ctx.set(chore.clone(), ctx.params().period);
        match chore {
            Chore::Stabilise => {
                self.stabilize(ctx);
                if self.store.on {
                    self.hand_over_again(ctx);
                }
            }
            Chore::FixFinger => self.fix_fingers(ctx),
            Chore::CheckPredecessor => self.check_predecessor(ctx),
        }
    }

    fn inputs(&self) -> Vec<Input> {
        match self.member {
            true => {
                let mut inputs =
                    vec![Input::Lookup(self.circle.distance(0, self.identifier_of(self.me) / 2 + 7))];
                self.offer_keys(&mut inputs);
                inputs
            }
            false if !self.circle.has_place(self.me) => Vec::new(),
            false => vec![Input::Join(NodeId(u32::from(self.me.0 == 0)))],
        }
    }

    fn way(message: &Message) -> Option<Path> {
        words::way(message)
    }

    fn card(&self) -> Card {
        Card {
            badge: match self.circle.has_place(self.me) {
                true => self.identifier_of(self.me).to_string(),
                false => "–".into(),
            },
            fields: self.fields(),
            pointers: self.pointers(),
            paths: self.paths(),
            holds: self.held(),
            ..self.glance()
        }
    }

    fn glance(&self) -> Card {
        let (role, sign) = match (self.member, self.asked) {
            (true, _) if self.store.leaves => ("leaving", Sign::Seeking),
            (true, _) => ("member", Sign::Idle),
            (false, Some(_)) => ("outside", Sign::Seeking),
            (false, None) => ("outside", Sign::Outside),
        };
        let place = self.identifier_of(self.me) << (32 - self.circle.bits);
        Card { role, sign, place, ..Card::default() }
    }
}

impl Chord {
    /// How far a node is ahead.
    fn ahead(&self, node: NodeId) -> u64 {
        self.circle.way(self.identifier_of(self.me), node)
    }
}
