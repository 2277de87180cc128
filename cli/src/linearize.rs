//! `faultline linearize`: whether a recorded history keeps what it was promised.

use super::{Failure, print};
use crate::watch::{INTERRUPTED, Watch, interrupted};
use faultline_core::history::read::{self, LONGEST_TEXT, MODELS, Recorded};
use faultline_core::history::{Model, Of, words};
use faultline_core::linearizability::{Checker, Progress, Verdict, causal, sequential};
use std::borrow::Cow;
use std::io::Read;
use std::time::Instant;

/// How many attempts at an operation there are, unless said otherwise: seconds, not minutes.
const BUDGET: u64 = 200_000_000;

/// How many attempts lie between two looks at the clock.
const SLICE: u64 = 500_000;

/// What is promised.
#[derive(Clone, Copy)]
struct Consistency {
    name: &'static str,
    adjective: &'static str,
}

const CONSISTENCIES: [Consistency; 3] = [
    Consistency { name: "linearizable", adjective: "linearizable" },
    Consistency { name: "sequential", adjective: "sequentially consistent" },
    Consistency { name: "causal", adjective: "causally consistent" },
];

/// What the words behind `linearize` ask for.
struct Request<'a> {
    source: &'a str,
    model: Option<&'a str>,
    consistency: Consistency,
    budget: u64,
}

/// Reads a history, prints the verdict, and fails with 1 when the promise is broken and 2 when nobody knows.
pub(crate) fn linearize(arguments: &[&str]) -> Result<(), Failure> {
    let request = parse(arguments).map_err(|sentence| Failure(2, sentence))?;
    let bytes = load(request.source)?;
    let start = Instant::now();
    let history = read::from_bytes(&bytes, request.model)
        .map_err(|complaint| Failure(2, format!("{}: {complaint}", request.source)))?;
    let reading = start.elapsed();
    let start = Instant::now();
    let done = match &history {
        Recorded::Register(history) => judge::<faultline_core::history::Register>(history, &request),
        Recorded::KeyValue(history) => judge::<faultline_core::history::KeyValue>(history, &request),
        Recorded::Queue(history) => judge::<faultline_core::history::Queue>(history, &request),
        Recorded::Set(history) => judge::<faultline_core::history::Set>(history, &request),
    };
    let milliseconds = |time: std::time::Duration| time.as_secs_f64() * 1e3;
    eprintln!("read in {:.3} ms, decided in {:.3} ms", milliseconds(reading), milliseconds(start.elapsed()));
    done
}

fn parse<'a>(arguments: &[&'a str]) -> Result<Request<'a>, String> {
    let mut request = Request { source: "", model: None, consistency: CONSISTENCIES[0], budget: BUDGET };
    let mut words = arguments.iter();
    while let Some(&word) = words.next() {
        let mut option = || words.next().copied().ok_or_else(|| format!("`{word}` needs a word behind it"));
        match word {
            "--model" => {
                let name = option()?;
                let known = MODELS.contains(&name);
                request.model = Some(name).filter(|_| known);
                request
                    .model
                    .ok_or_else(|| format!("there is no model `{name}`; there are {}", MODELS.join(", ")))?;
            }
            "--consistency" => {
                let name = option()?;
                let known = CONSISTENCIES.into_iter().find(|consistency| consistency.name == name);
                let names = CONSISTENCIES.map(|consistency| consistency.name).join(", ");
                request.consistency =
                    known.ok_or_else(|| format!("there is no consistency `{name}`; there are {names}"))?;
            }
            "--budget" => {
                let number = option()?;
                request.budget =
                    number.parse().map_err(|_| format!("`{number}` is no number of attempts"))?;
            }
            _ if word.starts_with("--") => {
                return Err(format!(
                    "`linearize` knows --model, --consistency and --budget, but not `{word}`"
                ));
            }
            _ if request.source.is_empty() => request.source = word,
            _ => return Err(format!("`linearize` reads one file, and `{word}` is a second")),
        }
    }
    if request.source.is_empty() { Err("`linearize` needs a file, or `-`".into()) } else { Ok(request) }
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
        (Checker::<M>::new(Cow::Borrowed(history)), budget, Watch::start());
    while left > 0 {
        let slice = left.min(SLICE);
        left -= slice;
        let Progress::Working { attempts, parts: (explained, parts) } = checker.step(slice) else { break };
        let far = || format!("{attempts} attempts, {explained} of {parts} parts explained");
        if interrupted() {
            return Err(Failure(INTERRUPTED, format!("interrupted, and not decided: {}", far())));
        }
        watch.tell(far);
    }
    Ok(checker.finish(0))
}

fn judge<M: Model>(history: &Of<M>, request: &Request<'_>) -> Result<(), Failure> {
    let verdict = match request.consistency.name {
        "sequential" => sequential::<M>(history, request.budget),
        "causal" => causal::<M>(history, request.budget),
        _ => linearizable::<M>(history, request.budget)?,
    };
    let (count, adjective) = (history.operations.len(), request.consistency.adjective);
    match verdict {
        Verdict::Holds { .. } => print(&format!("{adjective}: {count} operations\n")),
        Verdict::Fails(refutation) => {
            let place = refutation.part.map(|part| format!(" (key {part})")).unwrap_or_default();
            print(&format!("not {adjective}{place}\n{}\n", refutation.sentence))?;
            print("the longest explanation of what was answered before it ends with\n")?;
            let last = refutation.prefix.iter().rev().take(5).rev();
            for operation in last.filter_map(|&number| history.operations.get(number)) {
                print(&format!("  {}\n", words::<M>(operation)))?;
            }
            Err(Failure(1, format!("the history is not {adjective}")))
        }
        Verdict::Unknown { sentence } => Err(Failure(2, format!("not decided: {sentence}"))),
    }
}
