//! The unit step: all of cargo's tests, or those of the package `tests` whose names hold a word; and afterwards a look at the
//! facts that are kept, each of which a test that ran must have stated.

use crate::process::{self, Done, cargo, root, target_dir};
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// In one command, because two that choose other packages compile the engine and its protocols twice. The splitter and the
/// binder are tools of the page, and the probe is a program for wasm.
pub(crate) const EVERYTHING: &str = "test --no-fail-fast --workspace --exclude faultline-splitter --exclude faultline-binder --exclude faultline-probe";
/// The program of the tests that are written by hand, and the one whose trials the catalogue makes.
const ALL: &str = "test --package faultline-tests --test all";
const CATALOGUE: &str = "test --package faultline-tests --test catalogue";

pub(crate) fn run(words: &[String]) -> Done {
    let stated = stated_file();
    match fs::remove_file(&stated) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(format!("{} cannot be removed: {error}.", stated.display()));
        }
        _ => {}
    }
    if words.is_empty() {
        process::run(&mut noted(EVERYTHING))?;
        return every_row_was_stated(&|_| true);
    }
    // A protocol's module is named as its slug is, but that modules have no hyphens.
    let (by_hand, of_catalogue) = (names(ALL)?, names(CATALOGUE)?);
    let module = |word: &String| word.replace('-', "_");
    let holds = |names: &BTreeSet<String>, word: &str| names.iter().any(|name| name.contains(word));
    let unknown = words.iter().find(|word| !holds(&by_hand, &module(word)) && !holds(&of_catalogue, word));
    if let Some(word) = unknown {
        return Err(format!("No test of the package `tests` has a name that holds `{word}`."));
    }
    let modules: Vec<String> = words.iter().map(module).filter(|word| holds(&by_hand, word)).collect();
    // An author who asks for one protocol reads what a test says, not the way there.
    let mut result = Ok(());
    if !modules.is_empty() {
        result = process::run(noted(ALL).env("RUST_BACKTRACE", "0").arg("--").args(&modules));
    }
    // Its program takes one word at a time.
    for word in words.iter().filter(|word| holds(&of_catalogue, word)) {
        result = result.and(process::run(cargo(CATALOGUE).env("RUST_BACKTRACE", "0").args(["--", word])));
    }
    result?;
    every_row_was_stated(&|test| modules.iter().any(|word| test.contains(word.as_str())))
}

/// The names of a program's tests, as it lists them.
fn names(program: &str) -> Done<BTreeSet<String>> {
    let listed = process::capture(cargo(program).args(["--quiet", "--", "--list"]))?;
    let listed = String::from_utf8_lossy(&listed).into_owned();
    Ok(listed.lines().filter_map(|line| line.strip_suffix(": test")).map(str::to_owned).collect())
}

/// Where the tests note what facts they state.
fn stated_file() -> PathBuf {
    target_dir().join("facts-stated.tsv")
}

fn noted(line: &str) -> Command {
    let mut command = cargo(line);
    command.env("FAULTLINE_STATED", stated_file());
    command
}

/// A row that its test states no longer would stand in the table for ever, and nothing would hold it: with `FAULTLINE_UPDATE`
/// it is taken away, otherwise it is an error. `ran` says of a test whether it was among those that ran.
fn every_row_was_stated(ran: &dyn Fn(&str) -> bool) -> Done {
    let stated = fs::read_to_string(stated_file()).unwrap_or_default();
    let stated: BTreeSet<&str> = stated.lines().collect();
    let folder = root().join("tests/facts");
    let entries = fs::read_dir(&folder).map_err(|error| format!("tests/facts cannot be read: {error}."))?;
    let (updates, mut count, mut left) = (std::env::var_os("FAULTLINE_UPDATE").is_some(), 0, Vec::new());
    for path in entries.flatten().map(|entry| entry.path()) {
        let wrong = |error| format!("{}: {error}.", path.display());
        let slug = path.file_stem().unwrap_or_default().to_string_lossy();
        let table = fs::read_to_string(&path).map_err(wrong)?;
        let (before, mut kept) = (left.len(), Vec::new());
        for row in table.lines().skip(1) {
            let cells: Vec<&str> = row.split('\t').collect();
            let [id, what, .., test] = cells[..] else {
                return Err(format!("tests/facts/{slug}.tsv: `{row}` is no row."));
            };
            count += usize::from(ran(test));
            if ran(test) && !stated.contains(format!("{slug}\t{id}\t{what}").as_str()) {
                left.push(format!("tests/facts/{slug}.tsv: {test} does not state `{id}, {what}`"));
            } else {
                kept.push(row);
            }
        }
        if updates && kept.is_empty() {
            fs::remove_file(&path).map_err(wrong)?;
        } else if updates && left.len() > before {
            let head = table.lines().take(1);
            let text = head.chain(kept).collect::<Vec<_>>().join("\n") + "\n";
            fs::write(&path, text).map_err(wrong)?;
        }
    }
    println!("{count} facts, {} of them not stated.", left.len());
    left.sort();
    match (left.is_empty(), updates) {
        (true, _) => Ok(()),
        (false, false) => {
            let rows = left.join("\n");
            Err(format!("Rows that no test states any more; FAULTLINE_UPDATE=1 takes them away:\n{rows}"))
        }
        (false, true) => {
            println!("Taken away:\n{}", left.join("\n"));
            process::run(&mut cargo(&format!("{ALL} -- the_literature_is_joined_from_the_facts")))
        }
    }
}
