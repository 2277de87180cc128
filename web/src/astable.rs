//! The table behind a picture: what it shows, as rows of words, for whoever cannot see it or wants the numbers. It is
//! made only while it is open.

use crate::prose::clock;
use crate::store::Chunk;
use faultline_core::toolbox::order::by_number;
use faultline_core::view::{Arrow, Dot, Ending, Mark, MessageView, NodeView, Outlook, View};
use std::rc::Rc;
use yew::prelude::*;

/// The most rows.
const MOST_ROWS: usize = 200;

/// Whether a table is open, and what hears that it is opened and closed.
#[hook]
pub fn use_open() -> (bool, Callback<Event>) {
    let open = use_state(|| false);
    let ontoggle = {
        let open = open.clone();
        Callback::from(move |event: Event| {
            let details = event.target_dyn_into::<web_sys::Element>();
            open.set(details.is_some_and(|details| details.has_attribute("open")));
        })
    };
    (*open, ontoggle)
}

/// A table that is open or can be opened; `of` says what it is of.
pub fn astable(of: &str, (open, ontoggle): (bool, Callback<Event>), content: impl FnOnce() -> Html) -> Html {
    html! {
        <details class="as-table" {ontoggle}>
            <summary aria-label={format!("{of} as a table")}><span class="longer">{ "As a table" }</span><span class="shorter">{ "Table" }</span></summary>
            if open { <div class="rows" tabindex="0" role="group" aria-label={format!("{of}, scrolls")}>{ content() }</div> }
        </details>
    }
}

/// Rows under their heads.
pub fn rows(caption: &'static str, heads: &[&'static str], rows: impl Iterator<Item = Vec<String>>) -> Html {
    let all: Vec<_> = rows.collect();
    let more = all.len().saturating_sub(MOST_ROWS);
    let row =
        |row: &Vec<String>| html! { <tr>{ for row.iter().map(|cell| html! { <td>{ cell }</td> }) }</tr> };
    html! {
        <table>
            <caption>{ caption }</caption>
            <thead><tr>{ for heads.iter().map(|head| html! { <th scope="col">{ *head }</th> }) }</tr></thead>
            <tbody>
                { for all.iter().take(MOST_ROWS).map(row) }
                if more > 0 { <tr><td colspan={heads.len().to_string()}>{ format!("and {more} more") }</td></tr> }
            </tbody>
        </table>
    }
}

/// What the table of the stage shows.
#[derive(Properties, PartialEq)]
pub struct StageTableProps {
    /// The moment.
    pub view: Rc<View>,
}

/// The nodes, what is under way between them, and which links have something the matter with them.
#[component]
pub fn StageTable(StageTableProps { view }: &StageTableProps) -> Html {
    astable("The stage", use_open(), || {
        let links = [(&view.cuts, "cut"), (&view.held, "held"), (&view.altered, "altered")];
        let links = links.into_iter().flat_map(|(links, state)| {
            links.iter().map(move |(from, to)| vec![from.to_string(), to.to_string(), state.to_owned()])
        });
        let links: Vec<_> = links.collect();
        html! {
            <>
                { rows("Nodes", &["node", "state", "what it knows"], view.nodes.iter().map(|it| node(it))) }
                { rows("Messages under way", &["kind", "from", "to", "arrives"], view.messages.iter().map(message)) }
                if !links.is_empty() { { rows("Links", &["from", "to", "state"], links.into_iter()) } }
            </>
        }
    })
}

fn node(node: &NodeView) -> Vec<String> {
    let mut state = if node.up { node.card.role.to_owned() } else { "crashed".into() };
    state += if node.paused { ", paused" } else { "" };
    state += if node.taken { ", taken over" } else { "" };
    let fields = node.card.fields.iter().map(|field| format!("{} {}", field.name, field.value));
    let entries = node.card.log.iter().map(|cell| format!("{} of {}", cell.text, cell.term));
    let log = entries.collect::<Vec<_>>().join(", ");
    let log = if log.is_empty() { None } else { Some(format!("log: {log}")) };
    vec![node.id.to_string(), state, fields.chain(log).collect::<Vec<_>>().join("; ")]
}

fn message(message: &MessageView) -> Vec<String> {
    let arrives = match message.outlook {
        _ if message.held => "is held".to_owned(),
        Outlook::Arrives => clock(message.until),
        Outlook::Lost => format!("lost at {}", clock(message.until)),
    };
    vec![message.kind.name.to_owned(), message.from.to_string(), message.to.to_string(), arrives]
}

/// What the table of the diagram shows.
#[derive(Properties, PartialEq)]
pub struct DiagramTableProps {
    /// The chunks in sight.
    pub chunks: Vec<(u64, Rc<Chunk>)>,
}

/// What happened in sight: messages by when they were sent, and steps.
#[component]
pub fn DiagramTable(DiagramTableProps { chunks }: &DiagramTableProps) -> Html {
    astable("The diagram", use_open(), || {
        let mut all = Vec::new();
        for (_, chunk) in chunks {
            all.extend(chunk.diagram.arrows.iter().map(|it| (it.sent, arrow(it))));
            all.extend(chunk.diagram.dots.iter().map(|it| (it.time, dot(it))));
        }
        by_number(&mut all, |(time, _)| (*time).into());
        let heads = ["when", "who", "what", "and then"];
        rows("What happened in sight", &heads, all.into_iter().map(|(_, row)| row))
    })
}

fn arrow(arrow: &Arrow) -> Vec<String> {
    let until = clock(arrow.until);
    let end = match arrow.ending {
        Ending::Arrived => format!("arrives at {until}"),
        Ending::LostOnTheWay => format!("lost on the way, at {until}"),
        Ending::LostAtEnd => format!("lost at the end of its way, at {until}"),
        Ending::Dropped => format!("dropped at {until}"),
        Ending::Flying => "under way".into(),
    };
    vec![clock(arrow.sent), format!("{} to {}", arrow.from, arrow.to), arrow.kind.name.to_owned(), end]
}

fn dot(dot: &Dot) -> Vec<String> {
    let mark = match dot.mark {
        Mark::Local => "a step of its own",
        Mark::Milestone => "a step that it tells of",
        Mark::Fault => "a fault",
        Mark::Repair => "a repair",
        Mark::Violation => "a claim breaks",
    };
    vec![clock(dot.time), dot.node.to_string(), mark.to_owned(), dot.label.clone()]
}
