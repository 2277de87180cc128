//! # SWIM (Das, Gupta & Motivala 2002)
//!
//! Scalable, weakly consistent, infection-style membership. Once in a protocol period a member pings one
//! other member. If no ack comes in time, it asks k others to ping that member for it, since perhaps only the
//! link between the two is bad. If no ack comes by either way until the period ends, it suspects the member.
//! News travels on the pings and acks that are sent anyway, and each member passes a piece of news on only
//! some λ·ln n times. A suspected member that hears of it raises its incarnation, which nobody else may do,
//! and news that it is alive in this incarnation overrides the suspicion. If that does not come for so many
//! periods, the member is confirmed as failed, for good.
//!
//! Why it is right: a crashed member acks nothing, so whoever pings it suspects it, and in the end confirms
//! it. Where members are pinged in turn, in an order that is shuffled again after each round, a member is
//! pinged again after at most 2m − 1 periods, m the number of others (§4.3). So completeness needs no luck,
//! and no bounds on time. Views do not contradict each other for long, because what overrides what is a total
//! order of standings, whoever says it. Accuracy is another matter: where every ack comes within the period,
//! nobody is suspected wrongly. Where messages are lost or late, suspicion makes wrong failures rare, and
//! cannot exclude them.
//!
//! What it costs: a ping and an ack for each member and period, however many members there are. It takes e/(e
//! − 1) ≈ 1.58 periods on average until some member pings a crashed one, which does not grow with the group
//! either. Only how long news takes to reach all grows, like ln n.
//!
//! Where it hurts: a member whose incoming messages are slow sees no acks in time and accuses one healthy
//! member after another, and it is also the last to hear their refutations (Lifeguard: Dadgar et al. 2018). A
//! failure cannot be refuted. After a partition that lasts longer than the suspicion, each side holds the
//! other for failed, and nothing here brings them together again.
//!
//! **The paper contradicts itself in §4.2.** A member that pings a suspected one with success un-marks the
//! suspicion and spreads that it is alive, it says; and also, only the suspected member may raise its
//! incarnation, and of one incarnation `Suspect` overrides `Alive`. By the order, the news that another
//! member spreads has no effect. This file follows the order. Code that lets others raise the incarnation is
//! one of the wrong twins here: a member that has crashed since is declared alive again.
//!
//! **Beyond the paper:** a member may `Announce` itself, with a new incarnation, without having been
//! suspected, as the library memberlist does when what it tells of itself changes. A member that hears that
//! it was confirmed as failed stops.
//!
//! **What this file leaves out:** members that join, or leave by themselves; a failed member that comes back
//! under a new name; the repair of a partition; the remedies of Lifeguard. A suspicion is counted in the
//! member's own periods, not by a clock. The paper's group of k is drawn among all members that are not held
//! for failed, suspected ones too.

use super::{Input, Membership, Output, Standing};
use faultline_core::prelude::*;

mod claims;
mod detector;
mod news;
mod theory;
mod title;
mod words;

pub use claims::Record;

/// What is set before a run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Settings)]
pub struct Params {
    /// The protocol period T′: a member pings one other in each. It must be longer than a ping and its ack
    /// take.
    #[setting(default = 200ms, bounds = 31ms..=60s)]
    pub period: Micros,
    /// How long a member waits for an ack before it asks others to ping for it.
    #[setting(default = 40ms, bounds = 1ms..=60s)]
    pub timeout: Micros,
    /// How many others it then asks: k in the paper.
    #[setting(default = 3, bounds = 0..=20)]
    pub relays: u64,
    /// How many periods a member stays suspected before it is confirmed as failed; with 0 it is confirmed at
    /// once, as in the basic protocol of §3.
    #[setting(default = 5, bounds = 0..=1000)]
    pub suspicion: u64,
    /// How often a member passes a piece of news on: λ·ln n times, rounded up.
    #[setting(default = 3, bounds = 1..=20)]
    pub lambda: u64,
    /// How a member chooses whom to ping: all in turn, in an order that it shuffles after each round (§4.3),
    /// or any at random (§3.1).
    pub order: Order,
    /// Rules taken away.
    #[setting(twins)]
    pub bugs: Bugs,
}

/// How a member chooses whom to ping.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Choice)]
#[allow(missing_docs)]
pub enum Order {
    RoundRobin,
    Uniform,
}

/// The wrong twins.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Twins)]
pub struct Bugs {
    /// A suspected member answers that it is alive, but in its old incarnation.
    pub refutes_unchanged: bool,
    /// A member whose ping to a suspected one is acked raises that one's incarnation itself.
    pub others_refute: bool,
    /// An ack that comes through another member counts for that member, and not for the one that was pinged.
    pub credits_relay: bool,
    /// A member that is asked to ping another acks at once in that one's name.
    pub vouches: bool,
    /// A member draws each one to ping from all others, though it should ping them in turn.
    pub draws_with_replacement: bool,
    /// A member passes all news on for ever.
    pub never_forgets: bool,
    /// The news that comes last counts, whatever its incarnation.
    pub latest_wins: bool,
    /// A suspicion that is refuted leaves its time running, and the next one is confirmed when that is over.
    pub keeps_old_deadline: bool,
}

/// The ping of a period, by whom it was begun and in which of that one's periods: `n1/7`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
#[words("{prober}/{period}")]
pub struct Probe {
    prober: NodeId,
    period: u32,
}

/// A piece of news: what a member stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
#[words("{member} {standing}")]
pub struct Update {
    member: NodeId,
    standing: Standing,
}

/// What nodes tell each other, each with the news that rides on it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Message {
    /// Are you there?
    Ping(Probe, Vec<Update>),
    /// Ping this member for me.
    PingReq(Probe, NodeId, Vec<Update>),
    /// This member is there: from itself, or passed on by the one that was asked to ping it.
    Ack(Probe, NodeId, Vec<Update>),
}

kinds! { Message {
    Ping 'P': Self::Ping(probe, news) => ("{probe}{}", words::listed(news))
        as ("a ping{}", words::brought(news)),
    PingReq 'R': Self::PingReq(probe, member, news) => ("{probe} {member}{}", words::listed(news))
        as ("the request to ping {member}{}", words::brought(news)),
    Ack 'a' reply: Self::Ack(probe, member, news) => ("{probe} {member}{}", words::listed(news))
        as ("the ack of {member}{}", words::brought(news)),
} }

/// What a node reminds itself of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
pub enum Timer {
    /// The next protocol period begins.
    Period,
    /// The direct ack is overdue.
    Timeout,
}

/// What survives a crash: nothing, because a member that crashes does not come back.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
#[words("nothing")]
pub struct Stable;

/// What a node holds a member for, and in which of its periods it began to suspect it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Entry {
    standing: Standing,
    since: Option<u32>,
}

/// The ping of this period: whom it is for, whether an ack has come, and who was asked to help.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Pinged {
    target: NodeId,
    answered: bool,
    relays: Vec<NodeId>,
}

/// A piece of news, and how often it was passed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct News {
    sent: u32,
    update: Update,
}

/// What is set, as far as those who judge a node must know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Limits {
    period: Micros,
    suspicion: u32,
    sends: u32,
    in_turn: bool,
}

/// A node.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Swim {
    me: NodeId,
    incarnation: u32,
    /// The membership list, without this node.
    view: Map<NodeId, Entry>,
    /// The number of the present period, and its ping.
    period: u32,
    pinged: Option<Pinged>,
    /// Whom it has still to ping in this round, the next one last.
    round: Vec<NodeId>,
    /// What it passes on.
    news: Vec<News>,
    expelled: bool,
    limits: Limits,
}

// The rules, with where the paper has them; LG is Lifeguard.
const START: Rule =
    Rule::new("§3", "All members know each other at first. Their periods are not synchronised.");
const FORWARD: Rule =
    Rule::new("§3.1", "A member that pinged for another one passes the ack on to the one that asked.");
const HELP: Rule = Rule::new("§3.1", "A member that is asked pings in the name of the one that asks.");
const ACK: Rule = Rule::new("§3.1", "A member answers every ping with an ack.");
const ACKED: Rule = Rule::new("§3.1", "An ack in the same period, direct or not, answers the ping.");
const LATE: Rule = Rule::new("§3.1", "An ack for an earlier period, or a second one, changes nothing.");
const ANNOUNCE: Rule =
    Rule::new("after §4.2", "A member announces what has changed about it under a new incarnation.");
const OUT: Rule = Rule::new(
    "§4.2",
    "A confirmed failure overrides everything and cannot be refuted: a member that hears of its own stops.",
);

impl Node for Swim {
    type Message = Message;
    type Timer = Timer;
    type Input = Input;
    type Output = Output;
    type Stable = Stable;
    type Params = Params;

    fn start(_: Stable, ctx: &mut Ctx<Self>) -> Self {
        ctx.note(&START);
        let params = ctx.params();
        let limits = Limits {
            period: params.period,
            suspicion: params.suspicion as u32,
            sends: theory::ceiling_of_ln(params.lambda, ctx.count() as u64) as u32,
            in_turn: params.order == Order::RoundRobin,
        };
        let first = ctx.random(0..=limits.period - 1);
        ctx.set(Timer::Period, first);
        let alive = Entry { standing: Standing::Alive(0), since: None };
        let mut view = Map::default();
        for member in ctx.others() {
            view.insert(member, alive);
        }
        Swim {
            me: ctx.me(),
            incarnation: 0,
            view,
            period: 0,
            pinged: None,
            round: Vec::new(),
            news: Vec::new(),
            expelled: false,
            limits,
        }
    }

    fn stable(&self) -> Stable {
        Stable
    }

    fn on_input(&mut self, Input::Announce: Input, ctx: &mut Ctx<Self>) {
        if self.expelled {
            return ctx.note(&OUT);
        }
        ctx.tell(&ANNOUNCE, || format!("announces itself in incarnation {}", self.incarnation + 1));
        self.raise(ctx);
    }

    fn on_message(&mut self, from: NodeId, message: Message, ctx: &mut Ctx<Self>) {
        if self.expelled {
            return ctx.note(&OUT);
        }
        match message {
            Message::Ping(probe, news) => {
                ctx.note(&ACK);
                self.learn(&news, ctx);
                let news = self.piggyback(ctx);
                ctx.send(from, Message::Ack(probe, self.me, news));
            }
            Message::PingReq(probe, member, news) => {
                ctx.note(&HELP);
                self.learn(&news, ctx);
                let news = self.piggyback(ctx);
                match ctx.params().bugs.vouches {
                    true => ctx.send(from, Message::Ack(probe, member, news)),
                    false => ctx.send(member, Message::Ping(probe, news)),
                }
            }
            Message::Ack(probe, member, news) if probe.prober != self.me => {
                ctx.note(&FORWARD);
                self.learn(&news, ctx);
                let news = self.piggyback(ctx);
                ctx.send(probe.prober, Message::Ack(probe, member, news));
            }
            Message::Ack(probe, member, news) => {
                ctx.note(if self.awaits(probe, member) { &ACKED } else { &LATE });
                // The ack itself first: the news may say that this node is out.
                if self.awaits(probe, member) {
                    self.acked(from, member, ctx);
                }
                self.learn(&news, ctx);
            }
        }
    }

    fn on_timer(&mut self, timer: Timer, ctx: &mut Ctx<Self>) {
        match timer {
            Timer::Timeout => self.ask_others(ctx),
            Timer::Period => {
                let concluded = self.conclude(ctx);
                let confirmed = self.confirm_overdue(ctx);
                self.begin_period(concluded || confirmed, ctx);
            }
        }
    }

    fn inputs(&self) -> Vec<Input> {
        if self.expelled { Vec::new() } else { vec![Input::Announce] }
    }

    fn card(&self) -> Card {
        self.described()
    }

    fn glance(&self) -> Card {
        let (role, sign) = self.role();
        Card { role, sign, ..Card::default() }
    }
}

impl Membership for Swim {
    fn standing(&self, member: NodeId) -> Option<Standing> {
        self.view.get(&member).map(|entry| entry.standing)
    }

    fn takes_part(&self) -> bool {
        !self.expelled
    }

    fn record(record: &Record) -> &super::Record {
        record.problem()
    }
}
