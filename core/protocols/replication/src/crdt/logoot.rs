//! Positions in place of neighbours, as Logoot has them (Weiss, Urso and Molli 2009): dense, so that there is always room between two.
//! Two that are chosen concurrently in one gap mix, and so do the words whose characters have them.

use super::clock::Replica;

/// A position: digits, each with the replica that chose it, compared from the first on.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position(Vec<(u64, Replica)>);

/// Digits are below this.
const BASE: u64 = 100;

impl Position {
    /// So many positions between two others, evenly apart: with as few digits as there is room for them.
    pub(super) fn between(left: Option<&Self>, right: Option<&Self>, count: u64, by: Replica) -> Vec<Self> {
        let mut prefix = Vec::new();
        let mut right = right.map(|position| position.0.as_slice());
        loop {
            let depth = prefix.len();
            let high = right.and_then(|digits| digits.get(depth)).copied();
            let least = high.filter(|(digit, _)| *digit == 0).unwrap_or((0, by));
            let low = left.and_then(|position| position.0.get(depth)).copied().unwrap_or(least);
            let gap = high.map_or(BASE, |(digit, _)| digit).saturating_sub(low.0);
            if gap > count {
                let place = |nth| (low.0 + gap * nth / (count + 1), by);
                return (1..=count).map(|nth| Position([&prefix[..], &[place(nth)]].concat())).collect();
            }
            // What goes on behind the left one's digits is before the right one as soon as their digits differ.
            right = right.filter(|_| high == Some(low));
            prefix.push(low);
        }
    }
}
