//! The replicated logs.

use super::{PanelProps, wide};
use crate::answer::Question;
use crate::hue::hue;
use crate::msg::Do;
use faultline_core::NodeId;
use faultline_core::view::{Card, LogCell, NodeView};
use yew::prelude::*;

/// The most columns; the latest are shown.
const MOST_COLUMNS: u64 = 40;

/// The replicated logs: a row a node, a column an index.
#[component]
pub fn Logs(PanelProps { view, dispatch }: &PanelProps) -> Html {
    let last = |card: &Card| card.log.last().map_or(0, |cell| cell.index);
    let most = view.nodes.iter().map(|node| last(&node.card)).max().unwrap_or(0);
    let first = most.saturating_sub(MOST_COLUMNS) + 1;
    let cell = |node: &NodeView, index: u64| match node.card.log.iter().find(|cell| cell.index == index) {
        Some(cell) => entry(node.id, cell, dispatch),
        None => html! { <td></td> },
    };
    html! {
        <section aria-label="Logs">
            <h3>{ "Logs" }</h3>
            if most == 0 {
                <p class="empty">{ "All logs are empty. Ask a node for something." }</p>
            } else {
                { wide("Logs", html! { <table class="logs">
                        <thead><tr><th scope="col">{ "index" }</th>{ for (first..=most).map(|index| html! { <th scope="col">{ index }</th> }) }</tr></thead>
                        <tbody>
                            { for view.nodes.iter().map(|node| html! {
                                <tr class={(!node.up).then_some("down")}>
                                    <th scope="row">{ node.id.to_string() }</th>
                                    { for (first..=most).map(|index| cell(node, index)) }
                                </tr>
                            }) }
                        </tbody>
                    </table> }) }
                <p class="legend">{ format!("The number is the {}. Solid: {}. Dashed: not yet.", view.log_words.number, view.log_words.settled) }</p>
            }
        </section>
    }
}

/// An entry, which says why it is there.
fn entry(node: NodeId, cell: &LogCell, dispatch: &Callback<Do>) -> Html {
    let index = cell.index;
    let onclick = dispatch.reform(move |_: MouseEvent| Do::Why(Question::Cell(node, index)));
    let state = if cell.committed { "committed" } else { "open" };
    html! {
        <td>
            <button class={classes!("entry", hue(cell.term), state, cell.changed.then_some("changed"))} title="Why?" {onclick}>
                <b>{ cell.term }</b><span>{ &cell.text }</span>
            </button>
        </td>
    }
}
