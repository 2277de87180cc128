//! The scenario as text beside the run: what is written here becomes the run, and what cannot be read is marked.

use crate::kit::prose::prose;
use crate::wishes::keys::{Command, aria};
use crate::wishes::{Dialog, Do};
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
    /// What a file of it is called.
    pub file: String,
    /// Who is told.
    pub dispatch: Callback<Do>,
}

/// The editor.
#[component]
pub fn Editor(props: &EditorProps) -> Html {
    let EditorProps { text, draft, complaint, file, dispatch } = props;
    let (field, numbers) = (use_node_ref(), use_node_ref());
    let shown = draft.as_ref().unwrap_or(text).clone();
    let wrong = complaint.as_ref().map(|complaint| complaint.line);
    {
        // The line that is wrong comes into sight, with the cursor in it.
        let field = field.clone();
        use_effect_with(complaint.clone(), move |complaint| {
            if let (Some(complaint), Some(field)) = (complaint, field.cast::<HtmlTextAreaElement>()) {
                let before = field.value();
                let start: usize = before.split_inclusive('\n').take(complaint.line - 1).map(utf16).sum();
                let line = before.split('\n').nth(complaint.line - 1).map_or(0, utf16);
                let _ = field.focus();
                let _ = field.set_selection_range(start as u32, (start + line) as u32);
            }
        });
    }
    let oninput = dispatch.reform(|event: InputEvent| {
        let field = event.target_dyn_into::<HtmlTextAreaElement>();
        field.map_or(Do::Nothing, |field| Do::Draft(Some(field.value())))
    });
    let onscroll = {
        let (field, numbers) = (field.clone(), numbers.clone());
        Callback::from(move |_: Event| {
            if let (Some(field), Some(numbers)) = (field.cast::<HtmlElement>(), numbers.cast::<HtmlElement>())
            {
                numbers.set_scroll_top(field.scroll_top());
            }
        })
    };
    let onkeydown = {
        let dispatch = dispatch.clone();
        Callback::from(move |event: KeyboardEvent| match event.key().as_str() {
            "Enter" if event.ctrl_key() || event.meta_key() => {
                event.prevent_default();
                dispatch.emit(Do::Rewrite);
            }
            // Tab leads out of the field, as everywhere; so does Escape, to where keys mean what they mean.
            "Escape" => {
                if let Some(field) = event.target_dyn_into::<HtmlElement>() {
                    let _ = field.blur();
                }
            }
            _ => {}
        })
    };
    let on = |wish: Do| dispatch.reform(move |_: MouseEvent| wish.clone());
    let lines = shown.split('\n').count();
    let line =
        |number: usize| html! { <span class={(wrong == Some(number)).then_some("wrong")}>{ number }</span> };
    let style = wrong.map(|line| format!("--line: {line}"));
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
            <div class="sheet">
                <div class="numbers" aria-hidden="true" ref={numbers}>{ for (1..=lines).map(line) }</div>
                <textarea id="scenario-text" ref={field} aria-label="The scenario as text" wrap="off" spellcheck="false" autocomplete="off"
                    autocapitalize="off" class={wrong.is_some().then_some("wrong")} {style} aria-invalid={wrong.is_some().then_some("true")}
                    aria-describedby="scenario-wrong" value={shown} {oninput} {onscroll} {onkeydown} />
            </div>
            <p id="scenario-wrong" class="refused" role="alert">
                if let Some(complaint) = complaint { { format!("Line {}: ", complaint.line) }{ prose(&complaint.sentence) } }
            </p>
        </section>
    }
}

/// The length of a text as the browser counts it.
fn utf16(text: &str) -> usize {
    text.encode_utf16().count()
}
