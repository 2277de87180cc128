//! The Yew front end: it draws the [`View`](faultline_core::view::View) of a session and speaks the words of
//! scenarios.
//!
//! One component, [`app::App`], owns the session; all others are functions of slices of the View. What moves between
//! two events is placed by [`motion`], outside of Yew.
//!
//! **Architecture invariant.** Nothing here knows a type of a protocol or computes a fact about one.
#![allow(clippy::cast_sign_loss)] // Coordinates and times are kept positive where they are made.

pub mod about;
pub mod acts;
pub mod address;
pub mod answer;
pub mod app;
pub mod astable;
#[cfg(feature = "bench")]
pub mod bench;
pub mod beside;
pub mod branches;
pub mod causality;
pub mod claims;
pub mod crowd;
pub mod diagram;
pub mod dialogs;
pub mod editor;
pub mod files;
pub mod film;
pub mod geometry;
pub mod haul;
pub mod hero;
pub mod home;
pub mod hue;
pub mod icons;
pub mod inbox;
pub mod inspector;
pub mod keys;
pub mod lab;
pub mod labels;
pub mod lasso;
pub mod legend;
pub mod light;
pub mod links;
pub mod log;
pub mod menu;
pub mod motion;
pub mod msg;
pub mod pace;
pub mod paint;
pub mod palette;
pub mod panels;
pub mod plate;
pub mod prose;
pub mod rest;
pub mod set;
pub mod shapes;
pub mod speech;
pub mod stage;
pub mod store;
pub mod swarm;
pub mod tally;
pub mod thumbnail;
pub mod toolbar;
pub mod tools;
pub mod transport;
pub mod work;
pub mod worker;

/// Starts the page. In a worker there is no page, and nothing happens until it is given a task.
pub fn start() {
    yew::set_custom_panic_hook(Box::new(|info| {
        web_sys::console::error_1(&info.to_string().into());
        address::last_words(&info.to_string());
    }));
    let root = address::document().and_then(|document| document.get_element_by_id("app"));
    if let Some(root) = root {
        // The shell that was shown until now makes room.
        root.set_text_content(None);
        #[cfg(feature = "bench")]
        if let Some(wanted) = bench::wanted() {
            yew::Renderer::<bench::Bench>::with_root_and_props(root, wanted).render();
            return;
        }
        yew::Renderer::<app::App>::with_root(root).render();
    }
}
