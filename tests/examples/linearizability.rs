//! The time that each recorded history takes, beside porcupine's: `cargo run --release -p faultline-tests
//! --example linearizability [FOLDER]`. The folder holds `VERDICTS.tsv`, as in the tests.

use faultline_core::history::read::{self, Reading};
use faultline_core::linearizability::{Verdict, check_recorded};
use faultline_tests::folder;
use std::path::PathBuf;
use std::time::Instant;

/// How often each is measured.
const TIMES: usize = 51;

fn main() {
    let named = std::env::args().nth(1).map(PathBuf::from);
    let shared = named.unwrap_or_else(|| folder().join("../../shared/data/histories"));
    let Ok(table) = std::fs::read_to_string(shared.join("VERDICTS.tsv")) else {
        println!("There is no VERDICTS.tsv in {}.", shared.display());
        return;
    };
    let mut sums = [0.0; 4];
    println!(
        "{:<22}{:>12}{:>12}{:>16}{:>16}",
        "history", "least µs", "median µs", "porcupine least", "median"
    );
    for row in table.lines().skip(1).map(|line| line.split('\t').collect::<Vec<_>>()) {
        let bytes = std::fs::read(shared.join(row[0])).unwrap_or_else(|error| panic!("{}: {error}", row[0]));
        let Reading { recorded, .. } =
            read::from_bytes(&bytes, None).unwrap_or_else(|error| panic!("{}: {error}", row[0]));
        let mut times = [0.0; TIMES];
        for time in &mut times {
            let start = Instant::now();
            let verdict = std::hint::black_box(check_recorded(std::hint::black_box(&recorded), u64::MAX));
            *time = start.elapsed().as_secs_f64() * 1e6;
            assert_eq!(matches!(verdict, Verdict::Holds { .. }), row[1] == "true", "{}", row[0]);
        }
        times.sort_by(f64::total_cmp);
        let theirs = |column: usize| row.get(column).and_then(|time| time.parse().ok()).unwrap_or(f64::NAN);
        let all = [times[0], times[TIMES / 2], theirs(5), theirs(6)];
        println!("{:<22}{:>12.1}{:>12.1}{:>16.1}{:>16.1}", row[0], all[0], all[1], all[2], all[3]);
        for (sum, time) in sums.iter_mut().zip(all) {
            *sum += time;
        }
    }
    println!("{:<22}{:>12.1}{:>12.1}{:>16.1}{:>16.1}", "sum", sums[0], sums[1], sums[2], sums[3]);
    println!("of porcupine's: {:.4} (least), {:.4} (median)", sums[0] / sums[2], sums[1] / sums[3]);
}
