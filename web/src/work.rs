//! What takes longer than a frame: attacking a protocol, searching for a violation, shrinking one, and playing what was
//! found. It is done in slices between frames, so that the page never freezes and needs no worker, which a sandboxed
//! frame cannot start.

use crate::address::now;
use faultline_core::Session;
use faultline_core::check::{Bounds, Findings, Search};
use faultline_core::nemesis::Siege;
use faultline_core::scenario::{Scenario, slug};
use faultline_core::shrink::Shrinker;
use faultline_core::sim::Run;

/// How long a slice takes, in milliseconds.
const SLICE: f64 = 8.0;
/// How many events, or steps of a search, lie between two looks at the clock.
pub const STRIDE: u32 = 256;
/// How many seeds an attack tries before it gives up.
const MOST_SEEDS: u64 = 2_000;

/// The bounds of a search when nobody has set any: some seconds, and less than 300 MB.
pub const USUAL_BOUNDS: Bounds =
    Bounds { depth: 12, states: 200_000, inputs: 1, timers: None, crashes: 0, drops: 0, copies: 0, lies: 0 };

enum Job {
    Attack(Box<Siege>),
    Search(Box<Search>, Bounds),
    /// With the number of acts that there were.
    Shrink(Box<Shrinker>, usize),
}

/// A piece of work under way.
pub struct Work {
    job: Job,
    /// The claim that it is about, where it is about one.
    claim: Option<String>,
    began: f64,
    /// What was found, as far as it is played.
    run: Option<Run>,
}

/// A run that breaks a claim.
struct Found {
    /// The claim's slug, or the belief.
    claim: String,
    /// The run.
    scenario: Scenario,
    /// What a branch with it is called.
    name: String,
}

/// What is said about work, under way or over.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// What is done, in a few words.
    pub title: String,
    /// How far it is, or what came of it.
    pub facts: String,
    /// The share that is done, where there is a bound; `None` once it is over.
    pub share: Option<f64>,
    /// The claim that what was found breaks: it can be shrunk, if it has not been already.
    pub claim: Option<String>,
    /// Whether the run that was found is shrunk already.
    pub shrunk: bool,
}

/// Goes on little by little with something until it is done, or for a slice of time.
pub fn slice<T>(mut step: impl FnMut() -> Option<T>) -> Option<T> {
    let end = now() + SLICE;
    loop {
        let done = step();
        if done.is_some() || now() >= end {
            return done;
        }
    }
}

/// A number with a thin space after every three digits.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push('\u{2009}');
        }
        text.push(digit);
    }
    text
}

/// `1 state`, `12 states`.
fn count(number: u64, what: &str) -> String {
    format!("{} {what}{}", grouped(number), if number == 1 { "" } else { "s" })
}

impl Work {
    /// Attacks a protocol set up like this, with one seed after another.
    pub fn attack(scenario: &Scenario) -> Self {
        Self::begin(Job::Attack(Box::new(Siege::new(scenario, scenario.seed))), None)
    }

    /// Searches for a violation within bounds.
    pub fn search(scenario: &Scenario, bounds: Bounds) -> Self {
        Self::begin(Job::Search(Box::new(Search::new(&scenario.bare(), bounds)), bounds), None)
    }

    /// Shrinks a run that breaks a claim.
    pub fn shrink(scenario: &Scenario, claim: String) -> Self {
        let shrinker = Shrinker::new(scenario, &claim);
        Self::begin(Job::Shrink(Box::new(shrinker), scenario.acts.len()), Some(claim))
    }

    fn begin(job: Job, claim: Option<String>) -> Self {
        Work { job, claim, began: now(), run: None }
    }

    /// Goes on for a slice; whether it is over, and what was found is played. That begins as the run at hand does.
    pub fn slice(&mut self, session: &Session) -> bool {
        slice(|| self.step(session).then_some(())).is_some()
    }

    fn step(&mut self, session: &Session) -> bool {
        if let Some(run) = &mut self.run {
            let horizon = run.scenario().until.max(session.run().horizon());
            return run.extend_by(horizon, STRIDE as usize);
        }
        let is_over = match &mut self.job {
            Job::Attack(siege) => siege.step(STRIDE) || siege.tally().seeds >= MOST_SEEDS,
            Job::Search(search, _) => search.step(STRIDE.into()),
            Job::Shrink(shrinker, _) => shrinker.step(STRIDE),
        };
        if is_over {
            self.run = self.found().map(|found| session.stem(&found.scenario));
        }
        is_over && self.run.is_none()
    }

    /// What was found, once it is over: what a branch with it is called, and the run.
    pub fn take(&mut self) -> Option<(String, Run)> {
        self.found().map(|found| found.name).zip(self.run.take())
    }

    fn found(&self) -> Option<Found> {
        match &self.job {
            Job::Attack(siege) => {
                let attack = siege.broken()?;
                let claim = attack.broken.as_ref()?.claim.clone();
                let name = format!("attack with seed {}", attack.scenario.seed);
                Some(Found { claim, scenario: attack.scenario.clone(), name })
            }
            Job::Search(search, _) => {
                let (claim, scenario) = search.findings().broken.clone()?;
                Some(Found { claim, scenario, name: "found by search".into() })
            }
            Job::Shrink(shrinker, _) => {
                let (claim, scenario) = (self.claim.clone()?, shrinker.smallest()?.clone());
                Some(Found { claim, scenario, name: "shrunk".into() })
            }
        }
    }

    fn per_second(&self, number: u64) -> String {
        let seconds = (now() - self.began).max(1.0) / 1_000.0;
        grouped((number as f64 / seconds) as u64)
    }

    /// How far it is.
    pub fn progress(&self) -> Report {
        let (title, facts, share) = match &self.job {
            Job::Attack(siege) => {
                let tally = siege.tally();
                let facts =
                    format!("{}, {} events/s", count(tally.seeds, "seed"), self.per_second(tally.events));
                ("Attacking", facts, tally.seeds as f64 / MOST_SEEDS as f64)
            }
            Job::Search(search, bounds) => {
                let findings = search.findings();
                let (states, speed) = (findings.states as u64, self.per_second(findings.states as u64));
                let facts = format!("{}, depth {}, {speed} states/s", count(states, "state"), findings.depth);
                ("Searching", facts, findings.states as f64 / bounds.states as f64)
            }
            Job::Shrink(shrinker, before) => {
                let left = shrinker.smallest().map_or(*before, |smallest| smallest.acts.len());
                let facts = format!(
                    "{left} of {}, {}",
                    count(*before as u64, "act"),
                    count(shrinker.tried().into(), "replay")
                );
                ("Shrinking", facts, 1.0 - left as f64 / (*before).max(1) as f64)
            }
        };
        Report { title: title.into(), facts, share: Some(share.min(1.0)), claim: None, shrunk: false }
    }

    /// What came of it.
    pub fn outcome(&self) -> Report {
        let found = self.found();
        let shrunk = matches!(self.job, Job::Shrink(..));
        let title = match (&found, shrunk) {
            (Some(_), true) => "Shrunk".to_owned(),
            (Some(found), false) => format!("{} breaks", title_of(found)),
            (None, true) => "It does not break again".to_owned(),
            (None, false) => "Nothing broke".to_owned(),
        };
        let facts = match &self.job {
            Job::Attack(siege) => attacked(siege),
            Job::Search(search, bounds) => searched(search.findings(), *bounds),
            Job::Shrink(shrinker, before) => {
                let left = found.as_ref().map_or(0, |found| found.scenario.acts.len());
                format!(
                    "{left} of {} are left after {}.",
                    count(*before as u64, "act"),
                    count(shrinker.tried().into(), "replay")
                )
            }
        };
        Report { title, facts, share: None, claim: found.map(|found| found.claim), shrunk }
    }
}

/// The claim's name, or the belief.
fn title_of(found: &Found) -> String {
    let claims = found.scenario.entry.claims();
    let known = claims.iter().find(|claim| slug(claim.name) == found.claim);
    known.map_or_else(|| format!("A belief (“{}”)", found.claim), |claim| claim.name.to_owned())
}

fn attacked(siege: &Siege) -> String {
    let tally = siege.tally();
    let events = count(tally.events, "event");
    match siege.broken() {
        Some(attack) => {
            format!(
                "Found with seed {}, the {} tried, after {events}.",
                attack.scenario.seed,
                nth(tally.seeds)
            )
        }
        None => format!(
            "{} with random faults within what the protocol assumes, {events}. That is no proof.{}",
            count(tally.seeds, "run"),
            reached(&tally.reached)
        ),
    }
}

fn nth(number: u64) -> String {
    let ending = match (number % 10, number % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    grouped(number) + ending
}

fn reached(names: &[&str]) -> String {
    if names.is_empty() { String::new() } else { format!(" Came up: {}.", names.join(", ")) }
}

fn searched(findings: &Findings, bounds: Bounds) -> String {
    let states = count(findings.states as u64, "state");
    if findings.broken.is_some() {
        return format!(
            "A shortest run that breaks it has {} events. {states} were visited.",
            findings.depth
        );
    }
    let verdict = if findings.complete {
        format!("Complete: all {states} within the bounds on inputs and faults.")
    } else if findings.states >= bounds.states {
        format!("Not complete: the bound of {states} was reached at depth {}.", findings.depth)
    } else {
        format!(
            "Not complete: {states}, all those that {} events lead to; longer runs were left out.",
            bounds.depth
        )
    };
    verdict + &reached(&findings.reached)
}
