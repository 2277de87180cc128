//! Lists that transactions append to and read.

use super::{Model, list, weight};
use crate::history::Value;
use crate::text::shown;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Lists, empty at first, and transactions that append to them and read them (Kingsbury and Alvaro 2020).
///
/// As a sequential object it is here for its notation and for tests; [`crate::serializability`] judges its
/// histories without a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListAppend;

/// What a transaction does to one list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ListAct {
    /// The key of the list, as it is written.
    pub key: String,
    /// What is appended to it; none where it is read.
    pub append: Option<Value>,
}

/// What became of a transaction.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ListOutput {
    /// It took effect, and each of its reads returned this.
    Committed(Vec<Vec<Value>>),
    /// It did not take effect.
    Aborted,
}

impl Model for ListAppend {
    type Input = Vec<ListAct>;
    type Output = ListOutput;
    /// The lists that are not empty.
    type State = BTreeMap<String, Vec<Value>>;
    const NAME: &'static str = "lists";

    fn initial() -> Self::State {
        BTreeMap::new()
    }

    fn step<'a>(
        state: &'a Self::State,
        input: &Self::Input,
        output: Option<&ListOutput>,
    ) -> Option<Cow<'a, Self::State>> {
        let mut reads = match output {
            None => None,
            Some(ListOutput::Committed(reads)) => Some(reads.iter()),
            Some(ListOutput::Aborted) => return Some(Cow::Borrowed(state)),
        };
        let mut now = Cow::Borrowed(state);
        for ListAct { key, append } in input {
            match (append, &mut reads) {
                (Some(value), _) => now.to_mut().entry(key.clone()).or_default().push(value.clone()),
                (None, Some(reads)) => {
                    let held = now.get(key).map_or(&[][..], Vec::as_slice);
                    (held == reads.next()?.as_slice()).then_some(())?;
                }
                (None, None) => {}
            }
        }
        Some(now)
    }

    fn observes(input: &Self::Input, output: &ListOutput) -> bool {
        *output == ListOutput::Aborted || input.iter().all(|act| act.append.is_none())
    }

    fn words(input: &Self::Input, output: Option<&ListOutput>) -> String {
        let mut reads = match output {
            Some(ListOutput::Committed(reads)) => reads.as_slice(),
            _ => &[],
        }
        .iter();
        let mut held = || reads.next().map(|held| format!(" {}", list("[", held.iter(), "]")));
        let act = |ListAct { key, append }: &ListAct| match append {
            Some(value) => format!("append {value} to key {}", shown(key)),
            None => format!("read key {}{}", shown(key), held().unwrap_or_default()),
        };
        let acts: Vec<String> = input.iter().map(act).collect();
        let fate = if output == Some(&ListOutput::Aborted) { ", aborted," } else { "" };
        format!("[{}]{fate}", acts.join(", "))
    }

    fn state_words(state: &Self::State) -> String {
        let entry =
            |(key, held): (&String, &Vec<Value>)| format!("{} {}", shown(key), list("[", held.iter(), "]"));
        let all: Vec<String> = state.iter().take(8).map(entry).collect();
        format!("{{{}}}", all.join(", "))
    }

    fn weight(state: &Self::State) -> usize {
        let entry = |(key, held): (&String, &Vec<Value>)| key.len() + held.iter().map(weight).sum::<usize>();
        size_of::<Self::State>() + state.iter().map(entry).sum::<usize>()
    }
}
