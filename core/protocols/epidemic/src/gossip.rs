//! # Gossip (Demers, Greene, Hauser, Irish, Larson, Shenker, Sturgis, Swinehart & Terry 1987)
//!
//! Once a cycle every node calls one other at random. Under **anti-entropy** the two always compare their
//! items: news reaches all nodes, and the calls never end. A **rumour** is spread only by nodes that find it
//! hot: a node that keeps calling nodes that already know it loses interest. So a rumour costs little, but a
//! few nodes never hear it. If every node that spreads it crashes, no other ever hears it, because a node
//! that recovers finds nothing hot.
//!
//! A call works in one of three directions. In a *push* the caller sends its item; in a *pull* it asks for a
//! newer one; in *push-pull* it does both. Pushing is quick while few nodes know; pulling is quick at the
//! end: of a share p that does not know, pull leaves p² and push only p/e.
//!
//! A node loses interest in one of four ways. With *feedback*, only contacts with nodes that already knew
//! count; *blind* nodes count every contact. A *counter* stops at the k-th contact, a *coin* stops with
//! probability 1/k at each. With feedback and push, each of (1−s)N nodes makes one contact that was needed
//! and k that were not; hence the residue s = e^(−(k+1)(1−s)).
//!
//! **What "unnecessary" means.** That equation takes it literally: when the call arrives, the other node
//! knows. The paper's tables are reproduced only under two more rules: a call also counts as needed if the
//! other node learnt the rumour in the same cycle, and a needed call resets the counter to zero. Both
//! readings are parameters, `judged` and `resets`; answers to pulls are judged the same way.
//!
//! **Several contacts in a cycle.** A node that is asked has one contact per caller in a cycle. Together they
//! count as one contact at the end of the cycle (table 3): it was needed if any of them was. In push-pull a
//! node's own call is one of them; the paper does not say so, but this reading counts no cycle twice.
//!
//! **Stamps.** A change is stamped with what its author's clock reads, and of equal stamps the node with the
//! greater number wins. If a clock is behind, a later change loses against an earlier one, even at its
//! author, which keeps the newer item: clocks must be nearly right for "newest" to have its usual meaning. A
//! node never uses a stamp twice, nor one below its latest. If its clock was set back or has not moved
//! (clocks stand still in manual mode), it adds a microsecond to its latest stamp, which it keeps on disk.
//!
//! **Cycles.** The paper's are synchronous. Here each node has a timer, and all timers start when the nodes
//! boot, at the same time. So the cycles of all nodes coincide as long as a call and its answer take less
//! than a cycle and no node restarts or is slowed down. Calls within a cycle take effect in order of arrival.
//!
//! **Beside the algorithm**, and off by default: a database of several items, each of which spreads for
//! itself (`items`); comparing by checksums and lists of recent changes, and anti-entropy as a backup of
//! rumours (`gossip/compare.rs`); death certificates that are discarded, and lie dormant at a few nodes
//! (`gossip/certificates.rs`).
//!
//! **What this file leaves out:** hunting for another partner, limits on connections, the order of items by
//! their age (“peel back”), and an end of dormant death certificates: the paper discards them, too, much
//! later.

use super::{Disk, Epidemic, Input, Item, Key, Name, Output, Stamp};
use certificates::AWAKEN;
use faultline_core::prelude::*;
use holding::Holding;
use partner::partner;
use vocabulary::{brought, listed};

mod card;
mod certificates;
mod compare;
mod holding;
mod partner;
mod theory;
mod title;
mod vocabulary;
pub use vocabulary::{Bugs, Comparison, Direction, Judged, Message, Params, Partners, Stop, Style, Timer};

/// A node.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Gossip {
    /// What it holds: the only item or the first, and the others.
    first: Holding,
    others: Vec<Holding>,
    /// The time of the latest stamp that it gave to a change.
    stamped: Micros,
    style: Style,
    /// Whether it compares for ever, and whether it discards death certificates.
    never_stops: bool,
    discards: bool,
    /// How many cycles it has been up.
    cycle: u32,
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
const NO_ITEM: Rule = Rule::new("§1", "The database has no item of this name.");

impl Node for Gossip {
    type Message = Message;
    type Timer = Timer;
    type Input = Input;
    type Output = Output;
    type Stable = Disk;
    type Params = Params;

    fn start(stable: Disk, ctx: &mut Ctx<Self>) -> Self {
        ctx.note(&START);
        let Params { cycle, backup, style, items, certificates, .. } = *ctx.params();
        ctx.set(Timer::Cycle, cycle);
        let (always, backed) = (style == Style::AntiEntropy, style == Style::Rumour && backup > 0);
        if backed {
            ctx.set(Timer::Backup, backup);
        }
        let key = |place: usize| Key((items > 1).then_some((b'a' + place as u8) as char));
        let known = |place: usize| match place {
            0 => stable.item,
            place => stable.others.get(place - 1).copied().unwrap_or_default(),
        };
        let holding = |place| Holding::of(Item { key: key(place), ..known(place) }, always);
        Gossip {
            first: holding(0),
            others: (1..items as usize).map(holding).collect(),
            stamped: if ctx.params().bugs.wall_clock { 0 } else { stable.stamped },
            style,
            never_stops: always || backed,
            discards: certificates > 0,
            cycle: 0,
        }
    }

    fn stable(&self) -> Disk {
        let others = self.others.iter().map(|holding| holding.item).collect();
        Disk { item: self.first.item, others, stamped: self.stamped }
    }

    fn on_input(&mut self, input: Input, ctx: &mut Ctx<Self>) {
        let (key, value) = match input {
            Input::UpdateOf(Name(letter), value) => (Key(Some(letter)), Some(value)),
            Input::DeleteOf(Name(letter)) => (Key(Some(letter)), None),
            Input::Update(value) => (self.first.item.key, Some(value)),
            Input::Delete => (self.first.item.key, None),
        };
        let Some(place) = self.place(key) else { return ctx.note(&NO_ITEM) };
        let clock = match ctx.params().bugs.wall_clock {
            true => u64::from(self.cycle) * ctx.params().cycle,
            false => ctx.clock(),
        };
        self.stamped = clock.max(self.stamped + 1);
        let stamp = Stamp { time: self.stamped, author: ctx.me().0 };
        let item = Item { key, stamp, value, awakened: 0 };
        let held = self.holding(place).item.stamp;
        if item.stamp < held {
            ctx.tell(&LOSES, || format!("makes a change stamped {stamp}, but holds a newer one, {held}"));
            return ctx.output(Output::Superseded(item));
        }
        let rule = if item.value.is_some() { &CHANGE } else { &DELETE };
        ctx.tell(rule, || match (item.value, key.0) {
            (Some(value), None) => format!("changes the item to {value}, stamped {stamp}"),
            (None, None) => format!("deletes the item, stamped {stamp}"),
            (Some(value), Some(letter)) => format!("changes {letter} to {value}, stamped {stamp}"),
            (None, Some(letter)) => format!("deletes {letter}, stamped {stamp}"),
        });
        ctx.output(Output::Changed(item));
        let forgets = item.value.is_none() && ctx.params().bugs.no_certificate;
        self.take(place, if forgets { Item::nothing(key) } else { item });
    }

    fn on_timer(&mut self, timer: Timer, ctx: &mut Ctx<Self>) {
        match timer {
            Timer::Cycle => self.begin_cycle(ctx),
            Timer::Backup => self.back_up(ctx),
        }
    }

    fn on_message(&mut self, from: NodeId, message: Message, ctx: &mut Ctx<Self>) {
        match message {
            // A call: what `ResolveDifference` does at the one that is called.
            Message::Push(item) => {
                let Some(place) = self.place(item.key) else { return };
                let awakens = self.awaken(place, item.stamp, ctx);
                let needed = self.held(place, ctx) < item.stamp;
                if ctx.params().feedback && self.style == Style::Rumour {
                    ctx.send(from, Message::Feedback(item.key, needed));
                }
                let otherwise = match ctx.params().direction {
                    Direction::PushPull => self.asked(place, from, item.stamp, ctx),
                    Direction::Push | Direction::Pull => &KNOWN,
                };
                self.merge(item, if awakens { &AWAKEN } else { otherwise }, ctx);
            }
            Message::Pull(key, stamp) if ctx.params().bugs.pull_as_push => {
                self.merge(Item { stamp, ..Item::nothing(key) }, &KNOWN, ctx);
            }
            Message::Pull(key, stamp) => {
                let Some(place) = self.place(key) else { return };
                let awakens = self.awaken(place, stamp, ctx);
                let rule = self.asked(place, from, stamp, ctx);
                ctx.note(if awakens { &AWAKEN } else { rule });
            }
            // Its answers, at the caller.
            Message::Reply(item) => {
                let Some(place) = self.place(item.key) else { return };
                let awakens = self.awaken(place, item.stamp, ctx);
                self.merge(item, if awakens { &AWAKEN } else { &KNOWN }, ctx);
            }
            Message::Feedback(key, needed) => self.hears_back(key, from, needed, ctx),
            // Comparing all items.
            Message::Check(sum, recent) => self.checked_by(from, sum, recent, ctx),
            Message::Checked(sum, recent) => self.heard_checksum(from, sum, recent, ctx),
            Message::Offer(item) => self.offered(from, item, ctx),
        }
    }

    fn inputs(&self) -> Vec<Input> {
        let next = |item: &Item| item.value.map_or(1, |value| value.saturating_add(1));
        if self.others.is_empty() {
            return vec![Input::Update(next(&self.first.item)), Input::Delete];
        }
        let named = self.items().filter_map(|item| Some((Name(item.key.0?), next(&item))));
        named.flat_map(|(name, value)| [Input::UpdateOf(name, value), Input::DeleteOf(name)]).collect()
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
    /// The next cycle: what was counted for its end, and a call.
    fn begin_cycle(&mut self, ctx: &mut Ctx<Self>) {
        let Params { cycle, direction, compare, .. } = *ctx.params();
        ctx.set(Timer::Cycle, cycle);
        // Losing interest is what such a step is about, so its rule stays named.
        let mut is_told = false;
        for place in 0..self.count() {
            if let Some((partner, needed)) = self.holding_mut(place).had.take() {
                let was_hot = self.holding(place).infective;
                self.count_contact(place, partner, needed, ctx);
                is_told |= was_hot && !self.holding(place).infective;
            }
        }
        self.cycle += 1;
        let clears = ctx.params().bugs.drops_certificates && self.cycle.is_multiple_of(CLEARANCE);
        for holding in self.holdings_mut() {
            holding.awaits = None;
            if clears && holding.item.value.is_none() {
                holding.item = Item::nothing(holding.item.key);
            }
        }
        is_told |= self.clear_certificates(ctx);
        let pushes = |holding: &Holding| direction != Direction::Pull && holding.is_told();
        if direction == Direction::Push && !self.holdings().any(pushes) {
            if !is_told {
                ctx.note(&SILENT);
            }
            return;
        }
        let Some(partner) = partner(ctx) else { return };
        if self.style == Style::AntiEntropy && compare != Comparison::Whole {
            return self.send_checksum(partner, ctx);
        }
        if !is_told {
            ctx.remark(&CALL, || match (self.count(), pushes(&self.first)) {
                (1, true) => format!("calls {partner} with {}", brought(&self.first.item)),
                (1, false) => format!("calls {partner} and asks for a newer item"),
                _ => format!("calls {partner}"),
            });
        }
        for place in 0..self.count() {
            match pushes(self.holding(place)) {
                true => self.push(place, partner, ctx),
                false if direction == Direction::Push => {}
                false => {
                    let holding = self.holding(place);
                    ctx.send(partner, Message::Pull(holding.item.key, holding.offered().stamp));
                }
            }
        }
    }

    /// Sends an item in a call.
    fn push(&mut self, place: usize, partner: NodeId, ctx: &mut Ctx<Self>) {
        let (is_rumour, feedback) = (self.style == Style::Rumour, ctx.params().feedback);
        let holding = self.holding_mut(place);
        holding.contacts += 1;
        ctx.send(partner, Message::Push(holding.item));
        match feedback {
            _ if !is_rumour => {}
            true => holding.awaits = Some(partner),
            false => holding.has_contact(partner, false),
        }
    }

    /// The node that it called says whether the call was needed.
    fn hears_back(&mut self, key: Key, from: NodeId, needed: bool, ctx: &mut Ctx<Self>) {
        let Some(place) = self.place(key) else { return };
        let holding = self.holding_mut(place);
        if holding.awaits != Some(from) && !ctx.params().bugs.counts_twice {
            // A copy of an answer, or one that comes after the cycle or after something newer.
            return ctx.note(&STALE);
        }
        holding.awaits = None;
        match ctx.params().direction {
            Direction::PushPull => {
                holding.has_contact(from, needed);
                ctx.note(if needed { &NEEDED } else { &COUNT });
            }
            _ => self.count_contact(place, from, needed, ctx),
        }
    }

    /// What it holds, for the judge of needed contacts and for answers.
    fn held(&self, place: usize, ctx: &Ctx<Self>) -> Stamp {
        let holding = self.holding(place);
        let fresh =
            ctx.params().judged == Judged::AtCycleStart && holding.learnt == self.cycle && self.cycle > 0;
        if fresh { holding.earlier } else { holding.item.stamp }
    }

    /// Answers a node that holds what has this stamp: with what is newer, and with a hot rumour in any case,
    /// since a rumour's traffic counts what nobody needed, too. What came in this cycle waits for the next
    /// where the judge says so.
    fn asked(&mut self, place: usize, from: NodeId, stamp: Stamp, ctx: &mut Ctx<Self>) -> &'static Rule {
        let held = self.held(place, ctx);
        let is_rumour = self.style == Style::Rumour;
        let holding = self.holding_mut(place);
        if !holding.is_told() || held != holding.item.stamp {
            return &NO_NEWS;
        }
        let newer = stamp < holding.item.stamp;
        if !is_rumour && !newer {
            return &NO_NEWS;
        }
        ctx.send(from, Message::Reply(holding.item));
        if !is_rumour {
            return &ANSWER;
        }
        holding.contacts += 1;
        holding.has_contact(from, newer && ctx.params().feedback);
        if newer { &ANSWER } else { &TELL }
    }

    /// Adopts an item that another node sent, if it is newer: the assignment of `ResolveDifference`; whether it
    /// did. If it is not, the step names the other rule.
    fn merge(&mut self, item: Item, otherwise: &'static Rule, ctx: &mut Ctx<Self>) -> bool {
        let Some(place) = self.place(item.key) else { return false };
        if item.stamp <= self.holding(place).item.stamp {
            self.stays_awake(place, &item);
            ctx.note(otherwise);
            return false;
        }
        if self.comes_too_late(place, &item, ctx) {
            return false;
        }
        ctx.tell(&MERGE, || format!("adopts {}, stamped {}", brought(&item), item.stamp));
        ctx.output(Output::Learnt(item));
        self.take(place, item);
        true
    }

    /// From now on it holds this, and finds it hot.
    fn take(&mut self, place: usize, item: Item) {
        let cycle = self.cycle;
        self.holding_mut(place).take(item, cycle);
    }

    /// Counts a contact over what it spreads, and may lose interest.
    fn count_contact(&mut self, place: usize, partner: NodeId, needed: bool, ctx: &mut Ctx<Self>) {
        let Params { stop, k, resets, .. } = *ctx.params();
        let holding = self.holding_mut(place);
        if !holding.infective {
            return ctx.note(&STALE);
        }
        if needed {
            holding.counter = if resets { 0 } else { holding.counter };
            return ctx.note(&NEEDED);
        }
        holding.counter += 1;
        let (tired, patience) = match stop {
            Stop::Counter => (u64::from(holding.counter) >= k, k as u32),
            Stop::Coin => (ctx.choose(k) == 0, 1),
        };
        if !tired {
            return ctx.note(&COUNT);
        }
        holding.infective = false;
        let (key, contacts) = (holding.item.key, holding.contacts);
        ctx.tell(&REMOVED, || match key.0 {
            None => format!("loses interest after {contacts} contacts"),
            Some(letter) => format!("loses interest in {letter} after {contacts} contacts"),
        });
        ctx.output(Output::LostInterest { key, contacts, patience, last: partner });
    }
}

impl Epidemic for Gossip {
    fn items(&self) -> impl Iterator<Item = Item> {
        self.holdings().map(|holding| holding.item)
    }

    fn never_stops(&self) -> bool {
        self.never_stops
    }

    fn tells_rumours(&self) -> bool {
        self.style == Style::Rumour
    }

    fn discards(&self) -> bool {
        self.discards
    }
}
