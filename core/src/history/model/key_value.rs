//! A key-value store.

use super::{Access, Model};
use crate::text::shown;
use std::borrow::Cow;

/// What stands between values that were returned together.
const SIBLINGS: &str = " | ";

/// A map from keys to texts; a key that was never put holds the empty text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyValue;

/// What a key-value store is asked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyValueInput {
    /// The key.
    pub key: String,
    /// What about it.
    pub act: KeyValueAct,
}

/// What is done to a key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyValueAct {
    /// Return its text.
    Get,
    /// Replace its text.
    Put(String),
    /// Add to the end of its text.
    Append(String),
}

/// What a key-value store answers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyValueOutput {
    /// To a get.
    Holds(String),
    /// To a put or an append.
    Done,
}

impl Model for KeyValue {
    type Input = KeyValueInput;
    type Output = KeyValueOutput;
    type State = String;
    const NAME: &'static str = "key";

    fn initial() -> String {
        String::new()
    }

    fn step<'a>(
        state: &'a String,
        input: &KeyValueInput,
        output: Option<&KeyValueOutput>,
    ) -> Option<Cow<'a, String>> {
        use KeyValueAct::{Append, Get, Put};
        use KeyValueOutput::{Done, Holds};
        match (&input.act, output) {
            (Get, None) => Some(Cow::Borrowed(state)),
            (Get, Some(Holds(text))) => (state == text).then_some(Cow::Borrowed(state)),
            (Put(text), None | Some(Done)) => Some(Cow::Owned(text.clone())),
            (Append(text), None | Some(Done)) => Some(Cow::Owned([state.as_str(), text].concat())),
            // The answer belongs to another question.
            _ => None,
        }
    }

    fn observes(input: &KeyValueInput, _: &KeyValueOutput) -> bool {
        input.act == KeyValueAct::Get
    }

    fn part<'a>(input: &'a KeyValueInput, _: Option<&'a KeyValueOutput>) -> Option<Cow<'a, str>> {
        Some(Cow::Borrowed(&input.key))
    }

    fn access<'a>(
        input: &'a KeyValueInput,
        output: Option<&'a KeyValueOutput>,
    ) -> Option<Access<Cow<'a, String>>> {
        match (&input.act, output) {
            (KeyValueAct::Put(text), _) => Some(Access::Write(Cow::Borrowed(text))),
            (KeyValueAct::Get, Some(KeyValueOutput::Holds(text))) => {
                Some(Access::Read(Some(Cow::Borrowed(text))))
            }
            (KeyValueAct::Get, None) => Some(Access::Read(None)),
            _ => None,
        }
    }

    fn words(input: &KeyValueInput, output: Option<&KeyValueOutput>) -> String {
        let key = shown(&input.key);
        match (&input.act, output) {
            // Siblings are several values at once, and no text with a bar in it.
            (KeyValueAct::Get, Some(KeyValueOutput::Holds(text))) if text.contains(SIBLINGS) => {
                format!("get {key} returned the siblings {}", text.replace(SIBLINGS, " and "))
            }
            (KeyValueAct::Get, Some(KeyValueOutput::Holds(text))) => {
                format!("get {key} returned \"{}\"", ending(text))
            }
            (KeyValueAct::Get, _) => format!("get {key}"),
            (KeyValueAct::Put(text), _) => format!("put {key} \"{}\"", ending(text)),
            (KeyValueAct::Append(text), _) => format!("append {key} \"{}\"", ending(text)),
        }
    }

    fn state_words(state: &String) -> String {
        format!("\"{}\"", ending(state))
    }

    fn weight(state: &String) -> usize {
        size_of::<String>() + state.len()
    }
}

/// The end of a text, which is where appended texts differ.
fn ending(text: &str) -> String {
    match text.char_indices().rev().nth(29) {
        Some((start, _)) if start > 0 => format!("…{}", shown(&text[start..])),
        _ => shown(text),
    }
}
