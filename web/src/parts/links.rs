//! What reads links: what reads those that hold a run is a part. What reads those that name one is a part of its own for the
//! laboratory, because a link that says nothing but a protocol, where that opens with nothing set, needs neither.

use super::room;
use faultline_core::lecture::Lecture;
use faultline_core::link::{self, Linked};
use faultline_core::text::Complaint;
use yew::platform::spawn_local;
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

room! {
    /// What reads links that name their run.
    NAMES, names: fn(&str) -> Option<Result<Linked, Complaint>> = link::named
}

/// Has fetched what reads a link that names its run, for the laboratory, before its protocol is here.
pub fn prepare(link: &str) {
    if !link::is_plain(link) && link::only_names(link) {
        spawn_local(async {
            NAMES.come().await;
        });
    }
}

/// Reads a link whose protocol is here; nothing as long as what reads it has still to arrive, of which `then` is told.
pub fn read(link: &str, then: &Callback<()>) -> Option<Result<Linked, Complaint>> {
    link::named(link).or_else(|| with_readers(then, |readers| (readers.run)(link)))
}

/// Reads a link as [`read`] does, for a room that has nothing that reads texts.
pub fn read_apart(link: &str, then: &Callback<()>) -> Option<Result<Linked, Complaint>> {
    if let Some(linked) = link::plain(link) {
        return Some(Ok(linked));
    }
    if !link::only_names(link) {
        return with_readers(then, |readers| (readers.run)(link));
    }
    let read = NAMES.here();
    if read.is_none() {
        NAMES.ask(then);
    }
    read.and_then(|read| read(link))
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
    LINKS.lost(then).or_else(|| NAMES.lost(then))
}
