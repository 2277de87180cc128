//! The checker against naive ones that try every order: on every small history, and on random ones.

use super::{BUDGET, holds, justified, precedes, until};
use faultline_core::history::model::{
    KeyValueAct, KeyValueInput, KeyValueOutput, QueueInput, QueueOutput, RegisterAct, RegisterInput,
    RegisterOutput, SetInput, SetOutput,
};
use faultline_core::history::read::Recorded;
use faultline_core::history::{
    KeyValue, Model, MultiRegister, Of, OperationOf, Queue, Register, Set, UnorderedQueue, Value,
};
use faultline_core::linearizability::{Verdict, causal, check, check_recorded, sequential};
use faultline_core::random::{Purpose, draw};
use std::borrow::Cow;

/// Whether some order of the operations explains a history: tries them all.
fn naive<M: Model>(history: &Of<M>, before: fn(&OperationOf<M>, &OperationOf<M>) -> bool) -> bool {
    struct Naive<'h, M: Model> {
        history: &'h Of<M>,
        before: Vec<u32>,
        answered: u32,
        parts: Vec<usize>,
    }
    impl<M: Model> Naive<'_, M> {
        fn go(&self, done: u32, states: &[M::State]) -> bool {
            self.answered & !done == 0
                || (0..self.before.len()).any(|next| {
                    let part = self.parts[next];
                    let operation = &self.history.operations[next];
                    if done & 1 << next != 0 || self.before[next] & self.answered & !done != 0 {
                        return false;
                    }
                    let state = M::step(&states[part], &operation.input, operation.output());
                    state.is_some_and(|state| {
                        let mut states = states.to_vec();
                        states[part] = state.into_owned();
                        self.go(done | 1 << next, &states)
                    })
                })
        }
    }
    let operations = &history.operations;
    let all_before = |second: &OperationOf<M>| {
        (0..operations.len())
            .filter(|&first| before(&operations[first], second))
            .fold(0, |set, it| set | 1 << it)
    };
    let names: Vec<_> = operations.iter().map(|it| M::part(&it.input, it.output())).collect();
    let whole = names.contains(&None);
    let place =
        |name| if whole { 0 } else { names.iter().position(|other| other == name).unwrap_or_default() };
    let naive = Naive::<M> {
        history,
        before: operations.iter().map(all_before).collect(),
        answered: (0..operations.len())
            .filter(|&it| operations[it].returned.is_some())
            .fold(0, |set, it| set | 1 << it),
        parts: names.iter().map(place).collect(),
    };
    naive.go(0, &vec![M::initial(); operations.len().max(1)])
}

fn in_program<M: Model>(first: &OperationOf<M>, second: &OperationOf<M>) -> bool {
    first.process == second.process && first.invoked < second.invoked
}

/// One moment of two clients' history: a client asks or is answered.
pub(super) type Shape = Vec<(usize, bool)>;

/// All orders of questions and answers of two clients with up to `most` operations together, those alike in
/// what precedes what only once: of neighbouring questions, and of neighbouring answers, the first client's
/// comes first. At the end a client's operation may be open. The first client begins: the rest is the same
/// with the names changed.
pub(super) fn shapes(most: usize) -> Vec<Shape> {
    fn extend(shape: &mut Shape, open: [bool; 2], left: usize, found: &mut Vec<Shape>) {
        found.push(shape.clone());
        for client in 0..2 {
            let asks = !open[client];
            if asks && left == 0
                || shape.is_empty() && client == 1
                || shape.last() == Some(&(1 - client, asks)) && client == 0
            {
                continue;
            }
            shape.push((client, asks));
            let mut open = open;
            open[client] = asks;
            extend(shape, open, left - usize::from(asks), found);
            shape.pop();
        }
    }
    let mut found = Vec::new();
    extend(&mut Vec::new(), [false; 2], most, &mut found);
    found
}

/// The history of a shape in which each operation is one of four; unanswered reads are left out, they say
/// nothing.
fn filled(shape: &Shape, kinds: usize) -> Option<Of<Register>> {
    let mut history = Of::<Register>::default();
    let mut open = [0; 2];
    for &(client, asks) in shape {
        let kind = |number: usize| kinds >> (2 * number) & 3;
        let value = |kind: usize| if kind & 1 == 0 { Value::Nil } else { Value::Number(1) };
        if asks {
            let kind = kind(history.operations.len());
            let input = if kind < 2 { RegisterInput::Write(value(kind)) } else { RegisterInput::Read };
            open[client] = history.invoke(client as u64, input);
        } else {
            let kind = kind(open[client]);
            let output = if kind < 2 { RegisterOutput::Done } else { RegisterOutput::Holds(value(kind)) };
            history.answer(open[client], output);
        }
    }
    let silent = |it: &OperationOf<Register>| it.returned.is_none() && it.input == RegisterInput::Read;
    (!history.operations.iter().any(silent)).then_some(history)
}

/// Every history of up to six operations of two clients on a register with two values, nil and 1.
#[test]
fn the_naive_checker_agrees_on_every_small_history() {
    let shapes = shapes(6);
    let agree = |shape: &Shape| {
        let (mut compared, mut linearizable) = (0_u64, 0_u64);
        let count = shape.iter().filter(|(_, asks)| *asks).count();
        for kinds in 0..1_usize << (2 * count) {
            let Some(history) = filled(shape, kinds) else { continue };
            let expected = small::explained(&history);
            let verdict = check_recorded(&Recorded::Register(history), BUDGET);
            assert_eq!(holds(&verdict), Some(expected), "{shape:?} {kinds}");
            compared += 1;
            linearizable += u64::from(expected);
        }
        (compared, linearizable)
    };
    let sum = |some: &[Shape]| some.iter().map(agree).fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    let half = shapes.len() / 2;
    let (first, second) = std::thread::scope(|scope| {
        let first = scope.spawn(|| sum(&shapes[..half]));
        let second = sum(&shapes[half..]);
        (first.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), second)
    });
    let (compared, linearizable) = (first.0 + second.0, first.1 + second.1);
    println!("{compared} histories compared, {linearizable} of them linearizable");
    assert!(compared > 500_000 && linearizable > 50_000);
}

/// A naive checker of registers that hold nil or 1, which shares nothing with the models of the core.
mod small {
    use super::{Of, Register, RegisterInput, RegisterOutput, Value};

    #[derive(Clone, Copy)]
    struct Small {
        writes: bool,
        value: bool,
        answered: bool,
        before: u8,
    }

    pub(super) fn explained(history: &Of<Register>) -> bool {
        let mut all = [Small { writes: false, value: false, answered: false, before: 0 }; 6];
        for (number, operation) in history.operations.iter().enumerate() {
            let (writes, value) = match (&operation.input, operation.output()) {
                (RegisterInput::Write(value), _) => (true, *value != Value::Nil),
                (_, Some(RegisterOutput::Holds(value))) => (false, *value != Value::Nil),
                other => panic!("{other:?}"),
            };
            let mut before = 0;
            for (other, earlier) in history.operations.iter().enumerate() {
                before |=
                    u8::from(matches!(earlier.returned, Some((at, _)) if at < operation.invoked)) << other;
            }
            all[number] = Small { writes, value, answered: operation.returned.is_some(), before };
        }
        go(&all[..history.operations.len()], 0, false)
    }

    fn go(all: &[Small], done: u8, state: bool) -> bool {
        let mut over = true;
        for (number, it) in all.iter().enumerate() {
            if done & 1 << number != 0 {
                continue;
            }
            over &= !it.answered;
            let fits = it.before & !done == 0 && (it.writes || it.value == state);
            if fits && go(all, done | 1 << number, it.value) {
                return true;
            }
        }
        over
    }
}

/// A source of small numbers.
pub(super) struct Dice(pub(super) u64, pub(super) u64);

impl Dice {
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.1 += 1;
        draw(self.0, Purpose::Workload, (0, 0), self.1) % bound
    }

    pub(super) fn value(&mut self, bound: u64) -> Value {
        Value::Number(self.below(bound).cast_signed())
    }
}

/// What a model is asked at random, and a wrong answer to it.
struct Habits<M: Model> {
    input: fn(&mut Dice) -> M::Input,
    output: fn(&M::State, &M::Input, &mut Dice) -> M::Output,
}

/// A history of an object that keeps its promise but for now and then an answer out of the blue.
fn random<M: Model>(habits: &Habits<M>, dice: &mut Dice) -> Of<M> {
    let mut history = Of::<M>::default();
    let clients = 2 + dice.below(3) as usize;
    let mut open: Vec<Option<(usize, Option<M::Output>)>> = vec![None; clients];
    let mut states: Vec<(Option<String>, M::State)> = Vec::new();
    // A client that crashes leaves its operation open, and another takes its place.
    let mut processes: Vec<u64> = (0..clients as u64).collect();
    let most = 2 + dice.below(6) as usize;
    for _ in 0..60 {
        let client = dice.below(clients as u64) as usize;
        match open[client].take() {
            None if history.operations.len() < most => {
                let input = (habits.input)(dice);
                open[client] = Some((history.invoke(processes[client], input), None));
            }
            None => {}
            Some((number, Some(output))) => history.answer(number, output),
            Some((number, None)) => {
                let input = history.operations[number].input.clone();
                // Queues and sets are one part here; what an answer out of the blue would be is the dice's
                // business.
                let part = M::part(&input, None).map(Cow::into_owned).filter(|_| M::NAME == "key");
                let known = states.iter().position(|(name, _)| *name == part);
                let place = known.unwrap_or_else(|| {
                    states.push((part, M::initial()));
                    states.len() - 1
                });
                let state = &mut states[place].1;
                let mut output = (habits.output)(state, &input, dice);
                if let Some(next) = M::step(state, &input, None).map(Cow::into_owned) {
                    *state = next;
                }
                if dice.below(12) == 0 {
                    output = (habits.output)(&M::initial(), &input, dice);
                }
                let crashes = dice.below(5) == 0;
                processes[client] += if crashes { clients as u64 } else { 0 };
                open[client] = Some((number, Some(output))).filter(|_| !crashes);
            }
        }
    }
    history
}

fn compare<M: Model>(habits: &Habits<M>, count: u64) {
    let (mut kept, mut weaker) = (0, 0);
    for seed in 0..count {
        let history = random::<M>(habits, &mut Dice(seed, 0));
        let verdict = check::<M>(&history, BUDGET);
        let expected = naive::<M>(&history, precedes::<M>);
        assert_eq!(holds(&verdict), Some(expected), "seed {seed}: {history:?}");
        justified::<M>(&history, &verdict);
        if let Verdict::Fails(refutation) = &verdict
            && refutation.part.is_none()
        {
            let end = history.operations[refutation.operation].end();
            assert!(!naive::<M>(&until::<M>(&history, end), precedes::<M>), "seed {seed}: {refutation:?}");
            assert!(naive::<M>(&until::<M>(&history, end - 1), precedes::<M>), "seed {seed}: {refutation:?}");
        }
        let in_sequence = naive::<M>(&history, in_program::<M>);
        assert_eq!(holds(&sequential::<M>(&history, BUDGET)), Some(in_sequence), "seed {seed}: {history:?}");
        assert!(in_sequence || !expected);
        if let Some(causally) = holds(&causal::<M>(&history, BUDGET)) {
            assert!(causally || !in_sequence, "seed {seed}: {history:?}");
        }
        kept += u64::from(expected);
        weaker += u64::from(in_sequence && !expected);
    }
    println!("{}: {count} histories, {kept} linearizable, {weaker} only sequentially consistent", M::NAME);
    assert!(kept > count / 10 && kept < count && weaker > 0);
}

#[test]
fn the_naive_checker_agrees_on_random_histories() {
    compare::<Register>(
        &Habits {
            input: |dice| match dice.below(4) {
                0 => RegisterInput::Write(dice.value(2)),
                1 => RegisterInput::CompareAndSet(dice.value(2), dice.value(2)),
                _ => RegisterInput::Read,
            },
            output: |state, input, _| match input {
                RegisterInput::Read => RegisterOutput::Holds(state.clone()),
                RegisterInput::CompareAndSet(old, _) if old != state => RegisterOutput::Differs,
                _ => RegisterOutput::Done,
            },
        },
        6_000,
    );
    compare::<KeyValue>(
        &Habits {
            input: |dice| KeyValueInput {
                key: dice.below(2).to_string(),
                act: match dice.below(3) {
                    0 => KeyValueAct::Put(dice.below(2).to_string()),
                    1 => KeyValueAct::Append(dice.below(2).to_string()),
                    _ => KeyValueAct::Get,
                },
            },
            output: |state, input, _| match input.act {
                KeyValueAct::Get => KeyValueOutput::Holds(state.clone()),
                _ => KeyValueOutput::Done,
            },
        },
        6_000,
    );
    compare::<Queue>(
        &Habits {
            input: |dice| match dice.below(2) {
                0 => QueueInput::Enqueue(dice.value(3)),
                _ => QueueInput::Dequeue,
            },
            output: |state, input, _| match input {
                QueueInput::Enqueue(_) => QueueOutput::Done,
                QueueInput::Dequeue => QueueOutput::Front(state.front().cloned().unwrap_or(Value::Nil)),
            },
        },
        6_000,
    );
    compare::<UnorderedQueue>(
        &Habits {
            input: |dice| match dice.below(2) {
                0 => QueueInput::Enqueue(dice.value(3)),
                _ => QueueInput::Dequeue,
            },
            output: |state, input, dice| match input {
                QueueInput::Enqueue(_) => QueueOutput::Done,
                // What it takes is another element than the model takes, so half of these answers are wrong.
                QueueInput::Dequeue => {
                    let any = dice.below(state.len().clamp(1, 2) as u64) as usize;
                    QueueOutput::Front(state.get(any).cloned().unwrap_or(Value::Nil))
                }
            },
        },
        6_000,
    );
    compare::<MultiRegister>(
        &Habits {
            input: |dice| {
                let act = |dice: &mut Dice| {
                    let write = (dice.below(2) == 0).then(|| dice.value(2));
                    RegisterAct { key: dice.below(2).to_string(), write }
                };
                (0..=dice.below(3)).map(|_| act(dice)).collect()
            },
            output: |state, input, _| {
                let mut state = state.clone();
                let mut reads = Vec::new();
                for RegisterAct { key, write } in input {
                    match write {
                        Some(value) => _ = state.insert(key.clone(), value.clone()),
                        None => reads.push((key.clone(), state.get(key).cloned().unwrap_or(Value::Nil))),
                    }
                }
                reads
            },
        },
        6_000,
    );
    compare::<Set>(
        &Habits {
            input: |dice| {
                let value = dice.value(2);
                match dice.below(5) {
                    0 => SetInput::Add(value),
                    1 => SetInput::Remove(value),
                    2 => SetInput::Read,
                    _ => SetInput::Contains(value),
                }
            },
            output: |state, input, _| match input {
                SetInput::Contains(value) => SetOutput::Holds(state.contains(value)),
                SetInput::Read => SetOutput::All(state.clone()),
                _ => SetOutput::Done,
            },
        },
        6_000,
    );
}
