//! Splits the program of the page at its split points: `faultline-splitter PROGRAM FOLDER`.
//!
//! It is apart from xtask, which uses the standard library only. Into the folder go `main.wasm`, a file for each part and
//! one for each set of parts that have code in common. A line for each part says which files it needs: `raft: chunk_9 split_raft`.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use wasm_split_cli_support::{Options, transform};

fn main() -> ExitCode {
    let words: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [program, folder] = &words[..] else {
        eprintln!("Usage: faultline-splitter PROGRAM FOLDER");
        return ExitCode::FAILURE;
    };
    let program = match std::fs::read(program) {
        Ok(program) => program,
        Err(error) => {
            eprintln!("{} cannot be read: {error}.", program.display());
            return ExitCode::FAILURE;
        }
    };
    let main = folder.join("main.wasm");
    let mut options = Options::new(&program);
    (options.output_dir, options.main_out_path) = (folder, &main);
    match transform(options) {
        Ok(split) => {
            let needs: BTreeMap<_, _> = split.prefetch_map.into_iter().collect();
            for (part, files) in needs {
                println!("{part}: {}", files.join(" "));
            }
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("The program cannot be split: {error:#}.");
            ExitCode::FAILURE
        }
    }
}
