//! Transactions over lists: the anomalies by their names, and a judge that tries every order.

use faultline_core::history::model::{ListAct, ListAppend, ListOutput, Model};
use faultline_core::history::read::{self, Reading, Recorded};
use faultline_core::history::{Of, OperationOf, Value};
use faultline_core::serializability::{Judgement, Promise, judge};

mod every;

/// How a transaction ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Ok,
    Fail,
    Info,
}

/// A transaction as `a x 1; r y 1 2`: appends 1 to x, reads [1 2] from y.
fn acts(words: &str) -> (Vec<ListAct>, Vec<Vec<Value>>) {
    let (mut input, mut reads) = (Vec::new(), Vec::new());
    for act in words.split(';') {
        let mut words = act.split_whitespace();
        let (verb, key) = (words.next(), words.next().unwrap_or_default().to_owned());
        let mut values: Vec<Value> =
            words.map(|word| word.parse().map_or(Value::Nil, Value::Number)).collect();
        if verb == Some("a") {
            input.push(ListAct { key, append: values.pop() });
        } else {
            input.push(ListAct { key, append: None });
            reads.push(values);
        }
    }
    (input, reads)
}

fn output(end: End, reads: Vec<Vec<Value>>) -> Option<ListOutput> {
    match end {
        End::Ok => Some(ListOutput::Committed(reads)),
        End::Fail => Some(ListOutput::Aborted),
        End::Info => None,
    }
}

/// Transactions of the processes 0, 1 and so on, all open at once.
fn at_once(transactions: &[(End, &str)]) -> Of<ListAppend> {
    let mut history = Of::<ListAppend>::default();
    for (process, (_, words)) in (0..).zip(transactions) {
        history.invoke(process, acts(words).0);
    }
    for (number, (end, words)) in transactions.iter().enumerate() {
        if let Some(output) = output(*end, acts(words).1) {
            history.answer(number, output);
        }
    }
    history
}

/// Transactions one after the other, of these processes.
fn in_turn(transactions: &[(u64, &str)]) -> Of<ListAppend> {
    let mut history = Of::<ListAppend>::default();
    for (process, words) in transactions {
        let (input, reads) = acts(words);
        let number = history.invoke(*process, input);
        history.answer(number, ListOutput::Committed(reads));
    }
    history
}

/// Whether an order respects time and processes as far as promised, and explains every transaction that was
/// answered.
fn explains(history: &Of<ListAppend>, order: &[usize], promise: Promise) -> bool {
    let operation = |number: usize| &history.operations[number];
    let before = |one: &OperationOf<ListAppend>, other: &OperationOf<ListAppend>| match promise {
        Promise::Serializable => false,
        Promise::StrongSession => one.process == other.process && one.invoked < other.invoked,
        Promise::Strict => one.returned.is_some() && one.end() < other.invoked,
    };
    let timely = (0..order.len())
        .all(|place| order[..place].iter().all(|&it| !before(operation(order[place]), operation(it))));
    let is_committed = |number: &usize| matches!(operation(*number).output(), Some(ListOutput::Committed(_)));
    let complete = (0..history.operations.len()).filter(is_committed).all(|number| order.contains(&number));
    let mut state = ListAppend::initial();
    timely
        && complete
        && order.iter().all(|&number| {
            let next = ListAppend::step(&state, &operation(number).input, operation(number).output());
            let next = next.map(std::borrow::Cow::into_owned);
            next.is_some_and(|next| {
                state = next;
                operation(number).output() != Some(&ListOutput::Aborted)
            })
        })
}

/// The names of what is wrong; nothing where an order proves that nothing is.
fn wrong(history: &Of<ListAppend>, promise: Promise) -> Vec<String> {
    match judge(history, promise) {
        Judgement::Holds { order } => {
            assert!(explains(history, &order, promise), "{order:?} does not explain {history:?}");
            Vec::new()
        }
        Judgement::Fails(anomalies) => {
            assert!(!anomalies.is_empty());
            anomalies.iter().map(|it| it.kind.name()).collect()
        }
        Judgement::Unknown { sentence } => panic!("{sentence}"),
    }
}

#[test]
fn every_anomaly_has_its_name() {
    use End::{Fail, Info, Ok};
    for (transactions, names) in [
        (vec![(Ok, "a x 1; r x 1"), (Ok, "a x 2; r x 1 2")], vec![]),
        // A transaction that was never answered has happened where it is seen, and need not have happened
        // otherwise.
        (vec![(Info, "a x 1; a y 1"), (Ok, "r x 1; r y 1")], vec![]),
        (vec![(Info, "a x 1; a y 1"), (Ok, "r x; r y")], vec![]),
        (vec![(Info, "a x 1; a y 1"), (Ok, "r x 1; r y")], vec!["G-single"]),
        (vec![(Fail, "a x 1"), (Ok, "r x")], vec![]),
        (vec![(Fail, "a x 1"), (Ok, "r x 1")], vec!["G1a"]),
        (vec![(Ok, "a x 1; a x 2"), (Ok, "r x 1")], vec!["G1b", "G-single"]),
        (vec![(Ok, "a x 1; a x 2"), (Ok, "r x 2")], vec!["incompatible order", "G-single"]),
        (vec![(Ok, "a x 1; a x 2"), (Ok, "r x 2 1")], vec!["incompatible order", "G1b"]),
        (vec![(Ok, "a x 1"), (Ok, "a x 2"), (Ok, "r x 1 2"), (Ok, "r x 2 1")], vec!["incompatible order"]),
        (vec![(Ok, "a x 1; r x")], vec!["internal"]),
        (vec![(Ok, "r x; a x 1; r x")], vec!["internal"]),
        (vec![(Ok, "r x 1; a x 1")], vec!["internal"]),
        (vec![(Ok, "r x 7")], vec!["garbage read"]),
        (vec![(Ok, "a x 1"), (Ok, "r x 1 1")], vec!["duplicate element"]),
        (vec![(Ok, "a x 1; a y 1"), (Ok, "a x 2; a y 2"), (Ok, "r x 1 2; r y 2 1")], vec!["G0"]),
        (vec![(Ok, "a x 1; r y 2"), (Ok, "a y 2; r x 1")], vec!["G1c"]),
        // A lost update, a torn read, and write skew.
        (vec![(Ok, "r x; a x 1"), (Ok, "r x; a x 2"), (Ok, "r x 1 2")], vec!["G-single"]),
        (vec![(Ok, "a x 1; a y 1"), (Ok, "r x 1; r y")], vec!["G-single"]),
        (vec![(Ok, "r x; a y 1"), (Ok, "r y; a x 1")], vec!["G2"]),
        // Nobody ever reads what was lost, and still it is: both read the empty list.
        (vec![(Ok, "r x; a x 1"), (Ok, "r x; a x 2")], vec!["G2"]),
        // Two readers see two appends in opposite orders.
        (vec![(Ok, "a x 1"), (Ok, "a y 1"), (Ok, "r x 1; r y"), (Ok, "r x; r y 1")], vec!["G2"]),
    ] {
        assert_eq!(wrong(&at_once(&transactions), Promise::Serializable), names, "{transactions:?}");
    }
}

#[test]
fn processes_and_time_count_where_they_are_promised() {
    for (transactions, session, strict) in [
        (vec![(0, "a x 1"), (1, "r x 1")], vec![], vec![]),
        (vec![(0, "a x 1"), (1, "r x")], vec![], vec!["G-single-realtime"]),
        (vec![(0, "a x 1"), (0, "r x")], vec!["G-single-process"], vec!["G-single-realtime"]),
        (vec![(0, "r x 1"), (0, "a x 1")], vec!["G1c-process"], vec!["G1c-realtime"]),
        (vec![(0, "a x 2"), (0, "a x 1"), (1, "r x 1 2")], vec!["G0-process"], vec!["G0-realtime"]),
        (
            vec![(0, "a x 1"), (0, "r y"), (1, "a y 1"), (1, "r x")],
            vec!["G2-process"],
            vec!["G-single-realtime"],
        ),
    ] {
        let history = in_turn(&transactions);
        assert_eq!(wrong(&history, Promise::Serializable), Vec::<String>::new(), "{transactions:?}");
        assert_eq!(wrong(&history, Promise::StrongSession), session, "{transactions:?}");
        assert_eq!(wrong(&history, Promise::Strict), strict, "{transactions:?}");
    }
}

/// The sentences of a cycle, and that the shortest one is told: there are two, of two transactions and of
/// three.
#[test]
fn a_cycle_is_told_step_by_step() {
    let text = "\
{:process 0 :type :invoke :f :txn :value [[:r :x nil] [:append :y 1]]}
{:process 1 :type :invoke :f :txn :value [[:r :y nil] [:append :z 1]]}
{:process 2 :type :invoke :f :txn :value [[:r :z nil] [:append :x 1] [:r :y nil]]}
{:process 0 :type :ok :f :txn :value [[:r :x []] [:append :y 1]]}
{:process 1 :type :ok :f :txn :value [[:r :y []] [:append :z 1]]}
{:process 2 :type :ok :f :txn :value [[:r :z nil] [:append :x 1] [:r :y []]]}";
    let Ok(Reading { recorded: Recorded::ListAppend(history), .. }) = read::history(text, None) else {
        panic!("{text} was not read")
    };
    let Judgement::Fails(anomalies) = judge(&history, Promise::Serializable) else {
        panic!("this is write skew")
    };
    assert_eq!(anomalies.len(), 1);
    assert_eq!(anomalies[0].kind.name(), "G2");
    assert_eq!(anomalies[0].transactions, [0, 2]);
    assert_eq!(
        anomalies[0].sentences,
        ["T1 read key :x without 1, which T2 appended", "T2 read key :y without 1, which T1 appended"]
    );
    let text = "\
{:process 0 :type :invoke :f :txn :value [[:append 5 1]]}
{:process 0 :type :ok :f :txn :value [[:append 5 1]]}
{:process 1 :type :invoke :f :txn :value [[:append 5 2]]}
{:process 1 :type :ok :f :txn :value [[:append 5 2]]}
{:process 1 :type :invoke :f :txn :value [[:r 5 nil]]}
{:process 1 :type :ok :f :txn :value [[:r 5 [2 1]]]}";
    let Ok(Reading { recorded: Recorded::ListAppend(history), .. }) = read::history(text, None) else {
        panic!("{text} was not read")
    };
    let Judgement::Fails(anomalies) = judge(&history, Promise::Strict) else { panic!("time is not kept") };
    assert_eq!(
        anomalies[0].sentences,
        ["T1 was answered in line 2 before T2 began in line 3", "T1 appended 1 to key 5 after T2 appended 2"]
    );
}

/// What an order of versions needs: that an element says which append it is.
#[test]
fn an_element_that_is_appended_twice_leaves_it_open() {
    for transactions in [vec![(End::Ok, "a x 1; a x 1")], vec![(End::Ok, "a x 1"), (End::Info, "a x 1")]] {
        match judge(&at_once(&transactions), Promise::Serializable) {
            Judgement::Unknown { sentence } => {
                assert!(sentence.contains("1 is appended to key x"), "{sentence}");
            }
            other => panic!("{other:?}"),
        }
    }
    // The same value in two lists is two elements.
    assert_eq!(wrong(&at_once(&[(End::Ok, "a x 1; a y 1")]), Promise::Strict), Vec::<String>::new());
}

/// A store of twenty lists that does one transaction after the other, some of them long after they were asked
/// for. One in a hundred is never answered, and of these every second does not happen.
fn kept(count: u64) -> Of<ListAppend> {
    let mut history = Of::<ListAppend>::default();
    let mut lists = vec![Vec::new(); 20];
    let mut open = std::collections::VecDeque::new();
    for number in 0..count {
        let (one, other) = ((number * 7 % 20) as usize, (number * 11 % 19) as usize);
        // A list that grows without end makes the text as long as its square; every list begins anew now and
        // then.
        let key = |list: usize| format!("{list}/{}", number / 400);
        if number % 400 == 0 {
            lists.iter_mut().for_each(Vec::clear);
        }
        let append = ListAct { key: key(one), append: Some(Value::Number(number.cast_signed())) };
        let input = vec![ListAct { key: key(other), append: None }, append];
        let operation = history.invoke(if number % 100 == 7 { 1_000 + number } else { number % 5 }, input);
        let read = lists[other].clone();
        if number % 200 != 7 {
            lists[one].push(Value::Number(number.cast_signed()));
        }
        if number % 100 != 7 {
            open.push_back((operation, read));
        }
        if open.len() == 5
            && let Some((operation, read)) = open.pop_front()
        {
            history.answer(operation, ListOutput::Committed(vec![read]));
        }
    }
    for (operation, read) in open {
        history.answer(operation, ListOutput::Committed(vec![read]));
    }
    history
}

#[test]
fn a_long_history_takes_time_in_proportion() {
    let mut history = kept(40_000);
    for promise in [Promise::Serializable, Promise::StrongSession, Promise::Strict] {
        match judge(&history, promise) {
            Judgement::Holds { order } => assert!(order.len() >= 40_000 - 400, "{}", order.len()),
            _ => panic!("{promise:?}: this is a history in order"),
        }
    }
    // One read loses everything that was appended long ago.
    let loses = |it: &OperationOf<ListAppend>| match it.output() {
        Some(ListOutput::Committed(reads)) => reads[0].len() > 3,
        _ => false,
    };
    let operation = history.operations.iter().rposition(loses).unwrap();
    if let Some((_, ListOutput::Committed(reads))) = &mut history.operations[operation].returned {
        reads[0].clear();
    }
    match judge(&history, Promise::Strict) {
        Judgement::Fails(anomalies) => {
            assert!(anomalies.iter().all(|it| it.transactions.contains(&operation)));
        }
        _ => panic!("a read that shows nothing is in order"),
    }
}
