//! # Paxos, for one decision (Lamport 1998, 2001)
//!
//! Proposers propose values, acceptors choose one, and learners learn which. A value is *chosen* when a majority of acceptors
//! has accepted one and the same proposal: a value under a number. Nobody needs to know that for it to be so.
//!
//! A proposer works in two phases. First it asks the acceptors to *promise* to accept nothing numbered lower than its own
//! number, and to report the highest-numbered proposal that they have accepted. When a majority has promised, it asks them to
//! *accept* its number with a value, which is no longer its own choice if any of them has reported one: it must be the value
//! of the highest-numbered proposal reported (P2c). Proposers use different numbers: of k proposers the first has 1, k + 1,
//! 2k + 1 and so on.
//!
//! Why it is right: any two majorities share an acceptor. If a value was chosen under the number m, then a proposer with a
//! higher number hears from some acceptor that accepted it, or has that acceptor's promise not to accept it any more. By
//! induction on the numbers from m on, each higher-numbered proposal has that value.
//!
//! What an acceptor has promised and accepted is on its disk before it answers. A proposer, too, remembers there the highest
//! number that it has used (§2.5). Learners keep nothing: one that restarts must ask again.
//!
//! Where it hurts: two proposers can interrupt each other for ever, each with a higher number just before the other's proposal
//! arrives (§2.4). Nothing wrong is chosen, and nothing is chosen at all. The remedy is that one proposer tries alone for long
//! enough. Here each waits for a random time before it tries again. A majority of acceptors must be up; without it Paxos waits.
//! A value may be chosen and no learner know it, because messages were lost: then a proposer must issue a proposal once more
//! to find out, and on behalf of a learner it does so without a value of its own.
//!
//! An acceptor may *refuse* what it has promised to ignore, so that the proposer gives up early and knows how high to go.
//! The paper calls this an optimization; the setting turns it off.
//!
//! An acceptor that accepts a proposal without having promised its number, because the prepare request was lost, promises it by
//! accepting. The paper's phase 2(b) compares a proposal with answered prepare requests only. Its acceptor remembers the
//! highest-numbered proposal *ever* accepted, which saves it; one that remembers the latest is the twin `accepts-unbound`.
//! An acceptor answers a number once only, as the paper has it. While it does, proposers that share numbers only waste
//! them; the twin `shares-ballots` answers again, as implementations do that must cope with repeated requests.
//!
//! Lamport's own model, Paxos.tla, has 41^b states with three acceptors, one value and b ballots. The acceptors here have
//! exactly these among that model's messages, each of which stays and can be received again and again. A whole run here has
//! other states: a message arrives once, a proposer counts promises, and learners remember.
//!
//! **What this file leaves out:** the election of a distinguished proposer, sequences of decisions (Multi-Paxos), changing the
//! set of acceptors, sending to a bare majority only, and forgetting what is decided. In the arrangement with one tier for
//! each role a proposer learns the fate of its own proposals and so is a learner, too.

use super::{Input, Value};
use faultline_core::prelude::*;

mod acceptor;
mod claims;
mod learner;
mod proposer;
mod roles;
mod title;
mod words;

pub use acceptor::Acceptor;
pub use claims::Record;
pub use learner::Learner;
use learner::TOLD;
pub use proposer::{Attempt, Proposer, adopted};
pub use roles::{Role, Roles};

/// What is set before a run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Settings)]
pub struct Params {
    /// Whether each node has one role, proposers first, then acceptors, then learners, or every node has all three.
    pub roles: Arrangement,
    /// How many proposers there are, if each node has one role.
    #[setting(default = 2, bounds = 1..=5)]
    pub proposers: u64,
    /// How many learners there are, if each node has one role; every proposer also learns the fate of its own proposals.
    #[setting(default = 1, bounds = 0..=5)]
    pub learners: u64,
    /// Whom an acceptor tells that it has accepted: every learner, or only the proposer, which then tells the learners.
    pub learning: Learning,
    /// How long a proposer waits for its number to succeed, at least, before it tries a higher one.
    #[setting(default = 100ms, bounds = 1ms..=60s)]
    pub retry: Micros,
    /// How much longer it waits at most; how much is drawn at random each time.
    #[setting(default = 100ms, bounds = 0ms..=60s)]
    pub spread: Micros,
    /// An acceptor refuses a request that its promise forbids, instead of staying silent.
    #[setting(default = true)]
    pub refusals: bool,
    /// Rules taken away.
    #[setting(twins)]
    pub bugs: Bugs,
}

/// How roles are given to nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Choice)]
#[allow(missing_docs)]
pub enum Arrangement {
    Apart,
    Together,
}

/// Whom acceptors tell what they accept (§2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Choice)]
#[allow(missing_docs)]
pub enum Learning {
    All,
    Distinguished,
}

/// The wrong twins.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Twins)]
pub struct Bugs {
    /// An acceptor keeps its promise and what it has accepted in memory only, and a crash erases both.
    pub forgets_promise: bool,
    /// A proposer always proposes its own value, whatever the acceptors have accepted.
    pub adopts_own: bool,
    /// A proposer adopts the first accepted value among the answers instead of that of the highest number.
    pub adopts_any: bool,
    /// A proposer takes the empty report of an acceptor that has accepted nothing for the value 0.
    pub adopts_nothing: bool,
    /// Proposers number their ballots 1, 2, 3 alike, and an acceptor answers a number that it has answered before.
    pub shares_ballots: bool,
    /// An acceptor accepts every proposal, also one that it has promised to ignore.
    pub accepts_below: bool,
    /// An acceptor that accepts a proposal still accepts lower ones, as long as it has promised no higher number.
    pub accepts_unbound: bool,
    /// A learner counts acceptances of the same value together, whatever their numbers.
    pub mixes_ballots: bool,
    /// A proposer that tries again uses the same number again.
    pub keeps_ballot: bool,
}

/// The number of a proposal. Each belongs to one proposer; 0 is none.
pub type Ballot = u64;

/// A proposal: a number and a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
#[words("{ballot} ({value})")]
#[allow(missing_docs)]
pub struct Proposal {
    pub ballot: Ballot,
    pub value: Value,
}

/// What nodes tell each other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Message {
    /// Phase 1a: a proposer asks for a promise.
    Prepare(Ballot),
    /// Phase 1b: an acceptor promises to accept nothing lower, and reports what it has accepted.
    Promise(Ballot, Option<Proposal>),
    /// Phase 2a: a proposer asks to accept its proposal.
    Accept(Proposal),
    /// Phase 2b: an acceptor has accepted a proposal.
    Accepted(Proposal),
    /// An acceptor has ignored a request with the first number because it promised the second.
    Refuse(Ballot, Ballot),
    /// A value is chosen.
    Chosen(Value),
    /// A learner asks a proposer to find out what is chosen.
    Ask,
}

kinds! { Message {
    Prepare 'P': Self::Prepare(ballot) => "{ballot}" as "a prepare request numbered {ballot}",
    Promise 'p' reply: Self::Promise(ballot, accepted) => ("{ballot}{}", words::after(*accepted))
        as ("a promise for {ballot}{}", words::after(*accepted)),
    Accept 'A': Self::Accept(proposal) => "{proposal}" as "an accept request for {proposal}",
    Accepted 'a' reply: Self::Accepted(proposal) => "{proposal}" as "an acceptance of {proposal}",
    Refuse 'r' reply: Self::Refuse(ballot, promised) => "{ballot} for {promised}"
        as "a refusal of {ballot}, as {promised} is promised",
    Chosen 'C': Self::Chosen(value) => "{value}" as "the news that {value} is chosen",
    Ask '?': Self::Ask,
} }

/// What a node reminds itself of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
pub enum Timer {
    /// The proposer has waited long enough for its number to succeed.
    Retry,
    /// The learner has waited long enough for the proposer that it asked.
    Ask,
}

/// What the application is told.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
pub enum Output {
    /// This proposer wants this value to be chosen.
    Proposed(Value),
    /// This node wants to know what is chosen.
    Asked,
    /// This acceptor has promised this number.
    Promised(Ballot),
    /// This proposer has issued this proposal.
    Issued(Proposal),
    /// This proposer has issued this proposal, the value of which it had to adopt.
    Adopted(Proposal),
    /// This acceptor has accepted this proposal.
    Accepted(Proposal),
    /// This acceptor ignores this proposal, because it has promised a higher number.
    Ignored(Proposal),
    /// This proposer has found that nothing was chosen so far.
    FoundNothing,
    /// This node has learned that this value is chosen.
    Learned(Value),
}

/// What is on disk.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stable {
    /// Of a proposer: the highest number that it has tried.
    tried: Ballot,
    /// Of an acceptor: the highest number that it has promised.
    promised: Ballot,
    /// Of an acceptor: what it has accepted last.
    accepted: Option<Proposal>,
}

/// A node. What a role that it does not play would need is empty.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Paxos {
    me: NodeId,
    role: Role,
    roles: Roles,
    proposer: Proposer,
    acceptor: Acceptor,
    learner: Learner,
}

const START: Rule = Rule::new(
    "§2.5",
    "A node starts with what is on its disk: an acceptor's promise and acceptance, and the highest number that a proposer tried.",
);
const ROLES: Rule = Rule::new("§2.2", "Only proposers propose, and only proposers and learners learn.");
const KNOWN: Rule =
    Rule::new("§2.3", "What is chosen stays chosen, so a node that has learned it need not ask.");
const BUSY: Rule =
    Rule::new("§2.2", "A proposer that has a value keeps it until it has learned what is chosen.");
const STALE: Rule = Rule::new(
    "§2.2",
    "A proposer counts only answers to its latest request. It may abandon a proposal at any time.",
);

impl Node for Paxos {
    type Message = Message;
    type Timer = Timer;
    type Input = Input;
    type Output = Output;
    type Stable = Stable;
    type Params = Params;

    fn start(stable: Stable, ctx: &mut Ctx<Self>) -> Self {
        let roles = Roles::new(ctx.params(), ctx.count() as u32);
        let Stable { tried, promised, accepted } = stable;
        ctx.note(&START);
        Paxos {
            me: ctx.me(),
            role: roles.of(ctx.me()),
            roles,
            proposer: Proposer { tried, ..Proposer::default() },
            acceptor: Acceptor { promised, accepted, forgetful: ctx.params().bugs.forgets_promise },
            learner: Learner::default(),
        }
    }

    fn stable(&self) -> Stable {
        let Acceptor { promised, accepted, forgetful } = self.acceptor;
        let (promised, accepted) = if forgetful { (0, None) } else { (promised, accepted) };
        Stable { tried: self.proposer.tried, promised, accepted }
    }

    fn on_input(&mut self, input: Input, ctx: &mut Ctx<Self>) {
        match (input, self.role) {
            _ if self.learner.learned.is_some() => ctx.note(&KNOWN),
            (Input::Propose(value), Role::Proposer | Role::Server) if self.proposer.value.is_none() => {
                self.propose(value, ctx);
            }
            (Input::Propose(_), Role::Proposer | Role::Server) => ctx.note(&BUSY),
            (Input::Learn, Role::Proposer | Role::Server) => {
                ctx.output(Output::Asked);
                self.find_out(ctx);
            }
            (Input::Learn, Role::Learner) => self.ask(ctx),
            (Input::Propose(_), Role::Acceptor | Role::Learner) | (Input::Learn, Role::Acceptor) => {
                ctx.note(&ROLES);
            }
        }
    }

    fn on_message(&mut self, from: NodeId, message: Message, ctx: &mut Ctx<Self>) {
        match message {
            // Phase 1: a number, and promises for it.
            Message::Prepare(ballot) => self.promise(from, ballot, ctx),
            Message::Promise(ballot, accepted) if self.proposer.is_preparing(ballot) => {
                self.count_promise(from, accepted, ctx);
            }
            // The proposal is issued, or the number abandoned.
            Message::Promise(..) => ctx.note(&STALE),
            // Phase 2: a proposal, and who accepts it.
            Message::Accept(proposal) => self.accept(from, proposal, ctx),
            Message::Accepted(proposal) => self.count_acceptance(from, proposal, ctx),
            // What is refused cannot succeed any more without this acceptor, and may not with it.
            Message::Refuse(ballot, promised) => self.abandon(ballot, promised, ctx),
            // Who did not hear of it from acceptors.
            Message::Chosen(value) => {
                ctx.note(&TOLD);
                self.learn(value, &TOLD, ctx);
            }
            Message::Ask => self.answer(from, ctx),
        }
    }

    fn on_timer(&mut self, timer: Timer, ctx: &mut Ctx<Self>) {
        match timer {
            Timer::Retry => self.try_again(ctx),
            Timer::Ask => self.ask_another(ctx),
        }
    }

    fn inputs(&self) -> Vec<Input> {
        let proposes = matches!(self.role, Role::Proposer | Role::Server) && self.proposer.value.is_none();
        let learns = self.role == Role::Learner && !self.learner.asks;
        match self.learner.learned {
            None if proposes => vec![Input::Propose(self.offer()), Input::Learn],
            None if learns => vec![Input::Learn],
            _ => Vec::new(),
        }
    }

    fn card(&self) -> Card {
        self.described()
    }
}

impl Paxos {
    /// Sends a message to these nodes; what a node says to itself it hears at once.
    fn tell(&mut self, nodes: impl Iterator<Item = NodeId>, message: &Message, ctx: &mut Ctx<Self>) {
        let mut myself = false;
        for node in nodes {
            match node == ctx.me() {
                true => myself = true,
                false => ctx.send(node, message.clone()),
            }
        }
        if myself {
            self.on_message(ctx.me(), message.clone(), ctx);
        }
    }
}
