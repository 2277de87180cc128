//! The logs that were opened, by numbers: a scenario names its log by such a number, because a setting is one.

use crate::recording::Recording;
use faultline_core::scenario::Caption;
use std::cell::RefCell;
use std::rc::Rc;

/// A log that was opened: what is repeated, and what is said of it.
#[derive(Clone)]
pub(crate) struct Kept {
    pub(crate) recording: Rc<Recording>,
    pub(crate) title: String,
    pub(crate) caption: Caption,
}

thread_local! {
    static SHELF: RefCell<Vec<Kept>> = const { RefCell::new(Vec::new()) };
}

/// Keeps a log for as long as the program runs, because a branch may go back to it; its number, from 1.
pub(crate) fn keep(log: Kept) -> u64 {
    SHELF.with_borrow_mut(|shelf| {
        shelf.push(log);
        shelf.len() as u64
    })
}

/// The log with a number.
pub(crate) fn find(number: u64) -> Option<Kept> {
    SHELF.with_borrow(|shelf| shelf.get(usize::try_from(number.checked_sub(1)?).ok()?).cloned())
}
