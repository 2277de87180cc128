//! Models: what the operations of a history mean when they come one after another.

use super::Value;
use crate::text::shown;
use std::borrow::Cow;
use std::collections::{BTreeSet, VecDeque};
use std::fmt::Debug;
use std::hash::Hash;

/// A sequential object: a state, and what each operation makes of it.
///
/// It is deterministic: state and input decide the answer and the next state. The checker relies on it.
pub trait Model {
    /// What is asked for.
    type Input: Clone + Debug + Eq + Ord + Hash;
    /// What is answered.
    type Output: Clone + Debug + Eq + Ord + Hash;
    /// What the object holds; that of one part, where histories are divided.
    type State: Clone + Debug + Eq + Ord + Hash;

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
    /// linearizable when each of its parts is (Herlihy and Wing 1990, theorem 1). None when an operation may
    /// touch everything.
    fn part(_input: &Self::Input) -> Option<Cow<'_, str>> {
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

    /// What an operation might have been instead and does at least as much, if nobody knows its answer: it makes of every state what
    /// this operation makes of those that it changes.
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

/// One register, which holds nil at first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Register;

/// What a register is asked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RegisterInput {
    /// What it holds.
    Read,
    /// To hold this from now on.
    Write(Value),
    /// To hold the second if it holds the first.
    CompareAndSet(Value, Value),
}

/// What a register answers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RegisterOutput {
    /// To a read.
    Holds(Value),
    /// To a write, and to a compare-and-set that took effect.
    Done,
    /// To a compare-and-set that found something else.
    Differs,
}

impl Model for Register {
    type Input = RegisterInput;
    type Output = RegisterOutput;
    type State = Value;
    const NAME: &'static str = "register";

    fn initial() -> Value {
        Value::Nil
    }

    fn step<'a>(
        state: &'a Value,
        input: &RegisterInput,
        output: Option<&RegisterOutput>,
    ) -> Option<Cow<'a, Value>> {
        use RegisterInput::{CompareAndSet, Read, Write};
        use RegisterOutput::{Differs, Done, Holds};
        match (input, output) {
            (Read, None) => Some(Cow::Borrowed(state)),
            (Read, Some(Holds(value))) => (state == value).then_some(Cow::Borrowed(state)),
            (Write(value), None | Some(Done)) => Some(Cow::Owned(value.clone())),
            (CompareAndSet(old, new), None | Some(Done)) if state == old => Some(Cow::Owned(new.clone())),
            (CompareAndSet(old, _), None | Some(Differs)) if state != old => Some(Cow::Borrowed(state)),
            // The answer belongs to another question, or to another state.
            _ => None,
        }
    }

    fn observes(input: &RegisterInput, output: &RegisterOutput) -> bool {
        *input == RegisterInput::Read || *output == RegisterOutput::Differs
    }

    fn access<'a>(
        input: &'a RegisterInput,
        output: Option<&'a RegisterOutput>,
    ) -> Option<Access<Cow<'a, Value>>> {
        match (input, output) {
            (RegisterInput::Write(value), _) => Some(Access::Write(Cow::Borrowed(value))),
            (RegisterInput::Read, Some(RegisterOutput::Holds(value))) => {
                Some(Access::Read(Some(Cow::Borrowed(value))))
            }
            (RegisterInput::Read, None) => Some(Access::Read(None)),
            _ => None,
        }
    }

    fn shows<'a>(_: &RegisterInput, output: &'a RegisterOutput) -> Option<&'a Value> {
        if let RegisterOutput::Holds(value) = output { Some(value) } else { None }
    }

    fn stand_in(input: &RegisterInput) -> Option<RegisterInput> {
        match input {
            RegisterInput::CompareAndSet(_, new) => Some(RegisterInput::Write(new.clone())),
            RegisterInput::Write(_) | RegisterInput::Read => None,
        }
    }

    fn brings(input: &RegisterInput) -> Option<&Value> {
        match input {
            RegisterInput::Read => None,
            RegisterInput::Write(value) | RegisterInput::CompareAndSet(_, value) => Some(value),
        }
    }

    fn words(input: &RegisterInput, output: Option<&RegisterOutput>) -> String {
        match (input, output) {
            (RegisterInput::Read, Some(RegisterOutput::Holds(value))) => format!("read {value}"),
            (RegisterInput::Read, _) => "read".into(),
            (RegisterInput::Write(value), _) => format!("write {value}"),
            (RegisterInput::CompareAndSet(old, new), Some(RegisterOutput::Differs)) => {
                format!("compare-and-set {old} to {new}, refused,")
            }
            (RegisterInput::CompareAndSet(old, new), _) => format!("compare-and-set {old} to {new}"),
        }
    }

    fn state_words(state: &Value) -> String {
        state.to_string()
    }

    fn weight(state: &Value) -> usize {
        weight(state)
    }
}

/// A register for each key, as Jepsen's independent keys are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Registers;

/// What one of the registers is asked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegistersInput {
    /// Its key, as it is written.
    pub key: String,
    /// What it is asked.
    pub act: RegisterInput,
}

impl Model for Registers {
    type Input = RegistersInput;
    type Output = RegisterOutput;
    type State = Value;
    const NAME: &'static str = "register";

    fn initial() -> Value {
        Register::initial()
    }

    fn step<'a>(
        state: &'a Value,
        input: &RegistersInput,
        output: Option<&RegisterOutput>,
    ) -> Option<Cow<'a, Value>> {
        Register::step(state, &input.act, output)
    }

    fn observes(input: &RegistersInput, output: &RegisterOutput) -> bool {
        Register::observes(&input.act, output)
    }

    fn part(input: &RegistersInput) -> Option<Cow<'_, str>> {
        Some(Cow::Borrowed(&input.key))
    }

    fn access<'a>(
        input: &'a RegistersInput,
        output: Option<&'a RegisterOutput>,
    ) -> Option<Access<Cow<'a, Value>>> {
        Register::access(&input.act, output)
    }

    fn shows<'a>(input: &RegistersInput, output: &'a RegisterOutput) -> Option<&'a Value> {
        Register::shows(&input.act, output)
    }

    fn stand_in(input: &RegistersInput) -> Option<RegistersInput> {
        Register::stand_in(&input.act).map(|act| RegistersInput { act, key: input.key.clone() })
    }

    fn brings(input: &RegistersInput) -> Option<&Value> {
        Register::brings(&input.act)
    }

    fn words(input: &RegistersInput, output: Option<&RegisterOutput>) -> String {
        format!("of key {}, {}", shown(&input.key), Register::words(&input.act, output))
    }

    fn state_words(state: &Value) -> String {
        Register::state_words(state)
    }

    fn weight(state: &Value) -> usize {
        Register::weight(state)
    }
}

/// A lock, free at first. Who releases it need not be who acquired it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mutex;

/// What a lock is asked; both are answered with nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MutexInput {
    /// To be held from now on.
    Acquire,
    /// To be free from now on.
    Release,
}

impl Model for Mutex {
    type Input = MutexInput;
    type Output = ();
    /// Whether it is held.
    type State = bool;
    const NAME: &'static str = "lock";

    fn initial() -> bool {
        false
    }

    fn step<'a>(state: &'a bool, input: &MutexInput, _: Option<&()>) -> Option<Cow<'a, bool>> {
        match (input, state) {
            (MutexInput::Acquire, false) => Some(Cow::Owned(true)),
            (MutexInput::Release, true) => Some(Cow::Owned(false)),
            _ => None,
        }
    }

    fn observes(_: &MutexInput, (): &()) -> bool {
        false
    }

    fn words(input: &MutexInput, _: Option<&()>) -> String {
        if *input == MutexInput::Acquire { "acquire".into() } else { "release".into() }
    }

    fn state_words(state: &bool) -> String {
        if *state { "been held".into() } else { "been free".into() }
    }

    fn weight(_: &bool) -> usize {
        size_of::<bool>()
    }
}

/// What stands between values that were returned together.
const SIBLINGS: &str = " | ";

/// A map from keys to texts; a key that was never put holds the empty text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyValue;

/// What a key-value store is asked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyValueInput {
    /// The key.
    pub key: String,
    /// What about it.
    pub act: KeyValueAct,
}

/// What is done to a key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyValueAct {
    /// Return its text.
    Get,
    /// Replace its text.
    Put(String),
    /// Add to the end of its text.
    Append(String),
}

/// What a key-value store answers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyValueOutput {
    /// To a get.
    Holds(String),
    /// To a put or an append.
    Done,
}

impl Model for KeyValue {
    type Input = KeyValueInput;
    type Output = KeyValueOutput;
    type State = String;
    const NAME: &'static str = "key";

    fn initial() -> String {
        String::new()
    }

    fn step<'a>(
        state: &'a String,
        input: &KeyValueInput,
        output: Option<&KeyValueOutput>,
    ) -> Option<Cow<'a, String>> {
        use KeyValueAct::{Append, Get, Put};
        use KeyValueOutput::{Done, Holds};
        match (&input.act, output) {
            (Get, None) => Some(Cow::Borrowed(state)),
            (Get, Some(Holds(text))) => (state == text).then_some(Cow::Borrowed(state)),
            (Put(text), None | Some(Done)) => Some(Cow::Owned(text.clone())),
            (Append(text), None | Some(Done)) => Some(Cow::Owned([state.as_str(), text].concat())),
            // The answer belongs to another question.
            _ => None,
        }
    }

    fn observes(input: &KeyValueInput, _: &KeyValueOutput) -> bool {
        input.act == KeyValueAct::Get
    }

    fn part(input: &KeyValueInput) -> Option<Cow<'_, str>> {
        Some(Cow::Borrowed(&input.key))
    }

    fn access<'a>(
        input: &'a KeyValueInput,
        output: Option<&'a KeyValueOutput>,
    ) -> Option<Access<Cow<'a, String>>> {
        match (&input.act, output) {
            (KeyValueAct::Put(text), _) => Some(Access::Write(Cow::Borrowed(text))),
            (KeyValueAct::Get, Some(KeyValueOutput::Holds(text))) => {
                Some(Access::Read(Some(Cow::Borrowed(text))))
            }
            (KeyValueAct::Get, None) => Some(Access::Read(None)),
            _ => None,
        }
    }

    fn words(input: &KeyValueInput, output: Option<&KeyValueOutput>) -> String {
        let key = shown(&input.key);
        match (&input.act, output) {
            // Siblings are several values at once, and no text with a bar in it.
            (KeyValueAct::Get, Some(KeyValueOutput::Holds(text))) if text.contains(SIBLINGS) => {
                format!("get {key} returned the siblings {}", text.replace(SIBLINGS, " and "))
            }
            (KeyValueAct::Get, Some(KeyValueOutput::Holds(text))) => {
                format!("get {key} returned \"{}\"", ending(text))
            }
            (KeyValueAct::Get, _) => format!("get {key}"),
            (KeyValueAct::Put(text), _) => format!("put {key} \"{}\"", ending(text)),
            (KeyValueAct::Append(text), _) => format!("append {key} \"{}\"", ending(text)),
        }
    }

    fn state_words(state: &String) -> String {
        format!("\"{}\"", ending(state))
    }

    fn weight(state: &String) -> usize {
        size_of::<String>() + state.len()
    }
}

/// The end of a text, which is where appended texts differ.
fn ending(text: &str) -> String {
    match text.char_indices().rev().nth(29) {
        Some((start, _)) if start > 0 => format!("…{}", shown(&text[start..])),
        _ => shown(text),
    }
}

/// A queue: first in, first out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Queue;

/// What a queue is asked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum QueueInput {
    /// To take this in at its end.
    Enqueue(Value),
    /// To give out what is at its front.
    Dequeue,
}

/// What a queue answers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum QueueOutput {
    /// To an enqueue.
    Done,
    /// To a dequeue: what was at the front, nil when there was nothing.
    Front(Value),
}

impl Model for Queue {
    type Input = QueueInput;
    type Output = QueueOutput;
    type State = VecDeque<Value>;
    const NAME: &'static str = "queue";

    fn initial() -> VecDeque<Value> {
        VecDeque::new()
    }

    fn step<'a>(
        state: &'a VecDeque<Value>,
        input: &QueueInput,
        output: Option<&QueueOutput>,
    ) -> Option<Cow<'a, VecDeque<Value>>> {
        match (input, output) {
            (QueueInput::Enqueue(value), None | Some(QueueOutput::Done)) => {
                let mut longer = state.clone();
                longer.push_back(value.clone());
                Some(Cow::Owned(longer))
            }
            (QueueInput::Dequeue, None) if state.is_empty() => Some(Cow::Borrowed(state)),
            (QueueInput::Dequeue, Some(QueueOutput::Front(Value::Nil))) => {
                state.is_empty().then_some(Cow::Borrowed(state))
            }
            (QueueInput::Dequeue, None) => Some(Cow::Owned(state.iter().skip(1).cloned().collect())),
            (QueueInput::Dequeue, Some(QueueOutput::Front(value))) if state.front() == Some(value) => {
                Some(Cow::Owned(state.iter().skip(1).cloned().collect()))
            }
            // Something else is at the front, or the answer belongs to another question.
            _ => None,
        }
    }

    fn observes(_: &QueueInput, output: &QueueOutput) -> bool {
        *output == QueueOutput::Front(Value::Nil)
    }

    fn shows<'a>(_: &QueueInput, output: &'a QueueOutput) -> Option<&'a Value> {
        if let QueueOutput::Front(value) = output { Some(value) } else { None }
    }

    fn brings(input: &QueueInput) -> Option<&Value> {
        if let QueueInput::Enqueue(value) = input { Some(value) } else { None }
    }

    fn words(input: &QueueInput, output: Option<&QueueOutput>) -> String {
        match (input, output) {
            (QueueInput::Enqueue(value), _) => format!("enqueue {value}"),
            (QueueInput::Dequeue, Some(QueueOutput::Front(value))) => format!("dequeue {value}"),
            (QueueInput::Dequeue, _) => "dequeue".into(),
        }
    }

    fn state_words(state: &VecDeque<Value>) -> String {
        list("[", state.iter(), "]")
    }

    fn weight(state: &VecDeque<Value>) -> usize {
        size_of::<Self::State>() + state.iter().map(weight).sum::<usize>()
    }
}

/// A set, empty at first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Set;

/// What a set is asked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SetInput {
    /// To hold this.
    Add(Value),
    /// Not to hold this.
    Remove(Value),
    /// Whether it holds this.
    Contains(Value),
    /// What it holds.
    Read,
}

/// What a set answers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SetOutput {
    /// To an addition or a removal, whether or not it changed anything.
    Done,
    /// To the question whether it holds something.
    Holds(bool),
    /// To a read.
    All(BTreeSet<Value>),
}

impl Model for Set {
    type Input = SetInput;
    type Output = SetOutput;
    type State = BTreeSet<Value>;
    const NAME: &'static str = "set";

    fn initial() -> BTreeSet<Value> {
        BTreeSet::new()
    }

    fn step<'a>(
        state: &'a BTreeSet<Value>,
        input: &SetInput,
        output: Option<&SetOutput>,
    ) -> Option<Cow<'a, BTreeSet<Value>>> {
        let same = Some(Cow::Borrowed(state));
        match (input, output) {
            (SetInput::Add(value), None | Some(SetOutput::Done)) if state.contains(value) => same,
            (SetInput::Add(value), None | Some(SetOutput::Done)) => {
                let mut larger = state.clone();
                larger.insert(value.clone());
                Some(Cow::Owned(larger))
            }
            (SetInput::Remove(value), None | Some(SetOutput::Done)) if !state.contains(value) => same,
            (SetInput::Remove(value), None | Some(SetOutput::Done)) => {
                let mut smaller = state.clone();
                smaller.remove(value);
                Some(Cow::Owned(smaller))
            }
            (SetInput::Contains(_) | SetInput::Read, None) => same,
            (SetInput::Contains(value), Some(SetOutput::Holds(holds))) => {
                same.filter(|_| state.contains(value) == *holds)
            }
            (SetInput::Read, Some(SetOutput::All(all))) => same.filter(|_| state == all),
            // The answer belongs to another question.
            _ => None,
        }
    }

    fn observes(input: &SetInput, _: &SetOutput) -> bool {
        matches!(input, SetInput::Contains(_) | SetInput::Read)
    }

    fn part(input: &SetInput) -> Option<Cow<'_, str>> {
        match input {
            SetInput::Add(value) | SetInput::Remove(value) | SetInput::Contains(value) => {
                Some(Cow::Owned(value.to_string()))
            }
            SetInput::Read => None,
        }
    }

    fn words(input: &SetInput, output: Option<&SetOutput>) -> String {
        match (input, output) {
            (SetInput::Add(value), _) => format!("add {value}"),
            (SetInput::Remove(value), _) => format!("remove {value}"),
            (SetInput::Contains(value), Some(SetOutput::Holds(true))) => format!("contains {value}, yes,"),
            (SetInput::Contains(value), Some(SetOutput::Holds(false))) => format!("contains {value}, no,"),
            (SetInput::Contains(value), _) => format!("contains {value}"),
            (SetInput::Read, Some(SetOutput::All(all))) => {
                format!("read {}", list("{", all.iter(), "}"))
            }
            (SetInput::Read, _) => "read".into(),
        }
    }

    fn state_words(state: &BTreeSet<Value>) -> String {
        list("{", state.iter(), "}")
    }

    fn weight(state: &BTreeSet<Value>) -> usize {
        size_of::<Self::State>() + state.iter().map(weight).sum::<usize>()
    }
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
