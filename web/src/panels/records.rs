//! The records of all logs by what they say: a row a node, the earliest first.

use super::PanelProps;
use crate::kit::hue::hue;
use crate::wishes::Do;
use crate::wishes::question::Question;
use faultline_core::NodeId;
use faultline_core::view::{LogCell, NodeView};
use yew::prelude::*;

/// The most records of a node; the latest are shown.
const MOST: usize = 24;

/// The records.
#[component]
pub fn Records(PanelProps { view, dispatch }: &PanelProps) -> Html {
    let keepers = || view.nodes.iter().filter(|node| node.card.log_base.is_some());
    let row = |node: &NodeView| {
        let log = &node.card.log;
        let hidden = log.len().saturating_sub(MOST);
        html! {
            <li class={(!node.up).then_some("down")} data-is={node.id.to_string()}>
                <b>{ &node.called }</b>
                <ol>
                    if log.is_empty() { <li class="empty">{ "no records" }</li> }
                    if hidden > 0 { <li class="empty">{ format!("{hidden} earlier") }</li> }
                    { for log[hidden..].iter().map(|cell| record(node.id, cell, dispatch)) }
                </ol>
            </li>
        }
    };
    html! {
        <section aria-label="Log records">
            <h3>{ "Log records" }</h3>
            <ul class="records">{ for keepers().map(|node| row(node)) }</ul>
            <p class="legend">{ format!("Colours: {}. Solid: {}. Dashed: not yet.", view.log_words.number, view.log_words.settled) }</p>
        </section>
    }
}

/// A record, which says why it is there.
fn record(node: NodeId, cell: &LogCell, dispatch: &Callback<Do>) -> Html {
    let index = cell.index;
    let onclick = dispatch.reform(move |_: MouseEvent| Do::Why(Question::Cell(node, index)));
    let state = if cell.committed { "committed" } else { "open" };
    html! {
        <li><button class={classes!("record", hue(cell.term), state, cell.changed.then_some("changed"))} title="Why?" {onclick}>{ &cell.text }</button></li>
    }
}
