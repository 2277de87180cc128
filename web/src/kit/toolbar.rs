//! A row of buttons that is one stop of the Tab key. Within it ← → lead from button to button, but only for who came by
//! key: after a click they step through the run, as they do everywhere else.

use crate::kit::roving::{focus, items, next};
use wasm_bindgen::JsCast;
use web_sys::{Element, Node};
use yew::prelude::*;

/// The listeners of a toolbar, and which of its buttons is the stop.
pub struct Toolbar {
    stop: usize,
    /// A key is pressed.
    pub press: Callback<KeyboardEvent>,
    /// A button gets the focus.
    pub enter: Callback<FocusEvent>,
    /// It loses it.
    pub leave: Callback<FocusEvent>,
    /// A pointer goes down.
    pub touch: Callback<PointerEvent>,
}

impl Toolbar {
    /// The `tabindex` of a button, by its place.
    pub fn tab(&self, place: usize) -> &'static str {
        if place == self.stop { "0" } else { "-1" }
    }
}

fn toolbar_of(event: &Event) -> Option<(Element, Element)> {
    let button = event.target()?.dyn_into::<Element>().ok()?.closest("button").ok()??;
    Some((button.closest("[role=toolbar]").ok()??, button))
}

/// Makes a toolbar whose stop is the button at a place, until another one has the focus.
#[hook]
pub fn use_toolbar(first: usize) -> Toolbar {
    let (stop, by_key) = (use_state(|| None::<usize>), use_mut_ref(|| false));
    let press = {
        let by_key = by_key.clone();
        Callback::from(move |event: KeyboardEvent| {
            let Some((bar, _)) = toolbar_of(&event).filter(|_| *by_key.borrow()) else { return };
            if let Some(next) = next(&items(&bar), &event.key(), ["ArrowRight", "ArrowLeft"]) {
                event.prevent_default();
                event.stop_propagation();
                focus(next);
            }
        })
    };
    let enter = {
        let (stop, by_key) = (stop.clone(), by_key.clone());
        Callback::from(move |event: FocusEvent| {
            let Some((bar, button)) = toolbar_of(&event) else { return };
            // Later it would not tell: any key makes the focus visible.
            by_key.replace(button.matches(":focus-visible").unwrap_or(false));
            let Ok(all) = bar.query_selector_all("button") else { return };
            let here = (0..all.length()).find(|&place| all.item(place).as_ref() == Some(button.as_ref()));
            stop.set(here.map(|place| place as usize));
        })
    };
    let leave = {
        let stop = stop.clone();
        Callback::from(move |event: FocusEvent| {
            let to = event.related_target().and_then(|it| it.dyn_into::<Node>().ok());
            if !toolbar_of(&event).is_some_and(|(bar, _)| bar.contains(to.as_ref())) {
                stop.set(None);
            }
        })
    };
    let touch = Callback::from(move |_: PointerEvent| _ = by_key.replace(false));
    Toolbar { stop: stop.unwrap_or(first), press, enter, leave, touch }
}
