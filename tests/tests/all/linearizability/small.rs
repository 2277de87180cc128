//! Every small history of a model, against a checker that tries every order and shares nothing with the
//! models of the core.

use super::naive::{Shape, shapes};
use super::{BUDGET, holds};
use faultline_core::history::model::{QueueInput, QueueOutput, RegisterAct};
use faultline_core::history::read::{self, Reading};
use faultline_core::history::{Model, MultiRegister, Of, UnorderedQueue, Value};
use faultline_core::linearizability::{check, check_recorded};
use std::fmt::Write;

/// The history of a shape in which every operation is one of a list, by its place there.
fn filled<M: Model>(shape: &Shape, all: &[(M::Input, M::Output)], mut kinds: usize) -> Of<M> {
    let mut history = Of::<M>::default();
    let (mut open, mut outputs) = ([0; 2], Vec::new());
    for &(client, asks) in shape {
        if asks {
            let (input, output) = &all[kinds % all.len()];
            kinds /= all.len();
            outputs.push(output.clone());
            open[client] = history.invoke(client as u64, input.clone());
        } else {
            history.answer(open[client], outputs[open[client]].clone());
        }
    }
    history
}

/// Compares on every history of up to so many operations of two clients, each of which is one of a list; how
/// many there were, and how many of them are linearizable.
fn every<M: Model>(
    most: usize,
    all: &[(M::Input, M::Output)],
    explained: impl Fn(&Of<M>) -> bool,
    more: impl Fn(&Of<M>, bool),
) -> (u64, u64) {
    let (mut compared, mut linearizable) = (0, 0);
    for shape in shapes(most) {
        let count = shape.iter().filter(|(_, asks)| *asks).count();
        for kinds in 0..all.len().pow(count as u32) {
            let history = filled::<M>(&shape, all, kinds);
            let expected = explained(&history);
            assert_eq!(holds(&check::<M>(&history, BUDGET)), Some(expected), "{history:?}");
            more(&history, expected);
            compared += 1;
            linearizable += u64::from(expected);
        }
    }
    println!("{}: {compared} histories compared, {linearizable} of them linearizable", M::NAME);
    (compared, linearizable)
}

/// Whether some order explains a history of so many operations: `take` tries an operation in a state and
/// yields the states that it may lead to.
fn some_order<S>((done, all): (u32, &[(u32, bool)]), state: &S, take: &dyn Fn(usize, &S) -> Vec<S>) -> bool {
    let answered = |number: usize| all[number].1;
    (0..all.len()).all(|number| done & 1 << number != 0 || !answered(number))
        || (0..all.len()).any(|next| {
            let fits = done & 1 << next == 0 && all[next].0 & !done == 0;
            fits && take(next, state).iter().any(|state| some_order((done | 1 << next, all), state, take))
        })
}

/// For each operation what was answered before it was asked, and whether it was answered.
fn times<M: Model>(history: &Of<M>) -> Vec<(u32, bool)> {
    let before = |invoked: u64| {
        let earlier = history.operations.iter().enumerate();
        let earlier = earlier.filter(|(_, it)| matches!(it.returned, Some((at, _)) if at < invoked));
        earlier.fold(0, |set, (number, _)| set | 1 << number)
    };
    history.operations.iter().map(|it| (before(it.invoked), it.returned.is_some())).collect()
}

/// Whether an unordered queue may have answered so; of a dequeue that was never answered every element may be
/// gone.
fn of_a_queue(history: &Of<UnorderedQueue>) -> bool {
    let take = |number: usize, state: &Vec<Value>| {
        let without = |value: &Value| {
            let place = state.iter().position(|other| other == value);
            place.map(|place| [&state[..place], &state[place + 1..]].concat())
        };
        let operation = &history.operations[number];
        match (&operation.input, operation.output()) {
            (QueueInput::Enqueue(value), _) => vec![[state.as_slice(), std::slice::from_ref(value)].concat()],
            (_, None | Some(QueueOutput::Front(Value::Nil))) if state.is_empty() => vec![Vec::new()],
            (_, Some(QueueOutput::Front(value))) => without(value).into_iter().collect(),
            (_, None) => state.iter().filter_map(without).collect(),
            (_, Some(QueueOutput::Done)) => panic!("no dequeue is answered so"),
        }
    };
    some_order((0, &times::<UnorderedQueue>(history)), &Vec::new(), &take)
}

/// A history of a queue as EDN.
fn written(history: &Of<UnorderedQueue>) -> String {
    let mut lines = Vec::new();
    for (number, operation) in history.operations.iter().enumerate() {
        let (verb, asked) = match &operation.input {
            QueueInput::Enqueue(value) => ("enqueue", value.clone()),
            QueueInput::Dequeue => ("dequeue", Value::Nil),
        };
        // A client that was never answered asks no more; the numbers of the others are theirs.
        let line = |phase: &str, value: &Value| {
            format!("{{:process {number} :type :{phase} :f :{verb} :value {value}}}")
        };
        lines.push((operation.invoked, line("invoke", &asked)));
        if let Some((at, output)) = &operation.returned {
            let value = if let QueueOutput::Front(value) = output { value } else { &asked };
            lines.push((*at, line("ok", value)));
        }
    }
    lines.sort();
    lines.iter().fold(String::new(), |mut text, (_, line)| {
        let _ = writeln!(text, "{line}");
        text
    })
}

/// An unordered queue of two values. Where a dequeue was never answered the history is read from a text as
/// well, which leaves it out where it says nothing.
#[test]
fn an_unordered_queue_is_judged_as_by_trying_every_order() {
    let enqueue = |number| (QueueInput::Enqueue(Value::Number(number)), QueueOutput::Done);
    let dequeue = |value| (QueueInput::Dequeue, QueueOutput::Front(value));
    let all =
        [enqueue(1), enqueue(2), dequeue(Value::Nil), dequeue(Value::Number(1)), dequeue(Value::Number(2))];
    let (compared, linearizable) = every::<UnorderedQueue>(5, &all, of_a_queue, |history, expected| {
        let silent = |it: &_| matches!(it, (QueueInput::Dequeue, false));
        if history.operations.iter().any(|it| silent(&(it.input.clone(), it.returned.is_some()))) {
            let text = written(history);
            let Reading { recorded, .. } = read::history(&text, Some("unordered-queue")).unwrap();
            assert_eq!(holds(&check_recorded(&recorded, BUDGET)), Some(expected), "{text}");
        }
    });
    assert!(compared > 100_000 && linearizable > 10_000);
}

/// Two registers that hold nil or 1, in transactions of one act or two.
#[test]
fn registers_together_are_judged_as_by_trying_every_order() {
    let read = |key: &str| RegisterAct { key: key.into(), write: None };
    let write = |key: &str| RegisterAct { key: key.into(), write: Some(Value::Number(1)) };
    let held = |key: &str, one: bool| (key.to_owned(), if one { Value::Number(1) } else { Value::Nil });
    let both = |x, y| (vec![read("x"), read("y")], vec![held("x", x), held("y", y)]);
    let all = [
        (vec![write("x")], vec![]),
        (vec![write("x"), write("y")], vec![]),
        (vec![read("x"), write("y")], vec![held("x", false)]),
        (vec![write("x"), read("x"), read("y")], vec![held("x", true), held("y", false)]),
        (vec![read("x")], vec![held("x", true)]),
        both(false, false),
        both(true, false),
        both(false, true),
    ];
    let explained = |history: &Of<MultiRegister>| {
        let take = |number: usize, &(x, y): &(bool, bool)| {
            let operation = &history.operations[number];
            let mut now = [x, y];
            let mut reads = operation.output().map(|reads| reads.iter());
            for act in &operation.input {
                let register = &mut now[usize::from(act.key == "y")];
                match (&act.write, &mut reads) {
                    (Some(_), _) => *register = true,
                    (None, Some(reads)) => {
                        let one = reads.next().unwrap().1 != Value::Nil;
                        if one != *register {
                            return Vec::new();
                        }
                    }
                    (None, None) => {}
                }
            }
            vec![(now[0], now[1])]
        };
        some_order((0, &times::<MultiRegister>(history)), &(false, false), &take)
    };
    let (compared, linearizable) = every::<MultiRegister>(4, &all, explained, |_, _| {});
    assert!(compared > 50_000 && linearizable > 5_000);
}
