//! The graph of what comes before what, and its cycles.
//!
//! Two sorts of edges would be as many as there are pairs of transactions: from everything that was answered
//! to everything that began later, and from everyone who read the whole of a list to everyone whose append to
//! it nobody saw. They go by way of points that are no transactions: a point for each moment in time, which
//! leads to the next; and for the unseen appends of a list two chains of points, one that leads to every
//! earlier one of them and one to every later one, so that a transaction comes before all of them but itself.
//! Steps from a point cost nothing, so the length of a cycle is that of its transactions.

use super::versions::{NONE, Versions};
use super::{MOST_STEPS, Promise};
use crate::history::{ListAppend, Of};
use crate::toolbox::order::by_number;
use std::collections::{BTreeMap, VecDeque};

/// The kinds of edges, as bits: both appended; the first appended what the second read; the first read what
/// the second had not appended yet.
pub(super) const WW: u8 = 1;
/// See [`WW`].
pub(super) const WR: u8 = 2;
/// See [`WW`].
pub(super) const RW: u8 = 4;
/// The first comes first in its process.
pub(super) const PROCESS: u8 = 8;
/// The first was answered before the second began.
pub(super) const TIME: u8 = 16;

/// An edge.
#[derive(Clone, Copy, Debug)]
struct Edge {
    to: u32,
    kind: u8,
    /// The element that it is about, and for [`WW`] the one before.
    element: u32,
    earlier: u32,
}

/// A step of a cycle, from a transaction to a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) from: u32,
    pub(super) to: u32,
    pub(super) kind: u8,
    pub(super) element: u32,
    pub(super) earlier: u32,
}

/// A graph whose first nodes are the transactions.
pub(super) struct Graph {
    transactions: usize,
    happened: Vec<bool>,
    /// Where the edges of each node begin.
    starts: Vec<usize>,
    edges: Vec<Edge>,
}

/// The strongly connected components of a graph.
pub(super) struct Components {
    /// The component of each node. Every edge leads to a component with a smaller number, or stays in its
    /// own.
    of: Vec<u32>,
    sizes: Vec<u32>,
}

impl Components {
    pub(super) fn has_cycle(&self) -> bool {
        self.sizes.iter().any(|&size| size > 1)
    }
}

/// Collects edges.
struct Builder {
    nodes: u32,
    edges: Vec<(u32, Edge)>,
}

impl Builder {
    fn node(&mut self) -> u32 {
        self.nodes += 1;
        self.nodes - 1
    }

    fn edge(&mut self, from: u32, to: u32, kind: u8, (element, earlier): (u32, u32)) {
        if from != to {
            self.edges.push((from, Edge { to, kind, element, earlier }));
        }
    }

    fn of_lists(&mut self, versions: &Versions<'_>) {
        let writer = |element: u32| versions.elements[element as usize].writer;
        let orders: Vec<Vec<u32>> = versions
            .orders
            .iter()
            .map(|order| order.iter().copied().filter(|&it| it != NONE).collect())
            .collect();
        let mut unseen: Vec<Vec<u32>> = vec![Vec::new(); orders.len()];
        for (number, element) in (0..).zip(&versions.elements) {
            if !element.is_seen && versions.happened[element.writer as usize] {
                unseen[element.key as usize].push(number);
            }
        }
        for (order, unseen) in orders.iter().zip(&unseen) {
            for two in order.windows(2) {
                self.edge(writer(two[0]), writer(two[1]), WW, (two[1], two[0]));
            }
            for &number in unseen {
                if let Some(&last) = order.last() {
                    self.edge(writer(last), writer(number), WW, (number, last));
                }
            }
        }
        let chains: Vec<Chains> = unseen.iter().map(|unseen| self.chains(unseen, &writer)).collect();
        for read in &versions.reads {
            let order = &versions.orders[read.key as usize];
            let shown = order[..read.length].iter().rev().find(|&&it| it != NONE);
            if let Some(&last) = shown {
                self.edge(writer(last), read.reader, WR, (last, NONE));
            }
            match order[read.length..].iter().find(|&&it| it != NONE) {
                Some(&next) => self.edge(read.reader, writer(next), RW, (next, NONE)),
                None => self.before_all(read.reader, &chains[read.key as usize]),
            }
        }
    }

    /// Points from which all unseen appends of a list can be reached, but for those of one transaction.
    fn chains(&mut self, unseen: &[u32], writer: &dyn Fn(u32) -> u32) -> Chains {
        let mut by_writer: BTreeMap<u32, u32> = BTreeMap::new();
        for &number in unseen {
            by_writer.entry(writer(number)).or_insert(number);
        }
        let mut chains = Chains { writers: Vec::new(), to_earlier: Vec::new(), to_later: Vec::new() };
        for (&writer, &element) in &by_writer {
            let point = self.node();
            self.edge(point, writer, RW, (element, NONE));
            if let Some(&before) = chains.to_earlier.last() {
                self.edge(point, before, RW, (NONE, NONE));
            }
            chains.writers.push(writer);
            chains.to_earlier.push(point);
        }
        for (&writer, &element) in by_writer.iter().rev() {
            let point = self.node();
            self.edge(point, writer, RW, (element, NONE));
            if let Some(&after) = chains.to_later.last() {
                self.edge(point, after, RW, (NONE, NONE));
            }
            chains.to_later.push(point);
        }
        chains.to_later.reverse();
        chains
    }

    fn before_all(&mut self, reader: u32, chains: &Chains) {
        let (earlier, later) = match chains.writers.binary_search(&reader) {
            Ok(place) => (place.checked_sub(1), place + 1),
            Err(_) => (chains.writers.len().checked_sub(1), usize::MAX),
        };
        let ends = [earlier.and_then(|it| chains.to_earlier.get(it)), chains.to_later.get(later)];
        for &point in ends.into_iter().flatten() {
            self.edge(reader, point, RW, (NONE, NONE));
        }
    }

    fn of_processes(&mut self, history: &Of<ListAppend>, happened: &[bool]) {
        let mut last: BTreeMap<u64, u32> = BTreeMap::new();
        for number in by_invocation(history).into_iter().filter(|&it| happened[it as usize]) {
            if let Some(before) = last.insert(history.operations[number as usize].process, number) {
                self.edge(before, number, PROCESS, (NONE, NONE));
            }
        }
    }

    fn of_time(&mut self, history: &Of<ListAppend>, happened: &[bool]) {
        let mut moments: Vec<(u64, bool, u32)> = Vec::new();
        for (number, operation) in (0..).zip(&history.operations).filter(|(it, _)| happened[*it as usize]) {
            moments.push((operation.invoked, false, number));
            if operation.returned.is_some() {
                moments.push((operation.end(), true, number));
            }
        }
        // What is answered at the moment at which another begins does not come before it.
        by_number(&mut moments, |&(moment, answered, _)| u128::from(moment) << 1 | u128::from(answered));
        let (mut point, mut is_left) = (None, true);
        for (_, answered, number) in moments {
            match (answered, point) {
                (true, Some(here)) if !is_left => self.edge(number, here, TIME, (NONE, NONE)),
                (true, _) => {
                    let next = self.node();
                    if let Some(here) = point {
                        self.edge(here, next, TIME, (NONE, NONE));
                    }
                    self.edge(number, next, TIME, (NONE, NONE));
                    (point, is_left) = (Some(next), false);
                }
                (false, Some(here)) => {
                    self.edge(here, number, TIME, (NONE, NONE));
                    is_left = true;
                }
                (false, None) => {}
            }
        }
    }

    fn graph(self, transactions: usize, happened: Vec<bool>) -> Graph {
        let mut starts = vec![0; self.nodes as usize + 1];
        for (from, _) in &self.edges {
            starts[*from as usize + 1] += 1;
        }
        for node in 1..starts.len() {
            starts[node] += starts[node - 1];
        }
        let mut free = starts.clone();
        let mut edges = vec![Edge { to: 0, kind: 0, element: NONE, earlier: NONE }; self.edges.len()];
        for (from, edge) in self.edges {
            edges[free[from as usize]] = edge;
            free[from as usize] += 1;
        }
        Graph { transactions, happened, starts, edges }
    }
}

/// Points before the unseen appends of a list: for the writer at a place one that leads to it and all earlier
/// ones, and one that leads to it and all later ones.
struct Chains {
    writers: Vec<u32>,
    to_earlier: Vec<u32>,
    to_later: Vec<u32>,
}

fn by_invocation(history: &Of<ListAppend>) -> Vec<u32> {
    let mut numbers: Vec<u32> = (0..history.operations.len() as u32).collect();
    by_number(&mut numbers, |&number| history.operations[number as usize].invoked.into());
    numbers
}

impl Graph {
    pub(super) fn of(history: &Of<ListAppend>, versions: &Versions<'_>, promise: Promise) -> Graph {
        let transactions = history.operations.len();
        let mut builder = Builder { nodes: transactions as u32, edges: Vec::new() };
        builder.of_lists(versions);
        match promise {
            Promise::Serializable => {}
            Promise::StrongSession => builder.of_processes(history, &versions.happened),
            Promise::Strict => builder.of_time(history, &versions.happened),
        }
        builder.graph(transactions, versions.happened.clone())
    }

    fn edges_of(&self, node: usize) -> std::ops::Range<usize> {
        self.starts[node]..self.starts[node + 1]
    }

    /// The strongly connected components along edges of these kinds (Tarjan 1972). What would be a call is an
    /// entry of `path`: a node and its next edge.
    pub(super) fn components(&self, kinds: u8) -> Components {
        let count = self.starts.len() - 1;
        let (mut index, mut low, mut of) = (vec![0_u32; count], vec![0_u32; count], vec![NONE; count]);
        let (mut stack, mut path, mut sizes) = (Vec::new(), Vec::new(), Vec::new());
        let mut found = 0;
        for root in 0..count {
            if index[root] != 0 {
                continue;
            }
            path.push((root, self.starts[root]));
            while let Some((node, edge)) = path.last_mut() {
                let node = *node;
                if index[node] == 0 {
                    found += 1;
                    (index[node], low[node]) = (found, found);
                    stack.push(node);
                }
                if let Some(&Edge { to, kind, .. }) = self.edges[..self.starts[node + 1]].get(*edge) {
                    *edge += 1;
                    let to = to as usize;
                    if kind & kinds == 0 {
                        continue;
                    }
                    if index[to] == 0 {
                        path.push((to, self.starts[to]));
                    } else if of[to] == NONE {
                        low[node] = low[node].min(index[to]);
                    }
                    continue;
                }
                path.pop();
                if let Some((parent, _)) = path.last() {
                    low[*parent] = low[*parent].min(low[node]);
                }
                if low[node] == index[node] {
                    let mut size = 0;
                    while let Some(member) = stack.pop() {
                        of[member] = sizes.len() as u32;
                        size += 1;
                        if member == node {
                            break;
                        }
                    }
                    sizes.push(size);
                }
            }
        }
        Components { of, sizes }
    }

    /// The transactions that happened in an order along all edges, where there is no cycle.
    pub(super) fn order(&self) -> Vec<usize> {
        let of = self.components(u8::MAX).of;
        let mut order: Vec<usize> = (0..self.transactions).filter(|&it| self.happened[it]).collect();
        by_number(&mut order, |&number| u128::from(u32::MAX - of[number]));
        order
    }

    /// A shortest cycle along edges of these kinds.
    pub(super) fn shortest(&self, kinds: u8) -> Option<Vec<Step>> {
        self.shortest_where(&self.components(kinds), &|_, kind| kind & kinds != 0)
    }

    /// A shortest cycle along edges of these kinds with exactly one [`RW`], which is its first step.
    pub(super) fn shortest_with_one_rw(&self, kinds: u8) -> Option<Vec<Step>> {
        self.shortest_where(&self.components(kinds), &|is_first, kind| {
            kind & kinds != 0 && is_first == (kind == RW)
        })
    }

    /// A shortest cycle of which all steps are allowed: by whether it is the first step, and the kind of the
    /// edge.
    fn shortest_where(
        &self,
        components: &Components,
        allowed: &dyn Fn(bool, u8) -> bool,
    ) -> Option<Vec<Step>> {
        let nodes = components.of.len();
        let (reached, came) = (vec![(NONE, 0); nodes], vec![(NONE, NONE); nodes]);
        let mut search = Search { graph: self, components, reached, came };
        let (mut best, mut left) = (None::<Vec<Step>>, MOST_STEPS);
        for start in 0..self.transactions as u32 {
            if components.sizes[components.of[start as usize] as usize] < 2 {
                continue;
            }
            let most = best.as_ref().map_or(u32::MAX, |steps| steps.len() as u32 - 1);
            if most < 2 || best.is_some() && left == 0 {
                break;
            }
            best = search.from(start, most, allowed, &mut left).or(best);
        }
        best
    }
}

/// A search for a cycle, breadth first; what costs nothing goes first.
struct Search<'g> {
    graph: &'g Graph,
    components: &'g Components,
    /// From which start a node was reached last, and how many transactions were left behind on the way.
    reached: Vec<(u32, u32)>,
    /// The node and the edge by which the search came.
    came: Vec<(u32, u32)>,
}

impl Search<'_> {
    /// A shortest cycle through a transaction, of at most so many.
    fn from(
        &mut self,
        start: u32,
        most: u32,
        allowed: &dyn Fn(bool, u8) -> bool,
        left: &mut usize,
    ) -> Option<Vec<Step>> {
        let is_transaction = |node: u32| (node as usize) < self.graph.transactions;
        // How many transactions were left behind, whether the first step is still being made, and where it
        // is.
        let mut ahead = VecDeque::from([(0, true, start)]);
        while let Some((behind, is_first, node)) = ahead.pop_front() {
            if node == start && behind > 0 {
                return Some(self.steps(start));
            }
            let length = behind + u32::from(is_transaction(node));
            if length > most {
                return None;
            }
            for number in self.graph.edges_of(node as usize) {
                *left = left.saturating_sub(1);
                let Edge { to, kind, .. } = self.graph.edges[number];
                let is_inside = self.components.of[to as usize] == self.components.of[start as usize];
                let (by, least) = self.reached[to as usize];
                if !is_inside || !allowed(is_first, kind) || by == start && least <= length {
                    continue;
                }
                self.reached[to as usize] = (start, length);
                self.came[to as usize] = (node, number as u32);
                let next = (length, is_first && !is_transaction(to), to);
                if is_transaction(node) { ahead.push_back(next) } else { ahead.push_front(next) }
            }
        }
        None
    }

    /// The way back from a transaction to itself, in steps from one transaction to the next.
    fn steps(&self, start: u32) -> Vec<Step> {
        let mut steps = Vec::new();
        let mut to = start;
        loop {
            let (mut from, number) = self.came[to as usize];
            // The last edge knows the element.
            let Edge { kind, element, earlier, .. } = self.graph.edges[number as usize];
            while from as usize >= self.graph.transactions {
                from = self.came[from as usize].0;
            }
            steps.push(Step { from, to, kind, element, earlier });
            to = from;
            if to == start {
                steps.reverse();
                return steps;
            }
        }
    }
}
