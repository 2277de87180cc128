//! Keys and values.

use super::{PanelProps, wide};
use faultline_core::view::NodeView;
use std::collections::BTreeSet;
use yew::prelude::*;

/// Keys and values: a row a key, a column a node.
#[component]
pub fn Table(PanelProps { view }: &PanelProps) -> Html {
    let keys: BTreeSet<&String> =
        view.nodes.iter().flat_map(|node| node.card.table.iter().map(|(key, _)| key)).collect();
    if keys.is_empty() {
        return Html::default();
    }
    let value = |node: &NodeView, key: &String| {
        let found = node.card.table.iter().find(|(other, _)| other == key);
        found.map_or_else(|| "–".to_owned(), |(_, value)| value.clone())
    };
    html! {
        <section aria-label="Values">
            <h3>{ "Values" }</h3>
            { wide("Values", html! { <table class="values">
                    <thead><tr><th scope="col">{ "key" }</th>{ for view.nodes.iter().map(|node| html! { <th scope="col">{ node.id.to_string() }</th> }) }</tr></thead>
                    <tbody>
                        { for keys.iter().map(|key| html! {
                            <tr><th scope="row">{ (*key).clone() }</th>{ for view.nodes.iter().map(|node| html! { <td>{ value(node, key) }</td> }) }</tr>
                        }) }
                    </tbody>
                </table> }) }
        </section>
    }
}
