//! What the top bar has on every page.

use crate::kit::icons::{self, Icon};
use yew::prelude::*;

/// The way to the first page.
pub fn logo() -> Html {
    html! {
        <a class="logo" href="#/" aria-label="Faultline, all protocols">
            <svg viewBox="0 0 30 16" width="30" height="16" aria-hidden="true"><path d="M1 8 h8 l3 -6 l5 12 l3 -6 h9" /></svg>
            <span>{ "faultline" }</span>
        </a>
    }
}

/// The button that turns to the next colour scheme; `name` is the one that is shown.
pub fn theme(name: &str, onclick: Callback<MouseEvent>) -> Html {
    let scheme = format!("Colours: {name}");
    html! { <button class="quiet theme" aria-label={scheme.clone()} title={scheme} {onclick}>{ icons::draw(Icon::Theme) }</button> }
}
