//! Keys that lead the focus from button to button, in menus and toolbars.

use crate::browser;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, SvgElement};

/// The buttons of a menu or a toolbar that are in sight.
pub fn items(within: &Element) -> Vec<Element> {
    let Ok(found) = within.query_selector_all("button") else { return Vec::new() };
    let items = (0..found.length()).filter_map(|place| found.item(place)?.dyn_into::<Element>().ok());
    items.filter(|item| item.get_client_rects().length() > 0).collect()
}

/// Which of the items a key goes to from the one that has the focus, around the ends; `on` and `back` are the arrows.
pub fn next<'a>(items: &'a [Element], key: &str, [on, back]: [&str; 2]) -> Option<&'a Element> {
    let active = browser::document()?.active_element();
    let here = items.iter().position(|item| Some(item) == active.as_ref());
    let count = items.len().max(1);
    match key {
        "Home" => items.first(),
        "End" => items.last(),
        _ if key == on => items.get(here.map_or(0, |here| (here + 1) % count)),
        _ if key == back => items.get(here.map_or(count - 1, |here| (here + count - 1) % count)),
        _ => None,
    }
}

/// Gives the focus to an element of the page or of a picture.
pub fn focus(element: &Element) {
    // It fails only for what has no focus to take.
    if let Some(element) = element.dyn_ref::<HtmlElement>() {
        let _ = element.focus();
    } else if let Some(element) = element.dyn_ref::<SvgElement>() {
        let _ = element.focus();
    }
}
