//! What the pointer or the keyboard is on is lit in every view, and what is picked stays marked. Elements say what they
//! are (`data-is`) and, where that differs, what they light (`data-lights`); the light is an attribute that Yew does not
//! know, so nothing is drawn again.
//!
//! Names: `n1` a node, `n1-n2` a link, `m5:n1>n2` the message that event 5 sent there, `e5` an event, `a0` an act.

use crate::browser;
use crate::kit::prose;
use faultline_core::NodeId;
use faultline_core::view::{Bearers, View};
use gloo::events::EventListener;
use std::cell::RefCell;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event};

/// One light: under which attribute it is set, on what, and on which elements that is.
struct Light {
    attribute: &'static str,
    names: String,
    elements: Vec<Element>,
}

thread_local! {
    /// The names under the pointer or the focus, and the names of the selection.
    static LIGHTS: RefCell<[Light; 2]> = const { RefCell::new([Light::new("data-lit"), Light::new("data-picked")]) };
}

/// Lights what the pointer or the focus is on, as long as the listeners live.
pub fn follow() -> Vec<EventListener> {
    let Some(document) = browser::document() else { return Vec::new() };
    let on = |name: &'static str| {
        EventListener::new(&document, name, move |event| {
            let names = names_of(event).filter(|_| name != "focusout").unwrap_or_default();
            LIGHTS.with_borrow_mut(|[pointed, _]| {
                if names != pointed.names {
                    pointed.show(names);
                }
            });
        })
    };
    vec![on("pointerover"), on("focusin"), on("focusout")]
}

/// Marks what is picked, and lights again what the pointer is on: something may have been drawn since.
pub fn again(picked: String) {
    LIGHTS.with_borrow_mut(|[pointed, marked]| {
        let names = std::mem::take(&mut pointed.names);
        pointed.show(names);
        marked.show(picked);
    });
}

/// What the target of an event lights.
fn names_of(event: &Event) -> Option<String> {
    let target = event.target()?.dyn_into::<Element>().ok()?;
    let element = target.closest("[data-is], [data-lights]").ok().flatten()?;
    element.get_attribute("data-lights").or_else(|| element.get_attribute("data-is"))
}

/// The nodes that some words name, as names of what is lit.
pub fn named(words: &str) -> String {
    let words = words.split(|letter: char| !letter.is_ascii_alphanumeric());
    words.filter_map(prose::node_of).map(|node| node.to_string()).collect::<Vec<_>>().join(" ")
}

/// What a message is called where the same thing is lit in all views: the event that sent it, and its link.
pub fn way(cause: usize, from: NodeId, to: NodeId) -> String {
    format!("m{cause}:{from}>{to}")
}

/// What bears a name, as names of what is lit.
pub fn of(bearers: &Bearers, view: &View) -> Vec<String> {
    let messages = bearers.messages.iter().filter_map(|place| view.messages.get(*place));
    let messages = messages.map(|message| way(message.cause, message.from, message.to));
    bearers.nodes.iter().map(ToString::to_string).chain(messages).collect()
}

impl Light {
    const fn new(attribute: &'static str) -> Self {
        Light { attribute, names: String::new(), elements: Vec::new() }
    }

    fn show(&mut self, names: String) {
        for element in self.elements.drain(..) {
            let _ = element.remove_attribute(self.attribute);
        }
        self.names = names;
        let wanted: Vec<_> =
            self.names.split_whitespace().map(|name| format!("[data-is~=\"{name}\"]")).collect();
        let Some(document) = browser::document().filter(|_| !wanted.is_empty()) else { return };
        // The names are our own, so the selector can be read.
        let Ok(found) = document.query_selector_all(&wanted.join(",")) else { return };
        let elements = (0..found.length()).filter_map(|place| found.item(place)?.dyn_into::<Element>().ok());
        self.elements = elements.collect();
        for element in &self.elements {
            let _ = element.set_attribute(self.attribute, "");
        }
    }
}
