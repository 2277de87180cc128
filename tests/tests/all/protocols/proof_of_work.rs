//! Proof of work against its literature (F10): the attacker's chance by calculator and by race, catching up from behind, stale
//! blocks, selfish mining, and the runs that people tell of.
//!
//! Where a race is measured, a message takes a microsecond and a block ten seconds, so that hardly ever two blocks are found at once.

#![allow(clippy::unwrap_used)] // What cannot be unwrapped has failed the test.

use faultline_core::Session;
use faultline_core::fingerprint;
use faultline_core::measure::{Measures, figures};
use faultline_core::property::Judgement;
use faultline_core::sim::Run;
use faultline_core::trace::Line;
use faultline_core::view::Blocks;
use faultline_protocols::ledger::proof_of_work::theory::{nakamoto, rosenfeld, selfish};
use faultline_tests::{fact, parse, play, presets};

const NAKAMOTO: &str = "Nakamoto 2008, §11";
const ROSENFELD: &str = "Rosenfeld 2014";
const EYAL: &str = "Eyal & Sirer 2014";
const DECKER: &str = "Decker & Wattenhofer 2013";

/// A figure of one run, as both parts of its quotient.
fn figure(text: &str, name: &str) -> (u64, u64) {
    let run = play(text);
    let measures = Measures::of(&run);
    let figured = figures(&run, &measures);
    let it = figured.iter().find(|it| it.name == name).unwrap();
    (it.counted, it.over)
}

/// A figure over some seeds, both parts added up. Each scenario has seeds of its own, so that chance does not push all figures
/// in one direction: those of the first half of its fingerprint.
fn share(text: &str, name: &str, seeds: u64) -> (u64, u64) {
    let first = fingerprint::of(&text) >> 32;
    (first..first + seeds)
        .map(|seed| figure(&format!("{text}seed {seed}\n"), name))
        .fold((0, 0), |sum, it| (sum.0 + it.0, sum.1 + it.1))
}

/// Within four standard errors of a probability.
fn is_probable((count, of): (u64, u64), expected: f64, what: &str) -> String {
    let found = count as f64 / of as f64;
    let error = (expected * (1.0 - expected) / of as f64).sqrt();
    println!("{what}: {found:.5} ± {error:.5}, expected {expected:.5}, of {of}");
    assert!((found - expected).abs() <= 4.0 * error, "{what}: {found} of {of} is not {expected} ± 4·{error}");
    format!("{found:.4} of {of}")
}

/// Two nodes, of which n1 attacks.
fn race(power: u64, confirmations: u64, until: u64) -> String {
    format!(
        "faultline 2\nprotocol proof-of-work\nnodes 2\nlatency 1us\nset interval 10s\nset window 2016\nset power {power}\n\
         set confirmations {confirmations}\nset strategy double-spend\nuntil {until}s\n"
    )
}

/// F10.1: the paper's table to its last digit, and how long to wait for a risk below a thousandth.
#[test]
fn f10_1_the_calculator_of_the_paper() {
    let table = [
        (100, 1, 2_045_873),
        (100, 2, 509_779),
        (100, 5, 9_137),
        (100, 6, 2_428),
        (100, 10, 12),
        (300, 5, 1_773_523),
    ];
    for (q, z, expected) in table {
        let found = nakamoto(q, z);
        fact("F10.1", &format!("calculator, q = 0.{}, z = {z}", q / 100), NAKAMOTO, expected, found);
        assert_eq!(found, expected, "q = {q}, z = {z}, in parts of ten millions");
    }
    let waits = [(100, 5), (150, 8), (200, 11), (250, 15), (300, 24), (350, 41), (400, 89), (450, 340)];
    for (q, expected) in waits {
        let found = (0..1_000).find(|z| nakamoto(q, *z) < 10_000).unwrap();
        fact(
            "F10.1",
            &format!("z for P < 0.001 by the calculator, q = 0.{}", q / 10),
            NAKAMOTO,
            expected,
            found,
        );
        assert_eq!(found, expected, "q = {q}");
    }
}

/// F10.2, trap T1: the race itself is less kind than the calculator. The formula exactly, and simulated within four standard
/// errors.
#[test]
fn f10_2_the_race_itself() {
    for (q, z, expected) in [(100, 1, 2_000_000), (100, 2, 560_000), (100, 5, 17_817), (100, 6, 5_914)] {
        let found = rosenfeld(q, z);
        fact("F10.2", &format!("formula, q = 0.1, z = {z}, in ten millionths"), ROSENFELD, expected, found);
        assert!(found.abs_diff(expected) <= 1, "q = {q}, z = {z}: {found}");
    }
    for (q, expected) in [(100, 6), (150, 9), (200, 13), (250, 20), (300, 32)] {
        let found = (1..1_000).find(|z| rosenfeld(q, *z) < 10_000).unwrap();
        fact("F10.2", &format!("z for P < 0.001 in the race, q = 0.{}", q / 10), ROSENFELD, expected, found);
        assert_eq!(found, expected, "q = {q}");
    }
    for (q, z, seeds) in [(100, 1, 400), (100, 2, 400), (200, 3, 400), (300, 2, 400), (300, 6, 300)] {
        let expected = rosenfeld(q, z) as f64 / 1e7;
        let text = format!("{}at 1ms n1 Pay n2\n", race(q, z, 1_500));
        let what = format!("simulated double spends that succeed, q = 0.{}, z = {z}", q / 100);
        let measured = is_probable(share(&text, "attacks that succeed", seeds), expected, &what);
        fact("F10.2", &what, ROSENFELD, format!("{expected:.4} ± 4 SE"), measured);
    }
}

/// F10.3: who is d blocks behind catches up with probability (q/p)^d.
#[test]
fn f10_3_catching_up_from_behind() {
    for (behind, power) in [(1, 1), (2, 2), (3, 3)] {
        let expected = (3.0_f64 / 7.0).powi(power);
        // The attacker has one block, the others have so many, and the attacker wins with one more than they have.
        let mut text = race(300, behind, 1_000);
        text.push_str("at 1ms n1 Pay n2\nat 2ms fire n1 Mine\n");
        (0..behind).for_each(|nth| text.push_str(&format!("at {}ms fire n2 Mine\n", 3 + nth)));
        let what = format!("simulated attackers that catch up from {behind} behind, q = 0.3");
        let measured = is_probable(share(&text, "attacks that succeed", 300), expected, &what);
        fact("F10.3", &what, NAKAMOTO, format!("{expected:.4} ± 4 SE"), measured);
    }
}

/// F10.4: stale blocks are a share of 1 − e^(−Δ/T) where others need Δ to hear of a block; ±10 %. Four fifths of the power are not
/// the finder's, so a message of 15.75 ms is a Δ of 12.6 ms, at 600 ms a block.
#[test]
fn f10_4_stale_blocks() {
    let text = "faultline 2\nprotocol proof-of-work\nnodes 5\nlatency 15750us\nset interval 600ms\nset window 2016\nuntil 150s\n";
    let (stale, chain) = share(text, "stale blocks", 80);
    let (found, expected) = (stale as f64 / chain as f64, 1.0 - (-0.0126_f64 / 0.6).exp());
    fact(
        "F10.4",
        "stale blocks per block of the chain, Δ/T = 0.021",
        DECKER,
        format!("{expected:.4} ± 10 %"),
        format!("{found:.4} of {chain}"),
    );
    assert!((found / expected - 1.0).abs() <= 0.1, "{found} is not {expected}");
}

/// F10.5: the threshold of selfish mining and its revenue; the formula within a thousandth, simulated within four standard errors
/// of runs.
#[test]
fn f10_5_selfish_mining() {
    let revenue = |a: f64, g: f64| {
        (a * (1.0 - a).powi(2) * (4.0 * a + g * (1.0 - 2.0 * a)) - a.powi(3))
            / (1.0 - a * (1.0 + (2.0 - a) * a))
    };
    for (power, joins, expected) in [(333, 0, 0.333), (250, 500, 0.25)] {
        let found = selfish(power, joins) as f64 / 1e6;
        let what = format!("revenue by the formula, α = 0.{power}, γ = {}", joins as f64 / 1e3);
        fact("F10.5", &what, EYAL, format!("{expected} ± 0.001"), format!("{found:.4}"));
        assert!((found - expected).abs() <= 0.001, "{what}: {found}");
    }
    for (joins, threshold) in [(0, 333), (500, 250), (1_000, 0)] {
        let pays = (1..500).find(|power| selfish(*power, joins) > power * 1_000).unwrap();
        let what =
            format!("least power in thousandths with which selfish mining pays, γ = {}", joins as f64 / 1e3);
        fact("F10.5", &what, EYAL, format!("above {threshold}"), pays);
        // The formula is told in millionths, which a share of a thousandth hardly changes.
        assert!(pays > threshold && pays <= threshold + 2, "γ = {joins}: {pays}");
    }
    for (power, ties, joins) in [
        (200, "first-seen", 0.0),
        (333, "first-seen", 0.0),
        (400, "first-seen", 0.0),
        (250, "random", 0.5),
        (350, "random", 0.5),
    ] {
        let text = format!(
            "faultline 2\nprotocol proof-of-work\nnodes 3\nlatency 1us\nset interval 10s\nset window 2016\nset power {power}\n\
             set strategy selfish\nset ties {ties}\nuntil 2500s\n"
        );
        let first = fingerprint::of(&text) >> 32;
        let runs: Vec<f64> = (first..first + 30)
            .map(|seed| figure(&format!("{text}seed {seed}\n"), "revenue of n1"))
            .map(|(mine, all)| mine as f64 / all as f64)
            .collect();
        let mean = runs.iter().sum::<f64>() / runs.len() as f64;
        let variance = runs.iter().map(|run| (run - mean).powi(2)).sum::<f64>() / (runs.len() - 1) as f64;
        let (error, expected) =
            ((variance / runs.len() as f64).sqrt(), revenue(f64::from(power) / 1e3, joins));
        let what = format!("simulated revenue, α = 0.{power}, ties {ties}");
        println!("{what}: {mean:.4} ± {error:.4}, expected {expected:.4}");
        fact("F10.5", &what, EYAL, format!("{expected:.4} ± 4 SE"), format!("{mean:.4}"));
        assert!((mean - expected).abs() <= 4.0 * error, "{what}: {mean} is not {expected} ± 4·{error}");
    }
}

/// What the card of a node of a run that comes with the protocol shows at a time.
fn field(name: &str, time: u64, node: usize, field: &str) -> String {
    let preset = presets().find(|(slug, preset)| *slug == "proof-of-work" && preset.name == name).unwrap().1;
    let mut session = Session::new(parse(preset.text).unwrap());
    session.seek_time(time);
    let view = session.view();
    view.nodes[node].card.fields.iter().find(|it| it.name == field).unwrap().value.clone()
}

/// F10, permalinks 1 to 3: a double spend against one confirmation; a lead that shrinks to one; the most work, not the most
/// blocks.
#[test]
fn f10_the_runs_that_people_tell_of() {
    assert_eq!(field("double-spend", 200_000, 3, "tip"), "n1.2");
    assert_eq!([100_000, 140_000].map(|time| field("selfish", time, 1, "tip")), ["n3.1", "n1.2"]);
    let at = |time| ["height", "work"].map(|name| field("most-work", time, 1, name));
    assert_eq!(at(260_000), ["3", "6000"]);
    assert_eq!(["height", "work"].map(|name| field("counts-blocks", 260_000, 1, name)), ["5", "3998"]);
}

/// A miner whose clock is far behind refuses its own block, which must be later than the median of the others' and so is too far
/// ahead of its clock. Three thousand seeds under the nemesis have found that it did not.
#[test]
fn a_miner_far_behind_refuses_its_own_block() {
    let blocks: Vec<_> = (0..12).map(|nth| format!("at {}ms fire n2 Mine\n", 1_300 + 20 * nth)).collect();
    let blocks = blocks.concat();
    let run = |jump: &str| {
        play(&format!(
            "faultline 2\nprotocol proof-of-work\nlatency 5ms\nset interval 100ms\nset power 1\nuntil 1700ms\n\
             {blocks}at 1600ms clock n4 jump {jump}\nat 1650ms fire n4 Mine\n"
        ))
    };
    let takes = |run: &Run| {
        let lines = run.lines(0, run.records().len());
        let last = |line: &&Line| line.record.time == 1_650_000 && line.record.node == 3;
        lines
            .iter()
            .filter(last)
            .flat_map(|line| &line.outputs)
            .any(|output| output.starts_with("Joined n4."))
    };
    for (jump, expected) in [("-100ms", true), ("-1500ms", false)] {
        let run = run(jump);
        assert_eq!(takes(&run), expected, "{jump}: {}", run.transcript());
        let claims = run.scenario().entry.claims();
        let place = claims.iter().position(|it| it.name == "Timestamps").unwrap();
        assert!(!matches!(run.verdicts()[place], Judgement::Violated { .. }), "{jump}");
    }
}

/// A block that nobody follows any more still stands in the tree of blocks, at the end of a branch without nodes.
#[test]
fn stale_blocks_stay_in_the_tree() {
    let preset =
        presets().find(|(slug, preset)| *slug == "proof-of-work" && preset.name == "fork").unwrap().1;
    let mut session = Session::new(parse(preset.text).unwrap());
    for (time, nodes) in [(55_000, 5), (200_000, 0)] {
        session.seek_time(time);
        let tree = Blocks::of(&session.view());
        let place = tree.blocks.iter().position(|block| block.text == "n1.1").unwrap();
        assert_eq!(tree.blocks[place].tips.len(), nodes, "at {time} us");
        assert!(tree.blocks.iter().all(|block| block.parent != Some(place)));
    }
}

/// Trap T1: from two confirmations on, the calculator promises more safety than there is, up to some power of the attacker; beyond
/// that, and for one confirmation, less. Computed for each hundredth of the power.
#[test]
fn t1_where_the_calculator_is_too_kind() {
    // Chances below a millionth differ by rounding only.
    let is_kind = |q: u64, z: u64| nakamoto(10 * q, z) < rosenfeld(10 * q, z);
    let is_told = |q: u64, z: u64| rosenfeld(10 * q, z) >= 10;
    for (z, most) in [(1, 0), (2, 23), (3, 30), (6, 38), (10, 41), (20, 44), (30, 45)] {
        let wrong: Vec<_> = (2..50).filter(|q| is_told(*q, z) && is_kind(*q, z) != (*q <= most)).collect();
        assert_eq!(wrong, [0; 0], "z = {z}");
        let last = (2..50).rev().find(|q| is_kind(*q, z)).unwrap_or(0);
        let what = format!("q in hundredths up to which the calculator is below the race, z = {z}");
        fact("F10.2", &what, "computed", most, last);
    }
}

/// Attackers with a quarter of the power break no claim but by chance, and in these runs not even so.
#[test]
fn attackers_break_no_claim_that_must_hold_always() {
    for (strategy, seed) in
        ["double-spend", "selfish"].into_iter().flat_map(|it| (1..=5).map(move |seed| (it, seed)))
    {
        let text = format!(
            "faultline 2\nprotocol proof-of-work\nseed {seed}\nask 300ms\nset power 250\nset strategy {strategy}\nuntil 6s\n"
        );
        let scenario = parse(&text).unwrap();
        let until = scenario.until;
        let run = Run::new(scenario, until);
        let violated: Vec<_> = run
            .scenario()
            .entry
            .claims()
            .iter()
            .zip(run.verdicts())
            .filter(|(_, verdict)| matches!(verdict, Judgement::Violated { .. }))
            .map(|(claim, _)| claim.name)
            .collect();
        assert_eq!(violated, [""; 0], "{strategy}, seed {seed}");
    }
}
