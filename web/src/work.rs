//! What takes longer than a frame: attacking a protocol, searching for a violation, shrinking one, and playing what was
//! found. The first three are a [`Job`], done by a worker, or in slices between frames where none can be started or
//! it dies: the same steps in both places. What was found is played in slices.

use crate::browser::now;
use crate::kit::prose::grouped;
use crate::parts::room;
use crate::work::worker::{PATIENCE, Worker};
use faultline_core::Session;
use faultline_core::check::{Bounds, Findings, Search};
use faultline_core::nemesis::Siege;
use faultline_core::scenario::{Scenario, slug};
use faultline_core::shrink::Shrinker;
use faultline_core::sim::Run;
use std::cell::Cell;
use std::rc::Rc;
use yew::Callback;
use yew::platform::spawn_local;

pub mod tasks;
pub mod worker;

/// How long a slice takes, in milliseconds.
const SLICE: f64 = 8.0;
/// How many events, or steps of a search, lie between two looks at the clock.
pub const STRIDE: u32 = 256;
/// How many seeds an attack tries before it gives up.
const MOST_SEEDS: u64 = 2_000;

/// The bounds of a search when nobody has set any: some seconds, and less than 300 MB.
pub const USUAL_BOUNDS: Bounds =
    Bounds { depth: 12, states: 200_000, inputs: 1, timers: None, crashes: 0, drops: 0, copies: 0, lies: 0 };

/// What may be done with a run.
#[derive(Clone, Debug, PartialEq)]
pub enum Task {
    /// Attack the protocol set up like this, with one seed after another.
    Attack,
    /// Search for a violation within bounds.
    Search(Bounds),
    /// Shrink the run, which breaks this claim.
    Shrink(String),
}

/// What begins a task.
pub type Begin = fn(&Task, &Scenario) -> Box<dyn Steps>;

room! {
    /// What carries out tasks.
    JOBS, work: Begin = |task, scenario| Box::new(Job::new(task, scenario))
}

/// What begins a task, once that has arrived.
pub async fn jobs() -> Option<Begin> {
    JOBS.come().await
}

/// Something that is done step by step.
pub trait Steps {
    /// Goes on for so many milliseconds, or until it is over.
    fn go_on(&mut self, time: f64) -> Word;
}

/// A task, as far as it is done: the same on the page and in a worker.
struct Job {
    title: &'static str,
    tool: Tool,
    began: f64,
}

enum Tool {
    Attack(Box<Siege>),
    Search(Box<Search>, Bounds),
    /// With the number of acts that there were, and the claim.
    Shrink(Box<Shrinker>, usize, String),
}

/// What there is to say of a job, and what it found, once it is over.
pub struct Word {
    /// How far it is, or what came of it.
    pub report: Report,
    /// The run that was found.
    pub found: Option<Found>,
}

/// A run that breaks a claim.
pub struct Found {
    /// The claim's slug, or the belief.
    pub claim: String,
    /// The run.
    pub scenario: Scenario,
    /// What a branch with it is called.
    pub name: String,
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
pub fn slice<T>(step: impl FnMut() -> Option<T>) -> Option<T> {
    go_on_for(SLICE, step)
}

/// The same for another time, in milliseconds.
pub fn go_on_for<T>(time: f64, mut step: impl FnMut() -> Option<T>) -> Option<T> {
    let end = now() + time;
    loop {
        let done = step();
        if done.is_some() || now() >= end {
            return done;
        }
    }
}

/// `1 state`, `12 states`.
fn count(number: u64, what: &str) -> String {
    format!("{} {what}{}", grouped(number), if number == 1 { "" } else { "s" })
}

impl Task {
    fn title(&self) -> &'static str {
        match self {
            Task::Attack => "Attacking",
            Task::Search(_) => "Searching",
            Task::Shrink(_) => "Shrinking",
        }
    }
}

impl Report {
    fn under_way(title: &str, facts: String, share: f64) -> Self {
        Report { title: title.into(), facts, share: Some(share), claim: None, shrunk: false }
    }
}

impl Job {
    /// A task with a run, not begun.
    fn new(task: &Task, scenario: &Scenario) -> Self {
        let tool = match task {
            Task::Attack => Tool::Attack(Box::new(Siege::new(scenario, scenario.seed))),
            Task::Search(bounds) => Tool::Search(Box::new(Search::new(&scenario.bare(), *bounds)), *bounds),
            Task::Shrink(claim) => {
                Tool::Shrink(Box::new(Shrinker::new(scenario, claim)), scenario.acts.len(), claim.clone())
            }
        };
        Job { title: task.title(), tool, began: now() }
    }

    fn step(&mut self) -> bool {
        match &mut self.tool {
            Tool::Attack(siege) => siege.step(STRIDE) || siege.tally().seeds >= MOST_SEEDS,
            Tool::Search(search, _) => search.step(STRIDE.into()),
            Tool::Shrink(shrinker, ..) => shrinker.step(STRIDE),
        }
    }

    fn found(&self) -> Option<Found> {
        match &self.tool {
            Tool::Attack(siege) => {
                let attack = siege.broken()?;
                let claim = attack.broken.as_ref()?.claim.clone();
                let name = format!("attack with seed {}", attack.scenario.seed);
                Some(Found { claim, scenario: attack.scenario.clone(), name })
            }
            Tool::Search(search, _) => {
                let (claim, scenario) = search.findings().broken.clone()?;
                Some(Found { claim, scenario, name: "found by search".into() })
            }
            Tool::Shrink(shrinker, _, claim) => {
                let (claim, scenario) = (claim.clone(), shrinker.smallest()?.clone());
                Some(Found { claim, scenario, name: "shrunk".into() })
            }
        }
    }

    fn per_second(&self, number: u64) -> String {
        let seconds = (now() - self.began).max(1.0) / 1_000.0;
        grouped((number as f64 / seconds) as u64)
    }

    fn progress(&self) -> Report {
        let (facts, share) = match &self.tool {
            Tool::Attack(siege) => {
                let tally = siege.tally();
                let facts =
                    format!("{}, {} events/s", count(tally.seeds, "seed"), self.per_second(tally.events));
                (facts, tally.seeds as f64 / MOST_SEEDS as f64)
            }
            Tool::Search(search, bounds) => {
                let findings = search.findings();
                let (states, speed) = (findings.states as u64, self.per_second(findings.states as u64));
                let facts = format!("{}, depth {}, {speed} states/s", count(states, "state"), findings.depth);
                (facts, findings.states as f64 / bounds.states as f64)
            }
            Tool::Shrink(shrinker, before, _) => {
                let left = shrinker.smallest().map_or(*before, |smallest| smallest.acts.len());
                let facts = format!(
                    "{left} of {}, {}",
                    count(*before as u64, "act"),
                    count(shrinker.tried().into(), "replay")
                );
                (facts, 1.0 - left as f64 / (*before).max(1) as f64)
            }
        };
        Report::under_way(self.title, facts, share.min(1.0))
    }

    fn outcome(&self) -> Word {
        let found = self.found();
        let shrunk = matches!(self.tool, Tool::Shrink(..));
        let title = match (&found, shrunk) {
            (Some(_), true) => "Shrunk".to_owned(),
            (Some(found), false) => format!("{} breaks", title_of(found)),
            (None, true) => "The claim does not break again".to_owned(),
            (None, false) => "No violation found".to_owned(),
        };
        let facts = match &self.tool {
            Tool::Attack(siege) => attacked(siege),
            Tool::Search(search, bounds) => searched(search.findings(), *bounds),
            Tool::Shrink(shrinker, before, _) => {
                let left = found.as_ref().map_or(0, |found| found.scenario.acts.len());
                format!(
                    "{left} of {} remain after {}.",
                    count(*before as u64, "act"),
                    count(shrinker.tried().into(), "replay")
                )
            }
        };
        let claim = found.as_ref().map(|found| found.claim.clone());
        Word { report: Report { title, facts, share: None, claim, shrunk }, found }
    }
}

impl Steps for Job {
    fn go_on(&mut self, time: f64) -> Word {
        let is_over = go_on_for(time, || self.step().then_some(())).is_some();
        if is_over { self.outcome() } else { Word { report: self.progress(), found: None } }
    }
}

/// A piece of work under way.
pub struct Work {
    task: Task,
    scenario: Scenario,
    stage: Stage,
    /// What is said about it.
    report: Report,
    wake: Callback<()>,
}

enum Stage {
    /// What does it has still to arrive; whether that is known not to come.
    Awaited(Rc<Cell<bool>>),
    There(Worker),
    Here(Box<dyn Steps>),
    /// What was found, as far as it is played, and what a branch with it is called.
    Playing(Option<Box<(String, Run)>>),
}

impl Work {
    /// Begins with a task. While a worker is at it, `wake` is called when there is something to go on with.
    pub fn begin(task: Task, scenario: &Scenario, wake: &Callback<()>) -> Self {
        let report = Report::under_way(task.title(), "Starting…".into(), 0.0);
        let stage = if let Some(begin) = JOBS.here() {
            start(&task, scenario, wake, begin)
        } else {
            let gone = Rc::new(Cell::new(false));
            let (wake, lost) = (wake.clone(), gone.clone());
            spawn_local(async move {
                lost.set(JOBS.come().await.is_none());
                wake.emit(());
            });
            Stage::Awaited(gone)
        };
        Work { task, scenario: scenario.clone(), stage, report, wake: wake.clone() }
    }

    /// Goes on for a slice; whether it is over, and what was found is played. That begins as the run at hand does.
    pub fn slice(&mut self, session: &Session) -> bool {
        match &mut self.stage {
            Stage::Awaited(gone) => match JOBS.here() {
                Some(begin) => self.stage = start(&self.task, &self.scenario, &self.wake, begin),
                None if gone.get() => {
                    let facts = "A part of the page that this needs could not be loaded. Check your connection and try again.";
                    self.report = Report { facts: facts.into(), share: None, ..self.report.clone() };
                    return true;
                }
                None => {}
            },
            Stage::There(worker) => match worker.hear() {
                Some(word) => self.take_in(word, session),
                // It is done here, and from the start: what the worker knew is lost with it.
                None => {
                    if let Some(begin) = JOBS.here().filter(|_| worker.is_gone()) {
                        self.stage = Stage::Here(begin(&self.task, &self.scenario));
                    }
                }
            },
            Stage::Here(job) => {
                let word = job.go_on(SLICE);
                self.take_in(word, session);
            }
            Stage::Playing(None) => return true,
            Stage::Playing(Some(found)) => {
                let run = &mut found.1;
                let horizon = run.scenario().until.max(session.run().horizon());
                return slice(|| run.extend_by(horizon, STRIDE as usize).then_some(())).is_some();
            }
        }
        false
    }

    fn take_in(&mut self, word: Word, session: &Session) {
        if word.report.share.is_none() {
            let run = |found: Found| Box::new((found.name, session.stem(&found.scenario)));
            self.stage = Stage::Playing(word.found.map(run));
        }
        self.report = word.report;
    }

    /// How far it is.
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// How many milliseconds to wait before it is gone on with, unless woken.
    pub fn pause(&self) -> u32 {
        match self.stage {
            Stage::Awaited(_) | Stage::There(_) => PATIENCE,
            Stage::Here(_) | Stage::Playing(_) => 0,
        }
    }

    /// What came of it, once it is over, and what was found: what a branch with it is called, and the run.
    pub fn end(self) -> (Report, Option<(String, Run)>) {
        let found = if let Stage::Playing(found) = self.stage { found.map(|found| *found) } else { None };
        (self.report, found)
    }
}

fn start(task: &Task, scenario: &Scenario, wake: &Callback<()>, begin: Begin) -> Stage {
    match Worker::start(task, scenario, wake) {
        Some(worker) => Stage::There(worker),
        None => Stage::Here(begin(task, scenario)),
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
                "The claim broke with seed {}, the {} seed tried, after {events}.",
                attack.scenario.seed,
                nth(tally.seeds)
            )
        }
        None => format!(
            "The attack tried {} with random faults within the protocol’s assumptions ({events}). This is not a proof.{}",
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
    if names.is_empty() { String::new() } else { format!(" Reached: {}.", names.join(", ")) }
}

fn searched(findings: &Findings, bounds: Bounds) -> String {
    let states = count(findings.states as u64, "state");
    if findings.broken.is_some() {
        return format!(
            "A shortest run that breaks the claim has {} events. The search visited {states}.",
            findings.depth
        );
    }
    let verdict = if findings.complete {
        format!("Complete: the search visited all {states} within the bounds on inputs and faults.")
    } else if findings.states >= bounds.states {
        format!("Not complete: the search reached the bound of {states} at depth {}.", findings.depth)
    } else {
        format!(
            "Not complete: the search visited {states}, every state reachable within {} events. It left out longer runs.",
            bounds.depth
        )
    };
    verdict + &reached(&findings.reached)
}
