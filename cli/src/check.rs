//! `faultline check`: all runs of a protocol within bounds, or many random ones.

use crate::attack::set_up;
use crate::watch::{INTERRUPTED, Watch, interrupted};
use crate::{Failure, find, print};
use faultline_core::check::{Bound, Bounds, Findings, Search, walk};
use faultline_core::property::Sense;
use faultline_core::scenario::Scenario;

/// How many steps of a search lie between two looks at the clock.
const SLICE: u64 = 20_000;

pub(crate) fn check_command(words: &[&str]) -> Result<(), Failure> {
    let usage = || Failure(2, "write it as in `faultline check raft --nodes 3 --timers 2`".into());
    let [name, options @ ..] = words else { return Err(usage()) };
    let mut scenario = Scenario::of(find(name)?);
    let (mut bounds, mut depth, mut walks, mut seed) = (Bounds::default(), None, 0, 1);
    let mut options = options.iter();
    while let Some(option) = options.next() {
        let value = *options.next().ok_or_else(usage)?;
        let number = || value.parse::<u64>().map_err(|_| Failure(2, format!("`{value}` is no whole number")));
        let few = || {
            let few = number()?.try_into();
            few.map_err(|_| Failure(2, format!("`{option}` goes to 255, and {value} is more")))
        };
        match *option {
            "--depth" => depth = Some(u32::try_from(number()?).unwrap_or(u32::MAX)),
            "--max-states" => bounds.states = usize::try_from(number()?).unwrap_or(usize::MAX),
            "--inputs" => bounds.inputs = few()?,
            "--timers" => bounds.timers = Some(few()?),
            "--crashes" => bounds.crashes = few()?,
            "--drops" => bounds.drops = few()?,
            "--copies" => bounds.copies = few()?,
            "--lies" => bounds.lies = few()?,
            "--walk" => walks = number()?,
            "--seed" => seed = number()?,
            _ if set_up(&mut scenario, option, value)? => {}
            _ => {
                return Err(Failure(
                    2,
                    format!("`check` knows no `{option}`; `faultline help` lists what it knows"),
                ));
            }
        }
    }
    // Where timers are bounded, a search comes to an end by itself.
    let usual = if bounds.timers.is_some() && walks == 0 { u32::MAX } else { bounds.depth };
    bounds.depth = depth.unwrap_or(usual);
    if walks > 0 { random_walks(&scenario, bounds, walks, seed) } else { search(&scenario, bounds) }
}

fn search(scenario: &Scenario, bounds: Bounds) -> Result<(), Failure> {
    let mut search = Search::new(scenario, bounds);
    let mut watch = Watch::start();
    let mut over = false;
    while !over && !interrupted() {
        over = search.step(SLICE);
        let Findings { states, steps, depth, .. } = search.findings();
        watch.tell(|| format!("{states} states, {steps} steps, depth {depth}"));
    }
    let findings = search.findings();
    let mut text = format!(
        "{} states, {} steps, depth {}\n{}\n{}\n",
        findings.states,
        findings.steps,
        findings.depth,
        bounds_text(&bounds),
        outcome(findings, over)
    );
    if findings.at_rest > 0 {
        let eventually = scenario.entry.claims().into_iter().filter(|claim| claim.sense == Sense::Eventually);
        let names: Vec<_> = eventually.map(|claim| claim.name).collect();
        text += &format!("{} states at rest, judged by: {}\n", findings.at_rest, names.join(", "));
    }
    for claim in scenario.entry.claims().iter().filter(|claim| claim.sense == Sense::Sometimes) {
        let reached = findings.reached.contains(&claim.name);
        text += &format!("{}: {}\n", if reached { "reached" } else { "not reached" }, claim.name);
    }
    tell(text, findings.broken.as_ref(), !over)
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
        _ if findings.broken.is_some() => "not complete: it ended with what broke",
        _ if !over => "not complete: it was interrupted",
        Some(Bound::Depth) => "not complete: the bound on depth left runs out",
        Some(Bound::States) => "not complete: the bound on states left runs out",
        None => "complete: every run within the bounds on timers, inputs and faults",
    }
}

fn random_walks(scenario: &Scenario, bounds: Bounds, walks: u64, first: u64) -> Result<(), Failure> {
    let mut watch = Watch::start();
    let (mut done, mut broken) = (0, None);
    while done < walks && broken.is_none() && !interrupted() {
        broken = walk(scenario, bounds, first.wrapping_add(done));
        done += 1;
        watch.tell(|| format!("{done} of {walks} walks"));
    }
    let text = format!(
        "{done} walks of up to {} events, seeds from {first}\n{}\n",
        bounds.depth,
        bounds_text(&bounds)
    );
    tell(text, broken.as_ref(), done < walks)
}

fn tell(mut text: String, broken: Option<&(String, Scenario)>, stopped: bool) -> Result<(), Failure> {
    if let Some((claim, scenario)) = broken {
        text += &format!("\nbroken: {claim}\n\n{scenario}");
        print(&text)?;
        return Err(Failure(1, format!("{claim} breaks")));
    }
    print(&text)?;
    if stopped { Err(Failure(INTERRUPTED, "interrupted; that is what was known".into())) } else { Ok(()) }
}
