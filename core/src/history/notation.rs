//! How the operations of each model are written in a history.

mod transactions;

use super::edn::Form;
use super::model::{
    KeyValue, KeyValueAct, KeyValueInput, KeyValueOutput, Mutex, MutexInput, Queue, QueueInput, QueueOutput,
    Register, RegisterInput, RegisterOutput, Registers, RegistersInput, Set, SetInput, SetOutput,
    UnorderedQueue,
};
use super::{Model, Value};
use crate::text::shown;
use std::collections::BTreeSet;

/// How a model's operations are written.
pub(super) trait Notation: Model {
    fn input(verb: &str, key: Option<&Form>, value: &Form) -> Result<Self::Input, String>;

    /// The answer in an `:ok`; none where it only repeats the question.
    fn output(input: &Self::Input, value: &Form) -> Result<Option<Self::Output>, String>;

    /// What an `:ok` means that only repeats the question.
    const DONE: Self::Output;

    /// Whether a `:fail` is part of the history in every format.
    const KEEPS_FAILURES: bool = false;

    /// The answer in a `:fail`, where it is part of the history; none where the operation did not happen.
    fn refusal(_input: &Self::Input) -> Option<Self::Output> {
        None
    }
}

fn value(form: &Form) -> Result<Value, String> {
    form.value().ok_or_else(|| "a value must be nil, a number, a text or a word, not a collection".into())
}

fn no_key(key: Option<&Form>) -> Result<(), String> {
    if key.is_none() { Ok(()) } else { Err("only a key-value store has a :key".into()) }
}

fn not_asked(name: &str, verb: &str, verbs: &str) -> String {
    format!("a {name} offers {verbs}, not `{}`", shown(verb))
}

impl Notation for Register {
    const DONE: RegisterOutput = RegisterOutput::Done;

    fn input(verb: &str, key: Option<&Form>, form: &Form) -> Result<RegisterInput, String> {
        no_key(key)?;
        match (verb, form) {
            ("read", _) => Ok(RegisterInput::Read),
            ("write", _) => Ok(RegisterInput::Write(value(form)?)),
            ("cas", Form::List(pair)) if pair.len() == 2 => {
                Ok(RegisterInput::CompareAndSet(value(&pair[0])?, value(&pair[1])?))
            }
            ("cas", _) => Err("a cas needs the old and the new value, as in `[1 2]`".into()),
            _ => Err(not_asked("register", verb, "read, write and cas")),
        }
    }

    fn output(input: &RegisterInput, form: &Form) -> Result<Option<RegisterOutput>, String> {
        match input {
            RegisterInput::Read => Ok(Some(RegisterOutput::Holds(value(form)?))),
            _ => Ok(None),
        }
    }

    fn refusal(input: &RegisterInput) -> Option<RegisterOutput> {
        matches!(input, RegisterInput::CompareAndSet(..)).then_some(RegisterOutput::Differs)
    }
}

impl Notation for Registers {
    const DONE: RegisterOutput = RegisterOutput::Done;

    fn input(verb: &str, key: Option<&Form>, form: &Form) -> Result<RegistersInput, String> {
        no_key(key)?;
        let (key, form) = keyed(form)?;
        Ok(RegistersInput { key: value(key)?.to_string(), act: Register::input(verb, None, form)? })
    }

    fn output(input: &RegistersInput, form: &Form) -> Result<Option<RegisterOutput>, String> {
        let (key, form) = keyed(form)?;
        if value(key)?.to_string() == input.key {
            Register::output(&input.act, form)
        } else {
            Err("this answers for another key than the operation was invoked for".into())
        }
    }

    fn refusal(input: &RegistersInput) -> Option<RegisterOutput> {
        Register::refusal(&input.act)
    }
}

/// A key and what is said of it.
pub(super) fn keyed(form: &Form) -> Result<(&Form, &Form), String> {
    match form {
        Form::List(pair) if pair.len() == 2 => Ok((&pair[0], &pair[1])),
        _ => Err("a register of many needs its key and the value in a pair, as in `[3 1]`".into()),
    }
}

impl Notation for Mutex {
    const DONE: () = ();

    fn input(verb: &str, key: Option<&Form>, _: &Form) -> Result<MutexInput, String> {
        no_key(key)?;
        match verb {
            "acquire" => Ok(MutexInput::Acquire),
            "release" => Ok(MutexInput::Release),
            _ => Err(not_asked("lock", verb, "acquire and release")),
        }
    }

    fn output(_: &MutexInput, _: &Form) -> Result<Option<()>, String> {
        Ok(Some(()))
    }
}

impl Notation for KeyValue {
    const DONE: KeyValueOutput = KeyValueOutput::Done;

    fn input(verb: &str, key: Option<&Form>, form: &Form) -> Result<KeyValueInput, String> {
        let key = text(key.ok_or("this operation has no :key, which a key-value store needs")?)?;
        let act = match verb {
            "get" => KeyValueAct::Get,
            "put" => KeyValueAct::Put(text(form)?),
            "append" => KeyValueAct::Append(text(form)?),
            _ => return Err(not_asked("key-value store", verb, "get, put and append")),
        };
        Ok(KeyValueInput { key, act })
    }

    fn output(input: &KeyValueInput, form: &Form) -> Result<Option<KeyValueOutput>, String> {
        match input.act {
            KeyValueAct::Get => Ok(Some(KeyValueOutput::Holds(text(form)?))),
            _ => Ok(None),
        }
    }
}

/// A key or what it holds, as a text; nil is the empty one, which a key holds that was never put.
fn text(form: &Form) -> Result<String, String> {
    Ok(match value(form)? {
        Value::Nil => String::new(),
        Value::Number(number) => number.to_string(),
        Value::Text(text) => text,
    })
}

impl Notation for Queue {
    const DONE: QueueOutput = QueueOutput::Done;

    fn input(verb: &str, key: Option<&Form>, form: &Form) -> Result<QueueInput, String> {
        no_key(key)?;
        match verb {
            "enqueue" if *form == Form::Nil => {
                Err("nil cannot be enqueued: an empty queue returns it".into())
            }
            "enqueue" => Ok(QueueInput::Enqueue(value(form)?)),
            "dequeue" => Ok(QueueInput::Dequeue),
            _ => Err(not_asked("queue", verb, "enqueue and dequeue")),
        }
    }

    fn output(input: &QueueInput, form: &Form) -> Result<Option<QueueOutput>, String> {
        match input {
            QueueInput::Dequeue => Ok(Some(QueueOutput::Front(value(form)?))),
            QueueInput::Enqueue(_) => Ok(None),
        }
    }
}

impl Notation for UnorderedQueue {
    const DONE: QueueOutput = QueueOutput::Done;

    fn input(verb: &str, key: Option<&Form>, form: &Form) -> Result<QueueInput, String> {
        Queue::input(verb, key, form)
    }

    fn output(input: &QueueInput, form: &Form) -> Result<Option<QueueOutput>, String> {
        Queue::output(input, form)
    }
}

impl Notation for Set {
    const DONE: SetOutput = SetOutput::Done;

    fn input(verb: &str, key: Option<&Form>, form: &Form) -> Result<SetInput, String> {
        no_key(key)?;
        match verb {
            "add" => Ok(SetInput::Add(value(form)?)),
            "remove" => Ok(SetInput::Remove(value(form)?)),
            // The answer to this is `true` or `false`, or the element and that in a pair.
            "contains" => Ok(SetInput::Contains(value(form)?)),
            "read" => Ok(SetInput::Read),
            _ => Err(not_asked("set", verb, "add, remove, contains and read")),
        }
    }

    fn output(input: &SetInput, form: &Form) -> Result<Option<SetOutput>, String> {
        match (input, form) {
            (SetInput::Contains(_), Form::Truth(holds)) => Ok(Some(SetOutput::Holds(*holds))),
            (SetInput::Contains(asked), Form::List(pair)) => match pair.as_slice() {
                [element, Form::Truth(holds)] if value(element)? == *asked => {
                    Ok(Some(SetOutput::Holds(*holds)))
                }
                _ => Err("a contains returns the element and true or false, as in `[7 true]`".into()),
            },
            (SetInput::Contains(_), _) => Err("a contains returns true or false".into()),
            (SetInput::Read, Form::Set(all) | Form::List(all)) => {
                Ok(Some(SetOutput::All(all.iter().map(value).collect::<Result<_, _>>()?)))
            }
            (SetInput::Read, Form::Nil) => Ok(Some(SetOutput::All(BTreeSet::new()))),
            (SetInput::Read, _) => Err("a read of a set returns its elements, as in `#{1 2}`".into()),
            _ => Ok(None),
        }
    }
}
