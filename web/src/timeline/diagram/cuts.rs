//! Cuts through the run: a line across the lifelines, and the messages that cross it backwards.

use super::Rows;
use crate::picture::geometry::px;
use crate::picture::shapes;
use faultline_core::time::Micros;
use faultline_core::view::{Backwards, Frontier};
use std::rc::Rc;
use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub(super) struct CutsProps {
    pub(super) cuts: Rc<Vec<Frontier>>,
    pub(super) rows: Rows,
    pub(super) scale: f64,
    pub(super) origin: f64,
}

/// Every cut: its points in the order of the lifelines, joined, its name above.
#[component]
pub(super) fn Cuts(CutsProps { cuts, rows, scale, origin }: &CutsProps) -> Html {
    let x = |time: Micros| time as f64 * scale - origin;
    let cut = |cut: &Frontier| {
        let at = |row: usize| {
            let point = cut.points.iter().find(|point| rows.nodes.get(row) == Some(&point.node))?;
            Some((x(point.time), rows.y(row)))
        };
        let points: Vec<(f64, f64)> = (0..rows.nodes.len()).filter_map(at).collect();
        let (Some(&(left, top)), Some(&(right, bottom))) = (points.first(), points.last()) else {
            return Html::default();
        };
        let half = rows.pitch / 2.0;
        // It crosses lifelines upright, so it is not mistaken for the marker with which its point came.
        let curve = |pair: &[(f64, f64)]| {
            let [(x1, y1), (x2, y2)] = [pair[0], pair[1]];
            let middle = px(f64::midpoint(y1, y2));
            format!("C{} {middle} {} {middle} {} {}", px(x1), px(x2), px(x2), px(y2))
        };
        let curves: String = points.windows(2).map(curve).collect();
        let d = format!("M{} {}V{}{curves}V{}", px(left), px(top - half), px(top), px(bottom + half));
        let class = classes!("cut-line", (!cut.is_consistent()).then_some("against"));
        let name = cut.verdict();
        html! {
            <g {class}>
                <title>{ &name }</title>
                <path class="front" {d} />
                { for points.iter().map(|(x, y)| html! { <path class="point" d="M0 -5L5 0L0 5L-5 0Z" transform={format!("translate({} {})", px(*x), px(*y))} /> }) }
                { for cut.backwards.iter().filter(|it| shown(it, rows)).map(|it| backwards(it, x, rows)) }
                <text x={px(right + 5.0)} y={px(bottom + half - 3.0)}>{ &name }</text>
            </g>
        }
    };
    html! { <svg class="washes" width="1" height={px(rows.bottom())}>{ for cuts.iter().map(cut) }</svg> }
}

/// Whether both lifelines of a message are drawn.
fn shown(message: &Backwards, rows: &Rows) -> bool {
    [message.from, message.to].iter().all(|node| rows.place(*node).is_some())
}

/// A message that was received before the cut and sent after it.
fn backwards(message: &Backwards, x: impl Fn(Micros) -> f64, rows: &Rows) -> Html {
    let (x1, y1) = (x(message.sent), rows.of(message.from));
    let (x2, y2) = (x(message.arrived), rows.of(message.to));
    let middle = format!("translate({} {})", px(f64::midpoint(x1, x2)), px(f64::midpoint(y1, y2)));
    html! {
        <g class="backwards">
            <line x1={px(x1)} y1={px(y1)} x2={px(x2)} y2={px(y2)} />
            <path d={shapes::cross(4.0)} transform={middle} />
        </g>
    }
}
