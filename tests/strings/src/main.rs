//! Everything that people read: each string with its kind and its place, or how many of each kind there are and how they read.
//! `cargo xtask strings` runs it.

mod reading;
mod rust;

use reading::Reading;
use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// Something that people read.
struct Said {
    kind: &'static str,
    file: PathBuf,
    line: usize,
    text: String,
}

fn main() -> Result<(), Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap_or(Path::new("."));
    let mut said = Vec::new();
    for folder in ["core", "cli/src", "web/src", "docs", "README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"] {
        collect(&root.join(folder), &mut said)?;
    }
    let words: Vec<String> = env::args().skip(1).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--count"] => print!("{}", counts(&said)),
        ["--headless"] => {
            said.retain(|it| reading::sentences(&it.text).iter().any(|it| reading::is_headless(it)));
            list(root, &said);
        }
        [] => list(root, &said),
        _ => return Err("The options are `--count` and `--headless`.".into()),
    }
    Ok(())
}

/// All that is said in a file, or in the files of a folder.
fn collect(path: &Path, said: &mut Vec<Said>) -> Result<(), Box<dyn Error>> {
    if path.is_dir() {
        let entries: Result<Vec<_>, _> = fs::read_dir(path)?.collect();
        let mut paths: Vec<_> = entries?.iter().map(fs::DirEntry::path).collect();
        paths.sort();
        return paths.iter().try_for_each(|path| collect(path, said));
    }
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("rs") if name != "tests.rs" => rust::collect(path, &fs::read_to_string(path)?, said)?,
        Some("txt") => scenario(path, &fs::read_to_string(path)?, said),
        Some("md") => document(path, &fs::read_to_string(path)?, said),
        _ => {}
    }
    Ok(())
}

/// The titles and captions of a scenario.
fn scenario(file: &Path, text: &str, said: &mut Vec<Said>) {
    for (line, words) in (1..).zip(text.lines()) {
        let mut push =
            |kind, text: &str| said.push(Said { kind, file: file.into(), line, text: text.trim().into() });
        if let Some(title) = words.strip_prefix("title ") {
            push("title", title);
        } else if let Some((_, caption)) = words.split_once(" say ") {
            caption.split('|').for_each(|part| push("caption", part));
        }
    }
}

/// The paragraphs, list items and table rows of a document, without its code.
fn document(file: &Path, text: &str, said: &mut Vec<Said>) {
    let (mut paragraph, mut first, mut code) = (String::new(), 1, false);
    let mut end = |paragraph: &mut String, line| {
        if !paragraph.is_empty() {
            said.push(Said { kind: "document", file: file.into(), line, text: std::mem::take(paragraph) });
        }
    };
    for (number, line) in (1..).zip(text.lines()) {
        let fence = line.trim_start().starts_with("```");
        code ^= fence;
        let words = line.trim_start_matches(['*', '-', '#', ' ']);
        let begins = words.len() < line.len() || line.starts_with('|') || line.is_empty();
        if begins || fence {
            end(&mut paragraph, first);
            first = number;
        }
        if !(code || fence || line.starts_with("    ")) {
            paragraph += if paragraph.is_empty() { "" } else { " " };
            paragraph += words;
        }
    }
    end(&mut paragraph, first);
}

fn list(root: &Path, said: &[Said]) {
    for Said { kind, file, line, text } in said {
        let file = file.strip_prefix(root).unwrap_or(file);
        println!("{kind}\t{}:{line}\t{}", file.display(), text.replace('\n', " "));
    }
}

/// A table: of each kind how many strings there are, how many sentences, words a sentence, and the share that begins without a
/// head.
fn counts(said: &[Said]) -> String {
    let mut kinds: BTreeMap<&str, Reading> = BTreeMap::new();
    for it in said {
        kinds.entry(it.kind).or_default().add(&it.text);
        kinds.entry("~ all").or_default().add(&it.text);
    }
    let mut table =
        format!("{:<14}{:>9}{:>11}{:>9}{:>11}\n", "kind", "strings", "sentences", "words", "headless");
    for (kind, reading) in kinds {
        table += &format!("{:<14}{reading}\n", kind.trim_start_matches("~ "));
    }
    table
}
