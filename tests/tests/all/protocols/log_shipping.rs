//! Log shipping against its literature (G3): what a failover loses, by file and by stream, the levels of a commit in order, recovery
//! to a target, replay, the three permalinks, and the split of two primaries.

#![allow(clippy::unwrap_used)] // What cannot be unwrapped has failed the test.

use faultline_core::Scenario;
use faultline_core::nemesis::attack;
use faultline_core::property::Judgement;
use faultline_core::random::{Purpose, draw};
use faultline_core::sim::Run;
use faultline_tests::{fact, find, play};

const PG: &str = "PostgreSQL 17 documentation, ch. 25, 26 and 28";
const ARIES: &str = "Mohan et al. 1992";
const LEVELS: [&str; 5] = ["off", "local", "remote-write", "on", "remote-apply"];

/// A run, with every message under way for 10 ms.
fn run(lines: &str) -> Run {
    play(&format!("faultline 2\nprotocol log-shipping\nlatency 10ms\nuntil 2s\n{lines}"))
}

/// What was told, by whom and when, in order.
fn told(run: &Run) -> Vec<(u64, u32, String)> {
    let lines = run.lines(0, run.records().len());
    let told = lines.iter().flat_map(|line| {
        line.outputs.iter().map(move |output| (line.record.time, line.record.node, output.clone()))
    });
    told.collect()
}

fn count(run: &Run, begins: &str) -> u64 {
    told(run).iter().filter(|(.., output)| output.starts_with(begins)).count() as u64
}

/// How a claim stands at the end.
fn judged(run: &Run, claim: &str) -> Judgement {
    let claims = run.scenario().entry.claims();
    let place = claims.iter().position(|it| it.name == claim).unwrap();
    run.verdicts()[place].clone()
}

fn is_violated(run: &Run, claim: &str) -> bool {
    matches!(judged(run, claim), Judgement::Violated { .. })
}

/// The LSN after which a timeline is served.
fn served_after(run: &Run, timeline: u32) -> Option<u64> {
    let begins = format!("Serves timeline {timeline} after ");
    let found =
        told(run).into_iter().find_map(|(.., output)| output.strip_prefix(&begins).map(str::to_owned));
    found.map(|rest| rest.parse().unwrap())
}

/// How many acknowledged commits are lost where a primary commits every `pause` milliseconds from 20 ms on and fails at 1 s, with
/// what it has on the way, and n2 is promoted.
fn lost(settings: &str, pause: u64) -> u64 {
    let times = (0..).map(|nth| 20 + nth * pause).take_while(|at| *at < 1_000);
    let commits: Vec<String> = times.map(|at| format!("at {at}ms n1 Add a 1\n")).collect();
    let commits = commits.concat();
    let run = run(&format!(
        "{settings}\n{commits}at 1s cut n1-n2\nat 1s cut n1-n3\nat 1s crash n1\nat 1100ms n2 Promote\nat 1110ms n2 Confirm\n"
    ));
    let after = served_after(&run, 2).unwrap();
    let acknowledged = told(&run).into_iter().filter_map(|(.., output)| {
        let lsn = output.strip_prefix("Acknowledged ")?;
        Some(lsn.parse::<u64>().unwrap())
    });
    acknowledged.filter(|lsn| *lsn > after).count() as u64
}

/// G3.1: by file at most a segment is lost, or what was committed within archive-timeout; by stream, what was in the lag; with
/// synchronous standbys nothing.
#[test]
fn what_a_failover_loses() {
    for segment in [1, 4, 8] {
        let mut worst = 0;
        for pause in [10, 17, 35] {
            // The archiver sends one segment after the other, 30 ms each. Where it cannot keep up, no bound holds.
            if segment * pause < 35 {
                continue;
            }
            let file = lost(&format!("set shipping file\nset segment {segment}"), pause);
            // On top of the segment comes what was on its way to the archive, and from there: two polls and five messages.
            let way = 250 / pause + 1;
            assert!(
                file < segment + way,
                "{file} lost by file, segments of {segment}, a commit every {pause} ms"
            );
            worst = worst.max(file);
            let stream = lost("set level local", pause);
            // Acknowledged after the flush, a record is on its way for 10 ms.
            assert!(stream <= 10_u64.div_ceil(pause), "{stream} lost by stream, a commit every {pause} ms");
            assert_eq!(lost("set level on", pause), 0);
        }
        assert!(segment == 1 || worst > 0, "nothing lost by file, segments of {segment}");
    }
    assert_eq!(lost("set level local", 10), 1);
    fact(
        "G3.1",
        "commits lost by stream, level local, one every 10 ms, 10 ms on the way",
        PG,
        1,
        lost("set level local", 10),
    );
    fact("G3.1", "commits lost by stream, level on", PG, 0, lost("set level on", 10));
    let whole = |timeout: &str| lost(&format!("set shipping file\nset segment 64{timeout}"), 35);
    let (without, with) = (whole(""), whole("\nset archive-timeout 200ms"));
    assert_eq!(without, count_of_commits(35), "a segment that is not full is never archived");
    assert!(with * 35 <= 200 + 250, "{with} lost with archive-timeout");
    fact(
        "G3.1",
        "commits lost by file, segments of 64, one every 35 ms",
        PG,
        "up to a segment: all 28",
        without,
    );
    fact("G3.1", "the same with archive-timeout 200 ms and 250 ms on the way", PG, "at most 12", with);
}

fn count_of_commits(pause: u64) -> u64 {
    (1_000 - 20_u64).div_ceil(pause)
}

/// How long a commit waits, in microseconds.
fn latency(level: &str) -> u64 {
    let run = run(&format!("set level {level}\nat 20ms n1 Add a 1\n"));
    let all = told(&run);
    all.iter().find(|(.., output)| output == "Acknowledged 1").unwrap().0 - 20_000
}

/// G3.2: each level waits longer than the one before, and loses no more.
#[test]
fn levels_are_in_order() {
    let latencies = LEVELS.map(latency);
    assert_eq!(latencies, [0, 2_000, 22_000, 24_000, 44_000]);
    assert!(latencies.is_sorted_by(|one, other| one < other));
    let words = latencies.map(|it| (it / 1_000).to_string()).join(" < ");
    fact(
        "G3.2",
        "latency of off, local, remote-write, on, remote-apply, ms; flush 2, message 10, replay 20",
        PG,
        "rising",
        words,
    );
    // A crash of the primary alone loses something with `off` only.
    let crash = |level: &str| {
        let run = run(&format!(
            "set level {level}\nat 20ms n1 Add a 1\nat 100ms n1 Add a 1\nat 101ms crash n1\nat 200ms restart n1\n"
        ));
        is_violated(&run, "No Lost Commit")
    };
    assert_eq!(LEVELS.map(crash), [true, false, false, false, false]);
    // A failover to a standby that never received the record loses it with `off` and `local`; one to a standby that crashed before
    // it flushed also with `remote-write`.
    let failover = |level: &str| {
        let run = run(&format!(
            "set level {level}\nat 20ms n1 Add a 1\nat 100ms n1 Add a 1\nat 105ms drop n1>n2 Wal\nat 106ms crash n1\n\
             at 200ms n2 Promote\nat 210ms n2 Confirm\n"
        ));
        is_violated(&run, "No Lost Commit")
    };
    let unflushed = |level: &str| {
        let run = run(&format!(
            "set level {level}\nset synchronous 1\nat 20ms n1 Add a 1\nat 33ms crash n2\nat 50ms crash n1\nat 100ms restart n2\n\
             at 200ms n2 Promote\nat 210ms n2 Confirm\n"
        ));
        is_violated(&run, "No Lost Commit")
    };
    assert_eq!(LEVELS.map(failover), [true, true, false, false, false]);
    assert_eq!(LEVELS.map(unflushed), [true, true, true, false, false]);
    let losses = [crash, failover, unflushed].len();
    let lossy = |level: &str| {
        usize::from(crash(level)) + usize::from(failover(level)) + usize::from(unflushed(level))
    };
    let words = LEVELS.map(|level| lossy(level).to_string()).join(" ≥ ");
    fact("G3.2", &format!("of {losses} failures, how many lose a commit, by level"), PG, "falling", words);
}

/// G3.3: restored to a target, a server has the commits up to and including that time: also at the very time of a commit.
#[test]
fn recovery_to_a_target_is_a_prefix() {
    let times = [20, 60, 115, 200, 300, 350];
    let commits = times.map(|at| format!("at {at}ms n1 Add a 1\n")).concat();
    let mut exact = 0;
    for (target, expected) in [(114, 2), (115, 3), (116, 3), (199, 3), (200, 4), (299, 4), (300, 5), (349, 5)]
    {
        let run =
            run(&format!("set segment 2\n{commits}at 75ms n1 Backup\nat 500ms n3 Restore {target}ms\n"));
        let words = format!("Restored to {target}ms: timeline 1, record {expected}");
        assert_eq!(count(&run, &words), 1, "{target} ms: {:?}", told(&run).last());
        assert!(!is_violated(&run, "Exact Recovery"));
        exact += 1;
    }
    fact(
        "G3.3",
        "targets at which the commits up to then are restored, inclusive",
        PG,
        "8 of 8",
        format!("{exact} of 8"),
    );
    // The target lies before the end of the backup, or after all that was archived.
    for target in [30, 400] {
        let run =
            run(&format!("set segment 2\n{commits}at 75ms n1 Backup\nat 500ms n3 Restore {target}ms\n"));
        assert_eq!((count(&run, "Restored"), count(&run, "Ended")), (0, 1), "{target} ms");
    }
}

/// G3.4: replayed twice is replayed once, in every window of a checkpoint; without the LSN of the page it is not.
#[test]
fn replayed_twice_is_replayed_once() {
    let crash = |twin: &str, at: u64| {
        run(&format!(
            "set checkpoint 50ms\n{twin}at 20ms n1 Add a 5\nat 30ms n1 Add b 2\nat {at}ms crash n1\nat 200ms restart n1\n\
             at 300ms n1 Read a\n"
        ))
    };
    let mut right = 0;
    for at in 31..=80 {
        let run = crash("", at);
        assert_eq!(count(&run, "Read a = 5 at"), 1, "{at} ms");
        right += count(&run, "Read a = 5 at");
    }
    fact(
        "G3.4",
        "crashes around a checkpoint after which a page has each record once",
        ARIES,
        "50 of 50",
        format!("{right} of 50"),
    );
    let wrong = (51..=59).filter(|at| is_violated(&crash("twin no-page-lsn\n", *at), "Redo Once")).count();
    assert_eq!(wrong, 9);
    fact(
        "G3.4",
        "crashes between pages and control file, without page LSNs",
        "computed",
        "all 9 wrong",
        wrong,
    );
}

/// Permalinks 1 to 3 and the split brain are runs of the gallery, held there. Here: how long a commit hangs, and that a level that
/// does not wait goes on.
#[test]
fn a_synchronous_standby_that_is_down_stops_commits() {
    let run = |level: &str| {
        run(&format!(
            "set synchronous 1\nset level {level}\nat 20ms crash n2\nat 100ms n1 Add a 1\nat 1500ms restart n2\n"
        ))
    };
    for level in ["remote-write", "on", "remote-apply"] {
        let all = told(&run(level));
        let at = all.iter().find(|(.., output)| output == "Acknowledged 1").unwrap().0;
        assert!(at > 1_500_000, "{level}: {at}");
    }
    for level in ["off", "local"] {
        let all = told(&run(level));
        assert!(all.iter().find(|(.., output)| output == "Acknowledged 1").unwrap().0 <= 102_000, "{level}");
    }
}

/// What a client reads of its primary, no failover takes back: a commit that waits for its standby is not to be read there.
#[test]
fn a_primary_shows_no_commit_that_waits() {
    let waits = "set synchronous 1\nat 20ms n1 Add a 5\nat 100ms cut n1-n2\nat 120ms n1 Add a 3\nat 200ms n1 Read a\n";
    let read = |rest: &str| -> Vec<String> {
        let all = told(&run(&format!("{waits}{rest}"))).into_iter().map(|(.., output)| output);
        all.filter(|output| output.starts_with("Read")).collect()
    };
    assert_eq!(read("at 300ms heal\nat 800ms n1 Read a\n"), ["Read a = 5 at 1", "Read a = 8 at 2"]);
    let failover = "at 300ms crash n1\nat 320ms n2 Promote\nat 340ms n2 Confirm\nat 500ms n2 Read a\n";
    assert_eq!(read(failover), ["Read a = 5 at 1", "Read a = 5 at 1"]);
}

/// A standby that crashes before its log is on disk loses what it has told the primary it had written. It gets that again, whenever
/// it crashes, and no commit hangs.
#[test]
fn a_standby_that_lost_what_it_had_written_catches_up() {
    for level in LEVELS {
        for at in (0..120).map(|nth| 15_000 + nth * 500) {
            let run = run(&format!(
                "set level {level}\nat 10ms n1 Add a 1\nat 31ms n1 Add a 1\nat {at}us crash n2\nat 100ms restart n2\n\
                 at 300ms n1 Add a 1\n"
            ));
            for claim in ["Catch Up", "Availability"] {
                assert!(!is_violated(&run, claim), "{claim}, level {level}, crash at {at} us");
            }
        }
    }
}

/// Where nobody is promoted or restored, which the nemesis does all the time, any servers may crash and messages get lost: in the end
/// all standbys have the log of the primary, and no commit hangs or is lost.
#[test]
fn crashes_without_a_failover_lose_nothing() {
    for (level, shipping) in
        [("remote-write", "stream"), ("on", "stream"), ("remote-apply", "stream"), ("on", "file")]
    {
        for seed in 1..=150 {
            let drawn = |nth: u64, below: u64| draw(seed, Purpose::Node, (0, 0), nth) % below;
            let mut text = format!(
                "faultline 2\nprotocol log-shipping\nseed {seed}\nlatency 5ms..15ms\nset level {level}\n\
                 set shipping {shipping}\nuntil 4s\nat 0s link loss 10%\n"
            );
            for nth in 0..40 {
                let key = ["a", "b", "c"][drawn(nth, 3) as usize];
                text += &format!("at {}ms n1 Add {key} 1\n", 10 + nth * 20);
            }
            // The primary and the archive crash once, early: a primary that boots knows nothing of the standbys.
            for (nth, node) in [1, 4].into_iter().chain([2, 3].into_iter().cycle().take(12)).enumerate() {
                let nth = nth as u64;
                let (at, down) = (nth / 2 * 120_000 + drawn(50 + nth, 60_000), drawn(70 + nth, 50_000));
                text += &format!("at {at}us crash n{node}\nat {}us restart n{node}\n", at + 1_000 + down);
            }
            let run = play(&format!("{text}at 900ms link normal\n"));
            for claim in
                ["Catch Up", "Availability", "No Lost Commit", "Prefix", "Redo Once", "Archive Durable"]
            {
                assert!(!is_violated(&run, claim), "{claim}, level {level}, by {shipping}:\n{text}");
            }
        }
    }
}

/// Four commits of a server, a segment of them by default, from some millisecond on.
fn four_commits(from: u64, node: u32) -> String {
    let lines: Vec<_> = (0..4).map(|nth| format!("at {}ms n{node} Add a 1\n", from + 10 * nth)).collect();
    lines.concat()
}

/// A server that was fenced while it was up, and hears no records as the log is shipped by file, learns from the archive whose log it
/// is to take over: also when that has changed since.
#[test]
fn a_server_is_rewound_by_file() {
    let commits = four_commits(10, 1);
    let text = format!("set shipping file\n{commits}at 300ms n2 Promote\n");
    let once = run(&format!("{text}at 600ms n1 Rewind\n"));
    assert_eq!(count(&once, "Rewound by 0"), 1, "{:?}", told(&once));
    let twice = run(&format!(
        "{text}at 500ms crash n2\nat 600ms n3 Promote\nat 900ms n3 Promote\nat 920ms n3 Confirm\nat 1200ms n1 Rewind\n"
    ));
    assert_eq!(served_after(&twice, 3), Some(4), "{:?}", told(&twice));
    assert_eq!(count(&twice, "Rewound by 0"), 1, "{:?}", told(&twice));
}

/// A server that was rewound to the newest timeline takes no segment of the dead branch, as long as the archive has no other.
#[test]
fn a_rewound_server_takes_nothing_of_a_dead_branch() {
    // The second segment reaches the archive, and no standby.
    let run = run(&format!(
        "set shipping file\n{}at 185ms cut n2-n4\nat 185ms cut n3-n4\n{}at 400ms crash n1\nat 500ms heal\n\
         at 500ms n2 Promote\nat 501ms n2 Confirm\n\
         at 600ms n2 Add b 1\nat 700ms restart n1\nat 900ms n1 Rewind\n",
        four_commits(10, 1),
        four_commits(200, 1)
    ));
    assert_eq!((served_after(&run, 2), count(&run, "Archived segment 1 of timeline 1")), (Some(4), 1));
    // n1 has eight records before it crashes, and n3 follows the dead branch, which is all that the archive has then.
    assert_eq!((count(&run, "Rewound by 4"), count(&run, "Flushed 8")), (1, 2), "{:?}", told(&run));
    assert!(!is_violated(&run, "Prefix"), "{:?}", judged(&run, "Prefix"));
}

/// By file, a standby follows up to a gap, which a promoted server leaves that has more than was archived, as in `PostgreSQL`. That is
/// no failure of the standby.
#[test]
fn a_standby_by_file_follows_up_to_a_gap() {
    // n2 gets the second segment from n1, and the archive does not.
    let gap = format!(
        "{}at 150ms cut n1-n4\n{}at 300ms n2 Restore 0s\nat 400ms n2 Rewind\nat 600ms crash n1\nat 600ms heal\n\
         at 610ms n2 Promote\nat 620ms n2 Confirm\n{}at 1s restart n1\n",
        four_commits(10, 1),
        four_commits(200, 1),
        four_commits(700, 2)
    );
    let with_gap = run(&format!("set shipping file\n{gap}"));
    assert_eq!((served_after(&with_gap, 2), count(&with_gap, "Archived segment 1")), (Some(8), 0));
    assert_eq!(count(&with_gap, "Archived segment 2 of timeline 2"), 1);
    assert!(matches!(judged(&with_gap, "Catch Up"), Judgement::Reached { .. }), "it holds in the end");
}

/// Random faults break nothing where the claims are promised, and what is not promised they break.
#[test]
fn what_settings_give_up() {
    let first = |settings: &[&str]| {
        let mut base = Scenario::of(find("log-shipping").unwrap());
        for words in settings {
            base.amend(words).unwrap();
        }
        let broken: Vec<_> =
            (1..=150).filter_map(|seed| attack(&base, seed).broken).map(|it| it.claim).collect();
        broken
    };
    for settings in [
        &["set level remote-apply"][..],
        &["set hot off"],
        &["set segment 1"],
        &["set archive-timeout 100ms"],
    ] {
        assert_eq!(first(settings), Vec::<String>::new(), "{settings:?}");
    }
    for (settings, claim) in [
        ("set level off", "no-lost-commit"),
        ("set level local", "no-lost-commit"),
        ("set shipping file", "no-lost-commit"),
        ("set fencing off", "one-primary"),
    ] {
        let broken = first(&[settings]);
        assert!(broken.iter().any(|it| it == claim), "{settings}: {broken:?}");
        if claim == "no-lost-commit" {
            assert!(broken.iter().all(|it| it == claim), "{settings}: {broken:?}");
        }
    }
}
