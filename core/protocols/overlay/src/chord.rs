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
//! **Beside the papers.** Helpers have the names of the pseudocode of 2003. Where that calls another node, a message goes
//! there: `Find` is `find_successor`, which is passed on and answered to whoever asked (`Found`); `Ask` is the read of
//! `successor.predecessor`, and of the list of successors with it; `Notify` is `notify`; `Ping` asks whether the predecessor has
//! failed. What comes after Zave's correction stands in the same place, and the twin beside it.
//!
//! **What this file leaves out:** moving keys, virtual nodes, lookups that go round a failed member (they are lost until
//! the tables are mended), leaving in good order, and choosing fingers by latency. Detecting failures is perfect as long as
//! a question and its answer take less than a period. In the correction's proof r + 1 members never fail; here any may,
//! so it promises only what it can while every failure leaves each member a live successor.

use super::{Input, Output, Ring};
use circle::{Circle, Shared};
use faultline_core::node::{Ctx, Node, NodeId};
use faultline_core::view::{Card, Tone};
use ring::begin_chores;
use rules::{ANSWER, CHECK, FIX, OUTSIDE, STALE, START};

mod circle;
mod lookup;
mod ring;
mod rules;
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
    /// The ring that the first nodes are at the start.
    pub ring_at_start: Shared,
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
            ring_at_start: Shared::default(),
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
        let mut node = Chord {
            circle,
            me,
            member: !stable.0 && u64::from(me.0) < ring,
            predecessor: None,
            successors: vec![me],
            fingers: vec![me; bits as usize],
            next_finger: 0,
            asked: None,
            pinged: None,
            lookups: Vec::new(),
        };
        if node.member {
            node.become_ideal(ring.min(ctx.count() as u64) as u32, ctx);
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
            (Input::Lookup(key), true) => self.look_up(key, ctx),
            (Input::Join(helper), false) if helper != self.me => self.join(helper, ctx),
            (Input::Lookup(_) | Input::Join(_), _) => ctx.note(&OUTSIDE),
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
            Message::Found(key, Why::Lookup, owner, way) => self.located(key, owner, way, ctx),
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
        ctx.set(chore.clone(), ctx.params().period);
        match chore {
            Chore::Stabilise => self.stabilize(ctx),
            Chore::FixFinger => self.fix_fingers(ctx),
            Chore::CheckPredecessor => self.check_predecessor(ctx),
        }
    }

    fn inputs(&self) -> Vec<Input> {
        match self.member {
            true => vec![Input::Lookup(self.circle.distance(0, self.identifier_of(self.me) / 2 + 7))],
            false => vec![Input::Join(NodeId(u32::from(self.me.0 == 0)))],
        }
    }

    fn card(&self) -> Card {
        Card {
            badge: self.identifier_of(self.me).to_string(),
            fields: self.fields(),
            pointers: self.pointers(),
            paths: self.paths(),
            ..self.glance()
        }
    }

    fn glance(&self) -> Card {
        let (role, tone) = if self.member { ("member", Tone::Leading) } else { ("outside", Tone::Plain) };
        let place = self.identifier_of(self.me) << (32 - self.circle.bits);
        Card { role, tone, place, ..Card::default() }
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
