//! The branches of the session as a small tree: what was tried, and from where.

use crate::kit::icons::{self, Icon};
use crate::kit::prose::clock;
use crate::picture::geometry::px;
use crate::wishes::Do;
use faultline_core::catalogue::{index, known};
use faultline_core::session::Branch;
use faultline_core::time::Micros;
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

/// A branch as a row of the tree.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    id: u32,
    name: String,
    /// The row of the branch that it left, and when.
    parent: Option<usize>,
    left: Micros,
    acts: usize,
    current: bool,
}

/// The rows of the tree: every branch stands below the one that it left.
pub fn rows(branches: &[Branch], current: u32) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    let mut open: Vec<(&Branch, Option<usize>)> = Vec::new();
    let children = |parent: Option<u32>| branches.iter().rev().filter(move |branch| branch.parent == parent);
    open.extend(children(None).map(|branch| (branch, None)));
    while let Some((branch, parent)) = open.pop() {
        open.extend(children(Some(branch.id)).map(|child| (child, Some(rows.len()))));
        rows.push(Row {
            id: branch.id,
            name: branch.name.clone(),
            parent,
            left: branch.left,
            acts: branch.scenario.acts.len(),
            current: branch.id == current,
        });
    }
    rows
}

/// What the tree shows.
#[derive(Properties, PartialEq)]
pub struct BranchesProps {
    /// The protocol that is played, by its slug.
    pub slug: &'static str,
    /// The rows.
    pub rows: Vec<Row>,
    /// Until when the run is known.
    pub horizon: Micros,
    /// Who is told.
    pub dispatch: Callback<Do>,
}

const WIDE: f64 = 120.0;
const HIGH: f64 = 52.0;

/// The tree.
#[component]
pub fn Branches(BranchesProps { slug, rows, horizon, dispatch }: &BranchesProps) -> Html {
    let x = |time: Micros| 8.0 + (time.min(*horizon) as f64 / (*horizon).max(1) as f64) * (WIDE - 16.0);
    let y = |row: usize| HIGH * (row as f64 + 0.5);
    let line = |(place, row): (usize, &Row)| {
        let start = x(row.left);
        let up = row.parent.map(
            |parent| html! { <path d={format!("M{} {} V{}", px(start), px(y(parent)), px(y(place)))} /> },
        );
        html! {
            <g class={row.current.then_some("current")}>
                { up }
                <path d={format!("M{} {} H{}", px(start), px(y(place)), px(WIDE - 8.0))} />
                <circle cx={px(start)} cy={px(y(place))} r="4" />
            </g>
        }
    };
    let tall = HIGH * rows.len() as f64;
    html! {
        <div class="branches">
            <p class="legend">{ "An act in the past, a changed setting and the result of a search each open a branch. No run is lost. Press Play to switch to a branch." }</p>
            <div class="tree">
                <svg width={px(WIDE)} height={px(tall)} aria-hidden="true">{ for rows.iter().enumerate().map(line) }</svg>
                <ul>{ for rows.iter().map(|row| html! { <BranchRow key={row.id} row={row.clone()} only={rows.len() == 1} dispatch={dispatch.clone()} /> }) }</ul>
            </div>
            <Under slug={*slug} dispatch={dispatch.clone()} />
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct UnderProps {
    slug: &'static str,
    dispatch: Callback<Do>,
}

/// The same acts done to another protocol, beside this one.
#[component]
fn Under(UnderProps { slug, dispatch }: &UnderProps) -> Html {
    let chosen = use_node_ref();
    let onsubmit = {
        let (chosen, dispatch) = (chosen.clone(), dispatch.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let other = chosen.cast::<HtmlSelectElement>().and_then(|field| known(&field.value()));
            dispatch.emit(other.map_or(Do::Nothing, |other| Do::Under(other.slug)));
        })
    };
    let others = index().iter().filter(|other| other.slug != *slug);
    html! {
        <form class="under" {onsubmit}>
            <label for="under">{ "Apply the same nodes, seed and faults to" }</label>
            <select id="under" ref={chosen}>{ for others.map(|other| html! { <option value={other.slug}>{ other.title }</option> }) }</select>
            <button class="plain">{ "Watch both" }</button>
        </form>
    }
}

#[derive(Properties, PartialEq)]
struct BranchRowProps {
    row: Row,
    only: bool,
    dispatch: Callback<Do>,
}

#[component]
fn BranchRow(BranchRowProps { row, only, dispatch }: &BranchRowProps) -> Html {
    let id = row.id;
    let on = |wish: Do| dispatch.reform(move |_: MouseEvent| wish.clone());
    let rename = dispatch.reform(move |event: Event| {
        let field = event.target_dyn_into::<HtmlInputElement>();
        field.map_or(Do::Nothing, |field| Do::Rename(id, field.value()))
    });
    let from = if row.parent.is_some() { format!("from {}", clock(row.left)) } else { "first branch".into() };
    html! {
        <li class={row.current.then_some("current")} data-branch={id.to_string()}>
            <input aria-label={format!("Name of the branch {}", row.name)} value={row.name.clone()} onchange={rename} autocomplete="off" spellcheck="false" />
            <span class="legend">{ format!("{from}, {} {}", row.acts, if row.acts == 1 { "act" } else { "acts" }) }</span>
            if row.current {
                <span class="here">{ "current" }</span>
            } else {
                <button class="plain" data-tool="switch" aria-label={format!("Play {}", row.name)} onclick={on(Do::Switch(id))}>{ "Play" }</button>
                <button class="plain" data-tool="compare" aria-label={format!("Compare with {}", row.name)} onclick={on(Do::Compare(id))}>{ "Compare" }</button>
                <button class="plain" data-tool="beside" aria-label={format!("Watch {} beside this run", row.name)} onclick={on(Do::Beside(Some(id)))}>{ "Watch both" }</button>
            }
            if !only {
                <button class="quiet" data-tool="close-branch" aria-label={format!("Close the branch {}", row.name)} title="Close" onclick={on(Do::CloseBranch(id))}>{ icons::draw(Icon::Close) }</button>
            }
        </li>
    }
}
