//! Quorums against their literature (G8, C7): the odds of stale reads, PBS's WARS model, hash comparisons, availability,
//! the executions that show what R + W > N does not promise, and histories that an independent checker judges, too.

#![allow(clippy::unwrap_used)] // What cannot be unwrapped has failed the test.
#![allow(clippy::cast_sign_loss)] // Latencies are positive, and so are seeds and waits here.

use faultline_core::history::model::{KeyValueAct, KeyValueOutput};
use faultline_core::history::{KeyValue, Of};
use faultline_core::linearizability::{Verdict, check};
use faultline_core::nemesis::attack;
use faultline_core::random::{Purpose, draw};
use faultline_core::sim::Run;
use faultline_core::trace::What;
use faultline_core::{Scenario, Session, property};
use faultline_tests::{fact, find, parse, play, presets, vetted};

mod options;
mod pbs;
mod weights;

const PBS: &str = "Bailis et al. 2012";
const DYNAMO: &str = "DeCandia et al. 2007";
const PUT: u8 = 0;

/// A run of two clients, n1 and n2, and some replicas, which only does what it is asked.
fn run(replicas: u64, seed: u64, text: &str) -> Run {
    play(&format!(
        "faultline 2\nprotocol quorum-kv\nnodes {}\nseed {seed}\nset clients 2\nset sloppy off\nset repair off\n\
         set anti-entropy 0s\nset timeout 60s\nask 0s\nuntil 60s\n{text}",
        replicas + 2
    ))
}

fn history(run: &Run) -> &Of<KeyValue> {
    run.end().history().unwrap()
}

/// What the latest read returned.
fn read(run: &Run) -> &str {
    match &history(run).operations.last().unwrap().returned {
        Some((_, KeyValueOutput::Holds(text))) => text,
        other => panic!("{other:?}"),
    }
}

/// When n1's write was done for the `nth` time.
fn done(run: &Run, nth: usize) -> u64 {
    let told = run
        .lines(0, run.records().len())
        .into_iter()
        .filter(|line| line.transcript().contains("tells Wrote"));
    told.map(|line| line.record.time).nth(nth).unwrap()
}

/// Writes so many times, each as soon as the write before is done and at W random homes only; then n2 reads from R
/// random ones. Whether it hears of none of the writes.
fn misses(n: u64, r: u64, w: u64, writes: usize, seed: u64) -> bool {
    let mut text = format!("set n {n}\nset r {r}\nset w {w}\n");
    // What is drawn decides who is first; answers to writes and questions of reads take no time.
    for replica in 3..n + 3 {
        text += &format!(
            "at 0s link n1>n{replica} latency 1ms..10s\nat 0s link n{replica}>n1 latency 1us..1us\n"
        );
        text += &format!(
            "at 0s link n2>n{replica} latency 1us..1us\nat 0s link n{replica}>n2 latency 1ms..10s\n"
        );
    }
    let mut time = 1_000;
    for nth in 0..writes {
        text += &format!("at {time}us n1 Put a {}\n", nth + 1);
        let so_far = run(n, seed, &text);
        let next = done(&so_far, nth) + 1;
        let arrived = |node: u64| {
            let records = so_far.records().iter().filter(|it| (time..next).contains(&it.time));
            records
                .clone()
                .any(|it| it.what == What::Deliver && it.kind == PUT && u64::from(it.node) + 1 == node)
        };
        for replica in (3..n + 3).filter(|replica| !arrived(*replica)) {
            text += &format!("at {next}us drop n1>n{replica} Put\n");
        }
        time = next + 1;
    }
    text += &format!("at {time}us n2 Get a\n");
    read(&run(n, seed, &text)).is_empty()
}

/// G8.1: a read misses the last version with probability C(N−W, R) / C(N, R), and the last k with its k-th power; four
/// standard errors.
#[test]
fn g8_1_the_odds_of_a_stale_read() {
    const RUNS: u64 = 2_000;
    for (n, r, w, k, expected) in [
        (3, 1, 1, 1, 2.0 / 3.0),
        (3, 1, 2, 1, 1.0 / 3.0),
        (3, 2, 1, 1, 1.0 / 3.0),
        (2, 1, 1, 1, 0.5),
        (5, 2, 2, 1, 0.3),
        (3, 2, 2, 1, 0.0),
        (3, 1, 1, 2, 1.0 - 0.556),
        (3, 1, 1, 3, 1.0 - 0.704),
    ] {
        let missed =
            (1..=RUNS).filter(|nth| misses(n, r, w, k, draw(1, Purpose::Choice, (0, 0), *nth))).count();
        let (measured, error) =
            (missed as f64 / RUNS as f64, (expected * (1.0_f64 - expected) / RUNS as f64).sqrt());
        println!("N, R, W = {n}, {r}, {w}, {k} writes: {measured:.4}, expected {expected:.4}");
        assert!((measured - expected).abs() <= 4.0 * error + 0.0005, "{n}, {r}, {w}, {k}: {measured}");
        let what = format!("probability that a read misses the last {k} versions, N, R, W = {n}, {r}, {w}");
        fact("G8.1", &what, PBS, format!("{expected:.3}"), format!("{measured:.3}"));
    }
}

/// The line beside the measured curve is the same formula.
#[test]
fn g8_1_the_chart_s_theory() {
    for (n, r, w, thousandths) in
        [(3, 1, 1, 666), (3, 2, 1, 333), (3, 2, 2, 0), (5, 2, 2, 300), (2, 1, 1, 500)]
    {
        let text = format!("faultline 2\nprotocol quorum-kv\nset n {n}\nset r {r}\nset w {w}\nuntil 1s\n");
        let session = Session::new(parse(&text).unwrap());
        let mut samples = session.samples();
        while !session.sample(&mut samples, 100) {}
        let curves = session.curves(&samples);
        assert_eq!(curves[0].theory, [(0, thousandths), (1_000_000, thousandths)]);
        assert!(curves[0].measured.len() > 100);
    }
}

/// G8.3: two trees of 2^d leaves, one of which differs: 2d + 1 hash comparisons; equal trees: one.
#[test]
fn g8_3_hash_comparisons() {
    let compared = |depth: u64, loss: &str| {
        let run = play(&format!(
            "faultline 2\nprotocol quorum-kv\nnodes 3\nset clients 1\nset sloppy off\nset repair off\nset n 2\nset r 1\n\
             set w 1\nset depth {depth}\nset anti-entropy 3600s\nask 0s\nuntil 1s\n\
             at 10ms n1 Put a 1\nat 50ms n1 Put b 2\nat 100ms n1 Put c 3\n{loss}at 200ms fire n2 AntiEntropy\n"
        ));
        let number = |words: &str| words.split(' ').next().unwrap().parse::<u64>().unwrap();
        run.transcript().split("Compared ").skip(1).map(number).sum::<u64>()
    };
    for depth in [0, 1, 2, 3, 6, 10] {
        let (different, equal) = (compared(depth, "at 100ms drop n1>n3 Put\n"), compared(depth, ""));
        assert_eq!((different, equal), (2 * depth + 1, 1), "depth {depth}");
        let what = format!("hash comparisons of trees of depth {depth}: one leaf differs, none does");
        fact("G8.3", &what, DYNAMO, format!("{}, 1", 2 * depth + 1), format!("{different}, {equal}"));
    }
}

/// G8.4: how available majorities are where a node is up with probability 0.99: every set of homes is taken down in turn.
#[test]
fn g8_4_the_availability_of_majorities() {
    for (n, expected) in [(3_u32, "0.999702"), (5, "0.999990")] {
        let majority = n / 2 + 1;
        let mut available = 0.0;
        for down in 0..1_u32 << n {
            let crashes = (0..n)
                .filter(|home| down >> home & 1 == 1)
                .map(|home| format!("at 1ms crash n{}\n", home + 3));
            let run = run(
                n.into(),
                1,
                &format!(
                    "set n {n}\nset r {majority}\nset w {majority}\n{}at 2ms n1 Put a 7\nat 50ms n2 Get a\n",
                    crashes.collect::<String>()
                ),
            );
            let answered =
                history(&run).operations.iter().filter(|operation| operation.returned.is_some()).count();
            assert!([0, 2].contains(&answered));
            let chance = 0.01_f64.powi(down.count_ones().cast_signed())
                * 0.99_f64.powi((n - down.count_ones()).cast_signed());
            available += if answered == 2 { chance } else { 0.0 };
        }
        let measured = format!("{available:.6}");
        assert_eq!(measured, expected);
        let what = format!("availability of a majority of {n} homes, each up with probability 0.99");
        fact("G8.4", &what, "computed", expected, measured);
    }
}

/// C7.1: the vector clocks of the paper's figure 3.
#[test]
fn c7_1_figure_3() {
    let run = play(preset("siblings"));
    let begun: Vec<String> = run
        .transcript()
        .lines()
        .filter_map(|line| {
            line.split_once(" tells Begun Put ")?.1.split_once(" as ").map(|(_, it)| it.to_owned())
        })
        .map(|it| it.split(" |").next().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(begun, ["1 [1]", "2 [2]", "3 [2 1]", "4 [2 0 1]", "5 [3 1 1]"]);
    assert!(run.transcript().contains("tells Read a = 3 [2 1] | 4 [2 0 1]"));
    let clock = |nth: usize| begun[nth].split_once(' ').unwrap().1;
    let measured = format!("{}, {}, {} ∥ {}, {}", clock(0), clock(1), clock(2), clock(3), clock(4));
    let what = "vector clocks of D1 to D5, the clients in place of Sx, Sy and Sz";
    fact("C7.1", what, DYNAMO, "[1], [2], [2 1] ∥ [2 0 1], [3 1 1]", measured);
}

/// How soon reads hear of writes, as PBS has it.
fn visibility(what: &str, source: &str, expected: &str, measured: &str) {
    fact("G8.2", what, source, expected, measured);
}

/// A number of Gifford's paper; the file in which a fact is stated names its protocol.
fn gifford(number: &str, what: &str, expected: &str, measured: &str) {
    fact(number, what, "Gifford 1979", expected, measured);
}

fn preset(name: &str) -> &'static str {
    presets().find(|(slug, preset)| *slug == "quorum-kv" && preset.name == name).unwrap().1.text
}

/// G8's permalink 1 and trap T10: R + W > N is not linearizable, and neither are timestamps.
#[test]
fn g8_the_histories_of_the_scenarios_get_their_verdicts() {
    for (name, linearizable) in [
        ("first-steps", true),
        ("hinted-handoff", true),
        ("not-linearizable", false),
        ("sloppy", false),
        ("zombie", false),
        ("timestamps", false),
        // Two values at once are no value.
        ("siblings", false),
    ] {
        let scenario = parse(preset(name)).unwrap();
        let mut session = Session::new(scenario);
        session.play_to(10_000_000);
        let operations = session.operations().unwrap();
        assert_eq!(operations.linearizable, Some(linearizable), "{name}: {}", operations.sentence);
        assert_eq!(explained(history(session.run())), linearizable, "{name}");
        if name == "not-linearizable" {
            let impossible: Vec<_> = operations.operations.iter().filter(|it| it.impossible).collect();
            assert_eq!(impossible.len(), 1);
            assert_eq!((impossible[0].process, impossible[0].text.as_str()), (3, "get a returned \"1\""));
            let what = "N = 3, R = W = 2, permalink 1: linearizable, and a read of a regular register";
            let claims = session.run().scenario().entry.claims();
            let regular = claims.iter().position(|claim| claim.name == "Regular").unwrap();
            let broken =
                matches!(session.run().end().judgements()[regular], property::Judgement::Violated { .. });
            let measured = [operations.linearizable == Some(true), !broken];
            let words = measured.map(|holds| if holds { "yes" } else { "no" }).join(", ");
            assert_eq!(words, "no, yes");
            fact("T10", what, "computed", "no, yes", words);
        }
    }
}

/// Whether some order of the operations of a key explains what was read: tries them all. It shares nothing with the checker
/// or the models of the core but the type of a history.
fn explained(history: &Of<KeyValue>) -> bool {
    type Operation<'a> = (Option<&'a str>, Option<&'a str>, u64, u64);
    fn go(left: &mut Vec<Operation>, value: &str) -> bool {
        let end = left.iter().map(|it| it.3).min().unwrap_or(u64::MAX);
        if end == u64::MAX {
            return true;
        }
        for place in 0..left.len() {
            let (writes, reads, begun, _) = left[place];
            if begun < end && reads.is_none_or(|read| read == value) {
                let one = left.remove(place);
                let found = go(left, writes.unwrap_or(value));
                left.insert(place, one);
                if found {
                    return true;
                }
            }
        }
        false
    }
    let mut keys: Vec<&str> =
        history.operations.iter().map(|operation| operation.input.key.as_str()).collect();
    keys.sort_unstable();
    keys.dedup();
    keys.iter().all(|key| {
        let of_key = history.operations.iter().filter(|operation| operation.input.key == **key);
        let mut left: Vec<Operation> = of_key
            .map(|operation| {
                let writes = match &operation.input.act {
                    KeyValueAct::Put(text) => Some(text.as_str()),
                    _ => None,
                };
                let reads = match &operation.returned {
                    Some((_, KeyValueOutput::Holds(text))) => Some(text.as_str()),
                    _ => None,
                };
                (
                    writes,
                    reads,
                    operation.invoked,
                    operation.returned.as_ref().map_or(u64::MAX, |(at, _)| *at),
                )
            })
            .collect();
        go(&mut left, "")
    })
}

/// 500 random runs under loss, of strict, sloppy and small quorums: the core's verdict is that of a checker that tries
/// every order.
#[test]
fn verdicts_on_random_histories_agree_with_an_independent_checker() {
    const QUORUMS: [&str; 4] = [
        "set sloppy off",
        "set sloppy on",
        "set sloppy off\nset r 1\nset w 1",
        "set sloppy off\nset versions timestamps",
    ];
    let (mut compared, mut linearizable) = (0, 0);
    for seed in 1..=500 {
        let (quorums, clients) = (QUORUMS[seed as usize % 4], 2 + seed / 4 % 2);
        let keys = 1 + u64::from(seed % 5 == 0);
        let run = play(&format!(
            "faultline 2\nprotocol quorum-kv\nnodes 6\nseed {seed}\nlatency 1ms..60ms\nloss 10%\nset clients {clients}\n\
             set keys {keys}\nset repair off\nset anti-entropy 0s\nask 12ms\nuntil 400ms\n{quorums}\n"
        ));
        let mut history = history(&run).clone();
        // A shorter history is one, too, as long as nothing that is left heard of what is not.
        let end = history.operations.get(7).map_or(u64::MAX, |operation| operation.invoked);
        history.operations.truncate(7);
        for operation in &mut history.operations {
            operation.returned.take_if(|(at, _)| *at > end);
        }
        let verdict = check::<KeyValue>(&history, 1_000_000);
        let holds = matches!(verdict, Verdict::Holds { .. });
        assert!(holds || matches!(verdict, Verdict::Fails(_)), "seed {seed}: {verdict:?}");
        assert_eq!(holds, explained(&history), "seed {seed}: {history:?}");
        compared += usize::from(history.operations.len() > 2);
        linearizable += usize::from(holds);
    }
    println!("{linearizable} of 500 histories are linearizable");
    assert!(compared > 450 && (50..=450).contains(&linearizable), "{compared} {linearizable}");
    let what = "random histories of quorums on which the checker and one that tries every order agree \
                (linearizable)";
    fact("G16", what, "Herlihy and Wing 1990", "500", format!("500 ({linearizable})"));
}

/// What is claimed holds under faults whatever is set; stale reads come up exactly where quorums need not meet.
#[test]
fn claims_hold_for_every_sort_of_quorum() {
    for (settings, may_be_stale) in [
        (vec!["set sloppy off"], false),
        (vec!["set sloppy off", "set versions timestamps"], false),
        (vec!["set sloppy off", "set repair off", "set anti-entropy 0s"], false),
        (vec!["set sloppy off", "set n 5", "set r 3", "set w 3"], false),
        (vec!["set sloppy off", "set r 1", "set w 1"], true),
        (vec!["set r 1", "set w 1"], true),
        (vec!["set versions timestamps"], true),
    ] {
        let mut base = Scenario::of(find("quorum-kv").unwrap());
        for line in &settings {
            base.amend(line).unwrap();
        }
        let mut stale = 0;
        for seed in 1..=200 {
            let attack = attack(&base, seed);
            assert_eq!(attack.broken, None, "{settings:?}, seed {seed}");
            stale += u64::from(attack.reached.contains(&"Stale Read"));
        }
        assert_eq!(stale > 0, may_be_stale, "{settings:?}: {stale} runs with stale reads");
    }
}

#[test]
fn vetted_seeds_show_what_is_said_of_them() {
    vetted("quorum-kv", |seed, seen| match seed {
        5 => {
            let differs = "Where hashes differ, the replicas compare the children.";
            seen.lines.iter().any(|line| line.rule.is_some_and(|rule| rule.sentence == differs))
        }
        128 => seen.tells("Read") && !seen.reached("Siblings"),
        _ => panic!("nobody has said what the seed {seed} shows"),
    });
}

/// What was asked with these settings among three clients, n1 to n3, and some replicas.
fn asked(nodes: usize, text: &str) -> Run {
    play(&format!(
        "faultline 2\nprotocol quorum-kv\nnodes {nodes}\nlatency 10ms\nset anti-entropy 0s\nask 0s\n{text}"
    ))
}

/// What a node did, in words, with when.
fn sentences(run: &Run, holds: &str) -> Vec<String> {
    let lines = run.lines(0, run.records().len());
    lines.into_iter().map(|line| line.sentence).filter(|sentence| sentence.contains(holds)).collect()
}

/// A deletion that was acknowledged is kept for the grace, by whatever way and however late it comes, and however far its
/// writer's clock is behind.
#[test]
fn an_acknowledged_deletion_is_kept_however_old_it_looks() {
    // The writer's clock is an hour behind.
    let run = asked(
        6,
        "set sloppy off\nset gc-grace 300ms\nuntil 1s\nat 10ms n1 Put a 7\nat 100ms clock n1 jump -3600s\n\
        at 110ms n1 Delete a\nat 200ms n2 Get a\nat 300ms n3 Get a\nexpect holds regular\nexpect holds growth\n",
    );
    assert_eq!(read(&run), "");
    assert!(run.verify().iter().all(|(_, met)| met.is_ok()), "{:?}", run.verify());
    assert_eq!(sentences(&run, "stores a: ✝").len(), 3);
    assert_eq!(sentences(&run, "collects the tombstone of a").len(), 3);
    // All homes are down, and have it from hints.
    let homes = |act: &str, at: u64| [5, 6, 7].map(|node| format!("at {at}ms {act} n{node}\n")).concat();
    let run = asked(
        8,
        &format!(
            "set gc-grace 300ms\nuntil 1s\nat 10ms n1 Put a 7\n{}at 60ms clock n1 jump -3600s\n\
        at 61ms n1 Delete a\n{}at 700ms n2 Get a\n",
            homes("crash", 50),
            homes("restart", 250)
        ),
    );
    assert_eq!(read(&run), "");
    assert_eq!(sentences(&run, "stores a: ✝").len(), 3);
    // n6 misses the deletion, and is repaired when the tombstones elsewhere look old.
    let run = asked(
        6,
        "set sloppy off\nset gc-grace 300ms\nuntil 1s\nat 10ms n1 Put a 7\nat 100ms clock n1 jump -3600s\n\
        at 110ms n1 Delete a\nat 110ms drop n1>n6 Put\nat 200ms n2 Get a\nat 700ms n3 Get a\n",
    );
    assert_eq!(read(&run), "");
    assert_eq!(sentences(&run, "n6 stores a: ✝").len(), 1);
}

/// Replicas that have collected a tombstone and those that have not do not hand it to and fro for ever.
#[test]
fn a_tombstone_is_gone_in_the_end() {
    let run = asked(
        6,
        "set sloppy off\nset gc-grace 300ms\nset anti-entropy 20ms\nuntil 3s\nat 10ms n1 Put a 7\n\
        at 100ms n1 Delete a\nat 100ms delay n1>n6 Put by 350ms\nat 2s n2 Get a\n",
    );
    assert_eq!(read(&run), "");
    let collected = run.lines(0, run.records().len()).into_iter();
    let last = collected.filter(|line| line.sentence.contains("collects")).map(|line| line.record.time).max();
    assert!(last.unwrap() < 1_500_000, "{last:?}");
}

/// §4.6: each home that does not answer gets a hint, one, at one stand-in: when W have answered without it, when the stand-in's
/// answer is lost and it is asked again, and when there are fewer stand-ins than homes.
#[test]
fn each_silent_home_gets_one_hint_at_one_stand_in() {
    let homes_with_hints = |run: &Run| {
        let mut all = sentences(run, " keeps a: ");
        all.sort();
        all.iter().map(|it| it.rsplit(' ').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let run = asked(8, "until 1s\nat 5ms crash n6\nat 10ms n1 Put a 7\n");
    assert_eq!(homes_with_hints(&run), ["n6"]);
    // The answers of stand-ins are lost once, then one home comes back.
    let run = asked(
        8,
        "until 1s\nset handoff 0s\nat 5ms crash n5\nat 5ms crash n6\nat 10ms n1 Put a 7\n\
        at 75ms drop n8>n1 Stored\nat 75ms restart n5\n",
    );
    let mut hinted = homes_with_hints(&run);
    hinted.sort();
    assert_eq!(hinted, ["n5", "n6"]);
    // Three homes, two stand-ins.
    let run = asked(
        8,
        "until 1s\nset handoff 0s\nat 5ms crash n5\nat 5ms crash n6\nat 5ms crash n7\nat 10ms n1 Put a 7\n",
    );
    let mut hinted = homes_with_hints(&run);
    hinted.sort();
    assert_eq!(hinted, ["n5", "n6", "n7"]);
    assert_eq!(sentences(&run, "completes its write of a").len(), 1);
}

/// A home and its stand-in hold one copy between them once the hint is handed over: they count once in W.
#[test]
fn a_home_and_its_stand_in_count_once() {
    // Only n5 answers, after its stand-in has; the others are down, and their stand-ins do not hear.
    let run = asked(
        6,
        "set n 2\nset clients 2\nset w 2\nuntil 140ms\nat 1ms cut n1-n4\nat 1ms cut n1-n3\nat 10ms n1 Put a 7\n\
        at 75ms heal\n",
    );
    let done = sentences(&run, "completes its write of a");
    let kept = sentences(&run, " keeps a: ");
    assert!(kept.len() <= 2 && done.len() == 1, "{kept:?} {done:?}");
}

/// A hint is not older than a tombstone may become: it expires, though its home comes back.
#[test]
fn hints_expire() {
    for handoff in ["200ms", "0s"] {
        let run = asked(
            8,
            &format!(
                "set gc-grace 400ms\nset handoff {handoff}\nuntil 2s\nat 5ms cut n8-n6\n\
            at 6ms crash n6\nat 10ms n1 Put a 7\nat 300ms restart n6\nat 310ms n1 Delete a\nat 900ms heal\n\
            at 1.5s n2 Get a\n"
            ),
        );
        assert_eq!(read(&run), "", "handoff {handoff}");
        assert_eq!(sentences(&run, "n8 drops the expired hint a: 7 [1] for n6").len(), 1);
    }
}

/// Of equal timestamps that of the client with the greater number wins, in whatever order replicas hear of the two.
#[test]
fn of_equal_timestamps_the_greater_client_wins() {
    for first in ["n1", "n2"] {
        let late = format!("at 10ms delay {first}>n4 Put by 20ms\nat 10ms delay {first}>n5 Put by 20ms\n");
        let run = asked(
            6,
            &format!(
                "set sloppy off\nset versions timestamps\nuntil 1s\nat 10ms n1 Put a 7\n\
            at 10ms n2 Put a 8\n{late}at 200ms n3 Get a\n"
            ),
        );
        assert_eq!(read(&run), "8", "{first} is late");
    }
}

/// A deletion that is undone is noticed, and a write that is handed to nobody; a request that cannot be answered is not held
/// against the store.
#[test]
fn what_is_not_promised_is_noticed() {
    let shown = |name: &str, text: &str| {
        let run = play(&format!("{}{text}", preset(name)));
        assert!(run.verify().iter().all(|(_, met)| met.is_ok()), "{name}: {:?}", run.verify());
    };
    shown("zombie", "expect reached stale-read\n");
    shown("no-handoff", "expect violated handover\n");
    // Two of three homes are down: a strict quorum may give up.
    let down = preset("strict").split("at 400ms").next().unwrap_or_default().to_owned();
    let strict = play(&format!("{down}expect holds availability\n")).verify();
    let said = strict.into_iter().last().and_then(|(_, met)| met.err());
    let expected = "availability is not judged: fewer replicas are up than the latest request needs";
    assert_eq!(said.as_deref(), Some(expected));
    shown("impatient", "expect violated availability\n");
}

/// How a claim stands at the end: whether it holds, or why it does not or is not judged.
fn stands(text: &str, claim: &str) -> Result<(), String> {
    let run = asked(6, &format!("set sloppy off\nuntil 2s\n{text}expect holds {claim}\n"));
    run.verify().remove(0).1
}

/// A deletion lasts if every home has stored it before its tombstone is collected and nothing older is still under way. Regular
/// says nothing of a read that brings back what was deleted otherwise; it is judged where that condition held.
#[test]
fn regular_assumes_that_tombstones_are_collected_late_enough() {
    let delete = "set gc-grace 1s\nat 10ms n1 Put a 7\nat 100ms n1 Delete a\n";
    let reads = "at 1500ms n2 Get a\nat 1600ms n3 Get a\n";
    let early = "regular is not judged: a tombstone was collected while a home lacked it";
    for (missed, expected) in [
        // n6 never hears of the deletion.
        ("at 100ms drop n1>n6 Put\n", Some(early)),
        // The repair of a read tells it, in time.
        ("at 100ms drop n1>n6 Put\nat 300ms n2 Get a\n", None),
        // An older version is under way for longer than the grace.
        ("at 10ms delay n1>n6 Put by 1400ms\n", Some(early)),
        ("", None),
    ] {
        let stands = stands(&format!("{delete}{missed}{reads}"), "regular");
        let met = match expected {
            Some(why) => stands.as_ref().is_err_and(|it| it.starts_with(why)),
            None => stands.is_ok(),
        };
        assert!(met, "{missed}: {stands:?}");
    }
    let twin = format!("twin no-tombstone\n{delete}at 100ms drop n1>n6 Put\n{reads}");
    let violated = stands(&twin, "regular").unwrap_err();
    assert!(violated.contains("but ✝ [2] was written before"), "{violated}");
}

/// A request that was made while links were cut says nothing of what happens once they are repaired.
#[test]
fn availability_is_judged_by_a_request_made_since_the_repair() {
    let cut = "at 50ms cut n1|n4,n5,n6\nat 100ms n1 Put a 7\nat 500ms heal\n";
    let unjudged = stands(cut, "availability").unwrap_err();
    assert!(unjudged.ends_with("none was made since the last act"), "{unjudged}");
    assert_eq!(stands(&format!("{cut}at 600ms n1 Put a 8\n"), "availability"), Ok(()));
    let deaf = "set timeout 5ms\nat 600ms n1 Put a 8\n";
    let violated = stands(&format!("{cut}{deaf}"), "availability").unwrap_err();
    assert!(violated.contains("n1 gave up"), "{violated}");
}

/// Homes that have stored and collected the tombstone that supersedes a write have had what takes its place.
#[test]
fn a_write_is_handed_over_where_a_collected_tombstone_superseded_it() {
    let superseded = "set versions timestamps\nset gc-grace 300ms\nat 10ms clock n1 jump +1s\n\
        at 100ms n1 Delete a\nat 200ms n2 Put a 8\n";
    assert_eq!(stands(superseded, "handover"), Ok(()));
}

/// Nor do random faults find a read that Regular does not account for, however early tombstones are collected.
#[test]
fn no_grace_is_so_short_that_random_faults_break_regular() {
    for grace in ["50ms", "300ms"] {
        let mut base = Scenario::of(find("quorum-kv").unwrap());
        base.amend("set sloppy off").unwrap();
        base.amend(&format!("set gc-grace {grace}")).unwrap();
        let attacks: Vec<_> = (1..=100).map(|seed| attack(&base, seed)).collect();
        assert!(attacks.iter().any(|attack| attack.reached.contains(&"Resurrection")), "{grace}");
        assert_eq!(attacks.into_iter().find_map(|attack| attack.broken), None, "{grace}");
    }
}
