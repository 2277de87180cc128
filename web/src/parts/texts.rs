//! The texts of the runs that come with a protocol: files beside the page, where the program is split. A page that shows one run
//! fetches one text; what lists, compares or judges runs of a protocol wants all of its texts.

use crate::browser;
use faultline_core::catalogue::{Entry, add_text, add_texts, find};
use gloo::timers::callback::Timeout;
use std::cell::RefCell;
use yew::platform::spawn_local;

/// With this the text of every scenario begins; some hosts send a page of their own in place of a file that is not there.
const BEGINNING: &str = "faultline ";
/// After so many milliseconds texts that could not be had are asked for again.
const AGAIN: u32 = 10_000;

thread_local! {
    /// The protocols whose texts are being fetched.
    static ASKED: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) };
}

/// Fetches the text of a run, if it has still to arrive; whether it is here then, or known that there is none. Where it cannot be
/// had by itself, the file of all texts has it, or knows that there is no such run.
pub(super) async fn run(entry: &'static Entry, name: &str) -> bool {
    if entry.has_text(name) {
        return true;
    }
    let slug = entry.info.slug;
    if name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        let text = browser::built_text(&format!("runs/{slug}/{name}")).await;
        if let Some(text) = text.filter(|text| text.starts_with(BEGINNING)) {
            add_text(slug, name, text);
            return true;
        }
    }
    all(entry).await
}

/// Fetches the texts of all runs of a protocol, if they have still to arrive; whether they are here then.
pub(super) async fn all(entry: &'static Entry) -> bool {
    let slug = entry.info.slug;
    entry.has_texts()
        || browser::built_text(&format!("runs/{slug}")).await.is_some_and(|all| add_texts(slug, all))
}

/// Has the texts of all runs of a protocol fetched that is here, while the page goes on.
pub fn ask(slug: &'static str) {
    let Some(entry) = find(slug).filter(|entry| !entry.has_texts()) else { return };
    if ASKED.with_borrow(|asked| asked.contains(&slug)) {
        return;
    }
    ASKED.with_borrow_mut(|asked| asked.push(slug));
    spawn_local(async move {
        if !all(entry).await {
            let forget = move || ASKED.with_borrow_mut(|asked| asked.retain(|other| *other != slug));
            Timeout::new(AGAIN, forget).forget();
        }
    });
}
