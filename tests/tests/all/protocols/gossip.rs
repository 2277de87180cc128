//! Gossip against its literature (B2): residue, traffic and delay of rumours, the end of anti-entropy, how many cycles
//! reach everybody, and the executions that made people keep death certificates.
//!
//! A cycle is a second and a message takes a millisecond, so cycles are synchronous, as the paper's are.

#![allow(clippy::unwrap_used)] // What cannot be unwrapped has failed the test.

use faultline_core::curves::Curves;
use faultline_core::nemesis::attack;
use faultline_core::property::Judgement;
use faultline_core::sim::Cursor;
use faultline_core::trace::{Flags, Record, What};
use faultline_core::{Scenario, Session};
use faultline_tests::{fact, find, parse, presets};
use std::fmt::Write as _;

mod databases;

const CYCLE: u64 = 1_000_000;
const PUSH: u8 = 0;
const REPLY: u8 = 2;
/// The literature's readings of an unnecessary contact, trap T2: the equation's, and the one behind the tables.
const LITERAL: &str = "set judged on-contact\nset resets off";
const TABLES: &str = "set judged at-cycle-start\nset resets on";

const DEMERS: &str = "Demers et al. 1987";

/// Whether a run is over.
type Over = fn(&Spread) -> bool;
/// A rumour is over when cycles have passed in which nobody told it: one of pushing, and of pulling so many that the only node
/// that finds it hot is not merely not asked, which has a probability of 1/e a cycle.
const DEAD: Over = |spread| spread.quiet > 0;
const DEAD_WHERE_PULLED: Over = |spread| spread.quiet > 20;
/// A change is everywhere.
const EVERYWHERE: Over = |spread| spread.informed() == spread.nodes;
/// It is known whether a rumour reaches all: those who know go on telling, and nobody learns more of it.
const DECIDED: Over = |spread| EVERYWHERE(spread) || DEAD(spread);
/// All but less than one in twenty know.
const NEARLY: Over = |spread| spread.informed() * 20 > spread.nodes * 19;

/// How one change spread.
struct Spread {
    nodes: u64,
    /// How many nodes learnt of it in each cycle; its author counts in cycle 0.
    news: Vec<u64>,
    /// How often the item was told, and in how many cycles it has not been since.
    told: u64,
    quiet: u64,
}

impl Spread {
    /// Plays a run in which n1 makes one change, cycle by cycle until it is over.
    fn of(nodes: u64, seed: u64, settings: &str, over: Over) -> Spread {
        let text = format!(
            "faultline 2\nprotocol gossip\nnodes {nodes}\nseed {seed}\nlatency 1ms\nuntil 500s\n{settings}\n\
             at 0s n1 Update 7\n"
        );
        let scenario = parse(&text).unwrap_or_else(|complaint| panic!("{complaint}"));
        let mut cursor = Cursor::new(&scenario);
        let mut spread = Spread { nodes, news: vec![1], told: 0, quiet: 0 };
        for cycle in 1.. {
            spread.news.push(0);
            spread.quiet += 1;
            while let Some(record) = cursor.step(&scenario, (cycle + 1) * CYCLE - 1) {
                spread.count(record);
            }
            if over(&spread) {
                break;
            }
        }
        spread
    }

    fn count(&mut self, record: Record) {
        let tells = record.what == What::Deliver && [PUSH, REPLY].contains(&record.kind);
        self.told += u64::from(tells);
        self.quiet *= u64::from(!tells);
        *self.news.last_mut().unwrap() += u64::from(tells && record.flags.has(Flags::MILESTONE));
    }

    fn informed(&self) -> u64 {
        self.news.iter().sum()
    }

    /// The last cycle that brought news.
    fn last(&self) -> u64 {
        self.news.iter().rposition(|news| *news > 0).unwrap_or(0) as u64
    }

    /// In which cycle news came on average to those that it came to.
    fn average(&self) -> f64 {
        let cycles: u64 = (0..).zip(&self.news).map(|(cycle, news)| cycle * news).sum();
        cycles as f64 / (self.informed() - 1).max(1) as f64
    }
}

/// A mean over runs, and its standard error.
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

    fn text(self, digits: usize) -> String {
        format!("{:.digits$}", self.mean)
    }

    /// Within a tolerance that the literature gives.
    fn is(self, expected: f64, tolerance: f64, what: &str) {
        let Mean { mean, error } = self;
        println!("{what}: {mean:.4} ± {error:.4}, expected {expected}");
        assert!((mean - expected).abs() <= tolerance, "{what}: {mean} is not {expected} ± {tolerance}");
    }

    /// Within a tolerance, or within four standard errors where chance is the larger.
    fn is_about(self, expected: f64, tolerance: f64, what: &str) {
        self.is(expected, tolerance.max(4.0 * self.error), what);
    }
}

/// Residue, traffic, the cycle of the last news and the mean cycle of news of rumours, over some runs.
fn rumours(nodes: u64, runs: u64, settings: &str) -> [Mean; 4] {
    let over = if settings.contains("set direction pull") { DEAD_WHERE_PULLED } else { DEAD };
    let spreads: Vec<_> = (1..=runs).map(|seed| Spread::of(nodes, seed, settings, over)).collect();
    let mean = |value: &dyn Fn(&Spread) -> f64| Mean::of(&spreads.iter().map(value).collect::<Vec<_>>());
    let share = |of: u64| of as f64 / nodes as f64;
    [
        mean(&|spread| share(nodes - spread.informed())),
        mean(&|spread| share(spread.told)),
        mean(&|spread| spread.last() as f64),
        mean(&|spread| spread.average()),
    ]
}

/// B2.1: s = e^(−(k+1)(1−s)) for push with feedback, read literally, by counter or by coin; ±5 %.
#[test]
fn b2_1_the_residue_is_that_of_the_equation() {
    for (k, residue) in [(1, 0.203_188), (2, 0.059_520), (3, 0.019_827)] {
        for stop in ["counter", "coin"] {
            let [s, ..] = rumours(10_000, 12, &format!("set k {k}\nset stop {stop}\n{LITERAL}"));
            s.is(residue, 0.05 * residue, &format!("residue, {stop} {k}"));
            let what =
                format!("residue of rumours that are pushed with feedback, {stop} k = {k}, 10 000 nodes");
            fact("B2.1", &what, "computed", format!("{residue:.4}"), s.text(4));
        }
    }
}

/// B2.2: table 1 of the paper, push with feedback and counter, a thousand nodes. s ±8 % or four standard errors (at
/// k = 5 it is one node in a thousand), m ±3 %, t ±0.5.
#[test]
fn b2_2_demers_table_1() {
    for (k, runs, residue, traffic, last) in [
        (1, 100, 0.174, 1.745, 16.8),
        (2, 150, 0.0369, 3.30, 16.9),
        (3, 200, 0.0108, 4.53, 17.3),
        (4, 300, 0.0035, 5.64, 17.6),
        (5, 300, 0.0012, 6.68, 17.8),
    ] {
        let [s, m, t, _] = rumours(1_000, runs, &format!("set k {k}\n{TABLES}"));
        s.is_about(residue, 0.08 * residue, &format!("residue, k = {k}"));
        m.is(traffic, 0.03 * traffic, &format!("traffic, k = {k}"));
        t.is(last, 0.5, &format!("last, k = {k}"));
        let what = format!("table 1, k = {k}: residue, traffic, last cycle");
        let measured = format!("{}, {}, {}", s.text(4), m.text(2), t.text(1));
        fact("B2.2", &what, DEMERS, format!("{residue}, {traffic}, {last} (recomputed)"), measured);
    }
}

/// B2.3: table 2, push, blind and with a coin; the same tolerances. The first row is a critical branching process, of
/// which chance makes more than they allow.
#[test]
fn b2_3_demers_table_2() {
    for (k, runs, residue, traffic, last) in [
        (1, 150, 0.960, 0.041, 39.5),
        (2, 150, 0.204, 1.59, 32.6),
        (3, 150, 0.0603, 2.82, 31.8),
        (4, 150, 0.0199, 3.92, 32.3),
        (5, 150, 0.0070, 4.97, 32.4),
    ] {
        let [s, m, t, _] = rumours(1_000, runs, &format!("set k {k}\nset feedback off\nset stop coin"));
        s.is_about(residue, 0.08 * residue, &format!("residue, k = {k}"));
        m.is_about(traffic, 0.03 * traffic, &format!("traffic, k = {k}"));
        t.is_about(last, 0.5, &format!("last, k = {k}"));
        let what = format!("table 2, k = {k}: residue, traffic, last cycle");
        let measured = format!("{}, {}, {}", s.text(4), m.text(2), t.text(1));
        fact("B2.3", &what, DEMERS, format!("{residue}, {traffic}, {last} (recomputed)"), measured);
    }
}

/// B2.2, table 3: pull with feedback and counter, a thousand nodes, of which many may ask one in a cycle. s ±8 %, m ±3 %,
/// t ±0.5, each or four standard errors; at k = 3 four nodes in a million are left, of which is tested that they are no
/// more than 99.9 % of Poisson's law allows (0.8 expected in 200 runs, 5 allowed).
#[test]
fn b2_2_demers_table_3() {
    for (k, runs, residue, traffic, last) in
        [(1, 100, 0.031, 2.7, 17.6), (2, 200, 0.000_58, 4.5, 15.4), (3, 200, 0.000_004, 6.1, 14.0)]
    {
        let settings = format!("set k {k}\nset direction pull\n{TABLES}");
        let [s, m, t, _] = rumours(1_000, runs, &settings);
        if k < 3 {
            s.is_about(residue, 0.08 * residue, &format!("residue, k = {k}"));
        } else {
            assert!(s.mean * runs as f64 * 1e3 <= 5.0, "residue, k = {k}: {}", s.mean);
        }
        m.is_about(traffic, 0.03 * traffic, &format!("traffic, k = {k}"));
        t.is_about(last, 0.5, &format!("last, k = {k}"));
        let what = format!("table 3, k = {k}: residue, traffic, last cycle");
        let measured = format!("{:.1e}, {}, {}", s.mean, m.text(2), t.text(1));
        fact("B2.2", &what, DEMERS, format!("{residue}, {traffic}, {last}"), measured);
    }
}

/// What share is left in the next cycle.
type Rule = fn(f64) -> f64;

/// B2.4: towards the end of anti-entropy, of a share p that does not know pull leaves p², push p·e^(−(1−p)); ±5 %.
#[test]
fn b2_4_the_end_of_anti_entropy() {
    let rules: [(&str, Rule); 2] = [("pull", |p| p * p), ("push", |p| p * (p - 1.0).exp())];
    for (direction, rule) in rules {
        let (mut left, mut predicted) = (0.0, 0.0);
        for seed in 1..=10 {
            let settings = format!("set style anti-entropy\nset direction {direction}");
            let spread = Spread::of(10_000, seed, &settings, NEARLY);
            let mut ignorant = 10_000;
            for news in &spread.news {
                let p = f64::from(ignorant) / 1e4;
                ignorant -= i32::try_from(*news).unwrap();
                if (0.05..0.5).contains(&p) {
                    left += f64::from(ignorant) / 1e4;
                    predicted += rule(p);
                }
            }
        }
        let what = format!("ignorant nodes left by a cycle of {direction} at the end, of what the rule says");
        fact("B2.4", &what, DEMERS, "1 ± 0.05", format!("{:.3}", left / predicted));
        assert!(
            (left / predicted - 1.0).abs() <= 0.05,
            "{direction}: {left} where {predicted} should be left"
        );
    }
}

/// B2.5: cycles until everybody knows, one call a node and cycle; ±0.2, or four standard errors. Answers tell only what
/// was known when the cycle began, which is what makes push-pull comparable.
#[test]
fn b2_5_cycles_until_everybody_knows() {
    for (nodes, direction, cycles, runs) in [
        (1_000, "push", 18.0, 150),
        (1_000, "pull", 13.7, 150),
        (1_000, "push-pull", 9.14, 150),
        (10_000, "push", 23.7, 12),
        (10_000, "pull", 17.6, 12),
        (10_000, "push-pull", 11.6, 40),
    ] {
        let settings =
            format!("set style anti-entropy\nset direction {direction}\nset judged at-cycle-start");
        let runs = (1..=runs).map(|seed| Spread::of(nodes, seed, &settings, EVERYWHERE).last() as f64);
        let mean = Mean::of(&runs.collect::<Vec<_>>());
        mean.is_about(cycles, 0.2, &format!("{direction}, {nodes} nodes"));
        let what = format!("cycles of {direction} until all of {nodes} nodes know");
        fact(
            "B2.5",
            &what,
            "computed",
            cycles,
            format!("{} ± {}", mean.text(2), Mean { mean: mean.error, ..mean }.text(2)),
        );
    }
}

/// B2.6: where everybody who hears of a change tells f = ln n + c others once, it reaches all with probability
/// e^(−e^(−c)); ±3 points for a thousand nodes. A blind counter is that, one call a cycle.
#[test]
fn b2_6_the_threshold_of_fan_out() {
    const RUNS: u64 = 500;
    for fan_out in [7, 8, 9] {
        let settings = format!("set feedback off\nset k {fan_out}");
        let all = (1..=RUNS).filter(|seed| EVERYWHERE(&Spread::of(1_000, *seed, &settings, DECIDED))).count();
        let c = f64::from(fan_out) - 1_000_f64.ln();
        let (found, expected) = (all as f64 / RUNS as f64, (-(-c).exp()).exp());
        let what = format!("share of runs in which fan-out {fan_out} reaches all of 1000 nodes");
        fact("B2.6", &what, "Kermarrec et al. 2003", format!("{expected:.3}"), format!("{found:.3}"));
        assert!((found - expected).abs() <= 0.03, "fan-out {fan_out}: {found} is not {expected:.3}");
    }
}

/// B2, permalink 3: two close sites and many far ones, k = 5, push, partners by 1/Q². More than a quarter of the changes
/// at one of the two never leave them.
#[test]
fn changes_at_a_two_site_hub_stay_there() {
    const RUNS: u64 = 200;
    let settings = "set partners two-site-hub\nset k 5";
    let stay = (1..=RUNS).filter(|seed| Spread::of(40, *seed, settings, DEAD).informed() == 2).count();
    let what = "changes at a two-site hub that never leave it, k = 5, 38 far sites";
    fact("B2", what, DEMERS, "over 25 %", format!("{stay} of {RUNS}"));
    assert!(stay as u64 * 4 > RUNS, "{stay} of {RUNS}");
}

/// What a node of a scenario that comes with gossip holds at a time, in the words of its card.
fn holds(name: &str, time: u64, node: usize) -> String {
    let preset = presets().find(|(slug, preset)| *slug == "gossip" && preset.name == name).unwrap().1;
    let mut session = Session::new(parse(preset.text).unwrap());
    session.seek_time(time);
    session.view().nodes[node].card.fields[0].value.clone()
}

/// The curves of a run.
fn curves(session: &Session) -> Vec<Curves> {
    let mut samples = session.samples();
    while !session.sample(&mut samples, 1_000) {}
    session.curves(&samples)
}

/// What every node holds at the end of a run.
fn held_at_the_end(text: &str) -> Vec<String> {
    let scenario = parse(text).unwrap();
    let until = scenario.until;
    let mut session = Session::new(scenario);
    session.seek_time(until);
    session.view().nodes.iter().map(|node| node.card.fields[0].value.clone()).collect()
}

/// Changes are stamped by clocks: the later of two loses where its author's clock is behind, and wins where it is right or
/// ahead; of equal stamps that of the later node wins.
#[test]
fn stamps_are_readings_of_clocks() {
    let run = |acts: &str| {
        held_at_the_end(&format!(
            "faultline 2\nprotocol gossip\nnodes 5\nset style anti-entropy\nset direction push-pull\nuntil 20s\n{acts}\n"
        ))
    };
    let later = "at 2s n3 Update 1\nat 9s n4 Update 2";
    assert_eq!(run(later), ["2 of 9s@n4"; 5]);
    assert_eq!(run(&format!("at 1s clock n4 offset -8s\n{later}")), ["1 of 2s@n3"; 5]);
    assert_eq!(run(&format!("at 1s clock n4 offset +8s\n{later}")), ["2 of 17s@n4"; 5]);
    assert_eq!(run("at 2s n4 Update 1\nat 2s n3 Update 2"), ["1 of 2s@n4"; 5]);
    // A node's own changes stay in order when its clock is set back, also over a crash.
    let back = "at 5s n2 Update 1\nat 6s clock n2 offset -4s";
    assert_eq!(run(&format!("{back}\nat 7s n2 Update 2")), ["2 of 5.000001s@n2"; 5]);
    assert_eq!(
        run(&format!("{back}\nat 7s crash n2\nat 8s restart n2\nat 9s n2 Update 2")),
        ["2 of 5.000001s@n2"; 5]
    );
}

/// In manual mode clocks stand still, and a node's own changes are in order all the same.
#[test]
fn in_manual_mode_own_changes_are_in_order() {
    let text =
        "faultline 2\nprotocol gossip\nnodes 2\nmanual\nuntil 1s\nat 1ms n1 Update 1\nat 2ms n1 Update 2\n";
    assert_eq!(held_at_the_end(text), ["2 of 2us@n1", "nothing"]);
}

/// A node that is asked three times in a cycle has counted once; and once more in the next.
#[test]
fn a_cycle_of_pulls_counts_once() {
    let text = |until: &str| {
        format!(
            "faultline 2\nprotocol gossip\nnodes 4\nmanual\nset direction pull\nset k 2\nuntil {until}\nat 1ms n1 Update 7\n\
             at 2ms fire n2 Cycle\nat 3ms deliver n2>n1 Pull\nat 4ms deliver n1>n2 Reply\nat 5ms fire n1 Cycle\n\
             at 6ms fire n2 Cycle\nat 7ms deliver n2>n1 Pull\nat 8ms fire n2 Cycle\nat 9ms deliver n2>n1 Pull\n\
             at 10ms fire n1 Cycle\nat 11ms fire n2 Cycle\nat 12ms deliver n2>n1 Pull\nat 13ms fire n1 Cycle\n"
        )
    };
    let role = |until: u64| {
        let mut session = Session::new(parse(&text(&format!("{until}ms"))).unwrap());
        session.seek_time(until * 1_000);
        session.view().nodes[0].card.role
    };
    assert_eq!([role(9), role(12), role(20)], ["infective", "infective", "removed"]);
}

/// A rumour dies, too, with the crash of the only node that spreads it; comparing does not.
#[test]
fn a_rumour_dies_with_its_only_node() {
    for (style, expected) in [("rumour", "reached residue"), ("anti-entropy", "unreached residue")] {
        let text = format!(
            "faultline 2\nprotocol gossip\nnodes 9\nset style {style}\nuntil 15s\nat 2500ms n4 Update 3\nat 2600ms crash n4\n\
             at 4s restart n4\n"
        );
        let scenario = parse(&text).unwrap();
        let until = scenario.until;
        let run = faultline_core::sim::Run::new(scenario, until);
        let place =
            find("gossip").unwrap().claims().iter().position(|claim| claim.name == "Residue").unwrap();
        let reached = matches!(run.end().judgements()[place], Judgement::Reached { .. });
        assert_eq!(reached, expected == "reached residue", "{style}");
    }
}

/// The chart draws theory only where it is about what is set.
#[test]
fn theory_is_drawn_for_these_parameters_or_not_at_all() {
    let drawn = |settings: &str| {
        let text = format!("faultline 2\nprotocol gossip\nuntil 9s\n{settings}\nat 0s n1 Update 7\n");
        let charts = curves(&Session::new(parse(&text).unwrap()));
        [0, 1].map(|place: usize| !charts[place].theory.is_empty())
    };
    assert_eq!(drawn(""), [true, true]);
    assert_eq!(drawn("set resets on"), [true, false]);
    assert_eq!(drawn("set direction pull\nset judged at-cycle-start"), [true, false]);
    for settings in [
        "set partners two-site-hub",
        "nodes 12",
        "twin picks-itself",
        "set direction pull",
        "set direction push-pull\nset judged at-cycle-start",
        "set style anti-entropy\nset direction push-pull",
    ] {
        assert_eq!(drawn(settings), [false, false], "{settings}");
    }
}

/// B2, permalink 1: a seed with which the rumour dies while one node has not heard it.
#[test]
fn a_rumour_dies_with_one_ignorant_node() {
    let ignorant = (0..12).filter(|node| holds("dies-early", 14_000_000, *node) == "nothing").count();
    assert_eq!(ignorant, 1);
}

/// B2, permalink 2: what n3 has on its disk comes back where nobody holds a death certificate any more, and does not
/// where they do.
#[test]
fn only_a_death_certificate_keeps_the_deleted_away() {
    for node in [0, 2, 11] {
        assert_eq!(holds("death-certificate", 20_000_000, node), "deleted of 7s@n1");
        assert_eq!(holds("drops-certificates", 66_000_000, node), "7 of 1us@n1");
        assert_eq!(holds("no-certificate", 20_000_000, node), "7 of 1us@n1");
    }
}

/// Anti-entropy converges whatever the nemesis does, in every direction.
#[test]
fn anti_entropy_survives_the_nemesis() {
    for direction in ["push", "pull", "push-pull"] {
        let mut base = Scenario::of(find("gossip").unwrap());
        for words in ["nodes 8", "set style anti-entropy", &format!("set direction {direction}")] {
            base.amend(words).unwrap();
        }
        for seed in 1..=100 {
            let attack = attack(&base, seed);
            assert_eq!(attack.broken, None, "{direction}, seed {seed}:\n{}", attack.scenario);
        }
    }
}

/// The role of each node at the end of a run.
fn roles(text: &str) -> Vec<&'static str> {
    let scenario = parse(text).unwrap();
    let until = scenario.until;
    let mut session = Session::new(scenario);
    session.seek_time(until);
    session.view().nodes.iter().map(|node| node.card.role).collect()
}

/// B2 (§1.5): rumours that are pushed with k = 1 leave about a sixth of all nodes ignorant, and backed by
/// anti-entropy none.
#[test]
fn a_backup_leaves_nobody_ignorant() {
    const NODES: usize = 400;
    const RUNS: usize = 10;
    let residue = |backup: &str| {
        let ignorant = (1..=RUNS).map(|seed| {
            let text = format!(
                "faultline 2\nprotocol gossip\nnodes {NODES}\nseed {seed}\nlatency 1ms\nset k 1\n{TABLES}\n{backup}\n\
                 until 120s\nat 0s n1 Update 7\n"
            );
            roles(&text).iter().filter(|role| **role == "susceptible").count()
        });
        ignorant.sum::<usize>() as f64 / (NODES * RUNS) as f64
    };
    let (alone, backed) = (residue(""), residue("set backup 10s"));
    let what = "residue of rumours, k = 1, 400 nodes: alone, and backed by a comparison in every tenth cycle";
    fact("B2", what, DEMERS, "0.18, 0", format!("{alone:.3}, {backed}"));
    assert!((alone - 0.174).abs() < 0.03 && backed == 0.0, "{alone}, {backed}");
}

/// How many messages with an item were sent in the cycles in which one of twelve items changes.
fn items_sent(compare: &str) -> usize {
    let mut text = format!(
        "faultline 2\nprotocol gossip\nnodes 20\nlatency 1ms\nset style anti-entropy\nset direction push-pull\nset items 12\n\
         set compare {compare}\nuntil 100s\nat 40500ms n3 Update a 2\n"
    );
    ('a'..='l').for_each(|letter| writeln!(text, "at 500ms n1 Update {letter} 1").unwrap());
    let scenario = parse(&text).unwrap();
    let run = faultline_core::sim::Run::new(scenario, 100_000_000);
    let kinds = run.scenario().entry.kinds;
    let carries = |record: &Record| {
        let name = kinds[record.kind as usize].name;
        record.what == What::Deliver && ["Push", "Reply", "Offer", "Recent", "News"].contains(&name)
    };
    // Sixty cycles, from the fortieth on. Nothing else has changed of late, so each list has one item.
    run.records().iter().filter(|record| record.time >= 39_900_000 && carries(record)).count()
}

/// B2 (§1.3): nodes that hold the same send all items where they compare them at once, and none where they
/// compare checksums; a change costs all items wherever checksums differ, and only itself where recent
/// changes go first.
#[test]
fn checksums_and_recent_changes_save_traffic() {
    let sent = ["whole", "checksums", "recent"].map(items_sent);
    let what = "items that 20 nodes send in 60 cycles, in which one of 12 items changes: all at once, by checksums, with \
                recent changes first";
    let [whole, checksums, recent] = sent;
    fact(
        "B2",
        what,
        DEMERS,
        "60 × 20 × 12 = 14400 and more, fewer, fewest",
        format!("{whole}, {checksums}, {recent}"),
    );
    assert!(whole >= 14_400 && checksums * 10 < whole && recent < checksums, "{sent:?}");
}

/// B2 (§2.1, §2.2): a node comes back with the deleted item when certificates have been discarded. Two
/// retention sites delete it again; without any it is everywhere.
#[test]
fn a_dormant_certificate_deletes_the_item_again() {
    let back = |name| (0..12).filter(|node| holds(name, 150_000_000, *node).starts_with('7')).count();
    let found = [back("dormant"), back("no-retention"), back("sleeps-on")];
    let what = "of 12 nodes, those that hold the deleted item in the end: with two retention sites, with none, with two that \
                are not awakened";
    fact("B2", what, DEMERS, "0, 12, all but the two", format!("{}, {}, {}", found[0], found[1], found[2]));
    assert_eq!(found, [0, 12, 10]);
    assert_eq!(holds("dormant", 16_500_000, 4), "nothing");
    assert_eq!(holds("dormant", 16_500_000, 1), "deleted of 7s@n1");
}
