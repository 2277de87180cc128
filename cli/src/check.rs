//! `faultline check`: all runs of a protocol within bounds, or many random ones.

use crate::attack::set_up;
use crate::{Failure, find, print};
use faultline_core::check::{Bounds, Search, walk};
use faultline_core::scenario::Scenario;
use std::time::{Duration, Instant};

/// How many steps of a search lie between two looks at the clock.
const SLICE: u64 = 20_000;

pub(crate) fn check_command(words: &[&str]) -> Result<(), Failure> {
    let usage = || Failure(2, "write it as in `faultline check raft --nodes 3 --depth 10`".into());
    let [name, options @ ..] = words else { return Err(usage()) };
    let mut scenario = Scenario::of(find(name)?);
    let (mut bounds, mut walks) = (Bounds::default(), 0);
    let mut options = options.iter();
    while let Some(option) = options.next() {
        let value = *options.next().ok_or_else(usage)?;
        let number = || value.parse::<u64>().map_err(|_| Failure(2, format!("`{value}` is no whole number")));
        let few = || number().map(|number| u8::try_from(number).unwrap_or(u8::MAX));
        match *option {
            "--depth" => bounds.depth = u32::try_from(number()?).unwrap_or(u32::MAX),
            "--max-states" => bounds.states = usize::try_from(number()?).unwrap_or(usize::MAX),
            "--inputs" => bounds.inputs = few()?,
            "--crashes" => bounds.crashes = few()?,
            "--drops" => bounds.drops = few()?,
            "--copies" => bounds.copies = few()?,
            "--walks" => walks = number()?,
            _ if set_up(&mut scenario, option, value)? => {}
            _ => {
                return Err(Failure(
                    2,
                    format!("`check` knows no `{option}`; `faultline help` lists what it knows"),
                ));
            }
        }
    }
    if walks > 0 { random_walks(&scenario, bounds, walks) } else { search(&scenario, bounds) }
}

fn search(scenario: &Scenario, bounds: Bounds) -> Result<(), Failure> {
    let mut search = Search::new(scenario, bounds);
    let mut told = Instant::now();
    while !search.step(SLICE) {
        if told.elapsed() > Duration::from_secs(1) {
            told = Instant::now();
            let findings = search.findings();
            eprintln!("{} states, {} steps, depth {}", findings.states, findings.steps, findings.depth);
        }
    }
    let findings = search.findings();
    let Bounds { depth, states, inputs, crashes, drops, copies } = bounds;
    let mut text = format!(
        "{} states, {} steps, depth {}\nbounds: depth {depth}, {states} states, {inputs} inputs, {crashes} crashes, {drops} drops, {copies} copies\n{}\n",
        findings.states,
        findings.steps,
        findings.depth,
        if findings.complete {
            "complete: every run within these bounds on inputs and faults"
        } else {
            "not complete"
        }
    );
    for name in &findings.reached {
        text += &format!("reached: {name}\n");
    }
    tell(text, findings.broken.as_ref())
}

fn random_walks(scenario: &Scenario, bounds: Bounds, walks: u64) -> Result<(), Failure> {
    let broken = (1..=walks).find_map(|seed| walk(scenario, bounds, seed).map(|broken| (seed, broken)));
    let text = match &broken {
        Some((seed, _)) => format!("{seed} walks of up to {} events\n", bounds.depth),
        None => format!("{walks} walks of up to {} events\n", bounds.depth),
    };
    tell(text, broken.as_ref().map(|(_, broken)| broken))
}

fn tell(mut text: String, broken: Option<&(String, Scenario)>) -> Result<(), Failure> {
    if let Some((claim, scenario)) = broken {
        text += &format!("\nbroken: {claim}\n\n{scenario}");
        print(&text)?;
        return Err(Failure(1, format!("{claim} breaks")));
    }
    print(&text)
}
