//! Binds the program of the page to JavaScript: `faultline-binder PROGRAM FOLDER NAME`.
//!
//! This is all of wasm-bindgen's command line that the page needs, and it compiles in a quarter of the time. Into the folder go
//! `NAME.js` and `NAME_bg.wasm`. It is apart from xtask, which uses the standard library only.

use std::path::PathBuf;
use std::process::ExitCode;
use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    let words: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [program, folder, name] = &words[..] else {
        eprintln!("Usage: faultline-binder PROGRAM FOLDER NAME");
        return ExitCode::FAILURE;
    };
    let mut bindgen = Bindgen::new();
    bindgen.input_path(program).out_name(&name.to_string_lossy()).typescript(false);
    // A worker asks the bindings where the program is. The parts of a divided program import what the linker has exported.
    bindgen.omit_default_module_path(false).keep_lld_exports(true);
    match bindgen.web(true).and_then(|bindgen| bindgen.generate(folder)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("The program cannot be bound to JavaScript: {error:#}.");
            ExitCode::FAILURE
        }
    }
}
