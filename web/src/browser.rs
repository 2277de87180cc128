//! What the browser is asked for: elements and their sizes, the clipboard, what is remembered from visit to visit. All of
//! it may be denied; then the page goes on without.

use gloo::timers::callback::Timeout;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Blob, Document, Element, HtmlElement, Performance, PointerEvent};
use web_sys::{RequestInit, Response, Url, Window};

pub mod address;
pub mod last_words;
pub mod rest;
pub mod sight;
pub mod speech;
pub mod theme;

#[wasm_bindgen]
extern "C" {
    /// Of a window, or of a worker.
    #[wasm_bindgen(thread_local_v2, js_name = performance)]
    static CLOCK: Performance;
}

/// The window; none in a worker.
pub fn window() -> Option<Window> {
    web_sys::window()
}

/// The document.
pub fn document() -> Option<Document> {
    window()?.document()
}

/// An element of the page.
pub fn find<T: JsCast>(selector: &str) -> Option<T> {
    document()?.query_selector(selector).ok().flatten()?.dyn_into().ok()
}

/// A new seed, any that a scenario can hold; `None` where the browser has no randomness to give.
pub fn another_seed() -> Option<u64> {
    getrandom::u64().ok()
}

/// Copies a text; `false` where that is not allowed.
pub async fn copy(text: &str) -> bool {
    let Some(window) = window() else { return false };
    let secure = js_sys::Reflect::get(&window, &"isSecureContext".into()).ok();
    if secure.and_then(|it| it.as_bool()) != Some(true) {
        return false;
    }
    JsFuture::from(window.navigator().clipboard().write_text(text)).await.is_ok()
}

/// Saves a text as a file of this name, as far as the browser allows it.
pub fn save(name: &str, text: &str) -> Option<()> {
    save_blob(name, &Blob::new_with_str_sequence(&js_sys::Array::of1(&text.into())).ok()?)
}

/// Saves bytes as a file of this name, as far as the browser allows it.
pub fn save_blob(name: &str, blob: &Blob) -> Option<()> {
    /// How long the browser may take to read it, in milliseconds.
    const READ: u32 = 60_000;
    let address = Url::create_object_url_with_blob(blob).ok()?;
    let link = document()?.create_element("a").ok()?;
    link.set_attribute("href", &address).ok()?;
    link.set_attribute("download", name).ok()?;
    link.dyn_into::<HtmlElement>().ok()?.click();
    Timeout::new(READ, move || {
        // It fails for no address that was made here.
        let _ = Url::revoke_object_url(&address);
    })
    .forget();
    Some(())
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

/// What is seen until the page has something to show.
pub fn shell() -> Option<Element> {
    document()?.get_element_by_id("shell")
}

/// Takes the shell away, once there is something on the page.
pub fn leave_shell() {
    let app = document().and_then(|document| document.get_element_by_id("app"));
    if let (Some(shell), Some(_)) = (shell(), app.and_then(|app| app.first_element_child())) {
        shell.remove();
    }
}

/// The build of the page, which is in the names of its files, where it was put together.
fn build() -> Option<String> {
    document()?.query_selector("meta[name=build]").ok().flatten()?.get_attribute("content")
}

/// The address of a picture that was drawn with the page, where there are any.
pub fn picture(name: &str) -> Option<String> {
    Some(format!("./pictures/{name}-{}.svg", build()?))
}

/// A text that was written with the page; nothing where it cannot be had.
pub async fn built_text(name: &str) -> Option<String> {
    /// After so many milliseconds it is taken not to come.
    const PATIENCE: u32 = 60_000;
    let init = RequestInit::new();
    init.set_signal(Some(&AbortSignal::timeout_with_u32(PATIENCE)));
    let address = format!("./{name}-{}.txt", build()?);
    let answer = JsFuture::from(window()?.fetch_with_str_and_init(&address, &init)).await.ok()?;
    let answer: Response = answer.unchecked_into();
    let text = answer.text().ok().filter(|_| answer.ok())?;
    JsFuture::from(text).await.ok()?.as_string()
}

/// The size of an element, in pixels.
pub fn size_of(selector: &str) -> Option<(f64, f64)> {
    let element = document()?.query_selector(selector).ok().flatten()?;
    let area = element.get_bounding_client_rect();
    Some((area.width(), area.height()))
}

/// Keeps the pointer with what it went down on, until it is let go. Where that is refused a drag still works within.
pub fn capture(event: &PointerEvent, selector: &str) {
    let target = event.target().and_then(|it| it.dyn_into::<Element>().ok());
    if let Some(element) = target.and_then(|target| target.closest(selector).ok().flatten()) {
        let _ = element.set_pointer_capture(event.pointer_id());
    }
}

/// How many gigabytes of memory the device has, as far as the browser tells; it tells no more than 8.
pub fn memory() -> usize {
    const USUAL: f64 = 4.0;
    let navigator = window().map(|window| window.navigator());
    let told = navigator.and_then(|it| js_sys::Reflect::get(&it, &"deviceMemory".into()).ok());
    (told.and_then(|gigabytes| gigabytes.as_f64()).unwrap_or(USUAL) as usize).clamp(1, 8)
}

/// The milliseconds since the page was opened, or a worker began.
pub fn now() -> f64 {
    CLOCK.with(Performance::now)
}
