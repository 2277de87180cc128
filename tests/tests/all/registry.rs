//! The tests themselves: every file is compiled, every protocol has one, and every fact that is kept has a test.
#![allow(clippy::unwrap_used)] // What cannot be unwrapped has failed the test.

use faultline_tests::{Row, contents, entries, facts, folder, idle_acts, literature, play};
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

/// The names of all tests of this program, as it lists them itself.
fn tests() -> BTreeSet<String> {
    let listed = Command::new(std::env::current_exe().unwrap()).arg("--list").output().unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    let names: BTreeSet<_> =
        listed.lines().filter_map(|line| line.strip_suffix(": test")).map(str::to_owned).collect();
    assert!(names.contains("registry::every_row_names_a_test_of_its_protocol"), "{listed}");
    names
}

/// The module of a protocol's tests.
fn module(slug: &str) -> String {
    format!("protocols::{}::", slug.replace('-', "_"))
}

/// The modules of a folder, each by its path, `protocols::raft`.
fn modules(folder: &Path, within: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("{within}{}", path.file_stem().unwrap().to_string_lossy());
        match path.is_dir() {
            true => found.extend(modules(&path, &format!("{name}::"))),
            false => found.push(name),
        }
    }
    found
}

/// A file that no `mod` names is not compiled, and its tests are not run.
#[test]
fn every_file_has_tests_that_run() {
    let (tests, folder) = (tests(), folder().join("tests/all"));
    let mut modules = modules(&folder, "");
    modules.retain(|module| !["main", "oracle"].contains(&module.as_str()));
    assert!(modules.len() >= 30, "{modules:?}");
    for module in modules {
        let within = format!("{module}::");
        assert!(tests.iter().any(|test| test.starts_with(&within)), "no test in {module}");
    }
}

#[test]
fn every_protocol_has_tests_and_facts_of_its_own() {
    let (tests, facts) = (tests(), facts());
    for entry in entries() {
        let slug = entry.info.slug;
        let module = module(slug);
        assert!(facts.get(slug).is_some_and(|rows| !rows.is_empty()), "no rows in tests/facts/{slug}.tsv");
        assert!(tests.iter().any(|test| test.starts_with(&module)), "no test in {module}");
        let vetted = format!("{module}vetted_seeds_show_what_is_said_of_them");
        assert_eq!(tests.contains(&vetted), !entry.seeds.is_empty(), "{vetted}");
    }
}

/// A row whose test is gone would stand there for ever. (That its test still states it is what `cargo xtask test` asks of
/// every run.)
#[test]
fn every_row_names_a_test_of_its_protocol() {
    let tests = tests();
    let slugs: BTreeSet<_> = entries().iter().map(|entry| entry.info.slug).collect();
    let mut count = 0;
    for (slug, rows) in facts() {
        assert!(slugs.contains(slug.as_str()), "tests/facts/{slug}.tsv is of no protocol");
        for Row { id, what, test, .. } in rows {
            let there = test.starts_with(&module(&slug)) && tests.contains(&test);
            assert!(there, "tests/facts/{slug}.tsv: {id}, {what}: there is no test `{test}`");
            count += 1;
        }
    }
    assert!(count >= 130, "{count}");
}

#[test]
fn the_literature_is_joined_from_the_facts() {
    let (kept, joined) = literature();
    assert!(joined.lines().count() > 130);
    assert!(kept == joined, "docs/literature.md; FAULTLINE_UPDATE=1 joins it again");
}

#[test]
fn the_contents_are_written_from_the_catalogue() {
    let (kept, written) = contents();
    assert_eq!(kept, written, "docs/catalogue.md; FAULTLINE_UPDATE=1 writes it again");
}

/// The check that holds presets to their acts sees an act that is refused, and one that comes too late.
#[test]
fn acts_that_do_nothing_are_seen() {
    let idle = |acts: &str| idle_acts(&play(&format!("faultline 2\nprotocol raft\nuntil 1s\n{acts}")));
    assert_eq!(idle("at 1ms crash n1\nat 2ms restart n1\nat 3ms cut n1|n2,n3,n4,n5\n"), [""; 0]);
    let acts =
        "at 1ms restart n1\nat 2ms crash n1\nat 3ms crash n1\nat 4ms drop n2>n3 Append\nat 5ms restart n1\n";
    assert_eq!(idle(acts), ["restart n1", "crash n1", "drop n2>n3 Append"]);
    assert_eq!(idle("at 1ms crash n1\nat 2s restart n1\n"), ["restart n1"]);
}
