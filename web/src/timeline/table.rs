//! The diagram as a table.

use crate::kit::astable::{astable, rows, use_open};
use crate::kit::prose::{clock, node_name};
use crate::lab::Chunk;
use faultline_core::toolbox::order::by_number;
use faultline_core::view::{Arrow, Dot, Ending, Frontier, Mark};
use std::rc::Rc;
use yew::prelude::*;

/// What the table of the diagram shows.
#[derive(Properties, PartialEq)]
pub struct DiagramTableProps {
    /// The chunks in sight.
    pub chunks: Vec<(u64, Rc<Chunk>)>,
    /// The cuts through the run.
    pub cuts: Rc<Vec<Frontier>>,
}

/// What happened in sight: messages by when they were sent, and steps.
#[component]
pub fn DiagramTable(DiagramTableProps { chunks, cuts }: &DiagramTableProps) -> Html {
    astable("The diagram", use_open(), || {
        let mut all = Vec::new();
        for (_, chunk) in chunks {
            all.extend(chunk.diagram.arrows.iter().map(|it| (it.sent, arrow(it))));
            all.extend(chunk.diagram.dots.iter().map(|it| (it.time, dot(it))));
            let points = cuts.iter().flat_map(|cut| cut.points.iter().map(move |point| (cut, point)));
            let within = points.filter(|(_, point)| (chunk.from..chunk.until).contains(&point.time));
            all.extend(within.map(|(cut, point)| {
                (
                    point.time,
                    vec![clock(point.time), node_name(point.node), "a point of a cut".into(), cut.verdict()],
                )
            }));
        }
        by_number(&mut all, |(time, _)| (*time).into());
        let heads = ["when", "node", "what", "outcome"];
        rows("Visible events", &heads, all.into_iter().map(|(_, row)| row))
    })
}

fn arrow(arrow: &Arrow) -> Vec<String> {
    let until = clock(arrow.until);
    let end = match arrow.ending {
        Ending::Arrived => format!("arrives at {until}"),
        Ending::LostOnTheWay => format!("lost on the way, at {until}"),
        Ending::LostAtEnd => format!("lost on arrival, at {until}"),
        Ending::Dropped => format!("dropped at {until}"),
        Ending::Flying => "in flight".into(),
    };
    vec![clock(arrow.sent), format!("{} to {}", arrow.from, arrow.to), arrow.kind.name.to_owned(), end]
}

fn dot(dot: &Dot) -> Vec<String> {
    let mark = match dot.mark {
        Mark::Local => "a step",
        Mark::Milestone => "a milestone",
        Mark::Fault => "a fault",
        Mark::Repair => "a repair",
        Mark::Violation => "a claim breaks",
    };
    vec![clock(dot.time), node_name(dot.node), mark.to_owned(), dot.label.clone()]
}
