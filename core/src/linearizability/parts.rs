//! The parts of a history, and what can be said of one without a search.

use super::Part;
use crate::history::{Model, Of, Operation, Value};
use crate::toolbox::order;
use std::borrow::Cow;
use std::collections::BTreeSet;

/// The operations by the part that they touch, in the order of the parts; all in one where one of them
/// touches everything.
pub(super) fn divided<M: Model>(history: &Of<M>, numbers: Vec<u32>) -> Vec<Part<M>> {
    let unsearched = |name: Option<&str>, members| Part {
        name: name.map(str::to_owned),
        members,
        search: None,
        explained: None,
    };
    let part = |&number: &u32| {
        let operation = &history.operations[number as usize];
        Some((M::part(&operation.input, operation.output())?, number))
    };
    let Some(mut named) = numbers.iter().map(part).collect::<Option<Vec<_>>>() else {
        return vec![unsearched(None, numbers)];
    };
    order::by(&mut named, |one, other| one.0.cmp(&other.0));
    let members = |group: &[(Cow<'_, str>, u32)]| group.iter().map(|(_, number)| *number).collect();
    named
        .chunk_by(|one, other| one.0 == other.0)
        .map(|group| unsearched(Some(&group[0].0), members(group)))
        .collect()
}

/// Of the answers of a part that show what no operation of it brings, the first. Nil is there at first.
pub(super) fn unfounded<M: Model>(history: &Of<M>, part: &Part<M>) -> Option<u32> {
    let operation = |number: &u32| &history.operations[*number as usize];
    let brought: BTreeSet<&Value> =
        part.members.iter().filter_map(|number| M::brings(&operation(number).input)).collect();
    let is_unfounded = |number: &&u32| {
        let Operation { input, returned, .. } = operation(number);
        let shown = returned.as_ref().and_then(|(_, output)| M::shows(input, output));
        shown.is_some_and(|value| *value != Value::Nil && !brought.contains(value))
    };
    let first = part.members.iter().filter(is_unfounded);
    first.min_by_key(|number| (operation(number).end(), **number)).copied()
}
