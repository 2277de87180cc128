//! What arrives when it is needed, where the program is split: protocols, and rooms of the page. Where it is whole, everything
//! is here.

use faultline_core::catalogue::{Leaf, find, known};
use faultline_core::link::{protocol_of, run_of};
use std::cell::Cell;
use std::future::ready;
use std::pin::Pin;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU8, Ordering};
use yew::platform::spawn_local;
use yew::prelude::*;

pub mod links;
pub mod texts;

/// What comes of a fetch, once that is known.
pub type Arrival<T> = Pin<Box<dyn Future<Output = T>>>;
/// Fetches a protocol by its slug, where there is such a part; whether it is in the catalogue then.
pub type Fetch = fn(&str) -> Option<Arrival<bool>>;

thread_local! {
    static FETCH: Cell<Option<Fetch>> = const { Cell::new(None) };
}

/// Says how protocols are fetched: the first thing that a split program does.
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

/// The protocol of a link, where that has still to arrive, or the text of the run that the link names.
pub fn lacking(link: &str) -> Option<&'static Leaf> {
    let leaf = known(protocol_of(link))?;
    find(leaf.slug).is_none_or(|entry| !entry.has_text(run_of(link))).then_some(leaf)
}

/// Fetches what has to be here before a link can be read, if that has still to arrive; whether it is here then.
pub async fn link(link: &str) -> bool {
    let slug = protocol_of(link);
    protocol(slug).await
        && match find(slug) {
            Some(entry) => texts::run(entry, run_of(link)).await,
            None => false,
        }
}

/// Fetches what has to be here before a link can be read, and then tells whether it is.
pub fn fetch_link(link: String, then: Callback<bool>) {
    spawn_local(async move { then.emit(self::link(&link).await) });
}

/// Fetches a protocol and the texts of all its runs, and then tells whether they are here.
pub fn fetch_whole(slug: &'static str, then: Callback<bool>) {
    spawn_local(async move {
        let came = protocol(slug).await
            && match find(slug) {
                Some(entry) => texts::all(entry).await,
                None => false,
            };
        then.emit(came);
    });
}

/// A room of the page that arrives when it is entered: a function, which leads to all of it.
pub struct Room<T: 'static> {
    /// What leads to it, where it is in the program.
    whole: Option<T>,
    /// What leads to it, once it has arrived.
    here: OnceLock<T>,
    door: Door,
}

/// What has a room fetched. It knows nothing of what the room is, so that it is compiled once.
struct Door {
    fetch: fn() -> Arrival<bool>,
    /// [`IDLE`], [`ASKED`], [`FAILED`] or [`OPEN`].
    state: AtomicU8,
}

const IDLE: u8 = 0;
const ASKED: u8 = 1;
const FAILED: u8 = 2;
const OPEN: u8 = 3;

impl<T: Copy> Room<T> {
    /// A room that is fetched like this: with [`Room::arrive`], if it can be had.
    pub const fn part(fetch: fn() -> Arrival<bool>) -> Self {
        let door = Door { fetch, state: AtomicU8::new(IDLE) };
        Room { whole: None, here: OnceLock::new(), door }
    }

    /// A room that is here.
    pub const fn whole(entrance: T) -> Self {
        let door = Door { fetch: || Box::pin(ready(true)), state: AtomicU8::new(OPEN) };
        Room { whole: Some(entrance), here: OnceLock::new(), door }
    }

    /// Says what leads to it: it is here.
    pub fn arrive(&self, here: T) {
        self.here.get_or_init(|| here);
    }

    /// What leads to it, if it is here.
    pub fn here(&self) -> Option<T> {
        self.whole.or_else(|| self.here.get().copied())
    }

    /// What leads to it, once it is here; nothing where it cannot be had.
    pub async fn come(&'static self) -> Option<T> {
        self.door.come().await;
        self.here()
    }

    /// Draws the room. While it is fetched a line says so, and `then` is told what has come of it; where it cannot be had, a
    /// sentence says so.
    pub fn draw(&'static self, then: &Callback<()>, draw: impl FnOnce(T) -> Html) -> Html {
        if let Some(here) = self.here() {
            return draw(here);
        }
        self.ask(then);
        self.lost(then).unwrap_or_else(|| html! { <p class="empty" role="status">{ "Loading…" }</p> })
    }

    /// Has the room fetched, if it is not here, whoever else waits for it; `then` is told what has come of it.
    pub fn enter(&'static self, then: Callback<()>) {
        if self.here().is_none() {
            self.door.enter(then);
        }
    }

    /// Has the room fetched, unless that has been tried; `then` is told what has come of it.
    pub fn ask(&'static self, then: &Callback<()>) {
        self.door.ask(then);
    }

    /// The sentence that is said where the room cannot be had.
    pub fn lost(&'static self, then: &Callback<()>) -> Option<Html> {
        self.door.lost(then)
    }
}

impl Door {
    async fn come(&self) {
        if self.state.load(Ordering::Relaxed) != OPEN {
            let state = if (self.fetch)().await { OPEN } else { FAILED };
            self.state.store(state, Ordering::Relaxed);
        }
    }

    fn enter(&'static self, then: Callback<()>) {
        spawn_local(async move {
            self.come().await;
            then.emit(());
        });
    }

    fn ask(&'static self, then: &Callback<()>) {
        if self.state.load(Ordering::Relaxed) == IDLE {
            self.state.store(ASKED, Ordering::Relaxed);
            self.enter(then.clone());
        }
    }

    fn lost(&'static self, then: &Callback<()>) -> Option<Html> {
        (self.state.load(Ordering::Relaxed) == FAILED).then(|| {
            let then = then.clone();
            failed(Callback::from(move |_: MouseEvent| {
                self.state.store(IDLE, Ordering::Relaxed);
                self.ask(&then);
            }))
        })
    }
}

/// The sentence about a part of the page that cannot be had.
pub fn failed(again: Callback<MouseEvent>) -> Html {
    html! {
        <div class="banner" role="alert">
            <p>{ "This part of the page could not be loaded. Check your connection and try again. If Faultline has been updated meanwhile, reload the page." }</p>
            <button class="plain" data-tool="retry" onclick={again}>{ "Try again" }</button>
        </div>
    }
}

/// Declares a room: its name, that of the part, its type, and the function that leads to all of it.
#[cfg(feature = "split")]
macro_rules! room {
    ($(#[$doc:meta])* $room:ident, $part:ident: $type:ty = $entrance:expr) => {
        $(#[$doc])*
        static $room: $crate::parts::Room<$type> = {
            #[wasm_split_helpers::wasm_split($part, fallible)]
            fn $part() -> Result<$type, wasm_split_helpers::SplitLoaderError> {
                Ok($entrance)
            }
            $crate::parts::Room::part(|| Box::pin(async { $part().await.map(|here| $room.arrive(here)).is_ok() }))
        };
    };
}
/// Declares a room: its name, that of the part, its type, and the function that leads to all of it.
#[cfg(not(feature = "split"))]
macro_rules! room {
    ($(#[$doc:meta])* $room:ident, $part:ident: $type:ty = $entrance:expr) => {
        $(#[$doc])*
        static $room: $crate::parts::Room<$type> = $crate::parts::Room::whole($entrance);
    };
}
pub(crate) use room;
