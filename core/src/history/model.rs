//! Models: what the operations of a history mean when they come one after another.

mod key_value;
mod list_append;
mod mutex;
mod queue;
mod register;
mod registers;
mod set;
mod unordered_queue;

pub use key_value::{KeyValue, KeyValueAct, KeyValueInput, KeyValueOutput};
pub use list_append::{ListAct, ListAppend, ListOutput};
pub use mutex::{Mutex, MutexInput};
pub use queue::{Queue, QueueInput, QueueOutput};
pub use register::{Register, RegisterInput, RegisterOutput, Registers, RegistersInput};
pub use registers::{MultiRegister, RegisterAct};
pub use set::{Set, SetInput, SetOutput};
pub use unordered_queue::UnorderedQueue;

use super::Value;
use std::borrow::Cow;
use std::fmt::Debug;
use std::hash::Hash;

/// A sequential object: a state, and what each operation makes of it.
///
/// It is deterministic: state and input decide the answer and the next state. The checker relies on it.
pub trait Model {
    /// What is asked for.
    type Input: Clone + Debug + Eq + Ord + Hash + Send + Sync;
    /// What is answered.
    type Output: Clone + Debug + Eq + Ord + Hash + Send + Sync;
    /// What the object holds; that of one part, where histories are divided.
    type State: Clone + Debug + Eq + Ord + Hash + Send + Sync;

    /// What the object is called in a sentence: `register`.
    const NAME: &'static str;

    /// What it holds before the first operation.
    fn initial() -> Self::State;

    /// The state after an operation, borrowed where the operation leaves it as it was; none when this answer
    /// cannot be given in this state. Where the answer is not known, whatever the object would do is right.
    fn step<'a>(
        state: &'a Self::State,
        input: &Self::Input,
        output: Option<&Self::Output>,
    ) -> Option<Cow<'a, Self::State>>;

    /// Whether an operation with this answer leaves the object as it is, whatever it holds, wherever the
    /// answer is right: a read does, and a write of what is there already does not. The checker need not
    /// choose when it takes effect.
    fn observes(input: &Self::Input, output: &Self::Output) -> bool;

    /// The part of the object that an operation touches, when it touches no other: a key. A history is
    /// linearizable when each of its parts is (Herlihy and Wing 1990, theorem 1). The answer may say which
    /// part it is. None when an operation may touch everything.
    fn part<'a>(_input: &'a Self::Input, _output: Option<&'a Self::Output>) -> Option<Cow<'a, str>> {
        None
    }

    /// The operation as a plain read or write, where it is one; only of these does causal consistency speak.
    fn access<'a>(
        _input: &'a Self::Input,
        _output: Option<&'a Self::Output>,
    ) -> Option<Access<Cow<'a, Self::State>>> {
        None
    }

    /// What an answer shows that some operation must have brought there, unless it is nil.
    fn shows<'a>(_input: &Self::Input, _output: &'a Self::Output) -> Option<&'a Value> {
        None
    }

    /// What an operation brings.
    fn brings(_input: &Self::Input) -> Option<&Value> {
        None
    }

    /// What an operation might have been instead and does at least as much, if nobody knows its answer: it
    /// makes of every state what this operation makes of those that it changes.
    fn stand_in(_input: &Self::Input) -> Option<Self::Input> {
        None
    }

    /// An operation and its answer in a few words: `read 7`.
    fn words(input: &Self::Input, output: Option<&Self::Output>) -> String;

    /// A state in a few words.
    fn state_words(state: &Self::State) -> String;

    /// About how many bytes a state takes.
    fn weight(state: &Self::State) -> usize;
}

/// A plain read or write of a whole state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Access<S> {
    /// It returned this; none when that is not known.
    Read(Option<S>),
    /// It wrote this.
    Write(S),
}

fn weight(value: &Value) -> usize {
    size_of::<Value>() + if let Value::Text(text) = value { text.len() } else { 0 }
}

/// The first few values, between brackets.
fn list<'a>(open: &str, mut values: impl Iterator<Item = &'a Value>, close: &str) -> String {
    let few: Vec<String> = values.by_ref().take(8).map(Value::to_string).collect();
    let rest = if values.next().is_some() { ", …" } else { "" };
    format!("{open}{}{rest}{close}", few.join(", "))
}
