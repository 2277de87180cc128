//! `cargo xtask test`: everything that must hold, step by step, all failures shown.

use crate::browser::{self, CHROMIUM, FIREFOX};
use crate::parts::For;
use crate::process::{self, Done, cargo, command, root, target_dir};
use crate::{node, page, probe, tools, unit};
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

struct Step {
    name: &'static str,
    says: &'static str,
    run: fn(&Options) -> Done,
}

/// Each after those that it builds upon, the quick ones first.
const STEPS: [Step; 7] = [
    Step { name: "fmt", says: "the code is formatted", run: |_| format() },
    Step { name: "lint", says: "the code has no warnings, natively and for wasm", run: |_| lint() },
    Step {
        name: "unit",
        says: "the tests of the core, the command line, the tools and the page's pure parts",
        run: |options| unit::run(&options.words),
    },
    Step { name: "trace", says: "the same traces natively and in wasm", run: |_| probe::compare("traces") },
    Step { name: "page", says: "the optimised page", run: |options| page::build(options.page()) },
    Step { name: "browser", says: "the page in a real browser", run: |options| in_browser(&options.words) },
    Step { name: "firefox", says: "the page in another browser", run: |_| in_firefox() },
];

/// Which steps to run, and which tests of `unit` or `browser`; empty lists mean all.
struct Options {
    only: Vec<String>,
    words: Vec<String>,
}

impl Options {
    /// How the page is built: where all tests were built before, as a part of their build.
    fn page(&self) -> For<'static> {
        if self.only.is_empty() { For::Tests } else { For::Here }
    }
}

/// How a step went.
struct Outcome {
    name: &'static str,
    result: Done,
    took: Duration,
}

pub(crate) fn run(options: &[&str]) -> Done {
    let options = parse(options)?;
    let wanted = |step: &&Step| options.only.is_empty() || options.only.iter().any(|name| name == step.name);
    let outcomes: Vec<Outcome> = STEPS.iter().filter(wanted).map(|step| carry_out(step, &options)).collect();
    summarise(&outcomes)
}

fn parse(options: &[&str]) -> Done<Options> {
    let mut parsed = Options { only: Vec::new(), words: Vec::new() };
    let mut options = options.iter();
    while let Some(option) = options.next() {
        match *option {
            "--only" => {
                let names = options.next().unwrap_or(&"").split(',');
                parsed.only.extend(names.map(str::to_owned));
            }
            word if word.starts_with('-') => return Err(format!("`test` knows --only, but not `{word}`.")),
            word => parsed.words.push(word.to_owned()),
        }
    }
    let runs = |name: &str| parsed.only.is_empty() || parsed.only.iter().any(|step| step == name);
    if !parsed.words.is_empty() && runs("unit") && runs("browser") {
        return Err("A WORD picks tests of one step: say `--only unit` or `--only browser`.".to_owned());
    }
    let known = STEPS.map(|step| step.name);
    match parsed.only.iter().find(|name| !known.contains(&name.as_str())) {
        Some(name) => Err(format!("`{name}` is not a step; the steps are {}.", known.join(", "))),
        None => Ok(parsed),
    }
}

fn carry_out(step: &Step, options: &Options) -> Outcome {
    println!("\n== {}: {}", step.name, step.says);
    let start = Instant::now();
    let result = (step.run)(options);
    let took = start.elapsed();
    match &result {
        Ok(()) => println!("{} passed in {:.1} s.", step.name, took.as_secs_f32()),
        Err(sentence) => println!("{} FAILED after {:.1} s: {sentence}", step.name, took.as_secs_f32()),
    }
    Outcome { name: step.name, result, took }
}

/// Repeats at the end what a person would otherwise search for, and closes with one plain line of counts.
fn summarise(outcomes: &[Outcome]) -> Done {
    println!();
    for Outcome { name, result, took } in outcomes {
        let verdict =
            result.as_ref().map_or_else(|sentence| format!("FAILED: {sentence}"), |()| "passed".to_owned());
        println!("{name:<8}{:>7.1} s  {verdict}", took.as_secs_f32());
    }
    let failed = outcomes.iter().filter(|outcome| outcome.result.is_err()).count();
    println!("{} passed, {failed} failed", outcomes.len() - failed);
    if failed == 0 { Ok(()) } else { Err(String::new()) }
}

fn format() -> Done {
    tools::ensure_toolchain()?;
    command_line("fmt --all --check")
}

fn lint() -> Done {
    tools::ensure_toolchain()?;
    let native = command_line(
        "clippy --workspace --exclude faultline-web --all-targets --features faultline-cli/pictures -- -D warnings",
    );
    let wasm = command_line(
        "clippy --package faultline-web --package faultline-probe --all-targets --all-features \
         --target wasm32-unknown-unknown -- -D warnings",
    );
    native.and(wasm)
}

/// Times searches beside those of another checker.
pub(crate) fn bench_search() -> Done {
    command_line("bench --quiet --package faultline-tests --bench search")
}

/// Does random things to the page in `dist/`, so many on each protocol.
pub(crate) fn soak(acts: &str) -> Done {
    if acts.parse::<u64>().is_err() {
        return Err(format!("`{acts}` is no number of acts."));
    }
    page_to_test()?;
    process::run(
        driven(browser::ensure_windowless()?, &["tests/browser/soak.mjs"])?.env("FAULTLINE_ACTS", acts),
    )
}

/// Makes the tests that mutate input try so many cases each.
pub(crate) fn fuzz(cases: &str) -> Done {
    if cases.parse::<u64>().is_err() {
        return Err(format!("`{cases}` is no number of cases."));
    }
    let mut tests =
        cargo("test --release --package faultline-tests --test all -- fuzz:: histories:: --nocapture");
    process::run(tests.env("FAULTLINE_CASES", cases))
}

fn command_line(line: &str) -> Done {
    process::run(&mut cargo(line))
}

/// Runs the browser tests over `dist/` as it is.
fn in_browser(words: &[String]) -> Done {
    page_to_test()?;
    let files = test_files(words)?;
    let failed = target_dir().join("failed-browser-tests.txt");
    let report = format!("--test-reporter-destination={}", failed.display());
    // Two at a time: a page mostly waits, for a frame or for a moment of its run.
    let options = [
        "--test-timeout=600000",
        "--test-concurrency=2",
        "--test-reporter-destination=stdout",
        "--test-reporter=./tests/browser/failed.mjs",
        &report,
    ];
    let first = process::run(driven(browser::ensure_windowless()?, &options)?.args(files));
    let files = fs::read_to_string(&failed).unwrap_or_default();
    let files: BTreeSet<&str> = files.lines().collect();
    if first.is_ok() || files.is_empty() || files.len() > FLAKY {
        return first;
    }
    println!("FLAKY? What failed is run once more, one file at a time: mend it even if it passes now.");
    let alone = ["--test-timeout=600000", "--test-concurrency=1"];
    process::run(driven(browser::ensure_windowless()?, &alone)?.args(files))
}

fn page_to_test() -> Done {
    if !page::is_built() {
        return Err("There is no page in dist/ to test: `cargo xtask build` makes it.".to_owned());
    }
    println!("Testing dist/.");
    Ok(())
}

/// So many files of browser tests may have failed for a second try; where more have, something is broken.
const FLAKY: usize = 3;

/// Node, about to drive a browser over the page in `dist/`.
fn driven(browser: PathBuf, options: &[&str]) -> Done<Command> {
    let mut tests = tests(options)?;
    tests.env(CHROMIUM.variable, browser);
    Ok(tests)
}

/// Node, about to run tests.
fn tests(options: &[&str]) -> Done<Command> {
    let node = node::ensure_node()?;
    node::ensure_test_packages()?;
    let mut tests = command(node, ["--test", "--test-reporter=spec"]);
    tests.args(options);
    Ok(tests)
}

/// Runs what another engine could do differently, over `dist/` as it is.
fn in_firefox() -> Done {
    page_to_test()?;
    let firefox = FIREFOX.ensure()?;
    process::run(
        tests(&["--test-timeout=600000", "tests/browser/firefox.mjs"])?.env(FIREFOX.variable, firefox),
    )
}

/// What a frame of the page costs.
pub(crate) fn frames() -> Done {
    page::build_bench()?;
    process::run(
        driven(CHROMIUM.ensure()?, &["tests/browser/frames.mjs"])?.env("FAULTLINE_DIST", page::BENCH),
    )
}

/// The longest tasks of the page in `dist/`.
pub(crate) fn tasks() -> Done {
    measured("tests/browser/tasks.mjs")
}

/// First visits of the page in `dist/`.
pub(crate) fn first() -> Done {
    measured("tests/browser/first.mjs")
}

/// The page in `dist/` beside one in one piece.
pub(crate) fn split() -> Done {
    page::build_whole()?;
    process::run(
        driven(CHROMIUM.ensure()?, &["tests/browser/speed.mjs"])?.env("FAULTLINE_WHOLE", page::WHOLE),
    )
}

fn measured(script: &str) -> Done {
    if !page::is_built() {
        return Err("There is no page in dist/ to measure: `cargo xtask build` makes it.".to_owned());
    }
    process::run(&mut driven(CHROMIUM.ensure()?, &[script])?)
}

/// Pictures of the page in `dist/`, those whose names hold one of the words.
pub(crate) fn pictures(words: &[&str]) -> Done {
    if !page::is_built() {
        return Err("There is no page in dist/ to look at: `cargo xtask build` makes it.".to_owned());
    }
    process::run(
        driven(CHROMIUM.ensure()?, &["tests/browser/pictures.mjs"])?
            .env("FAULTLINE_PICTURES", words.join(" ")),
    )
}

/// The files of the browser tests whose names hold one of the words. None at all is an error, not a success.
fn test_files(words: &[String]) -> Done<Vec<PathBuf>> {
    let folder = root().join("tests/browser");
    let entries = fs::read_dir(&folder).map_err(|error| format!("tests/browser cannot be read: {error}."))?;
    let wanted = |name: &str| {
        name.ends_with(".test.mjs")
            && (words.is_empty() || words.iter().any(|word| name.contains(word.as_str())))
    };
    let names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut files: Vec<PathBuf> = names.filter(|name| wanted(name)).map(|name| folder.join(name)).collect();
    files.sort();
    if files.is_empty() { Err("No browser test has such a name.".to_owned()) } else { Ok(files) }
}
