//! Faultline without a browser: list what there is, run a scenario, turn it into a link and back.

use arguments::Verb;
use faultline_core::catalogue::{self, Entry};
use faultline_core::scenario::{Scenario, value_text};
use faultline_core::sim::Run;
use faultline_core::world::Breach;
use faultline_core::{link, time};
use io::{Failure, load, print};
use setup::find;
use std::process::ExitCode;

mod arguments;
mod attack;
mod check;
mod compare;
mod explain;
mod export;
mod io;
mod linearize;
mod log;
mod measure;
#[cfg(feature = "pictures")]
mod pictures;
mod results;
mod setup;
mod shrink;
mod watch;

fn main() -> ExitCode {
    faultline_protocols::install();
    match arguments::read().and_then(|verb| verb.map_or(Ok(()), carry_out)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure(code, sentence)) => {
            eprintln!("faultline: {sentence}");
            ExitCode::from(code)
        }
    }
}

fn carry_out(verb: Verb) -> Result<(), Failure> {
    match verb {
        Verb::List { protocol: None } => list(),
        Verb::List { protocol: Some(slug) } => find(slug).and_then(describe),
        Verb::Run(it) => load(&it.source).and_then(run),
        Verb::Link(it) => load(&it.source).and_then(|scenario| write_link(&scenario)),
        Verb::Open { link } => open_link(&link),
        Verb::Compare { one, other } => compare::compare_command(&one, &other),
        Verb::Explain { source, what } => explain::explain_command(&source.source, what.as_deref()),
        Verb::Log(options) => log::log_command(&options),
        Verb::Export(options) => export::export_command(&options),
        Verb::Check(options) => check::check_command(&options),
        Verb::Attack(options) => attack::attack_command(&options),
        Verb::Merge { files } => results::merge_command(&files),
        Verb::Shrink(it) => shrink::shrink_command(&it.source),
        Verb::Measure(options) => measure::measure_command(&options),
        Verb::Linearize(options) => linearize::linearize_command(&options),
        Verb::Completions { shell } => arguments::completions(shell),
        Verb::Man { verb } => arguments::man(verb.as_deref()),
    }
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
        entry.presets().iter().map(|it| (format!("{}/{}", info.slug, it.name), title(it.text))).collect(),
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
    let late = run.scenario().acts.iter().filter(|timed| timed.at.time > until).count();
    if late > 0 {
        let acts = if late == 1 { "act lies" } else { "acts lie" };
        let end = time::seconds(until, 3);
        eprintln!("{late} {acts} after the end of the run, at {end} s: `until` says when it ends");
    }
    if let Some(sentence) = run.ended() {
        eprintln!("{sentence}");
    }
    for breach in run.end().breaches() {
        let since = breach.event.map_or("from the start".into(), |event| format!("from event {event} on"));
        eprintln!("{}: not promised {since}. {}", breach.scope.words(), breach.sentence);
    }
    let promised = |claim: &faultline_core::catalogue::Claimed, at: u32| {
        let of_it = |breach: &&Breach| breach.scope.includes(claim.name, claim.sense);
        run.end().breaches().iter().filter(of_it).all(|it| it.event.is_some_and(|it| it > at as usize))
    };
    for (claim, verdict) in run.scenario().entry.claims().iter().zip(run.verdicts()) {
        use faultline_core::property::{Judgement, Sense};
        let ends = claim.sense == Sense::Eventually;
        match verdict {
            Judgement::Violated { at, contradiction } => {
                let by = if ends { "in the end".into() } else { format!("by event {at}") };
                let when = if promised(claim, at) { "" } else { ", when it was no longer promised" };
                eprintln!("{} violated {by}{when}: {}", claim.name, contradiction.sentence);
            }
            Judgement::Reached { .. } if ends => eprintln!("{} holds in the end", claim.name),
            Judgement::Reached { at } => eprintln!("{} reached by event {at}", claim.name),
            Judgement::Unjudged { why } => eprintln!("{} is not judged: {why}", claim.name),
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
    let link = link::write(scenario, Some(checksum_of(scenario))).map_err(|sentence| Failure(2, sentence))?;
    print(&format!("#{link}\n"))
}

fn open_link(text: &str) -> Result<(), Failure> {
    let linked = link::read(text).map_err(|complaint| Failure(2, complaint.to_string()))?;
    print(&linked.scenario.to_string())?;
    match linked.run {
        Some(run) if !run.fits(checksum_of(&linked.scenario)) => Err(Failure(1, link::ANOTHER_RUN.into())),
        _ => Ok(()),
    }
}

fn checksum_of(scenario: &Scenario) -> u64 {
    Run::new(scenario.clone(), scenario.until).checksum()
}
