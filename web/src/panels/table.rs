//! Keys and values.

use super::{PanelProps, wide};
use crate::kit::prose::renamed;
use crate::wishes::Do;
use crate::wishes::question::Question;
use faultline_core::toolbox::order;
use faultline_core::view::NodeView;
use yew::prelude::*;

/// Keys and values: a row a key, a column a node of a role in which something is held.
#[component]
pub fn Table(PanelProps { view, dispatch }: &PanelProps) -> Html {
    let mut keys: Vec<&String> =
        view.nodes.iter().flat_map(|node| node.card.table.iter().map(|(key, _)| key)).collect();
    if keys.is_empty() {
        return html! { <section aria-label="Values"><h3>{ "Values" }</h3><p class="empty">{ "No values yet." }</p></section> };
    }
    order::by(&mut keys, Ord::cmp);
    keys.dedup();
    let holds = |role| view.nodes.iter().any(|node| node.card.role == role && !node.card.table.is_empty());
    let columns: Vec<&NodeView> =
        view.nodes.iter().map(|node| &**node).filter(|node| holds(node.card.role)).collect();
    let value = |node: &NodeView, key: &String| {
        let Some((_, value)) = node.card.table.iter().find(|(other, _)| other == key) else {
            return html! { "–" };
        };
        let (id, key) = (node.id, key.clone());
        let onclick = dispatch.reform(move |_: MouseEvent| Do::Why(Question::Row(id, key.clone())));
        html! { <button class="fact" title="Why?" {onclick}>{ value }</button> }
    };
    html! {
        <section aria-label="Values">
            <h3>{ "Values" }</h3>
            { wide("Values", html! { <table class="values">
                    <thead><tr><th scope="col">{ "key" }</th>{ for columns.iter().map(|node| html! { <th scope="col">{ &node.called }</th> }) }</tr></thead>
                    <tbody>
                        { for keys.iter().map(|key| html! {
                            <tr><th scope="row">{ renamed(key) }</th>{ for columns.iter().map(|node| html! { <td>{ value(node, key) }</td> }) }</tr>
                        }) }
                    </tbody>
                </table> }) }
        </section>
    }
}
