//! What a crowd's picture shows and what it leaves out, below it: the signs of the roles with how many have each.

use crate::kit::prose::{fixed, grouped};
use crate::picture::shapes::{self, LEGIBLE};
use faultline_core::view::{MOST_WORDED, Tone, View};
use std::rc::Rc;
use yew::prelude::*;

/// What is told.
#[derive(Properties, PartialEq)]
pub struct TallyProps {
    /// The moment.
    pub view: Rc<View>,
    /// The radius of a node.
    pub radius: f64,
    /// How much of the run is known, while it is being worked out.
    pub known: Option<f64>,
}

/// The roles with their signs, and a sentence.
#[component]
pub fn Tally(TallyProps { view, radius, known }: &TallyProps) -> Html {
    let mut roles: Vec<(&'static str, Tone, u64)> = Vec::new();
    let (mut down, mut taken) = (0, 0);
    for node in &view.nodes {
        taken += u64::from(node.taken);
        match roles.iter_mut().find(|(role, ..)| *role == node.card.role) {
            _ if !node.booted => {}
            _ if !node.up => down += 1,
            Some((.., count)) => *count += 1,
            None => roles.push((node.card.role, node.card.tone, 1)),
        }
    }
    let sign = |tone: Tone| {
        let core = shapes::core(tone);
        html! {
            <svg viewBox="-8 -8 16 16" aria-hidden="true">
                <circle class={if core.is_some() { "rim" } else { "rim plain" }} r="6" />
                if let Some(core) = core { <circle r={fixed(6.0 * core, 2)} /> }
            </svg>
        }
    };
    let role = |&(role, tone, count): &(&'static str, Tone, u64)| {
        html! { <span class="role">{ sign(tone) }<b>{ grouped(count) }</b>{ format!(" {role}") }</span> }
    };
    let other = |sign: String, count: u64, words: &str| {
        if count == 0 {
            return Html::default();
        }
        html! { <span class="role"><svg viewBox="-8 -8 16 16" aria-hidden="true"><path d={sign} /></svg><b>{ grouped(count) }</b>{ words }</span> }
    };
    // What spreads stands before what has settled.
    let tones = [Tone::Plain, Tone::Seeking, Tone::Leading];
    let in_order = tones.iter().flat_map(|tone| roles.iter().filter(move |(_, other, _)| other == tone));
    let words = if view.messages.len() > MOST_WORDED { " and unlabelled messages" } else { "" };
    let dots = if *radius < LEGIBLE { "without names or timers" } else { "without timers" };
    html! {
        <p class="hint tally">
            { for in_order.map(role) }
            { other(shapes::cross(5.0), down, " crashed") }
            { other(shapes::jagged(6.0), taken, " taken over") }
            <span class="rest">{ format!("{} nodes {dots}{words}", grouped(view.nodes.len() as u64)) }<span class="longer">{ "; click a node or type its number to see its details" }</span>{ "." }</span>
            if let Some(known) = known {
                <span class="rest" role="status">{ format!(" Computing the run: {} %.", fixed(known * 100.0, 0)) }</span>
            }
        </p>
    }
}
