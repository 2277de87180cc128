//! What the judge remembers of a run: which requests are open, how long the others took, how long queues were, and what
//! each balancer has done, as it told it itself.

use super::{Name, Outcome, Output, Serving};
use faultline_core::prelude::*;

/// How finely times are told apart: in so many steps from each power of two to the next.
const STEPS: u64 = 128;

/// What the judge remembers of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Record {
    open: Map<Name, Ask>,
    sent: u64,
    /// When the first request was sent.
    first: Option<Micros>,
    /// Of each outcome, how many requests had it.
    outcomes: Map<Outcome, u64>,
    /// How long the requests that were carried out took in all, from their clients' view, and how many took about so long.
    took: Micros,
    times: Map<u64, u64>,
    /// What each server has in hand, and since when.
    hands: Map<NodeId, (Micros, u64)>,
    /// How long all servers together have had at least so many requests in hand, from one on.
    tails: Vec<Micros>,
    /// Servers that have crashed and not started again, and whether another node ever has.
    down: NodeSet,
    forgot: bool,
    desks: Map<NodeId, Desk>,
    /// The time of the latest step.
    now: Micros,
}

/// A request that is open.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Ask {
    sent: Micros,
    /// The servers that were to work on it.
    tried: Vec<NodeId>,
}

/// What a balancer has done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Desk {
    /// The servers that are out of rotation.
    pub out: NodeSet,
    /// How many connections are open to each server, as long as there were any.
    loads: Map<NodeId, u64>,
    /// When each had its latest turn, counted in turns, and how many there were.
    turns: Map<NodeId, u64>,
    turn: u64,
    /// How often it took a server out of rotation or put one back.
    pub changes: u64,
    /// How many servers it has named.
    pub named: u64,
    /// How many requests wait, and how many have waited or do.
    pub waiting: u64,
    waited: u64,
}

impl Desk {
    /// Adds what the balancer told.
    pub fn add(&mut self, output: &Output) {
        match output {
            Output::Opened(opened) => {
                *self.loads.or_default(opened.to) += 1;
                self.takes_turn(opened.to);
            }
            Output::Closed(from) => {
                let load = self.loads.or_default(*from);
                *load = load.saturating_sub(1);
            }
            Output::TakenOut(server, _) => {
                self.changes += 1;
                self.out.insert(*server);
            }
            Output::PutBack(server, _) => {
                self.changes += 1;
                self.out.remove(*server);
                self.takes_turn(*server);
            }
            Output::Named(_) => self.named += 1,
            Output::Waits(_) => (self.waiting, self.waited) = (self.waiting + 1, self.waited + 1),
            Output::Leaves(_) => self.waiting = self.waiting.saturating_sub(1),
            _ => {}
        }
    }

    /// How many connections are open to a server.
    pub fn load(&self, server: NodeId) -> u64 {
        self.loads.get(&server).copied().unwrap_or(0)
    }

    /// How many connections it has opened and servers it has put back.
    pub fn turns(&self) -> u64 {
        self.turn
    }

    /// When a server had its latest turn; 0 before its first.
    pub fn turn_of(&self, server: NodeId) -> u64 {
        self.turns.get(&server).copied().unwrap_or(0)
    }

    fn takes_turn(&mut self, server: NodeId) {
        self.turn += 1;
        self.turns.insert(server, self.turn);
    }
}

impl Record {
    /// Adds a step; what a solution's `remember` does.
    pub fn remember<P: Serving>(&mut self, step: &Step<'_, P>) {
        self.now = step.now;
        let Some(node) = step.node else {
            self.down.insert(step.who);
            // A balancer that starts again knows nothing of what it did.
            self.desks.remove(&step.who);
            match self.hands.contains_key(&step.who) {
                true => self.has_in_hand(step.who, 0, step.now),
                // Whoever is no server forgets what is open, and nobody is left who could end it.
                false => self.forgot = true,
            }
            return;
        };
        self.down.remove(step.who);
        if let Some(count) = node.in_hand() {
            self.has_in_hand(step.who, count, step.now);
        }
        for output in step.outputs {
            match output {
                Output::Sent(name) => {
                    self.sent += 1;
                    self.first.get_or_insert(step.now);
                    self.open.insert(*name, Ask { sent: step.now, tried: Vec::new() });
                }
                Output::Settled(name, outcome) => self.settle(*name, *outcome, step.now),
                Output::Assigned(assigned) => {
                    if let Some(ask) = self.open.get_mut(&assigned.name) {
                        ask.tried.push(assigned.to);
                    }
                }
                Output::Queued(_) | Output::Served(_) => {}
                _ => self.desks.or_default(step.who).add(output),
            }
        }
    }

    fn settle(&mut self, name: Name, outcome: Outcome, now: Micros) {
        let Some(ask) = self.open.remove(&name) else { return };
        *self.outcomes.or_default(outcome) += 1;
        if outcome == Outcome::Ok {
            let took = now.saturating_sub(ask.sent);
            self.took += took;
            *self.times.or_default(bucket(took)) += 1;
        }
    }

    fn has_in_hand(&mut self, server: NodeId, count: u64, now: Micros) {
        let (since, had) = self.hands.get(&server).copied().unwrap_or((0, 0));
        if had == count && self.hands.contains_key(&server) {
            return;
        }
        if self.tails.len() < had as usize {
            self.tails.resize(had as usize, 0);
        }
        let time = now.saturating_sub(since);
        self.tails.iter_mut().take(had as usize).for_each(|tail| *tail += time);
        self.hands.insert(server, (now, count));
    }

    /// How many requests clients have sent.
    pub fn sent(&self) -> u64 {
        self.sent
    }

    /// Whether a node that is no server has crashed.
    pub fn has_forgotten(&self) -> bool {
        self.forgot
    }

    /// When the first was sent.
    pub fn first(&self) -> Option<Micros> {
        self.first
    }

    /// How many requests have come to an end for their clients.
    pub fn settled(&self) -> u64 {
        self.outcomes.values().sum()
    }

    /// How many requests had this outcome.
    pub fn with(&self, outcome: Outcome) -> u64 {
        self.outcomes.get(&outcome).copied().unwrap_or(0)
    }

    /// How many requests had to wait at a balancer.
    pub fn waited(&self) -> u64 {
        self.desks.values().map(|desk| desk.waited).sum()
    }

    /// Whether a request is open.
    pub fn is_open(&self, name: Name) -> bool {
        self.open.contains_key(&name)
    }

    /// The servers that were to work on an open request, in order.
    pub fn tried(&self, name: Name) -> &[NodeId] {
        self.open.get(&name).map_or(&[], |ask| &ask.tried)
    }

    /// The open request that was sent first, and when.
    pub fn oldest(&self) -> Option<(Name, Micros)> {
        self.open.iter().map(|(name, ask)| (*name, ask.sent)).min_by_key(|(_, sent)| *sent)
    }

    /// How long the requests that were carried out took in all, and how many they were.
    pub fn took(&self) -> (Micros, u64) {
        (self.took, self.with(Outcome::Ok))
    }

    /// The time that so many in a thousand of the requests that were carried out did not exceed, to four in a thousand.
    pub fn percentile(&self, thousandth: u64) -> Micros {
        let (all, mut seen) = (self.with(Outcome::Ok), 0);
        let place = (all * thousandth).div_ceil(1_000).max(1);
        for (bucket, count) in self.times.iter() {
            seen += count;
            if seen >= place {
                return value(*bucket);
            }
        }
        0
    }

    /// How many servers there are, up or down.
    pub fn servers(&self) -> u64 {
        self.hands.len() as u64
    }

    /// How many requests are with servers now.
    pub fn in_servers(&self) -> u64 {
        self.hands.values().map(|(_, count)| count).sum()
    }

    /// How many requests the fullest server has in hand.
    pub fn fullest(&self) -> u64 {
        self.hands.values().map(|(_, count)| *count).max().unwrap_or(0)
    }

    /// The time of the latest step.
    pub fn now(&self) -> Micros {
        self.now
    }

    /// For how long, up to that step, all servers together have had at least so many requests in hand, from one on.
    pub fn tails(&self) -> Vec<Micros> {
        let now = self.now;
        let mut tails = self.tails.clone();
        for (since, count) in self.hands.values() {
            if tails.len() < *count as usize {
                tails.resize(*count as usize, 0);
            }
            tails.iter_mut().take(*count as usize).for_each(|tail| *tail += now.saturating_sub(*since));
        }
        tails
    }

    /// Whether a node is down.
    pub fn is_down(&self, node: NodeId) -> bool {
        self.down.contains(node)
    }

    /// What a balancer has done, if it has done anything.
    pub fn desk(&self, balancer: NodeId) -> Option<&Desk> {
        self.desks.get(&balancer)
    }

    /// What all balancers have done.
    pub fn desks(&self) -> impl Iterator<Item = &Desk> {
        self.desks.values()
    }
}

/// Where a time stands in the table of times.
fn bucket(time: Micros) -> u64 {
    let power = u64::from((time / STEPS).max(1).ilog2());
    power * STEPS + (time >> power)
}

/// The time in the middle of a place in that table.
fn value(bucket: u64) -> Micros {
    let power = (bucket / STEPS).saturating_sub(1);
    ((bucket - power * STEPS) << power) + (1 << power) / 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_kept_to_four_in_a_thousand() {
        for time in (0..2_000).chain([12_345, 1_000_000, 59_999_999]) {
            let kept = value(bucket(time));
            assert!(kept.abs_diff(time) * 2 * STEPS <= time, "{time}: {kept}");
        }
    }
}
