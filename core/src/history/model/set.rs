//! A set.

use super::{Model, list, weight};
use crate::history::Value;
use std::borrow::Cow;
use std::collections::BTreeSet;

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

    fn part<'a>(input: &'a SetInput, _: Option<&'a SetOutput>) -> Option<Cow<'a, str>> {
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
