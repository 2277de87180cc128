//! `faultline attack` and `faultline shrink`: random faults over many seeds, and what is left of a scenario
//! that breaks something.

use crate::results::{Findings, PEACES, Part, report};
use crate::watch::{INTERRUPTED, Watch, interrupted};
use crate::{Failure, find, load, print};
use faultline_core::nemesis::attack_until;
use faultline_core::scenario::{Scenario, slug};
use faultline_core::shrink::shrink;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

pub(crate) fn attack_command(words: &[&str]) -> Result<(), Failure> {
    let (part, out) = parse(words)?;
    let (next, stop) = (AtomicU64::new(0), AtomicBool::new(false));
    let findings = Mutex::new(Findings::default());
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut watch = Watch::start();
    std::thread::scope(|scope| {
        let workers: Vec<_> =
            (0..threads).map(|_| scope.spawn(|| work(&part, &next, &stop, &findings))).collect();
        let count = part.seeds_count();
        while !workers.iter().all(std::thread::ScopedJoinHandle::is_finished) {
            std::thread::sleep(Duration::from_millis(20));
            stop.fetch_or(interrupted(), Ordering::Relaxed);
            watch.tell(|| format!("{} of {count} seeds", next.load(Ordering::Relaxed).min(count)));
        }
    });
    let findings = findings.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    let stopped = findings.seeds < part.seeds_count();
    match out {
        Some("-") if !stopped => return print(&part.to_text(&findings)),
        Some(file) if !stopped => save(file, &part.to_text(&findings))?,
        Some(file) => eprintln!("`{file}` is not written: a result is of all its seeds"),
        None => {}
    }
    report(&findings, stopped.then_some((INTERRUPTED, "interrupted; that is what was known")))
}

/// Writes a file in one go, so that there is never half of one.
fn save(file: &str, text: &str) -> Result<(), Failure> {
    let half = format!("{file}.part");
    let written = std::fs::write(&half, text).and_then(|()| std::fs::rename(&half, file));
    written.map_err(|error| Failure(2, format!("cannot write `{file}`: {error}")))
}

/// What to attack, and where the result goes besides stdout.
fn parse<'a>(words: &[&'a str]) -> Result<(Part, Option<&'a str>), Failure> {
    let usage =
        || Failure(2, "write it as in `faultline attack raft --seeds 1000 --bug forgets-vote`".into());
    let [name, options @ ..] = words else { return Err(usage()) };
    let mut scenario = Scenario::of(find(name)?);
    let (mut seeds, mut first, mut shard, mut out) = (1_000, 1, (1, 1), None);
    let mut peace = PEACES[0];
    let mut options = options.iter();
    while let Some(option) = options.next() {
        let value = *options.next().ok_or_else(usage)?;
        let number = || value.parse::<u64>().map_err(|_| Failure(2, format!("`{value}` is no whole number")));
        match *option {
            "--seeds" => seeds = number()?,
            "--first" => first = number()?,
            "--peace" => {
                let known = PEACES.into_iter().find(|(name, _)| *name == value);
                let unknown =
                    || Failure(2, format!("`{value}` is no peace; there are `all` and `all-but-one`"));
                peace = known.ok_or_else(unknown)?;
            }
            "--out" => out = Some(value),
            "--shard" => {
                let parts = value.split_once('/').and_then(|(i, n)| Some((i.parse().ok()?, n.parse().ok()?)));
                let valid = parts.filter(|(i, n)| (1..=*n).contains(i));
                shard = valid.ok_or_else(|| Failure(2, format!("`{value}` is no shard, as `2/10` is")))?;
            }
            _ if set_up(&mut scenario, option, value)? => {}
            _ => {
                return Err(Failure(
                    2,
                    format!("`attack` knows no `{option}`; `faultline help` lists what it knows"),
                ));
            }
        }
    }
    Ok((Part { base: scenario.to_string(), seeds, first, peace, shard }, out))
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
fn work(part: &Part, next: &AtomicU64, stop: &AtomicBool, findings: &Mutex<Findings>) {
    let Ok(base) = Scenario::parse(&part.base) else { return };
    while !stop.load(Ordering::Relaxed) {
        let nth = next.fetch_add(1, Ordering::Relaxed);
        if nth >= part.seeds_count() {
            return;
        }
        let seed = part.seed(nth);
        let attack = attack_until(&base, seed, part.peace.1);
        if let Ok(mut findings) = findings.lock() {
            findings.add(seed, attack);
        }
    }
}

pub(crate) fn shrink_command(source: &str) -> Result<(), Failure> {
    let scenario = load(source)?;
    let until = scenario.until;
    let run = faultline_core::sim::Run::new(scenario, until);
    let claims = run.scenario().entry.claims();
    let verdicts = run.end().judgements_at_rest();
    let violated = claims
        .iter()
        .zip(verdicts)
        .find(|(_, verdict)| matches!(verdict, faultline_core::property::Judgement::Violated { .. }));
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
