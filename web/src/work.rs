//! What takes longer than a frame: attacking a protocol, searching for a violation, shrinking one, and playing what was
//! found. The first three are a [`Job`], done by a worker, or in slices between frames where none can be started or
//! it dies: the same steps in both places. What was found is played in slices.

use crate::browser::now;
use crate::kit::prose::grouped;
use crate::parts::room;
use crate::work::worker::{PATIENCE, Worker};
use faultline_core::check::{Bounds, Search};
use faultline_core::nemesis::Siege;
use faultline_core::scenario::Scenario;
use faultline_core::session::Telling;
use faultline_core::shrink::Shrinker;
use std::cell::Cell;
use std::rc::Rc;
use words::{attacked, broken_by, count, searched, shrunk_to, title_of};
use yew::Callback;
use yew::platform::spawn_local;

pub mod tasks;
mod words;
pub mod worker;

/// How long a slice takes, in milliseconds.
const SLICE: f64 = 8.0;
/// How many events, or steps of a search, lie between two looks at the clock.
pub const STRIDE: u32 = 256;
/// How many seeds an attack tries before it gives up.
const MOST_SEEDS: u64 = 2_000;

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

/// What carries out tasks.
struct Jobs {
    /// Begins one on the page.
    begin: fn(&Task, &Scenario) -> Box<dyn Steps>,
    /// Carries one out in a worker: the task and its scenario as they were sent.
    carry_out: fn(&str, &str),
}

static ALL: Jobs =
    Jobs { begin: |task, scenario| Box::new(Job::new(task, scenario)), carry_out: worker::work };

room! {
    /// What carries out tasks.
    JOBS, work: &'static Jobs = &ALL
}

/// Something that is done step by step.
trait Steps {
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
    /// With what there was, and the claim.
    Shrink(Box<Shrinker>, Box<Whole>),
}

/// A run before it is shrunk, and the claim that it breaks.
struct Whole {
    scenario: Scenario,
    claim: String,
    /// What is left of it, which tells itself.
    telling: Option<Telling>,
    told: Option<Scenario>,
}

impl Whole {
    /// Goes on with what is left telling itself; whether it has.
    fn tell(&mut self, shrinker: &Shrinker) -> bool {
        let Some(smallest) = shrinker.smallest() else { return true };
        let telling = self.telling.get_or_insert_with(|| Telling::of(smallest, &self.claim));
        self.told = telling.step(STRIDE as usize);
        self.told.is_some()
    }
}

/// What there is to say of a job, and what it found, once it is over.
pub struct Word {
    /// How far it is, or what came of it.
    pub report: Report,
    /// All runs that were found so far: a word may be missed, for only the latest is heard.
    pub found: Vec<Found>,
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
    /// What a search knows of all runs, in one sentence; empty for other work.
    pub verdict: String,
    /// How far it is, or what came of it.
    pub facts: String,
    /// The share that is done, where there is a bound; `None` once it is over.
    pub share: Option<f64>,
    /// The claims that were found to break, by name, each with how it was found.
    pub broken: Vec<String>,
    /// The claim that what is shown of these breaks: it can be shrunk, if it has not been already.
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
        Report {
            title: title.into(),
            verdict: String::new(),
            facts,
            share: Some(share),
            broken: Vec::new(),
            claim: None,
            shrunk: false,
        }
    }
}

impl Job {
    /// A task with a run, not begun.
    fn new(task: &Task, scenario: &Scenario) -> Self {
        let tool = match task {
            Task::Attack => Tool::Attack(Box::new(Siege::new(scenario, scenario.seed))),
            Task::Search(bounds) => Tool::Search(Box::new(Search::new(&scenario.bare(), *bounds)), *bounds),
            Task::Shrink(claim) => {
                let whole =
                    Whole { scenario: scenario.clone(), claim: claim.clone(), telling: None, told: None };
                Tool::Shrink(Box::new(Shrinker::new(scenario, claim)), Box::new(whole))
            }
        };
        Job { title: task.title(), tool, began: now() }
    }

    fn step(&mut self) -> bool {
        match &mut self.tool {
            Tool::Attack(siege) => siege.step(STRIDE) || siege.tally().seeds >= MOST_SEEDS,
            Tool::Search(search, _) => search.step(STRIDE.into()),
            Tool::Shrink(shrinker, whole) => shrinker.step(STRIDE) && whole.tell(shrinker),
        }
    }

    /// All runs that were found.
    fn found(&self) -> Vec<Found> {
        match &self.tool {
            Tool::Attack(siege) => {
                let broken = siege.broken().and_then(|attack| Some((attack, attack.broken.as_ref()?)));
                let found = broken.map(|(attack, broken)| {
                    let name = format!("attack with seed {}", attack.scenario.seed);
                    Found { claim: broken.claim.clone(), scenario: attack.scenario.clone(), name }
                });
                found.into_iter().collect()
            }
            Tool::Search(search, _) => {
                let found = |(claim, scenario): &(String, Scenario)| {
                    let (claim, scenario) = (claim.clone(), scenario.clone());
                    Found { claim, scenario, name: "found by search".into() }
                };
                search.findings().broken.iter().map(found).collect()
            }
            Tool::Shrink(_, whole) => {
                let claim = &whole.claim;
                let found = |told: &Scenario| Found {
                    claim: claim.clone(),
                    scenario: told.clone(),
                    name: "shrunk".into(),
                };
                whole.told.as_ref().map(found).into_iter().collect()
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
                let states = findings.states as u64;
                let facts = format!(
                    "{} of at most {}, about {} MB; {} states/s.",
                    count(states, "state"),
                    grouped(bounds.states as u64),
                    grouped(bounds.megabytes() as u64),
                    self.per_second(states)
                );
                (facts, findings.states as f64 / bounds.states as f64)
            }
            Tool::Shrink(shrinker, whole) => {
                let before = &whole.scenario.acts.len();
                let left = shrinker.smallest().map_or(*before, |smallest| smallest.acts.len());
                let facts = format!(
                    "{left} of {}, {}",
                    count(*before as u64, "act"),
                    count(shrinker.tried().into(), "replay")
                );
                (facts, 1.0 - left as f64 / (*before).max(1) as f64)
            }
        };
        Report { verdict: self.verdict(), ..Report::under_way(self.title, facts, share.min(1.0)) }
    }

    fn verdict(&self) -> String {
        if let Tool::Search(search, _) = &self.tool { search.findings().verdict() } else { String::new() }
    }

    fn outcome(&self, found: &[Found]) -> Report {
        let shrunk = matches!(self.tool, Tool::Shrink(..));
        let title = match (found, shrunk) {
            ([_, ..], true) => "Shrunk".to_owned(),
            ([found], false) => format!("{} breaks", title_of(found)),
            ([_, ..], false) => format!("{} claims break", found.len()),
            ([], true) => "The claim does not break again".to_owned(),
            ([], false) => "No violation found".to_owned(),
        };
        let facts = match &self.tool {
            Tool::Attack(siege) => attacked(siege),
            Tool::Search(search, bounds) => searched(search.findings(), *bounds),
            Tool::Shrink(shrinker, whole) => shrunk_to(shrinker, whole, found.first()),
        };
        Report { title, verdict: self.verdict(), facts, share: None, broken: Vec::new(), claim: None, shrunk }
    }
}

impl Steps for Job {
    fn go_on(&mut self, time: f64) -> Word {
        let is_over = go_on_for(time, || self.step().then_some(())).is_some();
        // What is being shrunk is found once it cannot become smaller.
        let found = if is_over || matches!(self.tool, Tool::Search(..)) { self.found() } else { Vec::new() };
        let mut report = if is_over { self.outcome(&found) } else { self.progress() };
        if !report.shrunk {
            report.broken = found.iter().map(broken_by).collect();
        }
        Word { report, found }
    }
}

/// A piece of work under way.
pub struct Work {
    task: Task,
    scenario: Scenario,
    stage: Stage,
    /// What is said about it.
    report: Report,
    /// The runs of its latest word, until somebody takes them.
    found: Vec<Found>,
    wake: Callback<()>,
}

enum Stage {
    /// What does it has still to arrive; whether that is known not to come.
    Awaited(Rc<Cell<bool>>),
    There(Worker),
    Here(Box<dyn Steps>),
    Over,
}

impl Work {
    /// Begins with a task. While a worker is at it, `wake` is called when there is something to go on with.
    pub fn begin(task: Task, scenario: &Scenario, wake: &Callback<()>) -> Self {
        let report = Report::under_way(task.title(), "Starting…".into(), 0.0);
        let stage = if let Some(jobs) = JOBS.here() {
            start(&task, scenario, wake, jobs)
        } else {
            let gone = Rc::new(Cell::new(false));
            let (wake, lost) = (wake.clone(), gone.clone());
            spawn_local(async move {
                lost.set(JOBS.come().await.is_none());
                wake.emit(());
            });
            Stage::Awaited(gone)
        };
        Work { task, scenario: scenario.clone(), stage, report, found: Vec::new(), wake: wake.clone() }
    }

    /// Goes on for a slice; whether it is over.
    pub fn slice(&mut self) -> bool {
        let word = match &mut self.stage {
            Stage::Over => return true,
            Stage::Awaited(gone) => {
                match JOBS.here() {
                    Some(jobs) => self.stage = start(&self.task, &self.scenario, &self.wake, jobs),
                    None if gone.get() => {
                        let facts = "A part of the page that this needs could not be loaded. Check your connection and try again.";
                        self.report = Report { facts: facts.into(), share: None, ..self.report.clone() };
                        self.stage = Stage::Over;
                        return true;
                    }
                    None => {}
                }
                return false;
            }
            Stage::There(worker) => {
                let word = worker.hear();
                // It is done here, and from the start: what the worker knew is lost with it.
                if let Some(jobs) = JOBS.here().filter(|_| word.is_none() && worker.is_gone()) {
                    self.stage = Stage::Here((jobs.begin)(&self.task, &self.scenario));
                }
                word
            }
            Stage::Here(job) => Some(job.go_on(SLICE)),
        };
        let Some(Word { report, found }) = word else { return false };
        if report.share.is_none() {
            self.stage = Stage::Over;
        }
        (self.report, self.found) = (report, found);
        false
    }

    /// How far it is, or what came of it.
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// Whether it searches, so that what it knows when it is stopped is worth saying.
    pub fn is_search(&self) -> bool {
        matches!(self.task, Task::Search(_))
    }

    /// What it has found, if it has said something since it was asked last.
    pub fn take_found(&mut self) -> Vec<Found> {
        std::mem::take(&mut self.found)
    }

    /// How many milliseconds to wait before it is gone on with, unless woken.
    pub fn pause(&self) -> u32 {
        match self.stage {
            Stage::Awaited(_) | Stage::There(_) => PATIENCE,
            Stage::Here(_) | Stage::Over => 0,
        }
    }
}

fn start(task: &Task, scenario: &Scenario, wake: &Callback<()>, jobs: &Jobs) -> Stage {
    match Worker::start(task, scenario, wake) {
        Some(worker) => Stage::There(worker),
        None => Stage::Here((jobs.begin)(task, scenario)),
    }
}
