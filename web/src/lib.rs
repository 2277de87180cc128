//! The Yew front end: it draws the [`View`](faultline_core::view::View) of a session and speaks the words of
//! scenarios.
//!
//! One component, [`app::App`], owns the session; all others are functions of slices of the View. [`root::Root`] shows the
//! first page until there is a session. What moves between
//! two events is placed by [`picture::motion`], outside of Yew. The modules are rooms: no two use each other, also not
//! through others.
//!
//! **Architecture invariant.** Nothing here knows a type of a protocol or computes a fact about one.
#![allow(clippy::cast_sign_loss)] // Coordinates and times are kept positive where they are made.

pub mod app;
pub mod beside;
pub mod browser;
pub mod crowd;
pub mod dialogs;
pub mod embed;
pub mod front;
pub mod kit;
pub mod lab;
pub mod learn;
pub mod lecture;
pub mod page;
pub mod panels;
pub mod parts;
pub mod picture;
mod recorded;
pub mod root;
pub mod side;
pub mod stage;
pub mod takeaway;
pub mod timeline;
pub mod wishes;
pub mod work;

/// Starts the page. In a worker there is no page, and nothing happens until it is given a task.
pub fn start() {
    yew::set_custom_panic_hook(Box::new(|info| {
        web_sys::console::error_1(&info.to_string().into());
        browser::last_words::say(&info.to_string());
    }));
    let root = browser::document().and_then(|document| document.get_element_by_id("app"));
    if let Some(root) = root {
        #[cfg(feature = "bench")]
        if let Some(wanted) = stage::bench::wanted() {
            yew::Renderer::<stage::bench::Bench>::with_root_and_props(root, wanted).render();
            return;
        }
        yew::Renderer::<root::Root>::with_root(root).render();
    }
}
