//! A chunk of the diagram: its times, what happened in it, and the marks under it.

use super::{AXIS, FOOT, Rows};
use crate::kit::light::way;
use crate::lab::causality::Causality;
use crate::lab::{CHUNK_TICKS, Chunk, TICK_WIDTH, TICKS};
use crate::picture::geometry::{px, translate, within};
use crate::picture::shapes;
use faultline_core::time::{Micros, seconds};
use faultline_core::view::{Arrow, Dot, Ending, Mark, Milestone};
use std::rc::Rc;
use yew::prelude::*;

/// Lifelines that are closer have their arrows drawn together.
const DENSE: f64 = 18.0;

#[derive(Properties, PartialEq)]
pub(super) struct AxisProps {
    pub(super) from: Micros,
    pub(super) zoom: usize,
    pub(super) left: f64,
}

/// The width of a chunk.
const CHUNK_WIDTH: f64 = CHUNK_TICKS as f64 * TICK_WIDTH;

/// The times over a chunk.
#[component]
pub(super) fn Axis(AxisProps { from, zoom, left }: &AxisProps) -> Html {
    let tick = TICKS[*zoom];
    let decimals = match tick {
        0..1_000 => 4,
        1_000..10_000 => 3,
        10_000..1_000_000 => 2,
        _ => 0,
    };
    let ticks = (0..CHUNK_TICKS).map(|nth| {
        let at = px(nth as f64 * TICK_WIDTH);
        html! { <text class="tick" x={at} y="14">{ format!("{} s", seconds(from + nth * tick, decimals)) }</text> }
    });
    html! { <svg class="chunk" style={format!("left: {}px", px(*left))} width={px(CHUNK_WIDTH)} height={px(AXIS)}>{ for ticks }</svg> }
}

#[derive(Properties, PartialEq)]
pub(super) struct FeetProps {
    pub(super) chunk: Rc<Chunk>,
    pub(super) zoom: usize,
    pub(super) left: f64,
}

/// The marks under a chunk.
#[component]
pub(super) fn Feet(FeetProps { chunk, zoom, left }: &FeetProps) -> Html {
    let scale = TICK_WIDTH / TICKS[*zoom] as f64;
    let x = |time: Micros| (time as f64 - chunk.from as f64) * scale;
    let marks = drawn(&chunk.marks, x).into_iter().map(|(mark, class)| foot(mark, class, x(mark.time)));
    html! { <svg class="chunk" style={format!("left: {}px", px(*left))} width={px(CHUNK_WIDTH)} height={px(FOOT)}>{ for marks }</svg> }
}

#[derive(Properties, PartialEq)]
pub(super) struct ChunkProps {
    pub(super) chunk: Rc<Chunk>,
    pub(super) causality: Option<Rc<Causality>>,
    pub(super) zoom: usize,
    pub(super) rows: Rows,
    pub(super) left: f64,
    /// Where in it the window begins, if words stand there.
    pub(super) edge: Option<f64>,
}

/// Where the window begins in a chunk, if words there have to make way for it.
pub(super) fn edge_of(chunk: &Chunk, zoom: usize, edge: f64) -> Option<f64> {
    const NEAR: f64 = 80.0;
    let scale = TICK_WIDTH / TICKS[zoom] as f64;
    let at = edge - chunk.from as f64 * scale;
    let is_near = |dot: &Dot| ((dot.time - chunk.from) as f64 * scale - at).abs() < NEAR;
    let worded = chunk.diagram.dots.iter().filter(|dot| !dot.label.is_empty());
    Some(at).filter(|at| *at > 0.0 && worded.into_iter().any(is_near))
}

/// What happened in a chunk.
#[component]
pub(super) fn ChunkView(ChunkProps { chunk, causality, zoom, rows, left, edge }: &ChunkProps) -> Html {
    let scale = TICK_WIDTH / TICKS[*zoom] as f64;
    let x = |time: Micros| (time as f64 - chunk.from as f64) * scale;
    let ticks = (0..CHUNK_TICKS).map(|nth| {
        let at = px(nth as f64 * TICK_WIDTH);
        html! { <line class="tick" x1={at.clone()} x2={at} y1="0" y2={px(rows.bottom())} /> }
    });
    let gaps = chunk.diagram.gaps.iter().map(|&(node, since, until)| {
        let (left, right) = (x(since.max(chunk.from)), x(until.min(chunk.until)));
        let y = px(rows.of(node));
        let line = |class: &'static str| html! { <line {class} x1={px(left)} x2={px(right)} y1={y.clone()} y2={y.clone()} /> };
        html! { <>{ line("absent") }{ line("away") }</> }
    });
    let related = |event: usize| causality.as_ref().and_then(|it| it.relation(event).class());
    let arrows = if rows.pitch < DENSE {
        dense(&chunk.diagram.arrows, x, rows, related)
    } else {
        html! { { for chunk.diagram.arrows.iter().map(|it| arrow(it, x(it.sent), x(it.until), rows, related)) } }
    };
    let words = places(&chunk.diagram.dots, x, *edge, rows);
    let dots = chunk
        .diagram
        .dots
        .iter()
        .zip(words)
        .map(|(it, word)| dot(it, x(it.time), rows, word, related(it.event)));
    html! {
        <svg class="chunk" style={format!("left: {}px", px(*left))} width={px(CHUNK_WIDTH)} height={px(rows.bottom())}>
            { for ticks }{ for gaps }{ arrows }{ for dots }
            if chunk.thinned > 1 { <text class="tick" x="6" y="12">{ format!("1 of {} drawn", chunk.thinned) }</text> }
        </svg>
    }
}

/// How far a lost message gets in the picture.
const LOST_AT: f64 = 0.44;

/// Where an arrow ends.
fn end_of(arrow: &Arrow, rows: &Rows) -> f64 {
    let (from, to) = (rows.of(arrow.from), rows.of(arrow.to));
    match arrow.ending {
        Ending::Arrived | Ending::Flying => to,
        Ending::LostAtEnd => to - (to - from).signum() * 5.0,
        Ending::LostOnTheWay | Ending::Dropped => from + (to - from) * LOST_AT,
    }
}

fn arrow(
    arrow: &Arrow,
    left: f64,
    right: f64,
    rows: &Rows,
    related: impl Fn(usize) -> Option<&'static str>,
) -> Html {
    let end = match arrow.ending {
        Ending::Arrived => "",
        Ending::LostOnTheWay => ", lost on the way",
        Ending::LostAtEnd => ", lost on arrival",
        Ending::Dropped => ", dropped",
        Ending::Flying => ", in flight",
    };
    let lost = !matches!(arrow.ending, Ending::Arrived | Ending::Flying);
    let kind = if arrow.kind.reply { "reply" } else { "request" };
    let words = format!("{} {} → {}{end}", arrow.kind.name, arrow.from, arrow.to);
    let relation = related(arrow.end.unwrap_or(arrow.cause));
    let (x1, y1, x2, y2) = (px(left), px(rows.of(arrow.from)), px(right), px(end_of(arrow, rows)));
    let way = way(arrow.cause, arrow.from, arrow.to);
    let is = arrow.end.map_or(way.clone(), |event| format!("{way} e{event}"));
    html! {
        <g class={classes!("arrow", kind, lost.then_some("lost"), relation)} data-event={arrow.end.unwrap_or(arrow.cause).to_string()}
            data-is={is} data-lights={format!("{way} e{} {} {} {}", arrow.cause, arrow.end.map(|event| format!("e{event}")).unwrap_or_default(), arrow.from, arrow.to)}>
            <title>{ words }</title>
            <line class="hit" x1={x1.clone()} y1={y1.clone()} x2={x2.clone()} y2={y2.clone()} />
            <line x1={x1} y1={y1} x2={x2.clone()} y2={y2.clone()} />
            if lost {
                <path class="fault" d={shapes::cross(4.0)} transform={format!("translate({x2} {y2})")} />
            } else if arrow.ending == Ending::Arrived {
                <circle cx={x2} cy={y2} r="2.6" />
            }
        </g>
    }
}

/// Arrows where lifelines lie close: one path for all that look alike. A click goes to its time.
fn dense(
    arrows: &[Arrow],
    x: impl Fn(Micros) -> f64,
    rows: &Rows,
    related: impl Fn(usize) -> Option<&'static str>,
) -> Html {
    let mut paths: Vec<((&'static str, Option<&'static str>), String)> = Vec::new();
    let mut add = |sort, way: &str| match paths.iter_mut().find(|(other, _)| *other == sort) {
        Some((_, path)) => path.push_str(way),
        None => paths.push((sort, way.to_owned())),
    };
    for arrow in arrows {
        let kind = if arrow.kind.reply { "reply" } else { "request" };
        let relation = related(arrow.end.unwrap_or(arrow.cause));
        let (right, end) = (px(x(arrow.until)), px(end_of(arrow, rows)));
        let way = format!("M{} {}L{right} {end}", px(x(arrow.sent)), px(rows.of(arrow.from)));
        add((kind, relation), &way);
        if !matches!(arrow.ending, Ending::Arrived | Ending::Flying) {
            let cross = format!("M{right} {end}m-2.5 -2.5l5 5m-5 0l5 -5");
            add(("fault", None), &cross);
        }
    }
    let path = |((kind, relation), d): ((&'static str, Option<&'static str>), String)| {
        html! { <path class={classes!("ways", kind, relation)} {d} /> }
    };
    html! { <>{ for paths.into_iter().map(path) }</> }
}

/// Where the words of dots stand: the place of each, or none where it would cover another one. At the edge of the window
/// they are whole, or not there if their dot is not.
fn places(dots: &[Dot], x: impl Fn(Micros) -> f64, edge: Option<f64>, rows: &Rows) -> Vec<Option<f64>> {
    let mut taken = vec![f64::NEG_INFINITY; rows.nodes.len()];
    let (roomy, edge) = (rows.pitch > 26.0, edge.unwrap_or_default());
    let place = |dot: &Dot| {
        let half = dot.label.chars().count() as f64 * 3.5 + 2.0;
        let at = within(x(dot.time), edge + half, (CHUNK_WIDTH - half).max(edge + half));
        let row = rows.place(dot.node)?;
        let is_seen = x(dot.time) >= edge;
        let end = taken.get_mut(row).filter(|_| roomy && is_seen && !dot.label.is_empty())?;
        let free = at - half > *end + 4.0;
        free.then(|| {
            *end = at + half;
            at - x(dot.time)
        })
    };
    dots.iter().map(place).collect()
}

fn dot(dot: &Dot, x: f64, rows: &Rows, word: Option<f64>, relation: Option<&'static str>) -> Html {
    let y = rows.of(dot.node);
    let at = translate((x, y));
    let shape = match dot.mark {
        Mark::Local => html! { <circle class="local" r="2.2" /> },
        Mark::Milestone | Mark::Repair => html! { <circle class="told" r="4" /> },
        Mark::Fault => html! { <path class="fault" d={shapes::cross(5.0)} /> },
        Mark::Violation => {
            html! { <><circle class="told violated" r="5" /><path class="fault" d={shapes::cross(2.5)} /></> }
        }
    };
    html! {
        <g class={classes!("dot", relation)} transform={at} data-event={dot.event.to_string()} data-is={format!("e{}", dot.event)} data-lights={format!("e{} {}", dot.event, dot.node)}>
            if !dot.label.is_empty() { <title>{ &dot.label }</title> }
            if rows.pitch > DENSE { <circle class="hit" r="8" /> }
            { shape }
            if let Some(shift) = word { <text class="word" x={px(shift)} y="-9">{ &dot.label }</text> }
        </g>
    }
}

/// The marks on the foot of the diagram with their looks, what matters most last: every violation, and others unless they are
/// so near to one that matters as much that the two would be one spot.
fn drawn(marks: &[Milestone], x: impl Fn(Micros) -> f64) -> Vec<(Milestone, &'static str)> {
    const NEAR: f64 = 6.0;
    let mut drawn: Vec<(Milestone, &'static str)> = Vec::new();
    for (sort, class) in
        [(Mark::Violation, "foot violated"), (Mark::Fault, "foot fault"), (Mark::Repair, "foot repair")]
    {
        for mark in marks.iter().filter(|mark| mark.mark == sort) {
            let is_near = |(other, _): &(Milestone, &str)| (x(mark.time) - x(other.time)).abs() < NEAR;
            if sort == Mark::Violation || !drawn.iter().any(is_near) {
                drawn.push((*mark, class));
            }
        }
    }
    drawn.reverse();
    drawn
}

/// A mark on the foot of the diagram.
fn foot(mark: Milestone, class: &'static str, x: f64) -> Html {
    html! {
        <g class={class} transform={translate((x, 4.0))} data-event={mark.event.to_string()} data-is={format!("e{}", mark.event)}>
            <circle class="hit" cy="5" r="8" />
            <path d="M0 0 l5 9 h-10 z" />
        </g>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use faultline_core::NodeId;

    #[test]
    fn words_at_the_edge_of_the_window_are_whole_or_not_there() {
        let dot = |time: Micros| Dot {
            event: 0,
            node: NodeId(0),
            time,
            mark: Mark::Milestone,
            label: "committed".to_owned(),
        };
        let rows = Rows { pitch: 40.0, nodes: Rc::new(vec![NodeId(0)]) };
        let left_of = |time: Micros, edge: Option<f64>| {
            let shift = places(&[dot(time)], |time| time as f64, edge, &rows)[0]?;
            Some(time as f64 + shift - 9.0 * 3.5)
        };
        assert!(left_of(200, None).is_some_and(|left| left < 200.0 - 30.0), "in the middle above its dot");
        assert!(left_of(200, Some(190.0)).is_some_and(|left| left >= 190.0), "pushed aside");
        assert_eq!(left_of(200, Some(201.0)), None, "its dot is out of sight");
        assert!(left_of(0, None).is_some_and(|left| left >= 0.0), "at the beginning of the chunk");
    }

    #[test]
    fn marks_thin_out_and_no_violation_is_lost() {
        let mark = |event: usize, time: Micros, mark: Mark| Milestone { event, time, mark };
        let mut marks: Vec<Milestone> = (0..200).map(|at| mark(at, at as Micros, Mark::Fault)).collect();
        marks.extend((200..400).map(|at| mark(at, at as Micros - 200, Mark::Repair)));
        marks.extend(
            [(400, 31), (401, 31), (402, 33)].map(|(event, time)| mark(event, time, Mark::Violation)),
        );
        marks.push(mark(403, 50, Mark::Milestone));
        let drawn = drawn(&marks, |time| time as f64);
        let of =
            |sort: Mark| drawn.iter().filter(move |(mark, _)| mark.mark == sort).map(|(mark, _)| mark.event);
        assert_eq!(of(Mark::Violation).collect::<Vec<_>>(), [402, 401, 400]);
        let faults: Vec<usize> = of(Mark::Fault).collect();
        assert!((30..=34).contains(&faults.len()), "{faults:?}");
        assert!(faults.windows(2).all(|pair| pair[0] - pair[1] >= 6), "{faults:?}");
        assert_eq!((of(Mark::Repair).count(), of(Mark::Milestone).count()), (0, 0));
        // Where there is room, all are drawn but what stands under a violation or a fault.
        assert_eq!(super::drawn(&marks, |time| time as f64 * 10.0).len(), 3 + 200 - 2);
    }
}
