//! The page's address. What stands behind `#` in it is the run.

use super::window;
use web_sys::UrlSearchParams;

/// What stands behind `#` in the address, without what a host has added behind another `#`.
pub fn fragment() -> String {
    let hash = window().and_then(|window| window.location().hash().ok()).unwrap_or_default();
    hash.trim_start_matches('#').split('#').next().unwrap_or_default().to_owned()
}

/// What stands between `?` and `#` in the address: words with values.
pub fn query() -> Option<UrlSearchParams> {
    UrlSearchParams::new_with_str(&window()?.location().search().ok()?).ok()
}

/// Writes what stands behind `#`, in place: the back button leaves the page. Safari refuses more than a hundred
/// times in half a minute; then the next time will do.
pub fn write(fragment: &str) {
    let Some(history) = window().and_then(|window| window.history().ok()) else { return };
    let state = wasm_bindgen::JsValue::NULL;
    let _ = history.replace_state_with_url(&state, "", Some(&format!("#{fragment}")));
}

/// Goes to what stands behind `#`; the back button comes back.
pub fn go(fragment: &str) {
    if let Some(window) = window() {
        let _ = window.location().set_hash(fragment);
    }
}

/// The address of the laboratory: without what stands behind `?` and `#`.
pub fn base() -> String {
    let href = window().and_then(|window| window.location().href().ok()).unwrap_or_default();
    href.split(['?', '#']).next().unwrap_or_default().to_owned()
}
