//! The core without a page: text in, text out, so that a native run and a run in wasm can be compared.

pub mod bench;
pub mod plain;
pub mod traces;

#[cfg(target_arch = "wasm32")]
use wasm_bindgen::prelude::wasm_bindgen;

/// Carries out one command on an input text and returns what it prints.
///
/// `traces` prints transcripts of many runs with faults; `workloads` names what can be timed, and each of these
/// names runs it and prints how many events there were; `run` plays the scenario of the input.
///
/// Neither a clock nor chance may reach the output: the native and the wasm run must agree on every byte.
#[must_use]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen)]
pub fn run(command: &str, input: &str) -> String {
    faultline_protocols::install();
    match command {
        "traces" => traces::all(),
        "workloads" => bench::WORKLOADS.join("\n"),
        "run" => traces::one(input),
        _ => match bench::run(command) {
            Some(events) => events.to_string(),
            None => format!("there is no command `{command}`"),
        },
    }
}
