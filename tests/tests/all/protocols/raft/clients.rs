//! What clients of Raft see, judged twice: by the claim on fresh reads, which knows the log, and by the search for an order,
//! which knows only what was asked and told.

use super::with;
use faultline_core::history::{KeyValue, Model};
use faultline_core::linearizability::{Verdict, check};
use faultline_core::nemesis::attack;
use faultline_core::property::Judgement;
use faultline_core::sim::Run;
use faultline_tests::play;

const BUDGET: u64 = 100_000;

/// The claims that a run violates.
fn violated(run: &Run) -> Vec<&'static str> {
    let claims = run.scenario().entry.claims();
    let judgements = run.verdicts();
    let violated = claims.iter().zip(judgements).filter(|(_, it)| matches!(it, Judgement::Violated { .. }));
    violated.map(|(claim, _)| claim.name).collect()
}

fn is_linearizable(run: &Run) -> bool {
    match check::<KeyValue>(run.end().history().unwrap(), BUDGET) {
        Verdict::Holds { .. } => true,
        Verdict::Fails(_) => false,
        Verdict::Unknown { sentence } => panic!("{sentence}"),
    }
}

/// n1 is deposed before it learns that n2 and n3 hold its second write. n2 commits that, and no client is told; one reads it at
/// n2, and another then asks n1, which believes that it leads.
#[test]
fn reads_do_not_go_back_in_time_unnoticed() {
    let run = play(
        "faultline 2\nprotocol raft\nnodes 3\nlatency 10ms\nset election-min 10s\nset election-max 20s\n\
         set reads index\ntwin reads-unconfirmed\nuntil 1s\n\
         at 10ms fire n1 Election\nat 60ms n1 Put x=1\nat 100ms n1 Put x=2\nat 111ms cut n1|n2,n3\n\
         at 200ms fire n2 Election\nat 240ms n2 Put y=1\nat 300ms n2 Get x\nat 400ms n1 Get x\n",
    );
    let operations = &run.end().history().unwrap().operations;
    let told: Vec<_> = operations.iter().map(|it| KeyValue::words(&it.input, it.output())).collect();
    assert_eq!(
        told,
        ["put x \"1\"", "put x \"2\"", "put y \"1\"", "get x returned \"2\"", "get x returned \"1\""]
    );
    assert_eq!(operations.iter().filter(|it| it.returned.is_none()).count(), 1, "nobody was told of x=2");
    assert!(!is_linearizable(&run));
    assert_eq!(violated(&run), ["Fresh Reads"]);
}

#[test]
fn what_clients_see_is_linearizable_exactly_where_reads_are_fresh() {
    let (mut answered, mut stale) = (0, 0);
    for (settings, seeds) in [
        (&["ask 20ms"][..], 50),
        (&["set reads index"], 50),
        (&["set reads index", "set snapshot 2", "ask 20ms"], 50),
        (&["set sessions 2", "set reads index", "ask 20ms"], 50),
        (&["nodes 3", "set reads index", "twin reads-unconfirmed"], 300),
    ] {
        for seed in 1..=seeds {
            let scenario = attack(&with(settings), seed).scenario;
            let run = Run::new(scenario.clone(), scenario.until);
            let (fresh, linearizable) = (!violated(&run).contains(&"Fresh Reads"), is_linearizable(&run));
            // Where two writes write the same, an old read may look new to those who see no log.
            assert!(!fresh || linearizable, "{settings:?}, seed {seed}:\n{scenario}");
            stale += usize::from(!linearizable);
            answered +=
                run.end().history().unwrap().operations.iter().filter(|it| it.returned.is_some()).count();
        }
    }
    assert!(answered > 1_000, "{answered} answers");
    assert!(stale > 0, "the twin was never seen to read what is old");
}
