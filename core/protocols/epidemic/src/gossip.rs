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
use faultline_core::prelude::*;
use partner::partner;

mod card;
mod partner;
mod theory;
mod title;

/// What is set before a run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Settings)]
pub struct Params {
    /// Whether a change is spread while it is hot, or compared for ever.
    pub style: Style,
    /// Whether a caller tells what it holds, asks for what is newer, or both.
    pub direction: Direction,
    /// Only contacts with nodes that knew already count; else every contact does.
    #[setting(default = true)]
    pub feedback: bool,
    /// Whether interest is lost at the k-th contact that counts, or at each with probability 1/k.
    pub stop: Stop,
    /// How patient a node is: the counter's limit, and one over the coin's probability.
    #[setting(default = 2, bounds = 1..=20)]
    pub k: u64,
    /// As of when a node counts as knowing: the call's arrival, or the beginning of its cycle.
    pub judged: Judged,
    /// A contact that was needed sets the counter back to none.
    pub resets: bool,
    /// Among whom partners are drawn: all alike, or by distance, with n1 and n2 close together and all others far.
    pub partners: Partners,
    /// How long a cycle is. Longer than a call with its answer, so that cycles stay in step.
    #[setting(default = 1s, bounds = 1ms..=3600s)]
    pub cycle: Micros,
    /// Rules taken away.
    #[setting(twins)]
    pub bugs: Bugs,
}

/// How long a change is spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Choice)]
#[allow(missing_docs)]
pub enum Style {
    Rumour,
    AntiEntropy,
}

/// Who tells whom in a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Choice)]
#[allow(missing_docs)]
pub enum Direction {
    Push,
    Pull,
    PushPull,
}

/// How interest is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Choice)]
#[allow(missing_docs)]
pub enum Stop {
    Counter,
    Coin,
}

/// When it is judged whether the other knew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Choice)]
#[allow(missing_docs)]
pub enum Judged {
    OnContact,
    AtCycleStart,
}

/// Among whom partners are drawn: evenly, or as in the paper's §3.2 with n1 and n2 close together and all others far.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Choice)]
#[allow(missing_docs)]
pub enum Partners {
    Uniform,
    TwoSiteHub,
}

/// The wrong twins.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Twins)]
pub struct Bugs {
    /// A deletion removes the item and leaves nothing behind.
    pub no_certificate: bool,
    /// Every tenth cycle all death certificates are thrown away.
    pub drops_certificates: bool,
    /// A change is stamped with its author's clock, which begins when the node boots.
    pub wall_clock: bool,
    /// A node draws its partner among all nodes, itself included.
    pub picks_itself: bool,
    /// An answer that arrives twice counts as two contacts.
    pub counts_twice: bool,
    /// Who is asked what is newer than a stamp takes the question for news.
    #[twin(shows_with = ["set style anti-entropy", "set direction pull"])]
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

kinds! { Message {
    Push 'P': Self::Push(item) => "{item}",
    Pull '?': Self::Pull(stamp) => "after {stamp}",
    Reply 'R' reply: Self::Reply(item) => "{item}",
    Feedback 'f' reply: Self::Feedback(needed) => ("{}", if *needed { "needed" } else { "known" }),
} }

/// The next call is due.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
#[words("Cycle")]
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

// The rules, with where the paper has them.
const START: Rule = Rule::new("§1", "A node begins with what is on its disk, and finds it no longer hot.");
const CHANGE: Rule = Rule::new("§1", "A change gets a stamp that is greater than all its author knows.");
const DELETE: Rule = Rule::new("§2", "A deletion leaves a death certificate, which spreads like any change.");
const SILENT: Rule = Rule::new("§1.4", "Who has no hot rumour has nothing to push.");
const CALL: Rule = Rule::new("§1.3", "Once a cycle a node calls another, drawn at random.");
const ANSWER: Rule = Rule::new("§1.3", "Who is asked tells what is newer.");
const NO_NEWS: Rule = Rule::new("§1.3", "Who has nothing newer, or none that is hot, leaves the question.");
const STALE: Rule = Rule::new("§1.4", "An answer counts once, and only in the cycle of its call.");
const KNOWN: Rule = Rule::new("§1.4", "What is not newer changes nothing.");
const MERGE: Rule =
    Rule::new("§1.3", "Of two items the one with the greater stamp is kept, whoever tells it.");
const NEEDED: Rule = Rule::new("§1.4", "A contact that was needed keeps the rumour as hot as it was.");
const COUNT: Rule =
    Rule::new("§1.4", "A contact that was not needed is counted, or a coin is tossed over it.");
const REMOVED: Rule =
    Rule::new("§1.4", "At the k-th such contact, or with probability 1/k, a node loses interest.");

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
        let never_stops = ctx.params().style == Style::AntiEntropy;
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
        let pushes = direction != Direction::Pull && self.infective && self.item.stamp.count > 0;
        if !pushes && direction == Direction::Push {
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
        if ctx.params().feedback {
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
                if ctx.params().feedback && !self.never_stops {
                    ctx.send(from, Message::Feedback(needed));
                }
                if ctx.params().direction == Direction::PushPull {
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
                    self.count_contact(from, needed && ctx.params().feedback, ctx);
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
        let fresh =
            ctx.params().judged == Judged::AtCycleStart && self.learnt == self.cycle && self.cycle > 0;
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
            self.counter = if resets { 0 } else { self.counter };
            return ctx.note(&NEEDED);
        }
        self.counter += 1;
        let (tired, patience) = match stop {
            Stop::Counter => (u64::from(self.counter) >= k, k as u32),
            Stop::Coin => (ctx.choose(k) == 0, 1),
        };
        if !tired {
            return ctx.note(&COUNT);
        }
        self.infective = false;
        let contacts = self.contacts;
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
