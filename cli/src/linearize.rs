//! `faultline linearize`: whether a recorded history keeps what it was promised.

mod transactions;

use crate::io::{Failure, bytes, print};
use crate::setup::number;
use crate::watch::{INTERRUPTED, PATIENCE, Watch, interrupted};
use clap::ValueEnum;
use clap::builder::PossibleValuesParser;
use faultline_core::history::edn::Reader;
use faultline_core::history::read::{self, LONGEST_TEXT, MODELS, Reading, Recorded};
use faultline_core::history::{
    KeyValue, Model, MultiRegister, Mutex, Of, Queue, Register, Registers, Set, UnorderedQueue, words,
};
use faultline_core::linearizability::{Checker, Progress, Turn, Verdict, causal, sequential};
use faultline_core::text::several;
use std::borrow::Cow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex as Lock};
use std::time::{Duration, Instant};

/// How many attempts lie between two looks at the clock.
const SLICE: u64 = 500_000;

/// The same, where threads share them.
const SHARED_SLICE: u64 = 16 * SLICE;

/// Judge whether a recorded history is linearizable, or its transactions are serializable
///
/// Reads a Jepsen log or an EDN file. The exit code is 1 when the history violates the consistency model, and
/// 2 when the history cannot be read or the budget is too small to decide.
#[derive(clap::Args)]
#[command(
    allow_negative_numbers = true,
    after_help = "\
Examples:
  faultline linearize history.edn
  faultline linearize history.edn --model register --initial 0
  faultline linearize history.edn --consistency sequential
  faultline linearize queue.edn --model unordered-queue
  faultline linearize transactions.edn --consistency strict-serializable
  faultline linearize - < history.edn"
)]
pub(crate) struct Options {
    /// A history: a file, or `-` for stdin
    #[arg(value_name = "HISTORY", value_hint = clap::ValueHint::FilePath)]
    source: String,
    /// The kind of object that the clients used [default: guessed from the operations]
    #[arg(long, value_parser = PossibleValuesParser::new(MODELS))]
    model: Option<String>,
    /// The consistency model that the history must satisfy [default: linearizable, and serializable for
    /// list-append]
    #[arg(long, value_enum)]
    consistency: Option<Consistency>,
    /// What registers hold before anything is written [default: nil]
    #[arg(long, value_name = "VALUE")]
    initial: Option<String>,
    /// How many operations of the longest explanation are printed where there is none of all: a number, or `all`
    #[arg(long, value_name = "COUNT", value_parser = count, default_value = "5")]
    explain: usize,
    /// The maximum number of attempts at an operation; the default takes seconds, not minutes
    #[arg(long, value_name = "ATTEMPTS", value_parser = number, default_value = "200000000")]
    budget: u64,
}

/// What is promised.
#[derive(Clone, Copy, ValueEnum)]
enum Consistency {
    Linearizable,
    Sequential,
    Causal,
    /// Some order of the transactions explains all (list-append)
    Serializable,
    /// The same, and the order of each process is kept
    StrongSessionSerializable,
    /// The same, and time is kept
    StrictSerializable,
}

impl Consistency {
    fn adjective(self) -> &'static str {
        match self {
            Consistency::Linearizable => "linearizable",
            Consistency::Sequential => "sequentially consistent",
            Consistency::Causal => "causally consistent",
            Consistency::Serializable => "serializable",
            Consistency::StrongSessionSerializable => "strong session serializable",
            Consistency::StrictSerializable => "strict serializable",
        }
    }
}

/// Reads a history, prints the verdict, and fails with 1 when the promise is broken and 2 when nobody knows.
pub(crate) fn linearize_command(options: &Options) -> Result<(), Failure> {
    let bytes = bytes(&options.source, LONGEST_TEXT)?;
    let start = Instant::now();
    let Reading { recorded: mut history, remarks } = read::from_bytes(&bytes, options.model.as_deref())
        .map_err(|complaint| Failure(2, format!("{}: {complaint}", options.source)))?;
    for remark in &remarks {
        eprintln!("{remark}");
    }
    if let Some(initial) = &options.initial {
        begin_with(&mut history, initial, options.consistency)?;
    }
    let reading = start.elapsed();
    let start = Instant::now();
    let done = match &history {
        Recorded::Register(history) => judge::<Register>(history, options),
        Recorded::Registers(history) => judge::<Registers>(history, options),
        Recorded::Mutex(history) => judge::<Mutex>(history, options),
        Recorded::KeyValue(history) => judge::<KeyValue>(history, options),
        Recorded::Queue(history) => judge::<Queue>(history, options),
        Recorded::Set(history) => judge::<Set>(history, options),
        Recorded::MultiRegister(history) => judge::<MultiRegister>(history, options),
        Recorded::UnorderedQueue(history) => judge::<UnorderedQueue>(history, options),
        Recorded::ListAppend(history) => transactions::judge_transactions(history, options.consistency),
    };
    let milliseconds = |time: Duration| time.as_secs_f64() * 1e3;
    eprintln!("read in {:.3} ms, decided in {:.3} ms", milliseconds(reading), milliseconds(start.elapsed()));
    done
}

/// Reads how many operations are printed.
fn count(word: &str) -> Result<usize, String> {
    if word == "all" { Ok(usize::MAX) } else { word.parse().map_err(|_| "a number, or `all`".into()) }
}

/// Has registers begin with a value. Only of linearizability does time matter, so that what was there at first comes first.
fn begin_with(
    history: &mut Recorded,
    initial: &str,
    consistency: Option<Consistency>,
) -> Result<(), Failure> {
    let value = Reader::new(initial, 1).form().ok().flatten().and_then(|form| form.value());
    let Some(value) = value else {
        return Err(Failure(2, format!("`{initial}` is no value that a register can hold")));
    };
    if !matches!(consistency, None | Some(Consistency::Linearizable)) {
        return Err(Failure(2, "`--initial` is only for `--consistency linearizable`".into()));
    }
    if history.begin_with(&value) {
        Ok(())
    } else {
        Err(Failure(2, "only registers have an initial value; this is a history of something else".into()))
    }
}

/// Decides in slices, so that somebody can see how far it is, and stop it.
fn linearizable<M: Model>(history: &Of<M>, budget: u64) -> Result<Verdict, Failure> {
    let (mut checker, mut left, mut watch) =
        (Checker::<M>::new(Cow::Borrowed(history)), budget, Watch::start(None));
    while left > 0 {
        let turns = checker.hand_out(left.min(SHARED_SLICE));
        let progress = match turns.is_empty() {
            true => checker.step(left.min(SLICE)),
            false => checker.hand_back(at_once::<M>(turns, history)),
        };
        let Progress::Working { attempts, parts: (explained, parts) } = progress else { break };
        left = budget.saturating_sub(attempts);
        let far = || format!("{attempts} attempts, {explained} of {parts} parts explained");
        if interrupted() {
            return Err(Failure(INTERRUPTED, format!("interrupted before a decision: {}", far())));
        }
        watch.tell(attempts, far);
    }
    Ok(checker.finish(0))
}

/// Takes turns, each on whichever thread is free.
fn at_once<M: Model>(mut turns: Vec<Turn<M>>, history: &Of<M>) -> Vec<Turn<M>> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(turns.len());
    let waiting = Lock::new(turns.iter_mut());
    // The lock is free again as soon as there is a turn.
    let next = || waiting.lock().ok().and_then(|mut turns| turns.next());
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(turn) = next() {
                    turn.take(history);
                }
            });
        }
    });
    turns
}

/// Decides what cannot be decided in slices, while a thread aside shows that it is at work. Nothing is known
/// before the end, so Ctrl-C ends the program.
fn watched<T>(decide: impl FnOnce() -> T) -> T {
    let (start, over) = (Instant::now(), Arc::new(AtomicBool::new(false)));
    let seen = over.clone();
    let watcher = std::thread::spawn(move || {
        let mut watch = Watch::start(None);
        while !seen.load(Ordering::Relaxed) {
            watch.tell(0, || "deciding".into());
            if interrupted() {
                drop(watch);
                eprintln!("faultline: interrupted before a decision");
                std::process::exit(INTERRUPTED.into());
            }
            std::thread::park_timeout(Duration::from_millis(20));
        }
    });
    let decision = decide();
    over.store(true, Ordering::Relaxed);
    // What was shown is wiped off before the verdict is printed. Where nothing was, nobody waits for the thread.
    if start.elapsed() >= PATIENCE {
        watcher.thread().unpark();
        let _ = watcher.join();
    }
    decision
}

fn judge<M: Model>(history: &Of<M>, options: &Options) -> Result<(), Failure> {
    let budget = options.budget;
    let consistency = options.consistency.unwrap_or(Consistency::Linearizable);
    let verdict = match (consistency, M::NAME) {
        (Consistency::Linearizable, _) | (Consistency::StrictSerializable, "registers") => {
            linearizable::<M>(history, budget)?
        }
        (Consistency::Sequential, _) | (Consistency::StrongSessionSerializable, "registers") => {
            watched(|| sequential::<M>(history, budget))
        }
        (Consistency::Causal, _) => watched(|| causal::<M>(history, budget)),
        (Consistency::Serializable, "registers") => {
            let sentence = "registers that are overwritten do not show the order of their versions, so here they are judged for strict \
                            and strong session serializability only; Elle (rw-register) judges serializability";
            return Err(Failure(2, sentence.into()));
        }
        _ => {
            let sentence =
                "this is a history of single operations; only transactions are serializable or not";
            return Err(Failure(2, sentence.into()));
        }
    };
    let (count, adjective) = (history.operations.len(), consistency.adjective());
    match verdict {
        Verdict::Holds { .. } => print(&format!("{adjective}: {}\n", several(count as u64, "operation"))),
        Verdict::Fails(refutation) => {
            let place = refutation.part.map(|part| format!(" (key {part})")).unwrap_or_default();
            print(&format!("not {adjective}{place}\n{}\n", refutation.sentence))?;
            let nil =
                history.operations.get(refutation.operation).and_then(|it| M::shows(&it.input, it.output()?));
            if options.initial.is_none() && M::NAME == "register" && nil.is_some() {
                print("registers hold nil at first; `--initial VALUE` says otherwise\n")?;
            }
            if options.model.is_none() && M::NAME == "queue" {
                print(
                    "queues are first in, first out; `--model unordered-queue` lets a dequeue take any element\n",
                )?;
            }
            let all = refutation.prefix.len();
            if all > 0 {
                let verb = if all > options.explain { "ends with" } else { "is" };
                print(&format!("the longest explanation of the earlier answers {verb}\n"))?;
            }
            let last = refutation.prefix.iter().skip(all.saturating_sub(options.explain));
            for operation in last.filter_map(|&number| history.operations.get(number)) {
                print(&format!("  {}\n", words::<M>(operation)))?;
            }
            Err(Failure(1, format!("the history is not {adjective}")))
        }
        Verdict::Unknown { sentence } if M::NAME == "registers" => {
            let elsewhere = "Elle (rw-register) judges larger histories of this kind";
            Err(Failure(2, format!("not decided: {sentence}; {elsewhere}")))
        }
        Verdict::Unknown { sentence } => Err(Failure(2, format!("not decided: {sentence}"))),
    }
}
