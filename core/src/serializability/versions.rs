//! The order of versions of each list, and what is wrong with reads one by one.

use super::{Anomaly, Kind, told};
use crate::history::model::{ListAct, ListOutput};
use crate::history::{ListAppend, Of, OperationOf, Value};
use crate::toolbox::order;
use std::collections::{BTreeMap, BTreeSet};

/// No element, no transaction.
pub(super) const NONE: u32 = u32::MAX;

/// What was appended to a list.
pub(super) struct Element<'h> {
    pub(super) key: u32,
    pub(super) value: &'h Value,
    pub(super) writer: u32,
    /// What the same transaction appended to the list before.
    before: u32,
    /// Whether it appended no more to the list.
    is_last: bool,
    /// Whether a read shows it.
    pub(super) is_seen: bool,
}

/// The first read of a list in a committed transaction.
pub(super) struct Read {
    pub(super) reader: u32,
    pub(super) key: u32,
    /// How many elements it shows.
    pub(super) length: usize,
}

/// What the reads of a history say.
pub(super) struct Versions<'h> {
    pub(super) keys: Vec<&'h str>,
    pub(super) elements: Vec<Element<'h>>,
    /// The elements of each list in their order; [`NONE`] where a read shows what it must not.
    pub(super) orders: Vec<Vec<u32>>,
    pub(super) reads: Vec<Read>,
    /// Whether a transaction has happened, as far as anybody can tell.
    pub(super) happened: Vec<bool>,
    pub(super) anomalies: Vec<Anomaly>,
}

type Transaction = OperationOf<ListAppend>;

impl<'h> Versions<'h> {
    pub(super) fn of(history: &'h Of<ListAppend>) -> Result<Self, String> {
        let mut numbers: BTreeMap<&str, u32> = BTreeMap::new();
        let mut keys = Vec::new();
        for act in history.operations.iter().flat_map(|it| &it.input) {
            numbers.entry(&act.key).or_insert_with(|| {
                keys.push(act.key.as_str());
                keys.len() as u32 - 1
            });
        }
        let number = |act: &ListAct| numbers[act.key.as_str()];
        let elements = elements(history, &number)?;
        let happened = |it: &Transaction| matches!(it.output(), Some(ListOutput::Committed(_)));
        let mut versions = Versions {
            orders: vec![Vec::new(); keys.len()],
            keys,
            elements,
            reads: Vec::new(),
            happened: history.operations.iter().map(happened).collect(),
            anomalies: Vec::new(),
        };
        let mut faults = Faults::default();
        let longest = versions.longest(history, &number, &mut faults);
        for (key, &(reader, held)) in longest.iter().enumerate() {
            versions.place(history, key as u32, (reader, held), &mut faults);
        }
        versions.read_all(history, &number, &longest, &mut faults);
        versions.anomalies = faults.anomalies(history);
        Ok(versions)
    }

    /// The longest read of each list, with its reader; reads that contradict their own transaction are
    /// faults.
    fn longest(
        &self,
        history: &'h Of<ListAppend>,
        number: &dyn Fn(&ListAct) -> u32,
        faults: &mut Faults,
    ) -> Vec<(u32, &'h [Value])> {
        let mut longest: Vec<(u32, &[Value])> = vec![(NONE, &[]); self.keys.len()];
        for (reader, operation) in (0..).zip(&history.operations) {
            for (act, held) in reads_of(operation) {
                let best = &mut longest[number(act) as usize];
                if best.0 == NONE || held.len() > best.1.len() {
                    *best = (reader, held);
                }
            }
            if let Some(act) = contradiction(operation) {
                faults.note(Kind::Internal, &[reader], || told::internal(act));
            }
        }
        longest
    }

    /// Takes the longest read of a list for its order of versions.
    fn place(
        &mut self,
        history: &Of<ListAppend>,
        key: u32,
        (reader, held): (u32, &[Value]),
        faults: &mut Faults,
    ) {
        let name = self.keys[key as usize];
        let mut order = Vec::with_capacity(held.len());
        for value in held {
            let Some(number) = self.find(key, value) else {
                faults.note(Kind::Garbage, &[reader], || told::shows(name, value, ", which nobody appended"));
                order.push(NONE);
                continue;
            };
            let Element { writer, before, is_seen, .. } = self.elements[number];
            if is_seen {
                faults.note(Kind::Duplicate, &[reader], || told::shows(name, value, " twice"));
            } else if history.operations[writer as usize].output() == Some(&ListOutput::Aborted) {
                faults.note(Kind::AbortedRead, &[reader, writer], || {
                    told::shows(name, value, ", which T2 appended, and T2 is aborted")
                });
            } else {
                self.happened[writer as usize] = true;
                if before != NONE && !self.elements[before as usize].is_seen {
                    let earlier = self.elements[before as usize].value;
                    faults.note(Kind::IncompatibleOrder, &[reader, writer], || {
                        told::not_in_order(name, value, earlier)
                    });
                }
                self.elements[number].is_seen = true;
                order.push(number as u32);
                continue;
            }
            order.push(NONE);
        }
        self.orders[key as usize] = order;
    }

    /// Takes in the first read of every list in every transaction, where it is the beginning of the longest.
    fn read_all(
        &mut self,
        history: &Of<ListAppend>,
        number: &dyn Fn(&ListAct) -> u32,
        longest: &[(u32, &[Value])],
        faults: &mut Faults,
    ) {
        // Who read each list last: further reads of a transaction show nothing more than its first and what
        // it appended itself.
        let mut last_reader = vec![NONE; self.keys.len()];
        for (reader, operation) in (0..).zip(&history.operations) {
            for (act, held) in reads_of(operation) {
                let key = number(act);
                if std::mem::replace(&mut last_reader[key as usize], reader) == reader {
                    continue;
                }
                let (other, whole) = longest[key as usize];
                let length = held.len();
                if whole.get(..length) != Some(held) {
                    faults.note(Kind::IncompatibleOrder, &[reader, other], || {
                        told::incompatible(&act.key, held, whole)
                    });
                    continue;
                }
                self.reads.push(Read { reader, key, length });
                let last = length.checked_sub(1).map_or(NONE, |last| self.orders[key as usize][last]);
                if let Some(element) = self.elements.get(last as usize)
                    && element.writer != reader
                    && !element.is_last
                {
                    faults.note(Kind::IntermediateRead, &[reader, element.writer], || {
                        told::intermediate(&act.key, element.value)
                    });
                }
            }
        }
    }

    fn find(&self, key: u32, value: &Value) -> Option<usize> {
        self.elements.binary_search_by(|it| (it.key, it.value).cmp(&(key, value))).ok()
    }
}

/// All that was appended, by list and value.
fn elements<'h>(
    history: &'h Of<ListAppend>,
    number: &dyn Fn(&ListAct) -> u32,
) -> Result<Vec<Element<'h>>, String> {
    let mut appends = Vec::new();
    for (writer, operation) in (0..).zip(&history.operations) {
        for act in &operation.input {
            if let Some(value) = &act.append {
                appends.push((number(act), value, writer, appends.len()));
            }
        }
    }
    // Of one transaction and list they stand in the order of the transaction, and each knows the one before
    // by its place.
    order::by(&mut appends, |one, other| (one.0, one.2, one.3).cmp(&(other.0, other.2, other.3)));
    let same = |one: usize, other: usize| {
        appends.get(other).is_some_and(|it| (it.0, it.2) == (appends[one].0, appends[one].2))
    };
    let mut chained: Vec<(u32, &Value, u32, usize, bool, usize)> = Vec::with_capacity(appends.len());
    for (place, &(key, value, writer, _)) in appends.iter().enumerate() {
        let before = if place > 0 && same(place - 1, place) { place - 1 } else { usize::MAX };
        chained.push((key, value, writer, before, !same(place, place + 1), place));
    }
    order::by(&mut chained, |one, other| (one.0, one.1).cmp(&(other.0, other.1)));
    if let Some(twice) = chained.windows(2).find(|two| (two[0].0, two[0].1) == (two[1].0, two[1].1)) {
        let line = |writer: u32| history.operations[writer as usize].lines.0;
        let (key, value, ..) = twice[0];
        let lists = history.operations.iter().flat_map(|it| &it.input);
        let name = lists.into_iter().find(|act| number(act) == key).map_or("", |act| &act.key);
        return Err(told::appended_twice(name, value, line(twice[0].2), line(twice[1].2)));
    }
    let mut places = vec![NONE; chained.len()];
    for (number, it) in (0..).zip(&chained) {
        places[it.5] = number;
    }
    let element = |&(key, value, writer, before, is_last, _): &_| Element {
        key,
        value,
        writer,
        before: places.get::<usize>(before).copied().unwrap_or(NONE),
        is_last,
        is_seen: false,
    };
    Ok(chained.iter().map(element).collect())
}

/// The reads of a committed transaction, and what they returned.
fn reads_of(operation: &Transaction) -> impl Iterator<Item = (&ListAct, &[Value])> {
    let returned: &[Vec<Value>] = match operation.output() {
        Some(ListOutput::Committed(reads)) => reads,
        _ => &[],
    };
    let asked = operation.input.iter().filter(|act| act.append.is_none());
    asked.zip(returned.iter().map(Vec::as_slice))
}

/// What a transaction knows of a list.
enum Known<'h> {
    /// That it ends so.
    Ends(Vec<&'h Value>),
    /// That it is this, and what was appended to it.
    Is(&'h [Value], Vec<&'h Value>),
}

/// A read that contradicts the reads and appends of its own transaction: it is not what was read before and
/// appended since, or it shows what is appended only later.
fn contradiction(operation: &Transaction) -> Option<&ListAct> {
    let mut reads = reads_of(operation).map(|(_, held)| held);
    matches!(operation.output(), Some(ListOutput::Committed(_))).then_some(())?;
    let own: BTreeSet<(&str, &Value)> =
        operation.input.iter().filter_map(|act| Some((act.key.as_str(), act.append.as_ref()?))).collect();
    let mut known: BTreeMap<&str, Known<'_>> = BTreeMap::new();
    for act in &operation.input {
        let here = known.entry(&act.key).or_insert_with(|| Known::Ends(Vec::new()));
        let Some(value) = &act.append else {
            let held = reads.next()?;
            let fits = match here {
                Known::Ends(ends) => held.len().checked_sub(ends.len()).is_some_and(|others| {
                    let (others, its_own) = held.split_at(others);
                    its_own.iter().eq(ends.iter().copied())
                        && (own.is_empty()
                            || !others.iter().any(|value| own.contains(&(act.key.as_str(), value))))
                }),
                Known::Is(all, more) => held.iter().eq(all.iter().chain(more.iter().copied())),
            };
            if !fits {
                return Some(act);
            }
            *here = Known::Is(held, Vec::new());
            continue;
        };
        match here {
            Known::Ends(more) | Known::Is(_, more) => more.push(value),
        }
    }
    None
}

/// What was found wrong, the first of each kind and their number.
#[derive(Default)]
struct Faults(BTreeMap<Kind, (usize, Vec<u32>, String)>);

impl Faults {
    fn note(&mut self, kind: Kind, transactions: &[u32], sentence: impl FnOnce() -> String) {
        let first = || (0, transactions.to_vec(), sentence());
        self.0.entry(kind).or_insert_with(first).0 += 1;
    }

    fn anomalies(self, history: &Of<ListAppend>) -> Vec<Anomaly> {
        let anomaly = |(kind, (count, transactions, sentence)): (Kind, (usize, Vec<u32>, String))| Anomaly {
            kind,
            count,
            transactions: transactions
                .into_iter()
                .map(|it| it as usize)
                .filter(|it| *it < history.operations.len())
                .collect(),
            sentences: vec![sentence],
        };
        self.0.into_iter().map(anomaly).collect()
    }
}
