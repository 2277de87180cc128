//! `faultline attack` and `faultline shrink`: random faults over many seeds, and what is left of a scenario that breaks
//! something.

use crate::{Failure, find, load, print};
use faultline_core::nemesis::{Attack, Peace, attack_until};
use faultline_core::scenario::{Scenario, slug};
use faultline_core::shrink::shrink;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// What `attack` was asked to do.
struct Orders {
    base: String,
    seeds: u64,
    first: u64,
    peace: Peace,
    /// Which of how many parts of the seeds are ours, counted from 1.
    shard: (u64, u64),
}

/// What is known so far. Scenarios are kept as text, for they do not travel between threads.
#[derive(Default)]
struct Findings {
    seeds: u64,
    events: u64,
    acts: u64,
    idle: u64,
    reached: BTreeSet<&'static str>,
    /// Of each claim that broke: the least seed that broke it, who saw what, and the scenario; and how many did.
    broken: BTreeMap<String, (u64, String, String, u64)>,
}

pub(crate) fn attack_command(words: &[&str]) -> Result<(), Failure> {
    let orders = parse(words)?;
    let (next, stop) = (AtomicU64::new(0), AtomicBool::new(false));
    let findings = Mutex::new(Findings::default());
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let workers: Vec<_> =
            (0..threads).map(|_| scope.spawn(|| work(&orders, &next, &stop, &findings))).collect();
        watch(&orders, &next, &stop, || workers.iter().all(std::thread::ScopedJoinHandle::is_finished));
    });
    report(&findings.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner))
}

fn parse(words: &[&str]) -> Result<Orders, Failure> {
    let usage =
        || Failure(2, "write it as in `faultline attack raft --seeds 1000 --bug forgets-vote`".into());
    let [name, options @ ..] = words else { return Err(usage()) };
    let mut scenario = Scenario::of(find(name)?);
    let (mut seeds, mut first, mut shard, mut peace) = (1_000, 1, (1, 1), Peace::All);
    let mut options = options.iter();
    while let Some(option) = options.next() {
        let value = *options.next().ok_or_else(usage)?;
        let number = || value.parse::<u64>().map_err(|_| Failure(2, format!("`{value}` is no whole number")));
        match *option {
            "--seeds" => seeds = number()?,
            "--first" => first = number()?,
            "--peace" => {
                peace = match value {
                    "all" => Peace::All,
                    "all-but-one" => Peace::AllButOne,
                    _ => {
                        return Err(Failure(
                            2,
                            format!("`{value}` is no peace; there are `all` and `all-but-one`"),
                        ));
                    }
                }
            }
            "--shard" => {
                let parts = value.split_once('/').and_then(|(i, n)| Some((i.parse().ok()?, n.parse().ok()?)));
                let valid = parts.filter(|(i, n)| (1..=*n).contains(i));
                shard = valid.ok_or_else(|| Failure(2, format!("`{value}` is no shard, as `2/10` is")))?;
            }
            _ if set_up(&mut scenario, option, value)? => {}
            _ => {
                return Err(Failure(
                    2,
                    format!(
                        "`attack` knows no `{option}`; there are --seeds, --first, --bug, --nodes, --param, --peace and --shard"
                    ),
                ));
            }
        }
    }
    Ok(Orders { base: scenario.to_string(), seeds, first, peace, shard })
}

/// Takes an option that sets a protocol up; whether it is one.
pub(crate) fn set_up(scenario: &mut Scenario, option: &str, value: &str) -> Result<bool, Failure> {
    let words = match option {
        "--bug" => format!("twin {value}"),
        "--nodes" => format!("nodes {value}"),
        "--param" => format!("set {}", value.replacen('=', " ", 1)),
        _ => return Ok(false),
    };
    scenario.amend(&words).map_err(|sentence| Failure(2, sentence))?;
    Ok(true)
}

/// Takes seeds until none is left.
fn work(orders: &Orders, next: &AtomicU64, stop: &AtomicBool, findings: &Mutex<Findings>) {
    let Ok(base) = Scenario::parse(&orders.base) else { return };
    while !stop.load(Ordering::Relaxed) {
        let nth = next.fetch_add(1, Ordering::Relaxed);
        if nth >= orders.seeds {
            return;
        }
        if nth % orders.shard.1 == orders.shard.0 - 1 {
            let seed = orders.first + nth;
            let attack = attack_until(&base, seed, orders.peace);
            if let Ok(mut findings) = findings.lock() {
                findings.add(seed, attack);
            }
        }
    }
}

/// Says every second how far it is, and stops when somebody wants that.
fn watch(orders: &Orders, next: &AtomicU64, stop: &AtomicBool, done: impl Fn() -> bool) {
    static INTERRUPTED: AtomicBool = AtomicBool::new(false);
    // A second handler cannot be set; then the first one serves.
    let _ = ctrlc::set_handler(|| INTERRUPTED.store(true, Ordering::Relaxed));
    let mut told = Instant::now();
    while !done() {
        std::thread::sleep(Duration::from_millis(20));
        if INTERRUPTED.load(Ordering::Relaxed) {
            stop.store(true, Ordering::Relaxed);
        }
        if told.elapsed() > Duration::from_secs(1) {
            told = Instant::now();
            eprintln!("{} of {} seeds", next.load(Ordering::Relaxed).min(orders.seeds), orders.seeds);
        }
    }
}

impl Findings {
    fn add(&mut self, seed: u64, attack: Attack) {
        self.seeds += 1;
        self.events += u64::from(attack.events);
        self.acts += attack.scenario.acts.len() as u64;
        self.idle += u64::from(attack.idle);
        self.reached.extend(attack.reached);
        if let Some(broken) = attack.broken {
            let found = (seed, broken.sentence, attack.scenario.to_string(), 0);
            let row = self.broken.entry(broken.claim).or_insert_with(|| found.clone());
            if seed < row.0 {
                *row = (found.0, found.1, found.2, row.3);
            }
            row.3 += 1;
        }
    }
}

fn report(findings: &Findings) -> Result<(), Failure> {
    let Findings { seeds, events, acts, idle, .. } = findings;
    let mut text = format!("{seeds} seeds, {events} events, {acts} acts, of which {idle} did nothing\n");
    for name in &findings.reached {
        text += &format!("reached: {name}\n");
    }
    for (claim, (seed, sentence, scenario, times)) in &findings.broken {
        text += &format!("\nbroken: {claim}, with {times} seeds, first with {seed}: {sentence}\n");
        let smallest = Scenario::parse(scenario).ok().and_then(|scenario| shrink(&scenario, claim));
        if let Some((smallest, tried)) = smallest {
            text += &format!("shrunk to {} acts in {tried} replays:\n\n{smallest}", smallest.acts.len());
        }
    }
    print(&text)?;
    if findings.broken.is_empty() {
        Ok(())
    } else {
        Err(Failure(1, format!("{} claims broke", findings.broken.len())))
    }
}

pub(crate) fn shrink_command(source: &str) -> Result<(), Failure> {
    let scenario = load(source)?;
    let until = scenario.until;
    let run = faultline_core::sim::Run::new(scenario, until);
    let claims = run.scenario().entry.claims();
    let verdicts = run.end().verdicts_at_rest();
    let violated = claims
        .iter()
        .zip(verdicts)
        .find(|(_, verdict)| matches!(verdict, faultline_core::world::Verdict::Violated { .. }));
    let Some((claim, _)) = violated else { return Err(Failure(1, "nothing breaks in this scenario".into())) };
    match shrink(run.scenario(), &slug(claim.name)) {
        Some((smallest, tried)) => {
            eprintln!(
                "{} of {} acts are left after {tried} replays",
                smallest.acts.len(),
                run.scenario().acts.len()
            );
            print(&smallest.to_string())
        }
        None => Err(Failure(1, format!("{} does not break again", claim.name))),
    }
}
