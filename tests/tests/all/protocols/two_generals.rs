//! The two generals against their literature (A3): which losses divide them, how often chance does, and that a search finds a
//! loss that divides them whatever the length of the chain.

#![allow(clippy::unwrap_used)] // What cannot be unwrapped has failed the test.

use faultline_core::catalogue::Entry;
use faultline_core::check::{Bounds, Findings, Search};
use faultline_core::nemesis::attack;
use faultline_core::property::Judgement;
use faultline_core::sim::Run;
use faultline_core::title::Links;
use faultline_core::view::{Sign, Standing};
use faultline_core::{Scenario, Session};
use faultline_protocols::messaging::two_generals::General;
use faultline_tests::{fact, find, parse, play, presets};
use std::collections::BTreeSet;

const GRAY: &str = "Gray 1978, §5.8.3.3.1";

/// A run in which each message takes 10 ms: message 1 leaves A at 10 ms, message 2 leaves B at 20 ms, and so on.
fn night(chain: u64, copies: u64, acts: &str) -> Run {
    play(&format!(
        "faultline 2\nprotocol two-generals\nlatency 10ms\nset chain {chain}\nset copies {copies}\nuntil 1s\n\
         at 10ms n1 Propose\n{acts}"
    ))
}

/// Catches some of the messengers that carry a message of the chain.
fn catch(message: u64, messengers: u64) -> String {
    let time = message * 10 + 5;
    let link = if message % 2 == 1 { "n1>n2" } else { "n2>n1" };
    let kind = if message == 1 { "Proposal" } else { "Ack" };
    format!("at {time}ms drop {link} {kind}\n").repeat(messengers as usize)
}

/// Which of the two attack at the end.
fn attackers(run: &Run) -> Vec<u32> {
    let lines = run.lines(0, run.records().len());
    let attacks = lines.iter().filter(|line| line.outputs.iter().any(|told| told.starts_with("Attacks")));
    attacks.map(|line| line.record.node).collect()
}

/// The claims that a run violates.
fn violated(run: &Run) -> Vec<&'static str> {
    let claims = run.scenario().entry.claims();
    let verdicts = claims.iter().zip(run.verdicts());
    verdicts.filter(|(_, it)| matches!(it, Judgement::Violated { .. })).map(|(claim, _)| claim.name).collect()
}

/// A3.2: for every length of the chain, exactly one outcome divides the generals: all messages arrive but the last. Without a
/// loss both attack, and with any other neither does.
#[test]
fn a3_2_only_the_loss_of_the_last_message_divides_the_generals() {
    for chain in 1..=9 {
        assert_eq!(attackers(&night(chain, 1, "")).len(), 2, "k = {chain}");
        let mut divided = Vec::new();
        for lost in 1..=chain {
            let run = night(chain, 1, &catch(lost, 1));
            match attackers(&run).len() {
                0 => assert_eq!(violated(&run), ["Both Attack"], "k = {chain}, {lost} lost"),
                1 => {
                    divided.push(lost);
                    assert_eq!(violated(&run), ["Agreement", "Both Attack"], "k = {chain}, {lost} lost");
                }
                all => panic!("{all} attack though message {lost} of {chain} is lost"),
            }
        }
        assert_eq!(divided, [chain], "k = {chain}");
        if chain <= 6 {
            let what = format!("outcomes of a chain of {chain} that divide the generals, of {}", chain + 1);
            fact(
                "A3.2",
                &what,
                GRAY,
                "1: all arrive but the last",
                format!("1: message {} is lost", divided[0]),
            );
        }
    }
}

fn searched(chain: u64, copies: u64, drops: u8) -> Findings {
    let mut scenario = Scenario::of(find("two-generals").unwrap());
    scenario.amend(&format!("set chain {chain}")).unwrap();
    scenario.amend(&format!("set copies {copies}")).unwrap();
    let bounds = Bounds { depth: u32::MAX, drops, ..Bounds::default() };
    let mut search = Search::new(&scenario, bounds);
    while !search.step(1_000) {}
    search.findings().clone()
}

/// A3.2 by the search, which is complete: whatever the length, there is a schedule that divides the generals, and it loses the
/// last message. Without a loss there is none; and with n messengers a message, none with fewer than n losses.
#[test]
fn a3_2_the_search_finds_a_bad_schedule_for_every_chain() {
    for chain in 1..=6 {
        let free = searched(chain, 1, 0);
        assert!(free.complete && free.broken.is_empty(), "k = {chain}: {:?}", free.verdict());
        // With as many losses as there are messages, for each is lost at most once.
        let found = searched(chain, 1, chain as u8);
        assert!(found.complete, "k = {chain}");
        // At rest: before the proposal, after each loss, and after none.
        assert_eq!(found.at_rest as u64, chain + 2, "k = {chain}");
        let broken = |claim: &str| found.broken.iter().find(|(name, _)| name == claim).map(|(_, run)| run);
        let acts: Vec<_> = broken("agreement").unwrap().acts.iter().map(|it| it.act.to_string()).collect();
        assert_eq!(acts.len() as u64, chain + 1, "{acts:?}");
        let last = if chain == 1 {
            "drop n1>n2 Proposal"
        } else if chain % 2 == 1 {
            "drop n1>n2 Ack"
        } else {
            "drop n2>n1 Ack"
        };
        assert_eq!(acts.last().map(String::as_str), Some(last));
        let names: BTreeSet<_> = found.broken.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, BTreeSet::from(["agreement", "both-attack"]), "k = {chain}");
        // The chain passes through k + 2 states, and may end at each message that is lost.
        let expected = format!("{} and {}", chain + 2, 2 * chain + 2);
        let states = format!("{} and {}", free.states, found.states);
        assert_eq!(states, expected, "k = {chain}");
        let what =
            format!("states of a complete search, k = {chain}: without a loss, and with up to {chain}");
        fact("A3.2", &what, "computed", expected, states);
    }
    for (chain, copies) in [(1, 2), (2, 2), (3, 2), (2, 3)] {
        let few = searched(chain, copies, copies as u8 - 1);
        let enough = searched(chain, copies, copies as u8);
        assert!(few.complete && few.broken.is_empty(), "k = {chain}, n = {copies}");
        assert!(enough.complete && enough.broken.len() == 2, "k = {chain}, n = {copies}");
    }
}

/// All patterns in which messengers are caught, with two for each message: of what comes about, 3^(k−1) patterns divide the
/// generals (some messenger of each earlier message arrives, and none of the last).
#[test]
fn a3_2_all_patterns_of_two_messengers() {
    /// Plays all ways in which the message `number` and what comes after it may fare; which of them divide the generals.
    fn divided(chain: u64, number: u64, acts: &str) -> u64 {
        let alone = |acts: &str| u64::from(attackers(&night(chain, 2, acts)).len() == 1);
        if number > chain {
            return alone(acts);
        }
        let with = |caught: &str| format!("{acts}{caught}");
        let one = catch(number, 1);
        // Of two messengers on one link the second is dropped by its number.
        let other = one.replace('\n', "#2\n");
        let arrives = [String::new(), one, other];
        let through: u64 = arrives.iter().map(|caught| divided(chain, number + 1, &with(caught))).sum();
        through + alone(&with(&catch(number, 2)))
    }
    for chain in 1..=4 {
        let count = divided(chain, 1, "");
        assert_eq!(count, 3_u64.pow(chain as u32 - 1), "k = {chain}");
        let what = format!("patterns of caught messengers that divide the generals, k = {chain}, n = 2");
        fact("A3.2", &what, "computed", format!("3^{} = {count}", chain - 1), count);
    }
}

/// The shares of nights in which exactly one general attacks, and in which both do, of 20 000, with their standard errors.
fn nights(chain: u64, copies: u64, loss: &str) -> [(f64, f64); 2] {
    const RUNS: u64 = 100;
    const NIGHTS: u64 = 200;
    let proposals =
        (0..NIGHTS).fold(String::new(), |text, nth| text + &format!("at {}ms n1 Propose\n", nth * 20));
    let mut counts = [0_u64; 2];
    for seed in 1..=RUNS {
        let run = play(&format!(
            "faultline 2\nprotocol two-generals\nseed {seed}\nlatency 1ms\nloss {loss}\nset chain {chain}\nset copies {copies}\n\
             until 5s\n{proposals}"
        ));
        let mut attacked = vec![0; NIGHTS as usize];
        for line in run.lines(0, run.records().len()) {
            for told in line.outputs.iter().filter(|told| told.starts_with("Attacks")) {
                let night: usize = told.rsplit(' ').next().unwrap().parse().unwrap();
                attacked[night - 1] += 1;
            }
        }
        for (place, count) in counts.iter_mut().enumerate() {
            *count += attacked.iter().filter(|attackers| **attackers == place + 1).count() as u64;
        }
    }
    let all = (RUNS * NIGHTS) as f64;
    counts.map(|count| {
        let share = count as f64 / all;
        (share, (share * (1.0 - share) / all).sqrt())
    })
}

/// Within four standard errors.
fn is(measured: (f64, f64), expected: f64, what: &str) {
    let (share, error) = measured;
    println!("{what}: {share:.5} ± {error:.5}, expected {expected:.5}");
    assert!((share - expected).abs() <= 4.0 * error.max(1e-9), "{what}: {share} is not {expected}");
}

/// A3.1: with p = 0.1 the generals are divided with probability p(1−p)^(k−1), and both attack with (1−p)^k.
#[test]
fn a3_1_how_often_chance_divides_the_generals() {
    for chain in 1..=5 {
        let [divided, both] = nights(chain, 1, "10%");
        let through = 0.9_f64.powi(chain as i32);
        let alone = 0.1 * 0.9_f64.powi(chain as i32 - 1);
        is(divided, alone, &format!("divided, k = {chain}"));
        is(both, through, &format!("both attack, k = {chain}"));
        let what = format!("share of nights, p = 0.1, k = {chain}: divided, both attack");
        fact(
            "A3.1",
            &what,
            "computed",
            format!("{alone:.5}, {through:.5}"),
            format!("{:.4}, {:.4}", divided.0, both.0),
        );
    }
}

/// A3.3: with n messengers for one message, A attacks alone with probability pⁿ; and of a chain of k messages each fares as one
/// that is lost with probability pⁿ.
#[test]
fn a3_3_messengers_against_chance() {
    for copies in 1..=4 {
        let [divided, _] = nights(1, copies, "30%");
        let expected = 0.3_f64.powi(copies as i32);
        is(divided, expected, &format!("divided, n = {copies}"));
        let what = format!("share of nights in which A attacks alone, k = 1, p = 0.3, n = {copies}");
        fact("A3.3", &what, "computed", format!("{expected:.4}"), format!("{:.4}", divided.0));
    }
    let [divided, both] = nights(3, 2, "30%");
    let (lost, arrives) = (0.09, 0.91_f64);
    is(divided, lost * arrives.powi(2), "divided, k = 3, n = 2");
    is(both, arrives.powi(3), "both attack, k = 3, n = 2");
    let what = "share of nights, p = 0.3, k = 3, n = 2: divided, both attack";
    let expected = format!("{:.4}, {:.4}", lost * arrives.powi(2), arrives.powi(3));
    fact("A3.3", what, "computed", expected, format!("{:.4}, {:.4}", divided.0, both.0));
}

/// The curve of the page is the same law, in thousandths, for what is set.
#[test]
fn the_chart_draws_the_law_for_these_parameters() {
    let drawn = |chain: i32, copies: i32| {
        let text = format!(
            "faultline 2\nprotocol two-generals\nset chain {chain}\nset copies {copies}\nuntil 1s\nat 10ms n1 Propose\n"
        );
        let session = Session::new(parse(&text).unwrap());
        let mut samples = session.samples();
        while !session.sample(&mut samples, 1_000) {}
        session.curves(&samples).remove(0).theory
    };
    for (chain, copies) in [(1, 1), (3, 1), (1, 3), (9, 9)] {
        let curve = drawn(chain, copies);
        assert_eq!(curve.len(), 51);
        for (lost, divided) in curve {
            let message = (lost as f64 / 1e3).powi(copies);
            let expected = 1e3 * message * (1.0 - message).powi(chain - 1);
            assert!(
                (divided as f64 - expected).abs() <= 1.001,
                "k = {chain}, n = {copies}, {lost} ‰: {divided}"
            );
        }
    }
}

/// Loss breaks the two claims that assume links that lose nothing, and no other: copies and delays neither.
#[test]
fn what_is_promised_of_every_step_needs_no_links() {
    let broken = |links: Links, chain: u64| {
        let mut entry = Entry::of::<General>();
        (entry.info.safety.links, entry.info.liveness.links) = (links, links);
        let entry: &'static Entry = Box::leak(Box::new(entry));
        let mut base = Scenario::of(entry);
        base.amend(&format!("set chain {chain}")).unwrap();
        (1..=200).filter_map(|seed| attack(&base, seed).broken).map(|it| it.claim).collect::<BTreeSet<_>>()
    };
    for chain in [1, 2, 3, 6] {
        assert_eq!(broken(Links::Perfect, chain), BTreeSet::new(), "k = {chain}");
        let lossy = broken(Links::FairLoss, chain);
        let promised = |claim: &String| !["agreement", "both-attack"].contains(&claim.as_str());
        assert!(!lossy.is_empty() && !lossy.iter().any(promised), "k = {chain}: {lossy:?}");
    }
}

/// What the reader sees who plays the enemy: the message that was dropped is what the promise assumed not to happen, what is
/// violated all the same is shown as that, and the promise of every step stands.
#[test]
fn a_dropped_message_withdraws_agreement_and_says_so() {
    let preset =
        |name: &str| presets().find(|(slug, it)| *slug == "two-generals" && it.name == name).unwrap().1;
    let scenario = parse(preset("enemy").text).unwrap();
    let until = scenario.until;
    let mut session = Session::new(scenario);
    session.seek_time(150_000);
    session.act("drop n1>n2 Proposal").unwrap();
    session.seek_time(until);
    let claimed = |name: &str| {
        let claims = session.view().claims;
        claims.into_iter().find(|claim| claim.name == name).unwrap()
    };
    let standing = |name: &str| claimed(name).standing;
    let since = "a message from n1 was dropped".to_owned();
    assert_eq!(standing("Agreement"), Standing::Unpromised { since });
    let both = claimed("Both Attack");
    assert!(matches!(both.standing, Standing::Unmet { .. }) && !both.promised, "{both:?}");
    assert!(matches!(standing("Only The Last"), Standing::Unjudged { .. }), "nobody attacks");
    let assumed = session.view().broken[0].sentence;
    assert!(assumed.contains("assumes that links lose no messages"), "{assumed}");
}

/// The last messenger is caught, and one general attacks alone: that is shown, although no protocol can promise otherwise.
#[test]
fn a_lost_last_message_is_seen_to_divide_the_generals() {
    let preset = presets().find(|(slug, it)| *slug == "two-generals" && it.name == "last-lost-5").unwrap().1;
    let scenario = parse(preset.text).unwrap();
    let until = scenario.until;
    let mut session = Session::new(scenario);
    session.seek_time(until);
    let agreement = session.view().claims.into_iter().find(|claim| claim.name == "Agreement").unwrap();
    assert!(!agreement.promised);
    let Standing::Unmet { sentence } = agreement.standing else { panic!("{agreement:?}") };
    assert_eq!(sentence, "n1 attacks in night 1 alone, and n2 does not");
}

/// What a card shows: who attacks and does not know, and who knows.
#[test]
fn the_cards_tell_who_knows_what() {
    let session = Session::new(night(5, 1, "").scenario().clone());
    let shown = |time: u64| {
        let mut session = Session::new(session.scenario().clone());
        session.seek_time(time);
        let view = session.view();
        [0, 1].map(|node: usize| (view.nodes[node].card.sign, view.nodes[node].card.fields[2].value.clone()))
    };
    let knows = |text: &str| text.to_owned();
    assert_eq!(shown(5_000), [(Sign::Idle, knows("nothing")), (Sign::Idle, knows("nothing"))]);
    assert_eq!(shown(15_000), [(Sign::Seeking, knows("the plan")), (Sign::Idle, knows("nothing"))]);
    assert_eq!(
        shown(900_000),
        [
            (Sign::Uncertain, knows("n2 knows that n1 knows that n2 has the plan")),
            (Sign::Committed, knows("n1 knows that n2 knows that n1 knows that n2 has the plan")),
        ]
    );
}
