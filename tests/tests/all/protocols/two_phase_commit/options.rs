//! The options of two-phase commit: participants that a request names, locks, decisions by hand, each by what
//! it should show and under the nemesis.

use super::{VARIANTS, acks, delivered, find, forced, preset, state, told, told_of};
use faultline_core::nemesis::attack;
use faultline_core::shrink::shrink;
use faultline_core::sim::Run;
use faultline_core::trace::What;
use faultline_core::{Scenario, Session};
use faultline_tests::{parse, play};

/// A commit among these, with more participants that are not named.
fn among(variant: &str, named: &str) -> Run {
    play(&format!(
        "faultline 2\nprotocol two-phase-commit\nnodes 6\nlatency 10ms\nset variant {variant}\nuntil 1s\n\
         at 100ms n1 Begin with {named}\n"
    ))
}

/// F1.1, F1.2: what a transaction costs goes by its participants, and not by the nodes that there are.
#[test]
fn the_costs_of_a_commit_go_by_the_participants_that_it_names() {
    for named in ["n4", "n2,n6", "n3,n4,n5", "n2,n3,n4,n5,n6"] {
        let n = named.split(',').count();
        for (variant, messages, acknowledged, coordinator, participant) in [
            ("presumed-nothing", 4 * n, n, 1, 2),
            ("presumed-abort", 4 * n, n, 1, 2),
            ("presumed-commit", 3 * n, 0, 2, 1),
        ] {
            let run = among(variant, named);
            let case = format!("{variant} among {named}");
            assert_eq!((delivered(&run, |_| true), acks(&run)), (messages, acknowledged), "{case}");
            let forced = forced(&run);
            for node in 2..=6 {
                let takes_part = named.contains(&format!("n{node}"));
                assert_eq!(forced[node - 1], if takes_part { participant } else { 0 }, "{case}, n{node}");
                let decided = told(&run, "Decided commit t1")[node - 1].is_some();
                assert_eq!(decided, takes_part, "{case}, n{node}");
            }
            assert_eq!(forced[0], coordinator, "{case}");
        }
    }
    let run = among("presumed-nothing", "n2,n6");
    let messages = delivered(&run, |_| true).to_string();
    state("F1.1", "messages of a commit among N = 2 of 5", "4N = 8", &messages);
    let writes = forced(&run).iter().sum::<usize>().to_string();
    state("F1.2", "forced writes of a commit among N = 2 of 5", "2N + 1 = 5", &writes);
}

/// A participant that takes no part is neither asked for its vote nor for the decision, whatever crashes.
#[test]
fn a_participant_that_is_not_named_hears_nothing_of_a_transaction() {
    for crash in ["n1", "n3", "n4"] {
        let run = play(&format!(
            "faultline 2\nprotocol two-phase-commit\nlatency 10ms\nuntil 1s\nat 10ms n1 Begin with n3,n4\n\
             at 25ms crash {crash}\nat 400ms restart {crash}\n"
        ));
        let hears = |record: &faultline_core::trace::Record| record.node == 1 || record.peer == 1;
        assert_eq!(delivered(&run, hears), 0, "{crash}");
        for node in [0, 2, 3] {
            let decided = told_of(&run, node, "t1");
            let crashed_early = crash == "n1" && node == 0;
            assert!(
                crashed_early || decided.iter().any(|fact| fact.starts_with("Decided")),
                "{crash}: {decided:?}"
            );
        }
    }
}

#[test]
fn requests_are_read_or_say_what_should_stand_there() {
    let act = |words: &str| parse(&format!("faultline 2\nprotocol two-phase-commit\nat 1ms {words}\n"));
    for words in [
        "n1 Begin",
        "n1 Begin with n2,n4",
        "n1 Begin on x",
        "n1 Begin with n3 on x,y",
        "n3 Write y",
        "n3 Decide t1 commit",
    ] {
        assert!(act(words).unwrap().to_string().contains(words), "{words}");
    }
    // Each only once, and in order.
    let run =
        play("faultline 2\nprotocol two-phase-commit\nuntil 50ms\nat 1ms n1 Begin with n4,n2,n4 on y,x\n");
    assert!(run.transcript().contains("sends Prepare t1 with n2,n4 on x,y to n2, n4"));
    for (words, missing) in [
        ("n1 Begin with n1", "a participant, from `n2` on"),
        ("n1 Begin with", "as in `Begin with n2,n4 on x`"),
        ("n1 Begin on z", "an item, `x` or `y`"),
        ("n1 Beginning", "as in `Begin with n2,n4 on x`"),
        ("n3 Decide t1 perhaps", "`commit` or `abort`"),
    ] {
        let complaint = act(words).err().unwrap().to_string();
        assert!(complaint.contains(missing), "{words}: {complaint}");
    }
}

/// The point of blocking: a transaction of one node waits for a coordinator that it has nothing to do with.
#[test]
fn a_blocked_participant_keeps_its_locks() {
    let wrote = |run: &Run, item: &str| told(run, &format!("Wrote {item}"))[2];
    let waits = preset("locked-out", "");
    assert_eq!(wrote(&waits, "y"), Some(60_000));
    let decided = told(&waits, "Decided abort t1")[2];
    assert!(decided > Some(300_000) && wrote(&waits, "x") == decided, "{decided:?}");
    let refuses = preset("locked-out", "set locks refuse");
    assert_eq!((wrote(&refuses, "y"), wrote(&refuses, "x")), (Some(60_000), None));
    let none = preset("locked-out", "set locks none");
    assert_eq!(wrote(&none, "x"), Some(80_000));
    state(
        "F1",
        "locks: a transaction of one node waits for a blocked one, whose coordinator is back after 300 ms",
        "not before 300 ms",
        &format!("it is done after {} ms", decided.unwrap() / 1_000),
    );
    // The card says what is locked, and what waits.
    let view = Session::new(waits.scenario().clone()).view();
    let field = |name: &str| {
        let mut fields = view.nodes[2].card.fields.iter();
        fields.find(|field| field.name == name).map(|field| field.value.clone())
    };
    let shown = (field("locked"), field("waiting for locks"));
    assert_eq!(shown, (Some("x by t1".into()), Some("its own, for x".into())));
    // And of a run without locks it says nothing of them.
    let view = Session::new(preset("blocking", "").scenario().clone()).view();
    assert!(view.nodes.iter().all(|node| node.card.fields.iter().all(|field| field.name != "locked")));
}

/// A second transaction waits for the first at the participant that they share, and no longer than that
/// needs; or it is refused; and a reader waits, too, and locks nothing.
#[test]
fn a_transaction_waits_for_a_lock_or_is_refused() {
    let run = |lines: &str| {
        play(&format!(
            "faultline 2\nprotocol two-phase-commit\nlatency 10ms\nuntil 1s\n{lines}\n\
             at 10ms n1 Begin with n2,n3 on x\n\
             at 15ms n1 Begin with n3,n4 on x\n"
        ))
    };
    let votes = |run: &Run| told_of(run, 2, "t2").into_iter().find(|fact| fact.starts_with("Voted")).unwrap();
    let waits = run("set locks wait");
    assert_eq!(told(&waits, "Found x locked by t1")[2], Some(25_000));
    // n3 learns of the commit of t1 at 40 ms.
    assert_eq!(told(&waits, "Voted yes on t2")[2], Some(40_000));
    assert!(told(&waits, "Decided commit t2")[1..].iter().skip(1).all(Option::is_some));
    assert_eq!(votes(&run("set locks refuse")), "Voted no on t2");
    assert_eq!(told(&run("set locks none"), "Voted yes on t2")[2], Some(25_000));
    let reads = run("set locks wait\nat 5ms n3 Read t2");
    assert_eq!(told(&reads, "Voted read-only on t2")[2], Some(40_000));
    let refuses = run("set locks wait\nat 30ms n3 Refuse t2");
    assert_eq!(told(&refuses, "Voted no on t2")[2], Some(30_000));
    // Without its coordinator, a participant stops waiting by itself.
    let alone = run("set locks wait\nat 27ms crash n1");
    assert_eq!(told(&alone, "Voted no on t2")[2], Some(125_000));
}

/// XA+ 2.3.3: an operator decides only for a participant that is uncertain, and only where that is allowed.
#[test]
fn an_operator_decides_only_for_an_uncertain_participant() {
    let run = |lines: &str| {
        play(&format!(
            "faultline 2\nprotocol two-phase-commit\nlatency 10ms\nuntil 1s\nat 10ms n1 Begin\n{lines}\n"
        ))
    };
    let by_hand = |lines: &str| told(&run(lines), "By hand abort t1")[2];
    for when in ["5ms", "15ms", "45ms"] {
        assert_eq!(by_hand(&format!("set heuristics on\nat {when} n3 Decide t1 abort")), None, "{when}");
    }
    assert_eq!(by_hand("at 25ms n3 Decide t1 abort"), None);
    assert_eq!(by_hand("set heuristics on\nat 25ms n3 Decide t1 abort"), Some(25_000));
    // The first decision by hand stands.
    let twice = run("set heuristics on\nat 25ms n3 Decide t1 abort\nat 26ms n3 Decide t1 commit");
    assert_eq!(told(&twice, "By hand commit t1")[2], None);
}

/// The participant and the coordinator learn of damage in every variant, also if the participant crashes
/// after the decision by hand, after it has found the damage, or the report is lost. Where operators guess
/// right, there is no damage.
#[test]
fn damage_is_found_and_reported() {
    for variant in VARIANTS {
        for (guess, asked) in [("abort", ""), ("commit", "at 5ms n4 Refuse t1")] {
            for failure in
                ["", "at 27ms crash n3\nat 60ms restart n3", "at 42ms crash n3\nat 60ms restart n3"]
            {
                let run = |guess: &str| {
                    play(&format!(
                        "faultline 2\nprotocol two-phase-commit\nlatency 10ms\nset variant {variant}\n\
                         set heuristics on\nuntil 1s\n{asked}\nat 10ms n1 Begin\nat 25ms n3 Decide t1 {guess}\n{failure}\n"
                    ))
                };
                let damaged = told(&run(guess), &format!("Damaged t1, {guess} by hand"));
                let case = format!("{variant}, {guess}, {failure}: {damaged:?}");
                assert!(damaged[2].is_some() && damaged[0].is_some(), "{case}");
                assert_eq!((damaged[1], damaged[3]), (None, None), "{case}");
                let right = if guess == "abort" { "commit" } else { "abort" };
                let run = run(right);
                assert!(told(&run, &format!("Decided {right} t1"))[2].is_some(), "{case}");
                assert!(
                    told(&run, &format!("Damaged t1, {right} by hand")).iter().all(Option::is_none),
                    "{case}"
                );
            }
        }
    }
    let lost = play(
        "faultline 2\nprotocol two-phase-commit\nlatency 10ms\nset heuristics on\nuntil 1s\n\
         at 10ms n1 Begin\n\
         at 25ms n3 Decide t1 abort\nat 45ms drop n3>n1 Damage\n",
    );
    assert_eq!(told(&lost, "Damaged t1, abort by hand")[0], Some(150_000));
    // The damage is one of the coordinator's acknowledgements: it forgets the transaction.
    assert!(lost.records().iter().all(|record| record.what != What::Deliver || record.time <= 150_000));
}

/// What was decided by hand is not told to a participant that asks around.
#[test]
fn a_decision_by_hand_does_not_spread() {
    let run = play(
        "faultline 2\nprotocol two-phase-commit\nlatency 10ms\nset heuristics on\nuntil 390ms\n\
         at 10ms n1 Begin\n\
         at 25ms crash n1\nat 50ms n3 Decide t1 commit\n",
    );
    assert!(told(&run, "By hand commit t1")[2].is_some());
    let blocked = told(&run, "InDoubt t1");
    assert!(blocked[1].is_some() && blocked[3].is_some(), "{blocked:?}");
    assert!(told(&run, "Decided commit t1").iter().all(Option::is_none));
}

/// The protocol with these settings, for the nemesis.
fn base(settings: &[&str]) -> Scenario {
    let mut base = Scenario::of(find("two-phase-commit").unwrap());
    for setting in settings {
        base.amend(setting).unwrap();
    }
    base
}

/// Every claim holds with the options, in every variant, and the nemesis brings up what they are about.
#[test]
fn the_options_survive_the_nemesis() {
    for variant in VARIANTS {
        let variant = format!("set variant {variant}");
        for locks in ["set locks none", "set locks wait", "set locks refuse"] {
            for heuristics in ["set heuristics off", "set heuristics on"] {
                let base = base(&[&variant, locks, heuristics]);
                let reach = |claim| {
                    let reaches = |seed: &u64| {
                        let attack = attack(&base, *seed);
                        let case = format!("{variant}, {locks}, {heuristics}, seed {seed}");
                        assert_eq!(attack.broken, None, "{case}:\n{}", attack.scenario);
                        attack.reached.contains(&claim)
                    };
                    let seeds: Vec<u64> = (1..=100).filter(reaches).collect();
                    let first = seeds.first();
                    println!(
                        "{variant}, {locks}, {heuristics}: {} reach {claim}, first {first:?}",
                        seeds.len()
                    );
                    seeds.len() > 20
                };
                assert_eq!(reach("Locked Out"), locks != "set locks none");
                assert_eq!(reach("Heuristic Damage"), heuristics == "set heuristics on");
            }
        }
    }
}

/// What the nemesis finds of the twins is shrunk to a few acts, which break the same claim.
#[test]
fn what_the_nemesis_finds_of_the_twins_is_shrunk() {
    for (twin, settings) in [
        ("collects-unforced", "set variant presumed-commit"),
        ("acks-unforced", "set variant presumed-nothing"),
        ("presumes-early", "set variant presumed-abort"),
        ("forgets-locks", "set locks wait"),
    ] {
        let base = base(&[settings, &format!("twin {twin}")]);
        let mut attacks = (1..=2_000).map(|seed| (seed, attack(&base, seed)));
        let found = attacks.find(|(_, attack)| attack.broken.is_some());
        let (seed, attack) = found.unwrap_or_else(|| panic!("{twin} is not noticed"));
        let claim = attack.broken.unwrap().claim;
        let (smallest, _) = shrink(&attack.scenario, &claim).unwrap();
        println!("{twin}: seed {seed} breaks {claim}; {} acts\n{smallest}", smallest.acts.len());
        assert!(smallest.acts.len() <= 8, "{twin}:\n{smallest}");
        for (expectation, met) in play(&smallest.to_string()).verify() {
            assert_eq!(met, Ok(()), "{twin}: {expectation}\n{smallest}");
        }
    }
}
