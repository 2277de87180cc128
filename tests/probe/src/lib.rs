//! The core without a page: text in, text out, so that a native run and a run in wasm can be compared.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen::prelude::wasm_bindgen;

/// Carries out one command on an input text and returns what it prints.
///
/// Neither a clock nor chance may reach the output: the native and the wasm run must agree on every byte.
#[must_use]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen)]
pub fn run(command: &str, _input: &str) -> String {
    command.to_owned()
}
