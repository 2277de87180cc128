//! Histories: what clients asked of a system and what they were told, with the order in time of both.
//!
//! An operation is open from its invocation to its response. Of two operations one comes before the other
//! only when its response precedes the other's invocation; otherwise they are concurrent, and so are those
//! whose moments are equal. An operation without a response crashed: it may take effect at any later time, or
//! never. An operation that is known not to have happened is no part of a history.
//!
//! What an operation may mean is said by a [`Model`]; a history has the types of one model. Files are read by
//! [`read::history`].

pub mod edn;
pub mod model;
mod notation;
pub mod read;

pub use model::{
    KeyValue, ListAppend, Model, MultiRegister, Mutex, Queue, Register, Registers, Set, UnorderedQueue,
};

use crate::text::shown;
use std::fmt::{self, Display};

/// The history of a model.
pub type Of<M> = History<<M as Model>::Input, <M as Model>::Output>;

/// An operation of a model.
pub type OperationOf<M> = Operation<<M as Model>::Input, <M as Model>::Output>;

/// What a client may write, read, put into a queue or a set.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    /// Nothing: what a register holds at first, and what an empty queue answers.
    Nil,
    /// A whole number.
    Number(i64),
    /// Anything else, as it is written.
    Text(String),
}

impl Display for Value {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Nil => out.write_str("nil"),
            Value::Number(number) => write!(out, "{number}"),
            Value::Text(text) => write!(out, "\"{}\"", shown(text)),
        }
    }
}

/// Something a client asked for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Operation<I, O> {
    /// Who asked. A process has one operation open at a time.
    pub process: u64,
    /// What was asked for.
    pub input: I,
    /// When: any counter that only grows.
    pub invoked: u64,
    /// When the answer came, and what it was; none when it never came.
    pub returned: Option<(u64, O)>,
    /// Where a text says so: the lines of invocation and response, counted from 1; 0 when there is no text.
    pub lines: (usize, usize),
}

/// Operations, in the order of their invocations.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct History<I, O> {
    /// The operations.
    pub operations: Vec<Operation<I, O>>,
    /// The moment of the next invocation or response.
    clock: u64,
}

/// The process of an operation that only says what an object holds at first.
pub(crate) const NOBODY: u64 = u64::MAX;

impl<I, O> Default for History<I, O> {
    fn default() -> Self {
        History { operations: Vec::new(), clock: 0 }
    }
}

impl<I, O> History<I, O> {
    /// Records that a process asks for something; the number is that of the operation.
    pub fn invoke(&mut self, process: u64, input: I) -> usize {
        let invoked = self.tick();
        self.operations.push(Operation { process, input, invoked, returned: None, lines: (0, 0) });
        self.operations.len() - 1
    }

    /// Records the answer to an operation; an answer to none, or a second one, changes nothing.
    pub fn answer(&mut self, operation: usize, output: O) {
        let now = self.tick();
        if let Some(operation) = self.operations.get_mut(operation) {
            operation.returned.get_or_insert((now, output));
        }
    }

    /// Puts operations before all others that say what an object holds at first. They are answered before the others begin.
    pub(crate) fn begin_with(&mut self, inputs: Vec<I>, done: &O)
    where
        O: Clone,
    {
        let first = |input| {
            let returned = Some((1, done.clone()));
            Operation { process: NOBODY, input, invoked: 0, returned, lines: (0, 0) }
        };
        self.operations.splice(0..0, inputs.into_iter().map(first));
    }

    fn tick(&mut self) -> u64 {
        self.clock += 1;
        self.clock
    }
}

impl<I, O> Operation<I, O> {
    /// The answer, where there is one.
    pub fn output(&self) -> Option<&O> {
        self.returned.as_ref().map(|(_, output)| output)
    }

    /// When the answer came; the end of all time when it never did.
    pub fn end(&self) -> u64 {
        self.returned.as_ref().map_or(u64::MAX, |(at, _)| (*at).max(self.invoked))
    }
}

/// An operation in words: of a log `process 3: read 7 (lines 10 to 12)`, of a run, which has clients and no lines,
/// `client 3: read 7`.
pub fn words<M: Model>(operation: &OperationOf<M>) -> String {
    let what = M::words(&operation.input, operation.output());
    if operation.process == NOBODY {
        return format!("at first: {what}");
    }
    let place = match (operation.lines, &operation.returned) {
        ((0, _), Some(_)) => return format!("client {}: {what}", operation.process),
        ((0, _), None) => return format!("client {}: {what} (never answered)", operation.process),
        ((line, _), None) => format!("line {line}, never answered"),
        ((first, last), Some(_)) if first == last => format!("line {first}"),
        ((first, last), Some(_)) => format!("lines {first} to {last}"),
    };
    format!("process {}: {what} ({place})", operation.process)
}
