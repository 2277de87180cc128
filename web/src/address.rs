//! The page's surroundings: its address, the clipboard, and what it keeps. All of it may be denied by the browser;
//! then the page goes on without.

use std::cell::RefCell;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::{Document, Performance, Window};

#[wasm_bindgen]
extern "C" {
    /// Of a window, or of a worker.
    #[wasm_bindgen(thread_local_v2, js_name = performance)]
    static CLOCK: Performance;
}

thread_local! {
    /// The text of the run that is open, for the last words of a page that breaks.
    static LAST: RefCell<String> = const { RefCell::new(String::new()) };
}

/// The window; none in a worker.
pub fn window() -> Option<Window> {
    web_sys::window()
}

/// The document.
pub fn document() -> Option<Document> {
    window()?.document()
}

/// What stands behind `#` in the address.
pub fn fragment() -> String {
    let hash = window().and_then(|window| window.location().hash().ok()).unwrap_or_default();
    hash.trim_start_matches('#').to_owned()
}

/// Writes what stands behind `#`, in place: the back button leaves the page. Safari refuses more than a hundred
/// times in half a minute; then the next time will do.
pub fn write(fragment: &str) {
    let Some(history) = window().and_then(|window| window.history().ok()) else { return };
    let state = wasm_bindgen::JsValue::NULL;
    let _ = history.replace_state_with_url(&state, "", Some(&format!("#{fragment}")));
}

/// The address without what stands behind `#`.
pub fn base() -> String {
    let href = window().and_then(|window| window.location().href().ok()).unwrap_or_default();
    href.split('#').next().unwrap_or_default().to_owned()
}

/// A new seed, any that a scenario can hold; `None` where the browser has no randomness to give.
pub fn another_seed() -> Option<u64> {
    getrandom::u64().ok()
}

/// Copies a text; `false` where that is not allowed.
pub fn copy(text: &str) -> bool {
    let Some(window) = window() else { return false };
    let secure = js_sys::Reflect::get(&window, &"isSecureContext".into()).ok();
    if secure.and_then(|it| it.as_bool()) != Some(true) {
        return false;
    }
    let done = window.navigator().clipboard().write_text(text);
    // A refusal is no error of the page: the text stays selected for the person to copy.
    let ignore = Closure::<dyn FnMut(wasm_bindgen::JsValue)>::new(|_| {});
    let _ = done.catch(&ignore);
    ignore.forget();
    true
}

/// A thing that is remembered from visit to visit.
pub fn remembered(name: &str) -> Option<String> {
    window()?.local_storage().ok().flatten()?.get_item(name).ok().flatten()
}

/// Remembers it.
pub fn remember(name: &str, value: &str) {
    if let Some(storage) = window().and_then(|window| window.local_storage().ok().flatten()) {
        let _ = storage.set_item(name, value);
    }
}

/// Whether a media query holds.
pub fn media(query: &str) -> bool {
    let found = window().and_then(|window| window.match_media(query).ok().flatten());
    found.is_some_and(|list| list.matches())
}

/// The size of an element, in pixels.
pub fn size_of(selector: &str) -> Option<(f64, f64)> {
    let element = document()?.query_selector(selector).ok().flatten()?;
    let area = element.get_bounding_client_rect();
    Some((area.width(), area.height()))
}

/// Keeps the text of the open run for [`last_words`].
pub fn keep(text: String) {
    LAST.with(|last| *last.borrow_mut() = text);
}

/// Covers the page when the program has broken down: what happened, and the run to copy. Plain elements only: Yew
/// can no longer be trusted.
pub fn last_words(message: &str) {
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
            element("h1", "", "Faultline has broken down")?,
            element(
                "p",
                "",
                "That is a fault of ours, not yours. Below is your run: copy it, load the page again, and open it there. If it happens again, please send it to us.",
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
fn copier(document: &Document, text: String) -> Option<web_sys::Element> {
    let button = document.create_element("button").ok()?;
    button.set_class_name("dark");
    button.set_text_content(Some("Copy the run"));
    let pressed = {
        let button = button.clone();
        Closure::<dyn Fn()>::new(move || {
            let words = if copy(&text) { "Copied" } else { "Click the text to select it, and copy it" };
            button.set_text_content(Some(words));
        })
    };
    button.add_event_listener_with_callback("click", pressed.as_ref().unchecked_ref()).ok()?;
    pressed.forget();
    Some(button)
}

/// The milliseconds since the page was opened, or a worker began.
pub fn now() -> f64 {
    CLOCK.with(Performance::now)
}
