//! The checker against an independent one: stateright explores the same handlers through an adapter that
//! knows nothing of our world, and both must count the same states.
#![allow(clippy::unwrap_used)] // What cannot be unwrapped has failed the test.

use crate::oracle::{self, Adapter, Agrees};
use faultline_core::NodeId;
use faultline_core::check::{Bounds, Findings, Search, walk};
use faultline_core::protocol::Protocol;
use faultline_core::scenario::Scenario;
use faultline_protocols::commit;
use faultline_protocols::commit::two_phase::{self, TwoPhase};
use faultline_protocols::consensus::raft::{self, Output as RaftOutput, Raft};
use faultline_tests::{find, play};

/// A protocol under both checkers.
struct Twice<P: Protocol> {
    nodes: u32,
    twin: &'static str,
    params: P::Params,
    agrees: Agrees<P>,
}

fn raft(nodes: u32) -> Twice<Raft> {
    Twice { nodes, twin: "", params: raft::Params::default(), agrees: raft_agrees }
}

fn two_phase(nodes: u32) -> Twice<TwoPhase> {
    Twice { nodes, twin: "", params: two_phase::Params::default(), agrees: commit_agrees }
}

impl<P: Protocol + Send + Sync> Twice<P>
where
    P::Params: Send + Sync,
    P::Message: Send + Sync,
    P::Timer: Send + Sync,
    P::Input: Send + Sync,
    P::Output: Send + Sync,
    P::Record: Send + Sync,
{
    /// What our search finds, and what stateright does: how many states, and how many steps lead to a
    /// contradiction.
    fn search(self, bounds: Bounds) -> (Findings, (usize, Option<usize>)) {
        let Twice { nodes, twin, params, agrees } = self;
        let Bounds { inputs, timers, depth, .. } = bounds;
        let adapter = Adapter::<P> { nodes, inputs, timers, params, agrees: Some(agrees) };
        let theirs = oracle::count(adapter, Some(depth).filter(|depth| *depth != u32::MAX));
        let mut scenario = Scenario::of(find(P::INFO.slug).unwrap());
        scenario.amend(&format!("nodes {nodes}")).unwrap();
        if !twin.is_empty() {
            scenario.amend(&format!("twin {twin}")).unwrap();
        }
        (searched(&scenario, bounds), theirs)
    }

    /// Asserts that both find nothing wrong and count the same states; how many, and whether the search was
    /// complete.
    fn count(self, bounds: Bounds) -> (usize, bool) {
        let nodes = self.nodes;
        let (ours, theirs) = self.search(bounds);
        println!("{} nodes {nodes}, {bounds:?}: {} states", P::INFO.slug, ours.states);
        assert!(ours.broken.is_empty());
        assert_eq!(theirs, (ours.states, None), "{nodes} nodes, {bounds:?}");
        (ours.states, ours.complete)
    }
}

/// Raft: one leader a term, one entry an index.
fn raft_agrees(told: &[(NodeId, RaftOutput)]) -> bool {
    let clash = |(one, a): &(NodeId, RaftOutput), (other, b): &(NodeId, RaftOutput)| match (a, b) {
        (RaftOutput::Elected { term }, RaftOutput::Elected { term: also }) => term == also && one != other,
        (RaftOutput::Applied { index, entry }, RaftOutput::Applied { index: also, entry: with }) => {
            index == also && entry != with
        }
        _ => false,
    };
    !told.iter().any(|one| told.iter().any(|other| clash(one, other)))
}

/// Atomic commit: one decision a transaction, and, with two participants or more, no abort after two said yes
/// where nobody said no and nobody lost patience.
fn commit_agrees(told: &[(NodeId, commit::Output)]) -> bool {
    let groundless = |(place, (_, what)): (usize, &(NodeId, commit::Output))| {
        let commit::Output::Decided(of, commit::Decision::Abort) = what else { return false };
        let mut willing = 0;
        let grounds = told[..=place].iter().any(|(_, before)| match before {
            commit::Output::TimedOut(transaction) => transaction == of,
            commit::Output::Voted(transaction, vote) => {
                willing += u32::from(transaction == of && *vote != commit::Vote::No);
                transaction == of && *vote == commit::Vote::No
            }
            _ => false,
        });
        willing >= 2 && !grounds
    };
    let clash = |a: &commit::Output, b: &commit::Output| match (a, b) {
        (commit::Output::Decided(one, a), commit::Output::Decided(other, b)) => one == other && a != b,
        _ => false,
    };
    !told.iter().enumerate().any(groundless)
        && !told.iter().any(|(_, one)| told.iter().any(|(_, other)| clash(one, other)))
}

fn searched(scenario: &Scenario, bounds: Bounds) -> Findings {
    let mut search = Search::new(scenario, bounds);
    while !search.step(1_000) {}
    search.findings().clone()
}

/// Bounds that stop only at a depth.
fn down_to(depth: u32, inputs: u8) -> Bounds {
    Bounds { depth, inputs, ..Bounds::default() }
}

/// Bounds within which there are finitely many states.
fn finite(timers: u8, inputs: u8) -> Bounds {
    Bounds { depth: u32::MAX, timers: Some(timers), inputs, ..Bounds::default() }
}

#[test]
fn both_checkers_count_the_same_states_of_raft() {
    for (nodes, inputs, depth) in [(2, 1, 7), (3, 0, 5), (3, 1, 4)] {
        let (states, complete) = raft(nodes).count(down_to(depth, inputs));
        assert!(states > 300 && !complete);
    }
}

#[test]
fn both_checkers_count_the_same_states_of_two_phase_commit() {
    for (nodes, inputs, depth) in [(2, 1, 12), (3, 1, 7), (3, 2, 6), (4, 1, 6)] {
        let (states, complete) = two_phase(nodes).count(down_to(depth, inputs));
        assert!(states > 200 && !complete);
    }
}

/// With a bound on timers there is an end, and both come to it.
#[test]
fn both_checkers_visit_every_state_there_is() {
    for (nodes, timers, inputs, states) in
        [(2, 2, 1, 1_148), (2, 3, 1, 21_766), (3, 1, 1, 4_022), (3, 2, 0, 34_912)]
    {
        assert_eq!(raft(nodes).count(finite(timers, inputs)), (states, true));
    }
    for (nodes, timers, inputs, states) in
        [(2, 2, 2, 11_648), (3, 1, 1, 432), (3, 2, 1, 5_798), (4, 0, 1, 60)]
    {
        assert_eq!(two_phase(nodes).count(finite(timers, inputs)), (states, true));
    }
}

/// Both find the contradiction of a wrong twin, on runs of the same length, though stateright's judge is
/// another.
#[test]
fn both_checkers_find_the_shortest_run_to_a_contradiction() {
    let bugs = two_phase::Bugs { aborts_uncertain: true, ..Default::default() };
    let params = two_phase::Params { bugs, ..Default::default() };
    let twin = Twice { twin: "aborts-uncertain", params, ..two_phase(3) };
    let (ours, theirs) = twin.search(finite(2, 1));
    let (claim, run) = &ours.broken[0];
    assert_eq!((claim.as_str(), theirs.1), ("non-triviality", Some(run.acts.len())), "{run}");
    assert!(ours.complete, "the search goes on to the end of what is within the bounds");
}

#[test]
fn a_search_does_not_depend_on_its_slices() {
    let mut scenario = Scenario::of(find("raft").unwrap());
    scenario.amend("nodes 3").unwrap();
    let count = |slice| {
        let mut search = Search::new(&scenario, Bounds { depth: 5, ..Bounds::default() });
        while !search.step(slice) {}
        (search.findings().states, search.findings().steps, search.findings().complete)
    };
    assert_eq!(count(1), count(1_000_000));
    assert!(!count(1).2, "there is more below this depth");
}

#[test]
fn the_search_finds_the_forgotten_vote_on_a_shortest_run() {
    let mut scenario = Scenario::of(find("raft").unwrap());
    scenario.amend("nodes 3").unwrap();
    let bounds = Bounds { depth: 8, inputs: 0, crashes: 1, ..Bounds::default() };
    for (twin, found) in [("off", false), ("on", true)] {
        scenario.amend(&format!("twin forgets-vote {twin}")).unwrap();
        let mut search = Search::new(&scenario, bounds);
        while !search.step(10_000) {}
        let broken = &search.findings().broken;
        assert_eq!(!broken.is_empty(), found);
        if let Some((claim, run)) = broken.first() {
            assert_eq!((claim.as_str(), run.acts.len()), ("election-safety", 8), "{run}");
            for (expectation, met) in play(&run.to_string()).verify() {
                assert_eq!(met, Ok(()), "{expectation}");
            }
        }
    }
}

#[test]
fn walks_reach_what_lies_deep() {
    let mut scenario = Scenario::of(find("raft").unwrap());
    scenario.amend("nodes 3").unwrap();
    let bounds = Bounds { depth: 40, crashes: 1, ..Bounds::default() };
    assert!((1..=1_000).all(|seed| walk(&scenario, bounds, seed).is_none()));
    scenario.amend("twin forgets-vote").unwrap();
    // About one walk in four thousand comes by.
    let (claim, run) = (9_000..=9_300).find_map(|seed| walk(&scenario, bounds, seed)).unwrap();
    let met = play(&run.to_string()).verify();
    assert!(met.iter().all(|(_, met)| met.is_ok()), "{claim}: {met:?}\n{run}");
}

/// A claim that breaks does not end the search for others: each has its first run, and what is complete is said.
#[test]
fn a_search_goes_on_behind_what_breaks() {
    let mut scenario = Scenario::of(find("two-phase-commit").unwrap());
    for words in ["nodes 3", "twin aborts-uncertain"] {
        scenario.amend(words).unwrap();
    }
    let findings = searched(&scenario, finite(1, 1));
    let found: Vec<_> = findings.broken.iter().map(|(claim, run)| (claim.as_str(), run.acts.len())).collect();
    assert_eq!(found, [("non-triviality", 4), ("agreement", 6)]);
    assert_eq!(findings.verdict(), "Every order of events within the bounds: 2 claims break.");
    for (claim, run) in &findings.broken {
        let met = play(&run.to_string()).verify();
        assert!(met.len() == 1 && met.iter().all(|(_, met)| met.is_ok()), "{claim}: {met:?}\n{run}");
        // No shorter run breaks it.
        let shorter = searched(&scenario, Bounds { depth: run.acts.len() as u32 - 1, ..finite(1, 1) });
        assert!(shorter.broken.iter().all(|(other, _)| other != claim));
        assert_eq!(shorter.through(0), run.acts.len() as u32 - 1);
    }
}

/// Without a bound on the length of runs, a search that comes to its bound on states has visited all runs of some length without a
/// fault, and of a smaller one with a fault: ones with these bounds find no other claim.
#[test]
fn what_a_search_says_is_complete_is_complete() {
    let mut scenario = Scenario::of(find("raft").unwrap());
    for words in ["nodes 3", "twin forgets-vote"] {
        scenario.amend(words).unwrap();
    }
    let bounds = Bounds { depth: u32::MAX, states: 120_000, inputs: 0, crashes: 1, ..Bounds::default() };
    let findings = searched(&scenario, bounds);
    assert_eq!((findings.complete, findings.states), (false, 120_000));
    assert!(findings.through(0) > findings.through(1) && findings.through(1) == findings.through(9));
    let claims = |findings: &Findings, most: u32| {
        let within = findings.broken.iter().filter(|(_, run)| run.acts.len() as u32 <= most);
        within.map(|(claim, run)| (claim.clone(), run.to_string())).collect::<Vec<_>>()
    };
    for crashes in 0..=1 {
        let depth = findings.through(crashes.into());
        let whole = searched(&scenario, Bounds { depth, states: usize::MAX, crashes, ..bounds });
        assert_eq!(whole.through(crashes.into()), depth);
        let found = claims(&findings, depth);
        assert!(
            claims(&whole, depth).iter().all(|run| found.contains(run)),
            "{crashes} crashes, {depth} events"
        );
    }
    let said = format!(
        "Every order of up to {} events, {} with 1 fault: ",
        findings.through(0),
        findings.through(1)
    );
    assert!(findings.verdict().starts_with(&said), "{}", findings.verdict());
}

/// With one request and one of each fault, breadth-first search came to this bound after seven events and had found nothing.
#[test]
fn what_needs_one_fault_is_found_before_all_faults_are_tried() {
    let mut scenario = Scenario::of(find("raft").unwrap());
    for words in ["nodes 3", "twin forgets-vote"] {
        scenario.amend(words).unwrap();
    }
    let bounds = Bounds { states: 300_000, ..Bounds::fitting(&scenario, 390) };
    assert_eq!((bounds.inputs, bounds.crashes, bounds.drops, bounds.copies), (1, 1, 1, 1));
    let findings = searched(&scenario, bounds);
    let found: Vec<_> = findings.broken.iter().map(|(claim, run)| (claim.as_str(), run.acts.len())).collect();
    assert_eq!(found, [("election-safety", 8)]);
}

/// The bounds that fit a protocol allow for the faults that its claims must survive, and for as many states as fit the memory.
#[test]
fn bounds_fit_the_protocol_and_the_memory() {
    let fitting = |slug: &str, megabytes| Bounds::fitting(&Scenario::of(find(slug).unwrap()), megabytes);
    let raft = fitting("raft", 260);
    assert_eq!((raft.states, raft.megabytes(), raft.depth), (200_000, 260, u32::MAX));
    assert_eq!((raft.inputs, raft.crashes, raft.lies), (1, 1, 0));
    assert_eq!(fitting("pbft", 260).lies, 1);
    assert_eq!(fitting("chord", 130).states, 100_000);
}
