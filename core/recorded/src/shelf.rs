//! The logs that were opened, by numbers: a scenario names its log by such a number, because a setting is
//! one.

use crate::recording::Recording;
use faultline_core::scenario::Caption;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

/// A log that was opened: what is repeated, and what is said of it.
#[derive(Clone)]
pub(crate) struct Kept {
    pub(crate) recording: Rc<Recording>,
    pub(crate) title: String,
    pub(crate) caption: Caption,
}

/// How many are kept: the run of an older one can be looked at as long as it is open, and not be found again
/// by its number.
const MOST: usize = 16;

thread_local! {
    static SHELF: RefCell<(u64, VecDeque<Kept>)> = const { RefCell::new((0, VecDeque::new())) };
}

/// Keeps a log, because a branch may go back to it; its number, from 1.
pub(crate) fn keep(log: Kept) -> u64 {
    SHELF.with_borrow_mut(|(count, shelf)| {
        shelf.push_back(log);
        if shelf.len() > MOST {
            shelf.pop_front();
        }
        *count += 1;
        *count
    })
}

/// The log with a number.
pub(crate) fn find(number: u64) -> Option<Kept> {
    SHELF.with_borrow(|(count, shelf)| {
        let ago = usize::try_from(count.checked_sub(number)?).ok()?;
        shelf.iter().rev().nth(ago).cloned()
    })
}
