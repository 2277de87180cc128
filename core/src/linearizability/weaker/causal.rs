//! The search for a causally consistent explanation; see [`super`] for what that is.

use super::{End, MOST_CONFIGURATIONS, parts, programs, refutation, stopped, unknown};
use crate::history::model::Access;
use crate::history::{Model, Of, OperationOf, words};
use crate::linearizability::{Verdict, check};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// How many operations [`causal`] takes: as many as a word has bits.
pub const MOST_CAUSAL: usize = 64;

/// Decides whether a history of reads and writes is causally consistent, within a budget of attempts.
pub fn causal<M: Model>(history: &Of<M>, budget: u64) -> Verdict {
    let is_plain = |operation: &OperationOf<M>| M::access(&operation.input, operation.output()).is_some();
    // In an order that keeps time every process may see all operations.
    if history.operations.iter().all(is_plain)
        && let Verdict::Holds { orders } = check::<M>(history, budget)
    {
        let processes = programs::<M>(history).len();
        return Verdict::Holds { orders: vec![orders.concat(); processes] };
    }
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
                            "causal consistency applies to plain reads and writes only, and {said} is neither"
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
                "causal consistency can be decided for at most {MOST_CAUSAL} operations; this history has {count}"
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
            self.failure = Some((here.operation, Vec::new(), "no process ever writes that value".into()));
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
            self.fail(self.steps[step].operation, Vec::new(), "it would have to cause itself".into());
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

    /// For each step the set of those before it: in its program, by reading from them, and by any chain of
    /// these.
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
