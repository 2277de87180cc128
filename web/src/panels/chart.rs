//! A curve that was measured, and theory's beside it.

use crate::picture::geometry::px;
use faultline_core::curves::Curves;
use faultline_core::time::Micros;
use yew::prelude::*;

/// The width of the picture, its height where there is room and where there is little, and its margins: left, right, top,
/// bottom.
const WIDTH: f64 = 340.0;
const HEIGHTS: [f64; 2] = [190.0, 116.0];
const MARGIN: (f64, f64, f64, f64) = (44.0, 12.0, 12.0, 34.0);
/// What is measured along a curve over time.
const OVER_TIME: &str = "time, µs";
/// The most rows of the table behind it.
const MOST_ROWS: usize = 30;

/// What is drawn.
#[derive(Properties, PartialEq)]
pub struct ChartProps {
    /// What was measured, and what theory says.
    pub curves: Curves,
    /// The moment: a curve over time goes up to it, and is dotted beyond.
    pub time: Micros,
    /// Whether there is little room.
    pub low: bool,
}

/// The curves, what to see in them, and the numbers behind them.
#[component]
pub fn Chart(ChartProps { curves, time, low }: &ChartProps) -> Html {
    let height = HEIGHTS[usize::from(*low)];
    let all = || curves.measured.iter().chain(&curves.theory);
    let (right, top) = (all().map(|point| point.0).max(), all().map(|point| point.1).max());
    let (right, top) = (right.unwrap_or(0).max(1), top.unwrap_or(0).max(1));
    let x = |value: u64| MARGIN.0 + (WIDTH - MARGIN.0 - MARGIN.1) * value as f64 / right as f64;
    let y =
        |value: u64| height - MARGIN.3 - (height - MARGIN.2 - MARGIN.3) * value as f64 / steps(top).1 as f64;
    let curve = |points: &[(u64, u64)]| {
        let points = points.iter().map(|&(along, up)| format!("{},{}", px(x(along)), px(y(up))));
        points.collect::<Vec<_>>().join(" ")
    };
    let over_time = curves.axes.0 == OVER_TIME;
    let past = if over_time {
        curves.measured.partition_point(|point| point.0 <= *time)
    } else {
        curves.measured.len()
    };
    let past = &curves.measured[..past];
    // The value stands where there is room for it.
    let early = past.last().is_some_and(|point| point.0 < right / 2);
    let marks = |step: u64, end: u64| (0..=end / step).map(move |nth| nth * step);
    let ((unit, name), upwards) = (Unit::of(curves.axes.0), Unit::of(curves.axes.1).0);
    let across = marks(steps(top).0, steps(top).1).map(|value| {
        let at = px(y(value));
        html! {
            <>
                <line class="tick" x1={px(MARGIN.0)} x2={px(WIDTH - MARGIN.1)} y1={at.clone()} y2={at} />
                <text class="number" x={px(MARGIN.0 - 6.0)} y={px(y(value) + 4.0)} text-anchor="end">{ upwards.write(value) }</text>
            </>
        }
    });
    let along = marks(steps(right).0, right).map(|value| {
        html! { <text class="number" x={px(x(value))} y={px(height - MARGIN.3 + 14.0)} text-anchor="middle">{ unit.write(value) }</text> }
    });
    html! {
        <section class="chart" aria-label={format!("{}, a curve", curves.name)}>
            <h3>{ curves.name }</h3>
            <svg viewBox={format!("0 0 {} {}", px(WIDTH), px(height))} role="img" aria-label={curves.sentence}>
                { for across }{ for along }
                <text class="axis" x={px(WIDTH - MARGIN.1)} y={px(height - 4.0)} text-anchor="end">{ name }</text>
                <polyline class="theory" points={curve(&curves.theory)} />
                <polyline class="measured" points={curve(past)} />
                <polyline class="measured yet" points={curve(&curves.measured[past.len().saturating_sub(1)..])} />
                if let (true, Some(&(along, up))) = (over_time, past.last()) {
                    <line class="now" x1={px(x(along))} x2={px(x(along))} y1={px(MARGIN.2)} y2={px(height - MARGIN.3)} />
                    <circle class="now" cx={px(x(along))} cy={px(y(up))} r="4" />
                    <text class="value" x={px(x(along) + if early { 8.0 } else { -8.0 })} y={px((y(up) - 6.0).max(MARGIN.2 + 8.0))} text-anchor={if early { "start" } else { "end" }}>{ upwards.write(up) }</text>
                }
            </svg>
            <p class="legend keys">
                <span class="measured">{ format!("measured: {}", Unit::of(curves.axes.1).1) }</span>
                if !curves.theory.is_empty() { <span class="theory">{ "theory" }</span> }
            </p>
            <p class="legend">{ curves.sentence }</p>
            { table(curves) }
        </section>
    }
}

/// The same as numbers, for those who cannot see it.
fn table(curves: &Curves) -> Html {
    let stride = curves.measured.len().div_ceil(MOST_ROWS).max(1);
    let theory = |along: u64| {
        let place = curves.theory.partition_point(|point| point.0 < along);
        curves.theory.get(place).map(|point| point.1.to_string()).unwrap_or_default()
    };
    let row = |&(along, up): &(u64, u64)| html! { <tr><td>{ along }</td><td>{ up }</td><td>{ theory(along) }</td></tr> };
    html! {
        <details class="as-table">
            <summary>{ "As a table" }</summary>
            <table>
                <thead><tr><th scope="col">{ curves.axes.0 }</th><th scope="col">{ curves.axes.1 }</th><th scope="col">{ "theory" }</th></tr></thead>
                <tbody>{ for curves.measured.iter().step_by(stride).map(row) }</tbody>
            </table>
        </details>
    }
}

/// The distance of two marks of an axis, and its end: a round number not below `most`.
fn steps(most: u64) -> (u64, u64) {
    let mut step: u64 = 1;
    for factor in [2, 5, 10].into_iter().cycle() {
        if step.saturating_mul(5) >= most {
            break;
        }
        // 1, 2, 5, 10, 20, 50 …
        let power = 10_u64.pow(step.ilog10());
        step = power.saturating_mul(factor);
    }
    (step, most.div_ceil(step) * step)
}

/// What an axis counts.
#[derive(Clone, Copy)]
enum Unit {
    Time,
    Things,
}

impl Unit {
    /// The unit of an axis, and what to write at it.
    fn of(axis: &'static str) -> (Self, &'static str) {
        match axis.strip_suffix(", µs") {
            Some(name) => (Unit::Time, name),
            None => (Unit::Things, axis),
        }
    }

    /// A number in few characters.
    fn write(self, value: u64) -> String {
        let tenth = |unit: u64, name: &str| {
            let (whole, part) = (value / unit, value % unit * 10 / unit);
            if part == 0 { format!("{whole}{name}") } else { format!("{whole}.{part}{name}") }
        };
        match (self, value) {
            (Unit::Time, 0) => "0".into(),
            (Unit::Time, 0..1_000) => format!("{value} µs"),
            (Unit::Time, 1_000..1_000_000) => tenth(1_000, " ms"),
            (Unit::Time, _) => tenth(1_000_000, " s"),
            (Unit::Things, 0..10_000) => value.to_string(),
            (Unit::Things, 10_000..1_000_000) => tenth(1_000, "k"),
            (Unit::Things, _) => tenth(1_000_000, "M"),
        }
    }
}
