//! A queue without an order.

use super::{Model, QueueInput, QueueOutput, list, weight};
use crate::history::Value;
use std::borrow::Cow;

/// A queue of which a dequeue may take any element: a multiset. It is asked what a [`Queue`](super::Queue) is
/// asked.
///
/// Nobody knows what a dequeue took that was never answered. Here it takes the least element, and that loses
/// nothing: only an empty answer notices what is missing, so the dequeue can wait until just before such an
/// answer, where every element that is left has to be taken by a dequeue of this sort, in whatever order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnorderedQueue;

impl Model for UnorderedQueue {
    type Input = QueueInput;
    type Output = QueueOutput;
    /// The elements, sorted.
    type State = Vec<Value>;
    const NAME: &'static str = "queue";

    fn initial() -> Vec<Value> {
        Vec::new()
    }

    fn step<'a>(
        state: &'a Vec<Value>,
        input: &QueueInput,
        output: Option<&QueueOutput>,
    ) -> Option<Cow<'a, Vec<Value>>> {
        let without = |place: usize| {
            let mut fewer = state.clone();
            fewer.remove(place);
            Some(Cow::Owned(fewer))
        };
        match (input, output) {
            (QueueInput::Enqueue(value), None | Some(QueueOutput::Done)) => {
                let mut more = state.clone();
                more.insert(state.partition_point(|other| other < value), value.clone());
                Some(Cow::Owned(more))
            }
            (QueueInput::Dequeue, None | Some(QueueOutput::Front(Value::Nil))) if state.is_empty() => {
                Some(Cow::Borrowed(state))
            }
            (QueueInput::Dequeue, None) => without(0),
            (QueueInput::Dequeue, Some(QueueOutput::Front(value))) => {
                without(state.binary_search(value).ok()?)
            }
            // The answer belongs to another question.
            _ => None,
        }
    }

    fn observes(_: &QueueInput, output: &QueueOutput) -> bool {
        *output == QueueOutput::Front(Value::Nil)
    }

    /// Enqueues and dequeues of one element are a queue of their own, as long as no dequeue may concern every
    /// element: an empty answer does, and so does none.
    fn part<'a>(input: &'a QueueInput, output: Option<&'a QueueOutput>) -> Option<Cow<'a, str>> {
        match (input, output) {
            (QueueInput::Dequeue, None | Some(QueueOutput::Done | QueueOutput::Front(Value::Nil))) => None,
            (QueueInput::Enqueue(value), _) | (_, Some(QueueOutput::Front(value))) => {
                Some(Cow::Owned(value.to_string()))
            }
        }
    }

    fn shows<'a>(_: &QueueInput, output: &'a QueueOutput) -> Option<&'a Value> {
        if let QueueOutput::Front(value) = output { Some(value) } else { None }
    }

    fn brings(input: &QueueInput) -> Option<&Value> {
        if let QueueInput::Enqueue(value) = input { Some(value) } else { None }
    }

    fn words(input: &QueueInput, output: Option<&QueueOutput>) -> String {
        super::Queue::words(input, output)
    }

    fn state_words(state: &Vec<Value>) -> String {
        list("{", state.iter(), "}")
    }

    fn weight(state: &Vec<Value>) -> usize {
        size_of::<Self::State>() + state.iter().map(weight).sum::<usize>()
    }
}
