//! Load balancing against its literature (I1 to I3): balls into bins, the supermarket model, the order of the policies, and
//! the formulas of queues.
//!
//! The mean work is a second and a message takes a microsecond, so that servers and balancer are as close together as the
//! theory takes them to be. What is random is measured in batches, without the first of them, in which queues are still short.

#![allow(clippy::unwrap_used)] // What cannot be unwrapped has failed the test.

use faultline_core::measure::{Measures, figures};
use faultline_core::property::Judgement;
use faultline_core::sim::{Cursor, Run};
use faultline_core::trace::What;
use faultline_tests::{fact, parse, play};

const SECOND: u64 = 1_000_000;
const KLEINROCK: &str = "Kleinrock 1975";
/// Queues as theory has them: nobody gives up, nothing is checked, and there is one source of requests.
const PLAIN: &str = "set clients 1\nset timeout 0s\nset checks off\nset work 1s\nset backlog 1000000";
/// A request that makes `measure` ask for nothing of its own.
const FIRST: &str = "at 0s n1 Get /a";

/// So many servers that receive so many requests a second, under some settings.
fn text(servers: u64, rate: u64, seed: u64, settings: &str) -> String {
    format!(
        "faultline 2\nprotocol load-balancing\nnodes {}\nseed {seed}\nlatency 1us\nuntil 10000000s\n{PLAIN}\nset rate {rate}\n\
         {settings}\n{FIRST}\n",
        servers + 2
    )
}

/// So many servers, requests a second, and settings.
type Settings<'a> = (u64, u64, &'a str);

/// What a figure counted so far, and over what.
fn figure(run: &Run, name: &str) -> (u64, u64) {
    let all = figures(run, &Measures::default());
    let found = all.iter().find(|it| it.name == name).unwrap();
    (found.counted, found.over)
}

/// A mean of batches, and its standard error.
#[derive(Clone, Copy, Debug)]
struct Mean {
    mean: f64,
    error: f64,
}

impl Mean {
    fn of(values: &[f64]) -> Self {
        let count = values.len() as f64;
        let mean = values.iter().sum::<f64>() / count;
        let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1.0);
        Mean { mean, error: (variance / count).sqrt() }
    }

    /// A quotient of sums, by batches of what was counted and over what. The mean of their quotients would be too low: long batches of
    /// requests are those in which requests take long.
    fn of_quotients(batches: &[(u64, u64)]) -> Self {
        let count = batches.len() as f64;
        let sum = batches.iter().fold((0.0, 0.0), |sum, it| (sum.0 + it.0 as f64, sum.1 + it.1 as f64));
        let mean = sum.0 / sum.1;
        let rest = batches.iter().map(|it| (it.0 as f64 - mean * it.1 as f64).powi(2)).sum::<f64>();
        Mean { mean, error: (rest / (count * (count - 1.0))).sqrt() / (sum.1 / count) }
    }

    /// Within four standard errors, or a tolerance that the literature gives. An error of more than an eighth would prove nothing.
    fn is(self, expected: f64, tolerance: f64, what: &str) {
        let Mean { mean, error } = self;
        println!("{what}: {mean:.4} ± {error:.4}, expected {expected}");
        assert!(error < expected / 8.0, "{what}: {mean} ± {error} says nothing");
        let most = tolerance.max(4.0 * error);
        assert!((mean - expected).abs() <= most, "{what}: {mean} ± {error} is not {expected} ± {most}");
    }

    fn text(self) -> String {
        format!("{:.3} ± {:.3}", self.mean, self.error)
    }
}

/// Figures by batches of three runs, of so many requests in all: of each figure the quotient of what all batches added, the first
/// batches of each run left out, with the error that the spread of the batches gives it.
fn batches<const N: usize>(settings: Settings<'_>, requests: u64, names: [&str; N]) -> [Mean; N] {
    const RUNS: u64 = 3;
    const BATCHES: u64 = 10;
    const WARM_UP: u64 = 3;
    let (servers, rate, settings) = settings;
    let span = requests * SECOND / rate / RUNS / BATCHES;
    let mut values = [const { Vec::new() }; N];
    for seed in 1..=RUNS {
        let mut run = Run::new(parse(&text(servers, rate, seed, settings)).unwrap(), 0);
        let mut before = [(0, 0); N];
        for batch in 1..=BATCHES {
            run.extend(batch * span);
            for (place, name) in names.iter().enumerate() {
                let now = figure(&run, name);
                let added = (now.0 - before[place].0, now.1 - before[place].1);
                if batch > WARM_UP {
                    values[place].push(added);
                }
                before[place] = now;
            }
        }
    }
    values.map(|values| Mean::of_quotients(&values))
}

/// The mean response time, in units of the mean work.
fn response(servers: u64, rate: u64, requests: u64, settings: &str) -> Mean {
    let [time] = batches((servers, rate, settings), requests, ["response time"]);
    Mean { mean: time.mean / 1e6, error: time.error / 1e6 }
}

/// How many of so many requests each of as many servers received, the most first, where none is done before the last.
fn balls(servers: u64, policy: &str, seed: u64) -> usize {
    let settings = format!("set policy {policy}\nset work 60s\nset varies never");
    let scenario = parse(&text(servers, 10_000, seed, &settings)).unwrap();
    let (mut cursor, mut bins) = (Cursor::new(&scenario), vec![0_usize; servers as usize]);
    for _ in 0..servers {
        loop {
            let record = cursor.step(&scenario, 50 * SECOND).unwrap();
            if record.what == What::Deliver && record.node >= 2 {
                bins[record.node as usize - 2] += 1;
                break;
            }
        }
    }
    bins.into_iter().max().unwrap()
}

/// I1.2: n balls into n bins, each into the emptiest of d; the mean of the fullest bin.
#[test]
fn balls_into_bins() {
    // With replacement two choices make 2.587, and different ones 2.558: by 200 000 runs of a program of a dozen lines. So many runs
    // tell these apart.
    for (bins, choices, most, runs) in [(100, 1, 4.23, 1_000), (100, 2, 2.558, 6_000)] {
        let policy = match choices {
            1 => "random".to_owned(),
            _ => format!("two-choices\nset choices {choices}"),
        };
        let found: Vec<f64> = (1..=runs).map(|seed| balls(bins, &policy, seed) as f64).collect();
        let mean = Mean::of(&found);
        mean.is(most, 0.0, &format!("{bins} bins, {choices} choices"));
        let what = format!(
            "requests at the fullest of {bins} servers, of as many, {choices} different choices, {runs} runs"
        );
        fact("I1.2", &what, "computed", most, mean.text());
    }
}

/// I1.2: of ten thousand bins the fullest has three balls or, one time in fifteen, four, where each ball has two choices; three with
/// three choices, but for one time in 150, when it has two; and six or seven without a choice, seldom more or less.
#[test]
fn ten_thousand_bins() {
    for (policy, expected, least, most) in [
        ("random", "6.68 on average", 5, 9),
        ("two-choices", "3 (.933) or 4 (.067)", 3, 4),
        ("two-choices\nset choices 3", "3 (.993) or 2 (.007)", 2, 3),
    ] {
        let found = [1, 2].map(|seed| balls(10_000, policy, seed));
        assert!(found.iter().all(|it| (least..=most).contains(it)), "{policy}: {found:?}");
        let policy = policy.replace("\nset choices", ",");
        let what = format!("requests at the fullest of 10 000 servers, of as many, {policy}, two runs");
        fact("I1.2", &what, "computed", expected, format!("{}, {}", found[0], found[1]));
    }
}

/// I1.3: the supermarket model with a hundred servers and two choices; ±1.5 %, or four standard errors where chance is the
/// larger, at 0.95.
#[test]
fn the_supermarket_model() {
    for (rate, time, requests) in
        [(50, 1.268, 60_000), (70, 1.619, 100_000), (80, 1.956, 150_000), (95, 3.464, 150_000)]
    {
        let mean = response(100, rate, requests, "set policy two-choices");
        let what = format!("response time of two choices, 100 servers, load 0.{rate}, in units of work");
        mean.is(time, 0.015 * time, &what);
        // At 0.95 queues remember for so long that no short run is within 1.5 %.
        assert!(rate > 80 || (mean.mean - time).abs() <= 0.015 * time, "{what}: {}", mean.mean);
        let within = if rate > 80 { "4 standard errors" } else { "1.5 %" };
        fact("I1.3", &what, "computed", format!("{time} ± {within}"), mean.text());
    }
    let three = response(100, 90, 100_000, "set policy two-choices\nset choices 3");
    let what = "response time of three choices, 100 servers, load 0.90, in units of work";
    // By a chain of a dozen lines that knows only how long the queues are; the same makes 3.460 of two choices at 0.95.
    three.is(2.062, 0.0, what);
    fact("I1.3", what, "computed", "2.062; 2.028 in the limit (Mitzenmacher 2001)", three.text());
}

/// I2.1, I3: Poisson arrivals that are split at random make an M/M/1 of each server: T = 1/(μ − λ), p99 = T ln 100, and the
/// share of servers with at least n requests is ρⁿ.
#[test]
fn a_random_split_is_m_m_1() {
    for (rate, time) in [(5, 2.0), (8, 5.0)] {
        let settings = (10, rate, "set policy random");
        let [mean, held] = batches(settings, 100_000, ["response time", "in servers"]);
        let mean = Mean { mean: mean.mean / 1e6, error: mean.error / 1e6 };
        let what = format!("response time of a random split, load 0.{rate}, in units of work");
        mean.is(time, 0.0, &what);
        fact("I2.1", &what, KLEINROCK, format!("1 / (μ − λ) = {time}"), mean.text());
        held.is(rate as f64 * time, 0.0, "in servers");
        let late = |seed| {
            let mut run = Run::new(parse(&text(10, rate, seed, settings.2)).unwrap(), 0);
            run.extend(15_000 * SECOND / rate);
            figure(&run, "99th percentile").0 as f64 / 1e6 / time
        };
        let late = Mean::of(&(1..=8).map(late).collect::<Vec<_>>());
        let what = format!("99th percentile over the mean of M/M/1, load 0.{rate}");
        late.is(100_f64.ln(), 0.0, &what);
        fact("I3", &what, KLEINROCK, "ln 100 = 4.605", late.text());
    }
}

/// I2.2: random > round robin, two choices ≥ join the shortest queue > one central queue, with the same arrivals and the same work.
#[test]
fn the_policies_are_ordered() {
    const SERVERS: u64 = 10;
    for rate in [3, 5, 7, 9] {
        let of = |settings: &str| response(SERVERS, rate, 25_000, settings).mean;
        let [random, turns, two, shortest] = ["random", "round-robin", "two-choices", "least-connections"]
            .map(|it| of(&format!("set policy {it}")));
        let central = of("set connections 1");
        let measured = format!("{random:.3} > {turns:.3}, {two:.3} ≥ {shortest:.3} > {central:.3}");
        let what = format!("response times, 10 servers, load 0.{rate}");
        fact(
            "I2.2",
            &what,
            "Winston 1977",
            "random > round robin, two choices ≥ shortest queue > central queue",
            &measured,
        );
        assert!(random > turns && random > two, "{measured}");
        assert!(turns >= shortest && two >= shortest && shortest > central, "{measured}");
    }
}

/// I2.2: round robin and two choices are not ordered. For many servers round robin is D/M/1: better at a low load, worse at a
/// high one.
#[test]
fn round_robin_is_better_at_low_load_only() {
    for (rate, turns, two) in [(30, 1.043, 1.091), (90, 5.18, 2.61)] {
        let requests = if rate == 30 { 40_000 } else { 250_000 };
        let of = |policy: &str| response(100, rate, requests, &format!("set policy {policy}"));
        let (in_turn, better) = (of("round-robin"), of("two-choices"));
        in_turn.is(turns, 0.03 * turns, &format!("round robin at 0.{rate}"));
        better.is(two, 0.03 * two, &format!("two choices at 0.{rate}"));
        assert_eq!(in_turn.mean < better.mean, turns < two);
        let what =
            format!("response times of round robin (D/M/1) and two choices, 100 servers, load 0.{rate}");
        let expected = format!("{turns}, {two}, the limits, ± 3 %");
        fact("I2.2", &what, "computed", expected, format!("{:.3}, {:.3}", in_turn.mean, better.mean));
    }
}

/// The servers to which requests went, in order, as letters.
fn assigned(run: &Run) -> String {
    let lines = run.lines(0, run.records().len());
    let told = lines.iter().flat_map(|line| &line.outputs).filter(|told| told.starts_with("Assigned"));
    told.map(|told| char::from(b'a' - 3 + told.rsplit('n').next().unwrap().parse::<u8>().unwrap())).collect()
}

/// I2.3: smooth weighted round robin with weights 5, 1 and 1: exact over one cycle, and the light servers not in a row.
#[test]
fn smooth_weighted_round_robin() {
    let acts: Vec<_> = (1..=14).map(|nth| format!("at {nth}ms n1 Get /a\n")).collect();
    let acts = acts.concat();
    let run = play(&format!(
        "faultline 2\nprotocol load-balancing\nnodes 5\nlatency 1us\nuntil 100ms\nset clients 1\nset rate 0\n\
         set first-weight 5\n{acts}"
    ));
    let order = assigned(&run);
    assert_eq!(order, "aabacaaaabacaa");
    fact("I2.3", "two cycles of smooth round robin with weights 5, 1, 1", "nginx", "aabacaa twice", order);
}

/// I3: M/M/c, Erlang's second formula and the response time; ± 4 standard errors of batch means.
#[test]
fn one_queue_for_all_is_m_m_c() {
    for (servers, rate, scale, waits, time, requests) in [
        (2, 1, 1, 0.333_33, 1.3333, 60_000),
        (2, 16, 10, 0.711_11, 2.7778, 100_000),
        (2, 18, 10, 0.852_63, 5.2632, 100_000),
        (4, 32, 10, 0.596_43, 1.7455, 100_000),
        (5, 4, 1, 0.554_11, 1.5541, 60_000),
        (10, 8, 1, 0.409_18, 1.2046, 100_000),
        (100, 90, 1, 0.216_94, 1.0217, 100_000),
    ] {
        // A rate is a whole number: where it is not, everything is faster.
        let work = SECOND / scale;
        let settings = format!("set connections 1\nset work {}ms", work / 1_000);
        let [waited, response] = batches((servers, rate, &settings), requests, ["waited", "response time"]);
        let response = Mean { mean: response.mean / work as f64, error: response.error / work as f64 };
        let load = rate as f64 / (servers * scale) as f64;
        let what =
            format!("M/M/{servers}, load {load}: share that waits, and response time in units of work");
        waited.is(waits, 0.0, &what);
        response.is(time, 0.0, &what);
        let measured = format!("{}, {}", waited.text(), response.text());
        fact("I3", &what, KLEINROCK, format!("{waits}, {time}"), measured);
    }
}

/// I3: Erlang's first formula: without a place to wait, the share that is refused.
#[test]
fn without_a_queue_requests_are_refused_as_erlang_says() {
    let [refused] = batches((10, 8, "set connections 1\nset backlog 0"), 100_000, ["refused"]);
    refused.is(0.121_66, 0.0, "Erlang B");
    fact(
        "I3",
        "share refused with 10 servers and 8 in service on average",
        "Erlang 1917",
        0.121_66,
        refused.text(),
    );
}

/// I3: the wait of M/D/1 is half that of M/M/1.
#[test]
fn constant_work_halves_the_wait() {
    let wait = |settings: &str| {
        let mean = response(10, 8, 80_000, &format!("set policy random\n{settings}"));
        Mean { mean: mean.mean - 1.0, ..mean }
    };
    let (varies, never) = (wait(""), wait("set varies never"));
    varies.is(4.0, 0.0, "wait of M/M/1");
    never.is(2.0, 0.0, "wait of M/D/1");
    let measured = format!("{} of {}", never.text(), varies.text());
    fact("I3", "wait of M/D/1, and of M/M/1, load 0.8, in units of work", KLEINROCK, "2 of 4", measured);
}

/// I3: Little's law, L = λT, in every run: a request is in a server, or waits for one, for as long as it takes.
#[test]
fn littles_law_holds_in_every_run() {
    let mut worst: f64 = 0.0;
    for policy in ["round-robin", "random", "two-choices", "least-connections", "least-time"] {
        for seed in 1..=2 {
            let mut run = Run::new(parse(&text(10, 7, seed, &format!("set policy {policy}"))).unwrap(), 0);
            run.extend(1_000 * SECOND);
            let (took, done) = figure(&run, "response time");
            let (held, time) = figure(&run, "in servers");
            let (l, lambda_t) =
                (held as f64 / time as f64, done as f64 / time as f64 * (took as f64 / done as f64));
            worst = worst.max((l / lambda_t - 1.0).abs());
        }
    }
    fact(
        "I3",
        "Little's law: the most that L differs from λT, 10 runs",
        "Little 1961",
        "0 ± 0.5 %",
        format!("{worst:.4}"),
    );
    assert!(worst <= 0.005, "{worst}");
}

/// I3, permalink: at a load of 1.01 the queue grows by a hundredth of what arrives.
#[test]
fn beyond_the_capacity_queues_grow_with_time() {
    for (rate, growth, seconds) in [(101, 1.0, 600), (110, 10.0, 100)] {
        let grown = |seed| {
            let settings = "set policy two-choices\nset work 100ms";
            let mut run = Run::new(parse(&text(10, rate, seed, settings)).unwrap(), 0);
            let line = |run: &Run| (figure(run, "sent").0 - figure(run, "carried out").0) as f64;
            run.extend(100 * SECOND);
            let before = line(&run);
            run.extend((100 + seconds) * SECOND);
            (line(&run) - before) / seconds as f64
        };
        let mean = Mean::of(&(1..=8).map(grown).collect::<Vec<_>>());
        println!("{mean:?}");
        assert!((mean.mean - growth).abs() <= 4.0 * mean.error && mean.mean > 2.0 * mean.error, "{mean:?}");
        let what =
            format!("growth of all queues in a second, where 100 can be carried out and {rate} arrive");
        fact("I3", &what, KLEINROCK, growth, mean.text());
    }
}

/// The same arrivals and the same work for every policy: what clients send and when, to the microsecond.
#[test]
fn arrivals_and_work_do_not_depend_on_the_policy() {
    let sent = |settings: &str| -> Vec<String> {
        let run = play(&format!("faultline 2\nprotocol load-balancing\nuntil 2s\n{settings}\n"));
        let lines = run.lines(0, run.records().len());
        let sends = lines.iter().filter(|line| line.outputs.iter().any(|told| told.starts_with("Sent")));
        sends.map(|line| format!("{} {:?} {:?}", line.record.time, line.outputs, line.sent)).collect()
    };
    let first = sent("set policy round-robin");
    assert!(first.len() > 100);
    for policy in ["random", "hash", "two-choices", "least-connections", "least-time"] {
        assert_eq!(sent(&format!("set policy {policy}")), first, "{policy}");
    }
    let faults = "at 300ms crash n5\nat 900ms restart n5\nat 500ms n6 Slow 5";
    assert_eq!(sent(faults), first, "faults");
}

/// At layer 4, requests that waited for room go over the connection that the first of them opens: 24 requests of one client are
/// three connections, and all but the last have been closed.
#[test]
fn a_connection_is_opened_once_for_all_that_wait_for_it() {
    let acts = "at 1ms n1 Get /a\n".repeat(24);
    let run = play(&format!(
        "faultline 2\nprotocol load-balancing\nnodes 4\nuntil 9s\nset clients 1\nset rate 0\nset layer connection\n\
         set connections 1\nset timeout 10s\n{acts}"
    ));
    let lines = run.lines(0, run.records().len());
    let told =
        |what: &str| lines.iter().flat_map(|line| &line.outputs).filter(|it| it.starts_with(what)).count();
    assert_eq!((told("Opened"), told("Closed"), told("Settled")), (3, 3, 24));
}

/// That every request ends is judged of those that have had their time, and not said of a run in which none has had it.
#[test]
fn what_has_not_had_its_time_is_not_judged() {
    let standing = |settings: &str| {
        let run = play(&format!("faultline 2\nprotocol load-balancing\n{settings}\n"));
        let place =
            run.scenario().entry.claims().iter().position(|it| it.name == "Every Request Ends").unwrap();
        run.verdicts()[place].clone()
    };
    let unjudged = |settings: &str| match standing(settings) {
        Judgement::Unjudged { why } => why.to_string(),
        other => panic!("{settings}: {other:?}"),
    };
    // Nobody gives up, and the queues grow without end; or the run is shorter than two timeouts.
    let too_soon = "no request has had its time yet";
    assert_eq!(unjudged("set timeout 0s\nset rate 60\nuntil 3s"), too_soon);
    assert_eq!(unjudged("until 300ms"), too_soon);
    assert_eq!(unjudged("set rate 0\nuntil 3s"), "no client has sent a request yet");
    assert!(matches!(standing("until 2s"), Judgement::Reached { .. }));
    // A server may crash, but who asks and who decides must not: they forget what is open.
    assert!(matches!(standing("until 4s\nat 500ms crash n5"), Judgement::Reached { .. }));
    for node in ["n1", "n3"] {
        let crash = format!("until 4s\nat 500ms crash {node}\nat 700ms restart {node}");
        assert_eq!(unjudged(&crash), "a client or a balancer has crashed", "{node}");
    }
}
