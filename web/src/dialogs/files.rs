//! Files come in by a field or by being dropped onto the page.

use crate::browser;
use crate::wishes::{Do, File};
use faultline_recorded::LONGEST_LOG;
use gloo::events::{EventListener, EventListenerOptions};
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{DragEvent, Event, FileList};
use yew::Callback;

/// Reads the first of some files.
pub fn read(files: Option<FileList>, dispatch: Callback<Do>) {
    let Some(file) = files.and_then(|files| files.get(0)) else { return };
    // Of what is too long so much is read that it is refused as that. Nothing is as long as a log may be.
    let Ok(part) = file.slice_with_f64_and_f64(0.0, LONGEST_LOG as f64 + 1024.0) else { return };
    let name = file.name();
    let done = Closure::once(move |bytes: wasm_bindgen::JsValue| {
        let bytes = js_sys::Uint8Array::new(&bytes).to_vec();
        dispatch.emit(Do::File(Rc::new(File { name, bytes })));
    });
    // A file that has gone away since is not read, and nothing happens.
    let ignore = Closure::once(|_: wasm_bindgen::JsValue| {});
    let _ = part.array_buffer().then2(&done, &ignore);
    done.forget();
    ignore.forget();
}

/// The listeners for files that are dropped onto the page.
pub fn drops(dispatch: Callback<Do>) -> Vec<EventListener> {
    let Some(window) = browser::window() else { return Vec::new() };
    let options = EventListenerOptions::enable_prevent_default();
    // Without this the browser would leave the page for the file.
    let over = EventListener::new_with_options(&window, "dragover", options, Event::prevent_default);
    let drop = EventListener::new_with_options(&window, "drop", options, move |event| {
        event.prevent_default();
        let carried = event.dyn_ref::<DragEvent>().and_then(DragEvent::data_transfer);
        read(carried.and_then(|carried| carried.files()), dispatch.clone());
    });
    vec![over, drop]
}
