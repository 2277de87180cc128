//! `faultline attack`: random faults over many seeds.

use crate::io::{Failure, print};
use crate::results::{Findings, Part, Peace, report};
use crate::setup::{Setup, number};
use crate::watch::{INTERRUPTED, Watch, interrupted};
use faultline_core::nemesis::attack_until;
use faultline_core::scenario::Scenario;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// Attack a protocol with random faults, and shrink what breaks
///
/// Plays one run per seed, on all cores. Random faults strike within the protocol's assumptions. Then peace
/// returns: all faults are repaired, and liveness claims are judged, too. For every claim that breaks, the run
/// with the smallest seed is shrunk and printed as a scenario.
#[derive(clap::Args)]
#[command(
    allow_negative_numbers = true,
    after_help = "\
Examples:
  faultline attack raft --seeds 10000
  faultline attack raft --twin forgets-vote --nodes 3
  faultline attack raft --seeds 1000000000 --shard 17/5000 --out results/17.json"
)]
pub(crate) struct Options {
    #[command(flatten)]
    setup: Setup,
    /// The number of seeds
    #[arg(long, value_name = "N", value_parser = number, default_value = "1000")]
    seeds: u64,
    /// The first seed
    #[arg(long, value_name = "SEED", value_parser = number, default_value = "1")]
    first: u64,
    /// Which nodes get peace at the end; with `all-but-one`, one node stays deaf, mute or cut off
    #[arg(long, value_enum, default_value = "all")]
    peace: Peace,
    /// Try only the I-th of N parts of the seeds, as in `2/10`
    #[arg(long, value_name = "I/N", value_parser = shard, default_value = "1/1", hide_default_value = true)]
    shard: (u64, u64),
    /// Also write the result to a file that `merge` reads; with `-`, print it instead of the report
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    out: Option<String>,
}

fn shard(text: &str) -> Result<(u64, u64), String> {
    let parts = text.split_once('/').and_then(|(i, n)| Some((i.parse().ok()?, n.parse().ok()?)));
    parts.filter(|(i, n)| (1..=*n).contains(i)).ok_or_else(|| "I/N with I from 1 to N, as in `2/10`".into())
}

pub(crate) fn attack_command(options: &Options) -> Result<(), Failure> {
    let &Options { seeds, first, peace, shard: (shard, shards), .. } = options;
    let scenario = options.setup.scenario()?.to_string();
    let part = Part { scenario, seeds, first, peace, shard, shards };
    let (next, stop) = (AtomicU64::new(0), AtomicBool::new(false));
    let findings = Mutex::new(Findings::default());
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let count = part.seeds_count();
    let mut watch = Watch::start(Some(count));
    std::thread::scope(|scope| {
        let workers: Vec<_> =
            (0..threads).map(|_| scope.spawn(|| work(&part, &next, &stop, &findings))).collect();
        while !workers.iter().all(std::thread::ScopedJoinHandle::is_finished) {
            std::thread::sleep(Duration::from_millis(20));
            stop.fetch_or(interrupted(), Ordering::Relaxed);
            let done = next.load(Ordering::Relaxed).min(count);
            watch.tell(done, || format!("{done} of {count} seeds"));
        }
    });
    drop(watch);
    let findings = findings.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    let stopped = findings.seeds < count;
    match options.out.as_deref() {
        Some("-") if !stopped => return print(&part.to_json(&findings)?),
        Some(file) if !stopped => save(file, &part.to_json(&findings)?)?,
        Some(file) => eprintln!("`{file}` is not written, because a result must cover all its seeds"),
        None => {}
    }
    report(
        &part.scenario,
        &findings,
        stopped.then_some((INTERRUPTED, "interrupted; the results are incomplete")),
    )
}

/// Writes a file in one go, so that there is never half of one.
fn save(file: &str, text: &str) -> Result<(), Failure> {
    let half = format!("{file}.part");
    let written = std::fs::write(&half, text).and_then(|()| std::fs::rename(&half, file));
    written.map_err(|error| Failure(2, format!("cannot write `{file}`: {error}")))
}

/// Takes seeds until none is left.
fn work(part: &Part, next: &AtomicU64, stop: &AtomicBool, findings: &Mutex<Findings>) {
    let Ok(base) = Scenario::parse(&part.scenario) else { return };
    while !stop.load(Ordering::Relaxed) {
        let nth = next.fetch_add(1, Ordering::Relaxed);
        if nth >= part.seeds_count() {
            return;
        }
        let seed = part.seed(nth);
        let attack = attack_until(&base, seed, part.peace.into());
        if let Ok(mut findings) = findings.lock() {
            findings.add(seed, attack);
        }
    }
}
