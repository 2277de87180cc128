//! What a page says when the program has broken down.

use super::{copy, document};
use std::cell::RefCell;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Document, Element};

thread_local! {
    /// The text of the open run, which the page shows if it crashes.
    static LAST: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Keeps the text of the open run for [`say`].
pub fn keep(text: String) {
    LAST.with(|last| *last.borrow_mut() = text);
}

/// Covers the page when the program has broken down: what happened, and the run to copy. Plain elements only: Yew
/// can no longer be trusted.
pub fn say(message: &str) {
    let text = LAST.with(|last| last.try_borrow().map(|text| text.clone()).unwrap_or_default());
    let cover = || -> Option<()> {
        let document = document()?;
        let element = |name: &str, class: &str, text: &str| {
            let element = document.create_element(name).ok()?;
            element.set_class_name(class);
            element.set_text_content(Some(text));
            Some(element)
        };
        let cover = element("div", "broken", "")?;
        cover.set_attribute("role", "alert").ok()?;
        for part in [
            element("h1", "", "Faultline has crashed")?,
            element(
                "p",
                "",
                "This is our fault, not yours. Copy the run below, reload the page, and open the run there. If Faultline crashes again, please send us the run.",
            )?,
            element("pre", "", &text)?,
            copier(&document, text.clone())?,
            element("pre", "small", message)?,
        ] {
            cover.append_child(&part).ok()?;
        }
        document.body()?.append_child(&cover).ok()?;
        Some(())
    };
    // Without a document there is nobody to tell.
    let _ = cover();
}

/// A button that copies a text. It needs nothing of the page, which may be in pieces.
fn copier(document: &Document, text: String) -> Option<Element> {
    let button = document.create_element("button").ok()?;
    button.set_class_name("dark");
    button.set_text_content(Some("Copy the run"));
    let pressed = {
        let button = button.clone();
        Closure::<dyn Fn()>::new(move || {
            let (button, text) = (button.clone(), text.clone());
            wasm_bindgen_futures::spawn_local(async move {
                let done = copy(&text).await;
                let words = if done { "Copied" } else { "Click the text to select it, then copy it" };
                button.set_text_content(Some(words));
            });
        })
    };
    button.add_event_listener_with_callback("click", pressed.as_ref().unchecked_ref()).ok()?;
    pressed.forget();
    Some(button)
}
