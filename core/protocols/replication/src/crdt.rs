//! # CRDTs: replicas that merge (Shapiro, Preguiça, Baquero and Zawirski 2011)
//!
//! Every replica takes updates at once, without asking anybody, be it online or not. Later the replicas exchange what they have,
//! and whoever includes the same updates is in the same state: *strong eventual consistency*. There are no conflicts to resolve,
//! because the data type says what concurrent updates come to.
//!
//! There are two ways. With *states* a replica sends its whole state, and the receiver merges it. The states form a
//! semilattice: merging is associative, commutative and idempotent, and an update never makes a state smaller. So it does not matter
//! in which order, how often and by which way states arrive. With *operations* a replica sends each update alone. Concurrent
//! operations commute, so it suffices that every operation is applied once, and after all that its source had seen. This file
//! brings that about itself: an operation carries the updates that its source had seen, a receiver holds it back until it
//! has applied these, and ignores a copy.
//!
//! Five types are here, one in use at a time (`type`):
//!
//! | type | what concurrent updates come to |
//! |---|---|
//! | counter | Everything counts: each replica has entries of its own for increments and decrements, and the value is their sum. |
//! | register | The last write wins, by Lamport timestamp, then by replica. The other write is lost, as it should be. |
//! | set | An addition wins over a removal: a removal takes away the tags that it observed, and each addition has a new one (OR-set). |
//! | map | Keys are such a set. Of values that were put concurrently, the last is shown. |
//! | text | Both insertions stay, one after the other (RGA). A character is told by its timestamp and stands behind the one that it was typed after. |
//!
//! The set and the map need no tombstones, because each state says which updates it includes: a tag that is missing though
//! its addition is included was removed (Bieniusa et al. 2012). Text needs them, because a character may be typed after one that is
//! erased elsewhere.
//!
//! A replica knows what the others include, and repeats what they lack until they have acknowledged it. Updates are on its disk
//! before anybody hears of them. A replica that is restored from a backup (made when it last started) forgets updates that others may
//! have. So it takes a new identity: under the old one it would use numbers twice, and others would take its new updates for old ones,
//! as it happened in Riak (`riak_kv`, pull request 1094). Here the number of restores makes the identity new, and survives them; a
//! real replica draws a random one. A replica keeps every operation, because it may have to send any of them to one that was restored.
//! What nobody else had received is lost with the disk, and so is an operation that waits elsewhere for a lost one.
//!
//! **Where it hurts:** merging keeps replicas equal, not what people meant. A register forgets a write. Nothing that must hold
//! *between* values can be promised: a counter that must not go below zero does, when two replicas spend the same rest. Text keeps its
//! tombstones for ever. Characters that are typed one before the other, from right to left, can mix with another's even in RGA.
//! Claimed here is only that words typed at once are not interleaved, which positions of the kind of Logoot do not give (the twin
//! `logoot-positions`; Kleppmann et al. 2019). What that paper demands beyond this no algorithm can give, says its erratum.
//!
//! **What this file leaves out:** sets in which removal wins or is final, deltas (Almeida et al. 2018), maps whose values are CRDTs
//! themselves, bounded counters, moves, collecting tombstones (it needs to know that all replicas include the removal, and
//! that none will be restored), and members that come and go.

use clock::{Dot, Replica, Seen};
use exchange::{INCLUDE, REPEAT};
use faultline_core::prelude::*;
use state::{Operation, State};
use std::sync::Arc;
use text::Word;

mod claims;
pub mod clock;
mod counter;
mod entries;
mod exchange;
mod logoot;
mod register;
pub mod state;
mod text;
mod title;
mod vocabulary;
mod words;

pub use vocabulary::{Bugs, Input, Params, Type, Way};

/// What replicas tell each other. Each message says in which boot of its sender it was sent; a restore counts as one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum Message {
    /// An operation.
    Apply { boot: u32, operation: Operation },
    /// My whole state, and how it looks in words.
    Merge { boot: u32, state: Arc<State>, shown: String },
    /// I include these updates.
    Include { boot: u32, seen: Seen },
    /// I have started again and include these updates. What do you include?
    Hello { boot: u32, seen: Seen },
    /// I have heard that you started for this time, and include these updates.
    Welcome { boot: u32, to: u32, seen: Seen },
}

kinds! { Message {
    Apply 'O': Self::Apply { operation, .. } => "{operation}" as "operation {operation}",
    Merge 'S': Self::Merge { state, shown, .. } => ("{shown} with {}", state.seen) as "the state {shown}",
    Include 'I' reply: Self::Include { seen, .. } => "{seen}" as "the news that it includes {seen}",
    Welcome 'H' reply: Self::Welcome { seen, .. } => "{seen}" as "a welcome by one that includes {seen}",
    Hello 'H': Self::Hello { seen, .. } => "{seen}" as "the question what it lacks beyond {seen}",
} }

/// What a replica reminds itself of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
pub enum Timer {
    /// It repeats what others have not acknowledged.
    Repeat,
}

/// What the application is told.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum Output {
    /// An update has taken place here.
    Updated(Operation),
    /// This is shown now.
    Shows(String),
    /// An operation has come before one that its source had seen.
    HeldBack(Dot),
    /// The backup is back.
    Restored,
}

/// What is on the disk.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Disk {
    /// How often the replica has started or was restored.
    boots: u32,
    /// How often it was restored.
    restores: u32,
    /// Its state.
    pub state: State,
    /// The operations that it has applied, in that order; none where states are sent.
    log: Vec<Operation>,
}

/// The disk, which nodes and copies of the world share.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stable(Arc<Disk>);

/// A replica.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Crdt {
    me: NodeId,
    count: u32,
    params: Params,
    /// What is on its disk.
    pub disk: Arc<Disk>,
    /// What was on its disk when it last started.
    backup: Arc<Disk>,
    /// In which boot each other replica spoke last, and what it included.
    known: Map<NodeId, (u32, Seen)>,
    /// Who has heard that it started for this time.
    welcomed: NodeSet,
    /// Operations that wait for others.
    held: Vec<Operation>,
    /// Whether it will repeat something.
    repeats: bool,
}

const START: Rule = Rule::new("SSS 2011", "All replicas begin in the same state.");
const RECOVER: Rule = Rule::new(
    "SSS 2011",
    "A replica that recovers has its updates on disk, and asks the others what they include.",
);
const UPDATE: Rule = Rule::new(
    "SSS 2011",
    "An update takes place at its source at once. Then it is sent to the other replicas, be they there or not.",
);
const NOTHING: Rule = Rule::new(
    "RR-7506, spec. 15",
    "What is not there cannot be removed, and each type has updates of its own.",
);
const MERGE: Rule = Rule::new(
    "SSS 2011, CvRDT",
    "A replica merges every state that arrives: the least upper bound of both includes the updates of both.",
);
const APPLY: Rule = Rule::new(
    "SSS 2011, CmRDT",
    "A replica applies an operation once, after all operations that its source had applied. Concurrent ones commute.",
);
const HOLD: Rule = Rule::new(
    "SSS 2011, CmRDT",
    "An operation that comes before one that its source had applied is held back.",
);
const COPY: Rule =
    Rule::new("SSS 2011, CmRDT", "An operation that was applied is a copy and changes nothing.");

impl Node for Crdt {
    type Message = Message;
    type Timer = Timer;
    type Input = Input;
    type Output = Output;
    type Stable = Stable;
    type Params = Params;

    fn start(Stable(mut disk): Stable, ctx: &mut Ctx<Self>) -> Self {
        Arc::make_mut(&mut disk).boots += 1;
        // Before the first update all replicas know each other to include none.
        let is_first = disk.boots == 1;
        let welcomed: NodeSet = ctx.others().filter(|_| is_first).collect();
        let known = welcomed.iter().fold(Map::default(), |mut all, node| {
            all.insert(node, (1, Seen::default()));
            all
        });
        let (me, count, params) = (ctx.me(), ctx.count() as u32, ctx.params().clone());
        let (backup, held) = (Arc::clone(&disk), Vec::new());
        let mut replica = Crdt { me, count, params, disk, backup, known, welcomed, held, repeats: false };
        if is_first {
            ctx.note(&START);
        } else {
            ctx.tell(&RECOVER, || "recovers its state from disk".into());
            replica.ask_all(ctx);
        }
        replica
    }

    fn stable(&self) -> Stable {
        Stable(Arc::clone(&self.disk))
    }

    fn on_input(&mut self, input: Input, ctx: &mut Ctx<Self>) {
        if input == Input::Restore {
            return self.restore(ctx);
        }
        match self.disk.state.prepare(input, self.replica(), &self.params) {
            Some(operation) => self.update(operation, ctx),
            None => ctx.note(&NOTHING),
        }
    }

    fn on_message(&mut self, from: NodeId, message: Message, ctx: &mut Ctx<Self>) {
        match message {
            Message::Merge { boot, state, .. } => {
                self.know(from, boot, &state.seen);
                self.merge(from, &state, ctx);
            }
            Message::Apply { boot, operation } => {
                let mut seen = operation.saw.clone();
                seen.add(operation.dot);
                self.know(from, boot, &seen);
                self.receive(from, operation, ctx);
            }
            Message::Include { boot, seen } => {
                ctx.note(&INCLUDE);
                self.know(from, boot, &seen);
            }
            Message::Hello { boot, seen } => {
                ctx.note(&INCLUDE);
                self.know(from, boot, &seen);
                self.welcome(from, boot, ctx);
                self.send_what_it_lacks(from, ctx);
            }
            Message::Welcome { boot, to, seen } => {
                ctx.note(&INCLUDE);
                // One to an earlier boot does not say that the other has heard of this one. One that the other sent before it started
                // anew says what it may have lost since.
                if to == self.disk.boots && self.known.get(&from).is_none_or(|(latest, _)| *latest <= boot) {
                    self.welcomed.insert(from);
                }
                self.know(from, boot, &seen);
            }
        }
        self.repeat_or_rest(ctx);
    }

    fn on_timer(&mut self, Timer::Repeat: Timer, ctx: &mut Ctx<Self>) {
        self.repeats = false;
        let behind: NodeSet = self.behind().collect();
        ctx.remark(&REPEAT, || format!("sends what {behind} may lack"));
        behind.iter().for_each(|node| self.send_what_it_lacks(node, ctx));
        self.repeat_or_rest(ctx);
    }

    fn inputs(&self) -> Vec<Input> {
        let state = &self.disk.state;
        let (a, b) = (crate::Key(0), crate::Key(1));
        let value = 10 * (u64::from(self.me.0) + 1) + state.seen.of(self.replica());
        let word = ["ab", "xy", "mn", "pq"][self.me.index() % 4];
        let length = state.text.visible().count() as u64;
        let mut inputs = match self.params.r#type {
            Type::Counter => vec![Input::Increment, Input::Decrement],
            Type::Register => vec![Input::Write(value)],
            Type::Set => vec![Input::Add(a), Input::Add(b)],
            Type::Map => vec![Input::Put(a, value), Input::Put(b, value)],
            Type::Text => vec![Input::Type(Word(word.into()), 0)],
        };
        inputs.extend(state.entries.keys().first().map(|key| Input::Remove(*key)));
        if length > 0 {
            let middle = length.div_ceil(2);
            inputs.push(Input::Type(Word(word.into()), length));
            inputs.extend((middle < length).then(|| Input::Type(Word(word.into()), middle)));
            inputs.push(Input::Erase(middle));
        }
        inputs.extend((self.disk.state != self.backup.state).then_some(Input::Restore));
        inputs
    }

    fn card(&self) -> Card {
        self.described()
    }
}

impl Crdt {
    /// Under which identity it updates.
    fn replica(&self) -> Replica {
        Replica { node: self.me, restores: self.disk.restores }
    }

    /// What it includes, for claims.
    pub fn state(&self) -> &State {
        &self.disk.state
    }

    /// An update takes place here, and is sent to all.
    fn update(&mut self, operation: Operation, ctx: &mut Ctx<Self>) {
        ctx.tell(&UPDATE, || format!("updates: {operation}"));
        self.apply(&operation, ctx);
        ctx.output(Output::Updated(operation.clone()));
        let boot = self.disk.boots;
        ctx.broadcast(match self.params.way {
            Way::Operations => Message::Apply { boot, operation },
            Way::States => self.whole_state(),
        });
        self.repeat_or_rest(ctx);
    }

    /// Applies an operation and keeps it for those who lack it.
    fn apply(&mut self, operation: &Operation, ctx: &mut Ctx<Self>) {
        let disk = Arc::make_mut(&mut self.disk);
        if self.params.way == Way::Operations && !disk.state.seen.includes(operation.dot) {
            disk.log.push(operation.clone());
        }
        disk.state.apply(operation, &self.params.bugs);
        ctx.output(Output::Shows(disk.state.shown(self.params.r#type)));
    }

    /// Merges a state that arrived.
    fn merge(&mut self, from: NodeId, theirs: &State, ctx: &mut Ctx<Self>) {
        let me = self.replica();
        let news = !self.disk.state.seen.covers(&theirs.seen);
        Arc::make_mut(&mut self.disk).state.merge(theirs, me, &self.params.bugs);
        let shown = self.disk.state.shown(self.params.r#type);
        if news {
            ctx.tell(&MERGE, || format!("merges the state of {from} and shows {shown}"));
            self.acknowledge_to_all(ctx);
        } else {
            ctx.note(&MERGE);
            self.acknowledge(from, ctx);
        }
        ctx.output(Output::Shows(shown));
    }

    /// Applies an operation that arrived, with those that waited for it; or holds it back.
    fn receive(&mut self, from: NodeId, operation: Operation, ctx: &mut Ctx<Self>) {
        let Bugs { applies_copies, .. } = self.params.bugs;
        if self.disk.state.seen.includes(operation.dot) && !applies_copies {
            ctx.remark(&COPY, || format!("ignores a copy of {}", operation.dot));
            return self.acknowledge(from, ctx);
        }
        if let Some(missed) = self.waits_for(&operation) {
            ctx.tell(&HOLD, || format!("holds back {} until it has applied {missed}", operation.dot));
            if !self.held.contains(&operation) {
                ctx.output(Output::HeldBack(operation.dot));
                self.held.push(operation);
            }
            return self.acknowledge(from, ctx);
        }
        ctx.tell(&APPLY, || format!("applies {operation}"));
        self.apply(&operation, ctx);
        while let Some(place) = self.held.iter().position(|held| self.waits_for(held).is_none()) {
            let held = self.held.remove(place);
            if !self.disk.state.seen.includes(held.dot) {
                ctx.tell(&APPLY, || format!("applies {held}"));
                self.apply(&held, ctx);
            }
        }
        self.acknowledge_to_all(ctx);
    }

    /// The first update that the source of an operation had seen and that is missing here.
    fn waits_for(&self, operation: &Operation) -> Option<Dot> {
        self.disk.state.seen.misses(&operation.saw).filter(|_| !self.params.bugs.ignores_causes)
    }
}
