//! Queues and partitions: what comes out next stands first, beside the way out.

use super::PanelProps;
use faultline_core::view::{Lane, LaneItem, LaneState};
use yew::prelude::*;

/// The most things of a lane that are drawn, of those that wait and of those that are done.
const MOST_ITEMS: usize = 24;

/// The lanes of all nodes.
#[component]
pub fn Lanes(PanelProps { view, .. }: &PanelProps) -> Html {
    let nodes = view.nodes.iter().filter(|node| !node.card.lanes.is_empty());
    let rows = nodes.flat_map(|node| node.card.lanes.iter().map(move |it| lane(&node.id.to_string(), it)));
    let rows: Vec<Html> = rows.collect();
    html! {
        <section aria-label="Queues">
            <h3>{ "Queues" }</h3>
            if rows.is_empty() { <p class="empty">{ "No queue holds anything." }</p> }
            <div class="lanes">{ for rows }</div>
        </section>
    }
}

fn lane(node: &str, lane: &Lane) -> Html {
    let hidden = lane.items.len().saturating_sub(MOST_ITEMS);
    html! {
        <div class="lane" data-is={node.to_owned()}>
            <h4><b>{ node.to_owned() }</b>{ " " }{ &lane.name }<span>{ &lane.note }</span></h4>
            <ol>
                if lane.items.is_empty() { <li class="empty">{ "empty" }</li> }
                { for lane.items.iter().take(MOST_ITEMS).map(item) }
                if hidden > 0 { <li class="empty">{ format!("and {hidden} more") }</li> }
            </ol>
        </div>
    }
}

fn item(thing: &LaneItem) -> Html {
    let (class, state) = match thing.state {
        LaneState::Ready => ("ready", ""),
        LaneState::Waiting => ("waiting", "waits"),
        LaneState::Taken => ("taken", "handed out"),
        LaneState::Done => ("done", ""),
    };
    let words = if thing.note.is_empty() { state } else { &thing.note };
    html! {
        <li class={classes!("item", class, thing.changed.then_some("changed"))}>
            <b>{ &thing.text }</b>
            if !words.is_empty() { <span>{ words.to_owned() }</span> }
        </li>
    }
}
