//! Vector clocks: a row a node, a column an entry. An entry is the darker the less it lags behind what anyone knows.

use super::{PanelProps, wide};
use faultline_core::view::NodeView;
use yew::prelude::*;

/// The clocks.
#[component]
pub fn Clocks(PanelProps { view, .. }: &PanelProps) -> Html {
    let width = view.nodes.iter().map(|node| node.card.clock.len()).max().unwrap_or(0);
    let most = |entry: usize| {
        let known = view.nodes.iter().filter_map(|node| node.card.clock.get(entry));
        known.max().copied().unwrap_or(0)
    };
    let latest: Vec<u64> = (0..width).map(most).collect();
    let cell = |node: &NodeView, entry: usize| {
        let Some(&known) = node.card.clock.get(entry) else { return html! { <td></td> } };
        let class = match latest[entry] - known {
            _ if known == 0 => "nothing",
            0 => "latest",
            1 => "near",
            _ => "behind",
        };
        let own = (node.id.index() == entry).then_some("own");
        html! { <td class={classes!("tick-of", class, own)}>{ known }</td> }
    };
    let row = |node: &NodeView| {
        html! {
            <tr class={(!node.up).then_some("down")} data-is={node.id.to_string()}>
                <th scope="row">{ &node.called }</th>
                { for (0..width).map(|entry| cell(node, entry)) }
            </tr>
        }
    };
    let head = (1..=width).map(|entry| html! { <th scope="col">{ format!("n{entry}") }</th> });
    let table = html! {
        <table class="clocks">
            <thead><tr><th scope="col">{ "clock of" }</th>{ for head }</tr></thead>
            <tbody>{ for view.nodes.iter().map(|node| row(node)) }</tbody>
        </table>
    };
    html! {
        <section aria-label="Clocks">
            <h3>{ "Clocks" }</h3>
            { wide("Clocks", table) }
            <p class="legend">{ "Framed: the node’s own entry. Dark: as recent as any node’s value. Light: the node lacks newer events." }</p>
        </section>
    }
}
