//! The core knows nothing that differs between machines or moments.

use faultline_tests::folder;
use std::path::Path;

/// Words that must not stand in the core's code, whatever the lints know of them.
const BANNED: &[&str] = &[
    "HashMap",
    "HashSet",
    "Instant",
    "SystemTime",
    "thread",
    "DefaultHasher",
    "f32",
    "f64",
    "println!",
    "std::env",
];

/// Every Rust file below a folder: its path and its text.
pub(super) fn sources(folder: &Path) -> std::io::Result<Vec<(String, String)>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(sources(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push((path.display().to_string(), std::fs::read_to_string(&path)?));
        }
    }
    Ok(found)
}

#[test]
fn the_core_uses_nothing_impure() {
    let found = sources(&folder().join("../core")).unwrap();
    assert!(found.len() > 100);
    for (path, text) in found {
        for (number, line) in
            text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"))
        {
            let words = line.split(|letter: char| {
                !letter.is_alphanumeric() && letter != '_' && letter != '!' && letter != ':'
            });
            let bad = words
                .into_iter()
                .find(|word| BANNED.iter().any(|banned| word.split("::").any(|part| part == *banned)));
            assert_eq!(bad, None, "{path}:{}", number + 1);
        }
    }
}
