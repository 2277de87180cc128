//! # Gossip (Demers, Greene, Hauser, Irish, Larson, Shenker, Sturgis, Swinehart & Terry 1987)
//!
//! Once a cycle every node calls one other at random. Under **anti-entropy** the two always compare what they hold: news
//! reaches everybody, and the calls never end. A **rumour** is spread only by those who find it hot: whoever keeps
//! calling nodes that know it already loses interest. So it costs little, and a few never hear it.
//!
//! A call works in one of three directions. In a *push* the caller tells what it holds; in a *pull* it asks for what
//! is newer; in *push-pull* both. Pushing is quick while few know, pulling is quick at the end: of a share p that does
//! not know, pull leaves p² and push only p/e.
//!
//! Interest is lost in one of four ways. With *feedback* only contacts count in which the other knew already; *blind*
//! nodes count every contact. A *counter* stops at the k-th, a *coin* stops with probability 1/k at each. With feedback
//! and push, each of (1−s)N nodes makes one contact that was needed and k that were not, whence the residue
//! s = e^(−(k+1)(1−s)).
//!
//! **What "unnecessary" means.** That equation takes it literally: when the call arrives, the other knows. The tables of
//! the paper come out only if a call also counts as needed where the other learnt it in the same cycle, and if a needed
//! call sets the counter back to none. Both readings are parameters, `judged` and `resets`; what nodes answer to pulls
//! is judged the same way.
//!
//! **Cycles.** The paper's are synchronous. Here each node has a timer, and all timers begin when the nodes boot,
//! which they do together. So as long as a call and its answer take less than a cycle, and nobody restarts or is slowed
//! down, all cycles are one. Of calls within a cycle the order is that of arrival.
//!
//! **What this file leaves out:** all items but one, hunting for another partner, limits on connections, checksums and
//! recent lists, dormant death certificates (a certificate is kept for ever), falling back from rumours to
//! anti-entropy.

use super::{Epidemic, Input, Item, Output, Stamp};
use faultline_core::node::{Ctx, Node, NodeId};
use faultline_core::view::Card;
use partner::partner;
use rules::{
    ANSWER, CALL, CHANGE, COUNT, DELETE, KNOWN, MERGE, NEEDED, NO_NEWS, REMOVED, SILENT, STALE, START,
};

mod partner;
mod rules;
mod theory;
mod title;
mod words;

/// What is set before a run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Params {
    /// A place in [`STYLES`].
    pub style: u64,
    /// A place in [`DIRECTIONS`].
    pub direction: u64,
    /// Whether only contacts with nodes that knew already count; 0 or 1.
    pub feedback: u64,
    /// A place in [`STOPS`].
    pub stop: u64,
    /// At which contact a counter stops; a coin stops at each with probability 1/k.
    pub k: u64,
    /// A place in [`JUDGED`].
    pub judged: u64,
    /// Whether a needed contact sets the counter back to none; 0 or 1.
    pub resets: u64,
    /// A place in [`PARTNERS`].
    pub partners: u64,
    /// How long a cycle is, in microseconds.
    pub cycle: u64,
    /// Rules taken away.
    pub bugs: Bugs,
}

/// How long a change is spread.
pub const STYLES: &[&str] = &["rumour", "anti-entropy"];
const ANTI_ENTROPY: u64 = 1;
/// Who tells whom in a call.
pub const DIRECTIONS: &[&str] = &["push", "pull", "push-pull"];
const PULL: u64 = 1;
const PUSH_PULL: u64 = 2;
/// How interest is lost.
pub const STOPS: &[&str] = &["counter", "coin"];
const COIN: u64 = 1;
/// When it is judged whether the other knew.
pub const JUDGED: &[&str] = &["on-contact", "at-cycle-start"];
const AT_CYCLE_START: u64 = 1;
/// Among whom partners are drawn: evenly, or as in the paper's §3.2 with n1 and n2 close together and all others far.
pub const PARTNERS: &[&str] = &["uniform", "two-site-hub"];
const HUB: u64 = 1;

impl Default for Params {
    fn default() -> Self {
        Params {
            style: 0,
            direction: 0,
            feedback: 1,
            stop: 0,
            k: 2,
            judged: 0,
            resets: 0,
            partners: 0,
            cycle: 1_000_000,
            bugs: Bugs::default(),
        }
    }
}

/// The wrong twins; the title page says what each does.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, clippy::struct_excessive_bools)]
pub struct Bugs {
    pub picks_itself: bool,
    pub wall_clock: bool,
    pub counts_twice: bool,
    pub no_certificate: bool,
    pub drops_certificates: bool,
    pub pull_as_push: bool,
}

/// What nodes tell each other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Message {
    /// A call: what the caller holds.
    Push(Item),
    /// A call: the caller asks for what is newer than this.
    Pull(Stamp),
    /// The answer to a call: something newer.
    Reply(Item),
    /// The answer to a push, where interest depends on it: whether it was needed.
    Feedback(bool),
}

/// The next call is due.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cycle;

/// A node.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Gossip {
    item: Item,
    /// Whether it spreads what it holds: under anti-entropy always.
    infective: bool,
    never_stops: bool,
    /// How many cycles it has been up, and in which it learnt the item.
    cycle: u32,
    learnt: u32,
    /// What it holds, as the judge of needed contacts counts it: what it knew when the cycle began.
    earlier: Stamp,
    /// How many contacts it has had over the item, and how many of them count.
    contacts: u32,
    counter: u32,
    /// Whom it pushed to in this cycle and has not heard from.
    awaits: Option<NodeId>,
}

/// In which cycles the twin throws death certificates away: every tenth.
const CLEARANCE: u32 = 10;

impl Node for Gossip {
    type Message = Message;
    type Timer = Cycle;
    type Input = Input;
    type Output = Output;
    type Stable = Item;
    type Params = Params;

    fn start(stable: Item, ctx: &mut Ctx<Self>) -> Self {
        ctx.note(&START);
        let cycle = ctx.params().cycle;
        ctx.set(Cycle, cycle);
        let never_stops = ctx.params().style == ANTI_ENTROPY;
        Gossip {
            item: stable,
            infective: never_stops,
            never_stops,
            cycle: 0,
            learnt: 0,
            earlier: stable.stamp,
            contacts: 0,
            counter: 0,
            awaits: None,
        }
    }

    fn stable(&self) -> Item {
        self.item
    }

    fn on_input(&mut self, input: Input, ctx: &mut Ctx<Self>) {
        let clock = if ctx.params().bugs.wall_clock { self.cycle } else { self.item.stamp.count };
        let stamp = Stamp { count: clock + 1, author: ctx.me().0 };
        let item = match input {
            Input::Update(value) => Item { stamp, value: Some(value) },
            Input::Delete => Item { stamp, value: None },
        };
        let rule = if item.value.is_some() { &CHANGE } else { &DELETE };
        ctx.tell(rule, || format!("changes the item to {item}"));
        ctx.output(Output::Changed(item));
        let forgets = item.value.is_none() && ctx.params().bugs.no_certificate;
        self.take(if forgets { Item::default() } else { item });
    }

    fn on_timer(&mut self, Cycle: Cycle, ctx: &mut Ctx<Self>) {
        let Params { cycle, direction, .. } = *ctx.params();
        ctx.set(Cycle, cycle);
        self.cycle += 1;
        self.awaits = None;
        if ctx.params().bugs.drops_certificates
            && self.item.value.is_none()
            && self.cycle.is_multiple_of(CLEARANCE)
        {
            self.item = Item::default();
        }
        let pushes = direction != PULL && self.infective && self.item.stamp.count > 0;
        if !pushes && direction != PULL && direction != PUSH_PULL {
            return ctx.note(&SILENT);
        }
        ctx.note(&CALL);
        let Some(partner) = partner(ctx) else { return };
        if !pushes {
            return ctx.send(partner, Message::Pull(self.item.stamp));
        }
        self.contacts += 1;
        ctx.send(partner, Message::Push(self.item));
        if self.never_stops {
            return;
        }
        if ctx.params().feedback == 1 {
            self.awaits = Some(partner);
        } else {
            self.count_contact(partner, false, ctx);
        }
    }

    fn on_message(&mut self, from: NodeId, message: Message, ctx: &mut Ctx<Self>) {
        match message {
            // A call: what `ResolveDifference` does at the one that is called.
            Message::Push(item) => {
                let needed = self.held(ctx) < item.stamp;
                if ctx.params().feedback == 1 && !self.never_stops {
                    ctx.send(from, Message::Feedback(needed));
                }
                if ctx.params().direction == PUSH_PULL {
                    self.answer(from, item.stamp, ctx);
                }
                self.merge(item, ctx);
            }
            Message::Pull(stamp) if ctx.params().bugs.pull_as_push => {
                self.merge(Item { stamp, value: None }, ctx);
            }
            Message::Pull(stamp) => {
                let spreads = self.infective && !self.never_stops && self.item.stamp.count > 0;
                let needed = self.answer(from, stamp, ctx);
                ctx.note(if needed { &ANSWER } else { &NO_NEWS });
                if spreads {
                    self.contacts += 1;
                    self.count_contact(from, needed && ctx.params().feedback == 1, ctx);
                }
            }
            // Its answers, at the caller.
            Message::Reply(item) => self.merge(item, ctx),
            Message::Feedback(needed) if self.awaits == Some(from) || ctx.params().bugs.counts_twice => {
                self.awaits = None;
                self.count_contact(from, needed, ctx);
            }
            // A copy of an answer, or one that comes after the cycle or after something newer.
            Message::Feedback(_) => ctx.note(&STALE),
        }
    }

    fn inputs(&self) -> Vec<Input> {
        vec![Input::Update(self.item.stamp.count + 1), Input::Delete]
    }

    fn card(&self) -> Card {
        self.described()
    }

    fn glance(&self) -> Card {
        let (role, tone) = self.role();
        Card { role, tone, ..Card::default() }
    }
}

impl Gossip {
    /// What it holds, for the judge of needed contacts and for answers.
    fn held(&self, ctx: &Ctx<Self>) -> Stamp {
        let fresh = ctx.params().judged == AT_CYCLE_START && self.learnt == self.cycle && self.cycle > 0;
        if fresh { self.earlier } else { self.item.stamp }
    }

    /// Answers with what is newer than a stamp, if there is such; whether there is.
    fn answer(&self, to: NodeId, stamp: Stamp, ctx: &mut Ctx<Self>) -> bool {
        let newer = self.infective && self.held(ctx) == self.item.stamp && stamp < self.item.stamp;
        if newer {
            ctx.send(to, Message::Reply(self.item));
        }
        newer
    }

    /// Takes in what somebody else tells, if it is newer: the assignment of `ResolveDifference`.
    fn merge(&mut self, item: Item, ctx: &mut Ctx<Self>) {
        if item.stamp <= self.item.stamp {
            return ctx.note(&KNOWN);
        }
        ctx.tell(&MERGE, || format!("learns {item}"));
        ctx.output(Output::Learnt(item));
        self.take(item);
    }

    /// From now on it holds this, and finds it hot.
    fn take(&mut self, item: Item) {
        if self.learnt < self.cycle {
            self.earlier = self.item.stamp;
        }
        (self.item, self.learnt, self.infective) = (item, self.cycle, true);
        (self.contacts, self.counter, self.awaits) = (0, 0, None);
    }

    /// Counts a contact over what it spreads, and may lose interest.
    fn count_contact(&mut self, partner: NodeId, needed: bool, ctx: &mut Ctx<Self>) {
        let Params { stop, k, resets, .. } = *ctx.params();
        if !self.infective {
            return ctx.note(&STALE);
        }
        if needed {
            self.counter = if resets == 1 { 0 } else { self.counter };
            return ctx.note(&NEEDED);
        }
        self.counter += 1;
        let tired = if stop == COIN { ctx.choose(k) == 0 } else { u64::from(self.counter) >= k };
        if !tired {
            return ctx.note(&COUNT);
        }
        self.infective = false;
        let (contacts, patience) = (self.contacts, if stop == COIN { 1 } else { k as u32 });
        ctx.tell(&REMOVED, || format!("loses interest after {contacts} contacts"));
        ctx.output(Output::LostInterest { contacts, patience, last: partner });
    }
}

impl Epidemic for Gossip {
    fn item(&self) -> Item {
        self.item
    }

    fn cycles(&self) -> u32 {
        self.cycle
    }

    fn never_stops(&self) -> bool {
        self.never_stops
    }
}
