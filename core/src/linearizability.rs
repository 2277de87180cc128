//! # Linearizability (Herlihy and Wing, 1990), and two weaker promises
//!
//! A history is **linearizable** when every operation can be given one moment between its invocation and its
//! response at which it takes effect, such that the operations in the order of these moments are what a
//! sequential object would have done. [`Checker`] decides it.
//!
//! The search is Wing and Gong's (Testing and verifying concurrent objects, 1993): of the operations that
//! were asked before any that is not done was answered, choose one that the state allows, go on, take it back
//! when it leads nowhere. Lowe (Testing for linearizability, 2017) remembers the configurations that were
//! reached, each the set of the operations done and the state. Both are exponential in the number of
//! operations open at once, and so is every way to decide this (Gibbons and Korach, 1997). What keeps it
//! small here:
//!
//! * A history of many keys is checked a key at a time (Herlihy and Wing, theorem 1; the P-compositionality
//!   of Horn and Kroening, 2015). The keys take turns with budgets that grow, or one bad key would hide
//!   behind a long one.
//! * An operation that only observes, a read above all, is done as soon as its answer is right: if it comes
//!   later in some order that explains all, it can be moved here, since nothing that must come before it is
//!   left and no other operation notices. Only changes are chosen among.
//! * Of two operations with the same input, the one answered earlier is done first: they can change places.
//!   So of operations that were never answered only a count matters.
//! * An operation that was never answered is done only if what comes next needs it: otherwise it comes later, or never. And of
//!   two configurations that are alike but for such operations, one that has done no more of any input than the other is as
//!   good, so the other is not tried.
//! * The set of operations done is kept from the first that is not done on, so a configuration stays small in
//!   a long history.
//!
//! Linearizability is closed under prefixes. So for a history that is not linearizable there is exactly one
//! answer with which it stops being so, the first impossible operation, and [`Refutation`] names it: up to
//! there the history is cut (what was answered later is open, what was asked later is gone) and searched
//! again. The search that failed bounds it from below, and nearly always the bound is it. In a history of
//! many keys it is the first of the key that was refuted, which need not be the first of all.
//!
//! [`sequential`] and [`causal`] decide the weaker promises for small histories; see [`weaker`].

mod parts;
mod search;
mod table;
mod turns;
pub mod weaker;

pub use turns::Turn;
pub use weaker::{causal, sequential};

use crate::history::read::Recorded;
use crate::history::{
    KeyValue, ListAppend, Model, MultiRegister, Mutex, Of, Queue, Register, Registers, Set, UnorderedQueue,
    words,
};
use crate::toolbox::order::{self, by_number};
use parts::{divided, unfounded};
use search::{Found, Search, Suspicion};
use std::borrow::Cow;

/// How many bytes of configurations a check remembers, unless told otherwise.
pub const MOST_MEMORY: usize = 256 << 20;

/// How many attempts at an operation the first turn of a part has; every round has four times as many.
const FIRST_TURN: u64 = 4_096;

/// What became of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The promise is kept.
    Holds {
        /// An order that explains the history, by numbers of operations; for causal consistency one order for
        /// each process.
        orders: Vec<Vec<usize>>,
    },
    /// The promise is broken.
    Fails(Refutation),
    /// It is not known.
    Unknown {
        /// Why, in a sentence.
        sentence: String,
    },
}

/// Why a promise is broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refutation {
    /// The first impossible operation, by its number: with its answer the history stops keeping the promise.
    pub operation: usize,
    /// An order that explains everything that was answered before it (in the same part).
    pub prefix: Vec<usize>,
    /// The part in which it is, where the history has parts: the key.
    pub part: Option<String>,
    /// All that in a sentence.
    pub sentence: String,
}

/// How far a check is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// There is more to do.
    Working {
        /// How many attempts at an operation there were.
        attempts: u64,
        /// How many parts are explained, and how many there are.
        parts: (usize, usize),
    },
    /// It is decided.
    Done(Verdict),
}

/// Decides whether a history is linearizable, within a budget of attempts at an operation.
pub fn check<M: Model>(history: &Of<M>, budget: u64) -> Verdict {
    Checker::<M>::new(Cow::Borrowed(history)).finish(budget)
}

/// Decides whether a history that was read from a file is linearizable. It is compiled here, with the core, and so is
/// fast where the caller is not.
pub fn check_recorded(recorded: &Recorded, budget: u64) -> Verdict {
    match recorded {
        Recorded::Register(history) => check::<Register>(history, budget),
        Recorded::Registers(history) => check::<Registers>(history, budget),
        Recorded::Mutex(history) => check::<Mutex>(history, budget),
        Recorded::KeyValue(history) => check::<KeyValue>(history, budget),
        Recorded::Queue(history) => check::<Queue>(history, budget),
        Recorded::Set(history) => check::<Set>(history, budget),
        Recorded::MultiRegister(history) => check::<MultiRegister>(history, budget),
        Recorded::UnorderedQueue(history) => check::<UnorderedQueue>(history, budget),
        Recorded::ListAppend(history) => check::<ListAppend>(history, budget),
    }
}

/// A check that can be done a slice at a time.
#[derive(Clone, Debug)]
pub struct Checker<'h, M: Model> {
    history: Cow<'h, Of<M>>,
    parts: Vec<Part<M>>,
    /// Whose turn it is, how much of it is left, and how long the turns of this round are.
    turn: usize,
    left: u64,
    turn_length: u64,
    attempts: u64,
    /// How many parts are explained, and how many bytes the searches of the others hold.
    explained: usize,
    bytes: usize,
    memory: usize,
    stage: Stage<M>,
}

/// The operations of one key.
#[derive(Clone, Debug)]
struct Part<M: Model> {
    name: Option<String>,
    members: Vec<u32>,
    /// None before the first turn, and after the last.
    search: Option<Search<M>>,
    explained: Option<Vec<u32>>,
}

#[derive(Clone, Debug)]
enum Stage<M: Model> {
    /// Looking for an order for every part.
    Explaining,
    /// One part has none: looking for the first answer that makes it so.
    Blaming(Box<Blame<M>>),
    Decided(Verdict),
}

/// The search for the first impossible operation of a part.
#[derive(Clone, Debug)]
struct Blame<M: Model> {
    part: usize,
    /// The answered operations in the order of their answers.
    answers: Vec<u32>,
    /// The first impossible one is among `answers[low..=high]`.
    low: usize,
    high: usize,
    middle: usize,
    search: Search<M>,
    /// An order for all that was answered before `answers[low]`.
    prefix: Vec<u32>,
    /// What the search that ended at `answers[high]` learned.
    learned: Option<String>,
}

impl<'h, M: Model> Checker<'h, M> {
    /// A check that has not begun.
    pub fn new(history: Cow<'h, Of<M>>) -> Self {
        let mut numbers: Vec<u32> = (0..history.operations.len() as u32).collect();
        by_number(&mut numbers, |&number| history.operations[number as usize].invoked.into());
        let parts = divided::<M>(&history, numbers);
        let unfounded =
            parts.iter().enumerate().find_map(|(part, it)| Some((part, unfounded::<M>(&history, it)?)));
        let mut checker = Checker {
            history,
            parts,
            turn: 0,
            left: FIRST_TURN,
            turn_length: FIRST_TURN,
            attempts: 0,
            explained: 0,
            bytes: 0,
            memory: MOST_MEMORY,
            stage: Stage::Explaining,
        };
        if let Some((part, number)) = unfounded {
            checker.begin_with(part, number);
        }
        checker
    }

    /// One answer cannot be explained whatever the order: only whether an earlier one cannot be, either, is left to find out.
    fn begin_with(&mut self, part: usize, number: u32) {
        let answers = self.answers(part);
        let high = answers.iter().position(|&it| it == number).unwrap_or(0);
        let middle = high.saturating_sub(1);
        let search = Search::new(&self.history, &self.parts[part].members, answers.get(middle).copied());
        let learned = Some("no operation puts that value there".to_owned());
        let blame = Blame { part, answers, low: 0, high, middle, search, prefix: Vec::new(), learned };
        self.stage = Stage::Blaming(Box::new(blame));
    }

    /// The answered operations of a part, in the order of their answers.
    fn answers(&self, part: usize) -> Vec<u32> {
        let end = |number: &u32| {
            u128::from(self.history.operations[*number as usize].end()) << 32 | u128::from(*number)
        };
        let mut answers = self.parts[part].members.clone();
        answers.retain(|&number| self.history.operations[number as usize].returned.is_some());
        by_number(&mut answers, end);
        answers
    }

    /// Sets how many bytes of configurations are remembered before the check gives up.
    pub fn with_memory(self, bytes: usize) -> Self {
        Checker { memory: bytes, ..self }
    }

    /// Goes on for about so many attempts at an operation.
    pub fn step(&mut self, budget: u64) -> Progress {
        let mut left = budget;
        while left > 0 {
            let before = left;
            match &mut self.stage {
                Stage::Decided(verdict) => return Progress::Done(verdict.clone()),
                Stage::Explaining => self.explain(&mut left),
                Stage::Blaming(_) => self.blame(&mut left),
            }
            self.attempts += before - left;
        }
        self.progress()
    }

    fn progress(&self) -> Progress {
        match &self.stage {
            Stage::Decided(verdict) => Progress::Done(verdict.clone()),
            _ => Progress::Working { attempts: self.attempts, parts: (self.explained, self.parts.len()) },
        }
    }

    /// Goes on for so many attempts, and then says what is known.
    pub fn finish(mut self, budget: u64) -> Verdict {
        match (self.step(budget), &self.stage) {
            (Progress::Done(verdict), _) => verdict,
            (Progress::Working { .. }, Stage::Blaming(blame)) => self.refutation(blame),
            (Progress::Working { attempts, parts: (explained, parts) }, _) => Verdict::Unknown {
                sentence: format!(
                    "the budget of {budget} attempts is used up (after {attempts}), with {explained} of {parts} \
                     parts explained and none refuted"
                ),
            },
        }
    }

    /// Gives the part whose turn it is its turn, or the next part one.
    fn explain(&mut self, left: &mut u64) {
        if self.explained == self.parts.len() {
            self.stage = Stage::Decided(Verdict::Holds { orders: vec![self.merged()] });
            return;
        }
        if self.turn == self.parts.len() {
            self.turn = 0;
            self.turn_length = self.turn_length.saturating_mul(4);
            self.left = self.turn_length;
        }
        let part = &mut self.parts[self.turn];
        if part.explained.is_some() || self.left == 0 {
            self.turn += 1;
            self.left = self.turn_length;
            return;
        }
        self.bytes -= part.search.as_ref().map_or(0, Search::bytes);
        let search = part.search.get_or_insert_with(|| Search::new(&self.history, &part.members, None));
        let memory = self.memory.saturating_sub(self.bytes);
        let mut budget = self.left.min(*left);
        let given = budget;
        let found = search.run(&self.history, &mut budget, memory);
        let spent = (given - budget).max(1);
        self.left = self.left.saturating_sub(spent);
        *left = left.saturating_sub(spent);
        match found {
            Found::Order => {
                part.explained = Some(search.order());
                part.search = None;
                self.explained += 1;
            }
            Found::Contradiction => self.begin_blame(),
            Found::Nothing if budget > 0 => self.stage = Stage::Decided(self.out_of_memory()),
            Found::Nothing => self.bytes += search.bytes(),
        }
    }

    fn out_of_memory(&self) -> Verdict {
        let sentence = format!(
            "the {} MiB for configurations are used up, with {} of {} parts explained and none refuted",
            self.memory >> 20,
            self.explained,
            self.parts.len()
        );
        Verdict::Unknown { sentence }
    }

    /// One order for all parts: each operation at the earliest moment that its part's order allows.
    fn merged(&self) -> Vec<usize> {
        let mut moments = Vec::with_capacity(self.history.operations.len());
        for part in &self.parts {
            let mut now = 0;
            for &number in part.explained.iter().flatten() {
                now = now.max(self.history.operations[number as usize].invoked);
                moments.push((now, number as usize));
            }
        }
        // Their order is kept, and a moment that two parts share is the invocation of two operations at once.
        by_number(&mut moments, |&(moment, _)| moment.into());
        moments.into_iter().map(|(_, number)| number).collect()
    }

    fn begin_blame(&mut self) {
        let Some(failed) = self.parts[self.turn].search.take() else { return };
        let answers = self.answers(self.turn);
        let part = &self.parts[self.turn];
        let low = answers.iter().position(|&number| number == failed.blocker).unwrap_or(0);
        let search = Search::new(&self.history, &part.members, answers.get(low).copied());
        let blame = Blame {
            part: self.turn,
            high: answers.len().saturating_sub(1),
            low,
            middle: low,
            search,
            prefix: failed.best(),
            learned: None,
            answers,
        };
        self.stage = Stage::Blaming(Box::new(blame));
    }

    /// Halves the answers that may be the first impossible one; the first guess is the lowest.
    fn blame(&mut self, left: &mut u64) {
        let Stage::Blaming(blame) = &mut self.stage else { return };
        let found = blame.search.run(&self.history, left, self.memory);
        let memory_is_used_up = found == Found::Nothing && *left > 0;
        match found {
            Found::Nothing => {}
            Found::Contradiction => {
                blame.high = blame.middle;
                blame.learned =
                    blame.search.suspicion.as_ref().map(|it| learned(&self.history, &blame.search, it));
            }
            Found::Order => {
                blame.low = blame.middle + 1;
                blame.prefix = blame.search.order();
            }
        }
        if memory_is_used_up || blame.low >= blame.high && blame.learned.is_some() || blame.low > blame.high {
            let Stage::Blaming(blame) = std::mem::replace(&mut self.stage, Stage::Explaining) else { return };
            self.stage = Stage::Decided(self.refutation(&blame));
        } else if found != Found::Nothing {
            blame.middle = blame.low + (blame.high - blame.low) / 2;
            let last = blame.answers.get(blame.middle).copied();
            blame.search = Search::new(&self.history, &self.parts[blame.part].members, last);
        }
    }

    fn refutation(&self, blame: &Blame<M>) -> Verdict {
        let place = if blame.learned.is_some() { blame.high } else { blame.low };
        let operation = blame.answers.get(place).copied().unwrap_or_default() as usize;
        let why = blame
            .learned
            .clone()
            .unwrap_or_else(|| "no order explains it together with all earlier operations".into());
        let said = self.history.operations.get(operation).map(words::<M>).unwrap_or_default();
        Verdict::Fails(Refutation {
            operation,
            prefix: blame.prefix.iter().map(|&number| number as usize).collect(),
            part: self.parts[blame.part].name.clone(),
            sentence: format!("{said} cannot be explained: {why}"),
        })
    }
}

/// Why the last answered operation of a search that failed is impossible.
fn learned<M: Model>(history: &Of<M>, search: &Search<M>, suspicion: &Suspicion) -> String {
    match suspicion.then {
        Some((_, other)) => format!(
            "if it had taken effect, no order would explain {}",
            words::<M>(&history.operations[other as usize])
        ),
        None if suspicion.wrong_in.is_empty() => {
            "no order explains it together with all earlier operations".into()
        }
        None => {
            let state = |&number: &u32| M::state_words(search.state(number));
            let mut states: Vec<String> = suspicion.wrong_in.iter().map(state).collect();
            order::by(&mut states, String::cmp);
            if suspicion.more {
                states.push("others like these".into());
            }
            let last = states.pop().unwrap_or_default();
            let before = if states.is_empty() { String::new() } else { states.join(", ") + " or " };
            format!("while it was open, the {} can only have held {before}{last}", M::NAME)
        }
    }
}
