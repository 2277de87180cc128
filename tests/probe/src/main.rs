//! The probe natively: `faultline-probe COMMAND < INPUT`, or `faultline-probe bench`. Its twin for wasm is `run.mjs`.

use std::io::{IsTerminal, Read, Write};
use std::time::Instant;

/// How often each workload is run; the quickest run counts, for the others were disturbed.
const ROUNDS: usize = 7;

fn main() -> std::io::Result<()> {
    let command = std::env::args().nth(1).unwrap_or_default();
    if command == "bench" {
        bench();
        return Ok(());
    }
    let mut input = String::new();
    if !std::io::stdin().is_terminal() {
        std::io::stdin().read_to_string(&mut input)?;
    }
    let output = faultline_probe::run(&command, &input);
    std::io::stdout().write_all(output.as_bytes())
}

/// Times all workloads in turn, round after round, so that what disturbs one disturbs all. The clock is here and not
/// inside, for the core has none.
fn bench() {
    let names = faultline_probe::run("workloads", "");
    let mut best: Vec<(&str, f64, String)> =
        names.lines().map(|name| (name, f64::MAX, String::new())).collect();
    for _ in 0..ROUNDS {
        for (name, least, events) in &mut best {
            let start = Instant::now();
            *events = faultline_probe::run(name, "");
            *least = least.min(start.elapsed().as_secs_f64());
        }
    }
    for (name, seconds, events) in best {
        println!("{name} {events} {:.3}", seconds * 1e3);
    }
}
