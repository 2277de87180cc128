//! What the pointer or the keyboard is on is lit in every view. Elements say what they are (`data-is`) and, where that
//! differs, what they light (`data-lights`); the light is an attribute that Yew does not know, so nothing is drawn again.

use crate::address;
use gloo::events::EventListener;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event};

/// What is lit, and what it follows from.
#[derive(Default)]
struct Lit {
    names: String,
    elements: Vec<Element>,
}

/// Lights what the pointer or the focus is on, as long as the listeners live.
pub fn follow() -> Vec<EventListener> {
    let Some(document) = address::document() else { return Vec::new() };
    let lit = Rc::new(RefCell::new(Lit::default()));
    let on = |name: &'static str| {
        let lit = lit.clone();
        EventListener::new(&document, name, move |event| {
            let names = names_of(event).filter(|_| name != "focusout");
            lit.borrow_mut().show(&names.unwrap_or_default());
        })
    };
    vec![on("pointerover"), on("focusin"), on("focusout")]
}

/// What the target of an event lights.
fn names_of(event: &Event) -> Option<String> {
    let target = event.target()?.dyn_into::<Element>().ok()?;
    let element = target.closest("[data-is], [data-lights]").ok().flatten()?;
    element.get_attribute("data-lights").or_else(|| element.get_attribute("data-is"))
}

impl Lit {
    fn show(&mut self, names: &str) {
        if names == self.names {
            return;
        }
        names.clone_into(&mut self.names);
        for element in self.elements.drain(..) {
            let _ = element.remove_attribute("data-lit");
        }
        let Some(document) = address::document() else { return };
        let wanted: Vec<_> = names.split_whitespace().map(|name| format!("[data-is~=\"{name}\"]")).collect();
        if wanted.is_empty() {
            return;
        }
        // The names are our own, so the selector can be read.
        let Ok(found) = document.query_selector_all(&wanted.join(",")) else { return };
        let elements = (0..found.length()).filter_map(|place| found.item(place)?.dyn_into::<Element>().ok());
        self.elements = elements.collect();
        for element in &self.elements {
            let _ = element.set_attribute("data-lit", "");
        }
    }
}
