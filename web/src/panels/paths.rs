//! The ways of requests from node to node, the latest first.

use super::PanelProps;
use crate::kit::astable::{self, astable, use_open};
use crate::kit::prose::{node_name, renamed};
use faultline_core::NodeId;
use faultline_core::view::Path;
use yew::prelude::*;

/// The most ways of one node that are shown.
const MOST_PATHS: usize = 8;

/// The ways.
#[component]
pub fn Paths(PanelProps { view, .. }: &PanelProps) -> Html {
    let latest = view.nodes.iter().flat_map(|node| node.card.paths.iter().rev().take(MOST_PATHS));
    let rows: Vec<Html> = latest.map(path).collect();
    let open = use_open();
    html! {
        <section aria-label="Request paths">
            <h3>{ "Request paths" }</h3>
            if rows.is_empty() { <p class="empty">{ "No requests yet." }</p> }
            <ul class="paths">{ for rows }</ul>
            { astable("Request paths", open, || {
                let paths = view.nodes.iter().flat_map(|node| node.card.paths.iter().rev());
                let rows = paths.map(|path| {
                    let way = path.nodes.iter().map(|node| node_name(*node)).collect::<Vec<_>>().join(" to ");
                    vec![renamed(&path.name), way, hops(path), renamed(&path.outcome)]
                });
                astable::rows("Request paths", &["what", "way", "hops", "outcome"], rows)
            }) }
        </section>
    }
}

/// How many hops it took, and whether the owner is one step behind them.
fn hops(path: &Path) -> String {
    let hops = match path.hops {
        0 if path.nodes.len() < 2 => String::new(),
        1 => "1 hop".to_owned(),
        hops => format!("{hops} hops"),
    };
    if path.nodes.len() > path.hops + 1 { format!("{hops}, then the owner") } else { hops }
}

fn path(path: &Path) -> Html {
    let hop = |(place, node): (usize, &NodeId)| {
        html! {
            <>
                if place > 0 { <span class="to" aria-label="to">{ "→" }</span> }
                <b data-is={node.to_string()}>{ node_name(*node) }</b>
            </>
        }
    };
    let open = path.outcome.is_empty();
    html! {
        <li class={open.then_some("open")}>
            <p><span class="name">{ renamed(&path.name) }</span><span class="hops">{ hops(path) }</span></p>
            <p class="way">{ for path.nodes.iter().enumerate().map(hop) }
                <span class="outcome">{ if open { "…".to_owned() } else { renamed(&path.outcome) } }</span></p>
        </li>
    }
}
