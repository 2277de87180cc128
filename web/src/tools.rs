//! What may be done about claims: attack the protocol, search for a violation, take a rule away; and what came of it.

use crate::keys::{Command, aria};
use crate::msg::{Dialog, Do};
use crate::prose::prose;
use crate::work::Report;
use faultline_core::check::Bounds;
use wasm_bindgen::JsCast;
use web_sys::{HtmlButtonElement, HtmlFormElement, HtmlInputElement};
use yew::prelude::*;

/// Whom the tools tell.
#[derive(Properties, PartialEq)]
pub struct ToolsProps {
    /// Who is told.
    pub dispatch: Callback<Do>,
}

/// The buttons.
#[component]
pub fn Tools(ToolsProps { dispatch }: &ToolsProps) -> Html {
    let button = |command: Command, name: &'static str, label: &'static str, title: &'static str| {
        let onclick = dispatch.reform(move |_: MouseEvent| Do::Command(command));
        html! { <button data-tool={name} {title} aria-keyshortcuts={aria(command)} {onclick}>{ label }</button> }
    };
    html! {
        <div class="tools">
            { button(Command::Attack, "attack", "Attack it", "Random faults within what the protocol assumes, one seed after another, until a claim breaks") }
            { button(Command::Search, "search", "Search…", "Every run within bounds, the shortest first, until a claim breaks") }
            { button(Command::Rules, "rules", "Take a rule away…", "Wrong twins of the protocol: see which claim breaks") }
        </div>
    }
}

/// What a report shows.
#[derive(Properties, PartialEq)]
pub struct ToldProps {
    /// The report.
    pub report: Report,
    /// Who is told.
    pub dispatch: Callback<Do>,
}

/// What is done, with its progress, or what came of it, with what may be done next.
#[component]
pub fn Told(ToldProps { report, dispatch }: &ToldProps) -> Html {
    let on = |wish: Do| dispatch.reform(move |_: MouseEvent| wish.clone());
    let shrink = report.claim.clone().filter(|_| !report.shrunk);
    html! {
        <section class={classes!("report", report.claim.is_some().then_some("found"))} aria-label="Attack, search and shrink"
            data-report={if report.share.is_some() { "under-way" } else if report.claim.is_some() { "found" } else { "nothing" }}>
            <h3>{ &report.title }</h3>
            <p>{ prose(&report.facts) }</p>
            if let Some(share) = report.share {
                <progress max="1" value={format!("{share:.3}")} aria-label={report.title.clone()}></progress>
            }
            <div class="row-of">
                if report.share.is_some() {
                    <button class="plain" data-tool="cancel" onclick={on(Do::Cancel)}>{ "Cancel" }</button>
                } else {
                    if let Some(claim) = shrink {
                        <button class="plain" data-tool="shrink" aria-keyshortcuts={aria(Command::Shrink)} onclick={on(Do::Shrink(claim))}>{ "Shrink it" }</button>
                    }
                    if report.claim.is_some() {
                        <button class="plain" data-tool="link" aria-keyshortcuts={aria(Command::Share)} onclick={on(Do::Dialog(Some(Dialog::Share)))}>{ "Link to it" }</button>
                        <button class="plain" data-tool="back" aria-keyshortcuts={aria(Command::Undo(true))} onclick={on(Do::Command(Command::Undo(true)))}>{ if report.shrunk { "Back to the longer run" } else { "Back to my run" } }</button>
                    }
                    <button class="plain" data-tool="close" onclick={on(Do::Cancel)}>{ "Close" }</button>
                }
            </div>
        </section>
    }
}

/// What the form of a search shows.
#[derive(Properties, PartialEq)]
pub struct BoundsProps {
    /// The bounds as they were set last.
    pub bounds: Bounds,
    /// How many nodes there are.
    pub nodes: usize,
    /// Who is told.
    pub dispatch: Callback<Do>,
}

/// The bounds: the name of a field, its label, what it means, the most that may be set.
const FIELDS: [(&str, &str, &str, u32); 7] = [
    ("depth", "Events", "The longest run, after all nodes have booted.", 1_000),
    (
        "states",
        "States",
        "The most states that are visited. A million may need a gigabyte of memory.",
        2_000_000,
    ),
    ("inputs", "Inputs", "How often nodes may be asked something in a run.", 20),
    ("crashes", "Crashes", "Whoever has crashed may restart.", 20),
    ("drops", "Messages lost", "In one run.", 20),
    ("copies", "Messages doubled", "In one run.", 20),
    ("lies", "Lies", "Where the protocol knows Byzantine nodes: how many messages become lies in a run.", 20),
];

fn field_of(bounds: &mut Bounds, value: u32, name: &str) {
    let few = value.min(20) as u8;
    match name {
        "depth" => bounds.depth = value,
        "states" => bounds.states = value as usize,
        "inputs" => bounds.inputs = few,
        "crashes" => bounds.crashes = few,
        "drops" => bounds.drops = few,
        "copies" => bounds.copies = few,
        _ => bounds.lies = few,
    }
}

fn values(bounds: Bounds) -> [u32; 7] {
    let Bounds { depth, states, inputs, crashes, drops, copies, lies, timers: _ } = bounds;
    [depth, states as u32, inputs.into(), crashes.into(), drops.into(), copies.into(), lies.into()]
}

/// The form of a search.
#[component]
pub fn SearchForm(BoundsProps { bounds, nodes, dispatch }: &BoundsProps) -> Html {
    // Enter clicks as well; a form is not sent off, for a sandboxed frame forbids that.
    let onclick = {
        let (dispatch, bounds) = (dispatch.clone(), *bounds);
        Callback::from(move |event: MouseEvent| {
            event.prevent_default();
            let form = event.target_dyn_into::<HtmlButtonElement>().and_then(|button| button.form());
            let Some(form) = form.filter(HtmlFormElement::report_validity) else { return };
            let mut bounds = bounds;
            for (name, _, _, most) in FIELDS {
                let field = form.query_selector(&format!("[name={name}]")).ok().flatten();
                let field = field.and_then(|field| field.dyn_into::<HtmlInputElement>().ok());
                if let Some(value) = field.and_then(|field| field.value().parse::<u32>().ok()) {
                    field_of(&mut bounds, value.min(most), name);
                }
            }
            dispatch.emit(Do::Search(bounds));
        })
    };
    let field = |((name, label, hint, most), value): ((&'static str, &str, &str, u32), u32)| {
        let (id, about) = (format!("bound-{name}"), format!("about-{name}"));
        let least = if matches!(name, "depth" | "states") { "1" } else { "0" };
        html! {
            <div class="field">
                <label for={id.clone()}>{ label.to_owned() }</label>
                <span class="control"><input {id} {name} type="number" min={least} max={most.to_string()} required=true value={value.to_string()} aria-describedby={about.clone()} /></span>
                <p id={about} class="legend">{ hint.to_owned() }</p>
            </div>
        }
    };
    html! {
        <form class="set bounds">
            <p class="legend">{ format!("All runs of {nodes} nodes within these bounds, the shortest first: any message under way may be the next to arrive, any timer the next to fire. Fewer nodes mean far fewer states.") }</p>
            <section>{ for FIELDS.into_iter().zip(values(*bounds)).map(field) }</section>
            <button class="dark" data-first="" {onclick}>{ "Search" }</button>
        </form>
    }
}
