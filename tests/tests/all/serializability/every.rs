//! Every small history of transactions over two lists, against a judge that tries every order and shares
//! nothing with the core.

use super::{End, explains, output};
use faultline_core::history::model::{ListAct, ListAppend};
use faultline_core::history::{Of, Value};
use faultline_core::serializability::{Judgement, Promise, judge};

/// What a transaction does: for each act the list, and whether it appends.
const PROGRAMS: [&[(usize, bool)]; 10] = [
    &[(0, true)],
    &[(0, false)],
    &[(1, false)],
    &[(0, true), (0, true)],
    &[(0, true), (1, true)],
    &[(0, true), (1, false)],
    &[(0, false), (1, true)],
    &[(0, false), (0, true)],
    &[(0, true), (0, false)],
    &[(0, false), (1, false)],
];

/// The orders of questions and answers of three transactions: all open at once, one after the other, and
/// between.
const TIMES: [[(usize, bool); 6]; 4] = [
    [(0, true), (1, true), (2, true), (0, false), (1, false), (2, false)],
    [(0, true), (0, false), (1, true), (1, false), (2, true), (2, false)],
    [(2, true), (2, false), (0, true), (1, true), (0, false), (1, false)],
    [(1, true), (0, true), (1, false), (2, true), (0, false), (2, false)],
];

#[derive(Clone)]
struct Small {
    end: End,
    /// For each act the list, and what is appended or read.
    acts: Vec<(usize, Result<u8, Vec<u8>>)>,
}

/// All lists of different elements.
fn sequences(elements: &[u8]) -> Vec<Vec<u8>> {
    let mut all = vec![Vec::new()];
    let mut from = 0;
    while from < all.len() {
        for element in elements {
            if !all[from].contains(element) {
                let longer = [all[from].as_slice(), &[*element]].concat();
                all.push(longer);
            }
        }
        from += 1;
    }
    all
}

/// Whether an order of the transactions that must come one after the other explains all reads.
fn serial(
    transactions: &[Small],
    before: &[(usize, usize)],
    done: &mut Vec<usize>,
    lists: &[Vec<u8>; 2],
) -> bool {
    let is_done = |number: usize| transactions[number].end != End::Ok || done.contains(&number);
    if (0..transactions.len()).all(is_done) {
        return true;
    }
    (0..transactions.len()).any(|next| {
        let transaction = &transactions[next];
        let too_early = before.iter().any(|(one, other)| *other == next && !done.contains(one));
        if too_early || done.contains(&next) || transaction.end == End::Fail {
            return false;
        }
        let mut lists = lists.clone();
        for (list, act) in &transaction.acts {
            match act {
                Ok(element) => lists[*list].push(*element),
                Err(read) if transaction.end == End::Ok && *read != lists[*list] => return false,
                Err(_) => {}
            }
        }
        done.push(next);
        let found = serial(transactions, before, done, &lists);
        done.pop();
        found
    })
}

fn history(transactions: &[Small], times: &[(usize, bool); 6], processes: [u64; 3]) -> Of<ListAppend> {
    let mut history = Of::<ListAppend>::default();
    let value = |element: u8| Value::Number(element.into());
    let mut numbers = [0; 3];
    for &(which, asks) in times {
        let Small { end, acts } = &transactions[which];
        if asks {
            let act = |(list, act): &(usize, Result<u8, Vec<u8>>)| ListAct {
                key: list.to_string(),
                append: act.as_ref().ok().map(|element| value(*element)),
            };
            numbers[which] = history.invoke(processes[which], acts.iter().map(act).collect());
        } else {
            let reads = acts.iter().filter_map(|(_, act)| act.as_ref().err());
            let reads = reads.map(|read| read.iter().map(|element| value(*element)).collect()).collect();
            if let Some(output) = output(*end, reads) {
                history.answer(numbers[which], output);
            }
        }
    }
    history
}

/// Three transactions, of which at most one is aborted or never answered, with every result of every read;
/// one of four orders in time each. What is never answered or aborted has no process after it.
#[test]
fn every_small_history_is_judged_as_by_trying_every_order() {
    use End::{Fail, Info, Ok as Committed};
    let ends = [
        [Committed; 3],
        [Info, Committed, Committed],
        [Committed, Info, Committed],
        [Committed, Committed, Info],
        [Fail, Committed, Committed],
    ];
    let (mut compared, mut kept) = (0_usize, [0_usize; 3]);
    let programs = PROGRAMS.len();
    let all =
        (0..programs.pow(3)).map(|it| [it % programs, it / programs % programs, it / programs / programs]);
    for chosen in all.filter(|it| it[0] <= it[1] && it[1] <= it[2]) {
        for ends in ends {
            let mut appended = [Vec::new(), Vec::new()];
            let mut transactions = Vec::new();
            for (program, end) in chosen.iter().zip(ends) {
                let act = |&(list, appends): &(usize, bool)| {
                    let element = (appended[0].len() + appended[1].len()) as u8 + 1;
                    (
                        list,
                        if appends {
                            appended[list].push(element);
                            Ok(element)
                        } else {
                            Err(Vec::new())
                        },
                    )
                };
                transactions.push(Small { end, acts: PROGRAMS[*program].iter().map(act).collect() });
            }
            let results = [sequences(&appended[0]), sequences(&appended[1])];
            let mut reads = Vec::new();
            for (number, it) in transactions.iter().enumerate().filter(|(_, it)| it.end == Committed) {
                let is_read = |(_, (_, act)): &(usize, &(usize, Result<u8, Vec<u8>>))| act.is_err();
                reads.extend(it.acts.iter().enumerate().filter(is_read).map(|(act, it)| (number, act, it.0)));
            }
            let counts: usize = reads.iter().map(|(.., list)| results[*list].len()).product();
            for mut result in 0..counts {
                for &(number, act, list) in &reads {
                    let all = &results[list];
                    transactions[number].acts[act].1 = Err(all[result % all.len()].clone());
                    result /= all.len();
                }
                compare(&transactions, compared, &mut kept);
                compared += 1;
            }
        }
    }
    println!(
        "{compared} histories compared; {kept:?} serializable, strong session serializable, strict serializable"
    );
    assert!(compared > 50_000 && kept[2] > 1_000 && kept[2] < kept[0] && kept[0] < compared / 2);
}

fn compare(transactions: &[Small], nth: usize, kept: &mut [usize; 3]) {
    let times = &TIMES[nth % TIMES.len()];
    // The first two are of one process where they are not open at once, and otherwise of two.
    let place = |which: usize, asks: bool| times.iter().position(|it| *it == (which, asks));
    let precedes = |one: usize, other: usize| place(one, false) < place(other, true);
    let same = transactions[0].end == End::Ok && precedes(0, 1);
    let history = history(transactions, times, [0, u64::from(!same), 2]);
    let mut real = Vec::new();
    for (one, transaction) in transactions.iter().enumerate() {
        for other in (0..3).filter(|&other| transaction.end == End::Ok && precedes(one, other)) {
            real.push((one, other));
        }
    }
    let session: Vec<(usize, usize)> = if same { vec![(0, 1)] } else { Vec::new() };
    let promises =
        [(Promise::Serializable, Vec::new()), (Promise::StrongSession, session), (Promise::Strict, real)];
    for ((promise, before), kept) in promises.iter().zip(kept) {
        let promise = *promise;
        let expected = serial(transactions, before, &mut Vec::new(), &[Vec::new(), Vec::new()]);
        match judge(&history, promise) {
            Judgement::Holds { order } => {
                assert!(expected, "{promise:?}: {history:?}");
                assert!(explains(&history, &order, promise), "{promise:?}: {order:?} in {history:?}");
                *kept += 1;
            }
            Judgement::Fails(anomalies) => assert!(!expected, "{promise:?}: {anomalies:?} in {history:?}"),
            Judgement::Unknown { sentence } => panic!("{sentence}"),
        }
    }
}
