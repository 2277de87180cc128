//! What is said of an anomaly. Its transactions are T1, T2 and so on, in the order in which it names them.

use super::graph::{PROCESS, RW, Step, TIME, WR};
use super::versions::{Element, Versions};
use super::{Anomaly, Kind};
use crate::history::model::ListAct;
use crate::history::{ListAppend, Of, Value};
use crate::text::shown;

pub(super) fn internal(act: &ListAct) -> String {
    format!("what T1 reads from key {} contradicts its own reads and appends", shown(&act.key))
}

pub(super) fn shows(key: &str, value: &Value, what: &str) -> String {
    format!("T1 reads {value} from key {}{what}", shown(key))
}

pub(super) fn not_in_order(key: &str, value: &Value, earlier: &Value) -> String {
    let key = shown(key);
    format!("T1 reads {value} from key {key} and not {earlier} before it, which T2 appended before {value}")
}

pub(super) fn incompatible(key: &str, one: &[Value], other: &[Value]) -> String {
    let key = shown(key);
    let place = one.iter().zip(other).take_while(|(one, other)| one == other).count();
    let at = |held: &[Value]| held.get(place).map_or("nothing".to_owned(), Value::to_string);
    format!(
        "element {} of key {key} is {} as T1 reads it, and {} as T2 does: neither list begins with the other",
        place + 1,
        at(one),
        at(other)
    )
}

pub(super) fn intermediate(key: &str, value: &Value) -> String {
    let key = shown(key);
    format!(
        "T1 reads key {key} up to {value}, after which T2, the transaction of {value}, appended more to it"
    )
}

pub(super) fn appended_twice(key: &str, value: &Value, one: usize, other: usize) -> String {
    let places =
        if one == other { format!("twice in line {one}") } else { format!("in lines {one} and {other}") };
    format!(
        "{value} is appended to key {} {places}; the order of versions is known only where each element is \
         appended once",
        shown(key)
    )
}

/// A cycle, from its first transaction on.
pub(super) fn cycle(
    history: &Of<ListAppend>,
    versions: &Versions<'_>,
    kind: Kind,
    steps: &[Step],
) -> Anomaly {
    let sentence = |(place, step): (usize, &Step)| {
        let (one, other) = (format!("T{}", place + 1), format!("T{}", (place + 1) % steps.len() + 1));
        let element = |number: u32| -> &Element<'_> { &versions.elements[number as usize] };
        let key = |number: u32| shown(versions.keys[element(number).key as usize]);
        match step.kind {
            TIME => {
                let (answered, asked) =
                    (&history.operations[step.from as usize], &history.operations[step.to as usize]);
                format!(
                    "{one} was answered in line {} before {other} began in line {}",
                    answered.lines.1, asked.lines.0
                )
            }
            PROCESS => {
                let process = history.operations[step.from as usize].process;
                format!("process {process} did {one} before {other}")
            }
            RW => {
                let value = element(step.element).value;
                format!("{one} read key {} without {value}, which {other} appended", key(step.element))
            }
            WR => {
                let value = element(step.element).value;
                format!("{other} read {value} from key {}, which {one} appended", key(step.element))
            }
            _ => {
                let (value, earlier) = (element(step.element).value, element(step.earlier).value);
                format!(
                    "{other} appended {value} to key {} after {one} appended {earlier}",
                    key(step.element)
                )
            }
        }
    };
    Anomaly {
        kind,
        count: 1,
        transactions: steps.iter().map(|step| step.from as usize).collect(),
        sentences: steps.iter().enumerate().map(sentence).collect(),
    }
}
