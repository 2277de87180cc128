//! The probe natively: `faultline-probe COMMAND < INPUT`. Its twin for wasm is `run.cjs`.

use std::io::{IsTerminal, Read, Write};
use std::time::Instant;

fn main() -> std::io::Result<()> {
    let command = std::env::args().nth(1).unwrap_or_default();
    let mut input = String::new();
    if !std::io::stdin().is_terminal() {
        std::io::stdin().read_to_string(&mut input)?;
    }
    // The time is taken here and not inside: wasm has no clock of its own. It goes to stderr, so that the
    // output stays comparable.
    let start = Instant::now();
    let output = faultline_probe::run(&command, &input);
    let took = start.elapsed();
    std::io::stdout().write_all(output.as_bytes())?;
    eprintln!("{command} took {:.3} ms natively", took.as_secs_f64() * 1e3);
    Ok(())
}
