//! The core without a page: the same small program natively and as wasm under Node.
//!
//! Tests compare the bytes that the two print; the bench compares the times that they take.

use crate::process::{Done, capture, cargo, command, run, target_dir};
use crate::{node, parts, tools};
use std::env::consts::EXE_SUFFIX;
use std::process::{Command, Stdio};

/// Runs one command of the probe natively.
pub(crate) fn native(words: &str) -> Done {
    run(native_command()?.arg(words))
}

/// Runs one command of the probe as wasm.
pub(crate) fn wasm(words: &str) -> Done {
    run(wasm_command()?.arg(words))
}

/// Runs one command both ways and compares what they print, byte for byte.
pub(crate) fn compare(words: &str) -> Done {
    let native = capture(native_command()?.arg(words).stdin(Stdio::null()))?;
    let wasm = capture(wasm_command()?.arg(words).stdin(Stdio::null()))?;
    if native.is_empty() {
        return Err(format!("`{words}` printed nothing, so nothing was compared."));
    }
    if native == wasm {
        let lines = native.split(|byte| *byte == b'\n').count();
        println!("`{words}` prints the same natively and in wasm: {} bytes, {lines} lines.", native.len());
        return Ok(());
    }
    Err(format!("`{words}` differs: {}", first_difference(&native, &wasm)))
}

/// Times the workloads natively and in wasm, and prints a table of events per second and of ratios.
pub(crate) fn bench() -> Done {
    println!("Each workload is run seven times both ways; this takes about half a minute after the builds.");
    let native = timed(native_command()?)?;
    let wasm = timed(wasm_command()?)?;
    println!(
        "{:<12}{:>10}{:>16}{:>12}{:>16}{:>12}",
        "", "events", "native, M/s", "of plain", "wasm, M/s", "wasm time"
    );
    for (row, twin) in native.iter().zip(&wasm) {
        if row.name.starts_with("seek") {
            println!(
                "{:<12}{:>10}{:>13.3} ms{:>25.3} ms, each",
                row.name,
                row.events,
                row.each(),
                twin.each()
            );
            continue;
        }
        // What is compared with is the plain loop over the same number of nodes.
        let size = row.name.rsplit('-').next().unwrap_or_default();
        let plain = native.iter().find(|other| other.name == format!("plain-{size}")).unwrap_or(row);
        println!(
            "{:<12}{:>10}{:>16.2}{:>12.2}{:>16.2}{:>11.2}×",
            row.name,
            row.events,
            row.rate(),
            row.rate() / plain.rate(),
            twin.rate(),
            row.rate() / twin.rate()
        );
    }
    Ok(())
}

/// One workload's best run.
struct Timed {
    name: String,
    events: f64,
    milliseconds: f64,
}

impl Timed {
    /// Milliseconds that one of them takes.
    fn each(&self) -> f64 {
        self.milliseconds / self.events
    }

    /// Millions of events per second.
    fn rate(&self) -> f64 {
        self.events / self.milliseconds / 1e3
    }
}

fn timed(mut probe: Command) -> Done<Vec<Timed>> {
    let printed = capture(probe.arg("bench").stdin(Stdio::null()))?;
    let row = |line: &str| {
        let mut words = line.split(' ');
        let name = words.next()?.to_owned();
        Some(Timed { name, events: words.next()?.parse().ok()?, milliseconds: words.next()?.parse().ok()? })
    };
    let rows: Option<Vec<_>> = String::from_utf8_lossy(&printed).lines().map(row).collect();
    rows.ok_or_else(|| "The probe's bench printed something that is no table.".to_owned())
}

fn first_difference(native: &[u8], wasm: &[u8]) -> String {
    let (native, wasm) = (String::from_utf8_lossy(native), String::from_utf8_lossy(wasm));
    let (mut left, mut right) = (native.split('\n'), wasm.split('\n'));
    for number in 1.. {
        match (left.next(), right.next()) {
            (None, None) => break,
            (left, right) if left == right => {}
            (left, right) => {
                let [left, right] = [left, right].map(|line| line.unwrap_or("(nothing more)"));
                return format!("in line {number} native has\n  {left}\nand wasm has\n  {right}");
            }
        }
    }
    "only in bytes that are not text.".to_owned()
}

/// Builds the native probe and returns a command that runs it.
fn native_command() -> Done<Command> {
    run(&mut cargo("build --quiet --release --package faultline-probe --bin faultline-probe"))?;
    let program = target_dir().join("release").join(format!("faultline-probe{EXE_SUFFIX}"));
    Ok(command(program, [""; 0]))
}

/// Builds the wasm probe, joins it to JavaScript and returns a command that runs it under Node.
fn wasm_command() -> Done<Command> {
    tools::ensure_toolchain()?;
    run(&mut cargo(
        "build --quiet --release --package faultline-probe --lib --target wasm32-unknown-unknown",
    ))?;
    let module = target_dir().join("wasm32-unknown-unknown/release/faultline_probe.wasm");
    let bound = target_dir().join("probe");
    parts::bind(&module, &bound, "probe")?;
    let mut node = command(node::ensure_node()?, ["tests/probe/run.mjs"]);
    node.arg(bound.join("probe.js"));
    Ok(node)
}
