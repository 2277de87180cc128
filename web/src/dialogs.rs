//! The dialogs: open a run, share it, and the keys.

use crate::dialogs::about::about;
use crate::dialogs::answer::{Answer, Compare, Why};
use crate::dialogs::branches::Branches;
use crate::dialogs::palette::Palette;
use crate::dialogs::search::SearchForm;
use crate::dialogs::set::{Group, Refusal, Set};
use crate::kit::icons::{self, Icon};
use crate::takeaway::beside::Looks;
use crate::wishes::keys::{Command, GROUPS, KEYS};
use crate::wishes::{Dialog, Do, File};
use faultline_core::catalogue::{Listed, Summary, find};
use faultline_core::check::Bounds;
use faultline_core::session::Found;
use faultline_core::time::Micros;
use faultline_protocols::SUMMARIES;
use faultline_recorded::How;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{HtmlDialogElement, HtmlElement, HtmlInputElement, HtmlTextAreaElement};
use yew::prelude::*;

pub mod about;
pub mod answer;
pub mod asked;
pub mod branches;
pub mod files;
pub mod palette;
pub mod search;
pub mod set;
mod share;
mod take;

/// What a dialog shows.
#[derive(Properties, PartialEq)]
pub struct DialogsProps {
    /// Which is open.
    pub dialog: Dialog,
    /// The protocol, by its slug.
    pub slug: &'static str,
    /// Why what was pasted last could not be opened.
    pub refused: Option<String>,
    /// The link of the run, or why there is none.
    pub link: Result<String, String>,
    /// The run as a link without an address: by its name alone, where it has one, and from its start.
    pub run: Result<String, String>,
    /// What it is called.
    pub title: String,
    /// The moment that is shown.
    pub time: Micros,
    /// The run as text.
    pub text: String,
    /// The checksum of the run.
    pub checksum: String,
    /// How the page looks at it.
    pub looks: Looks,
    /// What is typed into the palette.
    pub sought: String,
    /// What may be done that is found by it.
    pub found: Found,
    /// Whether it is something that may be set before the run.
    pub settable: bool,
    /// What may be set.
    pub form: Vec<Group>,
    /// Whether the run repeats a log, which no text holds.
    pub recorded: bool,
    /// What somebody asked last.
    pub question: String,
    /// What came of it, once that is known.
    pub answer: Option<Answer>,
    /// The branches.
    pub branches: Vec<branches::Row>,
    /// Until when the run is known.
    pub horizon: Micros,
    /// The bounds of the latest search.
    pub bounds: Bounds,
    /// How many nodes there are.
    pub nodes: usize,
    /// What could not be set last.
    pub refusal: Option<Refusal>,
    /// Who is told.
    pub dispatch: Callback<Do>,
}

/// The runs that come with a protocol.
fn runs_of(slug: &str) -> Vec<Listed> {
    let said = SUMMARIES.iter().find(|said| said.leaf.slug == slug);
    said.into_iter().flat_map(Summary::runs).collect()
}

/// The dialog that is open.
#[component]
pub fn Dialogs(props: &DialogsProps) -> Html {
    let node = use_node_ref();
    {
        let node = node.clone();
        use_effect_with((), move |()| {
            let dialog = node.cast::<HtmlDialogElement>();
            if let Some(dialog) = &dialog {
                // It fails only for a dialog that is open already.
                let _ = dialog.show_modal();
                // Not by `autofocus`, which a frame within the page of another origin is denied.
                let first = dialog.query_selector("[data-first]").ok().flatten();
                if let Some(first) = first.and_then(|first| first.dyn_into::<HtmlElement>().ok()) {
                    let _ = first.focus();
                }
            }
            move || {
                if let Some(dialog) = dialog {
                    dialog.close();
                }
            }
        });
    }
    let close = props.dispatch.reform(|_: MouseEvent| Do::Dialog(None));
    // A browser may close a dialog that nobody has touched yet without asking first.
    let onclose = props.dispatch.reform(|_: Event| Do::Dialog(None));
    // What holds nothing to press is scrolled by the keyboard itself.
    let reads = props.dialog == Dialog::Help;
    let entry = find(props.slug);
    let (title, body) = match props.dialog {
        Dialog::Open => (
            "Open a run",
            html! { <Open refused={props.refused.clone()} slug={props.slug} runs={runs_of(props.slug)} dispatch={props.dispatch.clone()} /> },
        ),
        Dialog::Share => ("Share this run", share::share(props)),
        Dialog::Set => (
            "Settings",
            html! { <Set form={props.form.clone()} refusal={props.refusal.clone()} dispatch={props.dispatch.clone()} /> },
        ),
        Dialog::Rules => ("Take a rule away", rules(props)),
        Dialog::Search => (
            "Search for a violation",
            html! { <SearchForm bounds={props.bounds} nodes={props.nodes} dispatch={props.dispatch.clone()} /> },
        ),
        Dialog::Why => (props.question.as_str(), answer(props)),
        Dialog::Compare => ("Side by side", answer(props)),
        Dialog::Branches => (
            "Branches",
            html! { <Branches slug={props.slug} rows={props.branches.clone()} horizon={props.horizon} dispatch={props.dispatch.clone()} /> },
        ),
        Dialog::Palette => (
            "Commands",
            html! { <Palette text={props.sought.clone()} found={props.found.clone()} settable={props.settable} slug={props.slug} dispatch={props.dispatch.clone()} /> },
        ),
        Dialog::About => (entry.map_or("", |it| it.info.title), entry.map(about).unwrap_or_default()),
        Dialog::Help => ("Keys", help(&props.dispatch)),
        // It has a part of its own, because it may come before any run.
        Dialog::Log => ("", Html::default()),
    };
    html! {
        <dialog ref={node} aria-labelledby="dialog-title" oncancel={onclose.clone()} {onclose}>
            <header><h2 id="dialog-title">{ title.to_owned() }</h2><button class="close" aria-label="Close" onclick={close}>{ icons::draw(Icon::Close) }</button></header>
            <div class="body" tabindex={reads.then_some("0")} role={reads.then_some("group")} aria-labelledby={reads.then_some("dialog-title")}>{ body }</div>
        </dialog>
    }
}

#[derive(Properties, PartialEq)]
struct OpenProps {
    refused: Option<String>,
    slug: &'static str,
    runs: Vec<Listed>,
    dispatch: Callback<Do>,
}

#[component]
fn Open(OpenProps { refused, slug, runs, dispatch }: &OpenProps) -> Html {
    let field = use_node_ref();
    // Enter clicks as well; a form is not sent off, for a sandboxed frame forbids that.
    let onclick = {
        let (field, dispatch) = (field.clone(), dispatch.clone());
        Callback::from(move |event: MouseEvent| {
            event.prevent_default();
            if let Some(field) = field.cast::<HtmlTextAreaElement>() {
                dispatch.emit(Do::Open(field.value()));
            }
        })
    };
    let as_log = {
        let (field, dispatch) = (field.clone(), dispatch.clone());
        Callback::from(move |event: MouseEvent| {
            event.prevent_default();
            if let Some(field) = field.cast::<HtmlTextAreaElement>() {
                let file = File { name: "pasted log".into(), bytes: field.value().into_bytes() };
                dispatch.emit(Do::Log(Some(Rc::new(file)), How::default()));
            }
        })
    };
    let choose = {
        let dispatch = dispatch.clone();
        Callback::from(move |event: Event| {
            if let Some(field) = event.target_dyn_into::<HtmlInputElement>() {
                files::read(field.files(), dispatch.clone());
            }
        })
    };
    let preset = |&Listed { name, title, .. }: &Listed| {
        let link = format!("/{slug}/{name}");
        let onclick = dispatch.reform(move |_: MouseEvent| Do::Open(link.clone()));
        html! { <li><button class="preset" data-preset={name} {onclick}>{ title }</button></li> }
    };
    html! {
        <>
            if !runs.is_empty() { <ul class="presets">{ for runs.iter().map(preset) }</ul> }
            <form>
                <label for="open-text">{ "A link, the text of a scenario, or a log" }</label>
                <textarea id="open-text" ref={field} rows="9" spellcheck="false" autocomplete="off"
                    placeholder={"faultline 2\nprotocol raft\nseed 42\nat 1.2s crash n1"} aria-describedby="open-refused" />
                <p id="open-refused" class="refused" role="alert">{ refused.as_deref().map(crate::kit::prose::prose) }</p>
                <button class="dark" {onclick}>{ "Open" }</button>
                <label class="file plain">{ "Choose a file…" }<input id="open-file" type="file" accept=".txt,.log,.json,.jsonl,text/plain,application/json" onchange={choose} /></label>
                <span class="legend">{ "or drop a file anywhere on the page" }</span>
            </form>
            <p><button class="offer" data-tool="as-log" onclick={as_log}>{ "Read the text above as a log…" }</button></p>
        </>
    }
}

/// The wrong twins alone, and what to try against them.
fn rules(props: &DialogsProps) -> Html {
    let form: Vec<_> = props.form.iter().filter(|group| group.is_twins()).cloned().collect();
    let on = |wish: Do| {
        let dispatch = props.dispatch.clone();
        Callback::from(move |_: MouseEvent| {
            dispatch.emit(Do::Dialog(None));
            dispatch.emit(wish.clone());
        })
    };
    html! {
        <div class="rules">
            <Set {form} refusal={props.refusal.clone()} dispatch={props.dispatch.clone()} />
            <div class="row-of">
                <button class="dark" onclick={on(Do::Command(Command::Attack))}>{ "Attack it" }</button>
                <button class="plain" onclick={on(Do::Command(Command::Search))}>{ "Search…" }</button>
            </div>
        </div>
    }
}

/// The answer to a question, once there is one.
fn answer(props: &DialogsProps) -> Html {
    let dispatch = props.dispatch.clone();
    match props.answer.clone() {
        Some(Answer::Why(chain)) => html! { <Why {chain} {dispatch} /> },
        Some(Answer::Compare(pair)) => html! { <Compare pair={*pair} {dispatch} /> },
        None => html! { <p class="empty" role="status">{ "Searching the run for the cause…" }</p> },
    }
}

fn help(dispatch: &Callback<Do>) -> Html {
    let letters = dispatch.reform(|event: Event| {
        Do::Letters(event.target_dyn_into::<HtmlInputElement>().is_none_or(|field| field.checked()))
    });
    let group = |name: &'static str| {
        html! {
            <section>
                <h3>{ name }</h3>
                <dl>{ for KEYS.iter().filter(|key| key.group == name).map(|key| html! {
                    <div data-chords={key.chords.join(" , ")} data-command={format!("{:?}", key.command)}><dt>{ for key.shown.split(' ').map(|word| html! { <kbd>{ word }</kbd> }) }</dt><dd>{ key.does }</dd></div>
                }) }</dl>
            </section>
        }
    };
    html! {
        <>
            <label class="switch letters"><input id="letters" type="checkbox" role="switch" checked={crate::wishes::keys::letters()} onchange={letters} />{ "Single-character shortcuts" }</label>
            <div class="keys">{ for GROUPS.into_iter().map(group) }</div>
            <p class="legend">{ "On the stage, a filled disc is a request and a hollow disc is a reply. A node that leads has a thick rim; a node that seeks to lead has a dotted one. The arc shows the time left on the timer. To go to a moment, drag the playhead, or click an arrow, a dot or a line of the log. The address records everything you do: copy it to open this run at this moment." }</p>
        </>
    }
}
