//! # The two generals (Akkoyunlu, Ekanadham & Huber 1975; Gray 1978, §5.8.3.3.1)
//!
//! Two generals want to attack a town that lies in the valley between them. Together they win, and whoever attacks alone is
//! lost. They can only send messengers through the valley, where any messenger may be caught.
//!
//! The best that a finite number of messages can do is a **chain**: A proposes to attack tonight, B acknowledges, A acknowledges
//! the acknowledgement, and so on up to the k-th message. A general attacks as soon as it has sent or received the last
//! message. So whoever receives the last message knows that both attack, and whoever sends it attacks without knowing that.
//!
//! Why it is right: where no messenger is lost, both attack, however slow the messengers are. Where one message is lost, the
//! chain stops there. If another message was to come, neither general attacks. If it was the last, one of them does.
//!
//! Where it hurts: for every k exactly one outcome divides the generals, and it cannot be removed. Gray's proof: take the
//! shortest protocol that works. If its last messenger is lost and both act as before, that messenger was useless, and there is
//! a shorter protocol. Otherwise one general acts differently and the other cannot know it. A longer chain only makes the
//! outcome rarer (probability p(1−p)^(k−1) if a messenger is lost with probability p), and the attack as well, which needs all k
//! messages. Each delivery adds one level to "B knows that A knows that …", and no number of levels is the common knowledge that
//! a coordinated attack needs (Halpern & Moses 1990, HM).
//!
//! **Copies.** Each message may be carried by n messengers, of whom one is enough. Then a message is lost with probability pⁿ:
//! small, and never zero.
//!
//! **What the proof needs.** The protocol is of a fixed length, and every messenger may be lost. Who may send again without end,
//! over links that do not lose for ever what is sent again and again, and without a dawn by which all must be done, agrees in the
//! end; two-phase commit lives on that, and may have to wait for it.
//!
//! **What this file leaves out:** the hour of the attack, which the proposal would name, so nights do not end here and messengers
//! may be late; messengers that are sent again; generals who toss coins (Lynch 1996, §5.2.2), which makes a divided attack
//! improbable for every enemy who does not see the coins; generals who lie, which is another problem. A general that attacks is not
//! told how it went.

use faultline_core::prelude::*;

mod claims;
mod title;
mod words;

/// The general who proposes. The other one has no plan of its own.
pub const PROPOSER: NodeId = NodeId(0);

/// A night of the campaign, by the number that the proposer gave it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
#[words("night {0}")]
pub struct Night(pub u64);

/// What is set before a run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Settings)]
pub struct Params {
    /// The number of messages in the chain, the proposal included.
    #[setting(default = 3, bounds = 1..=9)]
    pub chain: u64,
    /// The number of messengers who carry the same message. One that arrives is enough.
    #[setting(default = 1, bounds = 1..=9)]
    pub copies: u64,
    /// Rules taken away.
    #[setting(twins)]
    pub bugs: Bugs,
}

/// The wrong twins.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Twins)]
pub struct Bugs {
    /// A general that has waited 100 ms for an answer takes it for lost and attacks.
    pub attacks_on_timeout: bool,
    /// A general takes what it has sent for received and attacks at once.
    pub assumes_delivery: bool,
    /// A general whose acknowledgement was acknowledged attacks, however long the chain is to be.
    #[twin(shows_with = ["set chain 5"])]
    pub trusts_ack_of_ack: bool,
    /// No general attacks before its own last message was acknowledged.
    pub waits_for_last_ack: bool,
    /// Messengers do not say of which night they come, so B takes every proposal that arrives for a new one.
    #[twin(shows_with = ["set chain 1", "set copies 2"])]
    pub takes_copies_for_new: bool,
}

/// What messengers carry.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Message {
    /// The first message of a night: let us attack.
    Proposal(Night),
    /// The message of this number in the chain of a night, from 2: it says that the one before it has arrived.
    Ack(Night, u64),
}

kinds! { Message {
    Proposal 'P': Self::Proposal(night) => "for {night}" as "the proposal to attack in {night}",
    Ack 'a' reply: Self::Ack(night, number) => "{number} of {night}" as "message {number} of {night}",
} }

/// What a general reminds itself of: nothing, but for the twin that coordinates by a timeout.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
pub enum Timer {
    /// No answer has come in this night.
    #[words("Patience-{0}")]
    Patience(u64),
}

/// What is asked of a general.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words, Read)]
#[words(otherwise = "n1 can be asked to `Propose`")]
pub enum Input {
    /// Of the proposer: propose to attack tonight.
    Propose,
}

/// What is told of a general.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
pub enum Output {
    /// It proposes to attack in this night.
    Proposed(Night),
    /// For the first time in this night, the message of this number has come to it.
    #[words("Received message {1} of {0}")]
    Received(Night, u64),
    /// It attacks in this night, and nothing can call it back. It knows whether the other one attacks, or does not.
    #[words("{1} in {0}")]
    Attacks(Night, Certainty),
}

/// Whether a general that attacks knows that the other one does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
pub enum Certainty {
    /// It has received the last message of the chain.
    #[words("Attacks knowingly")]
    Knows,
    /// It has sent the last message that it may send, and will never hear whether that arrived.
    #[words("Attacks uncertainly")]
    Hopes,
}

/// What survives a crash: nothing, for generals do not crash here.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
#[words("nothing")]
pub struct Stable;

/// How far the chain of a night has come, as one general sees it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Chain {
    /// The number of the latest message that it has received, and of the latest that it has sent; 0 is none.
    received: u64,
    sent: u64,
    attacks: Option<Certainty>,
}

/// A general.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct General {
    proposes: bool,
    /// How long the chain is to be.
    length: u64,
    nights: Map<Night, Chain>,
    /// How many messengers it has sent, and how many have come to it, in all nights.
    sent: u64,
    came: u64,
}

/// How long the twin waits that coordinates by a timeout.
const PATIENCE: Micros = 100_000;

// The rules, with where Gray's notes and the paper of Halpern and Moses (HM) have them.
const CAMP: Rule = Rule::new("Gray 5.8.3.3.1", "The generals are encamped apart and have no plan.");
const PROPOSE: Rule = Rule::new("Gray 5.8.3.3.1", "A general sends a messenger with the plan to attack.");
const ANSWER: Rule =
    Rule::new("HM", "A general that receives a message of the chain sends the next one, up to the last.");
const LAST: Rule = Rule::new(
    "Gray 5.8.3.3.1",
    "A general attacks once it has sent or received the last message of the chain.",
);
const COPY: Rule = Rule::new("problem", "One messenger of several with the same message is enough.");
const ONE_PLAN: Rule = Rule::new("problem", "Only n1 proposes.");
const IMPATIENT: Rule =
    Rule::new("against Gray 5.8.3.3.1", "This wrong twin takes silence for a lost answer and attacks.");

impl Node for General {
    type Message = Message;
    type Timer = Timer;
    type Input = Input;
    type Output = Output;
    type Stable = Stable;
    type Params = Params;

    fn start(_: Stable, ctx: &mut Ctx<Self>) -> Self {
        ctx.note(&CAMP);
        let length = ctx.params().chain;
        General { proposes: ctx.me() == PROPOSER, length, nights: Map::default(), sent: 0, came: 0 }
    }

    fn stable(&self) -> Stable {
        Stable
    }

    fn on_input(&mut self, Input::Propose: Input, ctx: &mut Ctx<Self>) {
        if !self.proposes {
            return ctx.note(&ONE_PLAN);
        }
        let night = self.next_night();
        ctx.tell(&PROPOSE, || format!("proposes to attack in {night}"));
        ctx.output(Output::Proposed(night));
        self.go_on(night, Chain::default(), ctx);
    }

    fn on_message(&mut self, _: NodeId, message: Message, ctx: &mut Ctx<Self>) {
        self.came += 1;
        let (night, number) = match message {
            Message::Proposal(_) if ctx.params().bugs.takes_copies_for_new => (self.next_night(), 1),
            Message::Proposal(night) => (night, 1),
            Message::Ack(night, number) => (night, number),
        };
        let chain = self.nights.get(&night).copied().unwrap_or_default();
        if number <= chain.received {
            return ctx.note(&COPY);
        }
        ctx.note(&ANSWER);
        ctx.output(Output::Received(night, number));
        self.go_on(night, Chain { received: number, ..chain }, ctx);
    }

    fn on_timer(&mut self, Timer::Patience(night): Timer, ctx: &mut Ctx<Self>) {
        let night = Night(night);
        let chain = self.nights.get(&night).copied().unwrap_or_default();
        self.attack(night, chain, (Certainty::Hopes, &IMPATIENT), ctx);
    }

    fn inputs(&self) -> Vec<Input> {
        if self.proposes { vec![Input::Propose] } else { Vec::new() }
    }

    fn card(&self) -> Card {
        self.described()
    }
}

impl General {
    /// The night after the latest of which it knows.
    fn next_night(&self) -> Night {
        Night(self.nights.keys().next_back().map_or(1, |latest| latest.0 + 1))
    }

    /// Sends the next message of the chain, unless the last has come, and attacks if no other will come.
    fn go_on(&mut self, night: Night, mut chain: Chain, ctx: &mut Ctx<Self>) {
        let next = chain.received + 1;
        if next <= self.length {
            let message = if next == 1 { Message::Proposal(night) } else { Message::Ack(night, next) };
            for other in ctx.others() {
                for _ in 0..ctx.params().copies {
                    ctx.send(other, message.clone());
                    self.sent += 1;
                }
            }
            chain.sent = next;
        }
        self.nights.insert(night, chain);
        if self.may_attack(chain, ctx.params()) {
            let knows = chain.received == self.length;
            let certainty = if knows { Certainty::Knows } else { Certainty::Hopes };
            self.attack(night, chain, (certainty, &LAST), ctx);
        } else if ctx.params().bugs.attacks_on_timeout {
            ctx.set(Timer::Patience(night.0), PATIENCE);
        }
    }

    /// Whether no message is to come any more that would have to be waited for.
    fn may_attack(&self, chain: Chain, params: &Params) -> bool {
        let bugs = &params.bugs;
        let is_last = chain.received == self.length || chain.sent == self.length;
        let is_acknowledged = chain.received > chain.sent;
        bugs.assumes_delivery
            || bugs.trusts_ack_of_ack && chain.received >= 3
            || is_last && (is_acknowledged || !bugs.waits_for_last_ack)
    }

    /// Attacks, unless it does already: knowing that the other one does or not, and by which rule.
    fn attack(
        &mut self,
        night: Night,
        chain: Chain,
        (certainty, rule): (Certainty, &'static Rule),
        ctx: &mut Ctx<Self>,
    ) {
        if chain.attacks.is_some() {
            return;
        }
        self.nights.insert(night, Chain { attacks: Some(certainty), ..chain });
        ctx.cancel(Timer::Patience(night.0));
        ctx.tell(rule, || match certainty {
            Certainty::Knows => format!("attacks in {night} and knows that the other general does"),
            Certainty::Hopes => format!("attacks in {night} without knowing whether the other general does"),
        });
        ctx.output(Output::Attacks(night, certainty));
    }
}
