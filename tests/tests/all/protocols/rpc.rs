//! Remote procedure calls against their literature (A1): how often calls are sent, executed and answered under loss, how retries
//! multiply, what a crash does to each sort of table; and all runs of small cases, with a count of states made without the engine.

#![allow(clippy::unwrap_used)] // What cannot be unwrapped has failed the test.

use faultline_core::check::{Bounds, Findings, Search};
use faultline_core::nemesis::attack;
use faultline_core::property::Judgement;
use faultline_core::sim::Run;
use faultline_core::view::Sign;
use faultline_core::{Scenario, Session};
use faultline_protocols::messaging::rpc::marshal::{Order, fragments, hex};
use faultline_tests::{fact, find, parse, play, presets};
use std::collections::{BTreeMap, BTreeSet};

/// What became of the calls of a client, as its application and the bank were told.
#[derive(Default)]
struct Told {
    calls: u64,
    attempts: u64,
    executions: BTreeMap<String, u64>,
    returned: BTreeSet<String>,
    unknown: BTreeSet<String>,
    failed: u64,
}

/// Adds up what was told in a run. The call is the word behind the fact, or the last.
fn told(run: &Run) -> Told {
    let mut told = Told::default();
    for line in run.lines(0, run.records().len()) {
        told.attempts += line.sent.iter().filter(|sent| sent.starts_with("Request")).count() as u64;
        for output in &line.outputs {
            let words: Vec<_> = output.split(' ').collect();
            match words[0] {
                "Called" => told.calls += 1,
                "Executed" => *told.executions.entry(words[1].into()).or_default() += 1,
                "Returned" => _ = told.returned.insert(words[1].into()),
                "Unknown" => _ = told.unknown.insert((*words.last().unwrap()).into()),
                "Failed" => told.failed += 1,
                _ => panic!("{output}"),
            }
        }
    }
    told
}

const RUNS: u64 = 100;
const CALLS: u64 = 200;

/// A hundred runs of 200 calls each, of which each takes 2 ms where nothing is lost. Requests and replies are lost with
/// these probabilities, and no timeout comes before its time.
fn lossy(semantics: &str, attempts: u64, loss: (u64, u64)) -> Vec<Told> {
    let calls =
        (0..CALLS).fold(String::new(), |text, nth| text + &format!("at {}ms n1 Debit 1\n", 1 + nth * 5));
    let play = |seed: u64| {
        play(&format!(
            "faultline 2\nprotocol rpc\nseed {seed}\nlatency 1ms\nset semantics {semantics}\nset attempts {attempts}\n\
             set service 0s\nset timeout 10ms\nuntil 5s\nat 0s link n1>n2 loss {}%\nat 0s link n2>n1 loss {}%\n{calls}",
            loss.0, loss.1
        ))
    };
    (1..=RUNS).map(|seed| told(&play(seed))).collect()
}

/// The mean per call over all runs, with its standard error from the spread of the runs.
fn mean(runs: &[Told], of: impl Fn(&Told) -> u64) -> (f64, f64) {
    let per_call: Vec<f64> = runs.iter().map(|run| of(run) as f64 / run.calls as f64).collect();
    let count = per_call.len() as f64;
    let mean = per_call.iter().sum::<f64>() / count;
    let variance = per_call.iter().map(|it| (it - mean).powi(2)).sum::<f64>() / (count - 1.0);
    (mean, (variance / count).sqrt())
}

/// Within four standard errors.
fn is((mean, error): (f64, f64), expected: f64, what: &str) {
    println!("{what}: {mean:.5} ± {error:.5}, expected {expected:.5}");
    assert!((mean - expected).abs() <= 4.0 * error.max(1e-9), "{what}: {mean} is not {expected}");
}

/// A1.1: without a limit and a table, a call is sent 1 / ((1−p)(1−q)) times, and executed 1 / (1−q) times.
#[test]
fn a1_1_attempts_of_at_least_once() {
    for (p, q) in [(10, 10), (30, 20), (0, 40)] {
        let runs = lossy("at-least-once", 0, (p, q));
        let (arrives, answered) = (1.0 - p as f64 / 100.0, 1.0 - q as f64 / 100.0);
        let (sent, executed) = (1.0 / (arrives * answered), 1.0 / answered);
        let attempts = mean(&runs, |it| it.attempts);
        let executions = mean(&runs, |it| it.executions.values().sum());
        is(attempts, sent, &format!("attempts, p = {p} %, q = {q} %"));
        is(executions, executed, &format!("executions, p = {p} %, q = {q} %"));
        assert!(runs.iter().all(|it| it.returned.len() as u64 == it.calls));
        let what = format!(
            "attempts and executions per call, at least once without limit, p = 0.{p:02}, q = 0.{q:02}"
        );
        let measured = format!("{:.3}, {:.3}", attempts.0, executions.0);
        fact("A1.1", &what, "computed", format!("{sent:.4}, {executed:.4}"), measured);
    }
}

/// A1.2: a single attempt returns with (1−p)(1−q), is executed without a reply with (1−p)q, and is not executed with p.
#[test]
fn a1_2_a_single_attempt() {
    let runs = lossy("maybe", 3, (10, 10));
    let returned = mean(&runs, |it| it.returned.len() as u64);
    let in_doubt =
        mean(&runs, |it| it.unknown.iter().filter(|call| it.executions.contains_key(*call)).count() as u64);
    let not_executed = mean(&runs, |it| it.calls - it.executions.len() as u64);
    is(returned, 0.81, "returned");
    is(in_doubt, 0.09, "executed, and the client does not know");
    is(not_executed, 0.1, "not executed");
    assert!(runs.iter().all(|it| it.attempts == it.calls && it.failed == 0));
    assert!(runs.iter().all(|it| (it.returned.len() + it.unknown.len()) as u64 == it.calls));
    let what = "a single attempt, p = q = 0.1: returned, executed with an unknown outcome, not executed";
    let measured = format!("{:.3}, {:.3}, {:.3}", returned.0, in_doubt.0, not_executed.0);
    fact("A1.2", what, "computed", "0.81, 0.09, 0.1", measured);
}

/// A1.3: k attempts with a table execute a call with 1 − p^k and return with 1 − (1 − (1−p)(1−q))^k, and never execute it twice.
#[test]
fn a1_3_attempts_with_a_table() {
    for (p, q, attempts) in
        [(10, 10, 1), (10, 10, 2), (10, 10, 3), (30, 20, 1), (30, 20, 2), (30, 20, 3), (30, 20, 5)]
    {
        let runs = lossy("at-most-once", attempts, (p, q));
        let (lost, unanswered) = (p as f64 / 100.0, q as f64 / 100.0);
        let executed = 1.0 - lost.powi(attempts as i32);
        let returned = 1.0 - (1.0 - (1.0 - lost) * (1.0 - unanswered)).powi(attempts as i32);
        let what = format!("k = {attempts}, p = 0.{p}, q = 0.{q}");
        let executions = mean(&runs, |it| it.executions.len() as u64);
        let returns = mean(&runs, |it| it.returned.len() as u64);
        is(executions, executed, &format!("executed, {what}"));
        is(returns, returned, &format!("returned, {what}"));
        assert!(runs.iter().all(|it| it.executions.values().all(|count| *count == 1)), "{what}");
        let what = format!("at most once, {what}: executed, returned");
        let measured = format!("{:.4}, {:.4}", executions.0, returns.0);
        fact("A1.3", &what, "computed", format!("{executed:.4}, {returned:.4}"), measured);
    }
}

/// A1.3 by all patterns of loss of three attempts: each loses its request, its reply, or nothing, and nothing ends the call.
#[test]
fn a1_3_all_patterns_of_loss() {
    /// Plays on from an attempt; how many patterns there are, in how many the call is executed and in how many it returns.
    fn patterns(attempt: u64, acts: &str) -> [u64; 3] {
        let sent = 20 + (attempt - 1) * 50;
        let lost = [
            format!("at {}ms drop n1>n2 Request\n", sent + 5),
            format!("at {}ms drop n2>n1 Reply\n", sent + 15),
        ];
        let mut counts = [0; 3];
        for lost in lost {
            let acts = format!("{acts}{lost}");
            let found = if attempt == 3 { ends(&acts) } else { patterns(attempt + 1, &acts) };
            (0..3).for_each(|place| counts[place] += found[place]);
        }
        let found = ends(acts);
        (0..3).for_each(|place| counts[place] += found[place]);
        counts
    }
    fn ends(acts: &str) -> [u64; 3] {
        let told = told(&play(&format!(
            "faultline 2\nprotocol rpc\nlatency 10ms\nset service 0s\nuntil 400ms\nat 20ms n1 Debit 100\n{acts}"
        )));
        let executed: u64 = told.executions.values().sum();
        assert!(executed <= 1 && told.returned.len() + told.unknown.len() == 1, "{acts}");
        [1, executed, told.returned.len() as u64]
    }
    let found = patterns(1, "");
    // Of 1 + 2 + 4 patterns that end with a reply and 8 that do not, only three lost requests execute nothing.
    assert_eq!(found, [15, 14, 7]);
    let measured = format!("{}, {}, {}", found[0], found[1], found[2]);
    fact(
        "A1.3",
        "patterns of loss of 3 attempts: all, executed, returned",
        "computed",
        "15, 14, 7",
        measured,
    );
}

/// How often the bank, which is down, is called in a chain of so many servers.
fn amplified(semantics: &str, layers: u64, attempts: u64) -> u64 {
    let bank = layers + 1;
    let run = play(&format!(
        "faultline 2\nprotocol rpc\nnodes {bank}\nlatency 10ms\nset layers {layers}\nset semantics {semantics}\n\
         set attempts {attempts}\nset workers 999\nuntil 4s\nat 10ms crash n{bank}\nat 20ms n1 Debit 100\n"
    ));
    let to = format!(" to n{bank}");
    let lines = run.lines(0, run.records().len());
    let sent = lines.iter().flat_map(|line| &line.sent);
    sent.filter(|sent| sent.starts_with("Request") && sent.ends_with(&to)).count() as u64
}

/// A1.4: L layers with r attempts each call the bottom r^L times if it never answers. Tables in the layers absorb the copies.
#[test]
fn a1_4_retries_multiply_over_layers() {
    for (attempts, layers) in [(1, 5), (2, 1), (2, 4), (3, 1), (3, 2), (3, 3), (3, 4), (3, 5), (4, 4)] {
        let calls = amplified("at-least-once", layers, attempts);
        assert_eq!(calls, attempts.pow(layers as u32), "r = {attempts}, L = {layers}");
        assert_eq!(amplified("at-most-once", layers, attempts), attempts, "r = {attempts}, L = {layers}");
        if attempts == 3 {
            let what = format!("calls of the bottom, {layers} layers with {attempts} attempts each");
            fact("A1.4", &what, "computed", format!("{attempts}^{layers} = {calls}"), calls);
        }
    }
    let absorbed = amplified("at-most-once", 5, 3);
    fact("A1.4", "the same with a table in each of 5 layers", "computed", 3, absorbed);
}

/// The run of a name, with lines put behind it.
fn preset(name: &str, lines: &str) -> Run {
    let named = presets().find(|(slug, preset)| *slug == "rpc" && preset.name == name);
    play(&format!("{}\n{lines}\n", named.unwrap().1.text))
}

/// The claims that a run violates.
fn violated(run: &Run) -> Vec<&'static str> {
    let claims = run.scenario().entry.claims();
    let verdicts = claims.iter().zip(run.verdicts());
    verdicts.filter(|(_, it)| matches!(it, Judgement::Violated { .. })).map(|(claim, _)| claim.name).collect()
}

/// A1, permalink "double charge" and its variants: a lost reply debits twice without a table; with one in memory that is taken
/// for durable after a crash; with one that has evicted the record. What prevents each does so in the same run.
#[test]
fn a1_permalinks_double_charge() {
    let debits = |name: &str, lines: &str| {
        let run = preset(name, lines);
        (told(&run).executions.get("n1.1").copied().unwrap_or(0), violated(&run))
    };
    assert_eq!(debits("double-charge", ""), (2, vec![]));
    assert_eq!(debits("double-charge", "set semantics at-most-once"), (1, vec![]));
    assert_eq!(debits("restarted", ""), (1, vec![]));
    assert_eq!(debits("restarted", "twin forgets-table"), (2, vec!["At Most Once"]));
    assert_eq!(debits("exactly-once", ""), (1, vec![]));
    assert_eq!(debits("exactly-once", "twin forgets-table"), (2, vec!["At Most Once", "Exactly Once"]));
    assert_eq!(debits("records-late", "").0, 2);
    assert_eq!(debits("evicts-early", "").0, 2);
    for (what, name, expected) in [
        ("double charge: debits of one call whose reply is lost, no table", "double-charge", 2),
        ("the same with a table", "at-most-once", 1),
        ("variant b: table in memory, a crash before the retry, old binding rejected", "restarted", 1),
        ("variant b: the same, table taken for durable", "forgets-table", 2),
        ("variant b: durable table, record in a second write", "records-late", 2),
        ("variant b: durable table, one atomic write", "exactly-once", 1),
        ("variant c: record evicted before the client has acknowledged", "evicts-early", 2),
    ] {
        fact("A1", what, "computed", expected, debits(name, "").0);
    }
}

/// Variant c with the right table: a copy of call 1 that arrives after the client has acknowledged it is ignored, though its
/// record is gone; with exactly once also after a crash.
#[test]
fn an_old_copy_is_ignored_when_its_record_is_gone() {
    for (semantics, crash) in [
        ("at-most-once", ""),
        ("exactly-once", ""),
        ("exactly-once", "at 150ms crash n2\nat 160ms restart n2\n"),
    ] {
        let run = play(&format!(
            "faultline 2\nprotocol rpc\nlatency 10ms\nset semantics {semantics}\nuntil 400ms\nat 20ms n1 Debit 100\n\
             at 25ms duplicate n1>n2 Request\nat 25ms delay n1>n2 Request#2 by 200ms\nat 100ms n1 Debit 250\n{crash}\
             at 200ms expect n2 records 1\n"
        ));
        let executions = told(&run).executions;
        assert_eq!(executions.values().copied().collect::<Vec<_>>(), [1, 1], "{semantics} {crash}");
        assert_eq!(violated(&run), Vec::<&str>::new());
        let last = run
            .lines(0, run.records().len())
            .into_iter()
            .rfind(|line| line.message.starts_with("Request n1.1"));
        assert!(
            last.unwrap().rule.unwrap().sentence.contains("before the caller's first open one"),
            "{semantics}"
        );
    }
}

/// The bytes of a call in both orders and in fragments of every size, put together again; and the famous misreading.
#[test]
fn calls_are_marshalled_in_both_byte_orders() {
    assert_eq!(hex(&Order::BigEndian.marshal(100)), "61 6e 6e 61 00 00 00 64");
    assert_eq!(hex(&Order::LittleEndian.marshal(100)), "61 6e 6e 61 64 00 00 00");
    for order in [Order::BigEndian, Order::LittleEndian] {
        for amount in [0, 1, 100, 0x0102_0304, u32::MAX] {
            let bytes = order.marshal(amount);
            assert_eq!(order.unmarshal(&bytes), Some(amount));
            assert_eq!(order.other().unmarshal(&bytes), Some(amount.swap_bytes()));
            assert_eq!(order.unmarshal(&bytes[1..]), None);
            for most in 1..=8 {
                let parts = fragments(&bytes, most);
                assert_eq!(parts.len() as u64, 8_u64.div_ceil(most));
                assert_eq!(parts.concat(), bytes);
            }
        }
    }
    let run = preset("reads-other-order", "");
    let lines = run.lines(0, run.records().len());
    let debited = lines.iter().flat_map(|line| &line.outputs).find(|told| told.starts_with("Executed"));
    let amount = debited.unwrap().split(' ').nth(3).unwrap();
    assert_eq!(amount, "1677721600");
    fact("A1", "an amount of 100 read in the other byte order", "computed", "1677721600", amount);
}

/// A call of f fragments arrives if all do: without a retry it is executed with (1−p)^f. The loss of any one leaves it incomplete.
#[test]
fn a_call_needs_all_its_fragments() {
    for most in [8, 4, 3, 1] {
        let parts = 8_u64.div_ceil(most);
        for lost in 1..=parts {
            let told = told(&play(&format!(
                "faultline 2\nprotocol rpc\nlatency 10ms\nset attempts 1\nset fragment {most}\nuntil 200ms\n\
                 at 20ms n1 Debit 100\nat 25ms drop n1>n2 Request#{lost}\n"
            )));
            assert!(told.executions.is_empty() && told.unknown.len() == 1, "{most} bytes, {lost} lost");
            assert_eq!(told.attempts, parts);
        }
    }
}

/// Clients that repeat refused calls in step collide again: of six, one a round gets through. With jitter nearly all do.
#[test]
fn jitter_spreads_retries() {
    let executed = |name: &str, seed: u64| {
        let told = told(&preset(name, &format!("seed {seed}")));
        assert_eq!(told.returned.len() + told.failed as usize + told.unknown.len(), 6);
        told.executions.len() as u64
    };
    let sum = |name: &str| (1..=100).map(|seed| executed(name, seed)).sum::<u64>();
    let (in_step, jitter) = (sum("in-step"), sum("jitter"));
    println!("executed of 600: {in_step} in step, {jitter} with jitter");
    assert_eq!(in_step, 300);
    assert!(jitter > 500, "{jitter}");
    let what = "calls of six clients that one worker executes, 3 attempts: in step, and with jitter (mean of 100 seeds)";
    let measured = format!("{}, {:.2}", in_step / 100, jitter as f64 / 100.0);
    fact("A1", what, "computed", "3, more", measured);
}

/// The pool: as many workers work as there are, as many calls wait as may, the others are refused, and none is executed later.
#[test]
fn a_full_pool_refuses() {
    let calls = "at 20ms n1 Debit 100\n".repeat(10);
    for (workers, queue) in [(1, 0), (2, 4), (3, 3), (10, 0)] {
        let run = play(&format!(
            "faultline 2\nprotocol rpc\nlatency 10ms\nset attempts 1\nset workers {workers}\nset queue {queue}\n\
             set timeout 1s\nuntil 3s\n{calls}"
        ));
        let told = told(&run);
        let served = 10.min(workers + queue);
        assert_eq!((told.executions.len(), told.failed), (served, 10 - served as u64), "{workers}, {queue}");
        assert_eq!(told.returned.len(), served);
    }
}

fn searched(lines: &[&str], bounds: Bounds) -> Findings {
    let mut scenario = Scenario::of(find("rpc").unwrap());
    scenario.amend("set service 0s").unwrap();
    for line in lines {
        scenario.amend(line).unwrap();
    }
    let mut search = Search::new(&scenario, bounds);
    while !search.step(1_000) {}
    search.findings().clone()
}

fn bounds(timers: Option<u8>, inputs: u8, crashes: u8, drops: u8, copies: u8) -> Bounds {
    Bounds { depth: u32::MAX, states: 3_000_000, inputs, timers, crashes, drops, copies, ..Bounds::default() }
}

/// One client, one server and one call, without the engine: what is in flight, what is done, and what may happen next.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Small {
    /// How often the call was sent, and how it has ended: with a reply or without.
    attempts: u64,
    end: Option<bool>,
    /// The attempts of requests in flight, and the balances of replies in flight, sorted.
    requests: Vec<u64>,
    replies: Vec<u64>,
    executions: u64,
    drops: u8,
}

impl Small {
    fn next(&self, table: bool, limit: u64, drops: u8) -> Vec<Small> {
        let mut next = Vec::new();
        let mut add = |how: &dyn Fn(&mut Small)| {
            let mut then = self.clone();
            how(&mut then);
            then.requests.sort_unstable();
            then.replies.sort_unstable();
            next.push(then);
        };
        let send = |it: &mut Small| {
            it.attempts += 1;
            it.requests.push(it.attempts);
        };
        // The call is made, or a timeout ends: it is sent once more, or given up.
        if self.end.is_none() && self.attempts < limit {
            add(&send);
        } else if self.end.is_none() {
            add(&|it| it.end = Some(false));
        }
        for place in 0..self.requests.len() {
            add(&|it| {
                it.requests.remove(place);
                if it.executions == 0 || !table {
                    it.executions += 1;
                }
                it.replies.push(it.executions);
            });
            if self.drops < drops {
                add(&|it| {
                    it.requests.remove(place);
                    it.drops += 1;
                });
            }
        }
        for place in 0..self.replies.len() {
            add(&|it| {
                let told = it.replies.remove(place);
                if it.end.is_none() {
                    // The balance that a reply tells is part of how the call has ended.
                    it.end = Some(true);
                    it.attempts += 100 * told;
                }
            });
            if self.drops < drops {
                add(&|it| {
                    it.replies.remove(place);
                    it.drops += 1;
                });
            }
        }
        next
    }

    /// All states that can be reached.
    fn all(table: bool, limit: u64, drops: u8) -> BTreeSet<Small> {
        let (requests, replies) = (Vec::new(), Vec::new());
        let first = Small { attempts: 0, end: None, requests, replies, executions: 0, drops: 0 };
        let (mut seen, mut open) = (BTreeSet::from([first.clone()]), vec![first]);
        while let Some(state) = open.pop() {
            for next in state.next(table, limit, drops) {
                if seen.insert(next.clone()) {
                    open.push(next);
                }
            }
        }
        seen
    }
}

/// All runs of one call under losses: the search comes to as many states as a count without the engine, and breaks nothing.
#[test]
fn all_runs_of_one_call_as_counted_without_the_engine() {
    for (semantics, table) in [("at-least-once", false), ("at-most-once", true)] {
        for (attempts, drops) in [(1, 0), (1, 2), (2, 0), (2, 1), (2, 2), (3, 0), (3, 1), (3, 2)] {
            let lines = [format!("set semantics {semantics}"), format!("set attempts {attempts}")];
            let found = searched(&[&lines[0], &lines[1]], bounds(None, 1, 0, drops, 0));
            let counted = Small::all(table, attempts, drops);
            assert!(found.complete && found.broken.is_empty(), "{semantics}, {attempts}, {drops}");
            assert_eq!(found.states, counted.len(), "{semantics}, {attempts} attempts, {drops} drops");
            let twice = counted.iter().any(|state| state.executions > 1);
            assert_eq!(twice, !table && attempts > 1, "{semantics}, {attempts} attempts, {drops} drops");
            if (attempts, drops) == (3, 1) {
                let what = format!("states of one call, {semantics}, 3 attempts, at most one loss");
                fact("A1", &what, "computed", counted.len(), found.states);
            }
        }
    }
}

/// All runs with a loss, a crash and a copy: no claim breaks, and that of the end is judged where a run comes to rest.
#[test]
fn all_runs_within_small_bounds() {
    for (what, lines, bounds, states) in [
        ("at most once, 1 call, 2 attempts", &["set attempts 2"][..], bounds(None, 1, 1, 1, 1), 869),
        ("at most once, 2 calls, 2 attempts", &["set attempts 2"], bounds(None, 2, 1, 1, 0), 20_691),
        (
            "at most once, 1 call in 2 fragments, 2 attempts",
            &["set attempts 2", "set fragment 4"],
            bounds(None, 1, 1, 1, 0),
            1_235,
        ),
        (
            "at most once, 1 call over 2 layers, 2 attempts",
            &["nodes 3", "set layers 2", "set attempts 2"],
            bounds(None, 1, 1, 1, 0),
            4_585,
        ),
        (
            "exactly once, 1 call, 3 timers",
            &["set semantics exactly-once"],
            bounds(Some(3), 1, 1, 1, 1),
            6_001,
        ),
        (
            "exactly once, 2 calls, 2 timers",
            &["set semantics exactly-once"],
            bounds(Some(2), 2, 1, 1, 0),
            31_769,
        ),
        (
            "exactly once, 1 call over 2 layers, 2 timers",
            &["nodes 3", "set layers 2", "set semantics exactly-once"],
            bounds(Some(2), 1, 1, 1, 0),
            4_838,
        ),
    ] {
        let found = searched(lines, bounds);
        println!("{what}: {} states, {} at rest", found.states, found.at_rest);
        assert!(found.complete && found.broken.is_empty(), "{what}: {:?}", found.verdict());
        assert!(found.at_rest > 0, "{what}");
        assert_eq!(found.states, states, "{what}");
        let Bounds { crashes, drops, copies, .. } = bounds;
        let what =
            format!("states of a complete search, {what}, {drops} loss, {crashes} crash, {copies} copies");
        fact("A1", &what, "computed", states, found.states);
    }
}

/// The search finds each wrong twin that a call or two, a loss, a crash or a copy can bring to light.
#[test]
fn the_search_finds_the_twins() {
    for (twin, semantics, claim) in [
        ("renumbers-retries", "at-most-once", "at-most-once"),
        ("says-failed", "at-most-once", "honesty"),
        ("forgets-table", "at-most-once", "at-most-once"),
        ("forgets-table", "exactly-once", "at-most-once"),
        ("records-late", "exactly-once", "at-most-once"),
        ("keys-by-arguments", "at-most-once", "integrity"),
        ("evicts-early", "at-most-once", "at-most-once"),
        ("recomputes-replies", "at-most-once", "integrity"),
        ("reads-other-order", "at-most-once", "arguments"),
    ] {
        let lines = [format!("set semantics {semantics}"), format!("twin {twin}"), "set attempts 2".into()];
        let found = searched(&[&lines[0], &lines[1], &lines[2]], bounds(Some(2), 2, 1, 1, 0));
        let names: Vec<_> = found.broken.iter().map(|(name, _)| name.as_str()).collect();
        assert!(names.contains(&claim), "{twin}: {names:?}");
    }
}

/// All semantics, pools, chains and fragments bear random faults.
#[test]
fn every_semantics_survives_the_nemesis() {
    for semantics in ["maybe", "at-least-once", "at-most-once", "exactly-once"] {
        for lines in [
            &["set service 0s", "set fragment 3"][..],
            &["nodes 4", "set layers 3"],
            &["nodes 4", "set workers 1", "set queue 0"],
            &["nodes 3", "set layers 2", "set workers 1", "set queue 1", "set jitter 30ms"],
        ] {
            let mut base = Scenario::of(find("rpc").unwrap());
            base.amend(&format!("set semantics {semantics}")).unwrap();
            for line in lines {
                base.amend(line).unwrap();
            }
            for seed in 1..=60 {
                let attack = attack(&base, seed);
                assert_eq!(attack.broken, None, "{semantics}, {lines:?}, seed {seed}:\n{}", attack.scenario);
            }
        }
    }
}

/// The curve of the page is the law of A1.3 in thousandths, for what is set.
#[test]
fn the_chart_draws_the_law_for_these_parameters() {
    let drawn = |lines: &str| {
        let text = format!("faultline 2\nprotocol rpc\n{lines}\nuntil 1s\nat 10ms n1 Debit 100\n");
        let session = Session::new(parse(&text).unwrap());
        let mut samples = session.samples();
        while !session.sample(&mut samples, 1_000) {}
        session.curves(&samples).remove(0).theory
    };
    for (lines, attempts) in
        [("set attempts 1", 1), ("set attempts 3", 3), ("set attempts 20", 20), ("set semantics maybe", 1)]
    {
        let curve = drawn(lines);
        assert_eq!(curve.len(), 51);
        for (unanswered, returned) in curve {
            let expected = 1e3 * (1.0 - (unanswered as f64 / 1e3).powi(attempts));
            assert!((returned as f64 - expected).abs() <= 1.001, "{lines}, {unanswered} ‰: {returned}");
        }
    }
    let endless = drawn("set semantics exactly-once");
    assert!(
        endless.iter().all(|(unanswered, returned)| *returned == if *unanswered < 1_000 { 1_000 } else { 0 })
    );
}

/// What a client's card shows of the three ways in which a call ends, and while it waits.
#[test]
fn a_call_ends_in_three_ways_with_a_sign_each() {
    let shown = |name: &str, node: usize, time: u64| {
        let mut session = Session::new(preset(name, "").scenario().clone());
        session.seek_time(time);
        let card = session.view().nodes[node].card.clone();
        (card.role, card.sign)
    };
    assert_eq!(shown("at-most-once", 0, 10_000), ("idle", Sign::Idle));
    assert_eq!(shown("at-most-once", 0, 60_000), ("waiting", Sign::Seeking));
    assert_eq!(shown("at-most-once", 0, 120_000), ("returned", Sign::Committed));
    assert_eq!(shown("maybe", 0, 100_000), ("unknown", Sign::Uncertain));
    assert_eq!(shown("in-step", 5, 150_000), ("failed", Sign::Aborted));
}
