//! The replicated logs.

use super::{PanelProps, wide};
use crate::kit::hue::hue;
use crate::kit::prose::{node_name, renamed};
use crate::picture::shapes;
use crate::wishes::Do;
use crate::wishes::question::Question;
use faultline_core::NodeId;
use faultline_core::view::{Card, LogCell, LogMark, NodeView, View};
use std::ops::RangeInclusive;
use web_sys::Element;
use yew::prelude::*;

/// The most columns; the latest are shown.
const MOST_COLUMNS: u64 = 40;

/// The replicated logs: a row a node, a column an index.
#[component]
pub fn Logs(PanelProps { view, dispatch }: &PanelProps) -> Html {
    let marks = Marks::of(view);
    let keepers: Vec<&NodeView> =
        view.nodes.iter().map(|node| &**node).filter(|node| node.card.log_base.is_some()).collect();
    let last = |card: &Card| card.log.last().map_or(0, |cell| cell.index);
    let held = view.nodes.iter().map(|node| last(&node.card)).max().unwrap_or(0);
    let most = marks.all.iter().map(|(_, mark)| mark.index).max().unwrap_or(0).max(held);
    let first = most.saturating_sub(MOST_COLUMNS) + 1;
    let cell = |node: &NodeView, index: u64| {
        let cell = node.card.log.iter().find(|cell| cell.index == index);
        html! { <td class={cell.is_none().then_some("without")}>{ for cell.map(|cell| entry(node.id, cell, dispatch)) }{ marks.at(node.id, index..=index) }</td> }
    };
    let place = use_node_ref();
    {
        let place = place.clone();
        // Where there are more entries than fit, the newest is in sight when it comes.
        use_effect_with(most, move |_| {
            let place = place.cast::<Element>();
            if let Some(scroll) = place.and_then(|place| place.query_selector(".scroll").ok().flatten()) {
                scroll.set_scroll_left(scroll.scroll_width());
            }
        });
    }
    let columns = first..=most.max(1);
    let style = format!("--columns: {}", columns.clone().count());
    html! {
        <section ref={place} aria-label="Logs">
            <h3>{ "Logs" }</h3>
            { wide("Logs", html! { <table class={classes!("logs", (!marks.words.is_empty()).then_some("marked"))} {style}>
                <thead><tr><th scope="col"><span class="hidden">{ "index" }</span></th>{ for columns.clone().map(|index| html! { <th scope="col">{ index }</th> }) }</tr></thead>
                <tbody>
                    { for keepers.iter().map(|node| html! {
                        <tr class={(!node.up).then_some("down")} data-is={node.id.to_string()}>
                            <th scope="row">{ &node.called }{ marks.at(node.id, 0..=first - 1) }</th>
                            { for columns.clone().map(|index| cell(node, index)) }
                        </tr>
                    }) }
                </tbody>
            </table> }) }
            if held == 0 {
                <p class="empty">{ "All logs are empty. Send a node a request." }</p>
            } else {
                <p class="legend">{ format!("Numbers: {}. Solid: {}. Dashed: not yet.", view.log_words.number, view.log_words.settled) }
                    { for marks.words.iter().enumerate().map(|(sort, (name, meaning))| html! { <span class="sort">{ sign(sort) }{ format!("{name}: {meaning}.") }</span> }) }
                </p>
            }
        </section>
    }
}

/// What nodes mark in the logs of others.
struct Marks {
    words: &'static [(&'static str, &'static str)],
    /// Each with whose it is.
    all: Vec<(NodeId, LogMark)>,
    /// Whether marks of several nodes have to be told apart.
    many: bool,
}

impl Marks {
    fn of(view: &View) -> Self {
        let up = view.nodes.iter().filter(|node| node.up);
        let all: Vec<_> = up.flat_map(|node| node.card.marks.iter().map(|mark| (node.id, *mark))).collect();
        let many = all.iter().any(|(whose, _)| *whose != all[0].0);
        Marks { words: view.log_words.marks, all, many }
    }

    /// Those in a node's log in some places of it.
    fn at(&self, on: NodeId, places: RangeInclusive<u64>) -> Html {
        let here = self.all.iter().filter(|(_, mark)| mark.on == on && places.contains(&mark.index));
        let mark = |(whose, mark): &(NodeId, LogMark)| {
            let name = self.words.get(mark.sort).map_or("", |(name, _)| name);
            let words =
                format!("{name} {} for {}, according to {}", mark.index, node_name(on), node_name(*whose));
            html! { <span role="img" title={words.clone()} aria-label={words}>{ sign(mark.sort) }if self.many { { node_name(*whose) } }</span> }
        };
        html! { <span class="marks">{ for here.map(mark) }</span> }
    }
}

fn sign(sort: usize) -> Html {
    html! { <svg viewBox="-5 -5 10 10" width="10" height="10" aria-hidden="true"><path d={shapes::log_mark(sort)} /></svg> }
}

/// An entry, which says why it is there.
fn entry(node: NodeId, cell: &LogCell, dispatch: &Callback<Do>) -> Html {
    let (index, text) = (cell.index, renamed(&cell.text));
    let onclick = dispatch.reform(move |_: MouseEvent| Do::Why(Question::Cell(node, index)));
    let state = if cell.committed { "committed" } else { "open" };
    html! {
        <button class={classes!("entry", hue(cell.term), state, cell.changed.then_some("changed"))} title={format!("{text}: why?")} {onclick}>
            <b>{ cell.term }</b><span>{ text }</span>
        </button>
    }
}
