//! The linearizability checker: recorded histories with known verdicts, and a naive checker that tries every
//! order.

use faultline_core::history::model::{
    KeyValueAct, KeyValueInput, KeyValueOutput, QueueInput, QueueOutput, RegisterInput, RegisterOutput,
    SetInput, SetOutput,
};
use faultline_core::history::read::{self, Recorded};
use faultline_core::history::{KeyValue, Model, Of, OperationOf, Queue, Register, Set, Value};
use faultline_core::linearizability::{
    Checker, Progress, Verdict, causal, check, check_recorded, sequential,
};
use faultline_core::random::{Purpose, draw};
use faultline_tests::folder;
use std::borrow::Cow;
use std::path::PathBuf;

const BUDGET: u64 = 50_000_000;

/// The three verdicts on a history: whether each promise is kept, and for the first the line that breaks it.
struct Verdicts {
    linearizable: Option<bool>,
    sequential: Option<bool>,
    causal: Option<bool>,
    line: Option<usize>,
}

fn verdicts(recorded: &Recorded) -> Verdicts {
    fn of<M: Model>(history: &Of<M>) -> Verdicts {
        let linearizable = check::<M>(history, BUDGET);
        justified::<M>(history, &linearizable);
        let line = match &linearizable {
            Verdict::Fails(refutation) => Some(history.operations[refutation.operation].lines.1),
            _ => None,
        };
        Verdicts {
            linearizable: holds(&linearizable),
            sequential: holds(&sequential::<M>(history, BUDGET)),
            causal: holds(&causal::<M>(history, BUDGET)),
            line,
        }
    }
    match recorded {
        Recorded::Register(history) => of::<Register>(history),
        Recorded::KeyValue(history) => of::<KeyValue>(history),
        Recorded::Queue(history) => of::<Queue>(history),
        Recorded::Set(history) => of::<Set>(history),
    }
}

fn holds(verdict: &Verdict) -> Option<bool> {
    match verdict {
        Verdict::Holds { .. } => Some(true),
        Verdict::Fails(_) => Some(false),
        Verdict::Unknown { .. } => None,
    }
}

fn precedes<M: Model>(first: &OperationOf<M>, second: &OperationOf<M>) -> bool {
    first.returned.is_some() && first.end() < second.invoked
}

/// Whether an order of some operations respects time and is what the object would have done.
fn explains<M: Model>(history: &Of<M>, order: &[usize]) -> bool {
    let operations = order.iter().map(|&number| &history.operations[number]);
    let timely = (0..order.len()).all(|later| {
        let later_one = &history.operations[order[later]];
        order[..later].iter().all(|&earlier| !precedes::<M>(later_one, &history.operations[earlier]))
    });
    let mut states: Vec<(Option<Cow<'_, str>>, M::State)> = Vec::new();
    let whole = history.operations.iter().any(|operation| M::part(&operation.input).is_none());
    timely
        && operations.into_iter().all(|operation| {
            let part = if whole { None } else { M::part(&operation.input) };
            if !states.iter().any(|(name, _)| *name == part) {
                states.push((part.clone(), M::initial()));
            }
            let Some((_, state)) = states.iter_mut().find(|(name, _)| *name == part) else { return false };
            let next = M::step(state, &operation.input, operation.output()).map(Cow::into_owned);
            next.is_some_and(|next| {
                *state = next;
                true
            })
        })
}

/// That a verdict comes with what proves it: an order, or a prefix that has one.
fn justified<M: Model>(history: &Of<M>, verdict: &Verdict) {
    match verdict {
        Verdict::Unknown { .. } => {}
        Verdict::Holds { orders } => {
            let order = &orders[0];
            assert!(explains::<M>(history, order), "{order:?} does not explain {history:?}");
            let answered = |number: &usize| history.operations[*number].returned.is_some();
            assert!((0..history.operations.len()).filter(answered).all(|number| order.contains(&number)));
        }
        Verdict::Fails(refutation) => {
            let refuted = &history.operations[refutation.operation];
            // What is answered later may stand in the prefix with any answer, so only time is looked at here.
            assert!(refuted.returned.is_some() && !refutation.sentence.is_empty());
            let earlier = |number: &usize| {
                let operation = &history.operations[*number];
                let same_part = refutation.part.is_none()
                    || refutation.part == M::part(&operation.input).map(Cow::into_owned);
                same_part && operation.end() < refuted.end()
            };
            let covered =
                (0..history.operations.len()).filter(earlier).all(|it| refutation.prefix.contains(&it));
            assert!(covered, "{} does not stand on a whole prefix", refutation.sentence);
        }
    }
}

/// The rows of a table of verdicts.
fn rows(path: &PathBuf) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let row = |line: &str| line.split('\t').map(str::to_owned).collect();
    text.lines().filter(|line| !line.starts_with("# ") && !line.starts_with("file\t")).map(row).collect()
}

#[test]
fn our_own_histories_get_their_verdicts() {
    let own = folder().join("histories");
    let expected = |word: &str| match word {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    };
    let rows = rows(&own.join("verdicts.tsv"));
    assert!(rows.len() >= 20);
    for row in rows {
        let bytes = std::fs::read(own.join(&row[0])).unwrap();
        let recorded = read::from_bytes(&bytes, None).unwrap_or_else(|error| panic!("{}: {error}", row[0]));
        let verdicts = verdicts(&recorded);
        assert_eq!(verdicts.linearizable, expected(&row[1]), "{}: linearizable", row[0]);
        assert_eq!(verdicts.sequential, expected(&row[2]), "{}: sequentially consistent", row[0]);
        assert_eq!(verdicts.causal, expected(&row[3]), "{}: causally consistent", row[0]);
        assert_eq!(verdicts.line.map_or("-".into(), |line| line.to_string()), row[4], "{}: line", row[0]);
    }
}

#[test]
fn recorded_histories_get_the_verdicts_that_others_gave() {
    let named = std::env::var_os("FAULTLINE_HISTORIES").map(PathBuf::from);
    let shared = named.unwrap_or_else(|| folder().join("../../shared/data/histories"));
    if !shared.join("VERDICTS.tsv").is_file() {
        println!(
            "Skipped: no recorded histories; FAULTLINE_HISTORIES names the folder that holds VERDICTS.tsv."
        );
        return;
    }
    let rows = rows(&shared.join("VERDICTS.tsv"));
    assert!(rows.len() > 50);
    for row in &rows {
        let bytes = std::fs::read(shared.join(&row[0])).unwrap();
        let recorded = read::from_bytes(&bytes, None).unwrap_or_else(|error| panic!("{}: {error}", row[0]));
        let linearizable = match &recorded {
            Recorded::Register(history) => judged::<Register>(history),
            Recorded::KeyValue(history) => judged::<KeyValue>(history),
            other => panic!("{other:?}"),
        };
        assert_eq!(linearizable, Some(row[1] == "true"), "{}", row[0]);
    }
}

/// The verdict, justified; and where it is no, that the history up to the answer named is the first with that
/// verdict.
fn judged<M: Model>(history: &Of<M>) -> Option<bool> {
    let verdict = check::<M>(history, BUDGET);
    justified::<M>(history, &verdict);
    if let Verdict::Fails(refutation) = &verdict {
        let end = history.operations[refutation.operation].end();
        assert_eq!(holds(&check::<M>(&until::<M>(history, end), BUDGET)), Some(false));
        if refutation.part.is_none() {
            assert_eq!(holds(&check::<M>(&until::<M>(history, end - 1), BUDGET)), Some(true));
        }
    }
    holds(&verdict)
}

/// What was known of a history at a moment.
fn until<M: Model>(history: &Of<M>, moment: u64) -> Of<M> {
    let mut history = history.clone();
    history.operations.retain(|operation| operation.invoked <= moment);
    for operation in &mut history.operations {
        operation.returned.take_if(|(at, _)| *at > moment);
    }
    history
}

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
    let names: Vec<_> = operations.iter().map(|operation| M::part(&operation.input)).collect();
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
type Shape = Vec<(usize, bool)>;

/// All orders of questions and answers of two clients with up to `most` operations together, those alike in
/// what precedes what only once: of neighbouring questions, and of neighbouring answers, the first client's
/// comes first. At the end a client's operation may be open. The first client begins: the rest is the same
/// with the names changed.
fn shapes(most: usize) -> Vec<Shape> {
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
struct Dice(u64, u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.1 += 1;
        draw(self.0, Purpose::Workload, (0, 0), self.1) % bound
    }

    fn value(&mut self, bound: u64) -> Value {
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
    let mut crashed = vec![false; clients];
    let most = 2 + dice.below(6) as usize;
    for _ in 0..60 {
        let client = dice.below(clients as u64) as usize;
        if crashed[client] {
            continue;
        }
        match open[client].take() {
            None if history.operations.len() < most => {
                let input = (habits.input)(dice);
                open[client] = Some((history.invoke(client as u64, input), None));
            }
            None => {}
            Some((number, Some(output))) => history.answer(number, output),
            Some((number, None)) => {
                let input = history.operations[number].input.clone();
                // Queues and sets are one part here; what an answer out of the blue would be is the dice's
                // business.
                let part = M::part(&input).map(Cow::into_owned).filter(|_| M::NAME == "key");
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
                crashed[client] = dice.below(10) == 0;
                open[client] = Some((number, Some(output))).filter(|_| !crashed[client]);
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

/// Puts to one key, all open at once, and a get that no order explains: hard.
fn hard(key: &str, puts: u64, history: &mut Of<KeyValue>) {
    let input = |act| KeyValueInput { key: key.into(), act };
    let open: Vec<usize> =
        (0..puts).map(|put| history.invoke(put, input(KeyValueAct::Append(put.to_string())))).collect();
    for number in open {
        history.answer(number, KeyValueOutput::Done);
    }
    let get = history.invoke(puts, input(KeyValueAct::Get));
    history.answer(get, KeyValueOutput::Holds("?".into()));
}

/// As [`hard`], but short: a stale read.
fn stale(key: &str, history: &mut Of<KeyValue>) {
    let input = |act| KeyValueInput { key: key.into(), act };
    let put = history.invoke(100, input(KeyValueAct::Put("1".into())));
    history.answer(put, KeyValueOutput::Done);
    let get = history.invoke(101, input(KeyValueAct::Get));
    history.answer(get, KeyValueOutput::Holds(String::new()));
}

#[test]
fn one_bad_key_does_not_hide_behind_a_long_one() {
    let mut history = Of::<KeyValue>::default();
    for key in ["a", "b", "c"] {
        hard(key, 12, &mut history);
    }
    assert_eq!(holds(&check::<KeyValue>(&history, 100_000)), None);
    stale("z", &mut history);
    match check::<KeyValue>(&history, 100_000) {
        Verdict::Fails(refutation) => {
            assert_eq!(refutation.part.as_deref(), Some("z"));
            assert!(refutation.sentence.contains("can only have held \"1\""), "{}", refutation.sentence);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn memory_is_bounded_and_running_out_of_it_is_said() {
    let mut history = Of::<KeyValue>::default();
    hard("a", 12, &mut history);
    let checker = Checker::<KeyValue>::new(Cow::Borrowed(&history)).with_memory(4 << 20);
    match checker.finish(u64::MAX) {
        Verdict::Unknown { sentence } => assert!(sentence.contains("4 MiB"), "{sentence}"),
        other => panic!("{other:?}"),
    }
    match check::<KeyValue>(&history, 10_000) {
        Verdict::Unknown { sentence } => assert!(sentence.contains("10000 attempts"), "{sentence}"),
        other => panic!("{other:?}"),
    }
}

/// However it is cut into slices, a check ends with the same verdict.
#[test]
fn slices_change_nothing() {
    let mut history = Of::<KeyValue>::default();
    hard("a", 6, &mut history);
    hard("b", 7, &mut history);
    let whole = check::<KeyValue>(&history, BUDGET);
    for slice in [1, 7, 1_000] {
        let mut checker = Checker::<KeyValue>::new(Cow::Borrowed(&history));
        let mut slices = 0;
        let verdict = loop {
            match checker.step(slice) {
                Progress::Done(verdict) => break verdict,
                Progress::Working { parts, .. } => assert_eq!(parts, (0, 2)),
            }
            slices += 1;
        };
        assert_eq!(verdict, whole);
        assert!(slices > 3, "{slices}");
    }
}

/// A long history with few operations open at once takes time and memory in proportion.
#[test]
fn a_long_history_is_no_trouble() {
    let mut history = Of::<Register>::default();
    for round in 0..50_000_i64 {
        let write = history.invoke(0, RegisterInput::Write(Value::Number(round)));
        let read = history.invoke(1, RegisterInput::Read);
        history.answer(write, RegisterOutput::Done);
        history.answer(read, RegisterOutput::Holds(Value::Number(round)));
        if round % 1_000 == 0 {
            // Clients that crash leave operations open until the end.
            history.invoke(2 + round.cast_unsigned(), RegisterInput::Write(Value::Number(-1)));
        }
    }
    assert_eq!(holds(&check::<Register>(&history, BUDGET)), Some(true));
    let read = history.invoke(1, RegisterInput::Read);
    history.answer(read, RegisterOutput::Holds(Value::Number(7)));
    match check::<Register>(&history, BUDGET) {
        Verdict::Fails(refutation) => assert_eq!(refutation.operation, read),
        other => panic!("{other:?}"),
    }
}

/// What is not a history of one object is refused by the weaker promises, with a sentence.
#[test]
fn the_weaker_promises_state_their_limits() {
    let mut history = Of::<Register>::default();
    for process in 0..300 {
        let write = history.invoke(process, RegisterInput::Write(Value::Number(1)));
        history.answer(write, RegisterOutput::Done);
    }
    for (verdict, words) in [
        (sequential::<Register>(&history, BUDGET), "at most 256 operations, and these are 300"),
        (causal::<Register>(&history, BUDGET), "at most 64 operations, and these are 300"),
    ] {
        assert!(matches!(&verdict, Verdict::Unknown { sentence } if sentence.contains(words)), "{verdict:?}");
    }
    let mut history = Of::<Register>::default();
    history.invoke(0, RegisterInput::CompareAndSet(Value::Nil, Value::Nil));
    let verdict = causal::<Register>(&history, BUDGET);
    assert!(matches!(&verdict, Verdict::Unknown { sentence } if sentence.contains("neither")), "{verdict:?}");
}
