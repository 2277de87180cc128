//! The stage as a table.

use crate::kit::astable::{astable, rows, use_open};
use crate::kit::prose::{clock, node_name};
use faultline_core::view::{MessageView, NodeView, Outlook, View};
use std::rc::Rc;
use yew::prelude::*;

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
                { rows("Nodes", &["node", "state", "knowledge"], view.nodes.iter().map(|it| node(it))) }
                { rows("Messages in flight", &["kind", "from", "to", "arrives"], view.messages.iter().map(message)) }
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
    let holds = node.card.holds.iter().map(|held| format!("holds {}", held.in_words()));
    vec![node.called.clone(), state, fields.chain(log).chain(holds).collect::<Vec<_>>().join("; ")]
}

fn message(message: &MessageView) -> Vec<String> {
    let arrives = match message.outlook {
        _ if message.held => "held".to_owned(),
        Outlook::Arrives => clock(message.until),
        Outlook::Lost => format!("lost at {}", clock(message.until)),
    };
    let story = message.story.as_ref().filter(|story| story.face.is_some());
    let says = story.map_or(String::new(), |story| format!(" “{}”", story.says));
    vec![format!("{}{says}", message.kind.name), node_name(message.from), node_name(message.to), arrives]
}
