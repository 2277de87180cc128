//! What the run cost up to the moment that is shown: messages and forced writes by kind, rounds, latencies.

use crate::kit::prose::grouped;
use crate::kit::prose::span;
use faultline_core::measure::{Counts, Measures, percentile};
use std::rc::Rc;
use yew::prelude::*;

/// What is shown.
#[derive(Properties, PartialEq)]
pub struct CostProps {
    /// What was counted.
    pub measures: Option<Rc<Measures>>,
}

/// What writes beside messages: when a timer fires, when a node is asked, when it starts.
const LOCAL: [&str; 3] = ["timers", "requests", "starts"];

/// The table by kind, and the rest in sentences.
#[component]
pub fn Cost(CostProps { measures }: &CostProps) -> Html {
    let Some(measures) = measures else {
        return html! { <section class="cost" aria-label="Measures"><h3>{ "Measures" }</h3><p class="empty">{ "Counting…" }</p></section> };
    };
    let row = |name: &str, cells: [Option<u64>; 4]| {
        let cell = |cell: Option<u64>| html! { <td>{ cell.map_or_else(|| "–".into(), grouped) }</td> };
        html! { <tr class={(name == "all").then_some("all")}><th scope="row">{ name.to_owned() }</th>{ for cells.into_iter().map(cell) }</tr> }
    };
    let kind =
        |it: &Counts| row(it.name, [Some(it.sent), Some(it.delivered), Some(it.lost), Some(it.writes)]);
    let local = LOCAL.iter().zip(measures.local_writes).filter(|(_, writes)| *writes > 0);
    let sums: [fn(&Counts) -> u64; 3] = [|it| it.sent, |it| it.delivered, |it| it.lost];
    let [sent, delivered, lost] = sums.map(|of| Some(measures.sum(of)));
    html! {
        <section class="cost" aria-label="Measures">
            <h3>{ "Measures" }</h3>
            <div class="scroll" tabindex="0" role="group" aria-label="Measures, scrolls sideways">
                <table class="counts">
                    <thead><tr><td></td>{ for ["sent", "arrived", "lost", "writes"].iter().map(|head| html! { <th scope="col">{ *head }</th> }) }</tr></thead>
                    <tbody>
                        { for measures.messages.iter().map(kind) }
                        { for local.map(|(name, writes)| row(name, [None, None, None, Some(writes)])) }
                        { row("all", [sent, delivered, lost, Some(measures.writes())]) }
                    </tbody>
                </table>
            </div>
            <table class="counts">
                <thead><tr><td></td>{ for ["count", "p50", "p95", "p99"].iter().map(|head| html! { <th scope="col">{ *head }</th> }) }</tr></thead>
                <tbody>{ for SPREADS.iter().map(|(name, of)| spread(name, of(measures))) }</tbody>
            </table>
            <p>{ format!("{} events, {} rounds.", grouped(measures.events), grouped(measures.rounds)) }</p>
            <p class="legend">{ "All measures count up to the moment shown. Writes: writes forced to a disk. Answered in: the time from a request to its reply. In flight: the time from sending a message to its arrival. Rounds: the longest chain of messages in which each is sent after the previous one has arrived." }</p>
        </section>
    }
}

/// What of the measures is spread.
type Spread = fn(&Measures) -> &[u32];

/// How long who got a reply had waited for it, and how long messages were under way.
const SPREADS: [(&str, Spread); 2] = [("answered in", |it| &it.waits), ("in flight", |it| &it.delays)];

/// Of so many values the median and those that 95 and 99 % do not exceed.
fn percentiles(values: &[u32]) -> [String; 3] {
    [50, 95, 99].map(|percent| match values {
        [] => "–".to_owned(),
        values => span(percentile(values, percent)),
    })
}

fn spread(name: &'static str, values: &[u32]) -> Html {
    html! {
        <tr><th scope="row">{ name }</th><td>{ grouped(values.len() as u64) }</td>{ for percentiles(values).into_iter().map(|it| html! { <td>{ it }</td> }) }</tr>
    }
}

/// What of the measures is a number.
type Sum = fn(&Measures) -> u64;

/// What two runs cost, as rows of a comparison: a name, and a value of each.
pub fn compared(pair: &[Measures; 2]) -> Vec<(String, [String; 2])> {
    let sums: [(&str, Sum); 6] = [
        ("events", |it| it.events),
        ("rounds", |it| it.rounds),
        ("messages sent", |it| it.sum(|of| of.sent)),
        ("messages delivered", |it| it.sum(|of| of.delivered)),
        ("messages lost", |it| it.sum(|of| of.lost)),
        ("forced writes", Measures::writes),
    ];
    let sums = sums.map(|(name, of)| (name.to_owned(), pair.each_ref().map(|it| grouped(of(it)))));
    let spreads = SPREADS.map(|(name, of)| {
        let values = pair.each_ref().map(|it| percentiles(of(it)).join(" · "));
        (format!("{name} (p50 · p95 · p99)"), values)
    });
    let mut rows: Vec<_> = sums.into_iter().chain(spreads).collect();
    // By kind only where either sends any: the other run may be another protocol's.
    let mut kinds: Vec<&str> = Vec::new();
    for counts in pair.iter().flat_map(|it| &it.messages) {
        if counts.sent > 0 && !kinds.contains(&counts.name) {
            kinds.push(counts.name);
        }
    }
    rows.extend(kinds.into_iter().map(|kind| {
        let of = |measures: &Measures| {
            let counts = measures.messages.iter().find(|it| it.name == kind);
            counts.map_or_else(|| "–".into(), |it| grouped(it.sent))
        };
        (format!("{kind} sent"), pair.each_ref().map(of))
    }));
    rows
}
