//! The command line as a person meets it: what it prints, what it says about bad input, how it exits.
#![allow(clippy::unwrap_used)] // What cannot be unwrapped has failed the test.

use faultline_core::scenario::Scenario;
use faultline_core::sim::Run;
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

/// What is printed is every event; the golden file has those that a person reviews, and how many there are.
#[test]
fn the_figures_run_to_their_golden_transcripts() {
    faultline_protocols::install();
    for name in ["figure-7", "figure-8", "figure-8-unsafe"] {
        let file = format!("core/protocols/consensus/scenarios/raft/{name}.txt");
        let run = faultline(&["run", &file], b"");
        assert!(run.status.success(), "{}", text(&run.stderr));
        let printed = text(&run.stdout);
        let scenario = Scenario::parse(&std::fs::read_to_string(root().join(file)).unwrap()).unwrap();
        let until = scenario.until;
        assert_eq!(printed.trim_end(), Run::new(scenario, until).transcript().trim_end());

        let golden = std::fs::read_to_string(root().join(format!("tests/golden/raft/{name}.txt"))).unwrap();
        let mut lines = golden.lines();
        let head: Vec<_> = lines.next().unwrap().split(' ').collect();
        let ["#", reviewed, "of", count, ..] = head[..] else { panic!("{head:?}") };
        assert_eq!(printed.lines().count().to_string(), count);
        let reviewed: usize = reviewed.parse().unwrap();
        let mut events = printed.lines();
        assert!(reviewed > 10);
        for line in lines.by_ref().take(reviewed) {
            assert!(events.any(|event| event == line), "{name}: {line}");
        }
        let checksum = lines.next_back().unwrap();
        assert!(checksum.starts_with("checksum ") && text(&run.stderr).contains(checksum), "{checksum}");
    }
}

#[test]
fn a_scenario_goes_to_a_link_and_back() {
    let scenario = b"faultline 2\nprotocol raft\nseed 42\nat 1.2s crash n1\nat 1.5s drop n2>n3 Append\n";
    let link = faultline(&["link", "-"], scenario);
    assert!(link.status.success());
    let opened = faultline(&["open", text(&link.stdout).trim()], b"");
    assert_eq!(text(&opened.stdout), text(scenario));
    assert!(opened.status.success() && opened.stderr.is_empty());
}

/// Its own letters fit, and those of the run are `aaaaa`, as of a run that came out differently.
#[test]
fn a_link_to_a_run_that_comes_out_differently_says_so() {
    let opened = faultline(&["open", "#/raft?2&seed+42&k=aptqaaaaaa"], b"");
    assert_eq!(text(&opened.stdout), "faultline 2\nprotocol raft\nseed 42\n");
    assert_eq!(opened.status.code(), Some(1));
    assert_eq!(text(&opened.stderr).lines().count(), 1);
    assert!(text(&opened.stderr).contains("another version of Faultline"), "{}", text(&opened.stderr));
    let without = faultline(&["open", "#/raft?2&seed+42&k=bjhvm"], b"");
    assert!(without.status.success() && without.stderr.is_empty());
}

#[test]
fn it_says_what_is_promised_no_more() {
    let head = "faultline 2\nprotocol raft\nuntil 1s\n";
    let kept = faultline(&["run", "-"], format!("{head}at 0s crash n1\n").as_bytes());
    assert!(!text(&kept.stderr).contains("promised"));
    let broken = faultline(&["run", "-"], format!("{head}at 0s take over n1\n").as_bytes());
    let said =
        "Safety and liveness claims: not promised from event 5 on. The protocol assumes that every node";
    assert!(text(&broken.stderr).contains(said));
    // A violation counts all the same, and it says whether the claim was still promised.
    let text_of =
        std::fs::read_to_string(root().join("core/protocols/consensus/scenarios/raft/figure-8-unsafe.txt"))
            .unwrap();
    let kept = faultline(&["run", "-"], text_of.as_bytes());
    assert!(text(&kept.stderr).contains("State Machine Safety violated by event"), "{}", text(&kept.stderr));
    assert!(!text(&kept.stderr).contains("promised"));
    let taken = text_of.replace("until 1.1s\n", "until 1.1s\nat 0s take over n4\n");
    let broken = faultline(&["run", "-"], taken.as_bytes());
    let said = text(&broken.stderr);
    assert!(
        said.lines().any(|it| it.starts_with("State Machine Safety") && it.contains("no longer promised")),
        "{said}"
    );
    let compared =
        faultline(&["compare", "raft/figure-8", "-"], format!("{head}at 0s take over n1\n").as_bytes());
    assert!(
        text(&compared.stdout).contains("not promised since n1 was taken over"),
        "{}",
        text(&compared.stdout)
    );
}

#[test]
fn an_expectation_that_is_not_met_is_exit_code_1() {
    let run = faultline(&["run", "-"], b"faultline 2\nprotocol raft\nexpect violated log-matching\n");
    assert_eq!(run.status.code(), Some(1));
    assert!(text(&run.stderr).contains("log-matching was not violated"));
}

#[test]
fn bad_input_is_exit_code_2_with_a_line_and_a_sentence() {
    let noise: Vec<u8> = (0..10_000_000_u64).map(|nth| (nth.wrapping_mul(0x9e37_79b9) >> 24) as u8).collect();
    let link = text(&faultline(&["link", "raft/figure-8"], b"").stdout);
    let link = link.trim();
    let flipped = link.replacen("figure-8", "figure-7", 1);
    for (arguments, input, words) in [
        (vec!["open", &link[..link.len() - 11]], &b""[..], "line 1: this link is incomplete"),
        (vec!["open", &flipped], b"", "line 1: this link is damaged"),
        (vec!["run", "-"], b"faultline 2\nprotocol raft\nat 1s explode n1\n", "line 3: `explode` is no act"),
        (
            vec!["run", "-"],
            b"faultline 2\nprotocol raft\n\nat 1s crash n9\n",
            "line 4: there is no node `n9`",
        ),
        (vec!["run", "-"], &noise, "line 1: "),
        (vec!["run", "/no/such/file"], b"", "cannot read"),
        (vec!["list", "rafft"], b"", "there is no protocol `rafft`"),
        (vec!["fly"], b"", "there is no verb `fly`; `faultline help` lists all"),
        (vec!["chek", "raft"], b"", "did you mean `check`?"),
        (vec!["run"], b"", "`run` needs a scenario: a file, `-` for stdin"),
        (vec!["run", "-", "x"], b"", "`x` is one word too many for `run`"),
        (vec!["check", "rafft"], b"", "did you mean `raft`? `faultline list` lists all"),
        (
            vec!["check", "raft", "--timers", "256"],
            b"",
            "`--timers` takes a whole number from 0 to 255, not `256`",
        ),
        (vec!["check", "raft", "--seed", "-1"], b"", "`--seed` takes a whole number, not `-1`"),
        (vec!["check", "raft", "--depht", "3"], b"", "did you mean `--depth`?"),
        (vec!["check", "raft", "--depth"], b"", "`--depth` needs a value"),
        (vec!["check", "raft", "--depth", "1", "--depth", "2"], b"", "`--depth` is given twice"),
        (vec!["check", "raft", "--nodes", "99"], b"", "`--nodes 99`: Raft runs with"),
        (vec!["check", "raft", "--twin", "none"], b"", "`--twin none`: there is no wrong twin `none`"),
        (vec!["attack", "raft", "--shard", "3/2"], b"", "`--shard` takes I/N with I from 1 to N"),
        (vec!["attack", "raft", "--peace", "no"], b"", "`--peace` takes `all` or `all-but-one`, not `no`"),
        (vec!["attack", "raft", "--param", "x"], b"", "`--param` takes NAME=VALUE"),
        (vec!["measure", "raft", "--line", "latency"], b"", "`--line latency`: "),
        (vec!["measure", "rafft"], b"", "cannot read `rafft`"),
        (
            vec!["linearize", "-", "--model", "x"],
            b"",
            "`--model` takes `register`, `registers`, `multi-register`, `kv`, `queue`, `unordered-queue`, `set`, `mutex` or `list-append`",
        ),
        (vec!["completions", "sh"], b"", "`SHELL` takes `bash`"),
        (vec!["man", "fly"], b"", "there is no verb `fly`"),
    ] {
        let output = faultline(&arguments, input);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(said.contains(words) && said.lines().count() == 1, "{arguments:?}: {said}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn it_reads_logs_as_runs() {
    let log = "asks\na {\"a\":1}\nnoise\nanswers\nb {\"b\":1, \"a\":1}\n";
    let read = faultline(&["log", "-"], log.as_bytes());
    let (printed, said) = (text(&read.stdout), text(&read.stderr));
    assert!(printed.contains("a logs “asks”") && printed.contains("b logs “answers”"), "{printed}");
    assert!(said.contains("1 line is no part of an event; it is line 3, “noise”."), "{said}");
    let drawn = text(&faultline(&["log", "-", "--as", "mermaid"], log.as_bytes()).stdout);
    assert!(drawn.contains("sequenceDiagram") && drawn.contains("There is no link"), "{drawn}");
    let bad = faultline(&["log", "-", "--expression", "("], log.as_bytes());
    assert_eq!(bad.status.code(), Some(2));
    assert!(text(&bad.stderr).contains("The expression cannot be read"));
}

#[test]
fn it_measures_what_runs_cost() {
    let measured =
        text(&faultline(&["measure", "two-phase-commit", "--seeds", "2", "--nodes", "3"], b"").stdout);
    assert!(measured.contains("forced writes") && measured.contains("Prepare"), "{measured}");
    let json = text(&faultline(&["measure", "raft", "--seeds", "1", "--json"], b"").stdout);
    assert!(
        json.starts_with("{\"protocol\":\"raft\",\"nodes\":5") && json.trim_end().ends_with("]}"),
        "{json}"
    );
    assert_eq!(faultline(&["measure", "raft", "--speed", "2"], b"").status.code(), Some(2));

    // A scenario is played as it is written, with the lines that are added; nobody is asked anything besides.
    let scenario = b"faultline 2\nprotocol two-phase-commit\nlatency 10ms\nat 100ms n1 Begin\n";
    let twice = ["measure", "-", "--seeds", "3", "--line", "at 200ms n1 Begin", "--line", "latency 20ms"];
    let measured = text(&faultline(&twice, scenario).stdout);
    for words in
        ["Prepare                       18", "median 20ms", "messages per transaction          12   "]
    {
        assert!(measured.contains(words), "{measured}");
    }
    assert!(!measured.contains("one request every"), "{measured}");
}

#[test]
fn it_explains_what_breaks() {
    let explained = faultline(&["explain", "raft/figure-8-unsafe"], b"");
    assert_eq!(explained.status.code(), Some(1));
    let said = text(&explained.stdout);
    for words in [
        "Promised: Every committed entry",
        "Now: n5 leads term 5",
        "n1 commits up to entry 2. Without the twin",
    ] {
        assert!(said.contains(words), "{said}");
    }
    assert!(text(&explained.stderr).contains("2 claims break"));
    let right = faultline(&["explain", "raft/figure-8"], b"");
    assert!(right.status.success() && text(&right.stdout).starts_with("No claim breaks"));
    let one = faultline(&["explain", "raft/figure-8-unsafe", "leader-completeness"], b"");
    assert_eq!(one.status.code(), Some(1));
    assert!(text(&one.stderr).contains("Leader Completeness breaks in this scenario"));
    assert!(said.starts_with(&text(&one.stdout)), "the first of both");
}

#[test]
fn it_explains_what_came_about() {
    for (scenario, what, words) in [
        ("raft/first-steps", "Elected", "Counted: 3 of 5 votes, needs 3: "),
        ("two-phase-commit/first-steps", "Decided commit", "Now: n1 decides to commit t1, with 3 of 3 votes"),
        ("two-phase-commit/blocking", "blocking", "Reached: A participant that voted yes must wait"),
    ] {
        let explained = faultline(&["explain", scenario, what], b"");
        assert!(explained.status.success(), "{}", text(&explained.stderr));
        assert!(text(&explained.stdout).contains(words), "{}", text(&explained.stdout));
    }
    let open = faultline(&["explain", "raft/first-steps", "election-safety"], b"");
    assert_eq!(open.status.code(), Some(2));
    assert!(text(&open.stderr).contains("Election Safety is neither violated nor reached"));
    let unknown = faultline(&["explain", "raft/first-steps", "Crowned"], b"");
    assert_eq!(unknown.status.code(), Some(2));
    assert!(text(&unknown.stderr).contains("no claim is called `Crowned`"));
}

#[test]
fn it_attacks_shrinks_and_checks() {
    let attack = faultline(&["attack", "raft", "--seeds", "40", "--twin", "replaces-old-entries"], b"");
    assert_eq!(attack.status.code(), Some(1));
    let said = text(&attack.stdout);
    assert!(said.contains("40 seeds") && said.contains("broken: leader-append-only"), "{said}");
    let scenario = &said[said.find("faultline 2").unwrap()..];
    let again = faultline(&["run", "-"], scenario.as_bytes());
    assert!(again.status.success(), "{}", text(&again.stderr));
    assert!(faultline(&["attack", "raft", "--seeds", "10", "--shard", "2/5"], b"").status.success());
    assert_eq!(faultline(&["shrink", "raft/figure-8"], b"").status.code(), Some(1));
    let shrunk = faultline(&["shrink", "raft/figure-8-unsafe"], b"");
    let said = text(&shrunk.stdout);
    assert!(said.contains("expect violated leader-completeness"), "{said}");
    assert!(said.contains("at 0s say How Leader Completeness breaks | The promise: "), "{said}");
}

#[test]
fn it_checks_and_says_how_far() {
    let check = |words: &str| {
        let mut arguments = vec!["check"];
        arguments.extend(words.split(' '));
        let checked = faultline(&arguments, b"");
        (text(&checked.stdout), checked.status.code())
    };
    let (said, code) = check("raft --nodes 2 --depth 5");
    assert!(said.contains("Every order of up to 5 events: no claim breaks."), "{said}");
    assert!(said.contains("not complete: the bound on depth left out some runs"), "{said}");
    assert_eq!(code, Some(0));
    let (said, _) = check("raft --nodes 2 --max-states 100");
    assert!(said.contains("100 states") && said.contains("the bound on states left out some runs"), "{said}");
    let (said, _) = check("raft --nodes 2 --timers 2");
    assert!(said.contains("1148 states") && said.contains("\ncomplete: every run"), "{said}");
    let (said, _) = check("two-phase-commit --nodes 3 --timers 1 --crashes 1");
    assert!(
        said.contains("\ncomplete:")
            && said.contains("states at rest, in which these claims were judged: Termination"),
        "{said}"
    );
    let (said, code) = check("two-phase-commit --nodes 3 --timers 1 --twin aborts-uncertain");
    assert!(said.contains("\ncomplete: every run") && code == Some(1), "{said}");
    assert!(said.contains("Every order of events within the bounds: "), "{said}");
    let scenario = &said[said.find("faultline 2").unwrap()..];
    let scenario = scenario.split("\nbroken:").next().unwrap();
    assert!(faultline(&["run", "-"], scenario.as_bytes()).status.success());
    let walk = |seed: &str| {
        check(&format!("raft --nodes 3 --crashes 1 --twin forgets-vote --depth 40 --seed {seed} --walk 10"))
    };
    assert_eq!((walk("9205").1, walk("9190").1), (Some(1), Some(0)));
    assert_eq!(check("raft --timers 999").1, Some(2));
}

/// What the shards of a sweep found is, merged, what the sweep finds; whatever is wrong with the files is said.
#[test]
fn shards_merge_to_the_whole() {
    let folder = std::env::temp_dir().join(format!("faultline-merge-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = |shard: u64| folder.join(format!("{shard}.json")).to_string_lossy().into_owned();
    let sweep = |more: &[&str]| {
        let all = ["attack", "raft", "--seeds", "40", "--twin", "replaces-old-entries"];
        faultline(&[&all, more].concat(), b"")
    };
    for shard in 1..=3 {
        let saved = sweep(&["--shard", &format!("{shard}/3"), "--out", &file(shard)]);
        assert!(matches!(saved.status.code(), Some(0 | 1)), "{}", text(&saved.stderr));
    }
    let whole = sweep(&[]);
    let merged = faultline(&["merge", &file(3), &file(1), &file(2)], b"");
    assert_eq!((text(&merged.stdout), merged.status.code()), (text(&whole.stdout), Some(1)));
    // With `-` the result itself is printed.
    let printed = sweep(&["--shard", "1/3", "--out", "-"]);
    assert_eq!(text(&printed.stdout), std::fs::read_to_string(file(1)).unwrap());

    let complaint = |files: &[&str]| {
        let merged = faultline(&[&["merge"], files].concat(), b"");
        assert_eq!(merged.status.code(), Some(2), "{files:?}");
        text(&merged.stderr)
    };
    let (one, two) = (file(1), file(2));
    assert!(complaint(&[&one]).contains("missing shards, of 3: 2 to 3"));
    assert!(
        complaint(&[&one, &two, &two])
            .contains("shard 2 is given twice and counts once; missing shards, of 3: 3")
    );
    assert!(complaint(&[]).contains("needs the files that `attack --out` wrote"));
    let spoilt = |name: &str, change: &dyn Fn(String) -> String| {
        let path = folder.join(name).to_string_lossy().into_owned();
        std::fs::write(&path, change(std::fs::read_to_string(file(1)).unwrap())).unwrap();
        path
    };
    let cut = spoilt("cut", &|text| text[..text.len() - 2].to_owned());
    assert!(complaint(&[&cut]).contains("is incomplete"));
    let other = spoilt("other", &|text| text.replace("protocol raft", "protocol raft\\nnodes 3"));
    assert!(complaint(&[&two, &other]).contains("belongs to another attack"));
    let fewer = spoilt("fewer", &|text| text.replace("\"seeds\": 14,", "\"seeds\": 13,"));
    assert!(complaint(&[&fewer]).contains("covers 13 seeds, but its shard has 14"));
    let differs = spoilt("differs", &|text| text.replace("\"idle\": 0", "\"idle\": 1"));
    assert!(complaint(&[&one, &differs]).contains("with different results"));
    let noise = spoilt("noise", &|text| text.replace("\"seeds\": 14", "\"seed\": 14"));
    assert!(complaint(&[&noise]).contains("unknown field `seed`") && complaint(&[&noise]).contains("line "));
    let later = spoilt("later", &|text| text.replace("\"version\": 2", "\"version\": 3"));
    assert!(complaint(&[&later]).contains("has version 3, and this program reads up to version 2"));
    let none = spoilt("none", &|text| text.replace("\"shard\": 1", "\"shard\": 4"));
    assert!(complaint(&[&none]).contains("there is no shard 4 of 3"));
    // A shard that was tried by an earlier version, whose results were lines of text, counts like the others.
    let old = [
        "faultline result 1",
        "shard 1/3 of 40 seeds from 1, peace to all",
        "| faultline 2",
        "| protocol raft",
    ];
    let old = old.join("\n") + "\n| twin replaces-old-entries\ncounts 14 seeds 1 events 0 acts 0 idle\nend\n";
    let old = spoilt("old", &|_| old.clone());
    let merged = faultline(&["merge", &old, &two, &file(3)], b"");
    assert!(text(&merged.stdout).starts_with("40 seeds"), "{}", text(&merged.stderr));
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn it_helps() {
    let says = |words: &str, part: &str| {
        let said = faultline(&words.split_whitespace().collect::<Vec<_>>(), b"");
        assert_eq!((said.status.code(), text(&said.stderr)), (Some(0), String::new()), "{words}");
        assert!(text(&said.stdout).contains(part), "{words}: {}", text(&said.stdout));
    };
    for words in ["", "help", "-h", "--help"] {
        says(words, "Exit codes:\n  0    done");
    }
    for words in ["help check", "check --help", "check -h"] {
        says(words, "Examples:\n  faultline check raft --nodes 3 --timers 2\n");
    }
    says("--version", concat!("faultline ", env!("CARGO_PKG_VERSION"), "\n"));
    // Protocols are completed, too.
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        says(&format!("completions {shell}"), "linearize");
    }
    says("completions bash", "two-phase-commit");
    says("man", ".TH faultline 1");
    says("man check", "The maximum number of timers that fire in a run");
}

/// Histories of transactions and of an unordered queue: the verdict, why, and what else may be asked.
#[test]
fn histories_are_judged() {
    let skew = "0 :invoke :txn [[:r 1 nil] [:append 2 7]]\n1 :invoke :txn [[:r 2 nil] [:append 1 8]]\n\
                0 :ok :txn [[:r 1 []] [:append 2 7]]\n1 :ok :txn [[:r 2 []] [:append 1 8]]\n";
    let told = "not serializable: G2 (breaks repeatable read as well)\n  \
                T1 is process 0: [read key 1 [], append 7 to key 2] (lines 1 to 3)\n  \
                T2 is process 1: [read key 2 [], append 8 to key 1] (lines 2 to 4)\n  \
                T1 read key 1 without 8, which T2 appended\n  T2 read key 2 without 7, which T1 appended\n";
    let registers = skew.replace("append", "w").replace("[]", "nil");
    let queue = "0 :invoke :enqueue 1\n0 :ok :enqueue 1\n0 :invoke :enqueue 2\n0 :ok :enqueue 2\n\
                 0 :invoke :drain nil\n0 :ok :drain [2 1]\n";
    for (arguments, input, code, words) in [
        ("", skew, 1, told),
        (
            "--consistency strict-serializable",
            &skew[..84],
            0,
            "strict serializable: 2 transactions, of which 0",
        ),
        ("--consistency causal", skew, 2, "these are transactions"),
        ("", &registers, 1, "transaction [read 2 nil, write 1 8]"),
        ("--consistency serializable", &registers, 2, "Elle (rw-register) judges serializability"),
        ("", queue, 1, "`--model unordered-queue` lets a dequeue take any element"),
        ("--model unordered-queue", queue, 0, "linearizable: 4 operations"),
        ("--consistency serializable", queue, 2, "only transactions are serializable or not"),
    ] {
        let arguments: Vec<&str> =
            ["linearize", "-"].into_iter().chain(arguments.split_whitespace()).collect();
        let output = faultline(&arguments, input.as_bytes());
        let said = text(&output.stdout) + &text(&output.stderr);
        assert!(output.status.code() == Some(code) && said.contains(words), "{arguments:?}: {said}");
    }
}

/// Ctrl-C lets a command print what it knows, and it says so.
#[cfg(unix)]
#[test]
fn it_stops_when_asked_to() {
    for (words, known) in [
        ("check raft --depth 99 --max-states 999999999", "not complete: the search was interrupted"),
        ("check raft --walk 999999999", "walks of up to 12 events"),
        ("attack raft --seeds 999999999", "seeds, "),
        ("measure raft --seeds 999999999", "latency: median"),
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_faultline"));
        let child =
            command.args(words.split(' ')).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut child = child;
        // The first line on stderr shows that it is at work. It is for a log: no bar, nothing that moves a cursor.
        let mut line = String::new();
        let mut stderr = std::io::BufReader::new(child.stderr.take().unwrap());
        std::io::BufRead::read_line(&mut stderr, &mut line).unwrap();
        assert!(line.contains(" seeds") || line.contains(" states") || line.contains(" walks"), "{line}");
        assert!(!line.contains(['\r', '\u{1b}']), "{line:?}");
        let interrupted = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
        assert!(interrupted.success());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(130), "{words}: {}", text(&output.stdout));
        assert!(text(&output.stdout).contains(known), "{words}: {}", text(&output.stdout));
    }
}
