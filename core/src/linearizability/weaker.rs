//! Two promises weaker than linearizability, decided exactly for small histories.
//!
//! **Sequential consistency** (Lamport, How to make a multiprocessor computer that correctly executes multiprocess
//! programs, 1979): there is one order of all operations that a sequential object would have done and in which each
//! process's operations stand as it asked them. Time across processes does not matter. Unlike linearizability it
//! is not local: every key alone may be consistent and the whole not, so the whole is searched at once.
//!
//! **Causal consistency** (Ahamad, Neiger, Burns, Kohli and Hutto, Causal memory: definitions, implementation, and
//! programming, 1995): each read can be said to read from a write of its value (or from none, if it returns what was
//! there at first), such that program order and reads-from together have no cycle, and each process has an order of
//! its own operations and all writes that keeps what precedes what by them, and in which each read returns what was
//! written last before it. Different processes may see concurrent writes in different orders. It speaks of
//! reads and writes only.
//!
//! A write that was never answered counts as a write, one that others may never see; any other operation without an
//! answer may have happened or not. Neither promise is closed under cutting a history off in time, so the operation
//! that a refutation names is the one at which the best attempt ends.

use super::{Refutation, Verdict};
use crate::history::model::Access;
use crate::history::{Model, Of, words};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// How many operations [`sequential`] takes.
pub const MOST_SEQUENTIAL: usize = 256;

/// How many operations [`causal`] takes: as many as a word has bits.
pub const MOST_CAUSAL: usize = 64;

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
    unknown(format!("the budget is used up, or the {MOST_CONFIGURATIONS} configurations that are remembered"))
}

/// The operations of each process, by number, in the order in which it asked them. A process that asks on after an
/// operation which was never answered counts as another one from there.
fn programs<M: Model>(history: &Of<M>) -> Vec<Vec<usize>> {
    let mut programs: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
    for (number, operation) in history.operations.iter().enumerate() {
        programs.entry(operation.process).or_default().push(number);
    }
    let mut lives = Vec::new();
    for mut program in programs.into_values() {
        program.sort_by_key(|&number| history.operations[number].invoked);
        let ends = |number: &usize| history.operations[*number].returned.is_none();
        lives.extend(program.split_inclusive(ends).map(<[usize]>::to_vec));
    }
    lives
}

/// The part that each operation touches, counted from 0; all the same one when an operation touches everything.
fn parts<M: Model>(history: &Of<M>) -> Vec<usize> {
    let names: Vec<_> = history.operations.iter().map(|operation| M::part(&operation.input)).collect();
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
        Some(it) => (words::<M>(it), M::part(&it.input).map(Cow::into_owned)),
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
    let count = history.operations.len();
    if count > MOST_SEQUENTIAL {
        return unknown(format!(
            "sequential consistency is decided for at most {MOST_SEQUENTIAL} operations, and these are {count}"
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
                "every order that keeps each process's own ends early; the longest explains {} of {count} operations \
                 and leaves {state} in the {}",
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

/// Decides whether a history of reads and writes is causally consistent, within a budget of attempts.
pub fn causal<M: Model>(history: &Of<M>, budget: u64) -> Verdict {
    let mut search = match Causal::<M>::new(history, budget) {
        Ok(search) => search,
        Err(sentence) => return unknown(sentence),
    };
    let everything = search.sources(0);
    match (everything, search.failure.take()) {
        (End::Explained, _) => Verdict::Holds { orders: search.orders },
        (End::Stuck, Some((operation, prefix, why))) => refutation::<M>(history, operation, prefix, &why),
        _ => stopped(),
    }
}

/// An operation as causal consistency sees it.
struct Step<'h, S: Clone> {
    operation: usize,
    process: usize,
    part: usize,
    access: Access<Cow<'h, S>>,
}

struct Causal<'h, M: Model> {
    history: &'h Of<M>,
    steps: Vec<Step<'h, M::State>>,
    processes: usize,
    parts: usize,
    /// For each read, the write that it reads from.
    source: Vec<Option<usize>>,
    budget: u64,
    orders: Vec<Vec<usize>>,
    /// The attempt that explained the most: where it ended, what it explained, and why no more.
    failure: Option<(usize, Vec<usize>, String)>,
}

impl<'h, M: Model> Causal<'h, M> {
    fn new(history: &'h Of<M>, budget: u64) -> Result<Self, String> {
        let parts = parts::<M>(history);
        let mut steps = Vec::new();
        let programs = programs::<M>(history);
        for (process, program) in programs.iter().enumerate() {
            for &number in program {
                let operation = &history.operations[number];
                match M::access(&operation.input, operation.output()) {
                    None => {
                        let said = words::<M>(operation);
                        return Err(format!(
                            "causal consistency speaks of plain reads and writes, and {said} is neither"
                        ));
                    }
                    // Nobody was told anything.
                    Some(Access::Read(None)) => {}
                    Some(access) => {
                        steps.push(Step { operation: number, process, part: parts[number], access });
                    }
                }
            }
        }
        if steps.len() > MOST_CAUSAL {
            let count = steps.len();
            return Err(format!(
                "causal consistency is decided for at most {MOST_CAUSAL} operations, and these are {count}"
            ));
        }
        Ok(Causal {
            history,
            source: vec![None; steps.len()],
            steps,
            processes: programs.len(),
            parts: parts.iter().max().map_or(0, |most| most + 1),
            budget,
            orders: Vec::new(),
            failure: None,
        })
    }

    /// Tries for each read from `step` on every write that it may read from.
    fn sources(&mut self, step: usize) -> End {
        if self.budget == 0 {
            return End::Stopped;
        }
        self.budget -= 1;
        let Some(here) = self.steps.get(step) else { return self.judge() };
        let Access::Read(Some(read)) = &here.access else { return self.sources(step + 1) };
        let writes = |write: &Step<'_, M::State>| {
            write.part == here.part && matches!(&write.access, Access::Write(written) if written == read)
        };
        let candidates = (0..self.steps.len()).filter(|&other| writes(&self.steps[other])).map(Some);
        let nothing = (**read == M::initial()).then_some(None);
        let candidates: Vec<Option<usize>> = nothing.into_iter().chain(candidates).collect();
        if candidates.is_empty() {
            self.failure = Some((here.operation, Vec::new(), "nobody ever writes that".into()));
        }
        for candidate in candidates {
            self.source[step] = candidate;
            match self.sources(step + 1) {
                End::Stuck => {}
                end => return end,
            }
        }
        End::Stuck
    }

    /// With a source for every read: whether every process has its order.
    fn judge(&mut self) -> End {
        let before = self.causes();
        if let Some(step) = (0..self.steps.len()).find(|&step| before[step] & 1 << step != 0) {
            self.fail(self.steps[step].operation, Vec::new(), "it would be among its own causes".into());
            return End::Stuck;
        }
        let mut orders = Vec::new();
        for process in 0..self.processes {
            let wanted = (0..self.steps.len()).filter(|&step| {
                self.steps[step].process == process || matches!(self.steps[step].access, Access::Write(_))
            });
            let mut view = View {
                wanted: wanted.fold(0, |set, step| set | 1 << step),
                done: 0,
                held: vec![M::initial(); self.parts],
                order: Vec::new(),
                best: None,
                seen: BTreeSet::new(),
            };
            match self.order(&before, &mut view) {
                End::Explained => {
                    orders.push(view.order.iter().map(|&step| self.steps[step].operation).collect());
                }
                End::Stopped => return End::Stopped,
                End::Stuck => {
                    let (best, stuck) = view.best.unwrap_or_default();
                    let prefix = best.iter().map(|&step| self.steps[step].operation).collect();
                    let operation = self.steps[stuck].operation;
                    let process = self.history.operations[operation].process;
                    let why = format!(
                        "process {process} has no order of its operations and of all writes that keeps what caused \
                         what"
                    );
                    self.fail(operation, prefix, why);
                    return End::Stuck;
                }
            }
        }
        self.orders = orders;
        End::Explained
    }

    fn fail(&mut self, operation: usize, prefix: Vec<usize>, why: String) {
        if self.failure.as_ref().is_none_or(|(_, best, _)| prefix.len() > best.len()) {
            self.failure = Some((operation, prefix, why));
        }
    }

    /// For each step the set of those before it: in its program, by reading from them, and by any chain of these.
    fn causes(&self) -> Vec<u64> {
        let mut before = vec![0_u64; self.steps.len()];
        for (step, causes) in before.iter_mut().enumerate() {
            let own = (0..step).filter(|&other| self.steps[other].process == self.steps[step].process);
            *causes = own.chain(self.source[step]).fold(0, |set, other| set | 1 << other);
        }
        for middle in 0..self.steps.len() {
            for step in 0..self.steps.len() {
                if before[step] & 1 << middle != 0 {
                    before[step] |= before[middle];
                }
            }
        }
        before
    }

    /// Extends one process's order to all that it wants. A read that is right is done at once.
    fn order(&mut self, before: &[u64], view: &mut View<M>) -> End {
        let (length, done) = (view.order.len(), view.done);
        let ready = |view: &View<M>, step: usize| {
            let bit = 1 << step;
            view.wanted & bit != 0 && view.done & bit == 0 && before[step] & view.wanted & !view.done == 0
        };
        let mut writes = Vec::new();
        // Steps are numbered by process, so a read's own later reads come after it in the same pass.
        for step in 0..self.steps.len() {
            match &self.steps[step].access {
                _ if !ready(view, step) => {}
                Access::Read(Some(read)) if **read == view.held[self.steps[step].part] => view.take(step),
                Access::Read(_) => {}
                Access::Write(_) => writes.push(step),
            }
        }
        self.budget = self.budget.saturating_sub(1 + writes.len() as u64);
        if view.done == view.wanted {
            return End::Explained;
        }
        writes = (0..self.steps.len())
            .filter(|&step| ready(view, step) && matches!(self.steps[step].access, Access::Write(_)))
            .collect();
        if view.best.as_ref().is_none_or(|(best, _)| best.len() < view.order.len()) {
            let open = view.wanted & !view.done;
            let read = (0..self.steps.len())
                .find(|&step| open & 1 << step != 0 && matches!(self.steps[step].access, Access::Read(_)));
            let stuck = read.unwrap_or(open.trailing_zeros() as usize);
            view.best = Some((view.order.clone(), stuck));
        }
        if view.seen.insert((view.done, view.held.clone())) {
            if self.budget == 0 || view.seen.len() > MOST_CONFIGURATIONS {
                return End::Stopped;
            }
            for step in writes {
                let Access::Write(written) = &self.steps[step].access else { continue };
                let (part, written) = (self.steps[step].part, written.clone().into_owned());
                let held = std::mem::replace(&mut view.held[part], written);
                view.take(step);
                match self.order(before, view) {
                    End::Stuck => {}
                    end => return end,
                }
                view.order.pop();
                view.done &= !(1 << step);
                view.held[part] = held;
            }
        }
        view.order.truncate(length);
        view.done = done;
        End::Stuck
    }
}

/// What one process sees, as far as it is ordered.
struct View<M: Model> {
    wanted: u64,
    done: u64,
    held: Vec<M::State>,
    order: Vec<usize>,
    best: Option<(Vec<usize>, usize)>,
    seen: BTreeSet<(u64, Vec<M::State>)>,
}

impl<M: Model> View<M> {
    fn take(&mut self, step: usize) {
        self.done |= 1 << step;
        self.order.push(step);
    }
}
