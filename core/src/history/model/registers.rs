//! Several registers that are read and written together.

use super::{Model, weight};
use crate::history::Value;
use crate::text::shown;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Registers, each of which holds nil at first. A transaction reads and writes some of them, in order and all
/// at once; it sees what it has written itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MultiRegister;

/// What a transaction does to one register.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegisterAct {
    /// The key of the register, as it is written.
    pub key: String,
    /// What it shall hold; none where it is read.
    pub write: Option<Value>,
}

impl Model for MultiRegister {
    /// A transaction. One without acts reads what its answer says: so a read of a map is asked.
    type Input = Vec<RegisterAct>;
    /// What each of its reads returned, with the key.
    type Output = Vec<(String, Value)>;
    /// What the registers hold that hold something.
    type State = BTreeMap<String, Value>;
    const NAME: &'static str = "registers";

    fn initial() -> Self::State {
        BTreeMap::new()
    }

    fn step<'a>(
        state: &'a Self::State,
        input: &Self::Input,
        output: Option<&Self::Output>,
    ) -> Option<Cow<'a, Self::State>> {
        let mut now = Cow::Borrowed(state);
        let mut reads = output.map(|reads| reads.iter());
        let holds =
            |now: &Self::State, key: &str, value: &Value| now.get(key).unwrap_or(&Value::Nil) == value;
        for RegisterAct { key, write } in input {
            match (write, &mut reads) {
                (Some(Value::Nil), _) => _ = now.to_mut().remove(key),
                (Some(value), _) => _ = now.to_mut().insert(key.clone(), value.clone()),
                (None, Some(reads)) => {
                    let (read, value) = reads.next()?;
                    (read == key && holds(&now, key, value)).then_some(())?;
                }
                (None, None) => {}
            }
        }
        let mut rest = reads.into_iter().flatten();
        rest.all(|(key, value)| holds(&now, key, value)).then_some(now)
    }

    fn observes(input: &Self::Input, _: &Self::Output) -> bool {
        input.iter().all(|act| act.write.is_none())
    }

    /// Transactions that touch a single register are a register of their own, if all others are like them.
    fn part<'a>(input: &'a Self::Input, output: Option<&'a Self::Output>) -> Option<Cow<'a, str>> {
        let asked = input.iter().map(|act| &act.key);
        let mut keys = asked.chain(output.into_iter().flatten().map(|(key, _)| key));
        let first = keys.next()?;
        keys.all(|key| key == first).then_some(Cow::Borrowed(first))
    }

    fn words(input: &Self::Input, output: Option<&Self::Output>) -> String {
        let mut reads = output.into_iter().flatten();
        let read = |(key, value): &(String, Value)| format!("read {} {value}", shown(key));
        let mut acts: Vec<String> = Vec::new();
        for RegisterAct { key, write } in input {
            acts.push(match write {
                Some(value) => format!("write {} {value}", shown(key)),
                None => reads.next().map_or_else(|| format!("read {}", shown(key)), read),
            });
        }
        acts.extend(reads.map(read));
        match acts.as_slice() {
            [] => "read".into(),
            [act] => act.clone(),
            _ => format!("transaction [{}]", acts.join(", ")),
        }
    }

    fn state_words(state: &Self::State) -> String {
        let mut all = state.iter();
        let few: Vec<String> =
            all.by_ref().take(8).map(|(key, value)| format!("{} {value}", shown(key))).collect();
        let rest = if all.next().is_some() { ", …" } else { "" };
        if few.is_empty() { "nil".into() } else { format!("{{{}{rest}}}", few.join(", ")) }
    }

    fn weight(state: &Self::State) -> usize {
        let entry = |(key, value): (&String, &Value)| size_of::<String>() + key.len() + weight(value);
        size_of::<Self::State>() + state.iter().map(entry).sum::<usize>()
    }
}
