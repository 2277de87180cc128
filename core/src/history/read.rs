//! Reading histories: Jepsen's log lines, its EDN, and the key-value histories that are written like it.
//!
//! ```text
//! INFO  jepsen.util - 4 :invoke :cas [1 2]                                a line of a log, of old versions and of new ones
//! 4  :invoke  :cas  [1 2]                                                 a line of Jepsen's history.txt
//! {:process 4, :type :invoke, :f :cas, :value [1 2]}                      a map of EDN, or a record
//! {:process 4, :type :invoke, :f :append, :key "0", :value "x"}           with a key
//! {:process 4, :type :invoke, :f :write, :value [3 1]}                    of one register of many: its key and the value
//! ```
//!
//! The order of the lines is the order in time. `:ok` answers what the process asked last; `:info` says that
//! nobody knows, so the operation stays open for ever and the process asks no more; `:fail` says that it did
//! not happen. In a log, though, a compare-and-set that fails has found another value (so etcd's tests
//! recorded it), and what follows a value says what went wrong. What Jepsen's nemesis did is passed over, and so are a
//! log's other lines. A queue that is drained is asked, at the end of that, for one thing after another.

use super::edn::{Form, Reader};
use super::model::{RegisterInput, RegisterOutput, RegistersInput};
use super::notation::{Notation, keyed};
use super::{KeyValue, Mutex, Of, Operation, Queue, Register, Registers, Set, Value};
use crate::text::{Complaint, shown};
use std::collections::{BTreeMap, BTreeSet};

/// The longest text that is read, in bytes.
pub const LONGEST_TEXT: usize = 32 << 20;

/// How many operations a history may have.
pub const MOST_OPERATIONS: usize = 500_000;

/// How many lines of a history may speak of operations: each is asked, and most are answered.
const MOST_EVENTS: usize = 2 * MOST_OPERATIONS;

/// The models that files are read for, by their names.
pub const MODELS: &[&str] = &["register", "registers", "kv", "queue", "set", "mutex"];

/// A history read from a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// Of a register.
    Register(Of<Register>),
    /// Of a register for each key.
    Registers(Of<Registers>),
    /// Of a lock.
    Mutex(Of<Mutex>),
    /// Of a key-value store.
    KeyValue(Of<KeyValue>),
    /// Of a queue.
    Queue(Of<Queue>),
    /// Of a set.
    Set(Of<Set>),
}

/// What was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The history.
    pub recorded: Recorded,
    /// What a reader should know of it, in sentences: what was passed over, and what clients with names are called here.
    pub remarks: Vec<String>,
}

/// Reads bytes that nobody has looked at, as [`history`] does.
///
/// # Errors
/// As [`history`], and when the bytes are no text.
pub fn from_bytes(bytes: &[u8], model: Option<&str>) -> Result<Reading, Complaint> {
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
pub fn history(text: &str, model: Option<&str>) -> Result<Reading, Complaint> {
    if text.len() > LONGEST_TEXT {
        return Err(too_long(text.len()));
    }
    // A mark of the order of bytes says nothing of a history.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let log = text.lines().any(|line| log_line(line).is_some());
    let mut clients = Clients::default();
    let mut events = if log { log_events(text, &mut clients)? } else { edn_events(text, &mut clients)? };
    for event in events.iter_mut().filter(|event| event.process >= NAMED) {
        event.process = clients.behind() + event.process - NAMED;
    }
    if events.is_empty() {
        return Err(Complaint { line: 1, sentence: "this text contains no operation".into() });
    }
    let model = match model {
        Some(name) => name,
        None => guess(&events)?,
    };
    let recorded = match model {
        "register" => operations::<Register>(events, log).map(Recorded::Register)?,
        "registers" => operations::<Registers>(events, log).map(Recorded::Registers)?,
        "kv" => operations::<KeyValue>(events, log).map(Recorded::KeyValue)?,
        "queue" => operations::<Queue>(without_drains(events)?, log).map(Recorded::Queue)?,
        "set" => operations::<Set>(events, log).map(Recorded::Set)?,
        "mutex" => operations::<Mutex>(events, log).map(Recorded::Mutex)?,
        _ => {
            let sentence =
                format!("there is no model `{}`; the models are {}", shown(model), MODELS.join(", "));
            return Err(Complaint { line: 1, sentence });
        }
    };
    Ok(Reading { recorded, remarks: clients.remarks() })
}

impl Recorded {
    /// Has registers begin with a value that is no nil; whether this is a history of registers.
    pub fn begin_with(&mut self, value: &Value) -> bool {
        match self {
            Recorded::Register(history) => {
                history.begin_with(vec![RegisterInput::Write(value.clone())], &RegisterOutput::Done);
            }
            Recorded::Registers(history) => {
                let keys: BTreeSet<String> =
                    history.operations.iter().map(|it| it.input.key.clone()).collect();
                let act = RegisterInput::Write(value.clone());
                let inputs = keys.into_iter().map(|key| RegistersInput { key, act: act.clone() }).collect();
                history.begin_with(inputs, &RegisterOutput::Done);
            }
            _ => return false,
        }
        true
    }
}

/// The processes of a history, which have numbers, and its clients with names, which get numbers of their own.
#[derive(Default)]
struct Clients {
    numbers: BTreeSet<u64>,
    names: BTreeMap<String, u64>,
    /// How many lines were passed over, and the first of them.
    passed: usize,
    first: usize,
}

impl Clients {
    /// The number of a process; none for what is no client.
    fn number(&mut self, line: usize, process: &Form) -> Result<Option<u64>, String> {
        match process {
            Form::Number(number) => {
                let number = u64::try_from(*number).ok().filter(|number| *number < NAMED);
                let number = number.ok_or_else(|| not_a_process(process))?;
                self.numbers.insert(number);
                Ok(Some(number))
            }
            Form::Word(word) if word == ":nemesis" => {
                self.passed += 1;
                self.first = if self.passed == 1 { line } else { self.first };
                Ok(None)
            }
            Form::Word(word) if word.starts_with(':') => {
                let next = NAMED + self.names.len() as u64;
                Ok(Some(*self.names.entry(word.clone()).or_insert(next)))
            }
            _ => Err(not_a_process(process)),
        }
    }

    /// The first number that no process has: clients with names come behind them all.
    fn behind(&self) -> u64 {
        self.numbers.last().map_or(0, |last| last + 1)
    }

    fn remarks(&self) -> Vec<String> {
        let number = |number: &u64| self.behind() + number - NAMED;
        let named = self.names.iter().map(|(name, it)| format!("{name} is process {}", number(it)));
        let mut remarks: Vec<String> = named.collect();
        if self.passed > 0 {
            let (passed, first) = (self.passed, self.first);
            let lines = if passed == 1 { "line" } else { "lines" };
            remarks
                .push(format!("passed over {passed} {lines} of the nemesis, the first of them line {first}"));
        }
        remarks
    }
}

/// While a history is read, clients with names have numbers from here on.
const NAMED: u64 = 1_000_000_000;

fn not_a_process(process: &Form) -> String {
    let process = match process {
        Form::Number(number) => number.to_string(),
        Form::Word(word) | Form::Text(word) => shown(word),
        _ => "this".into(),
    };
    format!("`{process}` is no process; processes are numbers from 0 on, or names such as `:alice`")
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

/// What a log's line says about an operation, from the process on: what follows `jepsen.util`, or all of a line of a history.txt.
fn log_line(line: &str) -> Option<&str> {
    let logged = line.split_once("jepsen.util").map(|(_, said)| {
        let said = said.strip_prefix(':').unwrap_or(said).trim_start();
        said.strip_prefix('-').unwrap_or(said)
    });
    let said = logged.unwrap_or(line).trim();
    let (process, rest) = word(said);
    let follows = word(rest).0;
    let fits = match logged {
        Some(_) => follows.starts_with(':'),
        // A map may have a line of its own for its `:type :invoke`.
        None => {
            process.starts_with(|letter: char| letter == ':' || letter.is_ascii_digit())
                && process != ":type"
                && phase(follows).is_ok()
        }
    };
    fits.then_some(said)
}

/// The first word of a text, and what follows it.
fn word(text: &str) -> (&str, &str) {
    let text = text.trim_start();
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    text.split_at(end)
}

fn log_events(text: &str, clients: &mut Clients) -> Result<Vec<Event>, Complaint> {
    let mut events = Vec::new();
    for (number, said) in
        text.lines().enumerate().filter_map(|(number, line)| Some((number, log_line(line)?)))
    {
        let line = number + 1;
        let complain = |sentence: String| Complaint { line, sentence };
        let (process, rest) = word(said);
        let process = process.parse().map_or_else(|_| Form::Word(process.to_owned()), Form::Number);
        let Some(process) = clients.number(line, &process).map_err(complain)? else { continue };
        let (kind, rest) = word(rest);
        let phase = phase(kind).map_err(complain)?;
        let (verb, rest) = word(rest);
        let verb = verb.trim_start_matches(':').to_owned();
        // What went wrong may stand behind the value, in words that are no EDN.
        let value = Reader::new(rest, line).form()?.unwrap_or(Form::Nil);
        push(&mut events, Event { line, process, phase, verb, key: None, value })?;
    }
    Ok(events)
}

fn edn_events(text: &str, clients: &mut Clients) -> Result<Vec<Event>, Complaint> {
    let mut reader = Reader::new(text, 1);
    let mut events = Vec::new();
    // A file holds one map after another, or one list of them.
    let close = if reader.pass(b'[')? { Some(b']') } else { reader.pass(b'(')?.then_some(b')') };
    let listed = close.is_some();
    loop {
        if let Some(close) = close
            && reader.pass(close)?
        {
            return match reader.form()? {
                None => Ok(events),
                Some(_) => Err(reader.complain("there is something after the list")),
            };
        }
        let Some(form) = reader.form()? else {
            return if listed { Err(reader.complain("the list has no closing bracket")) } else { Ok(events) };
        };
        let line = reader.line();
        if let Some(event) =
            edn_event(line, form, clients).map_err(|sentence| Complaint { line, sentence })?
        {
            push(&mut events, event)?;
        }
    }
}

fn edn_event(line: usize, form: Form, clients: &mut Clients) -> Result<Option<Event>, String> {
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
    let process = process.ok_or("this operation has no :process; processes are numbers from 0 on")?;
    let Some(process) = clients.number(line, &process)? else { return Ok(None) };
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

/// The verbs of each model, by which it is guessed; of one register or many, the values decide.
const KNOWN: [(&str, &[&str]); 5] = [
    ("register", &["read", "write", "cas"]),
    ("kv", &["get", "put", "append"]),
    ("queue", &["enqueue", "dequeue", "drain"]),
    ("set", &["add", "remove", "contains", "read"]),
    ("mutex", &["acquire", "release"]),
];

/// The model whose verbs these are.
fn guess(events: &[Event]) -> Result<&'static str, Complaint> {
    let mut verbs: BTreeMap<&str, usize> = BTreeMap::new();
    for event in events {
        verbs.entry(&event.verb).or_insert(event.line);
    }
    if let Some(&line) = verbs.get("txn") {
        return Err(Complaint { line, sentence: transactions(events) });
    }
    let fits = |(_, words): &&(&str, &[&str])| verbs.keys().all(|verb| words.contains(verb));
    if let Some((name, _)) = KNOWN.iter().find(fits) {
        return Ok(if *name == "register" && is_keyed(events) { "registers" } else { name });
    }
    let stranger = verbs.iter().find(|(verb, _)| KNOWN.iter().all(|(_, words)| !words.contains(verb)));
    let (line, sentence) = stranger.map_or_else(
        || (1, format!("no model offers all of {}", verbs.keys().copied().collect::<Vec<_>>().join(", "))),
        |(verb, line)| (*line, format!("no model offers `{}`", shown(verb))),
    );
    let known = KNOWN.map(|(name, words)| format!("{name} ({})", words.join(", ")));
    Err(Complaint { line, sentence: format!("{sentence}; the models are {}", known.join(", ")) })
}

/// Whether all that registers are asked to hold, and all that they are asked for, stands behind a key.
fn is_keyed(events: &[Event]) -> bool {
    let plain = |event: &&Event| event.phase == Phase::Invoke && event.verb != "cas";
    let mut plain = events.iter().filter(plain).peekable();
    plain.peek().is_some() && plain.all(|event| keyed(&event.value).is_ok())
}

/// What to do with transactions.
fn transactions(events: &[Event]) -> String {
    let appends =
        |form: &Form| matches!(form, Form::List(act) if act.first() == Some(&Form::Word(":append".into())));
    let lists = |event: &Event| matches!(&event.value, Form::List(acts) if acts.iter().any(appends));
    if events.iter().any(lists) {
        "these are transactions that append to lists, of which no model is offered here; Elle judges those"
            .into()
    } else {
        "these are transactions over several registers, of which no model is offered here; Knossos judges small ones \
         (multi-register), and Elle larger ones"
            .into()
    }
}

/// A drain is as many dequeues as it returned things, one after the other when it is over, as in Jepsen.
fn without_drains(events: Vec<Event>) -> Result<Vec<Event>, Complaint> {
    let mut open: BTreeMap<u64, usize> = BTreeMap::new();
    let mut expanded = Vec::with_capacity(events.len());
    for event in events {
        let Event { line, process, phase, .. } = event;
        match (event.verb.as_str(), phase, &event.value) {
            ("drain", Phase::Invoke, _) => _ = open.insert(process, line),
            ("drain", Phase::Fail, _) => _ = open.remove(&process),
            ("drain", Phase::Ok, Form::List(all)) => {
                open.remove(&process);
                for value in all {
                    for (phase, value) in [(Phase::Invoke, &Form::Nil), (Phase::Ok, value)] {
                        let (verb, value) = ("dequeue".to_owned(), value.clone());
                        push(&mut expanded, Event { line, process, phase, verb, key: None, value })?;
                    }
                }
            }
            ("drain", ..) => {
                open.insert(process, line);
                break;
            }
            _ => push(&mut expanded, event)?,
        }
    }
    match open.values().next() {
        Some(&line) => Err(Complaint {
            line,
            sentence:
                "nobody knows what this drain took; a history with a drain that did not end cannot be judged"
                    .into(),
        }),
        None => Ok(expanded),
    }
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
    // The first two moments are for what an object may be told to hold at first.
    for (moment, event) in (2..).zip(events) {
        let line = event.line;
        let done = match event.phase {
            Phase::Invoke => pairing.ask(moment, event),
            _ => pairing.answer(moment, &event),
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
