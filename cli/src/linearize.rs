//! `faultline linearize`: whether a recorded history keeps what it was promised.

use crate::io::{Failure, print};
use crate::setup::number;
use crate::watch::{INTERRUPTED, PATIENCE, Watch, interrupted};
use clap::ValueEnum;
use clap::builder::PossibleValuesParser;
use faultline_core::history::read::{self, LONGEST_TEXT, MODELS, Recorded};
use faultline_core::history::{Model, Of, words};
use faultline_core::linearizability::{Checker, Progress, Verdict, causal, sequential};
use std::borrow::Cow;
use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How many attempts lie between two looks at the clock.
const SLICE: u64 = 500_000;

/// Judge whether a recorded history is linearizable
///
/// Reads a Jepsen log or an EDN file. The exit code is 1 when the history violates the consistency model, and
/// 2 when the history cannot be read or the budget is too small to decide.
#[derive(clap::Args)]
#[command(
    allow_negative_numbers = true,
    after_help = "\
Examples:
  faultline linearize history.edn
  faultline linearize history.edn --model register
  faultline linearize history.edn --consistency sequential
  faultline linearize - < history.edn"
)]
pub(crate) struct Options {
    /// A history: a file, or `-` for stdin
    #[arg(value_name = "HISTORY", value_hint = clap::ValueHint::FilePath)]
    source: String,
    /// The kind of object that the clients used [default: guessed from the operations]
    #[arg(long, value_parser = PossibleValuesParser::new(MODELS))]
    model: Option<String>,
    /// The consistency model that the history must satisfy
    #[arg(long, value_enum, default_value = "linearizable")]
    consistency: Consistency,
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
}

impl Consistency {
    fn adjective(self) -> &'static str {
        match self {
            Consistency::Linearizable => "linearizable",
            Consistency::Sequential => "sequentially consistent",
            Consistency::Causal => "causally consistent",
        }
    }
}

/// Reads a history, prints the verdict, and fails with 1 when the promise is broken and 2 when nobody knows.
pub(crate) fn linearize_command(options: &Options) -> Result<(), Failure> {
    let bytes = load(&options.source)?;
    let start = Instant::now();
    let history = read::from_bytes(&bytes, options.model.as_deref())
        .map_err(|complaint| Failure(2, format!("{}: {complaint}", options.source)))?;
    let reading = start.elapsed();
    let start = Instant::now();
    let done = match &history {
        Recorded::Register(history) => judge::<faultline_core::history::Register>(history, options),
        Recorded::KeyValue(history) => judge::<faultline_core::history::KeyValue>(history, options),
        Recorded::Queue(history) => judge::<faultline_core::history::Queue>(history, options),
        Recorded::Set(history) => judge::<faultline_core::history::Set>(history, options),
    };
    let milliseconds = |time: Duration| time.as_secs_f64() * 1e3;
    eprintln!("read in {:.3} ms, decided in {:.3} ms", milliseconds(reading), milliseconds(start.elapsed()));
    done
}

fn load(source: &str) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let limit = LONGEST_TEXT as u64 + 1;
    let read = match source {
        "-" => std::io::stdin().lock().take(limit).read_to_end(&mut bytes),
        _ => std::fs::File::open(source).and_then(|file| file.take(limit).read_to_end(&mut bytes)),
    };
    read.map_err(|error| Failure(2, format!("cannot read `{source}`: {error}")))?;
    Ok(bytes)
}

/// Decides in slices, so that somebody can see how far it is, and stop it.
fn linearizable<M: Model>(history: &Of<M>, budget: u64) -> Result<Verdict, Failure> {
    let (mut checker, mut left, mut watch) =
        (Checker::<M>::new(Cow::Borrowed(history)), budget, Watch::start(None));
    while left > 0 {
        let slice = left.min(SLICE);
        left -= slice;
        let Progress::Working { attempts, parts: (explained, parts) } = checker.step(slice) else { break };
        let far = || format!("{attempts} attempts, {explained} of {parts} parts explained");
        if interrupted() {
            return Err(Failure(INTERRUPTED, format!("interrupted before a decision: {}", far())));
        }
        watch.tell(attempts, far);
    }
    Ok(checker.finish(0))
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
    let verdict = match options.consistency {
        Consistency::Sequential => watched(|| sequential::<M>(history, budget)),
        Consistency::Causal => watched(|| causal::<M>(history, budget)),
        Consistency::Linearizable => linearizable::<M>(history, budget)?,
    };
    let (count, adjective) = (history.operations.len(), options.consistency.adjective());
    match verdict {
        Verdict::Holds { .. } => print(&format!("{adjective}: {count} operations\n")),
        Verdict::Fails(refutation) => {
            let place = refutation.part.map(|part| format!(" (key {part})")).unwrap_or_default();
            print(&format!("not {adjective}{place}\n{}\n", refutation.sentence))?;
            print("the longest explanation of the earlier answers ends with\n")?;
            let last = refutation.prefix.iter().rev().take(5).rev();
            for operation in last.filter_map(|&number| history.operations.get(number)) {
                print(&format!("  {}\n", words::<M>(operation)))?;
            }
            Err(Failure(1, format!("the history is not {adjective}")))
        }
        Verdict::Unknown { sentence } => Err(Failure(2, format!("not decided: {sentence}"))),
    }
}
