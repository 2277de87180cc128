//! Queues and partitions: what comes out next stands first, beside the way out.

use super::PanelProps;
use crate::kit::astable::{self, astable, use_open};
use crate::kit::prose::{node_name, renamed};
use faultline_core::view::{Lane, LaneItem, LaneState};
use yew::prelude::*;

/// The most things of a lane that are drawn, of those that wait and of those that are done.
const MOST_ITEMS: usize = 24;

/// The lanes of all nodes.
#[component]
pub fn Lanes(PanelProps { view, .. }: &PanelProps) -> Html {
    let nodes = view.nodes.iter().filter(|node| !node.card.lanes.is_empty());
    let rows = nodes.flat_map(|node| node.card.lanes.iter().map(move |it| lane(&node.called, it)));
    let rows: Vec<Html> = rows.collect();
    let (open, called) = (use_open(), view.lane_words);
    html! {
        <section aria-label={called.all}>
            <h3>{ called.all }</h3>
            if rows.is_empty() { <p class="empty">{ format!("All {} are empty.", called.all.to_lowercase()) }</p> }
            <div class="lanes">{ for rows }</div>
            { astable(called.all, open, || {
                let nodes = view.nodes.iter().flat_map(|node| node.card.lanes.iter().map(move |lane| (node.id, lane)));
                let rows = nodes.flat_map(|(node, lane)| lane.items.iter().enumerate().map(move |(place, item)| {
                    vec![node_name(node), renamed(&lane.name), (place + 1).to_string(), item.text.clone(), words_of(item).1.to_owned()]
                }));
                astable::rows(called.all, &["node", called.one, "place", "what", "state"], rows)
            }) }
        </section>
    }
}

fn lane(node: &str, lane: &Lane) -> Html {
    let hidden = lane.items.len().saturating_sub(MOST_ITEMS);
    html! {
        <div class={classes!("lane", lane.note.is_empty().then_some("unnoted"))} data-is={node.to_owned()}>
            <h4><b>{ node.to_owned() }</b>{ " " }{ renamed(&lane.name) }<span>{ &lane.note }</span></h4>
            <ol>
                if lane.items.is_empty() { <li class="empty">{ "empty" }</li> }
                { for lane.items.iter().take(MOST_ITEMS).map(item) }
                if hidden > 0 { <li class="empty">{ format!("{hidden} more") }</li> }
            </ol>
        </div>
    }
}

/// The name of an item's state in the style sheet, and what is said of it.
fn words_of(thing: &LaneItem) -> (&'static str, &str) {
    let (class, state) = match thing.state {
        LaneState::Ready => ("ready", ""),
        LaneState::Waiting => ("waiting", "waits"),
        LaneState::Taken => ("taken", "handed out"),
        LaneState::Done => ("done", ""),
    };
    (class, if thing.note.is_empty() { state } else { &thing.note })
}

fn item(thing: &LaneItem) -> Html {
    let (class, words) = words_of(thing);
    html! {
        <li class={classes!("item", class, thing.changed.then_some("changed"))}>
            <b>{ &thing.text }</b>
            if !words.is_empty() { <span>{ words.to_owned() }</span> }
        </li>
    }
}
