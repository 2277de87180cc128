//! The past and the future of an event behind the lifelines.

use super::Rows;
use crate::lab::causality::Causality;
use crate::picture::geometry::{px, within};
use faultline_core::time::Micros;
use std::rc::Rc;
use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub(super) struct WashProps {
    pub(super) causality: Option<Rc<Causality>>,
    pub(super) rows: Rows,
    pub(super) scale: f64,
    pub(super) origin: f64,
    /// From when until when the diagram is drawn.
    pub(super) span: Option<(Micros, Micros)>,
}

/// The past and the future of an event as washes behind the lifelines.
#[component]
pub(super) fn Wash(WashProps { causality, rows, scale, origin, span }: &WashProps) -> Html {
    let (Some(causality), Some((from, until))) = (causality, span) else { return Html::default() };
    let x = |time: Micros| time as f64 * scale - origin;
    let (left, right) = (x(*from), x(*until));
    let shape = |reach: Vec<f64>, border: f64| {
        let bound = |(x, y): (f64, f64)| format!("{} {}", px(within(x, left, right)), px(y));
        let edge: Vec<_> = edge(&reach, |row| rows.y(row), rows.pitch).into_iter().map(bound).collect();
        let (top, bottom) = (px(rows.y(0) - rows.pitch / 2.0), px(rows.bottom()));
        format!("M{border} {top} L{} L{border} {bottom} Z", edge.join(" L"), border = px(border))
    };
    let fronts = || rows.nodes.iter().filter_map(|node| causality.fronts.get(node.index()));
    let past = fronts().map(|(last, _)| last.map_or(left, x)).collect();
    let future = fronts().map(|(_, first)| first.map_or(right, x)).collect();
    html! {
        <svg class="washes" width="1" height={px(rows.bottom())}>
            <path class="wash past" d={shape(past, left)} />
            <path class="wash future" d={shape(future, right)} />
        </svg>
    }
}

/// The steepest that the edge of a wash runs: what lies further apart is joined along the middle between two lifelines.
const STEEP: f64 = 36.0;

/// The edge of a wash as points, from the top to the bottom: on every lifeline where it reaches, and between two of
/// them where they meet.
fn edge(reach: &[f64], y: impl Fn(usize) -> f64, pitch: f64) -> Vec<(f64, f64)> {
    let mut points = Vec::new();
    for (row, &x) in reach.iter().enumerate() {
        let here = y(row);
        if row == 0 {
            points.push((x, here - pitch / 2.0));
        }
        points.push((x, here));
        let Some(&next) = reach.get(row + 1) else {
            points.push((x, here + pitch / 2.0));
            break;
        };
        let middle = here + pitch / 2.0;
        if (next - x).abs() > STEEP * 2.0 {
            let step = STEEP * (next - x).signum();
            points.extend([(x + step, middle), (next - step, middle)]);
        }
    }
    points
}
