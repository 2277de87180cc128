//! Turns of several parts at once, for a caller that has threads.
//!
//! A check hands out the next turns and takes them back, in the order of the parts; who takes them, and in
//! which order, is not its concern. It ends with the verdict with which it ends alone: a turn depends on its
//! own part only, and of several parts that are refuted in one round the first counts. Only how much the
//! others may remember is not known while they are at work, so memory may be used up a little later.

use super::search::{Found, Search};
use super::{Checker, Progress, Stage};
use crate::history::{Model, Of};

/// The turn of one part.
#[derive(Clone, Debug)]
pub struct Turn<M: Model> {
    part: usize,
    members: Vec<u32>,
    search: Option<Search<M>>,
    memory: usize,
    /// How many attempts it has, and when it is over how many are left.
    given: u64,
    left: u64,
    found: Found,
}

impl<M: Model> Turn<M> {
    /// Takes the turn.
    pub fn take(&mut self, history: &Of<M>) {
        let search = self.search.get_or_insert_with(|| Search::new(history, &self.members, None));
        self.found = search.run(history, &mut self.left, self.memory);
    }
}

impl<M: Model> Checker<'_, M> {
    /// The next turns, as many as so many attempts pay for. None where there are not two of them, or where
    /// there is something else to do: that is for [`Checker::step`].
    pub fn hand_out(&mut self, budget: u64) -> Vec<Turn<M>> {
        if !matches!(self.stage, Stage::Explaining) || self.left < self.turn_length {
            return Vec::new();
        }
        let most = budget / self.turn_length;
        let waiting = (self.turn..self.parts.len()).filter(|&part| self.parts[part].explained.is_none());
        let chosen: Vec<usize> = waiting.take(usize::try_from(most).unwrap_or(usize::MAX)).collect();
        if chosen.len() < 2 {
            return Vec::new();
        }
        let turn = |part: usize| {
            let it = &mut self.parts[part];
            let search = it.search.take();
            let others = self.bytes - search.as_ref().map_or(0, Search::bytes);
            Turn {
                part,
                members: std::mem::take(&mut it.members),
                search,
                memory: self.memory.saturating_sub(others),
                given: self.turn_length,
                left: self.turn_length,
                found: Found::Nothing,
            }
        };
        chosen.into_iter().map(turn).collect()
    }

    /// Takes back turns that were handed out together, in the same order and each of them taken.
    pub fn hand_back(&mut self, turns: Vec<Turn<M>>) -> Progress {
        for Turn { part, members, search, given, left, found, .. } in turns {
            self.parts[part].members = members;
            if !matches!(self.stage, Stage::Explaining) {
                continue;
            }
            self.attempts += (given - left).max(1);
            self.turn = part;
            match found {
                Found::Order => {
                    self.parts[part].explained = search.as_ref().map(Search::order);
                    self.explained += 1;
                }
                Found::Contradiction => {
                    self.parts[part].search = search;
                    self.begin_blame();
                    continue;
                }
                Found::Nothing if left > 0 => self.stage = Stage::Decided(self.out_of_memory()),
                Found::Nothing => self.parts[part].search = search,
            }
            self.turn = part + 1;
        }
        self.left = self.turn_length;
        self.bytes = self.parts.iter().filter_map(|part| part.search.as_ref()).map(Search::bytes).sum();
        self.progress()
    }
}
