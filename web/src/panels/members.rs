//! Who holds whom for a member: a row a node, a column a node.

use super::{PanelProps, wide};
use crate::kit::prose::node_name;
use faultline_core::view::{Member, NodeView, Part};
use yew::prelude::*;

/// What a node is that another does not list.
const NO_MEMBER: &str = "no member";

/// The membership matrix.
#[component]
pub fn Members(PanelProps { view, .. }: &PanelProps) -> Html {
    let mut words: Vec<(Part, &str)> = Vec::new();
    for Member { part, word, .. } in view.nodes.iter().flat_map(|node| &node.card.members) {
        if !words.contains(&(*part, word)) {
            words.push((*part, word));
        }
    }
    if words.is_empty() {
        return Html::default();
    }
    let meaning = |part: Part| {
        let words: Vec<&str> = words.iter().filter(|it| it.0 == part).map(|it| it.1).collect();
        if words.is_empty() { Html::default() } else { explained(Some(part), &words.join(", or ")) }
    };
    let cell = |row: &NodeView, column: &NodeView| {
        let held = row.card.members.iter().find(|member| member.node == column.id);
        let (part, word) = held.map_or((None, NO_MEMBER), |&Member { part, word, .. }| (Some(part), word));
        html! {
            <td class={(row.id == column.id).then_some("own")} title={format!("{}: {word}, according to {}", column.id, row.id)}>
                { sign(part) }<span class="hidden">{ word }</span>
            </td>
        }
    };
    let row = |row: &NodeView| {
        html! {
            <tr class={(!row.up).then_some("down")} data-is={row.id.to_string()}>
                <th scope="row">{ node_name(row.id) }</th>
                if row.booted { { for view.nodes.iter().map(|column| cell(row, column)) } }
            </tr>
        }
    };
    let table = html! {
        <table class="members">
            <thead><tr><th scope="col">{ "held by" }</th>{ for view.nodes.iter().map(|node| html! { <th scope="col">{ &node.called }</th> }) }</tr></thead>
            <tbody>{ for view.nodes.iter().map(|node| row(node)) }</tbody>
        </table>
    };
    html! {
        <section aria-label="Members">
            <h3>{ "Members" }</h3>
            { wide("Members", table) }
            <p class="legend">
                { for [Part::Full, Part::Coming, Part::Going, Part::Doubtful, Part::Gone].map(meaning) }
                { explained(None, NO_MEMBER) }
            </p>
        </section>
    }
}

/// What a sign means.
fn explained(part: Option<Part>, words: &str) -> Html {
    html! { <span class="sort">{ sign(part) }{ format!("{words}.") }</span> }
}

/// A full circle, half of one to the right or to the left, an empty one, a cross; nothing but a line for no member.
fn sign(part: Option<Part>) -> Html {
    let circle = "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z";
    let (outline, solid) = match part {
        Some(Part::Full) => (circle, circle),
        Some(Part::Coming) => (circle, "M0 -4a4 4 0 0 1 0 8z"),
        Some(Part::Going) => (circle, "M0 -4a4 4 0 0 0 0 8z"),
        Some(Part::Doubtful) => (circle, ""),
        Some(Part::Gone) => ("M-3 -3L3 3M-3 3L3 -3", ""),
        None => ("M-2 0H2", ""),
    };
    html! {
        <span class="part"><svg viewBox="-6 -6 12 12" width="14" height="14" aria-hidden="true">
            <path d={outline} /><path class="solid" d={solid} />
        </svg></span>
    }
}
