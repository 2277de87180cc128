//! Faultline without a browser: list what there is, run a scenario, turn it into a link and back.

use faultline_core::catalogue::{self, Entry};
use faultline_core::scenario::{Scenario, value_text};
use faultline_core::sim::Run;
use faultline_core::text::Complaint;
use faultline_core::{link, time};
use std::io::{Read, Write};
use std::process::ExitCode;

mod attack;
mod check;
mod compare;
mod linearize;
mod measure;
mod results;
mod watch;

const HELP: &str = "\
faultline: a laboratory for distributed protocols, on the command line

  faultline list [SLUG]       what there is: protocols, or one with its parameters, twins, claims and scenarios
  faultline run FILE|-        play a scenario: the transcript on stdout, what became of it on stderr
  faultline run SLUG/NAME     the same for a scenario that comes with a protocol
  faultline link FILE|-       a scenario as a link
  faultline open LINK         a link as a scenario
  faultline check SLUG        all runs within bounds; a violation comes back as a scenario
      --depth D --max-states M    how far; 12 events and a million states if nothing is said
      --timers T                  how many timers fire in a run; any number if nothing is said. With it, depth is
                                  not bounded unless you say so, and most searches come to an end: complete
      --inputs I --crashes C      how many of each in a run; 1 and 0 if nothing is said
      --drops D --copies C        how many messages a run may lose or duplicate; none if nothing is said
      --lies L                    how many messages become lies in a run, where a protocol knows Byzantine nodes; none
      --walk K --seed S           K random walks of that depth instead of a search, seeds from S (1)
      --bug NAME --nodes N --param k=v
  faultline attack SLUG       random faults within what the protocol assumes, then peace
      --seeds K --first S         seeds S to S+K-1; 1 to 1000 if nothing is said
      --bug NAME                  against a wrong twin
      --nodes N --param k=v       set up otherwise
      --peace all-but-one         one node stays deaf, mute or cut off when peace comes
      --shard i/n                 only the i-th of n parts of the seeds
      --out FILE                  write the result for `merge` as well; with `-`, to stdout instead of the report
  faultline merge FILE…       the results of shards as one report, and which shards are missing
  faultline shrink FILE|-     the smallest scenario found in which the same claim still breaks
  faultline measure SLUG      messages by kind, forced writes and latencies over --seeds K (10) runs
      --bug NAME --nodes N --param k=v --json
  faultline compare A B       two scenarios side by side: where they part, what is different in the end
  faultline linearize FILE|-  whether a recorded history (Jepsen's log or EDN) is linearizable
                              [--model register|kv|queue|set] [--consistency linearizable|sequential|causal]
                              [--budget ATTEMPTS]; exit code 1: it is not, 2: bad input, or not decided

A command that takes longer than a second says on stderr how far it is; Ctrl-C lets it print what it knows so far, and
a second one ends it at once.

Exit code 0: done, expectations met; 1: an expectation was not met, a claim broke; 2: the input is wrong, with line and
reason, or something is missing or not decided; 130: interrupted, and nothing had broken until then.";

/// What ends a command early: the exit code and one sentence for stderr.
struct Failure(u8, String);

fn main() -> ExitCode {
    faultline_protocols::install();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        [] | ["help" | "--help" | "-h"] => print(&format!("{HELP}\n")),
        ["list"] => list(),
        ["list", slug] => find(slug).and_then(describe),
        ["run", source] => load(source).and_then(run),
        ["link", source] => load(source).and_then(|it| write_link(&it)),
        ["open", link] => open_link(link),
        ["check", words @ ..] => check::check_command(words),
        ["attack", words @ ..] => attack::attack_command(words),
        ["merge", files @ ..] => results::merge_command(files),
        ["shrink", source] => attack::shrink_command(source),
        ["compare", one, other] => compare::compare_command(one, other),
        ["measure", words @ ..] => measure::measure_command(words),
        ["linearize", rest @ ..] => linearize::linearize(rest),
        [verb, ..] => {
            Err(Failure(2, format!("`faultline {verb}` is not to be had like this; see `faultline help`")))
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure(code, sentence)) => {
            eprintln!("faultline: {sentence}");
            ExitCode::from(code)
        }
    }
}

/// Prints to stdout; a reader that has gone away (`| head`) is no failure.
fn print(text: &str) -> Result<(), Failure> {
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure(1, format!("cannot write: {error}")))
        }
        _ => Ok(()),
    }
}

fn find(slug: &str) -> Result<&'static Entry, Failure> {
    let known = || catalogue::all().iter().map(|entry| entry.info.slug).collect::<Vec<_>>().join(", ");
    let unknown = || Failure(2, format!("there is no protocol `{slug}`; there is {}", known()));
    catalogue::find(slug).ok_or_else(unknown)
}

/// The scenario of a file, of stdin, or of a protocol's own, named `raft/figure-8`.
fn load(source: &str) -> Result<Scenario, Failure> {
    let bad = |complaint: Complaint| Failure(2, format!("{source}: {complaint}"));
    if let Some((slug, name)) = source.split_once('/')
        && let Some(entry) = catalogue::find(slug)
        && let Some(preset) = entry.presets.iter().find(|preset| preset.name == name)
    {
        return Scenario::parse(preset.text).map_err(bad);
    }
    let mut bytes = Vec::new();
    let limit = faultline_core::scenario::LONGEST_TEXT as u64 + 1;
    let read = match source {
        "-" => std::io::stdin().lock().take(limit).read_to_end(&mut bytes),
        _ => std::fs::File::open(source).and_then(|file| file.take(limit).read_to_end(&mut bytes)),
    };
    read.map_err(|error| Failure(2, format!("cannot read `{source}`: {error}")))?;
    Scenario::from_bytes(&bytes).map_err(bad)
}

fn list() -> Result<(), Failure> {
    let line = |entry: &Entry| format!("{:<24} {}\n", entry.info.slug, entry.info.title);
    print(&catalogue::all().into_iter().map(line).collect::<String>())
}

fn describe(entry: &'static Entry) -> Result<(), Failure> {
    let info = &entry.info;
    let mut text = format!(
        "{}: {}\n{}\n\n{}\nLeft out: {}\n",
        info.slug, info.title, info.source, info.idea, info.left_out
    );
    let mut section = |name: &str, rows: Vec<(String, String)>| {
        text += &format!("\n{name}\n");
        for (name, sentence) in rows {
            text += &format!("  {name:<34} {sentence}\n");
        }
    };
    let setting = |it: &faultline_core::title::Setting| {
        (format!("set {} {}", it.name, value_text(it.unit, it.default)), it.sentence.to_owned())
    };
    section("Parameters", entry.settings.iter().map(setting).collect());
    section(
        "Wrong twins",
        entry.twins.iter().map(|it| (format!("twin {}", it.name), it.sentence.into())).collect(),
    );
    section("Claims", entry.claims().iter().map(|it| (it.name.into(), it.sentence.into())).collect());
    let title = |text: &str| Scenario::parse(text).map(|scenario| scenario.title).unwrap_or_default();
    section(
        "Scenarios",
        entry.presets.iter().map(|it| (format!("{}/{}", info.slug, it.name), title(it.text))).collect(),
    );
    print(&text)
}

fn run(scenario: Scenario) -> Result<(), Failure> {
    let until = scenario.until;
    let run = Run::new(scenario, until);
    print(&run.transcript())?;
    eprintln!(
        "{} events until {} s, checksum {:016x}",
        run.records().len(),
        time::seconds(until, 3),
        run.checksum()
    );
    if run.is_cut_short() {
        eprintln!("the run was ended there, before its time: it has too many events");
    }
    for breach in run.end().breaches() {
        let since = breach.event.map_or("from the start".into(), |event| format!("from event {event} on"));
        eprintln!("nothing is promised {since}: {}", breach.sentence);
    }
    let promised =
        |at: u32| run.end().breaches().iter().all(|it| it.event.is_some_and(|it| it > at as usize));
    for (claim, verdict) in run.scenario().entry.claims().iter().zip(run.end().judgements_at_rest()) {
        use faultline_core::property::Judgement;
        match verdict {
            Judgement::Violated { at, sentence } => {
                let when = if promised(at) { "" } else { ", when it was promised no more" };
                eprintln!("{} violated by event {at}{when}: {sentence}", claim.name);
            }
            Judgement::Reached { at } => eprintln!("{} reached by event {at}", claim.name),
            Judgement::Open => {}
        }
    }
    let missed: Vec<String> = run
        .verify()
        .into_iter()
        .filter_map(|(expectation, met)| {
            met.err().map(|sentence| format!("expected {expectation}: {sentence}"))
        })
        .collect();
    if missed.is_empty() { Ok(()) } else { Err(Failure(1, missed.join("; "))) }
}

fn write_link(scenario: &Scenario) -> Result<(), Failure> {
    let link = link::write(scenario).map_err(|sentence| Failure(2, sentence))?;
    print(&format!("#{link}\n"))
}

fn open_link(text: &str) -> Result<(), Failure> {
    let scenario = link::read(text).map_err(|complaint| Failure(2, complaint.to_string()))?;
    print(&scenario.to_string())
}
