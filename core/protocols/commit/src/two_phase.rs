//! # Two-phase commit (Gray 1978; Bernstein, Hadzilacos & Goodman 1987; Mohan, Lindsay & Obermarck 1986)
//!
//! First the coordinator asks all participants to prepare, and each votes; then it decides and announces the decision. A
//! yes is a promise: a participant that votes yes has on disk what it needs to commit and to abort, and it has given up
//! its right to choose.
//!
//! Why it is right: only the coordinator decides, and it commits only after every participant has voted yes. Every promise
//! and every decision is forced to disk before it is sent, so a crash reverses nothing.
//!
//! Where it hurts: between its yes and the decision a participant is *uncertain*. If all nodes that know the decision are
//! down, it is blocked and keeps its locks until one of them recovers; asking the other participants helps only if one of
//! them knows. Forced writes are slow, too, so two variants save some of them. A coordinator that has forgotten a
//! transaction answers an inquiry with a presumption. A decision that would be presumed anyway needs no acknowledgement,
//! and the participants need not force a record of it.
//!
//! | record, by whom          | presumed nothing | presumed abort | presumed commit |
//! |--------------------------|------------------|----------------|-----------------|
//! | collecting, coordinator  | –                | –              | forced          |
//! | refuse, participant      | forced           | forced         | forced          |
//! | prepare, participant     | forced           | forced         | forced          |
//! | commit, coordinator      | forced           | forced         | forced          |
//! | commit, participant      | forced           | forced         | lazy            |
//! | abort, coordinator       | forced           | lazy           | lazy            |
//! | abort, participant       | forced           | lazy           | forced          |
//! | end, coordinator, after  | commit, abort    | commit         | abort           |
//!
//! A forced write changes the disk. A lazy record waits in memory: the next forced write includes it, and a crash before
//! that loses it. An `end` is always lazy. The coordinator reserves transaction numbers on disk, a hundred at a time, when
//! it boots, so it uses no number twice, even after a crash.
//!
//! A crash undoes the work that a participant has done for transactions on which it has not voted. So it votes no on each
//! transaction that began before the crash and for which it has no prepare record (BHG 7.4). The work of a transaction is
//! done when it begins, at those boots of the participants that the coordinator has heard of, and a
//! `Prepare` names the boot. A participant that restarts announces its boot once, and every vote names it, too. Until the
//! coordinator has heard of the new boot, the participant votes no, because all work that the coordinator knows of was done
//! before the crash. A refusal by the application is forced to disk, so no crash undoes it; a participant that only reads has
//! nothing to undo. A participant votes in the step in which it receives the request, so no crash comes between the two.
//!
//! **What this file leaves out:** the work before the vote itself, except that a crash undoes it; trees of coordinators; the
//! coordinator's own part in a transaction; the time that a disk takes; shrinking the logs, and forgetting at the participants.
//! If a `Prepare` were delivered twice, with a crash in between, a participant that only read would vote again and refuse.
//! A participant that has not voted does not answer an inquiry from another, though the book lets it abort: it may have
//! voted read-only before a crash and forgotten that vote.

use super::{COORDINATOR, Decision, Input, Item, Items, Named, Output, Scope, Transaction, Vote};
use by_hand::{ask_after_deciding, hear_of_damage};
use faultline_core::prelude::*;
use faultline_core::toolbox::log::Log;
use participant::acknowledge;

mod by_hand;
mod claims;
mod coordinator;
mod locks;
mod participant;
mod recovery;
mod settings;
mod title;
mod words;
pub use settings::{Bugs, Locks, Params, Variant};
use words::numbered;

/// What nodes tell each other, each about one transaction.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Message {
    /// The coordinator asks a participant for its vote, and names the boot of the participant's that it knows
    /// of, and what the request said.
    Prepare(Transaction, u64, Scope),
    /// A participant votes, and names its boot.
    Vote(Transaction, Vote, u64),
    /// A participant has restarted, and names its boot.
    Restarted(u64),
    /// `Commit` or `Abort`: what was decided, from the coordinator or from a participant that knows.
    Decide(Transaction, Decision),
    /// A participant has made sure that it will not ask again.
    Ack(Transaction),
    /// An uncertain participant asks what was decided.
    Inquire(Transaction),
    /// A participant acknowledges the decision, and reports that it was decided otherwise by hand.
    Damage(Transaction, Decision),
}

kinds! { Message {
    Prepare 'P': Self::Prepare(transaction, boot, scope) => ("{transaction}{}{scope}", numbered(*boot))
        as "a request for its vote on {transaction}",
    Vote 'V' reply: Self::Vote(transaction, vote, boot) => ("{transaction} {vote}{}", numbered(*boot))
        as "a {vote} vote on {transaction}",
    Restarted 'R': Self::Restarted(boot) => "boot {boot}" as "the news of a restart",
    Commit 'C': Self::Decide(transaction, Decision::Commit) => "{transaction}" as "the decision to commit {transaction}",
    Abort 'A': Self::Decide(transaction, Decision::Abort) => "{transaction}" as "the decision to abort {transaction}",
    Ack 'a' reply: Self::Ack(transaction) => "{transaction}" as "an acknowledgement for {transaction}",
    Inquire '?': Self::Inquire(transaction) => "{transaction}" as "a question about the decision on {transaction}",
    Damage 'D' reply: Self::Damage(transaction, decision) => "{transaction} {decision}"
        as "the report that {transaction} was decided otherwise by hand: {decision}",
} }

/// The end of a node's patience with a transaction, whatever it waits for: a vote, the decision, an acknowledgement.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
#[words("Timeout-{0}")]
pub struct Timeout(Transaction);

/// A record of the log.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
#[words(kebab)]
pub enum Entry {
    /// The coordinator is about to ask these for their votes.
    #[words("collecting {0}{1}")]
    Collecting(Transaction, Named),
    /// The participant will vote no, because the application asked it to.
    Refuse(Transaction),
    /// The participant is about to vote yes. It needs the names to ask around, and the items to lock them
    /// after a crash.
    #[words("prepare {0}{1}")]
    Prepare(Transaction, Scope),
    /// `commit` or `abort`; of the coordinator, with those to whom it must be told.
    #[words("{1} {0}{2}")]
    Decided(Transaction, Decision, Named),
    /// An operator has decided for the participant.
    #[words("{1} {0} by hand")]
    ByHand(Transaction, Decision),
    /// That decision, by hand, was not the true one.
    #[words("damage {0}, {1} by hand")]
    Damage(Transaction, Decision),
    /// The coordinator may forget: nobody will ask.
    End(Transaction),
}

/// What is on disk: the log up to the latest forced write.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stable {
    /// Of the coordinator: the last number of its stock.
    reserved: u64,
    /// Of a participant: how often it has booted.
    boot: u64,
    /// Of the coordinator: the boots of participants that it has heard of, but for their first ones.
    boots: Map<NodeId, u64>,
    log: Log<Entry>,
}

/// A node. Which transactions it has in hand, and in which state each is, tells all but its name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TwoPhase {
    coordinates: bool,
    /// The number of the latest transaction, and the last one of the stock.
    numbered: u64,
    reserved: u64,
    /// Of a participant: how often it has booted.
    boot: u64,
    /// Of the coordinator: the boots of participants that it has heard of, but for their first ones.
    boots: Map<NodeId, u64>,
    /// Of the coordinator: all participants, for those who look at it.
    participants: NodeSet,
    /// The log with its lazy tail, and what of it is on disk.
    log: Log<Entry>,
    disk: Log<Entry>,
    table: Map<Transaction, State>,
    /// Of a participant: the items that transactions of its own wait for, in the order in which they came.
    own: Vec<Item>,
    /// Which options the run has: `locks`, and `heuristics`.
    locks: bool,
    heuristics: bool,
}

/// Where a node stands in a transaction.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum State {
    // The coordinator's.
    /// These were asked, and some votes are missing; some participants are bound by the decision, or may be.
    Collecting { named: Named, missing: NodeSet, bound: NodeSet },
    /// It was decided, and some have not acknowledged it.
    Telling { decision: Decision, bound: NodeSet },
    // A participant's.
    /// It will vote so.
    Working(Vote),
    /// It will vote so, once it has the locks that it needs.
    Waiting { vote: Vote, scope: Scope },
    /// It has voted yes, is uncertain, and has asked so often; from the second time on it is blocked.
    Prepared { inquiries: u8, scope: Scope },
    /// An operator has decided for it, and it has not learnt the true decision.
    ByHand(Decision),
    /// This was decided by hand, against the true decision.
    Damaged(Decision),
    /// It has voted that it only read, and is out of it.
    Released,
    /// It knows.
    Decided(Decision),
}

/// How many numbers the coordinator lays in at once.
const STOCK: u64 = 100;

// The rules, with where the literature has them: BHG is the book of Bernstein, Hadzilacos and Goodman, R* the paper of
// Mohan, Lindsay and Obermarck.
const START: Rule = Rule::new(
    "BHG 7.4",
    "A node starts with the transactions in its log; at its first start there are none.",
);
const BOUND: Rule = Rule::new("BHG 7.3", "A participant that has voted can no longer change its vote.");
const ROLES: Rule = Rule::new("BHG 7.4", "Only the coordinator requests votes, and only participants vote.");
const VOTED: Rule = Rule::new("BHG 7.4", "A participant votes once and repeats that vote when asked again.");
const LOST: Rule = Rule::new(
    "BHG 7.4",
    "A participant has lost its work on a transaction that began before the coordinator heard of its latest boot, so \
     without a prepare record it votes no.",
);
const RESTARTED: Rule = Rule::new(
    "problem",
    "The coordinator forces to disk the latest boot of each participant that it hears of.",
);
const COUNT: Rule = Rule::new("BHG 7.4", "The coordinator waits for the votes of all participants.");
const LATE: Rule = Rule::new("BHG 7.4", "A message or timer that comes after the decision changes nothing.");
const KNOWN: Rule = Rule::new(
    "R* 2",
    "A participant that knows the decision, or only read, merely acknowledges it, unless the decision is presumed.",
);
const END: Rule = Rule::new(
    "R* 2",
    "The coordinator keeps a decision until all have acknowledged it. Then it writes an end record and forgets.",
);
const ANSWER: Rule = Rule::new("BHG 7.4", "A node that knows the decision tells any node that asks.");
const IGNORANT: Rule = Rule::new(
    "left out of BHG 7.4",
    "A node that does not know the decision stays silent, even if it has not voted and the book lets it abort.",
);
const UNCERTAIN: Rule = Rule::new(
    "BHG 7.4",
    "A node that is uncertain itself, or is still counting votes, cannot help the node that asks.",
);
const GIVE_UP: Rule = Rule::new("BHG 7.4", "A coordinator that has waited too long for a vote aborts.");
const ALONE: Rule =
    Rule::new("against BHG 7.4", "This wrong twin decides by itself, although it has voted yes.");
const AGAIN: Rule = Rule::new(
    "R* 2",
    "The coordinator repeats its decision to the participants that have not acknowledged it.",
);

impl Node for TwoPhase {
    type Message = Message;
    type Timer = Timeout;
    type Input = Input;
    type Output = Output;
    type Stable = Stable;
    type Params = Params;

    fn start(stable: Stable, ctx: &mut Ctx<Self>) -> Self {
        let Stable { reserved, boot, boots, log } = stable;
        let coordinates = ctx.me() == COORDINATOR;
        let mut node = TwoPhase {
            coordinates,
            numbered: reserved,
            reserved: reserved + if coordinates { STOCK } else { 0 },
            boot: boot + u64::from(!coordinates),
            boots,
            participants: if coordinates { ctx.others().collect() } else { NodeSet::default() },
            disk: log.clone(),
            log,
            table: Map::default(),
            own: Vec::new(),
            locks: ctx.params().locks != Locks::None,
            heuristics: ctx.params().heuristics,
        };
        ctx.note(&START);
        node.recover(ctx);
        node
    }

    fn stable(&self) -> Stable {
        let (boots, log) = (self.boots.clone(), self.disk.clone());
        Stable { reserved: self.reserved, boot: self.boot, boots, log }
    }

    fn on_input(&mut self, input: Input, ctx: &mut Ctx<Self>) {
        match (input, self.coordinates) {
            (Input::Begin(scope), true) => self.begin(&scope, ctx),
            (Input::Refuse(transaction), false) => self.intend(transaction, Vote::No, ctx),
            (Input::Read(transaction), false) => self.intend(transaction, Vote::ReadOnly, ctx),
            (Input::Write(item), false) => self.write_own(item, ctx),
            (Input::Decide(transaction, decision), false) => self.decide_by_hand(transaction, decision, ctx),
            (Input::Begin(_), false) | (_, true) => ctx.note(&ROLES),
        }
    }

    fn on_message(&mut self, from: NodeId, message: Message, ctx: &mut Ctx<Self>) {
        let lost = self.has_lost(&message, ctx);
        let presumes_early = ctx.params().bugs.presumes_early;
        if let Message::Damage(transaction, decision) = message {
            hear_of_damage(from, transaction, decision, ctx);
        }
        if let Message::Restarted(boot) | Message::Vote(.., boot) = message {
            self.hear_of(from, boot);
        }
        match (&message, self.table.get_mut(&message.transaction())) {
            // Its work on all that has begun is lost, which it will say when it is asked.
            (Message::Restarted(_), _) => ctx.note(&RESTARTED),
            // The first phase: votes.
            (&Message::Prepare(transaction, ..), None | Some(State::Working(_))) if lost => {
                self.vote(transaction, Vote::No, Scope::default(), ctx);
                ctx.tell(&LOST, || "because a crash may have undone its work".into());
            }
            (Message::Prepare(transaction, _, scope), None) => self.lock(*transaction, Vote::Yes, scope, ctx),
            (Message::Prepare(transaction, _, scope), Some(&mut State::Working(vote))) => {
                self.lock(*transaction, vote, scope, ctx);
            }
            (&Message::Prepare(transaction, ..), Some(State::Prepared { .. } | State::ByHand(_))) => {
                ctx.note(&VOTED);
                ctx.send(COORDINATOR, Message::Vote(transaction, Vote::Yes, self.boot));
            }
            // It waits for a lock, it voted, or the decision overtook the question.
            (Message::Prepare(..), Some(_)) => ctx.note(&LATE),
            (&Message::Vote(transaction, vote, _), Some(State::Collecting { missing, bound, .. })) => {
                missing.remove(from);
                if vote != Vote::Yes {
                    bound.remove(from);
                }
                ctx.note(&COUNT);
                self.decide_when_counted(transaction, vote, ctx);
            }
            // It was decided without this vote; whoever cast it hears of the decision, or will ask.
            (Message::Vote(..), _) => ctx.note(&LATE),
            // The second phase: the decision.
            (&Message::Decide(transaction, decision), Some(State::Prepared { .. })) => {
                self.settle(transaction, decision, ctx);
            }
            (&Message::Decide(transaction, decision), Some(State::ByHand(_) | State::Damaged(_))) => {
                self.learn(transaction, decision, ctx);
            }
            // It need not wait for the question any more, nor for a lock.
            (
                &Message::Decide(transaction, Decision::Abort),
                None | Some(State::Working(_) | State::Waiting { .. }),
            ) => self.settle(transaction, Decision::Abort, ctx),
            // It knows, or it only read, and perhaps forgot that.
            (&Message::Decide(transaction, decision), _) => {
                ctx.note(&KNOWN);
                acknowledge(transaction, decision, ctx);
            }
            (
                &(Message::Ack(transaction) | Message::Damage(transaction, _)),
                Some(State::Telling { bound, .. }),
            ) => {
                bound.remove(from);
                ctx.note(&END);
                self.end_when_acknowledged(transaction, ctx);
            }
            // An acknowledgement of what was told twice, or is presumed.
            (Message::Ack(_) | Message::Damage(..), _) => ctx.note(&LATE),
            // Termination: what the uncertain ask.
            (
                &Message::Inquire(transaction),
                Some(&mut (State::Telling { decision, .. } | State::Decided(decision))),
            ) => {
                ctx.note(&ANSWER);
                ctx.send(from, Message::Decide(transaction, decision));
            }
            (&Message::Inquire(transaction), None) if self.coordinates => {
                self.presume(transaction, from, ctx);
            }
            (&Message::Inquire(transaction), Some(State::Collecting { .. })) if presumes_early => {
                self.presume(transaction, from, ctx);
            }
            (&Message::Inquire(transaction), Some(State::Damaged(decision))) => {
                ctx.note(&ANSWER);
                ctx.send(from, Message::Decide(transaction, decision.other()));
            }
            // What was decided by hand need not be the true decision.
            (
                Message::Inquire(_),
                Some(State::Prepared { .. } | State::Collecting { .. } | State::ByHand(_)),
            ) => ctx.note(&UNCERTAIN),
            // It has not voted, or it only read: it need not hear of the decision, and cannot tell it.
            (
                Message::Inquire(_),
                Some(State::Working(_) | State::Waiting { .. } | State::Released) | None,
            ) => ctx.note(&IGNORANT),
        }
    }

    fn on_timer(&mut self, Timeout(transaction): Timeout, ctx: &mut Ctx<Self>) {
        match self.table.get_mut(&transaction) {
            Some(State::Collecting { .. }) => {
                ctx.output(Output::TimedOut(transaction));
                ctx.tell(&GIVE_UP, || format!("gives up waiting for votes on {transaction}"));
                self.decide(transaction, Decision::Abort, ctx);
            }
            Some(State::Telling { decision, bound }) => {
                let (decision, bound) = (*decision, bound.clone());
                ctx.note(&AGAIN);
                self.announce(transaction, decision, bound, ctx);
            }
            Some(State::Prepared { .. }) if ctx.params().bugs.aborts_uncertain => {
                self.settle(transaction, Decision::Abort, ctx);
                ctx.note(&ALONE);
            }
            Some(State::Prepared { .. }) => self.inquire(transaction, ctx),
            Some(State::ByHand(_)) => ask_after_deciding(transaction, ctx),
            Some(State::Waiting { .. }) => self.stop_waiting(transaction, ctx),
            // It waits for nothing in this transaction any more.
            Some(State::Working(_) | State::Released | State::Decided(_) | State::Damaged(_)) | None => {
                ctx.note(&LATE);
            }
        }
    }

    fn inputs(&self) -> Vec<Input> {
        if self.coordinates {
            return self.requests();
        }
        let next = Transaction(self.table.keys().next_back().map_or(1, |last| last.0 + 1));
        let mut inputs = vec![Input::Refuse(next), Input::Read(next)];
        if self.locks {
            inputs.extend([Input::Write(Item::X), Input::Write(Item::Y)]);
        }
        inputs.extend(self.decisions_by_hand());
        inputs
    }

    fn card(&self) -> Card {
        self.described()
    }
}

/// Waits for what a transaction needs next.
fn wait(transaction: Transaction, ctx: &mut Ctx<TwoPhase>) {
    let timeout = ctx.params().timeout;
    ctx.set(Timeout(transaction), timeout);
}

impl TwoPhase {
    /// Writes a record, and everything before it that is not on disk yet, if it is forced.
    fn write(&mut self, entry: Entry, forced: bool) {
        self.log.push(entry);
        if forced {
            self.disk = self.log.clone();
        }
    }
}
