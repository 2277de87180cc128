//! The core without a page: the same small program natively and as wasm under Node.
//!
//! Tests compare the bytes that the two print; benches compare the times that they write to stderr.

use crate::process::{Done, capture, cargo, command, root, run, target_dir};
use crate::{node, tools};
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
    let path = tools::path_with(&[tools::wasm_bindgen()?])?;
    run(&mut cargo(
        "build --quiet --release --package faultline-probe --lib --target wasm32-unknown-unknown",
    ))?;
    let module = target_dir().join("wasm32-unknown-unknown/release/faultline_probe.wasm");
    let joined = root().join("target/probe");
    let mut bindgen = command("wasm-bindgen", ["--target", "nodejs", "--out-dir"]);
    run(bindgen.arg(&joined).arg(module).env("PATH", path))?;
    let mut node = command(node::ensure_node()?, ["tests/probe/run.cjs"]);
    node.arg(joined.join("faultline_probe.js"));
    Ok(node)
}
