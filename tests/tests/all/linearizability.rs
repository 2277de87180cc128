//! The linearizability checker: recorded histories with known verdicts, limits and slices.

use faultline_core::history::model::{
    KeyValueAct, KeyValueInput, KeyValueOutput, RegisterInput, RegisterOutput,
};
use faultline_core::history::read::{self, Reading, Recorded};
use faultline_core::history::{
    KeyValue, ListAppend, Model, MultiRegister, Mutex, Of, OperationOf, Queue, Register, Registers, Set,
    UnorderedQueue, Value,
};
use faultline_core::linearizability::{
    Checker, Progress, Verdict, causal, check, check_recorded, sequential,
};
use faultline_tests::folder;
use std::borrow::Cow;
use std::path::Path;

mod naive;
mod small;

use naive::Dice;

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
        Recorded::Registers(history) => of::<Registers>(history),
        Recorded::Mutex(history) => of::<Mutex>(history),
        Recorded::KeyValue(history) => of::<KeyValue>(history),
        Recorded::Queue(history) => of::<Queue>(history),
        Recorded::Set(history) => of::<Set>(history),
        Recorded::MultiRegister(history) => of::<MultiRegister>(history),
        Recorded::UnorderedQueue(history) => of::<UnorderedQueue>(history),
        Recorded::ListAppend(history) => of::<ListAppend>(history),
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
    let whole = history.operations.iter().any(|it| M::part(&it.input, it.output()).is_none());
    timely
        && operations.into_iter().all(|operation| {
            let part = if whole { None } else { M::part(&operation.input, operation.output()) };
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
                    || refutation.part == M::part(&operation.input, operation.output()).map(Cow::into_owned);
                same_part && operation.end() < refuted.end()
            };
            let covered =
                (0..history.operations.len()).filter(earlier).all(|it| refutation.prefix.contains(&it));
            assert!(covered, "{} does not stand on a whole prefix", refutation.sentence);
        }
    }
}

/// The rows of a table of verdicts.
fn rows(path: &Path) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let row = |line: &str| line.split('\t').map(str::to_owned).collect();
    text.lines().filter(|line| !line.starts_with("# ") && !line.starts_with("file\t")).map(row).collect()
}

/// The model that a file's name says; none where it is guessed.
fn model_of(file: &str) -> Option<&'static str> {
    file.starts_with("unordered-").then_some("unordered-queue")
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
        let Reading { recorded, .. } =
            read::from_bytes(&bytes, model_of(&row[0])).unwrap_or_else(|error| panic!("{}: {error}", row[0]));
        let verdicts = verdicts(&recorded);
        assert_eq!(verdicts.linearizable, expected(&row[1]), "{}: linearizable", row[0]);
        assert_eq!(verdicts.sequential, expected(&row[2]), "{}: sequentially consistent", row[0]);
        assert_eq!(verdicts.causal, expected(&row[3]), "{}: causally consistent", row[0]);
        assert_eq!(verdicts.line.map_or("-".into(), |line| line.to_string()), row[4], "{}: line", row[0]);
    }
}

#[test]
fn recorded_histories_get_the_verdicts_that_others_gave() {
    let shared = folder().join("histories/recorded");
    let rows = rows(&shared.join("VERDICTS.tsv"));
    assert!(rows.len() > 50);
    for row in &rows {
        let bytes = std::fs::read(shared.join(&row[0])).unwrap();
        let Reading { recorded, .. } =
            read::from_bytes(&bytes, None).unwrap_or_else(|error| panic!("{}: {error}", row[0]));
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

/// However the turns of a round are taken, a check ends with the same verdict.
#[test]
fn turns_at_once_change_nothing() {
    for bad in [None, Some(3), Some(17)] {
        let mut history = Of::<KeyValue>::default();
        for key in 0..20 {
            if key % 5 == 0 {
                hard(&key.to_string(), 6, &mut history);
                history.operations.pop();
            }
            if bad.is_some_and(|bad| bad <= key && key % 2 == 1) {
                stale(&key.to_string(), &mut history);
            }
            hard(&key.to_string(), 1, &mut history);
            history.operations.pop();
        }
        let alone = check::<KeyValue>(&history, BUDGET);
        assert_eq!(holds(&alone), Some(bad.is_none()));
        for backwards in [false, true] {
            let mut checker = Checker::<KeyValue>::new(Cow::Borrowed(&history));
            let mut at_once = 0;
            let verdict = loop {
                let mut turns = checker.hand_out(100_000);
                at_once = at_once.max(turns.len());
                let progress = if turns.is_empty() {
                    checker.step(1_000)
                } else {
                    let mut all: Vec<_> = turns.iter_mut().collect();
                    if backwards {
                        all.reverse();
                    }
                    for turn in all {
                        turn.take(&history);
                    }
                    checker.hand_back(turns)
                };
                if let Progress::Done(verdict) = progress {
                    break verdict;
                }
            };
            assert_eq!(verdict, alone, "{bad:?}");
            assert_eq!(at_once, 20);
        }
    }
}

/// A long history with few operations open at once takes time and memory in proportion. It is checked by what the core has
/// compiled, which is quicker.
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
    assert_eq!(holds(&check_recorded(&Recorded::Register(history.clone()), BUDGET)), Some(true));
    let read = history.invoke(1, RegisterInput::Read);
    history.answer(read, RegisterOutput::Holds(Value::Number(7)));
    match check_recorded(&Recorded::Register(history), BUDGET) {
        Verdict::Fails(refutation) => assert_eq!(refutation.operation, read),
        other => panic!("{other:?}"),
    }
}

/// A register that five clients use at once, each operation at a random moment between its question and its answer. Of `crashed`
/// operations, which are writes, nobody hears again; every other one takes effect long afterwards. With `wrong` a late read
/// is answered out of the blue.
fn with_crashes(seed: u64, values: u64, crashed: usize, wrong: bool) -> Of<Register> {
    let mut dice = Dice(seed, 0);
    let (mut history, mut moments) = (Of::<Register>::default(), Vec::new());
    let mut free = [(0, 0), (0, 1), (0, 2), (0, 3), (0, 4)];
    for number in 0..3_000 {
        free.sort_unstable();
        let (asked, client) = (free[0].0 + dice.below(20), free[0].1);
        let (answered, effect) = (asked + 10 + dice.below(100), asked + dice.below(100));
        let is_lost = number % (3_000 / crashed) == 7 && number < 3_000 / crashed * crashed;
        let input = match dice.below(3) {
            _ if is_lost => RegisterInput::Write(dice.value(values)),
            0 => RegisterInput::Write(dice.value(values)),
            1 => RegisterInput::CompareAndSet(dice.value(values), dice.value(values)),
            _ => RegisterInput::Read,
        };
        moments.push((asked, 0, number, client, Some(input)));
        if !is_lost {
            moments.push((effect.min(answered), 1, number, client, None));
            moments.push((answered, 2, number, client, None));
        } else if dice.below(2) == 0 {
            moments.push((asked + dice.below(600), 1, number, client, None));
        }
        free[0] = (answered, if is_lost { client + 5 } else { client });
    }
    moments.sort_by_key(|&(moment, kind, number, ..)| (moment, kind, number));
    let (mut state, mut places, mut outputs) = (Value::Number(0), vec![0; 3_000], vec![None; 3_000]);
    let zero = history.invoke(u64::MAX, RegisterInput::Write(state.clone()));
    history.answer(zero, RegisterOutput::Done);
    for (_, kind, number, client, input) in moments {
        match input {
            Some(input) => places[number] = history.invoke(client, input),
            None if kind == 1 => {
                outputs[number] = Some(match &history.operations[places[number]].input {
                    RegisterInput::Read if wrong && number > 2_700 && number % 40 == 0 => {
                        RegisterOutput::Holds(dice.value(values))
                    }
                    RegisterInput::Read => RegisterOutput::Holds(state.clone()),
                    RegisterInput::CompareAndSet(old, _) if *old != state => RegisterOutput::Differs,
                    RegisterInput::CompareAndSet(_, new) | RegisterInput::Write(new) => {
                        state = new.clone();
                        RegisterOutput::Done
                    }
                });
            }
            None => {
                if let Some(output) = outputs[number].take() {
                    history.answer(places[number], output);
                }
            }
        }
    }
    history
}

/// Operations that were never answered may take effect whenever they like, which multiplies what must be tried; it does so little.
#[test]
fn many_crashed_operations_are_little_trouble() {
    let mut refuted = 0;
    for seed in 0..6 {
        for (values, crashed) in [(10, 12), (10, 36), (1_000, 36)] {
            let history = with_crashes(seed, values, crashed, false);
            assert_eq!(history.operations.iter().filter(|it| it.returned.is_none()).count(), crashed);
            let verdict = check_recorded(&Recorded::Register(history), 1_000_000);
            assert_eq!(holds(&verdict), Some(true), "seed {seed}, {values} values, {crashed} crashed");
        }
        let verdict = check_recorded(&Recorded::Register(with_crashes(seed, 1_000, 36, true)), 10_000_000);
        assert!(holds(&verdict).is_some(), "seed {seed}: {verdict:?}");
        refuted += usize::from(holds(&verdict) == Some(false));
    }
    assert!(refuted > 3, "{refuted}");
}

/// What is not a history of one object is refused by the weaker promises, with a sentence.
#[test]
fn the_weaker_promises_state_their_limits() {
    let mut history = Of::<Register>::default();
    for process in 0..300 {
        let write = history.invoke(process, RegisterInput::Write(Value::Number(1)));
        history.answer(write, RegisterOutput::Done);
    }
    // What is linearizable keeps both, however long it is.
    assert_eq!(holds(&sequential::<Register>(&history, BUDGET)), Some(true));
    assert_eq!(holds(&causal::<Register>(&history, BUDGET)), Some(true));
    let read = history.invoke(300, RegisterInput::Read);
    history.answer(read, RegisterOutput::Holds(Value::Nil));
    for (verdict, words) in [
        (sequential::<Register>(&history, BUDGET), "at most 256 operations; this history has 301"),
        (causal::<Register>(&history, BUDGET), "at most 64 operations; this history has 301"),
    ] {
        assert!(matches!(&verdict, Verdict::Unknown { sentence } if sentence.contains(words)), "{verdict:?}");
    }
    let mut history = Of::<Register>::default();
    history.invoke(0, RegisterInput::CompareAndSet(Value::Nil, Value::Nil));
    let verdict = causal::<Register>(&history, BUDGET);
    assert!(matches!(&verdict, Verdict::Unknown { sentence } if sentence.contains("neither")), "{verdict:?}");
}
