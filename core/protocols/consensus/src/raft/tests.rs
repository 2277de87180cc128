//! What a leader counts, against versions of it that are as dumb as the paper's sentences.

use super::*;
use faultline_core::random::{Purpose, draw};
use faultline_core::toolbox::configuration::Configuration;
use std::rc::Rc;

const NODES: u32 = 7;
const ME: NodeId = NodeId(0);

/// Numbers below a bound, one after the other.
struct Numbers(u64, u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> u64 {
        self.1 += 1;
        draw(self.0, Purpose::Nemesis, (0, 0), self.1) % bound
    }

    fn set(&mut self) -> NodeSet {
        let mask = 1 + self.below((1 << NODES) - 1);
        (0..NODES).filter(|node| mask >> node & 1 == 1).map(NodeId).collect()
    }
}

/// A leader with a random log, random match indexes, and random members, which may be joint and need not include it.
fn leader(seed: u64, ctx: &mut Ctx<Raft>) -> Raft {
    let mut numbers = Numbers(seed, 0);
    let mut node = Raft::start(Stable::default(), ctx);
    node.term = 4;
    let mut term = 1;
    for _ in 0..numbers.below(12) {
        term = (term + numbers.below(2) * numbers.below(3)).min(node.term);
        node.log.push(Entry { term, command: Command::Nothing });
    }
    let last = node.log.len();
    node.commit = numbers.below(last + 1);
    node.applied = node.commit;
    let matched = (0..NODES).map(|_| numbers.below(last + 2)).collect();
    node.role = Role::Leader { next: vec![last + 1; NODES as usize], matched, heard: NodeSet::default() };
    let (new, old) = (numbers.set(), numbers.set());
    let configuration =
        if seed.is_multiple_of(2) { Configuration::of(new) } else { Configuration::joint(old, new) };
    node.members.take_up(0, Arc::new(configuration));
    node.members.settle(last);
    node
}

/// Figure 2, word by word: "If there exists an N such that N > commitIndex, a majority of matchIndex[i] ≥ N, and log[N].term ==
/// currentTerm: set commitIndex = N", for the greatest.
fn greatest(node: &Raft) -> Option<u64> {
    let Role::Leader { matched, .. } = &node.role else { return None };
    let members = node.members.latest();
    let holds = |place: u64| members.is_quorum(|it| it == ME || matched[it.index()] >= place);
    let is_own = |place: u64| node.log.get(place).is_some_and(|entry| entry.term == node.term);
    (node.commit + 1..=node.log.len()).filter(|&place| holds(place) && is_own(place)).max()
}

fn ctx(params: Params) -> Ctx<Raft> {
    Ctx::new(ME, NODES, 1, Rc::new(params))
}

#[test]
fn a_leader_commits_the_greatest_index_that_a_majority_reaches() {
    let mut ctx = ctx(Params::default());
    let mut committing = 0;
    for seed in 0..20_000 {
        let mut node = leader(seed, &mut ctx);
        let (before, expected) = (node.commit, greatest(&node));
        assert_eq!(node.committable(ME, &Bugs::default()), expected, "seed {seed}: {node:?}");
        committing += u32::from(expected.is_some());
        // What is committed in one step is all that can be; without changes of members nothing else happens.
        if !node.members.latest().is_joint() {
            node.advance_commit(&mut ctx);
            assert_eq!(node.commit, expected.unwrap_or(before), "seed {seed}");
            assert_eq!(greatest(&node), None, "seed {seed}");
        }
    }
    assert!((2_000..18_000).contains(&committing), "{committing}");
}

/// The same of a lease: it rests on the latest round that a majority has answered, also where nobody's answer was to it.
#[test]
fn a_lease_rests_on_the_latest_round_that_a_majority_has_answered() {
    let mut ctx = ctx(Params { reads: ReadBy::Lease, ..Params::default() });
    let mut node = Raft::start(Stable::default(), &mut ctx);
    node.role = Role::Leader {
        next: vec![1; NODES as usize],
        matched: vec![0; NODES as usize],
        heard: NodeSet::default(),
    };
    node.reads.round = 9;
    for (from, round, confirmed) in [(1, 3, 0), (2, 8, 0), (3, 5, 3), (1, 4, 4), (4, 9, 5), (5, 2, 5)] {
        node.hear(NodeId(from), round, &mut ctx);
        assert_eq!(node.reads.confirmed, confirmed, "after n{} answered round {round}", from + 1);
    }
}
