//! `faultline measure`: what runs of a protocol cost, over some seeds.

use crate::io::{Failure, load, print, to_json};
use crate::setup::{Changes, number};
use crate::watch::{INTERRUPTED, Watch, interrupted};
use clap::ValueHint;
use faultline_core::catalogue;
use faultline_core::measure::{Counts, Figured, Measures, figures, percentile};
use faultline_core::scenario::Scenario;
use faultline_core::sim::Run;
use faultline_core::time::exact;
use serde::Serialize;

/// Measure what runs cost, and the figures that the literature reports
///
/// Plays one run per seed and adds up the costs: messages by kind, forced writes, latencies. Then come the
/// protocol's own figures, such as the residue of a rumour or the hops of a lookup. A scenario's acts are
/// played under each seed. When neither the acts nor a workload make requests, a request goes to a
/// node every 100 ms.
#[derive(clap::Args)]
#[command(
    allow_negative_numbers = true,
    after_help = "\
Examples:
  faultline measure two-phase-commit
  faultline measure raft --nodes 7 --seeds 20 --json
  faultline measure raft/figure-8
  faultline measure quorum-kv --param r=1 --param w=1 --line 'latency 1ms..80ms' --line 'loss 1%'
  faultline measure gossip --nodes 1000 --param k=1 --line 'at 0s n1 Update 7'"
)]
pub(crate) struct Options {
    /// A protocol, as in `raft`, or a scenario: a file, `-` for stdin, or PROTOCOL/NAME
    #[arg(value_name = "PROTOCOL|SCENARIO", value_hint = ValueHint::FilePath)]
    source: String,
    #[command(flatten)]
    changes: Changes,
    /// Add a line of a scenario, as in `latency 5ms..20ms`, `until 60s` or `at 1s crash n1`; can be given
    /// several times
    #[arg(long = "line", value_name = "LINE", help_heading = "Set-up")]
    lines: Vec<String>,
    /// The number of runs, with seeds from 1
    #[arg(long, value_name = "N", value_parser = number, default_value = "10")]
    seeds: u64,
    /// Print JSON instead of a table, with times in microseconds
    #[arg(long)]
    json: bool,
}

pub(crate) fn measure_command(options: &Options) -> Result<(), Failure> {
    let mut scenario = scenario(options)?;
    let seeds = options.seeds;
    let (mut sum, mut figured) = (Measures::default(), Vec::new());
    let (mut done, mut watch) = (0, Watch::start(Some(seeds)));
    while done < seeds && !interrupted() {
        done += 1;
        scenario.seed = done;
        let run = Run::new(scenario.clone(), scenario.until);
        let measures = Measures::of(&run);
        Figured::add(&mut figured, figures(&run, &measures));
        sum.add(&measures);
        watch.tell(done, || format!("{done} of {seeds} seeds"));
    }
    drop(watch);
    let text = match options.json {
        true => as_json(&scenario, done, &sum, &figured)?,
        false => as_text(&scenario, done, &sum) + &figures_as_text(&figured),
    };
    print(&text)?;
    if done == seeds {
        Ok(())
    } else {
        Err(Failure(INTERRUPTED, "interrupted; the results are incomplete".into()))
    }
}

/// The scenario that is played.
fn scenario(options: &Options) -> Result<Scenario, Failure> {
    let source = &options.source;
    let mut scenario =
        catalogue::find(source).map_or_else(|| load(source), |entry| Ok(Scenario::of(entry)))?;
    options.changes.amend(&mut scenario)?;
    for line in &options.lines {
        let wrong = |sentence| Failure(2, format!("`--line {line}`: {sentence}"));
        scenario = Scenario::parse(&format!("{scenario}{line}\n")).map_err(|it| wrong(it.sentence))?;
    }
    if scenario.ask == 0 && scenario.acts.is_empty() {
        scenario.ask = 100_000;
    }
    Ok(scenario)
}

/// The quotient to four digits; `None` where there was nothing to divide by.
fn quotient(figure: &Figured) -> Option<f64> {
    let value = (figure.over > 0).then(|| figure.counted as f64 / figure.over as f64)?;
    // Written and read again, which rounds to digits wherever the point stands.
    format!("{value:.3e}").parse().ok()
}

fn figures_as_text(figures: &[Figured]) -> String {
    let mut text = String::new();
    for figure in figures {
        let value = quotient(figure).map_or("–".into(), |value| value.to_string());
        text += &format!("\n{:<24}{value:>12}   {}", figure.name, figure.sentence);
    }
    if text.is_empty() { text } else { text + "\n" }
}

fn as_text(scenario: &Scenario, seeds: u64, sum: &Measures) -> String {
    let asked = match scenario.ask {
        0 => String::new(),
        ask => format!(", one request every {}", exact(ask)),
    };
    let mut text = format!(
        "{}, {} nodes, {seeds} seeds of {} each{asked}\n\n{:<20}{:>12}{:>12}{:>8}{:>16}\n",
        scenario.entry.info.title,
        scenario.nodes,
        exact(scenario.until),
        "messages",
        "sent",
        "delivered",
        "lost",
        "forced writes"
    );
    for Counts { name, sent, delivered, lost, writes } in &sum.messages {
        text += &format!("{name:<20}{sent:>12}{delivered:>12}{lost:>8}{writes:>16}\n");
    }
    for (name, writes) in ["timers", "requests", "starts"].into_iter().zip(sum.local_writes) {
        text += &format!("{name:<52}{writes:>16}\n");
    }
    let (writes, rounds) = (sum.writes(), sum.rounds.checked_div(seeds).unwrap_or(0));
    text += &format!("\nforced writes {writes}, events {}, rounds a run {rounds}\n", sum.events);
    for (name, values) in [("latency", &sum.delays), ("answered in", &sum.waits)] {
        let [half, most, nearly] = [50, 95, 99].map(|percent| exact(percentile(values, percent)));
        text += &format!("{name}: median {half}, 95 % {most}, 99 % {nearly}, of {}\n", values.len());
    }
    text
}

/// What `--json` prints.
#[derive(Serialize)]
struct Measured<'a> {
    protocol: &'a str,
    nodes: u32,
    seeds: u64,
    until_us: u64,
    ask_us: u64,
    messages: Vec<Message<'a>>,
    forced_writes: u64,
    events: u64,
    rounds: u64,
    latency_us: Spread,
    answered_us: Spread,
    figures: Vec<Quotient<'a>>,
}

/// A figure of the protocol: `value` is `counted` over `over`, to four digits, or null where `over` is 0.
#[derive(Serialize)]
struct Quotient<'a> {
    name: &'a str,
    value: Option<f64>,
    counted: u64,
    over: u64,
}

/// All messages of one kind.
#[derive(Serialize)]
struct Message<'a> {
    kind: &'a str,
    sent: u64,
    delivered: u64,
    lost: u64,
    forced_writes: u64,
}

/// Percentiles of times.
#[derive(Serialize)]
struct Spread {
    p50: u64,
    p95: u64,
    p99: u64,
}

impl Spread {
    fn of(values: &[u32]) -> Self {
        let [p50, p95, p99] = [50, 95, 99].map(|percent| percentile(values, percent));
        Spread { p50, p95, p99 }
    }
}

fn as_json(scenario: &Scenario, seeds: u64, sum: &Measures, figures: &[Figured]) -> Result<String, Failure> {
    let message = |&Counts { name: kind, sent, delivered, lost, writes: forced_writes }: &Counts| Message {
        kind,
        sent,
        delivered,
        lost,
        forced_writes,
    };
    let figure =
        |it: &Figured| Quotient { name: it.name, value: quotient(it), counted: it.counted, over: it.over };
    let figures = figures.iter().map(figure).collect();
    let measured = Measured {
        protocol: scenario.entry.info.slug,
        nodes: scenario.nodes,
        seeds,
        until_us: scenario.until,
        ask_us: scenario.ask,
        messages: sum.messages.iter().map(message).collect(),
        forced_writes: sum.writes(),
        events: sum.events,
        rounds: sum.rounds,
        latency_us: Spread::of(&sum.delays),
        answered_us: Spread::of(&sum.waits),
        figures,
    };
    to_json(serde_json::to_string(&measured))
}
