//! # Gossip (Demers, Greene, Hauser, Irish, Larson, Shenker, Sturgis, Swinehart & Terry 1987)
//!
//! Once a cycle every node calls one other at random. Under **anti-entropy** the two always compare their items: news
//! reaches all nodes, and the calls never end. A **rumour** is spread only by nodes that find it hot: a node that keeps
//! calling nodes that already know it loses interest. So a rumour costs little, but a few nodes never hear it. If every
//! node that spreads it crashes, no other ever hears it, because a node that recovers finds nothing hot.
//!
//! A call works in one of three directions. In a *push* the caller sends its item; in a *pull* it asks for a newer one; in
//! *push-pull* it does both. Pushing is quick while few nodes know; pulling is quick at the end: of a share p that does
//! not know, pull leaves p² and push only p/e.
//!
//! A node loses interest in one of four ways. With *feedback*, only contacts with nodes that already knew count; *blind*
//! nodes count every contact. A *counter* stops at the k-th contact, a *coin* stops with probability 1/k at each. With
//! feedback and push, each of (1−s)N nodes makes one contact that was needed and k that were not; hence the residue
//! s = e^(−(k+1)(1−s)).
//!
//! **What "unnecessary" means.** That equation takes it literally: when the call arrives, the other node knows. The paper's
//! tables are reproduced only under two more rules: a call also counts as needed if the other node learnt the rumour in the
//! same cycle, and a needed call resets the counter to zero. Both readings are parameters, `judged` and `resets`; answers to
//! pulls are judged the same way.
//!
//! **Several contacts in a cycle.** A node that is asked has one contact per caller in a cycle. Together they count as one
//! contact at the end of the cycle (table 3): it was needed if any of them was. In push-pull a node's own call is one of
//! them; the paper does not say so, but this reading counts no cycle twice.
//!
//! **Stamps.** A change is stamped with what its author's clock reads, and of equal stamps the node with the greater number
//! wins. If a clock is behind, a later change loses against an earlier one, even at its author, which keeps the newer item:
//! clocks must be nearly right for "newest" to have its usual meaning. A node never uses a stamp twice, nor one below its
//! latest. If its clock was set back or has not moved (clocks stand still in manual mode), it adds a microsecond to its
//! latest stamp, which it keeps on disk.
//!
//! **Cycles.** The paper's are synchronous. Here each node has a timer, and all timers start when the nodes boot, at the
//! same time. So the cycles of all nodes coincide as long as a call and its answer take less than a cycle and no node
//! restarts or is slowed down. Calls within a cycle take effect in order of arrival.
//!
//! **What this file leaves out:** all items but one, hunting for another partner, limits on connections, checksums and
//! recent lists, dormant death certificates (a certificate is kept for ever), falling back from rumours to
//! anti-entropy.

use super::{Disk, Epidemic, Input, Item, Output, Stamp};
use faultline_core::prelude::*;
use partner::partner;
use std::fmt::{self, Display};

mod card;
mod partner;
mod theory;
mod title;

/// What is set before a run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Settings)]
pub struct Params {
    /// Whether nodes spread a change only while it is hot, or compare their items for ever.
    pub style: Style,
    /// Whether a caller sends its item, asks for a newer one, or does both.
    pub direction: Direction,
    /// Only contacts with nodes that already knew count; otherwise every contact counts.
    #[setting(default = true)]
    pub feedback: bool,
    /// Whether a node loses interest at the k-th contact that counts, or at each with probability 1/k.
    pub stop: Stop,
    /// The patience of a node: the counter's limit, or one over the coin's probability.
    #[setting(default = 2, bounds = 1..=20)]
    pub k: u64,
    /// When it is judged whether a node already knew: at the call's arrival, or at the beginning of its cycle.
    pub judged: Judged,
    /// A contact that was needed resets the counter to zero.
    pub resets: bool,
    /// How partners are drawn: uniformly, or by distance, with n1 and n2 close together and all others far away.
    pub partners: Partners,
    /// The length of a cycle. It must be longer than a call and its answer, or cycles get out of step.
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

/// The direction of a call.
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

/// How partners are drawn: uniformly, or as in the paper's §3.2 with n1 and n2 close together and all others far away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Choice)]
#[allow(missing_docs)]
pub enum Partners {
    Uniform,
    TwoSiteHub,
}

/// The wrong twins.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Twins)]
pub struct Bugs {
    /// A deletion removes the item without leaving a death certificate.
    pub no_certificate: bool,
    /// Every tenth cycle, each node discards its death certificate.
    pub drops_certificates: bool,
    /// A node stamps a change with the time since it booted, and does not keep its latest stamp on disk.
    pub wall_clock: bool,
    /// A node draws its partner among all nodes, itself included.
    pub picks_itself: bool,
    /// An answer that arrives twice counts as two contacts.
    pub counts_twice: bool,
    /// A node that is asked for changes newer than a stamp takes the question itself for news.
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
    Push 'P': Self::Push(item) => "{item}" as ("{}", brought(item)),
    Pull '?': Self::Pull(stamp) => "after {stamp}" as "a request for a newer item",
    Reply 'R' reply: Self::Reply(item) => "{item}" as ("a reply with {}", brought(item)),
    Feedback 'f' reply: Self::Feedback(needed) => ("{}", if *needed { "needed" } else { "known" })
        as ("the feedback “{}”", if *needed { "needed" } else { "known" }),
} }

/// What a node receives, without its stamp.
fn brought(item: &Item) -> impl Display {
    fmt::from_fn(move |out| match item.value {
        Some(value) => write!(out, "value {value}"),
        None => out.write_str("a death certificate"),
    })
}

/// The next call is due.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
#[words("Cycle")]
pub struct Cycle;

/// A node.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Gossip {
    item: Item,
    /// The time of the latest stamp that it gave to a change.
    stamped: Micros,
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
    /// The latest contact of this cycle that counts at its end, and whether any of them was needed.
    had: Option<(NodeId, bool)>,
}

/// In which cycles the twin throws death certificates away: every tenth.
const CLEARANCE: u32 = 10;

// The rules, with where the paper has them.
const START: Rule = Rule::new("§1", "A node starts with the item on its disk, which is no longer hot.");
const CHANGE: Rule =
    Rule::new("§1", "A node stamps a change with its clock, and later than all its own earlier changes.");
const LOSES: Rule =
    Rule::new("§1.1", "A change that is older than the item its author holds is superseded at once.");
const DELETE: Rule = Rule::new("§2", "A deletion leaves a death certificate, which spreads like any change.");
const SILENT: Rule = Rule::new("§1.4", "A node without a hot rumour has nothing to push.");
const CALL: Rule = Rule::new("§1.3", "Once a cycle a node calls another, drawn at random.");
const ANSWER: Rule = Rule::new("§1.3", "A node answers a call with its item if that is newer.");
const TELL: Rule =
    Rule::new("§1.4", "A node answers a call with its hot rumour, whether it is needed or not.");
const NO_NEWS: Rule = Rule::new("§1.3", "A node that holds no newer item, or no hot one, does not answer.");
const STALE: Rule = Rule::new("§1.4", "An answer counts once, and only in the cycle of its call.");
const KNOWN: Rule = Rule::new("§1.4", "An item that is not newer changes nothing.");
const MERGE: Rule = Rule::new("§1.3", "A node keeps the item with the greater stamp.");
const NEEDED: Rule = Rule::new(
    "§1.4",
    "A contact that was needed does not cool the rumour; it may set the counter back to 0.",
);
const COUNT: Rule = Rule::new(
    "§1.4",
    "A node counts a contact that was not needed (without feedback, every contact), or tosses a coin.",
);
const REMOVED: Rule = Rule::new(
    "§1.4",
    "A node loses interest at the k-th contact that counts, or at each with probability 1/k.",
);

impl Node for Gossip {
    type Message = Message;
    type Timer = Cycle;
    type Input = Input;
    type Output = Output;
    type Stable = Disk;
    type Params = Params;

    fn start(stable: Disk, ctx: &mut Ctx<Self>) -> Self {
        ctx.note(&START);
        let cycle = ctx.params().cycle;
        ctx.set(Cycle, cycle);
        let never_stops = ctx.params().style == Style::AntiEntropy;
        Gossip {
            item: stable.item,
            stamped: if ctx.params().bugs.wall_clock { 0 } else { stable.stamped },
            infective: never_stops,
            never_stops,
            cycle: 0,
            learnt: 0,
            earlier: stable.item.stamp,
            contacts: 0,
            counter: 0,
            awaits: None,
            had: None,
        }
    }

    fn stable(&self) -> Disk {
        Disk { item: self.item, stamped: self.stamped }
    }

    fn on_input(&mut self, input: Input, ctx: &mut Ctx<Self>) {
        let clock = match ctx.params().bugs.wall_clock {
            true => u64::from(self.cycle) * ctx.params().cycle,
            false => ctx.clock(),
        };
        self.stamped = clock.max(self.stamped + 1);
        let stamp = Stamp { time: self.stamped, author: ctx.me().0 };
        let item = match input {
            Input::Update(value) => Item { stamp, value: Some(value) },
            Input::Delete => Item { stamp, value: None },
        };
        if item.stamp < self.item.stamp {
            let held = self.item;
            ctx.tell(&LOSES, || {
                format!("makes a change stamped {stamp}, but holds a newer one, {}", held.stamp)
            });
            return ctx.output(Output::Superseded(item));
        }
        let rule = if item.value.is_some() { &CHANGE } else { &DELETE };
        ctx.tell(rule, || match item.value {
            Some(value) => format!("changes the item to {value}, stamped {stamp}"),
            None => format!("deletes the item, stamped {stamp}"),
        });
        ctx.output(Output::Changed(item));
        let forgets = item.value.is_none() && ctx.params().bugs.no_certificate;
        self.take(if forgets { Item::default() } else { item });
    }

    fn on_timer(&mut self, Cycle: Cycle, ctx: &mut Ctx<Self>) {
        let Params { cycle, direction, .. } = *ctx.params();
        ctx.set(Cycle, cycle);
        let was_hot = self.infective;
        if let Some((partner, needed)) = self.had.take() {
            self.count_contact(partner, needed, ctx);
        }
        // Losing interest is what such a step is about, so its rule stays named.
        let is_told = was_hot && !self.infective;
        self.cycle += 1;
        self.awaits = None;
        if ctx.params().bugs.drops_certificates
            && self.item.value.is_none()
            && self.cycle.is_multiple_of(CLEARANCE)
        {
            self.item = Item::default();
        }
        let pushes = direction != Direction::Pull && self.infective && self.item.stamp.time > 0;
        if !pushes && direction == Direction::Push {
            if !is_told {
                ctx.note(&SILENT);
            }
            return;
        }
        let Some(partner) = partner(ctx) else { return };
        if !is_told {
            ctx.remark(&CALL, || match pushes {
                true => format!("calls {partner} with {}", brought(&self.item)),
                false => format!("calls {partner} and asks for a newer item"),
            });
        }
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
            self.has_contact(partner, false);
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
                let otherwise = match ctx.params().direction {
                    Direction::PushPull => self.asked(from, item.stamp, ctx),
                    Direction::Push | Direction::Pull => &KNOWN,
                };
                self.merge(item, otherwise, ctx);
            }
            Message::Pull(stamp) if ctx.params().bugs.pull_as_push => {
                self.merge(Item { stamp, value: None }, &KNOWN, ctx);
            }
            Message::Pull(stamp) => {
                let rule = self.asked(from, stamp, ctx);
                ctx.note(rule);
            }
            // Its answers, at the caller.
            Message::Reply(item) => self.merge(item, &KNOWN, ctx),
            Message::Feedback(needed) if self.awaits == Some(from) || ctx.params().bugs.counts_twice => {
                self.awaits = None;
                match ctx.params().direction {
                    Direction::PushPull => self.has_contact(from, needed),
                    _ => self.count_contact(from, needed, ctx),
                }
            }
            // A copy of an answer, or one that comes after the cycle or after something newer.
            Message::Feedback(_) => ctx.note(&STALE),
        }
    }

    fn inputs(&self) -> Vec<Input> {
        vec![Input::Update(self.item.value.map_or(1, |value| value.saturating_add(1))), Input::Delete]
    }

    fn card(&self) -> Card {
        self.described()
    }

    fn glance(&self) -> Card {
        let (role, sign) = self.role();
        Card { role, sign, ..Card::default() }
    }
}

impl Gossip {
    /// What it holds, for the judge of needed contacts and for answers.
    fn held(&self, ctx: &Ctx<Self>) -> Stamp {
        let fresh =
            ctx.params().judged == Judged::AtCycleStart && self.learnt == self.cycle && self.cycle > 0;
        if fresh { self.earlier } else { self.item.stamp }
    }

    /// Answers a node that holds what has this stamp: with what is newer, and with a hot rumour in any case, since a rumour's
    /// traffic counts what nobody needed, too. What came in this cycle waits for the next where the judge says so.
    fn asked(&mut self, from: NodeId, stamp: Stamp, ctx: &mut Ctx<Self>) -> &'static Rule {
        if !self.infective || self.item.stamp.time == 0 || self.held(ctx) != self.item.stamp {
            return &NO_NEWS;
        }
        let newer = stamp < self.item.stamp;
        if self.never_stops && !newer {
            return &NO_NEWS;
        }
        ctx.send(from, Message::Reply(self.item));
        if self.never_stops {
            return &ANSWER;
        }
        self.contacts += 1;
        self.has_contact(from, newer && ctx.params().feedback);
        if newer { &ANSWER } else { &TELL }
    }

    /// Has a contact that counts at the end of the cycle, as one with all others of that cycle.
    fn has_contact(&mut self, partner: NodeId, needed: bool) {
        let earlier = self.had.is_some_and(|(_, needed)| needed);
        self.had = Some((partner, needed || earlier));
    }

    /// Adopts an item that another node sent, if it is newer: the assignment of `ResolveDifference`. If it is not, the step
    /// names the other rule.
    fn merge(&mut self, item: Item, otherwise: &'static Rule, ctx: &mut Ctx<Self>) {
        if item.stamp <= self.item.stamp {
            return ctx.note(otherwise);
        }
        ctx.tell(&MERGE, || format!("adopts {}, stamped {}", brought(&item), item.stamp));
        ctx.output(Output::Learnt(item));
        self.take(item);
    }

    /// From now on it holds this, and finds it hot.
    fn take(&mut self, item: Item) {
        if self.learnt < self.cycle {
            self.earlier = self.item.stamp;
        }
        (self.item, self.learnt, self.infective) = (item, self.cycle, true);
        (self.contacts, self.counter, self.awaits, self.had) = (0, 0, None, None);
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

    fn never_stops(&self) -> bool {
        self.never_stops
    }
}
