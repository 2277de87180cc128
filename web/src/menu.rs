//! What may be done to one thing, as a menu beside it: by the right button, by a finger that rests, by key.

use crate::address;
use crate::keys;
use crate::msg::Do;
use faultline_core::NodeId;
use faultline_core::session::Offer;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, SvgElement};
use yew::prelude::*;

/// How far a menu keeps from the edges of the page.
const EDGE: f64 = 8.0;

/// What the menu shows.
#[derive(Properties, PartialEq)]
pub struct MenuProps {
    /// What it is about.
    pub name: String,
    /// Where it was asked for.
    pub at: (f64, f64),
    /// What may be done.
    pub offers: Rc<Vec<Offer>>,
    /// The node with which others may be picked.
    pub node: Option<NodeId>,
    /// Who is told.
    pub dispatch: Callback<Do>,
}

/// The menu.
#[component]
pub fn Menu(MenuProps { name, at, offers, node, dispatch }: &MenuProps) -> Html {
    let frame = use_node_ref();
    {
        let frame = frame.clone();
        use_effect_with((), move |()| {
            let before = address::document().and_then(|document| document.active_element());
            if let Some(first) = frame.cast::<Element>().and_then(|frame| items(&frame).into_iter().next()) {
                focus(&first);
            }
            move || {
                // What had the focus gets it back, unless something else has it by now.
                let now = address::document().and_then(|document| document.active_element());
                let lost = now.is_none_or(|now| now.matches("body, .menu *").unwrap_or(true));
                if let Some(before) = before.filter(|_| lost) {
                    focus(&before);
                }
            }
        });
    }
    {
        let frame = frame.clone();
        use_effect_with((*at, offers.len()), move |&(at, _)| {
            if let Some(frame) = frame.cast::<HtmlElement>() {
                place(&frame, at);
            }
        });
    }
    let close = dispatch.reform(|_: MouseEvent| Do::CloseMenu);
    let away = dispatch.reform(|event: MouseEvent| {
        event.prevent_default();
        Do::CloseMenu
    });
    let never = Callback::from(|event: MouseEvent| event.prevent_default());
    let onkeydown = {
        let dispatch = dispatch.clone();
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Tab" {
                event.prevent_default();
                dispatch.emit(Do::CloseMenu);
                return;
            }
            let menu =
                event.target_dyn_into::<Element>().and_then(|it| it.closest("[role=menu]").ok().flatten());
            let items = menu.map(|menu| items(&menu)).unwrap_or_default();
            if let Some(next) = next(&items, &event.key(), ["ArrowDown", "ArrowUp"]) {
                event.prevent_default();
                focus(next);
            }
        })
    };
    let item = |(place, offer): (usize, &Offer)| {
        let first = offers.iter().position(|other| other.verb == offer.verb) == Some(place);
        let key = keys::of_verb(offer.verb).filter(|_| first);
        let words = offer.words.clone();
        let onclick = dispatch.reform(move |_: MouseEvent| Do::Act(words.clone()));
        html! {
            <button class="offer" role="menuitem" tabindex="-1" data-verb={offer.verb} title={offer.breaks} aria-keyshortcuts={key.map(keys::aria_of)} {onclick}>
                <span>{ &offer.label }if offer.breaks.is_some() { <sup aria-label=", beyond what is assumed">{ "†" }</sup> }</span>
                if let Some(key) = key { <kbd aria-hidden="true">{ key.shown }</kbd> }
            </button>
        }
    };
    html! {
        <>
            <div class="menu-ground" onclick={close} oncontextmenu={away}></div>
            <div class="menu" ref={frame} {onkeydown} oncontextmenu={never}>
                <p>{ name }</p>
                <div class="offers" role="menu" aria-label={name.clone()}>
                    { for offers.iter().enumerate().map(item) }
                    if let Some(node) = *node {
                        <button class="offer" role="menuitem" tabindex="-1" data-verb="several" onclick={dispatch.reform(move |_: MouseEvent| Do::Several(node))}>{ "Pick others, too" }</button>
                    }
                </div>
            </div>
        </>
    }
}

/// The buttons of a menu or a toolbar that are in sight.
pub fn items(within: &Element) -> Vec<Element> {
    let Ok(found) = within.query_selector_all("button") else { return Vec::new() };
    let items = (0..found.length()).filter_map(|place| found.item(place)?.dyn_into::<Element>().ok());
    items.filter(|item| item.get_client_rects().length() > 0).collect()
}

/// Which of the items a key goes to from the one that has the focus, around the ends; `on` and `back` are the arrows.
pub fn next<'a>(items: &'a [Element], key: &str, [on, back]: [&str; 2]) -> Option<&'a Element> {
    let active = address::document()?.active_element();
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

/// Puts a menu beside a place, so that all of it is on the page.
fn place(frame: &HtmlElement, at: (f64, f64)) {
    let root = address::document().and_then(|document| document.document_element());
    let Some(root) = root else { return };
    let area = frame.get_bounding_client_rect();
    let fit = |at: f64, size: f64, whole: i32| at.min(f64::from(whole) - size - EDGE).max(EDGE);
    let left = fit(at.0, area.width(), root.client_width());
    let top = fit(at.1, area.height(), root.client_height());
    for (name, value) in [("left", left), ("top", top)] {
        let _ = frame.style().set_property(name, &format!("{value}px"));
    }
}
