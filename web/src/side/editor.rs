//! The scenario as text beside the run: what is written here becomes the run, what cannot be read is marked, and what may be
//! written next is offered.

use super::completion::{self, LIST, Offers, Place};
use crate::kit::prose::prose;
use crate::wishes::keys::{Command, aria};
use crate::wishes::{Dialog, Do};
use faultline_core::scenario::Completion;
use faultline_core::text::Complaint;
use web_sys::{HtmlElement, HtmlTextAreaElement};
use yew::prelude::*;

/// What the editor shows.
#[derive(Properties, PartialEq)]
pub struct EditorProps {
    /// The text of the run.
    pub text: String,
    /// What has been written instead and is not applied yet.
    pub draft: Option<String>,
    /// What is wrong with that.
    pub complaint: Option<Complaint>,
    /// How often it was refused.
    pub refusals: u32,
    /// The line of the moment that is shown.
    pub now: Option<usize>,
    /// What may be written at the cursor.
    pub offers: Vec<Completion>,
    /// What a file of it is called.
    pub file: String,
    /// Who is told.
    pub dispatch: Callback<Do>,
}

/// The editor.
#[component]
pub fn Editor(props: &EditorProps) -> Html {
    let EditorProps { text, draft, complaint, now, offers, file, dispatch, .. } = props;
    let (field, numbers) = (use_node_ref(), use_node_ref());
    let (place, picked) = (use_state(Place::default), use_state(|| None::<usize>));
    let shown = draft.as_ref().unwrap_or(text).clone();
    let wrong = complaint.as_ref().map(|complaint| complaint.line);
    {
        // The line that was refused comes into sight, with the cursor in it.
        let (field, complaint) = (field.clone(), complaint.clone());
        use_effect_with(props.refusals, move |_| {
            if let (Some(complaint), Some(field)) = (complaint, field.cast::<HtmlTextAreaElement>()) {
                let before = field.value();
                let start: usize = before.split_inclusive('\n').take(complaint.line - 1).map(utf16).sum();
                let line = before.split('\n').nth(complaint.line - 1).map_or(0, utf16);
                let _ = field.focus();
                let _ = field.set_selection_range(start as u32, (start + line) as u32);
            }
        });
    }
    {
        // So does the line of the moment, while nobody writes.
        let (field, lines) = (field.clone(), shown.split('\n').count());
        use_effect_with(*now, move |now| {
            if let (Some(line), Some(field)) = (*now, field.cast::<HtmlElement>()) {
                let (top, height) = (f64::from(field.scroll_top()), f64::from(field.client_height()));
                let place = f64::from(field.scroll_height()) * line as f64 / lines as f64;
                if place < top || place > top + height {
                    field.set_scroll_top((place - height / 2.0) as i32);
                }
            }
        });
    }
    // What is in the field is written, and what may follow is looked for, unless a word goes on behind the cursor.
    let written = {
        let (dispatch, place, picked) = (dispatch.clone(), place.clone(), picked.clone());
        move |field: &HtmlTextAreaElement| {
            place.set(Place::of(field));
            picked.set(None);
            dispatch.emit(Do::Draft(Some(field.value())));
            dispatch.emit(Do::Complete(Some(completion::cursor(field))));
        }
    };
    let oninput = {
        let written = written.clone();
        Callback::from(move |event: InputEvent| {
            if let Some(field) = event.target_dyn_into::<HtmlTextAreaElement>() {
                written(&field);
            }
        })
    };
    let take = {
        let (field, offers, written) = (field.clone(), offers.clone(), written.clone());
        Callback::from(move |nth: usize| {
            if let (Some(field), Some(offer)) = (field.cast::<HtmlTextAreaElement>(), offers.get(nth)) {
                completion::write(&field, offer);
                written(&field);
            }
        })
    };
    let close = dispatch.reform(|()| Do::Complete(None));
    let onscroll = {
        let (field, numbers, place) = (field.clone(), numbers.clone(), place.clone());
        Callback::from(move |_: Event| {
            let (Some(field), Some(numbers)) =
                (field.cast::<HtmlTextAreaElement>(), numbers.cast::<HtmlElement>())
            else {
                return;
            };
            numbers.set_scroll_top(field.scroll_top());
            place.set(Place::of(&field));
        })
    };
    let onkeydown = {
        let (dispatch, picked, take, count) = (dispatch.clone(), picked.clone(), take.clone(), offers.len());
        let (close, written) = (close.clone(), written.clone());
        Callback::from(move |event: KeyboardEvent| {
            let field = event.target_dyn_into::<HtmlTextAreaElement>();
            let (is_open, with_control) = (count > 0, event.ctrl_key() || event.meta_key());
            let mut done = true;
            match event.key().as_str() {
                "Enter" if with_control => dispatch.emit(Do::Rewrite),
                " " if with_control => field.iter().for_each(&written),
                "ArrowDown" if is_open => picked.set(Some(picked.map_or(0, |nth| (nth + 1) % count))),
                "ArrowUp" if is_open => picked.set(Some(picked.map_or(count, |nth| nth + count) - 1)),
                // Without a choice, Enter begins a line, as everywhere.
                "Enter" if is_open && picked.is_some() => take.emit(picked.unwrap_or(0)),
                "Tab" if is_open && !event.shift_key() => take.emit(picked.unwrap_or(0)),
                "Escape" if is_open => close.emit(()),
                // Tab leads out of the field, as everywhere; so does Escape, to where keys mean what they mean.
                "Escape" => {
                    let _ = field.map(|field| field.blur());
                }
                key => {
                    if is_open
                        && matches!(key, "ArrowLeft" | "ArrowRight" | "Home" | "End" | "PageUp" | "PageDown")
                    {
                        close.emit(());
                    }
                    done = false;
                }
            }
            if done {
                event.prevent_default();
            }
        })
    };
    let leave = close.reform(|_: FocusEvent| ());
    let press = close.reform(|_: MouseEvent| ());
    let on = |wish: Do| dispatch.reform(move |_: MouseEvent| wish.clone());
    let lines = shown.split('\n').count();
    let line = |number: usize| {
        let mark =
            if wrong == Some(number) { Some("wrong") } else { (*now == Some(number)).then_some("now") };
        html! { <span class={mark}>{ number }</span> }
    };
    let at =
        |name: &str, line: Option<usize>| line.map(|line| format!("--{name}: {line};")).unwrap_or_default();
    let style = format!("{}{}", at("at-wrong", wrong), at("at-now", *now));
    let is_open = !offers.is_empty();
    let data =
        format!("data:text/plain;charset=utf-8,{}", String::from(js_sys::encode_uri_component(&shown)));
    html! {
        <section class="editor" aria-label="Scenario">
            <div class="row-of">
                if draft.is_some() {
                    <button class="dark" data-tool="apply" aria-keyshortcuts="Control+Enter" onclick={on(Do::Rewrite)}>{ "Apply" }</button>
                    <button class="plain" data-tool="discard" onclick={on(Do::Draft(None))}>{ "Discard" }</button>
                }
                <a class="plain" data-tool="download" href={data} download={file.clone()}>{ "Download" }</a>
                <button class="plain" data-tool="copy" aria-keyshortcuts={aria(Command::Share)} onclick={on(Do::Dialog(Some(Dialog::Share)))}>{ "Copy…" }</button>
                <button class="plain" data-tool="open" aria-keyshortcuts={aria(Command::Open)} onclick={on(Do::Dialog(Some(Dialog::Open)))}>{ "Open…" }</button>
            </div>
            <div class="desk">
            <div class="sheet">
                <div class="numbers" aria-hidden="true" ref={numbers}>{ for (1..=lines).map(line) }</div>
                <textarea id="scenario-text" ref={field} aria-label="The scenario as text" wrap="off" spellcheck="false" autocomplete="off"
                    autocapitalize="off" {style} aria-invalid={wrong.is_some().then_some("true")} aria-autocomplete="list"
                    aria-haspopup="listbox" aria-controls={is_open.then_some(LIST)}
                    aria-activedescendant={picked.filter(|nth| *nth < offers.len()).map(completion::option)}
                    aria-describedby={if is_open { "scenario-help" } else { "scenario-wrong" }} value={shown} {oninput} {onscroll} {onkeydown} onblur={leave} onclick={press} />
            </div>
            if is_open { <Offers offers={offers.clone()} picked={*picked} place={*place} {take} /> }
            </div>
            <p id="scenario-wrong" class="refused" role="status">
                if let Some(complaint) = complaint { { format!("Line {}: ", complaint.line) }{ prose(&complaint.sentence) } }
            </p>
        </section>
    }
}

/// The length of a text as the browser counts it.
fn utf16(text: &str) -> usize {
    text.encode_utf16().count()
}
