//! A queue.

use super::{Model, list, weight};
use crate::history::Value;
use std::borrow::Cow;
use std::collections::VecDeque;

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
