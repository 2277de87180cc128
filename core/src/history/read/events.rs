//! The events of a history, line by line.

use crate::history::edn::{Form, Reader};
use crate::text::{Complaint, shown};
use std::collections::{BTreeMap, BTreeSet};

/// The processes of a history, which have numbers, and its clients with names, which get numbers of their
/// own.
#[derive(Default)]
pub(super) struct Clients {
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
    pub(super) fn behind(&self) -> u64 {
        self.numbers.last().map_or(0, |last| last + 1)
    }

    pub(super) fn remarks(&self) -> Vec<String> {
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

/// One line of a history.
pub(super) struct Event {
    pub(super) line: usize,
    pub(super) process: u64,
    /// What the line says of its operation: that it begins, or how it ended.
    pub(super) phase: Phase,
    pub(super) verb: String,
    pub(super) key: Option<Form>,
    pub(super) value: Form,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
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

/// What a log's line says about an operation, from the process on: what follows `jepsen.util`, or all of a
/// line of a history.txt.
pub(super) fn log_line(line: &str) -> Option<&str> {
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

/// A text and what is known of it. It is read twice, once for the model and once for the operations, since
/// its events take several times the room of the operations that they make up.
pub(super) struct Source<'a> {
    pub(super) text: &'a str,
    pub(super) log: bool,
    /// Whether a drain is to be taken apart.
    pub(super) drains: bool,
    pub(super) behind: u64,
}

/// What takes events, one after the other.
pub(super) type Take<'t> = &'t mut dyn FnMut(Event) -> Result<(), Complaint>;

impl Source<'_> {
    /// The events, with the numbers that clients have in the history.
    pub(super) fn each(&self, take: Take<'_>) -> Result<(), Complaint> {
        let mut renumbered = |mut event: Event| {
            if event.process >= NAMED {
                event.process = self.behind + event.process - NAMED;
            }
            take(event)
        };
        let mut clients = Clients::default();
        if !self.drains {
            return events(self.text, self.log, &mut clients, &mut renumbered);
        }
        let mut drains = Drains::default();
        events(self.text, self.log, &mut clients, &mut |event| drains.pass(event, &mut renumbered))?;
        drains.open.values().next().map_or(Ok(()), |&line| Err(endless(line)))
    }
}

/// The drains that are under way, and the lines in which they began.
#[derive(Default)]
struct Drains {
    open: BTreeMap<u64, usize>,
}

impl Drains {
    /// A drain is as many dequeues as it returned things, one after the other when it is over, as in Jepsen.
    fn pass(&mut self, event: Event, take: Take<'_>) -> Result<(), Complaint> {
        let Event { line, process, phase, .. } = event;
        match (event.verb.as_str(), phase, event.value) {
            ("drain", Phase::Invoke, _) => _ = self.open.insert(process, line),
            ("drain", Phase::Fail, _) => _ = self.open.remove(&process),
            ("drain", Phase::Ok, Form::List(all)) => {
                self.open.remove(&process);
                for value in all {
                    for (phase, value) in [(Phase::Invoke, Form::Nil), (Phase::Ok, value)] {
                        take(Event { line, process, phase, verb: "dequeue".into(), key: None, value })?;
                    }
                }
            }
            ("drain", ..) => return Err(endless(line)),
            (_, _, value) => return take(Event { value, ..event }),
        }
        Ok(())
    }
}

fn endless(line: usize) -> Complaint {
    let sentence =
        "nobody knows what this drain took; a history with a drain that did not end cannot be judged";
    Complaint { line, sentence: sentence.into() }
}

/// The events of a text, in which clients with names have numbers from [`NAMED`] on.
pub(super) fn events(text: &str, log: bool, clients: &mut Clients, take: Take<'_>) -> Result<(), Complaint> {
    if log { log_events(text, clients, take) } else { edn_events(text, clients, take) }
}

fn log_events(text: &str, clients: &mut Clients, take: Take<'_>) -> Result<(), Complaint> {
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
        take(Event { line, process, phase, verb, key: None, value })?;
    }
    Ok(())
}

fn edn_events(text: &str, clients: &mut Clients, take: Take<'_>) -> Result<(), Complaint> {
    let mut reader = Reader::new(text, 1);
    // A file holds one map after another, or one list of them.
    let close = if reader.pass(b'[')? { Some(b']') } else { reader.pass(b'(')?.then_some(b')') };
    let listed = close.is_some();
    loop {
        if let Some(close) = close
            && reader.pass(close)?
        {
            return match reader.form()? {
                None => Ok(()),
                Some(_) => Err(reader.complain("there is something after the list")),
            };
        }
        let Some(form) = reader.form()? else {
            return if listed { Err(reader.complain("the list has no closing bracket")) } else { Ok(()) };
        };
        let line = reader.line();
        if let Some(event) =
            edn_event(line, form, clients).map_err(|sentence| Complaint { line, sentence })?
        {
            take(event)?;
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
