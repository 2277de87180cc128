//! State: a card for every node, and the panels that the protocol chose from the fixed set.

use crate::hue::hue;
use crate::msg::Do;
use faultline_core::protocol::Panel;
use faultline_core::session::Target;
use faultline_core::view::{Card, Field, LogCell, NodeView, View};
use std::collections::BTreeSet;
use std::rc::Rc;
use yew::prelude::*;

/// The most columns of the logs panel; the latest are shown.
const MOST_COLUMNS: u64 = 40;

/// What the panels show.
#[derive(Properties, PartialEq)]
pub struct PanelsProps {
    /// The moment.
    pub view: Rc<View>,
    /// What is selected.
    pub selection: Option<Target>,
    /// Who is told.
    pub dispatch: Callback<Do>,
}

/// All of the state.
#[component]
pub fn Panels(PanelsProps { view, selection, dispatch }: &PanelsProps) -> Html {
    let panel = |panel: &Panel| match panel {
        Panel::Logs => html! { <Logs view={view.clone()} /> },
        Panel::Table => html! { <Table view={view.clone()} /> },
        _ => Html::default(),
    };
    html! {
        <div class="panels" tabindex="0" role="group" aria-label="State of all nodes">
            { for view.panels.iter().map(panel) }
            <section aria-label="Nodes">
                <h3>{ "Nodes" }</h3>
                <div class="cards">{ for view.nodes.iter().map(|node| card(node, *selection, dispatch)) }</div>
            </section>
        </div>
    }
}

fn card(node: &NodeView, selection: Option<Target>, dispatch: &Callback<Do>) -> Html {
    let target = Target::Node(node.id);
    let onclick = dispatch.reform(move |_: MouseEvent| Do::Select(Some(target)));
    let class =
        classes!("card", (!node.up).then_some("down"), (selection == Some(target)).then_some("selected"));
    let field = |field: &Field| {
        html! {
            <div class={field.changed.then_some("changed")}>
                <dt>{ field.name }</dt>
                <dd>{ &field.value }if field.changed { <span class="mark" role="img" aria-label="just changed">{ "◂" }</span> }</dd>
            </div>
        }
    };
    html! {
        <article {class} data-is={node.id.to_string()}>
            <h4><button {onclick}>{ node.id.to_string() }</button><span>{ if node.up { node.card.role } else { "crashed: its disk" } }</span></h4>
            <dl>{ for node.card.fields.iter().map(field) }</dl>
        </article>
    }
}

#[derive(Properties, PartialEq)]
struct PanelProps {
    view: Rc<View>,
}

/// The replicated logs: a row a node, a column an index.
#[component]
fn Logs(PanelProps { view }: &PanelProps) -> Html {
    let last = |card: &Card| card.log.last().map_or(0, |cell| cell.index);
    let most = view.nodes.iter().map(|node| last(&node.card)).max().unwrap_or(0);
    let first = most.saturating_sub(MOST_COLUMNS) + 1;
    let cell = |node: &NodeView, index: u64| match node.card.log.iter().find(|cell| cell.index == index) {
        Some(cell) => entry(cell),
        None => html! { <td></td> },
    };
    html! {
        <section aria-label="Logs">
            <h3>{ "Logs" }</h3>
            if most == 0 {
                <p class="empty">{ "All logs are empty. Ask a node for something." }</p>
            } else {
                <div class="scroll" tabindex="0" role="group" aria-label="Logs, scrolls sideways">
                    <table class="logs">
                        <thead><tr><th scope="col">{ "index" }</th>{ for (first..=most).map(|index| html! { <th scope="col">{ index }</th> }) }</tr></thead>
                        <tbody>
                            { for view.nodes.iter().map(|node| html! {
                                <tr class={(!node.up).then_some("down")}>
                                    <th scope="row">{ node.id.to_string() }</th>
                                    { for (first..=most).map(|index| cell(node, index)) }
                                </tr>
                            }) }
                        </tbody>
                    </table>
                </div>
                <p class="legend">{ format!("The number is the {}. Solid: {}. Dashed: not yet.", view.log_words.number, view.log_words.settled) }</p>
            }
        </section>
    }
}

fn entry(cell: &LogCell) -> Html {
    let state = if cell.committed { "committed" } else { "open" };
    html! {
        <td>
            <div class={classes!("entry", hue(cell.term), state, cell.changed.then_some("changed"))}>
                <b>{ cell.term }</b><span>{ &cell.text }</span>
            </div>
        </td>
    }
}

/// Keys and values: a row a key, a column a node.
#[component]
fn Table(PanelProps { view }: &PanelProps) -> Html {
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
            <div class="scroll" tabindex="0" role="group" aria-label="Values, scrolls sideways">
                <table class="values">
                    <thead><tr><th scope="col">{ "key" }</th>{ for view.nodes.iter().map(|node| html! { <th scope="col">{ node.id.to_string() }</th> }) }</tr></thead>
                    <tbody>
                        { for keys.iter().map(|key| html! {
                            <tr><th scope="row">{ (*key).clone() }</th>{ for view.nodes.iter().map(|node| html! { <td>{ value(node, key) }</td> }) }</tr>
                        }) }
                    </tbody>
                </table>
            </div>
        </section>
    }
}
