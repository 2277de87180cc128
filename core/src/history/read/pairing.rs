//! Bringing each answer of a history to its question.

use super::MOST_OPERATIONS;
use super::events::{Event, Phase, Source};
use crate::history::edn::Form;
use crate::history::notation::Notation;
use crate::history::{Of, Operation};
use crate::text::{Complaint, shown};
use std::collections::{BTreeMap, BTreeSet};

/// What a process asked last.
struct Asked {
    operation: usize,
    verb: String,
    value: Form,
    /// Where nobody will ever know the answer, the line that says so.
    crashed: Option<usize>,
}

/// Brings each answer to its question.
struct Pairing<M: Notation> {
    history: Of<M>,
    processes: BTreeMap<u64, Asked>,
    /// The operations that did not happen.
    dropped: BTreeSet<usize>,
    log: bool,
}

/// The operations of a history.
pub(super) fn operations<M: Notation>(source: &Source<'_>) -> Result<Of<M>, Complaint> {
    let (history, processes, dropped) = (Of::<M>::default(), BTreeMap::new(), BTreeSet::new());
    let mut pairing = Pairing::<M> { history, processes, dropped, log: source.log };
    // The first two moments are for what an object may be told to hold at first.
    let mut moment = 1;
    source.each(&mut |event| {
        moment += 1;
        let line = event.line;
        let done = match event.phase {
            Phase::Invoke => pairing.ask(moment, event),
            _ => pairing.answer(moment, &event),
        };
        done.map_err(|sentence| Complaint { line, sentence })
    })?;
    let Pairing { mut history, dropped, .. } = pairing;
    let mut number = 0..;
    history.operations.retain(|_| number.next().is_some_and(|number| !dropped.contains(&number)));
    history.operations.shrink_to_fit();
    Ok(history)
}

impl<M: Notation> Pairing<M> {
    fn ask(&mut self, invoked: u64, event: Event) -> Result<(), String> {
        let Event { line, process, verb, key, value, .. } = event;
        if let Some(asked) = self.processes.get(&process) {
            let since = self.history.operations[asked.operation].lines.0;
            return Err(match asked.crashed {
                None => {
                    format!("process {process} invokes an operation while the one from line {since} is open")
                }
                Some(line) => {
                    format!(
                        "process {process} crashed in line {line}; it must come back under another number"
                    )
                }
            });
        }
        let operation = self.history.operations.len();
        if operation == MOST_OPERATIONS {
            return Err(format!("a history holds at most {MOST_OPERATIONS} operations"));
        }
        let input = M::input(&verb, key.as_ref(), &value)?;
        self.history.operations.push(Operation {
            process,
            input,
            invoked,
            returned: None,
            lines: (line, line),
        });
        self.processes.insert(process, Asked { operation, verb, value, crashed: None });
        Ok(())
    }

    fn answer(&mut self, moment: u64, event: &Event) -> Result<(), String> {
        let Event { line, process, phase, verb, value, .. } = event;
        let asked = self.processes.get_mut(process).filter(|asked| asked.crashed.is_none());
        let asked =
            asked.ok_or_else(|| format!("process {process} has no open operation that this could answer"))?;
        let operation = &mut self.history.operations[asked.operation];
        if asked.verb != *verb {
            return Err(format!(
                "process {process} invoked `{}` in line {}, but this answers `{}`",
                shown(&asked.verb),
                operation.lines.0,
                shown(verb)
            ));
        }
        let output = match phase {
            Phase::Ok => match M::output(&operation.input, value)? {
                Some(output) => Some(output),
                None if *value == Form::Nil || *value == asked.value => Some(M::DONE),
                None => {
                    return Err("this answers with another value than the operation was invoked with".into());
                }
            },
            Phase::Fail if self.log || M::KEEPS_FAILURES => M::refusal(&operation.input),
            _ => None,
        };
        match (output, phase) {
            (Some(output), _) => {
                operation.returned = Some((moment, output));
                operation.lines.1 = *line;
                self.processes.remove(process);
            }
            (None, Phase::Info) => asked.crashed = Some(*line),
            (None, _) => {
                self.dropped.insert(asked.operation);
                self.processes.remove(process);
            }
        }
        Ok(())
    }
}
