//! Whether something is in sight: within the window, and within that of the page around it where this one is in a frame.

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, IntersectionObserver, IntersectionObserverEntry};
use yew::Callback;

/// Looks whether an element is in sight, until it is dropped.
pub struct Sight {
    observer: IntersectionObserver,
    _seen: Closure<dyn FnMut(Vec<IntersectionObserverEntry>)>,
}

impl Sight {
    /// Tells whether an element is in sight, now and whenever that changes; nothing where a browser cannot tell.
    pub fn of(element: &Element, told: Callback<bool>) -> Option<Self> {
        let seen = Closure::<dyn FnMut(_)>::new(move |entries: Vec<IntersectionObserverEntry>| {
            told.emit(entries.last().is_some_and(IntersectionObserverEntry::is_intersecting));
        });
        let observer = IntersectionObserver::new(seen.as_ref().unchecked_ref()).ok()?;
        observer.observe(element);
        Some(Sight { observer, _seen: seen })
    }
}

impl Drop for Sight {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}
