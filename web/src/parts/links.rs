//! What reads links: a link that names its run is read at once, and what reads those that hold one is a part.

use super::room;
use faultline_core::link::{self, Linked};
use faultline_core::text::Complaint;
use yew::{Callback, Html};

room! {
    /// What reads links that hold a run.
    LINKS, links: fn(&str) -> Result<Linked, Complaint> = link::read
}

/// Reads a link whose protocol is here; nothing as long as what reads it has still to arrive, of which `then` is told.
pub fn read(link: &str, then: &Callback<()>) -> Option<Result<Linked, Complaint>> {
    let read = link::named(link).or_else(|| LINKS.here().map(|read| read(link)));
    if read.is_none() {
        LINKS.ask(then);
    }
    read
}

/// The sentence that is said where that cannot be had.
pub fn lost(then: &Callback<()>) -> Option<Html> {
    LINKS.lost(then)
}
