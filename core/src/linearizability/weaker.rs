//! Two promises weaker than linearizability, decided exactly for small histories.
//!
//! **Sequential consistency** (Lamport, How to make a multiprocessor computer that correctly executes
//! multiprocess programs, 1979): there is one order of all operations that a sequential object would have
//! done and in which each process's operations stand as it asked them. Time across processes does not matter.
//! Unlike linearizability it is not local: every key alone may be consistent and the whole not, so the whole
//! is searched at once.
//!
//! **Causal consistency** (Ahamad, Neiger, Burns, Kohli and Hutto, Causal memory: definitions,
//! implementation, and programming, 1995): each read can be said to read from a write of its value (or from
//! none, if it returns what was there at first), such that program order and reads-from together have no
//! cycle, and each process has an order of its own operations and all writes that keeps what precedes what by
//! them, and in which each read returns what was written last before it. Different processes may see
//! concurrent writes in different orders. It speaks of reads and writes only.
//!
//! A linearizable history keeps both, however long it is, so that is tried first.
//!
//! A write that was never answered counts as a write, one that others may never see; any other operation
//! without an answer may have happened or not. Neither promise is closed under cutting a history off in time,
//! so the operation that a refutation names is the one at which the best attempt ends.

mod causal;

pub use causal::{MOST_CAUSAL, causal};

use super::{Refutation, Verdict, check};
use crate::history::{Model, Of, words};
use crate::toolbox::order::by_number;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// How many operations [`sequential`] takes.
pub const MOST_SEQUENTIAL: usize = 256;

/// How many configurations either remembers.
pub const MOST_CONFIGURATIONS: usize = 1 << 20;

/// How a search ended; it is over at once when `Stopped`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Explained,
    Stuck,
    Stopped,
}

fn unknown(sentence: String) -> Verdict {
    Verdict::Unknown { sentence }
}

fn stopped() -> Verdict {
    unknown(format!(
        "the budget of attempts, or of {MOST_CONFIGURATIONS} remembered configurations, is used up"
    ))
}

/// The operations of each process, by number, in the order in which it asked them. A process that asks on
/// after an operation which was never answered counts as another one from there.
fn programs<M: Model>(history: &Of<M>) -> Vec<Vec<usize>> {
    let mut programs: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
    for (number, operation) in history.operations.iter().enumerate() {
        programs.entry(operation.process).or_default().push(number);
    }
    let mut lives = Vec::new();
    for mut program in programs.into_values() {
        by_number(&mut program, |&number| history.operations[number].invoked.into());
        let ends = |number: &usize| history.operations[*number].returned.is_none();
        lives.extend(program.split_inclusive(ends).map(<[usize]>::to_vec));
    }
    lives
}

/// The part that each operation touches, counted from 0; all the same one when an operation touches
/// everything.
fn parts<M: Model>(history: &Of<M>) -> Vec<usize> {
    let names: Vec<_> = history.operations.iter().map(|it| M::part(&it.input, it.output())).collect();
    if names.contains(&None) {
        return vec![0; names.len()];
    }
    let mut known = BTreeMap::new();
    for name in &names {
        let next = known.len();
        known.entry(name).or_insert(next);
    }
    names.iter().map(|name| known[name]).collect()
}

fn refutation<M: Model>(history: &Of<M>, operation: usize, prefix: Vec<usize>, why: &str) -> Verdict {
    let (said, part) = match history.operations.get(operation) {
        Some(it) => (words::<M>(it), M::part(&it.input, it.output()).map(Cow::into_owned)),
        None => (String::new(), None),
    };
    Verdict::Fails(Refutation {
        operation,
        prefix,
        part,
        sentence: format!("{said} cannot be explained: {why}"),
    })
}

/// Decides whether a history is sequentially consistent, within a budget of attempts at an operation.
pub fn sequential<M: Model>(history: &Of<M>, budget: u64) -> Verdict {
    // Time keeps the order of each process.
    if let Verdict::Holds { orders } = check::<M>(history, budget) {
        return Verdict::Holds { orders };
    }
    let count = history.operations.len();
    if count > MOST_SEQUENTIAL {
        return unknown(format!(
            "sequential consistency can be decided for at most {MOST_SEQUENTIAL} operations; this history has {count}"
        ));
    }
    let programs = programs::<M>(history);
    let parts = parts::<M>(history);
    let mut search = Sequential::<M> {
        history,
        places: vec![0; programs.len()],
        programs,
        states: vec![M::initial(); parts.iter().max().map_or(0, |most| most + 1)],
        parts,
        order: Vec::new(),
        seen: BTreeSet::new(),
        budget,
        best: Vec::new(),
        stuck_at: None,
    };
    match search.explore() {
        End::Explained => Verdict::Holds { orders: vec![search.order] },
        End::Stopped => stopped(),
        End::Stuck => {
            let (operation, state) = search.stuck_at.clone().unwrap_or_default();
            let why = format!(
                "no order that respects the order of each process explains all operations; the longest attempt explains \
                 {} of {count} and leaves {state} in the {}",
                search.best.len(),
                M::NAME
            );
            refutation::<M>(history, operation, search.best, &why)
        }
    }
}

struct Sequential<'h, M: Model> {
    history: &'h Of<M>,
    programs: Vec<Vec<usize>>,
    parts: Vec<usize>,
    /// How many operations of each process are done, and what each part then holds.
    places: Vec<usize>,
    states: Vec<M::State>,
    order: Vec<usize>,
    seen: BTreeSet<(Vec<usize>, Vec<M::State>)>,
    budget: u64,
    best: Vec<usize>,
    /// The operation at which the best attempt ended, and what its part held.
    stuck_at: Option<(usize, String)>,
}

impl<M: Model> Sequential<'_, M> {
    fn explore(&mut self) -> End {
        let length = self.order.len();
        let mut choices = self.settle();
        if self.over() {
            return End::Explained;
        }
        if choices.is_empty() || self.order.len() > self.best.len() || self.stuck_at.is_none() {
            self.note_end();
        }
        if !self.seen.insert((self.places.clone(), self.states.clone())) {
            choices.clear();
        }
        if self.budget == 0 || self.seen.len() > MOST_CONFIGURATIONS {
            return End::Stopped;
        }
        for (process, state) in choices {
            let number = self.programs[process][self.places[process]];
            let before = std::mem::replace(&mut self.states[self.parts[number]], state);
            self.take(process);
            match self.explore() {
                End::Stuck => {}
                end => return end,
            }
            self.take_back();
            self.states[self.parts[number]] = before;
        }
        while self.order.len() > length {
            self.take_back();
        }
        End::Stuck
    }

    /// Does what only observes, as soon as it may be; what may come next besides, with the state it leads to.
    fn settle(&mut self) -> Vec<(usize, M::State)> {
        let mut choices = Vec::new();
        for process in 0..self.programs.len() {
            while let Some(&number) = self.programs[process].get(self.places[process]) {
                self.budget = self.budget.saturating_sub(1);
                let operation = &self.history.operations[number];
                let here = &self.states[self.parts[number]];
                match M::step(here, &operation.input, operation.output()) {
                    None => break,
                    Some(_) if operation.output().is_some_and(|it| M::observes(&operation.input, it)) => {}
                    Some(state) => {
                        choices.push((process, state.into_owned()));
                        break;
                    }
                }
                self.take(process);
            }
        }
        choices
    }

    fn take(&mut self, process: usize) {
        self.order.push(self.programs[process][self.places[process]]);
        self.places[process] += 1;
    }

    fn take_back(&mut self) {
        let Some(number) = self.order.pop() else { return };
        let next = |(program, place): (&Vec<usize>, &usize)| place.checked_sub(1).map(|last| program[last]);
        if let Some(process) = self.programs.iter().zip(&self.places).position(|it| next(it) == Some(number))
        {
            self.places[process] -= 1;
        }
    }

    /// Whether all that was answered is done.
    fn over(&self) -> bool {
        let rest = |(program, place): (&Vec<usize>, &usize)| {
            program[*place..].iter().all(|&number| self.history.operations[number].returned.is_none())
        };
        self.programs.iter().zip(&self.places).all(rest)
    }

    fn note_end(&mut self) {
        if self.stuck_at.is_some() && self.order.len() <= self.best.len() {
            return;
        }
        self.best.clone_from(&self.order);
        let next = self.programs.iter().zip(&self.places).filter_map(|(program, &place)| program.get(place));
        let first = next.copied().min_by_key(|&number| self.history.operations[number].end());
        self.stuck_at = first.map(|number| (number, M::state_words(&self.states[self.parts[number]])));
    }
}
