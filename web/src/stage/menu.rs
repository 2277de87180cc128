//! What may be done to one thing, as a menu beside it: by the right button, by a finger that rests, by key.

use crate::browser;
use crate::kit::prose::renamed;
use crate::kit::roving::{focus, items, next};
use crate::picture::geometry::px;
use crate::wishes::Do;
use crate::wishes::keys;
use faultline_core::NodeId;
use faultline_core::session::Offer;
use std::rc::Rc;
use web_sys::{Element, HtmlElement};
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
            let before = browser::document().and_then(|document| document.active_element());
            if let Some(first) = frame.cast::<Element>().and_then(|frame| items(&frame).into_iter().next()) {
                focus(&first);
            }
            move || {
                // What had the focus gets it back, unless something else has it by now.
                let now = browser::document().and_then(|document| document.active_element());
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
                <span>{ renamed(&offer.label) }if offer.breaks.is_some() { <sup aria-label=", breaks an assumption">{ "†" }</sup> }</span>
                if let Some(key) = key { <kbd aria-hidden="true">{ key.shown }</kbd> }
            </button>
        }
    };
    html! {
        <>
            <div class="menu-ground" onclick={close} oncontextmenu={away}></div>
            <div class="menu" ref={frame} {onkeydown} oncontextmenu={never}>
                <p>{ renamed(name) }</p>
                <div class="offers" role="menu" aria-label={name.clone()}>
                    { for offers.iter().enumerate().map(item) }
                    if let Some(node) = *node {
                        <button class="offer" role="menuitem" tabindex="-1" data-verb="several" onclick={dispatch.reform(move |_: MouseEvent| Do::Several(node))}>{ "Select more nodes" }</button>
                    }
                </div>
            </div>
        </>
    }
}

/// Puts a menu beside a place, so that all of it is on the page.
fn place(frame: &HtmlElement, at: (f64, f64)) {
    let root = browser::document().and_then(|document| document.document_element());
    let Some(root) = root else { return };
    let area = frame.get_bounding_client_rect();
    let fit = |at: f64, size: f64, whole: i32| at.min(f64::from(whole) - size - EDGE).max(EDGE);
    let left = fit(at.0, area.width(), root.client_width());
    let top = fit(at.1, area.height(), root.client_height());
    for (name, value) in [("left", left), ("top", top)] {
        let _ = frame.style().set_property(name, &format!("{}px", px(value)));
    }
}
