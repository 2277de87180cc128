//! # Two-phase commit (Gray 1978; Bernstein, Hadzilacos & Goodman 1987; Mohan, Lindsay & Obermarck 1986)
//!
//! First the coordinator asks all participants to prepare, and each votes; then it decides and tells them. A yes is a
//! promise: whoever votes yes has what it needs on disk to commit and to abort, and has given up its right to choose.
//!
//! Why it is right: only the coordinator decides, and it decides to commit only with every yes in hand. What anybody
//! promises or decides is forced to disk before it is said, so a crash takes nothing back.
//!
//! Where it hurts: between its yes and the decision a participant is *uncertain*. If all that know the decision are
//! down, it is blocked, with its locks, until one of them is back; asking the other participants helps only where
//! one of them knows. And a forced write is slow. So two variants save some: a coordinator that has forgotten
//! a transaction answers whoever asks by a presumption, and a decision that would be presumed anyway needs no
//! acknowledgement and no forced record of it at the participants.
//!
//! | record, by whom          | presumed nothing | presumed abort | presumed commit |
//! |--------------------------|------------------|----------------|-----------------|
//! | collecting, coordinator  | –                | –              | forced          |
//! | prepare, participant     | forced           | forced         | forced          |
//! | commit, coordinator      | forced           | forced         | forced          |
//! | commit, participant      | forced           | forced         | lazy            |
//! | abort, coordinator       | forced           | lazy           | lazy            |
//! | abort, participant       | forced           | lazy           | forced          |
//! | end, coordinator, after  | commit, abort    | commit         | abort           |
//!
//! A forced write is a change of the disk. A lazy record waits in memory: the next forced write takes it along, and a
//! crash before that takes it away. An `end` is always lazy. The numbers of transactions are taken from a stock that
//! the coordinator lays in on disk when it boots, a hundred at once, so that no crash makes it use one again.
//!
//! **What this file leaves out:** the work before the vote, so that a crash before the vote costs a transaction
//! nothing; trees of coordinators; the coordinator's own part in a transaction; the time that a disk takes; shrinking
//! the logs, and forgetting at the participants. Messages name no session: were a `Prepare` delivered twice, with a
//! crash between, a participant could vote twice. Asked by another participant, one that knows nothing of
//! a transaction says nothing, where the book lets it abort: it may have only read there, and forgotten.

use super::{COORDINATOR, Decision, Input, Output, Transaction, Vote};
use crate::node::{Ctx, Node, NodeId, Rule};
use crate::toolbox::log::Log;
use crate::toolbox::map::Map;
use crate::toolbox::quorum::NodeSet;
use crate::view::{Card, LogCell, Tone};

mod title;
mod words;

/// What is set before a run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Params {
    /// What is presumed of a transaction that the coordinator has forgotten: a place in [`VARIANTS`].
    pub variant: u64,
    /// How long a node waits for a vote, a decision or an acknowledgement, in microseconds.
    pub timeout: u64,
    /// Whether an uncertain participant asks everybody, and not only the coordinator; 0 or 1.
    pub cooperative: u64,
    /// Rules taken away.
    pub bugs: Bugs,
}

/// The variants, by name.
pub const VARIANTS: &[&str] = &["presumed-nothing", "presumed-abort", "presumed-commit"];
const PRESUMED_NOTHING: u64 = 0;
const PRESUMED_ABORT: u64 = 1;
const PRESUMED_COMMIT: u64 = 2;

impl Default for Params {
    fn default() -> Self {
        Params { variant: PRESUMED_NOTHING, timeout: 100_000, cooperative: 1, bugs: Bugs::default() }
    }
}

/// The wrong twins; the title page says what each does.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, clippy::struct_excessive_bools)]
pub struct Bugs {
    pub votes_unforced: bool,
    pub decides_unforced: bool,
    pub aborts_uncertain: bool,
    pub commits_forgotten: bool,
    pub reuses_numbers: bool,
}

/// What nodes tell each other, each about one transaction.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Message {
    /// The coordinator asks for a vote.
    Prepare(Transaction),
    /// A participant votes.
    Vote(Transaction, Vote),
    /// `Commit` or `Abort`: what was decided, from the coordinator or from a participant that knows.
    Decide(Transaction, Decision),
    /// A participant has made sure that it will not ask again.
    Ack(Transaction),
    /// An uncertain participant asks what was decided.
    Inquire(Transaction),
}

/// The end of a node's patience with a transaction, whatever it waits for: a vote, the decision, an acknowledgement.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timeout(Transaction);

/// A record of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Entry {
    /// The coordinator is about to ask for votes.
    Collecting(Transaction),
    /// The participant is about to vote yes.
    Prepare(Transaction),
    /// `commit` or `abort`.
    Decided(Transaction, Decision),
    /// The coordinator may forget: nobody will ask.
    End(Transaction),
}

/// What is on disk: the log up to the latest forced write.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stable {
    /// Of the coordinator: the last number of its stock.
    reserved: u64,
    log: Log<Entry>,
}

/// A node. Which transactions it has in hand, and in which state each is, tells all but its name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TwoPhase {
    coordinates: bool,
    /// The number of the latest transaction, and the last one of the stock.
    numbered: u64,
    reserved: u64,
    /// The log with its lazy tail, and what of it is on disk.
    log: Log<Entry>,
    disk: Log<Entry>,
    table: Map<Transaction, State>,
}

/// Where a node stands in a transaction.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum State {
    // The coordinator's.
    /// Some votes are missing; some participants are bound by the decision, or may be.
    Collecting { missing: NodeSet, bound: NodeSet },
    /// It was decided, and some have not acknowledged it.
    Telling { decision: Decision, bound: NodeSet },
    // A participant's.
    /// It will vote so.
    Working(Vote),
    /// It has voted yes, is uncertain, and has asked so often; from the second time on it is blocked.
    Prepared { inquiries: u8 },
    /// It has voted that it only read, and is out of it.
    Released,
    /// It knows.
    Decided(Decision),
}

/// How many numbers the coordinator lays in at once.
const STOCK: u64 = 100;

const START: Rule = Rule {
    section: "BHG 7.4",
    sentence: "A node has in hand the transactions that its log tells of; the first time, none.",
};
const RECOVER: Rule = Rule {
    section: "BHG 7.4, R* 2",
    sentence: "After a crash the log tells where a node stands: who decided, tells; who prepared, asks; else it forgets.",
};
const BEGIN: Rule =
    Rule { section: "BHG 7.4", sentence: "The coordinator asks every participant for its vote." };
const COLLECT: Rule = Rule {
    section: "R* 4",
    sentence: "Where commit is presumed, a forced record says that votes are collected, lest a crash turn them into a \
               commit.",
};
const INTEND: Rule =
    Rule { section: "BHG 7.3", sentence: "Until it has voted yes, a participant may choose as it likes." };
const BOUND: Rule =
    Rule { section: "BHG 7.3", sentence: "Who has voted can no longer choose; the coordinator has no vote." };
const YES: Rule = Rule {
    section: "BHG 7.4",
    sentence: "A participant forces its prepare record before it votes yes, and is uncertain from then on.",
};
const NO: Rule = Rule {
    section: "BHG 7.4",
    sentence: "A participant that votes no has decided to abort, and needs no answer.",
};
const READ: Rule = Rule {
    section: "R* 3",
    sentence: "A participant that only read votes so, writes nothing, and is spared the second phase.",
};
const VOTED: Rule = Rule { section: "BHG 7.4", sentence: "A participant votes once." };
const COUNT: Rule = Rule { section: "BHG 7.4", sentence: "The coordinator waits for the votes of all." };
const DECIDE: Rule = Rule {
    section: "BHG 7.4",
    sentence: "With every yes the coordinator commits, with one no it aborts; it forces the record before it tells.",
};
const LAZY: Rule = Rule {
    section: "R* 3, R* 4",
    sentence: "A decision need not be forced where recovery would come to the same without its record.",
};
const GIVE_UP: Rule =
    Rule { section: "BHG 7.4", sentence: "A coordinator that waits too long for a vote aborts." };
const SETTLE: Rule =
    Rule { section: "BHG 7.4, R* 2", sentence: "A participant forces the decision before it acknowledges." };
const KNOWN: Rule = Rule {
    section: "R* 2",
    sentence: "Who knows the decision, or is not concerned, acknowledges once more and does nothing.",
};
const END: Rule = Rule {
    section: "R* 2",
    sentence: "When all have acknowledged, the coordinator writes an end and forgets.",
};
const AGAIN: Rule =
    Rule { section: "R* 2", sentence: "The coordinator tells again whoever has not acknowledged." };
const INQUIRE: Rule = Rule {
    section: "BHG 7.4",
    sentence: "An uncertain participant must not decide by itself; it asks those who may know.",
};
const BLOCKED: Rule = Rule {
    section: "BHG 7.4",
    sentence: "While nobody who knows can be reached, an uncertain participant is blocked.",
};
const ANSWER: Rule = Rule { section: "BHG 7.4", sentence: "Who knows the decision tells whoever asks." };
const PRESUME: Rule = Rule {
    section: "R* 2, R* 3, R* 4",
    sentence: "Asked about what it does not have in hand, the coordinator answers abort, or commit where that is presumed.",
};
const IGNORANT: Rule =
    Rule { section: "BHG 7.4", sentence: "Who does not know the decision cannot help the one who asks." };
const LATE: Rule = Rule { section: "BHG 7.4", sentence: "What comes after the decision changes nothing." };

impl Node for TwoPhase {
    type Message = Message;
    type Timer = Timeout;
    type Input = Input;
    type Output = Output;
    type Stable = Stable;
    type Params = Params;

    fn start(stable: Stable, ctx: &mut Ctx<Self>) -> Self {
        let Stable { reserved, log } = stable;
        let coordinates = ctx.me() == COORDINATOR;
        let mut node = TwoPhase {
            coordinates,
            numbered: reserved,
            reserved: reserved + if coordinates { STOCK } else { 0 },
            disk: log.clone(),
            log,
            table: Map::default(),
        };
        ctx.note(&START);
        node.recover(ctx);
        node
    }

    fn stable(&self) -> Stable {
        Stable { reserved: self.reserved, log: self.disk.clone() }
    }

    fn on_input(&mut self, input: Input, ctx: &mut Ctx<Self>) {
        match (input, self.coordinates) {
            (Input::Begin, true) => self.begin(ctx),
            (Input::Refuse(transaction), false) => self.intend(transaction, Vote::No, ctx),
            (Input::Read(transaction), false) => self.intend(transaction, Vote::ReadOnly, ctx),
            // A participant asks nobody for votes, and the coordinator has none.
            (Input::Begin, false) | (Input::Refuse(_) | Input::Read(_), true) => ctx.note(&BOUND),
        }
    }

    fn on_message(&mut self, from: NodeId, message: Message, ctx: &mut Ctx<Self>) {
        match (&message, self.table.get_mut(&message.transaction())) {
            // The first phase: votes.
            (&Message::Prepare(transaction), None) => self.vote(transaction, Vote::Yes, ctx),
            (&Message::Prepare(transaction), Some(&mut State::Working(vote))) => {
                self.vote(transaction, vote, ctx);
            }
            (&Message::Prepare(transaction), Some(State::Prepared { .. })) => {
                ctx.note(&VOTED);
                ctx.send(COORDINATOR, Message::Vote(transaction, Vote::Yes));
            }
            // It voted, or the decision overtook the question.
            (Message::Prepare(_), Some(_)) => ctx.note(&LATE),
            (&Message::Vote(transaction, vote), Some(State::Collecting { missing, bound })) => {
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
            (&Message::Decide(transaction, Decision::Abort), None | Some(State::Working(_))) => {
                self.settle(transaction, Decision::Abort, ctx);
            }
            // It knows, or it only read, and perhaps forgot that.
            (&Message::Decide(transaction, decision), _) => {
                ctx.note(&KNOWN);
                acknowledge(transaction, decision, ctx);
            }
            (&Message::Ack(transaction), Some(State::Telling { bound, .. })) => {
                bound.remove(from);
                ctx.note(&END);
                self.end_when_acknowledged(transaction, ctx);
            }
            // An acknowledgement of what was told twice.
            (Message::Ack(_), _) => ctx.note(&LATE),
            // Termination: what the uncertain ask.
            (
                &Message::Inquire(transaction),
                Some(&mut (State::Telling { decision, .. } | State::Decided(decision))),
            ) => {
                ctx.note(&ANSWER);
                ctx.send(from, Message::Decide(transaction, decision));
            }
            (&Message::Inquire(transaction), None) if self.coordinates => {
                let decision = ctx.params().presumption();
                ctx.tell(&PRESUME, || format!("has no {transaction} in hand and presumes {decision}"));
                ctx.send(from, Message::Decide(transaction, decision));
            }
            // Uncertain itself, still counting, or without any knowledge.
            (Message::Inquire(_), _) => ctx.note(&IGNORANT),
        }
    }

    fn on_timer(&mut self, Timeout(transaction): Timeout, ctx: &mut Ctx<Self>) {
        match self.table.get_mut(&transaction) {
            Some(State::Collecting { .. }) => {
                ctx.output(Output::TimedOut(transaction));
                ctx.tell(&GIVE_UP, || format!("waits no longer for votes on {transaction}"));
                self.decide(transaction, Decision::Abort, ctx);
            }
            Some(State::Telling { decision, bound }) => {
                let (decision, bound) = (*decision, bound.clone());
                ctx.note(&AGAIN);
                self.announce(transaction, decision, bound, ctx);
            }
            Some(State::Prepared { .. }) if ctx.params().bugs.aborts_uncertain => {
                self.settle(transaction, Decision::Abort, ctx);
            }
            Some(State::Prepared { .. }) => self.inquire(transaction, ctx),
            // It waits for nothing in this transaction any more.
            Some(State::Working(_) | State::Released | State::Decided(_)) | None => ctx.note(&LATE),
        }
    }

    fn inputs(&self) -> Vec<Input> {
        if self.coordinates {
            return vec![Input::Begin];
        }
        let next = Transaction(self.table.keys().next_back().map_or(1, |last| last.0 + 1));
        vec![Input::Refuse(next), Input::Read(next)]
    }

    fn card(&self) -> Card {
        let uncertain = |(_, state): &(&Transaction, &State)| matches!(state, State::Prepared { .. });
        let latest = self.table.iter().rev().find(uncertain).or(self.table.iter().next_back());
        let badge = match (latest, self.log.last()) {
            (Some((transaction, _)), _) => transaction.to_string(),
            (None, Some(entry)) => entry.transaction().to_string(),
            (None, None) => "idle".into(),
        };
        let (role, tone) = match latest {
            _ if self.coordinates => ("coordinator", Tone::Leading),
            Some((_, state @ State::Prepared { .. })) => (state.word(), Tone::Seeking),
            Some((_, state)) => (state.word(), Tone::Plain),
            None => ("participant", Tone::Plain),
        };
        let cell = |(place, entry): (usize, &Entry)| {
            let index = place as u64 + 1;
            let (term, text) = (entry.transaction().0, entry.to_string());
            LogCell { index, term, text, committed: index <= self.disk.len(), changed: false }
        };
        let log = self.log.after(0).into_iter().enumerate().map(cell).collect();
        Card { role, tone, badge, fields: self.fields(), log, ..Card::default() }
    }
}

fn acknowledge(transaction: Transaction, decision: Decision, ctx: &mut Ctx<TwoPhase>) {
    if !ctx.params().presumes(decision) {
        ctx.send(COORDINATOR, Message::Ack(transaction));
    }
}

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

    // The coordinator.

    fn begin(&mut self, ctx: &mut Ctx<Self>) {
        self.numbered += 1;
        if self.numbered > self.reserved {
            self.reserved += STOCK;
        }
        let transaction = Transaction(self.numbered);
        if ctx.params().variant == PRESUMED_COMMIT {
            self.write(Entry::Collecting(transaction), true);
        }
        let all: NodeSet = ctx.others().collect();
        self.table.insert(transaction, State::Collecting { missing: all.clone(), bound: all });
        let rule = if ctx.params().variant == PRESUMED_COMMIT { &COLLECT } else { &BEGIN };
        ctx.tell(rule, || format!("asks for votes on {transaction}"));
        ctx.output(Output::Begun(transaction));
        ctx.broadcast(Message::Prepare(transaction));
        wait(transaction, ctx);
    }

    fn decide_when_counted(&mut self, transaction: Transaction, vote: Vote, ctx: &mut Ctx<Self>) {
        match self.table.get(&transaction) {
            _ if vote == Vote::No => self.decide(transaction, Decision::Abort, ctx),
            Some(State::Collecting { missing, .. }) if missing.is_empty() => {
                self.decide(transaction, Decision::Commit, ctx);
            }
            _ => {}
        }
    }

    fn decide(&mut self, transaction: Transaction, decision: Decision, ctx: &mut Ctx<Self>) {
        let Some(State::Collecting { bound, .. }) = self.table.remove(&transaction) else { return };
        let variant = ctx.params().variant;
        let forced = decision == Decision::Commit || variant == PRESUMED_NOTHING;
        // With nobody to tell, nothing need be remembered, unless a record says that votes are being collected.
        if !bound.is_empty() || variant == PRESUMED_COMMIT {
            self.write(Entry::Decided(transaction, decision), forced && !ctx.params().bugs.decides_unforced);
        }
        ctx.tell(if forced { &DECIDE } else { &LAZY }, || format!("decides to {decision} {transaction}"));
        ctx.output(Output::Decided(transaction, decision));
        ctx.cancel(Timeout(transaction));
        self.announce(transaction, decision, bound, ctx);
    }

    /// Tells the decision to those whom it binds, and remembers it while one of them must acknowledge it.
    fn announce(
        &mut self,
        transaction: Transaction,
        decision: Decision,
        bound: NodeSet,
        ctx: &mut Ctx<Self>,
    ) {
        for participant in bound.iter() {
            ctx.send(participant, Message::Decide(transaction, decision));
        }
        if !bound.is_empty() && !ctx.params().presumes(decision) {
            self.table.insert(transaction, State::Telling { decision, bound });
            wait(transaction, ctx);
        }
    }

    fn end_when_acknowledged(&mut self, transaction: Transaction, ctx: &mut Ctx<Self>) {
        let Some(State::Telling { bound, .. }) = self.table.get(&transaction) else { return };
        if bound.is_empty() {
            self.write(Entry::End(transaction), false);
            self.table.remove(&transaction);
            ctx.tell(&END, || format!("forgets {transaction}: all have acknowledged"));
            ctx.cancel(Timeout(transaction));
        }
    }

    // A participant.

    /// Settles how the participant will vote, if it may still choose.
    fn intend(&mut self, transaction: Transaction, vote: Vote, ctx: &mut Ctx<Self>) {
        match self.table.get(&transaction) {
            None | Some(State::Working(_)) => {
                self.table.insert(transaction, State::Working(vote));
                ctx.tell(&INTEND, || format!("will vote {vote} on {transaction}"));
            }
            Some(_) => ctx.note(&BOUND),
        }
    }

    fn vote(&mut self, transaction: Transaction, vote: Vote, ctx: &mut Ctx<Self>) {
        let rule = match vote {
            Vote::Yes => {
                self.write(Entry::Prepare(transaction), !ctx.params().bugs.votes_unforced);
                self.table.insert(transaction, State::Prepared { inquiries: 0 });
                wait(transaction, ctx);
                &YES
            }
            Vote::No => {
                let decision = Decision::Abort;
                self.write(Entry::Decided(transaction, decision), !ctx.params().presumes(decision));
                self.table.insert(transaction, State::Decided(decision));
                &NO
            }
            Vote::ReadOnly => {
                self.table.insert(transaction, State::Released);
                &READ
            }
        };
        ctx.tell(rule, || format!("votes {vote} on {transaction}"));
        ctx.output(Output::Voted(transaction, vote));
        if vote == Vote::No {
            ctx.output(Output::Decided(transaction, Decision::Abort));
        }
        ctx.send(COORDINATOR, Message::Vote(transaction, vote));
    }

    fn settle(&mut self, transaction: Transaction, decision: Decision, ctx: &mut Ctx<Self>) {
        let presumed = ctx.params().presumes(decision);
        self.write(Entry::Decided(transaction, decision), !presumed);
        self.table.insert(transaction, State::Decided(decision));
        ctx.tell(if presumed { &LAZY } else { &SETTLE }, || format!("{decision}s {transaction}"));
        ctx.output(Output::Decided(transaction, decision));
        ctx.cancel(Timeout(transaction));
        acknowledge(transaction, decision, ctx);
    }

    fn inquire(&mut self, transaction: Transaction, ctx: &mut Ctx<Self>) {
        let Some(State::Prepared { inquiries }) = self.table.get_mut(&transaction) else { return };
        match inquiries {
            0 => ctx.tell(&INQUIRE, || format!("asks what was decided about {transaction}")),
            1 => {
                ctx.tell(&BLOCKED, || format!("is blocked in {transaction}, and asks again"));
                ctx.output(Output::InDoubt(transaction));
            }
            _ => ctx.note(&BLOCKED),
        }
        *inquiries = 2.min(*inquiries + 1);
        match ctx.params().cooperative {
            1 => ctx.broadcast(Message::Inquire(transaction)),
            _ => ctx.send(COORDINATOR, Message::Inquire(transaction)),
        }
        wait(transaction, ctx);
    }

    // Recovery.

    /// Takes up every transaction where the log has left it.
    fn recover(&mut self, ctx: &mut Ctx<Self>) {
        let mut last: Map<Transaction, Entry> = Map::default();
        for entry in self.log.after(0) {
            last.insert(entry.transaction(), *entry);
        }
        if ctx.params().bugs.reuses_numbers {
            self.numbered = last.keys().next_back().map_or(0, |transaction| transaction.0);
        }
        if !last.is_empty() {
            ctx.tell(&RECOVER, || "restarts with its log".into());
        }
        for entry in last.values() {
            self.resume(*entry, ctx);
        }
    }

    fn resume(&mut self, entry: Entry, ctx: &mut Ctx<Self>) {
        let all: NodeSet = ctx.others().collect();
        match entry {
            Entry::Collecting(transaction) => {
                self.table.insert(transaction, State::Collecting { missing: all.clone(), bound: all });
                self.decide(transaction, Decision::Abort, ctx);
            }
            Entry::Decided(transaction, decision) if self.coordinates && !ctx.params().presumes(decision) => {
                ctx.tell(&RECOVER, || format!("tells again to {decision} {transaction}"));
                self.announce(transaction, decision, all, ctx);
            }
            Entry::Prepare(transaction) => {
                self.table.insert(transaction, State::Prepared { inquiries: 0 });
                self.inquire(transaction, ctx);
            }
            Entry::Decided(transaction, decision) if !self.coordinates => {
                self.table.insert(transaction, State::Decided(decision));
            }
            // It may be forgotten, or would be presumed.
            Entry::Decided(..) | Entry::End(_) => {}
        }
    }
}

impl Params {
    /// Whether a participant that asks about a forgotten transaction is told this on purpose.
    fn presumes(&self, decision: Decision) -> bool {
        matches!(
            (self.variant, decision),
            (PRESUMED_ABORT, Decision::Abort) | (PRESUMED_COMMIT, Decision::Commit)
        )
    }

    /// What is answered about a transaction of which the coordinator has no record.
    fn presumption(&self) -> Decision {
        match self.variant {
            PRESUMED_COMMIT => Decision::Commit,
            _ if self.bugs.commits_forgotten => Decision::Commit,
            _ => Decision::Abort,
        }
    }
}
