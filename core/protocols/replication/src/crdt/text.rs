//! The sequence for text: RGA, the replicated growable array (Roh et al. 2011; RR-7506, specification 19).

use super::Bugs;
use super::clock::{Dot, Replica, Stamp};
use super::logoot::Position;
use faultline_core::prelude::*;
use faultline_core::toolbox::hole::wrong;

/// A few letters that are typed at once.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
#[words("{0}")]
pub struct Word(pub String);

/// A character. It is told by its timestamp, and keeps that of the character that it was typed after.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Character {
    /// When it was typed.
    pub stamp: Stamp,
    /// The update that typed it.
    pub dot: Dot,
    /// The character to its left then; none at the beginning.
    pub after: Option<Stamp>,
    /// Its position, where characters have some (Logoot); empty in RGA.
    pub position: Position,
    /// What it is.
    pub letter: char,
    /// Whether it was erased: then it is a tombstone, which others may have typed after.
    pub erased: bool,
}

/// The characters in the order of the text, tombstones among them.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text {
    pub(super) letters: Vec<Character>,
}

impl Text {
    /// The characters that are shown.
    pub(super) fn visible(&self) -> impl DoubleEndedIterator<Item = &Character> {
        self.letters.iter().filter(|letter| !letter.erased)
    }

    /// The new characters of a word that is typed after so many visible ones, at this time.
    pub(super) fn typed(&self, word: &Word, at: usize, dot: Dot, time: u64, bugs: &Bugs) -> Vec<Character> {
        let mut after = at.checked_sub(1).and_then(|place| self.visible().nth(place)).map(|it| it.stamp);
        let positions = match bugs.logoot_positions {
            true => self.positions_between(after, word.0.len(), dot.0),
            false => vec![Position::default(); word.0.len()],
        };
        let letters = word.0.chars().zip(positions).zip(time..);
        let letters = letters.map(|((letter, position), time)| {
            let stamp = Stamp(time, dot.0);
            let typed = Character { stamp, dot, after, position, letter, erased: false };
            after = Some(stamp);
            typed
        });
        letters.collect()
    }

    /// Positions between a character and whatever stands behind it, tombstones as well.
    fn positions_between(&self, after: Option<Stamp>, count: usize, by: Replica) -> Vec<Position> {
        let place = self.behind(after);
        let left = place.checked_sub(1).map(|place| &self.letters[place].position);
        let right = self.letters.get(place).map(|it| &it.position);
        Position::between(left, right, count as u64, by)
    }

    /// The place behind a character: the beginning behind none, and the end behind one that is not here.
    fn behind(&self, after: Option<Stamp>) -> usize {
        let Some(after) = after else { return 0 };
        let found = self.letters.iter().position(|letter| letter.stamp == after);
        found.map_or(self.letters.len(), |place| place + 1)
    }

    /// Inserts a character behind the one that it was typed after. Where others were typed after the same one, the latest stands
    /// first, so it goes past all that are later than itself.
    pub(super) fn insert(&mut self, letter: &Character) {
        let mut place = self.behind(letter.after);
        if letter.position == Position::default() {
            while self.letters.get(place).is_some_and(|next| next.stamp > letter.stamp) {
                place += 1;
            }
        } else {
            place = self.letters.partition_point(|other| other.position < letter.position);
        }
        self.letters.insert(place, letter.clone());
    }

    /// Erases a character: it becomes a tombstone.
    pub(super) fn erase(&mut self, stamp: Stamp, bugs: &Bugs) {
        if bugs.no_tombstones {
            return self.letters.retain(|letter| letter.stamp != stamp);
        }
        if let Some(letter) = self.letters.iter_mut().find(|letter| letter.stamp == stamp) {
            letter.erased = true;
        }
    }

    /// The least upper bound: the characters of both, and what either side has erased. They are inserted in the order of their
    /// timestamps, so each comes after the one that it was typed after.
    pub(super) fn merge(&mut self, other: &Text, bugs: &Bugs) {
        let is_here = |stamp: Stamp| self.letters.iter().any(|letter| letter.stamp == stamp);
        let mut new: Vec<_> = other.letters.iter().filter(|letter| !is_here(letter.stamp)).collect();
        new.sort_unstable_by_key(|letter| letter.stamp);
        for letter in new {
            self.insert(letter);
        }
        for letter in other.letters.iter().filter(|letter| letter.erased) {
            self.erase(letter.stamp, bugs);
        }
    }

    /// What is shown: `abc`.
    pub(super) fn shown(&self) -> String {
        self.visible().map(|letter| letter.letter).collect()
    }

    /// The same with tombstones in brackets: `a(b)c`.
    pub(super) fn with_tombstones(&self) -> String {
        let letter =
            |it: &Character| if it.erased { format!("({})", it.letter) } else { it.letter.to_string() };
        self.letters.iter().map(letter).collect()
    }
}

impl Hole for Word {
    fn read(word: &str) -> Result<Self, String> {
        const LONGEST: usize = 12;
        let is_word = (1..=LONGEST).contains(&word.len()) && word.bytes().all(|it| it.is_ascii_alphabetic());
        match is_word {
            true => Ok(Word(word.to_owned())),
            false => Err(wrong(word, "one to twelve letters, as in `Type abc at 0`")),
        }
    }
}
