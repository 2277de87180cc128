//! `faultline check`: all runs of a protocol within bounds, or many random ones.

use crate::io::{Failure, print};
use crate::setup::{Setup, few, number};
use crate::watch::{INTERRUPTED, Watch, interrupted};
use faultline_core::check::{Bound, Bounds, Findings, Search, walk};
use faultline_core::property::Sense;
use faultline_core::scenario::Scenario;

/// How many steps of a search lie between two looks at the clock.
const SLICE: u64 = 20_000;

/// Search all runs within bounds for those that break claims
///
/// The search takes short runs with few faults first. Of each claim that breaks it prints the first run that it
/// finds, as a scenario: none with as few faults is shorter. It goes on for the other claims.
#[derive(clap::Args)]
#[command(
    allow_negative_numbers = true,
    after_help = "\
Examples:
  faultline check raft --nodes 3 --timers 2
  faultline check raft --nodes 3 --depth 9 --inputs 0 --crashes 1 --twin forgets-vote
  faultline check two-phase-commit --nodes 3 --timers 1 --crashes 1
  faultline check raft --nodes 3 --crashes 1 --walk 1000 --depth 40"
)]
pub(crate) struct Options {
    #[command(flatten)]
    setup: Setup,
    /// The maximum number of events in a run [default: 12; with `--timers`, no bound]
    #[arg(long, value_name = "N", value_parser = number)]
    depth: Option<u64>,
    /// The maximum number of states to visit
    #[arg(long, value_name = "N", value_parser = number, default_value = "1000000")]
    max_states: u64,
    /// The maximum number of timers that fire in a run [default: no bound]; with it, most searches cover every
    /// run and end
    #[arg(long, value_name = "N", value_parser = few)]
    timers: Option<u8>,
    /// The maximum number of inputs in a run
    #[arg(long, value_name = "N", value_parser = few, default_value = "1")]
    inputs: u8,
    /// The maximum number of crashes in a run
    #[arg(long, value_name = "N", value_parser = few, default_value = "0")]
    crashes: u8,
    /// The maximum number of messages that a run loses
    #[arg(long, value_name = "N", value_parser = few, default_value = "0")]
    drops: u8,
    /// The maximum number of messages that a run duplicates
    #[arg(long, value_name = "N", value_parser = few, default_value = "0")]
    copies: u8,
    /// The maximum number of messages that Byzantine nodes turn into lies in a run
    #[arg(long, value_name = "N", value_parser = few, default_value = "0")]
    lies: u8,
    /// Take N random walks of the given depth instead of searching
    #[arg(long, value_name = "N", value_parser = number)]
    walk: Option<u64>,
    /// The seed of the first walk
    #[arg(long, value_name = "SEED", value_parser = number, default_value = "1")]
    seed: u64,
}

pub(crate) fn check_command(options: &Options) -> Result<(), Failure> {
    let scenario = options.setup.scenario()?;
    let &Options { timers, inputs, crashes, drops, copies, lies, seed, .. } = options;
    let walks = options.walk.unwrap_or(0);
    // Where timers are bounded, a search comes to an end by itself.
    let usual = if timers.is_some() && walks == 0 { u32::MAX } else { Bounds::default().depth };
    let depth = options.depth.map_or(usual, |depth| u32::try_from(depth).unwrap_or(u32::MAX));
    let states = usize::try_from(options.max_states).unwrap_or(usize::MAX);
    let bounds = Bounds { depth, states, inputs, timers, crashes, drops, copies, lies };
    if walks > 0 { random_walks(&scenario, bounds, walks, seed) } else { search(&scenario, bounds) }
}

fn search(scenario: &Scenario, bounds: Bounds) -> Result<(), Failure> {
    let mut search = Search::new(scenario, bounds);
    let mut watch = Watch::start(None);
    let mut over = false;
    while !over && !interrupted() {
        over = search.step(SLICE);
        let Findings { states, .. } = search.findings();
        let verdict = search.findings().verdict();
        let far = || format!("{verdict} {states} states of at most {}", bounds.states);
        watch.tell(*states as u64, far);
    }
    drop(watch);
    let findings = search.findings();
    let mut text = format!(
        "{} states, {} steps, depth {}\n{}\n{}\n{}\n",
        findings.states,
        findings.steps,
        findings.depth,
        bounds_text(&bounds),
        findings.verdict(),
        outcome(findings, over)
    );
    if findings.at_rest > 0 {
        let judged = match findings.judged.as_slice() {
            [] => "none".to_owned(),
            judged => judged.join(", "),
        };
        text +=
            &format!("{} states at rest, in which these claims were judged: {judged}\n", findings.at_rest);
    }
    for claim in scenario.entry.claims().iter().filter(|claim| claim.sense == Sense::Sometimes) {
        let reached = findings.reached.contains(&claim.name);
        text += &format!("{}: {}\n", if reached { "reached" } else { "not reached" }, claim.name);
    }
    tell(text, &findings.broken, !over)
}

fn bounds_text(bounds: &Bounds) -> String {
    let Bounds { depth, states, inputs, timers, crashes, drops, copies, lies } = bounds;
    let depth = if *depth == u32::MAX { "any".into() } else { depth.to_string() };
    let timers = timers.map_or("any".into(), |timers| timers.to_string());
    format!(
        "bounds: depth {depth}, {states} states; in a run {timers} timers, {inputs} inputs, {crashes} crashes, \
         {drops} drops, {copies} copies, {lies} lies"
    )
}

fn outcome(findings: &Findings, over: bool) -> &'static str {
    match findings.cut_off {
        _ if !over => "not complete: the search was interrupted",
        Some(Bound::Depth) => "not complete: the bound on depth left out some runs",
        Some(Bound::States) => "not complete: the bound on states left out some runs",
        None => "complete: every run within the bounds on timers, inputs and faults",
    }
}

fn random_walks(scenario: &Scenario, bounds: Bounds, walks: u64, first: u64) -> Result<(), Failure> {
    let mut watch = Watch::start(Some(walks));
    let (mut done, mut broken) = (0, None);
    while done < walks && broken.is_none() && !interrupted() {
        broken = walk(scenario, bounds, first.wrapping_add(done));
        done += 1;
        watch.tell(done, || format!("{done} of {walks} walks"));
    }
    drop(watch);
    let text = format!(
        "{done} walks of up to {} events, seeds from {first}\n{}\n",
        bounds.depth,
        bounds_text(&bounds)
    );
    let stopped = broken.is_none() && done < walks;
    tell(text, broken.as_slice(), stopped)
}

fn tell(mut text: String, broken: &[(String, Scenario)], stopped: bool) -> Result<(), Failure> {
    for (claim, scenario) in broken {
        text += &format!("\nbroken: {claim}\n\n{scenario}");
    }
    print(&text)?;
    match broken {
        [] if stopped => Err(Failure(INTERRUPTED, "interrupted; the results are incomplete".into())),
        [] => Ok(()),
        [(claim, _)] => Err(Failure(1, format!("{claim} breaks"))),
        _ => Err(Failure(1, format!("{} claims break", broken.len()))),
    }
}
