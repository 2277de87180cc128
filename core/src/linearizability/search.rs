//! The search for one linearization of one part of a history; see [`super`] for the algorithm.

use super::table::Table;
use crate::fingerprint;
use crate::history::{Model, Of, OperationOf};
use crate::random::mix;
use crate::toolbox::map::Map;
use crate::toolbox::order::by_number;
use std::borrow::Cow;

/// Where a search is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// There is more to try.
    Nothing,
    /// An order that explains all.
    Order,
    /// No order explains all.
    Contradiction,
}

/// What the search learns about the operation that is answered last: why it cannot be explained.
#[derive(Clone, Debug)]
pub(super) struct Suspicion {
    /// Its place among the answered operations.
    place: usize,
    /// The states in which its answer was wrong, each once, and no more than a few.
    pub(super) wrong_in: Vec<u32>,
    /// Whether there were more of them.
    pub(super) more: bool,
    /// With it done, the operation that ended the best attempt, and when that was answered.
    pub(super) then: Option<(u64, u32)>,
}

/// How many states a sentence names.
const FEW: usize = 4;

/// The end of a list of configurations.
const NONE: u32 = u32::MAX;

/// What stands in the order for an operation that was never answered: this, and the number of its group.
const OPEN: u32 = 1 << 31;

/// Unanswered operations with the same input, in the order of their invocations. They are interchangeable but
/// for their beginnings, so the earliest is always the one to take, and a count says which are done.
#[derive(Clone, Debug)]
struct Group {
    members: Vec<u32>,
    done: u32,
    /// The groups that it can stand in for, by their numbers, and whether another can for it.
    weaker: Vec<usize>,
    is_weaker: bool,
}

/// A point of choice.
#[derive(Clone, Copy, Debug)]
struct Frame {
    /// How long the order was before the operation that led here.
    order: usize,
    /// The state and the highest done operation before it.
    before: (u32, usize),
    /// The choices: where they begin, and the next one to try. They end where the next frame's begin.
    choices: usize,
    next: usize,
}

/// An operation that may come next, and the state that it leads to.
#[derive(Clone, Copy, Debug)]
struct Choice {
    operation: u32,
    end: u64,
    state: u32,
}

/// A search, which can be interrupted at every step.
#[derive(Clone, Debug)]
pub(super) struct Search<M: Model> {
    /// The answered operations by invocation: their numbers in the history.
    answered: Vec<u32>,
    /// A list through those that are not done; the last place is both its ends.
    next: Vec<u32>,
    previous: Vec<u32>,
    /// A bit for each that is done, and the highest of them.
    done: Vec<u64>,
    highest: usize,
    open: Vec<Group>,
    states: Vec<M::State>,
    state_table: Table,
    state: u32,
    order: Vec<u32>,
    frames: Vec<Frame>,
    choices: Vec<Choice>,
    /// The configurations that were reached, by the answered operations done and the state: where that key ends in `keys`, and
    /// which was the last of them. For each how many of every group were done, and which was the one before with the same key.
    keys: Vec<u64>,
    key_ends: Vec<usize>,
    key_table: Table,
    lasts: Vec<u32>,
    counts: Vec<u32>,
    earlier: Vec<u32>,
    scratch: Vec<u64>,
    state_bytes: usize,
    /// The latest moment that a path came to: that of the first answer which it could not explain.
    frontier: u64,
    blocked_by: u32,
    best_frontier: u64,
    /// The operation that ended the best attempt.
    pub(super) blocker: u32,
    /// Where a better attempt than `best` is under way, how long its order was when it became so.
    improved: Option<usize>,
    best: Vec<u32>,
    started: bool,
    pub(super) suspicion: Option<Suspicion>,
}

impl<M: Model> Search<M> {
    /// A search over some operations of a history, in the order of their invocations. With `last` the history
    /// ends at that operation's answer: what is answered later is open, what is asked later is not there.
    pub(super) fn new(history: &Of<M>, members: &[u32], last: Option<u32>) -> Self {
        let operation = |number: u32| &history.operations[number as usize];
        let key = |number: u32| (operation(number).end(), number);
        let end = last.map_or((u64::MAX, 0), key);
        let known =
            |number: u32| operation(number).returned.is_some() && (last.is_none() || key(number) <= end);
        let there = members.iter().copied().filter(|&number| operation(number).invoked <= end.0);
        let (answered, unanswered): (Vec<u32>, Vec<u32>) = there.partition(|&number| known(number));

        let mut groups: Map<&M::Input, Vec<u32>> = Map::default();
        for number in unanswered {
            groups.or_default(&operation(number).input).push(number);
        }
        let mut numbers: Map<&M::Input, usize> = Map::default();
        groups.iter().enumerate().for_each(|(number, (input, _))| *numbers.or_default(input) = number);
        let stand_in = |input: &M::Input| numbers.get(&&M::stand_in(input)?).copied();
        let stand_ins: Vec<Option<usize>> = groups.iter().map(|(input, _)| stand_in(input)).collect();
        let group = |(members, is_weaker)| Group { members, done: 0, weaker: Vec::new(), is_weaker };
        let members = groups.into_iter().map(|(_, members)| members);
        let mut open: Vec<Group> = members.zip(stand_ins.iter().map(Option::is_some)).map(group).collect();
        for (weaker, stand_in) in stand_ins.into_iter().enumerate() {
            if let Some(stand_in) = stand_in {
                open[stand_in].weaker.push(weaker);
            }
        }
        let count = answered.len() as u32;
        let place = last.and_then(|last| answered.iter().position(|&number| number == last));
        let suspicion = place.map(|place| Suspicion { place, wrong_in: Vec::new(), more: false, then: None });
        let mut search = Search {
            next: (1..=count).chain([0]).collect(),
            previous: [count].into_iter().chain(0..count).collect(),
            done: vec![0; answered.len().div_ceil(64)],
            highest: 0,
            open,
            answered,
            states: Vec::new(),
            state_table: Table::default(),
            state: 0,
            order: Vec::new(),
            frames: Vec::new(),
            choices: Vec::new(),
            keys: Vec::new(),
            key_ends: Vec::new(),
            key_table: Table::default(),
            lasts: Vec::new(),
            counts: Vec::new(),
            earlier: Vec::new(),
            scratch: Vec::new(),
            state_bytes: 0,
            frontier: 0,
            blocked_by: 0,
            best_frontier: 0,
            blocker: 0,
            improved: None,
            best: Vec::new(),
            started: false,
            suspicion,
        };
        search.state = search.intern(M::initial());
        search
    }

    /// Goes on until something is found, `budget` (which counts attempts at an operation) is used up, or more
    /// than `memory` bytes are.
    pub(super) fn run(&mut self, history: &Of<M>, budget: &mut u64, memory: usize) -> Found {
        if !self.started {
            self.started = true;
            let before = (self.state, self.highest);
            match self.arrive(history, 0, before, budget) {
                Found::Nothing => {}
                found => return found,
            }
        }
        while *budget > 0 && self.bytes() <= memory {
            match self.advance(history, budget) {
                Found::Nothing => {}
                found => return found,
            }
        }
        Found::Nothing
    }

    /// Takes the next choice of the latest frame, or takes back the frame when it has none left.
    fn advance(&mut self, history: &Of<M>, budget: &mut u64) -> Found {
        let Some(frame) = self.frames.last_mut() else { return Found::Contradiction };
        let Some(&choice) = self.choices.get(frame.next) else {
            let frame = *frame;
            self.frames.pop();
            self.choices.truncate(frame.choices);
            self.take_back(frame.order, frame.before);
            return if self.frames.is_empty() { Found::Contradiction } else { Found::Nothing };
        };
        frame.next += 1;
        *budget = budget.saturating_sub(1);
        let (order, before) = (self.order.len(), (self.state, self.highest));
        self.take(choice.operation);
        self.state = choice.state;
        self.arrive(history, order, before, budget)
    }

    /// Does all that can be done here without a choice, and lists the choices, unless this was reached
    /// before.
    fn arrive(&mut self, history: &Of<M>, order: usize, before: (u32, usize), budget: &mut u64) -> Found {
        let choices = self.choices.len();
        self.look_around(history, budget);
        if self.next[self.answered.len()] as usize == self.answered.len() {
            return Found::Order;
        }
        self.note_frontier();
        if self.remember() {
            match self.order[order..] {
                [open] if open & OPEN != 0 => self.defer(history, choices, open, before.0),
                _ => {}
            }
            by_number(&mut self.choices[choices..], |choice| {
                u128::from(choice.end) << 32 | u128::from(choice.operation)
            });
            // The frame before this one ended its choices where they are cut off now.
            self.frames.push(Frame { order, before, choices, next: choices });
        } else {
            self.choices.truncate(choices);
            self.take_back(order, before);
        }
        Found::Nothing
    }

    /// Walks over the operations that may come next: those that were asked before any that is not done was
    /// answered. One that only observes is done at once, since no later moment is better for it; the others
    /// are choices.
    fn look_around(&mut self, history: &Of<M>, budget: &mut u64) {
        let (first, end_of_list) = (self.choices.len(), self.answered.len());
        let mut frontier = u64::MAX;
        let mut place = self.next[end_of_list] as usize;
        while place != end_of_list {
            let operation = &history.operations[self.answered[place] as usize];
            if operation.invoked > frontier {
                break;
            }
            let following = self.next[place] as usize;
            *budget = budget.saturating_sub(1);
            match self.effect(self.state, operation, operation.output()) {
                Some(_) if observes::<M>(operation) => self.take(place as u32),
                effect => {
                    if operation.end() < frontier {
                        frontier = operation.end();
                        self.blocked_by = self.answered[place];
                    }
                    match effect {
                        Some(state) => self.offer(history, first, place as u32, operation.end(), state),
                        None => self.note_refusal(place),
                    }
                }
            }
            place = following;
        }
        for number in 0..self.open.len() {
            let group = &self.open[number];
            let Some(&member) = group.members.get(group.done as usize) else { continue };
            let operation = &history.operations[member as usize];
            if operation.invoked <= frontier {
                *budget = budget.saturating_sub(1);
                if let Some(state) =
                    self.effect(self.state, operation, None).filter(|&state| state != self.state)
                {
                    self.offer(history, first, OPEN | number as u32, u64::MAX, state);
                }
            }
        }
        self.frontier = frontier;
    }

    /// An operation that was never answered has just been done from a state. What would come next is a choice only if it needs
    /// that: otherwise it comes first, and the unanswered operation later, or never.
    fn defer(&mut self, history: &Of<M>, first: usize, open: u32, before: u32) {
        let group = &self.open[(open & !OPEN) as usize];
        let unanswered = &history.operations[group.members[group.done as usize - 1] as usize];
        for place in (first..self.choices.len()).rev() {
            let Choice { operation, state, .. } = self.choices[place];
            let following = &history.operations[self.number(operation) as usize];
            let is_open = operation & OPEN != 0;
            let output = if is_open { None } else { following.output() };
            let Some(without) = self.effect(before, following, output) else { continue };
            // Of two that were never answered and can change places, one comes first.
            let changes_places = !is_open || operation < open;
            if without == state || changes_places && self.effect(without, unanswered, None) == Some(state) {
                self.choices.remove(place);
            }
        }
    }

    /// The state that an operation leads to from another, by their numbers.
    fn effect(&mut self, from: u32, operation: &OperationOf<M>, output: Option<&M::Output>) -> Option<u32> {
        let here = &self.states[from as usize];
        let changed = match M::step(here, &operation.input, output)? {
            Cow::Owned(state) if state != *here => Some(state),
            _ => None,
        };
        Some(changed.map_or(from, |state| self.intern(state)))
    }

    /// Adds a choice. Of two with the same input and effect the one answered earlier is the better: in any
    /// order they can change places.
    fn offer(&mut self, history: &Of<M>, first: usize, operation: u32, end: u64, state: u32) {
        let input = |operation: u32| &history.operations[self.number(operation) as usize].input;
        let twin = self.choices[first..]
            .iter()
            .position(|other| other.state == state && input(other.operation) == input(operation));
        match twin.map(|place| &mut self.choices[first + place]) {
            None => self.choices.push(Choice { operation, end, state }),
            Some(twin) if twin.end > end => *twin = Choice { operation, end, state },
            Some(_) => {}
        }
    }

    /// The number in the history of an operation of the order, where it would come next.
    fn number(&self, operation: u32) -> u32 {
        if operation & OPEN == 0 {
            return self.answered[operation as usize];
        }
        let group = &self.open[(operation & !OPEN) as usize];
        group.members[group.done as usize]
    }

    fn take(&mut self, operation: u32) {
        self.order.push(operation);
        if operation & OPEN != 0 {
            self.open[(operation & !OPEN) as usize].done += 1;
            return;
        }
        let place = operation as usize;
        let (next, previous) = (self.next[place], self.previous[place]);
        self.next[previous as usize] = next;
        self.previous[next as usize] = previous;
        self.done[place / 64] |= 1 << (place % 64);
        self.highest = self.highest.max(place);
    }

    /// Undoes the order down to a length; an undone operation finds its neighbours where it left them.
    fn take_back(&mut self, length: usize, before: (u32, usize)) {
        if let Some(length) = self.improved.take() {
            self.best.clear();
            self.best.extend_from_slice(&self.order[..length]);
        }
        while self.order.len() > length {
            let Some(operation) = self.order.pop() else { break };
            if operation & OPEN != 0 {
                self.open[(operation & !OPEN) as usize].done -= 1;
                continue;
            }
            let place = operation as usize;
            let (next, previous) = (self.next[place], self.previous[place]);
            self.next[previous as usize] = operation;
            self.previous[next as usize] = operation;
            self.done[place / 64] &= !(1 << (place % 64));
        }
        (self.state, self.highest) = before;
    }

    fn intern(&mut self, state: M::State) -> u32 {
        let fingerprint = fingerprint::of(&state);
        let found = self.state_table.find(fingerprint, |number| self.states[number] == state);
        found.unwrap_or_else(|| {
            self.state_bytes += M::weight(&state);
            self.states.push(state);
            self.state_table.insert(fingerprint)
        }) as u32
    }

    /// Whether this configuration is new: which answered operations are done, the state they led to, and how many of every group
    /// of unanswered ones. All before the first that is not done are, so the key begins there, and stays short however long the
    /// history is.
    fn remember(&mut self) -> bool {
        let first = self.next[self.answered.len()] as usize / 64;
        let last = (self.highest / 64).max(first);
        self.scratch.clear();
        self.scratch.push((first as u64) << 32 | u64::from(self.state));
        self.scratch.extend_from_slice(&self.done[first..=last]);
        let fingerprint = self
            .scratch
            .iter()
            .fold(0x517c_c1b7_2722_0a95, |sum, word| mix(sum ^ word, 0xe703_7ed1_a0b4_28db));
        let key = |number: usize| {
            let start = if number == 0 { 0 } else { self.key_ends[number - 1] };
            &self.keys[start..self.key_ends[number]]
        };
        let found = self.key_table.find(fingerprint, |number| key(number) == self.scratch);
        let mut earlier = found.map_or(NONE, |number| self.lasts[number]);
        while earlier != NONE {
            if self.can_all_of_this(&self.counts[earlier as usize * self.open.len()..]) {
                return false;
            }
            earlier = self.earlier[earlier as usize];
        }
        let number = found.unwrap_or_else(|| {
            self.keys.extend_from_slice(&self.scratch);
            self.key_ends.push(self.keys.len());
            self.lasts.push(NONE);
            self.key_table.insert(fingerprint)
        });
        self.earlier.push(self.lasts[number]);
        self.lasts[number] = self.earlier.len() as u32 - 1;
        self.counts.extend(self.open.iter().map(|group| group.done));
        true
    }

    /// Whether another configuration, which has done so many of every group and is like this one otherwise, can do all that this one
    /// can: it has left what this one has left, or more of what can stand in for it.
    fn can_all_of_this(&self, counts: &[u32]) -> bool {
        let lacks = |group: usize| counts[group].saturating_sub(self.open[group].done);
        let strong = self.open.iter().zip(counts).filter(|(group, _)| !group.is_weaker);
        strong.into_iter().all(|(group, count)| {
            count + group.weaker.iter().map(|&weaker| lacks(weaker)).sum::<u32>() <= group.done
        })
    }

    fn note_frontier(&mut self) {
        if self.frontier > self.best_frontier {
            self.best_frontier = self.frontier;
            self.blocker = self.blocked_by;
            self.improved = Some(self.order.len());
        }
        if let Some(suspicion) = &mut self.suspicion
            && self.done[suspicion.place / 64] & 1 << (suspicion.place % 64) != 0
            && suspicion.then.is_none_or(|(frontier, _)| self.frontier > frontier)
        {
            suspicion.then = Some((self.frontier, self.blocked_by));
        }
    }

    /// Notes for the sentence in which states the suspect's answer is wrong.
    fn note_refusal(&mut self, place: usize) {
        if let Some(suspicion) = self.suspicion.as_mut().filter(|suspicion| suspicion.place == place)
            && !suspicion.wrong_in.contains(&self.state)
        {
            if suspicion.wrong_in.len() < FEW {
                suspicion.wrong_in.push(self.state);
            } else {
                suspicion.more = true;
            }
        }
    }

    /// The order that was found, by numbers in the history.
    pub(super) fn order(&self) -> Vec<u32> {
        self.numbers(&self.order)
    }

    /// The order that explains the most: everything that was answered before [`Search::blocker`] was.
    pub(super) fn best(&self) -> Vec<u32> {
        self.numbers(self.improved.map_or(&self.best, |length| &self.order[..length]))
    }

    fn numbers(&self, order: &[u32]) -> Vec<u32> {
        let mut taken = vec![0; self.open.len()];
        let number = |operation: &u32| {
            if operation & OPEN == 0 {
                return self.answered[*operation as usize];
            }
            let group = (operation & !OPEN) as usize;
            taken[group] += 1;
            self.open[group].members[taken[group] - 1]
        };
        order.iter().map(number).collect()
    }

    /// A state by its number.
    pub(super) fn state(&self, number: u32) -> &M::State {
        &self.states[number as usize]
    }

    /// How many bytes it has taken.
    pub(super) fn bytes(&self) -> usize {
        let words = self.keys.len() + self.key_ends.len();
        let halves = self.lasts.len() + self.counts.len() + self.earlier.len();
        let stack = self.choices.len() * size_of::<Choice>() + self.frames.len() * size_of::<Frame>();
        words * size_of::<u64>()
            + halves * size_of::<u32>()
            + stack
            + self.key_table.bytes()
            + self.state_table.bytes()
            + self.state_bytes
    }
}

fn observes<M: Model>(operation: &OperationOf<M>) -> bool {
    operation.output().is_some_and(|output| M::observes(&operation.input, output))
}
