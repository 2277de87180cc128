//! Reading histories: Jepsen's log lines, its EDN, and the key-value histories that are written like it.
//!
//! ```text
//! INFO  jepsen.util - 4 :invoke :cas [1 2]                                a line of a log, of old versions and of new ones
//! 4  :invoke  :cas  [1 2]                                                 a line of Jepsen's history.txt
//! {:process 4, :type :invoke, :f :cas, :value [1 2]}                      a map of EDN, or a record
//! {:process 4, :type :invoke, :f :append, :key "0", :value "x"}           with a key
//! {:process 4, :type :invoke, :f :write, :value [3 1]}                    of one register of many: its key and the value
//! {:process 4, :type :invoke, :f :txn, :value [[:r :x nil] [:w :y 2]]}    of several registers together
//! {:process 4, :type :invoke, :f :write, :value {:x 1, :y 2}}             the same, where all are read or all are written
//! {:process 4, :type :invoke, :f :txn, :value [[:r 3 nil] [:append 3 1]]} of several lists together
//! ```
//!
//! The order of the lines is the order in time. `:ok` answers what the process asked last; `:info` says that
//! nobody knows, so the operation stays open for ever and the process asks no more; `:fail` says that it did
//! not happen; of a transaction over lists it is kept, since it must not be seen. In a log, though, a
//! compare-and-set that fails has found another value (so etcd's tests recorded it), and what follows a value
//! says what went wrong. What Jepsen's nemesis did is passed over, and so are a log's other lines. A queue
//! that is drained is asked, at the end of that, for one thing after another.

mod events;
mod guess;
mod pairing;

use super::model::{QueueInput, QueueOutput, RegisterAct, RegisterInput, RegisterOutput, RegistersInput};
use super::{
    KeyValue, ListAppend, MultiRegister, Mutex, Of, Queue, Register, Registers, Set, UnorderedQueue, Value,
};
use crate::text::{Complaint, shown};
use events::{Clients, Source, events, log_line};
use guess::Survey;
use pairing::operations;
use std::collections::BTreeSet;

/// The longest text that is read, in bytes.
pub const LONGEST_TEXT: usize = 256 << 20;

/// How many operations a history may have.
pub const MOST_OPERATIONS: usize = 1_000_000;

/// How many lines of a history may speak of operations: each is asked, and most are answered.
const MOST_EVENTS: usize = 2 * MOST_OPERATIONS;

/// The models that files are read for, by their names.
pub const MODELS: &[&str] = &[
    "register",
    "registers",
    "multi-register",
    "kv",
    "queue",
    "unordered-queue",
    "set",
    "mutex",
    "list-append",
];

/// A history read from a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// Of a register.
    Register(Of<Register>),
    /// Of a register for each key.
    Registers(Of<Registers>),
    /// Of registers that are read and written together.
    MultiRegister(Of<MultiRegister>),
    /// Of a lock.
    Mutex(Of<Mutex>),
    /// Of a key-value store.
    KeyValue(Of<KeyValue>),
    /// Of a queue.
    Queue(Of<Queue>),
    /// Of a queue without an order.
    UnorderedQueue(Of<UnorderedQueue>),
    /// Of a set.
    Set(Of<Set>),
    /// Of transactions over lists.
    ListAppend(Of<ListAppend>),
}

/// What was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The history.
    pub recorded: Recorded,
    /// What a reader should know of it, in sentences: what was passed over, and what clients with names are
    /// called here.
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
    let (mut clients, mut survey) = (Clients::default(), Survey::default());
    events(text, log, &mut clients, &mut |event| survey.see(&event))?;
    if survey.events == 0 {
        return Err(Complaint { line: 1, sentence: "this text contains no operation".into() });
    }
    let model = match model {
        Some(name) => name,
        None => survey.model()?,
    };
    let source = &Source { text, log, drains: model.ends_with("queue"), behind: clients.behind() };
    let recorded = match model {
        "register" => operations::<Register>(source).map(Recorded::Register)?,
        "registers" => operations::<Registers>(source).map(Recorded::Registers)?,
        "multi-register" => operations::<MultiRegister>(source).map(Recorded::MultiRegister)?,
        "kv" => operations::<KeyValue>(source).map(Recorded::KeyValue)?,
        "queue" => operations::<Queue>(source).map(Recorded::Queue)?,
        "unordered-queue" => {
            operations::<UnorderedQueue>(source).map(without_silent_dequeues).map(Recorded::UnorderedQueue)?
        }
        "set" => operations::<Set>(source).map(Recorded::Set)?,
        "mutex" => operations::<Mutex>(source).map(Recorded::Mutex)?,
        "list-append" => operations::<ListAppend>(source).map(Recorded::ListAppend)?,
        _ => {
            let sentence =
                format!("there is no model `{}`; the models are {}", shown(model), MODELS.join(", "));
            return Err(Complaint { line: 1, sentence });
        }
    };
    Ok(Reading { recorded, remarks: clients.remarks() })
}

/// Without the dequeues of which nobody knows what they took, where no answer says that the queue was empty:
/// nothing else would notice what they took, and without them every element can be judged alone.
fn without_silent_dequeues(mut history: Of<UnorderedQueue>) -> Of<UnorderedQueue> {
    let nil = QueueOutput::Front(Value::Nil);
    if history.operations.iter().all(|operation| operation.output() != Some(&nil)) {
        history.operations.retain(|it| it.returned.is_some() || it.input != QueueInput::Dequeue);
    }
    history
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
            Recorded::MultiRegister(history) => {
                let mut keys = BTreeSet::new();
                for operation in &history.operations {
                    keys.extend(operation.input.iter().map(|act| act.key.clone()));
                    keys.extend(operation.output().into_iter().flatten().map(|(key, _)| key.clone()));
                }
                let write = |key| vec![RegisterAct { key, write: Some(value.clone()) }];
                history.begin_with(keys.into_iter().map(write).collect(), &Vec::new());
            }
            _ => return false,
        }
        true
    }
}

fn too_long(bytes: usize) -> Complaint {
    let (is, most) = (bytes >> 20, LONGEST_TEXT >> 20);
    Complaint {
        line: 1,
        sentence: format!("this text is {is} MB long; a history may be at most {most} MB long"),
    }
}
