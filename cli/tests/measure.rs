//! docs/measure.md: each row prints what it says, which is what the literature expects.
#![allow(clippy::unwrap_used)] // What cannot be unwrapped has failed the test.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

/// The words of a command; a word in quotes may have spaces.
fn words(command: &str) -> Vec<String> {
    let quoted = command.split('\'').enumerate();
    let words = quoted.flat_map(|(place, part)| match place % 2 {
        0 => part.split_whitespace().map(str::to_owned).collect(),
        _ => vec![part.to_owned()],
    });
    words.collect()
}

/// The figures that a command prints, by their names.
fn figures(command: &str) -> BTreeMap<String, f64> {
    let mut faultline = Command::new(env!("CARGO_BIN_EXE_faultline"));
    let output = faultline.arg("measure").args(words(command)).arg("--json").output().unwrap();
    assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let figures = json["figures"].as_array().unwrap().iter();
    figures.filter_map(|it| Some((it["name"].as_str()?.to_owned(), it["value"].as_f64()?))).collect()
}

#[test]
fn the_command_line_repeats_the_literature() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/measure.md");
    let document = std::fs::read_to_string(path).unwrap();
    let (mut rows, mut known) = (0, BTreeMap::new());
    for row in document.lines().filter(|line| line.ends_with("` |")) {
        let cells: Vec<_> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [fact, figure, expected, within, prints, command] = cells[..] else { panic!("{row}") };
        let command = command.trim_matches('`');
        let figures = known.entry(command.to_owned()).or_insert_with(|| figures(command));
        let measured = figures[figure];
        let number = |cell: &str| cell.parse::<f64>().unwrap();
        assert_eq!(measured.to_string(), prints, "{fact}: {figure}");
        assert!((measured - number(expected)).abs() <= number(within), "{fact}: {figure} is {measured}");
        rows += 1;
    }
    assert!(rows > 30, "{rows} rows");
}
