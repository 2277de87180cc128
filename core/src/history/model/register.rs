//! Registers: one, and one for each key.

use super::{Access, Model, weight};
use crate::history::Value;
use crate::text::shown;
use std::borrow::Cow;

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

    fn part<'a>(input: &'a RegistersInput, _: Option<&'a RegisterOutput>) -> Option<Cow<'a, str>> {
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
