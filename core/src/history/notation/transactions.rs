//! How transactions are written: a list of acts, `[[:r :x nil] [:w :y 2]]`, or a map where all are reads or
//! all are writes.

use super::{Notation, no_key, not_asked, value};
use crate::history::Value;
use crate::history::edn::Form;
use crate::history::model::{ListAct, ListAppend, ListOutput, MultiRegister, RegisterAct};
use crate::text::shown;

/// A key as it is written.
fn key(form: &Form) -> Result<String, String> {
    match form {
        Form::Word(word) => Ok(word.clone()),
        _ => Ok(value(form)?.to_string()),
    }
}

/// The forms of a list; none of anything else.
fn parts(form: &Form) -> Option<&[Form]> {
    if let Form::List(parts) = form { Some(parts) } else { None }
}

/// The acts of a transaction: what is done, to which key, with what.
fn acts(form: &Form) -> Result<Vec<(&str, String, &Form)>, String> {
    let act = |form| match parts(form) {
        Some([Form::Word(verb), at, with]) => Ok((verb.trim_start_matches(':'), key(at)?, with)),
        _ => Err(NO_TRANSACTION.to_owned()),
    };
    match form {
        Form::List(acts) => acts.iter().map(act).collect(),
        _ => Err(NO_TRANSACTION.into()),
    }
}

const NO_TRANSACTION: &str =
    "a transaction is a list of what it does to which key, as in `[[:r 3 nil] [:append 3 1]]`";

const OTHER: &str = "this answers for other acts than the transaction was invoked with";

impl Notation for MultiRegister {
    const DONE: Self::Output = Vec::new();

    fn input(verb: &str, at: Option<&Form>, form: &Form) -> Result<Vec<RegisterAct>, String> {
        no_key(at)?;
        match (verb, form) {
            ("txn", _) => {
                let act = |(verb, key, with)| match verb {
                    "r" | "read" => Ok(RegisterAct { key, write: None }),
                    "w" | "write" => Ok(RegisterAct { key, write: Some(value(with)?) }),
                    _ => Err(not_asked("transaction over registers", verb, "r and w")),
                };
                acts(form)?.into_iter().map(act).collect()
            }
            ("read", Form::Nil) => Ok(Vec::new()),
            ("read", Form::Map(all)) => {
                all.iter().map(|(at, _)| Ok(RegisterAct { key: key(at)?, write: None })).collect()
            }
            ("write", Form::Map(all)) => {
                let act =
                    |(at, with): &(Form, Form)| Ok(RegisterAct { key: key(at)?, write: Some(value(with)?) });
                all.iter().map(act).collect()
            }
            ("read" | "write", _) => {
                Err("several registers are read or written in a map, as in `{:x 1, :y 2}`".into())
            }
            _ => Err(not_asked("group of registers", verb, "txn, read and write")),
        }
    }

    fn output(input: &Vec<RegisterAct>, form: &Form) -> Result<Option<Self::Output>, String> {
        match form {
            // The keys of a map have no order.
            Form::Map(all) if input.iter().all(|act| act.write.is_none()) => {
                let read = |(at, held): &(Form, Form)| Ok((key(at)?, value(held)?));
                let held: Vec<(String, Value)> = all.iter().map(read).collect::<Result<_, String>>()?;
                if input.is_empty() {
                    return Ok(Some(held));
                }
                let find = |act: &RegisterAct| held.iter().find(|(key, _)| *key == act.key).cloned();
                let found: Option<Vec<_>> = input.iter().map(find).collect();
                found.filter(|found| found.len() == held.len()).map(Some).ok_or_else(|| OTHER.into())
            }
            Form::List(_) => {
                let all = acts(form)?;
                let fits = |(act, (verb, key, with)): (&RegisterAct, &(&str, String, &Form))| {
                    act.key == *key
                        && match &act.write {
                            None => matches!(*verb, "r" | "read"),
                            Some(write) => {
                                matches!(*verb, "w" | "write") && with.value().as_ref() == Some(write)
                            }
                        }
                };
                if all.len() != input.len() || !input.iter().zip(&all).all(fits) {
                    return Err(OTHER.into());
                }
                let reads = input.iter().zip(all).filter(|(act, _)| act.write.is_none());
                reads.map(|(_, (_, key, held))| Ok((key, value(held)?))).collect::<Result<_, _>>().map(Some)
            }
            _ if input.iter().any(|act| act.write.is_none()) || input.is_empty() => {
                Err(NO_TRANSACTION.into())
            }
            _ => Ok(None),
        }
    }
}

impl Notation for ListAppend {
    const DONE: ListOutput = ListOutput::Committed(Vec::new());
    const KEEPS_FAILURES: bool = true;

    fn input(verb: &str, at: Option<&Form>, form: &Form) -> Result<Vec<ListAct>, String> {
        no_key(at)?;
        if verb != "txn" {
            return Err(not_asked("store of lists", verb, "txn"));
        }
        let act = |(verb, key, with)| match verb {
            "r" | "read" => Ok(ListAct { key, append: None }),
            "append" => Ok(ListAct { key, append: Some(value(with)?) }),
            "w" | "write" => Err(format!(
                "the register {} is written here and lists are appended to; Elle judges each alone",
                shown(&key)
            )),
            _ => Err(not_asked("transaction over lists", verb, "r and append")),
        };
        acts(form)?.into_iter().map(act).collect()
    }

    fn output(input: &Vec<ListAct>, form: &Form) -> Result<Option<ListOutput>, String> {
        if *form == Form::Nil {
            let appends = input.iter().all(|act| act.append.is_some());
            return if appends {
                Ok(None)
            } else {
                Err("this does not say what the transaction read".into())
            };
        }
        let all = acts(form)?;
        let fits = |(act, (verb, key, with)): (&ListAct, &(&str, String, &Form))| {
            act.key == *key
                && match &act.append {
                    None => matches!(*verb, "r" | "read"),
                    Some(append) => *verb == "append" && with.value().as_ref() == Some(append),
                }
        };
        if all.len() != input.len() || !input.iter().zip(&all).all(fits) {
            return Err(OTHER.into());
        }
        let reads = input.iter().zip(all).filter(|(act, _)| act.append.is_none());
        let read = |(_, (_, _, held)): (_, (_, _, &Form))| match held {
            Form::Nil => Ok(Vec::new()),
            Form::List(all) => all.iter().map(value).collect(),
            _ => Err("a list is read as a list, as in `[:r 3 [1 2]]`".to_owned()),
        };
        reads.map(read).collect::<Result<_, _>>().map(|reads| Some(ListOutput::Committed(reads)))
    }

    fn refusal(_: &Vec<ListAct>) -> Option<ListOutput> {
        Some(ListOutput::Aborted)
    }
}
