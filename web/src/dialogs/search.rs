//! The bounds of a search for a violation.

use crate::wishes::Do;
use faultline_core::check::Bounds;
use wasm_bindgen::JsCast;
use web_sys::{HtmlButtonElement, HtmlFormElement, HtmlInputElement};
use yew::prelude::*;

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
    (
        "depth",
        "Events",
        "Maximum length of a run, counted after all nodes have booted. Leave it empty to go deeper until you stop the search.",
        1_000,
    ),
    (
        "states",
        "States",
        "Maximum number of states to visit. A thousand states take about 1.3 MB of memory.",
        2_000_000,
    ),
    ("inputs", "Inputs", "Maximum number of requests to nodes in one run.", 20),
    ("crashes", "Crashes", "Maximum in one run. Crashed nodes may restart.", 20),
    ("drops", "Messages lost", "Maximum in one run.", 20),
    ("copies", "Messages duplicated", "Maximum in one run.", 20),
    (
        "lies",
        "Lies",
        "Maximum number of messages that become lies in one run, if the protocol has Byzantine nodes.",
        20,
    ),
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
                let Some(field) = field else { continue };
                match field.value().parse::<u32>() {
                    Ok(value) => field_of(&mut bounds, value.min(most), name),
                    Err(_) if name == "depth" => bounds.depth = u32::MAX,
                    Err(_) => {}
                }
            }
            dispatch.emit(Do::Search(bounds));
        })
    };
    let field = |((name, label, hint, most), value): ((&'static str, &str, &str, u32), u32)| {
        let (id, about) = (format!("bound-{name}"), format!("about-{name}"));
        let (is_open, value) = (name == "depth", value.to_string());
        let value = if is_open && bounds.depth == u32::MAX { String::new() } else { value };
        let least = if matches!(name, "depth" | "states") { "1" } else { "0" };
        html! {
            <div class="field">
                <label for={id.clone()}>{ label.to_owned() }</label>
                <span class="control"><input {id} {name} type="number" min={least} max={most.to_string()} required={!is_open} placeholder={is_open.then_some("any")} {value} aria-describedby={about.clone()} /></span>
                <p id={about} class="legend">{ hint.to_owned() }</p>
            </div>
        }
    };
    html! {
        <form class="set bounds">
            <p class="legend">{ format!("The search tries all runs of {nodes} nodes within these bounds, short ones with few faults first. At each step, any message in flight may arrive and any timer may fire. Fewer nodes mean far fewer states.") }</p>
            <p class="legend">{ format!("At first the bounds allow one request, and one of each fault that the claims must survive. So many states take about {} MB; the default fits the memory of this device.", bounds.megabytes()) }</p>
            <section>{ for FIELDS.into_iter().zip(values(*bounds)).map(field) }</section>
            <button class="dark" data-first="" {onclick}>{ "Search" }</button>
        </form>
    }
}
