//! `faultline compare`: two scenarios side by side.

use crate::io::{Failure, load, print};
use faultline_core::compare::{ClaimPair, Comparison, Outputs, compare, compare_outputs, play_both};
use faultline_core::measure::{Measures, percentile};
use faultline_core::time::{exact, seconds};
use faultline_core::view::Standing;

/// How many outputs of each run are printed.
const SHOWN: usize = 10;

pub(crate) fn compare_command(one: &str, other: &str) -> Result<(), Failure> {
    let runs = play_both(&load(one)?, &load(other)?);
    let both = [&runs[0], &runs[1]];
    print(&(text(&compare(both)) + &outputs_text(&compare_outputs(both))))
}

fn text(comparison: &Comparison) -> String {
    let mut text = match &comparison.first {
        None => "Every event is the same.\n".to_owned(),
        Some(first) => {
            let line = |place: usize| {
                let line = first.lines[place].as_ref();
                line.map_or("nothing more happens".into(), |line| line.transcript().trim_start().to_owned())
            };
            let (event, time) = (first.event, seconds(first.time, 6));
            format!("The runs diverge at event {event}, {time} s:\n  A  {}\n  B  {}\n", line(0), line(1))
        }
    };
    text += "\nClaims\n";
    for pair in &comparison.claims {
        let mark = if pair.differs() { '!' } else { ' ' };
        text += &format!("{mark} {:<28} A {:<28} B {}\n", pair.name, standing(pair, 0), standing(pair, 1));
    }
    text += "\nWhat differs in the nodes' final states\n";
    for pair in &comparison.ends {
        let value = |side: usize| pair.values[side].as_deref().unwrap_or("-");
        text +=
            &format!("  {:<4} {:<23} A {:<28} B {}\n", pair.node.to_string(), pair.name, value(0), value(1));
    }
    text += "\nMeasures\n";
    let mut row = |name: &str, value: &dyn Fn(&Measures) -> String| {
        let [one, other] = comparison.measures.each_ref().map(value);
        text += &format!("  {name:<28} A {one:<28} B {other}\n");
    };
    row("events", &|it| it.events.to_string());
    row("messages sent", &|it| it.sum(|of| of.sent).to_string());
    row("messages delivered", &|it| it.sum(|of| of.delivered).to_string());
    row("messages lost", &|it| it.sum(|of| of.lost).to_string());
    row("forced writes", &|it| it.writes().to_string());
    row("rounds", &|it| it.rounds.to_string());
    row("latency, median", &|it| exact(percentile(&it.delays, 50)));
    row("answered in, median", &|it| exact(percentile(&it.waits, 50)));
    text
}

fn standing(pair: &ClaimPair, side: usize) -> String {
    match &pair.standings[side] {
        None => "not claimed".into(),
        Some(Standing::Holds) => "holds".into(),
        Some(Standing::Open) => "not yet".into(),
        Some(Standing::Violated { event, .. }) => format!("violated at event {event}"),
        Some(Standing::Unmet { .. }) => "violated in the end".into(),
        Some(Standing::Unjudged { why }) => format!("not judged: {why}"),
        Some(Standing::Unpromised { since }) => format!("not promised since {since}"),
        Some(Standing::Reached { event }) => format!("reached at event {event}"),
    }
}

fn outputs_text(outputs: &[Outputs; 2]) -> String {
    let mut text = String::new();
    for (name, outputs) in ["A", "B"].into_iter().zip(outputs) {
        text += &format!("\nOutputs in {name} only: {}\n", outputs.count);
        for told in outputs.first.iter().take(SHOWN) {
            text +=
                &format!("  {:>5} {:>10}  {} {}\n", told.event, seconds(told.time, 6), told.node, told.text);
        }
    }
    text
}
