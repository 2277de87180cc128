//! Keeping the whole page for where there is no network. What was used is kept by itself; this fetches the rest.

use crate::browser::window;
use crate::kit::prose::grouped;
use js_sys::JSON;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Response;
use yew::platform::spawn_local;
use yew::prelude::*;

/// Every file of the page that holds the build in its name, with the sum of their sizes in bytes: `{"bytes": 1, "files": []}`.
const LIST: &str = "./everything.json";
/// Where the worker that serves the page without a network keeps what it has.
const KEPT: &str = "faultline";

#[derive(Clone, Copy, PartialEq)]
enum State {
    /// Nobody asked for it.
    Idle,
    /// It is fetched.
    Comes,
    /// All is here: so many kilobytes.
    Here(u64),
    /// Not all could be had.
    Failed,
}

/// The button, where a page can be kept.
#[component]
pub fn Keep() -> Html {
    let state = use_state(|| State::Idle);
    let keeps = window().is_some_and(|window| window.caches().is_ok());
    if !keeps {
        return Html::default();
    }
    let onclick = {
        let state = state.clone();
        Callback::from(move |_: MouseEvent| {
            state.set(State::Comes);
            let state = state.clone();
            spawn_local(async move { state.set(everything().await.map_or(State::Failed, State::Here)) });
        })
    };
    let words = match *state {
        State::Idle => "What you have opened works without a network.".to_owned(),
        State::Comes => "Fetching everything…".to_owned(),
        State::Here(bytes) => {
            format!("Everything works without a network now: {} kB are kept.", grouped(bytes / 1_000))
        }
        State::Failed => "Not everything could be fetched. Check your connection.".to_owned(),
    };
    let label = match *state {
        State::Idle => Some("Keep everything"),
        State::Failed => Some("Try again"),
        State::Comes | State::Here(_) => None,
    };
    html! {
        <p class="keep">
            <span role="status">{ words }</span>
            if let Some(label) = label { <button class="plain" data-tool="keep" {onclick}>{ label }</button> }
        </p>
    }
}

/// Fetches what is not here yet; how many bytes all of it has.
async fn everything() -> Result<u64, JsValue> {
    let window = window().ok_or(JsValue::NULL)?;
    let list: Response = JsFuture::from(window.fetch_with_str(LIST)).await?.unchecked_into();
    let list = JsFuture::from(list.text()?).await?;
    let list = JSON::parse(&list.as_string().unwrap_or_default())?;
    let field = |name: &str| js_sys::Reflect::get(&list, &name.into());
    let cache: web_sys::Cache = JsFuture::from(window.caches()?.open(KEPT)).await?.unchecked_into();
    for file in js_sys::Array::from(&field("files")?).iter() {
        let name = file.as_string().unwrap_or_default();
        if JsFuture::from(cache.match_with_str(&name)).await?.is_undefined() {
            JsFuture::from(cache.add_with_str(&name)).await?;
        }
    }
    Ok(field("bytes")?.as_f64().unwrap_or_default() as u64)
}
