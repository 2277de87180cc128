//! The command line as a person meets it: what it prints, what it says about bad input, how it exits.
#![allow(clippy::unwrap_used)] // What cannot be unwrapped has failed the test.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn faultline(arguments: &[&str], input: &[u8]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_faultline"));
    command.args(arguments).current_dir(root()).stdin(Stdio::piped());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // The program may well have answered and gone before it has read ten megabytes.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn it_lists_what_there_is() {
    let listed = faultline(&["list"], b"");
    assert!(listed.status.success() && text(&listed.stdout).contains("raft"));
    let raft = text(&faultline(&["list", "raft"], b"").stdout);
    for words in ["set heartbeat 50ms", "twin counts-old-terms", "State Machine Safety", "raft/figure-8"] {
        assert!(raft.contains(words), "{raft}");
    }
}

#[test]
fn the_figures_run_to_their_golden_transcripts() {
    for name in ["figure-7", "figure-8", "figure-8-unsafe"] {
        let run = faultline(&["run", &format!("core/scenarios/raft/{name}.txt")], b"");
        assert!(run.status.success(), "{}", text(&run.stderr));
        let golden = std::fs::read_to_string(root().join(format!("tests/golden/raft/{name}.txt"))).unwrap();
        let (transcript, checksum) = golden.trim_end().rsplit_once('\n').unwrap();
        assert_eq!(text(&run.stdout).trim_end(), transcript);
        assert!(text(&run.stderr).contains(checksum), "{}", text(&run.stderr));
    }
}

#[test]
fn a_scenario_goes_to_a_link_and_back() {
    let scenario = b"faultline 1\nprotocol raft\nseed 42\nat 1.2s crash n1\nat 1.5s drop n2>n3 Append\n";
    let link = faultline(&["link", "-"], scenario);
    assert!(link.status.success());
    let opened = faultline(&["open", text(&link.stdout).trim()], b"");
    assert_eq!(text(&opened.stdout), text(scenario));
}

#[test]
fn it_says_what_is_promised_no_more() {
    let head = "faultline 1\nprotocol raft\nuntil 1s\n";
    let kept = faultline(&["run", "-"], format!("{head}at 0s crash n1\n").as_bytes());
    assert!(!text(&kept.stderr).contains("promised"));
    let broken = faultline(&["run", "-"], format!("{head}at 0s take over n1\n").as_bytes());
    assert!(text(&broken.stderr).contains("nothing is promised from event 5 on: Nodes are assumed to do"));
}

#[test]
fn an_expectation_that_is_not_met_is_exit_code_1() {
    let run = faultline(&["run", "-"], b"faultline 1\nprotocol raft\nexpect violated log-matching\n");
    assert_eq!(run.status.code(), Some(1));
    assert!(text(&run.stderr).contains("log-matching was not violated"));
}

#[test]
fn bad_input_is_exit_code_2_with_a_line_and_a_sentence() {
    let noise: Vec<u8> = (0..10_000_000_u64).map(|nth| (nth.wrapping_mul(0x9e37_79b9) >> 24) as u8).collect();
    let link = text(&faultline(&["link", "raft/figure-8"], b"").stdout);
    let link = link.trim();
    let flipped = link.replacen('z', "y", 1);
    for (arguments, input, words) in [
        (vec!["open", &link[..link.len() - 9]], &b""[..], "line 1: this link has lost its end"),
        (vec!["open", &flipped], b"", "line 1: this link is damaged"),
        (vec!["run", "-"], b"faultline 1\nprotocol raft\nat 1s explode n1\n", "line 3: `explode` is no act"),
        (
            vec!["run", "-"],
            b"faultline 1\nprotocol raft\n\nat 1s crash n9\n",
            "line 4: there is no node `n9`",
        ),
        (vec!["run", "-"], &noise, "line 1: "),
        (vec!["run", "/no/such/file"], b"", "cannot read"),
        (vec!["list", "rafft"], b"", "there is no protocol `rafft`"),
        (vec!["fly"], b"", "faultline help"),
    ] {
        let output = faultline(&arguments, input);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(said.contains(words) && said.lines().count() == 1, "{arguments:?}: {said}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn it_measures_what_runs_cost() {
    let measured =
        text(&faultline(&["measure", "two-phase-commit", "--seeds", "2", "--nodes", "3"], b"").stdout);
    assert!(measured.contains("forced writes") && measured.contains("Prepare"), "{measured}");
    let json = text(&faultline(&["measure", "raft", "--seeds", "1", "--json"], b"").stdout);
    assert!(
        json.starts_with("{\"protocol\":\"raft\",\"nodes\":5") && json.trim_end().ends_with("}}"),
        "{json}"
    );
    assert_eq!(faultline(&["measure", "raft", "--speed", "2"], b"").status.code(), Some(2));
}

#[test]
fn it_attacks_shrinks_and_checks() {
    let attack = faultline(&["attack", "raft", "--seeds", "40", "--bug", "replaces-old-entries"], b"");
    assert_eq!(attack.status.code(), Some(1));
    let said = text(&attack.stdout);
    assert!(said.contains("40 seeds") && said.contains("broken: leader-append-only"), "{said}");
    let scenario = &said[said.find("faultline 1").unwrap()..];
    let again = faultline(&["run", "-"], scenario.as_bytes());
    assert!(again.status.success(), "{}", text(&again.stderr));
    assert!(faultline(&["attack", "raft", "--seeds", "10", "--shard", "2/5"], b"").status.success());
    assert_eq!(faultline(&["shrink", "raft/figure-8"], b"").status.code(), Some(1));
    let shrunk = faultline(&["shrink", "raft/figure-8-unsafe"], b"");
    assert!(text(&shrunk.stdout).contains("expect violated leader-completeness"));
    let check = faultline(&["check", "raft", "--nodes", "2", "--depth", "5"], b"");
    assert!(text(&check.stdout).contains("not complete"), "{}", text(&check.stdout));
}
