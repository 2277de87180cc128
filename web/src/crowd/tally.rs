//! What a crowd's picture shows and what it leaves out, below it: the signs of the roles with how many have each.

use crate::kit::prose::{fixed, grouped};
use crate::picture::drawn::figure;
use crate::picture::shapes::LEGIBLE;
use crate::picture::signs::{self, Figure};
use faultline_core::view::{MOST_WORDED, SIGNS, Sign, View};
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

/// The radius of the signs.
const SIZE: f64 = 6.5;

/// The roles with their signs, and a sentence.
#[component]
pub fn Tally(TallyProps { view, radius, known }: &TallyProps) -> Html {
    let mut roles: Vec<(&'static str, Sign, u64)> = Vec::new();
    let (mut down, mut taken) = (0, 0);
    for node in &view.nodes {
        taken += u64::from(node.taken);
        match roles.iter_mut().find(|(role, ..)| *role == node.card.role) {
            _ if !node.booted => {}
            _ if !node.up => down += 1,
            Some((.., count)) => *count += 1,
            None => roles.push((node.card.role, node.card.sign, 1)),
        }
    }
    let other = |sign: &Figure, count: u64, words: &str| {
        if count == 0 {
            return Html::default();
        }
        html! { <span class="role"><svg viewBox="-10 -10 20 20" aria-hidden="true">{ figure(sign) }</svg><b>{ grouped(count) }</b>{ format!(" {words}") }</span> }
    };
    let role = |&(role, sign, count): &(&'static str, Sign, u64)| other(&signs::of(sign, SIZE), count, role);
    // What spreads stands before what has settled.
    let in_order = SIGNS.iter().flat_map(|sign| roles.iter().filter(move |(_, other, _)| other == sign));
    let words = if view.messages.len() > MOST_WORDED { " and unlabelled messages" } else { "" };
    let dots = if *radius < LEGIBLE { "without names or timers" } else { "without timers" };
    html! {
        <p class="hint tally">
            { for in_order.map(role) }
            { other(&signs::crashed(SIZE), down, "crashed") }
            { other(&signs::two_faced(SIZE), taken, "taken over") }
            <span class="rest">{ format!("{} nodes {dots}{words}", grouped(view.nodes.len() as u64)) }<span class="longer">{ "; click a node or type its number to see its details" }</span>{ "." }</span>
            if let Some(known) = known {
                <span class="rest" role="status">{ format!(" Computing the run: {} %.", fixed(known * 100.0, 0)) }</span>
            }
        </p>
    }
}
