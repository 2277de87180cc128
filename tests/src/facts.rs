//! The table of facts, `docs/literature.md`: what the literature says, and what came out here. Every row is written by
//! the test that measures it, with `FAULTLINE_UPDATE=1`, and held to it at every other time.

use crate::folder;
use std::fmt::Display;
use std::panic::Location;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

const HEAD: &str = "\
# What the literature says, and what came out

Each row is a fact of the literature about one of the protocols here, as a test measured it at the latest change; the test
fails when the row is no longer true. The command repeats the measurement. Where something else came out than the source says, the
row says why.

<!-- Written by the tests: FAULTLINE_UPDATE=1 cargo test -p faultline-tests. -->

| fact | what | source | expected | measured | cargo test -p faultline-tests … |
|---|---|---|---|---|---|
";

/// Only one test at a time reads or writes the table.
static TABLE: Mutex<()> = Mutex::new(());

/// States a fact in the table: its number in the literature, what is counted, who says so, what they say, and what
/// came out. Whether that is near enough is for the caller to assert.
///
/// # Panics
/// When the table says something else.
#[track_caller]
pub fn fact(id: &str, what: &str, source: &str, expected: impl Display, measured: impl Display) {
    let file = PathBuf::from(Location::caller().file());
    let file = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let thread = std::thread::current();
    let test = thread.name().unwrap_or_default();
    let row = format!("| {id} | {what} | {source} | {expected} | {measured} | `--test {file} {test}` |");
    let of_row = format!("| {id} | {what} | ");

    let _alone: MutexGuard<'_, ()> = TABLE.lock().unwrap_or_else(PoisonError::into_inner);
    let path = folder().join("../docs/literature.md");
    let table = std::fs::read_to_string(&path).unwrap_or_default();
    let mut rows: Vec<&str> = table.lines().skip(HEAD.lines().count()).collect();
    if std::env::var_os("FAULTLINE_UPDATE").is_some() {
        rows.retain(|known| !known.starts_with(&of_row));
        rows.push(&row);
        rows.sort_by_key(|row| order(row));
        let document = HEAD.to_owned() + &rows.join("\n") + "\n";
        std::fs::write(&path, document).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    } else {
        let kept = rows.iter().find(|known| known.starts_with(&of_row));
        assert_eq!(kept, Some(&row.as_str()), "docs/literature.md; FAULTLINE_UPDATE=1 writes the new row");
    }
}

/// `B4.10` comes after `B4.9`, both after `A7.1`.
fn order(row: &str) -> (String, Vec<u32>, String) {
    let id = row.trim_start_matches("| ").split(' ').next().unwrap_or_default();
    let family: String = id.chars().take_while(char::is_ascii_alphabetic).collect();
    let numbers = id[family.len()..].split('.').filter_map(|number| number.parse().ok()).collect();
    (family, numbers, row.to_owned())
}
