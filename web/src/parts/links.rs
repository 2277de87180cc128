//! What reads links: a link that names its run is read at once, and what reads those that hold one is a part.

use super::room;
use faultline_core::lecture::Lecture;
use faultline_core::link::{self, Linked};
use faultline_core::text::Complaint;
use yew::{Callback, Html};

/// What reads links that hold something.
struct Readers {
    run: fn(&str) -> Result<Linked, Complaint>,
    lecture: fn(&str) -> Result<Lecture, Complaint>,
}

room! {
    /// What reads links that hold a run or a lecture.
    LINKS, links: &'static Readers = &Readers { run: link::read, lecture: link::read_lecture }
}

/// Reads a link whose protocol is here; nothing as long as what reads it has still to arrive, of which `then` is told.
pub fn read(link: &str, then: &Callback<()>) -> Option<Result<Linked, Complaint>> {
    link::named(link).or_else(|| with_readers(then, |readers| (readers.run)(link)))
}

/// Reads a link that holds a lecture; nothing as long as what reads it has still to arrive, of which `then` is told.
pub fn read_lecture(link: &str, then: &Callback<()>) -> Option<Result<Lecture, Complaint>> {
    with_readers(then, |readers| (readers.lecture)(link))
}

fn with_readers<T>(then: &Callback<()>, read: impl FnOnce(&'static Readers) -> T) -> Option<T> {
    let readers = LINKS.here();
    if readers.is_none() {
        LINKS.ask(then);
    }
    readers.map(read)
}

/// The sentence that is said where that cannot be had.
pub fn lost(then: &Callback<()>) -> Option<Html> {
    LINKS.lost(then)
}
