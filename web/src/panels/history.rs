//! What clients asked and were told: a row a client, a bar an operation, from when it was asked until it was answered.

use super::wide;
use crate::kit::astable::{self, astable, use_open};
use crate::kit::prose::fixed;
use faultline_core::toolbox::order;
use faultline_core::view::{OperationView, Operations};
use std::rc::Rc;
use yew::prelude::*;

/// The most operations that are drawn; the latest are.
const MOST: usize = 200;
/// Height of a row, width of a letter, and the least and the most that a tick is wide.
const ROW: f64 = 28.0;
const LETTER: f64 = 7.0;
const TICK: (f64, f64) = (14.0, 112.0);

/// What is drawn.
#[derive(Properties, PartialEq)]
pub struct HistoryProps {
    /// The operations and the verdict.
    pub operations: Rc<Operations>,
}

/// The verdict, and the bars.
#[component]
pub fn History(HistoryProps { operations }: &HistoryProps) -> Html {
    let all = &operations.operations;
    let shown = &all[all.len().saturating_sub(MOST)..];
    let verdict = match operations.linearizable {
        Some(true) => ("verdict holds", "✓"),
        Some(false) => ("verdict violated", "✗"),
        None => ("verdict", "?"),
    };
    let open = use_open();
    html! {
        <section aria-label="Client requests and answers">
            <h3>{ "Client requests and answers" }</h3>
            if shown.is_empty() {
                <p class="empty">{ "No requests yet." }</p>
            } else {
                <p class={verdict.0}><span aria-hidden="true">{ verdict.1 }</span>{ &operations.sentence }</p>
                { wide("History", bars(shown)) }
                <p class="legend">{ "Time runs to the right. Operations whose bars overlap were concurrent. A bar that is open to the right has no answer yet." }</p>
                { astable("Client requests and answers", open, || {
                    let answered = |it: &OperationView| it.returned.map_or_else(|| "not yet".into(), |it| it.to_string());
                    let row = |it: &OperationView| vec![it.process.to_string(), it.text.clone(), it.invoked.to_string(), answered(it)];
                    astable::rows("Client requests and answers", &["client", "what", "requested at moment no.", "answered at moment no."], all.iter().rev().map(row))
                }) }
            }
        </section>
    }
}

fn bars(shown: &[OperationView]) -> Html {
    let mut clients: Vec<u64> = shown.iter().map(|operation| operation.process).collect();
    order::by(&mut clients, Ord::cmp);
    clients.dedup();
    let first = shown.iter().map(|operation| operation.invoked).min().unwrap_or(0);
    let ends = shown.iter().map(|operation| operation.returned.unwrap_or(operation.invoked) + 1);
    let last = ends.max().unwrap_or(0).max(first + 2);
    let end = |operation: &OperationView| operation.returned.unwrap_or(last);
    // Words may reach beyond their bar, until the client asks again.
    let room = |operation: &OperationView| {
        let own = shown.iter().filter(|other| other.process == operation.process);
        let next = own.map(|other| other.invoked).filter(|&invoked| invoked > operation.invoked).min();
        (next.unwrap_or(last) - operation.invoked).max(1)
    };
    let needs = |operation: &OperationView| {
        let letters = operation.text.chars().count() as f64 * LETTER + 14.0;
        letters / room(operation) as f64
    };
    let tick = shown.iter().map(needs).fold(TICK.0, f64::max).min(TICK.1);
    let share = |ticks: u64| ticks as f64 / (last - first) as f64 * 100.0;
    let bar = |operation: &OperationView| {
        let [left, width] = [operation.invoked - first, end(operation) - operation.invoked].map(share);
        let words = format!("width: {}%", fixed(share(room(operation)) / width.max(0.01) * 100.0, 3));
        let open = operation.returned.is_none().then_some("open");
        let impossible = operation.impossible.then_some("impossible");
        let row = clients.iter().position(|client| *client == operation.process).unwrap_or(0);
        html! {
            <li class={classes!("operation", open, impossible)} title={operation.text.clone()}
                style={format!("left: {}%; top: {}px; width: {}%", fixed(left, 3), fixed(row as f64 * ROW, 1), fixed(width, 3))}><span style={words}>{ &operation.text }</span></li>
        }
    };
    let names = clients.iter().map(|client| html! { <li>{ format!("client {client}") }</li> });
    let [wide, high] = [(last - first) as f64 * tick, clients.len() as f64 * ROW].map(|size| fixed(size, 1));
    let size = format!("min-width: {wide}px; height: {high}px");
    html! {
        <div class="history">
            <ul class="clients">{ for names }</ul>
            <ul class="operations" style={size}>{ for shown.iter().map(bar) }</ul>
        </div>
    }
}
