//! Reading histories: Jepsen's log lines, its EDN, and the key-value histories that are written like it.
//!
//! ```text
//! INFO  jepsen.util - 4 :invoke :cas [1 2]                                a line of a log
//! {:process 4, :type :invoke, :f :cas, :value [1 2]}                      a map of EDN
//! {:process 4, :type :invoke, :f :append, :key "0", :value "x"}           with a key
//! ```
//!
//! The order of the lines is the order in time. `:ok` answers what the process asked last; `:info` says that
//! nobody knows, so the operation stays open for ever and the process asks no more; `:fail` says that it did
//! not happen. In a log, though, a compare-and-set that fails has found another value (so etcd's tests
//! recorded it). Processes that are no number (`:nemesis`) are not clients and are passed over, and so are a
//! log's other lines.

use super::edn::{Form, Reader};
use super::notation::Notation;
use super::{KeyValue, Of, Operation, Queue, Register, Set};
use crate::text::{Complaint, shown};
use std::collections::{BTreeMap, BTreeSet};

/// The longest text that is read, in bytes.
pub const LONGEST_TEXT: usize = 32 << 20;

/// How many operations a history may have.
pub const MOST_OPERATIONS: usize = 500_000;

/// How many lines of a history may speak of operations: each is asked, and most are answered.
const MOST_EVENTS: usize = 2 * MOST_OPERATIONS;

/// The models that files are read for, by their names.
pub const MODELS: &[&str] = &["register", "kv", "queue", "set"];

/// A history read from a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// Of a register.
    Register(Of<Register>),
    /// Of a key-value store.
    KeyValue(Of<KeyValue>),
    /// Of a queue.
    Queue(Of<Queue>),
    /// Of a set.
    Set(Of<Set>),
}

/// Reads bytes that nobody has looked at, as [`history`] does.
///
/// # Errors
/// As [`history`], and when the bytes are no text.
pub fn from_bytes(bytes: &[u8], model: Option<&str>) -> Result<Recorded, Complaint> {
    if bytes.len() > LONGEST_TEXT {
        return Err(too_long(bytes.len()));
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => history(text, model),
        Err(error) => {
            let before = &bytes[..error.valid_up_to()];
            let line = before.iter().filter(|&&byte| byte == b'\n').count() + 1;
            Err(Complaint { line, sentence: "this is not text: its bytes are not UTF-8".into() })
        }
    }
}

/// Reads a history in any of the formats; the model is guessed from what is asked, where none is named.
///
/// # Errors
/// The line and a sentence: about the first thing that cannot be read.
pub fn history(text: &str, model: Option<&str>) -> Result<Recorded, Complaint> {
    if text.len() > LONGEST_TEXT {
        return Err(too_long(text.len()));
    }
    let log = text.lines().any(|line| log_line(line).is_some());
    let events = if log { log_events(text)? } else { edn_events(text)? };
    if events.is_empty() {
        return Err(Complaint { line: 1, sentence: "this text contains no operation".into() });
    }
    let model = match model {
        Some(name) => name,
        None => guess(&events)?,
    };
    match model {
        "register" => operations::<Register>(events, log).map(Recorded::Register),
        "kv" => operations::<KeyValue>(events, log).map(Recorded::KeyValue),
        "queue" => operations::<Queue>(events, log).map(Recorded::Queue),
        "set" => operations::<Set>(events, log).map(Recorded::Set),
        _ => {
            let sentence =
                format!("there is no model `{}`; the models are register, kv, queue and set", shown(model));
            Err(Complaint { line: 1, sentence })
        }
    }
}

fn too_long(bytes: usize) -> Complaint {
    let (is, most) = (bytes >> 20, LONGEST_TEXT >> 20);
    Complaint {
        line: 1,
        sentence: format!("this text is {is} MB long; a history may be at most {most} MB long"),
    }
}

/// One line of a history.
struct Event {
    line: usize,
    process: u64,
    /// What the line says of its operation: that it begins, or how it ended.
    phase: Phase,
    verb: String,
    key: Option<Form>,
    value: Form,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Invoke,
    Ok,
    Fail,
    Info,
}

fn phase(word: &str) -> Result<Phase, String> {
    match word {
        ":invoke" => Ok(Phase::Invoke),
        ":ok" => Ok(Phase::Ok),
        ":fail" => Ok(Phase::Fail),
        ":info" => Ok(Phase::Info),
        _ => Err(format!("`{}` is not one of :invoke, :ok, :fail and :info", shown(word))),
    }
}

/// What a log's line says about an operation: what follows `jepsen.util`, when that begins with a process.
fn log_line(line: &str) -> Option<&str> {
    let (_, said) = line.split_once("jepsen.util")?;
    let said = said.trim_start();
    let said = said.strip_prefix('-').unwrap_or(said).trim();
    let process = said.split_whitespace().next()?;
    let kind = said[process.len()..].trim_start();
    kind.starts_with(':').then_some(said)
}

fn log_events(text: &str) -> Result<Vec<Event>, Complaint> {
    let mut events = Vec::new();
    for (number, said) in
        text.lines().enumerate().filter_map(|(number, line)| Some((number, log_line(line)?)))
    {
        let line = number + 1;
        let mut words = said.splitn(4, char::is_whitespace).map(str::trim);
        let process = words.next().unwrap_or_default();
        if process.starts_with(':') {
            continue;
        }
        let complain = |sentence: String| Complaint { line, sentence };
        let process = process.parse().map_err(|_| {
            complain(format!("`{}` is no process; processes are numbers from 0 on", shown(process)))
        })?;
        let phase = phase(words.next().unwrap_or_default()).map_err(complain)?;
        let verb = words.next().unwrap_or_default().trim_start_matches(':').to_owned();
        let mut reader = Reader::new(words.next().unwrap_or_default(), line);
        let value = reader.form()?.unwrap_or(Form::Nil);
        if reader.form()?.is_some() {
            return Err(complain("there is something after the value".into()));
        }
        push(&mut events, Event { line, process, phase, verb, key: None, value })?;
    }
    Ok(events)
}

fn edn_events(text: &str) -> Result<Vec<Event>, Complaint> {
    let mut reader = Reader::new(text, 1);
    let mut events = Vec::new();
    // A file holds one map after another, or one list of them.
    let listed = reader.pass(b'[')?;
    loop {
        if listed && reader.pass(b']')? {
            return match reader.form()? {
                None => Ok(events),
                Some(_) => Err(reader.complain("there is something after the list")),
            };
        }
        let Some(form) = reader.form()? else {
            return if listed { Err(reader.complain("the list has no closing bracket")) } else { Ok(events) };
        };
        let line = reader.line();
        if let Some(event) = edn_event(line, form).map_err(|sentence| Complaint { line, sentence })? {
            push(&mut events, event)?;
        }
    }
}

fn edn_event(line: usize, form: Form) -> Result<Option<Event>, String> {
    let Form::Map(pairs) = form else {
        return Err(
            "a history consists of log lines or of maps, as in `{:process 0, :type :invoke, :f :read, \
                    :value nil}`"
                .into(),
        );
    };
    let (mut process, mut phase_word, mut verb, mut key, mut value) = (None, None, None, None, Form::Nil);
    for (name, form) in pairs {
        match (&name, form) {
            (Form::Word(word), form) if word == ":process" => process = Some(form),
            (Form::Word(word), Form::Word(phase)) if word == ":type" => phase_word = Some(phase),
            (Form::Word(word), Form::Word(text)) if word == ":f" => verb = Some(text),
            (Form::Word(word), form) if word == ":key" => key = Some(form),
            (Form::Word(word), form) if word == ":value" => value = form,
            // Times, indices and remarks decide nothing here.
            _ => {}
        }
    }
    let process = match process {
        Some(Form::Number(number)) => u64::try_from(number)
            .map_err(|_| format!("`{number}` is no process; processes are numbers from 0 on"))?,
        Some(Form::Word(_)) => return Ok(None),
        _ => return Err("this operation has no :process; processes are numbers from 0 on".into()),
    };
    let phase = phase(&phase_word.unwrap_or_default())?;
    let verb = verb.ok_or("this operation has no :f, as in `:f :read`")?.trim_start_matches(':').to_owned();
    Ok(Some(Event { line, process, phase, verb, key, value }))
}

fn push(events: &mut Vec<Event>, event: Event) -> Result<(), Complaint> {
    if events.len() == MOST_EVENTS {
        let sentence = format!("a history holds at most {MOST_OPERATIONS} operations");
        return Err(Complaint { line: event.line, sentence });
    }
    events.push(event);
    Ok(())
}

/// The model whose verbs these are.
fn guess(events: &[Event]) -> Result<&'static str, Complaint> {
    let mut verbs: BTreeMap<&str, usize> = BTreeMap::new();
    for event in events {
        verbs.entry(&event.verb).or_insert(event.line);
    }
    let known: [(&str, &[&str]); 4] = [
        ("register", &["read", "write", "cas"]),
        ("kv", &["get", "put", "append"]),
        ("queue", &["enqueue", "dequeue"]),
        ("set", &["add", "remove", "contains", "read"]),
    ];
    let fits = |(_, words): &&(&str, &[&str])| verbs.keys().all(|verb| words.contains(verb));
    if let Some((name, _)) = known.iter().find(fits) {
        return Ok(name);
    }
    let stranger = verbs.iter().find(|(verb, _)| known.iter().all(|(_, words)| !words.contains(verb)));
    let (line, sentence) = stranger.map_or_else(
        || (1, format!("no model offers all of {}", verbs.keys().copied().collect::<Vec<_>>().join(", "))),
        |(verb, line)| (*line, format!("no model offers `{}`", shown(verb))),
    );
    let way_out = "; the models are register (read, write, cas), kv (get, put, append), queue (enqueue, dequeue) and set \
                   (add, remove, contains, read)";
    Err(Complaint { line, sentence: sentence + way_out })
}

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

fn operations<M: Notation>(events: Vec<Event>, log: bool) -> Result<Of<M>, Complaint> {
    let (history, processes, dropped) = (Of::<M>::default(), BTreeMap::new(), BTreeSet::new());
    let mut pairing = Pairing::<M> { history, processes, dropped, log };
    for (moment, event) in events.into_iter().enumerate() {
        let line = event.line;
        let done = match event.phase {
            Phase::Invoke => pairing.ask(moment as u64, event),
            _ => pairing.answer(moment as u64, &event),
        };
        done.map_err(|sentence| Complaint { line, sentence })?;
    }
    let Pairing { mut history, dropped, .. } = pairing;
    let mut number = 0..;
    history.operations.retain(|_| number.next().is_some_and(|number| !dropped.contains(&number)));
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
            Phase::Fail if self.log => M::refusal(&operation.input),
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
