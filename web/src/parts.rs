//! What arrives when it is needed, where the program is split: protocols. Nothing waits where it is whole, for then
//! everything is there.

use faultline_core::catalogue::{Leaf, find, known};
use std::cell::Cell;
use std::pin::Pin;
use yew::Callback;
use yew::platform::spawn_local;

/// Whether something has arrived, once that is known.
pub type Arrival = Pin<Box<dyn Future<Output = bool>>>;
/// Fetches a protocol by its slug, where there is such a part.
pub type Fetch = fn(&str) -> Option<Arrival>;

thread_local! {
    static FETCH: Cell<Option<Fetch>> = const { Cell::new(None) };
}

/// Says how parts are fetched: the first thing that a split program does.
pub fn begin(fetch: Fetch) {
    FETCH.set(Some(fetch));
}

/// The protocol of a slug, where it has still to arrive.
pub fn missing(slug: &str) -> Option<&'static Leaf> {
    known(slug).filter(|_| find(slug).is_none())
}

/// Fetches the protocol of a slug, if it has still to arrive; whether it is there then.
pub async fn protocol(slug: &str) -> bool {
    if missing(slug).is_none() {
        return true;
    }
    match FETCH.get().and_then(|fetch| fetch(slug)) {
        Some(arrival) => arrival.await,
        None => false,
    }
}

/// Fetches the protocol of a slug, and then tells whether it is there.
pub fn fetch(slug: &'static str, then: Callback<bool>) {
    spawn_local(async move { then.emit(protocol(slug).await) });
}
